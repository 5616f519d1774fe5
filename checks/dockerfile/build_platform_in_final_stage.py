"""Image for several platforms starts from the builder's own

`FROM --platform=$BUILDPLATFORM` is for stages that cross-compile: they run on the builder and are copied
from. In the stage that becomes the image it puts the builder's architecture into the image of every platform,
under the label of the other one. On the other machines the programs of the base image stop with "exec format
error".

Take the flag off that `FROM`, and off those of other images whose programs are copied into it as they are.

The check is silent for stages that are only copied from, for `scratch`, where the base brings no program or
library at all (distroless's `static`) and what is copied onto it is built for the target's platform, where
Depot builds it, each architecture on a machine of its own, and where no build with a further platform than the
runner's is known.

References:

- https://docs.docker.com/build/building/multi-platform/#cross-compilation
- https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
    Example,
    Finding,
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
from checks.facts.dockerfile.base_images import image_name, tag_of
from checks.facts.dockerfile.dockerfiles import Dockerfile, Stage
from checks.regex import regex

check = Check(
    id="build-platform-in-final-stage",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.DOCKERFILE, Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("dockerfile", "multi-platform"),
    examples=(
        Example(
            title="the flag of the build stage stands on the final one too",
            files="""\
-- Dockerfile --
FROM --platform=$BUILDPLATFORM node:24 AS build
RUN npm run build
FROM --platform=$BUILDPLATFORM node:24-slim
COPY --from=build /dist /dist
USER 1000
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., platforms: 'linux/amd64,linux/arm64', push: true}
""",
            at="--platform=$BUILDPLATFORM",
            fixed="""\
-- Dockerfile --
FROM --platform=$BUILDPLATFORM node:24 AS build
RUN npm run build
FROM node:24-slim
COPY --from=build /dist /dist
USER 1000
""",
        ),
        Example(
            title="a program that another image has",
            files="""\
-- Dockerfile --
FROM --platform=$BUILDPLATFORM node:24 AS pages
RUN npm run build
FROM --platform=$BUILDPLATFORM ghcr.io/acme/pump:1.4 AS pump
FROM --platform=$BUILDPLATFORM debian:13-slim
COPY --from=pages /dist /pages
COPY --from=pump /pump /pump
USER 1000
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., platforms: 'linux/amd64,linux/arm64', push: true}
""",
            at="--platform=$BUILDPLATFORM",
            fixed="""\
-- Dockerfile --
FROM --platform=$BUILDPLATFORM node:24 AS pages
RUN npm run build
FROM ghcr.io/acme/pump:1.4 AS pump
FROM debian:13-slim
COPY --from=pages /dist /pages
COPY --from=pump /pump /pump
USER 1000
""",
        ),
        Example(
            title="the final stage builds on one that has it",
            files="""\
-- Dockerfile --
FROM --platform=${BUILDPLATFORM} node:24 AS base
FROM base
USER 1000
-- build.sh --
#!/bin/sh
docker buildx build --platform linux/amd64,linux/arm64 --push -t ghcr.io/acme/web:1 -f Dockerfile .
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker buildx build --platform linux/amd64,linux/arm64 --push -t ghcr.io/acme/web:1 .
""",
            at="--platform=${BUILDPLATFORM}",
        ),
        Example(
            title="only copied from, from nothing, one platform, files that are exported, a target of its own",
            files="""\
-- Dockerfile --
FROM --platform=$BUILDPLATFORM golang:1.27 AS build
RUN go build
FROM alpine:3.24
COPY --from=build /web /web
USER 1000
-- one.Dockerfile --
FROM --platform=$BUILDPLATFORM node:24
USER 1000
-- files.Dockerfile --
FROM --platform=$BUILDPLATFORM node:24
USER 1000
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., platforms: 'linux/amd64,linux/arm64', push: true}
      - uses: docker/build-push-action@v7
        with: {context: ., file: one.Dockerfile, platforms: linux/amd64, push: true}
      - uses: docker/build-push-action@v7
        with: {context: ., file: files.Dockerfile, platforms: 'linux/amd64,linux/arm64', outputs: 'type=local,dest=out'}
      - uses: docker/build-push-action@v7
        with: {context: ., target: build, platforms: 'linux/amd64,linux/arm64', outputs: type=cacheonly}
""",
        ),
        Example(
            title="a build that only fills the cache of the next one",
            files="""\
-- Dockerfile --
FROM --platform=$BUILDPLATFORM golang:1.27 AS builder
RUN GOARCH=$TARGETARCH go build -o /web .
FROM debian:13-slim
COPY --from=builder /web /web
USER 1000
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., target: builder, platforms: 'linux/amd64,linux/arm64', cache-to: 'type=local,dest=/tmp/web'}
      - uses: docker/build-push-action@v7
        with: {context: ., platforms: 'linux/amd64,linux/arm64', push: true, cache-from: 'type=local,src=/tmp/web'}
""",
        ),
        Example(
            title="a base without programs, and one of the target's platform on it",
            files="""\
-- Dockerfile --
FROM --platform=$BUILDPLATFORM golang:1.27 AS build
ARG TARGETARCH
RUN GOARCH=$TARGETARCH CGO_ENABLED=0 go build -o /pump .
FROM --platform=$BUILDPLATFORM gcr.io/distroless/static-debian13:nonroot
COPY --from=build /pump /pump
CMD ["/pump"]
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., platforms: 'linux/amd64,linux/arm64', push: true}
""",
        ),
        Example(
            title="the same on a base that brings the C library",
            files="""\
-- Dockerfile --
FROM --platform=$BUILDPLATFORM golang:1.27 AS build
ARG TARGETARCH
RUN GOARCH=$TARGETARCH CGO_ENABLED=0 go build -o /pump .
FROM --platform=$BUILDPLATFORM gcr.io/distroless/base-debian13:nonroot
COPY --from=build /pump /pump
CMD ["/pump"]
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., platforms: 'linux/amd64,linux/arm64', push: true}
""",
            at="--platform=$BUILDPLATFORM",
            fixed="""\
-- Dockerfile --
FROM --platform=$BUILDPLATFORM golang:1.27 AS build
ARG TARGETARCH
RUN GOARCH=$TARGETARCH CGO_ENABLED=0 go build -o /pump .
FROM gcr.io/distroless/base-debian13:nonroot
COPY --from=build /pump /pump
CMD ["/pump"]
""",
        ),
        Example(
            title="a base without programs, and one of the builder's platform on it",
            files="""\
-- Dockerfile --
FROM --platform=$BUILDPLATFORM golang:1.27 AS build
ARG VERSION
RUN CGO_ENABLED=0 go build -o /pump .
FROM --platform=$BUILDPLATFORM gcr.io/distroless/static-debian13:nonroot
COPY --from=build /pump /pump
CMD ["/pump"]
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., platforms: 'linux/amd64,linux/arm64', push: true}
""",
            at="--platform=$BUILDPLATFORM",
            fixed="""\
-- Dockerfile --
FROM --platform=$BUILDPLATFORM golang:1.27 AS build
ARG VERSION
RUN CGO_ENABLED=0 go build -o /pump .
FROM gcr.io/distroless/static-debian13:nonroot
COPY --from=build /pump /pump
CMD ["/pump"]
""",
        ),
        Example(
            title="Depot builds for each platform on a machine of its own",
            files="""\
-- Dockerfile --
FROM --platform=$BUILDPLATFORM node:24-slim
COPY dist /dist
USER 1000
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: depot/setup-action@v1
      - uses: depot/build-push-action@v1
        with: {context: ., platforms: 'linux/amd64,linux/arm64', push: true, tags: 'ghcr.io/acme/web:1'}
      - run: depot build --platform linux/amd64,linux/arm64 --push -t ghcr.io/acme/web:2 .
""",
        ),
        Example(
            title="another variable, and an image from nothing",
            files="""\
-- Dockerfile --
FROM --platform=$TARGETPLATFORM debian:13
USER 1000
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., platforms: 'linux/amd64,linux/arm64', push: true, tags: 'ghcr.io/acme/web:1'}
""",
        ),
    ),
)

_BARE = ("$BUILDPLATFORM", "${BUILDPLATFORM}")
_WITHOUT_PROGRAMS = regex(r"gcr\.io/distroless/static(?:-debian\d+)?")
_FOR_TARGET = regex(
    r"(?:ARCH|TARGET|PLATFORM)[\w-]{0,30}[= ]{1,2}[\"']?[\w/-]{0,30}\$\{?TARGET(?:ARCH|PLATFORM)\b|\s-a[= ]\$\{?TARGETARCH\b"
    r"|^(?:COPY|ADD)\s[^\n]{0,300}\$\{?TARGET(?:ARCH|PLATFORM)\b|^ARG\s.*\bTARGETPLATFORM\b",
    re.IGNORECASE,
)
"""What builds for the target's platform, or takes what was built for it."""


def run(repo: Repository) -> Iterator[Finding]:
    files = {one.path: one for one in repo.dockerfiles}
    told: set[tuple[str, int]] = set()
    for build in repo.builds:
        dockerfile = files.get(build.dockerfile or "")
        if dockerfile is None or build.is_by_depot or not _makes_images(build):
            continue
        stage = _flagged(dockerfile, build)
        if stage is not None and (dockerfile.path, stage.index) not in told:
            told.add((dockerfile.path, stage.index))
            yield _finding(dockerfile, stage, build)


def _makes_images(build: Build) -> bool:
    """Whether it makes an image of more than one platform."""
    if build.leaves_no_image:
        return False
    exporters = {output.type for output in build.outputs or ()}
    return (
        build.platforms is not None
        and len(build.platforms) > 1
        and build.outputs is not None
        and (not build.outputs or bool(exporters & {"image", "registry", "oci", "docker"}))
    )


def _flagged(dockerfile: Dockerfile, build: Build) -> Stage | None:
    """The stage with the flag that the target is or builds on."""
    named = dockerfile.target_stage(build.target)
    for stage in dockerfile.ancestry(named) if named else ():
        flag = stage.instruction.flag("platform")
        if flag is not None:
            bare = flag.value in _BARE and stage.base.value != "scratch"
            return stage if bare and not _runs_nothing_of_base(dockerfile, named or stage) else None
    return None


def _runs_nothing_of_base(dockerfile: Dockerfile, target: Stage) -> bool:
    """Whether the base is files without programs, so that only what is copied has to fit, which is built for
    the target.

    https://github.com/GoogleContainerTools/distroless/blob/main/base/README.md
    """
    base = dockerfile.base_image(target) or ""
    image = [it for stage in dockerfile.ancestry(target) for it in stage.instructions]
    needed = [dockerfile.text[it.span] for stage in dockerfile.needed(target) for it in stage.instructions]
    return (
        bool(_WITHOUT_PROGRAMS.fullmatch(image_name(base)))
        and "debug" not in tag_of(base)
        and {"CMD", "ENTRYPOINT"} & {it.keyword for it in image} != set()
        and all(it.keyword != "RUN" for it in image)
        and any(map(_FOR_TARGET.search, needed))
    )


def _finding(dockerfile: Dockerfile, stage: Stage, build: Build) -> Finding:
    flag = stage.instruction.flag("platform")
    span = flag.span if flag else stage.instruction.span
    written = build.platforms_entry
    place = Location(
        build.text, written.span if written else build.location.span, "builds it for several platforms"
    )
    given = _given_as_they_are(dockerfile, stage)
    runs = any(it.keyword == "RUN" for one in dockerfile.ancestry(stage) for it in one.instructions)
    is_target = stage is dockerfile.final or not any(
        stage in dockerfile.ancestry(other)[1:] for other in dockerfile.stages
    )
    return Finding(
        message=f"The image starts {code('FROM ' + dockerfile.text[span])}: every platform gets the builder's architecture.",
        consequence="On the other machines the programs of the base stop with “exec format error”, under a label that says they fit.",
        location=dockerfile.location(span),
        related=(
            place,
            *(dockerfile.location(one, "gives it programs of that architecture") for one in given),
        ),
        fixes=offer(
            "take the platform off",
            Applicability.UNSAFE,
            *map(dockerfile.without, (span, *given)),
            caution="What this stage runs is then emulated on the other platforms: is that fast enough?"
            if runs
            else "Is what stands behind `FROM` there for each of the platforms?",
        )
        if is_target
        else (),
    )


def _given_as_they_are(dockerfile: Dockerfile, stage: Stage) -> tuple[Span, ...]:
    """The same flag of other images that a stage copies from as they are: no command makes anything in their stages."""
    copied = {
        other
        for one in dockerfile.ancestry(stage)
        for it in one.instructions
        if it.keyword == "COPY"
        for other in dockerfile.sources_of(it)
    }
    flags = (
        one.instruction.flag("platform")
        for one in dockerfile.stages
        if one in copied and not any(it.keyword in ("RUN", "COPY", "ADD") for it in one.instructions)
    )
    return tuple(flag.span for flag in flags if flag is not None and flag.value in _BARE)
