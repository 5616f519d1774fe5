"""Installs of npm that a container does anew as it starts: `npm ci` takes away what the image has, and goes by the lock file.

https://docs.npmjs.com/cli/v11/commands/npm-ci
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from checks.facts.dockerfile.copied_files import placed
from checks.facts.dockerfile.dependency_installs import Manager, loose_install
from checks.facts.dockerfile.dockerfiles import Dockerfile
from checks.facts.dockerfile.stages import Ran
from checks.facts.dockerfile.start_scripts import MOVES, moved
from checks.facts.dockerfile.unlocked_installs import UnlockedInstall
from checks.source.command import Command
from checks.source.shell import Script, parse
from checks.source.text import Text

_BEFORE_SCRIPT = frozenset(("--", "-e", "-g", "ash", "bash", "dumb-init", "sh", "tini"))
"""Words that may stand before the path of a script, the programs among them without their folders."""
_ENDS = frozenset(("exec", "exit", "return"))
_OF_NODE = frozenset(("bun", "node", "npx", "pnpm", "yarn"))
_NPM_RUNS = frozenset(("exec", "rebuild", "run", "run-script", "start", "t", "test", "x"))
_ASKS = (["-v"], ["--version"])
_LINKS = "node_modules/.bin/"
"""Where the programs of packages are."""
_LEAVES = frozenset(("cd", "chmod", "chown", "echo", "mkdir"))
"""Programs that use nothing of what an install has put into the image."""


def is_done_anew(one: UnlockedInstall, texts: Mapping[str, Text]) -> bool:
    """Whether the script of the repository that the image starts certainly does that in the folder of an install, and nothing uses it before.

    `texts` are the files of the repository that are read, by path.
    """
    dockerfile, folder = one.lock.context.dockerfile, one.folder
    if one.install.manager is not Manager.NPM or folder is None or not _stays_unused(dockerfile, one.ran):
        return False
    last = dockerfile.shipped
    end = last.instructions[-1].span.end if last.instructions else last.instruction.span.end
    start, path = dockerfile.folder_at(last, end), _started_path(dockerfile)
    if start is None or not path:
        return False
    at = posixpath.normpath(posixpath.join(start, path))
    there = {
        copy.copy.instruction.span.start: copy.path
        for name in texts
        if posixpath.basename(name) == posixpath.basename(at)
        and (own := one.lock.context.own_path(name)) is not None
        for copy in placed(one.lock.context, own, last, end)
        if copy.at == at
    }
    script = texts.get(one.lock.context.path_of(there[max(there)])) if there else None
    wanted = posixpath.normpath(posixpath.join(folder, one.install.folder))
    return script is not None and wanted in _reinstalled(parse(script.content), start)


def _started_path(dockerfile: Dockerfile) -> str:
    """The path of what a container starts first, as it is written; empty where that is not known."""
    entry, command = dockerfile.started
    words = [*entry, *command]
    words = words[0].split() if len(words) == 1 else words
    first = next((one for one in words if posixpath.basename(one) not in _BEFORE_SCRIPT), "")
    return first if "/" in first or first.endswith(".sh") else ""


def _stays_unused(dockerfile: Dockerfile, ran: Ran) -> bool:
    """Whether the stage of an install is what others run, and nothing in it, or of another stage, uses what that has put there."""
    line = dockerfile.ancestry(dockerfile.shipped)
    at = ran.place(ran.command.span).span.start
    later = (
        it for it in dockerfile.commands() if it.stage in line and it.place(it.command.span).span.start > at
    )
    sources = (
        stage for own in dockerfile.stages for it in own.instructions for stage in dockerfile.sources_of(it)
    )
    return ran.stage in line and ran.stage not in sources and all(map(_uses_nothing, later))


def _uses_nothing(ran: Ran) -> bool:
    return ran.command.program in _LEAVES or loose_install(ran) is not None


def _reinstalled(script: Script, start: str) -> Iterator[str]:
    """The folders in which a script certainly runs `npm ci`, started in one, before it uses packages."""
    folder: str | None = start
    for command in script.commands if script.complete and not script.errors else ():
        if _ends(command) or _may_use_packages(command):
            return
        if command.program in MOVES and command.in_substitution is None:
            folder = moved(command, folder)
        elif folder is not None and _is_certain(command) and _is_ci(command):
            yield folder


def _ends(command: Command) -> bool:
    """Whether a script goes no further; it does behind an `exec` of redirections alone."""
    first = command.words[0].literal if command.words else None
    return first in _ENDS and (first != "exec" or len(command.words) > 1)


def _may_use_packages(command: Command) -> bool:
    words = command.literals
    if command.program == "npm":
        verbs = words if words and words[0].startswith("-") else words[:1]
        return not _NPM_RUNS.isdisjoint(verbs)
    is_of_node = command.program in _OF_NODE and words[:1] not in _ASKS
    return is_of_node or any(_LINKS in (word.literal or word.prefix) for word in command.words)


def _is_certain(command: Command) -> bool:
    return not (
        command.conditional
        or command.fallbacks
        or command.in_condition
        or command.in_subshell
        or command.background
    )


def _is_ci(command: Command) -> bool:
    words = command.literals
    elsewhere = ("-C", "--prefix", "-g", "--global", "--location", "--dry-run")
    return (
        command.program == "npm"
        and words[:1] in (["ci"], ["clean-install"])
        and all(one.startswith("-") and not one.startswith(elsewhere) for one in words[1:])
    )
