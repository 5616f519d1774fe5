"""`/setup`: registers the GitHub App from its manifest, once, while there is none.

Whoever registers the App decides whom this server works for. So it takes a token that only those see who can
read what the server printed at its start; and GitHub's answer has to bring back the state that the form gave.
https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
"""

from __future__ import annotations

import hmac
import json
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qs, quote

import structlog
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from app.credentials import Credentials
from app.github.conversion import Registered
from app.github.errors import GitHubError, Unavailable
from app.manifest import manifest
from app.template import HEADERS, POLICY, rendered

_log = structlog.get_logger(__name__)

LARGEST_FORM = 4096
"""Bytes; an organisation's name and two tokens are far shorter."""
STATE_SECONDS = 3600.0
"""GitHub's own limit from the manifest to the credentials."""
_OWNER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


class Registration:
    """The page, and how far it is. One for the process that serves it."""

    def __init__(
        self,
        site: str,
        public_url: str | None,
        convert: Callable[[str], Awaitable[Registered]],
        keep: Callable[[Credentials], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`site` is GitHub's for people. `convert` makes an App of GitHub's code; `keep` stores what it got."""
        self._site, self._public_url = site, public_url
        self._convert, self._keep, self._clock = convert, keep, clock
        self._token = secrets.token_urlsafe(32)
        self._state: tuple[str, float] | None = None
        self._is_over = False

    def invitation(self, listening: str) -> str:
        """What to print at the start, for whoever is to register the App."""
        if self._public_url is None:
            return f"{_NO_ADDRESS} Until then there is no more than a page that says so: {listening}/setup\n"
        return (
            "There is no GitHub App yet. Register it within the life of this process, here:\n"
            f"{self._public_url}/setup?token={self._token}\n"
        )

    def routes(self, finished: Callable[[], None]) -> list[BaseRoute]:
        """The page's. `finished` is called once there is an App and its owner has been told."""

        async def show(request: Request) -> Response:
            if self._is_over:
                return _answer(404, "setup.html", step="over")
            if self._public_url is None:
                return _answer(200, "setup.html", step="stuck", why=_NO_ADDRESS)
            if "code" in request.query_params:
                return await self._come_back(request.query_params, finished)
            token = request.query_params.get("token", "")
            if token and not _same(token, self._token):
                return self._choices(403, "This is not the token that was printed at the start.")
            return self._choices(200, token=token)

        async def choose(request: Request) -> Response:
            if self._is_over:
                return _answer(404, "setup.html", step="over")
            if self._public_url is None:
                return _answer(404, "setup.html", step="stuck", why=_NO_ADDRESS)
            return self._chosen(await _form(request), self._public_url)

        return [Route("/setup", show), Route("/setup", choose, methods=["POST"])]

    def _choices(self, status: int, why: str = "", token: str = "") -> Response:
        return _answer(status, "setup.html", "'self'", step="choose", why=why, token=token, site=self._site)

    def _chosen(self, form: Mapping[str, str], public_url: str) -> Response:
        """The form that takes the manifest to GitHub, by the hand of whoever looks at it."""
        owner = form.get("owner", "").strip()
        if not _same(form.get("token", ""), self._token):
            return self._choices(403, "This is not the token that was printed at the start.")
        if owner and not _OWNER.fullmatch(owner):
            return self._choices(400, "This is not the name of an organisation.", self._token)
        self._state = secrets.token_urlsafe(32), self._clock()
        path = f"/organizations/{quote(owner)}/settings/apps/new" if owner else "/settings/apps/new"
        asked = manifest().of(public_url, owner, commits="commits" in form)
        return _answer(
            200,
            "setup.html",
            self._site,
            step="register",
            address=f"{self._site}{path}?state={self._state[0]}",
            manifest=json.dumps(asked),
            permissions=asked["default_permissions"],
        )

    async def _come_back(self, query: Mapping[str, str], finished: Callable[[], None]) -> Response:
        """GitHub sent the browser back with a code, which is worth an App."""
        state = self._state
        # What anybody can send must not spend the state of whoever is on the way.
        if state is None or not _same(query.get("state", ""), state[0]):
            return self._choices(403, _NOT_OURS)
        self._state = None
        if self._clock() - state[1] > STATE_SECONDS:
            return self._choices(403, _NOT_OURS)
        try:
            registered = await self._convert(query["code"])
            self._keep(registered.credentials)
        except Unavailable as error:
            self._state = state
            _log.warning("the App could not be registered yet", why=str(error))
            return self._choices(502, f"GitHub did not answer: {error}. Load this page again.")
        except GitHubError as error:
            _log.warning("the App could not be registered", why=str(error))
            return self._choices(502, f"GitHub did not hand out the App's credentials: {error}.")
        except OSError as error:
            _log.exception("the App's credentials could not be kept")
            lost = "GitHub hands them out once: delete the App there, and begin again"
            return self._choices(500, f"The credentials could not be kept: {error.strerror}. {lost}.")
        self._is_over = True
        _log.info("the App is registered", app=registered.name, app_id=registered.credentials.app_id)

        # A coroutine: Starlette would run anything else in a thread.
        async def told() -> None:
            finished()

        return _answer(200, "setup.html", step="done", app=registered, then=BackgroundTask(told))


_NO_ADDRESS = (
    "TIDEWAITER_PUBLIC_URL: not set (expected the address under which GitHub reaches this server). "
    "Set it and start again."
)
_NOT_OURS = "GitHub's answer does not belong to a form of this page. Begin again."


def _same(given: str, expected: str) -> bool:
    """In a time that does not tell how much of it is right."""
    return hmac.compare_digest(given.encode(), expected.encode())


async def _form(request: Request) -> Mapping[str, str]:
    """Nothing of a form that is too large or no text."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_FORM:
            return {}
    fields = parse_qs(bytes(body).decode("ascii", "replace"), max_num_fields=10)
    return {name: values[0] for name, values in fields.items()}


def _answer(
    status: int, template: str, forms_to: str = "'none'", then: BackgroundTask | None = None, **values: object
) -> Response:
    policy = POLICY.replace("form-action 'none'", f"form-action {forms_to}")
    headers = {**HEADERS, "Content-Security-Policy": policy, "Cache-Control": "no-store"}
    return Response(rendered(template, **values), status, headers, "text/html", then)
