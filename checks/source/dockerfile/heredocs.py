"""Words that announce a heredoc.

https://docs.docker.com/reference/dockerfile/#here-documents
"""

from __future__ import annotations

from checks.record import Record
from checks.regex import regex
from checks.source.dockerfile.pattern import SubstitutionError
from checks.source.dockerfile.substitution import TooDeepError, unexpanded_words

_HEREDOC = regex(r"(?:[0-9]*)<<(-?)[\t\n\f\r ]*([^<]*)")


class HeredocWord(Record):
    """A word like `<<EOF`, `3<<-"EOF"`."""

    name: str
    expand: bool
    chomp: bool

    @staticmethod
    def parse(word: str) -> HeredocWord | None:
        """The word understood, or None if it announces no heredoc. `SubstitutionError` if its quotes are wrong."""
        match = _HEREDOC.fullmatch(word)
        if not match or not match[2]:
            return None
        names = unexpanded_words(match[2], raw_quotes=False, raw_escapes=False)
        if len(names) != 1:
            return None
        quoted = unexpanded_words(match[2], raw_quotes=True, raw_escapes=False)
        if len(quoted) != 1:
            raise SubstitutionError("quotes in the name of a heredoc do not fit")
        return HeredocWord(names[0], _quotes(names[0]) == _quotes(quoted[0]), bool(match[1]))


def _quotes(word: str) -> int:
    return word.count("'") + word.count('"')


def heredoc_words(line: str) -> list[HeredocWord]:
    """The heredocs that an instruction's whole line announces, in order.

    In a line that BuildKit's little shell does not understand (`${name^^}`, a quote that is never
    closed) there is none. `TooDeepError` where we do not follow.
    """
    try:
        words = unexpanded_words(line, raw_quotes=True, raw_escapes=True)
    except TooDeepError:
        raise
    except SubstitutionError:
        return []
    found = (HeredocWord.parse(word) for word in words if "<<" in word)
    return [heredoc for heredoc in found if heredoc]
