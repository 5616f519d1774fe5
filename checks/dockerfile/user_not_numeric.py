"""USER is a name and not a number

Kubernetes can't tell whether a name is root: the name is looked up in the image's `/etc/passwd`, which the
kubelet does not read. A pod with `runAsNonRoot: true` and no `runAsUser` is refused with
"container has runAsNonRoot and image has non-numeric user". Docker resolves the name, so the image runs
everywhere else and the failure comes with the first hardened cluster.

Write the user's number. The group that the user has in `/etc/passwd` stays its group.

The check is silent for numbers, for `root`, where the name comes from an argument, for images of development, tests
and examples, and where Terraform here runs containers in another service and nothing here speaks of Kubernetes. It offers a fix
where the file creates the user with an explicit uid, or where the base image documents it.

References:

- https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
- https://docs.docker.com/reference/dockerfile/#user
"""

from __future__ import annotations

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
    Location,
    Repository,
    Scope,
    Severity,
    code,
)  # fmt: skip
from checks.facts.base_images import documented_user, image_name
from checks.facts.dockerfiles import Dockerfile, Stage, Word, is_development
from checks.facts.mention import Mention

check = Check(
    id="user-not-numeric",
    doc=__doc__,
    severity=Severity.NOTE,
    kinds=(Kind.DOCKERFILE, Kind.TERRAFORM, Kind.KUBERNETES),
    fix=Applicability.SAFE,
    scope=Scope.REPOSITORY,
    attention=Attention.COMMENT_WITH_SUGGESTION,
    tags=("security", "kubernetes", "dockerfile"),
    yields_to=("non-numeric-user-with-run-as-non-root",),
    peers=("hadolint:DL3066",),
    examples=(
        Example(
            title="a user with a number of its own",
            files="""\
-- Dockerfile --
FROM alpine:3.23
RUN addgroup --system --gid 1001 app && \\
    adduser --system --uid 1001 --ingroup app app
COPY . /srv
USER app
CMD ["/srv/run"]
""",
            at="app",
            fixed="""\
-- Dockerfile --
FROM alpine:3.23
RUN addgroup --system --gid 1001 app && \\
    adduser --system --uid 1001 --ingroup app app
COPY . /srv
USER 1001
CMD ["/srv/run"]
""",
        ),
        Example(
            title="the user is created in an earlier stage that the final one builds on",
            files="""\
-- Dockerfile --
FROM debian:13 AS base
RUN useradd -m -u 10001 svc

FROM base
USER svc
""",
            at="svc",
            fixed="""\
-- Dockerfile --
FROM debian:13 AS base
RUN useradd -m -u 10001 svc

FROM base
USER 10001
""",
        ),
        Example(
            title="the number is a variable's",
            files="""\
-- Dockerfile --
FROM debian:13
ENV APP_USER=app
ENV APP_UID=10001
RUN useradd --create-home --uid "$APP_UID" "${APP_USER}"
USER app
""",
            at="app",
            fixed="""\
-- Dockerfile --
FROM debian:13
ENV APP_USER=app
ENV APP_UID=10001
RUN useradd --create-home --uid "$APP_UID" "${APP_USER}"
USER 10001
""",
        ),
        Example(
            title="Terraform runs the images in a service that is not Kubernetes",
            files="""\
-- Dockerfile --
FROM node:24-alpine
USER node
-- infra/service.tf --
resource "aws_ecs_task_definition" "web" {
  family                = "web"
  container_definitions = file("web.json")
}
""",
        ),
        Example(
            title="a workflow deploys to a service that is not Kubernetes; a software catalogue's file is not one of it either",
            files="""\
-- Dockerfile --
FROM node:24-alpine
USER node
-- catalog-info.yaml --
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: web}
-- .github/workflows/deploy.yml --
on: {push: {branches: [main]}}
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - run: aws ecs update-service --cluster shop --service web --force-new-deployment
""",
        ),
        Example(
            title="a user that the base image documents",
            files="""\
-- Dockerfile --
FROM node:24-alpine
USER node
""",
            at="node",
            fixed="""\
-- Dockerfile --
FROM node:24-alpine
USER 1000
""",
        ),
        Example(
            title="user and group of the base image",
            files="""\
-- Dockerfile --
FROM gcr.io/distroless/static-debian13:nonroot
COPY web /
USER nonroot:nonroot
""",
            at="nonroot:nonroot",
            fixed="""\
-- Dockerfile --
FROM gcr.io/distroless/static-debian13:nonroot
COPY web /
USER 65532:65532
""",
        ),
        Example(
            title="user and group",
            files="""\
-- Dockerfile --
FROM alpine:3.23
RUN addgroup -g 1001 app && adduser -D -u 1001 -G app app
USER app:app
""",
            at="app:app",
            fixed="""\
-- Dockerfile --
FROM alpine:3.23
RUN addgroup -g 1001 app && adduser -D -u 1001 -G app app
USER 1001:1001
""",
        ),
        Example(
            title="a number that the file does not tell",
            files="""\
-- Dockerfile --
FROM alpine:3.23
RUN adduser -D app
USER app
""",
            at="app",
        ),
        Example(
            title="numbers, root, an argument, and a stage that is not the last",
            files="""\
-- Dockerfile --
FROM alpine:3.23 AS build
RUN adduser -D -u 1001 app
USER app
FROM alpine:3.23
ARG RUNTIME_USER
USER 1001
USER 1001:0
USER root
USER $RUNTIME_USER
-- Dockerfile.test --
FROM alpine:3.23
RUN adduser -D -u 1001 app
USER app
-- examples/Dockerfile --
FROM alpine:3.23
RUN adduser -D -u 1001 app
USER app
""",
        ),
        Example(
            title="Windows, where users have no numbers",
            files="""\
-- Dockerfile --
FROM golang:1.27-nanoserver
USER ContainerUser
""",
        ),
        Example(
            title="only the last USER of the stage counts",
            files="""\
-- Dockerfile --
FROM node:24
USER node
RUN npm ci
USER 1000
""",
        ),
    ),
)


_OTHER_SERVICES = Mention(
    r"aws_ecs_(?:cluster|service|task_definition)|aws_apprunner_service|google_cloud_run|fargate"
    r"|azurerm_(?:container_app|container_group|linux_web_app|app_service)|aws ecs |amazon-ecs-|ecs-deploy"
    r"|az (?:containerapp|webapp|container) |webapps-deploy|container-apps-deploy|gcloud run |deploy-cloudrun"
    r"|\bcf push|cloud\.gov|flyctl|heroku|aws apprunner|lightsail|lambda",
)
_KUBERNETES = re.compile(
    r"(?:^|/)(?:Chart|kustomization)\.ya?ml$|(?:^|/)(?:helm|k8s|kubernetes)[/_-]", re.IGNORECASE
)
_CLUSTERS = Mention(r"kubectl|\bhelm\b|kustomize|argocd|\beks\b|\bgke\b|\baks\b|kubernetes|k8s")


def _runs_elsewhere(repo: Repository) -> bool:
    """Whether Terraform or a workflow runs containers in another service, and nothing speaks of Kubernetes."""
    texts = (*repo.automation, *repo.texts(Kind.TERRAFORM))
    return (
        any(_OTHER_SERVICES.is_in(text.content) for text in texts)
        and not any(_CLUSTERS.is_in(text.content) for text in texts)
        and all("backstage.io/" in text.content for text in repo.texts(Kind.KUBERNETES))
        and not any(map(_KUBERNETES.search, repo.snapshot.paths))
    )


def run(repo: Repository) -> Iterator[Finding]:
    if _runs_elsewhere(repo):
        return
    for dockerfile in repo.dockerfiles:
        if dockerfile.is_aside or is_development(dockerfile, dockerfile.final):
            continue
        users = [it for it in dockerfile.final.instructions if it.keyword == "USER" and it.arguments]
        if users and not dockerfile.on_windows(dockerfile.final):
            yield from _findings(dockerfile, users[-1].arguments[0])


def _findings(dockerfile: Dockerfile, word: Word) -> Iterator[Finding]:
    if word.literal is None:
        return
    name, _, group = word.literal.partition(":")
    if not name or name == "root" or name.isdecimal():
        return
    stage = dockerfile.final
    uid = _uid(dockerfile, stage, name)
    gid = _gid(dockerfile, stage, group) if group and not group.isdecimal() else _number(group)
    number = None if uid is None or (group and gid is None) else f"{uid}:{gid}" if group else str(uid)
    yield Finding(
        message=f"{code('USER ' + word.literal)} is a name, and Kubernetes can't tell whether it is root.",
        consequence="A pod with `runAsNonRoot: true` and no `runAsUser` is refused at its start.",
        location=Location(dockerfile.text, word.span),
        fixes=(_fix(dockerfile, word, number),) if number else (),
        withheld="" if number else f"the file does not tell the number of {code(name)}",
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 11 else None


def _uid(dockerfile: Dockerfile, stage: Stage, name: str) -> int | None:
    created = dockerfile.users(stage).get(name)
    if created is not None:
        return created.uid
    base = dockerfile.base_image(stage)
    return documented_user(image_name(base), name) if base else None


def _gid(dockerfile: Dockerfile, stage: Stage, group: str) -> int | None:
    created = dockerfile.groups(stage).get(group)
    base = dockerfile.base_image(stage)
    if created is not None or base is None:
        return created
    return documented_user(image_name(base), group)  # each of these has a group of its name and number


def _fix(dockerfile: Dockerfile, word: Word, number: str) -> Fix:
    return Fix(f"write the number {number}", (Edit(dockerfile.path, word.span, number),), Applicability.SAFE)
