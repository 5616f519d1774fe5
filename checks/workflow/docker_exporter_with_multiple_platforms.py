"""Docker exporter is asked for more than one platform

`outputs: type=docker,dest=image.tar` writes the archive that `docker save` writes, and that format holds one
image. With two platforms the result is a manifest list, and BuildKit stops: "docker exporter does not
support exporting manifest lists, use the oci exporter instead". It does so with every driver and every
image store, on each run.

Where the archive is scanned or loaded in the same job, one platform is what the rest of the job can use:
build the runner's own. To scan the others, build each in a leg of a matrix, or scan the pushed digest.
The OCI exporter takes several platforms, but `docker load` refuses its archive on the hosted runners.

A target of a bake file counts with what it inherits. Without `dest` the image goes to the daemon, which may
hold several platforms: that is another check's.

The check is silent for one platform, for platforms that are not known, for other exporters, for Depot's builds,
which have a builder for each architecture, and of bake files
where another file may add to the target, where it is only there for others to inherit from, and where a
command sets outputs or platforms itself.

References:

- https://github.com/moby/buildkit/blob/master/exporter/oci/export.go
- https://docs.docker.com/build/exporters/oci-docker/
- https://docs.docker.com/build/bake/reference/#targetoutput
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
    Location,
    Repository,
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.build.bake import BakeTarget
from checks.facts.build.bake_runs import overridden
from checks.facts.build.builds import Build, Output
from checks.facts.tree import Scalar, replace_value, replace_value_of

check = Check(
    id="docker-exporter-with-multiple-platforms",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW, Kind.ACTION, Kind.BAKE),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
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
      - uses: depot/build-push-action@v1
        with:
          platforms: linux/amd64,linux/arm64
          outputs: type=docker,dest=/tmp/web.tar
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
        Example(
            title="a composite action, by a command",
            files="""\
-- build/action.yml --
runs:
  using: composite
  steps:
    - shell: bash
      run: docker buildx build --platform linux/amd64,linux/arm64 -o type=docker,dest=web.tar .
""",
            at="type=docker,dest=web.tar",
        ),
        Example(
            title="a bake target that writes an archive of two platforms",
            files="""\
-- docker-bake.hcl --
variable "DESTDIR" {
  default = "./build"
}

target "web" {
  platforms = ["linux/amd64", "linux/arm64"]
  output    = ["type=docker,dest=${DESTDIR}/web.tar"]
}
-- Dockerfile --
FROM alpine:3.24
USER 1000
""",
            at="type=docker,dest=${DESTDIR}/web.tar",
            fixed="""\
-- docker-bake.hcl --
variable "DESTDIR" {
  default = "./build"
}

target "web" {
  platforms = ["linux/amd64"]
  output    = ["type=docker,dest=${DESTDIR}/web.tar"]
}
""",
        ),
        Example(
            title="a bake target that inherits its platforms, and an exporter written as an object",
            files="""\
-- docker-bake.hcl --
group "default" {
  targets = ["web"]
}

target "_cross" {
  platforms = ["linux/amd64", "linux/arm64"]
}

target "web" {
  inherits = ["_cross"]
  output   = [{ type = "docker", dest = "web.tar" }]
}
-- Dockerfile --
FROM alpine:3.24
USER 1000
""",
            at='{ type = "docker", dest = "web.tar" }',
        ),
        Example(
            title="bake targets for the daemon, for one platform, with another exporter, computed, never built so",
            files="""\
-- docker-bake.hcl --
variable "PLATFORMS" {
  default = ["linux/amd64", "linux/arm64"]
}

target "loaded" {
  platforms = ["linux/amd64", "linux/arm64"]
  output    = ["type=docker"]
}

target "archive" {
  output = ["type=docker,dest=web.tar"]
}

target "one" {
  inherits  = ["archive"]
  platforms = ["linux/amd64", "linux/amd64"]
}

target "computed" {
  inherits  = ["archive"]
  platforms = PLATFORMS
}

target "oci" {
  inherits  = ["archive"]
  platforms = ["linux/amd64", "linux/arm64"]
  output    = ["type=oci,dest=web.tar", "type=docker,dest=web,tar=false"]
}

target "perhaps-loaded" {
  platforms = ["linux/amd64", "linux/arm64"]
  output    = ["type=docker,dest=${PLATFORMS[0]}"]
}

target "_template" {
  platforms = ["linux/amd64", "linux/arm64"]
  output    = ["type=docker,dest=web.tar"]
}

target "from-template" {
  inherits = ["_template"]
  output   = ["type=image,push=true"]
}
-- Dockerfile --
FROM alpine:3.24
USER 1000
""",
        ),
        Example(
            title="each job bakes one of the platforms",
            files="""\
-- docker-bake.hcl --
target "web" {
  platforms = ["linux/amd64", "linux/arm64"]
  output    = ["type=docker,dest=web.tar"]
}
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        platform: [linux/amd64, linux/arm64]
    steps:
      - uses: docker/bake-action@v7
        with:
          targets: web
          set: |
            *.platform=${{ matrix.platform }}
-- Dockerfile --
FROM alpine:3.24
USER 1000
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for build in repo.builds:
        platforms = build.platforms
        if build.step is None or platforms is None or len(platforms) < 2 or build.is_by_depot:
            continue
        for output in build.outputs or ():
            if _writes_archive(output):
                yield _finding(build, output, platforms)
    baked = [finding for target in repo.bake_targets if target.is_built for finding in _of_target(target)]
    if baked and not overridden("output", (*repo.automation, *repo.texts(Kind.MAKEFILE))):
        yield from baked


def _writes_archive(output: Output) -> bool:
    """Whether it is the docker exporter with a file; `tar=false` makes a folder, as an OCI layout where that goes."""
    dest, tar = output.attributes.get("dest"), output.attributes.get("tar")
    is_named = dest is not None and any(isinstance(part, str) for part in dest.parts)
    return output.type == "docker" and is_named and (tar is None or tar.literal == "true")


def _finding(build: Build, output: Output, platforms: tuple[str, ...]) -> Finding:
    text = build.text
    outputs, written = build.outputs_entry, build.platforms_entry
    value = written.value if written else None
    return _told(
        output,
        platforms,
        Location(text, outputs.span) if outputs else output.location,
        Location(text, written.span, f"asks for {len(platforms)} platforms") if written else None,
        replace_value(value, platforms[0]) if isinstance(value, Scalar) else None,
        "step",
    )


def _of_target(target: BakeTarget) -> Iterator[Finding]:
    platforms, written = target.platforms, target.attribute("platforms")
    if platforms is None or len(platforms) <= 1 or written is None or target.attribute("call"):
        return
    one = replace_value_of(written, f'["{platforms[0]}"]') if target.is_own(written) else None
    place = Location(written.text, written.span, f"asks for {len(platforms)} platforms")
    for output in target.outputs or ():
        if _writes_archive(output):
            yield _told(output, platforms, output.location, place, one, "target")


def _told(
    output: Output,
    platforms: tuple[str, ...],
    location: Location,
    asked: Location | None,
    one: Edit | None,
    part: str,
) -> Finding:
    first = platforms[0]
    return Finding(
        message=f"{code(output.text)} asks the docker exporter for {len(platforms)} platforms.",
        consequence=(
            f"The {part} fails on every run: “docker exporter does not support exporting manifest lists, "
            "use the oci exporter instead”."
        ),
        location=location,
        related=(asked,) if asked else (),
        fixes=offer(
            f"build {code(first)} alone in this {part}",
            Applicability.UNSAFE,
            one,
            caution=f"What this {part} writes is then {code(first)} alone: is another platform scanned or pushed elsewhere?",
        ),
    )
