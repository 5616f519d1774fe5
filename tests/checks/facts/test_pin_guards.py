"""What a repository checks the commits of its actions by."""

from __future__ import annotations

import pytest

from checks.catalogue import catalogue
from checks.check import Applicability, Repository
from checks.engine import review
from checks.facts.action.pin_guards import guard_of_pins
from checks.source.snapshot import Snapshot
from checks.source.text import Text

SCRIPT = "scripts/check_action_pins.py"
POLICY = "ci/action-pin-policy.json"


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        ([SCRIPT], SCRIPT),
        ([SCRIPT, POLICY], POLICY),
        (["hack/verifyWorkflowShas.mjs"], "hack/verifyWorkflowShas.mjs"),
        (["scripts/unnamed_check_action_pins.py"], None),
        (["tests/check_action_pins.py"], None),
        (["scripts/test_check_action_pins.py"], None),
        (["docs/check-action-pins.md"], None),
        (["scripts/update_action_pins.py"], None),
        (["scripts/check-workflow-npm-pins.sh"], None),
        (["scripts/check_pins.sh"], None),
        (["src/check_mapping_actions.ts"], None),
        ([".github/workflows/check-action-pins.yml"], None),
    ],
)
def test_by_their_names(paths: list[str], expected: str | None) -> None:
    named = " ".join(path.rpartition("/")[2] for path in paths if "unnamed" not in path)
    assert guard_of_pins(paths, [Text(".github/workflows/a.yml", named)]) == expected


@pytest.mark.parametrize("is_guarded", [True, False])
def test_fixes_that_bring_commits_ask_for_it(is_guarded: bool) -> None:
    workflow = (
        "on: push\npermissions: {contents: read}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"
        "      - uses: actions/checkout@v4\n      - run: python scripts/check_action_pins.py\n"
    )
    paths = frozenset((SCRIPT,)) if is_guarded else frozenset[str]()
    files = Snapshot.of({".github/workflows/a.yml": workflow})
    snapshot = Snapshot(files.texts, files.paths | paths)
    found = review(Repository(snapshot), None, catalogue()).findings
    (fix,) = next(one.finding.fixes for one in found if one.check.id == "deprecated-action-runtime")
    assert (f"Does `{SCRIPT}` take the new commits?" in fix.caution) is is_guarded
    assert fix.applicability is Applicability.UNSAFE or not is_guarded
