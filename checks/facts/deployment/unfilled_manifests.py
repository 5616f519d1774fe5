"""Manifests whose values are to be filled in before anybody applies them."""

from __future__ import annotations

import re

from checks.regex import regex
from checks.source.text import Text

_UNFILLED_HOST = regex(
    r"^[ \t]*(?:-[ \t]+)?host:[ \t]*[\"']?(?:[\w*-]{1,63}\.){0,8}example(?:\.(?:com|net|org))?[\"']?[ \t]*(?:#.*)?$",
    re.MULTILINE,
)
"""The host of an Ingress or a route under a name that is kept for examples: https://www.rfc-editor.org/rfc/rfc2606#section-3"""
_ROUTES = regex(r"^kind:[ \t]*[\"']?\w*(?:Ingress|Route|VirtualService)\b", re.MULTILINE)
"""What has a host of its own; another's is one that it calls."""


def is_unfilled(manifest: Text) -> bool:
    """Whether a file of manifests is for a host that nobody has."""
    content = manifest.content
    return _ROUTES.search(content) is not None and _UNFILLED_HOST.search(content) is not None
