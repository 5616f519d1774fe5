"""Identities that policies accept: issuer and subject of a signer's certificate, compared as each product does.

policy-controller and `SigstoreBundle` compare `subject` and `issuer` literally and their `…RegExp` with
`regexp.MatchString`; Kyverno's `type: Cosign` takes `*` and `?` in the literal ones for wildcards.
https://github.com/sigstore/cosign/blob/main/pkg/cosign/verify.go (`CheckCertificatePolicy`)
"""

from __future__ import annotations

from enum import StrEnum

from checks.facts.identity.job_identity import ISSUER
from checks.facts.policy import go_regexp
from checks.facts.policy.automaton import of_pieces, of_wildcard
from checks.facts.value import Value, literal
from checks.record import Record
from checks.source.snapshot import Edit
from checks.source.text import Location
from checks.source.yaml import Mapping, Node, Scalar
from checks.source.yaml_edit import replace_value

__all__ = ["ISSUER", "Identity", "Matching", "identity_of", "is_templated", "known", "rewritten"]

_TEMPLATE = ("{{", "${", "$(", "}}")


def is_templated(text: str) -> bool:
    """Whether something fills a part of a value before the cluster sees it: Helm, envsubst, Kustomize."""
    return any(sign in text for sign in _TEMPLATE)


def known(node: Node | None) -> Scalar | None:
    """A scalar that says something and that nothing fills in, or None."""
    return node if isinstance(node, Scalar) and node.value and not is_templated(node.value) else None


class Matching(StrEnum):
    """How `subject` and `issuer` are compared."""

    LITERAL = "literal"
    WILDCARD = "wildcard"


class Identity(Record, eq=False):
    """One accepted signer."""

    node: Mapping
    matching: Matching
    is_readable: bool
    """Whether nothing fills in a part of it later."""
    issuer: Scalar | None
    issuer_regexp: Scalar | None
    subject: Scalar | None
    subject_regexp: Scalar | None

    @property
    def says(self) -> tuple[str | None, ...]:
        """What it asks of a signer: of two that say the same, each accepts whom the other accepts."""
        written = (self.issuer, self.issuer_regexp, self.subject, self.subject_regexp)
        return (self.matching, str(self.is_readable), *(one.value if one else None for one in written))

    @property
    def place(self) -> Scalar | None:
        """Where the subject is written."""
        return self.subject_regexp or self.subject

    @property
    def location(self) -> Location:
        found = self.place
        return Location(self.node.text, found.span if found else self.node.span)

    def accepts(self, subject: Value, issuer: str = ISSUER) -> bool | None:
        """Whether it accepts a signer; None if that is not known, or not the same for all that the value may be."""
        answers = (self.accepts_issuer(issuer), self.accepts_subject(subject))
        return False if False in answers else None if None in answers else True

    def accepts_subject(self, subject: Value) -> bool | None:
        return self._accepts(self.subject, self.subject_regexp, subject)

    def accepts_issuer(self, issuer: str) -> bool | None:
        return self._accepts(self.issuer, self.issuer_regexp, literal(issuer))

    def _accepts(self, exact: Scalar | None, regexp: Scalar | None, value: Value) -> bool | None:
        if not self.is_readable:
            return None
        if regexp is not None:
            return go_regexp.accepts(regexp.value, value)
        if exact is None:
            return True
        if self.matching is Matching.WILDCARD:
            return of_wildcard(exact.value).accepts(value)
        if value.literal is not None:
            return exact.value == value.literal
        return of_pieces([exact.value]).accepts(value)

    @property
    def is_of_github(self) -> bool | None:
        """Whether it accepts tokens of GitHub Actions."""
        return self.accepts_issuer(ISSUER)


_NAMES = ("issuer", "issuerRegExp", "subject", "subjectRegExp")


def identity_of(node: Mapping, matching: Matching) -> Identity:
    """Reads `{issuer, issuerRegExp, subject, subjectRegExp}`."""
    written = [node.get(name) for name in _NAMES]
    found = [known(one) for one in written]
    readable = all(
        one is None or (isinstance(one, Scalar) and not is_templated(one.value)) for one in written
    )
    return Identity(node, matching, readable, *found)


def rewritten(identity: Identity, field: str, text: str) -> tuple[Edit | None, ...]:
    """The edits that make an identity say `field: text` for its subject, in place of what it says."""
    place = identity.place
    written = "subjectRegExp" if identity.subject_regexp is not None else "subject"
    entry = identity.node.entry(written)
    if place is None or entry is None:
        return (None,)
    value = replace_value(place, text)
    if field == written:
        return (value,)
    return Edit(place.text.path, entry.key.span, field), value
