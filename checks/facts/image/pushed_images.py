"""Images that reach declared ECR repositories, each with all the tags that it is pushed under."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from checks.facts.ecr.repositories import EcrRepository, by_name
from checks.facts.image.pushes import Push
from checks.facts.image.references import declared
from checks.facts.value import Value
from checks.record import Record


class PushedImage(Record, eq=False):
    """One image in one repository: what one build pushes there for an event, or the commands of one job."""

    repository: EcrRepository
    pushes: tuple[Push, ...]

    @property
    def tags(self) -> tuple[Value, ...]:
        """Its tags; `latest` where a name has none."""
        return tuple(push.reference.tag_or_default for push in self.pushes)


def pushed_images(pushes: Iterable[Push], repositories: Iterable[EcrRepository]) -> tuple[PushedImage, ...]:
    """The images that are pushed to repositories, in the order of their first push.

    Commands of one job are taken together: which of them push the same image is not known, and an image with
    more tags is one that more rules select.
    """
    named = by_name(repositories)
    groups: dict[tuple[EcrRepository, object], list[Push]] = {}
    for push in pushes:
        target = declared(push.reference, named)
        if target is not None and not target.is_repeated:
            job = push.step.job if push.step else None
            image: object = push.build or job or push.location.text
            if push.generated:
                image = (push.build, push.events)
            groups.setdefault((target, image), []).append(push)
    return tuple(PushedImage(target, tuple(group)) for (target, _), group in groups.items())


def tags_elsewhere(pushes: Iterable[Push]) -> Iterator[tuple[Value, ...]]:
    """What one build, or the commands of one job, push under names that may be of any ECR repository: the tags."""
    groups: dict[object, list[Push]] = {}
    for push in pushes:
        host, path = push.reference.host, push.reference.path
        if path.literal is None and (host.is_unknown or push.reference.is_ecr or not host.parts):
            job = push.step.job if push.step else None
            groups.setdefault(push.build or job or push.location.text, []).append(push)
    for group in groups.values():
        yield tuple(push.reference.tag_or_default for push in group)


def by_repository(images: Iterable[PushedImage]) -> Mapping[EcrRepository, tuple[PushedImage, ...]]:
    """The images by the repository that they are pushed to."""
    found: dict[EcrRepository, list[PushedImage]] = {}
    for image in images:
        found.setdefault(image.repository, []).append(image)
    return {repository: tuple(group) for repository, group in found.items()}
