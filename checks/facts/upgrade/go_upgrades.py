"""What tells whether a job can do with the Go that `actions/setup-go` gives it, once that moves.

Since version 6 the action keeps Go from loading a newer one. https://github.com/actions/setup-go#breaking-changes-in-v6
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from checks.facts.dockerfile.end_of_life import successors
from checks.facts.project.go_modules import NEWEST_GO, GoModule, go_of, loads_newer, meets, suffices
from checks.facts.script.go_programs import (
    may_take_program,
    newest_programs,
    takes_newest_program,
    takes_other_program,
    without_met,
)
from checks.facts.upgrade.upgrades import Upgrade
from checks.facts.workflow.kept_folders import kept_in
from checks.facts.workflow.workflows import Step
from checks.regex import regex
from checks.source.snapshot import Edit
from checks.source.text import Location
from checks.source.yaml import Scalar
from checks.source.yaml_edit import append_entry

_TOOLCHAIN = regex(r"^[^#]*\bGOTOOLCHAIN=[\"']?([\w.+$-]+)")
"""Which Go may be loaded, as a variable is set: https://go.dev/doc/toolchain#select"""
_LASTING = regex(r"GITHUB_ENV\b|^\s*go\s+env\s+-w\b")
"""In a line by which later steps have a variable, too."""
_BRINGS_MORE = frozenset(("repository", "submodules"))
"""Inputs by which a checkout brings modules that are not the repository's."""
_MODULES = regex(r"\bgo/pkg\b|GOMODCACHE")
"""The folder that Go keeps modules in."""
_LEFT_ASIDE = regex(r"(?:^|/)(?:[._]|testdata/)")
"""In the path of what Go itself passes over: https://pkg.go.dev/cmd/go#hdr-Package_lists_and_patterns"""


def keeps_its_go(upgrade: Upgrade) -> bool:
    """Whether the job tells Go itself to load no newer one, before the step or for all of it: `GOTOOLCHAIN=local`.

    Not where one step or one command alone has it, or a step that may be left out.
    """
    job, step = upgrade.job, upgrade.step
    if job is None or step is None:
        return False
    given = [env.get("GOTOOLCHAIN") for env in (job.env, job.workflow.env) if env is not None]
    told = {node.value if isinstance(node, Scalar) else "" for node in given if node is not None}
    for one in step.earlier:
        for line in one.run.value.splitlines() if one.run is not None else ():
            value = _TOOLCHAIN.search(line) if _LASTING.search(line) else None
            if value is not None and (value[1] != "local" or one.always_counts):
                told.add(value[1])
    return told == {"local"}


def given_go(upgrade: Upgrade) -> tuple[str | None, ...]:
    """The Go of the step in each leg of its job; None for one that is not known.

    It is that of `go-version`, or of the `go.mod` that `go-version-file` names. Of that newer releases take the
    `toolchain`.
    """
    if upgrade.has("go-version"):
        return _go_versions(upgrade)
    path = posixpath.normpath(upgrade.written("go-version-file"))
    found = next((one.toolchain or one.go for one in upgrade.modules if one.path == path), None)
    return (".".join(map(str, found)) if found else None,)


def is_on_newest_go(upgrade: Upgrade) -> bool:
    """Whether the Go of the step is of the newest line that is known, or of a newer one, in each leg."""
    return all(version is not None and _is_newest(version) for version in given_go(upgrade))


def is_behind_checkout(upgrade: Upgrade) -> bool:
    """Whether an earlier step of the job brings the repository."""
    return any(one.uses_action("actions/checkout") for one in upgrade.earlier)


def module_of_newer_go(upgrade: Upgrade) -> tuple[str, GoModule] | None:
    """The Go that the step is given, and the module that later steps load and that needs a newer one."""
    return _refused(upgrade, upgrade.loaded.modules)


def module_of_open_scripts(upgrade: Upgrade) -> tuple[str, GoModule] | None:
    """The Go that `go-version` names, and a module that needs a newer one and that a later script may load.

    None for `go-version-file`, which names the module that the job is about.
    """
    modules = [one for one in upgrade.modules if not _LEFT_ASIDE.search(one.path)]
    is_open = upgrade.has("go-version") and upgrade.loaded.has_open_script
    return _refused(upgrade, modules) if is_open else None


def module_in_doubt(upgrade: Upgrade) -> tuple[str, GoModule] | None:
    """The Go that the step is given, and a module that needs a newer one and may be loaded.

    That is the one at the root, or else any, where each needs a newer one.
    """
    if _builds_known_modules(upgrade):
        return None
    known = [module for module in upgrade.modules if module.go is not None]
    needing = [module for module in known if "/" not in module.path] or known
    for version, go in _given_loading_newer(upgrade) if needing else ():
        if suffices(go, needing) is False:
            return version, min(needing, key=_depth)
    return None


def may_load_newer_go(upgrade: Upgrade) -> bool:
    """Whether the step names a Go that may load a newer one."""
    versions = [one for one in _go_versions(upgrade) if one not in NEWEST_GO]
    return upgrade.has("go-version") and any(loads_newer(go_of(one) if one else None) for one in versions)


def may_need_newer_go(upgrade: Upgrade) -> bool:
    """Whether the Go that the step names may be too old for what the job builds, or for what else it may run."""
    if not may_load_newer_go(upgrade) or module_in_doubt(upgrade) is not None:
        return False
    versions = [one for one in _go_versions(upgrade) if one not in NEWEST_GO]
    found = [go_of(version) if version else None for version in versions]
    is_known = _builds_known_modules(upgrade)
    modules = upgrade.loaded.modules if is_known else upgrade.modules
    may_be_old = any(go is None or not all(meets(go, one) for one in modules) for go in found)
    if is_known:
        return bool(modules) and may_be_old
    return not modules or may_be_old or _may_bring_more(upgrade)


def takes_other_programs(upgrade: Upgrade) -> bool:
    """Whether a script of the job takes a program of another module, which may need any Go, and not at its newest."""
    return any(step.run and takes_other_program(step.run.value) for step in upgrade.steps_of_job)


def go_of_newest_programs(upgrade: Upgrade) -> tuple[str, ...]:
    """Each Go that the step is given with which its job takes a program at `@latest`, which may ask for any Go."""
    scripts = (script for _, _, script in _scripts(upgrade))
    if not newest_of_make(upgrade) and not any(map(takes_newest_program, scripts)):
        return ()
    return tuple(version for version in given_go(upgrade) if version and loads_newer(go_of(version)))


def newest_of_job(upgrade: Upgrade) -> dict[str, Location]:
    """The programs that the job takes at their newest with Go, by scripts and recipes, as far as they are written out.

    Each has the place of its name.
    """
    found: dict[str, Location] = {}
    for step, run, script in _scripts(upgrade):
        for name in newest_programs((script,)):
            start = script.find(name)
            span = run.locate(start, start + len(name))
            found.setdefault(name, Location(step.text, span or step.node.span))
    return found | newest_of_make(upgrade)


def newest_of_make(upgrade: Upgrade) -> dict[str, Location]:
    """Those that recipes install."""
    versions = given_go(upgrade)
    return {
        name: place
        for name, place in upgrade.installed.items()
        if name.removesuffix("@latest") in without_met(place.fragment, versions)
    }


def go_cache_left_off(upgrade: Upgrade) -> Edit | None:
    """Keeps the step from restoring Go's modules where another step of the job restores them too.

    It does so unasked since version 4. None where the step says itself whether it caches, and where that can't be
    written.
    """
    step = upgrade.step
    if not restores_modules_twice(upgrade) or step is None or step.inputs is None:
        return None
    return append_entry(step.inputs, "cache: false")


def restores_modules_twice(upgrade: Upgrade) -> bool:
    """Whether the step would restore Go's modules beside another one of its job.

    Not where it says itself whether it caches. The second restore fails at the files of the first, which nobody may
    write.
    """
    step, job = upgrade.step, upgrade.job
    if step is None or job is None or step.input_entry("cache") is not None:
        return False
    restored = (one.paths for one in kept_in(job) if not one.step.uses_action("actions/cache/save"))
    return any(_MODULES.search(path) for paths in restored for path in paths)


def _go_versions(upgrade: Upgrade) -> tuple[str | None, ...]:
    """The `go-version` of a step in each leg of its job; None for one that is not known."""
    return upgrade.values("go-version") or (None,)


def _is_newest(version: str) -> bool:
    """Whether a `go-version` is of the newest line that is known, or of a newer one."""
    line = ".".join(map(str, (go_of(version) or ())[:2]))
    return version in NEWEST_GO or (bool(line) and successors(f"golang:{line}")[:1] in ((), (line,)))


def _given_loading_newer(upgrade: Upgrade) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Each known Go that the step is given and that loads a newer one now, as it is written and as numbers."""
    for version in given_go(upgrade):
        go = go_of(version) if version else None
        if version is not None and go is not None and loads_newer(go):
            yield version, go


def _refused(upgrade: Upgrade, modules: Sequence[GoModule]) -> tuple[str, GoModule] | None:
    """The first of some modules that needs a newer Go than the step is given, with that one, which may load it now."""
    ordered = sorted(modules, key=_depth)
    for version, go in _given_loading_newer(upgrade) if ordered else ():
        held = next((module for module in ordered if suffices(go, [module]) is False), None)
        if held is not None:
            return version, held
    return None


def _depth(module: GoModule) -> tuple[int, str]:
    return module.path.count("/"), module.path


def _builds_known_modules(upgrade: Upgrade) -> bool:
    """Whether all that the job loads with Go is known."""
    return upgrade.loaded.is_all and not any(map(_brings_more, upgrade.steps_of_job))


def _may_bring_more(upgrade: Upgrade) -> bool:
    """Whether a step of the job may bring another module, or a program of one."""
    return any(map(_brings_more, upgrade.steps_of_job)) or any(
        may_take_program(script) for _, _, script in _scripts(upgrade)
    )


def _brings_more(step: Step) -> bool:
    return any(map(step.input_entry, _BRINGS_MORE))


def _scripts(upgrade: Upgrade) -> Iterator[tuple[Step, Scalar, str]]:
    """The steps of the job with their scripts, as written and without programs that ask for no newer Go."""
    versions = given_go(upgrade)
    for step in upgrade.steps_of_job:
        if step.run is not None:
            yield step, step.run, without_met(step.run.value, versions)
