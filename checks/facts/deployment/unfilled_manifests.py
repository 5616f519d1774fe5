"""Manifests whose values are to be filled in before anybody applies them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

from checks.regex import regex
from checks.source.text import Text

_UNFILLED_HOST = regex(
    r"^[ \t]*(?:-[ \t]+)?host:[ \t]*[\"']?(?:[\w*-]{1,63}\.){0,8}example(?:\.(?:com|net|org))?[\"']?[ \t]*(?:#.*)?$",
    re.MULTILINE,
)
"""The host of an Ingress or a route under a name that is kept for examples: https://www.rfc-editor.org/rfc/rfc2606#section-3"""
_KUSTOMIZATIONS = frozenset(("kustomization.yaml", "kustomization.yml", "Kustomization"))
"""https://kubectl.docs.kubernetes.io/references/kustomize/glossary/#kustomization"""


def unfilled_folders(texts: Iterable[Text], paths: Iterable[str]) -> frozenset[str]:
    """The folders of manifests for hosts that nobody has.

    Not those that Kustomize reads, where an overlay may bring the host.
    """
    kustomized = {posixpath.dirname(path) for path in paths if posixpath.basename(path) in _KUSTOMIZATIONS}
    found = {posixpath.dirname(one.path) for one in texts if _UNFILLED_HOST.search(one.content)}
    return frozenset(found - kustomized)
