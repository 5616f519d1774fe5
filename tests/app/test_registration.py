"""`/setup`: whom it lets in, what it asks GitHub for, and what is there afterwards."""

from __future__ import annotations

import asyncio
import html
import json
import re
import signal
import socket
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from app.credentials import Credentials, NotCredentials, keep, kept
from app.github.conversion import Registered, converted
from app.github.errors import NotFound, Unavailable
from app.github.site import site_of
from app.manifest import TO_COMMIT, manifest
from app.registration import LARGEST_FORM, STATE_SECONDS, Registration
from app.server import setup_application
from app.settings import BadSetting, settings_from
from tests.app.site import Site, until
from tests.app.test_settings import KEY
from tests.github.fake import FakeGitHub

SITE = "https://github.example"
PUBLIC = "https://tidewaiter.example"
GIVEN = Credentials(7, KEY, ("hush-hush",))


@dataclass
class Desk:
    """The page in this process, before a GitHub that gives out credentials or raises."""

    public_url: str | None = PUBLIC
    failure: Exception | None = None
    codes: list[str] = field(default_factory=list)
    stored: list[Credentials] = field(default_factory=list)
    now: float = 0.0
    finished: int = 0

    def __post_init__(self) -> None:
        self.registration = Registration(
            SITE, self.public_url, self.convert, self.keep, clock=lambda: self.now
        )
        self.web = setup_application(self.registration.routes(self.finish))
        invitation = self.registration.invitation("http://127.0.0.1:1")
        self.token = invitation.strip().partition("token=")[2]

    async def convert(self, code: str) -> Registered:
        self.codes.append(code)
        if isinstance(self.failure, (NotFound, Unavailable)):
            raise self.failure
        return Registered(GIVEN, "Tidewaiter acme", f"{SITE}/apps/tidewaiter-acme")

    def keep(self, credentials: Credentials) -> None:
        if isinstance(self.failure, OSError):
            raise self.failure
        self.stored.append(credentials)

    def finish(self) -> None:
        self.finished += 1

    def request(self, method: str, path: str, **sent: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.web)
            async with httpx.AsyncClient(transport=transport, base_url=PUBLIC) as client:
                return await client.request(method, path, **sent)

        return asyncio.run(ask())

    def get(self, **query: str) -> httpx.Response:
        return self.request("GET", "/setup", params=query)

    def choose(self, **fields: str) -> httpx.Response:
        return self.request("POST", "/setup", data={"token": self.token, **fields})

    def state(self, **fields: str) -> str:
        (state,) = parse_qs(urlsplit(action(self.choose(**fields))).query)["state"]
        return state


def action(page: httpx.Response) -> str:
    (address,) = re.findall(r'<form method="post" action="([^"]+)"', page.text)
    return html.unescape(address)


def asked(page: httpx.Response) -> dict[str, Any]:
    (value,) = re.findall(r'name="manifest" value="([^"]+)"', page.text)
    found: dict[str, Any] = json.loads(html.unescape(value))
    return found


def test_the_page_asks_for_the_token_and_tells_nothing_without_it() -> None:
    desk = Desk()
    page = desk.get()
    assert page.status_code == 200
    assert 'name="token" type="password"' in page.text
    assert desk.token not in page.text
    assert desk.get(token="guessed").status_code == 403
    assert desk.token in desk.get(token=desk.token).text


@pytest.mark.parametrize("token", ["", "guessed", "é" * 43])
def test_no_manifest_without_the_token(token: str) -> None:
    desk = Desk()
    page = desk.choose(token=token)
    assert page.status_code == 403
    assert "manifest" not in page.text


def test_each_start_has_a_token_of_its_own() -> None:
    assert len({Desk().token for _ in range(20)}) == 20


def test_the_own_account() -> None:
    desk = Desk()
    page = desk.choose()
    assert action(page).startswith(f"{SITE}/settings/apps/new?state=")
    made = asked(page)
    assert made["hook_attributes"] == {"url": f"{PUBLIC}/webhook", "active": True}
    assert made["redirect_url"] == f"{PUBLIC}/setup"
    assert made["default_permissions"] == manifest().permissions
    assert set(made["default_events"]) == manifest().events
    assert made["public"] is False


def test_an_organisation_that_lets_it_commit() -> None:
    page = Desk().choose(owner="acme-of-the-long-and-winding-road", commits="1")
    assert "/organizations/acme-of-the-long-and-winding-road/settings/apps/new?state=" in action(page)
    made = asked(page)
    assert made["name"] == "Tidewaiter acme-of-the-long-and-wi"
    assert made["default_permissions"] == {**manifest().permissions, **TO_COMMIT}


@pytest.mark.parametrize("owner", ["../settings", "a/b", "a b", 'a"><script>', "é"])
def test_what_is_no_name_of_an_organisation(owner: str) -> None:
    page = Desk().choose(owner=owner)
    assert page.status_code == 400
    assert owner not in page.text


def test_a_form_that_is_too_large() -> None:
    assert Desk().choose(owner="a" * LARGEST_FORM).status_code == 403


def test_an_app_comes_of_the_code() -> None:
    desk = Desk()
    page = desk.get(code="abc", state=desk.state())
    assert page.status_code == 200
    assert f"{SITE}/apps/tidewaiter-acme/installations/new" in page.text
    assert (desk.codes, desk.stored, desk.finished) == (["abc"], [GIVEN], 1)
    for secret in (*GIVEN.webhook_secrets, "PRIVATE KEY"):
        assert secret not in page.text


def test_it_is_closed_afterwards() -> None:
    desk = Desk()
    state = desk.state()
    desk.get(code="abc", state=state)
    for page in (desk.get(), desk.get(token=desk.token), desk.get(code="abc", state=state), desk.choose()):
        assert page.status_code == 404
    assert desk.codes == ["abc"]


@pytest.mark.parametrize("state", ["", "guessed", "é"])
def test_a_state_of_somebody_else(state: str) -> None:
    desk = Desk()
    desk.state()
    assert desk.get(code="abc", state=state).status_code == 403
    assert desk.codes == []


def test_a_state_before_there_was_one() -> None:
    assert Desk().get(code="abc", state="").status_code == 403


def test_a_guessed_state_does_not_spend_the_right_one() -> None:
    desk = Desk()
    state = desk.state()
    assert desk.get(code="abc", state="guessed").status_code == 403
    assert desk.get(code="abc", state=state).status_code == 200


def test_a_page_that_is_loaded_again_once_github_answers() -> None:
    desk = Desk(failure=Unavailable("POST /app-manifests: 502"))
    state = desk.state()
    assert "Load this page again" in desk.get(code="abc", state=state).text
    desk.failure = None
    assert desk.get(code="abc", state=state).status_code == 200
    assert desk.stored == [GIVEN]


def test_a_state_counts_once_and_for_an_hour() -> None:
    desk = Desk(failure=NotFound("POST /app-manifests/abc/conversions: 404 Not Found"))
    state = desk.state()
    assert desk.get(code="abc", state=state).status_code == 502
    assert desk.get(code="abc", state=state).status_code == 403
    late = desk.state()
    desk.now += STATE_SECONDS + 1
    assert desk.get(code="abc", state=late).status_code == 403
    assert desk.codes == ["abc"]


def test_a_code_that_github_does_not_know() -> None:
    desk = Desk(failure=NotFound("POST /app-manifests/abc/conversions: 404 Not Found"))
    page = desk.get(code="abc", state=desk.state())
    assert page.status_code == 502
    assert "404 Not Found" in page.text
    assert desk.finished == 0


def test_credentials_that_cannot_be_kept() -> None:
    desk = Desk(failure=OSError(28, "No space left on device"))
    page = desk.get(code="abc", state=desk.state())
    assert page.status_code == 500
    assert "No space left on device" in page.text
    assert "delete the App there" in page.text
    assert desk.finished == 0


def test_without_an_address_it_says_so() -> None:
    desk = Desk(public_url=None)
    assert "TIDEWAITER_PUBLIC_URL: not set" in desk.get().text
    assert "TIDEWAITER_PUBLIC_URL: not set" in desk.registration.invitation("http://127.0.0.1:1")
    assert desk.choose().status_code == 404
    assert desk.get(code="abc", state="x").status_code == 200
    assert desk.codes == []


def test_nothing_runs_is_kept_or_told_on() -> None:
    desk = Desk()
    for page, forms_to in ((desk.get(), "'self'"), (desk.choose(), SITE)):
        assert f"form-action {forms_to};" in page.headers["content-security-policy"]
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("api", "site"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://api.octocorp.ghe.com", "https://octocorp.ghe.com"),
        ("https://git.acme.example/api/v3", "https://git.acme.example"),
        ("https://api.acme.example:8443/api/v3", "https://api.acme.example:8443"),
    ],
)
def test_the_site_of_an_api(api: str, site: str) -> None:
    assert site_of(api) == site


# The file


def test_what_is_kept_is_read_again_by_the_owner_alone(tmp_path: Path) -> None:
    path = keep(tmp_path, GIVEN)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert kept(tmp_path) == GIVEN
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
    settings = settings_from({"TIDEWAITER_STATE_DIR": str(tmp_path)})
    assert settings.credentials == GIVEN


def test_what_is_kept_is_never_replaced(tmp_path: Path) -> None:
    keep(tmp_path, GIVEN)
    with pytest.raises(FileExistsError):
        keep(tmp_path, Credentials(8, KEY, ("other",)))
    assert kept(tmp_path) == GIVEN


def test_what_an_earlier_try_left_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "credentials.json.new").write_text("{")
    keep(tmp_path, GIVEN)
    assert kept(tmp_path) == GIVEN


def test_the_environment_counts_more(tmp_path: Path) -> None:
    keep(tmp_path, GIVEN)
    given = {
        "TIDEWAITER_STATE_DIR": str(tmp_path),
        "TIDEWAITER_APP_ID": "9",
        "TIDEWAITER_PRIVATE_KEY": KEY,
        "TIDEWAITER_WEBHOOK_SECRET": "other",
    }
    assert settings_from(given).credentials == Credentials(9, KEY, ("other",))


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"app_id": 1, "private_key": "x", "webhook_secrets": ["a"]}',
     json.dumps({"app_id": 1, "private_key": KEY, "webhook_secrets": [""]})],
)  # fmt: skip
def test_a_file_that_something_else_wrote(tmp_path: Path, content: str) -> None:
    (tmp_path / "credentials.json").write_text(content)
    with pytest.raises(NotCredentials, match="not what /setup writes"):
        kept(tmp_path)
    with pytest.raises(
        BadSetting, match=r"^TIDEWAITER_STATE_DIR: .*credentials.json: not what /setup writes"
    ):
        settings_from({"TIDEWAITER_STATE_DIR": str(tmp_path)})


# GitHub's side


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeGitHub]:
    with FakeGitHub() as github:
        yield github


def test_a_code_works_once(fake: FakeGitHub) -> None:
    code = fake.take_manifest(manifest().of(PUBLIC, "", commits=False))
    registered = asyncio.run(converted(fake.url, code))
    assert registered.credentials == Credentials(fake.app_id, fake.private_key, (fake.webhook_secret,))
    with pytest.raises(NotFound):
        asyncio.run(converted(fake.url, code))
    assert {entry.bearer for entry in fake.requests("POST", "/app-manifests/*")} == {""}


@pytest.mark.parametrize("commits", [False, True])
def test_github_takes_the_manifest(fake: FakeGitHub, commits: bool) -> None:
    fake.take_manifest(manifest().of(PUBLIC, "acme", commits=commits))


# The whole way, in a process of its own


@pytest.mark.parametrize("root", ["", "/api/v3"])
def test_from_nothing_to_the_app_without_a_restart(site: Site, fake: FakeGitHub, root: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    site.command = [str(Path(sys.executable).with_name("tidewaiter")), "serve"]
    site.environment = {
        "PATH": site.environment["PATH"],
        "TIDEWAITER_STATE_DIR": str(site.folder / "state"),
        "TIDEWAITER_PORT": str(port),
        "TIDEWAITER_METRICS_PORT": "0",
        "TIDEWAITER_PUBLIC_URL": base,
        "TIDEWAITER_GITHUB_URL": f"{fake.url}{root}",
    }
    site.start()
    (address,) = re.findall(rf"{base}/setup\?token=\S+", site.log.read_text())
    for path in ("/readyz", "/checks"):
        assert httpx.get(base + path).status_code == 404
    assert httpx.post(f"{base}/webhook").status_code == 404
    assert httpx.get(f"{base}/healthz").status_code == 200
    assert httpx.get(address).status_code == 200
    page = httpx.post(f"{base}/setup", data={"token": address.partition("token=")[2], "owner": "acme"})
    assert action(page).startswith(f"{fake.url}/organizations/acme/settings/apps/new?state=")
    code = fake.take_manifest(asked(page))
    state = action(page).partition("state=")[2]
    assert httpx.get(f"{base}/setup", params={"code": code, "state": state}).status_code == 200
    until(lambda: answers(f"{base}/readyz"))
    assert httpx.get(f"{base}/setup", params={"code": code, "state": state}).status_code == 404
    fake.webhook_url = f"{base}/webhook"
    assert fake.deliver("ping", {"zen": "Keep it logically awesome."}).status_code == 202
    kept_file = site.folder / "state/credentials.json"
    assert stat.S_IMODE(kept_file.stat().st_mode) == 0o600
    assert "PRIVATE KEY" not in site.log.read_text()
    readable = {path.name: stat.S_IMODE(path.stat().st_mode) for path in kept_file.parent.iterdir()}
    assert set(readable.values()) == {0o600}, readable
    assert site.end(signal.SIGTERM) == 0
    site.start()
    assert httpx.get(f"{base}/setup").status_code == 404
    assert "token=" not in site.log.read_text()
    assert site.end(signal.SIGTERM) == 0


def answers(address: str) -> bool:
    try:
        return httpx.get(address).status_code == 200
    except httpx.TransportError:
        return False


def test_ended_before_there_is_an_app(site: Site) -> None:
    site.command = [str(Path(sys.executable).with_name("tidewaiter")), "serve"]
    site.environment = {
        name: value
        for name, value in site.environment.items()
        if name in {"PATH", "TIDEWAITER_STATE_DIR", "TIDEWAITER_PORT", "TIDEWAITER_METRICS_PORT"}
    }
    site.start()
    assert "TIDEWAITER_PUBLIC_URL: not set" in site.log.read_text()
    assert httpx.get(f"http://127.0.0.1:{site.logged('listening')}/setup").status_code == 200
    assert site.end(signal.SIGTERM) == 0


def test_where_nothing_can_be_kept_it_does_not_begin(site: Site) -> None:
    (site.folder / "state").touch()
    site.command = [str(Path(sys.executable).with_name("tidewaiter")), "serve"]
    site.environment = {"PATH": site.environment["PATH"], "TIDEWAITER_STATE_DIR": str(site.folder / "state")}
    process = site.process(site.log)
    assert process.wait(20) == 2
    assert site.log.read_text().startswith("TIDEWAITER_STATE_DIR: ")
    assert site.log.read_text().count("\n") == 1
