"""Lock files of Node.js projects that workflows hold installs to on pushes or pull requests: one that does not fit stops these."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from checks.facts.build.builds import folder, has_other_files
from checks.facts.token.programs import commands_in
from checks.facts.workflow.workflows import Step, Workflow
from checks.regex import regex

_HELD = regex(
    r"(?:npm (?:ci|clean-install)|(?P<yarn>yarn(?: install)? (?:--frozen-lockfile|--immutable)))"
    r"(?: (?:--prefer-offline|--(?:no-)?audit(?:=false)?|--(?:no-)?fund(?:=false)?|--ignore-scripts|--non-interactive|--quiet|--silent|--verbose"
    r"|--(?:include|omit)=\w+|--network-timeout[ =]\d+|--progress=false))*"
)
"""Without what has npm overlook that the file does not fit, as `--legacy-peer-deps` does."""
_MOVES = frozenset(("cd", "export", "popd", "pushd"))


def held_locks(workflows: Iterable[Workflow]) -> frozenset[str]:
    """The paths of these lock files."""
    started = (one for one in workflows if not {"push", "pull_request"}.isdisjoint(one.triggers))
    return frozenset(path for workflow in started for step in workflow.steps for path in _held_by(step))


def _held_by(step: Step) -> Iterator[str]:
    job, start = step.job, step.working_directory
    if job is None or job.condition is not None or not step.always_counts or step.run is None:
        return
    if " ci" not in step.run.value and "yarn" not in step.run.value and "clean-install" not in step.run.value:
        return
    at = folder(start.value) if start is not None else ""
    commands = commands_in(step) or ()
    if at is None or has_other_files(step) or any(one.program in _MOVES for one in commands):
        return
    for one in commands:
        words = " ".join(word.literal or "$" for word in one.words)
        found = None if one.conditional or one.fallbacks or one.assignments else _HELD.fullmatch(words)
        if found is not None and (step.ends_where_one_fails or one is commands[-1]):
            yield posixpath.join(at, "yarn.lock" if found["yarn"] else "package-lock.json")
