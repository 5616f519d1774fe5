"""Builds of different images write one scope of GitHub's cache

`type=gha` keeps one cache for each scope, and the scope is `buildkit` where none is named. Two builds of
different images that write the same scope replace each other's: only the cache of the one that ends last is
left. The others start from nothing on each run, and nothing says so.

Give each image a scope of its own, the same one in `cache-to` and `cache-from`, and in all builds of it:

    cache-from: type=gha,scope=web
    cache-to: type=gha,scope=web,mode=max

The check is silent

- where a context, a Dockerfile or a scope is not known
- for one image that several jobs build, and for targets that have stages in common
- for builds that only read
- for two builds whose commands all run behind an argument that each commit has another value for
- for two builds of the root one after the other in a job, where the later one runs all commands of the earlier one too,
  but for those behind a copy of the whole context, which each commit runs anew
- for two builds that run no command: what they copy is copied again as fast as a cache is read
- for builds that run on different branches or for different pull requests only, even where they may be started by
  hand, too
- for builds that tags start, even where they may be started by hand, too: no other tag's run reads their
  caches
- for builds that each have all their layers in a cache of their own in a registry, too
- for builds of each night or each release whose commands fetch what has no version: a cache that holds would
  keep that as it was. A build of each week that each push makes, too, is not there for that alone.

References:

- https://docs.docker.com/build/cache/backends/gha/#scope
- https://docs.github.com/en/actions/reference/workflows-and-actions/dependency-caching
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from checks.check import (
    Applicability,
    Attention,
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
    Span,
    Text,
    code,
    offer,
)  # fmt: skip
from checks.facts.build.cached_builds import CachedBuilds
from checks.facts.build.new_scopes import (
    NewScope,
    are_told_apart_alike,
    builds_beside,
    builds_of_kin,
    builds_of_same,
    has_legs_of_others,
    scope_of_image,
    scope_of_legs,
    scopes_of_names,
)  # fmt: skip
from checks.facts.build.scope_writers import ScopeWriter, collide, is_to_be_fresh, scope_writers
from checks.facts.code_span import listed
from checks.facts.workflow.workflows import Step

_WEB_AND_JOBS = """\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with:
          context: web
          cache-from: type=gha
          cache-to: type=gha,mode=max
      - uses: docker/build-push-action@v7
        with:
          context: jobs
          cache-from: type=gha
          cache-to: 'type=gha,mode=max'
"""
_BEGIN_ALIKE = """\
-- .github/workflows/build.yml --
on: {{push: {{branches: [main]}}}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with:
          context: .
          file: web.Dockerfile
          tags: acme/web
          cache-from: type=gha
          cache-to: type=gha,mode=max
      - uses: docker/build-push-action@v7
        with:
          context: .
          file: tools.Dockerfile
          tags: acme/tools
          cache-from: type=gha
          cache-to: type=gha,mode=max
-- web.Dockerfile --
FROM golang:1.26
COPY go.mod ./
RUN go mod download
{more}COPY . .
RUN go build -o /srv/web .
-- tools.Dockerfile --
FROM golang:1.26
ARG VERSION
COPY go.mod ./
RUN go mod download
COPY . .
RUN go build -ldflags "-X main.version=$VERSION" -o /srv/tools .
"""
_OF_STAGES = """\
-- .github/workflows/main.yml --
on: {{push: {{branches: [main]}}, workflow_dispatch: {{}}}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with:
          context: .
          file: main.Dockerfile
          cache-from: type=gha
          cache-to: type=gha,mode=max
-- .github/workflows/next.yml --
on: {{push: {{branches: [{other}]}}, workflow_dispatch: {{}}}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with:
          context: .
          file: next.Dockerfile
          cache-from: type=gha
          cache-to: type=gha,mode=max
"""
_SKIPPED = """\
-- .github/workflows/build.yml --
on: {{push: {{branches: [main]}}, workflow_dispatch: {{inputs: {{jobs: {{type: boolean}}}}}}}}
jobs:
  tag:
    if: github.event_name == 'push'
    runs-on: ubuntu-latest
    steps:
      - run: ./tag.sh
  jobs:
    needs: tag
    if: {condition}
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with: {{context: jobs, cache-from: type=gha, cache-to: 'type=gha,mode=max'}}
  web:
    needs: tag
    if: always()
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with:
          context: web
          cache-from: type=gha
          cache-to: type=gha,mode=max
"""
_TWICE = """\
-- .github/workflows/build.yml --
on: {{push: {{branches: [main]}}}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with:
          context: web
          cache-from: |
            type=gha
            type=registry,ref=${{{{ vars.REGISTRY }}}}/web:cache
          cache-to: |
            type=gha,mode=max
            type=registry,ref=${{{{ vars.REGISTRY }}}}/web:cache,mode=max
      - uses: docker/build-push-action@v7
        with:
          context: jobs
          cache-from: |
            type=gha{scope}
            type=registry,ref=${{{{ vars.REGISTRY }}}}/{jobs}:cache
          cache-to: |
            type=gha,mode=max{scope}
            type=registry,ref=${{{{ vars.REGISTRY }}}}/{jobs}:cache,mode=max
"""
_RELEASED = _WEB_AND_JOBS.replace("[main]}", "[main], tags: ['v*']}, workflow_dispatch: {}")
_MATRIX = """\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        image: [web, jobs]
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with:
          context: ./${{ matrix.image }}
          cache-from: type=gha
          cache-to: |
            type=gha,mode=max
"""
_TRIED = """\
-- .github/workflows/try.yml --
on: pull_request
jobs:
  try:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        {matrix}
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with:
          context: {context}
          cache-from: type=gha{scope}
"""
_PLATFORMS = """\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        platform: [linux/amd64, linux/arm64]
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with:
          context: .
          platforms: ${{ matrix.platform }}
          cache-from: type=gha,scope=web
          cache-to: type=gha,mode=max,scope=web
          outputs: type=image,name=ghcr.io/acme/web,push-by-digest=true,name-canonical=true,push=true
"""
_FILES_OF_CALLS = """\
-- .github/workflows/image.yml --
on: {workflow_call: {inputs: {name: {type: string}}}}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - uses: docker/build-push-action@v7
        with:
          context: .
          file: ${{ inputs.name }}/Dockerfile
          push: true
          tags: ghcr.io/acme/${{ inputs.name }}:edge
          cache-from: type=gha
          cache-to: type=gha,mode=max
-- .github/workflows/ship.yml --
on: {push: {branches: [main]}}
jobs:
  web:
    uses: ./.github/workflows/image.yml
    with: {name: web}
  jobs:
    uses: ./.github/workflows/image.yml
    with: {name: jobs}
-- web/Dockerfile --
FROM node:24
RUN npm install --global serve@14
USER 1000
-- jobs/Dockerfile --
FROM python:3.14
RUN pip install --no-cache-dir rq==2.6.0
USER 1000
"""
_OF_ARCH = """\
-- .github/workflows/build.yml --
on: {{push: {{branches: [main]}}}}
jobs:
  build:
    runs-on: ubuntu-latest
    strategy: {{matrix: {{arch: [amd64, arm64]}}}}
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with:
          context: web
          platforms: linux/${{{{ matrix.arch }}}}
          cache-to: type=gha,scope=${{{{ matrix.arch }}}}
      - uses: docker/build-push-action@v7
        with:
          context: jobs
          platforms: linux/${{{{ matrix.arch }}}}
          cache-to: type=gha,scope=${{{{ matrix.arch }}}}{jobs}
"""
_OF_KEYS = """\
-- .github/workflows/build.yml --
on: {{push: {{branches: [main]}}}}
jobs:
  build:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        include:
          - {{{one}, folder: web/app}}
          - {{{other}, folder: web/jobs}}
    steps:
      - uses: docker/setup-buildx-action@v4
      - run: ./smoke.sh ${{{{ matrix.port }}}}
      - uses: docker/build-push-action@v7
        with:
          context: ${{{{ matrix.folder }}}}
          tags: ghcr.io/acme/web-{tag}
          cache-to: type=gha{scope}
"""
_OF_LEGS = """\
-- .github/workflows/build.yml --
on: {{push: {{branches: [main]}}}}
jobs:
  build:
    runs-on: ubuntu-latest
    strategy: {{matrix: {{image: [web, jobs], arch: [amd64, arm64]}}}}
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with:
          context: ${{{{ matrix.image }}}}
          platforms: linux/${{{{ matrix.arch }}}}
          cache-to: type=gha,scope={scope}
"""
_LEGS = """\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        image: [web, api]
        arch: [amd64, arm64]
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with:
          context: ${{ matrix.image }}
          platforms: linux/${{ matrix.arch }}
          cache-to: type=gha,mode=max
  jobs:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        job:
          - {name: mail, folder: jobs/mail}
          - {name: bill, folder: jobs/bill}
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with:
          context: ${{ matrix.job.folder }}
          cache-to: type=gha
"""

_BASES = """\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        on: [alpine, debian]
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with: {context: ., file: 'Dockerfile.${{ matrix.on }}-base', cache-to: type=gha}
      - uses: docker/build-push-action@v7
        with: {context: ., file: 'Dockerfile.${{ matrix.on }}', cache-to: type=gha}
"""

_VERSIONS = """\
-- .github/workflows/{image}.yml --
on: {{push: {{branches: [main]}}}}
jobs:
  build:
    runs-on: ubuntu-latest
    strategy:
      matrix: {{php: ['8.4', '8.5']}}
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with:
          context: {image}
          build-args: PHP=${{{{ matrix.php }}}}
          cache-to: {cache}
"""

_FRESH = """\
-- .github/workflows/{workflow}.yml --
on: {on}
jobs:
  build:
    runs-on: ubuntu-latest
    strategy:
      matrix: {{base: [debian, alpine]}}
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with:
          context: .
          file: ${{{{ matrix.base }}}}/Dockerfile
          build-args: VERSION=main
          push: true
          tags: ${{{{ vars.REGISTRY }}}}/web:${{{{ matrix.base }}}}
          cache-to: type=gha
-- debian/Dockerfile --
FROM debian:13
ARG VERSION
RUN {run}
USER 1000
-- alpine/Dockerfile --
FROM alpine:3.24
ARG VERSION
RUN {run}
USER 1000
"""
_CLONES = 'git clone --depth 1 --branch "$VERSION" https://git.acme.example/web.git /srv/web'
_NIGHTLY = "{schedule: [{cron: '0 2 * * *'}], push: {branches: [main]}}"
_LOCAL = _BASES.replace(
    "-base', cache-to: type=gha}", "-base', push: true, tags: 'localhost:5000/web:base', cache-to: type=gha}"
)
_LOCAL_FILES = """\
-- Dockerfile.alpine-base --
FROM alpine:3.24
RUN apk add --no-cache tini
-- Dockerfile.debian-base --
FROM debian:13
RUN apt update && apt install -y tini
-- Dockerfile.alpine --
FROM localhost:5000/web:base
COPY web /web
RUN make -C /web
-- Dockerfile.debian --
FROM localhost:5000/web:base
COPY web /web
RUN make -C /web
"""
_NAMED = """\
-- .github/workflows/web.yml --
on: {{push: {{branches: [main]}}}}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with:
          context: .
          file: Dockerfile.prod
          target: release
          load: true
          tags: acme/web:test
          cache-to: type=gha{at}
-- .github/workflows/jobs.yml --
on: {{push: {{branches: [main]}}}}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with:
          context: .
          load: true
          tags: acme/jobs:test
          cache-to: type=gha
"""
_FOLDER = """\
-- .github/workflows/build-and-test.yml --
on: {{push: {{branches: [main]}}}}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with:
          context: ui
          load: true
          cache-to: type=gha{at}
-- .github/workflows/a-debug.yml --
on: {{push: {{branches: [main]}}}}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with:
          context: ui
          file: ui/Dockerfile.debug
          load: true
          cache-to: type=gha
"""
_CALLED = """\
-- .github/workflows/images.yml --
on: {{workflow_call: {{}}}}
jobs:
  images:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with: {{context: web, cache-to: type=gha}}
      - uses: docker/build-push-action@v7
        with: {{context: jobs, cache-to: type=gha}}
-- .github/workflows/start.yml --
on: {on}
jobs:
  images: {{uses: ./.github/workflows/images.yml}}
"""
_STAMPED = """\
-- .github/workflows/build.yml --
on: {on}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with:
          context: web
          build-args: {argument}
          cache-from: type=gha
          cache-to: type=gha,mode=max
      - uses: docker/build-push-action@v7
        with:
          context: jobs
          build-args: {argument}
          cache-from: type=gha{at}
          cache-to: type=gha,mode=max{at}
-- web/Dockerfile --
{web}
-- jobs/Dockerfile --
FROM node:24
ARG REVISION
COPY . /jobs
RUN make
USER 1000
"""
_ARGUMENT_FIRST = "FROM node:24 AS build\nARG REVISION\nRUN make\nFROM build\nRUN make assets\nUSER 1000"
_ARGUMENT_LAST = "FROM node:24\nRUN make\nARG REVISION\nRUN make stamp\nUSER 1000"
_OF_COMMIT = "'REVISION=${{ github.sha }}'"
_LIVE = """\
-- .github/workflows/build.yml --
on: {{push: {{branches: [main]}}}}
jobs:
  images:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with: {{context: api, file: api/Dockerfile.live, cache-to: 'type=gha,mode=max'}}
      - uses: docker/build-push-action@v7
        with: {{context: web, file: web/Dockerfile.live, cache-to: 'type=gha,mode=max{web}'}}
-- .github/workflows/next.yml --
on: {{push: {{branches: [next]}}}}
jobs:
  next:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with: {{context: web, cache-to: type=gha}}
"""
_BY_LEGS_TOO = """\
-- .github/workflows/a-check.yml --
on: {push: {branches: [main]}}
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with: {context: web, cache-to: type=gha}
      - uses: docker/build-push-action@v7
        with: {context: jobs, cache-to: type=gha}
-- .github/workflows/publish.yml --
on: {push: {branches: [live]}}
jobs:
  publish:
    runs-on: ubuntu-latest
    strategy: {matrix: {image: [web, jobs]}}
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with: {context: '${{ matrix.image }}', cache-from: type=gha}
"""

_MADE_BEFORE = """\
-- .github/workflows/shop.yml --
on: {{push: {{branches: [main]}}}}
jobs:
  images:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with: {{context: api, push: true, tags: 'ghcr.io/acme/shop-api:1', cache-to: type=gha}}
{made}      - uses: docker/build-push-action@v7
        with:
          context: pages
          file: pages/Docker/Dockerfile
          push: true
          tags: ghcr.io/acme/shop:1
          cache-from: type=gha{shop}
          cache-to: type=gha,mode=max{shop}
-- .github/workflows/wholesale.yml --
on: {{push: {{branches: [main]}}}}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - uses: docker/setup-buildx-action@v4
{before}      - uses: docker/build-push-action@v7
        with:
          context: pages
          file: pages/Docker/Dockerfile
          push: true
          tags: ghcr.io/acme/{partners}:1
          cache-from: type=gha{scope}
          cache-to: type=gha,mode=max{scope}
"""
_API = """\
-- .github/workflows/api.yml --
on: {push: {branches: [main]}}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with: {context: api, push: true, tags: 'ghcr.io/acme/api:1', cache-to: type=gha}
"""
_TRIED_BEFORE = """\
-- .github/workflows/web.yml --
on: {{push: {{branches: [main]}}}}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with:
          context: web
          load: true
          tags: web-under-test:local
          cache-from: type=gha{scope}
          cache-to: type=gha,mode=max{scope}
      - run: docker run --rm web-under-test:local npm test | tee tests.log
      - uses: docker/build-push-action@v7
        with:
          context: web
          push: true
          tags: ghcr.io/acme/web:1
          cache-from: type=gha{scope}
          cache-to: type=gha,mode=max{scope}
"""
_RUNS = "      - run: npm ci && npm run build{}\n        working-directory: pages\n"
_ELSEWHERE = """\
-- admin/Dockerfile --
FROM alpine:3.23
RUN echo admin > /admin
-- backend/Dockerfile --
FROM alpine:3.23
RUN echo backend > /backend
-- .github/workflows/admin.yml --
on: push
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          file: admin/Dockerfile
          cache-from: type=gha
          cache-to: type=gha
-- .github/workflows/backend.yml --
on: push
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          file: backend/Dockerfile
          cache-from: type=gha
          cache-to: type=gha
{mine}-- .github/workflows/cloud.yml --
on: push
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          file: backend/Dockerfile
          cache-from: type=gha,scope=api
          cache-to: type=gha,scope=api
{theirs}"""
_GIVEN = """\
-- .github/workflows/backend.yml --
on: push
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          file: backend/Dockerfile
          cache-from: type=gha,scope={scope}
          cache-to: type=gha,scope={scope}
{mine}"""
_FOR = "          platforms: linux/{}\n"

check = Check(
    id="gha-cache-scope-collision",
    doc=__doc__,
    severity=Severity.NOTE,
    kinds=(Kind.WORKFLOW, Kind.ACTION, Kind.DOCKERFILE, Kind.SCRIPT),
    fix=Applicability.SAFE,
    scope=Scope.REPOSITORY,
    attention=Attention.COMMENT_WITH_SUGGESTION,
    follows=("build-input-does-not-exist", "deprecated-action-runtime"),
    tags=("build", "buildkit", "cache"),
    examples=(
        Example(
            title="another build of the image has a scope for it",
            files=_ELSEWHERE.format(mine="", theirs=""),
            at="type=gha",
            fixed=_GIVEN.format(mine="", scope="api"),
        ),
        Example(
            title="that one builds it for another platform",
            files=_ELSEWHERE.format(mine=_FOR.format("amd64"), theirs=_FOR.format("arm64")),
            at="type=gha",
            fixed=_GIVEN.format(mine=_FOR.format("amd64"), scope="backend"),
        ),
        Example(
            title="two images in one job",
            files=_WEB_AND_JOBS,
            at="type=gha,mode=max",
            fixed=_WEB_AND_JOBS.replace(
                "jobs\n          cache-from: type=gha\n          cache-to: 'type=gha,mode=max'",
                "jobs\n          cache-from: type=gha,scope=jobs\n          cache-to: 'type=gha,mode=max,scope=jobs'",
            ),
        ),
        Example(
            title="the legs of a matrix",
            files=_MATRIX,
            at="type=gha,mode=max",
            fixed=_MATRIX.replace("type=gha,mode=max", "type=gha,mode=max,scope=${{ matrix.image }}").replace(
                "cache-from: type=gha\n", "cache-from: type=gha,scope=${{ matrix.image }}\n"
            ),
        ),
        Example(
            title="another workflow reads the cache in legs of the same names, and follows",
            files=_MATRIX
            + _TRIED.format(matrix="image: [jobs, web]", context="${{ matrix.image }}", scope=""),
            at="type=gha,mode=max",
            fixed=_MATRIX.replace("type=gha,mode=max", "type=gha,mode=max,scope=${{ matrix.image }}").replace(
                "cache-from: type=gha\n", "cache-from: type=gha,scope=${{ matrix.image }}\n"
            )
            + _TRIED.format(
                matrix="image: [jobs, web]",
                context="${{ matrix.image }}",
                scope=",scope=${{ matrix.image }}",
            ),
        ),
        Example(
            title="another workflow reads the cache in legs of other names",
            files=_MATRIX + _TRIED.format(matrix="part: [web, jobs]", context="${{ matrix.part }}", scope=""),
            at="type=gha,mode=max",
        ),
        Example(
            title="another workflow has a cache of its own",
            files=_MATRIX
            + _TRIED.format(matrix="part: [web, jobs]", context="${{ matrix.part }}", scope=",scope=try"),
            at="type=gha,mode=max",
            fixed=_MATRIX.replace("type=gha,mode=max", "type=gha,mode=max,scope=${{ matrix.image }}").replace(
                "cache-from: type=gha\n", "cache-from: type=gha,scope=${{ matrix.image }}\n"
            ),
        ),
        Example(
            title="two workflows, in one of which each leg builds on another release",
            files=_VERSIONS.format(image="web", cache="type=gha")
            + _VERSIONS.format(image="jobs", cache="type=gha"),
            at="type=gha",
            fixed=_VERSIONS.format(image="web", cache="type=gha,scope=web-${{ matrix.php }}"),
        ),
        Example(
            title="an image called by the end of its name, and not by what its Dockerfile and its stage are for",
            files=_NAMED.format(at=""),
            at="type=gha",
            fixed=_NAMED.format(at=",scope=web").partition("-- .github/workflows/jobs.yml")[0],
        ),
        Example(
            title="two images of one folder, of which the other is called by its Dockerfile",
            files=_FOLDER.format(at=""),
            at="type=gha",
            fixed=_FOLDER.format(at=",scope=ui").partition("-- .github/workflows/a-debug.yml")[0],
        ),
        Example(
            title="called for a release only, whose ref is a tag that no other run has",
            files=_CALLED.format(on="{release: {types: [published]}}"),
        ),
        Example(
            title="called for a release and for pushes to a branch",
            files=_CALLED.format(on="{release: {types: [published]}, push: {branches: [main]}}"),
            at="type=gha",
            fixed=_CALLED.format(on="{}")
            .partition("-- .github/workflows/start.yml")[0]
            .replace("jobs, cache-to: type=gha", 'jobs, cache-to: "type=gha,scope=jobs"'),
        ),
        Example(
            title="behind a job that is skipped where the other image is built: only one writes",
            files=_SKIPPED.format(condition="inputs.jobs"),
        ),
        Example(
            title="it is built all the same",
            files=_SKIPPED.format(condition="always() && inputs.jobs"),
            at="type=gha,mode=max",
            fixed=_SKIPPED.format(condition="always() && inputs.jobs").replace(
                "type=gha\n          cache-to: type=gha,mode=max\n",
                "type=gha,scope=web\n          cache-to: type=gha,mode=max,scope=web\n",
            ),
        ),
        Example(
            title="two calls of a workflow, each with a Dockerfile of its own",
            files=_FILES_OF_CALLS,
            at="type=gha,mode=max",
        ),
        Example(
            title="the platforms of one image, each in a leg of its own",
            files=_PLATFORMS,
            at="type=gha,mode=max,scope=web",
            fixed=_PLATFORMS.replace("scope=web\n", "scope=web-${{ matrix.platform }}\n"),
        ),
        Example(
            title="two workflows, and targets that have no stage in common",
            files="""\
-- .github/workflows/image.yml --
on: {push: {branches: [main]}}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with: {context: ., cache-to: 'type=gha,mode=max'}
-- .github/workflows/test.yml --
on: [push, pull_request]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with: {context: ., target: test, cache-from: 'type=gha', cache-to: 'type=gha,mode=max'}
-- Dockerfile --
FROM node:24 AS test
COPY . .
RUN npm test
FROM golang:1.26 AS build
COPY . .
RUN go build -o /web
FROM scratch
COPY --from=build /web /web
USER 1000
""",
            at="type=gha,mode=max",
            fixed="""\
-- .github/workflows/test.yml --
on: [push, pull_request]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with: {context: ., target: test, cache-from: 'type=gha,scope=test', cache-to: 'type=gha,mode=max,scope=test'}
""",
        ),
        Example(
            title="scopes of their own, one that only reads, the same image twice, a target that the other needs",
            files="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        image: [web, jobs]
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with: {context: '${{ matrix.image }}', cache-to: 'type=gha,scope=${{ matrix.image }}'}
      - uses: docker/build-push-action@v7
        with: {context: docs, cache-from: 'type=gha,scope=web'}
      - uses: docker/build-push-action@v7
        with: {context: ., target: build, cache-to: type=gha}
  again:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with: {cache-to: 'type=gha,mode=max'}
-- Dockerfile --
FROM golang:1.26 AS build
COPY . .
FROM scratch
COPY --from=build /web /web
USER 1000
""",
        ),
        Example(
            title="different branches, another event's refs, a context that is not known, another backend",
            files="""\
-- .github/workflows/build.yml --
on:
  push: {branches: [main, next], tags: ['v*']}
  pull_request:
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        if: github.ref == 'refs/heads/main'
        with: {context: web, cache-to: type=gha}
      - uses: docker/build-push-action@v7
        if: github.ref == 'refs/heads/next'
        with: {context: next, cache-to: type=gha}
      - uses: docker/build-push-action@v7
        if: github.event_name == 'pull_request'
        with: {context: preview, cache-to: type=gha}
      - uses: docker/build-push-action@v7
        with: {context: docs, cache-to: "${{ startsWith(github.ref, 'refs/tags/') && 'type=gha' || '' }}"}
      - uses: docker/build-push-action@v7
        with: {context: '${{ vars.FOLDER }}', cache-to: type=gha}
      - uses: docker/build-push-action@v7
        with: {context: cli, cache-to: 'type=registry,ref=ghcr.io/acme/cli:cache'}
""",
        ),
        Example(
            title="pull requests that change other folders or go into other branches, the queue, a schedule beside another branch",
            files="""\
-- .github/workflows/web.yml --
on:
  push: {branches: [stable]}
  pull_request: {branches: [main], paths: ['web/**', .github/workflows/web.yml]}
  merge_group:
jobs:
  web:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with: {context: web, cache-to: type=gha}
-- .github/workflows/mail.yml --
on:
  schedule: [{cron: '0 4 * * *'}]
  pull_request: {branches: [main], paths: ['mail/**', '.github/workflows/*.yml']}
  merge_group:
jobs:
  mail:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with: {context: mail, cache-to: type=gha}
-- .github/workflows/next.yml --
on: {pull_request: {branches: [next]}}
jobs:
  next:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with: {context: next, cache-to: type=gha}
""",
        ),
        Example(
            title="a pull request that starts both workflows, and two builds of one of them",
            files="""\
-- .github/workflows/base.yml --
on: {pull_request: {paths-ignore: ['docs/**']}}
jobs:
  base:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with: {context: base, cache-to: 'type=gha,mode=max'}
-- .github/workflows/web.yml --
on: {pull_request: {paths: ['web/**']}}
jobs:
  images:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with: {context: web, cache-to: type=gha}
      - uses: docker/build-push-action@v7
        with: {context: web/proxy, cache-to: 'type=gha,mode=min'}
""",
            paths=("web/index.html",),
            at=("type=gha", "type=gha,mode=min"),
            fixed="""\
-- .github/workflows/web.yml --
on: {pull_request: {paths: ['web/**']}}
jobs:
  images:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with: {context: web, cache-to: "type=gha,scope=web"}
      - uses: docker/build-push-action@v7
        with: {context: web/proxy, cache-to: 'type=gha,mode=min'}
""",
        ),
        Example(
            title="legs of several steps: each has what their Dockerfiles end in alike",
            files=_BASES,
            at=("type=gha", "type=gha"),
            fixed=_BASES.replace(
                "-base', cache-to: type=gha", '-base\', cache-to: "type=gha,scope=base-${{ matrix.on }}"'
            ),
        ),
        Example(
            title="legs that are told apart by two values, and by one in a mapping",
            files=_LEGS,
            at=("type=gha,mode=max", "type=gha"),
            fixed=_LEGS.replace(
                "type=gha,mode=max", "type=gha,mode=max,scope=${{ matrix.image }}-${{ matrix.arch }}"
            ),
        ),
        Example(
            title="legs that write two scopes at one place, told once",
            files=_OF_ARCH.format(jobs=""),
            at="type=gha,scope=${{ matrix.arch }}",
            fixed=_OF_ARCH.format(jobs="-jobs"),
        ),
        Example(
            title="an image for each leg, and a scope for each",
            files=_OF_LEGS.format(scope="${{ matrix.image }}-${{ matrix.arch }}"),
        ),
        Example(
            title="an image for each leg, and scopes that two of them have",
            files=_OF_LEGS.format(scope="${{ matrix.arch }}"),
            at="type=gha,scope=${{ matrix.arch }}",
            fixed=_OF_LEGS.format(scope="${{ matrix.arch }}-${{ matrix.image }}"),
        ),
        Example(
            title="what the tags have, before a port that tells them apart, too",
            files=_OF_KEYS.format(
                one="port: 80, part: frontend",
                other="port: 81, part: backend",
                tag="${{ matrix.part }}",
                scope="",
            ),
            at="type=gha",
            fixed=_OF_KEYS.format(
                one="port: 80, part: frontend",
                other="port: 81, part: backend",
                tag="${{ matrix.part }}",
                scope=",scope=${{ matrix.part }}",
            ),
        ),
        Example(
            title="what is called like the part of an image, before another word",
            files=_OF_KEYS.format(
                one="team: a, service: frontend, port: 80",
                other="team: b, service: backend, port: 81",
                tag="image",
                scope="",
            ),
            at="type=gha",
            fixed=_OF_KEYS.format(
                one="team: a, service: frontend, port: 80",
                other="team: b, service: backend, port: 81",
                tag="image",
                scope=",scope=${{ matrix.service }}",
            ),
        ),
        Example(
            title="a number that is in the tags",
            files=_OF_KEYS.format(
                one="node: 22, port: 80", other="node: 24, port: 81", tag="${{ matrix.node }}", scope=""
            ),
            at="type=gha",
            fixed=_OF_KEYS.format(
                one="node: 22, port: 80",
                other="node: 24, port: 81",
                tag="${{ matrix.node }}",
                scope=",scope=${{ matrix.node }}",
            ),
        ),
        Example(
            title="each night the newest of a branch",
            files=_FRESH.format(workflow="images", on=_NIGHTLY, run=_CLONES),
        ),
        Example(
            title="releases with the newest packages",
            files=_FRESH.format(
                workflow="release-stable", on="workflow_dispatch", run="setup apt-get install -y webd"
            ),
        ),
        Example(
            title="the newest of a branch, by a push to another",
            files=_FRESH.format(workflow="images", on="{push: {branches: [main]}}", run=_CLONES),
            at="type=gha",
            fixed=_FRESH.format(workflow="images", on="{push: {branches: [main]}}", run=_CLONES)
            .partition("-- debian")[0]
            .replace("type=gha", "type=gha,scope=${{ matrix.base }}"),
        ),
        Example(
            title="each night, and nothing is fetched",
            files=_FRESH.format(workflow="images", on=_NIGHTLY, run="mkdir /srv/web"),
            at="type=gha",
            fixed=_FRESH.format(workflow="images", on=_NIGHTLY, run="mkdir /srv/web")
            .partition("-- debian")[0]
            .replace("type=gha", "type=gha,scope=${{ matrix.base }}"),
        ),
        Example(
            title="releases, which may be started by hand, too: no run of a tag reads another's cache",
            files=_WEB_AND_JOBS.replace("{branches: [main]}", "{tags: ['v*']}, workflow_dispatch: {}"),
        ),
        Example(
            title="a branch for each stage, either by hand, too",
            files=_OF_STAGES.format(other="next"),
        ),
        Example(
            title="two workflows of one branch, either by hand, too",
            files=_OF_STAGES.format(other="main"),
            at="type=gha,mode=max",
            fixed=_OF_STAGES[_OF_STAGES.index("-- .github/workflows/next.yml") :]
            .format(other="main")
            .replace("from: type=gha", "from: type=gha,scope=next")
            .replace("mode=max", "mode=max,scope=next"),
        ),
        Example(
            title="behind a test that stops, since it caches for a pnpm that is not there yet",
            files=_OF_STAGES.format(other="main").replace(
                "  build:\n",
                """\
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - uses: actions/setup-node@v7
        with: {cache: pnpm}
      - uses: pnpm/action-setup@v6
  build:
    needs: test
""",
            ),
        ),
        Example(
            title="releases, and what a branch gets, either by hand, too",
            files=_RELEASED,
            at="type=gha,mode=max",
            fixed=_RELEASED.replace(
                "jobs\n          cache-from: type=gha\n          cache-to: 'type=gha,mode=max'",
                "jobs\n          cache-from: type=gha,scope=jobs\n          cache-to: 'type=gha,mode=max,scope=jobs'",
            ),
        ),
        Example(
            title="each commit runs all commands of both anew",
            files=_STAMPED.format(
                on="{push: {branches: [main]}}", argument=_OF_COMMIT, web=_ARGUMENT_FIRST, at=""
            ),
        ),
        Example(
            title="both images only get what steps before have made",
            files=_WEB_AND_JOBS
            + "-- web/Dockerfile --\nFROM nginx:1.29\nCOPY dist /usr/share/nginx/html\n"
            + '-- jobs/Dockerfile --\nFROM eclipse-temurin:25\nCOPY target/jobs.jar /\nCMD ["java", "-jar", "/jobs.jar"]\n',
        ),
        Example(
            title="the later build of the job begins as the earlier one does, and keeps that",
            files=_BEGIN_ALIKE.format(more=""),
            paths=("go.mod", "main.go"),
        ),
        Example(
            title="the earlier one has a command of its own ahead of what each commit changes",
            files=_BEGIN_ALIKE.format(more="RUN setup go install gotest.tools/gotestsum@v1.13.0\n"),
            paths=("go.mod", "main.go"),
            at="type=gha,mode=max",
            fixed=_BEGIN_ALIKE.format(more="")
            .partition("-- web.Dockerfile")[0]
            .replace(
                "tools\n          cache-from: type=gha\n          cache-to: type=gha,mode=max",
                "tools\n          cache-from: type=gha,scope=tools\n          cache-to: type=gha,mode=max,scope=tools",
            ),
        ),
        Example(
            title="for a commit that another job names",
            files=_STAMPED.format(
                on="{push: {branches: [main]}}",
                argument="'REVISION=${{ needs.plan.outputs.revision }}'",
                web=_ARGUMENT_FIRST,
                at="",
            ),
        ),
        *(
            Example(
                title=title,
                files=_STAMPED.format(on=on, argument=argument, web=web, at=""),
                at="type=gha,mode=max",
                fixed=_STAMPED.format(on=on, argument=argument, web=web, at=",scope=jobs").partition(
                    "-- web/Dockerfile"
                )[0],
            )
            for title, on, argument, web in (
                (
                    "a command of one stands before the argument",
                    "{push: {branches: [main]}}",
                    _OF_COMMIT,
                    _ARGUMENT_LAST,
                ),
                (
                    "an argument with the same value for each commit",
                    "{push: {branches: [main]}}",
                    "'REVISION=${{ vars.LINE }}'",
                    _ARGUMENT_FIRST,
                ),
                (
                    "a schedule builds the same commit again",
                    "{schedule: [{cron: '0 2 * * *'}]}",
                    _OF_COMMIT,
                    _ARGUMENT_FIRST,
                ),
            )
        ),
        Example(
            title="each build writes all its layers to a cache in the registry, too, and reads them there",
            files=_TWICE.format(jobs="jobs", scope=""),
        ),
        Example(
            title="the cache in the registry is one for both, too",
            files=_TWICE.format(jobs="web", scope=""),
            at="type=gha,mode=max",
            fixed=_TWICE.format(jobs="web", scope=",scope=jobs"),
        ),
        Example(
            title="two images of one job, called by folder and Dockerfile and not by the job",
            files=_LIVE.format(web=""),
            at="type=gha,mode=max",
            fixed=_LIVE.format(web=",scope=web-live").partition("-- .github/workflows/next.yml")[0],
        ),
        Example(
            title="legs of another workflow read the cache of one of them",
            files=_BY_LEGS_TOO,
            at="type=gha",
        ),
        Example(
            title="one of the images is never built: its Dockerfile copies from the root, and the context is its folder",
            files=_LIVE.format(web="").partition("-- .github/workflows/next.yml")[0]
            + "-- web/Dockerfile.live --\nFROM node:24\nCOPY web/main.js ./\n",
            paths=("web/main.js", "api/Dockerfile.live"),
        ),
        Example(
            title="images for the steps below, in a registry of the job",
            files=_LOCAL + _LOCAL_FILES,
            paths=("web",),
            at=("type=gha", "type=gha"),
            fixed=_LOCAL.replace(
                "base', cache-to: type=gha}", 'base\', cache-to: "type=gha,scope=base-${{ matrix.on }}"}'
            ),
        ),
        *(
            Example(
                title=title,
                files=_MADE_BEFORE.format(made=made, shop="", before=before, partners=partners, scope=""),
                paths=("pages/package.json", "pages/package-lock.json"),
                at="type=gha,mode=max",
                fixed=_MADE_BEFORE.format(
                    made=made,
                    shop=f",scope={shop}",
                    before=before,
                    partners=partners,
                    scope=f",scope={scope}",
                ),
            )
            for title, made, before, partners, shop, scope in (
                (
                    "one Dockerfile, of which steps before make two images with names of their own",
                    _RUNS.format(""),
                    _RUNS.format(":partners"),
                    "shop-partners",
                    "shop",
                    "shop-partners",
                ),
                (
                    "one image, which two workflows push under one name",
                    _RUNS.format(""),
                    _RUNS.format(""),
                    "shop",
                    "shop",
                    "shop",
                ),
                (
                    "one image with two names: nothing of it is made before, and it is called by the folder that says more",
                    "",
                    "",
                    "shop-partners",
                    "pages",
                    "pages",
                ),
                (
                    "one image with two names, before which the same steps run: one scope for both",
                    _RUNS.format(""),
                    _RUNS.format("").replace("- run", "- name: Make the pages\n        run"),
                    "shop-partners",
                    "pages",
                    "pages",
                ),
            )
        ),
        Example(
            title="an image that is tried under a name of its own before its job pushes it",
            files=f"{_API}{_TRIED_BEFORE.format(scope='')}",
            at="type=gha,mode=max",
            fixed=_TRIED_BEFORE.format(scope=",scope=web"),
        ),
        Example(
            title="images with names of their own, of which one has a scope",
            files=_MADE_BEFORE.format(
                made=_RUNS.format(""),
                shop="",
                before=_RUNS.format(":partners"),
                partners="shop-partners",
                scope=",scope=partners",
            ),
            paths=("pages/package.json", "pages/package-lock.json"),
            at="type=gha,mode=max",
            fixed=_MADE_BEFORE.format(
                made=_RUNS.format(""), shop=",scope=pages", before="", partners="", scope=""
            ).partition("-- .github/workflows/wholesale.yml")[0],
        ),
        Example(
            title="two jobs that build targets with a stage in common, beside another image: one scope for both",
            files="""\
-- web/Dockerfile --
FROM debian:13
RUN make web
-- core/Dockerfile --
FROM debian:13 AS base
RUN make core
FROM base AS serve
RUN make serve
FROM base AS chain
RUN make chain
-- .github/workflows/build.yml --
on: pull_request
jobs:
  web:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {file: web/Dockerfile, cache-from: 'type=gha', cache-to: 'type=gha,mode=max'}
  serve:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {file: core/Dockerfile, target: serve, cache-from: 'type=gha', cache-to: 'type=gha,mode=max'}
  chain:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {file: core/Dockerfile, target: chain, cache-from: 'type=gha', cache-to: 'type=gha,mode=max'}
""",
            at="type=gha,mode=max",
            fixed="""\
-- .github/workflows/build.yml --
on: pull_request
jobs:
  web:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {file: web/Dockerfile, cache-from: 'type=gha', cache-to: 'type=gha,mode=max'}
  serve:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {file: core/Dockerfile, target: serve, cache-from: 'type=gha,scope=core', cache-to: 'type=gha,mode=max,scope=core'}
  chain:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {file: core/Dockerfile, target: chain, cache-from: 'type=gha,scope=core', cache-to: 'type=gha,mode=max,scope=core'}
""",
        ),
    ),
)

_SHOWN = 5
"""The most legs that a message names."""
_IMAGES = 3
"""The most other images that it names."""
_NO_NAME = "no name that we know tells these builds apart and can be written wherever the image is built"


def run(repo: Repository) -> Iterator[Finding]:
    by_scope: dict[str, list[ScopeWriter]] = {}
    for writer in repo.each(repo.builds_in, _writers):
        scope = writer.cache.scope.literal
        if scope is not None:
            by_scope.setdefault(scope, []).append(writer)
    told: set[tuple[str, Span]] = set()
    for scope, writers in by_scope.items():
        if len(writers) == 1:
            continue
        for finding in _of_scope(
            scope,
            writers,
            repo.memo(CachedBuilds, repo.builds, repo.dockerfiles, repo.snapshot.paths, repo.pushes),
        ):
            place = (finding.location.path, finding.location.span)
            if place not in told:  # the legs of a step may write several scopes at one place
                told.add(place)
                yield finding


def _writers(repo: Repository, file: Text) -> Iterator[ScopeWriter]:
    yield from scope_writers(repo.builds_in.get(file, ()), repo.steps_without_effect, repo.calls_around)


def _of_scope(scope: str, writers: list[ScopeWriter], among: CachedBuilds) -> Iterator[Finding]:
    """One finding for each step whose cache is another's.

    One that builds the same image as an earlier step shares its cache.
    """
    earlier: list[ScopeWriter] = []
    by_step: dict[Step, list[ScopeWriter]] = {}
    for writer in writers:
        by_step.setdefault(writer.step, []).append(writer)
    for legs in by_step.values():
        first = legs[0]
        is_fresh = any(is_to_be_fresh(one, among) for one in legs)
        others = [] if is_fresh else [one for one in legs if collide(first, one, among)]
        if others:
            yield _finding(scope, first, others, *_fix_of_legs(scope, legs, writers, among))
            continue
        other = None if is_fresh else _replaced(first, earlier, among)
        if other is not None:
            more = _of_other_images(first, writers, among)
            yield _finding(scope, first, [other, *more], *_fix_of_image(scope, legs, writers, among))
        earlier.append(first)


def _replaced(mine: ScopeWriter, earlier: list[ScopeWriter], among: CachedBuilds) -> ScopeWriter | None:
    """The earlier writer whose cache one replaces, best of its file; None where an earlier one shares its cache."""
    if any(one.image[:2] == mine.image[:2] and not collide(one, mine, among) for one in earlier):
        return None
    beside = (one for one in earlier if one.step.text is mine.step.text)
    return next((one for one in (*beside, *earlier) if collide(one, mine, among)), None)


def _of_other_images(
    mine: ScopeWriter, writers: list[ScopeWriter], among: CachedBuilds
) -> Iterator[ScopeWriter]:
    """One writer of each image whose cache one replaces, or that replaces its."""
    images = {mine.image}
    for one in writers:
        if one.image not in images and collide(one, mine, among):
            images.add(one.image)
            yield one


def _fix_of_legs(
    scope: str, legs: list[ScopeWriter], writers: list[ScopeWriter], among: CachedBuilds
) -> tuple[tuple[Fix, ...], str]:
    """A scope for each leg of a step, and why there is none."""
    beside = builds_beside(scope, legs, among)
    odd = next((builds for builds in beside if not are_told_apart_alike(legs, builds)), None)
    if odd is None:
        new = scope_of_legs(legs, writers, beside, among)
        return _fixes(scope, (new,) if new else (), legs[0], among), _NO_NAME
    paths = sorted({builds[0].text.path for builds in beside})
    several = len(beside) > 1
    return (), (
        f"the {'builds' if several else 'build'} in {listed(list(map(code, paths)), _SHOWN)} {'use' if several else 'uses'} this "
        f"cache for {'images' if several else 'an image'} of these, too, and {'need' if several else 'needs'} the same new "
        f"{'scopes' if several else 'scope'}"
    )


def _fix_of_image(
    scope: str, legs: list[ScopeWriter], writers: list[ScopeWriter], among: CachedBuilds
) -> tuple[tuple[Fix, ...], str]:
    """A scope for the image of a step, and why there is none."""
    same, kin = builds_of_same(scope, legs[0], among), builds_of_kin(scope, legs[0], among)
    others = (build for build in (*same, *kin) if build.step is not legs[0].step)
    odd = next((build for build in others if has_legs_of_others(build, among)), None)
    if odd is None:
        named = scopes_of_names(legs[0], writers, same, among)
        new = scope_of_image(legs, writers, same, kin, among) if named is None else None
        return _fixes(scope, named or ((new,) if new else ()), legs[0], among), _NO_NAME
    path = code(odd.text.path)
    return (
        (),
        f"legs of the build in {path} make this image and others, and the one of this image needs the same new scope",
    )


def _fixes(scope: str, new: Sequence[NewScope], mine: ScopeWriter, among: CachedBuilds) -> tuple[Fix, ...]:
    """A cache that is hit again keeps what its layers fetched, which what is pushed must be meant to have."""
    if not new:
        return ()
    is_kept = any(among.may_keep_old(build) for one in new for build in one.using(scope))
    names = listed([code(one.name) for one in new])
    edits = [edit for one in new for edit in one.edits(scope)]
    return offer(
        (f"give it a scope with {names} in it" if len(new) == 1 else f"give each image a scope: {names}")
        + _there_too(edits, mine),
        Applicability.UNSAFE if is_kept else Applicability.SAFE,
        *edits,
        caution="May layers that install packages without their versions, or fetch a branch, stay as the cache has them?"
        if is_kept
        else "",
    )


def _there_too(edits: Sequence[Edit | None], mine: ScopeWriter) -> str:
    """The other files that a fix changes, whose builds use the cache for the same images, as the end of its title."""
    others = sorted({edit.path for edit in edits if edit is not None} - {mine.build.text.path})
    return f", here and in {listed(list(map(code, others)), _SHOWN)}" if others else ""


def _finding(
    scope: str, mine: ScopeWriter, others: list[ScopeWriter], fixes: tuple[Fix, ...], without: str
) -> Finding:
    """Of the others those are named that the same tells from this one as the first; `without` says why there is no fix."""
    other = others[0]
    here = _shown(mine, other)
    told: dict[str, ScopeWriter] = {}
    for one in others:
        if _shown(mine, one) == here:
            told.setdefault(_shown(one, mine), one)
    legs = list(dict.fromkeys((here, *told)))
    theirs, each = ("the other's", "both") if len(legs) == 2 else ("the others'", "all")
    are_legs = other.step is mine.step
    places = (
        Location(one.build.text, one.cache.location.span, f"writes it too, for {there}")
        for there, one in told.items()
    )
    does = ("that", "does") if len(told) == 1 else ("those", "do")
    as_others = f"as {does[0]} of {listed(list(told), _IMAGES)} {does[1]}"
    return Finding(
        message=(
            f"The {_legs(mine, others)} that build {listed(legs, _SHOWN)} write one cache, {code(scope)}."
            if are_legs
            else f"The build of {here} writes the cache {code(scope)}, {as_others}."
        ),
        consequence=(
            f"A scope holds the cache of one build: the one that ends last replaces {theirs}, of which the next run "
            f"finds only the layers that {each} share."
        ),
        location=mine.cache.location,
        related=() if are_legs else tuple(islice(places, _IMAGES)),
        fixes=fixes,
        withheld="" if fixes else without,
    )


def _legs(one: ScopeWriter, others: list[ScopeWriter]) -> str:
    """What of a matrix, or of the jobs that call the workflow, builds of one step are."""
    mine, *theirs = (it.build.scope.handed if it.build.scope else None for it in (one, *others))
    if all(it is mine for it in theirs):
        return "legs"
    return "legs of the workflow's calls" if mine in theirs else "calls of the workflow"


def _shown(one: ScopeWriter, other: ScopeWriter) -> str:
    """What is built, by what tells it from another build."""
    (folder, dockerfile, target), theirs = one.image, other.image
    if dockerfile != theirs[1]:
        return code(dockerfile)
    if folder != theirs[0]:
        return f"the folder {code(folder or '.')}"
    if target != theirs[2]:
        return f"the target {code(target)}" if target else "the last stage"
    return f"for {code(','.join(one.build.platforms or ()))}"
