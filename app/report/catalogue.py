"""The catalogue of checks, and the page of one."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import unified_diff
from itertools import groupby

from app.report.data import Json
from app.report.plain import plain
from app.report.text import SEVERITY_COLOURS, Terminal
from checks.check import Check, Example, code, files_of

_BOLD, _DIM, _RED, _GREEN, _CYAN = "1", "2", "31", "32", "36"
_SIGNS = {"-": _RED, "+": _GREEN}


def summary(check: Check) -> dict[str, Json]:
    """What `checks --format json` says of a check."""
    return {
        "id": check.id,
        "aliases": list(check.aliases),
        "title": check.title,
        "severity": check.severity.value,
        "tags": list(check.tags),
        "fixes": check.fix.value if check.fix else None,
        "kinds": [kind.value for kind in check.kinds],
    }


def detail(check: Check) -> dict[str, Json]:
    """The same with its page."""
    return {**summary(check), "page": page(check)}


def page(check: Check) -> str:
    """All that a reader wants to know of a check, as Markdown: its docstring, and its examples.

    The command shows it as it is, and the server as HTML.
    """
    title, _, body = check.doc.strip().partition("\n")
    prose, _, references = textwrap.dedent(body).partition("\nReferences:\n")
    fixes = f"fix: {check.fix.value}" if check.fix else "no fix"
    about = [f"`{check.id}`", check.severity.value, fixes, *check.tags]
    parts = [f"# {title.strip()}", " · ".join(about), prose.strip()]
    if check.aliases:
        parts.append("Called before: " + ", ".join(f"`{alias}`" for alias in check.aliases))
    told = [example for example in check.examples if example.fragments]
    silent = [example for example in check.examples if not example.fragments]
    if told:
        parts += ["## What it finds", *(_example(example) for example in told)]
    if silent:
        parts += ["## What it leaves alone", "\n".join(f"- {example.title}" for example in silent)]
    parts.append(_TO_IGNORE.format(check.id))
    if references:
        parts += ["## References", _BARE.sub(r"- <\1>", references.strip())]
    return "\n\n".join(part for part in parts if part) + "\n"


_TO_IGNORE = """\
## To ignore it

One finding, by a comment that says why, at the end of its line where the syntax has comments there, else alone
on the line above:

    # tidewaiter: ignore[{0}] reason
    # tidewaiter: ignore[{0} until 2027-01-31] reason

All of them, in `.github/tidewaiter.yml`:

    checks:
      {0}: off"""
_BARE = re.compile(r"^- (https?://\S+)$", re.MULTILINE)
"""Markdown itself makes no link of an address that stands for itself."""


def _example(example: Example) -> str:
    """Its files, with what the fix makes of them; then what other fixes make of some."""
    places = ", ".join(code(fragment) for fragment in example.fragments)
    fixed = ", and fixes the first" if len(example.fragments) > 1 else ", and fixes it"
    files = files_of(example.files)
    parts = [f"### {example.title}", f"Finds {places}{fixed if example.fixed else ''}:"]
    parts += _changed(files, {**files, **files_of(example.fixed)})
    for other in example.others:
        parts += ["Or:", *_changed(files, files_of(other))]
    return "\n\n".join(parts)


def _changed(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    """Each file of `after` under its path: as it is, or where its lines change as a diff of the whole file."""
    for path, content in after.items():
        yield f"{code(path)}:"
        old, new = _lines_of(before.get(path, "")), _lines_of(content)
        # All lines are context; what comes before them is the header.
        compared = list(unified_diff(old, new, n=len(old), lineterm=""))[3:]
        yield _fenced(compared, "diff") if compared else _fenced(new, "text")


def _lines_of(content: str) -> list[str]:
    return content.removesuffix("\n").split("\n") if content else []


def _fenced(lines: Sequence[str], language: str) -> str:
    """Lines in a block whose fence is longer than any run of backticks inside."""
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}{language}", *lines, fence])


def listing(checks: Iterable[Check], terminal: Terminal) -> str:
    """All checks for a terminal, by the kind of file that their findings stand in."""
    ordered = sorted(checks, key=lambda check: (check.kinds[0].value, check.id))
    blocks = []
    for kind, group in groupby(ordered, lambda check: check.kinds[0]):
        lines = [terminal.paint(_BOLD, kind.value)]
        for check in group:
            severity = terminal.paint(SEVERITY_COLOURS[check.severity], f"{check.severity.value:7}")
            fix = f"  ({check.fix.value} fix)" if check.fix else ""
            lines += [
                f"  {severity}  {check.id}{terminal.paint(_DIM, fix)}",
                f"           {plain(check.title)}",
            ]
        blocks.append("\n".join(lines))
    count = f"{len(ordered)} check{'' if len(ordered) == 1 else 's'}; `tidewaiter checks CHECK` shows the page of one"
    return "\n\n".join([*blocks, plain(count, "'")]) + "\n"


def rendered(check: Check, terminal: Terminal) -> str:
    """The page of a check for a terminal."""
    return "\n".join(_lines(page(check), terminal)).rstrip("\n") + "\n"


_HEADING = re.compile(r"(#+) +(.+)")
_FENCE = re.compile(r"`{3,}")
_ITEM = re.compile(r"\n(?=- )")
_LINK = re.compile(r"\[([^\]\n]+)\]\((https?://[^)\s]+)\)|<(https?://[^>\s]+)>")


def _lines(markdown: str, terminal: Terminal) -> Iterator[str]:
    """Headings in bold, code indented, code spans and links without their marks."""
    fence, signs = "", dict[str, str]()
    paragraph: list[str] = []
    for line in [*markdown.splitlines(), ""]:
        mark = _FENCE.match(line)
        ends = not line or mark or line.startswith("#") or (line.startswith("    ") and not paragraph)
        if fence or ends:
            yield from _flowing(paragraph, terminal.width)
            paragraph = []
        if mark and (not fence or line.strip() == fence):
            fence, signs = "" if fence else mark[0], _SIGNS if line.endswith("diff") else {}
        elif fence:
            yield f"    {terminal.paint(signs.get(line[:1], _CYAN), line)}".rstrip()
        elif heading := _HEADING.fullmatch(line):
            yield terminal.paint(_BOLD, plain(heading[2]))
        elif ends:
            yield line
        else:
            paragraph.append(line)


def _flowing(paragraph: list[str], width: int) -> Iterator[str]:
    """Prose in lines of at most `width` characters, each item of a list on its own; a code span can reach from one into the next."""
    items = _ITEM.split(_LINK.sub(_target, "\n".join(paragraph))) if paragraph else []
    for item in items:
        indent = "  " if item.startswith("- ") else ""
        yield from textwrap.wrap(
            " ".join(plain(item).split()),
            width,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )


def _target(link: re.Match[str]) -> str:
    return str(link[3]) if link[3] else f"{link[1]} ({link[2]})"
