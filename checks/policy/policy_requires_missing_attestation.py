"""Policy asks for an attestation that nothing makes

A policy that lists `attestations` admits an image only if it has each of them, signed, under its predicate
type. Where the workflow signs the image and attests nothing of that type, each new image is refused with "no
matching attestations". An attestation that BuildKit puts into the index (`sbom: true`, `provenance: true`) is
not signed and does not count.

Attest it after the push, under the same type.

The check is silent where a workflow calls another one or an action that may attest, where the type of an
attestation or its image is not known, where the policy may not cover the image, and for samples. What
GitHub's own actions attest counts with `push-to-registry: true`.

References:

- https://docs.sigstore.dev/policy-controller/overview/#configuring-attestations
- https://github.com/sigstore/cosign/blob/main/cmd/cosign/cli/options/predicate.go
- https://docs.docker.com/build/metadata/attestations/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

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
from checks.facts.image.sboms import SBOM_ACTION
from checks.facts.image.signing import ATTEST_ACTIONS, PREDICATES, SIGNATURE, Signature
from checks.facts.policy.admission import covering
from checks.facts.policy.policies import Authority, ClusterImagePolicy
from checks.facts.tree import Scalar, Sequence, insert_item_after
from checks.facts.value import Value
from checks.facts.workflow.job_order import comes_before, in_same_run
from checks.regex import regex

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
            subject: https://github.com/acme/web/.github/workflows/sign.yml@refs/heads/main
      attestations:
        - name: sbom
          predicateType: https://spdx.dev/Document
"""
_WORKFLOW = """\
-- .github/workflows/sign.yml --
on: {push: {branches: [main]}}
permissions: {contents: read, id-token: write}
jobs:
  sign:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@v3.8.1
      - run: cosign sign --yes "ghcr.io/acme/web@${{ needs.build.outputs.digest }}"
"""
_BEFORE, _SIGN = _WORKFLOW.partition("      - run")[0], "".join(_WORKFLOW.partition("      - run")[1:])
_BEFORE += "      - run: syft scan ghcr.io/acme/web:1 -o spdx-json=sbom.json\n"
_GITHUB = """\
      - uses: actions/attest-build-provenance@v4
        with:
          subject-name: ghcr.io/acme/web
          subject-digest: ${{ needs.build.outputs.digest }}
          push-to-registry: true
"""
_ATTEST = """\
      - run: cosign attest --yes --type {} --predicate a.json "ghcr.io/acme/web@${{{{ needs.build.outputs.digest }}}}"
"""

check = Check(
    id="policy-requires-missing-attestation",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.KUBERNETES, Kind.WORKFLOW),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("sigstore", "policy", "sbom"),
    examples=(
        Example(
            title="an SBOM is asked for, and only vulnerabilities are attested",
            files=_POLICY + _WORKFLOW + _ATTEST.format("vuln"),
            at="https://spdx.dev/Document",
            fixed=_WORKFLOW + _ATTEST.format("spdxjson").replace("a.json", "FILE") + _ATTEST.format("vuln"),
        ),
        Example(
            title="the list is made, and not attested; a provenance that is, by GitHub's action, is of another type",
            files=_POLICY + _BEFORE + _SIGN + _GITHUB,
            at="https://spdx.dev/Document",
            fixed=_BEFORE + _SIGN + _ATTEST.format("spdxjson").replace("a.json", "sbom.json") + _GITHUB,
        ),
        Example(
            title="GitHub's action attests the type",
            files=_POLICY.replace("https://spdx.dev/Document", "https://slsa.dev/provenance/v1")
            + _WORKFLOW
            + _GITHUB,
        ),
        Example(
            title="GitHub's action attests a list of a format that is not known",
            files=_POLICY + _WORKFLOW + _GITHUB.replace("attest-build-provenance", "attest-sbom"),
        ),
        Example(
            title="the digest is in a variable of the step, which a step of its own does not have",
            files=_POLICY + _WORKFLOW.replace("${{ needs.build.outputs.digest }}", "$DIGEST"),
            at="https://spdx.dev/Document",
        ),
        Example(
            title="an attestation of an image that is not known",
            files=_POLICY + _WORKFLOW + _ATTEST.format("spdxjson").replace("acme/web", "${{ inputs.image }}"),
        ),
        Example(
            title="an attestation alone, of another type",
            files=_POLICY + _WORKFLOW.partition("      - run")[0] + _ATTEST.format("vuln"),
        ),
        Example(
            title="the short name of the type",
            files=_POLICY.replace("https://spdx.dev/Document", "cyclonedx") + _WORKFLOW,
            at="cyclonedx",
            fixed=_WORKFLOW + _ATTEST.format("cyclonedx").replace("a.json", "FILE"),
        ),
        Example(
            title="another authority asks for nothing of the kind; a workflow of others may attest; a sample",
            files=_POLICY
            + "    - key: {kms: 'awskms:///alias/cosign'}\n"
            + _POLICY.replace("policy/images", "docs/images")
            + _WORKFLOW,
        ),
        Example(
            title="a workflow of others may attest",
            files=_POLICY
            + _WORKFLOW
            + """\
  attest:
    uses: acme/shared/.github/workflows/after-build.yml@v1
""",
        ),
        Example(
            title="attested under the type, by either name; the signature itself as a bundle",
            files=_POLICY
            + _WORKFLOW
            + _ATTEST.format("spdxjson")
            + _POLICY.replace("images.yaml", "bundle.yaml").replace("https://spdx.dev/Document", SIGNATURE),
        ),
        Example(
            title="a type that is not known, an action that may attest, a workflow that is called",
            files=_POLICY + _WORKFLOW + _ATTEST.format("$TYPE"),
        ),
        Example(
            title="an action of somebody else attests",
            files=_POLICY + _WORKFLOW + "      - uses: acme/attest-sbom@v1\n",
        ),
        Example(
            title="another image",
            files=_POLICY.replace("acme/**", "team/**") + _WORKFLOW,
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    attested = _attested(repo)
    if attested is None or _may_come_from_elsewhere(repo):
        return
    told: set[Scalar] = set()
    for signature in repo.signatures:
        if signature.is_attestation or signature.step is None or signature.step.job is None:
            continue
        for policy in covering(signature, repo.coverage):
            made = {one for image in signature.images for one in attested.get(image, ())}
            for missing in _missing(policy, made):
                if missing not in told:
                    told.add(missing)
                    yield _finding(repo, policy, signature, missing)


def _attested(repo: Repository) -> Mapping[Value, set[str]] | None:
    """The predicate types that the repository attests of each image; None if one is not known."""
    found: dict[Value, set[str]] = {}
    for one in repo.signatures:
        if one.is_attestation:
            if one.predicate_type is None or any(image.is_unknown for image in one.images):
                return None
            for image in one.images:
                found.setdefault(image, set()).add(one.predicate_type)
    for attestation in repo.github_attestations:
        if attestation.is_in_registry is not False:
            if attestation.predicate_type is None or attestation.image.is_unknown:
                return None
            found.setdefault(attestation.image, set()).add(attestation.predicate_type)
    return found


def _missing(policy: ClusterImagePolicy, made: set[str]) -> list[Scalar]:
    """The types that are not among those that the repository attests, if that holds for each authority."""
    found = [_lacking(one, made) for one in policy.authorities]
    return [scalar for one in found for scalar in one] if found and all(found) else []


def _lacking(authority: Authority, made: set[str]) -> list[Scalar]:
    types = [one.predicate_type for one in authority.attestations]
    return [
        scalar
        for scalar in types
        if scalar is not None and PREDICATES.get(scalar.value, scalar.value) not in (*made, SIGNATURE)
    ]


def _may_come_from_elsewhere(repo: Repository) -> bool:
    """Whether a workflow uses something that may attest: an action of that name, or a workflow that is called."""
    if any(job.calls_others for flow in repo.workflows for job in flow.jobs):
        return True
    uses = [step.uses for step in repo.steps if step.uses is not None]
    return any(
        any(word in one.action for word in ("attest", "sbom", "slsa", "cosign-", "sign"))
        for one in uses
        if one.action not in (*ATTEST_ACTIONS, SBOM_ACTION, "sigstore/cosign-installer")
    )


def _finding(repo: Repository, policy: ClusterImagePolicy, signature: Signature, missing: Scalar) -> Finding:
    name = code(policy.name) if policy.name else "the policy"
    return Finding(
        message=f"Nothing here attests {code(missing.value)} for {code(str(signature.images[0]))}, and {name} asks for it.",
        consequence="Each new image is signed and refused all the same: “no matching attestations”. What BuildKit puts into the index is not signed and does not count.",
        location=Location(missing.text, missing.span),
        related=(
            Location(
                signature.location.text,
                signature.location.span,
                "signs the image, and attests nothing of this type",
            ),
        ),
        fixes=_fixes(repo, signature, missing),
    )


_VARIABLE = regex(r"\$(?!\{\{)")
"""A variable of the shell, which a step of its own does not have."""
_HOLE = "FILE"


def _fixes(repo: Repository, signature: Signature, missing: Scalar) -> tuple[Fix, ...]:
    """A step that attests it, behind the one that signs; its file is a hole where none is made before."""
    step = signature.step
    steps = step.job.node.get("steps") if step and step.job else None
    subjects = [signature.invocation.script[word.span] for word, _ in signature.references]
    if step is None or not isinstance(steps, Sequence) or len(subjects) != 1 or _VARIABLE.search(subjects[0]):
        return ()
    uri = PREDICATES.get(missing.value, missing.value)
    names = [name for name, one in PREDICATES.items() if one == uri]
    file = _file(repo, signature, uri) or _HOLE
    line = f"run: cosign attest --yes --type {names[-1] if names else uri} --predicate {file} {subjects[0]}"
    has_hole = file == _HOLE
    return offer(
        f"attest {code(file)}" if not has_hole else "attest it behind the signature",
        Applicability.DISPLAY if has_hole else Applicability.UNSAFE,
        insert_item_after(steps, steps.items.index(step.node), line),
        caution="" if has_hole else f"Is {code(file)} made from the image that is signed?",
    )


_FORMATS = {"https://spdx.dev/Document": "spdx-json", "https://cyclonedx.org/bom": "cyclonedx-json"}


def _file(repo: Repository, signature: Signature, uri: str) -> str:
    """The list of packages in the format of the type that the job has made before; empty without one."""
    here = (signature.step, signature.location)
    found = [
        sbom.file.literal
        for sbom in repo.sboms_in.get(signature.location.text, ())
        if sbom.format == _FORMATS.get(uri)
        and in_same_run(sbom.step, sbom.location, *here)
        and comes_before(sbom.step, sbom.location, *here)
    ]
    return found[0] if len(found) == 1 and found[0] else ""
