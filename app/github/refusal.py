"""GitHub's refusals as errors of ours."""

from __future__ import annotations

import datetime
from urllib.parse import urlsplit

import httpx

from app.github.answer import Answer, BadAnswer
from app.github.clock import NONE, date_of
from app.github.errors import (
    Forbidden,
    GitHubError,
    NotFound,
    RateLimited,
    Unauthorized,
    Unavailable,
    Unprocessable,
)

MINUTE = datetime.timedelta(minutes=1)
"""The least to wait after a secondary limit that doesn't say how long it lasts."""
_SECONDARY = ("secondary rate limit", "temporarily blocked", "abuse detection")
_KINDS = {401: Unauthorized, 403: Forbidden, 404: NotFound, 410: NotFound}


def now() -> datetime.datetime:
    """The moment, in UTC."""
    return datetime.datetime.now(datetime.UTC)


def refusal(method: str, url: str, response: httpx.Response) -> GitHubError:
    """The error that stands for a response of 400 and up; the message names the call, not its query."""
    status = response.status_code
    said = _said(response)
    message = f"{method} {urlsplit(url).path}: {status} {said}"
    limited = _limited(message, response, said)
    if limited:
        return limited
    return (Unavailable if status >= 500 else _KINDS.get(status, Unprocessable))(message)


def _said(response: httpx.Response) -> str:
    """GitHub's own message, cut; an HTML page of a proxy says nothing."""
    try:
        answer = Answer.parse(response.content)
        errors = f" {answer['errors'].value}" if answer["errors"] else ""
        return f"{answer['message'].text()}{errors}"[:500]
    except BadAnswer:
        return response.reason_phrase


def _limited(message: str, response: httpx.Response, said: str) -> RateLimited | None:
    """https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit"""
    if response.status_code not in (403, 429):
        return None
    headers = response.headers
    secondary = any(words in said.lower() for words in _SECONDARY)
    wait = headers.get("retry-after", "")
    if wait.isdigit():
        return RateLimited(message, now() + datetime.timedelta(seconds=int(wait)))
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") == "0" and reset.isdigit() and not secondary:
        at = datetime.datetime.fromtimestamp(int(reset), datetime.UTC)
        # By GitHub's clock, which ours may be ahead of.
        left = at - (date_of(headers) or now())
        return RateLimited(message, now() + max(left, NONE))
    if secondary or response.status_code == 429:
        return RateLimited(message, now() + MINUTE, told=False)
    return None
