"""Scan covers one of the image's architectures

An image with several platforms is an index of images, each with packages of its own. A scanner that is not
told a platform reads one of them: Trivy and Grype take `linux/amd64` from a registry, or what the daemon has.
The others go out unseen, with what only they hold: packages that are fixed later, binaries that are
downloaded for that architecture.

Scan once for each platform: a matrix with `TRIVY_PLATFORM` (or `--platform`), or a step for each. Of what is
loaded into the daemon, which has one platform under a name, load and scan each in turn.

The check is silent where the platforms or the scanner's platform are not known, where all platforms are
scanned by several steps or legs together, and where scans of other jobs may cover the rest. It is a note
where the image is built from nothing, without packages of a distribution; it is silent where nothing is downloaded
for an architecture then, as for one source that a stage of the builder's own platform compiles for each.

References:

- https://trivy.dev/latest/docs/target/container_image/#platform
- https://github.com/aquasecurity/trivy/issues/4253
- https://docs.docker.com/build/building/multi-platform/
- https://github.com/anchore/grype#supported-sources
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator

from checks.check import (
    Applicability,
    Check,
    Edit,
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
from checks.facts.build.builds import Build
from checks.facts.dockerfile.dockerfiles import Dockerfile, Instruction, Stage
from checks.facts.image.image_flow import refers_to
from checks.facts.scan.scans import TRIVY_ACTION, Scan, Target
from checks.facts.tree import Mapping, append_entry, insert_before
from checks.facts.workflow.job_order import comes_before
from checks.facts.workflow.step_edits import as_used_or_pinned, insert_step_after
from checks.facts.workflow.workflows import Step
from checks.record import Record
from checks.regex import regex

_DEFAULT = "linux/amd64"
_FETCHES = regex(
    r"\b(?:curl|wget|git|aria2c|apk|apt|apt-get|dnf|microdnf|yum|zypper|pip3?|uv|npm|pnpm|yarn)\b|https?://"
)
"""What may get something else for each architecture."""
_OF_BUILDER = regex(r"\$(?:BUILDPLATFORM|\{BUILDPLATFORM\})")
_OF_TARGET = regex(r"TARGET|arch", re.IGNORECASE)
"""In what is not the same for all platforms."""
_TARGET = regex(r"\bTARGET(?:ARCH|OS|PLATFORM|VARIANT)\b")
_TO_FILE = regex(r"(?<![\d>])>>?(?!>)\s*(?!&|/dev/)\S")

_FETCHED = """\
-- .github/workflows/%(name)s.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - run: docker buildx build --platform linux/amd64,linux/arm64 --push -t ghcr.io/acme/%(name)s:1.2 %(name)s
      - run: trivy image --exit-code 1 ghcr.io/acme/%(name)s:1.2
-- %(name)s/Dockerfile --
FROM --platform=$BUILDPLATFORM alpine:3.24 AS base
ARG TARGETARCH
%(kept)s
FROM base AS build
RUN wget -O /web https://acme.example/%(kind)s/web
FROM scratch
COPY --from=build /web /web
USER 65532
ENTRYPOINT ["/web"]
"""

check = Check(
    id="scan-covers-one-architecture",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("scan", "multi-platform", "security"),
    security_severity=4.0,
    examples=(
        Example(
            title="two platforms are pushed, one is scanned",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/setup-buildx-action@v4
      - id: build
        uses: docker/build-push-action@v7
        with:
          platforms: linux/amd64,linux/arm64
          push: true
          tags: ghcr.io/acme/web:1.2
      - uses: aquasecurity/trivy-action@v0.36.0
        with:
          image-ref: ghcr.io/acme/web@${{ steps.build.outputs.digest }}
          exit-code: '1'
""",
            at="aquasecurity/trivy-action@v0.36.0",
            fixed="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/setup-buildx-action@v4
      - id: build
        uses: docker/build-push-action@v7
        with:
          platforms: linux/amd64,linux/arm64
          push: true
          tags: ghcr.io/acme/web:1.2
      - env:
          TRIVY_PLATFORM: linux/amd64
        uses: aquasecurity/trivy-action@v0.36.0
        with:
          image-ref: ghcr.io/acme/web@${{ steps.build.outputs.digest }}
          exit-code: '1'
      - env:
          TRIVY_PLATFORM: linux/arm64
        uses: aquasecurity/trivy-action@ed142fd0673e97e23eac54620cfb913e5ce36c25 # v0.36.0
        with:
          image-ref: ghcr.io/acme/web@${{ steps.build.outputs.digest }}
          exit-code: '1'
""",
        ),
        Example(
            title="the build that is scanned, and another one of the same image under another name",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  edge:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with:
          platforms: linux/amd64,linux/arm64
          push: true
          tags: ghcr.io/acme/web:edge
      - uses: aquasecurity/trivy-action@v0.36.0
        with:
          image-ref: ghcr.io/acme/web:edge
          exit-code: '1'
  release:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with:
          platforms: linux/amd64,linux/arm64
          push: true
          tags: ghcr.io/acme/web:1.2
""",
            at="aquasecurity/trivy-action@v0.36.0",
            fixed="""\
-- .github/workflows/build.yml --
on: push
jobs:
  edge:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with:
          platforms: linux/amd64,linux/arm64
          push: true
          tags: ghcr.io/acme/web:edge
      - env:
          TRIVY_PLATFORM: linux/amd64
        uses: aquasecurity/trivy-action@v0.36.0
        with:
          image-ref: ghcr.io/acme/web:edge
          exit-code: '1'
      - env:
          TRIVY_PLATFORM: linux/arm64
        uses: aquasecurity/trivy-action@ed142fd0673e97e23eac54620cfb913e5ce36c25 # v0.36.0
        with:
          image-ref: ghcr.io/acme/web:edge
          exit-code: '1'
  release:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with:
          platforms: linux/amd64,linux/arm64
          push: true
          tags: ghcr.io/acme/web:1.2
""",
        ),
        Example(
            title="a command, and a platform that is named alone",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - run: docker buildx build --platform linux/amd64,linux/arm64 --push -t ghcr.io/acme/web:1.2 .
      - run: trivy image --platform linux/arm64 --exit-code 1 ghcr.io/acme/web:1.2
""",
            at="trivy image --platform linux/arm64 --exit-code 1 ghcr.io/acme/web:1.2",
        ),
        Example(
            title="the image that is scanned was loaded for it; both platforms are pushed",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., load: true, tags: 'web:ci'}
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: 'web:ci', exit-code: '1'}
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, platforms: 'linux/amd64,linux/arm64', tags: 'ghcr.io/acme/web:1'}
""",
            at="aquasecurity/trivy-action@v0.36.0",
        ),
        Example(
            title="loaded under the name that is pushed before the scan: the daemon's is read",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with: {context: ., load: true, platforms: linux/amd64, tags: 'ghcr.io/acme/web:1.2'}
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, platforms: 'linux/amd64,linux/arm64', tags: 'ghcr.io/acme/web:1.2'}
      - uses: aquasecurity/trivy-action@v0.36.0
        with:
          image-ref: ghcr.io/acme/web:1.2
          exit-code: '1'
""",
            at="aquasecurity/trivy-action@v0.36.0",
        ),
        Example(
            title="the image that is scanned was loaded for it, under the name that is pushed later: the daemon has no other platform",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with: {context: ., load: true, platforms: linux/amd64, tags: 'ghcr.io/acme/web:1.2'}
      - uses: aquasecurity/trivy-action@v0.36.0
        with:
          image-ref: ghcr.io/acme/web:1.2
          exit-code: '1'
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, platforms: 'linux/amd64,linux/arm64', tags: 'ghcr.io/acme/web:1.2'}
""",
            at="aquasecurity/trivy-action@v0.36.0",
        ),
        Example(
            title="an image from nothing that downloads its parts, and one that only compiles its source",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - run: docker buildx build --platform linux/amd64,linux/arm64 --push -t ghcr.io/acme/web:1.2 .
      - run: trivy image --exit-code 1 ghcr.io/acme/web:1.2
      - run: docker buildx build --platform linux/amd64,linux/arm64 --push -t ghcr.io/acme/api:1.2 api
      - run: trivy image --exit-code 1 ghcr.io/acme/api:1.2
-- Dockerfile --
FROM --platform=$BUILDPLATFORM golang:1.27 AS build
ARG TARGETARCH
RUN curl -fsSLo /lists https://lists.example/1.4/$TARGETARCH
COPY main.go .
RUN GOARCH=$TARGETARCH CGO_ENABLED=0 go build -o /web main.go
FROM scratch
COPY --from=build /web /lists /
USER 65532
ENTRYPOINT ["/web"]
-- api/Dockerfile --
FROM --platform=$BUILDPLATFORM golang:1.27-alpine AS build
ARG TARGETARCH
RUN apk add --no-cache git
COPY main.go .
RUN GOARCH=$TARGETARCH CGO_ENABLED=0 go build -o /api main.go
FROM gcr.io/distroless/static-debian13
COPY --from=build /api /api
USER 65532
ENTRYPOINT ["/api"]
""",
            paths=("api/main.go", "main.go"),
            at="trivy image --exit-code 1 ghcr.io/acme/web:1.2",
        ),
        Example(
            title="downloads by a variable or a file that has the architecture under another name",
            files=_FETCHED % {"name": "one", "kept": "ARG KIND=$TARGETARCH", "kind": "$KIND"}
            + _FETCHED % {"name": "two", "kept": "ENV KIND=$TARGETARCH", "kind": "$KIND"}
            + _FETCHED % {"name": "three", "kept": "RUN echo of-$TARGETARCH >/kind", "kind": "$(cat /kind)"},
            at=tuple(
                f"trivy image --exit-code 1 ghcr.io/acme/{name}:1.2" for name in ("one", "three", "two")
            ),
        ),
        Example(
            title="a download for all behind what speaks of one to a person",
            files=_FETCHED % {"name": "web", "kept": "RUN echo $TARGETARCH 2>/dev/null", "kind": "all"},
        ),
        Example(
            title="a leg for each platform, or a step for each",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/build-push-action@v7
        with: {push: true, platforms: 'linux/amd64,linux/arm64', tags: 'ghcr.io/acme/web:1'}
      - uses: docker/build-push-action@v7
        with: {push: true, platforms: 'linux/amd64,linux/arm64', tags: 'ghcr.io/acme/api:1'}
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: 'ghcr.io/acme/api:1', exit-code: '1'}
      - uses: aquasecurity/trivy-action@v0.36.0
        env: {TRIVY_PLATFORM: linux/arm64}
        with: {image-ref: 'ghcr.io/acme/api:1', exit-code: '1'}
  scan:
    needs: build
    runs-on: ubuntu-24.04
    strategy:
      matrix:
        platform: [linux/amd64, linux/arm64]
    steps:
      - uses: aquasecurity/trivy-action@v0.36.0
        env:
          TRIVY_PLATFORM: ${{ matrix.platform }}
        with: {image-ref: 'ghcr.io/acme/web:1', exit-code: '1'}
""",
        ),
        Example(
            title="each platform is loaded and scanned, then both are pushed",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., load: true, platforms: linux/amd64, tags: 'web:amd64'}
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: 'web:amd64', exit-code: '1'}
      - uses: docker/build-push-action@v7
        with: {context: ., load: true, platforms: linux/arm64, tags: 'web:arm64'}
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: 'web:arm64', exit-code: '1'}
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, platforms: 'linux/amd64,linux/arm64', tags: 'ghcr.io/acme/web:1'}
""",
        ),
        Example(
            title="Depot loads the platform of the runner, which is not known",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: depot-ubuntu-24.04-arm
    steps:
      - uses: actions/checkout@v7
      - uses: depot/build-push-action@v1
        with: {context: ., load: true, platforms: 'linux/amd64,linux/arm64', tags: 'web:ci'}
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: 'web:ci', exit-code: '1'}
      - uses: depot/build-push-action@v1
        with: {context: ., push: true, platforms: 'linux/amd64,linux/arm64', tags: 'ghcr.io/acme/web:1'}
""",
        ),
        Example(
            title="one platform, platforms or the scanner's platform that are not known, an image of others",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/build-push-action@v7
        with: {push: true, platforms: linux/arm64, tags: 'ghcr.io/acme/web:1'}
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: 'ghcr.io/acme/web:1', exit-code: '1'}
      - uses: docker/build-push-action@v7
        with: {push: true, platforms: '${{ vars.PLATFORMS }}', tags: 'ghcr.io/acme/web:2'}
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: 'ghcr.io/acme/web:2', exit-code: '1'}
      - uses: docker/build-push-action@v7
        with: {push: true, platforms: 'linux/amd64,linux/arm64', tags: 'ghcr.io/acme/web:3'}
      - uses: aquasecurity/trivy-action@v0.36.0
        env: {TRIVY_PLATFORM: '${{ inputs.platform }}'}
        with: {image-ref: 'ghcr.io/acme/web:3', exit-code: '1'}
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: 'debian:13', exit-code: '1'}
""",
        ),
    ),
)


class _Missed(Record):
    """A build for several platforms of which scans read one."""

    build: Build
    scans: tuple[Scan, ...]
    missing: tuple[str, ...]


def run(repo: Repository) -> Iterator[Finding]:
    """Each scan once, with the build that it is nearest to of those of its image."""
    scanned = repo.scanned_builds
    platforms = {scan: _platform(scan, scanned.get(scan)) for scan in repo.scans}
    of_image: dict[Hashable, list[Scan]] = {}
    for scan, earlier in scanned.items():
        if scan.target in _OF_IMAGES and not earlier.leaves_no_image:
            of_image.setdefault(_made(earlier), []).append(scan)
    found: dict[Scan, list[_Missed]] = {}
    for build in repo.builds_as_written:
        if build.pushes is False or build.platforms is None or len(build.platforms) < 2:
            continue
        alike = of_image.get(_made(build), ())
        here = (scan for scan in repo.scans_in.get(build.text, ()) if scan in alike or _reads(scan, build))
        scans = tuple(dict.fromkeys((*here, *alike)))
        covered = {platforms[scan] for scan in scans}
        missing = tuple(platform for platform in build.platforms if platform not in covered)
        if scans and missing and None not in covered and len(covered) == 1:
            found.setdefault(scans[-1], []).append(_Missed(build, scans, missing))
    for scan, several in found.items():
        missed = max(several, key=lambda one: _nearness(one.build, scan))
        if scan.step not in repo.steps_behind_stops and not _is_the_same_for_all(repo, missed.build):
            yield _finding(repo, missed)


def _nearness(build: Build, scan: Scan) -> tuple[bool, bool]:
    """How near a build is to what a scan reads: by its name first, then by its job."""
    job = scan.step.job if scan.step else None
    return refers_to(build, scan.subject), build.step is not None and build.step.job is job


_OF_IMAGES = (Target.IMAGE, Target.ARCHIVE)


def _made(build: Build) -> Hashable:
    """The same for builds of the same image with the same arguments."""
    return build.image, build.build_args


def _reads(scan: Scan, build: Build) -> bool:
    """Whether a scan reads, by its name, what a build of the same file has pushed."""
    is_named = scan.target in _OF_IMAGES and refers_to(build, scan.subject)
    return is_named and comes_before(build.step, build.location, scan.step, scan.location)


def _platform(scan: Scan, read: Build | None) -> str | None:
    """The platform that a scan reads: that which is asked for, or that of the build; None if it is not known."""
    if scan.platform is not None:
        text = scan.platform.literal
        return None if not text else text if "/" in text else f"linux/{text}"
    if read is None or read.pushes is not False:
        return _DEFAULT
    is_several = read.platforms is not None and len(read.platforms) > 1
    if read.platforms and not (is_several and read.is_by_depot):  # Depot loads that of the runner
        return _DEFAULT if is_several else read.platforms[0]
    labels = scan.step.job.runs_on if scan.step and scan.step.job else ()
    is_usual = read.platforms is not None and labels in (
        ("ubuntu-latest",),
        ("ubuntu-24.04",),
        ("ubuntu-22.04",),
    )
    return _DEFAULT if is_usual else None


def _finding(repo: Repository, missed: _Missed) -> Finding:
    build, missing, scan = missed.build, missed.missing, missed.scans[-1]
    source = repo.scanned_builds.get(scan)
    is_archive = scan.target is Target.ARCHIVE
    is_local = is_archive or (source is not None and source.pushes is False) or _is_loaded(repo, scan)
    read = _platform(scan, source) or ""
    rest = " and ".join(map(code, missing[:3]))
    pushed = build.platforms_entry
    place = Location(build.text, pushed.span if pushed else build.location.span, "builds for all of them")
    is_bare = _is_bare(repo, build)
    return Finding(
        message=f"The scan reads {code(read)} alone; {rest} {'are' if len(missing) > 1 else 'is'} pushed unscanned.",
        consequence=(
            "The other architectures differ at most in what is downloaded for them: the image holds no programs of a distribution."
            if is_bare
            else "Packages and binaries of the other architectures reach the registry without a look at their vulnerabilities."
        ),
        location=scan.location,
        related=(place,),
        fixes=() if len(missed.scans) > 1 or is_local else _fixes(build, scan),
        withheld="it reads what the archive holds: write and scan one of each of them ahead of the push"
        if is_archive
        else "it reads what the daemon has, whatever platform it is asked for: load and scan each of them ahead of the push"
        if is_local
        else "",
        severity=Severity.NOTE if is_bare else None,
    )


def _is_loaded(repo: Repository, scan: Scan) -> bool:
    """Whether the daemon has something under the name that is scanned, where scanners look before they ask a registry.

    https://trivy.dev/latest/docs/references/configuration/cli/trivy_image/#options
    """
    return any(
        one.loads is True
        and refers_to(one, scan.subject)
        and comes_before(one.step, one.location, scan.step, scan.location)
        for one in repo.builds_as_written_in.get(scan.location.text, ())
    )


def _is_bare(repo: Repository, build: Build) -> bool:
    """Whether the image stands on no distribution: on `scratch` or a static image."""
    found = [one for one in repo.dockerfiles if one.path == build.dockerfile]
    if not found or build.target != "":
        return False
    base = found[0].base_image(found[0].final) or ""
    return base == "scratch" or "/static" in base


def _is_the_same_for_all(repo: Repository, build: Build) -> bool:
    """Whether what differs by architecture is only what one source was compiled to: nothing is installed or
    downloaded."""
    return _is_bare(repo, build) and not any(
        _FETCHES.search(one.text[it.span])
        for one in repo.dockerfiles
        if one.path == build.dockerfile
        for stage in one.built
        for it in stage.instructions
        if it.keyword in ("ADD", "RUN") and not _is_done_once(one, stage, it)
    )


def _is_done_once(dockerfile: Dockerfile, stage: Stage, instruction: Instruction) -> bool:
    """Whether the builder's own platform does it for all, and neither it nor what it may read of what stands above it names one of them."""
    stages = dockerfile.ancestry(stage)
    flag = stages[-1].instruction.flag("platform")
    above = (it for one in stages for it in one.instructions if it.span.start < instruction.span.start)
    return (
        flag is not None
        and _OF_BUILDER.fullmatch(flag.value or "") is not None
        and not _OF_TARGET.search(dockerfile.text[instruction.span])
        and not any(_keeps_target(it.keyword, dockerfile.text[it.span]) for it in above)
    )


def _keeps_target(keyword: str, written: str) -> bool:
    """Whether a variable has a platform under another name behind an instruction, or a file that it writes."""
    if keyword == "ENV":
        return _OF_TARGET.search(written) is not None
    keeps = "=" in written if keyword == "ARG" else keyword == "RUN" and _TO_FILE.search(written) is not None
    return keeps and _TARGET.search(written) is not None


def _fixes(build: Build, scan: Scan) -> tuple[Fix, ...]:
    """A step for each platform, where the one that is there can simply be repeated."""
    step = scan.step
    if step is None or not step.uses_action(TRIVY_ACTION) or not refers_to(build, scan.subject):
        return ()
    if (
        step.id
        or step.env is not None
        or step.node.flow
        or scan.output is not None
        or scan.platform is not None
    ):
        return ()
    platforms = build.platforms or ()
    edits: list[Edit | None] = [_with_platform(step.node, platforms[0])]
    uses = as_used_or_pinned(step.uses) if step.uses else None
    edits += (insert_step_after(step, _repeated(step, uses or "", platform)) for platform in platforms[1:])
    return offer(
        "scan each platform",
        Applicability.UNSAFE,
        *(edits if uses else ()),
        caution="Each platform then costs the time of a scan: is the first one's the only one that has to gate?",
    )


def _with_platform(node: Mapping, platform: str) -> Edit | None:
    first = node.entries[0]
    named = first.key.text[first.key.span] == "name"
    text = f"env:\n  TRIVY_PLATFORM: {platform}"
    return append_entry(node, text) if named else insert_before(node, first, text)


def _repeated(step: Step, uses: str, platform: str) -> str:
    """The step again, for another platform."""
    node, use = step.node, step.uses
    lines = node.text[node.span].replace("\r\n", "\n").split("\n")
    body = [line[node.indent :] if line[: node.indent].isspace() else line for line in lines]
    if use is not None:
        at = node.text.line_of(use.scalar.span.start) - node.text.line_of(node.span.start)
        body[at] = f"uses: {uses}"
    added = ["env:", f"  TRIVY_PLATFORM: {platform}"]
    if body[0].startswith("name:"):
        return "\n".join([f"{body[0]} ({platform})", *body[1:], *added])
    return "\n".join([*added, *body])
