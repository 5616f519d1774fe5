"""Several platforms are to be loaded into a daemon that holds one

`load: true` (or `--load`, or the docker exporter without a file) hands the image to the Docker daemon of the
runner. On GitHub's Ubuntu 22.04 and 24.04 runners the daemon keeps images in its classic store, which holds
one platform, and the build stops: "docker exporter does not currently support exporting manifest lists".

Load the runner's own platform and build the others where they are pushed.

The check is silent on runners whose daemon keeps images in containerd's store, on runners that we don't know,
where a step configures the daemon, for Depot's builds, of which the runner's platform is loaded, and where the
platforms are not known.

References:

- https://docs.docker.com/build/building/multi-platform/
- https://docs.docker.com/engine/storage/containerd/
- https://github.com/docker/buildx/blob/master/build/opt.go
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
from checks.facts.build.builds import Build
from checks.facts.tree import Scalar, replace_value
from checks.facts.workflow.runners import has_containerd_store

check = Check(
    id="load-with-multiple-platforms",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW,),
    fix=Applicability.UNSAFE,
    tags=("build", "buildkit"),
    examples=(
        Example(
            title="load on a runner with Docker 28",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with:
          platforms: linux/amd64,linux/arm64
          load: true
          tags: web:ci
""",
            at="platforms: linux/amd64,linux/arm64",
            fixed="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with:
          platforms: linux/amd64
          load: true
          tags: web:ci
""",
        ),
        Example(
            title="a command, and the exporter without a file",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker buildx build --platform linux/amd64,linux/arm64 --load -t web:ci .
      - run: docker buildx build --platform linux/amd64,linux/arm64 -o type=docker -t web:ci .
""",
            at=(
                "docker buildx build --platform linux/amd64,linux/arm64 --load -t web:ci .",
                "docker buildx build --platform linux/amd64,linux/arm64 -o type=docker -t web:ci .",
            ),
        ),
        Example(
            title="containerd's store, another runner, Depot, one platform, an archive, unknown platforms, no load",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  store:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/setup-docker-action@v4
        with:
          daemon-config: '{"features": {"containerd-snapshotter": true}}'
      - uses: docker/build-push-action@v7
        with: {platforms: 'linux/amd64,linux/arm64', load: true}
  newer:
    runs-on: ubuntu-26.04
    steps:
      - uses: docker/build-push-action@v7
        with: {platforms: 'linux/amd64,linux/arm64', load: true}
  own:
    runs-on: [self-hosted, linux]
    steps:
      - uses: docker/build-push-action@v7
        with: {platforms: 'linux/amd64,linux/arm64', load: true}
  others:
    runs-on: ubuntu-24.04
    steps:
      - uses: depot/build-push-action@v1
        with: {platforms: 'linux/amd64,linux/arm64', load: true}
      - run: depot build --platform linux/amd64,linux/arm64 --load -t web:ci .
      - uses: docker/build-push-action@v7
        with: {platforms: linux/arm64, load: true}
      - uses: docker/build-push-action@v7
        with: {platforms: 'linux/amd64,linux/arm64', outputs: 'type=oci,dest=web.tar'}
      - uses: docker/build-push-action@v7
        with: {platforms: '${{ inputs.platforms }}', load: true}
      - uses: docker/build-push-action@v7
        with: {platforms: 'linux/amd64,linux/arm64', push: true}
      - uses: docker/build-push-action@v7
        with: {platforms: 'linux/amd64,linux/arm64', load: '${{ github.event_name == ''pull_request'' }}'}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for build in repo.builds:
        platforms = build.platforms
        if platforms is None or len(platforms) < 2 or build.is_by_depot or not _loads(build):
            continue
        job = build.step.job if build.step else None
        if job is not None and has_containerd_store(job) is False:
            yield _finding(build, platforms)


def _loads(build: Build) -> bool:
    """Whether it asks for the daemon's store, whatever else."""
    if build.loads is True and build.arguments is not None:
        return build.arguments.has("load") is True
    exported = any(one.type == "docker" and "dest" not in one.attributes for one in build.outputs or ())
    return build.loads is True or exported


def _finding(build: Build, platforms: tuple[str, ...]) -> Finding:
    written = build.platforms_entry
    value = written.value if written else None
    runner = build.step.job.runs_on[0] if build.step and build.step.job else ""
    return Finding(
        message=f"{len(platforms)} platforms are to be loaded into the daemon of {code(runner)}, which holds one.",
        consequence="The step fails on every run: “docker exporter does not currently support exporting manifest lists”.",
        location=Location(build.text, written.span) if written else build.location,
        fixes=offer(
            f"build {code(platforms[0])} alone in this step",
            Applicability.UNSAFE,
            replace_value(value, platforms[0]),
            caution=f"Is {code(platforms[0])} the platform that the rest of the job runs?",
        )
        if isinstance(value, Scalar)
        else (),
    )
