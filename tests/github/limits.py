"""GitHub's rate limits: the primary one by the hour, and the secondary ones."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from tests.github.call import RefusedError

HOUR = 3600.0
MINUTE = 60.0

SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. "
    "If you reach out to GitHub Support for help, please include the request ID."
)


@dataclass
class Limits:
    """The numbers are GitHub's; a test makes them small. All windows slide on the fake's clock."""

    primary: int = 5000
    """Requests an hour of one installation."""
    points_per_minute: int = 900
    """A GET costs 1, a write 5."""
    creations_per_minute: int = 80
    creations_per_hour: int = 500
    concurrent: int = 100
    retry_after: int | None = None
    """Seconds in `Retry-After` of a secondary limit; `None`: GitHub often sends none."""

    _used: int = 0
    _reset: float = 0.0
    _points: deque[tuple[float, int]] = field(default_factory=deque)
    _creations: deque[float] = field(default_factory=deque)

    def admit(self, now: float, method: str, creates: bool) -> None:
        """Counts a request. 403 if that exceeds a limit."""
        self._roll(now)
        if self._used >= self.primary:
            raise RefusedError(403, "API rate limit exceeded for installation.")
        cost = 1 if method in {"GET", "HEAD"} else 5
        last_minute = sum(1 for at in self._creations if at > now - MINUTE)
        if sum(points for _, points in self._points) + cost > self.points_per_minute:
            raise self.secondary()
        if creates and (
            last_minute >= self.creations_per_minute or len(self._creations) >= self.creations_per_hour
        ):
            raise self.secondary()
        self._used += 1
        self._points.append((now, cost))
        if creates:
            self._creations.append(now)

    def give_back(self) -> None:
        """A conditional request that was answered 304 costs nothing."""
        self._used = max(0, self._used - 1)

    def secondary(self) -> RefusedError:
        headers = {"Retry-After": str(self.retry_after)} if self.retry_after is not None else {}
        return RefusedError(403, SECONDARY, headers=headers)

    def headers(self, now: float, resource: str) -> dict[str, str]:
        self._roll(now)
        return {
            "X-RateLimit-Limit": str(self.primary),
            "X-RateLimit-Remaining": str(max(0, self.primary - self._used)),
            "X-RateLimit-Used": str(self._used),
            "X-RateLimit-Reset": str(int(self._reset)),
            "X-RateLimit-Resource": resource,
        }

    def overview(self, now: float) -> dict[str, int]:
        self._roll(now)
        remaining = max(0, self.primary - self._used)
        return {"limit": self.primary, "used": self._used, "remaining": remaining, "reset": int(self._reset)}

    def _roll(self, now: float) -> None:
        if now >= self._reset:
            self._used, self._reset = 0, now + HOUR
        while self._points and self._points[0][0] <= now - MINUTE:
            self._points.popleft()
        while self._creations and self._creations[0] <= now - HOUR:
            self._creations.popleft()
