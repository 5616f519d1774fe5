"""Builds of Dockerfiles that an earlier step of the job writes anew, or edits: what the repository's says is not what they build."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from checks.facts.build.builds import Build
from checks.facts.dockerfile.named_lines import is_base_sought
from checks.regex import regex

_WRITES = regex(r"\b(?:sed|perl)\b[^\n]{0,300}\s-[a-zA-Z]{0,4}i|\b(?:awk|cp|ed|envsubst|mv|patch|tee|yq)\b")
_INTO = r">[|>]?[ \t]{0,8}[\"']?(?:(?:\$\{\{[^{}]{0,100}\}\})?[^\s;&|<>]{0,200}/)?"
"""What sends output to a file, up to the file's own name."""


def is_rewritten(build: Build) -> bool:
    """Whether a script of an earlier step names the Dockerfile, and has a command that may write to it.

    Output that goes to another file, as a linter's to the summary of the job, writes nothing to it.
    """
    return any(True for _ in _rewriting(build))


def is_base_rewritten(build: Build, line: str) -> bool:
    """Whether such a script looks for a `FROM` of the file: what that stands on is known no more."""
    return any(is_base_sought(line, script) for script in _rewriting(build))


def _rewriting(build: Build) -> Iterator[str]:
    step, name = build.step, posixpath.basename(build.dockerfile or "")
    before = step.job.before(step) if name and step is not None and step.job is not None else ()
    own = rf"(?<![\w.-]){re.escape(name)}(?![\w.-])"
    for script in (one.run.value for one in before if one.run is not None):
        if re.search(own, script) and (_WRITES.search(script) or re.search(_INTO + own, script)):
            yield script
