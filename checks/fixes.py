"""Tries each fix before anybody sees it.

A fix holds if, with its edits applied, its finding is gone, nothing new appears, every file that it edits can
still be read, no script and no test of the workflows names the very commit of an action that it moves, no such test
quotes the very use, and nothing
looks for the very line of a Dockerfile that it changes, and no line gets too long for a yamllint that reads the
workflows. Where the repository checks the commits of actions, one that
brings another is unsafe, and asks whether that check takes it; so is one that leaves a name that a file of the
repository lists for its workflows, and asks whether that allows another; and one that rewrites a use of an action that
a test of the repository names, and asks whether that test holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec.structs import replace

from checks.check import Applicability, Edit, Finding, Fix, Kind, Repository, code
from checks.facts.action.listed_uses import names_left
from checks.facts.action.named_commits import named_too
from checks.facts.action.pin_guards import writes_commits
from checks.facts.action.workflow_tests import (
    actions_rewritten,
    changes_remarks_alone,
    may_read_remarks,
    use_named_too,
    version_named_too,
)
from checks.facts.action.yamllint import LONGEST
from checks.facts.code_span import listed
from checks.facts.dockerfile.named_lines import line_named
from checks.facts.script.script_tests import script_tests
from checks.runner import Identity, Raised, Rerun, Run, rerun
from checks.source.snapshot import EditConflict
from checks.source.yaml import Mapping, Scalar, walk

Objections = tuple[str, ...]
"""Of each fix of a finding why it is not to be shown, as the end of a sentence; empty where it holds."""
Each = Callable[[Callable[[int], list[Objections]], int], Sequence[list[Objections]]]
"""Calls a function with each number below another, in whatever order or process, and answers what it returns, in order."""
MANY = 16
"""Findings of one check in one file of which each fix is tried alone: a file with more is long, and each trial reads it anew."""
_MAY_LOOK_FOR_LINES = (Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT, Kind.MAKEFILE)
"""Kinds whose files may edit a Dockerfile, or compare it with what they expect."""
AT_ONCE = 128
"""Fixes of more than these that are tried together."""

_TOO_LONG = f"yamllint reads the workflows here, which keep to {LONGEST} characters a line, and the fix would write a longer one"
"""What keeps a fix from being shown."""


def one_by_one(act: Callable[[int], list[Objections]], number: int) -> Sequence[list[Objections]]:
    """As `Each`: in this process."""
    return [act(index) for index in range(number)]


def tried(first: Run, those: Sequence[Raised], each: Each = one_by_one) -> list[Finding]:
    """The findings with those of their fixes that hold; `withheld` says why the first that does not, does not.

    Where a check has more than `MANY` findings in a file, their fixes are tried together, and by halves where that fails.
    """
    groups = _groups(those)

    def objections(number: int) -> list[Objections]:
        return _objections(first, [those[index] for index in groups[number]])

    findings = [one.finding for one in those]
    for group, found in zip(groups, each(objections, len(groups)), strict=True):
        for index, one in zip(group, found, strict=True):
            held = _without_the_withheld(findings[index], one)
            findings[index] = _with_others_asked(first.repo, _as_linted(first.repo, held))
    return findings


def _groups(those: Sequence[Raised]) -> list[list[int]]:
    """The findings with fixes, by their numbers: each alone, or as many together as may be."""
    places: dict[tuple[str, str], list[int]] = {}
    for index, one in enumerate(those):
        if one.finding.fixes:
            places.setdefault((one.check.id, one.finding.location.path), []).append(index)
    groups: list[list[int]] = []
    for found in places.values():
        step = AT_ONCE if len(found) > MANY else 1
        groups += (found[start : start + step] for start in range(0, len(found), step))
    return groups


def _objections(first: Run, those: Sequence[Raised]) -> list[Objections]:
    """To the fixes of each of several findings of one check in one file."""
    if len(those) == 1:
        return [tuple(_objection(first, those, fix.edits) for fix in those[0].finding.fixes)]
    if all(len(one.finding.fixes) == 1 for one in those):
        edits = dict.fromkeys(edit for one in those for fix in one.finding.fixes for edit in fix.edits)
        if not _objection(first, those, tuple(edits)):
            return [("",)] * len(those)
    middle = len(those) // 2
    return _objections(first, those[:middle]) + _objections(first, those[middle:])


def _without_the_withheld(finding: Finding, objections: Objections) -> Finding:
    judged = list(zip(finding.fixes, objections, strict=True))
    reasons = (f"“{fix.title}”: {objection}" for fix, objection in judged if objection)
    held = tuple(fix for fix, objection in judged if not objection)
    return replace(finding, fixes=held, withheld=finding.withheld or next(reasons, ""))


def _as_linted(repo: Repository, finding: Finding) -> Finding:
    """As yamllint asks for it where it reads the workflows: what it would refuse is withheld."""
    linted = [replace(fix, edits=repo.as_linted(fix.edits)) for fix in finding.fixes]
    fixes = tuple(fix for fix in linted if not repo.outgrows_lines(fix.edits))
    return replace(
        finding, fixes=fixes, withheld=finding.withheld or ("" if len(fixes) == len(linted) else _TOO_LONG)
    )


def _with_others_asked(repo: Repository, finding: Finding) -> Finding:
    """Asks of fixes that rewrite uses of actions, or a script, whether what else speaks of these agrees, where something does."""
    return replace(finding, fixes=tuple(_others_asked(repo, fix) for fix in finding.fixes))


def _others_asked(repo: Repository, fix: Fix) -> Fix:
    if fix.applicability is Applicability.DISPLAY:
        return fix
    asks = (_asked_of_guard, _asked_of_lists, _asked_of_tests, _asked_of_script_tests)
    asked = [question for ask in asks for question in ask(repo, fix.edits)]
    if not asked:
        return fix
    return replace(fix, applicability=Applicability.UNSAFE, caution=" ".join((fix.caution, *asked)).lstrip())


def _asked_of_guard(repo: Repository, edits: Sequence[Edit]) -> Iterator[str]:
    guard = repo.pin_guard if writes_commits(edits, repo.snapshot.texts) else None
    if guard is not None:
        yield f"Does {code(guard)} take the new commits?"


def _asked_of_lists(repo: Repository, edits: Sequence[Edit]) -> Iterator[str]:
    left = names_left(edits, repo.snapshot.texts) if repo.lists_of_uses else frozenset[str]()
    for path, names in repo.lists_of_uses.items():
        if named := sorted(names & left):
            yield f"Does {code(path)}, which lists {listed(list(map(code, named)), 2)}, let workflows use anything else?"


def _asked_of_tests(repo: Repository, edits: Sequence[Edit]) -> Iterator[str]:
    if not repo.actions_of_tests:
        return
    rewritten = actions_rewritten(edits, repo.snapshot.texts)
    named = {path: actions & rewritten for path, actions in repo.actions_of_tests.items()}
    tests = [path for path, actions in named.items() if actions]
    if tests and changes_remarks_alone(edits, repo.snapshot.texts):
        tests = [one.path for one in repo.test_texts if one.path in tests and may_read_remarks(one)]
    if not tests:
        return
    actions = listed([code(one) for one in sorted(frozenset[str]().union(*map(named.__getitem__, tests)))], 2)
    does, names = ("Does", "names") if len(tests) == 1 else ("Do", "name")
    yield f"{does} {listed([code(path) for path in tests], 2)}, which {names} {actions}, still hold?"


def _asked_of_script_tests(repo: Repository, edits: Sequence[Edit]) -> Iterator[str]:
    """A test may expect the very text that an edit takes out of a script."""
    scripts = sorted({edit.path for edit in edits if repo.kinds.get(edit.path) is Kind.SCRIPT})
    tests = repo.memo(script_tests, repo.snapshot.paths) if scripts else {}
    for test in dict.fromkeys(tests[path] for path in scripts if path in tests):
        yield f"Does {code(test)}, a test of the script by its name, still hold?"


def _objection(first: Run, targets: Sequence[Raised], edits: Sequence[Edit]) -> str:
    """Why edits are not to be shown as the fix of findings, as the end of a sentence, or nothing."""
    try:
        edited = first.repo.edited(edits)
    except EditConflict as conflict:
        return f"it can't be applied ({conflict})"
    paths = frozenset(edit.path for edit in edits)
    scripts = (text for kind in (Kind.SCRIPT, Kind.MAKEFILE) for text in first.repo.texts(kind))
    snapshot = first.repo.snapshot
    if place := named_too(edits, snapshot.texts, scripts, snapshot.tests.values()):
        return f"{code(place.path)} line {place.line} names {code(place.fragment)}, too, and may compare the two: move both"
    known = {**snapshot.texts, **snapshot.tests}
    tests = [known[path] for path in first.repo.actions_of_tests]
    if place := version_named_too(edits, snapshot.texts, snapshot.tests.values()) or use_named_too(
        edits, snapshot.texts, tests
    ):
        return f"{code(place.path)} line {place.line} names {code(place.fragment)}, too, and may look for it: change both"
    readers = (text for kind in _MAY_LOOK_FOR_LINES for text in first.repo.texts(kind))
    of_images = [edit for edit in edits if first.repo.kinds.get(edit.path) is Kind.DOCKERFILE]
    if place := line_named(of_images, snapshot.texts, readers):
        return f"{code(place.path)} line {place.line} names this line, too, and may look for it: change both"
    if broken := _broken(first.repo, edited, paths):
        return f"it would leave {code(broken)} unreadable"
    again = rerun(first, edited, paths | _reclassified(first.repo, edited))
    if again.crashed:
        return f"we tried it, and our check {code(again.crashed[0].check)} stopped with an error after it"
    appeared = _appeared(targets, edits, again)
    fixed = {one.check.id for one in targets}
    if _remain(targets, again) or any(one.check.id in fixed for one in appeared):
        return "we tried it, and it does not solve what is told here"
    return _as_brought(appeared[0]) if appeared else ""


def _as_brought(one: Raised) -> str:
    """What an edit brings, as a person who knows none of our checks understands it."""
    return f"it would bring another finding ({code(one.check.id)}): {one.finding.message}"


def _reclassified(before: Repository, after: Repository) -> frozenset[str]:
    """The paths that other files make a kind of ours, or no longer do, and Dockerfiles whose image they publish or not."""
    kinds, shipping = (
        before.kinds.items() ^ after.kinds.items(),
        before.shipping.items() ^ after.shipping.items(),
    )
    return frozenset(path for path, _ in (*kinds, *shipping))


def _remain(targets: Sequence[Raised], again: Rerun) -> bool:
    """Whether one of the findings is still there."""
    before, after = _count(again.before), _count(again.after)
    ended = _count(targets)
    return any(after[identity] > before[identity] - ended[identity] for identity in ended)


def _broken(before: Repository, after: Repository, paths: Iterable[str]) -> str:
    """A path that could be read and no longer can, or nothing; GitHub reads no workflow in which a key stands twice."""
    for path in paths:
        if after.unreadable_at(path) and not before.unreadable_at(path):
            return path
        if (
            after.kinds.get(path) is Kind.WORKFLOW
            and _has_key_twice(after, path)
            and not _has_key_twice(before, path)
        ):
            return path
    return ""


def _has_key_twice(repo: Repository, path: str) -> bool:
    blocks = (
        node
        for workflow in repo.workflows
        if workflow.path == path
        for node in walk(workflow.node)
        if isinstance(node, Mapping)
    )
    return any(
        number > 1
        for block in blocks
        for number in Counter(one.key.value for one in block.entries if isinstance(one.key, Scalar)).values()
    )


def _count(raised: Iterable[Raised]) -> Counter[Identity]:
    return Counter(one.identity() for one in raised)


def _appeared(targets: Sequence[Raised], edits: Sequence[Edit], again: Rerun) -> list[Raised]:
    """The findings that the edits bring, one of each identity, without those of checks that follow the targets' ones.

    A finding whose own text is edited changes its identity without being new: it is matched with one of
    the same check and file that vanished where the edits are.
    """
    before, after = _count(again.before), _count(again.after)
    fixed = {one.check.id for one in targets}
    next_steps = {one.check.id for one in again.after if not fixed.isdisjoint(one.check.follows)}
    vanished = before - after - _count(targets)
    changed: Counter[tuple[str, str]] = Counter()
    for one in again.before:
        if vanished[one.identity()] and _touched(one, edits):
            vanished[one.identity()] -= 1
            changed[one.check.id, one.finding.location.path] += 1
    appeared: list[Raised] = []
    by_identity = {one.identity(): one for one in again.after}
    for identity, number in (after - before).items():
        check, path, _fragment = identity
        matched = min(number, changed[check, path])
        changed[check, path] -= matched
        if number > matched and check not in next_steps:
            appeared.append(by_identity[identity])
    return appeared


def _touched(one: Raised, edits: Sequence[Edit]) -> bool:
    location = one.finding.location
    return any(
        edit.path == location.path
        and edit.span.start <= location.span.end
        and location.span.start <= edit.span.end
        for edit in edits
    )


def together(first: Run, offers: Sequence[tuple[Raised, Fix]]) -> tuple[Fix, ...]:
    """As many of the fixes as hold together, in their order, each wholly or not at all.

    Of two that overlap, or of which one brings the other's finding back, or a new one together with it, the
    first is taken.
    """
    chosen: list[tuple[Raised, Fix]] = []
    for offered in offers:
        union = (*chosen, offered)
        edits = [edit for _, fix in union for edit in fix.edits]
        if not _objection(first, [one for one, _ in union], edits):
            chosen.append(offered)
    return tuple(fix for _, fix in chosen)
