"""GitHub's Markdown, of parts that nothing from a repository can break out of.

Values from a repository stand in code spans and fences of computed length. Sentences of ours are
escaped nevertheless outside of their code spans: a check that forgets `code()` must not let a pull
request mention people, link, or write HTML in the name of the App.
https://spec.commonmark.org/0.31.2/ and https://github.github.com/gfm/
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote

from app.report.suggestion import Change
from checks.check import code
from checks.source.snapshot import elsewhere

MAX_BODY = 65_535
"""Characters that GitHub takes for a body of a comment (it says 65,536) or a part of a check run."""
MAX_DIFF_LINES = 60
"""Lines of a diff in a comment; a longer one is read in the file."""
MAX_SENTENCE = 4_000
"""Characters of a sentence; ours have some hundred."""
MAX_LINE = 400
"""Characters of a line in a diff or a suggestion's surroundings."""

_SPAN = re.compile(r"(?<!`)(`+)(?!`)([^\n]*?[^`\n])\1(?!`)")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)
_JOINER = "\u200d"
"""Shows nothing and keeps `@name`, `#1` and addresses from becoming links; a backslash doesn't."""
_SPECIAL = re.compile(r"[\\`*_~|\[\]<>&]")
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
_LINKING = re.compile(r"[@#]|:(?=//)")
_DOTTED = re.compile(r"(?<=gh)-(?=\d)|(?<=www)\.|(?<=mailto):|(?<=xmpp):", re.IGNORECASE)
_HIDDEN = "\ufffd"
"""Stands in a value for what would not be seen."""
_BLOCK = re.compile(r"\s*(?:[-+=/]|\d{1,9}[.)])")
"""Begins a list, a rule or, for one App or another, a command."""


def visible(text: str) -> str:
    """`text` without characters that show nothing or reorder what is shown; line breaks and tabs stay."""
    return _INVISIBLE.sub("", text.replace("\r\n", "\n"))


def prose(sentence: str) -> str:
    """A sentence of ours on one line: its code spans as they are, all else with no meaning in Markdown."""
    text = "".join(
        f"{ticks}{inside}{ticks}" if ticks else _inert(inside) for ticks, inside in _parts(sentence)
    )
    block = _BLOCK.match(text)
    return f"{text[: block.end() - 1]}\\{text[block.end() - 1 :]}" if block else text


def inline_html(sentence: str) -> str:
    """The same for a place that shows HTML and no Markdown: `<summary>`."""
    return "".join(
        f"<code>{html.escape(_shown(inside))}</code>" if ticks else html.escape(_joined(inside), quote=False)
        for ticks, inside in _parts(sentence)
    )


def _parts(sentence: str) -> Iterator[tuple[str, str]]:
    """The code spans of a sentence, with their backticks, and what stands between them, without any."""
    line = " ".join(sentence[:MAX_SENTENCE].split())
    at = 0
    for match in _SPAN.finditer(line):
        yield "", visible(line[at : match.start()])
        yield match[1], _INVISIBLE.sub(_HIDDEN, match[2])
        at = match.end()
    yield "", visible(line[at:])


def _inert(text: str) -> str:
    return _SPECIAL.sub(lambda match: _ENTITIES.get(match[0], "\\" + match[0]), _joined(text))


def _joined(text: str) -> str:
    return _DOTTED.sub(
        lambda match: _JOINER + match[0], _LINKING.sub(lambda match: f"{match[0]}{_JOINER}", text)
    )


def _shown(inside: str) -> str:
    """What a code span shows: one blank on both sides belongs to the delimiters."""
    return inside[1:-1] if inside[:1] == inside[-1:] == " " and inside.strip() else inside


def cell(markdown: str) -> str:
    """Inline Markdown in a table: a pipe ends a cell, even in a code span, unless an odd number of
    backslashes stands before it."""
    return re.sub(r"(?<!\\)((?:\\\\)*)\|", r"\1\\|", markdown)


def fenced(content: str, info: str) -> str:
    """A code block that nothing in `content` ends."""
    longest = max((len(run) for run in re.findall("`+", content)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{info}\n{content}{'' if not content or content.endswith(chr(10)) else chr(10)}{fence}"


def suggested(lines: Sequence[str]) -> str:
    """GitHub's suggestion block; no lines delete, one empty line blanks."""
    return fenced("".join(f"{line}\n" for line in lines), "suggestion")


def diff(changes: Iterable[Change]) -> str:
    """Changes of one file as a block that shows what goes and what comes."""
    lines: list[str] = []
    listed = tuple(changes)
    for change in listed:
        if len(listed) > 1:
            lines.append(f"@@ line {change.line} @@")
        lines += [f"-{_short(line)}" for line in change.old]
        lines += [f"+{_short(line)}" for line in change.new]
    more = len(lines) - MAX_DIFF_LINES
    if more > 0:
        lines = [*lines[:MAX_DIFF_LINES], f"@@ and {more} more lines @@"]
    return fenced("\n".join(lines), "diff")


def _short(line: str) -> str:
    shown = _INVISIBLE.sub(_HIDDEN, line.rstrip("\r"))
    return shown if len(shown) <= MAX_LINE else shown[: MAX_LINE - 1] + "…"


def details(summary: str, body: str) -> str:
    """A part that opens on a click. `summary` is inline HTML, `body` Markdown."""
    return f"<details><summary>{summary}</summary>\n\n{body}\n</details>"


def link(text: str, address: str) -> str:
    """A link to an address of ours; `text` is inline Markdown. Without an address the text alone."""
    return f"[{text}]({address})" if address else text


def permalink(repository: str, sha: str, path: str, line: int) -> str:
    """The address of a line at a commit; `repository` is the repository's own address."""
    return line_of(f"{repository}/blob/{sha}" if repository else "", path, line)


def line_of(files: str, path: str, line: int) -> str:
    """The address of a line of a file below the address `files`; empty without one."""
    return f"{files}/{quote(path, safe='/')}#L{line}" if files else ""


def place(path: str, line: int) -> str:
    """A place in words: the path in a code span and the line, and the repository if it is another one."""
    other = elsewhere(path)
    return f"{code(other[1])} line {line} in {code(other[0])}" if other else f"{code(path)} line {line}"


def budgeted(blocks: Iterable[str], budget: int, more: str) -> list[str]:
    """As many `blocks` as fit in `budget` characters, each with a line break after it.

    Where some are left out the last is `more` with their number for `{}`.
    """
    every = list(blocks)
    kept: list[str] = []
    left = budget - len(more) - 12
    for block in every:
        left -= len(block) + 1
        if left < 0:
            return [*kept, more.format(f"{len(every) - len(kept):,}")]
        kept.append(block)
    return kept


def sections(parts: Iterable[str], budget: int = MAX_BODY) -> str:
    """Blocks of Markdown one after the other; a part that no longer fits is left out whole."""
    return "\n\n".join(_fitting(parts, budget))


def _fitting(parts: Iterable[str], budget: int) -> Iterator[str]:
    left = budget
    for part in parts:
        if part and len(part) + 2 <= left:
            left -= len(part) + 2
            yield part


def counted(number: int, one: str, many: str = "") -> str:
    """A number before its noun: "1 finding", "1,204 findings"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
