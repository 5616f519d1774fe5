"""Images of an ECR repository are scanned by nothing

The repository's `scan_on_push` is off, which is the default, no configuration of the registry's scanning is
declared, and no workflow of the code scans an image. What is known of a package in the image, nobody is told.

Prefer a rule of the registry: it holds for every repository, also for those to come. The repository's own
setting is being deprecated by AWS, and still works.

The check is silent

- where any Terraform here speaks of the registry's scanning or of Inspector
- where a workflow or a script runs a scanner
- beside pipelines of other products, which are not read
- for repositories that are named for caches, tests or development
- in modules that others give the name
- where the setting is not known or a variable decides it

References:

- https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html
- https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecr_registry_scanning_configuration
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
    offer,
)  # fmt: skip
from checks.facts.build.pipelines import other_pipelines
from checks.facts.ecr.registry import text_of
from checks.facts.ecr.repositories import EcrRepository, names_shown, one_of_each
from checks.facts.mention import Mention
from checks.facts.tree import Attribute, add_block, replace_value_of
from checks.regex import regex

_PASSING = regex(
    r"(?:^|[-_/])(?:cache|buildcache|dev|devel|sandbox|tests?|tmp|temp|preview|scratch|playground)(?:$|[-_/])"
)
_ELSEWHERE = regex(r"aws_ecr_registry_scanning_configuration|registry_scan|aws_inspector2_")
_SCANNERS = Mention(
    r"\b(?:trivy|grype|snyk|clair|anchore|wiz|prisma|twistlock|scout|aqua|sysdig|inspector|orca|lacework|start-image-scan)",
)
_SETTING = "image_scanning_configuration {\n  scan_on_push = true\n}"

check = Check(
    id="ecr-scanning-not-configured",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.TERRAFORM,),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("ecr", "scan", "security"),
    security_severity=4.0,
    peers=("checkov:CKV_AWS_163",),
    examples=(
        Example(
            title="off",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"

  image_scanning_configuration {
    scan_on_push = false
  }
}
""",
            at="scan_on_push = false",
            fixed="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"

  image_scanning_configuration {
    scan_on_push = true
  }
}
""",
        ),
        Example(
            title="not written",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
""",
            at='resource "aws_ecr_repository" "web"',
            fixed="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"

  image_scanning_configuration {
    scan_on_push = true
  }
}
""",
        ),
        Example(
            title="on, not known, a cache, chosen by the module's callers, one that goes with its test",
            files="""\
-- environments/dev/ecr.tf --
resource "aws_ecr_repository" "web" {
  name = "web"
}
-- test/cluster/main.tf --
resource "aws_ecr_repository" "operator" {
  name         = "operator-${random_string.suffix.result}"
  force_delete = true
}
-- ecr.tf --
variable "scan" {}
variable "scan_on_push" {
  type    = bool
  default = false
}
resource "aws_ecr_repository" "api" {
  name                 = "api"
  image_tag_mutability = "IMMUTABLE"

  image_scanning_configuration {
    scan_on_push = var.scan_on_push
  }
}
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"

  image_scanning_configuration {
    scan_on_push = true
  }
}
resource "aws_ecr_repository" "jobs" {
  name                 = "jobs"
  image_tag_mutability = "IMMUTABLE"

  image_scanning_configuration {
    scan_on_push = var.scan
  }
}
resource "aws_ecr_repository" "cache" {
  name = "web/cache"
}
""",
        ),
        Example(
            title="a module that others give the name",
            files="""\
-- main.tf --
variable "name" {}
resource "aws_ecr_repository" "this" {
  name                 = var.name
  image_tag_mutability = "IMMUTABLE"
}
""",
        ),
        Example(
            title="a block that is computed",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"

  dynamic "image_scanning_configuration" {
    for_each = var.scan ? [1] : []
    content {
      scan_on_push = true
    }
  }
}
""",
        ),
        Example(
            title="the registry is configured elsewhere in the code",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
-- registry/main.tf --
resource "aws_ecr_registry_scanning_configuration" "this" {
  scan_type = "ENHANCED"

  rule {
    scan_frequency = "CONTINUOUS_SCAN"

    repository_filter {
      filter      = "*"
      filter_type = "WILDCARD"
    }
  }
}
""",
        ),
        Example(
            title="another product's pipeline may scan",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
""",
            paths=("ci/Jenkinsfile",),
        ),
        Example(
            title="a workflow scans",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
-- .github/workflows/scan.yml --
on: {schedule: [{cron: '0 4 * * *'}]}
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - run: grype 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:stable --fail-on high
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    if any(_ELSEWHERE.search(text.content) for text in repo.texts(Kind.TERRAFORM)):
        return
    scripts = (Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT, Kind.MAKEFILE)
    if any(_SCANNERS.is_in(text.content) for kind in scripts for text in repo.texts(kind)):
        return
    if other_pipelines(repo.snapshot.paths):
        return
    for one in one_of_each(repo.ecr_repositories):
        names = (one.name or "", one.resource.name, one.resource.module.folder)
        is_ours = one.name is not None or one.is_repeated
        if is_ours and not one.is_thrown_away and not any(map(_PASSING.search, names)) and _is_off(one):
            yield _finding(one, names_shown(one, repo.ecr_repositories))


def _setting(one: EcrRepository) -> Attribute | None:
    blocks = one.resource.block.body.of_type("image_scanning_configuration")
    return blocks[0].body.attribute("scan_on_push") if len(blocks) == 1 else None


def _is_off(one: EcrRepository) -> bool:
    """Whether `scan_on_push` certainly is false, and no variable makes it so."""
    body, written = one.resource.block.body, _setting(one)
    blocks = body.of_type("image_scanning_configuration")
    if body.of_type("dynamic", "image_scanning_configuration") or len(blocks) > 1:
        return False
    if written is not None and "var." in written.text[written.span]:
        return False
    return not blocks or text_of(one.resource.module, blocks[0], "scan_on_push") == "false"


def _finding(one: EcrRepository, named: str) -> Finding:
    written, resource = _setting(one), one.resource
    edit = replace_value_of(written, "true") if written else add_block(resource.block, _SETTING)
    return Finding(
        message=f"Nothing in the code scans the images of {named}.",
        consequence="Unless the account's registry is set to scan it elsewhere, what becomes known of its packages is told to nobody.",
        location=Location(resource.text, written.span if written else resource.block.header),
        fixes=offer(
            "scan at each push",
            Applicability.UNSAFE,
            edit,
            caution="Does the account's registry scan it already, by a configuration outside of this repository?",
        ),
    )
