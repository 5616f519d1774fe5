"""Signature is stored in a format that the policy does not read

cosign 3 stores a signature as a Sigstore bundle among the image's referrers; up to 2 it was an object under a
tag `sha256-….sig`. An authority of a `ClusterImagePolicy` reads one of the two: `signatureFormat`, which is
`legacy` unless it says `bundle`. An update of cosign-installer from v3 to v4 changes the signatures and
leaves the policy as it was: each new image is refused with "no signatures found".

Either have cosign write what the policy reads, or let the policy read bundles. policy-controller up to
0.15.1 verifies bundles of attestations only, so that its authority needs an `attestations` list as well.

The check is silent where the release of cosign is not known, where images are signed in both formats, and
where one authority of the policy reads the format.

References:

- https://github.com/sigstore/cosign/blob/main/CHANGELOG.md
- https://github.com/sigstore/policy-controller/issues/1899
- https://github.com/sigstore/policy-controller/blob/main/docs/api-types/index-v1beta1.md
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
from checks.facts.action.pin_edits import pin
from checks.facts.action.releases import newest
from checks.facts.image.signing import LEGACY_FLAGS, SIGNATURE, Signature
from checks.facts.policy.admission import covering
from checks.facts.policy.policies import BUNDLE, LEGACY, Authority, ClusterImagePolicy
from checks.facts.tree import Edit, append_entry
from checks.facts.value import Value
from checks.facts.workflow.workflows import Step

_WORKFLOW = """\
-- .github/workflows/sign.yml --
on: {push: {branches: [main]}}
permissions: {contents: read, id-token: write}
jobs:
  sign:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@v4.1.2
      - run: cosign sign --yes "ghcr.io/acme/web@${{ needs.build.outputs.digest }}"
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
        url: https://fulcio.sigstore.dev
        identities:
          - issuer: https://token.actions.githubusercontent.com
            subject: https://github.com/acme/web/.github/workflows/sign.yml@refs/heads/main
"""
_BUNDLE = """\
      signatureFormat: bundle
      attestations:
        - name: signature
          predicateType: https://sigstore.dev/cosign/sign/v1
"""
_CALL = 'cosign sign --yes "ghcr.io/acme/web@${{ needs.build.outputs.digest }}"'

check = Check(
    id="signature-format-mismatch",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW, Kind.KUBERNETES),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("sigstore", "policy", "cosign"),
    examples=(
        Example(
            title="cosign 3 and a policy that reads what cosign 2 wrote",
            files=_WORKFLOW + _POLICY,
            at=_CALL,
            fixed=_WORKFLOW.replace("cosign sign", f"cosign sign {LEGACY_FLAGS}"),
            others=(_POLICY + _BUNDLE,),
        ),
        Example(
            title="cosign 2 and a policy that reads bundles",
            files=_WORKFLOW.replace("@v4.1.2", "@v3.8.1 # zizmor: ignore[unpinned-uses]") + _POLICY + _BUNDLE,
            at=_CALL,
            fixed=_WORKFLOW.replace(
                "@v4.1.2",
                "@6f9f17788090df1f26f669e9d70d6ae9567deba6 # v4.1.2 # zizmor: ignore[unpinned-uses]",
            ),
        ),
        Example(
            title="a key, which no bundle is verified with",
            files=_WORKFLOW.replace("--yes", "--yes --key awskms:///alias/cosign")
            + _POLICY.partition("    - keyless")[0]
            + "    - key:\n        kms: awskms:///alias/cosign\n",
            at=_CALL.replace("--yes", "--yes --key awskms:///alias/cosign"),
            fixed=_WORKFLOW.replace(
                "cosign sign --yes", f"cosign sign {LEGACY_FLAGS} --yes --key awskms:///alias/cosign"
            ),
        ),
        Example(
            title="the flags, cosign 2, a release that is not known, both authorities, another image",
            files=_WORKFLOW.replace("sign --yes", f"sign --yes {LEGACY_FLAGS}")
            + _WORKFLOW.replace("sign.yml", "two.yml").replace("@v4.1.2", "@v3.8.1")
            + _POLICY
            + _WORKFLOW.replace("sign.yml", "api.yml").replace("acme/web", "other/api")
            + _WORKFLOW.replace("sign.yml", "main.yml")
            .replace("@v4.1.2", "@main")
            .replace("acme/web", "team/web")
            + _POLICY.replace("images.yaml", "team.yaml").replace("ghcr.io/acme", "ghcr.io/team"),
        ),
        Example(
            title="signed in both formats",
            files=_WORKFLOW + f"      - run: {_CALL.replace('--yes', '--yes ' + LEGACY_FLAGS)}\n" + _POLICY,
        ),
        Example(
            title="one authority reads bundles, another what came before; a release is pinned",
            files=_WORKFLOW
            + _POLICY
            + _BUNDLE
            + "    - key:\n        kms: awskms:///alias/cosign\n"
            + _WORKFLOW.replace("sign.yml", "two.yml")
            .replace("@v4.1.2", "@v4.1.2\n        with: {cosign-release: v2.6.1}")
            .replace("acme/web", "team/web")
            + _POLICY.replace("images.yaml", "team.yaml").replace("ghcr.io/acme", "ghcr.io/team"),
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    told: set[ClusterImagePolicy] = set()
    formats = _formats(repo)
    for signature in repo.signatures:
        written = None if signature.is_attestation else _format(formats, signature)
        for policy in covering(signature, repo.coverage) if written else ():
            if policy not in told and _reads_only(policy, LEGACY if written == BUNDLE else BUNDLE):
                told.add(policy)
                yield _finding(policy, signature, written or "")


def _formats(repo: Repository) -> dict[Value, set[str | None]]:
    """The formats that the signatures of each image have, wherever it is signed."""
    formats: dict[Value, set[str | None]] = {}
    for one in repo.signatures:
        for image in () if one.is_attestation else one.images:
            formats.setdefault(image, set()).add(one.format)
    return formats


def _format(formats: dict[Value, set[str | None]], signature: Signature) -> str | None:
    """The one format that all signatures of its images have."""
    found = set[str | None]().union(*(formats[image] for image in signature.images))
    return found.pop() if len(found) == 1 else None


def _reads_only(policy: ClusterImagePolicy, wanted: str) -> bool:
    """Whether each authority reads signatures, and in this format."""
    return bool(policy.authorities) and all(
        (one.keyless is not None or one.key is not None) and one.signature_format == wanted
        for one in policy.authorities
    )


def _finding(policy: ClusterImagePolicy, signature: Signature, written: str) -> Finding:
    name = code(policy.name) if policy.name else "the policy"
    version = ".".join(map(str, signature.cosign.version or ()))
    how = "as a bundle" if written == BUNDLE else "under a tag, as before cosign 3"
    reads = "reads no bundles" if written == BUNDLE else "reads bundles only"
    outcome = "are refused: “no signatures found”" if policy.enforces else "run with a warning"
    authority = policy.authorities[0]
    place = authority.node.entry("signatureFormat")
    span = place.span if place else authority.node.entries[0].key.span
    note = "reads bundles only" if place else "reads the format of cosign 2, without `signatureFormat`"
    return Finding(
        message=f"cosign {version} stores this signature {how}, and {name} {reads}.",
        consequence=f"Pods with {code(str(signature.images[0]))} {outcome}, although the image is signed.",
        location=signature.location,
        related=(Location(authority.node.text, span, note),),
        fixes=_to_legacy(signature, policy) if written == BUNDLE else _to_bundle(signature),
    )


def _to_legacy(signature: Signature, policy: ClusterImagePolicy) -> tuple[Fix, ...]:
    flags = offer(
        "write the signature as the policy reads it",
        Applicability.UNSAFE,
        signature.with_option(LEGACY_FLAGS)
        if signature.arguments.span_of("new-bundle-format") is None
        else None,
        caution="Does anything else verify these images by bundles already?",
    )
    only = policy.authorities[0] if len(policy.authorities) == 1 else None
    if only is None or only.keyless is None or only.attestations:
        return flags
    bundles = offer(
        "let the policy read bundles, for policy-controller 0.13 or newer",
        Applicability.DISPLAY,
        _reading(only),
    )
    return (*flags, *bundles)


def _reading(authority: Authority) -> Edit | None:
    lines = f"signatureFormat: bundle\nattestations:\n  - name: signature\n    predicateType: {SIGNATURE}"
    return append_entry(authority.node, lines) if authority.node.get("signatureFormat") is None else None


def _to_bundle(signature: Signature) -> tuple[Fix, ...]:
    installer = signature.cosign.installer
    return offer(
        "install cosign 3",
        Applicability.UNSAFE,
        *(_bumped(installer) if installer else ()),
        caution="Does another policy or a `cosign verify` still read the former signatures of these images?",
    )


def _bumped(installer: Step) -> tuple[Edit, ...]:
    """The newest installer, in place of the one that is used; nothing where it is told which cosign to install."""
    release, uses = newest("sigstore/cosign-installer"), installer.uses
    if release is None or uses is None or installer.input_entry("cosign-release"):
        return ()
    return pin(uses, release.version, release.commit)
