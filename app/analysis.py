"""The analysis in a child process that can be killed and that has a memory limit.

Everything that a pull request brings is hostile: the child gets plain data, has neither network nor
secrets to use, and ends after a time or beyond an amount of memory, whatever a file does to a parser.
"""

from __future__ import annotations

import asyncio
import datetime
import multiprocessing
import os
import resource
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import TimeoutError as OutOfTime
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from typing import TypeVar

from msgspec import field
from pebble import ProcessExpired, ProcessPool

from app.config.combining import combine
from app.config.model import Config, Layer
from app.fixes import Against, Fixed, fixed
from app.garbage import collect_rarely
from app.report.ignored import Ignore, Ignored, without_ignored
from app.report.sarif import Source, sarif
from checks.catalogue import catalogue
from checks.chain import Image, touched
from checks.check import Outside, Repository, code
from checks.engine import Choices, Review, review
from checks.facts.action.upstream import Upstream
from checks.facts.action.version_comments import version_comment
from checks.facts.attempt import attempted
from checks.facts.repository.memo import Memo
from checks.record import Record
from checks.source.snapshot import Snapshot
from checks.source.text import Text

A = TypeVar("A")
R = TypeVar("R")

SECONDS = 60.0
"""Of one analysis; 3,000 files take half of it."""
MEMORY = 2 * 1024**3
"""Bytes of address space of one child."""
_SMALL = Snapshot.of(
    {"Dockerfile": "FROM scratch\n", "a.tf": "a = 1\n", ".github/workflows/a.yml": "on: push\n"}
)
"""A repository with a file for each parser."""
_NO_WAYS = "The way of the images could not be told, which is our fault:"
_NICE = 15
"""How far children stand back behind the process that has to answer GitHub."""
_POOLS = 2
"""Pools of children that an analysis is given to before it has failed."""
REVIEWS_PER_CHILD = 100
"""A child is replaced after as many, so that nothing that it keeps grows for ever."""


class Task(Record):
    """One analysis, as plain data."""

    head: Snapshot
    base: Snapshot | None
    """None: it could not be read, and nothing is called new."""
    layers: tuple[Layer, ...]
    """Of the config, the organisation's first."""
    slug: str
    visibility: str
    today: datetime.date
    source: Source
    """For the SARIF document."""
    renames: Mapping[str, str] = field(default_factory=dict)
    problems: Sequence[str] = ()
    """What is known to be missing from the snapshots."""
    ignores: Sequence[Ignore] = ()
    """What people want left out of this pull request."""
    made: datetime.date | None = None
    ids: tuple[int, int] | None = None
    """Both as in `Outside`."""
    actions: Mapping[str, Upstream] = field(default_factory=dict)
    """As in `Outside`."""
    others: Mapping[str, Text] = field(default_factory=dict)
    """Files of other repositories, as `Outside.others`."""


class Result(Record):
    """What came of it."""

    review: Review
    """Without what is ignored."""
    sarif: bytes
    ignored: tuple[Ignored, ...] = ()
    images: tuple[Image, ...] = ()
    """Those that the change touches, each with its chain."""
    notes: tuple[str, ...] = ()
    """Sentences about what could not be told."""


class AnalysisFailed(Exception):
    """The child ran out of time or memory, or died; the text ends the sentence "Could not review: …"."""


class Analyst:
    """A pool of children, which start at once. One for the process; `close` ends them."""

    def __init__(self, workers: int = 2, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._workers, self._seconds, self._memory = workers, seconds, memory
        self._pool = self._started()

    def _started(self) -> ProcessPool:
        pool = ProcessPool(
            max_workers=self._workers,
            max_tasks=REVIEWS_PER_CHILD,
            initializer=_prepare,
            initargs=(self._memory,),
            context=multiprocessing.get_context("spawn"),
        )
        # The first call starts the children: not the first review is to wait for them.
        pool.schedule(_begin)
        return pool

    async def analyse(self, task: Task) -> Result:
        """Raises `AnalysisFailed`. A cancelled call kills its child."""
        return await self._in_child(_analyse, task)

    async def fix(self, task: Task, closed: tuple[str, ...]) -> Fixed:
        """What `app.fixes.fixed` makes of the task; raises as `analyse`."""
        return await self._in_child(_fixed, (task, closed))

    async def named(self, snapshots: Sequence[Snapshot]) -> frozenset[str]:
        """The files of our kinds that others of the snapshots name, whatever they are called; as `analyse`."""
        return await self._in_child(_named, snapshots)

    async def uses(self, snapshot: Snapshot) -> frozenset[tuple[str, str]]:
        """`owner/name` and ref of each action that the snapshot's files use, and what comments call it; as `analyse`."""
        return await self._in_child(_uses, snapshot)

    async def _in_child(self, function: Callable[[A], R], argument: A) -> R:
        for _ in range(_POOLS):
            try:
                return await self._once(function, argument)
            except BrokenProcessPool:
                # A child that dies with nothing to do takes its pool with it, and what waits there.
                continue
        raise AnalysisFailed("the processes that analyse do not start")

    async def _once(self, function: Callable[[A], R], argument: A) -> R:
        if not self._pool.active:
            broken, self._pool = self._pool, self._started()
            await asyncio.to_thread(_end, broken)
        future = self._pool.schedule(_limited, args=(function, argument), timeout=self._seconds)
        try:
            result: R = await asyncio.wrap_future(future)
        except OutOfTime:
            raise AnalysisFailed(f"the analysis took longer than {self._seconds:.0f} s") from None
        except MemoryError:
            raise AnalysisFailed("the analysis needed more memory than it may have") from None
        except ProcessExpired as died:
            raise AnalysisFailed(f"the analysis ended with exit status {died.exitcode}") from None
        return result

    def close(self) -> None:
        """Kills the children."""
        _end(self._pool)


def _end(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call] # pebble annotates it in part
    pool.join()


def _prepare(memory: int) -> None:
    """In a new child, before its first task: the limits, and what every task needs loaded and built.

    Raises nothing, which would end the pool: what goes wrong here the first task meets again, and tells.
    """
    os.nice(_NICE)
    _limit(resource.RLIMIT_AS, memory)
    _limit(resource.RLIMIT_CORE, 0)
    collect_rarely()
    with suppress(MemoryError):
        attempted(lambda: review(Repository(_SMALL), Repository(_SMALL), catalogue(), Choices()))


def _limit(kind: int, most: int) -> None:
    """No more than `most`, nor than what the process may have anyhow."""
    _, hard = resource.getrlimit(kind)
    least = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (least, least))


def _begin() -> None:
    return None


def _limited(function: Callable[[A], R], argument: A) -> R:
    """The function's result. Out of memory, what its frames hold is let go first: telling it needs some, too."""
    try:
        return function(argument)
    except MemoryError:
        pass
    raise MemoryError


def _named(snapshots: Sequence[Snapshot]) -> frozenset[str]:
    memo = Memo()
    named = (Repository(snapshot, memo=memo).named_paths for snapshot in snapshots)
    return frozenset[str]().union(*named)


def _uses(snapshot: Snapshot) -> frozenset[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for use in Repository(snapshot).action_uses:
        said = version_comment(use) if use.is_commit else None
        ref = said[0] if said else use.ref
        found |= {(use.repository, ref)} if use.owner and ref else set()
    return frozenset(found)


def _analyse(task: Task) -> Result:
    modules = catalogue()
    checks = [module.check for module in modules]
    config, head, base = _repositories(task)
    # Without a base nothing is called new.
    outcome = review(head, base or head, modules, config.choices, task.renames, task.problems)
    told, ignored = without_ignored(outcome, task.ignores, config.choices.enforced)
    document = sarif(told, checks, task.head.texts, task.source, known=True, suppressed=False)
    images = attempted(lambda: touched(head, base)) if base else ()
    if isinstance(images, str):
        return Result(told, document.encode(), ignored, notes=(f"{_NO_WAYS} {code(images)}.",))
    return Result(told, document.encode(), ignored, images)


def _repositories(task: Task) -> tuple[Config, Repository, Repository | None]:
    config = config_of(task.layers, task.slug)
    outside = Outside(
        slug=task.slug,
        visibility=task.visibility,
        made=task.made,
        ids=task.ids,
        today=task.today,
        actions=task.actions,
        registries=config.registries,
        accounts=config.accounts,
        others=task.others,
    )
    head = Repository(task.head, outside)
    return config, head, Repository(task.base, outside, head.memo) if task.base else None


def _fixed(asked: tuple[Task, tuple[str, ...]]) -> Fixed:
    task, closed = asked
    config, head, base = _repositories(task)
    ignored = frozenset(one.check for one in task.ignores) - config.choices.enforced
    if base is None:
        return Fixed({}, (), 0)
    return fixed(head, Against(base, config.choices, task.renames, ignored, closed))


def config_of(layers: Sequence[Layer], slug: str) -> Config:
    """The layers taken together, for a repository `owner/name`."""
    return combine(layers, [module.check for module in catalogue()], slug.partition("/")[2] or None)
