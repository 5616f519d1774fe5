"""What Terraform says of an ECR registry, and which addresses a module declares."""

import re

from hypothesis import given
from hypothesis import strategies as st

from checks.check import Repository
from checks.facts.ecr.registry import Filter
from checks.facts.terraform.declarations import declared_addresses, is_whole, named_addresses
from checks.source.snapshot import Snapshot

TERRAFORM = """\
data "aws_caller_identity" "me" {}
locals {
  account = data.aws_caller_identity.me.account_id
}
variable "other" {}
resource "aws_ecr_replication_configuration" "main" {
  replication_configuration {
    rule {
      destination {
        region      = "us-west-2"
        registry_id = local.account
      }
      destination {
        region      = "us-west-1"
        registry_id = var.other
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
  }
}
resource "aws_ecr_registry_scanning_configuration" "this" {
  provider  = aws.west
  scan_type = "ENHANCED"
  rule {
    scan_frequency = "CONTINUOUS_SCAN"
    repository_filter {
      filter      = "prod"
      filter_type = "WILDCARD"
    }
    repository_filter {
      filter      = "team-*/api"
      filter_type = "WILDCARD"
    }
  }
}
resource "aws_ecr_repository_creation_template" "team" {
  prefix      = "team"
  applied_for = ["REPLICATION", "CREATE_ON_PUSH"]
}
resource "aws_ecr_repository_creation_template" "root" {
  prefix      = "ROOT"
  applied_for = ["PULL_THROUGH_CACHE"]
}
"""


def repository(**files: str) -> Repository:
    return Repository(Snapshot.of({f"{name}.tf": content for name, content in files.items()}))


def test_replication() -> None:
    (replication,) = repository(ecr=TERRAFORM).registry.replications
    first, second = replication.rules
    assert [one.is_own_registry for one in first.destinations] == [True, False]
    assert not second.destinations[0].is_own_registry
    assert first.covers("web")
    assert first.covers("web-legacy")
    assert not first.covers("team/web")
    assert second.covers("anything")


def test_scanning() -> None:
    (scanning,) = repository(ecr=TERRAFORM).registry.scannings
    assert scanning.provider == ("aws.west", "")
    (rule,) = scanning.rules
    assert rule.covers("team/prod-api")
    assert rule.covers("team-a/api")
    assert not rule.covers("team-a/api2")


_names = st.text("ab/-", min_size=1, max_size=6)


@given(st.text("ab*", min_size=1, max_size=4), _names)
def test_filters_of_scanning_are_found_anywhere_or_match_all(pattern: str, name: str) -> None:
    (scanning,) = repository(ecr=TERRAFORM).registry.scannings
    block = scanning.rules[0].filters[0].block
    expected = pattern in name
    if "*" in pattern:
        expected = re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name) is not None
    assert Filter(block, pattern, "WILDCARD").covers(name) is expected
    assert Filter(block, pattern, "PREFIX_MATCH").covers(name) is name.startswith(pattern)
    assert Filter(block, None, "WILDCARD").covers(name)


@given(st.text("ab/", min_size=1, max_size=5))
def test_a_template_ends_with_a_slash_of_its_own(rest: str) -> None:
    team, root = repository(ecr=TERRAFORM).registry.templates
    assert team.covers(f"team/{rest}", "REPLICATION")
    assert team.covers(f"team{rest}", "REPLICATION") == rest.startswith("/")
    assert not team.covers(f"team/{rest}", "PULL_THROUGH_CACHE")
    assert root.covers(rest, "PULL_THROUGH_CACHE")
    assert not root.covers(rest, "REPLICATION")


def test_declared_and_named_addresses() -> None:
    files = {
        "ecr.tf": """\
moved {
  from = aws_ecr_repository.gone
  to   = aws_ecr_repository.web
}
resource "aws_ecr_repository" "web" {
  name = "web-${aws_kms_key.k.key_id}"
  tags = { for key, aws_x in var.tags : key => data.aws_region.here.name }
}
check "health" {
  data "aws_ecr_image" "latest" {}
}
"""
    }
    (module,) = Repository(Snapshot.of(files)).terraform
    assert declared_addresses(module.bodies) == {"aws_ecr_repository.web", "data.aws_ecr_image.latest"}
    assert [one.address for one in named_addresses(module.bodies, "aws_")] == [
        "aws_kms_key.k",
        "data.aws_region.here",
    ]
    assert [one.location.fragment for one in named_addresses(module.bodies, "aws_")] == [
        "aws_kms_key.k",
        "data.aws_region.here",
    ]
    assert is_whole(module, ["ecr.tf", "README.md"])
    assert not is_whole(module, ["ecr.tf", "more.tf"])
    assert not is_whole(module, ["ecr.tf", "more.tf.json"])
