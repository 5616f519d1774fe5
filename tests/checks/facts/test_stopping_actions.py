"""Refs of actions that are gone."""

from __future__ import annotations

import pytest

from checks.check import Outside, Repository
from checks.facts.action.upstream import Upstream
from checks.source.snapshot import Snapshot
from checks.workflow import unresolvable_action_ref

STEP = "on: push\njobs:\n  scan:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: someone/scan@"


@pytest.mark.parametrize(("ref", "kind"), [("v9", "tag"), ("main", "tag or branch")])
def test_what_is_gone_is_called_what_it_may_have_been(ref: str, kind: str) -> None:
    outside = Outside(actions={"someone/scan": Upstream({}, absent=frozenset((ref,)))})
    repo = Repository(Snapshot.of({".github/workflows/w.yml": f"{STEP}{ref}\n"}), outside=outside)
    (found,) = unresolvable_action_ref.run(repo)
    assert found.message == f"`someone/scan` has no {kind} `{ref}`."
