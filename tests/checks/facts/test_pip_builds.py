"""Builds in which pip is to install from a folder that has no project's file in it."""

from __future__ import annotations

import pytest

from checks.check import Repository
from checks.source.snapshot import Snapshot

WORKFLOW = (
    "on: push\njobs:\n  web:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v7\n"
    "      - run: docker build -t web web\n      - run: docker push web\n"
)
PATHS = ("pyproject.toml", "web/pyproject.toml", "web/web/main.py")


@pytest.mark.parametrize(
    ("lines", "stops"),
    [
        ("COPY web/ ./web\nRUN pip wheel --wheel-dir /wheels ./web", True),
        ("RUN adduser --shell /bin/false web\nCOPY web web\nRUN pip install --no-cache-dir ./web[all]", True),
        ("COPY web web\nRUN python -m pip install -e ./web && echo done", True),
        ("WORKDIR /srv\nCOPY web .\nRUN pip install .", True),
        ("COPY . ./web\nRUN pip wheel ./web", False),
        ("COPY web web\nRUN pip wheel ./web || true", False),
        ("COPY web web\nRUN touch web/setup.cfg && pip wheel ./web", False),
        ("COPY web web\nRUN ./prepare\nRUN pip wheel ./web", False),
        ("COPY web web\nCOPY --from=docker.io/acme/web / .\nRUN pip wheel ./web", False),
        ("COPY web web\nCOPY pyproject.toml web/\nRUN pip wheel ./web", False),
        ("COPY web web\nRUN pip wheel --wheel-dir ./web -r requirements.txt", False),
        ("RUN pip wheel ./web", False),
    ],
)
def test_a_folder_without_a_project(lines: str, stops: bool) -> None:
    dockerfile = f"FROM python:3.14-slim\nWORKDIR /app\n{lines}\nUSER 1000\n"
    files = {".github/workflows/image.yml": WORKFLOW, "web/Dockerfile": dockerfile}
    assert bool(Repository(Snapshot.of(files, PATHS)).steps_in_vain) is stops


def test_a_base_image_that_may_have_it() -> None:
    dockerfile = "FROM acme/python:1\nWORKDIR /app\nCOPY web web\nRUN pip wheel ./web\nUSER 1000\n"
    files = {".github/workflows/image.yml": WORKFLOW, "web/Dockerfile": dockerfile}
    assert not Repository(Snapshot.of(files, PATHS)).steps_in_vain


def test_many_copies_and_installs_take_no_quadratic_time() -> None:
    lines = "COPY . ./web\n" * 2000 + "RUN pip install ./web\n" * 2000
    files = {".github/workflows/image.yml": WORKFLOW, "web/Dockerfile": f"FROM python:3.14-slim\n{lines}"}
    assert not Repository(Snapshot.of(files, PATHS)).steps_in_vain
