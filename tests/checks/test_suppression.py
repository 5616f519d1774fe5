"""Which comments leave out which findings."""

from __future__ import annotations

import datetime

import pytest

from checks.catalogue import catalogue, find
from checks.check import Kind, Outside, Repository
from checks.engine import Choices, review
from checks.facts.suppression.ignores import ignores, written_elsewhere
from checks.source.snapshot import Snapshot
from checks.source.text import Text
from tests.checks import words
from tests.checks.words import finds

TODAY = datetime.date(2026, 6, 15)


def told(files: str, pattern: str = "bad", *, aliases: tuple[str, ...] = ()) -> list[int]:
    """The lines of the findings of `bad` that no comment leaves out."""
    module = finds(pattern, about=words.check("bad", aliases=aliases))
    repo = Repository(Snapshot.of({"Dockerfile": files}), Outside(today=TODAY))
    return [one.finding.location.line for one in review(repo, None, [module]).findings]


def read(content: str, kind: Kind = Kind.WORKFLOW) -> list[tuple[int, frozenset[str], str]]:
    """Of each comment in force the line that it speaks of, the ids, and the reason."""
    found = ignores(Text("file", content), kind, TODAY)
    return [(one.line, frozenset(one.ids), one.reason) for one in found if not one.lapsed]


def ids(*names: str) -> frozenset[str]:
    return frozenset(names)


def test_a_comment_alone_speaks_of_the_line_below_only() -> None:
    assert told("FROM a\n# tidewaiter: ignore[bad] we know\nRUN bad\nRUN bad\n") == [4]
    assert told("FROM a\n# tidewaiter: ignore[bad] we know\n\nRUN bad\n") == [4]
    assert told("FROM a\nRUN bad\n# tidewaiter: ignore[bad] we know\n") == [2]


def test_several_comments_stack() -> None:
    stack = "# tidewaiter: ignore[bad] one\n# tidewaiter: ignore[other] two\n"
    assert told(f"FROM a\n{stack}RUN bad\n") == []
    found = read(stack + "x: y\n")
    assert found == [(3, ids("bad"), "one"), (3, ids("other"), "two")]


def test_other_comments_end_a_stack() -> None:
    assert told("FROM a\n# tidewaiter: ignore[bad] one\n# why not\nRUN bad\n") == [4]


def test_a_comment_without_effect_does_not_end_a_stack() -> None:
    stack = "# tidewaiter: ignore[bad] one\n# tidewaiter: ignore[other]\n"
    assert told(f"FROM a\n{stack}RUN bad\n") == []


def test_a_comment_names_checks_by_id_or_alias_and_several_at_once() -> None:
    assert told("FROM a\n# tidewaiter: ignore[other] we know\nRUN bad\n") == [3]
    assert told("FROM a\n# tidewaiter: ignore[other, bad] we know\nRUN bad\n") == []
    assert told("FROM a\n# tidewaiter: ignore[was-bad] we know\nRUN bad\n", aliases=("was-bad",)) == []
    assert told("FROM a\n# tidewaiter: ignore[] we know\nRUN bad\n") == [3]
    assert told("FROM a\n# tidewaiter: ignore[*] we know\nRUN bad\n") == [3]


@pytest.mark.parametrize("after", ["", " ", " \t", "\r", " until 2027-01-31", " until 2027-01-31 "])
def test_the_reason_is_required(after: str) -> None:
    assert told(f"FROM a\n# tidewaiter: ignore[bad]{after}\nRUN bad\n") == [3]


@pytest.mark.parametrize(
    ("comment", "in_force"),
    [
        ("ignore[bad] until 2026-06-15 we know", True),
        ("ignore[bad] until 2026-06-14 we know", False),
        ("ignore[bad until 2026-06-15] we know", True),
        ("ignore[bad, until 2026-06-14] we know", False),
        ("ignore[bad] until 2026-02-30 we know", False),
        ("ignore[bad] until 2026-7-1 we know", False),
        ("ignore[bad] until the base image is fixed", True),
        ("ignore[bad] we know until 2020-01-01", True),
    ],
)
def test_a_day_after_the_ids_ends_it(comment: str, in_force: bool) -> None:
    assert told(f"FROM a\n# tidewaiter: {comment}\nRUN bad\n") == ([] if in_force else [3])


def test_the_reason_is_told_without_the_day() -> None:
    assert read("x: y # tidewaiter: ignore[bad] until 2027-01-31 we  know \r\n") == [
        (1, ids("bad"), "we  know")
    ]


def test_without_a_known_day_nothing_is_over() -> None:
    text = Text("f", "# tidewaiter: ignore[bad] until 2020-01-01 we know\n")
    assert len(ignores(text, Kind.WORKFLOW, None)) == 1


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        (Kind.WORKFLOW, "x: y # tidewaiter: ignore[bad] r\n", [(1, ids("bad"), "r")]),
        (Kind.TERRAFORM, "x = 1 // tidewaiter: ignore[bad] r\n", [(1, ids("bad"), "r")]),
        (Kind.TERRAFORM, "// tidewaiter: ignore[bad] r\nx = 1\n", [(2, ids("bad"), "r")]),
        (Kind.SCRIPT, "docker push x # tidewaiter: ignore[bad] r\n", [(1, ids("bad"), "r")]),
        (Kind.DOCKERFILE, "RUN x # tidewaiter: ignore[bad] r\n", []),
        (Kind.DOCKERIGNORE, "x # tidewaiter: ignore[bad] r\n", []),
        (Kind.DOCKERIGNORE, "# tidewaiter: ignore[bad] r\nx\n", [(2, ids("bad"), "r")]),
        (Kind.WORKFLOW, "// tidewaiter: ignore[bad] r\nx: y\n", []),
        (Kind.DOCKERFILE, "  \t# tidewaiter: ignore[bad] r\nRUN x\n", [(2, ids("bad"), "r")]),
        (Kind.WORKFLOW, "\ufeff# tidewaiter: ignore[bad] r\nx: y\n", [(2, ids("bad"), "r")]),
        (Kind.WORKFLOW, "#tidewaiter:ignore[bad]r\nx: y\n", [(2, ids("bad"), "r")]),
        (Kind.WORKFLOW, "# tidewaiter: ignore bad r\nx: y\n", []),
        (Kind.WORKFLOW, "# tidewaiter: ignore[bad\n] r\nx: y\n", []),
    ],
)
def test_where_the_syntax_has_comments(kind: Kind, content: str, expected: list[object]) -> None:
    assert read(content, kind) == expected


def test_a_comment_in_a_continued_instruction_speaks_of_no_line_above() -> None:
    assert told("FROM a\nRUN bad \\\n# tidewaiter: ignore[bad] we know\n  more\n", r"RUN bad") == [2]


BLOCK = """\
on: push
jobs:
  sign:
    runs-on: ubuntu-24.04
    permissions: {contents: read}
    steps:
      - env:
          IMAGE: ghcr.io/acme/web@sha256:1
        %s
        run: |%s
          echo one
          %s
          cosign sign --yes "$IMAGE"
"""
COMMENT = "# tidewaiter: ignore[missing-permission-for-step] signed elsewhere"


@pytest.mark.parametrize(
    ("above", "beside", "inside", "left"),
    [
        ("# x", "", "# x", 1),
        (COMMENT, "", "# x", 0),
        ("# x", " " + COMMENT, "# x", 0),
        ("# x", "", COMMENT, 0),
    ],
)
def test_in_a_block_scalar_a_comment_at_its_header_counts_too(
    above: str, beside: str, inside: str, left: int
) -> None:
    module = find("missing-permission-for-step", catalogue())
    assert module
    files = {".github/workflows/w.yml": BLOCK % (above, beside, inside)}
    assert len(review(words.repository(files), None, [module]).findings) == left


@pytest.mark.parametrize(
    "content",
    [
        "# tidewaiter: ignore[" + " " * 300_000,
        "# tidewaiter: ignore[" * 20_000,
        "# tidewaiter: ignore[x] r\n" * 30_000,
        "# tidewaiter: ignore[x] r\r" * 30_000,
        "#" + " " * 300_000 + "tidewaiter: ignor",
        "# tidewaiter: ignore[x] until " + "2" * 300_000,
    ],
)
def test_hostile_comments_take_no_long_time(content: str) -> None:
    """Quadratic work on any of them would be hours: the suite would hang."""
    ignores(Text("f", content), Kind.WORKFLOW, TODAY)


@pytest.mark.parametrize(
    "head",
    [
        "# DO NOT EDIT: it is maintained in the template.\n",
        "#\n# This file is auto-generated.\n\n",
        "#+++++++\n#-- automatically generated --\n#+++++++\n",
        '# Written by a tool. To modify, edit settings.js and run "make workflows".\n',
        "# Code generated by make; don't edit.\r\n",
        "# syntax=docker/dockerfile:1\n# This file was generated by the platform team's tool.\n",
        "# This Dockerfile is synced from the platform team's; do not edit it here.\n",
        "# This Dockerfile is generated and must not be edited by hand.\n",
        "# The image of the shop \u2014 auto-generated by `make images`\n",
        "# Autogenerated test Dockerfile; see docs/images.md.\n",
    ],
)
def test_what_is_not_edited_here_is_left_out_and_listed_with_the_line_that_says_so(head: str) -> None:
    module = finds("bad", about=words.check("bad"))
    repo = Repository(Snapshot.of({"Dockerfile": f"{head}FROM a\nRUN bad\n"}), Outside(today=TODAY))
    outcome = review(repo, None, [module])
    assert outcome.findings == ()
    (one,) = outcome.suppressed
    assert one.comment.fragment in head
    enforced = review(repo, None, [module], Choices(enforced=frozenset({"bad"})))
    assert [found.check.id for found in enforced.findings] == ["bad"]


@pytest.mark.parametrize(
    "files",
    [
        "FROM a\n# do not edit the line below\nRUN bad\n",
        "# Do not change the editor.\nFROM a\nRUN bad\n",
        "# A tool wrote it first. This file is now maintained by hand.\nFROM a\nRUN bad\n",
        "# Builds the image of a release\n# with auto-generated notes.\nFROM a\nRUN bad\n",
        "# The password is auto-generated (see the wiki).\nFROM a\nRUN bad\n",
        "# Holds the auto-generated client, and its file is not auto-generated.\nFROM a\nRUN bad\n",
        "# It reads 3, don't change it back\nFROM a\nRUN bad\n",
        "# This file is auto-generated once. You can edit it.\nFROM a\nRUN bad\n",
        "# This script was generated using ChatGPT\nFROM a\nRUN bad\n",
        "# The Dockerfile is maintained by the shop's team <shop@acme.example>\nFROM a\nRUN bad\n",
        "# This Dockerfile is managed by the owners of the shop\nFROM a\nRUN bad\n",
        "# This file was copied from the API's and changed.\nFROM a\nRUN bad\n",
        "# Auto-generated, then adapted to the shop.\nFROM a\nRUN bad\n",
        "#\n" * 30 + "# do not edit\nFROM a\nRUN bad\n",
    ],
)
def test_other_comments_say_nothing_of_the_file(files: str) -> None:
    assert len(told(files)) == 1


@pytest.mark.parametrize(
    ("head", "is_left_out"),
    [
        ("This workflow is managed by terraform", True),
        ("This file is synced from acme/.github", True),
        ("This workflow is provided via the organization template repository", True),
        ("This workflow is provided by our template", True),
        ("This workflow is provided by the community", False),
        ("This workflow is managed by the platform team", False),
        ("This workflow is maintained by the platform team", False),
        ("This workflow was copied from acme/api", False),
        ("This workflow was copied from acme/api. Do not edit here", True),
        ("This action is synced from https://github.com/acme/shared", True),
        ("Managed by repo-file-sync", True),
        ("Synced from the organization's workflow template", True),
        ("managed with copier", True),
        ("Managed by the platform team", False),
        ("Provided via a secret", False),
        ("The image is managed by terraform", False),
        ("Deploys to the bucket, which is\n# managed by Terraform", False),
        (
            "The registry and its roles (all of them)\n# are there; they are NOT\n# managed by Terraform.",
            False,
        ),
        ("The script that signs is\n# provided by https://github.com/stranger/signs", False),
        ("Provided by https://github.com/stranger", False),
        ("Deploys to the bucket.\n# managed by Terraform", True),
        ("Deploy\n# Managed by Terraform", True),
        ("----\n# managed by Terraform", True),
        ("\n# managed by Terraform", True),
        ("managed by https://github.com/acme/shared", True),
    ],
)
def test_what_a_workflow_says_of_its_source(head: str, is_left_out: bool) -> None:
    text = Text(".github/workflows/a.yml", f"# {head}\non: push\n")
    assert (written_elsewhere(text, Kind.WORKFLOW) is not None) is is_left_out


def test_terraform_says_so_of_what_it_manages() -> None:
    assert written_elsewhere(Text("a.tf", "# Managed by Terraform\nlocals {}\n"), Kind.TERRAFORM) is None


@pytest.mark.parametrize(
    ("slug", "is_left_out"),
    [
        ("acme/shared", False),
        ("Acme/Shared", False),
        ("acme/shared-web", True),
        ("acme/web", True),
        (None, True),
    ],
)
@pytest.mark.parametrize(
    "head",
    [
        "# This action is synced from https://github.com/acme/shared\n",
        "# This workflow is provided via the organization template repository\n#\n# https://github.com/acme/shared\n",
        "# This file is synced from acme/shared\n",
    ],
)
def test_where_the_original_is_a_file_is_told(head: str, slug: str | None, is_left_out: bool) -> None:
    text = Text(".github/workflows/a.yml", f"{head}on: push\n")
    assert (written_elsewhere(text, Kind.WORKFLOW, slug) is not None) is is_left_out


def test_what_is_generated_is_not_edited_in_its_own_repository() -> None:
    text = Text(".github/workflows/a.yml", "# Do not edit: see https://github.com/acme/shared\non: push\n")
    assert written_elsewhere(text, Kind.WORKFLOW, "acme/shared") is not None
