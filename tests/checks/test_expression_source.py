from __future__ import annotations

import contextlib
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.source.evaluation import EITHER, UNKNOWN, Lookup, Value, evaluate, expand, holds, known
from checks.source.expression import (
    MAX_CHARACTERS,
    MAX_DEPTH,
    Binary,
    Call,
    Constant,
    Context,
    Expr,
    ExpressionError,
    Index,
    Not,
    Scalar,
    parse,
    path_of,
    walk,
)
from checks.source.expression_places import Found, find, of_if, whole
from checks.source.text import Span


def context(values: Mapping[str, Value | Scalar]) -> Lookup:
    """A lookup in which `values`, by path with dots, are known."""

    def lookup(path: tuple[str, ...]) -> Value:
        found = values.get(".".join(path), UNKNOWN)
        return found if isinstance(found, Value) else known(found)

    return lookup


NOTHING = context({})


def value(source: str, lookup: Lookup = NOTHING) -> Value:
    return evaluate(parse(source), lookup)


def outline(expr: Expr) -> str:
    """An expression with every operator in parentheses."""
    match expr:
        case Constant(value=constant):
            return repr(constant)
        case Context(name=name):
            return name
        case Index(of=of, key=key):
            return f"{outline(of)}[{outline(key) if key else '*'}]"
        case Call(name=name, arguments=arguments):
            return f"{name}({', '.join(map(outline, arguments))})"
        case Not(operand=operand):
            return f"!{outline(operand)}"
        case Binary(operator=operator, left=left, right=right):
            return f"({outline(left)} {operator} {outline(right)})"


# Finding


def test_expressions_are_found_with_their_places() -> None:
    text = "é ${{ a }}-${{b}} ${{ 'x }} y' }}}"
    assert [text[found.span.start : found.span.end] for found in find(text)] == [
        "${{ a }}", "${{b}}", "${{ 'x }} y' }}",
    ]  # fmt: skip
    assert [found.source for found in find(text)] == [" a ", "b", " 'x }} y' "]


@pytest.mark.parametrize("text", ["", "$ {{ a }}", "${ { a }}", "${{ a }", "${{ 'a }}", "{{ a }}"])
def test_what_is_not_closed_is_not_found(text: str) -> None:
    assert find(text) == ()


@pytest.mark.parametrize(
    ("text", "source"),
    [("${{ a }}", " a "), ("${{ a }}\n", None), (" ${{ a }}", None), ("a", None), ("", None)],
)
def test_a_text_that_is_one_expression(text: str, source: str | None) -> None:
    found = whole(text)
    assert (found.source if found else None) == source


@pytest.mark.parametrize(
    ("condition", "deciding"),
    [
        ("github.ref == 'x'", "github.ref == 'x'"),
        ("${{ github.ref == 'x' }}", " github.ref == 'x' "),
        ("  false\n", "  false\n"),
        ("${{ false }}\n", None),
        (" ${{ false }}", None),
        ("${{ false }} && x", None),
        ("!${{ true }}", None),
        ("${{ false }}${{ false }}", None),
        ("", None),
        ("\n", None),
        ("${{ }}", " "),
        ("not an expression", "not an expression"),
        ("contains('${{ x }}', 'x')", None),
        ("${{ contains('}}', 'x') }}", " contains('}}', 'x') "),
    ],
)
def test_text_beside_the_braces_of_an_if_makes_it_always_true(condition: str, deciding: str | None) -> None:
    assert of_if(condition) == deciding


# Parsing


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("true", "True"),
        ("null", "None"),
        ("-9.2", "-9.2"),
        ("0xff", "255.0"),
        ("0o17", "15.0"),
        ("-2.99e-2", "-0.0299"),
        (".5", "0.5"),
        ("'It''s'", '"It\'s"'),
        ("github.ref", "github['ref']"),
        ("a['b'].c[0].*.d-e", "a['b']['c'][0.0][*]['d-e']"),
        ("a[*].b[c.d]", "a[*]['b'][c['d']]"),
        ("a.true", "a['true']"),
        ("fromJSON(x)['y'].z", "fromjson(x)['y']['z']"),
        ("(a || b).c", "(a || b)['c']"),
        ("a || b && c == d < !e", "(a || (b && (c == (d < !e))))"),
        ("a && b || c && d", "((a && b) || (c && d))"),
        ("(a || b) && c", "((a || b) && c)"),
        ("a == b != c", "((a == b) != c)"),
        ("!!a.b", "!!a['b']"),
        ("ToJson( a , 'b' )", "tojson(a, 'b')"),
        ("always()", "always()"),
        ("a\n  ||\tb", "(a || b)"),
    ],
)
def test_expressions_are_parsed_by_their_precedence(source: str, expected: str) -> None:
    assert outline(parse(source)) == expected


@pytest.mark.parametrize(
    ("source", "offset"),
    [
        ("", 0), ("a b", 2), ("a ==", 4), ("'a", 0), ('"a"', 0), ("a..b", 2), ("a[", 2), ("f(a", 3), ("f(a b)", 4),
        ("1.2.3", 0), ("a | b", 2), ("a = b", 2), ("a.", 2), ("'a'.b", 3), ("1e", 0), ("a - b", 2), ("()", 1), ("a.*.1", 4),
    ],
)  # fmt: skip
def test_an_error_says_where(source: str, offset: int) -> None:
    with pytest.raises(ExpressionError) as error:
        parse(source)
    assert error.value.offset == offset


def test_spans_cover_what_a_part_is_written_as() -> None:
    source = " startsWith(github.ref, 'refs/tags/é') && (x || !y) "
    written = [source[part.span.start : part.span.end] for part in walk(parse(source))]
    assert written == [
        "startsWith(github.ref, 'refs/tags/é') && (x || !y)",
        "startsWith(github.ref, 'refs/tags/é')", "github.ref", "github", "ref", "'refs/tags/é'",
        "x || !y", "x", "!y", "y",
    ]  # fmt: skip


def test_a_path_is_told_as_it_is_written() -> None:
    assert path_of(parse("Steps.build['outputs'].Digest")) == ("Steps", "build", "outputs", "Digest")
    assert path_of(parse("github.event.commits.*.id")) == ("github", "event", "commits", "*", "id")
    assert path_of(parse("matrix[env.X]")) is None
    assert path_of(parse("fromJSON(a).b")) is None


@pytest.mark.parametrize("shape", ["{}(a{}", "{}!a{}", "{}f({}", "{}a[{}"])
def test_nesting_has_a_limit(shape: str) -> None:
    before, _, rest = shape.partition("{}")
    opening = rest.removesuffix("{}")
    closing = {"(": ")", "[": "]"}.get(opening[-1], "")
    deep = before + (opening.removesuffix("a") or opening) * (MAX_DEPTH + 1) + "a" + closing * (MAX_DEPTH + 1)
    with pytest.raises(ExpressionError, match="deeper"):
        parse(deep)


@pytest.mark.parametrize(
    "source",
    [
        "(" * 5000,
        "!" * 5000 + "a",
        "f(" * 5000,
        "a" + ".b" * 5000,
        "a" + " || a" * 4000,
        "a" + " == a" * 4000,
        "(" * 40 + "a" + (".b" * 40 + ")") * 40,
        "x" * (MAX_CHARACTERS + 1),
    ],
)
def test_hostile_expressions_are_refused(source: str) -> None:
    with pytest.raises(ExpressionError):
        parse(source)


# Evaluation


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("1 == '1'", True),
        ("'Push' == 'pUSH'", True),
        ("null == ''", True),
        ("null == 0", True),
        ("true == '1'", True),
        ("true == 'true'", False),
        ("'a' == 0", False),
        ("NaN == NaN", False),
        ("'abc' < 'ABD'", True),
        ("2 > '10'", False),
        ("' 0xF ' == 15", True),
        ("'ı' == 'I'", False),
        ("!''", True),
        ("!'0'", False),
        ("!0", True),
        ("'a' && 'b'", "b"),
        ("'' || 'b'", "b"),
        ("'a' || 'b'", "a"),
        ("0 && 'b'", 0),
        ("contains('Hello', 'LL')", True),
        ("contains(fromJSON('[\"push\", \"release\"]'), 'Push')", True),
        ("contains(fromJSON('[1, 2]'), '2')", True),
        ("startsWith('refs/tags/v1', 'REFS/TAGS/')", True),
        ("endsWith('a.yml', '.yaml')", False),
        ("format('{0}:{1}{{}}', 'app', 1.5)", "app:1.5{}"),
        ("join(fromJSON('[\"a\", 2, true]'), '-')", "a-2-true"),
        ("join('a')", "a"),
        ("toJSON('a\"b')", '"a\\"b"'),
        ('fromJSON(\'{"A": [10, {"b": "c"}]}\').a[1].B', "c"),
        ("fromJSON('[1]')[3]", None),
        ("case(false, 'a', true, 'b', 'c')", "b"),
        ("case(false, 'a', 'c')", "c"),
        ("success() && !failure() && !cancelled() && always()", True),
    ],
)
def test_what_is_known_is_computed_by_githubs_rules(source: str, expected: Scalar) -> None:
    assert value(source).alternatives == (expected,)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("github.sha", UNKNOWN),
        ("github.sha == 'a'", EITHER),
        ("false && github.sha", known(False)),
        ("true || github.sha", known(True)),
        ("github.sha && 'a' || 'b'", known("a", "b")),
        ("github.sha == 'x' && 'a' || 'b'", known("a", "b")),
        ("github.sha || 'b'", Value(("b",), other_truthy=True)),
        ("github.sha && 'a'", Value(("a",), other_falsy=True)),
        ("!github.sha", EITHER),
        ("!(github.sha && '')", known(True)),
        ("contains(github.sha, 'a')", EITHER),
        ("format('{0}', github.sha)", UNKNOWN),
        ("format('v{0}', github.sha && '1' || '2')", known("v1", "v2")),
        ("case(github.sha == 'a', 'x', 'y')", known("x", "y")),
        ("case('text', 'x', 'y')", UNKNOWN),
        ("format('{1}', 'a')", UNKNOWN),
        ("format('{', 'a')", UNKNOWN),
        ("fromJSON('no json')", UNKNOWN),
        ("hashFiles('**')", UNKNOWN),
        ("startsWith('a')", UNKNOWN),
    ],
)
def test_unknown_stays_unknown_except_where_the_rest_decides(source: str, expected: Value) -> None:
    assert value(source) == expected


def test_contexts_are_looked_up_without_regard_to_case() -> None:
    lookup = context({"github.event_name": "push", "matrix.os": known("a", "b"), "github": None})
    assert value("GitHub.Event_Name == 'PUSH'", lookup) == known(True)
    assert value("github['event_name']", lookup) == known("push")
    assert value("github[format('event_{0}', 'name')]", lookup) == known("push")
    assert value("format('{0}-x', matrix.os)", lookup) == known("a-x", "b-x")
    assert value("matrix.os == 'a'", lookup) == known(False, True)


def test_too_many_alternatives_are_unknown() -> None:
    lookup = context({"matrix.a": known(*"abcdefgh"), "matrix.b": known(*"abcdefgh")})
    assert value("format('{0}{1}', matrix.a, matrix.b)", lookup).alternatives is None
    assert value("format('{0}{1}', matrix.a, matrix.b)", lookup).truth is True


def test_texts_that_double_themselves_are_given_up() -> None:
    source = "'xxxxxxxxxx'"
    for _ in range(20):
        source = f"format('{{0}}{{0}}{{0}}{{0}}', {source})"
    assert value(source) == UNKNOWN


PUSH = context({"github.event_name": "push", "github.ref": "refs/heads/main"})


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("github.event_name == 'push'", True),
        ("${{ github.event_name != 'push' }}", False),
        ("github.event_name != 'pull_request' && github.actor == 'x'", None),
        ("github.event_name == 'pull_request' && github.actor == 'x'", False),
        ("startsWith(github.ref, 'refs/tags/')", False),
        ("failure() && github.ref == 'refs/heads/main'", False),
        ("always()", True),
        ("", True),
        ("${{ false }} && x", True),
        ("${{ false }}\n", True),
        ("not an expression", None),
        ("github.event.pull_request.draft", None),
    ],
)
def test_an_if_is_decided_as_far_as_it_can_be(source: str, expected: bool | None) -> None:
    assert holds(source, PUSH) is expected


def test_a_text_is_expanded_with_what_is_not_known_left_in() -> None:
    text = "${{ env.HOST }}/app:${{ github.event_name == 'push' && 'main' || 'pr' }}-${{ env.X == 'a' && 1 || 2 }}"
    lookup = context({"github.event_name": "push"})
    (host, *_) = find(text)
    assert expand(text, lookup) == ((host, "/app:main-1"), (host, "/app:main-2"))
    assert expand("plain", lookup) == (("plain",),)
    assert expand("", lookup) == ((),)


# Arbitrary text

TOKENS = st.sampled_from(
    ["a", "github", ".", ".ref", "[", "]", "(", ")", "*", "'x'", "'", "''", "1", "-1", "0x1", "!", "&&", "||", "==", "!=", "<", ">=",
     ",", " ", "\n", "format(", "fromJSON(", "'[1,{}]'", "contains(", "true", "null", "NaN", "é", "${{", "}}", "}", "'{0}'", "case("]
)  # fmt: skip
SOURCES = st.lists(TOKENS, max_size=25).map("".join) | st.text(max_size=40)


@given(SOURCES)
@settings(max_examples=400, deadline=None)
def test_any_text_is_parsed_and_evaluated_or_refused(source: str) -> None:
    holds(source, NOTHING)
    with contextlib.suppress(ExpressionError):
        expr = parse(source)
        whole = Span(0, len(source))
        assert all(whole.covers(part.span) for part in walk(expr))
        result = evaluate(expr, NOTHING)
        assert result.may_be_true or result.may_be_false


@given(SOURCES)
@settings(max_examples=200, deadline=None)
def test_expanding_keeps_every_character_that_is_not_known(text: str) -> None:
    for filled in expand(text, lambda _: UNKNOWN):
        kept = "".join(text[p.span.start : p.span.end] if isinstance(p, Found) else p for p in filled)
        assert ("${{" in text) or kept == text


LEAVES = st.sampled_from(["github.a", "github.b", "true", "false", "'x'", "''", "0", "1", "null", "'1'"])
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["&&", "||", "==", "!=", "<"]), inner).map(
            lambda t: f"({t[0]} {t[1]} {t[2]})"
        ),
        inner.map(lambda text: f"!{text}"),
        st.tuples(inner, inner).map(lambda t: f"contains({t[0]}, {t[1]})"),
        st.tuples(inner, inner).map(lambda t: f"format('{{0}}-{{1}}', {t[0]}, {t[1]})"),
    ),
    max_leaves=8,
)
CONSTANTS: st.SearchStrategy[Scalar] = st.sampled_from(["x", "", 0.0, 1.0, True, False, None])


@given(EXPRESSIONS, CONSTANTS, CONSTANTS)
@settings(max_examples=300, deadline=None)
def test_a_partial_answer_never_contradicts_the_full_one(source: str, a: Scalar, b: Scalar) -> None:
    (full,) = value(source, context({"github.a": a, "github.b": b})).constants
    for values in ({}, {"github.a": a}, {"github.b": b}):
        partial = value(source, context(values))
        truth = Value((full,)).may_be_true
        assert partial.may_be_true if truth else partial.may_be_false
        if partial.alternatives is not None:
            assert full in partial.alternatives
