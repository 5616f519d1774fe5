"""`tidewaiter doctor`: what keeps the App from working, and what to do about it. Reads, and changes nothing."""

from __future__ import annotations

import asyncio
import datetime
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from app.database import NoDatabase, try_out
from app.diagnosis import Diagnosis, fine, unknown, wrong
from app.github.answer import Answer
from app.github.client import API_VERSION, App, Client
from app.github.deliveries import came_through
from app.github.errors import GitHubError, NotFound, Unauthorized
from app.github.site import site_of
from app.granted import events, installations, permissions
from app.settings import Settings
from app.statedir import FILE, database_url

MOST_OFF = 60.0
"""Seconds that our clock may differ from GitHub's: a token is dated back by as many, and GitHub refuses one
from the future. https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app"""
LATEST = 100
"""Deliveries that are looked at."""
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


async def diagnoses(settings: Settings) -> AsyncIterator[Diagnosis]:
    """Everything that can be looked at, in the order in which one thing needs the other."""
    yield await asyncio.to_thread(_database, settings)
    async with App("", "", settings.github_url).client() as nobody:
        async for diagnosis in _github(nobody, settings.github_url):
            yield diagnosis
    if settings.credentials is None:
        todo = "Run `tidewaiter serve` and open the address that it prints, or set them."
        yield wrong("App", "none is registered: no credentials are set or kept", todo)
        return
    app = App(str(settings.credentials.app_id), settings.credentials.private_key, settings.github_url)
    async with app.client() as client:
        try:
            about = await client.get("/app")
        except GitHubError as error:
            yield _refused(error, settings.credentials.app_id)
            return
        async for diagnosis in _app(client, about, settings):
            yield diagnosis


async def _app(client: Client, about: Answer, settings: Settings) -> AsyncIterator[Diagnosis]:
    yield fine("App", f"{about['slug'].text()} (id {about['id'].number()}), and the key is its own")
    page = _settings_page(about, settings.github_url)
    for diagnosis in (*permissions(about, page), events(about, page)):
        yield diagnosis
    async for diagnosis in _reporting(_webhook(client, settings, page), "webhook"):
        yield diagnosis
    async for diagnosis in _reporting(installations(client, about), "installations"):
        yield diagnosis


async def _reporting(looks: AsyncIterator[Diagnosis], what: str) -> AsyncIterator[Diagnosis]:
    """The diagnoses, and a last one where GitHub refuses to let us look further."""
    try:
        async for diagnosis in looks:
            yield diagnosis
    except GitHubError as error:
        yield wrong(what, f"can't be looked at: {error}", "Try again; GitHub's own status page may say more.")


# The database


def _database(settings: Settings) -> Diagnosis:
    if settings.database_url is not None:
        todo = "Check TIDEWAITER_DATABASE_URL; its user has to be the database's owner."
        return _tried(settings.database_url, "PostgreSQL", todo)
    folder = settings.state_dir
    where = f"SQLite in {folder}"
    if folder.exists() and not (folder.is_dir() and os.access(folder, os.R_OK | os.W_OK | os.X_OK)):
        return wrong("database", f"{where}, which is no directory to write in", "Check TIDEWAITER_STATE_DIR.")
    if not (folder / FILE).exists():
        return unknown("database", f"{where}, which is made at the first start")
    return _tried(database_url(folder), where, "Check TIDEWAITER_STATE_DIR.")


def _tried(url: str, where: str, todo: str) -> Diagnosis:
    try:
        try_out(url)
    except NoDatabase as error:
        return wrong("database", f"{where}: {error}", todo)
    return fine("database", f"{where} answers")


# GitHub, before it knows us


async def _github(client: Client, url: str) -> AsyncIterator[Diagnosis]:
    try:
        versions = [one.text() for one in await client.get("/versions")]
    except NotFound:
        versions = []
    except GitHubError as error:
        todo = (
            "Check TIDEWAITER_GITHUB_URL, HTTPS_PROXY, and SSL_CERT_FILE if your GitHub has a CA of its own."
        )
        yield wrong("GitHub", f"{url}: {error}", todo)
        versions = None
    if versions is not None:
        yield _version(url, versions, client.heard)
    clock = _clock(client.heard)
    if clock:
        yield clock


def _version(url: str, versions: list[str], heard: Mapping[str, str]) -> Diagnosis:
    enterprise = heard.get("x-github-enterprise-version", "")
    name = f"{url} (GitHub Enterprise Server {enterprise})" if enterprise else url
    if versions and API_VERSION not in versions:
        todo = "Run a release of Tidewaiter that is made for one of them."
        return wrong("GitHub", f"{name} has the API versions {', '.join(versions)}, not {API_VERSION}", todo)
    if not versions and not enterprise:
        todo = "TIDEWAITER_GITHUB_URL is the API's address; of GitHub Enterprise Server https://HOST/api/v3."
        return wrong("GitHub", f"{name} does not answer like GitHub's API", todo)
    return fine("GitHub", f"{name} answers, API version {API_VERSION}")


def _clock(heard: Mapping[str, str]) -> Diagnosis | None:
    """https://www.rfc-editor.org/rfc/rfc9110#section-6.6.1"""
    if "date" not in heard:
        return None
    try:
        theirs = parsedate_to_datetime(heard["date"])
    except ValueError:
        return None
    ahead = (datetime.datetime.now(datetime.UTC) - theirs).total_seconds()
    way = f"{abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} GitHub's"
    if abs(ahead) > MOST_OFF:
        return wrong("clock", way, "Set the clock (NTP): GitHub takes no token of another time.")
    return fine("clock", way)


# The App


def _refused(error: GitHubError, app_id: int) -> Diagnosis:
    if isinstance(error, Unauthorized):
        todo = f"Make a key in the settings of the App {app_id}, and give it as TIDEWAITER_PRIVATE_KEY_FILE."
        return wrong("App", f"GitHub does not take the private key: {error}", todo)
    if isinstance(error, NotFound):
        todo = "Check TIDEWAITER_APP_ID and TIDEWAITER_GITHUB_URL: the id stands in the App's settings."
        return wrong("App", f"this GitHub has no App with the id {app_id}", todo)
    return wrong("App", f"can't be looked at: {error}", "Try again.")


def _settings_page(about: Answer, url: str) -> str:
    owner = about["owner"]
    is_organisation = owner["type"].text_or("") == "Organization"
    of = f"/organizations/{owner['login'].text_or('')}" if is_organisation else ""
    return f"{site_of(url)}{of}/settings/apps/{about['slug'].text()}"


# The webhook


async def _webhook(client: Client, settings: Settings, page: str) -> AsyncIterator[Diagnosis]:
    """https://docs.github.com/en/rest/apps/webhooks"""
    config = await client.get("/app/hook/config")
    for diagnosis in _config(config, settings.public_url, page):
        yield diagnosis
    latest = list(await client.get("/app/hook/deliveries", {"per_page": LATEST}))
    if not config["secret"]:
        todo = f"Set one at {page}, and the same in TIDEWAITER_WEBHOOK_SECRET."
        yield wrong("secret", "the webhook has none, so that every delivery is refused", todo)
    if not latest:
        yield unknown(
            "deliveries", "GitHub has sent none in the last days, so that reachability is not known"
        )
        return
    yield _delivery(latest[0], page)
    lost = {one["guid"].text() for one in latest} - {
        one["guid"].text() for one in latest if came_through(one)
    }
    if lost and came_through(latest[0]):
        said = f"of the last {len(latest)}, {len(lost)} did not come through, and `serve` has them sent again"
        yield unknown("deliveries", said, f"If that goes on, see {page}/advanced.")


def _config(config: Answer, public_url: str | None, page: str) -> Iterator[Diagnosis]:
    url = config["url"].text_or("")
    expected = f"{public_url}/webhook"
    todo = f"Set it at {page}."
    if public_url and url != expected:
        yield wrong("webhook", f"GitHub sends to {url or 'nowhere'}, not to {expected}", todo)
    elif urlsplit(url).hostname in _LOCAL | {None}:
        yield wrong("webhook", f"GitHub can't send to {url or 'nowhere'}", todo)
    else:
        yield fine("webhook", f"GitHub sends to {url}")
    if config["content_type"].text_or("form") != "json":
        yield wrong("webhook", "its content type is not application/json", todo)
    if str(config["insecure_ssl"].value) == "1":
        yield wrong("webhook", "GitHub does not verify the certificate when it sends", todo)
    if not public_url:
        yield unknown("webhook", "TIDEWAITER_PUBLIC_URL is not set: reports link to no page of this server")


def _delivery(last: Answer, page: str) -> Diagnosis:
    code, when = last["status_code"].number(), last["delivered_at"].text()
    said = f"the last one, of {when}, was answered with {code} ({last['status'].text_or('')})"
    if came_through(last):
        return fine("deliveries", f"{said}: GitHub reaches the server, and the secret is right")
    if code == 401:
        return wrong(
            "secret", said, f"The secret at {page} and TIDEWAITER_WEBHOOK_SECRET have to be the same."
        )
    if code == 0:
        todo = "Let GitHub in: DNS, firewall, certificate. `tidewaiter serve` has to run."
        return wrong("deliveries", said, todo)
    return wrong("deliveries", said, f"See {page}/advanced and this server's log.")
