"""What is said of a step of a reusable workflow that each call has build something else."""

from __future__ import annotations

import pytest

from checks.check import Repository
from checks.source.snapshot import Snapshot
from checks.workflow import build_input_does_not_exist, gha_cache_scope_collision

CALLED = """\
on: {workflow_call: {inputs: {name: {type: string}}}}
jobs:
  image:
    runs-on: ubuntu-latest
    strategy: {matrix: {kind: KINDS}}
    steps:
      - uses: actions/checkout@v7
      - uses: docker/build-push-action@v7
        with:
          context: ${{ inputs.name }}
          file: ${{ inputs.name }}/${{ matrix.kind }}.Dockerfile
          push: true
          tags: ghcr.io/acme/${{ inputs.name }}-${{ matrix.kind }}:1
          cache-from: type=gha
          cache-to: type=gha,mode=max
"""
CALLER = """\
on: {push: {branches: [main]}}
jobs:
  calls:
    strategy: {matrix: {name: NAMES}}
    uses: ./.github/workflows/image.yml
    with: {name: '${{ matrix.name }}'}
"""


def called(names: str, kinds: str) -> Repository:
    """Two images in two folders, of which a workflow is told by calls of these names."""
    built = {
        f"{name}/{kind}.Dockerfile": f"FROM node:24\nRUN npm install --global {name}-{kind}@1\n"
        for name in ("api", "web")
        for kind in "ab"
    }
    workflows = {"image.yml": CALLED.replace("KINDS", kinds), "ship.yml": CALLER.replace("NAMES", names)}
    return Repository(
        Snapshot.of(built | {f".github/workflows/{name}": text for name, text in workflows.items()})
    )


@pytest.mark.parametrize(
    ("names", "kinds", "told"),
    [
        ("[api]", "[a, b]", "The legs that build"),
        ("[api, web]", "[a]", "The calls of the workflow that build"),
        ("[api, web]", "[a, b]", "The legs of the workflow's calls that build"),
    ],
)
def test_builds_of_one_cache_are_legs_or_calls(names: str, kinds: str, told: str) -> None:
    (found,) = gha_cache_scope_collision.run(called(names, kinds))
    assert found.message.startswith(told)


@pytest.mark.parametrize(
    ("names", "kinds", "told"),
    [
        ("[old]", "[a]", "on every run"),
        ("[api, old]", "[a]", "wherever that is asked for"),
        ("[api]", "[c]", "on every run"),
        ("[api]", "[a, c]", "wherever that is asked for"),
    ],
)
def test_a_build_that_stops_in_one_call_or_leg_goes_in_others(names: str, kinds: str, told: str) -> None:
    (found,) = build_input_does_not_exist.run(called(names, kinds))
    assert found.consequence.startswith(f"The build stops {told}: ")
