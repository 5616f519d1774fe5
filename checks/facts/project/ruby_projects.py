"""Which Ruby a project is for, by its `Gemfile`: Bundler refuses another one. https://bundler.io/man/gemfile.5.html#RUBY"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import NamedTuple

from checks.regex import regex
from checks.source.text import Text

_GEMFILE = "Gemfile"
_VERSION = regex(r"(?:ruby-)?(?P<version>\d{1,3}\.\d{1,3}\.\d{1,3})")
_RUBY = regex(
    r"^[ \t]{0,20}ruby[ \t(]{1,20}(?:[\"'](?:=[ \t]{0,4})?(?P<version>\d{1,3}\.\d{1,3}\.\d{1,3})[\"']"
    r"|file:[ \t]{0,4}[\"'](?P<file>[\w./-]{1,100})[\"'])[ \t)]{0,20}(?:#.*)?\r?$",
    re.MULTILINE,
)


_ANY_RUBY = regex(r"^[ \t]{0,20}ruby[ \t(]", re.MULTILINE)


class AskedRuby(NamedTuple):
    """The one Ruby that a project accepts."""

    path: str
    """The file that names it."""
    version: str
    """To the last number: `3.4.5`."""


def asked_ruby(path: str, texts: Mapping[str, Text]) -> AskedRuby | None:
    """What the nearest `Gemfile` over a file asks for; None where it asks for none, or leaves several to choose from."""
    steps = path.split("/")[:-1]
    for length in range(len(steps), -1, -1):
        folder = "/".join(steps[:length])
        text = texts.get(posixpath.join(folder, _GEMFILE))
        if text is not None:
            return _asked(text, folder, texts)
    return None


def _asked(gemfile: Text, folder: str, texts: Mapping[str, Text]) -> AskedRuby | None:
    several = len(_ANY_RUBY.findall(gemfile.content)) > 1
    found = None if several else _RUBY.search(gemfile.content)
    if found is None or found["version"]:
        return AskedRuby(gemfile.path, found["version"]) if found else None
    named = texts.get(posixpath.normpath(posixpath.join(folder, found["file"])))
    version = _VERSION.fullmatch(named.content.strip()) if named is not None else None
    return AskedRuby(named.path, version["version"]) if named is not None and version else None
