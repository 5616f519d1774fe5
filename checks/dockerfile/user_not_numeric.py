"""USER is a name and not a number

Kubernetes can't tell whether a name is root: the name is looked up in the image's `/etc/passwd`, which the
kubelet does not read. A pod with `runAsNonRoot: true` and no `runAsUser` is refused with
"container has runAsNonRoot and image has non-numeric user". Docker resolves the name, so the image runs
everywhere else and the failure comes with the first hardened cluster.

Write the user's number. The group that the user has in `/etc/passwd` stays its group.

The check speaks where the number is known, since the file creates the user with one or the base image
documents it, and where a manifest or a chart's template here runs the image without `runAsUser`. What is run
is the image

- where it has its name
- where the name can't be read, and the template speaks of this image
- where the name can't be read, no other image is made here, and the template speaks of none that another
  Dockerfile makes

With its name and `runAsNonRoot: true` there the pod certainly does not start, and it is a warning.

The check is silent

- for numbers and for `root`
- where the name comes from an argument
- where nothing here runs the image, but for pods beside a test of a Kyverno policy that tries it on them, and for
  Google's Cloud Run, which has no security contexts
- where another Dockerfile lies in the folder of the manifest, whose image may be meant: a build here gives this
  one a name that ends alike, in another registry or under another owner
- where the name can't be read, and builds here make several images of the Dockerfile, each with a `USER` of
  its own
- where a manifest, the template or the values of a chart here set `runAsUser`, or the template takes the part
  that would from a helper
- for images of development, tests and examples, and those of GitHub actions

References:

- https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
- https://docs.docker.com/reference/dockerfile/#user
- https://kyverno.io/docs/kyverno-cli/usage/test
- https://googleapis.dev/dotnet/Google.Apis.CloudRun.v1/latest/api/Google.Apis.CloudRun.v1.Data.SecurityContext.html
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from msgspec.structs import replace

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
from checks.facts.build.builds import Build
from checks.facts.deployment.pods import Pod, special_words, words_of, words_of_images
from checks.facts.dockerfile.base_images import documented_user, image_name
from checks.facts.dockerfile.container_users import pods_have_user
from checks.facts.dockerfile.dockerfiles import Dockerfile, Instruction, Stage, Word, is_development
from checks.facts.image.references import Reference, reference
from checks.facts.value import literal
from checks.regex import regex

_CLUSTER = """\
-- deploy/Chart.yaml --
name: web
-- deploy/templates/web.yaml --
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - name: web
          image: "{{ .Values.image }}"
"""
"""A chart that runs an image."""
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
        Kind.ACTION,
        Kind.SCRIPT,
        Kind.COMPOSE,
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
            title="pods on which a policy is tried, and which a Kustomization takes in, too",
            files="""\
-- policy/pods.yaml --
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: acme/web
-- policy/web.test.yaml --
apiVersion: cli.kyverno.io/v1alpha1
kind: Test
metadata: {name: only-web}
policies: [only-web.yaml]
resources: [pods.yaml]
-- policy/kustomization.yaml --
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [pods.yaml]
-- web/Dockerfile --
FROM debian:13
RUN useradd -m -u 10001 svc
USER svc
""",
            at="svc",
            fixed="""\
-- web/Dockerfile --
FROM debian:13
RUN useradd -m -u 10001 svc
USER 10001
""",
        ),
        Example(
            title="pods on which a policy is tried, and which a workflow applies, too",
            files="""\
-- k8s/web.yaml --
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  securityContext: {runAsNonRoot: true}
  containers:
    - name: web
      image: acme/web
-- k8s/kyverno-test.yaml --
apiVersion: cli.kyverno.io/v1alpha1
kind: Test
metadata: {name: only-web}
policies: [only-web.yaml]
resources: [web.yaml]
-- .github/workflows/ship.yml --
on: push
permissions: {contents: read}
jobs:
  ship:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - run: kyverno test k8s/ && kubectl apply -f k8s/
-- web/Dockerfile --
FROM debian:13
RUN useradd -m -u 10001 svc
USER svc
""",
            at="svc",
            fixed="""\
-- web/Dockerfile --
FROM debian:13
RUN useradd -m -u 10001 svc
USER 10001
""",
        ),
        Example(
            title="pods on which a policy is tried, and no others",
            files="""\
-- policy/pods.yaml --
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: acme/web
-- policy/web.test.yaml --
apiVersion: cli.kyverno.io/v1alpha1
kind: Test
metadata: {name: only-web}
policies: [only-web.yaml]
resources: [pods.yaml]
-- web/Dockerfile --
FROM debian:13
RUN useradd -m -u 10001 svc
USER svc
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
            title="services and jobs of Google's Cloud Run, which are written like those of a cluster",
            files=_PUBLISHES
            + """\
-- Dockerfile --
FROM node:24-alpine
USER node
-- run/service.yaml --
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: web}
spec:
  template:
    metadata: {annotations: {run.googleapis.com/cpu-throttling: 'true'}}
    spec:
      containers:
        - image: ghcr.io/acme/web:1
-- run/migrate.yaml --
apiVersion: run.googleapis.com/v1
kind: Job
metadata: {name: migrate}
spec:
  template:
    spec:
      template:
        spec:
          containers:
            - image: ghcr.io/acme/web:1
""",
        ),
        Example(
            title="services of its without a mark, which are given to it, and those that a cluster only asks it for",
            files=_PUBLISHES
            + """\
      - uses: google-github-actions/deploy-cloudrun@v3
        with: {metadata: run/api.yaml, region: europe-west1}
      - run: gcloud run services replace run/web.yaml --region europe-west1
-- Dockerfile --
FROM node:24-alpine
USER node
-- run/web.yaml --
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: web}
spec: {template: {spec: {containers: [{image: 'ghcr.io/acme/web:1'}]}}}
-- run/api.yaml --
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: api}
spec: {template: {spec: {containers: [{image: 'ghcr.io/acme/web:1'}]}}}
-- run/fast.yaml --
apiVersion: v1
kind: List
items:
  - apiVersion: serving.knative.dev/v1
    kind: Service
    metadata: {name: fast}
    spec:
      template:
        spec:
          nodeSelector: {run.googleapis.com/accelerator: nvidia-l4}
          containers: [{image: 'ghcr.io/acme/web:1'}]
-- run/asked.yaml --
apiVersion: run.cnrm.cloud.google.com/v1beta1
kind: RunService
metadata: {name: web}
spec:
  location: europe-west1
  template: {containers: [{image: 'ghcr.io/acme/web:1'}]}
---
apiVersion: cloudrun.gcp.upbound.io/v1beta2
kind: V2Service
metadata: {name: web}
spec:
  forProvider:
    location: europe-west1
    template: [{containers: [{image: 'ghcr.io/acme/web:1'}]}]
""",
        ),
        Example(
            title="a service of Knative's in a cluster",
            files="""\
-- run/service.yaml --
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: web, labels: {app: web}}
spec:
  template:
    spec:
      containers:
        - image: ghcr.io/acme/web:1
-- web/Dockerfile --
FROM node:24-alpine
USER node
""",
            at="node",
            fixed="""\
-- web/Dockerfile --
FROM node:24-alpine
USER 1000
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
            title="a template runs the image by its name, and asks for a user that is not root",
            files=_PUBLISHES
            + """\
-- Dockerfile --
FROM node:24-alpine
USER node
-- chart/values.yaml --
image: {repository: ghcr.io/acme/web}
-- chart/templates/web.yaml --
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      securityContext:
        runAsNonRoot: true
      containers:
        - name: web
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
""",
            at="node",
            fixed="""\
-- Dockerfile --
FROM node:24-alpine
USER 1000
""",
        ),
        Example(
            title="a manifest runs one of several images, of which the others get a number, or run elsewhere",
            files="""\
-- api/Dockerfile --
FROM node:24-alpine
USER node
-- docker/Dockerfile.agent --
FROM node:24-alpine
USER node
-- docker/Dockerfile.watcher --
FROM node:24-alpine
USER node
-- chart/values.yaml --
watcher: {image: {repository: ghcr.io/acme/watcher}}
-- chart/templates/watcher.yaml --
apiVersion: apps/v1
kind: Deployment
metadata: {name: watcher}
spec:
  template:
    spec:
      containers:
        - name: watcher
          image: {{ .Values.watcher.image.repository }}:{{ .Chart.AppVersion }}
          env: [{name: AGENT, value: ghcr.io/acme/agent}]
          securityContext:
            runAsNonRoot: true
            runAsUser: 1000
-- k8s/api.yaml --
apiVersion: v1
kind: Pod
metadata: {name: api}
spec: {containers: [{name: api, image: 'ghcr.io/acme/shop-api:1'}]}
""",
            at="node",
            fixed="""\
-- api/Dockerfile --
FROM node:24-alpine
USER 1000
""",
        ),
        Example(
            title="a manifest runs another image of the repository, whose name begins with the same words",
            files="""\
-- shop/Dockerfile --
FROM node:24-alpine
USER node
-- shop-gate/Dockerfile --
FROM node:24-alpine
USER 1000
-- k8s/gate.yaml --
apiVersion: v1
kind: Pod
metadata: {name: gate}
spec: {containers: [{name: gate, image: 'ghcr.io/acme/all-shop-gate:1'}]}
""",
        ),
        Example(
            title="a manifest runs an image of the same last name, and lies beside a Dockerfile for it",
            files=_PUBLISHES.replace("context: .", "context: ., file: docker/Dockerfile")
            + """\
-- docker/Dockerfile --
FROM node:24-alpine
USER node
-- cluster/Dockerfile --
FROM node:24
USER 1000
-- cluster/web.yaml --
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {containers: [{name: web, image: 'registry.example/web:1'}]}
""",
        ),
        Example(
            title="a manifest beside another Dockerfile runs the very image that a build publishes",
            files=_PUBLISHES.replace("context: .", "context: ., file: docker/Dockerfile")
            + """\
-- docker/Dockerfile --
FROM node:24-alpine
USER node
-- cluster/Dockerfile --
FROM node:24
USER 1000
-- cluster/web.yaml --
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {containers: [{name: web, image: 'ghcr.io/acme/web:1'}]}
""",
            at="node",
            fixed="""\
-- docker/Dockerfile --
FROM node:24-alpine
USER 1000
""",
        ),
        Example(
            title="what lies beside the manifest makes another image, by its name",
            files=_PUBLISHES.replace("context: .", "context: ., file: docker/Dockerfile")
            + """\
-- docker/Dockerfile --
FROM node:24-alpine
USER node
-- cluster/Dockerfile.migrate --
FROM node:24
USER 1000
-- cluster/web.yaml --
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {containers: [{name: web, image: 'registry.example/web:1'}]}
""",
            at="node",
            fixed="""\
-- docker/Dockerfile --
FROM node:24-alpine
USER 1000
""",
        ),
        Example(
            title="the folder of a Dockerfile tells that the manifest means its image, not the one beside it",
            files="""\
-- api/Dockerfile --
FROM node:24-alpine
USER node
-- deploy/Dockerfile --
FROM node:24
USER 1000
-- deploy/api.yaml --
apiVersion: v1
kind: Pod
metadata: {name: api}
spec: {containers: [{name: api, image: 'registry.example/shop-api:1'}]}
""",
            at="node",
            fixed="""\
-- api/Dockerfile --
FROM node:24-alpine
USER 1000
""",
        ),
        Example(
            title="a template runs images that other Dockerfiles here make, one by a value that the chart does not give; the one that is published runs elsewhere",
            files="""\
-- docker/Dockerfile.all --
FROM node:24-alpine
USER node
CMD ["node", "."]
-- docker/Dockerfile.server --
FROM node:24-alpine
USER 1000
CMD ["node", "."]
-- docker/Dockerfile.page --
FROM node:24-alpine
USER 1000
CMD ["node", "."]
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., file: docker/Dockerfile.all, push: true, tags: 'ghcr.io/acme/shop:1'}
-- compose.yaml --
services:
  server: {build: {context: ., dockerfile: docker/Dockerfile.server}}
  page: {build: {context: ., dockerfile: docker/Dockerfile.page}}
-- chart/values.yaml --
image: {server: {repository: shop/server}, web: {repository: shop/page}}
-- chart/templates/shop.yaml --
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  template:
    spec:
      containers:
        - name: server
          image: "{{ .Values.image.server.repository }}:{{ .Chart.AppVersion }}"
        - name: page
          image: "{{ .Values.image.page.repository }}:{{ .Chart.AppVersion }}"
""",
        ),
        Example(
            title="a template runs the only image that is published, by a value that the chart does not give, and speaks of no other",
            files="""\
-- docker/Dockerfile.all --
FROM node:24-alpine
USER node
CMD ["node", "."]
-- docker/Dockerfile.server --
FROM node:24-alpine
USER 1000
CMD ["node", "."]
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., file: docker/Dockerfile.all, push: true, tags: 'ghcr.io/acme/shop:1'}
-- compose.yaml --
services:
  server: {build: {context: ., dockerfile: docker/Dockerfile.server}}
-- chart/templates/shop.yaml --
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  template:
    spec:
      containers:
        - name: shop
          image: "{{ .Values.image.repository }}:{{ .Chart.AppVersion }}"
""",
            at="node",
            fixed="""\
-- docker/Dockerfile.all --
FROM node:24-alpine
USER 1000
CMD ["node", "."]
""",
        ),
        Example(
            title="a manifest runs what it has yet to be told, and a script builds two images of one file with users of their own",
            files="""\
-- Dockerfile --
FROM node:24-alpine AS web
USER node
CMD ["node", "."]
FROM node:24-slim AS web-on-debian
USER node
CMD ["node", "."]
-- build.sh --
#!/bin/sh
cd "$(dirname "$0")" || exit
docker build -t web --target web .
docker build -t web-on-debian --target web-on-debian .
-- deploy/web.yaml --
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  template:
    spec:
      containers:
        - name: shop
          image: "<IMAGE>"
""",
        ),
        Example(
            title="a script builds an image, and one for development beside it",
            files="""\
-- Dockerfile --
FROM node:24-slim AS web-debug
USER node
CMD ["node", "--inspect", "."]
FROM node:24-alpine AS web
USER node
CMD ["node", "."]
-- build.sh --
#!/bin/sh
cd "$(dirname "$0")" || exit
docker build -t web-debug --target web-debug .
docker build -t web --target web .
-- deploy/web.yaml --
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  template:
    spec:
      containers:
        - name: shop
          image: "<IMAGE>"
""",
            at="node",
            fixed="""\
-- Dockerfile --
FROM node:24-slim AS web-debug
USER node
CMD ["node", "--inspect", "."]
FROM node:24-alpine AS web
USER 1000
CMD ["node", "."]
""",
        ),
        Example(
            title="a template that takes from a helper what holds for the pod, one that scales another workload, another image",
            files=_PUBLISHES
            + """\
-- Dockerfile --
FROM node:24-alpine
USER node
-- chart/values.yaml --
cache: {image: valkey/valkey}
-- chart/templates/web.yaml --
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      securityContext: {{- include "web.podSecurityContext" . | nindent 8 }}
      containers:
        - name: web
          image: {{ include "web.image" . }}
-- chart/templates/scale.yaml --
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: {{ .Release.Name }}}
spec:
  scaleTargetRef:
    kind: Deployment
    name: web
-- chart/templates/cache.yaml --
apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}-cache}
spec:
  template:
    spec:
      containers:
        - name: cache
          image: "{{ .Values.cache.image }}:9"
""",
        ),
        Example(
            title="a build publishes the image, and a workflow deploys to Kubernetes by manifests that are elsewhere; a policy",
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
-- policy.yaml --
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: web}
spec: {images: [{glob: ghcr.io/acme/web}], authorities: [{static: {action: pass}}]}
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


_DEPLOYS = "google-github-actions/deploy-cloudrun"
_TRIED = regex(r"(?:^|/)(?:\w*tests?|testing|spec|e2e|\w*fixtures?\w*|examples?|samples?|docs?)/")
_OF_ANY_IMAGE = frozenset(("dockerfile", "containerfile"))
_OF_ACTIONS = regex(r"github-?action|actions?-runner", re.IGNORECASE)


class _Called(NamedTuple):
    """What the image of a Dockerfile is called."""

    path: str
    full_names: frozenset[str]
    """The names that builds give it, with their hosts and without tags."""
    words: frozenset[str]
    """What tells the Dockerfile from others."""

    @property
    def names(self) -> frozenset[str]:
        """The last parts of the names that builds give it."""
        return frozenset(one.rpartition("/")[2] for one in self.full_names)


class _Own(NamedTuple):
    """What an image is called that builds here make, and what others are."""

    called: _Called
    is_only: bool
    """Whether no other Dockerfile here has an image that others run."""
    others: tuple[_Called, ...]
    """Each other Dockerfile here, whoever runs its image."""


def _is_one_of_several(repo: Repository, dockerfile: Dockerfile) -> bool:
    """Whether builds here make images of a file that get their users at different places: any of them may be run.

    Of a build by a script whose folder is not known, the target says whether it is of the file.
    """
    made = {_made_by(dockerfile, one) for one in repo.builds if one.dockerfile in (dockerfile.path, None)}
    images = (one for one in made if one is not None and not is_development(dockerfile, one))
    return len({_user_of(dockerfile, one) for one in images}) > 1


def _made_by(dockerfile: Dockerfile, build: Build) -> Stage | None:
    is_of_file = bool(build.target) or build.dockerfile == dockerfile.path
    return dockerfile.target_stage(build.target) if is_of_file else None


def _user_of(dockerfile: Dockerfile, stage: Stage) -> Instruction | None:
    line = (it for one in dockerfile.ancestry(stage) for it in reversed(one.instructions))
    return next((it for it in line if it.keyword == "USER"), None)


def _sets_user(repo: Repository) -> bool:
    """Whether a manifest or the values of a chart say with which number containers run."""
    kinds = (Kind.KUBERNETES, Kind.HELM_VALUES)
    return any(repo.memo(pods_have_user, text) for kind in kinds for text in repo.texts(kind))


def _given_to_cloud_run(repo: Repository) -> set[str]:
    """The names of the files that commands and actions give to Google's Cloud Run.

    https://cloud.google.com/sdk/gcloud/reference/run/services/replace
    https://github.com/google-github-actions/deploy-cloudrun#inputs
    """
    commands = (one.command.arguments for one in repo.running("gcloud"))
    words = ([word.literal or "" for word in arguments] for arguments in commands)
    named = [word for one in words if {"run", "replace"} <= set(one) for word in one]
    given = (step.input("metadata") for step in repo.steps if step.uses_action(_DEPLOYS))
    named += (one.value for one in given if one)
    return {posixpath.basename(one) for one in named if one.endswith((".yaml", ".yml"))}


def run(repo: Repository) -> Iterator[Finding]:
    pods = [one for one in repo.pods if not (one.on_cloud_run or _TRIED.search(one.text.path))]
    elsewhere = _given_to_cloud_run(repo) if pods else set()
    pods = [one for one in pods if posixpath.basename(one.text.path) not in elsewhere]
    if not pods or _sets_user(repo):
        return
    shipped = [one for one in repo.dockerfiles if not _is_left_out(one)]
    called = {one.path: _called(repo, one.path) for one in repo.dockerfiles}
    for dockerfile in shipped:
        users = [it for it in dockerfile.shipped.instructions if it.keyword == "USER" and it.arguments]
        others = tuple(called[one.path] for one in repo.dockerfiles if one is not dockerfile)
        own = _Own(called[dockerfile.path], len(shipped) == 1, others)
        named = [one for one in pods if _is_run(repo, one, own)] if users else []
        others_run = [] if _is_one_of_several(repo, dockerfile) else pods
        left_open = _left_open(named, [one for one in others_run if _may_be_run(one, own)]) if users else []
        if left_open:
            place_in = partial(_place, repo, own)
            yield from _findings(
                dockerfile, users[-1].arguments[0], left_open, place_in, is_certain=bool(named)
            )


def _called(repo: Repository, path: str) -> _Called:
    tags = (tag.reference for build in repo.builds if build.dockerfile == path for tag in build.tags)
    return _Called(path, frozenset(filter(None, map(_full_name, tags))), special_words(path))


def _full_name(image: Reference) -> str | None:
    """Host and path, of which the last part at least is known."""
    last = image.path.rpartition("/")[2].literal
    return f"{image.host}/{image.path}" if last else None


def _left_open(named: list[Pod], others: list[Pod]) -> list[Pod]:
    """Those that run an image and give no number; of those that only may run it none where one gives it."""
    if not named and any(one.has_user for one in others):
        return []
    return [one for one in named or others if not one.has_user]


def _is_run(repo: Repository, pod: Pod, own: _Own) -> bool:
    named = (one for one in pod.images if one is not None and _is_named(repo, one, own))
    return any(not _is_of_neighbour(pod, one, own) for one in named)


def _is_of_neighbour(pod: Pod, image: str, own: _Own) -> bool:
    """Whether the image is rather the one of another Dockerfile, which lies beside the manifest in a folder of theirs.

    Not where a build here gives it this very name, registry and all, or the path of the Dockerfile has it, nor where
    the other is named for another image.
    """
    folder, last = posixpath.dirname(pod.text.path), image.rpartition("/")[2]
    given = {one.lower() for one in own.called.full_names}
    is_told_by_path = _is_told_by(last, own)
    is_given = is_told_by_path or _full_name(reference(literal(image))) in given
    if is_given or folder in ("", posixpath.dirname(own.called.path)):
        return False
    beside = (one for one in own.others if posixpath.dirname(one.path) == folder)
    return any(
        last in one.names
        if one.names
        else words_of(posixpath.basename(one.path)) - _OF_ANY_IMAGE <= words_of(last)
        for one in beside
    )


def _is_named(repo: Repository, image: str, own: _Own) -> bool:
    last = image.rpartition("/")[2]
    of_repository = (repo.outside.slug or "").rpartition("/")[2].lower()
    if last in own.called.names:
        return True
    if own.called.words:
        return _is_told_by(last, own)
    return bool(of_repository) and last == of_repository


def _is_told_by(text: str, own: _Own) -> bool:
    """Whether a text has the words of the path of a Dockerfile, and is not rather of another.

    That is one whose image has this very name, or whose path has these words and more that the text has, too.
    """
    words, said = own.called.words, words_of(text)
    return (
        bool(words)
        and words <= said
        and not any(text in one.names or words < one.words <= said for one in own.others)
    )


def _may_be_run(pod: Pod, own: _Own) -> bool:
    """Whether a pod runs an image whose name can't be read, where what is read speaks of it, or no other is
    built here or spoken of."""
    if None not in pod.images:
        return False
    said = words_of_images(pod)
    if own.called.words and own.called.words <= said:
        return True
    return own.is_only and not any(one.words and one.words <= said for one in own.others)


def _is_left_out(dockerfile: Dockerfile) -> bool:
    return (
        not dockerfile.may_ship
        or is_development(dockerfile, dockerfile.shipped)
        or dockerfile.on_windows(dockerfile.shipped)
        or bool(_OF_ACTIONS.search(dockerfile.path))
    )


def _place(repo: Repository, own: _Own, pod: Pod) -> Location:
    """Where a pod says the image, by its name or by what tells it from others; where it says the first one otherwise."""
    for image, place in zip(pod.images, pod.places, strict=True):
        if image is not None and _is_named(repo, image, own):
            return place
    spoken = (one for one in pod.places if _is_told_by(one.fragment, own))
    return next(spoken, pod.location)


def _findings(
    dockerfile: Dockerfile,
    word: Word,
    pods: list[Pod],
    place_in: Callable[[Pod], Location],
    *,
    is_certain: bool,
) -> Iterator[Finding]:
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
    refused = next((one for one in pods if is_certain and one.non_root is not None), None)
    pod = refused or pods[0]
    asked = (
        (replace(refused.non_root, note="asks for a user that is not root"),)
        if refused and refused.non_root
        else ()
    )
    yield Finding(
        message=f"{code('USER ' + word.literal)} is a name, and Kubernetes can't tell whether it is root.",
        consequence=(
            "The pod does not start: “container has runAsNonRoot and image has non-numeric user”."
            if refused
            else "A pod with `runAsNonRoot: true` and no `runAsUser` is refused at its start."
        ),
        location=Location(dockerfile.text, word.span),
        related=(
            *asked,
            replace(
                place_in(pod), note=f"{'runs' if is_certain else 'may run'} the image, without `runAsUser`"
            ),
        ),
        fixes=(_fix(dockerfile, word, number),),
        severity=Severity.WARNING if refused else None,
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
