"""Terraform: modules of a repository, their resources, and what expressions in them come to.

A module is the `.tf` files of one folder. https://developer.hashicorp.com/terraform/language/modules
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from checks.facts.value import UNKNOWN, Hole, Value, combined, literal
from checks.source.hcl import (
    Block,
    Body,
    Expression,
    Heredoc,
    Interpolation,
    Literal,
    ObjectExpr,
    Template,
    Traversal,
)
from checks.source.text import Location, Text

MAX_REFERENCES = 20
"""References that one value may lead over; Terraform refuses cycles, we stop."""


@dataclass(frozen=True, eq=False)
class Resource:
    """A `resource` block."""

    module: Module
    block: Block

    @property
    def type(self) -> str:
        return self.block.names[0]

    @property
    def name(self) -> str:
        """The name in Terraform, not in AWS."""
        return self.block.names[1]

    @property
    def address(self) -> str:
        return f"{self.type}.{self.name}"

    @property
    def text(self) -> Text:
        return self.block.body.text

    @property
    def is_repeated(self) -> bool:
        """Whether `count` or `for_each` makes any number of it."""
        return self.block.body.get("count") is not None or self.block.body.get("for_each") is not None

    def value(self, attribute: str) -> Value | None:
        """What an attribute comes to; None where it is not written."""
        expression = self.block.body.get(attribute)
        return None if expression is None else self.module.value(expression)

    def location(self, attribute: str, note: str = "") -> Location:
        """Where an attribute is written, or else where the resource is."""
        found = self.block.body.attribute(attribute)
        return Location(self.text, found.span if found else self.block.header, note)


@dataclass(frozen=True, eq=False)
class Module:
    """The Terraform of one folder."""

    folder: str
    bodies: tuple[Body, ...]
    locks: tuple[Body, ...] = ()
    """The folder's `.terraform.lock.hcl`."""

    @cached_property
    def resources(self) -> tuple[Resource, ...]:
        """The resources in the order of their files."""
        named = 2
        return tuple(
            Resource(self, block)
            for body in self.bodies
            for block in body.of_type("resource")
            if len(block.names) == named
        )

    def of_type(self, type_: str) -> Iterator[Resource]:
        """The resources of a type."""
        return (resource for resource in self.resources if resource.type == type_)

    @cached_property
    def _definitions(self) -> dict[str, Expression]:
        """What `local.x` and `var.x` stand for; of a variable its default."""
        found: dict[str, Expression] = {}
        for body in self.bodies:
            for block in body.of_type("locals"):
                found.update(
                    {f"local.{attribute.name}": attribute.value for attribute in block.body.attributes}
                )
            for block in body.of_type("variable"):
                default = block.body.get("default")
                if default is not None and block.names:
                    found[f"var.{block.names[0]}"] = default
        return found

    def value(self, expression: Expression, followed: int = 0) -> Value:
        """What an expression comes to: locals and defaults of variables are followed."""
        if isinstance(expression, Literal):
            return _text(expression.value)
        if isinstance(expression, Heredoc) and expression.is_literal:
            return literal(expression.value)
        if isinstance(expression, Template):
            return combined((self._part(part, followed),) for part in expression.parts)[0]
        if isinstance(expression, Traversal) and followed < MAX_REFERENCES:
            target = self.definition(expression)
            if target is not None:
                return self._followed(target, followed + 1)
            return Value((Hole(source=expression.text[expression.span]),))
        return UNKNOWN

    @cached_property
    def _values(self) -> dict[tuple[Expression, int], Value]:
        """What definitions come to, by how many references led there: a text may name one often."""
        return {}

    def _followed(self, target: Expression, followed: int) -> Value:
        key = (target, followed)
        if key not in self._values:
            self._values[key] = self.value(target, followed)
        return self._values[key]

    def definition(self, reference: Traversal) -> Expression | None:
        """The expression that `local.x` or `var.x` stands for, or None."""
        return self._definitions.get(reference.dotted or "")

    def _part(self, part: Literal | Interpolation | Expression, followed: int) -> Value:
        if isinstance(part, Interpolation):
            return self.value(part.expression, followed + 1) if followed < MAX_REFERENCES else UNKNOWN
        return self.value(part, followed) if isinstance(part, Literal) else UNKNOWN

    def aws_provider_is_at_least(self, *version: int) -> bool:
        """Whether the `aws` provider in use is certainly that new: by the lock file, else by the constraint.

        Without either, `terraform init` takes the newest.
        """
        locked = next((found for body in self.locks for found in _locked_versions(body)), None)
        if locked is not None:
            return locked >= version
        constraints = [found for body in self.bodies for found in _constraints(body)]
        return all(_lowest(constraint) >= version for constraint in constraints)


def _locked_versions(body: Body) -> Iterator[tuple[int, ...]]:
    for provider in body.of_type("provider", "registry.terraform.io/hashicorp/aws"):
        version = provider.body.get("version")
        if isinstance(version, Literal) and isinstance(version.value, str):
            yield _numbers(version.value)


def _constraints(body: Body) -> Iterator[str]:
    for terraform in body.of_type("terraform"):
        for required in terraform.body.of_type("required_providers"):
            constraint = _constraint(required.body.get("aws"))
            if constraint is not None:
                yield constraint


def _lowest(constraint: str) -> tuple[int, ...]:
    """The lowest version that a constraint allows. https://developer.hashicorp.com/terraform/language/expressions/version-constraints"""
    bounds = [part.strip() for part in constraint.split(",")]
    lower = [_numbers(bound.lstrip("=~> ")) for bound in bounds if not bound.startswith(("<", "!"))]
    return max(lower, default=())


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.partition("-")[0])[:3])


def _constraint(expression: Expression | None) -> str | None:
    version = expression.get("version") if isinstance(expression, ObjectExpr) else expression
    return version.value if isinstance(version, Literal) and isinstance(version.value, str) else None


def _text(value: str | float | bool | None) -> Value:
    """A literal as Terraform writes it into a string; null is not known."""
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return literal("true" if value else "false")
    return literal(str(int(value) if isinstance(value, float) and value.is_integer() else value))


def modules_of(bodies: Iterable[Body], locks: Iterable[Body]) -> tuple[Module, ...]:
    """The modules that files form, by folder, each with the lock file beside it."""
    folders: dict[str, list[Body]] = {}
    for body in bodies:
        folders.setdefault(posixpath.dirname(body.text.path), []).append(body)
    beside: dict[str, list[Body]] = {}
    for lock in locks:
        beside.setdefault(posixpath.dirname(lock.text.path), []).append(lock)
    return tuple(
        Module(folder, tuple(group), tuple(beside.get(folder, ()))) for folder, group in folders.items()
    )
