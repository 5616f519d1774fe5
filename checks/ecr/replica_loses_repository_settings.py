"""Replica of a repository loses its settings

ECR's replication copies images. The repository that it makes at the destination has none of the source's
settings: its tags are mutable, it is encrypted with ECR's own key, no lifecycle policy expires anything, no
repository policy lets others in. Whoever falls back on the copy after an outage finds tags that anyone can
move.

Declare the destination's repository, or an `aws_ecr_repository_creation_template` that is `applied_for`
`REPLICATION` in the destination's region. A template changes only repositories that are made from then on;
existing replicas are changed by hand. Scanning is no part of it: it is set by the destination's registry.

The check is silent where the destination is, or may be, another account, where a template fits, where a
second repository of the same name is declared, and where the source sets nothing that would be lost.

References:

- https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
- https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates.html
- https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecr_repository_creation_template
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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
from checks.facts.ecr.lifecycle import LifecyclePolicy
from checks.facts.ecr.registry import ROOT, AccessPolicy, Destination, Replication, ReplicationRule, text_of
from checks.facts.ecr.repositories import EcrRepository
from checks.facts.terraform.modules import Module
from checks.facts.tree import add_at_end

_ROLE = "ecr_creation_template_role_arn"
_VARIABLE = f"""

variable "{_ROLE}" {{
  description = "Role that ECR assumes to make encrypted repositories"
  type        = string
}}"""
_OCCASION = "REPLICATION"

_SHARED = """\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name = "web"
}
resource "aws_ecr_repository_policy" "web" {
  repository = aws_ecr_repository.web.name
  policy     = file("policy.json")
}
data "aws_caller_identity" "me" {}
resource "aws_ecr_replication_configuration" "main" {
  replication_configuration {
    rule {
      destination {
        region      = "us-west-2"
        registry_id = data.aws_caller_identity.me.account_id
      }
    }
  }
}
"""

check = Check(
    id="replica-loses-repository-settings",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.TERRAFORM,),
    fix=Applicability.DISPLAY,
    scope=Scope.REPOSITORY,
    tags=("ecr", "replication", "security"),
    security_severity=5.0,
    examples=(
        Example(
            title="an immutable, encrypted repository with a lifecycle policy",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"

  encryption_configuration {
    encryption_type = "KMS"
  }
}

resource "aws_ecr_lifecycle_policy" "web" {
  repository = aws_ecr_repository.web.name
  policy     = file("policy.json")
}

data "aws_caller_identity" "current" {}

resource "aws_ecr_replication_configuration" "main" {
  replication_configuration {
    rule {
      destination {
        region      = "us-west-2"
        registry_id = data.aws_caller_identity.current.account_id
      }
      repository_filter {
        filter      = "web"
        filter_type = "PREFIX_MATCH"
      }
    }
  }
}
""",
            at='region      = "us-west-2"',
            fixed="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"

  encryption_configuration {
    encryption_type = "KMS"
  }
}

resource "aws_ecr_lifecycle_policy" "web" {
  repository = aws_ecr_repository.web.name
  policy     = file("policy.json")
}

data "aws_caller_identity" "current" {}

resource "aws_ecr_replication_configuration" "main" {
  replication_configuration {
    rule {
      destination {
        region      = "us-west-2"
        registry_id = data.aws_caller_identity.current.account_id
      }
      repository_filter {
        filter      = "web"
        filter_type = "PREFIX_MATCH"
      }
    }
  }
}

resource "aws_ecr_repository_creation_template" "replicas" {
  region               = "us-west-2"
  prefix               = "ROOT"
  applied_for          = ["REPLICATION"]
  image_tag_mutability = "IMMUTABLE"
  lifecycle_policy     = aws_ecr_lifecycle_policy.web.policy
  custom_role_arn      = var.ecr_creation_template_role_arn

  encryption_configuration {
    encryption_type = "KMS"
  }
}

variable "ecr_creation_template_role_arn" {
  description = "Role that ECR assumes to make encrypted repositories"
  type        = string
}
""",
        ),
        Example(
            title="a provider for the region, a name with a slash, two repositories",
            files="""\
-- ecr.tf --
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.60"
    }
  }
}
provider "aws" {
  alias  = "west"
  region = "us-west-2"
}
resource "aws_ecr_repository" "web" {
  name                 = "team/web"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_repository" "jobs" {
  name                 = "team/jobs"
  image_tag_mutability = "IMMUTABLE"
}
locals {
  account = data.aws_caller_identity.me.account_id
}
data "aws_caller_identity" "me" {}
resource "aws_ecr_replication_configuration" "main" {
  replication_configuration {
    rule {
      destination {
        region      = "us-west-2"
        registry_id = local.account
      }
    }
  }
}
""",
            at='region      = "us-west-2"',
            fixed="""\
-- ecr.tf --
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.60"
    }
  }
}
provider "aws" {
  alias  = "west"
  region = "us-west-2"
}
resource "aws_ecr_repository" "web" {
  name                 = "team/web"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_repository" "jobs" {
  name                 = "team/jobs"
  image_tag_mutability = "IMMUTABLE"
}
locals {
  account = data.aws_caller_identity.me.account_id
}
data "aws_caller_identity" "me" {}
resource "aws_ecr_replication_configuration" "main" {
  replication_configuration {
    rule {
      destination {
        region      = "us-west-2"
        registry_id = local.account
      }
    }
  }
}

resource "aws_ecr_repository_creation_template" "replicas" {
  provider             = aws.west
  prefix               = "ROOT"
  applied_for          = ["REPLICATION"]
  image_tag_mutability = "IMMUTABLE"
}
""",
        ),
        Example(
            title="a policy of the repository lets another account in",
            files=_SHARED,
            at='region      = "us-west-2"',
            fixed=_SHARED
            + """\

resource "aws_ecr_repository_creation_template" "replicas" {
  region            = "us-west-2"
  prefix            = "ROOT"
  applied_for       = ["REPLICATION"]
  repository_policy = aws_ecr_repository_policy.web.policy
}
""",
        ),
        Example(
            title="a provider that knows no region for one resource, and none for the other region",
            files=_SHARED.replace(
                "-- ecr.tf --\n",
                '-- ecr.tf --\nterraform {\n  required_providers {\n    aws = { source = "hashicorp/aws", version = "~> 5.0" }\n  }\n}\n',
            ),
            at='region      = "us-west-2"',
        ),
        Example(
            title="a template, a second repository, another account, another prefix, nothing to lose",
            files="""\
-- template/ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "team/web"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_repository_creation_template" "replicas" {
  provider             = aws.west
  prefix               = "team"
  applied_for          = ["REPLICATION"]
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_replication_configuration" "main" {
  replication_configuration {
    rule {
      destination {
        region      = "us-west-2"
        registry_id = data.aws_caller_identity.me.account_id
      }
    }
  }
}
data "aws_caller_identity" "me" {}
-- twice/ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_repository" "west" {
  provider             = aws.west
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_replication_configuration" "main" {
  replication_configuration {
    rule {
      destination {
        region      = "us-west-2"
        registry_id = data.aws_caller_identity.me.account_id
      }
      repository_filter {
        filter      = "web"
        filter_type = "PREFIX_MATCH"
      }
    }
    rule {
      destination {
        region      = "us-west-2"
        registry_id = "111122223333"
      }
    }
    rule {
      destination {
        region      = "us-west-1"
        registry_id = data.aws_caller_identity.me.account_id
      }
      repository_filter {
        filter      = "other"
        filter_type = "PREFIX_MATCH"
      }
    }
  }
}
data "aws_caller_identity" "me" {}
-- plain/ecr.tf --
variable "name" {}
resource "aws_ecr_repository" "plain" {
  name = "other"
}
resource "aws_ecr_repository" "unknown" {
  name                 = var.name
  image_tag_mutability = "IMMUTABLE"
}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    by_module: dict[Module, list[EcrRepository]] = {}
    for one in repo.ecr_by_name.values():
        by_module.setdefault(one.resource.module, []).append(one)
    for replication in repo.registry.replications:
        for rule in replication.rules:
            for destination in rule.destinations:
                beside = by_module.get(replication.resource.module, ())
                losers = _losers(repo, beside, rule) if destination.is_own_registry else []
                if losers:
                    yield _finding(repo, replication, destination, losers)


def _losers(repo: Repository, beside: Iterable[EcrRepository], rule: ReplicationRule) -> list[EcrRepository]:
    """The replicated ones of a module's repositories whose settings no template sets again."""
    found = []
    for one in beside:
        if not one.name or one.resource.is_repeated or not rule.covers(one.name):
            continue
        has_template = any(template.covers(one.name, _OCCASION) for template in repo.registry.templates)
        if not has_template and _lost(repo, one):
            found.append(one)
    return found


def _lost(repo: Repository, one: EcrRepository) -> list[tuple[str, Location]]:
    """What a repository sets that its replica does not have, with the place."""
    found: list[tuple[str, Location]] = []
    if one.mutability not in (None, "MUTABLE"):
        note = f"sets {code(one.mutability or '')}"
        found.append(("tag mutability", one.resource.location("image_tag_mutability", note)))
    for block in one.resource.block.body.of_type("encryption_configuration"):
        if (text_of(one.resource.module, block, "encryption_type") or "").startswith("KMS"):
            found.append(("KMS encryption", Location(block.text, block.header, "encrypts with KMS")))
    policy = _policy(repo, one)
    if policy:
        place = policy.location()
        found.append(("lifecycle policy", Location(place.text, place.span, "is its lifecycle policy")))
    access = _access(repo, one)
    if access:
        place = access.location
        found.append(("repository policy", Location(place.text, place.span, "lets others in")))
    return found


def _access(repo: Repository, one: EcrRepository) -> AccessPolicy | None:
    own = (policy for policy in repo.registry.policies if policy.is_of(one))
    return next((policy for policy in own if not policy.resource.is_repeated), None)


def _policy(repo: Repository, one: EcrRepository) -> LifecyclePolicy | None:
    return next((policy for policy in repo.lifecycle_policies_of[one] if not policy.is_repeated), None)


def _finding(
    repo: Repository, replication: Replication, destination: Destination, losers: list[EcrRepository]
) -> Finding:
    lost = _lost(repo, losers[0])
    what = [name for name, _ in lost]
    listed = what[0] if len(what) == 1 else f"{', '.join(what[:-1])} and {what[-1]}"
    region = destination.region.literal if destination.region else None
    attribute = destination.block.body.attribute("region")
    others = f" and {len(losers) - 1} more" if len(losers) > 1 else ""
    where = code(region) if region else "the destination"
    return Finding(
        message=f"{code(losers[0].name or '')}{others} is replicated to {where} without its {listed}.",
        consequence=(
            "ECR copies images, not settings: unless the repository is there before, the one that it makes has mutable tags, "
            "ECR's own key and no policy, and shows it when you fall back on it."
        ),
        location=Location(destination.block.text, attribute.span if attribute else destination.block.header),
        related=tuple(place for _, place in lost),
        fixes=_template(repo, replication, region, losers),
    )


def _template(
    repo: Repository, replication: Replication, region: str | None, losers: list[EcrRepository]
) -> tuple[Fix, ...]:
    """A creation template for the destination, where Terraform can reach its region."""
    module, first = replication.resource.module, losers[0]
    place = _provider(module, region or "")
    if not region or not place:
        return ()
    policy, access = _policy(repo, first), _access(repo, first)
    is_encrypted = any(name == "KMS encryption" for name, _ in _lost(repo, first))
    attributes = [place, ("prefix", f'"{ROOT}"'), ("applied_for", f'["{_OCCASION}"]')]
    if first.mutability == "IMMUTABLE":
        attributes.append(("image_tag_mutability", '"IMMUTABLE"'))
    if policy:
        attributes.append(("lifecycle_policy", f"{'.'.join(policy.block.names)}.policy"))
    if access:
        attributes.append(("repository_policy", f"{access.resource.address}.policy"))
    if is_encrypted:
        attributes.append(("custom_role_arn", f"var.{_ROLE}"))
    width = max(len(name) for name, _ in attributes)
    lines = [f"  {name.ljust(width)} = {value}" for name, value in attributes]
    if is_encrypted:
        lines += ["", "  encryption_configuration {", '    encryption_type = "KMS"', "  }"]
    block = "\n".join(('resource "aws_ecr_repository_creation_template" "replicas" {', *lines, "}"))
    body = next(one for one in module.bodies if one.text is replication.resource.text)
    edit = add_at_end(body, block + (_VARIABLE if is_encrypted else ""))
    return offer("make replicas from a template", Applicability.DISPLAY, edit)


def _provider(module: Module, region: str) -> tuple[str, str] | None:
    """The attribute by which a resource of the module is one of a region."""
    for body in module.bodies:
        for block in body.of_type("provider", "aws"):
            alias = text_of(module, block, "alias")
            if alias and text_of(module, block, "region") == region:
                return "provider", f"aws.{alias}"
    return ("region", f'"{region}"') if module.aws_provider_is_at_least(6, 0, 0) else None
