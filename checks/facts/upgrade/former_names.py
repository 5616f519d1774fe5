"""Actions that have moved to another repository, under which their newer releases come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from checks.facts.code_span import code
from checks.facts.upgrade.all_changes import why_held
from checks.facts.upgrade.input_changes import lost_inputs
from checks.facts.upgrade.upgrades import Upgrade
from checks.facts.workflow.uses import ActionUse
from checks.facts.workflow.workflows import Step

_NEW_NAMES: Mapping[str, str] = {
    "crazy-max/ghaction-docker-meta": "docker/metadata-action",  # https://github.com/docker/metadata-action/pull/75
    "google-github-actions/release-please-action": "googleapis/release-please-action",
    # https://github.com/google-github-actions/release-please-action?tab=readme-ov-file#migration
    "jamescurtin/isort-action": "isort/isort-action",  # https://github.com/PyCQA/isort/issues/1493
}
"""By the former name, in lower case."""


def moved_away(uses: Iterable[ActionUse], steps: Iterable[Step]) -> str:
    """What to do first about an action that is used by its former name, in some of a file's steps; empty for any other."""
    use, *_ = uses = tuple(uses)
    new = _NEW_NAMES.get(use.repository)
    if new is None:
        return ""
    places = {id(one.scalar) for one in uses}
    moves = [_move(new, one.uses, one) for one in steps if one.uses and id(one.uses.scalar) in places]
    said = dict.fromkeys(filter(None, map(_said, moves)))
    lost = dict.fromkeys(f"`{name}`" for move in moves for name in lost_inputs(move))
    more = f". {' '.join(said)}" if said else ""
    if not more and lost:
        more = f", at its newest release, which does not take {' and '.join(lost)}"
    return f"{code(f'{use.owner}/{use.name}')} has moved to {code(new)}: name that first{more}"


def _move(new: str, use: ActionUse, step: Step) -> Upgrade:
    """The move of a use from the release that it has now to the newest one of the new name."""
    owner, _, name = new.partition("/")
    return Upgrade(replace(use, owner=owner, name=name), step)


def _said(move: Upgrade) -> str:
    held = why_held(move)
    return held[:1].upper() + held[1:]
