"""Who signs what, by which cosign, and in which format."""

import pytest

from checks.check import Outside, Repository
from checks.facts.policy.admission import subject_for
from checks.facts.policy.policies import is_sample, is_test
from checks.source.snapshot import Snapshot

WORKFLOW = """\
on: {push: {branches: [main], tags: ['v*']}, pull_request: }
permissions: {id-token: write}
jobs:
  sign:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@INSTALLER
      - run: cosign sign --yes OPTIONS ghcr.io/acme/web@${{ needs.build.outputs.digest }}
"""
PATH = ".github/workflows/sign.yml"


def repository(installer: str, options: str = "") -> Repository:
    content = WORKFLOW.replace("INSTALLER", installer).replace("OPTIONS", options)
    return Repository(Snapshot.of({PATH: content}), Outside(slug="acme/web"))


@pytest.mark.parametrize(
    ("installer", "options", "version", "format_"),
    [
        ("v3.8.1", "", (2, 4, 3), "legacy"),
        ("d7d6bc7722e3daa8354c50bcb52f4837da5e9b6a", "", (2, 4, 3), "legacy"),
        ("v3", "--new-bundle-format", (2, 5, 2), "bundle"),
        ("v4.1.2", "", (3, 0, 6), "bundle"),
        ("v4.1.2", "--new-bundle-format=false", (3, 0, 6), "legacy"),
        ("v4.1.2", "$OPTIONS", (3, 0, 6), None),
        ("v4.1.2\n        with: {cosign-release: v2.6.1}", "", (2, 6, 1), "legacy"),
        ("v4.1.2\n        with: {cosign-release: '${{ inputs.release }}'}", "", None, None),
        ("main", "", None, None),
        ("0123456789012345678901234567890123456789", "", None, None),
    ],
)
def test_format(installer: str, options: str, version: tuple[int, ...] | None, format_: str | None) -> None:
    (signature,) = repository(installer, options).signatures
    assert signature.cosign.version == version
    assert signature.format == format_


def test_signers_of_each_event() -> None:
    repo = repository("v3.8.1")
    (signature,) = repo.signatures
    found = {str(one.subject).rpartition("@")[2] for one in repo.signers(signature)}
    assert "refs/heads/main" in found
    assert any(ref.startswith("refs/pull/") for ref in found)
    assert all(one.may_sign for one in repo.signers(signature))
    better = subject_for(repo.signers(signature))
    assert better is not None
    assert better.field == "subjectRegExp"
    assert better.text.endswith("@(refs/heads/main|refs/tags/v.*)$")


def test_a_key_has_no_signer() -> None:
    repo = repository("v3.8.1", "--key awskms:///alias/cosign")
    (signature,) = repo.signatures
    assert signature.is_keyless is False
    assert repo.signers(signature) == ()


def test_folders_of_tests_and_samples() -> None:
    assert is_test("test/testdata/policy.yaml")
    assert is_test("cmd/_testdata/policy.yaml")
    assert not is_test("policies/latest/policy.yaml")
    assert is_sample("docs/policy.yaml")
    assert not is_test("docs/policy.yaml")
