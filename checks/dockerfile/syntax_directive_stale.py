"""Frontend is pinned to an old minor version

`# syntax=docker/dockerfile:1.4` fetches that release of the Dockerfile frontend for each build, though the
builder has a newer one of its own. Repairs that came since then are left out, and so are new instructions and
flags.

Write `docker/dockerfile:1`, which is the newest stable release of version 1 and breaks no Dockerfile of it.
Releases from 1.8 on warn of more: the fix writes `ENV` and `LABEL` with `=` where that is missing.

The check is silent

- for `1`, releases since 2025, digests, the labs channel, and frontends of others
- where Renovate moves the release on
- where a guide of the repository, for people or for their agents (`CONTRIBUTING.md`, `AGENTS.md`,
  `.claude/rules/dockerfile.md`), names the same release, and not as the first that will do: then it was decided there
- where nothing here has Docker build the file: `podman`, `buildah` and Kaniko take the line for a comment
- where each image of the file has its digest, or is named by an argument for which a comment asks for one
- where the path of a file (`docs/reproducible-builds.md`) or what stands in a Dockerfile says that the
  repository minds whether its builds can be reproduced: a tag that moves stands in the way of that
- in files of development, tests and examples

References:

- https://docs.docker.com/build/buildkit/frontend/#stable-channel
- https://docs.docker.com/reference/dockerfile/#syntax
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.check import (
    Applicability,
    Attention,
    Check,
    Edit,
    Example,
    Finding,
    Kind,
    Repository,
    Scope,
    Severity,
    Span,
    code,
    offer,
)  # fmt: skip
from checks.facts.action.updaters import RENOVATE_FILES
from checks.facts.build.builders import built_by_docker
from checks.facts.dockerfile.dockerfiles import Dockerfile
from checks.facts.dockerfile.key_values import is_old, parted, rewritten, warns_of_nothing
from checks.regex import regex


def _digests(base: str) -> str:
    return f"""\
-- build.sh --
#!/bin/sh
docker build --tag web .
-- Dockerfile --
# syntax=docker/dockerfile:1.6
ARG DEBIAN=debian:13@sha256:{"a" * 64}
FROM {base} AS web
FROM web AS tested
FROM ${{DEBIAN}}
COPY --from=web /srv /srv
USER 1000
"""


_OF_ARGUMENT = """\
-- build.sh --
#!/bin/sh
docker build --build-arg HOST="$HOST" .
-- Dockerfile --
# syntax=docker/dockerfile:1.4
{comment}
ARG HOST
FROM ${{HOST}}
USER 1000
"""

check = Check(
    id="syntax-directive-stale",
    doc=__doc__,
    severity=Severity.NOTE,
    kinds=(Kind.DOCKERFILE, Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT, Kind.COMPOSE, Kind.BAKE),
    fix=Applicability.SAFE,
    scope=Scope.REPOSITORY,
    attention=Attention.CHECK_RUN,
    tags=("dockerfile",),
    examples=(
        Example(
            title="newer frontends warn of a line, too",
            files="""\
-- build.sh --
#!/bin/sh
docker build --tag web .
-- Dockerfile --
# syntax=docker/dockerfile:1.5
FROM alpine:3.24
ENV PATH /srv/bin:$PATH
USER 1000
""",
            at="docker/dockerfile:1.5",
            fixed="""\
-- Dockerfile --
# syntax=docker/dockerfile:1
FROM alpine:3.24
ENV PATH=/srv/bin:$PATH
USER 1000
""",
        ),
        Example(
            title="a minor version of 2023",
            files="""\
-- build.sh --
#!/bin/sh
docker build --tag web .
-- Dockerfile --
# syntax=docker/dockerfile:1.6
FROM scratch
USER 1000
""",
            at="docker/dockerfile:1.6",
            fixed="""\
-- Dockerfile --
# syntax=docker/dockerfile:1
FROM scratch
USER 1000
""",
        ),
        Example(
            title="built by bake",
            files="""\
-- docker-bake.hcl --
target "web" { dockerfile = "web/Dockerfile" }
-- web/Dockerfile --
# syntax=docker/dockerfile:1.7
FROM scratch
USER 1000
CMD ["/web"]
""",
            at="docker/dockerfile:1.7",
            fixed="""\
-- web/Dockerfile --
# syntax=docker/dockerfile:1
FROM scratch
USER 1000
CMD ["/web"]
""",
        ),
        Example(
            title="by another builder, which takes it for a comment, and by one that is not known",
            files="""\
-- build.sh --
#!/bin/sh
buildah build --tag web .
-- Dockerfile --
# syntax=docker/dockerfile:1.6
FROM scratch
USER 1000
-- worker/Dockerfile --
# syntax=docker/dockerfile:1.6
FROM scratch
USER 1000
CMD ["/worker"]
""",
        ),
        Example(
            title="in a folder of tests",
            files="""\
-- .github/workflows/test.yml --
on: push
jobs: {test: {runs-on: ubuntu-latest, steps: [{run: docker build test}]}}
-- test/Dockerfile --
# syntax=docker/dockerfile:1.6
FROM scratch
USER 1000
""",
        ),
        Example(
            title="Renovate moves it on",
            files="""\
-- build.sh --
#!/bin/sh
docker build --tag web .
-- Dockerfile --
# syntax=docker/dockerfile:1.6
FROM scratch
USER 1000
""",
            paths=("renovate.json",),
        ),
        Example(
            title="the line that agents are told to begin with; a line of their own in another file",
            files="""\
-- docker-bake.hcl --
target "web" { dockerfile = "Dockerfile" }
target "worker" { dockerfile = "worker.Dockerfile" }
-- .claude/rules/dockerfiles.md --
- The first line of a new file: `# syntax=docker/dockerfile:1.6`.
-- Dockerfile --
# syntax=docker/dockerfile:1.6
FROM scratch
USER 1000
-- worker.Dockerfile --
# syntax=docker/dockerfile:1.5
FROM scratch
USER 1000
CMD ["/worker"]
""",
            at="docker/dockerfile:1.5",
            fixed="""\
-- worker.Dockerfile --
# syntax=docker/dockerfile:1
FROM scratch
USER 1000
CMD ["/worker"]
""",
        ),
        Example(
            title="a guide that wants the release, and says of newer ones that they will not do",
            files="""\
-- build.sh --
#!/bin/sh
docker build --tag web .
-- AGENTS.md --
Begin with `docker/dockerfile:1.4`, not with `1.5` or newer: the builders hold at least to this one.
-- Dockerfile --
# syntax=docker/dockerfile:1.4
FROM scratch
USER 1000
""",
        ),
        Example(
            title="guides that speak of a later release, whose number begins alike, and of the first one that will do",
            files="""\
-- build.sh --
#!/bin/sh
docker build --tag web .
-- AGENTS.md --
Begin with `docker/dockerfile:1.40`.
-- CONTRIBUTING.md --
Heredocs need `docker/dockerfile:1.4` or newer.
-- Dockerfile --
# syntax=docker/dockerfile:1.4
FROM scratch
USER 1000
""",
            at="docker/dockerfile:1.4",
            fixed="""\
-- Dockerfile --
# syntax=docker/dockerfile:1
FROM scratch
USER 1000
""",
        ),
        Example(
            title="builds that are to be reproduced",
            files="""\
-- build.sh --
#!/bin/sh
docker build --tag web .
-- Dockerfile --
# syntax=docker/dockerfile:1.6
FROM scratch
USER 1000
""",
            paths=("docs/reproducible-builds.md",),
        ),
        Example(
            title="a Dockerfile whose tools are to be the same tomorrow, and one beside it",
            files="""\
-- build.sh --
#!/bin/sh
docker build --tag web .
docker build --file tools.Dockerfile --tag tools .
-- Dockerfile --
# syntax=docker/dockerfile:1.6
FROM scratch
USER 1000
-- tools.Dockerfile --
# syntax=docker/dockerfile:1.6
FROM rust:1
# At one version, for a reproducible image.
RUN cargo install --locked --version 1.2.3 sccache
CMD ["sccache"]
""",
        ),
        Example(
            title="all images have their digests",
            files=_digests("node:24@sha256:" + "b" * 64),
        ),
        Example(
            title="an argument for which the caller is to find out the digest",
            files=_OF_ARGUMENT.format(
                comment="# The image's name with its digest; without it nothing is built."
            ),
        ),
        Example(
            title="an argument for any image",
            files=_OF_ARGUMENT.format(comment="# The image that hosts it."),
            at="docker/dockerfile:1.4",
            fixed="""\
-- Dockerfile --
# syntax=docker/dockerfile:1
# The image that hosts it.
ARG HOST
FROM ${HOST}
USER 1000
""",
        ),
        Example(
            title="one of two images has its digest",
            files=_digests("node:24"),
            at="docker/dockerfile:1.6",
            fixed="""\
-- Dockerfile --
# syntax=docker/dockerfile:1
ARG DEBIAN=debian:13@sha256:%s
FROM node:24 AS web
FROM web AS tested
FROM ${DEBIAN}
COPY --from=web /srv /srv
USER 1000
"""
            % ("a" * 64),
        ),
        Example(
            title="the stable channel, a digest, the labs, another frontend",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    strategy: {matrix: {file: [Dockerfile, a.Dockerfile, b.Dockerfile, c.Dockerfile, d.Dockerfile]}}
    steps: [{run: 'docker build --file ${{ matrix.file }} .'}]
-- Dockerfile --
# syntax=docker/dockerfile:1
FROM scratch
USER 1000
-- a.Dockerfile --
# syntax=docker/dockerfile:1.6@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
FROM scratch
USER 1000
-- b.Dockerfile --
# syntax=docker/dockerfile:1.6-labs
FROM scratch
USER 1000
-- d.Dockerfile --
# syntax=docker/dockerfile:1.26
FROM scratch
USER 1000
-- c.Dockerfile --
# syntax=registry.example.com/frontend:1.6
FROM scratch
USER 1000
""",
        ),
    ),
)

_STALE = regex(r"(?P<name>(?:docker\.io/)?docker/dockerfile:1)\.(?:\d|1[0-2])(?:\.\d+)?")
"""Up to 1.12, of November 2024: https://github.com/moby/buildkit/releases"""

_FROM_ON = regex(r"(?:\bat\s+least\b|\bminimum\b|>=)[^.;,\n]{0,40}\Z", re.IGNORECASE)
_OR_NEWER = regex(
    r"[\"'`]{0,2}(?:\+|,?\s{1,4}\(?(?:(?:and|or)\s+(?:above|greater|higher|later|newer|up)\b|(?:(?:is|as)\s+)?(?:(?:a|the)\s+)?minimum\b))",
    re.IGNORECASE,
)
"""What says, ahead of a release or right behind it, that newer ones will do."""
_REPRODUCES = regex(r"reproducib", re.IGNORECASE)
_ASKS_FOR_DIGEST = regex(r"@sha256:|\bdigests?\b", re.IGNORECASE)


def run(repo: Repository) -> Iterator[Finding]:
    if RENOVATE_FILES & repo.snapshot.paths or _minds_reproduction(repo):
        return
    built = built_by_docker(repo.builds, repo.compose_builds, repo.bake_targets)
    for dockerfile in repo.dockerfiles:
        if dockerfile.path not in built:
            continue
        directive = dockerfile.source.directive("syntax")
        match = _STALE.fullmatch(directive.value) if directive else None
        if directive is None or match is None or _has_digests(dockerfile):
            continue
        if dockerfile.is_generated or not dockerfile.may_ship or _is_written_down(repo, directive.value):
            continue
        rest = Span(directive.value_span.start + match.end("name"), directive.value_span.end)
        yield Finding(
            message=f"{code(directive.value)} stays at one release of the Dockerfile frontend.",
            consequence="Each build fetches that release; the repairs of later ones do not reach it.",
            location=dockerfile.location(directive.value_span),
            fixes=offer(
                "follow version 1",
                Applicability.SAFE,
                Edit(dockerfile.path, rest, ""),
                *_without_warnings(dockerfile),
            ),
        )


def _without_warnings(dockerfile: Dockerfile) -> tuple[Edit, ...]:
    """What newer frontends warn of, and an old one does not, in its new form; none where that is doubtful for a line."""
    old = [it for it in dockerfile.source.instructions if is_old(it)] if warns_of_nothing(dockerfile) else []
    edits = [rewritten(dockerfile, it.pairs[0]) for it in old if parted(dockerfile, it.pairs[0]) is None]
    found = tuple(edit for edit in edits if edit is not None)
    return found if len(found) == len(old) else ()


def _is_written_down(repo: Repository, frontend: str) -> bool:
    """Whether a guide names the release of the frontend, so that files are to have it; not where newer ones will do."""
    named = re.compile(rf"(?<![\w/.-]){re.escape(frontend)}(?![\w-]|\.\d)")
    lines = (line for text in repo.guide_texts for line in text.content.splitlines())
    return any(
        not (
            _FROM_ON.search(line[max(0, found.start() - 60) : found.start()])
            or _OR_NEWER.match(line, found.end())
        )
        for line in lines
        for found in named.finditer(line)
    )


def _minds_reproduction(repo: Repository) -> bool:
    written = (one.text.content for one in repo.dockerfiles if not one.is_vendored)
    return any(map(_REPRODUCES.search, (*repo.snapshot.paths, *written)))


def _has_digests(dockerfile: Dockerfile) -> bool:
    """Whether each image that the file names, of which there is one at least, has its digest, or is to have it."""
    bases = [one for one in dockerfile.stages if len(dockerfile.ancestry(one)) == 1]
    asked = any(_ASKS_FOR_DIGEST.search(one.text) for one in dockerfile.source.comments)
    names = [dockerfile.expanded_base(one) or ("@sha256:" if asked else "") for one in bases]
    images = [name for name in names if name != "scratch"]
    return bool(images) and all("@sha256:" in name for name in images)
