"""syft is called by a subcommand that it has replaced

`syft packages` is deprecated: it prints a warning on each run and does what `syft scan` does. A coming major
version may take it away.

Write `syft scan`.

The check is silent where the job installs a syft older than 0.100.0, which has no `scan`.

References:

- https://github.com/anchore/syft/blob/main/cmd/syft/internal/commands/packages.go
- https://github.com/anchore/syft#getting-started
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Applicability,
    Attention,
    Check,
    Edit,
    Example,
    Finding,
    Kind,
    Repository,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.script.command_lines import invocation
from checks.regex import regex

check = Check(
    id="syft-packages-deprecated",
    doc=__doc__,
    severity=Severity.NOTE,
    kinds=(Kind.SCRIPT, Kind.WORKFLOW, Kind.ACTION),
    fix=Applicability.SAFE,
    attention=Attention.COMMENT_WITH_SUGGESTION,
    tags=("sbom", "syft"),
    examples=(
        Example(
            title="in a script, options before the subcommand",
            files="""\
-- sbom.sh --
#!/bin/sh
set -e
syft -q packages registry.example.com/web:1 -o spdx-json=sbom.json
""",
            at="packages",
            fixed="""\
-- sbom.sh --
#!/bin/sh
set -e
syft -q scan registry.example.com/web:1 -o spdx-json=sbom.json
""",
        ),
        Example(
            title="in a step",
            files="""\
-- .github/workflows/sbom.yml --
on: push
jobs:
  sbom:
    runs-on: ubuntu-latest
    steps:
      - run: syft packages dir:. -o cyclonedx-json > bom.json
""",
            at="packages",
            fixed="""\
-- .github/workflows/sbom.yml --
on: push
jobs:
  sbom:
    runs-on: ubuntu-latest
    steps:
      - run: syft scan dir:. -o cyclonedx-json > bom.json
""",
        ),
        Example(
            title="today's subcommand, none, another program, an old release",
            files="""\
-- sbom.sh --
#!/bin/sh
set -e
syft scan dir:. -o table
syft dir:packages -o table
dpkg-query packages
-- .github/workflows/sbom.yml --
on: push
jobs:
  sbom:
    runs-on: ubuntu-latest
    steps:
      - run: curl -sSfL https://raw.githubusercontent.com/anchore/syft/main/install.sh | sh -s -- -b /usr/local/bin v0.74.1
      - run: syft packages dir:. -o table
""",
        ),
    ),
)

_OLD = regex(r"\bv?0\.\d{1,2}\.\d+\b")


def run(repo: Repository) -> Iterator[Finding]:
    for one in repo.invocations:
        if one.program != "syft" or one.command.uncertain:
            continue
        read = invocation(one.command)
        if read is None or read.name != "syft packages" or _is_old(one.text.content):
            continue
        word = next(word for word in one.command.arguments if word.literal == "packages")
        place = one.place(word.span)
        yield Finding(
            message=f"{code('syft packages')} is the old name of {code('syft scan')}.",
            consequence="syft warns of it on each run, and a coming major version may drop it.",
            location=place,
            fixes=offer("write syft scan", Applicability.SAFE, Edit(place.path, place.span, "scan")),
        )


def _is_old(content: str) -> bool:
    """Whether the file names a release of syft that has no `scan` yet."""
    return any("syft" in line.lower() and _OLD.search(line) for line in content.splitlines())
