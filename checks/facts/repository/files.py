"""Files that are there, what kind each is of, what they hold, and what of them can't be read."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from functools import partial
from itertools import product
from typing import Self, TypeVar

from msgspec.structs import replace

from checks.facts.action.workflow_tests import tests_of_workflows
from checks.facts.answers import Answering, NotedMapping, Part, fact
from checks.facts.asides import is_vendored
from checks.facts.attempt import attempted
from checks.facts.build.named_dockerfiles import named_dockerfiles
from checks.facts.build.submodules import SUBMODULES
from checks.facts.dockerfile.dependency_installs import (
    installed_folders,
    pnpm_folders,
    project_folders,
    yarn_folders,
)
from checks.facts.dockerfile.dockerfiles import Dockerfile
from checks.facts.dockerfile.language_settings import OF_TOOLS, VARIABLES
from checks.facts.dockerfile.pnpm_builds import WORKSPACE, stale_locks
from checks.facts.dockerfile.rust_toolchains import TOOLCHAIN_FILES
from checks.facts.project.python_pins import named_requirements
from checks.facts.repository.memo import Memo
from checks.facts.repository.outside import Outside
from checks.facts.repository.parsers import parse
from checks.facts.script.makefiles import MAKEFILES
from checks.facts.secret_files import is_sample, is_state
from checks.facts.terraform.taken_in import taken_in
from checks.facts.workflow.automated import by_steps
from checks.facts.workflow.workflows import Workflow
from checks.source.hcl import Body
from checks.source.kind import MAVEN_PROJECT, SPOKEN_OF, Kind, guides, kind_by_path, kind_of, wanted
from checks.source.snapshot import Snapshot
from checks.source.text import Text, Unreadable

P = TypeVar("P", bound=Hashable)
T = TypeVar("T")
_REGISTRY = "registry-url"
"""The input by which `actions/setup-node` logs in to one."""
_SIGNING = "gpg-passphrase"
"""The input by which `actions/setup-java` hands one to Maven."""
_MOST_PROJECTS = 10
_MOST_STATES = 10


class Files(Answering):
    """The texts of a snapshot by their kinds.

    The classes beside this one each know one family of facts, and stand on those whose facts they ask for.
    """

    def __init__(
        self, snapshot: Snapshot, outside: Outside, memo: Memo, kinds: Mapping[str, Kind] | None
    ) -> None:
        super().__init__()
        self.snapshot = snapshot
        self.outside = outside
        self.memo = memo
        self._kinds = kinds

    def noting(self) -> Self:
        found = super().noting()
        texts = (self._whole or self).snapshot.texts
        noted = NotedMapping("files", texts, lambda repo: repo.snapshot.texts, found.asked)
        found.snapshot = replace(self.snapshot, texts=noted)
        return found

    def each(self, parts: Iterable[P], read: Callable[[Self, P], Iterable[T]]) -> Iterator[T]:
        """What `read` makes of each part, in their order.

        It has to be a function of a module, and what it makes to follow from the part and from what it asks of the
        repository that it gets: where an edited repository answers the same, the part is not read again.
        """
        for part in parts:
            yield from self._of_part(part, read)

    def _of_part(self, part: P, read: Callable[[Self, P], Iterable[T]]) -> tuple[T, ...]:
        snapshot = self.snapshot
        known: Part[T] = self.memo(Part, read, part, snapshot.paths, snapshot.complete, self.outside)
        if known.said is None or not self.gives(known.said[1]):
            if not self._whole:
                return tuple(read(self, part))
            noting = self.noting()
            found = tuple(read(noting, part))
            known.said = known.said or (found, noting.asked)
            self.asked.update(noting.asked)
            return found
        found, asked = known.said
        self.asked.update(asked)
        return found

    @fact
    def kinds(self) -> Mapping[str, Kind]:
        """What each file is that we read; other files are left out."""
        if self._kinds is not None:
            return self._kinds
        texts = self.snapshot.texts
        recognised = {path: self.memo(_kind_of, texts[path]) for path in sorted(texts)}
        named = {
            **dict.fromkeys(self.node_projects_of_registries, Kind.NODE_PROJECT),
            **dict.fromkeys(self.node_projects_of_dockerfiles, Kind.NODE_PROJECT),
            **dict.fromkeys(self.npm_locks_of_dockerfiles, Kind.NPM_LOCK),
            **dict.fromkeys(self.npm_configs_of_dockerfiles, Kind.NPM_CONFIG),
            **dict.fromkeys(self.yarn_locks_of_dockerfiles, Kind.YARN_LOCK),
            **dict.fromkeys(self.pnpm_locks_of_dockerfiles, Kind.PNPM_LOCK),
            **dict.fromkeys(self.requirements_of_dockerfiles, Kind.PYTHON_REQUIREMENTS),
            **dict.fromkeys(self.tool_versions_of_dockerfiles, Kind.TOOL_VERSIONS),
            **dict.fromkeys(self.named_documents, Kind.DOCUMENT),
            **dict.fromkeys(self.named_dockerfiles, Kind.DOCKERFILE),
        }
        known = {path: kind or named.get(path) for path, kind in recognised.items()}
        return {path: kind for path, kind in known.items() if kind is not None}

    @property
    def named_paths(self) -> frozenset[str]:
        """Existing paths of files of our kinds, whatever they are called, since others name them, or lie below.

        And of tests that may name the actions of the workflows, of guides that may say how these are named, of variables that may name what images stand on, and of states that these may take in.
        """
        of_npm = self.npm_locks_of_dockerfiles | self.npm_configs_of_dockerfiles
        of_others = self.yarn_locks_of_dockerfiles | self.pnpm_locks_of_dockerfiles
        of_installs = of_npm | of_others | self.requirements_of_dockerfiles
        beside = of_installs | self.tool_versions_of_dockerfiles | self.node_projects_of_registries
        tests = frozenset((*self.tests_of_workflows, *self.guides, *self._maven_project))
        variables = {VARIABLES} if self._folders_of_dockerfiles else set[str]()
        beside |= tests | self._states | (self.snapshot.paths & {SUBMODULES, *variables})
        return self._told_if_unreadable | beside

    @fact
    def _states(self) -> frozenset[str]:
        """Existing paths of a few states of Terraform, where an image may take them in: they are of no kind."""
        is_any = bool(self._folders_of_dockerfiles)
        return self.memo(_few_states, self.snapshot.paths) if is_any else frozenset()

    @property
    def _told_if_unreadable(self) -> frozenset[str]:
        """Those of them that are told where they can't be read."""
        return self.named_dockerfiles | self.named_documents | self.node_projects_of_dockerfiles

    @fact
    def tests_of_workflows(self) -> tuple[str, ...]:
        """Existing paths of a few files that may be tests of the workflows, where there are any of these."""
        is_any = any(True for _ in self._recognised(Kind.WORKFLOW))
        return self.memo(tests_of_workflows, self.snapshot.paths) if is_any else ()

    @fact
    def test_texts(self) -> tuple[Text, ...]:
        """Those of them that were read, of a kind of ours or not."""
        known = {**self.snapshot.texts, **self.snapshot.tests}
        return tuple(known[path] for path in self.tests_of_workflows if path in known)

    @fact
    def guides(self) -> tuple[str, ...]:
        """Existing paths of a few guides that may say how workflows and Dockerfiles name things, where there are any of these."""
        is_any = any(True for kind in SPOKEN_OF for _ in self._recognised(kind))
        return self.memo(guides, self.snapshot.paths) if is_any else ()

    @fact
    def guide_texts(self) -> tuple[Text, ...]:
        """Those of them that were read."""
        known = {**self.snapshot.texts, **self.snapshot.guides}
        return tuple(known[path] for path in self.guides if path in known)

    @fact
    def _maven_project(self) -> tuple[str, ...]:
        """The existing path of the one at the root, where a workflow hands it a passphrase."""
        texts = self._recognised(Kind.WORKFLOW) if MAVEN_PROJECT in self.snapshot.paths else ()
        return (MAVEN_PROJECT,) if any(_SIGNING in text.content for text in texts) else ()

    @fact
    def node_projects_of_dockerfiles(self) -> frozenset[str]:
        """Existing paths of each `package.json` beside a Dockerfile, in a folder over one, or that one installs."""
        return frozenset(f"{over}package.json" for over in self._folders_of_dockerfiles) & self.snapshot.paths

    @fact
    def node_projects_of_registries(self) -> frozenset[str]:
        """Existing paths of a few `package.json` in folders that workflows name which log in to a registry of packages.

        Which package manager a project takes decides what that login does to it.
        """
        workflows = [text.content for text in self._recognised(Kind.WORKFLOW) if _REGISTRY in text.content]
        found = (
            path
            for path in (self.paths_named("package.json") if workflows else ())
            if "/" in path
            and not is_vendored(path)
            and any(posixpath.dirname(path) in one for one in workflows)
        )
        return frozenset(sorted(found, key=lambda path: (len(path), path))[:_MOST_PROJECTS])

    @fact
    def tool_versions_of_dockerfiles(self) -> frozenset[str]:
        """Existing paths in those folders of files that name versions of several tools, the Ruby for Bundler or a Rust."""
        found = (
            over + name for over in self._folders_of_dockerfiles for name in (*OF_TOOLS, *TOOLCHAIN_FILES)
        )
        return frozenset(found) & self.snapshot.paths

    @fact
    def _folders_of_dockerfiles(self) -> frozenset[str]:
        """The folders over Dockerfiles, and over what these install with npm or Yarn, each with the `/` behind it."""
        found = {text.path for text in self._recognised(Kind.DOCKERFILE)}
        ours = (path for path in found | self.named_dockerfiles if not is_vendored(path))
        folders = frozenset(over for path in ours for over in _folders_over(path))
        return folders | self._folders_of(project_folders, "npm") | self._folders_of(project_folders, "yarn")

    @fact
    def npm_locks_of_dockerfiles(self) -> frozenset[str]:
        """Existing paths of the lock files of npm of what Dockerfiles install without holding to one."""
        folders = self._folders_of(installed_folders, "npm")
        return frozenset(f"{folder}package-lock.json" for folder in folders) & self.snapshot.paths

    @fact
    def npm_configs_of_dockerfiles(self) -> frozenset[str]:
        """Existing paths of npm's own settings beside these lock files."""
        beside = (f"{path.removesuffix('package-lock.json')}.npmrc" for path in self.npm_locks_of_dockerfiles)
        return frozenset(beside) & self.snapshot.paths

    @fact
    def yarn_locks_of_dockerfiles(self) -> frozenset[str]:
        """Existing paths of the lock files of Yarn of what Dockerfiles install without holding to one."""
        folders = self._folders_of(yarn_folders, "yarn")
        return frozenset(f"{folder}yarn.lock" for folder in folders) & self.snapshot.paths

    @fact
    def pnpm_locks_of_dockerfiles(self) -> frozenset[str]:
        """Existing paths of the lock files, below a workspace of pnpm's, of what Dockerfiles have pnpm install by them."""
        if not self.paths_named(WORKSPACE):
            return frozenset()
        return stale_locks(self.snapshot.paths, self._folders_of(pnpm_folders, "pnpm"))

    @fact
    def requirements_of_dockerfiles(self) -> frozenset[str]:
        """Existing paths of the files that Dockerfiles on Python have pip install from."""
        named = self._named_by_dockerfiles(named_requirements, "python", "pip")
        return frozenset(over + path for over, path in named) & self.snapshot.paths

    def _folders_of(self, find: Callable[[Dockerfile], frozenset[str]], word: str) -> frozenset[str]:
        """Folders, each with the `/` behind it, that are found for the Dockerfiles in which a word stands."""
        named = self._named_by_dockerfiles(find, word)
        return frozenset(over + (f"{folder}/" if folder else "") for over, folder in named)

    def _named_by_dockerfiles(
        self, find: Callable[[Dockerfile], frozenset[str]], *words: str
    ) -> Iterator[tuple[str, str]]:
        """What is found for the Dockerfiles of this project in which all of some words stand.

        Each path with each folder over its Dockerfile: it may be relative to any of them.
        """
        for text in self._recognised(Kind.DOCKERFILE):
            if is_vendored(text.path) or not all(word in text.content for word in words):
                continue
            parsed = self._parsed(text, Kind.DOCKERFILE)
            found = self.memo(_found, find, parsed) if isinstance(parsed, Dockerfile) else ""
            if not isinstance(found, str):
                yield from product(_folders_over(text.path), found)

    @fact
    def named_documents(self) -> frozenset[str]:
        """Existing paths of policies and definitions that Terraform takes in."""
        bodies = (self._parsed(text, Kind.TERRAFORM) for text in self._recognised(Kind.TERRAFORM))
        found = (self.memo(taken_in, body) for body in bodies if isinstance(body, Body))
        return frozenset[str]().union(*found) & self.snapshot.paths

    @fact
    def named_dockerfiles(self) -> frozenset[str]:
        """Existing paths that builds in workflows and Compose files name as their Dockerfile."""
        found: set[str] = set()
        for kind in (Kind.WORKFLOW, Kind.COMPOSE):
            for text in self._recognised(kind):
                named = attempted(partial(self._dockerfiles_named_by, self._parsed(text, kind)))
                found |= frozenset() if isinstance(named, str) else named  # the checks meet the defect, too
        return frozenset(found & self.snapshot.paths)

    def _dockerfiles_named_by(self, parsed: object) -> frozenset[str]:
        is_workflow, slug = isinstance(parsed, Workflow), self.outside.slug
        built = self.memo(by_steps, parsed, slug, False, None).builds_by_action if is_workflow else ()
        return self.memo(named_dockerfiles, parsed, built)

    def _recognised(self, kind: Kind) -> Iterator[Text]:
        """The texts that are of a kind by their own path and content, without another file that names them."""
        return (text for text in self.snapshot.texts.values() if self.memo(_kind_of, text) is kind)

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

    @fact
    def all_scripts(self) -> tuple[Text, ...]:
        """The scripts and Makefiles by their names, whether they speak of images or not."""
        kinds = (Kind.SCRIPT, Kind.MAKEFILE)
        return tuple(text for path, text in self.snapshot.texts.items() if kind_by_path(path) in kinds)

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
        named = self._told_if_unreadable
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


def _texts_of(repo: Files, kind: Kind) -> tuple[Text, ...]:
    own = (repo.snapshot.texts[path] for path, found in repo.kinds.items() if found is kind)
    return (*own, *repo.memo(_others_of, repo.outside, kind))


def _others_of(outside: Outside, kind: Kind) -> tuple[Text, ...]:
    if kind not in _DECLARING:
        return ()
    return tuple(text for _, text in sorted(outside.others.items()) if _kind_of(text) is kind)


def _by_name(paths: frozenset[str]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for path in sorted(paths):
        found.setdefault(path.rpartition("/")[2], []).append(path)
    return {name: tuple(group) for name, group in found.items()}


def _few_states(paths: frozenset[str]) -> frozenset[str]:
    found = (path for path in paths if is_state(path) and not is_sample(path))
    return frozenset(sorted(found, key=lambda path: (len(path), path))[:_MOST_STATES])


def _kind_of(text: Text) -> Kind | None:
    return kind_of(text.path, text.content)


def _found(find: Callable[[Dockerfile], frozenset[str]], dockerfile: Dockerfile) -> frozenset[str] | str:
    """The paths that are found for it, or the defect, which the checks meet too."""
    return attempted(partial(find, dockerfile))


def _folders_over(path: str) -> Iterator[str]:
    """The folders that hold a file, each with the `/` behind it, at last the root."""
    parts = path.split("/")[:-1]
    yield from ("".join(f"{part}/" for part in parts[:length]) for length in range(len(parts), -1, -1))


_DECLARING = (Kind.TERRAFORM, Kind.TERRAFORM_LOCK, Kind.KUBERNETES)
"""The kinds of files that count from other repositories: what is built there is their business."""
