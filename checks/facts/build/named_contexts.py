"""Names of base images that a build may put something else in place of: another image, a folder or a target.

https://docs.docker.com/reference/cli/docker/buildx/build/#build-context
"""

from __future__ import annotations

import re

from checks.regex import regex
from checks.source.text import Text

_FLAG = regex(r"--build-context(?:=|\s{1,9})[\"']?(?P<name>[^\s=\"']{1,200})=")
_WRITTEN = regex(r"\b(?:build-contexts|additional_contexts|contexts)\b")
"""How a workflow, a Compose file and a bake file begin to write them down.

https://github.com/docker/build-push-action#inputs
https://docs.docker.com/reference/compose-file/build/#additional_contexts
https://docs.docker.com/build/bake/reference/#targetcontexts
"""
_ITEM = regex(
    r"^[ \t]*(?:-[ \t]+)?(?:(?:build-contexts|contexts)[ \t]*[:=][ \t]*[{\"']?[ \t]*)?"
    r"[\"']?(?P<name>[A-Za-z0-9][\w./:@-]{0,200}?)[\"']?[ \t]*[:=][ \t]*"
    r"[\"']?(?:docker-image://|oci-layout://|https?://|git@|target:|service:|\.{0,2}/|\.{1,2}(?:[\"'\s]|$)|\$|[\w-]+\()",
    re.MULTILINE,
)
"""A name with what may stand for it, on a line of its own."""


def passed_names(text: Text) -> frozenset[str]:
    """The names that a file which builds may pass something under, as `plain_name` gives them."""
    content = text.content
    found = {it["name"] for it in _FLAG.finditer(content)}
    if _WRITTEN.search(content):
        found |= {it["name"] for it in _ITEM.finditer(content)}
    return frozenset(map(plain_name, found))


def plain_name(image: str) -> str:
    """How a builder writes an image's name to look it up: without Docker Hub's long spelling, and without `latest`.

    https://github.com/moby/buildkit/blob/master/frontend/dockerui/namedcontext.go
    """
    return image.removeprefix("docker.io/").removeprefix("library/").removesuffix(":latest")
