"""Build of a pull request's code has the secrets of the base

`pull_request_target` runs with the secrets and the token of the repository, for pull requests of forks, too. A job
that checks out the head of the pull request there and builds it lets everybody on GitHub run code with them: each
`RUN` of the Dockerfile and each script that the build calls is the author's.

Build for `pull_request`, which has no secrets for forks, and publish from the branch.

The check is silent where nothing is built, where the base is checked out, and for releases of `actions/checkout` that
refuse such a checkout themselves (v4.4, v5.1, v6.1, v7 and their floating tags) unless `allow-unsafe-pr-checkout` is
set.

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
    Severity,
    code,
)  # fmt: skip
from checks.facts.events import of_job, of_step
from checks.facts.releases import of_use
from checks.facts.workflows import Job, Step

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
_OLD = "uses: actions/checkout@b4ffde65f46336ab88eb53be808477a3936bae11 # v4.1.1"

check = Check(
    id="pull-request-target-builds-pr-code",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW,),
    tags=("security", "pull-requests"),
    security_severity=9.3,
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
_OF_HEAD = re.compile(r"github\.head_ref|github\.event\.pull_request\.(?:head\.|merge_commit_sha)|refs/pull/")
_FLOATING = re.compile(r"v\d+")


def run(repo: Repository) -> Iterator[Finding]:
    for workflow in repo.workflows:
        for job in workflow.jobs:
            if any(event.name == "pull_request_target" for event in of_job(job)):
                yield from _of_job(repo, job)


def _of_job(repo: Repository, job: Job) -> Iterator[Finding]:
    builds = [build.step for build in repo.builds if build.step and build.step.job is job]
    first = max((step.index for step in builds), default=-1)
    for step in job.steps[: max(first, 0)]:
        events = of_step(step) or ()
        place = (
            _checkout(repo, step) if any(event.name == "pull_request_target" for event in events) else None
        )
        if place is not None:
            build = next(one for one in builds if one.index > step.index)
            yield _finding(job, place, build)
            return


def _checkout(repo: Repository, step: Step) -> Location | None:
    """Where a step checks out the head of the pull request, and is not refused."""
    if step.uses_action("actions/checkout"):
        ref = step.input("ref")
        if ref is not None and _OF_HEAD.search(ref.value) and not _refuses(step):
            return Location(ref.text, ref.inner)
        return None
    for one in repo.invocations:
        if one.step is step and one.program == "gh" and one.subcommand("pr", "checkout") is not None:
            return one.location
    return None


def _refuses(step: Step) -> bool:
    """Whether this release of `actions/checkout` refuses a fork\'s code by itself, or may."""
    allowed = step.input("allow-unsafe-pr-checkout")
    if allowed is not None:
        return allowed.value != "true"
    release = of_use(step.uses) if step.uses else None
    if release is None or (
        step.uses and _FLOATING.fullmatch(step.uses.ref) and release.number[0] >= min(_REFUSES_SINCE)
    ):
        return True
    return release.number >= _REFUSES_SINCE.get(release.number[0], (7, 0, 0))


def _finding(job: Job, place: Location, build: Step) -> Finding:
    scalar = build.uses.scalar if build.uses else build.run
    return Finding(
        message=f"The job {code(job.id)} checks out and builds what a pull request holds, for {code('pull_request_target')}.",
        consequence=(
            "Everybody on GitHub can open a pull request whose Dockerfile or scripts then run with the secrets and the "
            "token of this repository."
        ),
        location=place,
        related=(Location(build.text, scalar.span if scalar else build.node.span, "builds it"),),
    )
