"""The conditions of IAM statements: operators, quantifiers, and what they make of a key's value.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

from checks.facts.policy.automaton import of_pieces, of_wildcard
from checks.facts.terraform.documents import Fields, Leaf
from checks.facts.value import Value, joined
from checks.record import Record
from checks.source.hcl import Block
from checks.source.text import Location, Span, Text


class Condition(Record, eq=False):
    """One operator with one key: every condition of a statement has to hold."""

    text: Text
    operator: str
    """As it is written: `ForAnyValue:StringLike`."""
    operator_span: Span
    """Where it is written."""
    key: Value
    """The condition key, with a hole for what is not known."""
    values: tuple[Leaf, ...]
    location: Location
    """The key with its values; of a block the block."""
    siblings: int
    """How many keys stand under the same mention of the operator."""
    block: Block | None = None
    """The `condition` block of a `data "aws_iam_policy_document"`."""
    operator_field: Fields | None = None
    """The object under the operator; None for a block."""

    @property
    def quantifier(self) -> str:
        """`forallvalues`, `foranyvalue`, or nothing."""
        return self.operator.rpartition(":")[0].lower()

    @property
    def test(self) -> str:
        """The operator alone, in lower case, without `IfExists`."""
        return self.operator.rpartition(":")[2].lower().removesuffix("ifexists")

    @property
    def if_exists(self) -> bool:
        return self.operator.lower().endswith("ifexists")

    @property
    def claim(self) -> str:
        """The key behind its last colon, in lower case: `sub`; empty where it is not known."""
        last = self.key.parts[-1] if self.key.parts else ""
        return last.rpartition(":")[2].lower() if isinstance(last, str) and ":" in last else ""

    def holds(self, present: Value | None) -> bool | None:
        """Whether it holds for a single-valued key that has a value, or is absent; None where that can't be told."""
        if self.test == "null":
            wanted = {leaf.string or str(leaf.value).lower() for leaf in self.values}
            return None if len(wanted) != 1 else (present is None) == (wanted == {"true"})
        if self.test not in _TESTS:
            return None
        negated, matches = _TESTS[self.test]
        if present is None:
            return self.if_exists or self.quantifier == "forallvalues" or (negated and self.quantifier == "")
        answers = [matches(leaf.shape, present) if leaf.shape.parts else None for leaf in self.values]
        if not answers:
            return None
        found = True if True in answers else None if None in answers else False
        return found if found is None else found != negated


def _equals(wanted: Value, present: Value, *, fold: bool = False) -> bool | None:
    one, other = (_folded(wanted), _folded(present)) if fold else (wanted, present)
    if one.literal is not None:
        return None if "${" in one.literal else _exact(one.literal, other)
    return _exact(other.literal, one) if other.literal is not None else None


def _exact(text: str, value: Value) -> bool | None:
    """Whether a value is certainly this text, or certainly another."""
    return (
        text == value.literal
        if value.literal is not None
        else of_pieces([text] if text else []).accepts(value)
    )


def _folded(value: Value) -> Value:
    return joined(part.lower() if isinstance(part, str) else part for part in value.parts)


def _folding_equals(wanted: Value, present: Value) -> bool | None:
    return _equals(wanted, present, fold=True)


def like(wanted: Value, present: Value) -> bool | None:
    """`StringLike`: `*` stands for any text, `?` for any one character, and case counts.

    None where it depends on what is not known. A pattern with a hole is compared only as far as it is known.
    """
    pattern = wanted.literal
    if pattern is not None:
        return None if "${" in pattern else of_wildcard(pattern).accepts(present)
    widest = "".join(part if isinstance(part, str) else "*" for part in wanted.parts)
    return False if of_wildcard(widest).accepts(present) is False else None


_TESTS = {
    "stringequals": (False, _equals),
    "stringnotequals": (True, _equals),
    "stringequalsignorecase": (False, _folding_equals),
    "stringnotequalsignorecase": (True, _folding_equals),
    "stringlike": (False, like),
    "stringnotlike": (True, like),
    "arnequals": (False, like),
    "arnlike": (False, like),
    "arnnotequals": (True, like),
    "arnnotlike": (True, like),
}
"""For each operator whether it negates, and how it compares. `ArnEquals` and `ArnLike` behave alike."""
