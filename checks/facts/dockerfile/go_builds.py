"""Stages whose Go refuses the module that they build, so that the build stops.

The official images keep Go from loading a newer one by `GOTOOLCHAIN=local`; and it refuses what the `go` line asks for.
https://go.dev/doc/toolchain
https://github.com/docker-library/golang/issues/472
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from checks.facts.build.contexts import BuildContext
from checks.facts.dockerfile.base_images import image_name, tag_of
from checks.facts.dockerfile.copied_files import folder_of, placed
from checks.facts.dockerfile.dependency_installs import may_be_left_out
from checks.facts.dockerfile.dockerfiles import Dockerfile, Stage
from checks.facts.dockerfile.stages import Ran
from checks.facts.numbers import numbers
from checks.facts.project.go_modules import GoModule, refuses
from checks.facts.script.makefiles import MAKEFILES, certain_lines, make_run
from checks.facts.script.scripts import Command, parse_script
from checks.regex import regex
from checks.source.text import Text

_WITHOUT = (1, 21, 0)
"""An image that lets Go load a newer one still."""
_TAG = regex(r"(\d{1,4}(?:\.\d{1,4}){1,2})(?:-[a-z][\w.-]*)?")
_LOADING = ("build", "generate", "install", "list", "test", "vet")
_OF_MODULES = ("download", "tidy", "vendor", "verify")
_ANOTHER_GO = regex(
    r"GOTOOLCHAIN|GO111MODULE(?!\W{1,5}(?:auto|on)\b)|modfile|\s-C\b|/usr/local|\bPATH\b|\bgo\d|(?:go\.dev|golang\.org|google\.com/go)|go\.mod|\bmod\s{1,9}(?:edit|init)|\bgo\s{1,9}env\s{1,9}-w"
)
"""What an instruction says that may bring another Go, or have it take another module."""
_ANOTHER_GO_BY_MAKE = regex(
    r"GOTOOLCHAIN|GO111MODULE\W{1,5}(?!on\b|\s)|modfile|\bPATH\b|\bmod\s{1,9}(?:edit|init)|go\s{1,9}env\s{1,9}-w"
)
"""So in a Makefile."""
_VARIABLE = regex(r"\$[({]\w{1,60}[)}]")
"""Of a Makefile; none of them that is an argument of Go brings another one where nothing above stands in the file."""


def compiles_nothing(
    dockerfile: Dockerfile,
    stages: Iterable[Stage],
    contexts: Collection[BuildContext],
    modules: Iterable[GoModule],
    texts: Mapping[str, Text],
) -> bool:
    """Whether each of some stages is one in which Go refuses the module, or only such ones build on it."""
    stopped = stopped_by_go(dockerfile, contexts, modules, texts)
    on_them = (
        [one for one in dockerfile.stages if stage in dockerfile.ancestry(one)[1:]] or [stage]
        for stage in stages
        if stage not in stopped
    )
    return all(map(stopped.issuperset, on_them))


def stops_all(
    dockerfile: Dockerfile,
    stages: Iterable[Stage],
    contexts: Collection[BuildContext],
    modules: Iterable[GoModule],
    texts: Mapping[str, Text],
) -> bool:
    """Whether Go refuses the module ahead of each image that needs one of some stages, so that none of them is made.

    A build may publish a stage that others build on.
    """
    stages = tuple(stages)
    needed = [dockerfile.needed(stage) for stage in dockerfile.stages]
    ends = [mine for mine in needed if not any(mine < others for others in needed)]
    published = dockerfile.stages if None in dockerfile.shipping.targets else dockerfile.published_stages
    theirs = [one for one in (*ends, *map(dockerfile.needed, published)) if not one.isdisjoint(stages)]
    stopped = stopped_by_go(dockerfile, contexts, modules, texts)
    return bool(theirs) and not any(map(stopped.isdisjoint, theirs))


def stopped_by_go(
    dockerfile: Dockerfile,
    contexts: Collection[BuildContext],
    modules: Iterable[GoModule],
    texts: Mapping[str, Text],
) -> frozenset[Stage]:
    """The stages on an official image of Go in which it certainly refuses the module, whichever of the contexts is taken.

    `texts` are the files of the repository by path, its Makefiles among them.
    """
    modules = tuple(modules)
    return frozenset(
        ran.stage
        for ran in (dockerfile.commands() if contexts else ())
        if ran.command.program in ("go", "make")
        and not may_be_left_out(ran)
        and (go := _go_of(dockerfile, ran)) is not None
        and all(
            _is_refused(context, ran, go, modules)
            and (_loads_module(ran.command) or _makes(context, ran, texts))
            for context in contexts
        )
    )


def modules_built(
    dockerfile: Dockerfile, contexts: Collection[BuildContext], modules: Iterable[GoModule]
) -> tuple[GoModule, ...]:
    """The modules in whose folders a command runs Go on them; none where no folder with one is known."""
    by_path = {module.path: module for module in modules}
    found = (
        path
        for ran in dockerfile.commands()
        if _may_load_module(ran.command)
        for context in contexts
        for path in _in_folder(context, ran, by_path)
    )
    return tuple(by_path[path] for path in dict.fromkeys(found))


def _makes(context: BuildContext, ran: Ran, texts: Mapping[str, Text]) -> bool:
    """Whether a command certainly makes a target whose recipe runs Go on the module of its folder."""
    if ran.command.program != "make" or any(word.prefix.startswith("-") for word in ran.command.arguments):
        return False
    run = make_run(ran.command, "")
    makefiles = [path for path in texts if posixpath.basename(path) in MAKEFILES]
    found = [texts[path] for path in _in_folder(context, ran, makefiles)]
    if run is None or len(found) != 1 or _ANOTHER_GO_BY_MAKE.search(found[0].content):
        return False
    recipe = (line.fragment.lstrip("\t @+") for line in certain_lines(run, found[0]))
    lines = (parse_script(_VARIABLE.sub("value", line)) for line in recipe)
    return any(
        len(line.commands) == 1 and line.complete and _loads_module(line.commands[0]) for line in lines
    )


def _may_load_module(command: Command) -> bool:
    """Whether a command runs Go, on the module of its folder as far as is written."""
    words = [word.literal or word.prefix for word in command.arguments]
    is_of_another = any("@" in word or word == "-C" for word in words)
    return command.program == "go" and not is_of_another and words[:1] != ["env"]


def _loads_module(command: Command) -> bool:
    """Whether a command runs Go on the module of its folder, if it runs."""
    words = [word.literal for word in command.arguments]
    if command.program != "go" or None in words:
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
    go = numbers(tag[1])
    brings = brings or _ANOTHER_GO.search(dockerfile.text[ran.instruction.span]) is not None
    return None if brings or go == _WITHOUT else go


def _is_refused(context: BuildContext, ran: Ran, go: tuple[int, ...], modules: Sequence[GoModule]) -> bool:
    """Whether a Go refuses each module that copies put into the folder of a command, of which there is one."""
    by_path = {module.path: module for module in modules}
    found = tuple(_in_folder(context, ran, by_path))
    return bool(found) and all(refuses(go, by_path[path]) for path in found)


def _in_folder(context: BuildContext, ran: Ran, paths: Iterable[str]) -> Iterator[str]:
    """Those of some files that copies put into the folder of a command, under their names."""
    folder = folder_of(context.dockerfile, ran)
    for path in paths if folder is not None else ():
        wanted = posixpath.normpath(posixpath.join(folder or "", posixpath.basename(path)))
        below = posixpath.relpath(path, context.folder or ".")
        places = placed(context, below, ran.stage, ran.instruction.span.start)
        if not below.startswith("../") and any(one.at == wanted for one in places):
            yield path
