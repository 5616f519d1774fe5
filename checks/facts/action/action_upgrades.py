"""A use of an action that is to move, and what tells whether a change of its newer releases concerns it.

Which changes there are says `checks.facts.action.action_changes`. An input that the release in use does not take either does nothing already.
"""

from __future__ import annotations

import datetime
import posixpath
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache, cached_property

from msgspec import field

from checks.facts.action.go_runs import Loaded
from checks.facts.action.releases import Release, newest, number_of, of_use
from checks.facts.dockerfile.end_of_life import successors
from checks.facts.project.go_modules import NEWEST_GO, GoModule, go_of, loads_newer, meets, suffices
from checks.facts.script.go_programs import (
    may_take_program,
    newest_programs,
    takes_newest_program,
    takes_other_program,
    without_met,
)
from checks.facts.script.scripts import Command, parse_script
from checks.facts.tables import table
from checks.facts.token.pushing_steps import may_push, may_push_in_container, may_use_git
from checks.facts.token.script_scopes import is_harmless
from checks.facts.workflow.artifacts import DOWNLOAD, UPLOAD
from checks.facts.workflow.inner_steps import inner_steps, may_do, steps_beside
from checks.facts.workflow.job_order import comes_before
from checks.facts.workflow.kept_folders import kept_in
from checks.facts.workflow.scopes import scopes_of
from checks.facts.workflow.workflows import ActionUse, CompositeAction, Step
from checks.record import Record
from checks.regex import regex
from checks.source.snapshot import Edit
from checks.source.text import Location
from checks.source.yaml import Mapping as YamlMapping
from checks.source.yaml import Scalar as YamlScalar
from checks.source.yaml_edit import append_entry, delete_entry, replace_value

_BRINGS_MORE = frozenset(("repository", "submodules"))
"""Inputs by which a checkout brings modules that are not the repository's."""
_CHOOSES_ARTIFACTS = frozenset(("artifact-ids", "name", "pattern", "run-id"))
"""Inputs by which a download takes some artifacts of the run, or those of another one."""
_SAYS_OF_RECORDS = regex(r"\bDOCKER_BUILD_(?:RECORD_UPLOAD|SUMMARY)\b")
_ARTIFACT = regex(r"[\w. -]{1,200}")
"""A pattern that describes one name."""
_OLD_JAVA = regex(r"1\.(\d{1,2}(?:\.[\dx]{1,5}){0,3})")
_AFTER_ADOPT = {"adopt": "temurin", "adopt-hotspot": "temurin", "adopt-openj9": "semeru"}
TAKEN_OUT = {
    "actions/setup-node": "always-auth",
    "docker/setup-buildx-action": "install",
    "google-github-actions/setup-gcloud": "skip_tool_cache",
    "release-drafter/release-drafter": "disable-autolabeler",
}
"""By action the input that newer releases don't take, and that nothing takes the place of."""
_BY_BUILDERS = ("buildx", "compose")
"""Commands of `docker` that build with the builder that is chosen, whatever `docker build` does."""
_NOTHING_KNOWN = Loaded()
_MODULES = regex(r"\bgo/pkg\b|GOMODCACHE")
"""The folder that Go keeps modules in."""
_LEFT_ASIDE = regex(r"(?:^|/)(?:[._]|testdata/)")
"""In the path of what Go itself passes over: https://pkg.go.dev/cmd/go#hdr-Package_lists_and_patterns"""
_PUSHED = regex(r"\bpush=true\b|\btype=registry\b")
"""In `outputs` of a build."""
_NO_ATTESTATIONS = "BUILDX_NO_DEFAULT_ATTESTATIONS"
"""The variable that keeps builds from adding any: https://docs.docker.com/build/building/variables/"""
_OF_FORK = regex(r"\bgithub\.event\.pull_request\.head\.")


class Upgrade(Record, dict=True):
    """A use of an action that is to move to its newest release, and what the repository tells of its step."""

    action: ActionUse
    step: Step | None
    """The step that uses it, where it is known."""
    modules: Sequence[GoModule] = ()
    """Those that the step may build."""
    events: Collection[str] = ()
    """The names of those that it is known to run for."""
    actions: Mapping[str, CompositeAction] = field(default_factory=dict)
    """The repository's composite ones by their folders."""
    loaded: Loaded = _NOTHING_KNOWN
    """What is known of the modules that later steps load."""
    joins_images: bool = False
    """Whether its workflow runs `docker manifest create`."""
    installed: Mapping[str, Location] = field(default_factory=dict)
    """The programs that recipes of its job install at their newest with Go, each with the line that names it."""
    may_lack_token: bool = True
    """Whether a later step may run Yarn without its token."""
    may_run_yarn_1: bool = True
    """Whether a job with the step may run the first Yarn, or another client that is as old."""
    names_npm: bool = False
    """Whether the `package.json` at the root names npm as the package manager."""
    package_managers: Mapping[str, str] = field(default_factory=dict)
    """The package managers that the repository's `package.json` name, with their versions, by the paths of these."""
    is_lone_upload: bool = False
    """Whether the step uploads the one artifact of its run, and nothing here downloads it."""
    has_mise_lock: bool = False
    """Whether the repository says in a `mise.lock` what mise installs."""
    ways: Sequence[Step] = ()
    """The steps of jobs that come to the step, which is one of a composite action."""
    major: int | None = None
    """The version whose newest release it moves to, where that is not the newest one."""
    today: datetime.date | None = None

    @cached_property
    def release(self) -> Release | None:
        """The release that is used."""
        return of_use(self.action)

    @cached_property
    def target(self) -> Release | None:
        """The release that the use moves to."""
        return newest(self.action.repository, self.major)

    def has(self, name: str) -> bool:
        """Whether the step gives an input, or may do."""
        return self.step is None or self.step.input(name) is not None

    def lacks(self, name: str) -> bool:
        """Whether the step leaves an input out, or may do."""
        return self.step is None or self.step.input(name) is None

    def written(self, name: str) -> str:
        """The input as it is written; empty where there is none."""
        found = self.step.input(name) if self.step else None
        return found.value if found else ""

    def may_write(self, scope: str) -> bool:
        """Whether the job's token may write with a scope: what is declared says so, or nothing is declared."""
        job = self.step.job if self.step else None
        return job is None or job.permissions is None or job.permissions.access(scope) == "write"

    def is_named_in_job(self, pattern: re.Pattern[str]) -> bool:
        """Whether something that a pattern describes stands in the job, or may do."""
        job = self.step.job if self.step else None
        return job is None or pattern.search(job.node.text[job.node.span]) is not None

    def is_unnoticed(self) -> bool:
        """Whether no step of a job can tell that its checkout moves: each later one is known, and none speaks of git."""
        release, job = self.release, self.step.job if self.step else None
        if self.action.repository != "actions/checkout" or release is None or release.number < (2,):
            return False
        if self.step is None or job is None or job.node.get("container") is not None:
            return False
        return not any(may_do(one, self.actions, may_use_git) for one in job.after(self.step))

    def may_push_later(self) -> bool:
        """Whether a later step of the job may bring git a token of its own, or run git where the checkout's is not found."""
        step = self.step
        if step is None or step.job is None:
            return True
        later = step.job.steps[step.job.steps.index(step) + 1 :]
        in_container = step.job.node.get("container") is not None
        pushes = may_push_in_container if in_container else may_push
        return any(may_do(one, self.actions, pushes) for one in later)

    def checked_out_again(self) -> Iterator[Step]:
        """The next checkout of the same repository to the same place, which a job keeps as it is there, on each way to the step.

        https://github.com/actions/checkout/blob/main/src/git-directory-helper.ts
        """
        own = self.step
        beside = steps_beside(own, self.actions) if own else ()
        behind = [one for one in beside if own and one.index > own.index]
        for way in self.ways or (None,):
            later = [*behind, *(way.job.after(way) if way and way.job else ())]
            opened = (inner for one in later for inner in inner_steps(one, self.actions))
            found = next((one for one in opened if own and _is_of_same_place(one, own)), None)
            if found is not None:
                yield found

    @property
    def is_in_container(self) -> bool:
        """Whether the job runs in a container."""
        return bool(self.step and self.step.job and self.step.job.node.get("container") is not None)

    def pnpm_named(self) -> str:
        """The pnpm that the `package.json` which a step reads names, `10.2.0`; empty where it names none."""
        path = posixpath.normpath(self.written("package_json_file") or "package.json")
        name, _, version = self.package_managers.get(path, "").partition("@")
        return version if name == "pnpm" else ""

    def pnpm_beside(self) -> str:
        """The pnpm that `package.json` names beside the one that a step is given; empty where one of them is not there."""
        return self.pnpm_named() if self.written("version") else ""

    def is_beside(self, repository: str) -> bool:
        """Whether the workflow uses another action too, at releases that are known and move along where they have to."""
        steps = self.step.job.workflow.steps if self.step and self.step.job else ()
        found = [one.uses for one in steps if one.uses is not None and one.uses.repository == repository]
        return bool(found) and all(map(of_use, found))

    def later_of(self, repository: str) -> tuple[Step, ...]:
        """The later steps of the job that use an action."""
        later = self.step.job.after(self.step) if self.step and self.step.job else ()
        return tuple(one for one in later if one.uses is not None and one.uses.repository == repository)

    @property
    def takes_by_pattern(self) -> bool:
        """Whether the step downloads the artifacts that a pattern or ids describe, each into a folder of its own if there are several."""
        ids = self.written("artifact-ids")
        is_one = bool(self.written("pattern")) if not ids else "," not in ids
        return is_one and self.lacks("name") and self.written("merge-multiple") != "true"

    @property
    def only_match(self) -> str:
        """The name of the one artifact that a step may download by its pattern, which has no wildcards; else empty."""
        pattern = self.written("pattern")
        is_name = self.takes_by_pattern and self.lacks("artifact-ids") and _ARTIFACT.fullmatch(pattern)
        return pattern if is_name else ""

    def certainly_matches_several(self) -> bool:
        """Whether the steps of the workflow upload several artifacts that the step's pattern describes, on each run."""
        steps = self.step.job.workflow.steps if self.step and self.step.job else ()
        uploads = [one for one in steps if one.uses_action(UPLOAD) and one.condition is None]
        names = {
            scope.value(name.value).literal
            for one in uploads
            if (name := one.input("name")) is not None
            for scope in scopes_of(one, None)
        }
        pattern = self.written("pattern")
        return len([one for one in names if one and fnmatchcase(one, pattern)]) > 1

    def named_later(self, path: str) -> Location | None:
        """Where a script of a later step, which runs in the workspace, names a path of it."""
        sought = re.compile(rf"(?<![\w./-])(?:\./)?{re.escape(path)}(?![\w.-])")
        for step in self.step.job.after(self.step) if self.step and self.step.job else ():
            run = step.run if step.node.get("working-directory") is None else None
            match = sought.search(run.value) if run else None
            if run is not None and match is not None:
                return Location(step.text, run.locate(*match.span()) or step.node.span)
        return None

    def may_build_by_alias(self) -> bool:
        """Whether a later step may run `docker build`, for which the step makes its builder the one that is taken."""
        if self.written("install") in ("", "false"):
            return False
        if self.step is None or self.step.job is None:
            return True
        later = self.step.job.after(self.step)
        return any(may_do(one, self.actions, _may_build_by_docker) for one in later)

    def module_of_newer_go(self) -> tuple[str, GoModule] | None:
        """The Go that the step is given, and the module that later steps load and that needs a newer one."""
        return self._refused(sorted(self.loaded.modules, key=_depth))

    def _refused(self, modules: Sequence[GoModule]) -> tuple[str, GoModule] | None:
        """The first of some modules that needs a newer Go than the step is given, with that one, which may load it now."""
        for version in self.given_go() if modules else ():
            go = go_of(version) if version else None
            if version is not None and go is not None and loads_newer(go):
                held = next((module for module in modules if suffices(go, [module]) is False), None)
                if held is not None:
                    return version, held
        return None

    def go_of_newest_programs(self) -> tuple[str, ...]:
        """Each Go that the step is given with which its job takes the newest release of another module's program, which may ask
        for any Go."""
        scripts = (self._without_met(one.run.value) for one in self.steps_of_job() if one.run)
        if not self.newest_of_recipes and not any(map(takes_newest_program, scripts)):
            return ()
        return tuple(version for version in self.given_go() if version and loads_newer(go_of(version)))

    def newest_programs(self) -> tuple[str, ...]:
        """The programs that the job takes at their newest with Go, by scripts and recipes, as far as they are written out."""
        return tuple(dict.fromkeys((*self.newest_of_scripts(), *self.newest_of_recipes)))

    @cached_property
    def newest_of_recipes(self) -> Mapping[str, Location]:
        """Those that recipes install, each with the line."""
        return {
            name: place
            for name, place in self.installed.items()
            if name.removesuffix("@latest") in self._without_met(place.fragment)
        }

    def _without_met(self, script: str) -> str:
        """A script, as long as it is, without the programs whose newest release is known to ask for no newer Go than the step's."""
        return without_met(script, self.given_go())

    def newest_of_scripts(self) -> dict[str, Location]:
        """Those that scripts name, each with the line."""
        found: dict[str, Location] = {}
        for step in self.steps_of_job():
            if step.run is None:
                continue
            script = self._without_met(step.run.value)
            for name in newest_programs((script,)):
                start = script.find(name)
                span = step.run.locate(start, start + len(name))
                found.setdefault(name, Location(step.text, span or step.node.span))
        return found

    def is_on_newest_go(self) -> bool:
        """Whether the Go of the step is of the newest line that there is, in each leg."""
        return all(version is not None and _is_newest(version) for version in self.given_go())

    def given_go(self) -> tuple[str | None, ...]:
        """The Go of the step in each leg of its job, by `go-version` or the `go.mod` of `go-version-file`, of which newer releases
        take the `toolchain`; None for one that is not known.

        https://github.com/actions/setup-go#breaking-changes-in-v6
        """
        if self.step is None or self.step.input("go-version") is not None:
            return _go_versions(self.step)
        path = posixpath.normpath(self.written("go-version-file"))
        found = next((one.toolchain or one.go for one in self.modules if one.path == path), None)
        return (".".join(map(str, found)) if found else None,)

    def is_behind_checkout(self) -> bool:
        """Whether an earlier step of the job brings the repository."""
        before = self.step.job.before(self.step) if self.step and self.step.job else ()
        return any(one.uses_action("actions/checkout") for one in before)

    def takes_code_of_forks(self) -> bool:
        """Whether the step checks out what a fork proposes in a run for `pull_request_target`."""
        if self.step is None or "pull_request_target" not in self.events:
            return False
        named = f"{self.written('repository')} {self.written('ref')}"
        conditions = (one.condition.value for one in (self.step, self.step.job) if one and one.condition)
        return bool(_OF_FORK.search(named)) and not any("head.repo" in one for one in conditions)

    def restores_modules_twice(self) -> bool:
        """Whether the step, which doesn't say itself whether it caches, would restore Go's modules beside another one of its job.

        The second restore fails at the files of the first, which nobody may write.
        """
        step = self.step
        if step is None or step.job is None or step.input_entry("cache") is not None:
            return False
        restored = (one.paths for one in kept_in(step.job) if not one.step.uses_action("actions/cache/save"))
        return any(_MODULES.search(path) for paths in restored for path in paths)

    def may_load_newer_go(self) -> bool:
        """Whether the step names a Go that may load a newer one."""
        versions = [one for one in _go_versions(self.step) if one not in NEWEST_GO]
        return self.has("go-version") and any(loads_newer(go_of(one) if one else None) for one in versions)

    def may_need_newer_go(self) -> bool:
        """Whether the Go that the step names may be too old for what the job builds, or for what it runs that is not known."""
        if not self.may_load_newer_go() or self.module_in_doubt() is not None:
            return False
        versions = [one for one in _go_versions(self.step) if one not in NEWEST_GO]
        found = [go_of(version) if version else None for version in versions]
        is_known = self.builds_known_modules()
        modules = self.loaded.modules if is_known else self.modules
        may_be_old = any(go is None or not all(meets(go, one) for one in modules) for go in found)
        if is_known:
            return bool(modules) and may_be_old
        return not modules or may_be_old or self._may_bring_more()

    def module_in_doubt(self) -> tuple[str, GoModule] | None:
        """The Go that the step is given, and a module that needs a newer one and may be loaded: that at the root, or else any,
        where each needs one."""
        if self.builds_known_modules():
            return None
        known = [module for module in self.modules if module.go is not None]
        needing = [module for module in known if "/" not in module.path] or known
        for version in self.given_go() if needing else ():
            go = go_of(version) if version else None
            if version is not None and go is not None and loads_newer(go) and suffices(go, needing) is False:
                return version, min(needing, key=_depth)
        return None

    def module_of_open_scripts(self) -> tuple[str, GoModule] | None:
        """The Go that `go-version` names, and a module that needs a newer one and that a later script may load.

        None for `go-version-file`, which names the module that the job is about.
        """
        modules = [one for one in self.modules if not _LEFT_ASIDE.search(one.path)]
        is_open = self.has("go-version") and self.loaded.has_open_script
        return self._refused(sorted(modules, key=_depth)) if is_open else None

    def builds_known_modules(self) -> bool:
        """Whether all that the job loads with Go is known."""
        return self.loaded.is_all and not any(map(_brings_more, self.steps_of_job()))

    def _may_bring_more(self) -> bool:
        """Whether a step of the job may bring another module, or a program of one."""
        return any(
            _brings_more(step)
            or (step.run is not None and may_take_program(self._without_met(step.run.value)))
            for step in self.steps_of_job()
        )

    def installs_by_go(self) -> bool:
        """Whether a script of the job takes the program of another module, which may need any Go, and is none of the newest ones."""
        return any(step.run and takes_other_program(step.run.value) for step in self.steps_of_job())

    def steps_of_job(self) -> tuple[Step, ...]:
        job = self.step.job if self.step else None
        return job.steps if job else ()

    def uploads_in_each_leg(self) -> bool:
        """Whether the legs of a matrix may upload an artifact of one name."""
        job = self.step.job if self.step else None
        strategy = job.node.get("strategy") if job else None
        is_matrix = isinstance(strategy, YamlMapping) and strategy.get("matrix") is not None
        return is_matrix and not re.search(r"\$\{\{", self.written("name")) and self.lacks("overwrite")

    def certainly_uploads_in_each_leg(self) -> bool:
        """Whether the legs of a matrix, of which there are several, upload an artifact of one name."""
        step = self.step
        if step is None or (step.condition is not None and "matrix" in step.condition.value):
            return False
        return self.uploads_in_each_leg() and len(list(scopes_of(step, None))) > 1

    def uploaded_by_each_leg(self) -> str:
        """The name of an artifact that each leg of a matrix uploads in the workflow; empty where none certainly is uploaded so."""
        steps = self.step.job.workflow.steps if self.step and self.step.job else ()
        uploads = (Upgrade(one.uses, one) for one in steps if one.uses and one.uses.repository == UPLOAD)
        return next(
            (each.written("name") or "artifact" for each in uploads if each.certainly_uploads_in_each_leg()),
            "",
        )

    def downloads_of_all(self) -> tuple[Step, ...]:
        """The steps of the workflow that download all artifacts of the run, and may come behind the step, which may upload the
        record of a build.

        https://github.com/docker/build-push-action#environment-variables
        """
        step = self.step
        if step is None or step.job is None or _SAYS_OF_RECORDS.search(step.text.content):
            return ()
        at = Location(step.text, step.node.span)
        return tuple(
            one
            for one in step.job.workflow.steps
            if one.uses_action(DOWNLOAD)
            and not any(map(one.input_entry, _CHOOSES_ARTIFACTS))
            and not comes_before(one, Location(one.text, one.node.span), step, at)
        )

    def may_push_plain_image(self) -> bool:
        """Whether the step may push the image of one platform, and leaves it open whether that gets a provenance."""
        return self.may_get_provenance() and "," not in self.written("platforms")

    def may_get_provenance(self) -> bool:
        """Whether the step may push an image, and leaves it open whether that gets a provenance."""
        is_open = self.lacks("provenance") and _NO_ATTESTATIONS not in self.action.scalar.text.content
        is_pushed = self.written("push") not in ("", "false") or bool(_PUSHED.search(self.written("outputs")))
        return is_open and is_pushed


def source_kept(upgrade: Upgrade) -> Edit | None:
    """Tells a build of `docker/bake-action` to read the workspace, as it does before version 6 unless told otherwise.

    None for what does so anyway, and where that can't be written.
    """
    step = upgrade.step
    if upgrade.action.path or step is None or step.inputs is None:
        return None
    if step.input_entry("source") is not None or step.input_entry("workdir") is not None:
        return None
    return append_entry(step.inputs, "source: .")


def distribution_named(upgrade: Upgrade) -> Edit | None:
    """Names for `actions/setup-java` the distribution that it takes before version 2, which has no such input.

    None for what names one, or may, and where that can't be written.
    """
    step = upgrade.step
    if step is None or step.inputs is None or any(map(step.input_entry, ("distribution", "jdkfile"))):
        return None
    return append_entry(step.inputs, "distribution: zulu")


def java_renumbered(upgrade: Upgrade) -> Edit | None:
    """Writes a Java in the numbers that `actions/setup-java` takes since version 2: `8` for `1.8`."""
    step = upgrade.step
    written = (step.input("java-version") or step.input("version")) if step else None
    old = _OLD_JAVA.fullmatch(written.value) if written else None
    return replace_value(written, old[1]) if written and old else None


def distribution_renamed(upgrade: Upgrade) -> Edit | None:
    """Names what became of AdoptOpenJDK, which `actions/setup-java` does not take since version 6."""
    written = upgrade.step.input("distribution") if upgrade.step else None
    new = _AFTER_ADOPT.get(written.value) if written else None
    return replace_value(written, new) if written and new else None


def go_cache_left_off(upgrade: Upgrade) -> Edit | None:
    """Keeps `actions/setup-go` from restoring Go's modules, which it does since version 4, where a step of the job restores them too.

    None where the step says itself whether it caches, and where that can't be written.
    """
    step = upgrade.step
    if not upgrade.restores_modules_twice() or step is None or step.inputs is None:
        return None
    return append_entry(step.inputs, "cache: false")


def node_cache_left_off(upgrade: Upgrade) -> Edit | None:
    """Keeps `actions/setup-node` from caching for npm, which it does unasked since version 5, in a job that proves its identity.

    None where the step says itself whether it caches, and where that can't be written.
    https://github.com/actions/setup-node#breaking-changes-in-v6
    """
    step = upgrade.step
    permissions = step.job.permissions if step and step.job else None
    proves = permissions is not None and permissions.access("id-token") == "write"
    says = upgrade.has("cache") or upgrade.has("package-manager-cache")
    if not upgrade.names_npm or not proves or says or step is None or step.inputs is None:
        return None
    return append_entry(step.inputs, "package-manager-cache: false")


def input_taken_out(upgrade: Upgrade) -> Edit | None:
    """Takes an input from a step that the newer release does not have, such as `install` of `docker/setup-buildx-action`."""
    step, name = upgrade.step, TAKEN_OUT.get(upgrade.action.action, "")
    entry = step.input_entry(name) if step and name in gone_inputs(upgrade) else None
    if step is None or entry is None:
        return None
    inputs, written = step.inputs, step.node.entry("with")
    if inputs is None or written is None:
        return None
    return delete_entry(inputs, entry) or delete_entry(step.node, written)


def renames(upgrade: Upgrade) -> dict[str, Edit]:
    """By the old names of inputs what writes those that the newer release knows them by, where no other input has that name."""
    step, names = upgrade.step, _renamed_inputs().get(_path(upgrade.action), {})
    given = {name: names[name] for name in gone_inputs(upgrade) if name in names}
    taken = list(given.values())
    edits: dict[str, Edit] = {}
    for name, new in given.items():
        entry = step.input_entry(name.lower()) if step else None
        is_free = step is not None and step.input_entry(new) is None and taken.count(new) == 1
        key = entry.key if is_free and entry else None
        edit = replace_value(key, new) if isinstance(key, YamlScalar) else None
        if edit is not None:
            edits[name] = edit
    return edits


def gone_inputs(upgrade: Upgrade) -> tuple[str, ...]:
    """The inputs that a step gives, its release takes, and the newer one does not."""
    step, release, target = upgrade.step, upgrade.release, upgrade.target
    return tuple(
        name
        for name, last_with in _removed_inputs().get(_path(upgrade.action), {}).items()
        if step
        and step.input(name.lower())
        and release is not None
        and target is not None
        and release.number <= number_of(last_with) < target.number
    )


def _is_newest(version: str) -> bool:
    """Whether a `go-version` is of the newest line that is known, or of a newer one."""
    line = ".".join(map(str, (go_of(version) or ())[:2]))
    return version in NEWEST_GO or (bool(line) and successors(f"golang:{line}")[:1] in ((), (line,)))


def _path(use: ActionUse) -> str:
    """An action without its ref, the repository in lower case."""
    return f"{use.repository}/{use.path}" if use.path else use.repository


def _is_of_same_place(step: Step, other: Step) -> bool:
    """Whether two checkouts are of one repository, to one folder, and by HTTPS."""
    is_by_https = step.input("ssh-key") is None and other.input("ssh-key") is None
    return step.uses_action("actions/checkout") and is_by_https and _place_of(step) == _place_of(other)


def _place_of(checkout: Step) -> tuple[str, str]:
    repository, path = checkout.input("repository"), checkout.input("path")
    name = repository.value.replace(" ", "") if repository else ""
    return "" if name == "${{github.repository}}" else name, posixpath.normpath(path.value if path else "")


def _brings_more(step: Step) -> bool:
    return any(map(step.input_entry, _BRINGS_MORE))


def _depth(module: GoModule) -> tuple[int, str]:
    return module.path.count("/"), module.path


def _go_versions(step: Step | None) -> tuple[str | None, ...]:
    """The `go-version` of a step in each leg of its job; None for one that is not known."""
    written = step.input("go-version") if step else None
    if step is None or written is None:
        return (None,)
    values = (scope.value(written.value).literal for scope in scopes_of(step, None))
    return tuple(dict.fromkeys(values))


@cache
def _removed_inputs() -> Mapping[str, Mapping[str, str]]:
    """By action the inputs that its newest release does not take, each with the last version that does."""
    removed: Mapping[str, Mapping[str, str]] = table("action_inputs")["removed"]
    return removed


@cache
def _renamed_inputs() -> Mapping[str, Mapping[str, str]]:
    """By action the names that its newest release has for inputs of older ones, by their old names."""
    renamed: Mapping[str, Mapping[str, str]] = table("action_inputs")["renamed"]
    return renamed


def _may_build_by_docker(step: Step) -> bool:
    """Whether a script runs `docker build`, or something that may."""
    if step.run is None:
        return False
    script = parse_script(step.run.value)
    return not step.is_shell_script or not script.complete or any(map(_is_build, script.commands))


def _is_build(command: Command) -> bool:
    words = [word.literal for word in command.arguments if not word.prefix.startswith("-")]
    if command.program != "docker" or command.uncertain:
        return not is_harmless(command)
    return None in words[:1] or ("build" in words and words[0] not in _BY_BUILDERS)
