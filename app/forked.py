"""Work of a command shared with copies of its process, which begin where it stands.

Not for the server: it has threads, which a copy would lack.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Sequence
from typing import NoReturn, TypeVar

T = TypeVar("T")
MOST = 4
"""Processes; each holds what it makes itself."""
_WORTH_IT = 8
"""Pieces of work from which on a copy is made: that takes some milliseconds."""


def in_several_processes(act: Callable[[int], T], number: int) -> Sequence[T]:
    """What `act` returns for each number below `number`, in order; it must be fit for `pickle`.

    One process on a machine that has one CPU, or no `fork`. What a copy does not bring back is done here.
    """
    processes = min(_cpus(), MOST, number) if number >= _WORTH_IT else 1
    copies = [(first, _begun(act, range(first, number, processes))) for first in range(1, processes)]
    done: dict[int, T] = {index: act(index) for index in range(0, number, processes)}
    for first, (pid, reading) in copies:
        done.update(zip(range(first, number, processes), _ended(pid, reading), strict=False))
    return [done[index] if index in done else act(index) for index in range(number)]


def _cpus() -> int:
    if not hasattr(os, "fork"):
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _begun(act: Callable[[int], T], numbers: range) -> tuple[int, int]:
    """A copy of this process that does the work of some numbers: its id, and where its results can be read."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _work(act, numbers, writing)
    os.close(writing)
    return pid, reading


def _work(act: Callable[[int], T], numbers: range, writing: int) -> NoReturn:
    """In the copy: does its part and ends there, whatever happens; nothing of the caller's may run on."""
    status = 1
    try:
        with open(writing, "wb") as results:
            pickle.dump([act(index) for index in numbers], results)
        status = 0
    finally:
        os._exit(status)


def _ended(pid: int, reading: int) -> list[T]:
    """What a copy brought back, once it has ended; nothing if it did not end well."""
    with open(reading, "rb") as results:
        content = results.read()
    _, status = os.waitpid(pid, 0)
    return pickle.loads(content) if status == 0 else []  # noqa: S301 - from our own copy
