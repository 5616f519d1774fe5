"""All fixes over a folder of checkouts: `python -m tests.corpus.fixes DIR`.

For every fix that is shown: applied, its finding is gone and nothing of ours appears (the review itself tries
that), and actionlint, zizmor, hadolint and checkov report nothing that they did not report before. The safe
ones applied reach a fixed point.
"""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.local import MAX_ROUNDS
from checks.catalogue import catalogue
from checks.check import Applicability, Fix, Repository
from checks.engine import Choices, Review, fixable, review
from checks.source.snapshot import Edit, EditConflict, Snapshot
from tests.corpus.peers import Complaint, complaints
from tests.corpus.reviewed import WORKERS, repository


@dataclass(frozen=True)
class Offered:
    """A fix as a reader sees it."""

    check: str
    fix: Fix


@dataclass(frozen=True)
class Worse:
    """What a tool reports only after fixes."""

    complaint: Complaint
    fixes: tuple[str, ...]
    """Check and title of those that edit the file."""


@dataclass(frozen=True)
class Outcome:
    """The fixes of one checkout."""

    name: str
    applied: Counter[tuple[str, str]]
    """Shown and applied, by check and applicability."""
    withheld: Counter[tuple[str, str]]
    """By check and reason."""
    worse: tuple[Worse, ...]
    rounds: int
    """Until applying the safe ones changes nothing; `MAX_ROUNDS + 1`: never."""
    left: tuple[str, ...] = field(default=())
    """Checks whose safe fix is offered again at the fixed point: two that can't go together."""


def outcome(folder: Path) -> Outcome:
    repo = repository(folder)
    found = review(repo, None, catalogue())
    offers = [Offered(one.check.id, fix) for one in found.findings for fix in one.finding.fixes]
    withheld = Counter((one.check.id, one.finding.withheld) for one in found.findings if one.finding.withheld)
    worse = [it for batch in batches(repo.snapshot, offers) for it in made_worse(repo.snapshot, batch)]
    rounds, left = fixed_point(repo, found)
    applied = Counter((it.check, it.fix.applicability.value) for it in offers)
    return Outcome(folder.name, applied, withheld, tuple(worse), rounds, left)


def batches(snapshot: Snapshot, offers: Sequence[Offered]) -> list[list[Offered]]:
    """All fixes, in as few groups as can be applied at once."""
    made: list[tuple[list[Offered], list[Edit]]] = []
    for offer in offers:
        for group, edits in made:
            if _go_together(snapshot, [*edits, *offer.fix.edits]):
                group.append(offer)
                edits.extend(offer.fix.edits)
                break
        else:
            made.append(([offer], list(offer.fix.edits)))
    return [group for group, _ in made]


def _go_together(snapshot: Snapshot, edits: Sequence[Edit]) -> bool:
    try:
        snapshot.edited(edits)
    except EditConflict:
        return False
    return True


def made_worse(snapshot: Snapshot, batch: Sequence[Offered]) -> Iterator[Worse]:
    """What the field's tools report after the fixes and did not before, of the files that they edit."""
    edits = [edit for offer in batch for edit in offer.fix.edits]
    paths = {edit.path for edit in edits}
    new = _said(snapshot.edited(edits), paths) - _said(snapshot, paths)
    for complaint in sorted(new):
        editing = [it for it in batch if any(edit.path == complaint.path for edit in it.fix.edits)]
        yield Worse(complaint, tuple(sorted({f"{it.check}: {it.fix.title}" for it in editing})))


def _said(snapshot: Snapshot, paths: set[str]) -> Counter[Complaint]:
    with tempfile.TemporaryDirectory() as made:
        for path in paths & snapshot.texts.keys():
            place = Path(made, path)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(snapshot.texts[path].content.encode())
        return complaints(Path(made))


def fixed_point(repo: Repository, found: Review) -> tuple[int, tuple[str, ...]]:
    """How many rounds change something, and whose fixes are offered after the last."""
    modules, safe = catalogue(), frozenset({Applicability.SAFE})
    for rounds in range(MAX_ROUNDS + 1):
        chosen = fixable(repo, modules, Choices(), found.new, safe)
        if not chosen:
            left = {
                it.check.id
                for it in found.new
                if it.finding.fixes and it.finding.fixes[0].applicability in safe
            }
            return rounds, tuple(sorted(left))
        repo = repo.edited([edit for fix in chosen for edit in fix.edits])
        found = review(repo, None, modules)
    return MAX_ROUNDS + 1, ()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folders = sorted(path for path in parser.parse_args().folder.iterdir() if path.is_dir())
    outcomes = []
    with multiprocessing.get_context("spawn").Pool(WORKERS, maxtasksperchild=10) as pool:
        for one in pool.imap(outcome, folders):
            told(one)
            outcomes.append(one)
    table(outcomes)


def told(one: Outcome) -> None:
    print(f"{one.name}: {one.applied.total()} applied, {len(one.worse)} reported after, {one.rounds} rounds")
    for it in one.worse:
        complaint = it.complaint
        print(f"  {complaint.tool} {complaint.rule} {complaint.path} {complaint.message}")
        print("".join(f"    {fix}\n" for fix in it.fixes), end="")
    if one.left:
        print(f"  offered still: {', '.join(one.left)}")


def table(outcomes: Sequence[Outcome]) -> None:
    applied, withheld = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for one in outcomes:
        applied.update(one.applied)
        withheld.update(one.withheld)
    print(f"\n{'check':<55} {'safe':>6} {'unsafe':>7} {'display':>8} {'withheld':>9}")
    refused: dict[str, Counter[str]] = defaultdict(Counter)
    for (check, why), number in withheld.items():
        refused[check][why] += number
    for check in sorted({check for check, _ in applied} | set(refused)):
        counts = [applied[check, it.value] for it in Applicability]
        print(f"{check:<55} {counts[0]:6} {counts[1]:7} {counts[2]:8} {refused[check].total():9}")
    print("\nwithheld")
    for check, whys in sorted(refused.items()):
        for why, number in whys.most_common():
            print(f"  {number:4} {check}: {why}")
    print(f"\nmost rounds: {max((one.rounds for one in outcomes), default=0)}")


if __name__ == "__main__":
    main()
