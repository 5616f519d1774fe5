"""Image for several platforms takes the files of one

The image is built for several platforms, and the Dockerfile downloads a file for one of them. The other images hold programs that their machines can't run: "exec format error", at the first call.

Let the address follow `TARGETARCH` (which is `amd64` or `arm64`), or ask `uname -m` where the names are others.

The check is silent for builds of one platform or of platforms that are not known, in stages that run on the builder, where the
stage asks for its architecture somewhere, where the image starts from a fixed platform, which constant-platform-in-from tells, and for addresses that name no architecture of the build.

References:

- https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope
- https://docs.docker.com/build/building/multi-platform/
"""

from __future__ import annotations

import re
from collections.abc import Iterator

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
    Span,
    code,
    offer,
)  # fmt: skip
from checks.facts.builds import Build
from checks.facts.dockerfiles import Dockerfile, Instruction, Stage

check = Check(
    id="multi-platform-with-arch-hardcoded",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.DOCKERFILE, Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("dockerfile", "multi-platform"),
    examples=(
        Example(
            title="a download for one architecture",
            files="""\
-- Dockerfile --
FROM debian:13
RUN curl -fsSL -o /usr/local/bin/tool https://example.com/tool/v1.2/tool-linux-amd64
USER 1000
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., platforms: 'linux/amd64,linux/arm64', push: true}
""",
            at="https://example.com/tool/v1.2/tool-linux-amd64",
            fixed="""\
-- Dockerfile --
FROM debian:13
ARG TARGETARCH
RUN curl -fsSL -o /usr/local/bin/tool https://example.com/tool/v1.2/tool-linux-${TARGETARCH}
USER 1000
""",
        ),
        Example(
            title="names that are not BuildKit's, a checksum of the one file, quotes that hold: by hand",
            files="""\
-- Dockerfile --
FROM debian:13
RUN curl -fsSL -o /usr/local/bin/a https://example.com/a-x86_64
RUN curl -fsSL -o /b https://example.com/b-amd64 && echo "0a  /b" | sha256sum -c
RUN curl -fsSL -o /usr/local/bin/c 'https://example.com/c-amd64'
USER 1000
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., platforms: 'linux/amd64,linux/arm64', push: true}
""",
            at=("https://example.com/a-x86_64", "https://example.com/b-amd64", "https://example.com/c-amd64"),
        ),
        Example(
            title="the stage asks for its architecture, runs on the builder, is not needed; one platform",
            files="""\
-- Dockerfile --
FROM --platform=$BUILDPLATFORM golang:1.27 AS build
RUN curl -fsSL -o /tool https://example.com/tool-linux-amd64 && go build
FROM debian:13 AS unused
RUN curl -fsSL -o /tool https://example.com/tool-linux-amd64
FROM debian:13
ARG TARGETARCH
RUN case "$TARGETARCH" in amd64) f=https://example.com/x86_64 ;; *) f=https://example.com/aarch64 ;; esac; curl -fsSL -o /f $f
COPY --from=build /web /web
USER 1000
-- one.Dockerfile --
FROM debian:13
RUN curl -fsSL -o /tool https://example.com/tool-linux-amd64
USER 1000
-- neither.Dockerfile --
FROM debian:13
RUN curl -fsSL -o /tool https://example.com/amd64-docs/tool.js
RUN curl -fsSL https://dl.google.com/dl/cloudsdk/channels/rapid/downloads/google-cloud-sdk-477.0.0-linux-x86_64.tar.gz | tar -xz
USER 1000
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., platforms: 'linux/amd64,linux/arm64', push: true}
      - uses: docker/build-push-action@v7
        with: {context: ., file: one.Dockerfile, platforms: linux/amd64, push: true}
      - uses: docker/build-push-action@v7
        with: {context: ., file: neither.Dockerfile, platforms: 'linux/amd64,linux/arm64', push: true}
""",
        ),
    ),
)

_ASKS = re.compile(
    r"TARGETARCH|TARGETPLATFORM|TARGETVARIANT|uname|dpkg --print|arch\b\s*\)|apk --print-arch|BUILDARCH|\$\(arch|`arch|\$\{?ARCH"
)
_URL = re.compile(r"https?://[^\s\"'`;|&)<>]+")
_ARCH = re.compile(r"(?<![a-z0-9])(?:amd64|x86_64|x86-64|x64|aarch64|arm64)(?![a-z0-9])")
_PROGRAM = re.compile(
    r"\.(?:js|jar|whl|sha256|sha256sum|asc|sig|json|txt|map|css|html|md)(?:[?#]|$)|-docs/|google-cloud-(?:sdk|cli)-"
)


def run(repo: Repository) -> Iterator[Finding]:
    files = {one.path: one for one in repo.dockerfiles}
    told: set[str] = set()
    for build in repo.builds:
        dockerfile = files.get(build.dockerfile or "")
        architectures = {platform.split("/")[1] for platform in build.platforms or () if "/" in platform}
        if dockerfile is None or len(architectures) < 2 or dockerfile.path in told:
            continue
        target = build.target.literal if build.target else None
        stage = dockerfile.source.stage_named(target) if target else dockerfile.final
        if stage is None or (build.target is not None and target is None):
            continue
        found = list(_findings(dockerfile, stage, build))
        if found:
            told.add(dockerfile.path)
            yield from found


def _findings(dockerfile: Dockerfile, target: Stage, build: Build) -> Iterator[Finding]:
    written = build.platforms_entry
    place = Location(
        build.text, written.span if written else build.location.span, "builds it for several platforms"
    )
    if any(one.instruction.flag("platform") is not None for one in dockerfile.ancestry(target)):
        return
    for stage in dockerfile.evaluation.needed(target):
        if stage.instruction.flag("platform") is None and not _asks(dockerfile, stage):
            names = {platform.split("/")[1] for platform in build.platforms or ()}
            yield from _downloads(dockerfile, stage, place, names)


def _asks(dockerfile: Dockerfile, stage: Stage) -> bool:
    """Whether the stage, or one that it builds on, looks at its architecture, or runs on the builder."""
    line = dockerfile.ancestry(stage)
    if any(one.instruction.flag("platform") is not None for one in line) or "$" in line[-1].base.value:
        return True
    spans = [it.span for one in line for it in one.instructions]
    return any(_ASKS.search(dockerfile.text[span]) for span in spans)


def _downloads(
    dockerfile: Dockerfile, stage: Stage, place: Location, architectures: set[str]
) -> Iterator[Finding]:
    for it in stage.instructions:
        if it.keyword not in ("RUN", "ADD"):
            continue
        for match in _URL.finditer(dockerfile.text[it.span]):
            url = match[0]
            last = url.rpartition("/")[2]
            if not _ARCH.search(last.lower()) or _PROGRAM.search(url):
                continue
            start = it.span.start + match.start()
            yield Finding(
                message=f"{code(last)} is for one architecture, and the image is built for several.",
                consequence="On the other machines the program does not start: “exec format error”.",
                location=dockerfile.location(Span(start, start + len(url))),
                related=(place,),
                fixes=_fixes(dockerfile, it, start, url) if architectures <= {"amd64", "arm64"} else (),
            )


def _fixes(dockerfile: Dockerfile, instruction: Instruction, start: int, url: str) -> tuple[Fix, ...]:
    """`TARGETARCH` in the one place of an instruction that names its architecture as BuildKit does."""
    text, content = dockerfile.text, dockerfile.text[instruction.span]
    found = list(_ARCH.finditer(content.lower()))
    is_fit = len(found) == 1 and found[0][0] == "amd64" and "'" not in content and "sha256" not in content
    if not is_fit or instruction.heredocs or url.count("amd64") != 1:
        return ()
    at = start + url.index("amd64")
    line = text.full_line(text.line_of(instruction.span.start)).start
    return offer(
        "take the file of the architecture that is built for",
        Applicability.UNSAFE,
        Edit(text.path, Span(line, line), f"ARG TARGETARCH{text.newline}"),
        Edit(text.path, Span(at, at + len("amd64")), "${TARGETARCH}"),
        caution="Is there such a file for `arm64`, too?",
    )
