"""`tidewaiter serve` in a process of its own before a fake GitHub: from a delivery to what stands there then."""

from __future__ import annotations

import itertools
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

import httpx

from tests.app.site import Site
from tests.github.endstate import EndState
from tests.github.fake import FakeGitHub
from tests.github.faults import Fault
from tests.github.repositories import Built, Files, build, commit
from tests.github.state import CheckRun, Delivery, Installation, Pull, Repository, ReviewComment, Sarif

PATIENCE = 240.0
"""Seconds; a job that fails in the end takes 26 of them to do so, one that is limited 60, on an idle machine."""
OVER = {"done", "superseded", "failed"}
NUMBER = 7
"""Of every pull request."""


def wait(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited in vain for {what}")
        time.sleep(0.05)


class World:
    """A server and its GitHub. Each proposal has an owner of its own, so that none waits for another's writes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.fake = FakeGitHub()
        self.fake.limits.primary = self.fake.limits.points_per_minute = 1_000_000
        self.fake.limits.creations_per_minute = self.fake.limits.creations_per_hour = 1_000_000
        self.site = Site(folder)
        self.site.command = [str(Path(sys.executable).with_name("tidewaiter")), "serve"]
        self.site.environment |= {
            "HOME": os.environ.get("HOME", str(folder)),
            "TIDEWAITER_APP_ID": str(self.fake.app_id),
            "TIDEWAITER_PRIVATE_KEY": self.fake.private_key,
            "TIDEWAITER_WEBHOOK_SECRET": self.fake.webhook_secret,
            "TIDEWAITER_GITHUB_URL": self.fake.url,
        }
        self._numbers = itertools.count(10)
        self._built: dict[str, Built] = {}
        self._building = threading.Lock()

    def start(self) -> None:
        """Ready to take deliveries."""
        self.site.start()
        address = f"http://127.0.0.1:{self.site.logged('listening')}"
        wait(lambda: httpx.get(f"{address}/readyz").status_code == 200, "readiness")
        self.fake.webhook_url = f"{address}/webhook"
        # What it looks for at its start is not to be mixed with what a test counts.
        told = '"event": "reconciled"'
        wait(lambda: self.is_dead or told in self.site.log.read_text(), "the reconciliation")

    def kill(self) -> None:
        self.site.end(signal.SIGKILL)

    @property
    def is_dead(self) -> bool:
        return self.site.processes[-1].poll() is not None

    def repository(
        self, owner: str, name: str, base: Files, head: Files, **how: Any
    ) -> tuple[Repository, Built]:
        """A repository on the fake with a branch `change`; equal ones share their git directory."""
        with self._building:
            key = repr((base, head))
            if key not in self._built:
                self._built[key] = build(self.folder / f"git{len(self._built)}", base, head)
            built = self._built[key]
        return self.fake.add_repository(owner, name, built.git_dir, **how), built

    def proposal(self, base: Files, head: Files, *, visibility: str = "public", **how: Any) -> Proposal:
        """A pull request that turns `base` into `head`, with what `open_pull_request` takes besides."""
        owner = f"owner{next(self._numbers)}"
        repository, built = self.repository(owner, "web", base, head, visibility=visibility)
        pull = self.fake.open_pull_request(repository, NUMBER, head_sha=built.head, **how)
        pull.base_sha = built.base
        return Proposal(self, repository, pull)


@dataclass
class Proposal:
    """A pull request, and what is done about it."""

    world: World
    repository: Repository
    pull: Pull
    deliveries: list[Delivery] = field(default_factory=list)
    seconds: float = 0.0
    """Between the last delivery and the end of its job."""

    @property
    def fake(self) -> FakeGitHub:
        return self.world.fake

    @property
    def owner(self) -> str:
        return self.repository.owner.login

    @property
    def installation(self) -> Installation:
        assert self.repository.installation is not None
        return self.repository.installation

    def git_dir(self) -> Path:
        return self.repository.store.git_dir

    def add(self, name: str, files: Files, **how: Any) -> Repository:
        """Another repository of the same owner."""
        repository, _ = self.world.repository(self.owner, name, files, {}, **how)
        return repository

    def push(self, files: Files) -> str:
        """A new head on top of the old one, on a branch of this proposal's own."""
        sha = commit(self.git_dir(), f"{self.owner}-change", files, parent=self.pull.head_sha)
        self.fake.push(self.pull, sha)
        return sha

    def deliver(self, action: str = "opened", payload: Mapping[str, Any] | None = None) -> Delivery:
        payload = payload or self.fake.payloads.pull_request(self.pull, action)
        delivery = self.fake.deliver("pull_request", payload)
        assert delivery.status_code == 202, delivery
        self.deliveries.append(delivery)
        return delivery

    def redeliver(self, delivery: Delivery) -> None:
        again = self.fake.deliver(delivery.event, delivery.payload, guid=delivery.guid)
        assert again.status_code == 202

    def state(self, delivery: Delivery) -> str:
        """Of the delivery's job: the queue's word, or nothing."""
        return self.world.site.states().get(delivery.guid, "")

    def ended(self, delivery: Delivery) -> str:
        """Waits for the end of the delivery's job."""
        wait(lambda: self.state(delivery) in OVER, f"the job of {delivery.guid}")
        return self.state(delivery)

    def review(self, action: str = "opened", payload: Mapping[str, Any] | None = None) -> str:
        """A delivery and all that comes of it."""
        began = time.monotonic()
        state = self.ended(self.deliver(action, payload))
        self.seconds = time.monotonic() - began
        return state

    def on(self, method: str, path: str, fault: Fault, nth: int = 1, times: int | None = 1) -> None:
        """Arms a fault for this repository alone; `path` follows its name."""
        self.fake.faults.on(method, f"/repos/{self.owner}/web/{path}", nth, fault, times=times)

    # What there is then.

    def runs(self, sha: str = "") -> list[CheckRun]:
        """On all heads or on one, oldest first."""
        runs = [one for one in self.fake.check_runs(self.pull) if one.repository == self.repository.full_name]
        return [one for one in runs if sha in {"", one.head_sha}]

    def run(self, sha: str = "") -> CheckRun:
        """The only one."""
        (run,) = self.runs(sha)
        return run

    def comments(self) -> list[ReviewComment]:
        return self.fake.review_comments(self.pull)

    def sarifs(self) -> list[Sarif]:
        return [one for one in self.fake.sarifs() if one.repository == self.repository.full_name]

    def writes(self) -> list[tuple[str, str]]:
        """What changed something of the repository: method, and the path after the repository's name."""
        prefix = f"/repos/{self.owner}/web/"
        return [
            (one.method, one.path.removeprefix(prefix))
            for one in list(self.fake.log)
            if one.path.startswith(prefix) and one.method not in {"GET", "HEAD"}
        ]

    def seen(self) -> EndState:
        """The pull request as a reader sees it, comparable with another proposal's of the same content."""
        return self.fake.state(self.pull).of_owner(self.owner, "OWNER")


@contextmanager
def world(
    folder: Path, asks_for: Mapping[str, str] | None = None, enterprise: str = "", **environment: str
) -> Iterator[World]:
    """A server that runs. It leaves without complaint, and broke nothing of GitHub's description.

    `asks_for` are permissions that its App is registered with besides; `enterprise` is the version of a GitHub
    Enterprise Server in github.com's place.
    """
    made = World(folder)
    made.fake.hub.permissions |= asks_for or {}
    if enterprise:
        made.fake.hub.enterprise = enterprise
        made.site.environment["TIDEWAITER_GITHUB_URL"] += "/api/v3"
    made.site.environment |= environment
    made.fake.start()
    try:
        made.start()
        yield made
        assert made.site.end(signal.SIGTERM) == 0
    finally:
        for process in made.site.processes:
            process.kill()
            process.wait()
        made.fake.close()
    made.fake.check()


T = TypeVar("T")
Scene = Callable[[World], T]
"""Sets something up, delivers, waits for the end, and answers what the test looks at."""


class Played:
    """Scenes, several at a time: most of a review is the wait between two writes."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(16)
        self._futures: dict[Scene[object], Future[object]] = {}

    def begin(self, world: World, scenes: Iterable[Scene[object]]) -> None:
        self._futures |= {scene: self._pool.submit(scene, world) for scene in scenes}

    def __call__(self, scene: Scene[T]) -> T:
        """What a scene came to, or what it raised."""
        future = cast("Future[T]", self._futures[scene])
        return future.result()

    def end(self) -> None:
        self._pool.shutdown(cancel_futures=True)


@contextmanager
def played(
    folder: Path, *groups: Iterable[Scene[object]], asks_for: Mapping[str, str] | None = None
) -> Iterator[Played]:
    """Each group on a server of its own, all at the same time."""
    playing = Played()
    with ExitStack() as stack:
        worlds = [
            stack.enter_context(world(folder / str(number), asks_for)) for number, _ in enumerate(groups)
        ]
        stack.callback(playing.end)
        for made, scenes in zip(worlds, groups, strict=True):
            playing.begin(made, scenes)
        yield playing
