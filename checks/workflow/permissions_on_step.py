"""Step has a key that only workflows and jobs have

GitHub knows `permissions:` at the top of a workflow and of a job. As a key of a step it is refused: the
workflow doesn't start at all, with "Unexpected value 'permissions'".

Move the block to the job.

The check is silent for an input of that name under `with:`.

References:

- https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idpermissions
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
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.tree import Entry, delete_entry, insert_before
from checks.facts.workflow.values import strings
from checks.facts.workflow.workflows import Step

check = Check(
    id="permissions-on-step",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW, Kind.ACTION),
    fix=Applicability.UNSAFE,
    tags=("permissions",),
    examples=(
        Example(
            title="a job without a block of its own",
            files="""\
-- .github/workflows/sign.yml --
on: {push: {branches: [main]}}
jobs:
  sign:
    runs-on: ubuntu-latest
    steps:
      - run: cosign sign --yes "$IMAGE"
        permissions:
          id-token: write
      - run: make
""",
            at="permissions",
            fixed="""\
-- .github/workflows/sign.yml --
on: {push: {branches: [main]}}
jobs:
  sign:
    runs-on: ubuntu-latest
    permissions:
      id-token: write
    steps:
      - run: cosign sign --yes "$IMAGE"
      - run: make
""",
        ),
        Example(
            title="an input of that name, and a block of the job",
            files="""\
-- .github/workflows/token.yml --
on: {push: {branches: [main]}}
jobs:
  token:
    runs-on: ubuntu-latest
    permissions: {contents: read}
    steps:
      - uses: acme/token@v1
        with:
          permissions: write
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for step in repo.steps:
        entry = step.node.entry("permissions")
        if entry is not None:
            yield _finding(step, entry)


def _finding(step: Step, entry: Entry) -> Finding:
    fixes = _fixes(step, entry)
    return Finding(
        message=f"A step has {code('permissions')}, which only workflows and jobs have.",
        consequence="GitHub refuses the whole file with “Unexpected value 'permissions'”, so that none of its jobs runs.",
        location=Location(step.text, entry.key.span),
        fixes=fixes,
        withheld="" if fixes else "the job has to get it together with what it has now",
    )


def _fixes(step: Step, entry: Entry) -> tuple[Fix, ...]:
    """Moves a block of lines to a job that has none of its own."""
    job = step.job
    steps = job.node.entry("steps") if job else None
    scopes = strings(entry.value)
    if job is None or steps is None or job.own_permissions is not None or not scopes:
        return ()
    lines = "permissions:" + "".join(f"\n  {scope}: {level}" for scope, level in scopes.items())
    return offer(
        "move it to the job",
        Applicability.UNSAFE,
        insert_before(job.node, steps, lines),
        delete_entry(step.node, entry),
        caution="In the job it replaces all that the other steps had: do they need a further scope?",
    )
