"""GitHub's published examples of webhook payloads, from the package `@octokit/webhooks-examples`."""

from __future__ import annotations

import copy
import functools
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

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
    return [{**copy.deepcopy(example), "installation": {"id": 7}} for example in _examples()[event]]


def pull_request(action: str = "opened", *, number: int = 1, sha: str = "a" * 40, minute: int = 0) -> Payload:
    """GitHub's example of a `pull_request` delivery, with another action, number, head and time."""
    payload = next(each for each in examples("pull_request") if each["action"] == "opened")
    payload["action"] = action
    payload["number"] = payload["pull_request"]["number"] = number
    payload["pull_request"]["head"]["sha"] = sha
    payload["pull_request"]["updated_at"] = f"2026-05-04T12:{minute:02}:00Z"
    return payload


def signature(secret: str, body: bytes) -> str:
    """The value of `X-Hub-Signature-256`."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
