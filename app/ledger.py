"""What the database says of jobs and of the processes that do them: two of our tables beside the engine's.

Everything here is plain SQL that SQLite and PostgreSQL share; each method is one transaction. What has to be
enqueued in the same transaction is a callable that gets its connection.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import sqlalchemy as sa

from app import schema
from app.database import engine_of, preparing
from app.intake import Offer
from app.jobs import Accepted, Job, Outcome, QueueFull, State
from checks.record import Record

Enqueue = Callable[[sa.Connection, Job, int, float], None]
"""Enqueue an attempt (by number) of a job within a transaction, to start after a delay in seconds."""

_OPEN = (State.QUEUED, State.RUNNING)
_job, _executor = schema.job, schema.executor
_dated = _job.c.head_sha != ""
"""Jobs that tell which head is the newer one. The others are stored without a head and as of 1970: no job is
older than they are."""

_MOST_ATTEMPTS = 20
"""Of a job, where each ends without a word; under rate limits there may be more."""
_MOST_STARTS = 5
"""A job that has begun so often and never come to an end takes the process down with it."""


class Started(Record):
    """A job that is to run now."""

    job: Job
    is_hopeless: bool
    """It has begun so often without coming to an end that it must not be tried again."""


class Unsettled(Record):
    """An attempt that ended, and of which was not written down how."""

    job_id: str
    attempt: int
    why: str
    may_run_again: bool


class Taken(Record):
    """What became of offers."""

    answers: tuple[Accepted | QueueFull, ...]
    overtaken: tuple[str, ...] = ()
    """The ids of jobs whose first attempt is now pointless and need not begin any more."""


class Ledger:
    """The tables, behind an engine of their own so that accepting a delivery never waits for a worker."""

    def __init__(self, url: str) -> None:
        """For `url`, `sqlite:///…` or `postgresql://…`; prepares the tables. `NoDatabase` if it can't."""
        self.engine = engine_of(url)
        with preparing(self.engine) as connection:
            connection.commit()

    def close(self) -> None:
        self.engine.dispose()

    def ping(self) -> None:
        """Raises if the database does not answer."""
        with self.engine.connect() as connection:
            connection.execute(sa.select(sa.literal(1)))

    def accept(self, offers: Sequence[Offer], most_open: int, enqueue: Enqueue) -> Taken:
        """Store the jobs of deliveries and enqueue them, all or nothing.

        Of a delivery that is known only the failed jobs run again. `QueueFull` where `most_open` jobs wait.
        """
        overtaken: list[str] = []
        with self.engine.begin() as connection:
            room = most_open - self._count(connection, _OPEN)
            answers: list[Accepted | QueueFull] = []
            for offer in offers:
                known = connection.execute(sa.select(_job).where(_job.c.delivery == offer.delivery)).all()
                if known:
                    answers.append(self._again(connection, known, enqueue))
                elif len(offer.jobs) > room:
                    answers.append(QueueFull(f"{most_open} jobs wait"))
                else:
                    gone = [one for job in offer.jobs for one in self._insert(connection, job)]
                    for job in offer.jobs:
                        enqueue(connection, job, 1, 0)
                    room += len(gone) - len(offer.jobs)
                    overtaken += gone
                    answers.append(Accepted.QUEUED)
        return Taken(tuple(answers), tuple(overtaken))

    def hand_on(self, jobs: Sequence[Job], enqueue: Enqueue) -> None:
        """Store and enqueue what a job comes to, all or nothing; what is known already stays as it is.

        Not refused where many wait: the delivery was accepted, and it is too late to have it sent again.
        """
        with self.engine.begin() as connection:
            for job in jobs:
                known = connection.execute(sa.select(_job.c.id).where(_job.c.id == job.id)).first()
                if known is None:
                    self._insert(connection, job)
                    enqueue(connection, job, 1, 0)

    def _again(self, connection: sa.Connection, known: Sequence[sa.Row[tuple[object, ...]]],
               enqueue: Enqueue) -> Accepted:  # fmt: skip
        failed = [row for row in known if row.state == State.FAILED]
        for row in failed:
            self._change(connection, row.id, state=State.QUEUED, attempt=row.attempt + 1, starts=0, reason="")
            enqueue(connection, Job.from_json(row.content), row.attempt + 1, 0)
        return Accepted.AGAIN if failed else Accepted.REPEATED

    def _insert(self, connection: sa.Connection, job: Job) -> list[str]:
        """Store a job; those that wait for the same pull request and are older have become pointless: their ids.

        But one that has begun before, as it was parked, may have left something unfinished behind.
        """
        as_of, accepted_at = job.as_of.timestamp() if job.as_of else 0, time.time_ns()
        connection.execute(
            sa.insert(_job).values(
                id=job.id, delivery=job.delivery, subject=job.subject, head_sha=job.head_sha if job.as_of else "",
                as_of=as_of, accepted_at=accepted_at, state=State.QUEUED, attempt=1, starts=0, reason="",
                changed_at=time.time(), content=job.to_json(), installation_id=job.installation_id,
            )
        )  # fmt: skip
        # In `_newer`'s order: of heads that are stored at once neither may make the other pointless.
        earlier = sa.tuple_(_job.c.as_of, _job.c.accepted_at) < sa.tuple_(as_of, accepted_at)
        older = (_job.c.subject == job.subject) & earlier & (_job.c.id != job.id) & _dated
        update = sa.update(_job).where(older, _job.c.state == State.QUEUED, _job.c.attempt == 1)
        superseded = update.values(state=State.SUPERSEDED, changed_at=time.time()).returning(_job.c.id)
        return list(connection.execute(superseded).scalars())

    def start(self, job_id: str, attempt: int) -> Started | None:
        """The job, now running; None where there is nothing to do: superseded, over, or another attempt's.

        A job that has begun before runs although it is superseded: it finishes what it left behind. Each
        call counts: a job that never comes back is to be given up.
        """
        with self.engine.begin() as connection:
            row = connection.execute(sa.select(_job).where(_job.c.id == job_id)).one_or_none()
            if row is None or row.attempt != attempt or row.state not in _OPEN:
                return None
            has_begun = row.attempt > 1 or row.starts > 0
            if not has_begun and self._newer(connection, row):
                self._change(connection, job_id, state=State.SUPERSEDED)
                return None
            self._change(connection, job_id, state=State.RUNNING, starts=row.starts + 1)
            return Started(Job.from_json(row.content), is_hopeless=row.starts >= _MOST_STARTS)

    def is_superseded(self, job_id: str) -> bool:
        """Whether a newer head of the job's pull request has been accepted."""
        with self._reading() as connection:
            row = connection.execute(sa.select(_job).where(_job.c.id == job_id)).one_or_none()
            return row is not None and self._newer(connection, row)

    @staticmethod
    def _newer(connection: sa.Connection, row: sa.Row[tuple[object, ...]]) -> bool:
        if not row.head_sha:
            return False
        later = sa.tuple_(_job.c.as_of, _job.c.accepted_at) > sa.tuple_(row.as_of, row.accepted_at)
        other = (_job.c.subject == row.subject) & (_job.c.head_sha != row.head_sha)
        return connection.execute(sa.select(_job.c.id).where(other, later).limit(1)).first() is not None

    def finish(self, job_id: str, attempt: int, outcome: Outcome) -> None:
        """Record how an attempt ended. Doing so twice changes nothing."""
        with self.engine.begin() as connection:
            self._change(connection, job_id, of_attempt=attempt, state=outcome.state, reason=outcome.reason)

    def unsettled(self, ended: Sequence[Unsettled], enqueue: Enqueue) -> list[str]:
        """Enqueue the successors of attempts, or fail their jobs; the ids of those that were not over already."""
        with self.engine.begin() as connection:
            return [one.job_id for one in ended if self._unsettled(connection, one, enqueue)]

    def _unsettled(self, connection: sa.Connection, ended: Unsettled, enqueue: Enqueue) -> bool:
        of = ended.attempt
        if not ended.may_run_again or of >= _MOST_ATTEMPTS:
            return self._change(connection, ended.job_id, of_attempt=of, state=State.FAILED, reason=ended.why)
        again = {"state": State.QUEUED, "attempt": of + 1, "starts": 0, "reason": ended.why}
        if not self._change(connection, ended.job_id, of_attempt=of, **again):
            return False
        content = connection.execute(sa.select(_job.c.content).where(_job.c.id == ended.job_id)).scalar_one()
        enqueue(connection, Job.from_json(content), ended.attempt + 1, 0)
        return True

    def park(self, job: Job, attempt: int, reason: str, delay: float, enqueue: Enqueue) -> None:
        """End an attempt and enqueue its successor, to start after `delay` seconds."""
        with self.engine.begin() as connection:
            changes = {"state": State.QUEUED, "attempt": attempt + 1, "starts": 0, "reason": reason}
            if self._change(connection, job.id, of_attempt=attempt, **changes):
                enqueue(connection, job, attempt + 1, delay)

    @staticmethod
    def _change(
        connection: sa.Connection, job_id: str, *, of_attempt: int | None = None, **values: object
    ) -> bool:
        """Set columns of a job; with `of_attempt` only while that attempt isn't over. Whether there was one."""
        update = sa.update(_job).where(_job.c.id == job_id).values(changed_at=time.time(), **values)
        if of_attempt is not None:
            update = update.where(_job.c.attempt == of_attempt, _job.c.state.in_(_OPEN))
        return connection.execute(update).rowcount > 0

    def states(self) -> dict[State, int]:
        """How many jobs there are in each state that has any."""
        with self._reading() as connection:
            rows = connection.execute(sa.select(_job.c.state, sa.func.count()).group_by(_job.c.state))
            return {State(state): count for state, count in rows}

    def of_delivery(self, delivery: str) -> dict[str, tuple[State, str]]:
        """The state and the reason of a delivery's jobs, by the job's id."""
        with self._reading() as connection:
            rows = connection.execute(sa.select(_job).where(_job.c.delivery == delivery))
            return {row.id: (State(row.state), row.reason) for row in rows}

    def ended(self, subject: str, outcome: Outcome, since: float) -> int:
        """How many jobs of a subject came to an outcome since a time (seconds since 1970)."""
        with self._reading() as connection:
            same = (_job.c.state == outcome.state) & (_job.c.reason == outcome.reason)
            counted = sa.select(sa.func.count()).select_from(_job).where(_job.c.subject == subject, same)
            return connection.execute(counted.where(_job.c.changed_at >= since)).scalar_one()

    @staticmethod
    def _count(connection: sa.Connection, states: Sequence[State]) -> int:
        counted = sa.select(sa.func.count()).select_from(_job).where(_job.c.state.in_(states))
        return connection.execute(counted).scalar_one()

    def forget_jobs(self, before: float) -> int:
        """Delete jobs that were over before a time (seconds since 1970). How many."""
        with self.engine.begin() as connection:
            over = (_job.c.state.not_in(_OPEN)) & (_job.c.changed_at < before)
            return connection.execute(sa.delete(_job).where(over)).rowcount

    def beat(self, executor: str) -> None:
        """Say that an executor lives; the first time, that it has come."""
        now = time.time()
        with self.engine.begin() as connection:
            update = sa.update(_executor).where(_executor.c.id == executor)
            if not connection.execute(update.values(beat_at=now, taken_by=None)).rowcount:
                connection.execute(sa.insert(_executor).values(id=executor, started_at=now, beat_at=now))

    def leave(self, executor: str) -> None:
        """Say that an executor has gone, so that its work can be taken over without a wait."""
        with self.engine.begin() as connection:
            connection.execute(sa.update(_executor).where(_executor.c.id == executor).values(beat_at=0))

    def take_over(self, executor: str, silent_since: float) -> list[str]:
        """The executors, silent since a time, whose work `executor` is now to take: each goes to one only.

        One whose taker fell silent as well is given out again, until `forget_executor`.
        """
        with self.engine.begin() as connection:
            living = sa.select(_executor.c.id).where(_executor.c.beat_at >= silent_since)
            orphaned = _executor.c.taken_by.is_(None) | _executor.c.taken_by.not_in(living)
            mine = _executor.c.taken_by == executor
            dead = (_executor.c.beat_at < silent_since) & (_executor.c.id != executor)
            connection.execute(sa.update(_executor).where(dead, orphaned).values(taken_by=executor))
            return list(connection.execute(sa.select(_executor.c.id).where(dead, mine)).scalars())

    def forget_executor(self, executor: str) -> None:
        """Delete a dead executor that left nothing behind."""
        with self.engine.begin() as connection:
            connection.execute(sa.delete(_executor).where(_executor.c.id == executor))

    def eldest(self, silent_since: float) -> str | None:
        """The living executor that has been there the longest: it does what only one has to do."""
        with self._reading() as connection:
            living = sa.select(_executor.c.id).where(_executor.c.beat_at >= silent_since)
            return connection.execute(living.order_by(_executor.c.started_at).limit(1)).scalar()

    def _reading(self) -> sa.Connection:
        return self.engine.connect().execution_options(reads=True)
