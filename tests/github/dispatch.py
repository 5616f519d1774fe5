"""The way of a request to its endpoint: route, credential, permission, limits, validation, and back."""

from __future__ import annotations

import json
import traceback
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tests.github import (
    access,
    checks,
    comments,
    commits,
    graphql,
    openapi,
    pulls,
    repos,
    reviews,
    sarif,
    shapes,
)
from tests.github.apps import Apps, versions
from tests.github.call import Call, Incoming, RefusedError, Reply, Route, invalid, not_found
from tests.github.limits import Limits
from tests.github.state import Repository, State, Token
from tests.github.webhooks import Hookshot

DEFAULT_VERSION = "2022-11-28"
NO_REMOVALS_BEFORE = "2026-03-10"


class Dispatcher:
    """Answers requests one at a time, under the lock of the state; keeps a record of what was wrong."""

    def __init__(self, hub: State, limits: Limits, hookshot: Hookshot) -> None:
        self.hub = hub
        self.limits = limits
        self.violations: list[str] = []
        self.refusals: list[tuple[str, str, int, str]] = []
        self.defects: list[str] = []
        self.routes: tuple[Route, ...] = _by_length(
            *Apps(hookshot, limits).routes,
            *repos.routes(),
            *commits.routes(),
            *checks.routes(),
            *pulls.routes(),
            *reviews.routes(),
            *comments.routes(),
            *sarif.routes(),
        )

    def handle(self, incoming: Incoming) -> Reply:
        """The answer to a request, refusals and crashes included."""
        with self.hub.lock:
            try:
                return self._handle(incoming)
            except RefusedError as refusal:
                self.refusals.append((incoming.method, incoming.path, refusal.status, refusal.message))
                return refusal.reply()
            except Exception:  # noqa: BLE001 - a crash of the fake must fail the test, not hang its client
                self.defects.append(f"{incoming.method} {incoming.path}\n{traceback.format_exc()}")
                return RefusedError(500, "Server Error").reply()

    def rate_headers(self, path: str) -> Mapping[str, str]:
        with self.hub.lock:
            resource = "graphql" if path == "/graphql" else "core"
            return self.limits.headers(self.hub.clock.now(), resource)

    def kind_of(self, header: str) -> str:
        """Whose credential a header holds: `app`, `installation`, or empty."""
        value = header.partition(" ")[2].strip()
        if value.startswith("ghs_"):
            return "installation"
        return "app" if value else ""

    def owner_of(self, incoming: Incoming) -> str:
        """The account that a request concerns: its installation's, else its repository's; or empty."""
        parts = incoming.path.split("/")
        with self.hub.lock:
            token = self.hub.tokens.get(incoming.headers.get("authorization", "").partition(" ")[2].strip())
            named = incoming.path.startswith("/app/installations/") and parts[3].isdigit()
            installation = (
                token.installation if token else self.hub.installations.get(int(parts[3])) if named else None
            )
        if installation is not None:
            return installation.account.login
        return parts[2] if incoming.path.startswith("/repos/") and len(parts) > 2 else ""

    def _handle(self, incoming: Incoming) -> Reply:
        if not incoming.headers.get("user-agent"):
            raise RefusedError(
                403,
                "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.",
            )
        version = self._version(incoming)
        method = "GET" if incoming.method == "HEAD" else incoming.method
        if incoming.path == "/graphql" and method == "POST":
            return self._graphql(incoming)
        route, path = self._route(method, incoming.path)
        token = self._credential(route, incoming.headers.get("authorization", ""))
        repository = self._repository(route, path, token)
        if token is not None:
            self.limits.admit(self.hub.clock.now(), method, route.creates)
        body = _body(incoming)
        self._validate(route, incoming, path, body)
        call = Call(
            state=self.hub,
            method=method,
            path={**path, "": incoming.path},
            query=incoming.query,
            body=body if isinstance(body, dict) else {},
            accept=incoming.headers.get("accept", ""),
            token=token,
            found=repository,
            version=version,
        )
        return self._checked(route, version, route.handle(call))

    def _version(self, incoming: Incoming) -> str:
        version = incoming.headers.get("x-github-api-version", DEFAULT_VERSION)
        if version not in versions(self.hub):
            self.violations.append(f"{incoming.method} {incoming.path}: API version {version}")
            raise RefusedError(400, f"The API version {version} is not supported.")
        return version

    def _route(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """The endpoint of a path. 404, and a violation, where we know none."""
        for route in self.routes:
            if route.method == method:
                found = openapi.pattern(route.template).fullmatch(path)
                if found is not None:
                    return route, found.groupdict()
        self.violations.append(f"{method} {path}: no such endpoint in this fake")
        raise not_found()

    def _credential(self, route: Route, header: str) -> Token | None:
        if route.needs == "anyone":
            return None
        if route.needs == "app":
            access.verify_app(self.hub, header)
            return None
        return access.verify_token(self.hub, header)

    def _repository(self, route: Route, path: Mapping[str, str], token: Token | None) -> Repository | None:
        """The repository of a path, if the credential may do this to it.

        A private one outside of the token does not exist; a public one can be read, as anyone can.
        """
        if "{repo}" not in route.template:
            if token is not None and ":" in route.needs:
                access.require(route.needs, token)
            return None
        found = self.hub.repository(path["owner"], path["repo"])
        if found is None:
            raise self._moved(route, path) or not_found()
        if token is None:
            return found
        if token.sees(found):
            access.require(route.needs, token)
        elif found.private:
            raise not_found()
        elif route.method != "GET":
            raise RefusedError(403, "Resource not accessible by integration")
        return found

    def _moved(self, route: Route, path: Mapping[str, str]) -> RefusedError | None:
        """Where a repository is that was renamed or transferred."""
        moved = self.hub.moved.get("{owner}/{repo}".format(**path).lower())
        if moved is None:
            return None
        owner, _, name = moved.full_name.partition("/")
        place = self.hub.url + route.template.format(**{**path, "owner": owner, "repo": name})
        return RefusedError(
            301 if route.method == "GET" else 307, "Moved Permanently", None, {"Location": place}
        )

    def _validate(self, route: Route, incoming: Incoming, path: Mapping[str, str], body: Any) -> None:
        faults = openapi.request_faults(route.method, route.template, path, incoming.query, body)
        if faults:
            self.violations += [f"{route.method} {incoming.path}: {fault}" for fault in faults]
            if any(not fault.startswith("query ") or "is not a parameter" not in fault for fault in faults):
                raise invalid("\n".join(faults))

    def _checked(self, route: Route, version: str, reply: Reply) -> Reply:
        if reply.raw is not None:
            return reply
        faults = openapi.response_faults(route.method, route.template, reply.status, reply.body)
        self.defects += [f"answer of {route.method} {route.template}: {fault}" for fault in faults]
        if version >= NO_REMOVALS_BEFORE:
            return replace(reply, body=shapes.without_removed(reply.body))
        return reply

    def _graphql(self, incoming: Incoming) -> Reply:
        token = access.verify_token(self.hub, incoming.headers.get("authorization", ""))
        self.limits.admit(self.hub.clock.now(), "GET", creates=False)
        body = _body(incoming)
        answer = graphql.answer(self.hub, token, body if isinstance(body, dict) else {})
        self.violations += [f"POST /graphql: {one}" for one in answer.violations]
        return Reply(answer.body)


def _by_length(*routes: Route) -> tuple[Route, ...]:
    """More literal text first, so that `commits/{ref}/check-runs` is asked before `commits/{ref}`."""
    return tuple(sorted(routes, key=lambda route: -route.template.count("/")))


def _body(incoming: Incoming) -> Any:
    """The JSON of a body; `None` without one. 400 for what is not JSON."""
    if not incoming.body:
        return None
    try:
        return json.loads(incoming.body)
    except ValueError:
        raise RefusedError(400, "Problems parsing JSON") from None
