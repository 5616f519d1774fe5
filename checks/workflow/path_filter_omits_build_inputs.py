"""Path filter leaves out the Dockerfile that the workflow builds

With `paths:` a workflow runs only if one of the patterns matches a changed file. Where they match the sources
and not the Dockerfile, a new base image or a repaired layer is merged and nothing is built.

Add the Dockerfile to the patterns.

The check is silent without `paths:`, for `paths-ignore:`, where a pattern can't be read, and where another
workflow builds the same Dockerfile, or may.

References:

- https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#onpushpull_requestpull_request_targetpathspaths-ignore
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
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
from checks.facts.tree import Entry, Sequence, append_item
from checks.facts.workflow.filter_patterns import selects
from checks.facts.workflow.triggers import Trigger
from checks.regex import regex


def _files(paths: str, more: str = "") -> str:
    return f"""\
-- .github/workflows/build.yml --
on:
  push:
    branches: [main]
    paths:
{paths}jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {{context: ., file: docker/web.Dockerfile, push: true, tags: ghcr.io/acme/web}}
-- docker/web.Dockerfile --
FROM scratch
COPY src /src
-- src/start.sh --
#!/bin/sh
-- cmd/web/VERSION --
1.4.0
{more}"""


_SRC = "      - src/**\n      - .github/workflows/build.yml\n"

_OF_RELEASES = regex(r"(?:^|/)(?:version(?:\.\w+)?|\.?release[\w.-]*|changelog(?:\.\w+)?)$", re.IGNORECASE)
"""A pattern for a file that a release changes."""

check = Check(
    id="path-filter-omits-build-inputs",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.WORKFLOW, Kind.DOCKERFILE),
    fix=Applicability.SAFE,
    scope=Scope.REPOSITORY,
    tags=("build", "triggers"),
    examples=(
        Example(
            title="the sources only",
            files=_files(_SRC),
            at="paths",
            fixed=_files(_SRC + "      - docker/web.Dockerfile\n").partition("-- docker")[0],
        ),
        Example(title="a new version releases", files=_files("      - cmd/web/VERSION\n")),
        Example(title="by a pattern", files=_files(_SRC + "      - docker/**\n")),
        Example(title="a pattern that is not plain", files=_files("      - '[sd]*/**'\n")),
        Example(title="what is left out", files=_files(_SRC + "      - '!docs/**'\n")),
        Example(title="paths-ignore", files=_files(_SRC).replace("paths:", "paths-ignore:")),
        Example(
            title="another workflow builds it, too",
            files=_files(
                _SRC,
                """\
-- .github/workflows/nightly.yml --
on: {schedule: [{cron: '0 0 * * *'}]}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., file: docker/web.Dockerfile, push: true, tags: ghcr.io/acme/web}
""",
            ),
        ),
        Example(
            title="another workflow builds Dockerfiles that are not known",
            files=_files(
                _SRC,
                """\
-- .github/workflows/nightly.yml --
on: {workflow_dispatch: {inputs: {file: {type: string}}}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker build -t web -f "${{ inputs.file }}" .
""",
            ),
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    by_path: dict[str, set[str]] = {}
    unknown = {build.text.path for build in repo.builds if build.dockerfile is None}
    for build in repo.builds:
        if build.dockerfile in repo.snapshot.paths and build.step is not None:
            by_path.setdefault(build.dockerfile or "", set()).add(build.step.text.path)
    for workflow in repo.workflows:
        mine = [path for path, files in by_path.items() if files | unknown == {workflow.path}]
        trigger = workflow.triggers.get("push")
        if (
            trigger is not None
            and mine
            and len(workflow.triggers.keys() - {"pull_request", "workflow_dispatch"}) == 1
        ):
            yield from _of_trigger(repo, trigger, mine)


def _of_trigger(repo: Repository, trigger: Trigger, dockerfiles: list[str]) -> Iterator[Finding]:
    patterns = trigger.filter("paths")
    entry = trigger.node.entry("paths") if trigger.node else None
    if not patterns or entry is None or any(pattern.startswith("!") for pattern in patterns):
        return
    if all(_OF_RELEASES.search(pattern) for pattern in patterns):
        return  # a release is made by a change of its version
    for path in dockerfiles:
        if selects(patterns, path) is False and repo.snapshot.complete:
            yield _finding(entry, path, repo)


def _finding(entry: Entry, path: str, repo: Repository) -> Finding:
    text = repo.snapshot.texts.get(path)
    edit = append_item(entry.value, path) if isinstance(entry.value, Sequence) else None
    return Finding(
        message=f"No pattern of {code('paths')} matches {code(path)}, which the workflow builds.",
        consequence="A change of the Dockerfile alone, a new base image perhaps, is merged and nothing is built.",
        location=Location(entry.key.text, entry.key.span),
        related=(Location(text, Span(0, text.line(1).end), "is not matched"),) if text else (),
        fixes=offer(f"add {code(path)}", Applicability.SAFE, edit),
    )
