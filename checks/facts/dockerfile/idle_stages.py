"""Stages of Dockerfiles that no build comes to: none needs them, or what needs them can't be built."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable

from msgspec.structs import replace

from checks.facts.build.builds import Build
from checks.facts.build.compose import ComposeBuild
from checks.facts.build.contexts import BuildContext
from checks.facts.build.mentions import is_named_in, is_named_plainly
from checks.facts.dockerfile.dependency_installs import may_be_left_out
from checks.facts.dockerfile.dockerfiles import Dockerfile, Stage
from checks.facts.dockerfile.go_builds import stopped_by_go
from checks.facts.dockerfile.npm_builds import (
    goes_on,
    is_passed_over,
    stopped_by_npm,
    stopped_by_scripts,
    stopped_by_verbs,
    stopped_without_lock,
)
from checks.facts.dockerfile.remote_scripts import reader_of
from checks.facts.dockerfile.stages import Ran
from checks.facts.image.gone_images import is_gone
from checks.facts.project.go_modules import GoModule
from checks.facts.project.node_projects import NodeProject
from checks.facts.script.started_files import is_python
from checks.regex import regex
from checks.source.snapshot import Snapshot
from checks.source.text import Text

ANY = "*"
"""Stands for targets that only the run knows."""
_ASKED = regex(
    r"(?:--target[= \t]|\btarget[\"']?[ \t]{0,20}[:=])[ \t]{0,20}[\"']?(?P<name>[\w.-]{0,200})(?P<next>[$\[{*%\r\n\\]|\Z)?"
)
_BUILDS_ALL = regex(r"\bkaniko\b|\bDOCKER_BUILDKIT\b\s{0,4}[:=]\s{0,4}[\"']?(?:0|false)\b", re.IGNORECASE)
"""Builders that by themselves build each stage above the target too.

https://github.com/GoogleContainerTools/kaniko#flag---skip-unused-stages
"""
_NOT_READ = regex(r"(?:^|/)\.?devcontainer\.json$|(?:^|/)docker-bake[\w.-]*\.json$")
"""Files that may ask for a target and are not read."""
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
WRITTEN = frozenset(
    (
        "Cargo.toml",
        "Gemfile",
        "Pipfile",
        "build.gradle",
        "composer.json",
        "go.mod",
        "lerna.json",
        "mix.exs",
        "nx.json",
        "package.json",
        "pnpm-workspace.yaml",
        "pom.xml",
        "pyproject.toml",
        "turbo.json",
    )
)
"""Names of projects' own files that somebody writes and no step makes."""
_OF_SHELL = regex(r"\|\||&&|[12&]?>{1,2}(?:/dev/null|&[12])")
"""Words that `COPY` and `ADD` take for files, since no shell reads them."""

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


def targets_named_in(text: Text) -> frozenset[str]:
    """What a file that may build names as a target, in lower case; `ANY` where only the run knows it or all stages are built."""
    if _BUILDS_ALL.search(text.content):
        return frozenset((ANY,))
    found = _ASKED.finditer(text.content)
    return frozenset(ANY if _is_open(one["name"], one["next"]) else one["name"].lower() for one in found)


def _is_open(name: str, following: str | None) -> bool:
    """Whether a variable is part of a name, or a list stands in its place; a path is no stage."""
    return following is not None and (not name or following in set("$[{*%"))


def may_ask_unread(paths: Iterable[str]) -> bool:
    """Whether a file that is not read may ask for a target."""
    return any(map(_NOT_READ.search, paths))


def missing_manifests(paths: Iterable[str]) -> frozenset[str]:
    """Names of projects' own files that a repository has in no folder, of those that somebody writes and no step makes."""
    return WRITTEN - {posixpath.basename(path) for path in paths}


def idle_stages(
    dockerfile: Dockerfile, asked: frozenset[str], missing: frozenset[str], stopped: frozenset[Stage]
) -> frozenset[Stage]:
    """The stages that neither the last one nor one of the targets needs, as far as these can be built.

    All, where none of them can; `missing` are the names of files that the repository has nowhere, `stopped` the stages
    in which a command fails.
    """
    is_open = ANY in asked or None in dockerfile.shipping.targets
    ends = [
        stage
        for stage in dockerfile.stages
        if is_open or stage in (dockerfile.final, *dockerfile.published_stages) or stage.name in asked
    ]
    needed = (dockerfile.needed(stage) for stage in ends)
    stopped |= _without_what_is_gone(dockerfile)
    built = frozenset[Stage]().union(
        *(
            one
            for one in needed
            if stopped.isdisjoint(one)
            and not any(
                _is_refused(stage, missing) or _fetches_no_version(dockerfile, stage) for stage in one
            )
        )
    )
    return frozenset(dockerfile.stages) - built


def _is_refused(stage: Stage, missing: frozenset[str]) -> bool:
    """Whether a stage can't be built, by its base image or by what it copies.

    Nothing gives the image any more, or a `COPY` or `ADD` names files that nobody has: a project's that is gone, or
    what a shell would read, and no shell does.
    """
    if is_gone(stage.base.literal or ""):
        return True
    copies = [it for it in stage.instructions if it.keyword in ("COPY", "ADD")]
    words = [(word, it) for it in copies for word in it.sources]
    return any(
        _OF_SHELL.fullmatch(word.value)
        or (it.flag("from") is None and posixpath.basename(word.literal or "") in missing)
        for word, it in words
    )


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


def stopped_stages(
    dockerfile: Dockerfile,
    contexts: Iterable[BuildContext],
    modules: Collection[GoModule],
    projects: Collection[NodeProject],
    builds: Collection[Build],
    composed: Collection[ComposeBuild],
    snapshot: Snapshot,
) -> frozenset[Stage]:
    """The stages in which Go refuses the module, or npm the project, or fails at its scripts or for want of a lock file."""
    content = dockerfile.text.content
    refused = frozenset(one.path for one in projects if one.takes_workspace)
    may_be_of_go = "golang" in content and bool(modules) and not is_named_plainly(dockerfile.path)
    is_of_npm = "npm" in content and bool(projects) and not _is_built(dockerfile, builds)
    may_be_of_npm = is_of_npm and bool(refused)
    known = tuple(contexts) if may_be_of_go or is_of_npm else ()
    found = stopped_by_go(dockerfile, known, modules, snapshot.texts) if may_be_of_go else frozenset[Stage]()
    if found and _is_spoken_of(dockerfile, (*builds, *composed), snapshot):
        found = frozenset()
    if may_be_of_npm:
        paths = [path for path in snapshot.paths if posixpath.basename(path) == "package.json"]
        found |= stopped_by_npm(dockerfile, known, refused, paths)
    if is_of_npm:
        found |= stopped_by_scripts(dockerfile, known, projects, snapshot) | stopped_by_verbs(dockerfile)
        found |= stopped_without_lock(dockerfile, known, snapshot.paths)
    return found


def _is_built(dockerfile: Dockerfile, builds: Collection[Build | ComposeBuild]) -> bool:
    """Whether one of some builds is of a Dockerfile: steps before may make fit what it copies."""
    return any(one.dockerfile == dockerfile.path for one in builds)


def _is_spoken_of(
    dockerfile: Dockerfile, builds: Collection[Build | ComposeBuild], snapshot: Snapshot
) -> bool:
    """Whether something here may build a Dockerfile, which soon follows the module: a build is of it, or a file has its name."""
    return _is_built(dockerfile, builds) or is_named_in(snapshot.texts.values(), dockerfile.path)
