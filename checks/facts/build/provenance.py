"""What docker/build-push-action does about the provenance of an image where no input asks for one, by its release.

Before 3.3 it leaves that to Buildx, which attaches one that has no arguments; 3.3.1 switches it off, and later ones ask
for one in full where the repository is public.

https://github.com/docker/build-push-action/pull/781, https://github.com/docker/build-push-action/releases/tag/v4.0.0
"""

from __future__ import annotations

from checks.facts.action.releases import at_or_before
from checks.facts.action.version_comments import version_comment
from checks.facts.action.versions import version_parts
from checks.facts.workflow.workflows import Step

_IN_FULL = (4,)
_OFF = ((3, 3, 1), (3, 3), (3,))
"""The release that attaches none, and the tags that stayed at it."""


def is_in_full_unasked(step: Step) -> bool:
    """Whether a step that builds asks for a provenance in full unless it is told otherwise, where the repository is public."""
    parts = _release(step)
    return parts is None or parts >= _IN_FULL


def is_off_unasked(step: Step) -> bool:
    """Whether it certainly attaches none unless it is told to."""
    return _release(step) in _OFF


def _release(step: Step) -> tuple[int, ...] | None:
    """The parts of the release that it uses, as far as that is known."""
    use = step.uses
    if use is None:
        return None
    release, said = at_or_before(use), version_comment(use) if use.is_commit else None
    return release.number if release else version_parts(said[0] if said else use.ref)
