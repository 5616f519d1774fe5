"""Configs of other linters that turn a rule off, or leave it out somewhere: the author has seen it and decided.

Read as the tools document it:
https://docs.zizmor.sh/configuration/
https://github.com/hadolint/hadolint#configure
https://www.checkov.io/2.Basics/CLI%20Command%20Reference.html
https://github.com/super-linter/super-linter#configure-linters
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from checks.facts.suppression.peer_ignores import PeerIgnore, whole
from checks.facts.workflow.values import scalars
from checks.record import Record
from checks.regex import regex
from checks.source.kind import Kind
from checks.source.text import Location, Text
from checks.source.yaml import Entry, Mapping, Scalar, comments
from checks.source.yaml import parse as parse_yaml

_READ_BY = {
    "checkov": (Kind.TERRAFORM, Kind.DOCKERFILE),
    "hadolint": (Kind.DOCKERFILE,),
    "zizmor": (Kind.WORKFLOW, Kind.ACTION, Kind.DEPENDABOT),
}
_OF_SUPER_LINTER = ".github/linters"
"""Where super-linter, which runs the tools from the root, looks for their files."""
_PIPED_TO_SHELL = regex(
    r"\b(?:curl|wget)\b[^|]{0,100}\|\s{0,5}(?:sudo\s{1,5}(?:-\w\s{1,5})?)?(?:ba|da|k|z)?sh\b"
)
_UNPINNED = "unpinned-uses"
_ALLOWING = frozenset(("any", "ref-pin"))
"""Policies of `unpinned-uses` under which an action need not be named by a commit."""


class PeerConfig(Record, eq=False):
    """One such file."""

    text: Text
    root: Mapping

    @property
    def tool(self) -> str:
        """`checkov`, `hadolint` or `zizmor`."""
        name = posixpath.basename(self.text.path)
        return next(tool for tool in _READ_BY if tool in name)

    def ignores_in(self, text: Text, kind: Kind) -> Iterator[PeerIgnore]:
        """What it leaves out in a file."""
        if kind not in _READ_BY[self.tool]:
            return
        if self.tool != "zizmor":
            yield from self._of_file(text)
            return
        rules = self.root.get("rules")
        for entry in rules.entries if isinstance(rules, Mapping) else ():
            if isinstance(entry.key, Scalar) and isinstance(entry.value, Mapping):
                yield from self._of_rule(entry.key, entry.value, text)

    def accepts_downloads_piped_to_shell(self, text: Text) -> bool:
        """Whether a comment at a rule that it leaves out of a Dockerfile speaks of such a download."""
        if self.tool != "hadolint" or not self._is_above(text):
            return False
        return any(_PIPED_TO_SHELL.search(self._said_at(rule)) for rule in scalars(self.root.get("ignored")))

    def _said_at(self, rule: Scalar) -> str:
        """The comments in the lines right above, and the one behind."""
        by_line = {self.text.line_of(one.span.start): one for one in comments(self.text)}
        line = self.text.line_of(rule.span.start)
        found = [by_line[line]] if line in by_line else []
        while (above := by_line.get(line := line - 1)) is not None and above.own_line:
            found.insert(0, above)
        return " ".join(self.text[one.span].strip("# \t") for one in found)

    def _is_above(self, text: Text) -> bool:
        """Whether it holds for a file: below the folder that it lies in, unless that is super-linter's."""
        folder = posixpath.dirname(self.text.path)
        return folder in ("", _OF_SUPER_LINTER) or text.path.startswith(f"{folder}/")

    def _of_file(self, text: Text) -> Iterator[PeerIgnore]:
        """The rules that it leaves out everywhere."""
        name = "ignored" if self.tool == "hadolint" else "skip-check"
        for rule in scalars(self.root.get(name)) if self._is_above(text) else ():
            yield PeerIgnore(self.tool, (rule.value,), Location(self.text, rule.span), whole(text))

    def _of_rule(self, rule: Scalar, about: Mapping, text: Text) -> Iterator[PeerIgnore]:
        off = about.get("disable")
        if isinstance(off, Scalar) and off.value == "true":
            yield PeerIgnore(self.tool, (rule.value,), Location(self.text, rule.span), whole(text))
        for one in scalars(about.get("ignore")):
            name, _, line = one.value.partition(":")
            number = line.partition(":")[0]
            if name == posixpath.basename(text.path) and (not number or number.isdecimal()):
                there = Location(text, text.line(int(number))) if number else whole(text)
                yield PeerIgnore(self.tool, (rule.value,), Location(self.text, one.span), there)
        if rule.value == _UNPINNED:
            for entry in _policies(about):
                place = Location(self.text, entry.span)
                yield PeerIgnore(self.tool, (rule.value,), place, whole(text), entry.name)


def _policies(about: Mapping) -> Iterator[Entry]:
    """The patterns of actions that need not be named by a commit; none where one of them is held to more by another."""
    config = about.get("config")
    policies = config.get("policies") if isinstance(config, Mapping) else None
    entries = policies.entries if isinstance(policies, Mapping) else ()
    allowing = [one for one in entries if isinstance(one.value, Scalar) and one.value.value in _ALLOWING]
    for one in allowing:
        if one.name and (one.name != "*" or len(allowing) == len(entries)):
            yield one


def parse_peer_config(text: Text) -> PeerConfig | None:
    """The config, or None if the file holds none. `CannotRead` if it is not YAML."""
    documents = parse_yaml(text)
    root = documents[0] if documents else None
    return PeerConfig(text, root) if isinstance(root, Mapping) else None
