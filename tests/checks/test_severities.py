"""How severe a finding is where that is not the same everywhere."""

from __future__ import annotations

import datetime

import pytest

from checks.check import Outside, Repository, Severity
from checks.dockerfile import base_image_runtime_eol, runtime_user_root, shell_form_entrypoint
from checks.source.snapshot import Snapshot
from checks.workflow import action_on_branch, build_arg_not_declared

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
        pytest.param({"build/lint.Dockerfile": ENDED}, Severity.NOTE, id="a linter"),
        pytest.param({"build/vendor.Dockerfile": COPIED}, Severity.NOTE, id="a job on the sources"),
        pytest.param({"Dockerfile.local": ENDED}, Severity.NOTE, id="for the author's own machine"),
        pytest.param({"images/node-20/Dockerfile": ENDED}, Severity.NOTE, id="an image for each release"),
        pytest.param({"web.Dockerfile": ENDED}, Severity.ERROR, id="a name of its own"),
        pytest.param(
            {
                "tools/web/lint.Dockerfile": ENDED,
                WORKFLOW: PUSHES.replace("push: true", "file: tools/web/lint.Dockerfile, push: true"),
            },
            Severity.ERROR,
            id="a linter that is published",
        ),
    ],
)
def test_a_base_past_its_end(files: dict[str, str], severity: Severity) -> None:
    (found,) = base_image_runtime_eol.run(Repository(Snapshot.of(files), TODAY))
    assert (found.severity or base_image_runtime_eol.check.severity) is severity


@pytest.mark.parametrize(
    ("base", "severity"),
    [
        ("node:24\nEXPOSE 80", Severity.ERROR),
        ("node:24", Severity.NOTE),
        ("scratch\nEXPOSE 80", Severity.NOTE),
    ],
)
def test_an_image_that_runs_as_root(base: str, severity: Severity) -> None:
    files = {"tools/web/Dockerfile": f'FROM {base}\nCMD ["/web"]\n', WORKFLOW: PUSHES}
    (found,) = runtime_user_root.run(Repository(Snapshot.of(files)))
    assert (found.severity or runtime_user_root.check.severity) is severity


@pytest.mark.parametrize(
    ("base", "line", "severity"),
    [
        ("debian:13", "/web", Severity.WARNING),
        ("photon:5.0", "/web", Severity.NOTE),
        ("${PLACE}/web-base:1\nRUN apk add --no-cache git", "/web", Severity.NOTE),
        ("${PLACE}/web-base:1\nRUN microdnf install git", "/web", Severity.NOTE),
        ("${PLACE}/web-base:1\nRUN apt-get update", "migrate && /web --port $PORT", Severity.WARNING),
        ("${PLACE}/web-base:1", "while true; do work; done", Severity.WARNING),
    ],
)
def test_a_command_in_shell_form(base: str, line: str, severity: Severity) -> None:
    files = {"Dockerfile": f"ARG PLACE\nFROM {base}\nCMD {line}\n"}
    (found,) = shell_form_entrypoint.run(Repository(Snapshot.of(files)))
    assert (found.severity or shell_form_entrypoint.check.severity) is severity


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


def test_an_argument_that_the_dockerfile_sets_by_itself() -> None:
    files = {
        "Dockerfile": "FROM alpine:3.24\nARG URL\nENV DIRECT=$URL\n",
        WORKFLOW: "on: push\njobs:\n  b:\n    runs-on: x\n    steps:\n"
        "      - run: docker build --build-arg DIRECT=1 --build-arg NAME=1 .\n",
    }
    found = build_arg_not_declared.run(Repository(Snapshot.of(files)))
    assert [one.severity for one in found] == [Severity.NOTE, None]
