"""What a step of `golangci/golangci-lint-action` says of the linter that it runs."""

from __future__ import annotations

import posixpath

from checks.facts.workflow.resolve import Scope
from checks.facts.workflow.workflows import Step
from checks.regex import regex

_CONFIG = regex(r"(?:^|\s)(?:--config[=\s]\s{0,9}|-c[=\s]{0,9})[\"']?([^\s\"']{1,300})")
"""An argument that names the configuration."""


def linter_version(step: Step | None) -> str | None:
    """The version of golangci-lint that a step names; None where it names none, or one that is not known."""
    written = step.input("version") if step else None
    return Scope(step, {}, None).value(written.value).literal if step and written else None


def linter_config(step: Step | None) -> str | None:
    """The path of the configuration that a step names for golangci-lint by `--config`; None where it names none."""
    written, folder = (step.input("args"), step.input("working-directory")) if step else (None, None)
    found = _CONFIG.search(written.value) if written else None
    return posixpath.normpath(posixpath.join(folder.value if folder else "", found[1])) if found else None
