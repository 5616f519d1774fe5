"""Commands of a `RUN` that may bring something else the next time they run, so that a cache of their layer keeps what was.

https://docs.docker.com/build/cache/invalidation/#run-instructions
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Mapping

from checks.facts.dockerfile.dependency_installs import locked_install
from checks.facts.dockerfile.dockerfiles import Dockerfile, Stage
from checks.facts.dockerfile.package_managers import APT, DNF, UPGRADES
from checks.facts.dockerfile.stages import Ran
from checks.facts.script.file_commands import LAYS_OUT
from checks.regex import regex

_MANAGERS = APT | DNF | {"apk", "tdnf", "zypper"}
_ADDS = frozenset(("add", "in", "install"))
_RENEWS = UPGRADES | {"dup"}  # which is zypper's
_VERSION = regex(r"\d\.\d")
_MOVES = regex(r"\blatest\b|/(?:HEAD|main|master)(?:/|\.(?:tar|tgz|zip))")
"""In the address of what is published anew under it."""
_VARIABLE = regex(r"\$\{?(\w+)")
_FETCHES_NOTHING = LAYS_OUT | {"chgrp", "export", "false", "find", "pwd", "sed", "true", "usermod"}
_OF_GO = frozenset(("build", "clean", "env", "test", "version", "vet"))
"""What `go` does by `go.sum`."""


def fetches_anew(
    dockerfile: Dockerfile, stages: Collection[Stage], passed: Mapping[str, str | None] | None
) -> bool | None:
    """Whether a command of these stages fetches what has no version, with the arguments that are passed, if known.

    False where all commands are known and none does; None where that is not known.
    """
    ran = [one for one in dockerfile.commands() if one.stage in stages]
    runs = sum(it.keyword == "RUN" for stage in stages for it in stage.instructions)
    values = {} if passed is None else {**_defaults(dockerfile), **passed}
    found = {_fetches(one, values) for one in ran}
    if True in found:
        return True
    is_known = None not in found and len({id(one.instruction) for one in ran}) == runs
    return False if is_known else None


def _defaults(dockerfile: Dockerfile) -> dict[str, str | None]:
    pairs = (pair for it in dockerfile.source.instructions if it.keyword == "ARG" for pair in it.pairs)
    return {pair.name.value: pair.value.literal for pair in pairs if pair.value is not None}


def _fetches(ran: Ran, values: Mapping[str, str | None]) -> bool | None:
    if not ran.command.words:
        return False
    words = [word.literal or ran.script[word.span] for word in ran.command.words]
    names = [posixpath.basename(word) for word in words]
    manager = next((at for at, name in enumerate(names) if name in _MANAGERS), None)
    program, arguments = ran.command.program, ran.command.literals
    if manager is not None:
        return _installs(words[manager + 1 :])
    if program == "git" and "clone" in arguments:
        return _clones(ran, words, values)
    if program in ("curl", "wget"):
        return _downloads(words)
    if program == "go":
        return (
            False
            if (arguments[:1] and arguments[0] in _OF_GO) or arguments[:2] == ["mod", "download"]
            else None
        )
    return False if program in _FETCHES_NOTHING or locked_install(ran) is not None else None


def _installs(words: list[str]) -> bool | None:
    """Whether a package manager brings newer packages, or one without its version."""
    verb = next((at for at, word in enumerate(words) if word in _ADDS | _RENEWS), None)
    if verb is None:
        return False
    packages = [word for word in words[verb + 1 :] if not word.startswith("-")]
    plain = [word for word in packages if re.fullmatch(r"[\w.+:-]+", word)]
    if words[verb] in _RENEWS or plain:
        return True
    return None if any("$" in word for word in packages) else False


def _clones(ran: Ran, words: list[str], values: Mapping[str, str | None]) -> bool | None:
    """Whether a clone is of a branch, which no command of its `RUN` may go back from."""
    if any(_goes_back([word.literal for word in one.words]) for one in ran.script.commands):
        return None
    at = next((at for at, word in enumerate(words[:-1]) if word in ("-b", "--branch")), None)
    if at is None:
        return True
    branch: str | None = words[at + 1].strip("\"'")
    variable = _VARIABLE.match(branch or "")
    if variable is not None:
        branch = values.get(variable[1])
    return None if not branch or "$" in branch else not _VERSION.search(branch)


def _goes_back(words: list[str | None]) -> bool:
    return words[:1] == ["git"] and not {"checkout", "fetch", "reset", "switch"}.isdisjoint(words)


def _downloads(words: list[str]) -> bool | None:
    addresses = [word for word in words if "://" in word]
    if any(map(_MOVES.search, addresses)):
        return True
    return False if addresses and all(map(_VERSION.search, addresses)) else None
