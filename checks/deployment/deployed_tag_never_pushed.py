"""Deployed tag is never pushed

The manifest names an image that a workflow of this repository builds, under a tag of a form that no workflow
gives it: `v1.2.3` while every push is tagged with a commit. The cluster asks the registry for a tag that is
not there, and the pod stays in `ImagePullBackOff`.

Push the tag that is deployed, or deploy one that is pushed.

The check compares literal tags with the forms of all tags that workflows and scripts push. It is silent where
one of them is not known, where images are pushed in a way that it does not read, where the builds that
would push the image stop on every run, where something may write the tag into the manifest, and for files of
tests, examples and development.

References:

- https://kubernetes.io/docs/concepts/containers/images/#imagepullbackoff
- https://github.com/docker/metadata-action#tags-input
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import Check, Example, Finding, Kind, Location, Repository, Scope, Severity, code
from checks.facts.image.image_writers import may_be_same_image
from checks.facts.image.own_images import OwnImage
from checks.facts.image.pushes import Push

_PUSHES = """\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'ghcr.io/acme/web:${{ github.sha }}'}
"""
_RUNS = """\
-- deploy/web.yaml --
apiVersion: v1
kind: Pod
spec:
  containers:
    - image: ghcr.io/acme/web:v1
"""

check = Check(
    id="deployed-tag-never-pushed",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(
        Kind.KUBERNETES,
        Kind.HELM_VALUES,
        Kind.COMPOSE,
        Kind.TERRAFORM,
        Kind.WORKFLOW,
        Kind.SCRIPT,
        Kind.ACTION,
    ),
    scope=Scope.REPOSITORY,
    tags=("deploy", "tags"),
    examples=(
        Example(
            title="a version is deployed, commits are pushed",
            files="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: |
            111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:sha-${{ github.sha }}
            111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:main
-- deploy/web.yaml --
apiVersion: apps/v1
kind: Deployment
spec:
  template:
    spec:
      containers:
        - name: web
          image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:v1.2.3
        - name: proxy
          image: envoyproxy/envoy:v1.31.0
""",
            at="111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:v1.2.3",
        ),
        Example(
            title="an ECS task and a Kustomization",
            files="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: aws-actions/amazon-ecr-login@v2
        id: ecr
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: '${{ steps.ecr.outputs.registry }}/web:${{ github.sha }}'}
      - run: docker push ghcr.io/acme/jobs:${{ github.sha }}
-- infra/main.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecs_task_definition" "web" {
  family = "web"
  container_definitions = jsonencode([
    { name = "web", image = "${aws_ecr_repository.web.repository_url}:stable" },
    { name = "log", image = "public.ecr.aws/aws-observability/aws-for-fluent-bit:stable" },
  ])
}
-- apps/kustomization.yaml --
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [jobs.yaml]
images:
  - name: jobs
    newName: ghcr.io/acme/jobs
    newTag: 2.0.0
-- apps/jobs.yaml --
apiVersion: v1
kind: Pod
spec:
  containers:
    - image: jobs
""",
            at=('"${aws_ecr_repository.web.repository_url}:stable"', "2.0.0"),
        ),
        Example(
            title="tags that are pushed, a digest, a placeholder, another's image, a test",
            files="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main], tags: ['v*']}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/metadata-action@v5
        id: meta
        with:
          images: ghcr.io/acme/web
          tags: |
            type=sha
            type=ref,event=branch
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: '${{ steps.meta.outputs.tags }}'}
      - uses: docker/build-push-action@v7
        with: {context: jobs, push: true, tags: 'ghcr.io/acme/jobs:${{ github.ref_name }}'}
-- deploy/web.yaml --
apiVersion: v1
kind: Pod
spec:
  initContainers:
    - image: ghcr.io/acme/web:sha-0123456
    - image: ghcr.io/acme/jobs:v1.2.3
  containers:
    - image: ghcr.io/acme/web:main
    - image: ghcr.io/acme/web:v1@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
    - image: ghcr.io/acme/web:$(TAG)
    - image: ghcr.io/other/web:v1
-- tests/web.yaml --
apiVersion: v1
kind: Pod
spec:
  containers:
    - image: ghcr.io/acme/web:test
""",
        ),
        Example(
            title="a workflow writes the tag",
            files="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'ghcr.io/acme/web:${{ github.sha }}'}
      - run: kustomize edit set image ghcr.io/acme/web=ghcr.io/acme/web:${{ github.sha }}
-- deploy/web.yaml --
apiVersion: v1
kind: Pod
spec:
  containers:
    - image: ghcr.io/acme/web:v1
""",
        ),
        Example(
            title="another builder pushes, too; a workflow of others is called",
            files=_PUSHES + "      - run: docker buildx bake --push\n" + _RUNS,
        ),
        Example(
            title="a workflow of others may push",
            files=_PUSHES + "  more:\n    uses: acme/shared/.github/workflows/image.yml@v1\n" + _RUNS,
        ),
        Example(title="Renovate writes the tag", files=_PUSHES + _RUNS, paths=(".github/renovate.json5",)),
        Example(
            title="a script that may push what is deployed; an image of the same name elsewhere",
            files=_PUSHES.replace("ghcr.io/acme/web", "quay.io/acme/web") + _RUNS,
        ),
        Example(
            title="a push that may be to the repository has the tag",
            files=_PUSHES + "      - run: docker push ${{ vars.REGISTRY }}/acme/web:v1\n" + _RUNS,
        ),
        Example(
            title="a controller of Flux writes the tag",
            files="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'ghcr.io/acme/web:${{ github.sha }}'}
-- deploy/web.yaml --
apiVersion: v1
kind: Pod
spec:
  containers:
    - image: ghcr.io/acme/web:v1 # {"$imagepolicy": "flux-system:web"}
""",
        ),
        Example(
            title="a tag that is not known, and a name that is not known",
            files="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'ghcr.io/acme/web:${{ github.sha }},${{ vars.IMAGE }}:v1'}
-- deploy/web.yaml --
apiVersion: v1
kind: Pod
spec:
  containers:
    - image: ghcr.io/acme/web:v1
""",
        ),
        Example(
            title="the only build of the image is of a submodule that its checkout leaves out, and never pushes",
            files="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - run: |
          docker build -t ghcr.io/acme/web:$GITHUB_SHA web
          docker push ghcr.io/acme/web:$GITHUB_SHA
-- .gitmodules --
[submodule "web"]
	path = web
	url = https://github.com/acme/web.git
-- deploy/web.yaml --
apiVersion: v1
kind: Pod
spec:
  containers:
    - image: ghcr.io/acme/web:v1
""",
        ),
        Example(
            title="a Makefile pushes too",
            files="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'ghcr.io/acme/web:${{ github.sha }}'}
-- Makefile --
release:
	docker push ghcr.io/acme/web:$(VERSION)
-- deploy/web.yaml --
apiVersion: v1
kind: Pod
spec:
  containers:
    - image: ghcr.io/acme/web:v1
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    images = repo.own_running_images
    if not images or repo.may_be_pushed_otherwise or _has_renovate(repo):
        return
    vain = repo.steps_in_vain
    for own in images:
        first = next((push for push in own.pushes if push.step is None or push.step not in vain), None)
        if first and not any(
            may_be_same_image(own.image.reference, own.tag, it.reference) for it in own.possible
        ):
            yield _finding(own, first)


def _has_renovate(repo: Repository) -> bool:
    """Whether Renovate is set up: it writes tags that it found in the registry."""
    return any("renovate" in path.rpartition("/")[2] for path in repo.snapshot.paths)


def _finding(own: OwnImage, first: Push) -> Finding:
    name, tag = own.image.reference.path.literal or "", own.tag
    shapes = list(dict.fromkeys(str(push.reference.tag_or_default) for push in own.pushes))
    return Finding(
        message=f"{code(f'{name}:{tag}')} is deployed, and no workflow pushes a tag like {code(tag)}.",
        consequence=(
            f"{code(name)} is pushed as {code(shapes[0])}{' and others' if len(shapes) > 1 else ''}. "
            "Unless someone pushes it by hand, the pull finds no such tag and what starts it waits in vain."
        ),
        location=own.image.location,
        related=(Location(first.location.text, first.location.span, "pushes the image"),),
        withheld="whether the tag that is pushed or the one that is deployed is meant can't be told from here",
    )
