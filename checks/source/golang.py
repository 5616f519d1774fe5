"""What Go's standard library does to text, where BuildKit leaves it to it."""

from __future__ import annotations

from collections.abc import Iterator

from checks.source.text import CannotRead, Span, Text

SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
"""What `unicode.IsSpace` takes for white space; Python's `str.isspace` knows four characters more."""

MAX_LINE_BYTES = 65_535
"""`bufio.MaxScanTokenSize` less the line feed: BuildKit refuses a file with a longer line."""

_MAX_UTF8_WIDTH = 4


def lines(text: Text) -> Iterator[Span]:
    """The lines of a file, line feeds left out, a byte order mark left out of the first.

    `CannotRead` at a line that is longer than BuildKit reads.
    """
    content = text.content
    start = 1 if content.startswith("\ufeff") else 0
    while start < len(content):
        feed = content.find("\n", start)
        end = feed if feed >= 0 else len(content)
        if (end - start) * _MAX_UTF8_WIDTH > MAX_LINE_BYTES:
            _check_length(text, start, end)
        yield Span(start, end)
        start = end + 1


def _check_length(text: Text, start: int, end: int) -> None:
    if len(text.content[start:end].encode(errors="replace")) > MAX_LINE_BYTES:
        raise CannotRead(text.path, text.line_of(start), f"a line is longer than {MAX_LINE_BYTES:,} bytes")


def clean_path(path: str) -> str:
    """The shortest path that is lexically the same, as `path/filepath.Clean` makes it."""
    rooted = path.startswith("/")
    kept: list[str] = []
    for part in path.split("/"):
        if part == ".." and kept and kept[-1] != "..":
            kept.pop()
        elif part not in ("", ".") and not (part == ".." and rooted):
            kept.append(part)
    return "/" * rooted + "/".join(kept) or "."
