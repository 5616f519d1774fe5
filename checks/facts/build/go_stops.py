"""Steps whose builds stop on every run, since the Go of their base refuses the module that they compile."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from checks.facts.build.builds import Build
from checks.facts.build.contexts import BuildContext
from checks.facts.build.untouched_workspace import HARMLESS_ACTIONS, may_be_of_other_commit
from checks.facts.dockerfile.dockerfiles import Dockerfile, Stage
from checks.facts.dockerfile.go_builds import stopped_by_go
from checks.facts.project.go_modules import GoModule
from checks.facts.workflow.workflows import Step
from checks.regex import regex
from checks.source.text import Text

_MAY_CHANGE = regex(
    r"go\.mod|\bgo\s{1,9}(?:get|mod|work)\b|GOTOOLCHAIN|ockerfile|\b(?:cp|git|just|make|mv|perl|sed|task|tee)\b|uses:\s*\./|\.sh\b|>",
)
"""What a step ahead of a build says that may bring another module or Dockerfile, or ask for another Go."""
_SETTING_UP = ("actions/cache", "actions/setup-")
"""How the names of actions begin that bring programs and caches alone."""


def steps_refused_by_go(
    builds: Collection[Build],
    contexts: Iterable[BuildContext],
    modules: Collection[GoModule],
    texts: Mapping[str, Text],
) -> frozenset[Step]:
    """The steps of actions whose builds all come to a stage in which Go refuses the module, of the commit as it stands.

    They push nothing until the project mends that; nothing else is settled by it.
    """
    refused = {
        (context.dockerfile.path, context.folder): (context.dockerfile, stopped)
        for context in (contexts if modules else ())
        if (stopped := stopped_by_go(context.dockerfile, (context,), modules, texts))
    }
    stopping = {one for one in builds if _comes_to(one, refused)} if refused else set()
    going = {one.step for one in builds if one not in stopping}
    return frozenset(
        one.step
        for one in stopping
        if one.step is not None and one.step.always_counts and one.step not in going
    )


def _comes_to(build: Build, refused: Mapping[tuple[str, str], tuple[Dockerfile, frozenset[Stage]]]) -> bool:
    """Whether a build needs one of the stages that are refused in its context."""
    found = refused.get((build.dockerfile or "", build.folder or ""))
    if found is None or build.invocation is not None or _may_find_another(build):
        return False
    dockerfile, stopped = found
    stage = dockerfile.target_stage(build.target)
    return stage is not None and not stopped.isdisjoint(dockerfile.needed(stage))


def _may_find_another(build: Build) -> bool:
    """Whether a build may meet another module, Dockerfile or base than those of the commit."""
    step = build.step
    if step is None or step.job is None or may_be_of_other_commit(step):
        return True
    if step.input_entry("build-contexts") is not None:
        return True
    return any(map(_may_change, step.earlier))


def _may_change(step: Step) -> bool:
    is_open = step.uses is not None and not step.uses.action.startswith(HARMLESS_ACTIONS + _SETTING_UP)
    return is_open or _MAY_CHANGE.search(step.text[step.node.span]) is not None
