"""Endpoints that read pull requests."""

from __future__ import annotations

from tests.github import shapes
from tests.github.call import Call, RefusedError, Reply, Route, not_found
from tests.github.content import Change
from tests.github.repos import REPO, diff_entry
from tests.github.state import Pull

MAX_FILES = 3000
MAX_COMMITS = 250
PULL = f"{REPO}/pulls/{{pull_number}}"


def routes() -> tuple[Route, ...]:
    return (
        Route("GET", f"{REPO}/pulls", "pull_requests:read", list_pulls),
        Route("GET", PULL, "pull_requests:read", lambda c: Reply(shapes.pull(c.state, pull_of(c)))),
        Route("GET", f"{PULL}/files", "pull_requests:read", files),
        Route("GET", f"{PULL}/commits", "pull_requests:read", commits),
        Route("GET", f"{REPO}/commits/{{commit_sha}}/pulls", "pull_requests:read", of_commit),
    )


def pull_of(call: Call) -> Pull:
    found = call.state.pull(call.repository, call.number("pull_number"))
    if found is None:
        raise not_found()
    return found


def require_unlocked(pull: Pull) -> None:
    """403 on a locked conversation: an App is no collaborator, whatever its permissions."""
    if pull.locked:
        raise RefusedError(403, "Unable to create comment because issue is locked.")


def base_of(pull: Pull) -> str:
    """What the pull request is compared with: the merge base."""
    return pull.repository.store.merge_base(pull.base_sha, pull.head_sha) or pull.base_sha


def changes_of(pull: Pull, head: str | None = None) -> tuple[Change, ...]:
    """The diff of a pull request, as of a head that it has or had."""
    head = head or pull.head_sha
    store = pull.repository.store
    return store.changes(store.merge_base(pull.base_sha, head) or pull.base_sha, head)


def list_pulls(call: Call) -> Reply:
    query = call.query
    state = query.get("state", "open")
    found = [
        pull
        for pull in call.state.pulls_of(call.repository)
        if state in {"all", pull.state}
        and query.get("base") in {None, pull.base_ref}
        and query.get("head") in {None, _label(pull)}
    ]
    newest_first = query.get("direction", "desc") == "desc"
    found.sort(key=lambda pull: pull.number, reverse=newest_first)
    page, links = call.page(found)
    return Reply([shapes.pull_simple(call.state, pull) for pull in page], headers=links)


def _label(pull: Pull) -> str:
    owner = pull.head_repository.owner if pull.head_repository else pull.author
    return f"{owner.login}:{pull.head_ref}"


def files(call: Call) -> Reply:
    """Thirty a page unless asked for up to a hundred, and never more than three thousand."""
    pull = pull_of(call)
    page, links = call.page(list(changes_of(pull)[:MAX_FILES]))
    return Reply([diff_entry(call, pull.head_sha, change) for change in page], headers=links)


def commits(call: Call) -> Reply:
    pull = pull_of(call)
    history = pull.repository.store.history(base_of(pull), pull.head_sha)
    page, links = call.page(list(history[:MAX_COMMITS]))
    return Reply([shapes.commit(call.state, pull.repository, sha) for sha in page], headers=links)


def of_commit(call: Call) -> Reply:
    """Open pull requests that contain a commit, and the merged one that brought it."""
    sha = call.path["commit_sha"]
    found = [
        pull
        for pull in call.state.pulls_of(call.repository)
        if sha in call.repository.store.history(base_of(pull), pull.head_sha)
        and (pull.state == "open" or pull.merged)
        and not pull.from_fork
    ]
    page, links = call.page(found)
    return Reply([shapes.pull_simple(call.state, pull) for pull in page], headers=links)
