"""Base image has no version

`FROM node` and `FROM node:latest` mean what the newest release is on the day of the build. The next major
version arrives with a rebuild that nobody looked at, and two builds of one commit differ.

Name the version that you run today.

The check is silent for earlier stages, `scratch`, digests, arguments without a default, images that only offer
`latest` for free (Chainguard) or name the version before the colon, as a number or as the code name of a release (distroless,
`ubuntu_22_04`, `web-bookworm`, `tools-ubi9-minimal`), and for Dockerfiles of tests and
examples that nothing here pushes. It is silent, too, for names without a registry that no official image has, which are built
before or filled in, for those under `localhost`, which Podman and Buildah keep on the machine, and for images of the repository's own
owner or name, whose `latest` is often made by the same pipeline.

References:

- https://docs.docker.com/build/building/best-practices/#pin-base-image-versions
- https://docs.docker.com/reference/dockerfile/#from
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
from checks.facts.base_images import image_name, tag_of
from checks.facts.dockerfiles import Dockerfile, Stage
from checks.facts.references import reference
from checks.facts.value import literal

check = Check(
    id="base-image-no-tag-or-latest",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.DOCKERFILE,),
    scope=Scope.REPOSITORY,
    tags=("dockerfile",),
    peers=(
        "hadolint:DL3006",
        "hadolint:DL3007",
        "checkov:CKV_DOCKER_7",
    ),
    examples=(
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
            title="words in the name that only hold that of a release, and a number that is no version",
            files="""\
-- web/Dockerfile --
FROM quay.io/acme/focaldata:latest
USER 1000
-- api/Dockerfile --
FROM quay.io/acme/oauth2-proxy
USER 1000
""",
            at=("quay.io/acme/focaldata:latest", "quay.io/acme/oauth2-proxy"),
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

_ONLY_LATEST = re.compile(
    r"gcr\.io/oss-fuzz-base/|.*[A-Za-z][-_.]?\d+(?:[._]\d+)*(?::latest)?$|gcr\.io/distroless/|cgr\.dev/|chainguard/|.*\bdistroless\b|ghcr\.io/wolfi-dev/|.*/ubi\d+(?:/|-)|mcr\.microsoft\.com/devcontainers/"
)
_RELEASE = re.compile(
    r"(?:^|[-_./])(?:(?:trusty|xenial|bionic|focal|jammy|noble|resolute|oracular|plucky|questing"
    r"|wheezy|jessie|stretch|buster|bullseye|bookworm|trixie|forky)"
    r"|(?:alpine|ubi|debian|ubuntu|rhel|centos|stream|rocky(?:linux)?|alma(?:linux)?|oraclelinux|amazonlinux|fedora|al|el|ol"
    r"|ltsc|java|jdk|jre|openjdk|corretto|temurin|node(?:js)?|python|py|php|ruby|go(?:lang)?|rust|dotnet|cuda)"
    r"[-_.]?v?\d+(?:[._-]\d+)*)(?:$|[-_./:])"
)
"""A release of a distribution or a runtime in an image's name: its code name, or its number.

https://wiki.ubuntu.com/Releases, https://www.debian.org/releases/
"""

_OFFICIAL_WITH_DASH = re.compile(
    r"api-firewall|buildpack-deps|eclipse-(?:mosquitto|temurin)|express-gateway|hello-(?:seattle|world)|hola-mundo"
    r"|ibm-semeru-runtimes|mongo-express|nats-streaming|(?:open|websphere)-liberty|php-zendserver"
)
"""https://hub.docker.com/search?badges=official"""


def run(repo: Repository) -> Iterator[Finding]:
    contexts = {build.context for build in repo.builds}
    slug = (repo.outside.slug or "").lower()
    for dockerfile in repo.dockerfiles:
        if not dockerfile.is_aside:
            yield from _findings(dockerfile, None in contexts, slug)


def _is_made_here(base: str) -> bool:
    """Whether no registry has an image of that name: it is built before, or something fills it in."""
    if reference(literal(base)).is_on_this_machine:
        return True
    name = image_name(base)
    odd = "_" in name or ("-" in name and not _OFFICIAL_WITH_DASH.fullmatch(name))
    return "/" not in base and (odd or name != name.lower())


def _is_own(image: str, slug: str) -> bool:
    """Whether an image lies in a namespace of the repository's owner, or in one that bears the repository's name."""
    owner, _, name = slug.partition("/")
    namespaces = image.lower().split("/")[:-1]
    return bool(owner) and (owner in namespaces or any(len(name) > 3 and name in one for one in namespaces))


def _findings(dockerfile: Dockerfile, has_unknown_builds: bool, slug: str) -> Iterator[Finding]:
    told: dict[str, list[Stage]] = {}
    for stage in dockerfile.stages:
        base = dockerfile.expanded_base(stage)
        word = stage.base
        if stage not in dockerfile.built or not base or base == "scratch" or "@" in base or "$" in word.value:
            continue
        tag = tag_of(base)
        is_named_context = (
            "/" not in base and "." not in base and has_unknown_builds and not tag and "-" in base
        )
        if tag not in ("", "latest") or is_named_context:
            continue
        if _ONLY_LATEST.match(base) or _RELEASE.search(image_name(base)):
            continue
        if not _is_made_here(base) and not _is_own(image_name(base), slug):
            told.setdefault(word.value, []).append(stage)
    for written, (first, *more) in told.items():
        yield Finding(
            message=f"{code(written)} names no version."
            if written.endswith(":latest")
            else f"{code(written)} is named without a version.",
            consequence="A rebuild takes whatever is newest that day, the next major version included.",
            location=dockerfile.location(first.base.span),
            related=tuple(dockerfile.location(stage.base.span, "names none either") for stage in more),
        )
