"""Which config counts where a file is not valid."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.config import PATH, Config, combine
from app.github import fetch
from app.governing import Configs, Governing
from checks.catalogue import catalogue
from checks.check import Severity
from tests.app import github_job, remembered
from tests.app.github_job import Ground, Stage, nothing_named
from tests.github.repositories import build, commit

CHECKS = tuple(module.check for module in catalogue())
VALID, OTHER, INVALID = "fail-on: warning\n", "fail-on: note\n", "fail-on: warning\nfial-on: note\n"
ENFORCED = "checks: {user-not-numeric: {severity: error, enforced: true}}\n"


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with github_job.ground(tmp_path_factory.mktemp("governing")) as ground:
        yield ground
    ground.fake.check()


@dataclass
class Reading:
    """A repository whose base has a config, and what counts there."""

    it: Stage
    folder: Path

    def __post_init__(self) -> None:
        self.memory = remembered.memory(self.folder)
        self.configs = Configs(self.it.app, CHECKS)

    def base(self, content: str | None) -> None:
        commit(self.it.git_dir, "main", {PATH: content})

    def now(self) -> tuple[Config, Governing]:
        async def read() -> Governing:
            async with self.it.client() as client:
                pull = await self.it.pull_request(client)
                fetched = await fetch.fetch(client, pull, self.it.store, nothing_named)
            moment = datetime.datetime.now(datetime.UTC)
            return await self.configs.of(self.it.installation.id, fetched, moment, self.memory)

        governing = asyncio.run(read())
        return combine(governing.layers, CHECKS, self.it.repository.name), governing

    def enforced(self) -> frozenset[str]:
        moment = datetime.datetime.now(datetime.UTC)
        slug = self.it.repository.full_name
        return asyncio.run(self.configs.enforced(self.it.installation.id, slug, moment, self.memory))


@pytest.fixture
def reading(ground: Ground, tmp_path: Path) -> Reading:
    """A git directory of its own: its base changes."""
    unique = {"README.md": f"{tmp_path}\n"}
    return Reading(ground.stage(unique, {"a.yml": "a: 1\n"}), tmp_path / "memory")


def test_a_valid_file_counts_and_is_remembered(reading: Reading) -> None:
    reading.base(VALID)
    config, governing = reading.now()
    assert (config.fail_on, governing.notes) == (Severity.WARNING, ())


def test_the_last_valid_file_counts_where_the_newest_is_not(reading: Reading) -> None:
    reading.base(OTHER)
    reading.now()
    reading.base(VALID)
    reading.now()
    reading.base(INVALID)
    config, governing = reading.now()
    assert config.fail_on is Severity.WARNING
    (note,) = governing.notes
    assert f"@main:{PATH}:2`: unknown key" in note
    assert note.endswith("The last valid one applies in its stead.")


def test_it_outlives_the_process(reading: Reading) -> None:
    reading.base(VALID)
    reading.now()
    reading.base(INVALID)
    again = Reading(reading.it, reading.folder)
    assert again.now()[0].fail_on is Severity.WARNING


def test_without_a_last_valid_file_the_defaults_count(reading: Reading) -> None:
    reading.base(INVALID)
    config, governing = reading.now()
    assert config.fail_on is Severity.ERROR
    assert governing.notes[0].endswith("It does not apply.")


def test_a_file_that_was_deleted_no_longer_counts(reading: Reading) -> None:
    reading.base(VALID)
    reading.now()
    reading.base(None)
    config, governing = reading.now()
    assert (config.fail_on, governing.notes) == (Severity.ERROR, ())


def test_that_of_another_branch_does_not_count(reading: Reading) -> None:
    reading.base(VALID)
    reading.now()
    commit(reading.it.git_dir, "next", {PATH: INVALID}, parent=reading.it.pull.base_sha)
    reading.it.fake.edit_base(reading.it.pull, "next")
    assert reading.now()[0].fail_on is Severity.ERROR


def test_what_this_release_no_longer_takes_does_not_count(reading: Reading) -> None:
    """The file was valid for an earlier one."""
    slug, installation = reading.it.repository.full_name, reading.it.installation.id
    asyncio.run(reading.memory.keep_config(installation, slug, "main", "checks: {long-gone: off}\n"))
    reading.base(INVALID)
    assert reading.now()[1].layers == ()


def organisation(reading: Reading, content: str) -> None:
    """The owner's own repository."""
    it = reading.it
    built = build(reading.folder / "owner", {PATH: content}, {"x": "y"})
    it.fake.add_repository(it.owner, ".github", built.git_dir, "private")


def test_the_organisations_file_is_remembered_too(reading: Reading) -> None:
    organisation(reading, ENFORCED)
    assert reading.enforced() == {"user-not-numeric"}
    commit(reading.folder / "owner", "main", {PATH: ENFORCED + "moed: x\n"})
    again = Reading(reading.it, reading.folder)
    assert again.enforced() == {"user-not-numeric"}
    config, governing = again.now()
    assert config.choices.enforced == {"user-not-numeric"}
    assert "The last valid one applies" in governing.notes[0]


def test_without_an_organisations_file_nothing_is_enforced(reading: Reading) -> None:
    reading.base("checks: {user-not-numeric: error}\n")
    assert reading.enforced() == frozenset()
