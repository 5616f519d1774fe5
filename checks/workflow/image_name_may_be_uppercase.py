"""Image has capital letters in its name

The name of an image is in lower case. `github.repository` and `github.repository_owner` are spelled as on
GitHub, and the name of this repository or its owner has capitals: the build stops with "repository name must
be lowercase".

Write the name in lower case, or let `docker/metadata-action` do so.

The check is silent where the name of the repository is not known or has no capitals, for the tag of an image,
which may have them, and where a step or an expansion of the shell changes the name.

The tags of a build are told together, with the commands of its job that name the image so, `cosign sign` for one.

References:

- https://github.com/distribution/reference/blob/main/reference.go
- https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#github-context
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from checks.check import (
    Applicability,
    Check,
    Edit,
    Example,
    Finding,
    Kind,
    Location,
    Outside,
    Repository,
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.build.builds import Tag
from checks.facts.code_span import listed
from checks.facts.tree import Scalar
from checks.facts.value import Value
from checks.facts.workflow.workflows import Step
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
            title="commands that name the repository as GitHub does",
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
          push: true
          tags: ${{ github.repository }}:${{ github.run_number }}
      - run: |
          test "${{ github.repository }}" = Acme/web && docker pull ${{ github.repository }}:${{ github.run_number }}
""",
            at="${{ github.repository }}:${{ github.run_number }}",
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
          push: true
          tags: acme/web:${{ github.run_number }}
      - run: |
          test "${{ github.repository }}" = Acme/web && docker pull acme/web:${{ github.run_number }}
""",
            outside=Outside(slug="Acme/web"),
        ),
        Example(
            title="two tags of a build, and a signature in its job",
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
          push: true
          tags: |
            ghcr.io/${{ github.repository }}:${{ github.run_number }}
            ghcr.io/${{ github.repository }}:latest
            acme/web:${{ github.run_number }}
      - run: |
          cosign sign --yes "ghcr.io/${{ github.repository }}:${{ github.run_number }}"
          echo "of ${{ github.repository }}"
""",
            at="ghcr.io/${{ github.repository }}:${{ github.run_number }}",
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
          push: true
          tags: |
            ghcr.io/acme/web:${{ github.run_number }}
            ghcr.io/acme/web:latest
            acme/web:${{ github.run_number }}
      - run: |
          cosign sign --yes "ghcr.io/acme/web:${{ github.run_number }}"
          echo "of ${{ github.repository }}"
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
_SHOWN = 3
"""Names that a message has."""
_TAG = regex(r"(?::(?:[^:/\s]|\$\{\{[^}]*\}\})*|@.*)$", re.DOTALL)
"""A tag or a digest behind a name."""


def run(repo: Repository) -> Iterator[Finding]:
    slug = repo.outside.slug
    if not slug or slug == slug.lower():
        return
    inputs: dict[Scalar, dict[Location, Tag]] = {}
    for build in repo.builds:
        for tag in build.tags:
            if tag.item is not None and tag.generated is None and _has_capitals(tag.reference.path):
                inputs.setdefault(tag.item.scalar, {}).setdefault(tag.location, tag)
    steps = {build.step.input("tags"): build.step for build in repo.builds if build.step}
    for scalar, tags in inputs.items():
        yield _finding(tuple(tags.values()), _commands(repo, steps.get(scalar), tags), slug)


def _has_capitals(path: Value) -> bool:
    return any(isinstance(part, str) and part != part.lower() for part in path.parts)


def _commands(repo: Repository, step: Step | None, tags: Mapping[Location, Tag]) -> tuple[Location, ...]:
    """The words in the job's commands that begin with the name of a tag as it is written.

    Without a registry and a tag it may be what GitHub calls the repository, capitals and all.
    """
    names = {_named(place.fragment): bool(tag.reference.host.parts) for place, tag in tags.items()}
    if step is None or step.job is None:
        return ()
    return tuple(
        place
        for one in repo.invocations
        if one.step is not None and one.step.job is step.job
        for word in one.command.arguments
        if (name := _named(written := (place := one.place(word.span)).fragment.strip("\"'"))) in names
        and (names[name] or name != written)
    )


def _named(written: str) -> str:
    """Registry and repository of an image, as they are written."""
    return _TAG.sub("", written)


def _finding(tags: tuple[Tag, ...], commands: tuple[Location, ...], slug: str) -> Finding:
    first, *others = tags
    more = f" and {len(others)} more of the build come" if others else " comes"
    named = tuple(dict.fromkeys(code(str(one.reference.path)) for one in tags))
    have = "has" if len(named) == 1 else "have"
    places = (*(one.location for one in others), *commands)
    return Finding(
        message=f"{code(first.location.fragment)}{more} to {listed(named, _SHOWN)}, which {have} capitals.",
        consequence="The build stops on every run: “repository name must be lowercase”.",
        location=first.location,
        related=tuple(Location(one.text, one.span, "has them, too") for one in places),
        fixes=offer(
            "write it in lower case",
            Applicability.SAFE,
            *(_edit(place, slug) for place in (first.location, *places)),
        ),
        stands_for=f"{first.reference.path}",
    )


def _edit(place: Location, slug: str) -> Edit | None:
    owner, _, name = slug.lower().partition("/")
    values = {"repository": slug.lower(), "repository_owner": owner, "event.repository.name": name}
    changed = _NAMES.sub(lambda match: values[match[1]], place.fragment)
    if changed == place.fragment or re.search(r"[A-Z]", _named(changed).replace("${{", "")):
        return None
    return Edit(place.path, place.span, changed)
