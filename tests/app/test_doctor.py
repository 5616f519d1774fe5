"""`tidewaiter doctor`: each thing that can be wrong, and what it says to do."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from app.__main__ import main
from app.credentials import Credentials
from app.diagnosis import Diagnosis, Health
from app.doctor import diagnoses
from app.ledger import Ledger
from app.manifest import TO_COMMIT, manifest
from app.settings import Settings
from app.statedir import database_url
from tests.github.call import Reply
from tests.github.fake import FakeGitHub
from tests.github.faults import Fault, bad_gateway
from tests.github.repositories import build
from tests.github.state import Repository

PUBLIC = "https://tidewaiter.acme.example"


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeGitHub]:
    """A GitHub on which nothing is wrong."""
    with FakeGitHub() as github:
        github.hub.permissions = dict(manifest().permissions)
        github.hub.events = tuple(sorted(manifest().events))
        github.webhook_url = f"{PUBLIC}/webhook"
        git = build(tmp_path / "git", {"Dockerfile": "FROM scratch\n"}, {}).git_dir
        github.add_repository("acme", "web", git)
        github.add_repository("acme", ".github", git)
        yield github


def settings(fake: FakeGitHub, folder: Path) -> Settings:
    credentials = Credentials(fake.app_id, fake.private_key, (fake.webhook_secret,))
    return Settings(credentials, folder / "state", fake.url, PUBLIC)


def looked(given: Settings) -> list[Diagnosis]:
    async def look() -> list[Diagnosis]:
        return [diagnosis async for diagnosis in diagnoses(given)]

    return asyncio.run(look())


def wrong(found: list[Diagnosis]) -> list[tuple[str, str, str]]:
    return [(it.what, it.said, it.todo) for it in found if it.health is Health.WRONG]


def only(fake: FakeGitHub, folder: Path) -> tuple[str, str, str]:
    (it,) = wrong(looked(settings(fake, folder)))
    return it


def unknown(fake: FakeGitHub, folder: Path) -> str:
    found = looked(settings(fake, folder))
    assert not wrong(found)
    return "".join(str(it) for it in found if it.health is Health.UNKNOWN)


def dot_github(fake: FakeGitHub) -> Repository:
    found = fake.hub.repository("acme", ".github")
    assert found
    return found


def test_where_nothing_is_wrong(fake: FakeGitHub, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    Ledger(database_url(tmp_path / "state")).close()
    found = looked(settings(fake, tmp_path))
    assert not wrong(found)
    said = "".join(map(str, found))
    for words in (
        f"SQLite in {tmp_path}/state answers",
        f"{fake.url} answers, API version 2022-11-28",
        "s ahead of GitHub's",
        f"tidewaiter (id {fake.app_id}), and the key is its own",
        "asks for what it needs",
        "subscribed to what it handles",
        f"GitHub sends to {PUBLIC}/webhook",
        "acme/.github is in the installation",
    ):
        assert words in said, words


def test_it_changes_nothing(fake: FakeGitHub, tmp_path: Path) -> None:
    looked(settings(fake, tmp_path))
    assert {one.method for one in fake.log if not one.path.endswith("/access_tokens")} == {"GET"}
    assert not (tmp_path / "state").exists()


def test_it_leaves_no_table_behind(fake: FakeGitHub, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    database = tmp_path / "state/tidewaiter.db"
    database.touch()
    assert f"SQLite in {tmp_path}/state answers" in "".join(map(str, looked(settings(fake, tmp_path))))
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("select name from sqlite_master").fetchall() == []


def test_no_secret_is_shown(fake: FakeGitHub, tmp_path: Path) -> None:
    given = replace(settings(fake, tmp_path), database_url="postgresql://bob:letmein@127.0.0.1:1/none")
    said = "".join(map(str, looked(given)))
    for secret in ("letmein", fake.webhook_secret, "PRIVATE KEY-----"):
        assert secret not in said


# Each thing that can be wrong


def test_no_app(fake: FakeGitHub, tmp_path: Path) -> None:
    found = wrong(looked(replace(settings(fake, tmp_path), credentials=None)))
    assert [(what, said) for what, said, _ in found] == [
        ("App", "none is registered: no credentials are set or kept")
    ]


def test_a_key_of_another_app(fake: FakeGitHub, tmp_path: Path) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    given = settings(fake, tmp_path)
    given = replace(given, credentials=Credentials(fake.app_id, other.decode(), ("hush",)))
    ((what, said, todo),) = wrong(looked(given))
    assert what == "App"
    assert said.startswith("GitHub does not take the private key")
    assert f"the App {fake.app_id}" in todo


def test_an_app_that_this_github_does_not_have(fake: FakeGitHub, tmp_path: Path) -> None:
    given = replace(settings(fake, tmp_path), credentials=Credentials(9, fake.private_key, ("hush",)))
    ((what, said, todo),) = wrong(looked(given))
    assert (what, said) == ("App", "this GitHub has no App with the id 9")
    assert "TIDEWAITER_APP_ID" in todo


@pytest.mark.parametrize(("seconds", "way"), [(-3600, "ahead of"), (3600, "behind")])
def test_a_clock_that_is_an_hour_off(fake: FakeGitHub, tmp_path: Path, seconds: int, way: str) -> None:
    fake.hub.clock.advance(seconds)
    what, said, todo = only(fake, tmp_path)
    assert what == "clock"
    assert f"s {way} GitHub's" in said
    assert "NTP" in todo


def test_a_clock_that_is_half_a_minute_off(fake: FakeGitHub, tmp_path: Path) -> None:
    fake.hub.clock.advance(30)
    assert not wrong(looked(settings(fake, tmp_path)))


def test_no_github(fake: FakeGitHub, tmp_path: Path) -> None:
    given = replace(settings(fake, tmp_path), github_url="http://127.0.0.1:1")
    found = wrong(looked(given))
    assert [what for what, _, _ in found] == ["GitHub", "App"]
    assert "HTTPS_PROXY" in found[0][2]


def test_an_address_that_is_not_the_api(fake: FakeGitHub, tmp_path: Path) -> None:
    given = replace(settings(fake, tmp_path), github_url=f"{fake.url}/elsewhere")
    found = wrong(looked(given))
    assert found[0][0] == "GitHub"
    assert "/api/v3" in found[0][2]
    fake.forgive()


def test_github_enterprise_server(fake: FakeGitHub, tmp_path: Path) -> None:
    fake.hub.enterprise = "3.17.2"
    found = looked(replace(settings(fake, tmp_path), github_url=f"{fake.url}/api/v3"))
    assert not wrong(found)
    assert "(GitHub Enterprise Server 3.17.2) answers, API version 2022-11-28" in "".join(map(str, found))


def test_an_api_of_other_versions(fake: FakeGitHub, tmp_path: Path) -> None:
    fake.faults.on("GET", "/versions", 1, Fault(reply=Reply(["2031-01-01"])))
    what, said, _ = only(fake, tmp_path)
    assert (what, said) == ("GitHub", f"{fake.url} has the API versions 2031-01-01, not 2022-11-28")


@pytest.mark.parametrize("name", ["checks", "pull_requests"])
def test_a_permission_that_the_app_does_not_ask_for(fake: FakeGitHub, tmp_path: Path, name: str) -> None:
    fake.hub.permissions[name] = "read"
    what, said, todo = only(fake, tmp_path)
    assert (what, said) == ("permissions", f"`{name}: write` is not asked for")
    assert "/organizations/tidewaiter-makers/settings/apps/tidewaiter/permissions" in todo


def test_a_permission_that_an_owner_has_not_granted(fake: FakeGitHub, tmp_path: Path) -> None:
    installation = fake.installation("acme")
    assert installation
    del installation.permissions["checks"]
    what, said, todo = only(fake, tmp_path)
    assert (what, said) == ("installations", "acme has not granted `checks: write`")
    assert f"/settings/installations/{installation.id}" in todo


def test_committing_that_an_owner_has_not_granted(fake: FakeGitHub, tmp_path: Path) -> None:
    fake.hub.permissions |= TO_COMMIT
    _, said, _ = only(fake, tmp_path)
    assert said == "acme has not granted `contents: write`, `workflows: write`"


def test_what_is_done_without_is_not_wrong(fake: FakeGitHub, tmp_path: Path) -> None:
    del fake.hub.permissions["security_events"]
    assert "`security_events: write` is not asked for" in unknown(fake, tmp_path)


def test_what_is_never_used_is_said(fake: FakeGitHub, tmp_path: Path) -> None:
    fake.hub.permissions |= {"administration": "write", "checks": "admin"}
    assert "`checks: admin`, `administration: write`: asked for, and never used" in unknown(fake, tmp_path)


def test_an_event_that_is_not_subscribed_to(fake: FakeGitHub, tmp_path: Path) -> None:
    fake.hub.events = tuple(event for event in fake.hub.events if event != "issue_comment")
    what, said, _ = only(fake, tmp_path)
    assert (what, said) == ("events", "not subscribed to `issue_comment`")


@pytest.mark.parametrize("url", ["https://elsewhere.example/webhook", f"{PUBLIC}/hook"])
def test_a_webhook_that_goes_elsewhere(fake: FakeGitHub, tmp_path: Path, url: str) -> None:
    fake.webhook_url = url
    what, said, _ = only(fake, tmp_path)
    assert (what, said) == ("webhook", f"GitHub sends to {url}, not to {PUBLIC}/webhook")


def test_a_webhook_that_github_cannot_reach(fake: FakeGitHub, tmp_path: Path) -> None:
    fake.webhook_url = "http://localhost:8080/webhook"
    found = looked(replace(settings(fake, tmp_path), public_url=None))
    assert [(what, said) for what, said, _ in wrong(found)] == [
        ("webhook", "GitHub can't send to http://localhost:8080/webhook")
    ]
    assert "TIDEWAITER_PUBLIC_URL is not set" in "".join(map(str, found))


@pytest.mark.parametrize(
    ("changed", "what", "said"),
    [
        ({"content_type": "form"}, "webhook", "its content type is not application/json"),
        ({"insecure_ssl": "1"}, "webhook", "GitHub does not verify the certificate when it sends"),
        ({"secret": None}, "secret", "the webhook has none, so that every delivery is refused"),
    ],
)
def test_a_webhook_that_is_set_up_wrongly(
    fake: FakeGitHub, tmp_path: Path, changed: dict[str, str | None], what: str, said: str
) -> None:
    fake.hub.hook_config |= changed
    assert only(fake, tmp_path)[:2] == (what, said)


def test_nothing_delivered_yet(fake: FakeGitHub, tmp_path: Path) -> None:
    assert "GitHub has sent none in the last days" in unknown(fake, tmp_path)


@pytest.mark.parametrize(
    ("status", "what", "todo"),
    [
        (401, "secret", "TIDEWAITER_WEBHOOK_SECRET have to be the same"),
        (0, "deliveries", "DNS, firewall, certificate"),
        (502, "deliveries", "/settings/apps/tidewaiter/advanced"),
    ],
)
def test_the_last_delivery_failed(
    fake: FakeGitHub, tmp_path: Path, status: int, what: str, todo: str
) -> None:
    delivered(fake, 202)
    delivered(fake, status)
    found = only(fake, tmp_path)
    assert found[0] == what
    assert f"was answered with {status}" in found[1]
    assert todo in found[2]


def delivered(fake: FakeGitHub, status: int, guid: str | None = None) -> None:
    """A delivery that stands in GitHub's log; nobody is sent anything."""
    fake.webhook_url = "http://127.0.0.1:1/webhook"
    one = fake.deliver("ping", {"zen": "Design for failure."}, guid=guid)
    fake.hub.deliveries[one.id] = replace(one, status_code=status, status="OK" if status == 202 else "failed")
    fake.webhook_url = f"{PUBLIC}/webhook"


def test_the_last_delivery_went_well(fake: FakeGitHub, tmp_path: Path) -> None:
    delivered(fake, 401)
    delivered(fake, 202)
    found = looked(settings(fake, tmp_path))
    assert not wrong(found)
    assert "GitHub reaches the server, and the secret is right" in "".join(map(str, found))


def test_earlier_deliveries_that_did_not_come_through(fake: FakeGitHub, tmp_path: Path) -> None:
    for status in (502, 0, 202):
        delivered(fake, status)
    assert "of the last 3, 2 did not come through" in unknown(fake, tmp_path)


def test_a_delivery_that_came_through_when_it_was_sent_again(fake: FakeGitHub, tmp_path: Path) -> None:
    delivered(fake, 502)
    delivered(fake, 202, guid=fake.deliveries()[0].guid)
    assert "did not come through" not in unknown(fake, tmp_path)


def test_installed_nowhere(fake: FakeGitHub, tmp_path: Path) -> None:
    fake.hub.installations.clear()
    what, said, todo = only(fake, tmp_path)
    assert (what, said) == ("installations", "the App is installed nowhere")
    assert todo.endswith("/apps/tidewaiter/installations/new")


def test_suspended(fake: FakeGitHub, tmp_path: Path) -> None:
    installation = fake.installation("acme")
    assert installation
    installation.suspended = True
    assert "acme suspended it" in unknown(fake, tmp_path)


def test_a_config_repository_that_is_not_in_the_installation(fake: FakeGitHub, tmp_path: Path) -> None:
    left_out = dot_github(fake)
    assert left_out.installation
    left_out.installation.repository_ids.discard(left_out.id)
    left_out.installation, left_out.visibility = None, "public"
    what, said, todo = only(fake, tmp_path)
    assert (what, said) == (
        ".github",
        "acme/.github is not in the installation: its config counts for nothing",
    )
    assert "/settings/installations/" in todo


@pytest.mark.parametrize("there_is_one", [False, True])
def test_a_config_repository_that_we_cannot_see(fake: FakeGitHub, tmp_path: Path, there_is_one: bool) -> None:
    """A private one that is not in the installation looks as if there were none."""
    left_out = dot_github(fake)
    assert left_out.installation
    left_out.installation.repository_ids.discard(left_out.id)
    left_out.installation = None
    if not there_is_one:
        del fake.hub.repositories["acme/.github"]
    assert "acme/.github is not in the installation, or there is none" in unknown(fake, tmp_path)


def test_no_database(fake: FakeGitHub, tmp_path: Path) -> None:
    given = replace(settings(fake, tmp_path), database_url="postgresql://bob:letmein@127.0.0.1:1/none")
    ((what, said, todo),) = wrong(looked(given))
    assert what == "database"
    assert said.startswith("PostgreSQL: connection failed")
    assert todo.startswith("Check TIDEWAITER_DATABASE_URL")


def test_a_state_directory_that_cannot_be_used(fake: FakeGitHub, tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    what, _, todo = only(fake, tmp_path)
    assert (what, todo) == ("database", "Check TIDEWAITER_STATE_DIR.")


def test_a_database_that_is_none(fake: FakeGitHub, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state/tidewaiter.db").write_text(
        "not a database, but long enough to be looked at as one" * 30
    )
    what, said, _ = only(fake, tmp_path)
    assert what == "database"
    assert "file is not a database" in said


def test_why_there_is_no_connection(fake: FakeGitHub, tmp_path: Path) -> None:
    """GitHub Enterprise Server often has a certificate that only its company knows."""
    given = replace(settings(fake, tmp_path), github_url=fake.url.replace("http:", "https:"))
    found = wrong(looked(given))
    assert found[0][0] == "GitHub"
    assert "SSL" in found[0][1]
    assert "SSL_CERT_FILE" in found[0][2]


def test_github_that_fails_in_the_middle(fake: FakeGitHub, tmp_path: Path) -> None:
    fake.faults.on("GET", "/app/hook/config", 1, bad_gateway(), times=None)
    what, said, _ = only(fake, tmp_path)
    assert what == "webhook"
    assert "502" in said


# The command


def test_the_exit_status(
    fake: FakeGitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    values = {
        "APP_ID": str(fake.app_id),
        "PRIVATE_KEY": fake.private_key,
        "WEBHOOK_SECRET": fake.webhook_secret,
        "GITHUB_URL": fake.url,
        "PUBLIC_URL": PUBLIC,
        "STATE_DIR": str(tmp_path / "state"),
    }
    for name, value in values.items():
        monkeypatch.setenv(f"TIDEWAITER_{name}", value)
    assert main(["doctor"]) == 0
    assert "wrong" not in capsys.readouterr().out
    fake.hub.events = ()
    assert main(["doctor"]) == 1
    assert "\nwrong events        not subscribed to `check_run`" in capsys.readouterr().out
    monkeypatch.setenv("TIDEWAITER_WEBHOOK_SECRET", "")
    assert main(["doctor"]) == 1
    assert capsys.readouterr().err.startswith("TIDEWAITER_WEBHOOK_SECRET: not set")
