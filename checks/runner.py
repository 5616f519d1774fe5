"""Runs checks over a repository, and again over an edited one at the price of what changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from checks.check import Check, CheckModule, Finding, Repository, Scope

Identity = tuple[str, str, str]
"""Check, path and normalised fragment: what a finding is, apart from how often it occurs."""


@dataclass(frozen=True, eq=False)
class Raised:
    """A finding as its check raised it."""

    check: Check
    finding: Finding

    def identity(self, path: str | None = None) -> Identity:
        """What it is across commits; `path` stands in for its own where the file was renamed."""
        location = self.finding.location
        return self.check.id, path or location.path, " ".join(location.fragment.split())


@dataclass(frozen=True)
class Crashed:
    """A check that raised: a defect of ours, which loses only its own findings."""

    check: str
    path: str
    """The file that it was looking at; empty for a check that sees all files."""
    error: str


@dataclass(frozen=True)
class Run:
    """What the checks say of a repository."""

    repo: Repository
    modules: tuple[CheckModule, ...]
    raised: tuple[Raised, ...]
    crashed: tuple[Crashed, ...]


@dataclass(frozen=True)
class Rerun:
    """What edits change: the part of the findings that they could touch, before and after."""

    before: tuple[Raised, ...]
    after: tuple[Raised, ...]
    crashed: tuple[Crashed, ...]


def run(repo: Repository, modules: Iterable[CheckModule]) -> Run:
    """All findings of the checks, and the checks that raised."""
    modules = tuple(modules)
    return Run(repo, modules, *_collect(repo, modules, repo.kinds))


def rerun(first: Run, edited: Repository, paths: frozenset[str]) -> Rerun:
    """Runs again what the edits of `paths` can have changed.

    A check that sees one file at a time runs on these files, one that sees all of them runs whole.
    """
    before = tuple(
        one for one in first.raised if one.check.scope is not Scope.FILE or one.finding.location.path in paths
    )
    return Rerun(before, *_collect(edited, first.modules, [path for path in edited.kinds if path in paths]))


def _collect(
    repo: Repository, modules: Sequence[CheckModule], paths: Iterable[str]
) -> tuple[tuple[Raised, ...], tuple[Crashed, ...]]:
    """Findings and crashes; the checks of one file look at `paths` only."""
    paths = tuple(paths)
    raised: list[Raised] = []
    crashed: list[Crashed] = []
    for module in modules:
        for path, part in _parts(repo, module.check, paths):
            outcome = _outcome(module, part)
            if isinstance(outcome, str):
                crashed.append(Crashed(module.check.id, path, outcome))
            else:
                raised += outcome
    return tuple(raised), tuple(crashed)


def _parts(repo: Repository, check: Check, paths: Sequence[str]) -> Iterator[tuple[str, Repository]]:
    """What a check sees at once: the whole repository, or each file of its kinds alone."""
    if check.scope is not Scope.FILE:
        yield "", repo
        return
    for path in paths:
        if repo.kinds[path] in check.kinds:
            yield path, repo.alone(path)


def _outcome(module: CheckModule, repo: Repository) -> tuple[Raised, ...] | str:
    """The findings of one check on one part, or in words how it crashed.

    What a check says twice of one place, for two legs of a matrix perhaps, is said once.
    """
    try:
        once = {(it.location.path, it.location.span, it.message): it for it in module.run(repo)}
        return tuple(Raised(module.check, finding) for finding in once.values())
    except MemoryError:
        raise  # no defect of the check: the limit is the whole review's
    except Exception as error:  # noqa: BLE001 - any defect of a check is listed and must not lose the others
        return f"{type(error).__name__}: {error}"
