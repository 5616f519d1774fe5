"""Comments that ask another linter to ignore what we would tell too."""

from __future__ import annotations

import pytest

from checks.catalogue import catalogue, find
from checks.check import Repository
from checks.engine import Choices, Review, review
from checks.source.snapshot import Snapshot
from tests.checks import words
from tests.checks.words import finds

PEERS = ("hadolint:DL9", "buildkit:Bad", "checkov:CKV_BAD")


def told(content: str) -> list[int]:
    """The lines of the findings of `bad` that no comment leaves out."""
    module = finds("bad", about=words.check("bad", peers=PEERS))
    outcome = review(Repository(Snapshot.of({"Dockerfile": content})), None, [module])
    return [one.finding.location.line for one in outcome.findings]


def of_check(name: str, path: str, content: str) -> Review:
    module = find(name, catalogue())
    assert module
    return review(Repository(Snapshot.of({path: content})), None, [module])


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        ("FROM a\n# hadolint ignore=DL9\nRUN bad\nRUN bad\n", [4]),
        ("FROM a\n# hadolint ignore=DL8, DL9\n# why\nRUN one \\\n  bad\n", []),
        ("FROM a\n# hadolint ignore=DL8\nRUN bad\n", [3]),
        ("FROM a\nRUN bad\n# hadolint ignore=DL9\n", [2]),
        ("# hadolint global ignore=DL9\nFROM a\nRUN bad\nRUN bad\n", []),
        ("FROM a\nRUN <<EOF\n# hadolint ignore=DL9\nEOF\nRUN bad\n", [5]),
        ("# check=skip=Other,Bad;error=true\nFROM a\nRUN bad\n", []),
        ("# check=skip=all\nFROM a\nRUN bad\n", []),
        ("# check=error=true\nFROM a\nRUN bad\n", [3]),
        ("FROM a\n# check=skip=Bad\nRUN bad\n", [3]),
        ("FROM a\nRUN bad\n# checkov:skip=CKV_BAD:we know\n", []),
        ("FROM a\nRUN bad\n# checkov:skip=CKV_BADDER:we know\n", [2]),
    ],
)
def test_what_a_comment_in_a_dockerfile_speaks_of(content: str, lines: list[int]) -> None:
    assert told(content) == lines


def test_a_comment_on_the_line_of_an_action() -> None:
    workflow = """\
on: push
permissions: {id-token: write}
jobs:
  publish:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/login-action@v3 # zizmor: ignore[unpinned-uses] ours to move
      - uses: docker/build-push-action@v6
"""
    outcome = of_check("action-not-pinned-to-sha", ".github/workflows/publish.yml", workflow)
    assert [one.finding.location.line for one in outcome.findings] == [8]
    (suppressed,) = outcome.suppressed
    assert suppressed.reason == "zizmor is asked to ignore unpinned-uses"
    assert (suppressed.location.line, suppressed.comment.line) == (7, 7)


@pytest.mark.parametrize(
    ("dockerfile", "is_told"),
    [
        ("FROM a\n# hadolint ignore=DL3064\nARG KEY\nRUN x\n", False),
        ("# check=skip=SecretsUsedInArgOrEnv\nFROM a\nARG KEY\nRUN x\n", False),
        ("FROM a\nARG KEY\nRUN x\n", True),
        ("FROM a\n# hadolint ignore=DL3044\nARG KEY\nRUN x\n", True),
        ("FROM a\n# hadolint ignore=DL3064\nARG OTHER\nARG KEY\nRUN x\n", True),
        ("FROM a AS b\n# hadolint ignore=DL3064\nARG KEY\nFROM b\nARG KEY\nRUN x\n", True),
    ],
)
def test_a_comment_where_a_dockerfile_takes_what_a_workflow_passes(dockerfile: str, is_told: bool) -> None:
    module = find("secret-in-build-args", catalogue())
    assert module
    workflow = """\
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: acme/web, build-args: 'KEY=${{ secrets.SIGNING_KEY }}'}
"""
    files = {".github/workflows/build.yml": workflow, "Dockerfile": dockerfile}
    outcome = review(Repository(Snapshot.of(files)), None, [module])
    assert bool(outcome.findings) is is_told
    assert len(outcome.suppressed) == (not is_told)


def test_a_comment_within_a_block_of_terraform() -> None:
    terraform = """\
resource "aws_ecr_repository" "asked" {
  #checkov:skip=CKV_AWS_51:the tag moves
  name = "asked"
}
resource "aws_ecr_repository" "other" {
  name = "other"
}
"""
    outcome = of_check("ecr-tags-mutable", "ecr.tf", terraform)
    assert [one.finding.location.line for one in outcome.findings] == [5]
    assert len(outcome.suppressed) == 1


def test_an_enforced_check_is_told_all_the_same() -> None:
    module = finds("bad", about=words.check("bad", peers=PEERS))
    repo = Repository(Snapshot.of({"Dockerfile": "FROM a\n# hadolint ignore=DL9\nRUN bad\n"}))
    outcome = review(repo, None, [module], Choices(enforced=frozenset({"bad"})))
    assert len(outcome.findings) == 1


PINS = """\
on: push
permissions: {id-token: write}
jobs:
  publish:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/login-action@v3
      - uses: acme/notify@v1
"""
OFF = "rules:\n  unpinned-uses: {disable: true}\n"
POLICIES = "rules: {unpinned-uses: {config: {policies: {%s}}}}\n"


@pytest.mark.parametrize(
    ("config", "lines"),
    [
        pytest.param(OFF, [], id="off"),
        pytest.param(OFF.replace("true", "false"), [7, 8], id="not off"),
        pytest.param(OFF.replace("unpinned-uses", "artipacked"), [7, 8], id="another rule"),
        pytest.param("rules: {unpinned-uses: {ignore: [publish.yml]}}\n", [], id="a file"),
        pytest.param("rules: {unpinned-uses: {ignore: ['publish.yml:8']}}\n", [7], id="a line"),
        pytest.param("rules: {unpinned-uses: {ignore: ['publish.yml:7:15']}}\n", [8], id="a column"),
        pytest.param("rules: {unpinned-uses: {ignore: [other.yml]}}\n", [7, 8], id="another file"),
        pytest.param(POLICIES % "'*': ref-pin", [], id="a tag will do"),
        pytest.param(POLICIES % "'*': hash-pin", [7, 8], id="a tag won't do"),
        pytest.param(POLICIES % "'docker/*': any", [8], id="one owner's"),
        pytest.param(POLICIES % "'*': ref-pin, 'acme/*': hash-pin", [7, 8], id="all, and some held to more"),
        pytest.param("[]\n", [7, 8], id="nothing"),
    ],
)
def test_what_the_config_of_zizmor_leaves_out(config: str, lines: list[int]) -> None:
    module = find("action-not-pinned-to-sha", catalogue())
    assert module
    files = {".github/workflows/publish.yml": PINS, ".github/zizmor.yml": config}
    outcome = review(Repository(Snapshot.of(files)), None, [module])
    assert [one.finding.location.line for one in outcome.findings] == lines
    assert {one.comment.path for one in outcome.suppressed} <= {".github/zizmor.yml"}
    assert len(outcome.suppressed) == 2 - len(lines)


@pytest.mark.parametrize("path", [".hadolint.yaml", ".github/linters/.hadolint.yaml"])
def test_what_the_config_of_hadolint_leaves_out(path: str) -> None:
    module = finds("bad", about=words.check("bad", peers=PEERS))
    files = {"Dockerfile": "FROM a\nRUN bad\n", path: "ignored:\n  - DL8\n  - DL9\n"}
    outcome = review(Repository(Snapshot.of(files)), None, [module])
    assert outcome.findings == ()
    (suppressed,) = outcome.suppressed
    assert (suppressed.comment.path, suppressed.comment.line) == (path, 3)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (".github/linters/.checkov.yaml", 0),
        (".github/.checkov.yaml", 1),
        ("docs/linters/.checkov.yaml", 1),
    ],
)
def test_where_super_linter_looks_for_the_configs(path: str, told: int) -> None:
    module = finds("bad", about=words.check("bad", peers=PEERS))
    files = {"web/Dockerfile": "FROM a\nRUN bad\n", path: "skip-check: [CKV_BAD]\n"}
    assert len(review(Repository(Snapshot.of(files)), None, [module]).findings) == told
