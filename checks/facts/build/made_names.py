"""By which names steps may make files and folders in the workspace, where that can be told."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from checks.facts.build.untouched_workspace import HARMLESS_ACTIONS, is_elsewhere, only_tells
from checks.facts.script.scripts import Command
from checks.facts.script.started_files import LISTS_OF_PIP, arguments_of_pip
from checks.facts.token.programs import commands_in
from checks.facts.workflow.workflows import Step
from checks.regex import regex

_INSTALLS_ASIDE = (
    "actions/setup-dotnet",
    "actions/setup-go",
    "actions/setup-java",
    "actions/setup-node",
    "actions/setup-python",
    "actions/upload-artifact",
    "pnpm/action-setup",
)
"""Actions that put programs outside of the workspace, or read it alone, but for what is said below."""
_WRITES_BY = ("outputs", "path", "dest", "run_install", "files", "pip-install")
"""Inputs by which actions are told to write into the workspace, or to run what may."""
_CACHE = ("actions/cache", "actions/cache/restore")
_AT_HOME = regex(r"~/(?!work\b)[\w.@+-][^*?]*")
"""A path in the home of the runner's user, but for the one below which the workspace lies."""
_MAKES_WHAT_IT_NAMES = frozenset(("curl", "mkdir", "tee", "touch"))
_MAKES_NOTHING = frozenset((
    "apk", "apt", "apt-get", "cd", "chmod", "df", "du", "env", "free", "hostname", "id", "ls", "nproc", "rm", "rmdir", "sleep", "sort",
    "stat", "tree", "uname", "uniq", "which", "whoami",
))  # fmt: skip
"""Programs that make nothing in the folder that they run in."""
_OF_PROGRAMS = {
    "docker": frozenset(("images", "inspect", "logout", "ps", "pull", "push", "tag", "version")),
    "git": frozenset(("config", "diff", "fetch", "log", "ls-files", "rev-list", "show", "status", "tag")),
    "go": frozenset(("env", "fmt", "version", "vet")),
}
"""What of other programs makes nothing there."""
_OF_GO_MODULES = frozenset(("download", "tidy", "verify"))
_NOTHING: frozenset[str] = frozenset()
_INSTALLED_ASIDE = regex(
    r"-[Uqv]{1,9}|--(?:disable-pip-version-check|no-build-isolation|no-cache-dir|no-deps|pre|quiet|upgrade|user)|[A-Za-z][\w.,<>=~!\[\]-]*"
)
"""A package by its name, and the options with which pip installs it where Python looks for packages."""
_OF_LISTS = frozenset(("build", "src"))
"""Folders that pip makes for what a list of packages names by its repository, or by a folder.

https://pip.pypa.io/en/stable/topics/vcs-support/#editable-vcs-installs
"""
_BETWEEN = regex(r"[/\\\s=,:;?#&]+")
_NAMED_BY_SERVER = regex(r"-[A-Za-z]*J[A-Za-z]*|--remote-header-name")
"""Options of curl by which the server says how the file is called: https://curl.se/docs/manpage.html#-J"""


def names_made(step: Step) -> frozenset[str] | None:
    """The names, those of folders on the way included, that what a step makes in the workspace may have; None for any.

    An action is known by its name: of one's own, and of any that isn't known, nothing is.
    """
    if step.run is None:
        return _NOTHING if step.uses is not None and _makes_nothing(step) else None
    commands = commands_in(step)
    return None if commands is None else all_names(map(made_by, commands))


def all_names(found: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    """All of several names together, any where one of them is any."""
    names = _NOTHING
    for one in found:
        if one is None:
            return None
        names |= one
    return names


def made_by(command: Command) -> frozenset[str] | None:
    """The same of a command: where its words are written out, what some programs make is called as they say."""
    targets = [one.target.literal for one in command.redirections if not is_elsewhere(one)]
    named = [one.literal for one in command.arguments] if _makes_what_it_names(command) else []
    installed = _made_by_pip(command)
    known = bool(named) or only_tells(command) or _makes_nothing_by(command) or installed is not None
    words = [one for one in (*targets, *named) if one is not None]
    if command.uncertain or not known or len(words) < len(targets) + len(named):
        return None
    return (installed or _NOTHING).union(*(_BETWEEN.split(word) for word in words))


def _made_by_pip(command: Command) -> frozenset[str] | None:
    """What `pip install` makes in the workspace of packages and lists of them; None for another command, and for a folder's project."""
    told = arguments_of_pip(command)
    if told is None:
        return None
    words = [one or "?" for one in told]
    is_known = words[:1] == ["install"] and all(
        before in LISTS_OF_PIP or word in LISTS_OF_PIP or _INSTALLED_ASIDE.fullmatch(word)
        for before, word in pairwise(words)
    )
    return (_NOTHING if LISTS_OF_PIP.isdisjoint(words) else _OF_LISTS) if is_known else None


def _makes_what_it_names(command: Command) -> bool:
    is_go_build = command.program == "go" and [it.literal for it in command.arguments[:1]] == ["build"]
    is_told = not any(_NAMED_BY_SERVER.fullmatch(it.literal or "-J") for it in command.arguments)
    return is_go_build or (command.program in _MAKES_WHAT_IT_NAMES and (command.program != "curl" or is_told))


def _makes_nothing_by(command: Command) -> bool:
    words = [one.literal for one in command.arguments[:2]]
    asked = (words or [None])[0]
    if command.program == "go" and asked == "mod":
        return words[-1] in _OF_GO_MODULES
    return command.program in _MAKES_NOTHING or asked in _OF_PROGRAMS.get(command.program or "", _NOTHING)


def _makes_nothing(step: Step) -> bool:
    uses = step.uses
    if uses is None:
        return False
    if step.uses_action(*_CACHE):
        path = step.input("path")
        return path is not None and all(map(_AT_HOME.fullmatch, path.value.split()))
    is_known = uses.action in _INSTALLS_ASIDE or (
        uses.action.startswith(HARMLESS_ACTIONS) and uses.action != "docker/bake-action"
    )
    is_upload = uses.action == "actions/upload-artifact"
    return is_known and (is_upload or not _is_told_to_write(step))


def _is_told_to_write(step: Step) -> bool:
    """A cache of a build may go into a folder, too: https://docs.docker.com/build/cache/backends/local/"""
    cache = step.input("cache-to")
    is_kept_here = cache is not None and ("local" in cache.value or "${{" in cache.value)
    return is_kept_here or any(step.input_entry(name) for name in _WRITES_BY)
