"""Vulnerability is ignored without an end and without a reason

An entry in an ignore file is written for today: there is no fix yet, or the image doesn't use what is
vulnerable. It stays when that is no longer so. The scan goes on passing over the vulnerability once a fix is
out, and nobody remembers what was decided.

Give the entry a last day, `exp:2027-01-31` in `.trivyignore` and `expired_at` in its YAML form, or say in a
comment, in `statement` or in Grype's `reason` why it holds.

The entries of a file are told together; of a line that says the same again the fix keeps the last. The check is silent

- for entries with either, also where one comment stands above a group of entries
- for entries of misconfigurations, secrets and licences
- for Grype's rules that name no vulnerability
- for files of tests
- where nothing in the repository names the scanner, no action or workflow of somebody else's scans, and no
  pipeline is there that is not read

References:

- https://trivy.dev/docs/latest/guide/configuration/filtering/
- https://oss.anchore.com/docs/guides/vulnerability/filter-results/
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator

from checks.check import (
    Applicability,
    Attention,
    Check,
    Edit,
    Example,
    Finding,
    Kind,
    Location,
    Outside,
    Repository,
    Scope,
    Severity,
    Span,
    code,
    offer,
)  # fmt: skip
from checks.facts.scan.scan_ignores import Ignored, ScanIgnores
from checks.facts.secret_files import is_sample
from checks.facts.tree import insert_after
from checks.regex import regex

_TODAY = Outside(today=datetime.date(2026, 11, 25))

check = Check(
    id="ignore-entry-without-expiry",
    doc=__doc__,
    severity=Severity.NOTE,
    kinds=(Kind.SCAN_IGNORE, Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT, Kind.MAKEFILE),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    attention=Attention.CHECK_RUN,
    tags=("scan",),
    examples=(
        Example(
            title="a bare id",
            files="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: acme/web}
-- .trivyignore --
# base image, no fix yet
CVE-2026-1111
CVE-2026-2222

CVE-2026-3333
AVD-DS-0002
""",
            at="CVE-2026-3333",
            fixed="""\
-- .trivyignore --
# base image, no fix yet
CVE-2026-1111
CVE-2026-2222

CVE-2026-3333 exp:2027-02-23
AVD-DS-0002
""",
            outside=_TODAY,
        ),
        Example(
            title="one of the ids stands there twice",
            files="""\
-- Makefile --
scan:
\ttrivy image acme/web
-- .trivyignore --
CVE-2026-2222
CVE-2026-3333
CVE-2026-2222
""",
            at="CVE-2026-2222",
            fixed="""\
-- .trivyignore --
CVE-2026-3333 exp:2027-02-23
CVE-2026-2222 exp:2027-02-23
""",
            outside=_TODAY,
        ),
        Example(
            title="in YAML",
            files="""\
-- .github/workflows/ci.yml --
on: push
jobs:
  scan:
    uses: acme/workflows/.github/workflows/scan.yml@v1
-- .trivyignore.yaml --
vulnerabilities:
  - id: CVE-2026-3333
    paths: [usr/lib/libx.so]
  - {id: CVE-2026-4444}
""",
            at="CVE-2026-4444",
            fixed="""\
-- .trivyignore.yaml --
vulnerabilities:
  - id: CVE-2026-3333
    expired_at: 2027-02-23
    paths: [usr/lib/libx.so]
  - {id: CVE-2026-4444, expired_at: 2027-02-23}
""",
            outside=_TODAY,
        ),
        Example(
            title="Grype knows no end",
            files="""\
-- Makefile --
scan:
\tgrype acme/web
-- .grype.yaml --
ignore:
  - vulnerability: CVE-2026-3333
    package: {name: libx}
  - fix-state: unknown
""",
            at="CVE-2026-3333",
            outside=_TODAY,
        ),
        Example(
            title="with an end, with a reason, of another kind",
            files="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: acme/web}
-- .trivyignore --
CVE-2026-1111 exp:2027-01-31
CVE-2026-2222 # not reachable: we don't parse XML
-- trivyignore.yaml --
vulnerabilities:
  - id: CVE-2026-1111
    expired_at: 2027-01-31
  - id: CVE-2026-2222
    statement: not reachable
  - id: CVE-2026-5555
    reason: in an example only

  # no fix yet
  - id: CVE-2026-3333

  - id: CVE-2026-4444  # not ours
misconfigurations:
  - id: AVD-DS-0002
-- test/data/.trivyignore --
CVE-2026-1111
-- api/.trivyignore --
# Of the base image, which has no fix for them. Looked at on 2026-11-02.

CVE-2026-1111
CVE-2026-2222
-- .grype.yaml --
ignore:
  - vulnerability: CVE-2026-1111
    reason: not reachable
  - vulnerability: CVE-2026-2222
    vex-status: not_affected
""",
            outside=_TODAY,
        ),
        Example(
            title="nothing here scans images",
            files="""\
-- .trivyignore --
CVE-2026-1111
-- .grype.yaml --
ignore:
  - vulnerability: CVE-2026-1111
-- .github/workflows/ci.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: SonarSource/sonarqube-scan-action@v6
""",
            outside=_TODAY,
        ),
    ),
)
_TRIVY, _GRYPE = regex("trivy", re.IGNORECASE), regex("grype|anchore", re.IGNORECASE)
_SCANS = regex(r"scan|secur|vuln|\bcve", re.IGNORECASE)
_OTHER_SCANNERS = regex(
    r"sonar|snyk|codeql|semgrep|gitleaks|trufflehog|checkov|owasp|zap|secrets?-", re.IGNORECASE
)
"""Scanners in the name of an action that read neither file."""
_UNREAD = regex(r"(?:^|/)(?:Jenkinsfile(?:[._-]\w+)?|[\w.-]+\.jenkinsfile|Earthfile)$", re.IGNORECASE)
"""Pipelines of which only the path is known."""
_DAYS = 90
"""Three months: long enough for a fix of the base image to come, short enough to remember."""


def run(repo: Repository) -> Iterator[Finding]:
    for file in repo.scan_ignores:
        if not _is_read(repo, file):
            continue
        open_ended = [entry for entry in file.entries if not entry.has_end and not entry.has_reason]
        if open_ended and not is_sample(file.text.path):
            yield _finding(open_ended, repo.outside.today)


def _is_read(repo: Repository, file: ScanIgnores) -> bool:
    """Whether something here may run the scanner that a file is for.

    It names it, is somebody else's and scans, or is a pipeline whose content is not read.
    """
    scanner = _GRYPE if "grype" in file.text.path.lower() else _TRIVY
    texts = (
        text for text in repo.snapshot.texts.values() if repo.kinds.get(text.path) is not Kind.SCAN_IGNORE
    )
    scans = (f"{use.action}" for use in repo.action_uses if not use.is_local)
    unread = (path for path in repo.snapshot.paths if path not in repo.snapshot.texts)
    return (
        any(scanner.search(text.content) for text in texts)
        or any(_SCANS.search(name) and not _OTHER_SCANNERS.search(name) for name in scans)
        or any(_UNREAD.search(path) and not is_sample(path) for path in unread)
    )


def _finding(entries: list[Ignored], today: datetime.date | None) -> Finding:
    """Of the entries of one file, at the last of them: new ones are mostly written there."""
    *others, last = entries
    end = (today + datetime.timedelta(days=_DAYS)).isoformat() if today else ""
    can_end = all(entry.can_end for entry in entries)
    kept = {entry.id: entry for entry in entries}
    named = f"{code(last.id)} and {len(kept) - 1} more are" if len(kept) > 1 else f"{code(last.id)} is"
    them, what = ("them", "these entries") if len(kept) > 1 else ("it", code(last.id))
    return Finding(
        message=f"{named} ignored without an end, and nothing says why.",
        consequence=f"Scans pass over {them} for good, also once there is a fix or the image uses what is vulnerable.",
        location=last.location,
        related=tuple(
            Location(one.location.text, one.location.span, _note(one, kept[one.id])) for one in others
        ),
        fixes=offer(
            f"ignore {them} until {end}",
            Applicability.UNSAFE,
            *(_edit(entry, end, kept[entry.id]) for entry in entries),
            caution=f"Will somebody look at {what} again within {_DAYS} days?",
        )
        if end and can_end
        else (),
        withheld="" if can_end else "Grype knows no end, and the reason is yours to say",
    )


def _note(entry: Ignored, kept: Ignored) -> str:
    if entry is kept:
        return "has no end either"
    return f"names the vulnerability of line {kept.location.text.line_of(kept.location.span.start)}, too"


def _edit(entry: Ignored, end: str, kept: Ignored) -> Edit | None:
    if entry.item is not None:
        mapping, after = entry.item
        return insert_after(mapping, after, f"expired_at: {end}")
    place = entry.location
    if entry is not kept:
        return Edit(place.path, place.text.full_line(place.text.line_of(place.span.start)), "")
    return Edit(place.path, Span(place.span.end, place.span.end), f" exp:{end}")
