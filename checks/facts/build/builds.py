"""Builds of images by steps and commands: from which context and Dockerfile, for which platforms, under which names.

Every value is literal, a shape, or unknown; what is unknown makes no check speak.
"""

from __future__ import annotations

import posixpath
from collections.abc import Hashable, Iterable, Iterator
from functools import cached_property

from checks.facts.image.metadata_action import Generated as GeneratedTag
from checks.facts.image.references import Reference, reference
from checks.facts.script.invocations import Invocation
from checks.facts.value import Value, literal
from checks.facts.workflow.events import Event
from checks.facts.workflow.lists import Item
from checks.facts.workflow.never_run import never_runs
from checks.facts.workflow.resolve import Scope
from checks.facts.workflow.workflows import Step
from checks.record import Record
from checks.regex import regex
from checks.source.command_line import Arguments
from checks.source.text import Location, Text
from checks.source.yaml import Entry, Scalar

BUILD_PUSH = "docker/build-push-action"
DEPOT = "depot/build-push-action"
"""Depot's, which takes the inputs of Docker's: https://github.com/depot/build-push-action#inputs"""
GIT_CONTEXT = "{git}"
"""Stands for a build whose context is the repository at its commit, fetched by BuildKit itself.

With a folder behind it, it is that folder of the commit.
"""
_BY_DIGEST = regex(r"\bpush-by-digest=true\b")
_PUSHED = regex(r"\b(?:type=(?:image|registry)|push(?:-by-digest)?=true)\b")
_TEXT_ENDS = regex(r"['\"\n]")
"""What stands between the exporters of which an expression chooses one."""
_WORKSPACE = regex(r"\$\{\{\s*github\.workspace\s*\}\}(?:/|$)")


class Tag(Record, dict=True):
    """One name that a build gives its image."""

    value: Value
    location: Location
    """Where it is written."""
    item: Item | None = None
    """The item of an action's input; None in a command."""
    generated: GeneratedTag | None = None
    """What docker/metadata-action made it of, where that did."""

    @cached_property
    def reference(self) -> Reference:
        return reference(self.value)


class Output(Record):
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

    @property
    def pushes(self) -> bool | None:
        """Whether it pushes by itself; None if that can't be known."""
        push = self.attributes.get("push")
        if self.type == "registry":
            return True
        if self.type not in ("image", None) or push is None:
            return False
        return {"true": True, "false": False}.get((push.literal or "").lower())


class Assigned(Record):
    """One `NAME=value` of `build-args` or `secrets`."""

    name: str
    value: Value
    written: str
    """The value as it is written."""
    location: Location
    item: Item | None = None


class Build(Record, eq=False, dict=True):
    """One build of an image, in one leg of its job's matrix."""

    step: Step | None
    """None in a script file."""
    scope: Scope | None
    location: Location
    """The action's name or the command."""
    context: str | None
    """Folder from the root, empty for the root itself; `GIT_CONTEXT`, with a folder of it behind; None if unknown."""
    dockerfile: str | None
    """Path from the root; None if unknown."""
    target: str | None
    """The stage that is built, empty for the last one; None if unknown."""
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

    @cached_property
    def is_by_depot(self) -> bool:
        """Whether Depot's machines build it, each architecture on one of its own, with a cache that they keep for all runs.

        https://depot.dev/docs/container-builds/overview
        """
        if self.invocation is not None and self.invocation.program == "depot":
            return True
        step = self.step
        earlier = step.earlier if step is not None else ()
        return step is not None and (step.uses_action(DEPOT) or any(map(_has_depot_build, earlier)))

    @property
    def may_be_saved(self) -> bool:
        """Whether Depot's own registry may get the image, from where other commands can take it."""
        if not self.is_by_depot:
            return False
        if self.arguments is not None:
            return self.arguments.has("save") is not False
        written = self.step.input("save") if self.step else None
        return written is not None and written.value != "false"

    @property
    def is_of_git(self) -> bool:
        """Whether BuildKit fetches the commit: it has none of what steps write, and no ignore file holds."""
        return is_of_git(self.context)

    @property
    def folder(self) -> str | None:
        """The context's folder from the root, of the workspace or of the commit; None if unknown."""
        return folder_of(self.context)

    @property
    def leaves_no_image(self) -> bool:
        """Whether nothing says that its image goes anywhere: it may fill a cache for another build."""
        return self.pushes is False and self.loads is not True and not self.outputs

    @property
    def events(self) -> tuple[Event, ...] | None:
        """For which events it runs; None in a composite action or a script file."""
        return self.scope.events if self.scope else None

    @property
    def is_by_digest(self) -> bool:
        """Whether what it pushes gets no tag: `push-by-digest=true`, in each exporter that an expression may choose, too."""
        if self.outputs is None:
            chosen = [one for one in _TEXT_ENDS.split(self.written_outputs) if _PUSHED.search(one)]
            return bool(chosen) and all(map(_BY_DIGEST.search, chosen))
        flags = (output.attributes.get("push-by-digest") for output in self.outputs)
        return any(flag is not None and flag.literal != "false" for flag in flags)

    @property
    def written_outputs(self) -> str:
        """The exporters that an action is given, as they are written."""
        value = self.outputs_entry.value if self.outputs_entry is not None else None
        return value.value if isinstance(value, Scalar) else ""

    @cached_property
    def may_publish(self) -> bool:
        """Whether it may push the image to somewhere else than the job's own machine, by a name that is one."""
        if self.pushes is False or (self.step is not None and never_runs(self.step)):
            return False
        names = [tag.reference for tag in self.tags]
        return not (names and all(name.is_on_this_machine or name.lacks_a_part for name in names))

    def stops_for(self, event: Event) -> bool:
        """Whether it certainly stops when it runs for an event: the builder refuses a name that it would get.

        https://github.com/docker/metadata-action/issues/191
        """
        made = (tag.generated for tag in self.tags)
        return any(one and one.event == event and one.is_certain and one.is_refused for one in made)

    def archives(self) -> Iterator[str]:
        """The paths, as they are written, of the archives that it certainly writes."""
        for output in self.outputs or ():
            path = output.attributes.get("dest")
            if path is not None and output.type in ("docker", "oci", "tar"):
                yield str(path)

    @property
    def image(self) -> Hashable:
        """The same for builds of the same stage of the same Dockerfile in the same context, as far as that is known."""
        known = (self.context, self.dockerfile, self.recipe[2])
        return (self.text, self.recipe) if None in known else known

    def same_image_as(self, other: Build) -> bool:
        """Whether both certainly build the same stage of the same Dockerfile in the same context."""
        return self.image == other.image


def _has_depot_build(step: Step) -> bool:
    """Whether a step has Depot build what Docker is asked to: https://github.com/depot/setup-action#inputs"""
    asked = step.input("configure-docker") if step.uses_action("depot/setup-action") else None
    is_asked = asked is not None and asked.value != "false"
    return is_asked or (step.run is not None and "depot configure-docker" in step.run.value)


def in_workspace(text: str) -> str:
    """A path with the workspace's own taken off: `${{ github.workspace }}/web` is `./web`."""
    return _WORKSPACE.sub("./", text, count=1) if _WORKSPACE.match(text) else text


def folder(text: str) -> str | None:
    """A path relative to the root, normalised; empty for the root, None if it leads out of it."""
    path = posixpath.normpath(text)
    if path == ".":
        return ""
    return None if path.startswith(("/", "..")) else path


def is_of_git(context: str | None) -> bool:
    """Whether a build's context is fetched by BuildKit, and no folder of the workspace."""
    return context is not None and context.startswith(GIT_CONTEXT)


def folder_of(context: str | None) -> str | None:
    """The folder from the root that a build's context is; None if unknown."""
    return context.removeprefix(GIT_CONTEXT) if context is not None else None


def has_other_files(step: Step) -> bool:
    """Whether the workspace may differ from the repository: checked out elsewhere, or its ignore file changed."""
    for earlier in step.earlier:
        if earlier.uses_action("actions/checkout") and (earlier.input("path") or earlier.input("repository")):
            return True
        if earlier.run is not None and "dockerignore" in earlier.run.value:
            return True
    return False


def platforms_of(values: Iterable[Value]) -> tuple[str, ...] | None:
    """The platforms that texts name, with commas between several; None if one is not known."""
    found: list[str] = []
    for value in values:
        if value.literal is None:
            return None
        found += (part.strip() for part in value.literal.split(",") if part.strip())
    return tuple(dict.fromkeys(found))


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


def exports_to_registry(outputs: tuple[Output, ...] | None) -> bool | None:
    """Whether one of the exporters pushes by itself; None if that can't be known."""
    if outputs is None:
        return None
    answers = [output.pushes for output in outputs]
    return True if True in answers else None if None in answers else False
