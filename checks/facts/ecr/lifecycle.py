"""Lifecycle policies of ECR, as Terraform declares them; what they select says `checks.facts.ecr.lifecycle_selection`.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html and
https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from checks.facts.ecr.lifecycle_selection import STANDARD, Selector
from checks.facts.ecr.repositories import EcrRepository
from checks.facts.terraform.documents import DocumentNode, Field, Fields, Items, Leaf, document, of_expression
from checks.facts.terraform.modules import Module, is_repeated
from checks.record import Record
from checks.source.hcl import Block, Body, Expression, Traversal
from checks.source.text import Location

MAX_RULES = 50
"""Rules in one policy: https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html"""
MAX_WILDCARDS = 4
"""`*` in one entry of `tagPatternList`."""
AGES = ("sinceImagePushed", "sinceImagePulled", "sinceImageTransitioned")


class Rule(Record, eq=False, dict=True):
    """A rule as it is written."""

    node: Fields

    @property
    def location(self) -> Location:
        """The whole rule."""
        return Location(self.node.text, self.node.span)

    @property
    def selection(self) -> Fields | None:
        found = self.node.get("selection")
        return found if isinstance(found, Fields) else None

    @property
    def action(self) -> Fields | None:
        found = self.node.get("action")
        return found if isinstance(found, Fields) else None

    @property
    def priority(self) -> int | None:
        """`rulePriority`; None if it is not a known whole number."""
        return _number(self.node, "rulePriority")

    @property
    def description(self) -> str:
        return self.node.string("description") or ""

    def field(self, name: str) -> Field | None:
        """A field of the selection."""
        return self.selection.field(name) if self.selection else None

    def text(self, name: str) -> str | None:
        """The known string of a field of the selection."""
        return self.selection.string(name) if self.selection else None

    @property
    def count_number(self) -> int | None:
        return _number(self.selection, "countNumber") if self.selection else None

    def entries(self, name: str) -> tuple[str, ...] | None:
        """The strings of a tag list; none if it is not written, None if one is not known."""
        found = self.selection.get(name) if self.selection else None
        if found is None or (isinstance(found, Leaf) and found.is_null):
            return ()
        if not isinstance(found, Items):
            return None
        texts = [item.string if isinstance(item, Leaf) else None for item in found.items]
        known = tuple(text for text in texts if text is not None)
        return known if len(known) == len(texts) else None

    @property
    def storage_class(self) -> str | None:
        """`standard` where none is written; None if it is not known."""
        field = self.field("storageClass")
        if field is None or (isinstance(field.value, Leaf) and field.value.is_null):
            return STANDARD
        return self.text("storageClass")

    @property
    def _default_action(self) -> str | None:
        """What the provider's data source writes where a rule has no action; ECR itself asks for one."""
        is_left_out = self.node.complete and self.node.field("action") is None
        return "expire" if self.is_of_data_source and is_left_out else None

    @property
    def is_of_data_source(self) -> bool:
        """Whether it is a block of the provider's data source, and no object of the JSON."""
        return isinstance(self.node.origin, Body)

    @cached_property
    def selector(self) -> Selector | None:
        """What ECR reads; None unless all of it is known."""
        action = self.action.string("type") if self.action else self._default_action
        status, count = self.text("tagStatus"), self.text("countType")
        prefixes, patterns = self.entries("tagPrefixList"), self.entries("tagPatternList")
        storage, number, priority = self.storage_class, self.count_number, self.priority
        if status is None or count is None or prefixes is None or patterns is None or action is None:
            return None
        if storage is None or number is None or priority is None:
            return None
        return Selector(priority, status, prefixes, patterns, count, number, storage, action)


def _number(fields: Fields, name: str) -> int | None:
    found = fields.get(name)
    return found.number if isinstance(found, Leaf) else None


class LifecyclePolicy(Record, eq=False, dict=True):
    """A lifecycle policy that Terraform declares: of a repository, of a creation template, or given to a module."""

    module: Module
    block: Block
    attribute: str
    """The attribute that holds it."""
    document: DocumentNode | None
    """None where it is not written in this module."""

    @property
    def is_resource(self) -> bool:
        """Whether it is an `aws_ecr_lifecycle_policy`."""
        return self.block.names[:1] == ("aws_ecr_lifecycle_policy",)

    @property
    def is_repeated(self) -> bool:
        """Whether `count` or `for_each` makes any number of it."""
        return is_repeated(self.block)

    @property
    def provider(self) -> tuple[str, str]:
        """The provider and the region that it names, as they are written; empty where it names none."""
        return written(self.block.body, "provider"), written(self.block.body, "region")

    @cached_property
    def rules(self) -> tuple[Rule, ...] | None:
        """The rules; None if not all of them are known."""
        node = self.document.get("rules") if isinstance(self.document, Fields) else None
        if not isinstance(node, Items):
            return None
        found = tuple(Rule(item) for item in node.items if isinstance(item, Fields) and item.complete)
        return found if len(found) == len(node.items) else None

    @cached_property
    def selectors(self) -> tuple[Selector, ...] | None:
        """What ECR reads, by priority; None unless all of it is known."""
        if self.rules is None:
            return None
        found = [rule.selector for rule in self.rules]
        known = [one for one in found if one is not None]
        return tuple(sorted(known, key=lambda one: one.priority)) if len(known) == len(found) else None

    @cached_property
    def target(self) -> str | None:
        """`aws_ecr_repository.x` where `repository` refers to it, else the literal name; None if neither is known."""
        expression = self.block.body.get("repository")
        if expression is None or not self.is_resource:
            return None
        address = repository_address(expression)
        return address or self.module.value(expression).literal

    def location(self) -> Location:
        """Where the resource is."""
        return Location(self.block.text, self.block.header)


def targets_of(
    policies: Iterable[LifecyclePolicy], repositories: Iterable[EcrRepository]
) -> Mapping[LifecyclePolicy, tuple[EcrRepository, ...]]:
    """The repositories whose each policy certainly is."""
    by_target: dict[tuple[str, str | None], list[EcrRepository]] = {}
    for one in repositories:
        for target in {one.resource.address, one.name}:
            by_target.setdefault((one.resource.module.folder, target), []).append(one)
    places = ((policy, (policy.module.folder, policy.target)) for policy in policies)
    return {
        policy: tuple(by_target.get(place, ()) if policy.target is not None else ())
        for policy, place in places
    }


def policies_of(
    policies: Iterable[LifecyclePolicy], repositories: Iterable[EcrRepository]
) -> Mapping[EcrRepository, tuple[LifecyclePolicy, ...]]:
    """The policies that certainly are each repository's."""
    repositories = tuple(repositories)
    found: dict[EcrRepository, list[LifecyclePolicy]] = {one: [] for one in repositories}
    for policy, targets in targets_of(policies, repositories).items():
        for target in targets:
            found[target].append(policy)
    return {one: tuple(group) for one, group in found.items()}


def written(body: Body, attribute: str) -> str:
    """An attribute as it is written; empty where it is not."""
    expression = body.get(attribute)
    return "" if expression is None else expression.text[expression.span]


def repository_address(expression: Expression) -> str | None:
    """`aws_ecr_repository.x` of an expression that refers to it; None for another one."""
    if not isinstance(expression, Traversal):
        return None
    names = expression.names
    is_one = names[:1] == ("aws_ecr_repository",) and len(names) in (2, 3)
    return ".".join(names[:2]) if is_one else None


def lifecycle_policies_in(modules: Iterable[Module]) -> tuple[LifecyclePolicy, ...]:
    """The lifecycle policies of modules, in the order of their files."""
    return tuple(policy for module in modules for policy in _of_module(module))


def _of_module(module: Module) -> Iterator[LifecyclePolicy]:
    for body in module.bodies:
        for block in body.blocks:
            attribute = _attribute(block)
            expression = block.body.get(attribute) if attribute else None
            if expression is not None and attribute:
                yield LifecyclePolicy(module, block, attribute, _document(module, expression))


def _attribute(block: Block) -> str:
    """The attribute of a block that holds a lifecycle policy, or nothing."""
    if block.type == "resource":
        return {
            "aws_ecr_lifecycle_policy": "policy",
            "aws_ecr_repository_creation_template": "lifecycle_policy",
        }.get(block.names[0] if block.names else "", "")
    return "repository_lifecycle_policy" if block.type == "module" else ""


def _document(module: Module, expression: Expression) -> DocumentNode | None:
    if isinstance(expression, Traversal):
        names = expression.names
        if names[:2] == ("data", "aws_ecr_lifecycle_policy_document") and names[3:] == ("json",):
            return _of_data_source(module, names[2])
    return document(module, expression)


_NAMES = {
    "priority": "rulePriority",
    "description": "description",
    "tag_status": "tagStatus",
    "tag_prefix_list": "tagPrefixList",
    "tag_pattern_list": "tagPatternList",
    "count_type": "countType",
    "count_unit": "countUnit",
    "count_number": "countNumber",
    "storage_class": "storageClass",
    "type": "type",
    "target_storage_class": "targetStorageClass",
}
"""What the attributes of the data source are in the JSON that it makes."""


def _of_data_source(module: Module, name: str) -> DocumentNode | None:
    """https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/ecr_lifecycle_policy_document"""
    wanted = ("aws_ecr_lifecycle_policy_document", name)
    blocks = [one for body in module.bodies for one in body.of_type("data", *wanted)]
    body = blocks[0].body if len(blocks) == 1 else None
    if body is None or body.attributes or body.of_type("dynamic"):
        return None
    rules = tuple(_fields(module, rule) for rule in body.of_type("rule"))
    items = Items(body.text, body.span, rules, is_json=False)
    whole = Field("rules", blocks[0].type_span, items, blocks[0].span)
    return Fields(body.text, body.span, (whole,), complete=True, is_json=False, origin=body)


def _fields(module: Module, block: Block) -> Fields:
    """A block of the data source as the object that it becomes; null attributes are left out of the JSON."""
    body: Body = block.body
    found = [
        Field(_NAMES[one.name], one.name_span, of_expression(module, one.value), one.span)
        for one in body.attributes
        if one.name in _NAMES
    ]
    found = [one for one in found if not (isinstance(one.value, Leaf) and one.value.is_null)]
    found += [
        Field(inner.type, inner.type_span, _fields(module, inner), inner.span)
        for inner in body.blocks
        if inner.type in ("selection", "action")
    ]
    complete = not body.of_type("dynamic")
    return Fields(body.text, block.span, tuple(found), complete, is_json=False, origin=body)
