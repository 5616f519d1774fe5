"""GitHub's published examples of webhook payloads (`@octokit/webhooks-examples`), and jobs as from them."""

from __future__ import annotations

import copy
import datetime
import functools
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

from app.jobs import Job

_EXAMPLES = Path(__file__).parents[2] / "node_modules/@octokit/webhooks-examples/api.github.com/index.json"

Payload = dict[str, Any]


@functools.cache
def _examples() -> dict[str, list[Payload]]:
    listed = json.loads(_EXAMPLES.read_text(encoding="utf-8"))
    return {entry["name"]: entry["examples"] for entry in listed}


def events() -> list[str]:
    """The names of all events that have examples."""
    return sorted(_examples())


def examples(event: str) -> list[Payload]:
    """All examples of an event, as the App would get them: with the installation, which some lack."""
    copies = copy.deepcopy(_examples()[event])
    return [{**example, "installation": {**example.get("installation", {}), "id": 7}} for example in copies]


def pull_request(action: str = "opened", *, number: int = 1, sha: str = "a" * 40, minute: int = 0) -> Payload:
    """GitHub's example of a `pull_request` delivery, with another action, number, head and time."""
    payload = next(each for each in examples("pull_request") if each["action"] == "opened")
    payload["action"] = action
    payload["number"] = payload["pull_request"]["number"] = number
    payload["pull_request"]["head"]["sha"] = sha
    payload["pull_request"]["updated_at"] = f"2026-05-04T12:{minute:02}:00Z"
    return payload


def check_run(external_id: str = "", *, app_id: int = 1) -> Payload:
    """GitHub's example of *Re-run* at a check run, as of a run of an App's."""
    payload = next(each for each in examples("check_run") if each["action"] == "rerequested")
    payload["check_run"] |= {"external_id": external_id, "app": {"id": app_id}}
    return payload


def check_suite(*, app_id: int = 1) -> Payload:
    """GitHub's example of *Re-run all*, as of a suite of an App's; it names one pull request."""
    payload = next(each for each in examples("check_suite") if each["action"] == "rerequested")
    payload["check_suite"]["app"] = {"id": app_id}
    return payload


def issue_comment(body: str) -> Payload:
    """GitHub's example of a comment, as of one on a pull request."""
    payload = next(each for each in examples("issue_comment") if each["action"] == "created")
    payload["issue"]["pull_request"] = {"url": f"{payload['repository']['url']}/pulls/1"}
    payload["comment"]["body"] = body
    return payload


def signature(secret: str, body: bytes) -> str:
    """The value of `X-Hub-Signature-256`."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def job(number: int = 1, sha: str = "a", minute: int = 0, delivery: str = "") -> Job:
    """A job of a pull request of one repository, as of some minutes after noon."""
    as_of = datetime.datetime(2026, 5, 4, 12, tzinfo=datetime.UTC) + datetime.timedelta(minutes=minute)
    return Job(
        installation_id=7,
        owner="acme",
        repository="ship",
        repository_id=70,
        pull_number=number,
        head_sha=sha * 40,
        delivery=delivery or f"{number}-{sha}-{minute}",
        event="pull_request",
        action="opened",
        as_of=as_of,
        received_at=as_of,
    )
