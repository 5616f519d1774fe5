"""Whether manifests and Compose files say as which user containers run, whatever their images name.

https://kubernetes.io/docs/tasks/configure-pod-container/security-context/,
https://docs.docker.com/reference/compose-file/services/#user
"""

from __future__ import annotations

import re

from checks.regex import regex
from checks.source.text import Text

_RUN_AS_USER = regex(r"^[^#\n]*\brunAsUser\b[\"']?:[ ]*[\"']?[1-9]", re.MULTILINE)
_USER = regex(r"^[ ]+user:[ ]*[\"']?(?!root\b|0\b)[\w$]", re.MULTILINE)


def pods_have_user(manifest: Text) -> bool:
    """Whether a manifest or the values of a chart give a container another user than root, by its number."""
    return _RUN_AS_USER.search(manifest.content) is not None


def services_have_user(compose: Text) -> bool:
    """Whether a Compose file gives a service another user than root."""
    return _USER.search(compose.content) is not None
