"""Scanning configuration of a registry is not one that ECR takes

Basic scanning knows `SCAN_ON_PUSH`; enhanced scanning `SCAN_ON_PUSH` and `CONTINUOUS_SCAN`. A configuration
has two rules at most, a rule 100 filters, and a filter the type `WILDCARD`. Anything else is refused at plan
or apply.

There is one configuration for each account and region: two resources for one provider overwrite each other at
every apply.

The check is silent where a value is not known, for dynamic blocks, for resources with `count` or `for_each`,
and where two resources name different providers or regions.

References:

- https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutRegistryScanningConfiguration.html
- https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_RegistryScanningRule.html
- https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecr_registry_scanning_configuration
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
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.ecr.registry import Scanning, ScanningRule
from checks.facts.tree import Attribute, Block, replace_value_of

_FREQUENCIES = {"BASIC": ("SCAN_ON_PUSH",), "ENHANCED": ("SCAN_ON_PUSH", "CONTINUOUS_SCAN")}
_MOST_RULES = 2
_MOST_FILTERS = 100
_REFUSED = "ECR refuses the configuration at apply, and what was set before stays."

_MANUAL = """\
-- ecr.tf --
resource "aws_ecr_registry_scanning_configuration" "this" {
  scan_type = "ENHANCED"

  rule {
    scan_frequency = "MANUAL"

    repository_filter {
      filter      = "*"
      filter_type = "PREFIX_MATCH"
    }
  }
  rule {
    scan_frequency = "SCAN_ON_PUSH"

    repository_filter {
      filter      = "*"
      filter_type = "WILDCARD"
    }
  }
  rule {
    scan_frequency = "CONTINUOUS_SCAN"

    repository_filter {
      filter      = "prod"
      filter_type = "WILDCARD"
    }
  }
}
resource "aws_ecr_registry_scanning_configuration" "again" {
  scan_type = "ENHANCED"
}
"""

check = Check(
    id="registry-scanning-configuration-invalid",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.TERRAFORM,),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("ecr", "scan"),
    examples=(
        Example(
            title="continuous basic scanning",
            files="""\
-- ecr.tf --
resource "aws_ecr_registry_scanning_configuration" "this" {
  scan_type = "BASIC"

  rule {
    scan_frequency = "CONTINUOUS_SCAN"

    repository_filter {
      filter      = "*"
      filter_type = "WILDCARD"
    }
  }
}
""",
            at='scan_frequency = "CONTINUOUS_SCAN"',
            fixed="""\
-- ecr.tf --
resource "aws_ecr_registry_scanning_configuration" "this" {
  scan_type = "BASIC"

  rule {
    scan_frequency = "SCAN_ON_PUSH"

    repository_filter {
      filter      = "*"
      filter_type = "WILDCARD"
    }
  }
}
""",
        ),
        Example(
            title="manual enhanced scanning, another filter type, a third rule, a second configuration",
            files=_MANUAL,
            at=(
                'scan_frequency = "MANUAL"',
                'filter_type = "PREFIX_MATCH"',
                "rule",
                'resource "aws_ecr_registry_scanning_configuration" "again"',
            ),
            fixed=_MANUAL.replace("MANUAL", "SCAN_ON_PUSH"),
            others=(_MANUAL.replace("MANUAL", "CONTINUOUS_SCAN"),),
        ),
        Example(
            title="one of two by a condition, and rules that are computed",
            files="""\
-- ecr.tf --
resource "aws_ecr_registry_scanning_configuration" "on" {
  count     = var.on ? 1 : 0
  scan_type = "ENHANCED"
}
resource "aws_ecr_registry_scanning_configuration" "off" {
  count     = var.on ? 0 : 1
  scan_type = "BASIC"
}
""",
        ),
        Example(
            title="what ECR takes, in two regions; values that are not known",
            files="""\
-- ecr.tf --
variable "frequency" {}
resource "aws_ecr_registry_scanning_configuration" "this" {
  scan_type = "ENHANCED"

  rule {
    scan_frequency = "CONTINUOUS_SCAN"

    repository_filter {
      filter      = "*"
      filter_type = "WILDCARD"
    }
  }
  rule {
    scan_frequency = var.frequency

    repository_filter {
      filter      = "prod"
      filter_type = "WILDCARD"
    }
  }
}
resource "aws_ecr_registry_scanning_configuration" "west" {
  provider  = aws.west
  scan_type = "BASIC"

  rule {
    scan_frequency = "SCAN_ON_PUSH"

    repository_filter {
      filter      = "*"
      filter_type = "WILDCARD"
    }
  }
}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    first: dict[tuple[str, str, str], Scanning] = {}
    for one in repo.registry.scannings:
        yield from _of_rules(one)
        if one.resource.is_repeated:
            continue
        earlier = first.setdefault((one.resource.module.folder, *one.provider), one)
        if earlier is not one:
            place = earlier.location
            yield Finding(
                message="The registry has a second scanning configuration.",
                consequence="There is one for each account and region: the two overwrite each other at every apply.",
                location=one.location,
                related=(Location(place.text, place.span, "is the first"),),
            )


def _of_rules(one: Scanning) -> Iterator[Finding]:
    for rule in one.rules:
        yield from _of_rule(one, rule)
    if len(one.rules) > _MOST_RULES and not one.is_dynamic:
        extra = one.rules[_MOST_RULES].block
        yield _refused(f"The configuration has {len(one.rules)} rules, and ECR takes {_MOST_RULES}.", extra)


def _of_rule(one: Scanning, rule: ScanningRule) -> Iterator[Finding]:
    allowed = _FREQUENCIES.get(one.scan_type or "")
    attribute = rule.block.body.attribute("scan_frequency")
    if allowed and rule.frequency and rule.frequency not in allowed and attribute:
        known = " and ".join(map(code, allowed))
        yield Finding(
            message=f"{code(rule.frequency)} is no frequency of {code(one.scan_type or '')} scanning, which knows {known}.",
            consequence=_REFUSED,
            location=Location(rule.block.text, attribute.span),
            fixes=_fixes(attribute, allowed),
        )
    for one_filter in rule.filters:
        if one_filter.type not in (None, "WILDCARD"):
            message = f"The filter's type is {code(one_filter.type or '')}, and ECR knows {code('WILDCARD')} alone here."
            yield _refused(message, one_filter.block, "filter_type")
    if len(rule.filters) > _MOST_FILTERS:
        message = f"The rule has {len(rule.filters)} filters, and ECR takes {_MOST_FILTERS}."
        yield _refused(message, rule.filters[_MOST_FILTERS].block)


def _fixes(attribute: Attribute, allowed: tuple[str, ...]) -> tuple[Fix, ...]:
    """The frequency that there is; each of them where there are several."""
    edits = [replace_value_of(attribute, f'"{one}"') for one in allowed]
    if len(edits) > 1:
        pairs = zip(allowed, edits, strict=True)
        return tuple(
            fix for one, edit in pairs for fix in offer(f"set {code(one)}", Applicability.DISPLAY, edit)
        )
    caution = "Images are then scanned once, at the push: or is enhanced scanning what is meant?"
    return offer(f"set {code(allowed[0])}", Applicability.UNSAFE, *edits, caution=caution)


def _refused(message: str, block: Block, attribute: str = "") -> Finding:
    found = block.body.attribute(attribute) if attribute else None
    place = Location(block.text, found.span if found else block.header)
    return Finding(message=message, consequence=_REFUSED, location=place)
