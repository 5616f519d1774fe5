"""Lines of Dockerfiles that scripts and workflows name to the letter: what looks for one finds it no more once it says something else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from checks.source.snapshot import Edit
from checks.source.text import Location, Span, Text

_WORDS = 3
"""Words of a line that is known by them, as of `FROM node:24 AS web`: two may stand anywhere."""
_BEFORE_PATTERNS = frozenset("^/'\"|")
"""What stands before a line that is looked for, and not before one of another Dockerfile, which a script writes."""


def line_named(edits: Iterable[Edit], texts: Mapping[str, Text], others: Iterable[Text]) -> Location | None:
    """The first place in other texts that holds a line which edits take away, as the address of a `sed` does."""
    gone = dict.fromkeys(
        line for edit in edits if edit.path in texts for line in _gone(edit, texts[edit.path])
    )
    for other in others if gone else ():
        for line in gone:
            start = other.content.find(line)
            if start > 0 and other.content[start - 1] in _BEFORE_PATTERNS:
                return Location(other, Span(start, start + len(line)))
    return None


def _gone(edit: Edit, text: Text) -> Iterator[str]:
    """The lines that an edit touches and of which the whole stands nowhere in what takes their place."""
    start = text.content.rfind("\n", 0, edit.span.start) + 1
    end = text.content.find("\n", edit.span.end)
    end = len(text.content) if end < 0 else end
    new = f"{text.content[start : edit.span.start]}{edit.replacement}{text.content[edit.span.end : end]}"
    for line in map(str.strip, text.content[start:end].split("\n")):
        if len(line.split()) >= _WORDS and line not in new and not line.startswith("#"):
            yield line
