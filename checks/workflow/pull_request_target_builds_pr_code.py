"""Build of a pull request's code has the secrets of the base

`pull_request_target` runs with the secrets and the token of the repository, for pull requests of forks, too;
so do `issue_comment`, and `workflow_run` after a workflow that runs for pull requests. A job that checks out
the head of the pull request there and builds it lets everybody on GitHub run code with them: each `RUN` of
the Dockerfile and each script that the build calls is the author's.

Build for `pull_request`, which has no secrets for forks, and publish from the branch.

The check is silent where nothing is built, where the base is checked out, where a condition, a step above, an
environment or a job that is waited for may look at who asks, and for releases of `actions/checkout` that
refuse such a checkout themselves (v4.4, v5.1, v6.1, v7 and their floating tags; not for comments) unless
`allow-unsafe-pr-checkout` is set.

References:

- https://docs.github.com/en/actions/reference/security/secure-use#mitigating-the-risks-of-untrusted-code-checkout
- https://github.com/actions/checkout#usage
"""

from __future__ import annotations

import re
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
    code,
)  # fmt: skip
from checks.facts.action.releases import of_use
from checks.facts.script.invocations import Invocation
from checks.facts.workflow.author_conditions import lets_forks, may_check_author
from checks.facts.workflow.conditions import after_run_for, may_hold
from checks.facts.workflow.events import Event
from checks.facts.workflow.job_events import of_job, of_step
from checks.facts.workflow.job_order import needed_jobs
from checks.facts.workflow.values import scalars
from checks.facts.workflow.workflows import Job, Step, Workflow
from checks.regex import regex

_BUILD = """\
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: ghcr.io/acme/web:pr}
"""


def _files(checkout: str, on: str = "pull_request_target", build: str = _BUILD) -> str:
    return f"""\
-- .github/workflows/pr.yml --
on: {on}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - {checkout}
{build}"""


_HEAD = "{ref: '${{ github.event.pull_request.head.sha }}'}"
_AFTER = "{ref: '${{ github.event.workflow_run.head_sha }}'}"
_TESTS = """\
-- .github/workflows/tests.yml --
name: Tests
on: pull_request
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: make test
"""
_OLD = "uses: actions/checkout@b4ffde65f46336ab88eb53be808477a3936bae11 # v4.1.1"

check = Check(
    id="pull-request-target-builds-pr-code",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW,),
    scope=Scope.REPOSITORY,
    tags=("security", "pull-requests"),
    security_severity=9.3,
    peers=("zizmor:dangerous-triggers",),
    examples=(
        Example(
            title="an older checkout of the head",
            files=_files(f"{_OLD}\n        with: {_HEAD}"),
            at="${{ github.event.pull_request.head.sha }}",
        ),
        Example(
            title="a checkout that is told not to refuse, and one by a command",
            files=_files(
                "uses: actions/checkout@v7\n"
                "        with: {ref: '${{ github.head_ref }}', allow-unsafe-pr-checkout: true}"
            )
            + _files('run: gh pr checkout "$NUMBER"').replace("pr.yml", "command.yml"),
            at=("${{ github.head_ref }}", 'gh pr checkout "$NUMBER"'),
        ),
        Example(
            title="by git, for a comment, and after a workflow that runs for pull requests",
            files=_files('run: git fetch origin "pull/$NUMBER/head" && git checkout FETCH_HEAD')
            + _files(
                "uses: actions/checkout@v7\n        with: {ref: 'refs/pull/${{ github.event.issue.number }}/head'}",
                "issue_comment",
            ).replace("pr.yml", "comment.yml")
            + _files(f"{_OLD}\n        with: {_AFTER}", "{workflow_run: {workflows: [Tests]}}").replace(
                "pr.yml", "after.yml"
            )
            + _TESTS,
            at=(
                'git fetch origin "pull/$NUMBER/head"',
                "refs/pull/${{ github.event.issue.number }}/head",
                "${{ github.event.workflow_run.head_sha }}",
            ),
        ),
        Example(
            title="after a workflow that runs for pushes, for runs of pushes, of one branch",
            files=_files(f"{_OLD}\n        with: {_AFTER}", "{workflow_run: {workflows: [Tests]}}")
            + _TESTS.replace("pull_request", "push"),
        ),
        Example(
            title="for runs of pushes, and of one branch",
            files=_files(
                f"{_OLD}\n        with: {_AFTER}", "{workflow_run: {workflows: [Tests], branches: [main]}}"
            )
            + _files(f"{_OLD}\n        with: {_AFTER}", "{workflow_run: {workflows: [Tests]}}")
            .replace("pr.yml", "push.yml")
            .replace("    runs-on", "    if: github.event.workflow_run.event == 'push'\n    runs-on")
            + _TESTS,
        ),
        Example(
            title="only for people of the project, by a condition, a step, an environment, a job before",
            files=_files(f"{_OLD}\n        with: {_HEAD}").replace(
                "    runs-on", "    environment: reviewed\n    runs-on"
            )
            + _files(f"{_OLD}\n        with: {_HEAD}")
            .replace("pr.yml", "own.yml")
            .replace(
                "    runs-on",
                "    if: github.event.pull_request.head.repo.full_name == github.repository\n    runs-on",
            )
            + _files(f"uses: acme/check-permission@v1\n      - {_OLD}\n        with: {_HEAD}").replace(
                "pr.yml", "step.yml"
            )
            + _files(
                "uses: actions/checkout@v7\n        with: {ref: 'refs/pull/${{ github.event.issue.number }}/head'}",
                "issue_comment",
            )
            .replace("pr.yml", "comment.yml")
            .replace("    runs-on", "    if: github.event.comment.author_association == 'OWNER'\n    runs-on")
            + _files(f"{_OLD}\n        with: {_HEAD}")
            .replace("pr.yml", "before.yml")
            .replace("    runs-on", "    needs: authorize\n    runs-on")
            + "  authorize:\n    runs-on: ubuntu-latest\n    environment: external\n    steps:\n      - run: 'true'\n",
        ),
        Example(
            title="fetched and not checked out",
            files=_files('run: git fetch origin "pull/$NUMBER/head"'),
        ),
        Example(
            title="a checkout that refuses", files=_files(f"uses: actions/checkout@v4\n        with: {_HEAD}")
        ),
        Example(title="without secrets", files=_files(f"{_OLD}\n        with: {_HEAD}", "pull_request")),
        Example(title="the base", files=_files(_OLD)),
        Example(
            title="nothing built",
            files=_files(f"{_OLD}\n        with: {_HEAD}", build="      - run: cat CHANGELOG.md\n"),
        ),
    ),
)
_REFUSES_SINCE = {4: (4, 4, 0), 5: (5, 1, 0), 6: (6, 1, 0)}
_EVENTS = ("pull_request_target", "issue_comment", "workflow_run")
"""What runs with the secrets of the repository, and may be about a pull request of a fork."""
_OF_HEAD = {
    "pull_request_target": regex(
        r"github\.head_ref|github\.event\.pull_request\.(?:head\.|merge_commit_sha)|refs/pull/"
    ),
    "issue_comment": regex(r"refs/pull/"),
    "workflow_run": regex(r"github\.event\.workflow_run\.(?:head_sha|head_commit\.id)"),
}
_FLOATING = regex(r"v\d+")
_CHECKS = regex(
    r"permission|author|member|collaborator|trusted|allow(?:ed|list)|team|actor|safe.to.test|approv",
    re.IGNORECASE,
)
"""In a step above: it may end the job for those who may not write."""


def run(repo: Repository) -> Iterator[Finding]:
    yield from repo.each(repo.workflows, _in_workflow)


def _in_workflow(repo: Repository, workflow: Workflow) -> Iterator[Finding]:
    for job in workflow.jobs:
        found = (_of_job(repo, job, event) for event in of_job(job) if event.name in _EVENTS)
        finding = next((one for one in found if one is not None), None)
        if finding is not None:
            yield finding


def _of_job(repo: Repository, job: Job, event: Event) -> Finding | None:
    builds = [build.step for build in repo.builds_of.get(job, ()) if build.step]
    first = max((step.index for step in builds), default=-1)
    if first < 0 or not _is_open(repo, job, event):
        return None
    for step in job.steps[:first]:
        condition = step.condition.value if step.condition else ""
        is_open = _lets_anybody(condition, event, repo.outside.slug) and event in (of_step(step) or ())
        place = _checkout(repo, step, event) if is_open else None
        if place is not None:
            return _finding(job, event, place, next(one for one in builds if one.index > step.index))
        if _CHECKS.search(step.text[step.node.span]):
            return None
    return None


def _is_open(repo: Repository, job: Job, event: Event) -> bool:
    """Whether nothing around the job's steps keeps it to people of the project, as far as is written."""
    jobs = (job, *needed_jobs(job))
    conditions = [one.condition.value for one in jobs if one.condition]
    if any(one.node.get("environment") for one in jobs) or any(_CHECKS.search(one.id) for one in jobs[1:]):
        return False
    if not all(_lets_anybody(one, event, repo.outside.slug) for one in conditions):
        return False
    if event.name != "workflow_run":
        return True
    trigger = job.workflow.triggers["workflow_run"].node
    names = {name.value for name in scalars(trigger.get("workflows") if trigger else None)}
    above = [one for one in repo.workflows if one.name in names and "pull_request" in one.triggers]
    is_filtered = trigger is not None and trigger.get("branches") is not None
    given = after_run_for("pull_request")
    return bool(above) and not is_filtered and all(may_hold(one, event, given) for one in conditions)


def _lets_anybody(condition: str, event: Event, slug: str | None) -> bool:
    if event.name == "pull_request_target":
        return lets_forks(condition, event, slug)
    return event.name == "workflow_run" or not may_check_author(condition)


def _checkout(repo: Repository, step: Step, event: Event) -> Location | None:
    """Where a step checks out the head of the pull request, and is not refused."""
    if step.uses_action("actions/checkout"):
        ref = step.input("ref")
        refuses = event.name != "issue_comment" and _refuses(step)
        if ref is not None and _OF_HEAD[event.name].search(ref.value) and not refuses:
            return Location(ref.text, ref.inner)
        return None
    if event.name == "workflow_run":
        return None
    commands = [one for one in repo.invocations if one.step is step]
    for number, one in enumerate(commands):
        if one.program == "gh" and one.subcommand("pr", "checkout") is not None:
            return one.location
        if _fetches_head(one) and any(map(_switches, commands[number + 1 :])):
            return one.location
    return None


def _fetches_head(one: Invocation) -> bool:
    words = one.subcommand("fetch") or ()
    return one.program == "git" and any(re.search(r"\bpull/", one.script[word.span]) for word in words)


def _switches(one: Invocation) -> bool:
    verbs = ("checkout", "switch", "merge", "reset", "rebase")
    return one.program == "git" and any(one.subcommand(verb) is not None for verb in verbs)


def _refuses(step: Step) -> bool:
    """Whether this release of `actions/checkout` refuses a fork's code by itself, or may."""
    allowed = step.input("allow-unsafe-pr-checkout")
    if allowed is not None:
        return allowed.value != "true"
    release = of_use(step.uses) if step.uses else None
    if release is None or (
        step.uses and _FLOATING.fullmatch(step.uses.ref) and release.number[0] >= min(_REFUSES_SINCE)
    ):
        return True
    return release.number >= _REFUSES_SINCE.get(release.number[0], (7, 0, 0))


def _finding(job: Job, event: Event, place: Location, build: Step) -> Finding:
    scalar = build.uses.scalar if build.uses else build.run
    return Finding(
        message=f"The job {code(job.id)} checks out and builds what a pull request holds, for {code(event.name)}.",
        consequence=(
            "Everybody on GitHub can open a pull request whose Dockerfile or scripts then run with the secrets and the "
            "token of this repository."
        ),
        location=place,
        related=(Location(build.text, scalar.span if scalar else build.node.span, "builds it"),),
    )
