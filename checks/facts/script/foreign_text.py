"""Expressions of a script, of a shell or for `actions/github-script`, whose text comes from people who may not change the script.

GitHub fills `${{ … }}` in before anything reads the script. Which contexts others write:
https://docs.github.com/en/actions/reference/security/secure-use#good-practices-for-mitigating-script-injection-attacks
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TypeAlias

from msgspec.structs import replace

from checks.facts.deployment.kubernetes import at
from checks.facts.script.foreign_contexts import Reach, is_foreign, reach_of
from checks.facts.token.github_script import code_in
from checks.facts.workflow.author_conditions import (
    alike,
    lets_forks,
    may_check_author,
    settled_contexts,
    waits_for_label,
)
from checks.facts.workflow.calls import Calls, Start
from checks.facts.workflow.context_paths import context_path, input_of
from checks.facts.workflow.workflows import Job, Step
from checks.record import Record
from checks.source import expression
from checks.source.expression import Binary, Call, Expr, Operator
from checks.source.expression_places import Found, find
from checks.source.text import Location, Span
from checks.source.yaml import Mapping as YamlMapping
from checks.source.yaml import Node, Scalar


class Foreign(Record):
    """One expression of a script, and who writes its text."""

    found: Found
    """Where it stands in the script."""
    path: str
    """The context: `github.head_ref`."""
    reach: Reach
    event: str
    passed: Location | None = None
    """The value that a caller of the workflow passes, where the text comes from there."""
    starts: tuple[Start, ...] = ()
    """The ways of starting the step in which others write it."""
    is_guarded: bool = False
    """Whether a condition may be about who caused the event, in each of them."""


_PULLS = ("pull_request", "pull_request_target", "pull_request_review", "pull_request_review_comment")
_WITH_SECRETS = "pull_request_target"
"""The one of them whose runs for forks have secrets, and a token that may write."""
_Seen: TypeAlias = tuple[int, tuple[str, ...]]
"""A context, and how many callers stand above the place where it was looked up."""
_NEVER_EMPTY = frozenset(
    ("github", key)
    for key in ("actor", "event_name", "ref", "ref_name", "repository", "run_id", "run_number", "sha")
)
"""Contexts behind whose `||` nothing is ever taken."""
_PASSED_ON = frozenset(("format", "join", "tojson", "fromjson", "case"))
"""Functions whose result holds the text of their arguments."""


def contexts_in(step: Step, paths: Collection[str]) -> dict[Span, str]:
    """The expressions of a step's script that are nothing but one of some contexts, each with that; in double quotes alone."""
    script = code_in(step)
    text = script.value if script is not None else ""
    named = {one.span: one.source.strip() for one in find(text)}
    return {span: path for span, path in named.items() if path in paths and text[: span.start].endswith('"')}


def foreign_texts(step: Step, calls: Calls) -> tuple[Foreign, ...]:
    """The expressions in a step's script that others write, each with the start in which that is worst.

    One start without a condition that may be about who caused it goes before all with one.
    """
    script = code_in(step)
    if script is None or step.job is None or "${{" not in script.value:
        return ()
    starts = calls.starts_of_step(step)
    places = [_place_of(step, step.job, start) for start in starts]
    found: list[Foreign] = []
    for one in find(script.value):
        every = [way for place in places for way in _ways(one, place, step, calls.slug)]
        ways = [way for way in every if not way.is_guarded] or every
        starts = tuple(dict.fromkeys(start for way in ways for start in way.starts))
        worst = sorted(ways, key=lambda way: tuple(Reach).index(way.reach))[:1]
        found += (replace(way, starts=starts) for way in worst)
    return tuple(found)


class _Place(Record, eq=False):
    """Where an expression stands: a step's script, or what a job passes to the workflow that it calls."""

    job: Job
    start: Start
    environments: tuple[YamlMapping, ...]
    """The `env:` that hold there, the nearest first."""


def _place_of(step: Step, job: Job, start: Start) -> _Place:
    """Variables are left out where a step before may have set them."""
    if any(one.run and "GITHUB_ENV" in one.run.value for one in step.earlier):
        return _Place(job, start, ())
    return _Place(job, start, step.environments)


def _ways(found: Found, place: _Place, step: Step, slug: str | None) -> Iterator[Foreign]:
    event = place.start.event
    written = (step.condition, *(job.condition for job in (*place.start.callers, place.job)))
    conditions = tuple(condition.value for condition in written if condition)
    if event.name in _PULLS and not all(lets_forks(one, event, slug) for one in conditions):
        return
    is_guarded = event.name not in _PULLS and any(map(may_check_author, conditions))
    types = _types(place)
    is_labelled = types == ("labeled",) or any(waits_for_label(one, event, types) for one in conditions)
    reach = Reach.LABELLED if event.name == _WITH_SECRETS and is_labelled else reach_of(event.name)
    own = (one.value for one in (step.condition, place.job.condition) if one is not None)
    settled = frozenset(path for condition in own for path in settled_contexts(condition))
    for path, passed in _written(found.source, place, set()):
        if alike(tuple(path.split("."))) in settled:
            continue
        yield Foreign(found, path, reach, event.name, passed, (place.start,), is_guarded)


def _types(place: _Place) -> tuple[str, ...]:
    """What has to be done for the event to start the workflow, as far as that is written."""
    first = (*place.start.callers, place.job)[0]
    return first.workflow.triggers[place.start.event.name].filter("types") or ()


def _written(source: str, place: _Place, seen: set[_Seen]) -> Iterator[tuple[str, Location | None]]:
    """The contexts in an expression that others write, with the place where a caller passes them on.

    Each variable and each input is followed once.
    """
    try:
        expr = expression.parse(source)
    except expression.ExpressionError:
        return
    for names in _paths(expr):
        path = tuple(name.lower() for name in names)
        step = (len(place.start.callers), path)
        if step in seen:
            continue
        seen.add(step)
        if path[0] == "env" and len(path) == 2:
            value = next((env.get(names[1]) for env in place.environments if env.get(names[1])), None)
            for inner in _inside(value):
                yield from _written(inner, place, seen)
        elif input_of(path) is not None:
            yield from _input(names, place, seen)
        elif is_foreign(".".join(path), place.start, place.job):
            yield ".".join(names), None


def _inside(value: Node | None) -> tuple[str, ...]:
    """The expressions of a text."""
    if not isinstance(value, Scalar):
        return ()
    return tuple(one.source for one in find(value.value))


def _paths(expr: Expr) -> Iterator[tuple[str, ...]]:
    """The contexts whose text the value of an expression may hold."""
    path = context_path(expr)
    if path:
        yield path
    elif isinstance(expr, Call) and expr.name in _PASSED_ON:
        for argument in expr.arguments:
            yield from _paths(argument)
    elif isinstance(expr, Binary) and expr.operator is Operator.OR:
        yield from _paths(expr.left)
        if context_path(expr.left) not in _NEVER_EMPTY:
            yield from _paths(expr.right)
    elif isinstance(expr, Binary) and expr.operator is Operator.AND:
        yield from _paths(expr.right)


def _input(names: tuple[str, ...], place: _Place, seen: set[_Seen]) -> Iterator[tuple[str, Location | None]]:
    """An input: of a called workflow what its caller passes, else what is typed when it is started by hand."""
    start, name = place.start, names[-1]
    if not start.callers:
        if start.event.name == "workflow_dispatch" and _is_free_text(place.job, name):
            yield ".".join(names), None
        return
    caller = start.callers[-1]
    passed = at(caller.node, "with", name)
    outer = _Place(caller, Start(start.event, start.callers[:-1]), ())
    for inner in _inside(passed):
        if passed is not None and any(_written(inner, outer, seen)):
            yield ".".join(names), Location(caller.workflow.text, passed.span)


def _is_free_text(job: Job, name: str) -> bool:
    """Whether an input that is typed by hand may be any text: neither a choice, a number nor a boolean."""
    declared = at(job.workflow.node, "on", "workflow_dispatch", "inputs", name)
    if not isinstance(declared, YamlMapping):
        return False
    kind = declared.get("type")
    return kind is None or (isinstance(kind, Scalar) and kind.value == "string")
