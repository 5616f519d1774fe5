"""For which events, and on which kind of ref, a workflow, a job and a step run.

Contexts: https://docs.github.com/en/actions/reference/workflows-and-actions/contexts
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from checks.facts.policy.go_regexp import matches
from checks.facts.workflow.job_order import needed_jobs
from checks.facts.workflow.runner_labels import is_retired_label
from checks.facts.workflow.workflows import CompositeAction, Job, Step, Trigger, Workflow, scalars
from checks.regex import regex
from checks.source import evaluation, expression
from checks.source.evaluation import EITHER, Value, known
from checks.source.text import Span
from checks.source.yaml import Mapping as YamlMapping
from checks.source.yaml import Scalar as YamlScalar

USUAL_DEFAULTS = ("main", "master")
"""What the default branch is called: no workflow says which it is."""


class RefKind(StrEnum):
    """What `github.ref` is for an event."""

    BRANCH = "branch"
    TAG = "tag"
    PULL = "pull"
    """`refs/pull/N/merge`."""


@dataclass(frozen=True)
class Event:
    """One way in which a workflow is started."""

    name: str
    ref_kind: RefKind
    ref: str | None
    """The full ref, if it is only one: `refs/heads/main`."""
    pattern: str | None = None
    """The filter that lets the ref in where that is not one ref only: `v*`, without `refs/tags/`."""
    types: tuple[str, ...] = ()
    """The activity types that `types:` names; empty where it names none."""
    bases: tuple[str, ...] = ()
    """Of a pull request: the patterns of `branches:`, for the branch that it goes into; empty for any."""
    paths: tuple[str, ...] = field(default=(), compare=False)
    """Of a pull request: the patterns of `paths:`, or of `paths-ignore:` as exceptions from all; empty for any."""

    @property
    def is_push_to_branch(self) -> bool:
        return self.name == "push" and self.ref_kind is RefKind.BRANCH

    @property
    def is_on_passing_branch(self) -> bool:
        """Whether it is a push to branches that, by their names, are there to try something."""
        name = (self.ref or "").removeprefix("refs/heads/") or self.pattern or ""
        return self.is_push_to_branch and bool(_PASSING.fullmatch(name))

    @property
    def is_on_default_branch(self) -> bool:
        """Whether it runs on the default branch alone, as a schedule does."""
        has_others = self.name in ("push", "merge_group", "workflow_call") or self.name in _ON_BRANCH_OR_TAG
        return self.ref_kind is RefKind.BRANCH and not has_others

    @property
    def is_of_pull_request(self) -> bool:
        """Whether it runs the code of a pull request, as it would be merged."""
        return self.name in _PULL

    @property
    def activities(self) -> tuple[str, ...] | None:
        """The activity types that start it; None where they are not known."""
        return self.types or (_USUAL if self.name in (*_PULL[:1], "pull_request_target") else None)


_ON_BRANCH_OR_TAG = frozenset(
    ("workflow_dispatch", "create", "deployment", "deployment_status", "registry_package")
)
"""Events that the two kinds of refs have; all that are not named here have the default branch's or the queue's."""
_PULL = ("pull_request", "pull_request_review", "pull_request_review_comment")
_WITH_INPUTS = frozenset(("workflow_call", "workflow_dispatch"))
"""Events that bring inputs along."""
_BROUGHT_BY: Mapping[str, frozenset[str]] = {
    "check_run": frozenset(("check_run", "deployment_status")),
    "check_suite": frozenset(("check_suite",)),
    "client_payload": frozenset(("repository_dispatch",)),
    "comment": frozenset(("discussion_comment", "issue_comment", "pull_request_review_comment")),
    "commits": frozenset(("push",)),
    "deployment": frozenset(("deployment", "deployment_status")),
    "deployment_status": frozenset(("deployment_status",)),
    "discussion": frozenset(("discussion", "discussion_comment")),
    "head_commit": frozenset(("push",)),
    "inputs": _WITH_INPUTS,
    "issue": frozenset(("issue_comment", "issues")),
    "merge_group": frozenset(("merge_group",)),
    "pull_request": frozenset((*_PULL, "pull_request_target")),
    "registry_package": frozenset(("registry_package",)),
    "release": frozenset(("release",)),
    "review": frozenset(("pull_request_review",)),
    "schedule": frozenset(("schedule",)),
    "workflow_run": frozenset(("deployment", "deployment_status", "workflow_run")),
}
"""The events whose payload has a key, of those that tell one event from the others.

https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""
_WITH_PATHS = frozenset(("push", "pull_request", "pull_request_target"))
"""Events that `paths` can keep from a workflow."""
_USUAL = ("opened", "synchronize", "reopened")
"""Activity types of pull requests where none are written."""
_SWITCHED_OFF = regex(r"\s*(?:\$\{\{\s*false\s*\}\}|false)\s*")
_PATTERN = frozenset("*?+[]!\\")
_PASSING = regex(
    r"(?:.*[/_-])?(?:tests?|testing|tmp|temp|wip|poc|playground|sandbox|demo|experiment\w*)(?:[/_-].*)?"
    r"|(?!(?:releases?|stable|support|maintenance|v?\d)[/_-])[\w.-]+/.*",
    re.IGNORECASE,
)
"""A word for that in the name, or a folder that is not one of releases."""


def events(workflow: Workflow) -> tuple[Event, ...]:
    """The events of `on:`, one for each ref that the filters name and for each kind of ref that they leave open.

    None that waits for paths which no change has.
    """
    return tuple(
        event
        for trigger in workflow.triggers.values()
        for event in _events_of(trigger)
        if event.ref_kind is RefKind.TAG or not _matches_no_path(trigger)
    )


def _events_of(trigger: Trigger) -> Iterator[Event]:
    if trigger.name == "push":
        yield from _push(trigger)
    elif trigger.name in _PULL:
        types, bases = trigger.filter("types") or (), trigger.filter("branches") or ()
        yield Event(trigger.name, RefKind.PULL, None, None, types, bases, _paths(trigger))
    elif trigger.name == "release":
        yield Event(trigger.name, RefKind.TAG, None)
    elif trigger.name == "workflow_call":
        for kind in RefKind:
            yield Event(trigger.name, kind, None)
    else:
        yield Event(trigger.name, RefKind.BRANCH, None)
        if trigger.name in _ON_BRANCH_OR_TAG:
            yield Event(trigger.name, RefKind.TAG, None)


def _matches_no_path(trigger: Trigger) -> bool:
    """Whether each of its `paths` begins with `./` or `../`, as no path of a change does. Tags don't ask for them.

    https://github.com/rhysd/actionlint/issues/521
    """
    wanted = [one for one in trigger.filter("paths") or () if not one.startswith("!")]
    return (
        trigger.name in _WITH_PATHS and bool(wanted) and all(one.startswith(("./", "../")) for one in wanted)
    )


def _paths(trigger: Trigger) -> tuple[str, ...]:
    ignored = trigger.filter("paths-ignore")
    return trigger.filter("paths") or (("**", *(f"!{one}" for one in ignored)) if ignored else ())


def _push(trigger: Trigger) -> Iterator[Event]:
    """Filters of one kind exclude refs of the other; without any, all refs are in."""
    branches = trigger.filter("branches")
    tags = trigger.filter("tags")
    without_branches = trigger.filter("branches-ignore") is not None
    without_tags = trigger.filter("tags-ignore") is not None
    unfiltered = branches is None and tags is None and not without_branches and not without_tags
    for kind, prefix, patterns, ignored in (
        (RefKind.BRANCH, "refs/heads/", branches, without_branches),
        (RefKind.TAG, "refs/tags/", tags, without_tags),
    ):
        if patterns is None:
            if ignored or unfiltered:
                yield Event("push", kind, None)
            continue
        for pattern in patterns:
            if not pattern.startswith("!"):
                is_one = not _PATTERN & set(pattern)
                yield Event("push", kind, prefix + pattern if is_one else None, None if is_one else pattern)


def of_job(job: Job) -> tuple[Event, ...]:
    """The events for which a job may run, by its `if:` and those of the jobs it needs; an unknown condition may hold."""
    found = events(job.workflow)
    return tuple(event for event in found if may_run(job, event, empty_inputs(job.workflow, event)))


def may_run(job: Job, event: Event, given: Given) -> bool:
    """Whether a job may run for an event, with more given of the contexts of its workflow.

    Behind a job that is skipped all are that need it, over others too, unless they ask for the status themselves.
    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idneeds
    """
    condition = job.condition.value if job.condition else ""
    if not _may_hold_in(job, condition, event, given):
        return False
    needed = needed_jobs(job)
    skipped = [
        one for one in needed if one.condition and not _may_hold_in(one, one.condition.value, event, given)
    ]
    results: Given = {("needs", one.id.lower(), "result"): known("skipped") for one in skipped}
    not_all: Given = {**given, **results, ("success()",): known(False)}
    return not skipped or (may_follow_failure(condition) and _may_hold_in(job, condition, event, not_all))


def empty_inputs(workflow: Workflow, event: Event) -> Given:
    """The inputs that a workflow declares, for an event that brings none."""
    if event.name in _WITH_INPUTS:
        return {}
    declared = (trigger.node.get("inputs") for trigger in workflow.triggers.values() if trigger.node)
    names = (name for one in declared if isinstance(one, YamlMapping) for name in one.keys)
    return {("inputs", name.lower()): known(None) for name in names}


def default_inputs(workflow: Workflow) -> Given:
    """The inputs of a run that somebody starts by hand and gives none: their defaults, where they are written out."""
    trigger = workflow.triggers.get("workflow_dispatch")
    declared = trigger.node.get("inputs") if trigger and trigger.node else None
    found: dict[tuple[str, ...], Value] = {}
    for entry in declared.entries if isinstance(declared, YamlMapping) else ():
        name = entry.key.value.lower() if isinstance(entry.key, YamlScalar) else ""
        default = entry.value.get("default") if isinstance(entry.value, YamlMapping) else None
        if isinstance(default, YamlScalar):
            boolean = default.as_bool()
            found["inputs", name] = known(default.value if boolean is None else boolean)
            found["github", "event", "inputs", name] = known(default.value)
    return found


def of_step(step: Step) -> tuple[Event, ...] | None:
    """The events for which a step may run; None in a composite action, whose callers decide."""
    if step.job is None:
        return None
    job, condition = step.job, step.condition.value if step.condition else ""
    return tuple(
        event
        for event in of_job(job)
        if _may_hold_in(job, condition, event, empty_inputs(job.workflow, event))
    )


def may_run_before_merge(job: Job) -> bool:
    """Whether a job may run for a pull request that is not merged, whose code the base does not have."""
    return any(
        event.ref_kind is RefKind.PULL
        and may_run(job, event, {**empty_inputs(job.workflow, event), **_NOT_MERGED})
        for event in of_job(job)
    )


def never_runs(part: Job | Step) -> bool:
    """Whether a job or a step is switched off, or asks for an event that its workflow does not have, or for what a job says that
    it does not need."""
    if part.condition is not None and _SWITCHED_OFF.fullmatch(part.condition.value):
        return True
    job = part if isinstance(part, Job) else part.job
    if job is None or not events(job.workflow):
        return False
    holders = (job,) if isinstance(part, Job) else (job, part)
    written = [one.condition.value for one in holders if one.condition is not None]
    conditions = [(one, {**WHATEVER_COMES, **_not_needed(job, one)}) for one in written if one.strip()]
    return not any(
        all(may_hold(one, event, given) for one, given in conditions) for event in events(job.workflow)
    )


def parts_that_never_run(holder: Workflow | CompositeAction) -> tuple[Span, ...]:
    """The jobs and steps that never run: left for an updater to read, left over from another trigger, without a machine, or
    behind a job that never does."""
    jobs = holder.jobs if isinstance(holder, Workflow) else ()
    stuck = frozenset(
        job for job in jobs if never_runs(job) or (len(job.runs_on) == 1 and is_retired_label(job.runs_on[0]))
    )
    idle = (job.span for job in (*stuck, *waiting_behind(stuck, jobs)))
    return (*idle, *(step.node.span for step in holder.steps if never_runs(step)))


def waiting_behind(stuck: frozenset[Job], jobs: Iterable[Job]) -> Iterator[Job]:
    """The jobs that need one of those that never come to an end, or one behind these, and that ask for no failure, or for what
    only a job at its end gives."""
    waiting = [job for job in jobs if job not in stuck] if stuck else []
    while behind := [job for job in waiting if _waits_behind(job, stuck)]:
        yield from behind
        stuck |= frozenset(behind)
        waiting = [job for job in waiting if job not in stuck]


def _waits_behind(job: Job, stuck: frozenset[Job]) -> bool:
    needed = stuck.intersection(needed_jobs(job))
    return bool(needed) and not _may_run_behind(job, needed)


def _may_run_behind(job: Job, stuck: frozenset[Job]) -> bool:
    """Whether a job may run behind some that never come to an end, of which there are no outputs and no success."""
    condition = job.condition.value if job.condition else ""
    if not may_follow_failure(condition):
        return False
    names, without = {one.id.lower() for one in stuck}, {}
    for path in _asked_of_jobs(condition):
        if path[1] in names and path[2:3] == ("outputs",):
            without[path] = known(None)
        elif path[1] in names and path[2:] == ("result",):
            without[path] = _NO_SUCCESS
    started = events(job.workflow)
    return not started or any(may_hold(condition, one, {**WHATEVER_COMES, **without}) for one in started)


def _may_hold_in(job: Job, condition: str, event: Event, given: Given) -> bool:
    return not condition.strip() or may_hold(condition, event, {**given, **_not_needed(job, condition)})


def _not_needed(job: Job, condition: str) -> Given:
    """What a condition asks of jobs that its own job does not need: nothing is known of them there.

    https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#needs-context
    """
    asked = _asked_of_jobs(condition)
    needed = {name.value.lower() for name in scalars(job.node.get("needs"))} if asked else set()
    return {path: known(None) for path in asked if path[1] not in {*needed, "*"}}


def _asked_of_jobs(condition: str) -> list[tuple[str, ...]]:
    """The paths in `needs` that a condition names, in lower case."""
    if "needs" not in condition.lower():
        return []
    indexes = (part for part in _parts(condition) if isinstance(part, expression.Index))
    paths = (tuple(map(str.lower, expression.path_of(part) or ())) for part in indexes)
    return [path for path in paths if path[:1] == ("needs",)]


Given = Mapping[tuple[str, ...], Value]
"""Values of contexts by their path in lower case, over what an event tells."""
_OF_STATUS = regex(r"\b(?:always|cancelled|failure)\s*\(", re.IGNORECASE)
WHATEVER_COMES: Given = {(f"{name}()",): EITHER for name in ("success", "failure", "cancelled")}
"""A run in which something may have failed, or which somebody may have cancelled."""
_NO_SUCCESS = known("skipped", "failure", "cancelled")
"""The results of a job that never comes to its end."""


def may_follow_failure(condition: str) -> bool:
    """Whether a condition asks for the status itself, without which nothing runs behind what failed or was skipped.

    https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#status-check-functions
    """
    return _OF_STATUS.search(condition) is not None


def may_hold(condition: str, event: Event, given: Given | None = None) -> bool:
    """Whether an `if:` can be true for an event, perhaps with more given of its contexts."""
    return _holds(condition, event, _key(given)) is not False


def certainly_holds(condition: str, event: Event, given: Given | None = None) -> bool:
    """Whether an `if:` is certainly true for an event, in a run in which nothing failed."""
    return _holds(condition, event, _key(given)) is True


_Key = tuple[tuple[tuple[str, ...], Value, tuple[type, ...]], ...]
"""What is given, as a key: with the types of constants, as Python takes `True` and `1` for the same."""


def _key(given: Given | None) -> _Key:
    return tuple((path, value, tuple(map(type, value.constants))) for path, value in (given or {}).items())


@lru_cache(maxsize=8192)
def _holds(condition: str, event: Event, given: _Key) -> bool | None:
    """The same few conditions are asked for by each check, for each job and again for each fix that is tried."""
    candidates = _refs(condition, event) if event.ref is None else (event.ref,)
    more = {path: value for path, value, _ in given}

    def lookup(path: tuple[str, ...]) -> Value:
        return more[path] if path in more else _lookup(event, candidates, path)

    return evaluation.holds(condition, lookup)


_MERGED = ("github", "event", "pull_request", "merged")
_NOT_MERGED: Given = {_MERGED: known(False), (*_MERGED[:-1], "merged_at"): known(None)}


def of_same_repository(slug: str | None) -> Given:
    """What is given of a pull request from a branch of the repository itself, not of a fork."""
    name = known(slug or _ANY)
    head = ("github", "event", "pull_request", "head", "repo")
    return {(*head, "fork"): known(False), (*head, "full_name"): name, ("github", "repository"): name}


def after_run_for(name: str) -> Given:
    """What is given of a `workflow_run` where the other workflow ran for an event of this name."""
    return {("github", "event", "workflow_run", "event"): known(name)}


_ANY = "\ufffc"
"""Stands for a name that nothing in a condition names."""
_NUMBERS = (1.0, 1e9)
"""Stand for how many files are changed, which compares with other numbers and has no names in it."""
_PREFIXES = {RefKind.BRANCH: "refs/heads/", RefKind.TAG: "refs/tags/", RefKind.PULL: "refs/pull/"}


def _refs(condition: str, event: Event) -> tuple[str, ...]:
    """Refs that stand for all of an event: one that a condition does not name, and those that its strings do.

    A name that the event's pattern keeps out is none of them; a longer one that begins or ends so may be.
    """
    prefix = _PREFIXES[event.ref_kind]
    names = [_ANY]
    for text in _strings(condition):
        name = text.removeprefix(prefix)
        if not name.startswith("refs/"):
            is_kept_out = event.pattern is not None and selects((event.pattern,), name) is False
            names += [*([] if is_kept_out else [name]), name + _ANY, _ANY + name]
    return tuple(dict.fromkeys(prefix + name for name in names))


@lru_cache(maxsize=1024)
def _strings(condition: str) -> tuple[str, ...]:
    """The strings that a condition compares with; none of one that can't be read."""
    parts = _parts(condition)
    keys = {id(part.key) for part in parts if isinstance(part, expression.Index)}
    return tuple(
        dict.fromkeys(
            part.value
            for part in parts
            if isinstance(part, expression.Constant) and isinstance(part.value, str) and id(part) not in keys
        )
    )


@lru_cache(maxsize=1024)
def _parts(condition: str) -> tuple[expression.Expr, ...]:
    """All parts of the expressions of a condition, without one that can't be read."""
    found = expression.find(condition)
    sources = [condition[one.inner.start : one.inner.end] for one in found] or [condition]
    parts: list[expression.Expr] = []
    for source in sources:
        try:
            parts += expression.walk(expression.parse(source))
        except expression.ExpressionError:
            continue
    return tuple(parts)


def _lookup(event: Event, refs: tuple[str, ...], path: tuple[str, ...]) -> Value:
    """The value of a context for an event, as far as the event tells it. `workflow_call` tells nothing."""
    if path[:1] != ("github",) or len(path) < 2 or event.name == "workflow_call":
        return evaluation.UNKNOWN
    name = path[1]
    if name == "event_name":
        return known(event.name)
    if name == "ref_type":
        return evaluation.UNKNOWN if event.ref_kind is RefKind.PULL else known(event.ref_kind.value)
    if name == "ref":
        return Value(refs)
    if name == "ref_name":
        return Value(tuple(ref.split("/", 2)[2] for ref in refs))
    if event.ref_kind is not RefKind.PULL and event.name != "pull_request_target":
        is_pull = name in ("head_ref", "base_ref")
        return known("") if is_pull else _of_payload(event, path)
    is_base = name == "base_ref" or path[1:] == ("event", "pull_request", "base", "ref")
    if is_base and are_names(event.bases):
        return known(*event.bases)
    return _of_payload(event, path)


def are_names(patterns: tuple[str, ...]) -> bool:
    """Whether a filter of branches names each of them, without wildcards."""
    return bool(patterns) and not any(_PATTERN & set(pattern) for pattern in patterns)


def _of_payload(event: Event, path: tuple[str, ...]) -> Value:
    """What is known of `github.event`."""
    if path[1] != "event":
        return evaluation.UNKNOWN
    bringing = _BROUGHT_BY.get(path[2]) if len(path) > 2 else None
    if bringing is not None and event.name not in bringing:
        return known(None)
    if path[2:] == ("pull_request", "changed_files"):
        return known(*_NUMBERS)
    activities = event.activities
    if path[2:] == ("action",) and activities:
        return known(*activities)
    if path == _MERGED and event.name == "pull_request" and activities and "closed" not in activities:
        return known(False)
    return evaluation.UNKNOWN


_PIECE = regex(r"\*\*/|\*\*|\*|(?:\[[\w-]+\]|[^*?+\[\]\\])[?+]?")
"""A wildcard; or a character or a list of some, perhaps with how often it may stand there."""
_WILDCARDS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*"}


def selects(patterns: tuple[str, ...], path: str) -> bool | None:
    """Whether a filter of paths or branches lets one in; the last pattern that matches it decides.

    None where a pattern is of a form that GitHub doesn't describe, or too long.
    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
    """
    selected = False
    for pattern in patterns:
        negative, glob = pattern.startswith("!"), pattern.removeprefix("!")
        pieces = _PIECE.findall(glob)
        if "".join(pieces) != glob:
            return None
        body = "".join(_WILDCARDS.get(piece) or _expression(piece) for piece in pieces)
        found = matches(rf"\A(?:{body})\z", path)
        if found is None:
            return None
        selected = not negative if found else selected
    return selected


def _expression(piece: str) -> str:
    """A piece without `*` as a regular expression."""
    often = piece[-1] if len(piece) > 1 and piece[-1] in "?+" else ""
    what = piece.removesuffix(often)
    return (what if what.startswith("[") and len(what) > 1 else re.escape(what)) + often
