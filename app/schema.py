"""The tables of ours, and how those of an earlier release become them.

A step only adds what an earlier release can do without: while replicas are replaced, both work on one database,
and a release that is rolled back finds what it knows.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import sqlalchemy as sa

tables = sa.MetaData()
job = sa.Table(
    "tidewaiter_job",
    tables,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("delivery", sa.String, nullable=False, index=True),
    sa.Column("subject", sa.String, nullable=False),
    # Of a job that tells which head is the newer one; the others are stored without, and as of 1970.
    sa.Column("head_sha", sa.String, nullable=False),
    # Seconds, and nanoseconds where seconds leave two heads equal.
    sa.Column("as_of", sa.Float(53), nullable=False),
    sa.Column("accepted_at", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String, nullable=False, index=True),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("starts", sa.Integer, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("changed_at", sa.Float(53), nullable=False),
    sa.Column("content", sa.String, nullable=False),
    # From version 2 on. A replica of version 1 writes none.
    sa.Column("installation_id", sa.BigInteger),
    sa.Index("tidewaiter_job_newest", "subject", "as_of", "accepted_at"),
    sa.Index("tidewaiter_job_head", "head_sha"),
)
executor = sa.Table(
    "tidewaiter_executor",
    tables,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("started_at", sa.Float(53), nullable=False),
    sa.Column("beat_at", sa.Float(53), nullable=False),
    sa.Column("taken_by", sa.String),
)
ignore = sa.Table(
    "tidewaiter_ignore",
    tables,
    sa.Column("installation_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("repository_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("pull_number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("check_id", sa.String, primary_key=True),
    sa.Column("author", sa.String, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("created_at", sa.Float(53), nullable=False),
)
config = sa.Table(
    "tidewaiter_config",
    tables,
    sa.Column("installation_id", sa.BigInteger, primary_key=True, autoincrement=False),
    # `acme/web`, in lower case.
    sa.Column("slug", sa.String, primary_key=True),
    # A branch; `HEAD` is the default one.
    sa.Column("ref", sa.String, primary_key=True),
    sa.Column("content", sa.String, nullable=False),
    sa.Column("seen_at", sa.Float(53), nullable=False),
)
review = sa.Table(
    "tidewaiter_review",
    tables,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("installation_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("repository_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("until", sa.Float(53), nullable=False, index=True),
    # `app.report.whole`, compressed.
    sa.Column("content", sa.LargeBinary, nullable=False),
)
_version = sa.Table("tidewaiter_schema", tables, sa.Column("version", sa.Integer, nullable=False))

_PREPARING = 0x7469_6465
"""Number of the lock under which tables are made and changed; any that nobody else takes."""


def prepare(connection: sa.Connection) -> None:
    """Has the tables as this release wants them, whatever an earlier one left there."""
    if connection.dialect.name == "postgresql":
        # Replicas start together, and two of them cannot create the same table.
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_PREPARING)))
    before = version_of(connection)
    for step in _STEPS[max(before - 1, 0) :] if before else ():
        step(connection)
    tables.create_all(connection)
    if before < VERSION:
        connection.execute(sa.delete(_version))
        connection.execute(sa.insert(_version).values(version=VERSION))


def version_of(connection: sa.Connection) -> int:
    """The version of the tables that are there; 0 without any. The first release wrote none down."""
    names = sa.inspect(connection).get_table_names()
    if _version.name not in names:
        return 1 if job.name in names else 0
    return int(connection.execute(sa.select(_version.c.version)).scalar_one())


def _with_installations(connection: sa.Connection) -> None:
    """Version 2: jobs by installation, so that those of one that is gone can be found, and by head."""
    connection.execute(sa.text(f"ALTER TABLE {job.name} ADD COLUMN installation_id BIGINT"))
    fill_installations(connection)
    connection.execute(sa.text(f"CREATE INDEX tidewaiter_job_head ON {job.name} (head_sha)"))


def fill_installations(connection: sa.Connection) -> None:
    """Write down the installation of jobs that a release stored without."""
    rows = connection.execute(sa.select(job.c.id, job.c.content).where(job.c.installation_id.is_(None))).all()
    found = [{"of": row.id, "found": json.loads(row.content)["installation_id"]} for row in rows]
    if found:
        update = sa.update(job).where(job.c.id == sa.bindparam("of"))
        connection.execute(update.values(installation_id=sa.bindparam("found")), found)


_STEPS: tuple[Callable[[sa.Connection], None], ...] = (_with_installations,)
"""The first leads from version 1 to 2, and so on. New tables need none."""
VERSION = len(_STEPS) + 1
