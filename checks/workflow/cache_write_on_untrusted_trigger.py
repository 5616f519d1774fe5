"""Job that anybody can start may write the cache of the default branch

For events that anybody on GitHub can cause, such as `pull_request_target` and `issue_comment`, GitHub lets a
job read the cache of the default branch and not write it. `cache-mode: write` takes that away. A text of a
pull request or a comment that comes to be run in such a job, by a checkout or a script injection, can then
leave a cache that the next build of `main` restores, with the secrets and the registry of that build.

Leave `cache-mode` out, or set `read`. Fill the cache in a workflow that runs for `push`.

The check is silent for `pull_request`, whose caches only that pull request sees, for `workflow_run` unless
the other workflow is of this repository and runs for pull requests, and for modes that are computed.

References:

- https://github.blog/changelog/2026-09-10-control-github-actions-cache-access-with-cache-mode
- https://github.blog/changelog/2026-06-26-read-only-actions-cache-for-untrusted-triggers
- https://docs.zizmor.sh/audits/#cache-poisoning
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
    Example,
    Finding,
    Fix,
    Kind,
    Location,
    Repository,
    Scope,
    Severity,
    Span,
    code,
    offer,
)  # fmt: skip
from checks.facts.tree import Scalar, delete_entry, replace_value
from checks.facts.workflow.cache_modes import WRITES, CacheMode, cache_mode, workflow_cache_mode
from checks.facts.workflow.conditions import after_run_for, may_hold
from checks.facts.workflow.events import Event
from checks.facts.workflow.job_events import of_job
from checks.facts.workflow.values import scalars
from checks.facts.workflow.workflows import Job


def _files(on: str, mode: str = "", job: str = "", more: str = "") -> str:
    return f"""\
-- .github/workflows/preview.yml --
on: {on}
permissions: {{contents: read}}
{mode}jobs:
  preview:
    runs-on: ubuntu-latest
{job}    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with:
          context: preview
          cache-to: type=gha,mode=max
{more}"""


_JOB = "    cache-mode: write\n"
_TESTS = """\
-- .github/workflows/test.yml --
name: Tests
on: [push, pull_request]
permissions: {contents: read}
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: make test
"""
_AFTER = "{workflow_run: {workflows: [Tests], types: [completed]}}"

check = Check(
    id="cache-write-on-untrusted-trigger",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.WORKFLOW,),
    fix=Applicability.SAFE,
    scope=Scope.REPOSITORY,
    tags=("security", "cache", "pull-requests"),
    security_severity=6.5,
    peers=("zizmor:cache-poisoning",),
    examples=(
        Example(
            title="for a pull request of a fork",
            files=_files("pull_request_target", job=_JOB),
            at="cache-mode: write",
            fixed=_files("pull_request_target"),
        ),
        Example(
            title="of the whole workflow, for a comment, and without reading",
            files=_files("[push, issue_comment]", "cache-mode: write-only\n"),
            at="cache-mode: write-only",
            fixed=_files("[push, issue_comment]"),
        ),
        Example(
            title="of a job, over that of the workflow",
            files=_files("issues", "cache-mode: write\n", _JOB),
            at="cache-mode: write",
            fixed=_files("issues", "cache-mode: write\n", _JOB.replace("write", "read")),
        ),
        Example(
            title="after a workflow that runs for pull requests",
            files=_files(_AFTER, job=_JOB, more=_TESTS),
            at="cache-mode: write",
            fixed=_files(_AFTER, job=""),
        ),
        Example(title="GitHub's default", files=_files("pull_request_target")),
        Example(title="reading only", files=_files("pull_request_target", job="    cache-mode: read\n")),
        Example(
            title="a job that overrides it",
            files=_files("issues", "cache-mode: write\n", "    cache-mode: none\n"),
        ),
        Example(title="a pull request's own cache", files=_files("pull_request", job=_JOB)),
        Example(
            title="not for that event",
            files=_files("[push, pull_request_target]", job=f"    if: github.event_name == 'push'\n{_JOB}"),
        ),
        Example(
            title="a mode that is computed",
            files=_files("issue_comment", job="    cache-mode: ${{ vars.MODE }}\n"),
        ),
        Example(
            title="after runs for pushes only, by its condition",
            files=_files(
                _AFTER, job=f"    if: github.event.workflow_run.event == 'push'\n{_JOB}", more=_TESTS
            ),
        ),
        Example(
            title="after a workflow that runs for pushes, and one that is not here",
            files=_files(
                "{workflow_run: {workflows: [Tests, Other], types: [completed]}}",
                job=_JOB,
                more=_TESTS.replace("[push, pull_request]", "push"),
            ),
        ),
    ),
)

_BY_ANYBODY = frozenset(
    ("pull_request_target", "issue_comment", "issues", "discussion", "discussion_comment")
)
"""Events that anybody on GitHub can cause, with a text of their own, and whose cache is the default branch's."""


def run(repo: Repository) -> Iterator[Finding]:
    for workflow in repo.workflows:
        told: set[Span] = set()
        for job in workflow.jobs:
            mode = cache_mode(job)
            if mode is None or mode.mode not in WRITES or mode.entry.span in told:
                continue
            event = next((event for event in of_job(job) if _is_of_anybody(repo, job, event)), None)
            if event is not None:
                told.add(mode.entry.span)
                yield _finding(job, mode, event)


def _is_of_anybody(repo: Repository, job: Job, event: Event) -> bool:
    if event.name != "workflow_run":
        return event.name in _BY_ANYBODY
    trigger = job.workflow.triggers.get("workflow_run")
    names = {
        name.value for name in scalars(trigger.node.get("workflows") if trigger and trigger.node else None)
    }
    upstream = [one for one in repo.workflows if one.name in names and "pull_request" in one.triggers]
    condition = job.condition.value if job.condition else ""
    return bool(upstream) and may_hold(condition, event, after_run_for("pull_request"))


def _finding(job: Job, mode: CacheMode, event: Event) -> Finding:
    trigger = job.workflow.triggers[event.name]
    return Finding(
        message=(
            f"The job {code(job.id)} runs for {code(event.name)} with {code(f'cache-mode: {mode.mode}')}, "
            "where GitHub's default is to read only."
        ),
        consequence=(
            "Anybody on GitHub can cause that event; what they get to run in the job can leave a cache that the next "
            "build of the default branch restores."
        ),
        location=Location(job.workflow.text, mode.entry.span),
        related=(Location(job.workflow.text, trigger.key.span, "lets anybody start it"),),
        fixes=_fixes(job, mode),
    )


def _fixes(job: Job, mode: CacheMode) -> tuple[Fix, ...]:
    """Without the key; `read` where the workflow's would hold then."""
    outer = workflow_cache_mode(job)
    value = mode.entry.value
    if outer is not None and outer.entry is not mode.entry and isinstance(value, Scalar):
        return offer("let it read only", Applicability.SAFE, replace_value(value, "read"))
    edit = delete_entry(mode.mapping, mode.entry)
    if mode.mode == "write":
        return offer("leave the mode to GitHub", Applicability.SAFE, edit)
    caution = "From then on the job restores caches, too: is it to start without any?"
    return offer("leave the mode to GitHub", Applicability.UNSAFE, edit, caution=caution)
