"""Tag or branch of an action is gone

After the incident of March 2026 the tags of `aquasecurity/trivy-action` were made anew with a `v` before the
version, those without were taken away but for `0.35.0`, and most tags of `aquasecurity/setup-trivy` are gone: with
them the releases of `aquasecurity/trivy-action` from v0.27.0 to v0.30.0, by their commits too, which run it by such a tag.
`sigstore/cosign-installer` has no floating tag `v4`, and `Homebrew/actions` has had no branch `master` since
September 2026, only `main`. A job that uses such a name stops before its first step,
and one that uses it by a composite action of the repository when it comes to that: "Unable to resolve
action".

Use a release that there is, by its commit. A template of Trivy's (`@/contrib/html.tpl`) lies elsewhere in it, and in place
of that for SARIF there is a `format`: the fix writes that, too.

The check is silent for other actions, unless GitHub was asked and has neither a tag nor a branch of the name,
and for repositories that can't be seen.

References:

- https://github.com/aquasecurity/trivy/security/advisories/GHSA-69fq-xp46-6x23
- https://github.com/aquasecurity/setup-trivy/issues/31
- https://github.com/sigstore/cosign-installer#usage
- https://github.com/Homebrew/actions/pull/934
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.action.pin_edits import pin
from checks.facts.action.pin_targets import latest
from checks.facts.action.releases import Release
from checks.facts.action.stopping_actions import gone_inside, is_gone, is_lost_branch
from checks.facts.action.upstream import Upstream
from checks.facts.action.versions import version_parts
from checks.facts.scan.trivy_templates import template_edits
from checks.facts.workflow.uses import ActionUse

_WITH_TEMPLATE = """\
-- .github/workflows/scan.yml --
on: push
permissions: {{contents: read}}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@{ref}
        with:
          image-ref: ghcr.io/acme/web:1.2.3
          {inputs}
"""

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
        *(
            Example(
                title=f"a template that newer releases don't have there: {title}",
                files=_WITH_TEMPLATE.format(ref="0.30.0", inputs=inputs),
                at="aquasecurity/trivy-action@0.30.0",
                fixed=_WITH_TEMPLATE.format(
                    ref="ed142fd0673e97e23eac54620cfb913e5ce36c25 # v0.36.0", inputs=fixed
                )
                if fixed
                else "",
            )
            for title, inputs, fixed in (
                (
                    "SARIF by its format, with the severity that it had",
                    "format: template\n          template: '@/contrib/sarif.tpl'\n          severity: CRITICAL",
                    "format: sarif\n          limit-severities-for-sarif: true\n          severity: CRITICAL",
                ),
                (
                    "SARIF of all severities",
                    "format: template\n          template: '@/contrib/sarif.tpl'\n          output: web.sarif",
                    "format: sarif\n          output: web.sarif",
                ),
                (
                    "the severity of a variable",
                    "format: template\n          template: '@/contrib/sarif.tpl'\n        env: {TRIVY_SEVERITY: CRITICAL}",
                    "format: sarif\n          limit-severities-for-sarif: true\n        env: {TRIVY_SEVERITY: CRITICAL}",
                ),
                (
                    "a page",
                    'format: template\n          template: "@/contrib/html.tpl"',
                    'format: template\n          template: "@$HOME/.local/bin/trivy-bin/contrib/html.tpl"',
                ),
                (
                    "a template of the repository",
                    "format: template\n          template: '@ci/html.tpl'",
                    "format: template\n          template: '@ci/html.tpl'",
                ),
                (
                    "a format that isn't known",
                    "format: ${{ inputs.format }}\n          template: '@/contrib/html.tpl'",
                    "",
                ),
            )
        ),
        Example(
            title="one tag that two jobs name is one finding",
            files="""\
-- .github/workflows/scan.yml --
on: push
permissions: {contents: read}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@v0.29.0
  files:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@v0.29.0
        with: {scan-type: fs}
""",
            at="aquasecurity/trivy-action@v0.29.0",
            fixed="""\
-- .github/workflows/scan.yml --
on: push
permissions: {contents: read}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@ed142fd0673e97e23eac54620cfb913e5ce36c25 # v0.36.0
  files:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@ed142fd0673e97e23eac54620cfb913e5ce36c25 # v0.36.0
        with: {scan-type: fs}
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
            title="a branch that was deleted, in a job and in a composite action, and the one that took its place",
            files="""\
-- .github/actions/brew/action.yml --
name: brew
runs:
  using: composite
  steps:
    - uses: homebrew/actions/setup-homebrew@master
-- .github/workflows/ci.yml --
on: push
permissions: {contents: read}
jobs:
  formula:
    runs-on: ubuntu-latest
    steps:
      - uses: Homebrew/actions/setup-homebrew@master
  casks:
    runs-on: macos-latest
    steps:
      - uses: actions/checkout@v7
      - uses: ./.github/actions/brew
  bottle:
    runs-on: macos-latest
    steps:
      - uses: Homebrew/actions/setup-homebrew@main
""",
            at=("Homebrew/actions/setup-homebrew@master", "homebrew/actions/setup-homebrew@master"),
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
    named: dict[tuple[str, str, str], list[ActionUse]] = {}
    for use in repo.action_uses:
        if gone_inside(use) or is_gone(use, repo.outside.actions):
            named.setdefault((use.scalar.text.path, use.repository, use.ref), []).append(use)
    for (path, repository, _), uses in named.items():
        is_in_action = repo.kinds.get(path) is Kind.ACTION
        last, steps = (
            latest(repository, repo.outside.actions),
            [one for one in repo.steps if one.uses in uses],
        )
        moved = [edit for step in steps for edit in template_edits(step)]
        yield _finding(uses, last, moved, is_in_action=is_in_action)


def _kind(use: ActionUse) -> str:
    """What a ref that is gone was, by its name: GitHub says no more than that it is neither a tag nor a branch."""
    if is_lost_branch(use):
        return "branch"
    return "tag" if version_parts(use.ref) else "tag or branch"


def _finding(
    uses: Sequence[ActionUse], last: Release | None, moved: Sequence[Edit | None], *, is_in_action: bool
) -> Finding:
    """The actions that a workflow names are fetched as its job starts, those of a local action when the job
    comes to it."""
    use, *others = uses
    within = gone_inside(use)
    name = f"{use.owner}/{use.name}"
    stops = (
        "A job that uses this composite action stops when it comes to it, unless that step may fail"
        if is_in_action
        else "The job stops before its first step"
    )
    return Finding(
        message=f"{code(f'{name}@{use.ref}')} runs {code(within)}, a tag that is gone."
        if within
        else f"{code(name)} has no {_kind(use)} {code(use.ref)}.",
        consequence=f"{stops}: “Unable to resolve action”.",
        location=use.location,
        related=tuple(Location(one.scalar.text, one.scalar.span, "names it, too") for one in others),
        fixes=offer(
            f"pin to {last.version}",
            Applicability.SAFE,
            *(edit for one in uses for edit in pin(one, last.version, last.commit)),
            *moved,
        )
        if last
        else (),
        withheld=f"{last.version} has no {code('/contrib')}, where a step takes its template from: name a file that there is first"
        if last and None in moved
        else "",
    )
