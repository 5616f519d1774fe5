"""Which comments hold a command, and that nothing of what we write does."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from app import answers
from app.commands import COMMANDS, EXPLAIN, HELP, IGNORE, RECHECK, Command, Written, read
from app.github import publish
from app.report.hunks import Hunk
from app.report.outcome import failed, superseded
from app.report.placement import Posted, review_body
from app.report.plan import Plan, plan
from app.report.subject import Subject
from checks.check import Applicability, Edit, Finding, Fix, Location, Severity, Span
from checks.engine import Crashed, Found, Review, Suppressed
from checks.source.text import Text, Unreadable
from tests.app import sample
from tests.app.planned import LINKS


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("/recheck", RECHECK),
        ("/help", HELP),
        ("/Recheck \t", RECHECK),
        ("Fixed in the base.\r\n/recheck\r\nThank you", RECHECK),
        ("/help\n/recheck", HELP),
        ("/unheard-of\n/approve\n/recheck", RECHECK),
        ("> said before\n\n/recheck", RECHECK),
        ("```\ncode\n```\n/recheck", RECHECK),
        ("`code`, `` co`de ``\n/recheck\n`code`", RECHECK),
        ("a lone ` and\n/recheck", RECHECK),
        ("\\`not code\n/recheck\n`", RECHECK),
        ("<!-- a template -->\n/recheck", RECHECK),
        ("<pre>x</pre>\n/recheck", RECHECK),
    ],
)
def test_a_command_stands_alone_on_its_line(body: str, found: Command) -> None:
    assert read(body) == Written(found)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "/",
        "/approve",
        "/recheck now",
        "/recheck/",
        "//recheck",
        "Run /recheck",
        " /recheck",
        "    /recheck",
        "\t/recheck",
        "- /recheck",
        "`/recheck`",
        "> /recheck",
        "> said\n/recheck",
        "```\n/recheck\n```",
        "~~~~ sh\n~~~\n/recheck\n~~~~",
        "```\n/recheck",
        "```` ` ```\nx\n\n````\n/recheck",
        "`in\n/recheck\ncode`",
        "``in\n/recheck\n` code``",
        "<!-- to run:\n\n/recheck\n-->",
        "x <!-- to run:\n/recheck\n-->",
        "<pre>\n\n/recheck\n</pre>",
        "<CODE>\n/recheck\n</CODE>",
        "/recheck\u2028/",
        "\ufeff/recheck",
        "／recheck",
    ],
)
def test_what_is_no_command(body: str) -> None:
    assert read(body) is None


PIECES = ["/recheck", "/help", "`", "``", "```", "~~~", "\\", "> ", "<!--", "-->", "<pre>", "</pre>", "\n", "\n\n", "x", "    ", "- "]  # fmt: skip
RENDERER = MarkdownIt("commonmark")


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_a_command_is_text_for_a_markdown_parser_too(body: str) -> None:
    """A line that is read as a command is one that CommonMark shows as plain text."""
    command = read(body)
    if command:
        shown = [token for token in RENDERER.parse(body) if token.type == "inline"]
        texts = [child.content for token in shown for child in token.children or () if child.type == "text"]
        assert any(text.strip() == command.command.usage for text in texts)


@pytest.mark.parametrize(
    ("body", "written"),
    [
        ("/explain shell-form-entrypoint", Written(EXPLAIN, "shell-form-entrypoint")),
        ("/explain  `shell-form-entrypoint`  ", Written(EXPLAIN, "shell-form-entrypoint")),
        ("/explain", Written(EXPLAIN)),
        ("/ignore", Written(IGNORE)),
        ("/ignore user-not-numeric", Written(IGNORE, "user-not-numeric")),
        (
            "/ignore user-not-numeric\ttini  is `1`: fine",
            Written(IGNORE, "user-not-numeric", "tini is `1`: fine"),
        ),
        ("/ignore a b\u2028c", Written(IGNORE, "a", "b c")),
        (f"/ignore {'a' * 200} {'b' * 400}", Written(IGNORE, "a" * 100, "b" * 300)),
    ],
)
def test_what_a_command_takes(body: str, written: Written) -> None:
    assert read(body) == written


@pytest.mark.parametrize("body", ["/explain this to me", "/fix it", "/fix shell-form-entrypoint", "/help me", "/ignore\nuser-not-numeric x"])  # fmt: skip
def test_what_a_command_does_not_take_makes_it_mere_text(body: str) -> None:
    found = read(body)
    assert found is None or found == Written(IGNORE)


def test_a_long_line_takes_no_time() -> None:
    began = time.monotonic()
    assert read(f"/recheck{' ' * 60_000}x") is None
    assert read(f"/ignore a{' ' * 60_000}b") == Written(IGNORE, "a", "b")
    assert time.monotonic() - began < 0.5


def test_the_answer_to_help_names_every_command_and_is_none() -> None:
    text = answers.help_().body
    for command in COMMANDS:
        assert f"| `{command.usage}` | {command.does} | {command.who.value} |" in text
    assert text.endswith(f"\n{answers.HELP_MARKER}")
    assert_inert(text)


def assert_inert(text: str) -> None:
    assert read(text) is None, text


FIXED_TEXTS = (
    publish.NO_SCANNING,
    publish.NO_PERMISSION,
    publish.NO_COMMENTS,
    review_body(1),
    review_body(2),
)

hostile = st.sampled_from(
    ["/recheck", "\n/recheck\n", "`\n/recheck\n`", "\r/recheck\r", "```\n/help\n```", "x\u2028/recheck", "</details>\n\n/help\n", "-->\n/recheck", "~~~\n/recheck"]
)  # fmt: skip


def told(value: str, other: str) -> tuple[Plan, Subject]:
    """The plan for a review in which everything that comes from a repository is hostile."""
    path = f"a{value.replace(chr(10), ' ').replace(chr(13), ' ').replace(chr(0x2028), ' ')}"
    text = Text(path, f"FROM scratch\n{value}\n{other}\nlast\n")
    place = Location(text, Span(0, len(text.content) - 5), f"says {value}")
    fixes = (
        Fix(f"write {value}", (Edit(path, Span(0, 4), f"{value}\n{other}\n"),), Applicability.UNSAFE, value),
        Fix(f"or {other}", (Edit(path, Span(0, 4), other),), Applicability.DISPLAY),
    )
    finding = Finding(f"{value} stands there.", place, f"{other} breaks.", related=(place,), fixes=fixes)
    withheld = Finding(other, place, value, withheld=value)
    review = Review(
        findings=(
            Found(sample.MOVING_TAG, finding, Severity.ERROR, "aa11"),
            Found(sample.SHELL_FORM, withheld, Severity.WARNING, "bb22"),
        ),
        suppressed=(Suppressed(sample.SHELL_FORM.id, place, value, place),),
        unreadable=(Unreadable(path, 1, value),),
        crashed=(Crashed(sample.MOVING_TAG.id, path, other),),
        incomplete=(value,),
    )
    subject = Subject(LINKS, {path: (Hunk(1, 100),)}, {path: text})
    return plan(review, subject, notes=()), subject


@given(value=hostile, other=hostile, replied=st.booleans())
def test_nothing_that_we_write_is_a_command(value: str, other: str, replied: bool) -> None:
    first, subject = told(value, other)
    assert len(first.comments) == 2
    standing = tuple(
        Posted(number, it.identity, it.path, it.line, it.start_line, it.body, replied)
        for number, it in enumerate(first.comments, 1)
    )
    fixed = plan(Review(), subject, posted=standing)
    assert len(fixed.rewritten) == (2 if replied else 0)
    for run in (first.check_run, fixed.check_run, failed(value, "guid"), superseded("abc1234")):
        assert_inert(run.summary)
        assert_inert(run.text)
        assert read(run.title) is None
    for body in (*(it.body for it in first.comments), *(it.body for it in fixed.rewritten)):
        assert_inert(body)


@pytest.mark.parametrize("text", FIXED_TEXTS)
def test_our_sentences_are_no_commands(text: str) -> None:
    assert_inert(text)


def test_every_command_of_the_table_is_read() -> None:
    for command in COMMANDS:
        found = read(command.usage)
        assert found is not None
        assert found.command is command
