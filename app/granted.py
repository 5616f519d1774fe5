"""What the App asks for and what its installations granted, against what the code needs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping

from app.diagnosis import Diagnosis, fine, unknown, wrong
from app.examine import OPTIONAL_PERMISSIONS
from app.github.answer import Answer
from app.github.client import Access, Client
from app.github.errors import GitHubError, NotFound
from app.manifest import TO_COMMIT, manifest

MOST_INSTALLATIONS = 50
"""Looked at one by one; an App of one's own has a handful."""
_LEVELS = ("read", "write", "admin")


def permissions(about: Answer, page: str) -> Iterator[Diagnosis]:
    granted = _granted(about)
    missing = _missing(granted, {**manifest().permissions})
    needed = [name for name in missing if name not in OPTIONAL_PERMISSIONS]
    for name in needed:
        todo = f"Set it at {page}/permissions; then each owner accepts it."
        yield wrong("permissions", f"`{name}: {manifest().permissions[name]}` is not asked for", todo)
    for name in (name for name in missing if name in OPTIONAL_PERMISSIONS):
        said = f"`{name}: {manifest().permissions[name]}` is not asked for; what needs it is left out"
        yield unknown("permissions", said)
    more = [f"`{name}: {level}`" for name, level in granted.items() if _is_more(name, level)]
    if more:
        yield unknown("permissions", f"{', '.join(more)}: asked for, and never used")
    if not needed:
        yield fine("permissions", "the App asks for what it needs")


def _granted(answer: Answer) -> dict[str, str]:
    return {name: level.text() for name, level in answer["permissions"].fields()}


def _missing(granted: Mapping[str, str], needed: Mapping[str, str]) -> list[str]:
    def has(name: str, level: str) -> bool:
        held = granted.get(name)
        return held in _LEVELS and _LEVELS.index(held) >= _LEVELS.index(level)

    return [name for name, level in needed.items() if not has(name, level)]


def _is_more(name: str, level: str) -> bool:
    used = {**manifest().permissions, **TO_COMMIT}
    return name not in used or bool(_missing(used, {name: level}))


def events(about: Answer, page: str) -> Diagnosis:
    missing = sorted(manifest().events - {event.text() for event in about["events"]})
    if missing:
        names = ", ".join(f"`{name}`" for name in missing)
        return wrong("events", f"not subscribed to {names}", f"Subscribe at {page}/permissions.")
    return fine("events", "the App is subscribed to what it handles")


async def installations(client: Client, about: Answer) -> AsyncIterator[Diagnosis]:
    found = await client.pages("/app/installations", most=MOST_INSTALLATIONS)
    if not found:
        todo = f"Install it: {about['html_url'].text()}/installations/new"
        yield wrong("installations", "the App is installed nowhere", todo)
    for installation in found[:MOST_INSTALLATIONS]:
        for diagnosis in _installation(installation, about):
            yield diagnosis
        if not installation["suspended_at"]:
            yield await _shared(client, installation)
    if len(found) > MOST_INSTALLATIONS:
        yield unknown("installations", f"{len(found) - MOST_INSTALLATIONS} more were not looked at")


def _installation(installation: Answer, about: Answer) -> Iterator[Diagnosis]:
    owner, page = installation["account"]["login"].text(), installation["html_url"].text()
    if installation["suspended_at"]:
        yield unknown("installations", f"{owner} suspended it", f"To go on: {page}")
        return
    asked = {**manifest().permissions, **{k: v for k, v in _granted(about).items() if k in TO_COMMIT}}
    missing = _missing(_granted(installation), asked)
    needed = [name for name in missing if name not in OPTIONAL_PERMISSIONS]
    if needed:
        names = ", ".join(f"`{name}: {asked[name]}`" for name in needed)
        yield wrong("installations", f"{owner} has not granted {names}", f"An owner accepts it at {page}")
    else:
        yield fine(
            "installations", f"{owner}, {installation['repository_selection'].text_or('')} repositories"
        )


async def _shared(client: Client, installation: Answer) -> Diagnosis:
    """Whether the organisation's own config can be read: https://docs.github.com/en/rest/apps/apps"""
    owner = installation["account"]["login"].text()
    slug = f"{owner}/.github"
    try:
        await client.get(f"/repos/{slug}/installation")
    except NotFound:
        pass
    else:
        return fine(".github", f"{slug} is in the installation")
    todo = f"Add it to the installation: {installation['html_url'].text()}"
    access = Access(installation["id"].number(), permissions={"metadata": "read"})
    try:
        async with client.app.client(access) as any_reader:
            await any_reader.get(f"/repos/{slug}")
    except GitHubError:
        return unknown(".github", f"{slug} is not in the installation, or there is none", todo)
    return wrong(".github", f"{slug} is not in the installation: its config counts for nothing", todo)
