"""What the checks say of a folder of checkouts, and what a change to them does to the world.

`python -m tests.corpus DIR [--out RUN.json] [--before EARLIER.json]`: counts by check, crashes, the slowest
files; with an earlier run, each finding that came and went.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from checks.catalogue import catalogue
from tests.corpus.reviewed import Checkout, Told, checkouts, keep, kept

SLOWEST = 10
SHOWN = 200
"""Differences that are printed; all are counted."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, help="where to keep this run")
    parser.add_argument("--before", type=Path, help="an earlier run, to compare with")
    given = parser.parse_args()
    run = list(checkouts(given.folder))
    if given.out:
        keep(run, given.out)
    by_repository(run)
    by_check(run)
    trouble(run)
    slowest(run)
    if given.before:
        difference(kept(given.before), run)


def by_repository(run: Sequence[Checkout]) -> None:
    print(f"{'repository':<60} files  error warning  note  unreadable  seconds")
    for one in run:
        severities = Counter(told.severity for told in one.findings)
        print(
            f"{one.name:<60} {one.files:5} {severities['error']:6} {severities['warning']:7} {severities['note']:5} "
            f"{len(one.unreadable):11} {one.seconds:8.2f}"
        )


def by_check(run: Sequence[Checkout]) -> None:
    found, places, fixed, withheld = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for one in run:
        found.update(told.check for told in one.findings)
        places.update({told.check for told in one.findings})
        fixed.update(told.check for told in one.findings if told.fixes)
        withheld.update(told.check for told in one.findings if told.withheld)
    print(f"\n{'check':<55} findings  repositories  with a fix  withheld")
    for name, number in sorted(found.items(), key=lambda it: (-it[1], it[0])):
        print(f"{name:<55} {number:8} {places[name]:13} {fixed[name]:11} {withheld[name]:9}")
    print(f"{'all':<55} {found.total():8} {len(run):13} {fixed.total():11} {withheld.total():9}")
    print(f"{len(catalogue()) - len(found)} checks find nothing")


def trouble(run: Sequence[Checkout]) -> None:
    for title, lines in (
        ("crashed", [f"{one.name} {line}" for one in run for line in one.crashed]),
        ("unreadable", [f"{one.name} {line}" for one in run for line in one.unreadable]),
    ):
        print(f"\n{title}: {len(lines)}")
        for line in lines:
            print(f"  {line}")


def slowest(run: Sequence[Checkout]) -> None:
    seconds, files = sum(one.seconds for one in run), sum(one.files for one in run)
    print(f"\n{files} files in {seconds:.0f} s, {1000 * seconds / max(1, files):.1f} ms each; the slowest:")
    for one in sorted(run, key=lambda it: -it.seconds / max(1, it.files))[:SLOWEST]:
        print(f"  {one.name:<58} {1000 * one.seconds / max(1, one.files):8.1f} ms a file, {one.files} files")


def difference(before: Sequence[Checkout], after: Sequence[Checkout]) -> None:
    """Of the checkouts that both runs have."""
    common = {one.name for one in before} & {one.name for one in after}
    old, new = _findings(before, common), _findings(after, common)
    for title, keys, source in (
        ("came", new.keys() - old.keys(), new),
        ("went", old.keys() - new.keys(), old),
    ):
        by_id = Counter(source[key].check for key in keys)
        print(f"\n{title}: {len(keys)} ({', '.join(f'{n} {check}' for check, n in by_id.most_common())})")
        for name, fingerprint in sorted(keys)[:SHOWN]:
            told = source[name, fingerprint]
            print(f"  {name} {told.path}:{told.line} {told.check}: {told.message}")


def _findings(run: Iterable[Checkout], names: set[str]) -> dict[tuple[str, str], Told]:
    return {(one.name, told.fingerprint): told for one in run if one.name in names for told in one.findings}


if __name__ == "__main__":
    main()
