"""What Terraform declares of an ECR registry: replication, scanning, creation templates, caches, policies.

Every value that is not literal is None, and makes no check speak.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from checks.facts.ecr.lifecycle import repository_address, written
from checks.facts.ecr.repositories import EcrRepository, wildcard_matches
from checks.facts.terraform.documents import DocumentNode, document
from checks.facts.terraform.modules import Module, Resource
from checks.facts.value import Value
from checks.record import Record
from checks.source.hcl import Block, Literal, Traversal, walk
from checks.source.text import Location


class Declared(Record, eq=False):
    """A resource of the registry."""

    resource: Resource

    @property
    def location(self) -> Location:
        return Location(self.resource.text, self.resource.block.header)

    @property
    def is_dynamic(self) -> bool:
        """Whether some of its blocks are computed."""
        return _has_dynamic(self.resource.block)

    @property
    def provider(self) -> tuple[str, str]:
        """The provider's alias and the region that the resource names itself: which registry it speaks of."""
        return provider_of(self.resource)

    def text(self, attribute: str) -> str | None:
        """A literal attribute; None where it is absent or not known."""
        value = self.resource.value(attribute)
        return value.literal if value else None


def _has_dynamic(block: Block) -> bool:
    waiting = [block]
    while waiting:
        current = waiting.pop()
        if current.type == "dynamic":
            return True
        waiting += current.body.blocks
    return False


def provider_of(resource: Resource) -> tuple[str, str]:
    """The provider and the region that a resource names, as they are written; empty where it names none."""
    body = resource.block.body
    return written(body, "provider"), written(body, "region")


class Filter(Record, eq=False):
    """A `repository_filter`."""

    block: Block
    filter: str | None
    type: str | None

    def covers(self, name: str) -> bool:
        """Whether it selects a repository. Unknown filters may, and so they do.

        `PREFIX_MATCH` compares the start. `WILDCARD` without a `*` is found anywhere in the name:
        https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html#image-scanning-filters
        """
        if self.filter is None:
            return True
        if self.type == "PREFIX_MATCH":
            return name.startswith(self.filter)
        return wildcard_matches(self.filter if "*" in self.filter else f"*{self.filter}*", name)


class Destination(Record, eq=False):
    """A `destination` of a replication rule."""

    block: Block
    region: Value | None
    registry: Value | None
    is_own_registry: bool
    """Whether the account is certainly the registry's own: read from the caller's identity."""


class ReplicationRule(Record, eq=False, dict=True):
    """A `rule` of the replication configuration."""

    block: Block
    destinations: tuple[Destination, ...]
    filters: tuple[Filter, ...]

    @cached_property
    def prefixes(self) -> tuple[str | None, ...]:
        """What the names of its repositories may begin with; None for what is not known."""
        return tuple(one.filter for one in self.filters) or ("",)

    def covers(self, name: str) -> bool:
        """Whether it replicates a repository: without filters, every one."""
        return not self.filters or any(one.covers(name) for one in self.filters)


class Replication(Declared, eq=False, dict=True):
    """An `aws_ecr_replication_configuration`. There is one for each registry and region.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecr_replication_configuration
    """

    @cached_property
    def rules(self) -> tuple[ReplicationRule, ...]:
        module = self.resource.module
        outer = self.resource.block.body.of_type("replication_configuration")
        return tuple(_rule(module, rule) for one in outer for rule in one.body.of_type("rule"))


class ScanningRule(Record, eq=False):
    """A `rule` of the scanning configuration."""

    block: Block
    frequency: str | None
    filters: tuple[Filter, ...]

    def covers(self, name: str) -> bool:
        return any(one.covers(name) for one in self.filters)


class Scanning(Declared, eq=False, dict=True):
    """An `aws_ecr_registry_scanning_configuration`. There is one for each registry and region.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecr_registry_scanning_configuration
    """

    @property
    def scan_type(self) -> str | None:
        return self.text("scan_type")

    @cached_property
    def rules(self) -> tuple[ScanningRule, ...]:
        module = self.resource.module
        return tuple(
            ScanningRule(rule, text_of(module, rule, "scan_frequency"), _filters(module, rule))
            for rule in self.resource.block.body.of_type("rule")
        )


ROOT = "ROOT"
"""The prefix of the creation template for all repositories that no other one fits."""


class CreationTemplate(Declared, eq=False, dict=True):
    """An `aws_ecr_repository_creation_template`.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates.html
    """

    @cached_property
    def prefix(self) -> str | None:
        return self.text("prefix")

    @cached_property
    def applied_for(self) -> frozenset[str] | None:
        """The occasions; None if one is not known."""
        expression = self.resource.block.body.get("applied_for")
        inner = list(walk(expression))[1:] if expression is not None else []
        texts = [one.value for one in inner if isinstance(one, Literal) and isinstance(one.value, str)]
        return frozenset(texts) if texts and len(texts) == len(inner) else None

    def covers(self, name: str, occasion: str) -> bool:
        """Whether it may make a repository of that name on that occasion; the prefix ends with a `/` of its own."""
        if self.applied_for is not None and occasion not in self.applied_for:
            return False
        return self.prefix in (None, ROOT) or name.startswith((self.prefix or "").rstrip("/") + "/")


class PullThroughCache(Declared, eq=False, dict=True):
    """An `aws_ecr_pull_through_cache_rule`."""

    @property
    def upstream(self) -> str | None:
        return self.text("upstream_registry_url")

    @cached_property
    def prefix(self) -> str | None:
        return self.text("ecr_repository_prefix")


class AccessPolicy(Declared, eq=False):
    """An `aws_ecr_repository_policy` or `aws_ecr_registry_policy`."""

    document: DocumentNode | None

    def is_of(self, repository: EcrRepository) -> bool:
        """Whether it is certainly the repository's."""
        expression = self.resource.block.body.get("repository")
        if expression is None or self.resource.module is not repository.resource.module:
            return False
        address = repository_address(expression)
        name = self.resource.module.value(expression).literal
        return address == repository.resource.address or (name is not None and name == repository.name)


class Registry(Record, eq=False):
    """Everything that Terraform says of registries, over all modules."""

    replications: tuple[Replication, ...]
    scannings: tuple[Scanning, ...]
    templates: tuple[CreationTemplate, ...]
    caches: tuple[PullThroughCache, ...]
    policies: tuple[AccessPolicy, ...]


def registry_in(modules: Iterable[Module]) -> Registry:
    """What modules declare of a registry."""
    modules = tuple(modules)

    def of(type_: str) -> Iterator[Resource]:
        return (resource for module in modules for resource in module.of_type(type_))

    policies = (one for name in ("repository", "registry") for one in of(f"aws_ecr_{name}_policy"))
    return Registry(
        tuple(map(Replication, of("aws_ecr_replication_configuration"))),
        tuple(map(Scanning, of("aws_ecr_registry_scanning_configuration"))),
        tuple(map(CreationTemplate, of("aws_ecr_repository_creation_template"))),
        tuple(map(PullThroughCache, of("aws_ecr_pull_through_cache_rule"))),
        tuple(AccessPolicy(one, _policy(one)) for one in policies),
    )


def _policy(resource: Resource) -> DocumentNode | None:
    expression = resource.block.body.get("policy")
    return None if expression is None else document(resource.module, expression)


def text_of(module: Module, block: Block, attribute: str) -> str | None:
    """A literal attribute of a block; None where it is absent or not known."""
    expression = block.body.get(attribute)
    return None if expression is None else module.value(expression).literal


def _filters(module: Module, rule: Block) -> tuple[Filter, ...]:
    return tuple(
        Filter(one, text_of(module, one, "filter"), text_of(module, one, "filter_type"))
        for one in rule.body.of_type("repository_filter")
    )


def _rule(module: Module, rule: Block) -> ReplicationRule:
    found = rule.body.of_type("destination")
    return ReplicationRule(rule, tuple(_destination(module, one) for one in found), _filters(module, rule))


def _destination(module: Module, block: Block) -> Destination:
    region, registry = block.body.get("region"), block.body.get("registry_id")
    followed = module.definition(registry) if isinstance(registry, Traversal) else None
    account = followed or registry
    names = account.names if isinstance(account, Traversal) else ()
    own = names[:2] == ("data", "aws_caller_identity") and names[-1:] == ("account_id",)
    return Destination(
        block,
        None if region is None else module.value(region),
        None if registry is None else module.value(registry),
        own,
    )
