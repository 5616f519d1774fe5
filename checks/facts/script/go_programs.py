"""Which programs of other modules scripts take with Go, by `go install module@version` and the like.

Each release may ask for any Go; of `@latest` that is not known before it is there. https://go.dev/ref/mod#go-install
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from checks.facts.project.go_modules import has_go
from checks.regex import regex
from checks.source.text import Location

_MAY_TAKE = regex(r"\bgo\s+(?:install|run|get)\s[^\n;|&]{0,300}@|\b(?:just|mage|make|task)\b|\.sh\b")
"""In a script that may take the program of another module, by itself or by what it runs."""
_TAKES_OTHER = regex(
    r"\bgo\s+(?:get\s[^\n;|&]{0,300}@|(?:install|run)\s[^\n;|&]{0,300}(?:@(?!latest\b)|(?:[^\w.\s-]|\$\w{1,100})@latest\b))"
)
"""One of a program whose name or version is not known to be that of its newest release."""
_TAKES_NEWEST = regex(r"\bgo\s+(?:install|run)\s[^\n;|&]{0,300}@latest\b")
_NEWEST_PROGRAM = regex(
    r"\bgo\s+(?:install|run)\s[^\n;|&@]{0,300}?(?<![$\w.-])([\w.-]{1,100}(?:/v\d{1,3})?)@latest\b"
)
"""The end of its module's path."""
_TAKES_GIVEN = regex(r"\bgo\s+(?:install|run)\s[^\n;|&]{0,300}\$(?:[({]\d|\$)")
"""In a text that recipes call with the program, by itself or in a variable of the shell."""
_GIVEN_PROGRAM = regex(
    r"\$\(call\s[^\n;|&@]{0,300}?(?<![$\w.-])([\w.-]{1,100}(?:/v\d{1,3})?)[@,][ \t]{0,9}latest\b"
)
_LATEST = regex(r"^[ ]*(?:export[ ]+)?(\w{1,100})[ \t]*[:?]{0,2}=[ \t]*latest[ \t]*$", re.MULTILINE)
"""A variable of a Makefile."""
_VALUE = regex(r"\$[({](\w{1,100})[)}]")
_LAST_OF_PATH = {
    "github.com/golang/mock/mockgen": (1, 11),
    "github.com/golangci/golangci-lint/cmd/golangci-lint": (1, 23),
    "github.com/google/go-licenses": (1, 16),
    "github.com/goreleaser/goreleaser": (1, 22),
    "golang.org/x/lint/golint": (1, 11),
}
"""Programs of which no release follows under their path, with the Go that `go.mod` of the last one asks for.

They are given up, or later releases lie under `/v2`. In this order the last ones are v1.6.0, v1.64.8, v1.6.0 and
v1.26.2, and of golint the newest commit.
"""


def may_take_program(script: str) -> bool:
    """Whether a script may take the program of another module, by itself or by what it runs."""
    return _MAY_TAKE.search(script) is not None


def takes_other_program(script: str) -> bool:
    """Whether a script takes the program of another module that is not known to be the newest release of one."""
    return _TAKES_OTHER.search(script) is not None


def takes_newest_program(script: str) -> bool:
    """Whether a script takes the newest release of another module's program: `@latest`."""
    return _TAKES_NEWEST.search(script) is not None


def newest_programs(texts: Iterable[str]) -> tuple[str, ...]:
    """The programs that scripts, or the recipes of one run of `make`, take at their newest with Go: `tool@latest`."""
    read = tuple(texts)
    patterns = (_NEWEST_PROGRAM, *((_GIVEN_PROGRAM,) if any(map(_TAKES_GIVEN.search, read)) else ()))
    return tuple(
        dict.fromkeys(f"{name}@latest" for text in read for one in patterns for name in one.findall(text))
    )


def newest_of_recipes(lines: Sequence[Location]) -> dict[str, Location]:
    """Those that the recipes of one run of `make` take, by variables of its file too.

    Each has the first line that names it.
    """
    names = {name for line in lines[:1] for name in _LATEST.findall(line.text.content)}
    texts = [
        _VALUE.sub(lambda found: "latest" if found[1] in names else found[0], line.fragment) for line in lines
    ]
    return {
        name: next(
            line for line, text in zip(lines, texts, strict=True) if name.removesuffix("@latest") in text
        )
        for name in newest_programs(texts)
    }


def without_met(script: str, versions: Collection[str | None]) -> str:
    """A script without the programs at their newest for which each Go of some certainly suffices, as long as it was.

    Each of `versions` is as a `go-version` is written, None where it is not known.
    """
    for path, needed in _LAST_OF_PATH.items():
        if path in script and all(has_go(version, needed) for version in versions):
            program = rf"(?<![\w./-]){re.escape(path)}@latest\b"
            script = re.sub(program, lambda found: " " * len(found[0]), script)
    return script
