"""Builds of images by `docker/build-push-action`, and by Depot's, which takes the same inputs.

https://github.com/docker/build-push-action#inputs
https://github.com/depot/build-push-action#inputs
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from checks.facts.build.builds import (
    BUILD_PUSH,
    DEPOT,
    GIT_CONTEXT,
    Assigned,
    Build,
    Output,
    Tag,
    exports_to_registry,
    folder,
    folder_of,
    has_other_files,
    in_workspace,
    is_of_git,
    output_of,
    platforms_of,
)
from checks.facts.image.metadata_action import ACTION, OUTPUT, Metadata, metadata
from checks.facts.image.metadata_action import Generated as GeneratedTag
from checks.facts.value import UNKNOWN, Value, joined, literal
from checks.facts.workflow.conditions import certainly_holds
from checks.facts.workflow.events import Event
from checks.facts.workflow.handed_in import HandedIn
from checks.facts.workflow.lists import items
from checks.facts.workflow.resolve import Scope
from checks.facts.workflow.scopes import scopes_of
from checks.facts.workflow.workflows import Step
from checks.regex import regex
from checks.source.yaml import Scalar

_DEFAULT_CONTEXT = regex(r"\{\{\s*defaultContext\s*\}\}(?::(?P<folder>[^:{}]*))?")
"""A template of Handlebars, to which blanks mean nothing, and the folder of the commit.

https://github.com/docker/build-push-action#git-context
"""

_FIRST = regex(r"(?:releases/)?v?1(?:\.|$)")
"""The name of a release of a first major version."""


def is_first_build_push(step: Step) -> bool:
    """Whether a step is of the first `docker/build-push-action`, which builds a folder of the workspace, and logs in and
    pushes by itself, unless it is told not to.

    https://github.com/docker/build-push-action/tree/releases/v1#inputs
    """
    return step.uses_action(BUILD_PUSH) and step.uses is not None and bool(_FIRST.match(step.uses.ref or ""))


def is_default_context(written: str) -> bool:
    """Whether a context is the event's own commit, and no folder in it."""
    return _of_commit(written) == GIT_CONTEXT


def _of_commit(text: str) -> str | None:
    """The context that a text with the action's template comes to; None where it is another one, or a folder that leads out of it."""
    found = _DEFAULT_CONTEXT.fullmatch(text.strip())
    inside = folder(found["folder"] or "") if found else None
    return None if inside is None else f"{GIT_CONTEXT}{inside}"


def builds_of(
    steps: Iterable[Step], slug: str | None, handed: HandedIn | None = None, *, for_others: bool = False
) -> tuple[Build, ...]:
    """The builds of steps by action, in file order, one for each leg of a matrix; legs that can't be known are one.

    Steps that are `for_others` build files of another repository, of which nothing is known.
    """
    found = (step for step in steps if step.uses_action(BUILD_PUSH, DEPOT))
    made = (
        _first_build_push(step, scope) if is_first_build_push(step) else _build_push(step, scope)
        for step in found
        for scope in scopes_of(step, slug, handed)
    )
    return tuple(replace(build, context=None, dockerfile=None) if for_others else build for build in made)


def _build_push(step: Step, scope: Scope) -> Build:
    """https://github.com/docker/build-push-action#inputs"""
    context = _context(step, scope)
    outputs = step.input("outputs")
    tags = step.input("tags")
    uses = step.uses
    return Build(
        step=step,
        scope=scope,
        location=uses.location if uses else step.location,
        context=context,
        dockerfile=_dockerfile(step, scope, context),
        target=_target(step, scope),
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


def _first_build_push(step: Step, scope: Scope) -> Build:
    """What its few inputs say: of the names it pushes nothing is known.

    https://github.com/docker/build-push-action/blob/master/UPGRADE.md#v1-to-v2
    """
    path = _text(step, scope, "path") or literal(".")
    file = _text(step, scope, "dockerfile") or literal("")
    context = None if path.literal is None or has_other_files(step) else folder(path.literal)
    beside = None if context is None else posixpath.join(context, "Dockerfile")
    uses = step.uses
    return Build(
        step=step,
        scope=scope,
        location=uses.location if uses else step.location,
        context=context,
        dockerfile=folder(file.literal) if file.literal else beside if file.literal == "" else None,
        target=_target(step, scope),
        recipe=(
            _written(step, scope, "path"),
            _written(step, scope, "dockerfile"),
            _written(step, scope, "target"),
        ),
        platforms=(),
        platforms_entry=None,
        outputs=(),
        outputs_entry=None,
        tags=(),
        pushes=None,
        loads=None,
        build_args=None,
    )


def _text(step: Step, scope: Scope, name: str) -> Value | None:
    written = step.input(name)
    if written is None:
        return None if step.input_entry(name) is None else UNKNOWN
    return scope.value(written.value) if written.value else None


def _target(step: Step, scope: Scope) -> str | None:
    text = _text(step, scope, "target")
    return "" if text is None else text.literal


def _written(step: Step, scope: Scope, name: str) -> str:
    value = _text(step, scope, name)
    return str(value) if value else ""


def _context(step: Step, scope: Scope) -> str | None:
    written = step.input("context")
    if written is None or not written.value:
        return GIT_CONTEXT
    text = scope.value(in_workspace(written.value)).literal
    if text is not None and _DEFAULT_CONTEXT.match(text.strip()):
        return _of_commit(text)
    if has_other_files(step):
        return None
    if text is None or "://" in text or text.startswith("git@"):
        return GIT_CONTEXT if written.value.strip().startswith("${{ github.server_url") else None
    return folder(text)


def _dockerfile(step: Step, scope: Scope, context: str | None) -> str | None:
    """A path is relative to the workspace, or to the folder of the commit; the default is relative to the context.

    https://github.com/docker/buildx/blob/master/build/opt.go
    """
    written = step.input("file")
    inside = folder_of(context)
    if written is None or not written.value:
        return None if inside is None else posixpath.join(inside, "Dockerfile")
    text = scope.value(in_workspace(written.value)).literal
    is_absolute = in_workspace(written.value) != written.value
    start = inside if inside and is_of_git(context) and not is_absolute else ""
    return folder(posixpath.join(start, text)) if text else None


def _platforms(step: Step, scope: Scope) -> tuple[str, ...] | None:
    """Where none is named, Depot's `build-platform` says on what it is built, and so for what."""
    written = step.input("platforms")
    if written is None:
        named = ("platforms", "build-platform") if step.uses_action(DEPOT) else ("platforms",)
        return () if all(step.input_entry(name) is None for name in named) else None
    return platforms_of(scope.value(item.text) for item in items(written))


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


def _pushes(step: Step, scope: Scope, outputs: tuple[Output, ...] | None) -> bool | None:
    """By `push:`, else by an exporter that pushes."""
    flag = _flag(step, scope, "push")
    if flag is not False:
        return flag
    return exports_to_registry(outputs)


def _tags(written: Scalar, scope: Scope) -> Iterator[Tag]:
    for item in items(written):
        made = _generated(item.text, scope)
        yield from made
        for value in () if made else scope.values(item.text):
            yield from (Tag(one, item.location, item) for one in _names(value))


def _names(value: Value) -> tuple[Value, ...]:
    """The names that an expression comes to, none where it comes to nothing."""
    if value.literal is None:
        return (value,)
    names = value.literal.replace(",", "\n").split("\n")
    return tuple(literal(name.strip()) for name in names if name.strip())


def _generated(text: str, scope: Scope) -> tuple[Tag, ...]:
    """The tags that a step of docker/metadata-action answers with, each for the events that make it."""
    named = OUTPUT.fullmatch(text)
    step = scope.step.job.step(named[1]) if named and scope.step.job else None
    is_made = step is not None and step.uses_action(ACTION)
    made = metadata(Scope(step, scope.leg, scope.slug, scope.handed)) if step and is_made else None
    if step is None or made is None:
        return ()
    tags = [
        tag if _runs_before(step, scope.step, tag.event) else replace(tag, is_certain=False)
        for tag in made.tags
    ]
    return tuple(_named(made, image, tag) for image in made.images for tag in tags)


def _runs_before(step: Step, build: Step, event: Event) -> bool:
    """Whether a step certainly runs for an event when a later one of its job does."""
    mine, theirs = (one.condition.value if one.condition else "" for one in (step, build))
    return not mine.strip() or mine.strip() == theirs.strip() or certainly_holds(mine, event)


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
