"""Actions that the repository has in its folders: an `action.yml`, and the steps of a composite one.

https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from functools import cached_property

from checks.facts.workflow.uses import ActionUse
from checks.facts.workflow.values import mapping_of, root_of, scalar_of
from checks.facts.workflow.workflows import Step, read_steps
from checks.record import Record
from checks.source.text import Text
from checks.source.yaml import Mapping


class CompositeAction(Record, eq=False, dict=True):
    """An `action.yml` of the repository."""

    text: Text
    node: Mapping

    @property
    def path(self) -> str:
        return self.text.path

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        runs = mapping_of(self.node, "runs")
        return read_steps(self.text, runs, None) if runs is not None else ()

    @property
    def action_uses(self) -> Iterator[ActionUse]:
        """Everything that a step uses, in file order."""
        return (step.uses for step in self.steps if step.uses)

    @cached_property
    def dockerfile(self) -> str | None:
        """The file that runners build to run the action; None for one that has none.

        https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax#runsimage
        """
        runs = mapping_of(self.node, "runs")
        image = scalar_of(runs, "image") if runs is not None else None
        if image is None or image.value.startswith("docker://"):
            return None
        return posixpath.normpath(posixpath.join(posixpath.dirname(self.path), image.value))


def parse_action(text: Text) -> CompositeAction | None:
    """The action in a file; None where it holds none. `CannotRead` if it is not YAML."""
    root = root_of(text)
    return CompositeAction(text, root) if root else None
