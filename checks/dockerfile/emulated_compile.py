"""Files that are the same everywhere are built under emulation

For each platform that is not the builder's own the stage runs under QEMU, and compiles there what it has
compiled already: bundles of JavaScript, pages, `.jar`s are the same files on every machine. The emulated
build takes many times as long.

Let the stage run on the builder, once for all platforms: `FROM --platform=$BUILDPLATFORM`. The fix asks whether nothing
that is copied is made for one architecture, but where all of it goes where a web server sends it from
(`/usr/share/nginx/html`). Where the stage goes by `TARGETARCH` or its like in the name of a cache alone, that goes by
`BUILDARCH` then, and the fix asks whether nothing that it runs reads the other.

The check speaks of stages on Node.js or Java images from which only such files are copied. It is silent where
`node_modules` or a standalone server is among them, as that may hold addons for one architecture, for stages
that others build on, where the builder may have a node for each platform, and where an earlier step of the job
edits the Dockerfile.

References:

- https://docs.docker.com/build/building/multi-platform/#cross-compilation
- https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from checks.check import (
    Applicability,
    Attention,
    Check,
    Edit,
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
from checks.facts.build.rewritten import is_rewritten
from checks.facts.dockerfile.base_images import image_name
from checks.facts.dockerfile.dockerfiles import Dockerfile, Instruction, Stage
from checks.regex import regex

_CACHED = """\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-qemu-action@v4
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with: {context: ., platforms: 'linux/amd64,linux/arm64', push: true}
-- Dockerfile --
FROM node:24-alpine AS build
ARG TARGETARCH
COPY . .
RUN --mount=type=cache,id=npm-$TARGETARCH,target=/root/.npm npm ci
RUN npm run build
FROM nginx:1.31
COPY --from=build /dist /usr/share/nginx/html
USER 101
-- .dockerignore --
.git
"""

check = Check(
    id="emulated-compile",
    doc=__doc__,
    severity=Severity.NOTE,
    kinds=(Kind.DOCKERFILE, Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT),
    fix=Applicability.SAFE,
    scope=Scope.REPOSITORY,
    attention=Attention.CHECK_RUN,
    tags=("build", "dockerfile", "multi-platform"),
    examples=(
        Example(
            title="a step puts the files that it has built in place of the stage",
            files="""\
-- .github/workflows/build.yml --
on:
  push:
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - run: |
          npm ci && npm run build
          sed -i '/^FROM node:24 AS web/,/^RUN npm run build/c FROM scratch AS web\\nCOPY dist /web/dist' Dockerfile
      - uses: docker/build-push-action@v7
        with: {context: ., platforms: 'linux/amd64,linux/arm64'}
-- Dockerfile --
FROM node:24 AS web
WORKDIR /web
COPY . .
RUN npm run build
FROM nginx:1.29
COPY --from=web /web/dist /usr/share/nginx/html
""",
        ),
        Example(
            title="a bundle for two platforms",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-qemu-action@v4
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with: {context: ., platforms: 'linux/amd64,linux/arm64', push: true}
-- Dockerfile --
FROM node:24-alpine AS build
COPY . .
RUN npm ci && npm run build
FROM nginx:1.31
COPY --from=build /dist /usr/share/nginx/html
USER 101
-- .dockerignore --
.git
""",
            at="FROM node:24-alpine AS build",
            fixed="""\
-- Dockerfile --
FROM --platform=$BUILDPLATFORM node:24-alpine AS build
COPY . .
RUN npm ci && npm run build
FROM nginx:1.31
COPY --from=build /dist /usr/share/nginx/html
USER 101
""",
        ),
        Example(
            title="Depot has a machine for each of the platforms",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: depot-ubuntu-24.04
    steps:
      - uses: actions/checkout@v7
      - uses: depot/build-push-action@v1
        with: {context: ., platforms: 'linux/amd64,linux/arm64', push: true}
-- Dockerfile --
FROM node:24-alpine AS build
RUN npm run build
FROM nginx:1.31
COPY --from=build /dist /usr/share/nginx/html
USER 101
""",
        ),
        Example(
            title="what it installs goes by the platform that is built for",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-qemu-action@v4
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with: {context: ., platforms: 'linux/amd64,linux/arm64', push: true}
-- Dockerfile --
FROM node:24-alpine AS build
ARG TARGETARCH
COPY . .
RUN npm ci && npm install --no-save bundler-linux-$TARGETARCH && npm run build
FROM nginx:1.31
COPY --from=build /dist /usr/share/nginx/html
USER 101
-- .dockerignore --
.git
""",
            at="FROM node:24-alpine AS build",
        ),
        Example(
            title="the platform that it is built for names a cache alone",
            files=_CACHED,
            at="FROM node:24-alpine AS build",
            fixed="""\
-- Dockerfile --
FROM --platform=$BUILDPLATFORM node:24-alpine AS build
ARG BUILDARCH
COPY . .
RUN --mount=type=cache,id=npm-$BUILDARCH,target=/root/.npm npm ci
RUN npm run build
FROM nginx:1.31
COPY --from=build /dist /usr/share/nginx/html
USER 101
""",
        ),
        Example(
            title="it goes by that otherwise, too",
            files=_CACHED.replace("npm run build", "npm run build -- --arch=$TARGETARCH"),
            at="FROM node:24-alpine AS build",
        ),
        Example(
            title="it goes by that under another name",
            files=_CACHED.replace("COPY . .", "ARG KIND=$TARGETARCH\nCOPY . .").replace(
                "npm run build", "npm run build -- --arch=$KIND"
            ),
            at="FROM node:24-alpine AS build",
        ),
        Example(
            title="what it copies from another stage is made where it runs; what the image takes, too, is not",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-qemu-action@v4
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with: {context: ., platforms: 'linux/amd64,linux/arm64', push: true}
      - uses: docker/build-push-action@v7
        with: {context: api, platforms: 'linux/amd64,linux/arm64', push: true}
-- Dockerfile --
FROM node:24-alpine AS deps
RUN npm ci
FROM node:24-alpine AS build
COPY --from=deps /node_modules ./node_modules
RUN npm run build
FROM nginx:1.31
COPY --from=build /dist /usr/share/nginx/html
USER 101
-- api/Dockerfile --
FROM node:24-alpine AS deps
RUN npm ci
FROM node:24-alpine AS build
COPY --from=deps /node_modules ./node_modules
RUN npm run build
FROM nginx:1.31
COPY --from=deps /node_modules ./node_modules
COPY --from=build /dist /usr/share/nginx/html
USER 101
-- .dockerignore --
.git
""",
            at=("FROM node:24-alpine AS build", "FROM node:24-alpine AS build"),
            fixed="""\
-- Dockerfile --
FROM --platform=$BUILDPLATFORM node:24-alpine AS deps
RUN npm ci
FROM --platform=$BUILDPLATFORM node:24-alpine AS build
COPY --from=deps /node_modules ./node_modules
RUN npm run build
FROM nginx:1.31
COPY --from=build /dist /usr/share/nginx/html
USER 101
""",
        ),
        Example(
            title="addons, a standalone server, another language, on the builder already, built on, one platform",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-qemu-action@v4
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with: {context: ., platforms: 'linux/amd64,linux/arm64', push: true}
      - uses: docker/build-push-action@v7
        with: {context: ., file: one.Dockerfile, platforms: linux/arm64, push: true}
  nodes:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v4
        with: {driver: remote, endpoint: 'tcp://builder:1234'}
      - uses: docker/build-push-action@v7
        with: {context: ., file: nodes.Dockerfile, platforms: 'linux/amd64,linux/arm64', push: true}
-- Dockerfile --
FROM node:24 AS addons
RUN npm ci && npm run build
FROM node:24 AS server
RUN npm ci && npm run build
FROM golang:1.27 AS tool
RUN go build -o /dist/tool
FROM --platform=$BUILDPLATFORM node:24 AS pages
RUN npm run build
FROM node:24 AS shared
RUN npm run build
FROM node:24 AS mounted
RUN npm run build
FROM shared AS later
RUN npm prune
FROM node:24-slim
COPY --from=addons /dist /srv/dist
COPY --from=addons /node_modules /srv/node_modules
COPY --from=server /.next/standalone /srv
COPY --from=tool /dist /srv/tool
COPY --from=pages /dist /srv/pages
COPY --from=shared /dist /srv/shared
COPY --from=later /node_modules /srv/later
COPY --from=mounted /dist /srv/mounted
RUN --mount=from=mounted,target=/mounted cp -r /mounted/node_modules /srv
USER 1000
-- one.Dockerfile --
FROM node:24 AS build
RUN npm run build
FROM nginx:1.31
COPY --from=build /dist /usr/share/nginx/html
USER 101
-- nodes.Dockerfile --
FROM node:24 AS build
RUN npm run build
FROM nginx:1.31
COPY --from=build /dist /usr/share/nginx/html
USER 101
""",
        ),
    ),
)

_BASES = frozenset(("node", "maven", "gradle"))
_COMPILERS = frozenset(
    ("npm", "yarn", "pnpm", "npx", "bun", "mvn", "mvnw", "gradle", "gradlew", "ng", "vite")
)
_SAME_EVERYWHERE = regex(
    r"(?:^|/)(?:dist|build|out|public|www|html|static|site)/?(?:$|\*|[\w./-]*\.html$)|\.[jw]ar$"
)
_SERVED = regex(r"/usr/(?:local/apache2/htdocs|share/(?:caddy|nginx/html))(?:/.*)?")
"""Where the images of web servers have the files that they send, and run none of them.

https://hub.docker.com/_/nginx https://hub.docker.com/_/httpd https://hub.docker.com/_/caddy
"""
_OF_TARGET = regex(r"\bTARGET(?:ARCH|OS|PLATFORM|VARIANT)\b")
"""What a stage may be told of the platform that it is built for."""
_OTHER_NODES = regex(r"--append|driver[= ](?:remote|kubernetes|cloud)|ssh://|depot|namespace")


def run(repo: Repository) -> Iterator[Finding]:
    files = {one.path: one for one in repo.dockerfiles}
    told: set[str] = set()
    for build in repo.builds:
        dockerfile = files.get(build.dockerfile or "")
        architectures = {one.split("/")[1] for one in build.platforms or () if "/" in one}
        if dockerfile is None or dockerfile.path in told or len(architectures) < 2:
            continue
        if _may_have_nodes(build) or is_rewritten(build):
            continue
        if build.target == "" and not dockerfile.is_aside:
            told.add(dockerfile.path)
            alone = _targets(repo, dockerfile)
            yield from (_finding(dockerfile, stage, build, alone) for stage in _emulated(dockerfile))


def _targets(repo: Repository, dockerfile: Dockerfile) -> frozenset[Stage | None]:
    """The stages that are built for themselves here, None for one that is not known."""
    return frozenset(
        dockerfile.target_stage(one.target)
        for one in repo.builds
        if one.dockerfile == dockerfile.path and one.target != ""
    )


def _may_have_nodes(build: Build) -> bool:
    """Whether the builder may have a machine for each platform."""
    step = build.step
    if step is None or step.job is None or build.is_by_depot:
        return True
    for earlier in step.earlier:
        if any(earlier.input(name) for name in ("append", "endpoint", "driver", "nodes", "remote")):
            return True
        if _OTHER_NODES.search(
            earlier.run.value if earlier.run else earlier.uses.action if earlier.uses else ""
        ):
            return True
    return step.input("builder") is not None


def _emulated(dockerfile: Dockerfile) -> Iterator[Stage]:
    """The stages that run for each platform and are copied from for files that are the same on all."""
    image = dockerfile.ancestry(dockerfile.shipped)
    for stage in dockerfile.stages:
        is_base = any(stage in dockerfile.ancestry(other)[1:] for other in dockerfile.stages)
        if stage not in dockerfile.built or stage in image or is_base:
            continue
        if stage.instruction.flag("platform") is not None or len(dockerfile.ancestry(stage)) > 1:
            continue
        if image_name(dockerfile.base_image(stage) or "") not in _BASES:
            continue
        taken = list(_taken(dockerfile, stage))
        words = [word for it in taken for word in it.sources or (it.arguments[0],)]
        compiles = any(
            ran.stage is stage and ran.command.program in _COMPILERS for ran in dockerfile.commands()
        )
        if compiles and words and all(_SAME_EVERYWHERE.search(word.value) for word in words):
            yield stage


def _taken(dockerfile: Dockerfile, stage: Stage) -> Iterator[Instruction]:
    """The instructions that copy files out of a stage, or mount it."""
    for other in dockerfile.stages:
        for it in other.instructions:
            names = [flag.value for flag in it.flags if flag.name == "from"]
            fields = [flag.field("from") for flag in it.flags if flag.name == "mount"]
            names += [field.value for field in fields if field is not None]
            if any(name and dockerfile.source.copied_stage(name) is stage for name in names):
                yield it


def _is_served(dockerfile: Dockerfile, stage: Stage) -> bool:
    """Whether all that is copied from a stage goes where a web server sends it from."""
    return all(
        it.keyword == "COPY" and it.arguments and _SERVED.fullmatch(it.arguments[-1].literal or "")
        for it in _taken(dockerfile, stage)
    )


def _finding(dockerfile: Dockerfile, stage: Stage, build: Build, targets: frozenset[Stage | None]) -> Finding:
    span = stage.instruction.span
    written = build.platforms_entry
    given = _given(dockerfile, stage)
    alone = [
        one
        for one in given
        if {other for other in dockerfile.stages if one in _given(dockerfile, other)} == {stage}
    ]
    moved = [stage, *alone]
    told = {one: _told_of_target(dockerfile, one) for one in moved}
    goes_by = next(filter(None, (_goes_by(one, told[one]) for one in moved)), None)
    withheld = ""
    if len(alone) < len(given):
        shared = next(one for one in given if one not in alone)
        withheld = (
            f"{code(shared.name or str(shared.index))}, which it copies from, is made for each platform, and others need that: "
            "part what the build needs of it"
        )
    elif goes_by is not None:
        withheld = (
            f"it goes by {code(goes_by.fragment)}: what runs in it has to go by {code(_of_builder(goes_by))}, and what it makes "
            "for the image by the other; part them along with the move to the builder"
        )
    is_same = _is_served(dockerfile, stage) and targets.isdisjoint((None, *moved))
    renamed = next((it.fragment for one in moved for it in told[one]), "")
    cautions = (
        "" if is_same else "Is nothing that is copied from it made for one architecture?",
        f"Does nothing that it runs read {code(renamed)}, which is not there any more?" if renamed else "",
    )
    return Finding(
        message=f"The stage {code(stage.name or str(stage.index))} is compiled for every platform, under emulation for all but one.",
        consequence="What is copied from it is the same on all of them; the emulated builds take many times as long.",
        location=dockerfile.location(span),
        related=(
            Location(
                build.text,
                written.span if written else build.location.span,
                "builds it for several platforms",
            ),
        ),
        fixes=()
        if withheld
        else offer(
            "run it on the builder",
            Applicability.UNSAFE if any(cautions) else Applicability.SAFE,
            *(_on_builder(dockerfile, one) for one in moved),
            *(Edit(it.path, it.span, _of_builder(it)) for one in moved for it in told[one]),
            caution=" ".join(filter(None, cautions)),
        ),
        withheld=withheld,
    )


def _told_of_target(dockerfile: Dockerfile, stage: Stage) -> list[Location]:
    """Where a stage names what it may be told of the platform that it is built for."""
    return [
        dockerfile.location(Span(it.span.start + found.start(), it.span.start + found.end()))
        for it in stage.instructions
        for found in _OF_TARGET.finditer(dockerfile.text[it.span])
    ]


def _goes_by(stage: Stage, told: Sequence[Location]) -> Location | None:
    """The first of those places that is more than a part of a cache's name, or the `ARG` that asks for one."""
    others = [one for one in told if not _names_a_cache(stage, one.span)]
    asked = [it.span for it in stage.instructions if it.keyword == "ARG"] if len(others) < len(told) else []
    rest = (
        one
        for one in others
        if not any(it.end == one.span.end and one.text[it].split()[1:] == [one.fragment] for it in asked)
    )
    return next(rest, None)


def _names_a_cache(stage: Stage, span: Span) -> bool:
    mounts = (flag for it in stage.instructions for flag in it.flags if flag.name == "mount")
    caches = (one for one in mounts if (kind := one.field("type")) and kind.value == "cache")
    named = (field.span for one in caches for field in one.fields if field.key == "id")
    return any(one.start <= span.start < one.end for one in named)


def _of_builder(place: Location) -> str:
    return place.fragment.replace("TARGET", "BUILD")


def _given(dockerfile: Dockerfile, stage: Stage) -> list[Stage]:
    """The stages made for each platform that a stage copies from."""
    names = (it.flag("from") for it in stage.instructions)
    stages = dict.fromkeys(
        dockerfile.source.copied_stage(name.value) for name in names if name and name.value
    )
    return [one for one in stages if one is not None and one.instruction.flag("platform") is None]


def _on_builder(dockerfile: Dockerfile, stage: Stage) -> Edit:
    at = stage.instruction.keyword_span.end
    return Edit(dockerfile.path, Span(at, at), " --platform=$BUILDPLATFORM")
