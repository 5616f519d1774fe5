"""The JSON of a review, and of the catalogue."""

from __future__ import annotations

import json

from app.report import catalogue
from app.report.data import data, dumps
from app.report.text import Terminal
from checks.check import Applicability, Edit, Finding, Fix, Severity, Span
from checks.engine import Found, Review
from checks.source.snapshot import Snapshot
from tests.app import sample

LONG_EMOJI = "# 🚢 tide\r\nFROM a\rb\n"


def test_a_review_is_the_object_that_programs_rely_on() -> None:
    written = json.loads(dumps(data(sample.review(), sample.SNAPSHOT.texts)))
    assert list(written) == ["version", "findings", "suppressed", "unreadable", "crashed"]
    assert written["version"] == 1
    assert [(it["check"], it["state"]) for it in written["findings"]] == [
        ("moving-tag-pushed-to-immutable-repository", "new"),
        ("shell-form-entrypoint", "known"),
        ("shell-form-entrypoint", "new"),
    ]
    assert written["findings"][0] == {
        "check": "moving-tag-pushed-to-immutable-repository",
        "severity": "error",
        "state": "new",
        "message": "`main-latest` is pushed on every run, and the repository `web` refuses to move a tag.",
        "fingerprint": "aa" * 16,
        "locations": [
            {
                "path": ".github/workflows/build.yml",
                "start_line": 8,
                "start_column": 37,
                "end_line": 8,
                "end_column": 48,
                "note": "",
            },
            {
                "path": "terraform/ecr.tf",
                "start_line": 3,
                "start_column": 3,
                "end_line": 3,
                "end_column": 37,
                "note": "sets `IMMUTABLE`",
            },
        ],
        "fixes": [
            {
                "title": "delete the tag",
                "applicability": "unsafe",
                "caution": "Does anything deploy `web:main-latest`?",
                "edits": [
                    {
                        "path": ".github/workflows/build.yml",
                        "start_line": 8,
                        "start_column": 1,
                        "end_line": 9,
                        "end_column": 1,
                        "replacement": "",
                    }
                ],
            },
            {
                "title": "let this one tag move",
                "applicability": "display",
                "caution": None,
                "edits": [
                    {
                        "path": "terraform/ecr.tf",
                        "start_line": 3,
                        "start_column": 26,
                        "end_line": 3,
                        "end_column": 37,
                        "replacement": '"MUTABLE"',
                    }
                ],
            },
        ],
        "withheld": None,
    }
    assert written["findings"][1]["withheld"] == "no digest known"
    assert written["suppressed"] == [
        {"check": "shell-form-entrypoint", "path": "Dockerfile", "line": 1, "reason": "pid 1 is tini"}
    ]
    assert written["unreadable"] == [
        {"path": "terraform/iam.tf", "line": 18, "reason": '"{" is never closed'}
    ]
    assert written["crashed"] == [
        {"check": sample.MOVING_TAG.id, "path": "Dockerfile", "error": "ValueError: no such line"}
    ]


def test_columns_are_code_points_and_a_lone_carriage_return_ends_no_line() -> None:
    snapshot = Snapshot.of({"Dockerfile": LONG_EMOJI})
    places = [sample.at("Dockerfile", fragment, snapshot=snapshot) for fragment in ("tide", "b\n")]
    findings = [Found(sample.SHELL_FORM, Finding("m", place), Severity.NOTE, "f") for place in places]
    written = json.loads(dumps(data(Review(tuple(findings)), snapshot.texts)))
    first, second = (it["locations"][0] for it in written["findings"])
    assert (first["start_line"], first["start_column"], first["end_column"]) == (1, 5, 9)
    assert (second["start_line"], second["start_column"]) == (2, 8)
    assert (second["end_line"], second["end_column"]) == (3, 1)


def test_an_edit_of_an_absent_path_stands_at_its_first_character() -> None:
    fix = Fix("add it", (Edit(".dockerignore", Span(0, 0), ".git\n"),), Applicability.SAFE)
    finding = Finding("m", sample.at("Dockerfile", "FROM"), fixes=(fix,))
    review = Review((Found(sample.SHELL_FORM, finding, Severity.NOTE, "f"),))
    written = json.loads(dumps(data(review, sample.SNAPSHOT.texts)))
    assert written["findings"][0]["fixes"][0]["edits"] == [
        {
            "path": ".dockerignore",
            "start_line": 1,
            "start_column": 1,
            "end_line": 1,
            "end_column": 1,
            "replacement": ".git\n",
        }
    ]


def test_the_catalogue_says_what_each_check_is() -> None:
    assert catalogue.summary(sample.MOVING_TAG) == {
        "id": "moving-tag-pushed-to-immutable-repository",
        "aliases": ["mutable-tag"],
        "title": "A moving tag is pushed to an immutable repository",
        "severity": "error",
        "tags": ["tags"],
        "fixes": "unsafe",
        "kinds": ["workflow", "terraform"],
    }
    assert catalogue.detail(sample.MOVING_TAG)["page"] == catalogue.page(sample.MOVING_TAG)


def test_a_page_has_the_docstring_and_every_example() -> None:
    page = catalogue.page(sample.MOVING_TAG)
    assert page.startswith("# A moving tag is pushed to an immutable repository\n\n`moving-tag-pushed")
    for part in (
        "Push `sha-…` instead:",
        "### A moving tag\n\nFinds `x = 1`, and fixes it:\n\n`a.tf`:\n\n```diff\n-x = 1\n+x = 2\n```\n",
        "`mutable-tag`",
    ):
        assert part in page
    assert (
        page.index("## What it finds") < page.index("## What it leaves alone") < page.index("- An exact tag")
    )


def test_a_page_in_a_terminal_loses_its_marks_but_no_code() -> None:
    shown = catalogue.rendered(sample.MOVING_TAG, Terminal())
    assert not any(line.startswith("#") for line in shown.splitlines())
    assert "`" not in shown
    assert "    tags: web:sha-${{ github.sha }}\n" in shown


def test_a_code_span_over_two_lines_and_a_link_are_shown_as_what_they_say() -> None:
    doc = "Title\n\nUse `docker\nbuild` as [they say](https://example.org/a)\nor <https://example.org/b>.\n\n    echo `x`\n"
    shown = catalogue.rendered(sample.check("a-check", doc=doc), Terminal())
    assert (
        "Use docker build as they say (https://example.org/a) or https://example.org/b.\n\n    echo `x`\n"
        in shown
    )


def test_prose_flows_to_the_width_of_the_terminal_and_lists_and_code_do_not() -> None:
    told = "    echo one two three four five six seven"
    doc = f"Title\n\nfirst second\nthird `fourth\nfifth` sixth seventh\n\n- eighth\n- ninth tenth\n  eleventh twelfth\n\n{told}\n"
    shown = catalogue.rendered(sample.check("a-check", doc=doc), Terminal(width=24))
    assert "\nfirst second third\nfourth fifth sixth\nseventh\n\n" in shown
    assert f"\n- eighth\n- ninth tenth eleventh\n  twelfth\n\n{told}\n" in shown


def test_the_listing_names_each_check_under_its_kind_of_file() -> None:
    shown = catalogue.listing([sample.MOVING_TAG, sample.SHELL_FORM], Terminal())
    assert (
        shown.index("dockerfile\n")
        < shown.index("shell-form-entrypoint  (safe fix)")
        < shown.index("workflow\n")
    )
    assert "2 checks" in shown
