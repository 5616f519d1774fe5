"""Image is pushed to another region than that of its repository

A registry is one account in one region. The workflow logs in to one region, Terraform makes the repository in
another: the login succeeds, and the push fails with “The repository with name … does not exist in the
registry”. Or it does exist there, by hand and long ago, and what Terraform sets is set for a repository that
nobody uses.

Let both name the same region.

The check compares the region in the name of what is pushed with that of the module's only AWS provider, where
both are written out. It is silent where one of them comes from a variable, where there are several providers,
where the registry is replicated, and where another push goes to the provider's region.

References:

- https://github.com/aws-actions/amazon-ecr-login
- https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html
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
    Span,
    code,
    offer,
)  # fmt: skip
from checks.facts.ecr.registry import provider_of
from checks.facts.ecr.repositories import EcrRepository
from checks.facts.identity.assumptions import CREDENTIALS
from checks.facts.image.pushes import Push
from checks.facts.tree import Attribute, Literal, replace_value
from checks.regex import regex

_REGION = regex(r"\.dkr[.-]ecr(?:-fips)?\.([a-z]{2}(?:-[a-z]+)+-\d)\.")

check = Check(
    id="region-or-account-differs",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW, Kind.SCRIPT, Kind.TERRAFORM),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("ecr", "push"),
    examples=(
        Example(
            title="the login's region, and the provider's",
            files="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with: {role-to-assume: 'arn:aws:iam::111122223333:role/push', aws-region: us-east-1}
      - uses: aws-actions/amazon-ecr-login@v2
        id: ecr
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: '${{ steps.ecr.outputs.registry }}/web:${{ github.sha }}'}
-- ecr.tf --
provider "aws" {
  region = "eu-west-1"
}
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
""",
            at="${{ steps.ecr.outputs.registry }}/web:${{ github.sha }}",
            fixed="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with: {role-to-assume: 'arn:aws:iam::111122223333:role/push', aws-region: eu-west-1}
      - uses: aws-actions/amazon-ecr-login@v2
        id: ecr
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: '${{ steps.ecr.outputs.registry }}/web:${{ github.sha }}'}
""",
        ),
        Example(
            title="a name that is written out",
            files="""\
-- push.sh --
docker push 111122223333.dkr.ecr.us-east-1.amazonaws.com/web:1.2.3
-- ecr.tf --
provider "aws" {
  region = "eu-west-1"
}
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
""",
            at="111122223333.dkr.ecr.us-east-1.amazonaws.com/web:1.2.3",
            fixed="""\
-- push.sh --
docker push 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1.2.3
""",
        ),
        Example(
            title="the same region, a variable, two providers, a replica",
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
            111122223333.dkr.ecr.us-east-1.amazonaws.com/same:${{ github.sha }}
            111122223333.dkr.ecr.us-east-1.amazonaws.com/variable:${{ github.sha }}
            111122223333.dkr.ecr.us-east-1.amazonaws.com/two:${{ github.sha }}
            111122223333.dkr.ecr.us-east-1.amazonaws.com/both:${{ github.sha }}
            111122223333.dkr.ecr.us-east-2.amazonaws.com/both:${{ github.sha }}
-- same/ecr.tf --
provider "aws" {
  region = "us-east-1"
}
resource "aws_ecr_repository" "same" {
  name                 = "same"
  image_tag_mutability = "IMMUTABLE"
}
-- variable/ecr.tf --
variable "region" { default = "eu-west-1" }
provider "aws" {
  region = var.region
}
resource "aws_ecr_repository" "variable" {
  name                 = "variable"
  image_tag_mutability = "IMMUTABLE"
}
-- two/ecr.tf --
provider "aws" {
  region = "eu-west-1"
}
provider "aws" {
  alias  = "east"
  region = "us-east-1"
}
resource "aws_ecr_repository" "two" {
  name                 = "two"
  image_tag_mutability = "IMMUTABLE"
}
-- both/ecr.tf --
provider "aws" {
  region = "us-east-1"
}
resource "aws_ecr_repository" "both" {
  name                 = "both"
  image_tag_mutability = "IMMUTABLE"
}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for one in repo.ecr_repositories if not repo.registry.replications else ():
        written = _region(one)
        pushes = [push for image in repo.pushed_to.get(one, ()) for push in image.pushes]
        regions = {_pushed_to(push) for push in pushes}
        wanted = str(written.value.value) if written and isinstance(written.value, Literal) else None
        if written and wanted and regions and None not in regions and wanted not in regions:
            yield _finding(one, written, wanted, pushes[0])


def _region(one: EcrRepository) -> Attribute | None:
    """The region of the module's only provider, where it is written out and the resource names no other."""
    module = one.resource.module
    providers = [block for body in module.bodies for block in body.of_type("provider", "aws")]
    attribute = providers[0].body.attribute("region") if len(providers) == 1 else None
    is_written = attribute is not None and isinstance(attribute.value, Literal)
    return attribute if is_written and provider_of(one.resource) == ("", "") else None


def _pushed_to(push: Push) -> str | None:
    """The region in the name of the registry; None if it is not known."""
    text = "".join(part if isinstance(part, str) else "?" for part in push.reference.host.parts)
    found = _REGION.search(text)
    return found[1] if found else None


def _finding(one: EcrRepository, written: Attribute, wanted: str, push: Push) -> Finding:
    region = _pushed_to(push) or ""
    return Finding(
        message=f"{code(one.name or '')} is pushed to {code(region)}, and Terraform declares it in {code(wanted)}.",
        consequence=(
            "The push fails, “The repository with name … does not exist in the registry”; or it goes to a repository "
            "that has none of the settings which Terraform declares."
        ),
        location=push.location,
        related=(Location(written.text, written.span, "is the provider's region"),),
        fixes=_fixes(push, region, wanted),
    )


def _fixes(push: Push, region: str, wanted: str) -> tuple[Fix, ...]:
    """The provider's region, in the name of what is pushed or at the one login before it."""
    text, span = push.location.text, push.location.span
    edit: Edit | None = None
    if push.location.fragment.count(f".{region}.") == 1:
        at = span.start + push.location.fragment.index(f".{region}.") + 1
        edit = Edit(text.path, Span(at, at + len(region)), wanted)
    elif push.step is not None and push.step.job is not None:
        logins = [one for one in push.step.earlier if one.uses_action(CREDENTIALS)]
        written = logins[0].input("aws-region") if len(logins) == 1 else None
        edit = replace_value(written, wanted) if written is not None and written.value == region else None
    return offer(
        f"push to {code(wanted)}",
        Applicability.UNSAFE,
        edit,
        caution=f"Is {code(wanted)} where the image is deployed from?",
    )
