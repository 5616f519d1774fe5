"""Reviews, comments and suggestions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fake_github.shop import CHANGED, REPO, Shop, comment
from tests.github import repositories


def test_a_review_writes_all_comments(shop: Shop) -> None:
    added, deleted = comment(3), comment(30, side="LEFT")
    several = comment(5, start_line=3, start_side="RIGHT", side="RIGHT")
    assert shop.review(added, deleted, several).status_code == 200
    shown = shop.get("/pulls/1/comments").json()
    assert [(one["line"], one["side"], one["start_line"]) for one in shown] == [
        (3, "RIGHT", None),
        (30, "LEFT", None),
        (5, "RIGHT", 3),
    ]
    assert shown[0]["diff_hunk"].splitlines()[-1] == "+line three"
    assert shown[0]["position"] == 4
    assert shown[1]["position"] == 12


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (comment(20), "line must be part of the diff"),
        (comment(3, side="LEFT", path="b.txt"), "path is invalid"),
        (comment(2, side="LEFT"), "line must be part of the diff"),
        (comment(29, start_line=3, start_side="RIGHT"), "part of the same hunk"),
        (comment(3, start_line=3), "must precede the end line"),
        (comment(3, body=" "), "body can't be blank"),
        (comment(3, body="b" * 65_537), "too long"),
    ],
)
def test_one_bad_comment_refuses_the_whole_review(shop: Shop, bad: dict[str, Any], reason: str) -> None:
    refused = shop.review(comment(3), bad)
    assert refused.status_code == 422
    assert refused.json()["message"] == "Unprocessable Entity"
    assert reason in refused.json()["errors"][0]
    assert (shop.github.reviews(), shop.github.review_comments()) == ([], [])


def test_the_refusal_does_not_say_which_comment_was_bad(shop: Shop) -> None:
    one, other = shop.review(comment(3), comment(20)), shop.review(comment(20), comment(3))
    assert one.json() == other.json()


def test_a_review_says_something_and_is_pending_without_an_event(shop: Shop) -> None:
    assert shop.review(body="").status_code == 422
    assert shop.review(comment(3), body="").status_code == 200
    given = {"commit_id": shop.built.head, "comments": [comment(4)]}
    assert shop.post("/pulls/1/reviews", given).json()["state"] == "PENDING"
    assert shop.post("/pulls/1/reviews", given).status_code == 422
    assert [one["line"] for one in shop.get("/pulls/1/comments").json()] == [3]


def test_a_review_is_of_a_commit_of_the_pull_request(shop: Shop) -> None:
    given = {"commit_id": shop.built.base, "event": "COMMENT", "body": "b"}
    assert shop.post("/pulls/1/reviews", given).status_code == 422


def test_a_comment_alone_on_a_line_or_on_a_file(shop: Shop) -> None:
    given = {"commit_id": shop.built.head, "path": "a.txt", "body": "b"}
    assert shop.post("/pulls/1/comments", {**given, "line": 3}).status_code == 201
    on_file = shop.post("/pulls/1/comments", {**given, "subject_type": "file"}).json()
    assert on_file["subject_type"] == "file"
    refused = shop.post("/pulls/1/comments", {**given, "line": 20}).json()
    assert refused["errors"][0]["field"] == "pull_request_review_thread.line"


def test_comments_follow_their_line_and_are_outdated_once_it_is_touched(shop: Shop) -> None:
    shop.review(comment(3), comment(28))
    moved = "first\n" + CHANGED.replace("line 28\n", "line twenty-eight\n")
    shop.github.push(shop.pull, repositories.commit(shop.built.git_dir, "change", {"a.txt": moved}))
    first, second = shop.get("/pulls/1/comments").json()
    assert (first["line"], first["original_line"], first["commit_id"]) == (4, 3, shop.pull.head_sha)
    assert (second["line"], second["position"]) == (None, None)
    assert (second["original_line"], second["commit_id"]) == (28, shop.built.head)


def test_replies_go_to_top_level_comments_only(shop: Shop) -> None:
    shop.review(comment(3))
    (top,) = shop.github.review_comments()
    reply = shop.post(f"/pulls/1/comments/{top.id}/replies", {"body": "Yes"})
    assert (reply.status_code, reply.json()["in_reply_to_id"]) == (201, top.id)
    assert shop.post(f"/pulls/1/comments/{reply.json()['id']}/replies", {"body": "No"}).status_code == 422


def test_only_own_comments_can_be_changed(shop: Shop) -> None:
    shop.review(comment(3))
    (own,) = shop.github.review_comments()
    theirs = shop.github.reply(own, "rosa", "I disagree")
    url = f"{REPO}/pulls/comments"
    assert shop.client.patch(f"{url}/{theirs.id}", json={"body": "I agree"}).status_code == 403
    assert shop.client.delete(f"{url}/{theirs.id}").status_code == 403
    assert shop.client.patch(f"{url}/{own.id}", json={"body": "Fixed"}).json()["body"] == "Fixed"
    assert shop.client.delete(f"{url}/{own.id}").status_code == 204
    assert shop.client.get(f"{url}/{own.id}").status_code == 404
    assert [one.id for one in shop.github.review_comments(shop.pull)] == [theirs.id]


def test_issue_comments_have_a_limit_an_owner_and_reactions(shop: Shop) -> None:
    theirs = shop.github.comment(shop.pull, "rosa", "/recheck")
    url = f"{REPO}/issues/comments/{theirs.id}"
    assert shop.client.patch(url, json={"body": "x"}).status_code == 403
    assert shop.client.post(f"{url}/reactions", json={"content": "eyes"}).status_code == 201
    assert shop.client.post(f"{url}/reactions", json={"content": "eyes"}).status_code == 200
    assert [one["content"] for one in shop.client.get(f"{url}/reactions").json()] == ["eyes"]
    assert shop.post("/issues/1/comments", {"body": "b" * 65_536}).status_code == 201
    refused = shop.post("/issues/1/comments", {"body": "b" * 65_537}).json()
    assert refused["errors"][0]["message"] == "Body is too long (maximum is 65536 characters)"
    assert shop.get("/issues/2/comments").status_code == 404
    own = shop.get("/issues/1/comments").json()[-1]["id"]
    assert shop.client.delete(f"{REPO}/issues/comments/{own}").status_code == 204


def test_a_locked_conversation_takes_no_new_comments(shop: Shop) -> None:
    shop.review(comment(3))
    (own,) = shop.github.review_comments()
    shop.pull.locked = True
    given = {"commit_id": shop.built.head, "path": "a.txt", "line": 4, "body": "b"}
    answers = [
        shop.review(comment(4)),
        shop.post("/pulls/1/comments", given),
        shop.post(f"/pulls/1/comments/{own.id}/replies", {"body": "b"}),
        shop.post("/issues/1/comments", {"body": "b"}),
    ]
    assert {one.status_code for one in answers} == {403}
    assert shop.run(conclusion="success").status_code == 201


@pytest.mark.parametrize(
    ("body", "start", "line", "expected"),
    [
        ("Do\n\n```suggestion\nline THREE\n```\n", None, 3, ("line three\n", "line THREE\n")),
        ("````suggestion\n```\nx\n```\n````", None, 3, ("line three\n", "```\nx\n```\n")),
        ("```suggestion\n```", 3, 4, ("line three\nline 4\n", "")),
        ("```suggestion\n\n```", None, 3, ("line three\n", "\n")),
    ],
)
def test_a_suggestion_replaces_exactly_its_lines(
    shop: Shop, body: str, start: int | None, line: int, expected: tuple[str, str]
) -> None:
    span: dict[str, Any] = {"start_line": start, "start_side": "RIGHT"} if start else {}
    shop.review(comment(line, body=body, **span))
    (written,) = shop.github.review_comments()
    assert shop.github.suggestion_result(written) == CHANGED.replace(*expected)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (comment(3, body="no block"), "no suggestion"),
        (comment(30, side="LEFT", body="```suggestion\nx\n```"), "deleted lines"),
        (comment(3, body="```suggestion\nline three\n```"), "changes nothing"),
        (comment(3, body="```suggestion\nx"), "never closed"),
    ],
)
def test_suggestions_that_cannot_be_applied(shop: Shop, given: dict[str, Any], reason: str) -> None:
    shop.review(given)
    (written,) = shop.github.review_comments()
    with pytest.raises(ValueError, match=reason):
        shop.github.suggestion_result(written)
