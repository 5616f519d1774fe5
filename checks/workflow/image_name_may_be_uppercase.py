"""Image has capital letters in its name

The name of an image is in lower case. `github.repository` and `github.repository_owner` are spelled as on
GitHub, and the name of this repository or its owner has capitals: the build stops with "repository name must
be lowercase".

Write the name in lower case, or let `docker/metadata-action` do so.

The check is silent where the name of the repository is not known or has no capitals, for the tag of an image,
which may have them, and where a step or an expansion of the shell changes the name.

References:

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
    Outside,
    Repository,
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.build.builds import Tag
from checks.regex import regex

check = Check(
    id="image-name-may-be-uppercase",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW, Kind.ACTION),
    fix=Applicability.SAFE,
    scope=Scope.REPOSITORY,
    tags=("tags", "build"),
    examples=(
        Example(
            title="the owner has a capital",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          tags: ghcr.io/${{ github.repository }}:1
""",
            at="ghcr.io/${{ github.repository }}:1",
            fixed="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          tags: ghcr.io/acme/web:1
""",
            outside=Outside(slug="Acme/web"),
        ),
        Example(
            title="no capitals; capitals in the tag; a name that is changed",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          tags: |
            ghcr.io/${{ github.event.repository.name }}/x:1
            ghcr.io/acme/web:RC-${{ github.repository_owner }}
            ghcr.io/${{ steps.lower.outputs.name }}:1
      - run: docker build -t ghcr.io/${GITHUB_REPOSITORY,,}:1 .
""",
            outside=Outside(slug="Acme/web"),
        ),
        Example(
            title="the name of the repository is not known",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., tags: 'ghcr.io/${{ github.repository }}:1'}
""",
        ),
    ),
)

_NAMES = regex(r"\$\{\{\s*github\.(repository|repository_owner|event\.repository\.name)\s*\}\}")


def run(repo: Repository) -> Iterator[Finding]:
    slug = repo.outside.slug
    if not slug or slug == slug.lower():
        return
    for build in repo.builds:
        for tag in build.tags:
            parts = tag.reference.path.parts
            if (
                tag.item is not None
                and tag.generated is None
                and any(isinstance(part, str) and part != part.lower() for part in parts)
            ):
                yield _finding(tag, slug)


def _finding(tag: Tag, slug: str) -> Finding:
    return Finding(
        message=f"{code(tag.location.fragment)} comes to {code(str(tag.reference.path))}, which has capitals.",
        consequence="The build stops on every run: “repository name must be lowercase”.",
        location=tag.location,
        fixes=_fixes(tag, slug),
    )


def _fixes(tag: Tag, slug: str) -> tuple[Fix, ...]:
    owner, _, name = slug.lower().partition("/")
    values = {"repository": slug.lower(), "repository_owner": owner, "event.repository.name": name}
    place = tag.location
    changed = _NAMES.sub(lambda match: values[match[1]], place.fragment)
    if changed == place.fragment or re.search(r"[A-Z]", changed.rpartition(":")[0].replace("${{", "")):
        return ()
    return offer("write it in lower case", Applicability.SAFE, Edit(place.path, place.span, changed))
