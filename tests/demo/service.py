"""The real server as a process: `tidewaiter serve` with an App's credentials, on free ports of loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.github.fake import FakeGitHub

START_SECONDS = 60.0
"""The first start on a machine builds the parsers' caches."""
STOP_SECONDS = 15.0
POLL_SECONDS = 0.05
_LOG_LINES = 20
"""Of the server's log, shown where it fails."""


class DemoFailed(Exception):
    """Something did not come; the text says what, and what the server said last."""


@dataclass(frozen=True)
class Service:
    """A server that runs."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{_port(self.log)}"

    def until(self, happened: Callable[[], object], seconds: float, what: str) -> None:
        """Waits. `DemoFailed` after `seconds`, or once the process has ended."""
        last = time.monotonic() + seconds
        while not happened():
            if self.process.poll() is not None:
                raise DemoFailed(f"the server ended with status {self.process.returncode}{_said(self.log)}")
            if time.monotonic() > last:
                raise DemoFailed(f"waited {seconds:.0f} s for {what}{_said(self.log)}")
            time.sleep(POLL_SECONDS)


@contextmanager
def serving(fake: FakeGitHub, folder: Path) -> Iterator[Service]:
    """A server for the fake's App, which ends with the block. Its state goes into `folder`."""
    log = folder / "server.log"
    with log.open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "app", "serve"],
            env=_environment(fake, folder),
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=written,
        )
        service = Service(process, log)
        try:
            service.until(lambda: _port(log), START_SECONDS, "the server to listen")
            service.until(lambda: _ready(service.address), START_SECONDS, "GET /readyz to answer 200")
            yield service
        finally:
            _end(process)


def _environment(fake: FakeGitHub, folder: Path) -> Mapping[str, str]:
    key = folder / "app.pem"
    key.touch(mode=0o600)
    key.write_text(fake.private_key)
    given = {name: value for name, value in os.environ.items() if not name.startswith("TIDEWAITER_")}
    return {
        **given,
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
        "TIDEWAITER_APP_ID": str(fake.app_id),
        "TIDEWAITER_PRIVATE_KEY_FILE": str(key),
        "TIDEWAITER_WEBHOOK_SECRET": fake.webhook_secret,
        "TIDEWAITER_GITHUB_URL": fake.url,
        "TIDEWAITER_STATE_DIR": str(folder / "state"),
        "TIDEWAITER_PORT": "0",
        "TIDEWAITER_METRICS_PORT": "0",
    }


def _port(log: Path) -> int | None:
    """The port that the server says it listens on."""
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        if '"listening"' in line:
            return int(json.loads(line)["port"])
    return None


def _ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz", timeout=5, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def _said(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LOG_LINES:]
    return "\n".join(["; the end of its log:", *lines]) if lines else "; its log is empty"


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
