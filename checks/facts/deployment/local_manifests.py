"""Manifests that nothing applies but a script that sets up a cluster on the machine of who develops."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from checks.regex import regex
from checks.source.text import Text

_APPLIES = regex(r"\bkubectl\b.*\b(?:apply|create|replace)\b")
_LOCAL = regex(
    r"\bkubectl\b.*(?:/local/|[./]local\.ya?ml\b)|\bminikube\s+(?:start|image|docker-env)\b|\bk3d\s+(?:cluster|image)\b"
    r"|\bkind\s+(?:create|load)\b"
)
"""In a line of a script: what is applied for such a cluster, or what makes one: https://minikube.sigs.k8s.io/docs/commands/"""


def is_applied_locally(path: str, scripts: Sequence[Text], workflows: Sequence[Text]) -> bool:
    """Whether scripts apply a manifest, each of them to a cluster on the own machine, and no workflow names it or its folder."""
    folder, name = posixpath.split(path)
    file = re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])")
    around = re.compile(
        rf"\s(?:-[fkR]|--filename|--kustomize)[\s=]*(?:\./)?{re.escape(folder)}/?(?=[\s\"']|$)"
    )
    if any(file.search(one.content) or around.search(one.content) for one in workflows):
        return False
    applying = [one for one in scripts if any(map(file.search, _lines(one, _APPLIES)))]
    return bool(applying) and all(_lines(one, _LOCAL) for one in applying)


def _lines(script: Text, pattern: re.Pattern[str]) -> list[str]:
    return [line for line in script.content.splitlines() if pattern.search(line)]
