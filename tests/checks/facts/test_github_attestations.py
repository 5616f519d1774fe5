"""What GitHub's own actions attest, and where they keep it."""

import pytest

from checks.check import Outside, Repository
from checks.facts.image.github_attestations import PROVENANCE
from checks.source.snapshot import Snapshot

WORKFLOW = """\
on: push
jobs:
  attest:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/{}@v4
        with: {{subject-name: 'ghcr.io/${{{{ github.repository }}}}', subject-digest: 'sha256:0'{}}}
"""


@pytest.mark.parametrize(
    ("action", "inputs", "type_", "stored"),
    [
        ("attest-build-provenance", "", PROVENANCE, False),
        ("attest-build-provenance", ", push-to-registry: true", PROVENANCE, True),
        ("attest-build-provenance", ", push-to-registry: '${{ inputs.push }}'", PROVENANCE, None),
        ("attest", "", PROVENANCE, False),
        ("attest", ", predicate-type: 'https://openvex.dev/ns', predicate-path: v.json", "https://openvex.dev/ns", False),
        ("attest", ", sbom-path: s.json", None, False),
        ("attest", ", predicate-path: p.json", None, False),
        ("attest-sbom", ", sbom-path: s.json", None, False),
    ],
)  # fmt: skip
def test_attestation(action: str, inputs: str, type_: str | None, stored: bool | None) -> None:
    files = {".github/workflows/attest.yml": WORKFLOW.format(action, inputs)}
    (found,) = Repository(Snapshot.of(files), Outside(slug="acme/web")).github_attestations
    assert found.predicate_type == type_
    assert found.is_in_registry is stored
    assert found.image.literal == "ghcr.io/acme/web"


def test_other_actions_attest_nothing() -> None:
    files = {".github/workflows/attest.yml": WORKFLOW.format("checkout", "")}
    assert Repository(Snapshot.of(files)).github_attestations == ()
