"""Download that fails is piped on

The status of a pipe is that of its last command. When `curl … | tar` or `curl … | sh` gets nothing, or half
of it, the right side may still succeed, and the build goes on with an image that lacks the file.

Let the shell look at all of the pipe: `SHELL ["/bin/bash", "-o", "pipefail", "-c"]` where the image has bash,
or `SHELL ["/bin/ash", "-eo", "pipefail", "-c"]` on Alpine.

The check speaks of downloads piped into a shell only. It is silent

- where `pipefail` is set, by `SHELL`, in the command or in what the pipe feeds
- where nothing pins the script, which `remote-script-piped-to-shell` tells
- where the base image is not a known one (its `SHELL` is inherited)
- where the pipe's failure is allowed for
- for images that others hardly run: of development and tests, and where nothing says how they are run

References:

- https://docs.docker.com/build/building/best-practices/#using-pipes
- https://www.gnu.org/software/bash/manual/html_node/Pipelines.html
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
    Edit,
    Example,
    Finding,
    Fix,
    Kind,
    Repository,
    Severity,
    Span,
    code,
    offer,
)  # fmt: skip
from checks.facts.dockerfile.base_images import Shell, shell_of
from checks.facts.dockerfile.dockerfiles import Dockerfile, is_development
from checks.facts.dockerfile.stages import Ran

check = Check(
    id="pipe-without-pipefail",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.DOCKERFILE, Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT),
    fix=Applicability.UNSAFE,
    tags=("dockerfile", "shell"),
    yields_to=("remote-script-piped-to-shell",),
    peers=("hadolint:DL4006",),
    examples=(
        Example(
            title="an installer of one commit",
            files="""\
-- Dockerfile --
FROM debian:13
RUN curl -fsSL https://example.com/0123456789abcdef0123456789abcdef01234567/install.sh | bash -s -- --yes
USER 1000
""",
            at="curl -fsSL https://example.com/0123456789abcdef0123456789abcdef01234567/install.sh | bash -s -- --yes",
            fixed="""\
-- Dockerfile --
FROM debian:13
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN curl -fsSL https://example.com/0123456789abcdef0123456789abcdef01234567/install.sh | bash -s -- --yes
USER 1000
""",
        ),
        Example(
            title="on Alpine",
            files="""\
-- Dockerfile --
FROM alpine:3.24
RUN wget -qO- https://example.com/0123456789abcdef0123456789abcdef01234567/install.sh | sh
USER 1000
""",
            at="wget -qO- https://example.com/0123456789abcdef0123456789abcdef01234567/install.sh | sh",
            fixed="""\
-- Dockerfile --
FROM alpine:3.24
SHELL ["/bin/ash", "-eo", "pipefail", "-c"]
RUN wget -qO- https://example.com/0123456789abcdef0123456789abcdef01234567/install.sh | sh
USER 1000
""",
        ),
        Example(
            title="pipefail by SHELL, in the command; pipes into something else; allowed for",
            files="""\
-- Dockerfile --
FROM debian:13 AS a
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN curl -fsSL https://example.com/install.sh | bash
FROM debian:13
RUN set -o pipefail && curl -fsSL https://example.com/install.sh | bash
RUN curl -fsSL https://example.com/list | grep x
RUN curl -fsSL https://example.com/install.sh | bash || true
RUN echo 'echo hello' | sh
COPY --from=a / /
USER 1000
-- own.Dockerfile --
FROM registry.example.com/base:1
RUN curl -fsSL https://example.com/install.sh | bash
USER 1000
""",
        ),
        Example(
            title="in a folder of tests, for development, and to build in",
            files="""\
-- Dockerfile.local --
FROM debian:13
RUN curl -fsSL https://example.com/install.sh | bash
USER 1000
-- toolbox/Dockerfile --
FROM debian:13
RUN curl -fsSL https://example.com/0123456789abcdef0123456789abcdef01234567/install.sh | bash
-- tests/Dockerfile --
FROM debian:13
RUN curl -fsSL https://example.com/0123456789abcdef0123456789abcdef01234567/install.sh | bash -s -- --yes
USER 1000
""",
        ),
    ),
)

_SHELLS = frozenset(("sh", "bash", "ash", "dash", "zsh"))


def run(repo: Repository) -> Iterator[Finding]:
    for dockerfile in repo.dockerfiles:
        if not dockerfile.may_ship:
            continue
        for ran in dockerfile.commands():
            command = ran.command
            if command.program not in ("curl", "wget") or command.pipeline is None or command.fallbacks:
                continue
            is_needed = ran.stage in dockerfile.built and not is_development(dockerfile, ran.stage)
            if is_needed and _feeds_shell(ran) and not _is_strict(dockerfile, ran):
                yield Finding(
                    message=f"The status of {code(command.program or '')} is lost in the pipe.",
                    consequence="If the download fails, the shell reads nothing and succeeds: a later command fails, or the image lacks what it was to install.",
                    location=ran.place(Span(command.pipeline.start, command.pipeline.end)),
                    fixes=_fixes(dockerfile, ran),
                )


def _fixes(dockerfile: Dockerfile, ran: Ran) -> tuple[Fix, ...]:
    """A `SHELL` above the command that looks at all of a pipe."""
    shell = shell_of(dockerfile.base_image(ran.stage) or "")
    text, span = dockerfile.text, ran.instruction.span
    start = text.full_line(text.line_of(span.start)).start
    words = (
        '["/bin/ash", "-eo", "pipefail", "-c"]'
        if shell is Shell.BUSYBOX
        else '["/bin/bash", "-o", "pipefail", "-c"]'
    )
    return offer(
        "let the shell look at all of the pipe",
        Applicability.UNSAFE,
        Edit(text.path, Span(start, start), f"SHELL {words}{text.newline}"),
        caution="The shell holds for all commands below: does one of them count on a pipe whose left side may fail?",
    )


def _feeds_shell(ran: Ran) -> bool:
    to = ran.command.piped_to
    found = ran.script.within(to) if to is not None else ()
    return bool(found) and found[0].program in _SHELLS and not found[0].fallbacks


def _is_strict(dockerfile: Dockerfile, ran: Ran) -> bool:
    """Whether `pipefail` holds: by a `SHELL` above, in the base image perhaps, or in the script."""
    base = dockerfile.base_image(ran.stage)
    if "pipefail" in ran.script.source or base is None or shell_of(base) is None:
        return True
    return any(
        it.keyword == "SHELL" and "pipefail" in dockerfile.text[it.span]
        for stage in dockerfile.ancestry(ran.stage)
        for it in stage.instructions
    )
