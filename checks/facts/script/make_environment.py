"""What the recipes of a Makefile take of the environment of `make`, in which each variable is one of `make` too.

https://www.gnu.org/software/make/manual/html_node/Environment.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec.structs import replace

from checks.facts.script.makefiles import READ, SET, MakeRun, recipe_lines
from checks.regex import regex
from checks.source.text import Location, Text

_INCLUDES = regex(r"^[ ]*-?s?include\b", re.MULTILINE)
_CONTINUED = regex(r"\\\r?\n")


def taken_from_environment(run: MakeRun, makefile: Text, name: str) -> Location | None:
    """Where the Makefile of a command takes a variable of its environment that the recipes of each target may read.

    None where the command or the file sets it whatever the environment has, or a file that is included may."""
    given = any(word.prefix.startswith(f"{name}=") for word in run.command.arguments)
    if given or _INCLUDES.search(makefile.content):
        return None
    content = _joined(makefile)
    sets = re.compile(
        rf"^(?:[^\n\t#=][^\n#=]{{0,200}}?\b)?{name}[ \t]*([?:+!]*)=|^define[ ]+{name}\b", re.MULTILINE
    )
    is_own = re.search(rf"^\t[^\n]{{0,2000}}?\b{name}=", content, re.MULTILINE)
    of_shell = "" if is_own else rf"|\$\$\{{?{name}\b"
    reads = re.compile(rf"\$[({{]{name}[)}}]{of_shell}")
    found = list(sets.finditer(content)) or list(reads.finditer(content))[:1]
    asked = [replace(run, targets=(target,)) for target in run.targets] or [run]
    recipes = [recipe_lines(one, (makefile,)) for one in asked]
    is_taken = bool(found) and all(one[0].startswith("$") or one[1] == "?" for one in found)
    if not is_taken or not all(_come_to(recipe, makefile, reads) for recipe in recipes):
        return None
    return Location(
        makefile, makefile.line(makefile.line_of(found[0].start())), "takes it from the environment"
    )


def _come_to(recipe: Iterable[Location], makefile: Text, sought: re.Pattern[str]) -> bool:
    """Whether something stands in the lines of a recipe, or in the values of variables that they come to."""
    values: dict[str, list[str]] = {}
    for name, value in SET.findall(_joined(makefile)):
        values.setdefault(name, []).append(value)
    pending, seen = [line.fragment for line in recipe], set[str]()
    while pending:
        text = pending.pop()
        if sought.search(text):
            return True
        read = {one or other for one, other in READ.findall(text)} - seen
        pending += (value for one in read for value in values.get(one, ()))
        seen |= read
    return False


def _joined(makefile: Text) -> str:
    """A file with blanks where a line goes on in the next, so that each place stays."""
    return _CONTINUED.sub(lambda found: " " * len(found[0]), makefile.content)
