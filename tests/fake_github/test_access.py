"""Credentials of the App and of its installations."""

from __future__ import annotations

import time
from typing import Any

import jwt
import pytest

from tests.fake_github.shop import REPO, Shop, app_jwt, as_app, client_of, token_of, with_token
from tests.github.fake import FakeGitHub


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, 200),
        ({"issuer": "Iv23liTidewaiter"}, 200),
        ({"life": -5}, 401),
        ({"life": 700}, 401),
        ({"age": -120}, 401),
        ({"issuer": "1"}, 404),
    ],
)
def test_a_jwt_is_of_this_app_and_lives_ten_minutes_at_most(
    github: FakeGitHub, given: dict[str, Any], status: int
) -> None:
    with client_of(github, app_jwt(github, **given)) as client:
        assert client.get("/app").status_code == status


def test_a_jwt_signed_otherwise_is_refused(github: FakeGitHub) -> None:
    forged = jwt.encode({"iat": 1, "exp": int(time.time()) + 60, "iss": "471100"}, "x" * 32, "HS256")
    with client_of(github, forged) as client:
        assert client.get("/app").status_code == 401


def test_a_token_is_long_scoped_and_expires_after_an_hour(shop: Shop) -> None:
    answer = token_of(shop.github, repository_ids=[shop.repository.id], permissions={"checks": "read"})
    token = answer.json()["token"]
    assert answer.status_code == 201
    assert token.startswith("ghs_")
    assert len(token) > 40
    with client_of(shop.github, token) as client:
        assert client.get(REPO).status_code == 200
        shop.github.hub.clock.advance(3601)
        assert client.get(REPO).status_code == 401


@pytest.mark.parametrize(
    "body",
    [{"permissions": {"contents": "write"}}, {"repository_ids": [1]}, {"repositories": ["elsewhere"]}],
)
def test_a_token_cannot_ask_for_more_than_the_installation_has(shop: Shop, body: dict[str, Any]) -> None:
    assert token_of(shop.github, **body).status_code == 422


def test_revoked_tokens_are_bad(shop: Shop) -> None:
    shop.github.revoke_tokens()
    assert shop.get().status_code == 401


def test_a_missing_permission_is_refused_and_named(shop: Shop) -> None:
    with with_token(shop.github, permissions={"checks": "read"}) as client:
        answer = client.post(f"{REPO}/check-runs", json={"name": "T", "head_sha": shop.built.head})
    assert answer.status_code == 403
    assert answer.json()["message"] == "Resource not accessible by integration"
    assert answer.headers["X-Accepted-GitHub-Permissions"] == "checks=write"
    assert shop.github.check_runs() == []


def test_issue_comments_accept_either_permission(shop: Shop) -> None:
    with with_token(shop.github, permissions={"pull_requests": "write"}) as client:
        assert client.post(f"{REPO}/issues/1/comments", json={"body": "Hello"}).status_code == 201


def test_repositories_outside_of_the_token(shop: Shop) -> None:
    github, git_dir = shop.github, shop.built.git_dir
    github.add_repository("acme", "secret", git_dir, "private")
    github.add_repository("acme", "open", git_dir, "public")
    with with_token(github, repository_ids=[shop.repository.id]) as client:
        assert client.get("/repos/acme/secret").status_code == 404
        assert client.get("/repos/acme/open/contents/a.txt").status_code == 200
        run = {"name": "T", "head_sha": shop.built.head}
        assert client.post("/repos/acme/open/check-runs", json=run).status_code == 403


def test_installation_of_a_repository(shop: Shop) -> None:
    shop.github.add_repository("acme", "apart", shop.built.git_dir, installed=False)
    with as_app(shop.github) as client:
        found = client.get(f"{REPO}/installation").json()
        listed = client.get("/app/installations").json()
        assert client.get("/repos/acme/apart/installation").status_code == 404
    assert [one["id"] for one in listed] == [found["id"]]
    assert found["account"]["login"] == "acme"
    named = shop.client.get("/installation/repositories").json()
    assert [one["full_name"] for one in named["repositories"]] == ["acme/shop"]
