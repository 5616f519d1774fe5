"""Endpoints about the App itself: installations, tokens, deliveries, limits, versions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.github import access, shapes
from tests.github.call import Call, JsonObject, RefusedError, Reply, Route, not_found
from tests.github.limits import Limits
from tests.github.openapi import example
from tests.github.state import Delivery, Installation, State
from tests.github.webhooks import Hookshot

VERSIONS = ("2026-03-10", "2022-11-28")
REDELIVERY_SECONDS = 3 * 24 * 3600
"""GitHub forgets deliveries after three days."""


class Apps:
    def __init__(self, hookshot: Hookshot, limits: Limits) -> None:
        self.hookshot = hookshot
        self.limits = limits

    @property
    def routes(self) -> tuple[Route, ...]:
        deliveries = "/app/hook/deliveries"
        return (
            Route("POST", "/app-manifests/{code}/conversions", "anyone", self.convert),
            Route("GET", "/app", "app", lambda call: Reply(shapes.app(call.state))),
            Route("GET", "/app/installations", "app", installations),
            Route("GET", "/app/installations/{installation_id}", "app", installation),
            Route("POST", "/app/installations/{installation_id}/access_tokens", "app", access_token),
            Route("GET", "/repos/{owner}/{repo}/installation", "app", repository_installation),
            Route("GET", "/orgs/{org}/installation", "app", account_installation),
            Route("GET", "/users/{username}/installation", "app", account_installation),
            Route("GET", "/installation/repositories", "metadata:read", repositories),
            Route("DELETE", "/installation/token", "installation", revoke),
            Route("GET", "/app/hook/config", "app", hook_config),
            Route("GET", deliveries, "app", list_deliveries),
            Route("GET", f"{deliveries}/{{delivery_id}}", "app", delivery),
            Route("POST", f"{deliveries}/{{delivery_id}}/attempts", "app", self.redeliver),
            Route("GET", "/rate_limit", "anyone", self.rate_limit),
            Route("GET", "/versions", "anyone", lambda call: Reply(versions(call.state))),
            Route("GET", "/meta", "anyone", meta),
        )

    def convert(self, call: Call) -> Reply:
        """The App of a manifest, with its credentials, once."""
        manifest = call.state.manifests.pop(call.path["code"], None)
        if manifest is None:
            raise not_found()
        call.state.permissions = dict(manifest["default_permissions"])
        call.state.events = tuple(manifest["default_events"])
        call.state.webhook_url = manifest["hook_attributes"]["url"]
        credentials = {
            "client_secret": "ghcs_shared_with_nobody",
            "webhook_secret": self.hookshot.secret,
            "pem": access.key_pair()[0],
        }
        return Reply({**shapes.app(call.state), "name": manifest["name"], **credentials}, 201)

    def redeliver(self, call: Call) -> Reply:
        self.hookshot.redeliver(_delivery(call))
        return Reply({}, 202)

    def rate_limit(self, call: Call) -> Reply:
        core = self.limits.overview(call.state.clock.now())
        return Reply({"resources": {"core": core, "search": core, "graphql": core}, "rate": core})


WANTED_BY_EVENTS = {
    "pull_request": "pull_requests",
    "pull_request_review": "pull_requests",
    "check_run": "checks",
    "check_suite": "checks",
    "issue_comment": "issues",
    "merge_group": "merge_queues",
    "push": "contents",
}


def manifest_faults(manifest: Mapping[str, Any]) -> list[str]:
    """Why GitHub would not take a manifest: https://docs.github.com/en/webhooks/webhook-events-and-payloads"""
    faults = [f"{name} is missing" for name in ("url", "name", "redirect_url") if not manifest.get(name)]
    if len(manifest.get("name", "")) > 34:
        faults.append("the name is longer than 34 characters")
    permissions = manifest.get("default_permissions", {})
    for event in manifest.get("default_events", ()):
        if event not in WANTED_BY_EVENTS:
            faults.append(f"{event} is not an event that an App can choose")
        elif WANTED_BY_EVENTS[event] not in permissions:
            faults.append(f"{event} wants the permission {WANTED_BY_EVENTS[event]}")
    return faults


def versions(state: State) -> list[str]:
    """The API versions that are supported; GitHub Enterprise Server has the newer one from 3.21 on."""
    if state.enterprise and tuple(map(int, state.enterprise.split(".")[:2])) < (3, 21):
        return ["2022-11-28"]
    return list(VERSIONS)


def meta(call: Call) -> Reply:
    shown: JsonObject = json.loads(example("api-overview"))
    shown.pop("ssh_key_fingerprints")  # numbers in the example, strings in its schema
    if call.state.enterprise:
        shown = {"verifiable_password_authentication": True, "installed_version": call.state.enterprise}
    return Reply(shown)


def installations(call: Call) -> Reply:
    page, links = call.page(list(call.state.installations.values()))
    return Reply([shapes.installation(call.state, one) for one in page], headers=links)


def _installation(call: Call) -> Installation:
    found = call.state.installations.get(call.number("installation_id"))
    if found is None:
        raise not_found()
    return found


def installation(call: Call) -> Reply:
    return Reply(shapes.installation(call.state, _installation(call)))


def access_token(call: Call) -> Reply:
    token = access.mint(call.state, _installation(call), call.body)
    shown: JsonObject = {
        "token": token.value,
        "expires_at": call.state.clock.stamp(token.expires),
        "permissions": dict(token.permissions),
        "repository_selection": "selected" if token.repository_ids else token.installation.selection,
    }
    if token.repository_ids:
        shown["repositories"] = [
            shapes.repository(call.state, one)
            for one in call.state.repositories.values()
            if one.id in token.repository_ids
        ]
    return Reply(shown, 201)


def repository_installation(call: Call) -> Reply:
    if call.repository.installation is None:
        raise not_found()
    return Reply(shapes.installation(call.state, call.repository.installation))


def account_installation(call: Call) -> Reply:
    login = call.path.get("org") or call.path["username"]
    for one in call.state.installations.values():
        if one.account.login.lower() == login.lower():
            return Reply(shapes.installation(call.state, one))
    raise not_found()


def repositories(call: Call) -> Reply:
    token = call.token
    seen = [one for one in call.state.repositories.values() if token is not None and token.sees(one)]
    page, links = call.page(seen)
    shown = [shapes.repository(call.state, one) for one in page]
    return Reply({"total_count": len(seen), "repositories": shown}, headers=links)


def revoke(call: Call) -> Reply:
    if call.token is not None:
        call.state.tokens.pop(call.token.value, None)
    return Reply(None, 204)


def hook_config(call: Call) -> Reply:
    url = call.state.webhook_url or "https://tidewaiter.example/webhook"
    shown = {"content_type": "json", "insecure_ssl": "0", "secret": "********", "url": url}
    changed = {**shown, **call.state.hook_config}
    return Reply({name: value for name, value in changed.items() if value is not None})


def _remembered(state: State) -> list[Delivery]:
    oldest = state.clock.now() - REDELIVERY_SECONDS
    return [one for one in sorted(state.deliveries.values(), key=lambda d: -d.id) if one.at >= oldest]


def list_deliveries(call: Call) -> Reply:
    """Newest first, by cursor. `status` is `success` or `failure`."""
    size = max(1, min(100, int(call.query.get("per_page", "30"))))
    before = call.query.get("cursor")
    wanted = call.query.get("status")
    found = [
        one
        for one in _remembered(call.state)
        if (before is None or one.id < int(before.removeprefix("v1_")))
        and (wanted is None or (one.status == "OK") == (wanted == "success"))
    ]
    headers = {}
    if len(found) > size:
        status = f"status={wanted}&" if wanted else ""
        rest = f"{status}per_page={size}&cursor=v1_{found[size - 1].id}"
        headers["Link"] = f'<{call.url}?{rest}>; rel="next"'
    return Reply([delivery_item(call.state, one) for one in found[:size]], headers=headers)


def delivery_item(state: State, one: Delivery) -> JsonObject:
    return {
        "id": one.id,
        "guid": one.guid,
        "delivered_at": state.clock.stamp(one.at),
        "redelivery": one.redelivery,
        "duration": one.duration,
        "status": one.status,
        "status_code": one.status_code,
        "event": one.event,
        "action": one.action,
        "installation_id": one.installation_id,
        "repository_id": one.repository_id,
        "throttled_at": None,
    }


def _delivery(call: Call) -> Delivery:
    wanted = call.number("delivery_id")
    for one in _remembered(call.state):
        if one.id == wanted:
            return one
    raise RefusedError(404, "Not Found")


def delivery(call: Call) -> Reply:
    one = _delivery(call)
    return Reply(
        {
            **delivery_item(call.state, one),
            "url": call.state.webhook_url,
            "request": {"headers": dict(one.headers), "payload": dict(one.payload)},
            "response": {"headers": dict(one.response_headers), "payload": one.response_body},
        }
    )
