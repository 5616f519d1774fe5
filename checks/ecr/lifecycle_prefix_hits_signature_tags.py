"""Lifecycle rule selects signatures with the images

cosign up to 2 stores the signature of an image as an object of its own, under the tag `sha256-<digest>.sig`.
A rule for the prefix `sha` means `sha-<commit>`, and selects these objects too. A count then keeps half as
many images as it says; and where an image is kept by another tag and another rule, its signature expires: an
admission policy refuses the image from then on.

Write the prefix so that it ends before the digest: `sha-`.

The check speaks where a workflow certainly signs into the repository in that format. cosign 3 stores
signatures among the referrers of an image, without a tag, and ECR deletes them with it.

References:

- https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
- https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
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
from checks.facts.ecr.lifecycle import LifecyclePolicy, Rule
from checks.facts.ecr.lifecycle_selection import Selector
from checks.facts.image.signing import Signature
from checks.facts.image.tag_shapes import globs, must_select
from checks.facts.policy.policies import LEGACY
from checks.facts.value import literal

_SIGNATURE = literal("sha256-" + "0" * 64 + ".sig")
_WANTED = "sha-"
_TOO_SHORT = ("s", "sh", "sha")

_SIGNED = """\
-- ecr.tf --
resource "aws_ecr_repository" "web" {{
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}}
resource "aws_ecr_lifecycle_policy" "web" {{
  repository = aws_ecr_repository.web.name
  policy = jsonencode({{
    rules = [
      {{
        rulePriority = 1
        selection    = {{ tagStatus = "tagged", {}, countType = "imageCountMoreThan", countNumber = 30 }}
        action       = {{ type = "expire" }}
      }}
    ]
  }})
}}
"""
_SIGNS = """\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
permissions: {contents: read, id-token: write}
jobs:
  sign:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@v3.5.0
        with: {cosign-release: v2.2.4}
      - run: cosign sign --yes 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web@${{ inputs.digest }}
"""

check = Check(
    id="lifecycle-prefix-hits-signature-tags",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.TERRAFORM, Kind.WORKFLOW, Kind.SCRIPT),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("ecr", "lifecycle", "cosign"),
    examples=(
        Example(
            title="the prefix `sha`, and cosign 2",
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
          tagStatus     = "tagged"
          tagPrefixList = ["sha"]
          countType     = "imageCountMoreThan"
          countNumber   = 30
        }
        action = { type = "expire" }
      }
    ]
  })
}
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
permissions: {contents: read, id-token: write}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@v3.5.0
        with: {cosign-release: v2.2.4}
      - uses: docker/build-push-action@v7
        id: push
        with: {context: ., push: true, tags: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:sha-${{ github.sha }}'}
      - run: cosign sign --yes 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web@${{ steps.push.outputs.digest }}
""",
            at='tagPrefixList = ["sha"]',
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
          tagStatus     = "tagged"
          tagPrefixList = ["sha-"]
          countType     = "imageCountMoreThan"
          countNumber   = 30
        }
        action = { type = "expire" }
      }
    ]
  })
}
""",
        ),
        Example(
            title="a pattern, for which nothing is pushed here, and a prefix that is the signatures' own",
            files=_SIGNED.format('tagPatternList = ["sha2*"]') + _SIGNS,
            at='tagPatternList = ["sha2*"]',
        ),
        Example(
            title="archived with the images; a policy for each of many",
            files=_SIGNED.replace('"expire"', '"transition", targetStorageClass = "archive"')
            .replace("imageCountMoreThan", "sinceImagePushed")
            .replace("countNumber", 'countUnit = "days", countNumber')
            .format('tagPrefixList = ["sha"]')
            + _SIGNS,
        ),
        Example(
            title="a policy for each of many",
            files=_SIGNED.replace("  policy =", "  count  = 2\n  policy =").format('tagPrefixList = ["sha"]')
            + _SIGNS,
        ),
        Example(
            title="`sha-`, which no signature has; cosign 3; nothing that signs",
            files="""\
-- ecr.tf --
locals {
  policy = {
    rules = [
      {
        rulePriority = 1
        selection    = { tagStatus = "tagged", tagPrefixList = ["sha"], countType = "imageCountMoreThan", countNumber = 30 }
        action       = { type = "expire" }
      }
    ]
  }
}
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_repository" "jobs" {
  name                 = "jobs"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_repository" "none" {
  name                 = "none"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_lifecycle_policy" "web" {
  repository = aws_ecr_repository.web.name
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        selection    = { tagStatus = "tagged", tagPrefixList = ["sha-"], countType = "imageCountMoreThan", countNumber = 30 }
        action       = { type = "expire" }
      }
    ]
  })
}
resource "aws_ecr_lifecycle_policy" "jobs" {
  repository = aws_ecr_repository.jobs.name
  policy     = jsonencode(local.policy)
}
resource "aws_ecr_lifecycle_policy" "none" {
  repository = aws_ecr_repository.none.name
  policy     = jsonencode(local.policy)
}
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
permissions: {contents: read, id-token: write}
jobs:
  two:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@v3.5.0
        with: {cosign-release: v2.2.4}
      - run: cosign sign --yes 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web@${{ inputs.digest }}
  three:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@v4.1.2
        with: {cosign-release: v3.1.2}
      - run: cosign sign --yes 111122223333.dkr.ecr.eu-west-1.amazonaws.com/jobs@${{ inputs.digest }}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for policy in repo.lifecycle_policies:
        if policy.is_resource and not policy.is_repeated:
            rules = [one for one in policy.rules or () if one.selector and _expires_signatures(one.selector)]
            signature = _signature(repo, policy) if rules else None
            if signature is not None:
                yield from (_finding(repo, policy, rule, signature) for rule in rules)


def _expires_signatures(selector: Selector) -> bool:
    is_expiry = selector.tag_status == "tagged" and selector.action == "expire"
    return is_expiry and bool(globs(selector)) and must_select(selector, [_SIGNATURE])


def _signature(repo: Repository, policy: LifecyclePolicy) -> Signature | None:
    """A command that stores signatures as tags in the policy's repository."""
    for signature in repo.signatures:
        if signature.format == LEGACY:
            targets = (repo.declared(image) for _, image in signature.references)
            if any(target in repo.lifecycle_targets[policy] for target in targets):
                return signature
    return None


def _finding(repo: Repository, policy: LifecyclePolicy, rule: Rule, signature: Signature) -> Finding:
    field = rule.field("tagPrefixList") or rule.field("tagPatternList")
    place = signature.location
    names = " and ".join(code(glob) for glob in (globs(rule.selector) if rule.selector else ()))
    return Finding(
        message=f"{names} selects the tags of signatures, {code('sha256-….sig')}, too.",
        consequence=(
            "A count keeps fewer images than it says, and the signature of an image that another tag keeps expires: "
            "a policy that asks for it refuses the image from then on."
        ),
        location=field.location if field else rule.location,
        related=(Location(place.text, place.span, "stores signatures under such tags"),),
        fixes=_narrower(repo, policy, rule),
    )


def _narrower(repo: Repository, policy: LifecyclePolicy, rule: Rule) -> tuple[Fix, ...]:
    """`sha-` for a shorter prefix, where every tag that is pushed has it or the prefix not at all."""
    field, selector = rule.field("tagPrefixList"), rule.selector
    if (
        field is None
        or selector is None
        or len(selector.prefixes) != 1
        or selector.prefixes[0] not in _TOO_SHORT
    ):
        return ()
    starts = [tag.parts[0] for one in repo.pushed_under(policy) for tag in one.tags if tag.parts]
    if not any(isinstance(start, str) and start.startswith(_WANTED) for start in starts):
        return ()
    edit = Edit(field.value.text.path, field.value.span, f'["{_WANTED}"]')
    caution = f"Do all tags that the rule is meant for begin with {code(_WANTED)}?"
    return offer(f"narrow it to {code(_WANTED)}", Applicability.UNSAFE, edit, caution=caution)
