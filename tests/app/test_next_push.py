"""What happens to the comments of the push before."""

from __future__ import annotations

from msgspec.structs import replace

from app.report import comment
from app.report.hunks import Hunk
from app.report.plan import plan
from app.report.subject import Options
from checks.check import Edit
from checks.engine import Review, Suppressed
from tests.app.planned import (
    ALL,
    BOTH,
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


def test_the_same_findings_again_are_no_change() -> None:
    first = plan(BOTH, SUBJECT)
    later = replace(SUBJECT, links=replace(LINKS, sha="f" * 40))
    again = plan(BOTH, later, posted=standing(first))
    assert (again.comments, again.rewritten, again.deleted) == ((), (), ())
    assert again.check_run.text == ""


def test_a_finding_that_is_gone_takes_its_comment_with_it_unless_somebody_replied() -> None:
    first = plan(BOTH, SUBJECT)
    quiet = plan(only(MOVING), SUBJECT, posted=standing(first))
    assert (quiet.deleted, quiet.rewritten) == ((2,), ())
    talked = plan(only(MOVING), SUBJECT, posted=standing(first, replied=True))
    assert talked.deleted == ()
    assert talked.rewritten[0].id == 2
    assert talked.rewritten[0].body.startswith("Fixed in `1234567`.")
    told = tuple(
        replace(it, body=talked.rewritten[0].body) if it.id == 2 else it
        for it in standing(first, replied=True)
    )
    assert plan(only(MOVING), SUBJECT, posted=told).rewritten == ()


def test_a_finding_that_is_ignored_was_not_fixed() -> None:
    first = plan(only(SHELL), SUBJECT)
    location = SHELL.finding.location
    ignored = Review(suppressed=(Suppressed(SHELL.check.id, location, "tini", location),))
    made = plan(ignored, SUBJECT, posted=standing(first, replied=True))
    assert made.rewritten[0].body.startswith("Ignored since `1234567`.")


def test_a_finding_that_comes_back_is_told_again_in_its_comment() -> None:
    first = plan(only(SHELL), SUBJECT)
    there = standing(first, replied=True)
    closed = tuple(replace(it, body=comment.closed(it.body, "Fixed in", SHA)) for it in there)
    assert [it.body for it in plan(only(SHELL), SUBJECT, posted=closed).rewritten] == [there[0].body]


def test_an_incomplete_review_takes_nothing_back() -> None:
    first = plan(BOTH, SUBJECT)
    made = plan(Review(incomplete=("a limit",)), SUBJECT, posted=standing(first))
    assert (made.deleted, made.rewritten) == ((), ())


def test_a_suggestion_that_changed_is_rewritten_in_place_or_replaced_where_it_spans_other_lines() -> None:
    there = subject(Hunk(60, 80))
    first = plan(only(with_fix(73, 73)), there)
    changed = with_fix(73, 73)
    fix = replace(changed.finding.fixes[0], edits=(Edit("long", LONG.line(73), "other"),))
    same_lines = plan(
        only(replace(changed, finding=replace(changed.finding, fixes=(fix,)))), there, posted=standing(first)
    )
    assert (same_lines.comments, same_lines.deleted) == ((), ())
    assert "```suggestion\nother\n```" in same_lines.rewritten[0].body
    wider = plan(only(with_fix(73, 72)), there, posted=standing(first))
    assert wider.deleted == (1,)
    assert (only_comment(wider).start_line, only_comment(wider).line) == (72, 73)
    replied = plan(only(with_fix(73, 72)), there, posted=standing(first, replied=True))
    assert (replied.comments, replied.deleted, replied.rewritten) == ((), (), ())


def test_an_outdated_comment_is_not_posted_again() -> None:
    there = subject(Hunk(60, 80))
    outdated = tuple(
        replace(it, line=None, start_line=None) for it in standing(plan(only(with_fix(73, 73)), there))
    )
    made = plan(only(with_fix(73, 72)), there, posted=outdated)
    assert (made.comments, made.rewritten, made.deleted) == ((), (), ())


def test_of_two_comments_on_one_finding_the_replied_one_stays() -> None:
    (one,) = standing(plan(only(SHELL), SUBJECT))
    twice = (replace(one, id=1), replace(one, id=2, replied=True), replace(one, id=3))
    assert plan(only(SHELL), SUBJECT, posted=twice).deleted == (1, 3)


def test_what_is_posted_counts_towards_the_caps_and_stays() -> None:
    many = tuple(at_line(number) for number in range(1, 9))
    options = Options(per_check=3)
    first = plan(only(*many), subject(*ALL), options)
    later = plan(only(*many, at_line(20)), subject(*ALL), options, posted=standing(first))
    assert (later.comments, later.deleted) == ((), ())
