"""Build names a file, folder or stage that the repository does not have

The Dockerfile, the context or the target stage of a build is not in the repository, most often because something
was moved and the workflow was not. The build stops at once.

Name what is there. Where a single Dockerfile of the repository fits the name, the fix writes it.

The check is silent for values that are not known, for contexts elsewhere, where an earlier step of the job
may create the path (a checkout into a folder or of another repository, a download, a script that mentions it), for
repositories with submodules at that path, and in reusable workflows and composite actions that nothing here uses: they
build their callers' files.

References:

- https://github.com/docker/build-push-action#inputs
- https://docs.docker.com/reference/cli/docker/buildx/build/
"""

from __future__ import annotations

import posixpath
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
    code,
    offer,
)  # fmt: skip
from checks.facts.builds import GIT_CONTEXT, Build
from checks.facts.dockerfiles import Dockerfile
from checks.facts.tree import Scalar, replace_value

check = Check(
    id="build-input-does-not-exist",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW, Kind.ACTION, Kind.DOCKERFILE),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("build",),
    examples=(
        Example(
            title="a Dockerfile that was moved",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - uses: docker/build-push-action@v7
        with:
          context: .
          file: docker/Dockerfile
""",
            at="docker/Dockerfile",
            fixed="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - uses: docker/build-push-action@v7
        with:
          context: .
          file: deploy/Dockerfile
""",
            paths=("deploy/Dockerfile", "main.go"),
        ),
        Example(
            title="a folder that is not there",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: servces/web}
""",
            at="servces/web",
            paths=("services/web/Dockerfile",),
        ),
        Example(
            title="a stage that the Dockerfile does not have",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., target: prod}
-- Dockerfile --
FROM alpine:3.24 AS build
FROM alpine:3.24 AS production
COPY --from=build /etc/os-release /
USER 1000
""",
            at="prod",
        ),
        Example(
            title="all is there: in another case, by number, made by a step, checked out elsewhere, computed",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., target: Build}
      - uses: docker/build-push-action@v7
        with: {context: ., target: '0'}
      - uses: docker/build-push-action@v7
        with: {context: '{{defaultContext}}:docker'}
      - uses: docker/build-push-action@v7
        with: {context: '{{ defaultContext }}:docker'}
      - uses: docker/build-push-action@v7
        with: {context: 'https://github.com/acme/web.git', file: x/Dockerfile}
      - uses: docker/build-push-action@v7
        with: {context: '${{ matrix.folder }}'}
      - run: make dist
      - uses: docker/build-push-action@v7
        with: {context: dist}
  elsewhere:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
        with: {repository: acme/other, path: other}
      - uses: docker/build-push-action@v7
        with: {context: other}
  downloaded:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/download-artifact@v5
        with: {name: image, path: image}
      - uses: docker/build-push-action@v7
        with: {context: image}
-- Dockerfile --
FROM alpine:3.24 AS build
USER 1000
""",
        ),
        Example(
            title="a reusable workflow and an action for other repositories",
            files="""\
-- .github/workflows/publish.yml --
on: workflow_call
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - uses: docker/build-push-action@v7
        with: {context: ., target: production}
-- publish/action.yml --
runs:
  using: composite
  steps:
    - uses: docker/build-push-action@v7
      with: {context: .}
""",
        ),
        Example(
            title="the same, used here as well",
            files="""\
-- .github/workflows/publish.yml --
on: workflow_call
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - uses: docker/build-push-action@v7
        with: {context: web}
-- .github/workflows/main.yml --
on: push
jobs:
  publish:
    uses: ./.github/workflows/publish.yml
  action:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - uses: ./publish
-- publish/action.yml --
runs:
  using: composite
  steps:
    - uses: docker/build-push-action@v7
      with: {context: api}
""",
            at=("web", "api"),
        ),
        Example(
            title="a submodule may have it",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ./web, file: docker/moved.Dockerfile}
""",
            paths=(".gitmodules", "web/a"),
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    if not repo.snapshot.complete:
        return
    files = {one.path: one for one in repo.dockerfiles}
    for build in repo.builds:
        step = build.step
        if step is None or build.invocation is not None or build.context is None or _may_be_made(build):
            continue
        if ".gitmodules" in repo.snapshot.paths:
            continue
        if build.context not in (GIT_CONTEXT, "") and build.context not in repo.snapshot.folders:
            if build.context not in repo.snapshot.paths:
                yield from _missing_folder(build, build.context)
        elif build.dockerfile is not None and build.dockerfile not in repo.snapshot.paths:
            yield from _missing_file(repo, build, build.dockerfile)
        elif build.dockerfile in files:
            yield from _missing_stage(build, files[build.dockerfile])


_HARMLESS = (
    "docker/",
    "aws-actions/",
    "actions/checkout",
    "sigstore/",
    "azure/login",
    "google-github-actions/auth",
)


def _may_be_made(build: Build) -> bool:
    """Whether an earlier step may write into the workspace: any script, and any action that we don't know."""
    step = build.step
    for earlier in step.job.before(step) if step and step.job else ():
        if earlier.run is not None and not _only_prints(earlier.run.value):
            return True
        if earlier.uses is not None and not earlier.uses.action.startswith(_HARMLESS):
            return True
    return False


def _only_prints(script: str) -> bool:
    words = ("echo ", "docker login", "docker info", "#", "set -")
    return all(line.strip().startswith(words) or not line.strip() for line in script.splitlines())


def _place(build: Build, name: str) -> Location | None:
    entry = build.step.input_entry(name) if build.step else None
    return Location(build.text, entry.value.span) if entry else None


def _missing_folder(build: Build, folder: str) -> Iterator[Finding]:
    place = _place(build, "context")
    if place is not None:
        yield Finding(
            message=f"The repository has no folder {code(folder)}.",
            consequence="The build stops on every run: its context does not exist.",
            location=place,
        )


def _missing_file(repo: Repository, build: Build, path: str) -> Iterator[Finding]:
    place = _place(build, "file") or _place(build, "context") or build.location
    yield Finding(
        message=f"The repository has no {code(path)}.",
        consequence="The build stops on every run: “failed to read dockerfile: open … no such file or directory”.",
        location=place,
        fixes=_moved(repo, build, path),
    )


def _moved(repo: Repository, build: Build, path: str) -> tuple[Fix, ...]:
    """The one file of the same name that lies in the context."""
    written = build.step.input("file") if build.step else None
    inside = "" if build.context in (GIT_CONTEXT, "") else f"{build.context}/"
    name = posixpath.basename(path)
    found = [one for one in repo.paths_named(name) if one.startswith(inside)]
    if len(found) != 1 or not isinstance(written, Scalar) or "${{" in written.value:
        return ()
    return offer(
        f"name {found[0]}",
        Applicability.UNSAFE,
        replace_value(written, found[0]),
        caution=f"Is {code(found[0])} the Dockerfile of this image?",
    )


def _missing_stage(build: Build, dockerfile: Dockerfile) -> Iterator[Finding]:
    target = build.target.literal if build.target else None
    place = _place(build, "target")
    if not target or place is None or target.isdecimal() or dockerfile.source.stage_named(target) is not None:
        return
    names = [stage.name for stage in dockerfile.stages if stage.name]
    shown = ", ".join(map(code, names[:5])) or "none with a name"
    yield Finding(
        message=f"{code(dockerfile.path)} has no stage {code(target)}.",
        consequence=f"The build stops on every run: “target stage … could not be found”. Its stages are {shown}.",
        location=place,
        related=(dockerfile.location(dockerfile.final.instruction.span, "is the last stage that there is"),),
    )
