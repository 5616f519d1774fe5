"""How many blanks a repository has ahead of a comment behind a value, where yamllint goes by that.

Its rule asks for two, and `--strict` fails for one: https://yamllint.readthedocs.io/en/stable/rules.html#module-yamllint.rules.comments
"""

from __future__ import annotations

from collections.abc import Collection

from msgspec.structs import replace

from checks.regex import regex
from checks.source.snapshot import Edit
from checks.source.text import Text

_CONFIGURATIONS = frozenset((".yamllint", ".yamllint.yml", ".yamllint.yaml"))
_ONE = regex(r"[^\s#] #\s")
_RULE = "min-spaces-from-content"
_ADDED = regex(r" # \S.*")


def asks_for_two(workflows: Collection[Text], paths: Collection[str]) -> bool:
    """Whether yamllint reads the workflows, as far as can be seen, and none of them has a comment that its rule refuses."""
    contents = [one.content for one in workflows]
    is_read = not _CONFIGURATIONS.isdisjoint(paths) or any("yamllint" in one for one in contents)
    return is_read and not any(_RULE in one or _ONE.search(one) for one in contents)


def with_two(edit: Edit) -> Edit:
    """The same edit, with two blanks ahead of the comment where it puts one behind a value."""
    return replace(edit, replacement=f" {edit.replacement}") if _ADDED.fullmatch(edit.replacement) else edit
