"""How far a long command is, on standard error: a bar on a terminal, elsewhere a line for each step."""

from __future__ import annotations

from typing import TextIO

from msgspec import Struct

from app.report.plain import printable

_BAR = 24
"""Characters."""
_CLEAR = "\r\x1b[K"
"""To the line's begin, and away with what stands there: https://www.xfree86.org/current/ctlseqs.html"""


class Progress(Struct):
    """Of `total` steps, some of which may be done already."""

    stream: TextIO
    total: int
    done: int = 0
    width: int = 80
    """Characters of a line of the terminal."""

    def step(self, words: str) -> None:
        """One more is done: `words` say which, and what came of it."""
        self.done += 1
        if self.stream.isatty():
            self.stream.write(f"{_CLEAR}{self._bar(words)}")
        else:
            self.stream.write(f"{self.done}/{self.total} {printable(words)}\n")
        self.stream.flush()

    def say(self, words: str) -> None:
        """A line that stays."""
        self.stream.write(f"{_CLEAR if self.stream.isatty() else ''}{printable(words)}\n")
        self.stream.flush()

    def end(self) -> None:
        """The bar has done its work."""
        if self.stream.isatty():
            self.stream.write(_CLEAR)
            self.stream.flush()

    def _bar(self, words: str) -> str:
        filled = _BAR * self.done // max(self.total, 1)
        line = f"{'█' * filled}{'░' * (_BAR - filled)} {self.done}/{self.total} {printable(words)}"
        return line[: self.width - 1]
