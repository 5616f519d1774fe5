"""Lifecycle policy does not cover the tags that are pushed

A lifecycle policy with rules for `v…` and `sha-…` reads as if old images went away. The workflow pushes the
bare commit: no rule selects that image, so that it stays for ever, and the rule that was meant for it selects
nothing. Terraform, ECR and the workflow are each content; the storage bill shows it after a year.

Push the tag with the prefix that the rule names, or let a rule select what is pushed.

The check compares the tags of every push to the repository, as far as the files tell them, with all rules of
its one lifecycle policy. It speaks only if an image that is new on every run is certainly selected by no
rule, and some rule selects nothing that is pushed. It is silent for releases, for policies with a rule for
any image, and wherever a tag, a rule or the repository is not known.

References:

- https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
- https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

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
from checks.facts.ecr.lifecycle import LifecyclePolicy, Rule
from checks.facts.ecr.lifecycle_selection import Selector
from checks.facts.image.pushed_images import PushedImage
from checks.facts.image.pushes import Push
from checks.facts.image.tag_shapes import globs, may_select
from checks.facts.tree import Edit, Span
from checks.facts.value import Hole, Value, Varies
from checks.regex import regex

_OF_COMMITS = regex(r"(?:sha|git|commit|rev|build|c)(?:$|[-_.\d])", re.IGNORECASE)
_SAID_OF_COMMITS = regex(r"\b(?:sha|commits?|git)\b", re.IGNORECASE)
_RELEASE = regex(r"v?\d+(?:\.\d+)+")
_FRESH = frozenset((Varies.COMMIT, Varies.RUN))

check = Check(
    id="lifecycle-does-not-cover-pushed-tags",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW, Kind.SCRIPT, Kind.TERRAFORM),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("ecr", "lifecycle", "tags"),
    examples=(
        Example(
            title="the bare commit, and a rule for `sha-`",
            files="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:${{ github.sha }}
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
""",
            at="${{ github.sha }}",
            fixed="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:sha-${{ github.sha }}
""",
        ),
        Example(
            title="a later step runs the image by its tag",
            files="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:${{ github.sha }}
      - run: kubectl set image deploy/web web=111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:$GITHUB_SHA
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_lifecycle_policy" "web" {
  repository = aws_ecr_repository.web.name
  policy     = data.aws_ecr_lifecycle_policy_document.web.json
}
data "aws_ecr_lifecycle_policy_document" "web" {
  rule {
    priority    = 1
    description = "Keep 30 builds of a commit"
    selection {
      tag_status       = "tagged"
      tag_pattern_list = ["main-*"]
      count_type       = "imageCountMoreThan"
      count_number     = 30
    }
    action {
      type = "expire"
    }
  }
}
""",
            at="${{ github.sha }}",
            fixed="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:main-${{ github.sha }}
      - run: kubectl set image deploy/web web=111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:$GITHUB_SHA
""",
        ),
        Example(
            title="covered by its prefix, by another tag of the image, by a rule for any, or possibly",
            files="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: |
            111122223333.dkr.ecr.eu-west-1.amazonaws.com/prefix:sha-${{ github.sha }}
            111122223333.dkr.ecr.eu-west-1.amazonaws.com/other:${{ github.sha }}
            111122223333.dkr.ecr.eu-west-1.amazonaws.com/other:sha-${{ github.run_id }}
            111122223333.dkr.ecr.eu-west-1.amazonaws.com/any:${{ github.sha }}
            111122223333.dkr.ecr.eu-west-1.amazonaws.com/unknown:${{ env.TAG }}
-- ecr.tf --
locals {
  policy = {
    rules = [
      {
        rulePriority = 1
        selection    = { tagStatus = "tagged", tagPrefixList = ["sha-"], countType = "imageCountMoreThan", countNumber = 5 }
        action       = { type = "expire" }
      }
    ]
  }
}
resource "aws_ecr_repository" "prefix" {
  name                 = "prefix"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_repository" "other" {
  name                 = "other"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_repository" "any" {
  name                 = "any"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_repository" "unknown" {
  name                 = "unknown"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_lifecycle_policy" "prefix" {
  repository = aws_ecr_repository.prefix.name
  policy     = jsonencode(local.policy)
}
resource "aws_ecr_lifecycle_policy" "other" {
  repository = "other"
  policy     = jsonencode(local.policy)
}
resource "aws_ecr_lifecycle_policy" "unknown" {
  repository = aws_ecr_repository.unknown.id
  policy     = jsonencode(local.policy)
}
resource "aws_ecr_lifecycle_policy" "any" {
  repository = aws_ecr_repository.any.name
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        selection    = { tagStatus = "tagged", tagPrefixList = ["sha-"], countType = "imageCountMoreThan", countNumber = 5 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 2
        selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 50 }
        action       = { type = "expire" }
      }
    ]
  })
}
""",
        ),
        Example(
            title="releases are kept on purpose, as are images beside rules that all select something; another policy's",
            files="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main], tags: ['v*']}}
jobs:
  release:
    if: startsWith(github.ref, 'refs/tags/')
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:${{ github.ref_name }}'}
  main:
    if: github.ref == 'refs/heads/main'
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/kept:${{ github.sha }}'}
      - run: docker push 111122223333.dkr.ecr.eu-west-1.amazonaws.com/moving:stable
  pull:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/kept:pr-${{ github.run_id }}'}
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_repository" "kept" {
  name                 = "kept"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_repository" "moving" {
  name = "moving"
}
resource "aws_ecr_lifecycle_policy" "web" {
  repository = aws_ecr_repository.web.name
  policy     = jsonencode(local.policy)
}
resource "aws_ecr_lifecycle_policy" "kept" {
  repository = aws_ecr_repository.kept.name
  policy     = jsonencode(local.policy)
}
resource "aws_ecr_lifecycle_policy" "moving" {
  repository = aws_ecr_repository.moving.name
  policy     = jsonencode(local.policy)
}
locals {
  policy = {
    rules = [
      {
        rulePriority = 1
        selection    = { tagStatus = "tagged", tagPrefixList = ["pr-"], countType = "imageCountMoreThan", countNumber = 5 }
        action       = { type = "expire" }
      }
    ]
  }
}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for policy in repo.lifecycle_policies:
        if policy.is_resource and not policy.is_repeated and policy.selectors:
            own = repo.pushed_under(policy)
            idle = _idle(policy, own)
            for image in own:
                push = _uncovered(policy, image) if idle else None
                if push is not None:
                    yield _finding(repo, image, push, idle)


def _idle(policy: LifecyclePolicy, images: Sequence[PushedImage]) -> list[Rule]:
    """The rules for tagged images that select nothing of what is pushed; none where a rule selects any image."""
    rules = [(rule, rule.selector) for rule in policy.rules or () if rule.selector]
    if any(selector.tag_status == "any" for _, selector in rules):
        return []
    return [
        rule
        for rule, selector in rules
        if selector.tag_status == "tagged" and not any(may_select(selector, one.tags) for one in images)
    ]


def _uncovered(policy: LifecyclePolicy, image: PushedImage) -> Push | None:
    """The push of the tag that is new on every run, if certainly no rule selects the image."""
    rules: tuple[Selector, ...] = policy.selectors or ()
    if any(may_select(rule, image.tags) for rule in rules) or any(map(_is_release, image.tags)):
        return None
    for push, tag in zip(image.pushes, image.tags, strict=True):
        varying = {part.varies for part in tag.parts if isinstance(part, Hole)}
        if varying and varying <= _FRESH:
            return push
    return None


def _is_release(tag: Value) -> bool:
    text = tag.literal
    return any(hole.varies is Varies.TAG for hole in tag.holes) or bool(text and _RELEASE.match(text))


def _meant(idle: list[Rule]) -> Rule | None:
    """The idle rule that speaks of commits or builds."""
    for rule in idle:
        selector = rule.selector
        names = globs(selector) if selector else ()
        if any(map(_OF_COMMITS.match, names)) or _SAID_OF_COMMITS.search(rule.description):
            return rule
    return None


def _finding(repo: Repository, image: PushedImage, push: Push, idle: list[Rule]) -> Finding:
    tag = str(push.reference.tag)
    meant = _meant(idle)
    related = tuple(_place(rule) for rule in ([meant] if meant else idle[:2]))
    return Finding(
        message=f"No lifecycle rule of {code(image.repository.name or '')} selects images with the tag {code(tag)}.",
        consequence=(
            "They stay for ever, and the repository grows with every run"
            + (
                "; the rule that reads as if it were for them selects nothing that is pushed here."
                if meant
                else "."
            )
        ),
        location=_tag_place(push),
        related=related,
        fixes=_with_prefix(repo, push, meant) if meant else (),
        severity=None if meant else Severity.WARNING,
    )


def _place(rule: Rule) -> Location:
    names = " and ".join(code(glob) for glob in (globs(rule.selector) if rule.selector else ()))
    field = rule.field("tagPrefixList") or rule.field("tagPatternList")
    place = field.location if field else rule.location
    return Location(place.text, place.span, f"selects {names} and finds none")


def _tag_place(push: Push) -> Location:
    """The tag where it is written at the end of the name, else the whole name."""
    whole = push.location
    text = whole.fragment.rstrip("\"'")
    start = text.rfind(":") + 1
    tag = text[start:]
    if not start or not tag or "/" in tag or tag.count("}}") != tag.count("${{") or "\n" in text:
        return whole
    return Location(whole.text, Span(whole.span.start + start, whole.span.start + len(text)))


def _with_prefix(repo: Repository, push: Push, meant: Rule) -> tuple[Fix, ...]:
    """The tag with the prefix that the rule names; to be read only, if something else goes by the bare tag."""
    place, selector = _tag_place(push), meant.selector
    names = globs(selector) if selector else ()
    prefix = names[0].removesuffix("*") if len(names) == 1 else ""
    if not prefix or "*" in prefix or place.span == push.location.span or selector is None:
        return ()
    title = f"push it as {code(prefix + place.fragment)}"
    edit = Edit(place.path, Span(place.span.start, place.span.start), prefix)
    if _is_used_later(repo, push):
        return offer(title, Applicability.DISPLAY, edit)
    keeps = "image" if selector.count_number == 1 else f"{selector.count_number} images"
    expires = (
        f"rule {selector.priority} keeps only the newest {keeps}"
        if selector.count_type == "imageCountMoreThan"
        else f"rule {selector.priority} expires them after {selector.count_number} days"
    )
    caution = (
        f"From then on {expires}, and the bare tag is gone: does anything deploy by it, or run older ones?"
    )
    return offer(title, Applicability.UNSAFE, edit, caution=caution)


def _is_used_later(repo: Repository, push: Push) -> bool:
    """Whether a step that may run after the push speaks of the commit or the run too."""
    tag = push.reference.tag
    sources = {hole.source for hole in tag.holes} if tag else set()
    words = {word for source in sources for word in (source, "GITHUB_" + source.rpartition(".")[2].upper())}
    mine = push.step
    for step in repo.steps:
        is_before = mine is not None and step.job is mine.job and step.index <= mine.index
        if not is_before and any(word in step.text[step.node.span] for word in words):
            return True
    return False
