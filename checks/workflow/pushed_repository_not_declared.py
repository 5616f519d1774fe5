"""Image is pushed to a repository that does not exist under that name

ECR makes no repository at a push, unless a creation template for `CREATE_ON_PUSH` says so: “The repository
with name … does not exist in the registry”. The workflow names one thing, Terraform declares another, by a
letter or by the part before the slash.

Correct the name that is wrong.

The check speaks if all repositories in the Terraform of this code have known names, and exactly one of them
differs from what is pushed by one letter of a word or by leading parts. A name that resembles none of them
may be declared anywhere. It is silent where a module, a command or a template may make the repository.

References:

- https://docs.aws.amazon.com/AmazonECR/latest/userguide/docker-push-ecr-image.html
- https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates.html
"""

from __future__ import annotations

from collections.abc import Iterator

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
    Span,
    code,
    offer,
)  # fmt: skip
from checks.facts.ecr.repositories import EcrRepository
from checks.facts.image.pushes import Push
from checks.facts.slips import is_slip
from checks.facts.tree import Edit
from checks.regex import regex

_OCCASION = "CREATE_ON_PUSH"
_MAKERS = ("create-repository", "create-ecr-repository")
_SIGNS = regex(r"[-_/.]")
_SHORTEST = 5
"""Letters of a word; shorter ones are often meant to differ: `dev`, `prd`."""

check = Check(
    id="pushed-repository-not-declared",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW, Kind.SCRIPT, Kind.TERRAFORM),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("ecr", "push"),
    examples=(
        Example(
            title="a letter is missing",
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
          tags: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/acme-servce:${{ github.sha }}
-- ecr.tf --
resource "aws_ecr_repository" "service" {
  name                 = "acme-service"
  image_tag_mutability = "IMMUTABLE"
}
""",
            at="111122223333.dkr.ecr.eu-west-1.amazonaws.com/acme-servce:${{ github.sha }}",
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
          tags: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/acme-service:${{ github.sha }}
""",
        ),
        Example(
            title="declared, like none of them, a template, names that are not known elsewhere",
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
            111122223333.dkr.ecr.eu-west-1.amazonaws.com/acme-service:${{ github.sha }}
            111122223333.dkr.ecr.eu-west-1.amazonaws.com/something-else:${{ github.sha }}
            111122223333.dkr.ecr.eu-west-1.amazonaws.com/acme-service-b:${{ github.sha }}
            111122223333.dkr.ecr.eu-west-1.amazonaws.com/made/acme-service:${{ github.sha }}
-- ecr.tf --
resource "aws_ecr_repository" "service" {
  name                 = "acme-service"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_repository_creation_template" "made" {
  prefix      = "made"
  applied_for = ["CREATE_ON_PUSH"]
}
""",
        ),
        Example(
            title="a module may make it",
            files="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker push 111122223333.dkr.ecr.eu-west-1.amazonaws.com/acme-servce:1
-- ecr.tf --
resource "aws_ecr_repository" "service" {
  name                 = "acme-service"
  image_tag_mutability = "IMMUTABLE"
}
module "more" {
  source = "./registry"
}
""",
        ),
        Example(
            title="another repository whose name is not known",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker push 111122223333.dkr.ecr.eu-west-1.amazonaws.com/acme-servce:1
-- ecr.tf --
resource "aws_ecr_repository" "service" {
  name                 = "acme-service"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_repository" "other" {
  name                 = var.name
  image_tag_mutability = "IMMUTABLE"
}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    if not repo.ecr_repositories or _may_be_made_elsewhere(repo):
        return
    for push in repo.pushes:
        name = push.reference.path.literal
        if name and push.reference.is_ecr and not any(one.name == name for one in repo.ecr_repositories):
            near = [one for one in repo.ecr_repositories if _is_near(one.name or "", name)]
            has_template = any(template.covers(name, _OCCASION) for template in repo.registry.templates)
            if len(near) == 1 and not has_template:
                yield _finding(push, name, near[0])


def _may_be_made_elsewhere(repo: Repository) -> bool:
    """Whether something other than a resource with a known name may make repositories."""
    if any(one.name is None or one.resource.is_repeated for one in repo.ecr_repositories):
        return True
    if any(body.of_type("module") for module in repo.terraform for body in module.bodies):
        return True
    texts = (*repo.texts(Kind.WORKFLOW), *repo.texts(Kind.SCRIPT), *repo.texts(Kind.MAKEFILE))
    return any(maker in text.content for text in texts for maker in _MAKERS)


def _is_near(declared: str, pushed: str) -> bool:
    """Whether a name is another one with one letter wrong in one of its words, or without its leading parts."""
    if declared.endswith("/" + pushed) or pushed.endswith("/" + declared):
        return True
    words, others = _SIGNS.split(declared), _SIGNS.split(pushed)
    if len(words) != len(others):
        return False
    pairs = [(one, other) for one, other in zip(words, others, strict=True) if one != other]
    return (
        len(pairs) == 1
        and all(len(word) >= _SHORTEST and word.isalpha() for word in pairs[0])
        and is_slip(*pairs[0])
    )


def _finding(push: Push, name: str, near: EcrRepository) -> Finding:
    declared = near.name or ""
    return Finding(
        message=f"{code(name)} is pushed, and Terraform declares {code(declared)}.",
        consequence="The push fails, “The repository with name … does not exist in the registry”: ECR makes none at a push.",
        location=push.location,
        related=(near.resource.location("name", f"declares {code(declared)}"),),
        fixes=_renamed(push, name, declared),
    )


def _renamed(push: Push, name: str, declared: str) -> tuple[Fix, ...]:
    place: Location = push.location
    text = place.fragment
    if text.count("/" + name) != 1 or declared.endswith("/" + name) or name.endswith("/" + declared):
        return ()
    start = place.span.start + text.index("/" + name) + 1
    edit = Edit(place.path, Span(start, start + len(name)), declared)
    caution = f"Is {code(declared)} what is meant, and not another repository that is declared elsewhere?"
    return offer(f"push to {code(declared)}", Applicability.UNSAFE, edit, caution=caution)
