"""Namespaces of registries that are those of whoever makes the images here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from checks.facts.dockerfile.dockerfiles import Dockerfile
from checks.facts.image.pushes import Push
from checks.facts.image.references import Reference
from checks.facts.workflow.lists import items
from checks.facts.workflow.workflows import Step
from checks.regex import regex

_GITHUBS = "ghcr.io"
"""Where the first part of a name is an owner on GitHub: https://docs.github.com/en/packages/working-with-a-github-packages-registry/working-with-the-container-registry"""
_MAKERS = frozenset(("maintainer", "org.opencontainers.image.authors", "org.opencontainers.image.vendor"))
"""https://github.com/opencontainers/image-spec/blob/main/annotations.md#pre-defined-annotation-keys"""
_NAME = regex(r"(?:@|(?:https?://)?github\.com/)?(?P<name>[a-z0-9][a-z0-9_.-]*)(?:\s*<[^<>]*>)?")


def makers(dockerfiles: Iterable[Dockerfile], steps: Iterable[Step]) -> frozenset[str]:
    """What labels of images here call those who make them, in lower case, where that is one word."""
    found = (_NAME.fullmatch(value.strip().lower()) for value in _labelled(dockerfiles, steps))
    return frozenset(one["name"] for one in found if one)


def _labelled(dockerfiles: Iterable[Dockerfile], steps: Iterable[Step]) -> Iterator[str]:
    for step in steps:
        written = step.input("labels")
        for item in items(written, commas=False) if written else ():
            key, _, value = item.text.partition("=")
            if key.strip().lower() in _MAKERS:
                yield value
    for it in (it for one in dockerfiles for stage in one.stages for it in stage.instructions):
        for pair in it.pairs if it.keyword == "LABEL" else ():
            if (pair.name.literal or "").lower() in _MAKERS and pair.value is not None:
                yield pair.value.literal or ""


def is_of_makers(
    image: Reference, pushes: Iterable[Push], owners: Collection[str], named: Collection[str]
) -> bool:
    """Whether the project, or those who make its images, have the namespace of an image.

    `owners` are those of the repository on GitHub, `named` those whom labels name. It is that of a certain push, too.
    """
    host, path = image.host.literal, (image.path.literal or "").lower()
    folder, slash, _ = path.rpartition("/")
    if not slash or host is None or folder == "library":
        return False
    first = folder.partition("/")[0]
    if first in named or (host == _GITHUBS and first in owners):
        return True
    return any(_is_beside(image, folder, one.reference) for one in pushes if one.certain)


def _is_beside(image: Reference, folder: str, pushed: Reference) -> bool:
    is_there = image.host == pushed.host or (image.is_on_docker_hub and pushed.is_on_docker_hub)
    return is_there and (pushed.path.literal or "").lower().rpartition("/")[0] == folder
