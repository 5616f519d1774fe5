"""Work shared with copies of the process: nothing is lost, whatever becomes of a copy."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from app import forked
from app.forked import MOST, in_several_processes

NUMBER = 23


@pytest.fixture(autouse=True)
def two_cpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forked, "_cpus", lambda: 2)


def test_the_answers_come_in_order_from_more_than_one_process() -> None:
    answers = in_several_processes(lambda index: (index, os.getpid()), NUMBER)
    assert [index for index, _ in answers] == list(range(NUMBER))
    assert len({process for _, process in answers}) == 2


def test_few_pieces_are_done_here() -> None:
    assert set(in_several_processes(lambda _: os.getpid(), 3)) == {os.getpid()}
    assert in_several_processes(lambda index: index, 0) == []


def test_many_cpus_do_not_make_many_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forked, "_cpus", lambda: 64)
    assert len(set(in_several_processes(lambda _: os.getpid(), NUMBER))) == MOST


def killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def raised() -> None:
    raise RuntimeError


def refused() -> Callable[[], int]:
    return lambda: 1


@pytest.mark.parametrize("fate", [killed, raised, refused])
def test_what_a_copy_does_not_bring_back_is_done_here(fate: Callable[[], object]) -> None:
    here = os.getpid()

    def act(index: int) -> object:
        return index if os.getpid() == here else fate()

    assert in_several_processes(act, NUMBER) == list(range(NUMBER))


def test_no_copy_is_left() -> None:
    for process in {*in_several_processes(lambda _: os.getpid(), NUMBER)} - {os.getpid()}:
        with pytest.raises(ChildProcessError):
            os.waitpid(process, os.WNOHANG)
