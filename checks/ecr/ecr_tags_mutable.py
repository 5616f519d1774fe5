"""Tags of an ECR repository can be overwritten

With `image_tag_mutability` `MUTABLE`, which is the default, whoever can push can put another image under a
tag that is in use. What a deployment named yesterday is not what it starts today; a scan or a review of the
tag says nothing about it.

Set `IMMUTABLE`. Where a workflow moves a tag on purpose, set `IMMUTABLE_WITH_EXCLUSION` with a filter for
that tag; AWS provider 6.8.0 or newer knows it. Makefiles, bake files, lookups of `latest` by an
`aws_ecr_image`, and images that run by the URL of the repository without a tag, are read by their words: the
fix leaves that tag out.

It is a note unless workflows here certainly push each image under a tag of its own, so that nothing is known
to need tags that move.

The check is silent

- for repositories that are named, as their folder may be, for caches, mirrors, tests, previews, development
  or what is archived
- where a comment in the resource or right above it speaks of mutable tags, or tells another scanner not to
- where tags are moved here: CodeBuild pushes the latest, a script gives images other tags by `put-image`, or
  a workflow moves a tag in a repository whose name it is handed
- for both modes with exclusions, and where the mode is not known, or is a variable's, which whoever uses the
  module chooses
- in modules that others give the whole name

References:

- https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
- https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecr_repository
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
    Edit,
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
from checks.facts.build.codebuild import is_buildspec, may_push_latest
from checks.facts.ecr.repositories import EcrRepository, names_shown, one_of_each
from checks.facts.image.moved_latest import places_of_latest, uses_of_latest
from checks.facts.image.references import is_moving
from checks.facts.tree import add_attribute, add_block, replace_value_of
from checks.facts.value import Hole, Value, Varies
from checks.regex import regex

_PASSING = regex(
    r"(?:^|[-_/])(?:cache|buildcache|dev|devel|sandbox|tests?|tmp|temp|preview|scratch|playground|pr|reviews?|mirrors?|mirrored|proxy|deleted|archived|deprecated)(?:$|[-_/])"
)
_EXPLAINED = regex(r"mutab|overwr|latest|moving|retag|\b(?:AWS078|AWS-0031)\b", re.IGNORECASE)
_PUT_IMAGE = "ecr put-image"
_FILTERS_SINCE = (6, 8, 0)
_MOST_FILTERS = 5
_EACH = """\
-- ecr.tf --
locals {
  names = ["web", "api"]
}
resource "aws_ecr_repository" "all" {
  for_each             = toset(local.names)
  name                 = "acme/${each.key}"
  image_tag_mutability = "MUTABLE"
}
"""
_PREFIXED = """\
-- ecr.tf --
variable "prefix" {}
resource "aws_ecr_repository" "web" {
  name                 = "${var.prefix}acme/web"
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
_BUT_LATEST = (
    '"MUTABLE"\n',
    """\
"IMMUTABLE_WITH_EXCLUSION"

  image_tag_mutability_exclusion_filter {
    filter      = "latest"
    filter_type = "WILDCARD"
  }
""",
)

check = Check(
    id="ecr-tags-mutable",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.TERRAFORM, Kind.MAKEFILE, Kind.BAKE),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("ecr", "tags", "security"),
    security_severity=5.0,
    peers=("checkov:CKV_AWS_51",),
    examples=(
        Example(
            title="no mode, which is `MUTABLE`",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name         = "web"
  force_delete = false
}
""",
            at='resource "aws_ecr_repository" "web"',
            fixed="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
  force_delete         = false
}
""",
        ),
        Example(
            title="`MUTABLE`, and a workflow that moves a tag",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "MUTABLE"
}
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:stable'}
""",
            at='image_tag_mutability = "MUTABLE"',
            fixed="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE_WITH_EXCLUSION"

  image_tag_mutability_exclusion_filter {
    filter      = "stable"
    filter_type = "WILDCARD"
  }
}
""",
        ),
        Example(
            title="a workflow that moves a tag in a repository that a secret names",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "MUTABLE"
}
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: '${{ secrets.ECR_REPOSITORY_URL }}:latest'}
""",
        ),
        Example(
            title="a comment of another resource; a tag that is not known, and six that move",
            files="""\
-- ecr.tf --
# the repository moves to another account next year
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "MUTABLE"
}
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:${{ inputs.tag }}'}
""",
            at='image_tag_mutability = "MUTABLE"',
        ),
        Example(
            title="immutable, with exclusions, a cache, a comment, a mode that is not known, one that goes with its test",
            files="""\
-- test/cluster/main.tf --
resource "aws_ecr_repository" "operator" {
  name         = "operator-${random_string.suffix.result}"
  force_delete = true
}
-- environments/dev/ecr.tf --
resource "aws_ecr_repository" "web" {
  name = "web"
}
-- ecr.tf --
variable "mode" {}
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_repository" "mixed" {
  name                 = "mixed"
  image_tag_mutability = "MUTABLE_WITH_EXCLUSION"

  image_tag_mutability_exclusion_filter {
    filter      = "v*"
    filter_type = "WILDCARD"
  }
}
resource "aws_ecr_repository" "review" {
  name = "web/pr-review"
}
resource "aws_ecr_repository" "mirror" {
  name = "mirror/redis"
}
resource "aws_ecr_repository" "nightly" {
  name                 = "nightly"
  image_tag_mutability = "MUTABLE" #tfsec:ignore:AWS078
}
resource "aws_ecr_repository" "cache" {
  name = "web/cache"
}
resource "aws_ecr_repository" "deleted_repositories" {
  for_each             = toset(["old"])
  name                 = each.key
  image_tag_mutability = "MUTABLE"
}
resource "aws_ecr_repository" "moving" {
  name = "moving"
  # deployments follow latest
  image_tag_mutability = "MUTABLE"
}
resource "aws_ecr_repository" "unknown" {
  name                 = "unknown"
  image_tag_mutability = var.mode
}
variable "chosen" { default = "MUTABLE" }
resource "aws_ecr_repository" "chosen" {
  name                 = "chosen"
  image_tag_mutability = var.chosen
}
""",
        ),
        Example(
            title="a comment right above tells another scanner not to",
            files="""\
-- ecr.tf --
#tfsec:ignore:AWS093 tfsec:ignore:AWS078
resource "aws_ecr_repository" "web" {
  name = "web"
}
""",
        ),
        Example(
            title="CodeBuild pushes the latest",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name = "web"
}
resource "aws_codebuild_project" "web" {
  environment {
    environment_variable {
      name  = "TAG"
      value = "latest"
    }
  }
}
-- buildspec.yml --
phases:
  build:
    commands:
      - docker build -t $REPOSITORY:$TAG .
      - docker push $REPOSITORY:$TAG
""",
        ),
        Example(
            title="CodeBuild pushes the latest, by a file of another name",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name = "acme/web"
}
-- codebuild/web-image.yml --
version: 0.2
phases:
  build:
    commands:
      - docker build -t $REGISTRY/acme/web:latest .
      - docker push $REGISTRY/acme/web:latest
""",
        ),
        Example(
            title="another tool's phases, in which the latest is pushed",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "acme/web"
  image_tag_mutability = "MUTABLE"
}
-- codebuild/web-image.yml --
version: 2
phases:
  - docker build -t $REGISTRY/acme/web:latest .
  - docker push $REGISTRY/acme/web:latest
""",
            at='image_tag_mutability = "MUTABLE"',
        ),
        Example(
            title="a workflow pushes the latest and the commit of a day; another builds under a name that only looks like it",
            files=_ONE
            + """\
-- .github/workflows/publish.yml --
on: {push: {branches: [main]}}
env: {REGISTRY: 111122223333.dkr.ecr.eu-west-1.amazonaws.com}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - run: |
          docker build -t $REGISTRY/web:$GITHUB_SHA-`date +%F` -t $REGISTRY/web:latest .
          docker push $REGISTRY/web:$GITHUB_SHA-`date +%F`
          docker push $REGISTRY/web:latest
-- .github/workflows/check.yml --
on: pull_request
env: {REGISTRY: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - run: docker build -t $REGISTRY/web:latest .
""",
            at='image_tag_mutability = "MUTABLE"',
            fixed=_ONE.replace(*_BUT_LATEST),
        ),
        Example(
            title="a workflow only builds it under the name of the latest",
            files=_ONE
            + """\
-- .github/workflows/check.yml --
on: push
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - run: docker build -t local/web:latest .
""",
            at='image_tag_mutability = "MUTABLE"',
            fixed=_ONE.replace('"MUTABLE"', '"IMMUTABLE"'),
        ),
        Example(
            title="a workflow runs the latest, which somebody moves: no fix",
            files=_ONE
            + """\
-- .github/workflows/deploy.yml --
on: workflow_dispatch
jobs:
  web:
    runs-on: ubuntu-latest
    steps:
      - run: kubectl set image deployment/web web=$REGISTRY/web:latest
""",
            at='image_tag_mutability = "MUTABLE"',
        ),
        Example(
            title="CodeBuild pushes what it makes of the commit",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name         = "web"
  force_delete = false
}
-- buildspec.yml --
phases:
  build:
    commands:
      - docker build -t $REPOSITORY:$CODEBUILD_RESOLVED_SOURCE_VERSION .
      - docker push $REPOSITORY:$CODEBUILD_RESOLVED_SOURCE_VERSION
""",
            at='resource "aws_ecr_repository" "web"',
            fixed="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
  force_delete         = false
}
""",
        ),
        Example(
            title="a module, whose example alone gives the name",
            files="""\
-- main.tf --
variable "team" {}
variable "service" {}
resource "aws_ecr_repository" "this" {
  name = "${var.team}/${var.service}"
}
-- examples/simple/main.tf --
module "web" {
  source  = "../.."
  team    = "acme"
  service = "web"
}
""",
        ),
        Example(
            title="each of a list, of which a workflow moves a tag in one",
            files=_EACH
            + """\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/acme/web:stable'}
""",
            at='image_tag_mutability = "MUTABLE"',
            fixed=_EACH.replace(
                '"MUTABLE"\n',
                """\
"IMMUTABLE_WITH_EXCLUSION"

  image_tag_mutability_exclusion_filter {
    filter      = "stable"
    filter_type = "WILDCARD"
  }
""",
            ),
        ),
        Example(
            title="a moved tag, and a provider that knows no exclusions",
            files="""\
-- ecr.tf --
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.0" }
  }
}
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "MUTABLE"
}
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:stable'}
""",
            at='image_tag_mutability = "MUTABLE"',
        ),
        Example(
            title="modules, which others give the name",
            files="""\
-- main.tf --
variable "team" {}
variable "service" {}
resource "aws_ecr_repository" "this" {
  name = "${var.team}/${var.service}"
}
-- labelled/main.tf --
module "label" {
  source = "git::https://git.acme.test/label.git"
}
resource "aws_ecr_repository" "this" {
  count = 1
  name  = module.label.id
}
""",
        ),
        Example(
            title="a module, whose callers here give the name",
            files="""\
-- main.tf --
module "web" {
  source = "./repository"
  name   = "web"
}
-- repository/main.tf --
variable "name" {}
resource "aws_ecr_repository" "this" {
  name = var.name
}
""",
            at='resource "aws_ecr_repository" "this"',
            fixed="""\
-- repository/main.tf --
variable "name" {}
resource "aws_ecr_repository" "this" {
  name                 = var.name
  image_tag_mutability = "IMMUTABLE"
}
""",
        ),
        Example(
            title="a pipeline that is not read pushes its latest: no fix",
            files="""\
-- web/ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "MUTABLE"
}
-- web/.buildkite/pipeline.yml --
- plugins:
    - docker-compose#v5.12.0:
        push: web:111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:latest
""",
            at='image_tag_mutability = "MUTABLE"',
        ),
        Example(
            title="a Makefile pushes without a tag, which is `latest`, under a name that a variable holds",
            files=_PREFIXED
            + """\
-- web/Makefile --
IMAGE := $(REGISTRY)/$(PREFIX)acme/web
push:
	@docker build --tag $(IMAGE) \\
		--tag $(IMAGE):$(COMMIT) --push .
""",
            at='image_tag_mutability = "MUTABLE"',
            fixed=_PREFIXED.replace(*_BUT_LATEST),
        ),
        Example(
            title="a bake file names it without a tag",
            files=_PREFIXED
            + """\
-- docker-bake.hcl --
target "web" {
  tags = concat(["${REGISTRY}/web"], COMMIT != "" ? ["${REGISTRY}/web:${COMMIT}"] : [])
}
""",
            at='image_tag_mutability = "MUTABLE"',
            fixed=_PREFIXED.replace(*_BUT_LATEST),
        ),
        Example(
            title="Terraform looks the latest up",
            files=_PREFIXED
            + """\
-- jobs/main.tf --
variable "web_repository" {}
data "aws_ecr_image" "web" {
  repository_name = var.web_repository
  image_tag       = "latest"
}
""",
            at='image_tag_mutability = "MUTABLE"',
            fixed=_PREFIXED.replace(*_BUT_LATEST),
        ),
        Example(
            title="Terraform looks the latest up, and the provider can't leave it out: no fix",
            files=_PREFIXED
            + """\
-- versions.tf --
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.0" }
  }
}
-- jobs/main.tf --
variable "web_repository" {}
data "aws_ecr_image" "web" {
  repository_name = var.web_repository
  image_tag       = "latest"
}
""",
            at='image_tag_mutability = "MUTABLE"',
        ),
        Example(
            title="a task runs what the URL names, which is the latest",
            files=_PREFIXED
            + """\
-- tasks.tf --
resource "aws_ecs_task_definition" "web" {
  family                = "web"
  container_definitions = <<EOF
[{"name": "web",
  "image": "${aws_ecr_repository.web.repository_url}",
  "memory": 512}]
EOF
}
""",
            at='image_tag_mutability = "MUTABLE"',
            fixed=_PREFIXED.replace(*_BUT_LATEST),
        ),
        Example(
            title="a function of another module runs what the URL names, which an output hands on",
            files="""\
-- main.tf --
module "store" {
  source = "./store"
}
-- store/ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "MUTABLE"
}
output "web_repository_url" {
  value = aws_ecr_repository.web.repository_url
}
-- jobs/main.tf --
module "images" {
  source = "../store"
}
resource "aws_lambda_function" "web" {
  function_name = "web"
  package_type  = "Image"
  role          = "arn:aws:iam::111122223333:role/web"
  image_uri     = module.images.web_repository_url
}
""",
            at='image_tag_mutability = "MUTABLE"',
            fixed="""\
-- store/ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE_WITH_EXCLUSION"

  image_tag_mutability_exclusion_filter {
    filter      = "latest"
    filter_type = "WILDCARD"
  }
}
output "web_repository_url" {
  value = aws_ecr_repository.web.repository_url
}
""",
        ),
        Example(
            title="a task runs another repository's latest, and a version of this",
            files=_PREFIXED
            + """\
-- tasks.tf --
variable "release" {}
resource "aws_ecr_repository" "cache_api" {
  name                 = "api"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecs_task_definition" "web" {
  family = "web"
  container_definitions = jsonencode([
    {
      name  = "api"
      image = aws_ecr_repository.cache_api.repository_url
    },
    {
      name  = "web"
      image = "${aws_ecr_repository.web.repository_url}:${var.release}"
    },
  ])
}
""",
            at='image_tag_mutability = "MUTABLE"',
            fixed=_PREFIXED.replace('"MUTABLE"', '"IMMUTABLE"'),
        ),
        Example(
            title="a Makefile pushes another image's latest, and a commit's of this",
            files=_PREFIXED
            + """\
-- Makefile --
push:
	docker push $(REGISTRY)/api:latest
	docker push $(REGISTRY)/web:$(COMMIT)
""",
            at='image_tag_mutability = "MUTABLE"',
            fixed=_PREFIXED.replace('"MUTABLE"', '"IMMUTABLE"'),
        ),
        Example(
            title="a script gives an image that is there the tag of an environment",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "MUTABLE"
}
-- promote.sh --
aws ecr put-image --repository-name "$1" --image-tag "env.$2" --image-manifest "$MANIFEST"
""",
        ),
        Example(
            title="a workflow pushes the commit, and goes on",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "MUTABLE"
}
-- .github/workflows/release.yml --
on: {push: {branches: [main]}}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:${{ github.sha }}
      - run: ./deploy.sh
""",
            at='image_tag_mutability = "MUTABLE"',
            fixed="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    mutable = [one for one in repo.ecr_repositories if one.mutability == "MUTABLE" and not _is_passing(one)]
    for one in one_of_each(mutable):
        is_free = one.name is None and _is_for_others(one)
        is_meant = _is_chosen_elsewhere(one) or _is_explained(one) or _is_moved_unnamed(repo, one)
        if not (is_free or is_meant or _moves_in_codebuild(repo) or _gives_other_tags(repo)):
            yield _finding(repo, one, names_shown(one, mutable))


def _is_passing(one: EcrRepository) -> bool:
    names = (one.name or "", one.resource.name, one.resource.module.folder)
    return one.is_thrown_away or any(map(_PASSING.search, names))


def _is_chosen_elsewhere(one: EcrRepository) -> bool:
    """Whether a variable gives the mode: the value is its default, or what one caller of the module says."""
    written = one.resource.block.body.get("image_tag_mutability")
    return written is not None and "var." in written.text[written.span]


def _is_explained(one: EcrRepository) -> bool:
    """Whether a comment in the block, or right above it, speaks of the mode, or tells another scanner not to."""
    block, text = one.resource.block, one.resource.text
    comments = [it for body in one.resource.module.bodies if body.text is text for it in body.comments]
    by_line = {text.line_of(it.span.start): it for it in comments}
    line = text.line_of(block.span.start) - 1
    while line in by_line:
        if _EXPLAINED.search(text[by_line[line].span]):
            return True
        line -= 1
    return any(block.span.covers(it.span) and _EXPLAINED.search(text[it.span]) for it in comments)


def _moves_in_codebuild(repo: Repository) -> bool:
    """Whether CodeBuild pushes `latest`, which is read by words only."""
    specs = (text for text in repo.snapshot.texts.values() if is_buildspec(text))
    return any(repo.memo(may_push_latest, spec, repo.terraform) for spec in specs)


def _gives_other_tags(repo: Repository) -> bool:
    """Whether a script gives images that are there another tag, as where tags are what is deployed by."""
    return any(_PUT_IMAGE in text.content for text in repo.snapshot.texts.values())


def _finding(repo: Repository, one: EcrRepository, named: str) -> Finding:
    latest = _place_of_latest(repo, one)
    withheld = (
        "whoever uses the module would have no choice: make it a variable"
        if _is_for_others(one)
        else _moved_by_words(repo, one)
        or (_without_filters(latest) if latest and not _knows_filters(one) else "")
    )
    return Finding(
        message=f"The tags of {named} can be overwritten.",
        consequence=(
            "Whoever can push can put another image under a tag that is in use; what runs by that tag starts it next time."
        ),
        location=one.resource.location("image_tag_mutability"),
        related=(latest,) if latest else (),
        fixes=() if withheld else _fixes(repo, one, latest),
        withheld=withheld,
        severity=None if not (withheld or latest) and _is_tagged_anew(repo, one) else Severity.NOTE,
    )


def _place_of_latest(repo: Repository, one: EcrRepository) -> Location | None:
    """Where a file whose commands are not read moves `latest` in what may be this repository, or goes by it."""
    files = (tuple(repo.texts(Kind.MAKEFILE)), tuple(repo.texts(Kind.BAKE)))
    return next(places_of_latest(one, repo.ecr_repositories, repo.terraform, *files), None)


def _knows_filters(one: EcrRepository) -> bool:
    return one.resource.module.aws_provider_is_at_least(*_FILTERS_SINCE)


def _without_filters(latest: Location) -> str:
    return (
        f"{code(latest.path)} line {latest.line} needs a {code('latest')} that moves, and only AWS provider 6.8.0 or newer "
        "can leave that tag out"
    )


def _is_tagged_anew(repo: Repository, one: EcrRepository) -> bool:
    """Whether pushes here are known, each of them under tags that the next one does not move."""
    tags = [tag for image in repo.pushed_to.get(one, ()) for tag in image.tags]
    return bool(tags) and not any(_may_be_any(tag) or is_moving(tag) for tag in tags)


def _may_be_any(tag: Value) -> bool:
    """Whether a tag is not known, and nothing in it tells the commit or the run."""
    return tag.is_unknown and not any(hole.varies in (Varies.COMMIT, Varies.RUN) for hole in tag.holes)


def _is_for_others(one: EcrRepository) -> bool:
    """Whether nothing of the name is written: a module that others call."""
    name = one.resource.value("name")
    return name is not None and all(isinstance(part, Hole) or not part.strip("-_/") for part in name.parts)


def _is_moved_unnamed(repo: Repository, one: EcrRepository) -> bool:
    """Whether a tag certainly moves in what may be this repository, as one of the two names is not known."""
    for push in repo.pushes:
        image = push.reference
        first = (*image.host.parts, *image.path.parts)[:1]
        may_be_ecr = image.is_ecr or any(isinstance(part, Hole) for part in first)
        is_named = image.path.literal is not None and one.name is not None and not one.is_repeated
        if may_be_ecr and not is_named and is_moving(image.tag_or_default):
            return True
    return False


def _moved_by_words(repo: Repository, one: EcrRepository) -> str:
    """Where a file whose commands are not read moves a tag, by its words; empty if none does."""
    pushes = [push for image in repo.pushed_to.get(one, ()) for push in image.pushes]
    known = {push.location.path for push in pushes}
    is_known = any(push.reference.tag_or_default.literal == "latest" for push in pushes)
    for path, text in repo.snapshot.texts.items():
        if one.name and path not in known and not is_known and (does := uses_of_latest(text, one.name)):
            return f"{code(path)} {does}"
    return ""


def _fixes(repo: Repository, one: EcrRepository, latest: Location | None) -> tuple[Fix, ...]:
    block = one.resource.block
    made = (other for other in repo.ecr_repositories if other.resource.block is block)
    tags = [tag for other in made for image in repo.pushed_to.get(other, ()) for tag in image.tags]
    moving = {tag.literal for tag in tags if is_moving(tag)} | ({"latest"} if latest else set())
    filters = sorted(text for text in moving if text is not None)
    if any(map(_may_be_any, tags)) or None in moving or len(filters) > _MOST_FILTERS:
        return ()
    if not filters:
        caution = "Does anything outside this repository push a tag a second time?"
        return offer(
            "make the tags immutable", Applicability.UNSAFE, *_mode(one, "IMMUTABLE"), caution=caution
        )
    if not _knows_filters(one):
        return ()
    blocks = "\n\n".join(
        f'image_tag_mutability_exclusion_filter {{\n  filter      = "{text}"\n  filter_type = "WILDCARD"\n}}'
        for text in filters
    )
    return offer(
        "let only the tags move that are moved here",
        Applicability.UNSAFE,
        *_mode(one, "IMMUTABLE_WITH_EXCLUSION"),
        add_block(one.resource.block, blocks),
        caution="Does anything push another tag a second time, a build of the same commit perhaps?"
        if latest
        else "Does anything outside this repository move another tag?",
    )


def _mode(one: EcrRepository, mode: str) -> tuple[Edit | None, ...]:
    body = one.resource.block.body
    written, name = body.attribute("image_tag_mutability"), body.attribute("name")
    if written is not None:
        return (replace_value_of(written, f'"{mode}"'),)
    return (add_attribute(body, name, "image_tag_mutability", f'"{mode}"') if name else None) or (None,)
