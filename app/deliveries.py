"""From a delivery's payload to jobs: narrow readers of our own, no I/O.

Only what a job needs is read, so that a field that GitHub adds, drops or sets to null (`head.repo` of a
deleted fork) cannot break it: https://docs.github.com/webhooks/webhook-events-and-payloads
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app import commands
from app.github.check_run import pull_number
from app.jobs import Asked, Job

_GUID = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,63}")
_EVENT = re.compile(r"[a-z][a-z_0-9]{0,63}")
_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_SHA_EXPECTED = "40 or 64 hexadecimal digits"
_NAME = re.compile(r"[0-9A-Za-z._-]{1,100}")
_LARGEST = 2**63 - 1
"""Ids of GitHub are 64-bit integers; the databases' are as well."""

_MOST_LISTED = 100
"""Pull requests of one head that a payload may name."""
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


def jobs_of(delivery: Delivery, app_id: int) -> tuple[Job, ...]:
    """The jobs that a delivery to the App of that id asks for; none for events and actions that are not ours.

    `Malformed` if the event is ours and lacks what a job needs.
    """
    reader = _READERS.get(delivery.event)
    return reader(delivery, app_id) if reader else ()


def _pull_request(delivery: Delivery, _app_id: int) -> tuple[Job, ...]:
    """https://docs.github.com/webhooks/webhook-events-and-payloads#pull_request"""
    if not _asks_for_review(delivery):
        return ()
    pull = _object(delivery.payload, "pull_request")
    if pull.get("state") == "closed":
        return ()
    sha = _text(_object(pull, "head"), "sha", _SHA, _SHA_EXPECTED)
    return (_job(delivery, _id(pull, "number"), sha, _time(pull, "updated_at")),)


def _job(
    delivery: Delivery,
    number: int,
    sha: str,
    as_of: datetime.datetime | None = None,
    asked: Asked | None = None,
) -> Job:
    repository = _object(delivery.payload, "repository")
    return Job(
        installation_id=_id(_object(delivery.payload, "installation"), "id"),
        owner=_text(_object(repository, "owner"), "login", _NAME, "a login"),
        repository=_text(repository, "name", _NAME, "a repository's name"),
        repository_id=_id(repository, "id"),
        pull_number=number,
        head_sha=sha,
        delivery=delivery.guid,
        event=delivery.event,
        action=delivery.action,
        as_of=as_of,
        received_at=delivery.received_at,
        asked=asked,
    )


def _asks_for_review(delivery: Delivery) -> bool:
    """An edited title changes nothing that we read; an edited base changes what the head is compared with."""
    if delivery.action in _REVIEWED_ACTIONS:
        return True
    changes = delivery.payload.get("changes")
    return delivery.action == "edited" and isinstance(changes, dict) and bool(changes.get("base"))


def _check_run(delivery: Delivery, app_id: int) -> tuple[Job, ...]:
    """*Re-run* at one run: https://docs.github.com/webhooks/webhook-events-and-payloads#check_run"""
    if delivery.action != "rerequested":
        return ()
    run = _object(delivery.payload, "check_run")
    if not _is_of(run, app_id):
        return ()
    named = run.get("external_id")
    number = pull_number(named) if isinstance(named, str) else None
    return _again(delivery, run, (number,) if number else ())


def _check_suite(delivery: Delivery, app_id: int) -> tuple[Job, ...]:
    """*Re-run all*: https://docs.github.com/webhooks/webhook-events-and-payloads#check_suite"""
    if delivery.action != "rerequested":
        return ()
    suite = _object(delivery.payload, "check_suite")
    return _again(delivery, suite, ()) if _is_of(suite, app_id) else ()


def _is_of(checked: Mapping[str, object], app_id: int) -> bool:
    app = checked.get("app")
    return isinstance(app, dict) and app.get("id") == app_id


def _again(delivery: Delivery, checked: Mapping[str, object], numbers: tuple[int, ...]) -> tuple[Job, ...]:
    """Reviews of a head once more: of the given pull requests, else of those that the payload names. It
    names none of a fork; those are to be found by the head."""
    sha = _text(checked, "head_sha", _SHA, _SHA_EXPECTED)
    numbers = numbers or _listed(checked, _id(_object(delivery.payload, "repository"), "id")) or (0,)
    return tuple(_job(delivery, number, sha) for number in numbers)


def _listed(checked: Mapping[str, object], repository: int) -> tuple[int, ...]:
    """The pull requests to the repository; the list may have others, which bring its branch elsewhere."""
    listed = checked.get("pull_requests")
    pulls = [it for it in listed if isinstance(it, dict)] if isinstance(listed, list) else []
    ours = (it for it in pulls if _object(_object(it, "base"), "repo").get("id") == repository)
    return tuple(dict.fromkeys(_id(it, "number") for it in ours))[:_MOST_LISTED]


def _issue_comment(delivery: Delivery, app_id: int) -> tuple[Job, ...]:
    """A command: https://docs.github.com/webhooks/webhook-events-and-payloads#issue_comment

    Only what a person has just written on an open pull request: whoever edits a comment need not be its
    author, and what Apps write, ours before all, must never set off another App.
    """
    if delivery.action != "created":
        return ()
    issue, comment = _object(delivery.payload, "issue"), _object(delivery.payload, "comment")
    if not issue.get("pull_request") or issue.get("state") != "open" or not _is_persons(comment, app_id):
        return ()
    body = comment.get("body")
    command = commands.read(body) if isinstance(body, str) else None
    if command is None:
        return ()
    author = _text(_object(comment, "user"), "login", _NAME, "a login")
    asked = Asked(command.name, _id(comment, "id"), author)
    return (_job(delivery, _id(issue, "number"), "", asked=asked),)


def _is_persons(comment: Mapping[str, object], app_id: int) -> bool:
    user, app = comment.get("user"), comment.get("performed_via_github_app")
    by_us = isinstance(app, dict) and app.get("id") == app_id
    return isinstance(user, dict) and user.get("type") == "User" and not by_us


_READERS: Mapping[str, Callable[[Delivery, int], tuple[Job, ...]]] = {
    "pull_request": _pull_request,
    "check_run": _check_run,
    "check_suite": _check_suite,
    "issue_comment": _issue_comment,
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
