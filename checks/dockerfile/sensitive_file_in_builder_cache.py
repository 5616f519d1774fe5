"""Committed file with credentials gets into the exported build cache

A builder stage is not pushed, but `cache-to` with `mode=max` exports its layers too. A private key or a state
of Terraform that its `COPY` takes can be read by all who can read the cache: every workflow run of the
repository, or who can pull from the registry.

Leave the file out of the context, take it out of the repository, and replace what is in it.

The check speaks of private SSH keys and of states of Terraform that have a credential in them. It is silent for `mode=min`, for stages that
the build does not need, for files that are left out, and where the file is in the image itself:
sensitive-file-in-context tells that.

References:

- https://docs.docker.com/build/cache/backends/#cache-mode
- https://docs.docker.com/build/concepts/context/#dockerignore-files
"""

from __future__ import annotations

import posixpath
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
    code,
    offer,
)  # fmt: skip
from checks.facts.build.builds import Build
from checks.facts.build.context_contents import committed_credentials, copies_of, is_ignore_known, leave_out
from checks.facts.build.contexts import BuildContext
from checks.facts.dockerfile.stages import Copy
from checks.regex import regex

check = Check(
    id="sensitive-file-in-builder-cache",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.DOCKERFILE, Kind.WORKFLOW, Kind.ACTION, Kind.DOCKERIGNORE),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("build", "cache", "secrets", "security"),
    security_severity=6.5,
    yields_to=("sensitive-file-in-context", "secret-file-copied"),
    examples=(
        Example(
            title="a state of Terraform in a builder stage",
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
          cache-to: type=registry,ref=ghcr.io/acme/cache,mode=max
-- Dockerfile --
FROM golang:1.27 AS build
COPY . /src
RUN go build -C /src -o /web
FROM alpine:3.24
COPY --from=build /web /web
USER 1000
-- .dockerignore --
.git
-- infra/terraform.tfstate --
{"version": 4, "outputs": {"dsn": {"value": "postgres://web:4711@db", "type": "string", "sensitive": true}}, "resources": []}
""",
            paths=("go.mod",),
            at="COPY . /src",
            fixed="""\
-- .dockerignore --
.git
**/terraform.tfstate
""",
        ),
        Example(
            title="the smaller cache, a stage that is not built, left out, not certain, Depot's own cache",
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
          cache-to: type=gha
      - uses: docker/build-push-action@v7
        with:
          context: .
          file: unused.Dockerfile
          cache-to: type=gha,mode=max
      - uses: docker/build-push-action@v7
        with:
          context: api
          cache-to: type=gha,mode=max
      - uses: docker/build-push-action@v7
        with:
          context: .
          file: local.Dockerfile
          cache-to: type=local,dest=/tmp/cache,mode=max
      - uses: depot/build-push-action@v1
        with:
          context: .
          file: depot.Dockerfile
          cache-to: type=gha,mode=max
-- Dockerfile --
FROM golang:1.27 AS build
COPY . /src
FROM alpine:3.24
COPY --from=build /web /web
USER 1000
-- unused.Dockerfile --
FROM golang:1.27 AS build
COPY . /src
FROM alpine:3.24
USER 1000
-- local.Dockerfile --
FROM golang:1.27 AS build
COPY . /src
FROM alpine:3.24
COPY --from=build /web /web
USER 1000
-- depot.Dockerfile --
FROM golang:1.27 AS build
COPY . /src
FROM alpine:3.24
COPY --from=build /web /web
USER 1000
-- api/Dockerfile --
FROM golang:1.27 AS build
COPY . /src
FROM alpine:3.24
COPY --from=build /web /web
USER 1000
-- api/.dockerignore --
**/id_rsa
""",
            paths=("infra/terraform.tfstate", "api/keys/id_rsa", "api/.env"),
        ),
    ),
)

_EXPORTED = regex(r"^(?=.*\btype=(?:gha|registry|s3|azblob)\b)(?=.*\bmode=max\b).*$", re.MULTILINE)


def run(repo: Repository) -> Iterator[Finding]:
    contexts = {(one.dockerfile.path, one.folder): one for one in repo.build_contexts}
    told: set[tuple[str, int]] = set()
    for build in repo.builds:
        context = contexts.get((build.dockerfile or "", build.context or ""))
        is_by_action = build.invocation is None and not build.is_by_depot
        cache = build.step.input("cache-to") if build.step and is_by_action else None
        if context is None or build.context is None or cache is None or not _EXPORTED.search(cache.value):
            continue
        for path, copy in _copied(repo, build, context):
            place = (context.dockerfile.path, copy.instruction.span.start)
            if place not in told:
                told.add(place)
                yield _finding(context, copy, path, Location(cache.text, cache.span, "exports its layer"))


def _copied(repo: Repository, build: Build, context: BuildContext) -> Iterator[tuple[str, Copy]]:
    """The files that get into builder stages of the build, each with the copy that takes it."""
    dockerfile = context.dockerfile
    if dockerfile.is_aside or not is_ignore_known(context, repo.snapshot):
        return
    final = dockerfile.target_stage(build.target)
    if final is None:
        return
    inside = dockerfile.ancestry(final)
    builders = tuple(stage for stage in dockerfile.evaluation.needed(final) if stage not in inside)
    for path in committed_credentials(context, repo.snapshot):
        yield from ((path, copy) for copy in copies_of(context, path, builders))


def _finding(context: BuildContext, copy: Copy, path: str, cache: Location) -> Finding:
    pattern = f"**/{posixpath.basename(path)}"
    named = any(source.path == path for source in copy.sources)
    return Finding(
        message=f"This copy takes {code(context.path_of(path))}, and the build exports the layer with its cache.",
        consequence="Who can read the cache can read the credentials in the file, though the image does not have it.",
        location=context.dockerfile.location(copy.instruction.span),
        related=(cache,),
        fixes=()
        if named
        else offer(
            f"leave {code(pattern)} out of the context",
            Applicability.UNSAFE,
            leave_out(context, pattern),
            caution="Does a command of the build read the file?",
        ),
    )
