"""Files that a recipe of a Makefile or Justfile, or a script, writes whole with a generator: they are changed at what it reads.

https://just.systems/man/en/, https://www.gnu.org/software/make/manual/html_node/Recipes.html
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from checks.facts.script.makefiles import folder_of
from checks.facts.script.scripts import Command, Script, parse_script
from checks.record import Record
from checks.regex import regex
from checks.source.kind import Kind, kind_by_path
from checks.source.text import Location, Text

_OPTIONS = {
    "dhall-to-yaml": ("--output",),
    "dhall-to-yaml-ng": ("--output",),
    "cue": ("-o", "--outfile"),
    "jsonnet": ("-o", "--output-file"),
    "jrsonnet": ("-o", "--output-file"),
    "gomplate": ("-o", "--out"),
    "nickel": ("-o", "--output"),
    "kustomize": ("-o", "--output"),
    "ytt": (),
    "envsubst": (),
    "helm": (),
}
"""What names the one file that each generator writes; without, it writes to its standard output."""
_GENERATORS = regex(rf"\b(?:{'|'.join(_OPTIONS)})\b")
_VERBS = {"cue": "export", "nickel": "export", "helm": "template", "kustomize": "build"}
"""What those that do other things, too, are called with."""
_PATH = regex(r"[\w./@+-]+")
_NAMES = frozenset(("makefile", "gnumakefile", "justfile", ".justfile"))
"""Files whose recipes start in their folder; those that others include start elsewhere."""
_RULE = regex(r"(?P<targets>[^\s#:=][^#:=]{0,500}?)\s*::?(?!=).*")
_ROOT = regex(r"\"?\$\(git rev-parse --show-toplevel\)\"?(?=[/\s;&]|$)")


class Generated(Record):
    """A path that is written whole, and where that is."""

    path: str
    """From the root of the repository."""
    location: Location
    """The line of the command."""


def generated_by(text: Text) -> tuple[Generated, ...]:
    """The paths that the recipes of a Makefile or Justfile, or a script, write with a generator, if certain."""
    is_script = kind_by_path(text.path) is Kind.SCRIPT
    is_of_recipes = posixpath.basename(text.path).lower() in _NAMES
    if not (is_script or is_of_recipes) or not _GENERATORS.search(text.content):
        return ()
    if is_script:
        return tuple(_written(text, text.content, 0, ""))
    folder = posixpath.dirname(text.path)
    return tuple(
        one
        for target, lines in _recipes(text)
        for start, source in _shells(lines)
        for one in _written(text, _filled(source, target), start, folder)
    )


def _recipes(text: Text) -> Iterator[tuple[str, list[Location]]]:
    """The lines of each recipe, with the targets of its rule."""
    targets, lines = "", list[Location]()
    for number in range(1, text.line_count + 1):
        line = Location(text, text.line(number))
        if not line.fragment.strip():
            continue
        if line.fragment[0].isspace():
            lines.append(line)
            continue
        yield targets, lines
        rule = _RULE.match(line.fragment)
        targets, lines = rule["targets"] if rule else "", []
    yield targets, lines


def _shells(lines: list[Location]) -> Iterator[tuple[int, str]]:
    """What one shell runs of a recipe, with where it starts: a line with those that continue it, or all where it begins with `#!`."""
    is_whole = bool(lines) and lines[0].fragment.lstrip().startswith("#!")
    first: Location | None = None
    for line, following in zip(lines, (*lines, None)[1:], strict=True):
        first = first or line
        if following is None or not (is_whole or line.fragment.endswith("\\")):
            yield first.span.start, first.text.content[first.span.start : line.span.end]
            first = None


def _filled(source: str, target: str) -> str:
    """What a shell gets to read: without the signs before it, and with the rule's only target for `$@`."""
    plain = re.sub(r"^([ \t]+)[@+-]{1,3}", lambda found: found[1], source)
    plain = plain.replace("$<", "$first")
    return plain.replace("$@", target) if _PATH.fullmatch(target) else plain


def _written(text: Text, source: str, start: int, folder: str) -> Iterator[Generated]:
    if not _GENERATORS.search(source):
        return
    script = parse_script(_ROOT.sub("/repository", source))
    line = text.line_of(start)
    for one in script.commands:
        is_sure = not (one.uncertain or one.in_function or one.in_string)
        path = _path(script, one) if is_sure else None
        if path is None or not _PATH.fullmatch(path):
            continue
        where = folder_of(folder, script.commands, one)
        if where is None:
            continue
        whole = posixpath.normpath(posixpath.join("/repository", where, path))
        if whole.startswith("/repository/"):
            number = line + script.source.count("\n", 0, one.span.start)
            yield Generated(whole.removeprefix("/repository/"), Location(text, text.line(number)))


def _path(script: Script, command: Command) -> str | None:
    """What a command writes whole of what a generator makes; None for nothing."""
    if command.piped_to is not None:
        return None
    if not any(map(_generates, (command, *_stages_before(script, command)))):
        return None
    if command.program == "tee":
        words = [word.literal for word in command.arguments]
        return words[0] if len(words) == 1 and words[0] and not words[0].startswith("-") else None
    for one in command.redirections:
        if one.operator in (">", ">|") and one.descriptor in ("", "1"):
            return one.target.literal
    return _by_option(command)


def _stages_before(script: Script, command: Command) -> tuple[Command, ...]:
    return script.within(command.pipeline) if command.pipeline is not None else ()


def _generates(command: Command) -> bool:
    program = command.program
    verb = _VERBS.get(program or "")
    return program in _OPTIONS and (
        verb is None or any(word.literal == verb for word in command.arguments[:1])
    )


def _by_option(command: Command) -> str | None:
    names = _OPTIONS.get(command.program or "", ())
    words = command.literals
    for word, following in zip(words, (*words, "")[1:], strict=True):
        name, sign, value = word.partition("=")
        if name in names:
            return value if sign else following or None
    return None
