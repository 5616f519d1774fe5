"""CodeQL Action v3 is deprecated in December 2026

GitHub supports version 3 of `github/codeql-action`, whose `upload-sarif` brings scanners' results to code
scanning, until December 2026. Version 4 runs on node 24 and takes the same inputs.

Move all steps of the workflow that use it at once: steps of two versions in one job are refused.

The check is silent for version 4, and for commits that the shipped table does not have.

References:

- https://github.com/github/codeql-action/blob/main/CHANGELOG.md
- https://github.blog/changelog/2025-10-28-upcoming-deprecation-of-codeql-action-v3/
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
    Example,
    Finding,
    Kind,
    Location,
    Repository,
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.action.codeql_action import CODEQL, also_in, are_at_tags, line_of, moved, siblings
from checks.facts.action.releases import newest, of_use
from checks.facts.action.updaters import may_be_updated_otherwise
from checks.facts.workflow.uses import ActionUse

check = Check(
    id="codeql-action-v3-deprecated",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.WORKFLOW, Kind.ACTION, Kind.DEPENDABOT),
    scope=Scope.REPOSITORY,
    fix=Applicability.SAFE,
    tags=("deprecation", "code-scanning"),
    follows=("build-input-does-not-exist",),
    examples=(
        Example(
            title="two steps of a workflow, one by its commit",
            files="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: github/codeql-action/upload-sarif@v3
      - uses: github/codeql-action/upload-sarif@dd903d2e4f5405488e5ef1422510ee31c8b32357 # v3.36.2
""",
            at="github/codeql-action/upload-sarif@v3",
            fixed="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: github/codeql-action/upload-sarif@2892aa5e19bbd11bc0cff5427e3b750a04d9e3c2 # v4.38.2
      - uses: github/codeql-action/upload-sarif@2892aa5e19bbd11bc0cff5427e3b750a04d9e3c2 # v4.38.2
""",
        ),
        Example(
            title="a tag, and nobody who would move a commit",
            files="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      # codeql-action v3
      - uses: github/codeql-action/init@v3
      - uses: "github/codeql-action/analyze@v3"  # the newest
""",
            at="github/codeql-action/init@v3",
            fixed="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      # codeql-action v4
      - uses: github/codeql-action/init@v4
      - uses: "github/codeql-action/analyze@v4"  # the newest
""",
        ),
        Example(
            title="tags, and no commit that Dependabot would move; what a comment says of the past stays",
            files="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - uses: github/codeql-action/analyze@v3 # was v3.0.0 until May
-- .github/dependabot.yml --
version: 2
updates:
  - package-ecosystem: github-actions
    directory: /
    schedule: {interval: weekly}
""",
            at="github/codeql-action/analyze@v3",
            fixed="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - uses: github/codeql-action/analyze@v4 # was v3.0.0 until May
""",
        ),
        Example(
            title="a tag beside a commit that Dependabot moves",
            files="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
      - uses: github/codeql-action/analyze@v3
-- .github/dependabot.yml --
version: 2
updates:
  - package-ecosystem: github-actions
    directory: /
    schedule: {interval: weekly}
""",
            at="github/codeql-action/analyze@v3",
            fixed="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
      - uses: github/codeql-action/analyze@2892aa5e19bbd11bc0cff5427e3b750a04d9e3c2 # v4.38.2
""",
        ),
        Example(
            title="one of two steps that are of one version",
            files="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: github/codeql-action/init@0000000000000000000000000000000000000001 # v4.36.0
      - uses: github/codeql-action/analyze@v3
      - uses: github/codeql-action/upload-sarif@v4
""",
            at="github/codeql-action/analyze@v3",
            fixed="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: github/codeql-action/init@2892aa5e19bbd11bc0cff5427e3b750a04d9e3c2 # v4.38.2
      - uses: github/codeql-action/analyze@2892aa5e19bbd11bc0cff5427e3b750a04d9e3c2 # v4.38.2
      - uses: github/codeql-action/upload-sarif@v4
""",
        ),
        Example(
            title="version 4, an unknown commit, another action",
            files="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: github/codeql-action/upload-sarif@v4
      - uses: github/codeql-action/init@0000000000000000000000000000000000000001
      - uses: actions/checkout@v3
""",
        ),
    ),
)
_MAJOR = 3


def run(repo: Repository) -> Iterator[Finding]:
    every = [use for use in repo.action_uses if use.repository == CODEQL]
    by_path: dict[str, list[ActionUse]] = {}
    for use in every:
        release = of_use(use)
        if release is not None and release.number[0] == _MAJOR and repo.comes_to(use):
            by_path.setdefault(use.scalar.text.path, []).append(use)
    pins = bool(by_path) and _pins(repo)
    for uses in by_path.values():
        yield _finding(uses, siblings(uses, every), pins=pins)


def _pins(repo: Repository) -> bool:
    """Whether a bot moves the commits of actions, as far as can be seen, and some are at one."""
    if not any(use.is_commit for use in repo.action_uses):
        return False
    bot = repo.dependabot
    has_bot = bot is not None and any(bot.of("github-actions"))
    return has_bot or not repo.snapshot.complete or may_be_updated_otherwise(repo.snapshot.paths, ())


def _finding(uses: list[ActionUse], others: tuple[ActionUse, ...], *, pins: bool) -> Finding:
    """A tag of the line stays one where nobody would move a commit, or no action of the repository is at one."""
    first, last = uses[0].scalar, newest(CODEQL)
    stays = not pins and are_at_tags([*uses, *others])
    number = f"{len(uses)} steps use" if len(uses) > 1 else "A step uses"
    return Finding(
        message=f"{number} version 3 of {code(CODEQL)}.",
        consequence="GitHub stops supporting it in December 2026; later uploads of results may be refused.",
        location=Location(first.text, first.span),
        fixes=offer(
            f"move to {line_of(last) if stays else last.version}{also_in(others, last, to_tag=stays)}",
            Applicability.SAFE,
            *moved([*uses, *others], last, to_tag=stays),
        )
        if last
        else (),
    )
