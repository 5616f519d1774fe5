"""Images of the repository's own that run by a tag which is written out by hand."""

from __future__ import annotations

from checks.facts.deployment.deployments import DeployedImage
from checks.facts.deployment.production import is_for_production
from checks.facts.image.image_writers import is_marked, is_same_repository
from checks.facts.image.pushes import Push
from checks.record import Record


class OwnImage(Record, eq=False):
    """One image that runs and that is pushed here."""

    image: DeployedImage
    tag: str
    """The tag that is pulled."""
    pushes: tuple[Push, ...]
    """The certain pushes to its repository; one at least."""
    possible: tuple[Push, ...]
    """Those, and all others that may be to it."""


def own_image(image: DeployedImage, possible: tuple[Push, ...]) -> OwnImage | None:
    """An image that runs, where its tag is known and its repository is certainly pushed to here.

    `possible` are the pushes that may be to it. Files of tests, examples and development are left out, containers whose
    environment is that of development, unless the file is named for production, and files that say that a tool writes the tag.
    """
    tag = image.tag.literal if image.tag else None
    if tag is None or image.is_aside or is_marked(image.location.text):
        return None
    if image.is_of_development and not is_for_production(image.location.path):
        return None
    own = (one for one in possible if one.certain)
    pushes = tuple(one for one in own if is_same_repository(one.reference, image.reference))
    return OwnImage(image, tag, pushes, possible) if pushes else None
