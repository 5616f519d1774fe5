"""Which golangci-lint a step of its action runs: by the version that it names, else by the configuration."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

from checks.facts.workflow.resolve import Scope
from checks.facts.workflow.uses import ActionUse
from checks.facts.workflow.workflows import Step
from checks.regex import regex
from checks.source.text import Text

_ACTION = "golangci/golangci-lint-action"
_FILES = (".golangci.yml", ".golangci.yaml")
_NAMES_FILE = regex(r"(?:^|\s)(?:--config[=\s]\s{0,9}|-c[=\s]{0,9})[\"']?([^\s\"']{1,300})")
"""An argument that names the configuration."""
_VERSION_2 = regex(r"(?:^|[{,])[ \t]*[\"']?version[\"']?\s*:\s*(?:!!str\s+)?[\"']?2", re.MULTILINE)
_BEFORE_2_1 = regex(r"v?2\.0(?:\.\d+)?")
"""What the action refuses from version 8 on: https://github.com/golangci/golangci-lint-action/releases/tag/v8.0.0"""


def linter_version(step: Step | None) -> str | None:
    """The version that a step names; None where it names none, or one that is not known."""
    written = step.input("version") if step else None
    return Scope(step, {}, None).value(written.value).literal if step and written else None


def is_left_behind(use: ActionUse, step: Step | None, texts: Mapping[str, Text]) -> bool:
    """Whether a step runs version 1, or 2.0, which newer releases of the action refuse.

    So may one whose configuration is not to be read, where none of version 2 lies at the root. `texts` are the files of
    the repository by path.

    https://golangci-lint.run/docs/product/migration-guide/#version
    """
    if use.repository != _ACTION:
        return False
    written = linter_version(step) or ""
    if _BEFORE_2_1.fullmatch(written) or written.startswith("v1"):
        return True
    if written.startswith("v2"):
        return False
    named = _named_file(step)
    names = (*((named,) if named else ()), *_FILES)
    found = next((texts[name].content for name in names if name in texts), None)
    if found is None:
        return named is not None
    return ":" in found and _VERSION_2.search(found) is None


def _named_file(step: Step | None) -> str | None:
    """The path of the configuration that a step names by `--config`; None where it names none."""
    written, folder = (step.input("args"), step.input("working-directory")) if step else (None, None)
    found = _NAMES_FILE.search(written.value) if written else None
    return posixpath.normpath(posixpath.join(folder.value if folder else "", found[1])) if found else None
