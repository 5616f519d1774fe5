"""Actions that have moved to another repository, under which their newer releases come."""

from __future__ import annotations

from collections.abc import Mapping

from checks.facts.code_span import code
from checks.facts.workflow.uses import ActionUse

_NEW_NAMES: Mapping[str, str] = {
    "crazy-max/ghaction-docker-meta": "docker/metadata-action",  # https://github.com/docker/metadata-action/pull/75
    "google-github-actions/release-please-action": "googleapis/release-please-action",
    # https://github.com/google-github-actions/release-please-action?tab=readme-ov-file#migration
    "jamescurtin/isort-action": "isort/isort-action",  # https://github.com/PyCQA/isort/issues/1493
}
"""By the former name, in lower case."""


def moved_away(use: ActionUse) -> str:
    """What to do first about an action that is used by its former name; empty for any other."""
    new = _NEW_NAMES.get(use.repository)
    return (
        f"{code(f'{use.owner}/{use.name}')} has moved to {code(new)}: name that first, at a release whose inputs are those of this step"
        if new is not None
        else ""
    )
