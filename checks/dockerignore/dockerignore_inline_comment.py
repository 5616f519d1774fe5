"""Comment behind a pattern is part of the pattern

In `.dockerignore` a `#` starts a comment only in the first column. `dist  # build output` leaves out a file
of that very name and nothing else, so `dist` stays in the build context; `!.env.example  # keep` takes
nothing back in. An indented comment is a pattern too, one that matches nothing.

Put the comment on a line of its own.

The check is silent for names with a `#` that no blank precedes, and where a file has the whole line for its
name, for an exception of what no pattern of the file leaves out, and where nothing here builds an image, or
only in other folders, so that nobody reads the file.

References:

- https://github.com/moby/patternmatcher/blob/main/ignorefile/ignorefile.go
- https://docs.docker.com/build/concepts/context/#syntax
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from itertools import chain

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
from checks.facts.build.ignore_files import (
    CannotRead,
    Ignore,
    Pattern,
    Text,
    is_wild,
    parse_ignore,
    reaches_into,
)
from checks.facts.dockerfile.folders import below_folder
from checks.regex import regex

_COMMENT = regex(r"[ \t]+#")

check = Check(
    id="dockerignore-inline-comment",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.DOCKERIGNORE, Kind.DOCKERFILE, Kind.WORKFLOW, Kind.ACTION, Kind.COMPOSE, Kind.SCRIPT),
    fix=Applicability.SAFE,
    scope=Scope.REPOSITORY,
    tags=("context", "dockerignore"),
    examples=(
        Example(
            title="a comment behind a pattern",
            files="""\
-- .dockerignore --
.env.*
!.env.example     # Keep the example file
""",
            at="!.env.example     # Keep the example file",
            fixed="""\
-- .dockerignore --
.env.*
# Keep the example file
!.env.example
""",
            paths=("Dockerfile",),
        ),
        Example(
            title="the repaired pattern would leave out what an image copies",
            files="""\
-- Dockerfile --
FROM node:24
COPY dist /srv/
-- .dockerignore --
dist # build output
""",
            at="dist # build output",
            fixed="""\
-- .dockerignore --
# build output
dist
""",
        ),
        Example(
            title="it would leave out files of the repository, which an image copies with all there is",
            files="""\
-- Dockerfile --
FROM node:24
COPY . /srv/
-- .dockerignore --
rates # large
""",
            paths=("rates/2026.json",),
            at="rates # large",
            fixed="""\
-- .dockerignore --
# large
rates
""",
        ),
        Example(
            title="an indented comment",
            files="""\
-- .dockerignore --
node_modules
  # caches
.cache
""",
            at="# caches",
            fixed="""\
-- .dockerignore --
node_modules
# caches
.cache
""",
            paths=("Dockerfile",),
        ),
        Example(
            title="exceptions of what may be left out: by a name, in a folder, by a star",
            files="""\
-- .dockerignore --
docs
schema/*.json
!docs/LICENSE # goes into the image
!schema # what the program reads
!*.md # none is left out so far
""",
            at=(
                "!docs/LICENSE # goes into the image",
                "!schema # what the program reads",
                "!*.md # none is left out so far",
            ),
            fixed="""\
-- .dockerignore --
docs
schema/*.json
# goes into the image
!docs/LICENSE
!schema # what the program reads
!*.md # none is left out so far
""",
            paths=("Dockerfile", "docs/LICENSE", "schema/shop.json"),
        ),
        Example(
            title="an exception of a file that nothing leaves out",
            files="""\
-- .dockerignore --
*.md
!LICENSE # goes into the image
dist/
!web/static/dist/ # what the front end was built into
""",
            paths=("Dockerfile", "LICENSE"),
        ),
        Example(
            title="comments in the first column, names with a hash, and a file of that name",
            files="""\
-- .dockerignore --
# comment
issue#12
notes #draft
#
""",
            paths=(
                "Dockerfile",
                "notes #draft",
            ),
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for ignore in repo.own_ignore_files:
        for pattern in ignore.patterns:
            if pattern.raw not in repo.snapshot.paths:
                if pattern.raw.startswith("#"):
                    yield _indented(ignore, pattern)
                elif behind := _COMMENT.search(pattern.raw):
                    meant, comment = pattern.raw[: behind.start()], pattern.raw[behind.end() - 1 :].strip()
                    if not pattern.negated or _may_take_back(repo, ignore, meant):
                        yield _behind(repo, ignore, pattern, meant, comment)


def _indented(ignore: Ignore, pattern: Pattern) -> Finding:
    blanks = Span(pattern.line_span.start, pattern.span.start)
    return Finding(
        message=f"{code(pattern.raw)} is a pattern, since its {code('#')} is not in the first column.",
        consequence="It matches no file; the next reader takes it for a comment.",
        location=Location(ignore.text, pattern.span),
        fixes=offer("start it in the first column", Applicability.SAFE, Edit(ignore.text.path, blanks, "")),
        severity=Severity.NOTE,
    )


def _behind(repo: Repository, ignore: Ignore, pattern: Pattern, meant: str, comment: str) -> Finding:
    text = ignore.text
    does = "takes nothing back in" if pattern.negated else "leaves nothing out"
    lost = _copied_but_left_out(repo, ignore, meant)
    caution = (
        f"The pattern starts to work, and {code(lost)}, which an image copies, is left out." if lost else ""
    )
    edit = Edit(text.path, pattern.line_span, f"{comment}{text.newline}{meant}")
    return Finding(
        message=f"{code(pattern.raw)} {does}: the comment is part of the pattern.",
        consequence=f"Only a file of that very name would match; {code(meant)} has no effect.",
        location=Location(text, pattern.span),
        fixes=offer(
            "put the comment on a line of its own",
            Applicability.UNSAFE if lost else Applicability.SAFE,
            edit,
            caution=caution,
        ),
    )


def _may_take_back(repo: Repository, ignore: Ignore, meant: str) -> bool:
    """Whether a pattern of the file leaves out what an exception is meant for, or something that may lie in it."""
    alone = _alone(meant)
    leaving = tuple(one for one in ignore.patterns if not one.negated)
    folder = posixpath.dirname(ignore.text.path)
    return any(
        is_wild(one)
        or Ignore(ignore.text, leaving, ()).decide(one.cleaned).excluded
        or (
            posixpath.join(folder, one.cleaned) not in repo.snapshot.paths
            and any(reaches_into(other, one.cleaned) for other in leaving)
        )
        for one in (alone.patterns if alone else ())
    )


def _copied_but_left_out(repo: Repository, ignore: Ignore, pattern: str) -> str:
    """A path that a Dockerfile below copies, by its name or with all there is, and that the pattern by itself
    would leave out."""
    alone = _alone(pattern)
    if alone is None:
        return ""
    folder = posixpath.dirname(ignore.text.path)
    copies = [copy for it in below_folder(folder, repo.dockerfiles) for copy in it.copies]
    named = [source.path for copy in copies for source in copy.sources]
    is_whole = any(
        source.path == ""
        for copy in copies
        if copy.instruction.flag("from") is None
        for source in copy.sources
    )
    files = repo.snapshot.below(folder) if is_whole else ()
    paths = chain(filter(None, named), (path.removeprefix(f"{folder}/") for path in files))
    return next((path for path in paths if alone.decide(path).excluded), "")


def _alone(pattern: str) -> Ignore | None:
    """A file with this one pattern; None where it can't be read."""
    try:
        return parse_ignore(Text(".dockerignore", pattern))
    except CannotRead:
        return None
