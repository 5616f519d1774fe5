"""Commits made through the API."""

from __future__ import annotations

from tests.fake_github.shop import LINES, REPO, Shop, with_token


def test_a_fix_is_committed_to_the_branch_where_that_was_granted(shop: Shop) -> None:
    installation = shop.github.installation("acme")
    assert installation is not None
    files = [
        {"path": "a.txt", "mode": "100644", "type": "blob", "content": LINES},
        {"path": "b.txt", "mode": "100644", "type": "blob", "sha": None},
    ]
    tree = {"base_tree": shop.built.head, "tree": files}
    assert shop.post("/git/trees", tree).status_code == 403
    installation.permissions["contents"] = "write"
    with with_token(shop.github) as client:
        made = client.post(f"{REPO}/git/trees", json=tree).json()
        commit = {"message": "Fix", "tree": made["sha"], "parents": [shop.built.head]}
        sha = client.post(f"{REPO}/git/commits", json=commit).json()["sha"]
        branch = f"{REPO}/git/refs/heads/change"
        refused = client.patch(branch, json={"sha": shop.built.base})
        assert refused.json()["message"] == "Update is not a fast forward"
        assert client.patch(branch, json={"sha": sha}).status_code == 200
    assert [one["path"] for one in made["tree"]] == ["a.txt"]
    assert shop.get("/pulls/1").json()["head"]["sha"] == sha
    assert [one["filename"] for one in shop.get("/pulls/1/files").json()] == ["b.txt"]
