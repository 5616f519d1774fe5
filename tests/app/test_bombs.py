"""Files that are made to exhaust a parser, through the analysis in its child: each is unreadable, the others are
reviewed. And files that can be read and are made to grow when they are understood."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from msgspec import structs

from app.analysis import Analyst, Result
from checks.source.snapshot import Snapshot
from tests.app.cargo import SHELL
from tests.app.test_analysis import TASK

WORKFLOW = """\
on: push
jobs:
  a:
    runs-on: ubuntu-24.04
    steps:
      - run: |
          %s
"""
PUSH = "      - uses: docker/build-push-action@v7\n        with: {push: true, tags: '%s'}\n"


def doubled(levels: int, first: str, each: str) -> str:
    """Lines each of which names the one before several times: `{before}` in a line numbered `{n}`."""
    return first + "".join(each.format(n=n, before=n - 1) for n in range(1, levels))


LAUGHS = doubled(
    30, "a0: &a0 [ha]\n", "a{n}: &a{n} [*a{before}, *a{before}, *a{before}, *a{before}, *a{before}]\n"
)
MERGED = doubled(30, "a0: &a0 {k: v}\n", "a{n}: &a{n} {{<<: [*a{before}, *a{before}], k{n}: v}}\n")

UNREADABLE = {
    ".github/workflows/aliases.yml": (f"{LAUGHS}jobs: *a29\n", "it has more than 200,000 nodes"),
    ".github/workflows/merge-keys.yml": (f"{MERGED}jobs: *a29\n", "it has more than 200,000 nodes"),
    ".github/workflows/cycle.yml": (
        "on: push\njobs: &jobs\n  a: *jobs\n",
        "the alias `*jobs` stands inside of its own anchor",
    ),
    ".github/workflows/lists.yml": ("[" * 60_000, "it nests deeper than 100"),
    ".github/workflows/mappings.yml": ("{a: " * 20_000, "it nests deeper than 100"),
    ".github/workflows/blocks.yml": (
        "".join(" " * n + "a:\n" for n in range(1_400)),
        "it nests deeper than 100",
    ),
    ".github/workflows/dashes.yml": ("- " * 30_000 + "a\n", "it nests deeper than 100"),
    "compose.yaml": ("services:\n  a:\n    build: " + "[" * 30_000, "it nests deeper than 100"),
    "lists.tf": ("a = " + "[" * 20_000, "it nests deeper than 100"),
    "parentheses.tf": ("a = " + "(" * 20_000 + "1" + ")" * 20_000, "it nests deeper than 100"),
    "blocks.tf": ("a {\n" * 20_000, "it nests deeper than 100"),
    "templates.tf": ('a = "' + '${"' * 5_000, "it nests deeper than 100"),
    "sum.tf": ("a = " + "1 + " * 30_000 + "1\n", "it has more than 60,000 tokens"),
    "conditions.tf": ("a = " + "b ? c : " * 20_000 + "d\n", "it has more than 60,000 tokens"),
    "Dockerfile.line": ("FROM a\nRUN " + "x && " * 20_000 + "y\n", "a line is longer than 65,535 bytes"),
    "Dockerfile.heredocs": (
        "FROM a\n" + "".join(f"RUN <<E{n}\n" for n in range(20_000)),
        "heredoc `E0` is never closed",
    ),
    "Dockerfile.stages": (
        "".join(f"FROM a AS s{n}\nCOPY --from=s{max(0, n - 1)} . .\n" for n in range(5_000)),
        "it has more than 1,000 stages",
    ),
}
"""By path: the content, and why it can't be read."""

READ = {
    ".github/workflows/matrix.yml": (
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    strategy:\n      matrix:\n"
        + "".join(f"        k{n}: {list(range(200))}\n" for n in range(20))
        + "    steps:\n"
        + PUSH % "a/b:${{ matrix.k0 }}-${{ matrix.k1 }}-${{ matrix.k2 }}-${{ matrix.k3 }}"
    ),
    ".github/workflows/env.yml": (
        "on: push\nenv:\n"
        + doubled(60, "  A0: a\n", "  A{n}: ${{{{ env.A{before} }}}}${{{{ env.A{before} }}}}\n")
        + "jobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n"
        + PUSH % "a/b:${{ env.A59 }}"
    ),
    ".github/workflows/parentheses.yml": WORKFLOW % ("echo ${{ " + "(" * 20_000 + "1" + ")" * 20_000 + " }}"),
    ".github/workflows/open.yml": WORKFLOW % ("${{ " * 20_000),
    ".github/workflows/substitutions.yml": WORKFLOW % ("$(" * 5_000),
    ".github/workflows/braces.yml": WORKFLOW % ("docker build " + "{a,b}" * 40 + " ."),
    ".github/workflows/long-line.yml": WORKFLOW % ("docker build . && " * 50_000),
    ".github/workflows/globs.yml": (
        f"on: {{push: {{branches: ['{'*' * 20_000}a', '{'*a' * 5_000}b']}}}}\n"
        "jobs: {a: {runs-on: ubuntu-24.04, steps: [{run: docker push a/b:c}]}}\n"
    ),
    "Dockerfile.arguments": (
        doubled(60, "ARG A0=a\n", "ARG A{n}=${{A{before}}}${{A{before}}}${{A{before}}}\n") + "FROM x:${A59}\n"
    ),
    "Dockerfile.continued": "FROM a\nRUN x " + "\\\n" * 50_000,
    "Dockerfile.json": "FROM a\nCMD " + "[" * 30_000 + "\n",
    "Dockerfile.subshells": "FROM a\nRUN " + "(" * 20_000 + "\n",
    "locals.tf": (
        'locals {\n  a0 = "a"\n'
        + doubled(60, "", '  a{n} = "${{local.a{before}}}${{local.a{before}}}"\n')
        + '}\nresource "aws_ecr_repository" "a" {\n  name = local.a59\n}\n'
    ),
    "product.tf": (
        f"locals {{\n  l = [{', '.join(map(str, range(1_000)))}]\n}}\n"
        'resource "aws_ecr_repository" "b" {\n'
        "  for_each = setproduct(local.l, local.l, local.l, local.l)\n  name = each.key\n}\n"
    ),
    "json.tf": (
        'resource "aws_ecr_lifecycle_policy" "a" {\n  repository = "a"\n  policy = <<EOF\n'
        + "[" * 50_000
        + "\nEOF\n}\n"
    ),
    "policy.yaml": (
        "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {name: a}\nspec:\n"
        f"  images:\n  - glob: '{'**a' * 200}'\n  authorities:\n  - keyless:\n      identities:\n"
        f"      - subjectRegExp: '{'(a*)*' * 2_000}b'\n        issuerRegExp: '{'(' * 5_000}'\n"
        "      - subjectRegExp: '((((a{1,1000}){1,1000}){1,1000}){1,1000})$'\n        issuerRegExp: '^(a|a)+$'\n"
    ),
    "build.sh": "#!/bin/sh\n" + "if true; then " * 5_000 + "docker build $(" * 5_000,
    "Makefile": (
        doubled(60, "A0 = x\n", "A{n} = $(A{before})$(A{before})\n") + "all:\n\tdocker build -t $(A59) .\n"
    ),
    ".dockerignore": "**/" * 1_000 + "a\n!" + "*a" * 1_000 + "\n" + "[" * 2_000 + "\n",
}
"""By path."""
GOOD = "Dockerfile"
MEMORY = 768 * 1024**2
"""Bytes of address space, of which an idle child has more than half: the parsers' tables and the libraries."""


@pytest.fixture(scope="module")
def analyst() -> Iterator[Analyst]:
    made = Analyst(workers=1, memory=MEMORY)
    yield made
    made.close()


def analysed(analyst: Analyst, files: dict[str, str]) -> Result:
    head = Snapshot.of({**files, GOOD: SHELL})
    return asyncio.run(analyst.analyse(structs.replace(TASK, head=head)))


def found(result: Result) -> list[tuple[str, str]]:
    return [(one.check.id, one.finding.location.path) for one in result.review.findings]


def test_each_is_unreadable_and_the_other_file_is_reviewed(analyst: Analyst) -> None:
    result = analysed(analyst, {path: content for path, (content, _) in UNREADABLE.items()})
    told = {one.path: one.reason for one in result.review.unreadable}
    assert told == {path: reason for path, (_, reason) in UNREADABLE.items()}
    assert ("shell-form-entrypoint", GOOD) in found(result)
    assert result.review.crashed == ()


def test_what_would_grow_when_it_is_understood_does_not(analyst: Analyst) -> None:
    result = analysed(analyst, READ)
    assert result.review.unreadable == ()
    assert ("shell-form-entrypoint", GOOD) in found(result)
    assert result.review.crashed == ()
