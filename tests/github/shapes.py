"""GitHub's JSON of the objects that many endpoints show: users, repositories, pull requests, commits."""

from __future__ import annotations

import base64
import json
from typing import Any

from tests.github.call import JsonObject
from tests.github.openapi import example
from tests.github.state import Installation, Pull, Repository, State, User

SITE = "https://github.com"
CREATED = "2026-01-05T08:00:00Z"


def node_id(kind: str, number: int | str) -> str:
    return f"{kind}_" + base64.urlsafe_b64encode(str(number).encode()).decode().rstrip("=")


def user(state: State, who: User) -> JsonObject:
    page = f"{SITE}/apps/{state.slug}" if who.kind == "Bot" else f"{SITE}/{who.login}"
    api = f"{state.url}/users/{who.login}"
    lists = ("followers", "subscriptions", "repos", "received_events")
    templates = {
        "following_url": "/following{/other_user}",
        "gists_url": "/gists{/gist_id}",
        "starred_url": "/starred{/owner}{/repo}",
        "events_url": "/events{/privacy}",
        "organizations_url": "/orgs",
    }
    return {
        "login": who.login,
        "id": who.id,
        "node_id": node_id("U", who.id),
        "avatar_url": f"https://avatars.githubusercontent.com/u/{who.id}?v=4",
        "gravatar_id": "",
        "url": api,
        "html_url": page,
        **{f"{name}_url": f"{api}/{name}" for name in lists},
        **{name: api + rest for name, rest in templates.items()},
        "type": who.kind,
        "user_view_type": "public",
        "site_admin": False,
    }


def repository(state: State, one: Repository) -> JsonObject:
    """Made from GitHub's own example, under our names and addresses."""
    text = example("full-repository-default-response")
    text = text.replace("octocat/Hello-World", one.full_name).replace("https://api.github.com", state.url)
    shown: JsonObject = json.loads(text)
    for name in ("template_repository", "organization", "parent", "source", "permissions", "license"):
        shown.pop(name, None)
    return shown | {
        "id": one.id,
        "node_id": node_id("R", one.id),
        "name": one.name,
        "owner": user(state, one.owner),
        "private": one.private,
        "visibility": one.visibility,
        "fork": one.fork,
        "archived": one.archived,
        "description": None,
        "homepage": None,
        "mirror_url": None,
        "license": None,
        "topics": [],
        "language": None,
        "default_branch": one.default_branch,
        "has_downloads": False,
    }


def app(state: State) -> JsonObject:
    return {
        "id": state.app_id,
        "slug": state.slug,
        "client_id": state.client_id,
        "node_id": node_id("A", state.app_id),
        "owner": user(state, state.app_owner),
        "name": "Tidewaiter",
        "description": "",
        "external_url": "https://tidewaiter.example",
        "html_url": f"{SITE}/apps/{state.slug}",
        "created_at": CREATED,
        "updated_at": CREATED,
        "permissions": dict(state.permissions),
        "events": list(state.events),
    }


def installation(state: State, one: Installation) -> JsonObject:
    return {
        "id": one.id,
        "account": user(state, one.account),
        "repository_selection": one.selection,
        "access_tokens_url": f"{state.url}/app/installations/{one.id}/access_tokens",
        "repositories_url": f"{state.url}/installation/repositories",
        "html_url": f"{SITE}/organizations/{one.account.login}/settings/installations/{one.id}",
        "app_id": state.app_id,
        "client_id": state.client_id,
        "app_slug": state.slug,
        "target_id": one.account.id,
        "target_type": one.account.kind,
        "permissions": dict(one.permissions),
        "events": list(state.events),
        "created_at": CREATED,
        "updated_at": CREATED,
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "suspended_at": CREATED if one.suspended else None,
        "suspended_by": user(state, one.account) if one.suspended else None,
    }


def repository_url(state: State, one: Repository) -> str:
    return f"{state.url}/repos/{one.full_name}"


def pull_links(state: State, pull: Pull) -> dict[str, str]:
    repo = repository_url(state, pull.repository)
    api, issue = f"{repo}/pulls/{pull.number}", f"{repo}/issues/{pull.number}"
    page = f"{SITE}/{pull.repository.full_name}/pull/{pull.number}"
    return {
        "url": api,
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "issue_url": issue,
        "commits_url": f"{api}/commits",
        "review_comments_url": f"{api}/comments",
        "review_comment_url": f"{repo}/pulls/comments{{/number}}",
        "comments_url": f"{issue}/comments",
        "statuses_url": f"{repo}/statuses/{pull.head_sha}",
    }


def pull_simple(state: State, pull: Pull) -> JsonObject:
    links = pull_links(state, pull)
    names = ("html", "issue", "comments", "review_comments", "review_comment", "commits", "statuses")
    return {
        **links,
        "id": pull.id,
        "node_id": node_id("PR", pull.id),
        "number": pull.number,
        "state": pull.state,
        "locked": pull.locked,
        "title": pull.title,
        "user": user(state, pull.author),
        "body": pull.body or None,
        "labels": [],
        "milestone": None,
        "created_at": pull.created_at,
        "updated_at": pull.created_at,
        "closed_at": pull.created_at if pull.state == "closed" else None,
        "merged_at": pull.created_at if pull.merged else None,
        "merge_commit_sha": None,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "head": _side(state, pull.head_repository, pull.author, pull.head_ref, pull.head_sha),
        "base": _side(state, pull.repository, pull.repository.owner, pull.base_ref, pull.base_sha),
        "_links": {
            "self": {"href": links["url"]},
            **{name: {"href": links[f"{name}_url"]} for name in names},
        },
        "author_association": pull.association,
        "auto_merge": None,
        "draft": pull.draft,
    }


def _side(state: State, repo: Repository | None, author: User, ref: str, sha: str) -> JsonObject:
    owner = repo.owner if repo else author
    return {
        "label": f"{owner.login}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": user(state, owner),
        "repo": repository(state, repo) if repo else None,
    }


def pull(state: State, one: Pull) -> JsonObject:
    store = one.repository.store
    base = store.merge_base(one.base_sha, one.head_sha) or one.base_sha
    changes = store.changes(base, one.head_sha)
    key = (one.repository.full_name, one.number)
    return {
        **pull_simple(state, one),
        "merged": one.merged,
        "mergeable": None if one.state == "closed" else True,
        "rebaseable": None,
        "mergeable_state": "unknown" if one.state == "closed" else ("draft" if one.draft else "clean"),
        "merged_by": user(state, one.repository.owner) if one.merged else None,
        "comments": sum((c.repository, c.number) == key for c in list(state.issue_comments.values())),
        "review_comments": sum((c.repository, c.pull) == key for c in list(state.review_comments.values())),
        "maintainer_can_modify": False,
        "commits": len(store.history(base, one.head_sha)),
        "additions": sum(change.additions for change in changes),
        "deletions": sum(change.deletions for change in changes),
        "changed_files": len(changes),
    }


def pull_minimal(state: State, one: Pull) -> JsonObject:
    """How check runs and suites name a pull request."""

    def side(repo: Repository, ref: str, sha: str) -> JsonObject:
        shown = {"id": repo.id, "url": repository_url(state, repo), "name": repo.name}
        return {"ref": ref, "sha": sha, "repo": shown}

    repo = one.repository
    return {
        "id": one.id,
        "number": one.number,
        "url": pull_links(state, one)["url"],
        "head": side(repo, one.head_ref, one.head_sha),
        "base": side(repo, one.base_ref, one.base_sha),
    }


def git_person(author: tuple[str, str, str]) -> dict[str, str]:
    name, address, date = author
    return {"name": name, "email": address, "date": date}


def commit(state: State, repo: Repository, sha: str) -> JsonObject:
    info = repo.store.info(sha)
    api, page = repository_url(state, repo), f"{SITE}/{repo.full_name}"
    return {
        "url": f"{api}/commits/{sha}",
        "sha": sha,
        "node_id": node_id("C", sha),
        "html_url": f"{page}/commit/{sha}",
        "comments_url": f"{api}/commits/{sha}/comments",
        "commit": {
            "url": f"{api}/git/commits/{sha}",
            "author": git_person(info.author),
            "committer": git_person(info.author),
            "message": info.message,
            "comment_count": 0,
            "tree": {"sha": info.tree, "url": f"{api}/git/trees/{info.tree}"},
            "verification": UNSIGNED,
        },
        "author": None,
        "committer": None,
        "parents": [
            {"sha": one, "url": f"{api}/commits/{one}", "html_url": f"{page}/commit/{one}"}
            for one in info.parents
        ],
    }


UNSIGNED = {
    "verified": False,
    "reason": "unsigned",
    "signature": None,
    "payload": None,
    "verified_at": None,
}

REMOVED = {"merge_commit_sha", "has_downloads", "assignee"}
"""Fields of pull requests and repositories that version 2026-03-10 no longer has."""


def without_removed(value: Any) -> Any:
    """An answer as version 2026-03-10 gives it."""
    if isinstance(value, dict):
        if {"resources", "rate"} <= set(value):
            return {"resources": value["resources"]}
        return {key: without_removed(inner) for key, inner in value.items() if key not in REMOVED}
    if isinstance(value, list):
        return [without_removed(inner) for inner in value]
    return value
