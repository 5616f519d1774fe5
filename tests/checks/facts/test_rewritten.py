"""Builds of Dockerfiles that a step before writes to."""

from __future__ import annotations

import pytest

from checks.check import Repository
from checks.facts.build.rewritten import is_base_rewritten, is_rewritten
from checks.source.snapshot import Snapshot

WORKFLOW = """\
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - run: |
          %s
      - uses: docker/build-push-action@v7
        with: {context: .}
"""


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("sed -i 's/node:22/node:24/' Dockerfile", True),
        ("patch Dockerfile change.diff", True),
        ("echo 'USER 1000' >> ./Dockerfile", True),
        ("./render >'${{ github.workspace }}/Dockerfile'", True),
        ('./render > "$HERE"/Dockerfile', True),
        ('hadolint Dockerfile >> "$GITHUB_STEP_SUMMARY"', False),
        ("hadolint Dockerfile > report.txt 2>&1", False),
        ("cat head.txt > Dockerfile.dev", False),
        ("mv Dockerfile.dev /tmp/", False),
        ("./render > out", False),
    ],
)
def test_a_step_that_writes_to_the_dockerfile(script: str, expected: bool) -> None:
    files = {".github/workflows/build.yml": WORKFLOW % script, "Dockerfile": "FROM node:24\n"}
    (build,) = Repository(Snapshot.of(files)).builds
    assert is_rewritten(build) is expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("sed -i 's/^FROM node:24/FROM node:26/' web/Dockerfile", True),
        ("sed -i 's/^FROM node:24/FROM node:26/' Dockerfile", True),
        ("sed -i 's/^FROM node:24/FROM node:26/' images/web/Dockerfile", True),
        ("cd api && sed -i 's/^FROM node:24/FROM node:26/' ../web/Dockerfile", True),
        ("cd web && sed -i 's/^FROM node:24/FROM node:26/' ../api/Dockerfile", False),
        ("sed -i 's/^FROM node:24/FROM node:26/' api/Dockerfile web/Dockerfile", True),
        ("sed -i 's/^FROM node:24/FROM node:26/' $FOLDER/Dockerfile api/Dockerfile", True),
        ("sed -i 's/^FROM node:24/FROM node:26/' api/Dockerfile", False),
    ],
)
def test_a_step_that_edits_the_base_of_a_dockerfile(script: str, expected: bool) -> None:
    workflow = (WORKFLOW % script).replace("context: .", "context: ., file: web/Dockerfile")
    files = {".github/workflows/build.yml": workflow, "web/Dockerfile": "FROM node:24\n"}
    (build,) = Repository(Snapshot.of(files)).builds
    assert is_base_rewritten(build, "FROM node:24") is expected
