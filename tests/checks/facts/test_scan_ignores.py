"""Entries of ignore files: their ends and reasons, wherever these stand."""

from __future__ import annotations

import pytest

from checks.facts.scan.scan_ignores import parse_scan_ignores
from checks.source.text import Text


def open_ids(path: str, content: str) -> list[str]:
    """The entries without an end and without a reason."""
    file = parse_scan_ignores(Text(path, content))
    return [one.id for one in file.entries if not one.has_end and not one.has_reason] if file else []


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("CVE-2026-1\n", ["CVE-2026-1"]),
        ("  CVE-2026-1\r\n\r\nGHSA-aaaa-bbbb-cccc", ["CVE-2026-1", "GHSA-aaaa-bbbb-cccc"]),
        ("CVE-2026-1 exp:2027-01-01\nCVE-2026-2 no fix\nCVE-2026-3 # no fix\n", []),
        ("# why\nCVE-2026-1\nCVE-2026-2\n\nCVE-2026-3\n", ["CVE-2026-3"]),
        ("# why\n\n\nCVE-2026-1\n\nCVE-2026-2\n", ["CVE-2026-2"]),
        ("CVE-2026-1\n# why\nCVE-2026-2\n", ["CVE-2026-1"]),
        ("# tidewaiter: ignore[x] y\nCVE-2026-1\n", ["CVE-2026-1"]),
        ("AVD-DS-0002\ngeneric-secret\n", []),
        ("", []),
    ],
)
def test_lines(content: str, found: list[str]) -> None:
    assert open_ids(".trivyignore", content) == found


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("vulnerabilities:\n  - id: CVE-1-1\n", ["CVE-1-1"]),
        ("vulnerabilities: [{id: CVE-1-1, expired_at: 2027-01-01}, {id: CVE-1-2, statement: x}]\n", []),
        ("# why\n\nvulnerabilities:\n  - id: CVE-1-1\n", []),
        ("vulnerabilities:\n  - id: CVE-1-1  # why\n  - paths: [x]\n", []),
        ("misconfigurations:\n  - id: AVD-1\n", []),
        ("ignore:\n  - vulnerability: CVE-1-1\n  - vulnerability: CVE-1-2\n    reason: x\n", ["CVE-1-1"]),
        ("ignore:\n  - fix-state: unknown\n", []),
        ("- CVE-1-1\n", []),
        ("", []),
    ],
)
def test_yaml(content: str, found: list[str]) -> None:
    assert open_ids(".trivyignore.yaml", content) == found


def test_only_the_end_of_a_known_scanner_can_be_added() -> None:
    trivy = parse_scan_ignores(Text("trivyignore.yaml", "vulnerabilities: [{id: CVE-1-1}]\n"))
    grype = parse_scan_ignores(Text(".grype.yaml", "ignore: [{vulnerability: CVE-1-1}]\n"))
    assert trivy
    assert grype
    assert (trivy.entries[0].can_end, grype.entries[0].can_end) == (True, False)
