"""Action is written for a Node that runners no longer have

An action says in its `action.yml` which Node it runs on. GitHub has taken Node 12, 16 and 20 off its runners, Node 20
in autumn 2026, and runs such actions with Node 24, which their releases were never made for. Each run shows a warning,
and what breaks with the newer Node is repaired in newer releases only.

Take the current major release. It may need a newer runner: from version 5 on `actions/checkout` does not start on a self-hosted
runner older than 2.327.1.

The check is silent for actions that bring no Node (composite ones and containers), and for releases that the shipped table does
not have.

References:

- https://github.blog/changelog/2025-09-19-deprecation-of-node-20-on-github-actions-runners/
- https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax#runs-for-javascript-actions
- https://github.com/actions/checkout/releases/tag/v5.0.0
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Applicability,
    Attention,
    Check,
    Example,
    Finding,
    Kind,
    Location,
    Repository,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.releases import Release, newest, of_use, pin
from checks.facts.workflows import ActionUse

check = Check(
    id="deprecated-action-runtime",
    doc=__doc__,
    severity=Severity.NOTE,
    kinds=(Kind.WORKFLOW, Kind.ACTION),
    fix=Applicability.UNSAFE,
    attention=Attention.CHECK_RUN,
    tags=("deprecation",),
    yields_to=("codeql-action-v3-deprecated",),
    examples=(
        Example(
            title="a floating tag and a commit of releases for Node 20",
            files="""\
-- .github/workflows/build.yml --
on: push
permissions: {contents: read}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: docker/setup-buildx-action@8d2750c68a42422c14e847fe6c8ac0403b4cbd6f  # v3.12.0
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4.2.2
""",
            at=("actions/checkout@v4", "docker/setup-buildx-action@8d2750c68a42422c14e847fe6c8ac0403b4cbd6f"),
            fixed="""\
-- .github/workflows/build.yml --
on: push
permissions: {contents: read}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
      - uses: docker/setup-buildx-action@8d2750c68a42422c14e847fe6c8ac0403b4cbd6f  # v3.12.0
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
""",
        ),
        Example(
            title="current releases, actions without Node, what the table does not have",
            files="""\
-- .github/workflows/build.yml --
on: push
permissions: {contents: read}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - uses: aws-actions/amazon-ecr-login@v2
      - uses: aquasecurity/trivy-action@v0.36.0
      - uses: actions/checkout@0000000000000000000000000000000000000000
      - uses: acme/build@v1
      - uses: docker://alpine:3.24
""",
        ),
        Example(
            title="CodeQL's third version is told by another check",
            files="""\
-- .github/workflows/scan.yml --
on: push
permissions: {contents: read, security-events: write}
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: github/codeql-action/upload-sarif@v3
        with: {sarif_file: trivy.sarif}
""",
        ),
    ),
)
_GONE = frozenset(("node12", "node16", "node20"))


def run(repo: Repository) -> Iterator[Finding]:
    by_place: dict[tuple[str, str], list[ActionUse]] = {}
    for use in repo.action_uses:
        release = of_use(use)
        if release is not None and release.runtime in _GONE:
            by_place.setdefault((use.scalar.text.path, use.repository), []).append(use)
    for uses in by_place.values():
        yield _finding(uses)


def _finding(uses: list[ActionUse]) -> Finding:
    first = uses[0]
    release, last = of_use(first), newest(first.repository)
    runtime = release.runtime if release else ""
    number = f"{len(uses)} steps use releases" if len(uses) > 1 else "A step uses a release"
    return Finding(
        message=f"{number} of {code(first.repository)} that {'are' if len(uses) > 1 else 'is'} made for {code(runtime)}.",
        consequence=(
            "Runners don't have it any more and take Node 24, for which the release was not made; each run shows a warning."
        ),
        location=Location(first.scalar.text, first.scalar.span),
        fixes=offer(
            f"move to {last.version}",
            Applicability.UNSAFE,
            *(edit for use in uses for edit in pin(use, last.version, last.commit)),
            caution=_caution(first, last),
        )
        if last and last.runtime not in _GONE
        else (),
    )


def _caution(use: ActionUse, last: Release) -> str:
    runner = "is every self-hosted runner version 2.327.1 or newer"
    if use.repository == "actions/checkout":
        return f"{runner.capitalize()}?"
    return f"Do the notes of the major releases up to {code(last.version)} name a change for this step, and {runner}?"
