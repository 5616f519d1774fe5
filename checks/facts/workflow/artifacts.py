"""What runs of workflows hand on as artifacts.

https://docs.github.com/en/actions/concepts/workflows-and-actions/workflow-artifacts
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from checks.facts.token.programs import may_run_unseen
from checks.facts.workflow.calls import Calls
from checks.facts.workflow.job_order import needed_jobs
from checks.facts.workflow.scopes import scopes_of
from checks.facts.workflow.workflows import Job, Step, Workflow
from checks.regex import regex

UPLOAD = "actions/upload-artifact"
DOWNLOAD = "actions/download-artifact"
_OF_OTHER_RUNS = ("github-token", "repository", "run-id")
"""Inputs by which `DOWNLOAD` takes what another run has uploaded."""
_SITE, _SITE_NAME = "actions/upload-pages-artifact", "github-pages"
"""The action that uploads a site, and the artifact's name unless it is told another."""
_UNNAMED = "artifact"
"""The name of an artifact that is given none."""
_SPEAKS_OF = regex(r"artifact", re.IGNORECASE)
"""In the name of an action that may take or add one, and in a script that GitHub's client or another language runs."""
_ASKS_FOR = regex(
    r"\brun\s+download\b|\bactions/(?:\$\{\{[^}]{0,100}\}\}|[^\s\"']){0,300}artifact"
    r"|\b(?:artifacts?_(?:id|url)|archive_download_url)\b",
    re.IGNORECASE,
)
"""In a script of the shell that asks GitHub for artifacts, and does not just write to a folder of that name."""
_OF_THAT_RUN = regex(
    r"artifact|\bworkflow_run\.(?:id|url|html_url)\b|\brun\s+download\b|GITHUB_EVENT_PATH", re.IGNORECASE
)
"""In a workflow that runs after another, and may take what that has uploaded."""
_CALLED = "workflow_call"
_AFTER_ANOTHER = "workflow_run"


def keeps_artifacts(workflow: Workflow) -> bool:
    """Whether a run's artifacts certainly come from the steps of its workflow alone, but for what others of the repository add.

    What somebody else's workflow does in the run is not known, nor what callers do. See `may_share_artifacts`.
    """
    return _CALLED not in workflow.triggers and not any(job.calls_others for job in workflow.jobs)


def uploads_apart(workflow: Workflow) -> bool:
    """Whether the steps of a workflow certainly upload artifacts of other names, each of its own."""
    names = [_names(one) for one in workflow.steps if _uploads(one) or _is_site(one)]
    known = [name for one in names if one for name in one]
    return len(names) == 1 or (None not in names and len(known) == len(set(known)))


def may_share_artifacts(steps: Iterable[Step], workflows: Iterable[Workflow]) -> bool:
    """Whether something may take an artifact of the run of another workflow of a repository, or add one to it.

    `steps` and `workflows` are all of the repository.
    """
    return any(map(_may_take_after, workflows)) or any(map(_may_share, steps))


def ahead_of_calls(workflow: Workflow, calls: Calls) -> tuple[tuple[Step, ...], ...]:
    """The steps of jobs that have run, whatever happens, before each of the jobs that call a workflow.

    Those of workflows of the repository that they call, too. Nothing where it may be started in another way.
    """
    if set(workflow.triggers) != {_CALLED}:
        return ()
    callers = calls.callers(workflow)
    return tuple(
        tuple(step for job in needed_jobs(caller) if job.condition is None for step in _steps_of(job, calls))
        if caller.condition is None
        else ()
        for caller in callers
    )


def _steps_of(job: Job, calls: Calls) -> Iterator[Step]:
    """The steps of a job, or of the jobs that run in the workflow that it calls."""
    yield from job.steps
    called = calls.called(job)
    for inner in called.jobs if called is not None else ():
        if all(one.condition is None for one in (inner, *needed_jobs(inner))):
            yield from inner.steps


def _may_take_after(workflow: Workflow) -> bool:
    """Whether a workflow runs after another, and may take its artifacts.

    It speaks of these, or of that run, calls workflows of others, or runs scripts that do not show all that they do.
    """
    if _AFTER_ANOTHER not in workflow.triggers:
        return False
    called = any(job.calls_others for job in workflow.jobs)
    is_open = called or any(may_run_unseen(step) for step in workflow.steps if step.run is not None)
    return is_open or _OF_THAT_RUN.search(workflow.text.content) is not None


def _names(step: Step) -> frozenset[str] | None:
    """What a step calls the artifact in the legs of its job; None where that is not known."""
    name = step.input("name")
    if name is None:
        return frozenset((_SITE_NAME if _is_site(step) else _UNNAMED,))
    found = {scope.value(name.value).literal for scope in scopes_of(step, None)}
    return None if None in found or not found else frozenset(filter(None, found))


def _uploads(step: Step) -> bool:
    return step.uses is not None and step.uses.repository == UPLOAD


def _is_site(step: Step) -> bool:
    return step.uses is not None and step.uses.repository == _SITE


def _may_share(step: Step) -> bool:
    """Whether a step may take an artifact of a run, or add one to that of a workflow which is not its own."""
    is_of_others = step.job is None or _CALLED in step.job.workflow.triggers
    if _uploads(step) or _is_site(step):
        return is_of_others
    if step.uses is not None and step.uses.repository == DOWNLOAD:
        return is_of_others or any(map(step.input_entry, _OF_OTHER_RUNS))
    if step.run is not None and step.is_shell_script:
        return _ASKS_FOR.search(step.run.value) is not None
    script = step.run or step.input("script")
    name = step.uses.name if step.uses is not None else ""
    return _SPEAKS_OF.search(f"{name}\n{script.value if script else ''}") is not None
