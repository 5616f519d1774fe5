"""Image for several platforms takes the files of one

The image is built for several platforms, and the Dockerfile downloads a file for one of them. The other
images hold programs that their machines can't run: "exec format error", at the first call.

Let the address follow `TARGETARCH` (which is `amd64` or `arm64`), or ask `uname -m` where the names are
others.

All downloads of a stage are one finding: an image of which some files follow its architecture and others
don't is still wrong.

The check is silent

- for builds of one platform, or of platforms that are not known
- in stages that run on the builder, and in those beside the image that ask for their architecture
- where the image starts from a fixed platform, which `constant-platform-in-from` tells
- for addresses that name no architecture of the build

It is silent, too, where the file may be chosen

- by a `RUN` that looks at the machine, or in which a variable decides whether it is fetched
- by a later `RUN` that looks at the architecture, and decides or takes up the file
- by another address: one of the stage names another architecture, or one anywhere in the Dockerfile is the
  same but for that

References:

- https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope
- https://docs.docker.com/build/building/multi-platform/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

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
from checks.facts.build.builds import Build
from checks.facts.dockerfile.dockerfiles import Dockerfile, Instruction, Pair, Stage
from checks.facts.dockerfile.stages import Ran
from checks.facts.script.scripts import GuardKind
from checks.record import Record
from checks.regex import regex

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
            at="https://example.com/a-x86_64",
        ),
        Example(
            title="a folder for one architecture, a version that a command fills in, and a stage that declares its architecture",
            files="""\
-- Dockerfile --
FROM debian:13
ARG TARGETARCH
RUN curl -fsSL -o /usr/local/bin/right https://example.com/right-linux-${TARGETARCH}
# The cluster
RUN curl -fsSL -o /usr/local/bin/kind https://example.com/v0.20.0/kind-linux-amd64 && \\
    chmod +x /usr/local/bin/kind
# Its client
RUN curl -fsSLO "https://example.com/release/$(curl -fsSL https://example.com/stable.txt)/bin/linux/amd64/kubectl" && \\
    chmod +x ./kubectl
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
            at="https://example.com/v0.20.0/kind-linux-amd64",
            fixed="""\
-- Dockerfile --
FROM debian:13
ARG TARGETARCH
RUN curl -fsSL -o /usr/local/bin/right https://example.com/right-linux-${TARGETARCH}
# The cluster
RUN curl -fsSL -o /usr/local/bin/kind https://example.com/v0.20.0/kind-linux-${TARGETARCH} && \\
    chmod +x /usr/local/bin/kind
# Its client
RUN curl -fsSLO "https://example.com/release/$(curl -fsSL https://example.com/stable.txt)/bin/linux/${TARGETARCH}/kubectl" && \\
    chmod +x ./kubectl
USER 1000
""",
        ),
        Example(
            title="the stage declares its architecture too late, and a comment stays with its instruction",
            files="""\
-- Dockerfile --
FROM debian:13
# hadolint ignore=DL3020
ADD https://example.com/linux/amd64/tool.tar.gz /opt/
ARG TARGETARCH
COPY bin/${TARGETARCH}/app /app
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
            at="https://example.com/linux/amd64/tool.tar.gz",
            fixed="""\
-- Dockerfile --
FROM debian:13
ARG TARGETARCH
# hadolint ignore=DL3020
ADD https://example.com/linux/${TARGETARCH}/tool.tar.gz /opt/
ARG TARGETARCH
COPY bin/${TARGETARCH}/app /app
USER 1000
""",
        ),
        Example(
            title="a finding for each stage; a tool of a stage that compiles for its architecture may run on the builder",
            files="""\
-- Dockerfile --
FROM golang:1.27 AS build
ARG TARGETARCH
RUN curl -fsSL -o /usr/local/bin/generate https://example.com/generate-linux-amd64 && generate
RUN GOARCH=$TARGETARCH go build -o /app
FROM debian:13 AS tools
RUN curl -fsSL -o /opt/tool https://example.com/linux/amd64/tool
FROM debian:13
ADD https://example.com/stable/x86_64/more-1.2.tgz /opt/
COPY --from=tools /opt /opt
COPY --from=build /app /app
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
            at=("https://example.com/linux/amd64/tool", "https://example.com/stable/x86_64/more-1.2.tgz"),
            fixed="""\
-- Dockerfile --
FROM golang:1.27 AS build
ARG TARGETARCH
RUN curl -fsSL -o /usr/local/bin/generate https://example.com/generate-linux-amd64 && generate
RUN GOARCH=$TARGETARCH go build -o /app
FROM debian:13 AS tools
ARG TARGETARCH
RUN curl -fsSL -o /opt/tool https://example.com/linux/${TARGETARCH}/tool
FROM debian:13
ADD https://example.com/stable/x86_64/more-1.2.tgz /opt/
COPY --from=tools /opt /opt
COPY --from=build /app /app
USER 1000
""",
        ),
        Example(
            title="one that could be mended beside one that can't, no shell, a default in the way: by hand",
            files="""\
-- Dockerfile --
FROM debian:13
RUN curl -fsSL -o /usr/local/bin/a https://example.com/a-amd64
RUN curl -fsSL -o /usr/local/bin/b https://example.com/b-x86_64
USER 1000
-- exec.Dockerfile --
FROM debian:13
RUN ["curl", "-fsSL", "-o", "/usr/local/bin/d", "https://example.com/d-amd64"]
USER 1000
-- default.Dockerfile --
FROM debian:13
ARG TARGETARCH=amd64
RUN curl -fsSL -o /usr/local/bin/e https://example.com/e-amd64
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
        with: {context: ., file: exec.Dockerfile, platforms: 'linux/amd64,linux/arm64', push: true}
      - uses: docker/build-push-action@v7
        with: {context: ., file: default.Dockerfile, platforms: 'linux/amd64,linux/arm64', push: true}
""",
            at=("https://example.com/a-amd64", "https://example.com/e-amd64", "https://example.com/d-amd64"),
        ),
        Example(
            title="where the file may be chosen: in its instruction, or by a later one",
            files="""\
-- Dockerfile --
FROM debian:13
RUN curl -fsSL -o /tool https://example.com/linux/amd64/tool && if [ "$(cat /machine)" = arm ]; then rm /tool; fi
RUN test -n "$WITH_MORE" && curl -fsSL -o /more https://example.com/more-linux-amd64
RUN [ "$(dpkg --print-architecture)" != amd64 ] || curl -fsSL -o /only https://example.com/only-linux-amd64
RUN for arch in amd64 arm64; do curl -fsSL -o /each-$arch https://example.com/each-$arch; done && curl -fsSLO https://example.com/each-amd64
USER 1000
-- later.Dockerfile --
FROM debian:13
ARG TARGETARCH
RUN curl -fsSLO https://example.com/browser-amd64.deb
RUN case "$TARGETARCH" in amd64) apt-get install -y ./*.deb ;; *) apt-get install -y browser ;; esac
USER 1000
-- taken.Dockerfile --
FROM debian:13 AS files
RUN curl -fsSL -o /amd64/tool https://example.com/tool-linux-amd64
FROM debian:13
ARG TARGETARCH
COPY --from=files /${TARGETARCH}/tool /tool
USER 1000
-- named.Dockerfile --
FROM debian:13
ARG TARGETARCH
RUN curl -fsSL -o /tool-amd64 https://example.com/tool-linux-amd64
COPY tool-arm64 /
RUN mv /tool-${TARGETARCH} /tool
USER 1000
-- both.Dockerfile --
FROM debian:13
ARG TARGETARCH
RUN curl -fsSL -o /opt/amd64 https://example.com/tool-linux-x86_64
RUN curl -fsSL -o /opt/arm64 https://example.com/tool-linux-aarch64
RUN ln -s /opt/$TARGETARCH /tool
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
        with: {context: ., file: later.Dockerfile, platforms: 'linux/amd64,linux/arm64', push: true}
      - uses: docker/build-push-action@v7
        with: {context: ., file: taken.Dockerfile, platforms: 'linux/amd64,linux/arm64', push: true}
      - uses: docker/build-push-action@v7
        with: {context: ., file: named.Dockerfile, platforms: 'linux/amd64,linux/arm64', push: true}
      - uses: docker/build-push-action@v7
        with: {context: ., file: both.Dockerfile, platforms: 'linux/amd64,linux/arm64', push: true}
""",
        ),
        Example(
            title="folders whose files run nowhere or everywhere, other systems, comments",
            files="""\
-- Dockerfile --
FROM debian:13
RUN curl -fsSL -o /k.deb https://example.com/repos/ubuntu2404/x86_64/keyring_1.1-1_all.deb
RUN echo "deb https://example.com/debian/amd64/ ./" > /etc/apt/sources.list.d/x.list
RUN curl -fsSLO https://example.com/linux/amd64/Packages && curl -fsSLO https://example.com/linux/amd64/latest
RUN curl -fsSLO https://example.com/linux/amd64/${NAME} && curl -fsSLO https://example.com/amd64/setup.sh
RUN curl -fsSLO https://example.com/tool-darwin-amd64 && curl -fsSLO https://example.com/windows/amd64/tool.zip
RUN curl -fsSLO "https://example.com/tool-$(curl -fsSL https://example.com/v-amd64)" && \\
    # from https://example.com/tool-linux-amd64
    true
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
        ),
        Example(
            title="the instruction asks for its architecture, the stage runs on the builder, is not needed; one platform",
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

_ASKS = regex(
    r"TARGETARCH|TARGETPLATFORM|TARGETVARIANT|BUILDARCH|uname|dpkg --print|dpkg-architecture|apk --print-arch"
    r"|arch\b\s*\)|\$\(arch|`arch|\$\{?\w*(?<!se)arch(?!iv)|\$\{?\w*(?:platform|machine)|getconf|lscpu|dumpmachine"
    r"|HOSTTYPE|MACHTYPE|process\.arch|platform\.machine|rpm (?:-E|--eval)|go env",
    re.IGNORECASE,
)
_CHOOSES = regex(r"(?:^|[\s;&|({\"])(?:if|elif|case|\[\[?|test(?=\s+[-!\"$]))\s", re.MULTILINE)
_TESTS = frozenset(("[", "[[", "test"))
_JOINED = (GuardKind.AND, GuardKind.OR)
_FILLED_IN = r"\$\((?:[^()]|\([^()]*\))*\)|\$\{[^{}]*\}"
"""What a command or a variable fills in."""
_URL = regex(rf"https?://(?:{_FILLED_IN}|[^\s\"'`;|&)<>$]|\$(?!\())+")
_HOLE = regex(rf"{_FILLED_IN}|\$\w+")
_ARCH = regex(
    r"(?<![a-z0-9])(?:(?P<amd64>amd64|x86_64|x86-64|x64)|(?P<arm64>aarch64|arm64)"
    r"|(?P<other>armv?[5-8]\w*|armhf|armel|arm|i[36]86|386|ppc64\w*|s390x|riscv64))(?![a-z0-9])",
    re.IGNORECASE,
)
_MACHINE = regex(rf"{_ARCH.pattern}|arch|machine|platform|cpu", re.IGNORECASE)
"""In a condition that decides by the machine."""
_READ = ("amd64", "arm64")
"""The architectures whose names say enough, and are BuildKit's: `arm` and `386` stand for other things, too."""
_NO_PROGRAM = regex(
    r"\.(?:js|jar|whl|sha\d+(?:sum)?|asc|sig|pem|crt|key|pub|gpg|sbom|jsonl?|txt|map|css|html|md|ya?ml|xml|repo|list|iso|img|qcow2)(?:[?#]|$)"
    r"|-docs/|google-cloud-(?:sdk|cli)-|qemu-|windows|darwin|macos|\.exe\b",
    re.IGNORECASE,
)
_FOLDER = regex(r"/(?:linux[-_])?(?:amd64|x86_64|x86-64|x64|aarch64|arm64)(?=/)", re.IGNORECASE)
_OF_ITS_FOLDER = regex(
    r"[a-z][\w$+-]*(?:\.\d[\w$+-]*)*(?:\.(?:tar\.\w+|t[gx]z|tbz2?|zip|gz|xz|bz2|zst|bin|run|AppImage))?"
)
"""A program or an archive. Packages say in their own names what they are for, and scripts run everywhere."""
_LISTS = regex(r"(?:stable|latest|version|release|index|keys?|checksums?)\b")
_COMMITTED = regex(r"raw\.githubusercontent|/raw/|/blob/")
_CHECKSUM = regex(r"sha\d+|md5|checksum", re.IGNORECASE)


class _Reading(Record):
    """What a Dockerfile says of architectures, read once for all its downloads."""

    asking: frozenset[Instruction]
    """The instructions that look at theirs."""
    addresses: Mapping[Instruction, tuple[tuple[int, str], ...]]
    """The addresses in each instruction, without those in comments, with where they start."""
    commands: Mapping[Instruction, tuple[Ran, ...]]
    several: frozenset[str]
    """Addresses that are there for more than one architecture, which is left out of them."""
    decided: int
    """Where the last `RUN` starts that looks at its architecture and decides."""


class _Download(Record):
    """The address of a file for one architecture."""

    instruction: Instruction
    span: Span
    name: str
    """The part of the address that tells."""
    arch: Span
    """Where it names its architecture."""


def run(repo: Repository) -> Iterator[Finding]:
    files = {one.path: one for one in repo.dockerfiles}
    told: set[str] = set()
    for build in repo.builds:
        dockerfile = files.get(build.dockerfile or "")
        architectures = {platform.split("/")[1] for platform in build.platforms or () if "/" in platform}
        if dockerfile is None or len(architectures) < 2 or dockerfile.path in told:
            continue
        stage = dockerfile.target_stage(build.target)
        if stage is None:
            continue
        reading = repo.memo(_read, dockerfile)
        found = list(_findings(dockerfile, reading, stage, build, architectures))
        if found:
            told.add(dockerfile.path)
            yield from found


def _read(dockerfile: Dockerfile) -> _Reading:
    text, instructions = dockerfile.text, dockerfile.source.instructions
    asking = frozenset(it for it in instructions if _ASKS.search(text[it.span]))
    addresses = {it: tuple(_addresses(dockerfile, it)) for it in instructions}
    urls = {url for found in addresses.values() for _, url in found}
    named: dict[str, set[str | None]] = {}
    for url in urls:
        named.setdefault(_ARCH.sub("", url), set()).update(one.lastgroup for one in _ARCH.finditer(url))
    deciding = (it for it in asking if it.keyword == "RUN" and _CHOOSES.search(text[it.span]))
    return _Reading(
        asking,
        addresses,
        {it: tuple(ran) for it, ran in groupby(dockerfile.commands(), lambda ran: ran.instruction)},
        frozenset(address for address, found in named.items() if len(found) > 1),
        max((it.span.start for it in deciding), default=-1),
    )


def _addresses(dockerfile: Dockerfile, it: Instruction) -> Iterator[tuple[int, str]]:
    text = dockerfile.text
    for match in _URL.finditer(text[it.span]):
        start = it.span.start + match.start()
        line = text.full_line(text.line_of(start))
        if not text[Span(line.start, start)].lstrip().startswith("#"):
            yield start, match[0]


def _findings(
    dockerfile: Dockerfile, reading: _Reading, target: Stage, build: Build, architectures: set[str]
) -> Iterator[Finding]:
    if any(one.instruction.flag("platform") is not None for one in dockerfile.ancestry(target)):
        return
    for stage in dockerfile.evaluation.needed(target):
        is_several = _is_of_several(dockerfile, reading, stage, target)
        if is_several or _may_run_elsewhere(dockerfile, reading, stage, target):
            continue
        found = list(_downloads(dockerfile, reading, stage))
        downloads = _not_chosen_later(dockerfile, reading, stage, found)
        if downloads:
            yield _finding(dockerfile, stage, downloads, build, architectures)


def _may_run_elsewhere(dockerfile: Dockerfile, reading: _Reading, stage: Stage, target: Stage) -> bool:
    """Whether a stage runs on the builder or on what an argument names, or its tools may: it compiles for
    another machine."""
    line = dockerfile.ancestry(stage)
    if any(one.instruction.flag("platform") is not None for one in line) or "$" in line[-1].base.value:
        return True
    return stage not in dockerfile.ancestry(target) and any(
        it in reading.asking for one in line for it in one.instructions
    )


def _is_of_several(dockerfile: Dockerfile, reading: _Reading, stage: Stage, target: Stage) -> bool:
    """Whether a stage is named for an architecture, or its addresses for more than one: it is chosen, or they are.

    What the image builds on counts as one stage.
    """
    whole = dockerfile.ancestry(target)
    line = whole if stage in whole else dockerfile.ancestry(stage)
    its = (*dockerfile.source.global_args, *(it for one in line for it in one.instructions))
    urls = (url for it in its for _, url in reading.addresses[it])
    named = {one.lastgroup for url in urls for one in _ARCH.finditer(url)}
    return len(named) > 1 or _ARCH.search(stage.name or "") is not None


def _downloads(dockerfile: Dockerfile, reading: _Reading, stage: Stage) -> Iterator[_Download]:
    """What a stage fetches for one architecture, in instructions that neither look at theirs nor decide about it."""
    for it in stage.instructions:
        if it.keyword not in ("RUN", "ADD") or it in reading.asking or _decides(dockerfile, reading, it):
            continue
        if len({one.lastgroup for one in _ARCH.finditer(dockerfile.text[it.span])}) != 1:
            continue
        for start, url in reading.addresses[it]:
            arch = _architecture(url)
            if arch is not None and _ARCH.sub("", url) not in reading.several:
                name = url[url.rfind("/", 0, arch.start) + 1 :]
                place = Span(start + arch.start, start + arch.end)
                yield _Download(it, Span(start, start + len(url)), name, place)


def _decides(dockerfile: Dockerfile, reading: _Reading, it: Instruction) -> bool:
    """Whether a `RUN` may decide which machine its files are for, or whether one of them is fetched at all."""
    if it.keyword != "RUN" or not _CHOOSES.search(dockerfile.text[it.span]):
        return False
    commands = reading.commands.get(it, ())
    script = commands[0].script if commands else None
    if script is None or script.errors or not script.complete:
        return True
    conditions = {one.command.span for one in commands if one.command.program in _TESTS}
    conditions |= {
        guard.condition for one in commands for guard in one.command.guards if guard.kind not in _JOINED
    }
    return any(_MACHINE.search(script[one]) for one in conditions) or any(map(_is_optional, commands))


def _is_optional(ran: Ran) -> bool:
    """Whether a variable decides about a command that fetches a file for one machine, or that ends the script."""
    script, command = ran.script, ran.command
    shown = script[command.span]
    if command.program != "exit" and not ("://" in shown and _ARCH.search(shown)):
        return False
    tests = (
        one.span
        for guard in command.guards
        if guard.kind in _JOINED
        for one in script.within(guard.condition)
        if one.program in _TESTS
    )
    asked = (guard.condition for guard in command.guards if guard.kind not in _JOINED)
    return any("$" in script[one] for one in (*tests, *asked))


def _architecture(url: str) -> Span | None:
    """Where the address of a program names an architecture: in the name of the file, or as the folder that it is in."""
    masked = _HOLE.sub(lambda hole: "$" * len(hole[0]), url)
    if _NO_PROGRAM.search(masked):
        return None
    last = masked.rfind("/") + 1
    named = next((one for one in _ARCH.finditer(masked, last) if one.lastgroup in _READ), None)
    if named is not None:
        return Span(*named.span())
    is_file = _OF_ITS_FOLDER.fullmatch(masked, last) and not _LISTS.match(masked, last)
    folders = list(_FOLDER.finditer(masked)) if is_file and not _COMMITTED.search(masked) else []
    arch = _ARCH.search(folders[0][0]) if len(folders) == 1 else None
    return Span(folders[0].start() + arch.start(), folders[0].end()) if arch else None


def _not_chosen_later(
    dockerfile: Dockerfile, reading: _Reading, stage: Stage, downloads: list[_Download]
) -> list[_Download]:
    """Those below which nothing looks at the architecture, and decides by it or takes up what was fetched."""
    text, source = dockerfile.text, dockerfile.source
    end = reading.decided
    taking: list[tuple[int, str]] = []
    for it in reading.asking if downloads else ():
        origin = it.flag("from")
        if origin and origin.value and source.copied_stage(origin.value) is stage:
            end = max(end, it.span.start)
        elif it.keyword == "RUN" and "http" not in text[it.span]:
            taking.append((it.span.start, text[it.span]))
    return [one for one in downloads if one.span.start > end and not _is_taken_up(one, taking)]


def _is_taken_up(download: _Download, taking: list[tuple[int, str]]) -> bool:
    """Whether one of these below names the file."""
    file = re.match(r"[a-z]{3,}", download.name.rpartition("/")[2], re.IGNORECASE)
    return file is not None and any(
        start > download.span.start and file[0] in content for start, content in taking
    )


def _finding(
    dockerfile: Dockerfile,
    stage: Stage,
    downloads: Sequence[_Download],
    build: Build,
    architectures: set[str],
) -> Finding:
    written = build.platforms_entry
    place = written.span if written else build.location.span
    first, *more = downloads
    withheld = _obstacle(dockerfile, stage, downloads, architectures)
    return Finding(
        message=f"{code(first.name)} is for one architecture, and the image is built for several.",
        consequence="On the other machines the program does not start: “exec format error”.",
        location=dockerfile.location(first.span),
        related=(
            Location(build.text, place, "builds it for several platforms"),
            *(dockerfile.location(one.span, "is for one architecture, too") for one in more),
        ),
        fixes=() if withheld else _fixes(dockerfile, stage, downloads),
        withheld=withheld,
    )


def _obstacle(
    dockerfile: Dockerfile, stage: Stage, downloads: Sequence[_Download], architectures: set[str]
) -> str:
    """Why `TARGETARCH` in the addresses does not mend all of them; empty where it does."""
    if not architectures <= set(_READ):
        return "what the files for the other architectures are called is not known here"
    if any(pair.value is not None for _, pair in _declared(stage)):
        return f"the stage gives {code('TARGETARCH')} a value of its own"
    named: dict[Instruction, list[str]] = {}
    for one in downloads:
        named.setdefault(one.instruction, []).append(code(one.name))
    left = [name for it, names in named.items() if not _follows(dockerfile, it, len(names)) for name in names]
    return (
        f"{', '.join(left)} can't follow {code('TARGETARCH')} by a change of the address alone"
        if left
        else ""
    )


def _follows(dockerfile: Dockerfile, it: Instruction, downloads: int) -> bool:
    """Whether `TARGETARCH` fits in: the shell or BuildKit fills it in, and only addresses name what BuildKit names so."""
    content = dockerfile.text[it.span]
    named = [one[0] for one in _ARCH.finditer(content)]
    is_filled_in = it.keyword == "ADD" or it.shell is not None
    is_fit = set(named) == {"amd64"} and len(named) == downloads and "'" not in content
    return is_filled_in and is_fit and not it.heredocs and not _CHECKSUM.search(content)


def _declared(stage: Stage) -> Iterator[tuple[Instruction, Pair]]:
    """Where a stage declares or sets `TARGETARCH`."""
    for it in stage.instructions:
        if it.keyword in ("ARG", "ENV"):
            yield from ((it, pair) for pair in it.pairs if pair.name.value == "TARGETARCH")


def _fixes(dockerfile: Dockerfile, stage: Stage, downloads: Sequence[_Download]) -> tuple[Fix, ...]:
    """`TARGETARCH` for each architecture in the addresses, declared above the first where it isn't."""
    text, first = dockerfile.text, downloads[0].instruction
    edits = [Edit(text.path, one.arch, "${TARGETARCH}") for one in downloads]
    if not any(it.span.start < first.span.start for it, _ in _declared(stage)):
        above = dockerfile.comment_above(first.span)
        comments = above.count("\n") + 1 if above else 0
        line = text.full_line(text.line_of(first.span.start) - comments).start
        edits.insert(0, Edit(text.path, Span(line, line), f"ARG TARGETARCH{text.newline}"))
    is_one = len(downloads) == 1
    return offer(
        f"take the {'file' if is_one else 'files'} of the architecture that is built for",
        Applicability.UNSAFE,
        *edits,
        caution="Is there such a file for `arm64`, too?"
        if is_one
        else "Are there such files for `arm64`, too?",
    )
