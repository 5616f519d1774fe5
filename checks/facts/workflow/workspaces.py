"""Whose files a job works on: those of the repository that its run belongs to, which need not be this one.

A reusable workflow and a composite action work on the workspace of whoever calls them.
https://docs.github.com/en/actions/reference/workflows-and-actions/reusing-workflow-configurations
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from checks.facts.workflow.calls import Calls
from checks.facts.workflow.composite_actions import CompositeAction
from checks.facts.workflow.workflows import Workflow
from checks.regex import regex

_DEFINITIONS = ("action.yml", "action.yaml")
_OWN_ACTIONS = "/.github/"
"""In a path below the root: the folder of a repository's own, which GitHub reads at the root alone. Elsewhere it came with a copy
of another project."""
_COMMENTED_OUT = regex(r"^[ \t]*#[ \t#-]*uses:[ \t]*[\"']?\./.*$", re.MULTILINE)
"""A step, or a job, that is switched off; where it names the repository, it is an example for others."""
_PACKAGES = ("Cargo.toml", "composer.json", "go.mod", "package.json", "pom.xml", "pyproject.toml", "setup.py")
"""Files at the root of a package."""


def made_for_others(actions: tuple[CompositeAction, ...], calls: Calls) -> frozenset[str]:
    """The paths of reusable workflows and composite actions that no run of this repository comes to.

    Their callers are elsewhere, and so are the files that they build.
    """
    every: tuple[Workflow | CompositeAction, ...] = (*calls.workflows, *actions)
    owners = {one.path: one for one in every}
    reached = {one.path for one in calls.workflows if set(one.triggers) - {"workflow_call"}}
    pending = list(reached)
    while pending:
        found = {path for path in _used_by(owners[pending.pop()], calls) if path in owners} - reached
        reached |= found
        pending += found
    return frozenset(owners.keys() - reached)


def left_unused(
    actions: tuple[CompositeAction, ...], workflows: tuple[Workflow, ...], paths: frozenset[str]
) -> frozenset[str]:
    """The paths of actions of a repository's own that no workflow and no other action names.

    Its own are those in its folder for them, or in that of a project that lies below the root, and the only one of a
    package that does; any other may be there for other repositories. A checkout into a folder of its own puts that in front
    of the name, so any mention of the action's folder counts.
    """
    own = [action for action in actions if _OWN_ACTIONS in f"/{action.path}" or _is_of_package(action, paths)]
    owners: tuple[Workflow | CompositeAction, ...] = (*workflows, *actions)
    return frozenset(action.path for action in own if not _is_mentioned(action, owners))


def _is_of_package(action: CompositeAction, paths: frozenset[str]) -> bool:
    """Whether a package below the root has an action in one of its folders, and has no other."""
    folder = posixpath.dirname(posixpath.dirname(action.path))
    while folder:
        if any(f"{folder}/{name}" in paths for name in _PACKAGES):
            found = (path for path in paths if posixpath.basename(path) in _DEFINITIONS)
            return [path for path in found if path.startswith(f"{folder}/")] == [action.path]
        folder = posixpath.dirname(folder)
    return False


def _is_mentioned(action: CompositeAction, owners: tuple[Workflow | CompositeAction, ...]) -> bool:
    folder = action.path.rpartition("/")[0]
    named = re.compile(rf"{re.escape(folder.removeprefix('.'))}(?![\w.-])")
    texts = (one.text.content for one in owners if one is not action)
    return any(named.search(_COMMENTED_OUT.sub("", text)) for text in texts)


def _used_by(owner: Workflow | CompositeAction, calls: Calls) -> Iterator[str]:
    """The paths that an owner's jobs and steps may mean by what they use of this repository."""
    for job in owner.jobs if isinstance(owner, Workflow) else ():
        called = calls.called(job)
        if called is not None:
            yield called.path
    for step in owner.steps:
        if step.uses is None or not (
            step.uses.is_local or step.uses.repository == (calls.slug or "").lower()
        ):
            continue
        written = step.uses.scalar.value.removeprefix("./") if step.uses.is_local else step.uses.path
        folder = written.strip("/")
        yield from (f"{folder}/{name}" if folder else name for name in _DEFINITIONS)
