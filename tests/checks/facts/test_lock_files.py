"""By which lock files installs go, and which program reads them."""

from __future__ import annotations

import json

import pytest

from checks.check import Repository
from checks.dockerfile import unlocked_dependency_install
from checks.source.snapshot import Snapshot

SETTINGS = "nodeLinker: node-modules\n"


@pytest.mark.parametrize(
    ("manager", "settings", "image", "before", "option"),
    [
        ("", None, "node:24", "", "--frozen-lockfile"),
        ("", None, "node:24", "RUN corepack enable", ""),
        ("", SETTINGS, "node:24", "", ""),
        ("", SETTINGS, "node:24", "RUN corepack enable", ""),
        ("", SETTINGS, "node:24", "COPY .yarnrc ./", "--immutable"),
        ("", SETTINGS, "alpine:3.24", "RUN apk add --no-cache yarn", ""),
        ("", SETTINGS, "ghcr.io/acme/node:24", "", "--immutable"),
        ("", SETTINGS, "node:24", "RUN corepack prepare yarn@4.12.0 --activate", "--immutable"),
        ("", SETTINGS, "node:24", "RUN yarn set version berry", "--immutable"),
        ("", SETTINGS, "node:24", "RUN --mount=type=bind,target=/in /in/set-up.sh", "--immutable"),
        (
            "",
            SETTINGS,
            "node:24",
            "ADD https://repo.yarnpkg.com/4.1.0/packages/yarnpkg-cli/bin/yarn.js /opt/",
            "--immutable",
        ),
        ("", f"{SETTINGS}yarnPath: .yarn/releases/yarn-4.12.0.cjs\n", "node:24", "", "--immutable"),
        ("", "yarnPath: [\n", "node:24", "", "--immutable"),
        ("yarn@4.12.0", SETTINGS, "node:24", "RUN corepack enable", "--immutable"),
        ("yarn@4.12.0", None, "node:24", "RUN corepack enable", "--immutable"),
        ("yarn@1.22.22", SETTINGS, "node:24", "RUN corepack enable", "--frozen-lockfile"),
        ("yarn@1.22.22", None, "node:24", "RUN corepack enable", "--frozen-lockfile"),
        ("yarn@10.0.0", None, "node:24", "RUN corepack enable", "--immutable"),
    ],
)
def test_the_option_of_the_yarn_that_runs(
    manager: str, settings: str | None, image: str, before: str, option: str
) -> None:
    named = {"packageManager": manager} if manager else {}
    files = {
        "Dockerfile": f"FROM {image}\nWORKDIR /srv\n{before}\nCOPY . .\nRUN yarn install\nUSER 1000\n",
        "package.json": json.dumps({"dependencies": {"koa": "^3.0.0"}, **named}),
    }
    if settings is not None:
        files[".yarnrc.yml"] = settings
    beside = ("yarn.lock", ".yarnrc") if ".yarnrc" in before else ("yarn.lock",)
    (finding,) = unlocked_dependency_install.run(Repository(Snapshot.of(files, beside)))
    assert [fix.title for fix in finding.fixes] == (
        [f"hold to the lock file with {option}"] if option else []
    )


@pytest.mark.parametrize(
    ("install", "is_fixed"),
    [
        ("COPY package.json yarn.lock ./\nRUN yarn install", False),
        ("COPY package.json yarn.lock .yarnrc.yml ./\nRUN yarn install", True),
        ("COPY . .\nRUN yarn install", True),
        ("COPY package.json yarn.lock .yarn* ./\nRUN yarn install", True),
        ("COPY package.json yarn.lock ./\nRUN --mount=type=bind,target=.yarnrc.yml yarn install", True),
        ("COPY package.json yarn.lock ./\nCOPY --from=settings / ./\nRUN yarn install", True),
        ("COPY package.json yarn.lock ./\nRUN yarn set version 4.12.0 && yarn install", True),
    ],
)
def test_the_settings_that_alone_name_a_yarn(install: str, is_fixed: bool) -> None:
    files = {
        "Dockerfile": f"FROM node:24\nWORKDIR /srv\n{install}\nUSER 1000\n",
        "package.json": '{"dependencies": {"koa": "^3.0.0"}}',
        ".yarnrc.yml": "yarnPath: .yarn/releases/yarn-4.12.0.cjs\n",
    }
    (finding,) = unlocked_dependency_install.run(Repository(Snapshot.of(files, ("yarn.lock",))))
    assert bool(finding.fixes) is is_fixed
    assert ("goes without `.yarnrc.yml`" in finding.withheld) is not is_fixed


def test_a_yarn_that_is_named_over_the_project() -> None:
    files = {
        "Dockerfile": "FROM node:24\nWORKDIR /srv\nRUN corepack enable\nCOPY . .\nRUN cd web && yarn install\nUSER 1000\n",
        "package.json": '{"packageManager": "yarn@4.12.0"}',
        "web/package.json": '{"dependencies": {"koa": "^3.0.0"}}',
        "web/.yarnrc.yml": SETTINGS,
    }
    (finding,) = unlocked_dependency_install.run(Repository(Snapshot.of(files, ("web/yarn.lock",))))
    assert [fix.title for fix in finding.fixes] == ["hold to the lock file with --immutable"]
