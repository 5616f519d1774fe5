"""Builds of images, by whatever file asks for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from checks.facts.answers import fact, facts
from checks.facts.asides import is_vendored
from checks.facts.build.bake import BakeTarget, targets_in
from checks.facts.build.build_inputs import Failing, failing_builds
from checks.facts.build.builds import Build
from checks.facts.build.codebuild import is_buildspec
from checks.facts.build.compose import Compose, ComposeBuild
from checks.facts.build.mentions import (
    Words,
    builds_images,
    may_build,
    may_build_others,
    words_in,
    words_of_builders,
)
from checks.facts.build.shipping import may_be_built_by_a_platform, may_be_built_elsewhere
from checks.facts.build.thrown_away import thrown_away
from checks.facts.image.image_writers import makefile_pushes, pushes_otherwise
from checks.facts.repository.automation import Automation
from checks.facts.workflow.automated import Automated
from checks.facts.workflow.job_order import by_file, by_job
from checks.facts.workflow.workflows import Job
from checks.source.hcl import Body
from checks.source.kind import Kind
from checks.source.text import Text

_MAX_BY_CALLERS = 1_000
"""Builds of one file in all legs of its callers; of more, which a matrix in each makes, each by itself tells nothing."""
_OF_DOCKER = (Kind.DOCKERFILE, Kind.DOCKERIGNORE)


class Builds(Automation):
    @fact
    def builds(self) -> tuple[Build, ...]:
        """Every build of an image: of each file those by actions, then those by commands.

        Of a reusable workflow that is told the Dockerfile those that its callers here come to: for other repositories it
        builds what lies there.
        """
        return tuple(one for file in self._automated for one in self._builds_of(file))

    @fact
    def builds_as_written(self) -> tuple[Build, ...]:
        """The same, but of a reusable workflow those that it comes to by itself, or by what its callers agree on.

        So are its pushes, scans and commands known, to which these belong.
        """
        return tuple(one for file in self._automated for one in file.builds)

    def _builds_of(self, file: Automated) -> Iterator[Build]:
        told = [one for one in file.builds if one.dockerfile is None]
        legs = dict.fromkeys(self._handed_by_legs.get(told[0].text.path, ()) if told else ())
        if not legs or len(legs) * len(file.builds) > _MAX_BY_CALLERS:
            yield from file.builds
            return
        by_itself = (one for one in file.builds if one.scope is None or one.scope.handed is None)
        yield from (one for one in by_itself if one.dockerfile is not None)
        for leg in legs:
            by_leg = replace(file, handed=leg).builds
            yield from (one for one in by_leg if one.scope is not None and one.scope.handed is leg)

    @facts
    def builds_in(self) -> Mapping[Text, tuple[Build, ...]]:
        """The builds by the file that they stand in."""
        return by_file(self.builds)

    @facts
    def builds_as_written_in(self) -> Mapping[Text, tuple[Build, ...]]:
        """Those by the file that they stand in."""
        return by_file(self.builds_as_written)

    @facts
    def builds_of(self) -> Mapping[Job, tuple[Build, ...]]:
        """The builds by the job that makes them."""
        return by_job(self.builds)

    @fact
    def compose_files(self) -> tuple[Compose, ...]:
        return self._all(Kind.COMPOSE, Compose)

    @fact
    def compose_builds(self) -> tuple[ComposeBuild, ...]:
        """The builds of the services of Compose files."""
        return tuple(build for one in self.compose_files for build in one.builds)

    @fact
    def thrown_away(self) -> frozenset[str]:
        """The Dockerfiles that runners build to take files out of a container alone."""
        return thrown_away(self.builds, self.compose_builds, self.invocations)

    @fact
    def bake_targets(self) -> tuple[BakeTarget, ...]:
        """The targets of bake files that no other file may add to."""
        bodies = self._all(Kind.BAKE, Body)
        if not bodies:
            return ()
        return self.memo(targets_in, bodies, self._all(Kind.COMPOSE, Compose), self.snapshot.paths)

    @fact
    def failing_builds(self) -> tuple[Failing, ...]:
        """What is handed to the builds that stop on every run, since the repository has not what they name."""
        return failing_builds(self.builds, self.snapshot)

    @fact
    def _builders(self) -> tuple[Text, ...]:
        """The files that may build images, those of Compose among them."""
        return tuple(
            text
            for path, text in self.snapshot.texts.items()
            if (kind := self.kinds.get(path)) is Kind.COMPOSE
            or may_build(path, kind)
            or (kind is None and self.memo(is_buildspec, text))
        )

    @fact
    def _words_of_builders(self) -> Words:
        """The words of the files that may build images, but for copies of other projects' files, which build theirs."""
        builders = ((self.kinds.get(text.path), text) for text in self._builders)
        return words_of_builders(
            (text, self.memo(words_in, text), self.memo(builds_images, text, kind))
            for kind, text in builders
            if (kind is not Kind.COMPOSE or may_build(text.path, kind)) and not is_vendored(text.path)
        )

    @fact
    def builds_nothing(self) -> bool:
        """Whether all files are known, and none looks as if it built an image, or came from what does unread."""
        paths = self.snapshot.paths
        is_seen = bool(self.builds or self.compose_builds or self.bake_targets)
        is_unread = may_be_built_elsewhere(paths) or may_be_built_by_a_platform(paths)
        if not self.snapshot.complete or is_seen or is_unread:
            return False
        kinds = ((text, self.kinds.get(text.path)) for text in self.snapshot.texts.values())
        return not any(
            self.memo(may_build_others, text, kind) for text, kind in kinds if kind not in _OF_DOCKER
        )

    @fact
    def _are_there_other_builders(self) -> bool:
        """Whether a workflow, an action, a script or a Makefile may push images in a way that isn't understood."""
        return any(self.memo(pushes_otherwise, text) for text in self.automation) or any(
            self.memo(makefile_pushes, text) for text in self.texts(Kind.MAKEFILE)
        )

    @fact
    def _may_be_built_by_hand(self) -> bool:
        """Whether a script or a Makefile builds images, which may make first what they copy."""
        kinds = (Kind.SCRIPT, Kind.MAKEFILE)
        return any(self.memo(builds_images, text, kind) for kind in kinds for text in self.texts(kind))

    @fact
    def _scripts(self) -> tuple[Text, ...]:
        """All that is read but the Dockerfiles: what may make files of the workspace."""
        texts = self.snapshot.texts
        return tuple(text for path, text in texts.items() if self.kinds.get(path) is not Kind.DOCKERFILE)
