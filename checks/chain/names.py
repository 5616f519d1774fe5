"""Images by their names: which references mean one image, in whatever file they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from checks.facts.image.image_writers import is_same_repository
from checks.facts.image.references import Reference
from checks.facts.value import Value
from checks.record import Record
from checks.source.text import Location, Text

_SAME_EVERYWHERE = ("github.", "vars.", "secrets.")
"""Contexts that an expression means the same of in every workflow of a repository, near enough to be one name."""
_Key = tuple[Value, Text | None]


class Name(Record, eq=False):
    """What an image is called: its registry and repository. Two are the same only if they are one object."""

    host: Value
    path: Value

    @property
    def full(self) -> str:
        """Registry and repository as far as they are known; of an ECR whose account is not, the repository alone."""
        is_known = self.host.literal is not None or not Reference(self.host, self.path, None).is_ecr
        host = str(self.host) if is_known else ""
        return f"{host}/{self.path}" if host else str(self.path)


class Names:
    """The images that a repository speaks of, by name."""

    def __init__(self, places: Iterable[tuple[Reference, Location]]) -> None:
        """Each reference, with the place that it stands at, becomes one of a name or makes a new one."""
        self._by_key: dict[_Key, list[tuple[Reference, Name]]] = {}
        # Known registries first, so that a name with an unknown one joins a known one and not the reverse.
        for reference, place in sorted(places, key=lambda one: one[0].host.literal is None):
            if self.find(reference, place) is None:
                image = _normal(reference)
                name = Name(image.host, image.path)
                self._by_key.setdefault(_key(image, place), []).append((image, name))

    def find(self, reference: Reference, place: Location) -> Name | None:
        """The name that a reference at a place has, or None."""
        image = _normal(reference)
        for other, name in self._by_key.get(_key(image, place), ()):
            if other.host == image.host or is_same_repository(other, image):
                return name
        return None

    def all(self) -> list[Name]:
        """Every name, in the order of what they say."""
        found = [name for group in self._by_key.values() for _, name in group]
        return sorted(found, key=lambda name: name.full)


def short_names(names: Iterable[Name]) -> Mapping[Name, str]:
    """For each name its repository, or all of it where several have the same repository."""
    names = tuple(names)
    taken = Counter(name.path for name in names)
    return {name: str(name.path) if taken[name.path] == 1 else name.full for name in names}


def _normal(image: Reference) -> Reference:
    return replace(image, host=Value(())) if image.is_on_docker_hub else image


def _key(image: Reference, place: Location) -> _Key:
    """The path, and the file where a part of the name means something in that file only."""
    holes = (*image.host.holes, *image.path.holes) if image.path.literal is None else ()
    local = any(not hole.source.startswith(_SAME_EVERYWHERE) for hole in holes)
    return image.path, place.text if local else None
