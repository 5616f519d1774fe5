"""What the callers in a repository hand to its reusable workflows and composite actions."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property

from checks.facts.build.builds import has_other_files
from checks.facts.deployment.kubernetes import at
from checks.facts.value import Value, Varies, literal
from checks.facts.workflow.calls import Calls
from checks.facts.workflow.composite_actions import CompositeAction
from checks.facts.workflow.events import Event
from checks.facts.workflow.handed_in import HandedIn
from checks.facts.workflow.never_run import parts_behind
from checks.facts.workflow.resolve import Scope
from checks.facts.workflow.scopes import scopes_of
from checks.facts.workflow.workflows import Step, Workflow
from checks.record import Record
from checks.regex import regex
from checks.source.text import Span
from checks.source.yaml import Mapping as YamlMapping
from checks.source.yaml import Node, Scalar

_MAX_CALLERS = 100
"""With more, nothing of what they hand over is known."""
_DEFINITIONS = ("action.yml", "action.yaml")
_NUMBER = regex(r"[-+]?(?:0[xo][\da-f]+|(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|\.inf)|\.nan", re.IGNORECASE)
_AS_WRITTEN = regex(r"(?:0|[1-9]\d{0,14})(?:\.\d{0,5}[1-9])?")
_TYPES = ("string", "boolean")
"""The types of inputs whose texts are those that the caller writes."""


class _Caller(Record, eq=False):
    """A step that uses a composite action; or a job that calls a workflow, taken for a step."""

    step: Step
    owner: Workflow | CompositeAction


def handed_in(calls: Calls, actions: tuple[CompositeAction, ...]) -> Mapping[str, HandedIn]:
    """By path, for those whose callers are known and agree on some input that the file mentions.

    Left out are workflows with another trigger than `workflow_call`, in which an input may be anything, and an
    action at the root, which is made for other repositories and used here by its tests.
    """
    return _Callers(calls, actions).handed_in


def handed_by_legs(calls: Calls, actions: tuple[CompositeAction, ...]) -> Mapping[str, tuple[HandedIn, ...]]:
    """By path of a workflow that others call alone what each leg of each caller in the repository hands over.

    Where something is known of each.
    """
    return _Callers(calls, actions).handed_by_legs


def parts_not_reached(calls: Calls) -> Mapping[str, tuple[Span, ...]]:
    """By path the jobs and steps of workflows that others call alone which run for none of their callers in the repository, by
    the inputs that each hands over.

    Other repositories may call, too.
    """
    return {
        path: spans
        for path, handed in _Callers(calls, ()).handed_by_each.items()
        if (spans := tuple(_not_reached(calls, path, handed)))
    }


def _not_reached(calls: Calls, path: str, handed: Collection[HandedIn]) -> Iterator[Span]:
    jobs = next(one.jobs for one in calls.workflows if one.path == path)
    stuck = frozenset(job for job in jobs if not any(one.may_reach(job) for one in handed))
    yield from parts_behind(stuck, jobs)
    for job in jobs:
        yield from (step.node.span for step in job.steps if not any(one.may_reach(step) for one in handed))


class _Callers(Record, eq=False, dict=True):
    calls: Calls
    actions: tuple[CompositeAction, ...]

    @cached_property
    def handed_in(self) -> Mapping[str, HandedIn]:
        found: dict[str, HandedIn | None] = {}
        for path in self._callers:
            self._of(path, found)
        return {path: one for path, one in found.items() if one is not None}

    @cached_property
    def handed_by_each(self) -> Mapping[str, tuple[HandedIn, ...]]:
        """By path what each caller hands over, where something is known of each."""
        found: dict[str, HandedIn | None] = {}
        each = (
            (
                path,
                [
                    self._agreed(self._owners[path], [(one, self._of(one.owner.path, found))])
                    for one in callers
                ],
            )
            for path, callers in self._callers.items()
        )
        known = ((path, tuple(one for one in those if one is not None), len(those)) for path, those in each)
        return {path: those for path, those, number in known if len(those) == number}

    @cached_property
    def handed_by_legs(self) -> Mapping[str, tuple[HandedIn, ...]]:
        """By path of a workflow what each leg of each caller hands over, where something is known of each."""
        each = ((path, list(self._by_legs(path))) for path in self._callers)
        return {
            path: tuple(one for one in legs if one is not None) for path, legs in each if legs and all(legs)
        }

    def _by_legs(self, path: str) -> Iterator[HandedIn | None]:
        owner, found = self._owners[path], dict[str, HandedIn | None]()
        for caller in self._callers[path] if isinstance(owner, Workflow) else ():
            outer = self._of(caller.owner.path, found)
            for scope in self._scopes(caller, outer):
                yield self._agreed(owner, [(caller, outer)], scope)

    @cached_property
    def _owners(self) -> Mapping[str, Workflow | CompositeAction]:
        found: dict[str, Workflow | CompositeAction] = {}
        for workflow in self.calls.workflows:
            if set(workflow.triggers) == {"workflow_call"}:
                found[workflow.path] = workflow
        for action in self.actions:
            if action.path not in _DEFINITIONS:
                found[action.path] = action
        return found

    @cached_property
    def _callers(self) -> Mapping[str, tuple[_Caller, ...]]:
        found: dict[str, list[_Caller]] = {}
        for path, caller in self._every_call():
            if path in self._owners:
                found.setdefault(path, []).append(caller)
        return {path: tuple(callers) for path, callers in found.items() if len(callers) <= _MAX_CALLERS}

    def _every_call(self) -> Iterator[tuple[str, _Caller]]:
        for workflow in self.calls.workflows:
            for job in workflow.jobs:
                called = self.calls.called(job)
                if called is not None:
                    yield called.path, _Caller(Step(workflow.text, job.node, 0, job), workflow)
        owners: tuple[Workflow | CompositeAction, ...] = (*self.calls.workflows, *self.actions)
        for owner in owners:
            for step in owner.steps:
                if step.uses is not None and step.uses.is_local and not has_other_files(step):
                    folder = step.uses.folder
                    for name in _DEFINITIONS:
                        yield f"{folder}/{name}", _Caller(step, owner)

    def _of(self, path: str, found: dict[str, HandedIn | None]) -> HandedIn | None:
        """Finds what one file is handed and, before, what its callers are; one that calls itself is handed nothing."""
        if path not in found:
            found[path] = None
            callers = [(one, self._of(one.owner.path, found)) for one in self._callers.get(path, ())]
            found[path] = self._agreed(self._owners[path], callers) if callers else None
        return found[path]

    def _agreed(
        self,
        owner: Workflow | CompositeAction,
        callers: list[tuple[_Caller, HandedIn | None]],
        leg: Scope | None = None,
    ) -> HandedIn | None:
        """What callers hand over alike, in all legs or in one of the only caller."""
        content = owner.text.content.lower()
        values: list[tuple[str, Value]] = []
        booleans: set[str] = set()
        for name, declared in _declared(owner):
            kind = _text_at(declared, "type") if isinstance(owner, Workflow) else "string"
            if f"inputs.{name}" not in content or kind not in _TYPES:
                continue
            handed = {
                value
                for one, outer in callers
                for scope in ([leg] if leg else self._scopes(one, outer))
                for value in _handed(one, scope, name, declared, kind)
            }
            agreed = handed.pop() if len(handed) == 1 else None
            if agreed is not None:
                values.append((name, agreed))
                booleans |= {name} if kind == "boolean" else set()
        events = dict.fromkeys(event for one, outer in callers for event in self._events(one, outer))
        return HandedIn(tuple(values), frozenset(booleans), tuple(events)) if values and events else None

    def _events(self, caller: _Caller, outer: HandedIn | None) -> tuple[Event, ...]:
        if outer is not None:
            return outer.events_of(caller.step)
        return tuple(start.event for start in self.calls.starts_of_step(caller.step))

    def _scopes(self, caller: _Caller, outer: HandedIn | None) -> list[Scope]:
        """Those in which a caller hands its values over: with the inputs that it has by its own callers, where they are known."""
        scopes = list(scopes_of(caller.step, self.calls.slug, outer))
        return scopes if outer is None else [one for one in scopes if one.handed is not None]


def _handed(caller: _Caller, scope: Scope, name: str, declared: Node, kind: str) -> Iterator[Value | None]:
    """Each value that an input has by one leg of a caller; None for one that is not known."""
    entry = caller.step.input_entry(name)
    written = entry.value if entry is not None and isinstance(entry.value, Scalar) else None
    if entry is None:
        yield _default(declared, kind)
    elif written is None or not written.value or _is_rewritten(written):
        yield None
    else:
        yield from (_as_input(one, kind) for one in scope.values(_plain(written, kind)))


def _as_input(value: Value, kind: str) -> Value | None:
    """A value as the called file has it; None where a part of it is not known, or known by steps of the caller alone."""
    if any(hole.varies in (Varies.UNKNOWN, Varies.DIGEST) for hole in value.holes):
        return None
    return value if kind != "boolean" or value.literal in ("true", "false") else None


def _declared(owner: Workflow | CompositeAction) -> Iterator[tuple[str, Node]]:
    """The inputs that a file declares, by name in lower case."""
    keys = ("on", "workflow_call", "inputs") if isinstance(owner, Workflow) else ("inputs",)
    declared = at(owner.node, *keys)
    for entry in declared.entries if isinstance(declared, YamlMapping) else ():
        if isinstance(entry.key, Scalar):
            yield entry.key.value.lower(), entry.value


def _default(declared: Node, kind: str) -> Value | None:
    """What an input is that no caller names."""
    written = at(declared, "default")
    if written is None:
        return literal("false" if kind == "boolean" else "")
    is_known = isinstance(written, Scalar) and "${{" not in written.value and not _is_rewritten(written)
    return literal(_plain(written, kind)) if isinstance(written, Scalar) and is_known else None


def _is_rewritten(written: Scalar) -> bool:
    """Whether a value without quotes is nothing, or a number that GitHub may write otherwise: `1.10` becomes 1.1."""
    is_number = written.is_plain and _NUMBER.fullmatch(written.value) is not None
    return written.is_null or (is_number and _AS_WRITTEN.fullmatch(written.value) is None)


def _plain(written: Scalar, kind: str) -> str:
    boolean = written.as_bool() if kind == "boolean" else None
    return written.value if boolean is None else str(boolean).lower()


def _text_at(declared: Node, key: str) -> str:
    written = at(declared, key)
    return written.value if isinstance(written, Scalar) else ""
