"""Which stages the commands of Makefiles, scripts and pipelines build of a Dockerfile with a name of its own, by their words."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping

from checks.regex import regex
from checks.source.text import Text

_PLAIN = frozenset(("dockerfile", "containerfile"))
_CONTINUED = regex(r"\\\r?\n")
_PARTS = regex(r"[;&|]+")
_BUILDS = regex(r"\b(?:docker|podman|nerdctl|buildah)\b.{0,200}?\b(?:build|bud)\b")
_TARGET = regex(r"\s--target(?:=|\s{1,4})[\"']?([\w.-]{1,200})[\"']?(?=\s|$)")
_INNER = regex(
    r"(?:^|[._-])(?:dev|devel|development|debug|tests?|testing|e2e|ci|local|lint|check|builds?|builder|base|deps|artifacts?|binar(?:y|ies)|exports?|out(?:put)?)(?:$|[._-])",
    re.IGNORECASE,
)
"""Targets of those who work on the project, or that something is taken out of: what others run may be built elsewhere."""


def asked_targets(
    dockerfiles: Collection[str], builders: Iterable[Text]
) -> Mapping[str | None, frozenset[str | None]]:
    """The targets of the builds of each Dockerfile, where every place that names it is a build with a target written out.

    A plain `Dockerfile` is left out, which builds need not name, and one of which they take inner stages alone.
    """
    names = Counter(map(posixpath.basename, dockerfiles))
    own = {posixpath.basename(path): path for path in dockerfiles}
    found: dict[str, set[str | None]] = {}
    for text in builders:
        for name in (name for name in own if name.lower() not in _PLAIN and name in text.content):
            found.setdefault(name, set()).update(_targets(text, name))
    return {
        own[name]: frozenset(targets)
        for name, targets in found.items()
        if names[name] == 1
        and None not in targets
        and not all(_INNER.search(one) for one in targets if one is not None)
    }


def _targets(text: Text, name: str) -> Iterator[str | None]:
    """The target of each command that names a file; None for what is no build, or has none that is written out."""
    named = re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])")
    for line in _CONTINUED.sub(" ", text.content).splitlines():
        for part in _PARTS.split(line) if name in line and not line.lstrip().startswith("#") else ():
            if named.search(part):
                targets = _TARGET.findall(part) if _BUILDS.search(part) else ()
                yield targets[0] if len(targets) == 1 else None
