"""Expressions in strings of JavaScript become variables of the environment."""

from __future__ import annotations

import pytest

from checks.facts.script.javascript import read, read_from_environment
from checks.source.expression_places import find

HERE = "${{ inputs.name }}"
LONG = "x" * 600


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"f('{HERE}')", "f(process.env.NAME)"),
        (f'f("v{HERE}", 1)', "f(`v${process.env.NAME}`, 1)"),
        (f"f(`v{HERE}`)", "f(`v${process.env.NAME}`)"),
        (f"f(`${{a}} {HERE} ${{b}}`)", "f(`${a} ${process.env.NAME} ${b}`)"),
        (f"f(`it's ${{g('{HERE}')}}`)", "f(`it's ${g(process.env.NAME)}`)"),
        (f"f(`it's '{HERE}'`)", "f(`it's '${process.env.NAME}'`)"),
        (f"if (a) {{ f('{HERE}') }}", "if (a) { f(process.env.NAME) }"),
        (f"f('a{HERE} {HERE}b')", "f(`a${process.env.NAME} ${process.env.NAME}b`)"),
        (f"f('{HERE}', `{HERE}{HERE}`)", "f(process.env.NAME, `${process.env.NAME}${process.env.NAME}`)"),
        (f"f('a\\\\{HERE}')", "f(`a\\\\${process.env.NAME}`)"),
        (f"return'{HERE}'", "return`${process.env.NAME}`"),
        (f"f(/'/, '{HERE}')", "f(/'/, process.env.NAME)"),
        (f"return /'/.test('{HERE}')", "return /'/.test(process.env.NAME)"),
        (f"[/['/]\"/].map(g); f('{HERE}')", "[/['/]\"/].map(g); f(process.env.NAME)"),
        (f"{{ /`/.test(a) }} f('{HERE}')", "{ /`/.test(a) } f(process.env.NAME)"),
        (f"g();\n/`/.test('{HERE}')", "g();\n/`/.test(process.env.NAME)"),
        (f"g(a / b, c[0] / '{HERE}' / 2)", "g(a / b, c[0] / process.env.NAME / 2)"),
        (f"it.return / f('{HERE}') / 2", "it.return / f(process.env.NAME) / 2"),
        (f"g((a + b) / f('{HERE}'))", "g((a + b) / f(process.env.NAME))"),
        (f"return /* or */ /'/.test('{HERE}') // it's", "return /* or */ /'/.test(process.env.NAME) // it's"),
    ],
)
def test_a_variable_takes_its_place(before: str, after: str) -> None:
    assert _read(before) == after


@pytest.mark.parametrize(
    "script",
    [
        f"f({HERE})",
        f"// '{HERE}'",
        f"/* '{HERE}' */",
        f"f({{'{HERE}': 1}})",
        f"f('`{HERE}`')",
        f"f('$' + `${{{HERE}}}`)",
        f"f(/{HERE}/)",
        f"f('{HERE}",
        f"f('\\{HERE}')",
        f"f(`\\\\\\{HERE}`)",
        f"f('\\{HERE} {HERE}')",
        f"f('a\\\n{HERE}')",
    ],
)
def test_it_stays_where_no_string_has_it_or_a_template_would_say_more(script: str) -> None:
    assert _read(script) == script


@pytest.mark.parametrize(
    "script",
    [
        f"g('{LONG}'); f('{HERE}'); g('a')",
        f'g("{LONG}"); f(`{HERE}`)',
        f"if (a) /'/.test(b) ? f({HERE}) : g('/')",
        f"if (a) {{ }} /'/.test(b) ? f('{HERE}') : g('/')",
        f"return /[/.test(a) ? '{HERE}' : 1",
        f"/* '{HERE}'",
        f"f(`it's ${{a '{HERE}'",
        f"g('a\nb'); f('{HERE}')",
    ],
)
def test_nothing_is_edited_behind_what_is_not_surely_told_from_code(script: str) -> None:
    assert _read(script) == script
    assert not read(script).whole


def test_what_stands_before_that_is_edited() -> None:
    assert _read(f"f('{HERE}'); g('{LONG}')") == f"f(process.env.NAME); g('{LONG}')"


def test_the_code_is_what_is_left_without_the_rest() -> None:
    found = read("a('b', /c/) // d\n + `e ${f({g: 1})} h` /* i */ / j")
    assert found.whole
    assert found.code.split() == ["a(", ",", ")", "+", "f({g:", "1})}", "j"]


@pytest.mark.parametrize(
    "line",
    [
        f"f('x {HERE}');\n",
        f"f(`x {HERE} ${{g({HERE})}}`);\n",
        f"'{HERE}' + ",
        f"(a) / 2 + '{HERE}';\n",
        f"`\\{HERE}` ",
        f"\\\\{HERE}",
    ],
)
@pytest.mark.parametrize("around", ["", "`"])
def test_long_scripts_take_no_long_time(line: str, around: str) -> None:
    """Work on the whole script for each of its expressions would be hours: the suite would hang."""
    script = f"{around}{line * 5_000}{around}"
    variables = {found.span: "NAME" for found in find(script)}
    assert len(variables) >= 5_000
    read_from_environment(script, variables)


def _read(script: str) -> str:
    """A script with the edits of all of its expressions."""
    new = read_from_environment(script, {found.span: "NAME" for found in find(script)})
    for span, text in sorted(set(new.values()), reverse=True):
        script = f"{script[: span.start]}{text}{script[span.end :]}"
    return script
