"""Which release of Terraform's `aws` provider a module works with.

https://developer.hashicorp.com/terraform/language/expressions/version-constraints
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from checks.source.hcl import Body, Expression, Literal, ObjectExpr


def is_at_least(version: tuple[int, ...], bodies: Iterable[Body], locks: Iterable[Body]) -> bool:
    """Whether the release that the lock file names, or the lowest that the constraints allow, is that new."""
    locked = next((found for body in locks for found in _locked_versions(body)), None)
    if locked is not None:
        return locked >= version
    constraints = [found for body in bodies for found in _constraints(body)]
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
