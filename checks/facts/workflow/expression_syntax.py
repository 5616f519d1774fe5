"""Workflows that GitHub refuses as a whole, since what stands in the place of an expression is none.

The language: https://docs.github.com/en/actions/reference/workflows-and-actions/expressions, and where a text ends one:
https://github.com/actions/runner/blob/main/src/Sdk/DTObjectTemplating/ObjectTemplating/TemplateReader.cs
"""

from __future__ import annotations

from checks.facts.workflow.context_availability import evaluated
from checks.facts.workflow.workflows import Workflow
from checks.source.expression import ExpressionError, TooLargeError, parse
from checks.source.expression_places import find
from checks.source.yaml import Scalar

_NOTHING = frozenset(("", "~"))
"""A condition that is not there."""


def holds_no_expression(workflow: Workflow) -> bool:
    """Whether GitHub starts no run of a workflow: one of its texts has braces, or is a condition, that it can't read.

    It reads those of scripts too, also behind a `#`. Whether what an expression names is there is not looked at.
    """
    return any(_is_unreadable(scalar, is_condition) for scalar, is_condition in evaluated(workflow))


def _is_unreadable(scalar: Scalar, is_condition: bool) -> bool:
    text = scalar.value
    if "${{" not in text:
        return is_condition and text.strip() not in _NOTHING and not _is_expression(text)
    found = find(text)
    is_open = "${{" in text[found[-1].span.end if found else 0 :]
    return is_open or not all(_is_expression(one.source) for one in found)


def _is_expression(source: str) -> bool:
    """Whether a text is an expression, or may be one: one that is larger than is read here."""
    try:
        parse(source)
    except TooLargeError:
        return True
    except ExpressionError:
        return False
    return True
