"""The old form of `ENV` and `LABEL`, with a blank between name and value, and the same in the new one.

https://docs.docker.com/reference/build-checks/legacy-key-value-format/
"""

from __future__ import annotations

from collections.abc import Mapping

from checks.facts.dockerfile.dockerfiles import Dockerfile, Instruction, Pair
from checks.regex import regex
from checks.source.snapshot import Edit
from checks.source.text import Span

_PLAIN = regex(r"[\w./:@%+,=~${}*#?&;!|<>\[\]^-]+|\"[^\"\\\n]*\"|'[^'\\`\n]*'")
"""What means the same behind `=`, as it stands: only quotes, escapes and blanks are more than themselves there, and one pair of quotes around all of it is taken off in both forms.

A `#` begins a comment at the start of a line alone.
https://github.com/moby/buildkit/blob/master/frontend/dockerfile/parser/line_parsers.go
"""
_PARTED = regex(r"[ \t]+=[ \t]+(?P<value>\"[^\"\\\n]*\"|'[^'\\\n]*'|[\w./:@%+,~${}*-]+)")
"""A value behind an equals sign that stands alone."""
_WORDS = regex(r"[\w./:@%+,=~${}*#?&;!|<>\[\]^() -]+")
"""What does so in quotes."""
_WITHOUT_CHECKS = regex(r"(?:docker\.io/)?docker/dockerfile(?:-upstream)?:1\.[0-7](?![0-9])")
"""Frontends before 1.8, of June 2024, with which the checks came."""


def warns_of_nothing(dockerfile: Dockerfile) -> bool:
    """Whether the frontend that the file names is older than the warnings of builds."""
    syntax = dockerfile.source.directive("syntax")
    return syntax is not None and _WITHOUT_CHECKS.match(syntax.value) is not None


def is_old(it: Instruction) -> bool:
    """Whether an instruction has its only value behind a blank."""
    pair = it.pairs[0] if len(it.pairs) == 1 and it.keyword in ("ENV", "LABEL") else None
    return pair is not None and pair.value is not None and pair.separator != "="


def set_above(dockerfile: Dockerfile) -> Mapping[Instruction, Instruction]:
    """By an `ENV` of one variable that of its stage which has last set this, where that was to the same value."""
    found: dict[Instruction, Instruction] = {}
    for stage in dockerfile.stages:
        last: dict[str, tuple[Instruction, str | None]] = {}
        for it in (one for one in stage.instructions if one.keyword == "ENV"):
            pairs = [(pair.name.value, pair.value.value if pair.value else None) for pair in it.pairs]
            name, value = pairs[0] if len(pairs) == 1 else ("", None)
            above, before = last.get(name, (it, None))
            if value is not None and "$" not in value and before == value:
                found[it] = above
            last.update({name: (it, value) for name, value in pairs})
    return found


def parted(dockerfile: Dockerfile, pair: Pair) -> Edit | None:
    """The pair without the blanks around its `=`; None if it has none there, or a value that has to be looked at."""
    if pair.value is None:
        return None
    span = Span(pair.name.span.end, pair.value.span.end)
    written = _PARTED.fullmatch(dockerfile.text[span])
    return Edit(dockerfile.path, span, f"={written['value']}") if written else None


def rewritten(dockerfile: Dockerfile, pair: Pair) -> Edit | None:
    """The pair in the new form; None where quotes, escapes or continued lines make that doubtful."""
    if pair.value is None:
        return None
    value = dockerfile.text[pair.value.span]
    span = Span(pair.name.span.end, pair.value.span.end)
    if dockerfile.text[Span(span.start, pair.value.span.start)].strip():
        return None
    if _PLAIN.fullmatch(value):
        return Edit(dockerfile.path, span, f"={value}")
    return Edit(dockerfile.path, span, f'="{value}"') if _WORDS.fullmatch(value) else None
