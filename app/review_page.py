"""`/reviews/{id}`: one review whole, with the chain of each image that it touches.

It shows private code: only a signed link leads to it, nothing keeps a copy of it, and no search engine lists it.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Awaitable, Callable

from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from app.report.data import Json
from app.report.markdown import counted, inline_html
from app.report.whole import read
from app.signed_links import Admission, SignedLinks
from app.template import HEADERS, rendered

_HEADERS = {**HEADERS, "Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}

Kept = Callable[[str], Awaitable[str | None]]
"""The document of a review that is kept, by its id; None if there is none."""


def routes(links: SignedLinks, kept: Kept, clock: Callable[[], float] = time.time) -> list[BaseRoute]:
    """The page, for `serve`."""

    async def show(request: Request) -> Response:
        name = request.path_params["id"]
        given = request.query_params
        admission = links.judge(name, given.get("until", ""), given.get("signature", ""), clock())
        if admission is Admission.FORGED:
            return _answer(404, "no_review.html", expired=False)
        document = await kept(name) if admission is Admission.VALID else None
        review = read(document) if document is not None else None
        if review is None:
            status = 410 if admission is Admission.EXPIRED else 404
            return _answer(status, "no_review.html", expired=admission is Admission.EXPIRED)
        until = datetime.datetime.fromtimestamp(int(given["until"]), datetime.UTC)
        # In a thread: the page of a large review takes long enough to keep a delivery waiting.
        return await run_in_threadpool(_page, review, until)

    return [Route("/reviews/{id}", show)]


def _page(review: dict[str, Json], until: datetime.datetime) -> Response:
    return _answer(
        200,
        "review.html",
        review=review,
        until=f"{until.day} {until:%B %Y}",
        sentence=_sentence,
        counted=counted,
    )


def _sentence(markdown: str) -> Markup:
    """A sentence of ours, in which everything from a repository stands in code spans."""
    return Markup(inline_html(markdown))  # noqa: S704 - `inline_html` escapes all that it is given


def _answer(status: int, template: str, **values: object) -> Response:
    return Response(rendered(template, **values), status, _HEADERS, "text/html")
