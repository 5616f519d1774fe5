"""What the layers of a build bring anew when they are made again."""

from __future__ import annotations

import pytest

from checks.check import Applicability, Repository
from checks.facts.dockerfile.dockerfiles import parse_dockerfile
from checks.facts.dockerfile.fetched_anew import fetches_anew
from checks.source.snapshot import Snapshot
from checks.source.text import Text
from checks.workflow import gha_cache_scope_collision


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("apt update && apt install -y tini", True),
        ("apt-get update && apt-get install -y tini=0.19.0-1", False),
        ("apt-get update && apt-get install -y tini=$TINI", None),
        ("wrapped apt-get install -y tini", True),
        ("apk add --no-cache tini", True),
        ("apk upgrade --no-cache", True),
        ("git clone https://git.acme.example/web.git", True),
        ("git clone -b v1.4.2 https://git.acme.example/web.git", False),
        ('git clone --branch "$BRANCH" https://git.acme.example/web.git', True),
        ("git clone --branch ${RELEASE} https://git.acme.example/web.git", False),
        ("git clone --branch $REF https://git.acme.example/web.git", None),
        ("git clone https://git.acme.example/web.git w && git -C w log && git checkout $COMMIT", None),
        ("curl -fsSLO https://acme.example/releases/latest/web.tar.gz", True),
        ("wget https://acme.example/releases/v1.4.2/web.tar.gz", False),
        ("wget https://acme.example/web.tar.gz", None),
        ("go mod download && CGO_ENABLED=0 go build -o /web .", False),
        ("go install acme.example/web@latest", None),
        ("npm ci --omit=dev", False),
        ("npm install", None),
        ("mkdir -p /srv && chown 1000 /srv && A=b", False),
        ("./build", None),
        ('["/build"]', None),
    ],
)
def test_what_a_command_fetches(run: str, expected: bool | None) -> None:
    content = f"ARG BRANCH=main\nFROM debian:13\nARG RELEASE=main\nARG REF\nRUN {run}\n"
    file = parse_dockerfile(Text("Dockerfile", content))
    assert fetches_anew(file, file.stages, {"RELEASE": "1.4.2"}) is expected


def test_arguments_that_are_not_known() -> None:
    content = "FROM debian:13\nARG BRANCH=main\nRUN git clone -b $BRANCH https://git.acme.example/web.git\n"
    file = parse_dockerfile(Text("Dockerfile", content))
    assert fetches_anew(file, file.stages, {}) is True
    assert fetches_anew(file, file.stages, None) is None


WORKFLOW = """\
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: web, push: true, tags: '%s', cache-to: type=gha}
      - uses: docker/build-push-action@v7
        with: {context: api, push: %s, tags: '%s', cache-to: type=gha}
"""


@pytest.mark.parametrize(
    ("push", "tag", "run", "is_asked"),
    [
        ("true", "acme/api:1", "apk add --no-cache tini", True),
        ("true", "localhost:5000/api:base", "apt update && apt install -y tini", True),
        ("false", "acme/api:1", "apk add --no-cache tini", False),
        ("true", "acme/api:1", "go build -o /api .", False),
    ],
)
def test_what_the_fix_asks(push: str, tag: str, run: str, is_asked: bool) -> None:
    files = {
        ".github/workflows/a.yml": WORKFLOW % ("acme/web:1", push, tag),
        "web/Dockerfile": "FROM debian:13\nCOPY . .\n",
        "api/Dockerfile": f"FROM debian:13\nRUN {run}\n",
    }
    found = list(gha_cache_scope_collision.run(Repository(Snapshot.of(files))))
    asked = [fix.applicability is Applicability.UNSAFE for one in found for fix in one.fixes]
    assert asked == [is_asked]
