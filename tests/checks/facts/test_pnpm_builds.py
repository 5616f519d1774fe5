"""Whether a build stops at a lock file that pnpm no longer keeps, since it lies below a workspace."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pytest

from checks.facts.project.node_projects import parse_node_project
from checks.facts.project.pnpm_locks import parse_pnpm_lock
from checks.facts.repository.repository import Repository
from checks.source.snapshot import Snapshot
from checks.source.text import Text

INSTALL = "RUN pnpm install --frozen-lockfile\n"
BUILD = f"FROM node:24 AS build\nRUN corepack enable pnpm\nWORKDIR /app\nCOPY package.json pnpm-lock.yaml ./\n{INSTALL}"
IMAGE = f"{BUILD}FROM node:24\nCOPY --from=build /app /app\n"
LOCK = "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      react:\n        specifier: 19.2.4\n        version: 19.2.4\n"
ASKED = '{"dependencies": {"react": "19.2.4", "@example/ui": "workspace:*"}}'
JOB = "on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v7\n"
PUSH = "      - uses: docker/build-push-action@v7\n        with: {context: web, push: true, tags: ghcr.io/example/web}\n"


def stops(image: str = IMAGE, other: Mapping[str, str] = MappingProxyType({})) -> bool:
    files = {
        "pnpm-workspace.yaml": "packages: [web, ui]\n",
        "web/Dockerfile": image,
        "web/package.json": ASKED,
        "web/pnpm-lock.yaml": LOCK,
        ".github/workflows/build.yml": JOB + PUSH,
        **other,
    }
    return "web/Dockerfile" in Repository(Snapshot.of(files)).idle_stages


@pytest.mark.parametrize(
    "image",
    [
        IMAGE,
        IMAGE.replace("COPY package.json pnpm-lock.yaml ./", "COPY . ."),
        IMAGE.replace("RUN pnpm", "RUN --mount=type=cache,target=/pnpm pnpm"),
        IMAGE.replace("corepack enable pnpm", "npm install -g pnpm@11 && apt-get update"),
        IMAGE.replace("install --frozen-lockfile", "i --prod --frozen-lockfile"),
    ],
)
def test_pnpm_refuses_what_it_was_not_written_for(image: str) -> None:
    assert stops(image)


@pytest.mark.parametrize(
    "image",
    [
        IMAGE.replace(" --frozen-lockfile", ""),
        IMAGE.replace("--frozen-lockfile", "--no-frozen-lockfile"),
        IMAGE.replace("--frozen-lockfile", "--frozen-lockfile || pnpm install"),
        IMAGE.replace("--frozen-lockfile", "--frozen-lockfile --filter web"),
        IMAGE.replace("corepack enable pnpm", "corepack enable && pnpm dlx tool"),
        IMAGE.replace("RUN pnpm", "RUN --mount=type=bind,from=locks,target=/app pnpm"),
        IMAGE.replace(INSTALL, f"COPY --from=locks . .\n{INSTALL}"),
        IMAGE.replace(INSTALL, f"RUN rm pnpm-lock.yaml\n{INSTALL}"),
    ],
)
def test_pnpm_may_go_on(image: str) -> None:
    assert not stops(image)


def test_the_lock_file_may_be_another_one() -> None:
    assert not stops(other={"web/package.json": '{"dependencies": {"react": "19.2.4"}}'})
    overridden = ASKED.replace("}}", '}, "pnpm": {"overrides": {"@example/ui": "-"}}}')
    assert not stops(other={"web/package.json": overridden})
    assert not stops(other={"build.sh": "cp pnpm-lock.yaml web/\ndocker build web\n"})
    assert not stops(other={".github/workflows/build.yml": f"{JOB}      - run: ./prepare\n{PUSH}"})
    assert not stops(other={"web/.npmrc": "lockfile=false\n"})
    assert not stops(other={"web/.dockerignore": "pnpm-lock.yaml\n"})


def test_a_workspace_that_is_copied_has_its_own() -> None:
    files = {"web/Dockerfile": IMAGE, "web/package.json": ASKED, "web/pnpm-lock.yaml": LOCK}
    assert not Repository(Snapshot.of(files)).pnpm_locks
    files["web/pnpm-workspace.yaml"] = files["pnpm-workspace.yaml"] = "packages: ['.']\n"
    assert not Repository(Snapshot.of(files)).pnpm_locks


@pytest.mark.parametrize(
    ("lock", "held"),
    [
        (LOCK, {"react"}),
        (
            LOCK.replace("react:", "'@a/b':") + "    devDependencies:\n      c.d:\n        specifier: 1\n",
            {"@a/b", "c.d"},
        ),
        (
            f"{LOCK}\n  ui:\n    dependencies:\n      clsx:\n        specifier: 2.1.1\n\npackages:\n",
            {"react"},
        ),
        (
            "importers:\n\n  ui:\n    dependencies:\n      clsx:\n        specifier: 2\n\n  .: {}\n\npackages:\n",
            set(),
        ),
        ("importers:\n\n  ui:\n    dependencies:\n      clsx:\n        specifier: 2\n", None),
        ("lockfileVersion: 5.4\nspecifiers:\n  react: 19.2.4\n", None),
        ("", None),
    ],
)
def test_what_a_lock_file_was_written_for(lock: str, held: set[str] | None) -> None:
    assert parse_pnpm_lock(Text("pnpm-lock.yaml", lock)).held == held


def test_what_pnpm_certainly_keeps() -> None:
    content = (
        '{"dependencies": {"a": "1", "b": "link:../b", "c": "1"}, "devDependencies": {"d": "workspace:*"}, '
        '"optionalDependencies": {"c": "1"}, "peerDependencies": {"e": "1"}}'
    )
    assert parse_node_project(Text("package.json", content)).asked_of_pnpm == {"a", "d"}
