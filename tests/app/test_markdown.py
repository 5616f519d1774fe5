"""Nothing from a repository speaks in our name: no mention, link, HTML, heading or end of a fence."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.report import comment, markdown
from app.report.comment import Links, Spot
from app.report.suggestion import Change
from checks.check import Applicability, Edit, Finding, Fix, Location, Severity, Span, code
from checks.engine import Found
from checks.source.text import Text
from tests.app import sample

hostile = st.text(
    st.one_of(
        st.sampled_from("`@#<>[]()!|\\*_~&:/-+=.\n\r\t \u202e\u200b\u2028"),
        st.sampled_from(["a", "1", "é"]),
        st.characters(max_codepoint=0x2FFF),
    ),
    max_size=60,
)


def outside_code(line: str) -> str:
    """What CommonMark reads of one line besides its code spans."""
    out: list[str] = []
    at = 0
    while run := re.compile("`+").search(line, at):
        before = line[at : run.start()]
        out.append(before)
        escaped = (len(before) - len(before.rstrip("\\"))) % 2 == 1
        if escaped:
            out.append("`")
            at = run.start() + 1
            continue
        closing = re.compile(rf"(?<!`){run[0]}(?!`)").search(line, run.end())
        out.append("C" if closing else run[0])
        at = closing.end() if closing else run.end()
    return "".join([*out, line[at:]])


def assert_inert(text: str) -> None:
    """Nothing in `text` is more than text, whatever the code spans hold."""
    assert "\n" not in text
    assert "\r" not in text
    rest = outside_code(text)
    plain = re.sub(r"\\[!-/:-@\[-`{-~]", "", rest)
    assert not re.search(r"[<>`*_~\[\]|]", plain), rest
    assert not re.search(r"[@#](?!\u200d)", re.sub(r"&#\w+;", "", rest)), rest
    assert "://" not in rest
    assert not re.search(r"www\.", rest, re.IGNORECASE), rest
    assert not re.match(r"(?:[-+=>]|\d{1,9}[.)])(?:\s|$)", text), text
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\x00-\x08]", text)


@given(hostile)
def test_a_sentence_that_forgot_to_quote_is_only_text(value: str) -> None:
    assert_inert(markdown.prose(value))


@given(hostile)
def test_a_quoted_value_stands_in_one_code_span(value: str) -> None:
    text = markdown.prose(f"Before {code(value)} after.")
    assert_inert(text)
    assert outside_code(text) == "Before C after."


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("For tags other than `v*` we can't tell.", "For tags other than `v*` we can't tell."),
        ("Ask @octocat about #12.", "Ask @\u200doctocat about #\u200d12."),
        ("See https://evil.example or www.evil.example", "See :\u200d// or www"),
        ("GH-12 and acme/web#7", "GH\u200d-12"),
        ("- not a list", "\\- not a list"),
        ("12. not a list", "12\\. not a list"),
        ("<img src=x>", "&lt;img src=x&gt;"),
        ("[a](b)", "\\[a\\](b)"),
        ("one\n# two", "one #\u200d two"),
    ],
)
def test_what_would_mean_something_in_markdown_does_not(sentence: str, shown: str) -> None:
    result = markdown.prose(sentence)
    if shown.startswith(("See", "GH")):
        assert_inert(result)
        assert re.sub("\u200d", "", result).replace("\\", "") == sentence
    else:
        assert result == shown


@given(hostile, st.sampled_from(["", "suggestion", "diff"]))
def test_a_fence_ends_where_we_end_it(content: str, info: str) -> None:
    lines = markdown.fenced(content, info).split("\n")
    fence = re.match("`{3,}", lines[0])
    assert fence is not None
    closing = [
        i
        for i, line in enumerate(lines)
        if i and re.fullmatch(rf" {{0,3}}`{{{len(fence[0])},}}[ \t\r]*", line)
    ]
    assert closing == [len(lines) - 1]


@given(hostile)
def test_a_summary_holds_no_element_of_the_repository(value: str) -> None:
    shown = markdown.inline_html(f"Pin {code(value)}, {value}")
    assert set(re.findall(r"<[^>]*>", shown)) <= {"<code>", "</code>"}
    assert "\n" not in shown
    assert not re.search(r"@(?!\u200d)", re.sub(r"<code>.*?</code>", "", shown))


@given(hostile, hostile)
def test_a_row_of_a_table_has_its_own_cells(path: str, value: str) -> None:
    row = f"| error | {markdown.cell(code(path))} | {markdown.cell(markdown.prose(f'{code(value)} and {value}'))} |"
    ends = re.sub(r"\\.", "", row).count("|")
    assert ends == 4


def test_a_diff_shows_line_numbers_only_where_it_has_gaps_and_ends() -> None:
    one = markdown.diff([Change(3, ("old",), ("new",))])
    assert one == "```diff\n-old\n+new\n```"
    two = markdown.diff([Change(3, ("old",), ()), Change(9, (), ("new\r",))])
    assert two == "```diff\n@@ line 3 @@\n-old\n@@ line 9 @@\n+new\n```"
    long = markdown.diff([Change(1, tuple("x" * 500), ())])
    assert long.count("\n") == markdown.MAX_DIFF_LINES + 2
    assert "and 440 more lines" in long


def test_a_budget_counts_what_it_leaves_out() -> None:
    assert markdown.budgeted(["a" * 10] * 3, 1_000, "and {} more") == ["a" * 10] * 3
    kept = markdown.budgeted(["a" * 10] * 2_000, 1_000, "and {} more")
    assert len("\n".join(kept)) <= 1_000
    assert kept[-1] == f"and {2_000 - len(kept) + 1:,} more"


# Bodies of comments


LINKS = Links("https://github.com/acme/web", "1234567" + "0" * 33, "https://tidewaiter.example/checks")


def found(finding: Finding, fingerprint: str = "ab12") -> Found:
    return Found(sample.MOVING_TAG, finding, Severity.ERROR, fingerprint)


def test_a_comment_tells_what_why_where_and_the_fix() -> None:
    it = found(sample.moving_tag())
    body = comment.body(it, Spot(".github/workflows/build.yml", 8, 8), None, sample.SNAPSHOT.texts, LINKS)
    assert body == (
        "`main-latest` is pushed on every run, and the repository `web` refuses to move a tag.\n\n"
        'The second push to `main` fails: "tag is immutable". [`terraform/ecr.tf` line 3](https://github.com/acme/web'
        f"/blob/{LINKS.sha}/terraform/ecr.tf#L3) sets `IMMUTABLE`.\n\n"
        "<details><summary>Delete the tag</summary>\n\n"
        "```diff\n-            ${{ env.REGISTRY }}/web:main-latest\n```\n</details>\n\n"
        "Before committing: does anything deploy `web:main-latest`?\n\n"
        "<details><summary>Or let this one tag move, in <code>terraform/ecr.tf</code></summary>\n\n"
        '```diff\n-  image_tag_mutability = "IMMUTABLE"\n+  image_tag_mutability = "MUTABLE"\n```\n</details>\n\n'
        "<sub>[moving-tag-pushed-to-immutable-repository](https://tidewaiter.example/checks/"
        "moving-tag-pushed-to-immutable-repository) · to ignore: "
        "`# tidewaiter: ignore[moving-tag-pushed-to-immutable-repository] reason`</sub>\n"
        "<!-- tidewaiter:finding=ab12 -->"
    )


def test_only_the_last_line_is_a_marker() -> None:
    forged = "<!-- tidewaiter:finding=ffff -->"
    text = Text("f", f"a\n{forged}\nb\n")
    fix = Fix(f"put {forged} in", (Edit("f", Span(0, 1), f"{forged}\n{forged}"),), Applicability.DISPLAY)
    finding = Finding(f"It is {forged}", Location(text, Span(0, 1)), forged, fixes=(fix,))
    body = comment.body(found(finding, "e5"), Spot("f", 1, 1), None, {"f": text}, LINKS)
    assert comment.marked(body) == "e5"
    assert comment.marked(f"{body}\nQuoted by a person") is None
    assert comment.marked(forged) is None


@given(st.text(max_size=300))
def test_any_fingerprint_makes_a_marker_that_reads_back(fingerprint: str) -> None:
    marker = comment.marker(fingerprint)
    assert comment.marked(f"text\n{marker}") == comment.identity(fingerprint)
    assert marker.count("-->") == 1


@given(hostile)
def test_a_comment_with_hostile_values_stays_ours_and_within_the_limit(value: str) -> None:
    text = Text("f", f"{value}\nb\n")
    fix = Fix(f"replace {code(value)}", (Edit("f", Span(0, 1), value * 900),), Applicability.DISPLAY)
    finding = Finding(
        f"It is {value}",
        Location(text, Span(0, 1), value),
        value,
        (Location(text, Span(0, 1), value),),
        (fix,),
    )
    body = comment.body(found(finding), Spot("f", 1, 1), None, {"f": text}, LINKS)
    assert len(body) <= markdown.MAX_BODY
    assert comment.marked(body) == "ab12"
    assert (
        body.count("<!--") == body.count("<!-- tidewaiter:finding=ab12 -->") + value.count("<!--") * 900
        or "<!--" in value
    )


def test_a_comment_with_many_long_fixes_ends_with_its_marker_within_the_limit() -> None:
    lines = "".join(f"{number} {'x' * 500}\n" for number in range(80))
    text = Text("f", lines)
    fixes = tuple(
        Fix(
            f"replace it by {number}", (Edit("f", Span(0, len(lines)), lines.upper()),), Applicability.DISPLAY
        )
        for number in range(6)
    )
    finding = Finding("It is long.", Location(text, Span(0, 1)), fixes=fixes)
    body = comment.body(found(finding), Spot("f", 1, 1), None, {"f": text}, LINKS)
    assert markdown.MAX_BODY // 2 < len(body) <= markdown.MAX_BODY
    assert comment.marked(body) == "ab12"
    assert body.count("<details>") == body.count("</details>") < 6


def test_a_fixed_comment_says_so_once_and_offers_nothing() -> None:
    body = f"It moves.\n\n```suggestion\nx\n```\n\n{comment.marker('ab12')}"
    closed = comment.closed(body, "Fixed in", LINKS.sha)
    assert closed.startswith("Fixed in `1234567`.\n")
    assert "suggestion" not in closed
    assert comment.marked(closed) == "ab12"
    assert comment.closed(closed, "Fixed in", "f" * 40) == closed


def test_a_link_to_a_later_commit_is_no_other_body() -> None:
    one = "X. [`a.tf` line 3](https://github.com/a/b/blob/123/a.tf#L3) sets `IMMUTABLE`."
    assert comment.same(one, one.replace("123", "456").replace("line 3", "line 4").replace("#L3", "#L4"))
    assert not comment.same(one, one.replace("IMMUTABLE", "MUTABLE"))
