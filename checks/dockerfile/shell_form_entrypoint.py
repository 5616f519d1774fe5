"""Entrypoint or command is written in shell form

`CMD node server.js` runs as `/bin/sh -c "node server.js"`: the shell is process 1, and dash, the shell of
Debian and Ubuntu, neither passes SIGTERM on nor replaces itself. `docker stop` and a Kubernetes rollout
wait for their grace period, then kill the program in the middle of its work.

The exec form, a JSON array, starts the program itself. It is process 1 then: one that needs default signal
actions or has children to reap wants `tini` or `init: true` beside it.

busybox and bash replace themselves by a single simple command; on Alpine and Red Hat images it is a note
for that reason. They do so with the last one of a list too, of which the check says nothing there. An image of
distroless has no shell at all: the container does not start.

A command that needs the shell, for a variable perhaps, keeps it with `exec` before the program.

The check is silent where the last command starts with `exec`, where the line sets a `trap`, where it only prints or
looks something up, where the file sets `SHELL`, where an init that signals the whole group stands in front
(`dumb-init`, `tini -g`), and on Windows images.

References:

- https://docs.docker.com/reference/build-checks/json-args-recommended/
- https://docs.docker.com/reference/dockerfile/#shell-and-exec-form
- https://github.com/nodejs/docker-node/blob/main/docs/BestPractices.md#handling-kernel-signals
"""

from __future__ import annotations

import json
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
    Severity,
    code,
)  # fmt: skip
from checks.facts.base_images import Shell, shell_of
from checks.facts.dockerfiles import Dockerfile, Form, Instruction, ShellText
from checks.facts.scripts import Command, parse_script
from checks.facts.tree import Span

_BUILTINS = frozenset(
    [
        ".",
        ":",
        "cd",
        "eval",
        "exit",
        "export",
        "read",
        "set",
        "shift",
        "source",
        "trap",
        "ulimit",
        "umask",
        "unset",
        "wait",
    ]
)

_SCRIPT = (".sh", ".bash")
_NEEDS_A_SHELL = "the command needs a shell: start it with `exec`, or move it into a script"
_COMMAND_REVIVES = "the stage's `CMD`, in shell form and ignored until now, would become its arguments"

check = Check(
    id="shell-form-entrypoint",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.DOCKERFILE,),
    fix=Applicability.SAFE,
    tags=("signals", "dockerfile"),
    examples=(
        Example(
            title="a plain command on Debian",
            files="""\
-- Dockerfile --
FROM node:24-slim
COPY . /srv
ENTRYPOINT node /srv/server.js --title "hello world"
""",
            at='ENTRYPOINT node /srv/server.js --title "hello world"',
            fixed="""\
-- Dockerfile --
FROM node:24-slim
COPY . /srv
ENTRYPOINT ["node", "/srv/server.js", "--title", "hello world"]
""",
        ),
        Example(
            title="continued lines stay where they are",
            files="""\
-- Dockerfile --
FROM python:3.14
CMD gunicorn \\
    # the port that the service expects
    --bind 0.0.0.0:8000 \\
    app:app
""",
            at="""CMD gunicorn \\
    # the port that the service expects
    --bind 0.0.0.0:8000 \\
    app:app""",
            fixed="""\
-- Dockerfile --
FROM python:3.14
CMD ["gunicorn", \\
    # the port that the service expects
    "--bind", "0.0.0.0:8000", \\
    "app:app"]
""",
        ),
        Example(
            title="an entrypoint beside a command that it ignores today",
            files="""\
-- Dockerfile --
FROM debian:13
ENTRYPOINT /srv/run
CMD ["--port", "80"]
""",
            at="ENTRYPOINT /srv/run",
            fixed="""\
-- Dockerfile --
FROM debian:13
ENTRYPOINT ["/srv/run"]
CMD ["--port", "80"]
""",
        ),
        Example(
            title="a script, which the shell starts without its first line too",
            files="""\
-- Dockerfile --
FROM ubuntu:26.04
COPY start.sh /usr/local/bin/
CMD start.sh --port 80
""",
            at="CMD start.sh --port 80",
            fixed="""\
-- Dockerfile --
FROM ubuntu:26.04
COPY start.sh /usr/local/bin/
CMD ["start.sh", "--port", "80"]
""",
        ),
        Example(
            title="a command that an entrypoint in shell form ignores",
            files="""\
-- Dockerfile --
FROM debian:13
ENTRYPOINT /srv/run
CMD serve
""",
            at="ENTRYPOINT /srv/run",
        ),
        Example(
            title="a command that needs the shell",
            files="""\
-- Dockerfile --
FROM debian:13
CMD migrate && serve --port $PORT
""",
            at="CMD migrate && serve --port $PORT",
        ),
        Example(
            title="an unknown base, and one where the shell steps aside",
            files="""\
-- Dockerfile --
ARG BASE
FROM $BASE
CMD serve
-- alpine.Dockerfile --
FROM node:24-alpine
CMD node server.js
""",
            at=("CMD serve", "CMD node server.js"),
            fixed="""\
-- Dockerfile --
ARG BASE
FROM $BASE
CMD ["serve"]
""",
        ),
        Example(
            title="exec form, exec, a shell that the author chose, Windows, and an earlier stage",
            files="""\
-- Dockerfile --
FROM debian:13 AS build
CMD make
FROM debian:13
CMD first
CMD ["serve"]
-- exec.Dockerfile --
FROM debian:13
ENTRYPOINT exec java $JAVA_OPTS -jar app.jar
-- shell.Dockerfile --
FROM debian:13
SHELL ["/bin/bash", "-c"]
CMD serve
-- windows.Dockerfile --
# escape=`
FROM mcr.microsoft.com/windows/servercore:ltsc2025
CMD serve.exe
-- none.Dockerfile --
FROM debian:13
ENTRYPOINT []
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for dockerfile in repo.dockerfiles:
        if not _has_its_own_shell(dockerfile):
            written = _in_shell_form(dockerfile, "ENTRYPOINT") or _in_shell_form(dockerfile, "CMD")
            if written:
                yield from _findings(dockerfile, *written)


def _in_shell_form(dockerfile: Dockerfile, keyword: str) -> tuple[Instruction, ShellText] | None:
    """The instruction of the final stage that counts, the last one, if it is in shell form."""
    found = [it for it in dockerfile.final.instructions if it.keyword == keyword]
    last = found[-1] if found else None
    return (last, last.shell) if last and last.form is Form.SHELL and last.shell else None


def _has_its_own_shell(dockerfile: Dockerfile) -> bool:
    """Whether the author chose a shell, or the image is one of Windows."""
    stages = dockerfile.ancestry(dockerfile.final)
    chosen = any(it.keyword == "SHELL" for stage in stages for it in stage.instructions)
    return chosen or dockerfile.on_windows(dockerfile.final)


def _findings(dockerfile: Dockerfile, instruction: Instruction, line: ShellText) -> Iterator[Finding]:
    script = parse_script(line.source)
    first = script.commands[0] if script.commands else None
    if first is None or (first.words and first.words[0].literal == "exec"):
        return
    program = first.program or "the program"
    simple = len(script.commands) == 1 and not script.errors
    shell = shell_of(dockerfile.base_image(dockerfile.final) or "")
    steps_aside = simple and shell in (Shell.BUSYBOX, Shell.BASH)
    ignored = instruction.keyword == "ENTRYPOINT" and _in_shell_form(dockerfile, "CMD")
    fix = _fix(dockerfile, instruction, line, first) if simple and not ignored else None
    yield Finding(
        message=_message(instruction.keyword, program, shell, steps_aside=steps_aside),
        consequence=_consequence(program, shell, steps_aside=steps_aside),
        location=Location(dockerfile.text, instruction.span),
        fixes=(fix,) if fix else (),
        withheld="" if fix else _COMMAND_REVIVES if ignored else _NEEDS_A_SHELL,
        severity=Severity.NOTE if steps_aside else None,
    )


def _message(keyword: str, program: str, shell: Shell | None, *, steps_aside: bool) -> str:
    if steps_aside:
        return f"{code(keyword)} is in shell form, and {code(program)} gets signals only since {shell} replaces itself."
    if shell is None:
        return f"{code(keyword)} is in shell form, and {code('/bin/sh')} stands between signals and {code(program)}."
    return f"{code(keyword)} is in shell form, and {code(program)} never gets SIGTERM."


def _consequence(program: str, shell: Shell | None, *, steps_aside: bool) -> str:
    if steps_aside:
        return "A second command on the line, or a base image whose shell is dash, ends that unseen."
    if shell is None:
        return f"Where the shell is dash it keeps them: {code(program)} is killed at the end of each grace period."
    return f"At `docker stop` and at every rollout {code(program)} is killed when the grace period is over."


def _fix(dockerfile: Dockerfile, instruction: Instruction, line: ShellText, command: Command) -> Fix | None:
    """Puts each word into quotes where it stands, or None where the shell does more than part words."""
    literals = _plain_words(line, command)
    if not literals:
        return None
    caution = _caution(dockerfile, instruction, literals[0])
    applicability = Applicability.UNSAFE if caution else Applicability.SAFE
    return Fix(
        "write it in exec form",
        tuple(_edits(dockerfile.path, line, command, literals)),
        applicability,
        caution,
    )


def _plain_words(line: ShellText, command: Command) -> list[str]:
    """The words of a command that is nothing but words and no builtin of the shell; else none."""
    words = command.words
    whole = bool(words) and line.source.strip() == line.source[words[0].span.start : words[-1].span.end]
    if command.assignments or command.redirections or command.background or command.negated or not whole:
        return []
    literals = [word.literal for word in words if word.literal is not None]
    if len(literals) < len(words) or literals[0] in _BUILTINS or any(it.startswith("~") for it in literals):
        return []
    return literals


def _caution(dockerfile: Dockerfile, instruction: Instruction, program: str) -> str:
    """What to look at before the program is started without a shell, or nothing."""
    if instruction.keyword == "ENTRYPOINT" and any(
        it.keyword == "CMD" for it in dockerfile.final.instructions
    ):
        return "The stage's `CMD`, ignored until now, becomes its arguments: does the program expect them?"
    if program.endswith(_SCRIPT):
        return f"Does {code(program)} begin with a `#!` line? Without one nothing but a shell can start it."
    return ""


def _edits(path: str, line: ShellText, command: Command, literals: list[str]) -> Iterator[Edit]:
    last = len(literals) - 1
    for number, (word, literal) in enumerate(zip(command.words, literals, strict=True)):
        before, after = "[" if number == 0 else "", "]" if number == last else ","
        span = Span(line.span.start + word.span.start, line.span.start + word.span.end)
        yield Edit(path, span, before + json.dumps(literal, ensure_ascii=False) + after)
