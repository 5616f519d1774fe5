"""Which images of a repository a lifecycle policy selects, as ECR evaluates it.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from checks.facts.ecr.repositories import wildcard_matches
from checks.record import Record

COUNT = "imageCountMoreThan"
STANDARD = "standard"


class Selector(Record):
    """A rule as ECR reads it."""

    priority: int
    tag_status: str
    prefixes: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    count_type: str = COUNT
    count_number: int = 1
    storage_class: str = STANDARD
    action: str = "expire"

    def has_tags_of(self, tags: Iterable[str]) -> bool:
        """Whether an image with exactly these tags meets the tag requirement: each entry of a list by some tag."""
        tags = tuple(tags)
        if self.tag_status != "tagged":
            return self.tag_status == "any" or not tags
        by_prefix = (any(tag.startswith(prefix) for tag in tags) for prefix in self.prefixes)
        by_pattern = (any(wildcard_matches(pattern, tag) for tag in tags) for pattern in self.patterns)
        return bool(tags) and all(by_prefix) and all(by_pattern)


class Image(Record):
    """An image in a repository, as far as a policy looks at it; ages are days before the evaluation."""

    name: str
    tags: frozenset[str] = frozenset()
    pushed: float = 0
    pulled: float | None = None
    """None if never: then the push counts."""
    transitioned: float | None = None
    """Since when it is archived; None for storage class `standard`."""
    in_manifest_list: bool = False
    """Referenced by a manifest list, which protects it."""

    @property
    def storage_class(self) -> str:
        return STANDARD if self.transitioned is None else "archive"


def selected(rules: Iterable[Selector], images: Sequence[Image]) -> Mapping[str, Selector]:
    """The rule that acts on each image, by the image's name; images that stay are left out.

    All rules look at all images at once: what a rule counts includes images that another one acts on. Then an
    image belongs to the first rule by priority whose tag requirement it meets, whether that rule acts on it or not.
    """
    ordered = sorted(rules, key=lambda rule: rule.priority)
    found: dict[str, Selector] = {}
    identified = {rule: _identified(rule, images) for rule in ordered}
    for image in images:
        owner = next((rule for rule in ordered if _concerns(rule, image)), None)
        if owner and image.name in identified[owner] and not image.in_manifest_list:
            found[image.name] = owner
    return found


def _concerns(rule: Selector, image: Image) -> bool:
    return rule.storage_class == image.storage_class and rule.has_tags_of(image.tags)


def _identified(rule: Selector, images: Sequence[Image]) -> frozenset[str]:
    candidates = sorted((one for one in images if _concerns(rule, one)), key=lambda one: one.pushed)
    if rule.count_type == COUNT:
        return frozenset(one.name for one in candidates[rule.count_number :])
    return frozenset(one.name for one in candidates if _age(rule.count_type, one) > rule.count_number)


def _age(count_type: str, image: Image) -> float:
    if count_type == "sinceImagePulled" and image.pulled is not None:
        return image.pulled
    if count_type == "sinceImageTransitioned":
        return image.transitioned or 0
    return image.pushed
