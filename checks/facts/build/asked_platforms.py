"""Platforms that Makefiles, scripts and the scripts of `package.json` have Dockerfiles built for, by their words."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping

from checks.facts.build.mentions import filled_in
from checks.facts.build.platforms import platform_named
from checks.regex import regex
from checks.source.text import Text

_COMMAND = regex(r"\b(?:docker|podman|nerdctl)\b[^\n;&|]{0,80}\bbuild\b(?P<rest>[^\n;&|]{0,1000})")
_PLATFORM = regex(r"\s--platform(?:=|\s{1,4})[\"']?(?P<platforms>[\w/,.-]{1,200})")
_FILE = regex(r"\s(?:-f|--file)(?:=|\s{1,4})[\"']?(?P<path>[\w./-]{1,200})(?![\w./${-])")
_ANY_FILE = regex(r"\s(?:-f|--file)(?:=|\s)")
_CONTEXT = regex(r"\s(?P<path>[\w./-]{1,200})[\"'\s]{0,4}$")
_COMMENT = regex(r"^[ \t]*#[^\n]*", re.MULTILINE)
_CONTINUED = regex(r"\\\r?\n")


def platforms_asked(texts: Iterable[Text]) -> Mapping[str, frozenset[str]]:
    """The platforms that commands in some texts name, by the Dockerfile that they name.

    Its path is taken from the folder of the text, and from the root: scripts may run in either.
    """
    found: dict[str, set[str]] = {}
    for text in texts:
        if "--platform" in text.content:
            for command in _COMMAND.finditer(_commands(text)):
                named = _PLATFORM.search(command["rest"])
                platforms = {platform_named(one) for one in named["platforms"].split(",")} if named else set()
                for path in _dockerfiles(text, command["rest"]):
                    found.setdefault(path, set()).update(platforms)
    return {path: frozenset(platforms) for path, platforms in found.items()}


def _commands(text: Text) -> str:
    """A text with each command in a line of its own, as each string of JSON is."""
    if text.path.endswith(".json"):
        return text.content.replace('\\"', "'").replace('"', "\n")
    return _CONTINUED.sub(" ", filled_in(_COMMENT.sub("", text.content)))


def _dockerfiles(text: Text, rest: str) -> Iterator[str]:
    """The Dockerfiles that the end of a command may name, if it is written out."""
    file = _FILE.search(rest)
    context = _CONTEXT.search(rest) if not _ANY_FILE.search(rest) else None
    named = file["path"] if file else posixpath.join(context["path"], "Dockerfile") if context else ""
    for start in (posixpath.dirname(text.path), "") if named else ():
        yield posixpath.normpath(posixpath.join(start, named))
