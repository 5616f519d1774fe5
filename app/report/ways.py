"""The way of an image through the files in one line, with the same words and signs wherever it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from app.report import markdown
from app.report.comment import Links
from checks.chain import Image, Kind, Link, State
from checks.check import code

WORDS = {
    Kind.BUILD: "built",
    Kind.SCAN: "scanned",
    Kind.PUSH: "pushed",
    Kind.SIGN: "signed",
    Kind.ATTEST: "attested",
    Kind.ADMIT: "admitted",
    Kind.DEPLOY: "deployed",
    Kind.EXPIRE: "expires",
}
SIGNS = {State.SEEN: "✓", State.MISSING: "✗", State.UNKNOWN: "?"}
_MOST_OF_A_KIND = 4
"""Links of one kind in one line; the rest is a number."""
_BUDGET = 9_000
"""Characters of all ways together in a check run."""
_SAY_THEMSELVES = (Kind.BUILD, Kind.PUSH)
"""Kinds whose links, where they name something, need no sign that they are there."""

Place = Callable[[str, Link], str]
"""Writes the words of a link with where it is written."""


def ways(images: Sequence[Image], links: Links) -> list[str]:
    """A line of Markdown for each image, those with something missing first, in a number of characters."""
    lines = [
        f"**The way of {code(image.short)}:** {_way(image, _linked(links))}" for image in by_need(images)
    ]
    kept = markdown.budgeted((f"{line}\n" for line in lines), _BUDGET, "… and the ways of {} more images.")
    return [line.rstrip("\n") for line in kept]


def way(image: Image) -> str:
    """The line for a place without links, in Markdown."""
    return f"The way of {code(image.short)}: {_way(image, lambda words, _link: words)}"


def by_need(images: Iterable[Image]) -> list[Image]:
    """Images with something missing before the others, otherwise as they were."""
    return sorted(images, key=lambda image: not any(link.state is State.MISSING for link in image.links))


def _linked(links: Links) -> Place:
    def place(words: str, link: Link) -> str:
        return markdown.link(words, links.address(link.place.path, link.place.line)) if link.place else words

    return place


def _way(image: Image, place: Place) -> str:
    return " → ".join(f"{WORDS[kind]} {_links(image.of(kind), place)}" for kind in Kind)


def _links(links: Sequence[Link], place: Place) -> str:
    """The links of one kind, each told once."""
    told = list(dict.fromkeys(_told(link, place) for link in _distinct(links)))
    more = len(told) - _MOST_OF_A_KIND
    listed = ", ".join(told[:_MOST_OF_A_KIND])
    return f"{listed} and {more} more" if more > 0 else listed


def _distinct(links: Iterable[Link]) -> Iterator[Link]:
    """One link of those that say the same at several places."""
    first: dict[tuple[State, str, str], Link] = {}
    for link in links:
        first.setdefault((link.state, link.what, link.why), link)
    yield from first.values()


def _told(link: Link, place: Place) -> str:
    """`what` and the sign, linked, and why it is not as it might be."""
    sign = "`?`" if link.state is State.UNKNOWN else SIGNS[link.state]
    if link.state is State.SEEN and link.what and link.kind in _SAY_THEMSELVES:
        sign = ""
    what = markdown.prose(link.what)
    words = f"{place(what, link)} {sign}".strip() if what else place(sign, link)
    return words if link.state is State.UNKNOWN or not link.why else f"{words} ({markdown.prose(link.why)})"
