"""Pod asks for a user that is not root, and the image names one by its name

The manifest sets `runAsNonRoot: true` and no `runAsUser`. The kubelet then has to see from the image that its
user is not root, and it only reads numbers: the pod stays in CreateContainerConfigError with "container has
runAsNonRoot and image has non-numeric user".

Write the user's number in the Dockerfile, or `runAsUser` in the manifest.

The check is silent where the pod or the container sets `runAsUser`, where the user is a number or not known,
and for images that no build of this repository names.

References:

- https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
- https://docs.docker.com/reference/dockerfile/#user
"""

from __future__ import annotations

from collections.abc import Iterator

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
    code,
    offer,
)  # fmt: skip
from checks.facts.deployment.kubernetes import Manifest, at
from checks.facts.dockerfile.base_images import documented_user, image_name
from checks.facts.dockerfile.dockerfiles import Dockerfile, Word
from checks.facts.image.references import reference
from checks.facts.tree import Mapping, Scalar, Sequence, walk
from checks.facts.value import literal

check = Check(
    id="non-numeric-user-with-run-as-non-root",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.DOCKERFILE, Kind.KUBERNETES),
    fix=Applicability.SAFE,
    scope=Scope.REPOSITORY,
    tags=("dockerfile", "kubernetes"),
    examples=(
        Example(
            title="a name in the image, runAsNonRoot in the deployment",
            files="""\
-- Dockerfile --
FROM node:24-alpine
RUN addgroup -g 10001 app && adduser -D -u 10001 -G app app
USER app
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'ghcr.io/acme/web:1'}
-- deploy/web.yaml --
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
          image: ghcr.io/acme/web:1
""",
            at="app",
            fixed="""\
-- Dockerfile --
FROM node:24-alpine
RUN addgroup -g 10001 app && adduser -D -u 10001 -G app app
USER 10001
""",
        ),
        Example(
            title="runAsUser, another image, a number, no runAsNonRoot",
            files="""\
-- Dockerfile --
FROM node:24-alpine
RUN adduser -D -u 10001 app
USER app
-- api/Dockerfile --
FROM node:24-alpine
USER 1000
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'ghcr.io/acme/web:1'}
      - uses: docker/build-push-action@v7
        with: {context: api, push: true, tags: 'ghcr.io/acme/api:1'}
-- deploy/web.yaml --
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  securityContext: {runAsNonRoot: true}
  containers:
    - name: web
      image: ghcr.io/acme/web:1
      securityContext: {runAsUser: 10001}
    - name: api
      image: ghcr.io/acme/api:1
    - name: other
      image: ghcr.io/others/web:1
    - name: open
      image: ghcr.io/acme/web:1
      securityContext: {runAsNonRoot: false}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    files = {one.path: one for one in repo.dockerfiles}
    built: dict[str, Dockerfile] = {}
    for build in repo.builds:
        for tag in build.tags:
            dockerfile = files.get(build.dockerfile or "")
            if dockerfile is not None and build.target == "":
                built.setdefault(_name(str(tag.value)), dockerfile)
    told: set[str] = set()
    pods = (one for manifest in repo.manifests for one in repo.memo(_pods, manifest)) if built else ()
    for image, place in pods:
        dockerfile = built.get(_name(image.value))
        word = _user(dockerfile) if dockerfile else None
        if dockerfile is not None and word is not None and dockerfile.path not in told:
            told.add(dockerfile.path)
            yield _finding(dockerfile, word, image, place)


def _name(image: str) -> str:
    parts = reference(literal(image))
    return f"{parts.host}/{parts.path}"


def _pods(manifest: Manifest) -> tuple[tuple[Scalar, Location], ...]:
    """Images that run with `runAsNonRoot: true` and no `runAsUser`, each with the place that says so."""
    found: list[tuple[Scalar, Location]] = []
    for node in walk(manifest.node):
        containers = node.get("containers") if isinstance(node, Mapping) else None
        for container in containers.items if isinstance(containers, Sequence) else ():
            image = at(container, "image")
            place = _asks(at(container, "securityContext"), at(node, "securityContext"))
            if isinstance(image, Scalar) and place is not None:
                found.append((image, place))
    return tuple(found)


def _asks(own: object, pods: object) -> Location | None:
    """Where `runAsNonRoot: true` is written that holds for a container; the container's own comes first."""
    contexts = [one for one in (own, pods) if isinstance(one, Mapping)]
    if any(one.get("runAsUser") is not None for one in contexts):
        return None
    for one in contexts:
        value = one.get("runAsNonRoot")
        if isinstance(value, Scalar):
            return (
                Location(value.text, value.span, "asks for a user that is not root")
                if value.as_bool()
                else None
            )
    return None


def _user(dockerfile: Dockerfile) -> Word | None:
    """The name in the last `USER` of the image; None for a number, root and what is not known."""
    for stage in dockerfile.ancestry(dockerfile.shipped):
        users = [it for it in stage.instructions if it.keyword == "USER" and it.arguments]
        if users:
            word = users[-1].arguments[0]
            name = (word.literal or "").partition(":")[0]
            return word if name and name != "root" and not name.isdecimal() else None
    return None


def _finding(dockerfile: Dockerfile, word: Word, image: Scalar, place: Location) -> Finding:
    return Finding(
        message=f"{code('USER ' + (word.literal or ''))} is a name, and {code(image.value)} is deployed with `runAsNonRoot`.",
        consequence="The pod does not start: “container has runAsNonRoot and image has non-numeric user”.",
        location=dockerfile.location(word.span),
        related=(place, Location(image.text, image.span, "runs the image")),
        fixes=_fixes(dockerfile, word),
    )


def _fixes(dockerfile: Dockerfile, word: Word) -> tuple[Fix, ...]:
    name, _, group = (word.literal or "").partition(":")
    created = dockerfile.users(dockerfile.shipped).get(name)
    base = dockerfile.base_image(dockerfile.shipped)
    uid = created.uid if created else documented_user(image_name(base), name) if base else None
    gid = dockerfile.groups(dockerfile.shipped).get(group) if group else None
    if uid is None or (group and gid is None):
        return ()
    number = f"{uid}:{gid}" if group else str(uid)
    return offer(f"write the number {number}", Applicability.SAFE, Edit(dockerfile.path, word.span, number))
