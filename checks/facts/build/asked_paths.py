"""Builds by steps that ask first whether a path is there.

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#hashfiles
"""

from __future__ import annotations

import re

from checks.facts.build.builds import Build
from checks.regex import regex
from checks.source.snapshot import Snapshot

_OUTPUT = regex(r"\bsteps\.([\w-]+)\.outputs\b")
_HASHES = regex(r"\bhashFiles\(([^()\n]*)", re.IGNORECASE)
_UNLESS = regex(r"==\s*''|!\s*hashFiles|!\s+-|\belse\b|\|\|", re.IGNORECASE)
"""What may have it run only where a path is not there."""
_PATH = regex(r"[\w.*/@+-]+")
_TESTS_FOR_PATH = regex(
    r"(?:(?:\btest|\[)\s+(?:!\s+)?-[defrs]\s|\bls\s|\bTest-Path\b|\bexists(?:Sync)?\()(?=([^\n]{0,300}))",
    re.IGNORECASE,
)
"""What a script asks that looks whether a file or a folder is there, and for which."""


def asks_first(build: Build, snapshot: Snapshot) -> bool:
    """Whether a step runs only if a path is there, by its condition or by a script whose output that reads: one that may be an
    input of the build, or that the repository need not have."""
    step = build.step
    condition = step.condition.value if step and step.condition else ""
    read = {found[1].lower() for found in _OUTPUT.finditer(condition)}
    before = step.earlier if read and step else ()
    scripts = [one.run.value for one in before if one.id.lower() in read and one.run is not None]
    asked = [*_HASHES.findall(condition), *(one for text in scripts for one in _TESTS_FOR_PATH.findall(text))]
    own = {*(build.folder or "").split("/"), *(build.dockerfile or "Dockerfile").split("/")} - {""}
    is_for_want = any(map(_UNLESS.search, (condition, *scripts)))
    return any(
        is_for_want
        or "$" in one
        or any(name in one for name in own)
        or not _names_what_is_there(one, snapshot)
        for one in asked
    )


def _names_what_is_there(asked: str, snapshot: Snapshot) -> bool:
    paths = (one.removeprefix("./").removeprefix("**/").rstrip("/") for one in _PATH.findall(asked))
    return any(one in snapshot.paths or one in snapshot.folders for one in paths if one)
