"""The versions of a language that workflows set up, or in whose image their jobs run."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping

from checks.facts.dockerfile.base_images import image_name, tag_of
from checks.facts.project.go_modules import GoModule
from checks.facts.value import Value
from checks.facts.workflow.matrix import legs
from checks.facts.workflow.resolve import Scope
from checks.facts.workflow.scopes import scopes_of
from checks.facts.workflow.values import mapping_of, scalar_of
from checks.facts.workflow.workflows import Job, Step
from checks.record import Record
from checks.regex import regex
from checks.source.text import Text

NEWEST = "stable"
"""Stands for the newest Go that there is on the day of a run."""


class _SetUp(Record):
    """How steps set up a language."""

    action: str
    name: str
    """What its input is called, `-file` left out."""
    image: str


_BY_PRODUCT = {
    "Go": _SetUp("actions/setup-go", "go-version", "golang"),
    "Node.js": _SetUp("actions/setup-node", "node-version", "node"),
    "Python": _SetUp("actions/setup-python", "python-version", "python"),
}
PRODUCTS = tuple(_BY_PRODUCT)
_VERSION = regex(r"v?(\d{1,3}(?:\.\d{1,3}){0,2})(?:\.[xX*])?")
_OF_IMAGE = regex(r"(\d{1,3}(?:\.\d{1,3}){0,2})(?:-.*)?")
_NEWEST_IMAGE = regex(r"(?:(?:1|latest)(?:-[a-z].*)?|[a-z].*|)")
_ALONE = frozenset((".node-version", ".nvmrc", ".python-version"))
"""Files with nothing but a version that the actions read."""


def set_up(
    product: str, jobs: Iterable[Job], steps: Iterable[Step], slug: str | None, texts: Mapping[str, Text]
) -> tuple[frozenset[str], bool]:
    """The versions of a language that some jobs and steps set up, `22.14`, `3.13`, and whether these are all."""
    how = _BY_PRODUCT[product]
    found = [
        *(one for step in steps if step.uses_action(how.action) for one in _of_step(step, how, slug, texts)),
        *(one for job in jobs for one in _of_container(job, how, slug)),
    ]
    return frozenset(one for one in found if one is not None), all(found)


def _of_step(step: Step, how: _SetUp, slug: str | None, texts: Mapping[str, Text]) -> Iterator[str | None]:
    """What a step sets up in each leg; None for what is not known."""
    given, file = step.input(how.name), step.input(f"{how.name}-file")
    if given is None:
        text = texts.get(posixpath.normpath(file.value)) if file is not None else None
        yield version_in(text) if text is not None else None
        return
    for scope in scopes_of(step, slug):
        for value in scope.values(given.value):
            written = value.literal or ""
            version = _VERSION.fullmatch(written)
            is_newest = how.image == "golang" and written == NEWEST
            yield NEWEST if is_newest else version[1] if version is not None else None


def version_in(text: Text) -> str | None:
    """The one version of a file that has nothing else."""
    lines = [one for line in text.content.splitlines() if (one := line.partition("#")[0].strip())]
    found = _VERSION.fullmatch(lines[0]) if len(lines) == 1 else None
    return found[1] if found is not None and posixpath.basename(text.path) in _ALONE else None


def _of_container(job: Job, how: _SetUp, slug: str | None) -> Iterator[str | None]:
    """The version of the image that a job runs in in each leg, if it is the language's own; None for what is not known."""
    container = mapping_of(job.node, "container")
    written = scalar_of(container, "image") if container is not None else scalar_of(job.node, "container")
    for leg in (legs(job) or ({},)) if written is not None and job.steps else ():
        for value in Scope(job.steps[0], leg, slug).values(written.value) if written is not None else ():
            yield from _of_image(value, how)


def _of_image(value: Value, how: _SetUp) -> Iterator[str | None]:
    """The version that an image's tag names; nothing where its name is another, or begins with what is not known."""
    image = value.literal
    name = str(value.parts[0]) if image is None else image
    if image_name(name) != how.image:
        return
    tag = tag_of(image) if image is not None else None
    found = _OF_IMAGE.fullmatch(tag or "")
    if how.image == "golang" and tag is not None and _NEWEST_IMAGE.fullmatch(tag):
        yield NEWEST
    else:
        yield found[1] if found is not None else None


def modules_set_up(modules: Iterable[GoModule], steps: Iterable[Step]) -> tuple[GoModule, ...]:
    """Those of some modules whose Go steps set up, by the path of the file that names it."""
    given = [
        file.value
        for step in steps
        if step.uses_action("actions/setup-go") and step.input("go-version") is None
        if (file := step.input("go-version-file")) is not None
    ]
    named = set(map(posixpath.normpath, given))
    return tuple(one for one in modules if one.path in named)
