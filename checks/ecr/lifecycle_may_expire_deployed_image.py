"""Lifecycle rule may expire an image that is deployed

A manifest names one image by its tag. The lifecycle rule for such tags keeps the newest few, and every push
to the branch makes another: after as many pushes ECR deletes the image that runs. Nothing happens until a
node is replaced or the workload scales; then the pull fails, `ImagePullBackOff`, weeks after the cause.

Keep more images than are ever pushed between two deployments, or give what is deployed a tag of its own with
a rule of its own.

The check speaks if the tag is written out in a manifest, the rule certainly selects it, keeps 10 images or
fewer or expires it within 30 days, and a workflow pushes more tags for the same rule from a branch. It is
silent where something in the repository writes images into manifests or deploys them by itself.

References:

- https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
- https://kubernetes.io/docs/concepts/containers/images/#imagepullbackoff
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from checks.check import (
    Applicability,
    Check,
    Edit,
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
from checks.facts.deployment.deployments import DeployedImage
from checks.facts.ecr.lifecycle import LifecyclePolicy, Rule
from checks.facts.ecr.lifecycle_selection import COUNT, Selector
from checks.facts.ecr.repositories import EcrRepository
from checks.facts.image.pushed_images import PushedImage
from checks.facts.image.references import changes_every_run, reference
from checks.facts.image.tag_shapes import must_select, rule_of
from checks.facts.mention import Mention
from checks.facts.terraform.documents import Field
from checks.facts.workflow.events import RefKind

_FEW = 10
_SOON = 30
_MANY, _LONG = 100, 90
"""Images or days that outlast most of the times between two deployments."""
_WRITERS = Mention(
    r"set[ -]image|edit set|\byq\b|\bsed\b|helm (?:upgrade|install)|kubectl apply|kubectl -n|argocd|image-updater"
    r"|imagepolicy|git push|git-auto-commit|create-pull-request|envsubst|renovate|skaffold|kustomize",
)

_FIVE = """\
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
          tagStatus     = "tagged"
          tagPrefixList = ["sha-"]
          countType     = "imageCountMoreThan"
          countNumber   = 5
        }
        action = { type = "expire" }
      }
    ]
  })
}
-- deploy/web.yaml --
apiVersion: v1
kind: Pod
spec:
  containers:
    - image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:sha-0123456
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:sha-${{ github.sha }}'}
"""

check = Check(
    id="lifecycle-may-expire-deployed-image",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.TERRAFORM, Kind.KUBERNETES, Kind.COMPOSE, Kind.WORKFLOW, Kind.SCRIPT),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("ecr", "lifecycle", "deploy"),
    examples=(
        Example(
            title="five images of commits, one of them deployed",
            files=_FIVE,
            at="countNumber   = 5",
            fixed=_FIVE.partition("-- deploy")[0].replace("= 5", "= 100"),
        ),
        Example(
            title="two weeks after the push",
            files=_FIVE.replace("imageCountMoreThan", "sinceImagePushed").replace(
                "countNumber   = 5", 'countUnit     = "days"\n          countNumber   = 14'
            ),
            at="countNumber   = 14",
            fixed=_FIVE.partition("-- deploy")[0]
            .replace("imageCountMoreThan", "sinceImagePushed")
            .replace("countNumber   = 5", 'countUnit     = "days"\n          countNumber   = 90'),
        ),
        Example(
            title="pushed for pull requests, by hand, or under a tag that stays",
            files=_FIVE.replace("{push: {branches: [main]}}", "{pull_request: {}, workflow_dispatch: {}}"),
        ),
        Example(title="deployed for development", files=_FIVE.replace("deploy/web", "deploy/dev/web")),
        Example(title="one tag, over and over", files=_FIVE.replace("sha-${{ github.sha }}", "sha-0")),
        Example(
            title="archived, a policy for each of many, a tag that is filled in",
            files=_FIVE.replace('"expire"', '"transition", targetStorageClass = "archive"'),
        ),
        Example(
            title="a policy for each of many",
            files=_FIVE.replace(
                "  repository = aws_ecr_repository.web.name",
                "  count      = 1\n  repository = aws_ecr_repository.web.name",
            ),
        ),
        Example(
            title="a rule for any image",
            files=_FIVE.replace('"tagged"', '"any"').replace('          tagPrefixList = ["sha-"]\n', ""),
        ),
        Example(
            title="a tool writes the tag, as a comment says",
            files=_FIVE.replace("web:sha-0123456\n", "web:sha-0123456 # x-release-please-version renovate\n"),
        ),
        Example(title="a tag that is filled in", files=_FIVE.replace("web:sha-0123456", "web:${TAG}")),
        Example(
            title="the workflow writes the manifest",
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
        selection    = { tagStatus = "tagged", tagPrefixList = ["sha-"], countType = "imageCountMoreThan", countNumber = 5 }
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
    - image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:sha-0123456
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:sha-${{ github.sha }}'}
      - run: kustomize edit set image web=111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:sha-$GITHUB_SHA
""",
        ),
        Example(
            title="many images, another tag than the rule's, an earlier rule that keeps it",
            files="""\
-- ecr.tf --
locals {
  rules = {
    rules = [
      {
        rulePriority = 1
        selection    = { tagStatus = "tagged", tagPrefixList = ["v"], countType = "imageCountMoreThan", countNumber = 500 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 2
        selection    = { tagStatus = "tagged", tagPrefixList = ["sha-"], countType = "imageCountMoreThan", countNumber = 200 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 3
        selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 5 }
        action       = { type = "expire" }
      }
    ]
  }
}
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_lifecycle_policy" "web" {
  repository = aws_ecr_repository.web.name
  policy     = jsonencode(local.rules)
}
-- deploy/web.yaml --
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: Pod
    spec:
      containers:
        - image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:sha-0123456
        - image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:v1.2.3
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:sha-${{ github.sha }}'}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    if _is_written_by_something(repo):
        return
    deployed_from = _by_repository(repo)
    for policy in repo.lifecycle_policies:
        if not policy.is_resource or policy.is_repeated or policy.selectors is None:
            continue
        own = repo.pushed_under(policy)
        targets = repo.lifecycle_targets[policy]
        for deployed in (image for target in targets for image in deployed_from.get(target, ())):
            rule = _rule_for(policy, deployed)
            pushed = next((image for image in own if rule and _competes(image, rule)), None)
            if rule and pushed:
                yield _finding(rule, deployed, pushed)


def _is_written_by_something(repo: Repository) -> bool:
    """Whether a workflow, a script or a controller puts images into manifests or deploys them."""
    kinds = (Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT, Kind.MAKEFILE)
    texts = [text for kind in kinds for text in repo.texts(kind)]
    return any(_WRITERS.is_in(text.content) for text in texts) or any(
        _WRITERS.is_in(image.location.text.content) for image in repo.deployed_images
    )


def _by_repository(repo: Repository) -> Mapping[EcrRepository, list[DeployedImage]]:
    """What is deployed, by the repository that it certainly is in."""
    found: dict[EcrRepository, list[DeployedImage]] = {}
    for deployed in (image for image in repo.deployed_images if not image.is_aside):
        target = repo.declared(reference(deployed.value))
        if target is not None:
            found.setdefault(target, []).append(deployed)
    return found


def _rule_for(policy: LifecyclePolicy, deployed: DeployedImage) -> Rule | None:
    """The rule that the deployed tag certainly belongs to, if it expires images soon."""
    tag = reference(deployed.value).tag
    rule = rule_of(policy, [tag]) if tag is not None and tag.literal is not None else None
    return rule if rule and rule.selector and _is_soon(rule.selector) else None


def _is_soon(selector: Selector) -> bool:
    if selector.action != "expire" or selector.tag_status != "tagged":
        return False
    return selector.count_number <= (_FEW if selector.count_type == COUNT else _SOON - 1)


def _competes(image: PushedImage, rule: Rule) -> bool:
    """Whether a branch's builds make images that the rule selects, a new one each time."""
    selector = rule.selector
    if (
        selector is None
        or not must_select(selector, image.tags)
        or not any(map(changes_every_run, image.tags))
    ):
        return False
    events = [event for push in image.pushes for event in push.events or ()]
    return any(event.ref_kind is RefKind.BRANCH and event.name == "push" for event in events)


def _finding(rule: Rule, deployed: DeployedImage, pushed: PushedImage) -> Finding:
    selector, field = rule.selector, rule.field("countNumber")
    number = selector.count_number if selector else 0
    is_count = selector is not None and selector.count_type == COUNT
    more = _MANY if is_count else _LONG
    place, source = deployed.location, pushed.pushes[0].location
    tag = code(str(reference(deployed.value).tag))
    return Finding(
        message=(
            f"{tag} is deployed, and {number} newer images expire it."
            if is_count
            else f"{tag} is deployed, and expires {number} days after it was pushed."
        ),
        consequence=(
            "It runs on until a node is replaced or the workload scales: then the pull fails, `ImagePullBackOff`. "
            "Every push to the branch makes another image that the rule counts."
        ),
        location=field.location if field else rule.location,
        related=(
            Location(place.text, place.span, "deploys it"),
            Location(source.text, source.span, "pushes images for the same rule"),
        ),
        fixes=offer(
            f"keep {more} images" if is_count else f"keep them for {more} days",
            Applicability.UNSAFE,
            _number(field, more) if field else None,
            caution=f"Do more than {more} pushes ever come between two deployments?"
            if is_count
            else f"Does an image ever run for more than {more} days without a new deployment?",
        ),
    )


def _number(field: Field, number: int) -> Edit | None:
    """Another number where one is written out."""
    text, span = field.value.text, field.value.span
    return Edit(text.path, span, str(number)) if text[span].isdecimal() else None
