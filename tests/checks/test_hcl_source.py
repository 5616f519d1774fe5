"""The HCL reader: what Terraform files say, and where."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.source import json_tree
from checks.source.hcl import (
    Body,
    Call,
    Expression,
    Heredoc,
    Interpolation,
    ListExpr,
    Literal,
    ObjectExpr,
    Opaque,
    Template,
    Traversal,
    parse,
    walk,
)
from checks.source.json_tree import JsonArray, JsonNode, JsonObject, JsonScalar
from checks.source.text import CannotRead, Span, Text

ECR = """\
# 😀 images
resource "aws_ecr_repository" "app" { // one
  name                 = "${var.prefix}/app"
  image_tag_mutability = "IMMUTABLE" /* for good */

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.ecr["main"].arn
  }
  tags = {
    Team  = "a \\"b\\" $${c} \\u00e9"
    "x-y" : 2,
    (local.key) = [1, -2.5, true, null]
  }
}
"""


def read(content: str) -> Body:
    return parse(Text("main.tf", content))


def value(written: str) -> Expression:
    found = read(f"x = {written}\n").get("x")
    assert found
    return found


def expressions(body: Body) -> Iterator[Expression]:
    for attribute in body.attributes:
        yield from walk(attribute.value)
    for block in body.blocks:
        yield from expressions(block.body)


def shape(one: Expression) -> object:
    """An expression without places."""
    match one:
        case Literal(value=known) | Heredoc(value=known):
            return known
        case Template(parts=parts):
            return [
                shape(part.expression) if isinstance(part, Interpolation) else shape(part) for part in parts
            ]
        case Traversal(parts=steps):
            return tuple(step.name or step.kind for step in steps)
        case ListExpr(items=items):
            return [shape(item) for item in items]
        case ObjectExpr(items=pairs):
            return {pair.name: shape(pair.value) for pair in pairs}
        case Call(name=name, args=args):
            return {name: [shape(argument) for argument in args]}
        case Opaque(kind=kind, operands=operands):
            return {kind: [shape(operand) for operand in operands]}


def body_shape(body: Body) -> object:
    return (
        [(attribute.name, shape(attribute.value)) for attribute in body.attributes],
        [(block.type, block.names, body_shape(block.body)) for block in body.blocks],
    )


def refusal(content: str) -> str:
    with pytest.raises(CannotRead) as refused:
        read(content)
    return str(refused.value)


@pytest.mark.parametrize("prefix", ["", "\ufeff"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_place_says_what_it_holds(prefix: str, newline: str) -> None:
    text = Text("main.tf", prefix + ECR.replace("\n", newline))
    body = parse(text)
    (block,) = body.of_type("resource", "aws_ecr_repository")
    assert text[block.header] == 'resource "aws_ecr_repository" "app"'
    assert text[block.span].endswith("}")
    assert text[Span(block.body.span.start - 1, block.body.span.start)] == "{"
    assert text[Span(block.body.span.end, block.body.span.end + 1)] == "}"
    assert [text[label.span] for label in block.labels] == ['"aws_ecr_repository"', '"app"']
    assert [text[one.name_span] for one in block.body.attributes] == ["name", "image_tag_mutability", "tags"]
    assert [text[one.span] for one in body.comments] == ["# 😀 images", "// one", "/* for good */"]
    assert [one.own_line for one in body.comments] == [True, False, False]
    name, mutability = block.body.get("name"), block.body.attribute("image_tag_mutability")
    assert isinstance(name, Template)
    assert text[name.span] == '"${var.prefix}/app"'
    assert [text[part.span] for part in name.parts] == ["${var.prefix}", "/app"]
    assert mutability
    assert isinstance(mutability.value, Literal)
    assert text[mutability.span] == 'image_tag_mutability = "IMMUTABLE"'
    assert text[mutability.value.inner] == "IMMUTABLE"


def test_values_are_what_terraform_reads() -> None:
    assert body_shape(read(ECR).blocks[0].body) == (
        [
            ("name", [("var", "prefix"), "/app"]),
            ("image_tag_mutability", "IMMUTABLE"),
            ("tags", {"Team": 'a "b" ${c} é', "x-y": 2, None: [1, -2.5, True, None]}),
        ],
        [
            (
                "encryption_configuration",
                (),
                ([("encryption_type", "KMS"), ("kms_key", ("aws_kms_key", "ecr", "index", "arn"))], []),
            )
        ],
    )


@given(
    st.sampled_from([ECR, "a = <<-EOT\n    x\n\n      y\n    EOT\nb {\n  c = [\n    1, # d\n    2\n  ]\n}\n"])
)
def test_line_endings_change_no_value(content: str) -> None:
    assert body_shape(read(content)) == body_shape(read(content.replace("\n", "\r\n")))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("var.a", ("var", "a")),
        ("aws_x.y[0].z", ("aws_x", "y", "index", "z")),
        ("aws_x.y.0.z", ("aws_x", "y", "index", "z")),
        ("aws_x.y[*].z", ("aws_x", "y", "splat", "z")),
        ("aws_x.y.*.z", ("aws_x", "y", "splat", "z")),
        ("(local.x)", ("local", "x")),
        ("-3", -3),
        ("1e3", 1000.0),
        ("-x", {"unary": [("x",)]}),
        ('"%{ if a }b%{ endif }"', [{"directive": [("a",)]}, "b", {"directive": []}]),
        ('"${~ x ~}"', [("x",)]),
        ('"${f("a ${b}")}"', [{"f": [["a ", ("b",)]]}]),
        ('""', ""),
        (r'"\\ \t \U0001F600 %%{a}"', "\\ \t 😀 %{a}"),
        ("jsonencode({ a = [b] })", {"jsonencode": [{"a": [("b",)]}]}),
        ("provider::aws::arn_parse(x)", {"provider::aws::arn_parse": [("x",)]}),
        ("merge(a, b...)", {"merge": [("a",), ("b",)]}),
        ("a ? b : c", {"conditional": [("a",), ("b",), ("c",)]}),
        ("a == b && !c", {"binary": [("a",), ("b",), {"unary": [("c",)]}]}),
        ("[for k, v in m : v.x if k]", {"for": [("k",), ("v",), ("m",), ("v", "x"), ("k",)]}),
        ("{ for k in m : k => 1 }", {"for": [("k",), ("m",), ("k",), 1]}),
        ("{ for k in m :\n (k)\n => 1\n if k\n}", {"for": [("k",), ("m",), ("k",), 1, ("k",)]}),
        ("f(a)[0].b", {"other": [{"f": [("a",)]}, 0]}),
        ("f(\n  a, # c\n  b,\n)", {"f": [("a",), ("b",)]}),
        ("(\n  a\n  ? b // c\n  : d\n)", {"conditional": [("a",), ("b",), ("d",)]}),
        ("[ /* a */ ]", []),
        ("{ a = 1, b : 2\n c = 3 }", {"a": 1, "b": 2, "c": 3}),
        ("grün.x", ("grün", "x")),
    ],
)
def test_expressions(written: str, expected: object) -> None:
    assert shape(value(written)) == expected


def test_a_reference_tells_its_names() -> None:
    plain, indexed = value("aws_ecr_repository.app.name"), value('aws_ecr_repository.app["k"].arn')
    assert isinstance(plain, Traversal)
    assert plain.dotted == "aws_ecr_repository.app.name"
    assert isinstance(indexed, Traversal)
    assert indexed.dotted is None
    assert indexed.names == ("aws_ecr_repository", "app")
    assert [indexed.text[part.span] for part in indexed.parts] == [
        "aws_ecr_repository",
        ".app",
        '["k"]',
        ".arn",
    ]


def test_parentheses_belong_to_the_place_of_a_value() -> None:
    text = Text("main.tf", "a = (\n  b\n)\nc = { (d) = (e) }\n")
    first, second = parse(text).attributes
    assert text[first.value_span] == "(\n  b\n)"
    assert text[first.value.span] == "b"
    assert isinstance(second.value, ObjectExpr)
    (item,) = second.value.items
    assert (item.name, text[item.key_span], text[item.value_span]) == (None, "(d)", "(e)")


def test_a_template_of_one_interpolation_is_that_expression() -> None:
    wrapped, joined = value('"${var.a}"'), value('"${var.a}!"')
    assert isinstance(wrapped, Template)
    assert isinstance(joined, Template)
    assert wrapped.wrapped
    assert shape(wrapped.wrapped) == ("var", "a")
    assert joined.wrapped is None


@pytest.mark.parametrize(
    ("written", "expected", "literal"),
    [
        ("<<EOT\n  a\n b\nEOT\n", "  a\n b\n", True),
        ("<<-EOT\n    a\n\n      b\n  EOT\n", "a\n\n  b\n", True),
        ("<<-EOT\n    a ${b}\n    EOT\n", "a ${b}\n", False),
        ("<<EOT\n$${a} %%{b}\nEOT\n", "${a} %{b}\n", True),
        ("<<EOT\nEOT\n", "", True),
        ('<<E\n"} # ${\n EOT\nE', '"} # ${\n EOT\n', False),
        ("f(<<A\nx\nA\n, 1)", None, True),
    ],
)
def test_heredocs(written: str, expected: str | None, literal: bool) -> None:
    found = next(one for one in walk(value(written)) if isinstance(one, Heredoc))
    assert found.text[found.span].startswith("<<")
    assert found.text[found.span].endswith(found.marker)
    assert found.is_literal == literal
    assert expected is None or found.value == expected
    assert found.text[found.content].replace(" ", "") == found.value.replace(" ", "") or "$$" in written


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a {\n  b = 1\n\nc {\n}\n", 'main.tf:1: "{" is never closed'),
        ("a = [1\n}\n", 'main.tf:2: "}" does not close "[" of line 1'),
        ("a {}\n}\n", 'main.tf:2: "}" closes nothing'),
        ('a = 1\nb = "c\nd = 2\n', "main.tf:2: the string is never closed on its line"),
        ('a = "${b"\n', "main.tf:1: the string is never closed on its line"),
        ('a = "${b\n', 'main.tf:1: "${" is never closed'),
        ("a = 1 /* b\n", 'main.tf:1: "/*" is never closed'),
        ("a = 1\nb = <<EOT\nc\n", "main.tf:2: the heredoc `EOT` is never closed"),
        ("a = 1\nb = = 2\n", "main.tf:2: `=` is not expected here"),
        ("a = [b c]\n", "main.tf:1: `c` is not expected here"),
        ("a =\nb = 1\n", "main.tf:1: the line ends where more is expected"),
        ("a = 1\n\nb =  # c\n", "main.tf:3: the file ends where more is expected"),
        ("a = " + "[" * 500 + "]" * 500, "main.tf:1: it nests deeper than 100"),
        ("a = " + '"${' * 500, "main.tf:1: it nests deeper than 100"),
        ("a = 1\n" * 20_000, "main.tf:1: it has more than 60,000 tokens"),
        (" " * 1_000_001, "main.tf:1: it is longer than 1,000,000 characters"),
    ],
)
def test_what_cannot_be_read_says_where_and_why(content: str, said: str) -> None:
    assert refusal(content) == said


@pytest.mark.parametrize(
    "content",
    [
        "a = 1" + " + 1" * 5_000,
        "a = b" + ".c" * 5_000,
        "a = b" + "[0]" * 5_000,
        "a = " + "b ? c : " * 3_000 + "d",
        "a = " + "!" * 3_000 + "b",
        "a = " + "(" * 99 + "1" + ")" * 99,
        "a = <<EOT\n" + "\n" * 100_000 + "x\n" + "\n" * 100_000 + "EOT\n",
        "# a\n" * 50_000,
        'a = "' + "$" * 100_000 + '"',
    ],
)
def test_hostile_files_end_without_a_crash(content: str) -> None:
    text = Text("main.tf", content)
    try:
        body = parse(text)
    except CannotRead:
        return
    for one in expressions(body):
        assert text[one.span].strip()


TOKENS = (
    """a|b.c| = |{|}|[|]|(|)|"|${|$${|%{|#|//|/*|*/|,|1|\\|?|:|~|é|-|for|in|if|...| |\n|\r\n|<<E\n|\nE\n"""
)
SNIPPETS = st.lists(st.sampled_from(TOKENS.split("|")), max_size=25).map("".join)


@settings(max_examples=300)
@given(SNIPPETS | st.text(max_size=40), st.sampled_from(["{}", "x = {}\n", 'x "y" {{\n  z = {}\n}}\n']))
def test_whatever_stands_in_a_file_is_read_or_refused(inside: str, around: str) -> None:
    text = Text("main.tf", around.replace("{}", inside).replace("{{", "{").replace("}}", "}"))
    try:
        body = parse(text)
    except CannotRead as error:
        line = error.unreadable.line
        body = None
    else:
        line = 1
    assert 1 <= line <= text.line_of(len(text.content))
    if body:
        for one in expressions(body):
            assert text[one.span] == text[one.span].rstrip() or isinstance(one, Literal)
        for comment in body.comments:
            assert text[comment.span].startswith(("#", "//", "/*"))


POLICY = """x = <<EOT
{
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Action": ["ecr:*", "\\u0073ts:x"], "Resource": "${var.arn}", "n": [-1.5e2, true]}]
}
EOT
"""


def test_json_in_a_heredoc_has_places() -> None:
    text = Text("main.tf", POLICY)
    (heredoc,) = (one for one in expressions(parse(text)) if isinstance(one, Heredoc))
    policy = json_tree.parse(text, heredoc.content)
    assert isinstance(policy, JsonObject)
    statements = policy.get("Statement")
    assert isinstance(statements, JsonArray)
    statement = statements.items[0]
    assert isinstance(statement, JsonObject)
    action = statement.member("Action")
    assert action
    assert text[action.name_span] == '"Action"'
    assert text[action.span] == '"Action": ["ecr:*", "\\u0073ts:x"]'
    assert json_shape(statement) == {
        "Effect": "Allow",
        "Action": ["ecr:*", "sts:x"],
        "Resource": "${var.arn}",
        "n": [-150.0, True],
    }


def json_shape(node: JsonNode) -> object:
    if isinstance(node, JsonScalar):
        return node.value
    if isinstance(node, JsonArray):
        return [json_shape(item) for item in node.items]
    return {member.name: json_shape(member.value) for member in node.members}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(JSON, st.sampled_from([None, 2]), st.booleans())
def test_json_is_read_as_python_reads_it(known: object, indent: int | None, ascii_only: bool) -> None:
    written = json.dumps(known, indent=indent, ensure_ascii=ascii_only)
    text = Text("a.json", f"@ {written} @")
    node = json_tree.parse(text, Span(1, len(text.content) - 1))
    assert json_shape(node) == known
    assert text[node.span] == written


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "a.json:1: the JSON ends where more is expected"),
        ('{"a": 1,\n}', "a.json:2: `}` is not expected here"),
        ('{"a": ${b}}', "a.json:1: `$` is not expected here"),
        ("[1 2]", "a.json:1: `2` is not expected here"),
        ("[01]", "a.json:1: `0` is not expected here"),
        ('["a', "a.json:1: the string is not JSON: Unterminated string starting at"),
        ("[" * 5_000, "a.json:1: it nests deeper than 100"),
        ("1 1", "a.json:1: `1` is not expected here"),
    ],
)
def test_what_is_not_json_is_refused(content: str, said: str) -> None:
    with pytest.raises(CannotRead) as refused:
        json_tree.parse(Text("a.json", content), Span(0, len(content)))
    assert str(refused.value) == said
