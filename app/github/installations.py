"""What an installation grants, asked without asking for it.

A token of a job has the least rights that the job needs; what the installation would grant besides only the App
itself is told.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from app.github.client import App
from app.github.errors import NotFound
from app.github.refusal import now
from app.github.store import Recent

KEPT = datetime.timedelta(minutes=10)
"""How long what an installation grants is taken for current."""
APP_KEPT = datetime.timedelta(hours=1)
"""How long what the App itself asks for is."""
_INSTALLATIONS = 1_000
"""Installations whose answers are kept."""
_LEVELS = ("read", "write", "admin")
Permissions = Mapping[str, str]


class Grants:
    """Remembers for a while what installations grant. One for the process."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._asked_for: tuple[datetime.datetime, Permissions] | None = None
        self._kept: Recent[int, tuple[datetime.datetime, Permissions]] = Recent(_INSTALLATIONS)

    async def has(self, installation_id: int, permission: str, level: str) -> bool:
        """Whether an installation grants at least that level of a permission, as of some minutes ago.

        What the App does not ask for no installation grants: that takes one call in an hour for all of them.
        """
        if self._asked_for is None or now() - self._asked_for[0] > APP_KEPT:
            await self.refresh()
        if self._asked_for is None or not allows(self._asked_for[1], permission, level):
            return False
        kept = self._kept.get(installation_id)
        if kept is None or now() - kept[0] > KEPT:
            return allows(await self.of(installation_id), permission, level)
        return allows(kept[1], permission, level)

    async def refresh(self) -> None:
        """Asks what the App asks for: https://docs.github.com/en/rest/apps/apps#get-the-authenticated-app"""
        self._asked_for = (now(), await self._permissions("/app"))

    async def of(self, installation_id: int) -> Permissions:
        """What an installation grants at this moment.

        https://docs.github.com/en/rest/apps/apps#get-an-installation-for-the-authenticated-app
        """
        granted = await self._permissions(f"/app/installations/{installation_id}")
        self._kept.put(installation_id, (now(), granted), 1)
        return granted

    async def _permissions(self, path: str) -> Permissions:
        async with self._app.client() as client:
            try:
                answer = await client.get(path)
            except NotFound:
                return {}
        return {name: level.text() for name, level in answer["permissions"].fields()}


def allows(granted: Permissions, permission: str, level: str) -> bool:
    """Whether permissions hold at least that level of one."""
    held = granted.get(permission)
    return held in _LEVELS and _LEVELS.index(held) >= _LEVELS.index(level)
