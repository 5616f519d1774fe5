"""What the config files that are about one repository say together."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from msgspec import Struct, field

from app.config.model import Comments, Config, ConfigError, Layer, Mode, Role
from app.report.plain import quoted
from checks.check import Check, Severity
from checks.engine import Choices

if TYPE_CHECKING:
    from app.config.shapes import Named


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


class _Combining(Struct):
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
