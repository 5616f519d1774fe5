"""Lines of Dockerfiles that scripts look for."""

from __future__ import annotations

import pytest

from checks.catalogue import catalogue
from checks.check import Finding, Repository
from checks.engine import review
from checks.source.snapshot import Snapshot

FILES = {
    ".github/workflows/build.yml": """\
on: push
permissions: {contents: read}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., platforms: 'linux/amd64,linux/arm64'}
""",
    "Dockerfile": """\
FROM node:24 AS web
WORKDIR /web
COPY . .
RUN npm run build
FROM nginx:1.29
COPY --from=web /web/dist /usr/share/nginx/html
""",
}


def told(script: str) -> Finding:
    """What is told of a stage that is compiled for each platform, beside a script."""
    files = {**FILES, "scripts/prepare.sh": f"#!/bin/sh\n{script}\ndocker build .\n"}
    found = review(Repository(Snapshot.of(files)), None, catalogue()).findings
    return next(one.finding for one in found if one.check.id == "emulated-compile")


@pytest.mark.parametrize(
    "script",
    [
        "sed -i 's/^FROM node:24 AS web/FROM scratch AS web/' Dockerfile",
        "sed -i '/FROM node:24 AS web/,/RUN npm/d' Dockerfile",
        'grep -qF "FROM node:24 AS web" Dockerfile',
    ],
)
def test_a_line_that_a_script_looks_for_stays(script: str) -> None:
    finding = told(script)
    assert finding.fixes == ()
    assert (
        "`scripts/prepare.sh` line 2 names this line, too, and may look for it: change both"
        in finding.withheld
    )


@pytest.mark.parametrize(
    "script",
    [
        "sed -i 's/^FROM nginx:1.29/FROM nginx:1.30/' Dockerfile",
        "grep -q '^FROM' Dockerfile",
        "cat > other <<EOF\nFROM node:24 AS web\nEOF",
        "echo FROM",
    ],
)
def test_other_scripts_change_nothing(script: str) -> None:
    (fix,) = told(script).fixes
    assert "platform" in fix.edits[0].replacement
