"""Requests are held to GitHub's OpenAPI description and API versions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fake_github.shop import OTHER_SHA, REPO, Shop


def test_a_request_that_breaks_the_description_is_refused_and_recorded(shop: Shop) -> None:
    answer = shop.run(conclusion="splendid")
    assert answer.status_code == 422
    assert "conclusion" in answer.json()["message"]
    with pytest.raises(AssertionError, match="conclusion"):
        shop.github.check()
    shop.github.forgive()
    assert shop.github.check_runs() == []


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/check-runs", {"name": "T", "head_sha": OTHER_SHA, "head": "x"}),
        ("POST", "/pulls/1/reviews", {"comments": [{"path": "a.txt", "body": "b", "subject_type": "file"}]}),
        ("GET", "/pulls/one", None),
        ("GET", "/pulls?state=ajar", None),
        ("GET", "/stargazers", None),
    ],
)
def test_unknown_fields_values_and_endpoints_are_violations(
    shop: Shop, method: str, path: str, body: dict[str, Any] | None
) -> None:
    answer = shop.client.request(method, f"{REPO}{path}", json=body)
    assert answer.status_code in {404, 422}
    assert len(shop.github.violations) == 1
    shop.github.forgive()


def test_an_unknown_query_parameter_is_a_violation_that_github_ignores(shop: Shop) -> None:
    assert shop.get("/pulls", per_pages=5).status_code == 200
    assert shop.github.violations == [f"GET {REPO}/pulls: query per_pages: is not a parameter"]
    shop.github.forgive()


def test_the_newer_api_version_drops_fields_and_others_are_refused(shop: Shop) -> None:
    newer = shop.client.get(f"{REPO}/pulls/1", headers={"X-GitHub-Api-Version": "2026-03-10"}).json()
    assert "merge_commit_sha" not in newer
    assert "merge_commit_sha" in shop.get("/pulls/1").json()
    old = shop.client.get(REPO, headers={"X-GitHub-Api-Version": "2019-01-01"})
    assert old.status_code == 400
    shop.github.forgive()


def test_enterprise_server_has_its_prefix_header_and_older_version(shop: Shop) -> None:
    shop.github.hub.enterprise = "3.17.2"
    answer = shop.client.get("/api/v3/versions")
    assert answer.json() == ["2022-11-28"]
    assert answer.headers["X-GitHub-Enterprise-Version"] == "3.17.2"
    assert shop.client.get("/api/v3/meta").json()["installed_version"] == "3.17.2"
    assert shop.client.post("/api/graphql", json={"query": "{__typename}"}).json() == {
        "data": {"__typename": "Query"}
    }
