"""Builds of Dockerfiles that an earlier step of the job writes anew, or edits: what the repository's says is not what they build."""

from __future__ import annotations

import posixpath
import re

from checks.facts.build.builds import Build
from checks.regex import regex

_WRITES = regex(r"\b(?:sed|perl)\b[^\n]{0,300}\s-[a-zA-Z]{0,4}i|\b(?:awk|cp|ed|envsubst|mv|patch|tee|yq)\b")
_INTO = r">[|>]?[ \t]{0,8}[\"']?(?:(?:\$\{\{[^{}]{0,100}\}\})?[^\s;&|<>]{0,200}/)?"
"""What sends output to a file, up to the file's own name."""


def is_rewritten(build: Build) -> bool:
    """Whether a script of an earlier step names the Dockerfile, and has a command that may write to it.

    Output that goes to another file, as a linter's to the summary of the job, writes nothing to it.
    """
    step, name = build.step, posixpath.basename(build.dockerfile or "")
    before = step.job.before(step) if step is not None and step.job is not None else ()
    scripts = (one.run.value for one in before if one.run is not None)
    own = rf"(?<![\w.-]){re.escape(name)}(?![\w.-])"
    return bool(name) and any(
        re.search(own, script) and (_WRITES.search(script) or re.search(_INTO + own, script))
        for script in scripts
    )
