"""Which Dockerfiles something has Kaniko build, which reads them by BuildKit's parser and hands none of its warnings on.

https://github.com/GoogleContainerTools/kaniko/blob/main/pkg/dockerfile/dockerfile.go
"""

from __future__ import annotations

import posixpath
import re

from checks.regex import regex
from checks.source.text import Text

_NAME = "kaniko"
_FILE = regex(
    r"--dockerfile(?:=|[\"',\s]{1,6})[\"']?(?:\$\w{1,60}/|\$\{\w{1,60}\}/|/workspace/(?:source/)?)?(?P<path>[\w.][\w./-]{0,200})"
)
"""Its option, from the folder that the pipeline works in; Docker's own is called `--file`.

https://github.com/GoogleContainerTools/kaniko#flag---dockerfile
"""
_COMMENT = regex(r"^[ \t]*#[^\n]*$", re.MULTILINE)


def built_by_kaniko(text: Text) -> frozenset[str]:
    """The paths that a file names to Kaniko, in a command or in the arguments of its container."""
    if _NAME not in text.content:
        return frozenset()
    said = _COMMENT.sub("", text.content)
    return frozenset(posixpath.normpath(found["path"]) for found in _FILE.finditer(said))
