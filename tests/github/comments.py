"""Endpoints of the comments in a pull request's conversation, and of reactions to them."""

from __future__ import annotations

from dataclasses import replace

from tests.github import shapes
from tests.github.call import Call, JsonObject, RefusedError, Reply, Route, not_found, validation_failed
from tests.github.pulls import require_unlocked
from tests.github.repos import REPO
from tests.github.reviews import MAX_BODY, TOO_LONG
from tests.github.state import IssueComment, Pull, Repository, State, User

COMMENTS = f"{REPO}/issues/{{issue_number}}/comments"
COMMENT = f"{REPO}/issues/comments/{{comment_id}}"
WRITE, READ = "issues:write|pull_requests:write", "issues:read|pull_requests:read"


def routes() -> tuple[Route, ...]:
    return (
        Route("GET", COMMENTS, READ, list_comments),
        Route("POST", COMMENTS, WRITE, create, creates=True),
        Route("GET", COMMENT, READ, get),
        Route("PATCH", COMMENT, WRITE, update),
        Route("DELETE", COMMENT, WRITE, delete),
        Route("GET", f"{COMMENT}/reactions", READ, list_reactions),
        Route("POST", f"{COMMENT}/reactions", WRITE, react, creates=True),
    )


def show(state: State, repo: Repository, one: IssueComment) -> JsonObject:
    api = shapes.repository_url(state, repo)
    url = f"{api}/issues/comments/{one.id}"
    page = f"{shapes.SITE}/{repo.full_name}/pull/{one.number}#issuecomment-{one.id}"
    counts = {name: sum(content == name for *_, content in one.reactions) for name in CONTENTS}
    return {
        "id": one.id,
        "node_id": shapes.node_id("IC", one.id),
        "url": url,
        "html_url": page,
        "issue_url": f"{api}/issues/{one.number}",
        "body": one.body,
        "user": shapes.user(state, one.author),
        "created_at": one.created_at,
        "updated_at": one.updated_at,
        "author_association": "NONE",
        "performed_via_github_app": shapes.app(state) if one.author == state.bot else None,
        "reactions": {"url": f"{url}/reactions", "total_count": len(one.reactions), **counts},
    }


CONTENTS = ("+1", "-1", "laugh", "confused", "heart", "hooray", "eyes", "rocket")


def add(state: State, repo: Repository, number: int, author: User, body: str) -> IssueComment:
    """Writes a comment; 422 where its body is blank or too long."""
    _check(body)
    now = state.clock.stamp()
    comment = IssueComment(state.next_id(), repo.full_name, number, author, body, now, now)
    state.issue_comments[comment.id] = comment
    return comment


def _check(body: str) -> None:
    if not body.strip():
        raise validation_failed("IssueComment", "body", "Body can't be blank")
    if len(body) > MAX_BODY:
        raise validation_failed("IssueComment", "body", TOO_LONG)


def _pull(call: Call) -> Pull:
    found = call.state.pull(call.repository, call.number("issue_number"))
    if found is None:
        raise not_found()
    return found


def list_comments(call: Call) -> Reply:
    key = (call.repository.full_name, _pull(call).number)
    found = [one for one in call.state.issue_comments.values() if (one.repository, one.number) == key]
    page, links = call.page(found)
    return Reply([show(call.state, call.repository, one) for one in page], headers=links)


def create(call: Call) -> Reply:
    pull = _pull(call)
    require_unlocked(pull)
    comment = add(call.state, call.repository, pull.number, call.actor, call.body["body"])
    return Reply(show(call.state, call.repository, comment), 201)


def _comment(call: Call) -> IssueComment:
    found = call.state.issue_comments.get(call.number("comment_id"))
    if found is None or found.repository != call.repository.full_name:
        raise not_found()
    return found


def get(call: Call) -> Reply:
    return Reply(show(call.state, call.repository, _comment(call)))


def _own(call: Call) -> IssueComment:
    found = _comment(call)
    if found.author != call.actor:
        raise RefusedError(403, "Resource not accessible by integration")
    return found


def update(call: Call) -> Reply:
    found, body = _own(call), call.body["body"]
    _check(body)
    changed = replace(found, body=body, updated_at=call.state.clock.stamp())
    call.state.issue_comments[found.id] = changed
    return Reply(show(call.state, call.repository, changed))


def delete(call: Call) -> Reply:
    del call.state.issue_comments[_own(call).id]
    return Reply(None, 204)


def _show_reaction(state: State, reaction: tuple[int, str, str], at: str) -> JsonObject:
    number, login, content = reaction
    author = state.bot if login == state.bot.login else state.user(login)
    return {
        "id": number,
        "node_id": shapes.node_id("REA", number),
        "user": shapes.user(state, author),
        "content": content,
        "created_at": at,
    }


def react(call: Call) -> Reply:
    """201 for a new reaction, 200 for one that the App gave before."""
    comment, content = _comment(call), call.body["content"]
    for reaction in comment.reactions:
        if reaction[1:] == (call.actor.login, content):
            return Reply(_show_reaction(call.state, reaction, comment.updated_at))
    new = (call.state.next_id(), call.actor.login, content)
    call.state.issue_comments[comment.id] = replace(comment, reactions=(*comment.reactions, new))
    return Reply(_show_reaction(call.state, new, call.state.clock.stamp()), 201)


def list_reactions(call: Call) -> Reply:
    comment = _comment(call)
    wanted = call.query.get("content")
    found = [one for one in comment.reactions if wanted in {None, one[2]}]
    page, links = call.page(found)
    return Reply([_show_reaction(call.state, one, comment.updated_at) for one in page], headers=links)
