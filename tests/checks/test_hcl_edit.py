"""Edits of HCL: the text after them as `terraform fmt` leaves it, and that nothing else has changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.source.hcl import Attribute, Block, Body, Literal, ObjectExpr, parse
from checks.source.hcl_edit import (
    add_attribute,
    add_block,
    add_first_attribute,
    add_item,
    delete_attribute,
    delete_block,
    delete_item,
    replace_value,
)
from checks.source.snapshot import Edit, apply
from checks.source.text import Text

Edits = Edit | tuple[Edit, ...] | None


def block(content: str) -> Block:
    return parse(Text("main.tf", content)).blocks[0]


def attribute(body: Body, name: str) -> Attribute:
    found = body.attribute(name)
    assert found
    return found


def after(content: str, edits: Edits) -> str:
    assert edits
    return apply(content, edits if isinstance(edits, tuple) else (edits,))


def in_both_endings(content: str, make: Callable[[Block], Edits]) -> str:
    """The text after edits of its first block, which must be the same with CRLF throughout."""
    result = after(content, make(block(content)))
    crlf = content.replace("\n", "\r\n")
    assert after(crlf, make(block(crlf))) == result.replace("\n", "\r\n")
    return result


def inside(*lines: str) -> str:
    return "\n".join(["a {", *lines, "}\n"])


@pytest.mark.parametrize(
    ("lines", "name", "value", "expected"),
    [
        (["  x = 1 # c", "", "  y = 2"], "n", "3", ["  x = 1 # c", "  n = 3", "", "  y = 2"]),
        (["  x   = 1", "  abc = 2"], "n", "3", ["  x   = 1", "  n   = 3", "  abc = 2"]),
        (["  x  = 1", "  yy = 2"], "name", "3", ["  x    = 1", "  name = 3", "  yy   = 2"]),
        (["  x=1", "  yy = 2"], "name", "3", ["  x=1", "  name = 3", "  yy = 2"]),
        (
            ["  # c", "  x = 1", "  # d", "  yy = 2"],
            "n",
            "3",
            ["  # c", "  x = 1", "  n = 3", "  # d", "  yy = 2"],
        ),
        (
            ["  x = [", "    1", "  ]", "  yy = 2"],
            "n",
            "3",
            ["  x = [", "    1", "  ]", "  n  = 3", "  yy = 2"],
        ),
        (["  x = <<E", "y", "E"], "name", "3", ["  x = <<E", "y", "E", "  name = 3"]),
        (["  yy = 1", "  x  = <<E", "y", "E"], "n", "3", ["  yy = 1", "  x  = <<E", "y", "E", "  n = 3"]),
        (
            ["  x    = 1", "  long = 2"],
            "n",
            "{\n  k = 1\n}",
            ["  x = 1", "  n = {", "    k = 1", "  }", "  long = 2"],
        ),
    ],
)
def test_an_attribute_is_added_below_another(
    lines: list[str], name: str, value: str, expected: list[str]
) -> None:
    def make(target: Block) -> Edits:
        return add_attribute(target.body, attribute(target.body, "x"), name, value)

    assert in_both_endings(inside(*lines), make) == inside(*expected)


def test_an_attribute_is_added_at_the_top_of_a_file() -> None:
    body = parse(Text("main.tf", "x = 1"))
    assert after("x = 1", add_attribute(body, attribute(body, "x"), "name", "2")) == "x    = 1\nname = 2"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a {}\n", "a {\n  n = 1\n}\n"),
        ("a { x = 1 }\n", "a {\n  n = 1\n  x = 1\n}\n"),
        ("a { # why\n  b {\n  }\n}\n", "a { # why\n  n = 1\n\n  b {\n  }\n}\n"),
        ("a {\n\n  b {\n  }\n}\n", "a {\n  n = 1\n\n  b {\n  }\n}\n"),
        ("a {\n  x = 1\n}\n", "a {\n  n = 1\n  x = 1\n}\n"),
    ],
)
def test_an_attribute_is_added_where_none_stands(content: str, expected: str) -> None:
    assert in_both_endings(content, lambda target: add_first_attribute(target, "n", "1")) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a {\n  x = 1\n}\n", "a {\n  x = 1\n\n  n {\n    y = 2\n  }\n}\n"),
        ("a {\n  x = 1\n  # last\n\n}", "a {\n  x = 1\n  # last\n\n  n {\n    y = 2\n  }\n\n}"),
        ("a {}\n", "a {\n  n {\n    y = 2\n  }\n}\n"),
        ("a {\n}\n", "a {\n  n {\n    y = 2\n  }\n}\n"),
        ("a {\n  # c\n}\n", "a {\n  # c\n\n  n {\n    y = 2\n  }\n}\n"),
        ("a { x = 1 }\n", "a {\n  x = 1\n\n  n {\n    y = 2\n  }\n}\n"),
    ],
)
def test_a_block_is_added_with_a_blank_line_before_it(content: str, expected: str) -> None:
    assert in_both_endings(content, lambda target: add_block(target, "n {\n  y = 2\n}")) == expected


def test_a_block_is_added_to_a_nested_block() -> None:
    content = "a {\n  b {\n    x = 1\n  }\n}\n"
    assert after(content, add_block(block(content).body.blocks[0], "n {\n}")) == (
        "a {\n  b {\n    x = 1\n\n    n {\n    }\n  }\n}\n"
    )


def test_a_value_is_replaced_with_its_parentheses() -> None:
    content = inside("  x = (", "    1", "  ) # c")
    target = attribute(block(content).body, "x")
    assert after(content, replace_value(target, "[\n  2\n]")) == inside("  x = [", "    2", "  ] # c")


@pytest.mark.parametrize("value", ["var.x", 'lower("X")', '"${var.x}"', "b ? 1 : 2"])
def test_a_value_that_is_told_elsewhere_is_not_replaced(value: str) -> None:
    assert replace_value(attribute(block(inside(f"  x = {value}")).body, "x"), "1") is None


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["  y = 1", "  x = 2 # c", "  z = 3"], ["  y = 1", "  z = 3"]),
        (["  y    = 1", "  x    = 2", "  long = 3"], ["  y    = 1", "  long = 3"]),
        (["  y = 1", "  x = {", "    k = 1", "  }", "  long = 2"], ["  y    = 1", "  long = 2"]),
        (["  y  =  1", "  x = 2", "  long = 3"], ["  y  =  1", "  long = 3"]),
        (["  y = 1", "", "  x = 2"], ["  y = 1"]),
        (["  x = 2", "", "  y = 1"], ["  y = 1"]),
        (["  y = 1", "", "  x = 2", "", "  z = 1"], ["  y = 1", "", "  z = 1"]),
        (["  x = <<E", "y", "E", "  z = 1"], ["  z = 1"]),
    ],
)
def test_an_attribute_is_taken_out_with_its_lines(lines: list[str], expected: list[str]) -> None:
    def make(target: Block) -> Edits:
        return delete_attribute(target.body, attribute(target.body, "x"))

    content = inside(*lines)
    assert in_both_endings(content, make) == inside(*expected)


def test_the_longest_name_taken_out_lets_the_others_move_back() -> None:
    content = inside("  x    = 1", "  long = 2", "  z    = 3")
    body = block(content).body
    assert after(content, delete_attribute(body, attribute(body, "long"))) == inside("  x = 1", "  z = 3")


def test_what_shares_its_line_is_left_alone() -> None:
    body = block("a { x = 1 }\n").body
    assert add_attribute(body, attribute(body, "x"), "n", "1") is None
    assert delete_attribute(body, attribute(body, "x")) is None
    assert delete_block(block("a { b {} }\n").body.blocks[0]) is None


def test_a_block_is_taken_out() -> None:
    content = "a {\n  x = 1\n\n  b {\n    y = 2\n  }\n}\n"
    assert after(content, delete_block(block(content).body.blocks[0])) == "a {\n  x = 1\n}\n"
    content = "a {\n}\n\nb {\n}"
    assert after(content, delete_block(parse(Text("main.tf", content)).blocks[1])) == "a {\n}"


OBJECT = """\
a {
  p = jsonencode({
    Version = "1", # c
    Id      = "x",
    S = [{
      Effect = "Allow"
    }]
  })
}
"""


def policy(content: str) -> ObjectExpr:
    call = attribute(block(content).body, "p").value
    (found,) = (one for one in getattr(call, "args", ()) if isinstance(one, ObjectExpr))
    return found


def test_an_item_of_an_object_is_added_and_taken_out() -> None:
    target = policy(OBJECT)
    version, _, statement = target.items
    added = add_item(target, version, "Statement", "[]")
    assert after(OBJECT, added) == OBJECT.replace(
        '    Version = "1", # c\n    Id      = "x",\n',
        '    Version   = "1", # c\n    Statement = [],\n    Id        = "x",\n',
    )
    assert after(OBJECT, add_item(target, statement, "N", "1")) == OBJECT.replace(
        "    }]\n", "    }]\n    N = 1\n"
    )
    assert after(OBJECT, delete_item(target, version)) == OBJECT.replace(
        '    Version = "1", # c\n', ""
    ).replace("Id      =", "Id =")


def test_an_object_on_one_line_is_left_alone() -> None:
    content = "a {\n  p = f({ x = 1, y : 2 })\n}\n"
    target = policy(content)
    assert add_item(target, target.items[0], "n", "1") is None
    assert delete_item(target, target.items[0]) is None
    content = "a {\n  p = f({\n    x : 1\n  })\n}\n"
    assert add_item(policy(content), policy(content).items[0], "n", "1") is None


NAMES = st.lists(st.sampled_from(["a", "bb", "ccc", "dddd", "eeeee"]), min_size=1, max_size=5, unique=True)
WRITTEN = st.sampled_from(["1", '"x" # c', "[\n    1,\n  ]", "<<E\nx\nE", "{\n    k = 1\n  }", "f(x)"])


@st.composite
def bodies(draw: st.DrawFn) -> tuple[str, str]:
    """A block, formatted or not, and the name of one of its attributes."""
    names = draw(NAMES)
    pad = draw(st.sampled_from([0, 6]))
    gaps = st.sampled_from(["\n", "\n\n", "\n  # c\n", "\n  b {\n    z = 1\n  }\n"])
    lines = "".join(f"  {name.ljust(pad)} = {draw(WRITTEN)}{draw(gaps)}" for name in names)
    return f"a {{\n{lines}}}\n", draw(st.sampled_from(names))


def values(body: Body) -> dict[str, str]:
    return {one.name: body.text[one.value_span] for one in body.attributes}


@given(bodies(), st.sampled_from(["1", "[\n  1\n]"]))
def test_edits_of_attributes_change_no_other_value(made: tuple[str, str], value: str) -> None:
    content, name = made
    body = block(content).body
    was, target = values(body), attribute(body, name)
    more = block(after(content, add_attribute(body, target, "new_name", value))).body
    assert {one: shown for one, shown in values(more).items() if one != "new_name"} == was
    assert more.text[attribute(more, "new_name").value_span] == value.replace("\n", "\n  ")
    assert len(more.blocks) == len(body.blocks)
    less = block(after(content, delete_attribute(body, target))).body
    assert values(less) == {one: shown for one, shown in was.items() if one != name}
    assert less.text.content.splitlines().count("  # c") == content.splitlines().count("  # c")
    nested = block(after(content, add_block(block(content), "n {\n  q = 1\n}"))).body
    assert values(nested) == was
    assert isinstance(nested.of_type("n")[0].body.get("q"), Literal)
