"""Arguments of builds that each commit or each run has another value for, and layers that no cache serves because of them.

https://docs.docker.com/reference/dockerfile/#impact-on-build-caching
"""

from __future__ import annotations

import re
from collections.abc import Collection

from checks.facts.build.builds import Assigned, Build
from checks.facts.dockerfile.dockerfiles import Dockerfile, Stage
from checks.facts.value import Hole, Varies
from checks.regex import regex

_OF_EVENT = regex(
    r"github\.event\.(?:comment\.(?:created_at|id)|head_commit\.(?:id|timestamp)|pull_request\.updated_at"
    r"|repository\.(?:pushed_at|updated_at)|workflow_run\.(?:head_sha|id))"
    r"|.*\.labels\[['\"]org\.opencontainers\.image\.(?:created|revision)['\"]\]"
)
"""In an expression: what the next event of the same kind has another value for, or a label that docker/metadata-action makes.

https://github.com/docker/metadata-action#outputs
"""
_OF_RUN = regex(r"\b(?:env|needs|steps)\.|^\s*[$…]")
"""In an expression, or a command: what an earlier step or job says, or the shell."""
_CALLED_SO = regex(
    r"(?:\w{1,40}_)?(?:sha1?|commit|commit_?(?:hash|id|sha)|git_?(?:commit|hash|rev|sha)|revision|vcs_?ref"
    r"|build_?(?:date|time|timestamp)|timestamp)",
    re.IGNORECASE,
)
"""A name of an argument for the commit or the time, which holds one where a step, a job or a command makes its value."""


def changing_arguments(build: Build) -> frozenset[str]:
    """The names of the arguments that have another value for another commit or another run."""
    return frozenset(one.name for one in build.build_args or () if _changes(one))


def runs_all_anew(dockerfile: Dockerfile, stages: Collection[Stage], changing: Collection[str]) -> bool:
    """Whether each command of these stages runs behind the declaration of one of these arguments.

    A `RUN` has all arguments that its stage declares above it in its environment, used or not. The stages are all that
    a build needs.
    """
    found = False
    for stage in stages:
        is_changed = any(_has_run(before) for before in dockerfile.ancestry(stage)[1:])
        for it in stage.instructions:
            is_changed |= it.keyword == "ARG" and any(pair.name.value in changing for pair in it.pairs)
            if it.keyword == "RUN" and not is_changed:
                return False
        found |= _has_run(stage)
    return found


def runs_nothing(stages: Collection[Stage]) -> bool:
    """Whether stages only take their bases, and copy what the context or another image has.

    Such a layer is made as fast as a cache is read, and a build has no time to save. `ADD` may fetch from elsewhere.
    """
    return not any(it.keyword in ("ADD", "RUN") for stage in stages for it in stage.instructions)


def _has_run(stage: Stage) -> bool:
    return any(it.keyword == "RUN" for it in stage.instructions)


def _changes(argument: Assigned) -> bool:
    is_called_so = bool(_CALLED_SO.fullmatch(argument.name))
    return any(_is_new(hole) or (is_called_so and _is_of_run(hole)) for hole in argument.value.holes)


def _is_new(hole: Hole) -> bool:
    return hole.varies in (Varies.COMMIT, Varies.RUN) or bool(_OF_EVENT.fullmatch(hole.source.strip()))


def _is_of_run(hole: Hole) -> bool:
    """Whether an earlier step or job says what it is, or the command that builds."""
    return hole.varies is Varies.UNKNOWN and _OF_RUN.search(hole.source) is not None
