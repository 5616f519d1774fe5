"""A repository on the fake GitHub and the steps of a job on it, for tests of fetching and publishing."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.github import check_run, publish
from app.github.check_run import Run
from app.github.client import Access, App, Client
from app.github.errors import GitHubError, Superseded
from app.github.fetch import Fetched, NamedPaths, fetch
from app.github.publish import Published
from app.github.pull import PullRequest, pull_request
from app.github.store import Store
from app.report.comment import Links
from app.report.plan import Plan, plan
from app.report.subject import Options, Subject
from checks.check import Applicability, Edit, Finding, Fix, Location, Severity, Span
from checks.engine import Found, Review
from tests.app import sample
from tests.github.content import GitStore
from tests.github.fake import FakeGitHub
from tests.github.repositories import Built, Files, build, commit
from tests.github.server import Entry
from tests.github.state import CheckRun, Installation, Pull, Repository, Sarif

PERMISSIONS = {"contents": "read", "checks": "write", "pull_requests": "write"}
OPTIONAL = {"security_events": "write"}
SARIF = b'{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "Tidewaiter"}}, "results": []}]}'
WORKFLOW = "name: build\non: push\njobs:\n" + "".join(f"  job{n}:\n    runs-on: quiet\n" for n in range(60))
PATH = ".github/workflows/build.yml"


def loud(*numbers: int) -> str:
    """The workflow with some of its jobs changed, which `review` then finds."""
    text = WORKFLOW
    for number in numbers:
        text = text.replace(f"job{number}:\n    runs-on: quiet", f"job{number}:\n    runs-on: LOUD")
    return text


async def nothing_named(_snapshots: object) -> frozenset[str]:
    return frozenset()


async def no_pause(_seconds: float) -> None:
    return None


def review(fetched: Fetched) -> Review:
    """Finds each `LOUD` in the workflow, with a safe fix."""
    text = fetched.head.texts.get(PATH)
    found: list[Found] = []
    at = text.content.find("LOUD") if text else -1
    while text is not None and at >= 0:
        span = Span(at, at + 4)
        job = text[text.line(text.line_of(at) - 1)].strip(" :")
        fix = Fix("make it quiet", (Edit(PATH, span, "quiet"),), Applicability.SAFE)
        finding = Finding(f"`{job}` is loud.", Location(text, span), "Neighbours wake up.", fixes=(fix,))
        found.append(Found(sample.SHELL_FORM, finding, Severity.WARNING, job))
        at = text.content.find("LOUD", at + 1)
    return Review(tuple(found))


@dataclass
class Stage:
    """A repository with a pull request on the fake, and our App beside it."""

    fake: FakeGitHub
    repository: Repository
    pull: Pull
    git_dir: Path
    app: App
    store: Store = field(default_factory=Store)
    calls: list[tuple[str, str, int]] = field(default_factory=list)
    jobs: Iterator[int] = field(default_factory=itertools.count)

    def requests(self, method: str, path: str) -> list[Entry]:
        """What was asked of the repository; `path` is a glob of what follows its name."""
        return self.fake.requests(method, f"/repos/{self.repository.full_name}/{path}")

    def sarifs(self) -> list[Sarif]:
        return [one for one in self.fake.sarifs() if one.repository == self.repository.full_name]

    def check_runs(self) -> list[CheckRun]:
        return [one for one in self.fake.check_runs() if one.repository == self.repository.full_name]

    @property
    def owner(self) -> str:
        return self.repository.owner.login

    @property
    def installation(self) -> Installation:
        assert self.repository.installation is not None
        return self.repository.installation

    def client(self) -> Client:
        """As a job makes it."""
        access = Access(
            self.installation.id,
            repository_ids=(self.repository.id,),
            permissions=PERMISSIONS,
            optional=OPTIONAL,
        )
        return self.app.client(access)

    def push(self, files: Files) -> None:
        """A new head on top of the old one."""
        self.fake.push(self.pull, commit(self.git_dir, "change", files, parent=self.pull.head_sha))

    async def fetched(self, named: NamedPaths = nothing_named) -> Fetched:
        async with self.client() as client:
            return await fetch(client, await self.pull_request(client), self.store, named)

    async def pull_request(self, client: Client) -> PullRequest:
        return await pull_request(client, self.repository.full_name, self.pull.number)

    async def prepared(self, client: Client, job: str) -> Prepared:
        """Everything before publishing."""
        pull = await self.pull_request(client)
        run = await check_run.start(client, pull, job, "https://tidewaiter.example/reviews/1")
        fetched = await fetch(client, pull, self.store, nothing_named)
        standing = await publish.look(client, pull, run.app_slug)
        subject = Subject(
            Links(pull.page, pull.head_sha, "https://tidewaiter.example/checks"),
            fetched.hunks,
            fetched.head.texts,
            draft=pull.draft,
            closed=pull.closed,
            locked=pull.locked,
        )
        made = plan(
            review(fetched),
            subject,
            Options(per_check=100, per_pull_request=100),
            standing.posted,
            sarif=SARIF,
        )
        return Prepared(pull, run, made, standing)

    async def job(self, name: str = "") -> Published:
        """A whole job, as the use case runs it. A name of its own each time unless told."""
        async with self.client() as client:
            it = await self.prepared(client, name or f"job-{next(self.jobs)}")
            return await publish.publish(client, it.pull, it.run, it.plan, it.standing)


@dataclass(frozen=True)
class Prepared:
    pull: PullRequest
    run: Run
    plan: Plan
    standing: publish.Standing


@dataclass
class Ground:
    """One fake for the tests of a module; each of them has an owner with a repository on it."""

    fake: FakeGitHub
    folder: Path
    numbers: Iterator[int] = field(default_factory=itertools.count)
    built: dict[str, tuple[Built, GitStore]] = field(default_factory=dict)

    def stage(self, base: Files, head: Files, *, visibility: str = "public") -> Stage:
        """A pull request 7 that turns `base` into `head`."""
        number = next(self.numbers)
        key = repr((base, head))
        if key not in self.built:
            made = build(self.folder / f"git{number}", base, head)
            self.built[key] = made, GitStore(made.git_dir)
        built, store = self.built[key]
        self.fake.faults.clear()
        repository = self.fake.add_repository(f"acme{number}", "web", built.git_dir, visibility)
        repository.store = store
        calls: list[tuple[str, str, int]] = []
        app = App(
            str(self.fake.app_id),
            self.fake.private_key,
            self.fake.url,
            count=lambda method, path, status: calls.append((method, path, status)),
            pause=no_pause,
            write_interval=0,
        )
        pull = self.fake.open_pull_request(repository, 7, head_sha=built.head)
        pull.base_sha = built.base
        return Stage(self.fake, repository, pull, built.git_dir, app, calls=calls)


@contextmanager
def ground(folder: Path) -> Iterator[Ground]:
    """A fake without the limits that many tests at once would meet."""
    with FakeGitHub() as fake:
        fake.limits.primary = fake.limits.points_per_minute = 1_000_000
        fake.limits.creations_per_minute = fake.limits.creations_per_hour = 1_000_000
        yield Ground(fake, folder)


def made(ground: Ground, *numbers: int) -> Stage:
    """A pull request that makes some jobs of the workflow loud."""
    return ground.stage({PATH: WORKFLOW}, {PATH: loud(*(numbers or (3, 30)))})


def only_run(it: Stage) -> CheckRun:
    (run,) = it.check_runs()
    return run


async def again(it: Stage, name: str = "job", most: int = 8) -> None:
    """The job until it ends, as the queue runs it."""
    for _ in range(most):
        try:
            await it.job(name)
        except Superseded:
            raise
        except GitHubError:
            continue
        else:
            return
    raise AssertionError("the job never ended")
