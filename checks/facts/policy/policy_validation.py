"""What policy-controller's webhook refuses in a `ClusterImagePolicy`: a port of its validation.

https://github.com/sigstore/policy-controller/blob/main/pkg/apis/policy/v1beta1/clusterimagepolicy_validation.go
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.facts.deployment.kubernetes import at, mappings
from checks.facts.policy import go_regexp, policy_glob
from checks.facts.policy.identities import is_templated
from checks.facts.policy.policies import Authority, ClusterImagePolicy
from checks.record import Record
from checks.source.text import Location
from checks.source.yaml import Entry, Mapping, Node, Scalar, Sequence, walk


class Refusal(Record):
    """One reason for which a policy is refused."""

    what: str
    """A sentence without its full stop."""
    location: Location
    mapping: Mapping | None = None
    """Of two entries that exclude each other: the mapping that has them."""
    entry: Entry | None = None
    """The second of them."""


def _is_templated(node: Node | None) -> bool:
    """Whether something in a node is filled in later, so that nothing can be said of what is missing."""
    return node is not None and any(isinstance(one, Scalar) and is_templated(one.value) for one in walk(node))


def _text(node: Node | None) -> str:
    return node.value if isinstance(node, Scalar) and not node.is_null else ""


def _place(node: Node) -> Location:
    return Location(node.text, node.span)


def refusals(policy: ClusterImagePolicy) -> Iterator[Refusal]:
    """The reasons, in the order of the fields; none for what a template fills in."""
    spec = policy.node.get("spec")
    if not isinstance(spec, Mapping) or policy.manifest.node.flow:
        return
    yield from _images(spec)
    mode = spec.get("mode")
    if (
        isinstance(mode, Scalar)
        and not is_templated(mode.value)
        and mode.value not in ("", "enforce", "warn")
    ):
        yield Refusal(f"`mode` is `{_shown(mode)}`, and it can be `enforce` or `warn`", _place(mode))
    for authority in policy.authorities:
        if not _is_templated(authority.node):
            yield from _authority(authority)


def _shown(scalar: Scalar) -> str:
    return " ".join(scalar.value.replace("`", "").split())[:100]


def _images(spec: Mapping) -> Iterator[Refusal]:
    images = spec.get("images")
    key = spec.entry("images")
    if images is None or (isinstance(images, Sequence) and not images.items):
        place = Location(spec.text, key.span) if key else Location(spec.text, spec.entries[0].key.span)
        yield Refusal("The policy has no `images`", place)
        return
    for image in mappings(images):
        glob = image.get("glob")
        written = isinstance(glob, Scalar) and bool(glob.value) and not is_templated(glob.value)
        if isinstance(glob, Scalar) and written and not policy_glob.is_valid(glob.value):
            yield Refusal(f"`{_shown(glob)}` has a character that no glob may have", _place(glob))


_SOURCES = ("key", "keyless", "static")


def _authority(authority: Authority) -> Iterator[Refusal]:
    node = authority.node
    present = [entry for name in _SOURCES if (entry := node.entry(name)) is not None]
    if not present:
        first = node.entries[0] if node.entries else None
        place = Location(node.text, first.span) if first else _place(node)
        yield Refusal("An authority has none of `key`, `keyless` and `static`", place)
        return
    if len(present) > 1:
        second = max(present, key=lambda entry: entry.span.start)
        yield Refusal(
            "An authority has more than one of `key`, `keyless` and `static`",
            Location(node.text, second.span),
        )
        return
    if authority.keyless is not None:
        yield from _keyless(authority.keyless, node)
    if node.get("static") is not None:
        yield from _static(node)
    for attestation in authority.attestations:
        yield from _attestation(attestation.node)


def _keyless(keyless: Mapping, authority: Mapping) -> Iterator[Refusal]:
    url, certificate = keyless.entry("url"), keyless.entry("ca-cert")
    if url and certificate:
        second = max((url, certificate), key=lambda entry: entry.span.start)
        yield Refusal(
            "`keyless` has both `url` and `ca-cert`", Location(keyless.text, second.span), keyless, second
        )
    identities = mappings(keyless.get("identities"))
    key = authority.entry("keyless")
    if not identities and key is not None:
        yield Refusal("`keyless` has no `identities`", Location(keyless.text, key.key.span))
    for identity in identities:
        yield from _identity(identity)


def _identity(identity: Mapping) -> Iterator[Refusal]:
    for name in ("issuer", "subject"):
        exact, regexp = identity.entry(name), identity.entry(f"{name}RegExp")
        has = [entry for entry in (exact, regexp) if entry is not None and _text(entry.value)]
        if len(has) > 1:
            what = f"An identity has both `{name}` and `{name}RegExp`"
            yield Refusal(what, Location(identity.text, has[1].span), identity, has[1])
        if not has and identity.entries:
            what = f"An identity has neither `{name}` nor `{name}RegExp`"
            yield Refusal(what, Location(identity.text, identity.entries[0].span))
        pattern = regexp.value if regexp is not None else None
        if isinstance(pattern, Scalar) and go_regexp.is_valid(pattern.value) is False:
            yield Refusal(f"`{_shown(pattern)}` is no regular expression of Go", _place(pattern))


def _static(authority: Mapping) -> Iterator[Refusal]:
    action = at(authority, "static", "action")
    if isinstance(action, Scalar) and action.value not in ("pass", "fail"):
        yield Refusal(
            f"`static.action` is `{_shown(action)}`, and it can be `pass` or `fail`", _place(action)
        )
    for name in ("attestations", "source", "ctlog", "rfc3161timestamp"):
        entry = authority.entry(name)
        if entry is not None and not (isinstance(entry.value, Sequence) and not entry.value.items):
            yield Refusal(
                f"An authority has both `static` and `{name}`", Location(authority.text, entry.span)
            )


def _attestation(node: Mapping) -> Iterator[Refusal]:
    for name in ("name", "predicateType"):
        if not _text(node.get(name)) and node.entries:
            yield Refusal(f"An attestation has no `{name}`", Location(node.text, node.entries[0].span))
    type_ = at(node, "policy", "type")
    if isinstance(type_, Scalar) and type_.value not in ("cue", "rego"):
        yield Refusal(f"The policy's type is `{_shown(type_)}`, and it can be `cue` or `rego`", _place(type_))
