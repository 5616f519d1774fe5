"""Builds of different images write one scope of GitHub's cache

`type=gha` keeps one cache for each scope, and the scope is `buildkit` where none is named. Two builds of different images that
write the same scope replace each other's: only the cache of the one that ends last is left. The others start from nothing
on each run, and nothing says so.

Give each image a scope of its own, the same one in `cache-to` and `cache-from`:

    cache-from: type=gha,scope=web
    cache-to: type=gha,scope=web,mode=max

The check is silent for one image that several jobs build, for targets that have stages in common, for builds that
only read, for two whose commands all run behind an argument that each commit has another value for, for those that run on
different branches or for different pull requests only, for those that tags start, whose caches no other tag's run reads, even
where they may be started by hand, too, for builds that each have all their layers in a cache of their own in a registry, too, and where a context, a Dockerfile or a scope is not known. So it is for builds of each night or each release whose commands fetch what has no version: a cache that
holds would keep that as it was. A build of each week that each push makes, too, is not there for that alone.

References:

- https://docs.docker.com/build/cache/backends/gha/#scope
- https://docs.github.com/en/actions/reference/workflows-and-actions/dependency-caching
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping

from checks.check import (
    Applicability,
    Attention,
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
from checks.facts.build.build_caches import (
    GHA,
    Cache,
    exports,
    imports,
    place_of,
    scoped,
    share_a_cache,
)  # fmt: skip
from checks.facts.build.builds import Build
from checks.facts.build.cache_scopes import (
    Image,
    image_of,
    made_by,
    names_of,
    places_of,
    scopes_of_legs,
    shared_name,
    telling_keys,
    values_of,
)  # fmt: skip
from checks.facts.build.changing_arguments import changing_arguments, runs_all_anew
from checks.facts.dockerfile.dockerfiles import Dockerfile, Stage
from checks.facts.dockerfile.fetched_anew import fetches_anew
from checks.facts.workflow.events import Event, RefKind
from checks.facts.workflow.workflows import Step
from checks.record import Record
from checks.regex import regex

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
-- Dockerfile.debian --
FROM localhost:5000/web:base
COPY web /web
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

check = Check(
    id="gha-cache-scope-collision",
    doc=__doc__,
    severity=Severity.NOTE,
    kinds=(Kind.WORKFLOW, Kind.ACTION, Kind.DOCKERFILE, Kind.SCRIPT),
    fix=Applicability.SAFE,
    scope=Scope.REPOSITORY,
    attention=Attention.COMMENT_WITH_SUGGESTION,
    tags=("build", "buildkit", "cache"),
    examples=(
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
    ),
)

_SELDOM = regex(r"\S+\s+\S+\s+(?:\d+\s+\S+\s+\S+|\S+\s+\S+\s+(?:\d|[A-Za-z]{3}))\s*")
"""The times of a schedule that names one day of the week or of the month."""
_RELEASES = regex(r"(?:^|[-_.])(?:nightly|releases?|stable)(?:[-_.]|$)", re.IGNORECASE)
"""In the name of a workflow's file."""
_BY_HAND = "workflow_dispatch"
_REGISTRY = "registry"
_OF_TAGS = ("push", "release")


class _Writer(Record):
    """A build that writes a scope, for some events."""

    build: Build
    step: Step
    cache: Cache
    events: tuple[Event, ...]
    image: Image


_NO_NAME = "no name that we know tells these builds apart and can be written wherever the image is built"


def run(repo: Repository) -> Iterator[Finding]:
    by_scope: dict[str, list[_Writer]] = {}
    for writer in _writers(repo):
        name = writer.cache.scope.literal
        if name is not None:
            by_scope.setdefault(name, []).append(writer)
    told: set[tuple[str, Span]] = set()
    for name, writers in by_scope.items():
        for finding in _of_scope(repo, name, writers):
            place = (finding.location.path, finding.location.span)
            if place not in told:  # the legs of a step may write several scopes at one place
                told.add(place)
                yield finding


def _of_scope(repo: Repository, name: str, writers: list[_Writer]) -> Iterator[Finding]:
    """One finding for each step whose cache is another's; one that builds the same image as an earlier step shares its."""
    told: list[_Writer] = []
    for step in dict.fromkeys(writer.step for writer in writers):
        legs = [writer for writer in writers if writer.step is step]
        if any(_is_to_be_fresh(repo, one) for one in legs):
            told.append(legs[0])
            continue
        leg = next((one for one in legs if _collide(repo, legs[0], one)), None)
        others = [one for one in told if _collide(repo, one, legs[0])]
        other = next((one for one in others if one.step.text is step.text), others[0] if others else None)
        if leg is not None:
            beside = _beside(repo, name, legs)
            odd = next((one for one in beside if not _are_alike(legs, one)), None)
            fixes = () if odd else _by_matrix(repo, name, legs, writers, beside)
            yield _finding(name, legs[0], leg, fixes, _why_with(odd[0]) if odd else _NO_NAME)
            continue
        shares = any(one.image[:2] == legs[0].image[:2] and not _collide(repo, one, legs[0]) for one in told)
        if other is not None and not shares:
            same = _same(repo, name, legs[0])
            odd_one = next((one for one in same if one.step is not step and _makes_more(repo, one)), None)
            fixes = () if odd_one else _by_name(repo, name, legs, writers, same)
            yield _finding(name, legs[0], other, fixes, _why_beside(odd_one) if odd_one else _NO_NAME)
        told.append(legs[0])


def _writers(repo: Repository) -> Iterator[_Writer]:
    for build in repo.builds:
        image = image_of(build)
        if build.step is None or image is None or build.step in repo.steps_in_vain:
            continue
        happening = _events(repo, build, build.step)
        for cache in exports(build):
            events = tuple(event for event in happening if cache.may_be_on(event))
            if cache.type == GHA and events:
                yield _Writer(build, build.step, cache, events, image)


def _events(repo: Repository, build: Build, step: Step) -> tuple[Event, ...]:
    """The events of a build; of one in a workflow that others of the repository call, theirs."""
    events = build.events or ()
    is_called = any(event.name == "workflow_call" for event in events)
    if not is_called or step.job is None or not repo.calls.callers(step.job.workflow):
        return events
    return tuple(dict.fromkeys(start.event for start in repo.calls.starts_of_step(step)))


def _collide(repo: Repository, one: _Writer, other: _Writer) -> bool:
    """Whether the cache of one build certainly is of no use to the other, and they replace each other's.

    It is no loss where neither's would be of use to the next run.
    """
    if not _meet(one, other) or not any(repo.memo(_may_lose, repo, each.build) for each in (one, other)):
        return False
    if one.image[:2] != other.image[:2]:
        return True
    mine, theirs = one.build.platforms, other.build.platforms
    if one.step is other.step and mine and theirs and not set(mine) & set(theirs):
        return True
    return one.image != other.image and _are_apart(repo, one.image, other.image)


def _may_lose(repo: Repository, build: Build) -> bool:
    """Whether the next run may miss layers of a build where another one replaces its cache."""
    return not _is_never_hit(repo, build) and not _is_kept_twice(repo, build)


def _is_kept_twice(repo: Repository, build: Build) -> bool:
    """Whether a build writes all its layers to another cache, too, that it reads and no build of another image writes."""
    read = {place_of(cache) for cache in imports(build) if not cache.condition} - {None}
    own = {
        place_of(cache)
        for cache in exports(build)
        if cache.type == _REGISTRY and cache.attribute("mode") == "max" and not cache.condition
    }
    if not own & read:
        return False
    theirs = {
        place_of(cache)
        for one in repo.builds
        if (image_of(one), one.platforms) != (image_of(build), build.platforms)
        for cache in exports(one)
    }
    return bool((own & read) - theirs)


def _is_never_hit(repo: Repository, build: Build) -> bool:
    """Whether no other commit's build finds a layer of this one's commands, and no other build of its workflow looks for them.

    A schedule builds the same commit again.
    """
    changing = changing_arguments(build)
    is_scheduled = any(event.name == "schedule" for event in build.events or ())
    if not changing or is_scheduled:
        return False
    stages = _needed(repo, build)
    alike = (
        one
        for one in repo.builds
        if one.text is build.text and one.step is not build.step and image_of(one) == image_of(build)
    )
    return stages is not None and runs_all_anew(*stages, changing) and not any(map(imports, alike))


def _needed(repo: Repository, build: Build) -> tuple[Dockerfile, frozenset[Stage]] | None:
    """The Dockerfile of a build and the stages that it needs; None where they are not known."""
    file = next((file for file in repo.dockerfiles if file.path == build.dockerfile), None)
    target = build.target.literal if build.target else ""
    if file is None or target is None:
        return None
    stage = file.source.stage_named(target) if target else file.final
    return None if stage is None else (file, file.needed(stage))


def _meet(one: _Writer, other: _Writer) -> bool:
    """Whether runs of two builds certainly use one cache, and not only where both are started by hand beside their tags."""
    shared = [
        {mine.name, theirs.name}
        for mine in one.events
        for theirs in other.events
        if share_a_cache(mine, theirs)
    ]
    is_of_tags = any(
        event.name in _OF_TAGS and event.ref_kind is RefKind.TAG for event in (*one.events, *other.events)
    )
    return any(names != {_BY_HAND} for names in shared) if is_of_tags else bool(shared)


def _are_apart(repo: Repository, one: Image, other: Image) -> bool:
    """Whether two targets of one Dockerfile have no stage in common."""
    file = next((file for file in repo.dockerfiles if file.path == one[1]), None)
    if file is None:
        return False
    first, second = (
        file.source.stage_named(target) if target else file.final for target in (one[2], other[2])
    )
    return first is not None and second is not None and not file.needed(first) & file.needed(second)


def _finding(scope: str, mine: _Writer, other: _Writer, fixes: tuple[Fix, ...], without: str) -> Finding:
    """`without` says why there is no fix, where there is none."""
    here, there = _shown(mine, other), _shown(other, mine)
    are_legs = other.step is mine.step
    place = Location(other.build.text, other.cache.location.span, f"writes it too, for {there}")
    return Finding(
        message=(
            f"The legs that build {here} and {there} write one cache, {code(scope)}."
            if are_legs
            else f"The build of {here} writes the cache {code(scope)}, as that of {there} does."
        ),
        consequence=(
            "A scope holds the cache of one build: the one that ends last replaces the other's, of which the next run "
            "finds only the layers that both share."
        ),
        location=mine.cache.location,
        related=() if are_legs else (place,),
        fixes=fixes,
        withheld="" if fixes else without,
    )


def _beside(repo: Repository, scope: str, legs: list[_Writer]) -> list[list[Build]]:
    """The builds of each other place that use the scope, where one makes an image of these legs."""
    mine = {leg.image for leg in legs}
    places: dict[tuple[str, Span], list[Build]] = {}
    for build in repo.builds:
        if build.step is not legs[0].step and _uses(build, scope) and not _is_never_hit(repo, build):
            places.setdefault((build.text.path, build.location.span), []).append(build)
    return [builds for builds in places.values() if any(image_of(one) in mine for one in builds)]


def _are_alike(legs: list[_Writer], builds: list[Build]) -> bool:
    """Whether what tells legs apart has the same values for what builds of another place make."""
    keys = telling_keys([leg.build for leg in legs])
    by_platform = len({leg.image for leg in legs}) == 1
    mine = {_named(leg.build, keys, by_platform=by_platform) for leg in legs}
    return all(_named(one, keys, by_platform=by_platform) in mine for one in builds)


def _named(build: Build, keys: tuple[str, ...], *, by_platform: bool) -> tuple[object, ...]:
    return values_of(build, keys), image_of(build), build.platforms if by_platform else None


def _why_with(other: Build) -> str:
    return f"the build in {code(other.text.path)} uses this cache for an image of these, too, and needs the same new scope"


def _why_beside(other: Build) -> str:
    return (
        f"legs of the build in {code(other.text.path)} make this image and others, and the one of this image needs the "
        "same new scope"
    )


def _shown(one: _Writer, other: _Writer) -> str:
    """What is built, by what tells it from another build."""
    (folder, dockerfile, target), theirs = one.image, other.image
    if dockerfile != theirs[1]:
        return code(dockerfile)
    if folder != theirs[0]:
        return f"the folder {code(folder or '.')}"
    if target != theirs[2]:
        return f"the target {code(target)}" if target else "the last stage"
    return f"for {code(','.join(one.build.platforms or ()))}"


def _by_matrix(
    repo: Repository, scope: str, legs: list[_Writer], writers: list[_Writer], beside: list[list[Build]]
) -> tuple[Fix, ...]:
    """What the matrix tells the legs apart by as the scope, behind the image's name where other images write it too.

    It is written to what is built `beside` them, too, by the same matrix.
    """
    keys = telling_keys([leg.build for leg in legs])
    if not keys:
        return ()
    apart = "-".join(f"${{{{ matrix.{key} }}}}" for key in keys)
    builds = [leg.build for leg in legs]
    written = [builds[0], *(those[0] for those in beside)]
    all_of_them = [*builds, *(one for those in beside for one in those)]
    mine = {leg.image for leg in legs}
    others = [one for one in writers if one.image not in mine]
    if not others:
        return _rename(repo, scope, all_of_them, apart, written)
    if len(mine) == 1:
        name = _free_name(repo, legs[0], writers)
        return _rename(repo, scope, all_of_them, f"{name}-{apart}", written) if name else ()
    by_step = [
        [one.build for one in others if one.step is step]
        for step in dict.fromkeys(one.step for one in others)
    ]
    if any(scopes_of_legs(builds) & scopes_of_legs(one) for one in by_step):
        return ()
    end = shared_name(builds)
    return _rename(repo, scope, all_of_them, f"{end}-{apart}" if end else apart, written)


def _free_name(repo: Repository, mine: _Writer, writers: list[_Writer]) -> str | None:
    """A name of the image that no other scope has, and that no other image of the scope is better called by.

    Nor that of a job or a workflow that builds one of those, too.
    """
    builds = repo.memo(_by_image, repo.builds)
    own, places = names_of(mine.image, builds[mine.image]), tuple(places_of(builds[mine.image][:1]))
    names = (*own, *places)
    taken, shared = set(repo.memo(_scopes, repo.builds)), set[str]()
    for image in dict.fromkeys(one.image for one in writers if one.image != mine.image):
        theirs = (*names_of(image, builds[image]), *places_of(builds[image][:1]))
        better = next((at for at, name in enumerate(theirs) if name not in names), len(theirs))
        taken.update(theirs[:better])
        shared.update(places_of(builds[image]))
    free = (name for name in names if name not in taken and (name in own or name not in shared))
    return next(free, None)


def _by_image(builds: tuple[Build, ...]) -> Mapping[Image, tuple[Build, ...]]:
    found: dict[Image, tuple[Build, ...]] = {}
    for build in builds:
        image = image_of(build)
        if image is not None:
            found[image] = (*found.get(image, ()), build)
    return found


def _scopes(builds: tuple[Build, ...]) -> frozenset[str]:
    """The scopes that builds use."""
    caches = (cache for build in builds for cache in (*imports(build), *exports(build)))
    return frozenset(cache.attribute("scope") for cache in caches)


def _same(repo: Repository, scope: str, mine: _Writer) -> list[Build]:
    """The builds of an image that may find each other's layers, last those that use the scope."""
    same = [
        build
        for build in repo.builds
        if image_of(build) == mine.image and (build.step is mine.step or not _is_never_hit(repo, build))
    ]
    return sorted(same, key=lambda build: _uses(build, scope))


def _by_name(
    repo: Repository, scope: str, legs: list[_Writer], writers: list[_Writer], same: list[Build]
) -> tuple[Fix, ...]:
    """A name of the image for each of the `same` builds that uses the scope, with what tells the legs of one apart."""
    name = _free_name(repo, legs[0], writers)
    # Of a step's legs one that uses the scope stands for them.
    once = {(build.text.path, build.location.span): build for build in same}
    if len({made_by(leg.build) for leg in legs}) > 1:
        keys = telling_keys([leg.build for leg in legs])
        if not keys or len(once) > 1:
            return ()
        name = "-".join((name, *(f"${{{{ matrix.{key} }}}}" for key in keys))) if name else None
    return _rename(repo, scope, same, name, once.values()) if name else ()


def _makes_more(repo: Repository, build: Build) -> bool:
    """Whether other legs of a build's step make other images, which can't have its name."""
    return build.step is not None and any(
        one.step is build.step and image_of(one) != image_of(build) for one in repo.builds
    )


def _uses(build: Build, scope: str) -> bool:
    return any(cache.scope.literal == scope for cache in (*imports(build), *exports(build)))


def _rename(
    repo: Repository, scope: str, builds: list[Build], name: str, written: Iterable[Build]
) -> tuple[Fix, ...]:
    """Writes the name into each cache of the scope, where these builds are written.

    A cache that is hit again keeps what its layers fetched, which what is pushed must be meant to have.
    """
    is_kept = any(build.pushes is not False and _fetches(repo, build) is not False for build in builds)
    edits = [
        scoped(cache, name)
        for build in written
        for cache in (*imports(build), *exports(build))
        if cache.type == GHA and cache.scope.literal == scope
    ]
    return offer(
        f"give it a scope with {code(name)} in it",
        Applicability.UNSAFE if is_kept else Applicability.SAFE,
        *edits,
        caution="May layers that install packages without their versions, or fetch a branch, stay as the cache has them?"
        if is_kept
        else "",
    )


def _fetches(repo: Repository, build: Build) -> bool | None:
    """Whether a build's commands fetch what has no version; None where that is not known."""
    stages = _needed(repo, build)
    passed = None if build.build_args is None else {one.name: one.value.literal for one in build.build_args}
    return None if stages is None else fetches_anew(*stages, passed)


def _is_to_be_fresh(repo: Repository, one: _Writer) -> bool:
    """Whether a build is there to have the newest of what it fetches: each night, or in each release.

    Pushes make the images of a schedule that comes once a week, too, and with what the cache has.

    A cache that holds would keep it from one to the next.
    """
    events = [event for event in one.events if event.ref_kind is not RefKind.PULL]
    is_pushed_to = any(event.is_push_to_branch for event in events)
    crons = one.step.job.workflow.crons if one.step.job else ()
    is_seldom = bool(crons) and all(map(_SELDOM.fullmatch, crons))
    is_nightly = any(event.name == "schedule" for event in events) and not (is_seldom and is_pushed_to)
    is_release = bool(_RELEASES.search(posixpath.basename(one.build.text.path))) and not is_pushed_to
    of_job = (
        build for build in repo.builds if build.step and one.step.job and build.step.job is one.step.job
    )
    is_pushed = any(
        build.pushes is not False
        and (build.context, build.dockerfile) == (one.build.context, one.build.dockerfile)
        for build in of_job
    )
    return is_pushed and (is_nightly or (bool(events) and is_release)) and _fetches(repo, one.build) is True
