"""Tag is made from a branch's name, which may have characters that no tag has

A tag has letters, digits, `_`, `.` and `-`. Branches have slashes (`feature/x`, `dependabot/npm_and_yarn/…`), and
`github.ref_name` of a pull request is `7/merge`. The build of such a branch stops: "invalid reference format".

Use `docker/metadata-action`, which turns such characters into `-`, or the commit.

The check is silent where all branches that start the workflow are named and have none of these characters, for tags, and
where a step or an expansion of the shell changes the name.

References:

- https://github.com/docker/metadata-action#typeref
- https://github.com/distribution/reference/blob/main/reference.go
- https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#github-context
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
    Edit,
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
from checks.facts.builds import Build, Tag
from checks.facts.events import RefKind

check = Check(
    id="tag-may-hold-invalid-characters",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW,),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("tags", "build"),
    examples=(
        Example(
            title="the branch of a pull request",
            files="""\
-- .github/workflows/build.yml --
on: pull_request
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          tags: ghcr.io/acme/web:${{ github.head_ref }}
""",
            at="ghcr.io/acme/web:${{ github.head_ref }}",
            fixed="""\
-- .github/workflows/build.yml --
on: pull_request
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          tags: ghcr.io/acme/web:${{ github.sha }}
""",
        ),
        Example(
            title="any branch, in a command",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker build -t ghcr.io/acme/web:$GITHUB_REF_NAME .
""",
            at="ghcr.io/acme/web:$GITHUB_REF_NAME",
        ),
        Example(
            title="metadata-action turns the characters into others",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - id: meta
        uses: docker/metadata-action@v6
        with:
          images: ghcr.io/acme/web
          tags: type=ref,event=branch
      - uses: docker/build-push-action@v7
        with: {context: ., tags: '${{ steps.meta.outputs.tags }}'}
""",
        ),
        Example(
            title="named branches, tags, a changed name, the commit",
            files="""\
-- .github/workflows/main.yml --
on:
  push:
    branches: [main, develop, 'release-*']
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker build -t ghcr.io/acme/web:${{ github.ref_name }} .
-- .github/workflows/release.yml --
on:
  push:
    tags: ['v*']
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker build -t ghcr.io/acme/web:${{ github.ref_name }} .
-- .github/workflows/any.yml --
on: pull_request
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker build -t "ghcr.io/acme/web:${GITHUB_HEAD_REF//\\//-}" .
      - run: docker build -t ghcr.io/acme/web:${{ github.sha }} .
      - run: docker build -t ghcr.io/acme/web:${{ steps.slug.outputs.branch }} .
      - run: docker build -t ghcr.io/acme/web:${{ github.ref_name }} .
        if: github.ref == 'refs/heads/main'
""",
        ),
        Example(
            title="any tag, and a workflow that others call",
            files="""\
-- .github/workflows/tags.yml --
on: {push: {tags: ['**']}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker build -t ghcr.io/acme/web:${{ github.ref_name }} .
-- .github/workflows/called.yml --
on: workflow_call
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker build -t ghcr.io/acme/web:${{ github.ref_name }} .
""",
        ),
    ),
)

_REFS = re.compile(
    r"github\.(?:ref_name|head_ref|event\.pull_request\.head\.ref)|\$GITHUB_(?:REF_NAME|HEAD_REF)"
)
_VALID = re.compile(r"[\w.-]+")
_PLAIN = re.compile(r"\$GITHUB_(?:REF_NAME|HEAD_REF)\b|\$\{GITHUB_(?:REF_NAME|HEAD_REF)\}|\$\{\{\s*github\.")
"""How a command names it as it is; an expansion of the shell may change it."""
_WRITTEN = re.compile(r"\$\{\{\s*github\.(?:ref_name|head_ref|event\.pull_request\.head\.ref)\s*\}\}")


def run(repo: Repository) -> Iterator[Finding]:
    told: set[tuple[int, int]] = set()
    for build in repo.builds:
        for tag in build.tags:
            place = (id(tag.location.text), tag.location.span.start)
            if place not in told and _may_be_invalid(build, tag):
                told.add(place)
                yield _finding(tag)


def _may_be_invalid(build: Build, tag: Tag) -> bool:
    written = tag.reference.tag
    names = [hole.source.strip() for hole in written.holes] if written else []
    found = [name for name in names if _REFS.fullmatch(name)]
    if (
        not found
        or not build.events
        or tag.generated is not None
        or (tag.item is None and not _PLAIN.search(tag.location.fragment))
    ):
        return False
    for event in build.events:
        if event.name == "workflow_call" or event.ref_kind is RefKind.TAG:
            continue
        if event.ref_kind is RefKind.PULL:
            return True
        if event.name == "push" and "head" not in found[0].lower():
            name = event.ref.removeprefix("refs/heads/") if event.ref else event.pattern
            if name is None or "**" in name or not _VALID.fullmatch(name.replace("*", "")):
                return True
    return False


def _finding(tag: Tag) -> Finding:
    return Finding(
        message=f"{code(tag.location.fragment)} has the branch's name in its tag, slashes and all.",
        consequence="The build of a branch such as `feature/x` stops: “invalid reference format”.",
        location=Location(tag.location.text, tag.location.span),
        fixes=_fixes(tag),
    )


def _fixes(tag: Tag) -> tuple[Fix, ...]:
    place = tag.location
    changed = _WRITTEN.sub("${{ github.sha }}", place.fragment)
    if tag.item is None or changed == place.fragment or len(_WRITTEN.findall(place.fragment)) != 1:
        return ()
    return offer(
        "name the commit",
        Applicability.UNSAFE,
        Edit(place.path, place.span, changed),
        caution="Does anything pull the image by the name of its branch?",
    )
