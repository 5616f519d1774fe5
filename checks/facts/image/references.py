"""Names of images, parted, and what can be said of their tags.

https://github.com/distribution/reference
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from checks.facts.ecr.repositories import EcrRepository
from checks.facts.value import UNKNOWN, Hole, Value, Varies, literal
from checks.record import Record
from checks.regex import regex

_ECR_HOST = regex(r"\.dkr[.-]ecr(?:-fips)?\.")
_DOCKER_HUB = ("", "docker.io", "index.docker.io", "registry-1.docker.io")
_OWN_HOST = regex(
    r"(?:(?:[\w-]+\.)*localhost|127(?:\.\d+){3}|\[::1\]|[\w-]+\.local|(?:k3d|kind|local|minikube)-registry)(?::\d+)?"
)
"""Loopback, a bare name under `local`, which nothing but one network, or a line in `/etc/hosts`, knows (RFC 6762), and the
name that a cluster on the machine gives its registry: https://kind.sigs.k8s.io/docs/user/local-registry/
"""
_OWN_REGISTRY = regex(r"(?:^|\W|_)(?:k3d|kind|local|minikube)_?registry", re.IGNORECASE)
"""A variable for the registry of a cluster on the machine: https://github.com/container-tools/kind-action"""


class Reference(Record):
    """An image's name, parted: `host/path:tag`."""

    host: Value
    """The registry; empty for Docker Hub's short forms."""
    path: Value
    tag: Value | None
    """None without a tag."""

    @property
    def tag_or_default(self) -> Value:
        """The tag, `latest` for a name that has none; unknown where a part of the name's end is, which may have one."""
        if self.tag is not None:
            return self.tag
        for part in reversed(self.path.parts):
            if isinstance(part, Hole) and part.varies is Varies.UNKNOWN:
                return UNKNOWN
            if isinstance(part, str) and "/" in part:
                break
        return literal("latest")

    @property
    def lacks_a_part(self) -> bool:
        """Whether a part of the path, or the tag or its first part, is certainly empty, which every tool refuses.

        Such names are `ghcr.io/:1`, `ghcr.io//web`, `web:` and `web:-arm64`.
        https://github.com/distribution/reference/blob/main/regexp.go
        """
        return self._lacks_part_of_path or self._lacks_tag

    @property
    def _lacks_tag(self) -> bool:
        """Whether behind the colon stands nothing, or what joins a part to one before it."""
        start = self.tag.parts[0] if self.tag is not None and self.tag.parts else ""
        return self.tag is not None and isinstance(start, str) and start[:1] in ("", "-", ".")

    @property
    def _lacks_part_of_path(self) -> bool:
        first, last = (self.path.parts[0], self.path.parts[-1]) if self.path.parts else ("", "")
        if not self.path.parts:
            return bool(self.host.parts)
        is_open = (isinstance(first, str) and first.startswith("/")) or (
            isinstance(last, str) and last.endswith("/")
        )
        return is_open or any(isinstance(part, str) and "//" in part for part in self.path.parts)

    @property
    def is_ecr(self) -> bool:
        """Whether the registry is certainly one of ECR."""
        text = "".join(part for part in self.host.parts if isinstance(part, str))
        return bool(_ECR_HOST.search(text))

    @property
    def is_on_docker_hub(self) -> bool:
        """Whether the registry certainly is Docker Hub, by one of its names or by none."""
        return self.host.literal in _DOCKER_HUB

    @property
    def is_on_this_machine(self) -> bool:
        """Whether the registry is one that the job starts for itself, which nobody else pushes to."""
        only = self.host.parts[0] if len(self.host.parts) == 1 else ""
        if isinstance(only, Hole):
            return bool(_OWN_REGISTRY.search(only.source))
        return bool(_OWN_HOST.fullmatch(only))


def reference(value: Value) -> Reference:
    """Parts an image's name. What stands before the first `/` is a host if it is a hole or looks like one."""
    name, has_digest, _digest = value.partition("@")
    host, has_slash, path = name.partition("/")
    if not has_slash or not _is_host(host):
        host, path = Value(()), name
    before, has_tag, tag = path.rpartition(":")
    return Reference(host, before if has_tag else path, tag if has_tag and not has_digest else None)


def without_version(image: str) -> str:
    """An image's name without its tag and digest."""
    name = image.partition("@")[0]
    head, colon, tag = name.rpartition(":")
    return head if colon and "/" not in tag else name


def _is_host(value: Value) -> bool:
    """https://github.com/distribution/reference: a dot, a port, or `localhost`."""
    text = value.literal
    return text is None or "." in text or ":" in text or text == "localhost"


def declared(image: Reference, named: Mapping[str, EcrRepository]) -> EcrRepository | None:
    """The one ECR repository, of those by name, that an image's name means; None if there is none."""
    path = image.path.literal
    return named.get(path) if path is not None and image.is_ecr else None


def changes_every_run(tag: Value) -> bool:
    """Whether a tag certainly has a part that differs from run to run."""
    fresh = {Varies.COMMIT, Varies.RUN, Varies.DIGEST, Varies.TAG}
    return any(hole.varies in fresh for hole in tag.holes)


def is_moving(tag: Value) -> bool:
    """Whether a tag certainly is the same on every run, or on each of one branch, pull request or series."""
    steady = {Varies.BRANCH, Varies.PULL_REQUEST, Varies.SERIES}
    return all(not isinstance(part, Hole) or part.varies in steady for part in tag.parts)
