"""What becomes of the comment behind a commit that moves to another release."""

from __future__ import annotations

import pytest

from checks.catalogue import catalogue
from checks.check import Repository
from checks.engine import review
from checks.source.snapshot import Snapshot, apply

PATH = ".github/workflows/lint.yml"
OLD = "11bd71901bbe5b1630ceea73d27597364c9af683"


@pytest.mark.parametrize(
    ("behind", "left"),
    [
        ("", ""),
        (" 2024-10-23", ""),
        (" - 2024-10-23", ""),
        (", 2024-10-23", ""),
        (" (2024-10-23T14:24:00Z)", ""),
        (" (2024-10-23 14:24:00 +00:00)", ""),
        (" (released 2024-10-23)", ""),
        (" (Released on 2024-10-23)", ""),
        (" on 2024/10/23", ""),
        (" [2024-10-23]", ""),
        (" (audited)", " (audited)"),
        (", reviewed 2024-10-23 by us", ", reviewed 2024-10-23 by us"),
    ],
)
def test_the_date_of_a_release_goes_with_it(behind: str, left: str) -> None:
    workflow = (
        "on: push\npermissions: {contents: read}\njobs:\n  lint:\n    runs-on: ubuntu-24.04\n    steps:\n"
        f"      - uses: actions/checkout@{OLD} # v4.2.2{behind}\n      - run: make lint\n"
    )
    found = review(Repository(Snapshot.of({PATH: workflow})), None, catalogue()).findings
    (fix,) = next(one.finding.fixes for one in found if one.check.id == "deprecated-action-runtime")
    line = next(one for one in apply(workflow, fix.edits).splitlines() if "checkout" in one)
    assert line.partition("# ")[2] == f"v7.0.1{left}"
