"""Webhook payloads: GitHub's published examples under the fake's repository, pull request and commits."""

from __future__ import annotations

import copy
import json
from functools import cache
from typing import Any

from tests.github import checks, comments, shapes
from tests.github.call import JsonObject
from tests.github.openapi import NODE_MODULES
from tests.github.state import CheckRun, Installation, IssueComment, Pull, Repository, State, User

EXAMPLES = NODE_MODULES / "@octokit/webhooks-examples/api.github.com/index.json"
NO_COMMIT = "0" * 40


@cache
def _published() -> dict[str, list[JsonObject]]:
    return {one["name"]: one["examples"] for one in json.loads(EXAMPLES.read_bytes())}


def example(event: str, action: str | None = None) -> JsonObject:
    """A copy of GitHub's example of an event, with that action where one is published."""
    examples = _published()[event]
    matching = [one for one in examples if one.get("action") == action]
    return copy.deepcopy((matching or examples)[0])


class Payloads:
    """A method for each event; each returns the payload as GitHub would send it now."""

    def __init__(self, state: State) -> None:
        self.state = state

    def pull_request(
        self, pull: Pull, action: str, *, sender: User | str | None = None, **more: Any
    ) -> JsonObject:
        """opened, synchronize, reopened, ready_for_review, converted_to_draft, closed, or edited.

        `more` goes on top: `before` of synchronize, `changes` of edited.
        """
        payload = example("pull_request", action)
        payload.pop("changes", None)
        if action == "synchronize":
            payload |= {"before": (pull.past_heads or [NO_COMMIT])[-1], "after": pull.head_sha}
        shown = {**payload["pull_request"], **shapes.pull(self.state, pull)}
        payload |= {"action": action, "number": pull.number, "pull_request": shown}
        return self._about(payload, pull.repository, sender or pull.author) | more

    def base_changed(self, pull: Pull, old_ref: str, old_sha: str) -> JsonObject:
        """`pull_request` edited, whose base was `old_ref` before."""
        changes = {"base": {"ref": {"from": old_ref}, "sha": {"from": old_sha}}}
        return self.pull_request(pull, "edited", changes=changes)

    def check_run(
        self,
        run: CheckRun,
        action: str = "rerequested",
        *,
        sender: User | str = "octocat",
        identifier: str | None = None,
    ) -> JsonObject:
        """rerequested, requested_action (with the button's `identifier`), created or completed."""
        repo = self._repository(run.repository)
        payload = example("check_run", action)
        shown = {**payload["check_run"], **checks.show(self.state, repo, run)}
        shown["check_suite"] = self._suite(repo, run.head_sha, payload["check_run"]["check_suite"])
        payload |= {"action": action, "check_run": shown}
        payload.pop("requested_action", None)
        if identifier is not None:
            payload["requested_action"] = {"identifier": identifier}
        return self._about(payload, repo, sender)

    def check_suite(
        self, repo: Repository, sha: str, action: str = "rerequested", *, sender: User | str = "octocat"
    ) -> JsonObject:
        payload = example("check_suite", action)
        payload |= {"action": action, "check_suite": self._suite(repo, sha, payload["check_suite"])}
        return self._about(payload, repo, sender)

    def _suite(self, repo: Repository, sha: str, base: JsonObject) -> JsonObject:
        """For a fork's head there are no pull requests and no branch."""
        own = [one for one in self.state.pulls_of(repo) if one.head_sha == sha and not one.from_fork]
        return {
            **base,
            "id": self.state.suite(repo, sha),
            "head_sha": sha,
            "head_branch": own[0].head_ref if own else None,
            "app": shapes.app(self.state),
            "pull_requests": checks.pulls_of(self.state, repo, sha),
        }

    def issue_comment(
        self, comment: IssueComment, action: str = "created", *, sender: User | str | None = None, **more: Any
    ) -> JsonObject:
        """On a pull request; `more` overlays the comment: `body`, `author_association`."""
        repo = self._repository(comment.repository)
        pull = self.state.pull(repo, comment.number)
        payload = example("issue_comment", action)
        issue: JsonObject = {**payload["issue"], "number": comment.number}
        if pull is not None:
            links = shapes.pull_links(self.state, pull)
            issue |= {
                "url": links["issue_url"],
                "title": pull.title,
                "state": pull.state,
                "locked": pull.locked,
                "draft": pull.draft,
                "user": shapes.user(self.state, pull.author),
                "pull_request": {name: links[name] for name in ("url", "html_url", "diff_url", "patch_url")},
            }
        shown = comments.show(self.state, repo, comment)
        payload |= {"action": action, "issue": issue, "comment": {**payload["comment"], **shown, **more}}
        return self._about(payload, repo, sender or comment.author)

    def merge_group(self, pull: Pull, head_sha: str, action: str = "checks_requested") -> JsonObject:
        """The queue's commit of a pull request."""
        payload = example("merge_group", "checks_requested")
        base_sha = pull.repository.branch(pull.base_ref) or pull.base_sha
        queue = f"refs/heads/gh-readonly-queue/{pull.base_ref}/pr-{pull.number}-{base_sha}"
        payload["merge_group"] |= {
            "head_sha": head_sha,
            "head_ref": queue,
            "base_sha": base_sha,
            "base_ref": f"refs/heads/{pull.base_ref}",
        }
        payload["action"] = action
        return self._about(payload, pull.repository, pull.author)

    def push(
        self, repo: Repository, branch: str, before: str, after: str, *, sender: User | str = "octocat"
    ) -> JsonObject:
        payload = example("push")
        info = repo.store.info(after)
        changes = repo.store.changes(before, after) if before != NO_COMMIT else ()
        listed = {
            "added": [one.path for one in changes if one.status == "added"],
            "removed": [one.path for one in changes if one.status == "removed"],
            "modified": [one.path for one in changes if one.status not in {"added", "removed"}],
        }
        head = {
            **payload["head_commit"],
            "id": after,
            "tree_id": info.tree,
            "message": info.message,
            **listed,
        }
        payload |= {
            "ref": f"refs/heads/{branch}",
            "before": before,
            "after": after,
            "created": before == NO_COMMIT,
            "deleted": False,
            "forced": False,
            "commits": [head],
            "head_commit": head,
        }
        about = self._about(payload, repo, sender)
        # In this event alone it is a number.
        about["repository"]["pushed_at"] = int(self.state.clock.now())
        return about

    def installation(self, one: Installation, action: str = "created") -> JsonObject:
        payload = example("installation", action)
        return payload | {
            "action": action,
            "installation": {**payload["installation"], **shapes.installation(self.state, one)},
            "repositories": self._short(one),
            "sender": shapes.user(self.state, self.state.user("octocat")),
        }

    def installation_repositories(
        self, one: Installation, added: list[Repository], removed: list[Repository]
    ) -> JsonObject:
        action = "added" if added else "removed"
        payload = example("installation_repositories", action)
        return payload | {
            "action": action,
            "installation": {**payload["installation"], **shapes.installation(self.state, one)},
            "repository_selection": one.selection,
            "repositories_added": [_short(repo) for repo in added],
            "repositories_removed": [_short(repo) for repo in removed],
            "sender": shapes.user(self.state, self.state.user("octocat")),
        }

    def _short(self, one: Installation) -> list[JsonObject]:
        return [_short(repo) for repo in self.state.repositories.values() if repo.id in one.repository_ids]

    def _repository(self, full_name: str) -> Repository:
        return self.state.repositories[full_name.lower()]

    def _about(self, payload: JsonObject, repo: Repository, sender: User | str) -> JsonObject:
        """With the repository, who did it, and the installation that hears of it."""
        who = self.state.user(sender) if isinstance(sender, str) else sender
        payload["repository"] = {**payload["repository"], **shapes.repository(self.state, repo)}
        payload["sender"] = shapes.user(self.state, who)
        payload.pop("organization", None)
        if repo.installation is not None:
            number = repo.installation.id
            payload["installation"] = {"id": number, "node_id": shapes.node_id("I", number)}
        return payload


def _short(repo: Repository) -> JsonObject:
    return {
        "id": repo.id,
        "node_id": shapes.node_id("R", repo.id),
        "name": repo.name,
        "full_name": repo.full_name,
        "private": repo.private,
    }
