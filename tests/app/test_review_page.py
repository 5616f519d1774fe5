"""`/reviews/{id}`: who sees it, and what it says."""

from __future__ import annotations

import asyncio
import json
import re
from urllib.parse import urlsplit

import httpx
import pytest
from msgspec.structs import replace
from starlette.applications import Starlette

from app import review_page
from app.report.comment import Links
from app.report.ignored import Ignore, Ignored
from app.report.whole import About, read, whole
from app.signed_links import SignedLinks
from app.template import POLICY
from checks.chain import Image, Kind, Link, State
from checks.check import Applicability, Edit, Finding, Fix, Location, Severity, Span, code
from checks.engine import Crashed, Found, Review, Suppressed
from checks.engine import State as Newness
from checks.source.text import Text, Unreadable
from tests.app import sample
from tests.app.test_pages import HOSTILE, Seen
from tests.app.test_ways import IMAGE

SIGNED = SignedLinks("http://test", ("secret",))
NOW, UNTIL = 1_790_000_000.0, 1_791_158_400  # 5 October 2026
LINKS = Links("https://github.com/acme/web", "abcdef0" + "0" * 33)
ABOUT = About(
    "acme/web", 7, "https://github.com/acme/web/pull/7", "2 new findings: 1 error, 1 warning", ("A `note`.",)
)
IGNORED = Ignored(
    Found(sample.SHELL_FORM, sample.shell_form(), Severity.WARNING, "dd"),
    Ignore("shell-form-entrypoint", "rosa", "the shell is tini"),
)
DOCUMENT = whole(ABOUT, sample.review(), [IMAGE], [IGNORED], sample.SNAPSHOT.texts, LINKS)


def ask(link: str, documents: dict[str, str] | None = None) -> tuple[httpx.Response, list[str]]:
    """The answer to a link, and which documents it was looked for."""
    asked: list[str] = []

    async def kept(name: str) -> str | None:
        asked.append(name)
        return (documents if documents is not None else {"abc": DOCUMENT}).get(name)

    web = Starlette(routes=review_page.routes(SIGNED, kept, lambda: NOW))

    async def answered() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="http://test") as client:
            return await client.get(link)

    return asyncio.run(answered()), asked


def page(document: str = DOCUMENT) -> Seen:
    answer, _ = ask(SIGNED.to("abc", UNTIL), {"abc": document})
    assert answer.status_code == 200
    return Seen(answer.text)


# Who sees it


def test_a_signed_link_shows_it() -> None:
    answer, _ = ask(SIGNED.to("abc", UNTIL))
    assert answer.status_code == 200
    assert "2 new findings" in answer.text


@pytest.mark.parametrize(
    "link",
    [
        "/reviews/abc",
        f"/reviews/abc?until={UNTIL}",
        f"/reviews/abc?until={UNTIL}&signature={'0' * 64}",
        SIGNED.to("other", UNTIL).replace("other", "abc"),
        SIGNED.to("abc", UNTIL).replace(str(UNTIL), str(UNTIL + 1)),
        SignedLinks("http://test", ("another",)).to("abc", UNTIL),
        SIGNED.to("abc", UNTIL) + "&signature=x",
        SIGNED.to("abc", UNTIL).replace("abc", "%3Cscript%3E"),
    ],
)
def test_without_our_signature_nothing_is_even_looked_for(link: str) -> None:
    answer, asked = ask(link)
    assert (answer.status_code, asked) == (404, [])
    assert "acme" not in answer.text
    assert "<script>" not in answer.text


def test_an_expired_link_says_how_to_get_a_new_one_and_looks_for_nothing() -> None:
    answer, asked = ask(SIGNED.to("abc", int(NOW) - 1))
    assert (answer.status_code, asked) == (410, [])
    assert "re-run" in answer.text
    assert "acme" not in answer.text


@pytest.mark.parametrize("documents", [{}, {"abc": DOCUMENT.replace('"version": 1', '"version": 99', 1)}])
def test_what_is_not_kept_or_was_kept_by_another_release_is_not_there(documents: dict[str, str]) -> None:
    answer, asked = ask(SIGNED.to("abc", UNTIL), documents)
    assert (answer.status_code, asked) == (404, ["abc"])
    assert "under way" in answer.text


@pytest.mark.parametrize(
    "link", [SIGNED.to("abc", UNTIL), SIGNED.to("abc", 0), "/reviews/abc", SIGNED.to("x", UNTIL)]
)
def test_nobody_keeps_a_copy_and_nothing_leaks(link: str) -> None:
    headers = ask(link)[0].headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-robots-tag"] == "noindex, nofollow"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == POLICY


# What it says


def words() -> str:
    return " ".join(page().text.replace("\u200d", "").split())


@pytest.mark.parametrize(
    "told",
    [
        "acme/web #7 at abcdef0",
        "2 new findings: 1 error, 1 warning",
        "A note.",
        "Not everything could be seen: the base commit can't be read",
        "registry.example/web built ✓ Dockerfile Dockerfile line 1 scanned ✗ another build is pushed pushed ✓ sha-…",
        "✗ main-latest: web refuses to move a tag .github/workflows/build.yml line 8",
        "error main-latest is pushed on every run, and the repository web refuses to move a tag.",
        "8 ${{ env.REGISTRY }}/web:main-latest",
        'The second push to main fails: "tag is immutable".',
        "terraform/ecr.tf line 3 sets IMMUTABLE",
        "Fix: delete the tag (unsafe) Before committing: does anything deploy web:main-latest?",
        "- ${{ env.REGISTRY }}/web:main-latest",
        "Or: let this one tag move (by hand)",
        '- image_tag_mutability = "IMMUTABLE"+ image_tag_mutability = "MUTABLE"',
        "warning ENTRYPOINT is in shell form: node never gets SIGTERM.",
        "What stood there before note FROM node:24 names no digest.",
        "shell-form-entrypoint, by the comment on line 1: pid 1 is tini",
        "shell-form-entrypoint, by /ignore of rosa: the shell is tini",
        'terraform/iam.tf line 18: "{" is never closed',
        "moving-tag-pushed-to-immutable-repository at Dockerfile: ValueError: no such line",
        "hold until 5 October 2026",
    ],
)
def test_everything_is_told(told: str) -> None:
    assert told in words()


def test_what_is_meant_is_marked_and_shown_without_the_indent_of_all_lines() -> None:
    answer, _ = ask(SIGNED.to("abc", UNTIL))
    assert "</span>${{ env.REGISTRY }}/web:<mark>main-latest</mark>\n" in answer.text
    assert "<mark>ENTRYPOINT node server.js</mark>\n" in answer.text


def test_links_lead_to_the_lines_the_checks_and_the_pull_request() -> None:
    links = page().links
    assert "https://github.com/acme/web/pull/7" in links
    assert f"https://github.com/acme/web/blob/{LINKS.sha}/terraform/ecr.tf#L3" in links
    assert "../checks/moving-tag-pushed-to-immutable-repository" in links
    assert all(urlsplit(link).scheme in {"https", ""} for link in links)


def test_where_nothing_is_new_there_is_little_to_say() -> None:
    about = replace(ABOUT, title="Nothing new", notes=())
    seen = page(whole(about, Review(), (), (), {}, LINKS))
    assert " ".join(seen.text.split("#7 at", 1)[1].split()) == (
        "abcdef0 Nothing new This page and the link to it hold until 5 October 2026."
    )


def test_a_review_without_addresses_has_places_without_links() -> None:
    seen = page(whole(ABOUT, sample.review(), [IMAGE], (), sample.SNAPSHOT.texts, Links()))
    assert "terraform/ecr.tf line 3" in seen.text
    assert not [link for link in seen.links if "blob" in link]


# Hostile text, and much of it


def hostile() -> str:
    """A review in which everything that a repository chooses is hostile."""
    text = Text(f"a/{HOSTILE}/\u202eb", f"\t{HOSTILE}\u202e\x1b[2J{HOSTILE}\n" * 3)
    place = Location(text, Span(1, len(HOSTILE) * 2), f"calls it {code(HOSTILE)}")
    fix = Fix(
        f"put {code(HOSTILE)}",
        (Edit(text.path, place.span, HOSTILE),),
        Applicability.UNSAFE,
        f"Is {code(HOSTILE)}?",
    )
    finding = Finding(f"{code(HOSTILE)} {HOSTILE}", place, f"So {code(HOSTILE)}.", (place,), (fix,), HOSTILE)
    found = Found(sample.SHELL_FORM, finding, Severity.NOTE, "aa")
    review = Review(
        (found, replace(found, state=Newness.KNOWN)),
        (Suppressed(sample.SHELL_FORM.id, place, HOSTILE, place),),
        (Unreadable(text.path, 1, HOSTILE),),
        (Crashed(sample.SHELL_FORM.id, text.path, HOSTILE),),
        (HOSTILE,),
    )
    links = tuple(Link(kind, State.MISSING, code(HOSTILE), HOSTILE, place) for kind in Kind)
    about = About("acme/web", 7, "https://github.com/acme/web/pull/7", HOSTILE, (HOSTILE,))
    ignored = Ignored(found, Ignore(sample.SHELL_FORM.id, HOSTILE, HOSTILE))
    image = Image(HOSTILE, HOSTILE, links)
    return whole(about, review, [image], [ignored], {text.path: text}, LINKS)


def test_what_looks_like_html_is_text() -> None:
    seen = page(hostile())
    assert not seen.elements & {"script", "img", "iframe", "form", "base", "link", "svg", "style"} - {"style"}
    assert seen.attributes <= {"lang", "charset", "name", "content", "href", "class", "title", "open"}
    assert seen.marked["h1"] == HOSTILE
    assert HOSTILE in seen.marked["ins"]
    assert all(urlsplit(link).scheme in {"https", ""} for link in seen.links)
    assert not {"\u202e", "\x1b"} & set(seen.text)


def test_nothing_runs_and_nothing_is_loaded() -> None:
    for seen in (page(), page(hostile())):
        assert not {name for name in seen.attributes if name.startswith("on")}
        assert not seen.attributes & {"src", "srcset", "style"}
        assert not re.search(r"url\(|@import", seen.marked["style"])


def test_a_large_review_is_kept_in_part_and_says_so() -> None:
    text = Text("long", "".join(f"{'x' * 2_000} {number}\n" for number in range(3_000)))
    places = [Location(text, text.line(number)) for number in range(1, 3_001)]
    found = [
        Found(sample.SHELL_FORM, Finding("`x`", place), Severity.NOTE, str(place.line)) for place in places
    ]
    known = [replace(one, state=Newness.KNOWN) for one in found]
    images = [Image(f"web{number}", "web", IMAGE.links) for number in range(103)]
    document = whole(ABOUT, Review((*found, *known)), images, (), {}, LINKS)
    assert len(document) < 3_000_000
    kept = json.loads(document)
    assert len(kept["new"]) + kept["more_new"] == len(kept["known"]) + kept["more_known"] == 3_000
    assert kept["more_new"] > 0
    shown = page(document).text
    assert f"… and {kept['more_new']:,} more new findings." in shown
    assert "… and 2,000 more findings." in shown
    assert "… and 3 more images." in shown


def test_only_this_release_s_documents_are_read() -> None:
    assert read(DOCUMENT) is not None
    assert read('{"version": 2}') is None
    assert read("[]") is None
