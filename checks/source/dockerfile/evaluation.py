"""What variables hold, and which stages need each other.

https://docs.docker.com/reference/dockerfile/#arg
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Mapping

from msgspec import field

from checks.record import Record
from checks.source.dockerfile.substitution import UNSET, Unset, expand
from checks.source.dockerfile.tree import DockerfileSource, Instruction, Pair, Stage

_PREDEFINED = frozenset(
    f"{side}{what}"
    for side in ("BUILD", "TARGET")
    for what in ("PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT", "STAGE")
)
"""What BuildKit itself sets for `FROM`; known only when it builds."""
_SCRATCH = "scratch"
_MAX_INHERITANCE = 100
"""Stages that are built on each other; below that nothing is known any more."""


class _Scope(Record):
    """Variables of a stage or of what stands before the first, each with all values it gets."""

    outer: _Scope | None
    default: Mapping[str, None] | None
    """Names that are set to something unknown; every other name is unset. None: any name may be set."""
    depth: int = 0
    places: dict[str, list[int]] = field(default_factory=dict)
    values: dict[str, list[str | None]] = field(default_factory=dict)

    def set(self, name: str, value: str | None, place: int) -> None:
        self.places.setdefault(name, []).append(place)
        self.values.setdefault(name, []).append(value)

    def get(self, name: str, place: int) -> str | Unset | None:
        """The value at a place of the file; None where it is unknown."""
        scope: _Scope | None = self
        while scope:
            at = bisect.bisect_left(scope.places.get(name, ()), place)
            if at:
                return scope.values[name][at - 1]
            if scope.outer is None:
                return None if scope.default is None or name in scope.default else UNSET
            scope = scope.outer
        return None


class StageValues(Record, eq=False):
    """A stage with the values of its `FROM`."""

    stage: Stage
    base: str | None
    """What `FROM` names, expanded; None where that is unknown."""
    parent: Stage | None
    """The earlier stage that it names; None: an image, `scratch`, or unknown."""
    platform: str | None
    """`--platform`, expanded; None where there is none or it is unknown."""


class Evaluation(Record, eq=False):
    """A Dockerfile with values for its build arguments."""

    source: DockerfileSource
    stages: tuple[StageValues, ...]
    """As many as the source has, in the same order."""
    _scopes: Mapping[int, _Scope]
    """The scope of each instruction, by where it starts."""
    _values: Mapping[Pair, str | None]

    def lookup(self, instruction: Instruction, name: str) -> str | Unset | None:
        """A variable as the instruction finds it: its value, `UNSET`, or None where that is unknown.

        For what `ONBUILD` triggers everything is unknown.
        """
        scope = self._scopes.get(instruction.span.start)
        return scope.get(name, instruction.span.start) if scope else None

    def expand(self, instruction: Instruction, word: str) -> str | None:
        """A word of the instruction as BuildKit expands it; None where that depends on what is unknown.

        Only for what BuildKit expands, so not for what `RUN`, `CMD` or `ENTRYPOINT` run.
        """
        return expand(word, lambda name: self.lookup(instruction, name), self.source.escape)

    def value(self, pair: Pair) -> str | None:
        """What a pair of `ARG`, `ENV` or `LABEL` comes to; None where that is unknown."""
        return self._values.get(pair)

    def needed(self, target: Stage) -> tuple[Stage, ...]:
        """The stages that building the target builds, itself included, in the order of the file."""
        waiting, found = [target.index], {target.index}
        while waiting:
            for stage in self.used(self.source.stages[waiting.pop()]):
                if stage.index not in found:
                    found.add(stage.index)
                    waiting.append(stage.index)
        return tuple(self.source.stages[index] for index in sorted(found))

    def used(self, stage: Stage) -> Iterator[Stage]:
        """The stages that a stage is built on, copies from or mounts; one may come several times."""
        parent = self.stages[stage.index].parent
        instructions = list(stage.instructions)
        if parent:
            yield parent
            instructions += (each.trigger for each in parent.instructions if each.trigger)
        for instruction in instructions:
            yield from _sources(self.source, instruction)


def _sources(source: DockerfileSource, instruction: Instruction) -> Iterator[Stage]:
    for flag in instruction.flags:
        stage = None
        if instruction.keyword == "COPY" and flag.name == "from" and flag.value:
            stage = source.copied_stage(flag.value)
        elif instruction.keyword == "RUN" and flag.name == "mount":
            origin = flag.field("from")
            stage = source.stage_named(origin.value) if origin and origin.value else None
        if stage:
            yield stage


def evaluate(source: DockerfileSource, build_args: Mapping[str, str | None] | None = None) -> Evaluation:
    """The Dockerfile with its variables.

    `build_args` are those that the build is known to pass, with None where their value is unknown. An
    `ARG` that is not among them has its default; without a default it is unknown.
    """
    return _Evaluator(source, build_args or {}).evaluation()


class _Evaluator:
    def __init__(self, source: DockerfileSource, build_args: Mapping[str, str | None]) -> None:
        self._source = source
        self._build_args = build_args
        self._globals = _Scope(None, dict.fromkeys(_PREDEFINED))
        self._scopes: dict[int, _Scope] = {}
        self._values: dict[Pair, str | None] = {}
        self._last: list[_Scope] = []
        """The scope of each stage so far."""

    def evaluation(self) -> Evaluation:
        for instruction in self._source.global_args:
            self._enter(instruction, self._globals)
        names: dict[str, Stage] = {}
        stages: list[StageValues] = []
        for stage in self._source.stages:
            stages.append(self._stage(stage, names))
            if stage.name:
                names[stage.name] = stage
        return Evaluation(self._source, tuple(stages), self._scopes, self._values)

    def _stage(self, stage: Stage, names: Mapping[str, Stage]) -> StageValues:
        start = stage.instruction.span.start
        self._scopes[start] = self._globals
        base = self._expand(stage.base.value, self._globals, start)
        flag = stage.instruction.flag("platform")
        platform = self._expand(flag.value, self._globals, start) if flag and flag.value else None
        parent = names.get(base) if base else None
        scope = self._scope(base, parent)
        self._last.append(scope)
        for instruction in stage.instructions:
            self._enter(instruction, scope)
        return StageValues(stage, base, parent, platform)

    def _scope(self, base: str | None, parent: Stage | None) -> _Scope:
        if parent:
            outer = self._last[parent.index]
            if outer.depth < _MAX_INHERITANCE:
                return _Scope(outer, None, outer.depth + 1)
        # every empty image has a PATH, which depends on the platform
        return _Scope(None, {"PATH": None} if base == _SCRATCH else None)

    def _enter(self, instruction: Instruction, scope: _Scope) -> None:
        start = instruction.span.start
        self._scopes[start] = scope
        if instruction.keyword == "ARG":
            for number, pair in enumerate(instruction.pairs):
                # each argument sees those that stand before it in the same instruction
                value = self._argument(pair, scope, start + number)
                scope.set(pair.name.value, value, start + number)
                self._values[pair] = value
        else:
            values = [
                self._expand(pair.value.value, scope, start) if pair.value else None
                for pair in instruction.pairs
            ]
            self._values.update(zip(instruction.pairs, values, strict=True))
            if instruction.keyword == "ENV":
                self._set(instruction, values, scope)

    def _set(self, instruction: Instruction, values: list[str | None], scope: _Scope) -> None:
        start = instruction.span.start
        names = [self._expand(pair.name.value, scope, start) for pair in instruction.pairs]
        for name, value in zip(names, values, strict=True):
            if name is not None:
                scope.set(name, value, start)

    def _argument(self, pair: Pair, scope: _Scope, place: int) -> str | None:
        name = pair.name.value
        if name in self._build_args:
            return self._build_args[name]
        if pair.value is not None:
            return self._expand(pair.value.value, scope, place)
        inherited = self._globals.get(name, place) if scope is not self._globals else UNSET
        value = scope.get(name, place) if inherited is UNSET else inherited
        return None if value is UNSET else value

    def _expand(self, word: str, scope: _Scope, place: int) -> str | None:
        return expand(word, lambda name: scope.get(name, place), self._source.escape)
