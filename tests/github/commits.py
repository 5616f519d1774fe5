"""Endpoints that write git objects and move branches, for an installation that granted `contents: write`."""

from __future__ import annotations

import base64
import binascii
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.github.call import Call, RefusedError, Reply, Route
from tests.github.repos import REPO, show_commit, show_ref, show_tree

WRITE = "contents:write"
AUTHOR = "tidewaiter[bot]"
UNCHANGED_SECONDS = "1767600000 +0000"
"""The time of every commit, so that the same changes give the same SHA."""


def routes() -> tuple[Route, ...]:
    return (
        Route("POST", f"{REPO}/git/blobs", WRITE, create_blob),
        Route("POST", f"{REPO}/git/trees", WRITE, create_tree),
        Route("POST", f"{REPO}/git/commits", WRITE, create_commit),
        Route("PATCH", f"{REPO}/git/refs/{{ref}}", WRITE, update_ref),
    )


def create_blob(call: Call) -> Reply:
    sha = _write_blob(call, call.body["content"], call.body.get("encoding", "utf-8"))
    return Reply({"sha": sha, "url": f"{call.url}/{sha}"}, 201)


def _write_blob(call: Call, text: str, encoding: str) -> str:
    try:
        content = base64.b64decode(text, validate=True) if encoding == "base64" else text.encode()
    except binascii.Error:
        raise RefusedError(422, "content is not valid Base64") from None
    return _git(call, "hash-object", "-w", "--stdin", given=content)


def _git(call: Call, *arguments: str, given: bytes = b"", environment: dict[str, str] | None = None) -> str:
    out = call.repository.store.git(*arguments, given=given, environment=environment)
    if out is None:
        raise RefusedError(422, f"git {arguments[0]} failed")
    return out.decode().strip()


def create_tree(call: Call) -> Reply:
    """On top of `base_tree`; an entry without content and SHA deletes."""
    lines = "".join(_index_lines(call))
    with tempfile.TemporaryDirectory() as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        if "base_tree" in call.body:
            _git(call, "read-tree", call.body["base_tree"], environment=index)
        _git(call, "update-index", "--index-info", given=lines.encode(), environment=index)
        sha = _git(call, "write-tree", environment=index)
    return Reply(show_tree(call, sha, recursive=False), 201)


def _index_lines(call: Call) -> Iterator[str]:
    for entry in call.body["tree"]:
        if "content" in entry:
            yield f"{entry['mode']} {_write_blob(call, entry['content'], 'utf-8')}\t{entry['path']}\n"
        elif entry.get("sha") is None:
            yield f"0 {'0' * 40}\t{entry['path']}\n"
        else:
            yield f"{entry['mode']} {entry['sha']}\t{entry['path']}\n"


def create_commit(call: Call) -> Reply:
    body = call.body
    parents = [part for parent in body.get("parents", ()) for part in ("-p", parent)]
    who = {"NAME": AUTHOR, "EMAIL": f"{AUTHOR}@users.noreply.github.com", "DATE": UNCHANGED_SECONDS}
    environment = {
        f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in who.items()
    }
    message = body["message"].encode()
    sha = _git(call, "commit-tree", body["tree"], *parents, given=message, environment=environment)
    return Reply(show_commit(call, sha), 201)


def update_ref(call: Call) -> Reply:
    """Moves a branch, and the head of pull requests from it. 422 for what is no fast-forward, unless forced."""
    name, sha = call.path["ref"], call.body["sha"]
    repo = call.repository
    branch = name.removeprefix("heads/")
    old = repo.branch(branch)
    if old is None or branch == name:
        raise RefusedError(422, "Reference does not exist")
    if repo.store.commit(sha) != sha:
        raise RefusedError(422, "Object does not exist")
    if not call.body.get("force") and repo.store.merge_base(old, sha) != old:
        raise RefusedError(422, "Update is not a fast forward")
    _git(call, "update-ref", f"refs/heads/{branch}", sha)
    repo.branches.pop(branch, None)
    for pull in call.state.pulls.values():
        if pull.head_repository is repo and pull.head_ref == branch and pull.state == "open":
            pull.past_heads.append(pull.head_sha)
            pull.head_sha = sha
    return Reply(show_ref(call, name, sha))
