"""Which lines a comment may stand on, and that a suggestion gives exactly the fixed file."""

from __future__ import annotations

import difflib

from hypothesis import given
from hypothesis import strategies as st

from app.report.hunks import Hunk, hunk_of, hunks
from app.report.markdown import suggested
from app.report.suggestion import MAX_SPAN, changes, suggestion
from checks.check import Applicability, Edit, Fix, Span
from checks.source.snapshot import apply
from checks.source.text import Text
from tests.github import suggestions

PATCH = """\
@@ -1,4 +1,5 @@ name: build
 one
-two
+2
+2.5
 three
 four
@@ -20,2 +21,2 @@
 twenty
-old
+new
\\ No newline at end of file"""


def test_a_hunk_is_the_lines_of_the_new_file_that_the_diff_shows() -> None:
    assert hunks(PATCH) == (Hunk(1, 5, frozenset({2, 3})), Hunk(21, 22, frozenset({22})))


def test_a_patch_that_was_cut_promises_no_line_too_many() -> None:
    assert hunks("@@ -1,9 +1,9 @@\n one\n+two") == (Hunk(1, 2, frozenset({2})),)


def test_a_header_may_leave_the_counts_out() -> None:
    assert hunks("@@ -1 +1 @@\n-a\n+b") == (Hunk(1, 1, frozenset({1})),)


def test_a_file_that_is_deleted_has_no_line_to_comment_on() -> None:
    assert hunks("@@ -1,2 +0,0 @@\n-a\n-b") == ()


def test_content_that_looks_like_a_header_is_content() -> None:
    patch = "@@ -1,2 +1,3 @@\n a\n+@@ -9,9 +90,9 @@\n b"
    assert hunks(patch) == (Hunk(1, 3, frozenset({2})),)


def test_a_form_feed_or_a_lone_cr_ends_no_line() -> None:
    assert hunks("@@ -1,1 +1,2 @@\n a\x0cb\r c\u2028d\n+e") == (Hunk(1, 2, frozenset({2})),)


def test_lines_of_two_hunks_are_of_none() -> None:
    both = hunks(PATCH)
    assert hunk_of(both, range(2, 5)) is both[0]
    assert hunk_of(both, range(4, 22)) is None
    assert hunk_of(both, range(6, 7)) is None


def shown(before: str, after: str) -> str:
    """The patch of a change, as GitHub sends it."""
    lines = difflib.unified_diff(before.split("\n"), after.split("\n"), lineterm="", n=3)
    return "\n".join([*lines][2:])


lines = st.lists(st.sampled_from(["a", "b", "c", "d", ""]), min_size=1, max_size=30)


@given(lines, lines)
def test_added_lines_are_those_of_the_new_file(before: list[str], after: list[str]) -> None:
    found = hunks(shown("\n".join(before), "\n".join(after)))
    kept = [line for hunk in found for line in range(hunk.first, hunk.last + 1) if line not in hunk.added]
    assert all(1 <= hunk.first <= hunk.last <= len(after) for hunk in found)
    assert {after[line - 1] for line in kept} <= set(before)


# Suggestions


EVERYWHERE = (Hunk(1, 10_000),)


def fix_of(*edits: Edit) -> Fix:
    return Fix("repair it", tuple(edits), Applicability.SAFE)


def edit(text: Text, old: str, new: str) -> Edit:
    start = text.content.index(old)
    return Edit(text.path, Span(start, start + len(old)), new)


def committed(
    content: str, fix: Fix, there: tuple[Hunk, ...] = EVERYWHERE, cover: range | None = None
) -> str | None:
    """The file after *Commit suggestion*, by the fake GitHub's rule; None where there is no suggestion."""
    made = suggestion(fix, {"f": Text("f", content)}, there, cover)
    if made is None:
        return None
    block = suggestions.suggestion_of(f"Text.\n\n{suggested(made.lines)}\nMore.")
    assert block is not None
    return suggestions._replaced(content, made.first, made.last, block)


FOUR = "one\ntwo\nthree\nfour\n"


def test_an_edit_inside_a_line_replaces_the_line() -> None:
    text = Text("f", FOUR)
    fix = fix_of(edit(text, "wo", "WO"))
    made = suggestion(fix, {"f": text}, EVERYWHERE)
    assert made is not None
    assert (made.first, made.last, made.lines) == (2, 2, ("tWO",))
    assert committed(FOUR, fix) == "one\ntWO\nthree\nfour\n"


def test_an_insertion_is_told_by_a_neighbouring_line() -> None:
    text = Text("f", FOUR)
    fix = fix_of(Edit("f", Span(4, 4), "new\n"))
    assert committed(FOUR, fix) == "one\nnew\ntwo\nthree\nfour\n"
    above_only = suggestion(fix, {"f": text}, (Hunk(1, 1),))
    assert above_only is not None
    assert (above_only.first, above_only.last, above_only.lines) == (1, 1, ("one", "new"))


def test_an_insertion_at_the_end_of_the_file_is_told_by_the_last_line() -> None:
    assert committed(FOUR, fix_of(Edit("f", Span(len(FOUR), len(FOUR)), "five\n"))) == FOUR + "five\n"


def test_deleted_lines_are_an_empty_suggestion_and_a_blank_line_is_none() -> None:
    text = Text("f", FOUR)
    assert committed(FOUR, fix_of(edit(text, "two\n", ""))) == "one\nthree\nfour\n"
    assert committed(FOUR, fix_of(edit(text, "two", ""))) == "one\n\nthree\nfour\n"


def test_a_missing_newline_at_the_end_stays_missing() -> None:
    text = Text("f", "one\ntwo")
    assert committed("one\ntwo", fix_of(edit(text, "two", "2"))) == "one\n2"
    assert committed("one\ntwo", fix_of(edit(text, "two", "2\n"))) is None


def test_crlf_is_kept_and_what_mixes_endings_is_no_suggestion() -> None:
    text = Text("f", "one\r\ntwo\r\nthree\r\n")
    assert committed(text.content, fix_of(edit(text, "two", "2\r\n2.5"))) == "one\r\n2\r\n2.5\r\nthree\r\n"
    assert committed(text.content, fix_of(edit(text, "two", "2\n2.5"))) is None


def test_the_comment_spans_every_line_of_the_edits_and_of_the_finding() -> None:
    content = "".join(f"line {number}\n" for number in range(1, 101))
    text = Text("f", content)
    fix = fix_of(edit(text, "line 70", "LINE 70"), edit(text, "line 75", "LINE 75"))
    there = (Hunk(60, 80),)
    made = suggestion(fix, {"f": text}, there, range(73, 74))
    assert made is not None
    assert (made.first, made.last) == (70, 75)
    wider = suggestion(fix, {"f": text}, there, range(78, 79))
    assert wider is not None
    assert (wider.first, wider.last) == (70, 78)
    far = suggestion(fix, {"f": text}, (Hunk(1, 100),), range(75 + MAX_SPAN, 76 + MAX_SPAN))
    assert far is not None
    assert (far.first, far.last) == (70, 75)


def test_edits_that_leave_the_hunk_or_the_file_are_no_suggestion() -> None:
    text = Text("f", FOUR)
    two = fix_of(edit(text, "one", "1"), edit(text, "four", "4"))
    assert suggestion(two, {"f": text}, (Hunk(1, 2), Hunk(3, 4))) is None
    assert suggestion(two, {"f": text}, (Hunk(1, 4),)) is not None
    assert (
        suggestion(fix_of(edit(text, "one", "1"), Edit("g", Span(0, 0), "x")), {"f": text}, EVERYWHERE)
        is None
    )
    assert suggestion(fix_of(Edit("new", Span(0, 0), "x")), {"f": text}, EVERYWHERE) is None


def test_what_a_comment_would_change_on_the_way_is_no_suggestion() -> None:
    text = Text("f", FOUR)
    for hidden in ("\u202e", "\x07", "\u200b", "\ufeff"):
        assert suggestion(fix_of(edit(text, "two", f"2{hidden}")), {"f": text}, EVERYWHERE) is None


@st.composite
def edited_files(draw: st.DrawFn) -> tuple[str, Fix]:
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    pieces = draw(st.lists(st.text("ab `~\t", max_size=6), min_size=1, max_size=12))
    content = newline.join(pieces) + draw(st.sampled_from(["", newline]))
    starts = [0, *(i + 1 for i, char in enumerate(content) if char == "\n"), len(content)]
    offsets = st.one_of(st.sampled_from(starts), st.integers(0, len(content)))
    edits = []
    at = 0
    for _ in range(draw(st.integers(1, 3))):
        first, second = sorted((max(at, draw(offsets)), max(at, draw(offsets))))
        words = draw(st.lists(st.sampled_from(["x", "```", "```suggestion", "", newline]), max_size=4))
        edits.append(Edit("f", Span(first, second), "".join(words)))
        at = second + 1
        if at > len(content):
            break
    return content, fix_of(*edits)


@given(edited_files(), st.integers(1, 8), st.integers(0, 8), st.integers(1, 12))
def test_a_suggestion_gives_exactly_the_fixed_file(
    made: tuple[str, Fix], first: int, more: int, finding: int
) -> None:
    content, fix = made
    text = Text("f", content)
    there = (Hunk(min(first, text.line_count), min(first + more, text.line_count)),)
    result = committed(content, fix, there, range(finding, finding + 1))
    assert result in (None, apply(content, fix.edits))


@given(edited_files())
def test_within_the_hunk_only_line_endings_keep_a_fix_from_being_a_suggestion(made: tuple[str, Fix]) -> None:
    content, fix = made
    fixed = apply(content, fix.edits)
    plain = "\r" not in content + fixed
    if plain and content.endswith("\n") and fixed.endswith("\n"):
        assert committed(content, fix) == fixed


@given(edited_files())
def test_the_changes_shown_are_the_changes(made: tuple[str, Fix]) -> None:
    content, fix = made
    text = Text("f", content)
    lines = content.split("\n")
    for change in reversed(changes(text, fix.edits)):
        old = lines[change.line - 1 : change.line - 1 + len(change.old)]
        assert list(change.old) == old
        lines[change.line - 1 : change.line - 1 + len(change.old)] = change.new
    assert "\n".join(lines).rstrip("\n") == apply(content, fix.edits).rstrip("\n")
