"""Endpoints of reviews and their comments: all or nothing, and only on lines of the diff."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tests.github import shapes
from tests.github.call import Call, JsonObject, RefusedError, Reply, Route, not_found, validation_failed
from tests.github.content import Change
from tests.github.diff import Anchor, anchor
from tests.github.pulls import PULL, changes_of, pull_of, require_unlocked
from tests.github.repos import REPO
from tests.github.state import Pull, Review, ReviewComment, State

MAX_BODY = 65_536
TOO_LONG = f"Body is too long (maximum is {MAX_BODY} characters)"
COMMENT = f"{REPO}/pulls/comments/{{comment_id}}"
WRITE, READ = "pull_requests:write", "pull_requests:read"
STATES = {
    "COMMENT": "COMMENTED",
    "APPROVE": "APPROVED",
    "REQUEST_CHANGES": "CHANGES_REQUESTED",
    "": "PENDING",
}
BLANK_HUNK = "Pull request review thread diff hunk can't be blank"


def routes() -> tuple[Route, ...]:
    return (
        Route("POST", f"{PULL}/reviews", WRITE, create_review, creates=True),
        Route("GET", f"{PULL}/reviews", READ, list_reviews),
        Route("GET", f"{PULL}/reviews/{{review_id}}", READ, get_review),
        Route("GET", f"{PULL}/reviews/{{review_id}}/comments", READ, comments_of_review),
        Route("GET", f"{PULL}/comments", READ, list_comments),
        Route("POST", f"{PULL}/comments", WRITE, create_comment, creates=True),
        Route("POST", f"{PULL}/comments/{{comment_id}}/replies", WRITE, create_reply, creates=True),
        Route("GET", COMMENT, READ, get_comment),
        Route("PATCH", COMMENT, WRITE, update_comment),
        Route("DELETE", COMMENT, WRITE, delete_comment),
    )


@dataclass(frozen=True)
class Place:
    """Where a comment asks to stand, and the anchor found for its last line."""

    path: str
    line: int | None
    side: str
    start_line: int | None
    start_side: str | None
    anchor: Anchor | None


def find_place(changes: tuple[Change, ...], given: JsonObject) -> Place | str:
    """The place of a comment in a diff, or GitHub's sentence of why it has none."""
    change = next((one for one in changes if one.path == given["path"]), None)
    if change is None:
        return f"Pull request review thread path is invalid and {BLANK_HUNK}"
    if given.get("subject_type") == "file":
        return Place(change.path, None, "RIGHT", None, None, None)
    line, side = given.get("line"), given.get("side") or "RIGHT"
    if line is None:
        return "Pull request review thread line can't be blank"
    start = given.get("start_line")
    if start is not None and start >= line and (given.get("start_side") or side) == side:
        return "Pull request review thread start line must precede the end line."
    end_anchor = anchor(change.hunks, line, side)
    if end_anchor is None:
        return f"Pull request review thread line must be part of the diff and {BLANK_HUNK}"
    start_side = None if start is None else given.get("start_side") or side
    if start is not None:
        start_anchor = anchor(change.hunks, start, start_side or side)
        if start_anchor is None or start_anchor.hunk != end_anchor.hunk:
            return "Pull request review thread start line must be part of the same hunk as the line."
    return Place(change.path, line, side, start, start_side, end_anchor)


def create_review(call: Call) -> Reply:
    """One bad comment and nothing is written; the answer does not say which it was."""
    pull, body = pull_of(call), call.body
    event, text, given = body.get("event", ""), body.get("body", ""), body.get("comments", [])
    if event == "COMMENT" and not text.strip() and not given:
        raise _refused("Review body can't be blank")
    if event == "REQUEST_CHANGES" and not text.strip():
        raise _refused("Review body can't be blank")
    if max(len(one) for one in [text, *(one["body"] for one in given)]) > MAX_BODY:
        raise _refused(TOO_LONG)
    require_unlocked(pull)
    head = _commit(pull, body.get("commit_id"))
    if any("position" in one for one in given):
        raise _refused("Position could not be resolved")
    if event == "" and _pending(call.state, pull):
        raise _refused("User can only have one pending review per pull request")
    places = _places(changes_of(pull, head), given)
    review = Review(
        id=call.state.next_id(),
        repository=call.repository.full_name,
        pull=pull.number,
        author=call.actor,
        body=text,
        state=STATES[event],
        commit_id=head,
        submitted_at=call.state.clock.stamp(),
    )
    call.state.reviews[review.id] = review
    for place, one in zip(places, given, strict=True):
        _add_comment(call, pull, review, place, one["body"])
    return Reply(show_review(call.state, pull, review))


def _refused(*errors: str) -> RefusedError:
    return RefusedError(422, "Unprocessable Entity", list(errors))


def _pending(state: State, pull: Pull) -> bool:
    key = (pull.repository.full_name, pull.number, "PENDING")
    return any((one.repository, one.pull, one.state) == key for one in state.reviews.values())


def _commit(pull: Pull, given: str | None) -> str:
    if given is not None and given not in pull.heads:
        history = pull.repository.store.history(pull.base_sha, pull.head_sha)
        if given not in history:
            raise _refused("commit_id is not part of the pull request")
    return given or pull.head_sha


def _places(changes: tuple[Change, ...], given: list[JsonObject]) -> list[Place]:
    found = [find_place(changes, one) for one in given]
    errors = {one for one in found if isinstance(one, str)}
    if any(not one["body"].strip() for one in given):
        errors.add("Pull request review thread body can't be blank")
    if errors:
        raise _refused(*sorted(errors))
    return [one for one in found if isinstance(one, Place)]


def _add_comment(
    call: Call, pull: Pull, review: Review, place: Place, body: str, reply_to: int | None = None
) -> ReviewComment:
    now = call.state.clock.stamp()
    comment = ReviewComment(
        id=call.state.next_id(),
        repository=call.repository.full_name,
        pull=pull.number,
        review_id=review.id,
        author=review.author,
        body=body,
        path=place.path,
        commit_id=review.commit_id,
        line=place.line,
        side=place.side,
        start_line=place.start_line,
        start_side=place.start_side,
        diff_hunk=place.anchor.shown if place.anchor else "",
        position=place.anchor.position if place.anchor else 1,
        created_at=now,
        updated_at=now,
        in_reply_to=reply_to,
    )
    call.state.review_comments[comment.id] = comment
    return comment


def show_review(state: State, pull: Pull, review: Review) -> JsonObject:
    links = shapes.pull_links(state, pull)
    page = f"{links['html_url']}#pullrequestreview-{review.id}"
    shown: JsonObject = {
        "id": review.id,
        "node_id": shapes.node_id("PRR", review.id),
        "user": shapes.user(state, review.author),
        "body": review.body,
        "state": review.state,
        "html_url": page,
        "pull_request_url": links["url"],
        "author_association": "NONE",
        "_links": {"html": {"href": page}, "pull_request": {"href": links["url"]}},
        "commit_id": review.commit_id,
    }
    return shown if review.state == "PENDING" else {**shown, "submitted_at": review.submitted_at}


@dataclass(frozen=True)
class Standing:
    """Where a comment stands at the pull request's head; all `None` if it is outdated."""

    line: int | None
    start_line: int | None
    position: int | None


def standing(pull: Pull, comment: ReviewComment) -> Standing:
    """Follows the comment's lines to the head. Touched lines, and lines that left the diff, are outdated."""
    outdated = Standing(None, None, None)
    change = next((one for one in changes_of(pull) if one.path == comment.path), None)
    if change is None:
        return outdated
    if comment.line is None:
        return Standing(None, None, 1)
    if comment.side == "LEFT" and comment.commit_id != pull.head_sha:
        return outdated
    lines = range(comment.start_line or comment.line, comment.line + 1)
    store = pull.repository.store
    moved = [store.moved(comment.commit_id, pull.head_sha, comment.path, one) for one in lines]
    last = moved[-1] if moved else comment.line
    if last is None or None in moved:
        return outdated
    found = anchor(change.hunks, last, comment.side)
    if found is None:
        return outdated
    return Standing(last, moved[0] if comment.start_line else None, found.position)


def show_comment(state: State, pull: Pull, one: ReviewComment) -> JsonObject:
    links = shapes.pull_links(state, pull)
    api = f"{shapes.repository_url(state, pull.repository)}/pulls/comments/{one.id}"
    page = f"{links['html_url']}#discussion_r{one.id}"
    now = standing(pull, one)
    shown: JsonObject = {
        "url": api,
        "pull_request_review_id": one.review_id,
        "id": one.id,
        "node_id": shapes.node_id("PRRC", one.id),
        "diff_hunk": one.diff_hunk,
        "path": one.path,
        "commit_id": pull.head_sha if now.position else one.commit_id,
        "original_commit_id": one.commit_id,
        "user": shapes.user(state, one.author),
        "body": one.body,
        "created_at": one.created_at,
        "updated_at": one.updated_at,
        "html_url": page,
        "pull_request_url": links["url"],
        "author_association": "NONE",
        "_links": {"self": {"href": api}, "html": {"href": page}, "pull_request": {"href": links["url"]}},
        "original_position": one.position,
        "side": one.side,
        "start_side": one.start_side,
        "original_line": one.line,
        "original_start_line": one.start_line,
        "start_line": now.start_line,
        "subject_type": "file" if one.line is None else "line",
    }
    shown |= {"position": now.position, "line": now.line}
    return shown | ({"in_reply_to_id": one.in_reply_to} if one.in_reply_to else {})


def _comments(call: Call) -> list[ReviewComment]:
    """Comments of a pull request, oldest first; those of a pending review are not public yet."""
    pull = pull_of(call)
    return [
        one
        for one in call.state.review_comments.values()
        if (one.repository, one.pull) == (pull.repository.full_name, pull.number)
        and call.state.reviews[one.review_id].state != "PENDING"
    ]


def list_reviews(call: Call) -> Reply:
    pull = pull_of(call)
    key = (pull.repository.full_name, pull.number)
    found = [one for one in call.state.reviews.values() if (one.repository, one.pull) == key]
    page, links = call.page(found)
    return Reply([show_review(call.state, pull, one) for one in page], headers=links)


def _review(call: Call) -> Review:
    found = call.state.reviews.get(call.number("review_id"))
    if found is None or (found.repository, found.pull) != (call.repository.full_name, pull_of(call).number):
        raise not_found()
    return found


def get_review(call: Call) -> Reply:
    return Reply(show_review(call.state, pull_of(call), _review(call)))


def comments_of_review(call: Call) -> Reply:
    pull, review = pull_of(call), _review(call)
    page, links = call.page([one for one in _comments(call) if one.review_id == review.id])
    shown = [show_comment(call.state, pull, one) for one in page]
    return Reply([{"position": None, **one} for one in shown], headers=links)


def list_comments(call: Call) -> Reply:
    pull = pull_of(call)
    page, links = call.page(_comments(call))
    return Reply([show_comment(call.state, pull, one) for one in page], headers=links)


def create_comment(call: Call) -> Reply:
    """One comment, which is a review of its own; with `subject_type: file` it needs no line."""
    pull, body = pull_of(call), call.body
    if body.get("in_reply_to"):
        return _reply_to(call, pull, body["in_reply_to"])
    require_unlocked(pull)
    _check_body(body["body"])
    head = _commit(pull, body["commit_id"])
    place = find_place(changes_of(pull, head), body)
    if isinstance(place, str):
        raise validation_failed("PullRequestReviewComment", "pull_request_review_thread.line", place)
    review = _own_review(call, pull, head)
    return Reply(show_comment(call.state, pull, _add_comment(call, pull, review, place, body["body"])), 201)


def _check_body(text: str) -> None:
    if not text.strip():
        raise validation_failed("PullRequestReviewComment", "body", "Body can't be blank")
    if len(text) > MAX_BODY:
        raise validation_failed("PullRequestReviewComment", "body", TOO_LONG)


def _own_review(call: Call, pull: Pull, head: str) -> Review:
    now = call.state.clock.stamp()
    name = call.repository.full_name
    review = Review(call.state.next_id(), name, pull.number, call.actor, "", "COMMENTED", head, now)
    call.state.reviews[review.id] = review
    return review


def create_reply(call: Call) -> Reply:
    return _reply_to(call, pull_of(call), call.number("comment_id"))


def _reply_to(call: Call, pull: Pull, number: int) -> Reply:
    """Only to a comment that is no reply itself."""
    top = call.state.review_comments.get(number)
    if top is None or (top.repository, top.pull) != (pull.repository.full_name, pull.number):
        raise not_found()
    require_unlocked(pull)
    _check_body(call.body["body"])
    if top.in_reply_to is not None:
        message = "in_reply_to must be a top-level comment"
        raise validation_failed("PullRequestReviewComment", "in_reply_to", message)
    review = _own_review(call, pull, top.commit_id)
    place = Place(
        top.path, top.line, top.side, top.start_line, top.start_side, Anchor(0, top.position, top.diff_hunk)
    )
    comment = _add_comment(call, pull, review, place, call.body["body"], top.id)
    return Reply(show_comment(call.state, pull, comment), 201)


def _comment(call: Call) -> tuple[Pull, ReviewComment]:
    found = call.state.review_comments.get(call.number("comment_id"))
    if found is None or found.repository != call.repository.full_name:
        raise not_found()
    pull = call.state.pull(call.repository, found.pull)
    if pull is None:
        raise not_found()
    return pull, found


def get_comment(call: Call) -> Reply:
    return Reply(show_comment(call.state, *_comment(call)))


def update_comment(call: Call) -> Reply:
    pull, found = _comment(call)
    _require_own(call, found)
    _check_body(call.body["body"])
    changed = replace(found, body=call.body["body"], updated_at=call.state.clock.stamp())
    call.state.review_comments[found.id] = changed
    return Reply(show_comment(call.state, pull, changed))


def delete_comment(call: Call) -> Reply:
    _, found = _comment(call)
    _require_own(call, found)
    del call.state.review_comments[found.id]
    return Reply(None, 204)


def _require_own(call: Call, comment: ReviewComment) -> None:
    if comment.author != call.actor:
        raise RefusedError(403, "Resource not accessible by integration")
