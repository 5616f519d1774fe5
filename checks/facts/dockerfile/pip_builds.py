"""Stages in which pip stops, since the folder that it is to install from is no project's.

"Neither 'setup.py' nor 'pyproject.toml' found": https://pip.pypa.io/en/stable/topics/local-project-installs/
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from itertools import islice, pairwise

from checks.facts.build.contexts import BuildContext
from checks.facts.dockerfile.base_images import image_name
from checks.facts.dockerfile.copied_files import folder_of, placed, target_of
from checks.facts.dockerfile.dependency_installs import may_be_left_out
from checks.facts.dockerfile.dockerfiles import Dockerfile
from checks.facts.dockerfile.stages import Copy, Ran
from checks.regex import regex
from checks.source.snapshot import Snapshot

_PIP = regex(r"pip(?:3(?:\.\d{1,3})?)?")
_PYTHON = regex(r"python(?:3(?:\.\d{1,3})?)?")
_FOLDER = regex(r"(?P<path>\.{1,2}(?:/[\w.-]{1,100}){0,20}/?)(?:\[[\w., -]{0,200}\])?")
_WITHOUT_VALUE = frozenset(
    (
        "-U",
        "-e",
        "-q",
        "--editable",
        "--no-cache-dir",
        "--no-deps",
        "--quiet",
        "--upgrade",
        "install",
        "wheel",
    )
)
"""What a folder to install from may stand behind."""
_MOST = 20
"""Installs that are looked at, each of which asks after all copies before it: Dockerfiles have one or two."""
_PROJECTS = ("pyproject.toml", "setup.py")
_SPEAKS_OF_PROJECTS = regex(r"pyproject|setup\.py")
"""In a Dockerfile that may bring or write one itself."""
_MAY_WRITE = regex(
    r"[>`]|\$\(|(?:^|RUN|&&|[;|\n])\s{0,20}\.{0,2}/|\binstall\s+-[dDmot]\b"
    r"|\b(?:awk|bash|cookiecutter|copier|cp|curl|git|hatch|ln|make|mount|mv|node|npm|npx|patch|pdm|perl|poetry|rsync|ruby|sed|sh|tar"
    r"|tee|touch|unzip|uv|wget)\b|\bpython[\d.]*\s+(?!-m\s+pip\b)"
)
"""In a command that may put files somewhere, pip itself and the packages of distributions aside."""


def lacks_project(context: BuildContext, snapshot: Snapshot) -> bool:
    """Whether a stage that the last one needs certainly has pip install from a folder that a copy fills with no project's files."""
    dockerfile = context.dockerfile
    if _SPEAKS_OF_PROJECTS.search(dockerfile.text.content):
        return False
    needed = dockerfile.needed(dockerfile.final)
    installs = (
        (ran, folder)
        for ran in dockerfile.commands()
        if ran.stage in needed and not may_be_left_out(ran)
        for folder in _folders(dockerfile, ran)
    )
    return any(_is_empty(context, ran, folder, snapshot) for ran, folder in islice(installs, _MOST))


def _folders(dockerfile: Dockerfile, ran: Ran) -> Iterator[str]:
    """The folders, as they are in the image, from which pip is to install."""
    words = [word.spelled or "$" for word in ran.command.arguments]
    if _PYTHON.fullmatch(ran.command.program or "") and words[:2] == ["-m", "pip"]:
        words = words[2:]
    elif not _PIP.fullmatch(ran.command.program or ""):
        return
    at = folder_of(dockerfile, ran)
    if words[:1] not in (["install"], ["wheel"]) or at is None or not at.startswith("/"):
        return
    for before, word in pairwise(words):
        found = _FOLDER.fullmatch(word)
        if found is not None and (before in _WITHOUT_VALUE or not before.startswith("-")):
            yield posixpath.normpath(posixpath.join(at, found["path"]))


def _is_empty(context: BuildContext, ran: Ran, folder: str, snapshot: Snapshot) -> bool:
    """Whether files of the context are in a folder of the image as a command comes to it, none of them a project's, and no others."""
    dockerfile, end = context.dockerfile, ran.instruction.span.start
    stages = dockerfile.ancestry(ran.stage)
    before = [it for one in stages for it in one.instructions if it.span.start < end]
    base = dockerfile.expanded_base(stages[-1])
    copies = [one for one in dockerfile.copies if one.stage in stages and one.instruction.span.start < end]
    written = [dockerfile.text[it.span] for it in before if it.keyword == "RUN"]
    is_plain = (
        base is not None
        and "/" not in image_name(base)
        and all(it.keyword != "ADD" for it in before)
        and len(copies) == sum(it.keyword == "COPY" for it in before)
        and all(_is_known(dockerfile, one) for one in copies)
        and not any(map(_MAY_WRITE.search, (*written, ran.script.source[: ran.command.span.start])))
        and not any(flag.name == "mount" for flag in ran.instruction.flags)
    )
    return (
        is_plain
        and any(_fills(context, one, folder, snapshot) for one in copies)
        and not any(
            one.at == posixpath.join(folder, name)
            for path in snapshot.paths
            if (name := posixpath.basename(path)) in _PROJECTS and (own := context.own_path(path)) is not None
            for one in placed(context, own, ran.stage, end)
        )
    )


def _is_known(dockerfile: Dockerfile, copy: Copy) -> bool:
    """Whether it is known what a copy takes, and where it puts that."""
    return target_of(dockerfile, copy.stage, copy.instruction) is not None and all(
        one.path is not None and not set(one.path) & set("*?[") for one in copy.sources
    )


def _fills(context: BuildContext, copy: Copy, folder: str, snapshot: Snapshot) -> bool:
    """Whether a copy makes a folder of the image what a folder of the context is, and nothing else."""
    target = target_of(context.dockerfile, copy.stage, copy.instruction) or ""
    source = copy.sources[0].path if len(copy.sources) == 1 else None
    of_context = posixpath.normpath(posixpath.join(context.folder, source)) if source is not None else ""
    is_folder = of_context in snapshot.folders or of_context == "."
    return is_folder and copy.instruction.flag("parents") is None and posixpath.normpath(target) == folder
