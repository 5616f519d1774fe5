"""Lines of Dockerfiles that scripts and workflows name to the letter, or a `FROM` by how it begins: what looks for one finds it no
more once it says something else."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping

from checks.regex import regex
from checks.source.snapshot import Edit
from checks.source.text import Location, Span, Text

_WORDS = 3
"""Words of a line that is known by them, as of `FROM node:24 AS web`: two may stand anywhere."""
_BEFORE_PATTERNS = frozenset("^/'\"|")
"""What stands before a line that is looked for, and not before one of another Dockerfile, which a script writes."""

_INSTRUCTION = regex(
    r"(?:ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|ONBUILD|RUN|SHELL|USER|VOLUME|WORKDIR)\s"
)
_GOES_ON = regex(r"[\w-]|[ \t]+[^\s\\]")
"""Behind a line where another one begins with the same words."""
_EDITS = regex(r"(?i:docker|container)file|\b(?:awk|grep|perl|sed)\b")
_SPACE = r"(?:\\s|\[\[:(?:blank|space):\]\])"
_BEGINNING = regex(
    rf"(?P<ahead>[\^/'\"|#,@{{(])FROM(?:[ \t]|{_SPACE})[+*]?(?P<rest>(?:[\w./:@ -]|\\[^\w\s]){{1,200}})(?P<end>\$|{_SPACE}(?![*?]))?"
)
"""How a `FROM` begins that is looked for, up to what stands for more than itself, or what it is replaced by."""
_EDITORS = regex(r"\b(?:awk|grep|perl|sed)\b")
_NEAR = 300
"""Characters to either side in which such a word is looked for, on the line."""


def line_named(edits: Iterable[Edit], texts: Mapping[str, Text], others: Iterable[Text]) -> Location | None:
    """The first place in other texts that holds a line which edits take away, as the address of a `sed` does."""
    edits = [edit for edit in edits if edit.path in texts]
    moved = {line.strip() for edit in edits for line in edit.replacement.split("\n")}
    gone = dict.fromkeys(
        line for edit in edits for line in _gone(edit, texts[edit.path]) if line not in moved
    )
    bases = [(_bases(old), _bases(new)) for old, new in (_around(edit, texts[edit.path]) for edit in edits)]
    for other in others if gone or any(old for old, _ in bases) else ():
        found = (
            it for line in gone for it in _places(line, other.content) if _is_sought(line, other.content, it)
        )
        by_base = (span for begin, span in _beginnings(other.content) if _is_lost(begin, bases))
        span = next(itertools.chain(found, by_base), None)
        if span is not None:
            return Location(other, span)
    return None


def is_base_sought(line: str, script: str) -> bool:
    """Whether a script looks for a `FROM` by how it begins, or by the whole of it."""
    return any(f"{line}\n".startswith(begin) for begin, _ in _beginnings(script))


def _beginnings(content: str) -> Iterator[tuple[str, Span]]:
    """How lines begin that are looked for, to their ends perhaps, and where."""
    for found in _BEGINNING.finditer(content):
        before = content[max(0, found.start() - _NEAR) : found.start()].rpartition("\n")[2]
        if _EDITORS.search(before):
            rest = _within(before[-1:] if found["ahead"] == "^" else found["ahead"], found["rest"])
            end = {None: "", "$": "\n"}.get(found["end"], " ") if rest == found["rest"] else ""
            yield f"FROM {rest}{end}".replace("\\", ""), Span(found.start() + 1, found.end("rest"))


def _within(delimiter: str, rest: str) -> str:
    """Of `a/FROM b`, as `s/FROM a/FROM b/` has it, what is ahead of the `/`; a `/` of `s|FROM a/b|` ends nothing."""
    end = re.search(rf"(?<!\\){delimiter}", rest) if delimiter in ("/", "@") else None
    return rest if end is None else rest[: end.start()]


def _places(line: str, content: str) -> Iterator[Span]:
    start = content.find(line)
    while start >= 0:
        yield Span(start, start + len(line))
        start = content.find(line, start + len(line))


def _is_sought(line: str, content: str, at: Span) -> bool:
    """Whether a place looks for a line; of one inside a `RUN` other scripts may have the command for themselves."""
    if at.start == 0 or content[at.start - 1] not in _BEFORE_PATTERNS or _GOES_ON.match(content, at.end):
        return False
    before = content[max(0, at.start - _NEAR) : at.start].rpartition("\n")[2]
    behind = content[at.end : at.end + _NEAR].partition("\n")[0]
    return bool(_INSTRUCTION.match(line) or _EDITS.search(before) or _EDITS.search(behind))


def _gone(edit: Edit, text: Text) -> Iterator[str]:
    """The lines that an edit touches and of which the whole stands nowhere in what takes their place."""
    old, new = _around(edit, text)
    for line in map(str.strip, old.split("\n")):
        if len(line.split()) >= _WORDS and line not in new and not line.startswith("#"):
            yield line


def _around(edit: Edit, text: Text) -> tuple[str, str]:
    """The lines that an edit touches, and what takes their place."""
    start = text.content.rfind("\n", 0, edit.span.start) + 1
    end = text.content.find("\n", edit.span.end)
    end = len(text.content) if end < 0 else end
    new = f"{text.content[start : edit.span.start]}{edit.replacement}{text.content[edit.span.end : end]}"
    return text.content[start:end], new


def _bases(lines: str) -> list[str]:
    """Those with `FROM`, with their ends."""
    words = (line.split() for line in lines.split("\n"))
    return [" ".join(one) + "\n" for one in words if one[:1] == ["FROM"]]


def _is_lost(begin: str, bases: Iterable[tuple[list[str], list[str]]]) -> bool:
    """Whether no line begins so any more of those that take the place of one that does."""
    return any(
        any(line.startswith(begin) for line in old) and not any(line.startswith(begin) for line in new)
        for old, new in bases
    )
