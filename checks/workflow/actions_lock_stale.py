"""Lockfile does not list what a locked workflow uses

A workflow that `.github/workflows/actions.lock` names runs at the commits of the lockfile alone. An action
that the workflow uses and the list does not have is refused, and the run with it.

Run `gh actions-lock` and commit what it writes.

The check is silent for workflows that the lockfile does not name, for local actions and images.

References:

- https://docs.github.com/en/actions/concepts/security/workflow-dependency-lockfiles
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Check,
    Example,
    Finding,
    Kind,
    Location,
    Repository,
    Scope,
    Severity,
    Span,
    code,
)  # fmt: skip
from checks.facts.action.lockfile import ActionsLock
from checks.facts.workflow.uses import ActionUse
from checks.regex import regex


def _files(uses: str, workflow: str = "push.yml") -> str:
    return f"""\
-- .github/workflows/push.yml --
on: push
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: {uses}
      - uses: ./actions/notify
      - uses: $/actions/notify
      - uses: docker://alpine:3.23
-- .github/workflows/actions.lock --
version: 'v0.0.2'
workflows:
    '.github/workflows/{workflow}':
        - 'docker/build-push-action@v7'
"""


check = Check(
    id="actions-lock-stale",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.WORKFLOW, Kind.ACTIONS_LOCK),
    scope=Scope.REPOSITORY,
    tags=("pinning",),
    examples=(
        Example(
            title="another version",
            files=_files("docker/build-push-action@v6"),
            at="docker/build-push-action@v6",
        ),
        Example(title="listed", files=_files("docker/build-push-action@v7")),
        Example(
            title="a workflow that the lockfile does not name",
            files=_files("docker/build-push-action@v6", "test.yml"),
        ),
    ),
)

_ENTRY = regex(r"[\w.-]+/[\w./-]+@[^\s:]+")
"""What we can read of a list; a lockfile with other entries is of a version that we don't know."""


def run(repo: Repository) -> Iterator[Finding]:
    lock = repo.actions_lock
    for workflow in repo.workflows if lock else ():
        listed = lock.uses.get(workflow.path) if lock else None
        if lock is None or not listed or not all(_ENTRY.fullmatch(one) for one in listed):
            continue
        known = {one.lower() for one in listed}
        for job in workflow.jobs:
            for use in (job.uses, *(step.uses for step in job.steps)):
                if use is not None and use.owner and not _is_listed(use, known):
                    yield _finding(use, lock)


def _is_listed(use: ActionUse, known: set[str]) -> bool:
    """Whether the list has it, by its repository or with the path in it."""
    return any(f"{name}@{use.ref}".lower() in known for name in (use.repository, use.action))


def _finding(use: ActionUse, lock: ActionsLock) -> Finding:
    return Finding(
        message=f"{code(use.scalar.value)} is not in the lockfile that the workflow runs with.",
        consequence="GitHub refuses the run until `gh actions-lock` has written the lockfile anew.",
        location=use.location,
        related=(
            Location(lock.text, Span(0, lock.text.line(1).end), "lists other actions for the workflow"),
        ),
    )
