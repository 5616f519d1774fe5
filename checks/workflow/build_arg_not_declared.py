"""Build argument is passed that the Dockerfile does not declare

BuildKit drops a build argument that no `ARG` declares, and the build succeeds. The version stays empty, the
default stays in force, and often nobody notices before the image runs: at most a warning that a variable is
undefined stands in the log.

Declare the argument in the stage that uses it, or take it out of the build. The fix takes it out where an
`ENV` gives the variable the very value that is passed, and where nothing is known to read it: the image is
the same without it.

The check is silent for BuildKit's predefined arguments (proxies, `BUILDKIT_…`, `SOURCE_DATE_EPOCH`,
`TARGET…`), where the Dockerfile or the names are not known, and where one list is passed to several
Dockerfiles.

Where an `ENV` sets the name to something else, and where no line reads it, it is a note. Where a build of the
project runs (`npm run build`, `mvn`, `cargo build`), that is named, and there is no fix: the sources, which are
not read, tell whether to declare it there, to set it in the stage that runs, or to leave it out; no sources
read the version of a base (`NODE_VERSION`), or the branch of another repository (`WEB_TOOLS_BRANCH`) where a line clones
that and has one written out. `make` takes variables of its environment: where its Makefile sets this one by `?=` alone, or not at all, and reads it, the fix declares the argument above it. There is no fix
where the workflow asks for the value by an input that it has no other use for, and none that declares a credential,
which is mounted as a secret. Builds of one workflow that
pass a name to the same Dockerfile are told together, as are all names of theirs that nothing is known to read.

References:

- https://docs.docker.com/reference/dockerfile/#arg
- https://docs.docker.com/build/building/variables/#pre-defined-build-arguments
- https://www.gnu.org/software/make/manual/html_node/Environment.html
- https://doc.rust-lang.org/std/macro.env.html
- https://learn.microsoft.com/en-us/visualstudio/msbuild/how-to-use-environment-variables-in-a-build
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import chain

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
    Span,
    code,
    offer,
)  # fmt: skip
from checks.facts.build.builds import Assigned, Build
from checks.facts.build.changing_arguments import changing_arguments
from checks.facts.code_span import listed
from checks.facts.dockerfile.cloned_refs import GIT, ref_written_out
from checks.facts.dockerfile.dockerfiles import Dockerfile, Instruction, Stage
from checks.facts.dockerfile.made_variables import (
    MadeWith,
    is_on_a_download,
    made_with,
    makefile_without,
    makes_in,
)
from checks.facts.dockerfile.stages import Ran
from checks.facts.dockerfile.variables import variables_of
from checks.facts.script.makefiles import MAKES
from checks.facts.secret_names import is_credential, secret_in
from checks.facts.tree import delete_entry
from checks.facts.workflow.handed_values import asked_for_alone, unset_variable
from checks.facts.workflow.lists import items, without, without_all
from checks.record import Record, kept_with
from checks.regex import regex

_SET = """\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          build-args: |
{passed}            REVISION=${{{{ github.sha }}}}
-- Dockerfile --
FROM alpine:3.24
ARG REVISION
ENV MODE="fast"
LABEL revision=$REVISION
USER 1000
"""
_SET_IN_COMMAND = """\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker build --build-arg MODE=fast .
-- Dockerfile --
FROM alpine:3.24
ENV MODE=fast
USER 1000
"""

_UNREAD = """\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
{first}      - uses: docker/build-push-action@v7
        with:
          context: .
{second}-- Dockerfile --
FROM alpine:3.24
ARG REVISION
LABEL revision=$REVISION
USER 1000
"""
_BUILT = """\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          build-args: |
{passed}            REVISION=${{{{ github.sha }}}}
-- Dockerfile --
FROM gradle:9-jdk25 AS build
COPY . .
ARG REVISION
RUN gradle -Prevision=$REVISION build
FROM eclipse-temurin:25-jre
COPY --from=build /src/build/libs/web.jar /web.jar
USER 1000
-- .dockerignore --
.git
"""

_MADE = """\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          build-args: |
{passed}            REVISION=${{{{ github.sha }}}}
-- Dockerfile --
FROM acme/tools:3 AS build
COPY --exclude=dist . /src/web
ARG REVISION
LABEL revision=$REVISION
{declared}RUN cd web && make {made}
FROM alpine:3.24
COPY --from=build /src/web/dist /web
USER 1000
-- .dockerignore --
.git
-- Makefile --
{makefile}"""
_TAKES = """\
CHANNEL ?= nightly
FLAGS = -X main.channel=$(CHANNEL)

web:
\tgo build -ldflags "$(FLAGS)" -o dist/web ./cmd
clean:
\trm -rf dist
"""

check = Check(
    id="build-arg-not-declared",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.WORKFLOW, Kind.ACTION, Kind.DOCKERFILE),
    fix=Applicability.SAFE,
    scope=Scope.REPOSITORY,
    tags=("build", "dockerfile"),
    peers=(
        "buildkit:UndefinedVar",
        "buildkit:UndefinedArgInFrom",
    ),
    examples=(
        Example(
            title="a secret that a RUN mounts is passed as an argument: no fix",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: ghcr.io/acme/web:1
          build-args: NPM_TOKEN=${{ vars.TOKEN }}
-- Dockerfile --
FROM node:24
COPY . .
RUN --mount=type=secret,id=NPM_TOKEN npm ci && npm run build
USER 1000
""",
            at="NPM_TOKEN=${{ vars.TOKEN }}",
        ),
        Example(
            title="the Dockerfile calls it otherwise",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          build-args: |
            VERSION=${{ github.sha }}
            COMMIT=${{ github.sha }}
-- Dockerfile --
FROM alpine:3.24
ARG APP_VERSION=dev
ARG COMMIT
LABEL version=$APP_VERSION commit=$COMMIT
USER 1000
""",
            at="VERSION=${{ github.sha }}",
        ),
        Example(
            title="the Dockerfile declares it under the name that the pages read",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          build-args: FLAG_URL=https://cdn.example.com/flag.png
-- Dockerfile --
FROM node:24
ARG VITE_FLAG_URL
ENV VITE_FLAG_URL=$VITE_FLAG_URL
COPY . .
RUN npm run build
USER 1000
CMD ["node", "server.js"]
-- .dockerignore --
.git
""",
            at="FLAG_URL=https://cdn.example.com/flag.png",
        ),
        Example(
            title="the Dockerfile declares it with a dash, which no variable has",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          build-args: |
            PARSER_URL=${{ vars.PARSER_URL }}
-- Dockerfile --
FROM python:3.14
ARG PARSER-URL
ENV PARSER-URL=$PARSER-URL
USER 1000
CMD ["python", "-m", "app"]
""",
            at="PARSER_URL=${{ vars.PARSER_URL }}",
        ),
        Example(
            title="Go's linker is given it for a variable",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker build --build-arg VERSION=$GITHUB_SHA .
-- Dockerfile --
FROM golang:1.27-alpine AS build
COPY . .
RUN go build -ldflags="-s -X main.version=${VERSION}" -o /web .
FROM scratch
COPY --from=build /web /web
USER 1000
""",
            at="VERSION=$GITHUB_SHA",
            fixed="""\
-- Dockerfile --
FROM golang:1.27-alpine AS build
COPY . .
ARG VERSION
RUN go build -ldflags="-s -X main.version=${VERSION}" -o /web .
FROM scratch
COPY --from=build /web /web
USER 1000
""",
            paths=("go.mod", "main.go"),
        ),
        Example(
            title="several builds of one workflow",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker build --build-arg COMMIT=$GITHUB_SHA .
      - run: docker build --pull --build-arg COMMIT=${GITHUB_SHA} .
-- Dockerfile --
FROM alpine:3.24
USER 1000
""",
            at="COMMIT=$GITHUB_SHA",
        ),
        Example(
            title="the Dockerfile sets it to another argument",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker build --build-arg DATABASE_URL=$URL --build-arg DIRECT_URL=$URL .
-- Dockerfile --
FROM alpine:3.24
ARG DATABASE_URL
ENV DATABASE_URL=$DATABASE_URL \\
    DIRECT_URL=$DATABASE_URL
USER 1000
""",
            at="DIRECT_URL=$URL",
        ),
        Example(
            title="the Dockerfile sets it to the very value: it goes",
            files=_SET.format(passed="            MODE=fast\n"),
            at="MODE=fast",
            fixed=_SET.format(passed="").partition("-- Dockerfile --")[0],
        ),
        Example(
            title="the only argument, in a command",
            files=_SET_IN_COMMAND,
            at="MODE=fast",
        ),
        Example(
            title="the Dockerfile sets it to another value",
            files=_SET.format(passed="            MODE=slow\n"),
            at="MODE=slow",
        ),
        Example(
            title="a stage uses it and does not declare it",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker build --build-arg VERSION=$GITHUB_SHA .
-- Dockerfile --
FROM alpine:3.24
RUN apk add --no-cache curl
LABEL version=$VERSION
USER 1000
""",
            at="VERSION=$GITHUB_SHA",
            fixed="""\
-- Dockerfile --
FROM alpine:3.24
RUN apk add --no-cache curl
ARG VERSION
LABEL version=$VERSION
USER 1000
""",
        ),
        Example(
            title="declared above the first stage, used in one",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker build --build-arg VERSION=$GITHUB_SHA .
-- Dockerfile --
ARG VERSION
FROM alpine:3.24
ENV APP_VERSION=${VERSION:-none}
USER 1000
""",
            at="VERSION=$GITHUB_SHA",
            fixed="""\
-- Dockerfile --
ARG VERSION
FROM alpine:3.24
ARG VERSION
ENV APP_VERSION=${VERSION:-none}
USER 1000
""",
        ),
        Example(
            title="each stage has it in its labels, of which the image has those of the last one",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          build-args: BUILT_AT=${{ fromJSON(steps.meta.outputs.json).labels['org.opencontainers.image.created'] }}
-- Dockerfile --
ARG BUILT_AT
FROM alpine:3.24 AS packages
LABEL created=$BUILT_AT
RUN ./fetch
FROM alpine:3.24 AS base
LABEL created=$BUILT_AT
FROM base
COPY --from=packages /srv /srv
LABEL base.created=$BUILT_AT
USER 1000
""",
            at="BUILT_AT=${{ fromJSON(steps.meta.outputs.json).labels['org.opencontainers.image.created'] }}",
            fixed="""\
-- Dockerfile --
ARG BUILT_AT
FROM alpine:3.24 AS packages
LABEL created=$BUILT_AT
RUN ./fetch
FROM alpine:3.24 AS base
ARG BUILT_AT
LABEL created=$BUILT_AT
FROM base
COPY --from=packages /srv /srv
ARG BUILT_AT
LABEL base.created=$BUILT_AT
USER 1000
""",
        ),
        Example(
            title="the sources, which are not read, may take variables of such names: no fix",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker build --build-arg VITE_API_URL=$API_URL .
-- Dockerfile --
FROM node:24-alpine AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci
COPY src src
RUN npm run build
FROM nginx:1.31-alpine
COPY --from=build /src/dist /usr/share/nginx/html
USER 1000
""",
            at="VITE_API_URL=$API_URL",
        ),
        Example(
            title="the build of the project may read it, or not: a command has no fix",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker build --build-arg COMMIT=$GITHUB_SHA .
-- Dockerfile --
FROM maven:3-eclipse-temurin-25 AS build
WORKDIR /src
COPY pom.xml ./
COPY src src
RUN mvn -B package
FROM eclipse-temurin:25-jre
COPY --from=build /src/target/web.jar /web.jar
USER 1000
""",
            at="COMMIT=$GITHUB_SHA",
        ),
        Example(
            title="nothing of the file reads it: it goes, or the list of it alone",
            files=_UNREAD.format(
                first="          build-args: |\n            CHANNEL=beta\n            REVISION=${{ github.sha }}\n",
                second="          build-args: CHANNEL=beta\n",
            ),
            at="CHANNEL=beta",
            fixed=_UNREAD.format(
                first="          build-args: |\n            REVISION=${{ github.sha }}\n", second=""
            ).partition("-- Dockerfile --")[0],
        ),
        Example(
            title="the program that builds reads one by itself, sources may read another: two findings",
            files=_BUILT.format(passed="            GRADLE_OPTS=-Xmx2g\n            REGION=north\n"),
            at=("GRADLE_OPTS=-Xmx2g", "REGION=north"),
        ),
        Example(
            title="the version of a base, which no sources read",
            files=_BUILT.format(passed="            JAVA_VERSION=25\n"),
            at="JAVA_VERSION=25",
            fixed=_BUILT.format(passed="").partition("-- Dockerfile --")[0],
        ),
        Example(
            title="several of one build that its sources may read: no fix",
            files=_BUILT.format(passed="            CHANNEL=beta\n            REGION=north\n"),
            at="CHANNEL=beta",
        ),
        Example(
            title="several of one build that nothing reads: they go together",
            files=_SET.format(passed="            CHANNEL=beta\n            REGION=north\n"),
            at="CHANNEL=beta",
            fixed=_SET.format(passed="").partition("-- Dockerfile --")[0],
        ),
        Example(
            title="all of a list that nothing reads: the list goes with them",
            files=_UNREAD.format(
                first="          build-args: |\n            CHANNEL=beta\n            REGION=north\n",
                second="",
            ),
            at="CHANNEL=beta",
            fixed=_UNREAD.format(first="", second="").partition("-- Dockerfile --")[0],
        ),
        Example(
            title="beside one that another build passes, and one that a line reads",
            files=_UNREAD.format(
                first="          build-args: |\n            CHANNEL=beta\n            REGION=north\n",
                second="          build-args: CHANNEL=beta\n",
            ).replace("USER", "RUN ./build --region=$REGION\nUSER"),
            at=("CHANNEL=beta", "REGION=north"),
            fixed=_UNREAD.format(
                first="          build-args: |\n            REGION=north\n", second=""
            ).partition("-- Dockerfile --")[0],
        ),
        Example(
            title="the build of the project may read it, which its sources tell: no fix",
            files=_BUILT.format(passed="            CHANNEL=beta\n"),
            at="CHANNEL=beta",
        ),
        Example(
            title="a Makefile takes it from the environment of make",
            files=_MADE.format(passed="            CHANNEL=beta\n", declared="", made="web", makefile=_TAKES),
            at="CHANNEL=beta",
            fixed="-- Dockerfile --"
            + _MADE.format(passed="", declared="ARG CHANNEL\n", made="web", makefile=_TAKES)
            .partition("-- Dockerfile --")[2]
            .partition("-- .dockerignore --")[0],
        ),
        Example(
            title="the target that is made does not read it: the fix asks",
            files=_MADE.format(
                passed="            CHANNEL=beta\n", declared="", made="clean", makefile=_TAKES
            ),
            at="CHANNEL=beta",
            fixed=_MADE.format(passed="", declared="", made="clean", makefile=_TAKES).partition(
                "-- Dockerfile --"
            )[0],
        ),
        Example(
            title="the stage of make declares it",
            files=_MADE.format(
                passed="            CHANNEL=beta\n",
                declared="ARG CHANNEL\n",
                made="web",
                makefile=_TAKES,
            ),
        ),
        Example(
            title="another Dockerfile of the matrix declares it, or names that say the same",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        image: [web, api]
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: ${{ matrix.image }}
          build-args: |
            CHANNEL=beta
            VERSION=1.4.0
-- web/Dockerfile --
FROM alpine:3.24
ARG CHANNEL
ARG APP_VERSION
ARG IMAGE_TAG
LABEL channel=$CHANNEL version=$APP_VERSION tag=$IMAGE_TAG
USER 1000
-- api/Dockerfile --
FROM alpine:3.24
ARG APP_VERSION
ARG IMAGE_TAG
LABEL version=$APP_VERSION tag=$IMAGE_TAG
USER 1000
""",
            at="VERSION=1.4.0",
        ),
        Example(
            title="declared above for a base image, declared in the stage too, used nowhere, a variable of the script, a foreign syntax",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: |
          docker build --build-arg VERSION=3.24 base
          docker build --build-arg VERSION=3.24 twice
          docker build --build-arg VERSION=3.24 nowhere
          docker build --build-arg VERSION=3.24 script
          docker build --build-arg VERSION=3.24 foreign
-- base/Dockerfile --
ARG VERSION
FROM alpine:$VERSION
LABEL version=$VERSION
USER 1000
-- twice/Dockerfile --
ARG VERSION
FROM alpine:3.24
ARG VERSION
LABEL version=$VERSION
USER 1000
-- nowhere/Dockerfile --
ARG VERSION
FROM alpine:3.24
USER 1000
-- script/Dockerfile --
ARG VERSION
FROM alpine:3.24
RUN VERSION=$(cat /etc/alpine-release); echo "$VERSION"
USER 1000
-- foreign/Dockerfile --
# syntax=acme/frontend:1
FROM alpine:3.24
USER 1000
""",
        ),
        Example(
            title="declared before the first FROM, in any stage, by BuildKit, for another Dockerfile of the matrix; put away in a comment",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        image: [web, api]
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: ${{ matrix.image }}
          build-args: |
            ALPINE=3.24
            PORT=80
            WITH_DOCS=yes
            HTTP_PROXY=http://proxy:3128
            BUILDKIT_INLINE_CACHE=1
            BUILDKIT_CONTEXT_KEEP_GIT_DIR=1
            SOURCE_DATE_EPOCH=0
            ${{ inputs.more }}
      - run: docker build $BUILD_ARGS --build-arg X=1 web
-- web/Dockerfile --
ARG ALPINE
FROM alpine:$ALPINE AS build
ARG PORT
# The documentation does not build on this release.
#ARG WITH_DOCS
#RUN [ "$WITH_DOCS" != yes ] || make docs
FROM alpine:$ALPINE
COPY --from=build /x /x
USER 1000
-- api/Dockerfile --
FROM alpine:3.24
USER 1000
""",
        ),
    ),
)

_PREDEFINED = regex(
    r"(?i:(?:https?|ftp|no|all)_proxy)|BUILDKIT_\w+|SOURCE_DATE_EPOCH|(?:TARGET|BUILD)(?:PLATFORM|OS|ARCH|VARIANT|STAGE)"
    r"|DOCKER_\w+"
)
"""https://docs.docker.com/reference/dockerfile/#predefined-args"""

_COMMANDS = regex(r"\$\([^()]{1,200}\)|`[^`]{1,200}`")
"""What a shell would put the output of."""
_BUILDERS = frozenset(("gradle", "gradlew", "mvn", "mvnw"))
_RUNNERS = frozenset(
    (
        "astro", "bun", "bunx", "gatsby", "next", "ng", "npm", "npx", "nuxi", "nuxt", "nx", "pnpm", "react-scripts", "turbo",
        "vite", "vue-cli-service", "yarn",
    )
)  # fmt: skip
"""Programs that build a project where they are told to."""
_SCRIPT = regex(r"(?:build|generate)(?:[:.-][\w:.-]*)?")
_OF_OTHERS = frozenset(("add", "i", "install", "prisma"))
"""Words of commands that build no project: they install, or make a client of a schema."""
_VERBS = {
    "cargo": "build",
    "dotnet": "build publish",
    **dict.fromkeys(("bundle", "rails", "rake"), "assets:precompile"),
}
"""What builds a project by other programs, whose code, or whose settings, may read any variable."""
_OF_NODE = regex(r"NODE_(?:ENV|OPTIONS)|(?i:npm_config_\w+)|TURBO_\w+")
_OF_JAVA = regex(r"(?:GRADLE|MAVEN)_(?:ARGS|OPTS)|JAVA_TOOL_OPTIONS")
_OF_TOOLS = {
    "cargo": regex(r"CARGO_\w+|RUSTC(?:_\w+)?|RUST(?:DOC)?FLAGS|RUSTUP_\w+|SCCACHE_\w+"),
    "dotnet": regex(r"DOTNET_\w+"),
    **dict.fromkeys(_BUILDERS, _OF_JAVA),
    **dict.fromkeys(_RUNNERS, _OF_NODE),
}
"""Variables that programs which build read by themselves, with what they start, by these programs.

https://doc.rust-lang.org/cargo/reference/environment-variables.html
https://maven.apache.org/configure.html
https://nodejs.org/api/cli.html#environment-variables
"""
_OF_BASES = regex(
    r"(?:ALPINE|BUN|DEBIAN|DENO|GO(?:LANG)?|JAVA|JDK|NGINX|NODE(?:JS)?|PHP|PYTHON|RUBY|RUST|UBUNTU)_VERSION"
)
"""Versions for lines with `FROM`, which no sources read: images of languages have such a variable of their own."""
_LONGEST = 60
"""Of a command that a message shows whole."""
_SHOWN = 5
"""Of several arguments those that a message names, and whose places it has."""

_MOUNT = "hand {} over as a secret, and mount {} with `--mount=type=secret`"
"""What is done with credentials: https://docs.docker.com/build/building/secrets/"""


def run(repo: Repository) -> Iterator[Finding]:
    files = {one.path: one for one in repo.dockerfiles}
    by_place: dict[tuple[int, int], list[Build]] = {}
    for build in repo.builds:
        by_place.setdefault((id(build.text), build.location.span.start), []).append(build)
    told: dict[tuple[str, str, str, str], list[_Passed]] = {}
    for builds in by_place.values():
        found = [(files.get(build.dockerfile or ""), build) for build in builds]
        by_file = {dockerfile: build for dockerfile, build in found if dockerfile}
        if all(one for one, _ in found) and all(build.build_args is not None for build in builds):
            for one in _undeclared(builds[0], by_file):
                key = (builds[0].text.path, one.dockerfile.path, one.argument.name, one.lacks)
                told.setdefault(key, []).append(one)
    causes: dict[Hashable, list[_Cause]] = {}
    for first, *more in told.values():
        cause = _cause(repo, first, more)
        causes.setdefault(cause.key, []).append(cause)
    for cause, *others in causes.values():
        yield _finding_of_several([cause, *others]) if others else _finding(cause)


def _made(repo: Repository, passed: _Passed) -> tuple[MadeWith, ...]:
    """What of a Dockerfile that says nothing of a variable would take it by its Makefile."""
    dockerfile, name = passed.dockerfile, passed.argument.name
    if passed.is_meant or passed.alike or name in dockerfile.text.content:
        return ()
    contexts = [one for one in repo.build_contexts if one.dockerfile.path == dockerfile.path]
    return tuple(made_with(dockerfile, name, contexts, repo.makefiles))


class _Passed(Record, eq=False):
    argument: Assigned
    build: Build
    dockerfile: Dockerfile
    lacks: str
    place: Location
    alike: tuple[str, ...] = ()
    """What the Dockerfile declares, the build does not pass, and by its name says the same."""
    is_meant: bool = True
    """Whether the Dockerfile has a use for the name, or one in other letters."""
    spelled: str = ""
    """The name that it declares in other letters."""
    is_above: bool = False
    """Whether its place is an `ARG` above the stages."""
    others: tuple[tuple[Dockerfile, Location], ...] = ()
    """Further Dockerfiles that the step builds, none of which declares it, each with the stage that is built."""


def _undeclared(build: Build, by_file: Mapping[Dockerfile, Build]) -> Iterator[_Passed]:
    """`by_file` are the builds of one step, of which one is enough to know what is passed."""
    dockerfiles = list(by_file)
    if any(_has_foreign_syntax(one) for one in dockerfiles):
        return
    declared = {name for one in dockerfiles for name in variables_of(one).declared}
    for argument in build.build_args or ():
        if not re.fullmatch(r"\w+", argument.name) or _PREDEFINED.fullmatch(argument.name):
            continue
        one = dockerfiles[0]
        if argument.name not in declared:
            if any(argument.name in variables_of(one).commented_out for one in dockerfiles):
                continue
            yield _of_no_stage(argument, by_file)
        elif len(dockerfiles) == 1 and (above := _only_above(one, argument.name)) is not None:
            place = one.location(above.span, "holds for the lines with `FROM` alone")
            lacks = "declares it above the first stage alone"
            yield _Passed(argument, build, one, lacks, place, is_above=True)


def _of_no_stage(argument: Assigned, by_file: Mapping[Dockerfile, Build]) -> _Passed:
    """An argument that none of some Dockerfiles declares, told of the first that reads what it is to set, or has a word on it."""
    name = argument.name
    reading = (one for one in by_file if _is_read(one, name) and not variables_of(one).set_by(name))
    having = (one for one, build in by_file.items() if _has_a_word(build, one, name))
    one = next(chain(reading, having, by_file))
    build, alike = by_file[one], variables_of(one).spelled(name)
    others = tuple((other, _place(by_file[other], other)) for other in by_file if other is not one)
    but = f", but {code('ARG ' + alike)}" if alike else ""
    have = f"and {_counted([other for other, _ in others])} have" if others and not alike else "has"
    return _Passed(
        argument,
        build,
        one,
        f"{have} no {code('ARG ' + name)}{but}",
        _place(build, one),
        _not_passed(build, one, name),
        bool(alike),
        alike,
        others=others,
    )


class _Cause(Record, eq=False):
    """An argument that builds of one workflow pass and a Dockerfile lacks, with what is known of those who read it."""

    first: _Passed
    more: list[_Passed]
    made: tuple[MadeWith, ...]
    """What would take it by a Makefile."""
    is_meant: bool
    """Whether a line of the file is to have it."""
    own: Instruction | None
    """The `ENV` that gives the variable another value."""
    reader: Ran | None
    """The build of the project that may read it, or what has written out what it is named after."""
    asked: str
    """The input that the workflow has for it alone."""
    is_mounted: bool
    makefile: str = ""
    """The path of that of the reader, where it does not name the variable."""

    @property
    def passed(self) -> list[_Passed]:
        """In each build."""
        return [self.first, *self.more]

    @property
    def of_sources(self) -> Ran | None:
        """That build where nothing that is read says what of its environment it takes, as a Makefile does, or a line that has it written out."""
        is_told = self.reader is not None and self.reader.command.program in (*MAKES, GIT)
        return None if is_told else self.reader

    @property
    def is_unread(self) -> bool:
        """Whether nothing is known that reads it, or is to."""
        known = self.is_meant or self.own or self.first.alike or self.made or self.asked or self.is_mounted
        return not known

    @property
    def is_secret(self) -> bool:
        """Whether a build passes a credential, which no `ARG` keeps to itself."""
        return any(map(_is_secret, self.passed))

    @property
    def key(self) -> Hashable:
        """The same for arguments of the same builds that nothing is known to read, as far as that is the same for them."""
        if not self.is_unread:
            return id(self)
        builds = tuple((id(one.build.text), one.build.location.span.start) for one in self.passed)
        of_whom = self.is_of_tool, self.is_of_base
        shown = self.reader and _shown(self.reader, None)
        return builds, self.first.dockerfile.path, shown, of_whom, self.makefile

    @property
    def is_of_tool(self) -> bool:
        """Whether the build of the project reads it by itself, whatever the sources do."""
        return self.of_sources is not None and _is_of(self.of_sources, self.first.argument.name)

    @property
    def is_of_base(self) -> bool:
        """Whether it is a version for lines with `FROM`."""
        return _OF_BASES.fullmatch(self.first.argument.name) is not None


def _cause(repo: Repository, first: _Passed, more: list[_Passed]) -> _Cause:
    argument, dockerfile, made = first.argument, first.dockerfile, _made(repo, first)
    own = next(iter(variables_of(dockerfile).set_by(argument.name)), None)
    is_meant = first.is_meant or _is_read(dockerfile, argument.name)
    built = [dockerfile, *(one for one, _ in first.others)]
    of_base = _OF_BASES.fullmatch(argument.name) is not None
    may_read = () if of_base else filter(None, (_reader(one, (first, *more)) for one in built))
    cloning = filter(None, (ref_written_out(one, argument.name) for one in built))
    readers = chain((one.ran for one in made), cloning, may_read)
    asked = (
        asked_for_alone(one.argument.written, one.argument.location.text, one.build.step)
        for one in (first, *more)
    )
    reader = None if is_meant or own else next(readers, None)
    return _Cause(
        first,
        more,
        made,
        is_meant,
        own,
        reader,
        next(filter(None, asked), ""),
        _is_mounted(dockerfile, argument.name),
        "" if reader is None or made else _silent_makefile(repo, reader, first),
    )


def _silent_makefile(repo: Repository, reader: Ran, passed: _Passed) -> str:
    """The path of the Makefile by which a command runs that may read an argument, where it says nothing of that."""
    if reader.command.program not in MAKES or passed.others:
        return ""
    contexts = [one for one in repo.build_contexts if one.dockerfile.path == passed.dockerfile.path]
    return makefile_without(passed.dockerfile, reader, passed.argument.name, contexts, repo.makefiles)


def _is_secret(passed: _Passed) -> bool:
    """Whether an argument has one of the workflow's secrets that is a credential, or is named for one and is not written out."""
    argument = passed.argument
    is_empty = argument.location.fragment.strip("\"'").endswith("=")
    is_named = is_credential(argument.name) and not argument.value.literal and not is_empty
    return is_named or secret_in(argument.written, argument.name) is not None


def _counted(dockerfiles: list[Dockerfile]) -> str:
    return code(dockerfiles[0].path) if len(dockerfiles) == 1 else f"{len(dockerfiles)} more Dockerfiles"


def _has_a_word(build: Build, dockerfile: Dockerfile, name: str) -> bool:
    """Whether a Dockerfile that does not declare a name reads or sets it, or declares one that is much the same."""
    own = variables_of(dockerfile)
    return bool(
        own.spelled(name) or own.readers(name) or own.set_by(name) or _not_passed(build, dockerfile, name)
    )


def _not_passed(build: Build, dockerfile: Dockerfile, name: str) -> tuple[str, ...]:
    """What a Dockerfile declares under a name that says the same as another, and a build leaves at its default."""
    alike = variables_of(dockerfile).alike(name)
    passed = {one.name for one in build.build_args or ()} if alike else ()
    return tuple(one for one in alike if one not in passed)


def _place(build: Build, dockerfile: Dockerfile) -> Location:
    """The stage that is built, or the first one of a file of which any may be."""
    stage = dockerfile.target_stage(build.target)
    if stage is None:
        return dockerfile.location(
            dockerfile.stages[0].instruction.span, "begins the stages, of which none declares it"
        )
    return dockerfile.location(stage.instruction.span, "is the stage that is built, without that argument")


def _finding(cause: _Cause) -> Finding:
    first, own = cause.first, cause.own
    argument, dockerfile = first.argument, first.dockerfile
    again = (
        Location(one.argument.location.text, one.argument.location.span, "passes it too")
        for one in cause.more
    )
    fixes = _fixes_of(cause)
    return Finding(
        message=f"{code(argument.name)} is passed to the build, and {code(dockerfile.path)} {first.lacks}.",
        consequence="BuildKit drops it and builds on: the variable has what `ENV` says, whatever is passed."
        if own
        else "BuildKit drops it and builds on: what it is meant to set stays empty or at its default."
        if cause.is_meant
        else _consequence([cause]),
        location=argument.location,
        related=(dockerfile.location(own.span, "sets it"), *again)
        if own
        else (*(_alike(first) if first.alike else _where(cause)), *again),
        fixes=fixes,
        withheld="" if fixes else _why_withheld(cause),
        severity=None if cause.is_meant and not own else Severity.NOTE,
    )


def _finding_of_several(causes: Sequence[_Cause]) -> Finding:
    """Arguments of the same builds that nothing is known to read."""
    head, first = causes[0], causes[0].first
    names = [code(one.first.argument.name) for one in causes]
    places = [one.argument.location for cause in causes[:_SHOWN] for one in cause.passed][1:]
    fixes = () if head.of_sources else _unread(causes)
    have = f"and {_counted([one for one, _ in first.others])} have" if first.others else "has"
    return Finding(
        message=f"{listed(names, _SHOWN)} are passed to the build, and {code(first.dockerfile.path)} {have} no `ARG` for them.",
        consequence=_consequence(causes),
        location=first.argument.location,
        related=(*_where(head), *(Location(at.text, at.span, "is passed too") for at in places)),
        fixes=fixes,
        withheld="" if fixes else _why_unread(causes),
        severity=Severity.NOTE,
    )


def _consequence(causes: Sequence[_Cause]) -> str:
    """What becomes of arguments that no line of a file is to have."""
    first, reader, of_sources = causes[0].first, causes[0].reader, causes[0].of_sources
    it, files = "them" if len(causes) > 1 else "it", "files" if first.others else "file"
    if causes[0].is_of_tool and of_sources:
        return f"BuildKit drops {it}: {_shown(of_sources, first.dockerfile)} runs without {it}."
    if of_sources:
        return f"BuildKit drops {it}: {_shown(of_sources, first.dockerfile)} does not get {it}, nor does a container, which matters where the sources read {it}."
    if reader and reader.command.program == GIT:
        return f"BuildKit drops {it}: {_shown(reader, first.dockerfile)} goes to what is written there."
    if reader:
        return f"BuildKit drops {it}: {_shown(reader, first.dockerfile)} does not get {it}."
    return f"BuildKit drops {it}, and no line of the {files} reads {it}: the same is built without {it}."


def _fixes_of(cause: _Cause) -> tuple[Fix, ...]:
    if cause.is_mounted:
        return ()
    fixes = _left_out(cause.passed)
    if not cause.is_secret:
        fixes = fixes or _fixes(cause.passed, cause.made, is_meant=cause.is_meant)
    return fixes or (_unread([cause]) if cause.is_unread and not cause.of_sources else ())


def _where(cause: _Cause) -> Iterator[Location]:
    """What does not get the variable, with what would take it, or the stages that have none."""
    if not cause.made:
        first = cause.first
        yield first.place if first.is_above else _lacking(first.dockerfile, first.place, cause)
        yield from (_lacking(dockerfile, place, cause) for dockerfile, place in first.others)
        return
    ran = cause.made[0].ran
    words = ran.command.words
    place = ran.place(words[0].span.to(words[-1].span))
    yield Location(place.text, place.span, "runs without it")
    yield cause.made[0].place
    yield from (place for _, place in cause.first.others)


def _lacking(dockerfile: Dockerfile, built: Location, cause: _Cause) -> Location:
    """The stage of a file that would declare the argument: that of what may read it, or the one that is built."""
    reader = cause.reader
    if reader is not None and reader.stage in dockerfile.stages:
        place, note = reader.stage.instruction.span, f"is the stage of {_shown(reader, dockerfile)}"
        return dockerfile.location(place, f"{note}, without that argument")
    user = next(_users(dockerfile, cause.first.argument.name), None)
    stage = next((one for one in dockerfile.stages if user in one.instructions), None)
    if stage is None:
        return built
    return dockerfile.location(stage.instruction.span, "is the stage that reads it, without that argument")


def _alike(passed: _Passed) -> Iterator[Location]:
    """Where the file declares what by its name says the same."""
    dockerfile = passed.dockerfile
    for it in dockerfile.source.instructions:
        for pair in it.pairs if it.keyword == "ARG" else ():
            if pair.name.value in passed.alike:
                yield dockerfile.location(pair.span, "is declared, and not passed")


def _is_mounted(dockerfile: Dockerfile, name: str) -> bool:
    """Whether a `RUN` mounts a secret by the name of an argument, which is passed in its place then."""
    return name.lower() in variables_of(dockerfile).mounted


def _why_withheld(cause: _Cause) -> str:
    is_known = cause.is_mounted or cause.is_unread or _is_set_alike(cause.first)
    if cause.is_secret and not is_known:
        return f"no argument keeps a secret: {_MOUNT.format('it', 'it')} where it is to be read, or leave it out of the build"
    return _why_argument_stays(cause)


def _why_argument_stays(cause: _Cause) -> str:
    passed, own, asked = cause.first, cause.own, cause.asked
    dockerfile, name = passed.dockerfile, passed.argument.name
    if own is not None and _is_set_alike(passed):
        return f"{code('ENV')} sets the same value: leave it out of the build"
    if own is not None:
        return "leave it out of the build, or declare it above the `ENV` that sets it, and read it there"
    if "-" in passed.spelled:
        return f"declare it as {code(name)}, and read it so: no shell has a variable {code(passed.spelled)}"
    if passed.spelled:
        return f"pass it under the name that the file declares, {code(passed.spelled)}"
    if _is_read(dockerfile, name):
        return "the file sets a variable of that name in another way, too"
    if passed.alike:
        others, one = " and ".join(map(code, passed.alike)), len(passed.alike) == 1
        return f"the file declares {others}, which {'is' if one else 'are'} not passed: pass it under {'that name' if one else 'one of these names'} if that is meant, or leave it out of the build"
    if cause.is_mounted:
        return "the file mounts a secret of that name: give the build the secret instead"
    if asked:
        what = "workflow" if passed.argument.location.path.startswith(".github/workflows/") else "action"
        return f"the {what} asks for {code(asked)}, and has no other use for it: declare it where it is to be read, or ask no more"
    return _why_unread([cause])


def _why_unread(causes: Sequence[_Cause]) -> str:
    """Why arguments are not left out that nothing is known to read."""
    cause, it = causes[0], "them" if len(causes) > 1 else "it"
    dockerfile, reader = cause.first.dockerfile, cause.reader
    if cause.is_of_tool and cause.of_sources is not None:
        program, calls = (
            code(cause.of_sources.command.program or ""),
            "they call" if it == "them" else "it calls",
        )
        above = f"above {_shown(cause.of_sources, dockerfile)}"
        return (
            f"{program} reads {it} by itself, or what it starts does: {_declared(causes, above)} if the image has what "
            f"{calls} for; else leave {it} out of the build"
        )
    if cause.of_sources is not None:
        builds = [cause.of_sources, *_beside(cause, cause.of_sources)]
        shown = [_shown(one, dockerfile) for one in builds[:_SHOWN]]
        above = f"above {' or '.join((*shown, 'another build') if builds[_SHOWN:] else shown)}"
        when, by_run = (
            (
                " when built",
                f"; where they do when run, set {it} by {code('ARG')} and {code('ENV')} in the stage that runs",
            )
            if not any(one.is_secret for one in causes)
            else ("", "")
        )
        return f"the sources decide: where they read {it}{when}, {_declared(causes, above)}{by_run}; else leave {it} out of the build"
    if reader is not None:
        place = f"in the stage of {_shown(reader, dockerfile)}, above that line,"
        return f"leave {it} out of the build, or {_declared(causes, place)} if that is to read {it}{_of_makefile(cause, it)}"
    are = "they are" if it == "them" else "it is"
    return f"leave {it} out of the build, or {_declared(causes, f'where {are} to be read')}"


def _of_makefile(cause: _Cause, it: str) -> str:
    """What is to be done besides where the Makefile has no such variable: it may read another one, or start what reads this one."""
    path = cause.makefile
    return (
        f"; {code(path)} has no word of {it}: where it reads another name for {it}, give {it} to `make` by that"
        if path
        else ""
    )


def _declared(causes: Sequence[_Cause], place: str) -> str:
    """What is to be done with arguments that something is to read: credentials are mounted, the others declared in a place."""
    secrets = [code(one.first.argument.name) for one in causes if one.is_secret]
    it, are = ("them", "they are") if len(causes) > 1 else ("it", "it is")
    if len(secrets) == len(causes):
        return f"{_MOUNT.format(it, it)} where {are} read"
    those = "that" if len(secrets) == 1 else "those"
    but = f", but {_MOUNT.format(listed(secrets, _SHOWN), those)}" if secrets else ""
    return f"declare {it} {place}{but}"


def _is_read(dockerfile: Dockerfile, name: str) -> bool:
    """Whether a line reads a variable of that name."""
    return bool(variables_of(dockerfile).readers(name))


def _left_out(passed: list[_Passed]) -> tuple[Fix, ...]:
    """Takes an argument out of the builds where the Dockerfile sets the variable to what each of them passes."""
    if not all(map(_is_set_alike, passed)):
        return ()
    items = [one.argument.item for one in passed]
    edits = [without(item) if item else None for item in items]
    title = f"leave it out: {code('ENV')} sets the same value"
    return offer(title, Applicability.SAFE, *edits)


def _unread(causes: Sequence[_Cause]) -> tuple[Fix, ...]:
    """Takes arguments out of the builds, of which nothing is known that reads them."""
    first, reader = causes[0].first, causes[0].reader
    builds = zip(*(one.passed for one in causes), strict=True)
    edits = [edit for passed in builds for edit in _taken_out(passed)]
    it, are = ("them", "they are") if len(causes) > 1 else ("it", "it is")
    asked = f"Is {_shown(reader, first.dockerfile)} not" if reader else "Is nothing in the image"
    place = "in the stage of that line, above it" if reader else f"where {are} to be read"
    if reader and reader.command.program == GIT:
        place += f", and name {it} there"
    takes = "take" if causes[0].is_of_base and not reader else "read"
    if takes == "take":
        asked, place = "Is no `FROM`", f"above that, and name {it} there"
    return offer(
        f"leave {it} out of the build",
        Applicability.UNSAFE,
        *edits,
        caution=f"{asked} meant to {takes} {it}? Else {_declared(causes, place)}{_of_makefile(causes[0], it)}.",
    )


def _taken_out(passed: Sequence[_Passed]) -> tuple[Edit | None, ...]:
    """Arguments of a build out of their list, or all of a list with it out of the step."""
    step, gone = passed[0].build.step, [one.argument.item for one in passed if one.argument.item]
    if len(gone) < len(passed) or any(one.scalar is not gone[0].scalar for one in gone):
        return (None,)
    if step is None or step.inputs is None or len(items(gone[0].scalar, commas=False)) > len(gone):
        return without_all(gone)
    entry = step.input_entry("build-args")
    is_list = entry is not None and entry.value is gone[0].scalar
    return (delete_entry(step.inputs, entry) if entry and is_list else None,)


def _is_set_alike(passed: _Passed) -> bool:
    """Whether an `ENV` sets the variable, and each one that does to the value that is passed."""
    name = passed.argument.name
    sets = [
        pair.value.literal if pair.value else None
        for it in variables_of(passed.dockerfile).set_by(name)
        for pair in it.pairs
        if pair.name.value == name
    ]
    return set(sets) == {passed.argument.written}


def _only_above(dockerfile: Dockerfile, name: str) -> Instruction | None:
    """The `ARG` above the first `FROM`, where that is the only one, no `FROM` names it and a stage does."""
    own = variables_of(dockerfile)
    found = list(own.declaring(name))
    names_it = any(it.keyword == "FROM" for it in own.readers(name))
    first = dockerfile.stages[0].instruction.span.start
    above = len(found) == 1 and found[0].span.start < first and not names_it
    return found[0] if above and any(_users(dockerfile, name)) else None


def _users(dockerfile: Dockerfile, name: str) -> Iterator[Instruction]:
    """In each stage that is built the first instruction that reads the variable; none where anything sets it.

    Not in stages that only label what no image has, where another one reads it.
    """
    own = variables_of(dockerfile)
    readers = [] if name in own.assigned else own.readers(name)
    ends = [*(one.instruction.span.start for one in dockerfile.stages[1:]), len(dockerfile.text.content)]
    found: list[tuple[Instruction, bool]] = []
    for stage, end in zip(dockerfile.stages, ends, strict=True) if readers else ():
        within = Span(stage.instruction.span.end, end)
        inside = [it for it in readers if within.start <= it.span.start < within.end]
        if inside and stage in dockerfile.built:
            labels_alone = all(it.keyword == "LABEL" for it in inside)
            found.append((inside[0], labels_alone and stage not in _labelled(dockerfile)))
    yield from [it for it, is_idle in found if not is_idle] or (it for it, _ in found)


@kept_with
def _labelled(dockerfile: Dockerfile) -> frozenset[Stage]:
    """The stages whose labels an image has: those that builds take, the last one, and what these begin from."""
    taken = (*dockerfile.published_stages, dockerfile.final)
    is_known = None not in dockerfile.shipping.targets
    return frozenset(chain.from_iterable(map(dockerfile.ancestry, taken)) if is_known else dockerfile.stages)


def _reader(dockerfile: Dockerfile, passed: Sequence[_Passed]) -> Ran | None:
    """The first command that may read a variable of its environment, rather one whose program reads that by itself."""
    name, stages = passed[0].argument.name, _stages(dockerfile, passed)
    may_read = [one for one in _readers(dockerfile) if one.stage in stages]
    return next(chain((one for one in may_read if _is_of(one, name)), may_read), None)


def _stages(dockerfile: Dockerfile, passed: Sequence[_Passed]) -> frozenset[Stage]:
    """The stages that the builds need which pass an argument; those of any build where one of theirs is not known."""
    ends = [dockerfile.target_stage(one.build.target) for one in passed]
    needed = [dockerfile.built if end is None else dockerfile.needed(end) for end in ends]
    return frozenset[Stage]().union(*needed)


def _beside(cause: _Cause, reader: Ran) -> Iterator[Ran]:
    """The first build of each other stage that gets no argument of a reader's: those on its stage do.

    https://docs.docker.com/reference/dockerfile/#scope
    """
    dockerfile, stages = cause.first.dockerfile, {reader.stage}
    needed = _stages(dockerfile, cause.passed)
    for one in _readers(dockerfile):
        if one.stage in needed and stages.isdisjoint(dockerfile.ancestry(one.stage)):
            stages.add(one.stage)
            yield one


@kept_with
def _readers(dockerfile: Dockerfile) -> tuple[Ran, ...]:
    """The commands that may read variables of their environment: those that build the project by its settings, then `make`."""
    return (*_builds_of_projects(dockerfile), *makes_in(dockerfile))


def _is_of(ran: Ran, name: str) -> bool:
    """Whether a program that builds reads a variable by itself."""
    variables = _OF_TOOLS.get(ran.command.program or "")
    return variables is not None and variables.fullmatch(name) is not None


def _builds_of_projects(dockerfile: Dockerfile) -> Iterator[Ran]:
    """The commands that build the project by its own settings, which may read variables, in the stages that are built."""
    for ran in dockerfile.commands():
        program, words = ran.command.program, ran.command.literals
        is_build = (
            program in _BUILDERS
            or not set(words).isdisjoint(_VERBS.get(program or "", "").split())
            or (program in _RUNNERS and any(map(_SCRIPT.fullmatch, words)) and _OF_OTHERS.isdisjoint(words))
        )
        if is_build and ran.stage in dockerfile.built and not is_on_a_download(dockerfile, ran):
            yield ran


def _shown(ran: Ran, dockerfile: Dockerfile | None) -> str:
    """A command and its line, as a message about a Dockerfile names it."""
    words = ran.command.words
    place = ran.place(words[0].span.to(words[-1].span))
    whole = place.fragment
    is_short = len(whole) <= _LONGEST and "\n" not in whole
    return f"{code(whole if is_short else ran.command.program or '')} at line {place.line}{'' if dockerfile and place.path == dockerfile.path else f' of {code(place.path)}'}"


def _fixes(passed: list[_Passed], made: tuple[MadeWith, ...], *, is_meant: bool) -> tuple[Fix, ...]:
    """The declaration above the first use in each stage, or above what is meant to read it."""
    dockerfile, name = passed[0].dockerfile, passed[0].argument.name
    edits = []
    builds = {one.ran.stage: one.ran.instruction for one in reversed(made)}
    places = [(dockerfile, it) for it in builds.values() or _users(dockerfile, name) if made or is_meant]
    places += [(one, it) for one, _ in passed[0].others for it in (_users(one, name) if is_meant else ())]
    layers = _of_layers(places, name) if any(name in changing_arguments(one.build) for one in passed) else ""
    for text, it in ((one.text, it) for one, it in places):
        start = text.full_line(text.line_of(it.span.start)).start
        edits.append(Edit(text.path, Span(start, start), f"ARG {name}{text.newline}"))
    return offer(
        f"declare {code(name)} where {'it is used' if is_meant else 'the project is built'}",
        Applicability.UNSAFE,
        *edits,
        caution=(
            "Is the value fit to stand in the history of the image?"
            f"{_of_linker(dockerfile, name)}{_of_unset(passed)}{_of_no_shell(passed)}{layers}"
        ),
    )


def _of_layers(places: Iterable[tuple[Dockerfile, Instruction]], name: str) -> str:
    """The question after the commands that stand behind the declaration and have no use for the variable.

    https://docs.docker.com/reference/dockerfile/#impact-on-build-caching
    """
    behind = (
        run
        for dockerfile, it in places
        for stage in dockerfile.stages
        if it in stage.instructions
        for run in stage.instructions[stage.instructions.index(it) + 1 :]
        if run.keyword == "RUN" and run not in variables_of(dockerfile).readers(name)
    )
    if next(behind, None) is None:
        return ""
    return (
        f" With each new value the commands behind {code('ARG ' + name)} run anew, as BuildKit counts it to each of them: "
        "can what uses it move to the end of its stage?"
    )


def _of_unset(passed: list[_Passed]) -> str:
    """The question after variables that are passed on and that nothing in the workflow sets by their names."""
    unset = dict.fromkeys(
        filter(None, (unset_variable(one.argument.written, one.argument.location.text) for one in passed))
    )
    shown = " and ".join(code(f"env.{name}") for name in unset)
    return f" Does a step set {shown}? Else the variable is there, and empty." if shown else ""


def _of_no_shell(passed: list[_Passed]) -> str:
    """The question after a command in the input of an action, which hands it to Docker's command line without a shell.

    https://github.com/docker/build-push-action/blob/master/src/context.ts
    """
    given = (one.argument.written for one in passed if one.argument.item is not None)
    found = next((match[0] for written in given for match in _COMMANDS.finditer(written)), "")
    return (
        f" No shell runs {code(found)} in an action's input, and the image would hold these words: can a step before it make the value?"
        if found
        else ""
    )


def _of_linker(dockerfile: Dockerfile, name: str) -> str:
    """The question after the variables of Go that its linker is to set, which passes over names that the code lacks.

    https://pkg.go.dev/cmd/link
    """
    given = re.compile(rf"-X[ =]([\"']?)([\w./-]{{1,200}})=\1\$(?:{name}\b|\{{{name}[}}:\-+])")
    found = dict.fromkeys(match[2] for match in given.finditer(dockerfile.text.content))
    named = " and ".join(map(code, found))
    return (
        f" Does the code have the variable {named}? Go's linker passes over one that it lacks."
        if found
        else ""
    )


def _has_foreign_syntax(dockerfile: Dockerfile) -> bool:
    """Whether a frontend of somebody else reads the file."""
    syntax = dockerfile.source.directive("syntax")
    return syntax is not None and not syntax.value.startswith(
        ("docker/dockerfile", "docker.io/docker/dockerfile")
    )
