"""Inputs of actions that hold a list in one text."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.facts.workflow.lists import items, items_but_comments, without
from checks.source.snapshot import Snapshot
from checks.source.text import Text
from checks.source.yaml import Mapping, Scalar, parse


def scalar(content: str) -> Scalar:
    """The value of the key `tags`."""
    (root,) = parse(Text("w.yml", content))
    assert isinstance(root, Mapping)
    value = root.get("tags")
    assert isinstance(value, Scalar)
    return value


def texts(content: str, *, commas: bool = True) -> list[str]:
    return [item.text for item in items(scalar(content), commas=commas)]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("tags: a\n", ["a"]),
        ("tags: a,b , c\n", ["a", "b", "c"]),
        ("tags: |\n  a\n  b\n", ["a", "b"]),
        ("tags: |\n  a, b\n\n  c\n", ["a", "b", "c"]),
        ("tags: >-\n  a,\n  b\n", ["a", "b"]),
        ("tags: ''\n", []),
        ("tags: ',,'\n", []),
        ("tags: '\"a,b\",c'\n", ['"a,b"', "c"]),
        ("tags: ${{ join(x, ',') }},b\n", ["${{ join(x, ',') }}", "b"]),
        ("tags: |\n  ${{ format('{0},{1}', a,\n    b) }}\n  c\n", ["${{ format('{0},{1}', a,\n  b) }}", "c"]),
    ],
)
def test_items_stand_on_lines_or_between_commas(content: str, expected: list[str]) -> None:
    assert texts(content) == expected


def test_without_commas_only_lines_part() -> None:
    assert texts("tags: |\n  type=a,dest=b\n  type=c\n", commas=False) == ["type=a,dest=b", "type=c"]


@pytest.mark.parametrize("content", ["tags: |\n  a, bb\n  ccc\n", "tags: 'a, bb,ccc'\n", "tags: a, bb,ccc\n"])
def test_each_item_knows_its_place(content: str) -> None:
    assert [item.location.fragment for item in items(scalar(content))] == ["a", "bb", "ccc"]


@pytest.mark.parametrize(
    ("content", "index", "expected"),
    [
        ("tags: |\n  a\n  b # c\n  d\n", 1, "tags: |\n  a\n  d\n"),
        ("tags: |\n  a\n  b\n", 1, "tags: |\n  a\n"),
        ("tags: a,b,c\n", 1, "tags: a,c\n"),
        ('tags: "a, b"  # x\n', 0, 'tags: "b"  # x\n'),
        ("tags: |\n  a, b\n  c\n", 0, None),
        ("tags: a\n", 0, None),
        ("tags: |\n  a\n", 0, None),
        ("tags: |\r\n  a\r\n  b\r\n", 0, "tags: |\r\n  b\r\n"),
    ],
)
def test_an_item_is_taken_out_where_that_leaves_the_others_alone(
    content: str, index: int, expected: str | None
) -> None:
    value = scalar(content)
    edit = without(items(value)[index])
    if expected is None:
        assert edit is None
    else:
        assert edit
        assert Snapshot.of({"w.yml": content}).edited([edit]).texts["w.yml"].content == expected


@given(st.lists(st.text("ab:/.-", min_size=1, max_size=5), min_size=1, max_size=6), st.sampled_from(",|"))
def test_what_is_listed_is_read(names: list[str], style: str) -> None:
    names = [f"x{name}" for name in names]
    content = (
        f"tags: '{','.join(names)}'\n"
        if style == ","
        else "tags: |\n" + textwrap.indent("\n".join(names), "  ") + "\n"
    )
    assert texts(content) == names


def test_a_long_list_takes_no_long_time() -> None:
    """Each comma against each expression would be 10 to the power of ten."""
    assert len(texts("tags: " + "${{a}}," * 100_000 + "\n")) == 100_000
    assert len(items_but_comments(scalar("tags: |\n" + "  ${{a}} # b\n" * 100_000))) == 100_000


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("tags: |\n  # ours, and theirs\n  a, b\n", ["a", "b"]),
        ("tags: |\n  a # ours, and theirs\n  #b\n    # c\n  d\n", ["a", "d"]),
        ("tags: |\n  a#b\n", ["a#b"]),
        ("tags: |\n  ${{ format('{0} # {1}', a, b) }} # c\n", ["${{ format('{0} # {1}', a, b) }}"]),
        ("tags: |\n  # a\n", []),
    ],
)
def test_comments_are_no_items(content: str, expected: list[str]) -> None:
    assert [item.text for item in items_but_comments(scalar(content))] == expected
