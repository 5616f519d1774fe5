"""Reviews and subjects to plan from, for the tests of plans."""

from __future__ import annotations

from msgspec.structs import replace

from app.report.comment import Links
from app.report.hunks import Hunk
from app.report.placement import Comment, Posted
from app.report.plan import Plan
from app.report.subject import Subject
from checks.check import Applicability, Check, Edit, Finding, Fix, Location, Severity
from checks.engine import Found, Review
from checks.source.text import Text
from tests.app import sample

SHA = "1234567" + "0" * 33
LINKS = Links("https://github.com/acme/web", SHA, "https://tidewaiter.example/checks")
ALL = (Hunk(1, 1000),)
SUBJECT = Subject(LINKS, dict.fromkeys(sample.SNAPSHOT.texts, ALL), sample.SNAPSHOT.texts)
CLEAN = Review()


def only(*findings: Found) -> Review:
    return Review(findings=findings)


MOVING = Found(sample.MOVING_TAG, sample.moving_tag(), Severity.ERROR, "aa11")
SHELL = Found(sample.SHELL_FORM, sample.shell_form(), Severity.WARNING, "cc33")
BOTH = only(MOVING, SHELL)

LONG = Text("long", "".join(f"line {number}\n" for number in range(1, 1001)))


def at_line(line: int, fingerprint: str = "", check: Check = sample.SHELL_FORM, note: str = "") -> Found:
    """A finding without a fix on a line of the long file."""
    finding = Finding(f"`line {line}` stands there.", Location(LONG, LONG.line(line), note))
    return Found(check, finding, Severity.WARNING, fingerprint or f"f{line}")


def with_fix(line: int, *changed: int, applicability: Applicability = Applicability.SAFE) -> Found:
    """A finding on a line whose fix changes other lines."""
    edits = tuple(Edit("long", LONG.line(number), f"LINE {number}") for number in changed)
    caution = "Is it?" if applicability is Applicability.UNSAFE else ""
    finding = replace(at_line(line).finding, fixes=(Fix("shout", edits, applicability, caution),))
    return replace(at_line(line), finding=finding)


def subject(*hunks: Hunk, path: str = "long") -> Subject:
    return Subject(LINKS, {path: hunks}, {"long": LONG, **sample.SNAPSHOT.texts})


def standing(made: Plan, *, replied: bool = False) -> tuple[Posted, ...]:
    """The plan's comments as they stand on the pull request afterwards."""
    return tuple(
        Posted(number, it.identity, it.path, it.line, it.start_line, it.body, replied)
        for number, it in enumerate(made.comments, 1)
    )


def only_comment(made: Plan) -> Comment:
    (comment,) = made.comments
    return comment
