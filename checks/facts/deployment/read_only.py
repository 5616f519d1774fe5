"""Images whose containers scripts run, or have run, with a file system that can't be written.

https://docs.docker.com/reference/cli/docker/container/run/#read-only
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from checks.facts.build.told_apart import ANY_FOLDER
from checks.regex import regex

_OPTION = regex(r"(?:^|[\s\"'])--read-only(?:=true)?(?:[\s\"'\\]|$)")
_COMMENT = regex(r"\s*#")
_BUILDS = regex(r"\bbuild\b")
_NEAR = 12
"""Lines between the option and the image that it is for: a command, or what checks a list of its options."""


def run_read_only(dockerfile: str, texts: Iterable[str]) -> bool:
    """Whether a text names the option, and nearby the folder that a Dockerfile lies in, as images are called by."""
    above, folder = posixpath.split(posixpath.dirname(dockerfile))
    if not folder or ANY_FOLDER.fullmatch(folder):
        return False
    parent = posixpath.basename(above)
    # A path to the folder is what another image is run on, or what is built.
    is_path = rf"(?<!{re.escape(parent)}/)" if parent else ""
    named = re.compile(rf"(?<![\w-]){is_path}{re.escape(folder)}(?![\w/-])")
    return any(named.search(part) for text in texts if "--read-only" in text for part in _parts(text))


def _parts(text: str) -> Iterator[str]:
    """The lines around each option that is not in a comment."""
    lines = text.splitlines()
    for at, line in enumerate(lines):
        if _OPTION.search(line) and not _COMMENT.match(line):
            near = lines[max(at - _NEAR, 0) : at + _NEAR + 1]
            yield "\n".join(one for one in near if not _BUILDS.search(one))
