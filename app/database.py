"""Our connection to the database: reaching it, and preparing its tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from app import schema


class NoDatabase(Exception):
    """The database cannot be reached or written: one line, what it said."""


def try_out(url: str) -> None:
    """Prepares the tables as `Ledger` does and takes that back. `NoDatabase` where `Ledger` would raise it."""
    engine = engine_of(url)
    with preparing(engine) as connection:
        connection.rollback()
    engine.dispose()


@contextmanager
def preparing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that has prepared the tables. `NoDatabase`, and no connection left, where it can't."""
    try:
        with engine.connect() as connection:
            schema.prepare(connection)
            _ask_for_the_engine(connection)
            yield connection
    except sa.exc.DBAPIError as error:
        engine.dispose()
        raise NoDatabase(" ".join(str(error.orig).split())) from error
    except NoDatabase:
        engine.dispose()
        raise


def _ask_for_the_engine(connection: sa.Connection) -> None:
    """`NoDatabase` where PostgreSQL will refuse the engine the schema that it makes for its tables."""
    if connection.dialect.name != "postgresql":
        return
    may = "has_database_privilege(current_database(), 'CREATE')"
    there = "EXISTS (SELECT FROM pg_namespace WHERE nspname = 'dbos')"
    if not connection.execute(sa.text(f"SELECT {may} OR {there}")).scalar_one():
        raise NoDatabase("its user may not create the schema dbos there")


def driver_url(url: str) -> str:
    """A database's URL with the driver that we have."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def engine_of(url: str) -> sa.Engine:
    if not url.startswith("sqlite"):
        return sa.create_engine(driver_url(url), pool_size=8, pool_pre_ping=True)
    engine = sa.create_engine(url)
    sa.event.listen(engine, "connect", _on_connect)
    sa.event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: sa.engine.interfaces.DBAPIConnection, _record: object) -> None:
    # The driver's own transactions begin too late, at the first write: what was read before may have changed.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout=30000")
    # Stays with the file: readers and the one writer no longer wait for each other.
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.close()


def _on_begin(connection: sa.Connection) -> None:
    reads = connection.get_execution_options().get("reads")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
