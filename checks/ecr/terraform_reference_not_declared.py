"""Terraform names what its module does not declare

A module is the files of one folder. An expression that names a resource or a data source that none of them
declares stops `terraform validate` and every plan: “Reference to undeclared resource”. A snippet that was
taken over from elsewhere often leaves the key or the account lookup behind that it stood beside.

Declare it, or correct the name.

The check looks at resources and data sources of ECR, IAM and KMS. It is silent where files of the folder were
not read or have another syntax, where Terragrunt or a template may write further ones, for parts that a
program carries among its sources or that are copied elsewhere, and below folders for tests.

References:

- https://developer.hashicorp.com/terraform/language/expressions/references
- https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/caller_identity
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
    Edit,
    Example,
    Finding,
    Fix,
    Kind,
    Repository,
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.slips import is_slip
from checks.facts.terraform.declarations import Named, declared_addresses, is_whole, named_addresses
from checks.facts.terraform.modules import Module
from checks.facts.tree import Body, add_at_end

_SUBJECTS = ("aws_ecr", "aws_iam_", "aws_kms_")
_NO_ARGUMENTS = frozenset(
    f"data.{name}"
    for name in (
        "aws_caller_identity",
        "aws_region",
        "aws_partition",
        "aws_canonical_user_id",
        "aws_default_tags",
    )
)
"""Data sources that need no arguments, so that a declaration can be written without knowing more."""
_TESTS = frozenset(("test", "tests", "testdata", "fixtures", "__tests__", "spec"))
_TERRAGRUNT = "terragrunt.hcl"
_KEY = """\
resource "aws_kms_key" "{name}" {{
  description         = "Encrypts the images in ECR"
  enable_key_rotation = true
}}"""

check = Check(
    id="terraform-reference-not-declared",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.TERRAFORM,),
    fix=Applicability.SAFE,
    scope=Scope.REPOSITORY,
    tags=("terraform", "ecr"),
    examples=(
        Example(
            title="the account's identity and a key",
            files="""\
-- ecr.tf --
resource "aws_ecr_replication_configuration" "main" {
  replication_configuration {
    rule {
      destination {
        region      = "us-west-2"
        registry_id = data.aws_caller_identity.current.account_id
      }
    }
  }
}

resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.ecr.arn
  }
}
""",
            at=("data.aws_caller_identity.current", "aws_kms_key.ecr"),
            fixed="""\
-- ecr.tf --
resource "aws_ecr_replication_configuration" "main" {
  replication_configuration {
    rule {
      destination {
        region      = "us-west-2"
        registry_id = data.aws_caller_identity.current.account_id
      }
    }
  }
}

resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.ecr.arn
  }
}

data "aws_caller_identity" "current" {}
""",
        ),
        Example(
            title="a key, and nothing else",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.ecr.arn
  }
}
-- other/kms.tf --
resource "aws_kms_key" "ecr" {
  enable_key_rotation = true
}
""",
            at="aws_kms_key.ecr",
            fixed="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.ecr.arn
  }
}

resource "aws_kms_key" "ecr" {
  description         = "Encrypts the images in ECR"
  enable_key_rotation = true
}
""",
        ),
        Example(
            title="a name that is one letter off",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_lifecycle_policy" "web" {
  repository = aws_ecr_repository.wep.name
  policy     = file("policy.json")
}
""",
            at="aws_ecr_repository.wep",
            fixed="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_lifecycle_policy" "web" {
  repository = aws_ecr_repository.web.name
  policy     = file("policy.json")
}
""",
        ),
        Example(
            title="declared in a neighbour file; moved and removed; iterators; other subjects",
            files="""\
-- a/ecr.tf --
resource "aws_ecr_repository" "web" {
  for_each             = toset(["a"])
  name                 = "web-${each.key}-${local.suffix}"
  image_tag_mutability = "IMMUTABLE"

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.ecr.arn
  }

  dynamic "image_tag_mutability_exclusion_filter" {
    for_each = var.filters
    content {
      filter      = image_tag_mutability_exclusion_filter.value
      filter_type = "WILDCARD"
    }
  }
}
moved {
  from = aws_ecr_repository.old
  to   = aws_ecr_repository.web
}
removed {
  from = aws_iam_role.gone
  lifecycle {
    destroy = false
  }
}
resource "aws_s3_bucket" "logs" {
  bucket = aws_s3_bucket.other.id
}
-- a/kms.tf --
resource "aws_kms_key" "ecr" {}
variable "filters" {}
locals {
  suffix = "x"
}
""",
        ),
        Example(
            title="files of another syntax beside it, a template, Terragrunt, a test's fixture, parts of other modules",
            files="""\
-- mixins/role/role.tf --
resource "aws_iam_role" "a" {
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
-- generator/role.tf --
resource "aws_iam_role" "a" {
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
-- json/ecr.tf --
resource "aws_ecr_lifecycle_policy" "a" {
  repository = aws_ecr_repository.a.name
  policy     = file("policy.json")
}
-- template/ecr.tf --
resource "aws_ecr_lifecycle_policy" "a" {
  repository = aws_ecr_repository.a.name
  policy     = file("{{ cookiecutter.policy }}")
}
-- tests/fixtures/ecr.tf --
resource "aws_ecr_lifecycle_policy" "a" {
  repository = aws_ecr_repository.a.name
  policy     = file("policy.json")
}
-- live/ecr.tf --
resource "aws_ecr_lifecycle_policy" "a" {
  repository = aws_ecr_repository.a.name
  policy     = file("policy.json")
}
""",
            paths=("json/repository.tf.json", "live/terragrunt.hcl", "generator/main.go"),
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    paths = repo.snapshot.paths
    if not repo.snapshot.complete:
        return
    by_folder: dict[str, list[str]] = {}
    for path in paths:
        by_folder.setdefault(posixpath.dirname(path), []).append(path)
    generated = [path.removesuffix(_TERRAGRUNT) for path in paths if path.endswith(_TERRAGRUNT)]
    for module in repo.terraform:
        inside = module.folder + "/" if module.folder else ""
        if _TESTS & set(module.folder.split("/")) or any(inside.startswith(one) for one in generated):
            continue
        missing = repo.memo(_missing, module.bodies)
        if missing and is_whole(module, by_folder.get(module.folder, ())):
            yield from (_finding(module, named) for named in missing)


def _missing(bodies: tuple[Body, ...]) -> tuple[Named, ...]:
    """The first mention of each address that the files of a module do not declare."""
    declared = declared_addresses(bodies)
    found: dict[str, Named] = {}
    for named in named_addresses(bodies, "aws_"):
        is_ours = named.block.type in ("resource", "data") and named.block.names[0].startswith(_SUBJECTS)
        if is_ours and named.address not in declared:
            found.setdefault(named.address, named)
    return tuple(found.values())


def _finding(module: Module, named: Named) -> Finding:
    folder = code(module.folder) if module.folder else "the root folder"
    return Finding(
        message=f"No file of the module in {folder} declares {code(named.address)}.",
        consequence="Terraform stops at every plan and apply, “Reference to undeclared …”.",
        location=named.location,
        fixes=_fixes(module, named),
    )


def _fixes(module: Module, named: Named) -> tuple[Fix, ...]:
    kind, _, name = named.address.rpartition(".")
    body = next(one for one in module.bodies if one.text is named.location.text)
    near = [one for one in declared_addresses(module.bodies) if _is_near(one, named.address)]
    if len(near) == 1:
        caution = f"Is {code(near[0])} what is meant?"
        edit = Edit(named.location.path, named.location.span, near[0])
        return offer(f"name {code(near[0])}", Applicability.UNSAFE, edit, caution=caution)
    if kind in _NO_ARGUMENTS:
        declaration = f'data "{kind.removeprefix("data.")}" "{name}" {{}}'
        return offer(f"declare {code(named.address)}", Applicability.SAFE, add_at_end(body, declaration))
    if kind == "aws_kms_key":
        caution = (
            "Is there no such key elsewhere? Another key for an existing repository replaces the repository."
        )
        edit = add_at_end(body, _KEY.format(name=name))
        return offer("declare a key", Applicability.UNSAFE, edit, caution=caution)
    return ()


def _is_near(declared: str, named: str) -> bool:
    """Whether an address of the same type has a name that differs by one letter."""
    kind, _, name = declared.rpartition(".")
    other_kind, _, other = named.rpartition(".")
    return kind == other_kind and min(len(name), len(other)) > 2 and is_slip(name, other)
