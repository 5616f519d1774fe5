"""Image starts from one fixed platform

`FROM --platform=linux/amd64` in a stage that becomes the image decides the platform of every build, whatever
the build asks for. Built for several platforms, each image holds the programs of that one, under a label that
says otherwise: "exec format error", at the first start. On a machine of another kind the build and the
container are emulated, slowly.

Take the flag off, and say the platform where the image is built: `--platform` of the command, `platforms:` of
the action. Stages that the image takes files from have to move along: there is no fix where the name of one,
or a comment, says why it stays.

The check is silent where no build is known to ask for another platform, for `$BUILDPLATFORM` and other
variables, for stages that are only copied from or that their name gives to an architecture, for Windows, for
`scratch`, and where a comment says why.

References:

- https://docs.docker.com/reference/build-checks/from-platform-flag-const-disallowed/
- https://docs.docker.com/build/building/multi-platform/
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
    Example,
    Finding,
    Fix,
    Kind,
    Location,
    Repository,
    Scope,
    Severity,
    Span,
    code,
    offer,
)  # fmt: skip
from checks.facts.build.builds import Build
from checks.facts.build.platforms import platform_named
from checks.facts.dockerfile.dockerfiles import Dockerfile, Stage
from checks.regex import regex

_CONSTANT = regex(r"linux/[a-z0-9]+(?:/v\d+)?")
_NAMES_IT = regex(r"amd64|arm|x86|x64|aarch|i386|ppc64|riscv|s390x|linux|jetpack|musl", re.IGNORECASE)
_SAYS_WHY = regex(
    r"amd64|arm64|x86|aarch64|\bplatform\b|architecture|\bM[1-4]\b|apple|\bmacs?\b|emulat|graviton|fargate|lambda",
    re.IGNORECASE,
)
_NEAR = 6
"""Lines above `FROM` in which a comment speaks of it."""

check = Check(
    id="constant-platform-in-from",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.DOCKERFILE, Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("dockerfile", "multi-platform"),
    peers=(
        "buildkit:FromPlatformFlagConstDisallowed",
        "hadolint:DL3029",
    ),
    examples=(
        Example(
            title="the image of two platforms",
            files="""\
-- Dockerfile --
FROM --platform=linux/amd64 node:24 AS base
RUN corepack enable
FROM base
USER 1000
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker buildx build --platform linux/amd64,linux/arm64 --push -t ghcr.io/acme/web:1 .
""",
            at="--platform=linux/amd64",
            fixed="""\
-- Dockerfile --
FROM node:24 AS base
RUN corepack enable
FROM base
USER 1000
""",
        ),
        Example(
            title="a stage that the image takes files from has the flag too",
            files="""\
-- Dockerfile --
FROM --platform=linux/amd64 ghcr.io/acme/tool:2 AS tool
FROM --platform=linux/amd64 debian:13 AS spare
FROM --platform=$BUILDPLATFORM node:24 AS docs
RUN npm run docs
FROM --platform=linux/amd64 debian:13
COPY --from=tool /usr/bin/tool /usr/local/bin/tool
COPY --from=docs /docs /docs
USER 1000
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker buildx build --platform linux/amd64,linux/arm64 --push -t ghcr.io/acme/web:1 .
""",
            at="--platform=linux/amd64",
            fixed="""\
-- Dockerfile --
FROM ghcr.io/acme/tool:2 AS tool
FROM --platform=linux/amd64 debian:13 AS spare
FROM --platform=$BUILDPLATFORM node:24 AS docs
RUN npm run docs
FROM debian:13
COPY --from=tool /usr/bin/tool /usr/local/bin/tool
COPY --from=docs /docs /docs
USER 1000
""",
        ),
        Example(
            title="such a stage has it for a reason: no fix",
            files="""\
-- Dockerfile --
# the vendor makes the tool for amd64 alone
FROM --platform=linux/amd64 ghcr.io/acme/tool:2 AS tool
RUN /usr/bin/tool --version
RUN /usr/bin/tool --check
RUN /usr/bin/tool --list
RUN /usr/bin/tool --self-test
RUN /usr/bin/tool --cache
FROM --platform=linux/amd64 debian:13
COPY --from=tool /usr/bin/tool /usr/local/bin/tool
USER 1000
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker buildx build --platform linux/amd64,linux/arm64 --push -t ghcr.io/acme/web:1 .
""",
            at="--platform=linux/amd64",
        ),
        Example(
            title="no build is known",
            files="""\
-- Dockerfile --
FROM \\
  --platform=linux/amd64 \\
  node:24
USER 1000
""",
        ),
        Example(
            title="variables, a stage that is copied from, one for each architecture, and a reason",
            files="""\
-- Dockerfile --
FROM --platform=$BUILDPLATFORM node:24 AS build
RUN npm run build
FROM --platform=linux/amd64 node:24 AS docs
RUN npm run docs
FROM --platform=$TARGETPLATFORM node:24-slim
COPY --from=build /dist /dist
COPY --from=docs /docs /docs
USER 1000
-- arch.Dockerfile --
FROM --platform=linux/amd64 debian:13 AS base-amd64
FROM --platform=linux/arm64 debian:13 AS base-arm64
FROM base-${TARGETARCH}
USER 1000
-- named.Dockerfile --
FROM --platform=linux/amd64 debian:13 AS web_amd64
USER 1000
-- reason.Dockerfile --
# the vendor has no build for arm64
FROM --platform=linux/amd64 debian:13
USER 1000
-- download.Dockerfile --
FROM --platform=linux/amd64 debian:13
RUN curl -fsSLo /tool https://example.com/tool-linux-amd64
USER 1000
-- windows.Dockerfile --
FROM --platform=windows/amd64 mcr.microsoft.com/windows/nanoserver:ltsc2025
USER ContainerUser
-- empty.Dockerfile --
FROM --platform=linux/amd64 scratch
COPY web /
USER 1000
""",
            paths=("web",),
        ),
        Example(
            title="every build asks for that platform, or is the runner's own",
            files="""\
-- Dockerfile --
FROM --platform=linux/amd64 node:24
USER 1000
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., platforms: linux/amd64, push: true}
      - run: docker build .
-- api/Dockerfile --
FROM --platform=linux/arm64 node:24
USER 1000
-- .github/workflows/api.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04-arm
    steps:
      - uses: docker/build-push-action@v7
        with: {context: api, platforms: linux/arm64/v8, push: true}
""",
        ),
        Example(
            title="in a folder of tests, and written by a program",
            files="""\
-- tests/Dockerfile --
FROM --platform=linux/amd64 node:24 AS base
RUN corepack enable
FROM base
USER 1000
-- tests/.github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker buildx build --platform linux/amd64,linux/arm64 --push -t ghcr.io/acme/web:1 .
-- svc/Dockerfile --
# Code generated by make. DO NOT EDIT.
FROM --platform=linux/amd64 node:24 AS base
RUN corepack enable
FROM base
USER 1000
-- svc/.github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker buildx build --platform linux/amd64,linux/arm64 --push -t ghcr.io/acme/web:1 .
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for dockerfile in repo.dockerfiles:
        if dockerfile.is_aside or dockerfile.is_generated:
            continue
        for stage in dockerfile.ancestry(dockerfile.final):
            platform = _platform(stage)
            if platform and _is_bound(dockerfile, stage):
                yield from _finding(dockerfile, stage, platform, _builds(repo, dockerfile, stage))


def _platform(stage: Stage) -> str:
    """The one that is written out for a stage; empty where none is."""
    flag = stage.instruction.flag("platform")
    is_constant = flag is not None and _CONSTANT.fullmatch(flag.value or "")
    return flag.value or "" if flag is not None and is_constant and stage.base.value != "scratch" else ""


def _is_bound(dockerfile: Dockerfile, stage: Stage) -> bool:
    """Whether neither the name of a stage nor a comment says that it is meant for its platform."""
    if stage.name and _NAMES_IT.search(stage.name):
        return False
    line = dockerfile.text.line_of(stage.instruction.span.start)
    above = range(line - _NEAR, line)
    return not any(
        _SAYS_WHY.search(one.text)
        for one in dockerfile.source.comments
        if dockerfile.text.line_of(one.span.start) in above
    )


def _builds(repo: Repository, dockerfile: Dockerfile, stage: Stage) -> list[Build]:
    """The builds of the Dockerfile whose image may start from the stage."""
    found: list[Build] = []
    for build in repo.builds:
        target = dockerfile.target_stage(build.target) or dockerfile.final
        if build.dockerfile == dockerfile.path and stage in dockerfile.ancestry(target):
            found.append(build)
    return found


def _finding(dockerfile: Dockerfile, stage: Stage, platform: str, builds: list[Build]) -> Iterator[Finding]:
    own = platform_named(platform)
    asked = [one for one in builds if any(platform_named(other) != own for other in one.platforms or ())]
    if not asked:
        return
    along = _taken_from(dockerfile, stage)
    meant = next((one for one in along if not _is_bound(dockerfile, one)), None)
    spans = [flag.span for one in (stage, *along) if (flag := one.instruction.flag("platform")) is not None]
    yield Finding(
        message=f"The image starts from {code(platform)}, whatever platform a build asks for.",
        consequence="The image of the other platforms holds its programs: there the container stops with “exec format error”.",
        location=dockerfile.location(spans[0]),
        related=(
            *map(_place, asked[:1]),
            *(
                dockerfile.location(span, "decides it for what is copied from there, too")
                for span in spans[1:]
            ),
        ),
        fixes=() if meant else _fixes(dockerfile, spans),
        withheld=f"the stage at line {dockerfile.location(meant.instruction.span).line} is meant for {code(_platform(meant))}, as its name or a "
        "comment says, and what is copied from it may not run on another"
        if meant
        else "",
    )


def _taken_from(dockerfile: Dockerfile, stage: Stage) -> list[Stage]:
    """The stages with a platform of their own that the image takes files from, beside those that it starts from."""
    line = dockerfile.ancestry(dockerfile.final)
    needed = dockerfile.needed(dockerfile.final).difference(line)
    return [one for one in dockerfile.stages if one in needed and one is not stage and _platform(one)]


def _fixes(dockerfile: Dockerfile, spans: list[Span]) -> tuple[Fix, ...]:
    which, them = ("each base image", "they run") if len(spans) > 1 else ("the base image", "it runs")
    return offer(
        "take the platform off",
        Applicability.UNSAFE,
        *map(dockerfile.without, spans),
        caution=f"Does {which} exist for the other platforms, and does nothing that {them} need this one?",
    )


def _place(build: Build) -> Location:
    written = build.platforms_entry
    return Location(build.text, written.span if written else build.location.span, "builds it for others")
