"""Lifecycle rule for any image counts signatures as images

cosign up to 2 stores a signature as an object of its own under the tag `sha256-<digest>.sig`, an attestation
under `….att`. To ECR these are images: a rule with `tagStatus` `any` that keeps the newest 20 keeps ten
images with their signatures. Where an earlier rule keeps the images, this one is left with the signatures
alone, and deletes those of images that still run: an admission policy refuses them from then on.

Select the images by their tags, and let an `untagged` rule clear away what has lost its tag.

The check speaks where a workflow certainly signs into the repository in that format, the rule keeps fewer
than 100, and no earlier rule selects the signatures. cosign 3 stores signatures among the referrers of an
image, which have no tag and go with it, and the images of an index are not counted beside it: of neither it
speaks.

References:

- https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
- https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
- https://github.com/sigstore/cosign/issues/807
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
    code,
    offer,
)  # fmt: skip
from checks.facts.ecr.lifecycle import LifecyclePolicy, Rule
from checks.facts.ecr.lifecycle_selection import COUNT
from checks.facts.identity.policy_edits import replace_text
from checks.facts.image.signing import Signature
from checks.facts.image.tag_shapes import rule_of
from checks.facts.policy.policies import LEGACY
from checks.facts.terraform.documents import Leaf, with_field
from checks.facts.value import Value, literal

_MANY = 100
"""A rule that keeps as many keeps enough releases, signatures or not."""
_OBJECTS = tuple(literal("sha256-" + "0" * 64 + ending) for ending in (".sig", ".att"))

check = Check(
    id="lifecycle-any-count-includes-signatures",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.TERRAFORM, Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("cosign", "ecr", "lifecycle"),
    yields_to=("lifecycle-prefix-hits-signature-tags",),
    examples=(
        Example(
            title="twenty of any kind, and cosign 2 that signs and attests",
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
          tagStatus   = "untagged"
          countType   = "sinceImagePushed"
          countUnit   = "days"
          countNumber = 7
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 2
        selection = {
          tagStatus   = "any"
          countType   = "imageCountMoreThan"
          countNumber = 20
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
      - run: |
          cosign sign --yes 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web@${{ steps.push.outputs.digest }}
          cosign attest --yes --type spdxjson --predicate sbom.json \\
            111122223333.dkr.ecr.eu-west-1.amazonaws.com/web@${{ steps.push.outputs.digest }}
""",
            at='tagStatus   = "any"',
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
          tagStatus   = "untagged"
          countType   = "sinceImagePushed"
          countUnit   = "days"
          countNumber = 7
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 2
        selection = {
          tagStatus     = "tagged"
          tagPrefixList = ["sha-"]
          countType     = "imageCountMoreThan"
          countNumber   = 20
        }
        action = { type = "expire" }
      }
    ]
  })
}
""",
        ),
        Example(
            title="an earlier rule keeps the images longer than this one their signatures",
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
        selection    = { tagStatus = "tagged", tagPrefixList = ["v"], countType = "imageCountMoreThan", countNumber = 500 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 2
        selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 10 }
        action       = { type = "expire" }
      }
    ]
  })
}
-- .github/workflows/build.yml --
on: {push: {tags: ['v*']}}
permissions: {contents: read, id-token: write}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@v3.5.0
        with: {cosign-release: v2.2.4}
      - uses: docker/build-push-action@v7
        id: push
        with: {context: ., push: true, tags: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:v${{ github.run_number }}'}
      - run: cosign sign --yes 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web@${{ steps.push.outputs.digest }}
""",
            at='tagStatus = "any"',
        ),
        Example(
            title="by age, many, a rule for signatures, cosign 3, nothing that signs",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "age" {
  name                 = "age"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_repository" "many" {
  name                 = "many"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_repository" "own" {
  name                 = "own"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_repository" "three" {
  name                 = "three"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_repository" "none" {
  name                 = "none"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_lifecycle_policy" "age" {
  repository = "age"
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        selection    = { tagStatus = "any", countType = "sinceImagePushed", countUnit = "days", countNumber = 30 }
        action       = { type = "expire" }
      }
    ]
  })
}
resource "aws_ecr_lifecycle_policy" "many" {
  repository = "many"
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 400 }
        action       = { type = "expire" }
      }
    ]
  })
}
resource "aws_ecr_lifecycle_policy" "own" {
  repository = "own"
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        selection    = { tagStatus = "tagged", tagPrefixList = ["sha256-"], countType = "imageCountMoreThan", countNumber = 400 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 2
        selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 10 }
        action       = { type = "expire" }
      }
    ]
  })
}
resource "aws_ecr_lifecycle_policy" "three" {
  repository = "three"
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 10 }
        action       = { type = "expire" }
      }
    ]
  })
}
resource "aws_ecr_lifecycle_policy" "none" {
  repository = "none"
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 10 }
        action       = { type = "expire" }
      }
    ]
  })
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
      - run: |
          cosign sign --yes 111122223333.dkr.ecr.eu-west-1.amazonaws.com/age@${{ inputs.digest }}
          cosign sign --yes 111122223333.dkr.ecr.eu-west-1.amazonaws.com/many@${{ inputs.digest }}
          cosign sign --yes 111122223333.dkr.ecr.eu-west-1.amazonaws.com/own@${{ inputs.digest }}
  three:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@v4.1.2
        with: {cosign-release: v3.1.2}
      - run: cosign sign --yes 111122223333.dkr.ecr.eu-west-1.amazonaws.com/three@${{ inputs.digest }}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for policy in repo.lifecycle_policies:
        rule = _rule(policy) if policy.is_resource and not policy.is_repeated else None
        signatures = _signatures(repo, policy) if rule else ()
        if rule is not None and signatures:
            yield _finding(repo, policy, rule, signatures)


def _rule(policy: LifecyclePolicy) -> Rule | None:
    """The rule that keeps a few of all objects, if signatures certainly belong to it."""
    rule = rule_of(policy, _OBJECTS[:1])
    selector = rule.selector if rule else None
    if rule is None or selector is None or selector.tag_status != "any" or selector.action != "expire":
        return None
    is_few = selector.count_type == COUNT and selector.count_number < _MANY
    return rule if is_few and rule_of(policy, _OBJECTS[1:]) is rule else None


def _signatures(repo: Repository, policy: LifecyclePolicy) -> tuple[Signature, ...]:
    """The commands that store signatures and attestations as tags in the policy's repository; one for each kind."""
    found: dict[bool, Signature] = {}
    for signature in repo.signatures:
        if signature.format == LEGACY and signature.is_attestation not in found:
            targets = (repo.declared(image) for _, image in signature.references)
            if any(target in repo.lifecycle_targets[policy] for target in targets):
                found[signature.is_attestation] = signature
    return tuple(found.values())


def _finding(
    repo: Repository, policy: LifecyclePolicy, rule: Rule, signatures: tuple[Signature, ...]
) -> Finding:
    field = rule.field("tagStatus")
    number = rule.count_number or 0
    images = _images(repo, policy)
    elsewhere = any(rule_of(policy, tags) not in (rule, None) for tags in images)
    what = code("sha256-….att") if all(one.is_attestation for one in signatures) else code("sha256-….sig")
    return Finding(
        message=f"The rule for {code('any')} image counts signatures, {what}, among the {number} that it keeps.",
        consequence=(
            f"An earlier rule keeps the images longer, and signatures that are not among the newest {number} objects expire: "
            "a policy that asks for them refuses images that still run."
            if elsewhere
            else f"It keeps about {max(number // (1 + len(signatures)), 1)} images: what is older can't be rolled back to."
        ),
        location=field.location if field else rule.location,
        related=tuple(
            Location(one.location.text, one.location.span, "stores its result as an object with a tag")
            for one in signatures
        ),
        fixes=() if elsewhere else _tagged(policy, rule, images),
    )


def _images(repo: Repository, policy: LifecyclePolicy) -> tuple[tuple[Value, ...], ...]:
    """The tags of each image that is pushed to the policy's repository."""
    return tuple(one.tags for one in repo.pushed_under(policy))


def _tagged(policy: LifecyclePolicy, rule: Rule, images: tuple[tuple[Value, ...], ...]) -> tuple[Fix, ...]:
    """The rule for the one prefix that all images have, where another rule clears away what has no tag."""
    field, selection = rule.field("tagStatus"), rule.selection
    starts = {tag.parts[0] if tag.parts else None for tags in images for tag in tags[:1]}
    prefix = starts.pop() if len(starts) == 1 else None
    has_untagged = any(one.tag_status == "untagged" for one in policy.selectors or ())
    if field is None or selection is None or not isinstance(prefix, str) or not has_untagged:
        return ()
    if not prefix or any((one.literal or "").startswith(prefix) for one in _OBJECTS):
        return ()
    status = replace_text(field.value, "tagged") if isinstance(field.value, Leaf) else None
    added = with_field(selection, field, "tagPrefixList", f'["{prefix}"]')
    return offer(
        f"count only the tags that begin with {code(prefix)}",
        Applicability.UNSAFE,
        status,
        *(added or (None,)),
        caution=f"Do all images that the rule is to clear away have a tag that begins with {code(prefix)}?",
    )
