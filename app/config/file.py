"""The config file, strictly read.

Every key is declared once, in `_keys`; reading, its messages and the JSON Schema follow from there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from app.config.model import InvalidConfig, Layer, Mode, Role
from app.config.shapes import (
    ByName,
    Choice,
    Either,
    Flag,
    Key,
    ListOf,
    Number,
    Refused,
    Schema,
    Table,
    Word,
    read_file,
)
from app.report.plain import quoted
from checks.check import Check
from checks.source.text import Text

MAX_STARS = 3
"""Wildcards between two slashes of a pattern: matching takes time that grows by a power for each."""
_REPOSITORY = r"[A-Za-z0-9][A-Za-z0-9-]*/[\w.-]+"


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
