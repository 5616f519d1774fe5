"""Images of the repository's own that run by a tag which is written out by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from checks.facts.deployment.deployments import DeployedImage
from checks.facts.deployment.production import is_for_production
from checks.facts.image.image_writers import is_marked, is_same_repository
from checks.facts.image.pushes import Push
from checks.facts.image.references import Reference
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


def own_images(
    images: Iterable[DeployedImage], pushes_that_may_be: Callable[[Reference], tuple[Push, ...]]
) -> Iterator[OwnImage]:
    """Those of the images that run whose tag is known and whose repository is certainly pushed to here.

    Files of tests, examples and development are left out, containers whose environment is that of development, unless
    the file is named for production, and files that say that a tool writes the tag.
    """
    for image in images:
        tag = image.tag.literal if image.tag else None
        if tag is None or image.is_aside or is_marked(image.location.text):
            continue
        if image.is_of_development and not is_for_production(image.location.path):
            continue
        possible = pushes_that_may_be(image.reference)
        own = (one for one in possible if one.certain)
        pushes = tuple(one for one in own if is_same_repository(one.reference, image.reference))
        if pushes:
            yield OwnImage(image, tag, pushes, possible)
