"""Uploads to code scanning."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import httpx
import pytest

from tests.conftest import BuildRepository
from tests.fake_github.shop import OTHER_SHA, Shop, with_token
from tests.github.fake import FakeGitHub


def sarif(**result: Any) -> dict[str, Any]:
    text = {"text": "Words"}
    rule = {"id": "r", "shortDescription": text, "fullDescription": text, "help": text}
    region = {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 2}
    place = {"physicalLocation": {"artifactLocation": {"uri": "a.txt"}, "region": region}}
    base = {
        "ruleId": "r",
        "message": text,
        "locations": [place],
        "partialFingerprints": {"primaryLocationLineHash": "1f:1"},
    }
    driver = {"name": "Tidewaiter", "rules": [rule]}
    run = {"tool": {"driver": driver}, "results": [{**base, **result}]}
    return {"version": "2.1.0", "runs": [run]}


def packed(document: Any) -> str:
    return base64.b64encode(gzip.compress(json.dumps(document).encode(), mtime=0)).decode()


def upload(shop: Shop, document: Any, **more: Any) -> httpx.Response:
    given = {"commit_sha": shop.built.head, "ref": "refs/pull/1/head", "sarif": packed(document)}
    return shop.post("/code-scanning/sarifs", {**given, **more})


def test_sarif_is_accepted_and_processed(shop: Shop) -> None:
    shop.github.hub.sarif_pending = 1
    answer = upload(shop, sarif())
    assert answer.status_code == 202
    url = answer.json()["url"]
    assert [shop.client.get(url).json()["processing_status"] for _ in range(2)] == ["pending", "complete"]
    (stored,) = shop.github.sarifs("refs/pull/1/head")
    assert stored.document == sarif()


@pytest.mark.parametrize(
    "more",
    [
        {"sarif": "%%%"},
        {"sarif": base64.b64encode(b"{}").decode()},
        {"sarif": packed({"version": "1.0"})},
        {"ref": "refs/pull/1/merge"},
        {"ref": "refs/pull/2/head"},
        {"ref": "refs/heads/none"},
        {"commit_sha": OTHER_SHA},
    ],
)
def test_sarif_that_is_refused_at_once(shop: Shop, more: dict[str, Any]) -> None:
    assert upload(shop, sarif(), **more).status_code == 400
    assert shop.github.sarifs() == []


@pytest.mark.parametrize(
    ("result", "error"),
    [
        ({"partialFingerprints": {}}, "primaryLocationLineHash"),
        ({"message": {"text": ""}}, "message.text is missing or empty"),
        ({"locations": []}, "at least one location"),
        ({"ruleId": "other"}, "not among the driver's rules"),
    ],
)
def test_sarif_that_fails_in_processing_is_a_violation(
    shop: Shop, result: dict[str, Any], error: str
) -> None:
    url = upload(shop, sarif(**result)).json()["url"]
    status = shop.client.get(url).json()
    assert status["processing_status"] == "failed"
    assert error in status["errors"][0]
    assert error in shop.github.violations[0]
    shop.github.forgive()


def test_a_file_of_twenty_one_runs_fails(shop: Shop) -> None:
    document = sarif()
    document["runs"] = [
        {**document["runs"][0], "automationDetails": {"id": f"{number}/"}} for number in range(21)
    ]
    upload(shop, document)
    assert "more runs per file than allowed (21 > 20)" in shop.github.violations[0]
    shop.github.forgive()


def test_code_scanning_may_be_off(github: FakeGitHub, build_repository: BuildRepository) -> None:
    built = build_repository({"a": "x"}, {"a": "y"})
    repository = github.add_repository("acme", "shop", built.git_dir, "private")
    pull = github.open_pull_request(repository, 1)
    with with_token(github) as client:
        assert upload(Shop(github, built, repository, pull, client), sarif()).status_code == 403
