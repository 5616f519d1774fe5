"""Comment of another language is a pattern

In a `.dockerignore` only a line that starts with `#` is a comment. `// tests` is a pattern: the slashes are
cleaned away, and it leaves out a file or folder of that name. `; note` and `-- note` are patterns that match
nothing.

Write `#`.

The check is silent for `//path` without a blank, which is a path with a slash too many, and where nothing
here builds an image, or only in other folders, so that nobody reads the file.

References:

- https://docs.docker.com/build/concepts/context/#syntax
- https://github.com/moby/patternmatcher/blob/main/ignorefile/ignorefile.go
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
    Edit,
    Example,
    Finding,
    Kind,
    Location,
    Repository,
    Scope,
    Severity,
    Span,
    code,
    offer,
)  # fmt: skip
from checks.regex import regex

check = Check(
    id="dockerignore-foreign-comment",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.DOCKERIGNORE, Kind.DOCKERFILE, Kind.WORKFLOW, Kind.ACTION, Kind.COMPOSE, Kind.SCRIPT),
    fix=Applicability.SAFE,
    scope=Scope.REPOSITORY,
    tags=("dockerignore",),
    examples=(
        Example(
            title="slashes",
            files="""\
-- .dockerignore --
// Test files
**/*.test.ts
""",
            at="// Test files",
            fixed="""\
-- .dockerignore --
# Test files
**/*.test.ts
""",
            paths=("Dockerfile",),
        ),
        Example(
            title="a semicolon and dashes",
            files="""\
-- .dockerignore --
; build output
dist
-- secrets
.env
""".replace("-- secrets", "--  secrets"),
            at=("; build output", "--  secrets"),
            fixed="""\
-- .dockerignore --
# build output
dist
--  secrets
.env
""",
            paths=("Dockerfile",),
        ),
        Example(
            title="comments, paths with a slash too many, names that begin so",
            files="""\
-- .dockerignore --
# Test files
//node_modules
;x
--flag
docs // and more
""",
            paths=("Dockerfile",),
        ),
    ),
)

_COMMENT = regex(r"(//|;+|--)(?=\s+\S)")


def run(repo: Repository) -> Iterator[Finding]:
    for ignore in repo.own_ignore_files:
        for pattern in ignore.patterns:
            match = _COMMENT.match(pattern.raw)
            if match is None:
                continue
            start = pattern.span.start
            harm = match[1] == "//" and pattern.cleaned in repo.snapshot.paths | repo.snapshot.folders
            yield Finding(
                message=f"{code(pattern.raw)} is a pattern: only {code('#')} at the start of a line makes a comment.",
                consequence=(
                    f"It leaves {code(pattern.cleaned)} out of the build context."
                    if harm
                    else "It matches nothing today; a file of that name would be left out of the build context."
                ),
                location=Location(ignore.text, pattern.span),
                severity=None if harm else Severity.NOTE,
                fixes=offer(
                    "write #",
                    Applicability.SAFE,
                    Edit(ignore.text.path, Span(pattern.line_span.start, start + len(match[1])), "#"),
                ),
            )
