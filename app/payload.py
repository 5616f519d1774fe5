"""A delivery, and its payload read narrowly.

Only what a job needs is read, so that a field that GitHub adds, drops or sets to null (`head.repo` of a
deleted fork) cannot break it: https://docs.github.com/webhooks/webhook-events-and-payloads
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping

from checks.record import Record

_GUID = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,63}")
_EVENT = re.compile(r"[a-z][a-z_0-9]{0,63}")
_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
NAME = re.compile(r"[0-9A-Za-z._-]{1,100}")
"""Of an account or a repository."""
_LARGEST = 2**63 - 1
"""Ids of GitHub are 64-bit integers; the databases' are as well."""


class Malformed(ValueError):
    """A payload of an event that we handle lacks what we need. Says where, and what was expected."""


class Delivery(Record):
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


def object_in(parent: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = parent.get(name)
    if not isinstance(value, dict):
        raise Malformed(f"{name}: expected an object")
    return value


def id_in(parent: Mapping[str, object], name: str) -> int:
    value = parent.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= _LARGEST:
        raise Malformed(f"{name}: expected a positive integer")
    return value


def text_in(parent: Mapping[str, object], name: str, pattern: re.Pattern[str], expected: str) -> str:
    value = parent.get(name)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise Malformed(f"{name}: expected {expected}")
    return value


def time_in(parent: Mapping[str, object], name: str) -> datetime.datetime:
    value = parent.get(name)
    try:
        moment = datetime.datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise Malformed(f"{name}: expected a time in ISO 8601") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)


def sha_in(parent: Mapping[str, object], name: str) -> str:
    return text_in(parent, name, _SHA, "40 or 64 hexadecimal digits")
