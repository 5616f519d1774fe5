"""The pages of the catalogue, as a browser gets them."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from starlette.applications import Starlette

from app import pages
from app.report.comment import Links
from checks.catalogue import catalogue
from checks.check import Check, Example, Finding, Kind, Repository, Severity, files_of
from tests.app import sample
from tests.app.site import Site

ADDRESS = "https://tidewaiter.example/behind/a/proxy"
"""Where a proxy may put the server, whose own paths begin after it."""
CHECKS = [module.check for module in catalogue()]


@dataclass
class Module:
    """What a file of the catalogue would be."""

    check: Check

    @staticmethod
    def run(_repo: Repository) -> Iterator[Finding]:
        yield from ()


@dataclass
class Seen(HTMLParser):
    """What there is in a page."""

    content: str
    elements: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    text: str = ""
    marked: dict[str, str] = field(default_factory=lambda: {"del": "", "ins": "", "h1": "", "style": ""})
    """The text inside of some elements."""

    def __post_init__(self) -> None:
        super().__init__()
        self._in: list[str] = []
        self.feed(self.content)
        self.close()
        assert self._in == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        given = dict(attrs)
        self.links += [given["href"] or ""] if "href" in given else []
        self.ids += [given["id"] or ""] if "id" in given else []
        if tag != "meta":
            self._in.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._in.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in self.marked.keys() & self._in:
            self.marked[tag] += data
        self.text += data


def ask(
    path: str, *checks: Check, method: str = "GET", headers: dict[str, str] | None = None
) -> httpx.Response:
    web = Starlette(routes=pages.routes([Module(check) for check in checks or CHECKS]))

    async def answered() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="http://test") as client:
            return await client.request(method, path, headers=headers)

    return asyncio.run(answered())


def leads_to(link: str, path: str) -> str:
    """The server's path, and the fragment, that a link of the page at a path leads to; another server's as it is."""
    address = urljoin(ADDRESS + path, link)
    return address.removeprefix(ADDRESS)


@pytest.fixture(scope="module")
def served() -> dict[str, Seen]:
    """Every page of the catalogue by its path."""
    web = Starlette(routes=pages.routes(catalogue()))

    async def all_of_them() -> dict[str, Seen]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="http://test") as client:
            paths = ["/checks", *(f"/checks/{check.id}" for check in CHECKS)]
            answers = {path: await client.get(path) for path in paths}
        assert {answer.status_code for answer in answers.values()} == {200}
        return {path: Seen(answer.text) for path, answer in answers.items()}

    return asyncio.run(all_of_them())


def test_every_check_has_a_page_that_the_index_leads_to(served: dict[str, Seen]) -> None:
    led = {leads_to(link, "/checks") for link in served["/checks"].links}
    assert led >= served.keys() - {"/checks"}
    for check in CHECKS:
        seen = served[f"/checks/{check.id}"]
        assert seen.marked["h1"] == check.title.replace("`", "")
        assert f"# tidewaiter: ignore[{check.id}] reason" in seen.text
        for example in check.examples:
            assert example.title.replace("`", "") in seen.text


def test_a_page_tells_before_and_after_of_each_fix(served: dict[str, Seen]) -> None:
    for check in CHECKS:
        marked = served[f"/checks/{check.id}"].marked
        for example in check.examples:
            before, after = files_of(example.files), files_of(example.fixed)
            for path, content in after.items():
                old, new = before.get(path, "").split("\n"), content.split("\n")
                assert all(f"-{line}\n" in marked["del"] for line in set(old) - set(new))
                assert all(f"+{line}\n" in marked["ins"] for line in set(new) - set(old))


def test_all_links_lead_somewhere(served: dict[str, Seen]) -> None:
    for path, seen in served.items():
        for link in seen.links:
            to, _, fragment = leads_to(link, path).partition("#")
            if to.startswith("/"):
                assert to in served, (path, link)
                assert not fragment or fragment in served[to].ids, (path, link)
            else:
                assert urlsplit(to).scheme == "https", (path, link)


def test_the_references_are_links_and_other_checks_are_too(served: dict[str, Seen]) -> None:
    for check in CHECKS:
        seen = served[f"/checks/{check.id}"]
        assert set(re.findall(r"^- (https://\S+)$", check.doc, re.MULTILINE)) <= set(seen.links)
    assert "cip-ecr-account-malformed" in served["/checks/placeholder-account-or-role"].links


def test_the_index_is_by_kind_of_file_and_by_severity() -> None:
    note = sample.check("a-note", Severity.NOTE, "Note\n", kinds=(Kind.DOCKERFILE,), fix=None)
    page = ask("/checks", sample.MOVING_TAG, note, sample.SHELL_FORM).text
    assert re.findall("(?:<h2[^>]*|<h3[^>]*|<code)>([^<]*)", page) == [
        "dockerfile",
        "warning",
        "shell-form-entrypoint",
        "note",
        "a-note",
        "workflow",
        "error",
        "moving-tag-pushed-to-immutable-repository",
    ]
    assert "safe fix" in page


def test_nothing_runs_and_nothing_is_loaded(served: dict[str, Seen]) -> None:
    for seen in served.values():
        assert not seen.elements & {"script", "img", "link", "iframe", "object", "form", "base", "svg"}
        assert not {name for name in seen.attributes if name.startswith("on")} | (
            seen.attributes & {"src", "srcset", "style"}
        )
        assert not re.search(r"url\(|@import", seen.marked["style"])


@pytest.mark.parametrize(
    "path", ["/checks", "/checks/mutable-tag", "/checks/unknown", "/checks/shell-form-entrypoint"]
)
def test_the_policy_forbids_all_but_our_style(path: str) -> None:
    answer = ask(path, sample.MOVING_TAG, sample.SHELL_FORM)
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    style = Seen(answer.text).marked["style"] if answer.text else Seen(ask("/checks").text).marked["style"]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.pop("style-src") == f"'sha256-{digest}'"
    assert policy.keys() == {"default-src", "base-uri", "form-action", "frame-ancestors"}
    assert set(policy.values()) == {"'none'"}
    assert answer.headers["x-content-type-options"] == "nosniff"


HOSTILE = "</code></pre></style><script>alert(1)</script> & <img src=x onerror=alert(2)> ``` &lt; \" '"


def test_what_looks_like_html_is_text() -> None:
    doc = (
        f"Title {HOSTILE}\n\n{HOSTILE}\n\n<script>alert(3)</script>\n\n[a](javascript:alert(4)) "
        f"![b](https://evil.example/b.png) [c](data:text/html,d)\n\n    {HOSTILE}\n"
    )
    files = f"-- a{HOSTILE.replace(' ', '')} --\n{HOSTILE}\n````\n"
    examples = (
        Example(HOSTILE, files, at=HOSTILE, fixed=files.replace(HOSTILE, HOSTILE[::-1])),
        Example(HOSTILE, files),
    )
    check = Check("hostile", doc, Severity.NOTE, examples, kinds=(Kind.DOCKERFILE,))
    for path in ("/checks", "/checks/hostile"):
        seen = Seen(ask(path, check).text)
        assert not seen.elements & {"script", "img"}
        assert seen.attributes <= {"lang", "charset", "name", "content", "href", "id", "class"}
        assert not [link for link in seen.links if ":" in link and not link.startswith("https://")]
    assert f"-{HOSTILE}\n" in seen.marked["del"]
    assert f"+{HOSTILE[::-1]}\n" in seen.marked["ins"]


def test_a_former_id_leads_to_the_present_one() -> None:
    answer = ask("/checks/mutable-tag", sample.MOVING_TAG)
    assert answer.status_code == 301
    to = leads_to(answer.headers["location"], "/checks/mutable-tag")
    assert to == "/checks/moving-tag-pushed-to-immutable-repository"


@pytest.mark.parametrize("name", ["unknown", "Shell-Form-Entrypoint", "%3Cscript%3E", "a%2Fb"])
def test_an_unknown_check_is_404(name: str) -> None:
    answer = ask(f"/checks/{name}", sample.SHELL_FORM)
    assert answer.status_code == 404
    assert "<script>" not in answer.text


def test_what_a_browser_has_is_not_sent_again() -> None:
    first = ask("/checks/shell-form-entrypoint")
    etag = first.headers["etag"]
    assert "max-age" in first.headers["cache-control"]
    for given in (etag, f'"other", W/{etag}', "*"):
        again = ask("/checks/shell-form-entrypoint", headers={"If-None-Match": given})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert ask("/checks/action-on-branch", headers={"If-None-Match": etag}).status_code == 200
    assert ask("/checks/unknown", headers={"If-None-Match": "*"}).status_code == 404
    head = ask("/checks/shell-form-entrypoint", method="HEAD")
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", etag)


def test_the_app_serves_them_where_its_comments_lead(site: Site) -> None:
    site.command = [str(Path(sys.executable).with_name("tidewaiter")), "serve"]
    site.start()
    linked = Links(checks=f"http://127.0.0.1:{site.logged('listening')}/checks").check("action-on-branch")
    address = re.search(r"\((http[^)]+)\)", linked)
    assert address
    answer = httpx.get(address[1])
    assert answer.status_code == 200
    assert "Action is used at a branch" in answer.text
    assert site.end(signal.SIGTERM) == 0
