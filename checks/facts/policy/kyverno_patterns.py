"""The patterns by which Kyverno's policies choose images, and the name that each is compared with.

`verifyImages` fills in the registry and compares `registry/path@digest`, or without a digest `registry/path:tag`:
https://github.com/kyverno/kyverno/blob/main/pkg/utils/image/infos.go. An `ImageValidatingPolicy` compares what the pod
says, as it is written: https://github.com/kyverno/kyverno/blob/main/pkg/cel/compiler/image.go
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from checks.facts.deployment.kubernetes import Manifest, at
from checks.facts.image.references import reference, without_version
from checks.facts.policy.automaton import of_wildcard
from checks.facts.policy.identities import is_templated
from checks.facts.policy.kyverno import ImageValidatingPolicy, ImageVerification
from checks.facts.value import Hole, Value, Varies, joined, literal
from checks.record import Record
from checks.regex import regex
from checks.source.yaml import Node, Scalar, Sequence

_DOCKER_HUB = "docker.io"
_TAG, _DIGEST = (":", Hole(Varies.TAG)), ("@", Hole(Varies.DIGEST))
_SHORT = regex(r"[\w-]+(?:[*?@][^/]*|:(?!\d+[*?]*$)[^/]*)?")
"""An image of Docker Hub without its owner, with or without a tag; what has a dot may be a registry."""
_MORE_THAN_STARS = frozenset("[]{}\\!")
"""What a glob of an `ImageValidatingPolicy` may have beside `*` and `?`: https://github.com/gobwas/glob"""


class Pattern(Record, eq=False):
    """One pattern of a policy."""

    manifest: Manifest
    scalar: Scalar
    siblings: Node | None
    """The list of patterns that it is an item of; None for one in an item of another kind."""
    compares_full_names: bool
    """Whether the registry is filled in first, and a tag left out beside a digest."""

    @property
    def lacks_version(self) -> bool:
        """Whether it matches no full name because what follows its last slash has no tag, no digest and no wildcard."""
        return self._is_plain and not set("*?:@") & set(self.scalar.value.rpartition("/")[2])

    @property
    def lacks_registry(self) -> bool:
        """Whether it matches no full name because it begins with a path: the registry is filled in before."""
        head, slash, _ = self.scalar.value.partition("/")
        if slash:
            return self._is_plain and not set(".:*?") & set(head) and head != "localhost"
        return self._is_plain and bool(_SHORT.fullmatch(head)) and not head.startswith("localhost")

    @property
    def _is_plain(self) -> bool:
        return self.compares_full_names and bool(self.scalar.value) and not is_templated(self.scalar.value)

    def matches(self, image: str) -> bool | None:
        """Whether it matches an image as a pod names it; None if that is not known."""
        return self._accepts(full_name(image) if self.compares_full_names else literal(image))

    @property
    def name(self) -> str:
        """What it says of the image without a version and a star at its end."""
        return without_version(self.scalar.value).removesuffix("*")

    def is_for(self, name: str) -> bool:
        """Whether it names an image, given without a version."""
        return full_name(self.name) == full_name(name) if self.compares_full_names else self.name == name

    @property
    def completed(self) -> tuple[str, ...]:
        """The patterns that it was meant as, where it lacks a registry or a version; none where that can't be told."""
        text = self.scalar.value
        if self.lacks_registry:
            return (
                _in_both_forms(f"{_DOCKER_HUB}/{text}") if self.lacks_version else (f"{_DOCKER_HUB}/{text}",)
            )
        host, _, path = text.partition("/")
        if text.endswith("/"):
            return (f"{text}*",)
        if not path:
            return (f"{text}/*",) if "." in text else ()
        return _in_both_forms(text) if "/" in path or ".dkr.ecr." in host or "*" in host else ()

    def rewritten_for(self, image: str) -> tuple[str, ...]:
        """The patterns that match an image as a pod names it; as broad as this one."""
        name, ending = without_version(image), self.scalar.value[len(self.name) :]
        if not self.compares_full_names:
            return (name + ("[:@]*" if "@" in image and self.is_for(name) else ending),)
        name = without_version(full_name(name).literal or "")
        return _in_both_forms(name) if ending == ":*" else (name + ending,)

    def differs_in_registry(self, image: str) -> bool:
        """Whether it would match an image but for the registry; of one without a version, or but for the owner.

        Of an image that a pod names, two registries of ECR count, and two ways to write Docker Hub.
        """
        name = without_version(image)
        one, other = (reference(full_name(text)) for text in (self.name, name))
        mine, theirs = one.path.literal or "", other.path.literal or ""
        if set("*?{") & set(self.name) or not mine or self.name == name:
            return False
        if name != image:
            return mine == theirs and (one.host == other.host or (one.is_ecr and other.is_ecr))
        same_leaf = mine.rpartition("/")[2] == theirs.rpartition("/")[2]
        return mine == theirs or (one.host == other.host and same_leaf)

    def may_match(self, name: Value) -> bool:
        """Whether it may match an image, given without tag and digest, in one of the forms that a pod may name it."""
        return any(self._accepts(form) is not False for form in self._forms(name))

    def _accepts(self, image: Value) -> bool | None:
        text = self.scalar.value
        if is_templated(text) or (not self.compares_full_names and _MORE_THAN_STARS & set(text)):
            return None
        return of_wildcard(text).accepts(image)

    def _forms(self, name: Value) -> Iterator[Value]:
        host, path = _host_and_path(name)
        full = joined((*host.parts, "/", *path.parts))
        head = name.partition("/")[0]
        if self.compares_full_names:
            names = [full, name] if head.holes else [full]
            ends: tuple[tuple[str | Hole, ...], ...] = (_TAG, _DIGEST)
        else:
            names = [name, full, path] if host.literal == _DOCKER_HUB else [name, full]
            ends = ((), _TAG, _DIGEST, (*_TAG, *_DIGEST))
        for one in names:
            for end in ends:
                yield joined((*one.parts, *end))


def _host_and_path(name: Value) -> tuple[Value, Value]:
    """The registry, Docker Hub where none is written, and the rest."""
    host, has_slash, path = name.partition("/")
    text = host.literal
    is_short = not has_slash or (
        text is not None and "." not in text and ":" not in text and text != "localhost"
    )
    return (literal(_DOCKER_HUB), name) if is_short else (host, path)


def _in_both_forms(name: str) -> tuple[str, ...]:
    return f"{name}:*", f"{name}@*"


def full_name(image: str) -> Value:
    """What `verifyImages` compares for an image that a pod names."""
    bare = without_version(image)
    host, path = _host_and_path(literal(bare))
    name, at_sign, digest = image.partition("@")
    version = f"@{digest}" if at_sign else name[len(bare) :] or ":latest"
    return joined((*host.parts, "/", *path.parts, version))


def patterns_of(
    verifications: Iterable[ImageVerification], policies: Iterable[ImageValidatingPolicy]
) -> tuple[Pattern, ...]:
    """The patterns of policies, those of `verifyImages` first."""
    found = [
        Pattern(one.manifest, scalar, one.node.get("imageReferences"), True)
        for one in verifications
        for scalar in one.references
    ]
    found += (Pattern(one.manifest, scalar, None, False) for one in policies for scalar in one.globs)
    return tuple(found)


def choose_by_patterns(
    verifications: Iterable[ImageVerification], policies: Iterable[ImageValidatingPolicy]
) -> bool:
    """Whether patterns alone decide which images the policies speak of: no expression, no policy for all images."""
    if not all(one.references for one in verifications):
        return False
    lists = [(one, at(one.manifest.node, "spec", "matchImageReferences")) for one in policies]
    return all(
        isinstance(written, Sequence) and 0 < len(written.items) == len(policy.globs)
        for policy, written in lists
    )
