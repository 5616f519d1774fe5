"""Which config counts where a file is not valid."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.config.combining import combine
from app.config.model import PATH, Config, Mode
from app.github import fetch
from app.github.errors import Unavailable
from app.governing import Configs, Governing
from checks.catalogue import catalogue
from checks.check import Severity
from tests.app import github_job, remembered
from tests.app.github_job import Ground, Stage, nothing_named
from tests.github.faults import bad_gateway
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

    def head(self, files: Mapping[str, str]) -> None:
        self.it.push(files)

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


def test_what_the_pull_request_leaves_invalid_is_told_with_its_lines(reading: Reading) -> None:
    reading.base(VALID)
    reading.head({PATH: INVALID})
    config, governing = reading.now()
    assert config.fail_on is Severity.WARNING
    assert [(one.path, one.line) for one in governing.broken] == [(PATH, 2)]
    (note,) = governing.notes
    assert note.startswith(f"`{PATH}:2`: unknown key")
    assert note.endswith("Merged so, it would not apply.")


def test_what_stood_there_before_is_not_the_pull_requests_fault(reading: Reading) -> None:
    reading.base(INVALID)
    reading.it.push({PATH: INVALID, "b.yml": "b: 1\n"})
    reading.it.pull.base_sha = commit(reading.it.git_dir, "main", {"c.yml": "c: 1\n"})
    reading.it.fake.push(
        reading.it.pull,
        commit(reading.it.git_dir, "change", {"d.yml": "d: 1\n"}, parent=reading.it.pull.base_sha),
    )
    assert reading.now()[1].broken == ()


def test_a_file_that_is_called_otherwise_is_told_where_it_comes(reading: Reading) -> None:
    reading.head({PATH.replace(".yml", ".yaml"): VALID})
    assert reading.now()[1].notes == (
        "`.github/tidewaiter.yaml` is not read: the config is called `.github/tidewaiter.yml`.",
    )


def other(reading: Reading, name: str, content: str, visibility: str = "private") -> None:
    """Another repository of the owner."""
    it = reading.it
    built = build(reading.folder / name.strip("."), {PATH: content}, {"x": "y"})
    it.fake.add_repository(it.owner, name, built.git_dir, visibility)


def organisation(reading: Reading, content: str) -> None:
    """The owner's own repository."""
    other(reading, ".github", content)


def test_the_organisations_file_is_remembered_too(reading: Reading) -> None:
    organisation(reading, ENFORCED)
    assert reading.enforced() == {"user-not-numeric"}
    commit(reading.folder / "github", "main", {PATH: ENFORCED + "moed: x\n"})
    again = Reading(reading.it, reading.folder)
    assert again.enforced() == {"user-not-numeric"}
    config, governing = again.now()
    assert config.choices.enforced == {"user-not-numeric"}
    assert "The last valid one applies" in governing.notes[0]


def test_a_file_extends_another_of_its_owner_and_no_further(reading: Reading) -> None:
    owner = reading.it.owner
    reading.base(f"extends: {owner}/platform\nmode: observe\n")
    other(reading, "platform", f"extends: {owner}/more\nfail-on: note\nmode: review\n")
    other(reading, "more", "comments: {per-check: 1}\n")
    config, governing = reading.now()
    assert (config.fail_on, config.mode, config.comments.per_check) == (Severity.NOTE, Mode.OBSERVE, 5)
    assert governing.notes == ()


def test_what_is_extended_and_not_there_is_told(reading: Reading) -> None:
    reading.base(f"extends: {reading.it.owner}/platform\n")
    assert reading.now()[1].notes == (
        f"The config extends `{reading.it.owner}/platform`, where we see no `{PATH}`.",
    )


SECRET = "checks: {the-secret: off}\n"


@pytest.mark.parametrize(
    ("here", "there", "shown"),
    [
        ("public", "private", False),
        ("internal", "private", False),
        ("private", "private", True),
        ("public", "public", True),
    ],
)
def test_what_is_wrong_in_a_private_repository_is_not_told_in_one_that_more_people_see(
    reading: Reading, here: str, there: str, shown: bool
) -> None:
    reading.it.repository.visibility = here
    other(reading, ".github", SECRET, there)
    (note,) = reading.now()[1].notes
    assert ("the-secret" in note) is shown
    assert shown or note == (
        "The organisation's config is not valid; more people see this than may see why. It does not apply."
    )


def test_nor_is_what_a_private_config_extends(reading: Reading) -> None:
    reading.it.repository.visibility = "public"
    organisation(reading, f"extends: {reading.it.owner}/platform\n")
    assert reading.now()[1].notes == (f"The config extends a repository, where we see no `{PATH}`.",)
    other(reading, "platform", SECRET)
    again = Reading(reading.it, reading.folder)
    assert again.now()[1].notes == (
        "The config that is extended is not valid; more people see this than may see why. It does not apply.",
    )


def test_a_config_that_github_does_not_hand_out_is_told_without_its_name(reading: Reading) -> None:
    owner = reading.it.owner
    organisation(reading, f"extends: {owner}/platform\n")
    other(reading, "platform", VALID)
    reading.it.fake.faults.on("GET", f"/repos/{owner}/platform*", 1, bad_gateway(), times=None)
    with pytest.raises(Unavailable, match=r"^A config of the owner can't be read now$"):
        reading.now()


def test_an_organisation_says_how_what_failed_ends(reading: Reading) -> None:
    def fails() -> bool:
        moment = datetime.datetime.now(datetime.UTC)
        configs = Configs(reading.it.app, CHECKS)
        it = reading.it
        return asyncio.run(configs.incomplete_fails(it.installation.id, it.repository.full_name, moment))

    assert not fails()
    organisation(reading, "incomplete: failure\n")
    assert fails()
    commit(
        reading.folder / "github",
        "main",
        {PATH: 'incomplete: failure\nrepositories: [{match: ["*"], incomplete: neutral}]\n'},
    )
    assert not fails()
    commit(reading.folder / "github", "main", {PATH: "incomplete: maybe\n"})
    assert not fails()


def test_without_an_organisations_file_nothing_is_enforced(reading: Reading) -> None:
    reading.base("checks: {user-not-numeric: error}\n")
    assert reading.enforced() == frozenset()
