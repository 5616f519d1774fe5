"""What is kept beyond a job: what people asked to ignore, the last valid configs, and where heads were seen.

Each method is one transaction in a thread of the ledger's. What is kept is told, with how long, in docs/data.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import time
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import TypeVar

import sqlalchemy as sa

from app import schema
from app.report.ignored import Ignore

T = TypeVar("T")
MOST_IGNORES = 100
"""Checks that are ignored on one pull request."""
MOST_CONFIG = 100_000
"""Characters of a config that is kept; one that is longer is not needed to be remembered."""
CONFIG_KEPT = datetime.timedelta(days=180)
"""How long the last valid config of a branch is remembered after the last review that saw it."""
_SEEN_AGAIN = 86_400.0
"""Seconds after which it is written down anew that a config is still in use."""


class Memory:
    """The tables behind the jobs. One for the process."""

    def __init__(self, engine: sa.Engine, threads: Executor) -> None:
        self._engine = engine
        self._threads = threads

    async def ignores(self, repository_id: int, pull_number: int) -> tuple[Ignore, ...]:
        """What is ignored on a pull request, the oldest first."""
        columns = schema.ignore.c
        wanted = sa.select(schema.ignore).where(
            columns.repository_id == repository_id, columns.pull_number == pull_number
        )
        rows = await self._read(wanted.order_by(columns.created_at))
        return tuple(Ignore(row.check_id, row.author, row.reason) for row in rows)

    async def ignore(
        self, installation_id: int, repository_id: int, pull_number: int, ignore: Ignore
    ) -> bool:
        """Keep what somebody wants ignored on a pull request; what was said of the check before goes.

        Not where the pull request has as many as it may: False.
        """
        table, values = schema.ignore, {"repository_id": repository_id, "pull_number": pull_number}
        here = (table.c.repository_id == repository_id) & (table.c.pull_number == pull_number)

        def act(connection: sa.Connection) -> bool:
            connection.execute(sa.delete(table).where(here, table.c.check_id == ignore.check))
            counted = sa.select(sa.func.count()).select_from(table).where(here)
            if connection.execute(counted).scalar_one() >= MOST_IGNORES:
                return False
            said = {"check_id": ignore.check, "author": ignore.author, "reason": ignore.reason}
            more = {"installation_id": installation_id, "created_at": time.time()}
            connection.execute(sa.insert(table).values(**values, **said, **more))
            return True

        return await self._write(act)

    async def pulls_at(self, repository_id: int, sha: str) -> tuple[int, ...]:
        """The pull requests of a repository whose head was, by a delivery, a commit."""
        columns = schema.job.c
        of_repository = columns.subject.startswith(f"{repository_id}/", autoescape=True)
        rows = await self._read(
            sa.select(columns.subject).distinct().where(columns.head_sha == sha, of_repository)
        )
        numbers = (row.subject.partition("/")[2] for row in rows)
        return tuple(sorted(int(number) for number in numbers if number.isdecimal()))

    async def is_known(self, repository_id: int, pull_number: int, sha: str, failed_since: float) -> bool:
        """Whether there is a job of a pull request at a head; one that failed counts if that was since a time."""
        columns = schema.job.c
        same = (columns.subject == f"{repository_id}/{pull_number}") & (columns.head_sha == sha)
        counts = (columns.state != "failed") | (columns.changed_at >= failed_since)
        return bool(await self._read(sa.select(columns.id).where(same, counts).limit(1)))

    async def are_accepted(self, deliveries: Sequence[str]) -> frozenset[str]:
        """Which deliveries have jobs, none of which has failed."""
        columns = schema.job.c
        rows = await self._read(
            sa.select(columns.delivery, columns.state).where(columns.delivery.in_(deliveries))
        )
        failed = {row.delivery for row in rows if row.state == "failed"}
        return frozenset(row.delivery for row in rows) - failed

    # Configs

    async def valid_config(self, installation_id: int, slug: str, ref: str) -> str | None:
        """The last content of a config file that was valid, if it is known."""
        rows = await self._read(
            sa.select(schema.config.c.content).where(_config_at(installation_id, slug, ref))
        )
        return rows[0].content if rows else None

    async def keep_config(self, installation_id: int, slug: str, ref: str, content: str) -> None:
        """Remember a valid config. Writes only what is new, or was written a day ago."""
        at = _config_at(installation_id, slug, ref)
        rows = await self._read(sa.select(schema.config).where(at))
        if rows and rows[0].content == content and rows[0].seen_at > time.time() - _SEEN_AGAIN:
            return
        if len(content) > MOST_CONFIG:
            return
        key = {"installation_id": installation_id, "slug": slug.lower(), "ref": ref}

        def act(connection: sa.Connection) -> None:
            connection.execute(sa.delete(schema.config).where(at))
            connection.execute(sa.insert(schema.config).values(**key, content=content, seen_at=time.time()))

        with contextlib.suppress(sa.exc.IntegrityError):  # another replica has just kept it
            await self._write(act)

    # Reviews

    async def keep_review(
        self, review: str, installation_id: int, repository_id: int, document: str, until: float
    ) -> None:
        """Keep a review for its page until a time, in seconds since 1970; one of the same id goes."""
        table = schema.review
        key = {"id": review, "installation_id": installation_id, "repository_id": repository_id}

        def act(connection: sa.Connection) -> None:
            content = zlib.compress(document.encode("utf-8", "replace"))
            connection.execute(sa.delete(table).where(table.c.id == review))
            connection.execute(sa.insert(table).values(**key, until=until, content=content))

        with contextlib.suppress(sa.exc.IntegrityError):  # another replica has just kept the same
            await self._write(act)

    async def review(self, review: str) -> str | None:
        """The document of a review that is kept."""
        columns = schema.review.c
        wanted = sa.select(columns.content).where(columns.id == review, columns.until >= time.time())
        rows = await self._read(wanted)
        return zlib.decompress(rows[0].content).decode() if rows else None

    # What goes

    async def forget_old(self) -> None:
        """Configs that no review has seen for long, of a branch or a repository that is no more; and reviews
        whose time is over."""
        old = schema.config.c.seen_at < time.time() - CONFIG_KEPT.total_seconds()

        def act(connection: sa.Connection) -> None:
            connection.execute(sa.delete(schema.config).where(old))
            connection.execute(sa.delete(schema.review).where(schema.review.c.until < time.time()))

        await self._write(act)

    async def forget_pull(self, repository_id: int, pull_number: int) -> None:
        """A pull request was closed: what was ignored on it."""
        columns = schema.ignore.c
        here = (columns.repository_id == repository_id) & (columns.pull_number == pull_number)
        await self._write(lambda connection: connection.execute(sa.delete(schema.ignore).where(here)))

    async def forget_repository(
        self, installation_id: int, repository_id: int, slug: str, before: datetime.datetime
    ) -> None:
        """A repository is no longer ours to review: all that was stored of it up to a time."""
        config, jobs = schema.config.c, schema.job.c
        of_it = jobs.subject.startswith(f"{repository_id}/", autoescape=True)

        def act(connection: sa.Connection) -> None:
            for table in (schema.ignore, schema.review):
                connection.execute(sa.delete(table).where(table.c.repository_id == repository_id))
            named = (config.installation_id == installation_id) & (config.slug == slug.lower())
            connection.execute(sa.delete(schema.config).where(named))
            connection.execute(sa.delete(schema.job).where(of_it, jobs.accepted_at < _nanoseconds(before)))

        await self._write(act)

    async def forget_installation(self, installation_id: int, before: datetime.datetime) -> None:
        """The App was uninstalled: all that was stored of the installation up to a time."""

        def act(connection: sa.Connection) -> None:
            schema.fill_installations(connection)
            for table in (schema.ignore, schema.config, schema.review):
                connection.execute(sa.delete(table).where(table.c.installation_id == installation_id))
            old = schema.job.c.accepted_at < _nanoseconds(before)
            mine = schema.job.c.installation_id == installation_id
            connection.execute(sa.delete(schema.job).where(mine, old))

        await self._write(act)

    # One transaction

    async def _read(self, wanted: sa.Select[tuple[object, ...]]) -> Sequence[sa.Row[tuple[object, ...]]]:
        def act() -> Sequence[sa.Row[tuple[object, ...]]]:
            with self._engine.connect().execution_options(reads=True) as connection:
                return connection.execute(wanted).all()

        return await asyncio.get_running_loop().run_in_executor(self._threads, act)

    async def _write(self, act: Callable[[sa.Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(self._begun, act))

    def _begun(self, act: Callable[[sa.Connection], T]) -> T:
        with self._engine.begin() as connection:
            return act(connection)


def _config_at(installation_id: int, slug: str, ref: str) -> sa.ColumnElement[bool]:
    columns = schema.config.c
    of_repository = (columns.installation_id == installation_id) & (columns.slug == slug.lower())
    return of_repository & (columns.ref == ref)


def _nanoseconds(moment: datetime.datetime) -> int:
    return int(moment.timestamp() * 1e9)
