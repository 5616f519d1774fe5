"""Stages whose npm refuses the project that they install, or fails at its scripts, so that the build stops.

What pnpm and Yarn take from a workspace or a catalog, `workspace:*` and `catalog:`, no npm can resolve.
https://pnpm.io/workspaces#workspace-protocol-workspace
https://pnpm.io/catalogs
https://docs.npmjs.com/cli/configuring-npm/package-json#dependencies
Nor does `npm ci` install without a lock file of npm's, whatever another package manager has written.
https://docs.npmjs.com/cli/v11/commands/npm-ci#description
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable

from checks.facts.build.contexts import BuildContext
from checks.facts.dockerfile.base_images import image_name, tag_of
from checks.facts.dockerfile.copied_files import folder_of, placed
from checks.facts.dockerfile.dependency_installs import (
    Install,
    Manager,
    locked_install,
    loose_install,
    may_be_left_out,
)
from checks.facts.dockerfile.dockerfiles import Dockerfile, Instruction, Stage
from checks.facts.dockerfile.stages import Ran
from checks.facts.project.node_projects import NodeProject
from checks.regex import regex
from checks.source.snapshot import Snapshot

_PROJECT = "package.json"
_DATA = regex(r"(?:[\w.*-]+\.(?:json|lock|md|toml|txt|ya?ml)|LICENSE)\*?")
"""Names of files that no Node.js runs, and of no folder."""
_WITH_NPM_7 = 15
"""https://nodejs.org/en/blog/release/v15.0.0#npm-7"""
_LINE = regex(r"\d{1,3}(?![\d])")
_WITHOUT_SCRIPTS = regex(r"ignore[-_]scripts|npmrc", re.IGNORECASE)
_LOCKS = frozenset(("npm-shrinkwrap.json", "package-lock.json"))
_LOCKS_OF_OTHERS = ("bun.lock", "bun.lockb", "pnpm-lock.yaml", "yarn.lock")
_WRITES_LOCK = regex(r"lock\b|shrinkwrap|\b(?:curl|make|tar|unzip|wget)\b")
"""What an instruction says that may bring or write a lock file."""
_BRINGS_LOCK = regex(r"(?:package-lock|npm-shrinkwrap)\.json[\"'\]\s]{0,9}$|\.(?:tar\b|t[bgx]z\b)")
"""What a copy says that gives a file the name of one, or may unpack it."""
_STOPS_AT_ONCE = regex(r"\bset\s+-\w{0,9}e|\berrexit\b")
_WRITES_NO_LOCK = frozenset(("--version", "-v", "cache", "ci", "clean-install", "config", "set"))
"""What npm does without writing one."""
REWRITING = regex(
    r"\b(?:package\.json|workspaces?|catalogs?|pkg|jq|p?npx|pnpm|yarn|bunx?|turbo|node|python3?|sh|bash|git)\b|\.(?:[cm]?[jt]s|sh|py)\b"
)
"""What an instruction says that may write another `package.json`, or runs what may."""


def stopped_by_npm(
    dockerfile: Dockerfile, contexts: Collection[BuildContext], refused: Collection[str], paths: Iterable[str]
) -> frozenset[Stage]:
    """The stages in which npm certainly refuses what it is to install, whichever of the contexts is taken.

    `paths` are those of all files named `package.json`, `refused` those of the ones that no npm installs.
    """
    paths = tuple(paths)
    return frozenset(
        ran.stage
        for ran in (dockerfile.commands() if contexts and refused else ())
        if (install := _install(ran)) is not None
        and not _may_be_rewritten(dockerfile, ran)
        and all(_is_refused(context, ran, install, refused, paths) for context in contexts)
    )


def stopped_by_scripts(
    dockerfile: Dockerfile,
    contexts: Collection[BuildContext],
    projects: Iterable[NodeProject],
    snapshot: Snapshot,
) -> frozenset[Stage]:
    """The stages in which npm certainly runs a file that nothing has copied yet, whichever of the contexts is taken.

    Only where all that is copied so far are files that hold data, into an official image of Node.js.
    """
    running = {one.path for one in projects if one.run_by_install}
    if not contexts or not running or _WITHOUT_SCRIPTS.search(dockerfile.text.content):
        return frozenset()
    if any(one.path_of(".npmrc") in snapshot.paths for one in contexts):
        return frozenset()
    return frozenset(
        ran.stage
        for ran in dockerfile.commands()
        if (install := _install(ran)) is not None
        and _is_official(dockerfile, ran)
        and not _may_be_rewritten(dockerfile, ran)
        and _copies_data_alone(dockerfile, ran)
        and all(_is_refused(context, ran, install, running, running) for context in contexts)
    )


def stopped_by_verbs(dockerfile: Dockerfile) -> frozenset[Stage]:
    """The stages in which npm is asked for what it has not had since version 7: `npm build`, where `npm run build` is meant.

    Only on an official image of Node.js that names a later release. https://docs.npmjs.com/cli/v11/commands
    """
    if "npm@" in dockerfile.text.content:
        return frozenset()
    return frozenset(
        ran.stage
        for ran in dockerfile.commands()
        if ran.command.program == Manager.NPM
        and [word.literal for word in ran.command.arguments[:1]] == ["build"]
        and not may_be_left_out(ran)
        and _is_official(dockerfile, ran)
        and (release := _release(dockerfile, ran)) is not None
        and release >= _WITH_NPM_7
    )


def stopped_without_lock(
    dockerfile: Dockerfile, contexts: Collection[BuildContext], paths: Collection[str]
) -> frozenset[Stage]:
    """The stages in which `npm ci` certainly finds no lock file of npm's, whichever of the contexts is taken.

    Only of projects with one of another package manager: of the rest, a file that is not committed may be meant.
    `paths` are those of all files of the repository.
    """
    locks = [path for path in paths if posixpath.basename(path) in _LOCKS]
    projects = [path for path in paths if posixpath.basename(path) == _PROJECT]
    of_others = {path for path in projects if _is_of_others(path, paths)}
    return frozenset(
        ran.stage
        for ran in (dockerfile.commands() if contexts and of_others else ())
        if (install := _install(ran)) is not None
        and locked_install(ran) is not None
        and _is_official(dockerfile, ran)
        and not _may_be_rewritten(dockerfile, ran)
        and not _may_write_lock(dockerfile, ran)
        and all(_is_refused(context, ran, install, of_others, projects) for context in contexts)
        and not any(_is_copied(context, ran, path) for context in contexts for path in locks)
    )


def _is_of_others(project: str, paths: Collection[str]) -> bool:
    """Whether another package manager's lock file lies beside a `package.json`, and none of npm's there or in a folder over it."""
    folder = posixpath.dirname(project)
    over = {"", *(folder[:at] for at, one in enumerate(folder) if one == "/"), folder}
    own = any(posixpath.join(one, name) in paths for one in over for name in _LOCKS)
    return not own and any(posixpath.join(folder, name) in paths for name in _LOCKS_OF_OTHERS)


def _may_write_lock(dockerfile: Dockerfile, ran: Ran) -> bool:
    """Whether what runs before a command may write a lock file of npm's."""
    at, stages = ran.command.span.start, dockerfile.ancestry(ran.stage)
    start = ran.instruction.span.start
    runs = (it for stage in stages for it in stage.instructions if it.keyword == "RUN")
    before = [dockerfile.text[it.span] for it in runs if it.span.start < start]
    copies = [one.instruction for one in dockerfile.copies if one.stage in stages]
    if any(_BRINGS_LOCK.search(dockerfile.text[it.span]) for it in copies if it.span.start < start):
        return True
    return any(map(_WRITES_LOCK.search, (*before, ran.script.source[:at]))) or any(
        _installs_here(one)
        for one in dockerfile.commands()
        if one.stage in stages and (one.instruction.span.start, one.command.span.start) < (start, at)
    )


def _installs_here(ran: Ran) -> bool:
    """Whether a command has npm do what may write one."""
    words = [word.literal for word in ran.command.arguments]
    is_elsewhere = not words or "-g" in words or "--global" in words
    return ran.command.program == Manager.NPM and not is_elsewhere and words[0] not in _WRITES_NO_LOCK


def _is_copied(context: BuildContext, ran: Ran, path: str) -> bool:
    """Whether copies put a file of the repository into the stage of a command, wherever."""
    own = context.own_path(path)
    return own is not None and any(placed(context, own, ran.stage, ran.instruction.span.start))


def _release(dockerfile: Dockerfile, ran: Ran) -> int | None:
    """The line of Node.js that the image of a stage names."""
    base = dockerfile.expanded_base(dockerfile.ancestry(ran.stage)[-1])
    found = _LINE.match(tag_of(base)) if base is not None else None
    return int(found[0]) if found else None


def _is_official(dockerfile: Dockerfile, ran: Ran) -> bool:
    base = dockerfile.expanded_base(dockerfile.ancestry(ran.stage)[-1])
    return base is not None and image_name(base) == "node"


def _copies_data_alone(dockerfile: Dockerfile, ran: Ran) -> bool:
    stages, end = dockerfile.ancestry(ran.stage), ran.instruction.span.start
    paths = (
        source.path
        for copy in dockerfile.copies
        if copy.stage in stages and copy.instruction.span.start < end
        for source in copy.sources
    )
    return all(path is not None and _DATA.fullmatch(posixpath.basename(path)) for path in paths)


def _install(ran: Ran) -> Install | None:
    found = (loose_install(ran) or locked_install(ran)) if ran.command.program == Manager.NPM else None
    return None if found is None or may_be_left_out(ran) or goes_on(ran) else found


def goes_on(ran: Ran) -> bool:
    """Whether a `RUN` may go on, and succeed, where a command of it fails: `npm ci; npm cache clean --force`."""
    command = ran.command
    return command.pipeline is not None or command.negated or command.background or is_passed_over(ran)


def is_passed_over(ran: Ran) -> bool:
    """Whether commands behind one, or behind the pipeline that it is in, run whatever that answers."""
    command, script = ran.command, ran.script
    at = command.span.start
    later = (
        one
        for one in script.commands
        if one.span.start > at and (one.pipeline is None or one.pipeline != command.pipeline)
    )
    return not _STOPS_AT_ONCE.search(script.source[:at]) and not all(
        any(it.holds and it.condition.start <= at < it.condition.end for it in one.guards) for one in later
    )


def _may_be_rewritten(dockerfile: Dockerfile, ran: Ran) -> bool:
    """Whether what runs before a command may bring another `package.json` than the context's."""
    at = ran.instruction.span.start
    before = ran.script.source[: ran.command.span.start]
    stages = dockerfile.ancestry(ran.stage)
    return (
        ran.instruction.flag("mount") is not None
        or REWRITING.search(before) is not None
        or any(
            brings_other(dockerfile, it) for one in stages for it in one.instructions if it.span.start < at
        )
    )


def brings_other(dockerfile: Dockerfile, it: Instruction) -> bool:
    """Whether an instruction may bring another `package.json` than the context's."""
    written = dockerfile.text[it.span]
    if it.keyword in ("COPY", "ADD"):
        return it.flag("from") is not None or bool(it.heredocs) or "://" in written
    return it.keyword == "RUN" and REWRITING.search(written) is not None


def _is_refused(
    context: BuildContext, ran: Ran, install: Install, refused: Collection[str], paths: Iterable[str]
) -> bool:
    """Whether all that copies put where npm looks is refused, and there is some."""
    folder = folder_of(context.dockerfile, ran)
    if folder is None:
        return False
    wanted = posixpath.normpath(posixpath.join(folder, install.folder, _PROJECT))
    found = [path for path in paths if _is_put_at(wanted, context, ran, path)]
    return bool(found) and all(path in refused for path in found)


def _is_put_at(wanted: str, context: BuildContext, ran: Ran, path: str) -> bool:
    relative = posixpath.relpath(path, context.folder or ".")
    places = placed(context, relative, ran.stage, ran.instruction.span.start)
    return not relative.startswith("../") and any(one.at == wanted for one in places)
