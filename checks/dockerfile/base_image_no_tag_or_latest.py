"""Base image has no version

`FROM node` and `FROM node:latest` mean what the newest release is on the day of the build. The next one
arrives with a rebuild that nobody looked at, and two builds of one commit differ.

Name the version that you run today.

The check speaks of official images and of their copies in Amazon's public registry, which have a tag for each
version. Of others nobody knows here whether they have any. Where only a stage that is copied from stands on
the image, it is a note.

It is silent

- for earlier stages, digests, and arguments without a default
- where a comment above the line speaks of the latest, or one beside it says that the base is left unpinned on
  purpose
- for a distribution in whose stage files are only copied, fetched and unpacked, of which nothing else is
  taken
- for images of Rust to build with, where a `rust-toolchain.toml` of the project, which is copied in before,
  says which Rust all of it is compiled with
- in files whose image others hardly run: those of development, tests and examples, those that builds here
  leave aside, and those that don't say how they are run

References:

- https://docs.docker.com/build/building/best-practices/#pin-base-image-versions
- https://docs.docker.com/reference/dockerfile/#from
- https://rust-lang.github.io/rustup/overrides.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.check import (
    Check,
    Example,
    Finding,
    Kind,
    Outside,
    Repository,
    Scope,
    Severity,
    code,
)  # fmt: skip
from checks.facts.dockerfile.base_images import image_name, is_distribution, tag_of
from checks.facts.dockerfile.copied_files import contexts_for
from checks.facts.dockerfile.dockerfiles import Dockerfile, Stage
from checks.facts.dockerfile.fetching_stages import gives_only_fetched
from checks.facts.dockerfile.left_open import is_left_open
from checks.facts.dockerfile.rust_toolchains import TOOLCHAIN_FILES, says_which_rust, takes_rust_of_project
from checks.regex import regex

_REPLACED = (
    (
        "a bake file",
        "alpine",
        """\
-- docker-bake.hcl --
target "web" {
  contexts = {
    alpine = "docker-image://alpine:3.22.1"
  }
}
""",
    ),
    (
        "Compose",
        "docker.io/library/debian:latest",
        """\
-- compose.yml --
services:
  worker:
    build:
      context: .
      additional_contexts:
        - debian=docker-image://debian:13
""",
    ),
    (
        "an input of the action",
        "node",
        """\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          push: true
          tags: acme/api:1
          build-contexts: node=docker-image://node:24
""",
    ),
    (
        "an input whose value the run knows",
        "ruby",
        """\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          push: true
          tags: acme/api:1
          build-contexts: ${{ vars.CONTEXTS }}
""",
    ),
    (
        "a bake file that puts its contexts together",
        "python",
        """\
-- docker-bake.hcl --
target "web" {
  contexts = merge(shared, { python = "docker-image://python:3.14" })
}
""",
    ),
    (
        "a flag in a script",
        "php:latest",
        "-- build.sh --\ndocker build --push -t acme/api --build-context php=docker-image://php:8.5 .\n",
    ),
)

check = Check(
    id="base-image-no-tag-or-latest",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.DOCKERFILE, Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT, Kind.TOOL_VERSIONS),
    scope=Scope.REPOSITORY,
    tags=("dockerfile",),
    peers=(
        "hadolint:DL3006",
        "hadolint:DL3007",
        "checkov:CKV_DOCKER_7",
    ),
    examples=(
        *(
            Example(
                title=f"a build puts a version in its place, by {how}",
                files=f'{builder}-- Dockerfile --\nFROM {base}\nCOPY . /srv\nCMD ["/srv/run"]\n',
            )
            for how, base, builder in _REPLACED
        ),
        Example(
            title="a bake file puts a version in place of another name",
            files="""\
-- docker-bake.hcl --
target "web" {
  contexts = {
    debian = "docker-image://debian:13"
  }
}
-- Dockerfile --
FROM alpine
RUN apk add --no-cache nginx
COPY site /srv
CMD ["nginx"]
""",
            at="alpine",
        ),
        Example(
            title="no tag, and latest",
            files="""\
-- Dockerfile --
FROM golang AS build
RUN go build -o /web .
FROM alpine:latest AS certs
RUN apk add --no-cache ca-certificates
FROM alpine:latest
COPY --from=certs /etc/ssl/certs /etc/ssl/certs
COPY --from=build /web /web
USER 1000
""",
            at=("golang", "alpine:latest"),
        ),
        Example(
            title="Rust that a file of the project chooses; that compiles a tool before that file is there; whose image is run",
            files="""\
-- Dockerfile --
FROM rust:latest AS build
WORKDIR /src
COPY . .
RUN cd web && cargo build --release
FROM gcr.io/distroless/cc-debian13
COPY --from=build /src/web/target/release/web /web
ENTRYPOINT ["/web"]
-- api.Dockerfile --
FROM rust AS build
WORKDIR /src
RUN cargo install trunk
COPY . .
RUN cargo build --release
FROM gcr.io/distroless/cc-debian13
COPY --from=build /src/target/release/api /api
ENTRYPOINT ["/api"]
-- jobs.Dockerfile --
FROM rust:latest
WORKDIR /src
COPY . .
RUN cargo build --release
ENTRYPOINT ["/src/target/release/jobs"]
-- compose.yaml --
services:
  web: {build: .}
  api: {build: {context: ., dockerfile: api.Dockerfile}}
  jobs: {build: {context: ., dockerfile: jobs.Dockerfile}}
""",
            paths=("rust-toolchain.toml", "web/Cargo.toml"),
            at=("rust", "rust:latest"),
        ),
        Example(
            title="a file of the project names targets for the Rust of the image, and chooses none",
            files="""\
-- rust-toolchain.toml --
[toolchain]
# channel = "1.90"
targets = ["wasm32-unknown-unknown"]
-- Dockerfile --
FROM rust:latest AS build
WORKDIR /src
COPY . .
RUN cargo build --release
FROM gcr.io/distroless/cc-debian13
COPY --from=build /src/target/release/web /web
ENTRYPOINT ["/web"]
-- compose.yaml --
services:
  web: {build: .}
""",
            at="rust:latest",
        ),
        Example(
            title="the file of the project is removed, so that the Rust of the image compiles",
            files="""\
-- Dockerfile --
FROM rust:latest AS build
WORKDIR /src
COPY . .
RUN rm -f rust-toolchain.toml && cargo build --release
FROM gcr.io/distroless/cc-debian13
COPY --from=build /src/target/release/web /web
ENTRYPOINT ["/web"]
-- compose.yaml --
services:
  web: {build: .}
""",
            paths=("rust-toolchain.toml",),
            at="rust:latest",
        ),
        Example(
            title="versions, stages, nothing, digests, arguments, images that only have latest",
            files="""\
-- Dockerfile --
ARG BASE
ARG VERSION=3.24
FROM alpine:3.24 AS build
FROM build AS next
FROM scratch AS empty
FROM alpine@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa AS pinned
FROM $BASE AS given
FROM alpine:$VERSION AS versioned
FROM cgr.dev/chainguard/go:latest AS chainguard
FROM gcr.io/oss-fuzz-base/base-builder-go AS fuzz
FROM localhost:5000/tools:1 AS port
FROM quay.io/acme/ubuntu_22_04 AS named
FROM gcr.io/distroless/static-debian13
COPY --from=named / /9
COPY --from=build / /1
COPY --from=next / /2
COPY --from=empty / /3
COPY --from=pinned / /4
COPY --from=given / /5
COPY --from=versioned / /6
COPY --from=chainguard / /7
COPY --from=fuzz / /10
COPY --from=port / /8
USER 1000
-- tests/fixtures/Dockerfile --
FROM alpine
USER 1000
""",
        ),
        Example(
            title="the release stands in the name",
            files="""\
-- web/Dockerfile --
FROM quay.io/acme/run-jammy-small:latest
USER 1000
-- api/Dockerfile --
FROM quay.io/acme/trixie-base
USER 1000
-- shop/Dockerfile --
FROM quay.io/acme/tools-ubi9-minimal:latest
USER 1000
-- mail/Dockerfile --
FROM quay.io/acme/alpine3.24-certs
USER 1000
-- maps/Dockerfile --
FROM quay.io/acme/node-24-runtime:latest
USER 1000
""",
        ),
        Example(
            title="copies of official images, and images of others",
            files="""\
-- web/Dockerfile --
FROM public.ecr.aws/docker/library/node:latest
USER 1000
-- api/Dockerfile --
FROM public.ecr.aws/nginx/nginx
USER 1000
-- shop/Dockerfile --
FROM quay.io/acme/focaldata:latest
USER 1000
-- mail/Dockerfile --
FROM acme/node
USER 1000
""",
            at=("public.ecr.aws/docker/library/node:latest", "public.ecr.aws/nginx/nginx"),
        ),
        Example(
            title="nothing says how it is run",
            files="""\
-- toolbox/Dockerfile --
FROM alpine
RUN apk add --no-cache jq
""",
        ),
        Example(
            title="a folder of tests whose image is pushed",
            files="""\
-- ci/Dockerfile --
FROM debian
USER 1000
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., file: ci/Dockerfile, push: true, tags: 'ghcr.io/acme/web:1'}
""",
            at="debian",
        ),
        Example(
            title="a comment says that it is meant, and an image for tests",
            files="""\
-- Dockerfile --
FROM php:8.5
USER 1000

# Take the latest Composer
FROM composer:latest AS composer
RUN composer --version
FROM php:8.5
COPY --from=composer /usr/bin/composer /usr/bin/composer
USER 1000
-- web/Dockerfile --
# A database that is used in testing.
FROM debian
USER 1000
""",
        ),
        Example(
            title="files that a stage fetches and unpacks",
            files="""\
-- Dockerfile --
FROM alpine AS probe
ARG TARGETARCH
RUN [ "$TARGETARCH" = amd64 ] && NAME=x86; \\
    wget -q -O /tmp/probe.tgz "https://example.com/probe-${NAME:-arm}.tgz" && tar -xzf /tmp/probe.tgz -C /tmp \\
 && install -m 755 /tmp/probe /usr/local/bin/
FROM debian AS sources
ADD https://example.com/sources.tar.gz /fetched/all.tar.gz
RUN tar -xf /fetched/all.tar.gz -C /fetched
FROM scratch
COPY --from=probe /usr/local/bin/probe /probe
COPY --from=sources /fetched /srv
USER 1000
""",
        ),
        Example(
            title="files that a stage fetches and checks with tools that it installs for that, or gives up",
            files="""\
-- Dockerfile --
FROM alpine:latest AS probe
ARG TARGETARCH
RUN apk add curl gnupg xz \
 && NAME=$(case "$TARGETARCH" in amd64) echo x86 ;; *) echo "no $TARGETARCH" >&2 && exit 1 ;; esac) \
 && curl -fsS -o /tmp/probe.xz "https://example.com/probe-$NAME.xz" \
 && gpg --verify /tmp/probe.sig /tmp/probe.xz && xz -d /tmp/probe.xz
FROM debian:latest AS certs
RUN apt-get update && apt-get install -y ca-certificates curl || exit 1
FROM debian:13
COPY --from=probe /tmp/probe /usr/bin/
COPY --from=certs /etc/ssl/certs /etc/ssl/certs
USER 1000
""",
            at="debian:latest",
        ),
        Example(
            title="files of the context that a stage lays out",
            files="""\
-- Dockerfile --
FROM alpine AS layout
COPY acme-server acme-client /usr/bin/
COPY data/plans /bin/plans
RUN chmod 755 /usr/bin/acme-server && rm -rf /bin/plans/.git
COPY pages /srv/pages
FROM debian AS pages
COPY public /public
FROM debian:13
COPY --from=layout /usr/bin/acme-server /usr/bin/acme-client /usr/bin/
COPY --from=layout /bin/plans /srv/plans
COPY --from=layout /srv/pages /srv/pages
COPY --from=pages /public /srv/public
USER 1000
""",
        ),
        Example(
            title="beside them, files of the distribution itself",
            files="""\
-- Dockerfile --
FROM alpine AS layout
COPY acme-server /usr/bin/
RUN chmod 755 /usr/bin/acme-server
FROM debian AS certs
COPY company.pem /etc/ssl/certs/
FROM debian:13
COPY --from=layout /usr/bin/acme-server /usr/bin/wget /usr/bin/
COPY --from=certs /etc/ssl/certs /etc/ssl/certs
USER 1000
""",
            at=("alpine", "debian"),
        ),
        Example(
            title="files of the distribution itself, moved or not, and a program that is built",
            files="""\
-- Dockerfile --
FROM alpine AS zones
RUN apk add --no-cache tzdata && cp -r /usr/share/zoneinfo /zones
FROM debian AS probe
RUN apt-get update && apt-get install -y probe
FROM ubuntu AS web
RUN mkdir /web && make -C /src
FROM fedora AS mounted
RUN mkdir /mounted
FROM golang AS go
RUN mkdir /go/cache
FROM debian:13
COPY --from=zones /zones /zones
COPY --from=probe /usr/bin/probe /probe
COPY --from=web /web /web
COPY --from=go /usr/local/go /go
RUN --mount=from=mounted,target=/m cp -r /m/opt /opt
USER 1000
""",
            at=("alpine", "debian", "ubuntu", "fedora", "golang"),
        ),
        Example(
            title="an image of the same owner",
            files="""\
-- web/Dockerfile --
FROM ghcr.io/acme/web-base
FROM gcr.io/k8s-lighthouse/tools:latest
USER 1000
""",
            outside=Outside(slug="acme/lighthouse"),
        ),
        Example(
            title="images that are made locally, a name that something fills in, and one of tests that stays on the machine",
            files="""\
-- Dockerfile --
FROM web_prebuilt
USER 1000
-- lab/Dockerfile --
FROM acme-lab-environment
USER 1000
-- storage/Dockerfile --
# make puts the image here
FROM BASEIMAGE
USER 1000
-- maps/Dockerfile --
FROM localhost/acme/database:latest
USER 1000
-- search/Dockerfile --
FROM localhost/acme/database
USER 1000
-- wolfi/Dockerfile --
FROM chainguard/wolfi-base:latest
USER 1000
-- test/Dockerfile --
FROM debian
USER 1000
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: test, push: true, tags: 'localhost:5000/web:1'}
""",
        ),
    ),
)

_VERSIONED = regex(
    r"(?:.*\blibrary/|public\.ecr\.aws/(?:amazonlinux|debian|lts|nginx|ubuntu)/)?"
    r"(?:almalinux|alpine|amazoncorretto|amazonlinux|buildpack-deps|caddy|centos|composer|debian|eclipse-temurin"
    r"|elasticsearch|elixir|erlang|fedora|golang|gradle|haproxy|httpd|kibana|kong|logstash|mariadb|maven|memcached|mongo|mysql"
    r"|nats|nextcloud|nginx|node|openjdk|oraclelinux|perl|php|postgres|python|rabbitmq|redis|rockylinux|ruby|rust|swift"
    r"|telegraf|tomcat|traefik|ubuntu|wordpress)"
)
"""https://hub.docker.com/search?badges=official, https://gallery.ecr.aws"""

_RUST = "rust"

_MEANT = regex(
    r"\b(?:use|take|fetch|get|pull|want|need|follow|track)\w*\b.*\blatest\b|\blatest (?:build|version|release|image)\b",
    re.IGNORECASE,
)
_NOT_MEANT = regex(r"\b(?:never|not|don't|avoid|todo|fixme|instead|broke|breaks|pin)\b", re.IGNORECASE)


def run(repo: Repository) -> Iterator[Finding]:
    for dockerfile in repo.dockerfiles:
        if dockerfile.may_ship:
            yield from _findings(repo, dockerfile)


def _findings(repo: Repository, dockerfile: Dockerfile) -> Iterator[Finding]:
    image = set(dockerfile.ancestry(dockerfile.shipped))
    told: dict[str, list[Stage]] = {}
    for stage in dockerfile.stages:
        base = dockerfile.expanded_base(stage)
        word = stage.base
        if stage not in dockerfile.built or not base or "@" in base or "$" in word.value:
            continue
        comment = dockerfile.comment_above(stage.instruction.span)
        is_meant = bool(_MEANT.search(comment)) and not _NOT_MEANT.search(comment)
        if tag_of(base) not in ("", "latest") or is_meant or is_left_open(dockerfile, stage):
            continue
        does_not_matter = (is_distribution(base) and gives_only_fetched(dockerfile, stage)) or (
            image_name(base) == _RUST and stage not in image and _chooses_rust(repo, dockerfile, stage)
        )
        if _VERSIONED.fullmatch(image_name(base)) and not does_not_matter:
            told.setdefault(word.value, []).append(stage)
    for written, stages in told.items():
        first, *more = stages
        yield Finding(
            message=f"{code(written)} names no version."
            if written.endswith(":latest")
            else f"{code(written)} is named without a version.",
            consequence="A rebuild takes whatever is newest that day, the next release included.",
            location=dockerfile.location(first.base.span),
            related=tuple(dockerfile.location(stage.base.span, "names none either") for stage in more),
            severity=Severity.NOTE if image.isdisjoint(stages) else None,
        )


def _chooses_rust(repo: Repository, dockerfile: Dockerfile, stage: Stage) -> bool:
    """Whether a file of the project says which Rust compiles on a stage."""
    texts = repo.snapshot.texts
    files = [
        path
        for name in TOOLCHAIN_FILES
        for path in repo.paths_named(name)
        if path not in texts or says_which_rust(texts[path].content)
    ]
    contexts = (
        contexts_for(dockerfile, repo.build_contexts, repo.ignore_files, repo.snapshot) if files else ()
    )
    return takes_rust_of_project(dockerfile, stage, tuple(contexts), files)
