"""Edits of IAM policies, however they are written."""

from __future__ import annotations

from collections.abc import Sequence

from checks.facts.identity.iam import Statement
from checks.facts.identity.iam_conditions import Condition
from checks.facts.terraform.documents import Fields, Leaf, with_field, without
from checks.source.hcl_edit import add_block
from checks.source.snapshot import Edit
from checks.source.text import Span


def add_condition(statement: Statement, operator: str, key: str, value: str) -> tuple[Edit, ...] | None:
    """A further condition in a statement: under the operator where it has that, else beside another."""
    if statement.block is not None:
        lines = f'condition {{\n  test     = "{operator}"\n  variable = "{key}"\n  values   = ["{value}"]\n}}'
        return (add_block(statement.block, lines),)
    condition = statement.fields.get("Condition") if statement.fields else None
    under = condition.get(operator) if isinstance(condition, Fields) else None
    if isinstance(under, Fields) and under.fields:
        quoted = f'"{key}"' if not under.is_json else key
        return with_field(under, under.fields[-1], quoted, f'"{value}"')
    return None


def replace_text(leaf: Leaf, text: str) -> Edit | None:
    """Another text for a string that is written where it stands."""
    shown = leaf.text[leaf.span]
    if not (shown.startswith('"') and shown.endswith('"')) or leaf.string is None:
        return None
    return Edit(leaf.text.path, leaf.span, f'"{text}"')


def add_value(condition: Condition, text: str) -> Edit | None:
    """One more value of a condition; None where its values are not written out."""
    if not condition.values or not condition.values[-1].text[condition.values[-1].span].startswith('"'):
        return None
    return add_leaf(condition.values, f'"{text}"')


def add_leaf(leaves: Sequence[Leaf], written: str) -> Edit | None:
    """One more item behind what is "one or several", given as it is written; None where that stands elsewhere."""
    last = leaves[-1]
    shown = last.text[last.span]
    content = last.text.content
    before = content[: leaves[0].span.start].rstrip()
    if not before.endswith("["):
        return (
            Edit(last.text.path, last.span, f"[{shown}, {written}]") if before.endswith((":", "=")) else None
        )
    rest = content[last.span.end : content.find("]", last.span.end)]
    if "\n" not in rest:
        return Edit(last.text.path, Span(last.span.end, last.span.end), f", {written}")
    line = last.text.line_of(last.span.end)
    behind = Span(last.span.end, last.text.line(line).end)
    added = f"{last.text.newline}{last.text.indent_of(last.text.line_of(last.span.start))}{written}"
    if rest.lstrip(" \t").startswith(","):
        return Edit(last.text.path, Span(behind.end, behind.end), f"{added},")
    return Edit(last.text.path, behind, f",{last.text[behind]}{added}")


def replace_operator(condition: Condition, operator: str) -> Edit | None:
    """Another operator for a condition; None where others share its mention."""
    if condition.siblings != 1:
        return None
    shown = condition.text[condition.operator_span]
    quoted = shown.startswith('"')
    if shown.strip('"') != condition.operator:
        return None
    return Edit(condition.text.path, condition.operator_span, f'"{operator}"' if quoted else operator)


def move_to_operator(statement: Statement, condition: Condition, operator: str) -> tuple[Edit, ...] | None:
    """A condition under another operator, its neighbours left where they are."""
    alone = replace_operator(condition, operator)
    if alone is not None:
        return (alone,)
    whole = statement.fields.get("Condition") if statement.fields else None
    under = condition.operator_field
    if not isinstance(whole, Fields) or under is None or whole.field(operator) is not None:
        return None
    field = next((one for one in under.fields if one.span == condition.location.span), None)
    mention = next((one for one in whole.fields if one.name_span == condition.operator_span), None)
    if field is None or mention is None:
        return None
    gone = without(under, field)
    shown = f"{{\n  {condition.location.fragment}\n}}"
    added = with_field(whole, mention, operator, shown)
    return None if gone is None or added is None else (*gone, *added)


def without_value(leaves: Sequence[Leaf], leaf: Leaf) -> Edit | None:
    """Takes a value out of a list; None where it is the only one, or where the values stand apart."""
    at, text = leaves.index(leaf), leaf.text
    if len(leaves) < 2 or any(one.text is not text for one in leaves):
        return None
    if at:
        return Edit(text.path, Span(leaves[at - 1].span.end, leaf.span.end), "")
    return Edit(text.path, Span(leaf.span.start, leaves[1].span.start), "")


def statement_after(statement: Statement, action: str, resource: str) -> Edit | None:
    """One more statement that allows an action, behind another that has lines of its own; else None."""
    text, span = statement.text, statement.span
    indent = text.indent_of(text.line_of(span.start))
    alone = not text.content[text.line(text.line_of(span.start)).start : span.start].strip()
    if not alone or text.line_of(span.start) == text.line_of(span.end):
        return None
    if statement.block is not None:
        lines = ["", "statement {", f'  actions   = ["{action}"]', f'  resources = ["{resource}"]', "}"]
        return Edit(text.path, Span(span.end, span.end), text.newline + _joined(lines, indent, text.newline))
    if statement.fields is None:
        return None
    if statement.fields.is_json:
        rows = ['  "Effect": "Allow",', f'  "Action": "{action}",', f'  "Resource": "{resource}"']
    else:
        rows = ['  Effect   = "Allow"', f'  Action   = "{action}"', f'  Resource = "{resource}"']
    lines = ["{", *rows, "}"]
    return Edit(
        text.path, Span(span.end, span.end), "," + text.newline + _joined(lines, indent, text.newline)
    )


def _joined(lines: Sequence[str], indent: str, newline: str) -> str:
    return newline.join(indent + line if line else "" for line in lines)
