"""A review as SARIF: what code scanning and the validator of the format make of it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.report.line_hash import line_hashes
from app.report.sarif import MAX_RESULTS, Source, sarif
from checks.check import Finding, Location, Severity, Span
from checks.engine import Found, Review
from checks.source.snapshot import Snapshot
from checks.source.text import Text
from tests.app import sample

VALIDATOR = Path("node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool")
SOURCE = Source(
    "0.1.0", "https://example.org/checks/{}", "https://example.org", "https://example.org/acme/web", "a" * 40
)
CHECKS = [sample.SHELL_FORM, sample.MOVING_TAG]


def run_of(
    review: Review, source: Source = SOURCE, texts: dict[str, Text] | None = None, **options: bool
) -> Any:
    """The one run, decoded."""
    written = json.loads(sarif(review, CHECKS, texts or sample.SNAPSHOT.texts, source, **options))
    assert (written["version"], len(written["runs"])) == ("2.1.0", 1)
    return written["runs"][0]


def complaints(folder: Path, logs: dict[str, str]) -> list[tuple[str, str, str]]:
    """What Microsoft's validator finds, with the rules of the format and those of code scanning."""
    for name, content in logs.items():
        (folder / name).write_text(content)
    report = folder / "report.json"
    rules = ["--rule-kind", "Sarif;Ghas", "--level", "Error;Warning;Note", "--kind", "Fail"]
    command = [
        str(VALIDATOR.resolve()),
        "validate",
        *logs,
        *rules,
        "--output",
        str(report),
        "--log",
        "ForceOverwrite",
    ]
    env = {
        **os.environ,
        "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1",
        "DOTNET_BUNDLE_EXTRACT_BASE_DIR": str(folder),
    }
    done = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=120
    )
    assert report.exists(), done.stdout + done.stderr
    results = json.loads(report.read_text())["runs"][0].get("results", [])
    assert results, "the validator always has a note"
    return [
        (
            it["ruleId"],
            it.get("level", "warning"),
            it["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
        )
        for it in results
    ]


@pytest.mark.skipif(not VALIDATOR.exists(), reason="npm ci brings the validator")
def test_the_validator_has_no_error_and_no_warning(tmp_path: Path) -> None:
    texts = sample.SNAPSHOT.texts
    full = sarif(sample.review(), CHECKS, texts, SOURCE, known=True, compared=True)
    anonymous = Source("0.1.0", "https://example.org/checks/{}", "https://example.org")
    logs = {
        "full.sarif": full,
        "empty.sarif": sarif(Review(), CHECKS, texts, anonymous),
        "broken.sarif": full.replace('"startLine":8', '"startLine":0'),
    }
    serious = [it for it in complaints(tmp_path, logs) if it[1] != "note"]
    assert serious
    assert {path.rpartition("/")[2] for _, _, path in serious} == {"broken.sarif"}


def test_a_result_has_all_that_code_scanning_shows() -> None:
    run = run_of(sample.review())
    result = run["results"][0]
    assert run["tool"]["driver"]["name"] == "Tidewaiter"
    assert run["automationDetails"] == {"id": "tidewaiter/"}
    assert run["columnKind"] == "unicodeCodePoints"
    assert (
        run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == sample.MOVING_TAG.id
    )
    assert result["message"]["text"] == (
        "'main-latest' is pushed on every run, and the repository 'web' refuses to move a tag. The second push to"
        " 'main' fails: \"tag is immutable\". [terraform/ecr.tf line 3](1) sets 'IMMUTABLE'."
    )
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": ".github/workflows/build.yml", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {
        "startLine": 8, "startColumn": 37, "endLine": 8, "endColumn": 48, "snippet": {"text": "main-latest"},
    }  # fmt: skip
    assert [it["id"] for it in result["relatedLocations"]] == [1]
    hashes = line_hashes(sample.WORKFLOW)
    assert result["partialFingerprints"]["primaryLocationLineHash"] == hashes[7]


def test_only_fixes_that_can_be_applied_are_fixes() -> None:
    [fix] = run_of(sample.review())["results"][0]["fixes"]
    assert fix["description"]["text"] == "Delete the tag. Does anything deploy 'web:main-latest'?"
    [change] = fix["artifactChanges"]
    region = {"startLine": 8, "startColumn": 1, "endLine": 9, "endColumn": 1}
    assert change["replacements"] == [{"deletedRegion": region}]


def test_a_rule_has_its_page_its_severity_and_its_names() -> None:
    moving, shell = run_of(Review())["tool"]["driver"]["rules"]
    assert moving["helpUri"] == "https://example.org/checks/moving-tag-pushed-to-immutable-repository"
    assert moving["properties"]["security-severity"] == "6.5"
    assert moving["properties"]["tags"] == ["tags", "security"]
    assert moving["defaultConfiguration"] == {"level": "error"}
    assert moving["deprecatedIds"] == ["mutable-tag"]
    assert moving["shortDescription"]["text"] == "A moving tag is pushed to an immutable repository."
    assert moving["help"]["markdown"].startswith("The registry refuses")
    assert "security-severity" not in shell["properties"]


def test_a_warning_of_a_check_that_is_an_error_elsewhere_stays_a_warning() -> None:
    """The format's default level is the rule's, not `warning`."""
    found = Found(sample.MOVING_TAG, sample.moving_tag(), Severity.WARNING, "f")
    assert run_of(Review((found,)))["results"][0]["level"] == "warning"


def test_states_are_told_only_where_there_was_a_comparison() -> None:
    assert [it["level"] for it in run_of(sample.review())["results"]] == ["error", "warning", "warning"]
    assert "baselineState" not in run_of(sample.review())["results"][0]
    told = run_of(sample.review(), compared=True, known=True, suppressed=False)["results"]
    assert [it["baselineState"] for it in told] == ["new", "new", "unchanged"]


def test_suppressed_findings_are_marked_so_and_can_be_left_out() -> None:
    suppressed = run_of(sample.review())["results"][-1]
    assert suppressed["suppressions"] == [{"kind": "inSource", "justification": "pid 1 is tini"}]
    assert len(run_of(sample.review(), suppressed=False)["results"]) == 2


def test_what_went_wrong_is_a_notification() -> None:
    invocation = run_of(sample.review())["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert [it["message"]["text"] for it in invocation["toolExecutionNotifications"]] == [
        "'terraform/iam.tf' can't be read: \"{\" is never closed.",
        f"The check '{sample.MOVING_TAG.id}' crashed on 'Dockerfile': ValueError: no such line.",
        "the base commit can't be read.",
    ]
    assert run_of(Review())["invocations"] == [{"executionSuccessful": True}]


def test_nothing_found_is_still_a_run_with_results() -> None:
    assert run_of(Review())["results"] == []


def test_no_value_of_a_repository_becomes_a_link() -> None:
    snapshot = Snapshot.of({"a]b (1).tf": "x"})
    place = Location(snapshot.texts["a]b (1).tf"], Span(0, 1), "is `[here](https://evil.example)`")
    finding = Finding("`[click](https://evil.example)` is pushed.", place, related=(place,))
    result = run_of(Review((Found(sample.MOVING_TAG, finding, Severity.ERROR, "f"),)))["results"][0]
    assert "](http" not in result["message"]["text"]
    assert "[a\\]b (1).tf line 1](1)" in result["message"]["text"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%5Db%20%281%29.tf"


def test_a_folder_of_a_repository_is_named_from_its_root() -> None:
    source = Source("0.1.0", "https://e.org/checks/{}", "https://e.org", prefix="services/")
    location = run_of(sample.review(), source)["results"][0]["locations"][0]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "services/.github/workflows/build.yml"


def test_a_byte_order_mark_is_no_column() -> None:
    text = Text("Dockerfile", "\ufeffFROM a\nFROM b\n")
    places = [Location(text, Span(start, start + 4)) for start in (1, 8)]
    found = tuple(Found(sample.SHELL_FORM, Finding("m", place), Severity.NOTE, "f") for place in places)
    regions = [it["locations"][0]["physicalLocation"]["region"] for it in run_of(Review(found))["results"]]
    assert [(it["startLine"], it["startColumn"], it["endColumn"]) for it in regions] == [(1, 1, 5), (2, 1, 5)]


def test_the_most_severe_results_stay_within_the_limit() -> None:
    place = sample.at("Dockerfile", "FROM")
    note = Found(sample.SHELL_FORM, Finding("m", place), Severity.NOTE, "f")
    error = Found(sample.SHELL_FORM, Finding("m", place), Severity.ERROR, "f")
    run = run_of(Review((*[note] * MAX_RESULTS, error)))
    assert (len(run["results"]), run["results"][0]["level"]) == (MAX_RESULTS, "error")
    [notification] = run["invocations"][0]["toolExecutionNotifications"]
    assert notification["message"]["text"] == "1 less severe results are left out."


@pytest.mark.parametrize(
    ("content", "hashes"),
    [
        ("", "c129715d7a2bc9a3:1"),
        (" a\nb\n  \t\tc\n d", "271789c17abda88f:1 54703d4cd895b18:1 180aee12dab6264:1 a23a3dc5e078b07b:1"),
    ],
)
def test_line_hashes_are_those_of_the_upload_action(content: str, hashes: str) -> None:
    """The figures that GitHub's action gives for these files."""
    assert line_hashes(content) == hashes.split()


def slow_hash(content: str, line: int) -> int:
    """The polynomial written out for one line, as its documentation has it."""
    lines = content.replace("\r\n", "\n").replace("\r", "\n").split("\n")[line - 1 :]
    units = [ord(char) for char in "\n".join(lines) if char not in " \t"] + [0xFFFF]
    window = (units + [0] * 100)[:100]
    return int(sum(unit * 37 ** (99 - place) for place, unit in enumerate(window)) % 2**64)


@given(st.text(st.sampled_from("ab \t\n\r"), max_size=300))
def test_line_hashes_are_the_polynomial_with_a_count(content: str) -> None:
    got = line_hashes(content)
    values = [slow_hash(content, line) for line in range(1, len(got) + 1)]
    assert got == [f"{value:x}:{values[: index + 1].count(value)}" for index, value in enumerate(values)]
