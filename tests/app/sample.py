"""A review made by hand, for the tests of what reports make of one."""

from __future__ import annotations

from checks.check import (
    Applicability,
    Check,
    Edit,
    Example,
    Finding,
    Fix,
    Kind,
    Location,
    Severity,
    Span,
)
from checks.engine import Crashed, Found, Review, State, Suppressed
from checks.source.snapshot import Snapshot
from checks.source.text import Text, Unreadable

WORKFLOW = """\
name: build
jobs:
  build:
    steps:
      - uses: docker/build-push-action@v6
        with:
          tags: |
            ${{ env.REGISTRY }}/web:main-latest
            ${{ env.REGISTRY }}/web:sha-${{ github.sha }}
"""
TERRAFORM = """\
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
"""
DOCKERFILE = "FROM node:24\r\n\tENTRYPOINT node server.js\r\n"

SNAPSHOT = Snapshot.of(
    {".github/workflows/build.yml": WORKFLOW, "terraform/ecr.tf": TERRAFORM, "Dockerfile": DOCKERFILE}
)

_DOC = """\
A moving tag is pushed to an immutable repository

The registry refuses to move the tag, so the second run fails.

## What to do

Push `sha-…` instead:

```yaml
tags: web:sha-${{ github.sha }}
```
"""


def check(name: str, severity: Severity = Severity.ERROR, doc: str = _DOC, **more: object) -> Check:
    """A check of that id."""
    example = Example(
        title="A moving tag", files="-- a.tf --\nx = 1\n", at="x = 1", fixed="-- a.tf --\nx = 2\n"
    )
    silent = Example(title="An exact tag", files="-- a.tf --\nx = 2\n")
    given = {"kinds": (Kind.WORKFLOW, Kind.TERRAFORM), "fix": Applicability.UNSAFE, "tags": ("tags",), **more}
    return Check(id=name, doc=doc, severity=severity, examples=(example, silent), **given)  # type: ignore[arg-type]  # values of the caller's


MOVING_TAG = check(
    "moving-tag-pushed-to-immutable-repository", security_severity=6.5, aliases=("mutable-tag",)
)
SHELL_FORM = check(
    "shell-form-entrypoint",
    Severity.WARNING,
    "Entrypoint is written in shell form\n\nA shell gets the signals.\n",
    kinds=(Kind.DOCKERFILE,),
    fix=Applicability.SAFE,
)


def at(path: str, fragment: str, note: str = "", snapshot: Snapshot = SNAPSHOT) -> Location:
    """Where `fragment` stands in a file of the snapshot."""
    text = snapshot.texts[path]
    return within(text, fragment, note)


def within(text: Text, fragment: str, note: str = "") -> Location:
    """Where `fragment` stands in a text."""
    start = text.content.index(fragment)
    return Location(text, Span(start, start + len(fragment)), note)


def replaced(place: Location, replacement: str) -> Edit:
    """An edit that replaces what a location covers."""
    return Edit(place.path, place.span, replacement)


def moving_tag() -> Finding:
    """A finding with a related place, an unsafe fix and an alternative in another file."""
    line = at(".github/workflows/build.yml", "            ${{ env.REGISTRY }}/web:main-latest\n")
    return Finding(
        message="`main-latest` is pushed on every run, and the repository `web` refuses to move a tag.",
        location=at(".github/workflows/build.yml", "main-latest"),
        consequence='The second push to `main` fails: "tag is immutable".',
        related=(at("terraform/ecr.tf", 'image_tag_mutability = "IMMUTABLE"', "sets `IMMUTABLE`"),),
        fixes=(
            Fix(
                "delete the tag",
                (replaced(line, ""),),
                Applicability.UNSAFE,
                "Does anything deploy `web:main-latest`?",
            ),
            Fix(
                "let this one tag move",
                (replaced(at("terraform/ecr.tf", '"IMMUTABLE"'), '"MUTABLE"'),),
                Applicability.DISPLAY,
            ),
        ),
    )


def shell_form() -> Finding:
    """A finding with a safe fix, in a file with CRLF and a tab."""
    place = at("Dockerfile", "ENTRYPOINT node server.js")
    fixed = 'ENTRYPOINT ["node", "server.js"]'
    return Finding(
        message="`ENTRYPOINT` is in shell form: `node` never gets SIGTERM.",
        location=place,
        fixes=(Fix("write it in exec form", (replaced(place, fixed),), Applicability.SAFE),),
        withheld="",
    )


def review() -> Review:
    """Two new findings and a known one, one suppressed, one file unreadable, one check crashed."""
    known = Finding(
        message="`FROM node:24` names no digest.",
        location=at("Dockerfile", "node:24"),
        withheld="no digest known",
    )
    first_line = at("Dockerfile", "FROM node:24")
    return Review(
        findings=(
            Found(MOVING_TAG, moving_tag(), Severity.ERROR, "aa" * 16),
            Found(SHELL_FORM, known, Severity.NOTE, "bb" * 16, State.KNOWN),
            Found(SHELL_FORM, shell_form(), Severity.WARNING, "cc" * 16),
        ),
        suppressed=(Suppressed(SHELL_FORM.id, first_line, "pid 1 is tini", first_line),),
        unreadable=(Unreadable("terraform/iam.tf", 18, '"{" is never closed'),),
        crashed=(Crashed(MOVING_TAG.id, "Dockerfile", "ValueError: no such line"),),
        incomplete=("the base commit can't be read",),
    )
