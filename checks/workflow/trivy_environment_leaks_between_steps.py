"""Second Trivy step takes the inputs of the first

From v0.27.0 to v0.30.0, `aquasecurity/trivy-action` hands its inputs to Trivy through `GITHUB_ENV`, where
they stay for the rest of the job. An input that a later step leaves at its default is then the earlier
step's: a gate that should print a table writes SARIF over the report, or looks at the severities of the
report. The job is green or red for a reason that no line of it says.

Take a later release: since v0.31.0 each step has its own inputs.

The check is silent for other releases and for commits that the shipped table does not have, for steps in
different jobs, where the later step sets each of these inputs to a value of its own, and where the earlier
step has a condition that the later one does not have.

References:

- https://github.com/aquasecurity/trivy-action/issues/422
- https://github.com/aquasecurity/trivy-action/commit/7aca5acc9500b463826cc47a47a65ad7d404b045
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
    Repository,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.action.pin_edits import pin
from checks.facts.action.releases import newest
from checks.facts.scan.leaked_inputs import ACTION, inputs_kept, leaks
from checks.facts.tree import Entry, Scalar
from checks.facts.workflow.workflows import Step

_COMMIT = "915b19bbe73b92a6cf82a1bc12b087c9a19a5fe2"
"""v0.28.0"""


def _scan(ref: str, second: str, condition: str = "") -> str:
    return f"""\
-- .github/workflows/scan.yml --
on: push
permissions: {{contents: read}}
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@{ref}{condition}
        with: {{image-ref: acme/web, format: sarif, output: trivy.sarif, severity: HIGH}}
      - uses: aquasecurity/trivy-action@{ref}
        with: {second}
"""


_LIST = """\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@v0.29.0
        with: {image-ref: web, exit-code: '1'}
      - uses: aquasecurity/trivy-action@v0.29.0
        with: {image-ref: api, exit-code: '0'}
      - uses: aquasecurity/trivy-action@v0.29.0
        with: {image-ref: jobs}
"""

check = Check(
    id="trivy-environment-leaks-between-steps",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.WORKFLOW,),
    fix=Applicability.UNSAFE,
    tags=("scan", "trivy"),
    yields_to=("known-compromised-action", "unresolvable-action-ref"),
    examples=(
        Example(
            title="a report, then a gate",
            files=_scan(f"{_COMMIT} # v0.28.0", "{image-ref: acme/web, exit-code: '1', format: table}"),
            at=f"aquasecurity/trivy-action@{_COMMIT}",
            fixed=_scan(
                "ed142fd0673e97e23eac54620cfb913e5ce36c25 # v0.36.0",
                "{image-ref: acme/web, exit-code: '1', format: table}",
            ),
        ),
        Example(
            title="a release with its own inputs for each step",
            files=_scan("v0.36.0", "{image-ref: acme/web, exit-code: '1'}"),
        ),
        Example(
            title="one from before",
            files=_scan("a20de5420d57c4102486cdd9578b45609c99d7eb # 0.26.0", "{image-ref: acme/web}"),
        ),
        Example(
            title="the later step sets them all",
            files=_scan(
                _COMMIT, "{image-ref: acme/web, format: json, output: trivy.json, severity: CRITICAL}"
            ),
        ),
        Example(
            title="the first one runs under a condition",
            files=_scan(
                _COMMIT, "{image-ref: acme/web}", "\n        if: github.event_name == 'pull_request'"
            ),
        ),
        Example(
            title="two jobs",
            files=_scan(_COMMIT, "{image-ref: acme/web}").replace(
                "      - uses: aquasecurity/trivy-action@"
                + _COMMIT
                + "\n        with: {image-ref: acme/web}",
                "  again:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: aquasecurity/trivy-action@"
                + _COMMIT
                + "\n        with: {image-ref: acme/web}",
            ),
        ),
        Example(title="the `exit-code` that stays is the last one, and stops nothing", files=_LIST),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for workflow in repo.workflows:
        for job in workflow.jobs:
            leaking = [step for step in job.steps if leaks(step)]
            for index, later in enumerate(leaking[1:], 1):
                kept = tuple(inputs_kept(leaking[:index], later))
                if kept:
                    yield _finding(later, kept, leaking)
                    break


def _finding(later: Step, kept: tuple[Entry, ...], leaking: list[Step]) -> Finding:
    text, last = later.text, newest(ACTION)
    names = " and ".join(code(text[entry.span]) for entry in kept[:2])
    uses = [step.uses for step in leaking if step.uses]
    edits = [edit for use in uses for edit in pin(use, last.version, last.commit)] if last else []
    return Finding(
        message=f"This scan runs with {names} of the step before: this release of {code(ACTION)} keeps inputs for the whole job.",
        consequence=_consequence(kept),
        location=Location(text, uses[leaking.index(later)].scalar.span),
        related=(Location(text, kept[0].span, "stays for the steps below"),),
        fixes=offer(
            f"move to {last.version}",
            Applicability.UNSAFE,
            *edits,
            caution="Does a later scan rely on an input that only an earlier step sets?",
        )
        if last
        else (),
    )


def _consequence(kept: tuple[Entry, ...]) -> str:
    names = {entry.key.value for entry in kept if isinstance(entry.key, Scalar)}
    if "output" in names:
        return "It writes over the report of that step, and prints nothing into the log."
    if names & {
        "severity",
        "scanners",
        "vuln-type",
        "ignore-unfixed",
        "skip-dirs",
        "skip-files",
        "ignore-policy",
    }:
        return "It passes over what that step leaves out, and nothing in the log says so."
    return "It does something else than its own lines say, and nothing in the log says so."
