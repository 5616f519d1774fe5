"""Which Dockerfiles the files of a repository speak of, by words: a build need not be understood to name one."""

from __future__ import annotations

import re
from collections.abc import Collection

from checks.source.kind import Kind
from checks.source.text import Text

_KINDS = frozenset(
    (
        Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT, Kind.MAKEFILE, Kind.BAKE,
    )
)  # fmt: skip
_PIPELINE = re.compile(
    r"(?:^|/)(?:\.circleci|\.buildkite|\.tekton|\.woodpecker|\.semaphore|\.harness|concourse|copilot)/.*\.ya?ml$"
    r"|(?:^|/)(?:[\w.-]*(?:azure|bitbucket)-?pipelines|build|\.?cirrus|[\w.-]*cloudbuild|config|\.?drone|\.gitlab-ci|\.?goreleaser|heroku"
    r"|render|[\w.-]*buildspec|samconfig|serverless|skaffold|[Tt]askfile|template|\.?travis|\.?woodpecker)[\w.-]*\.ya?ml$"
)
"""YAML of what builds images without being understood here."""
_WORD = re.compile(r"\.?\w[\w.-]*")
_FEW = 3
"""One of so many."""
_PARTING = re.compile(r"[-_.]")
_VARYING = re.compile(
    r"(?:\$\w+|[*?%})\]][\"']?|<[\w-]+>)/(?:Docker|Container)file\b|-i?name\s+\W?(?:Docker|Container)file|\bls-files\b"
    r"|\bbuild\b[^\n;&|]{0,300}[\s/\"'](?:\$|%)[^\n\s;&|]{0,60}[\"']?/?\s*(?:$|[\n;&|)])"
    r"|(?:-f|--file|-C|\bcd)[\s=]{1,4}[^\s;&|]{0,200}[$*%]"
    r"|\b(?:context|dockerfile|file|path|workdir|-directory):\s{1,4}[^\n]{0,200}\$\{\{"
    r"|\bfor\s{1,4}\w+\s{1,4}in\b[^\n;]{0,200}[*$]",
    re.IGNORECASE,
)
"""Dockerfiles of folders that only the run knows."""
_PLAIN = frozenset(("dockerfile", "containerfile"))


def may_build(path: str, kind: Kind | None) -> bool:
    """Whether a file is one that builds images, or tells something to. Compose does, too, but to run them at once."""
    return kind in _KINDS or (kind is not Kind.DOCKERFILE and bool(_PIPELINE.search(path)))


def words_in(text: Text) -> frozenset[str]:
    """The words of a file, in lower case; `*` where it names the Dockerfiles of folders that only the run knows."""
    varies = frozenset(("*",)) if _VARYING.search(text.content) else frozenset[str]()
    found = {word.rstrip(".-").lower() for word in _WORD.findall(text.content)}
    found |= {word.lstrip(".") for word in found}
    return varies | found | {part for word in found for part in _PARTING.split(word)}


def left_unmentioned(dockerfiles: Collection[str], words: Collection[str]) -> frozenset[str]:
    """Those that nothing speaks of, never that which a build at the root takes unasked.

    None where a build may be of a file or of a folder that only the run knows, and where few are spoken of: what builds
    the others is not here.
    """
    below = [path for path in dockerfiles if path.lower() not in _PLAIN]
    unnamed = frozenset(path for path in below if not _is_named(path, words))
    if not words or len(below) - len(unnamed) < len(below) / _FEW:
        return frozenset()
    return frozenset() if "*" in words else unnamed


def _is_named(path: str, words: Collection[str]) -> bool:
    """Whether words speak of a Dockerfile: its name or all that is special in that, or else its folder's."""
    *folders, name = path.lower().split("/")
    if name in _PLAIN:
        return folders[-1] in words
    head, _, ending = name.partition(".")
    special = ending if head in _PLAIN else name.rpartition(".")[0]
    return name in words or all(part in words for part in _PARTING.split(special) if part)
