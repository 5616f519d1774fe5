"""`tidewaiter simulate`: what it prints is what a review then posts, and itself it posts nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.__main__ import main
from app.report.plain import printable
from tests.app import serving
from tests.app.cargo import FIRST, README, SCAN_PATH, SECOND
from tests.app.serving import NUMBER, Proposal, World
from tests.github import faults

SETTINGS = (
    "TIDEWAITER_APP_ID",
    "TIDEWAITER_PRIVATE_KEY",
    "TIDEWAITER_WEBHOOK_SECRET",
    "TIDEWAITER_GITHUB_URL",
    "TIDEWAITER_STATE_DIR",
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with serving.world(tmp_path_factory.mktemp("simulate")) as made:
        yield made


@pytest.fixture
def environment(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SETTINGS:
        monkeypatch.setenv(name, world.site.environment[name])


pytestmark = pytest.mark.usefixtures("environment")


def address(it: Proposal) -> str:
    return f"https://github.com/{it.repository.full_name}/pull/{NUMBER}"


def simulated(it: Proposal, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["simulate", address(it)]) == 0
    return capsys.readouterr().out


def bodies(it: Proposal) -> list[str]:
    """Everything that stands on the pull request now, as people see it."""
    run = it.runs()[-1]
    notes = [part for one in run.annotations for part in (one.title, one.message, one.raw_details)]
    reviews = [one.body for one in it.fake.reviews(it.pull)]
    comments = [one.body for one in it.comments()]
    every = [run.title, run.summary, run.text, *notes, *reviews, *comments]
    return [printed for body in every if body and (printed := "\n".join(map(printable, body.splitlines())))]


def test_it_prints_what_a_review_then_posts(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    it = world.proposal(README, FIRST)
    printed = simulated(it, capsys)
    assert printed.startswith(f"{address(it)} at {it.pull.head_sha[:7]}: nothing was posted.\n")
    assert "check run: failure" in printed
    it.review("opened")
    assert {one.path for one in it.comments()} == set(FIRST)
    assert f" {len(it.comments())} review comments " in printed
    (sarif,) = it.sarifs()
    results = len(sarif.document["runs"][0]["results"])
    assert f"code scanning, where it is enabled: {results} results" in printed
    for body in bodies(it):
        assert body in printed


def test_a_repository_that_was_renamed(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """The address still leads there; GitHub makes no token for a name that is no longer its own."""
    it = world.proposal(README, FIRST)
    old = address(it)
    it.fake.rename(it.repository, "site")
    assert main(["simulate", old]) == 0
    assert capsys.readouterr().out.startswith(f"{address(it)} at ")


def test_it_writes_nothing(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    it = world.proposal(README, FIRST)
    before, asked = it.seen(), len(world.fake.log)
    simulated(it, capsys)
    assert it.seen() == before
    assert it.writes() == []
    written = {
        (one.method, one.path.rpartition("/")[2])
        for one in world.fake.log[asked:]
        if one.method not in {"GET", "HEAD"} and one.path != "/graphql"
    }
    assert written == {("POST", "access_tokens")}


def test_its_token_can_read_only(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    it = world.proposal(README, FIRST)
    simulated(it, capsys)
    tokens = [one for one in world.fake.hub.tokens.values() if one.installation is it.installation]
    assert tokens
    assert {level for one in tokens for level in one.permissions.values()} == {"read"}
    assert {one.repository_ids for one in tokens if "checks" in one.permissions} == {
        frozenset({it.repository.id})
    }


def test_what_stands_there_is_not_printed_again(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    it = world.proposal(README, FIRST)
    it.review("opened")
    kept = next(one for one in it.comments() if one.path == SCAN_PATH)
    it.fake.reply(kept, "rosa", "We had our reasons.")
    it.push(SECOND)
    printed = simulated(it, capsys)
    assert "1 review comment ─" in printed
    assert f"Comment {kept.id} would say:\nFixed in `{it.pull.head_sha[:7]}`." in printed
    gone = next(one for one in it.comments() if one.path == "Dockerfile")
    assert f"Comment {gone.id} would be deleted." in printed


def test_what_people_asked_to_ignore_is_known(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    it = world.proposal(README, FIRST)
    row = (it.installation.id, it.repository.id, NUMBER, "action-on-branch", "rosa", "we mirror it", 1.0)
    with sqlite3.connect(world.site.folder / "state/tidewaiter.db", timeout=20) as database:
        database.execute("insert into tidewaiter_ignore values (?, ?, ?, ?, ?, ?, ?)", row)
    printed = simulated(it, capsys)
    assert "we mirror it" in printed


def test_without_a_server_before_it(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIDEWAITER_STATE_DIR", str(tmp_path / "state"))
    assert " new findings" in simulated(world.proposal(README, FIRST), capsys)
    assert not (tmp_path / "state").exists()


def test_no_permission_for_code_scanning_is_said(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    it = world.proposal(README, FIRST)
    del it.installation.permissions["security_events"]
    assert "does not grant `security_events: write`" in simulated(it, capsys)


def test_what_steers_a_terminal_is_shown_as_an_escape(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    it = world.proposal(README, {"Dockerfile": 'FROM debian:13-slim\nENTRYPOINT serve "\x1b[2J\u202e"\n'})
    printed = simulated(it, capsys)
    assert "\x1b" not in printed
    assert "\u202e" not in printed


# What it can't do


@pytest.mark.parametrize(
    "given",
    ["acme/web#7", "https://github.com/acme/web", "https://github.com/acme/web/issues/7",
     "https://github.com/acme/../pull/7/x y/pull/", "ftp://github.com/acme/web/pull/7"],
)  # fmt: skip
def test_what_is_no_pull_request(given: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", given]) == 2
    assert given in capsys.readouterr().err


def test_a_repository_without_the_app(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "https://github.com/zulu/nothing/pull/1"]) == 2
    said = (
        "tidewaiter simulate: zulu/nothing: the App is not installed there, or there is no such repository\n"
    )
    assert capsys.readouterr().err == said


def test_a_pull_request_that_is_not_there(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    it = world.proposal(README, FIRST)
    assert main(["simulate", address(it).replace("/pull/7", "/pull/8")]) == 2
    assert "there is no such pull request" in capsys.readouterr().err


def test_a_pull_request_of_another_github(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    it = world.proposal(README, FIRST)
    assert main(["simulate", address(it).replace("github.com", "git.acme.example")]) == 2
    assert "TIDEWAITER_GITHUB_URL is another GitHub's" in capsys.readouterr().err


def test_a_longer_address_will_do(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    it = world.proposal(README, FIRST)
    assert main(["simulate", f"{address(it)}/files#diff-1"]) == 0
    assert " new findings" in capsys.readouterr().out


def test_where_github_fails(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    it = world.proposal(README, FIRST)
    it.on("GET", f"pulls/{NUMBER}", faults.bad_gateway(), times=None)
    assert main(["simulate", address(it)]) == 2
    assert "502" in capsys.readouterr().err


def test_without_an_app(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name in SETTINGS[:3]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TIDEWAITER_STATE_DIR", str(tmp_path))
    assert main(["simulate", "https://github.com/acme/web/pull/7"]) == 2
    assert "TIDEWAITER_APP_ID: not set" in capsys.readouterr().err
