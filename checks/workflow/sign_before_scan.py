"""Image is signed before the scan that may refuse it

The signature comes first, then a scan that fails on what it finds. A failure stops the job and takes nothing
back: the image is in the registry with a valid signature, and a policy that asks for it admits what the scan
has refused.

Sign when the scan has passed: move the step behind it.

The check speaks of `cosign sign`, and of scans whose findings fail the job. It is silent for attestations,
which tell of something else than approval; where another scan of an image comes before the signature; where a
signed scan report is asked for or made; and where the two may be of different images.

References:

- https://docs.sigstore.dev/cosign/signing/signing_with_containers/
- https://docs.sigstore.dev/policy-controller/overview/
- https://github.com/aquasecurity/trivy-action#usage
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
from checks.facts.build.builds import Build
from checks.facts.image.image_flow import in_same_leg, refers_to
from checks.facts.image.references import reference
from checks.facts.image.signing import PREDICATES, Signature, name_of
from checks.facts.policy.policies import is_test
from checks.facts.scan.scans import Scan, Target, stops_the_job
from checks.facts.value import Value
from checks.facts.workflow.job_order import comes_before
from checks.facts.workflow.step_edits import move_step_behind

_HEAD = """\
-- .github/workflows/push.yml --
on: {push: {branches: [main]}}
permissions: {contents: read, id-token: write}
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@v3.8.1
      - uses: docker/build-push-action@v7
        id: build
        with:
          context: .
          push: true
          tags: ghcr.io/acme/web:${{ github.sha }}
"""
_SIGN = """\

      # by digest
      - name: Sign
        run: cosign sign --yes ghcr.io/acme/web@${{ steps.build.outputs.digest }}
"""
_SCAN = """\

      - uses: aquasecurity/trivy-action@v0.36.0
        with:
          image-ref: ghcr.io/acme/web@${{ steps.build.outputs.digest }}
          severity: CRITICAL
          exit-code: '1'
"""
_LAST = """\

      - run: ./tell.sh
"""
_SCAN_BY_TAG = _SCAN.replace("@${{ steps.build.outputs.digest }}", ":${{ steps.version.outputs.tag }}")
_COMPUTED = _HEAD.replace("${{ github.sha }}", "${{ steps.version.outputs.tag }}") + "SIGNSCAN" + _LAST
_FOLDER = "\n      - run: trivy fs --exit-code 1 .\n"
_CALL = "cosign sign --yes ghcr.io/acme/web@${{ steps.build.outputs.digest }}"

check = Check(
    id="sign-before-scan",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.WORKFLOW, Kind.SCRIPT, Kind.KUBERNETES, Kind.ACTION),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("security", "cosign", "sign", "scan"),
    security_severity=5.0,
    examples=(
        Example(
            title="signed, then scanned by the same digest",
            files=_HEAD + _SIGN + _SCAN + _LAST,
            at=_CALL,
            fixed=_HEAD + _SCAN + _SIGN + _LAST,
        ),
        Example(
            title="the scan is the job's last step, and reads the tag that the build gives",
            files=_HEAD + _SIGN + _SCAN.replace("@${{ steps.build.outputs.digest }}", ":${{ github.sha }}"),
            at=_CALL,
            fixed=_HEAD + _SCAN.replace("@${{ steps.build.outputs.digest }}", ":${{ github.sha }}") + _SIGN,
        ),
        Example(
            title="the scan is in a job that needs the signature's",
            files=_HEAD.replace(
                "    steps", "    outputs: {digest: '${{ steps.build.outputs.digest }}'}\n    steps"
            )
            + _SIGN
            + """\
  scan:
    needs: push
    runs-on: ubuntu-latest
    steps:
      - run: grype ghcr.io/acme/web:${{ github.sha }} --fail-on high
""",
            at=_CALL,
        ),
        Example(
            title="an image that the caller names, in one step and the other",
            files=(_HEAD + _SIGN + _SCAN + _LAST).replace("ghcr.io/acme/web@", "${{ inputs.image }}@"),
            at=_CALL.replace("ghcr.io/acme/web@", "${{ inputs.image }}@"),
            fixed=(_HEAD + _SCAN + _SIGN + _LAST).replace("ghcr.io/acme/web@", "${{ inputs.image }}@"),
        ),
        Example(
            title="the sources are scanned before, the image after",
            files=_HEAD + _FOLDER + _SIGN + _SCAN,
            at=_CALL,
            fixed=_HEAD + _FOLDER + _SCAN + _SIGN,
        ),
        Example(
            title="the scan reads the tag that a step has computed",
            files=_COMPUTED.replace("SIGN", _SIGN).replace("SCAN", _SCAN_BY_TAG),
            at=_CALL,
            fixed=_COMPUTED.replace("SIGN", _SCAN_BY_TAG).replace("SCAN", _SIGN),
        ),
        Example(
            title="a script, of which it is not known whether the scan fails it",
            files="""\
-- release.sh --
#!/bin/bash
set -euo pipefail
cosign sign --yes "registry.example.com/web@$DIGEST"
trivy image --exit-code 1 "registry.example.com/web@$DIGEST"
""",
        ),
        Example(title="scanned, then signed", files=_HEAD + _SCAN + _SIGN),
        Example(
            title="the scan reports only, by its exit code or because its failure is ignored",
            files=_HEAD
            + _SIGN
            + _SCAN.replace("'1'", "'0'")
            + _SCAN.replace("        with", "        continue-on-error: true\n        with"),
        ),
        Example(
            title="another scan comes first",
            files=_HEAD
            + _SCAN.replace("@${{ steps.build.outputs.digest }}", ":${{ github.sha }}")
            + _SIGN
            + _SCAN,
        ),
        Example(
            title="an attestation; a scan of another image, of the folder",
            files=_HEAD
            + _SIGN.replace(
                "cosign sign --yes", "cosign attest --yes --type slsaprovenance1 --predicate p.json"
            )
            + _SCAN
            + _HEAD.replace("push.yml", "other.yml")
            + _SIGN
            + _SCAN.replace("ghcr.io/acme/web@${{ steps.build.outputs.digest }}", "ghcr.io/acme/base:1")
            + "      - run: trivy fs --exit-code 1 .\n",
        ),
        Example(
            title="the report of the scan is attested",
            files=_HEAD
            + _SIGN
            + _SCAN
            + "      - run: cosign attest --yes --type vuln --predicate v.json ghcr.io/acme/web@${{ steps.build.outputs.digest }}\n",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    signatures = [one for one in repo.signatures if not one.is_attestation and not is_test(one.location.path)]
    if not signatures or _asks_for_report(repo):
        return
    for signature in signatures:
        scan = _scan_behind(repo, signature)
        if scan is not None:
            yield _finding(signature, scan)


def _asks_for_report(repo: Repository) -> bool:
    """Whether a report of a scan is attested, or asked for by a policy."""
    attested = [one.predicate_type for one in repo.signatures if one.is_attestation]
    asked = [
        one.predicate_type
        for policy in repo.policies
        for authority in policy.authorities
        for one in authority.attestations
    ]
    wanted = [PREDICATES.get(one.value, one.value) for one in asked if one]
    return any(one is None or "vuln" in one for one in (*attested, *wanted))


def _scan_behind(repo: Repository, signature: Signature) -> Scan | None:
    """The first gate for the signed image that comes after the signature, if no scan comes before."""
    job = signature.step.job if signature.step else None
    scans = repo.scans_in.get(signature.location.text, ())
    if job is None or any(
        scan.gates is not False
        and scan.target is not Target.FOLDER
        and comes_before(scan.step, scan.location, signature.step, signature.location)
        for scan in scans
    ):
        return None
    for scan in scans:
        is_later = comes_before(signature.step, signature.location, scan.step, scan.location)
        if (
            is_later
            and scan.target is Target.IMAGE
            and stops_the_job(scan)
            and _are_of_one(repo, signature, scan)
        ):
            return scan
    return None


def _are_of_one(repo: Repository, signature: Signature, scan: Scan) -> bool:
    """Whether both certainly name the same image."""
    step, other = signature.step, scan.step
    in_one_job = step is not None and other is not None and step.job is other.job
    for scope in signature.invocation.scopes:
        signed = [one for word in signature.subjects for one in signature.invocation.values_in(word, scope)]
        if in_same_leg(scope, scan.scope) and any(
            _is_same(repo, one, scan, in_one_job=in_one_job) for one in signed
        ):
            return True
    return False


def _is_same(repo: Repository, signed: Value, scan: Scan, *, in_one_job: bool) -> bool:
    """Whether two names are one, or names of one build; expressions that are written alike say the same in one job."""
    if any(one.is_unknown and not (in_one_job and _is_told(one)) for one in (signed, scan.subject)):
        return False
    if signed == scan.subject:
        return True
    if name_of(reference(signed)) != name_of(reference(scan.subject)):
        return False
    return any(_gives(build, signed) and _gives(build, scan.subject) for build in repo.builds_as_written)


def _is_told(name: Value) -> bool:
    """Whether expressions, and no variable of a shell, fill in what is not known of a name."""
    return all(hole.source and not hole.source.startswith("$") for hole in name.holes)


def _gives(build: Build, name: Value) -> bool:
    return refers_to(build, name) or any(tag.value == name for tag in build.tags)


def _finding(signature: Signature, scan: Scan) -> Finding:
    image = code(str(signature.images[0]))
    return Finding(
        message=f"{image} is signed before the scan that may refuse it.",
        consequence=(
            f"When {scan.tool} finds something, the job fails and the signature stays: a policy that asks for it admits the "
            "image that was refused."
        ),
        location=signature.location,
        related=(
            Location(scan.location.text, scan.location.span, "scans the image, and fails on what it finds"),
        ),
        fixes=_fixes(signature, scan),
    )


def _fixes(signature: Signature, scan: Scan) -> tuple[Fix, ...]:
    step, other = signature.step, scan.step
    if step is None or other is None or step.job is not other.job or step is other:
        return ()
    return offer(
        "sign when the scan has passed",
        Applicability.UNSAFE,
        *move_step_behind(step, other),
        caution="Does a step between the two need the signature to be there?",
    )
