"""Stages whose pnpm refuses the lock file of the project that they install, so that the build stops.

In a workspace pnpm keeps the one at its root alone. Where one has stayed in a folder below, and lacks what the `package.json` there asks
for, `pnpm install --frozen-lockfile` in an image without the workspace ends with ERR_PNPM_OUTDATED_LOCKFILE.
https://pnpm.io/cli/install#--frozen-lockfile
https://pnpm.io/settings#sharedworkspacelockfile
https://github.com/pnpm/pnpm/blob/main/lockfile/verification/src/satisfiesPackageManifest.ts
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable

from checks.facts.build.contexts import BuildContext
from checks.facts.dockerfile.copied_files import folder_of, placed
from checks.facts.dockerfile.dependency_installs import is_frozen_pnpm, may_be_left_out
from checks.facts.dockerfile.dockerfiles import Dockerfile, Instruction, Stage
from checks.facts.dockerfile.npm_builds import REWRITING, brings_other, goes_on
from checks.facts.dockerfile.stages import Ran
from checks.facts.project.node_projects import NodeProject
from checks.facts.project.pnpm_locks import PnpmLock
from checks.regex import regex
from checks.source.text import Text

_PROJECT, _LOCK = "package.json", "pnpm-lock.yaml"
WORKSPACE = "pnpm-workspace.yaml"
_SETTINGS = (".npmrc", ".pnpmfile.cjs", ".pnpmfile.mjs")
"""Files by which pnpm may take another project, or no lock file."""
_BRINGS_PNPM = regex(
    r"\bcorepack\s{1,4}(?:enable|prepare)\b[^&;|\n]*|\bnpm\s{1,4}(?:install|i)\s{1,4}(?:-g|--global)\s[^&;|\n]*"
)
"""Commands that leave the project as it is."""
_PUTS_LOCK = regex(r"\b(?:cp|ln|mv|rsync)\s[^\n]*pnpm-lock|>\s{0,9}[^\s>]*pnpm-lock")
_MOUNTS = regex(r"--mount=(?!type=cache\b)")


def stale_locks(paths: Collection[str], folders: Iterable[str]) -> frozenset[str]:
    """The lock files in some of the folders, each with its `/`, that no pnpm keeps: they lie below a workspace."""
    found = (folder for folder in folders if f"{folder}{_LOCK}" in paths)
    return frozenset(f"{folder}{_LOCK}" for folder in found if _is_below_workspace(folder, paths))


def _is_below_workspace(folder: str, paths: Collection[str]) -> bool:
    parts = folder.split("/")[:-1]
    over = ("".join(f"{part}/" for part in parts[:end]) for end in range(len(parts)))
    return f"{folder}{WORKSPACE}" not in paths and any(f"{one}{WORKSPACE}" in paths for one in over)


def puts_lock(text: Text) -> bool:
    """Whether a script may put a lock file of pnpm's somewhere."""
    return "pnpm-lock" in text.content and _PUTS_LOCK.search(text.content) is not None


def outdated_projects(
    projects: Iterable[NodeProject], locks: Iterable[PnpmLock], paths: Collection[str]
) -> frozenset[str]:
    """The folders of the projects that ask for what the lock file beside them certainly lacks."""
    lock_in = {posixpath.dirname(one.path): one for one in locks}
    found = ((posixpath.dirname(one.path), one) for one in projects)
    return frozenset(
        folder
        for folder, one in found
        if folder in lock_in
        and lock_in[folder].lacks(one.asked_of_pnpm)
        and not any(posixpath.join(folder, name) in paths for name in _SETTINGS)
    )


def stopped_by_pnpm(
    dockerfile: Dockerfile,
    contexts: Collection[BuildContext],
    outdated: Collection[str],
    paths: Collection[str],
) -> frozenset[Stage]:
    """The stages in which pnpm certainly refuses one of the folders that are `outdated`, whichever of the contexts is taken.

    `paths` are those of all files of the repository.
    """
    return frozenset(
        ran.stage
        for ran in (dockerfile.commands() if contexts and outdated else ())
        if is_frozen_pnpm(ran)
        and not may_be_left_out(ran)
        and not goes_on(ran)
        and not _may_be_rewritten(dockerfile, ran)
        and all(_is_refused(context, ran, outdated, paths) for context in contexts)
    )


def _is_refused(context: BuildContext, ran: Ran, outdated: Collection[str], paths: Collection[str]) -> bool:
    folder = folder_of(context.dockerfile, ran)
    if folder is None or _copied(WORKSPACE, None, context, ran, paths):
        return False
    projects = _copied(_PROJECT, folder, context, ran, paths)
    locks = _copied(_LOCK, folder, context, ran, paths)
    return len(projects) == 1 and projects == locks and projects <= {*outdated}


def _copied(
    name: str, folder: str | None, context: BuildContext, ran: Ran, paths: Iterable[str]
) -> frozenset[str]:
    """The folders of the repository out of which a file of a name is put into a folder of the image, or into any."""
    wanted = None if folder is None else posixpath.normpath(posixpath.join(folder, name))
    found = ((path, context.own_path(path)) for path in paths if posixpath.basename(path) == name)
    return frozenset(
        posixpath.dirname(path)
        for path, own in found
        if own is not None
        for one in placed(context, own, ran.stage, ran.instruction.span.start)
        if wanted in (None, one.at)
    )


def _may_be_rewritten(dockerfile: Dockerfile, ran: Ran) -> bool:
    """Whether what runs before a command may bring another project, or another lock file, than the context's."""
    at, before = ran.instruction.span.start, ran.script.source[: ran.command.span.start]
    return (
        _MOUNTS.search(dockerfile.text[ran.instruction.span]) is not None
        or _rewrites(before)
        or any(
            _brings(dockerfile, it)
            for one in dockerfile.ancestry(ran.stage)
            for it in one.instructions
            if it.span.start < at
        )
    )


def _brings(dockerfile: Dockerfile, it: Instruction) -> bool:
    return _rewrites(dockerfile.text[it.span]) if it.keyword == "RUN" else brings_other(dockerfile, it)


def _rewrites(script: str) -> bool:
    rest = _BRINGS_PNPM.sub("", script)
    return REWRITING.search(rest) is not None or _LOCK in rest
