"""Names of base images that a build puts something else in place of: another image, a folder or a target.

https://docs.docker.com/reference/cli/docker/buildx/build/#build-context
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from checks.facts.build.bake import BakeTarget
from checks.facts.build.bake_runs import dockerfile_of
from checks.facts.build.builds import Build
from checks.facts.build.compose import ComposeBuild
from checks.facts.workflow.lists import items
from checks.regex import regex
from checks.source.hcl import Block, Body, ObjectExpr
from checks.source.snapshot import Snapshot
from checks.source.text import Text

_FLAG = regex(r"--build-context(?:=|\s{1,9})[\"']?(?P<name>[^\s=\"']{1,200})[\"']?=")
_CONTEXTS = "contexts"
ANY = ""
"""Stands for a Dockerfile that is not known, and so for each."""
WHATEVER = "*"
"""Stands for a name that is not known, and so for each."""


def passed_names(
    builds: Iterable[Build],
    composed: Iterable[ComposeBuild],
    targets: Iterable[BakeTarget],
    bodies: Iterable[Body],
    texts: Iterable[Text],
    snapshot: Snapshot,
) -> Mapping[str, frozenset[str]]:
    """The names that builds pass something under, as `plain_name` gives them, by the path of their Dockerfile, `ANY` for an unknown one.

    `targets` are those of the bake files with these `bodies` of which all is known; of the commands in `texts` nobody knows here
    which Dockerfile is theirs.
    """
    found: dict[str, set[str]] = {}
    for build in builds:
        found.setdefault(build.dockerfile or ANY, set()).update(_in_input(build))
    for service in composed:
        found.setdefault(service.dockerfile or ANY, set()).update(service.contexts)
    known: set[Block] = set()
    for target in targets:
        known.update(target.blocks)
        named = [name for block in target.blocks for name in _in_block(block)]
        if named:
            found.setdefault(dockerfile_of(target, snapshot) or ANY, set()).update(named)
    others = (block for body in bodies for block in body.of_type("target") if block not in known)
    found.setdefault(ANY, set()).update(name for block in others for name in _in_block(block))
    found[ANY].update(it["name"] for text in texts for it in _FLAG.finditer(text.content))
    return {path: frozenset(map(plain_name, names)) for path, names in found.items() if names}


def _in_input(build: Build) -> Iterator[str]:
    """https://github.com/docker/build-push-action#inputs"""
    written = build.step.input("build-contexts") if build.step is not None else None
    for item in items(written, commas=False) if written is not None else ():
        name = item.text.partition("=")[0].strip()
        yield WHATEVER if "${{" in name else name


def _in_block(block: Block) -> Iterator[str]:
    """https://docs.docker.com/build/bake/reference/#targetcontexts"""
    written = block.body.get(_CONTEXTS)
    if written is not None and not isinstance(written, ObjectExpr):
        yield WHATEVER
    for item in written.items if isinstance(written, ObjectExpr) else ():
        yield item.name or WHATEVER


def plain_name(image: str) -> str:
    """How a builder writes an image's name to look it up: without Docker Hub's long spelling, and without `latest`.

    https://github.com/moby/buildkit/blob/master/frontend/dockerui/namedcontext.go
    """
    return image.removeprefix("docker.io/").removeprefix("library/").removesuffix(":latest")
