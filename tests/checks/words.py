"""Small checks for the tests of the engine: each speaks of a pattern wherever a Dockerfile has it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import SimpleNamespace
from typing import cast

from checks.check import (
    Applicability,
    Check,
    CheckModule,
    Edit,
    Finding,
    Fix,
    Kind,
    Location,
    Repository,
    Scope,
    Severity,
    Span,
)
from checks.engine import Found, Review
from checks.source.snapshot import Snapshot
from checks.source.text import Text

Files = Mapping[str, str]
Run = Callable[[Repository], Iterator[Finding]]
MakeFix = Callable[[Location], Fix]


def module(about: Check, run: Run) -> CheckModule:
    """What the engine sees of a file of the catalogue."""
    return cast(CheckModule, SimpleNamespace(check=about, run=run))


def check(
    name: str,
    *,
    severity: Severity = Severity.WARNING,
    scope: Scope = Scope.FILE,
    yields_to: tuple[str, ...] = (),
    aliases: tuple[str, ...] = (),
    peers: tuple[str, ...] = (),
) -> Check:
    return Check(
        id=name,
        doc=f"{name}\n",
        severity=severity,
        examples=(),
        kinds=(Kind.DOCKERFILE,),
        scope=scope,
        yields_to=yields_to,
        aliases=aliases,
        peers=peers,
    )


def finds(
    pattern: str, *fixes: MakeFix, about: Check | None = None, message: str = "It is here.", note: str = ""
) -> CheckModule:
    """A check that finds a regular expression in Dockerfiles, with fixes of each place; its id is the pattern."""

    def run(repo: Repository) -> Iterator[Finding]:
        for dockerfile in repo.dockerfiles:
            text = dockerfile.text
            related = tuple(_places(text, note, "is the other half")) if note else ()
            for place in _places(text, pattern):
                yield Finding(message, place, related=related, fixes=tuple(fix(place) for fix in fixes))

    return module(about or check(pattern), run)


def _places(text: Text, pattern: str, note: str = "") -> Iterator[Location]:
    """Where a pattern matches outside of comments."""
    for match in re.finditer(pattern, text.content):
        if not text[text.line(text.line_of(match.start()))].startswith("#"):
            yield Location(text, Span(*match.span()), note)


def replacing(
    replacement: str, applicability: Applicability = Applicability.SAFE, title: str = "replace it"
) -> MakeFix:
    """A fix that puts other text where the finding is."""

    def make(place: Location) -> Fix:
        caution = "Is it right?" if applicability is Applicability.UNSAFE else ""
        return Fix(title, (Edit(place.path, place.span, replacement),), applicability, caution)

    return make


def turning(pattern: str, replacement: str) -> MakeFix:
    """A fix that changes every match of a pattern in the finding's file."""

    def make(place: Location) -> Fix:
        found = re.finditer(pattern, place.text.content)
        edits = tuple(Edit(place.path, Span(*match.span()), replacement) for match in found)
        return Fix("turn it", edits, Applicability.SAFE)

    return make


def crashing(name: str, on: str, *, scope: Scope = Scope.FILE) -> CheckModule:
    """A check that raises where a Dockerfile has a text, and finds `FROM` elsewhere."""

    def run(repo: Repository) -> Iterator[Finding]:
        for dockerfile in repo.dockerfiles:
            if on in dockerfile.text.content:
                raise KeyError(on)
            yield Finding("It is here.", Location(dockerfile.text, Span(0, 4)))

    return module(check(name, scope=scope), run)


def repository(files: Files | str) -> Repository:
    """A repository of files; one text is its Dockerfile."""
    return Repository(Snapshot.of({"Dockerfile": files} if isinstance(files, str) else files))


def places(found: tuple[Found, ...]) -> list[tuple[str, str, int]]:
    """Check, path and line of each."""
    return [(one.check.id, one.finding.location.path, one.finding.location.line) for one in found]


def only(review: Review) -> Finding:
    """The one new finding of a review."""
    (found,) = review.new
    return found.finding
