"""Builds of images by steps and commands: from which context and Dockerfile, for which platforms, under which names.

Every value is literal, a shape, or unknown; what is unknown makes no check speak.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from checks.facts.events import Event, of_step
from checks.facts.invocations import Invocation
from checks.facts.lists import Item, items
from checks.facts.matrix import legs
from checks.facts.metadata_action import ACTION, OUTPUT, Metadata, metadata
from checks.facts.metadata_action import Generated as GeneratedTag
from checks.facts.references import Reference, reference
from checks.facts.resolve import Scope
from checks.facts.value import UNKNOWN, Value, joined, literal
from checks.facts.workflows import Step
from checks.source.command_line import Arguments
from checks.source.text import Location, Text
from checks.source.yaml import Entry, Scalar

BUILD_PUSH = "docker/build-push-action"
GIT_CONTEXT = "{git}"
"""Stands for a build whose context is the repository at its commit, fetched by BuildKit itself."""
_WORKSPACE = re.compile(r"\$\{\{\s*github\.workspace\s*\}\}(?:/|$)")
_DEFAULT_CONTEXT = "{{defaultContext}}"


@dataclass(frozen=True)
class Tag:
    """One name that a build gives its image."""

    value: Value
    location: Location
    """Where it is written."""
    item: Item | None = None
    """The item of an action's input; None in a command."""
    generated: GeneratedTag | None = None
    """What docker/metadata-action made it of, where that did."""

    @property
    def reference(self) -> Reference:
        return reference(self.value)


@dataclass(frozen=True)
class Output:
    """One exporter: `type=docker,dest=image.tar`."""

    text: str
    """As it is written."""
    location: Location
    attributes: dict[str, Value]

    @property
    def type(self) -> str | None:
        """The exporter; None if it is not known."""
        value = self.attributes.get("type")
        return value.literal if value else None


@dataclass(frozen=True)
class Assigned:
    """One `NAME=value` of `build-args` or `secrets`."""

    name: str
    value: Value
    written: str
    """The value as it is written."""
    location: Location
    item: Item | None = None


@dataclass(frozen=True, eq=False)
class Build:
    """One build of an image, in one leg of its job's matrix."""

    step: Step | None
    """None in a script file."""
    scope: Scope | None
    location: Location
    """The action's name or the command."""
    context: str | None
    """Folder from the root, empty for the root itself; `GIT_CONTEXT`; None if unknown."""
    dockerfile: str | None
    """Path from the root; None if unknown."""
    target: Value | None
    """The stage that is built; None for the last one."""
    recipe: tuple[str, str, str]
    """Context, Dockerfile and target as they are written, variables filled in."""
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
    """Whether the daemon of the job has the image afterwards; None if that can't be known."""
    build_args: tuple[Assigned, ...] | None = ()
    """None if they can't all be known."""
    secrets: tuple[Assigned, ...] | None = ()
    """By id; None if they can't all be known."""
    invocation: Invocation | None = None
    """The command; None for an action."""
    arguments: Arguments | None = None

    @property
    def text(self) -> Text:
        return self.location.text

    @property
    def events(self) -> tuple[Event, ...] | None:
        """For which events it runs; None in a composite action or a script file."""
        return of_step(self.step) if self.step else None

    @property
    def may_push(self) -> bool:
        return self.pushes is not False

    def archives(self) -> Iterator[str]:
        """The paths, as they are written, of the archives that it certainly writes."""
        for output in self.outputs or ():
            path = output.attributes.get("dest")
            if path is not None and output.type in ("docker", "oci", "tar"):
                yield str(path)

    def same_image_as(self, other: Build) -> bool:
        """Whether both certainly build the same stage of the same Dockerfile in the same context."""
        mine = (self.context, self.dockerfile, self.recipe[2])
        theirs = (other.context, other.dockerfile, other.recipe[2])
        if None in mine or None in theirs:
            return self.text is other.text and self.recipe == other.recipe
        return mine == theirs


def builds_of(steps: Iterable[Step], slug: str | None) -> tuple[Build, ...]:
    """The builds of steps by action, in file order, one for each leg of a matrix; legs that can't be known are one."""
    found = (step for step in steps if step.uses_action(BUILD_PUSH))
    return tuple(build for step in found for build in _builds_of_step(step, slug))


def _builds_of_step(step: Step, slug: str | None) -> Iterator[Build]:
    for leg in (legs(step.job) or ({},)) if step.job else ({},):
        yield _build_push(step, Scope(step, leg, slug))


def _build_push(step: Step, scope: Scope) -> Build:
    """https://github.com/docker/build-push-action#inputs"""
    context = _context(step, scope)
    outputs = step.input("outputs")
    tags = step.input("tags")
    uses = step.uses
    return Build(
        step=step,
        scope=scope,
        location=Location(step.text, uses.scalar.span) if uses else step.location,
        context=context,
        dockerfile=_dockerfile(step, scope, context),
        target=_text(step, scope, "target"),
        recipe=(
            _written(step, scope, "context"),
            _written(step, scope, "file"),
            _written(step, scope, "target"),
        ),
        platforms=_platforms(step, scope),
        platforms_entry=step.input_entry("platforms"),
        outputs=_outputs(outputs, scope),
        outputs_entry=step.input_entry("outputs"),
        tags=tuple(_tags(tags, scope)) if tags else (),
        pushes=_pushes(step, scope, _outputs(outputs, scope)),
        loads=_flag(step, scope, "load"),
        build_args=_assigned(step, scope, "build-args"),
        secrets=_secrets(step, scope),
    )


def _text(step: Step, scope: Scope, name: str) -> Value | None:
    written = step.input(name)
    if written is None:
        return None if step.input_entry(name) is None else UNKNOWN
    return scope.value(written.value) if written.value else None


def _written(step: Step, scope: Scope, name: str) -> str:
    value = _text(step, scope, name)
    return str(value) if value else ""


def _context(step: Step, scope: Scope) -> str | None:
    written = step.input("context")
    if written is None or not written.value:
        return GIT_CONTEXT
    if has_other_files(step):
        return None
    if written.value.startswith(_DEFAULT_CONTEXT):
        return GIT_CONTEXT if written.value == _DEFAULT_CONTEXT else None
    text = scope.value(in_workspace(written.value)).literal
    if text is None or "://" in text or text.startswith("git@"):
        return GIT_CONTEXT if written.value.strip().startswith("${{ github.server_url") else None
    return folder(text)


def has_other_files(step: Step) -> bool:
    """Whether the workspace may differ from the repository: checked out elsewhere, or its ignore file changed."""
    for earlier in step.job.before(step) if step.job else ():
        if earlier.uses_action("actions/checkout") and (earlier.input("path") or earlier.input("repository")):
            return True
        if earlier.run is not None and "dockerignore" in earlier.run.value:
            return True
    return False


def in_workspace(text: str) -> str:
    """A path with the workspace's own taken off: `${{ github.workspace }}/web` is `./web`."""
    return _WORKSPACE.sub("./", text, count=1) if _WORKSPACE.match(text) else text


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
    text = scope.value(in_workspace(written.value)).literal
    return folder(text) if text else None


def _platforms(step: Step, scope: Scope) -> tuple[str, ...] | None:
    written = step.input("platforms")
    if written is None:
        return () if step.input_entry("platforms") is None else None
    return platforms_of(scope.value(item.text) for item in items(written))


def platforms_of(values: Iterable[Value]) -> tuple[str, ...] | None:
    """The platforms that texts name, with commas between several; None if one is not known."""
    found: list[str] = []
    for value in values:
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
        output = output_of(text, scope)
        if output is None:
            return None
        found.append(Output(item.text, item.location, output))
    return tuple(found)


def output_of(text: str, scope: Scope | None) -> dict[str, Value] | None:
    """The attributes of an exporter; None where they can't be parted. A bare path is a folder, `-` standard output.

    https://docs.docker.com/reference/cli/docker/buildx/build/#output
    """
    if "=" not in text and "${{" not in text:
        kind = "tar" if text == "-" else "local"
        return {"type": literal(kind), "dest": literal(text)}
    pairs = [pair.partition("=") for pair in text.split(",")]
    if not all(equals and "${{" not in key for key, equals, _ in pairs):
        return None
    return {
        key.strip(): scope.value(content.strip()) if scope else literal(content.strip())
        for key, _, content in pairs
    }


def _pushes(step: Step, scope: Scope, outputs: tuple[Output, ...] | None) -> bool | None:
    """By `push:`, else by an exporter that pushes."""
    flag = _flag(step, scope, "push")
    if flag is not False:
        return flag
    return exports_to_registry(outputs)


def exports_to_registry(outputs: tuple[Output, ...] | None) -> bool | None:
    """Whether one of the exporters pushes by itself; None if that can't be known."""
    if outputs is None:
        return None
    answers: list[bool | None] = [False]
    for output in outputs:
        push = output.attributes.get("push")
        if output.type == "registry":
            answers.append(True)
        elif output.type in ("image", None) and push is not None:
            answers.append({"true": True, "false": False}.get((push.literal or "").lower()))
    return True if True in answers else None if None in answers else False


def _tags(written: Scalar, scope: Scope) -> Iterator[Tag]:
    for item in items(written):
        made = _generated(item.text, scope)
        yield from made
        for value in () if made else scope.values(item.text):
            yield Tag(value, item.location, item)


def _generated(text: str, scope: Scope) -> tuple[Tag, ...]:
    """The tags that a step of docker/metadata-action answers with, each for the events that make it."""
    named = OUTPUT.fullmatch(text)
    step = scope.step.job.step(named[1]) if named and scope.step.job else None
    made = metadata(Scope(step, scope.leg, scope.slug)) if step and step.uses_action(ACTION) else None
    return tuple(_named(made, image, tag) for image in made.images for tag in made.tags) if made else ()


def _named(made: Metadata, image: Value, tag: GeneratedTag) -> Tag:
    item = tag.entry.item
    place = item.location if item else made.location
    return Tag(joined((*image.parts, ":", *tag.value.parts)), place, item, tag)


def _assigned(step: Step, scope: Scope, name: str) -> tuple[Assigned, ...] | None:
    written = step.input(name)
    if written is None:
        return () if step.input_entry(name) is None else None
    found: list[Assigned] = []
    for item in items(written, commas=False):
        key, equals, content = item.text.partition("=")
        if "${{" in key:
            return None
        if equals or re.fullmatch(r"\w+", key):
            found.append(Assigned(key.strip().strip('"'), scope.value(content), content, item.location, item))
    return tuple(found)


def _secrets(step: Step, scope: Scope) -> tuple[Assigned, ...] | None:
    kinds = [_assigned(step, scope, name) for name in ("secrets", "secret-envs", "secret-files")]
    return None if None in kinds else tuple(one for kind in kinds for one in kind or ())


def _flag(step: Step, scope: Scope, name: str) -> bool | None:
    written = step.input(name)
    if written is None:
        return False if step.input_entry(name) is None else None
    text = scope.value(written.value).literal
    return None if text is None else {"true": True, "false": False}.get(text.lower())
