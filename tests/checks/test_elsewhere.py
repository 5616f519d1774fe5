"""Files of other repositories: what they declare counts, and what is wrong with them is not said."""

from __future__ import annotations

import pytest

from checks.catalogue import catalogue
from checks.check import Applicability, Outside, Repository
from checks.engine import Found, Review, State, review
from checks.source.snapshot import Snapshot, elsewhere, path_elsewhere
from checks.source.text import Text

WORKFLOW = """\
on:
  push:
    branches: [main]
permissions:
  contents: read
concurrency: build
jobs:
  build:
    runs-on: ubuntu-24.04
    permissions:
      contents: read
      id-token: write
    steps:
      - uses: aws-actions/configure-aws-credentials@ececac1a45f3b08a01d2dd070d28d111c5fe6722 # v4.1.0
        with:
          role-to-assume: arn:aws:iam::111122223333:role/web-push
          aws-region: eu-west-1
      - uses: docker/build-push-action@263435318d21b8e681c14492fe198d362a7d2c83 # v6.18.0
        with:
          push: true
          tags: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:main-latest
"""
REPOSITORY = """\
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
"""
POLICY = """\
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: web
spec:
  images:
    - glob: "**"
  authorities:
    - keyless:
        identities:
          - issuer: https://token.actions.githubusercontent.com
            subjectRegExp: .*
"""
MOVING = "moving-tag-pushed-to-immutable-repository"
OWN = {".github/workflows/build.yml": WORKFLOW}


def reviewed(
    own: dict[str, str], others: dict[str, str], base: dict[str, str] | None = None, slug: str = "acme/infra"
) -> Review:
    """A review of `own` with `others` as the files of one other repository."""
    named = {path_elsewhere(slug, path): content for path, content in others.items()}
    outside = Outside(slug="acme/web", others={path: Text(path, text) for path, text in named.items()})
    before = Repository(Snapshot.of(base), outside) if base is not None else None
    result = review(Repository(Snapshot.of(own), outside), before, catalogue())
    assert result.crashed == ()
    return result


def of_check(result: Review, check: str) -> list[Found]:
    return [found for found in result.findings if found.check.id == check]


def test_a_finding_over_two_repositories() -> None:
    (found,) = of_check(reviewed(OWN, {"terraform/ecr.tf": REPOSITORY}), MOVING)
    assert found.finding.location.path == ".github/workflows/build.yml"
    (place,) = found.finding.related
    assert elsewhere(place.path) == ("acme/infra", "terraform/ecr.tf")
    assert place.line == 3
    assert place.fragment.endswith('"IMMUTABLE"')


def test_without_the_other_repository_there_is_none() -> None:
    assert of_check(reviewed(OWN, {}), MOVING) == []


def test_it_is_known_where_it_stood_there_before() -> None:
    (found,) = of_check(reviewed(OWN, {"ecr.tf": REPOSITORY}, base=OWN), MOVING)
    assert found.state is State.KNOWN


SIGNED_BY = """\
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
            subject: https://github.com/acme/web/.github/workflows/release.yml@refs/heads/main
"""
SIGNER = """\
on: {push: {branches: [main]}}
permissions: {contents: read, id-token: write}
jobs:
  sign:
    runs-on: ubuntu-24.04
    steps:
      - run: cosign sign --yes "ghcr.io/acme/web@${{ needs.build.outputs.digest }}"
"""


def test_a_mismatch_that_stands_elsewhere_is_told_at_the_half_that_is_here() -> None:
    """The workflow is renamed; the policy that names it is another repository's."""
    own, base = {".github/workflows/build.yml": SIGNER}, {".github/workflows/release.yml": SIGNER}
    result = reviewed(own, {"policies/web.yaml": SIGNED_BY}, base)
    (found,) = of_check(result, "policy-identity-differs-from-signer")
    assert found.state is State.NEW
    assert found.finding.location.path == ".github/workflows/build.yml"
    assert found.finding.location.fragment.startswith("cosign sign")
    (place,) = found.finding.related
    assert (elsewhere(place.path), place.note) == (
        ("acme/infra", "policies/web.yaml"),
        "holds the other half",
    )
    assert found.finding.fixes == ()
    assert "another repository" in found.finding.withheld


def test_what_is_wrong_with_one_file_elsewhere_is_not_told_where_it_matters() -> None:
    """Terraform may delete what the workflow pushes to: that is for the other repository to hear."""
    deleted = REPOSITORY.replace('"IMMUTABLE"', '"IMMUTABLE"\n  force_delete         = true')
    assert of_check(reviewed({**OWN, "ecr.tf": deleted}, {}), "force-delete-enabled")
    assert not of_check(reviewed(OWN, {"ecr.tf": deleted}), "force-delete-enabled")


def test_no_fix_changes_another_repository() -> None:
    own = reviewed({**OWN, "terraform/ecr.tf": REPOSITORY}, {})
    (here,), (there,) = of_check(own, MOVING), of_check(reviewed(OWN, {"ecr.tf": REPOSITORY}), MOVING)
    assert {edit.path for fix in here.finding.fixes for edit in fix.edits} > set(OWN)
    assert there.finding.fixes
    assert {edit.path for fix in there.finding.fixes for edit in fix.edits} == set(OWN)


def test_a_fix_is_tried_against_the_other_repository() -> None:
    (found,) = of_check(reviewed(OWN, {"ecr.tf": REPOSITORY}), MOVING)
    fix = found.finding.fixes[0]
    assert fix.applicability is not Applicability.SAFE or fix.title
    fixed = Snapshot.of(OWN).edited(fix.edits)
    texts = {path: text.content for path, text in fixed.texts.items()}
    assert of_check(reviewed(texts, {"ecr.tf": REPOSITORY}), MOVING) == []


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("policies/web.yaml", POLICY),
        ("ecr.tf", REPOSITORY.replace("IMMUTABLE", "MUTABLE")),
        ("Dockerfile", "FROM node:latest\nENTRYPOINT node server.js\n"),
        (".github/workflows/build.yml", WORKFLOW.replace("@263435318d21b8e681c14492fe198d362a7d2c83", "@master")),
    ],
)  # fmt: skip
def test_what_is_wrong_elsewhere_is_not_said(path: str, content: str) -> None:
    assert reviewed({path: content}, {}).findings, "there is something to say"
    assert reviewed({"README.md": "Hello\n"}, {path: content}).findings == ()


def test_what_is_built_elsewhere_does_not_count() -> None:
    """Workflows and Dockerfiles are the other repository's business; Terraform is not."""
    result = reviewed({"ecr.tf": REPOSITORY}, OWN)
    assert of_check(result, MOVING) == []


def test_an_unreadable_file_elsewhere_is_told() -> None:
    (told,) = reviewed({"README.md": "Hello\n"}, {"broken.tf": 'resource "x" {'}).unreadable
    assert elsewhere(told.path) == ("acme/infra", "broken.tf")


def test_a_repository_is_seen_as_one_with_its_modules() -> None:
    """The folder of a root module elsewhere is not a folder here, whatever that is called."""
    module = 'module "web" {\n  source = "../modules/ecr"\n}\n'
    others = {"live/main.tf": module, "modules/ecr/main.tf": REPOSITORY}
    own = {**OWN, "acme/infra/live/variables.tf": 'variable "name" {}\n'}
    (found,) = of_check(reviewed(own, others), MOVING)
    assert elsewhere(found.finding.related[0].path) == ("acme/infra", "modules/ecr/main.tf")


@pytest.mark.parametrize("path", ["acme/infra/ecr.tf", "./ecr.tf", "ecr.tf", "a:/b.tf"])
def test_nothing_of_ones_own_passes_for_a_file_elsewhere(path: str) -> None:
    assert elsewhere(path) is None
