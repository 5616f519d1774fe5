"""What is asked before the actions that scan, lint and report on tests move to newer releases."""

from __future__ import annotations

import pytest

from checks.check import Repository
from checks.facts.upgrade.all_changes import questions, why_held
from checks.facts.upgrade.upgrades import Upgrade
from checks.source.snapshot import Snapshot
from tests.checks.upgrades import check_questions, move
from tests.checks.workflow import job, workflow


@pytest.mark.parametrize(
    ("uses", "inputs", "expected"),
    [
        ("codecov/codecov-action@v3", "files: a.xml", ["has the step a token"]),
        ("coverallsapp/github-action@v1", "github-token: x", ["the only report"]),
        ("coverallsapp/github-action@v1", "path-to-lcov: a.info", []),
        ("coverallsapp/github-action@v1", "parallel-finished: true", []),
        ("cypress-io/github-action@v5", "start: npm start", ["is Cypress version 10"]),
        ("cypress-io/github-action@v6", "start: npm start", []),
        ("cypress-io/github-action@v3", "headless: true", ["is Cypress version 10", "do without `headless`"]),
        ("DavidAnson/markdownlint-cli2-action@v20", "globs: '*.md'", ["newer rules of markdownlint"]),
        ("zgosalvez/github-actions-ensure-sha-pinned-actions@v3", "", ["pinned in composite ones"]),
        ("zgosalvez/github-actions-ensure-sha-pinned-actions@v4", "", []),
        ("gitleaks/gitleaks-action@v2", "", []),
        ("SonarSource/sonarqube-scan-action@v6", "scannerBinariesUrl: https://x.example", [".asc"]),
        ("SonarSource/sonarqube-scan-action@v6", "skipSignatureVerification: true", []),
        ("dorny/test-reporter@v1", "name: Tests", ["the check that `name` names"]),
        ("dorny/test-reporter@v2", "name: Tests", []),
        ("terraform-linters/setup-tflint@v4", "tflint_wrapper: true", ["where TFLint finds something"]),
        ("terraform-linters/setup-tflint@v4", "tflint_version: v0.59.1", []),
        ("JetBrains/qodana-action@v2025.2", "args: --baseline,a.json", ["that of Qodana 2026.2"]),
        (
            "JetBrains/qodana-action@v2025.2",
            "use-nightly: true",
            ["Qodana 2026.2", "do without `use-nightly`"],
        ),
        ("JetBrains/qodana-action@v2026.2", "args: --baseline,a.json", []),
        ("treosh/lighthouse-ci-action@v10", "urls: https://x.example", []),
        (
            "treosh/lighthouse-ci-action@v10",
            "{uploadArtifacts: true, configPath: lh.json}",
            ["the same `artifactName`", "no PWA audits"],
        ),
        (
            "treosh/lighthouse-ci-action@11.4.0",
            "{uploadArtifacts: true, budgetPath: b.json}",
            ["no PWA audits"],
        ),
        ("treosh/lighthouse-ci-action@12.1.0", "{uploadArtifacts: true, configPath: lh.json}", []),
        ("reactivecircus/android-emulator-runner@v2.34.0", "script: make test", []),
    ],
)
def test_what_a_report_or_a_linter_is_asked(uses: str, inputs: str, expected: list[str]) -> None:
    check_questions(move(uses, inputs), expected)


@pytest.mark.parametrize(
    ("inputs", "range_", "is_asked", "is_held"),
    [
        ("start: npm start", "^9.7.0", False, True),
        ("start: npm start", "9.0.0 - 9.7.0", False, True),
        ("start: npm start", ">=9.1 <10.0.0", False, True),
        ("start: npm start", ">=9.1 <=10.0.0", True, False),
        ("start: npm start", "^13.2.0", False, False),
        ("start: npm start", ">=9", True, False),
        ("start: npm start", "latest", True, False),
        ("working-directory: ./e2e/", "^9.7.0", True, False),
    ],
)
def test_the_cypress_that_the_project_asks_for(
    inputs: str, range_: str, *, is_asked: bool, is_held: bool
) -> None:
    step = f"{{uses: cypress-io/github-action@v5, with: {{{inputs}}}}}"
    files = {
        "package.json": f'{{"name": "web", "devDependencies": {{"cypress": "{range_}"}}}}',
        ".github/workflows/w.yml": f"on: push\njobs: {{e2e: {{runs-on: ubuntu-latest, steps: [{step}]}}}}\n",
    }
    repo = Repository(Snapshot.of(files))
    (found,) = repo.steps
    assert found.uses
    upgrade = repo.upgrade_of(found.uses, found)
    assert any("is Cypress" in one for one in questions(upgrade)) is is_asked
    assert ("move Cypress first" in why_held(upgrade)) is is_held


@pytest.mark.parametrize(
    ("inputs", "later", "is_asked"),
    [
        ("image: 'web:1'", "run: cat results.sarif", True),
        ("image: 'web:1', output-file: results.sarif", "run: cat results.sarif", False),
        ("image: 'web:1'", "run: make", False),
    ],
)
def test_where_a_scan_writes_its_report(inputs: str, later: str, is_asked: bool) -> None:
    step, _ = job(f"steps:\n  - uses: anchore/scan-action@v4\n    with: {{{inputs}}}\n  - {later}\n").steps
    assert step.uses
    assert any("`output-file`" in one for one in questions(Upgrade(step.uses, step))) is is_asked


@pytest.mark.parametrize(
    ("where", "is_asked"),
    [
        ("runs-on: ubuntu-latest", False),
        ("runs-on: ubuntu-latest, container: 'node:24'", True),
        ("runs-on: [self-hosted, linux]", True),
    ],
)
def test_what_a_scanner_is_checked_with(where: str, is_asked: bool) -> None:
    for path, is_scan in (("", True), ("/install-build-wrapper", False)):
        uses = f"SonarSource/sonarqube-scan-action{path}@v6"
        content = f"on: push\njobs:\n  scan: {{{where}, steps: [{{uses: {uses}}}]}}\n"
        (step,) = workflow(content).steps
        assert step.uses
        asked = any("`dirmngr`" in one for one in questions(Upgrade(step.uses, step)))
        assert asked is (is_asked and is_scan)


def test_what_an_upload_needs_in_a_container() -> None:
    steps = "steps:\n  - {uses: codecov/codecov-action@v4, with: {token: x}}\n"
    asked = []
    for where in ("", "container: node:24\n"):
        (step,) = job(where + steps).steps
        assert step.uses
        asked.append(any("`gpg`" in one for one in questions(Upgrade(step.uses, step))))
    assert asked == [False, True]


@pytest.mark.parametrize(
    ("inputs", "is_held"),
    [("command: lint", True), ("version: v3.3.0", False)],
)
def test_charts_that_an_action_tests_itself(inputs: str, is_held: bool) -> None:
    assert ("run `ct`" in why_held(move("helm/chart-testing-action@v1.1.0", inputs))) is is_held
