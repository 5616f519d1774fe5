"""One joined line, split into keyword, flags and arguments the way its instruction wants it."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from checks.source.dockerfile.heredocs import HeredocWord
from checks.source.dockerfile.lines import Logical
from checks.source.dockerfile.pattern import SubstitutionError
from checks.source.dockerfile.refusals import RefusedError, code
from checks.source.dockerfile.substitution import expand
from checks.source.dockerfile.tree import Field, Flag, Form, Instruction, Pair, ShellText, Word
from checks.source.dockerfile.words import (
    BLANKS,
    FlagPiece,
    FlagScanner,
    NotStringsError,
    Piece,
    blank_separated,
    comma_separated,
    json_strings,
    quoted_words,
    trim,
)
from checks.source.golang import SPACE
from checks.source.text import Span

_WITH_FIELDS = frozenset({"mount", "device"})


class Syntax:
    """A line, and how to read the rest of it."""

    def __init__(self, line: Logical, escape: str) -> None:
        self._line = line
        self._text = line.text
        self._escape = escape

    def instruction(self) -> Instruction:
        """The instruction; unknown ones have no arguments. `RefusedError` as `CannotRead`."""
        start, end = trim(self._text, 0, len(self._text))
        return self._instruction(start, end, self._line.whole)

    def _instruction(self, start: int, end: int, whole: Span) -> Instruction:
        blanks = BLANKS.search(self._text, start, end)
        behind = blanks.start() if blanks else end
        scanner = FlagScanner(self._text, blanks.end() if blanks else end, end, self._escape)
        at, end = trim(self._text, scanner.behind, end)
        written = self._text[start:behind]
        read = _READERS.get(written.lower())
        bare = Instruction(
            keyword=written.upper() if read else written,
            keyword_span=self._line.span(start, behind),
            span=whole,
            arguments_span=self._line.span(at, end),
            flags=tuple(self._flag(flag) for flag in scanner.flags),
        )
        return read(self, bare, at, end) if read else bare

    def _flag(self, flag: FlagPiece) -> Flag:
        name, equals, value = flag.value.partition("=")
        span = self._line.span(flag.start, flag.end)
        if not equals:
            return Flag(name[2:], None, span, None)
        value_at = len(name) + 1
        value_span = self._line.span(*flag.part(value_at, len(flag.value)))
        fields = self._fields(flag, value_at, value) if name[2:] in _WITH_FIELDS else ()
        return Flag(name[2:], value, span, value_span, fields)

    def _fields(self, flag: FlagPiece, offset: int, value: str) -> tuple[Field, ...]:
        fields: list[Field] = []
        for start, end, content in comma_separated(value) or ():
            key, equals, rest = content.partition("=")
            behind = start + value[start:end].find("=") + 1
            fields.append(
                Field(
                    key.lower(),
                    rest if equals else None,
                    self._line.span(*flag.part(offset + start, offset + end)),
                    self._line.span(*flag.part(offset + behind, offset + end)) if equals else None,
                )
            )
        return tuple(fields)

    def _word(self, piece: Piece, expands: bool = True) -> Word:
        span = self._line.span(piece.start, piece.end)
        literal = expand(piece.value, lambda _: None, self._escape) if expands else piece.value
        return Word(piece.value, span, literal)

    def _whole(self, start: int, end: int) -> Piece:
        return Piece(start, end, self._text[start:end])

    def _json(self, start: int, end: int) -> list[Piece] | None:
        try:
            return json_strings(self._text, start, end)
        except NotStringsError as error:
            place = self._line.place(start)
            raise RefusedError(place, "a JSON array holds something else than strings") from error

    def text_argument(self, bare: Instruction, start: int, end: int) -> Instruction:
        """`USER`, `WORKDIR`, …: all that follows is one argument."""
        if start == end:
            return bare
        word = self._word(self._whole(start, end), expands=bare.keyword != "MAINTAINER")
        return replace(bare, arguments=(word,))

    def words(self, bare: Instruction, start: int, end: int) -> Instruction:
        """`FROM`, `EXPOSE`: blanks separate the arguments."""
        return replace(bare, arguments=tuple(map(self._word, blank_separated(self._text, start, end))))

    def json_or_words(self, bare: Instruction, start: int, end: int) -> Instruction:
        """`COPY`, `ADD`, `VOLUME`."""
        strings = self._json(start, end)
        pieces = blank_separated(self._text, start, end) if strings is None else strings
        words = tuple(map(self._word, pieces))
        if bare.keyword != "VOLUME":
            words = tuple(map(_told_from_heredoc, words))
        return replace(bare, arguments=words, form=Form.SHELL if strings is None else Form.EXEC)

    def command(self, bare: Instruction, start: int, end: int) -> Instruction:
        """`RUN`, `CMD`, `ENTRYPOINT`, `SHELL`: a JSON array, or a line for a shell."""
        return self._command(bare, start, end, ())

    def _command(self, bare: Instruction, start: int, end: int, before: tuple[Word, ...]) -> Instruction:
        strings = self._json(start, end)
        if strings is not None:
            words = tuple(self._word(piece, expands=False) for piece in strings)
            return replace(bare, arguments=before + words, form=Form.EXEC)
        if start == end:
            return replace(bare, arguments=before, form=Form.SHELL)
        span = self._line.span(start, end)
        line = Word(self._text[start:end], span, None)
        shell = None if bare.keyword == "SHELL" else ShellText(self._line.masked(start, end), span)
        return replace(bare, arguments=(*before, line), form=Form.SHELL, shell=shell)

    def healthcheck(self, bare: Instruction, start: int, end: int) -> Instruction:
        """`HEALTHCHECK NONE`, `HEALTHCHECK CMD …`."""
        if start == end:
            return bare
        behind = start
        while behind < end and self._text[behind] not in SPACE:
            behind += 1
        kind = self._word(self._whole(start, behind), expands=False)
        at, end = trim(self._text, behind, end)
        if at == end:
            return replace(bare, arguments=(kind,))
        return self._command(bare, at, end, (kind,))

    def onbuild(self, bare: Instruction, start: int, end: int) -> Instruction:
        """`ONBUILD` and the instruction that runs later; another `ONBUILD` in it is not followed."""
        if start == end:
            return bare
        blanks = BLANKS.search(self._text, start, end)
        if self._text[start : blanks.start() if blanks else end].lower() == "onbuild":
            raise RefusedError(self._line.place(start), "`ONBUILD` triggers another `ONBUILD`")
        return replace(
            bare, trigger=self._instruction(start, end, Span(self._line.place(start), bare.span.end))
        )

    def args(self, bare: Instruction, start: int, end: int) -> Instruction:
        """`ARG name name=default`."""
        words = quoted_words(self._text, start, end, self._escape)
        return replace(bare, pairs=tuple(map(self._pair, words)))

    def key_values(self, bare: Instruction, start: int, end: int) -> Instruction:
        """`ENV` and `LABEL`: `name=value …`, or the old `name value`."""
        words = quoted_words(self._text, start, end, self._escape)
        if not words:
            return bare
        if "=" not in words[0].value:
            return replace(bare, pairs=(self._old_pair(bare, start, end),))
        for word in words:
            if "=" not in word.value:
                place = self._line.place(word.start)
                raise RefusedError(place, f"{code(word.value)} of `{bare.keyword}` has no `=`")
        return replace(bare, pairs=tuple(map(self._pair, words)))

    def _pair(self, word: Piece) -> Pair:
        name, equals, value = word.value.partition("=")
        behind = word.start + len(name)
        return Pair(
            self._word(Piece(word.start, behind, name)),
            self._word(Piece(behind + 1, word.end, value)) if equals else None,
            self._line.span(word.start, word.end),
            equals,
        )

    def _old_pair(self, bare: Instruction, start: int, end: int) -> Pair:
        blanks = BLANKS.search(self._text, start, end)
        if not blanks:
            raise RefusedError(self._line.place(start), f"`{bare.keyword}` needs a name and a value")
        name = self._word(self._whole(start, blanks.start()))
        value = self._word(self._whole(blanks.end(), end))
        return Pair(name, value, self._line.span(start, end), " ")


def _told_from_heredoc(word: Word) -> Word:
    try:
        is_heredoc = HeredocWord.parse(word.value) is not None
    except SubstitutionError:
        return word
    return Word(word.value, word.span, None, is_heredoc=True) if is_heredoc else word


_READERS: dict[str, Callable[[Syntax, Instruction, int, int], Instruction]] = {
    "add": Syntax.json_or_words,
    "arg": Syntax.args,
    "cmd": Syntax.command,
    "copy": Syntax.json_or_words,
    "entrypoint": Syntax.command,
    "env": Syntax.key_values,
    "expose": Syntax.words,
    "from": Syntax.words,
    "healthcheck": Syntax.healthcheck,
    "label": Syntax.key_values,
    "maintainer": Syntax.text_argument,
    "onbuild": Syntax.onbuild,
    "run": Syntax.command,
    "shell": Syntax.command,
    "stopsignal": Syntax.text_argument,
    "user": Syntax.text_argument,
    "volume": Syntax.json_or_words,
    "workdir": Syntax.text_argument,
}
