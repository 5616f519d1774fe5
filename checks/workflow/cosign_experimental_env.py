"""COSIGN_EXPERIMENTAL is set for a cosign that no longer reads it

In cosign 1 the variable switched keyless signing on. Since 2.0 that is the way by default, and the variable
does nothing for it; it only suggests that something experimental happens.

Delete it, with the block that it stood alone in.

The check speaks where cosign 2 or newer is certainly installed for each command of the step. It is silent
where a command asks for `--registry-referrers-mode`, which still needs the variable.

References:

- https://github.com/sigstore/cosign/blob/main/CHANGELOG.md#v200
- https://github.com/sigstore/cosign/blob/main/cmd/cosign/cli/options/registry.go
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
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.image.signing import EXPERIMENTAL, experimental_of, without_experimental

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
        env:
          COSIGN_EXPERIMENTAL: "1"
"""

check = Check(
    id="cosign-experimental-env",
    doc=__doc__,
    severity=Severity.NOTE,
    kinds=(Kind.WORKFLOW,),
    fix=Applicability.SAFE,
    attention=Attention.COMMENT_WITH_SUGGESTION,
    tags=("cosign",),
    examples=(
        Example(
            title="alone in its block",
            files=_WORKFLOW,
            at='COSIGN_EXPERIMENTAL: "1"',
            fixed=_WORKFLOW.replace('        env:\n          COSIGN_EXPERIMENTAL: "1"\n', ""),
        ),
        Example(
            title="beside another variable",
            files=_WORKFLOW + "          TAGS: latest\n",
            at='COSIGN_EXPERIMENTAL: "1"',
            fixed=_WORKFLOW.replace('          COSIGN_EXPERIMENTAL: "1"\n', "") + "          TAGS: latest\n",
        ),
        Example(
            title="cosign 1, an unknown release, the referrers' mode, switched off",
            files=_WORKFLOW.replace("v3.8.1", "v2.8.1")
            + _WORKFLOW.replace("sign.yml", "one.yml").replace("v3.8.1", "v3.0.0")
            + _WORKFLOW.replace("sign.yml", "main.yml").replace("v3.8.1", "main")
            + _WORKFLOW.replace("sign.yml", "oci.yml").replace(
                "--yes", "--yes --registry-referrers-mode=oci-1-1"
            )
            + _WORKFLOW.replace("sign.yml", "off.yml").replace('"1"', '"0"')
            + _WORKFLOW.replace("sign.yml", "none.yml").replace(
                "      - uses: sigstore/cosign-installer@v3.8.1\n", ""
            ),
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for step in repo.steps:
        entry = experimental_of(step)
        calls = [one for one in repo.cosign_calls if one.step is step] if entry else []
        if entry is None or not calls or any((one.cosign.major or 0) < 2 for one in calls):
            continue
        version = ".".join(map(str, calls[0].cosign.version or ()))
        yield Finding(
            message=f"cosign {version} signs without a key by default: {code(EXPERIMENTAL)} does nothing.",
            consequence="It tells the next reader that the step does something experimental, which it doesn't.",
            location=Location(step.text, entry.span),
            fixes=offer("delete the variable", Applicability.SAFE, without_experimental(step)),
        )
