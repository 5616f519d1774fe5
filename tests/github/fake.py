"""The fake GitHub: one object to start, fill, break, watch and stop."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.github import access, comments, openapi, suggestions
from tests.github.apps import manifest_faults
from tests.github.content import GitStore
from tests.github.dispatch import Dispatcher
from tests.github.endstate import EndState, end_state
from tests.github.faults import Faults
from tests.github.limits import Limits
from tests.github.payloads import Payloads
from tests.github.server import Entry, Server
from tests.github.state import (
    CheckRun,
    Delivery,
    Installation,
    IssueComment,
    Pull,
    Repository,
    Review,
    ReviewComment,
    Sarif,
    State,
)
from tests.github.webhooks import Hookshot

APP_ID = 471100
WEBHOOK_SECRET = "a secret that the fake shares with the App"


class FakeGitHub:
    """Plays api.github.com for one GitHub App. A context manager: leaving it stops it, and `check`s it."""

    def __init__(self, port: int = 0) -> None:
        self.hub = State(APP_ID, "tidewaiter", "Iv23liTidewaiter")
        """Everything that it remembers; tests may change its objects between requests."""
        self.limits = Limits()
        self.faults = Faults()
        self.payloads = Payloads(self.hub)
        self.log: list[Entry] = []
        """Every request, in the order of their answers."""
        self.webhook_secret = WEBHOOK_SECRET
        self.hookshot = Hookshot(self.hub, self.webhook_secret)
        self.dispatcher = Dispatcher(self.hub, self.limits, self.hookshot)
        self._server = Server(self, port)
        self.hub.url = self._server.url

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if kind is None:
            self.check()

    def start(self) -> None:
        openapi.description()
        self._server.start()

    def close(self) -> None:
        self._server.stop()
        for repository in self.hub.repositories.values():
            repository.store.close()

    def check(self) -> None:
        """`AssertionError` if the App broke GitHub's description, or the fake did."""
        wrong = [*self.violations, *self.dispatcher.defects]
        if wrong:
            raise AssertionError("\n".join(wrong))

    # What the App is configured with.

    @property
    def url(self) -> str:
        """Root of the API, without a final slash; also served under `/api/v3`."""
        return self.hub.url

    @property
    def app_id(self) -> int:
        return self.hub.app_id

    @property
    def private_key(self) -> str:
        """PEM."""
        return access.key_pair()[0]

    # What it holds.

    def add_repository(
        self,
        owner: str,
        name: str,
        git_dir: Path,
        visibility: str = "private",
        installation_permissions: Mapping[str, str] | None = None,
        *,
        default_branch: str = "main",
        installed: bool = True,
        code_scanning: bool | None = None,
        fork: bool = False,
    ) -> Repository:
        """A repository with the content of a git directory, bare or not, in its owner's installation.

        Branches are read from the directory at each request. Code scanning is on where the repository is
        public, unless told. `installation_permissions` replaces what the owner's installation grants.
        """
        with self.hub.lock:
            account = self.hub.user(owner, "Organization")
            installation = self._installation(owner, installation_permissions) if installed else None
            repository = Repository(
                id=self.hub.next_id(),
                owner=account,
                name=name,
                store=GitStore(git_dir),
                visibility=visibility,
                default_branch=default_branch,
                installation=installation,
                code_scanning=visibility == "public" if code_scanning is None else code_scanning,
                fork=fork,
            )
            if installation is not None:
                installation.repository_ids.add(repository.id)
            self.hub.repositories[repository.full_name.lower()] = repository
            return repository

    def _installation(self, owner: str, permissions: Mapping[str, str] | None) -> Installation:
        found = self.installation(owner)
        if found is None:
            found = Installation(self.hub.next_id(), self.hub.user(owner), dict(self.hub.permissions))
            self.hub.installations[found.id] = found
        if permissions is not None:
            found.permissions = dict(permissions)
        return found

    def installation(self, owner: str) -> Installation | None:
        for one in self.hub.installations.values():
            if one.account.login.lower() == owner.lower():
                return one
        return None

    def open_pull_request(
        self,
        repository: Repository,
        number: int,
        head_ref: str = "change",
        base_ref: str = "main",
        *,
        head_sha: str | None = None,
        draft: bool = False,
        fork: Repository | None = None,
        author: str = "octocat",
        title: str = "Change",
        body: str = "",
    ) -> Pull:
        """A pull request of a branch of the repository, or of its fork. `LookupError` if there is none."""
        source = fork or repository
        with self.hub.lock:
            if fork is not None:
                repository.store.borrow(fork.store)
            head = head_sha or source.branch(head_ref)
            base = repository.branch(base_ref)
            if head is None or base is None:
                raise LookupError(f"no branch {head_ref if head is None else base_ref}")
            pull = Pull(
                id=self.hub.next_id(),
                repository=repository,
                number=number,
                title=title,
                author=self.hub.user(author),
                head_ref=head_ref,
                head_sha=head,
                base_ref=base_ref,
                base_sha=base,
                head_repository=source,
                created_at=self.hub.clock.stamp(),
                draft=draft,
                body=body,
            )
            self.hub.pulls[(repository.full_name.lower(), number)] = pull
            return pull

    def rename(self, repository: Repository, name: str) -> None:
        """Another name; who calls by the old one is sent on."""
        with self.hub.lock:
            old = repository.full_name
            self.hub.moved[old.lower()] = self.hub.repositories.pop(old.lower())
            repository.name = name
            self.hub.repositories[repository.full_name.lower()] = repository
            for key in [key for key in self.hub.pulls if key[0] == old.lower()]:
                self.hub.pulls[(repository.full_name.lower(), key[1])] = self.hub.pulls.pop(key)

    def push(self, pull: Pull, sha: str) -> None:
        """A new head; the base is read anew, as GitHub does on a push."""
        with self.hub.lock:
            pull.past_heads.append(pull.head_sha)
            pull.head_sha = sha
            pull.base_sha = pull.repository.branch(pull.base_ref) or pull.base_sha

    def edit_base(self, pull: Pull, base_ref: str) -> JsonPayload:
        """Another base branch. Returns the payload of `pull_request` edited."""
        with self.hub.lock:
            old_ref, old_sha = pull.base_ref, pull.base_sha
            sha = pull.repository.branch(base_ref)
            if sha is None:
                raise LookupError(f"no branch {base_ref}")
            pull.base_ref, pull.base_sha = base_ref, sha
            return self.payloads.base_changed(pull, old_ref, old_sha)

    def close_pull_request(self, pull: Pull, *, merged: bool = False) -> None:
        with self.hub.lock:
            pull.state, pull.merged = "closed", merged

    def delete_fork(self, pull: Pull) -> None:
        """The head repository is gone, its commits stay readable: `head.repo` is null."""
        with self.hub.lock:
            pull.head_repository = None

    def set_permission(self, repository: Repository, login: str, role: str) -> None:
        with self.hub.lock:
            self.hub.user(login)
            repository.roles[self.hub.user(login).login] = role

    def comment(self, pull: Pull, login: str, body: str) -> IssueComment:
        """A person comments in the conversation. Nothing is delivered."""
        with self.hub.lock:
            author = self.hub.user(login)
            return comments.add(self.hub, pull.repository, pull.number, author, body)

    def reply(self, comment: ReviewComment, login: str, body: str) -> ReviewComment:
        """A person replies to a review comment."""
        with self.hub.lock:
            number = self.hub.next_id()
            author, now = self.hub.user(login), self.hub.clock.stamp()
            review = Review(
                number, comment.repository, comment.pull, author, "", "COMMENTED", comment.commit_id, now
            )
            self.hub.reviews[number] = review
            reply = suggestions.reply_to(comment, self.hub.next_id(), review, body, now)
            self.hub.review_comments[reply.id] = reply
            return reply

    def take_manifest(self, manifest: Mapping[str, Any]) -> str:
        """A person confirmed the manifest on GitHub's page: the code with which the browser is sent back.

        `ValueError` where GitHub would not take it.
        """
        faults = manifest_faults(manifest)
        if faults:
            raise ValueError("; ".join(faults))
        with self.hub.lock:
            code = secrets.token_hex(20)
            self.hub.manifests[code] = manifest
            return code

    def revoke_tokens(self) -> None:
        """All installation tokens are bad from now on."""
        with self.hub.lock:
            self.hub.tokens.clear()

    # What it sends.

    @property
    def webhook_url(self) -> str:
        return self.hub.webhook_url

    @webhook_url.setter
    def webhook_url(self, url: str) -> None:
        self.hub.webhook_url = url

    def deliver(self, event: str, payload: Mapping[str, Any], *, guid: str | None = None) -> Delivery:
        """Signs an event, posts it to `webhook_url` and waits for the answer, ten seconds at most."""
        return self.hookshot.deliver(event, payload, guid)

    # What was done to it.

    @property
    def violations(self) -> list[str]:
        """Requests that break GitHub's description, and SARIF that fails: bugs of the App."""
        failed = [
            f"SARIF of {one.commit_sha}: {'; '.join(one.errors)}" for one in self.sarifs() if one.errors
        ]
        return [*self.dispatcher.violations, *failed]

    @property
    def refusals(self) -> list[tuple[str, str, int, str]]:
        """Method, path, status and message of each request that was refused, faults aside."""
        return list(self.dispatcher.refusals)

    def forgive(self) -> None:
        """Forget the violations so far: the test made them on purpose."""
        with self.hub.lock:
            self.dispatcher.violations.clear()
            for key in [key for key, one in self.hub.sarifs.items() if one.errors]:
                del self.hub.sarifs[key]

    def requests(self, method: str = "*", path: str = "*", status: int | None = None) -> list[Entry]:
        """The log's entries of a method and a glob of the path."""
        return [
            one
            for one in list(self.log)
            if method in {"*", one.method} and fnmatchcase(one.path, path) and status in {None, one.status}
        ]

    def check_runs(self, pull: Pull | None = None, sha: str | None = None) -> list[CheckRun]:
        """Oldest first: all, or of a pull request's heads, or of a commit."""
        heads = {sha} if sha else set(pull.heads) if pull else None
        return [one for one in self._all(self.hub.check_runs) if heads is None or one.head_sha in heads]

    def reviews(self, pull: Pull | None = None) -> list[Review]:
        return [one for one in self._all(self.hub.reviews) if _of(pull, one.repository, one.pull)]

    def review_comments(self, pull: Pull | None = None) -> list[ReviewComment]:
        return [one for one in self._all(self.hub.review_comments) if _of(pull, one.repository, one.pull)]

    def issue_comments(self, pull: Pull | None = None) -> list[IssueComment]:
        return [one for one in self._all(self.hub.issue_comments) if _of(pull, one.repository, one.number)]

    def sarifs(self, ref: str | None = None) -> list[Sarif]:
        return [one for one in self._all(self.hub.sarifs) if ref in {None, one.ref}]

    def deliveries(self) -> list[Delivery]:
        return self._all(self.hub.deliveries)

    def _all(self, stored: dict[Any, Any]) -> list[Any]:
        with self.hub.lock:
            return list(stored.values())

    def state(self, pull: Pull) -> EndState:
        """The pull request as a reader sees it in the end; equal for runs that came to the same."""
        with self.hub.lock:
            return end_state(self.hub, pull)

    def suggestion_result(self, comment: ReviewComment) -> str:
        """The file at the head after *Commit suggestion*. `ValueError` where GitHub would not apply it."""
        with self.hub.lock:
            repository = self.hub.repositories[comment.repository.lower()]
            pull = self.hub.pulls[(repository.full_name.lower(), comment.pull)]
            return suggestions.apply(pull, comment)


JsonPayload = dict[str, Any]


def _of(pull: Pull | None, repository: str, number: int) -> bool:
    return pull is None or (pull.repository.full_name, pull.number) == (repository, number)
