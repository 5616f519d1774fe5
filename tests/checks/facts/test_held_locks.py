"""Lock files that workflows hold installs to."""

from __future__ import annotations

import pytest

from checks.check import Repository
from checks.facts.workflow.held_locks import held_locks
from checks.source.snapshot import Snapshot

_STEP = "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n"


@pytest.mark.parametrize(
    ("on", "is_held"),
    [
        ("{push: {branches: [main]}}", True),
        ("{push: {branches: ['**']}}", True),
        ("{push: {branches-ignore: [pages]}}", True),
        ("{push: {paths: ['web/**']}}", True),
        ("{pull_request: {types: [opened, synchronize], branches: [main]}}", True),
        ("{push: {branches: [pages]}}", False),
        ("{push: {branches-ignore: [main]}}", False),
        ("{push: {tags: ['v*']}}", False),
        ("{push: {paths: ['docs/**']}}", False),
        ("{push: {paths: ['web/package-lock.json']}}", False),
        ("{push: {paths-ignore: ['web/*.json']}}", False),
        ("{pull_request: {types: [closed]}}", False),
    ],
)
def test_runs_for_which_changes_hold_to_it(on: str, *, is_held: bool) -> None:
    workflow = _STEP.replace("on: push", f"on: {on}") + "      - {run: npm ci, working-directory: web}\n"
    repo = Repository(Snapshot.of({".github/workflows/test.yml": workflow}))
    assert (held_locks(repo.workflows) == {"web/package-lock.json"}) is is_held


@pytest.mark.parametrize(
    ("workflow", "expected"),
    [
        (_STEP + "      - run: npm ci\n", {"package-lock.json"}),
        (_STEP + "      - {run: yarn --frozen-lockfile, working-directory: web}\n", {"web/yarn.lock"}),
        (_STEP + "      - run: npm ci --legacy-peer-deps\n", set()),
        (_STEP + "      - run: npm ci || npm install\n", set()),
        (_STEP + "      - run: cd web && npm ci\n", set()),
        (_STEP + "      - run: npm install -g npm@11\n      - run: npm ci\n", {"package-lock.json"}),
        (_STEP + "      - run: npm install\n      - run: npm ci\n", set()),
        (_STEP + "      - run: |\n          npm install --package-lock-only\n          npm ci\n", set()),
        (_STEP + "      - run: rm package-lock.json\n      - run: npm ci\n", set()),
        (_STEP + "      - {uses: actions/checkout@v6, with: {ref: next}}\n      - run: npm ci\n", set()),
        (_STEP + "      - {run: npm ci, env: {NPM_CONFIG_LEGACY_PEER_DEPS: 'true'}}\n", set()),
        (
            _STEP.replace(
                "  test:\n",
                "  ask: {if: github.actor == 'a', runs-on: x, steps: [run: make]}\n  test:\n    needs: ask\n",
            )
            + "      - run: npm ci\n",
            set(),
        ),
        (_STEP + "      - {run: npm ci, if: github.ref_name == 'main'}\n", set()),
        (_STEP + "      - {run: npm ci, continue-on-error: true}\n", set()),
        (_STEP.replace("push", "workflow_dispatch") + "      - run: npm ci\n", set()),
    ],
)
def test_what_pushes_hold_to(workflow: str, expected: set[str]) -> None:
    repo = Repository(Snapshot.of({".github/workflows/test.yml": workflow}))
    assert held_locks(repo.workflows) == expected
