"""What changes for a step when its action moves to the newest release.

The inputs that a release no longer takes are data, in `data/action_inputs.json`, with the names that some have now; one that
the release in use does not take either does nothing already. The other changes are those of which
an action's release notes say that they break workflows, each with the steps that it concerns.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from checks.facts.action_scopes import is_quiet
from checks.facts.go_modules import GoModule, go_of, loads_newer, suffices
from checks.facts.go_runs import Loaded
from checks.facts.inner_steps import WITHIN, may_do, steps_of
from checks.facts.kept_folders import kept_in
from checks.facts.releases import Release, newest, number_of, of_use
from checks.facts.resolve import Scope
from checks.facts.scopes import scopes_of
from checks.facts.script_scopes import is_harmless
from checks.facts.scripts import Command, parse_script
from checks.facts.tables import table
from checks.facts.workflows import ActionUse, CompositeAction, Step
from checks.regex import regex
from checks.source.snapshot import Edit
from checks.source.yaml import Mapping as YamlMapping
from checks.source.yaml import Scalar as YamlScalar
from checks.source.yaml_edit import append_entry, delete_entry, replace_value

_EXPRESSION = regex(r"\$\{\{.*?\}\}")
_OLD_CLIENT = regex(r"(?<![/\w.])github\.(?!(?:rest|graphql|request|paginate|hook|log|auth)\b)\w|\brequire\(")
_OWN_CLIENT = regex(r"@actions/github\b|\b(?:const|let)\s*\{?\s*getOctokit\b")
_PUSHES = regex(
    r"auto|bot\b|bump|changelog|changeset|commit|deploy|digest|git(?!hub)|merge|pages|publish|pull-request|push|release|semantic|tag|version",
    re.IGNORECASE,
)
"""In the name of an action."""
_SETTING_UP = frozenset(
    (
        "anchore",
        "aquasecurity",
        "astral-sh",
        "codecov",
        "golangci",
        "gradle",
        "hashicorp",
        "helm",
        "pnpm",
        "ruby",
    )
)
"""Owners of actions that install something, test or scan, and have nothing to do with git."""
_BY_API = frozenset(
    (
        "bobheadxi/deployments",
        "googleapis/release-please-action",
        "lucacome/draft-release",
        "ncipollo/release-action",
        "release-drafter/release-drafter",
        "softprops/action-gh-release",
        "svenstaro/upload-release-action",
    )
)
"""Actions with such a name that call GitHub's API, and not git."""
_LOOKS = regex(
    r"commit-?lint|lint-commit|semantic-pull-request|conventional-pr|(?:^|[-_])(?:calculate|detect|extract|find|get|read)[-_]",
    re.IGNORECASE,
)
"""In the name of one that looks at commits, titles and versions, and pushes none."""
_PUSHING_NO_COMMITS = frozenset(
    ("actions", "aws-actions", "docker", "github", "goreleaser", "redhat-actions", "sigstore")
)
"""Owners whose actions bring git no token of theirs."""
_ELSEWHERE = regex(r"extraheader|\.git/config\b|@github\.com")
_IN_CONTAINER = regex(r"\b(?:docker|podman)\b[^\n]{0,300}\brun\b")
_SPEAKS_OF_PUSHES = regex(
    r"\bgit\b|\bgh-pages\b|(?<!docker )(?<!podman )\bpush|\bpublish|\brelease|\bdeploy", re.IGNORECASE
)
"""In a script that runs a container, which has the workspace and does not find the token: it may push from there."""
_BRINGS_MORE = frozenset(("repository", "submodules"))
"""Inputs by which a checkout brings modules that are not the repository's."""
_GO_INSTALL = regex(r"\bgo\s+(?:install|run|get)\s[^\n;|&]{0,300}@")
_MAY_INSTALL = regex(_GO_INSTALL.pattern + r"|\b(?:just|mage|make|task)\b|\.sh\b")
"""In a script that may take the program of another module, by itself or by what it runs."""
_INSTALLS_NEWEST = regex(r"\bgo\s+(?:install|run)\s[^\n;|&]{0,300}@latest\b")
_LINTER_CONFIG = regex(r"(?:^|\s)(?:--config[=\s]\s{0,9}|-c[=\s]{0,9})[\"']?([^\s\"']{1,300})")
"""An argument of golangci-lint that names its configuration."""
_ARTIFACTS = ("actions/upload-artifact", "actions/download-artifact")
_SETUP_GO, _BAKE = "actions/setup-go", "docker/bake-action"
_SETUP_JAVA = "actions/setup-java"
_OLD_JAVA = regex(r"1\.(\d{1,2}(?:\.[\dx]{1,5}){0,3})")
_AFTER_ADOPT = {"adopt": "temurin", "adopt-hotspot": "temurin", "adopt-openj9": "semeru"}
_SETUP_BUILDX, _INSTALL = "docker/setup-buildx-action", "install"
_BY_BUILDERS = ("buildx", "compose")
"""Commands of `docker` that build with the builder that is chosen, whatever `docker build` does."""
_NOTHING_KNOWN = Loaded()
_MODULES = regex(r"\bgo/pkg\b|GOMODCACHE")
"""The folder that Go keeps modules in."""
_NEWEST_GO = ("stable", "oldstable")
"""Versions that are new whenever they are read."""
_PUSHED = regex(r"\bpush=true\b|\btype=registry\b")
"""In `outputs` of a build."""
_NO_ATTESTATIONS = "BUILDX_NO_DEFAULT_ATTESTATIONS"
"""The variable that keeps builds from adding any: https://docs.docker.com/build/building/variables/"""
_HIDDEN = regex(r"(?:^|/)\.(?!\.?(?:/|$))", re.MULTILINE)
_REPORT = regex(r"\bresults\.(?:sarif|json)\b")
_OF_FORK = regex(r"\bgithub\.event\.pull_request\.head\.")
_FROM_ELSEWHERE = frozenset(("pull_request_target", "workflow_run"))


def questions(
    use: ActionUse,
    step: Step | None,
    modules: Sequence[GoModule] = (),
    events: Collection[str] = (),
    actions: Mapping[str, CompositeAction] | None = None,
    *,
    loaded: Loaded = _NOTHING_KNOWN,
    joins_images: bool = False,
    installed: Collection[str] = (),
    may_lack_token: bool = True,
    major: int | None = None,
) -> Iterator[str]:
    """What to ask before an action moves to its newest release, each a question without its mark.

    `step` is the step that uses the action, where it is known; `modules` are those that it may build, `loaded` what is known of
    those that later steps do load, `events` the
    names of those that it is known to run for, and `actions` the repository's composite ones by their folders;
    `joins_images` is whether its workflow runs `docker manifest create`; `installed` are the programs that recipes of its job
    install at their newest; `may_lack_token` is whether a later step may run Yarn without its token. What these show not to concern it is not asked.
    `major` is the version that the action moves to the newest release of, where that is not the newest one.
    """
    release, last = of_use(use), newest(use.repository, major)
    if release is None or last is None:
        return
    for change in _CHANGES:
        if (
            use.repository == change.action
            and change.comes_after(release.number)
            and not change.comes_after(last.number)
            and change.concerns(
                _Use(use, step, modules, events, actions or {}, loaded, joins_images, may_lack_token)
            )
        ):
            yield change.question
    if use.repository == _SETUP_GO and release.number < (6,):
        yield from _of_module(_Use(use, step, modules, loaded=loaded))
    if installed and use.repository == _SETUP_GO and release.number < (6,):
        yield from _of_recipes(_Use(use, step), installed)
    renamed = _renames(use, step)
    given = [f"`{name}`" for name in _gone_inputs(use, step, last) if name not in renamed]
    if install_taken(use, step):
        given = [one for one in given if one != f"`{_INSTALL}`"]
    if given:
        yield f"does the step do without {' and '.join(given)}, which `{use.repository}` {last.version} does not take"


def _of_module(use: _Use) -> Iterator[str]:
    """What to ask where a module needs a newer Go than the step names, and may be loaded."""
    found = use.module_in_doubt()
    if found is not None:
        version, module = found
        needed = ".".join(map(str, module.go or ()))
        yield (
            f"does no later step load `{module.path}`, which needs Go {needed}: since version 6 `{_SETUP_GO}` keeps to "
            f"`go-version: {version}`"
        )


def _of_recipes(use: _Use, installed: Collection[str]) -> Iterator[str]:
    """What to ask of the Go that a step names where a recipe installs the newest of another module's program."""
    given = next((name for name in ("go-version", "go-version-file") if use.has(name)), None)
    if given is not None and use.written("go-version") not in _NEWEST_GO:
        them = " and ".join(f"`{one}`" for one in installed)
        yield (
            f"may {them}, which `make` installs, ask for a newer Go than `{given}` gives: since version 6 `{_SETUP_GO}` "
            "keeps Go from loading one"
        )


def source_kept(use: ActionUse, step: Step | None) -> Edit | None:
    """Tells a build of `docker/bake-action` to read the workspace, as it does before version 6 unless told otherwise.

    None for what does so anyway, and where that can't be written.
    """
    release = of_use(use)
    if (
        use.action != _BAKE
        or release is None
        or release.number >= (6,)
        or step is None
        or step.inputs is None
    ):
        return None
    if step.input_entry("source") is not None or step.input_entry("workdir") is not None:
        return None
    return append_entry(step.inputs, "source: .")


def distribution_named(use: ActionUse, step: Step | None) -> Edit | None:
    """Names for `actions/setup-java` the distribution that it takes before version 2, which has no such input.

    None for what names one, or may, and where that can't be written. https://github.com/actions/setup-java/blob/main/docs/switching-to-v2.md
    """
    if not _is_java_before(use, (2,)):
        return None
    if step is None or step.inputs is None or any(map(step.input_entry, ("distribution", "jdkfile"))):
        return None
    return append_entry(step.inputs, "distribution: zulu")


def java_renumbered(use: ActionUse, step: Step | None) -> Edit | None:
    """Writes a Java in the numbers that `actions/setup-java` takes since version 2: `8` for `1.8`."""
    if step is None or not _is_java_before(use, (2,)):
        return None
    written = step.input("java-version") or step.input("version")
    old = _OLD_JAVA.fullmatch(written.value) if written else None
    return replace_value(written, old[1]) if written and old else None


def distribution_renamed(use: ActionUse, step: Step | None) -> Edit | None:
    """Names what became of AdoptOpenJDK, which `actions/setup-java` does not take since version 6.

    https://github.com/actions/setup-java/releases/tag/v6.0.0
    """
    written = step.input("distribution") if step and _is_java_before(use, (6,)) else None
    new = _AFTER_ADOPT.get(written.value) if written else None
    return replace_value(written, new) if written and new else None


def go_cache_left_off(use: ActionUse, step: Step | None) -> Edit | None:
    """Keeps `actions/setup-go` from restoring Go's modules, which it does since version 4, where a step of the job restores them too.

    The second one fails at the first one's files, which nobody may write. None where the step says itself whether it caches, and
    where that can't be written. https://github.com/actions/setup-go/issues/403
    """
    if not _restores_modules_twice(use, step) or step is None or step.inputs is None:
        return None
    return append_entry(step.inputs, "cache: false")


def _restores_modules_twice(use: ActionUse, step: Step | None) -> bool:
    """Whether a step would restore Go's modules beside another one of its job, from version 4 of `actions/setup-go` on."""
    release = of_use(use)
    if use.repository != _SETUP_GO or release is None or release.number >= (4,):
        return False
    if step is None or step.job is None or step.input_entry("cache") is not None:
        return False
    restored = (one.paths for one in kept_in(step.job) if not one.step.uses_action("actions/cache/save"))
    return any(_MODULES.search(path) for paths in restored for path in paths)


def _is_java_before(use: ActionUse, number: tuple[int, ...]) -> bool:
    release = of_use(use)
    return use.action == _SETUP_JAVA and release is not None and release.number < number


def install_taken(use: ActionUse, step: Step | None) -> Edit | None:
    """Takes `install` from a step of `docker/setup-buildx-action`, which has no such input since version 4."""
    entry = step.input_entry(_INSTALL) if step else None
    if use.action != _SETUP_BUILDX or step is None or entry is None:
        return None
    inputs, written = step.inputs, step.node.entry("with")
    if inputs is None or written is None:
        return None
    return delete_entry(inputs, entry) or delete_entry(step.node, written)


def inputs_renamed(use: ActionUse, step: Step | None) -> tuple[Edit, ...]:
    """Gives the inputs that the newest release knows by another name this name, where no other input has it."""
    return tuple(_renames(use, step).values())


def _renames(use: ActionUse, step: Step | None) -> dict[str, Edit]:
    """By the old names of inputs of a step what writes their new ones."""
    last, names = newest(use.repository), _renamed_inputs().get(_path(use), {})
    given = {name: names[name] for name in _gone_inputs(use, step, last) if name in names} if last else {}
    taken = list(given.values())
    edits: dict[str, Edit] = {}
    for name, new in given.items():
        entry = step.input_entry(name.lower()) if step else None
        is_free = step is not None and step.input_entry(new) is None and taken.count(new) == 1
        edit = (
            replace_value(entry.key, new) if is_free and entry and isinstance(entry.key, YamlScalar) else None
        )
        if edit is not None:
            edits[name] = edit
    return edits


def _gone_inputs(use: ActionUse, step: Step | None, last: Release) -> tuple[str, ...]:
    """The inputs that a step gives, its release takes, and a newer one does not."""
    release = of_use(use)
    return tuple(
        name
        for name, last_with in _removed_inputs().get(_path(use), {}).items()
        if step
        and step.input(name.lower())
        and release is not None
        and release.number <= number_of(last_with) < last.number
    )


def _path(use: ActionUse) -> str:
    """An action without its ref, the repository in lower case."""
    return f"{use.repository}/{use.path}" if use.path else use.repository


def is_unnoticed(use: ActionUse, step: Step | None, actions: Mapping[str, CompositeAction]) -> bool:
    """Whether no step of a job can tell that its checkout moves: each later one is known, and none speaks of git.

    `actions` are the repository's composite ones by their folders.
    """
    release, job = of_use(use), step.job if step else None
    if use.repository != "actions/checkout" or release is None or release.number < (2,):
        return False
    if step is None or job is None or job.node.get("container") is not None:
        return False
    return not any(_may_use_git(one, actions) for one in job.after(step))


def _may_use_git(step: Step, actions: Mapping[str, CompositeAction], within: int = 0) -> bool:
    if step.uses is not None and step.uses.is_local:
        inner = steps_of(step.uses, actions) if within < WITHIN else ()
        return not inner or any(_may_use_git(one, actions, within + 1) for one in inner)
    if step.uses is not None:
        return step.uses.owner.lower() not in _PUSHING_NO_COMMITS | _SETTING_UP and (
            step.uses.repository not in _BY_API
        )
    script = step.run.value if step.run else ""
    return bool(_ELSEWHERE.search(script) or _SPEAKS_OF_PUSHES.search(script))


def module_of_newer_go(use: ActionUse, step: Step | None, loaded: Loaded) -> tuple[str, GoModule] | None:
    """The `go-version` of a step, and the module that later steps load and that needs a newer one.

    A release before version 6 lets that be loaded unasked; newer ones prevent it.
    """
    release = of_use(use)
    if use.repository != _SETUP_GO or release is None or release.number >= (6,):
        return None
    modules = sorted(loaded.modules, key=_depth)
    for version in _go_versions(step) if modules else ():
        go = go_of(version) if version else None
        if version is not None and go is not None and loads_newer(go):
            held = next((module for module in modules if suffices(go, [module]) is False), None)
            if held is not None:
                return version, held
    return None


def go_of_newest_programs(use: ActionUse, step: Step | None) -> tuple[str, ...]:
    """Each `go-version` of a step with which its job takes the newest release of another module's program.

    Such a program may ask for any Go; releases of the action before version 6 let that be loaded.
    """
    release = of_use(use)
    if use.repository != _SETUP_GO or release is None or release.number >= (6,):
        return ()
    if not any(one.run and _INSTALLS_NEWEST.search(one.run.value) for one in _Use(use, step).steps_of_job()):
        return ()
    return tuple(version for version in _go_versions(step) if version and loads_newer(go_of(version)))


def uploaded_by_each_leg(use: ActionUse, step: Step | None) -> str:
    """The name of an artifact that each leg of a matrix uploads in the workflow of a step that uploads or downloads some.

    Since version 4 of these actions the second upload of a name fails, and one has to move with the other. Empty where no name is
    certainly uploaded so, and for releases that have to have moved.
    """
    release = of_use(use)
    if use.repository not in _ARTIFACTS or release is None or release.number >= (4,):
        return ""
    steps = step.job.workflow.steps if step and step.job else ()
    uploads = (_Use(one.uses, one) for one in steps if one.uses and one.uses.repository == _ARTIFACTS[0])
    return next(
        (each.written("name") or "artifact" for each in uploads if each.certainly_uploads_in_each_leg()), ""
    )


def takes_code_of_forks(use: ActionUse, step: Step | None, events: Collection[str]) -> bool:
    """Whether a step checks out what a fork proposes in a run for `pull_request_target`, which newer releases refuse.

    https://github.com/actions/checkout/releases/tag/v7.0.0
    """
    release = of_use(use)
    if use.repository != "actions/checkout" or release is None or step is None:
        return False
    if not _REFUSAL_OF_FORKS.comes_after(release.number) or "pull_request_target" not in events:
        return False
    each = _Use(use, step)
    named = f"{each.written('repository')} {each.written('ref')}"
    conditions = (one.condition.value for one in (step, step.job) if one and one.condition)
    return bool(_OF_FORK.search(named)) and not any("head.repo" in one for one in conditions)


def has_old_labels(use: ActionUse) -> bool:
    """Whether a use of `actions/labeler` reads labels in the form that releases since version 5 refuse.

    https://github.com/actions/labeler/releases/tag/v5.0.0
    """
    release = of_use(use)
    return use.repository == "actions/labeler" and release is not None and release.number < (5,)


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


@dataclass(frozen=True)
class _Use:
    action: ActionUse
    step: Step | None
    modules: Sequence[GoModule] = ()
    events: Collection[str] = ()
    actions: Mapping[str, CompositeAction] = field(default_factory=dict)
    loaded: Loaded = _NOTHING_KNOWN
    joins_images: bool = False
    may_lack_token: bool = True

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

    def may_push_later(self) -> bool:
        """Whether a later step of the job may bring git a token of its own, or run git where the checkout's is not found."""
        step = self.step
        if step is None or step.job is None:
            return True
        later = step.job.steps[step.job.steps.index(step) + 1 :]
        in_container = step.job.node.get("container") is not None
        return in_container or any(_may_push(one, self.actions) for one in later)

    def may_build_by_alias(self) -> bool:
        """Whether a later step may run `docker build`, for which the step makes its builder the one that is taken."""
        if self.written(_INSTALL) in ("", "false"):
            return False
        if self.step is None or self.step.job is None:
            return True
        later = self.step.job.after(self.step)
        return any(may_do(one, self.actions, _may_build_by_docker) for one in later)

    def may_load_newer_go(self) -> bool:
        """Whether the step names a Go that may load a newer one."""
        versions = [one for one in _go_versions(self.step) if one not in _NEWEST_GO]
        return self.has("go-version") and any(loads_newer(go_of(one) if one else None) for one in versions)

    def may_need_newer_go(self) -> bool:
        """Whether the Go that the step names may be too old for what the job builds, or for what it runs that is not known."""
        versions = [one for one in _go_versions(self.step) if one not in _NEWEST_GO]
        found = [go_of(version) if version else None for version in versions]
        modules = self.loaded.modules if self.builds_known_modules() else self.modules
        if not self.may_load_newer_go() or (self.builds_known_modules() and not modules):
            return False
        if self.module_in_doubt() is not None:
            return False
        if not modules or any(go is None or suffices(go, modules) is not True for go in found):
            return True
        return not self.builds_known_modules() and any(
            any(map(step.input_entry, _BRINGS_MORE)) or (step.run and _MAY_INSTALL.search(step.run.value))
            for step in self.steps_of_job()
        )

    def module_in_doubt(self) -> tuple[str, GoModule] | None:
        """The `go-version` of the step, and a module that needs a newer one and may be loaded: that at the root, or else any,
        where each needs one."""
        if self.builds_known_modules():
            return None
        known = [module for module in self.modules if module.go is not None]
        needing = [module for module in known if "/" not in module.path] or known
        for version in _go_versions(self.step) if needing else ():
            go = go_of(version) if version else None
            if version is not None and go is not None and loads_newer(go) and suffices(go, needing) is False:
                return version, min(needing, key=_depth)
        return None

    def builds_known_modules(self) -> bool:
        """Whether all that the job loads with Go is known."""
        return self.loaded.is_all and not any(
            any(map(step.input_entry, _BRINGS_MORE)) for step in self.steps_of_job()
        )

    def installs_by_go(self) -> bool:
        """Whether a script of the job takes the program of another module, which may need any Go."""
        return any(step.run and _GO_INSTALL.search(step.run.value) for step in self.steps_of_job())

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

    def may_push_plain_image(self) -> bool:
        """Whether the step may push the image of one platform, and leaves it open whether that gets a provenance."""
        return self.may_get_provenance() and "," not in self.written("platforms")

    def may_get_provenance(self) -> bool:
        """Whether the step may push an image, and leaves it open whether that gets a provenance."""
        is_open = self.lacks("provenance") and _NO_ATTESTATIONS not in self.action.scalar.text.content
        is_pushed = self.written("push") not in ("", "false") or bool(_PUSHED.search(self.written("outputs")))
        return is_open and is_pushed


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


def _may_push(step: Step, actions: Mapping[str, CompositeAction], within: int = 0) -> bool:
    if step.uses is not None and step.uses.is_local:
        inner = steps_of(step.uses, actions) if within < WITHIN else ()
        return not inner or any(_may_push(one, actions, within + 1) for one in inner)
    if step.uses is not None:
        is_other = step.uses.owner.lower() not in _PUSHING_NO_COMMITS and not (
            step.uses.repository in _BY_API or is_quiet(step.uses.action)
        )
        is_named_so = bool(_PUSHES.search(step.uses.name)) and not _LOOKS.search(step.uses.name)
        return is_other and is_named_so and not _has_login_to_registry(step)
    script = step.run.value if step.run else ""
    runs_container = _IN_CONTAINER.search(script) is not None
    return bool(_ELSEWHERE.search(script)) or (runs_container and bool(_SPEAKS_OF_PUSHES.search(script)))


def _has_login_to_registry(step: Step) -> bool:
    """Whether an action is given a registry and a password for it: what it pushes are images."""
    return all(step.input(name) is not None for name in ("registry", "password"))


@dataclass(frozen=True)
class _Change:
    action: str
    since: tuple[int, ...]
    """The first version with it."""
    question: str
    concerns: Callable[[_Use], bool] = lambda _: True
    backports: tuple[tuple[int, ...], ...] = ()
    """The first versions of older major ones that have it too."""

    def comes_after(self, number: tuple[int, ...]) -> bool:
        """Whether a version is without it."""
        return number < self.since and not any(
            one[0] == number[0] and number >= one for one in self.backports
        )


_REFUSAL_OF_FORKS = _Change(
    "actions/checkout",
    (7,),
    "is the code that is checked out never a fork's: newer releases of `actions/checkout` refuse that for these events",
    lambda use: not _FROM_ELSEWHERE.isdisjoint(use.events) and (use.has("ref") or use.has("repository")),
    backports=((4, 4), (5, 1), (6, 1)),
)
"""https://github.com/actions/checkout/releases/tag/v7.0.0"""


_CHANGES = (
    # https://github.com/actions/checkout/releases/tag/v6.0.0
    _Change(
        "actions/checkout",
        (6,),
        "does each later step that pushes find the token where `actions/checkout` keeps it since version 6",
        lambda use: use.written("persist-credentials") != "false" and use.may_push_later(),
    ),
    _REFUSAL_OF_FORKS,
    # https://github.com/actions/setup-go/issues/403
    _Change(
        "actions/setup-go",
        (4,),
        "does the job do without its own cache of Go's modules: since version 4 `actions/setup-go` restores them unless told `cache: false`, and the second restore fails",
        lambda use: (
            _restores_modules_twice(use.action, use.step) and go_cache_left_off(use.action, use.step) is None
        ),
    ),
    # https://github.com/actions/setup-go/pull/460
    _Change(
        "actions/setup-go",
        (6,),
        "is `go-version` as new as `go.mod` and what `go install` takes ask: since version 6 `actions/setup-go` keeps Go from loading a newer one",
        lambda use: use.may_need_newer_go(),
    ),
    _Change(
        "actions/setup-go",
        (6,),
        "is `go-version` as new as what `go install` and `go run` take asks: since version 6 `actions/setup-go` keeps Go from loading a newer one",
        lambda use: use.may_load_newer_go() and not use.may_need_newer_go() and use.installs_by_go(),
    ),
    _Change(
        "actions/setup-go",
        (6,),
        "is the Go of `go-version-file` as new as what `go install` and `go run` take asks: since version 6 `actions/setup-go` keeps Go from loading a newer one",
        lambda use: use.has("go-version-file") and not use.written("go-version") and use.installs_by_go(),
    ),
    # https://github.com/actions/setup-java/releases/tag/v2.0.0
    _Change(
        "actions/setup-java",
        (2,),
        "which `distribution` is it: since version 2 `actions/setup-java` has to be told",
        lambda use: use.lacks("distribution") and distribution_named(use.action, use.step) is None,
    ),
    # https://github.com/actions/setup-java/releases/tag/v6.0.0
    _Change(
        "actions/setup-java",
        (6,),
        "is `distribution` never `adopt`, which `actions/setup-java` does not take since version 6",
        lambda use: "${{" in use.written("distribution"),
    ),
    _Change(
        "actions/setup-java",
        (6,),
        "is `maven-gpg-plugin` 3.2.0 or newer: since version 6 `actions/setup-java` names the passphrase for that",
        lambda use: use.has("gpg-passphrase"),
    ),
    # https://github.com/actions/setup-node/pull/1558
    _Change(
        "actions/setup-node",
        (7,),
        "has each later step `NODE_AUTH_TOKEN` that runs Yarn 1: since version 7 `actions/setup-node` with `registry-url` sets none where none is there",
        lambda use: use.may_lack_token and use.has("registry-url"),
    ),
    # https://github.com/actions/upload-artifact/blob/main/docs/MIGRATION.md
    _Change(
        "actions/upload-artifact",
        (4,),
        "does no other job upload an artifact of the same name, and does whatever downloads it use version 4 or newer, too",
    ),
    _Change(
        "actions/upload-artifact",
        (4,),
        "does one leg of the matrix alone upload the artifact: since version 4 the second upload of a name fails",
        lambda use: use.uploads_in_each_leg(),
    ),
    _Change(
        "actions/upload-artifact",
        (4, 4),
        "is `include-hidden-files` needed: since version 4.4 `actions/upload-artifact` leaves hidden files out",
        lambda use: use.lacks("include-hidden-files") and bool(_HIDDEN.search(use.written("path"))),
    ),
    _Change(
        "actions/download-artifact",
        (4,),
        "does whatever uploads the artifact use version 4 or newer of `actions/upload-artifact`, too",
    ),
    # https://github.com/actions/github-script#breaking-changes
    _Change(
        "actions/github-script",
        (5,),
        "does the script call the API as `github.rest`: since version 5 `actions/github-script` has it there",
        lambda use: use.step is None or bool(_OLD_CLIENT.search(_EXPRESSION.sub("", use.written("script")))),
    ),
    _Change(
        "actions/github-script",
        (9,),
        "does the script do without a `getOctokit` of its own and without `@actions/github`: since version 9 `actions/github-script` takes neither",
        lambda use: use.step is None or bool(_OWN_CLIENT.search(use.written("script"))),
    ),
    # https://github.com/actions/stale#recommended-permissions
    _Change(
        "actions/stale",
        (9,),
        "may the job write `actions`: since version 9 `actions/stale` keeps what it has done in a cache, and replaces that",
        lambda use: not use.may_write("actions"),
    ),
    # https://github.com/anchore/scan-action/releases/tag/v6.0.0
    _Change(
        "anchore/scan-action",
        (6,),
        "is `output-file` given: since version 6 `anchore/scan-action` writes its report to another place than `results.sarif` or `results.json`",
        lambda use: use.lacks("output-file") and use.is_named_in_job(_REPORT),
    ),
    # https://github.com/astral-sh/setup-uv/releases/tag/v6.0.0
    _Change(
        "astral-sh/setup-uv",
        (6,),
        "do later steps find a virtual environment: since version 6 `python-version` of `astral-sh/setup-uv` makes none",
        lambda use: use.has("python-version") and use.lacks("activate-environment"),
    ),
    # https://github.com/aws-actions/amazon-ecr-login/releases/tag/v2.0.0
    _Change(
        "aws-actions/amazon-ecr-login",
        (2,),
        "does nothing hand on the password, which `aws-actions/amazon-ecr-login` masks since version 2",
        lambda use: "docker_password" in use.action.scalar.text.content and use.lacks("mask-password"),
    ),
    # https://github.com/docker/bake-action/releases/tag/v6.0.0
    _Change(
        _BAKE,
        (6,),
        "is what the step builds in the repository at the commit of the event: since version 6 `docker/bake-action` fetches it from there, and not from the workspace, unless told `source: .`",
        lambda use: (
            use.action.action == _BAKE and use.lacks("source") and source_kept(use.action, use.step) is None
        ),
    ),
    # https://github.com/docker/build-push-action/releases/tag/v4.0.0
    _Change(
        "docker/build-push-action",
        (4,),
        "does `docker manifest create` name what the step pushes: since version 4 `docker/build-push-action` adds a provenance, which makes an index of an image, and the command takes none (give `provenance: false`, or use `docker buildx imagetools create`)",
        lambda use: use.joins_images and use.may_push_plain_image(),
    ),
    # https://docs.docker.com/build/metadata/attestations/slsa-provenance/#max
    _Change(
        "docker/build-push-action",
        (4,),
        "may all see the secrets in `build-args`: since version 4 `docker/build-push-action` adds a provenance, which in public repositories holds them (keep them out, or give `provenance: false`)",
        lambda use: "secrets." in use.written("build-args") and use.may_get_provenance(),
    ),
    # https://github.com/docker/setup-buildx-action/pull/455
    _Change(
        _SETUP_BUILDX,
        (4,),
        "does no later step count on `install`, by which `docker build` takes the builder: `docker/setup-buildx-action` has it no more since version 4 (run `docker buildx build`, or name the builder in `BUILDX_BUILDER`)",
        lambda use: use.may_build_by_alias() and install_taken(use.action, use.step) is not None,
    ),
    # https://github.com/golangci/golangci-lint-action/releases/tag/v6.5.0
    _Change(
        "golangci/golangci-lint-action",
        (6, 5),
        "is the configuration valid for `golangci-lint config verify`, which newer releases of the action run unless told `verify: false`",
        lambda use: use.lacks("verify"),
    ),
    # https://github.com/golangci/golangci-lint-action/releases/tag/v7.0.0
    _Change(
        "golangci/golangci-lint-action",
        (7,),
        "is golangci-lint version 2, which `golangci/golangci-lint-action` needs since version 7, and its configuration of that form",
        lambda use: not (linter(use.step) or "").startswith("v2"),
    ),
    # https://github.com/goreleaser/goreleaser-action/releases/tag/v6.0.0
    _Change(
        "goreleaser/goreleaser-action",
        (6,),
        "does the configuration hold for GoReleaser 2, which `goreleaser/goreleaser-action` runs since version 6 where no version is named",
        lambda use: use.written("version") in ("", "latest"),
    ),
    # https://github.com/gradle/actions/releases/tag/v4.0.0
    _Change(
        "gradle/actions",
        (4,),
        "which step runs Gradle: since version 4 `gradle/actions` refuses `arguments`",
        lambda use: use.has("arguments"),
    ),
    # https://github.com/gradle/actions/blob/main/DISTRIBUTION.md
    _Change(
        "gradle/actions",
        (6,),
        "may the job use the proprietary cache that `gradle/actions/setup-gradle` takes since version 6 unless told `cache-provider: basic`",
        lambda use: (
            use.action.path == "setup-gradle"
            and use.lacks("cache-provider")
            and use.written("cache-disabled") != "true"
        ),
    ),
    # https://github.com/helm/kind-action/releases
    _Change(
        "helm/kind-action",
        (1, 14),
        "do the tests hold on the newer Kubernetes that `helm/kind-action` starts where none is named",
        lambda use: use.lacks("version") and use.lacks("node_image") and use.lacks("config"),
    ),
)


def linter(step: Step | None) -> str | None:
    """The version of golangci-lint that a step names; None where it names none, or one that is not known."""
    written = step.input("version") if step else None
    return Scope(step, {}, None).value(written.value).literal if step and written else None


def linter_file(step: Step | None) -> str | None:
    """The path of the configuration that a step names for golangci-lint by `--config`; None where it names none."""
    written, folder = (step.input("args"), step.input("working-directory")) if step else (None, None)
    found = _LINTER_CONFIG.search(written.value) if written else None
    return posixpath.normpath(posixpath.join(folder.value if folder else "", found[1])) if found else None
