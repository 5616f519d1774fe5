"""Queries."""

from __future__ import annotations

import hashlib

from tests.conftest import BuildRepository
from tests.fake_github.shop import Shop, with_token
from tests.github import graphql
from tests.github.fake import FakeGitHub
from tests.github.repositories import Entry


def test_graphql_gives_many_blobs_at_once(github: FakeGitHub, build_repository: BuildRepository) -> None:
    base: dict[str, Entry] = {"text": "é\n", "binary": b"a\0b", "long": "x" * 600_000}
    github.add_repository("acme", "shop", build_repository(base, {}).git_dir)
    fields = "... on Blob { text byteSize isBinary isTruncated oid }"
    aliases = " ".join(
        f'{name}: object(expression: "main:{name}") {{ {fields} }}' for name in [*base, "none"]
    )
    query = f'{{ repository(owner: "acme", name: "shop") {{ {aliases} }} }}'
    with with_token(github) as client:
        found = client.post("/graphql", json={"query": query}).json()["data"]["repository"]
    assert (found["text"]["text"], found["text"]["byteSize"]) == ("é\n", 3)
    assert (found["binary"]["text"], found["binary"]["isBinary"]) == (None, True)
    assert (len(found["long"]["text"]), found["long"]["isTruncated"]) == (graphql.MAX_TEXT_BYTES, True)
    assert found["none"] is None
    blob = hashlib.sha1(b"blob 3\0" + "é\n".encode(), usedforsecurity=False).hexdigest()
    assert found["text"]["oid"] == blob


def test_graphql_follows_refs_and_trees(shop: Shop) -> None:
    query = """{ repository(owner: "acme", name: "shop") {
        ref(qualifiedName: "refs/heads/change") { name target { oid } }
        defaultBranchRef { target { ... on Commit { tree { entries { path mode type } } } } }
        pullRequest(number: 1) { headRefOid baseRefOid isDraft state changedFiles }
    } }"""
    found = shop.client.post("/graphql", json={"query": query}).json()["data"]["repository"]
    assert found["ref"] == {"name": "change", "target": {"oid": shop.built.head}}
    entries = found["defaultBranchRef"]["target"]["tree"]["entries"]
    assert entries[0] == {"path": "a.txt", "mode": 0o100644, "type": "blob"}
    assert found["pullRequest"] == {
        "headRefOid": shop.built.head,
        "baseRefOid": shop.built.base,
        "isDraft": False,
        "state": "OPEN",
        "changedFiles": 1,
    }


def test_graphql_queries_are_held_to_githubs_schema(shop: Shop) -> None:
    answer = shop.client.post("/graphql", json={"query": "{ repository(owner: 1) { colour } }"})
    assert answer.status_code == 200
    assert any("colour" in one["message"] for one in answer.json()["errors"])
    assert shop.github.violations
    shop.github.forgive()


def test_graphql_does_not_show_what_the_token_may_not_see(shop: Shop) -> None:
    shop.github.add_repository("acme", "secret", shop.built.git_dir, "private")
    query = (
        'query($n: String!) { repository(owner: "acme", name: $n) { object(expression: "main") { oid } } }'
    )
    with with_token(
        shop.github, repository_ids=[shop.repository.id], permissions={"checks": "read"}
    ) as client:
        for name, kind in (("secret", "NOT_FOUND"), ("shop", "FORBIDDEN")):
            answer = client.post("/graphql", json={"query": query, "variables": {"n": name}}).json()
            assert answer["errors"][0]["type"] == kind
