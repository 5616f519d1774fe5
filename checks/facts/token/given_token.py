"""Whether a step is given the token of its job, in its script, its inputs or its environment, or leaves it for git."""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.facts.token.github_cli import is_given
from checks.facts.token.own_tokens import has_own_token, is_own_token
from checks.facts.workflow.values import strings
from checks.facts.workflow.workflows import Step
from checks.regex import regex

_NAMES = regex(r"\w+")
_FROM_CALLER = regex(r"\$\{\{[^}]{0,300}\b(?:inputs|secrets)\b", re.IGNORECASE)


def names_the_token(step: Step) -> bool:
    """Whether the token of the job stands in the script, the inputs or the environment of a step."""
    return any(map(is_given, _texts_of(step)))


def may_be_handed_the_token(step: Step) -> bool:
    """Whether a caller of the workflow may hand a step the token of the job: as a secret, or as an input."""
    is_called = step.job is not None and "workflow_call" in step.job.workflow.triggers
    return is_called and any(map(_FROM_CALLER.search, _texts_of(step)))


def _texts_of(step: Step) -> list[str]:
    """The script, the inputs and the variables of a step."""
    texts = [value for node in (*step.environments, step.inputs) for value in strings(node).values()]
    return [*texts, *([step.run.value] if step.run else [])]


def is_handed_the_token(step: Step) -> bool:
    """Whether a login is made with the token of the job: its script or inputs name it, or a variable that holds it."""
    texts = [*strings(step.inputs).values(), *([step.run.value] if step.run else [])]
    return any(is_named(step, text) for text in texts)


def is_named(step: Step, text: str) -> bool:
    """Whether a text of a step has the token, or a variable that holds it."""
    return is_given(text) or not set(variables_with_token(step)).isdisjoint(_NAMES.findall(text))


def variables_with_token(step: Step) -> Iterator[str]:
    """The names of the variables of a step, its job and its workflow that hold the token."""
    for node in step.environments:
        yield from (name for name, value in strings(node).items() if is_given(value))


def stores_token(step: Step) -> bool:
    """Whether a step is a checkout that leaves the job's token for git."""
    persisted = step.input("persist-credentials")
    is_kept = persisted is None or persisted.value.lower() != "false"
    is_by_ssh = step.input("ssh-key") is not None
    return step.uses_action("actions/checkout") and is_kept and not is_by_ssh and not has_own_token(step)


def finds_own_token(step: Step) -> bool:
    """Whether git certainly finds another token than the job's at a step: each checkout ahead has left one, or a key.

    Not where a script ahead has the job's, which may hand it to git, or the step itself.
    """
    before = step.earlier
    checkouts = [one for one in before if one.uses_action("actions/checkout")]
    is_handed = any(names_the_token(one) for one in (*before, step) if one is step or one.run is not None)
    return bool(checkouts) and not is_handed and all(map(_leaves_own_token, checkouts))


def _leaves_own_token(checkout: Step) -> bool:
    persisted, key = checkout.input("persist-credentials"), checkout.input("ssh-key")
    is_kept = persisted is None or persisted.value.lower() == "true"
    # A key that is empty leaves the token of the job, as a secret is that callers may leave out.
    is_called = checkout.job is not None and "workflow_call" in checkout.job.workflow.triggers
    has_key = key is not None and is_own_token(checkout, key.value) and not is_called
    return is_kept and (has_key or has_own_token(checkout))
