"""Names that an earlier step of a job puts together of nothing but texts and the repository's own name.

Image names have no capitals, so that steps lower what GitHub says: `echo "NAME=${GITHUB_REPOSITORY,,}" >> "$GITHUB_ENV"`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.facts.script.scripts import parse_script
from checks.facts.workflow.workflows import Step
from checks.regex import regex
from checks.source.text import Span

_HOLE = regex(
    r"env\.(?P<variable>[\w-]+)|\$\{?(?P<plain>\w+)\}?|steps\.(?P<step>[\w-]+)\.outputs\.(?P<output>[\w-]+)"
)
_EXPRESSION = regex(r"\$\{\{\s*(?P<path>[\w.-]+)\s*\}\}")
_OF_REPOSITORY = regex(
    r"github\.(?:repository(?:_owner)?|event\.repository\.(?:name|full_name|owner\.login))|vars\.\w+|secrets\.\w+"
)
_VARIABLE = regex(r"\$(?:\{(?P<braced>\w+)(?:,,|,|\^\^|[#%/][^{}$`]*)?\}|(?P<plain>\w+))")
_OF_RUNNER = frozenset(("GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_REPOSITORY", "GITHUB_REPOSITORY_OWNER"))
_COMMAND = regex(r"(?P<begins>\$\(|\|)\s*(?P<program>[^\s|()]+)")
_COMMANDS = {"$(": frozenset(("basename", "echo", "printf")), "|": frozenset(("awk", "cut", "sed", "tr"))}
"""Programs that make a text of what they are given alone, at the beginning and behind a pipe."""
_OF_LINE = "$0"
"""The whole line, in awk's words."""


def is_of_repository_alone(source: str, step: Step) -> bool:
    """Whether what fills a part of a text of a step, `env.NAME`, is the same in each run: one line of its job makes it.

    Not where another job of the workflow makes another text of that name.
    """
    hole, job = _HOLE.fullmatch(source), step.job
    if hole is None or job is None or (step.env is not None and hole["output"] is None):
        return False
    name = hole["output"] or hole["variable"] or hole["plain"]
    file = "GITHUB_OUTPUT" if hole["output"] else "GITHUB_ENV"
    everywhere = {line.strip() for one in job.workflow.steps for line in _lines(one, name)}
    made = [(one, line) for one in step.earlier for line in _lines(one, name)]
    if len(everywhere) != 1 or len(made) != 1:
        return False
    maker, line = made[0]
    is_it = hole["step"] in (None, maker.id) and maker.condition is None and file in line
    return is_it and not _is_kept_back(line, maker) and _is_fixed(line, maker, set())


def _lines(step: Step, name: str) -> Iterator[str]:
    """Those of a script that set a variable, or an output, of this name, or may."""
    setting = re.compile(rf"(?<![\w-]){re.escape(name)}(?:=|<<)")
    yield from (
        line for line in (step.run.value if step.run else "").splitlines() for _ in setting.findall(line)
    )


def _is_kept_back(line: str, step: Step) -> bool:
    """Whether a condition of the script decides about a line, as of `if [ "$GITHUB_REF_TYPE" = tag ]`: other runs keep another name."""
    written = step.run.value if step.run is not None else ""
    here = Span(start := written.index(line), start + len(line))
    return any(one.conditional and here.overlaps(one.span) for one in parse_script(written).commands)


def _is_fixed(line: str, step: Step, fixed: set[str]) -> bool:
    """Whether a line of a step's script writes the same in each run of its workflow; `fixed` are variables that are known to."""
    rest = _EXPRESSION.sub("", line).replace(_OF_LINE, "")
    names = {one["braced"] or one["plain"] for one in _VARIABLE.finditer(rest)} - _OF_RUNNER
    left = _VARIABLE.sub("", rest).replace("$(", "")
    return (
        _has_no_other(line)
        and all(one["program"] in _COMMANDS[one["begins"]] for one in _COMMAND.finditer(rest))
        and {"$", "`"}.isdisjoint(left)
        and "<" not in rest
        and all(_is_declared_fixed(name, step) or _is_put_fixed(name, line, step, fixed) for name in names)
    )


def _is_put_fixed(name: str, line: str, step: Step, fixed: set[str]) -> bool:
    """Whether a variable of a step's script has the same in each run: one line ahead, and no other, puts it."""
    written = step.run.value if step.run else ""
    puts = [one for one in _lines(step, name) if one.strip().startswith(f"{name}=")]
    others = re.findall(rf"(?<![\w${{-]){re.escape(name)}(?![\w-])", written)
    if not len(puts) == len(others) == 1 or written.index(puts[0]) >= written.index(line):
        return False
    if name not in fixed and not _is_kept_back(puts[0], step) and _is_fixed(puts[0], step, fixed):
        fixed.add(name)
    return name in fixed


def _has_no_other(text: str) -> bool:
    """Whether the expressions of a text are all of what the repository says."""
    return all(_OF_REPOSITORY.fullmatch(one["path"]) for one in _EXPRESSION.finditer(text))


def _is_declared_fixed(name: str, step: Step) -> bool:
    value = step.variable(name)
    return value is not None and _has_no_other(value.value) and "$" not in _EXPRESSION.sub("", value.value)
