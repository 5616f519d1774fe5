"""The chains of images: for a terminal, as JSON, and as a diagram."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.report.data import Json
from app.report.excerpt import width_of
from app.report.markdown import counted
from app.report.plain import placed, plain, printable
from app.report.text import Terminal, unreadable_lines
from app.report.ways import SIGNS, WORDS
from checks.chain import Image, Kind, Link, State
from checks.source.snapshot import elsewhere
from checks.source.text import Location, Unreadable

_BOLD, _DIM = "1", "2"
_COLOURS = {State.SEEN: "32", State.MISSING: "31;1", State.UNKNOWN: "33"}
_WIDEST = 52
"""Cells of a column of details; what is longer pushes its place to the right."""
_STATES = {State.SEEN: "seen", State.MISSING: "missing", State.UNKNOWN: "unknown"}


def data(images: Sequence[Image]) -> dict[str, Json]:
    """The images and their links, for programs: details are Markdown, a link that is written nowhere has no place."""
    return {"images": [{"name": one.name, "links": [_link(link) for link in one.links]} for one in images]}


def _link(link: Link) -> Json:
    return {
        "kind": link.kind.value,
        "state": link.state.value,
        "path": link.place.path if link.place else None,
        "line": link.place.line if link.place else None,
        "detail": link.detail,
    }


def text(images: Sequence[Image], terminal: Terminal, unreadable: Sequence[Unreadable] = ()) -> str:
    """Each image with its links, one a line, how many there are of what, and what may be missing because of a file."""
    blocks = ["\n".join(_image(image, terminal)) for image in images]
    blocks.append(_summary(images) if images else "No image is built, pushed, declared or deployed here")
    blocks += ["\n".join(unreadable_lines(unreadable))] if unreadable else []
    return "\n\n".join(blocks) + "\n"


def _image(image: Image, terminal: Terminal) -> Iterator[str]:
    yield terminal.paint(_BOLD, printable(image.name))
    details = [printable(plain(link.detail)) for link in image.links]
    column = min(max(map(width_of, details)), _WIDEST)
    told: set[Kind] = set()
    for link, detail in zip(image.links, details, strict=True):
        word = "" if link.kind in told else WORDS[link.kind]
        told.add(link.kind)
        place = _where(link.place) if link.place else ""
        blanks = " " * (column - width_of(detail))
        sign = terminal.paint(_COLOURS[link.state], SIGNS[link.state])
        yield f"  {word:8}  {sign} {detail}{blanks}  {terminal.paint(_DIM, place)}".rstrip()


def _where(place: Location) -> str:
    is_own = elsewhere(place.path) is None
    return printable(f"{place.path}:{place.line}" if is_own else placed(place.path, place.line))


def _summary(images: Sequence[Image]) -> str:
    states = [link.state for image in images for link in image.links]
    listed = ", ".join(f"{states.count(state)} {word}" for state, word in _STATES.items() if state in states)
    return f"{counted(len(images), 'image')}; {counted(len(states), 'link')}: {listed}"


MOST_IN_DIAGRAM = 40
"""Images in one diagram. Mermaid takes 50,000 characters and 500 edges, unless it is told otherwise:
https://mermaid.js.org/config/schema-docs/config.html"""
_LINES = 4
"""Lines of a node below its word."""
_LONGEST = 60
"""Characters of such a line."""
_PLAIN = frozenset(" ./:,()+=…✓✗?")


def mermaid(images: Sequence[Image]) -> str:
    """The images as a flowchart: a row for each, a node for each kind of link.

    https://mermaid.js.org/syntax/flowchart.html
    """
    lines = ["flowchart TB"]
    for number, image in enumerate(images[:MOST_IN_DIAGRAM]):
        lines += _row(f"i{number}", image)
    more = len(images) - MOST_IN_DIAGRAM
    if more > 0:
        lines.append(f'  more["and {counted(more, "more image")}"]')
    if not images:
        lines.append('  none["no image is built, pushed, declared or deployed here"]')
    lines += [
        "  classDef missing stroke:#d1242f,stroke-width:3px",
        "  classDef unknown stroke-dasharray:4 4",
    ]
    return "\n".join(lines) + "\n"


def _row(name: str, image: Image) -> Iterator[str]:
    yield f'  subgraph {name}["{_label(image.name)}"]'
    yield "    direction LR"
    nodes = [f"{name}{kind.value}" for kind in Kind]
    for node, kind in zip(nodes, Kind, strict=True):
        links = image.of(kind)
        states = {link.state for link in links}
        state = next(one for one in (State.MISSING, State.SEEN, State.UNKNOWN) if one in states)
        style = "" if state is State.SEEN else f":::{state.value}"
        yield f'    {node}["{"<br/>".join(_node(kind, links))}"]{style}'
    yield f"    {' --> '.join(nodes)}"
    yield "  end"


def _node(kind: Kind, links: Sequence[Link]) -> Iterator[str]:
    told = list(
        dict.fromkeys(f"{SIGNS[link.state]} {plain(link.what or link.why)}".strip() for link in links)
    )
    yield f"{WORDS[kind]}"
    yield from map(_label, told[:_LINES])
    if len(told) > _LINES:
        yield f"and {len(told) - _LINES} more"


def _label(words: str) -> str:
    """Text of a quoted label: all that could mean something there as an entity of Mermaid's.

    Two dollars would begin a formula all the same, unless something stands between them: a word joiner.
    """
    shown = printable(words)
    shown = shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"
    encoded = "".join(sign if sign.isalnum() or sign in _PLAIN else f"#{ord(sign)};" for sign in shown)
    return encoded.replace("#36;", "#36;#8288;")
