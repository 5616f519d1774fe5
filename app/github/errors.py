"""What can go wrong between us and GitHub, as far as callers tell it apart."""

from __future__ import annotations

import datetime


class GitHubError(Exception):
    """GitHub refused, or can't be reached. The message is fit for a log and for a check run: it names
    the call and what GitHub said, never a credential."""


class NotFound(GitHubError):
    """404 or 410: absent, or hidden from us."""


class Forbidden(GitHubError):
    """403: the installation doesn't grant it, or the object doesn't allow it (locked, archived)."""


class Unauthorized(GitHubError):
    """401: the key, the App's id or the token is not accepted."""


class Unprocessable(GitHubError):
    """409, 422 or another answer that says that the request can't be honoured as it is."""


class NoToken(GitHubError):
    """There is no token: the installation is gone or suspended, it does not have the repository, or its owner
    has not accepted a permission that we need. Trying again is of no use."""


class Unavailable(GitHubError):
    """5xx, no connection, no answer in time, or an answer that is no JSON. The call may have had its
    effect."""


class RateLimited(GitHubError):
    """The primary or a secondary rate limit; to be tried again by a later job, never waited for here."""

    def __init__(self, message: str, not_before: datetime.datetime, *, told: bool = True) -> None:
        super().__init__(message)
        self.not_before = not_before
        """The moment, in UTC, from which on a new attempt makes sense."""
        self.told = told
        """Whether GitHub said how long. Where it did not, further attempts are to come ever later."""


class Superseded(GitHubError):
    """The pull request has another head by now; what was found of the old one is not published."""

    def __init__(self, head: str) -> None:
        super().__init__(f"the head is {head} by now")
        self.head = head
