"""Whether steps behind a login to GitHub's registry hint at a push to it, or only need the login to pull what is private.

https://docs.docker.com/build/concepts/dockerfile/ names base images, which each build pulls that runs with the login.
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.facts.image.pushes import Push
from checks.facts.script.followed import Followed
from checks.facts.token.registry_commands import without_pushes
from checks.facts.token.registry_logins import (
    BUILDS,
    OF_GITHUB,
    PULLS,
    keeps_cache,
    may_push,
    sends,
)
from checks.facts.token.scope_hints import names_a_push
from checks.facts.workflow.workflows import Step
from checks.regex import regex

_BUILDS = regex(
    r"\b(?:docker|podman)(?:\s+buildx)?\s+build\b|\bdocker(?:-|\s+)compose\b[^\n]{0,200}\s(?:build|up|run)\b"
)
"""In a script that builds an image, or starts one."""
_MAKES_IMAGES = regex(r"bake|build|container|docker|image|kaniko|podman")
"""In the name of an action that may push what it builds."""


def needs_images(step: Step) -> bool:
    """Whether a step builds on images or runs them, which it pulls."""
    script = step.run.value if step.run is not None else ""
    return step.uses_action(*BUILDS) or bool(PULLS.search(script) or _BUILDS.search(script))


def goes_elsewhere(push: Push) -> bool:
    """Whether the registry of an image's name is known, and is not GitHub's."""
    host, first = push.reference.host.literal, next(iter(push.value.parts), None)
    return isinstance(first, str) and host is not None and not OF_GITHUB.search(host)


def hints_at_push(step: Step, run: Followed, pushes: tuple[Push, ...]) -> bool:
    """Whether a step hints that it pushes to GitHub's registry; `run` is what its script runs, `pushes` those of the job."""
    if not may_push(step):
        return False
    own = [push for push in pushes if push.step is step]
    is_elsewhere = bool(own) and all(map(goes_elsewhere, own))
    if step.uses is None:
        places = len({push.location.span for push in own}) if is_elsewhere else 0
        return any(map(sends, _said(step, run, places)))
    if step.uses_action(*BUILDS):
        return not is_elsewhere or step.input("outputs") is not None or not keeps_cache(step)
    return _MAKES_IMAGES.search(step.uses.action) is not None or names_a_push(step)


def _said(step: Step, run: Followed, elsewhere: int) -> Iterator[str]:
    """What a script runs, without the commands that push an image where so many are known to go elsewhere."""
    others, count = without_pushes(step)
    is_counted = elsewhere > 0 and count == elsewhere
    yield from others if is_counted else run.texts[:1]
    yield from run.texts[1:]
    yield from run.names
