"""What a repository says across its files.

A `Repository` is a snapshot, understood: each subject is parsed and related the first time that a check
asks for it. It is pure: what has to come from outside of the files comes in as `Outside`.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from typing import Self, TypeVar

from msgspec.structs import replace

from checks.facts.action.lockfile import ActionsLock
from checks.facts.action.pin_guards import guard_of_pins
from checks.facts.action.renovate import Renovate
from checks.facts.action.stopping_actions import Stopped, stopped_jobs
from checks.facts.action.updaters import Dependabot
from checks.facts.action.ways_to_actions import ways_to_actions
from checks.facts.answers import Answering, NotedTexts, fact
from checks.facts.attempt import attempted
from checks.facts.build.asked_targets import asked_targets
from checks.facts.build.bake import BakeTarget, targets_in
from checks.facts.build.build_inputs import (
    SUBMODULES,
    Failing,
    cannot_be_built,
    failing_builds,
    parts_in_vain,
    steps_behind,
    steps_that_stop,
)
from checks.facts.build.builds import Build
from checks.facts.build.codebuild import is_buildspec
from checks.facts.build.command_builds import builds_of_commands
from checks.facts.build.compose import Compose, ComposeBuild, is_replaced_by_all
from checks.facts.build.contexts import BuildContext, contexts_of, in_use
from checks.facts.build.mentions import (
    Words,
    builds_images,
    is_named_plainly,
    may_build,
    without_builder,
    words_in,
    words_of_builders,
)
from checks.facts.build.shipping import may_be_built_elsewhere, shippings, sources_of_others
from checks.facts.deployment.deployments import (
    DeployedImage,
    FunctionImage,
    function_images,
    images_in,
    task_images,
    workload_images,
)
from checks.facts.deployment.host_access import (
    dockerfiles_with_host,
    images_of_pods_with_host,
    images_of_services_with_host,
)
from checks.facts.deployment.kubernetes import Manifest, Manifests
from checks.facts.deployment.pods import Pod, pods_of_charts, pods_of_manifests
from checks.facts.deployment.production import HelmValues, is_for_production, production_images
from checks.facts.deployment.rollouts import Rollout
from checks.facts.dockerfile.addons import configuration_beside, is_deprecated
from checks.facts.dockerfile.copied_files import contexts_for
from checks.facts.dockerfile.dependency_installs import installed_folders, project_folders
from checks.facts.dockerfile.development_servers import starts_development_server
from checks.facts.dockerfile.dockerfiles import Dockerfile, Shipping, Stage, is_vendored
from checks.facts.dockerfile.idle_stages import (
    ANY,
    idle_stages,
    may_ask_unread,
    missing_manifests,
    stopped_stages,
    targets_named_in,
)
from checks.facts.dockerfile.language_settings import OF_TOOLS
from checks.facts.dockerfile.start_scripts import names_of_start
from checks.facts.ecr.aws import accounts_in
from checks.facts.ecr.lifecycle import LifecyclePolicy, lifecycle_policies_in, policies_of, targets_of
from checks.facts.ecr.registry import Registry, registry_in
from checks.facts.ecr.repositories import EcrRepository, by_name, repositories_in
from checks.facts.identity.assumptions import Assumption, assumptions_of
from checks.facts.identity.roles import Role, roles_in
from checks.facts.image.github_attestations import GitHubAttestation
from checks.facts.image.image_flow import build_of_scan
from checks.facts.image.image_jobs import image_jobs_of, jobs_with_signed_files
from checks.facts.image.image_writers import makefile_pushes, pushes_otherwise, writes_images
from checks.facts.image.own_images import OwnImage, own_images
from checks.facts.image.pushed_images import PushedImage, by_repository, pushed_images
from checks.facts.image.pushes import Alias, Push, by_path
from checks.facts.image.references import Reference, declared
from checks.facts.image.sboms import Attested, Sbom
from checks.facts.image.signing import CosignCall, Signature, Signer
from checks.facts.image.verifying import Verification
from checks.facts.policy.admission import signers_of
from checks.facts.policy.coverage import Coverage
from checks.facts.policy.kyverno import (
    ImageValidatingPolicy,
    ImageVerification,
    image_validating_policies_in,
    verifications_in,
)
from checks.facts.policy.policies import ClusterImagePolicy, policies_in
from checks.facts.project.generated_files import Generated, generated_by
from checks.facts.project.go_modules import GoModule
from checks.facts.project.node_projects import NodeProject
from checks.facts.project.npm_locks import NpmLock
from checks.facts.project.python_pins import Requirements, named_requirements
from checks.facts.project.python_projects import PythonProject
from checks.facts.project.yarn_configs import YarnConfig
from checks.facts.repository.memo import Memo
from checks.facts.repository.outside import Outside
from checks.facts.repository.parsers import parse
from checks.facts.scan.sarif import Upload
from checks.facts.scan.scan_ignores import ScanIgnores
from checks.facts.scan.scans import Scan
from checks.facts.script.invocations import Invocation, of_steps
from checks.facts.script.makefiles import MAKEFILES
from checks.facts.suppression.ignores import Ignore as IgnoreComment
from checks.facts.suppression.ignores import UnusedIgnore, ignores
from checks.facts.suppression.peer_configs import PeerConfig
from checks.facts.suppression.peer_ignores import PeerIgnore, peer_ignores
from checks.facts.terraform.module_calls import folders_called, modules_of
from checks.facts.terraform.modules import Module
from checks.facts.terraform.taken_in import taken_in
from checks.facts.token.goreleaser import scopes_of_release
from checks.facts.token.token_use import TokenUse
from checks.facts.workflow.automated import Automated, by_script, by_steps
from checks.facts.workflow.callers import handed_in, parts_not_reached
from checks.facts.workflow.calls import Calls, calls_among
from checks.facts.workflow.context_availability import is_refused_whole
from checks.facts.workflow.events import parts_that_never_run
from checks.facts.workflow.inner_steps import opened
from checks.facts.workflow.job_order import by_file
from checks.facts.workflow.never_started import calls_aside, is_for_others, never_started, waits_in_vain
from checks.facts.workflow.runners import is_hosted
from checks.facts.workflow.stakes import is_kin
from checks.facts.workflow.whose_runs import parts_for_others
from checks.facts.workflow.workflows import (
    ActionUse,
    CompositeAction,
    Job,
    Step,
    Workflow,
)  # fmt: skip
from checks.facts.workflow.workspaces import left_unused, made_for_others
from checks.source.dockerignore import Ignore
from checks.source.hcl import Body
from checks.source.kind import Kind, is_like_dockerfile, kind_of, wanted
from checks.source.snapshot import Edit, Snapshot
from checks.source.text import CannotRead, Location, Span, Text, Unreadable
from checks.source.yaml import Scalar, walk
from checks.source.yaml import parse as parse_yaml

T = TypeVar("T")


class Repository(Answering):
    """A snapshot, understood. Each subject is read when it is first asked for."""

    def __init__(
        self,
        snapshot: Snapshot,
        outside: Outside | None = None,
        memo: Memo | None = None,
        kinds: Mapping[str, Kind] | None = None,
        base: Repository | None = None,
        unused: Mapping[tuple[str, str, str], str] | None = None,
        shipping: Mapping[str, Shipping] | None = None,
    ) -> None:
        """`kinds` and `shipping` are given where more than the snapshot's own files decides on them."""
        super().__init__()
        self.snapshot = snapshot
        self.outside = outside or Outside()
        self.memo = memo or Memo()
        self._kinds = kinds
        self._base = base
        self._unused = unused or {}
        self._shipping = shipping

    def noting(self) -> Self:
        found = super().noting()
        found.snapshot = replace(self.snapshot, texts=NotedTexts(self.snapshot.texts, found.asked))
        return found

    @fact
    def base(self) -> Repository | None:
        """What the change starts from, where it is known; None at the base itself."""
        return self._base

    # -- files

    @fact
    def kinds(self) -> Mapping[str, Kind]:
        """What each file is that we read; other files are left out."""
        if self._kinds is not None:
            return self._kinds
        texts = self.snapshot.texts
        by_path = {path: self.memo(_kind_of, texts[path]) for path in sorted(texts)}
        named = {
            **dict.fromkeys(self.node_projects_of_dockerfiles, Kind.NODE_PROJECT),
            **dict.fromkeys(self.npm_locks_of_dockerfiles, Kind.NPM_LOCK),
            **dict.fromkeys(self.requirements_of_dockerfiles, Kind.PYTHON_REQUIREMENTS),
            **dict.fromkeys(self.tool_versions_of_dockerfiles, Kind.TOOL_VERSIONS),
            **dict.fromkeys(self.named_documents, Kind.DOCUMENT),
            **dict.fromkeys(self.named_dockerfiles, Kind.DOCKERFILE),
        }
        known = {path: kind or named.get(path) for path, kind in by_path.items()}
        return {path: kind for path, kind in known.items() if kind is not None}

    @property
    def named_paths(self) -> frozenset[str]:
        """Existing paths whose files are of our kinds since others say so, or lie below them, whatever they are called."""
        of_installs = self.npm_locks_of_dockerfiles | self.requirements_of_dockerfiles
        beside = of_installs | self.tool_versions_of_dockerfiles
        return self._named_paths | beside | (self.snapshot.paths & {SUBMODULES})

    @property
    def _named_paths(self) -> frozenset[str]:
        """Those of them that are told where they can't be read."""
        return self.named_dockerfiles | self.named_documents | self.node_projects_of_dockerfiles

    @fact
    def node_projects_of_dockerfiles(self) -> frozenset[str]:
        """Existing paths of each `package.json` beside a Dockerfile, in a folder over one, or that one installs: of all that there are, a few."""
        return frozenset(f"{over}package.json" for over in self._folders_of_dockerfiles) & self.snapshot.paths

    @fact
    def tool_versions_of_dockerfiles(self) -> frozenset[str]:
        """Existing paths of the files in those folders that name versions of several tools, or the Ruby that Bundler accepts."""
        found = (over + name for over in self._folders_of_dockerfiles for name in OF_TOOLS)
        return frozenset(found) & self.snapshot.paths

    @fact
    def _folders_of_dockerfiles(self) -> frozenset[str]:
        """The folders over Dockerfiles, and over what these install with npm or Yarn, each with the `/` behind it."""
        texts = self.snapshot.texts.values()
        found = {text.path for text in texts if self.memo(_kind_of, text) is Kind.DOCKERFILE}
        ours = (path for path in found | self.named_dockerfiles if not is_vendored(path))
        folders = frozenset(over for path in ours for over in _folders_over(path))
        return folders | self._folders_of(project_folders, "npm") | self._folders_of(project_folders, "yarn")

    @fact
    def npm_locks_of_dockerfiles(self) -> frozenset[str]:
        """Existing paths of the lock files of npm of what Dockerfiles install without holding to one."""
        folders = self._folders_of(installed_folders, "npm")
        return frozenset(f"{folder}package-lock.json" for folder in folders) & self.snapshot.paths

    def _folders_of(self, find: Callable[[Dockerfile], frozenset[str]], word: str) -> frozenset[str]:
        """Folders, each with the `/` behind it, that are found for the Dockerfiles in which a word stands."""
        installing = ((one.path, self.memo(_folders, find, one)) for one in self._dockerfiles_with(word))
        return frozenset(
            over + (f"{folder}/" if folder else "")
            for path, folders in installing
            if not isinstance(folders, str)
            for over in _folders_over(path)
            for folder in folders
        )

    @fact
    def requirements_of_dockerfiles(self) -> frozenset[str]:
        """Existing paths of the files that Dockerfiles on Python have pip install from."""
        installing = (
            (one.path, self.memo(_required, one)) for one in self._dockerfiles_with("python", "pip")
        )
        found = (
            over + path
            for dockerfile, named in installing
            if not isinstance(named, str)
            for over in _folders_over(dockerfile)
            for path in named
        )
        return frozenset(found) & self.snapshot.paths

    def _dockerfiles_with(self, *words: str) -> Iterator[Dockerfile]:
        """Those by their name, and of this project, in which all of some words stand."""
        for text in self.snapshot.texts.values():
            if all(word in text.content for word in words) and self.memo(_kind_of, text) is Kind.DOCKERFILE:
                parsed = None if is_vendored(text.path) else self._parsed(text, Kind.DOCKERFILE)
                if isinstance(parsed, Dockerfile):
                    yield parsed

    @fact
    def named_documents(self) -> frozenset[str]:
        """Existing paths of policies and definitions that Terraform takes in."""
        texts = (text for text in self.snapshot.texts.values() if self.memo(_kind_of, text) is Kind.TERRAFORM)
        bodies = (self._parsed(text, Kind.TERRAFORM) for text in texts)
        found = (self.memo(taken_in, body) for body in bodies if isinstance(body, Body))
        return frozenset[str]().union(*found) & self.snapshot.paths

    @fact
    def named_dockerfiles(self) -> frozenset[str]:
        """Existing paths that builds in workflows and Compose files name as their Dockerfile."""
        texts = self.snapshot.texts
        by_path = {path: self.memo(_kind_of, text) for path, text in texts.items()}
        found: set[str] = set()
        for path, kind in by_path.items():
            if kind in (Kind.WORKFLOW, Kind.COMPOSE):
                parsed = self._parsed(texts[path], kind)
                named = attempted(partial(self._dockerfiles_named_by, parsed))
                found |= frozenset() if isinstance(named, str) else named  # the checks meet the defect, too
        return frozenset(found & self.snapshot.paths)

    def _dockerfiles_named_by(self, parsed: object) -> frozenset[str]:
        is_workflow, slug = isinstance(parsed, Workflow), self.outside.slug
        built = self.memo(by_steps, parsed, slug, False, None).builds_by_action if is_workflow else ()
        return self.memo(_names_dockerfiles, parsed, built)

    def paths_named(self, name: str) -> tuple[str, ...]:
        """The existing paths whose last part is a name."""
        return self._paths_by_name.get(name, ())

    @fact
    def _paths_by_name(self) -> Mapping[str, tuple[str, ...]]:
        return self.memo(_by_name, self.snapshot.paths)

    def texts(self, kind: Kind) -> Iterator[Text]:
        """The files of a kind, by path; then those of other repositories, of the kinds that declare something."""
        return iter(self.answer(("texts", kind), lambda repo: _texts_of(repo, kind)))

    @fact
    def makefiles(self) -> tuple[Text, ...]:
        """Those that `make` takes unasked, whether they speak of images or not, by path."""
        texts = self.snapshot.texts
        return tuple(texts[path] for path in sorted(texts) if posixpath.basename(path) in MAKEFILES)

    def edited(self, edits: Iterable[Edit]) -> Repository:
        """This repository with edits applied; what they do not touch is not read again. `EditConflict`."""
        snapshot = self.snapshot.edited(edits)
        return Repository(snapshot, self.outside, Memo(self.memo), base=self._base, unused=self._unused)

    def concluded(self, unused: Mapping[tuple[str, str, str], str]) -> Repository:
        """This repository once the checks have spoken: with the ignore comments that leave nothing out.

        Each by path, text and id, with why it leaves nothing out.
        """
        return Repository(self.snapshot, self.outside, self.memo, base=self._base, unused=unused)

    def against(self, base: Repository | None) -> Repository:
        """This repository as the outcome of a change that starts from `base`."""
        return Repository(self.snapshot, self.outside, self.memo, self._kinds, base, self._unused)

    def beside(self, other: Repository) -> Repository:
        """This repository with the texts of another commit where they are the same, so that each is read once."""
        snapshot = self.snapshot.sharing(other.snapshot)
        return Repository(snapshot, self.outside, self.memo, self._kinds, self._base, self._unused)

    def alone(self, path: str) -> Repository:
        """A repository of which only this file can be read; all paths are known, and what becomes of its image."""
        snapshot, kind = self.snapshot, self.kinds[path]
        known = attempted(lambda: self.shipping) if kind is Kind.DOCKERFILE else ""
        return self.memo(
            _alone,
            snapshot.texts[path],
            kind,
            None if isinstance(known, str) else (known.get(path),),
            snapshot.paths,
            snapshot.complete,
            self.outside,
            self.memo,
        )

    def unreadable_at(self, path: str) -> Unreadable | None:
        """Why the file at a path can't be read, or None."""
        kind = self.kinds.get(path)
        if kind is None:
            return None
        parsed = self._parsed(self.snapshot.texts[path], kind)
        return parsed if isinstance(parsed, Unreadable) else None

    @fact
    def unreadable(self) -> tuple[Unreadable, ...]:
        """Files that could not be read, by path, without programs that have no ending and data of tests."""
        named = self._named_paths
        ours = [one for one in self.snapshot.unreadable if wanted(one.path) or one.path in named]
        found = [*ours, *filter(None, map(self.unreadable_at, self.kinds))]
        for kind in _DECLARING:
            parsed = (self._parsed(text, kind) for text in self.memo(_others_of, self.outside, kind))
            found += (one for one in parsed if isinstance(one, Unreadable))
        told = [one for one in found if not is_vendored(one.path)]
        return tuple(sorted(told, key=lambda one: (one.path, one.line)))

    def _parsed(self, text: Text, kind: Kind) -> object:
        """What a file holds, or an `Unreadable`."""
        return self.memo(parse, text, kind)

    def _all(self, kind: Kind, type_: type[T]) -> tuple[T, ...]:
        """What the readable files of a kind hold, by path."""
        parsed = (self._parsed(text, kind) for text in self.texts(kind))
        return tuple(one for one in parsed if isinstance(one, type_))

    def anchor_line(self, location: Location) -> int:
        """The line whose ignore comment also speaks of a location: that on which its block scalar begins."""
        if self.kinds.get(location.path) not in _YAML_KINDS:
            return location.line
        for start, end in self.memo(_block_scalars, location.text):
            if start <= location.span.start < end:
                return location.text.line_of(start)
        return location.line

    @fact
    def peer_configs(self) -> tuple[PeerConfig, ...]:
        """The configs of other linters."""
        return self._all(Kind.LINTER_CONFIG, PeerConfig)

    def peer_ignores(self, path: str) -> tuple[PeerIgnore, ...]:
        """What asks other linters to leave something of a file out: its comments, then their configs."""
        text, kind = self.snapshot.texts[path], self.kinds[path]
        return (
            *self.memo(peer_ignores, text, kind, self._parsed(text, kind)),
            *(one for config in self.peer_configs for one in config.ignores_in(text, kind)),
        )

    @fact
    def ignores(self) -> tuple[IgnoreComment, ...]:
        """The comments that ask to leave a finding out, by path and place."""
        today = self.outside.today
        texts = self.snapshot.texts
        return tuple(
            one for path, kind in self.kinds.items() for one in self.memo(ignores, texts[path], kind, today)
        )

    @fact
    def generated_files(self) -> Mapping[str, Generated]:
        """The files that recipes and scripts write whole with a generator, by path."""
        texts = self.snapshot.texts
        found = (one for text in texts.values() for one in self.memo(generated_by, text))
        return {one.path: one for one in found if one.path in texts}

    @fact
    def unused_ignores(self) -> tuple[UnusedIgnore, ...]:
        """The ids of ignore comments that leave nothing out; none before the other checks have spoken."""
        found = (
            (ignore, name, self._unused.get((ignore.location.path, ignore.location.fragment, name)))
            for ignore in (self.ignores if self._unused else ())
            for name in ignore.ids
        )
        return tuple(UnusedIgnore(ignore, name, why) for ignore, name, why in found if why)

    # -- subjects

    @fact
    def dockerfiles(self) -> tuple[Dockerfile, ...]:
        """Those of this project, by path. Copies of others and data of tests are left out unless a build names them."""
        found = self._all(Kind.DOCKERFILE, Dockerfile)
        return tuple(
            self.memo(_shipped, one, self.shipping[one.path]) for one in found if one.path in self.shipping
        )

    @fact
    def shipping(self) -> Mapping[str, Shipping]:
        """What becomes of the image of each Dockerfile of this project, by path."""
        if self._shipping is not None:
            return self._shipping
        found = self._all(Kind.DOCKERFILE, Dockerfile)
        paths = [one.path for one in found if not one.is_vendored or one.path in self.named_dockerfiles]
        if not paths:
            return {}
        is_alone = len(paths) == 1 and is_named_plainly(paths[0])
        words = Words() if is_alone else self._words_of_builders
        beside = [one for one in found if one.path in paths]
        known = shippings(
            paths,
            self.builds,
            self._all(Kind.COMPOSE, Compose),
            self.workflows,
            self.named_dockerfiles,
            self.snapshot.paths,
            words,
            self.outside.slug,
            asked=self.memo(asked_targets, tuple(paths), self._builders),
            of_actions=self._dockerfiles_of_actions,
            given_up=frozenset(filter(self._is_given_up, paths)),
            of_others=sources_of_others(beside, words) - self._built_dockerfiles,
            without_builder=() if is_alone else self._without_builder(paths),
            are_there_others=self._are_there_other_builders,
        )
        shipped = (self.memo(_shipped, one, known[one.path]) for one in beside)
        serving = {one.path: self._serves_changes(one) for one in shipped}
        return {path: one._replace(serves_changes=serving[path]) for path, one in known.items()}

    def _without_builder(self, dockerfiles: Collection[str]) -> frozenset[str]:
        """Those that no build takes and nothing speaks of: nobody knows who would build them."""
        if not self.snapshot.complete:
            return frozenset()
        return without_builder(
            dockerfiles,
            self._dockerfiles_of_actions.union(one.dockerfile for one in self.builds),
            self.named_dockerfiles.union(one.dockerfile for one in self.compose_builds),
            self._words_of_builders,
            is_all_read=not (self._are_there_other_builders or may_be_built_elsewhere(self.snapshot.paths)),
            is_automated=bool(self.workflows),
        )

    @fact
    def _dockerfiles_of_actions(self) -> frozenset[str]:
        """Those that runners build to run an action."""
        return frozenset(one.dockerfile for one in self.composite_actions if one.dockerfile)

    @fact
    def _built_dockerfiles(self) -> frozenset[str | None]:
        """Those that builds and Compose files take; None stands for one that isn't known."""
        return frozenset(
            (
                *(one.dockerfile for one in self.builds),
                *(one.dockerfile for one in self.compose_builds),
            )
        )

    def _serves_changes(self, dockerfile: Dockerfile) -> bool:
        """Whether scripts have an image that nobody publishes serve the project to those who change it."""
        if dockerfile.is_published:
            return False
        projects = self._node_projects_beside(dockerfile.path)
        texts = self.snapshot.texts
        named = (path for name in names_of_start(dockerfile) for path in self.paths_named(name))
        scripts = tuple(texts[path] for path in sorted(named) if path in texts)
        return self.memo(starts_development_server, dockerfile, projects, scripts)

    def _is_given_up(self, dockerfile: str) -> bool:
        """Whether a file beside a Dockerfile says that nobody is to install its image any more, or that all is a sample."""
        text = configuration_beside(dockerfile, self.snapshot.texts)
        beside = self._node_projects_beside(dockerfile)
        return (text is not None and self.memo(is_deprecated, text)) or any(one.is_sample for one in beside)

    def _node_projects_beside(self, dockerfile: str) -> tuple[NodeProject, ...]:
        """The project in the folder of a Dockerfile, if there is one."""
        path = posixpath.join(posixpath.dirname(dockerfile), "package.json")
        return tuple(one for one in self.node_projects if one.path == path)

    @fact
    def _words_of_builders(self) -> Words:
        """The words of the files that may build images."""
        builders = ((self.kinds.get(text.path), text) for text in self._builders)
        return words_of_builders(
            (text, self.memo(words_in, text), self.memo(builds_images, text, kind))
            for kind, text in builders
            if kind is not Kind.COMPOSE or may_build(text.path, kind)
        )

    @fact
    def _builders(self) -> tuple[Text, ...]:
        """The files that may build images, those of Compose among them."""
        return tuple(
            text
            for path, text in self.snapshot.texts.items()
            if (kind := self.kinds.get(path)) is Kind.COMPOSE
            or may_build(path, kind)
            or (kind is None and is_buildspec(text))
        )

    @fact
    def ignore_files(self) -> tuple[Ignore, ...]:
        return self._all(Kind.DOCKERIGNORE, Ignore)

    @fact
    def own_ignore_files(self) -> tuple[Ignore, ...]:
        """Those that a build may read, without another project's copies and data of tests."""
        own = [one for one in self.ignore_files if not is_vendored(one.text.path)]
        if not own or not self._may_build_images:
            return ()
        return in_use(own, (*self.builds, *self.compose_builds), self.snapshot)

    @property
    def _may_build_images(self) -> bool:
        """Whether there is a Dockerfile by its name, whoever builds it, or a build without one."""
        snapshot = self.snapshot
        return (
            not snapshot.complete
            or any(map(is_like_dockerfile, snapshot.paths))
            or bool(self.builds or self.compose_builds or self.bake_targets)
        )

    @fact
    def workflows(self) -> tuple[Workflow, ...]:
        return self._all(Kind.WORKFLOW, Workflow)

    def never_runs(self, location: Location) -> bool:
        """Whether a place lies in a job or a step that is switched off, or in a job that only runs in other repositories."""
        kind = self.kinds.get(location.path)
        parsed = self._parsed(location.text, kind) if kind in {Kind.WORKFLOW, Kind.ACTION} else None
        if not isinstance(parsed, Workflow | CompositeAction):
            return False
        parts = self.memo(parts_that_never_run, parsed)
        if isinstance(parsed, Workflow):
            parts += self.memo(parts_for_others, parsed, self.outside.slug)
        return any(part.covers(location.span) for part in parts)

    def is_unreached(self, location: Location) -> bool:
        """Whether a place lies in a job or a step that runs for no caller of its workflow, all of which are here."""
        return any(part.covers(location.span) for part in self._unreached.get(location.path, ()))

    @fact
    def _unreached(self) -> Mapping[str, tuple[Span, ...]]:
        """The parts of workflows that no caller reaches, of those that no text shows others how to call."""
        if not self.snapshot.complete or is_for_others(self.outside.slug):
            return {}
        texts = self.snapshot.texts.values()
        return {
            path: parts
            for path, parts in self.memo(parts_not_reached, self.calls).items()
            if not any(f"/{path}@" in text.content for text in texts)
        }

    def is_stopped(self, location: Location) -> bool:
        """Whether a place lies in a job that GitHub fails before its first step, and is not the reason for that."""
        jobs = self.stopped_jobs.get(location.path, ())
        return any(one.part.covers(location.span) for one in jobs) and not any(
            reason.covers(location.span) for one in jobs for reason in one.reasons
        )

    def is_in_vain(self, location: Location) -> bool:
        """Whether a place is handed to a build that stops in each leg, or stands behind one in its job, and is not the reason."""
        failing = [one for one in self.failing_builds if one.text is location.text]
        if any(reason.covers(location.span) for one in failing for reason in one.reasons):
            return False
        parts = (*(one.part for one in failing), *self._stopped_parts.get(location.path, ()))
        return any(part.covers(location.span) for part in parts)

    @fact
    def failing_builds(self) -> tuple[Failing, ...]:
        """What is handed to the builds that stop on every run, since the repository has not what they name."""
        return failing_builds(self.builds, self.snapshot)

    @fact
    def steps_that_stop(self) -> frozenset[Step]:
        """The steps whose builds stop on every run, since they copy what the repository does not have."""
        return steps_that_stop(self.builds, self.dockerfiles, self.snapshot)

    @fact
    def steps_behind_stops(self) -> frozenset[Step]:
        """The later steps of their jobs that no run comes to."""
        return steps_behind(self.steps_that_stop)

    @fact
    def steps_in_vain(self) -> frozenset[Step]:
        """Both: what they would push or leave in a cache is never there."""
        return self.steps_that_stop | self.steps_behind_stops

    @fact
    def _stopped_parts(self) -> Mapping[str, tuple[Span, ...]]:
        return parts_in_vain(self.steps_that_stop, self.steps_behind_stops)

    def is_idle(self, location: Location) -> bool:
        """Whether a place lies in a Dockerfile where no build comes to: in a stage that none needs, or where none can succeed."""
        idle = self.idle_stages.get(location.path)
        if not idle:
            return False
        dockerfile, stages = idle
        at = next(
            (one for one in reversed(dockerfile.stages) if one.instruction.span.start <= location.span.start),
            None,
        )
        return at in stages if at else len(stages) == len(dockerfile.stages)

    @fact
    def idle_stages(self) -> Mapping[str, tuple[Dockerfile, frozenset[Stage]]]:
        """The stages that no build comes to, by the path of their Dockerfile, with that; none where not all builds can be known."""
        if not self.snapshot.complete:
            return {}
        unread = frozenset((ANY,)) if may_ask_unread(self.snapshot.paths) else frozenset[str]()
        asked = unread.union(*(self.memo(targets_named_in, one) for one in self._builders))
        missing = missing_manifests(self.snapshot.paths)
        found = (
            (one, self.memo(idle_stages, one, asked, missing, self._stopped_stages(one)))
            for one in self.dockerfiles
        )
        return {one.path: (one, stages) for one, stages in found if stages}

    def runs_otherwise(self, dockerfile: Dockerfile, keyword: str) -> bool:
        """Whether all that is known to run an image replaces an instruction of it, and a file beside it is the one for production."""
        built = [None] if self.bake_targets else [build.dockerfile for build in self.builds]
        folder, path = posixpath.dirname(dockerfile.path), dockerfile.path
        beside = (one.path for one in self.dockerfiles if posixpath.dirname(one.path) == folder)
        return (
            not is_for_production(path)
            and any(map(is_for_production, beside))
            and is_replaced_by_all(keyword, path, built, self.compose_builds)
        )

    def _stopped_stages(self, dockerfile: Dockerfile) -> frozenset[Stage]:
        if cannot_be_built(dockerfile, self.builds, self.compose_builds, self.snapshot):
            return frozenset(dockerfile.stages)
        contexts = contexts_for(dockerfile, self.build_contexts, self.ignore_files, self.snapshot)
        return stopped_stages(
            dockerfile,
            contexts,
            self.go_modules,
            self.node_projects,
            self.builds,
            self.compose_builds,
            self.snapshot,
        )

    @fact
    def stopped_jobs(self) -> Mapping[str, tuple[Stopped, ...]]:
        """The jobs that stop before their first step, by the path of their workflow."""
        return {one.path: stopped_jobs(one, self.outside.actions) for one in self.workflows}

    @fact
    def scan_ignores(self) -> tuple[ScanIgnores, ...]:
        """The files that tell a scanner what to pass over."""
        return self._all(Kind.SCAN_IGNORE, ScanIgnores)

    @fact
    def composite_actions(self) -> tuple[CompositeAction, ...]:
        """The actions of steps, without those that are another project's copies or data of a test."""
        found = self._all(Kind.ACTION, CompositeAction)
        return tuple(one for one in found if not is_vendored(one.text.path))

    @fact
    def actions_left_unused(self) -> frozenset[str]:
        """The paths of actions that no job can come to."""
        return self.memo(left_unused, self.composite_actions, self.workflows, self.snapshot.paths)

    @fact
    def workflows_left_behind(self) -> frozenset[str]:
        """The paths of workflows that nothing starts, or that GitHub refuses to."""
        refused = frozenset(one.path for one in self.workflows if self.memo(is_refused_whole, one))
        if not self.snapshot.complete:
            return refused
        aside = frozenset[str]().union(*(self.memo(calls_aside, one) for one in self.snapshot.texts.values()))
        return self.memo(
            never_started, self.workflows, refused, self.snapshot.paths, aside, self.outside.slug
        )

    def starts_nothing(self, workflow: Workflow, event: str) -> bool:
        """Whether an event of a workflow's `on:` waits for what is not there."""
        trigger = workflow.triggers.get(event)
        return trigger is not None and self.snapshot.complete and waits_in_vain(trigger, self.snapshot.paths)

    @fact
    def calls(self) -> Calls:
        """Which jobs call which reusable workflows of the repository."""
        return self.memo(calls_among, self.workflows, self.outside.slug)

    @fact
    def roles(self) -> tuple[Role, ...]:
        """The IAM roles that Terraform declares."""
        return self.memo(roles_in, self.terraform)

    @fact
    def assumptions(self) -> tuple[Assumption, ...]:
        """The steps that become an IAM role by OIDC."""
        return self.memo(assumptions_of, self.workflows, self.roles, self.calls, self.outside.slug)

    @fact
    def actions_lock(self) -> ActionsLock | None:
        """The lockfile of the workflows' actions."""
        return next(iter(self._all(Kind.ACTIONS_LOCK, ActionsLock)), None)

    @fact
    def dependabot(self) -> Dependabot | None:
        """What Dependabot keeps up to date."""
        return next(iter(self._all(Kind.DEPENDABOT, Dependabot)), None)

    @fact
    def go_modules(self) -> tuple[GoModule, ...]:
        """Those of this project, by path."""
        return tuple(one for one in self._all(Kind.GO_MODULE, GoModule) if not is_vendored(one.path))

    @fact
    def node_projects(self) -> tuple[NodeProject, ...]:
        """That of the root, those over Dockerfiles of this project, and those that these may have npm install."""
        return tuple(self._all(Kind.NODE_PROJECT, NodeProject))

    @fact
    def npm_locks(self) -> tuple[NpmLock, ...]:
        """Those of what Dockerfiles of this project install without holding to one, by path."""
        return tuple(self._all(Kind.NPM_LOCK, NpmLock))

    @fact
    def python_projects(self) -> tuple[PythonProject, ...]:
        """Those of this project that say which Python they allow."""
        found = self._all(Kind.PYTHON_PROJECT, PythonProject)
        return tuple(one for one in found if one.written and not is_vendored(one.path))

    @fact
    def requirements(self) -> tuple[Requirements, ...]:
        """The files that Dockerfiles on Python have pip install from, by path."""
        return self._all(Kind.PYTHON_REQUIREMENTS, Requirements)

    @fact
    def renovate(self) -> tuple[Renovate, ...]:
        """What Renovate is told."""
        return tuple(self._all(Kind.RENOVATE, Renovate))

    @fact
    def yarn_configs(self) -> tuple[YarnConfig, ...]:
        """What Yarn is told, by path."""
        return tuple(self._all(Kind.YARN_CONFIG, YarnConfig))

    @fact
    def pin_guard(self) -> str | None:
        """The path of what here says which commits of actions are allowed, or checks that."""
        return guard_of_pins(self.snapshot.paths, self.snapshot.texts.values())

    @property
    def keeps_tags_of_actions(self) -> bool:
        """Whether Renovate is told to leave actions at their tags, by what the change starts from where that is known."""
        return any(one.keeps_tags_of_actions for one in (self.base or self).renovate)

    @property
    def steps(self) -> Iterator[Step]:
        """The steps of all workflows and composite actions."""
        for workflow in self.workflows:
            yield from workflow.steps
        for action in self.composite_actions:
            yield from action.steps

    def ways_to(self, step: Step) -> tuple[Step, ...]:
        """The step itself where it is a job's; of a composite action the steps of jobs here that come to it."""
        return (step,) if step.job is not None else self._ways_to_actions.get(step.text.path, ())

    def events_of(self, step: Step) -> frozenset[str]:
        """The names of the events that a step may run for, by its callers too, as far as these are of the repository."""
        return (
            self._events_of(self.ways_to(step))
            if step.job
            else self._events_of_actions.get(step.text.path, frozenset())
        )

    def runs_on_hosted(self, step: Step) -> bool:
        """Whether a step certainly runs on machines of GitHub's, by whatever job of the repository comes to it."""
        return is_hosted(step) if step.job else step.text.path in self._hosted_actions

    def _events_of(self, ways: Iterable[Step]) -> frozenset[str]:
        return frozenset(start.event.name for way in ways for start in self.calls.starts_of_step(way))

    @fact
    def _events_of_actions(self) -> Mapping[str, frozenset[str]]:
        return {path: self._events_of(ways) for path, ways in self._ways_to_actions.items()}

    @fact
    def _hosted_actions(self) -> frozenset[str]:
        found = self._ways_to_actions.items()
        return frozenset(path for path, ways in found if ways and all(map(is_hosted, ways)))

    @fact
    def _ways_to_actions(self) -> Mapping[str, tuple[Step, ...]]:
        return self.memo(ways_to_actions, self.composite_actions, self.workflows, self.outside.slug)

    @fact
    def invocations(self) -> tuple[Invocation, ...]:
        """The commands that steps run, then those of script files."""
        return tuple(one for file in self._automated for one in file.invocations)

    @fact
    def _automated(self) -> tuple[Automated, ...]:
        """What each workflow, composite action and script says by itself."""
        slug, others = self.outside.slug, self.memo(made_for_others, self.composite_actions, self.calls)
        owners: tuple[Workflow | CompositeAction, ...] = (*self.workflows, *self.composite_actions)
        handed = self.memo(handed_in, self.calls, self.composite_actions)
        found = [
            self.memo(by_steps, owner, slug, owner.path in others, handed.get(owner.path)) for owner in owners
        ]
        return (*found, *(self.memo(by_script, text, slug) for text in self.texts(Kind.SCRIPT)))

    def running(self, *programs: str) -> Iterator[Invocation]:
        """The commands that run one of these programs, as far as they are certain."""
        return (one for one in self.invocations if one.program in programs and not one.command.uncertain)

    @property
    def action_uses(self) -> Iterator[ActionUse]:
        """Everything that a step or a job uses, in file order."""
        for workflow in self.workflows:
            for job in workflow.jobs:
                yield from (use for use in (job.uses, *(step.uses for step in job.steps)) if use)
        for action in self.composite_actions:
            yield from (step.uses for step in action.steps if step.uses)

    @fact
    def _pins(self) -> Mapping[str, tuple[ActionUse, ...]]:
        """The uses that name a commit, by the repository of their action."""
        found: dict[str, list[ActionUse]] = {}
        for use in self.action_uses:
            if use.is_commit:
                found.setdefault(use.repository, []).append(use)
        return {name: tuple(uses) for name, uses in found.items()}

    def pins_beside(self, use: ActionUse) -> tuple[ActionUse, ...]:
        """The uses that name a commit of the repository that a use is of, in file order."""
        return self._pins.get(use.repository, ())

    @fact
    def owners(self) -> frozenset[str]:
        """Whose the repository is, in lower case: its owner, and those under whom its files name what lies in it.

        A repository that was moved, and a copy of one, go on naming the owner that it had.
        """
        owner, _, name = (self.outside.slug or "").lower().partition("/")
        former = {
            use.owner.lower() for use in self.action_uses if use.name.lower() == name and self._has(use.path)
        }
        return frozenset(former | {owner} if owner else ())

    @fact
    def relatives(self) -> frozenset[str]:
        """Other owners of the same house, in lower case: those whose workflows inherit the secrets here.

        And those whose `.github` is used, where an organisation keeps what is for its own.
        https://docs.github.com/en/actions/how-tos/reuse-automations/reuse-workflows#passing-inputs-and-secrets-to-a-reusable-workflow
        """
        workflows = (self.base or self).workflows
        jobs = (job for workflow in workflows for job in workflow.jobs if job.inherits_secrets)
        trusted = (job.uses.owner.lower() for job in jobs if job.uses and job.uses.owner)
        return frozenset((*trusted, *self._of_own_defaults))

    @fact
    def _of_own_defaults(self) -> frozenset[str]:
        """By what the change starts from, where that is known: it is not the change that says who is trusted."""
        uses = (self.base or self).action_uses
        return frozenset(use.owner.lower() for use in uses if use.name == ".github")

    def is_of_kin(self, use: ActionUse) -> bool:
        """Whether somebody's action or workflow is of the repository's own owner, or of one of its house or enterprise."""
        ours, theirs = (self.outside.slug or "").partition("/")[0].lower(), use.owner.lower()
        is_workflow = use.path.startswith(".github/workflows/")
        return (
            is_kin(ours, theirs)
            or (is_workflow and theirs in self.relatives)
            or theirs in self._of_own_defaults
        )

    def _has(self, path: str) -> bool:
        """Whether a path is that of a workflow or of an action of the repository."""
        paths = self.snapshot.paths
        return bool(path) and any(one in paths for one in (path, f"{path}/action.yml", f"{path}/action.yaml"))

    @fact
    def manifests(self) -> tuple[Manifest, ...]:
        """The Kubernetes objects."""
        return tuple(manifest for file in self._manifests for manifest in file.objects)

    @fact
    def pods(self) -> tuple[Pod, ...]:
        """What runs containers in Kubernetes, by manifests and by charts."""
        of_charts = pods_of_charts(self.snapshot.texts, self._all(Kind.HELM_VALUES, HelmValues))
        return (*self.memo(pods_of_manifests, self.manifests), *of_charts)

    @fact
    def _manifests(self) -> tuple[Manifests, ...]:
        return self._all(Kind.KUBERNETES, Manifests)

    def _of_manifests(self, read: Callable[[tuple[Manifest, ...]], tuple[T, ...]]) -> tuple[T, ...]:
        """What the objects of each file are by themselves."""
        return tuple(one for file in self._manifests for one in self.memo(read, file.objects))

    @fact
    def compose_builds(self) -> tuple[ComposeBuild, ...]:
        """The builds of the services of Compose files."""
        return tuple(build for one in self._all(Kind.COMPOSE, Compose) for build in one.builds)

    @fact
    def bake_targets(self) -> tuple[BakeTarget, ...]:
        """The targets of bake files that no other file may add to."""
        bodies = self._all(Kind.BAKE, Body)
        return (
            self.memo(targets_in, bodies, self._all(Kind.COMPOSE, Compose), self.snapshot.paths)
            if bodies
            else ()
        )

    @fact
    def deployed_images(self) -> tuple[DeployedImage, ...]:
        """The images that Kubernetes workloads and Compose services name."""
        found = (one for file in self._manifests for one in self.memo(images_in, file.objects, ()))
        return (*found, *self.memo(images_in, (), self._all(Kind.COMPOSE, Compose)))

    @fact
    def running_images(self) -> tuple[DeployedImage, ...]:
        """The images that run after the files are applied.

        Those of workloads, as Kustomize sets them, of Helm values and Compose files for production, and of ECS tasks.
        """
        if any(
            path.endswith(("kustomization.yaml", "kustomization.yml")) and path not in self.kinds
            for path in self.snapshot.paths
        ):
            return self.task_images
        values, composes = self._all(Kind.HELM_VALUES, HelmValues), self._all(Kind.COMPOSE, Compose)
        here = self.memo(workload_images, self.manifests) + self.memo(production_images, values, composes)
        return here + self.task_images

    @fact
    def images_with_host(self) -> frozenset[str]:
        """The last part of the name of each image that Kubernetes or Compose runs with a part of the host."""
        services = self.memo(images_of_services_with_host, self._all(Kind.COMPOSE, Compose))
        return frozenset((*self._of_manifests(images_of_pods_with_host), *services))

    @fact
    def dockerfiles_with_host(self) -> frozenset[str]:
        """The paths of those that Compose builds for such services."""
        return self.memo(dockerfiles_with_host, self._all(Kind.COMPOSE, Compose))

    @fact
    def task_images(self) -> tuple[DeployedImage, ...]:
        """The images of ECS task definitions in Terraform."""
        return self.memo(task_images, self.terraform, self.ecr_repositories)

    @fact
    def function_images(self) -> tuple[FunctionImage, ...]:
        """The images of Lambda functions in Terraform."""
        return self.memo(function_images, self.terraform, self.ecr_repositories)

    @fact
    def policies(self) -> tuple[ClusterImagePolicy, ...]:
        return self._of_manifests(policies_in)

    @fact
    def coverage(self) -> Coverage:
        """Which of the policies speak of which images."""
        return self.memo(Coverage, self.policies)

    @fact
    def image_verifications(self) -> tuple[ImageVerification, ...]:
        """The items of Kyverno's `verifyImages`."""
        return self._of_manifests(verifications_in)

    @fact
    def image_validating_policies(self) -> tuple[ImageValidatingPolicy, ...]:
        return self._of_manifests(image_validating_policies_in)

    @fact
    def cosign_calls(self) -> tuple[CosignCall, ...]:
        """The commands of cosign, in steps and in script files."""
        return tuple(one for file in self._automated for one in file.cosign_calls)

    @property
    def signatures(self) -> tuple[Signature, ...]:
        """Those of them that sign an image or attest something of it."""
        return tuple(one for one in self.cosign_calls if isinstance(one, Signature))

    def signers(self, signature: Signature) -> tuple[Signer, ...]:
        """Whom Fulcio certifies for a keyless signature, one of `signatures`, for each event."""
        return self._signers[signature]

    @fact
    def _signers(self) -> Mapping[Signature, tuple[Signer, ...]]:
        return {one: signers_of(one, self.workflows, self.outside.slug) for one in self.signatures}

    @fact
    def terraform(self) -> tuple[Module, ...]:
        """The Terraform modules, by folder, without other projects' copies and data of tests."""
        documents = tuple(self.texts(Kind.DOCUMENT))
        return self.memo(
            modules_of,
            tuple(body for body in self._all(Kind.TERRAFORM, Body) if not is_vendored(body.text.path)),
            self._all(Kind.TERRAFORM_LOCK, Body),
            documents,
        )

    @fact
    def terraform_left_alone(self) -> frozenset[str]:
        """The paths of Terraform that is applied to what stands in for AWS, on the machine of a test, or that can't be initialised."""
        modules = (one for one in self.terraform if one.is_for_stand_in or self._lacks_module(one))
        return frozenset(body.text.path for module in modules for body in module.bodies)

    def _lacks_module(self, module: Module) -> bool:
        """Whether Terraform calls a module by a folder that certainly isn't there; it stops before it plans anything.

        https://developer.hashicorp.com/terraform/language/block/module#local-paths
        """
        snapshot = self.snapshot
        if not snapshot.complete or SUBMODULES in snapshot.paths:
            return False
        return any(folder not in snapshot.folders for folder in folders_called(module) if folder)

    @fact
    def ecr_repositories(self) -> tuple[EcrRepository, ...]:
        return self.memo(repositories_in, self.terraform)

    def declared(self, image: Reference) -> EcrRepository | None:
        """The one ECR repository that an image's name means; None if there is none, or more than one."""
        return declared(image, self.ecr_by_name)

    @fact
    def ecr_by_name(self) -> Mapping[str, EcrRepository]:
        """Those of known names, left out whose name another has, too."""
        return self.memo(by_name, self.ecr_repositories)

    @fact
    def accounts(self) -> frozenset[str]:
        """The AWS accounts that the files name, whatever they are."""
        texts = self.snapshot.texts.values()
        return frozenset[str]().union(*(self.memo(accounts_in, text) for text in texts))

    @fact
    def lifecycle_policies(self) -> tuple[LifecyclePolicy, ...]:
        return self.memo(lifecycle_policies_in, self.terraform)

    @fact
    def lifecycle_targets(self) -> Mapping[LifecyclePolicy, tuple[EcrRepository, ...]]:
        """The ECR repositories whose each lifecycle policy certainly is."""
        return self.memo(targets_of, self.lifecycle_policies, self.ecr_repositories)

    @fact
    def lifecycle_policies_of(self) -> Mapping[EcrRepository, tuple[LifecyclePolicy, ...]]:
        """The lifecycle policies that certainly are each ECR repository's."""
        return self.memo(policies_of, self.lifecycle_policies, self.ecr_repositories)

    @fact
    def registry(self) -> Registry:
        """What Terraform says of ECR registries."""
        return self.memo(registry_in, self.terraform)

    @fact
    def builds(self) -> tuple[Build, ...]:
        """Every build of an image: of each file those by actions, then those by commands."""
        return tuple(one for file in self._automated for one in file.builds)

    @fact
    def pushes(self) -> tuple[Push, ...]:
        """Every name under which an image is pushed."""
        return tuple(one for file in self._automated for one in file.pushes)

    @fact
    def pushed_images(self) -> tuple[PushedImage, ...]:
        """The images that are pushed to declared ECR repositories."""
        return self.memo(pushed_images, self.pushes, self.ecr_repositories)

    @fact
    def pushed_to(self) -> Mapping[EcrRepository, tuple[PushedImage, ...]]:
        """Those of them that are pushed to each repository; a repository without any is left out."""
        return self.memo(by_repository, self.pushed_images)

    def pushed_under(self, policy: LifecyclePolicy) -> tuple[PushedImage, ...]:
        """Those that are pushed to the repositories whose a lifecycle policy certainly is."""
        targets = self.lifecycle_targets[policy]
        return tuple(image for target in targets for image in self.pushed_to.get(target, ()))

    @fact
    def pushes_in(self) -> Mapping[Text, tuple[Push, ...]]:
        """The pushes by the file that they stand in."""
        return by_file(self.pushes)

    def pushes_that_may_be(self, image: Reference) -> tuple[Push, ...]:
        """The pushes with the path of an image, whatever the host, then those whose path is not known."""
        path = image.path.literal
        named = self._pushes_by_path.get(path, ()) if path is not None else ()
        return (*named, *self._pushes_by_path.get(None, ()))

    @fact
    def _pushes_by_path(self) -> Mapping[str | None, tuple[Push, ...]]:
        return self.memo(by_path, self.pushes)

    @fact
    def aliases(self) -> tuple[Alias, ...]:
        """The further names that commands give to an image."""
        return tuple(one for file in self._automated for one in file.aliases)

    @fact
    def automation(self) -> tuple[Text, ...]:
        """The workflows, composite actions and scripts."""
        kinds = (Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT)
        return tuple(text for kind in kinds for text in self.texts(kind))

    @fact
    def may_be_pushed_otherwise(self) -> bool:
        """Whether images may be pushed in a way that `pushes` does not know: other builders, Makefiles, called workflows."""
        jobs = (job for workflow in self.workflows for job in workflow.jobs)
        return any(job.uses and not job.uses.is_local for job in jobs) or self._are_there_other_builders

    @fact
    def _are_there_other_builders(self) -> bool:
        return any(self.memo(pushes_otherwise, text) for text in self.automation) or any(
            self.memo(makefile_pushes, text) for text in self.texts(Kind.MAKEFILE)
        )

    @fact
    def images_are_written(self) -> bool:
        """Whether a workflow, a script or a Makefile may put images into manifests."""
        return any(self.memo(writes_images, text) for text in (*self.automation, *self.texts(Kind.MAKEFILE)))

    @fact
    def verifications(self) -> tuple[Verification, ...]:
        """Every `cosign verify`, in steps and in script files."""
        return tuple(Verification(one) for one in self.cosign_calls if one.name == "cosign verify")

    @fact
    def own_running_images(self) -> tuple[OwnImage, ...]:
        """The images that are pushed here and run by a tag that is written out; none where something writes tags."""
        if self.images_are_written or not self.pushes:
            return ()
        return tuple(own_images(self.running_images, self.pushes_that_may_be))

    @fact
    def scans(self) -> tuple[Scan, ...]:
        """Every scan for vulnerabilities: of each file those by actions, then those by commands."""
        return tuple(one for file in self._automated for one in file.scans)

    @fact
    def image_jobs(self) -> frozenset[Job]:
        """The jobs in which a step builds, pushes, scans, signs or attests an image."""
        return image_jobs_of(self.builds, self.pushes, self.scans, self.cosign_calls, self.attested_files)

    @fact
    def vouching_jobs(self) -> frozenset[Job]:
        """The jobs of images, and those in which cosign signs or verifies a file."""
        return self.image_jobs | jobs_with_signed_files(self.cosign_calls)

    def token_use(self, job: Job, callers: tuple[Job, ...] = ()) -> TokenUse:
        """What a job does with its token, by the steps of the repository's own actions and workflows that it uses, too.

        `callers` are those over it, where it is a job of a workflow that is called.
        """
        pushes = tuple(push for push in self.pushes if push.step is not None and push.step.job is job)
        called = self.calls.called(job) if job not in callers else None
        jobs = called.jobs if called else ()
        steps = opened(job, self.actions_by_folder)
        releases = ((step, scopes_of_release(step, self.snapshot)) for step in steps)
        return TokenUse(
            job,
            steps,
            pushes,
            called=tuple(one.permissions for one in jobs if one.permissions is not None),
            called_without=tuple(
                self.token_use(one, (*callers, job)) for one in jobs if one.permissions is None
            ),
            releases={step: scopes for step, scopes in releases if scopes is not None},
            texts=self.snapshot.texts,
            actions=self.actions_by_folder,
        )

    @fact
    def actions_by_folder(self) -> Mapping[str, CompositeAction]:
        """Its own composite actions by the folder that steps name them by."""
        return {posixpath.dirname(action.path): action for action in self.composite_actions}

    @fact
    def scans_in(self) -> Mapping[Text, tuple[Scan, ...]]:
        """The scans by the file that they stand in."""
        return by_file(self.scans)

    @fact
    def builds_in(self) -> Mapping[Text, tuple[Build, ...]]:
        """The builds by the file that they stand in."""
        return by_file(self.builds)

    @fact
    def sboms_in(self) -> Mapping[Text, tuple[Sbom, ...]]:
        """The SBOMs by the file that they stand in."""
        return by_file(self.sboms)

    @fact
    def scanned_builds(self) -> Mapping[Scan, Build]:
        """For each scan the build whose image it certainly reads, where there is one."""
        builds = self.builds_in
        found = ((scan, build_of_scan(scan, builds.get(scan.location.text, ()))) for scan in self.scans)
        return {scan: build for scan, build in found if build is not None}

    @fact
    def sarif_uploads(self) -> tuple[Upload, ...]:
        """The uploads to code scanning of reports that a scan wrote."""
        return tuple(one for file in self._automated for one in file.sarif_uploads)

    @fact
    def sboms(self) -> tuple[Sbom, ...]:
        """Every SBOM that is written to a file."""
        return tuple(one for file in self._automated for one in file.sboms)

    @fact
    def attested_files(self) -> tuple[Attested, ...]:
        """Every file that is attached to an image."""
        return tuple(one for file in self._automated for one in file.attested_files)

    @fact
    def attested_in(self) -> Mapping[Text, tuple[Attested, ...]]:
        """The attached files by the file that they are attached in."""
        return by_file(self.attested_files)

    @fact
    def rollouts(self) -> tuple[Rollout, ...]:
        """The images that commands of steps put into a cluster."""
        return tuple(one for file in self._automated for one in file.rollouts)

    @fact
    def github_attestations(self) -> tuple[GitHubAttestation, ...]:
        """Every attestation of an image by GitHub's own actions."""
        return tuple(one for file in self._automated for one in file.github_attestations)

    @fact
    def build_contexts(self) -> tuple[BuildContext, ...]:
        """For each Dockerfile, the folders that it is built in and the ignore file that holds there."""
        composes = self._all(Kind.COMPOSE, Compose)
        return contexts_of(self.dockerfiles, self.ignore_files, self.builds, composes, self.snapshot)


_DECLARING = (Kind.TERRAFORM, Kind.TERRAFORM_LOCK, Kind.KUBERNETES)
"""The kinds of files that count from other repositories: what is built there is their business."""


def _texts_of(repo: Repository, kind: Kind) -> tuple[Text, ...]:
    own = (repo.snapshot.texts[path] for path, found in repo.kinds.items() if found is kind)
    return (*own, *repo.memo(_others_of, repo.outside, kind))


def _others_of(outside: Outside, kind: Kind) -> tuple[Text, ...]:
    if kind not in _DECLARING:
        return ()
    return tuple(text for _, text in sorted(outside.others.items()) if _kind_of(text) is kind)


def _shipped(dockerfile: Dockerfile, shipping: Shipping) -> Dockerfile:
    return dockerfile if dockerfile.shipping == shipping else replace(dockerfile, shipping=shipping)


def _by_name(paths: frozenset[str]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for path in sorted(paths):
        found.setdefault(path.rpartition("/")[2], []).append(path)
    return {name: tuple(group) for name, group in found.items()}


def _kind_of(text: Text) -> Kind | None:
    return kind_of(text.path, text.content)


def _alone(
    text: Text,
    kind: Kind,
    shipping: tuple[Shipping | None] | None,
    paths: frozenset[str],
    complete: bool,
    outside: Outside,
    memo: Memo,
) -> Repository:
    without_others = replace(outside, others={}) if outside.others else outside
    snapshot = Snapshot({text.path: text}, paths, (), complete)
    known = {text.path: shipping[0]} if shipping and shipping[0] else {}
    kinds = {text.path: kind}
    return Repository(snapshot, without_others, memo, kinds, shipping=known if shipping is not None else None)


def _names_dockerfiles(parsed: object, built: tuple[Build, ...]) -> frozenset[str]:
    """The paths that a workflow's or a Compose file's builds name as their Dockerfile; `built` are those by actions."""
    builds: Iterable[Build | ComposeBuild] = ()
    if isinstance(parsed, Workflow):
        builds = (*built, *builds_of_commands(of_steps(_that_build(parsed.steps), None)))
    elif isinstance(parsed, Compose):
        builds = parsed.builds
    return frozenset(build.dockerfile for build in builds if build.dockerfile)


def _folders(find: Callable[[Dockerfile], frozenset[str]], dockerfile: Dockerfile) -> frozenset[str] | str:
    """The folders that are found for it, or the defect, which the checks meet too."""
    return attempted(partial(find, dockerfile))


def _required(dockerfile: Dockerfile) -> frozenset[str] | str:
    """Where files may lie that it has pip install from, or the defect, which the checks meet too."""
    return attempted(partial(named_requirements, dockerfile))


def _folders_over(path: str) -> Iterator[str]:
    """The folders that hold a file, each with the `/` behind it, at last the root."""
    parts = path.split("/")[:-1]
    yield from ("".join(f"{part}/" for part in parts[:length]) for length in range(len(parts), -1, -1))


def _that_build(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The steps whose script names a Dockerfile, most likely."""
    return tuple(
        step
        for step in steps
        if step.run and " build" in step.run.value and ("-f" in step.run.value or "--file" in step.run.value)
    )


def _block_scalars(text: Text) -> tuple[tuple[int, int], ...]:
    """Start and end of each block scalar of a YAML file; of none if it can't be read."""
    try:
        roots = parse_yaml(text)
    except CannotRead:
        return ()
    blocks = (node for root in roots for node in walk(root) if isinstance(node, Scalar))
    return tuple((node.span.start, node.span.end) for node in blocks if node.style in ("literal", "folded"))


_YAML_KINDS = frozenset(
    {Kind.WORKFLOW, Kind.ACTION, Kind.KUBERNETES, Kind.COMPOSE, Kind.HELM_VALUES, Kind.DEPENDABOT}
)
