"""Builds of Dockerfiles that an earlier step of the job writes anew, or edits: what the repository's says is not what they build."""

from __future__ import annotations

import posixpath

from checks.facts.build.builds import Build
from checks.regex import regex

_WRITES = regex(r"\b(?:sed|perl)\b[^\n]{0,300}\s-[a-zA-Z]{0,4}i|>|\b(?:awk|cp|ed|envsubst|mv|patch|tee|yq)\b")


def is_rewritten(build: Build) -> bool:
    """Whether a script of an earlier step names the Dockerfile, and has a command that may write to it."""
    step, name = build.step, posixpath.basename(build.dockerfile or "")
    before = step.job.before(step) if step is not None and step.job is not None else ()
    scripts = (one.run.value for one in before if one.run is not None)
    return bool(name) and any(name in script and _WRITES.search(script) is not None for script in scripts)
