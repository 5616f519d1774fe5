"""Whether a checkout takes the code of a fork in a run for `pull_request_target`, as far as its workflow tells."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from checks.facts.deployment.kubernetes import at
from checks.facts.upgrade.upgrades import Upgrade
from checks.facts.value import Value
from checks.facts.workflow.author_conditions import lets_forks
from checks.facts.workflow.events import events
from checks.facts.workflow.job_events import of_step
from checks.facts.workflow.values import strings
from checks.facts.workflow.workflows import Job, Step
from checks.regex import regex
from checks.source.yaml import Scalar, walk

_EVENT = "pull_request_target"
_OF_FORK = regex(r"\bgithub\.event\.pull_request\.head\.")
_OF_PULL = regex(
    r"\brefs/pull/(?:\$\{\{\s*|\{0\}/(?:head|merge)'\s*,\s*)github\.event\.(?:pull_request\.)?number\b"
    r"|\bgithub\.event\.pull_request\.merge_commit_sha\b"
)
"""What it names by its number, and the commit that would merge it: https://github.com/actions/checkout/blob/v7.0.1/src/unsafe-pr-checkout-helper.ts"""
_REPOSITORY = regex(r"\$\{\{\s*github\.event\.pull_request\.head\.repo\.full_name\s*\}\}")
_OWN = regex(r"\$\{\{\s*github\.repository\s*\}\}")
_COMPARES = regex(r"[=!]=|\[\[?\s|\b(?:case|grep|if|test)\b")
"""In an expression or a line of a script: it may make a difference between forks and the repository itself."""
_SETS = regex(r"(?:^|[\s\"'(;{])\w{1,80}=")
"""In a line of a script: a variable or an output, and no option of a command."""
_ASKS = regex(r"\bhead\.repo\b|fork", re.IGNORECASE)
"""In a condition."""
_OF_JOB = regex(r"\bneeds\.([\w-]+)\.outputs\.([\w-]+)")
_OF_STEP = regex(r"\bsteps\.([\w-]+)\.outputs\.")


def takes_code_of_forks(upgrade: Upgrade) -> bool:
    """Whether a checkout names the head of a pull request, itself or by variables, a matrix or outputs that hold it, or what merges it."""
    if upgrade.step is None or _EVENT not in upgrade.events:
        return False
    named = f"{upgrade.written('repository')} {upgrade.written('ref')}"
    conditions = [one.condition.value for one in (upgrade.step, upgrade.job) if one and one.condition]
    if _OF_FORK.search(named):
        return not any("head.repo" in one for one in conditions)
    if any(map(_ASKS.search, conditions)):
        return False
    is_own = upgrade.lacks("repository") or _OWN.fullmatch(upgrade.written("repository"))
    if is_own and any(map(_OF_PULL.search, (named, *_filled_in(upgrade, "ref")))):
        return may_run_for_forks(upgrade, (_EVENT,))
    repository = _sources(upgrade, "repository")
    held = repository | _sources(upgrade, "ref")
    return any(_OF_FORK.search(one) and not _COMPARES.search(one) for one in held) or any(
        _hands_on_fork(one) for source in repository for one in _makers(source, upgrade.step.job)
    )


def may_run_for_forks(upgrade: Upgrade, names: Collection[str]) -> bool:
    """Whether an event of these names may bring a fork's code to the step: the conditions of the step and its job tell."""
    job = upgrade.job
    if upgrade.step is None or job is None or "workflow_call" in job.workflow.triggers:
        return not set(names).isdisjoint(upgrade.events)
    conditions = [one.condition.value for one in (upgrade.step, job) if one.condition]
    return any(
        all(lets_forks(one, event, upgrade.slug) for one in conditions)
        for event in events(job.workflow)
        if event.name in names and event.name in upgrade.events
    )


def _sources(upgrade: Upgrade, name: str) -> set[str]:
    """The expressions that an input comes to in the end, over variables and the matrix."""
    return {hole.source for one in _values(upgrade, name) for hole in one.holes}


def _filled_in(upgrade: Upgrade, name: str) -> Iterator[str]:
    """What an input comes to over variables and the matrix, with the expressions that are left."""
    for value in _values(upgrade, name):
        yield "".join(part if isinstance(part, str) else f"${{{{ {part.source} }}}}" for part in value.parts)


def _values(upgrade: Upgrade, name: str) -> list[Value]:
    found = upgrade.step.input(name) if upgrade.step else None
    return [one for scope in upgrade.scopes for one in scope.values(found.value)] if found else []


def _makers(source: str, job: Job | None) -> Iterator[Step]:
    """The steps of which an expression takes an output, by those of a needed job and a matrix that is made of one."""
    if job is None:
        return
    matrix = at(job.node, "strategy", "matrix") if source.startswith("matrix.") else None
    texts = [one.value for one in walk(matrix) if isinstance(one, Scalar)] if matrix else [source]
    for text in texts:
        yield from filter(None, map(job.step, _OF_STEP.findall(text)))
        for job_id, name in _OF_JOB.findall(text):
            other = job.workflow.job(job_id)
            written = strings(other.node.get("outputs")).get(name, "") if other else ""
            yield from filter(None, map(other.step, _OF_STEP.findall(written))) if other else ()


def _hands_on_fork(step: Step) -> bool:
    """Whether a script puts the name of the head's repository into something, and compares it with nothing."""
    names = [name for name, written in strings(step.env).items() if _REPOSITORY.fullmatch(written)]
    conditions = [one.condition.value for one in (step, step.job) if one and one.condition]
    runs = any(event.name == _EVENT for event in of_step(step) or ())
    if step.run is None or not names or not runs or any(map(_ASKS.search, conditions)):
        return False
    is_read = regex(rf"\$\{{?(?:{'|'.join(map(re.escape, names))})\b")
    lines = list(filter(is_read.search, step.run.value.splitlines()))
    return any(_SETS.search(is_read.split(one)[0]) for one in lines) and not any(map(_COMPARES.search, lines))
