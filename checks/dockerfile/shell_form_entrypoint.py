"""Entrypoint or command is written in shell form

`CMD node server.js` runs as `/bin/sh -c "node server.js"`: the shell is process 1, and dash, the shell of
Debian and Ubuntu, neither passes SIGTERM on nor replaces itself. `docker stop` and a Kubernetes rollout
wait for their grace period, then kill the program in the middle of its work.

The exec form, a JSON array, starts the program itself. It is process 1 then, for which there are no default
signal actions: one without a handler for SIGTERM still waits for the end of the grace period. One that has
children to reap leaves them, unless `tini` or `init: true` stands in front.

A package manager of Node.js starts the scripts of `package.json` with `sh -c`, so that dash is in the way again: the fix
starts the program of such a script itself, where that is plain and the file lies in the working folder. The Yarn after the
first has a shell of its own, which passes the signal on.

The fix is safe where the program is known to handle SIGTERM, by its name (`nginx`, `gunicorn`) or by its
runtime (Java, .NET, Ruby, Erlang, Go), and where an init is process 1. Else it asks. A command that needs the
shell, for a variable perhaps, keeps it with `exec` before the program.

What happens depends on the shell of the image, which the name of the base tells, or else the package manager
that the stage calls:

- busybox and bash replace themselves by a single simple command: on Alpine and Red Hat images that is a note.
  They do so with the last one of a list too, of which the check says nothing there.
- An image of distroless has no shell at all: the container does not start.

The check is silent for lines

- whose last command starts with `exec`, or that set a `trap`
- that only print or look something up, or that fetch, copy or pack files and end
- that start a program which sets up nothing for signals: `sleep`, `tail`, `xvfb-run`, a script of the repository without
  `exec` and `trap`
- that start a shell, for somebody to type into
- in which the name of the program or script, or an argument, says that it checks, builds, installs or migrates something
  and ends, or that it is for development
- that were meant as a JSON array, or that run into a comment

The check is silent for images

- whose file sets `SHELL`, or whose shell is not known and might step aside
- whose base is not known and may bring an init, where it is `CMD` that stands in shell form
- in which an init that signals the whole group stands in front (`dumb-init`, `tini -g`)
- that get a command of their own: from manifests beside the file; from all services of Compose that build
  it, where a file beside it is the one for production, or where it has a name that Compose alone knows beside a
  plain `Dockerfile`; or from all containers of manifests and charts that have the name which a build gives to it,
  or run the very files that it starts
- of Windows
- whose entry point takes the command for its arguments, and is not known to start it in its own place (`exec "$@"`)
- in folders of tests and examples
- that certainly are not published, or that are left out where others are

References:

- https://docs.docker.com/reference/build-checks/json-args-recommended/
- https://docs.docker.com/reference/dockerfile/#shell-and-exec-form
- https://github.com/nodejs/docker-node/blob/main/docs/BestPractices.md#handling-kernel-signals
- https://github.com/nodejs/docker-node/blob/main/docs/BestPractices.md#cmd
- https://github.com/yarnpkg/berry/blob/master/packages/yarnpkg-shell/sources/pipe.ts
"""

from __future__ import annotations

import json
import posixpath
import re
import shlex
from collections.abc import Iterator

from msgspec.structs import replace

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
    Text,
    code,
)  # fmt: skip
from checks.facts.deployment.kubernetes import mappings
from checks.facts.dockerfile.base_images import Shell, shell_of
from checks.facts.dockerfile.copied_files import contexts_for, placed
from checks.facts.dockerfile.dockerfiles import Dockerfile, Form, Instruction, ShellText
from checks.facts.dockerfile.first_process import (
    SHELLS,
    handed_command,
    init_of,
    is_deaf,
    is_deaf_script,
    lacks_shell,
    last_command,
    script_of,
    shell_in,
    signals_reach_group,
)
from checks.facts.dockerfile.sigterm import handles_sigterm, script_handles_sigterm
from checks.facts.project.npm_runs import program_started, script_started
from checks.facts.script.scripts import Command, Connector, Script, parse_script
from checks.facts.tree import Mapping, Span, walk
from checks.regex import regex

_PLAIN_BASES = (
    "amazoncorretto:",
    "eclipse-temurin:",
    "mcr.microsoft.com/dotnet/",
    "nvidia/cuda:",
    "public.ecr.aws/amazonlinux/",
    "public.ecr.aws/docker/library/",
)
"""How images begin whose entrypoint, where they have one, starts what it is given."""
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

_BROKEN_LIST = regex(r"\[(?!\[|\s).*\]")
"""A JSON array but for its quotes or commas; `[` with a blank behind it is the command."""
_SCRIPT = (".sh", ".bash")
_NEEDS_A_SHELL = "the line needs a shell: move it into a script that starts the program with `exec`"
_STAYS = "the shell has to stay for what comes behind the program: start that in the background, pass the signal on by a `trap`, and `wait`"
_MAY_STAY = "`exec` goes before the program if that is the last command; else the shell has to stay for those behind it, and to pass the signal on by a `trap`"
_BY_A_SHELL = (
    "{program} starts {name} of `package.json` with `sh -c`, and this image's shell does not pass SIGTERM on either: write the "
    "program that the script starts into it, {how}"
)
_NO_SHELL = (
    "the image has no shell.",
    "The container does not start: “stat /bin/sh: no such file or directory”.",
)
_FOR_WINDOWS = regex(r"[._-]windows$|(?:^|/)windows\.Dockerfile$", re.IGNORECASE)
_BRIEF = frozenset(("cat", "cmp", "date", "echo", "env", "false", "ls", "printf", "pwd", "test", "true", "["))
"""They end by themselves before anybody stops the container."""
_PREPARES = frozenset(
    (
        "chgrp", "chmod", "chown", "cp", "curl", "envsubst", "gunzip", "gzip", "install", "ln", "mkdir", "mv", "rm", "rmdir", "sed", "sleep", "tar",
        "touch", "unzip", "wget", "zip",
    )
)  # fmt: skip
"""So do these, which fetch or work on files and set up nothing for signals."""
_NOT_SERVED = regex(
    r"(?<![a-z])(?:(?:shell)?check|lint|tests?|migrat(?:e|ions?|or)|dev)(?![a-z])", re.IGNORECASE
)
"""In the name of a program that ends by itself, or that runs before somebody's eyes."""
_STARTS = regex(
    r"(?<![a-z])(?:check|migrat(?:e|ions?))[_-](?:and|then)[_-](?:launch|run|serve|start)(?:[_-](?:app|server|service|web))?(?:\.\w+)?$",
    re.IGNORECASE,
)
"""In the name of one that does not end then: it starts what stays."""
_HANDS_ON = frozenset(
    ("chpst", "docker-entrypoint.sh", "docker-php-entrypoint", "env", "gosu", "setpriv", "su-exec")
)
"""What starts its arguments in its own place: programs that do nothing else, and the entry points of Docker's official images."""
_HANDED_ON = regex(r"\bexec\w*\b(?:\\\r?\n|[^\n#]){0,300}(?:\$\{?[@*]|\$\{\w+\[[@*]\]|\bargv\b)")
"""Where a script does so."""
_MAKES = regex(
    r"(?:(?!serve)[a-z0-9]{1,40}[_-])?(?:build|compile|install|installer|package)(?:[_-](?:all|debs?|docs?|images?|packages?|rpms?|site))?\.(?:ba)?sh",
    re.IGNORECASE,
)
"""The name of a script that makes something and ends; one that says more (`build-and-serve.sh`, `serve-build.sh`) may go on."""
_MIGRATES = regex(r"(?:db:)?migrat(?:e|ions?)(?::[\w:-]{1,40})?")
"""What tells a program that does more to migrate a database, and to end."""
_ASKED = (
    "Does the program set up a handler for SIGTERM, or stand behind an init (`tini`, `init: true`)? "
    "As process 1 it gets no default action for signals."
)

check = Check(
    id="shell-form-entrypoint",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.DOCKERFILE, Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT, Kind.COMPOSE, Kind.KUBERNETES),
    fix=Applicability.SAFE,
    scope=Scope.REPOSITORY,
    tags=("signals", "dockerfile"),
    peers=(
        "buildkit:JSONArgsRecommended",
        "hadolint:DL3025",
    ),
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
            paths=("start.sh",),
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
            fixed="""\
-- Dockerfile --
FROM debian:13
ENTRYPOINT exec /srv/run
CMD serve
""",
        ),
        Example(
            title="a command that needs the shell",
            files="""\
-- Dockerfile --
FROM debian:13
CMD migrate && serve --port $PORT
""",
            at="CMD migrate && serve --port $PORT",
            fixed="""\
-- Dockerfile --
FROM debian:13
CMD migrate && exec serve --port $PORT
""",
        ),
        Example(
            title="lists of commands that end in a semicolon, one with a continuation behind it",
            files="""\
-- Dockerfile --
FROM debian:13
ENV PARTS=https://parts.acme.example/agent.jar
CMD wget -q "$PARTS" -O /srv/agent.jar && java -javaagent:/srv/agent.jar \\
    -jar /srv/shop.jar ; \\

# docker run shop:1
-- jobs.Dockerfile --
FROM debian:13
CMD curl -fsS "$PARTS" -o /srv/agent.jar; java -jar /srv/jobs.jar;
-- lists.Dockerfile --
FROM debian:13
CMD serve --port $PORT; store --all;
""",
            at=(
                """\
CMD wget -q "$PARTS" -O /srv/agent.jar && java -javaagent:/srv/agent.jar \\
    -jar /srv/shop.jar ; \\""",
                'CMD curl -fsS "$PARTS" -o /srv/agent.jar; java -jar /srv/jobs.jar;',
                "CMD serve --port $PORT; store --all;",
            ),
            fixed="""\
-- Dockerfile --
FROM debian:13
ENV PARTS=https://parts.acme.example/agent.jar
CMD wget -q "$PARTS" -O /srv/agent.jar && exec java -javaagent:/srv/agent.jar \\
    -jar /srv/shop.jar ; \\

# docker run shop:1
""",
        ),
        Example(
            title="scripts that build and go on, or that are named for something built",
            files="""\
-- Dockerfile --
FROM debian:13
CMD bash /srv/$STAGE/build-and-serve.sh
-- agent/Dockerfile --
FROM debian:13
CMD /srv/$STAGE/build_agent.sh
-- pages/Dockerfile --
FROM debian:13
CMD sh /srv/serve-build.sh
-- shop/Dockerfile --
FROM debian:13
CMD sh /srv/migrate-and-serve.sh
-- till/Dockerfile --
FROM debian:13
CMD /srv/run_migrations_and_start_server.sh
""",
            at=(
                "CMD bash /srv/$STAGE/build-and-serve.sh",
                "CMD /srv/$STAGE/build_agent.sh",
                "CMD sh /srv/serve-build.sh",
                "CMD sh /srv/migrate-and-serve.sh",
                "CMD /srv/run_migrations_and_start_server.sh",
            ),
            fixed="""\
-- Dockerfile --
FROM debian:13
CMD exec bash /srv/$STAGE/build-and-serve.sh
""",
        ),
        Example(
            title="a variable for the program alone",
            files="""\
-- Dockerfile --
FROM node:24-alpine
CMD STUBBED=${STUBBED:-false} npm start
""",
            at="CMD STUBBED=${STUBBED:-false} npm start",
            fixed="""\
-- Dockerfile --
FROM node:24-alpine
CMD STUBBED=${STUBBED:-false} exec npm start
""",
        ),
        Example(
            title="a loop, and a program behind an init that only signals its child",
            files="""\
-- Dockerfile --
FROM alpine:3.23
CMD while true; do work; sleep 60; done
-- init.Dockerfile --
FROM debian:13
ENTRYPOINT ["tini", "--"]
CMD serve | tee log
""",
            at=("CMD while true; do work; sleep 60; done", "CMD serve | tee log"),
        ),
        Example(
            title="an image without a shell",
            files="""\
-- Dockerfile --
FROM gcr.io/distroless/static-debian13:nonroot
COPY serve /srv/serve
ENTRYPOINT /srv/serve
""",
            at="ENTRYPOINT /srv/serve",
            fixed="""\
-- Dockerfile --
FROM gcr.io/distroless/static-debian13:nonroot
COPY serve /srv/serve
ENTRYPOINT ["/srv/serve"]
""",
        ),
        Example(
            title="the last command tidies up behind the program",
            files="""\
-- Dockerfile --
FROM debian:13
CMD /srv/collector --config /etc/collector.conf; echo "Storing what is left"; /srv/upload
""",
            at='CMD /srv/collector --config /etc/collector.conf; echo "Storing what is left"; /srv/upload',
        ),
        Example(
            title="an unknown base whose package manager tells the shell, which may have an entrypoint, and one where it steps aside",
            files="""\
-- Dockerfile --
ARG BASE
FROM $BASE
RUN apt-get update && apt-get install -y curl
ENTRYPOINT migrate && serve
-- command.Dockerfile --
FROM registry.example.com/notebook:1
RUN apt-get update && apt-get install -y curl
CMD serve.sh
-- alpine.Dockerfile --
FROM node:24-alpine
CMD node server.js
-- loop.Dockerfile --
FROM registry.example.com/base:1
ENTRYPOINT while serve; do sleep 1; done
""",
            at=(
                "ENTRYPOINT migrate && serve",
                "CMD node server.js",
                "ENTRYPOINT while serve; do sleep 1; done",
            ),
            fixed="""\
-- Dockerfile --
ARG BASE
FROM $BASE
RUN apt-get update && apt-get install -y curl
ENTRYPOINT migrate && exec serve
""",
        ),
        Example(
            title="a manifest beside the file gives the container a command of its own",
            files="""\
-- jobs/clean/Dockerfile --
FROM debian:13
ENTRYPOINT /clean
-- jobs/clean/manifests/job.yaml --
apiVersion: batch/v1
kind: Job
metadata: {name: clean}
spec:
  template:
    spec:
      containers:
        - name: clean
          image: ghcr.io/acme/clean:1
          command: [/clean]
""",
        ),
        Example(
            title="each service that builds it has a command of its own, and another file is for production",
            files="""\
-- compose.yaml --
services:
  web:
    build: .
    image: web-dev
    command: npm run watch
  jobs:
    build: .
    image: web-dev
    entrypoint: [npm, run, jobs]
-- Dockerfile --
FROM node:24-slim
CMD npm start
-- Dockerfile.production --
FROM node:24-slim
CMD npm start
""",
            at="CMD npm start",
        ),
        Example(
            title="a script of package.json that starts node, one that does more, one with another ahead, and an image without dash",
            files="""\
-- web/Dockerfile --
FROM node:24-slim
WORKDIR /srv
COPY . .
CMD npm run start:prod
-- web/package.json --
{"name": "web", "scripts": {"start:prod": "node dist/main.js --quiet"}}
-- jobs/Dockerfile --
FROM node:24-slim
WORKDIR /srv
COPY . .
CMD yarn start
-- jobs/package.json --
{"name": "jobs", "scripts": {"start": "next start -p 80"}}
-- mail/Dockerfile --
FROM node:24-slim
WORKDIR /srv
COPY . .
CMD pnpm run serve
-- mail/package.json --
{"name": "mail", "scripts": {"preserve": "node check.js", "serve": "node mail.js"}}
-- feed/Dockerfile --
FROM node:24-alpine
WORKDIR /srv
COPY . .
CMD npm start
-- feed/package.json --
{"name": "feed", "scripts": {"start": "node feed.js"}}
""",
            at=("CMD npm run start:prod", "CMD yarn start", "CMD pnpm run serve", "CMD npm start"),
            fixed="""\
-- web/Dockerfile --
FROM node:24-slim
WORKDIR /srv
COPY . .
CMD ["node", "dist/main.js", "--quiet"]
""",
        ),
        Example(
            title="Yarn of its own shell; a script of a package.json that lies elsewhere in the image, or of another; arguments; a negation",
            files="""\
-- app/Dockerfile --
FROM node:24-slim
WORKDIR /srv
COPY . .
CMD yarn start
-- app/package.json --
{"name": "app", "packageManager": "yarn@4.9.1", "scripts": {"start": "node app.js"}}
-- below/Dockerfile --
FROM node:24-slim
WORKDIR /srv
COPY . .
WORKDIR /srv/dist
CMD npm run below
-- below/package.json --
{"name": "below", "scripts": {"below": "node dist/below.js"}}
-- other/Dockerfile --
FROM node:24-slim
WORKDIR /srv
COPY server/ ./
CMD npm run other
-- other/package.json --
{"name": "other", "scripts": {"other": "node tools.js"}}
-- more/Dockerfile --
FROM node:24-slim
WORKDIR /srv
COPY . .
ENTRYPOINT npm run more
CMD ["--quiet"]
-- more/package.json --
{"name": "more", "scripts": {"more": "node more.js"}}
-- not/Dockerfile --
FROM node:24-slim
WORKDIR /srv
COPY . .
CMD npm run not
-- not/package.json --
{"name": "not", "scripts": {"not": "! node not.js"}}
""",
            at=(
                "CMD yarn start",
                "CMD npm run below",
                "ENTRYPOINT npm run more",
                "CMD npm run not",
                "CMD npm run other",
            ),
            paths=("other/server/package.json",),
            fixed="""\
-- app/Dockerfile --
FROM node:24-slim
WORKDIR /srv
COPY . .
CMD ["yarn", "start"]
""",
        ),
        Example(
            title="a base whose shell is not known, and a shell to type into",
            files="""\
-- Dockerfile --
ARG BASE
FROM $BASE
CMD serve
-- list.Dockerfile --
FROM registry.example.com/planner:1
RUN apk add --no-cache git
CMD migrate && serve
-- both.Dockerfile --
FROM registry.example.com/base:1
RUN if command -v apk; then apk add --no-cache git; else apt-get update && apt-get install -y git; fi
CMD serve
-- tools.Dockerfile --
FROM debian:13
ENTRYPOINT /bin/bash --login
-- chosen/Dockerfile --
FROM amazonlinux:2023
CMD /bin/bash -c 'make rpm'
""",
        ),
        Example(
            title="workflows publish no image, and Compose builds this one",
            files="""\
-- shop/Dockerfile --
FROM debian:13
CMD serve
-- compose.yaml --
services:
  shop:
    build: shop
-- .github/workflows/lint.yml --
on: pull_request
jobs:
  lint:
    runs-on: ubuntu-latest
    steps:
      - run: make lint
""",
        ),
        Example(
            title="exec form, exec, a trap, a shell that the author chose or that steps aside, what ends by itself, Windows, and an earlier stage",
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
-- list.Dockerfile --
FROM alpine:3.23
CMD migrate && serve --port $PORT
-- last.Dockerfile --
FROM debian:13
CMD migrate && exec serve
-- trap.Dockerfile --
FROM debian:13
CMD trap 'kill $!' TERM; serve & wait
-- glued.Dockerfile --
FROM debian:13
CMD serve#the pages
-- brief.Dockerfile --
FROM debian:13
CMD echo "mount your files at /data"
-- export.Dockerfile --
FROM debian:13
CMD pack && cp /srv/layer.zip /out/
-- deb.Dockerfile --
FROM debian:13
ENV DISTRO=trixie
CMD /repo/packaging/$DISTRO/build.sh "$VERSION"
-- docs.Dockerfile --
FROM debian:13
CMD bash /srv/docs/build_site.sh --all
-- packages.Dockerfile --
FROM debian:13
CMD /bin/bash /srv/installer.sh
-- traced.Dockerfile --
FROM debian:13
CMD bash -e -x /srv/build.sh
-- probe.Dockerfile --
FROM debian:13
CMD sh /srv/smoke-test.sh "$URL"
-- lint.Dockerfile --
FROM debian:13
CMD /usr/bin/check-all.sh /sources
-- start.Dockerfile --
FROM debian:13
CMD ./start-dev.sh
-- migrations.Dockerfile --
FROM debian:13
CMD /srv/migrations-runner --all
-- migrator.Dockerfile --
FROM debian:13
CMD /srv/shop_migrator
-- manage.Dockerfile --
FROM python:3.14
CMD python manage.py migrate
-- meant.Dockerfile --
FROM debian:13
ENTRYPOINT ["serve"]
CMD ['']
-- tests/Dockerfile --
FROM debian:13
CMD serve
-- Dockerfile.windows --
FROM golang:1.27
RUN go build -o check.exe .
CMD .\\check.exe
-- group.Dockerfile --
FROM debian:13
ENTRYPOINT ["/usr/bin/dumb-init", "--"]
CMD serve --port $PORT
""",
        ),
        Example(
            title="an entry point that starts the command in its own place, one that knows words for it, and one that is not known",
            files="""\
-- Dockerfile --
FROM debian:13
COPY start.sh /
ENTRYPOINT ["tini", "--", "/start.sh"]
CMD serve --port 80
-- start.sh --
#!/bin/sh
set -e
migrate
exec su-exec www \\
  "$@"
-- words.Dockerfile --
FROM debian:13
COPY words.sh /usr/local/bin/
ENTRYPOINT ["/usr/local/bin/words.sh"]
CMD web
-- words.sh --
#!/bin/sh
case $1 in
  web) serve ;;
  jobs) work ;;
esac
-- program.Dockerfile --
FROM debian:13
COPY shop /usr/bin/
ENTRYPOINT ["shop"]
CMD serve --port 80
-- word.Dockerfile --
FROM debian:13
ENTRYPOINT ["for"]
CMD serve --port 80
""",
            at="CMD serve --port 80",
            fixed="""\
-- Dockerfile --
FROM debian:13
COPY start.sh /
ENTRYPOINT ["tini", "--", "/start.sh"]
CMD ["serve", "--port", "80"]
""",
        ),
        Example(
            title="a number sign that is no comment",
            files="""\
-- Dockerfile --
FROM debian:13
CMD serve --title page#2
""",
            at="CMD serve --title page#2",
            fixed="""\
-- Dockerfile --
FROM debian:13
CMD ["serve", "--title", "page#2"]
""",
        ),
        Example(
            title="a script that names its interpreter",
            files="""\
-- Dockerfile --
FROM debian:13
COPY bin/serve.sh /serve.sh
ENTRYPOINT /serve.sh
-- bin/serve.sh --
#!/bin/sh
exec /srv/web
""",
            at="ENTRYPOINT /serve.sh",
            fixed="""\
-- Dockerfile --
FROM debian:13
COPY bin/serve.sh /serve.sh
ENTRYPOINT ["/serve.sh"]
""",
        ),
        Example(
            title="what passes over signals by itself, and a script that handles them",
            files="""\
-- Dockerfile --
FROM debian:13
CMD sleep infinity
-- logs.Dockerfile --
FROM debian:13
CMD prepare && tail -f /var/log/app.log
-- parts.Dockerfile --
FROM debian:13
CMD run-parts /etc/start.d
-- screen.Dockerfile --
FROM debian:13
CMD xvfb-run --server-args="-screen 0 1280x800x24" node bot.js
-- convert/Dockerfile --
FROM debian:13
COPY convert.sh /
CMD ./convert.sh --all
-- convert/convert.sh --
#!/bin/sh
# exec is not what it needs
exec 2>&1
. "$HOME/.nvm/nvm.sh"
source /opt/venv/bin/activate
find /in -exec convert {} \\;
echo "A trap"
-- mail/Dockerfile --
FROM alpine:3.24
COPY mail.sh /
CMD /bin/sh /mail.sh
-- mail/mail.sh --
while true; do deliver; sleep 5; done
-- poll/Dockerfile --
FROM debian:13
COPY poll.sh /
CMD /poll.sh
-- poll/poll.sh --
#!/usr/bin/env bash
trap 'exit 0' TERM
while true; do poll; sleep 5 & wait $!; done
-- hook/Dockerfile --
FROM debian:13 AS wheels
COPY pack/pack_wheels.sh /hook.sh
RUN /hook.sh
FROM debian:13
COPY hook.sh /
CMD /bin/bash /hook.sh
-- hook/hook.sh --
#!/bin/bash
trap 'exit 0' TERM
while true; do hook; sleep 5 & wait $!; done
-- pack/Dockerfile --
FROM debian:13
COPY pack/pack_wheels.sh /opt/pack.sh
CMD /bin/bash /opt/pack.sh
-- pack/pack_wheels.sh --
#!/bin/bash
pip download -r requirements.txt
zip -r wheels.zip .
-- none/Dockerfile --
FROM gcr.io/distroless/static-debian13:nonroot
ENTRYPOINT sleep infinity
""",
            at=("CMD /poll.sh", "CMD /bin/bash /hook.sh", "ENTRYPOINT sleep infinity"),
            fixed="""\
-- poll/Dockerfile --
FROM debian:13
COPY poll.sh /
CMD ["/poll.sh"]
""",
        ),
        Example(
            title="a script that names none, which only a shell can start",
            files="""\
-- Dockerfile --
FROM debian:13
COPY bin/serve.sh /serve.sh
ENTRYPOINT /serve.sh
-- bin/serve.sh --
echo Starting
exec /srv/web
""",
            at="ENTRYPOINT /serve.sh",
            fixed="""\
-- Dockerfile --
FROM debian:13
COPY bin/serve.sh /serve.sh
ENTRYPOINT exec /serve.sh
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for dockerfile in repo.dockerfiles:
        if dockerfile.may_ship and not _has_its_own_shell(dockerfile):
            written = _in_shell_form(dockerfile, "ENTRYPOINT") or _in_shell_form(dockerfile, "CMD")
            if written and _is_replaced(repo, dockerfile, written[0].keyword):
                continue
            if written and (
                written[0].keyword == "ENTRYPOINT"
                or not (_may_inherit(dockerfile) or _is_taken(repo, dockerfile))
            ):
                yield from _findings(repo, dockerfile, *written)


def _is_replaced(repo: Repository, dockerfile: Dockerfile, keyword: str) -> bool:
    """Whether what runs an image here has something else in place of an instruction of it."""
    return (
        _is_replaced_beside(repo, dockerfile)
        or repo.runs_otherwise(dockerfile, keyword)
        or repo.gets_own_command(dockerfile, keyword)
    )


def _is_replaced_beside(repo: Repository, dockerfile: Dockerfile) -> bool:
    """Whether all containers of the manifests beside a Dockerfile have a command of their own, in place of
    the image's."""
    folder = posixpath.dirname(dockerfile.path)
    beside = [one for one in repo.manifests if folder and one.text.path.startswith(f"{folder}/")]
    containers = [
        node
        for one in beside
        for top in walk(one.node)
        if isinstance(top, Mapping)
        for node in mappings(top.get("containers"))
    ]
    return bool(containers) and all(node.get("command") is not None for node in containers)


def _may_inherit(dockerfile: Dockerfile) -> bool:
    """Whether an image that is not known may bring an init as its entrypoint, or a shell of its own."""
    own = (it for stage in dockerfile.ancestry(dockerfile.shipped) for it in stage.instructions)
    base = dockerfile.base_image(dockerfile.shipped) or ""
    is_known = shell_of(base) is not None or base.startswith(_PLAIN_BASES)
    return not is_known and not lacks_shell(dockerfile) and all(it.keyword != "ENTRYPOINT" for it in own)


def _is_taken(repo: Repository, dockerfile: Dockerfile) -> bool:
    """Whether an entry point takes `/bin/sh -c …` for its arguments, and is not known to start that in its own place."""
    entry = handed_command(dockerfile)
    if not entry or posixpath.basename(entry[0]) in _HANDS_ON:
        return False
    starts = parse_script(shlex.join(entry)).commands  # none of what no shell takes for a command, `["if"]`
    texts = [text for start in starts[:1] for text in _scripts(repo, dockerfile, start)]
    hand_on = [text is not None and _HANDED_ON.search(text.content) is not None for text in texts]
    return not hand_on or not all(hand_on)


def _in_shell_form(dockerfile: Dockerfile, keyword: str) -> tuple[Instruction, ShellText] | None:
    """The instruction of the final stage that counts, the last one, if it is in shell form."""
    found = [it for it in dockerfile.shipped.instructions if it.keyword == keyword]
    last = found[-1] if found else None
    if last is None or last.form is not Form.SHELL or last.shell is None:
        return None
    return None if _BROKEN_LIST.fullmatch(last.shell.source.strip()) else (last, last.shell)


def _has_its_own_shell(dockerfile: Dockerfile) -> bool:
    """Whether the author chose a shell, or the image is one of Windows."""
    stages = dockerfile.ancestry(dockerfile.shipped)
    chosen = any(it.keyword == "SHELL" for stage in stages for it in stage.instructions)
    return chosen or dockerfile.on_windows(dockerfile.shipped) or bool(_FOR_WINDOWS.search(dockerfile.path))


def _findings(
    repo: Repository, dockerfile: Dockerfile, instruction: Instruction, line: ShellText
) -> Iterator[Finding]:
    script = parse_script(line.source)
    last = _started(script)
    init = init_of(dockerfile) if instruction.keyword == "CMD" else None
    shell = shell_in(dockerfile)
    starts_not = instruction.keyword == "ENTRYPOINT" and lacks_shell(dockerfile)
    simple = len(script.commands) == 1 and last is not None
    steps_aside = shell in (Shell.BUSYBOX, Shell.BASH) and last is not None
    if not _matters(script, last) or (steps_aside and not simple):
        return
    if last is not None and not starts_not and _stays_deaf(repo, dockerfile, last):
        return
    if shell is None and last is not None and not starts_not:
        return
    if init and (signals_reach_group(dockerfile) or shell is not Shell.DASH):
        return
    fix, withheld = _repair(repo, dockerfile, instruction, line, script)
    is_first = not (starts_not or init or steps_aside)
    if fix and last is not None and is_first and not _is_heard(repo, dockerfile, last):
        fix = replace(fix, applicability=Applicability.UNSAFE, caution=f"{fix.caution} {_ASKED}".strip())
    message, consequence = (
        _NO_SHELL
        if starts_not
        else _of_init(init, last)
        if init
        else _stepping_aside(last, shell)
        if steps_aside and last
        else _kept(last)
    )
    yield Finding(
        message=f"{code(instruction.keyword)} is in shell form, and {message}",
        consequence=consequence,
        location=Location(dockerfile.text, instruction.span),
        fixes=(fix,) if fix else (),
        withheld=withheld,
        severity=_severity(starts_not, steps_aside=steps_aside),
    )


def _severity(starts_not: bool, *, steps_aside: bool) -> Severity | None:
    if starts_not:
        return Severity.ERROR
    return Severity.NOTE if steps_aside else None


def _started(script: Script) -> Command | None:
    """The last command; None where it tidies up behind a program, which ends without success when it is stopped."""
    return None if _goes_on(script) else last_command(script)


def _goes_on(script: Script) -> bool:
    """Whether more comes behind a command that may be the program, however that ends."""
    pairs = zip(script.commands, script.commands[1:], strict=False)
    return any(
        after.connector is Connector.SEQUENCE and before.program not in _BRIEF | _BUILTINS | _PREPARES
        for before, after in pairs
    )


def _matters(script: Script, last: Command | None) -> bool:
    """Whether something runs for a while, and the shell is not told what to do with signals."""
    commands = script.commands
    first_words = {command.words[0].literal for command in commands if command.words}
    if not commands or first_words & {"exec", "trap"} or any(map(_is_a_shell, commands)):
        return False
    if any("#" in (command.program or "") for command in commands):
        return False  # a comment without a blank before it: what starts, if anything, is not known
    if last is None:
        return True
    migrates = any(_MIGRATES.fullmatch(word.literal or "") for word in last.arguments)
    name = script_of(last)
    is_brief = last.program in _BRIEF or (_NOT_SERVED.search(name) and not _STARTS.search(name))
    return not (migrates or is_brief or _MAKES.fullmatch(name))


def _stays_deaf(repo: Repository, dockerfile: Dockerfile, last: Command) -> bool:
    """Whether the exec form changes nothing: the program, or the shell of its script, passes over SIGTERM by
    itself, or soon ends."""
    texts = _scripts(repo, dockerfile, last)
    are_deaf = [text is not None and repo.memo(is_deaf_script, text.content) for text in texts]
    return is_deaf(last) or last.program in _PREPARES or (bool(are_deaf) and all(are_deaf))


def _is_heard(repo: Repository, dockerfile: Dockerfile, last: Command) -> bool:
    """Whether the program, or each script of the repository that may be it, is known to handle SIGTERM."""
    texts = _scripts(repo, dockerfile, last)
    handle = [text is not None and script_handles_sigterm(dockerfile, text.content) for text in texts]
    return handles_sigterm(dockerfile, last) or (bool(handle) and all(handle))


def _scripts(repo: Repository, dockerfile: Dockerfile, last: Command) -> list[Text | None]:
    """The scripts of the repository that a command may run: those that the image has under its name, or else of that name."""
    name, stages = script_of(last), dockerfile.ancestry(dockerfile.shipped)
    copied = (
        posixpath.basename(source.path)
        for copy in dockerfile.copies
        if name and copy.stage in stages and len(copy.sources) == 1
        if posixpath.basename(copy.instruction.destination.value) == name
        for source in copy.sources
        if source.path
    )
    names = dict.fromkeys(copied) or (name,)
    return [repo.snapshot.texts.get(path) for one in names for path in repo.paths_named(one)]


def _is_a_shell(last: Command) -> bool:
    """Whether it is a shell that reads what somebody types, or one that the author chose for a command."""
    written = last.literals
    return last.program in SHELLS and ("-c" in written or all(one.startswith("-") for one in written))


def _name(last: Command | None) -> str:
    return code(last.program) if last and last.program else "what it runs"


def _of_init(init: str, last: Command | None) -> tuple[str, str]:
    return (
        f"the SIGTERM that {code(init)} passes on ends the shell, not {_name(last)}.",
        f"At `docker stop` and at every rollout {_name(last)} is killed at once, in the middle of its work.",
    )


def _stepping_aside(last: Command, shell: Shell | None) -> tuple[str, str]:
    return (
        f"{_name(last)} gets signals only since {shell} replaces itself.",
        "A loop or a pipe on the line, or a base image whose shell is dash, ends that unseen.",
    )


def _kept(last: Command | None) -> tuple[str, str]:
    return (
        f"{_name(last)} never gets SIGTERM.",
        f"At `docker stop` and at every rollout {_name(last)} is killed when the grace period is over.",
    )


def _repair(
    repo: Repository, dockerfile: Dockerfile, instruction: Instruction, line: ShellText, script: Script
) -> tuple[Fix | None, str]:
    """The exec form, or else `exec` before the last command; and why there is neither."""
    last = _started(script)
    if last is None:
        return None, _why_none(script)
    name = script_started(last) if shell_in(dockerfile) is Shell.DASH else ""
    if name and not (last.program == "yarn" and _has_own_shell(repo)):
        fix = _started_directly(repo, dockerfile, instruction, line, last, name)
        how = "as a JSON array" if len(script.commands) == 1 else "behind `exec`"
        return fix, "" if fix else _BY_A_SHELL.format(program=last.program, name=code(name), how=how)
    ignored = instruction.keyword == "ENTRYPOINT" and _in_shell_form(dockerfile, "CMD")
    if len(script.commands) == 1 and not ignored:
        fix = _fix(repo, dockerfile, instruction, line, last)
        if fix:
            return fix, ""
    fix = _replacing(dockerfile.path, line, script, last)
    return fix, "" if fix else _NEEDS_A_SHELL


def _started_directly(
    repo: Repository,
    dockerfile: Dockerfile,
    instruction: Instruction,
    line: ShellText,
    command: Command,
    name: str,
) -> Fix | None:
    """The program of a script of the `package.json` beside a Dockerfile, in place of the package manager that starts it.

    None where that file is not copied into the working folder, or where a `CMD` would become arguments.
    """
    path = posixpath.join(posixpath.dirname(dockerfile.path), "package.json")
    words = program_started(name, (one for one in repo.node_projects if one.path == path))
    takes_more = instruction.keyword == "ENTRYPOINT" and dockerfile.started[1]
    if takes_more or not words or not _is_in_working_folder(repo, dockerfile, path):
        return None
    if not _plain_words(line, command):
        return None
    start, end = command.words[0].span.start, command.words[-1].span.end
    return Fix(
        f"start what {code(name)} of {path} does",
        (Edit(dockerfile.path, Span(line.span.start + start, line.span.start + end), json.dumps(words)),),
        Applicability.UNSAFE,
        f"Does the program read nothing that {code(command.program or '')} sets for its scripts, `npm_package_version` perhaps?",
    )


def _has_own_shell(repo: Repository) -> bool:
    """Whether the Yarn of a repository may be newer than the first, which passes SIGTERM on to a program that no `sh` stands before."""
    return bool(repo.paths_named(".yarnrc.yml")) or any(one.stops_yarn_1 for one in repo.node_projects)


def _is_in_working_folder(repo: Repository, dockerfile: Dockerfile, path: str) -> bool:
    """Whether a file lies where the container starts, in each context that is known, and no other of its name is put there."""
    end, name = len(dockerfile.text.content), posixpath.basename(path)
    at = posixpath.join(dockerfile.folder_at(dockerfile.shipped, end) or "", name)
    alike = repo.paths_named(name)
    found = [
        {
            one
            for one in alike
            if (own := context.own_path(one)) is not None
            and any(it.at == at for it in placed(context, own, dockerfile.shipped, end))
        }
        for context in contexts_for(dockerfile, repo.build_contexts, repo.ignore_files, repo.snapshot)
    ]
    return bool(found) and all(one == {path} for one in found)


def _why_none(script: Script) -> str:
    """Why `exec` has no place that is known."""
    if not _goes_on(script):
        return _NEEDS_A_SHELL
    return _STAYS if script.commands[-1].program in _BRIEF | _PREPARES else _MAY_STAY


def _replacing(path: str, line: ShellText, script: Script, last: Command) -> Fix | None:
    """`exec` before the last command, where nothing needs the shell afterwards."""
    name = last.words[0].literal
    if name is None or name in _BUILTINS or name in script.functions:
        return None
    if any(command.background for command in script.commands):
        return None
    start = line.span.start + last.words[0].span.start
    return Fix("let it replace the shell", (Edit(path, Span(start, start), "exec "),), Applicability.SAFE)


def _fix(
    repo: Repository, dockerfile: Dockerfile, instruction: Instruction, line: ShellText, command: Command
) -> Fix | None:
    """Puts each word into quotes where it stands, or None where the shell does more than part words."""
    literals = _plain_words(line, command)
    if not literals:
        return None
    names_interpreter = _names_interpreter(repo, literals[0])
    if names_interpreter is False:
        return None
    caution = _caution(dockerfile, instruction, literals[0], is_known=names_interpreter is not None)
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


def _names_interpreter(repo: Repository, program: str) -> bool | None:
    """Whether a script of the repository begins with a `#!` line, without which only a shell can start it.

    None where that is not known: it is no script, none is called so, or several are, some without.
    """
    paths = repo.paths_named(posixpath.basename(program)) if program.endswith(_SCRIPT) else ()
    texts = [repo.snapshot.texts.get(path) for path in paths]
    answers = {text is not None and text.content.startswith("#!") for text in texts}
    return None if len(answers) != 1 or None in texts else answers.pop()


def _caution(dockerfile: Dockerfile, instruction: Instruction, program: str, *, is_known: bool) -> str:
    """What to look at before the program is started without a shell, or nothing."""
    if instruction.keyword == "ENTRYPOINT" and any(
        it.keyword == "CMD" for it in dockerfile.shipped.instructions
    ):
        return "The stage's `CMD`, ignored until now, becomes its arguments: does the program expect them?"
    if program.endswith(_SCRIPT) and not is_known:
        return f"Does {code(program)} begin with a `#!` line? Without one nothing but a shell can start it."
    return ""


def _edits(path: str, line: ShellText, command: Command, literals: list[str]) -> Iterator[Edit]:
    last = len(literals) - 1
    for number, (word, literal) in enumerate(zip(command.words, literals, strict=True)):
        before, after = "[" if number == 0 else "", "]" if number == last else ","
        span = Span(line.span.start + word.span.start, line.span.start + word.span.end)
        yield Edit(path, span, before + json.dumps(literal, ensure_ascii=False) + after)
