"""Terraform: modules of a repository, their resources, and what expressions in them come to.

A module is the `.tf` files of one folder. https://developer.hashicorp.com/terraform/language/modules
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import product

from msgspec import field

from checks.facts.asides import SAMPLES
from checks.facts.terraform.provider_version import is_at_least
from checks.facts.value import UNKNOWN, Hole, Value, combined, literal
from checks.record import Record
from checks.regex import regex
from checks.source.hcl import (
    Block,
    Body,
    Call,
    Expression,
    Heredoc,
    Interpolation,
    ListExpr,
    Literal,
    ObjectExpr,
    Part,
    Template,
    Traversal,
    walk,
)
from checks.source.text import Location, Text

MAX_REFERENCES = 20
"""References that one value may lead over, and modules that may call one another; Terraform refuses cycles, we stop."""
MAX_INSTANCES = 100
"""Instances that are told apart, of one block and of one module; of more nothing is known."""

_TRIED_OUT = regex(
    rf"(?:^|/)\.?(?:testing|terratest|e2e|conformance|(?:[\w-]+[-_])?(?:tests|{SAMPLES}))/|^test/|(?:^|/)(?:positive|negative)\d*\.tf$|\{{\{{",
    re.IGNORECASE,
)
_KEY_OF_NOBODY = regex(r"(?:test|mock|dummy|fake|local)[\w-]*|0+", re.IGNORECASE)
"""An access key that AWS lets in nowhere, as its own begin with `AKIA` or `ASIA`; what stands in for AWS takes any."""
_STAND_IN = regex(
    r"https?://(?:[\w-]+|127(?:\.\d+){3}|0\.0\.0\.0|host\.docker\.internal|[\w.-]*localstack[\w.-]*)(?::\d+)?(?:/.*)?",
    re.IGNORECASE,
)
"""A server of this machine or of its containers, as LocalStack and moto are."""


def is_tried_out(path: str) -> bool:
    """Whether the folders of a file say that what it makes is a test's or an example's, and goes with it, or that it is a template.

    A folder `test` may be an environment, unless it is the repository's own. A positive or a negative is what a scanner of
    Terraform is tried on.
    """
    return bool(_TRIED_OUT.search(path))


class Given(Record, eq=False):
    """What `each.…` and `var.…` stand for in one instance of a block, in one use of its module."""

    values: Mapping[str, Value] = field(default_factory=dict)
    label: str = ""
    """What tells the instance from others, such as `module.a["k"]["web"]`."""
    is_one: bool = True
    """Whether it is one instance, and not any number by `count` or a `for_each` that is not known."""


NOTHING = Given()
_NAMED = 2
"""Parts of the name of a local, of a variable, and of a resource's address."""


def is_repeated(block: Block) -> bool:
    """Whether `count` or `for_each` makes any number of what a block declares."""
    return block.body.get("count") is not None or block.body.get("for_each") is not None


class Resource(Record, eq=False):
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
        return is_repeated(self.block)

    def value(self, attribute: str) -> Value | None:
        """What an attribute comes to; None where it is not written."""
        expression = self.block.body.get(attribute)
        return None if expression is None else self.module.value(expression)

    def location(self, attribute: str, note: str = "") -> Location:
        """Where an attribute is written, or else where the resource is."""
        found = self.block.body.attribute(attribute)
        return Location(self.text, found.span if found else self.block.header, note)


class Module(Record, eq=False, dict=True):
    """The Terraform of one folder."""

    folder: str
    bodies: tuple[Body, ...]
    locks: tuple[Body, ...] = ()
    """The folder's `.terraform.lock.hcl`."""
    calls: Mapping[str, Sequence[tuple[Module, Block]]] = field(default_factory=dict)
    """The `module` blocks of the repository with the modules that they stand in, by the folder that they name."""
    taken_in: Mapping[str, Text] = field(default_factory=dict)
    """The files that `file(…)` and `templatefile(…)` of the repository take in, by path."""
    loaded: tuple[Body, ...] = ()
    """The `.tfvars` that Terraform loads of itself, in its order."""
    chosen: tuple[Body, ...] = ()
    """The `.tfvars` of which a run may be given any."""

    @cached_property
    def resources(self) -> tuple[Resource, ...]:
        """The resources in the order of their files."""
        return tuple(
            Resource(self, block)
            for body in self.bodies
            for block in body.of_type("resource")
            if len(block.names) == _NAMED
        )

    @cached_property
    def _by_address(self) -> dict[tuple[str, ...], Resource]:
        return {one.block.names: one for one in self.resources}

    def of_type(self, type_: str) -> Iterator[Resource]:
        """The resources of a type."""
        return (resource for resource in self.resources if resource.type == type_)

    @cached_property
    def handed_on(self) -> frozenset[str]:
        """The addresses of the resources of which a `module` block is given something."""
        blocks = (block for body in self.bodies for block in body.of_type("module"))
        given = (part for block in blocks for one in block.body.attributes for part in walk(one.value))
        named = (part.names for part in given if isinstance(part, Traversal) and part.dotted)
        return frozenset(".".join(names[:_NAMED]) for names in named if len(names) > _NAMED)

    @cached_property
    def _definitions(self) -> dict[str, Expression]:
        """What `local.x` and `var.x` stand for; of a variable its default, unless it is empty or `.tfvars` say otherwise."""
        found: dict[str, Expression] = {}
        for body in self.bodies:
            for block in body.of_type("locals"):
                found.update(
                    {f"local.{attribute.name}": attribute.value for attribute in block.body.attributes}
                )
            for block in body.of_type("variable"):
                default = block.body.get("default")
                if default is not None and block.names and not _is_left_to_the_run(default):
                    found[f"var.{block.names[0]}"] = default
        found.update({f"var.{one.name}": one.value for body in self.loaded for one in body.attributes})
        for one in (attribute for body in self.chosen for attribute in body.attributes):
            before = found.get(f"var.{one.name}")
            if before is not None and before.text[before.span] != one.value.text[one.value.span]:
                del found[f"var.{one.name}"]
        return found

    @cached_property
    def uses(self) -> tuple[Given, ...]:
        """What each `module` block of the repository gives to the variables; nothing where no block names the folder."""
        found = [
            Given(
                {
                    f"var.{one.name}": caller.value(one.value, given=given)
                    for one in block.body.attributes
                    if one.name not in _META
                },
                f"{caller.folder}:module.{block.names[0]}{given.label}",
                given.is_one,
            )
            for caller, block in self.calls.get(self.folder, ())
            for given in caller.instances(block)
        ]
        return (Given(is_one=False),) if len(found) > MAX_INSTANCES else tuple(found) or (NOTHING,)

    def instances(self, block: Block) -> tuple[Given, ...]:
        """The instances that a block makes, over all uses of the module: by `for_each` over literals more than one."""
        each = _instances(self, block)
        pairs = list(product(self.uses, each))[: MAX_INSTANCES + 1]
        if len(pairs) > MAX_INSTANCES:
            return (Given(is_one=False),)
        return tuple(
            Given({**use.values, **one.values}, use.label + one.label, use.is_one and one.is_one)
            for use, one in pairs
        )

    def value(self, expression: Expression, followed: int = 0, given: Given = NOTHING) -> Value:
        """What an expression comes to: locals, defaults of variables and attributes of resources are followed.

        A variable that `module` blocks of the repository set is what all of them give it, or what is `given`.
        """
        if isinstance(expression, Literal):
            return _text(expression.value)
        if isinstance(expression, Heredoc) and expression.is_literal:
            return literal(expression.value)
        if isinstance(expression, Template):
            return combined((self._part(part, followed, given),) for part in expression.parts)[0]
        if isinstance(expression, Traversal) and followed < MAX_REFERENCES:
            known = self._given(expression, given)
            if known is not None:
                return known
            written = self._written(expression) if given.label else self.definition(expression)
            target = written or self._argument(expression)
            if target is not None:
                return self._followed(target, followed + 1, given)
            return Value((Hole(source=expression.text[expression.span]),))
        return UNKNOWN

    def _given(self, reference: Traversal, given: Given) -> Value | None:
        """What a use of the module, or an instance, says that a reference stands for; None where neither does."""
        name = reference.dotted or ""
        if name in given.values:
            return given.values[name]
        if given.label or not self._is_passed(name):
            return None
        default = self._definitions.get(name)
        rest = UNKNOWN if default is None else self.value(default, MAX_REFERENCES)
        found = {one.values.get(name, rest) for one in self.uses}
        return found.pop() if len(found) == 1 else Value((Hole(source=name),))

    def _is_passed(self, name: str) -> bool:
        return name.startswith("var.") and name in self._passed

    @cached_property
    def _passed(self) -> frozenset[str]:
        """The variables that some use of the module sets."""
        return frozenset(name for one in self.uses for name in one.values)

    @cached_property
    def _values(self) -> dict[tuple[Expression, int, Given], Value]:
        """What definitions come to, by how many references led there: a text may name one often."""
        return {}

    def _followed(self, target: Expression, followed: int, given: Given) -> Value:
        key = (target, followed, given)
        if key not in self._values:
            self._values[key] = self.value(target, followed, given)
        return self._values[key]

    def definition(self, reference: Traversal) -> Expression | None:
        """The expression that `local.x` or `var.x` stands for, or a part of it, `local.x.y[0]`.

        None where it is not written in this module, or where `module` blocks set the variable.
        """
        is_passed = self._is_passed(".".join(reference.names[:_NAMED]))
        return None if is_passed else self._written(reference)

    def _written(self, reference: Traversal) -> Expression | None:
        """The same, of a variable its default, whoever sets it."""
        found = self._definitions.get(".".join(part.name for part in reference.parts[:_NAMED]))
        for part in reference.parts[_NAMED:]:
            found = _inner(found, part)
        return found

    def _argument(self, reference: Traversal) -> Expression | None:
        """The argument of a resource of the module that a reference names: `aws_ecr_repository.web.name`."""
        names = reference.names
        if not len(names) == len(reference.parts) == _NAMED + 1:
            return None
        found = self._by_address.get(names[:_NAMED])
        return found.block.body.get(names[2]) if found and not found.is_repeated else None

    def _part(
        self, part: Literal | Interpolation | Expression, followed: int, given: Given = NOTHING
    ) -> Value:
        if isinstance(part, Interpolation):
            return self.value(part.expression, followed + 1, given) if followed < MAX_REFERENCES else UNKNOWN
        return self.value(part, followed) if isinstance(part, Literal) else UNKNOWN

    @cached_property
    def is_for_stand_in(self) -> bool:
        """Whether all its `aws` providers certainly go to something that stands in for AWS, and none to AWS.

        https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/custom-service-endpoints
        """
        providers = [block.body for body in self.bodies for block in body.of_type("provider", "aws")]
        return bool(providers) and all(map(self._goes_to_stand_in, providers))

    def _goes_to_stand_in(self, provider: Body) -> bool:
        """Whether the access key of a provider is nobody's, or it asks AWS for nothing and has all its endpoints elsewhere."""
        key = provider.get("access_key")
        if isinstance(key, Literal) and isinstance(key.value, str) and _KEY_OF_NOBODY.fullmatch(key.value):
            return True
        skips = (provider.get(name) for name in ("skip_credentials_validation", "skip_requesting_account_id"))
        endpoints = [one.value for block in provider.of_type("endpoints") for one in block.body.attributes]
        places = (self.value(one).literal for one in endpoints)
        return (
            bool(endpoints)
            and all(isinstance(one, Literal) and one.value is True for one in skips)
            and all(place is None or _STAND_IN.fullmatch(place) for place in places)
        )

    def aws_provider_is_at_least(self, *version: int) -> bool:
        """Whether the `aws` provider in use is certainly that new: by the lock file, else by the constraint.

        Without either, `terraform init` takes the newest.
        """
        return is_at_least(version, self.bodies, self.locks)


_META = frozenset(("source", "version", "count", "for_each", "providers", "depends_on"))
"""What a `module` block has beside the variables of its module."""


def _is_left_to_the_run(default: Expression) -> bool:
    """Whether a default only says that nothing is given: what needs the variable is made where a run sets it."""
    return isinstance(default, Literal) and default.value in ("", None)


def _inner(whole: Expression | None, part: Part) -> Expression | None:
    """What a step leads to in an object or a list that is written out."""
    key = part.index.value if isinstance(part.index, Literal) else part.name
    if isinstance(whole, ObjectExpr) and isinstance(key, str):
        return whole.get(key)
    if isinstance(whole, ListExpr) and isinstance(key, int) and 0 <= key < len(whole.items):
        return whole.items[key]
    return None


def _instances(module: Module, block: Block) -> tuple[Given, ...]:
    """What `each` is in each instance of a block; one that stands for any number where that is not known."""
    for_each = block.body.get("for_each")
    if for_each is None:
        return (NOTHING,) if block.body.get("count") is None else (Given(is_one=False),)
    keys = _keys(module, for_each)
    if keys is None or len(keys) > MAX_INSTANCES:
        return (Given(is_one=False),)
    return tuple(Given(_each(module, key, value), f'["{key}"]') for key, value in keys.items())


def _keys(module: Module, expression: Expression) -> dict[str, Expression] | None:
    """The keys of a `for_each` with their values: a map that is written out, or `toset` of a list of strings."""
    is_set = isinstance(expression, Call) and expression.name == "toset" and len(expression.args) == 1
    written = expression.args[0] if isinstance(expression, Call) and is_set else expression
    for _ in range(MAX_REFERENCES):
        followed = module.definition(written) if isinstance(written, Traversal) else None
        written = followed or written
    if is_set and isinstance(written, ListExpr):
        texts = [module.value(item).literal for item in written.items]
        return dict(zip(filter(None, texts), written.items, strict=True)) if all(texts) else None
    if isinstance(written, ObjectExpr) and not is_set:
        items = {one.name: one.value for one in written.items if one.name is not None}
        return items if len(items) == len(written.items) else None
    return None


def _each(module: Module, key: str, value: Expression) -> dict[str, Value]:
    found = {"each.key": literal(key), "each.value": module.value(value)}
    if isinstance(value, ObjectExpr):
        found |= {f"each.value.{one.name}": module.value(one.value) for one in value.items}
    return found


def _text(value: str | float | bool | None) -> Value:
    """A literal as Terraform writes it into a string; null is not known."""
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return literal("true" if value else "false")
    return literal(str(int(value) if isinstance(value, float) and value.is_integer() else value))
