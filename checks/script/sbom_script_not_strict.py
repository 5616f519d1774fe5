"""Script that signs or attests goes on after a failure

Without `set -e` a shell script runs its next line whatever the last one said. If the list of packages can't
be made, the script attests the file of the last run, or an empty one; if the scan fails, it signs all the
same. Its own status is that of its last command.

Write `set -e` (in bash `set -euo pipefail`) below the first line.

The check is silent for scripts with `set -e` in any form, with `-e` in their first line, with `&&` between
the commands, for files of functions that others source, in folders of tests and samples, and for the steps of
workflows, which run with `-e`.

References:

- https://www.gnu.org/software/bash/manual/html_node/The-Set-Builtin.html
- https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#set
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.check import (
    Applicability,
    Attention,
    Check,
    Edit,
    Example,
    Finding,
    Fix,
    Kind,
    Location,
    Repository,
    Severity,
    Span,
    code,
    offer,
)  # fmt: skip
from checks.facts.asides import SAMPLES, TESTS
from checks.facts.script.command_lines import invocation
from checks.facts.script.invocations import Invocation
from checks.regex import regex

check = Check(
    id="sbom-script-not-strict",
    doc=__doc__,
    severity=Severity.NOTE,
    kinds=(Kind.SCRIPT,),
    fix=Applicability.UNSAFE,
    attention=Attention.COMMENT_WITH_SUGGESTION,
    tags=("sbom", "shell"),
    examples=(
        Example(
            title="bash",
            files="""\
-- sbom.sh --
#!/usr/bin/env bash
# the list of packages
syft scan registry.example.com/web:1 -o spdx-json=sbom.json
cosign attest --yes --type spdxjson --predicate sbom.json registry.example.com/web:1
""",
            at="cosign attest --yes --type spdxjson --predicate sbom.json registry.example.com/web:1",
            fixed="""\
-- sbom.sh --
#!/usr/bin/env bash
set -euo pipefail
# the list of packages
syft scan registry.example.com/web:1 -o spdx-json=sbom.json
cosign attest --yes --type spdxjson --predicate sbom.json registry.example.com/web:1
""",
        ),
        Example(
            title="a shell without pipefail",
            files="""\
-- sign.sh --
#!/bin/sh
trivy image --exit-code 1 registry.example.com/web:1
cosign sign --yes registry.example.com/web:1
""",
            at="cosign sign --yes registry.example.com/web:1",
            fixed="""\
-- sign.sh --
#!/bin/sh
set -eu
trivy image --exit-code 1 registry.example.com/web:1
cosign sign --yes registry.example.com/web:1
""",
        ),
        Example(
            title="a folder whose name has the word for tests in it, and one of tests",
            files="""\
-- contest/sign.sh --
trivy image --exit-code 1 registry.example.com/web:1
cosign sign --yes registry.example.com/web:1
-- e2e/registry/sign.sh --
trivy image --exit-code 1 localhost:5000/web:1
cosign sign --yes localhost:5000/web:1
""",
            at="cosign sign --yes registry.example.com/web:1",
        ),
        Example(
            title="strict already, in the first line, by the operators, or one command alone",
            files="""\
-- a.sh --
#!/bin/bash
set -o errexit
syft scan web:1 -o spdx-json=sbom.json
cosign sign --yes registry.example.com/web:1
-- b.sh --
#!/bin/bash -e
syft scan web:1 -o spdx-json=sbom.json
cosign sign --yes registry.example.com/web:1
-- c.sh --
#!/bin/bash
syft scan web:1 -o spdx-json=sbom.json && cosign sign --yes registry.example.com/web:1
-- d.sh --
#!/bin/bash
cosign sign --yes registry.example.com/web:1
-- e.sh --
sign() {
  syft scan web:1 -o spdx-json=sbom.json
  cosign sign --yes registry.example.com/web:1
}
""",
        ),
    ),
)

_ASIDE = regex(rf"(?:^|/)(?:{TESTS}|{SAMPLES})/", re.IGNORECASE)
_STRICT = regex(r"^\s*(?:set|shopt)\s+.*(?:-\w*e|errexit)|^#!.*\s-\w*e|^\s*trap\s.*\bERR\b", re.MULTILINE)
_FIRST = frozenset(
    ("syft scan", "syft packages", "trivy image", "trivy fs", "trivy sbom", "grype", "docker build")
)
_THEN = frozenset(("cosign sign", "cosign attest", "cosign attach sbom"))


def run(repo: Repository) -> Iterator[Finding]:
    by_text: dict[int, list[Invocation]] = {}
    for one in repo.invocations:
        if one.step is None and not _ASIDE.search(one.text.path):
            by_text.setdefault(id(one.text), []).append(one)
    for commands in by_text.values():
        if not _STRICT.search(commands[0].text.content):
            yield from _findings(commands)


def _findings(commands: list[Invocation]) -> Iterator[Finding]:
    """The first command that publishes behind one that may fail."""
    failing: Invocation | None = None
    for one in commands:
        if (
            one.command.uncertain
            or one.command.conditional
            or one.command.in_function
            or one.command.fallbacks
        ):
            continue
        read = invocation(one.command)
        if read is not None and read.name in _THEN and failing is not None:
            yield _finding(one, failing)
            return
        if read is not None and read.name in _FIRST and not one.command.in_condition:
            failing = one


def _finding(one: Invocation, failing: Invocation) -> Finding:
    return Finding(
        message=f"{code(one.program or '')} runs even if {code(failing.program or '')} before it has failed.",
        consequence="It then publishes what an earlier run has left, or nothing, and the script ends with its status.",
        location=one.location,
        related=(Location(failing.text, failing.location.span, "may fail without ending the script"),),
        fixes=_fixes(one),
    )


def _fixes(one: Invocation) -> tuple[Fix, ...]:
    first = one.text[one.text.line(1)]
    if not first.startswith("#!"):
        return ()
    line = "set -euo pipefail" if "bash" in first else "set -eu"
    end = one.text.line(1).end
    return offer(
        "stop at the first failure",
        Applicability.UNSAFE,
        Edit(one.text.path, Span(end, end), one.text.newline + line),
        caution="Does a command of this script fail on purpose, or use a variable that may be unset?",
    )
