"""Runs the checks and keeps what a change brings.

Everything here is a pure function of two repositories, the checks and the choices of the config.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum

from msgspec import field

from checks import compare, fixes
from checks.check import (
    Applicability,
    Check,
    CheckModule,
    Finding,
    Fix,
    Location,
    Repository,
    Scope,
    Severity,
)
from checks.facts.attempt import attempted
from checks.facts.terraform.modules import is_tried_out
from checks.record import Record
from checks.runner import Crashed, Raised, Run, run
from checks.source.kind import Kind
from checks.source.text import Unreadable
from checks.suppression import suppress, unused

__all__ = ["Choices", "Crashed", "Found", "Review", "State", "Suppressed", "fixable", "review"]


class State(StrEnum):
    """Whether the change brings a finding."""

    NEW = "new"
    KNOWN = "known"


class Found(Record):
    """A finding with the check that found it and its identity across commits."""

    check: Check
    finding: Finding
    """Of a new finding, `fixes` holds those that were tried and hold, and `withheld` says why one does not."""
    severity: Severity
    """After the config's and the finding's own."""
    fingerprint: str
    state: State = State.NEW


class Suppressed(Record):
    """A finding that a comment in its file asks to leave out."""

    check: str
    location: Location
    """The finding's primary location."""
    reason: str
    comment: Location
    """The ignore comment."""

    @property
    def is_here(self) -> bool:
        """Whether the comment stands in the file of the finding."""
        return self.comment.path == self.location.path

    @property
    def by(self) -> str:
        """What leaves the finding out, as a part of a sentence."""
        line = self.comment.line
        return f"the comment on line {line}" if self.is_here else f"line {line} of {self.comment.path}"


class Review(Record):
    """The outcome: what is found at the head, and what of it is new."""

    findings: tuple[Found, ...] = ()
    """Ordered by path, place and check."""
    suppressed: tuple[Suppressed, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    crashed: tuple[Crashed, ...] = ()
    incomplete: tuple[str, ...] = ()
    """Why not everything could be seen, in words; empty if all was."""

    @property
    def new(self) -> tuple[Found, ...]:
        return tuple(found for found in self.findings if found.state is State.NEW)

    @property
    def known(self) -> tuple[Found, ...]:
        return tuple(found for found in self.findings if found.state is State.KNOWN)


def _never(_path: str) -> bool:
    return False


class Choices(Record):
    """How the config steers a review."""

    severities: Mapping[str, Severity | None] = field(default_factory=dict)
    """Severity by check id; None switches the check off."""
    enforced: frozenset[str] = frozenset()
    """Ids that no ignore comment switches off."""
    ignored: Callable[[str], bool] = _never
    """Whether findings in the file at a path are left out, those of enforced checks apart."""
    enforced_ignored: Callable[[str], bool] = _never
    """The same for findings of enforced checks."""

    def active(self, modules: Iterable[CheckModule]) -> tuple[CheckModule, ...]:
        """The checks that are not switched off."""
        return tuple(m for m in modules if self.severities.get(m.check.id, m.check.severity) is not None)

    def shows(self, check: Check, path: str) -> bool:
        """Whether findings of a check in the file at a path are told."""
        return not (self.enforced_ignored(path) if check.id in self.enforced else self.ignored(path))

    def severity(self, check: Check, finding: Finding) -> Severity:
        """The severity that counts: the config's, else the finding's own, else the check's."""
        return self.severities.get(check.id) or finding.severity or check.severity


def review(
    head: Repository,
    base: Repository | None,
    modules: Sequence[CheckModule],
    choices: Choices | None = None,
    renames: Mapping[str, str] | None = None,
    incomplete: Sequence[str] = (),
    each: fixes.Each = fixes.one_by_one,
) -> Review:
    """What the checks find at the head; what was not there at the base is new and has its fixes tried.

    Without a base all is new. `renames` maps a path at the head to its path at the base. `incomplete` is
    what the caller knows of files that could not be had. `each` may try the fixes in several processes.
    """
    choices = choices or Choices()
    at_head = _run(head.against(base), modules, choices)
    head = at_head.repo
    at_base = _run(base.beside(head), modules, choices, at_head) if base else None
    shown = [
        one
        for one in at_head.raised
        if choices.shows(one.check, one.finding.location.path)
        and (one.check.id in choices.enforced or not _is_beside_the_point(head, one))
    ]
    kept, suppressed = suppress(head, shown, choices.enforced)
    kept = _without_yielding(kept, [one for one, _ in suppressed], choices.enforced)
    new = _new_ones(at_head, at_base, renames or {})
    trials = [one for one in kept if one in new]
    tried = dict(zip(trials, fixes.tried(at_head, trials, each), strict=True))
    fingerprints = compare.fingerprints(at_head.raised)
    found = [
        Found(
            one.check,
            tried.get(one, one.finding),
            choices.severity(one.check, one.finding),
            fingerprints[one],
            State.NEW if one in new else State.KNOWN,
        )
        for one in kept
    ]
    found.sort(
        key=lambda it: (it.finding.location.path, it.finding.location.span, it.check.id, it.finding.message)
    )
    crashed = dict.fromkeys((*at_head.crashed, *(at_base.crashed if at_base else ())))
    left_out = (
        Suppressed(one.check.id, one.finding.location, why.reason, why.location) for one, why in suppressed
    )
    return Review(tuple(found), tuple(left_out), head.unreadable, tuple(crashed), tuple(incomplete))


def fixable(
    repo: Repository,
    modules: Sequence[CheckModule],
    choices: Choices,
    findings: Sequence[Found],
    applicabilities: frozenset[Applicability],
) -> tuple[Fix, ...]:
    """Of each finding the first fix, if it is of one of the applicabilities; as many as hold together.

    Each is wholly in or not at all; of two that do not go together the earlier finding's is taken.
    """
    first = _run(repo, modules, choices)
    by_fingerprint = {fingerprint: one for one, fingerprint in compare.fingerprints(first.raised).items()}
    offers = [
        (by_fingerprint[found.fingerprint], found.finding.fixes[0])
        for found in findings
        if found.finding.fixes
        and found.finding.fixes[0].applicability in applicabilities
        and found.fingerprint in by_fingerprint
    ]
    return fixes.together(first, offers)


def _run(
    repo: Repository, modules: Sequence[CheckModule], choices: Choices, beside: Run | None = None
) -> Run:
    """What all active checks say: first those of the files, then those of what the others say."""
    active = choices.active(modules)
    last = tuple(module for module in active if module.check.scope is Scope.OUTCOME)
    first = run(repo, (module for module in active if module.check.scope is not Scope.OUTCOME), beside)
    if not last:
        return first
    crashed = {crash.check for crash in first.crashed}
    whole = [module for module in first.modules if module.check.id not in crashed]
    concluded = repo.concluded(unused(repo, first.raised, whole, choices.enforced))
    second = run(concluded, last)
    return Run(
        concluded,
        active,
        first.raised + second.raised,
        first.crashed + second.crashed,
        {**first.asked, **second.asked},
    )


def _is_beside_the_point(repo: Repository, one: Raised) -> bool:
    """Whether it is about Terraform of a test or an example, where a defect may stand on purpose, or that is never applied to AWS, or of what nothing runs.

    Of a job that stops before its first step only what stops it matters; of a Dockerfile only stages that a build comes to;
    and of a build that stops in each leg for want of its input only that, or nothing but the actions behind it where what it copies is missing.
    """
    path = one.finding.location.path
    first, *others = (one.finding.location, *one.finding.related)
    beside = (
        lambda: repo.is_stopped(first),
        lambda: all(repo.is_unreached(place) for place in (first, *others) if place.path == path),
        lambda: all(repo.is_idle(place) for place in (first, *others) if place.path == path),
        lambda: (
            repo.is_in_vain(first)
            or (bool(others) and all(place.path == path and repo.is_in_vain(place) for place in others))
        ),
    )
    if any(attempted(each) is True for each in beside):
        return True
    left = (
        attempted(lambda: repo.actions_left_unused),
        attempted(lambda: repo.workflows_left_behind),
        attempted(lambda: repo.terraform_left_alone),
    )
    if any(path in paths for paths in left if not isinstance(paths, str)):
        return True
    return repo.kinds.get(path) is Kind.TERRAFORM and is_tried_out(path)


def _new_ones(head: Run, base: Run | None, renames: Mapping[str, str]) -> set[Raised]:
    """What the base does not have; of a check that crashed there nothing is called new.

    All that was raised is compared, so that what a comment hides, or another check tells better, at one of the
    two commits only is no newcomer at the other.
    """
    if base is None:
        return set(head.raised)
    lost = {crash.check for crash in base.crashed}
    new = compare.new_ones(head.raised, base.raised, renames)
    return {one for one in new if one.check.id not in lost}


def _without_yielding(
    kept: Sequence[Raised], suppressed: Sequence[Raised], enforced: frozenset[str]
) -> list[Raised]:
    """Drops each finding whose primary span is covered by one of a check that its own check yields to.

    An enforced check yields only to what is told: a comment can't hide its finding by hiding the other's.
    """
    told, hidden = _places(kept), _places(suppressed)

    def yields(one: Raised) -> bool:
        mine = one.finding.location
        return any(
            theirs.span.covers(mine.span)
            for other in one.check.yields_to
            for places in ((told,) if one.check.id in enforced else (told, hidden))
            for theirs in places.get((other, mine.path), ())
        )

    return [one for one in kept if not yields(one)]


def _places(raised: Sequence[Raised]) -> dict[tuple[str, str], list[Location]]:
    """The locations of findings, by check and path."""
    places: dict[tuple[str, str], list[Location]] = {}
    for one in raised:
        for location in (one.finding.location, *one.finding.related):
            places.setdefault((one.check.id, location.path), []).append(location)
    return places
