"""ECR repository has no lifecycle policy

ECR keeps every image until someone deletes it. Without a lifecycle policy a repository grows with each push,
untagged leftovers of moved tags and of failed builds among them, and the bill with it.

Expire untagged images after some days: that deletes what moved tags leave behind, and never an image that has
a tag. Where each image keeps a tag of its own, only a rule by count or age of tagged images deletes any;
which ones may go depends on what runs.

The repositories of a file are told together. The check looks at those with a known name and at the policies
of the same module.

It is silent

- where a policy of the module may be the repository's
- where a comment of the file speaks of lifecycle policies
- where another file puts one or deletes images by a command
- for repositories with `count` or `for_each`, and for mirrors of a name in another region
- for those of tests and lessons that go with all their images (`force_delete`)

References:

- https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
- https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecr_lifecycle_policy
"""

from __future__ import annotations

import re
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
from checks.facts.build.codebuild import tags_each_build
from checks.facts.deployment.deployments import DeployedImage, looked_up_images
from checks.facts.ecr.lifecycle import LifecyclePolicy
from checks.facts.ecr.repositories import EcrRepository
from checks.facts.image.references import Reference, changes_every_run
from checks.facts.mention import Mention
from checks.facts.tree import add_at_end
from checks.facts.value import Hole, Value
from checks.regex import regex

_ELSEWHERE = Mention(r"put-lifecycle-policy|batch-delete-image")
_EXPLAINED = regex(r"lifecycle[ _-]polic", re.IGNORECASE)
_NUMBERED = regex(
    r"(?:[a-z]{1,20}[._-])?(?:v?\d{1,9}\.\d{1,9}[\w.-]{0,100}|\d{2,20}|(?=[a-f]*\d)[0-9a-f]{7,40})"
)
"""A tag that stands for one build: its version, its number, its commit."""
_READ = frozenset((Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT))
"""The kinds of files whose commands are understood; of others the words are read."""
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

_ONE = """\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "MUTABLE"
}
"""
_OF_A_FOLDER = """\
-- ecr.tf --
resource "aws_ecr_repository" "web" {{
  name                 = "acme/web"
  image_tag_mutability = "MUTABLE"
}}
-- push.sh --
#!/bin/sh
docker push "$REGISTRY/{folder}/$1:$2"
docker push "$REGISTRY/{folder}/$1:latest"
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
            title="CodeBuild gives each image a tag of its own",
            files=_ONE
            + """\
-- buildspec.yml --
version: 0.2
env:
  variables:
    TAG: "$REVISION-$STARTED"
phases:
  pre_build:
    commands:
      - STARTED="$(date +%s)"
  post_build:
    commands:
      - docker push "$REPOSITORY:$TAG"
      - docker push "$REPOSITORY:latest"
""",
            at='resource "aws_ecr_repository" "web"',
        ),
        Example(
            title="a function runs the image of a number, which a lookup names",
            files=_ONE
            + """\
data "aws_ecr_image" "web" {
  repository_name = aws_ecr_repository.web.name
  image_tag       = "build-57"
}
resource "aws_lambda_function" "web" {
  function_name = "web"
  package_type  = "Image"
  image_uri     = data.aws_ecr_image.web.image_uri
}
""",
            at='resource "aws_ecr_repository" "web"',
        ),
        Example(
            title="a function runs a version, by the repository's address",
            files=_ONE
            + """\
resource "aws_lambda_function" "web" {
  function_name = "web"
  package_type  = "Image"
  image_uri     = "${aws_ecr_repository.web.repository_url}:1.4.2"
}
""",
            at='resource "aws_ecr_repository" "web"',
        ),
        Example(
            title="a function runs a tag that moves, and another repository has a number",
            files=_ONE
            + """\
data "aws_ecr_image" "api" {
  repository_name = "api"
  image_tag       = "build-57"
}
resource "aws_lambda_function" "web" {
  function_name = "web"
  package_type  = "Image"
  image_uri     = "${aws_ecr_repository.web.repository_url}:stable"
}
""",
            at='resource "aws_ecr_repository" "web"',
            fixed=_ONE
            + """\
data "aws_ecr_image" "api" {
  repository_name = "api"
  image_tag       = "build-57"
}
resource "aws_lambda_function" "web" {
  function_name = "web"
  package_type  = "Image"
  image_uri     = "${aws_ecr_repository.web.repository_url}:stable"
}

"""
            + _POLICY.format(name="web", where="")
            + "\n",
        ),
        Example(
            title="a tag that whoever calls the script gives",
            files=_ONE
            + """\
-- push.sh --
#!/bin/sh
docker push "123456789012.dkr.ecr.us-east-1.amazonaws.com/$1:$2"
""",
            at='resource "aws_ecr_repository" "web"',
        ),
        Example(
            title="the same to a registry and a repository of which the script names the folder",
            files=_OF_A_FOLDER.format(folder="acme"),
            at='resource "aws_ecr_repository" "web"',
        ),
        Example(
            title="images of another folder",
            files=_OF_A_FOLDER.format(folder="tools"),
            at='resource "aws_ecr_repository" "web"',
            fixed=_OF_A_FOLDER.format(folder="tools").partition("-- push.sh")[0]
            + "\n"
            + _POLICY.format(name="web", where="")
            + "\n",
        ),
        Example(
            title="a tag that moves with each push; an image that may be pushed anywhere",
            files=_ONE
            + """\
-- push.sh --
#!/bin/sh
docker push 123456789012.dkr.ecr.us-east-1.amazonaws.com/web:main
docker push "$IMAGE"
-- buildspec.yml --
version: 0.2
phases:
  build:
    commands:
      - docker build --build-arg COMMIT=$CODEBUILD_RESOLVED_SOURCE_VERSION -t $REPOSITORY:main .
      - docker push $REPOSITORY:main
""",
            at='resource "aws_ecr_repository" "web"',
            fixed=_ONE + "\n" + _POLICY.format(name="web", where="") + "\n",
        ),
        Example(
            title="a comment says that there is none on purpose",
            files="""\
-- ecr.tf --
# What went to production is kept for audits: no lifecycle policy here.

resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "MUTABLE"
}
""",
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
    kinds = (*_READ, Kind.MAKEFILE)
    if any(_ELSEWHERE.is_in(text.content) for kind in kinds for text in repo.texts(kind)):
        return
    open_modules = {policy.module for policy in repo.lifecycle_policies if _may_be_of_any(policy)}
    found: dict[str, list[EcrRepository]] = {}
    for name, one in repo.ecr_by_name.items():
        has_policy = one.resource.module in open_modules or repo.lifecycle_policies_of[one]
        is_meant = one.is_thrown_away or _is_explained(one)
        if name and not (one.resource.is_repeated or has_policy or is_meant):
            found.setdefault(one.resource.text.path, []).append(one)
    for those in found.values():
        in_order = sorted(those, key=lambda one: one.resource.block.header.start)
        yield _finding(in_order, next(filter(None, (_why_not(repo, one) for one in in_order)), ""))


def _is_explained(one: EcrRepository) -> bool:
    """Whether a comment of the file speaks of lifecycle policies: one that is elsewhere, or left out for a reason."""
    resource = one.resource
    comments = (it for body in resource.module.bodies if body.text is resource.text for it in body.comments)
    return any(_EXPLAINED.search(resource.text[it.span]) for it in comments)


def _why_not(repo: Repository, one: EcrRepository) -> str:
    """Why expiring untagged images may delete none of a repository; empty where tags move as far as is known."""
    pushes = [push for push in repo.pushes if _may_be_of(push.reference, one)]
    others = (text for path, text in repo.snapshot.texts.items() if repo.kinds.get(path) not in _READ)
    tagged = next((it.location.path for it in pushes if changes_every_run(it.reference.tag_or_default)), "")
    tagged = tagged or next((text.path for text in others if repo.memo(tags_each_build, text)), "")
    if tagged:
        return (
            f"{code(tagged)} gives each image a tag of its own, which it keeps: a rule by count or age of tagged images is "
            "yours to choose, since it may delete what runs"
        )
    deployed = _numbered(repo, one)
    if deployed is not None:
        return (
            f"{code(deployed.location.path)} deploys {code(str(deployed.tag))}: where each image keeps such a tag of its own, only a "
            "rule by count or age of tagged images deletes any, which is yours to choose, since it may delete what runs"
        )
    if one.mutability == "IMMUTABLE":
        return "tags that never move leave no image untagged: how many to keep is not ours to say"
    known = [it for it in pushes if it.reference.is_ecr or _says_a_name(it.reference.path)]
    unknown = next((it.location.path for it in known if it.reference.tag_or_default.is_unknown), "")
    if unknown:
        return (
            f"which tags {code(unknown)} pushes is not known here, and where each image keeps one of its own, only a rule by "
            "count or age of tagged images deletes any"
        )
    return ""


def _numbered(repo: Repository, one: EcrRepository) -> DeployedImage | None:
    """What a Lambda function, an ECS task or a lookup of Terraform names of a repository by a tag that counts builds."""
    looked_up = repo.memo(looked_up_images, repo.terraform, repo.ecr_repositories)
    images = (*looked_up, *repo.task_images, *(function.image for function in repo.function_images))
    return next(
        (
            it
            for it in images
            if it.reference.is_ecr and it.reference.path.literal == one.name
            if it.tag is not None and _NUMBERED.fullmatch(it.tag.literal or "")
        ),
        None,
    )


def _may_be_of(image: Reference, one: EcrRepository) -> bool:
    """Whether an image is pushed to a repository, or may be, as its name is not known."""
    may_be_ecr = image.is_ecr or all(isinstance(part, Hole) for part in image.host.parts)
    return may_be_ecr and _fits(image.path, one.name or "")


def _fits(path: Value, name: str) -> bool:
    """Whether a path may be a name: what is known of it stands there, at the ends where it does in the path."""
    if path.literal is not None:
        return path.literal == name
    first, last = path.parts[0], path.parts[-1]
    return (
        (isinstance(first, Hole) or name.startswith(first))
        and (isinstance(last, Hole) or name.endswith(last))
        and all(part in name for part in path.parts if isinstance(part, str))
    )


def _says_a_name(path: Value) -> bool:
    """Whether a part of a path is known, so that it is one of a few repositories."""
    return any(isinstance(part, str) and part.strip("/.-_") for part in path.parts)


def _finding(those: list[EcrRepository], withheld: str) -> Finding:
    """Of the repositories of one file, where a module's resource makes one for each of its callers."""
    first = those[0]
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
    return offer("expire untagged images after 7 days, and none with a tag", Applicability.DISPLAY, edit)


def _where(one: EcrRepository) -> str:
    """The lines that put the policy into the account and the region of its repository."""
    body = one.resource.block.body
    written = ((name, body.get(name)) for name in ("provider", "region"))
    return "".join(f"  {name:10} = {it.text[it.span]}\n" for name, it in written if it is not None)
