"""A server in a process of its own, so that it can be killed: `python -m tests.app.served EVENTS HOLD`.

It takes its settings from the environment. Each job writes `begin`, then waits while the file HOLD exists,
then writes `end`, as lines of the file EVENTS. A job of pull request 13 is limited at its first attempt.
"""

from __future__ import annotations

import asyncio
import datetime
import os
import sys
from pathlib import Path

from app.jobs import DONE, SUPERSEDED, Attempt, Job, Outcome, RetryLater
from app.limits import Limits
from app.serving import CannotServe, serve
from app.settings import BadSetting, settings_from

PARKED = datetime.timedelta(seconds=2)
LIMITS = Limits(workers=2, poll=0.05, grace=1, beat=0.2, dead_after=2)


def main(events: Path, hold: Path) -> int:
    def write(what: str, job: Job, attempt: Attempt) -> None:
        line = f"{what} {job.pull_number} {job.head_sha[0]} {attempt.number}\n"
        with events.open("a", encoding="ascii") as file:
            file.write(line)

    async def perform(job: Job, attempt: Attempt) -> Outcome:
        write("begin", job, attempt)
        if job.pull_number == 13 and attempt.number == 1:
            raise RetryLater(datetime.datetime.now(datetime.UTC) + PARKED, "rate limit")
        for _ in iter(hold.exists, False):
            await asyncio.sleep(0.02)
        if await attempt.superseded():
            return SUPERSEDED
        write("end", job, attempt)
        return DONE

    try:
        serve(settings_from(os.environ), perform, limits=LIMITS)
    except (BadSetting, CannotServe) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
