"""docker/metadata-action makes a tag that moves, for a repository that refuses to move tags

The tag `latest` stands nowhere in the file. docker/metadata-action adds it by itself: its flavor is
`latest=auto`, and a version, a match or a git tag brings it. `{{major}}`, `edge`, a branch's name and `pr-…`
move as well: the next run makes them again. The first push to an `IMMUTABLE` repository of ECR succeeds, the
second ends with “cannot be overwritten because the tag is immutable”.

Set `latest=false` in the flavor, and leave entries out whose tag moves, or exclude these tags from the
repository's immutability.

The check simulates the action for each event of the workflow. It is silent for tags that have the commit or
the whole version in them, for excluded tags, for entries that may be off, and where the image or the
repository is not known.

References:

- https://github.com/docker/metadata-action#flavor-input
- https://github.com/docker/metadata-action#latest-tag
- https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
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
    Repository,
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.ecr.repositories import EcrRepository
from checks.facts.image.metadata_action import OUTPUT, Generated
from checks.facts.image.pushes import Push
from checks.facts.image.references import is_moving
from checks.facts.tree import Edit, append_entry
from checks.facts.value import Varies
from checks.facts.workflow.lists import without
from checks.facts.workflow.workflows import Step

check = Check(
    id="metadata-latest-to-immutable-repository",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW, Kind.TERRAFORM),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("ecr", "tags", "push"),
    examples=(
        Example(
            title="`latest` comes with the version",
            files="""\
-- .github/workflows/release.yml --
on: {push: {tags: ['v*']}}
jobs:
  release:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/metadata-action@v6
        id: meta
        with:
          images: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web
          tags: |
            type=semver,pattern={{version}}
            type=sha
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: ${{ steps.meta.outputs.tags }}
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
""",
            at="type=semver,pattern={{version}}",
            fixed="""\
-- .github/workflows/release.yml --
on: {push: {tags: ['v*']}}
jobs:
  release:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/metadata-action@v6
        id: meta
        with:
          images: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web
          tags: |
            type=semver,pattern={{version}}
            type=sha
          flavor: latest=false
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: ${{ steps.meta.outputs.tags }}
""",
        ),
        Example(
            title="a branch, a series of versions, a constant; pull requests are not pushed",
            files="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main], tags: ['v*']}, pull_request: {}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/metadata-action@v6
        id: meta
        with:
          images: |
            111122223333.dkr.ecr.eu-west-1.amazonaws.com/web
          flavor: |
            latest=false
          tags: |
            type=ref,event=branch
            type=ref,event=pr
            type=semver,pattern={{version}}
            type=semver,pattern={{major}}.{{minor}}
            type=raw,value=stable,enable={{is_default_branch}}
            type=sha,format=long
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: ${{ github.event_name != 'pull_request' }}
          tags: ${{ steps.meta.outputs.tags }}
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
""",
            at=(
                "type=ref,event=branch",
                "type=semver,pattern={{major}}.{{minor}}",
                "type=raw,value=stable,enable={{is_default_branch}}",
            ),
            fixed="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main], tags: ['v*']}, pull_request: {}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/metadata-action@v6
        id: meta
        with:
          images: |
            111122223333.dkr.ecr.eu-west-1.amazonaws.com/web
          flavor: |
            latest=false
          tags: |
            type=ref,event=pr
            type=semver,pattern={{version}}
            type=semver,pattern={{major}}.{{minor}}
            type=raw,value=stable,enable={{is_default_branch}}
            type=sha,format=long
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: ${{ github.event_name != 'pull_request' }}
          tags: ${{ steps.meta.outputs.tags }}
""",
        ),
        Example(
            title="tags that are new on every run, excluded ones, another registry, entries that may be off",
            files="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main], tags: ['v*']}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/metadata-action@v6
        id: strict
        with:
          images: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web
          flavor: latest=false
          tags: |
            type=semver,pattern={{version}}
            type=raw,value={{branch}}-{{sha}}
            type=sha
            type=raw,value=stable,enable=${{ inputs.stable }}
            type=schedule,pattern={{date 'YYYYMMDD'}}
      - uses: docker/metadata-action@v6
        id: excluded
        with:
          images: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/jobs
          tags: type=semver,pattern={{version}}
      - uses: docker/metadata-action@v6
        id: elsewhere
        with:
          images: ghcr.io/acme/web
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: '${{ steps.strict.outputs.tags }}'}
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: '${{ steps.excluded.outputs.tags }}'}
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: '${{ steps.elsewhere.outputs.tags }}'}
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_repository" "jobs" {
  name                 = "jobs"
  image_tag_mutability = "IMMUTABLE_WITH_EXCLUSION"

  image_tag_mutability_exclusion_filter {
    filter      = "latest"
    filter_type = "WILDCARD"
  }
}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for push in repo.pushes:
        made, tag = push.generated, push.reference.tag
        target = repo.declared(push.reference) if made and made.is_certain else None
        if made and target and tag and is_moving(tag) and target.may_move(tag) is False:
            yield _finding(push, made, target)


def _finding(push: Push, made: Generated, target: EcrRepository) -> Finding:
    tag, name = code(_shown(made)), code(target.name or "")
    how = "adds" if made.is_latest else "makes"
    mode = target.mutability or ""
    return Finding(
        message=f"docker/metadata-action {how} the tag {tag}, and the repository {name} refuses to move a tag.",
        consequence=(
            "The next run that makes it fails at the push: “cannot be overwritten because the tag is immutable”. "
            "The first push succeeds, so a test run will not show it."
        ),
        location=push.location,
        related=(target.resource.location("image_tag_mutability", f"sets {code(mode)}"),),
        fixes=_fixes(push, made, target),
    )


def _shown(made: Generated) -> str:
    """The tag as the entry writes it."""
    if any(hole.varies is Varies.SERIES for hole in made.value.holes):
        return "".join(part if isinstance(part, str) else part.source for part in made.value.parts)
    return str(made.value)


def _fixes(push: Push, made: Generated, target: EcrRepository) -> tuple[Fix, ...]:
    caution = f"Does anything outside this repository deploy {code(f'{target.name}:{_shown(made)}')}?"
    if made.is_latest:
        step = _metadata_step(push)
        edit = _without_latest(step) if step else None
        return offer("set `latest=false`", Applicability.UNSAFE, edit, caution=caution)
    deletion = without(made.entry.item) if made.entry.item else None
    return offer("delete the entry", Applicability.UNSAFE, deletion, caution=caution)


def _metadata_step(push: Push) -> Step | None:
    """The step that makes the tag."""
    written = push.step.input("tags") if push.step else None
    named = OUTPUT.fullmatch(written.value) if written else None
    return push.step.job.step(named[1]) if named and push.step and push.step.job else None


def _without_latest(step: Step) -> Edit | None:
    """The flavor, where none is written."""
    if step.inputs is None or step.input_entry("flavor") is not None:
        return None
    return append_entry(step.inputs, "flavor: latest=false")
