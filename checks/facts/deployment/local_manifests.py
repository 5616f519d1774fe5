"""Manifests that nothing applies but a script that sets up a cluster on the machine of who develops."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from checks.record import Record
from checks.regex import regex
from checks.source.text import Text

_APPLIES = regex(r"\bkubectl\b.*\b(?:apply|create|replace)\b")
_LOCAL = regex(
    r"\bkubectl\b.*(?:/local/|[./]local\.ya?ml\b)|\bminikube\s+(?:start|image|docker-env)\b|\bk3d\s+(?:cluster|image)\b"
    r"|\bkind\s+(?:create|load)\b"
)
"""In a line of a script: what is applied for such a cluster, or what makes one: https://minikube.sigs.k8s.io/docs/commands/"""


class Applying(Record):
    """A script that applies manifests."""

    lines: tuple[str, ...]
    """Those that do."""
    is_local: bool
    """Whether it speaks of a cluster on the own machine."""


def applying(script: Text) -> Applying | None:
    """What a script applies; None for one that applies nothing."""
    lines = script.content.splitlines()
    found = tuple(filter(_APPLIES.search, lines))
    return Applying(found, any(map(_LOCAL.search, lines))) if found else None


def is_applied_locally(path: str, scripts: Sequence[Applying], workflows: Sequence[Text]) -> bool:
    """Whether scripts apply a manifest, each of them to a cluster on the own machine, and no workflow names it or its folder."""
    folder, name = posixpath.split(path)
    file = re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])")
    naming = [one for one in scripts if any(map(file.search, one.lines))]
    if not naming or not all(one.is_local for one in naming):
        return False
    around = re.compile(
        rf"\s(?:-[fkR]|--filename|--kustomize)[\s=]*(?:\./)?{re.escape(folder)}/?(?=[\s\"']|$)"
    )
    return not any(file.search(one.content) or around.search(one.content) for one in workflows)
