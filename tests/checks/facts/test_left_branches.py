"""Since when a branch of an action is left behind."""

from __future__ import annotations

import pytest

from checks.catalogue import catalogue
from checks.check import Repository
from checks.engine import review
from checks.source.snapshot import Snapshot


@pytest.mark.parametrize(
    ("action", "year"),
    [("cache", 2022), ("setup-node", 2021), ("checkout", 2020)],
)
def test_since_when_a_branch_is_left(action: str, year: int) -> None:
    workflow = (
        "on: push\npermissions: {contents: read}\njobs:\n  lint:\n    runs-on: ubuntu-24.04\n    steps:\n"
        f"      - uses: actions/{action}@master\n"
    )
    found = review(
        Repository(Snapshot.of({".github/workflows/lint.yml": workflow})), None, catalogue()
    ).findings
    finding = next(one.finding for one in found if one.check.id == "action-on-branch")
    assert f"since {year} " in finding.consequence
