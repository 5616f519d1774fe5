"""Calls to GitHub: the only module that imports githubkit.

What githubkit does by default and we don't want: wait without end, repeat a POST after a 5xx, sleep out
a rate limit in the worker, keep every response in memory, mint one token for each of several calls at
once. So its cache, its retries and its token are off, and ours stand here.
https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
"""

from __future__ import annotations

import asyncio
import datetime
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from functools import lru_cache
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx
import structlog
from githubkit import GitHub as Kit
from githubkit.auth.unauth import UnauthAuthStrategy
from githubkit.exception import GitHubException, RequestFailed
from githubkit.exception import RequestError as KitRequestError
from githubkit.throttling import LocalThrottler
from msgspec import field

from app.github.answer import Answer, BadAnswer
from app.github.clock import Clock
from app.github.errors import (
    Forbidden,
    GitHubError,
    NotFound,
    NoToken,
    RateLimited,
    Unauthorized,
    Unavailable,
    Unprocessable,
)
from app.github.pace import Pace
from app.github.proof import Proof
from app.github.refusal import MINUTE, now, refusal
from checks.record import Record

_log = structlog.get_logger(__name__)
API_VERSION = "2022-11-28"
"""Supported by github.com and by every GitHub Enterprise Server; the next one only from 3.21 on."""
PUBLIC = "https://api.github.com"
TIMEOUT = httpx.Timeout(20, connect=5)
"""Seconds; GitHub itself gives up after 10."""
CONCURRENT = 8
"""Calls at once; GitHub allows 100 for an App, which many jobs share."""
ATTEMPTS = 3
"""Of a call that may be repeated."""
BACKOFF = 0.5
"""Seconds before the second attempt; each further one waits twice as long."""
WRITE_INTERVAL = 1.0
"""Seconds between writes of one installation, as GitHub asks for."""
PER_PAGE = 100
_REDIRECTS = 3
_REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE"})
_EARLY = datetime.timedelta(minutes=5)
"""How long before its end a token is no longer used."""
_REFUSED = datetime.timedelta(hours=1)
"""How long a permission that was refused is not asked for again; its owner may accept it meanwhile."""
_LONG_AGO = datetime.datetime.min.replace(tzinfo=datetime.UTC)

Query = Mapping[str, str | int]
Body = Mapping[str, object]
CountCall = Callable[[str, str, int], None]
"""Told of each call: method, path, status (0: no answer)."""


def _uncounted(_method: str, _path: str, _status: int) -> None:
    return None


@lru_cache(maxsize=1)
def _trust() -> ssl.SSLContext:
    """Made once, as reading the certificates takes longer than a call; honours `SSL_CERT_FILE`."""
    return httpx.create_ssl_context()


class Access(Record):
    """What a token is for: an installation, repositories of it, and permissions."""

    installation_id: int
    repository_ids: tuple[int, ...] = ()
    """At most 500."""
    repositories: tuple[str, ...] = ()
    """Names, where the ids are not known."""
    permissions: Mapping[str, str] = field(default_factory=dict)
    """The least that the work needs: `{"checks": "write"}`."""
    optional: Mapping[str, str] = field(default_factory=dict)
    """Asked for too, and done without where the installation does not grant them."""


class App:
    """The App's identity at one GitHub; makes a client for each job. One for the whole process.

    With an empty id it is nobody, whose calls carry no credential.
    """

    def __init__(
        self,
        app_id: str,
        private_key: str,
        url: str = PUBLIC,
        *,
        count: CountCall = _uncounted,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        write_interval: float = WRITE_INTERVAL,
    ) -> None:
        self.app_id = app_id
        self.url = url.rstrip("/")
        self.count = count
        self.pause = pause
        self.pace = Pace(write_interval)
        self.clock = Clock()
        self._proof = Proof(app_id, private_key)
        self.refused: dict[tuple[int, str], datetime.datetime] = {}
        """Optional permissions that an installation turned out not to grant, and until when that counts."""

    def __repr__(self) -> str:
        return f"App({self.app_id!r}, url={self.url!r})"

    def client(self, access: Access | None = None) -> Client:
        """A client to be entered with `async with`: for an installation, or for the App itself."""
        return Client(self, access)

    def kit(self) -> Kit[UnauthAuthStrategy]:
        """githubkit as a transport: credentials are set on each call by us."""
        return Kit(
            UnauthAuthStrategy(),
            base_url=f"{self.url}/",
            user_agent="tidewaiter",
            timeout=TIMEOUT,
            ssl_verify=_trust(),
            follow_redirects=False,
            http_cache=False,
            auto_retry=False,
            throttler=LocalThrottler(CONCURRENT),
        )

    @property
    def credential(self) -> str:
        """What proves the App's identity for a minute at least; nothing where it has none."""
        return f"Bearer {self._proof.token(self.clock.now())}" if self.app_id else ""

    @property
    def graphql_url(self) -> str:
        """On GitHub Enterprise Server beside the REST API, not under it."""
        return f"{self.url.removesuffix('/v3')}/graphql"


class Client:
    """GitHub's API with one set of rights, for the length of one job.

    Reads and other repeatable calls are tried again after a 5xx or a lost connection; a POST and a PATCH
    are not, as they may have had their effect: the caller looks and decides. All methods raise
    `GitHubError`s only.
    """

    def __init__(self, app: App, access: Access | None) -> None:
        self.app = app
        self.access = access
        self.calls: list[tuple[str, str]] = []
        """Method and path of each call that was made."""
        self.granted: Mapping[str, str] = {}
        """The permissions of the token, once there is one."""
        self.heard: Mapping[str, str] = {}
        """The headers of the last response, a refusal's too; by their names in lower case."""
        self._kit = app.kit()
        self._open = AsyncExitStack()
        self._minting = asyncio.Lock()
        self._token = ""
        self._token_ends = _LONG_AGO

    async def __aenter__(self) -> Self:
        await self._open.enter_async_context(self._kit)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.__aexit__(kind, error, trace)

    async def get(self, path: str, query: Query | None = None) -> Answer:
        """The answer to a GET; `path` as in GitHub's documentation, values quoted by the caller."""
        return await self._json("GET", path, query=query)

    async def linked(self, path: str, query: Query | None = None, *, most: int) -> AsyncIterator[Answer]:
        """The items of a list whose pages are found by their `Link` headers, at most `most` pages."""
        url: str | None = path
        for _ in range(most):
            if url is None:
                return
            response = await self._call("GET", url, query=query)
            for item in _items(Answer.parse(response.content)):
                yield item
            # It has the whole query, the cursor among it.
            url, query = response.links.get("next", {}).get("url"), None

    async def pages(
        self, path: str, query: Query | None = None, *, key: str = "", most: int = 3000
    ) -> list[Answer]:
        """The items of a list over its pages, at most about `most`. `key`: the field that holds them."""
        items: list[Answer] = []
        async for page in self._each_page(path, query or {}, key):
            items += page
            if len(page) < PER_PAGE or len(items) >= most:
                break
        return items

    async def _each_page(self, path: str, query: Query, key: str) -> AsyncIterator[list[Answer]]:
        number = 1
        while True:
            answer = await self.get(path, {**query, "per_page": PER_PAGE, "page": number})
            yield _items(answer[key] if key else answer)
            number += 1

    async def post(self, path: str, body: Body) -> Answer:
        """Made once: after `Unavailable` look whether it had its effect."""
        return await self._json("POST", path, body=body)

    async def patch(self, path: str, body: Body) -> Answer:
        """Made once, as GitHub appends some of what a PATCH brings."""
        return await self._json("PATCH", path, body=body)

    async def put(self, path: str, body: Body) -> Answer:
        return await self._json("PUT", path, body=body)

    async def delete(self, path: str) -> None:
        await self._json("DELETE", path)

    async def graphql(self, query: str, variables: Body) -> Answer:
        """The `data` of a query, which reads only and so may be repeated.

        Errors of single fields leave those null; a query that gives no data at all is `Unprocessable`.
        """
        answer = await self._json(
            "POST", self.app.graphql_url, body={"query": query, "variables": variables}, reads=True
        )
        errors = _items(answer["errors"]) if answer["errors"] else []
        if any(error["type"].value == "RATE_LIMITED" for error in errors):
            raise RateLimited("GraphQL: rate limited", now() + MINUTE, told=False)
        if not answer["data"]:
            said = "; ".join(str(error["message"].value) for error in errors[:3])
            raise Unprocessable(f"GraphQL gave no data: {said[:300]}")
        return answer["data"]

    # One call

    async def _json(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Body | None = None,
        reads: bool = False,
    ) -> Answer:
        response = await self._call(method, path, query=query, body=body, reads=reads)
        if not response.content:
            return Answer(None)
        try:
            return Answer.parse(response.content)
        except BadAnswer as error:
            raise Unavailable(f"{method} {_path(path)}: {error}") from error

    async def _call(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Body | None = None,
        reads: bool = False,
    ) -> httpx.Response:
        if not reads and method not in ("GET", "HEAD"):
            # Those of the App itself, under 0, are a limit's of their own.
            await self._paced(self.access.installation_id if self.access else 0)

        def call() -> Awaitable[httpx.Response]:
            return self._authorized(method, path, query, body)

        repeatable = reads or method in _REPEATABLE
        return await (self._repeated(call) if repeatable else call())

    async def _paced(self, installation: int) -> None:
        seconds = self.app.pace.wait(installation)
        if seconds > 0:
            await self.app.pause(seconds)

    async def _repeated(self, call: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
        for attempt in range(ATTEMPTS - 1):
            try:
                return await call()
            except Unavailable:
                await self.app.pause(BACKOFF * 2**attempt)
        return await call()

    async def _authorized(
        self, method: str, path: str, query: Query | None, body: Body | None
    ) -> httpx.Response:
        if self.access is None:
            return await self._proven(method, path, query, body)
        return await self._sent(
            method, path, query, body, f"token {await self._installation_token(self.access)}"
        )

    async def _proven(self, method: str, path: str, query: Query | None, body: Body | None) -> httpx.Response:
        """A call of the App itself. What GitHub took for a proof of another time is proven once more by its own."""
        credential = self.app.credential
        try:
            return await self._sent(method, path, query, body, credential)
        except Unauthorized:
            if self.app.credential == credential:
                raise
            return await self._sent(method, path, query, body, self.app.credential)

    async def _sent(
        self, method: str, path: str, query: Query | None, body: Body | None, credential: str
    ) -> httpx.Response:
        """The response to a call, redirects of renamed repositories followed with the same method."""
        url = path if "://" in path else self.app.url + path
        for _ in range(_REDIRECTS + 1):
            response = await self._once(method, url, query, body, credential)
            if not response.has_redirect_location:
                return response
            url, query = str(httpx.URL(url).join(response.headers["location"])), None
            if urlsplit(url)[:2] != urlsplit(self.app.url)[:2]:
                raise Unprocessable(f"{method} {_path(path)}: redirected to another host")
        raise Unprocessable(f"{method} {_path(path)}: too many redirects")

    async def _once(
        self, method: str, url: str, query: Query | None, body: Body | None, credential: str
    ) -> httpx.Response:
        headers = {"X-GitHub-Api-Version": API_VERSION}
        if credential:
            headers["Authorization"] = credential
        self.calls.append((method, _path(url)))
        try:
            answer = await self._kit.arequest(
                method,
                url,
                params=dict(query) if query else None,
                json=dict(body) if body is not None else None,
                headers=headers,
            )
        except RequestFailed as failed:
            self.app.count(method, _path(url), failed.response.status_code)
            self._hear(failed.response.headers)
            raise refusal(method, url, failed.response.raw_response) from None
        except KitRequestError as failed:
            self.app.count(method, _path(url), 0)
            raise Unavailable(f"{method} {_path(url)}: {_why(failed.exc)}") from None
        except GitHubException as failed:
            raise GitHubError(f"{method} {_path(url)}: {type(failed).__name__}") from None
        self.app.count(method, _path(url), answer.status_code)
        self._hear(answer.headers)
        return answer.raw_response

    def _hear(self, headers: Mapping[str, str]) -> None:
        self.heard = headers
        if self.app.clock.hear(headers):
            _log.warning("our clock is wrong", seconds_ahead=round(self.app.clock.ahead.total_seconds()))

    # The token

    async def _installation_token(self, access: Access) -> str:
        """The token of this job, minted at its first call; calls at once wait for the one mint."""
        async with self._minting:
            if not self._token or self.app.clock.now() >= self._token_ends - _EARLY:
                await self._mint(access)
            return self._token

    async def _mint(self, access: Access) -> None:
        optional = {
            name: level
            for name, level in access.optional.items()
            if self.app.refused.get((access.installation_id, name), _LONG_AGO) < now()
        }
        try:
            answer = await self._minted(access, {**access.permissions, **optional})
        except NoToken:
            if not optional:
                raise
            answer = await self._minted(access, access.permissions)
            until = now() + _REFUSED
            self.app.refused.update({(access.installation_id, name): until for name in optional})
        self._token = answer["token"].text()
        self._token_ends = datetime.datetime.fromisoformat(answer["expires_at"].text())
        self.granted = {name: level.text() for name, level in answer["permissions"].fields()}

    async def _minted(self, access: Access, permissions: Mapping[str, str]) -> Answer:
        body: dict[str, object] = {"permissions": dict(permissions)} if permissions else {}
        if access.repository_ids:
            body["repository_ids"] = list(access.repository_ids)
        if access.repositories:
            body["repositories"] = list(access.repositories)
        path = f"/app/installations/{access.installation_id}/access_tokens"
        try:
            response = await self._repeated(lambda: self._proven("POST", path, None, body))
        except (Forbidden, NotFound, Unprocessable) as refused:
            raise NoToken(str(refused)) from None
        return Answer.parse(response.content)


def _items(answer: Answer) -> list[Answer]:
    try:
        return list(answer)
    except BadAnswer as error:
        raise Unavailable(f"an answer of GitHub: {error}") from error


def _why(error: Exception) -> str:
    """What kept a call from being answered. What is told of a request itself might hold a credential."""
    said = str(error) if isinstance(error, (httpx.ConnectError, httpx.ProxyError)) else ""
    return f"{type(error).__name__}{': ' if said else ''}{said[:200]}"


def _path(url: str) -> str:
    """The path of an address: what is logged, as queries can hold what people wrote."""
    return urlsplit(url).path
