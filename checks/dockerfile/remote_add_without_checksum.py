"""Remote file is added without a checksum

`ADD https://…` takes what the server answers on the day of the build. Another file under the same address changes the
image without a change in the repository.

Give the checksum that the file has: `ADD --checksum=sha256:…`. From then on a build with another file stops.

The check is silent for local files, for git addresses, where a checksum is given, where the next commands verify the
file, and in files of development, tests and examples.

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
from checks.facts.dockerfiles import is_development

check = Check(
    id="remote-add-without-checksum",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.DOCKERFILE,),
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
            title="a checksum, a git address, local files, verified below",
            files="""\
-- Dockerfile --
FROM debian:13 AS a
ADD --checksum=sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa https://example.com/x /x
ADD https://github.com/acme/web.git#v1 /src
ADD https://api.github.com/repos/acme/content/git/refs/heads/main version.json
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
-- tests/Dockerfile --
FROM debian:13
ADD https://example.com/tool-1.2.tar.gz /opt/
USER 1000
""",
        ),
    ),
)

_REMOTE = re.compile(r"https?://")
_GIT = re.compile(r"\.git(?:#|$)|https://api\.github\.com/repos/.+/(?:git/refs|commits|branches)/")
"""A repository, or what tells of its last commit: it is added so that a new one makes the layers below anew."""
_VERIFIED = re.compile(r"sha\d+sum|shasum|gpg\b.*--verify|gpgv|cosign verify|minisign|md5sum")


def run(repo: Repository) -> Iterator[Finding]:
    for dockerfile in repo.dockerfiles:
        for stage in dockerfile.stages:
            is_inner = is_development(dockerfile, stage) and not dockerfile.is_published
            if stage not in dockerfile.built or dockerfile.is_aside or is_inner:
                continue
            verified = any(
                it.keyword == "RUN" and _VERIFIED.search(dockerfile.text[it.span])
                for it in stage.instructions
            )
            for it in stage.instructions:
                if it.keyword != "ADD" or it.flag("checksum") is not None or verified:
                    continue
                for word in it.sources:
                    if _REMOTE.match(word.value) and not _GIT.search(word.value):
                        yield Finding(
                            message=f"{code(word.value)} is added as the server answers it.",
                            consequence="Another file under the same address gets into the next build, and nothing in the repository shows it.",
                            location=dockerfile.location(word.span),
                        )
