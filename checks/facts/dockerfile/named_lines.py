"""Lines of Dockerfiles that scripts and workflows name to the letter: what looks for one finds it no more once it says something else."""

from __future__ import annotations

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
_NEAR = 300
"""Characters to either side in which such a word is looked for, on the line."""


def line_named(edits: Iterable[Edit], texts: Mapping[str, Text], others: Iterable[Text]) -> Location | None:
    """The first place in other texts that holds a line which edits take away, as the address of a `sed` does."""
    edits = list(edits)
    moved = {line.strip() for edit in edits for line in edit.replacement.split("\n")}
    lost = (line for edit in edits if edit.path in texts for line in _gone(edit, texts[edit.path]))
    gone = dict.fromkeys(line for line in lost if line not in moved)
    for other in others if gone else ():
        for line in gone:
            span = next(
                (it for it in _places(line, other.content) if _is_sought(line, other.content, it)), None
            )
            if span is not None:
                return Location(other, span)
    return None


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
    start = text.content.rfind("\n", 0, edit.span.start) + 1
    end = text.content.find("\n", edit.span.end)
    end = len(text.content) if end < 0 else end
    new = f"{text.content[start : edit.span.start]}{edit.replacement}{text.content[edit.span.end : end]}"
    for line in map(str.strip, text.content[start:end].split("\n")):
        if len(line.split()) >= _WORDS and line not in new and not line.startswith("#"):
            yield line
