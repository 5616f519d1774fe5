"""Ignore file of one Dockerfile lacks what the common one leaves out

`<Dockerfile>.dockerignore` beside a Dockerfile does not add to the `.dockerignore` of the context: for that
Dockerfile it replaces it, without a word. What only the common file leaves out, the history in `.git`, an
`.env`, a key, is in the context again, and a `COPY` of the folder puts it into the image.

Repeat the lines in the file of its own.

The check speaks of `.git` and of files that hold credentials by their names, where a build names the
Dockerfile and a `COPY` into the image takes them. It is silent where the own file leaves them out in whatever
way, and about `.git` where a command of the build asks git.

References:

- https://docs.docker.com/build/concepts/context/#filename-and-location
- https://github.com/moby/buildkit/blob/master/frontend/dockerui/config.go
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
from checks.facts.build.context_contents import asks_git, copies_of, leave_out, may_ask_git
from checks.facts.build.contexts import BuildContext
from checks.facts.build.ignore_files import Ignore, Pattern
from checks.facts.dockerfile.stages import Copy
from checks.regex import regex

_SHOWN = 3
"""Patterns that a message names."""
_GIT = frozenset((".git", "**/.git", ".git/**", ".git*", "**/.git/**", ".git/*"))
_SECRET = regex(
    r"(?:\*\*/|[\w.-]+/)*(?:\.env(?:[.*][\w.*-]*)?|\*\.env|\.npmrc|\.netrc|\.pypirc|\.ssh|\.aws|\.kube|id_(?:rsa|ed25519)\*?"
    r"|\*\.(?:pem|key|p12|pfx|tfstate\*?(?:\.\*)?)|\.?secrets?|credentials(?:\.json)?)(?:/\*{1,2})?"
)
_SAMPLE = regex(r"example|sample|template|dist$|test|docs?/", re.IGNORECASE)

check = Check(
    id="dockerfile-specific-ignore-shadows-root",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.DOCKERIGNORE, Kind.DOCKERFILE, Kind.WORKFLOW, Kind.ACTION, Kind.COMPOSE, Kind.SCRIPT),
    fix=Applicability.SAFE,
    scope=Scope.REPOSITORY,
    tags=("context", "dockerignore", "secrets", "security"),
    security_severity=5.0,
    yields_to=("dockerignore-invalid-pattern",),
    examples=(
        Example(
            title="the history, for a Dockerfile with an ignore file of its own",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - uses: docker/build-push-action@v7
        with: {context: ., file: deploy/web.Dockerfile}
-- deploy/web.Dockerfile --
FROM python:3.14
COPY . /srv
USER 1000
-- deploy/web.Dockerfile.dockerignore --
*.md
-- .dockerignore --
.git
docs
""",
            at="*.md",
            fixed="""\
-- deploy/web.Dockerfile.dockerignore --
*.md
.git
""",
        ),
        Example(
            title="a build of the project may ask for its version",
            files="""\
-- compose.yaml --
services:
  web: {build: .}
-- Dockerfile --
FROM rust:1.97
COPY . /srv
RUN cd /srv && cargo build --release
USER 1000
-- Dockerfile.dockerignore --
*.md
-- .dockerignore --
.git
""",
            at="*.md",
            fixed="""\
-- Dockerfile.dockerignore --
*.md
.git
""",
        ),
        Example(
            title="the history and settings with credentials, from Compose",
            files="""\
-- compose.yaml --
services:
  web: {build: .}
-- Dockerfile --
FROM python:3.14
COPY . /srv
USER 1000
-- Dockerfile.dockerignore --
# caches
**/__pycache__
-- .dockerignore --
.git
.env.*
!.env.example
*.pem
""",
            at="**/__pycache__",
            fixed="""\
-- Dockerfile.dockerignore --
# caches
**/__pycache__
.git
.env.*
*.pem
""",
        ),
        Example(
            title="left out in another way, copied by name, only in a builder stage, git is asked, built by nothing",
            files="""\
-- compose.yaml --
services:
  all: {build: {context: ., dockerfile: all.Dockerfile}}
  some: {build: {context: ., dockerfile: some.Dockerfile}}
  built: {build: {context: ., dockerfile: built.Dockerfile}}
  asks: {build: {context: ., dockerfile: asks.Dockerfile}}
-- all.Dockerfile --
FROM python:3.14
COPY . /srv
USER 1000
-- all.Dockerfile.dockerignore --
*
!app
-- some.Dockerfile --
FROM python:3.14
COPY app /srv
USER 1000
-- some.Dockerfile.dockerignore --
*.md
-- built.Dockerfile --
FROM golang:1.27 AS build
COPY . /src
FROM alpine:3.24
COPY --from=build /web /web
USER 1000
-- built.Dockerfile.dockerignore --
*.md
-- asks.Dockerfile --
FROM python:3.14
COPY . /srv
RUN git -C /srv describe > /srv/version
USER 1000
-- asks.Dockerfile.dockerignore --
*.md
-- unused.Dockerfile --
FROM python:3.14
COPY . /srv
USER 1000
-- unused.Dockerfile.dockerignore --
*.md
-- .dockerignore --
.git
.env.example
docs
""",
            paths=("app/main.py",),
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    common = {one.text.path: one for one in repo.own_ignore_files if not one.refusals}
    told: set[str] = set()
    for context in repo.build_contexts:
        own, other = context.ignore, common.get(context.path_of(".dockerignore"))
        if own is None or other is None or own is other or context.named_at is None:
            continue
        if context.dockerfile.is_aside or own.text.path in told:
            continue
        lost = list(_lost(context, own, other))
        if lost:
            told.add(own.text.path)
            yield _finding(context, own, other, lost)


def _lost(context: BuildContext, own: Ignore, other: Ignore) -> Iterator[tuple[Pattern, Copy]]:
    """The patterns of the common file whose files get into the image, each with the copy that takes them."""
    stages = context.dockerfile.ancestry(context.dockerfile.final)
    for pattern in other.patterns:
        path = _path_for(pattern)
        if not path or not other.decide(path).excluded or own.decide(path).excluded:
            continue
        copy = next(copies_of(context, path, stages), None)
        if copy is not None and not (path == ".git" and asks_git(context.dockerfile)):
            yield pattern, copy


def _path_for(pattern: Pattern) -> str:
    """A path that the pattern is meant for, if that is the history or holds credentials; else nothing."""
    if pattern.negated:
        return ""
    if pattern.cleaned in _GIT:
        return ".git"
    if not _SECRET.fullmatch(pattern.cleaned) or _SAMPLE.search(pattern.cleaned):
        return ""
    path = pattern.cleaned.removesuffix("/**").removesuffix("/*").replace("**/", "")
    return path.replace(".*", ".local").replace("*.", "server.").replace("*", "")


def _finding(context: BuildContext, own: Ignore, other: Ignore, lost: list[tuple[Pattern, Copy]]) -> Finding:
    patterns = [pattern for pattern, _ in lost]
    named = ", ".join(code(one.raw) for one in patterns[:_SHOWN])
    more = f" and {len(patterns) - _SHOWN} more" if len(patterns) > _SHOWN else ""
    start = own.patterns[0].span if own.patterns else Span(0, 0)
    copy = lost[0][1]
    return Finding(
        message=f"{code(other.text.path)} is not read for {code(context.dockerfile.path)}, and this file lacks {named}{more}.",
        consequence="What they would leave out gets into the image, where the folder of the build has it.",
        location=Location(own.text, start),
        related=(
            Location(other.text, patterns[0].span, "leaves it out of the builds of other Dockerfiles"),
            context.dockerfile.location(copy.instruction.span, "copies it"),
        ),
        fixes=_fixes(context, patterns),
    )


def _fixes(context: BuildContext, patterns: list[Pattern]) -> tuple[Fix, ...]:
    is_history = all(one.cleaned in _GIT for one in patterns)
    is_open = not is_history or may_ask_git(context.dockerfile)
    read = "the history, for a version" if is_history else "one of the files"
    return offer(
        "leave them out here too",
        Applicability.UNSAFE if is_open else Applicability.SAFE,
        *(leave_out(context, one.raw) for one in patterns),
        caution=f"Does a command of the build read {read}?" if is_open else "",
    )
