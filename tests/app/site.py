"""A server in processes of its own that share a state directory, one after the other."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.app import payloads
from tests.app.test_settings import KEY

PATIENCE = 60.0


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline:
            pytest.fail("did not happen")
        time.sleep(0.02)


class Site:
    """A state directory, and the processes that serve from it one after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.events, self.hold = folder, folder / "events", folder / "hold"
        self.processes: list[subprocess.Popen[bytes]] = []
        self.command = [sys.executable, "-m", "tests.app.served", str(self.events), str(self.hold)]
        self.log = folder / "log"
        self.environment = {
            "PATH": os.environ["PATH"],
            "TIDEWAITER_APP_ID": "1",
            "TIDEWAITER_PRIVATE_KEY": KEY,
            "TIDEWAITER_WEBHOOK_SECRET": "hush",
            "TIDEWAITER_STATE_DIR": str(folder / "state"),
            "TIDEWAITER_PORT": "0",
            "TIDEWAITER_METRICS_PORT": "0",
        }

    def start(self) -> None:
        self.log = self.folder / f"log{len(self.processes)}"
        self.processes.append(self.process(self.log))
        until(lambda: self.logged("listening") is not None or self.processes[-1].poll() is not None)
        assert self.processes[-1].poll() is None, self.log.read_text()

    def process(self, log: Path) -> subprocess.Popen[bytes]:
        with log.open("wb") as output:
            return subprocess.Popen(
                self.command,
                env=self.environment,
                stdout=output,
                stderr=output,
                cwd=Path(__file__).parents[2],
            )

    def logged(self, event: str) -> int | None:
        """The port of the first line of the log with this event."""
        for line in self.log.read_text().splitlines():
            if line.startswith("{") and (entry := json.loads(line))["event"] == event:
                return int(entry["port"])
        return None

    def end(self, number: int) -> int:
        self.processes[-1].send_signal(number)
        return self.processes[-1].wait(PATIENCE)

    def deliver(self, number: int, sha: str = "a", minute: int = 0, guid: str = "") -> str:
        """Deliver a push to a pull request; its GUID once it is accepted."""
        body = json.dumps(payloads.pull_request(number=number, sha=sha * 40, minute=minute)).encode()
        guid = guid or str(uuid.uuid4())
        headers = {
            "X-GitHub-Event": "pull_request",
            "X-GitHub-Delivery": guid,
            "X-Hub-Signature-256": payloads.signature("hush", body),
        }
        answer = httpx.post(
            f"http://127.0.0.1:{self.logged('listening')}/webhook", content=body, headers=headers
        )
        assert answer.status_code == 202
        return guid

    def happened(self, what: str) -> list[str]:
        """The pull request and head of each such event."""
        lines = self.events.read_text().splitlines() if self.events.exists() else []
        return [" ".join(line.split()[1:3]) for line in lines if line.startswith(what)]

    def states(self) -> dict[str, str]:
        """The state of each delivery, as the database has it."""
        with closing(sqlite3.connect(self.folder / "state/tidewaiter.db")) as database:
            return dict(database.execute("select delivery, state from tidewaiter_job").fetchall())

    def settle(self) -> None:
        until(lambda: not {"queued", "running"} & set(self.states().values()))
