"""Docker exporter is asked for more than one platform

`outputs: type=docker,dest=image.tar` writes the archive that `docker save` writes, and that format holds one
image. With two platforms the result is a manifest list, and BuildKit stops: "docker exporter does not
support exporting manifest lists, use the oci exporter instead". It does so with every builder and every
image store, on each run.

Where the archive is scanned or loaded in the same job, one platform is what the rest of the job can use:
build the runner's own. To scan the others, build each in a leg of a matrix, or scan the pushed digest.
The OCI exporter takes several platforms, but `docker load` refuses its archive on the hosted runners.

The check is silent for one platform, for platforms that are not known, and for other exporters.

References:

- https://github.com/moby/buildkit/blob/master/exporter/oci/export.go
- https://docs.docker.com/build/exporters/oci-docker/
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
from checks.facts.builds import Build, Output
from checks.facts.tree import Scalar, replace_value

check = Check(
    id="docker-exporter-with-multiple-platforms",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW,),
    fix=Applicability.UNSAFE,
    tags=("build", "buildkit"),
    examples=(
        Example(
            title="an archive of two platforms, to be scanned",
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
          platforms: linux/amd64,linux/arm64
          outputs: type=docker,dest=/tmp/web.tar
      - run: docker load -i /tmp/web.tar
""",
            at="outputs: type=docker,dest=/tmp/web.tar",
            fixed="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          platforms: linux/amd64
          outputs: type=docker,dest=/tmp/web.tar
      - run: docker load -i /tmp/web.tar
""",
        ),
        Example(
            title="platforms from the environment, one a line; the value is not changed in passing",
            files="""\
-- .github/workflows/build.yml --
on: push
env:
  PLATFORMS: linux/amd64,linux/arm64
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          platforms: ${{ env.PLATFORMS }}
          outputs: |
            type=docker,dest=${{ runner.temp }}/web.tar
""",
            at="""\
outputs: |
            type=docker,dest=${{ runner.temp }}/web.tar""",
            fixed="""\
-- .github/workflows/build.yml --
on: push
env:
  PLATFORMS: linux/amd64,linux/arm64
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          platforms: linux/amd64
          outputs: |
            type=docker,dest=${{ runner.temp }}/web.tar
""",
        ),
        Example(
            title="one platform in each leg, another exporter, unknown platforms, no archive",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  legs:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        platform: [linux/amd64, linux/arm64]
    steps:
      - uses: docker/build-push-action@v7
        with:
          platforms: ${{ matrix.platform }}
          outputs: type=docker,dest=/tmp/web.tar
  others:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          platforms: linux/amd64,linux/arm64
          outputs: type=oci,dest=/tmp/web.tar
      - uses: docker/build-push-action@v7
        with:
          platforms: ${{ inputs.platforms }}
          outputs: type=docker,dest=/tmp/web.tar
      - uses: docker/build-push-action@v7
        with:
          outputs: type=docker,dest=/tmp/web.tar
      - uses: docker/build-push-action@v7
        with:
          platforms: linux/amd64,linux/amd64
          outputs: type=docker,dest=/tmp/web.tar
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for build in repo.builds:
        if build.platforms is not None and len(build.platforms) > 1:
            for output in build.outputs or ():
                if output.type == "docker" and "dest" in output.attributes:
                    yield _finding(build, output, build.platforms)


def _finding(build: Build, output: Output, platforms: tuple[str, ...]) -> Finding:
    text = build.text
    outputs, written = build.outputs_entry, build.platforms_entry
    related = (Location(text, written.span, f"asks for {len(platforms)} platforms"),) if written else ()
    one = platforms[0]
    value = written.value if written else None
    return Finding(
        message=f"{code(output.text)} asks the docker exporter for {len(platforms)} platforms.",
        consequence=(
            "The step fails on every run: “docker exporter does not support exporting manifest lists, "
            "use the oci exporter instead”."
        ),
        location=Location(text, outputs.span) if outputs else output.location,
        related=related,
        fixes=offer(
            f"build {code(one)} alone in this step",
            Applicability.UNSAFE,
            replace_value(value, one) if isinstance(value, Scalar) else None,
            caution=f"What this step writes is then {code(one)} alone: is another platform scanned or pushed elsewhere?",
        ),
    )
