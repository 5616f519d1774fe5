"""Index is signed, and the image of one platform is verified

For an image of several platforms `cosign sign` signs the index alone. `cosign verify` of the digest that one
platform has in it looks for a signature of that digest, and ends with "no signatures found".

Sign with `--recursive`: then each image in the index has a signature of its own. Or verify the index's
digest.

The check speaks where a command of the repository verifies the digest that `crane digest --platform`, or the
list of an index's manifests, answers with. It is silent without such a command: Kubernetes resolves a tag to
the digest of the index, and its signature is enough for policies.

References:

- https://github.com/sigstore/cosign/blob/main/doc/cosign_sign.md
- https://github.com/sigstore/cosign/blob/main/cmd/cosign/cli/sign/sign.go
- https://github.com/google/go-containerregistry/blob/main/cmd/crane/doc/crane_digest.md
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Applicability,
    Attention,
    Check,
    Example,
    Finding,
    Kind,
    Location,
    Repository,
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.image.image_flow import refers_to
from checks.facts.image.signing import CosignCall, Signature
from checks.facts.script.command_lines import invocation as read_command
from checks.facts.script.invocations import Invocation
from checks.facts.script.scripts import Substitution
from checks.facts.value import Value

_SIGN = """\
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
          platforms: linux/amd64,linux/arm64
          push: true
          tags: ghcr.io/acme/web:${{ github.sha }}
      - run: cosign sign --yes ghcr.io/acme/web@${{ steps.build.outputs.digest }}
"""
_VERIFY = """\
-- verify.sh --
#!/bin/bash
set -euo pipefail
digest=$(crane digest --platform linux/arm64 ghcr.io/acme/web:1)
cosign verify --certificate-identity https://github.com/acme/web/.github/workflows/push.yml@refs/heads/main \\
  --certificate-oidc-issuer https://token.actions.githubusercontent.com "ghcr.io/acme/web@$digest"
"""
_CALL = "cosign sign --yes ghcr.io/acme/web@${{ steps.build.outputs.digest }}"

check = Check(
    id="index-signed-without-recursive",
    doc=__doc__,
    severity=Severity.NOTE,
    kinds=(Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    attention=Attention.CHECK_RUN,
    tags=("cosign", "sign", "platforms"),
    examples=(
        Example(
            title="the digest of one platform is verified",
            files=_SIGN + _VERIFY,
            at=_CALL,
            fixed=_SIGN.replace("sign --yes", "sign --recursive --yes"),
        ),
        Example(
            title="the manifests of the index are listed",
            files=_SIGN
            + _VERIFY.replace(
                "crane digest --platform linux/arm64 ghcr.io/acme/web:1",
                "docker buildx imagetools inspect --raw ghcr.io/acme/web:1 | jq -r '.manifests[0].digest'",
            ),
            at=_CALL,
            fixed=_SIGN.replace("sign --yes", "sign --recursive --yes"),
        ),
        Example(title="nobody verifies a platform", files=_SIGN),
        Example(
            title="the index is verified, another image is",
            files=_SIGN
            + _VERIFY.replace(" --platform linux/arm64", "")
            + _VERIFY.replace("verify.sh", "api.sh").replace("acme/web", "acme/api"),
        ),
        Example(
            title="signed recursively, or built for one platform",
            files=_SIGN.replace("sign --yes", "sign --yes -r") + _VERIFY,
        ),
        Example(title="one platform", files=_SIGN.replace("linux/amd64,", "") + _VERIFY),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    verified = dict(_verified(repo))
    for signature in repo.signatures if verified else ():
        if signature.is_attestation or signature.flag("recursive", default=False) is not False:
            continue
        for image in signature.images:
            call = verified.get(image)
            if call is not None and _is_index(repo, signature):
                yield _finding(signature, image, call)
                break


def _verified(repo: Repository) -> Iterator[tuple[Value, CosignCall]]:
    """The images, without their digest, of which a command verifies one platform's."""
    for call in repo.cosign_calls:
        if call.name not in ("cosign verify", "cosign verify-attestation"):
            continue
        for word in call.subjects:
            resolved = call.invocation.script.resolve(word, call.invocation.command)
            last = resolved.pieces[-1] if resolved.pieces else None
            if isinstance(last, Substitution) and _names_one_platform(repo, call, last):
                values = call.invocation.values(word)
                yield from ((value.partition("@")[0], call) for value in values if value.partition("@")[1])


def _names_one_platform(repo: Repository, call: CosignCall, substitution: Substitution) -> bool:
    """Whether the commands of a substitution answer with the digest of one platform's image."""
    inside = [
        one
        for one in repo.invocations
        if one.script is call.invocation.script and one.command.in_substitution == substitution.span
    ]
    return any(_asks_for_platform(one) for one in inside) or (
        any(_lists_manifests(one) for one in inside) and any(_picks_manifest(one) for one in inside)
    )


def _asks_for_platform(one: Invocation) -> bool:
    read = read_command(one.command)
    return read is not None and read.name == "crane digest" and read.arguments.last("platform") is not None


def _lists_manifests(one: Invocation) -> bool:
    commands = (("buildx", "imagetools", "inspect"), ("manifest", "inspect"), ("manifest",), ("inspect",))
    return one.program in ("docker", "crane", "skopeo") and any(one.subcommand(*names) for names in commands)


def _picks_manifest(one: Invocation) -> bool:
    return one.program == "jq" and any(".manifests" in (word.literal or "") for word in one.command.arguments)


def _is_index(repo: Repository, signature: Signature) -> bool:
    """Whether what is signed certainly is a build for several platforms."""
    values = [one for word in signature.subjects for one in signature.invocation.values(word)]
    return any(
        build.platforms is not None and len(build.platforms) > 1 and refers_to(build, value)
        for build in repo.builds_as_written
        if build.text is signature.location.text
        for value in values
    )


def _finding(signature: Signature, image: Value, call: CosignCall) -> Finding:
    return Finding(
        message=f"{code('cosign sign')} signs the index of {code(str(image))} alone, and another command verifies the image of one platform.",
        consequence="The verification ends with “no signatures found”: the images in the index have no signature of their own.",
        location=signature.location,
        related=(Location(call.location.text, call.location.span, "verifies one platform's digest"),),
        fixes=offer(
            "sign the images in the index too",
            Applicability.UNSAFE,
            signature.with_option("--recursive"),
            caution="Each platform gets a signature in the registry: does a rule there count tags?",
        ),
    )
