"""Which scopes of its token a job reads with, beside `contents`: pull requests, artifacts of other runs, packages, pages."""

from __future__ import annotations

from collections.abc import Mapping

from checks.facts.token.action_scopes import reads_pull_requests
from checks.facts.token.github_cli import is_given
from checks.facts.token.github_script import scopes_of_script
from checks.facts.token.own_tokens import has_own_token
from checks.facts.token.registry_logins import (
    builds_with_token,
    is_pulled_with_token,
    is_said_to_pull,
    logs_in_from_elsewhere,
)
from checks.facts.token.unfolded_steps import UnfoldedSteps
from checks.facts.workflow.workflows import Step
from checks.source.text import Text

_WITH_CREDENTIALS = ("container", "services")
"""Of a job, what has images that are pulled ahead of its steps."""


def scopes_read(steps: UnfoldedSteps, texts: Mapping[str, Text]) -> tuple[str, ...]:
    """The scopes that actions read with; `texts` are the files of the repository by path.

    https://github.com/actions/configure-pages/issues/188
    """
    job, all_steps = steps.job, steps.all_steps
    is_of_pull_requests = any(name.startswith("pull_request") for name in job.workflow.triggers)
    readers = filter(reads_pull_requests, all_steps) if is_of_pull_requests else ()
    asked = ["pull-requests" for _ in readers]
    asked += ["actions" for step in all_steps if _reads_another_run(step)]
    asked += ["pages" for step in all_steps if step.uses_action("actions/configure-pages")]
    asked += ["packages" for name in _WITH_CREDENTIALS if is_pulled_with_token(job.node.get(name))]
    asked += [scope for step in all_steps for scope in scopes_of_script(step) or ()]
    asked += ["packages" for step in all_steps if _pulls(step, steps, texts)]
    return tuple(dict.fromkeys(asked))


def _pulls(step: Step, steps: UnfoldedSteps, texts: Mapping[str, Text]) -> bool:
    """Whether a step may pull images from GitHub's registry with the token, or is there so that later ones can."""
    return (
        steps.logs_in_with_token(step)
        or logs_in_from_elsewhere(step)
        or builds_with_token(step)
        or is_said_to_pull(step, texts)
    )


def _reads_another_run(step: Step) -> bool:
    """Whether a step asks for the artifacts of another run with the job's token.

    https://github.com/actions/download-artifact#download-artifacts-from-other-workflow-runs-or-repositories
    """
    if step.uses_action("dawidd6/action-download-artifact"):
        return not has_own_token(step)
    token = step.input("github-token")
    is_asked = step.uses_action("actions/download-artifact") and step.input("run-id") is not None
    return is_asked and token is not None and is_given(token.value)
