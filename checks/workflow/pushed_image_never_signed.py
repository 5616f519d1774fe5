"""Image is pushed and never signed, and a policy asks for a signature

A policy of the repository covers the image and has an authority that verifies signatures; no workflow signs
the image. Its pods are refused with "no signatures found".

Sign the digest after the push.

The check is silent where anything in the repository may sign it: a `cosign sign` whose image is not known, an
action or a workflow of others with signing in its name, a script; for pushes that only pull requests make;
and where ECR signs by itself.

References:

- https://docs.sigstore.dev/cosign/signing/signing_with_containers/
- https://docs.sigstore.dev/policy-controller/overview/
- https://docs.aws.amazon.com/AmazonECR/latest/userguide/managed-signing.html
"""

from __future__ import annotations

import re
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
from checks.facts.build.builds import BUILD_PUSH
from checks.facts.image.pushes import Push
from checks.facts.image.signing import LEGACY_FLAGS, name_of
from checks.facts.policy.policies import LEGACY, ClusterImagePolicy
from checks.facts.token.permission_edits import granted
from checks.facts.tree import insert_after
from checks.facts.value import Value
from checks.facts.workflow.step_edits import insert_step_after, insert_step_before, pinned
from checks.regex import regex

_SIGNS = regex(r"sign|cosign|attest|slsa|provenance|notary|notation", re.IGNORECASE)
_WORKFLOW = """\
-- .github/workflows/push.yml --
on: {push: {branches: [main]}}
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'ghcr.io/acme/web:1'}
"""
_SIGNING = f"""\
-- .github/workflows/push.yml --
on: {{push: {{branches: [main]}}}}
jobs:
  push:
    permissions: {{packages: write, id-token: write}}
    runs-on: ubuntu-latest
    steps:
      - uses: {pinned("sigstore/cosign-installer")}
      - uses: docker/build-push-action@v7
        id: build
        with: {{context: ., push: true, tags: 'ghcr.io/acme/web:1'}}
      - env:
          IMAGE: ghcr.io/acme/web@${{{{ steps.build.outputs.digest }}}}
        run: cosign sign --yes {LEGACY_FLAGS} "$IMAGE"
"""
_POLICY = """\
-- policy/images.yaml --
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: signed
spec:
  images:
    - glob: "ghcr.io/acme/**"
  authorities:
    - keyless:
        identities:
          - issuer: https://token.actions.githubusercontent.com
            subject: https://github.com/acme/web/.github/workflows/push.yml@refs/heads/main
"""

check = Check(
    id="pushed-image-never-signed",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.WORKFLOW, Kind.KUBERNETES),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("security", "sigstore", "policy", "sign"),
    security_severity=5.0,
    examples=(
        Example(
            title="a policy, a push, and no signature", files=_WORKFLOW + _POLICY, at="ghcr.io/acme/web:1"
        ),
        Example(
            title="in a job whose permissions are written",
            files=_WORKFLOW.replace("    runs-on", "    permissions: {packages: write}\n    runs-on")
            + _POLICY,
            at="ghcr.io/acme/web:1",
            fixed=_SIGNING,
        ),
        Example(
            title="bundles, with a token and an id that are there already",
            files=_WORKFLOW.replace(
                "    runs-on", "    permissions: {packages: write, id-token: write}\n    runs-on"
            ).replace("@v7\n", "@v7\n        id: image\n")
            + _POLICY.replace(
                "    - keyless:\n",
                "    - signatureFormat: bundle\n      attestations:\n        - name: signature\n"
                "          predicateType: https://sigstore.dev/cosign/sign/v1\n      keyless:\n",
            ),
            at="ghcr.io/acme/web:1",
            fixed=_SIGNING.replace("id: build", "id: image")
            .replace("steps.build", "steps.image")
            .replace(f" {LEGACY_FLAGS}", ""),
        ),
        Example(
            title="signed in another workflow",
            files=_WORKFLOW
            + _POLICY
            + """\
-- .github/workflows/sign.yml --
on: workflow_dispatch
jobs:
  sign:
    runs-on: ubuntu-latest
    steps:
      - run: cosign sign --yes "$IMAGE"
""",
        ),
        Example(
            title="an action that may sign",
            files=_WORKFLOW + "      - uses: acme/sign-image@v1\n" + _POLICY,
        ),
        Example(
            title="ECR signs by itself",
            files=_WORKFLOW + _POLICY + '-- ecr.tf --\nresource "aws_ecr_signing_configuration" "all" {\n}\n',
        ),
        Example(
            title="a workflow of somebody else may sign",
            files=_WORKFLOW
            + """\
  after:
    needs: push
    uses: acme/workflows/.github/workflows/publish.yml@v1
"""
            + _POLICY,
        ),
        Example(
            title="pull requests only, an image that no policy speaks of, a policy without signatures",
            files=_WORKFLOW.replace("push: {branches: [main]}", "pull_request: ")
            + _WORKFLOW.replace("push.yml", "other.yml").replace("acme", "team")
            + _POLICY
            + _WORKFLOW.replace("push.yml", "tools.yml").replace("acme", "tools")
            + _POLICY.partition("    - keyless")[0]
            .replace("images.yaml", "tools.yaml")
            .replace("acme", "tools")
            + "    - static: {action: pass}\n",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    policies = [
        one for one in repo.policies if one.enforces and not one.is_sample and not one.selects_resources
    ]
    if not policies or _may_be_signed(repo):
        return
    told: set[Value] = set()
    for push in repo.pushes:
        image = name_of(push.reference)
        policy = _asking(policies, image) if _is_meant(push) and image not in told else None
        if policy is not None:
            told.add(image)
            yield _finding(push, policy, image)


def _is_meant(push: Push) -> bool:
    """Whether it certainly happens for something else than a pull request."""
    events = push.events or ()
    return push.certain and any(
        event.ref_kind != "pull" and event.name != "workflow_call" for event in events
    )


def _may_be_signed(repo: Repository) -> bool:
    """Whether anything in the repository may sign an image."""
    if any(_SIGNS.search(use.scalar.value) for use in repo.action_uses):
        return True
    if any(job.calls_others for flow in repo.workflows for job in flow.jobs):
        return True
    kinds = (Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT, Kind.MAKEFILE)
    texts = (text.content for kind in kinds for text in repo.texts(kind))
    signing = any(re.search(r"\bcosign\b|\bnotation\b|\bsign\b", text) for text in texts)
    return signing or any("signing_configuration" in text.content for text in repo.texts(Kind.TERRAFORM))


def _asking(policies: list[ClusterImagePolicy], image: Value) -> ClusterImagePolicy | None:
    """The policy that certainly covers an image and has nothing but authorities that verify."""
    return next((one for one in policies if one.always_verifies and one.covers(image) is True), None)


def _finding(push: Push, policy: ClusterImagePolicy, image: Value) -> Finding:
    name = code(policy.name) if policy.name else "a policy"
    glob = next((one for one in policy.globs), None)
    related = (Location(glob.text, glob.span, "covers it"),) if glob else ()
    return Finding(
        message=f"{code(str(image))} is pushed, and nothing in the repository signs it.",
        consequence=f"{name} asks for a signature: pods with the image are refused, unless something outside of the repository signs it.",
        location=push.location,
        related=related,
        fixes=_fixes(push, policy, image),
    )


def _fixes(push: Push, policy: ClusterImagePolicy, image: Value) -> tuple[Fix, ...]:
    """cosign before the build and a signature of its digest behind it, in a job whose permissions are written."""
    step, name, installer = push.step, image.literal, pinned("sigstore/cosign-installer")
    job = step.job if step and step.uses_action(BUILD_PUSH) else None
    permissions = job.permissions if job else None
    if (
        step is None
        or job is None
        or permissions is None
        or name is None
        or job.node.get("strategy") is not None
    ):
        return ()
    named = step.node.entry("uses")
    number = step.id or ("build" if all(one.id != "build" for one in job.steps) else "")
    if named is None or not number or step.condition is not None:
        return ()
    formats = {one.signature_format for one in policy.authorities}
    flags = f" {LEGACY_FLAGS}" if formats == {LEGACY} else ""
    may = permissions.access("id-token") == "write"
    digest = f"${{{{ steps.{number}.outputs.digest }}}}"
    return offer(
        "sign the digest after the push",
        Applicability.UNSAFE,
        insert_step_before(step, f"uses: {installer}"),
        *(() if step.id else (insert_after(step.node, named, f"id: {number}"),)),
        insert_step_after(step, f'env:\n  IMAGE: {name}@{digest}\nrun: cosign sign --yes{flags} "$IMAGE"'),
        *(() if may else granted(job, permissions, {"id-token": "write"})),
        caution="Does nothing outside of this repository sign the image already?",
    )
