"""What builds find again in their caches, and what they lose where another build replaces one.

https://docs.docker.com/build/cache/
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from checks.facts.build.build_caches import GHA, exports, imports, place_of
from checks.facts.build.builds import Build
from checks.facts.build.changing_arguments import changing_arguments, runs_all_anew, runs_nothing
from checks.facts.build.publishing import may_publish_kept_layers
from checks.facts.build.shared_layers import holds_all_of
from checks.facts.build.told_apart import Image, image_of
from checks.facts.dockerfile.dockerfiles import Dockerfile, Stage
from checks.facts.dockerfile.fetched_anew import fetches_anew
from checks.facts.image.pushes import Push
from checks.record import Record


class CachedBuilds(Record, eq=False, dict=True):
    """All builds of a repository, by what caches hold for them."""

    builds: tuple[Build, ...]
    dockerfiles: tuple[Dockerfile, ...]
    paths: frozenset[str] = frozenset()
    """Those of the repository."""
    pushes: tuple[Push, ...] = ()

    @cached_property
    def by_image(self) -> Mapping[Image, tuple[Build, ...]]:
        """The builds of each image; those of which it isn't known what they make are left out."""
        found: dict[Image, list[Build]] = {}
        for build in self.builds:
            image = image_of(build)
            if image is not None:
                found.setdefault(image, []).append(build)
        return {image: tuple(builds) for image, builds in found.items()}

    @cached_property
    def scopes(self) -> frozenset[str]:
        """The scopes that builds name for their caches, as far as they are known; empty for a cache without one."""
        caches = (cache for build in self.builds for cache in (*imports(build), *exports(build)))
        return frozenset(cache.attribute("scope") for cache in caches)

    def may_be_scope(self, name: str) -> bool:
        """Whether a cache may be called by a name, or by it with more behind it, or begins with what only the run knows.

        `${{ github.ref_name }}` is `main` there.
        """
        caches = (cache for build in self.builds for cache in (*imports(build), *exports(build)))
        starts = ((cache.scope.parts or ("",))[0] for cache in caches if cache.type in (GHA, None))
        return any(not isinstance(one, str) or one.startswith(name) for one in starts)

    @cached_property
    def at_stake(self) -> frozenset[Build]:
        """The builds whose next run may miss what a command made, where another build replaces their cache of type `gha`."""
        return frozenset(
            build
            for build in self.builds
            if any(cache.type == GHA for cache in exports(build))
            and not self.is_never_hit(build)
            and not self._is_kept_elsewhere(build)
            and not self._runs_nothing(build)
        )

    def is_never_hit(self, build: Build) -> bool:
        """Whether no other commit's build finds a layer of this one's commands.

        Nor does another build of its workflow look for them. A schedule builds the same commit again.
        """
        changing = changing_arguments(build)
        is_scheduled = any(event.name == "schedule" for event in build.events or ())
        if not changing or is_scheduled:
            return False
        needed = self._needed_by(build)
        alike = (
            one
            for one in self.builds
            if one.text is build.text and one.step is not build.step and image_of(one) == image_of(build)
        )
        return needed is not None and runs_all_anew(*needed, changing) and not any(map(imports, alike))

    def fetches_anew(self, build: Build) -> bool | None:
        """Whether a build's commands fetch what has no version; None where that is not known."""
        needed = self._needed_by(build)
        args = build.build_args
        passed = None if args is None else {one.name: one.value.literal for one in args}
        return None if needed is None else fetches_anew(*needed, passed)

    def may_keep_old(self, build: Build) -> bool:
        """Whether others may get what a build fetched without a version, as a cache that holds keeps it."""
        return self.fetches_anew(build) is not False and may_publish_kept_layers(build, self.pushes)

    def are_apart(self, one: Image, other: Image) -> bool:
        """Whether two targets of one Dockerfile certainly have no stage in common."""
        first, second = (self._needed(dockerfile, target) for _, dockerfile, target in (one, other))
        return first is not None and second is not None and not first[1] & second[1]

    def is_held_by(self, later: Build, earlier: Build) -> bool:
        """Whether the cache of a later build of a job certainly has what that of an earlier one had, as far as it may be hit.

        With an ignore file for one of them alone, both copy other files by the same instruction.
        """
        if any(f"{one.dockerfile}.dockerignore" in self.paths for one in (later, earlier)):
            return False
        first, second = self._needed_by(earlier), self._needed_by(later)
        return first is not None and second is not None and holds_all_of(later, second, earlier, first)

    def _runs_nothing(self, build: Build) -> bool:
        needed = self._needed_by(build)
        return needed is not None and runs_nothing(needed[1])

    def _is_kept_elsewhere(self, build: Build) -> bool:
        """Whether a build writes all its layers to a registry, too, and reads them there.

        It is no such place where a build of another image, or for other platforms, writes there.
        """
        read = {place_of(cache) for cache in imports(build) if not cache.condition} - {None}
        written = {
            place_of(cache)
            for cache in exports(build)
            if cache.type == "registry" and cache.attribute("mode") == "max" and not cache.condition
        }
        return any(self._made_for[place] == {_made(build)} for place in written & read)

    @cached_property
    def _made_for(self) -> Mapping[tuple[str, str] | None, set[object]]:
        """What is made by the builds that write each place of a cache."""
        found: dict[tuple[str, str] | None, set[object]] = {}
        for build in self.builds:
            for cache in exports(build):
                found.setdefault(place_of(cache), set()).add(_made(build))
        return found

    def _needed_by(self, build: Build) -> tuple[Dockerfile, frozenset[Stage]] | None:
        return self._needed(build.dockerfile, build.target)

    def _needed(
        self, dockerfile: str | None, target: str | None
    ) -> tuple[Dockerfile, frozenset[Stage]] | None:
        """A Dockerfile and the stages of it that a target needs, the last stage for an empty one; None if not known."""
        file = next((file for file in self.dockerfiles if file.path == dockerfile), None)
        stage = file.target_stage(target) if file is not None else None
        return None if file is None or stage is None else (file, file.needed(stage))


def _made(build: Build) -> object:
    return image_of(build), build.platforms
