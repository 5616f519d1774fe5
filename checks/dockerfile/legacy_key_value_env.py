"""Name and value are parted by a blank

`ENV NAME value` and `LABEL name value` are the old form: one pair a line, the rest of the line is the value.
BuildKit warns of it on each build (`LegacyKeyValueFormat`), and its documentation says that it may go.

Write `NAME=value`.

All lines of a file are told together, but for those with quotes or escapes in the middle of a value, for
which there is no fix, and those with a blank before their `=`, which is a part of the value then. The fix
leaves out a variable that its stage has set to the same value before, and wants a look where a script that builds
images looks for the name with the blank behind it.

The check is silent

- for the form with `=`
- for Windows images, which BuildKit seldom builds
- where `# syntax=` names a frontend older than 1.8, which warns of nothing
- for a variable that a manager of Renovate's looks for by its name and a blank: it would update it no more
- in files that a program writes, and in those that an image brings along for a builder of its own
- in folders named `openshift`, whose builds Buildah runs, for what a pipeline here has Kaniko build, and for what a
  plugin of Maven's seems to build, unless something here has Docker build the file, too: a `pom.xml` lies over it, and
  it has places to fill in (`@docker.account@`), copies from `maven/`, which nobody has committed, or takes a `JAR_FILE` that
  it has no default for
- where others hardly run the image: for development, tests and examples, where nothing says how it is run,
  and for a file of a special name that nothing here speaks of, beside a `Dockerfile` that a build here takes

References:

- https://docs.docker.com/reference/build-checks/legacy-key-value-format/
- https://docs.docker.com/reference/dockerfile/#env
- https://github.com/moby/buildkit/releases/tag/dockerfile%2F1.8.0
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from checks.check import (
    Applicability,
    Attention,
    Check,
    Example,
    Finding,
    Kind,
    Repository,
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.build.builders import built_by_docker
from checks.facts.build.kaniko import built_by_kaniko
from checks.facts.build.maven_builds import seems_built_by_maven
from checks.facts.dockerfile.dockerfiles import Dockerfile, Instruction
from checks.facts.dockerfile.key_values import is_old, parted, rewritten, set_above, warns_of_nothing
from checks.facts.dockerfile.whole_instructions import without_instruction
from checks.regex import regex

_OPENSHIFT = "openshift"
_SCRIPTS = (Kind.SCRIPT, Kind.MAKEFILE, Kind.WORKFLOW)
_BY_DOCKER = regex(r"\b(?:docker|nerdctl|buildx)\b[^\n;&|]{0,100}\bbuild\b")
_PUSHES = regex(r"\b(?:docker|nerdctl)\b[^\n;&|]{0,100}\bpush\b|--push\b")
_BY_ITSELF = "Dockerfile"
"""What Docker builds where nothing names another file, in the folder that most builds are of."""
_OF_ROOT = regex(
    r"\b(?:docker|nerdctl|buildx)\b[^\n;&|]{0,100}\bbuild\b(?![^\n;&|]{0,500}\s(?:-f|--file)[ =](?![\"']?(?:\./)?Dockerfile[\"'\s]))"
    r"[^\n;&|]{0,500}\s[\"']?(?:\.{1,2}/?[\"']?[ \t]+-|(?:\.{1,2}/?|\$[^\s\"';&|]{1,80})[\"']?[ \t]*(?:[\n;&|)]|\d?>|\Z))"
)
"""A build of what Docker takes by itself, in a folder that may be the root: that of the script, one above, or one that the run knows."""

_BY_KANIKO = """\
-- web/Dockerfile --
FROM alpine:3.23
ENV PORT 8080
CMD ["/srv/web"]
-- jobs/Dockerfile --
FROM alpine:3.23
ENV PORT 8081
CMD ["/srv/jobs"]
-- api/Dockerfile --
FROM alpine:3.23
ENV HOST api
CMD ["/srv/api"]
-- .tekton/release.yaml --
apiVersion: tekton.dev/v1
kind: PipelineRun
spec:
  steps:
    - script: |
        /kaniko/executor --context=/workspace/source --dockerfile=/workspace/source/web/Dockerfile
        /kaniko/executor --dockerfile "$PROJECT/api/Dockerfile"
    - image: gcr.io/kaniko-project/executor:v1.24.0
      args: ["--dockerfile", "./jobs/Dockerfile"]
"""
_BY_MAVEN = """\
-- api/docker/Dockerfile --
FROM @shop.base@/java
ENV PORT 8080
CMD ["/srv/api"]
-- store/Dockerfile --
FROM eclipse-temurin:25-jre
COPY maven /
ENV PORT 8081
CMD ["/srv/run"]
-- web/Dockerfile --
FROM eclipse-temurin:25-jre
ARG JAR_FILE
COPY target/${JAR_FILE} /srv/web.jar
ENV PORT 8082
CMD ["java", "-jar", "/srv/web.jar"]
-- jobs/Dockerfile --
FROM eclipse-temurin:25-jre
COPY maven/lib /srv/lib
ENV PORT 8083
CMD ["/srv/run"]
"""

check = Check(
    id="legacy-key-value-env",
    doc=__doc__,
    severity=Severity.NOTE,
    scope=Scope.REPOSITORY,
    kinds=(Kind.DOCKERFILE, *_SCRIPTS, Kind.ACTION, Kind.COMPOSE, Kind.BAKE, Kind.RENOVATE),
    fix=Applicability.SAFE,
    attention=Attention.COMMENT_WITH_SUGGESTION,
    tags=("dockerfile",),
    peers=("buildkit:LegacyKeyValueFormat",),
    examples=(
        Example(
            title="a variable and a label",
            files="""\
-- Dockerfile --
FROM scratch
ENV PORT 3000
ENV PATH /srv/bin:$PATH
ENV NODE_ENV "production"
ENV API_ROOT ''
ENV PROMPT 'in "$HOME" > '
ENV GREETING good morning
ENV COLOUR #336699
ENV QUERY ssl=true&retry[0]=1
LABEL title My image #1
USER 1000
""",
            at="ENV PORT 3000",
            fixed="""\
-- Dockerfile --
FROM scratch
ENV PORT=3000
ENV PATH=/srv/bin:$PATH
ENV NODE_ENV="production"
ENV API_ROOT=''
ENV PROMPT='in "$HOME" > '
ENV GREETING="good morning"
ENV COLOUR=#336699
ENV QUERY=ssl=true&retry[0]=1
LABEL title="My image #1"
USER 1000
""",
        ),
        Example(
            title="blanks around the equals sign, which becomes a part of the value",
            files="""\
-- Dockerfile --
FROM scratch
LABEL maintainer = "The shop's people"
ENV PORT = 3000
ENV RATE = 1 per minute
USER 1000
""",
            at=('LABEL maintainer = "The shop\'s people"', "ENV RATE = 1 per minute"),
            fixed="""\
-- Dockerfile --
FROM scratch
LABEL maintainer="The shop's people"
ENV PORT=3000
ENV RATE = 1 per minute
USER 1000
""",
        ),
        Example(
            title="lines of several stages, and two that have to be looked at",
            files="""\
-- Dockerfile --
FROM node:24-slim AS build
ENV SHOP_BUILD 1

ENV SHOP_COLOUR green
RUN npm ci
FROM node:24-slim
# for the console
ENV PS1 shop\\$ "here"
ENV SHOP_BUILD 0
EXPOSE 3000
ENV PORT 3000
ENV PS2 more\\$ "there"
USER 1000
""",
            at=("ENV SHOP_BUILD 1", 'ENV PS1 shop\\$ "here"'),
            fixed="""\
-- Dockerfile --
FROM node:24-slim AS build
ENV SHOP_BUILD=1

ENV SHOP_COLOUR=green
RUN npm ci
FROM node:24-slim
# for the console
ENV PS1 shop\\$ "here"
ENV SHOP_BUILD=0
EXPOSE 3000
ENV PORT=3000
ENV PS2 more\\$ "there"
USER 1000
""",
        ),
        Example(
            title="a script replaces the version",
            files="""\
-- Dockerfile --
FROM scratch
ENV WEB_VERSION 1.2.3
USER 1000
-- update.sh --
#!/bin/sh
sed -i "s/^ENV WEB_VERSION .*/ENV WEB_VERSION $1/" Dockerfile
docker build .
""",
            at="ENV WEB_VERSION 1.2.3",
            fixed="""\
-- Dockerfile --
FROM scratch
ENV WEB_VERSION=1.2.3
USER 1000
""",
        ),
        Example(
            title="set above to the same value; another one, another stage, one of another variable",
            files="""\
-- Dockerfile --
FROM alpine:3.23 AS build
ENV WEB_MODE=fast
FROM alpine:3.23
ENV WEB_HOME=/srv \\
    WEB_PORT=8080
WORKDIR /srv
ENV WEB_PORT 8080
ENV WEB_MODE fast
ENV WEB_HOME /opt
ENV WEB_HOME /srv
ENV WEB_ROOT $WEB_HOME
ENV WEB_ROOT $WEB_HOME
USER 1000
""",
            at="ENV WEB_PORT 8080",
            fixed="""\
-- Dockerfile --
FROM alpine:3.23 AS build
ENV WEB_MODE=fast
FROM alpine:3.23
ENV WEB_HOME=/srv \\
    WEB_PORT=8080
WORKDIR /srv
ENV WEB_MODE=fast
ENV WEB_HOME=/opt
ENV WEB_HOME=/srv
ENV WEB_ROOT=$WEB_HOME
ENV WEB_ROOT=$WEB_HOME
USER 1000
""",
        ),
        Example(
            title="a script pushes the image, and looks for no line",
            files="""\
-- Dockerfile --
FROM scratch
ENV LIBWEB_VERSION 1.2.3
USER 1000
-- push.sh --
#!/bin/sh
echo "web with libweb $LIBWEB_VERSION"
docker build -t ghcr.io/acme/web . && docker push ghcr.io/acme/web
""",
            at="ENV LIBWEB_VERSION 1.2.3",
            fixed="""\
-- Dockerfile --
FROM scratch
ENV LIBWEB_VERSION=1.2.3
USER 1000
""",
        ),
        Example(
            title="with equal signs, a file that a program writes, and Windows",
            files="""\
-- 1.2/Dockerfile --
#
# This file is generated from Dockerfile.template by update.sh
#
FROM scratch
ENV PORT 3000
USER 1000
-- tests/Dockerfile --
FROM scratch
ENV PORT 3000
USER 1000
-- parser/testfile-env/Dockerfile --
FROM scratch
ENV PORT 3000
USER 1000
-- toolbox/Dockerfile --
FROM debian:13
ENV PORT 3000
-- core/Dockerfile --
FROM mcr.microsoft.com/windows/servercore:ltsc2025
ENV PORT 3000
-- nano/Dockerfile --
ARG VERSION
FROM mcr.microsoft.com/windows/nanoserver:$VERSION
ENV PORT 3000
-- agent/Dockerfile --
FROM python:3.14
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop';"]
ENV PORT 3000
USER ContainerUser
-- passed/Dockerfile --
ARG BASE=acme/web:1-windowsservercore
FROM $BASE
ENV PORT 3000
-- Dockerfile --
FROM scratch
ENV PORT=3000 \\
    NODE_ENV=production
LABEL title="My image"
USER 1000
""",
        ),
        Example(
            title="frontends before 1.8",
            files="""\
-- a.Dockerfile --
# syntax=docker/dockerfile:1.4
FROM scratch
ENV PORT 3000
USER 1000
-- b.Dockerfile --
# syntax=docker.io/docker/dockerfile-upstream:1.7.1-labs
FROM scratch
ENV PORT 3000
USER 1000
""",
        ),
        Example(
            title="frontends from 1.8 on, and those that follow the newest",
            files="".join(
                f"-- {at}.Dockerfile --\n# syntax=docker/dockerfile:{tag}\nFROM scratch\nENV PORT 3000\nUSER 1000\n"
                for at, tag in enumerate(("1", "1.8", "1.20", "labs", "1-labs"))
            ),
            at=("ENV PORT 3000",) * 5,
            fixed="-- 0.Dockerfile --\n# syntax=docker/dockerfile:1\nFROM scratch\nENV PORT=3000\nUSER 1000\n",
        ),
        Example(
            title="what an image with another builder brings along; a Dockerfile beside it",
            files="""\
-- builder/Dockerfile --
FROM acme/kaniko:1
COPY Dockerfile.job /workspace/Dockerfile
ENTRYPOINT ["/build.sh"]
-- builder/Dockerfile.job --
FROM python:3.14-slim
ENV PORT 80
CMD ["job"]
-- web/Dockerfile --
FROM python:3.14-slim
ENV PORT 80
CMD ["web"]
""",
            at="ENV PORT 80",
            fixed="""\
-- web/Dockerfile --
FROM python:3.14-slim
ENV PORT=80
CMD ["web"]
""",
        ),
        Example(
            title="in a folder for OpenShift, and one there that Docker builds, too",
            files="""\
-- deploy/openshift/web.Dockerfile --
FROM alpine:3.23
ENV PORT 8080
CMD ["/srv/web"]
-- deploy/openshift/api.Dockerfile --
FROM alpine:3.23
ENV HOST api
CMD ["/srv/api"]
-- .github/workflows/api.yml --
on: {push: {branches: [main]}}
permissions: {contents: read}
jobs:
  api:
    runs-on: ubuntu-latest
    steps:
      - run: docker build --push -t quay.io/acme/api:next -f deploy/openshift/api.Dockerfile .
""",
            at="ENV HOST api",
            fixed="""\
-- deploy/openshift/api.Dockerfile --
FROM alpine:3.23
ENV HOST=api
CMD ["/srv/api"]
""",
        ),
        Example(
            title="built by Kaniko alone",
            files=_BY_KANIKO,
        ),
        Example(
            title="built by Kaniko, and one of them by Docker, too",
            files=_BY_KANIKO
            + """\
-- Makefile --
image:
\tdocker build --push -t quay.io/acme/api:next -f api/Dockerfile .
""",
            at="ENV HOST api",
            fixed="""\
-- api/Dockerfile --
FROM alpine:3.23
ENV HOST=api
CMD ["/srv/api"]
""",
        ),
        Example(
            title="built by Kaniko, where a line of the pipeline is a comment, and by Docker in the same one",
            files="""\
-- web/Dockerfile --
FROM alpine:3.23
ENV PORT 8080
CMD ["/srv/web"]
-- api/Dockerfile --
FROM alpine:3.23
ENV HOST api
CMD ["/srv/api"]
-- .gitlab-ci.yml --
web:
  script:
    # /kaniko/executor --dockerfile web/Dockerfile
    - make web
api:
  script:
    - /kaniko/executor --dockerfile api/Dockerfile
    - docker build -f api/Dockerfile -t api .
""",
            at=("ENV HOST api", "ENV PORT 8080"),
            fixed="""\
-- api/Dockerfile --
FROM alpine:3.23
ENV HOST=api
CMD ["/srv/api"]
""",
        ),
        Example(
            title="of the same names, where the pipeline names none to Kaniko",
            files=_BY_KANIKO.replace("--dockerfile", "--cache-dir"),
            at=("ENV HOST api", "ENV PORT 8080", "ENV PORT 8081"),
            fixed="""\
-- api/Dockerfile --
FROM alpine:3.23
ENV HOST=api
CMD ["/srv/api"]
""",
        ),
        Example(
            title="for a plugin of Maven's: places to fill in, its folder, its argument",
            files=_BY_MAVEN,
            paths=("pom.xml",),
        ),
        Example(
            title="for a plugin of Maven's, and one of them a script has Docker build",
            files=_BY_MAVEN
            + """\
-- .github/workflows/jobs.yml --
on: {push: {branches: [main]}}
permissions: {contents: read}
jobs:
  jobs:
    runs-on: ubuntu-latest
    steps:
      - run: mvn package
      - run: docker build --push -t quay.io/acme/jobs:next jobs
""",
            at="ENV PORT 8083",
            fixed="""\
-- jobs/Dockerfile --
FROM eclipse-temurin:25-jre
COPY maven/lib /srv/lib
ENV PORT=8083
CMD ["/srv/run"]
""",
            paths=("pom.xml", "api/pom.xml"),
        ),
        Example(
            title="the same without Maven, and one of Maven's that has a default",
            files=_BY_MAVEN.replace("JAR_FILE", "JAR_FILE=target/web.jar"),
            at=("ENV PORT 8080", "ENV PORT 8081", "ENV PORT 8082", "ENV PORT 8083"),
            fixed="""\
-- api/docker/Dockerfile --
FROM @shop.base@/java
ENV PORT=8080
CMD ["/srv/api"]
""",
            paths=("web/pom.xml",),
        ),
        Example(
            title="beside Maven's project: a folder `maven` of its own, and a place that its own command fills in",
            files="""\
-- api/Dockerfile --
FROM maven:3-eclipse-temurin-25
COPY maven/settings.xml /root/.m2/settings.xml
ENV PORT 8080
CMD ["/srv/api"]
-- web/Dockerfile --
FROM eclipse-temurin:25-jre
RUN sed -i "s|@web.version@|25|; s|^port=@web.port@|port=80|" /etc/web.conf
RUN grep -rl @web.host@ /etc/web | xargs /bin/sed -i s/@web.host@/web/ \\
 && find /etc/web -name "*.conf" -exec sed -i s/@web.user@/web/ {} +
ENV PORT 8081
CMD ["/srv/web"]
""",
            at=("ENV PORT 8080", "ENV PORT 8081"),
            fixed="""\
-- api/Dockerfile --
FROM maven:3-eclipse-temurin-25
COPY maven/settings.xml /root/.m2/settings.xml
ENV PORT=8080
CMD ["/srv/api"]
""",
            paths=("pom.xml", "maven/settings.xml"),
        ),
        Example(
            title="a name that nothing speaks of, beside a Dockerfile that a build takes; one for production",
            files="""\
-- Dockerfile --
FROM python:3.14-slim
COPY dist /srv
CMD ["web"]
-- Dockerfile.compiled --
FROM python:3.14-slim
ENV PORT 80
CMD ["web"]
-- Dockerfile.prod --
FROM python:3.14-slim
ENV PORT 81
CMD ["web"]
-- compose.yaml --
services:
  web: {build: .}
-- .dockerignore --
Dockerfile.compiled
""",
            at="ENV PORT 81",
            fixed="""\
-- Dockerfile.prod --
FROM python:3.14-slim
ENV PORT=81
CMD ["web"]
""",
        ),
        Example(
            title="a name that nothing speaks of, in a folder that a bake file builds",
            files="""\
-- images/server/Dockerfile --
FROM python:3.14-slim
ENV PORT 80
CMD ["web"]
-- images/server/Dockerfile.base --
FROM python:3.14-slim
ENV PORT 81
CMD ["web"]
-- images/docker-bake.hcl --
target "server" {
  context = "./server"
  tags = ["docker.io/acme/server"]
}
""",
            at="ENV PORT 80",
            fixed="""\
-- images/server/Dockerfile --
FROM python:3.14-slim
ENV PORT=80
CMD ["web"]
""",
        ),
        Example(
            title="lines of a product that several newer ones follow",
            files="""\
-- 3.5/Dockerfile --
FROM scratch
ENV PORT 3000
USER 1000
-- 4.0/web/Dockerfile --
FROM scratch
ENV PORT=3000
USER 1000
-- 5/web/Dockerfile --
FROM scratch
ENV PORT=3000
USER 1000
""",
        ),
    ),
)

_FOR_THE_BLANK = regex(
    r"(?<![\w${])(?:ENV|LABEL)(?:\\?[ \t]|\\[sb]|\[)[^\w\n]*\w+\)?(?: |\\s|\[|[\"'])|[\"'](?:ENV|LABEL)[\"'] *&&.*[\"']\w+[\"']"
)
_SEARCHES = regex(
    r"\b(?:sed|awk|gawk|grep|perl|gsub|re|match|ripgrep|rg|replace|sub|split|startswith|startsWith|cut|scan)\b|\bs[/!|#,]"
)
_LINES_WITH_NAMES = regex(r"^(?:.*\n)?.*\b(?:ENV|LABEL)\b.*$", re.MULTILINE)
_BY_RENOVATE = regex(
    r"\b(?:ENV|LABEL)(?:\|[A-Z]{1,20})*\)?(?: |\\\\s[+*]?)(?P<name>[^\s=]{1,80}?)(?: |\\\\s[+*]?)(?:[\"'`]|\\\\\")?\(\?<currentValue>"
)
"""What a manager of Renovate's looks for: https://docs.renovatebot.com/modules/manager/regex/"""
_OPEN = regex(r"(?:\.|\\\\[wS]|\[[^\]]*\])[*+]\??|\(\?(?:<\w+>|:)|\)")
"""In the name of such a line what stands for any text, and groups around it."""
_ALL = ("", "")
_PLAIN = (" with a plain value", " with plain values")
_DOUBTFUL = (" whose value has to be looked at", " whose values have to be looked at")
"""Which lines of a file are told together: of one other, and of several."""
_REPEATED = "leave out what is set above"
_SHOWN = 3
"""Files that a question names."""
_IS_TAKEN = regex(r"[^\d$]*+(?:\$(?:\w++|\{\w++\})[^\d$]*+)++")
"""A value without a number beside that of variables: `v$WEB_VERSION`."""
_OF_RELEASES = regex(r"_(?:VERSION|RELEASE|REPO|COMMIT|SHA)$")
"""Names of what pipelines write into Dockerfiles."""


def run(repo: Repository) -> Iterator[Finding]:
    texts = (text for kind in _SCRIPTS for text in repo.texts(kind))
    scripts = tuple(text.path for text in texts if repo.memo(_looks_for_the_blank, text.content))
    kept = frozenset(
        _OPEN.sub(lambda it: "*" if it.group()[-1] in "*+?" else "", found["name"])
        for text in repo.texts(Kind.RENOVATE)
        for found in _BY_RENOVATE.finditer(text.content)
    )
    copied = frozenset(path for dockerfile in repo.dockerfiles for path in repo.memo(_copied, dockerfile))
    elsewhere = copied | _built_by_others(repo)
    commands = (*repo.texts(Kind.SCRIPT), *repo.texts(Kind.MAKEFILE))
    for dockerfile in repo.dockerfiles:
        if dockerfile.path not in elsewhere:
            is_pushed = dockerfile.is_published or dockerfile.path in repo.pushed_dockerfiles
            is_pushed = is_pushed or any(_builds(one.content, dockerfile.path) for one in commands)
            yield from repo.memo(_findings, dockerfile, scripts[:_SHOWN], kept, is_pushed)


def _copied(dockerfile: Dockerfile) -> tuple[str, ...]:
    """The Dockerfiles that an image brings along, from its own folder or from the root: what builds them
    there may be any builder."""
    folder = posixpath.dirname(dockerfile.path)
    paths = (source.path for copy in dockerfile.copies for source in copy.sources if source.path)
    named = (path for path in paths if "dockerfile" in posixpath.basename(path).lower())
    return tuple(one for path in named for one in (path, posixpath.join(folder, path)))


def _built_by_others(repo: Repository) -> frozenset[str]:
    """The Dockerfiles in folders for OpenShift and those that Kaniko or Maven builds, but for what Docker certainly builds, too.

    OpenShift has Buildah run its builds, which warns of nothing, as Kaniko does, and as a daemon that is not asked for
    BuildKit. A script with a build of Docker's that
    names a file of Kaniko's may well build that.
    https://docs.redhat.com/en/documentation/openshift_container_platform/4.21/html/builds_using_buildconfig/build-strategies
    """
    texts = repo.snapshot.texts.values()
    pipelines = [one for one in texts if repo.memo(built_by_kaniko, one)]
    of_kaniko = frozenset(path for one in pipelines for path in repo.memo(built_by_kaniko, one))
    others = (*repo.texts(Kind.SCRIPT), *repo.texts(Kind.MAKEFILE), *repo.texts(Kind.NODE_PROJECT))
    scripts = [one.content for one in (*others, *pipelines) if of_kaniko]
    by_script = {path for path in of_kaniko for one in scripts if path in one and _BY_DOCKER.search(one)}
    paths = [
        one.path
        for one in repo.dockerfiles
        if one.path in of_kaniko - by_script
        or _OPENSHIFT in posixpath.dirname(one.path).split("/")
        or seems_built_by_maven(one, repo.snapshot)
    ]
    by_docker = built_by_docker(repo.builds, repo.compose_builds, repo.bake_targets) if paths else ()
    return frozenset(path for path in paths if path not in by_docker)


def _builds(script: str, path: str) -> bool:
    """Whether a script has Docker build a Dockerfile that it names, or the one that Docker takes by itself, and pushes images."""
    if path not in script and path != _BY_ITSELF:
        return False
    joined = script.replace("\\\n", " ")
    is_built = (
        _OF_ROOT.search(joined)
        if path == _BY_ITSELF
        else _BY_DOCKER.search(joined) and re.search(rf"(?<![\w.-]){re.escape(path)}(?![\w.-])", joined)
    )
    return bool(is_built and _PUSHES.search(joined))


def _looks_for_the_blank(script: str) -> bool:
    """Whether a line of a script that searches text names the old form."""
    lines = (match.group() for match in _LINES_WITH_NAMES.finditer(script))
    return any(_FOR_THE_BLANK.search(line) and _SEARCHES.search(line) for line in lines)


def _findings(
    dockerfile: Dockerfile, scripts: tuple[str, ...], kept: frozenset[str], is_pushed: bool
) -> tuple[Finding, ...]:
    """The findings of a file; `kept` are the names of the lines that Renovate finds, and writes, in the old form, with `*` for any text."""
    on_windows = any(map(dockerfile.on_windows, dockerfile.stages))
    if dockerfile.is_generated or not dockerfile.may_ship or on_windows or warns_of_nothing(dockerfile):
        return ()
    old = [
        it
        for it in dockerfile.source.instructions
        if is_old(it) and not any(_is_kept(dockerfile, it, name) for name in kept)
    ]
    apart = [it for it in old if parted(dockerfile, it.pairs[0]) is not None]
    plain = [it for it in old if it not in apart and rewritten(dockerfile, it.pairs[0]) is not None]
    groups = (plain, [it for it in old if it not in plain and it not in apart])
    are_all = len(list(filter(None, (*groups, apart)))) == 1
    question = _question(scripts, plain, is_pushed=is_pushed)
    found = [_finding(dockerfile, group, question, are_all=are_all) for group in groups if group]
    return (*found, *((_of_parted(dockerfile, apart),) if apart else ()))


def _is_kept(dockerfile: Dockerfile, it: Instruction, name: str) -> bool:
    """Whether Renovate finds a line by a name: one that is any text only behind a comment for it, which says what the version is of."""
    above = dockerfile.text.content[: it.span.start].rstrip().rpartition("\n")[2]
    is_told = bool(name.strip("*_")) or "renovate" in above
    return is_told and fnmatchcase(it.pairs[0].name.value, name)


def _question(scripts: tuple[str, ...], lines: list[Instruction], *, is_pushed: bool) -> str:
    """What to check before the lines are written anew; empty where nothing is seen to look for them.

    `is_pushed` says that a workflow or a script pushes the image: no pipeline elsewhere has to.
    """
    if scripts:
        named = " and ".join(map(code, scripts))
        return f"{'Does' if len(scripts) == 1 else 'Do'} {named} still find such lines, where the blank is looked for?"
    if not is_pushed and any(map(_may_be_written, lines)):
        return "Does the pipeline that builds it write this line?"
    return ""


def _may_be_written(it: Instruction) -> bool:
    """Whether a pipeline may write a line anew for each release, which what takes its value from a variable has no need of."""
    pair = it.pairs[0]
    written = pair.value.value if pair.value else ""
    return bool(_OF_RELEASES.search(pair.name.value)) and not _IS_TAKEN.fullmatch(written)


def _finding(dockerfile: Dockerfile, group: list[Instruction], caution: str, *, are_all: bool) -> Finding:
    """`are_all` says that the file has no others in the old form."""
    first, others = group[0], group[1:]
    repeated = set_above(dockerfile)
    again = {it: repeated[it] for it in group if it in repeated}
    edits = [
        without_instruction(dockerfile.text, it.span) if it in again else rewritten(dockerfile, it.pairs[0])
        for it in group
    ]
    which = _ALL if are_all else _DOUBTFUL if None in edits else _PLAIN
    more = (
        f", as {len(others)} more of the file{which[1]} have"
        if len(others) > 1
        else f", as another{which[0]} has"
        if others
        else ""
    )
    return Finding(
        message=f"{code(first.keyword + ' ' + first.pairs[0].name.value)} has its value behind a blank{more}.",
        consequence="BuildKit warns of the old form on each build: `LegacyKeyValueFormat`.",
        location=dockerfile.location(first.span),
        related=(
            *(dockerfile.location(it.span, "is in the old form too") for it in others),
            *(dockerfile.location(above.span, "sets it to the same value") for above in again.values()),
        ),
        fixes=offer(
            _REPEATED if len(again) == len(group) else f"write =, {_REPEATED}" if again else "write =",
            Applicability.UNSAFE if caution else Applicability.SAFE,
            *edits,
            caution=caution,
        ),
        withheld="quotes, escapes or continued lines of the value have to be looked at"
        if None in edits
        else "",
    )


def _of_parted(dockerfile: Dockerfile, group: list[Instruction]) -> Finding:
    """The lines with blanks around their `=`, which has become a part of the value."""
    first = group[0]
    name = first.pairs[0].name.value
    more = (
        f", as {'it has in another' if len(group) == 2 else f'in {len(group) - 1} more'}"
        if len(group) > 1
        else ""
    )
    return Finding(
        message=f"{code(f'{first.keyword} {name}')} has a blank before its {code('=')}{more}.",
        consequence=f"It is read in the old form, by the first blank: the {code('=')} belongs to the value of {code(name)}.",
        location=dockerfile.location(first.span),
        related=tuple(dockerfile.location(it.span, "has it too") for it in group[1:]),
        fixes=offer(
            "take the blanks out",
            Applicability.UNSAFE,
            *(parted(dockerfile, it.pairs[0]) for it in group),
            caution=f"Does nothing expect the {code('=')} in the value that is there now?",
        ),
    )
