"""Called workflow asks for more than its caller has

A reusable workflow gets at most the permissions of the job that calls it. Where one of its jobs asks for
more, GitHub starts no job of the run at all: "The workflow is requesting 'id-token: write', but is only
allowed 'id-token: none'".

Give the scope to the calling job. All calling jobs of a workflow are one finding, as each of them stops the
run.

The check is silent for workflows of other repositories, and where the caller has no block: what it may hand
on then is the repository's setting.

References:

- https://docs.github.com/en/actions/reference/workflows-and-actions/reusing-workflow-configurations
- https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from checks.check import (
    Applicability,
    Check,
    Edit,
    Example,
    Finding,
    Kind,
    Location,
    Outside,
    Repository,
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.token.permissions import Request, highest, refused
from checks.facts.tree import Mapping, Scalar, append_entry, insert_after
from checks.facts.workflow.events import RefKind
from checks.facts.workflow.job_events import of_job
from checks.facts.workflow.workflows import Job

_SIGN = """\
-- .github/workflows/sign.yml --
on: workflow_call
jobs:
  sign:
    runs-on: ubuntu-latest
    permissions:
      contents: read
      id-token: write
    steps:
      - run: cosign sign --yes "$IMAGE"
"""

check = Check(
    id="caller-lacks-permission-of-reusable-workflow",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW,),
    fix=Applicability.SAFE,
    scope=Scope.REPOSITORY,
    tags=("permissions",),
    examples=(
        Example(
            title="the caller's block leaves the scope out",
            files="""\
-- .github/workflows/push.yml --
on: {push: {branches: [main]}}
jobs:
  sign:
    permissions:
      contents: read
    uses: ./.github/workflows/sign.yml
"""
            + _SIGN,
            at="./.github/workflows/sign.yml",
            fixed="""\
-- .github/workflows/push.yml --
on: {push: {branches: [main]}}
jobs:
  sign:
    permissions:
      contents: read
      id-token: write
    uses: ./.github/workflows/sign.yml
""",
        ),
        Example(
            title="several jobs of one workflow are one finding, at the first of them",
            files="""\
-- .github/workflows/push.yml --
on: {push: {branches: [main]}}
jobs:
  web:
    permissions:
      contents: read
    uses: ./.github/workflows/sign.yml
  docs:
    permissions:
      contents: read
    uses: ./.github/workflows/sign.yml
"""
            + _SIGN,
            at="./.github/workflows/sign.yml",
            fixed="""\
-- .github/workflows/push.yml --
on: {push: {branches: [main]}}
jobs:
  web:
    permissions:
      contents: read
      id-token: write
    uses: ./.github/workflows/sign.yml
  docs:
    permissions:
      contents: read
      id-token: write
    uses: ./.github/workflows/sign.yml
""",
        ),
        Example(
            title="a block of the workflow, and a call by the repository's own name",
            files="""\
-- .github/workflows/push.yml --
on: {push: {branches: [main]}}
permissions: {packages: write}
jobs:
  sign:
    uses: acme/web/.github/workflows/sign.yml@main
"""
            + _SIGN,
            at="acme/web/.github/workflows/sign.yml@main",
            fixed="""\
-- .github/workflows/push.yml --
on: {push: {branches: [main]}}
permissions: {packages: write}
jobs:
  sign:
    uses: acme/web/.github/workflows/sign.yml@main
    permissions:
      packages: write
      contents: read
      id-token: write
""",
            outside=Outside(slug="acme/web"),
        ),
        Example(
            title="what the workflow's block gives stays, also where less is asked for",
            files="""\
-- .github/workflows/push.yml --
on: {push: {branches: [main]}}
permissions: {contents: write}
jobs:
  sign:
    uses: ./.github/workflows/sign.yml
"""
            + _SIGN,
            at="./.github/workflows/sign.yml",
            fixed="""\
-- .github/workflows/push.yml --
on: {push: {branches: [main]}}
permissions: {contents: write}
jobs:
  sign:
    uses: ./.github/workflows/sign.yml
    permissions:
      contents: write
      id-token: write
""",
        ),
        Example(
            title="a block that names no scopes, so that one for the job would take some away",
            files="""\
-- .github/workflows/push.yml --
on: {push: {branches: [main]}}
permissions: read-all
jobs:
  sign:
    uses: ./.github/workflows/sign.yml
"""
            + _SIGN,
            at="./.github/workflows/sign.yml",
        ),
        Example(
            title="handed on by the job, by the workflow, as write-all; another repository's workflow; nothing asked for",
            files="""\
-- .github/workflows/push.yml --
on: {push: {branches: [main]}}
permissions: {contents: read, id-token: write}
jobs:
  workflow:
    uses: ./.github/workflows/sign.yml
  job:
    permissions: {contents: write, id-token: write}
    uses: ./.github/workflows/sign.yml
  all:
    permissions: write-all
    uses: ./.github/workflows/sign.yml
  other:
    permissions: {}
    uses: acme/shared/.github/workflows/sign.yml@main
  nothing:
    permissions: {}
    needs: workflow
    uses: ./.github/workflows/test.yml
-- .github/workflows/undeclared.yml --
on: {push: {branches: [main]}}
jobs:
  sign:
    uses: ./.github/workflows/sign.yml
-- .github/workflows/test.yml --
on: workflow_call
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: make test
"""
            + _SIGN,
            outside=Outside(slug="acme/web"),
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for workflow in repo.workflows:
        found = ((job, tuple(refused(job, repo.calls))) for job in workflow.jobs)
        lacking = [
            _Lacking(job, job.uses.scalar, requests) for job, requests in found if requests and job.uses
        ]
        if lacking:
            yield _finding(lacking)


class _Lacking(NamedTuple):
    """A calling job, and what it can't hand on."""

    caller: Job
    uses: Scalar
    requests: Sequence[Request]

    @property
    def is_sure(self) -> bool:
        """Whether the job has a block of its own, and no pull request starts it."""
        of_pull = any(event.ref_kind is RefKind.PULL for event in of_job(self.caller))
        return self.caller.own_permissions is not None and not of_pull


def _finding(lacking: Sequence[_Lacking]) -> Finding:
    """One for all calling jobs of a workflow: GitHub starts none of its runs for any of them."""
    (_, uses, requests), *others = lacking
    first = requests[0]
    asked = code(f"{first.scope}: {first.level}")
    is_sure = all(one.is_sure for one in lacking)
    more = (
        f", and {len(others)} more of this workflow's jobs can't hand on what they are asked for"
        if others
        else ""
    )
    return Finding(
        message=(
            f"The job {code(first.job.id)} of {code(first.called.path)} asks for {asked}; "
            f"its caller has {code(first.has)}{more}."
        ),
        consequence=(
            f"GitHub starts no job of the run: “… is requesting '{first.scope}: {first.level}', but is only allowed "
            f"'{first.scope}: {first.has}'”."
        ),
        location=Location(uses.text, uses.span),
        related=(first.place, *map(_place, others)),
        fixes=offer(
            "hand the permissions on",
            Applicability.SAFE if is_sure else Applicability.UNSAFE,
            *(edit for one in lacking for edit in _edits(one.caller, one.requests)),
            caution=""
            if is_sure
            else "It holds for every way in which the job is started: may a pull request have it, and is it all that is needed?",
        ),
    )


def _place(lacking: _Lacking) -> Location:
    asked, uses = lacking.requests[0], lacking.uses
    return Location(
        uses.text, uses.span, f"is asked for `{asked.scope}: {asked.level}`, and has `{asked.has}`"
    )


def _edits(caller: Job, requests: Sequence[Request]) -> tuple[Edit | None, ...]:
    """Adds the scopes to the job's own block, or gives it one with all that the called jobs ask for."""
    wanted = highest((one.scope, one.level) for one in requests)
    own = caller.own_permissions
    if own is not None:
        block = own.entry.value
        if not isinstance(block, Mapping) or any(block.get(scope) is not None for scope in wanted):
            return (None,)
        lines = [f"{scope}: {level}" for scope, level in wanted.items()]
        return (append_entry(block, ", ".join(lines) if block.flow else "\n".join(lines)),)
    entry = caller.node.entry("uses")
    inherited = caller.permissions
    if entry is None or inherited is None or inherited.everything:
        return (None,)
    blocks = [inherited, *(job.permissions for job in requests[0].called.jobs if job.permissions is not None)]
    scopes = highest(asked for block in blocks for asked in block.scopes.items())
    lines = [f"  {scope}: {level}" for scope, level in scopes.items()]
    return (insert_after(caller.node, entry, "\n".join(["permissions:", *lines])),)
