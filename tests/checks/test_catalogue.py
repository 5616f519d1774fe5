"""Every example of every check, and what holds for all checks."""

import re
from collections.abc import Callable
from types import ModuleType

import pytest

from checks.catalogue import catalogue
from checks.check import Applicability, Check, CheckModule, Example, Finding, Repository, files_of
from checks.engine import Found, Review, review
from checks.source.kind import kind_of
from checks.source.snapshot import Snapshot

MODULES = catalogue()


EXAMPLES = [
    pytest.param(module, example, id=f"{module.check.id}: {example.title}")
    for module in MODULES
    for example in module.check.examples
]
Files = dict[str, str]


def of_example(module: CheckModule, example: Example, files: Files) -> tuple[Repository, list[Found], Review]:
    """The example's repository, and what the check says of it while all checks run."""
    repo = Repository(Snapshot.of(files, example.paths), example.outside)
    before = files_of(example.base) if example.base else None
    base = Repository(Snapshot.of(before), example.outside, repo.memo) if before is not None else None
    outcome = review(repo, base, MODULES)
    assert not outcome.crashed
    return repo, [one for one in outcome.findings if one.check.id == module.check.id], outcome


def carriage_returns(files: Files) -> Files:
    return {path: content.replace("\n", "\r\n") for path, content in files.items()}


def without_last_newline(files: Files) -> Files:
    return {path: content.removesuffix("\n") for path, content in files.items()}


def same(files: Files) -> Files:
    return files


def has_the_shape(repo: Repository, check: Check, finding: Finding) -> None:
    """A finding stands in files of the check's kinds, says its sentences as all do, and offers no better fix than the check's."""
    places = (finding.location, *finding.related)
    kind, *others = (repo.kinds.get(it.path) or kind_of(it.path, it.text.content) for it in places)
    assert kind in check.kinds
    assert {*others} <= {*check.kinds, None}  # a chart's template is of no kind before it is rendered
    assert all(place.note for place in finding.related)
    assert finding.message.endswith(".")
    assert finding.consequence.endswith((".", "”."))
    assert len(f"{finding.message} {finding.consequence}".split()) <= 90
    best_first = list(Applicability)
    assert all(
        check.fix and best_first.index(fix.applicability) >= best_first.index(check.fix)
        for fix in finding.fixes
    )


@pytest.mark.parametrize("variant", [same, carriage_returns, without_last_newline])
@pytest.mark.parametrize(("module", "example"), EXAMPLES)
def test_example(module: CheckModule, example: Example, variant: Callable[[Files], Files]) -> None:
    """Exactly the findings that it names, of the check's shape, and fixes that leave exactly the files that it shows."""
    repo, found, outcome = of_example(module, example, variant(files_of(example.files)))
    for one in found:
        has_the_shape(repo, module.check, one.finding)
    fragments = tuple(one.finding.location.fragment.replace("\r\n", "\n") for one in found)
    assert sorted(fragments) == sorted(example.fragments)
    readable = {one.path for one in outcome.unreadable}
    assert not readable, outcome.unreadable
    if not found:
        return
    first = next(
        one for one in found if one.finding.location.fragment.replace("\r\n", "\n") == example.fragments[0]
    )
    goldens = [golden for golden in (example.fixed, *example.others) if golden]
    assert len(first.finding.fixes) == len(goldens), (first.finding.fixes, first.finding.withheld)
    for fix, golden in zip(first.finding.fixes, goldens, strict=True):
        edited = repo.edited(fix.edits).snapshot
        changed = {
            path: text.content
            for path, text in edited.texts.items()
            if text is not repo.snapshot.texts.get(path)
        }
        assert changed == variant(files_of(golden)), fix.title


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.check.id)
def test_check_is_whole(module: CheckModule) -> None:
    """It has the id of its file, a page, references, and an example of each kind."""
    check = module.check
    assert isinstance(module, ModuleType)
    assert module.__name__.rpartition(".")[2] == check.id.replace("-", "_")
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", check.id)
    title, _, page = check.doc.strip().partition("\n")
    assert title
    assert not title.endswith(".")
    assert "https://" in page
    assert any(example.fragments for example in check.examples)
    assert any(not example.fragments for example in check.examples)
    assert {*check.yields_to, *check.follows} <= {other.check.id for other in MODULES}


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.check.id)
def test_check_says_what_its_fix_is(module: CheckModule) -> None:
    """The best that `fix` allows is what one of its examples shows."""
    check = module.check
    shows_a_fix = [example for example in check.examples if example.fixed or example.others]
    assert check.fix is None or any(
        fix.applicability is check.fix
        for example in shows_a_fix
        for one in of_example(module, example, files_of(example.files))[1]
        for fix in one.finding.fixes
    )


def test_no_check_yields_to_itself_by_way_of_others() -> None:
    """Else each would give way to the other, and none would be told."""
    yields = {module.check.id: module.check.yields_to for module in MODULES}
    for start in yields:
        reached: set[str] = set()
        waiting = [start]
        while waiting:
            further = set(yields[waiting.pop()]) - reached
            reached |= further
            waiting += further
        assert start not in reached
