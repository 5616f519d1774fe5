"""Lines of Dockerfiles that scripts look for."""

from __future__ import annotations

import pytest

from checks.catalogue import catalogue
from checks.check import Finding, Repository
from checks.engine import review
from checks.facts.dockerfile.named_lines import is_base_sought, line_named
from checks.source.snapshot import Edit, Snapshot
from checks.source.text import Span, Text

FILES = {
    ".github/workflows/build.yml": """\
on: push
permissions: {contents: read}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., platforms: 'linux/amd64,linux/arm64'}
""",
    "Dockerfile": """\
FROM node:24 AS web
WORKDIR /web
COPY . .
RUN npm run build
FROM nginx:1.29
COPY --from=web /web/dist /usr/share/nginx/html
""",
}


def told(script: str) -> Finding:
    """What is told of a stage that is compiled for each platform, beside a script."""
    files = {**FILES, "scripts/prepare.sh": f"#!/bin/sh\n{script}\ndocker build .\n"}
    found = review(Repository(Snapshot.of(files)), None, catalogue()).findings
    return next(one.finding for one in found if one.check.id == "emulated-compile")


@pytest.mark.parametrize(
    "script",
    [
        "sed -i 's/^FROM node:24 AS web/FROM scratch AS web/' Dockerfile",
        "sed -i '/FROM node:24 AS web/,/RUN npm/d' Dockerfile",
        'grep -qF "FROM node:24 AS web" Dockerfile',
        "echo not FROM node:24 AS web; sed -i 's/^FROM node:24 AS web/FROM scratch AS web/' Dockerfile",
    ],
)
def test_a_line_that_a_script_looks_for_stays(script: str) -> None:
    finding = told(script)
    assert finding.fixes == ()
    assert (
        "`scripts/prepare.sh` line 2 names this line, too, and may look for it: change both"
        in finding.withheld
    )


@pytest.mark.parametrize(
    "script",
    [
        "sed -i 's/^FROM nginx:1.29/FROM nginx:1.30/' Dockerfile",
        "grep -q '^FROM' Dockerfile",
        "cat > other <<EOF\nFROM node:24 AS web\nEOF",
        "echo FROM",
        "printf '%s\\n' 'FROM node:24 AS web2' 'FROM node:24 AS web AS api' > other",
    ],
)
def test_other_scripts_change_nothing(script: str) -> None:
    (fix,) = told(script).fixes
    assert "platform" in fix.edits[0].replacement


@pytest.mark.parametrize(
    ("script", "is_sought"),
    [
        ("retry 'npm install --no-audit'", False),
        ("sed -i 's/npm install --no-audit/npm ci/' Dockerfile", True),
        ("sed -i 's/RUN npm install --no-audit/RUN npm ci/' Dockerfile", False),
    ],
)
def test_a_command_inside_a_run_may_stand_in_other_scripts_for_itself(
    script: str, *, is_sought: bool
) -> None:
    line = "    npm install --no-audit"
    dockerfile = Text("Dockerfile", f"FROM node:24\nRUN set -eux; \\\n{line}\n")
    start = dockerfile.content.index("install")
    edit = Edit("Dockerfile", Span(start, start + len("install")), "ci")
    found = line_named([edit], {"Dockerfile": dockerfile}, [Text("prepare.sh", f"#!/bin/sh\n{script}\n")])
    assert (found is not None) is is_sought


@pytest.mark.parametrize(
    ("line", "script", "is_sought"),
    [
        ("FROM node:24", "sed -i 's/^FROM node:24/FROM scratch/' Dockerfile", True),
        ("FROM node:24-slim AS web", "sed -i 's|FROM node:24|FROM mirror.example/node:24|' Dockerfile", True),
        ("FROM node:24 AS web", r"sed -i '/^FROM node:24\s/,/^RUN/d' Dockerfile", True),
        ("FROM node:24", r"perl -pi -e 's#FROM\s+node:24#FROM scratch#' Dockerfile", True),
        ("FROM  node:24", "sed -i 's/^FROM[[:space:]]*node:24$/FROM scratch/' Dockerfile", True),
        ("FROM acme/node:24", r"sed -i 's/FROM acme\/node:24/FROM acme\/web/' Dockerfile", True),
        ("FROM node:24", "grep -q '^FROM node:24' Dockerfile", True),
        ("FROM ghcr.io/acme/web:24", "sed -i 's|^FROM ghcr.io/acme/web:24|FROM x|' Dockerfile", True),
        ("FROM node:24", r"sed -i 's/^FROM node:24\s*$/FROM x/' Dockerfile", True),
        ("FROM node:24", "sed -i 's/^FROM node:/FROM mirror.example\\/node:/' Dockerfile", False),
        ("FROM node:24", "sed -i 's/^FROM node:2[0-9]/FROM scratch/' Dockerfile", False),
        ("FROM node:24 AS web", "sed -i '/^FROM node:24 AS web/,/^RUN/d' Dockerfile", True),
        ("FROM node:24-slim AS web", "sed -i '/^FROM node:24 AS web/,/^RUN/d' Dockerfile", False),
        ("FROM node:24-slim", "sed -i 's/^FROM node:24$/FROM scratch/' Dockerfile", False),
        ("FROM node:24-slim", r"sed -i 's/^FROM node:24\s/FROM scratch /' Dockerfile", False),
        ("FROM node:24", "sed -i 's/^FROM node:22/FROM node:24/' Dockerfile", False),
        ("FROM node:24", "sed -i 's/^FROM alpine:3.24/FROM scratch/' Dockerfile", False),
        ("FROM node:24", "printf 'FROM node:24\\nUSER 1000\\n' > Dockerfile.dev", False),
        ("FROM node:24", "sed -i 's/^USER/# USER/' Dockerfile && echo FROM node:24", False),
    ],
)
def test_how_a_base_begins(line: str, script: str, *, is_sought: bool) -> None:
    dockerfile = Text("Dockerfile", f"{line}\nRUN make\n")
    start = line.index("24")
    edit = Edit("Dockerfile", Span(start, start + 2), "26")
    found = line_named([edit], {"Dockerfile": dockerfile}, [Text("prepare.sh", f"#!/bin/sh\n{script}\n")])
    assert (found is not None) is is_sought


@pytest.mark.parametrize(
    ("line", "script", "is_sought"),
    [
        ("FROM ghcr.io/acme/web:24", "sed 's|^FROM ghcr.io/acme/web:24|FROM x|' Dockerfile", True),
        ("FROM ghcr.io/acme/web:24", "sed 's|^FROM ghcr.io/acme/tool:1|FROM x|' Dockerfile", False),
        ("FROM acme/web:24", r"sed 's/FROM acme\/tool/FROM x/' Dockerfile", False),
        ("FROM node:24", "sed 's/FROM node/FROM x/' Dockerfile", True),
        ("FROM node:24", "sed 's@FROM node@FROM x@' Dockerfile", True),
    ],
)
def test_a_base_is_sought_up_to_what_ends_the_pattern(line: str, script: str, *, is_sought: bool) -> None:
    assert is_base_sought(line, script) is is_sought


def test_a_line_that_only_moves_is_still_found() -> None:
    dockerfile = Text("Dockerfile", "FROM node:24\nCOPY . .\nRUN npm ci\n")
    start, end = dockerfile.content.index("COPY"), dockerfile.content.index("RUN")
    last = len(dockerfile.content)
    gone = Edit("Dockerfile", Span(start, end), "")
    edits = [gone, Edit("Dockerfile", Span(last, last), "COPY . .\n")]
    scripts = [Text("prepare.sh", "sed -i 's/^COPY . ./COPY dist ./' Dockerfile\n")]
    texts = {"Dockerfile": dockerfile}
    assert line_named([gone], texts, scripts) is not None
    assert line_named(edits, texts, scripts) is None
