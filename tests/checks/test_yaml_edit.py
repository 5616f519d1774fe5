"""Edits of YAML: the text after them, and that nothing else has changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from checks.source.snapshot import Edit, apply
from checks.source.text import Text
from checks.source.yaml import Entry, Mapping, Node, Scalar, Sequence, parse
from checks.source.yaml_edit import (
    append_entry,
    append_item,
    delete_entries,
    delete_entry,
    delete_item,
    delete_line,
    insert_after,
    insert_before,
    insert_line_after,
    replace_value,
)


def root(content: str) -> Node:
    (only,) = parse(Text("f.yml", content))
    return only


def at(content: str, *path: str | int) -> Node:
    """The node at a path of keys and indices."""
    node = root(content)
    for step in path:
        found: Node | None
        if isinstance(step, int):
            assert isinstance(node, Sequence)
            found = node.items[step]
        else:
            assert isinstance(node, Mapping)
            found = node.get(step)
        assert found is not None
        node = found
    return node


def mapping(content: str, *path: str | int) -> Mapping:
    node = at(content, *path)
    assert isinstance(node, Mapping)
    return node


def sequence(content: str, *path: str | int) -> Sequence:
    node = at(content, *path)
    assert isinstance(node, Sequence)
    return node


def scalar(content: str, *path: str | int) -> Scalar:
    node = at(content, *path)
    assert isinstance(node, Scalar)
    return node


def entry(of: Mapping, key: str) -> Entry:
    found = of.entry(key)
    assert found
    return found


def after(content: str, edit: Edit | None) -> str:
    assert edit
    assert edit.path == "f.yml"
    return apply(content, [edit])


def in_both_endings(content: str, make: Callable[[str], Edit | None]) -> str:
    """The text after an edit, which must be the same with CRLF throughout."""
    result = after(content, make(content))
    crlf = content.replace("\n", "\r\n")
    if crlf != content:
        assert after(crlf, make(crlf)) == result.replace("\n", "\r\n")
    return result


@pytest.mark.parametrize(
    ("content", "key", "expected"),
    [
        ("p:\n  a: b # c\n\nz: 1\n", "a", "p:\n  a: b # c\n  n: v\n\nz: 1\n"),
        ("p:\n  a: b", "a", "p:\n  a: b\n  n: v"),
        ("p:\n  a:\n    b:\n    - c\n  # d\n", "a", "p:\n  a:\n    b:\n    - c\n  n: v\n  # d\n"),
        ("p:\n  a: |\n    x\n\n  z: 1\n", "a", "p:\n  a: |\n    x\n  n: v\n\n  z: 1\n"),
        ("p:\n  a: |+\n    x\n\n  z: 1\n", "a", "p:\n  a: |+\n    x\n\n  n: v\n  z: 1\n"),
        ("p:\n  a:  # nothing\n", "a", "p:\n  a:  # nothing\n  n: v\n"),
        ("p:\n  a:\n    b: c\n#    d: e\n  z: 1\n", "a", "p:\n  a:\n    b: c\n#    d: e\n  n: v\n  z: 1\n"),
        ("p:\n  a:\n    b: c\n    # d\n# z\n", "a", "p:\n  a:\n    b: c\n    # d\n  n: v\n# z\n"),
        ("p: {a: b}\n", "a", "p: {a: b, n: v}\n"),
        ("p: {a: b, z: 1, }\n", "a", "p: {a: b, n: v, z: 1, }\n"),
        ("p: {\n  a: b,\n  z: 1\n}\n", "z", "p: {\n  a: b,\n  z: 1,\n  n: v\n}\n"),
    ],
)
def test_an_entry_is_added_below_another(content: str, key: str, expected: str) -> None:
    def make(shown: str) -> Edit | None:
        inner = mapping(shown, "p")
        return insert_after(inner, entry(inner, key), "n: v")

    assert in_both_endings(content, make) == expected


def test_an_entry_of_several_lines_keeps_its_shape() -> None:
    content = "- a: b\n  c: d\n"
    inner = mapping(content, 0)
    edit = insert_after(inner, entry(inner, "a"), "with:\n  x: 1\n\n  y: 2")
    assert after(content, edit) == "- a: b\n  with:\n    x: 1\n\n    y: 2\n  c: d\n"
    flow = mapping("{a: b}")
    assert insert_after(flow, entry(flow, "a"), "n:\n  v: 1") is None


@pytest.mark.parametrize(
    ("content", "key", "expected"),
    [
        ("- a: b\n", "a", "- n: v\n  a: b\n"),
        ("- a: b\n  # of c\n  c: d\n", "c", "- a: b\n  n: v\n  # of c\n  c: d\n"),
        ("- # whole\n  a: b\n", "a", "- # whole\n  n: v\n  a: b\n"),
        ("- {a: b}\n", "a", "- {n: v, a: b}\n"),
        ("- a:\n    b: 1\n#      d: 2\n  c: d\n", "c", "- a:\n    b: 1\n#      d: 2\n  n: v\n  c: d\n"),
        (
            "- a:\n    b: 1\n  #  d: 2\n  # of c:\n  #   all of it\n  c: d\n",
            "c",
            "- a:\n    b: 1\n  #  d: 2\n  n: v\n  # of c:\n  #   all of it\n  c: d\n",
        ),
    ],
)
def test_an_entry_is_added_above_another(content: str, key: str, expected: str) -> None:
    def make(shown: str) -> Edit | None:
        inner = mapping(shown, 0)
        return insert_before(inner, entry(inner, key), "n: v")

    assert in_both_endings(content, make) == expected


def test_a_line_that_only_looks_like_a_comment_stays_in_its_scalar() -> None:
    content = 'a: "x\n# y"\nb: 1\n'
    inner = mapping(content)
    assert after(content, insert_before(inner, entry(inner, "b"), "n: v")) == 'a: "x\n# y"\nn: v\nb: 1\n'


def test_an_entry_is_added_at_the_end_of_a_mapping() -> None:
    assert after("p: {}\n", append_entry(mapping("p: {}\n", "p"), "a: b")) == "p: {a: b}\n"
    assert after("p:\n  a: b\n", append_entry(mapping("p:\n  a: b\n", "p"), "c: d")) == "p:\n  a: b\n  c: d\n"
    assert append_entry(mapping("p: {\n  # why\n}\n", "p"), "a: b") is None


@pytest.mark.parametrize(
    ("content", "item", "expected"),
    [
        ("p:\n- a # c\n\nz: 1\n", "n", "p:\n- a # c\n- n\n\nz: 1\n"),
        ("p:\n  -   a: 1\n      b: 2", "n: 1\nm: 2", "p:\n  -   a: 1\n      b: 2\n  -   n: 1\n      m: 2"),
        ("p:\n-\n  a\n- \n", "n", "p:\n-\n  a\n- \n- n\n"),
        ("p:\n- - a\n  - b\n", "n", "p:\n- - a\n  - b\n- n\n"),
        ("p: [a, b]\n", "n", "p: [a, b, n]\n"),
        ("p: []\n", "n", "p: [n]\n"),
        ("p: [\n    a,\n    b,\n]\n", "n", "p: [\n    a,\n    b,\n    n,\n]\n"),
    ],
)
def test_an_item_is_added_at_the_end_of_a_sequence(content: str, item: str, expected: str) -> None:
    assert in_both_endings(content, lambda shown: append_item(sequence(shown, "p"), item)) == expected


@pytest.mark.parametrize(
    ("written", "value", "expected"),
    [
        ("v1 # c", "v2", "v2 # c"),
        ("'v1'", "it's", "'it''s'"),
        ('"v1"', 'a "b" \\c', r'"a \"b\" \\c"'),
        ("'v1'", "a\nb", r'"a\nb"'),
        ("v1", "a: b", '"a: b"'),
        ("v1", "a #b", '"a #b"'),
        ("v1", "${{ x }}", "${{ x }}"),
        ("[v1]", "${{ x }}", '["${{ x }}"]'),
        ("v1", "1.20", '"1.20"'),
        ("v1", "on", '"on"'),
        ("v1", "2024-01-01", '"2024-01-01"'),
        ("v1", "1.2.3", "1.2.3"),
        ("v1", '"b" \\', "'\"b\" \\'"),
        ("true", "false", "false"),
        ("1.19", "1.20", "1.20"),
        ("", "v", "v"),
        ("&a !!str v1", "v2", "&a !!str v2"),
        ("one\n  two", "three", "three"),
        ("|  # c\n   a\n   b\n\n", "x\n\ny\n", "|  # c\n   x\n\n   y\n\n"),
    ],
)
def test_a_value_is_replaced_in_its_own_style(written: str, value: str, expected: str) -> None:
    def make(shown: str) -> Edit | None:
        return replace_value(scalar(shown, "k", 0) if "[" in written else scalar(shown, "k"), value)

    content = f"k:{' ' + written if written else ''}\nz: 1\n"
    assert in_both_endings(content, make) == f"k: {expected}\nz: 1\n"


@pytest.mark.parametrize("written", [">\n  folded", "|\n  a\n", "{a}"])
def test_a_value_that_its_place_cannot_hold_is_not_written(written: str) -> None:
    content = f"k: {written}\n"
    target = scalar(content, "k", "a") if "{" in written else scalar(content, "k")
    assert replace_value(target, "no end") is None


@given(st.text(max_size=20), st.sampled_from(["x", "'x'", '"x"', "[x]", "['x']"]))
def test_a_replaced_value_is_read_back(value: str, written: str) -> None:
    content = f"a: 1\nk: {written} # c\nz: 1\n"
    target = scalar(content, "k", 0) if "[" in written else scalar(content, "k")
    edit = replace_value(target, value)
    assume(edit)
    result = after(content, edit)
    again = scalar(result, "k", 0) if "[" in written else scalar(result, "k")
    assert again.value == value
    assert not again.is_null
    assert again.as_bool() is None
    assert again.as_int() is None
    assert scalar(result, "z").value == "1"


@pytest.mark.parametrize(
    ("content", "key", "expected"),
    [
        ("p:\n  a: 1\n  b: 2 # c\n  z: 3\n", "b", "p:\n  a: 1\n  z: 3\n"),
        ("p:\n  a: 1\n  b:\n    c: |\n      d\n", "b", "p:\n  a: 1\n"),
        ("p:\n  a: 1\n  b: 2", "b", "p:\n  a: 1"),
        ("p:\n  a: 1\n\n  b: 2\n\n  z: 3\n", "b", "p:\n  a: 1\n\n  z: 3\n"),
        ("p:\n  a: 1\n\n  b: 2\n", "b", "p:\n  a: 1\n"),
        ("p:\n  b: 2\n  a: 1\n", "b", "p:\n  a: 1\n"),
        ("p: {a: 1, b: 2, z: 3}\n", "b", "p: {a: 1, z: 3}\n"),
        ("p: {b: 2, z: 3}\n", "b", "p: {z: 3}\n"),
        ("p: { b: 2 }\n", "b", "p: {}\n"),
    ],
)
def test_an_entry_is_taken_out_with_its_lines(content: str, key: str, expected: str) -> None:
    def make(shown: str) -> Edit | None:
        inner = mapping(shown, "p")
        return delete_entry(inner, entry(inner, key))

    assert in_both_endings(content, make) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("p:\n  a: 1\n  b: 2\n  c: 3", "p:\n  a: 1"),
        ("p:\n  b: 2\n  a: 1\n  c: 3\n", "p:\n  a: 1\n"),
        ("p: {b: 2, c: 3, a: 1}\n", "p: {a: 1}\n"),
        ("p: {b: 2, a: 1, c: 3}\n", "p: {a: 1}\n"),
    ],
)
def test_entries_are_taken_out_together(content: str, expected: str) -> None:
    inner = mapping(content, "p")
    edits = [edit for edit in delete_entries(inner, entry(inner, "b"), entry(inner, "c")) if edit]
    assert apply(content, edits) == expected


def test_the_first_entry_of_an_item_leaves_the_dash() -> None:
    content = "- a: 1 # gone\n  b: 2\n"
    inner = mapping(content, 0)
    assert after(content, delete_entry(inner, entry(inner, "a"))) == "- b: 2\n"


def test_the_only_entry_or_item_stays() -> None:
    inner = mapping("p:\n  a: 1\n", "p")
    assert delete_entry(inner, inner.entries[0]) is None
    assert delete_item(sequence("p:\n- a\n", "p"), 0) is None


@pytest.mark.parametrize(
    ("content", "index", "expected"),
    [
        ("p:\n- a\n- b: 1\n  c: 2 # d\n- z\n", 1, "p:\n- a\n- z\n"),
        ("p:\n- a\n-\n  b\n", 1, "p:\n- a\n"),
        ("p:\n- - a\n  - b\n- z\n", 0, "p:\n- z\n"),
        ("p:\n- a\n-\n- z\n", 1, "p:\n- a\n- z\n"),
        ("p: [a, 'b', z]\n", 1, "p: [a, z]\n"),
        ("p: [a, z,]\n", 1, "p: [a,]\n"),
        ("p: [a]\n", 0, "p: []\n"),
    ],
)
def test_an_item_is_taken_out_with_its_lines(content: str, index: int, expected: str) -> None:
    assert in_both_endings(content, lambda shown: delete_item(sequence(shown, "p"), index)) == expected


def test_the_first_item_on_its_parents_dash_leaves_that() -> None:
    content = "- - a # gone\n  - b\n"
    assert after(content, delete_item(sequence(content, 0), 0)) == "- - b\n"


def test_a_line_of_a_script_is_taken_out() -> None:
    content = "run: |\n  one\n\n  two\n\n  three"
    script = scalar(content, "run")
    assert after(content, delete_line(script, 2)) == "run: |\n  one\n\n\n  three"
    assert after(content, delete_line(script, 4)) == "run: |\n  one\n\n  two\n"
    assert delete_line(script, 0) is None
    assert delete_line(scalar("run: |\n  one\n    two\n", "run"), 0) is None
    assert delete_line(scalar("run: |\n  one\n", "run"), 0) is None
    assert delete_line(scalar("run: >\n  one\n\n  two\n", "run"), 1) is None


def test_lines_are_added_to_a_script() -> None:
    content = "run: |\n  one\n    two\nz: 1\n"
    script = scalar(content, "run")
    assert (
        after(content, insert_line_after(script, 0, "n\n  m")) == "run: |\n  one\n  n\n    m\n    two\nz: 1\n"
    )
    assert insert_line_after(scalar("run: one\n", "run"), 0, "n") is None


KEYS = st.lists(st.sampled_from("abcdef"), min_size=2, max_size=4, unique=True)
VALUES = st.sampled_from(
    [
        "1",
        "'x' # c",
        "",
        "|\n{}  x\n\n{}  y",
        "\n{}  - i\n{}  - j",
        "\n{}- i",
        "{k: v}",
        "[i, j] # c",
        ">-\n{}  f\n",
    ]
)


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, int]:
    """A block mapping below `p`, and the number of one of its entries."""
    indent = draw(st.sampled_from(["  ", "    "]))
    keys = draw(KEYS)
    between = st.sampled_from(["\n", "\n\n", f"\n{indent}# c\n"])
    body = "".join(f"{indent}{key}: {draw(VALUES).replace('{}', indent)}{draw(between)}" for key in keys)
    tail = draw(st.sampled_from(["", "z: 1\n", "# end\n"]))
    return f"p:\n{body}{tail}", draw(st.integers(0, len(keys) - 1))


def shape(node: Node) -> object:
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [shape(item) for item in node.items]
    return [(shape(one.key), shape(one.value)) for one in node.entries]


def pairs(content: str) -> list[object]:
    shown = shape(mapping(content, "p"))
    assert isinstance(shown, list)
    return shown


@given(documents())
def test_edits_of_entries_change_nothing_else(document: tuple[str, int]) -> None:
    content, index = document
    inner = mapping(content, "p")
    was = pairs(content)
    target = inner.entries[index]
    added = [("n", "v")]
    assert (
        pairs(after(content, insert_after(inner, target, "n: v")))
        == was[: index + 1] + added + was[index + 1 :]
    )
    assert pairs(after(content, insert_before(inner, target, "n: v"))) == was[:index] + added + was[index:]
    assert pairs(after(content, delete_entry(inner, target))) == was[:index] + was[index + 1 :]
