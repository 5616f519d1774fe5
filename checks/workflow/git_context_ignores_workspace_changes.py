"""Build ignores what earlier steps wrote

Without `context:`, docker/build-push-action builds the repository at its commit: BuildKit fetches it by
itself, and the runner's workspace plays no part. What earlier steps of the job wrote there is not in the
build. A file that the repository has goes in as it was committed; one that it does not have ends the build
with "not found".

Say `context: .`, and check the repository out in the job.

The check speaks of paths that a step certainly writes (a redirection, `sed -i`, a downloaded artifact) and
that the Dockerfile copies by name, or that are committed and copied with everything else. It is silent for a
step with a condition, a path outside of the workspace and a Dockerfile that is not known, and for what the
repository lacks in a folder that is copied with other files: the Dockerfile may make it.

References:

- https://github.com/docker/build-push-action#git-context
- https://github.com/docker/build-push-action#path-context
"""

from __future__ import annotations

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
from checks.facts.build.build_push import is_default_context
from checks.facts.build.builds import BUILD_PUSH, GIT_CONTEXT, Build, has_other_files
from checks.facts.dockerfile.dockerfiles import Dockerfile
from checks.facts.tree import Edit, append_entry, insert_before, replace_value
from checks.facts.workflow.workflows import Step
from checks.facts.workflow.written_paths import Written, written_paths
from checks.record import Record

check = Check(
    id="git-context-ignores-workspace-changes",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW, Kind.DOCKERFILE),
    fix=Applicability.SAFE,
    scope=Scope.REPOSITORY,
    tags=("build", "context"),
    examples=(
        Example(
            title="the version is written into a file that is committed",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - run: echo "${{ github.sha }}" > version.txt
      - uses: docker/build-push-action@v7
        with:
          tags: web:test
-- Dockerfile --
FROM alpine:3.24
COPY version.txt server /app/
USER 1000
""",
            paths=("version.txt", "server"),
            at="docker/build-push-action@v7",
            fixed="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - run: echo "${{ github.sha }}" > version.txt
      - uses: docker/build-push-action@v7
        with:
          context: .
          tags: web:test
""",
        ),
        Example(
            title="a committed file that is copied with everything else",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - run: sed -i 's/dev/1.0/' version.txt
      - uses: docker/build-push-action@v7
-- Dockerfile --
FROM alpine:3.24
COPY . /app
USER 1000
""",
            paths=("version.txt",),
            at="docker/build-push-action@v7",
            fixed="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - run: sed -i 's/dev/1.0/' version.txt
      - uses: docker/build-push-action@v7
        with:
          context: .
""",
        ),
        Example(
            title="an artifact that the repository does not have, in a job without a checkout",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/download-artifact@v5
        with: {name: site, path: dist}
      - uses: docker/build-push-action@v7
        with: {context: '{{defaultContext}}', tags: 'web:test'}
-- Dockerfile --
FROM nginx:1.29
COPY dist/ /usr/share/nginx/html/
USER 101
""",
            at="docker/build-push-action@v7",
            fixed="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/download-artifact@v5
        with: {name: site, path: dist}
      - uses: docker/build-push-action@v7
        with: {context: '.', tags: 'web:test'}
""",
        ),
        Example(
            title="the first version of the action, which builds the workspace",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - run: echo "${{ github.sha }}" > version.txt
      - uses: docker/build-push-action@v1
        with: {repository: acme/web, tags: test}
-- Dockerfile --
FROM alpine:3.24
COPY version.txt /app/
USER 1000
""",
            paths=("version.txt",),
        ),
        Example(
            title="the workspace is the context, the files are elsewhere or not copied, the step may not run",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - run: echo "${{ github.sha }}" > version.txt
      - uses: docker/build-push-action@v7
        with: {context: .}
  other:
    runs-on: ubuntu-latest
    steps:
      - run: |
          echo one > /tmp/version.txt
          echo two > report.txt
          echo three > $RUNNER_TEMP/version.txt
          echo four >> "$GITHUB_OUTPUT"
      - run: cd docs && echo five > version.txt
      - run: echo six > version.txt
        if: github.event_name == 'release'
      - uses: actions/download-artifact@v5
        with: {path: /tmp/digests}
      - uses: docker/build-push-action@v7
      - run: echo seven > version.txt
-- Dockerfile --
FROM alpine:3.24
COPY . /app
USER 1000
""",
            paths=("version.txt",),
        ),
        Example(
            title="a folder is copied, of which the repository lacks what the step writes: the Dockerfile makes it",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/download-artifact@v5
        with: {name: site, path: server/public}
      - uses: docker/build-push-action@v7
-- Dockerfile --
FROM node:24 AS site
COPY site /site
RUN cd /site && npm ci && npm run build

FROM alpine:3.24
COPY server /app
COPY --from=site /site/dist /app/public
USER 1000
""",
            paths=("server/main.sh", "site/package.json", "site/package-lock.json"),
        ),
        Example(
            title="an ignore file may keep the file out of the build",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - run: sed -i 's/latest/1.0/' README.md
      - uses: docker/build-push-action@v7
-- Dockerfile --
FROM alpine:3.24
COPY . /app
USER 1000
-- .dockerignore --
*.md
""",
            paths=("README.md",),
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    files = {one.path: one for one in repo.dockerfiles}
    seen: set[Step] = set()
    for build in repo.builds:
        step = build.step
        if step is None or step.job is None or step in seen or build.context != GIT_CONTEXT:
            continue
        if build.target != "" or not _is_default(step) or has_other_files(step):
            continue
        dockerfile = files.get(build.dockerfile or "")
        found = next(_changes(repo, step, dockerfile), None) if dockerfile else None
        if dockerfile and found:
            seen.add(step)
            yield _finding(repo, build, step, *found)


def _is_default(step: Step) -> bool:
    """Whether the context is that of the event; no other context of the step reads the workspace."""
    written = step.input("context")
    is_default = written is None or not written.value or is_default_context(written.value)
    return step.uses_action(BUILD_PUSH) and is_default and step.input_entry("build-contexts") is None


def _changes(repo: Repository, step: Step, dockerfile: Dockerfile) -> Iterator[tuple[Written, Copied]]:
    """What earlier steps write of what the Dockerfile copies, with the word that copies it."""
    for earlier in step.earlier:
        for written in written_paths(earlier, repo.invocations, repo.outside.slug):
            place = _copy_of(repo, dockerfile, written.path)
            if place is not None:
                yield written, place


class Copied(Record):
    """A word that copies a path."""

    location: Location
    with_all: bool
    """It copies all of the context."""


def _copy_of(repo: Repository, dockerfile: Dockerfile, path: str) -> Copied | None:
    is_committed = path in repo.snapshot.paths
    has_ignore_file = any(one.endswith(".dockerignore") for one in repo.snapshot.paths)
    for copy in dockerfile.copies:
        for source in copy.sources if copy.stage in dockerfile.built else ():
            if source.path is None or (source.path == "" and (has_ignore_file or not is_committed)):
                continue
            prefix = source.path.partition("*")[0].rstrip("/")
            holds = path == prefix or f"{path}/".startswith(f"{prefix}/") or source.path == ""
            if holds and not is_committed and _is_copied_without(repo, source.path, path):
                continue
            if holds or (prefix and prefix.startswith(f"{path}/")):
                place = dockerfile.location(source.word.span, f"copies {code(path)} from the commit")
                return Copied(place, not source.path)
    return None


def _is_copied_without(repo: Repository, source: str, path: str) -> bool:
    """Whether a copy of a folder goes on with other files that are committed there, where it lacks a path.

    The Dockerfile may make that by itself.
    """
    committed = repo.snapshot.paths
    return (
        source.rstrip("/") != path
        and any(one.startswith(f"{source.rstrip('/')}/") for one in committed)
        and not any(one.startswith(f"{path}/") for one in committed)
    )


def _finding(repo: Repository, build: Build, step: Step, written: Written, copied: Copied) -> Finding:
    known = written.path in repo.snapshot.paths
    place = written.location
    return Finding(
        message=f"This build takes the repository at its commit, without the {code(written.path)} of an earlier step.",
        consequence=(
            f"The image holds {code(written.path)} as it is committed, and nothing says so."
            if known
            else f"What the Dockerfile copies from {code(written.path)} is that of the commit, if there is any: else the build fails."
        ),
        location=build.location,
        related=(Location(place.text, place.span, f"writes {code(written.path)}"), copied.location),
        fixes=_context(step, copied),
    )


def _context(step: Step, copied: Copied) -> tuple[Fix, ...]:
    if step.job is None:
        return ()
    caution = ""
    if not any(one.uses_action("actions/checkout") for one in step.earlier):
        caution = "Does the job need a step with `actions/checkout` now, for the Dockerfile and all else that it copies?"
    elif copied.with_all:
        caution = "The workspace has `.git` and what every step leaves there: does a `.dockerignore` keep them out of the image?"
    how = Applicability.UNSAFE if caution else Applicability.SAFE
    return offer("build the workspace", how, _edit(step), caution=caution)


def _edit(step: Step) -> Edit | None:
    written = step.input("context")
    if written is not None:
        return replace_value(written, ".")
    if step.inputs is None:
        return append_entry(step.node, "with: {context: .}" if step.node.flow else "with:\n  context: .")
    if step.inputs.entries:
        return insert_before(step.inputs, step.inputs.entries[0], "context: .")
    return append_entry(step.inputs, "context: .")
