"""Image is deployed before it is signed

A policy of the repository refuses the image without a signature, and the command that deploys it does not
wait for the one that signs it. The first rollout of each image races with the signature: where it is faster,
admission refuses the pods with "no signatures found".

Let the deployment need the job that signs.

The check compares commands that name an image (`kubectl set image`, `kubectl run`, `kubectl create`,
`helm --set`) with `cosign sign` of the same image in the same workflow. It is silent for policies that only
warn, for images that this run does not push, where something else may sign the image before, for clusters
that a name says are for tests or development, and for controllers that deploy by themselves.

References:

- https://docs.sigstore.dev/policy-controller/overview/#enable-policy-controller-for-namespaces
- https://kyverno.io/docs/policy-types/cluster-policy/verify-images/
- https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idneeds
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
from checks.facts.deployment.rollouts import Rollout
from checks.facts.image.pushes import Push
from checks.facts.image.signing import Signature, name_of
from checks.facts.tree import Entry, Scalar, Sequence, append_item, insert_before
from checks.facts.value import Value, Varies
from checks.facts.workflow.job_order import comes_before, needed_jobs
from checks.facts.workflow.step_edits import move_step_behind
from checks.facts.workflow.workflows import Job, Step
from checks.regex import regex

_SIGNS = regex(r"sign|cosign|attest|slsa|provenance|notary|notation", re.IGNORECASE)
_ASIDE = regex(r"dev|stag|preview|test|qa|sandbox|kind|e2e|local|review", re.IGNORECASE)
"""In the name of a job or of its environment: a cluster that the policies may not hold in."""
_PUSH = """\
-- .github/workflows/push.yml --
on: {push: {branches: [main]}}
permissions: {contents: read}
jobs:
  build:
    runs-on: ubuntu-latest
    outputs: {digest: '${{ steps.build.outputs.digest }}'}
    steps:
      - uses: docker/build-push-action@v7
        id: build
        with: {context: ., push: true, tags: 'ghcr.io/acme/web:${{ github.sha }}'}
  sign:
    needs: build
    runs-on: ubuntu-latest
    permissions: {id-token: write, packages: write}
    steps:
      - uses: sigstore/cosign-installer@v3.8.1
      - run: cosign sign --yes ghcr.io/acme/web@${{ needs.build.outputs.digest }}
"""
_DEPLOY = """\
  deploy:
    needs: build
    runs-on: ubuntu-latest
    steps:
      - run: kubectl set image deployment/web web=ghcr.io/acme/web:${{ github.sha }}
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
_KYVERNO = """\
-- policy/verify.yaml --
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: verify
spec:
  rules:
    - name: signed
      match: {any: [{resources: {kinds: [Pod]}}]}
      verifyImages:
        - imageReferences: ["ghcr.io/acme/*"]
          failureAction: Enforce
          attestors:
            - entries: [{keys: {kms: 'awskms:///alias/cosign'}}]
"""
_CALL = "kubectl set image deployment/web web=ghcr.io/acme/web:${{ github.sha }}"
_SAME_JOB = _PUSH.partition("  sign:")[0].replace(
    "permissions: {contents: read}", "permissions: {id-token: write}"
)

check = Check(
    id="deploy-before-sign",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW, Kind.KUBERNETES, Kind.SCRIPT, Kind.ACTION),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("cosign", "sign", "deploy", "policy"),
    examples=(
        Example(
            title="both jobs need the build alone",
            files=_PUSH + _DEPLOY + _POLICY,
            at=_CALL,
            fixed=_PUSH + _DEPLOY.replace("needs: build", "needs: [build, sign]"),
        ),
        Example(
            title="a list of needs, Helm, and a policy of Kyverno",
            files=_PUSH
            + _DEPLOY.replace("needs: build", "needs:\n      - build")
            .replace(
                "set image deployment/web web=ghcr.io/acme/web:",
                "version\n      - run: helm upgrade web ./chart --set image.tag=",
            )
            .replace("--set ", "--set image.repository=ghcr.io/acme/web,")
            + _KYVERNO,
            at="helm upgrade web ./chart --set image.repository=ghcr.io/acme/web,image.tag=${{ github.sha }}",
            fixed=_PUSH
            + _DEPLOY.replace("needs: build", "needs:\n      - build\n      - sign")
            .replace(
                "set image deployment/web web=ghcr.io/acme/web:",
                "version\n      - run: helm upgrade web ./chart --set image.tag=",
            )
            .replace("--set ", "--set image.repository=ghcr.io/acme/web,"),
        ),
        Example(
            title="in one job, the steps in the wrong order",
            files=_SAME_JOB
            + f"      - run: {_CALL}\n"
            + "      - uses: sigstore/cosign-installer@v3.8.1\n"
            + "      - run: cosign sign --yes ghcr.io/acme/web@${{ steps.build.outputs.digest }}\n"
            + _POLICY,
            at=_CALL,
            fixed=_SAME_JOB
            + "      - uses: sigstore/cosign-installer@v3.8.1\n"
            + "      - run: cosign sign --yes ghcr.io/acme/web@${{ steps.build.outputs.digest }}\n"
            + f"      - run: {_CALL}\n",
        ),
        Example(
            title="the deployment needs the signature, over another job",
            files=_PUSH
            + "  test:\n    needs: sign\n    runs-on: ubuntu-latest\n    steps:\n      - run: ./test.sh\n"
            + _DEPLOY.replace("needs: build", "needs: test")
            + _POLICY,
        ),
        Example(title="no policy", files=_PUSH + _DEPLOY),
        Example(
            title="a policy that warns, and one for others",
            files=_PUSH
            + _DEPLOY
            + _POLICY.replace("  images", "  mode: warn\n  images")
            + _KYVERNO.replace("Enforce", "Audit")
            + _POLICY.replace("images.yaml", "team.yaml").replace("acme/**", "team/**"),
        ),
        Example(
            title="another tag than this run pushes",
            files=_PUSH + _DEPLOY.replace("${{ github.sha }}", "stable") + _POLICY,
        ),
        Example(
            title="a cluster for tests, by the job's name or its environment",
            files=_PUSH
            + _DEPLOY.replace("  deploy:", "  deploy-preview:")
            + _DEPLOY.replace("  deploy:", "  rollout:\n    environment: staging")
            + _POLICY,
        ),
        Example(
            title="an action signs it as well",
            files=_PUSH.replace("  sign:", "      - uses: acme/sign-image@v1\n  sign:") + _DEPLOY + _POLICY,
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for rollout in repo.rollouts if repo.signatures else ():
        if not _is_meant(rollout):
            continue
        image = name_of(rollout.reference)
        policy = _policy(repo, image) if _is_pushed(repo, rollout) else None
        signature = _signature(repo, rollout, image)
        if policy is not None and signature is not None and not _may_be_signed_before(rollout, image):
            yield _finding(rollout, signature, policy)


def _is_meant(rollout: Rollout) -> bool:
    """Whether nothing says that the cluster is another one than the policies are for."""
    job = rollout.step.job
    environment = job.environment.value if job and job.environment else ""
    return job is not None and not _ASIDE.search(f"{job.id} {environment}")


def _is_pushed(repo: Repository, rollout: Rollout) -> bool:
    """Whether the run pushes the very image before it deploys it."""
    return any(_is_of(push, rollout) for push in repo.pushes)


def _is_of(push: Push, rollout: Rollout) -> bool:
    if push.step is None or name_of(push.reference) != name_of(rollout.reference):
        return False
    if not comes_before(push.step, push.location, rollout.step, rollout.location):
        return False
    by_digest = any(hole.varies is Varies.DIGEST for hole in rollout.image.holes)
    return by_digest or push.value == rollout.image


def _policy(repo: Repository, image: Value) -> Location | None:
    """Where a policy stands that certainly refuses the image without a signature."""
    for policy in repo.policies:
        asks = policy.always_verifies and policy.enforces
        if asks and not policy.is_sample and not policy.selects_resources and policy.covers(image) is True:
            return Location(policy.node.text, policy.globs[0].span, "refuses it without a signature")
    for rule in repo.image_verifications:
        asks = bool(rule.attestors) and rule.enforces is True and rule.is_for_all_pods and not rule.is_sample
        if asks and rule.covers(image) is True and rule.switch("required") is True:
            return Location(rule.node.text, rule.references[0].span, "refuses it without a signature")
    return None


def _signature(repo: Repository, rollout: Rollout, image: Value) -> Signature | None:
    """The one place that signs the image, in the same workflow and not certainly before it is deployed."""
    found = [one for one in repo.signatures if not one.is_attestation and _may_sign(one, image)]
    if len(found) != 1 or found[0].step is None or found[0].step.job is None or rollout.step.job is None:
        return None
    one = found[0]
    same_workflow = one.location.text is rollout.location.text
    before = comes_before(one.step, one.location, rollout.step, rollout.location)
    return one if same_workflow and not before and image in one.images else None


def _may_sign(signature: Signature, image: Value) -> bool:
    return not signature.images or any(one == image or one.is_unknown for one in signature.images)


def _may_be_signed_before(rollout: Rollout, image: Value) -> bool:
    """Whether something that runs before may sign the image in a way that is not read here."""
    job = rollout.step.job
    if job is None or image.is_unknown:
        return True
    earlier = needed_jobs(job)
    if any(one.uses is not None for one in earlier):
        return True
    steps: list[Step] = [*rollout.step.earlier, *(step for one in earlier for step in one.steps)]
    return any(_SIGNS.search(step.text[step.node.span]) for step in steps)


def _finding(rollout: Rollout, signature: Signature, policy: Location) -> Finding:
    step, other = rollout.step, signature.step
    same_job = other is not None and step.job is other.job
    where = "a later step signs it" if same_job else "the job that signs it is not waited for"
    return Finding(
        message=f"{code(str(name_of(rollout.reference)))} is deployed here, and {where}.",
        consequence=(
            "Admission refuses the pods of a new image: “no signatures found”."
            if same_job
            else "Where the rollout is faster than the signature, admission refuses its pods: “no signatures found”."
        ),
        location=rollout.location,
        related=(Location(signature.location.text, signature.location.span, "signs it"), policy),
        fixes=_fixes(rollout, signature),
    )


def _fixes(rollout: Rollout, signature: Signature) -> tuple[Fix, ...]:
    step, other = rollout.step, signature.step
    if other is None or other.job is None or step.job is None:
        return ()
    if step.job is other.job:
        return offer(
            "deploy when the image is signed",
            Applicability.UNSAFE,
            *move_step_behind(step, other),
            caution="Does a step between the two need the deployment?",
        )
    if any(one.id == step.job.id for one in needed_jobs(other.job)):
        return ()
    return offer(
        f"let {code(step.job.id)} need {code(other.job.id)}",
        Applicability.UNSAFE,
        _needing(step.job, other.job.id),
        caution=f"A skipped {code(other.job.id)} skips {code(step.job.id)} too: does it run for each event that deploys?",
    )


def _needing(job: Job, other: str) -> Edit | None:
    """One more entry in a job's `needs`."""
    needs = job.node.get("needs")
    if isinstance(needs, Sequence):
        return append_item(needs, other)
    if isinstance(needs, Scalar):
        written = needs.text[needs.span]
        return Edit(needs.text.path, needs.span, f"[{written}, {other}]")
    first: Entry | None = next(iter(job.node.entries), None)
    return insert_before(job.node, first, f"needs: {other}") if first is not None and needs is None else None
