"""Endpoints that show a repository: itself, trees, blobs, contents, commits, comparisons, permissions."""

from __future__ import annotations

import base64
import posixpath
import re
import textwrap

from tests.github import shapes
from tests.github.call import Call, JsonObject, RefusedError, Reply, Route, not_found
from tests.github.content import Change, TreeEntry

MAX_CONTENTS_BYTES = 1024 * 1024
MAX_BLOB_BYTES = 100 * 1024 * 1024
MAX_DIRECTORY = 1000
MAX_COMPARED_FILES = 300
MAX_COMPARED_COMMITS = 250
PERMISSIONS = {"maintain": "write", "triage": "read"}
"""What the older field `permission` says of the newer roles."""

REPO = "/repos/{owner}/{repo}"


def routes() -> tuple[Route, ...]:
    return (
        Route("GET", REPO, "metadata:read", lambda c: Reply(shapes.repository(c.state, c.repository))),
        Route("GET", f"{REPO}/git/trees/{{tree_sha}}", "contents:read", tree),
        Route("GET", f"{REPO}/git/blobs/{{file_sha}}", "contents:read", blob),
        Route("GET", f"{REPO}/git/commits/{{commit_sha}}", "contents:read", git_commit),
        Route("GET", f"{REPO}/git/ref/{{ref}}", "contents:read", git_ref),
        Route("GET", f"{REPO}/branches/{{branch}}", "contents:read", branch),
        Route("GET", f"{REPO}/contents/{{path}}", "contents:read", contents),
        Route("GET", f"{REPO}/commits/{{ref}}", "contents:read", commit),
        Route("GET", f"{REPO}/compare/{{basehead}}", "contents:read", compare),
        Route("GET", f"{REPO}/collaborators/{{username}}/permission", "metadata:read", permission),
    )


def resolve(call: Call, ref: str) -> str:
    """The commit of a ref. 404 or 422 as GitHub answers for one that is not there."""
    sha = call.state.resolve(call.repository, ref)
    if sha is None:
        raise RefusedError(422, f"No commit found for SHA: {ref}")
    return sha


def wrapped(content: bytes) -> str:
    """Base64 in lines, as GitHub sends it."""
    return "\n".join(textwrap.wrap(base64.b64encode(content).decode(), 60)) + "\n" if content else ""


def tree(call: Call) -> Reply:
    """By the SHA of a tree or commit, or by a ref; truncated where the repository says so."""
    repo, name = call.repository, call.path["tree_sha"]
    sha = call.state.resolve(repo, name) or name
    return Reply(show_tree(call, sha, recursive="recursive" in call.query))


def show_tree(call: Call, sha: str, *, recursive: bool) -> JsonObject:
    repo = call.repository
    entries = repo.store.tree(sha, recursive)
    if entries is None:
        raise not_found()
    tree_sha = repo.store.info(sha).tree if repo.store.commit(sha) == sha else sha
    api = shapes.repository_url(call.state, repo)
    return {
        "sha": tree_sha,
        "url": f"{api}/git/trees/{tree_sha}",
        "tree": [_tree_entry(api, entry) for entry in entries[: repo.tree_limit]],
        "truncated": len(entries) > repo.tree_limit,
    }


def _tree_entry(api: str, entry: TreeEntry) -> JsonObject:
    shown: JsonObject = {"path": entry.path, "mode": entry.mode, "type": entry.kind, "sha": entry.sha}
    if entry.kind != "commit":
        shown["url"] = f"{api}/git/{entry.kind}s/{entry.sha}"
    if entry.size is not None:
        shown["size"] = entry.size
    return shown


def blob(call: Call) -> Reply:
    repo, sha = call.repository, call.path["file_sha"]
    content = repo.store.blob(sha)
    if content is None:
        raise not_found()
    if len(content) > MAX_BLOB_BYTES:
        raise too_large("blobs", "100 MB")
    if call.wants_raw():
        return Reply(raw=content)
    return Reply(
        {
            "sha": sha,
            "node_id": shapes.node_id("B", sha),
            "size": len(content),
            "url": f"{shapes.repository_url(call.state, repo)}/git/blobs/{sha}",
            "content": wrapped(content),
            "encoding": "base64",
        }
    )


def too_large(what: str, limit: str) -> RefusedError:
    message = f"This API returns {what} up to {limit} in size. The requested blob is too large to fetch."
    return RefusedError(403, message, [{"resource": "Blob", "field": "data", "code": "too_large"}])


def git_commit(call: Call) -> Reply:
    sha = call.path["commit_sha"]
    if call.repository.store.commit(sha) != sha:
        raise not_found()
    return Reply(show_commit(call, sha))


def show_commit(call: Call, sha: str) -> JsonObject:
    """As git's own object; other endpoints wrap it in more."""
    repo = call.repository
    info = repo.store.info(sha)
    shown = shapes.commit(call.state, repo, sha)
    return {
        "sha": sha,
        "node_id": shown["node_id"],
        "url": f"{shapes.repository_url(call.state, repo)}/git/commits/{sha}",
        "html_url": shown["html_url"],
        "author": shapes.git_person(info.author),
        "committer": shapes.git_person(info.author),
        "message": info.message,
        "tree": shown["commit"]["tree"],
        "parents": shown["parents"],
        "verification": shapes.UNSIGNED,
    }


def git_ref(call: Call) -> Reply:
    name = call.path["ref"]
    sha = call.state.resolve(call.repository, f"refs/{name}")
    if sha is None:
        raise not_found()
    return Reply(show_ref(call, name, sha))


def show_ref(call: Call, name: str, sha: str) -> JsonObject:
    api = shapes.repository_url(call.state, call.repository)
    return {
        "ref": f"refs/{name}",
        "node_id": shapes.node_id("REF", name),
        "url": f"{api}/git/refs/{name}",
        "object": {"type": "commit", "sha": sha, "url": f"{api}/git/commits/{sha}"},
    }


def branch(call: Call) -> Reply:
    name = call.path["branch"]
    sha = call.repository.branch(name)
    if sha is None:
        raise RefusedError(404, "Branch not found")
    url = f"{shapes.repository_url(call.state, call.repository)}/branches/{name}"
    return Reply(
        {
            "name": name,
            "commit": shapes.commit(call.state, call.repository, sha),
            "_links": {"self": url, "html": f"{shapes.SITE}/{call.repository.full_name}/tree/{name}"},
            "protected": False,
            "protection": {"enabled": False},
            "protection_url": f"{url}/protection",
        }
    )


def commit(call: Call) -> Reply:
    sha = resolve(call, call.path["ref"])
    if call.accept == "application/vnd.github.sha":
        return Reply(raw=sha.encode())
    repo = call.repository
    shown = shapes.commit(call.state, repo, sha)
    parents = repo.store.info(sha).parents
    if parents:
        changes = repo.store.changes(parents[0], sha)[:MAX_COMPARED_FILES]
        shown["files"] = [diff_entry(call, sha, change) for change in changes]
    return Reply(shown)


def diff_entry(call: Call, head: str, change: Change) -> JsonObject:
    """A changed file; `patch` is missing where GitHub leaves it out."""
    repo = call.repository
    page = f"{shapes.SITE}/{repo.full_name}"
    shown: JsonObject = {
        "sha": change.sha,
        "filename": change.path,
        "status": change.status,
        "additions": change.additions,
        "deletions": change.deletions,
        "changes": change.additions + change.deletions,
        "blob_url": f"{page}/blob/{head}/{change.path}",
        "raw_url": f"{page}/raw/{head}/{change.path}",
        "contents_url": f"{shapes.repository_url(call.state, repo)}/contents/{change.path}?ref={head}",
    }
    if change.patch is not None:
        shown["patch"] = change.patch
    if change.previous is not None:
        shown["previous_filename"] = change.previous
    return shown


def compare(call: Call) -> Reply:
    """Three dots: against the merge base. Files come with the first page only, 300 at most."""
    base_name, dots, head_name = call.path["basehead"].partition("...")
    repo = call.repository
    base, head = (call.state.resolve(repo, name.rpartition(":")[2]) for name in (base_name, head_name))
    if not dots or base is None or head is None:
        raise not_found()
    common = repo.store.merge_base(base, head)
    if common is None:
        raise RefusedError(404, f"No common ancestor between {base_name} and {head_name}.")
    ahead, behind = repo.store.history(base, head), repo.store.history(head, base)
    status = {(True, True): "diverged", (True, False): "ahead", (False, True): "behind"}.get(
        (bool(ahead), bool(behind)), "identical"
    )
    commits, links = (
        call.page(list(ahead)) if "page" in call.query else (list(ahead)[-MAX_COMPARED_COMMITS:], {})
    )
    page = f"{shapes.SITE}/{repo.full_name}/compare/{base_name}...{head_name}"
    shown = {
        "url": call.url,
        "html_url": page,
        "permalink_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "base_commit": shapes.commit(call.state, repo, base),
        "merge_base_commit": shapes.commit(call.state, repo, common),
        "status": status,
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": [shapes.commit(call.state, repo, one) for one in commits],
    }
    if call.query.get("page", "1") == "1":
        changes = repo.store.changes(common, head)[:MAX_COMPARED_FILES]
        shown["files"] = [diff_entry(call, head, change) for change in changes]
    return Reply(shown, headers=links)


def contents(call: Call) -> Reply:
    """A file up to 1 MB, a directory, a symlink (followed to a file of the repository) or a submodule."""
    ref = call.query.get("ref") or call.repository.default_branch
    sha = call.state.resolve(call.repository, ref)
    if sha is None:
        raise RefusedError(404, f"No commit found for the ref {ref}")
    path = call.path["path"].strip("/")
    entry = call.repository.store.entry(sha, path)
    if entry is None:
        raise not_found()
    if entry.kind == "tree":
        return _directory(call, sha, entry)
    if entry.kind == "commit":
        return Reply(_submodule(call, sha, entry))
    if entry.mode == "120000":
        target = _target(call, entry)
        followed = call.repository.store.entry(
            sha, posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
        )
        if followed is None or followed.kind != "blob" or followed.mode == "120000":
            return Reply({**_about(call, sha, entry, "symlink"), "target": target})
        entry = followed
    return _file(call, sha, entry)


def _target(call: Call, entry: TreeEntry) -> str:
    return (call.repository.store.blob(entry.sha) or b"").decode("utf-8", "replace")


def _about(call: Call, ref: str, entry: TreeEntry, kind: str) -> JsonObject:
    repo = call.repository
    api = shapes.repository_url(call.state, repo)
    url = f"{api}/contents/{entry.path}?ref={ref}"
    git = f"{api}/git/{'trees' if entry.kind == 'tree' else 'blobs'}/{entry.sha}"
    html = f"{shapes.SITE}/{repo.full_name}/blob/{ref}/{entry.path}"
    raw = f"https://raw.githubusercontent.com/{repo.full_name}/{ref}/{entry.path}"
    return {
        "type": kind,
        "name": posixpath.basename(entry.path),
        "path": entry.path,
        "sha": entry.sha,
        "size": entry.size or 0,
        "url": url,
        "git_url": None if kind == "submodule" else git,
        "html_url": html,
        "download_url": raw if kind in {"file", "symlink"} else None,
        "_links": {"self": url, "git": None if kind == "submodule" else git, "html": html},
    }


def _submodule(call: Call, sha: str, entry: TreeEntry) -> JsonObject:
    modules = call.repository.store.entry(sha, ".gitmodules")
    text = (call.repository.store.blob(modules.sha) or b"").decode("utf-8", "replace") if modules else ""
    found = re.search(rf"path = {re.escape(entry.path)}\n\s*url = (\S+)", text)
    url = found.group(1) if found else "https://github.com/unknown/unknown.git"
    return {**_about(call, sha, entry, "submodule"), "submodule_git_url": url}


def _directory(call: Call, sha: str, entry: TreeEntry) -> Reply:
    """Submodules show as files, for compatibility, until version 2026-03-10."""
    prefix = f"{entry.path}/" if entry.path else ""
    submodule = "submodule" if call.version >= "2026-03-10" else "file"
    shown = []
    for one in (call.repository.store.tree(entry.sha, False) or ())[:MAX_DIRECTORY]:
        kind = {"tree": "dir", "commit": submodule}.get(
            one.kind, "symlink" if one.mode == "120000" else "file"
        )
        placed = TreeEntry(prefix + one.path, one.mode, one.kind, one.sha, one.size)
        shown.append(_about(call, sha, placed, kind))
    return Reply(shown)


def _file(call: Call, sha: str, entry: TreeEntry) -> Reply:
    content = call.repository.store.blob(entry.sha) or b""
    if len(content) > MAX_BLOB_BYTES:
        raise too_large("blobs", "100 MB")
    if call.wants_raw():
        return Reply(raw=content)
    shown = _about(call, sha, entry, "file")
    if len(content) > MAX_CONTENTS_BYTES:
        if "object" not in call.accept:
            raise too_large("blobs", "1 MB")
        return Reply({**shown, "content": "", "encoding": "none"})
    return Reply({**shown, "content": wrapped(content), "encoding": "base64"})


def permission(call: Call) -> Reply:
    """The role of a user; `none` on a private repository where nothing was given, else `read`."""
    login = call.path["username"]
    user = call.state.users.get(login.lower())
    if user is None:
        raise RefusedError(404, f"{login} is not a user")
    role = call.repository.roles.get(user.login, "none" if call.repository.private else "read")
    old = PERMISSIONS.get(role, role)
    known = old in {"admin", "write", "read", "none"}
    shown = {**shapes.user(call.state, user), "role_name": role}
    return Reply({"permission": old if known else "read", "role_name": role, "user": shown})
