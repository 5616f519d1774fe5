"""Which Dockerfiles a plugin of Maven's seems to build, which asks the daemon for it without BuildKit.

https://dmp.fabric8.io/#build-configuration, https://github.com/spotify/dockerfile-maven
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from checks.facts.dockerfile.dockerfiles import Dockerfile
from checks.regex import regex
from checks.source.snapshot import Snapshot
from checks.source.text import Span
from checks.source.word import Word

_PROJECT = "pom.xml"
_PLACE = regex(
    r"(?<![\w@])@[a-z][\w-]{0,60}(?:\.[\w-]{1,60}){0,5}@(?![\w@])",
)
"""What a plugin fills in with a property: `@docker.account@`."""
_FILL = frozenset(("grep", "perl", "sed"))
"""Programs by which a file finds and fills places itself, of others: `sed s/@account@/acme/`."""
_ASSEMBLY = "maven"
"""The folder in which the plugin of fabric8 hands over what it has put together."""
_JAR = "JAR_FILE"
"""The argument by which that of Spotify hands the archive over, as its guide has it."""


def seems_built_by_maven(dockerfile: Dockerfile, snapshot: Snapshot) -> bool:
    """Whether a Dockerfile has places that a plugin fills in, or takes in what only a plugin hands over, in a folder of Maven's.

    A folder `maven` that the repository has is its own.
    """
    own = dockerfile.path.split("/")[:-1]
    over = ["/".join(own[:length]) for length in range(len(own) + 1)]
    if not any(posixpath.join(one, _PROJECT) in snapshot.paths for one in over):
        return False
    instructions = dockerfile.source.instructions
    return (
        _has_places(dockerfile)
        or (
            any(_is_assembly(one.path) for copy in dockerfile.copies for one in copy.sources)
            and not any(posixpath.join(one, _ASSEMBLY) in snapshot.folders for one in over)
        )
        or any(
            it.keyword == "ARG" and any(one.name.value == _JAR and one.value is None for one in it.pairs)
            for it in instructions
        )
    )


def _is_assembly(path: str | None) -> bool:
    return path is not None and path.partition("/")[0] == _ASSEMBLY


def _has_places(dockerfile: Dockerfile) -> bool:
    filling = (ran for ran in dockerfile.commands() if any(map(_fills, ran.command.words)))
    filled = {place for ran in filling for place in _places(dockerfile, ran.place(ran.command.span).span)}
    return any(
        place not in filled for it in dockerfile.source.instructions for place in _places(dockerfile, it.span)
    )


def _fills(word: Word) -> bool:
    return posixpath.basename(word.literal or "") in _FILL


def _places(dockerfile: Dockerfile, span: Span) -> Iterator[int]:
    return (one.start() for one in _PLACE.finditer(dockerfile.text.content, span.start, span.end))
