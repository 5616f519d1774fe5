"""What a review becomes: the check run, the comments, and what happens to those of the push before."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from app.config.model import ConfigError
from app.report import comment, placement
from app.report.hunks import Hunk
from app.report.ignored import Ignore, Ignored
from app.report.markdown import MAX_BODY
from app.report.outcome import MAX_ANNOTATIONS, Conclusion, Level, failed, superseded
from app.report.plan import plan
from app.report.subject import Options, Subject
from checks.check import Applicability, Attention, Finding, Location, Severity, Span
from checks.engine import Crashed, Found, Review, State, Suppressed
from checks.source.text import Unreadable
from tests.app import sample
from tests.app.planned import (
    ALL,
    BOTH,
    CLEAN,
    LINKS,
    LONG,
    MOVING,
    SHA,
    SHELL,
    SUBJECT,
    at_line,
    only,
    only_comment,
    standing,
    subject,
    with_fix,
)

# Conclusion and title


@pytest.mark.parametrize(
    ("review", "options", "conclusion", "title"),
    [
        (BOTH, Options(), Conclusion.FAILURE, "2 new findings: 1 error, 1 warning"),
        (only(SHELL), Options(), Conclusion.SUCCESS, "1 new finding: 1 warning"),
        (
            only(SHELL),
            Options(fails=lambda _, severity: severity.reaches(Severity.NOTE)),
            Conclusion.FAILURE,
            "1 new finding: 1 warning",
        ),
        (BOTH, Options(fails=lambda *_: False), Conclusion.SUCCESS, "2 new findings: 1 error, 1 warning"),
        (
            BOTH,
            Options(fails=lambda check, _: check == SHELL.check.id),
            Conclusion.FAILURE,
            "2 new findings: 1 error, 1 warning",
        ),
        (CLEAN, Options(), Conclusion.SUCCESS, "Nothing new"),
        (only(replace(MOVING, state=State.KNOWN)), Options(), Conclusion.SUCCESS, "Nothing new"),
        (
            Review(crashed=(Crashed("a-check", "f", "boom"),)),
            Options(),
            Conclusion.NEUTRAL,
            "Incomplete: 1 check crashed",
        ),
        (
            Review((SHELL,), incomplete=("GitHub has no merge base",)),
            Options(),
            Conclusion.NEUTRAL,
            "Incomplete: GitHub has no merge base; 1 new finding: 1 warning",
        ),
        (
            Review((MOVING,), crashed=(Crashed("a-check", "f", "boom"),)),
            Options(),
            Conclusion.FAILURE,
            "Incomplete: 1 check crashed; 1 new finding: 1 error",
        ),
        (
            Review(unreadable=(Unreadable("f", 1, "it is binary"),)),
            Options(),
            Conclusion.SUCCESS,
            "Nothing new",
        ),
    ],
)
def test_conclusion_and_title(review: Review, options: Options, conclusion: Conclusion, title: str) -> None:
    run = plan(review, SUBJECT, options).check_run
    assert (run.conclusion, run.title) == (conclusion, title)


def test_an_organisation_may_want_a_failure_of_what_could_not_be_seen() -> None:
    options = Options(incomplete_fails=True)
    for review in (Review(crashed=(Crashed("a-check", "f", "boom"),)), Review(incomplete=("a limit",))):
        assert plan(review, SUBJECT, options).check_run.conclusion is Conclusion.FAILURE
    assert plan(CLEAN, SUBJECT, options).check_run.conclusion is Conclusion.SUCCESS


def test_a_config_that_would_not_apply_fails_and_is_marked_at_its_lines() -> None:
    errors = tuple(ConfigError(".github/tidewaiter.yml", line, f"{line} is wrong") for line in (3, 5))
    there = replace(SUBJECT, broken_config=errors)
    run = plan(only(SHELL), there).check_run
    assert (run.conclusion, run.title) == (
        Conclusion.FAILURE, "2 errors in .github/tidewaiter.yml; 1 new finding: 1 warning",
    )  # fmt: skip
    assert [(one.path, one.start_line, one.end_line, one.level) for one in run.annotations[:2]] == [
        (".github/tidewaiter.yml", 3, 3, Level.FAILURE),
        (".github/tidewaiter.yml", 5, 5, Level.FAILURE),
    ]
    assert run.annotations[0].message == "3 is wrong. Merged so, it would not apply."
    assert len(run.annotations) == 3
    quiet = plan(only(SHELL), there, Options(fails=lambda *_: False)).check_run
    assert quiet.conclusion is Conclusion.SUCCESS


def test_a_pull_request_without_files_of_ours_succeeds_and_says_so() -> None:
    run = plan(CLEAN, replace(SUBJECT, reviewed=0)).check_run
    assert (run.conclusion, run.title) == (Conclusion.SUCCESS, "Nothing to review")


def test_our_failure_is_ours_and_names_the_delivery() -> None:
    run = failed("GitHub refused the base commit", "1b2c")
    assert run.title == "Could not review: GitHub refused the base commit"
    assert run.conclusion is Conclusion.NEUTRAL
    assert "our fault" in run.summary
    assert "`1b2c`" in run.summary
    assert failed("x", "y", fails=True).conclusion is Conclusion.FAILURE
    assert superseded("abcdef123").conclusion is Conclusion.CANCELLED


def test_two_pull_requests_with_one_head_share_the_union() -> None:
    made = plan(only(SHELL), SUBJECT, shared=(only(MOVING, replace(SHELL, state=State.KNOWN)),))
    assert made.check_run.title == "2 new findings: 1 error, 1 warning"
    assert made.check_run.conclusion is Conclusion.FAILURE
    assert [it.identity for it in made.comments] == ["cc33"]


# The summary


def test_the_summary_tells_all_there_is_in_one_table() -> None:
    known = replace(at_line(4), state=State.KNOWN)
    withheld = at_line(9)
    withheld = replace(
        withheld,
        finding=replace(withheld.finding, withheld="it would bring another finding (`a-check`): It is here."),
    )
    first = Location(LONG, LONG.line(5))
    review = Review(
        (MOVING, withheld, known),
        suppressed=(
            Suppressed("shell-form-entrypoint", first, "pid 1 is `tini`", Location(LONG, LONG.line(4))),
        ),
        unreadable=(Unreadable("terraform/iam.tf", 18, '"{" is never closed'),),
    )
    there = Subject(
        LINKS,
        {"long": (Hunk(1, 5, frozenset({4})),), ".github/workflows/build.yml": ALL},
        sample.SNAPSHOT.texts,
    )
    summary = plan(
        review, there, ways=("**The way of `web`:** built",), notes=("Code scanning is off.",)
    ).check_run.summary
    assert summary.startswith(
        "**This pull request brings 2 findings.** 1 has a fix that you can commit from the comments."
    )
    assert (
        f"| error | [`.github/workflows/build.yml` 8]({LINKS.repository}/blob/{SHA}/.github/workflows/build.yml#L8) | "
        "`main-latest` is pushed on every run, and the repository `web` refuses to move a tag |"
    ) in summary
    assert "**The way of `web`:** built" in summary
    assert "Code scanning is off." in summary
    assert "<summary>1 finding stood there before</summary>" in summary
    assert (
        "<summary>1 suppressed: <code>shell-form-entrypoint</code>, by the line above <code>long</code> 5, "
        "added in this pull request</summary>"
    ) in summary
    assert (
        "<summary>1 fix withheld: it would bring another finding (<code>a-check</code>): It is here</summary>"
        in summary
    )
    assert "<summary>1 file can't be read</summary>" in summary
    assert summary.index("| error |") < summary.index("| warning |")


@settings(max_examples=10)
@given(st.integers(0, 3_000), st.integers(0, 3_000))
def test_the_summary_fits_whatever_the_numbers(new: int, known: int) -> None:
    long = "x" * 90
    finding = replace(at_line(1).finding, message=f"`{long}` and `{long}`.")
    found = replace(at_line(1), finding=finding)
    many = tuple(replace(found, fingerprint=f"n{number}") for number in range(new))
    before = tuple(replace(found, fingerprint=f"k{number}", state=State.KNOWN) for number in range(known))
    broken = tuple(Unreadable(long, number + 1, long) for number in range(known))
    run = plan(Review((*many, *before), unreadable=broken, incomplete=(long,) * 30), subject()).check_run
    assert len(run.summary) <= MAX_BODY
    assert len(run.text) <= MAX_BODY
    rows = run.summary.count("| warning |")
    left = re.search(r"\n… and ([\d,]+) more\.", run.summary)
    assert rows + (int(left[1].replace(",", "")) if left else 0) == new
    assert len(run.annotations) == min(new, MAX_ANNOTATIONS)


def test_the_summary_has_room_for_all_that_it_tells_when_there_is_much_of_everything() -> None:
    long = "x" * 90
    withheld = replace(at_line(1).finding, message=f"`{long}` and `{long}`.", withheld=long)
    many = tuple(replace(at_line(1, f"n{number}"), finding=withheld) for number in range(900))
    place = Location(LONG, LONG.line(5))
    review = Review(
        (*many, *(replace(found, fingerprint=f"k{found.fingerprint}", state=State.KNOWN) for found in many)),
        suppressed=(Suppressed("shell-form-entrypoint", place, long * 900, place),) * 900,
        unreadable=(Unreadable(long, 1, long * 900),) * 900,
        crashed=tuple(Crashed("a-check", f"{long}{number}", long) for number in range(900)),
        incomplete=(long,) * 900,
    )
    ignored = (Ignored(at_line(2), Ignore("shell-form-entrypoint", "rosa", long * 3)),) * 900
    ways = tuple(f"**The way of `{number}`:** {long * 9}" for number in range(10))
    run = plan(review, subject(), notes=(f"{long}.",) * 900, ways=ways, ignored=ignored).check_run
    assert len(run.summary) <= MAX_BODY
    for head in (
        "Not everything could be seen", "The way of `9`", "900 findings stood there before", "900 suppressed",
        "900 ignored by a command", "900 fixes withheld", "900 files can't be read", "What crashed",
    ):  # fmt: skip
        assert head in run.summary
    assert run.summary.count("| warning |") > 25
    assert len(re.findall(r"(?m)^(?:- )?… and [\d,]+ more", run.summary)) == 9
    alone = plan(replace(review, suppressed=review.suppressed[:1], findings=many[:1]), subject()).check_run
    assert "1 suppressed" in alone.summary
    assert "1 fix withheld" in alone.summary


def test_a_finding_without_a_comment_is_told_in_full_in_the_text() -> None:
    made = plan(BOTH, Subject(LINKS, {}, sample.SNAPSHOT.texts))
    assert made.comments == ()
    assert "The second push to `main` fails" in made.check_run.text
    assert "<details><summary>Delete the tag</summary>" in made.check_run.text
    assert plan(BOTH, SUBJECT).check_run.text == ""


def test_every_new_finding_is_an_annotation() -> None:
    moving, shell = plan(BOTH, SUBJECT).check_run.annotations
    assert (moving.path, moving.start_line, moving.end_line, moving.level) == (
        ".github/workflows/build.yml", 8, 8, Level.FAILURE,
    )  # fmt: skip
    assert moving.start_column is not None
    assert moving.end_column is not None
    line = sample.WORKFLOW.split("\n")[moving.start_line - 1]
    assert line[moving.start_column - 1 : moving.end_column] == "main-latest"
    assert moving.message == (
        "main-latest is pushed on every run, and the repository web refuses to move a tag. "
        'The second push to main fails: "tag is immutable". terraform/ecr.tf line 3 sets IMMUTABLE.'
    )
    assert shell.level is Level.WARNING
    several = Finding("Two lines.", Location(LONG, Span(0, LONG.line(2).end)))
    (made,) = plan(
        only(Found(sample.SHELL_FORM, several, Severity.NOTE, "x")), subject()
    ).check_run.annotations
    assert (made.start_line, made.end_line, made.start_column, made.end_column) == (1, 2, None, None)


def buttons(review: Review, subject: Subject) -> list[str]:
    return [action.identifier for action in plan(review, subject).check_run.actions]


def test_the_button_is_there_only_for_safe_fixes_that_we_may_commit() -> None:
    ours = replace(SUBJECT, can_commit=True)
    assert buttons(BOTH, ours) == ["recheck", "apply-fixes"]
    assert buttons(BOTH, SUBJECT) == buttons(only(MOVING), ours) == buttons(CLEAN, ours) == ["recheck"]


def test_a_button_is_there_only_where_somebody_can_press_it() -> None:
    ours = replace(SUBJECT, can_commit=True)
    assert buttons(BOTH, replace(ours, closed=True)) == []
    assert buttons(BOTH, replace(ours, is_pull_request=False)) == []


def test_a_button_is_as_short_as_github_wants_it() -> None:
    for action in plan(BOTH, replace(SUBJECT, can_commit=True)).check_run.actions:
        assert len(action.label) <= 20
        assert len(action.identifier) <= 20
        assert len(action.description) <= 40


# Where comments stand


def test_a_comment_stands_at_the_primary_place() -> None:
    made = only_comment(plan(only(at_line(7)), subject(Hunk(5, 9))))
    assert (made.path, made.start_line, made.line) == ("long", None, 7)
    assert comment.marked(made.body) == "f7"


def test_outside_of_the_diff_it_stands_at_the_first_related_place_inside() -> None:
    line = at_line(900)
    related = (Location(LONG, LONG.line(100), "is far"), Location(LONG, LONG.line(6), "sets it"))
    found = replace(line, finding=replace(line.finding, related=related))
    made = only_comment(plan(only(found), subject(Hunk(5, 9))))
    assert made.line == 6
    assert f"This is about [`long` line 900]({LINKS.repository}/blob/{SHA}/long#L900)." in made.body


@pytest.mark.parametrize(
    ("attention", "fixes", "comments"),
    [
        (Attention.COMMENT, False, 1),
        (Attention.COMMENT_WITH_SUGGESTION, False, 0),
        (Attention.COMMENT_WITH_SUGGESTION, True, 1),
        (Attention.CHECK_RUN, True, 0),
    ],
)
def test_a_check_says_where_it_may_interrupt(attention: Attention, fixes: bool, comments: int) -> None:
    found = with_fix(5, 5) if fixes else at_line(5)
    quiet = replace(found, check=replace(found.check, attention=attention))
    made = plan(only(quiet), subject(Hunk(1, 100)))
    assert len(made.comments) == comments
    assert len(made.check_run.annotations) == 1


def test_what_has_no_place_in_the_diff_is_an_annotation_only() -> None:
    made = plan(only(at_line(900)), subject(Hunk(5, 9)))
    assert made.comments == ()
    assert made.check_run.annotations[0].start_line == 900


def test_a_finding_over_lines_of_one_hunk_spans_them_and_else_its_first_line() -> None:
    location = Location(LONG, Span(LONG.line(4).start, LONG.line(6).end))
    found = Found(sample.SHELL_FORM, Finding("Three lines.", location), Severity.NOTE, "x")
    whole = only_comment(plan(only(found), subject(Hunk(1, 9))))
    assert (whole.start_line, whole.line) == (4, 6)
    first = only_comment(plan(only(found), subject(Hunk(1, 5))))
    assert (first.start_line, first.line) == (None, 4)


def test_a_fix_inside_one_hunk_is_a_suggestion_that_spans_its_edits() -> None:
    made = only_comment(plan(only(with_fix(73, 70, 75)), subject(Hunk(60, 80))))
    assert (made.start_line, made.line) == (70, 75)
    assert "```suggestion\nLINE 70\nline 71\nline 72\nline 73\nline 74\nLINE 75\n```" in made.body


def test_a_fix_over_two_hunks_or_to_be_read_is_a_diff() -> None:
    across = only_comment(plan(only(with_fix(73, 70, 95)), subject(Hunk(60, 80), Hunk(90, 99))))
    assert across.line == 73
    assert "suggestion" not in across.body
    assert "<details><summary>Shout</summary>" in across.body
    read = only_comment(
        plan(only(with_fix(73, 73, applicability=Applicability.DISPLAY)), subject(Hunk(60, 80)))
    )
    assert "suggestion" not in read.body
    assert "-line 73\n+LINE 73" in read.body


def test_an_unsafe_fix_says_what_to_check() -> None:
    made = only_comment(
        plan(only(with_fix(73, 73, applicability=Applicability.UNSAFE)), subject(Hunk(60, 80)))
    )
    assert "```suggestion\nLINE 73\n```\nBefore committing: is it?" in made.body


# Caps and quiet


def test_caps_keep_the_worst_and_count_the_rest() -> None:
    others = tuple(at_line(number) for number in range(1, 9))
    error = replace(at_line(500, check=sample.MOVING_TAG), severity=Severity.ERROR)
    made = plan(only(*others, error), subject(*ALL), Options(per_check=3, per_pull_request=3))
    assert [it.identity for it in made.comments] == ["f500", "f1", "f2"]
    assert (
        "6 more findings have no comment: the limits are 3 on a pull request, 3 of one check."
        in made.check_run.summary
    )
    each = plan(only(*others, error), subject(*ALL), Options(per_check=2))
    assert [it.identity for it in each.comments] == ["f500", "f1", "f2"]


@pytest.mark.parametrize(
    ("changed", "options", "says"),
    [
        ({"draft": True}, Options(), "is a draft: comments wait"),
        ({"locked": True}, Options(), "conversation is locked"),
        ({"closed": True}, Options(), "is closed"),
        ({}, Options(observe=True), "`mode: observe`"),
    ],
)
def test_where_comments_are_unwelcome_the_check_run_has_it_all(
    changed: dict[str, bool], options: Options, says: str
) -> None:
    made = plan(BOTH, replace(SUBJECT, **changed), options)
    assert made.comments == ()
    assert says in made.check_run.summary
    assert len(made.check_run.annotations) == 2


# Any plan


@given(
    st.lists(
        st.tuples(st.integers(1, 40), st.lists(st.integers(1, 40), max_size=3, unique=True)), max_size=8
    ),
    st.lists(st.tuples(st.integers(1, 40), st.integers(0, 9)), max_size=3),
)
def test_every_comment_stands_in_one_hunk_and_planning_on_is_no_change(
    findings: list[tuple[int, list[int]]], runs: list[tuple[int, int]]
) -> None:
    hunks = tuple(Hunk(first, first + more) for first, more in runs)
    new = []
    for index, (line, changed) in enumerate(findings):
        found = with_fix(line, *sorted(changed)) if changed else at_line(line)
        new.append(replace(found, fingerprint=f"p{index}"))
    made = plan(only(*new), subject(*hunks), Options(per_check=100))
    for it in made.comments:
        assert any(hunk.holds(range(it.start_line or it.line, it.line + 1)) for hunk in hunks)
        assert it.start_line is None or it.start_line < it.line
    again = plan(only(*new), subject(*hunks), Options(per_check=100), standing(made))
    assert (again.comments, again.rewritten, again.deleted) == ((), (), ())
    assert placement.review_body(1) == "1 new finding stands beside the lines; the check run lists them all."
