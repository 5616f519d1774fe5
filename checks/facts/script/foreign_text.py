"""Expressions of a script, of a shell or for `actions/github-script`, whose text comes from people who may not change the script.

GitHub fills `${{ … }}` in before anything reads the script. Which contexts others write:
https://docs.github.com/en/actions/reference/security/secure-use#good-practices-for-mitigating-script-injection-attacks
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum
from typing import TypeAlias

from msgspec.structs import replace

from checks.facts.deployment.kubernetes import at
from checks.facts.token.github_script import code_in
from checks.facts.workflow.calls import Calls, Start
from checks.facts.workflow.conditions import may_hold
from checks.facts.workflow.events import Event
from checks.facts.workflow.workflows import Job, Step
from checks.record import Record
from checks.regex import regex
from checks.source import expression
from checks.source.evaluation import known
from checks.source.expression import Binary, Call, Constant, Context, Expr, Index, Operator
from checks.source.expression_places import Found, find, of_if
from checks.source.text import Location, Span
from checks.source.yaml import Mapping as YamlMapping
from checks.source.yaml import Node, Scalar


class Reach(StrEnum):
    """Who writes the text, and what the job has that it gets into; the worst first."""

    ANYONE = "anyone"
    """Everybody on GitHub, with the secrets and the token of the repository."""
    MERGED = "merged"
    """Whose commit is merged, with the same."""
    PULL_REQUEST = "pull request"
    """Who opens a pull request: from a fork without secrets and with a token that only reads."""
    STARTER = "starter"
    """Who may start the workflow by hand, on any branch."""


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


_PULL_REQUEST = regex(
    r"github\.head_ref|github\.event\.pull_request\.(?:title|body|head\.(?:ref|label)"
    r"|head\.repo\.(?:default_branch|description|homepage))"
)
_COMMIT = r"(?:message|author\.(?:name|email)|committer\.(?:name|email))"
_ISSUE = regex(r"github\.event\.(?:issue\.(?:title|body)|comment\.body)")
_DISCUSSION = regex(r"github\.event\.(?:discussion\.(?:title|body)|comment\.body)")
_PULLS = ("pull_request", "pull_request_target", "pull_request_review", "pull_request_review_comment")
_PATHS: Mapping[str, re.Pattern[str]] = {
    "pull_request": _PULL_REQUEST,
    "pull_request_target": _PULL_REQUEST,
    "pull_request_review": regex(rf"{_PULL_REQUEST.pattern}|github\.event\.review\.body"),
    "pull_request_review_comment": regex(rf"{_PULL_REQUEST.pattern}|github\.event\.comment\.body"),
    "issues": _ISSUE,
    "issue_comment": _ISSUE,
    "discussion": _DISCUSSION,
    "discussion_comment": _DISCUSSION,
    "workflow_run": regex(
        rf"github\.event\.workflow_run\.(?:head_branch|display_title|head_commit\.{_COMMIT})"
    ),
    "push": regex(rf"github\.event\.(?:head_commit|commits\.\*)\.{_COMMIT}"),
}
"""For each event the contexts that hold what others write."""
_REACH = {
    "pull_request": Reach.PULL_REQUEST,
    "pull_request_review": Reach.PULL_REQUEST,
    "pull_request_review_comment": Reach.PULL_REQUEST,
    "push": Reach.MERGED,
    "workflow_dispatch": Reach.STARTER,
}
_Seen: TypeAlias = tuple[int, tuple[str, ...]]
"""A context, and how many callers stand above the place where it was looked up."""
_NEVER_EMPTY = frozenset(
    ("github", key)
    for key in ("actor", "event_name", "ref", "ref_name", "repository", "run_id", "run_number", "sha")
)
"""Contexts behind whose `||` nothing is ever taken."""
_CHECKED = regex(
    r"author_association|\bactor\b|triggering_actor|sender|\.login\b|steps\.(?![\w-]{1,100}\.outputs\.cache-hit\b)|needs\.|head_repository|workflow_run\.event"
)
"""In a condition: it may be about who has written, which can't be told from the file. Whether a cache was found is not."""
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
    if any(one.run and "GITHUB_ENV" in one.run.value for one in job.before(step)):
        return _Place(job, start, ())
    environments = (step.env, job.env, job.workflow.env)
    return _Place(job, start, tuple(one for one in environments if one is not None))


def _ways(found: Found, place: _Place, step: Step, slug: str | None) -> Iterator[Foreign]:
    event = place.start.event
    written = (step.condition, *(job.condition for job in (*place.start.callers, place.job)))
    conditions = tuple(condition.value for condition in written if condition)
    if event.name in _PULLS and not all(lets_forks(one, event, slug) for one in conditions):
        return
    is_guarded = event.name not in _PULLS and any(map(may_check_author, conditions))
    own = (one.value for one in (step.condition, place.job.condition) if one is not None)
    settled = frozenset(path for condition in own for path in _settled(condition))
    for path, passed in _written(found.source, place, set()):
        if _alike(path) in settled:
            continue
        reach = _REACH.get(event.name, Reach.ANYONE)
        yield Foreign(found, path, reach, event.name, passed, (place.start,), is_guarded)


def _settled(condition: str) -> Iterator[str]:
    """The contexts that are a certain text wherever a condition holds, as `_alike` calls them."""
    deciding = of_if(condition)
    try:
        pending = [expression.parse(deciding)] if deciding is not None else []
    except expression.ExpressionError:
        return
    while pending:
        expr = pending.pop()
        if not isinstance(expr, Binary):
            continue
        if expr.operator is Operator.AND:
            pending += (expr.left, expr.right)
        elif expr.operator is Operator.EQUAL:
            for one, other in ((expr.left, expr.right), (expr.right, expr.left)):
                if isinstance(other, Constant) and _path(one):
                    yield _alike(".".join(_path(one)))


def _alike(path: str) -> str:
    """A context as one name, whichever way it is written: an input is in `github.event`, too."""
    lowered = path.lower()
    return lowered.removeprefix("github.event.") if lowered.startswith("github.event.inputs.") else lowered


def may_check_author(condition: str) -> bool:
    """Whether a condition may be about who caused the event."""
    return bool(_CHECKED.search(condition))


def lets_forks(condition: str, event: Event, slug: str | None) -> bool:
    """Whether a condition may hold for a pull request of a fork."""
    own = slug or "owner/name"
    head = ("github", "event", "pull_request", "head", "repo")
    fork = {
        (*head, "fork"): known(True),
        (*head, "full_name"): known("someone/fork"),
        (*head, "owner", "login"): known("someone"),
        ("github", "repository"): known(own),
        ("github", "repository_owner"): known(own.partition("/")[0]),
    }
    return may_hold(condition, event, fork)


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
        elif path[0] == "inputs" or path[:3] == ("github", "event", "inputs"):
            yield from _input(names, place, seen)
        elif _is_foreign(".".join(path), place):
            yield ".".join(names), None


def _inside(value: Node | None) -> tuple[str, ...]:
    """The expressions of a text."""
    if not isinstance(value, Scalar):
        return ()
    return tuple(one.source for one in find(value.value))


def _paths(expr: Expr) -> Iterator[tuple[str, ...]]:
    """The contexts whose text the value of an expression may hold."""
    path = _path(expr)
    if path:
        yield path
    elif isinstance(expr, Call) and expr.name in _PASSED_ON:
        for argument in expr.arguments:
            yield from _paths(argument)
    elif isinstance(expr, Binary) and expr.operator is Operator.OR:
        yield from _paths(expr.left)
        if _path(expr.left) not in _NEVER_EMPTY:
            yield from _paths(expr.right)
    elif isinstance(expr, Binary) and expr.operator is Operator.AND:
        yield from _paths(expr.right)


def _path(expr: Expr) -> tuple[str, ...]:
    """The keys of a context, with `*` for one that is a number or an expression; empty for anything else."""
    keys: list[str] = []
    while isinstance(expr, Index):
        key = expr.key
        keys.append(key.value if isinstance(key, Constant) and isinstance(key.value, str) else "*")
        expr = expr.of
    return (expr.name, *reversed(keys)) if isinstance(expr, Context) else ()


def _is_foreign(path: str, place: _Place) -> bool:
    name = place.start.event.name
    pattern = _PATHS.get(name)
    if pattern is None or not pattern.fullmatch(path):
        return False
    if not path.endswith(".head_branch"):
        return True
    first = (*place.start.callers, place.job)[0]
    branches = first.workflow.triggers[name].filter("branches")
    return branches is None or any(set("*?+[") & set(branch) for branch in branches)


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
