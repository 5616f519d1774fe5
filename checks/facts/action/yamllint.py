"""What yamllint asks of the lines of workflows, where it reads them: how many blanks are ahead of a comment, how long a line may be.

What the lines that are there keep to is what is asked of others, unless its configuration leaves that open.

https://yamllint.readthedocs.io/en/stable/rules.html#module-yamllint.rules.comments: two blanks, and `--strict` fails for one
https://yamllint.readthedocs.io/en/stable/rules.html#module-yamllint.rules.line_length: an error behind 80 characters
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise

from msgspec.structs import replace

from checks.facts.deployment.kubernetes import at
from checks.facts.workflow.values import root_of
from checks.regex import regex
from checks.source.command import Command
from checks.source.kind import YAMLLINT
from checks.source.snapshot import Edit, apply
from checks.source.text import CannotRead, Text
from checks.source.yaml import Mapping as YamlMapping
from checks.source.yaml import Node, Scalar, Sequence

_ONE = regex(r"[^\s#] #\s")
_NAME = "yamllint"
_BY_ACTION = regex(r"\buses:[^\n]*yamllint")
_WITH_VALUE = frozenset(("-c", "--config-file", "-d", "--config-data", "-f", "--format"))
_OTHER_PLACE = regex(r"(?:\./)?(?!workflows\b)[\w-][\w./-]{0,200}")
"""What leaves the folder `.github` out, as a command names it, in which it may run, too."""
_RULE = "min-spaces-from-content"
_RELAXED = "relaxed"
_TWO = 2
_NUMBER = regex(r"-?\d{1,6}")
_WORKFLOWS = regex(
    r"(?:\./|/)?(?:\*\*/)?(?:\.(?:\*|github)(?:/(?:\*{1,2})?)?|\.github/workflows(?:/(?:\*{1,2})?)?)"
)
"""A pattern that leaves the workflows out: https://yamllint.readthedocs.io/en/stable/configuration.html#ignoring-paths"""
_ADDED = regex(r" # \S.*")
_DISABLED = regex(r"^[ \t]*# yamllint disable(?:-file)?[ \t]*$", re.MULTILINE)
"""For all rules: https://yamllint.readthedocs.io/en/stable/disable_with_comments.html"""
_ENABLED = "# yamllint enable"
LONGEST = 80
"""Characters of a line by default."""
_LENGTH = "line-length"
_OTHER_LENGTHS = (_LENGTH, _RELAXED)
"""Named in a workflow by who asks for others: the rule, or the configuration that only warns."""
_ONE_WORD = regex(r" *(?:#+ ?|- )?[^ ]*")
"""A line that may be longer, since it has no place to part it."""
_ONE_VALUE = regex(r"\s*(?:#+ ?|- )?(?:[\w.-]+: )?\S*")
"""Such a line, or one that people have to leave, too, if the value is to stay: `uses:` with a commit."""


def configuration(texts: Mapping[str, Text]) -> Text | None:
    """The file at the root that yamllint takes its rules from."""
    return next((texts[path] for path in YAMLLINT if path in texts), None)


def asks_for_two(workflows: Collection[Text], paths: Collection[str], configured: Text | None) -> bool:
    """Whether yamllint reads the workflows, as far as can be seen, and none of them has a comment that its rule refuses."""
    contents = [one.content for one in workflows]
    is_asked = _reads(contents, paths) and not _leaves_open(configured, "comments")
    return is_asked and not any(_RULE in one or _ONE.search(one) for one in contents)


def asks_for_short_lines(
    workflows: Collection[Text],
    paths: Collection[str],
    commands: Iterable[Command],
    configured: Text | None,
) -> bool:
    """The same of lines: none of them is longer than its rule has it by default, but for what can't be shorter.

    Not where it is run by `commands` alone, and each gives it other folders.
    """
    contents = [one.content for one in workflows]
    runs = [one for one in commands if one.program == _NAME]
    if _leaves_open(configured, _LENGTH):
        return False
    is_elsewhere = bool(runs) and all(map(_reads_others, runs)) and not any(map(_BY_ACTION.search, contents))
    return (_is_configured(paths) if is_elsewhere else _reads(contents, paths)) and not any(
        any(name in one for name in _OTHER_LENGTHS)
        or any(len(line) > LONGEST and not _ONE_VALUE.fullmatch(line) for line in one.splitlines())
        for one in contents
    )


def _leaves_open(configured: Text | None, rule: str) -> bool:
    """Whether a configuration leaves out the workflows, or a rule, or asks for something else by it; not one that can't be read.

    https://yamllint.readthedocs.io/en/stable/configuration.html
    """
    node = _root(configured) if configured is not None else None
    if node is None:
        return False
    own, base = at(node, "rules", rule), at(node, "extends")
    if _leaves_out(at(node, "ignore")) or _leaves_out(at(own, "ignore")):
        return True
    if own is None:
        return not isinstance(base, Scalar) or base.value == _RELAXED
    if isinstance(own, Scalar):
        return own.value in ("disable", "false", "False")
    level, written = at(own, "level"), at(own, "max" if rule == _LENGTH else _RULE)
    if rule == _LENGTH and isinstance(level, Scalar) and level.value == "warning":
        return True
    number = int(written.value) if isinstance(written, Scalar) and _NUMBER.fullmatch(written.value) else None
    return number is not None and (number > LONGEST if rule == _LENGTH else number < _TWO)


def _root(configured: Text) -> YamlMapping | None:
    try:
        return root_of(configured)
    except CannotRead:
        return None


def _leaves_out(ignored: Node | None) -> bool:
    """Whether one of the patterns of an `ignore` is for the workflows: lines, or a list."""
    items = ignored.items if isinstance(ignored, Sequence) else (ignored,)
    lines = [line for item in items if isinstance(item, Scalar) for line in item.value.splitlines()]
    is_taken_back = any(line.lstrip().startswith("!") for line in lines)
    return not is_taken_back and any(_WORKFLOWS.fullmatch(line.partition(" #")[0].strip()) for line in lines)


def _reads(contents: Iterable[str], paths: Collection[str]) -> bool:
    return _is_configured(paths) or any(_NAME in one for one in contents)


def _is_configured(paths: Collection[str]) -> bool:
    return any(path in paths for path in YAMLLINT)


def _reads_others(command: Command) -> bool:
    """Whether a command has yamllint read places of which none holds the workflows."""
    words = command.literals
    places = [
        word
        for before, word in pairwise(("", *words))
        if before not in _WITH_VALUE and not word.startswith("-")
    ]
    return bool(places) and all(map(_OTHER_PLACE.fullmatch, places))


def with_two(edit: Edit) -> Edit:
    """The same edit, with two blanks ahead of the comment where it puts one behind a value."""
    return replace(edit, replacement=f" {edit.replacement}") if _ADDED.fullmatch(edit.replacement) else edit


def _keeps_off(content: str) -> bool:
    """Whether a file tells yamllint to leave it alone, and nowhere to read on."""
    return _DISABLED.search(content) is not None and _ENABLED not in content


def outgrows(edits: Collection[Edit], texts: Mapping[str, Text]) -> bool:
    """Whether edits leave more lines that are too long than there were, in files that keep yamllint off by no comment."""
    named = {edit.path for edit in edits if edit.path in texts}
    paths = [one for one in named if not _keeps_off(texts[one].content)]
    return any(
        _too_long(apply(texts[path].content, [edit for edit in edits if edit.path == path]))
        > _too_long(texts[path].content)
        for path in paths
    )


def _too_long(content: str) -> int:
    return sum(len(line) > LONGEST and not _ONE_WORD.fullmatch(line) for line in content.splitlines())
