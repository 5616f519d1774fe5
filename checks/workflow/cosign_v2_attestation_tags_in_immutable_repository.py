"""Second signature of an image goes to a repository that refuses to move tags

cosign 2 keeps the attestations of an image under one tag, `sha256-….att`, and its signatures under another,
`sha256-….sig`. A second one is added by writing the tag anew: ECR refuses that where the repository is
`IMMUTABLE`. The first attestation succeeds, the second ends with "tag … cannot be overwritten because the tag
is immutable".

Exclude these tags from the repository's immutability, or sign with cosign 3, which stores bundles among the
image's referrers.

The check is silent for one signature and one attestation of an image, for cosign 3, for tags that are
excluded, and where the repository is not certainly the one that Terraform declares.

References:

- https://github.com/sigstore/cosign/issues/313
- https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
- https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecr_repository
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
from checks.facts.ecr.repositories import EcrRepository
from checks.facts.image.signing import Signature
from checks.facts.policy.policies import LEGACY
from checks.facts.tree import Edit, add_block, replace_value_of
from checks.facts.value import literal

_SINCE = (6, 8, 0)
"""The first version of the AWS provider that has exclusion filters."""
_WORKFLOW = """\
-- .github/workflows/sign.yml --
on: {push: {branches: [main]}}
permissions: {contents: read, id-token: write}
jobs:
  sign:
    runs-on: ubuntu-latest
    env:
      IMAGE: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web@${{ needs.build.outputs.digest }}
    steps:
      - uses: sigstore/cosign-installer@v3.8.1
      - run: |
          cosign attest --yes --type spdxjson --predicate sbom.json ${{ env.IMAGE }}
          cosign attest --yes --type vuln --predicate vuln.json ${{ env.IMAGE }}
"""
_ECR = """\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
"""

check = Check(
    id="cosign-v2-attestation-tags-in-immutable-repository",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW, Kind.TERRAFORM),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("ecr", "cosign", "tags"),
    examples=(
        Example(
            title="two attestations of one image",
            files=_WORKFLOW + _ECR,
            at="cosign attest --yes --type vuln --predicate vuln.json ${{ env.IMAGE }}",
            fixed="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE_WITH_EXCLUSION"

  image_tag_mutability_exclusion_filter {
    filter      = "sha256-*"
    filter_type = "WILDCARD"
  }
}
""",
        ),
        Example(
            title="one of each kind, cosign 3, bundles, tags that are excluded, an unknown release",
            files=_WORKFLOW.replace(
                "cosign attest --yes --type vuln --predicate vuln.json", "cosign sign --yes"
            )
            + _ECR
            + _WORKFLOW.replace("sign.yml", "three.yml").replace("v3.8.1", "v4.1.2")
            + _WORKFLOW.replace("sign.yml", "main.yml").replace("v3.8.1", "main")
            + _WORKFLOW.replace("sign.yml", "bundle.yml").replace("--yes", "--yes --new-bundle-format")
            + _WORKFLOW.replace("sign.yml", "api.yml").replace("com/web", "com/api")
            + _ECR.replace("ecr.tf", "api/ecr.tf")
            .replace('"web"', '"api"')
            .replace(
                '"IMMUTABLE"\n',
                '"IMMUTABLE_WITH_EXCLUSION"\n\n  image_tag_mutability_exclusion_filter {\n    filter      = "sha256-*"\n    filter_type = "WILDCARD"\n  }\n',
            ),
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    seen: dict[tuple[object, str, str], Signature] = {}
    for signature in repo.signatures:
        job = signature.step.job if signature.step else None
        if (
            job is None
            or signature.format != LEGACY
            or signature.has_any("registry-referrers-mode", "replace")
        ):
            continue
        for _, image in signature.references:
            target = repo.declared(image)
            suffix = "att" if signature.is_attestation else "sig"
            if target is None or target.may_move(literal(f"sha256-{'0' * 64}.{suffix}")) is not False:
                continue
            if signature.invocation.command.conditional or target.mutability != "IMMUTABLE":
                continue
            first = seen.setdefault((job, signature.name, str(image)), signature)
            if first is not signature and _both_run(first, signature):
                yield _finding(signature, first, target, suffix)


def _both_run(first: Signature, second: Signature) -> bool:
    one, other = first.step, second.step
    conditions = [step.condition.value if step and step.condition else "" for step in (one, other)]
    return conditions[0] == conditions[1] or not conditions[0]


def _finding(signature: Signature, first: Signature, target: EcrRepository, suffix: str) -> Finding:
    name = code(target.name or "")
    return Finding(
        message=f"{code(signature.name)} of cosign 2 writes the tag {code(f'sha256-….{suffix}')} of one image a second time, and {name} refuses to move a tag.",
        consequence="The first one succeeds; this one ends with “tag … cannot be overwritten because the tag is immutable”.",
        location=signature.location,
        related=(
            Location(first.location.text, first.location.span, "writes the tag first"),
            target.resource.location("image_tag_mutability", "sets `IMMUTABLE`"),
        ),
        fixes=_fixes(target),
    )


def _fixes(target: EcrRepository) -> tuple[Fix, ...]:
    block = target.resource.block
    if not target.resource.module.aws_provider_is_at_least(*_SINCE):
        return ()
    mutability = block.body.attribute("image_tag_mutability")
    lines = (
        'image_tag_mutability_exclusion_filter {\n  filter      = "sha256-*"\n  filter_type = "WILDCARD"\n}'
    )
    edits: tuple[Edit | None, ...] = (
        replace_value_of(mutability, '"IMMUTABLE_WITH_EXCLUSION"') if mutability else None,
        add_block(block, lines),
    )
    return offer(
        "let the tags of cosign move",
        Applicability.UNSAFE,
        *edits,
        caution="Whoever can push may then replace signatures and attestations: does something else keep them from it?",
    )
