"""Builds of Dockerfiles that an earlier step of the job writes anew, or edits: what the repository's says is not what they build."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from checks.facts.build.builds import Build
from checks.facts.dockerfile.named_lines import is_base_sought
from checks.facts.script.scripts import Command, parse_script
from checks.facts.workflow.workflows import Step
from checks.regex import regex

_WRITES = regex(r"\b(?:sed|perl)\b[^\n]{0,300}\s-[a-zA-Z]{0,4}i|\b(?:awk|cp|ed|envsubst|mv|patch|tee|yq)\b")
_EDITORS = ("perl", "sed")
_TAKES_OUT = regex(
    r"\bsed\b[^\n]{0,100}[\"']/\^?(?P<begin>FROM[ \t](?:[^/\n\\$*?\[]|\\[^\w\s]){1,200})\$?/,(?:/\^?(?P<end>(?:[^/\n\\$*?\[]|\\[^\w\s]){1,300})\$?/|\$)[ \t]*[cd]\b"
)
"""A range of lines from a `FROM` on, up to those that begin in some way or to the last, that `sed` takes out or puts others for."""
_UNESCAPED = regex(r"\\([^\w\s])")
_INTO = r">[|>]?[ \t]{0,8}[\"']?(?:(?:\$\{\{[^{}]{0,100}\}\})?[^\s;&|<>]{0,200}/)?"
"""What sends output to a file, up to the file's own name."""


def is_rewritten(build: Build) -> bool:
    """Whether a script of an earlier step names the Dockerfile, and has a command that may write to it.

    Output that goes to another file, as a linter's to the summary of the job, writes nothing to it.
    """
    return any(True for _ in _rewriting(build))


def is_base_rewritten(build: Build, line: str) -> bool:
    """Whether such a script looks for a `FROM` of the file to edit it, in each run of the build: what that stands on is known no more."""
    return any(
        is_base_sought(line, edit)
        for step in _rewriting(build)
        if step.condition is None or _is_of_same_runs(step, build)
        for edit in _edits(step, build.dockerfile or "")
    )


def is_taken_out(build: Build, line: str, following: str) -> bool:
    """Whether such a script has `sed` put other lines for those from the `FROM` of a stage on, or delete them, in each run of the build.

    `following` are the lines behind the `FROM` up to an instruction that is among them: the range must not end there.
    """
    return any(
        f"{line}\n".startswith(_UNESCAPED.sub(r"\1", found["begin"]))
        and (not found["end"] or _UNESCAPED.sub(r"\1", found["end"]) not in following)
        for step in _rewriting(build)
        if step.condition is None or _is_of_same_runs(step, build)
        for edit in _edits(step, build.dockerfile or "")
        for found in _TAKES_OUT.finditer(edit)
    )


def _is_of_same_runs(step: Step, build: Build) -> bool:
    wanted = build.step.condition if build.step is not None else None
    return wanted is not None and step.condition is not None and step.condition.value == wanted.value


def _edits(step: Step, path: str) -> Iterator[str]:
    """The commands of a script that may edit a file: all but `grep` and what edits others, or the whole of one that can't be read."""
    text = step.run.value if step.run is not None else ""
    script = parse_script(text)
    if not script.complete:
        yield text
    for one in script.commands:
        if one.program != "grep" and not _edits_another(one, path):
            yield text[one.span.start : one.span.end]


def _edits_another(command: Command, path: str) -> bool:
    """Whether an editor is given files of the same name that certainly lie in other folders alone.

    It may run in any folder of the workspace.
    """
    given = [word.literal for word in command.arguments]
    name = posixpath.basename(path)
    alike = [_below_all(one) for one in given if one and posixpath.basename(one) == name]
    return (
        command.program in _EDITORS
        and not command.redirections
        and command.piped_to is None
        and None not in given
        and bool(alike)
        and not any(
            "/" not in one or f"/{one}".endswith(f"/{path}") or path.endswith(f"/{one}") for one in alike
        )
    )


def _below_all(path: str) -> str:
    """A path without the folders above the one that a script runs in, which may be any."""
    return re.sub(r"^(?:\.\./)+", "", posixpath.normpath(path))


def _rewriting(build: Build) -> Iterator[Step]:
    step, name = build.step, posixpath.basename(build.dockerfile or "")
    before = step.earlier if name and step is not None else ()
    own = rf"(?<![\w.-]){re.escape(name)}(?![\w.-])"
    for one in before:
        script = one.run.value if one.run is not None else ""
        if re.search(own, script) and (_WRITES.search(script) or re.search(_INTO + own, script)):
            yield one
