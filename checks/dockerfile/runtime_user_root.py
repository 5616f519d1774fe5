"""Container runs as root

The image names no user, or names root, and its base image runs as root. Whoever gets into the process owns every file of
the container, and what is mounted into it; a pod with `runAsNonRoot: true` and no `runAsUser` is refused.

Create a user with a number of its own and name the number in `USER`, below everything that needs root.

An image whose last stage is pushed from this repository is an error if it exposes a port, else a note (it may be a tool for the command
line), as it is on `scratch`, where nothing but the program itself lies; others that expose a port are a note too. It is silent for the rest,
where the base image is not known to run as root, where the environment names root as the user, where something in the file gives up root later (`gosu`, `su-exec`,
`setpriv`, s6) or the program does so by itself (nginx, Apache, HAProxy), for Windows, for the images of GitHub actions, which have to run as root, for those that a manifest or
Compose here gives the files, processes or devices of the host, for images of development, beside a Dockerfile that is named for
doing without root, and, where Terraform makes functions of Lambda from images, for those that expose no port: Lambda runs them as a
user of its own.

References:

- https://docs.docker.com/build/building/best-practices/#user
- https://docs.docker.com/reference/dockerfile/#user
- https://docs.github.com/en/actions/reference/workflows-and-actions/dockerfile-support#user
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator

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
from checks.facts.base_images import image_name, runs_as_root
from checks.facts.builds import Build
from checks.facts.dockerfiles import Dockerfile, Instruction, Stage, is_development

check = Check(
    id="runtime-user-root",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.DOCKERFILE, Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT, Kind.TERRAFORM),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("dockerfile", "security"),
    security_severity=6.0,
    peers=(
        "hadolint:DL3002",
        "checkov:CKV_DOCKER_3",
        "checkov:CKV_DOCKER_8",
    ),
    examples=(
        Example(
            title="a user is created and not used",
            files="""\
-- Dockerfile --
FROM node:24-alpine
RUN addgroup -g 10001 app && adduser -D -u 10001 -G app app
COPY . /srv
ENTRYPOINT ["node", "/srv/server.js"]
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'ghcr.io/acme/web:1'}
""",
            at="FROM node:24-alpine",
            fixed="""\
-- Dockerfile --
FROM node:24-alpine
RUN addgroup -g 10001 app && adduser -D -u 10001 -G app app
COPY . /srv
USER 10001
ENTRYPOINT ["node", "/srv/server.js"]
""",
        ),
        Example(
            title="root is named, in an image that nothing here pushes",
            files="""\
-- Dockerfile --
FROM python:3.13-slim AS base
USER 1000
FROM base
USER root
EXPOSE 8000
CMD ["python", "app.py"]
""",
            at="USER root",
        ),
        Example(
            title="a user of its own, of an earlier stage, by an argument; bases that are not known to run as root",
            files="""\
-- Dockerfile --
FROM node:24
USER 1000
-- inherited.Dockerfile --
FROM node:24 AS base
USER node
FROM base
-- argument.Dockerfile --
FROM node:24
ARG RUN_AS
USER $RUN_AS
-- nonroot.Dockerfile --
FROM gcr.io/distroless/nodejs24-debian13:nonroot
-- own.Dockerfile --
FROM registry.example.com/base:1
-- build.Dockerfile --
FROM golang:1.27
CMD ["/src/package.sh"]
-- postgres.Dockerfile --
FROM postgres:17
COPY init.sql /docker-entrypoint-initdb.d/
""",
        ),
        Example(
            title="root is given up later, an action, Windows, a development container",
            files="""\
-- Dockerfile --
FROM debian:13
RUN apt-get update && apt-get install -y gosu
ENTRYPOINT ["/entrypoint.sh"]
-- proxy/Dockerfile --
FROM debian:13
RUN apt-get update && apt-get install -y nginx
EXPOSE 80
CMD ["nginx", "-g", "daemon off;"]
-- action/Dockerfile --
FROM alpine:3.24
ENTRYPOINT ["/run.sh"]
-- windows/Dockerfile --
FROM golang:1.27-nanoserver
-- .devcontainer/Dockerfile --
FROM ubuntu:24.04
-- web.debug.Dockerfile --
FROM golang:1.27
EXPOSE 8000
CMD ["/web"]
-- site/Dockerfile --
FROM node:24
EXPOSE 5173
CMD ["npm", "run", "dev"]
-- agent/Dockerfile --
FROM alpine:3.24
EXPOSE 3000
CMD ["/bin/agent"]
-- agent/Dockerfile.rootless --
FROM alpine:3.24
EXPOSE 3000
USER 1000
CMD ["/bin/agent"]
""",
            paths=("action/action.yml",),
        ),
        Example(
            title="what is pushed is an earlier stage, or nothing is",
            files="""\
-- Dockerfile --
FROM golang:1.27 AS tools
USER 1000
FROM scratch AS parts
COPY --from=tools /go/bin/web /web
ENTRYPOINT ["/web"]
-- .github/workflows/build.yml --
on: pull_request
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., target: tools, push: true, tags: 'ghcr.io/acme/tools:1'}
      - uses: docker/build-push-action@v7
        with: {context: ., target: '${{ inputs.stage }}', push: true, tags: 'ghcr.io/acme/some:1'}
      - uses: docker/build-push-action@v7
        if: github.event_name == 'push'
        with: {context: ., push: true, tags: 'ghcr.io/acme/web:1'}
""",
        ),
        Example(
            title="the last stage is pushed by its name",
            files="""\
-- Dockerfile --
FROM golang:1.27 AS tools
USER 1000
FROM scratch AS Web
COPY --from=tools /go/bin/web /web
ENTRYPOINT ["/web"]
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., target: web, push: true, tags: 'ghcr.io/acme/web:1'}
-- deploy/other.yaml --
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - name: web
          image: ghcr.io/acme/web:1
          volumeMounts: [{name: zone, mountPath: /etc/localtime}]
      volumes:
        - {name: zone, hostPath: {path: /etc/localtime}}
        - {name: logs, hostPath: {path: /var/log}}
""",
            at="FROM scratch AS Web",
        ),
        Example(
            title="the host is handed to the container",
            files="""\
-- Dockerfile --
FROM alpine:3.24
ENTRYPOINT ["/usr/bin/collector"]
-- watcher/Dockerfile --
FROM alpine:3.24
EXPOSE 9100
ENTRYPOINT ["/run"]
-- prober/Dockerfile --
FROM alpine:3.24
EXPOSE 9100
ENTRYPOINT ["/run"]
-- panel/Dockerfile --
FROM alpine:3.24
EXPOSE 9000
ENTRYPOINT ["/run"]
-- compose.yaml --
services:
  panel:
    build: panel
    volumes: ["/var/run/docker.sock:/var/run/docker.sock"]
-- deploy/nodes.yaml --
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: nodes}
spec:
  template:
    spec:
      containers:
        - name: collector
          image: ghcr.io/acme/node-collector:1
          volumeMounts: [{name: root, mountPath: /host}]
        - name: watcher
          image: ghcr.io/acme/watcher:1
          securityContext: {privileged: true}
      volumes: [{name: root, hostPath: {path: /}}]
-- deploy/prober.yaml --
apiVersion: v1
kind: Pod
metadata: {name: prober}
spec:
  hostPID: true
  containers: [{name: prober, image: 'ghcr.io/acme/prober:1'}]
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'ghcr.io/acme/node-collector:1'}
""",
        ),
        Example(
            title="the environment says that root is meant",
            files="""\
-- Dockerfile --
FROM alpine:3.24
ENV HOME /root
ENV USER root
EXPOSE 9000
ENTRYPOINT ["/unpack"]
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'ghcr.io/acme/unpack:1'}
""",
        ),
        Example(
            title="Terraform makes functions of Lambda from images",
            files="""\
-- Dockerfile --
FROM scratch
COPY handler /handler
ENTRYPOINT ["/handler"]
-- lambda.tf --
resource "aws_lambda_function" "handler" {
  function_name = "handler"
  package_type  = "Image"
  image_uri     = var.image
}
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'ghcr.io/acme/handler:1'}
""",
        ),
    ),
)

_DROPS = re.compile(
    r"\b(?:nginx|apache2(?:ctl|-foreground)?|httpd|haproxy|php-fpm|named|unbound|dnsmasq|squid|postfix|crond?)\b"
)
"""Programs that have to start as root, and give it up for what they do."""
_DEVELOPS = re.compile(r"\b(?:dev|development|debug|dlv)\b|--reload\b")
_ROOTLESS = re.compile(r"rootless|non-?root", re.IGNORECASE)
"""Names of Dockerfiles that stand beside those for root."""
_GIVES_UP = re.compile(
    r"gosu|su-exec|setpriv|s6-|supervisor|runuser|chroot --userspec|setuser|entrypoint|init\b|sshd|dockerd"
)

_ENVIRONMENT_OF_ROOT = re.compile(
    r"^\s*ENV\s+(?:USER[= ][\"']?root|HOME[= ][\"']?/root)\b", re.MULTILINE | re.IGNORECASE
)
_OF_LAMBDA = re.compile(r'\bpackage_type\s*=\s*"Image"')


def run(repo: Repository) -> Iterator[Finding]:
    published: dict[str | None, list[Build]] = {}
    for build in repo.builds:
        if build.may_publish:
            published.setdefault(build.dockerfile, []).append(build)
    for dockerfile in repo.dockerfiles:
        builds = [one for one in published.get(dockerfile.path, ()) if _is_of_final(one, dockerfile)]
        if _has_host(repo, dockerfile, builds) or _is_meant(repo, dockerfile):
            continue
        found = _user(dockerfile)
        place = builds[-1].location if builds else None
        if place is None and (is_development(dockerfile, dockerfile.final) or _develops(dockerfile)):
            continue
        if found is not None and (place is not None or (_serves(dockerfile) and not dockerfile.is_aside)):
            yield _finding(dockerfile, found, place)


def _is_of_final(build: Build, dockerfile: Dockerfile) -> bool:
    """Whether a build certainly makes the last stage."""
    if build.target is None:
        return True
    name = build.target.literal
    return name is not None and name.lower() in ("", dockerfile.final.name, str(dockerfile.final.index))


def _has_host(repo: Repository, dockerfile: Dockerfile, builds: list[Build]) -> bool:
    """Whether a container gets a part of the host that runs its image, or one which its path or its command names."""
    handed = repo.images_with_host
    if not handed or dockerfile.path in repo.dockerfiles_with_host:
        return dockerfile.path in repo.dockerfiles_with_host
    names = {(tag.reference.path.literal or "").rpartition("/")[2] for one in builds for tag in one.tags}
    own = {name for name in handed if "-" in name}
    started = " ".join(_started(dockerfile))
    return bool(names & handed) or _names(dockerfile.path, handed) or _names(started, own)


def _names(text: str, images: Collection[str]) -> bool:
    """Whether a path or a command has the name of one of the images in it."""
    either = "|".join(map(re.escape, sorted(images)))
    return bool(images) and re.search(rf"(?<![a-z0-9])(?:{either})(?![a-z0-9])", text) is not None


def _is_meant(repo: Repository, dockerfile: Dockerfile) -> bool:
    """Whether it has to run as root, or gives root up by itself."""
    folder = posixpath.dirname(dockerfile.path)
    actions = {posixpath.join(folder, name) for name in ("action.yml", "action.yaml")}
    if actions & repo.snapshot.paths or dockerfile.on_windows(dockerfile.final):
        return True
    if _ENVIRONMENT_OF_ROOT.search(dockerfile.text.content):
        return True
    if ".devcontainer" in dockerfile.path.split("/") or _GIVES_UP.search(dockerfile.text.content):
        return True
    beside = (other.path for other in repo.dockerfiles if posixpath.dirname(other.path) == folder)
    if any(map(_ROOTLESS.search, beside)):
        return True
    functions = (_OF_LAMBDA.search(text.content) for text in repo.texts(Kind.TERRAFORM))
    if not _serves(dockerfile) and any(functions):
        return True
    started = _started(dockerfile)
    return not started or any(map(_DROPS.search, started))


def _started(dockerfile: Dockerfile) -> list[str]:
    stages = dockerfile.ancestry(dockerfile.final)
    found = (it for stage in stages for it in stage.instructions if it.keyword in ("CMD", "ENTRYPOINT"))
    return [dockerfile.text[it.span] for it in found]


def _develops(dockerfile: Dockerfile) -> bool:
    """Whether what it starts says that it is for development."""
    return any(map(_DEVELOPS.search, _started(dockerfile)))


def _serves(dockerfile: Dockerfile) -> bool:
    """Whether it says that something listens; an image without that may be a tool for the command line."""
    return any(
        it.keyword == "EXPOSE" for stage in dockerfile.ancestry(dockerfile.final) for it in stage.instructions
    )


def _user(dockerfile: Dockerfile) -> Instruction | None:
    """The `USER root` that counts, or the `FROM` of an image that runs as root; None where it is another user's."""
    line = dockerfile.ancestry(dockerfile.final)
    for stage in line:
        users = [it for it in stage.instructions if it.keyword == "USER" and it.arguments]
        if users:
            name = (users[-1].arguments[0].literal or "").partition(":")[0]
            return users[-1] if name in ("root", "0") else None
    base = dockerfile.base_image(dockerfile.final)
    return dockerfile.final.instruction if base is not None and runs_as_root(base) else None


def _finding(dockerfile: Dockerfile, at: Instruction, pushed: Location | None) -> Finding:
    base = dockerfile.base_image(dockerfile.final) or ""
    message = (
        f"{code('USER ' + (at.arguments[0].literal or ''))} is the user that the container runs as."
        if at.keyword == "USER"
        else f"No {code('USER')} stands in the image, and {code(image_name(base))} runs as root."
    )
    related = (Location(pushed.text, pushed.span, "pushes the image"),) if pushed else ()
    return Finding(
        message=message,
        consequence="Who gets into the process owns all files of the container; a pod with `runAsNonRoot: true` and no `runAsUser` is refused.",
        location=dockerfile.location(at.span),
        related=related,
        fixes=_fixes(dockerfile, dockerfile.final) if at.keyword == "FROM" else (),
        severity=_severity(dockerfile, base) if pushed else Severity.NOTE,
    )


def _severity(dockerfile: Dockerfile, base: str) -> Severity | None:
    return None if _serves(dockerfile) and base != "scratch" else Severity.NOTE


def _fixes(dockerfile: Dockerfile, stage: Stage) -> tuple[Fix, ...]:
    """Names the one user that the file creates with a number."""
    users = [user for user in dockerfile.users(stage).values() if user.uid is not None and user.uid > 0]
    last = next((it for it in stage.instructions if it.keyword in ("ENTRYPOINT", "CMD")), None)
    if len(users) != 1 or last is None:
        return ()
    start = last.span.start
    return offer(
        f"run as {users[0].name}",
        Applicability.UNSAFE,
        Edit(dockerfile.path, Span(start, start), f"USER {users[0].uid}{dockerfile.text.newline}"),
        caution="Does the program write anywhere but where this user may, or listen on a port below 1024?",
    )
