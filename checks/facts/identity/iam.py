"""IAM policies in Terraform: statements, their conditions, and what these make of a request.

Policies are read alike from `jsonencode({…})`, heredocs, locals and `data "aws_iam_policy_document"`. Grammar:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from checks.facts.identity.iam_conditions import Condition
from checks.facts.policy.automaton import of_wildcard
from checks.facts.terraform.documents import (
    DocumentNode,
    Field,
    Fields,
    Items,
    Leaf,
    document,
    leaves,
    of_expression,
)
from checks.facts.terraform.modules import MAX_REFERENCES, Module, is_repeated
from checks.facts.value import Hole, Value, joined, literal
from checks.record import Record
from checks.source.hcl import Block, Call, Expression, ObjectExpr, Traversal
from checks.source.text import Location, Span, Text

_DOCUMENT = "aws_iam_policy_document"
_LABELS = 2


class Principal(Record):
    """One entry of `Principal`."""

    type: str
    """`AWS`, `Federated`, `Service`; `*` for everybody."""
    leaf: Leaf


class Statement(Record, eq=False):
    """One statement of a policy."""

    module: Module
    text: Text
    span: Span
    effect: str
    actions: tuple[Leaf, ...]
    not_actions: tuple[Leaf, ...]
    resources: tuple[Leaf, ...]
    not_resources: tuple[Leaf, ...]
    principals: tuple[Principal, ...]
    conditions: tuple[Condition, ...]
    complete: bool
    """Whether all that it says could be read."""
    fields: Fields | None = None
    """The object that it is written as; None for a block."""
    block: Block | None = None

    @property
    def location(self) -> Location:
        return Location(self.text, self.span)

    @property
    def allows(self) -> bool:
        return self.effect.lower() == "allow"

    def names_action(self, action: str) -> bool | None:
        """Whether the statement speaks of an action; None where one of its patterns is not known."""
        if self.not_actions:
            listed = _any_matches(self.not_actions, action)
            return None if listed is None else not listed
        return _any_matches(self.actions, action)

    def conditions_on(self, *claims: str) -> tuple[Condition, ...]:
        """Its conditions on keys that end so."""
        return tuple(one for one in self.conditions if one.claim in claims)

    def holds(self, claims: Mapping[str, Value]) -> bool | None:
        """Whether all its conditions hold for a token with these claims; of other keys nothing is known."""
        answers = [one.holds(claims[one.claim]) if one.claim in claims else None for one in self.conditions]
        if False in answers:
            return False
        return None if None in answers or not self.complete else True


def _any_matches(patterns: Iterable[Leaf], action: str) -> bool | None:
    """IAM compares actions without case; `*` and `?` are wildcards."""
    unknown = False
    for leaf in patterns:
        if leaf.string is None:
            unknown = True
        elif of_wildcard(leaf.string.lower()).accepts(literal(action.lower())):
            return True
    return None if unknown else False


class Policy(Record, eq=False):
    """A policy document."""

    statements: tuple[Statement, ...]
    complete: bool
    """Whether all its statements are here."""


UNREAD = Policy((), complete=False)


def policy_of(module: Module, expression: Expression) -> Policy:
    """The policy that an attribute holds; `UNREAD` where it is not written in this module."""
    block = _document_block(module, expression)
    if block is not None:
        return _of_block(module, block)
    root = document(module, expression)
    if not isinstance(root, Fields):
        return UNREAD
    listed = root.get("Statement")
    objects = root.objects("Statement")
    whole = root.complete and (
        isinstance(listed, Fields) or (isinstance(listed, Items) and len(listed.items) == len(objects))
    )
    return Policy(tuple(_of_fields(module, one) for one in objects), whole)


def _document_block(module: Module, expression: Expression, followed: int = 0) -> Block | None:
    """The `data "aws_iam_policy_document"` whose `json` an expression is."""
    if not isinstance(expression, Traversal) or followed > MAX_REFERENCES:
        return None
    names = expression.names
    if names[:2] == ("data", _DOCUMENT) and len(names) > _LABELS:
        found = (block for body in module.bodies for block in body.of_type("data", _DOCUMENT, names[_LABELS]))
        return next(found, None)
    target = module.definition(expression)
    return None if target is None else _document_block(module, target, followed + 1)


def _of_block(module: Module, block: Block) -> Policy:
    merges = ("source_policy_documents", "override_policy_documents", "source_json", "override_json")
    whole = all(block.body.get(name) is None for name in merges)
    dynamic = any(one.type == "dynamic" for one in block.body.blocks)
    statements = tuple(_of_statement_block(module, one) for one in block.body.of_type("statement"))
    return Policy(statements, whole and not dynamic and not is_repeated(block))


def _of_statement_block(module: Module, block: Block) -> Statement:
    def listed(name: str) -> tuple[Leaf, ...]:
        value = block.body.get(name)
        return _leaves(of_expression(module, value)) if value is not None else ()

    effect = block.body.get("effect")
    conditions = tuple(_condition_of_block(module, one) for one in block.body.of_type("condition"))
    principals = tuple(
        one for found in block.body.of_type("principals") for one in _principals_of_block(module, found)
    )
    negative = bool(block.body.of_type("not_principals"))
    dynamic = any(one.type == "dynamic" for one in block.body.blocks)
    known = effect is None or module.value(effect).literal is not None
    return Statement(
        module, block.text, block.span, (module.value(effect).literal or "") if effect is not None else "Allow",
        listed("actions"), listed("not_actions"), listed("resources"), listed("not_resources"),
        principals, conditions, not dynamic and known and not negative, None, block,
    )  # fmt: skip


def _principals_of_block(module: Module, block: Block) -> Iterator[Principal]:
    type_, identifiers = block.body.get("type"), block.body.get("identifiers")
    if type_ is not None and identifiers is not None:
        for leaf in _leaves(of_expression(module, identifiers)):
            yield Principal(module.value(type_).literal or "", leaf)


def _condition_of_block(module: Module, block: Block) -> Condition:
    test, variable, values = (block.body.get(name) for name in ("test", "variable", "values"))
    operator = (module.value(test).literal if test is not None else None) or ""
    key = module.value(variable) if variable is not None else Value((Hole(),))
    listed = _leaves(of_expression(module, values)) if values is not None else ()
    span = test.span if test is not None else block.header
    return Condition(
        block.text, operator, span, key, listed, Location(block.text, block.span), 1, block, None
    )


def _of_fields(module: Module, fields: Fields) -> Statement:
    condition = fields.get("Condition")
    principal = fields.get("Principal")
    whole = fields.complete and fields.get("NotPrincipal") is None
    conditions: tuple[Condition, ...] = ()
    if isinstance(condition, Fields):
        conditions = tuple(_conditions(module, condition))
        whole = whole and condition.complete
    elif condition is not None:
        whole = False
    return Statement(
        module, fields.text, fields.span, fields.string("Effect") or "",
        _leaves(fields.get("Action")), _leaves(fields.get("NotAction")),
        _leaves(fields.get("Resource")), _leaves(fields.get("NotResource")),
        tuple(_principals(principal)), conditions, whole and fields.string("Effect") is not None, fields, None,
    )  # fmt: skip


def _leaves(node: DocumentNode | None) -> tuple[Leaf, ...]:
    """The leaves of "one or several"; what is neither counts as one that is not known."""
    found = leaves(node)
    if node is None or found or (isinstance(node, Items) and not node.items):
        return found
    return (Leaf(node.text, node.span, None, is_known=False, shape=Value((Hole(),))),)


def _principals(node: DocumentNode | None) -> Iterator[Principal]:
    if isinstance(node, Leaf):
        yield Principal("*" if node.string == "*" else "", node)
    elif isinstance(node, Fields):
        for field in node.fields:
            for leaf in _leaves(field.value):
                yield Principal(field.name, leaf)


def _conditions(module: Module, condition: Fields) -> Iterator[Condition]:
    for operator in condition.fields:
        if isinstance(operator.value, Fields):
            keys = tuple(_keys(module, operator.value))
            for key, values, span in keys:
                place = Location(condition.text, span)
                yield Condition(
                    condition.text, operator.name, operator.name_span, key, values, place, len(keys), None, operator.value,
                )  # fmt: skip
        else:
            unknown = Value((Hole(),))
            yield Condition(
                condition.text, operator.name, operator.name_span, unknown, (), operator.location, 1
            )


def _keys(module: Module, fields: Fields) -> Iterator[tuple[Value, tuple[Leaf, ...], Span]]:
    """The keys under an operator, those with interpolations too, with their values."""
    if isinstance(fields.origin, ObjectExpr):
        for item in fields.origin.items:
            key = literal(item.name) if item.name is not None else _key(module, item.key)
            yield key, _leaves(of_expression(module, item.value)), item.span
        return
    for field in fields.fields:
        yield _interpolated(field), _leaves(field.value), field.span


def _key(module: Module, expression: Expression) -> Value:
    if isinstance(expression, Call):
        return Value((Hole(),))
    return module.value(expression)


def _interpolated(field: Field) -> Value:
    """A key of JSON in a heredoc, where interpolations stand as they are written."""
    pieces = re.split(r"\$\{[^}]*\}", field.name)
    parts = [part for piece in pieces for part in (Hole(), piece)][1:]
    return joined(parts)


def is_on_repositories(statement: Statement) -> bool:
    """Whether each resource certainly is an ECR repository, or several, and none is `*`."""
    return bool(statement.resources) and all(_is_repository(leaf) for leaf in statement.resources)


def _is_repository(leaf: Leaf) -> bool:
    if leaf.string is not None:
        return bool(re.match(r"arn:aws[\w-]*:ecr:[^:]*:[^:]*:repository/", leaf.string))
    return bool(re.match(r"\W*aws_ecr_repository\.", leaf.text[leaf.span]))
