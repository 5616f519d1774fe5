"""Stages whose build ends at what they fetch: nothing gives that any more, or nothing sets the version in its address."""

from __future__ import annotations

import re

from msgspec.structs import replace

from checks.facts.dockerfile.dependency_installs import may_be_left_out
from checks.facts.dockerfile.dockerfiles import Dockerfile, Stage
from checks.facts.dockerfile.npm_builds import goes_on, is_passed_over
from checks.facts.dockerfile.remote_scripts import reader_of
from checks.facts.dockerfile.stages import Ran
from checks.facts.script.started_files import is_python
from checks.regex import regex

_OF_VERSION = regex(
    r"https?://[^\s\"';&|]{1,300}[-_]\$\{(?P<name>\w*VERSION)\}\.(?:deb|rpm|t[bgx]z|tar|zip)\b"
)
"""An archive whose name ends in a version."""
_SETS_OTHERS = regex(
    r"(?:^|[;&|({\n])\s{0,20}(?:(?:\.|source|eval|read|mapfile|readarray|printf[ \t]+-v|set[ \t]+-a)\s"
    r"|(?:declare|export|local|readonly|typeset)[ \t][^\n;&|]{0,100}[$`])"
)
"""What may set variables by names that the Dockerfile does not have."""
_OF_DISTRIBUTION = regex(
    r"(?:docker\.io/(?:library/)?)?(?:almalinux|alpine|amazonlinux|debian|fedora|rockylinux|ubuntu)(?:[:@][\w.:-]+)?"
)
"""Images that set no variable but `PATH`."""
_GONE = regex(r"https?://(?:[\w-]{1,100}\.)?bintray\.com/", re.IGNORECASE)
"""An address of packages and archives that were there until May 2021.

https://jfrog.com/blog/into-the-sunset-bintray-jcenter-gocenter-and-chartcenter/
"""
_GONE_SCRIPT = regex(
    r"https?://raw\.githubusercontent\.com/(?:python-poetry|sdispater)/poetry/(?:HEAD|develop|main|master)/(?:get|install)-poetry\.py(?![\w.-])"
)
"""An address of a script that no branch has any more.

https://github.com/python-poetry/poetry/pull/7269, https://github.com/python-poetry/poetry/issues/6676
"""
_LISTS = regex(rf"[^&;\n]*?{_GONE.pattern}[^&;\n]*sources\.list", re.IGNORECASE)
"""A command that gives apt such an address."""
_UNLISTS = regex(r"(?:sudo\s+)?(?:rm\s|sed\s[^;\n]{0,300}?bintray)[^;\n]{0,300}sources\.list", re.IGNORECASE)
"""A command that takes what is listed for apt away, all of it or that."""
_OPENS = frozenset(("apt-key", "dpkg", "gpg", "gunzip", "gzip", "rpm", "tar", "unzip"))
"""Programs that fail at a file which is empty, or a page in its place."""
_FAILS = regex(r"-\w*f\w*|--fail(?:-with-body)?")
"""What has curl fail at such a page itself."""


def stages_without_downloads(dockerfile: Dockerfile) -> frozenset[Stage]:
    """The stages that certainly end there."""
    stages = dockerfile.stages if "VERSION}" in dockerfile.text.content else ()
    unset = (stage for stage in stages if _fetches_no_version(dockerfile, stage))
    return _without_what_is_gone(dockerfile) | frozenset(unset)


def _without_what_is_gone(dockerfile: Dockerfile) -> frozenset[Stage]:
    """The stages that certainly fetch from such a host, or list it for apt, and end there."""
    if not any(one.search(dockerfile.text.content) for one in (_GONE, _GONE_SCRIPT)):
        return frozenset()
    found: set[Stage] = set()
    listing: set[Stage] = set()
    for ran in dockerfile.commands():
        source, span = ran.script.source, ran.command.span
        if may_be_left_out(ran):
            continue
        if _LISTS.match(source, span.start) and ran.command.program in ("echo", "printf"):
            listing.add(ran.stage)
        elif _UNLISTS.match(source, span.start, span.end):
            listing.discard(ran.stage)
        is_fetched = _GONE.search(source, span.start, span.end) is not None and _ends_without(ran)
        is_run = _GONE_SCRIPT.search(source, span.start, span.end) is not None and (
            _ends_without(ran) or _runs_answer(ran)
        )
        if is_fetched or is_run or (ran.stage in listing and _reads_lists(ran)):
            found.add(ran.stage)
    return frozenset(found)


def _reads_lists(ran: Ran) -> bool:
    """Whether a `RUN` ends where apt can't read what is listed for it."""
    return (
        ran.command.program in ("apt", "apt-get")
        and any(word.literal == "update" for word in ran.command.arguments)
        and not goes_on(ran)
    )


def _runs_answer(ran: Ran) -> bool:
    """Whether Python ends a `RUN`, at the page that curl has for it in place of a script."""
    command, reader = ran.command, reader_of(ran)
    return (
        command.program == "curl"
        and not any(_FAILS.fullmatch(word.literal or "") for word in command.arguments)
        and reader is not None
        and is_python(reader)
        and reader.pipeline == command.pipeline
        and reader.piped_to is None
        and not is_passed_over(ran)
        and not is_passed_over(replace(ran, command=reader))
        and not (reader.negated or reader.background)
    )


def _ends_without(ran: Ran) -> bool:
    """Whether a `RUN` ends where a command of it gets no file, by itself or as another one can't open that."""
    command, commands = ran.command, ran.script.commands
    if (
        command.program not in ("curl", "wget")
        or command.negated
        or command.background
        or is_passed_over(ran)
    ):
        return False
    if any(
        one.program in _OPENS and one.pipeline in (None, command.pipeline)
        for one in commands
        if one.span.start > command.span.start
    ):
        return True
    fails = command.program == "wget" or any(
        _FAILS.fullmatch(word.literal or "") for word in command.arguments
    )
    return command.pipeline is None and fails


def _fetches_no_version(dockerfile: Dockerfile, stage: Stage) -> bool:
    """Whether a stage on a distribution's image fetches an archive by the version in a variable that nothing sets."""
    scripts = [it.shell.source for it in stage.instructions if it.shell]
    if not _OF_DISTRIBUTION.fullmatch(stage.base.literal or "") or any(map(_SETS_OTHERS.search, scripts)):
        return False
    names = {
        found["name"]
        for ran in dockerfile.commands()
        if ran.stage is stage and ran.command.program == "wget" and ran.command.in_string is None
        if not ran.command.in_condition and not may_be_left_out(ran) and _ends_without(ran)
        for found in _OF_VERSION.finditer(ran.script.source, ran.command.span.start, ran.command.span.end)
    }
    content = dockerfile.text.content
    return "BASH_ENV" not in content and any(
        not re.search(rf"(?<![${{\w]){name}\b|\{{{name}:?=", content) for name in names
    )
