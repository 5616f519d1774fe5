"""Dockerfiles, who builds them and whether they ship, and the ignore files and projects beside them."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Mapping

from msgspec.structs import replace

from checks.facts.answers import fact, facts
from checks.facts.asides import is_vendored
from checks.facts.build.asked_targets import asked_targets
from checks.facts.build.compose import Compose, is_replaced_by_all
from checks.facts.build.compose_work import is_composed_for_work, is_worked_in
from checks.facts.build.contexts import BuildContext, contexts_of, in_use
from checks.facts.build.mentions import (
    ANY_NAME,
    is_named_in,
    is_named_plainly,
    may_be_named_for_production,
    without_builder,
)
from checks.facts.build.named_contexts import ANY, WHATEVER, passed_names, plain_name
from checks.facts.build.shipping import (
    KnownBuilds,
    Unshipped,
    may_be_built_elsewhere,
    shippings,
    sources_of_others,
)
from checks.facts.deployment.production import is_for_production
from checks.facts.dockerfile.addons import configuration_beside, is_deprecated
from checks.facts.dockerfile.development_servers import (
    starts_development_server,
    starts_what_is_mounted,
)
from checks.facts.dockerfile.dockerfiles import Dockerfile, Shipping
from checks.facts.dockerfile.folders import by_folder
from checks.facts.dockerfile.start_scripts import names_of_start
from checks.facts.project.go_modules import GoModule
from checks.facts.project.node_projects import NodeProject
from checks.facts.project.npm_configs import NpmConfig
from checks.facts.project.npm_locks import NpmLock
from checks.facts.project.pnpm_locks import PnpmLock
from checks.facts.project.python_pins import Requirements
from checks.facts.project.python_projects import PythonProject
from checks.facts.project.yarn_configs import YarnConfig
from checks.facts.project.yarn_locks import YarnLock
from checks.facts.repository.builds import Builds
from checks.source.dockerignore import Ignore
from checks.source.hcl import Body
from checks.source.kind import Kind


class Dockerfiles(Builds):
    _shipping: Mapping[str, Shipping] | None
    """What becomes of each image, where more than the files here decides on it."""

    @fact
    def dockerfiles(self) -> tuple[Dockerfile, ...]:
        """Those of this project, by path: of copies of others and data of tests, those alone that a build names."""
        found = self._all(Kind.DOCKERFILE, Dockerfile)
        return tuple(
            self.memo(_shipped, one, self.shipping[one.path]) for one in found if one.path in self.shipping
        )

    def dockerfiles_in(self, folder: str) -> tuple[Dockerfile, ...]:
        """Those of them that lie in a folder itself."""
        return self._dockerfiles_by_folder.get(folder, ())

    @facts
    def _dockerfiles_by_folder(self) -> Mapping[str, tuple[Dockerfile, ...]]:
        return by_folder(self.dockerfiles)

    @fact
    def shipping(self) -> Mapping[str, Shipping]:
        """What becomes of the image of each Dockerfile of this project, by path."""
        if self._shipping is not None:
            return self._shipping
        found = self._all(Kind.DOCKERFILE, Dockerfile)
        own = [one for one in found if not one.is_vendored or one.path in self.named_dockerfiles]
        if not own:
            return {}
        paths = [one.path for one in own]
        known = shippings(
            paths, self._known_builds(paths), self._unshipped(own), self.snapshot.paths, self.outside.slug
        )
        shipped = (self.memo(_shipped, one, known[one.path]) for one in own)
        serving = {one.path: self._serves_changes(one) for one in shipped}
        replaced = {one.path: self._replaced(one) for one in own}
        return {
            path: one._replace(serves_changes=serving[path], replaced=replaced[path])
            for path, one in known.items()
        }

    def _replaced(self, dockerfile: Dockerfile) -> frozenset[str]:
        """The images behind the `FROM`s of a Dockerfile in whose place a build may put something else."""
        passed = self._passed_names
        names = passed.get(dockerfile.path, frozenset()) | passed.get(ANY, frozenset())
        bases = (dockerfile.expanded_base(stage) for stage in (dockerfile.stages if names else ()))
        return frozenset(base for base in bases if base and (plain_name(base) in names or WHATEVER in names))

    @facts
    def _passed_names(self) -> Mapping[str, frozenset[str]]:
        """The names under which builds pass an image, a folder or a target, by the path of the Dockerfile."""
        bodies = self._all(Kind.BAKE, Body)
        return passed_names(
            self.builds, self.compose_builds, self.bake_targets, bodies, self._builders, self.snapshot
        )

    def _known_builds(self, dockerfiles: Collection[str]) -> KnownBuilds:
        return KnownBuilds(
            builds=self.builds,
            composes=self._all(Kind.COMPOSE, Compose),
            workflows=self.workflows,
            of_actions=self._dockerfiles_of_actions,
            named=self.named_dockerfiles,
            asked=self.memo(asked_targets, tuple(dockerfiles), self._builders),
            are_there_others=self._are_there_other_builders,
        )

    def _unshipped(self, dockerfiles: Collection[Dockerfile]) -> Unshipped:
        paths = [one.path for one in dockerfiles]
        given_up = frozenset(filter(self._is_given_up, paths))
        if len(paths) == 1:  # no other is built in its place
            return Unshipped(given_up)
        of_others = sources_of_others(dockerfiles, self._words_of_builders) - self._built_dockerfiles
        return Unshipped(given_up, of_others, self._without_builder(paths))

    def _without_builder(self, dockerfiles: Collection[str]) -> frozenset[str]:
        """Those that no build takes and nothing speaks of: nobody knows who would build them."""
        if not self.snapshot.complete:
            return frozenset()
        return without_builder(
            dockerfiles,
            self._dockerfiles_of_actions.union(one.dockerfile for one in self.builds),
            self.named_dockerfiles.union(one.dockerfile for one in self.compose_builds),
            self._words_of_builders,
            self.snapshot.texts.values(),
            is_all_read=not (self._are_there_other_builders or may_be_built_elsewhere(self.snapshot.paths)),
        )

    @fact
    def _dockerfiles_of_actions(self) -> frozenset[str]:
        """Those that runners build to run an action."""
        return frozenset(one.dockerfile for one in self.composite_actions if one.dockerfile)

    @fact
    def _built_dockerfiles(self) -> frozenset[str | None]:
        """Those that builds and Compose files take; None stands for one that isn't known."""
        return frozenset(one.dockerfile for builds in (self.builds, self.compose_builds) for one in builds)

    def _serves_changes(self, dockerfile: Dockerfile) -> bool:
        """Whether scripts or Compose have an image that nobody publishes serve the project to those who change it."""
        if dockerfile.is_published:
            return False
        built, path = self._files_of_builds, dockerfile.path
        if is_worked_in(dockerfile, built, self.compose_builds, self.snapshot.paths):
            return True
        if is_composed_for_work(path, built, self.compose_builds) and self._is_named_by_compose_alone(path):
            return True
        projects = self._node_projects_beside(dockerfile.path)
        if starts_what_is_mounted(dockerfile, projects, self.snapshot.paths):
            return True
        texts = self.snapshot.texts
        named = (path for name in names_of_start(dockerfile) for path in self.paths_named(name))
        scripts = tuple(texts[path] for path in sorted(named) if path in texts)
        return self.memo(starts_development_server, dockerfile, projects, scripts)

    def _is_given_up(self, dockerfile: str) -> bool:
        """Whether a file beside a Dockerfile says that its image is not to be installed any more, or is of a sample."""
        text = configuration_beside(dockerfile, self.snapshot.texts)
        beside = self._node_projects_beside(dockerfile)
        return (text is not None and self.memo(is_deprecated, text)) or any(one.is_sample for one in beside)

    def _node_projects_beside(self, dockerfile: str) -> tuple[NodeProject, ...]:
        """The project in the folder of a Dockerfile, if there is one."""
        path = posixpath.join(posixpath.dirname(dockerfile), "package.json")
        return tuple(one for one in self.node_projects if one.path == path)

    @fact
    def go_modules(self) -> tuple[GoModule, ...]:
        """Those of this project, by path."""
        return tuple(one for one in self._of_go if posixpath.basename(one.path) == "go.mod")

    @fact
    def go_workspaces(self) -> tuple[GoModule, ...]:
        """What holds for all modules in a folder and below it: `go.work`."""
        return tuple(one for one in self._of_go if posixpath.basename(one.path) == "go.work")

    @fact
    def _of_go(self) -> tuple[GoModule, ...]:
        return tuple(one for one in self._all(Kind.GO_MODULE, GoModule) if not is_vendored(one.path))

    @fact
    def node_projects(self) -> tuple[NodeProject, ...]:
        """That of the root, those over Dockerfiles of this project, and those that these may have npm install."""
        return self._all(Kind.NODE_PROJECT, NodeProject)

    @fact
    def npm_locks(self) -> tuple[NpmLock, ...]:
        """Those of what Dockerfiles of this project install without holding to one, by path."""
        return self._all(Kind.NPM_LOCK, NpmLock)

    @fact
    def yarn_locks(self) -> tuple[YarnLock, ...]:
        """Likewise, of Yarn."""
        return self._all(Kind.YARN_LOCK, YarnLock)

    @fact
    def pnpm_locks(self) -> tuple[PnpmLock, ...]:
        """Those below workspaces of what Dockerfiles of this project have pnpm install by them, by path."""
        return self._all(Kind.PNPM_LOCK, PnpmLock)

    @fact
    def npm_configs(self) -> tuple[NpmConfig, ...]:
        """What npm is told beside these lock files, by path."""
        return self._all(Kind.NPM_CONFIG, NpmConfig)

    @fact
    def python_projects(self) -> tuple[PythonProject, ...]:
        """Those of this project that say which Python they allow."""
        return tuple(one for one in self.all_python_projects if one.written)

    @fact
    def all_python_projects(self) -> tuple[PythonProject, ...]:
        """Those, and the others of this project."""
        found = self._all(Kind.PYTHON_PROJECT, PythonProject)
        return tuple(one for one in found if not is_vendored(one.path))

    @fact
    def requirements(self) -> tuple[Requirements, ...]:
        """The files that Dockerfiles on Python have pip install from, by path."""
        return self._all(Kind.PYTHON_REQUIREMENTS, Requirements)

    @fact
    def yarn_configs(self) -> tuple[YarnConfig, ...]:
        """What Yarn is told, by path."""
        return self._all(Kind.YARN_CONFIG, YarnConfig)

    @fact
    def ignore_files(self) -> tuple[Ignore, ...]:
        return self._all(Kind.DOCKERIGNORE, Ignore)

    @fact
    def own_ignore_files(self) -> tuple[Ignore, ...]:
        """Those that a build may read, without another project's copies and data of tests."""
        own = [one for one in self.ignore_files if not is_vendored(one.text.path)]
        if not own or not self._may_build_images:
            return ()
        found = self._all(Kind.DOCKERFILE, Dockerfile)
        return in_use(own, (*self.builds, *self.compose_builds), found, self.snapshot)

    @property
    def _may_build_images(self) -> bool:
        """Whether there is a Dockerfile by its name, whoever builds it, or a build without one."""
        snapshot = self.snapshot
        return (
            not snapshot.complete
            or bool(snapshot.like_dockerfiles)
            or bool(self.builds or self.compose_builds or self.bake_targets)
        )

    @fact
    def build_contexts(self) -> tuple[BuildContext, ...]:
        """For each Dockerfile, the folders that it is built in and the ignore file that holds there."""
        composes = self._all(Kind.COMPOSE, Compose)
        return contexts_of(self.dockerfiles, self.ignore_files, self.builds, composes, self.snapshot)

    @property
    def _files_of_builds(self) -> list[str | None]:
        """The Dockerfiles of all builds but Compose's, None for one that is not known."""
        return [None] if self.bake_targets else [build.dockerfile for build in self.builds]

    def runs_otherwise(self, dockerfile: Dockerfile, keyword: str) -> bool:
        """Whether all that is known to run an image replaces an instruction of it.

        And another Dockerfile beside it is the one for production, or is what builds take that name none, while no
        other file than Compose's names this one.
        """
        built = self._files_of_builds
        path = dockerfile.path
        if is_for_production(path) or not is_replaced_by_all(keyword, path, built, self.compose_builds):
            return False
        beside = self.dockerfiles_in(posixpath.dirname(path))
        return any(is_for_production(one.path) for one in beside) or (
            any(is_named_plainly(one.path) for one in beside) and self._is_named_by_compose_alone(path)
        )

    def _is_named_by_compose_alone(self, path: str) -> bool:
        """Whether nobody would build a Dockerfile but for Compose: by its name, and as no other file has that, or may have.

        One that isn't read may, and one that puts names of Dockerfiles together.
        """
        is_special = not is_named_plainly(path) and not may_be_named_for_production(path)
        if ANY_NAME in self._words_of_builders.all or may_be_built_elsewhere(self.snapshot.paths):
            return False
        aside = {text.path for kind in (Kind.COMPOSE, Kind.DOCKERIGNORE) for text in self.texts(kind)}
        others = (text for text in self.snapshot.texts.values() if text.path not in aside)
        return is_special and not is_named_in(others, path)


def _shipped(dockerfile: Dockerfile, shipping: Shipping) -> Dockerfile:
    return dockerfile if dockerfile.shipping == shipping else replace(dockerfile, shipping=shipping)
