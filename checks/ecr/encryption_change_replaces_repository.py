"""Change of encryption or name replaces an ECR repository

ECR can't change a repository's encryption or name. Terraform does it by destroying the repository and making
another one. It stops at apply, because ECR deletes no repository with images in it; with
`force_delete = true` nothing stops it, and every image is gone.

Declare a second repository, copy the images, let builds and deployments move, and only then remove the first
one.

The check compares with what the change starts from. It is silent for new resources, for resources that moved,
where a block of the default `AES256` comes or goes, where the whole block or the key's attribute goes (the
repository keeps what it has), and where the values are not known.

References:

- https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecr_repository
- https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import Check, Example, Finding, Kind, Location, Repository, Scope, Severity, code
from checks.facts.ecr.registry import text_of
from checks.facts.ecr.repositories import EcrRepository
from checks.facts.tree import Attribute, Block, Traversal

_DEFAULT = "AES256"

_EACH = """\
-- ecr.tf --
resource "aws_ecr_repository" "all" {{
  for_each             = toset([{}])
  name                 = "{}${{each.key}}"
  image_tag_mutability = "IMMUTABLE"
}}
"""

check = Check(
    id="encryption-change-replaces-repository",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.TERRAFORM,),
    scope=Scope.REPOSITORY,
    tags=("ecr", "encryption", "change"),
    examples=(
        Example(
            title="encryption with KMS is added",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"

  encryption_configuration {
    encryption_type = "KMS"
  }
}
""",
            base="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
""",
            at='encryption_type = "KMS"',
        ),
        Example(
            title="another name, another key",
            files="""\
-- infra/ecr.tf --
resource "aws_kms_key" "one" {}
resource "aws_kms_key" "two" {}
resource "aws_ecr_repository" "web" {
  name                 = "acme/web"
  image_tag_mutability = "IMMUTABLE"
  force_delete         = true
}
resource "aws_ecr_repository" "jobs" {
  name                 = "jobs"
  image_tag_mutability = "IMMUTABLE"

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.two.arn
  }
}
""",
            base="""\
-- infra/ecr.tf --
resource "aws_kms_key" "one" {}
resource "aws_kms_key" "two" {}
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
  force_delete         = true
}
resource "aws_ecr_repository" "jobs" {
  name                 = "jobs"
  image_tag_mutability = "IMMUTABLE"

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.one.arn
  }
}
""",
            at=('name                 = "acme/web"', "kms_key         = aws_kms_key.two.arn"),
        ),
        Example(
            title="new, moved, the default written out, the block deleted, a key renamed, a name that is not known",
            files="""\
-- ecr.tf --
variable "name" {}
moved {
  from = aws_kms_key.one
  to   = aws_kms_key.two
}
resource "aws_kms_key" "two" {}
resource "aws_ecr_repository" "new" {
  name                 = "new"
  image_tag_mutability = "IMMUTABLE"

  encryption_configuration {
    encryption_type = "KMS"
  }
}
resource "aws_ecr_repository" "default" {
  name                 = "default"
  image_tag_mutability = "IMMUTABLE"

  encryption_configuration {
    encryption_type = "AES256"
  }
}
resource "aws_ecr_repository" "deleted" {
  name                 = "deleted"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_repository" "renamed" {
  name                 = "renamed"
  image_tag_mutability = "IMMUTABLE"

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.two.arn
  }
}
resource "aws_ecr_repository" "unknown" {
  name                 = var.name
  image_tag_mutability = "IMMUTABLE"
}
""",
            base="""\
-- ecr.tf --
variable "name" {}
resource "aws_kms_key" "one" {}
resource "aws_ecr_repository" "default" {
  name                 = "default"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_repository" "deleted" {
  name                 = "deleted"
  image_tag_mutability = "IMMUTABLE"

  encryption_configuration {
    encryption_type = "KMS"
  }
}
resource "aws_ecr_repository" "renamed" {
  name                 = "renamed"
  image_tag_mutability = "IMMUTABLE"

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.one.arn
  }
}
resource "aws_ecr_repository" "unknown" {
  name                 = "unknown"
  image_tag_mutability = "IMMUTABLE"
}
""",
        ),
        Example(
            title="the repository moved to another address, an encryption that is computed",
            files="""\
-- ecr.tf --
moved {
  from = aws_ecr_repository.old
  to   = aws_ecr_repository.web
}
resource "aws_ecr_repository" "web" {
  name                 = "acme/web"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_repository" "jobs" {
  name                 = "jobs"
  image_tag_mutability = "IMMUTABLE"

  dynamic "encryption_configuration" {
    for_each = var.kms ? [1] : []
    content {
      encryption_type = "KMS"
    }
  }
}
""",
            base="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_repository" "jobs" {
  name                 = "jobs"
  image_tag_mutability = "IMMUTABLE"
}
""",
        ),
        Example(
            title="a key of `for_each` comes and another one goes; one changes its name",
            files=_EACH.format('"api", "cron"', "acme/"),
            base=_EACH.format('"api", "jobs"', "team/"),
            at='name                 = "acme/${each.key}"',
        ),
        Example(
            title="a key of `for_each` comes and another one goes",
            files=_EACH.format('"api", "cron"', "acme/"),
            base=_EACH.format('"api", "jobs"', "acme/"),
        ),
        Example(
            title="no base is known",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"

  encryption_configuration {
    encryption_type = "KMS"
  }
}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    if repo.base is None:
        return
    before = {_place_of(one): one for one in repo.base.ecr_repositories}
    for one in repo.ecr_repositories:
        old = before.get(_place_of(one))
        change = _change(old, one) if old and not _is_moved(one) else None
        if old and change:
            yield _finding(old, *change)


def _place_of(one: EcrRepository) -> tuple[str, str, str]:
    """What Terraform knows the repository by: its module, its address and its key."""
    return one.resource.module.folder, one.resource.address, one.given.label


def _is_moved(one: EcrRepository) -> bool:
    """Whether a `moved` or `removed` block speaks of the resource, so that its address is another repository's."""
    blocks = [block for body in one.resource.module.bodies for block in body.blocks]
    return any(
        one.resource.address in block.text[block.span]
        for block in blocks
        if block.type in ("moved", "removed")
    )


def _change(old: EcrRepository, new: EcrRepository) -> tuple[str, str, str, Location] | None:
    """What is changed, from what to what, and where, if that replaces the repository."""
    if old.name and new.name and old.name != new.name:
        return "name", old.name, new.name, new.resource.location("name")
    block = _block(new)
    if block is None:
        return None
    before, after = _type(old), _type(new)
    if before and after and before != after:
        attribute = block.body.attribute("encryption_type")
        return "encryption", before, after, _place(block, attribute)
    one, other = _key(old), _key(new)
    if before == after and one and other and _differ(new, one, other):
        texts = [key.value.text[key.value.span].strip('"') for key in (one, other)]
        return "key", texts[0], texts[1], _place(block, other)
    return None


def _block(one: EcrRepository) -> Block | None:
    blocks = one.resource.block.body.of_type("encryption_configuration")
    return blocks[0] if len(blocks) == 1 else None


def _type(one: EcrRepository) -> str | None:
    """The encryption's type; None if it is not known."""
    body = one.resource.block.body
    if body.of_type("dynamic", "encryption_configuration"):
        return None
    block = _block(one)
    if block is None or block.body.attribute("encryption_type") is None:
        return _DEFAULT
    return text_of(one.resource.module, block, "encryption_type")


def _key(one: EcrRepository) -> Attribute | None:
    block = _block(one)
    return block.body.attribute("kms_key") if block else None


def _differ(new: EcrRepository, before: Attribute, after: Attribute) -> bool:
    """Whether two keys certainly are not one: different literals, or two keys that are both still declared."""
    if isinstance(before.value, Traversal) and isinstance(after.value, Traversal):
        names = before.value.names[:2]
        declared = {resource.address for resource in new.resource.module.of_type("aws_kms_key")}
        return (
            names != after.value.names[:2] and {".".join(names), ".".join(after.value.names[:2])} <= declared
        )
    module = new.resource.module
    texts = [module.value(key.value).literal for key in (before, after)]
    return None not in texts and texts[0] != texts[1]


def _place(block: Block, attribute: Attribute | None) -> Location:
    return Location(block.text, attribute.span if attribute else block.header)


def _finding(old: EcrRepository, what: str, before: str, after: str, place: Location) -> Finding:
    forced = old.resource.value("force_delete")
    is_forced = forced is not None and forced.literal == "true"
    outcome = (
        "`force_delete` is on: the apply deletes the repository with every image in it, and makes an empty one."
        if is_forced
        else "The apply fails, because ECR deletes no repository with images in it; forced, every image is lost."
    )
    return Finding(
        message=(
            f"The {what} of {code(old.name or old.resource.address)} changes from {code(before)} to {code(after)}, "
            "and ECR can't change it: Terraform replaces the repository."
        ),
        consequence=outcome,
        location=place,
    )
