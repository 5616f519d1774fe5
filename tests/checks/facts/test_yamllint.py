"""Blanks ahead of the comments that fixes write, and how long their lines are, where yamllint reads the workflows."""

from __future__ import annotations

import pytest

from checks.catalogue import catalogue
from checks.check import Repository
from checks.engine import review
from checks.source.kind import wanted
from checks.source.snapshot import Snapshot, apply

WORKFLOW = ".github/workflows/build.yml"
LONG = "      - run: make a target whose name is so long that it comes to stand behind the column\n"
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
        f"      - uses: docker/login-action@v4\n{LONG}{steps}"
    )
    repo = Repository(Snapshot.of({WORKFLOW: workflow}, others))
    found = review(repo, None, catalogue()).findings
    (fix,) = next(one.finding.fixes for one in found if one.check.id == "action-not-pinned-to-sha")
    (line,) = (one for one in apply(workflow, fix.edits).splitlines() if "docker/login-action" in one)
    before, _, version = line.partition("#")
    assert version.startswith(" v4.")
    assert before.endswith(blanks)
    assert len(before) - len(before.rstrip()) == len(blanks)


def _moved(steps: str) -> tuple[str, str]:
    """What is made of a use of a release for a Node that is gone, by its line, and why of one that stays."""
    workflow = f"on: push\npermissions: {{contents: read}}\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n{steps}"
    found = review(Repository(Snapshot.of({WORKFLOW: workflow})), None, catalogue()).findings
    finding = next(one.finding for one in found if one.check.id == "deprecated-action-runtime")
    after = apply(workflow, finding.fixes[0].edits) if finding.fixes else ""
    return next((one.strip() for one in after.splitlines() if "checkout" in one), ""), finding.withheld


@pytest.mark.parametrize(
    ("steps", "is_pinned"),
    [
        ("      - uses: actions/checkout@v4\n", True),
        ("      - uses: actions/checkout@v4\n" + LINTS, False),
        ("      - uses: actions/checkout@v4\n" + LINTS + LONG, True),
        ("      - uses: actions/checkout@v4\n" + LINTS + "      # yamllint disable rule:line-length\n", True),
        ("      - uses: actions/checkout@v4\n      - run: yamllint charts/web\n", True),
        ("      - uses: actions/checkout@v4\n      - run: yamllint -c lint.yml charts k8s\n", True),
        ("      - uses: actions/checkout@v4\n      - run: yamllint -c lint.yml .\n", False),
        ("      - uses: actions/checkout@v4\n      - run: yamllint $FOLDER\n", False),
        ("      - uses: actions/checkout@v4\n      - run: yamllint charts\n" + LINTS, False),
        ("      - uses: actions/checkout@v4\n      - run: pip install yamllint && yamllint charts\n", True),
        ("      # yamllint disable\n      - uses: actions/checkout@v4\n" + LINTS, True),
        (
            "      # yamllint disable\n      - run:  make\n      # yamllint enable\n"
            "      - uses: actions/checkout@v4\n" + LINTS,
            False,
        ),
        ("      # yamllint disable rule:comments\n      - uses: actions/checkout@v4\n" + LINTS, False),
        (
            "      - uses: actions/checkout@v4\n"
            + LINTS
            + f"      - name: log in\n        uses: acme/a-very-long-name-of-an-action@{'a' * 40}\n",
            False,
        ),
    ],
)
def test_a_line_that_a_commit_makes_too_long(steps: str, is_pinned: bool) -> None:
    line, withheld = _moved(steps)
    assert not withheld
    assert ("#" in line) is is_pinned
    assert line.endswith("@v7") is not is_pinned


@pytest.mark.parametrize(
    ("configuration", "is_asked"),
    [
        ("extends: default\n", True),
        ("extends: default\nrules:\n  line-length:\n    level: error\n    max: 80\n", True),
        ("rules: {line-length: {max: 72}}\n", True),
        ("extends: default\nrules: {line-length: enable}\n", True),
        ("extends: default\nrules: {line-length: {level: error}}\n", True),
        (
            "extends: default\nrules:\n  # line-length: disable\n  line-length:\n    # why\n    max: 80\n",
            True,
        ),
        ("extends: relaxed\n", False),
        ("extends: default\nrules: {line-length: false}\n", False),
        ("extends: default\nrules: {line-length: {level: warning}}\n", False),
        ("extends: default\nignore: |\n  .github/\n  !.github/workflows/\n", True),
        ("extends: default\nrules: {truthy: {ignore: .github/workflows/}}\n", True),
        ("extends: default\nrules: {line-length: {ignore: .github/workflows/}}\n", False),
        ("extends: default\nyaml-files:\n  - .github/workflows/\n", True),
        ("extends: default\nignore: ['.github/']  # another linter's\n", False),
        ("extends: [default\n", True),
        ("rules:\n  line-length:\n    max: 120\n", False),
        ("extends: default\nrules: {line-length: disable}\n", False),
        ("rules:\n  colons: enable\n", False),
        ("extends: default\nignore: |\n  .github/\n  vendor/\n", False),
        ("extends: default\nignore:\n  - /.github/workflows/\n", False),
        ("extends: default\nignore: .github/dependabot.yml\n", True),
    ],
)
@pytest.mark.parametrize("path", [".yamllint", ".yamllint.yml"])
def test_what_the_configuration_asks_of_lines(path: str, configuration: str, is_asked: bool) -> None:
    use = "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683"
    workflow = (
        "on: push\npermissions: {contents: read}\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n"
        f"          - uses: {use}\n"
    )
    repo = Repository(Snapshot.of({WORKFLOW: workflow, path: configuration}))
    found = review(repo, None, catalogue()).findings
    finding = next(one.finding for one in found if one.check.id == "deprecated-action-runtime")
    assert ("yamllint" in finding.withheld) is is_asked


@pytest.mark.parametrize(
    ("configuration", "blanks"),
    [
        ("extends: default\n", "  "),
        ("extends: default\nrules: {comments: disable}\n", " "),
        ("extends: default\nrules: {comments: {min-spaces-from-content: 1}}\n", " "),
        ("extends: default\nrules: {comments: {min-spaces-from-content: 2}}\n", "  "),
        ("extends: default\nrules: {comments: {level: error}}\n", "  "),
        ("extends: default\nrules:\n  # comments: disable\n  truthy: disable\n", "  "),
        ("extends: relaxed\n", " "),
        ("rules: {truthy: enable}\n", " "),
        ("extends: default\nignore: |\n  .github/workflows/\n", " "),
    ],
)
def test_what_the_configuration_asks_of_comments(configuration: str, blanks: str) -> None:
    workflow = (
        "on: push\npermissions: {contents: read, id-token: write}\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n"
        f"      - uses: docker/login-action@v4\n{LONG}"
    )
    repo = Repository(Snapshot.of({WORKFLOW: workflow, ".yamllint": configuration}))
    found = review(repo, None, catalogue()).findings
    (fix,) = next(one.finding.fixes for one in found if one.check.id == "action-not-pinned-to-sha")
    (line,) = (one for one in apply(workflow, fix.edits).splitlines() if "docker/login-action" in one)
    before = line.partition("#")[0]
    assert before[len(before.rstrip()) :] == blanks


def test_yamllints_configuration_is_read() -> None:
    assert all(map(wanted, [".yamllint", ".yamllint.yaml", ".yamllint.yml"]))
    assert not wanted("docs/.yamllint")


def test_no_fix_where_a_commit_moves_and_its_version_finds_no_room() -> None:
    use = "      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683\n"
    line, withheld = _moved(use + LINTS)
    assert not line
    assert "80 characters" in withheld
