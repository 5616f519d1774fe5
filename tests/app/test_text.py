"""What a person reads in a terminal, and what GitHub Actions reads from a log."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.report.annotations import workflow_commands
from app.report.edited import edited_lines
from app.report.excerpt import excerpt, width_of
from app.report.plain import plain, printable
from app.report.text import Terminal, text, wants_colour
from checks.check import Applicability, Edit, Finding, Fix, Location, Severity, Span, code
from checks.engine import Found, Review, State
from checks.facts.tables import checked
from checks.source.snapshot import Snapshot, apply
from checks.source.text import Text, Unreadable
from tests.app import sample

EXPECTED = """\
.github/workflows/build.yml
  8:37   error  main-latest is pushed on every run, and the repository web refuses to move a tag.
         │
       8 │             ${{ env.REGISTRY }}/web:main-latest
         │                                     ^^^^^^^^^^^
         └ terraform/ecr.tf:3 sets IMMUTABLE:  image_tag_mutability = "IMMUTABLE"
         The second push to main fails: "tag is immutable".
         fix    delete the tag (unsafe: does anything deploy web:main-latest?)
                .github/workflows/build.yml:7
                            tags: |
                -             ${{ env.REGISTRY }}/web:main-latest
                              ${{ env.REGISTRY }}/web:sha-${{ github.sha }}
         or     let this one tag move (by hand)
         moving-tag-pushed-to-immutable-repository

Dockerfile
  2:2    warning  ENTRYPOINT is in shell form: node never gets SIGTERM.
         │
       2 │     ENTRYPOINT node server.js
         │     ^^^^^^^^^^^^^^^^^^^^^^^^^
         fix    write it in exec form (safe)
                Dockerfile:1
                  FROM node:24
                -     ENTRYPOINT node server.js
                +     ENTRYPOINT ["node", "server.js"]
         shell-form-entrypoint

terraform/iam.tf:18: can't be read: "{" is never closed. The other 3 files were reviewed.

moving-tag-pushed-to-immutable-repository crashed on Dockerfile: ValueError: no such line. \
This is a defect of Tidewaiter; what the check would have found is missing.

Incomplete: the base commit can't be read.

Dockerfile:1: suppressed: shell-form-entrypoint, by the comment on line 1: pid 1 is tini

2 findings (1 error, 1 warning) in 3 files, 2 with a fix: run again with --fix, for 1 of them with --unsafe too
1 stood there before, 1 suppressed, 1 unreadable, 1 crashed
"""


def found(
    place: Location, severity: Severity = Severity.NOTE, message: str = "m", fixes: tuple[Fix, ...] = ()
) -> Found:
    return Found(sample.SHELL_FORM, Finding(message, place, fixes=fixes), severity, "f")


def underlined(content: str, fragment: str, width: int = 80) -> str:
    """The part of the line shown that stands above the marks, cell by cell."""
    line = next(excerpt(sample.within(Text("a", content), fragment), width))
    start, end = line.marks.index("^"), len(line.marks)
    places = [width_of(line.shown[:index]) for index in range(len(line.shown))]
    return "".join(char for char, at in zip(line.shown, places, strict=True) if start <= at < end)


def test_a_review_is_told_by_file_with_source_related_places_and_fixes() -> None:
    assert text(sample.review(), sample.SNAPSHOT.texts) == EXPECTED


def test_nothing_found_is_one_line() -> None:
    assert text(Review(), sample.SNAPSHOT.texts) == "Nothing found in 3 files\n"
    assert text(Review(), Snapshot.of({"a.yml": "a: 1"}).texts).startswith(
        "Nothing to review: no file here is"
    )


def test_what_stood_there_before_is_counted_and_not_told() -> None:
    old = Found(
        sample.SHELL_FORM, Finding("old", sample.at("Dockerfile", "FROM")), Severity.ERROR, "f", State.KNOWN
    )
    assert text(Review((old,)), sample.SNAPSHOT.texts) == "Nothing new in 3 files\n1 stood there before\n"


@pytest.mark.parametrize(
    ("names", "others"),
    [
        ((), ""),
        (("a.tf",), " The other file was reviewed."),
        (("a.tf", "b.tf"), " The other 2 files were reviewed."),
    ],
)
def test_an_unreadable_file_says_that_the_others_were_reviewed(names: tuple[str, ...], others: str) -> None:
    review = Review(unreadable=(Unreadable("x.tf", 3, "it is not UTF-8"),))
    shown = text(review, Snapshot.of(dict.fromkeys(names, "")).texts)
    assert shown.startswith(f"x.tf:3: can't be read: it is not UTF-8.{others}\n")


def test_a_fix_that_is_only_for_reading_is_not_offered_for_fix() -> None:
    place = sample.at("Dockerfile", "FROM")
    fix = Fix("name a digest", (sample.replaced(place, "from"),), Applicability.DISPLAY)
    shown = text(Review((found(place, fixes=(fix,)),)), sample.SNAPSHOT.texts)
    assert "name a digest (by hand)" in shown
    assert "--fix" not in shown


@pytest.mark.parametrize(
    ("content", "fragment"),
    [
        ("\tRUN\tmake all", "make"),
        ("# 漢字 and kana", "kana"),
        ("# 漢字 and kana", "字"),
        ("# 🚢🚢 ship", "ship"),
        ("# cafe\u0301 x", "x"),
        ("# ❤\ufe0f love", "love"),
        ("# 👍🏽 thumb", "thumb"),
        ("# \x1b[31m red", "red"),
    ],
)
def test_the_underline_stands_under_its_text(content: str, fragment: str) -> None:
    assert underlined(content, fragment) == fragment


@pytest.mark.parametrize("fragment", ["needle", "1234"])
def test_a_long_line_is_cut_around_what_matters(fragment: str) -> None:
    content = "1234" + "漢a" * 30_000 + "needle" + "b" * 30_000
    line = next(excerpt(sample.within(Text("a", content), fragment), 60))
    assert width_of(line.shown) <= 60
    assert underlined(content, fragment, 60) == fragment


def test_a_span_longer_than_the_window_is_marked_to_its_end() -> None:
    line = next(excerpt(sample.within(Text("a", "x" * 500), "x" * 500), 40))
    assert (len(line.shown), len(line.marks)) == (40, 39)


def test_a_long_span_shows_its_first_lines_and_counts_the_rest() -> None:
    snapshot = Snapshot.of({"a.sh": "".join(f"line {number}\n" for number in range(1, 10))})
    place = Location(snapshot.texts["a.sh"], Span(0, len(snapshot.texts["a.sh"].content)))
    shown = text(Review((found(place),)), snapshot.texts)
    assert "4 │ line 4\n" in shown
    assert "line 5" not in shown
    assert "… 5 more lines" in shown


@given(st.text(), st.data())
def test_no_text_of_a_repository_reaches_the_terminal_as_a_control(content: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, len(content)))
    hostile = Text("Dockerfile" + content, content)
    place = Location(hostile, Span(start, end), content)
    fix = Fix(content, (Edit(hostile.path, place.span, content + "x"),), Applicability.UNSAFE, content + "?")
    finding = Finding(code(content), place, content, (place,), (fix,), withheld=content)
    review = Review(
        (Found(sample.SHELL_FORM, finding, Severity.ERROR, "f"),),
        unreadable=(Unreadable(hostile.path, 1, content),),
        incomplete=(content,),
    )
    shown = text(review, {hostile.path: hostile})
    assert all(char == "\n" or char.isprintable() or printable(char) == char for char in shown)
    assert "\x1b" not in shown
    for line in workflow_commands(review).splitlines():
        assert line.startswith(("::error ", "::warning "))


def test_colours_come_only_where_they_are_wanted() -> None:
    coloured = text(sample.review(), sample.SNAPSHOT.texts, Terminal(colour=True))
    assert "\x1b[31;1merror\x1b[0m" in coloured
    assert "\x1b[32m+     ENTRYPOINT" in coloured
    assert wants_colour({}, is_terminal=True)
    assert not wants_colour({}, is_terminal=False)
    assert not wants_colour({"NO_COLOR": "1", "FORCE_COLOR": "1"}, is_terminal=True)
    assert wants_colour({"NO_COLOR": "", "FORCE_COLOR": "1"}, is_terminal=False)


@given(st.text(st.sampled_from("`a b")))
def test_a_code_span_is_shown_as_its_value(value: str) -> None:
    assert plain(f"x {code(value)} y") == f"x {value.strip() or ' '} y" or not value.strip()


def test_plain_leaves_lone_backticks_and_pads() -> None:
    assert plain("a ` b ``c``") == "a ` b c"
    assert plain("``c`d`` `` `e` `` `  `") == "c`d `e`   "
    assert plain("`a` and `b`", "'") == "'a' and 'b'"


@given(st.text(st.sampled_from("ab\n")), st.data())
def test_the_lines_of_an_edit_give_the_file_before_and_after(content: str, data: st.DataObject) -> None:
    """Lines without `+` are in the file before, those without `-` in the one after, in order."""
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, len(content)))
    edit = Edit("a", Span(start, end), data.draw(st.text(st.sampled_from("ab\n"))))
    [shown] = edited_lines(Text("a", content), [edit])
    before = "\n".join(line for sign, line in shown.lines if sign != "+")
    after = "\n".join(line for sign, line in shown.lines if sign != "-")
    assert before in content
    assert after in apply(content, [edit])


def test_distant_edits_are_shown_apart_and_a_new_file_whole() -> None:
    content = Text("a", "".join(f"{number}\n" for number in range(1, 50)))
    edits = [
        Edit("a", Span(0, 1), "one"),
        Edit("a", Span(len(content.content) - 3, len(content.content) - 1), "last"),
    ]
    first, second = edited_lines(content, edits)
    assert first.lines == (("-", "1"), ("+", "one"), (" ", "2"))
    assert (second.line, second.lines) == (48, ((" ", "48"), ("-", "49"), ("+", "last")))
    [created] = edited_lines(None, [Edit("new", Span(0, 0), "a\nb\n")])
    assert created.lines == (("+", "a"), ("+", "b"))


def test_workflow_commands_escape_what_would_end_a_property_or_the_line() -> None:
    snapshot = Snapshot.of({"a,b:c%.sh": "x\ny\nz\n"})
    place = Location(snapshot.texts["a,b:c%.sh"], Span(0, 3))
    shown = workflow_commands(Review((found(place, Severity.NOTE, "100%\n::error::x"),)), "web/")
    assert shown == (
        "::notice file=web/a%2Cb%3Ac%25.sh,line=1,endLine=2,title=shell-form-entrypoint::100%25\\n::error::x\n"
    )


def test_workflow_commands_tell_columns_on_one_line_only() -> None:
    shown = workflow_commands(sample.review())
    assert (
        "\n::error file=.github/workflows/build.yml,line=8,endLine=8,col=37,endColumn=47,"
        "title=moving-tag-pushed-to-immutable-repository::'main-latest' is pushed"
    ) in shown
    whole = Location(sample.SNAPSHOT.texts["Dockerfile"], Span(0, 14))
    assert "line=1,endLine=1,title" in workflow_commands(Review((found(whole),)))


def test_workflow_commands_begin_with_what_makes_the_review_incomplete() -> None:
    """GitHub shows ten of a kind: these are not to be the eleventh."""
    shown = [line.partition("::")[2].split("::") for line in workflow_commands(sample.review()).splitlines()]
    assert [(head.partition(" ")[0], head.partition("title=")[2]) for head, *_ in shown] == [
        ("error", "moving-tag-pushed-to-immutable-repository crashed"),
        ("warning", "The review is incomplete"),
        ("error", "moving-tag-pushed-to-immutable-repository"),
        ("warning", "shell-form-entrypoint"),
        ("warning", "Can't be read"),
    ]
    assert [message for _, message, *_ in shown[:2]] == [
        "ValueError: no such line",
        "the base commit can't be read",
    ]


@pytest.mark.parametrize(("tag", "says"), [("pinning", True), ("dockerfile", False)])
def test_what_rests_on_a_table_says_of_which_day_it_is(tag: str, says: bool) -> None:
    place = sample.within(Text("a", "FROM a\n"), "FROM")
    one = replace(found(place), check=replace(sample.SHELL_FORM, tags=(tag,)))
    shown = text(Review((one,)), {"a": place.text}, Terminal())
    assert (f"the shipped tables: {checked()}" in shown) is says
    assert checked() >= "2026-11-24"
