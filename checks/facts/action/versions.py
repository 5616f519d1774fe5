"""Names of versions: `v4.2.1`, `v4`."""

from __future__ import annotations

from checks.facts.numbers import numbers
from checks.facts.workflow.uses import ActionUse
from checks.regex import regex

_VERSION = regex(r"v?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?")
_WITHOUT_V = frozenset(
    (
        "expo/expo-github-action",
        "ludeeus/action-shellcheck",
        "ramsey/composer-install",
        "shivammathur/setup-php",
        "styfle/cancel-workflow-action",
        "superfly/flyctl-actions",
        "svenstaro/upload-release-action",
        "treosh/lighthouse-ci-action",
    )
)
"""Whose newer releases have tags without `v`: https://github.com/shivammathur/setup-php/tags"""


def number_of(version: str) -> tuple[int, ...]:
    """The parts of a whole version, with or without its `v`."""
    return numbers(version.removeprefix("v"))


def version_parts(name: str) -> tuple[int, ...] | None:
    """The parts of a version, or of a line of versions, `v4.2`: with or without its `v`; None of any other name."""
    match = _VERSION.fullmatch(name)
    return tuple(int(part) for part in match.groups() if part is not None) if match is not None else None


def is_version(name: str) -> bool:
    """Whether a name is that of one release: `v4.2.1`, or without its `v`."""
    return len(version_parts(name) or ()) == 3


def is_exact(use: ActionUse) -> bool:
    """Whether a name is that of one release, not of a line of them: `v4.2.1`."""
    return is_version(use.ref)


def tag_of(repository: str, version: str) -> str:
    """The tag of a newer release of an action, by its version with `v`; `repository` is `owner/name` in lower case."""
    return version.removeprefix("v") if repository in _WITHOUT_V else version
