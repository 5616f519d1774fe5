"""What `cosign verify` asks of an image: whose signature it takes.

https://github.com/sigstore/cosign/blob/main/doc/cosign_verify.md
"""

from __future__ import annotations

from functools import cached_property

from checks.facts.identity.job_identity import ISSUER
from checks.facts.image.references import Reference, reference
from checks.facts.image.signing import CosignCall, name_of
from checks.facts.policy import go_regexp
from checks.facts.policy.automaton import of_pieces
from checks.facts.value import Value, literal
from checks.record import Record
from checks.source.word import Word

_KEYS = ("key", "sk", "certificate", "certificate-chain", "ca-roots")
_SUBJECT, _ISSUER = "certificate-identity", "certificate-oidc-issuer"


class Verification(Record, eq=False, dict=True):
    """A `cosign verify`."""

    call: CosignCall

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """The images that it is called for."""
        values = (value for word in self.call.subjects for value in self.call.invocation.values(word))
        return tuple(map(reference, values))

    def is_of(self, image: Value) -> bool:
        """Whether it certainly is for an image, given by registry and repository."""
        return any(name_of(one) == image for one in self.references)

    def accepts(self, signer: Value) -> bool | None:
        """Whether it takes the signature of a workflow; None where a key decides, or more than can be read."""
        if not self.call.arguments.certain or self.call.has_any(*_KEYS):
            return None
        answers = (self._accepts(_SUBJECT, signer), self._accepts(_ISSUER, literal(ISSUER)))
        return False if False in answers else None if None in answers else True

    def _accepts(self, option: str, value: Value) -> bool | None:
        exact, pattern = self._text(option), self._text(f"{option}-regexp")
        if pattern is not None:
            return go_regexp.accepts(pattern, value)
        if exact is None:
            return None
        return exact == value.literal if value.literal is not None else of_pieces([exact]).accepts(value)

    def _text(self, option: str) -> str | None:
        """What an option is set to, after its job has filled in what it knows."""
        word: Word | None = self.call.arguments.last(option)
        found = self.call.invocation.values(word) if word is not None else ()
        return found[0].literal if len(found) == 1 else None
