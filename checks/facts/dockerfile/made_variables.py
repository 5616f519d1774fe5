"""Commands of stages that run `make` on a Makefile of the context that takes a variable of its environment.

A `RUN` has the arguments of its stage in its environment: https://docs.docker.com/reference/dockerfile/#arg
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator

from msgspec.structs import replace

from checks.facts.build.contexts import BuildContext
from checks.facts.dockerfile.copied_files import folder_of, placed, target_of
from checks.facts.dockerfile.dockerfiles import Dockerfile
from checks.facts.dockerfile.stages import Ran
from checks.facts.script.make_environment import taken_from_environment
from checks.facts.script.makefiles import MAKES, MakeRun, make_run
from checks.record import Record, kept_with
from checks.regex import regex
from checks.source.text import Location, Text

_FETCHES = frozenset(("curl", "wget"))
_OF_HOSTS = frozenset(
    ("api", "archive", "download", "downloads", "refs", "releases", "source", "sources", "src", "tags")
)
"""Folders, of addresses too, that are named for no project."""
_NAMED = regex(r"(?P<name>(?:\$\{?\w+\}?)?[^\d.$]*?)(?:[-_]?v?[\d.$].*|[-_](?:main|master))?", re.DOTALL)
"""A folder or a part of an address, without a version, a branch or an ending behind it."""
_INCLUDES = regex(r"^[ ]*-?s?include\b", re.MULTILINE)
"""In a Makefile that takes in others."""
_SHORTEST = 3
"""Letters of a name by which a folder and a part of an address are taken for the same project."""
_MOST = 100
"""Commands of a `RUN`, more than installs of a download have; behind more, each command is taken for one on the sources."""


class MadeWith(Record, eq=False):
    """A command that would take a variable, and the line of its Makefile that says so."""

    ran: Ran
    place: Location


def made_with(
    dockerfile: Dockerfile, name: str, contexts: Collection[BuildContext], makefiles: Collection[Text]
) -> Iterator[MadeWith]:
    """The commands of stages that are built that would take a variable, whichever of the contexts is taken."""
    for ran in (one for one in makes_in(dockerfile) if one.command.words[0].literal in MAKES):
        run = make_run(ran.command, folder_of(dockerfile, ran))
        places = [_taken(context, ran, run, makefiles, name) for context in contexts if run is not None]
        if places and places[0] is not None and all(places):
            yield MadeWith(ran, places[0])


@kept_with
def makes_in(dockerfile: Dockerfile) -> tuple[Ran, ...]:
    """The commands that run `make` in the stages that are built, but on what was just downloaded; those behind copies of the
    context first."""
    found = [
        ran
        for ran in dockerfile.commands()
        if ran.command.program in MAKES
        and ran.stage in dockerfile.built
        and not is_on_a_download(dockerfile, ran)
    ]
    return tuple(sorted(found, key=lambda ran: not _has_copies(dockerfile, ran)))


def is_on_a_download(dockerfile: Dockerfile, ran: Ran) -> bool:
    """Whether a command works in the folder of a project that its `RUN` downloads ahead of it, and that no copy fills.

    A download behind the `cd` comes into a folder that a `mkdir` has made, or is a file for the sources there.
    """
    if len(ran.script.commands) > _MOST:
        return False
    ahead = [one for one in ran.script.commands if one.span.start < ran.command.span.start]
    is_inner = ran.command.in_subshell
    moves = [one for one in ahead if one.program == "cd" and one.arguments and one.in_subshell <= is_inner]
    if not moves:
        return False
    before = [one for one in ahead if one.span.start < moves[-1].span.start]
    is_made = any(one.program == "mkdir" for one in before)
    fetches = [one for one in (ahead if is_made else before) if one.program in _FETCHES]
    fetched = [ran.script[word.span] for one in fetches for word in one.arguments]
    parts = [part for word in fetched if "://" in word for part in word.split("/")[3:]]
    folder = ran.script[moves[-1].arguments[0].span].strip("\"'")
    is_of_one = not _projects(folder.split("/")).isdisjoint(_projects(parts))
    return is_of_one and not _is_copied(dockerfile, ran, folder)


def _projects(names: Iterable[str]) -> set[str]:
    """The projects that folders or parts of an address are named for: `tool` for `tool-1.2.tar.gz`."""
    found = {match["name"] for match in map(_NAMED.fullmatch, names) if match is not None}
    return {name for name in found - _OF_HOSTS if len(name) >= _SHORTEST}


def _is_copied(dockerfile: Dockerfile, ran: Ran, folder: str) -> bool:
    """Whether a copy of the context goes to a folder, or to one over it."""
    stages = dockerfile.ancestry(ran.stage)
    copies = [one for one in dockerfile.copies if one.stage in stages]
    targets = [target_of(dockerfile, one.stage, one.instruction) for one in copies]
    return any(
        target and target.strip("/") and f"{folder}/".startswith(f"{target.rstrip('/')}/")
        for target in targets
    )


def _has_copies(dockerfile: Dockerfile, ran: Ran) -> bool:
    stages = dockerfile.ancestry(ran.stage)
    return any(
        copy.stage in stages and copy.instruction.span.start < ran.instruction.span.start
        for copy in dockerfile.copies
    )


def makefile_without(
    dockerfile: Dockerfile,
    ran: Ran,
    name: str,
    contexts: Collection[BuildContext],
    makefiles: Collection[Text],
) -> str:
    """The path of a command's Makefile, the same whichever of the contexts is taken, where it has no word of a variable."""
    run = make_run(ran.command, folder_of(dockerfile, ran))
    if run is None or not contexts:
        return ""
    found = [
        [one for one in makefiles if _may_be_in(context, ran, run.folder, one.path)] for context in contexts
    ]
    if len(found[0]) != 1 or any(one != found[0] for one in found):
        return ""
    text = found[0][0]
    is_open = (
        _INCLUDES.search(text.content) is not None or re.search(rf"\b{name}\b", text.content) is not None
    )
    return "" if is_open else text.path


def _taken(
    context: BuildContext, ran: Ran, run: MakeRun, makefiles: Iterable[Text], name: str
) -> Location | None:
    """Where the only Makefile that a copy may have put into the folder of a command takes the variable."""
    found = [one for one in makefiles if _may_be_in(context, ran, run.folder, one.path)]
    if len(found) != 1:
        return None
    return taken_from_environment(replace(run, folder=posixpath.dirname(found[0].path)), found[0], name)


def _may_be_in(context: BuildContext, ran: Ran, folder: str, path: str) -> bool:
    """Whether a copy puts a file of the repository into a folder of a stage, under its name.

    A folder that is not known from the root on, since the base image says where it begins, is taken for any that ends alike.
    """
    wanted = posixpath.normpath(posixpath.join(folder, posixpath.basename(path)))
    below = posixpath.relpath(path, context.folder or ".")
    if below.startswith("../"):
        return False
    places = placed(context, below, ran.stage, ran.instruction.span.start)
    return any(
        one.at == wanted or (not wanted.startswith("/") and one.at.endswith(f"/{wanted}")) for one in places
    )
