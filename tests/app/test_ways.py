"""The way of an image in one line, in a check run and in a terminal."""

from __future__ import annotations

import pytest

from app.report.comment import Links
from app.report.text import Terminal, text
from app.report.ways import by_need, way, ways
from checks.chain import Image, Kind, Link, State
from checks.check import code
from checks.engine import Review
from tests.app import sample

LINKS = Links("https://github.com/acme/web", "a" * 40)
BUILD = Link(Kind.BUILD, State.SEEN, "`Dockerfile`", "", sample.at("Dockerfile", "FROM"))
PUSHED = sample.at(".github/workflows/build.yml", "main-latest")
ALL = (
    BUILD,
    Link(Kind.SCAN, State.MISSING, "", "another build is pushed"),
    Link(Kind.PUSH, State.SEEN, "`sha-…`"),
    Link(Kind.PUSH, State.MISSING, "`main-latest`", "`web` refuses to move a tag", PUSHED),
    Link(Kind.SIGN, State.SEEN),
    Link(Kind.ATTEST, State.SEEN, "provenance", "in the index, not signed"),
    Link(Kind.ADMIT, State.SEEN, "by `signed`"),
    Link(Kind.DEPLOY, State.UNKNOWN, "", "nothing here deploys it"),
    Link(Kind.EXPIRE, State.UNKNOWN, "`sha-…` beyond the newest 5", "whether is not known"),
)
IMAGE = Image("registry.example/web", "web", ALL)


def whole(*links: Link) -> tuple[Link, ...]:
    """Links of every kind, these among them."""
    given = {link.kind for link in links}
    return (*links, *(link for link in ALL if link.kind not in given))


def part(kind: Kind, *links: Link) -> str:
    """What the way says of one kind."""
    number = list(Kind).index(kind)
    return way(Image("x", "x", whole(*links))).partition(": ")[2].split(" → ")[number]


def test_the_whole_way_reads_as_one_line() -> None:
    assert way(IMAGE) == (
        "The way of `web`: built `Dockerfile` → scanned ✗ (another build is pushed) → pushed `sha-…`, `main-latest` ✗ "
        "(`web` refuses to move a tag) → signed ✓ → attested provenance ✓ (in the index, not signed) → "
        "admitted by `signed` ✓ → deployed `?` → expires `sha-…` beyond the newest 5 `?`"
    )


def test_in_a_check_run_what_is_written_somewhere_leads_there() -> None:
    (line,) = ways([IMAGE], LINKS)
    files = f"https://github.com/acme/web/blob/{'a' * 40}"
    assert line.startswith(
        f"**The way of `web`:** built [`Dockerfile`]({files}/Dockerfile#L1) → scanned ✗ (another"
    )
    assert f"pushed `sha-…`, [`main-latest`]({files}/.github/workflows/build.yml#L8) ✗ (`web`" in line


def test_where_nothing_is_named_the_sign_leads_there() -> None:
    signed = Link(Kind.SIGN, State.SEEN, "", "", PUSHED)
    (line,) = ways([Image("x", "x", whole(signed))], LINKS)
    assert f"signed [✓](https://github.com/acme/web/blob/{'a' * 40}/.github/workflows/build.yml#L8) →" in line


@pytest.mark.parametrize(
    ("links", "told"),
    [
        ((Link(Kind.PUSH, State.SEEN, "`1`"),) * 2, "pushed `1`"),
        ([Link(Kind.PUSH, State.SEEN, f"`{n}`") for n in range(4)], "pushed `0`, `1`, `2`, `3`"),
        ([Link(Kind.PUSH, State.SEEN, f"`{n}`") for n in range(6)], "pushed `0`, `1`, `2`, `3` and 2 more"),
        ([Link(Kind.PUSH, State.UNKNOWN, "`1`", "whether it is pushed is not known")], "pushed `1` `?`"),
        ([Link(Kind.PUSH, State.SEEN)], "pushed ✓"),
    ],
)
def test_several_links_of_a_kind(links: list[Link], told: str) -> None:
    assert part(Kind.PUSH, *links) == told


def test_images_with_something_missing_come_first() -> None:
    fine = Image("a", "a", tuple(link for link in ALL if link.state is not State.MISSING))
    assert [image.name for image in by_need([fine, IMAGE])] == ["registry.example/web", "a"]


def test_what_a_repository_calls_things_is_inert() -> None:
    name = "`[x](https://evil.example) @rosa <b>"
    link = Link(Kind.ADMIT, State.SEEN, f"by {code(name)}")
    (line,) = ways([Image(name, name, whole(link))], LINKS)
    assert line.startswith(f"**The way of {code(name)}:** built")
    assert f"admitted by {code(name)} ✓" in line
    unmarked = Link(Kind.ADMIT, State.SEEN, "by [x](https://evil.example) @rosa <b>")
    (line,) = ways([Image("x", "x", whole(unmarked))], LINKS)
    assert "](https://evil" not in line
    assert "@rosa" not in line
    assert "<b>" not in line


def test_many_ways_end_in_a_number_and_stay_within_a_size() -> None:
    told = ways([Image(f"web{n}", f"web{n}", ALL) for n in range(500)], LINKS)
    assert sum(map(len, told)) < 10_000
    assert told[-1] == f"… and the ways of {500 - len(told) + 1} more images."


def test_the_terminal_tells_the_same_words() -> None:
    shown = text(Review(), sample.SNAPSHOT.texts, Terminal(width=200), [IMAGE])
    assert (
        "The way of web: built Dockerfile → scanned ✗ (another build is pushed) → pushed sha-…, main-latest ✗"
        in shown
    )
    narrow = text(Review(), sample.SNAPSHOT.texts, Terminal(width=60), [IMAGE])
    assert max(map(len, narrow.splitlines())) <= 60
    assert "The way of" not in text(Review(), sample.SNAPSHOT.texts)
