"""Stages whose Go refuses the module that they build, so that the build stops.

The official images keep Go from loading a newer one by `GOTOOLCHAIN=local`; and it refuses what the `go` line asks for.
https://go.dev/doc/toolchain
https://github.com/docker-library/golang/issues/472
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Iterator

from checks.facts.base_images import image_name, tag_of
from checks.facts.contexts import BuildContext
from checks.facts.copied_files import folder_of, placed
from checks.facts.dependency_installs import may_be_left_out
from checks.facts.dockerfiles import Dockerfile, Ran, Stage
from checks.facts.go_modules import GoModule, refuses
from checks.regex import regex

_WITHOUT = (1, 21, 0)
"""An image that lets Go load a newer one still."""
_TAG = regex(r"(\d{1,4}(?:\.\d{1,4}){1,2})(?:-[a-z][\w.-]*)?")
_LOADING = ("build", "generate", "install", "list", "test", "vet")
_OF_MODULES = ("download", "tidy", "vendor", "verify")
_ANOTHER_GO = regex(
    r"GOTOOLCHAIN|GO111MODULE|modfile|/usr/local|\bPATH\b|\bgo\d|(?:go\.dev|golang\.org|google\.com/go)|go\.mod|\bmod\s{1,9}(?:edit|init)|\bgo\s{1,9}env\s{1,9}-w"
)
"""What an instruction says that may bring another Go, or have it take another module."""


def stopped_by_go(
    dockerfile: Dockerfile, contexts: Collection[BuildContext], modules: Iterable[GoModule]
) -> frozenset[Stage]:
    """The stages on an official image of Go in which it certainly refuses the module, whichever of the contexts is taken."""
    modules = tuple(modules)
    return frozenset(
        ran.stage
        for ran in (dockerfile.commands() if contexts else ())
        if _loads_module(ran)
        and (go := _go_of(dockerfile, ran)) is not None
        and all(_is_refused(context, ran, go, modules) for context in contexts)
    )


def _loads_module(ran: Ran) -> bool:
    """Whether a command certainly runs Go on the module of its folder."""
    words = [word.literal for word in ran.command.arguments]
    if ran.command.program != "go" or None in words or may_be_left_out(ran):
        return False
    first, second = (*words, "", "")[:2]
    is_loading = first in _LOADING or (first == "mod" and second in _OF_MODULES)
    return is_loading and not any("@" in (word or "") or word == "-C" for word in words)


def _go_of(dockerfile: Dockerfile, ran: Ran) -> tuple[int, ...] | None:
    """The Go of the official image that a command runs on; None where it may be another one."""
    stages = dockerfile.ancestry(ran.stage)
    base = stages[-1].base.literal or ""
    tag = _TAG.fullmatch(tag_of(base))
    if tag is None or image_name(base) != "golang" or "@" in base:
        return None
    before = [
        it for stage in stages for it in stage.instructions if it.span.start < ran.instruction.span.start
    ]
    brings = any(
        (it.keyword not in ("COPY", "ADD") or it.flag("from") is not None)
        and _ANOTHER_GO.search(dockerfile.text[it.span])
        for it in before
    )
    go = _numbers(tag[1])
    brings = brings or _ANOTHER_GO.search(dockerfile.text[ran.instruction.span]) is not None
    return None if brings or go == _WITHOUT else go


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))


def _is_refused(context: BuildContext, ran: Ran, go: tuple[int, ...], modules: Iterable[GoModule]) -> bool:
    found = tuple(_modules_at(context, ran, modules))
    return bool(found) and all(refuses(go, module) for module in found)


def _modules_at(context: BuildContext, ran: Ran, modules: Iterable[GoModule]) -> Iterator[GoModule]:
    """Those that copies put into the folder of a command."""
    folder = folder_of(context.dockerfile, ran)
    if folder is None:
        return
    wanted = posixpath.normpath(posixpath.join(folder, "go.mod"))
    for module in modules:
        path = posixpath.relpath(module.path, context.folder or ".")
        places = placed(context, path, ran.stage, ran.instruction.span.start)
        if not path.startswith("../") and any(one.at == wanted for one in places):
            yield module
