"""What the fake GitHub remembers. In memory only; every access from a request holds the lock."""

from __future__ import annotations

import itertools
import threading
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.github.content import GitStore

GRANTED = {
    "metadata": "read",
    "contents": "read",
    "checks": "write",
    "pull_requests": "write",
    "issues": "read",
    "security_events": "write",
    "merge_queues": "read",
}
"""What an installation grants unless a test says otherwise: what Tidewaiter asks for."""

EVENTS = ("pull_request", "check_run", "check_suite", "issue_comment", "merge_group", "push")


class Clock:
    """The fake's time: real time plus what a test let pass."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += seconds

    def stamp(self, at: float | None = None) -> str:
        moment = datetime.fromtimestamp(self.now() if at is None else at, UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class User:
    login: str
    kind: str = "User"
    """`User`, `Bot` or `Organization`."""

    @property
    def id(self) -> int:
        return zlib.crc32(self.login.lower().encode()) % 10_000_000 + 1000


@dataclass(eq=False)
class Installation:
    id: int
    account: User
    permissions: dict[str, str]
    repository_ids: set[int] = field(default_factory=set)
    selection: str = "selected"
    suspended: bool = False


@dataclass(eq=False)
class Repository:
    """A repository; what a test changes on it holds from the next request on."""

    id: int
    owner: User
    name: str
    store: GitStore
    visibility: str
    default_branch: str
    installation: Installation | None
    code_scanning: bool
    fork: bool = False
    archived: bool = False
    roles: dict[str, str] = field(default_factory=dict)
    """Login to role: `admin`, `maintain`, `write`, `triage`, `read`, `none` or a custom role's name."""
    branches: dict[str, str] = field(default_factory=dict)
    """Branch to SHA, where it differs from the git repository's own."""
    latest_release: str = ""
    """The tag of the release that is marked as the latest."""
    tree_limit: int = 100_000
    """Entries of a recursive tree after which GitHub truncates it."""

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"

    @property
    def private(self) -> bool:
        return self.visibility != "public"

    def branch(self, name: str) -> str | None:
        return self.branches.get(name) or self.store.commit(f"refs/heads/{name}")


@dataclass(eq=False)
class Pull:
    """A pull request. `base_sha` is the base branch's tip of the last push, as GitHub tells it."""

    id: int
    repository: Repository
    number: int
    title: str
    author: User
    head_ref: str
    head_sha: str
    base_ref: str
    base_sha: str
    head_repository: Repository | None
    """`None`: the fork was deleted."""
    created_at: str
    draft: bool = False
    state: str = "open"
    merged: bool = False
    locked: bool = False
    association: str = "CONTRIBUTOR"
    body: str = ""
    past_heads: list[str] = field(default_factory=list)

    @property
    def from_fork(self) -> bool:
        return self.head_repository is not self.repository

    @property
    def heads(self) -> list[str]:
        return [*self.past_heads, self.head_sha]


@dataclass(frozen=True)
class Token:
    value: str
    installation: Installation
    repository_ids: frozenset[int] | None
    """`None`: all of the installation."""
    permissions: Mapping[str, str]
    expires: float

    def allows(self, permission: str, level: str) -> bool:
        order = ("read", "write", "admin")
        held = self.permissions.get(permission) or ("read" if permission == "metadata" else None)
        return held is not None and order.index(held) >= order.index(level)

    def sees(self, repository: Repository) -> bool:
        if repository.id not in self.installation.repository_ids:
            return False
        return self.repository_ids is None or repository.id in self.repository_ids


@dataclass(frozen=True)
class Annotation:
    path: str
    start_line: int
    end_line: int
    level: str
    message: str
    title: str | None = None
    raw_details: str | None = None
    start_column: int | None = None
    end_column: int | None = None


@dataclass(frozen=True)
class CheckRun:
    id: int
    repository: str
    name: str
    head_sha: str
    app_id: int
    suite_id: int
    status: str
    conclusion: str | None
    started_at: str
    completed_at: str | None
    details_url: str | None = None
    external_id: str = ""
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations: tuple[Annotation, ...] = ()
    actions: tuple[tuple[str, str, str], ...] = ()
    """Label, identifier and description of each button."""


@dataclass(frozen=True)
class Review:
    id: int
    repository: str
    pull: int
    author: User
    body: str
    state: str
    commit_id: str
    submitted_at: str


@dataclass(frozen=True)
class ReviewComment:
    id: int
    repository: str
    pull: int
    review_id: int
    author: User
    body: str
    path: str
    commit_id: str
    """The head that it was written on."""
    line: int | None
    """On `commit_id`; `None` for a comment on a file."""
    side: str
    start_line: int | None
    start_side: str | None
    diff_hunk: str
    position: int
    created_at: str
    updated_at: str
    in_reply_to: int | None = None


@dataclass(frozen=True)
class IssueComment:
    id: int
    repository: str
    number: int
    author: User
    body: str
    created_at: str
    updated_at: str
    reactions: tuple[tuple[int, str, str], ...] = ()
    """Id, login and content of each reaction."""


@dataclass(frozen=True)
class Sarif:
    id: str
    repository: str
    commit_sha: str
    ref: str
    document: Mapping[str, Any]
    errors: tuple[str, ...] = ()
    """Why processing failed; empty for a good upload."""


@dataclass(frozen=True)
class Delivery:
    id: int
    guid: str
    event: str
    action: str | None
    at: float
    redelivery: bool
    duration: float
    status: str
    status_code: int
    installation_id: int | None
    repository_id: int | None
    headers: Mapping[str, str]
    payload: Mapping[str, Any]
    response_headers: Mapping[str, str]
    response_body: str


class State:
    """Every object by its id, and the look-ups that endpoints share."""

    def __init__(self, app_id: int, slug: str, client_id: str) -> None:
        self.lock = threading.RLock()
        self.clock = Clock()
        self.url = ""
        self.app_id, self.slug, self.client_id = app_id, slug, client_id
        self.bot = User(f"{slug}[bot]", "Bot")
        self.app_owner = User("tidewaiter-makers", "Organization")
        self.enterprise: str | None = None
        """Version of GitHub Enterprise Server to play; `None`: github.com."""
        self.permissions = dict(GRANTED)
        self.events: tuple[str, ...] = EVENTS
        self.webhook_url = ""
        self.hook_config: dict[str, str | None] = {}
        """What the webhook's config says otherwise; `None`: nothing."""
        self.manifests: dict[str, Mapping[str, Any]] = {}
        """By the code that GitHub gave for each; a code works once."""
        self.sarif_pending = 0
        """How many times the status of an upload reads `pending` before it is processed."""
        self.users: dict[str, User] = {}
        self.installations: dict[int, Installation] = {}
        self.repositories: dict[str, Repository] = {}
        self.moved: dict[str, Repository] = {}
        """By the name that a repository had before."""
        self.pulls: dict[tuple[str, int], Pull] = {}
        self.tokens: dict[str, Token] = {}
        self.check_runs: dict[int, CheckRun] = {}
        self.suites: dict[tuple[str, str], int] = {}
        self.reviews: dict[int, Review] = {}
        self.review_comments: dict[int, ReviewComment] = {}
        self.issue_comments: dict[int, IssueComment] = {}
        self.sarifs: dict[str, Sarif] = {}
        self.deliveries: dict[int, Delivery] = {}
        self._ids = itertools.count(1001)

    def next_id(self) -> int:
        return next(self._ids)

    def user(self, login: str, kind: str = "User") -> User:
        """The user of that name, who from now on exists."""
        return self.users.setdefault(login.lower(), User(login, kind))

    def repository(self, owner: str, name: str) -> Repository | None:
        return self.repositories.get(f"{owner}/{name}".lower())

    def pulls_of(self, repository: Repository) -> list[Pull]:
        return [pull for pull in self.pulls.values() if pull.repository is repository]

    def pull(self, repository: Repository, number: int) -> Pull | None:
        return self.pulls.get((repository.full_name.lower(), number))

    def suite(self, repository: Repository, sha: str) -> int:
        """The check suite of our App on a commit."""
        key = (repository.full_name.lower(), sha)
        if key not in self.suites:
            self.suites[key] = self.next_id()
        return self.suites[key]

    def resolve(self, repository: Repository, ref: str) -> str | None:
        """The commit that a branch, tag, full ref or SHA names; also `refs/pull/N/head`."""
        short = ref.removeprefix("refs/")
        parts = short.split("/")
        if len(parts) == 3 and parts[0] == "pull" and parts[1].isdigit():
            pull = self.pull(repository, int(parts[1]))
            return pull.head_sha if pull and parts[2] == "head" else None
        if short in repository.branches:
            return repository.branches[short]
        if short.startswith("heads/"):
            return repository.branch(short.removeprefix("heads/"))
        return repository.store.commit(ref) or repository.store.commit(f"refs/{short}")
