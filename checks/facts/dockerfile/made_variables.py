"""Commands of stages that run `make` on a Makefile of the context that takes a variable of its environment.

A `RUN` has the arguments of its stage in its environment: https://docs.docker.com/reference/dockerfile/#arg
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Iterator

from msgspec.structs import replace

from checks.facts.build.contexts import BuildContext
from checks.facts.dockerfile.copied_files import folder_of, placed
from checks.facts.dockerfile.dockerfiles import Dockerfile
from checks.facts.dockerfile.stages import Ran
from checks.facts.script.make_environment import taken_from_environment
from checks.facts.script.makefiles import MAKES, MakeRun, make_run
from checks.record import Record, kept_with
from checks.source.text import Location, Text

_FETCHES = frozenset(("curl", "wget"))
_OF_HOSTS = frozenset(
    ("archive", "download", "downloads", "refs", "releases", "source", "sources", "src", "tags")
)
"""Folders, of addresses too, that are named for no project."""
_SHORTEST = 3
"""Letters of a name by which a folder and a part of an address are taken for the same project."""


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
        if ran.command.program in MAKES and ran.stage in dockerfile.built and not is_on_a_download(ran)
    ]
    return tuple(sorted(found, key=lambda ran: not _has_copies(dockerfile, ran)))


def is_on_a_download(ran: Ran) -> bool:
    """Whether a command works in the folder of a project that its `RUN` downloads ahead of it."""
    ahead = [one for one in ran.script.commands if one.span.start < ran.command.span.start]
    folders = [ran.script[one.arguments[0].span] for one in ahead if one.program == "cd" and one.arguments]
    fetched = [ran.script[word.span] for one in ahead if one.program in _FETCHES for word in one.arguments]
    parts = {part for word in fetched if "://" in word for part in word.split("/")[3:]}
    return bool(folders) and any(
        _are_alike(folder, part) for folder in folders[-1].strip("\"'").split("/") for part in parts
    )


def _are_alike(folder: str, part: str) -> bool:
    """Whether one of two names begins with the other: `tool`, `tool-1.2.tar.gz`."""
    shorter, longer = sorted((folder, part), key=len)
    is_of_a_project = len(shorter) >= _SHORTEST and _OF_HOSTS.isdisjoint((shorter, longer))
    return is_of_a_project and longer.startswith(shorter)


def _has_copies(dockerfile: Dockerfile, ran: Ran) -> bool:
    stages = dockerfile.ancestry(ran.stage)
    return any(
        copy.stage in stages and copy.instruction.span.start < ran.instruction.span.start
        for copy in dockerfile.copies
    )


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
