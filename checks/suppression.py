"""Which findings a comment leaves out, ours, another linter's or a generator's, and which of ours leave out nothing."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from checks.check import Check, CheckModule, Repository, code
from checks.facts.dockerfile.copies_of_templates import is_written_by_builder, template_of, templates_in
from checks.facts.suppression.ignores import Ignore, ignores, written_elsewhere
from checks.facts.suppression.peer_ignores import PeerIgnore
from checks.runner import Raised
from checks.source.kind import Kind
from checks.source.text import Location, Text

UnusedKey = tuple[str, str, str]
"""Path, text of the comment, and id."""


def suppress(
    repo: Repository, raised: Iterable[Raised], enforced: Collection[str]
) -> tuple[list[Raised], list[tuple[Raised, Ignore]]]:
    """Parts the findings into those to tell and those that a comment leaves out, with the comment.

    A finding of an enforced check is told whatever a comment says.
    """
    kept: list[Raised] = []
    left_out: list[tuple[Raised, Ignore]] = []
    for one in raised:
        ignore = None if one.check.id in enforced else _ignore_for(repo, one)
        if ignore:
            left_out.append((one, ignore))
        else:
            kept.append(one)
    return kept, left_out


def unused(
    repo: Repository, raised: Iterable[Raised], modules: Sequence[CheckModule], enforced: Collection[str]
) -> dict[UnusedKey, str]:
    """The ids of ignore comments that leave nothing out, each with why; of checks that did not run nothing is said.

    `raised` is all that the checks of `modules` say. A comment that stands there twice in the same words is
    used if one of the two is.
    """
    checks = {name: module.check for module in modules for name in (module.check.id, *module.check.aliases)}
    used = {
        (ignore.location.path, ignore.location.fragment, name)
        for one, ignore in suppress(repo, raised, ())[1]
        for name in (one.check.id, *one.check.aliases)
    }
    found: dict[UnusedKey, str] = {}
    for ignore in repo.ignores:
        for name in ignore.ids:
            key = (ignore.location.path, ignore.location.fragment, name)
            why = ignore.lapsed or _without_effect(checks.get(name), enforced, is_used=key in used)
            if why:
                found[key] = why
    return found


def _without_effect(check: Check | None, enforced: Collection[str], *, is_used: bool) -> str:
    if check is None:
        return ""
    if check.id in enforced:
        return f"has no effect: the organisation enforces {code(check.id)}"
    return "" if is_used else f"leaves out nothing: {code(check.id)} finds nothing there"


def _ignore_for(repo: Repository, one: Raised) -> Ignore | None:
    location = one.finding.location
    kind = repo.kinds.get(location.path)
    if kind is None:
        return None
    lines = dict.fromkeys((location.line, repo.anchor_line(location)))
    names = {one.check.id, *one.check.aliases}
    by_line = repo.memo(_by_line, location.text, kind, repo.outside.today)
    candidates = (ignore for line in lines for ignore in by_line.get(line, ()))
    ours = next((ignore for ignore in candidates if names.intersection(ignore.ids)), None)
    asked = ours or _asked_of_a_peer(repo, one, {*lines, *location.text.lines_of(location.span)})
    return (
        asked
        or repo.memo(written_elsewhere, location.text, kind, repo.outside.slug)
        or _generated(repo, location.path)
        or _made_of_a_template(repo, location.text, kind)
    )


def _generated(repo: Repository, path: str) -> Ignore | None:
    """As if a comment at the command that writes the file said so: what is to change is changed in what that reads."""
    made = repo.generated_files.get(path)
    if made is None:
        return None
    place = made.location
    return Ignore((), f"{place.path} generates it", place, place.line, is_alone=True)


def _made_of_a_template(repo: Repository, text: Text, kind: Kind) -> Ignore | None:
    """As if a comment at the template said so: what is to change is changed there."""
    texts = repo.snapshot.texts
    if is_written_by_builder(text.path, repo.snapshot.paths):
        place = Location(text, text.line(1))
        return Ignore((), "LinuxServer's builder writes it anew", place, 1, is_alone=True)
    paths = repo.memo(templates_in, repo.snapshot.paths) if kind is Kind.DOCKERFILE else ()
    template = template_of(text, [texts[path] for path in paths if path in texts])
    if template is None:
        return None
    place = Location(template, template.line(1))
    return Ignore((), f"it is made of {template.path}", place, 1, is_alone=True)


def _asked_of_a_peer(repo: Repository, one: Raised, lines: Collection[int]) -> Ignore | None:
    """The comment, or the line of a config, that asks another linter not to tell what we tell there.

    Linters of Dockerfiles read no workflow: of what a workflow hands to a build they speak where the Dockerfile takes it.
    """
    if not one.check.peers:
        return None
    location = one.finding.location
    if repo.kinds.get(location.path) not in (Kind.WORKFLOW, Kind.ACTION):
        return _peer_at(repo, one.check, location, lines)
    takers = [place for place in one.finding.related if repo.kinds.get(place.path) is Kind.DOCKERFILE]
    asked = [_peer_at(repo, one.check, place, place.text.lines_of(place.span)) for place in takers]
    return _peer_at(repo, one.check, location, lines) or (asked[0] if all(asked) and asked else None)


def _peer_at(repo: Repository, check: Check, place: Location, lines: Collection[int]) -> Ignore | None:
    for ignore in repo.peer_ignores(place.path):
        rule = ignore.leaves_out(check.peers)
        if rule and ignore.is_about(place, lines):
            return Ignore((), _reason(ignore, rule), ignore.location, ignore.location.line, is_alone=False)
    return None


def _reason(ignore: PeerIgnore, rule: str) -> str:
    return f"{ignore.tool} is asked to ignore {rule}"


def _by_line(text: Text, kind: Kind, today: datetime.date | None) -> Mapping[int, tuple[Ignore, ...]]:
    """The ignore comments of a file that are in force, by the line that each speaks of."""
    lines: dict[int, list[Ignore]] = defaultdict(list)
    for ignore in ignores(text, kind, today):
        if not ignore.lapsed:
            lines[ignore.line].append(ignore)
    return {line: tuple(group) for line, group in lines.items()}
