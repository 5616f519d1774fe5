"""The reader of `.dockerignore`: what it takes for a pattern, and what it keeps out of a context."""

from __future__ import annotations

import posixpath
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.source.dockerignore import Ignore, parse
from checks.source.golang import MAX_LINE_BYTES, clean_path
from checks.source.ignore_pattern import (
    MAX_PATTERN,
    Automaton,
    BadPatternError,
    UnreadPatternError,
    Way,
    translate,
)
from checks.source.text import CannotRead, Text


def ignore(*lines: str) -> Ignore:
    return parse(Text(".dockerignore", "\n".join(lines)))


def kept(path: str, *lines: str) -> bool:
    return not ignore(*lines).decide(path).excluded


@pytest.mark.parametrize(
    ("pattern", "fitting", "other"),
    [
        ("**", ["a", "a/b"], []),
        ("**/", ["a", "a/b"], []),
        ("build/**", ["build/a", "build/a/b"], ["build", "rebuild/a"]),
        ("build**", ["build", "builder", "build/a"], ["rebuild"]),
        ("**/logs", ["logs", "a/logs", "a/b/logs"], ["a/catalogs", "logs2"]),
        ("**logs", ["logs", "a/catalogs"], ["logs2"]),
        ("**/src/*", ["src/a", "x/src/a"], ["src"]),
        ("**/src/**", ["src/a/b", "x/src/a"], ["src"]),
        ("**/**/*.md", ["README.md", "a/b/README.md"], ["README.mdx"]),
        ("lib**/*.so", ["lib/a.so", "lib/a/b/c.so", "lib64/a.so", "lib.so"], ["a/lib.so"]),
        ("*.log", ["a.log", ".log"], ["a/b.log", "a.logs"]),
        ("*", ["a", ".env", "a/b"], []),
        (".*", [".env"], ["env"]),
        ("?.txt", ["a.txt", "☺.txt"], ["ab.txt", ".txt"]),
        ("a?b", ["axb"], ["a/b", "ab"]),
        ("a[b-d]e", ["ace"], ["ae", "aae"]),
        ("a[^b-d]e", ["aze"], ["ace"]),
        ("[a-ζ]x", ["αx"], ["Ax"]),
        (r"[\]\-]", ["]", "-"], ["\\", "a"]),
        (r"a\*b", ["a*b"], ["axb"]),
        (r"a\\", ["a\\"], ["a"]),
        ("v1.2+b(3)|{4}$", ["v1.2+b(3)|{4}$"], ["v1x2+b(3)|{4}$"]),
        ("v1.*", ["v1.0"], ["v1x0"]),
        ("[!a]", ["!", "a"], ["b"]),
        ("^a*", ["ab"], ["^ab"]),
        (r"bin\debug", ["bin7ebug"], ["bin/debug", "bindebug"]),
        (r"obj\bin", [], ["obj/bin", "objbin"]),
        (r"obj\Bin", ["objin"], ["obj/Bin"]),
        (r"a\tb", ["a\tb"], ["atb"]),
        (r"a[\d_]", ["a7", "a_"], ["ad"]),
        (r"\Wx\z", [".x"], ["ax"]),
        ("a[b*]", ["ab]", "a]", "a[b]"], ["ab"]),
        ("node_modules # dependencies", ["node_modules # dependencies"], ["node_modules"]),
        ("/", [], ["a"]),
        (".", [], ["a"]),
        ("../a", [], ["a"]),
    ],
)
def test_pattern(pattern: str, fitting: list[str], other: list[str]) -> None:
    read = ignore(pattern)
    assert [path for path in fitting + other if read.decide(path).excluded] == fitting


@pytest.mark.parametrize(
    ("lines", "excluded", "included"),
    [
        (["*.md", "!README.md"], ["a.md"], ["README.md"]),
        (["!README.md", "*.md"], ["README.md"], []),
        (["*.md", "!README*.md", "README-internal.md"], ["README-internal.md"], ["README.md"]),
        (["docs", "!docs/api"], ["docs", "docs/a"], ["docs/api", "docs/api/index.html"]),
        (["docs/*", "!docs/README.md"], ["docs/a"], ["docs", "docs/README.md"]),
        (["**", "!dist/web"], ["dist", "dist/a"], ["dist/web/x/y"]),
        (["**", "!dist/web", "dist/web/x"], ["dist/web/x", "dist/web/x/y"], ["dist/web"]),
        (["a/b", "!a"], ["a/b", "a/b/c"], ["a", "a/c"]),
        (["a", "!a", "a/b"], ["a/b"], ["a", "a/c"]),
        ([], [], ["a"]),
    ],
)
def test_last_match_wins(lines: list[str], excluded: list[str], included: list[str]) -> None:
    read = ignore(*lines)
    assert [path for path in excluded + included if read.decide(path).excluded] == excluded


def test_decision_names_the_pattern() -> None:
    read = ignore("node_modules", "*.md", "!README.md")
    assert [
        (decision.excluded, decision.pattern and decision.pattern.raw)
        for decision in map(read.decide, ["node_modules/a/b.js", "README.md", "a.md", "src"])
    ] == [(True, "node_modules"), (False, "!README.md"), (True, "*.md"), (False, None)]


@pytest.mark.parametrize(
    ("line", "cleaned", "negated"),
    [
        ("a", "a", False),
        ("  a \t", "a", False),
        ("/a", "a", False),
        ("//a//b/", "a/b", False),
        ("./a/../b", "b", False),
        ("a/..", ".", False),
        ("/../a", "a", False),
        ("! /a/./b", "a/b", True),
        ("!!a", "!a", True),
        ("/!a", "a", True),
        ("./!a", "a", True),
        (" # a", "# a", False),
        ("/#a", "#a", False),
    ],
)
def test_cleaning(line: str, cleaned: str, negated: bool) -> None:
    (pattern,) = ignore(line).patterns
    assert (pattern.cleaned, pattern.negated, pattern.raw) == (cleaned, negated, line.strip())


def test_places() -> None:
    text = Text(".dockerignore", "\ufeff# one\r\n\r\n  a b \r\n#two\n!c")
    read = parse(text)
    assert [text[comment] for comment in read.comments] == ["# one", "#two"]
    assert [(each.line, text[each.line_span], text[each.span]) for each in read.patterns] == [
        (3, "  a b ", "a b"), (5, "!c", "!c"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("!", "stands alone"),
        ("! ", "stands alone"),
        ("!/", "stands alone"),
        ("[", "never closes its `[`"),
        ("a[^b", "never closes its `[`"),
        ("[a\\", "never closes its `[`"),
        ("[]a]", "has a stray `]` in brackets"),
        ("[-x]", "has a stray `-` in brackets"),
        ("[x-]", "has a stray `]` in brackets"),
        ("a\\", "ends in a backslash"),
        ("[Local-Only]", "has the range `l-O`, which runs backwards"),
        (r"src\Modules", r"has a `\M`, which stands for nothing"),
    ],
)
def test_refused(pattern: str, reason: str) -> None:
    read = ignore("fine", f" {pattern}", "fine, too")
    (refusal,) = read.refusals
    assert (refusal.line, refusal.raw, refusal.reason) == (2, pattern.strip(), reason)
    assert (read.text[refusal.line_span], read.text[refusal.span]) == (f" {pattern}", pattern.strip())
    assert [each.raw for each in read.patterns] == ["fine", "fine, too"]


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        (r"a\x41", r"`\x` in a pattern has a meaning of regular expressions that is not read here"),
        ("a[[:alpha:]]", "a pattern has a class like `[:alpha:]`, which is not read here"),
        ("*" * (MAX_PATTERN + 1), "a pattern is longer than 4,096 characters"),
        ("a" * (MAX_LINE_BYTES + 1), "a line is longer than 65,535 bytes"),
    ],
)
def test_not_read(pattern: str, reason: str) -> None:
    with pytest.raises(CannotRead) as refusal:
        ignore("fine", pattern)
    assert (refusal.value.unreadable.line, refusal.value.unreadable.reason) == (2, reason)


def test_a_line_is_measured_in_bytes() -> None:
    fits = "é" * (MAX_LINE_BYTES // 2)
    with pytest.raises(CannotRead, match="a pattern is longer"):
        ignore(fits)
    with pytest.raises(CannotRead, match="a line is longer"):
        ignore(fits + "é")


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("a*" * 2_000 + "b", "a" * 4_000),
        ("**/" * 1_300 + "b", "a/" * 2_000),
        ("*?" * 1_300 + "b", "a" * 4_000),
        ("[a-z]*" * 600 + "B", "a" * 4_000),
    ],
)
def test_hostile_pattern_ends(pattern: str, path: str) -> None:
    assert kept(path, pattern)


PATTERNS = st.text(st.sampled_from("ab/*?.[]^-!\\"), min_size=1, max_size=8)
PATHS = st.lists(st.text(st.sampled_from("ab.-]"), min_size=1, max_size=3), min_size=1, max_size=3).map(
    "/".join
)


@given(PATTERNS, PATHS)
def test_automaton_is_the_expression(pattern: str, path: str) -> None:
    try:
        if parse(Text(".dockerignore", pattern)).refusals:
            return
        translation = translate(clean_path(pattern))
        found = Automaton(translation.expression).matches(path)
    except (CannotRead, BadPatternError, UnreadPatternError):
        return
    if translation.way is Way.EXPRESSION and not re.search(r"\\[a-z]", translation.expression):
        assert found == bool(re.fullmatch(translation.expression.replace("[[", r"[\["), path))


def read_or_reason(content: str) -> Ignore | str:
    try:
        return parse(Text(".dockerignore", content))
    except CannotRead as refusal:
        return str(refusal)


@given(st.lists(PATTERNS, max_size=5), PATHS)
def test_line_endings_change_no_answer(lines: list[str], path: str) -> None:
    unix, windows = read_or_reason("\n".join(lines)), read_or_reason("\r\n".join(lines) + "\r\n")
    if isinstance(unix, str) or isinstance(windows, str):
        assert unix == windows
    else:
        assert [each.cleaned for each in unix.patterns] == [each.cleaned for each in windows.patterns]
        assert unix.decide(path).excluded == windows.decide(path).excluded


@given(st.lists(PATTERNS, max_size=5), PATHS)
def test_no_exception_means_the_directory_decides(lines: list[str], path: str) -> None:
    try:
        read = ignore(*lines)
    except CannotRead:
        return
    above = posixpath.dirname(path)
    if above and not any(each.negated for each in read.patterns) and read.decide(above).excluded:
        assert read.decide(path).excluded


@given(st.text(st.sampled_from("a./ "), max_size=12))
def test_cleaning_a_path_is_normal(path: str) -> None:
    expected = posixpath.normpath(path) if path else "."
    # POSIX keeps two leading slashes, Go does not
    assert clean_path(path) == ("/" + expected.lstrip("/") if path.startswith("/") else expected)
