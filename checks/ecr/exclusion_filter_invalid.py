"""Exclusion filters of tag mutability do not fit

`image_tag_mutability_exclusion_filter` says which tags are the exception to the repository's mutability. It
belongs to the modes `IMMUTABLE_WITH_EXCLUSION` and `MUTABLE_WITH_EXCLUSION`: with another mode the provider
stops at plan. A repository takes 5 filters; a filter has 1 to 128 characters of `A-Za-z0-9._*-`, at most two
of them `*`, and the type `WILDCARD`.

A mode `…_WITH_EXCLUSION` without any filter excludes nothing: it reads as an exception and is none. That is a
warning.

The check is silent where the mode or a filter is not known, and for dynamic blocks.

References:

- https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecr_repository#image_tag_mutability_exclusion_filter
- https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageTagMutabilityExclusionFilter.html
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
    Example,
    Finding,
    Fix,
    Kind,
    Location,
    Repository,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.ecr.registry import text_of
from checks.facts.ecr.repositories import EcrRepository
from checks.facts.tree import Block, delete_block, replace_value_of
from checks.regex import regex

_MOST_FILTERS = 5
_MOST_WILDCARDS = 2
_ALLOWED = regex(r"[0-9a-zA-Z._*-]{1,128}")
_SUFFIX = "_WITH_EXCLUSION"

_OTHER = """\
resource "aws_ecr_repository" "jobs" {
  name                 = "jobs"
  image_tag_mutability = "IMMUTABLE_WITH_EXCLUSION"

  image_tag_mutability_exclusion_filter {
    filter      = "latest"
    filter_type = "EXACT"
  }
}
"""
_MUTABLE = f"""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {{
  name = "web/cache"

  image_tag_mutability_exclusion_filter {{
    filter      = "v*"
    filter_type = "WILDCARD"
  }}
}}
{_OTHER}"""
_SIX = (
    '-- ecr.tf --\nresource "aws_ecr_repository" "web" {\n  name                 = "web"\n'
    '  image_tag_mutability = "IMMUTABLE_WITH_EXCLUSION"\n'
    + "".join(
        f'\n  image_tag_mutability_exclusion_filter {{\n    filter      = "{one}"\n    filter_type = "WILDCARD"\n  }}\n'
        for one in "abcdef"
    )
    + "}\n"
)

check = Check(
    id="exclusion-filter-invalid",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.TERRAFORM,),
    fix=Applicability.SAFE,
    tags=("ecr", "tags"),
    examples=(
        Example(
            title="a filter beside `IMMUTABLE`",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"

  image_tag_mutability_exclusion_filter {
    filter      = "latest"
    filter_type = "WILDCARD"
  }
}
""",
            at='image_tag_mutability = "IMMUTABLE"',
            fixed="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE_WITH_EXCLUSION"

  image_tag_mutability_exclusion_filter {
    filter      = "latest"
    filter_type = "WILDCARD"
  }
}
""",
        ),
        Example(
            title="filters beside `MUTABLE`, which is the default, and a type that there is not",
            files=_MUTABLE,
            at=("image_tag_mutability_exclusion_filter", 'filter_type = "EXACT"'),
            fixed=_MUTABLE.partition("\n  image_tag_mutability_ex")[0] + "}\n" + _OTHER,
        ),
        Example(
            title="a type that there is not, for one tag",
            files="-- ecr.tf --\n" + _OTHER,
            at='filter_type = "EXACT"',
            fixed=("-- ecr.tf --\n" + _OTHER).replace("EXACT", "WILDCARD"),
        ),
        Example(
            title="six filters",
            files=_SIX,
            at="image_tag_mutability_exclusion_filter",
        ),
        Example(
            title="filters that ECR does not take, and a mode without one",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE_WITH_EXCLUSION"

  image_tag_mutability_exclusion_filter {
    filter      = "*-dev-*-*"
    filter_type = "WILDCARD"
  }
  image_tag_mutability_exclusion_filter {
    filter      = "feature/*"
    filter_type = "WILDCARD"
  }
  image_tag_mutability_exclusion_filter {
    filter      = "latest"
    filter_type = "EXACT"
  }
}
resource "aws_ecr_repository" "jobs" {
  name                 = "jobs"
  image_tag_mutability = "IMMUTABLE_WITH_EXCLUSION"
}
""",
            at=(
                'filter      = "*-dev-*-*"',
                'filter      = "feature/*"',
                'filter_type = "EXACT"',
                'image_tag_mutability = "IMMUTABLE_WITH_EXCLUSION"',
            ),
        ),
        Example(
            title="filters that fit, a mode that is not known, dynamic blocks, no mode at all",
            files="""\
-- ecr.tf --
variable "mode" {}
variable "filters" {}
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "MUTABLE_WITH_EXCLUSION"

  image_tag_mutability_exclusion_filter {
    filter      = "v*.*"
    filter_type = "WILDCARD"
  }
}
resource "aws_ecr_repository" "jobs" {
  name                 = "jobs"
  image_tag_mutability = var.mode

  image_tag_mutability_exclusion_filter {
    filter      = "latest"
    filter_type = "WILDCARD"
  }
}
resource "aws_ecr_repository" "many" {
  name                 = "many"
  image_tag_mutability = "IMMUTABLE_WITH_EXCLUSION"

  dynamic "image_tag_mutability_exclusion_filter" {
    for_each = var.filters
    content {
      filter      = image_tag_mutability_exclusion_filter.value
      filter_type = "WILDCARD"
    }
  }
}
resource "aws_ecr_repository" "plain" {
  name                 = "plain"
  image_tag_mutability = "IMMUTABLE"
}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for one in repo.ecr_repositories:
        yield from _of_mode(one)
        for block in one.exclusion_blocks:
            yield from _of_filter(one, block)
        if len(one.exclusion_blocks) > _MOST_FILTERS:
            extra = one.exclusion_blocks[_MOST_FILTERS]
            yield Finding(
                message=f"The repository has {len(one.exclusion_blocks)} exclusion filters, and ECR takes {_MOST_FILTERS}.",
                consequence="The plan or the apply stops at this resource.",
                location=Location(extra.text, extra.header),
            )


def _of_mode(one: EcrRepository) -> Iterator[Finding]:
    mode, blocks = one.mutability, one.exclusion_blocks
    is_dynamic = bool(one.resource.block.body.of_type("dynamic", "image_tag_mutability_exclusion_filter"))
    if mode in ("MUTABLE", "IMMUTABLE") and blocks:
        first = blocks[0]
        attribute = one.resource.block.body.attribute("image_tag_mutability")
        place = (
            one.resource.location("image_tag_mutability") if attribute else Location(first.text, first.header)
        )
        yield Finding(
            message=f"The repository has exclusion filters, and its mutability is {code(mode)}.",
            consequence=f"The provider stops at plan: filters belong to the modes {code('…' + _SUFFIX)}.",
            location=place,
            related=(Location(first.text, first.header, "is a filter"),) if attribute else (),
            fixes=_with_exclusion(one, mode) or _without_filters(one, mode),
        )
    elif mode and mode.endswith(_SUFFIX) and not blocks and not is_dynamic:
        yield Finding(
            message=f"{code(mode)} has no exclusion filter beside it.",
            consequence=f"It excludes nothing: the repository behaves as with {code(mode.removesuffix(_SUFFIX))}.",
            location=one.resource.location("image_tag_mutability"),
            severity=Severity.WARNING,
        )


def _with_exclusion(one: EcrRepository, mode: str) -> tuple[Fix, ...]:
    attribute = one.resource.block.body.attribute("image_tag_mutability")
    if attribute is None or mode != "IMMUTABLE":
        return ()
    return offer(
        f"set {code(mode + _SUFFIX)}",
        Applicability.UNSAFE,
        replace_value_of(attribute, f'"{mode}{_SUFFIX}"'),
        caution="Are the filters the tags that may move, and no others?",
    )


def _without_filters(one: EcrRepository, mode: str) -> tuple[Fix, ...]:
    """Of a repository whose tags all may move: there is nothing to except."""
    edits = [delete_block(block) for block in one.exclusion_blocks]
    return offer(
        "delete the filters" if len(edits) > 1 else "delete the filter",
        Applicability.UNSAFE,
        *(edits if mode == "MUTABLE" else (None,)),
        caution="Are these the tags that must not move? Then the mode is `MUTABLE_WITH_EXCLUSION`.",
    )


def _of_filter(one: EcrRepository, block: Block) -> Iterator[Finding]:
    pattern, kind = (
        text_of(one.resource.module, block, "filter"),
        text_of(one.resource.module, block, "filter_type"),
    )
    problem, name = "", "filter"
    fixes: tuple[Fix, ...] = ()
    if pattern is not None and pattern.count("*") > _MOST_WILDCARDS:
        problem = (
            f"The filter {code(pattern)} has {pattern.count('*')} wildcards, and ECR takes {_MOST_WILDCARDS}."
        )
    elif pattern is not None and not _ALLOWED.fullmatch(pattern):
        problem = f"The filter {code(pattern)} is not 1 to 128 characters of {code('A-Za-z0-9._*-')}."
    elif kind is not None and kind != "WILDCARD":
        problem, name = (
            f"The filter's type is {code(kind)}, and ECR knows {code('WILDCARD')} alone.",
            "filter_type",
        )
    attribute = block.body.attribute(name)
    if name == "filter_type" and attribute and pattern and "*" not in pattern:
        fixes = offer(
            f"set {code('WILDCARD')}", Applicability.SAFE, replace_value_of(attribute, '"WILDCARD"')
        )
    if problem and attribute:
        yield Finding(
            message=problem,
            consequence="The plan or the apply stops at this resource.",
            location=Location(block.text, attribute.span),
            fixes=fixes,
        )
