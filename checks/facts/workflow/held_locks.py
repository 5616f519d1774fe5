"""Lock files of Node.js projects that workflows hold installs to on pushes or pull requests: one that does not fit stops these."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from checks.facts.build.builds import folder, has_other_files
from checks.facts.token.programs import commands_in
from checks.facts.workflow.filter_patterns import selects
from checks.facts.workflow.job_order import needed_jobs
from checks.facts.workflow.overtaking_runs import MAIN
from checks.facts.workflow.triggers import Trigger
from checks.facts.workflow.workflows import Step, Workflow
from checks.regex import regex

_HELD = regex(
    r"(?:npm (?:ci|clean-install)|(?P<yarn>yarn(?: install)? (?:--frozen-lockfile|--immutable)))"
    r"(?: (?:--prefer-offline|--(?:no-)?audit(?:=false)?|--(?:no-)?fund(?:=false)?|--ignore-scripts|--non-interactive|--quiet|--silent|--verbose"
    r"|--(?:include|omit)=\w+|--network-timeout[ =]\d+|--progress=false))*"
)
"""Without what has npm overlook that the file does not fit, as `--legacy-peer-deps` does."""
_OVERLOOKS = regex(r"legacy[-_]peer[-_]deps|npm_config_force", re.IGNORECASE)
_MOVES = frozenset(("cd", "export", "popd", "pushd"))
_MAY_WRITE = regex(
    r"\b(?:npm|yarn)(?: --?[\w-]{1,40}){0,5} (?:add|audit|config|dedupe|import|in?|install|pkg|rm|set|shrinkwrap|uninstall|up|update|upgrade|version)\b"
    r"(?! (?:-g|--global|--frozen-lockfile|--immutable)\b)"
    r"|\bgit (?:checkout|clone|merge|pull|reset|switch)\b|\bpackage(?:-lock)?\.json|\byarn\.lock|\.(?:npm|yarn)rc\b"
)
"""What may bring other files than those of the repository, or have npm overlook that they don't fit, before it holds to them."""
_AT_CHANGES = frozenset(("opened", "synchronize"))


def held_locks(workflows: Iterable[Workflow]) -> frozenset[str]:
    """The paths of these lock files."""
    return frozenset(
        path
        for workflow in workflows
        if not _OVERLOOKS.search(workflow.text.content)
        for step in workflow.steps
        for path in _held_by(step)
        if any(_runs_for(trigger, path) for trigger in workflow.triggers.values())
    )


def _runs_for(trigger: Trigger, path: str) -> bool:
    """Whether changes of a lock file, and of the project beside it, that reach the main branch or are to start a run."""
    types, only, without = trigger.filter("types"), trigger.filter("paths"), trigger.filter("paths-ignore")
    changed = (path, posixpath.join(posixpath.dirname(path), "package.json"))
    if only is not None and not all(selects(only, one) for one in changed):
        return False
    if without is not None and any(selects(without, one) is not False for one in changed):
        return False
    if trigger.name == "push":
        is_of_tags = trigger.filter("tags") is not None or trigger.filter("tags-ignore") is not None
        return _lets_main_in(trigger, others=not is_of_tags)
    is_of_changes = types is None or not _AT_CHANGES.isdisjoint(types)
    return trigger.name == "pull_request" and is_of_changes and _lets_main_in(trigger, others=True)


def _lets_main_in(trigger: Trigger, *, others: bool) -> bool:
    """Whether filters of branches let in the main one; `others` for whether they do where there are none."""
    only, without = trigger.filter("branches"), trigger.filter("branches-ignore")
    names = [ref.removeprefix("refs/heads/") for ref in MAIN]
    if only is not None:
        return any(selects(only, name) for name in names)
    return not any(selects(without, name) is not False for name in names) if without is not None else others


def _held_by(step: Step) -> Iterator[str]:
    job, start = step.job, step.working_directory
    if job is None or not step.always_counts or step.run is None:
        return
    if any(one.condition is not None for one in (job, *needed_jobs(job))):
        return
    if " ci" not in step.run.value and "yarn" not in step.run.value and "clean-install" not in step.run.value:
        return
    at = folder(start.value) if start is not None else ""
    commands = commands_in(step) or ()
    if at is None or has_other_files(step) or any(one.program in _MOVES for one in commands):
        return
    if any(_may_bring_others(earlier) for earlier in step.earlier):
        return
    for one in commands:
        if _MAY_WRITE.search(step.run.value, 0, one.span.start):
            return
        words = " ".join(word.literal or "$" for word in one.words)
        found = None if one.conditional or one.fallbacks or one.assignments else _HELD.fullmatch(words)
        if found is not None and (step.ends_where_one_fails or one is commands[-1]):
            yield posixpath.join(at, "yarn.lock" if found["yarn"] else "package-lock.json")


def _may_bring_others(step: Step) -> bool:
    """Whether other files than those of the repository, as it is, may lie there afterwards."""
    if step.run is not None:
        return _MAY_WRITE.search(step.run.value) is not None
    return step.uses_action("actions/checkout") and step.input("ref") is not None
