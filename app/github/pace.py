"""The manners of writing to GitHub: one after the other, with a second between."""

from __future__ import annotations

import threading
import time


class Pace:
    """Hands out moments for writes, at least an interval apart for each installation; safe across the
    threads and event loops that jobs run in."""

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._next: dict[int, float] = {}
        self._lock = threading.Lock()

    def wait(self, installation: int) -> float:
        """Seconds to wait before the next write."""
        now = time.monotonic()
        with self._lock:
            at = max(now, self._next.get(installation, now))
            self._next[installation] = at + self._interval
        return at - now
