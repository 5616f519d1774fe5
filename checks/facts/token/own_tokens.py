"""Whether a step gives its action, or what it runs, another token for GitHub than the job's."""

from __future__ import annotations

import re

from checks.facts.workflow.workflows import Step
from checks.regex import regex

_TOKENS = ("token", "github-token", "github_token", "gh-token", "gh_token", "repo-token", "repo_token", "pat")
"""Inputs by which actions take the token that they call GitHub with."""
_VARIABLES = ("GH_TOKEN", "GITHUB_TOKEN")
"""Where programs look for it."""
_OWN = regex(
    r"\$\{\{\s*(?:secrets\.(?!github_token\b)\w+|steps\.[\w-]+\.outputs\.[\w-]+)\s*\}\}", re.IGNORECASE
)
_VARIABLE = regex(r"\$\{\{\s*env\.(\w+)\s*\}\}", re.IGNORECASE)


def has_own_token(step: Step) -> bool:
    """Whether a step gives its action another token for GitHub than the job's: a secret, or what another step has made.

    In a workflow that others call, a secret may be the caller's token of the job.
    """
    tokens = [found.value for name in _TOKENS if (found := step.input(name)) is not None]
    is_called = step.job is not None and "workflow_call" in step.job.workflow.triggers
    return bool(tokens) and not is_called and all(is_own_token(step, token) for token in tokens)


def has_own_token_in_environment(step: Step) -> bool:
    """Whether what a step runs finds another token for GitHub than the job's where programs look for one, and none of the job's.

    https://cli.github.com/manual/gh_help_environment
    """
    if step.job is None or "workflow_call" in step.job.workflow.triggers:
        return False
    given = [value for name in _VARIABLES if (value := step.variable(name)) is not None]
    return bool(given) and all(_OWN.fullmatch(one.value.strip()) for one in given)


def is_own_token(step: Step, text: str) -> bool:
    """Whether a value that a step is given is a secret or an output of a step, which is not the token of the job."""
    return bool(_OWN.fullmatch(_set_to(step, text).strip()))


def _set_to(step: Step, text: str) -> str:
    """What the file sets the variable to that a value consists of, where no script ahead may set it too; else the value itself.

    https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#env-context
    """
    named = _VARIABLE.fullmatch(text.strip())
    if named is None or step.job is None:
        return text
    scripts = (one.run.value for one in step.earlier if one.run is not None)
    is_set_anew = any("GITHUB_ENV" in script and named[1] in script for script in scripts)
    declared = step.variable(named[1])
    return text if is_set_anew or declared is None else declared.value
