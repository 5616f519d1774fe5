"""What a newer release of an action changes for the steps that use it: a row of the tables beside this module.

A row is what the release notes say that breaks workflows: from which release on, the steps that it concerns, and
what is done about it when the action of such a step moves. That is a question, an edit beside the move, or a
reason why it can't move yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from checks.facts.upgrade.upgrades import Upgrade
from checks.record import Record
from checks.source.snapshot import Edit


class Ask(Record):
    """Asks before the move."""

    question: str | Callable[[Upgrade], str]
    """Without its mark; empty where there is nothing to ask."""


class Write(Record):
    """Writes something beside the move, so that the step does what it did."""

    edit: Callable[[Upgrade], Edit | None]
    """None where nothing has to be written, or can't be."""


class Hold(Record):
    """Keeps the step at its release until something else is done."""

    why: str | Callable[[Upgrade], str]
    """Empty where the step can move."""


class Change(Record):
    """What the releases of an action do from one of them on."""

    action: str
    since: tuple[int, ...]
    """The first version with it."""
    effect: Ask | Write | Hold
    concerns: Callable[[Upgrade], bool] = lambda _: True
    backports: tuple[tuple[int, ...], ...] = ()
    """The first versions of older major ones that have it too."""

    def comes_with(self, upgrade: Upgrade) -> bool:
        """Whether it comes with the move of an action, and concerns the step."""
        release, target = upgrade.release, upgrade.target
        return (
            upgrade.action.repository == self.action
            and release is not None
            and target is not None
            and self._comes_after(release.number)
            and not self._comes_after(target.number)
            and self.concerns(upgrade)
        )

    def _comes_after(self, number: tuple[int, ...]) -> bool:
        """Whether a version is without it."""
        return number < self.since and not any(
            one[0] == number[0] and number >= one for one in self.backports
        )


def asked(upgrade: Upgrade, changes: Iterable[Change]) -> Iterator[str]:
    """The questions of those changes that come with the move."""
    effects = (one.effect for one in changes if one.comes_with(upgrade))
    yield from filter(None, (_said(one.question, upgrade) for one in effects if isinstance(one, Ask)))


def written(upgrade: Upgrade, changes: Iterable[Change]) -> Iterator[Edit]:
    """What those changes that come with the move have to be written beside it."""
    effects = (one.effect for one in changes if one.comes_with(upgrade))
    yield from filter(None, (one.edit(upgrade) for one in effects if isinstance(one, Write)))


def held_by(upgrade: Upgrade, changes: Iterable[Change]) -> str:
    """The first reason of those changes that come with the move why it can't be made; empty where there is none."""
    effects = (one.effect for one in changes if one.comes_with(upgrade))
    return next(filter(None, (_said(one.why, upgrade) for one in effects if isinstance(one, Hold))), "")


def _said(text: str | Callable[[Upgrade], str], upgrade: Upgrade) -> str:
    return text if isinstance(text, str) else text(upgrade)
