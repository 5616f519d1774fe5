"""Code belongs to the user that runs it

`COPY --chown=app` gives the program its own files: whoever gets into the process can change the code that runs after the
next start, and what `node_modules` holds.

Leave the files to root and let the user read them. Give away the folders that the program writes, and only those.

The check is silent where the user of the process is another one, for folders whose names say that they are written
(uploads, caches, temporary files, data), for files of the home folder, and in stages that are only copied from.

References:

- https://docs.docker.com/reference/dockerfile/#copy---chown---chmod
- https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
    Delivery,
    Edit,
    Example,
    Finding,
    Kind,
    Repository,
    Severity,
    Span,
    code,
    offer,
)  # fmt: skip
from checks.facts.dockerfiles import Dockerfile, Instruction

check = Check(
    id="app-files-owned-by-runtime-user",
    doc=__doc__,
    severity=Severity.NOTE,
    kinds=(Kind.DOCKERFILE,),
    fix=Applicability.UNSAFE,
    delivery=Delivery.CHECK_RUN,
    tags=("dockerfile", "security"),
    security_severity=2.0,
    examples=(
        Example(
            title="modules and code for the user of the process",
            files="""\
-- Dockerfile --
FROM node:24-alpine AS build
RUN npm ci
FROM node:24-alpine
COPY --from=build --chown=1000:1000 /app/node_modules ./node_modules
COPY --from=build --chown=1000:1000 /app/dist ./dist
USER 1000:1000
ENTRYPOINT ["/sbin/tini", "--", "node", "dist/server.js"]
""",
            at="--chown=1000:1000",
            fixed="""\
-- Dockerfile --
FROM node:24-alpine AS build
RUN npm ci
FROM node:24-alpine
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
USER 1000:1000
ENTRYPOINT ["/sbin/tini", "--", "node", "dist/server.js"]
""",
        ),
        Example(
            title="root, another user, folders that are written, a stage that is only copied from",
            files="""\
-- Dockerfile --
FROM node:24-alpine AS build
COPY --chown=1000 . /app
USER 1000
RUN npm ci
FROM node:24-alpine
COPY --from=build --chown=0:0 /app/dist ./dist
COPY --from=build --chown=2000 /app/views ./views
COPY --from=build --chown=1000 /app/.next/cache ./.next/cache
COPY --from=build --chown=1000 /app/uploads ./uploads
USER 1000
ENTRYPOINT ["/sbin/tini", "--", "node", "dist/server.js"]
""",
        ),
    ),
)

_WRITTEN = re.compile(
    r"cache|upload|tmp|temp|data|logs?\b|storage|/var/|/run|db\b|home|\.next|state|media", re.IGNORECASE
)


def run(repo: Repository) -> Iterator[Finding]:
    for dockerfile in repo.dockerfiles:
        users = [it for it in dockerfile.final.instructions if it.keyword == "USER" and it.arguments]
        name = (users[-1].arguments[0].literal or "").partition(":")[0] if users else ""
        if name and name not in ("root", "0"):
            found = [it for it in dockerfile.final.instructions if _gives_code_to(it, name)]
            if found:
                yield _finding(dockerfile, found, name)


def _gives_code_to(it: Instruction, user: str) -> bool:
    flag = it.flag("chown") if it.keyword in ("COPY", "ADD") else None
    if flag is None or (flag.value or "").partition(":")[0] != user:
        return False
    return not any(_WRITTEN.search(word.value) for word in it.arguments)


def _finding(dockerfile: Dockerfile, found: list[Instruction], user: str) -> Finding:
    spans = [flag.span for it in found if (flag := it.flag("chown")) is not None]
    content = dockerfile.text.content
    edits = [
        Edit(dockerfile.path, Span(span.start, span.end + (content[span.end : span.end + 1] == " ")), "")
        for span in spans
    ]
    return Finding(
        message=f"The code belongs to {code(user)}, the user that the process runs as.",
        consequence="Who gets into the process can change the program itself, and what it loads at its next start.",
        location=dockerfile.location(spans[0]),
        related=tuple(dockerfile.location(span, "gives it more of the code") for span in spans[1:]),
        fixes=offer(
            "leave the code to root",
            Applicability.UNSAFE,
            *edits,
            caution=f"Does the program write into one of these folders, and may {code(user)} read them all?",
        ),
    )
