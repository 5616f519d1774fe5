"""Builds of images by the steps of workflows: from which context and Dockerfile, for which platforms, under which names.

Every value is literal, a shape, or unknown; what is unknown makes no check speak.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from checks.facts.events import Event, of_step
from checks.facts.lists import Item, items
from checks.facts.matrix import legs
from checks.facts.references import Reference, reference
from checks.facts.resolve import Scope
from checks.facts.value import Value
from checks.facts.workflows import Job, Step
from checks.source.yaml import Entry, Scalar

BUILD_PUSH = "docker/build-push-action"
GIT_CONTEXT = "{git}"
"""Stands for a build whose context is the repository at its commit, fetched by BuildKit itself."""


@dataclass(frozen=True)
class Tag:
    """One name that a build gives its image."""

    value: Value
    item: Item

    @property
    def reference(self) -> Reference:
        return reference(self.value)


@dataclass(frozen=True)
class Output:
    """One exporter: `type=docker,dest=image.tar`."""

    item: Item
    attributes: dict[str, Value]

    @property
    def type(self) -> str | None:
        """The exporter; None if it is not known."""
        value = self.attributes.get("type")
        return value.literal if value else None


@dataclass(frozen=True, eq=False)
class Build:
    """One build of an image by a step, in one leg of its job's matrix."""

    step: Step
    scope: Scope
    context: str | None
    """Folder from the root, empty for the root itself; `GIT_CONTEXT`; None if unknown."""
    dockerfile: str | None
    """Path from the root; None if unknown."""
    platforms: tuple[str, ...] | None
    """None if unknown; empty for the builder's own platform."""
    platforms_entry: Entry | None
    outputs: tuple[Output, ...] | None
    """None if unknown."""
    outputs_entry: Entry | None
    tags: tuple[Tag, ...]
    pushes: bool | None
    """Whether it pushes; None if that can't be known."""
    loads: bool | None

    @property
    def events(self) -> tuple[Event, ...] | None:
        """For which events it runs; None in a composite action."""
        return of_step(self.step)

    @property
    def may_push(self) -> bool:
        return self.pushes is not False


def builds_of(jobs: Iterable[Job], slug: str | None) -> tuple[Build, ...]:
    """The builds of jobs, in file order, one for each leg of a matrix; legs that can't be known are one."""
    return tuple(build for job in jobs for build in _builds_of_job(job, slug))


def _builds_of_job(job: Job, slug: str | None) -> Iterator[Build]:
    steps = [step for step in job.steps if step.uses_action(BUILD_PUSH)]
    if steps:
        for leg in legs(job) or ({},):
            for step in steps:
                yield _build_push(step, Scope(step, leg, slug))


def _build_push(step: Step, scope: Scope) -> Build:
    """https://github.com/docker/build-push-action#inputs"""
    context = _context(step, scope)
    outputs = step.input("outputs")
    tags = step.input("tags")
    return Build(
        step=step,
        scope=scope,
        context=context,
        dockerfile=_dockerfile(step, scope, context),
        platforms=_platforms(step, scope),
        platforms_entry=step.input_entry("platforms"),
        outputs=_outputs(outputs, scope),
        outputs_entry=step.input_entry("outputs"),
        tags=tuple(_tags(tags, scope)) if tags else (),
        pushes=_flag(step, scope, "push"),
        loads=_flag(step, scope, "load"),
    )


def _context(step: Step, scope: Scope) -> str | None:
    written = step.input("context")
    if written is None or not written.value:
        return GIT_CONTEXT
    if _has_other_files(step):
        return None
    text = scope.value(written.value).literal
    if text is None or "://" in text or text.startswith("git@"):
        return GIT_CONTEXT if written.value.strip().startswith("${{ github.server_url") else None
    return folder(text)


def _has_other_files(step: Step) -> bool:
    """Whether the workspace may differ from the repository: checked out elsewhere, or its ignore file changed."""
    for earlier in step.job.before(step) if step.job else ():
        if earlier.uses_action("actions/checkout") and (earlier.input("path") or earlier.input("repository")):
            return True
        if earlier.run is not None and "dockerignore" in earlier.run.value:
            return True
    return False


def folder(text: str) -> str | None:
    """A path relative to the root, normalised; empty for the root, None if it leads out of it."""
    path = posixpath.normpath(text)
    if path == ".":
        return ""
    return None if path.startswith(("/", "..")) else path


def _dockerfile(step: Step, scope: Scope, context: str | None) -> str | None:
    written = step.input("file")
    if written is None or not written.value:
        if context in (None, GIT_CONTEXT):
            return "Dockerfile" if context == GIT_CONTEXT else None
        return posixpath.join(context or "", "Dockerfile")
    text = scope.value(written.value).literal
    return folder(text) if text else None


def _platforms(step: Step, scope: Scope) -> tuple[str, ...] | None:
    written = step.input("platforms")
    if written is None:
        return () if step.input_entry("platforms") is None else None
    found: list[str] = []
    for value in (scope.value(item.text) for item in items(written)):
        if value.literal is None:
            return None
        found += (part.strip() for part in value.literal.split(",") if part.strip())
    return tuple(dict.fromkeys(found))


def _outputs(written: Scalar | None, scope: Scope) -> tuple[Output, ...] | None:
    if written is None:
        return ()
    found: list[Output] = []
    for item in items(written, commas=False):
        text = scope.value(item.text).literal or item.text
        pairs = [pair.partition("=") for pair in text.split(",")]
        if not all(equals and "${{" not in key for key, equals, _ in pairs):
            return None
        found.append(Output(item, {key.strip(): scope.value(content.strip()) for key, _, content in pairs}))
    return tuple(found)


def _tags(written: Scalar, scope: Scope) -> Iterator[Tag]:
    for item in items(written):
        for value in scope.values(item.text):
            yield Tag(value, item)


def _flag(step: Step, scope: Scope, name: str) -> bool | None:
    written = step.input(name)
    if written is None:
        return False if step.input_entry(name) is None else None
    text = scope.value(written.value).literal
    return None if text is None else {"true": True, "false": False}.get(text.lower())
