"""Remote file is added without a checksum

`ADD https://…` takes what the server answers on the day of the build. Another file under the same address
changes the image without a change in the repository.

Give the checksum that the file has: `ADD --checksum=sha256:…`, from version 1.6 of the Dockerfile's syntax
on. From then on a build with another file stops. Where the address is that of whatever is newest, name a
release in it first.

The check is silent

- for local files and for git addresses
- where a checksum is given, or the next commands verify the file
- for archives of a commit
- for certificates of authorities that are renewed under one address
- where each build or each platform names another file by an argument, which no one checksum fits
- in files whose image others hardly run: those of development, tests and examples, those that builds here
  leave aside, and those that don't say how they are run

References:

- https://docs.docker.com/reference/dockerfile/#add---checksum
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.check import (
    Check,
    Example,
    Finding,
    Kind,
    Repository,
    Severity,
    code,
)  # fmt: skip
from checks.facts.code_span import listed
from checks.facts.dockerfile.dockerfiles import Dockerfile, Stage, Word, is_development
from checks.regex import regex

check = Check(
    id="remote-add-without-checksum",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.DOCKERFILE, Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT),
    tags=("dockerfile", "security"),
    security_severity=5.0,
    peers=("checkov:CKV_DOCKER_4",),
    examples=(
        Example(
            title="a program by its address",
            files="""\
-- Dockerfile --
FROM debian:13
ADD https://example.com/tool-1.2.tar.gz /opt/
USER 1000
""",
            at="https://example.com/tool-1.2.tar.gz",
        ),
        Example(
            title="two files of a version that stands in the file",
            files="""\
-- Dockerfile --
FROM debian:13
ARG TOOL_VERSION=1.2
ADD https://example.com/tool-${TOOL_VERSION}.tar.gz /opt/
ADD https://example.com/more-$TOOL_VERSION.tar.gz /opt/
USER 1000
""",
            at="https://example.com/tool-${TOOL_VERSION}.tar.gz",
        ),
        Example(
            title="a file for each platform, and a version that each build passes",
            files="""\
-- Dockerfile --
FROM debian:13
ARG TARGETARCH
ARG TOOL_VERSION
ARG ARCH=amd64
ADD https://example.com/tool-1.2-${TARGETARCH}.tar.gz /opt/
ADD https://example.com/tool-1.2-${ARCH}.tar.gz /opt/
ADD https://example.com/tool-$TOOL_VERSION.tar.gz /opt/
USER 1000
""",
        ),
        Example(
            title="a version that each build passes under another name, and one that the file has under another name",
            files="""\
-- Dockerfile --
FROM debian:13
ARG RELEASE
ENV TOOL_VERSION=${RELEASE}
ENV TOOL_FOLDER=v$TOOL_VERSION
ADD https://example.com/$TOOL_FOLDER/tool.tar.gz /opt/
USER 1000
-- more/Dockerfile --
FROM debian:13
ARG RELEASE
ARG MORE_RELEASE=1.2
ENV MORE_VERSION=$MORE_RELEASE EXTRA_VERSION=${RELEASE:-1.2}
ADD https://example.com/more-$MORE_VERSION.tar.gz /opt/
ADD https://example.com/extra-$EXTRA_VERSION.tar.gz /opt/
USER 1000
""",
            at="https://example.com/more-$MORE_VERSION.tar.gz",
        ),
        Example(
            title="a checksum, a git address, local files, verified below",
            files="""\
-- Dockerfile --
FROM debian:13 AS a
ADD --checksum=sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa https://example.com/x /x
ADD https://github.com/acme/web.git#v1 /src
ADD https://api.github.com/repos/acme/content/git/refs/heads/main version.json
ADD https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem /rds.pem
ADD rootfs.tar.gz /
FROM debian:13
COPY --from=a / /
ADD https://example.com/y /y
RUN echo "abc  /y" | sha256sum -c -
USER 1000
""",
        ),
        Example(
            title="in a folder of tests, and for development",
            files="""\
-- Dockerfile.local --
FROM debian:13
ADD https://example.com/tool-1.2.tar.gz /opt/
USER 1000
-- toolbox/Dockerfile --
FROM debian:13
ADD https://example.com/tool-1.2.tar.gz /opt/
-- tests/Dockerfile --
FROM debian:13
ADD https://example.com/tool-1.2.tar.gz /opt/
USER 1000
""",
        ),
        Example(
            title="an image for Windows, whose builder knows no checksums",
            files="""\
-- Dockerfile --
FROM mcr.microsoft.com/windows/servercore:ltsc2025
ADD https://example.com/tools/2.1/setup.exe C:/setup.exe
CMD ["C:/setup.exe"]
""",
        ),
    ),
)

_REMOTE = regex(r"https?://")
_GIT = regex(r"\.git(?:#|$)|https://api\.github\.com/repos/.+/(?:git/refs|commits|branches)/")
"""A repository, or what tells of its last commit: it is added so that a new one makes the layers below anew."""
_ROOTS = regex(r"truststore\.pki\.rds\.amazonaws\.com|rds-downloads|curl\.se/ca/|rds-combined-ca|cacert\.pem")
"""Certificates of authorities, which whoever gives them out renews under one address, for clients to follow."""
_NEWEST = regex(r"/(?:latest|main|master|HEAD|nightly|snapshot)(?:/|$)", re.IGNORECASE)
_VARIABLE = regex(r"\$(?:\{(?P<braced>\w+)\b(?!:?-)|(?P<bare>\w+))")
"""What has no default where it stands: not `${NAME:-1.2}`."""
_FOR_EACH_BUILD = frozenset(("TARGETARCH", "TARGETOS", "TARGETPLATFORM", "TARGETVARIANT"))
"""https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope"""
_COMMIT = regex(r"(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])")
"""In an address: what is archived is at a commit."""
_OF_PLATFORM = regex(r"(?:^|_)(?:\w*ARCH|ARCHITECTURE|PLATFORM)$", re.IGNORECASE)
"""An argument with a default that others pass for each platform."""
_VERIFIED = regex(r"sha\d+sum|shasum|gpg\b.*--verify|gpgv|cosign verify|minisign|md5sum")


def run(repo: Repository) -> Iterator[Finding]:
    for dockerfile in repo.dockerfiles:
        words = list(_unchecked(dockerfile)) if dockerfile.may_ship else []
        if words:
            first, *more = words
            yield Finding(
                message=f"{code(first.value)} is added as the server answers it.",
                consequence="Another file under the same address gets into the next build, and nothing in the repository shows it.",
                location=dockerfile.location(first.span),
                related=tuple(dockerfile.location(word.span, "is added so too") for word in more),
                withheld=_withheld(dockerfile, words),
            )


def _withheld(dockerfile: Dockerfile, words: list[Word]) -> str:
    """What comes ahead of the checksum where an address is that of whatever is newest."""
    newest = [dockerfile.location(word.span).line for word in words if _NEWEST.search(word.value)]
    if not newest:
        return ""
    lines = list(dict.fromkeys(map(str, newest)))
    where = f" at line{'s' if len(lines) > 1 else ''} {listed(lines)}" if len(words) > 1 else ""
    return (
        f"the addresses{where} are those of whatever is newest: name a release or a commit in each, then its checksum"
        if len(newest) > 1
        else f"the address{where} is that of whatever is newest: name a release or a commit in it, then the checksum of that"
    )


def _unchecked(dockerfile: Dockerfile) -> Iterator[Word]:
    """The addresses of files that one checksum would fit, and that have none."""
    for stage in dockerfile.stages:
        added = [it for it in stage.instructions if it.keyword == "ADD" and it.flag("checksum") is None]
        is_inner = is_development(dockerfile, stage) and not dockerfile.is_published
        is_left = is_inner or dockerfile.on_windows(stage) or _is_verified(dockerfile, stage)
        if stage not in dockerfile.built or not added or is_left:
            continue
        for word in (word for it in added for word in it.sources):
            is_file = _REMOTE.match(word.value) and not _GIT.search(word.value)
            if (
                is_file
                and not _ROOTS.search(word.value)
                and not _COMMIT.search(word.value)
                and _variables(word.value) <= _defaults(dockerfile)
            ):
                yield word


def _is_verified(dockerfile: Dockerfile, stage: Stage) -> bool:
    return any(
        it.keyword == "RUN" and _VERIFIED.search(dockerfile.text[it.span]) for it in stage.instructions
    )


def _variables(text: str) -> set[str]:
    return {found["braced"] or found["bare"] for found in _VARIABLE.finditer(text)}


def _defaults(dockerfile: Dockerfile) -> set[str]:
    """The variables that have a value in the file; the others, as `TARGETARCH` and what is named so, have one
    for each build.

    Of those others are the ones that are made of them.
    """
    found = set[str]()
    for it in dockerfile.source.instructions:
        for pair in it.pairs if it.keyword in ("ARG", "ENV") else ():
            name, value = pair.name.value, pair.value
            is_passed = name in _FOR_EACH_BUILD or (it.keyword == "ARG" and _OF_PLATFORM.search(name))
            if value is not None and not is_passed and _variables(value.value) <= found:
                found.add(name)
    return found
