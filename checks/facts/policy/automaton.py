"""Whether a pattern accepts a value of which only the shape is known: always, never, or now and then.

A pattern of any language is a nondeterministic automaton here; a hole in a value stands for every string
of what it can be. The answer is exact, or unknown where it would take too many steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from checks.facts.value import Hole, Value, Varies
from checks.record import Record

_MOST_SETS = 4_000
"""Sets of states that one question may lead over."""
_DIGITS = frozenset("0123456789")
_HEX = _DIGITS | frozenset("abcdef")
_LOWER = frozenset("abcdefghijklmnopqrstuvwxyz")
_PRINTABLE = frozenset(map(chr, range(32, 127)))
_REF = _PRINTABLE - frozenset(" ~^:?*[\\")
"""What a git ref is made of. https://git-scm.com/docs/git-check-ref-format"""


class Chars(Record):
    """A set of characters, or all others."""

    members: frozenset[str]
    negated: bool = False

    def has(self, character: str) -> bool:
        return (character in self.members) != self.negated


ANY = Chars(frozenset(), negated=True)
ANY_BUT_NEWLINE = Chars(frozenset("\n"), negated=True)


class State(Record):
    """What can follow in a pattern."""

    edges: tuple[tuple[Chars, int], ...] = ()
    free: tuple[int, ...] = ()
    """States that are reached without a character."""
    at_start: tuple[int, ...] = ()
    """The same, only before the first character."""
    at_end: tuple[int, ...] = ()
    """The same, only behind the last character."""


class Automaton(Record, eq=False):
    """A pattern: it accepts a text that leads from `start` to `accept`."""

    states: tuple[State, ...]
    start: int
    accept: int

    def accepts(self, value: Value) -> bool | None:
        """Whether the pattern accepts each text that the value may be (True), none (False), or some; or unknown."""
        return _answer(self, value)


@lru_cache(maxsize=4096)
def _answer(automaton: Automaton, value: Value) -> bool | None:
    """Checks ask the same again for each fix that is tried."""
    return _Question(automaton).answer(value)


class _Kind(Record):
    """What a hole can be: texts over an alphabet, of one length or of any from `least`."""

    alphabet: frozenset[str]
    length: int | None = None
    least: int = 0
    prefix: str = ""
    never: str = ""
    """A text that none of them has in it; its first character does not stand in it again."""


_KINDS = {
    Varies.ACCOUNT: _Kind(_DIGITS, 12),
    Varies.REGION: _Kind(_LOWER | _DIGITS | {"-"}, least=1),
    Varies.COMMIT: _Kind(_HEX, 40),
    Varies.DIGEST: _Kind(_HEX, 64, prefix="sha256:"),
    Varies.RUN: _Kind(_DIGITS, least=1),
    Varies.PULL_REQUEST: _Kind(_DIGITS, least=1),
    Varies.BRANCH: _Kind(_REF, least=1, never="refs/"),
    Varies.TAG: _Kind(_REF, least=1, never="refs/"),
    Varies.UNKNOWN: _Kind(_PRINTABLE),
}
REF_NAME = "github.ref_name"
"""The source of holes that are a part of a ref's name, as `checks.facts.identity.job_identity` writes them."""
_PART_OF_REF = _Kind(_REF, never="refs/")
_Set = frozenset[int]
_NOWHERE: _Set = frozenset()
_Reached = tuple[_Set, int]
"""States, and how much of the text that must not occur stands directly before."""


class _TooMany(Exception):
    pass


def _progress(never: str, progress: int, letter: str) -> int:
    """How much of `never` stands at the end of a text that `letter` is added to."""
    if not never:
        return 0
    return progress + 1 if letter == never[progress] else int(letter == never[0])


class _Question:
    """Follows a value through an automaton."""

    def __init__(self, automaton: Automaton) -> None:
        self._automaton = automaton
        self._named = [
            frozenset[str]().union(*(chars.members for chars, _ in state.edges)) for state in automaton.states
        ]
        self._letters: dict[tuple[_Set, frozenset[str], str], tuple[str, ...]] = {}
        self._seen = 0
        self._steps: dict[tuple[_Set, str], _Set] = {}

    def answer(self, value: Value) -> bool | None:
        initial = self._closure({self._automaton.start}, at_start=True)
        sets: set[_Set] = {initial}
        try:
            for part in value.parts:
                sets = set(self._after(sets, part))
                if sets == {_NOWHERE}:
                    return False
        except _TooMany:
            return None
        outcomes = {self._ends(states, is_empty=not value.parts) for states in sets}
        return outcomes.pop() if len(outcomes) == 1 else None

    def _after(self, sets: set[_Set], part: str | Hole) -> Iterable[_Set]:
        if isinstance(part, str):
            return (self._text(states, part) for states in sets)
        kind = (
            _PART_OF_REF if part.source == REF_NAME and part.varies is Varies.UNKNOWN else _KINDS[part.varies]
        )
        sets = {self._text(states, kind.prefix) for states in sets}
        found = {(states, 0) for states in sets}
        for _ in range(kind.least if kind.length is None else kind.length):
            found = self._once(found, kind)
        if kind.length is None:
            found = self._many(found, kind)
        return {states for states, _ in found}

    def _representatives(self, states: _Set, kind: _Kind) -> tuple[str, ...]:
        """The characters of an alphabet that the pattern tells apart at some states, and one for all others."""
        key = (states, kind.alphabet, kind.never)
        if key not in self._letters:
            told = kind.alphabet & {*kind.never}.union(*(self._named[at] for at in states))
            self._letters[key] = (*told, *sorted(kind.alphabet - told)[:1])
        return self._letters[key]

    def _once(self, sets: set[_Reached], kind: _Kind) -> set[_Reached]:
        self._seen += len(sets)
        if self._seen > _MOST_SETS:
            raise _TooMany
        found: set[_Reached] = set()
        for states, progress in sets:
            for letter in self._representatives(states, kind):
                further = _progress(kind.never, progress, letter)
                if not kind.never or further < len(kind.never):
                    found.add((self._text(states, letter), further))
        return found

    def _many(self, sets: set[_Reached], kind: _Kind) -> set[_Reached]:
        found, frontier = set(sets), set(sets)
        while frontier:
            frontier = self._once(frontier, kind) - found
            found |= frontier
        return found

    def _text(self, states: _Set, text: str) -> _Set:
        for character in text:
            if (states, character) not in self._steps:
                self._steps[states, character] = self._step(states, character)
            states = self._steps[states, character]
        return states

    def _step(self, states: _Set, character: str) -> _Set:
        edges = (edge for at in states for edge in self._automaton.states[at].edges)
        return self._closure({target for chars, target in edges if chars.has(character)})

    def _closure(self, reached: set[int], *, at_start: bool = False, at_end: bool = False) -> _Set:
        waiting = list(reached)
        while waiting:
            state = self._automaton.states[waiting.pop()]
            following = (
                *state.free,
                *(state.at_start if at_start else ()),
                *(state.at_end if at_end else ()),
            )
            for target in following:
                if target not in reached:
                    reached.add(target)
                    waiting.append(target)
        return frozenset(reached)

    def _ends(self, states: _Set, *, is_empty: bool) -> bool:
        return self._automaton.accept in self._closure(set(states), at_start=is_empty, at_end=True)


class Builder:
    """Puts an automaton together, piece by piece."""

    def __init__(self) -> None:
        self._edges: list[list[tuple[Chars, int]]] = []
        self._free: list[list[int]] = []
        self._start: list[list[int]] = []
        self._end: list[list[int]] = []

    @property
    def size(self) -> int:
        return len(self._edges)

    def state(self) -> int:
        """A new state."""
        for part in (self._edges, self._free, self._start, self._end):
            part.append([])
        return len(self._edges) - 1

    def edge(self, source: int, chars: Chars, target: int) -> None:
        self._edges[source].append((chars, target))

    def free(self, source: int, target: int) -> None:
        self._free[source].append(target)

    def at_start(self, source: int, target: int) -> None:
        self._start[source].append(target)

    def at_end(self, source: int, target: int) -> None:
        self._end[source].append(target)

    def text(self, source: int, text: str) -> int:
        """The state behind a literal text."""
        for character in text:
            target = self.state()
            self.edge(source, Chars(frozenset(character)), target)
            source = target
        return source

    def many(self, source: int, chars: Chars) -> int:
        """The state behind any number of characters of a set."""
        target = self.state()
        self.free(source, target)
        self.edge(target, chars, target)
        return target

    def build(self, start: int, accept: int) -> Automaton:
        rows = zip(self._edges, self._free, self._start, self._end, strict=True)
        return Automaton(
            tuple(
                State(tuple(edges), tuple(free), tuple(first), tuple(last))
                for edges, free, first, last in rows
            ),
            start,
            accept,
        )


def of_pieces(pieces: Iterable[str | Chars | None]) -> Automaton:
    """The automaton of a glob: literal texts, a set for one character of it, None for any number of any."""
    builder = Builder()
    start = at = builder.state()
    for piece in pieces:
        if piece is None:
            at = builder.many(at, ANY)
        elif isinstance(piece, str):
            at = builder.text(at, piece)
        else:
            target = builder.state()
            builder.edge(at, piece, target)
            at = target
    return builder.build(start, at)


@lru_cache(maxsize=1024)
def of_wildcard(pattern: str) -> Automaton:
    """Kyverno's wildcards: `*` for any text, `?` for any one character; neither stops at a slash.

    https://kyverno.io/docs/policy-types/cluster-policy/validate/#wildcards
    """

    def pieces() -> Iterator[str | Chars | None]:
        for character in pattern:
            yield None if character == "*" else ANY if character == "?" else character

    return of_pieces(pieces())
