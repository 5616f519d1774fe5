"""The YAML reader: values as libyaml reads them, places exactly as they stand in the file."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from checks.source.text import CannotRead, Span, Text
from checks.source.yaml import Mapping, Node, Scalar, Sequence, comments, parse


def root(content: str) -> Node:
    (only,) = parse(Text("f.yml", content))
    return only


def mapping(content: str) -> Mapping:
    node = root(content)
    assert isinstance(node, Mapping)
    return node


def scalar(content: str, key: str) -> Scalar:
    node = mapping(content).get(key)
    assert isinstance(node, Scalar)
    return node


def scalars(nodes: tuple[Node, ...]) -> Iterator[Scalar]:
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if isinstance(node, Scalar):
            yield node
        elif isinstance(node, Mapping):
            waiting += [side for entry in node.entries for side in (entry.key, entry.value)]
        else:
            waiting += node.items


def plain(node: Node) -> object:
    """The tree without places."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return [(plain(entry.key), plain(entry.value)) for entry in node.entries]


def refusal(content: str) -> str:
    with pytest.raises(CannotRead) as refused:
        parse(Text("f.yml", content))
    return str(refused.value)


WORKFLOW = """\
# licence
on:
  push: {branches: [main, "v*"]}
jobs:
  build:   # the image
    runs-on: ubuntu-24.04
    steps:
    - uses: actions/checkout@v4 # pinned
    - run: |
        echo "#no comment"

        docker push app

# tail
"""


@pytest.mark.parametrize("prefix", ["", "\ufeff"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_place_says_what_it_holds(prefix: str, newline: str) -> None:
    text = Text("f.yml", prefix + WORKFLOW.replace("\n", newline))
    (top,) = parse(text)
    assert isinstance(top, Mapping)
    assert top.keys == ("on", "jobs")
    assert top.indent == 0
    on, jobs = top.get("on"), top.entry("jobs")
    assert isinstance(on, Mapping)
    assert jobs
    assert text[on.span] == 'push: {branches: [main, "v*"]}'
    assert text[jobs.span].startswith("jobs:")
    assert text[jobs.span].endswith("docker push app")
    build = jobs.value.get("build") if isinstance(jobs.value, Mapping) else None
    assert isinstance(build, Mapping)
    assert build.indent == 4
    steps = build.get("steps")
    assert isinstance(steps, Sequence)
    assert text[steps.span].startswith("- uses")
    run = steps.items[1].get("run") if isinstance(steps.items[1], Mapping) else None
    assert isinstance(run, Scalar)
    assert run.value == 'echo "#no comment"\n\ndocker push app\n'
    assert [(line, span and text[span]) for line, span in run.lines()] == [
        ('echo "#no comment"', 'echo "#no comment"'),
        ("", ""),
        ("docker push app", "docker push app"),
    ]
    shown = [(text[one.span], one.own_line) for one in comments(text)]
    assert shown == [("# licence", True), ("# the image", False), ("# pinned", False), ("# tail", True)]


def test_an_alias_shares_the_node_and_has_a_place_of_its_own() -> None:
    text = Text("f.yml", "a: &x {b: c}\nd: *x\ne:\n- *x\n")
    (top,) = parse(text)
    assert isinstance(top, Mapping)
    first, second, third = top.entries
    assert second.value is first.value
    assert text[first.value_span] == "&x {b: c}"
    assert text[first.value.span] == "{b: c}"
    assert text[second.value_span] == "*x"
    assert isinstance(third.value, Sequence)
    assert [text[span] for span in third.value.item_spans] == ["*x"]


def test_tag_and_anchor_are_no_part_of_the_span() -> None:
    text = Text("f.yml", "a: !!str &k '1' # c\nb: !x\n- d\nc: &e # comment\n  f: g\nh: !!str\n")
    (top,) = parse(text)
    assert isinstance(top, Mapping)
    assert [text[entry.value.span] for entry in top.entries] == ["'1'", "- d", "f: g", ""]
    tagged = top.get("a")
    assert isinstance(tagged, Scalar)
    assert (tagged.tag, tagged.anchor) == ("tag:yaml.org,2002:str", "k")


def test_a_value_left_out_stands_behind_its_colon() -> None:
    text = Text("f.yml", "a:  # none\nb: [x: , {y}]\n? c\n")
    (top,) = parse(text)
    assert isinstance(top, Mapping)
    assert [entry.value.span.start for entry in top.entries] == [2, 14, 28]
    assert text[top.span] == text.content.rstrip("\n")


@pytest.mark.parametrize("prefix", ["", "\ufeff"])
def test_a_colon_inside_of_a_word_is_no_indicator(prefix: str) -> None:
    text = Text(
        "f.yml",
        f"{prefix}a:\nb: [ghcr.io/x:v1, 8080:80, a::b]\r\nc: {{d: https://e.f/?g=h, i: }}\nj: &k [l?m]\n",
    )
    (top,) = parse(text)
    assert isinstance(top, Mapping)
    assert plain(top) == [
        ("a", ""),
        ("b", ["ghcr.io/x:v1", "8080:80", "a::b"]),
        ("c", [("d", "https://e.f/?g=h"), ("i", "")]),
        ("j", ["l?m"]),
    ]
    for value in scalars((top,)):
        assert text[value.span] == value.value
    assert [text[entry.span] for entry in top.entries[:2]] == ["a:", "b: [ghcr.io/x:v1, 8080:80, a::b]"]


def test_a_colon_that_ends_a_word_stays_refused() -> None:
    assert refusal("a: 1\nb: [c:]\n").startswith("f.yml:2: found unexpected ':'")


def test_empty_documents_are_no_documents() -> None:
    assert [plain(node) for node in parse(Text("f.yml", "---\n---\na: 1\n---\n# c\n...\n--- ''\n"))] == [
        [("a", "1")],
        "",
    ]
    assert parse(Text("f.yml", "")) == ()


def test_a_repeated_key_is_known_and_the_last_one_counts() -> None:
    top = mapping("a: 1\nb: 2\na: 3\n<<: {c: 4}\n")
    assert [entry.span.start for entry in top.duplicates] == [10]
    assert plain(top.get("a") or top) == "3"
    assert top.keys == ("a", "b", "<<")
    assert top.get("c") is None


@pytest.mark.parametrize(
    ("written", "boolean", "integer", "null"),
    [
        ("true", True, None, False),
        ("FALSE", False, None, False),
        ("on", None, None, False),
        ("yes", None, None, False),
        ("'true'", None, None, False),
        ("!!str true", None, None, False),
        ("-12", None, -12, False),
        ("0o17", None, 15, False),
        ("0x1F", None, 31, False),
        ("017", None, 17, False),
        ("1_000", None, None, False),
        ("1.5", None, None, False),
        ('"1"', None, None, False),
        ("~", None, None, True),
        ("", None, None, True),
        ("Null", None, None, True),
        ("nULL", None, None, False),
        ("''", None, None, False),
    ],
)
def test_plain_scalars_mean_what_the_core_schema_says(
    written: str, boolean: bool | None, integer: int | None, null: bool
) -> None:
    value = scalar(f"k: {written}\n", "k")
    assert (value.as_bool(), value.as_int(), value.is_null) == (boolean, integer, null)


@pytest.mark.parametrize(
    ("written", "part", "shown"),
    [
        ("plain ${{ x }} text # c", "${{ x }}", "${{ x }}"),
        ("first\n  second\n\n  third", "first second\nthird", "first\n  second\n\n  third"),
        ("first\n  second", "second", "second"),
        ("'it''s here'", "'s", "''s"),
        (r'"a\tb\u00e9c\x41"', "éc", r"\u00e9c"),
        ('"one\\\n  two"', "etwo", "e\\\n  two"),
        ("|\n  first\n    deeper\n", "  deeper", "  deeper"),
        ("|2-\n    kept\n", "  kept", "  kept"),
        (">\n  folded\n  text\n\n  more\n", "text\nmore", "text\n\n  more"),
        (">+  # c\n  end\n\n", "end\n\n", "end\n\n"),
    ],
)
def test_a_slice_of_a_value_is_found_in_the_file(written: str, part: str, shown: str) -> None:
    value = scalar(f"k: {written}", "k")
    start = value.value.index(part)
    span = value.locate(start, start + len(part))
    assert span
    assert value.text[span] == shown


def test_a_slice_outside_of_the_value_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="slice"):
        scalar("k: abc", "k").locate(1, 9)


FRAGMENTS = st.text(st.sampled_from("ab \t\n\r'\"\\#:-,[]{}|>&*!%?.😀\u2028\x85"), max_size=30)
STYLES = st.sampled_from(["{}", "'{}'", '"{}"', "|\n  {}", ">\n  {}", "|+2\n  {}", ">-\n {}\n   x"])


@given(STYLES, FRAGMENTS, st.sampled_from(["\n", "\r\n"]), st.sampled_from(["", "\n", " # c\n"]))
@example(">\n  {}", "\n \n", "\n", "")
def test_every_character_of_every_value_is_located(style: str, inside: str, newline: str, end: str) -> None:
    text = Text("f.yml", style.format(inside).join(["- k: ", end]).replace("\n", newline))
    try:
        nodes = parse(text)
    except CannotRead:
        return
    for value in scalars(nodes):
        spans = [value.locate(at, at + 1) for at in range(len(value.value))]
        assert None not in spans
        known = [span for span in spans if span]
        assert all(left.end <= right.start for left, right in pairwise(known))
        for span, char in zip(known, value.value, strict=True):
            assert value.extent.covers(span)
            assert text[span] == char or char in " \n" or text[span][0] in "\\'"


@given(FRAGMENTS)
def test_line_endings_change_no_value(inside: str) -> None:
    content = f"a:\n  b: {inside}\n  c: |\n   {inside}\n".replace("\r", "")

    def values(shown: str) -> object:
        try:
            return [plain(node) for node in parse(Text("f.yml", shown))]
        except CannotRead as refused:
            return refused.unreadable.line

    assert values(content) == values(content.replace("\n", "\r\n"))


@given(st.text(max_size=60) | FRAGMENTS)
def test_whatever_stands_in_a_file_is_read_or_refused(content: str) -> None:
    text = Text("f.yml", content)
    refused: CannotRead | None = None
    nodes: tuple[Node, ...] = ()
    try:
        nodes = parse(text)
    except CannotRead as error:
        refused = error
    if refused:
        assert 1 <= refused.unreadable.line <= text.line_of(len(content))
        assert refused.unreadable.reason
        return
    held = [value.extent for value in scalars(nodes)]
    for comment in comments(text):
        assert text[comment.span].startswith("#")
        assert not any(span.start < comment.span.end and comment.span.start < span.end for span in held)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[" * 60_000, "f.yml:1: it nests deeper than 100"),
        ("- " * 60_000, "f.yml:1: it nests deeper than 100"),
        ("a: &a [*a]\n", "f.yml:1: the alias `*a` stands inside of its own anchor"),
        ("a: b\nc: *d\n", "f.yml:2: the alias `*d` has no anchor"),
        ("a: &x b\n---\nc: *x\n", "f.yml:3: the alias `*x` has no anchor"),
        ("a: b\nc: \fd\n", "f.yml:2: U+000C is not allowed in YAML"),
        ("é: 1\nc: \x00d\n", "f.yml:2: U+0000 is not allowed in YAML"),
        ("a: \ud800\n", "f.yml:1: a surrogate is no character"),
        ("a: b\n c: d\n", "f.yml:2: mapping values are not allowed in this context"),
        ("\n" * 4_000_001, "f.yml:1: it is longer than 4,000,000 characters"),
        ("-\n" * 250_000, "f.yml:200001: it has more than 200,000 nodes"),
    ],
)
def test_what_cannot_be_read_says_where_and_why(content: str, said: str) -> None:
    assert refusal(content) == said


def test_an_unclosed_bracket_names_its_line() -> None:
    assert refusal("a:\n  b: [c,\n  d: e\nf: g\n").endswith(
        "(while parsing a flow sequence that starts on line 2)"
    )


def test_aliases_that_multiply_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    assert refusal("\n".join(lines)) == "f.yml:6: it has more than 200,000 nodes"


def test_aliases_that_nest_are_refused() -> None:
    lines = ["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 300))]
    assert "it nests deeper than 100" in refusal("\n".join(lines))


def test_a_lone_carriage_return_moves_no_offset() -> None:
    text = Text("f.yml", "a:\r  b: c\rd: e # f\rg: h\n")
    (top,) = parse(text)
    assert isinstance(top, Mapping)
    assert [text[entry.span] for entry in top.entries] == ["a:\r  b: c", "d: e", "g: h"]
    assert [text[one.span] for one in comments(text)] == ["# f"]


def test_a_block_scalar_that_keeps_its_blank_lines_covers_them() -> None:
    kept, clipped = "k: |+\n  x\n\n\nz: 1\n", "k: |\n  x\n\n\nz: 1\n"
    assert scalar(kept, "k").span == Span(3, 11)
    assert scalar(clipped, "k").span == Span(3, 8)
    assert scalar(clipped, "k").extent == Span(3, 11)
