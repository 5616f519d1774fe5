"""Ignore file has a pattern for which every build is refused

Each line is a pattern of Go's `filepath.Match`. Where one can't be read — a `[` that is never closed, a `!`
alone, a backslash at the end or before a letter without a meaning — BuildKit does not skip the line: it
refuses the whole file, and the build ends at its context with "syntax error in pattern", before the first
instruction runs.

Escape a bracket that is part of the name (`\\[`), part folders with `/` on every system, and put `#` before a
comment.

The check is silent for patterns that are taken although they mean something else than they look like, for
ignore files among the data of tests and copies of other projects, and where nothing here builds an image, or
only in other folders, so that nobody reads the file.

References:

- https://docs.docker.com/build/concepts/context/#syntax
- https://pkg.go.dev/path/filepath#Match
- https://github.com/moby/patternmatcher/blob/main/patternmatcher.go
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
    Edit,
    Example,
    Finding,
    Fix,
    Kind,
    Location,
    Repository,
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.build.ignore_files import CannotRead, Ignore, Refusal, Text, parse_ignore
from checks.regex import regex

check = Check(
    id="dockerignore-invalid-pattern",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.DOCKERIGNORE, Kind.DOCKERFILE, Kind.WORKFLOW, Kind.ACTION, Kind.COMPOSE, Kind.SCRIPT),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("context", "dockerignore"),
    examples=(
        Example(
            title="a folder whose name begins with a bracket",
            files="""\
-- .dockerignore --
node_modules
app/[locale
dist
""",
            at="app/[locale",
            fixed="""\
-- .dockerignore --
node_modules
app/\\[locale
dist
""",
            paths=("Dockerfile",),
        ),
        Example(
            title="backslashes between folders, and at the end",
            files="""\
-- .dockerignore --
src\\Modules\\bin\\
""",
            at="src\\Modules\\bin\\",
            fixed="""\
-- .dockerignore --
src/Modules/bin
""",
            paths=("Dockerfile",),
        ),
        Example(
            title="a folder in which no build is: its Dockerfile copies what lies beside it",
            files="""\
-- services/web/.dockerignore --
bin\\
-- services/web/Dockerfile --
FROM mcr.microsoft.com/dotnet/sdk:10.0
COPY core/* core/
COPY web/* web/
CMD ["dotnet", "run", "--project", "web"]
""",
            paths=("services/core/core.csproj", "services/web/web.csproj"),
        ),
        Example(
            title="an exception from nothing",
            files="""\
-- web/Dockerfile.dockerignore --
*.md
!
dist
""",
            at="!",
            fixed="""\
-- web/Dockerfile.dockerignore --
*.md
dist
""",
            paths=("Dockerfile",),
        ),
        Example(
            title="a comment of another language, a comment behind a pattern",
            files="""\
-- .dockerignore --
  // see [1
dist
*.log # [2
""",
            at=("// see [1", "*.log # [2"),
            fixed="""\
-- .dockerignore --
# see [1
dist
*.log # [2
""",
            paths=("Dockerfile",),
        ),
        Example(
            title="a class that runs backwards",
            files="""\
-- .dockerignore --
**/[z-a]*.log
""",
            at="**/[z-a]*.log",
            paths=("Dockerfile",),
        ),
        Example(
            title="brackets that are closed or escaped, exceptions, backslashes with a meaning, data of a test",
            files="""\
-- .dockerignore --
**/[Bb]in
app/\\[locale
app/[locale]/page.tsx
!README.md
!!notes
obj\\debug
# [open
-- testdata/.dockerignore --
[
""",
            paths=("Dockerfile",),
        ),
    ),
)

_OTHER_COMMENT = regex(r"(?://|;+|--)(?=\s+\S)")
_BEHIND = regex(r"\s+(?=#\s)")


def run(repo: Repository) -> Iterator[Finding]:
    for ignore in repo.own_ignore_files:
        for refusal in ignore.refusals:
            yield Finding(
                message=f"{code(refusal.raw)} {refusal.reason}.",
                consequence=(
                    "BuildKit refuses the whole file: every build that uses it stops at its context, before the first "
                    "instruction."
                ),
                location=Location(ignore.text, refusal.span),
                fixes=_fixes(ignore, refusal),
            )


def _fixes(ignore: Ignore, refusal: Refusal) -> tuple[Fix, ...]:
    """The first of the ways to mend the line that leaves no pattern that is refused."""
    text, line = ignore.text, refusal.line_span
    if not refusal.raw.strip("!/ "):
        whole = text.full_line(refusal.line)
        edit = Edit(text.path, whole, "")
        return offer(
            "delete the line",
            Applicability.UNSAFE,
            edit,
            caution="Was a path to follow the `!`, that is to be taken back?",
        )
    for title, mended, caution in _mended(refusal.raw, text.newline):
        if _is_taken(mended):
            return offer(title, Applicability.UNSAFE, Edit(text.path, line, mended), caution=caution)
    return ()


def _mended(raw: str, newline: str) -> Iterator[tuple[str, str, str]]:
    """Ways to write the line, each with what it does and what is to be checked."""
    comment, behind = _OTHER_COMMENT.match(raw), _BEHIND.search(raw)
    if comment:
        yield "write #", f"#{raw[comment.end() :]}", "Is it a comment, and no path?"
    elif behind:
        pattern, rest = raw[: behind.start()], raw[behind.end() :]
        yield (
            "put the comment on a line of its own",
            f"{rest}{newline}{pattern}",
            f"Is what {code(pattern)} matches not needed in the image?",
        )
    elif "\\" in raw:
        with_slashes = raw.replace("\\", "/").rstrip("/")
        yield "part folders with /", with_slashes, f"Is {code(with_slashes)} the path that is meant?"
    elif "[" in raw and "]" not in raw.rpartition("[")[2]:
        escaped = raw.replace("[", "\\[")
        yield "escape the bracket", escaped, "Is the bracket a part of the file's name?"


def _is_taken(lines: str) -> bool:
    try:
        read = parse_ignore(Text(".dockerignore", lines))
    except CannotRead:
        return False
    return not read.refusals
