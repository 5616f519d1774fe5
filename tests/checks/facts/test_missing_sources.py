"""Which Dockerfiles copy sources that the repository has nowhere."""

from __future__ import annotations

import pytest

from checks.check import Repository
from checks.source.snapshot import Snapshot

DOCKERFILE = (
    "FROM rust:1.90 AS build\nCOPY Cargo.toml ./\nCOPY parts parts\nCOPY %s ./it\nRUN cargo build\n"
    "FROM debian:13\nCOPY --from=build /it /it\nUSER 1000\n"
)
COMPOSE = "services: {web: {build: {context: .., dockerfile: images/web.Dockerfile}}}\n"
PATHS = ("Cargo.toml", "parts/web/src/main.rs", "parts/web/Cargo.toml")


@pytest.mark.parametrize(
    ("source", "files", "paths", "is_stopped"),
    [
        ("src/", {}, (), True),
        ("src", {"build.sh": "docker build -f $1 $2\nls $src\n"}, (), True),
        ("dist", {}, (), False),
        ("src/", {}, ("src/main.rs",), False),
        ("src/", {}, ("src",), False),
        ("src/", {}, (".gitmodules",), False),
        ("src/", {}, ("old/Cargo.toml", "old/parts/a.rs", "old/src/a.rs"), False),
        ("src/", {"build.sh": "git clone https://example.com/web src\n"}, (), False),
        ("src/", {"Makefile": "it:\n\tcp -r parts/web/src .\n"}, (), False),
        ("src/", {"images/compose.yml": COMPOSE.replace("..", "${FOLDER}")}, (), False),
        ("src/", {"images/compose.yml": COMPOSE.replace("web.Docker", "api.Docker")}, (), False),
    ],
)
def test_a_folder_of_sources_that_is_not_there(
    source: str, files: dict[str, str], paths: tuple[str, ...], is_stopped: bool
) -> None:
    own = {"images/web.Dockerfile": DOCKERFILE % source, "images/compose.yml": COMPOSE}
    repo = Repository(Snapshot.of({**own, **files}, (*PATHS, *paths)))
    assert ("images/web.Dockerfile" in repo.idle_stages) is is_stopped


MOVED = (
    "FROM golang:1.27 AS build\nCOPY %s ./\nCOPY server/ ./\nRUN go build -o /web .\n"
    "FROM debian:13\nCOPY --from=build /web /web\nUSER 1000\n"
)
WORKFLOW = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: %s\n"


@pytest.mark.parametrize(
    ("source", "files", "paths", "is_stopped"),
    [
        ("server/go.mod", {}, (), True),
        ("server/go.mod", {"build.sh": "docker build $1\ncp ../web-server out/\n"}, (), True),
        ("go.mod", {}, (), False),
        ("server/go.sum", {}, (), False),
        ("server/go.mod", {}, ("old/server/go.mod",), False),
        ("other/go.mod", {}, (), False),
        ("server/go.mod", {"build.sh": "cp go.mod server\ndocker build $1\n"}, (), False),
        ("server/go.mod", {"build.sh": "touch server/go.mod\n"}, (), False),
        ("server/go.mod", {"build.sh": "cd server && go mod init acme.example/web\n"}, (), False),
        ("server/go.mod", {"build.sh": "install -m 644 go.mod server/\n"}, (), False),
        ("server/go.mod", {"build.sh": 'sed /replace/d go.mod > "server/$1"\n'}, (), False),
        ("server/go.mod", {"build.sh": "go install example.org/server@v1 2>&1\n"}, (), True),
        ("server/go.mod", {}, ("Jenkinsfile",), False),
        ("start.sh", {}, (), True),
        ("./server/start.sh", {}, (), True),
        ("start.sh", {}, ("server/start.sh",), False),
        ("*.sh", {}, (), False),
        ("other/start.sh", {}, (), False),
        ("start.sh", {"build.sh": "curl -O https://example.com/start.sh\n"}, (), False),
        ("server/go.mod", {}, ("scripts/build-images.mjs",), False),
        ("server/go.mod", {".github/workflows/a.yml": WORKFLOW % "cp *.mod server/"}, (), False),
        (
            "server/go.mod",
            {
                ".github/workflows/a.yml": (WORKFLOW % "docker build -f images/old/Dockerfile .").replace(
                    "- run", "- uses: acme/sources@v1\n      - run"
                )
            },
            (),
            False,
        ),
    ],
)
def test_a_projects_own_file_that_was_moved(
    source: str, files: dict[str, str], paths: tuple[str, ...], is_stopped: bool
) -> None:
    own = {"images/old/Dockerfile": MOVED % source}
    repo = Repository(Snapshot.of({**own, **files}, ("go.mod", "server/main.go", *paths)))
    assert ("images/old/Dockerfile" in repo.idle_stages) is is_stopped


OF_TWO = (
    "FROM golang:1.27 AS web\nCOPY go.mod ./\nRUN go build -o /web .\n"
    "FROM node:24 AS pages\nCOPY %s ./\nRUN npm ci && npm run build\n"
    "FROM nginx:1.29\nCOPY --from=pages /dist /pages\n"
)
BY_ACTION = (
    "on: {workflow_dispatch: {inputs: {of: {}}}}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"
    "      - uses: actions/checkout@v7\n      - uses: docker/build-push-action@v7\n        with: {context: %s}\n"
)
BESIDE = "services: {pages: {build: {context: ., dockerfile: web.Dockerfile}}}\n"


@pytest.mark.parametrize(
    ("source", "files", "paths", "is_stopped"),
    [
        ("pages/package*.json", {}, (), True),
        ("./pages/package.json", {}, (), True),
        ("shop/pages/package.json", {}, ("pages/index.html",), True),
        ("pages/package.json", {}, ("pages/index.html",), False),
        ("pages/package.json", {}, ("apps/pages/index.html",), False),
        ("pages/package.json", {}, ("pages",), False),
        ("pages/package.json", {}, (".gitmodules",), False),
        ("pages/package.json", {}, ("images/go.mod",), False),
        ("pages/index.html", {}, (), False),
        ("package.json", {}, (), False),
        ("*/package.json", {}, (), False),
        ("pages/package.json", {"images/compose.yml": COMPOSE}, (), False),
        ("pages/package.json", {"images/compose.yml": BESIDE.replace(" .,", " '${FOLDER}',")}, (), False),
        ("pages/package.json", {"images/compose.yml": "services: {}\n"}, (), False),
        ("pages/package.json", {"get.sh": "git clone https://example.com/acme/pages\n"}, (), False),
        (
            "pages/package.json",
            {".github/workflows/a.yml": WORKFLOW % "docker build -f images/web.Dockerfile ."},
            (),
            False,
        ),
        (
            "pages/package.json",
            {".github/workflows/a.yml": BY_ACTION % "'{{defaultContext}}:${{ inputs.of }}'"},
            (),
            True,
        ),
        ("pages/package.json", {".github/workflows/a.yml": BY_ACTION % "'${{ inputs.of }}'"}, (), False),
        ("pages/package.json", {}, ("Jenkinsfile",), False),
    ],
)
def test_a_project_whose_folder_is_gone(
    source: str, files: dict[str, str], paths: tuple[str, ...], is_stopped: bool
) -> None:
    own = {"images/web.Dockerfile": OF_TWO % source, "images/compose.yml": BESIDE}
    repo = Repository(Snapshot.of({**own, **files}, ("go.mod", "main.go", "tools/package.json", *paths)))
    _, idle = repo.idle_stages.get("images/web.Dockerfile", (None, frozenset()))
    assert any(one.base.literal == "nginx:1.29" for one in idle) is is_stopped
