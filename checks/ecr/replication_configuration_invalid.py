"""Replication configuration of a registry is not one that ECR takes

A replication rule leads to another region or another account: a destination that is the registry itself is
refused at apply. Filters have the type `PREFIX_MATCH`. ECR takes 25 rules, and for each 100 destinations and
100 filters; Terraform's provider takes 10 rules and 25 destinations, as of November 2026, and stops at plan
beyond.

There is one configuration for each account and region: two resources for one provider overwrite each other at
every apply.

The check is silent where a region, an account or a type is not known, for destinations in another account,
and where two resources name different providers or regions.

References:

- https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
- https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ReplicationRule.html
- https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecr_replication_configuration
- https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/ecr/replication_configuration.go
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
    Example,
    Finding,
    Kind,
    Location,
    Repository,
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.ecr.registry import Replication, ReplicationRule, text_of
from checks.facts.tree import Block, delete_block, replace_value_of

_MOST_RULES, _MOST_DESTINATIONS, _MOST_FILTERS = 10, 25, 100
"""What the provider's schema takes."""
_REFUSED = "ECR refuses the configuration at apply, and what was set before stays."
_STOPS = "The provider stops at plan, and what was set before stays."

_TO = """\
      destination {
        region      = "us-west-2"
        registry_id = "111122223333"
      }
"""
_RULE = f"    rule {{\n{_TO}    }}\n"
_MANY = """\
-- ecr.tf --
resource "aws_ecr_replication_configuration" "main" {{
  replication_configuration {{
{}  }}
}}
"""

check = Check(
    id="replication-configuration-invalid",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.TERRAFORM,),
    fix=Applicability.SAFE,
    scope=Scope.REPOSITORY,
    tags=("ecr", "replication"),
    examples=(
        Example(
            title="the type of scanning's filters",
            files="""\
-- ecr.tf --
resource "aws_ecr_replication_configuration" "main" {
  replication_configuration {
    rule {
      destination {
        region      = "us-west-2"
        registry_id = "111122223333"
      }

      repository_filter {
        filter      = "web"
        filter_type = "WILDCARD"
      }
    }
  }
}
""",
            at='filter_type = "WILDCARD"',
            fixed="""\
-- ecr.tf --
resource "aws_ecr_replication_configuration" "main" {
  replication_configuration {
    rule {
      destination {
        region      = "us-west-2"
        registry_id = "111122223333"
      }

      repository_filter {
        filter      = "web"
        filter_type = "PREFIX_MATCH"
      }
    }
  }
}
""",
        ),
        Example(
            title="eleven rules, and 26 destinations in one",
            files=_MANY.format(_RULE * 10 + _RULE.replace(_TO, _TO * 26)),
            at=("destination", "rule"),
        ),
        Example(
            title="ten rules, and 25 destinations in one",
            files=_MANY.format(_RULE * 9 + _RULE.replace(_TO, _TO * 25)),
        ),
        Example(
            title="the registry itself, and a second configuration",
            files="""\
-- ecr.tf --
provider "aws" {
  region = "eu-west-1"
}
data "aws_caller_identity" "me" {}
resource "aws_ecr_replication_configuration" "main" {
  replication_configuration {
    rule {
      destination {
        region      = "eu-west-1"
        registry_id = data.aws_caller_identity.me.account_id
      }

      destination {
        region      = "eu-north-1"
        registry_id = data.aws_caller_identity.me.account_id
      }
    }
  }
}
resource "aws_ecr_replication_configuration" "again" {
  replication_configuration {
    rule {
      destination {
        region      = "us-west-2"
        registry_id = "111122223333"
      }
    }
  }
}
""",
            at=('region      = "eu-west-1"', 'resource "aws_ecr_replication_configuration" "again"'),
            fixed="""\
-- ecr.tf --
provider "aws" {
  region = "eu-west-1"
}
data "aws_caller_identity" "me" {}
resource "aws_ecr_replication_configuration" "main" {
  replication_configuration {
    rule {
      destination {
        region      = "eu-north-1"
        registry_id = data.aws_caller_identity.me.account_id
      }
    }
  }
}
resource "aws_ecr_replication_configuration" "again" {
  replication_configuration {
    rule {
      destination {
        region      = "us-west-2"
        registry_id = "111122223333"
      }
    }
  }
}
""",
        ),
        Example(
            title="another account in the same region, another provider, regions that are not known",
            files="""\
-- ecr.tf --
provider "aws" {
  region = "eu-west-1"
}
data "aws_caller_identity" "me" {}
variable "region" {}
resource "aws_ecr_replication_configuration" "main" {
  replication_configuration {
    rule {
      destination {
        region      = "eu-west-1"
        registry_id = "111122223333"
      }

      destination {
        region      = var.region
        registry_id = data.aws_caller_identity.me.account_id
      }

      repository_filter {
        filter      = "web"
        filter_type = "PREFIX_MATCH"
      }
    }
  }
}
resource "aws_ecr_replication_configuration" "west" {
  provider = aws.west
  replication_configuration {
    rule {
      destination {
        region      = "eu-west-1"
        registry_id = data.aws_caller_identity.me.account_id
      }
    }
  }
}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    first: dict[tuple[str, str, str], Replication] = {}
    for one in repo.registry.replications:
        for rule in one.rules:
            yield from _of_filters(rule)
            yield from _of_destinations(one, rule)
        if len(one.rules) > _MOST_RULES:
            message = (
                f"The configuration has {len(one.rules)} rules, and Terraform's provider takes {_MOST_RULES}."
            )
            yield _refused(message, one.rules[_MOST_RULES].block)
        if not one.resource.is_repeated:
            earlier = first.setdefault((one.resource.module.folder, *one.provider), one)
            if earlier is not one:
                yield _second(earlier, one)


def _second(earlier: Replication, one: Replication) -> Finding:
    place = earlier.location
    return Finding(
        message="The registry has a second replication configuration.",
        consequence="There is one for each account and region: the two overwrite each other at every apply.",
        location=one.location,
        related=(Location(place.text, place.span, "is the first"),),
    )


def _of_filters(rule: ReplicationRule) -> Iterator[Finding]:
    for one in rule.filters:
        attribute = one.block.body.attribute("filter_type")
        if one.type not in (None, "PREFIX_MATCH") and attribute:
            yield Finding(
                message=f"The filter's type is {code(one.type or '')}, and replication knows {code('PREFIX_MATCH')} alone.",
                consequence="The provider stops at plan.",
                location=Location(one.block.text, attribute.span),
                fixes=offer(
                    f"set {code('PREFIX_MATCH')}",
                    Applicability.SAFE,
                    replace_value_of(attribute, '"PREFIX_MATCH"') if "*" not in (one.filter or "*") else None,
                ),
            )
    if len(rule.filters) > _MOST_FILTERS:
        message = f"The rule has {len(rule.filters)} filters, and ECR takes {_MOST_FILTERS}."
        yield _refused(message, rule.filters[_MOST_FILTERS].block)


def _of_destinations(one: Replication, rule: ReplicationRule) -> Iterator[Finding]:
    region = _region(one)
    for destination in rule.destinations:
        attribute = destination.block.body.attribute("region")
        text = destination.region.literal if destination.region else None
        if attribute and region and text == region and destination.is_own_registry:
            others = len(rule.destinations) > 1
            edit = delete_block(destination.block) if others else None
            yield Finding(
                message=f"The registry of {code(region)} is its own destination.",
                consequence=_REFUSED,
                location=Location(destination.block.text, attribute.span),
                fixes=offer("delete the destination", Applicability.SAFE, edit),
            )
    if len(rule.destinations) > _MOST_DESTINATIONS:
        message = f"The rule has {len(rule.destinations)} destinations, and Terraform's provider takes {_MOST_DESTINATIONS}."
        yield _refused(message, rule.destinations[_MOST_DESTINATIONS].block)


def _region(one: Replication) -> str | None:
    """The region of the module's own default provider, where the resource names no other."""
    if one.provider != ("", ""):
        return None
    module = one.resource.module
    found = [block for body in module.bodies for block in body.of_type("provider", "aws")]
    default = [block for block in found if block.body.get("alias") is None]
    return text_of(module, default[0], "region") if len(default) == 1 else None


def _refused(message: str, block: Block) -> Finding:
    return Finding(message=message, consequence=_STOPS, location=Location(block.text, block.header))
