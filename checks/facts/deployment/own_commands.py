"""Containers of Kubernetes that have a command in place of the one of their image.

https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Iterator
from itertools import zip_longest

from checks.facts.deployment.pods import Pod
from checks.record import Record
from checks.regex import regex
from checks.source.text import Location

_KEY = regex(r"(?P<indent>[ ]*(?:-[ ]+)?)(?P<name>[A-Za-z]\w{0,60}):(?P<rest>.*)")
_BLANK = regex(r"\s*(?:#.*)?")
_CONTROL = regex(r"\s*\{\{-?\s*(?P<word>if|with|range|define|block|end|else)\b")
_REPLACES = {"command": ("CMD", "ENTRYPOINT"), "args": ("CMD",)}
"""What each key of a container replaces of its image."""


class Container(Record, eq=False):
    """A container, as far as its lines are understood."""

    chart: str
    """The folder of the chart, or of the manifest."""
    image: str | None
    """Its last part; None for one that can't be read."""
    replaces: frozenset[str]
    """The keywords of the Dockerfile in whose place it certainly has something else."""
    lines: str


def containers_of(pods: Iterable[Pod]) -> tuple[Container, ...]:
    """The containers of manifests and charts; one that is said in another way than in lines of its own replaces nothing."""
    return tuple(
        _container(image, place) for pod in pods for image, place in zip(pod.images, pod.places, strict=True)
    )


def have_own_command(
    keyword: str, names: Collection[str], files: Collection[str], containers: Collection[Container]
) -> bool:
    """Whether the containers that run an image all have something in place of an instruction.

    They are those with its name, and those of images whose name can't be read that name all `files`, which no other image has.
    In charts of theirs no other container of such an image may be without.
    """
    own = [
        one
        for one in containers
        if (one.image in names if one.image else files and all(name in one.lines for name in files))
    ]
    charts = {one.chart for one in own}
    may_be = (one for one in containers if one.image is None and one.chart in charts)
    return bool(own) and all(keyword in one.replaces for one in (*own, *may_be))


def _container(image: str | None, place: Location) -> Container:
    folder, in_chart, _ = place.path.partition("/templates/")
    lines = _lines_around(place)
    return Container(
        folder if in_chart else posixpath.dirname(place.path),
        image.rpartition("/")[2] if image else None,
        frozenset(word for key in _certain_keys(lines) for word in _REPLACES.get(key, ())),
        "\n".join(lines),
    )


def _lines_around(place: Location) -> list[str]:
    """The lines of the item of a sequence in which an `image:` stands; none where it stands in none."""
    lines = place.text.content.splitlines()
    at = place.line - 1
    found = _KEY.fullmatch(lines[at])
    if found is None or found["name"] != "image":
        return []
    indent = len(found["indent"])
    start = next((number for number in range(at, -1, -1) if not _is_inside(lines[number], indent)), None)
    if start is None or not _begins(lines[start], indent):
        return []
    end = next(
        (number for number in range(start + 1, len(lines)) if not _is_inside(lines[number], indent)),
        len(lines),
    )
    return lines[start:end]


def _is_inside(line: str, indent: int) -> bool:
    is_open = _BLANK.fullmatch(line) or line.lstrip().startswith("{{")
    return bool(is_open) or len(line) - len(line.lstrip(" ")) >= indent


def _begins(line: str, indent: int) -> bool:
    found = _KEY.fullmatch(line)
    return found is not None and "-" in found["indent"] and len(found["indent"]) == indent


def _certain_keys(lines: list[str]) -> Iterator[str]:
    """The keys of an item that are there whatever values a template is given, and that have one."""
    first = _KEY.fullmatch(lines[0]) if lines else None
    depth = 0
    for line, after in zip_longest(lines, lines[1:], fillvalue=""):
        found, control = _KEY.fullmatch(line), _CONTROL.match(line)
        if control is not None:
            depth += {"end": -1, "else": 0}.get(control["word"], 1)
        if found is None or first is None or len(found["indent"]) != len(first["indent"]) or depth:
            continue
        written = found["rest"].strip() or _value_below(after, len(found["indent"]))
        if written and not written.startswith(("{{", "#", "null", "~", "[]")):
            yield found["name"]


def _value_below(line: str, indent: int) -> str:
    """What stands in the line behind a key, if it belongs to that."""
    written = line.lstrip(" ")
    own = len(line) - len(written)
    return written if own > indent or (own == indent and written.startswith("- ")) else ""
