"""Lifecycle rule archives an image that is deployed

`transition` moves an image to the archive, and an archived image can't be pulled: the registry answers 404
until someone restores it. A rule that counts from the push does not look at whether the image runs. So long
as no pod moves nothing is seen; when a node is replaced or the workload scales, the pull fails,
`ImagePullBackOff`.

Count from the last pull, `sinceImagePulled`, and leave more time than the longest-lived node has: a node that
has the image already does not pull it again.

The check speaks if the tag is written out in a manifest, the rule certainly selects it, and it acts within
180 days; counted from the last pull it is a note. It is silent where something in the repository writes
images into manifests, and for files of tests, examples and development.

References:

- https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive-image.html
- https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
- https://kubernetes.io/docs/concepts/containers/images/#imagepullbackoff
"""

from __future__ import annotations

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
from checks.facts.deployment.deployments import DeployedImage
from checks.facts.ecr.lifecycle import LifecyclePolicy, Rule
from checks.facts.ecr.lifecycle_selection import Selector
from checks.facts.identity.policy_edits import replace_text
from checks.facts.image.image_writers import is_marked
from checks.facts.image.tag_shapes import rule_of
from checks.facts.terraform.documents import Leaf

_PUSHED, _PULLED = "sinceImagePushed", "sinceImagePulled"
_LONG = 180
"""Days after which a manifest that still names the image is rather forgotten than waiting for its next release."""

_ALL = """\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_lifecycle_policy" "web" {
  repository = aws_ecr_repository.web.name
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        selection    = { tagStatus = "any", countType = "sinceImagePushed", countUnit = "days", countNumber = 30 }
        action       = { type = "transition", targetStorageClass = "archive" }
      }
    ]
  })
}
"""
_POD = """\
-- deploy/web.yaml --
apiVersion: v1
kind: Pod
spec:
  containers:
    - image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:v1.2.3
"""

check = Check(
    id="lifecycle-archives-images-in-use",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(
        Kind.TERRAFORM,
        Kind.KUBERNETES,
        Kind.HELM_VALUES,
        Kind.COMPOSE,
        Kind.WORKFLOW,
        Kind.ACTION,
        Kind.SCRIPT,
        Kind.MAKEFILE,
    ),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("deploy", "ecr", "lifecycle"),
    examples=(
        Example(
            title="thirty days after the push, and a Deployment of a release",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_lifecycle_policy" "web" {
  repository = aws_ecr_repository.web.name
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        selection = {
          tagStatus      = "tagged"
          tagPatternList = ["v*"]
          countType      = "sinceImagePushed"
          countUnit      = "days"
          countNumber    = 30
        }
        action = { type = "transition", targetStorageClass = "archive" }
      }
    ]
  })
}
-- deploy/web.yaml --
apiVersion: apps/v1
kind: Deployment
spec:
  template:
    spec:
      containers:
        - image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:v1.2.3
""",
            at='countType      = "sinceImagePushed"',
            fixed="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_lifecycle_policy" "web" {
  repository = aws_ecr_repository.web.name
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        selection = {
          tagStatus      = "tagged"
          tagPatternList = ["v*"]
          countType      = "sinceImagePulled"
          countUnit      = "days"
          countNumber    = 180
        }
        action = { type = "transition", targetStorageClass = "archive" }
      }
    ]
  })
}
""",
        ),
        Example(
            title="sixty days after the last pull, in JSON, and an ECS task",
            files="""\
-- main.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_lifecycle_policy" "web" {
  repository = aws_ecr_repository.web.name
  policy     = <<JSON
{
  "rules": [
    {
      "rulePriority": 1,
      "selection": {"tagStatus": "any", "countType": "sinceImagePulled", "countUnit": "days", "countNumber": 60},
      "action": {"type": "transition", "targetStorageClass": "archive"}
    }
  ]
}
JSON
}
resource "aws_ecs_task_definition" "web" {
  family                = "web"
  container_definitions = jsonencode([{ name = "web", image = "${aws_ecr_repository.web.repository_url}:v1.2.3" }])
}
""",
            at='"countType": "sinceImagePulled"',
            fixed="""\
-- main.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_lifecycle_policy" "web" {
  repository = aws_ecr_repository.web.name
  policy     = <<JSON
{
  "rules": [
    {
      "rulePriority": 1,
      "selection": {"tagStatus": "any", "countType": "sinceImagePulled", "countUnit": "days", "countNumber": 180},
      "action": {"type": "transition", "targetStorageClass": "archive"}
    }
  ]
}
JSON
}
resource "aws_ecs_task_definition" "web" {
  family                = "web"
  container_definitions = jsonencode([{ name = "web", image = "${aws_ecr_repository.web.repository_url}:v1.2.3" }])
}
""",
        ),
        Example(
            title="long after the push, other tags, an earlier rule that keeps it, an example, expiry",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_repository" "jobs" {
  name                 = "jobs"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_lifecycle_policy" "web" {
  repository = aws_ecr_repository.web.name
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        selection    = { tagStatus = "tagged", tagPrefixList = ["v"], countType = "sinceImagePushed", countUnit = "days", countNumber = 365 }
        action       = { type = "transition", targetStorageClass = "archive" }
      },
      {
        rulePriority = 2
        selection    = { tagStatus = "tagged", tagPrefixList = ["sha-"], countType = "sinceImagePushed", countUnit = "days", countNumber = 30 }
        action       = { type = "transition", targetStorageClass = "archive" }
      },
      {
        rulePriority = 3
        selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = 30 }
        action       = { type = "transition", targetStorageClass = "archive" }
      }
    ]
  })
}
resource "aws_ecr_lifecycle_policy" "jobs" {
  repository = aws_ecr_repository.jobs.name
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        selection    = { tagStatus = "any", countType = "sinceImagePushed", countUnit = "days", countNumber = 90 }
        action       = { type = "expire" }
      }
    ]
  })
}
-- deploy/web.yaml --
apiVersion: v1
kind: Pod
spec:
  containers:
    - image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:v1.2.3
    - image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/jobs:v1.2.3
-- examples/web.yaml --
apiVersion: v1
kind: Pod
spec:
  containers:
    - image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:sha-0123456
""",
        ),
        Example(
            title="a tool writes the tag, as a comment says; a policy for each of many; another file of values",
            files=_ALL
            + """\
-- deploy/web.yaml --
apiVersion: v1
kind: Pod
spec:
  containers:
    - image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:v1.2.3 # x-release-please-version
""",
        ),
        Example(
            title="a policy for each of many",
            files=_ALL.replace("  repository = aws_ecr_repository.web.name", "  count      = 2\n  repository = aws_ecr_repository.web.name")
            + _POD,
        ),
        Example(
            title="days that a variable gives",
            files=_ALL.replace("countNumber = 30", "countNumber = local.days") + "-- locals.tf --\nlocals {\n  days = 30\n}\n" + _POD,
            at='countType = "sinceImagePushed"',
        ),
        Example(
            title="a workflow writes the tag on every release",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_lifecycle_policy" "web" {
  repository = aws_ecr_repository.web.name
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        selection    = { tagStatus = "any", countType = "sinceImagePushed", countUnit = "days", countNumber = 30 }
        action       = { type = "transition", targetStorageClass = "archive" }
      }
    ]
  })
}
-- deploy/web.yaml --
apiVersion: v1
kind: Pod
spec:
  containers:
    - image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:v1.2.3
-- .github/workflows/deploy.yml --
on: {push: {tags: ['v*']}}
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - run: |
          yq -i '.spec.containers[0].image = "web:${{ github.ref_name }}"' deploy/web.yaml
          docker images
""",
        ),
    ),
)  # fmt: skip


def run(repo: Repository) -> Iterator[Finding]:
    policies = {
        one for one in repo.lifecycle_policies if one.is_resource and not one.is_repeated and _archives(one)
    }
    if not policies or repo.images_are_written:
        return
    told: set[Rule] = set()
    for image in repo.running_images:
        if image.tag is None or image.is_aside or is_marked(image.location.text):
            continue
        target = repo.declared(image.reference)
        for policy in repo.lifecycle_policies_of[target] if target else ():
            rule = rule_of(policy, [image.tag]) if policy in policies else None
            if rule is not None and rule.selector and _acts_soon(rule.selector) and rule not in told:
                told.add(rule)
                yield _finding(rule, rule.selector, image)


def _archives(policy: LifecyclePolicy) -> bool:
    return any(map(_acts_soon, policy.selectors or ()))


def _acts_soon(selector: Selector) -> bool:
    ages = selector.count_type in (_PUSHED, _PULLED)
    return ages and selector.action == "transition" and selector.count_number < _LONG


def _finding(rule: Rule, selector: Selector, image: DeployedImage) -> Finding:
    field, place = rule.field("countType"), image.location
    is_pulled, days = selector.count_type == _PULLED, selector.count_number
    tag = code(str(image.tag))
    when = f"{days} days after {'its last pull' if is_pulled else 'it was pushed'}"
    return Finding(
        message=f"{tag} is deployed, and is archived {when}.",
        consequence=(
            "An archived image can't be pulled: when a node is replaced or the workload scales the registry answers "
            "404, `ImagePullBackOff`."
            + (" A node that has the image does not pull it again." if is_pulled else "")
        ),
        location=field.location if field else rule.location,
        related=(Location(place.text, place.span, "deploys it"),),
        fixes=_since_the_pull(rule),
        severity=Severity.NOTE if is_pulled else None,
    )


def _since_the_pull(rule: Rule) -> tuple[Fix, ...]:
    counted, number = rule.field("countType"), rule.field("countNumber")
    if counted is None or number is None or not isinstance(counted.value, Leaf):
        return ()
    if not number.value.text[number.value.span].isdecimal():
        return ()
    days = Edit(number.value.text.path, number.value.span, str(_LONG))
    kind = replace_text(counted.value, _PULLED) if counted.value.string != _PULLED else days
    return offer(
        f"archive it {_LONG} days after its last pull",
        Applicability.UNSAFE,
        kind,
        days,
        caution=f"Do nodes or standby replicas run for more than {_LONG} days without a pull?",
    )
