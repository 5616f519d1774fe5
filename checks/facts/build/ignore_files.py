"""Ignore files, for checks: what a build context leaves out, and by which pattern."""

from checks.source.dockerignore import Decision, Ignore, Pattern, Refusal
from checks.source.dockerignore import parse as parse_ignore
from checks.source.text import CannotRead, Text

__all__ = [
    "CannotRead",
    "Decision",
    "Ignore",
    "Pattern",
    "Refusal",
    "Text",
    "is_wild",
    "may_match_below",
    "parse_ignore",
    "reaches_into",
]

_WILD = frozenset("*?[\\")


def is_wild(pattern: Pattern) -> bool:
    """Whether it may match more than one path, or another than is written."""
    return not _WILD.isdisjoint(pattern.cleaned)


def may_match_below(pattern: Pattern, path: str) -> bool:
    """Whether a pattern may match something inside a path, should that be a folder."""
    return is_wild(pattern) or pattern.cleaned.startswith(f"{path}/")


def reaches_into(pattern: Pattern, folder: str) -> bool:
    """Whether a pattern may match something inside a folder by the number and the plain names of its parts."""
    written, names = pattern.cleaned.split("/"), folder.split("/")
    deep = next((at for at, part in enumerate(written) if "**" in part), len(written))
    if deep == len(written) <= len(names):
        return False
    pairs = zip(written[:deep], names, strict=False)
    return all(part == name or not _WILD.isdisjoint(part) for part, name in pairs)
