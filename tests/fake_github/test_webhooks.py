"""Deliveries and their payloads."""

from __future__ import annotations

import hmac
import json
import socket

import pytest

from tests.fake_github.shop import Receiver, Shop, as_app


def test_a_delivery_is_signed_over_its_raw_body(shop: Shop, receiver: Receiver) -> None:
    delivery = shop.github.deliver("pull_request", shop.github.payloads.pull_request(shop.pull, "opened"))
    headers, body = receiver.got[0]
    secret = shop.github.webhook_secret.encode()
    assert headers["X-Hub-Signature-256"] == "sha256=" + hmac.new(secret, body, "sha256").hexdigest()
    assert (headers["X-GitHub-Event"], headers["X-GitHub-Delivery"]) == ("pull_request", delivery.guid)
    assert headers["User-Agent"].startswith("GitHub-Hookshot/")
    assert (delivery.status, delivery.status_code) == ("OK", 202)


def test_failed_deliveries_are_listed_and_redelivered_with_their_guid(shop: Shop, receiver: Receiver) -> None:
    receiver.answers.append(503)
    payload = shop.github.payloads.pull_request(shop.pull, "opened")
    first = shop.github.deliver("pull_request", payload)
    shop.github.deliver(
        "push", shop.github.payloads.push(shop.repository, "main", shop.built.base, shop.built.head)
    )
    with as_app(shop.github) as client:
        failed = client.get("/app/hook/deliveries", params={"status": "failure"}).json()
        assert [one["guid"] for one in failed] == [first.guid]
        page = client.get("/app/hook/deliveries", params={"per_page": 1})
        assert client.get(page.links["next"]["url"]).json()[0]["id"] == first.id
        assert client.get(f"/app/hook/deliveries/{first.id}").json()["request"]["payload"] == payload
        assert client.post(f"/app/hook/deliveries/{first.id}/attempts").status_code == 202
        shop.github.hookshot.wait()
        listed = client.get("/app/hook/deliveries").json()
    assert [(one["guid"] == first.guid, one["redelivery"]) for one in listed] == [
        (True, True),
        (False, False),
        (True, False),
    ]
    assert receiver.got[2][0]["X-GitHub-Delivery"] == first.guid
    shop.github.hub.clock.advance(4 * 24 * 3600)
    with as_app(shop.github) as client:
        assert client.get("/app/hook/deliveries").json() == []


def test_a_delivery_to_nobody_and_to_one_who_never_answers(shop: Shop) -> None:
    shop.github.webhook_url = "http://127.0.0.1:9/webhook"
    assert shop.github.deliver("ping", {"zen": "x"}).status == "failed to connect to host"
    shop.github.hookshot.timeout = 0.05
    with socket.create_server(("127.0.0.1", 0)) as silent:
        shop.github.webhook_url = f"http://127.0.0.1:{silent.getsockname()[1]}/webhook"
        assert shop.github.deliver("ping", {"zen": "x"}).status == "timed out"


@pytest.mark.parametrize(
    "action",
    ["opened", "synchronize", "reopened", "ready_for_review", "converted_to_draft", "closed", "edited"],
)
def test_pull_request_payloads_name_the_fakes_objects(shop: Shop, action: str) -> None:
    payload = shop.github.payloads.pull_request(shop.pull, action)
    assert payload["action"] == action
    assert payload["pull_request"]["head"]["sha"] == shop.built.head
    assert payload["repository"]["full_name"] == "acme/shop"
    installation = shop.github.installation("acme")
    assert installation is not None
    assert payload["installation"]["id"] == installation.id
    assert "Codertocat" not in json.dumps(payload["pull_request"])


def test_payloads_of_the_other_events(shop: Shop) -> None:
    payloads, sha = shop.github.payloads, shop.built.head
    shop.run(external_id="1")
    (run,) = shop.github.check_runs()
    pressed = payloads.check_run(run, "requested_action", identifier="fix")
    assert (pressed["check_run"]["id"], pressed["requested_action"]) == (run.id, {"identifier": "fix"})
    suite = payloads.check_suite(shop.repository, sha)
    assert (suite["check_suite"]["head_sha"], suite["check_suite"]["head_branch"]) == (sha, "change")
    said = payloads.issue_comment(shop.github.comment(shop.pull, "rosa", "/recheck"))
    assert (said["comment"]["body"], said["issue"]["number"], said["sender"]["login"]) == (
        "/recheck",
        1,
        "rosa",
    )
    assert said["issue"]["pull_request"]["url"].endswith("/pulls/1")
    queued = payloads.merge_group(shop.pull, sha)
    assert (queued["merge_group"]["head_sha"], queued["merge_group"]["base_ref"]) == (sha, "refs/heads/main")
    installation = shop.github.installation("acme")
    assert installation is not None
    created = payloads.installation(installation)
    assert [one["full_name"] for one in created["repositories"]] == ["acme/shop"]
    added = payloads.installation_repositories(installation, [shop.repository], [])
    assert (added["action"], added["repositories_added"][0]["name"]) == ("added", "shop")
