"""Image gets the repository's `.git` for want of an ignore file

Without an ignore file the whole workspace is the build context, `.git` too. A `COPY . .` of the stage that is
pushed puts it into the image. Where the job fetches the history, what was deleted long ago can be read there;
`actions/checkout` fetches one commit alone unless told (`fetch-depth`), whose files are then in the image twice. As
`.git` changes with every commit, the layer and all that comes after it are built anew for every commit.

Add a `.dockerignore` with what the image does not need.

It is a warning where the job fetches the history, and else a note.

The check is silent where there is an ignore file, whatever is in it, for a Git context (no `context:`), which
has no `.git`, for folders below the root, for builds that don't certainly push, or only to a registry that the job
has for itself, and from which it copies nothing on, for a copy into a builder stage, and where a command of the build asks git.

References:

- https://docs.docker.com/build/concepts/context/#dockerignore-files
- https://docs.docker.com/build/cache/optimize/#keep-the-context-small
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
    Edit,
    Example,
    Finding,
    Kind,
    Repository,
    Scope,
    Severity,
    Span,
    code,
    offer,
)  # fmt: skip
from checks.facts.build.builds import Build, has_other_files
from checks.facts.build.context_contents import asks_git, copies_of, has_no_ignore_file
from checks.facts.build.contexts import BuildContext
from checks.facts.dockerfile.stages import Copy
from checks.facts.image.image_flow import is_copied_on
from checks.facts.workflow.workflows import Step
from checks.regex import regex

check = Check(
    id="dockerignore-missing",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.DOCKERFILE, Kind.WORKFLOW, Kind.DOCKERIGNORE),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("context", "dockerfile"),
    yields_to=("git-credentials-enter-build-context",),
    examples=(
        Example(
            title="a program that is copied as it lies in the workspace",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
        with: {fetch-depth: 0}
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'acme/web:1'}
-- Dockerfile --
FROM python:3.14
COPY . /srv
USER 1000
""",
            at="COPY . /srv",
            fixed="""\
-- .dockerignore --
.git
""",
        ),
        Example(
            title="pushed to a registry of the job's own, and copied on from there; of one commit alone",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'localhost:5000/web:1'}
      - run: docker buildx imagetools create -t ghcr.io/acme/web:1 localhost:5000/web:1
-- Dockerfile --
FROM node:24
COPY . .
USER 1000
""",
            at="COPY . .",
            fixed="""\
-- .dockerignore --
.git
""",
        ),
        Example(
            title="a matrix leaves the target empty in the leg of the last stage",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        include:
          - {image: web-tools, target: tools}
          - {image: web, target: ''}
    steps:
      - uses: actions/checkout@v7
        with: {fetch-depth: 0}
      - uses: docker/build-push-action@v7
        with: {context: ., target: '${{ matrix.target }}', push: true, tags: 'acme/${{ matrix.image }}:1'}
-- Dockerfile --
FROM python:3.14 AS tools
USER 1000

FROM tools
COPY . /srv
""",
            at="COPY . /srv",
            fixed="""\
-- .dockerignore --
.git
""",
        ),
        Example(
            title="an ignore file, a Git context, a folder, a builder stage, git is asked, not pushed to others, removed before",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - uses: docker/build-push-action@v7
        with: {context: ., file: own.Dockerfile, push: true, tags: 'acme/web:1'}
      - uses: docker/build-push-action@v7
        with: {file: git.Dockerfile, push: true, tags: 'acme/web:1'}
      - uses: docker/build-push-action@v7
        with: {context: api, push: true, tags: 'acme/web:1'}
      - uses: docker/build-push-action@v7
        with: {context: ., file: builder.Dockerfile, push: true, tags: 'acme/web:1'}
      - uses: docker/build-push-action@v7
        with: {context: ., file: asks.Dockerfile, push: true, tags: 'acme/web:1'}
      - run: docker build -f local.Dockerfile .
      - uses: docker/build-push-action@v7
        with: {context: ., file: local.Dockerfile, push: true, tags: 'localhost:5000/web:1'}
      - run: rm -rf .git
      - uses: docker/build-push-action@v7
        with: {context: ., file: removed.Dockerfile, push: true, tags: 'acme/web:1'}
-- own.Dockerfile --
FROM python:3.14
COPY . /srv
USER 1000
-- own.Dockerfile.dockerignore --
*.md
-- git.Dockerfile --
FROM python:3.14
COPY . /srv
USER 1000
-- api/Dockerfile --
FROM python:3.14
COPY . /srv
USER 1000
-- builder.Dockerfile --
FROM golang:1.27 AS build
COPY . /src
FROM alpine:3.24
COPY --from=build /src/web /web
COPY conf /conf
USER 1000
-- asks.Dockerfile --
FROM python:3.14
COPY . /srv
RUN git -C /srv describe > /srv/version
USER 1000
-- local.Dockerfile --
FROM python:3.14
COPY . /srv
USER 1000
-- removed.Dockerfile --
FROM python:3.14
COPY . /srv
USER 1000
""",
            paths=("conf/a",),
        ),
    ),
)

_REMOVED = regex(r"rm\s[^\n;&|]*\.git\b|mv\s[^\n;&|]*\.git\b|\.dockerignore")
_DEEPENED = regex(r"\bgit\s+(?:fetch|pull)\b[^\n;&|]*--(?:deepen|unshallow)\b")
_STAMPS = regex(r"(?:^|/)(?:golang|go)\b")


def run(repo: Repository) -> Iterator[Finding]:
    contexts = {(one.dockerfile.path, one.folder): one for one in repo.build_contexts}
    told: set[str] = set()
    for build in repo.builds:
        context = contexts.get((build.dockerfile or "", "")) if build.context == "" else None
        job = build.step.job if build.step else None
        is_copied = is_copied_on(build, repo.aliases_of.get(job, ()) if job else ())
        is_pushed = build.pushes is True and (build.may_publish or is_copied)
        if context is None or not is_pushed or not _has_history(build):
            continue
        dockerfile = context.dockerfile
        if dockerfile.is_aside or dockerfile.path in told or not has_no_ignore_file(context, repo.snapshot):
            continue
        copy = _copy(build, context)
        if copy is not None and not asks_git(dockerfile):
            told.add(dockerfile.path)
            yield _finding(context, copy, is_whole=build.step is not None and _fetches_history(build.step))


def _has_history(build: Build) -> bool:
    """Whether the workspace is a checkout of this repository when it is built."""
    step = build.step
    if step is None or step.job is None or has_other_files(step):
        return False
    before = step.earlier
    if any(one.run and _REMOVED.search(one.run.value) for one in before):
        return False
    return any(one.uses_action("actions/checkout") and one.condition is None for one in before)


def _fetches_history(step: Step) -> bool:
    """Whether the steps ahead of a build certainly fetch more than one commit."""
    before = step.earlier
    depths = (one.input("fetch-depth") for one in before if one.uses_action("actions/checkout"))
    is_deep = any(depth is not None and depth.value.isdecimal() and depth.value != "1" for depth in depths)
    return is_deep or any(one.run and _DEEPENED.search(one.run.value) for one in before)


def _copy(build: Build, context: BuildContext) -> Copy | None:
    dockerfile = context.dockerfile
    stage = dockerfile.target_stage(build.target)
    if stage is None or _STAMPS.search(dockerfile.base_image(stage) or ""):
        return None
    return next(copies_of(context, ".git/HEAD", dockerfile.ancestry(stage)), None)


def _finding(context: BuildContext, copy: Copy, *, is_whole: bool) -> Finding:
    text = context.dockerfile.text
    ending = text.newline if text.content.endswith("\n") else ""
    return Finding(
        message=f"{code('.git')} gets into the pushed image: no ignore file leaves it out of the context.",
        consequence="Who pulls the image has the history of the repository, and the layer is built anew for every commit."
        if is_whole
        else "The image holds the files of the commit once more in there, and the layer is built anew for every commit.",
        location=context.dockerfile.location(copy.instruction.span),
        fixes=offer(
            "add an ignore file",
            Applicability.UNSAFE,
            Edit(".dockerignore", Span(0, 0), f".git{ending}"),
            caution="Does anything in the image read `.git`?",
        ),
        severity=None if is_whole else Severity.NOTE,
    )
