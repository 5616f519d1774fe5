"""Whether the official images of Node.js have Yarn: until 25 they do, and none of a later line.

https://github.com/nodejs/docker-node#yarn-v1-classic-bundling
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.facts.dockerfile.base_images import image_name, tag_of
from checks.facts.dockerfile.dockerfiles import Dockerfile, Instruction, Ran
from checks.regex import regex

WITHOUT_YARN = 26
"""The first Node.js whose images leave Yarn out."""
_INSTALLS_YARN = regex(
    r"\b(?:npm|apk|apt-get|apt)\b[^;&|]*\s(?:yarn(?:pkg)?|corepack)\b|\bcorepack\b|//(?:classic\.|dl\.)?yarnpkg\.com\b"
)
_NEWEST = frozenset(("alpine", "bookworm", "current", "latest", "lts", "slim", "trixie"))
"""How tags begin that name no version, and stand on the newest one."""
_VERSION = regex(r"(\d{1,4})(?:\.\d{1,9}){0,2}")


def installs_yarn(dockerfile: Dockerfile, instructions: Iterable[Instruction]) -> bool:
    """Whether some instructions may bring Yarn, or Corepack, which fetches it."""
    return any(_INSTALLS_YARN.search(dockerfile.text[it.span]) for it in instructions)


def lacks_yarn(dockerfile: Dockerfile, ran: Ran) -> bool:
    """Whether a command runs on an official image of Node.js that certainly has no Yarn, and nothing up to it may bring one."""
    line = dockerfile.ancestry(ran.stage)
    base = dockerfile.expanded_base(line[-1])
    if base is None or image_name(base) != "node":
        return False
    first = tag_of(base).partition("-")[0] or "latest"
    version = _VERSION.fullmatch(first)
    is_without = (
        int(version[1]) >= WITHOUT_YARN if version is not None else first in _NEWEST and "@" not in base
    )
    up_to = ran.instruction.span.start
    return is_without and not installs_yarn(
        dockerfile, (it for stage in line for it in stage.instructions if it.span.start <= up_to)
    )
