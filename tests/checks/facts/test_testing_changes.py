"""What is asked before the actions that scan, lint and report on tests move to newer releases."""

from __future__ import annotations

import pytest

from checks.facts.upgrade.all_changes import questions
from checks.facts.upgrade.upgrades import Upgrade
from tests.checks.upgrades import check_questions, move
from tests.checks.workflow import job


@pytest.mark.parametrize(
    ("uses", "inputs", "expected"),
    [
        ("codecov/codecov-action@v3", "files: a.xml", ["has the step a token"]),
        ("dorny/test-reporter@v1", "name: Tests", ["the check that `name` names"]),
        ("dorny/test-reporter@v2", "name: Tests", []),
        ("terraform-linters/setup-tflint@v4", "tflint_wrapper: true", ["where TFLint finds something"]),
        ("terraform-linters/setup-tflint@v4", "tflint_version: v0.59.1", []),
    ],
)
def test_what_a_report_or_a_linter_is_asked(uses: str, inputs: str, expected: list[str]) -> None:
    check_questions(move(uses, inputs), expected)


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


def test_what_an_upload_needs_in_a_container() -> None:
    steps = "steps:\n  - {uses: codecov/codecov-action@v4, with: {token: x}}\n"
    asked = []
    for where in ("", "container: node:24\n"):
        (step,) = job(where + steps).steps
        assert step.uses
        asked.append(any("`gpg`" in one for one in questions(Upgrade(step.uses, step))))
    assert asked == [False, True]
