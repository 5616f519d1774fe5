"""How severe a finding is where that is not the same everywhere."""

from __future__ import annotations

import datetime

import pytest

from checks.check import Outside, Repository, Severity
from checks.dockerfile import base_image_runtime_eol
from checks.source.snapshot import Snapshot
from checks.workflow import action_on_branch

TODAY = Outside(today=datetime.date(2026, 11, 20))
ENDED = "FROM node:20-alpine\nUSER 1000\n"
COPIED = "FROM node:20-alpine AS build\nFROM scratch\nCOPY --from=build /web /web\nUSER 1000\n"
PUSHES = """\
on: push
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: tools/web, push: true, tags: 'ghcr.io/acme/web:1'}
"""
WORKFLOW = ".github/workflows/push.yml"


@pytest.mark.parametrize(
    ("files", "severity"),
    [
        pytest.param({"Dockerfile": ENDED}, Severity.ERROR, id="what is shipped"),
        pytest.param({"Dockerfile": COPIED}, Severity.WARNING, id="only copied from"),
        pytest.param(
            {"tools/web/Dockerfile": ENDED, WORKFLOW: PUSHES}, Severity.ERROR, id="of tools, and published"
        ),
    ],
)
def test_a_base_past_its_end(files: dict[str, str], severity: Severity) -> None:
    (found,) = base_image_runtime_eol.run(Repository(Snapshot.of(files), TODAY))
    assert (found.severity or base_image_runtime_eol.check.severity) is severity


@pytest.mark.parametrize("path", ["tests/Dockerfile", "tools/web/Dockerfile"])
def test_a_base_past_its_end_aside_is_not_told(path: str) -> None:
    assert not list(base_image_runtime_eol.run(Repository(Snapshot.of({path: ENDED}), TODAY)))


@pytest.mark.parametrize(
    ("action", "severity"),
    [
        ("someone/notify", Severity.ERROR),
        ("actions/checkout", Severity.WARNING),
        ("acme-it/deploy", Severity.WARNING),
        ("acmeit/deploy", Severity.ERROR),
    ],
)
def test_an_action_at_its_branch(action: str, severity: Severity) -> None:
    content = f"on: push\njobs:\n  j:\n    runs-on: x\n    steps:\n      - uses: {action}@main\n"
    (found,) = action_on_branch.run(Repository(Snapshot.of({WORKFLOW: content}), Outside(slug="acme/web")))
    assert (found.severity or action_on_branch.check.severity) is severity
