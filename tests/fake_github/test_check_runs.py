"""Check runs and their annotations."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fake_github.shop import OTHER_SHA, REPO, Shop


def annotation(**more: Any) -> dict[str, Any]:
    given = {"path": "a.txt", "start_line": 1, "end_line": 1, "annotation_level": "warning", "message": "m"}
    return {**given, **more}


def output(*annotations: dict[str, Any], summary: str = "Summary") -> dict[str, Any]:
    return {"title": "Title", "summary": summary, "annotations": list(annotations)}


def test_annotations_only_append(shop: Shop) -> None:
    number = shop.run(status="in_progress", output=output(annotation())).json()["id"]
    url = f"{REPO}/check-runs/{number}"
    more = {"output": output(annotation(start_line=2, end_line=2)), "conclusion": "neutral"}
    done = shop.client.patch(url, json=more).json()
    assert (done["status"], done["conclusion"], done["output"]["annotations_count"]) == (
        "completed",
        "neutral",
        2,
    )
    listed = shop.client.get(f"{url}/annotations").json()
    assert [one["start_line"] for one in listed] == [1, 2]


def test_fifty_annotations_a_request(shop: Shop) -> None:
    assert shop.run(output=output(*[annotation()] * 50)).status_code == 201
    refused = shop.run(output=output(*[annotation()] * 51))
    assert "No more than 50 items are allowed; 51 were supplied." in refused.json()["message"]
    shop.github.forgive()
    assert len(shop.github.check_runs()) == 1


@pytest.mark.parametrize(
    "broken",
    [
        {"end_line": 2, "start_column": 1, "end_column": 2},
        {"start_column": 3, "end_column": 2},
        {"start_column": 0, "end_column": 2},
        {"start_line": 2},
        {"start_line": 0},
        {"title": "t" * 256},
        {"message": "é" * (32 * 1024 + 1)},
        {"raw_details": "r" * (64 * 1024 + 1)},
    ],
)
def test_a_bad_annotation_is_refused_without_a_reason(shop: Shop, broken: dict[str, Any]) -> None:
    refused = shop.run(output=output(annotation(**broken)))
    assert refused.json()["errors"] == [{"resource": "CheckRun", "code": "invalid", "field": "annotations"}]
    assert shop.github.check_runs() == []


def test_summary_and_actions_have_limits(shop: Shop) -> None:
    button = {"label": "Apply fixes", "identifier": "fix", "description": "d" * 40}
    assert shop.run(output=output(summary="s" * 65_535), actions=[button] * 3).status_code == 201
    assert shop.run(actions=[{**button, "description": "d" * 41}]).status_code == 422
    assert shop.run(actions=[{**button, "label": "l" * 21}]).status_code == 422
    assert shop.run(actions=[button] * 4).status_code == 422
    assert shop.run(output=output(summary="s" * 65_536)).status_code == 422
    shop.github.forgive()


def test_a_completed_run_needs_a_conclusion_and_a_known_commit(shop: Shop) -> None:
    assert shop.run(status="completed").status_code == 422
    assert shop.run(conclusion="stale").status_code == 422
    assert shop.run(head_sha=OTHER_SHA).json()["message"] == f"No commit found for SHA: {OTHER_SHA}"


def test_runs_are_listed_newest_first_and_once_a_name(shop: Shop) -> None:
    first = shop.run(conclusion="success").json()["id"]
    second = shop.run(status="in_progress", external_id="1").json()["id"]
    url = f"/commits/{shop.built.head}/check-runs"
    assert [one["id"] for one in shop.get(url).json()["check_runs"]] == [second]
    every = shop.get(url, filter="all", check_name="Tidewaiter", app_id=shop.github.app_id).json()
    assert [one["id"] for one in every["check_runs"]] == [second, first]
    assert shop.get(url, app_id=1).json()["total_count"] == 0
    assert shop.get(url, status="completed").json()["check_runs"][0]["id"] == first
