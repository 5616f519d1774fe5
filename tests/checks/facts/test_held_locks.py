"""Lock files that workflows hold installs to."""

from __future__ import annotations

import pytest

from checks.check import Repository
from checks.facts.workflow.held_locks import held_locks
from checks.source.snapshot import Snapshot

_STEP = "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n"


@pytest.mark.parametrize(
    ("workflow", "expected"),
    [
        (_STEP + "      - run: npm ci\n", {"package-lock.json"}),
        (_STEP + "      - {run: yarn --frozen-lockfile, working-directory: web}\n", {"web/yarn.lock"}),
        (_STEP + "      - run: npm ci --legacy-peer-deps\n", set()),
        (_STEP + "      - run: npm ci || npm install\n", set()),
        (_STEP + "      - run: cd web && npm ci\n", set()),
        (_STEP + "      - {run: npm ci, if: github.ref_name == 'main'}\n", set()),
        (_STEP + "      - {run: npm ci, continue-on-error: true}\n", set()),
        (_STEP.replace("push", "workflow_dispatch") + "      - run: npm ci\n", set()),
    ],
)
def test_what_pushes_hold_to(workflow: str, expected: set[str]) -> None:
    repo = Repository(Snapshot.of({".github/workflows/test.yml": workflow}))
    assert held_locks(repo.workflows) == expected
