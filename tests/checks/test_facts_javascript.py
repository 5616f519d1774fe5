"""Expressions in strings of JavaScript become variables of the environment."""

from __future__ import annotations

import pytest

from checks.facts.javascript import read_from_environment
from checks.source import expression

HERE = "${{ inputs.name }}"


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
    ],
)
def test_it_stays_where_no_string_has_it_or_a_template_would_say_more(script: str) -> None:
    assert _read(script) is None


def _read(script: str) -> str | None:
    (found,) = expression.find(script)
    new = read_from_environment(script, found.span, {found.span: "NAME"})
    return f"{script[: new[0].start]}{new[1]}{script[new[0].end :]}" if new else None
