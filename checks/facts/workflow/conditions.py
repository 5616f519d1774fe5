"""Whether an `if:` can be true for an event, or certainly is, and what is given of the contexts that it asks for.

Contexts: https://docs.github.com/en/actions/reference/workflows-and-actions/contexts
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache

from checks.facts.workflow.context_paths import EVENT_INPUTS, INPUTS, is_no_property
from checks.facts.workflow.events import OF_PULL_REQUESTS, Event, RefKind
from checks.facts.workflow.filter_patterns import are_names, selects
from checks.facts.workflow.triggers import Trigger
from checks.facts.workflow.workflows import Workflow
from checks.record import kept_with
from checks.regex import regex
from checks.source import evaluation, expression
from checks.source.evaluation import EITHER, UNKNOWN, Value, known
from checks.source.expression_places import of_if
from checks.source.yaml import Mapping as YamlMapping
from checks.source.yaml import Scalar as YamlScalar

Given = Mapping[tuple[str, ...], Value]
"""Values of contexts by their path in lower case, over what an event tells."""
WHATEVER_COMES: Given = {(f"{name}()",): EITHER for name in ("success", "failure", "cancelled")}
"""A run in which something may have failed, or which somebody may have cancelled."""
_MERGED = ("github", "event", "pull_request", "merged")
NOT_MERGED: Given = {_MERGED: known(False), (*_MERGED[:-1], "merged_at"): known(None)}
"""What is given of a pull request that is open, or was closed without being merged."""
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
    "pull_request": frozenset((*OF_PULL_REQUESTS, "pull_request_target")),
    "registry_package": frozenset(("registry_package",)),
    "release": frozenset(("release",)),
    "review": frozenset(("pull_request_review",)),
    "schedule": frozenset(("schedule",)),
    "workflow_run": frozenset(("deployment", "deployment_status", "workflow_run")),
}
"""The events whose payload has a key, of those that tell one event from the others.

https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""
_OF_STATUS = regex(r"\b(?:always|cancelled|failure)\s*\(", re.IGNORECASE)
_OF_SUCCESS = regex(r"\bsuccess\s*\(", re.IGNORECASE)
_ANY = "\ufffc"
"""Stands for a name that nothing in a condition names."""
_NUMBERS = (1.0, 1e9)
"""Stand for how many files are changed, which compares with other numbers and has no names in it."""
_PREFIXES = {RefKind.BRANCH: "refs/heads/", RefKind.TAG: "refs/tags/", RefKind.PULL: "refs/pull/"}
_Key = tuple[tuple[tuple[str, ...], Value, tuple[type, ...]], ...]
"""What is given, as a key: with the types of constants, as Python takes `True` and `1` for the same."""


def may_hold(condition: str, event: Event, given: Given | None = None) -> bool:
    """Whether an `if:` can be true for an event, perhaps with more given of its contexts."""
    return _holds(condition, event, _key(given)) is not False


def certainly_holds(condition: str, event: Event, given: Given | None = None) -> bool:
    """Whether an `if:` is certainly true for an event, in a run in which nothing failed."""
    return _holds(condition, event, _key(given)) is True


def may_follow_failure(condition: str) -> bool:
    """Whether a condition asks for the status itself, without which nothing runs behind what failed or was skipped.

    https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#status-check-functions
    """
    return _OF_STATUS.search(condition) is not None or _holds_without_success(condition)


def _holds_without_success(condition: str) -> bool:
    """Whether a condition asks for `success()` and may hold where that is false: `!success()`."""
    if not _OF_SUCCESS.search(condition):
        return False
    return (
        evaluation.holds(condition, lambda path: known(False) if path == ("success()",) else UNKNOWN)
        is not False
    )


def empty_inputs(workflow: Workflow, event: Event) -> Given:
    """The inputs that a workflow declares, for an event that brings none, or that brings others: those of a call are not those of a start by hand.

    https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#inputs-context
    """
    if event.name == "workflow_call":
        return {}
    by_trigger = _declared(workflow)
    empty = frozenset[str]().union(*by_trigger.values()) - by_trigger.get(event.name, frozenset())
    return {(*INPUTS, name): known(None) for name in empty}


@kept_with
def _declared(workflow: Workflow) -> Mapping[str, frozenset[str]]:
    """The inputs that a workflow declares, by the trigger that brings them."""
    return {name: _declared_by(trigger) for name, trigger in workflow.triggers.items()}


def _declared_by(trigger: Trigger) -> frozenset[str]:
    declared = trigger.node.get("inputs") if trigger.node else None
    return frozenset(name.lower() for name in (declared.keys if isinstance(declared, YamlMapping) else ()))


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
            found[*INPUTS, name] = known(default.value if boolean is None else boolean)
            found[*EVENT_INPUTS, name] = known(default.value)
    return found


def of_same_repository(slug: str | None) -> Given:
    """What is given of a pull request from a branch of the repository itself, not of a fork."""
    name = known(slug or _ANY)
    head = ("github", "event", "pull_request", "head", "repo")
    return {(*head, "fork"): known(False), (*head, "full_name"): name, ("github", "repository"): name}


def after_run_for(name: str) -> Given:
    """What is given of a `workflow_run` where the other workflow ran for an event of this name."""
    return {("github", "event", "workflow_run", "event"): known(name)}


def after_run_on(condition: str, event: Event, without: Collection[str]) -> Iterator[Given]:
    """What is given of a `workflow_run` where the other ran for an event on a ref but branches of these names, the first
    of which is the default one: each ref that the condition may tell from others.
    """
    prefix = _PREFIXES[event.ref_kind]
    for ref in _refs(condition, event) if event.ref is None else (event.ref,):
        name = ref.removeprefix(prefix)
        if event.ref_kind is not RefKind.BRANCH or name not in without:
            yield {
                ("github", "event", "workflow_run", "head_branch"): known(name),
                ("github", "event", "repository", "default_branch"): known(next(iter(without))),
            }


@lru_cache(maxsize=1024)
def parts_of(condition: str) -> tuple[expression.Expr, ...]:
    """All parts of the expression on which a condition depends; none of one that can't be read."""
    deciding = of_if(condition)
    try:
        return tuple(expression.walk(expression.parse(deciding))) if deciding is not None else ()
    except expression.ExpressionError:
        return ()


def asked_of(context: str, condition: str) -> list[tuple[str, ...]]:
    """The paths in a context, `needs`, that a condition names, in lower case."""
    if context not in condition.lower():
        return []
    indexes = (part for part in parts_of(condition) if isinstance(part, expression.Index))
    paths = (tuple(map(str.lower, expression.path_of(part) or ())) for part in indexes)
    return [path for path in paths if path[:1] == (context,)]


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
    parts = parts_of(condition)
    keys = {id(part.key) for part in parts if isinstance(part, expression.Index)}
    return tuple(
        dict.fromkeys(
            part.value
            for part in parts
            if isinstance(part, expression.Constant) and isinstance(part.value, str) and id(part) not in keys
        )
    )


def _lookup(event: Event, refs: tuple[str, ...], path: tuple[str, ...]) -> Value:
    """The value of a context for an event, as far as the event tells it. `workflow_call` tells nothing.

    The ref of a pull request is a branch by its type, and is never a tag.
    https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#github-context
    """
    if is_no_property(path):
        return known(None)
    if path[:1] != ("github",) or len(path) < 2 or event.name == "workflow_call":
        return evaluation.UNKNOWN
    name = path[1]
    if name == "event_name":
        return known(event.name)
    if name == "ref_type":
        return known((RefKind.TAG if event.ref_kind is RefKind.TAG else RefKind.BRANCH).value)
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


_WITHOUT_ACTIVITIES = frozenset(
    ("create", "delete", "fork", "gollum", "page_build", "push", "schedule", "status", "workflow_dispatch")
)
"""Events of one kind, whose payload has no `action`: https://docs.github.com/en/webhooks/webhook-events-and-payloads"""


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
    if path[2:] == ("action",) and event.name in _WITHOUT_ACTIVITIES:
        return known(None)
    if path[2:] == ("action",) and activities:
        return known(*activities)
    if path == _MERGED and event.name == "pull_request" and activities and "closed" not in activities:
        return known(False)
    return evaluation.UNKNOWN
