"""ECR repositories that Terraform declares.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecr_repository
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from checks.facts.code_span import code, listed
from checks.facts.terraform.modules import NOTHING, Given, Module, Resource
from checks.facts.value import Value
from checks.record import Record
from checks.regex import regex
from checks.source.hcl import Block

_LESSON = regex(
    r"(?:^|[/.])(?:tests?|testing|e2e|examples?|samples?|workshops?|tutorials?|demos?)/", re.IGNORECASE
)

_MOST_SHOWN = 3
"""Names that a sentence lists."""


class EcrRepository(Record, eq=False, dict=True):
    """A repository that an `aws_ecr_repository` makes: the only one, or one of those of its `for_each`."""

    resource: Resource
    given: Given = NOTHING
    """The instance of the resource that it is."""

    @cached_property
    def name(self) -> str | None:
        """Its name in ECR; None if that is not known."""
        value = self._value("name")
        return value.literal if value else None

    @cached_property
    def mutability(self) -> str | None:
        """`image_tag_mutability`, which defaults to `MUTABLE`; None if it is not known."""
        value = self._value("image_tag_mutability")
        return value.literal if value else "MUTABLE"

    @cached_property
    def is_thrown_away(self) -> bool:
        """Whether it goes with all its images after a test or a lesson, as its file or a random name says."""
        body = self.resource.block.body
        written = body.get("name")
        is_random = written is not None and "random_" in written.text[written.span]
        goes = body.get("force_delete")
        deletes = goes is not None and goes.text[goes.span] == "true"
        return deletes and (is_random or bool(_LESSON.search(self.resource.text.path)))

    @property
    def is_repeated(self) -> bool:
        """Whether it stands for any number of repositories."""
        return not self.given.is_one

    def _value(self, attribute: str) -> Value | None:
        expression = self.resource.block.body.get(attribute)
        return None if expression is None else self.resource.module.value(expression, given=self.given)

    @property
    def exclusion_blocks(self) -> tuple[Block, ...]:
        """The `image_tag_mutability_exclusion_filter` blocks."""
        return self.resource.block.body.of_type("image_tag_mutability_exclusion_filter")

    @property
    def exclusions(self) -> tuple[str, ...] | None:
        """The patterns of the exclusion filters; None if one is not known."""
        if self.resource.block.body.of_type("dynamic", "image_tag_mutability_exclusion_filter"):
            return None
        patterns = [self._pattern(block) for block in self.exclusion_blocks]
        known = tuple(pattern for pattern in patterns if pattern is not None)
        return known if len(known) == len(patterns) else None

    def _pattern(self, block: Block) -> str | None:
        expression = block.body.get("filter")
        if expression is None:
            return None
        return self.resource.module.value(expression, given=self.given).literal

    def may_move(self, tag: Value) -> bool | None:
        """Whether a tag can be pushed twice with different images; None if that is not known.

        https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
        """
        if self.mutability in (None, "MUTABLE", "IMMUTABLE"):
            return None if self.mutability is None else self.mutability == "MUTABLE"
        name = tag.literal
        if self.exclusions is None or name is None:
            return None
        excluded = any(wildcard_matches(pattern, name) for pattern in self.exclusions)
        return excluded if self.mutability == "IMMUTABLE_WITH_EXCLUSION" else not excluded


def wildcard_matches(pattern: str, name: str) -> bool:
    """ECR's `WILDCARD`: `*` stands for any number of characters, and the whole name has to match."""
    first, *rest = pattern.split("*")
    if not rest:
        return pattern == name
    if not name.startswith(first):
        return False
    at = len(first)
    for piece in rest[:-1]:
        found = name.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return name.endswith(rest[-1]) and len(name) - len(rest[-1]) >= at


def repositories_in(modules: Iterable[Module]) -> tuple[EcrRepository, ...]:
    """The repositories that modules declare."""
    return tuple(
        EcrRepository(resource, given)
        for module in modules
        for resource in module.of_type("aws_ecr_repository")
        for given in module.instances(resource.block)
    )


def one_of_each(repositories: Iterable[EcrRepository]) -> Iterator[EcrRepository]:
    """The first of the repositories that each resource makes, for what is to be said once of a resource."""
    seen: set[Block] = set()
    for one in repositories:
        if one.resource.block not in seen:
            seen.add(one.resource.block)
            yield one


def names_shown(one: EcrRepository, repositories: Iterable[EcrRepository]) -> str:
    """The names of those of some repositories that come of one's resource, as each use of its module gives another.

    The address of the resource where one of them is not known, or there are any number.
    """
    made = [it for it in repositories if it.resource.block is one.resource.block]
    names = sorted({it.name for it in made if it.name})
    if one.resource.is_repeated or not names or not all(it.name for it in made):
        return code(one.resource.address)
    return listed([code(name) for name in names], _MOST_SHOWN)


def by_name(repositories: Iterable[EcrRepository]) -> Mapping[str, EcrRepository]:
    """The repositories by their names; none of a name that several have."""
    named = [(one.name, one) for one in repositories if one.name is not None]
    often = Counter(name for name, _ in named)
    return {name: one for name, one in named if often[name] == 1}
