"""Tag of an action is gone

After the incident of March 2026 the tags of `aquasecurity/trivy-action` were made anew with a `v` before the
version, those without were taken away but for `0.35.0`, and most tags of `aquasecurity/setup-trivy` are gone: with
them the releases of `aquasecurity/trivy-action` from v0.27.0 to v0.30.0, by their commits too, which run it by such a tag.
`sigstore/cosign-installer` has no floating tag `v4`. A job that uses such a name stops before its first step,
and one that uses it by a composite action of the repository when it comes to that: "Unable to resolve
action".

Use a release that there is, by its commit.

The check is silent for other actions, unless GitHub was asked and has neither a tag nor a branch of the name,
and for repositories that can't be seen.

References:

- https://github.com/aquasecurity/trivy/security/advisories/GHSA-69fq-xp46-6x23
- https://github.com/aquasecurity/setup-trivy/issues/31
- https://github.com/sigstore/cosign-installer#usage
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
    Example,
    Finding,
    Kind,
    Location,
    Outside,
    Repository,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.action.pin_edits import pin
from checks.facts.action.pin_targets import latest
from checks.facts.action.releases import Release
from checks.facts.action.stopping_actions import gone_inside, is_gone
from checks.facts.action.upstream import Upstream
from checks.facts.workflow.uses import ActionUse

check = Check(
    id="unresolvable-action-ref",
    aliases=("trivy-environment-leaks-between-steps",),
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW, Kind.ACTION),
    fix=Applicability.SAFE,
    tags=("pinning",),
    examples=(
        Example(
            title="a scanner without its `v`, an installer's tag that there never was, a tag that was taken away",
            files="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@0.28.0
      - uses: sigstore/cosign-installer@v4
      - uses: aquasecurity/setup-trivy@v0.2.0
      - uses: aquasecurity/trivy-action@v0.34.2
""",
            at=(
                "aquasecurity/trivy-action@0.28.0",
                "sigstore/cosign-installer@v4",
                "aquasecurity/setup-trivy@v0.2.0",
                "aquasecurity/trivy-action@v0.34.2",
            ),
            fixed="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@ed142fd0673e97e23eac54620cfb913e5ce36c25 # v0.36.0
      - uses: sigstore/cosign-installer@v4
      - uses: aquasecurity/setup-trivy@v0.2.0
      - uses: aquasecurity/trivy-action@v0.34.2
""",
        ),
        Example(
            title="scanners that are there, and run what is gone",
            files="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@v0.29.0
      - uses: aquasecurity/trivy-action@915b19bbe73b92a6cf82a1bc12b087c9a19a5fe2 # v0.28.0
""",
            at=(
                "aquasecurity/trivy-action@v0.29.0",
                "aquasecurity/trivy-action@915b19bbe73b92a6cf82a1bc12b087c9a19a5fe2",
            ),
            fixed="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@ed142fd0673e97e23eac54620cfb913e5ce36c25 # v0.36.0
      - uses: aquasecurity/trivy-action@915b19bbe73b92a6cf82a1bc12b087c9a19a5fe2 # v0.28.0
""",
        ),
        Example(
            title="GitHub has neither tag nor branch of the name",
            files="""\
-- .github/workflows/ci.yml --
on: push
jobs:
  ci:
    runs-on: ubuntu-latest
    steps:
      - uses: someone/notify@v9
      - uses: someone/notify@v1
      - uses: aquasecurity/trivy-action@0.28.0
      - uses: someone/private@v9
""",
            at="someone/notify@v9",
            outside=Outside(
                actions={
                    "someone/notify": Upstream({"v1": "a" * 40}, absent=frozenset({"v9"})),
                    "aquasecurity/trivy-action": Upstream({"0.28.0": "b" * 40}),
                }
            ),
        ),
        Example(
            title="in a composite action of the repository, that a job uses",
            files="""\
-- .github/actions/scan/action.yml --
name: scan
runs:
  using: composite
  steps:
    - uses: aquasecurity/setup-trivy@v0.2.0
-- .github/workflows/scan.yml --
on: push
permissions: {contents: read}
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - uses: ./.github/actions/scan
""",
            at="aquasecurity/setup-trivy@v0.2.0",
            fixed="""\
-- .github/actions/scan/action.yml --
name: scan
runs:
  using: composite
  steps:
    - uses: aquasecurity/setup-trivy@81e514348e19b6112ce2a7e3ecbafe19c1e1f567 # v0.3.1
""",
        ),
        Example(
            title="tags that there are, newer ones perhaps, branches, commits",
            files="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@0.35.0
      - uses: aquasecurity/trivy-action@v0.31.0
      - uses: aquasecurity/trivy-action@v0.26.0
      - uses: aquasecurity/trivy-action@v0.99.0
      - uses: aquasecurity/trivy-action@57a97c7e7821a5776cebc9bb87c984fa69cba8f1
      - uses: sigstore/cosign-installer@v3
      - uses: sigstore/cosign-installer@v4.1.2
      - uses: aquasecurity/setup-trivy@v0.2.6
      - uses: actions/checkout@v4.0.99
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for use in repo.action_uses:
        within = gone_inside(use)
        if within or is_gone(use, repo.outside.actions):
            is_in_action = repo.kinds.get(use.scalar.text.path) is Kind.ACTION
            yield _finding(
                use, latest(use.repository, repo.outside.actions), within, is_in_action=is_in_action
            )


def _finding(use: ActionUse, last: Release | None, within: str, *, is_in_action: bool) -> Finding:
    """The actions that a workflow names are fetched as its job starts, those of a local action when the job
    comes to it."""
    name = f"{use.owner}/{use.name}"
    stops = (
        "A job that uses this composite action stops when it comes to it, unless that step may fail"
        if is_in_action
        else "The job stops before its first step"
    )
    return Finding(
        message=f"{code(f'{name}@{use.ref}')} runs {code(within)}, a tag that is gone."
        if within
        else f"{code(name)} has no tag {code(use.ref)}.",
        consequence=f"{stops}: “Unable to resolve action”.",
        location=Location(use.scalar.text, use.scalar.span),
        fixes=offer(f"pin to {last.version}", Applicability.SAFE, *pin(use, last.version, last.commit))
        if last
        else (),
    )
