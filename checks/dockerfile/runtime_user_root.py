"""Container runs as root

The image names no user, or names root, and its base image runs as root. Whoever gets into the process owns
every file of the container, and what is mounted into it; a pod with `runAsNonRoot: true` and no `runAsUser`
is refused.

Create a user with a number of its own and name the number in `USER`, below everything that needs root.

The check speaks of images that a build here pushes, which comes to that on some run, and that expose ports from 1024 on. Without a port an
image may be a tool for the command line, which reads and writes files of whoever starts it; a program whose name ends
in `cli`, started alone, is taken for one. A port below asks for root in many places.

It is silent where the program may well run as another user:

- where the base image is not known to run as root
- where something in the file gives up root later (`gosu`, `su-exec`, `setpriv`, s6), or what starts the program
  is told a user that the image makes (`su web`, `--user=web`), or the program does so by itself (nginx, Apache, HAProxy), or a script that starts it may
- where a manifest or Compose here says with which user containers run, or a template of a chart does or may,
  of what may be the image
- for images of Lambda, which runs them as a user of its own
- where files are given to the group `0` and made writable for it, since OpenShift gives each namespace's
  containers a user of that group, or where a comment says that they are made for any user
- beside a Dockerfile that is named for doing without root

It is silent where root is meant:

- where the environment names root as the user
- where a comment of the stage says that the program needs root, or runs as root on purpose
- for the images of GitHub actions, which have to run as root
- for images that a manifest or Compose here gives the files, processes or devices of the host, or whose own
  file speaks of the socket of a container runtime there

It is silent, too, on `scratch`, where nothing but the program itself lies, for Windows, and for images of
development.

References:

- https://docs.docker.com/build/building/best-practices/#user
- https://docs.docker.com/reference/dockerfile/#user
- https://docs.redhat.com/en/documentation/openshift_container_platform/4.20/html/images/creating-images#use-uid_create-images
- https://docs.github.com/en/actions/reference/workflows-and-actions/dockerfile-support#user
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator
from itertools import pairwise

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
from checks.facts.dockerfile.base_images import image_name, runs_as_root
from checks.facts.dockerfile.container_users import pods_have_user, services_have_user
from checks.facts.dockerfile.dockerfiles import Dockerfile, Instruction, Stage, Word, is_development
from checks.facts.dockerfile.image_users import User
from checks.regex import regex


def _pushed(*dockerfiles: str) -> str:
    """A workflow that pushes the images of Dockerfiles, for the examples."""
    head = "-- .github/workflows/build.yml --\non: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n"
    return head + "".join(
        "      - uses: docker/build-push-action@v7\n"
        f"        with: {{context: ., file: {path}, push: true, tags: 'ghcr.io/acme/{posixpath.dirname(path) or path.lower()}:1'}}\n"
        for path in dockerfiles
    )


check = Check(
    id="runtime-user-root",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(
        Kind.DOCKERFILE,
        Kind.WORKFLOW,
        Kind.ACTION,
        Kind.SCRIPT,
        Kind.KUBERNETES,
        Kind.COMPOSE,
        Kind.HELM_VALUES,
    ),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    follows=("build-input-does-not-exist", "deprecated-action-runtime"),
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
            files=_pushed("Dockerfile")
            + """\
-- Dockerfile --
FROM node:24-alpine
RUN addgroup -g 10001 app && adduser -D -u 10001 -G app app
COPY . /srv
EXPOSE 8080/tcp
ENTRYPOINT ["node", "/srv/server.js"]
""",
            at="FROM node:24-alpine",
            fixed="""\
-- Dockerfile --
FROM node:24-alpine
RUN addgroup -g 10001 app && adduser -D -u 10001 -G app app
COPY . /srv
EXPOSE 8080/tcp
USER 10001
ENTRYPOINT ["node", "/srv/server.js"]
""",
        ),
        Example(
            title="a user without a number that is given the program and not used",
            files=_pushed("Dockerfile")
            + """\
-- Dockerfile --
FROM alpine:3.24
RUN apk add --no-cache tini && \\
    # it needs no folder of its own
    adduser -D -H runner
COPY --chown=runner web /srv/web
EXPOSE 8080
ENTRYPOINT ["/srv/web"]
""",
            at="FROM alpine:3.24",
            fixed="""\
-- Dockerfile --
FROM alpine:3.24
RUN apk add --no-cache tini && \\
    # it needs no folder of its own
    adduser --uid 10001 -D -H runner
COPY --chown=runner web /srv/web
EXPOSE 8080
USER 10001
ENTRYPOINT ["/srv/web"]
""",
        ),
        Example(
            title="a user whose number is not known, or to whom nothing is given, or one of two",
            files=_pushed("Dockerfile", "api.Dockerfile", "job.Dockerfile")
            + """\
-- Dockerfile --
FROM debian:13
ARG NUMBER
RUN useradd -u $NUMBER runner && chown -R runner:runner /srv
EXPOSE 8080
CMD ["/srv/web"]
-- api.Dockerfile --
FROM debian:13
RUN useradd runner
EXPOSE 8080
CMD ["/srv/api"]
-- job.Dockerfile --
FROM debian:13
RUN useradd runner && useradd keeper && chown keeper /srv
EXPOSE 8080
CMD ["/srv/job"]
""",
            at=("FROM debian:13", "FROM debian:13", "FROM debian:13"),
        ),
        Example(
            title="a client for the command line, one that serves, and a server whose line ends alike",
            files=_pushed("Dockerfile", "api.Dockerfile", "shop.Dockerfile")
            + """\
-- Dockerfile --
FROM alpine:3.24
EXPOSE 8080
COPY dist/webcli /srv/
ENTRYPOINT ["/srv/webcli"]
-- api.Dockerfile --
FROM alpine:3.24
EXPOSE 8080
COPY dist/webcli /srv/
ENTRYPOINT ["/srv/webcli"]
CMD ["serve"]
-- shop.Dockerfile --
FROM alpine:3.24
EXPOSE 8080
CMD gunicorn --bind 0.0.0.0:8080 shop:cli
""",
            at=("FROM alpine:3.24", "FROM alpine:3.24"),
        ),
        Example(
            title="root is named",
            files=_pushed("Dockerfile")
            + """\
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
            title="nothing here pushes the image",
            files="""\
-- Dockerfile --
FROM python:3.13-slim
EXPOSE 8000
CMD ["python", "app.py"]
""",
        ),
        Example(
            title="the job that would push it waits for one that GitHub fails before it starts",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  parts:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/upload-artifact@v3
        with: {path: parts}
  image:
    needs: parts
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'ghcr.io/acme/web:1'}
-- Dockerfile --
FROM alpine:3.24
EXPOSE 8080
ENTRYPOINT ["/web"]
""",
        ),
        Example(
            title="no port, a port below 1024 or an unknown one, nothing but the program",
            files=_pushed("Dockerfile", "site.Dockerfile", "agent.Dockerfile", "bare.Dockerfile")
            + """\
-- Dockerfile --
FROM debian:13
CMD ["/bin/lint"]
-- site.Dockerfile --
FROM debian:13
EXPOSE 8080 443/udp
CMD ["/bin/site"]
-- agent.Dockerfile --
FROM debian:13
ARG PORT
EXPOSE $PORT
CMD ["/bin/agent"]
-- bare.Dockerfile --
FROM scratch
EXPOSE 8080
CMD ["/web"]
""",
        ),
        Example(
            title="a user of its own, of an earlier stage, by an argument; bases that are not known to run as root",
            files=_pushed(
                "Dockerfile",
                "inherited.Dockerfile",
                "argument.Dockerfile",
                "nonroot.Dockerfile",
                "own.Dockerfile",
                "postgres.Dockerfile",
            )
            + """\
-- Dockerfile --
FROM node:24
USER 1000
EXPOSE 8000
CMD ["node", "app.js"]
-- inherited.Dockerfile --
FROM node:24 AS base
USER node
FROM base
EXPOSE 8000
CMD ["node", "app.js"]
-- argument.Dockerfile --
FROM node:24
ARG RUN_AS
USER $RUN_AS
EXPOSE 8000
CMD ["node", "app.js"]
-- nonroot.Dockerfile --
FROM gcr.io/distroless/nodejs24-debian13:nonroot
EXPOSE 8000
CMD ["app.js"]
-- own.Dockerfile --
FROM registry.example.com/base:1
EXPOSE 8000
CMD ["/app"]
-- postgres.Dockerfile --
FROM postgres:17
EXPOSE 5432
CMD ["postgres"]
""",
        ),
        Example(
            title="root is given up later, or may be by a script, an action, Windows, a development container, Lambda",
            files=_pushed(
                "Dockerfile",
                "proxy/Dockerfile",
                "script/Dockerfile",
                "action/Dockerfile",
                "windows/Dockerfile",
                ".devcontainer/Dockerfile",
                "site/Dockerfile",
                "agent/Dockerfile",
                "comment/Dockerfile",
                "resizer/Dockerfile",
                "worker/Dockerfile",
            )
            + """\
-- Dockerfile --
FROM debian:13
RUN apt-get update && apt-get install -y gosu
EXPOSE 8000
CMD ["/start"]
-- proxy/Dockerfile --
FROM debian:13
RUN apt-get update && apt-get install -y nginx
EXPOSE 8080
CMD ["nginx", "-g", "daemon off;"]
-- script/Dockerfile --
FROM debian:13
EXPOSE 8080
CMD ["/srv/start.sh"]
-- action/Dockerfile --
FROM alpine:3.24
EXPOSE 8080
ENTRYPOINT ["/run"]
-- windows/Dockerfile --
FROM golang:1.27-nanoserver
EXPOSE 8080
CMD ["web.exe"]
-- .devcontainer/Dockerfile --
FROM ubuntu:24.04
EXPOSE 8080
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
-- comment/Dockerfile --
FROM alpine:3.24
# works for users that are non-root, too
RUN mkdir -m 1777 /cache
EXPOSE 3000
CMD ["/bin/web"]
-- resizer/Dockerfile --
FROM alpine:3.24
COPY --from=public.ecr.aws/awsguru/aws-lambda-adapter:0.9.1 /lambda-adapter /opt/extensions/lambda-adapter
EXPOSE 8080
CMD ["/bin/resizer"]
-- worker/Dockerfile --
FROM alpine:3.24
# of the node, which runs the tasks
ENV CONTAINERD_ADDRESS=/run/containerd/containerd.sock
EXPOSE 8080
CMD ["/bin/worker"]
""",
            paths=("action/action.yml",),
        ),
        Example(
            title="what starts the program is told a user that the image makes",
            files=_pushed("Dockerfile", "api.Dockerfile")
            + """\
-- Dockerfile --
FROM debian:13
RUN useradd runner && chown runner /srv
EXPOSE 8080
CMD ["su", "runner", "-c", "/srv/web"]
-- api.Dockerfile --
FROM debian:13
RUN useradd runner
EXPOSE 8080
CMD /srv/api --user=runner
""",
        ),
        Example(
            title="a program, a module and an argument that are called as a user is, and a number that one may have",
            files=_pushed("Dockerfile", "api.Dockerfile", "job.Dockerfile", "web.Dockerfile")
            + """\
-- Dockerfile --
FROM debian:13
RUN useradd app
EXPOSE 8080
CMD ["gunicorn", "app:app"]
-- api.Dockerfile --
FROM debian:13
RUN useradd api
EXPOSE 8080
ENTRYPOINT ["api", "--port=8080"]
-- job.Dockerfile --
FROM debian:13
RUN useradd job
EXPOSE 8080
CMD ["/srv/serve", "job", "--db-user=job"]
-- web.Dockerfile --
FROM debian:13
RUN useradd web && chown -R web /srv && chown -R 1000:1000 /data
EXPOSE 8080
CMD ["/srv/web"]
""",
            at=("FROM debian:13", "FROM debian:13", "FROM debian:13", "FROM debian:13"),
        ),
        Example(
            title="what is pushed is an earlier stage, or nothing is",
            files="""\
-- Dockerfile --
FROM golang:1.27 AS tools
USER 1000
FROM alpine:3.24 AS parts
COPY --from=tools /go/bin/web /web
EXPOSE 8080
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
FROM alpine:3.24 AS Web
COPY --from=tools /go/bin/web /web
EXPOSE 8080
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
            at="FROM alpine:3.24 AS Web",
        ),
        Example(
            title="the host is handed to the container",
            files=_pushed(
                "node-collector/Dockerfile",
                "watcher/Dockerfile",
                "prober/Dockerfile",
                "panel/Dockerfile",
                "coder/Dockerfile",
            )
            + """\
-- node-collector/Dockerfile --
FROM alpine:3.24
EXPOSE 9100
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
-- coder/Dockerfile --
FROM alpine:3.24
EXPOSE 9001
ENTRYPOINT ["/run"]
-- compose.yaml --
services:
  panel:
    build: panel
    volumes: ["/var/run/docker.sock:/var/run/docker.sock"]
  coder:
    image: ghcr.io/acme/coder:1
    devices: ["/dev/dri/card1:/dev/dri/card1"]
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
""",
        ),
        Example(
            title="a manifest gives the user",
            files=_pushed("Dockerfile")
            + """\
-- Dockerfile --
FROM alpine:3.24
EXPOSE 9000
ENTRYPOINT ["/web"]
-- deploy/web.yaml --
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  securityContext: {runAsNonRoot: true, runAsUser: 1000}
  containers: [{name: web, image: 'ghcr.io/acme/web:1'}]
""",
        ),
        Example(
            title="a template of a chart gives the user, to an image that only the values name",
            files=_pushed("web/Dockerfile")
            + """\
-- web/Dockerfile --
FROM alpine:3.24
EXPOSE 9000
ENTRYPOINT ["/web"]
-- chart/values.yaml --
web: {tag: '1'}
-- chart/templates/web.yaml --
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      securityContext:
        runAsNonRoot: true
        runAsUser: 1000
      containers:
        - name: web
          image: {{ include "acme.image" . }}
""",
        ),
        Example(
            title="one gives it to another image",
            files=_pushed("web/Dockerfile")
            + """\
-- web/Dockerfile --
FROM alpine:3.24
EXPOSE 9000
ENTRYPOINT ["/web"]
-- chart/values.yaml --
tag: '1'
-- chart/templates/queue.yaml --
apiVersion: apps/v1
kind: Deployment
metadata: {name: queue}
spec:
  template:
    spec:
      securityContext:
        runAsUser: 999
      containers:
        - name: queue
          image: redis:{{ .Values.tag }}
-- chart/templates/web.yaml --
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - name: web
          image: ghcr.io/acme/web:{{ .Values.tag }}
""",
            at="FROM alpine:3.24",
        ),
        Example(
            title="made for OpenShift, which gives a user of the group 0",
            files=_pushed("Dockerfile", "api/Dockerfile", "shop/Dockerfile")
            + """\
-- Dockerfile --
FROM node:24-alpine
RUN mkdir /cache \\
 && chgrp -R 0 /cache \\
 && chmod -R g=u /cache
EXPOSE 8080
CMD ["node", "server.js"]
-- api/Dockerfile --
FROM python:3.14
RUN chown -R 1001:0 /srv && chmod -R ug+rwX /srv
EXPOSE 8080
CMD ["python", "server.py"]
-- shop/Dockerfile --
FROM python:3.14
RUN chgrp --recursive root /srv
RUN chmod --recursive 0775 /srv
EXPOSE 8080
CMD ["python", "server.py"]
""",
        ),
        Example(
            title="a comment says that its files are for users that OpenShift makes up",
            files=_pushed("Dockerfile", "api/Dockerfile", "job/Dockerfile")
            + """\
-- Dockerfile --
FROM node:24-alpine AS pages
# Readable for the arbitrary UIDs of OpenShift
RUN chmod -R a+rX /pages
FROM alpine:3.24
COPY --from=pages /pages /pages
EXPOSE 8080
CMD ["/serve"]
-- api/Dockerfile --
FROM python:3.14
# OpenShift starts it as a random user
RUN mkdir -m 777 /cache
EXPOSE 8080
CMD ["python", "server.py"]
-- job/Dockerfile --
FROM python:3.14
# Support Arbitrary User IDs: the process may have any, and is not root
RUN mkdir -m 777 /cache
EXPOSE 8080
CMD ["python", "job.py"]
""",
        ),
        Example(
            title="a comment that it doesn't do with any user yet",
            files=_pushed("Dockerfile", "api/Dockerfile")
            + """\
-- Dockerfile --
FROM alpine:3.24
# TODO: support arbitrary UIDs on OpenShift
EXPOSE 8080
CMD ["/serve"]
-- api/Dockerfile --
FROM alpine:3.24
# Does not work with arbitrary user IDs
EXPOSE 8080
CMD ["/api"]
""",
            at=("FROM alpine:3.24", "FROM alpine:3.24"),
        ),
        Example(
            title="a comment that speaks of other users and of OpenShift",
            files=_pushed("Dockerfile")
            + """\
-- Dockerfile --
FROM alpine:3.24
# Runs the commands of arbitrary users, on OpenShift too
EXPOSE 8080
CMD ["/serve"]
""",
            at="FROM alpine:3.24",
        ),
        Example(
            title="another group, or one that may not write",
            files=_pushed("Dockerfile", "api/Dockerfile")
            + """\
-- Dockerfile --
FROM node:24-alpine
RUN chgrp -R node /cache && chmod -R g=u /cache
EXPOSE 8080
CMD ["node", "server.js"]
-- api/Dockerfile --
FROM python:3.14
RUN chgrp -R 0 /srv && chown -R root /srv/www && chmod -R 755 /srv
EXPOSE 8080
CMD ["python", "server.py"]
""",
            at=("FROM node:24-alpine", "FROM python:3.14"),
        ),
        Example(
            title="a comment gives the reason for root",
            files=_pushed("Dockerfile")
            + """\
-- Dockerfile --
FROM python:3.14
RUN pip install meter
# The module writes to volumes of the host, requiring root access.
USER root
EXPOSE 9000
CMD ["python", "-m", "meter"]
""",
        ),
        Example(
            title="a comment speaks of the build, or of no need",
            files=_pushed("web/Dockerfile", "api/Dockerfile", "job/Dockerfile", "old/Dockerfile")
            + """\
-- web/Dockerfile --
FROM python:3.14
# pip needs root to install for all
USER root
RUN pip install web
EXPOSE 9000
CMD ["python", "-m", "web"]
-- api/Dockerfile --
FROM python:3.14
# does not need root for its port
CMD ["python", "-m", "api"]
EXPOSE 9000
-- job/Dockerfile --
FROM python:3.14
EXPOSE 9000
# TODO: never run as root because of the volume
CMD ["python", "-m", "job"]
-- old/Dockerfile --
FROM python:3.14
# the installer requires root
RUN pip install old
EXPOSE 9000
CMD ["python", "-m", "old"]
""",
            at=("USER root", "FROM python:3.14", "FROM python:3.14", "FROM python:3.14"),
        ),
        Example(
            title="the environment says that root is meant",
            files=_pushed("Dockerfile")
            + """\
-- Dockerfile --
FROM alpine:3.24
ENV HOME /root
ENV USER root
EXPOSE 9000
ENTRYPOINT ["/unpack"]
""",
        ),
    ),
)

_DROPS = regex(
    r"\b(?:nginx|apache2(?:ctl|-foreground)?|httpd|haproxy|php-fpm|named|unbound|dnsmasq|squid|postfix|crond?)\b"
)
"""Programs that have to start as root, and give it up for what they do."""
_DEVELOPS = regex(r"\b(?:dev|development|debug|dlv)\b|--reload\b")
_ROOTLESS = regex(r"rootless|non-?root", re.IGNORECASE)
"""In names of Dockerfiles that stand beside those for root, and in comments."""
_GIVES_UP = regex(
    r"gosu|su-exec|setpriv|s6-|supervisor|runuser|chroot --userspec|setuser|entrypoint|init\b|sshd|dockerd"
)

_ENVIRONMENT_OF_ROOT = regex(
    r"^[ \t]*ENV[ \t]+(?:USER[= ][\"']?root|HOME[= ][\"']?/root)\b", re.MULTILINE | re.IGNORECASE
)
_RUNTIME_OF_HOST = regex(r"/(?:docker|containerd|crio|podman)\.sock\b")
"""A socket that only root may use, in images that work with the containers of their host."""
_RECURSIVE = regex(r"-[a-zA-Z]*R[a-zA-Z]*|--recursive")
_NEEDED = regex(
    r"^(?!.*(?:n't\b|\b(?:avoid|drop|fixme|hack|hardly|insecure|instead|never|no|nobody|none|nor|not|nothing|rather|todo|unsafe|without|xxx)\b)).*"
    r"(?:\b(?:requir(?:es|ing)|needs|needing|must)\s+(?:(?:to\s+)?(?:be|run|running|start)\s+as\s+|to\s+be\s+)?root\b"
    r"(?!\s*(?:ca|certificates?|folder|dir\w*|module|of|password|path)\b)"
    r"|\bruns?\s+as\s+root\s+(?:because|by\s+design|deliberately|intentionally|on\s+purpose|since|so\s+that)\b"
    r"|\b(?:deliberately|intentionally|on\s+purpose)\s+(?:runs?|running|stay\w*|kept)\s+(?:as\s+)?root\b)",
    re.IGNORECASE,
)
"""How a comment says that the program is meant to be root, and nothing against it."""
_OF_BUILDS = regex(
    r"\b(?:add(?:group|user)|apk|apt|apt-get|before|build\w*|ch(?:grp|mod|own)\w*|cop(?:y|ies|ying)|creat\w*|dnf|group(?:add|mod)|install\w*"
    r"|ldconfig|line|mkdir|next|packages?|permissions?|pip|set(?:ting)?[- ]?up|steps?|user(?:add|mod)|yum)\b",
    re.IGNORECASE,
)
_ROOT = regex(r"0|root")
_GROUP_OF_ROOT = regex(r"(?!(?:0|root):)[\w.-]*:(?:0|root)")
_GROUP_WRITES = regex(r"[uo]*g[uo]*(?:=u|[+=][rxX]*w[rwxX]*)|[0-7]?[0-7][67][0145]")
_ANY_USER = regex(
    r"^[ \t]*#(?!.*(?:\b(?:fixme|todo|xxx)\b"
    r"|(?:n't|\b(?:cannot|not?))\s+(?:yet\s+)?(?:handle|run|support|work)(?:\s+(?:as|for|with|under))?\s+(?:an?\s+)?(?:arbitrar|random)))"
    r".*(?:\b(?:arbitrar(?:y|ily\s+assigned)|random(?:ly\s+assigned)?)[ -](?:runtime[ -])?(?:uid|user[ -]?id)s?\b"
    r"|\b(?:as\s+(?:an?\s+)?|openshift\b.{0,100}?\b)(?:arbitrary|random) user\b)",
    re.IGNORECASE | re.MULTILINE,
)
"""A comment by which the image is made for a user that is not known before, and does not fail with one."""
_OF_LAMBDA = regex(r"\blambda\b", re.IGNORECASE)
_SCRIPT = regex(r"\.(?:sh|bash)\b")
"""It may give up root, and is not read."""
_MAKES_USER = regex(r"(?:/usr/sbin/)?(?:adduser|useradd)(?=\s)")
_HAS_NUMBER = regex(r"\s(?:-\w*u|--uid)\b")
"""Of a variable perhaps, which nobody here knows."""
_SEPARATORS = regex(r"[\s=:,;\"']+")
_TELLS_USER = regex(r"-u|-{0,2}(?:run-?as-?)?(?:user(?:name|spec)?|(?:ch|set)?uid)")
"""An option or a setting behind which a program is told the user to run as."""
_STARTS_AS_USER = frozenset(("chpst", "setuidgid", "su"))
"""Programs that start another one as a user, whom they take as a word of its own."""
_FREE_NUMBER = 10001
"""Above those that distributions give, and that images have for users of their own."""
_PRIVILEGED_PORTS = 1024
"""https://www.w3.org/Daemon/User/Installation/PrivilegedPorts.html"""


def run(repo: Repository) -> Iterator[Finding]:
    published: dict[str | None, list[Build]] = {}
    for build in repo.builds:
        if build.may_publish and build.step not in repo.steps_without_effect:
            published.setdefault(build.dockerfile, []).append(build)
    if not published or _has_users(repo):
        return
    for dockerfile in repo.dockerfiles:
        builds = [one for one in published.get(dockerfile.path, ()) if _is_of_final(one, dockerfile)]
        if not builds or not _serves(dockerfile) or _is_meant(repo, dockerfile):
            continue
        found = _user(dockerfile)
        if found is not None and not _is_given_user(repo, builds) and not _has_host(repo, dockerfile, builds):
            at = builds[-1].location
            yield _finding(dockerfile, found, Location(at.text, at.span, "pushes the image"))


def _has_users(repo: Repository) -> bool:
    """Whether something here says as which user containers run."""
    manifests = (text for kind in (Kind.KUBERNETES, Kind.HELM_VALUES) for text in repo.texts(kind))
    return any(repo.memo(pods_have_user, text) for text in manifests) or any(
        repo.memo(services_have_user, text) for text in repo.texts(Kind.COMPOSE)
    )


def _is_given_user(repo: Repository, builds: list[Build]) -> bool:
    """Whether a template of a chart gives a number to what runs the image of one of these builds, or may."""
    paths = [tag.reference.path.literal for one in builds for tag in one.tags]
    names = {path.rpartition("/")[2] for path in paths if path is not None}
    is_known = bool(paths) and None not in paths
    images = (image for one in repo.pods if one.has_user for image in one.images)
    return any(image is None or not is_known or image.rpartition("/")[2] in names for image in images)


def _is_of_final(build: Build, dockerfile: Dockerfile) -> bool:
    """Whether a build certainly makes the last stage."""
    final = dockerfile.final
    return build.target == str(final.index) or dockerfile.target_stage(build.target) is final


def _has_host(repo: Repository, dockerfile: Dockerfile, builds: list[Build]) -> bool:
    """Whether a container gets a part of the host that runs its image, or one which its path or its command names."""
    handed = repo.images_with_host
    if not handed or dockerfile.path in repo.dockerfiles_with_host:
        return dockerfile.path in repo.dockerfiles_with_host
    paths = {(tag.reference.path.literal or "").lower() for one in builds for tag in one.tags}
    names = {path.rpartition("/")[2] for path in paths}
    own = {name for name in handed if "-" in name}
    started = " ".join(_started(dockerfile))
    return bool(names & handed) or _names(dockerfile.path, handed) or _names(started, own)


def _names(text: str, images: Collection[str]) -> bool:
    """Whether a path or a command has the name of one of the images in it."""
    either = "|".join(map(re.escape, sorted(images)))
    return bool(images) and re.search(rf"(?<![a-z0-9])(?:{either})(?![a-z0-9])", text) is not None


def _is_meant(repo: Repository, dockerfile: Dockerfile) -> bool:
    """Whether it has to run as root, gives root up by itself, or is for development."""
    folder = posixpath.dirname(dockerfile.path)
    actions = {posixpath.join(folder, name) for name in ("action.yml", "action.yaml")}
    if actions & repo.snapshot.paths or dockerfile.on_windows(dockerfile.shipped):
        return True
    content = dockerfile.text.content
    asks_for_root = (_ENVIRONMENT_OF_ROOT, _GIVES_UP, _ROOTLESS, _ANY_USER, _OF_LAMBDA, _RUNTIME_OF_HOST)
    if any(known.search(content) for known in asks_for_root):
        return True
    if _gives_to_group_of_root(dockerfile) or _is_said_to_be_meant(dockerfile):
        return True
    if ".devcontainer" in dockerfile.path.split("/") or is_development(dockerfile, dockerfile.shipped):
        return True
    beside = repo.dockerfiles_in(folder)
    if any(_ROOTLESS.search(one.path) for one in beside) or _OF_LAMBDA.search(dockerfile.path):
        return True
    started = _started(dockerfile)
    if _hands_on(dockerfile):
        return True
    leaves = (_DROPS, _DEVELOPS, _SCRIPT)
    return not started or any(pattern.search(text) for pattern in leaves for text in started)


def _hands_on(dockerfile: Dockerfile) -> bool:
    """Whether what starts the program is told a user that the image makes: `su web -c …`."""
    entry, command = dockerfile.started
    words, users = _SEPARATORS.split(" ".join((*entry, *command))), dockerfile.users(dockerfile.shipped)
    is_so = not _STARTS_AS_USER.isdisjoint(map(posixpath.basename, words))
    return any(
        word in users and (is_so or _TELLS_USER.fullmatch(before) is not None)
        for before, word in pairwise(words)
    )


def _is_said_to_be_meant(dockerfile: Dockerfile) -> bool:
    """Whether the comment right above the image's last user, its program or its `FROM` gives the reason for root."""
    ours = ("USER", "CMD", "ENTRYPOINT")
    places = [
        dockerfile.shipped.instruction,
        *(it for it in dockerfile.shipped.instructions if it.keyword in ours),
    ]
    said = (line for it in places for line in _comment_above(dockerfile, it))
    return any(_NEEDED.search(one) and not _OF_BUILDS.search(one) for one in said)


def _comment_above(dockerfile: Dockerfile, it: Instruction) -> Iterator[str]:
    """The lines of a comment that end right above an instruction."""
    text, number = dockerfile.text, dockerfile.text.line_of(it.span.start) - 1
    while number > 0 and (line := text[text.line(number)].strip()).startswith("#"):
        yield line
        number -= 1


def _gives_to_group_of_root(dockerfile: Dockerfile) -> bool:
    """Whether commands give folders to the group 0, and let it write what the owner may: what OpenShift asks
    of images."""
    line = dockerfile.ancestry(dockerfile.shipped)
    given, writable = set[str](), set[str]()
    for ran in dockerfile.commands():
        words = ran.command.literals
        if ran.stage not in line or not any(map(_RECURSIVE.fullmatch, words)):
            continue
        operands = [word for word in words if not word.startswith("-")]
        wanted = {"chgrp": _ROOT, "chown": _GROUP_OF_ROOT, "chmod": _GROUP_WRITES}.get(
            ran.command.program or ""
        )
        if operands and wanted is not None and wanted.fullmatch(operands[0]):
            (writable if ran.command.program == "chmod" else given).update(operands[1:])
    return not given.isdisjoint(writable)


def _started(dockerfile: Dockerfile) -> list[str]:
    stages = dockerfile.ancestry(dockerfile.shipped)
    found = (it for stage in stages for it in stage.instructions if it.keyword in ("CMD", "ENTRYPOINT"))
    return [dockerfile.text[it.span] for it in found]


def _serves(dockerfile: Dockerfile) -> bool:
    """Whether it says that something listens, and on no port that asks for root; without one it may be a tool.

    So is what starts alone and by its name is a client for the command line, whatever port a server has.
    """
    entry, command = dockerfile.started
    started = " ".join((*entry, *command)).split()
    if len(started) == 1 and posixpath.basename(started[0]).lower().endswith("cli"):
        return False
    exposed = [
        word
        for stage in dockerfile.ancestry(dockerfile.shipped)
        for it in stage.instructions
        if it.keyword == "EXPOSE"
        for word in it.arguments
    ]
    return bool(exposed) and all(_first_port(word) >= _PRIVILEGED_PORTS for word in exposed)


def _first_port(word: Word) -> int:
    """The port of an argument of `EXPOSE`, or the first of a range; 0 where it is not known."""
    port = (word.literal or "").partition("/")[0].partition("-")[0]
    return int(port) if port.isascii() and port.isdecimal() and len(port) < len("100000") else 0


def _user(dockerfile: Dockerfile) -> Instruction | None:
    """The `USER root` that counts, or the `FROM` of an image that runs as root; None where it is another user's."""
    line = dockerfile.ancestry(dockerfile.shipped)
    for stage in line:
        users = [it for it in stage.instructions if it.keyword == "USER" and it.arguments]
        if users:
            name = (users[-1].arguments[0].literal or "").partition(":")[0]
            return users[-1] if name in ("root", "0") else None
    base = dockerfile.base_image(dockerfile.shipped)
    return (
        dockerfile.shipped.instruction
        if base is not None and base != "scratch" and runs_as_root(base)
        else None
    )


def _finding(dockerfile: Dockerfile, at: Instruction, pushed: Location) -> Finding:
    base = code(image_name(dockerfile.base_image(dockerfile.shipped) or ""))
    forgotten = _forgotten(dockerfile) if at.keyword == "FROM" else None
    message = (
        f"{code('USER ' + (at.arguments[0].literal or ''))} is the user that the container runs as."
        if at.keyword == "USER"
        else f"The image makes {code(forgotten.name)} and gives it files, but no {code('USER')} names it, and {base} runs as root."
        if forgotten
        else f"No {code('USER')} stands in the image, and {base} runs as root."
    )
    made = (dockerfile.location(forgotten.span, "makes the user"),) if forgotten else ()
    return Finding(
        message=message,
        consequence="Who gets into the process owns all files of the container; a pod with `runAsNonRoot: true` and no `runAsUser` is refused.",
        location=dockerfile.location(at.span),
        related=(pushed, *made),
        fixes=_fixes(dockerfile, dockerfile.shipped, forgotten) if at.keyword == "FROM" else (),
    )


def _forgotten(dockerfile: Dockerfile) -> User | None:
    """The one user that the image makes, where files of the image are given to it; None where none is, or one of several."""
    users = list(dockerfile.users(dockerfile.shipped).values())
    return users[0] if len(users) == 1 and users[0].name in _owners(dockerfile) else None


def _owners(dockerfile: Dockerfile) -> frozenset[str]:
    """The users to whom files of the image are given, by name or number."""
    line = dockerfile.ancestry(dockerfile.shipped)
    flags = (it.flag("chown") for stage in line for it in stage.instructions)
    given = [one.value or "" for one in flags if one is not None]
    for ran in dockerfile.commands():
        if ran.stage in line and ran.command.program == "chown":
            given.extend(ran.command.literals)
    return frozenset(owner.partition(":")[0] for owner in given)


def _fixes(dockerfile: Dockerfile, stage: Stage, forgotten: User | None) -> tuple[Fix, ...]:
    """Names the one user that the file creates with a number, or gives one to the one that it has forgotten."""
    numbered = [user for user in dockerfile.users(stage).values() if user.uid is not None and user.uid > 0]
    last = next((it for it in stage.instructions if it.keyword in ("ENTRYPOINT", "CMD")), None)
    user = numbered[0] if len(numbered) == 1 else forgotten
    if user is None or user.uid == 0 or len(numbered) > 1 or last is None:
        return ()
    start = last.span.start
    return offer(
        f"run as {user.name}",
        Applicability.UNSAFE,
        Edit(
            dockerfile.path, Span(start, start), f"USER {user.uid or _FREE_NUMBER}{dockerfile.text.newline}"
        ),
        *((_with_number(dockerfile, user),) if user.uid is None else ()),
        caution="Does the program write anywhere but where this user may, or listen on a port below 1024?",
    )


def _with_number(dockerfile: Dockerfile, user: User) -> Edit | None:
    """Gives a user a number, which `adduser` of BusyBox and of Debian take alike, as `useradd` does.

    None where files are given to a number: it may be the one that the user has now.
    """
    written = _MAKES_USER.match(dockerfile.text.content, user.span.start, user.span.end)
    is_counted_on = any(owner.strip("0").isdecimal() for owner in _owners(dockerfile))
    if written is None or is_counted_on or _HAS_NUMBER.search(dockerfile.text[user.span]):
        return None
    return Edit(dockerfile.path, Span(written.end(), written.end()), f" --uid {_FREE_NUMBER}")
