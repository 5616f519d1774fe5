"""Variable is read in the step that hands it to later ones

What a step appends to `$GITHUB_ENV` is a variable of the steps that follow. In the step itself `$NAME` and
`${{ env.NAME }}` are what they were before: empty, mostly. A digest that is set and signed in one step is signed as
nothing.

Assign a variable of the shell, use it, and append it then.

The check is silent where the script assigns the name itself, where an `env:` or an earlier step gives it a value, and
where it is read before it is set.

References:

- https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-environment-variable
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.check import (
    Check,
    Example,
    Finding,
    Kind,
    Location,
    Repository,
    Severity,
    code,
)  # fmt: skip
from checks.facts.invocations import Invocation
from checks.facts.scripts import Expression, Variable, Word
from checks.facts.workflows import Step, strings


def _files(script: str, more: str = "") -> str:
    return f"""\
-- .github/workflows/sign.yml --
on: push
jobs:
  sign:
    runs-on: ubuntu-latest
    steps:
      - run: |
{script}{more}"""


_SET = '          echo "DIGEST=$(crane digest acme/web)" >> "$GITHUB_ENV"\n'
_SIGN = '          cosign sign --yes "acme/web@$DIGEST"\n'

check = Check(
    id="environment-read-in-the-step-that-sets-it",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW, Kind.ACTION),
    tags=("expressions", "cosign"),
    examples=(
        Example(title="a digest that is signed", files=_files(_SET + _SIGN), at='"acme/web@$DIGEST"'),
        Example(
            title="as an expression",
            files=_files(_SET + '          cosign sign --yes "acme/web@${{ env.DIGEST }}"\n'),
            at='"acme/web@${{ env.DIGEST }}"',
        ),
        Example(
            title="assigned in the script",
            files=_files(
                '          DIGEST=$(crane digest acme/web)\n          echo "DIGEST=$DIGEST" >> $GITHUB_ENV\n'
                + _SIGN
            ),
        ),
        Example(title="read before", files=_files(_SIGN + _SET)),
        Example(title="a value from `env:`", files=_files(_SET + _SIGN, "        env: {DIGEST: x}\n")),
        Example(
            title="in a later step",
            files=_files(_SET, "      - run: |\n" + _SIGN),
        ),
        Example(
            title="words about it, in a literal text",
            files=_files(_SET + "          echo 'later steps see $DIGEST'\n"),
        ),
    ),
)
_NAME = re.compile(r"([A-Za-z_]\w*)=")
_ENV = re.compile(r"env\.(\w+)")


def run(repo: Repository) -> Iterator[Finding]:
    by_step: dict[Step, list[Invocation]] = {}
    for one in repo.invocations:
        if one.step is not None:
            by_step.setdefault(one.step, []).append(one)
    for step, commands in by_step.items():
        yield from _of_step(step, commands)


def _of_step(step: Step, commands: list[Invocation]) -> Iterator[Finding]:
    handed: dict[str, Invocation] = {}
    own = _has_value(step) | {one.name for it in commands for one in it.command.assignments}
    for one in commands:
        for word in one.command.words:
            name = next((it for it in _read(word) if it in handed and it not in own), None)
            if name is not None and one.command is not handed[name].command:
                own.add(name)
                yield _finding(name, one, one.place(word.span), handed[name])
        for name in _handed(one):
            handed.setdefault(name, one)


def _has_value(step: Step) -> set[str]:
    """Names that an `env:` gives a value, or that an earlier step may have handed on."""
    environments = (step.env, *((step.job.env, step.job.workflow.env) if step.job else ()))
    names = {key for env in environments if env is not None for key in strings(env)}
    earlier = step.job.before(step) if step.job else ()
    for other in earlier:
        if other.run is not None and "GITHUB_ENV" in other.run.value:
            names |= set(_NAME.findall(other.run.value))
    script = step.run.value if step.run else ""
    return names | set(re.findall(r"\b(?:read|for|mapfile|readarray|printf -v)\s+(?:-\w+\s+)*(\w+)", script))


def _handed(one: Invocation) -> Iterator[str]:
    """The names that a command appends to the file of variables."""
    targets = (redirection.target for redirection in one.command.redirections if redirection.operator == ">>")
    to_file = any(
        isinstance(hole, Variable) and hole.name == "GITHUB_ENV" for word in targets for hole in word.holes
    )
    for word in one.command.arguments if to_file and one.program == "echo" else ():
        match = _NAME.match(word.prefix)
        if match:
            yield match[1]


def _read(word: Word) -> Iterator[str]:
    """The variables of the environment that a word reads."""
    for hole in word.holes:
        if isinstance(hole, Variable) and hole.plain:
            yield hole.name
        elif isinstance(hole, Expression):
            match = _ENV.fullmatch(hole.source.strip())
            if match:
                yield match[1]


def _finding(name: str, one: Invocation, place: Location, setting: Invocation) -> Finding:
    return Finding(
        message=f"{code(name)} is read in the step that hands it to later ones.",
        consequence=(
            f"`GITHUB_ENV` counts from the next step on: {code(one.program or 'the command')} gets what {code(name)} was "
            "before, which is nothing here."
        ),
        location=place,
        related=(Location(setting.location.text, setting.location.span, "sets it for later steps"),),
    )
