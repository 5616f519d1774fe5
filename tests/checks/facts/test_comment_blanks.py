"""Blanks ahead of the comments that fixes write, where yamllint reads the workflows."""

from __future__ import annotations

import pytest

from checks.catalogue import catalogue
from checks.check import Repository
from checks.engine import review
from checks.source.snapshot import Snapshot, apply

WORKFLOW = ".github/workflows/build.yml"
LINTS = "      - run: yamllint --strict .github/workflows\n"


@pytest.mark.parametrize(
    ("steps", "others", "blanks"),
    [
        ("", {}, " "),
        (LINTS, {}, "  "),
        (LINTS + "      - uses: acme/web@v1  # the newest\n", {}, "  "),
        (LINTS + "      - uses: acme/web@v1 # the newest\n", {}, " "),
        (LINTS + "      # yamllint disable-line rule:comments\n", {}, "  "),
        (
            "      - run: |\n          yamllint -d '{rules: {comments: {min-spaces-from-content: 1}}}' .\n",
            {},
            " ",
        ),
        ("", {".yamllint.yml": "extends: default\n"}, "  "),
        ("", {"docs/yamllint.md": "yamllint\n"}, " "),
    ],
)
def test_a_version_behind_a_commit(steps: str, others: dict[str, str], blanks: str) -> None:
    workflow = (
        "on: push\npermissions: {contents: read, id-token: write}\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n"
        f"      - uses: docker/login-action@v4\n{steps}"
    )
    repo = Repository(Snapshot.of({WORKFLOW: workflow}, others))
    found = review(repo, None, catalogue()).findings
    (fix,) = next(one.finding.fixes for one in found if one.check.id == "action-not-pinned-to-sha")
    (line,) = (one for one in apply(workflow, fix.edits).splitlines() if "docker/login-action" in one)
    before, _, version = line.partition("#")
    assert version.startswith(" v4.")
    assert before.endswith(blanks)
    assert len(before) - len(before.rstrip()) == len(blanks)
