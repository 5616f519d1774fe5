"""Private signing key lies in the repository

`cosign sign --key <file>` signs with a private key, and that file is committed: everybody who can read the
repository, or could at any time since, has it. A password on the key holds as long as nobody guesses it.
Whoever has the key signs images that every policy with its public half admits.

Make a new key in a key management system (`--key awskms:///alias/…`), or sign without a key; replace the
public key in the policies. Deleting the file is not enough: it stays in the history.

The check is silent for keys from variables, from `env://` and key management systems, for files that are not
in the repository, and in tests.

References:

- https://docs.sigstore.dev/cosign/key_management/overview/
- https://docs.sigstore.dev/cosign/signing/signing_with_containers/
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from checks.check import (
    Check,
    Example,
    Finding,
    Kind,
    Repository,
    Severity,
    code,
)  # fmt: skip
from checks.facts.image.signing import Signature
from checks.facts.policy.policies import is_test

_WORKFLOW = """\
-- .github/workflows/sign.yml --
on: {push: {branches: [main]}}
jobs:
  sign:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - uses: sigstore/cosign-installer@v3.8.1
      - run: cosign sign --yes --key ./keys/cosign.key "ghcr.io/acme/web@${{ needs.build.outputs.digest }}"
"""

check = Check(
    id="private-signing-key-in-repo",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT),
    tags=("security", "cosign", "sign", "secrets"),
    security_severity=9.0,
    examples=(
        Example(
            title="a key file that is committed",
            files=_WORKFLOW,
            paths=("keys/cosign.key", "keys/cosign.pub"),
            at="./keys/cosign.key",
        ),
        Example(title="a key file that the job makes", files=_WORKFLOW, paths=("keys/cosign.pub",)),
        Example(
            title="a key management system, a variable, the data of a test",
            files=_WORKFLOW.replace("./keys/cosign.key", "awskms:///alias/cosign")
            + _WORKFLOW.replace("sign.yml", "env.yml").replace(
                "./keys/cosign.key", "env://COSIGN_PRIVATE_KEY"
            )
            + _WORKFLOW.replace("sign.yml", "test.yml").replace(
                "./keys/cosign.key", "test/testdata/cosign.key"
            ),
            paths=("keys/cosign.key", "test/testdata/cosign.key"),
        ),
        Example(
            title="a script of a test, and a folder that is not known",
            files="""\
-- test/sign.sh --
cosign sign --yes --key keys/cosign.key ghcr.io/acme/web@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: cosign sign --yes --key cosign.key ghcr.io/acme/web@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
        working-directory: keys
""",
            paths=("keys/cosign.key", "cosign.key"),
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for call in repo.signatures:
        word = call.arguments.last("key")
        path = _path(call, word.literal) if word is not None and word.literal else None
        if word is None or path is None or path not in repo.snapshot.paths or is_test(path):
            continue
        place = call.invocation.place(word.span)
        yield Finding(
            message=f"{code(path)} is the private key that {code(call.name)} signs with, and it is committed.",
            consequence="Everybody who can read the repository or its history has the key, and can sign images that the policies with its public half admit.",
            location=place,
        )


def _path(call: Signature, written: str) -> str | None:
    """The file in the repository that a step's `--key` names; None where the folder is not known."""
    step = call.step
    if step is not None and step.working_directory is not None:
        return None
    if "://" in written or written.startswith("/") or is_test(call.location.path):
        return None
    path = posixpath.normpath(written)
    return None if path.startswith("..") else path
