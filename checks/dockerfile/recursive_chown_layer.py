"""Copied files change their owner in a second layer

`RUN chown -R` after a `COPY` writes every file again: a layer holds what it changes, and an owner is a change
of the whole file. The image has the files twice, and is that much slower to push, to pull and to start.

Give the owner with the copy: `COPY --chown=<user>:<group>`. Better still, leave the files to root where the
program only reads them, and may: what `ADD` takes from a server has the mode 600. Not where a script that the
container starts with writes there, nor where `java` or a database does what nobody sees, or a name speaks of data,
caches, logs or uploads, if not of code. A folder that `WORKDIR` made is
root's, whoever owns what is copied into it: the fix has the command change that alone.

The check is silent

- where commands or packages may have made files in the folder, which the copy's owner would not reach, or
  make some later as that user
- where the same `RUN` changes all modes; where another one does, there is no fix
- where the files have that owner already, from a copy or an earlier command for the folder or one over it
- for scripts, settings and migrations alone, by their names or those of their folders, or by all that lies in these
- for a few files of the repository that are no models or archives, or folders with a few files of Python, copied
  straight or by way of a stage that makes nothing there
- for folders of which the repository has only what keeps them in git, and which no build fills, by their names
- for stages that are only copied from
- for files of development, tests and examples

References:

- https://docs.docker.com/reference/dockerfile/#copy---chown---chmod
- https://docs.docker.com/reference/dockerfile/#add
- https://docs.docker.com/reference/dockerfile/#workdir
- https://docs.docker.com/engine/storage/drivers/#copying-makes-containers-efficient
"""

from __future__ import annotations

import fnmatch
import posixpath
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from checks.check import (
    Applicability,
    Attention,
    Check,
    Edit,
    Example,
    Finding,
    Fix,
    Kind,
    Repository,
    Scope,
    Severity,
    Span,
    Text,
    code,
    offer,
)  # fmt: skip
from checks.facts.code_span import listed
from checks.facts.dockerfile.base_images import documented_user, has_no_app, image_name
from checks.facts.dockerfile.copied_files import contexts_for, folder_of, target_of
from checks.facts.dockerfile.copied_folders import FilledStage, MadeFolder, brought_by, chown_of
from checks.facts.dockerfile.dependency_installs import may_be_left_out
from checks.facts.dockerfile.dockerfiles import Dockerfile, Instruction, Stage
from checks.facts.dockerfile.kept_data import is_code_alone, kept_below, speaks_of_data, variables_at_start
from checks.facts.dockerfile.stages import Ran
from checks.facts.dockerfile.start_scripts import names_of_start, programs_of, scripts_called_by, work_below
from checks.facts.dockerfile.whole_instructions import without_instruction
from checks.facts.script.scripts import GuardKind
from checks.regex import regex

_FROM_STAGE = """\
-- Dockerfile --
FROM node:24-alpine AS build
WORKDIR /srv/app
COPY . .
RUN npm ci && npm run build
RUN chown -R node:node /srv/app
RUN npm run docs

FROM node:24-alpine
WORKDIR /srv/app
COPY {}--from=build /srv/app/node_modules ./node_modules
{}USER node
"""

check = Check(
    id="recursive-chown-layer",
    doc=__doc__,
    severity=Severity.NOTE,
    kinds=(Kind.DOCKERFILE, Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT),
    fix=Applicability.SAFE,
    scope=Scope.REPOSITORY,
    attention=Attention.COMMENT_WITH_SUGGESTION,
    tags=("dockerfile", "size"),
    examples=(
        Example(
            title="what comes from a stage that has given it the same owner",
            files="""\
-- Dockerfile --
FROM node:24-alpine AS build
WORKDIR /srv/app
COPY . .
RUN npm ci && npm run build
RUN chown -R node:node /srv/app

FROM node:24-alpine
WORKDIR /srv/app
COPY --from=build /srv/app/node_modules ./node_modules
COPY --from=build /srv/app/dist ./dist
RUN chown -R node:node /srv/app
USER node
""",
        ),
        Example(
            title="what comes from a stage that works on as the one whom it gives its files to",
            files=_FROM_STAGE.format("", "RUN chown -R node:node /srv/app\n").replace(
                "RUN npm run docs", "RUN echo given\nUSER node\nRUN npm run docs"
            ),
        ),
        Example(
            title="what comes from a stage that then gives something else away",
            files=_FROM_STAGE.format("", "RUN chown -R node:node /srv/app\n").replace(
                "RUN npm run docs", "RUN npm run docs && chown -R node:node /var/cache"
            ),
            at="chown -R node:node /srv/app",
            fixed=_FROM_STAGE.format("--chown=node:node ", "RUN chown node:node /srv/app\n").replace(
                "RUN npm run docs", "RUN npm run docs && chown -R node:node /var/cache"
            ),
            others=(
                _FROM_STAGE.format("", "").replace(
                    "RUN npm run docs", "RUN npm run docs && chown -R node:node /var/cache"
                ),
            ),
        ),
        Example(
            title="what comes from a stage that runs something behind that",
            files=_FROM_STAGE.format("", "RUN chown -R node:node /srv/app\n"),
            at="chown -R node:node /srv/app",
            fixed=_FROM_STAGE.format("--chown=node:node ", "RUN chown node:node /srv/app\n"),
            others=(_FROM_STAGE.format("", ""),),
        ),
        Example(
            title="what comes from stages with another owner, with a later copy, or where another base knows the name",
            files="""\
-- other.Dockerfile --
FROM node:24-alpine AS build
WORKDIR /srv/app
COPY . .
RUN npm ci && npm run build
RUN chown -R 1001:1001 /srv/app

FROM node:24-alpine
WORKDIR /srv/app
COPY --from=build /srv/app/node_modules ./node_modules
RUN chown -R node:node /srv/app
USER node
-- later.Dockerfile --
FROM node:24-alpine AS build
WORKDIR /srv/app
COPY . .
RUN npm ci && npm run build
RUN chown -R node:node /srv/app
COPY vendor node_modules/vendor

FROM node:24-alpine
WORKDIR /srv/app
COPY --from=build /srv/app/node_modules ./node_modules
RUN chown -R node:node /srv/app
USER node
-- base.Dockerfile --
FROM node:24 AS build
WORKDIR /srv/app
COPY . .
RUN npm ci && npm run build
RUN chown -R node:node /srv/app

FROM node:24-alpine
WORKDIR /srv/app
COPY --from=build /srv/app/node_modules ./node_modules
RUN chown -R node:node /srv/app
USER node
""",
            at=("chown -R node:node /srv/app",) * 3,
            fixed="""\
-- base.Dockerfile --
FROM node:24 AS build
WORKDIR /srv/app
COPY . .
RUN npm ci && npm run build
RUN chown -R node:node /srv/app

FROM node:24-alpine
WORKDIR /srv/app
COPY --chown=node:node --from=build /srv/app/node_modules ./node_modules
RUN chown node:node /srv/app
USER node
""",
            others=(
                """\
-- base.Dockerfile --
FROM node:24 AS build
WORKDIR /srv/app
COPY . .
RUN npm ci && npm run build
RUN chown -R node:node /srv/app

FROM node:24-alpine
WORKDIR /srv/app
COPY --from=build /srv/app/node_modules ./node_modules
USER node
""",
            ),
        ),
        Example(
            title="a program in Python of some dozen files, whose packages lie elsewhere",
            files="""\
-- Dockerfile --
FROM python:3.14-slim AS build
RUN pip install --prefix /packages rq==2.6.0
FROM python:3.14-slim
WORKDIR /srv
COPY --from=build /packages /usr/local
COPY log /srv/log
RUN useradd web && chown -R web /srv
USER web
""",
            paths=(
                *(f"log/part{number}.py" for number in range(40)),
                "log/alembic/env.py",
                "log/alembic/README",
                "log/alembic/script.py.mako",
                "log/pyproject.toml",
            ),
        ),
        Example(
            title="the program that the image starts, which is a file",
            files="""\
-- Dockerfile --
FROM golang:1.26.2 AS build
WORKDIR /src
COPY . .
RUN go build -o /src/web_bin ./cmd/web
FROM alpine:3.23
WORKDIR /app
COPY --from=build /src/web_bin ./web
RUN chown -R 1000:1000 ./web
USER 1000
CMD ["./web"]
""",
            at="chown -R 1000:1000 ./web",
            fixed="""\
-- Dockerfile --
FROM golang:1.26.2 AS build
WORKDIR /src
COPY . .
RUN go build -o /src/web_bin ./cmd/web
FROM alpine:3.23
WORKDIR /app
COPY --chown=1000:1000 --from=build /src/web_bin ./web
USER 1000
CMD ["./web"]
""",
        ),
        Example(
            title="pages that nginx serves",
            files="""\
-- Dockerfile --
FROM node:24 AS build
WORKDIR /src
COPY . .
RUN npm run build
FROM nginx:1.29-alpine
COPY --from=build /src/dist /usr/share/nginx/html
RUN chown -R nginx:nginx /usr/share/nginx/html
EXPOSE 80
""",
            at="chown -R nginx:nginx /usr/share/nginx/html",
            fixed="""\
-- Dockerfile --
FROM node:24 AS build
WORKDIR /src
COPY . .
RUN npm run build
FROM nginx:1.29-alpine
COPY --chown=nginx:nginx --from=build /src/dist /usr/share/nginx/html
RUN chown nginx:nginx /usr/share/nginx/html
EXPOSE 80
""",
            others=(
                """\
-- Dockerfile --
FROM node:24 AS build
WORKDIR /src
COPY . .
RUN npm run build
FROM nginx:1.29-alpine
COPY --from=build /src/dist /usr/share/nginx/html
EXPOSE 80
""",
            ),
        ),
        Example(
            title="a folder that has the name of the program that the image starts in another one",
            files="""\
-- Dockerfile --
FROM golang:1.26.2 AS build
WORKDIR /src
COPY . .
RUN go build -o /src/web_bin ./cmd/web
FROM alpine:3.23
WORKDIR /srv
COPY --from=build /src/static ./web
RUN chown -R 1000:1000 ./web
WORKDIR /app
COPY --from=build /src/web_bin ./web
USER 1000
CMD ["./web"]
""",
            at="chown -R 1000:1000 ./web",
            fixed="""\
-- Dockerfile --
FROM golang:1.26.2 AS build
WORKDIR /src
COPY . .
RUN go build -o /src/web_bin ./cmd/web
FROM alpine:3.23
WORKDIR /srv
COPY --chown=1000:1000 --from=build /src/static ./web
WORKDIR /app
COPY --from=build /src/web_bin ./web
USER 1000
CMD ["./web"]
""",
            others=(
                """\
-- Dockerfile --
FROM golang:1.26.2 AS build
WORKDIR /src
COPY . .
RUN go build -o /src/web_bin ./cmd/web
FROM alpine:3.23
WORKDIR /srv
COPY --from=build /src/static ./web
WORKDIR /app
COPY --from=build /src/web_bin ./web
USER 1000
CMD ["./web"]
""",
            ),
        ),
        Example(
            title="a user that is made before the copy",
            files="""\
-- Dockerfile --
FROM alpine:3.24
RUN adduser -D -u 10001 web
WORKDIR /srv
COPY . .
RUN chmod +x run.sh && chown -R web:web /srv
USER 10001
""",
            at="chown -R web:web /srv",
            fixed="""\
-- Dockerfile --
FROM alpine:3.24
RUN adduser -D -u 10001 web
WORKDIR /srv
COPY --chown=web:web . .
RUN chmod +x run.sh && chown web:web /srv
USER 10001
""",
            others=(
                """\
-- Dockerfile --
FROM alpine:3.24
RUN adduser -D -u 10001 web
WORKDIR /srv
COPY . .
RUN chmod +x run.sh
USER 10001
""",
            ),
        ),
        Example(
            title="a folder that `WORKDIR` makes, with one over it, for what the program writes: it stays the user's",
            files="""\
-- Dockerfile --
FROM node:24 AS build
WORKDIR /srv/web
FROM build
COPY --from=build /src/dist ./
# where reports are put together
WORKDIR /srv/web/out/reports
WORKDIR /srv/web
USER root
RUN chown --verbose -R node:node .
USER node
""",
            at="chown --verbose -R node:node .",
            fixed="""\
-- Dockerfile --
FROM node:24 AS build
WORKDIR /srv/web
FROM build
COPY --chown=node:node --from=build /src/dist ./
# where reports are put together
WORKDIR /srv/web/out/reports
WORKDIR /srv/web
USER root
RUN chown node:node /srv/web /srv/web/out /srv/web/out/reports
USER node
""",
            others=(
                """\
-- Dockerfile --
FROM node:24 AS build
WORKDIR /srv/web
FROM build
COPY --from=build /src/dist ./
# where reports are put together
WORKDIR /srv/web/out/reports
WORKDIR /srv/web
USER root
RUN chown node:node /srv/web/out /srv/web/out/reports
USER node
""",
            ),
        ),
        Example(
            title="the user of the process, two copies",
            files="""\
-- Dockerfile --
FROM python:3.14 AS build
RUN pip wheel .
FROM python:3.14
COPY --from=build /wheels /srv/wheels
COPY --chmod=755 app /srv/app
RUN chown --recursive 10001 /srv \
    && chmod 644 /srv/app/main.py
USER 10001
""",
            at="chown --recursive 10001 /srv",
            fixed="""\
-- Dockerfile --
FROM python:3.14 AS build
RUN pip wheel .
FROM python:3.14
COPY --chown=10001:0 --from=build /wheels /srv/wheels
COPY --chown=10001:0 --chmod=755 app /srv/app
RUN chmod 644 /srv/app/main.py
USER 10001
""",
            others=(
                """\
-- Dockerfile --
FROM python:3.14 AS build
RUN pip wheel .
FROM python:3.14
COPY --from=build /wheels /srv/wheels
COPY --chmod=755 app /srv/app
RUN chmod 644 /srv/app/main.py
USER 10001
""",
            ),
        ),
        Example(
            title="a user that does not exist yet when the files are copied, and a RUN of its own",
            files="""\
-- Dockerfile --
FROM node:24
# what the pages are made of
COPY src /src
# change the owner
# of the sources
RUN chown -R node:node /src
COPY app /srv
RUN adduser --disabled-password web && chown -R web /srv
USER 10001
""",
            at=("chown -R node:node /src", "chown -R web /srv"),
            fixed="""\
-- Dockerfile --
FROM node:24
# what the pages are made of
COPY --chown=node:node src /src
COPY app /srv
RUN adduser --disabled-password web && chown -R web /srv
USER 10001
""",
            others=(
                """\
-- Dockerfile --
FROM node:24
# what the pages are made of
COPY src /src
COPY app /srv
RUN adduser --disabled-password web && chown -R web /srv
USER 10001
""",
            ),
        ),
        Example(
            title="the script that a container starts with writes there: the owner comes with the copy",
            files="""\
-- web/start.sh --
#!/bin/sh
echo "window.api = '$API'" > dist/settings.js
exec "$@"
-- web/Dockerfile --
FROM nginx:1.30
WORKDIR /srv/web
COPY . .
RUN chown -R 101 /srv/web
USER 101
ENTRYPOINT ["/srv/web/start.sh"]
CMD ["nginx", "-g", "daemon off;"]
""",
            at="chown -R 101 /srv/web",
            fixed="""\
-- web/Dockerfile --
FROM nginx:1.30
WORKDIR /srv/web
COPY --chown=101:0 . .
RUN chown 101 /srv/web
USER 101
ENTRYPOINT ["/srv/web/start.sh"]
CMD ["nginx", "-g", "daemon off;"]
""",
        ),
        Example(
            title="the script that a container starts with writes there, into a folder whose files are not to be the process's own",
            files="""\
-- web/start.sh --
#!/bin/sh
echo "window.api = '$API'" > /srv/web/settings.js
exec "$@"
-- web/Dockerfile --
FROM nginx:1.30
COPY start.sh /
COPY dist /srv/web
RUN chown -R 101 /srv/web
USER 101
ENTRYPOINT ["/start.sh"]
CMD ["nginx", "-g", "daemon off;"]
""",
            at="chown -R 101 /srv/web",
        ),
        Example(
            title="a script that the base image's entry point runs writes there",
            files="""\
-- docker/40-settings.sh --
find /srv/web -name '*.js' -exec sed -i "s#@API@#$API#" {} +
-- Dockerfile --
FROM nginx:1.30
COPY docker/40-settings.sh /docker-entrypoint.d/
COPY dist /srv/web
RUN chown -R 101 /srv/web
USER 101
""",
            at="chown -R 101 /srv/web",
        ),
        Example(
            title="a comment says that it is written",
            files="""\
-- Dockerfile --
FROM nginx:1.30
COPY pages /srv/web
# settings.js has to be writable
USER root
RUN chown -R 101 /srv/web
USER 101
""",
            at="chown -R 101 /srv/web",
            fixed="""\
-- Dockerfile --
FROM nginx:1.30
COPY --chown=101:0 pages /srv/web
# settings.js has to be writable
USER 101
""",
        ),
        Example(
            title="a comment says that it is written; the script writes elsewhere",
            files="""\
-- start.sh --
#!/bin/sh
cp /srv/web/default.conf /tmp/nginx.conf && echo ready >&2
exec "$@"
-- Dockerfile --
FROM nginx:1.30
COPY dist /srv/site
RUN chown -R 101 /srv/site
COPY pages /srv/web
# settings.js has to be writable
USER root
RUN chown -R 101 /srv/web
USER 101
ENTRYPOINT ["/start.sh"]
""",
            at=("chown -R 101 /srv/site", "chown -R 101 /srv/web"),
            fixed="""\
-- Dockerfile --
FROM nginx:1.30
COPY --chown=101:0 dist /srv/site
COPY pages /srv/web
# settings.js has to be writable
USER root
RUN chown -R 101 /srv/web
USER 101
ENTRYPOINT ["/start.sh"]
""",
            others=(
                """\
-- Dockerfile --
FROM nginx:1.30
COPY dist /srv/site
COPY pages /srv/web
# settings.js has to be writable
USER root
RUN chown -R 101 /srv/web
USER 101
ENTRYPOINT ["/start.sh"]
""",
            ),
        ),
        Example(
            title="another command changes all modes there, of the folder or of one over it: no fix",
            files="""\
-- Dockerfile --
FROM node:24
COPY app /srv/app
RUN chown -R node:node /srv/app
RUN chmod -R 0750 /srv
USER node
-- web/Dockerfile --
FROM node:24
WORKDIR /srv
COPY web web
RUN chmod -Rf g=u web
RUN chown -R node:node /srv/web
USER node
""",
            at=("chown -R node:node /srv/app", "chown -R node:node /srv/web"),
        ),
        Example(
            title="a group that is made behind the copy, and not with the user of its name",
            files="""\
-- Dockerfile --
FROM debian:13
RUN useradd -g users web
COPY app /srv/app
RUN groupadd web
RUN chown -R :web /srv/app
USER web
""",
            at="chown -R :web /srv/app",
        ),
        Example(
            title="a command changes all modes there before anything is copied",
            files="""\
-- Dockerfile --
FROM node:24
RUN chmod -R 777 /srv
COPY app /srv/app
RUN chown -R node:node /srv/app
USER 1000
""",
            at="chown -R node:node /srv/app",
            fixed="""\
-- Dockerfile --
FROM node:24
RUN chmod -R 777 /srv
COPY --chown=node:node app /srv/app
USER 1000
""",
            others=(
                """\
-- Dockerfile --
FROM node:24
RUN chmod -R 777 /srv
COPY app /srv/app
USER 1000
""",
            ),
        ),
        Example(
            title="another command changes all modes of a folder beside it",
            files="""\
-- Dockerfile --
FROM node:24
COPY app /srv/app
COPY data /srv/data
RUN chown -R node:node /srv/app
RUN chmod -R 755 /srv/data
USER 1000
""",
            at="chown -R node:node /srv/app",
            fixed="""\
-- Dockerfile --
FROM node:24
COPY --chown=node:node app /srv/app
COPY data /srv/data
RUN chmod -R 755 /srv/data
USER 1000
""",
            others=(
                """\
-- Dockerfile --
FROM node:24
COPY app /srv/app
COPY data /srv/data
RUN chmod -R 755 /srv/data
USER 1000
""",
            ),
        ),
        Example(
            title="packages that the user installs later, perhaps there: the owner comes with the copy",
            files="""\
-- Dockerfile --
FROM python:3.14-slim AS build
RUN python -m venv /srv/app/.venv
FROM python:3.14-slim
RUN useradd -u 10001 web
WORKDIR /srv/app
COPY --from=build /srv/app/.venv /srv/app/.venv
RUN chown -R web:web /srv/app/.venv
USER web
RUN python -m pip install .
""",
            at="chown -R web:web /srv/app/.venv",
            fixed="""\
-- Dockerfile --
FROM python:3.14-slim AS build
RUN python -m venv /srv/app/.venv
FROM python:3.14-slim
RUN useradd -u 10001 web
WORKDIR /srv/app
COPY --chown=web:web --from=build /srv/app/.venv /srv/app/.venv
USER web
RUN python -m pip install .
""",
        ),
        Example(
            title="packages that root installs later, before the user",
            files="""\
-- Dockerfile --
FROM python:3.14-slim
RUN useradd -u 10001 web
COPY app /srv/app
RUN chown -R web:web /srv/app
USER root
RUN pip install uvicorn
USER web
""",
            at="chown -R web:web /srv/app",
            fixed="""\
-- Dockerfile --
FROM python:3.14-slim
RUN useradd -u 10001 web
COPY app /srv/app
USER root
RUN pip install uvicorn
USER web
""",
        ),
        Example(
            title="a comment takes the right to write away, and the group alone",
            files="""\
-- Dockerfile --
FROM alpine:3.24
RUN adduser -D -u 10001 web
COPY app /srv/app
# web may read, and has no write access
RUN chown -R :web /srv/app
USER web
""",
            at="chown -R :web /srv/app",
            fixed="""\
-- Dockerfile --
FROM alpine:3.24
RUN adduser -D -u 10001 web
COPY --chown=0:web app /srv/app
# web may read, and has no write access
USER web
""",
            others=(
                """\
-- Dockerfile --
FROM alpine:3.24
RUN adduser -D -u 10001 web
COPY app /srv/app
# web may read, and has no write access
USER web
""",
            ),
        ),
        Example(
            title="users around the RUN, which are there for it alone",
            files="""\
-- Dockerfile --
FROM registry.acme.example/node:24
COPY app /srv
# switch to root
USER root
RUN chown -R 1000:1000 /srv
# and go on without
USER web
""",
            at="chown -R 1000:1000 /srv",
            fixed="""\
-- Dockerfile --
FROM registry.acme.example/node:24
COPY --chown=1000:1000 app /srv
# and go on without
USER web
""",
            others=(
                """\
-- Dockerfile --
FROM registry.acme.example/node:24
COPY app /srv
# and go on without
USER web
""",
            ),
        ),
        Example(
            title="the user before them comes back",
            files="""\
-- Dockerfile --
FROM node:24 AS base
USER node
FROM base
COPY app /srv
USER root
RUN chown -R node:node /srv

# back again
USER node
CMD ["node", "/srv/main.js"]
""",
            at="chown -R node:node /srv",
            fixed="""\
-- Dockerfile --
FROM node:24 AS base
USER node
FROM base
COPY --chown=node:node app /srv
CMD ["node", "/srv/main.js"]
""",
            others=(
                """\
-- Dockerfile --
FROM node:24 AS base
USER node
FROM base
COPY app /srv
CMD ["node", "/srv/main.js"]
""",
            ),
        ),
        Example(
            title="a user of a base image that is not known, whom the command finds without anything that makes one",
            files="""\
-- Dockerfile --
FROM registry.acme.example/flows:3
COPY . /srv
COPY shared /opt/shared
RUN chmod +x /srv/run.sh && chown -R flows:flows /srv
USER 1000
""",
            at="chown -R flows:flows /srv",
            fixed="""\
-- Dockerfile --
FROM registry.acme.example/flows:3
COPY --chown=flows:flows . /srv
COPY shared /opt/shared
RUN chmod +x /srv/run.sh
USER 1000
""",
            others=(
                """\
-- Dockerfile --
FROM registry.acme.example/flows:3
COPY . /srv
COPY shared /opt/shared
RUN chmod +x /srv/run.sh
USER 1000
""",
            ),
        ),
        Example(
            title="a user that a package may make, that a copy may bring, and that need not be there: no fix",
            files="""\
-- api/Dockerfile --
FROM registry.acme.example/flows:3
COPY . /srv
RUN apk add --no-cache flows
RUN chown -R flows:flows /srv
USER 1000
-- web/Dockerfile --
FROM registry.acme.example/flows:3
COPY . /srv
COPY users /etc/passwd
RUN chown -R flows:flows /srv
USER 1000
-- jobs/Dockerfile --
FROM registry.acme.example/flows:3
COPY . /srv
RUN chown -R flows:flows /srv || true
USER 1000
""",
            at=("chown -R flows:flows /srv", "chown -R flows:flows /srv", "chown -R flows:flows /srv"),
        ),
        Example(
            title="users around more than the RUN",
            files="""\
-- Dockerfile --
FROM node:24
COPY app /srv
USER root
RUN update-ca-certificates
RUN chown -R node:node /srv
USER node
""",
            at="chown -R node:node /srv",
            fixed="""\
-- Dockerfile --
FROM node:24
COPY app /srv
USER root
RUN update-ca-certificates
USER node
""",
        ),
        Example(
            title="a comment above it that speaks of nothing else",
            files="""\
-- Dockerfile --
FROM node:24
COPY app /srv

# Everything there is theirs
RUN chown -R node:node /srv

# Go on without rights
USER node
-- web/Dockerfile --
FROM node:24
COPY app /srv

# For the process
RUN chown -R node:node /srv
USER 1000
-- api/Dockerfile --
FROM node:24
COPY app /srv

# ---- The process ----
RUN chown -R node:node /srv

USER 1000
""",
            at=("chown -R node:node /srv", "chown -R node:node /srv", "chown -R node:node /srv"),
            fixed="""\
-- Dockerfile --
FROM node:24
COPY app /srv


# Go on without rights
USER node
""",
        ),
        Example(
            title="a file of a server, which root alone may read",
            files="""\
-- Dockerfile --
FROM node:24
COPY app /srv
ADD https://example.com/agent.tar.gz /srv/
RUN chown -R node:node /srv
USER 1000
""",
            at="chown -R node:node /srv",
            fixed="""\
-- Dockerfile --
FROM node:24
COPY --chown=node:node app /srv
ADD --chown=node:node https://example.com/agent.tar.gz /srv/
USER 1000
""",
        ),
        Example(
            title="a file of a server with a mode, and a mode that gives more",
            files="""\
-- Dockerfile --
FROM node:24
COPY app /srv
ADD --chmod=644 https://example.com/agent.tar.gz /srv/
RUN chmod u=rwX,go+rX /srv/agent.tar.gz && chown -R node:node /srv
USER 1000
""",
            at="chown -R node:node /srv",
            fixed="""\
-- Dockerfile --
FROM node:24
COPY --chown=node:node app /srv
ADD --chown=node:node --chmod=644 https://example.com/agent.tar.gz /srv/
RUN chmod u=rwX,go+rX /srv/agent.tar.gz
USER 1000
""",
            others=(
                """\
-- Dockerfile --
FROM node:24
COPY app /srv
ADD --chmod=644 https://example.com/agent.tar.gz /srv/
RUN chmod u=rwX,go+rX /srv/agent.tar.gz
USER 1000
""",
            ),
        ),
        Example(
            title="modes that leave others nothing",
            files="""\
-- Dockerfile --
FROM node:24
COPY --chmod=0750 app /srv
RUN chown -R node:node /srv
USER 1000
-- web.Dockerfile --
FROM node:24
COPY app /srv
RUN chmod -v go-rwx /srv/keys
RUN chown -R node:node /srv
USER 1000
""",
            at=("chown -R node:node /srv", "chown -R node:node /srv"),
            fixed="""\
-- Dockerfile --
FROM node:24
COPY --chown=node:node --chmod=0750 app /srv
USER 1000
""",
        ),
        Example(
            title="one file of the repository, a folder of it, and an archive that is unpacked",
            files="""\
-- Dockerfile --
FROM node:24
ADD web/routes.lua /etc/proxy/routes.lua
RUN chown -R node:node /etc/proxy/routes.lua
COPY web/routes.lua /etc/proxy/
RUN chown -R node:node /etc/proxy/routes.lua
COPY banner /etc/issue
RUN chown -R node:node /etc/issue
COPY web /srv/web
RUN chown -R node:node /srv/web
ADD site.tar.gz /srv/site
RUN chown -R node:node /srv/site
USER 1000
""",
            at=("chown -R node:node /srv/web", "chown -R node:node /srv/site"),
            paths=("web/routes.lua", "web/main.js", "banner", "site.tar.gz"),
            fixed="""\
-- Dockerfile --
FROM node:24
ADD web/routes.lua /etc/proxy/routes.lua
RUN chown -R node:node /etc/proxy/routes.lua
COPY web/routes.lua /etc/proxy/
RUN chown -R node:node /etc/proxy/routes.lua
COPY banner /etc/issue
RUN chown -R node:node /etc/issue
COPY --chown=node:node web /srv/web
ADD site.tar.gz /srv/site
RUN chown -R node:node /srv/site
USER 1000
""",
            others=(
                """\
-- Dockerfile --
FROM node:24
ADD web/routes.lua /etc/proxy/routes.lua
RUN chown -R node:node /etc/proxy/routes.lua
COPY web/routes.lua /etc/proxy/
RUN chown -R node:node /etc/proxy/routes.lua
COPY banner /etc/issue
RUN chown -R node:node /etc/issue
COPY web /srv/web
ADD site.tar.gz /srv/site
RUN chown -R node:node /srv/site
USER 1000
""",
            ),
        ),
        Example(
            title="settings whose folder is an argument, and what packages have put beside the files; a folder that is an argument",
            files="""\
-- Dockerfile --
FROM alpine:3.24
ARG SETTINGS
ARG SITE
RUN apk add --no-cache nginx
COPY ${SETTINGS}/web.conf "$SETTINGS/errors.conf" /srv/web/
RUN chown -R nginx /srv/web
COPY dist /var/lib/nginx/html
RUN chown -R nginx /var/lib/nginx
COPY ${SITE} /srv/site
RUN chown -R 100 /srv/site
USER 100
""",
            at="chown -R 100 /srv/site",
            fixed="""\
-- Dockerfile --
FROM alpine:3.24
ARG SETTINGS
ARG SITE
RUN apk add --no-cache nginx
COPY ${SETTINGS}/web.conf "$SETTINGS/errors.conf" /srv/web/
RUN chown -R nginx /srv/web
COPY dist /var/lib/nginx/html
RUN chown -R nginx /var/lib/nginx
COPY --chown=100:0 ${SITE} /srv/site
USER 100
""",
            others=(
                """\
-- Dockerfile --
FROM alpine:3.24
ARG SETTINGS
ARG SITE
RUN apk add --no-cache nginx
COPY ${SETTINGS}/web.conf "$SETTINGS/errors.conf" /srv/web/
RUN chown -R nginx /srv/web
COPY dist /var/lib/nginx/html
RUN chown -R nginx /var/lib/nginx
COPY ${SITE} /srv/site
USER 100
""",
            ),
        ),
        Example(
            title="a copy behind the command for the folder over it",
            files="""\
-- Dockerfile --
FROM node:24
WORKDIR /srv
COPY app app
RUN npm ci --prefix app
RUN chown -R node:node /srv
COPY pages pages
RUN chown -R node:node pages
USER 1000
""",
            at="chown -R node:node pages",
            fixed="""\
-- Dockerfile --
FROM node:24
WORKDIR /srv
COPY app app
RUN npm ci --prefix app
RUN chown -R node:node /srv
COPY --chown=node:node pages pages
USER 1000
""",
            others=(
                """\
-- Dockerfile --
FROM node:24
WORKDIR /srv
COPY app app
RUN npm ci --prefix app
RUN chown -R node:node /srv
COPY pages pages
USER 1000
""",
            ),
        ),
        Example(
            title="a folder over it has been given to the same user",
            files="""\
-- Dockerfile --
FROM python:3.14
WORKDIR /srv
COPY app app
COPY pages pages
RUN useradd --create-home web && uv sync --project /srv && chown -R web:web /srv
USER web
RUN chown -R web:web /srv/app pages
""",
        ),
        Example(
            title="a folder over it has been given to somebody else since",
            files="""\
-- Dockerfile --
FROM python:3.14
COPY app /srv/app
RUN useradd web && useradd jobs && chown -R web:web /srv
RUN chown -R jobs:jobs /srv
RUN chown -R web:web /srv/app
USER web
""",
            at=("chown -R web:web /srv", "chown -R jobs:jobs /srv", "chown -R web:web /srv/app"),
        ),
        Example(
            title="a folder over it may have been given to the same user, where an argument asks for that",
            files="""\
-- Dockerfile --
FROM python:3.14
ARG WHOLE
COPY app /srv/app
RUN useradd web && if [ -n "$WHOLE" ]; then chown -R web:web /srv; fi
RUN chown -R web:web /srv/app
USER web
""",
            at="chown -R web:web /srv/app",
        ),
        Example(
            title="made by commands, one file, other folders, owned already, root, small files, modes that change too",
            files="""\
-- Dockerfile --
FROM node:24 AS build
COPY . /src
RUN chown -R node /src
FROM node:24
WORKDIR /srv
COPY package.json ./
RUN npm install
COPY . .
RUN chown -R node:node /srv && chown node /srv/package.json
RUN mkdir /data && chown -R node /data /var/log
COPY --chown=node --from=build /src/dist /dist
RUN chown -R node /dist && chown -R "$OWNER" /etc/web
COPY web.conf /etc/web/
RUN chown -R node /etc/web
COPY lib /opt/lib
RUN chown -R root:root /opt/lib
COPY bin /opt/bin
RUN chown -R node /opt/bin && chmod -R 755 /opt/bin
RUN chown -R node /opt/bin/
COPY db/migrations /opt/db
COPY first.sql /opt/db/
RUN chown -R node /opt/db
COPY var /opt/var
RUN chown -R node /opt/var
USER 1000
WORKDIR /opt/var
RUN ./install
""",
        ),
    ),
)

_SMALL = (
    ".sh",
    ".conf",
    ".cfg",
    ".ini",
    ".yml",
    ".yaml",
    ".json",
    ".toml",
    ".env",
    ".template",
    ".properties",
    ".sql",
)
_LARGE = regex(
    r"\.(?:pkl|pickle|parquet|feather|arrow|db|sqlite3?|whl|npy|gguf|ggml|safetensors|pth?|onnx|h5|hdf5|keras|ckpt|tflite|npz|mlmodel|joblib|bin"
    r"|jar|war|ear|tar(?:\.\w+)?|tgz|tbz2?|txz|zip|7z|gz|xz|bz2|zst)$",
    re.IGNORECASE,
)
"""Models and archives, which are rarely small."""
_OF_BUILD = regex(r"(?:^|/)(?:Dockerfile|\.dockerignore)$")
_OF_PYTHON = regex(r"\.(?:py|pyi|txt|md|rst|toml|cfg|ini|mako)$|(?:^|/)README$")
"""Files that a program in Python has beside it, and nothing that another is built from."""
_KEEPERS = frozenset(
    (".dockerkeep", ".empty", ".gitignore", ".gitkeep", ".keep", ".keepdir", ".keepme", ".placeholder")
)
"""Files that are there so that git, or a copy, has the folder."""
_BUILT = regex(
    r"(?:^|/)(?:artifacts?|assets|binaries|bins?|builds?|built|bundles?|compiled|dist|exports?|generated|jars?|libs?|models?|node_modules|out|output"
    r"|packages?|publish|public|releases?|site|static|target|vendor|weights|wheelhouse|wheels?|www|wwwroot|\.next|\.output|(?:build|dist|out)[-_]\w+)/",
    re.IGNORECASE,
)
"""In the path of a file whose folder a build or a download fills, most often."""
_OF_MIGRATIONS = regex(
    r"\.(?:sql|sh|bash|conf|cfg|ini|ya?ml|toml|env|template|properties|plan|md)$|(?:^|/)\.(?:git(?:ignore|keep)|keep)$",
    re.IGNORECASE,
)
"""Files of folders of scripts, settings and migrations, with what Sqitch calls a plan, and the words on them.

https://sqitch.org/docs/manual/sqitchtutorial/
"""
_DUMPED = regex(
    r"(?:^|[/._-])(?:backups?|data|dump(?:ed|s)?|fixtures?|samples?|seeds?)(?:[/._-]|$)", re.IGNORECASE
)
"""In the path of a script in SQL that may hold the rows of a database."""
_MANY = 300
"""As many scripts, migrations and sources, of a few kilobytes each, as come to a megabyte."""
_FEW = 5
"""As many files of the repository as nobody misses the room for."""
_OF_OWNERS = regex(r"\b(?:chown\w*|own(?:s|ed|er\w*)|permissions?|rights|(?:to|as) root)\b", re.IGNORECASE)
"""In a comment that goes with the command."""
_OF_ONE = regex(r"\b(?:chown\w*|own(?:s|ed|er\w*))\b", re.IGNORECASE)
"""In a comment that says whose the files are."""
_NGINX, _SERVED = ("nginx", "nginxinc/nginx-unprivileged"), "/usr/share/nginx/html"
_OF_PHP = "/var/www/html"
_WEB_OWNERS = ("www-data", "www-data:", "www-data:www-data")
_LEFT_TO_ROOT = "leave the files to root"
_OF_WRITING = regex(r"\bwrit(?:e|es|ing|able|ten)\b", re.IGNORECASE)
_OF_NO_WRITING = regex(r"\b(?:no|non|without)[ -](?:any[ ])?writ\w*", re.IGNORECASE)
"""Words of those who take that right away."""
_GROUPS = regex(r"\b(?:addgroup|groupadd)\b")
_OTHERWISE = regex(r"\b(?:otherwise|else)\b", re.IGNORECASE)
_SERVERS = ("http://", "https://")
_OPTION = regex(r"-[RvcfHLP]+|--[a-z-]+")
_SYMBOLIC = regex(r"(?P<who>[ugoa]*)(?P<does>[-+=])(?P<rights>[rwxXst]*)")
_MAKES_NO_USER = frozenset(("chmod", "chown", "ln", "ls", "mkdir", "rm", "set", "touch"))
_BRINGS_ITS_OWN = _MAKES_NO_USER | {
    "a2enmod", "addgroup", "adduser", "apk", "apt", "apt-get", "dnf", "docker-php-ext-configure", "docker-php-ext-enable",
    "docker-php-ext-install", "echo", "gem", "groupadd", "groupmod", "microdnf", "npm", "pecl", "pip", "pip3", "test", "true", "update-ca-certificates", "useradd", "usermod", "yum",
}  # fmt: skip
"""Programs that put files into folders that they are told, or those of packages and users, and into no other one."""
_WHERE_IT_RUNS = frozenset(("gem", "ln", "npm", "pip", "pip3"))
"""Those of them that may put some into the one that they run in, whatever they are told."""
_WRITING = (">", ">>", ">|", "&>", "&>>")
_MAY_HOLD_USERS = regex(r"/(?:$|etc/?$|etc/(?:passwd|group)\b)")
"""Places in an image where a copy may bring `/etc/passwd`."""
_SMALL_FOLDER = regex(
    r"(?:^|/)(?:[\w-]+[-_])?(?:scripts?|migrations?|sql|conf(?:ig)?|conf\.d|templates?)(?:/|$)", re.IGNORECASE
)
"""Folders of such files."""


_FOLDERS = 100
"""So many folders over a path are looked at, the nearest: more are in none that is meant, and each is as long as the path."""


def run(repo: Repository) -> Iterator[Finding]:
    for dockerfile in repo.dockerfiles:
        stages = {stage: FilledStage(dockerfile, stage) for stage in dockerfile.ancestry(dockerfile.shipped)}
        done: dict[tuple[Stage, str, int], tuple[int, str]] = {}
        owners = _owners_at_end(dockerfile) if dockerfile.may_ship and len(dockerfile.stages) > 1 else {}
        for number, ran in enumerate(dockerfile.commands() if dockerfile.may_ship else ()):
            changed = chown_of(ran) if ran.stage in stages else None
            if changed is None:
                continue
            owner, paths = changed
            given = _given(dockerfile, ran, paths)
            anew = [path for path in paths if _last_owner(done, given[path]) != owner]
            if _certainly_runs(ran):
                done |= {folders[0]: (number, owner) for folders in given.values()}
            if owner.partition(":")[0] in ("root", "0") or _changes_modes(ran) or not anew:
                continue
            copies = [it for path in anew for it in stages[ran.stage].copies_into(ran, path)]
            is_small = all(
                _is_small(it)
                or _has_small_alone(repo, dockerfile, it)
                or _is_theirs(dockerfile, ran.stage, it, owner, owners)
                for it in copies
            )
            if not is_small and not _are_few_files(repo, dockerfile, copies):
                filled = stages[ran.stage]
                writing = _writing(repo, filled, ran, paths[0], copies)
                made = filled.made_within(ran, paths[0], repo.snapshot.paths)
                yield _finding(filled, ran, owner, paths, copies, writing, made)


def _writing(repo: Repository, filled: FilledStage, ran: Ran, path: str, copies: list[Instruction]) -> str:
    """What says that files are written below a path: when a container runs, by a script that it starts with, the
    comment above, or what keeps data; when the image is built, by what installs packages later."""
    dockerfile = filled.dockerfile
    folder = folder_of(dockerfile, ran)
    whole = posixpath.normpath(posixpath.join(folder, path)) if folder is not None else path.rstrip("/")
    last = dockerfile.shipped
    start = dockerfile.folder_at(last, last.instructions[-1].span.end) if last.instructions else None
    variables = tuple(variables_at_start(dockerfile).items())
    scripts = _start_scripts(repo, dockerfile)
    for script in scripts:
        work = repo.memo(work_below, script, whole, start, variables)
        if work:
            return f"{code(script.path)} {work} there when a container starts"
    first = _with_users(dockerfile, ran) if ran.instruction.shell else ran.instruction.span
    comments = map(dockerfile.comment_above, (first, ran.instruction.span))
    if any(map(_speaks_of_writing, comments)):
        return "the comment above speaks of writing"
    later = filled.installs_later(ran)
    if later:
        return f"{code(_start_of(later))} at line {_line(later)} may write there"
    programs = {name for script in scripts for name in repo.memo(programs_of, script)}
    filling = [it for it in copies if not _has_code_alone(repo, dockerfile, it)]
    return kept_below(
        dockerfile, whole, filling, _folders_in(repo, dockerfile, filling), programs
    ) or _left_out_for_data(repo, dockerfile)


def _start_scripts(repo: Repository, dockerfile: Dockerfile) -> list[Text]:
    """The scripts of the repository that a container starts with, and those that they call, rather than others of
    their names elsewhere."""
    names, done = names_of_start(dockerfile), frozenset[str]()
    home, found = posixpath.dirname(dockerfile.path), dict[str, Text]()
    while names:
        paths = sorted(at for name in names for at in repo.paths_named(name))
        near = [one for one in paths if not home or one.startswith(f"{home}/")] or paths
        texts = {one: repo.snapshot.texts[one] for one in near if one in repo.snapshot.texts}
        found |= texts
        done |= names
        names = (
            frozenset[str]().union(*(repo.memo(scripts_called_by, text) for text in texts.values())) - done
        )
    return list(found.values())


def _folders_in(repo: Repository, dockerfile: Dockerfile, copies: list[Instruction]) -> list[str]:
    """The names of the folders of data, by these, that lie in those of the repository which copies take."""
    contexts = contexts_for(dockerfile, repo.build_contexts, repo.ignore_files, repo.snapshot)
    names = repo.memo(_by_folder, repo.snapshot.paths)
    taken = [one.path for copy in dockerfile.copies if copy.instruction in copies for one in copy.sources]
    return [
        name
        for context in contexts
        for path in taken
        if path is not None
        for name, is_file in names.get(posixpath.join(context.folder, path).rstrip("/"), {}).items()
        if not is_file
        and speaks_of_data(name)
        and not is_code_alone(_below(repo, posixpath.join(context.folder, path, name)))
        and not (context.ignore and context.ignore.decide(posixpath.join(path, name)).excluded)
    ]


def _left_out_for_data(repo: Repository, dockerfile: Dockerfile) -> str:
    """What says so where git keeps a folder empty that the ignore file leaves out: the program makes it anew.

    Of a file that copies its context whole, if into another stage.
    """
    contexts = contexts_for(dockerfile, repo.build_contexts, repo.ignore_files, repo.snapshot)
    taken = {one.path for copy in dockerfile.copies if copy.stage in dockerfile.built for one in copy.sources}
    empty = repo.memo(_kept_empty, repo.snapshot.paths) if taken & {"", "."} else ()
    for context in contexts:
        for folder in empty:
            own = context.own_path(folder)
            if own and context.ignore and context.ignore.decide(own).excluded:
                return f"going by its name, {code(own)}, which the ignore file leaves out, is written to"
    return ""


def _kept_empty(paths: frozenset[str]) -> tuple[str, ...]:
    """The folders for data in which nothing lies but what keeps them in git."""
    names = _by_folder(paths)
    return tuple(
        folder
        for folder, found in sorted(names.items())
        if found.keys() <= _KEEPERS and speaks_of_data(posixpath.basename(folder))
    )


def _speaks_of_writing(comment: str) -> bool:
    """Whether a comment says that something writes, and does not take that right away."""
    left = comment if _OTHERWISE.search(comment) else _OF_NO_WRITING.sub("", comment)
    return bool(_OF_WRITING.search(left))


def _start_of(ran: Ran) -> str:
    """The first words of a command."""
    words = ran.command.words[:2]
    return ran.script[words[0].span.to(words[-1].span)]


def _line(ran: Ran) -> int:
    return ran.place(ran.command.span).line


_MAKES_NOTHING = frozenset(("chmod", "chown", "echo", "false", "ls", "printf", "true"))
"""Programs that make no file of their own."""
_Owners = Mapping[Stage, Mapping[str, str]]


def _owners_at_end(dockerfile: Dockerfile) -> _Owners:
    """To whom each stage has given which paths, with all below them, and where nothing of another owner came since."""
    ran: dict[int, list[Ran]] = {}
    for one in dockerfile.commands():
        ran.setdefault(id(one.instruction), []).append(one)
    found: dict[Stage, dict[str, str]] = {}
    for stage in dockerfile.stages:
        _, *above = dockerfile.ancestry(stage)
        given = dict(found[above[0]]) if above else {}
        user = ""
        for it in stage.instructions:
            if it.keyword == "USER":
                user = it.arguments[0].value.partition(":")[0] if it.arguments else ""
            elif it.keyword in ("ADD", "COPY"):
                given = {}
            elif it.keyword == "RUN":
                _follow(dockerfile, ran.get(id(it), []), user, given)
        found[stage] = given
    return found


def _follow(dockerfile: Dockerfile, ran: Sequence[Ran], user: str, given: dict[str, str]) -> None:
    """What is given to whom once one `RUN` is over; one of which not all is known may make files of its user."""
    for one in ran:
        changed = chown_of(one) if _certainly_runs(one) else None
        if changed is not None:
            owner, paths = changed
            folder = folder_of(dockerfile, one) or ""
            given |= {posixpath.normpath(posixpath.join(folder, path)): owner for path in paths}
        elif one.command.program not in _MAKES_NOTHING:
            for path in [path for path, owner in given.items() if owner.partition(":")[0] != user]:
                del given[path]
    if not ran:
        given.clear()


def _is_theirs(dockerfile: Dockerfile, stage: Stage, it: Instruction, owner: str, owners: _Owners) -> bool:
    """Whether all that a copy takes has its owner from a stage of the same base: without `--chown` it keeps that.

    https://github.com/moby/buildkit/blob/master/solver/llbsolver/file/user_linux.go
    """
    source = next(iter(dockerfile.sources_of(it)), None)
    if source is None or not it.sources or not owners.get(source):
        return False
    bases = {dockerfile.ancestry(one)[-1].base.value for one in (source, stage)}
    paths = [posixpath.normpath(posixpath.join("/", one.value)) for one in it.sources]
    return len(bases) == 1 and all(_owner_of(path, owners[source]) == owner for path in paths)


def _owner_of(path: str, given: Mapping[str, str]) -> str | None:
    """Whom the nearest of a path and the folders over it was given to."""
    return next((given[one] for one in _over(path) if one in given), None)


def _given(
    dockerfile: Dockerfile, ran: Ran, paths: tuple[str, ...]
) -> dict[str, list[tuple[Stage, str, int]]]:
    """What a `chown` gives away, after how many copies, by path: that, and all over it.

    What has been given to the same owner with the last of these before is given once more, which changes nothing.
    """
    copies = sum(
        it.keyword in ("ADD", "COPY") and it.span.end <= ran.instruction.span.start
        for it in ran.stage.instructions
    )
    folder = folder_of(dockerfile, ran) or ""
    found = {}
    for path in paths:
        whole = posixpath.normpath(posixpath.join(folder, path))
        found[path] = [(ran.stage, one, copies) for one in _over(whole)]
    return found


def _over(path: str) -> tuple[str, ...]:
    """A path, and all over it."""
    slashes = islice((at for at in range(len(path) - 1, 0, -1) if path[at] == "/"), _FOLDERS)
    return (path, *(path[:at] for at in slashes), "/")


def _last_owner(
    done: Mapping[tuple[Stage, str, int], tuple[int, str]], folders: Iterable[tuple[Stage, str, int]]
) -> str | None:
    """Whom a path was last given to, by itself or with a folder over it; None where it was not."""
    return max((done[one] for one in folders if one in done), default=(0, None))[1]


def _certainly_runs(ran: Ran) -> bool:
    """Whether a command runs wherever its `RUN` goes on: no condition decides, and nothing takes over where it fails."""
    command = ran.command
    is_guarded = any(guard.kind is not GuardKind.AND for guard in command.guards)
    return not (is_guarded or command.in_function or command.fallbacks)


def _changes_modes(ran: Ran) -> bool:
    """Whether the same `RUN` writes all files again for their modes."""
    commands = (one for one in ran.script.commands if one.program == "chmod")
    return any(
        (word.literal or "").startswith(("-R", "--recursive")) for one in commands for word in one.arguments
    )


def _is_small(it: Instruction) -> bool:
    """Whether a copy takes scripts, settings and migrations only, of which a second one does not matter."""
    written = (word.value.strip("\"'") if word.literal is None else word.literal for word in it.sources)
    return all(one.endswith(_SMALL) or _SMALL_FOLDER.search(one) for one in written)


def _has_small_alone(repo: Repository, dockerfile: Dockerfile, it: Instruction) -> bool:
    """Whether all that a copy takes of the repository are scripts, settings and migrations, where no build puts others.

    By what lies there, in whichever folder an image is built of: a dump of a database, or data as JSON, may be large.
    """
    files = _taken(repo, dockerfile, it)
    return bool(files) and len(files) <= _MANY and all(map(_is_small_file, files))


def _has_code_alone(repo: Repository, dockerfile: Dockerfile, it: Instruction) -> bool:
    return is_code_alone(_taken(repo, dockerfile, it))


def _taken(repo: Repository, dockerfile: Dockerfile, it: Instruction) -> list[str]:
    """All files of the repository that a copy takes; none where one of its sources is not known to have any."""
    copy = next((one for one in dockerfile.copies if one.instruction is it), None)
    sources = [source.path for source in copy.sources] if copy is not None else []
    contexts = contexts_for(dockerfile, repo.build_contexts, repo.ignore_files, repo.snapshot)
    folders = {context.folder for context in contexts} if sources and all(sources) else set()
    taken = [_below(repo, posixpath.join(folder, one or "")) for folder in folders for one in sources]
    return [path for paths in taken for path in paths] if all(taken) else []


def _is_small_file(path: str) -> bool:
    is_dumped = path.lower().endswith(".sql") and _DUMPED.search(path)
    return bool(_OF_MIGRATIONS.search(path)) and not is_dumped and not _BUILT.search(path)


def _below(repo: Repository, place: str) -> list[str]:
    """The files of the repository that a path of a copy names, whose last part may be a pattern, and those in folders of
    that name; but for what builds an image of it."""
    folder, pattern = posixpath.split(posixpath.normpath(place))
    names = repo.memo(_by_folder, repo.snapshot.paths).get(folder, {})
    found = {name for name in names if fnmatch.fnmatchcase(name, pattern)}
    start = len(folder) + 1 if folder else 0
    inner = (path for path in repo.snapshot.paths if found and path.startswith(f"{folder}/"[:start]))
    return [path for path in inner if path[start:].partition("/")[0] in found and not _OF_BUILD.search(path)]


def _are_few_files(repo: Repository, dockerfile: Dockerfile, copies: list[Instruction]) -> bool:
    """Whether copies take a few files of the repository, which the next layer holds twice without anybody's noticing.

    A model or an archive is noticed.
    """
    brought = [brought_by(dockerfile, it) for it in copies]
    words = [(it, word.value) for origins in brought for it in origins for word in it.sources]
    if len(words) > _FEW or not all(brought):
        return False
    taken = [_files(repo, dockerfile, dockerfile.evaluation.expand(it, word)) for it, word in words]
    files = {path for paths in taken for path in paths}
    most = _MANY if all(map(_OF_PYTHON.search, files)) else _FEW
    return all(taken) and len(files) <= most and not any(map(_LARGE.search, files))


def _files(repo: Repository, dockerfile: Dockerfile, source: str | None) -> frozenset[str]:
    """The files that a source of a copy names, from the root, or else from the Dockerfile's folder.

    None where it takes a folder, but for one of Python or one that is kept empty: what else is in that when it is
    built is not known.
    """
    if source is None:
        return frozenset()
    folders = ("", posixpath.dirname(dockerfile.path))
    places = [posixpath.normpath(posixpath.join(one, source.lstrip("/"))) for one in folders]
    for place in dict.fromkeys(places):
        names = repo.memo(_by_folder, repo.snapshot.paths).get(posixpath.dirname(place), {})
        found = [name for name in names if fnmatch.fnmatchcase(name, posixpath.basename(place))]
        if found and all(names[name] for name in found):
            return frozenset(posixpath.join(posixpath.dirname(place), name) for name in found)
        if found:
            is_part = posixpath.normpath(source) not in ("/", ".")
            return _of_no_build(places, repo.snapshot.paths) if is_part else frozenset()
    return frozenset()


def _of_no_build(folders: Iterable[str], paths: frozenset[str]) -> frozenset[str]:
    """What lies in folders beside what builds an image of it, where no build puts anything there.

    That is a program in Python and its words alone; or what keeps a folder in git that is filled when containers run.
    """
    starts = tuple(f"{folder}/" for folder in folders)
    found = frozenset(path for path in paths if path.startswith(starts) and not _OF_BUILD.search(path))
    is_program = any(path.endswith(".py") for path in found) and all(map(_OF_PYTHON.search, found))
    is_empty = all(posixpath.basename(path) in _KEEPERS and not _BUILT.search(path) for path in found)
    return found if is_program or is_empty else frozenset()


def _by_folder(paths: frozenset[str]) -> Mapping[str, Mapping[str, bool]]:
    """What lies in each folder, by name: whether it is a file."""
    found: dict[str, dict[str, bool]] = {}
    for path in paths:
        at, is_file = path, True
        while at:
            folder, _, name = at.rpartition("/")
            if name in found.setdefault(folder, {}):
                break
            found[folder][name] = is_file
            at, is_file = folder, False
    return found


def _finding(
    filled: FilledStage,
    ran: Ran,
    owner: str,
    paths: tuple[str, ...],
    copies: list[Instruction],
    writing: str,
    made: tuple[MadeFolder, ...],
) -> Finding:
    """`writing` says how it is known that files are written there; empty where nothing says so.

    `made` are the folders that `WORKDIR` may have made there.
    """
    dockerfile = filled.dockerfile
    gone = _without(dockerfile, ran)
    withheld = _why_withheld(filled, ran, owner, paths, copies) or (
        "" if gone else "another command of its `RUN` goes by whether it succeeds"
    )
    return Finding(
        message=f"{code(ran.script[ran.command.span])} writes the copied files into a second layer.",
        consequence="The image holds them twice, with one owner and with the other, and is that much slower to push and to pull.",
        location=ran.place(ran.command.span),
        related=tuple(dockerfile.location(it.span, "copies them") for it in copies),
        fixes=_fixes(dockerfile, ran, owner, paths[0], made, copies, gone, writing)
        if gone and not withheld
        else (),
        withheld=withheld or (f"“{_LEFT_TO_ROOT}”: {writing}" if writing else ""),
    )


def _is_started(dockerfile: Dockerfile, ran: Ran, path: str) -> bool:
    """Whether a path of a command is the program that the image starts, each from the folder that it is named in."""
    entry, command = dockerfile.started
    program, last = next(iter(entry or command), ""), dockerfile.shipped
    start = dockerfile.folder_at(last, last.instructions[-1].span.end) if last.instructions else None
    named = ((folder_of(dockerfile, ran), path), (start, program))
    mine, started = (posixpath.normpath(posixpath.join(folder or "", one)) for folder, one in named)
    return mine == started and mine.startswith("/") and "/" in program


def _why_withheld(
    filled: FilledStage, ran: Ran, owner: str, paths: tuple[str, ...], copies: list[Instruction]
) -> str:
    """Why the copies can't give the owner; empty where they can."""
    dockerfile, user = filled.dockerfile, owner.strip(":").partition(":")[0]
    kind = "group" if owner.startswith(":") else "user"
    if len(paths) > 1:
        return "the command gives the owner to several paths at once"
    modes = filled.modes_of(ran, paths[0])
    if modes is not None:
        return f"{code(modes.script[modes.command.span])} at line {_line(modes)} writes all of them once more: the copies would have to give the modes, too"
    copied = min(it.span.start for it in copies)
    is_late = kind == "group" and not user.isdecimal() and _makes_groups(ran, copied)
    if not is_late and (_exists(dockerfile, ran, user, copied) or _is_proven(dockerfile, ran, copied)):
        return ""
    if is_late or user in dockerfile.users(ran.stage):
        return f"{code(user)} is made behind the copy: make it before that, and `COPY --chown` can name it"
    return f"whether the base image has a {kind} {code(user)}, which `COPY --chown` would need, can't be known here"


def _fixes(
    dockerfile: Dockerfile,
    ran: Ran,
    owner: str,
    path: str,
    made: tuple[MadeFolder, ...],
    copies: list[Instruction],
    gone: Edit,
    writing: str,
) -> tuple[Fix, ...]:
    user, colon, group = owner.partition(":")
    given = f"{user or 0}:{group}" if colon else f"{owner}:0"
    ends = [it.keyword_span.end for it in copies]
    is_program = _is_started(dockerfile, ran, path)  # and so a file: nobody makes any in it
    is_served = not writing and _is_served(dockerfile, ran, path)
    is_known = is_served or (bool(made) and _is_new(dockerfile, ran, path))
    is_of_base = _is_given_by_php(dockerfile, ran, owner, path)
    is_apart = is_known or (is_of_base and not _may_fill_folder_of_base(dockerfile, ran))
    is_alone = is_apart and not _may_hold_others(dockerfile, ran, path, copies)
    is_sure = is_program or is_alone
    owned = offer(
        "give the owner with the copy" if user else "give the group with the copy",
        Applicability.SAFE if is_sure else Applicability.UNSAFE,
        *(Edit(dockerfile.path, Span(end, end), f" --chown={given}") for end in ends),
        _of_folders(ran, owner, [one.path for one in made] or [path] * is_served) or gone,
        caution=""
        if is_sure
        else f"Do the copies bring all that is in {code(path)}? What commands ahead of them make there stays root's."
        if is_of_base and not made
        else _caution_of_owner(path, writing, is_made=bool(made), is_group=not user),
    )
    if is_program or writing or any(map(_hides, copies)) or _takes_rights(dockerfile, ran.stage):
        return owned
    last = next((it for it in reversed(ran.stage.instructions) if it.keyword == "USER"), None)
    runs_as = last.arguments[0].value.partition(":")[0] if last is not None else ""
    is_run = bool(user) and (runs_as == user or (runs_as.isdigit() and runs_as != "0"))
    whose = (
        f"Do the program and the scripts that start it, which run as {code(user)},"
        if is_run
        else f"Does all that runs with the group {code(group)}, if anything does,"
        if not user
        else f"Does all that runs as {code(user)}, if anything does,"
    )
    empty = [one.path for one in made if not one.is_filled]
    stays = len(ran.script.commands) > 1 and not empty
    is_said = stays and _OF_ONE.search(dockerfile.comment_above(ran.instruction.span))
    return owned + offer(
        _LEFT_TO_ROOT,
        Applicability.UNSAFE,
        _of_folders(ran, owner, empty) or gone,
        caution=(
            f"{whose} only read the files in {code(path)}{', and make none' if made else ''}{_but_for(empty)}?"
            f"{' The comment above, which stays, speaks of their owner.' if is_said else ''}"
        ),
    )


def _is_served(dockerfile: Dockerfile, ran: Ran, path: str) -> bool:
    """Whether a folder is the one that nginx serves from, and has only pages of its image beside the copies.

    https://github.com/nginx/docker-nginx/blob/master/Dockerfile-debian.template
    """
    whole = posixpath.normpath(posixpath.join(folder_of(dockerfile, ran) or "", path))
    entry, command = dockerfile.started
    is_nginx = image_name(dockerfile.base_image(ran.stage) or "") in _NGINX and not entry
    is_first = len(dockerfile.ancestry(ran.stage)) == 1
    return whole == _SERVED and is_nginx and is_first and command[:1] in ([], ["nginx"])


def _is_given_by_php(dockerfile: Dockerfile, ran: Ran, owner: str, path: str) -> bool:
    """Whether a folder is the one that the images of PHP give to `www-data`, empty and open to all.

    https://github.com/docker-library/php/blob/master/Dockerfile-linux.template
    """
    whole = posixpath.normpath(posixpath.join(folder_of(dockerfile, ran) or "", path))
    is_php = image_name(dockerfile.base_image(ran.stage) or "") == "php"
    return is_php and whole == _OF_PHP and owner in _WEB_OWNERS


def _may_fill_folder_of_base(dockerfile: Dockerfile, ran: Ran) -> bool:
    """Whether anything ahead of a command may put files into the folder that the base image works in, as no `WORKDIR` names another."""
    stages, end = dockerfile.ancestry(ran.stage), ran.instruction.span.start
    targets = [
        target_of(dockerfile, stage, it)
        for stage in stages
        for it in stage.instructions
        if it.keyword in ("ADD", "COPY") and it.span.start < end
    ]
    before = [
        one for one in dockerfile.commands() if one.stage in stages and one.instruction.span.start < end
    ]
    return any(target is None or not target.startswith("/") for target in targets) or any(
        not (folder_of(dockerfile, one) or "").startswith("/") and _puts_here(one) for one in before
    )


def _puts_here(ran: Ran) -> bool:
    """Whether a command may put files into the folder that it runs in."""
    command = ran.command
    files = [one.target for one in command.redirections if one.operator in _WRITING]
    if command.program in ("mkdir", "touch"):
        files += [one for one in command.arguments if not (one.literal or "").startswith("-")]
    return command.program in _WHERE_IT_RUNS or not all((one.literal or "").startswith("/") for one in files)


def _may_hold_others(dockerfile: Dockerfile, ran: Ran, path: str, copies: list[Instruction]) -> bool:
    """Whether a folder may have files by other copies, as of a whole file system, or by programs that may write anywhere."""
    whole = posixpath.normpath(posixpath.join(folder_of(dockerfile, ran) or "", path))
    line = [it for stage in dockerfile.ancestry(ran.stage) for it in stage.instructions]
    before = [it for it in line if it.span.start < ran.instruction.span.start]
    others = [it for it in before if it.keyword in ("ADD", "COPY") and it not in copies]
    targets = [target_of(dockerfile, ran.stage, it) for it in others]
    run = [one.command.program for one in dockerfile.commands() if one.instruction in before]
    return not _BRINGS_ITS_OWN.issuperset(run) or any(
        target is None or f"{whole}/".startswith(f"{target.rstrip('/')}/") for target in targets
    )


def _is_new(dockerfile: Dockerfile, ran: Ran, path: str) -> bool:
    """Whether a folder that `WORKDIR` made is new to the image which the stage is built on."""
    whole = posixpath.normpath(posixpath.join(folder_of(dockerfile, ran) or "", path))
    is_first = len(dockerfile.ancestry(ran.stage)) == 1
    return f"{whole}/".startswith("/app/") and is_first and has_no_app(dockerfile.base_image(ran.stage) or "")


def _caution_of_owner(path: str, writing: str, *, is_made: bool, is_group: bool) -> str:
    """What to ask of what the copies don't give an owner, beside the folders that `WORKDIR` made, which keep theirs."""
    one = code(path)
    if is_made:
        kept = "keep their group" if is_group else "stay root's"
        return f"Does the base image have files in {one}? They {kept}{f', and {writing}' if writing else ''}."
    asked = f"Is {one} made by the copy? One that the base image made"
    if is_group:
        return f"{asked} keeps its group."
    return (
        f"{asked} stays root's, and {writing}."
        if writing
        else f"Does the program make files in {one} itself? Where the base image made that folder, it stays root's."
    )


def _but_for(folders: list[str]) -> str:
    return f" but in {listed([code(one) for one in folders])}" if folders else ""


def _of_folders(ran: Ran, owner: str, folders: list[str]) -> Edit | None:
    """Has a command change folders alone, without what is in them; None for no folder."""
    arguments = ran.command.arguments
    place = ran.place(arguments[0].span.to(arguments[-1].span))
    words = shlex.join((owner, *folders))
    return Edit(ran.text.path, place.span, words) if folders else None


def _hides(it: Instruction) -> bool:
    """Whether others than the owner may not read what a copy puts: what `ADD` takes from a server has the mode 600."""
    mode = it.flag("chmod")
    if mode is not None:
        return not _lets_others_read(mode.value or "")
    return it.keyword == "ADD" and any(word.value.strip("\"'").startswith(_SERVERS) for word in it.sources)


def _takes_rights(dockerfile: Dockerfile, stage: Stage) -> bool:
    """Whether a command of a stage, or of what it builds on, may take from others the right to read."""
    line = dockerfile.ancestry(stage)
    commands = [ran.command for ran in dockerfile.commands() if ran.stage in line]
    changing = (one.literals for one in commands if one.program == "chmod")
    modes = (next((word for word in words if not _OPTION.fullmatch(word)), "") for words in changing)
    return any(one.program == "umask" for one in commands) or not all(map(_lets_others_read, modes))


def _lets_others_read(mode: str) -> bool:
    """Whether a mode of `chmod` gives others the right to read, or leaves it to them."""
    if mode.isdecimal():
        return int(mode[-1]) & 4 > 0
    parts = [_SYMBOLIC.fullmatch(part) for part in mode.split(",")]
    return all(
        part is not None and _leaves_reading(part["who"], part["does"], part["rights"]) for part in parts
    )


def _leaves_reading(who: str, does: str, rights: str) -> bool:
    if does == "+" or (who and {"o", "a"}.isdisjoint(who)):
        return True
    return "r" in rights if does == "=" else {"r", "x", "X"}.isdisjoint(rights)


def _makes_groups(ran: Ran, copied: int) -> bool:
    """Whether commands behind the first copy may make the group, which need not be that of the user of its name."""
    behind = (it for it in ran.stage.instructions if copied < it.span.start <= ran.instruction.span.start)
    return any(_GROUPS.search(ran.text[it.span]) for it in behind)


def _exists(dockerfile: Dockerfile, ran: Ran, user: str, copied: int) -> bool:
    """Whether a user is a number, or is in the image when the first files are copied."""
    made = dockerfile.users(ran.stage).get(user)
    base = dockerfile.base_image(ran.stage) or ""
    if user.isdecimal() or (made is not None and made.span.start < copied):
        return True
    return documented_user(image_name(base), user) is not None


def _is_proven(dockerfile: Dockerfile, ran: Ran, copied: int) -> bool:
    """Whether user and group are there when the first files are copied, as the command finds them and nothing
    in between makes them."""
    between = [it for it in ran.stage.instructions if copied <= it.span.start < ran.instruction.span.start]
    copies = [it for it in between if it.keyword in ("ADD", "COPY")]
    targets = [target_of(dockerfile, ran.stage, it) for it in copies]
    commands = ran.script.commands
    before = [one.program for one in commands if one.span.end <= ran.command.span.start]
    behind = [one.connector for one in commands if one.span.start >= ran.command.span.end]
    return (
        not may_be_left_out(ran)
        and _MAKES_NO_USER.issuperset(before)
        and all(connector == "&&" for connector in behind)
        and all(it.keyword != "RUN" for it in between)
        and not any(target is None or _MAY_HOLD_USERS.match(target) for target in targets)
    )


def _without(dockerfile: Dockerfile, ran: Ran) -> Edit | None:
    """Takes the command out of its `RUN`, or the `RUN` away."""
    text, command = dockerfile.text, ran.command
    if command.guards and any(guard.kind != "&&" for guard in command.guards):
        return None
    others = [one for one in ran.script.commands if one is not command]
    if not others:
        return without_instruction(text, _with_users(dockerfile, ran), _OF_OWNERS)
    before = [one for one in others if one.span.end <= command.span.start]
    behind = [one for one in others if one.span.start >= command.span.end]
    if before and command.connector == "&&":
        gone = Span(before[-1].span.end, command.span.end)
    elif behind and not before and behind[0].connector == "&&":
        gone = Span(command.span.start, behind[0].span.start)
    else:
        return None
    return Edit(text.path, ran.place(gone).span, "")


def _with_users(dockerfile: Dockerfile, ran: Ran) -> Span:
    """A `RUN` with the `USER` right above it that counts for it alone, as another follows; and with that, if
    it was the user before."""
    instructions = ran.stage.instructions
    at = instructions.index(ran.instruction)
    around = instructions[max(at - 1, 0) : at + 2]
    if [it.keyword for it in around] != ["USER", "RUN", "USER"]:
        return ran.instruction.span
    line = [it for stage in reversed(dockerfile.ancestry(ran.stage)) for it in stage.instructions]
    users = [it for it in line[: line.index(around[0])] if it.keyword == "USER"]
    is_back = bool(users) and [word.value for word in users[-1].arguments] == [
        word.value for word in around[2].arguments
    ]
    return around[0].span.to((around[2] if is_back else ran.instruction).span)
