"""What the move of an action to a newer release asks, what is written beside it, and what it waits for.

That follows from the changes in the tables beside this module, and from the inputs that a release no longer takes.
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.facts.action.old_containers import old_container
from checks.facts.action.runtimes import lacks_runtime, runtime_of
from checks.facts.action.upstream import ARCHIVED, SUCCESSORS
from checks.facts.code_span import code
from checks.facts.upgrade import (
    artifact_changes,
    automation_changes,
    cache_changes,
    checkout_changes,
    deployment_changes,
    go_changes,
    image_changes,
    language_changes,
    testing_changes,
    tool_changes,
)
from checks.facts.upgrade.change import asked, held_by, written
from checks.facts.upgrade.input_changes import lost_inputs, renames
from checks.facts.upgrade.upgrades import Upgrade
from checks.source.snapshot import Edit

CHANGES = (
    *checkout_changes.CHANGES,
    *go_changes.CHANGES,
    *language_changes.CHANGES,
    *tool_changes.CHANGES,
    *artifact_changes.CHANGES,
    *cache_changes.CHANGES,
    *image_changes.CHANGES,
    *testing_changes.CHANGES,
    *deployment_changes.CHANGES,
    *automation_changes.CHANGES,
)
"""Those of one action lie in one table, in the order in which they are told."""


def questions(upgrade: Upgrade) -> Iterator[str]:
    """What to ask before an action moves, each a question without its mark.

    Not what is known not to concern the step.
    """
    yield from asked(upgrade, CHANGES)
    lost = [f"`{name}`" for name in lost_inputs(upgrade)]
    if lost and upgrade.target is not None:
        to = f"`{upgrade.action.repository}` {upgrade.target.version}"
        yield f"does the step do without {' and '.join(lost)}, which {to} does not take"


def beside(upgrade: Upgrade) -> tuple[Edit, ...]:
    """What is written beside the move of an action so that the step does what it did."""
    return (*written(upgrade, CHANGES), *renames(upgrade).values())


def why_held(upgrade: Upgrade) -> str:
    """Why an action can't move, or not before something else is done; empty where it can."""
    name, target = upgrade.action.repository, upgrade.target
    if target is None or not lacks_runtime(name, target):
        is_of_node = target is None or runtime_of(name, target) not in ("composite", "docker")
        return (_of_container(upgrade) if is_of_node else "") or held_by(upgrade, CHANGES)
    if name in SUCCESSORS:
        return f"no release of {code(name)} is made for a Node that runners have: {SUCCESSORS[name]} took its place"
    if name in ARCHIVED:
        return f"{code(name)} is archived, and none of its releases is made for a Node that runners have: take another action"
    return f"no release of {code(name)} is known that is made for a Node that runners have: look for one"


def _of_container(upgrade: Upgrade) -> str:
    """Why no release starts where the step runs; empty where one may."""
    steps = (one for one in (upgrade.step, *upgrade.ways) if one is not None)
    image = next(filter(None, map(old_container, steps)), "")
    return (
        f"{code(image)} is by its name on a system with a glibc before 2.28, and no newer release starts in that container, since the "
        "runner's Node 24 needs 2.28: run the job in a newer image first"
        if image
        else ""
    )
