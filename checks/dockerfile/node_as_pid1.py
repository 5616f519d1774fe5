"""Node.js is the first process of the container

As process 1 `node` gets no default action for signals: without a handler of its own it ignores SIGTERM, and
each stop of the container waits for the whole grace period and ends with SIGKILL. It does not reap orphaned
children either.

Let a small init be process 1 (`tini`, `docker run --init`, `init: true` in Compose), or handle SIGTERM in the
program. The fix uses what the image installs; it brings no package into it.

The check can't see the program, which may have a handler. So it speaks only where the image shows that an
init is wanted: it installs one and does not start it. It speaks of the shell form too: the exec form alone,
which lets the signal reach `node`, does not make it heard.

It is silent

- where the command is not known to be Node.js itself
- for Next.js, which handles the signal, and for other programs that lie in `node_modules`
- where a deployment of this repository brings an init
- where all services of Compose replace the command and a file beside it is the one for production, or the plain
  `Dockerfile` where no other file names this one; and where all containers of manifests and charts that certainly
  run the image do
- in images of Lambda: the file speaks of it, or what builds it here does
- in files of development, tests and examples, and where the debugger or the watching of files is switched on

References:

- https://github.com/nodejs/docker-node/blob/main/docs/BestPractices.md#handling-kernel-signals
- https://github.com/krallin/tini
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

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
    code,
    offer,
)  # fmt: skip
from checks.facts.build.builds import Build
from checks.facts.dockerfile.base_images import Shell, image_name, shell_of
from checks.facts.dockerfile.dockerfiles import Dockerfile, Form, Instruction, is_development
from checks.facts.mention import Mention
from checks.regex import regex

check = Check(
    id="node-as-pid1",
    doc=__doc__,
    severity=Severity.NOTE,
    kinds=(Kind.DOCKERFILE,),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    attention=Attention.CHECK_RUN,
    tags=("dockerfile", "node", "signals"),
    examples=(
        Example(
            title="tini is installed and does not start",
            files="""\
-- Dockerfile --
FROM node:24-alpine
RUN apk add --no-cache curl tini
USER 1000
ENTRYPOINT ["node", "server.js"]
""",
            at='ENTRYPOINT ["node", "server.js"]',
            fixed="""\
-- Dockerfile --
FROM node:24-alpine
RUN apk add --no-cache curl tini
USER 1000
ENTRYPOINT ["/sbin/tini", "--", "node", "server.js"]
""",
        ),
        Example(
            title="a command on Debian",
            files="""\
-- Dockerfile --
FROM node:24-slim AS base
RUN apt-get update && apt-get install -y --no-install-recommends dumb-init
FROM base
USER 1000
CMD ["node", "server.js"]
""",
            at='CMD ["node", "server.js"]',
            fixed="""\
-- Dockerfile --
FROM node:24-slim AS base
RUN apt-get update && apt-get install -y --no-install-recommends dumb-init
FROM base
USER 1000
ENTRYPOINT ["/usr/bin/dumb-init", "--"]
CMD ["node", "server.js"]
""",
        ),
        Example(
            title="in shell form",
            files="""\
-- Dockerfile --
FROM node:24-alpine
RUN apk add --no-cache tini
USER 1000
CMD exec node server.js
""",
            at="CMD exec node server.js",
        ),
        Example(
            title="nothing shows that an init is wanted: the program may have a handler, whatever stands in front of another one",
            files="""\
-- Dockerfile --
FROM node:24-alpine
COPY server.js shutdown.js ./
USER 1000
CMD ["node", "server.js"]
-- worker/Dockerfile --
FROM node:24-alpine
RUN apk add --no-cache tini
USER 1000
ENTRYPOINT ["/sbin/tini", "--", "node", "worker.js"]
""",
        ),
        Example(
            title="behind an init, another program, another image, a function of Lambda, Next.js, a server of the modules",
            files="""\
-- d.Dockerfile --
FROM node:24-alpine
RUN apk add --no-cache tini
COPY --from=public.ecr.aws/awsguru/aws-lambda-adapter:0.9.1 /lambda-adapter /opt/extensions/lambda-adapter
USER 1000
CMD ["node", "server.js"]
-- a.Dockerfile --
FROM node:24-alpine
RUN apk add --no-cache tini
USER 1000
ENTRYPOINT ["/sbin/tini", "--"]
CMD ["node", "server.js"]
-- b.Dockerfile --
FROM node:24-alpine
RUN apk add --no-cache tini
USER 1000
CMD ["/srv/start"]
-- c.Dockerfile --
FROM nginx:1.29
RUN apk add --no-cache tini
USER 101
CMD ["node", "server.js"]
-- e.Dockerfile --
FROM node:24-alpine
RUN apk add --no-cache tini
COPY .next/standalone ./
USER 1000
CMD ["node", "server.js"]
-- f.Dockerfile --
FROM node:24-alpine
RUN apk add --no-cache tini
USER 1000
CMD ["node", "node_modules/serve/build/main.js", "dist"]
""",
        ),
        Example(
            title="for debugging, by the name of the file, of the stage or of an option",
            files="""\
-- Dockerfile.debug --
FROM node:24-alpine
RUN apk add --no-cache tini
CMD ["node", "server.js"]
-- web/Dockerfile --
FROM node:24-alpine AS development
RUN apk add --no-cache tini
CMD ["node", "server.js"]
-- api/Dockerfile --
FROM node:24-alpine
RUN apk add --no-cache tini
CMD ["node", "--inspect=0.0.0.0:9229", "server.js"]
-- shop/Dockerfile --
FROM node:24-alpine
RUN apk add --no-cache tini
CMD ["node", "--watch", "server.js"]
""",
        ),
        Example(
            title="what builds it makes a function or a MicroVM of Lambda",
            files="""\
-- resizer/Dockerfile --
FROM node:24-alpine
RUN apk add --no-cache tini
CMD ["node", "server.js"]
-- resizer/publish.sh --
#!/bin/sh
set -e
docker build -t resizer .
aws lambda update-function-code --function-name resizer --image-uri "$IMAGE"
-- runner/Dockerfile --
FROM node:24-alpine
RUN apk add --no-cache tini
CMD ["node", "server.js"]
-- .github/workflows/runner.yml --
on:
  push:
    paths: [runner/**]
jobs:
  publish:
    runs-on: ubuntu-latest
    steps:
      - run: aws lambda-microvms create-microvm-image --name runner --code-artifact "$ARTIFACT"
-- Dockerfile --
FROM node:24-alpine
RUN apk add --no-cache tini
CMD ["node", "server.js"]
-- .github/workflows/build.yml --
on: push
jobs:
  publish:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'ghcr.io/acme/thumbnails:1'}
      - run: aws lambda update-function-code --function-name thumbnails --image-uri ghcr.io/acme/thumbnails:1
-- notes/Dockerfile --
FROM node:24-alpine
RUN apk add --no-cache tini
# runs in AWS Lambda
CMD ["node", "server.js"]
""",
        ),
        Example(
            title="another image of the repository is for Lambda",
            files="""\
-- web/Dockerfile --
FROM node:24-alpine
RUN apk add --no-cache tini
CMD ["node", "server.js"]
-- resizer/publish.sh --
#!/bin/sh
set -e
docker build -t resizer .
aws lambda update-function-code --function-name resizer --image-uri "$IMAGE"
""",
            at='CMD ["node", "server.js"]',
            fixed="""\
-- web/Dockerfile --
FROM node:24-alpine
RUN apk add --no-cache tini
ENTRYPOINT ["/sbin/tini", "--"]
CMD ["node", "server.js"]
""",
        ),
        Example(
            title="Compose brings the init",
            files="""\
-- Dockerfile --
FROM node:24-alpine
RUN apk add --no-cache tini
USER 1000
CMD ["node", "server.js"]
-- compose.yaml --
services:
  web:
    build: .
    init: true
""",
        ),
        Example(
            title="a deployment starts what the image installs",
            files="""\
-- Dockerfile --
FROM node:24-alpine
RUN apk add --no-cache tini
USER 1000
CMD ["node", "server.js"]
-- compose.yaml --
services:
  web:
    build: .
    entrypoint: ["tini", "--"]
""",
        ),
        Example(
            title="in a folder of examples, and behind a word for signals",
            files="""\
-- examples/Dockerfile --
FROM node:24-alpine
RUN apk add --no-cache tini
USER 1000
CMD ["node", "server.js"]
-- Dockerfile --
FROM node:24-alpine
RUN apk add --no-cache tini
# server.js handles SIGTERM by itself
USER 1000
CMD ["node", "server.js"]
""",
        ),
    ),
)

_PATHS = {
    (Shell.BUSYBOX, "tini"): "/sbin/tini",
    (Shell.BUSYBOX, "dumb-init"): "/usr/bin/dumb-init",
    (Shell.DASH, "tini"): "/usr/bin/tini",
    (Shell.DASH, "dumb-init"): "/usr/bin/dumb-init",
}
"""Where the packages of Alpine and Debian put them."""
_INSTALLERS = frozenset(("apk", "apt-get", "apt"))
_BRINGS_INIT = regex(
    r"^\s*init:\s*true|shareProcessNamespace:\s*true|--init\b|\b(?:tini|dumb-init|docker-init|catatonit)\b",
    re.MULTILINE,
)
_PLAIN = regex(r"(?:exec )?node [\w./ :=@'\"-]+")
"""In shell form: a single command."""
_HANDLES = Mention(r"sigterm|/opt/extensions/|\blambda\b|\.next/|node_modules/|\bpm2\b")
"""A handler, a program that has one, or Lambda, whose own process is the first one where it has an extension."""
_MAKES_FUNCTIONS = Mention(r"\blambda\b|update-function-code|\bmicrovms?\b")
_DEBUGS = regex(r"--(?:inspect|watch)\b")


def run(repo: Repository) -> Iterator[Finding]:
    deployments = (Kind.COMPOSE, Kind.KUBERNETES, Kind.HELM_VALUES, Kind.SCRIPT, Kind.MAKEFILE)
    images = [one for one in repo.dockerfiles if not one.is_aside and repo.memo(_is_of_node, one)]
    texts = (text for kind in deployments for text in repo.texts(kind))
    if not images or any(repo.memo(_brings_init, text.content) for text in texts):
        return
    functions = [text for text in repo.automation if repo.memo(_makes_functions, text.content)]
    for dockerfile in images:
        command = _command(dockerfile)
        if (
            command is None
            or _develops(dockerfile, command)
            or repo.runs_otherwise(dockerfile, command.keyword)
            or repo.gets_own_command(dockerfile, command.keyword)
            or any(
                _is_near(dockerfile, text.path, text.content)
                or any(_may_be_of(build, dockerfile.path) for build in repo.builds_in.get(text, ()))
                for text in functions
            )
            or _HANDLES.is_in(dockerfile.text.content)
        ):
            continue
        installed = _installed(dockerfile)
        if installed:
            yield _finding(dockerfile, command, installed)


def _finding(dockerfile: Dockerfile, command: Instruction, installed: str) -> Finding:
    return Finding(
        message=f"{code(installed)} is installed, and {code('node')} starts without it.",
        consequence="As process 1 it ignores SIGTERM unless the program handles it: without a handler each stop waits for the grace "
        "period and ends in SIGKILL.",
        location=dockerfile.location(command.span),
        fixes=_fixes(dockerfile, command, installed),
    )


def _brings_init(deployment: str) -> bool:
    return _BRINGS_INIT.search(deployment) is not None


def _is_of_node(dockerfile: Dockerfile) -> bool:
    base = dockerfile.base_image(dockerfile.shipped)
    return base is not None and image_name(base) == "node"


def _installed(dockerfile: Dockerfile) -> str | None:
    """The init that the image gets from its distribution."""
    line = dockerfile.ancestry(dockerfile.shipped)
    words = {
        word.literal
        for ran in dockerfile.commands()
        if ran.stage in line and ran.command.program in _INSTALLERS
        for word in ran.command.arguments
    }
    return next((name for name in ("tini", "dumb-init") if name in words), None)


def _develops(dockerfile: Dockerfile, command: Instruction) -> bool:
    named = is_development(dockerfile, dockerfile.shipped)
    return named or bool(_DEBUGS.search(dockerfile.text[command.span]))


def _makes_functions(automation: str) -> bool:
    """Whether a workflow or a script has to do with Lambda."""
    return _MAKES_FUNCTIONS.is_in(automation)


def _is_near(dockerfile: Dockerfile, path: str, content: str) -> bool:
    """Whether a workflow or a script names its folder or lies there."""
    folder = posixpath.dirname(dockerfile.path)
    if not folder:
        return False
    named = re.search(rf"(?<![\w-]){re.escape(folder)}/", content)
    return named is not None or posixpath.dirname(path) == folder


def _may_be_of(build: Build, path: str) -> bool:
    """Whether a build may be of a Dockerfile; in a script, whose folder nobody knows, whether it certainly is."""
    return build.dockerfile == path or (build.dockerfile is None and build.step is not None)


def _fixes(dockerfile: Dockerfile, command: Instruction, installed: str) -> tuple[Fix, ...]:
    """The installed init in front of a command in exec form."""
    text = dockerfile.text
    path = _PATHS.get((shell_of(dockerfile.base_image(dockerfile.shipped) or "") or Shell.BASH, installed))
    starts = text.line(text.line_of(command.span.start)).start
    if path is None or command.form is not Form.EXEC or starts != command.span.start:
        return ()
    if command.keyword == "ENTRYPOINT":
        at = command.arguments[0].span.start
        front = Edit(text.path, Span(at, at), f'"{path}", "--", ')
    else:
        front = Edit(text.path, Span(starts, starts), f'ENTRYPOINT ["{path}", "--"]{text.newline}')
    return offer(
        f"start it behind {installed}",
        Applicability.UNSAFE,
        front,
        caution="Does nothing that starts the container name a command or an entrypoint of its own?",
    )


def _command(dockerfile: Dockerfile) -> Instruction | None:
    """The command that certainly starts node, with nothing in front."""
    stage = dockerfile.shipped
    entry = [it for it in stage.instructions if it.keyword == "ENTRYPOINT"]
    found = entry or [it for it in stage.instructions if it.keyword == "CMD"]
    if not found or (len(dockerfile.ancestry(stage)) > 1 and not entry and _inherits_entry(dockerfile)):
        return None
    last = found[-1]
    if last.form is Form.SHELL and last.shell is not None:
        return last if _PLAIN.fullmatch(last.shell.source.strip()) else None
    is_node = (
        last.form is Form.EXEC
        and bool(last.arguments)
        and last.arguments[0].literal in ("node", "/usr/local/bin/node")
    )
    return last if is_node else None


def _inherits_entry(dockerfile: Dockerfile) -> bool:
    line = dockerfile.ancestry(dockerfile.shipped)[1:]
    return any(it.keyword == "ENTRYPOINT" for stage in line for it in stage.instructions)
