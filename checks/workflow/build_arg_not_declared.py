"""Build argument is passed that the Dockerfile does not declare

BuildKit ignores a build argument that no `ARG` declares, without a word. The version stays empty, the default
stays in force, and nobody notices before the image runs.

Declare the argument in the stage that uses it, or take it out of the build.

The check is silent for BuildKit's predefined arguments (proxies, `BUILDKIT_…`, `SOURCE_DATE_EPOCH`, `TARGET…`), where the
Dockerfile or the names are not known, and where one list is passed to several Dockerfiles.

References:

- https://docs.docker.com/reference/dockerfile/#arg
- https://docs.docker.com/build/building/variables/#pre-defined-build-arguments
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.check import (
    Check,
    Example,
    Finding,
    Kind,
    Repository,
    Scope,
    Severity,
    code,
)  # fmt: skip
from checks.facts.builds import Build
from checks.facts.dockerfiles import Dockerfile

check = Check(
    id="build-arg-not-declared",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.WORKFLOW, Kind.ACTION, Kind.DOCKERFILE),
    scope=Scope.REPOSITORY,
    tags=("build", "dockerfile"),
    examples=(
        Example(
            title="the Dockerfile calls it otherwise",
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
          build-args: |
            VERSION=${{ github.sha }}
            COMMIT=${{ github.sha }}
-- Dockerfile --
FROM alpine:3.24
ARG APP_VERSION=dev
ARG COMMIT
LABEL version=$APP_VERSION commit=$COMMIT
USER 1000
""",
            at="VERSION=${{ github.sha }}",
        ),
        Example(
            title="declared before the first FROM, in any stage, by BuildKit, for another Dockerfile of the matrix",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        image: [web, api]
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: ${{ matrix.image }}
          build-args: |
            ALPINE=3.24
            PORT=80
            HTTP_PROXY=http://proxy:3128
            BUILDKIT_INLINE_CACHE=1
            BUILDKIT_CONTEXT_KEEP_GIT_DIR=1
            SOURCE_DATE_EPOCH=0
            ${{ inputs.more }}
      - run: docker build $BUILD_ARGS --build-arg X=1 web
-- web/Dockerfile --
ARG ALPINE
FROM alpine:$ALPINE AS build
ARG PORT
FROM alpine:$ALPINE
COPY --from=build /x /x
USER 1000
-- api/Dockerfile --
FROM alpine:3.24
USER 1000
""",
        ),
    ),
)

_PREDEFINED = re.compile(
    r"(?i:(?:https?|ftp|no|all)_proxy)|BUILDKIT_\w+|SOURCE_DATE_EPOCH|(?:TARGET|BUILD)(?:PLATFORM|OS|ARCH|VARIANT|STAGE)"
    r"|DOCKER_\w+"
)
"""https://docs.docker.com/reference/dockerfile/#predefined-args"""


def run(repo: Repository) -> Iterator[Finding]:
    files = {one.path: one for one in repo.dockerfiles}
    by_place: dict[tuple[int, int], list[Build]] = {}
    for build in repo.builds:
        by_place.setdefault((id(build.text), build.location.span.start), []).append(build)
    for builds in by_place.values():
        found = [files.get(build.dockerfile or "") for build in builds]
        if all(found) and all(build.build_args is not None for build in builds):
            yield from _findings(builds[0], [one for one in found if one])


def _findings(build: Build, dockerfiles: list[Dockerfile]) -> Iterator[Finding]:
    if any(_has_foreign_syntax(one) for one in dockerfiles):
        return
    declared = {name for one in dockerfiles for name in _declared(one)}
    for argument in build.build_args or ():
        if not re.fullmatch(r"\w+", argument.name) or argument.name in declared:
            continue
        if _PREDEFINED.fullmatch(argument.name):
            continue
        one = dockerfiles[0]
        last = one.final.instruction
        yield Finding(
            message=f"{code(argument.name)} is passed to the build, and {code(one.path)} has no {code('ARG ' + argument.name)}.",
            consequence="BuildKit ignores it without a word: what it is meant to set stays empty or at its default.",
            location=argument.location,
            related=(one.location(last.span, "is the stage that is built, without that argument"),),
        )


def _declared(dockerfile: Dockerfile) -> Iterator[str]:
    for instruction in dockerfile.source.instructions:
        trigger = instruction.trigger or instruction
        if trigger.keyword == "ARG":
            yield from (pair.name.value for pair in trigger.pairs)


def _has_foreign_syntax(dockerfile: Dockerfile) -> bool:
    """Whether a frontend of somebody else reads the file, or a base image may declare arguments by `ONBUILD`."""
    syntax = dockerfile.source.directive("syntax")
    return syntax is not None and not syntax.value.startswith(
        ("docker/dockerfile", "docker.io/docker/dockerfile")
    )
