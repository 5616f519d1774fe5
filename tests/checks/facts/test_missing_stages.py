"""Which Dockerfiles take files from a stage that they don't have."""

from __future__ import annotations

import pytest

from checks.check import Repository
from checks.source.snapshot import Snapshot

ALONE = "FROM node:24\nCOPY --from=builder /src/dist ./dist\nUSER 1000\n"
NAMED = f"FROM node:24 AS Builder\nRUN npm run build\n{ALONE}"


@pytest.mark.parametrize(
    ("dockerfile", "files", "is_stopped"),
    [
        (ALONE, {}, True),
        (ALONE, {"build.sh": "docker build -t web .\n"}, True),
        (ALONE.replace("COPY", "RUN --mount=from=deps,target=/deps npm ci\nCOPY").replace("builder", "alpine"), {}, True),
        (f"# syntax=docker/dockerfile:1\n{ALONE}", {}, True),
        (NAMED, {}, False),
        (ALONE.replace("builder", "busybox"), {}, False),
        (ALONE.replace("builder", "ghcr.io/acme/builder"), {}, False),
        (f"# syntax=acme/dockerfile-with-includes\n{ALONE}", {}, False),
        (ALONE, {"build.sh": "docker build -t builder -f build.Dockerfile .\ndocker build .\n"}, False),
        (ALONE, {"build.sh": "docker build --build-context builder=../web .\n"}, False),
        (ALONE, {"build.sh": "cat build.Dockerfile Dockerfile | docker build -\n"}, False),
        (ALONE, {"docker-bake.hcl": 'target "web" {\n  contexts = { builder = "target:build" }\n}\n'}, False),
        (ALONE, {"compose.yml": "services: {web: {build: {context: ., additional_contexts: [builder=web]}}}\n"}, False),
        (ALONE, {"compose.yml": "services: {web: {build: {context: web}, image: 'builder:latest'}}\n"}, False),
    ],
)  # fmt: skip
def test_a_stage_that_is_not_there(dockerfile: str, files: dict[str, str], is_stopped: bool) -> None:
    repo = Repository(Snapshot.of({"Dockerfile": dockerfile, **files}))
    assert ("Dockerfile" in repo.idle_stages) is is_stopped
