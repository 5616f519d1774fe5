"""ECR repository has no lifecycle policy

ECR keeps every image until someone deletes it. Without a lifecycle policy a repository grows with each push,
untagged leftovers of moved tags and of failed builds among them, and the bill with it.

Expire untagged images after some days; how many others to keep depends on what runs.

The repositories of a file are told together. The check looks at those with a known name and at the policies of the same module. It is silent where a
policy of the module may be the repository's, where another file speaks of lifecycle policies or deletes images by a command, for repositories
with `count` or `for_each`, for mirrors of a name in another region, and for those of tests and lessons that go with all their images (`force_delete`).

References:

- https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
- https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecr_lifecycle_policy
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Applicability,
    Attention,
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
from checks.facts.ecr import EcrRepository
from checks.facts.lifecycle import LifecyclePolicy
from checks.facts.mention import Mention
from checks.facts.tree import add_at_end

_ELSEWHERE = Mention(r"put-lifecycle-policy|batch-delete-image")
_POLICY = """\
resource "aws_ecr_lifecycle_policy" "{name}" {{
{where}  repository = aws_ecr_repository.{name}.name

  policy = jsonencode({{
    rules = [
      {{
        rulePriority = 1
        description  = "Expire untagged images after 7 days"
        selection = {{
          tagStatus   = "untagged"
          countType   = "sinceImagePushed"
          countUnit   = "days"
          countNumber = 7
        }}
        action = {{ type = "expire" }}
      }}
    ]
  }})
}}"""

_CALLERS = """\
-- main.tf --
module "web" {
  source = "./modules/repository"
  name   = "web"
}
module "jobs" {
  source = "./modules/repository"
  name   = "jobs"
}
"""
_CALLED = """\
-- modules/repository/main.tf --
variable "name" { type = string }
resource "aws_ecr_repository" "one" {
  name                 = var.name
  image_tag_mutability = "MUTABLE"
}
"""

check = Check(
    id="no-lifecycle-policy",
    doc=__doc__,
    severity=Severity.NOTE,
    kinds=(Kind.TERRAFORM,),
    fix=Applicability.DISPLAY,
    scope=Scope.REPOSITORY,
    attention=Attention.CHECK_RUN,
    tags=("ecr", "lifecycle"),
    examples=(
        Example(
            title="a repository alone",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "MUTABLE"
}
""",
            at='resource "aws_ecr_repository" "web"',
            fixed="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "MUTABLE"
}

resource "aws_ecr_lifecycle_policy" "web" {
  repository = aws_ecr_repository.web.name

  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "Expire untagged images after 7 days"
        selection = {
          tagStatus   = "untagged"
          countType   = "sinceImagePushed"
          countUnit   = "days"
          countNumber = 7
        }
        action = { type = "expire" }
      }
    ]
  })
}
""",
        ),
        Example(
            title="tags that never move: nothing becomes untagged",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "charts" {
  name                 = "charts"
  image_tag_mutability = "IMMUTABLE"
}
""",
            at='resource "aws_ecr_repository" "charts"',
        ),
        Example(
            title="a repository of another provider",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "mail" {
  provider             = aws.virginia
  name                 = "mail"
  image_tag_mutability = "MUTABLE"
}
""",
            at='resource "aws_ecr_repository" "mail"',
            fixed="""\
-- ecr.tf --
resource "aws_ecr_repository" "mail" {
  provider             = aws.virginia
  name                 = "mail"
  image_tag_mutability = "MUTABLE"
}

resource "aws_ecr_lifecycle_policy" "mail" {
  provider   = aws.virginia
  repository = aws_ecr_repository.mail.name

  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "Expire untagged images after 7 days"
        selection = {
          tagStatus   = "untagged"
          countType   = "sinceImagePushed"
          countUnit   = "days"
          countNumber = 7
        }
        action = { type = "expire" }
      }
    ]
  })
}
""",
        ),
        Example(
            title="two of one file",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "MUTABLE"
}
resource "aws_ecr_repository" "jobs" {
  name                 = "jobs"
  image_tag_mutability = "MUTABLE"
}
""",
            at='resource "aws_ecr_repository" "web"',
            fixed="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "MUTABLE"
}
resource "aws_ecr_repository" "jobs" {
  name                 = "jobs"
  image_tag_mutability = "MUTABLE"
}
"""
            + "".join(f"\n{_POLICY.format(name=name, where='')}\n" for name in ("web", "jobs")),
        ),
        Example(
            title="a module that makes one for each of its callers",
            files=_CALLERS + _CALLED,
            at='resource "aws_ecr_repository" "one"',
            fixed=_CALLED + "\n" + _POLICY.format(name="one", where="") + "\n",
        ),
        Example(
            title="a name in two regions; a module that is given a policy; a repository of a lesson",
            files="""\
-- lessons/.workshop/ecr.tf --
resource "aws_ecr_repository" "lesson" {
  name                 = "lesson"
  image_tag_mutability = "MUTABLE"
  force_delete         = true
}
-- two/ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "MUTABLE"
}
resource "aws_ecr_repository" "west" {
  provider             = aws.west
  name                 = "web"
  image_tag_mutability = "MUTABLE"
}
-- module/ecr.tf --
resource "aws_ecr_repository" "jobs" {
  name                 = "jobs"
  image_tag_mutability = "MUTABLE"
}
module "policies" {
  source                      = "terraform-aws-modules/ecr/aws"
  repository_lifecycle_policy = jsonencode({ rules = [] })
}
""",
        ),
        Example(
            title="each image has a tag of its own: expiring untagged ones would keep them all",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "bot" {
  name                 = "bot"
  image_tag_mutability = "IMMUTABLE"
}
-- .github/workflows/push.yml --
on: {push: {branches: [main]}}
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {push: true, tags: '123456789012.dkr.ecr.us-east-1.amazonaws.com/bot:${{ github.sha }}'}
""",
            at='resource "aws_ecr_repository" "bot"',
        ),
        Example(
            title="a workflow puts the policy",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "MUTABLE"
}
-- .github/workflows/policies.yml --
on: workflow_dispatch
jobs:
  policies:
    runs-on: ubuntu-latest
    steps:
      - run: aws ecr put-lifecycle-policy --repository-name web --lifecycle-policy-text file://policy.json
""",
        ),
        Example(
            title="a policy, one that may be its own, repositories by the dozen",
            files="""\
-- a/ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "MUTABLE"
}
resource "aws_ecr_lifecycle_policy" "web" {
  repository = aws_ecr_repository.web.name
  policy     = file("policy.json")
}
-- b/ecr.tf --
variable "all" {}
resource "aws_ecr_repository" "jobs" {
  name                 = "jobs"
  image_tag_mutability = "MUTABLE"
}
resource "aws_ecr_lifecycle_policy" "all" {
  for_each   = var.all
  repository = each.value
  policy     = file("policy.json")
}
-- c/ecr.tf --
variable "all" {}
resource "aws_ecr_repository" "all" {
  for_each             = var.all
  name                 = each.key
  image_tag_mutability = "MUTABLE"
}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    kinds = (Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT, Kind.MAKEFILE)
    if any(_ELSEWHERE.is_in(text.content) for kind in kinds for text in repo.texts(kind)):
        return
    open_modules = {policy.module for policy in repo.lifecycle_policies if _may_be_of_any(policy)}
    found: dict[str, list[EcrRepository]] = {}
    for name, one in repo.ecr_by_name.items():
        has_policy = one.resource.module in open_modules or repo.lifecycle_policies_of[one]
        if name and not one.resource.is_repeated and not has_policy and not one.is_thrown_away:
            found.setdefault(one.resource.text.path, []).append(one)
    for those in found.values():
        in_order = sorted(those, key=lambda one: one.resource.block.header.start)
        yield _finding(in_order, are_tagged_anew=any(_is_tagged_anew(repo, one) for one in in_order))


def _is_tagged_anew(repo: Repository, one: EcrRepository) -> bool:
    """Whether a push here gives the images of a repository tags of their own, so that none of them loses its last."""
    pushes = (push for push in repo.pushes if push.reference.path.literal == one.name)
    return any(push.reference.tag is not None and push.reference.tag.literal is None for push in pushes)


def _finding(those: list[EcrRepository], *, are_tagged_anew: bool) -> Finding:
    """Of the repositories of one file, where a module's resource makes one for each of its callers."""
    first = those[0]
    never_move = any(one.mutability == "IMMUTABLE" for one in those)
    withheld = (
        "each push has a tag of its own: how many of them to keep is not ours to say"
        if are_tagged_anew
        else "tags that never move leave no image untagged: how many to keep is not ours to say"
        if never_move
        else ""
    )
    one_each = list({id(one.resource.block): one for one in those}.values())
    others = those[1:]
    more = f" and {len(others)} more repositor{'ies' if len(others) > 1 else 'y'}" if others else ""
    return Finding(
        message=f"{code(first.name or '')}{more} {'have' if others else 'has'} no lifecycle policy.",
        consequence=f"ECR keeps every image that is ever pushed to {'them' if others else 'it'}, untagged ones too.",
        location=Location(first.resource.text, first.resource.block.header),
        related=tuple(
            Location(one.resource.text, one.resource.block.header, "has none either") for one in one_each[1:]
        ),
        fixes=() if withheld else _expiry(one_each),
        withheld=withheld,
    )


def _may_be_of_any(policy: LifecyclePolicy) -> bool:
    """Whether it is not known of which repository of its module a policy is."""
    return not policy.is_resource or policy.target is None or policy.is_repeated


def _expiry(those: list[EcrRepository]) -> tuple[Fix, ...]:
    resource = those[0].resource
    body = next(body for body in resource.module.bodies if body.text is resource.text)
    policies = (_POLICY.format(name=one.resource.name, where=_where(one)) for one in those)
    edit = add_at_end(body, "\n\n".join(policies))
    return offer("expire untagged images after 7 days", Applicability.DISPLAY, edit)


def _where(one: EcrRepository) -> str:
    """The lines that put the policy into the account and the region of its repository."""
    body = one.resource.block.body
    written = ((name, body.get(name)) for name in ("provider", "region"))
    return "".join(f"  {name:10} = {it.text[it.span]}\n" for name, it in written if it is not None)
