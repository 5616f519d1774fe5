"""Which arguments bake certainly passes a secret for, to images that are pushed."""

from __future__ import annotations

import pytest

from checks.check import Repository, Severity
from checks.dockerfile import secret_in_arg_or_env
from checks.source.snapshot import Snapshot

_BAKE = """\
variable "TOKEN" {}
group "default" { targets = ["all"] }
group "all" { targets = ["shop"] }
target "shop" { args = { NPM_TOKEN = %s } }
target "mail" { context = "mail" }
"""


@pytest.mark.parametrize(
    ("given", "value", "severity"),
    [
        ("push: true", "TOKEN", Severity.ERROR),
        ("push: true, targets: shop", "TOKEN", Severity.ERROR),
        ("push: true, set: '*.args.NPM_TOKEN=${{ secrets.NPM_TOKEN }}'", '"none"', Severity.ERROR),
        ("push: true, set: 'mail.args.NPM_TOKEN=${{ secrets.NPM_TOKEN }}'", '"none"', Severity.WARNING),
        ("push: true, set: '*.args.NPM_TOKEN=none'", "TOKEN", Severity.WARNING),
        ("push: true, targets: mail", "TOKEN", Severity.WARNING),
        ("push: true", '"none"', Severity.WARNING),
        ("push: true", "OTHER", Severity.WARNING),
        ("push: false", "TOKEN", Severity.WARNING),
        ("load: true", "TOKEN", Severity.WARNING),
    ],
)
def test_what_bake_passes(given: str, value: str, severity: Severity) -> None:
    files = {
        ".github/workflows/ship.yml": (
            "on: push\njobs:\n  ship:\n    runs-on: ubuntu-latest\n    env: {TOKEN: '${{ secrets.NPM_TOKEN }}'}\n    steps:\n"
            f"      - uses: docker/bake-action@v7\n        with: {{{given}}}\n"
        ),
        "docker-bake.hcl": _BAKE % value,
        "Dockerfile": "FROM node:24\nARG NPM_TOKEN\nRUN npm ci\n",
    }
    (found,) = secret_in_arg_or_env.run(Repository(Snapshot.of(files)))
    assert (found.severity or Severity.ERROR) is severity


@pytest.mark.parametrize(
    ("given", "severity"),
    [
        ("workdir: b", Severity.ERROR),
        ("source: '{{defaultContext}}:b'", Severity.ERROR),
        ("source: ., workdir: ./b", Severity.ERROR),
        ("workdir: b, files: ./docker-bake.hcl", Severity.ERROR),
        ("workdir: a", None),
        ("files: a/docker-bake.hcl", None),
        ("workdir: '${{ matrix.folder }}'", Severity.WARNING),
        ("targets: default", Severity.WARNING),
    ],
)
def test_of_several_bake_files_those_pass_it_that_the_step_reads(
    given: str, severity: Severity | None
) -> None:
    files = {
        ".github/workflows/ship.yml": (
            "on: push\njobs:\n  ship:\n    runs-on: ubuntu-latest\n    env: {TOKEN: '${{ secrets.NPM_TOKEN }}'}\n    steps:\n"
            f"      - uses: docker/bake-action@v7\n        with: {{push: true, {given}}}\n"
        ),
        "a/docker-bake.hcl": 'target "default" {}\n',
        "b/docker-bake.hcl": 'target "default" { args = { NPM_TOKEN = TOKEN } }\n',
        "a/Dockerfile": "FROM node:24\nRUN npm ci\n",
        "b/Dockerfile": "FROM node:24\nARG NPM_TOKEN\nRUN npm ci\n",
    }
    found = [
        one.severity or Severity.ERROR for one in secret_in_arg_or_env.run(Repository(Snapshot.of(files)))
    ]
    assert found == ([severity] if severity else [])
