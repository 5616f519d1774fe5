"""Which line of a Dockerfile names the branch, tag or commit of another repository that it clones.

An argument may be named after that repository to say so (`WEB_TOOLS_BRANCH` of `web-tools`): where the line has it written
out, that is what it would be for, and nothing that is built later.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Sequence
from itertools import pairwise

from checks.facts.dockerfile.dockerfiles import Dockerfile
from checks.facts.dockerfile.stages import Ran
from checks.regex import regex

GIT = "git"
_OF_REF = regex(r"(?P<repository>\w+)_(?:BRANCH|COMMIT|REF|REV|REVISION|SHA|TAG|VERSION)")
_BRANCH = frozenset(("-b", "--branch"))
_NEW_BRANCH = frozenset(("-b", "-B", "-c", "-C", "--create", "--orphan"))
_HERE = frozenset((".", "HEAD"))
_GOES_TO = frozenset(("checkout", "reset", "switch"))
_SEPARATOR = regex(r"[-.]")


def ref_written_out(dockerfile: Dockerfile, name: str) -> Ran | None:
    """The command that takes another repository, which an argument is named after, to what it has written out itself."""
    named = _OF_REF.fullmatch(name)
    cloned: Ran | None = None
    for ran in dockerfile.commands() if named else ():
        words = ran.command.literals
        if named is None or ran.command.program != GIT or ran.stage not in dockerfile.built:
            continue
        if "clone" in words:
            cloned = ran if _is_of(words, named["repository"]) else None
            if cloned is not None and any(word.partition("=")[0] in _BRANCH for word in words):
                return cloned if _is_literal(ran) else None
        elif cloned is not None and ran.stage is cloned.stage and _goes_to_ref(words):
            return ran if _is_literal(ran) else None
    return None


def _is_of(words: Iterable[str], repository: str) -> bool:
    """Whether an address is of a repository by its name, as a variable has that."""
    names = (posixpath.basename(word.removesuffix("/")).removesuffix(".git") for word in words if "/" in word)
    return repository.upper() in (_SEPARATOR.sub("_", one).upper() for one in names)


def _goes_to_ref(words: Sequence[str]) -> bool:
    """Whether a command goes elsewhere than where the clone is: not one that takes files back, or that begins a branch there."""
    verb = next((at for at, word in enumerate(words) if word in _GOES_TO), None)
    if verb is None or "--" in words:
        return False
    named = [
        word
        for before, word in pairwise(words[verb:])
        if not word.startswith("-") and before not in _NEW_BRANCH
    ]
    return any(word not in _HERE for word in named)


def _is_literal(ran: Ran) -> bool:
    """Whether each word stands there as it is."""
    return all(word.literal is not None for word in ran.command.arguments)
