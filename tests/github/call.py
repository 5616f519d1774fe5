"""One request as an endpoint sees it, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.github.state import Repository, State, Token, User

JsonObject = dict[str, Any]
"""A JSON object that was just read, or is about to be written."""

DOCUMENTATION = "https://docs.github.com/rest"


@dataclass(frozen=True)
class Incoming:
    """A request as the server took it apart; names of headers in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    raw_query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """An answer: a body of JSON, or `raw` bytes of a type of their own."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None


class RefusedError(Exception):
    """GitHub says no; the message is GitHub's where that is known."""

    def __init__(
        self,
        status: int,
        message: str,
        errors: list[Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors
        self.headers = dict(headers or {})

    def reply(self) -> Reply:
        body = {"message": self.message, "documentation_url": DOCUMENTATION, "status": str(self.status)}
        if self.errors is not None:
            return Reply({**body, "errors": self.errors}, self.status, self.headers)
        return Reply(body, self.status, self.headers)


def not_found() -> RefusedError:
    return RefusedError(404, "Not Found")


def invalid(detail: str) -> RefusedError:
    """What GitHub answers where a body breaks the schema of its endpoint."""
    return RefusedError(422, f"Invalid request.\n\n{detail}")


def validation_failed(resource: str, field_name: str, message: str) -> RefusedError:
    error = {"resource": resource, "code": "custom", "field": field_name, "message": message}
    return RefusedError(422, "Validation Failed", [error])


@dataclass(frozen=True)
class Call:
    """A request that passed authentication, permissions, limits and the description's validation."""

    state: State
    method: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: JsonObject
    accept: str
    token: Token | None
    found: Repository | None
    version: str

    @property
    def repository(self) -> Repository:
        if self.found is None:
            raise not_found()
        return self.found

    @property
    def actor(self) -> User:
        """Who a token of an installation writes as."""
        return self.state.bot

    def number(self, name: str) -> int:
        return int(self.path[name])

    def wants_raw(self) -> bool:
        return "raw" in self.accept

    def page(self, items: list[Any]) -> tuple[list[Any], Mapping[str, str]]:
        """The page that the query asks for, with its `Link` header. At most 100 items, 30 unasked."""
        size = max(1, min(100, int(self.query.get("per_page", "30"))))
        number = max(1, int(self.query.get("page", "1")))
        last = max(1, -(-len(items) // size))
        links = []
        for name, target, wanted in (
            ("prev", number - 1, number > 1),
            ("next", number + 1, number < last),
            ("last", last, number < last),
            ("first", 1, number > 1),
        ):
            if wanted:
                links.append(f'<{self.url}?{self._query_of(target, size)}>; rel="{name}"')
        headers = {"Link": ", ".join(links)} if links else {}
        return items[(number - 1) * size : number * size], headers

    @property
    def url(self) -> str:
        return self.state.url + self.path[""]

    def _query_of(self, page: int, size: int) -> str:
        others = [f"{k}={v}" for k, v in self.query.items() if k not in {"page", "per_page"}]
        return "&".join([*others, f"per_page={size}", f"page={page}"])


@dataclass(frozen=True)
class Route:
    """An endpoint: its method and path as in GitHub's description, and who may call it."""

    method: str
    template: str
    needs: str
    """`anyone`, `app` (the App's JWT), `installation` (any of its tokens), or permissions of the token,
    any of which is enough: `issues:write|pull_requests:write`."""
    handle: Callable[[Call], Reply]
    creates: bool = False
    """Whether it counts as creating content for the secondary limits."""
