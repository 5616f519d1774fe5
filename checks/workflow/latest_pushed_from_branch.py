"""`latest` follows a branch, and nothing uses it

The image is pushed under a tag of its own for each commit, and as `latest` besides. Nothing in the repository
goes by that name. What does so elsewhere, a `docker run` at somebody's desk or a base image, gets the last
commit of the branch, which nobody has released, and another one after each merge.

Leave `latest` out, or push it for releases.

The check speaks of ECR, and of other registries in private repositories: for a public project `latest` may be
the product. It is silent where the same build pushes no tag that stays, where a file of the repository names
`latest` of the image, and where the ECR repository lets just that tag move.

References:

- https://docs.docker.com/build/building/best-practices/#pin-base-image-versions
- https://docs.kubelinter.io/#/generated/checks?id=latest-tag
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Applicability,
    Attention,
    Check,
    Example,
    Finding,
    Fix,
    Kind,
    Location,
    Outside,
    Repository,
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.image.pushes import Push
from checks.facts.image.references import changes_every_run
from checks.facts.tree import Span
from checks.facts.workflow.lists import without

_REGISTRY = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"


def _files(*tags: str, on: str = "{push: {branches: [main]}}", more: str = "") -> str:
    lines = "".join(f"            {tag}\n" for tag in tags)
    return f"""\
-- .github/workflows/build.yml --
on: {on}
permissions: {{contents: read, id-token: write}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: |
{lines}{more}"""


_COMMIT, _LATEST = f"{_REGISTRY}/web:${{{{ github.sha }}}}", f"{_REGISTRY}/web:latest"
_ELSEWHERE = ("ghcr.io/acme/web:${{ github.sha }}", "ghcr.io/acme/web:latest")

check = Check(
    id="latest-pushed-from-branch",
    doc=__doc__,
    severity=Severity.NOTE,
    kinds=(
        Kind.WORKFLOW,
        Kind.ACTION,
        Kind.SCRIPT,
        Kind.MAKEFILE,
        Kind.DOCKERFILE,
        Kind.COMPOSE,
        Kind.KUBERNETES,
        Kind.TERRAFORM,
        Kind.HELM_VALUES,
    ),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    attention=Attention.CHECK_RUN,
    tags=("tags", "push"),
    yields_to=("moving-tag-pushed-to-immutable-repository", "metadata-latest-to-immutable-repository"),
    follows=("only-moving-tags-pushed",),
    examples=(
        Example(
            title="to ECR, beside the commit",
            files=_files(_COMMIT, _LATEST),
            at=_LATEST,
            fixed=_files(_COMMIT),
        ),
        Example(
            title="of a private repository",
            files=_files(*_ELSEWHERE),
            at="ghcr.io/acme/web:latest",
            fixed=_files(_ELSEWHERE[0]),
            outside=Outside(visibility="private"),
        ),
        Example(
            title="by docker/metadata-action",
            files=f"""\
-- .github/workflows/build.yml --
on: {{push: {{branches: [main]}}}}
permissions: {{contents: read, id-token: write}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - id: meta
        uses: docker/metadata-action@v6
        with:
          images: {_REGISTRY}/web
          tags: |
            type=sha
            type=raw,value=latest
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: ${{{{ steps.meta.outputs.tags }}}}
""",
            at="type=raw,value=latest",
            fixed=f"""\
-- .github/workflows/build.yml --
on: {{push: {{branches: [main]}}}}
permissions: {{contents: read, id-token: write}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - id: meta
        uses: docker/metadata-action@v6
        with:
          images: {_REGISTRY}/web
          tags: |
            type=sha
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: ${{{{ steps.meta.outputs.tags }}}}
""",
        ),
        Example(title="a project that may be public", files=_files(*_ELSEWHERE)),
        Example(title="for releases", files=_files(_COMMIT, _LATEST, on="{push: {tags: ['v*']}}")),
        Example(title="no tag that stays", files=_files(_LATEST, f"{_REGISTRY}/web:stable")),
        Example(title="another image's", files=_files(_COMMIT, f"{_REGISTRY}/jobs:latest")),
        Example(
            title="it is the cache of the next build",
            files=_files(_COMMIT, _LATEST, more=f"          cache-from: type=registry,ref={_LATEST}\n"),
        ),
        Example(
            title="a Dockerfile builds on it",
            files=_files(_COMMIT, _LATEST) + f"-- tools/Dockerfile --\nFROM {_LATEST}\nUSER 1000\n",
        ),
        Example(
            title="a chart names it",
            files=_files(_COMMIT, _LATEST)
            + f"-- chart/values.yaml --\nimage:\n  repository: {_REGISTRY}/web\n  tag: latest\n",
        ),
        Example(
            title="the repository lets just that tag move",
            files=_files(_COMMIT, _LATEST)
            + """\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
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
    told: set[tuple[str, Span]] = set()
    is_private = repo.outside.visibility in ("private", "internal")
    for push in repo.pushes:
        image = push.reference
        name, tag = image.path.literal, image.tag.literal if image.tag else None
        place = (push.location.path, push.location.span)
        if (
            tag != "latest"
            or name is None
            or not (image.is_ecr or is_private)
            or place in told
            or push.moves_nothing
        ):
            continue
        target = repo.declared(image)
        is_excluded = target is not None and target.mutability not in ("MUTABLE", "IMMUTABLE")
        beside = _that_stays(repo, push)
        if beside is not None and not is_excluded and not _is_used(repo, push, name):
            told.add(place)
            yield _finding(push, name, beside)


def _that_stays(repo: Repository, push: Push) -> Push | None:
    """Another name of the same repository that the build certainly pushes for a branch, with a tag that is
    never moved."""
    for other in repo.pushes if push.build is not None else ():
        same = other.build is push.build and other.reference.path == push.reference.path
        tag = other.reference.tag
        if same and tag is not None and changes_every_run(tag) and _both_for_a_branch(push, other):
            return other
    return None


def _both_for_a_branch(push: Push, other: Push) -> bool:
    return any(
        event.is_push_to_branch and event in (other.events or ()) and push.is_certain_for(event)
        for event in push.events or ()
    )


def _is_used(repo: Repository, push: Push, name: str) -> bool:
    """Whether a file that we read may name `latest` of the image, at another place than that of the push."""
    at = push.location
    for kind in check.kinds:
        for text in repo.texts(kind):
            content = text.content
            if text is at.text:
                content = content[: at.span.start] + content[at.span.end :]
                if f"{name}:latest" in content or "}}:latest" in content:
                    return True
            elif name in content and "latest" in content:
                return True
    return False


def _finding(push: Push, name: str, beside: Push) -> Finding:
    tag = code(str(beside.reference.tag))
    return Finding(
        message=f"{code(f'{name}:latest')} is moved by each push to the branch, and nothing in the repository uses it.",
        consequence=(
            "Who pulls it elsewhere gets a commit that nobody has released, and another one after each merge."
        ),
        location=push.location,
        related=(Location(beside.location.text, beside.location.span, f"pushes the same image as {tag}"),),
        fixes=_fixes(push, name),
    )


def _fixes(push: Push, name: str) -> tuple[Fix, ...]:
    caution = f"Does anything outside this repository pull {code(f'{name}:latest')}?"
    edit = without(push.item) if push.item is not None and push.generated is None else None
    if push.generated is not None and push.generated.entry.item is not None and not push.generated.is_latest:
        edit = without(push.generated.entry.item)
    return offer("delete the tag", Applicability.UNSAFE, edit, caution=caution)
