"""What goes wrong on the way, on demand: `fake.faults.on("POST", "*/check-runs", kind=answer_lost())`."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from tests.github.call import RefusedError, Reply
from tests.github.limits import SECONDARY

HANG_SECONDS = 30.0


@dataclass(frozen=True)
class Fault:
    """One way to fail. It strikes before the endpoint acts, or after its effect with the answer lost."""

    after: bool = False
    reply: Reply | None = None
    reset: bool = False
    """Close the connection without an answer (RST)."""
    hang: float = 0.0
    """Seconds to keep silent, at most; ends when the client gives up."""
    action: Callable[[], object] | None = None
    """Called in place, with no lock held; the request then goes on unless the fault also answers."""


def status(code: int, message: str = "", *, after: bool = False) -> Fault:
    """Answer with an error of GitHub's: 401, 404, 422, 500, 503…"""
    return Fault(after=after, reply=RefusedError(code, message or f"Fault {code}").reply())


def bad_gateway() -> Fault:
    """502 before anything happened."""
    return status(502, "Server Error")


def answer_lost() -> Fault:
    """502 although the request took effect."""
    return status(502, "Server Error", after=True)


def connection_reset(*, after: bool = False) -> Fault:
    return Fault(after=after, reset=True)


def hang(seconds: float = HANG_SECONDS, *, after: bool = False) -> Fault:
    """No answer until the client gives up, or for `seconds`; then the connection is reset."""
    return Fault(after=after, hang=seconds, reset=True)


def secondary_limit(retry_after: int | None = None) -> Fault:
    """403 of a secondary rate limit, with `Retry-After` if a number of seconds is given."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Fault(reply=RefusedError(403, SECONDARY, headers=headers).reply())


def primary_limit(reset_at: int) -> Fault:
    """403 of the primary limit, with the second of the epoch at which it ends."""
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(reset_at)}
    return Fault(
        reply=RefusedError(403, "API rate limit exceeded for installation.", headers=headers).reply()
    )


def unprocessable(message: str = "Unprocessable Entity") -> Fault:
    return status(422, message)


def unauthorized() -> Fault:
    return status(401, "Bad credentials")


def missing() -> Fault:
    return status(404, "Not Found")


def call(action: Callable[[], object], *, after: bool = False) -> Fault:
    """Run something just before, or just after, the effect: kill a process, push a head."""
    return Fault(after=after, action=action)


@dataclass
class _Armed:
    method: str
    pattern: str
    skip: int
    left: int | None
    fault: Fault
    owner: str
    met: int = 0


@dataclass
class Faults:
    """The faults that wait for their request. Each request meets at most one."""

    struck: list[tuple[str, str]] = field(default_factory=list)
    """Method and path of each request that met a fault."""
    _armed: list[_Armed] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def on(
        self,
        method: str,
        path: str,
        nth: int = 1,
        kind: Fault | None = None,
        *,
        times: int | None = 1,
        owner: str = "",
    ) -> None:
        """Arms a fault for the `nth` request from now on (and `times` - 1 after it; `None`: all after it).

        `method` may be `*`; `path` is a glob over the path without its query, or a path of GitHub's
        description with its `{…}`. With an `owner` only what concerns that account counts.
        """
        glob = _glob(path)
        with self._lock:
            self._armed.append(_Armed(method, glob, nth - 1, times, kind or bad_gateway(), owner))

    def forget(self, owner: str) -> int:
        """Disarms what is armed for an account; how many requests have met it."""
        with self._lock:
            met = sum(armed.met for armed in self._armed if armed.owner == owner)
            self._armed = [armed for armed in self._armed if armed.owner != owner]
            return met

    def clear(self) -> None:
        with self._lock:
            self._armed.clear()

    def take(self, method: str, path: str, owner: str = "") -> Fault | None:
        """The fault that a request meets, if any; `owner` is the account that it concerns."""
        with self._lock:
            taken = None
            for armed in self._armed:
                if armed.method not in {"*", method} or not fnmatchcase(path, armed.pattern):
                    continue
                if armed.owner not in {"", owner}:
                    continue
                if armed.skip:
                    armed.skip -= 1
                elif taken is None and armed.left != 0:
                    armed.left = None if armed.left is None else armed.left - 1
                    armed.met += 1
                    taken = replace(armed.fault)
            if taken is not None:
                self.struck.append((method, path))
            return taken


def _glob(path: str) -> str:
    out, depth = [], 0
    for letter in path:
        if letter == "{":
            depth += 1
            out.append("*")
        elif letter == "}":
            depth -= 1
        elif depth == 0:
            out.append("[[]" if letter == "[" else letter)
    return "".join(out)
