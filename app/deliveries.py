"""From a delivery's payload to jobs: narrow readers of our own, no I/O.

Only what a job needs is read, so that a field that GitHub adds, drops or sets to null (`head.repo` of a
deleted fork) cannot break it: https://docs.github.com/webhooks/webhook-events-and-payloads
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.jobs import Job

_GUID = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,63}")
_EVENT = re.compile(r"[a-z][a-z_0-9]{0,63}")
_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_NAME = re.compile(r"[0-9A-Za-z._-]{1,100}")
_LARGEST = 2**63 - 1
"""Ids of GitHub are 64-bit integers; the databases' are as well."""

_REVIEWED_ACTIONS = frozenset({"opened", "synchronize", "reopened", "ready_for_review"})


class Malformed(ValueError):
    """A payload of an event that we handle lacks what we need. Says where, and what was expected."""


@dataclass(frozen=True)
class Delivery:
    """One webhook delivery whose signature was right."""

    guid: str
    """The same on a redelivery."""
    event: str
    payload: Mapping[str, object]
    received_at: datetime.datetime

    @staticmethod
    def of(headers: Mapping[str, str], payload: Mapping[str, object], now: datetime.datetime) -> Delivery:
        """From the request's headers (looked up in lower case). `Malformed` if GitHub's are missing."""
        guid, event = headers.get("x-github-delivery", ""), headers.get("x-github-event", "")
        if not _GUID.fullmatch(guid):
            raise Malformed("X-GitHub-Delivery: expected a GUID")
        if not _EVENT.fullmatch(event):
            raise Malformed("X-GitHub-Event: expected the name of an event")
        return Delivery(guid, event, payload, now)

    @property
    def action(self) -> str:
        """The payload's action, or nothing: many events have none."""
        action = self.payload.get("action")
        return action if isinstance(action, str) else ""


def jobs_of(delivery: Delivery) -> tuple[Job, ...]:
    """The jobs that a delivery asks for; none for events and actions that are not ours.

    `Malformed` if the event is ours and lacks what a job needs.
    """
    reader = _READERS.get(delivery.event)
    return reader(delivery) if reader else ()


def _pull_request(delivery: Delivery) -> tuple[Job, ...]:
    """https://docs.github.com/webhooks/webhook-events-and-payloads#pull_request"""
    if not _asks_for_review(delivery):
        return ()
    pull = _object(delivery.payload, "pull_request")
    if pull.get("state") == "closed":
        return ()
    repository = _object(delivery.payload, "repository")
    job = Job(
        installation_id=_id(_object(delivery.payload, "installation"), "id"),
        owner=_text(_object(repository, "owner"), "login", _NAME, "a login"),
        repository=_text(repository, "name", _NAME, "a repository's name"),
        repository_id=_id(repository, "id"),
        pull_number=_id(pull, "number"),
        head_sha=_text(_object(pull, "head"), "sha", _SHA, "40 or 64 hexadecimal digits"),
        delivery=delivery.guid,
        event=delivery.event,
        action=delivery.action,
        as_of=_time(pull, "updated_at"),
        received_at=delivery.received_at,
    )
    return (job,)


def _asks_for_review(delivery: Delivery) -> bool:
    """An edited title changes nothing that we read; an edited base changes what the head is compared with."""
    if delivery.action in _REVIEWED_ACTIONS:
        return True
    changes = delivery.payload.get("changes")
    return delivery.action == "edited" and isinstance(changes, dict) and bool(changes.get("base"))


_READERS: Mapping[str, Callable[[Delivery], tuple[Job, ...]]] = {
    "pull_request": _pull_request,
}
"""By event. An event that isn't here is accepted and asks for nothing."""


def _object(parent: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = parent.get(name)
    if not isinstance(value, dict):
        raise Malformed(f"{name}: expected an object")
    return value


def _id(parent: Mapping[str, object], name: str) -> int:
    value = parent.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= _LARGEST:
        raise Malformed(f"{name}: expected a positive integer")
    return value


def _text(parent: Mapping[str, object], name: str, pattern: re.Pattern[str], expected: str) -> str:
    value = parent.get(name)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise Malformed(f"{name}: expected {expected}")
    return value


def _time(parent: Mapping[str, object], name: str) -> datetime.datetime:
    value = parent.get(name)
    try:
        moment = datetime.datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise Malformed(f"{name}: expected a time in ISO 8601") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
