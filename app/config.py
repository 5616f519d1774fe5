"""`.github/tidewaiter.yml`: what an organisation and a repository ask of a review.

Every key is declared once, in `_keys`; reading, its messages and the JSON Schema follow from there.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import cast

from app.shapes import (
    ByName,
    Choice,
    ConfigError,
    Either,
    Flag,
    Key,
    ListOf,
    Named,
    Number,
    Refused,
    Schema,
    Table,
    Word,
    quoted,
    read_file,
)
from checks.check import Check, Severity
from checks.engine import Choices
from checks.source.text import Text

__all__ = [
    "PATH", "Comments", "Config", "ConfigError", "InvalidConfig", "Layer", "Mode", "Role", "combine", "json_schema",
    "parse",
]  # fmt: skip

PATH = ".github/tidewaiter.yml"
"""Where the file stands, in a repository and in the organisation's `.github` repository."""
MAX_STARS = 3
"""Wildcards between two slashes of a pattern: matching takes time that grows by a power for each."""
_REPOSITORY = r"[A-Za-z0-9][A-Za-z0-9-]*/[\w.-]+"


class Mode(StrEnum):
    """How loud the App is."""

    OBSERVE = "observe"
    """A check run that never fails, and no comment."""
    REVIEW = "review"


class Role(StrEnum):
    """Whose file it is, which decides what it may say."""

    ORGANISATION = "organisation"
    SHARED = "shared"
    """The file of another repository, which one extends."""
    REPOSITORY = "repository"


class InvalidConfig(Exception):
    """A config file that says something that can't be understood."""

    def __init__(self, errors: Sequence[ConfigError]) -> None:
        super().__init__(errors)
        self.errors = tuple(errors)

    def __str__(self) -> str:
        return "\n".join(map(str, self.errors))


@dataclass(frozen=True)
class Layer:
    """What one file says; what it does not say is None or empty."""

    path: str = PATH
    role: Role = Role.REPOSITORY
    values: Mapping[str, object] = field(default_factory=dict)
    """By the names of the keys, as their shapes read them."""

    @property
    def extends(self) -> str | None:
        """`owner/name` of the repository whose file this one refines."""
        return cast("str | None", self.values.get("extends"))


@dataclass(frozen=True)
class Comments:
    """How many review comments a pull request gets."""

    per_pull_request: int = 25
    per_check: int = 5


@dataclass(frozen=True)
class Config:
    """What counts for one repository, all files taken together."""

    fail_on: Severity | None = Severity.ERROR
    """None: never."""
    mode: Mode = Mode.REVIEW
    choices: Choices = field(default_factory=Choices)
    registries: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()
    facts_from: tuple[str, ...] = ()
    comments: Comments = field(default_factory=Comments)
    incomplete_fails: bool = False
    """Whether a review fails that could not see all, or that failed by a fault of ours."""
    enforced_fail_on: Severity | None = Severity.ERROR
    """From which severity on an enforced check fails, whatever the repository's own file says; None: never."""
    notes: tuple[ConfigError, ...] = ()
    """What a repository's file says without effect, because the organisation enforces otherwise."""

    def fails(self, check: str, severity: Severity) -> bool:
        """Whether a new finding makes the check run fail."""
        threshold = None if self.mode is Mode.OBSERVE else self.fail_on
        thresholds = [threshold, self.enforced_fail_on if check in self.choices.enforced else None]
        return any(severity.reaches(one) for one in thresholds if one)


def parse(text: Text, role: Role, checks: Iterable[Check], owner: str | None = None) -> Layer:
    """What a file says. `InvalidConfig` with everything that is wrong with it.

    `owner` is that of the repository it stands in, if known: `extends` must stay with it.
    """
    checks = tuple(checks)
    values, errors = read_file(text, Table(_keys(checks, role, owner)))
    if errors:
        raise InvalidConfig(errors)
    return Layer(text.path, role, values)


def json_schema(checks: Iterable[Check]) -> Schema:
    """The file as JSON Schema, for editors; it allows what the organisation's may say."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Tidewaiter's config",
        **Table(_keys(tuple(checks), Role.ORGANISATION, None)).schema(),
    }


def _keys(checks: Sequence[Check], role: Role, owner: str | None) -> tuple[Key, ...]:
    """Every key of the file."""
    common = _refinable(checks, role, owner)
    keys = (
        Key("version", Number(1, 1), "Version of this format."),
        Key(
            "extends",
            _repository_of(owner, "can be extended"),
            "Repository of the same owner whose file this one refines.",
        ),
        *common,
    )
    if role is not Role.ORGANISATION:
        refused = Refused("only the organisation's file may have it")
        return (*keys, *(Key(name, refused, "") for name in ("incomplete", "repositories")))
    common = (*common, _INCOMPLETE)
    keys = (*keys, _INCOMPLETE)
    match = Key(
        "match", ListOf(Word(r"[\w.*?-]+", "a repository's name, with * and ?"), 100), "Names.", required=True
    )
    rules = ListOf(Table((match, *common)), 200)
    return (
        *keys,
        Key("repositories", rules, "Per repository; the first match wins, over what stands above."),
    )


_INCOMPLETE = Key(
    "incomplete",
    Choice(("neutral", "failure")),
    "How a review ends that could not see everything, or that failed by a fault of ours; GitHub lets neutral pass.",
)


def _refinable(checks: Sequence[Check], role: Role, owner: str | None) -> tuple[Key, ...]:
    """The keys that may also stand under `repositories`."""
    repository = _repository_of(owner, "can take part")
    comments = (
        Key("per-pull-request", Number(0, 100), "Most comments on a pull request."),
        Key("per-check", Number(0, 100), "Most comments of one check on a pull request."),
    )
    own = (
        Key(
            "registries",
            ListOf(Word(r"[a-z0-9.-]+(?::\d+)?", "a registry's host name"), 100),
            "Hosts of your registries.",
        ),
        Key(
            "accounts",
            ListOf(Word(r"\d{12}", "the 12 digits of an AWS account"), 100),
            "AWS accounts that are yours.",
        ),
    )
    return (
        Key(
            "fail-on",
            Choice(("error", "warning", "note", "never")),
            "Severity from which a new finding fails.",
        ),
        Key("mode", Choice(tuple(Mode)), "observe: check run only, never failing; review: comments too."),
        Key("checks", _checks(checks, role), "Severity of each check."),
        Key("paths", Table((Key("ignore", _patterns(), "Files to leave out, as in .gitignore."),)), "Files."),
        Key("own", Table(own), "What counts as yours."),
        Key("facts-from", ListOf(repository, 10), "Repositories whose facts count too."),
        Key("comments", Table(comments), "How many comments."),
    )


def _checks(checks: Sequence[Check], role: Role) -> ByName:
    severity = Choice(("off", "note", "warning", "error"))
    forbidden = Refused("only the organisation's file may enforce a check")
    enforced = Flag() if role is Role.ORGANISATION else forbidden
    table = Table(
        (
            Key("severity", severity, "off switches it off."),
            Key("enforced", enforced, "Nothing switches it off."),
        )
    )
    names = {name: check.id for check in checks for name in (*check.aliases, check.id)}
    return ByName("check", names, {check.id: check.title for check in checks}, Either(severity, table))


def _repository_of(owner: str | None, can: str) -> Word:
    def refused(value: str) -> str:
        other = value.partition("/")[0]
        return (
            f"only a repository of {quoted(owner)} {can}" if owner and other.lower() != owner.lower() else ""
        )

    return Word(_REPOSITORY, "owner/name", refused)


def _patterns() -> ListOf:
    return ListOf(
        Word(r"[^\0\r\n]{1,200}", "a pattern of .gitignore, up to 200 characters", _refused_pattern), 200
    )


def _refused_pattern(pattern: str) -> str:
    if (
        any(len(re.findall(r"\*+", part)) > MAX_STARS for part in pattern.split("/"))
        or pattern.count("**") > MAX_STARS
    ):
        return f"more than {MAX_STARS} wildcards in a row of names"
    import pathspec

    try:
        compiled = pathspec.GitIgnoreSpec.from_lines([pattern])
    except ValueError:
        return "not a pattern of .gitignore"
    return "" if all(one.regex for one in compiled.patterns) else "it matches no file"


def combine(layers: Iterable[Layer], checks: Iterable[Check], name: str | None = None) -> Config:
    """What counts for the repository called `name` (without its owner), each layer refining the ones before.

    Usually the organisation's file and the repository's, each after the one that it extends. What the
    organisation enforces stays: a later layer may raise such a check's severity, and nothing else. The
    organisation's `repositories` apply where it stands, so that a repository's own file refines them.
    """
    defaults = {check.id: check.severity for check in checks}
    config = _Combining()
    for layer in layers:
        config.take(layer, layer.values, defaults)
        if layer.role is Role.ORGANISATION and name:
            config.take(layer, _rule(layer, name), defaults)
    return config.done()


def _rule(layer: Layer, name: str) -> Mapping[str, object]:
    """The first entry of `repositories` that is about the repository."""
    for rule in cast("Sequence[Mapping[str, object]]", layer.values.get("repositories", ())):
        patterns = cast("Sequence[str]", rule["match"])
        if any(fnmatch.fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns):
            return rule
    return {}


@dataclass
class _Combining:
    """What the layers so far say."""

    values: dict[str, str] = field(default_factory=dict)
    """Of the keys that hold one word."""
    severities: dict[str, Severity | None] = field(default_factory=dict)
    enforced: set[str] = field(default_factory=set)
    patterns: list[str] = field(default_factory=list)
    organisation_patterns: list[str] = field(default_factory=list)
    lists: dict[str, list[str]] = field(default_factory=dict)
    comments: dict[str, int] = field(default_factory=dict)
    floor: Severity | None = Severity.ERROR
    notes: list[ConfigError] = field(default_factory=list)

    def take(self, layer: Layer, values: Mapping[str, object], defaults: Mapping[str, Severity]) -> None:
        for key in ("fail-on", "incomplete", "mode"):
            if key in values:
                self.values[key] = cast(str, values[key])
        for check, named in cast("Mapping[str, Named]", values.get("checks", {})).items():
            self._set(layer, check, named, defaults[check])
        self._extend("facts-from", values)
        for key in ("registries", "accounts"):
            self._extend(key, cast("Mapping[str, object]", values.get("own", {})))
        ignored = cast("Mapping[str, Sequence[str]]", values.get("paths", {})).get("ignore", ())
        self.patterns += ignored
        self.comments.update(cast("Mapping[str, int]", values.get("comments", {})))
        if layer.role is Role.ORGANISATION:
            self.organisation_patterns += ignored
            self.floor = self._threshold()

    def _extend(self, key: str, values: Mapping[str, object]) -> None:
        self.lists.setdefault(key, []).extend(cast("Sequence[str]", values.get(key, ())))

    def _set(self, layer: Layer, check: str, named: Named, default: Severity) -> None:
        severity, enforced = _setting(named.value, default)
        if check in self.enforced and layer.role is not Role.ORGANISATION:
            least = self.severities[check] or default
            if severity is None or not severity.reaches(least):
                message = f"{quoted(check)} stays at {least.value}: the organisation enforces it"
                self.notes.append(ConfigError(layer.path, named.line, message))
                return
        self.severities[check] = severity
        if enforced:
            self.enforced.add(check)
        elif layer.role is Role.ORGANISATION:
            self.enforced.discard(check)

    def _threshold(self) -> Severity | None:
        if self.values.get("mode") == Mode.OBSERVE:
            return None
        fail_on = self.values.get("fail-on", "error")
        return None if fail_on == "never" else Severity(fail_on)

    def done(self) -> Config:
        fail_on = self.values.get("fail-on", "error")
        return Config(
            fail_on=None if fail_on == "never" else Severity(fail_on),
            mode=Mode(self.values.get("mode", "review")),
            choices=Choices(
                dict(self.severities),
                frozenset(self.enforced),
                _matcher(self.patterns),
                _matcher(self.organisation_patterns),
            ),
            registries=frozenset(self.lists.get("registries", ())),
            accounts=frozenset(self.lists.get("accounts", ())),
            facts_from=tuple(dict.fromkeys(self.lists.get("facts-from", ()))),
            comments=Comments(**{key.replace("-", "_"): value for key, value in self.comments.items()}),
            incomplete_fails=self.values.get("incomplete") == "failure",
            enforced_fail_on=self.floor,
            notes=tuple(self.notes),
        )


def _setting(value: object, default: Severity) -> tuple[Severity | None, bool]:
    """The severity that an entry of `checks` sets, and whether it enforces it."""
    table = cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {"severity": value}
    severity = cast(str, table.get("severity", default.value))
    return None if severity == "off" else Severity(severity), bool(table.get("enforced"))


def _never(_path: str) -> bool:
    return False


def _matcher(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Whether a path is left out, by patterns of .gitignore: https://git-scm.com/docs/gitignore"""
    if not patterns:
        return _never
    import pathspec

    return pathspec.GitIgnoreSpec.from_lines(patterns).match_file
