"""Which paths of the workspace steps certainly write: by redirections, programs, and downloads of artifacts.

https://github.com/actions/download-artifact#inputs
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from checks.facts.script.invocations import Invocation
from checks.facts.value import Value, literal
from checks.facts.workflow.artifacts import DOWNLOAD
from checks.facts.workflow.resolve import Scope
from checks.facts.workflow.workflows import Step
from checks.record import Record, kept_with
from checks.regex import regex
from checks.source.text import Location
from checks.source.word import Word

_MOVES = regex(r"\b(?:cd|pushd|chdir)\b")
_COPY = frozenset(("cp", "mv", "ln"))
_PLAIN_OPTION = regex(
    r"-[A-RT-Za-mo-su-z]+|-[fs]*n[fs]*|--(?:archive|force|preserve|recursive|remove-destination|symbolic|verbose)"
)
"""What `cp`, `mv` and `ln` take and still write the last operand, or what it holds.

https://www.gnu.org/software/coreutils/manual/html_node/cp-invocation.html
"""
_KEEPS = regex(r"-[A-Za-z]*n[A-Za-z]*")
"""By which `cp` and `mv` write no file that is there."""
_OUTPUT = {
    "curl": regex(r"-[A-Za-z]*o|--output"),
    "wget": regex(r"-[A-Za-z]*O|--output-document"),
}
"""The options behind which the path of a download stands: https://curl.se/docs/manpage.html, https://www.gnu.org/software/wget/manual/wget.html"""


class Written(Record, eq=False):
    """A path that a step writes."""

    path: str
    """From the root of the workspace."""
    step: Step
    location: Location


def written_paths(step: Step, invocations: Iterable[Invocation], slug: str | None) -> Iterator[Written]:
    """The literal paths that a step without a condition writes; `invocations` are all that there are."""
    if step.condition is not None:
        return
    path = step.input("path") if step.uses_action(DOWNLOAD) else None
    if path is not None and step.uses is not None:
        yield from _written(Scope(step, {}, slug).value(path.value), step, Location(path.text, path.span))
    if step.run is None or _starts_elsewhere(step):
        return
    for one in invocations:
        if one.step is step and not one.command.uncertain:
            yield from _by_command(one, step)


def overwritten_paths(invocations: Iterable[Invocation]) -> Iterator[Written]:
    """The literal paths whose files commands of steps without a condition certainly write anew."""
    for one in invocations:
        step = one.step
        if step is None or step.run is None or step.condition is not None or one.command.uncertain:
            continue
        if _starts_elsewhere(step):
            continue
        for redirection in one.command.redirections:
            if redirection.operator in (">", ">|", "&>") and redirection.descriptor in ("", "1"):
                yield from _written(one.value(redirection.target), step, one.place(redirection.span))
        for value in _by_program(one):
            yield from _written(value, step, one.location)


@kept_with
def _starts_elsewhere(step: Step) -> bool:
    """Whether the script of a step may run its commands in another folder than the workspace."""
    return step.working_directory is not None or (
        step.run is not None and bool(_MOVES.search(step.run.value))
    )


def _by_program(one: Invocation) -> Iterator[Value]:
    """The files that copies, links, downloads and `tee` write anew."""
    words, program = one.command.arguments, one.program or ""
    options = [word.prefix for word in words if word.prefix.startswith("-")]
    operands = [word for word in words if not word.prefix.startswith("-")]
    if program in _COPY and len(operands) > 1 and all(map(_PLAIN_OPTION.fullmatch, options)):
        keeps = program != "ln" and any(map(_KEEPS.fullmatch, options))
        yield from () if keeps else _copied(one, operands)
    elif program == "tee" and not options:
        yield from (value for word in operands for value in one.values(word))
    elif program in _OUTPUT:
        for option, path in pairwise(words):
            if _OUTPUT[program].fullmatch(option.literal or ""):
                yield from one.values(path)


def _copied(one: Invocation, operands: Sequence[Word]) -> Iterator[Value]:
    """The last operand, and what is called like the others in it: whether it is a folder isn't known."""
    *sources, last = operands
    names = {name for word in sources for value in one.values(word) if (name := _name(value))}
    for target in one.values(last):
        yield target
        yield from (literal(posixpath.join(target.literal, name)) for name in names if target.literal)


def _name(path: Value) -> str:
    """The last part of a path, empty where it isn't known."""
    end = path.parts[-1] if path.parts else ""
    is_whole = isinstance(end, str) and ("/" in end or path.literal is not None)
    return posixpath.basename(end) if isinstance(end, str) and is_whole else ""


def _by_command(one: Invocation, step: Step) -> Iterator[Written]:
    for redirection in one.command.redirections:
        if redirection.operator in (">", ">>", ">|", "&>") and redirection.descriptor in ("", "1"):
            yield from _written(one.value(redirection.target), step, one.place(redirection.span))
    words = one.command.arguments
    if one.program == "sed" and any((word.literal or "").startswith(("-i", "--in-place")) for word in words):
        yield from _written(one.value(words[-1]), step, one.location)


def _written(value: Value, step: Step, location: Location) -> Iterator[Written]:
    text = value.literal
    if text is None or text.startswith(("/", "~", "&")) or not re.fullmatch(r"[\w./@+-]+", text):
        return
    path = posixpath.normpath(text)
    if path != "." and not path.startswith(".."):
        yield Written(path, step, location)
