"""Which steps run Yarn once `actions/setup-node` has written a registry, and its token as `${NODE_AUTH_TOKEN}`, into `.npmrc`.

The first Yarn stops where that variable is not there, and with `cache: yarn` the action itself runs it, for its folder.
https://github.com/actions/setup-node/pull/1558
https://github.com/actions/setup-node/blob/v7.1.0/src/cache-utils.ts
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from checks.facts.script.scripts import parse_script
from checks.facts.token.programs import PLAIN_PROGRAMS
from checks.facts.workflow.composite_actions import CompositeAction
from checks.facts.workflow.inner_steps import WITHIN, steps_beside, steps_of
from checks.facts.workflow.workflows import Step
from checks.regex import regex
from checks.source.yaml import Mapping as YamlMapping

NODE, WITH_TOKEN = "actions/setup-node", 6
"""The action, and its last version that gives a token where none is there."""
_TOKEN = "NODE_AUTH_TOKEN"  # noqa: S105 the name of a variable
_ANOTHER_YARN = regex(r"\byarn@|\bset\s+version\b|\bcorepack\s+(?:install|prepare|use)\b")
"""In a script that may make `yarn` another one than the project's."""
_WITHOUT_YARN = PLAIN_PROGRAMS | {"node", "npm", "npx", "pnpm"}
"""Programs that run no Yarn in a project without a lock file of it."""


def lacks_token(step: Step, ways: Iterable[Step], actions: Mapping[str, CompositeAction]) -> bool:
    """Whether a step, or one behind it, certainly runs `yarn` without a token, in some job.

    `ways` are the steps of jobs that come to it, itself where it is a job's; `actions` the composite ones by folder.
    """
    own = steps_beside(step, actions)
    later = () if caches_yarn(step) else own[step.index + 1 :]
    if _has_token(step.env) or any(map(_speaks_of_token, (*own[: step.index + 1], *later))):
        return False
    if not (caches_yarn(step) or any(_runs_without_token(one, actions) for one in later)):
        return False
    return any(
        way.job is not None
        and not any(map(_has_token, way.environments))
        and not any(map(_speaks_of_token, way.earlier))
        for way in ways
    )


def caches_yarn(step: Step) -> bool:
    """Whether `actions/setup-node` asks Yarn where its cache is."""
    cache = step.input("cache")
    return cache is not None and cache.value == "yarn"


def may_lack_token(
    step: Step | None,
    actions: Mapping[str, CompositeAction],
    *,
    is_locked: bool,
    is_of_others: bool = False,
) -> bool:
    """Whether a step of the job behind one may run Yarn without a token; `is_locked` is whether there is a lock file of Yarn.

    `is_of_others` is whether all is locked for other package managers, and no script or action speaks of Yarn.
    A token that the step itself is given it hands on to later ones.
    """
    if step is not None and any(map(_has_token, step.environments)):
        return False
    if step is None or step.job is None:
        return True
    if is_locked:
        return True
    job = step.job.node
    if "yarn" in job.text[job.span].lower():
        return True
    return not is_of_others and any(_may_run(one, actions) for one in step.later)


def _may_run(step: Step, actions: Mapping[str, CompositeAction], within: int = 0) -> bool:
    if step.uses is not None and step.uses.is_local:
        inner = steps_of(step.uses, actions) if within < WITHIN else ()
        return not inner or any(_may_run(one, actions, within + 1) for one in inner)
    if step.run is None:
        return False
    script = parse_script(step.run.value)
    programs = {one.program for one in script.commands if one.words}
    return not step.is_shell_script or not script.complete or not programs <= _WITHOUT_YARN


def _runs_without_token(step: Step, actions: Mapping[str, CompositeAction], within: int = 0) -> bool:
    if _has_token(step.env):
        return False
    if step.uses is not None and step.uses.is_local and within < WITHIN:
        return any(_runs_without_token(one, actions, within + 1) for one in steps_of(step.uses, actions))
    if step.run is None or not step.is_shell_script or "yarn" not in step.run.value:
        return False
    return any(
        one.program == "yarn"
        and not one.uncertain
        and not any((word.literal or "").startswith("-") for word in one.arguments[:1])
        and not any(assignment.name == _TOKEN for assignment in one.assignments)
        for one in parse_script(step.run.value).commands
    )


def _has_token(env: YamlMapping | None) -> bool:
    return env is not None and env.get(_TOKEN) is not None


def _speaks_of_token(step: Step) -> bool:
    """Whether a script or an input names the token or another Yarn, so that later steps may have either."""
    inputs = step.inputs.text[step.inputs.span] if step.inputs else ""
    script = step.run.value if step.run else ""
    return _TOKEN in inputs or _TOKEN in script or _ANOTHER_YARN.search(script) is not None
