"""Our unit of work, and the contract between the queue and what it calls.

The queue makes a job survive a crash, and calls `Perform` at least once for each. Exactly one end state
comes from `Perform` itself: it looks before it writes.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum

from msgspec.structs import asdict

from app.memory import Memory
from checks.record import Record


class Kind(StrEnum):
    """What is to be done."""

    REVIEW = "review"
    """Of a pull request at a head; or a command, or what a head's pull requests are."""
    GROUP = "group"
    """A merge group's head gets its check run."""
    BASELINE = "baseline"
    """The default branch moved: code scanning gets what stands there now."""
    FORGET = "forget"
    """What is remembered goes: of a pull request; of a repository, where that is 0; of an installation, where
    the repository is 0 too."""


class Branch(Record):
    """The branch that a commit is on, where it is no pull request's."""

    ref: str
    """In full: `refs/heads/main`."""
    base_ref: str = ""
    """Of a merge group: the branch that it is to be merged into, in full."""
    base_sha: str = ""
    """Of a merge group: what it is put on top of."""
    pull_number: int = 0
    """Of a merge group: the pull request that it brings; 0 where its name does not tell."""


class Asked(Record):
    """A command that stands in a comment, to be carried out if its author may."""

    command: str
    """Its name in `app.commands`."""
    comment_id: int
    """0: a button of a check run was pressed."""
    author: str
    """The login of who wrote the comment, or pressed the button."""
    check: str = ""
    """What the command names as a check, as it was written."""
    reason: str = ""
    """Why, in its author's words."""
    seen: str = ""
    """The head whose check run has the button that was pressed."""


def _plain(value: Record | datetime.datetime) -> object:
    return value.isoformat() if isinstance(value, datetime.datetime) else asdict(value)


class Job(Record):
    """A pull request at a head, to be reviewed because of a delivery; or what a review has yet to come of."""

    installation_id: int
    owner: str
    repository: str
    """The repository's name, without its owner."""
    repository_id: int
    pull_number: int
    """0: the open pull requests that have the head; which ones is to be asked."""
    head_sha: str
    """Empty: the one that the pull request has when the job is done."""
    delivery: str
    """GitHub's GUID of the delivery. Work that no delivery asked for has a name of its own here, and a
    new name each time that it is to be done again."""
    event: str
    action: str
    as_of: datetime.datetime | None
    """When GitHub last saw the pull request change, as the payload says. Deliveries arrive in any order;
    this tells which head is the newer one. None: the payload doesn't say, as where a person asks for a
    re-run; such a job neither makes another one pointless nor becomes so."""
    received_at: datetime.datetime
    asked: Asked | None = None
    """None: to be reviewed, whoever asked."""
    kind: Kind = Kind.REVIEW
    branch: Branch | None = None
    """Of a merge group and of a baseline."""

    @property
    def id(self) -> str:
        """The same for a redelivery of the same delivery."""
        return f"{self.delivery}/{self.subject}/{self.head_sha}"

    @property
    def subject(self) -> str:
        """What only one job at a time works on: the pull request, or the head whose pull request we don't
        know yet; the default branch; an installation that is gone."""
        if self.kind is Kind.FORGET and not self.repository_id:
            return f"installation/{self.installation_id}"
        if self.kind is Kind.BASELINE and self.branch:
            return f"{self.repository_id}/{self.branch.ref}"
        return f"{self.repository_id}/{self.pull_number or self.head_sha}"

    @property
    def slug(self) -> str:
        """`owner/name` of the repository."""
        return f"{self.owner}/{self.repository}"

    def to_json(self) -> str:
        """The job as one line of JSON, for `from_json`."""
        return json.dumps(self, default=_plain, sort_keys=True)

    @staticmethod
    def from_json(text: str) -> Job:
        """The job that `to_json` wrote, in this release or in an earlier one."""
        fields = json.loads(text)
        for name in ("as_of", "received_at"):
            if fields[name] is not None:
                fields[name] = datetime.datetime.fromisoformat(fields[name])
        if fields.get("asked"):
            fields["asked"] = Asked(**fields["asked"])
        if fields.get("branch"):
            fields["branch"] = Branch(**fields["branch"])
        fields["kind"] = Kind(fields.get("kind", Kind.REVIEW))
        return Job(**fields)


class State(StrEnum):
    """How far a job is."""

    QUEUED = "queued"
    """Waits: for a worker, for its pull request's running job, or until a rate limit is over."""
    RUNNING = "running"
    DONE = "done"
    SUPERSEDED = "superseded"
    """A newer head made it pointless. As good as done."""
    FAILED = "failed"
    """Given up; a redelivery of its delivery runs it again."""


class Outcome(Record):
    """How a job ended."""

    state: State
    reason: str = ""
    """Of a failed job: why, in words that may be logged and stored. Of another: what `Attempt.ended` counts."""

    @staticmethod
    def failed(reason: str) -> Outcome:
        """No retry would help. (What may help again is raised instead: the queue retries.)"""
        return Outcome(State.FAILED, reason)


DONE = Outcome(State.DONE)
ALLOWED = Outcome(State.DONE, "allowed")
"""Of a command that was carried out; those of a pull request are counted by it."""
SUPERSEDED = Outcome(State.SUPERSEDED)


class RetryLater(Exception):
    """Raised where nothing can be done before a time, as under a rate limit.

    The job leaves its worker, and a successor starts at `not_before`, after a restart too.
    """

    def __init__(self, not_before: datetime.datetime, reason: str) -> None:
        super().__init__(not_before, reason)
        self.not_before = not_before
        """With a time zone."""
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.reason}; again at {self.not_before.isoformat()}"


class Attempt(Record):
    """What a running job may know of itself."""

    number: int
    """From 1; a redelivery of a failed job and each `RetryLater` add one."""
    superseded: Callable[[], Awaitable[bool]]
    """Whether a newer head of the pull request has been accepted meanwhile."""
    hand_on: Callable[[Sequence[Job]], Awaitable[None]]
    """Store jobs that this one comes to, durably; they belong to the same delivery. Those that are stored
    already change nothing."""
    ended: Callable[[Outcome, datetime.timedelta], Awaitable[int]]
    """How many jobs of the same pull request came to an outcome within a time up to now."""
    memory: Memory
    """What is kept beyond the job."""


Perform = Callable[[Job, Attempt], Awaitable[Outcome]]
"""Does a job. May be called again for the same job, also after it has finished: it looks before it writes.
What it raises is retried a few times, then the job has failed."""


GaveUp = Callable[[Job, str], Awaitable[None]]
"""Told when a job has failed, with the reason: the last chance to conclude its check run. What it raises is
retried like a job; it may be called twice."""


class Accepted(StrEnum):
    """What became of a delivery that was handed to the queue."""

    QUEUED = "queued"
    AGAIN = "again"
    """It had failed before and runs again."""
    REPEATED = "repeated"
    """It is queued, running or done already."""
    NOTHING = "nothing"
    """There is nothing to do for it."""


class QueueFull(Exception):
    """The queue is as long as it may get: the delivery was not stored."""
