"""Running again only what edits can have changed says the same as running everything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import pytest

from checks.catalogue import catalogue
from checks.check import Example, Finding, Location, Outside, Repository, Scope, Span, files_of
from checks.facts.answers import Answering, fact
from checks.runner import Raised, rerun, run
from checks.source.kind import Kind
from checks.source.snapshot import Snapshot
from tests.checks import words

MODULES = [module for module in catalogue() if module.check.scope is not Scope.OUTCOME]
EXAMPLES = [
    pytest.param(example, id=f"{module.check.id}: {example.title}")
    for module in MODULES
    for example in module.check.examples
    if example.fixed
]


def count(raised: Iterable[Raised]) -> Counter[tuple[str, str, str, str]]:
    return Counter((*one.identity(), one.finding.message) for one in raised)


@pytest.mark.parametrize("example", EXAMPLES)
def test_what_is_not_run_again_would_say_the_same(example: Example) -> None:
    repo = Repository(Snapshot.of(files_of(example.files), example.paths), example.outside)
    first = run(repo, MODULES)
    for one in first.raised:
        for fix in one.finding.fixes:
            edited = repo.edited(fix.edits)
            changed = dict(repo.kinds.items() ^ edited.kinds.items())
            again = rerun(first, edited, frozenset(edit.path for edit in fix.edits) | frozenset(changed))
            files = {path: text.content for path, text in edited.snapshot.texts.items()}
            fresh = Repository(Snapshot.of(files, edited.snapshot.paths), example.outside)
            before, after = count(first.raised), count(run(fresh, MODULES).raised)
            assert count(again.after) - count(again.before) == after - before
            assert count(again.before) - count(again.after) == before - after
            other = Repository(Snapshot.of(files, edited.snapshot.paths), example.outside, repo.memo)
            assert count(run(other.beside(repo), MODULES, first).raised) == after


TOGETHER = 8
"""Examples in one repository: so many files beside each that is edited."""


def beside_each_other(examples: Sequence[Example]) -> Snapshot:
    """The files of several examples as those of one repository, workflows of one name side by side."""
    files: dict[str, str] = {}
    for number, example in enumerate(examples):
        for path, content in files_of(example.files).items():
            taken = path in files and path.startswith(".github/workflows/")
            files[path.replace("workflows/", f"workflows/{number}-") if taken else path] = content
    return Snapshot.of(files)


WITH_WORKFLOWS = [
    example
    for module in MODULES
    if module.check.kinds[0] is Kind.WORKFLOW
    for example in [one for one in module.check.examples if one.fixed][:3]
]


@pytest.mark.parametrize("start", range(0, len(WITH_WORKFLOWS), TOGETHER))
def test_what_is_kept_of_files_beside_an_edited_one_is_what_would_be_read_anew(start: int) -> None:
    snapshot = beside_each_other(WITH_WORKFLOWS[start : start + TOGETHER])
    first = run(Repository(snapshot), MODULES)
    fixes = {one.check.id: fix for one in first.raised for fix in one.finding.fixes}
    for fix in fixes.values():
        edited = first.repo.edited(fix.edits)
        changed = {
            *dict(first.repo.kinds.items() ^ edited.kinds.items()),
            *dict(first.repo.shipping.items() ^ edited.shipping.items()),
        }
        again = rerun(first, edited, frozenset((*changed, *(edit.path for edit in fix.edits))))
        texts = edited.snapshot.texts
        fresh = run(Repository(Snapshot.of({path: text.content for path, text in texts.items()})), MODULES)
        before, after = count(first.raised), count(fresh.raised)
        assert count(again.after) - count(again.before) == after - before
        assert count(again.before) - count(again.after) == before - after


TEXTS = {"Dockerfile": "FROM a\n", "b/Dockerfile": "FROM b\n", "c.tf": "d = 1\n"}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, []),
        ({"c.tf": "d = 2\n"}, []),
        ({"b/Dockerfile": "FROM c\n"}, ["all", "b/Dockerfile"]),
        ({"e.txt": ""}, ["all", "Dockerfile", "b/Dockerfile"]),
    ],
    ids=["nothing", "a file that they do not read", "a file that both read", "the list of paths"],
)
def test_a_check_runs_again_only_where_it_sees_something_else(
    changed: dict[str, str], expected: list[str]
) -> None:
    ran: list[str] = []

    def of_all(repo: Repository) -> Iterator[Finding]:
        ran.append("all")
        for dockerfile in repo.dockerfiles:
            yield Finding("It is here.", Location(dockerfile.text, Span(0, 4)))

    def of_one(repo: Repository) -> Iterator[Finding]:
        ran.extend(dockerfile.path for dockerfile in repo.dockerfiles)
        return iter(())

    modules = [
        words.module(words.check("all", scope=Scope.REPOSITORY), of_all),
        words.module(words.check("one"), of_one),
    ]
    repo = Repository(Snapshot.of(TEXTS))
    first = run(repo, modules)
    assert ran == ["all", "Dockerfile", "b/Dockerfile"]
    ran.clear()
    other = Repository(Snapshot.of({**TEXTS, **changed}), repo.outside, repo.memo)
    assert len(run(other.beside(repo), modules, first).raised) == 2
    assert ran == expected


def test_of_another_outside_everything_runs_again() -> None:
    modules = [words.finds("FROM", about=words.check("from", scope=Scope.REPOSITORY))]
    repo = Repository(Snapshot.of(TEXTS))
    other = Repository(Snapshot.of(TEXTS), Outside(slug="acme/web"), repo.memo)
    first = run(repo, modules)
    assert not set(run(other.beside(repo), modules, first).raised) & set(first.raised)


class Sums(Answering):
    """Answers with sums, and counts how often it had to work one out."""

    def __init__(self, *numbers: int) -> None:
        super().__init__()
        self.numbers = numbers
        self.worked = 0

    @fact
    def total(self) -> int:
        self.worked += 1
        return sum(self.numbers)

    @fact
    def doubled(self) -> int:
        return 2 * self.total


def test_a_subject_is_read_once_for_all_who_ask() -> None:
    sums = Sums(1, 2)
    assert [sums.total, sums.noting().total, sums.noting().doubled, sums.doubled] == [3, 3, 6, 6]
    assert sums.worked == 1


def test_who_notes_notes_what_it_was_asked_and_not_what_that_asked() -> None:
    sums = Sums(1, 2)
    one, other = sums.noting(), sums.noting()
    assert one.doubled == 6
    assert other.total == 3
    assert list(one.asked) == ["doubled"]
    assert list(other.asked) == ["total"]
    assert not sums.asked


def test_who_notes_notes_which_files_are_read() -> None:
    files = {"Dockerfile": "FROM a\n", "b.tf": "c = 1\n", ".dockerignore": "d\n"}
    repo = Repository(Snapshot.of(files)).noting()
    assert [text.path for text in repo.texts(Kind.TERRAFORM)] == ["b.tf"]
    assert "Dockerfile" in repo.snapshot.texts
    assert list(repo.asked) == [("texts", Kind.TERRAFORM), ("files", "Dockerfile")]
    assert sorted(repo.snapshot.texts) == sorted(files)
    assert list(repo.asked)[2:] == ["files"]
