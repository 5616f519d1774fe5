"""What the scripts of the repository that an image starts with write when a container starts."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from checks.facts.dockerfile.dockerfiles import Dockerfile
from checks.source.command import Command
from checks.source.shell import parse
from checks.source.text import Text
from checks.source.word import Word

_INTO_LAST = frozenset(("cp", "install", "ln"))
"""Programs that write their last argument alone."""
_INTO_ANY = frozenset(("mkdir", "mv", "rm", "tee", "touch", "truncate"))
_WRITES = frozenset((">", ">>", ">|", "&>", "&>>"))
_GIVEN = "/docker-entrypoint.d/"
"""Where the entry points of many base images look for further scripts."""
_MOVES = frozenset(("cd", "pushd"))


def names_of_start(dockerfile: Dockerfile) -> frozenset[str]:
    """The names of the files that entry point and command of the image speak of, and of those that its entry point is given.

    https://github.com/docker-library/docs/tree/master/nginx#using-environment-variables-in-nginx-configuration-new-in-119
    """
    entry, command = dockerfile.started
    line = dockerfile.ancestry(dockerfile.shipped)
    given = (
        source.path
        for copy in dockerfile.copies
        if copy.stage in line and copy.instruction.destination.value.startswith(_GIVEN)
        for source in copy.sources
        if source.path
    )
    named = (*" ".join((*entry, *command)).split(), *given)
    return frozenset(posixpath.basename(one) for one in named)


def writes_below(script: Text, folder: str, working_folder: str | None) -> bool:
    """Whether a script has a command that writes a file below a folder, perhaps under a condition."""
    commands = parse(script.content).commands
    moves = any(command.program in _MOVES for command in commands)
    start = None if moves else working_folder
    return any(_is_below(word, folder, start) for command in commands for word in _written(command))


def _written(command: Command) -> Iterator[Word]:
    yield from (one.target for one in command.redirections if one.operator in _WRITES)
    words = command.arguments
    if command.program in _INTO_LAST:
        yield from words[-1:]
    texts = [word.literal or "" for word in words]
    in_place = any(one.startswith(("-i", "--in-place")) for one in texts)
    if command.program in _INTO_ANY or (in_place and (command.program == "sed" or "sed" in texts)):
        yield from words


def _is_below(word: Word, folder: str, start: str | None) -> bool:
    """Whether a word names something below a folder by its beginning; relative ones from where the script starts."""
    first = word.parts[0] if word.parts else ""
    if not isinstance(first, str) or (start is None and not first.startswith("/")):
        return False
    return f"{posixpath.normpath(posixpath.join(start or '/', first))}/".startswith(f"{folder}/")
