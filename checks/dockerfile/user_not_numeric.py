"""USER is a name and not a number

Kubernetes can't tell whether a name is root: the name is looked up in the image's `/etc/passwd`, which the
kubelet does not read. A pod with `runAsNonRoot: true` and no `runAsUser` is refused with
"container has runAsNonRoot and image has non-numeric user". Docker resolves the name, so the image runs
everywhere else and the failure comes with the first hardened cluster.

Write the user's number. The group that the user has in `/etc/passwd` stays its group.

The check speaks where the number is known, since the file creates the user with one or the base image documents it, and where
Kubernetes may run the image: a workload, a chart or a kustomization lies beside it, or a build here publishes the image and something
here has to do with Kubernetes: a policy, a manifest, a command, Terraform. It is
silent for numbers, for `root`, beside manifests whose folder has another image that a build publishes, where the name comes from an argument, for images of development, tests and examples, those of GitHub
actions and of Hugging Face Spaces, and where a manifest or the values of a chart here set `runAsUser`.

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
from checks.facts.container_users import pods_have_user
from checks.facts.dockerfiles import Dockerfile, Stage, Word, is_development
from checks.facts.mention import Mention

_CLUSTER = "-- deploy/Chart.yaml --\nname: web\n"
"""Something that runs in Kubernetes."""
_PUBLISHES = """\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'ghcr.io/acme/web:1'}
"""

check = Check(
    id="user-not-numeric",
    doc=__doc__,
    severity=Severity.NOTE,
    kinds=(
        Kind.DOCKERFILE,
        Kind.WORKFLOW,
        Kind.MAKEFILE,
        Kind.TERRAFORM,
        Kind.KUBERNETES,
        Kind.HELM_VALUES,
    ),
    fix=Applicability.SAFE,
    scope=Scope.REPOSITORY,
    attention=Attention.COMMENT_WITH_SUGGESTION,
    tags=("security", "kubernetes", "dockerfile"),
    yields_to=("non-numeric-user-with-run-as-non-root",),
    peers=("hadolint:DL3066",),
    examples=(
        Example(
            title="a user with a number of its own",
            files=_CLUSTER
            + """\
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
            files=_CLUSTER
            + """\
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
            files=_CLUSTER
            + """\
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
            files=_PUBLISHES
            + """\
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
            files=_PUBLISHES
            + """\
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
            files=_CLUSTER
            + """\
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
            files=_CLUSTER
            + """\
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
            files=_CLUSTER
            + """\
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
            files=_CLUSTER
            + """\
-- Dockerfile --
FROM alpine:3.23
RUN adduser -D app
USER app
""",
        ),
        Example(
            title="a build publishes the image, and a workflow deploys to Kubernetes",
            files=_PUBLISHES
            + """\
-- Dockerfile --
FROM node:24-alpine
USER node
-- .github/workflows/deploy.yml --
on: {push: {branches: [main]}}
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - run: kubectl rollout restart deployment/web
""",
            at="node",
            fixed="""\
-- Dockerfile --
FROM node:24-alpine
USER 1000
""",
        ),
        Example(
            title="a build publishes the image, and a policy speaks of images in a cluster",
            files=_PUBLISHES
            + """\
-- Dockerfile --
FROM node:24-alpine
USER node
-- policy.yaml --
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: web}
spec: {images: [{glob: ghcr.io/acme/web}], authorities: [{static: {action: pass}}]}
""",
            at="node",
            fixed="""\
-- Dockerfile --
FROM node:24-alpine
USER 1000
""",
        ),
        Example(
            title="a build publishes the image, and nothing here is about Kubernetes",
            files=_PUBLISHES
            + """\
-- Dockerfile --
FROM node:24-alpine
USER node
-- compose.yaml --
services: {web: {image: 'ghcr.io/acme/web:1'}}
""",
        ),
        Example(
            title="neither is published nor runs in Kubernetes; a workload for tests is none, nor is one of another folder",
            files="""\
-- Dockerfile --
FROM node:24-alpine
USER node
-- test/pod.yaml --
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {containers: [{name: web, image: web}]}
-- other/deploy/Chart.yaml --
name: other
""",
        ),
        Example(
            title="manifests or the values of a chart give the number",
            files=_CLUSTER
            + """\
-- Dockerfile --
FROM node:24-alpine
USER node
-- deploy/values.yaml --
podSecurityContext:
  runAsUser: 1000
""",
        ),
        Example(
            title="the image of an action for workflows",
            files=_CLUSTER
            + """\
-- build/github-action.Dockerfile --
FROM node:24-alpine
USER node
""",
        ),
        Example(
            title="manifests that run another image of their folder, or none of a space",
            files=_PUBLISHES.replace("context: .", "context: chat")
            + """\
-- chat/Dockerfile --
FROM node:24-alpine
USER 1000
-- chat/panel/Dockerfile --
FROM node:24-alpine
USER node
-- chat/k8s/pod.yaml --
apiVersion: v1
kind: Pod
metadata: {name: chat}
spec: {containers: [{name: chat, image: chat}]}
-- .github/workflows/others.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: '${{ vars.FOLDER }}', push: true, tags: 'ghcr.io/acme/other:1'}
-- shop/huggingface/Dockerfile --
FROM node:24-alpine
USER node
-- shop/k8s/pod.yaml --
apiVersion: v1
kind: Pod
metadata: {name: shop}
spec: {containers: [{name: shop, image: shop}]}
-- mail/server/Dockerfile --
FROM node:24-alpine
USER node
-- mail/k8s/pod.yaml --
apiVersion: v1
kind: Pod
metadata: {name: mail}
spec: {containers: [{name: mail, image: mail}]}
""",
            at="node",
            fixed="""\
-- mail/server/Dockerfile --
FROM node:24-alpine
USER 1000
""",
        ),
        Example(
            title="numbers, root, an argument, and a stage that is not the last",
            files=_CLUSTER
            + """\
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
            files=_CLUSTER
            + """\
-- Dockerfile --
FROM golang:1.27-nanoserver
USER ContainerUser
""",
        ),
        Example(
            title="only the last USER of the stage counts",
            files=_CLUSTER
            + """\
-- Dockerfile --
FROM node:24
USER node
RUN npm ci
USER 1000
""",
        ),
    ),
)


_KUBERNETES = re.compile(
    r"(?:^|/)(?:Chart|kustomization)\.ya?ml$|(?:^|/)(?:helm|k8s|kubernetes)[/_-]", re.IGNORECASE
)
_PACKAGED = re.compile(r"(?:^|/)(?:Chart|kustomization)\.ya?ml$")
_TRIED = re.compile(r"(?:^|/)(?:\w*tests?|testing|spec|e2e|\w*fixtures?\w*|examples?|samples?|docs?)/")
_CLUSTERS = Mention(r"kubectl|\bhelm\b|kustomize|argocd|\beks\b|\bgke\b|\baks\b|kubernetes|k8s")
_WORKLOADS = frozenset(
    ("Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Rollout")
)
_FOLDER_OF_MANIFESTS = re.compile(
    r"(?:(?<=/)|^)(?:deploy\w*|k8s|kubernetes|charts?|helm|kustomiz\w+|manifests?|infra\w*|config|[^/]+$)(?:/|$)"
)
_OF_SPACES = re.compile(r"(?:^|/)(?:hugging-?face|hf)(?:[-_]?spaces?)?/", re.IGNORECASE)
"""https://huggingface.co/docs/hub/spaces-sdks-docker"""
_OF_ACTIONS = re.compile(r"github-?action|actions?-runner", re.IGNORECASE)


def _speaks_of_kubernetes(repo: Repository) -> bool:
    """Whether a manifest, a chart, a command or Terraform has to do with Kubernetes."""
    texts = (*repo.automation, *repo.texts(Kind.MAKEFILE), *repo.texts(Kind.TERRAFORM))
    return (
        any("backstage.io/" not in text.content for text in repo.texts(Kind.KUBERNETES))
        or any(map(_KUBERNETES.search, repo.snapshot.paths))
        or any(_CLUSTERS.is_in(text.content) for text in texts)
    )


def _deployed_folders(repo: Repository) -> tuple[str, ...]:
    """The folders whose images Kubernetes runs, each with its `/`: what lies beside the manifests, not for tests or as an example."""
    workloads = (one.text.path for one in repo.manifests if one.kind in _WORKLOADS)
    packaged = filter(_PACKAGED.search, repo.snapshot.paths)
    found = (path for path in (*workloads, *packaged) if not _TRIED.search(path))
    return tuple({_FOLDER_OF_MANIFESTS.split(path, maxsplit=1)[0] for path in found})


def _sets_user(repo: Repository) -> bool:
    """Whether a manifest or the values of a chart say with which number containers run."""
    kinds = (Kind.KUBERNETES, Kind.HELM_VALUES)
    return any(pods_have_user(text) for kind in kinds for text in repo.texts(kind))


def run(repo: Repository) -> Iterator[Finding]:
    if not _speaks_of_kubernetes(repo) or _sets_user(repo):
        return
    folders = _deployed_folders(repo)
    for dockerfile in repo.dockerfiles:
        is_run = dockerfile.is_published or _may_be_deployed(repo, dockerfile, folders)
        if not is_run or _is_left_out(dockerfile):
            continue
        users = [it for it in dockerfile.shipped.instructions if it.keyword == "USER" and it.arguments]
        if users:
            yield from _findings(dockerfile, users[-1].arguments[0])


def _may_be_deployed(repo: Repository, dockerfile: Dockerfile, folders: tuple[str, ...]) -> bool:
    """Whether the manifests beside an image that no build is seen to publish may run it.

    Not where a build publishes another one of their folder, which is theirs then, nor one for a service of somebody else.
    """
    beside = [folder for folder in folders if dockerfile.path.startswith(folder)]
    nearest = max(beside, key=len, default="")
    is_another = bool(nearest) and any(
        one.is_published for one in repo.dockerfiles if one.path.startswith(nearest)
    )
    return bool(beside) and not is_another and not _OF_SPACES.search(dockerfile.path)


def _is_left_out(dockerfile: Dockerfile) -> bool:
    return (
        not dockerfile.may_ship
        or is_development(dockerfile, dockerfile.shipped)
        or dockerfile.on_windows(dockerfile.shipped)
        or bool(_OF_ACTIONS.search(dockerfile.path))
    )


def _findings(dockerfile: Dockerfile, word: Word) -> Iterator[Finding]:
    if word.literal is None:
        return
    name, _, group = word.literal.partition(":")
    if not name or name == "root" or name.isdecimal():
        return
    stage = dockerfile.shipped
    uid = _uid(dockerfile, stage, name)
    gid = _gid(dockerfile, stage, group) if group and not group.isdecimal() else _number(group)
    if not uid or (group and gid is None):
        return
    number = f"{uid}:{gid}" if group else str(uid)
    yield Finding(
        message=f"{code('USER ' + word.literal)} is a name, and Kubernetes can't tell whether it is root.",
        consequence="A pod with `runAsNonRoot: true` and no `runAsUser` is refused at its start.",
        location=Location(dockerfile.text, word.span),
        fixes=(_fix(dockerfile, word, number),),
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
