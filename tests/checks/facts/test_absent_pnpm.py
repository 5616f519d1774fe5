"""Whether a step that caches for pnpm stops for want of it."""

from __future__ import annotations

import pytest

from checks.facts.workflow.absent_pnpm import steps_without_pnpm
from tests.checks.workflow import job

CACHED = "  - uses: actions/setup-node@v4\n    with: {cache: pnpm}\n"
ON_LINUX = "runs-on: ubuntu-latest\nsteps:\n  - uses: actions/checkout@v6\n"


@pytest.mark.parametrize(
    ("written", "stops"),
    [
        (ON_LINUX + CACHED + "  - uses: pnpm/action-setup@v4\n", True),
        (ON_LINUX + "  - run: ./lint\n" + CACHED, True),
        (ON_LINUX + "  - uses: pnpm/action-setup@v4\n" + CACHED, False),
        (ON_LINUX + "  - run: corepack enable\n" + CACHED, False),
        (ON_LINUX + "  - run: npm install -g pnpm\n" + CACHED, False),
        (ON_LINUX + "  - uses: ./.github/actions/prepare\n" + CACHED, False),
        (ON_LINUX + CACHED.replace("pnpm", "npm"), False),
        (ON_LINUX + CACHED.replace("with:", "if: github.ref_name == 'main'\n    with:"), False),
        (ON_LINUX + CACHED.replace("with:", "continue-on-error: true\n    with:"), False),
        (ON_LINUX.replace("ubuntu-latest", "our-machine") + CACHED, False),
        (ON_LINUX.replace("steps:", "container: node:24\nsteps:") + CACHED, False),
    ],
)
def test_a_cache_of_pnpm_ahead_of_pnpm(written: str, stops: bool) -> None:
    assert bool(steps_without_pnpm(job(written).workflow)) is stops
