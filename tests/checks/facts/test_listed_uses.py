"""What lists by which names workflows are to use actions."""

from __future__ import annotations

import pytest

from checks.catalogue import catalogue
from checks.check import Applicability, Repository
from checks.engine import review
from checks.source.snapshot import Snapshot

_PATH = ".github/ci/versions.yml"
_WORKFLOW = """\
on: {push: {branches: [main]}}
permissions: {contents: read, packages: write}
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - uses: docker/setup-buildx-action@v4
      - uses: docker/login-action@v4
        with: {registry: ghcr.io, username: acme, password: '${{ github.token }}'}
      - uses: docker/build-push-action@v7
        with: {push: true, tags: 'ghcr.io/acme/web:1'}
"""


@pytest.mark.parametrize(
    ("path", "names", "asked"),
    [
        (
            _PATH,
            ("actions/checkout@v7", "docker/login-action@v4", "docker/build-push-action@v7"),
            ("docker/login-action", "docker/build-push-action"),
        ),
        (
            _PATH,
            ("actions/checkout@v7", "docker/login-action@v4", "docker/setup-buildx-action@v4"),
            ("docker/login-action", "docker/setup-buildx-action"),
        ),
        (_PATH, ("actions/checkout@v7", "docker/login-action@v4"), ()),
        (_PATH, ("actions/checkout@v7", "docker/login-action@v3", "docker/build-push-action@v6"), ()),
        (
            "docs/versions.yml",
            ("actions/checkout@v7", "docker/login-action@v4", "docker/build-push-action@v7"),
            (),
        ),
        (_PATH, (), ()),
    ],
)
def test_a_name_that_is_listed_is_asked_for(
    path: str, names: tuple[str, ...], asked: tuple[str, ...]
) -> None:
    listed = "".join(f"  - {name}\n" for name in names)
    files = {".github/workflows/a.yml": _WORKFLOW, path: f"used:\n{listed or '  []'}\n"}
    found = review(Repository(Snapshot.of(files)), None, catalogue()).findings
    pins = [one.finding for one in found if one.check.id == "action-not-pinned-to-sha"]
    assert len(pins) == 3
    for one in pins:
        (fix,) = one.fixes
        name = one.location.fragment
        is_asked = name.partition("@")[0] in asked
        question = f"Does `{path}`, which lists `{name}`, let workflows use anything else?"
        assert (question in fix.caution) is is_asked
        assert (fix.applicability is Applicability.UNSAFE) is is_asked
