"""Steps that stop on every run, since they go into a folder, or start, read or look for a file, that the repository does not have and that nothing makes."""

from __future__ import annotations

import posixpath
import re

from checks.facts.build.build_inputs import may_exist
from checks.facts.build.builds import folder, in_workspace
from checks.facts.build.made_names import all_names, made_by, names_made
from checks.facts.build.setup_files import lacks_key, may_need_files, version_file
from checks.facts.build.submodules import SUBMODULES, may_hold_submodule
from checks.facts.build.untouched_workspace import is_elsewhere
from checks.facts.script.ending_commands import ends_script, may_end_well
from checks.facts.script.scripts import Command, parse_script
from checks.facts.script.started_files import is_python, locks_over, read_files, started_files
from checks.facts.token.programs import commands_in
from checks.facts.workflow.runners import is_on_plain_linux
from checks.facts.workflow.workflows import Job, Step, Workflow
from checks.regex import regex
from checks.source.snapshot import Snapshot
from checks.source.text import Text

_CHECKOUT = "actions/checkout"
_BRINGS_OTHERS = ("clean", "path", "repository")
"""Inputs by which a checkout may leave something else in the workspace than the files of a commit."""
_OF_RUN = regex(r"\$\{\{\s*github\.(?:sha|event\.(?P<of_author>pull_request)\.head\.sha)\s*\}\}")
"""The commit that a run is of, which a checkout without a `ref` brings, or that it would merge."""
_PLAIN = regex(r"[\w.@+][\w./@+-]*")
_ASKS = regex(r"\bcd\b|(?:sh|python[\d.]*|node|pip[\d.]*|npm|pnpm)\s|(?:^|\s)[\"']?[\w.@+-]+/", re.MULTILINE)
"""What stands in each script with such a command: a folder that it goes into, an interpreter, pip, a file by its path."""
_MADE_BY_TOOLS = frozenset(
    (".tox", ".venv", "build", "dist", "env", "node_modules", "out", "target", "vendor", "venv")
)
"""Folders that hold what builds and installations leave."""
_PYTHON = ".py"
_DATA = frozenset(("*",))
"""Stands for anything but programs beside those of the commit, which are written by people."""
_PROGRAM = frozenset(("?",))
"""Stands for a program whose name `go build` takes from the package, where `-o` is not given or names a folder.

https://pkg.go.dev/cmd/go#hdr-Compile_packages_and_dependencies
"""
_WRITTEN_OUT = regex(r".*\.(?:[cm]?js|json|node|py|sh)")
"""Files that are no program of the kind that Go builds."""


def steps_without_path(workflow: Workflow, paths: frozenset[str], submodules: Text | None) -> frozenset[Step]:
    """The first such step of each job of a workflow: by its `working-directory`, by a command that its script ends with, or by a cache that it asks for.

    `paths` are all of the repository, and `submodules` its `.gitmodules`. A job for the files of a caller's has none, nor
    one on a machine that may have more than a checkout leaves, or tells no `App` from `app`.
    https://github.com/actions/runner/issues/2088
    """
    if "workflow_call" in workflow.triggers:
        return frozenset()
    snapshot = Snapshot({SUBMODULES: submodules} if submodules is not None else {}, paths)
    found = (_stopping(job, snapshot) for job in workflow.jobs if is_on_plain_linux(job))
    return frozenset(step for step in found if step is not None)


def _stopping(job: Job, snapshot: Snapshot) -> Step | None:
    """The step of a job that stops, as far as it is known what the steps ahead make; each is looked at once."""
    made: frozenset[str] | None = None
    for step in job.steps if any(map(_asks_for_path, job.steps)) else ():
        if step.uses_action(_CHECKOUT):
            made = _left_by(step, made)
            continue
        if made is not None and _stops(step, made, snapshot):
            return step
        made = None if made is None else all_names((made, _made_in(step)))
    return None


def _made_in(step: Step) -> frozenset[str] | None:
    commands = commands_in(step) if step.run is not None else None
    return names_made(step) if commands is None else all_names(map(_made_by, commands))


def _made_by(command: Command) -> frozenset[str] | None:
    """What a command may make, for which `_DATA` stands where it runs the project's own Python."""
    names = made_by(command)
    is_own = command.program == "pytest" or (is_python(command) and bool(started_files(command)))
    tells = not command.uncertain and all(map(is_elsewhere, command.redirections))
    if names is None:
        return _DATA if is_own and tells else None
    return names | _PROGRAM if command.program == "go" and "build" in names else names


def _asks_for_path(step: Step) -> bool:
    if step.run is None:
        return may_need_files(step)
    return step.working_directory is not None or _ASKS.search(step.run.value) is not None


def _left_by(checkout: Step, made: frozenset[str] | None) -> frozenset[str] | None:
    """What a checkout leaves beside the files of the commit: nothing, unless it is told to, or may be left out.

    https://github.com/actions/checkout/blob/main/src/git-directory-helper.ts
    """
    if any(checkout.input_entry(name) for name in _BRINGS_OTHERS) or _is_of_other_commit(checkout):
        return None
    return frozenset() if checkout.condition is None else made


def _is_of_other_commit(checkout: Step) -> bool:
    """Whether a `ref` may be another commit than those that a workflow is changed with: that of whoever asks `pull_request_target`."""
    ref = checkout.input("ref")
    found = _OF_RUN.fullmatch(ref.value.strip()) if ref is not None else None
    if found is None:
        return checkout.input_entry("ref") is not None
    is_foreign = checkout.job is None or "pull_request_target" in checkout.job.workflow.triggers
    return found["of_author"] is not None and is_foreign


def _stops(step: Step, made: frozenset[str], snapshot: Snapshot) -> bool:
    if not step.always_counts:
        return False
    if step.run is None:
        file = _within("", in_workspace(version_file(step)))
        return made.isdisjoint(_DATA) and (
            lacks_key(step, made, snapshot) or (bool(file) and _is_absent(file or "", made, snapshot))
        )
    written = step.working_directory
    start = "" if written is None else _within("", in_workspace(written.value))
    if start is None:
        return False
    return _is_absent(start, made, snapshot) or (
        step.ends_where_one_fails and _leads_away(step, start, made, snapshot)
    )


def _leads_away(step: Step, start: str, made: frozenset[str], snapshot: Snapshot) -> bool:
    """Whether the script of a step certainly comes to a `cd`, or to a start of a file, that fails, and ends there."""
    script = parse_script(step.run.value if step.run is not None else "")
    at: str | None = start
    names: frozenset[str] | None = made
    for command in commands_in(step) or ():
        if at is not None and names is not None and _lacks_file(command, at, names, snapshot):
            return ends_script(step, command, script)
        if command.program != "cd" or command.in_subshell:
            names = all_names((names, _made_by(command))) if not may_end_well(command) else None
        elif _goes_straight(command):
            at = _within(at or "", command.arguments[0].literal or "~")
            if at is not None and names is not None and _is_absent(at, names, snapshot):
                return ends_script(step, command, script)
        else:
            at = None
        if names is None or at is None or (at and at not in snapshot.folders):
            return False
    return False


def _goes_straight(command: Command) -> bool:
    return _is_alone(command) and len(command.arguments) == 1 and not command.uncertain


def _is_alone(command: Command) -> bool:
    return not (command.guards or command.in_condition or command.in_function or command.background)


def _lacks_file(command: Command, at: str, made: frozenset[str], snapshot: Snapshot) -> bool:
    """Whether a command certainly runs, and what it starts or has to read is not there; what tools make by themselves may be."""
    if not _is_alone(command) or command.in_subshell:
        return False
    started = [_within(at, written) for written in started_files(command)]
    read = [_within(at, written) for written in read_files(command)]
    locks = locks_over(command, at)
    return (
        any(path is not None and _is_lacking(path, made, snapshot) for path in read)
        or (bool(locks) and all(_is_lacking(path, made, snapshot) for path in locks))
        or (bool(started) and all(path is not None and _is_lacking(path, made, snapshot) for path in started))
    )


def _is_lacking(path: str, made: frozenset[str], snapshot: Snapshot) -> bool:
    may_be_built = made >= _PROGRAM and not _WRITTEN_OUT.fullmatch(path)
    is_of_tool = not _MADE_BY_TOOLS.isdisjoint(path.split("/"))
    return not (may_be_built or is_of_tool) and _is_absent(path, made, snapshot)


def _within(at: str, written: str) -> str | None:
    """The folder that a path leads to; None where it isn't written out, or leads out of the workspace."""
    return folder(posixpath.join(at, written)) if _PLAIN.fullmatch(written) else None


def _is_absent(path: str, made: frozenset[str], snapshot: Snapshot) -> bool:
    """Whether nothing is at a path, nor may be by what steps made: the first of its folders that isn't there is none of that."""
    if not path or may_exist(path, snapshot) or may_hold_submodule(path, snapshot):
        return False
    if made >= _DATA and not _is_beside_programs(path, snapshot):
        return False
    parts = path.split("/")
    absent = next(
        (part for end, part in enumerate(parts) if "/".join(parts[: end + 1]) not in snapshot.folders), ""
    )
    return absent not in made


def _is_beside_programs(path: str, snapshot: Snapshot) -> bool:
    """Whether a path is of a program in Python, in a folder below the root where the commit has others."""
    folder = posixpath.dirname(path)
    beside = (other for other in snapshot.below(folder) if posixpath.dirname(other) == folder)
    return bool(folder) and path.endswith(_PYTHON) and any(other.endswith(_PYTHON) for other in beside)
