"""`/checks` and `/checks/{id}`: the catalogue as HTML, made of the Markdown that `tidewaiter checks` shows."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from itertools import groupby

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from app.report.catalogue import page
from app.report.plain import plain
from app.template import HEADERS, rendered
from checks.catalogue import find
from checks.check import Check, CheckModule, Kind, Severity
from checks.record import Record

_HEADERS = {**HEADERS, "Cache-Control": "public, max-age=300"}
_SIGNS = {"-": "del", "+": "ins"}
_ORDER = tuple(Severity)
"""Of what matters most first."""


class Entry(Record):
    """A check in the index."""

    id: str
    title: str
    """As HTML."""
    fix: str
    """The best applicability among its fixes; empty when it never has one."""


class Group(Record):
    """The checks of one severity whose findings stand in one kind of file."""

    severity: Severity
    entries: tuple[Entry, ...]


class Section(Record):
    """The checks whose findings stand in one kind of file, by severity."""

    kind: Kind
    groups: tuple[Group, ...]

    @property
    def count(self) -> int:
        return sum(len(group.entries) for group in self.groups)


def routes(modules: Sequence[CheckModule]) -> list[BaseRoute]:
    """The pages of these checks, for `serve`. Each is made when it is first asked for, and kept."""
    markdown = _markdown({module.check.id for module in modules})
    index = cache(partial(_index, markdown, [module.check for module in modules]))
    missing = cache(partial(rendered, "missing.html"))

    @cache
    def of_check(check: Check) -> str:
        body = markdown.render(page(check), {"id": check.id})
        return rendered("check.html", title=plain(check.title), body=body)

    # Not coroutines: Starlette runs them in a thread, where making a page keeps no delivery waiting.
    def show_index(request: Request) -> Response:
        return _answer(request, index())

    def show_check(request: Request) -> Response:
        name = request.path_params["id"]
        module = find(name, modules)
        if module is None:
            return _answer(request, missing(), 404)
        if name != module.check.id:
            # Relative, as all links of the pages: a proxy may have put them below a path of its own.
            return RedirectResponse(module.check.id, 301, _HEADERS)
        return _answer(request, of_check(module.check))

    return [Route("/checks", show_index), Route("/checks/{id}", show_check)]


def _answer(request: Request, content: str, status: int = 200) -> Response:
    """The page, or that the reader has it already: https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2"""
    etag = f'"{hashlib.sha256(content.encode()).hexdigest()[:32]}"'
    headers = {**_HEADERS, "ETag": etag}
    known = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
    if status == 200 and known & {etag, "*"}:
        return Response(status_code=304, headers=headers)
    return Response(content, status, headers, "text/html")


def _index(markdown: MarkdownIt, checks: Sequence[Check]) -> str:
    sections = tuple(_sections(markdown, checks))
    return rendered("index.html", sections=sections, count=len(checks))


def _sections(markdown: MarkdownIt, checks: Sequence[Check]) -> Iterator[Section]:
    def order(check: Check) -> tuple[str, int, str]:
        return check.kinds[0].value, _ORDER.index(check.severity), check.id

    for kind, in_kind in groupby(sorted(checks, key=order), lambda check: check.kinds[0]):
        groups = (
            Group(severity, tuple(_entry(markdown, check) for check in group))
            for severity, group in groupby(in_kind, lambda check: check.severity)
        )
        yield Section(kind, tuple(groups))


def _entry(markdown: MarkdownIt, check: Check) -> Entry:
    # Without links: the title is to be one.
    title = markdown.renderInline(check.title, {"id": None})
    return Entry(check.id, title, check.fix.value if check.fix else "")


Rule = Callable[[RendererHTML, Sequence[Token], int, OptionsDict, EnvType], str]


def _markdown(ids: set[str]) -> MarkdownIt:
    """A renderer for `page`: HTML in it is text, diffs are coloured, and the name of another check leads to it."""

    def fence(_self: RendererHTML, tokens: Sequence[Token], index: int, _: OptionsDict, _env: EnvType) -> str:
        token = tokens[index]
        signs = _SIGNS if token.info == "diff" else {}
        lines = "".join(_line(line, signs.get(line[:1])) for line in token.content.splitlines(keepends=True))
        return f"<pre><code>{lines}</code></pre>\n"

    def code_inline(
        _self: RendererHTML, tokens: Sequence[Token], index: int, _: OptionsDict, env: EnvType
    ) -> str:
        name = tokens[index].content
        code = f"<code>{html.escape(name)}</code>"
        is_other = name in ids and env["id"] not in {None, name}
        return f'<a href="{name}">{code}</a>' if is_other else code

    markdown = MarkdownIt("commonmark", {"html": False}).disable("image")
    markdown.add_render_rule("fence", fence)
    markdown.add_render_rule("code_inline", code_inline)
    return markdown


def _line(line: str, element: str | None) -> str:
    return f"<{element}>{html.escape(line)}</{element}>" if element else html.escape(line)
