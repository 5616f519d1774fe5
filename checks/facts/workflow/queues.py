"""Queues in which runs have to wait for each other: of one workflow, or of all that push one name.

https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from checks.facts.image.pushes import Push
from checks.facts.image.shared_names import is_for_several_refs, name_of, shared
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


def queue_of(
    told: RacingPush,
    workflow: Workflow,
    racing: Mapping[Workflow, Sequence[RacingPush]],
    pushes: Mapping[Workflow, Sequence[Push]],
) -> Queue:
    """The queue of a workflow: its own, or one for all that push a name of it, or of another of these.

    `told` is the push that is spoken of.
    """
    members = [workflow]
    for member in members:
        members += [it for it in racing if it not in members and shared(racing[member], racing[it])]
    if len(members) == 1:
        return Queue("${{ github.workflow }}")
    in_common = [
        (one, push)
        for one in members
        for it in members
        if it is not one
        for push in shared(racing[one], racing[it])
    ]
    theirs = [[it.push for it in shared(racing[one], racing[workflow])] for one in members[1:]]
    return Queue(
        min(f"publish-{_short(it.push)}" for _, it in in_common),
        tuple(min(those, key=lambda it: name_of(it) != name_of(told.push)) for those in theirs if those),
        any(is_for_several_refs(push, pushes[one]) for one, push in in_common),
    )


def _short(push: Push) -> str:
    """A word for what is pushed: the end of the image's path, else the tag."""
    image = push.reference.path.rpartition("/")[2].literal
    return image or push.reference.tag_or_default.literal or "image"
