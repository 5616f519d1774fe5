"""Builds that a schedule starts for what has changed below them, as their workflow or their Dockerfile says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from checks.facts.build.builds import Build
from checks.facts.dockerfile.dockerfiles import Dockerfile
from checks.facts.image.pushes import may_happen
from checks.facts.workflow.step_comments import comments_at_head, comments_before
from checks.facts.workflow.workflows import Job, Step
from checks.regex import regex
from checks.source.command import Command, GuardKind
from checks.source.yaml import Mapping, Scalar

_SENTENCE = regex(r"(?<=[.;!?])\s+")
_REBUILDS = r"(?:re-?build|refresh|re-?publish)\w*"
_PICKS_UP = r"(?:pick(?:s|ing|ed)?\s+up|pull(?:s|ing|ed)?\s+in)"
_BASE = r"base[\s-]+(?:images?|layers?|updates?|patch(?:es)?)"
_SYSTEM = (
    r"(?:OS|security|system|CVE)[/\s-]+(?:\w+[/\s-]+){0,2}(?:updates?|upgrades?|patch(?:es)?|fix(?:es)?)"
)
_PURPOSE = regex(
    rf"\b{_REBUILDS}\b.{{0,80}}\b(?:{_BASE}|{_SYSTEM})\b|\b(?:{_BASE}|{_SYSTEM})\b.{{0,40}}\b{_REBUILDS}\b"
    rf"|\b{_PICKS_UP}\b.{{0,40}}\b{_BASE}\b",
    re.IGNORECASE,
)
"""What is built anew, and what for."""
_NOT_SO = regex(
    rf"\b(?:todo|fixme|never|not|no\s+longer|cannot|should|could|without\s+(?:{_BASE}|{_SYSTEM}))\b|n[’']t\b",
    re.IGNORECASE,
)


_UPGRADES = {
    "apk": ("upgrade",),
    "apt": ("upgrade", "full-upgrade"),
    "apt-get": ("upgrade", "dist-upgrade"),
    "dnf": ("update", "upgrade"),
    "microdnf": ("update", "upgrade"),
    "yum": ("update", "upgrade"),
    "zypper": ("update", "up"),
}
"""The commands of package managers that bring all that is installed up to date where no package is named."""
_WITH_VALUE = frozenset(("--option", "--repository", "--target-release", "-X", "-o", "-t"))
_DOES_LESS = frozenset((
    "--download-only", "--downloadonly", "--dry-run", "--just-print", "--simulate", "-d", "-s",
))  # fmt: skip
"""Options by which nothing is installed."""


def is_rebuilt_for_bases(build: Build, dockerfile: Dockerfile) -> bool:
    """Whether a schedule starts a build of a Dockerfile that may push then, for what its base has become.

    That is so where the image upgrades all its packages, or where the workflow says so in a sentence of a comment at
    its head or that of the job, or in a name: then it is meant to take what the base's tag is on that day.
    """
    step = build.step
    started = [one for one in build.events or () if one.name == "schedule"]
    if step is None or step.job is None or not any(may_happen(build, one) for one in started):
        return False
    return _is_said(build, step, step.job) or _upgrades_all(dockerfile)


def _is_said(build: Build, step: Step, job: Job) -> bool:
    said = (
        *_names(step, job),
        *comments_at_head(job.workflow),
        *comments_before(step, build.location),
    )
    sentences = (one for text in said for one in _SENTENCE.split(" ".join(text.split())))
    return any(_PURPOSE.search(one) and not _NOT_SO.search(one) for one in sentences)


def _upgrades_all(dockerfile: Dockerfile) -> bool:
    """Whether the image, or what it begins from here, upgrades all its packages."""
    shipped = dockerfile.ancestry(dockerfile.shipped)
    return any(ran.stage in shipped and _upgrades(ran.command) for ran in dockerfile.commands())


def _upgrades(command: Command) -> bool:
    if any(guard.kind is not GuardKind.AND for guard in command.guards):
        return False
    words = [word.literal or "" for word in command.arguments]
    pairs = pairwise(("", *words))
    named = [word for before, word in pairs if not word.startswith("-") and before not in _WITH_VALUE]
    does_less = not _DOES_LESS.isdisjoint(words)
    return not does_less and len(named) == 1 and named[0] in _UPGRADES.get(command.program or "", ())


def _names(step: Step, job: Job) -> Iterator[str]:
    nodes: tuple[Mapping, ...] = (job.workflow.node, job.node, step.node)
    yield from (name.value for one in nodes if isinstance(name := one.get("name"), Scalar))
