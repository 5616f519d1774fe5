"""Several platforms are built in the builder of the daemon

The builder that belongs to the Docker daemon makes one platform where the daemon keeps its images in the
classic store, as on GitHub's Ubuntu 22.04 and 24.04 runners. With two the build stops: "Multi-platform build
is not supported for the docker driver".

Set up a builder in a container with `docker/setup-buildx-action` before the build. Such a builder leaves its
images out of the daemon: a later step that runs or scans the image needs `load: true`.

The check is silent on runners that we don't know or whose daemon has containerd's store, where a script or an
action that we don't know may set a builder up, and where the platforms are not known.

References:

- https://docs.docker.com/build/builders/drivers/
- https://docs.docker.com/build/building/multi-platform/
- https://github.com/docker/setup-buildx-action
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
    Example,
    Finding,
    Kind,
    Location,
    Repository,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.build.builders import has_only_the_daemons_builder, with_own_builder
from checks.facts.build.builds import Build

check = Check(
    id="multi-platform-without-buildx",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW,),
    fix=Applicability.SAFE,
    tags=("build", "buildkit"),
    examples=(
        Example(
            title="two platforms, no builder",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
      - uses: docker/build-push-action@c3c9e263c25d99ce0380d002d59b67737d91b0dc # v7.4.0
        with:
          context: .
          push: true
          platforms: linux/amd64,linux/arm64
          tags: ghcr.io/acme/web:1
""",
            at="platforms: linux/amd64,linux/arm64",
            fixed="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
      - uses: docker/setup-buildx-action@f87e5991a6d7451dcb8d9637bfbc97413f497069 # v4.4.1
      - uses: docker/build-push-action@c3c9e263c25d99ce0380d002d59b67737d91b0dc # v7.4.0
        with:
          context: .
          push: true
          platforms: linux/amd64,linux/arm64
          tags: ghcr.io/acme/web:1
""",
        ),
        Example(
            title="a builder is set up, or may be; another runner; one platform",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  action:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with: {push: true, platforms: 'linux/amd64,linux/arm64'}
  script:
    runs-on: ubuntu-24.04
    steps:
      - run: docker buildx create --use
      - uses: docker/build-push-action@v7
        with: {push: true, platforms: 'linux/amd64,linux/arm64'}
  local:
    runs-on: ubuntu-24.04
    steps:
      - uses: ./.github/actions/prepare
      - uses: docker/build-push-action@v7
        with: {push: true, platforms: 'linux/amd64,linux/arm64'}
  newer:
    runs-on: ubuntu-26.04
    steps:
      - uses: docker/build-push-action@v7
        with: {push: true, platforms: 'linux/amd64,linux/arm64'}
  own:
    runs-on: self-hosted
    steps:
      - uses: docker/build-push-action@v7
        with: {push: true, platforms: 'linux/amd64,linux/arm64'}
  other:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/build-push-action@v7
        with: {push: true, platforms: linux/amd64}
      - uses: docker/build-push-action@v7
        with: {push: true, platforms: '${{ inputs.x }}'}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for build in repo.builds:
        written = build.platforms_entry
        several = build.platforms is not None and len(build.platforms) > 1
        if several and written is not None and has_only_the_daemons_builder(build):
            yield _finding(build, Location(build.text, written.span))


def _finding(build: Build, place: Location) -> Finding:
    runner = build.step.job.runs_on[0] if build.step and build.step.job else ""
    return Finding(
        message=f"{code(place.fragment)} is asked of the builder of the daemon of {code(runner)}, which can't do it.",
        consequence="The step fails on every run: “Multi-platform build is not supported for the docker driver”.",
        location=place,
        related=(Location(build.text, build.location.span, "runs without a builder of its own"),),
        fixes=offer("set up a builder", Applicability.SAFE, with_own_builder(build)),
    )
