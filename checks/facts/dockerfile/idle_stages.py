"""Stages of Dockerfiles that no build comes to: none needs them, or what needs them can't be built."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable

from checks.facts.build.builds import Build
from checks.facts.build.compose import ComposeBuild
from checks.facts.build.contexts import BuildContext
from checks.facts.build.mentions import is_named_in, is_named_plainly
from checks.facts.dockerfile.dockerfiles import Dockerfile, Stage
from checks.facts.dockerfile.go_builds import stopped_by_go
from checks.facts.dockerfile.gone_downloads import stages_without_downloads
from checks.facts.dockerfile.npm_builds import (
    stopped_by_npm,
    stopped_by_scripts,
    stopped_by_verbs,
    stopped_without_lock,
)
from checks.facts.dockerfile.setup_scripts import stages_without_setuptools
from checks.facts.image.gone_images import is_gone
from checks.facts.project.go_modules import GoModule
from checks.facts.project.node_projects import NodeProject
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
    stopped |= stages_without_downloads(dockerfile) | stages_without_setuptools(dockerfile)
    built = frozenset[Stage]().union(
        *(
            one
            for one in needed
            if stopped.isdisjoint(one) and not any(_is_refused(dockerfile, stage, missing) for stage in one)
        )
    )
    return frozenset(dockerfile.stages) - built


def _is_refused(dockerfile: Dockerfile, stage: Stage, missing: frozenset[str]) -> bool:
    """Whether a stage can't be built, by its base image or by what it copies.

    Nothing gives the image any more, or a `COPY` or `ADD` names files that nobody has: a project's that is gone, or
    what a shell would read, and no shell does.
    """
    if len(dockerfile.ancestry(stage)) == 1 and is_gone(stage.base.literal or ""):
        return True
    copies = [it for it in stage.instructions if it.keyword in ("COPY", "ADD")]
    words = [(word, it) for it in copies for word in it.sources]
    return any(
        _OF_SHELL.fullmatch(word.value)
        or (it.flag("from") is None and posixpath.basename(word.literal or "") in missing)
        for word, it in words
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
