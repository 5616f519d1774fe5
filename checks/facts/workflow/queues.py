"""Queues in which runs have to wait for each other: of one workflow, or of all that push one name.

https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from checks.facts.image.pushes import Push
from checks.facts.image.shared_names import is_for_several_refs, name_of, shared_as
from checks.facts.workflow.overtaking_runs import RacingPush
from checks.facts.workflow.workflows import Workflow
from checks.record import Record


class Queue(Record, eq=False):
    """The queue that a workflow's runs need, with those of others where they push the same name."""

    group: str
    """How `concurrency` calls it, but for the ref."""
    others: tuple[Push, ...] = ()
    """A push of each other workflow for a name of this one's, the one that is spoken of where it pushes that."""
    is_for_several_refs: bool = False
    """Whether a name that they share is pushed for more than one ref."""


class Sharing(Record, eq=False):
    """What workflows push under one name for one event, each name for an event by a number."""

    numbered: Mapping[Workflow, Sequence[tuple[RacingPush, frozenset[int]]]]
    """The pushes of each workflow, with what each has in common with other workflows; in their order."""
    groups: Mapping[Workflow, tuple[str, bool]]
    """Of those that share names, over whatever others: how their queue is called, and whether it is for several refs."""


def sharing(
    racing: Mapping[Workflow, Sequence[RacingPush]], pushes: Mapping[Workflow, Sequence[Push]]
) -> Sharing:
    """What workflows have in common; `pushes` are all of theirs, `racing` those of which two runs may cross."""
    numbers: dict[object, int] = {}
    by_number: dict[int, dict[Workflow, None]] = {}
    numbered = {
        workflow: [
            (one, frozenset(numbers.setdefault(name, len(numbers)) for name in shared_as(one)))
            for one in those
        ]
        for workflow, those in racing.items()
    }
    for workflow, those in numbered.items():
        for number in (number for _, mine in those for number in mine):
            by_number.setdefault(number, {})[workflow] = None
    common = {number for number, found in by_number.items() if len(found) > 1}
    numbered = {
        workflow: [(one, mine & common) for one, mine in those] for workflow, those in numbered.items()
    }
    groups: dict[Workflow, tuple[str, bool]] = {}
    for workflow in numbered:
        if workflow not in groups and any(mine for _, mine in numbered[workflow]):
            members = _reached(workflow, numbered, by_number)
            shared = [(it, one) for it in members for one, mine in numbered[it] if mine]
            name = min(f"publish-{_short(one.push)}" for _, one in shared)
            is_for_several = any(is_for_several_refs(one, pushes[it]) for it, one in shared)
            groups.update(dict.fromkeys(members, (name, is_for_several)))
    return Sharing(numbered, groups)


def _reached(
    workflow: Workflow,
    numbered: Mapping[Workflow, Sequence[tuple[RacingPush, frozenset[int]]]],
    by_number: Mapping[int, Mapping[Workflow, None]],
) -> list[Workflow]:
    """A workflow, and those that share a name with it or with another of these."""
    members = {workflow: None}
    waiting, seen = [workflow], set[int]()
    while waiting:
        new = {number for _, mine in numbered[waiting.pop()] for number in mine} - seen
        seen |= new
        joining = [it for number in new for it in by_number[number] if it not in members]
        members.update(dict.fromkeys(joining))
        waiting += joining
    return list(members)


def queue_of(told: RacingPush, workflow: Workflow, among: Sharing, by_hand: Sequence[Push]) -> Queue:
    """The queue of a workflow: its own, or one for all that push a name of it, or of another of these.

    `told` is the push that is spoken of, `by_hand` those of other workflows that somebody starts, for whichever ref.
    """
    if workflow not in among.groups and not by_hand:
        return Queue("${{ github.workflow }}")
    if workflow not in among.groups:
        return Queue(
            min(f"publish-{_short(one)}" for one in by_hand), tuple(by_hand), is_for_several_refs=True
        )
    group, is_for_several = among.groups[workflow]
    mine = frozenset[int]().union(*(one for _, one in among.numbered[workflow]))
    theirs = (
        [one.push for one, common in those if not common.isdisjoint(mine)]
        for it, those in among.numbered.items()
        if it is not workflow
    )
    name = name_of(told.push)
    others = tuple(min(those, key=lambda it: name_of(it) != name) for those in theirs if those)
    return Queue(group, others, is_for_several)


def _short(push: Push) -> str:
    """A word for what is pushed: the end of the image's path, else the tag."""
    image = push.reference.path.rpartition("/")[2].literal
    return image or push.reference.tag_or_default.literal or "image"
