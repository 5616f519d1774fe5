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
    file = _naming(posixpath.basename(path))
    naming = [one for one in scripts if any(map(file.search, one.lines))]
    return bool(naming) and all(one.is_local for one in naming) and not is_named(path, workflows)


def is_named(path: str, workflows: Sequence[Text]) -> bool:
    """Whether a workflow names a manifest, or hands over its folder."""
    file, folder = _naming(posixpath.basename(path)), re.escape(posixpath.dirname(path))
    around = re.compile(rf"\s(?:-[fkR]|--filename|--kustomize)[\s=]*(?:\./)?{folder}/?(?=[\s\"']|$)")
    return any(file.search(one.content) or around.search(one.content) for one in workflows)


def _naming(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])")
