"""Where `docker buildx bake` is run: which folders and files its targets may mean, and what commands change of them.

A context is relative to the folder of the command, and a Dockerfile to its context:
https://docs.docker.com/build/bake/reference/#targetcontext
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from checks.facts.asides import is_vendored
from checks.facts.build.bake import BakeTarget
from checks.facts.build.builds import folder
from checks.facts.mention import Mention
from checks.facts.workflow.workflows import Step
from checks.record import Record
from checks.source.snapshot import Snapshot
from checks.source.text import Text
from checks.source.yaml import Scalar

_BAKE = Mention(r"\bbake\b")
BAKE_ACTION = "docker/bake-action"
_BY_DEPOT = r"\bdepot bake\b|depot/bake-action"
_OVERRIDES = {
    "input": Mention(rf"[\w*]\.(?:context|dockerfile|target)\+?=(?:[^=]|$)|{_BY_DEPOT}"),
    "output": Mention(rf"[\w*]\.(?:output|platform)\+?=(?:[^=]|$)|{_BY_DEPOT}"),
}
"""`--set`, and the action's `set:`, by what it changes.

What Depot's own bake makes of paths we don't know, and its builders are one for each architecture.
"""
_MADE = frozenset(
    [
        "artifacts",
        "bin",
        "build",
        "deps",
        "dist",
        "gen",
        "generated",
        "node_modules",
        "out",
        "output",
        "pkg",
        "public",
        "release",
        "result",
        "rootfs",
        "staging",
        "target",
        "tmp",
        "vendor",
    ]
)
"""Folders that builds write, by custom."""
_WRITES = r"(?:\b(?:cp|mv|ln|install|rsync|curl|wget|tee)\b|[>|]|envsubst|templat|generat|render|jinja)[^\n]*"
_TEMPLATES = (
    ".erb",
    ".in",
    ".j2",
    ".jinja",
    ".jinja2",
    ".m4",
    ".mustache",
    "-template",
    ".template",
    ".tmpl",
    ".tpl",
)


class BakeInputs(Record):
    """What a target is built from."""

    contexts: tuple[str, ...]
    """The folders, from the root, that its context may be: that depends on where bake is run."""
    dockerfile: str | None
    """Relative to the context; None where it is not known, is not a file of the repository or stands in the target."""

    def dockerfiles_in(self, contexts: list[str]) -> list[str]:
        """The paths of the Dockerfile from the root, one for each context; none where one leads out of it."""
        names = (self.dockerfile and folder(posixpath.join(one, self.dockerfile)) for one in contexts)
        found = [one for one in names if one]
        return found if len(found) == len(contexts) else []


def inputs_of(target: BakeTarget, runs: Iterable[str]) -> BakeInputs | None:
    """What a target is built from, `runs` being the folders that bake may be run in; None where that is not known.

    It may be run in the root, in the folder of the file, and in those between, too.
    """
    context = _local(target, "context", ".")
    if context is None:
        return None
    own = posixpath.dirname(target.text.path)
    places = ["", *_down_to(own), *sorted(runs)]
    found = (folder(posixpath.join(place, context)) for place in dict.fromkeys(places))
    is_inline = target.value("dockerfile-inline") is not None
    return BakeInputs(
        tuple(one for one in found if one is not None),
        None if is_inline else _local(target, "dockerfile", "Dockerfile"),
    )


def _local(target: BakeTarget, name: str, default: str) -> str | None:
    """A path that is written out; None for an address, and for another target."""
    value = target.value(name)
    text = default if value is None else value.literal
    if text is None or ":" in text or text.startswith(("/", "~", "github.com/")) or text == "-":
        return None
    return text or default


def there(paths: Iterable[str], snapshot: Snapshot) -> list[str]:
    """Those of some paths where there is a file or a folder, perhaps behind a link."""
    return [
        path for path in paths if path in snapshot.folders or not snapshot.paths.isdisjoint(_down_to(path))
    ]


def dockerfiles_there(paths: list[str], snapshot: Snapshot) -> list[str]:
    """The same of Dockerfiles: where there is no `Dockerfile`, BuildKit takes `dockerfile`."""
    lower = (posixpath.join(posixpath.dirname(path), posixpath.basename(path).lower()) for path in paths)
    is_default = all(posixpath.basename(path) == "Dockerfile" for path in paths)
    return there(paths, snapshot) or (there(lower, snapshot) if is_default else [])


def dockerfile_of(target: BakeTarget, snapshot: Snapshot) -> str:
    """The only Dockerfile that a target may be built from, wherever bake is run; empty where that is not known."""
    inputs = inputs_of(target, ())
    found = (
        dockerfiles_there(inputs.dockerfiles_in(there(inputs.contexts, snapshot)), snapshot) if inputs else []
    )
    return found[0] if len(set(found)) == 1 else ""


def _down_to(path: str) -> list[str]:
    """The folders that lead to a path, from the topmost on, and the path itself."""
    parts = path.split("/")
    return ["/".join(parts[: end + 1]) for end in range(len(parts))]


def may_be_made(path: str, snapshot: Snapshot, texts: Iterable[Text]) -> bool:
    """Whether a path that is not there may be made before the build.

    By a program whose folder it is by custom, from a template, by what a workflow, a script or a Makefile says, or as
    a submodule in a folder that is not there either.
    """
    absent = next((one for one in _down_to(path) if one not in snapshot.folders), path)
    name = posixpath.basename(path)
    if posixpath.basename(absent) in _MADE or absent.startswith((".", "_")):
        return True
    if "ockerfile" in name and any("ockerfile" in one and one.endswith(_TEMPLATES) for one in snapshot.paths):
        return True
    if ".gitmodules" in snapshot.paths and absent != path:
        return True
    named = rf"(?m)(?:^|[^\w./-]|\./|[)}}]/|\$\w+/){re.escape(absent)}(?:$|[^\w.-])"
    mention = Mention(f"{named}|{_WRITES}{re.escape(name)}")
    return any(mention.is_in(text.content) for text in texts)


def overridden(what: str, texts: Iterable[Text]) -> bool:
    """Whether a command may override the inputs of targets (`input`), or their outputs and platforms (`output`)."""
    return any(_OVERRIDES[what].is_in(text.content) for text in texts)


def folders_of_runs(
    steps: Iterable[Step], scripts: Iterable[Text], bakes: Iterable[Text]
) -> frozenset[str] | None:
    """The folders that steps, scripts and Makefiles may run it in, beside the root; None if one is not known.

    A script is taken to run in its own folder, too, but for another file than the one of `bakes` that lies there.
    """
    served = {posixpath.dirname(text.path) for text in bakes}
    found = [one for step in steps for one in _folders(step)]
    running = (text.path for text in scripts if _BAKE.is_in(text.content) and not is_vendored(text.path))
    found += [one for one in map(posixpath.dirname, running) if one not in served]
    known = frozenset(one for one in found if one is not None)
    return known if len(known) == len(set(found)) else None


def _folders(step: Step) -> Iterator[str | None]:
    if step.uses_action(BAKE_ACTION):
        written = [step.input("workdir"), step.input("source")]
    elif step.run is not None and _BAKE.is_in(step.run.value):
        written = [step.working_directory]
    else:
        return
    yield from (_folder(one) for one in written if one is not None)


def _folder(written: Scalar) -> str | None:
    """The folder of a path, or of a Git context: `{{defaultContext}}:web`, `https://…/web.git#main:web`."""
    text = written.value
    if "defaultContext" in text:
        text = text.rpartition("}}")[2].lstrip(":")
    elif "://" in text or ".git" in text:
        text = text.rpartition("#")[2].partition(":")[2] if "#" in text else ""
    return None if "${{" in text else folder(text)
