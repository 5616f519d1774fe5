"""What proves the App's identity: a token that it signs itself.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
"""

from __future__ import annotations

import datetime

import jwt

DATED_BACK = datetime.timedelta(minutes=1)
"""So that a clock that is a little ahead makes no token from the future."""
LASTS = datetime.timedelta(minutes=9)
"""From now on; GitHub takes at most ten minutes."""
USED = datetime.timedelta(minutes=8)


class Proof:
    """Signs tokens, each used for a while. One for the process."""

    def __init__(self, app_id: str, private_key: str) -> None:
        self._app_id, self._key = app_id, private_key
        self._token = ""
        self._made_at = datetime.datetime.min.replace(tzinfo=datetime.UTC)

    def token(self, now: datetime.datetime) -> str:
        """The token for a moment; another one than before where that lies before or long behind the earlier one."""
        if not self._made_at <= now <= self._made_at + USED:
            claims = {"iss": self._app_id, "iat": now - DATED_BACK, "exp": now + LASTS}
            self._token, self._made_at = jwt.encode(claims, self._key, algorithm="RS256"), now
        return self._token
