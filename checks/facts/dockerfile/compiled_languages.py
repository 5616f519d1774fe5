"""Versions of languages that commands compile from their sources: `pyenv install 3.9.19`."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from checks.facts.script.scripts import Command
from checks.regex import regex

_BY_INSTALL = {"phpenv": "PHP", "pyenv": "Python", "rbenv": "Ruby"}
"""What compiles the version that stands behind its `install`."""
_BY_NAME = {"php-build": "PHP", "python-build": "Python", "ruby-build": "Ruby"}
"""What compiles the version that it is called with."""
_VERSION = regex(r"\d{1,2}(?:\.\d{1,3}){0,2}")


def compiled_by(command: Command) -> Iterator[tuple[str, str]]:
    """The languages that a command compiles, each with the version."""
    words = [word.literal or word.prefix or "" for word in command.words]
    spelled = command.words[0].spelled or "" if command.words else ""
    program = posixpath.basename(spelled)
    language = _BY_NAME.get(program) or (_BY_INSTALL.get(program) if "install" in words[1:] else None)
    for version in words[1:] if language else ():
        if language and _VERSION.fullmatch(version):
            yield language, version
