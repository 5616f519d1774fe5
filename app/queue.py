"""The durable engine: deliveries in, jobs done, whatever happens to the process. The only importer of dbos.

Two records of a job live in one database and change in one transaction: our row in the ledger, which knows
deliveries, heads and states, and dbos's workflow, which knows who runs it and which steps are done. A job's
row is its truth; a workflow is one attempt of it. The queue is partitioned by pull request with one running
workflow each, over all processes.

A process that dies leaves its workflows `PENDING` under its executor's id. Every process beats in the ledger;
the living take over what a silent one left: https://docs.dbos.dev/python/tutorials/workflow-management. dbos
by itself recovers only work of the same executor and of the same application version, so the version never
changes: a change to the steps of `Queue._attempt` stands behind `DBOS.patch_async`
(https://docs.dbos.dev/python/tutorials/upgrading-workflows), so that attempts begun by an older release go on.
"""

from __future__ import annotations

import asyncio
import datetime
import logging
import math
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

import sqlalchemy as sa
import structlog
from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions, StepOptions

from app.database import driver_url
from app.intake import Intake, Offer
from app.jobs import Accepted, Attempt, GaveUp, Job, Outcome, Perform, QueueFull, RetryLater, State
from app.ledger import Ledger, Unsettled
from app.limits import Limits
from app.memory import Memory
from app.metrics import Metrics
from app.upkeep import Upkeep, caught
from app.verdict import TryFailed, Verdict, failed, verdict_of, words

_log = structlog.get_logger(__name__)
P = ParamSpec("P")
T = TypeVar("T")

_APPLICATION = "tidewaiter"
_VERSION = "1"
"""Constant: see above."""
_QUEUE = "jobs"
_WORKFLOW = "attempt"
_WORKFLOWS_KEPT = datetime.timedelta(days=1)
"""Of workflows that are over, for the curious; the ledger's rows are what is needed longer."""
_BATCH = 500
_TOGETHER = 50
"""Deliveries of one transaction, where only one can write at a time."""
_WITHDRAWN_EVERY = 1.0
"""Seconds."""
_SETTLE_TRIES = 8
"""With dbos's own waits, doubled from a second on: two minutes without a database."""
_UNWRITTEN = 15.0
"""Seconds before a job is done again of which could not be written down what came of it."""
_ENDED_BADLY = ["ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
"""What a workflow of ours becomes only where something outside of a job went wrong."""


class Queue:
    """One process's part of the engine: make it with `start`, end it with `stop`."""

    def __init__(
        self, url: str, perform: Perform, metrics: Metrics, limits: Limits, gave_up: GaveUp | None = None
    ) -> None:
        self.executor = uuid.uuid4().hex
        self._url, self._perform, self._metrics, self._limits = url, perform, metrics, limits
        self._gave_up = gave_up
        self._ledger = Ledger(url)
        self._shared = not url.startswith("sqlite")
        # SQLite has one writer at a time; more threads would only wait in its busy handler.
        threads, together = (8, 1) if self._shared else (1, _TOGETHER)
        self._threads = ThreadPoolExecutor(threads, "ledger")
        self._intake = Intake(self._store, transactions=threads, together=together)
        self._overtaken: dict[str, None] = {}
        """Ids of workflows that need not begin."""
        self.memory = Memory(self._ledger.engine, self._threads)
        self._upkeep = Upkeep(metrics)
        self._running: dict[asyncio.Task[object], str] = {}
        """The ids of the workflows that run here."""
        self._idle: dict[str, float] = {}
        """Since when those are seen that are ours and do not run."""
        self._reconciled_at = -math.inf
        # Lazy: dbos has yet to make its tables, and begins to work at once when it has.
        self._client = DBOSClient(
            system_database_url=driver_url(url), application_name=_APPLICATION, lazy=True
        )

    async def start(self, reconcile: Callable[[], Awaitable[None]] | None = None) -> None:
        """Take over what a dead process left, and begin to work.

        `reconcile` is awaited now and then in one of the living processes; it may raise.
        """
        await self._in_thread(self._ledger.beat, self.executor)
        self._launch()
        await DBOS.register_queue_async(
            _QUEUE,
            worker_concurrency=self._limits.workers,
            partition_concurrency=1,
            polling_interval_sec=self._limits.poll,
            on_conflict="always_update",
        )
        # On SQLite nobody else can live: the state directory is ours alone.
        await self._take_over(time.time() - self._limits.dead_after if self._shared else time.time() + 1)
        self._upkeep.repeat("heartbeat", self._beat, self._limits.beat)
        self._upkeep.repeat("clean-up", self._clean, self._limits.clean_every)
        self._upkeep.repeat("withdrawal", self._withdraw, _WITHDRAWN_EVERY)
        if reconcile:
            # Asked often: which process is the eldest shows only once the dead have fallen silent.
            pause = min(self._limits.beat, self._limits.reconcile_every)
            self._upkeep.repeat("reconcile", lambda: self._if_due(reconcile), pause)

    async def stop(self) -> None:
        """Begin nothing more, let running jobs finish within the grace time, leave the rest to recovery."""
        await self._upkeep.stop()
        grace = self._limits.grace
        states = await self._in_thread(self._ledger.states)
        if not states.keys() & {State.QUEUED, State.RUNNING}:
            # Nothing can begin, so that it is enough to see the last workflow to its end.
            if self._running:
                await asyncio.wait(self._running, timeout=grace)
            grace = 0
        # A thread of its own: the jobs that it waits for need the ledger's.
        with ThreadPoolExecutor(1, "shutdown") as thread:
            destroy = partial(DBOS.destroy, destroy_registry=True, workflow_completion_timeout_sec=grace)
            await asyncio.get_running_loop().run_in_executor(thread, destroy)
        left = list(self._running)
        for left_behind in left:
            left_behind.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await self._in_thread(self._client.destroy)
        await self._in_thread(self._ledger.leave, self.executor)
        self._threads.shutdown()
        self._ledger.close()

    async def accept(self, delivery: str, jobs: Sequence[Job]) -> Accepted:
        """Store a delivery's jobs durably. A repeat changes nothing, except that what failed runs again.

        `QueueFull` if there is no room; errors of the database as they come.
        """
        return await self._intake.accept(Offer(delivery, jobs)) if jobs else Accepted.NOTHING

    async def _store(self, offers: Sequence[Offer]) -> Sequence[Accepted | QueueFull]:
        accept = partial(self._ledger.accept, offers, self._limits.most_open, self._enqueue)
        try:
            taken = await self._in_thread(accept)
        except sa.exc.IntegrityError:
            # The same delivery reached another process at the same moment: now it is a repeat.
            taken = await self._in_thread(accept)
        self._overtaken |= dict.fromkeys(_workflow_id(job_id, 1) for job_id in taken.overtaken)
        return taken.answers

    async def ready(self) -> bool:
        """Whether the database answers and the heartbeat, with which work is taken over, goes on."""
        if not self._upkeep.goes_on:
            return False
        try:
            await asyncio.wait_for(self._in_thread(self._ledger.ping), 5)
        except (sa.exc.SQLAlchemyError, TimeoutError):
            return False
        return True

    async def of_delivery(self, delivery: str) -> dict[str, tuple[State, str]]:
        """The state and the reason of a delivery's jobs, by the job's id."""
        return await self._in_thread(self._ledger.of_delivery, delivery)

    def _launch(self) -> None:
        """Start dbos in the running event loop, which its workflows then share with the server."""
        # With a handler of its own dbos does not set up one that writes past ours.
        logging.getLogger("dbos").addHandler(logging.NullHandler())
        config: DBOSConfig = {
            "name": _APPLICATION,
            "system_database_url": driver_url(self._url),
            "application_version": _VERSION,
            "executor_id": self.executor,
            "log_level": "WARNING",
            "sys_db_pool_size": 10,
            "max_executor_threads": 16,
            # Nothing of ours waits for notifications; the listener only has to end soon.
            "notification_listener_polling_interval_sec": self._limits.poll,
        }
        DBOS(config=config)
        DBOS.workflow(name=_WORKFLOW)(self._attempt_workflow())
        DBOS.launch()

    def _attempt_workflow(self) -> Callable[[str, int], Awaitable[str]]:
        async def attempt(job_id: str, number: int) -> str:
            return await self._attempt(job_id, number)

        return attempt

    async def _attempt(self, job_id: str, number: int) -> str:
        """One attempt of a job, as dbos runs it and, after a crash, runs it again from the step it was at."""
        task = asyncio.current_task()
        if task:
            self._running[task] = _workflow_id(job_id, number)
            task.add_done_callback(self._running.pop)
        # It has begun: no longer to be withdrawn.
        self._overtaken.pop(_workflow_id(job_id, number), None)
        # Not a step: a crash has to be counted, and what is superseded meanwhile must not go on.
        started = await self._in_thread(self._ledger.start, job_id, number)
        if started is None:
            self._metrics.jobs.labels("skipped").inc()
            return "skipped"
        job = started.job
        tried = await caught(
            DBOS.run_step_async(self._tries("perform"), self._try, job, number, started.is_hopeless)
        )
        if isinstance(tried, sa.exc.SQLAlchemyError):
            # Not the job's: what came of it could not be written down. It looks before it writes.
            tried = verdict_of(Outcome(State.QUEUED, words(tried)), time.time() + _UNWRITTEN)
        verdict = failed(tried) if isinstance(tried, Exception) else tried
        if verdict["state"] == State.FAILED:
            told = await caught(
                DBOS.run_step_async(self._tries("give up"), self._give_up, job, verdict["reason"])
            )
            if isinstance(told, Exception):
                _log.error("could not tell that a job failed", job=job.id, why=words(told))
        await DBOS.run_step_async(
            {"name": "settle", "retries_allowed": True, "max_attempts": _SETTLE_TRIES},
            self._settle,
            job,
            number,
            verdict,
        )
        return verdict["state"]

    def _tries(self, name: str) -> StepOptions:
        return {
            "name": name,
            "retries_allowed": True,
            "max_attempts": self._limits.tries,
            "interval_seconds": self._limits.first_wait,
            "backoff_rate": 3,
            "timeout_seconds": self._limits.longest,
        }

    async def _try(self, job: Job, number: int, is_hopeless: bool) -> Verdict:
        if is_hopeless:
            return verdict_of(Outcome.failed("began too often and never came to an end"))
        attempt = Attempt(
            number,
            superseded=lambda: self._in_thread(self._ledger.is_superseded, job.id),
            hand_on=lambda jobs: self._in_thread(self._ledger.hand_on, jobs, self._enqueue),
            ended=lambda outcome, within: self._in_thread(
                self._ledger.ended, job.subject, outcome, time.time() - within.total_seconds()
            ),
            memory=self.memory,
        )
        began = time.monotonic()
        outcome = await caught(self._perform(job, attempt))
        self._metrics.performing.observe(time.monotonic() - began)
        if isinstance(outcome, RetryLater):
            return verdict_of(Outcome(State.QUEUED, outcome.reason), outcome.not_before.timestamp())
        if isinstance(outcome, Exception):
            raise self._stored(job, outcome)
        return verdict_of(outcome)

    async def _give_up(self, job: Job, reason: str) -> None:
        if self._gave_up:
            error = await caught(self._gave_up(job, reason))
            if error:
                raise self._stored(job, error)

    def _stored(self, job: Job, error: Exception) -> TryFailed:
        """Log what was raised, and answer what may be stored of it."""
        self._metrics.retries.inc()
        _log.error("job raised", job=job.id, exc_info=error)
        return TryFailed(f"{type(error).__name__}: {words(error)}")

    async def _settle(self, job: Job, number: int, verdict: Verdict) -> None:
        state, reason = State(verdict["state"]), verdict["reason"]
        if state is State.QUEUED:
            delay = max(0.0, verdict["not_before"] - time.time())
            await self._in_thread(self._ledger.park, job, number, reason, delay, self._enqueue)
        else:
            await self._in_thread(self._ledger.finish, job.id, number, Outcome(state, reason))
        self._metrics.jobs.labels("parked" if state is State.QUEUED else state.value).inc()
        _log.info("job ended", job=job.id, attempt=number, state=state.value, reason=reason)

    def _enqueue(self, connection: sa.Connection, job: Job, attempt: int, delay: float) -> None:
        options: EnqueueOptions = {
            "workflow_name": _WORKFLOW,
            "queue_name": _QUEUE,
            "workflow_id": _workflow_id(job.id, attempt),
            "queue_partition_key": job.subject,
            "app_version": _VERSION,
        }
        if delay > 0:
            options["delay_seconds"] = delay
        self._client.enqueue_in_transaction(connection, options, job.id, attempt)

    async def _take_over(self, silent_since: float) -> None:
        """Enqueue again what executors that fell silent were running.

        The ledger gives each of them to one taker. Should one be alive after all, a job is done twice at
        the same time, which `Perform` allows for, and dbos lets only the later claim settle it.
        """
        for dead in await self._in_thread(self._ledger.take_over, self.executor, silent_since):
            left = await DBOS.list_workflows_async(
                status="PENDING", executor_id=dead, load_input=False, load_output=False
            )
            for workflow in left:
                await DBOS.resume_workflow_async(workflow.workflow_id, queue_name=_QUEUE)
                self._metrics.recovered.inc()
            if left:
                _log.warning("took over the work of a process that died", executor=dead, attempts=len(left))
            await self._in_thread(self._ledger.forget_executor, dead)

    async def _withdraw(self) -> None:
        """Take attempts that a newer head made pointless out of the queue: to be skipped, each would cost a
        worker a turn. Those that are lost here, as this process dies, are skipped."""
        while self._overtaken:
            batch = list(self._overtaken)[:_BATCH]
            await DBOS.cancel_workflows_async(batch)
            for workflow_id in batch:
                self._overtaken.pop(workflow_id, None)

    async def _give_up_broken(self) -> None:
        """End or begin again the jobs whose workflow ended otherwise than by settling: nothing else would."""
        while True:
            broken = await DBOS.list_workflows_async(
                status=_ENDED_BADLY, name=_WORKFLOW, limit=_BATCH, load_input=False, load_output=False
            )
            if not broken:
                return
            ended = [_ended_badly(workflow.workflow_id, workflow.status) for workflow in broken]
            for job_id in await self._in_thread(self._ledger.unsettled, ended, self._enqueue):
                _log.error("workflow did not settle", job=job_id)
            await DBOS.delete_workflows_async([workflow.workflow_id for workflow in broken])

    async def _resume_stranded(self) -> None:
        """Run again what is ours and has not run here for a while: it ended, and nobody could write that down."""
        ours = await DBOS.list_workflows_async(
            status="PENDING", executor_id=self.executor, name=_WORKFLOW, load_input=False, load_output=False
        )
        now = time.monotonic()
        idle = {workflow.workflow_id for workflow in ours} - set(self._running.values())
        self._idle = {workflow_id: self._idle.get(workflow_id, now) for workflow_id in idle}
        for workflow_id, since in list(self._idle.items()):
            if now - since >= self._limits.dead_after:
                _log.error("workflow ended unnoticed", workflow=workflow_id)
                await DBOS.resume_workflow_async(workflow_id, queue_name=_QUEUE)
                del self._idle[workflow_id]

    async def _beat(self) -> None:
        await self._in_thread(self._ledger.beat, self.executor)
        await self._take_over(time.time() - self._limits.dead_after)
        await self._give_up_broken()
        await self._resume_stranded()
        self._metrics.show_states(await self._in_thread(self._ledger.states))

    async def _clean(self) -> None:
        before = time.time() - self._limits.kept.total_seconds()
        await self._in_thread(self._ledger.forget_jobs, before)
        await self.memory.forget_old()
        over = (datetime.datetime.now(datetime.UTC) - _WORKFLOWS_KEPT).isoformat()
        while True:
            old = await DBOS.list_workflows_async(
                completed_before=over, limit=_BATCH, load_input=False, load_output=False
            )
            if not old:
                return
            await DBOS.delete_workflows_async([workflow.workflow_id for workflow in old])

    async def _if_due(self, reconcile: Callable[[], Awaitable[None]]) -> None:
        if time.monotonic() - self._reconciled_at < self._limits.reconcile_every:
            return
        silent_since = time.time() - self._limits.dead_after
        if await self._in_thread(self._ledger.eldest, silent_since) == self.executor:
            self._reconciled_at = time.monotonic()
            await reconcile()

    async def _in_thread(self, act: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(act, *args, **named))


def _workflow_id(job_id: str, attempt: int) -> str:
    return f"{job_id}#{attempt}"


def _ended_badly(workflow_id: str, status: str) -> Unsettled:
    job_id, _, attempt = workflow_id.rpartition("#")
    return Unsettled(job_id, int(attempt), f"its workflow ended as {status}", may_run_again=status == "ERROR")
