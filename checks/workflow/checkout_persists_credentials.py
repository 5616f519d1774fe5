"""Checkout keeps its token where the build sees it

Up to version 5, `actions/checkout` leaves the token that it fetched with in `.git/config`, so that later
steps can push. A build whose context is the workspace, and which copies `.git` into one of its stages, gives
that file to each command behind the copy: an install script of a dependency can read the token, and a cache that
is exported with `mode=max` or to a registry keeps it, and so does an artifact of the image, which others can
fetch as soon as it is there. Where the last stage takes `.git` on, whoever can pull the image has it.

Nothing in such a job needs the token: set `persist-credentials: false`. From version 6 on it lies outside of
the workspace.

The check is silent where `.git` stays out of the context or of each stage, where no command of the build runs
behind the copy and no cache or artifact keeps it, where a step may push or fetch with the token, where that only
reads the code of a public repository, for newer versions and those that we don't know, and where another check
tells that the token gets into the image itself.

References:

- https://github.com/actions/checkout#usage
- https://github.com/actions/upload-artifact#v4---whats-new
- https://docs.docker.com/build/ci/github-actions/share-image-jobs/
- https://github.com/actions/checkout/releases/tag/v6.0.0
- https://docs.zizmor.sh/audits/#artipacked
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Applicability,
    Attention,
    Check,
    Example,
    Finding,
    Kind,
    Location,
    Outside,
    Repository,
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.build.build_caches import exports
from checks.facts.build.builds import Build
from checks.facts.build.context_contents import copies_of, is_ignore_known
from checks.facts.build.contexts import BuildContext
from checks.facts.dockerfile.dockerfiles import Dockerfile, Instruction, Stage
from checks.facts.dockerfile.stages import Copy
from checks.facts.image.references import reference
from checks.facts.token.programs import commands_in
from checks.facts.token.stored_token import (
    checkout_that_stores,
    may_use_stored_token,
    opens_nothing,
    users_of_token,
    uses_of_token,
    without_stored_token,
)  # fmt: skip
from checks.facts.workflow.workflows import Step

_DOCKERFILE = """\
-- Dockerfile --
FROM golang:1.27 AS build
COPY . /src
RUN cd /src && go build -o /web .
FROM alpine:3.24
COPY --from=build /web /web
USER 1000
"""


def _job(version: str, ignored: str = "dist", more: str = "", inputs: str = "") -> str:
    return f"""\
-- .github/workflows/build.yml --
on: push
permissions: {{contents: read}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@{version}{inputs}
      - uses: docker/build-push-action@v7
        with: {{context: ., push: true, tags: 'acme/web:1'}}
{more}{_DOCKERFILE}-- .dockerignore --
{ignored}
"""


_COPIED_LAST = """\
-- .github/workflows/test.yml --
on: pull_request
permissions: {{contents: read}}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5{inputs}
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with: {{context: ., load: true{cache}, tags: 'web:test'}}
      - run: docker run --rm web:test python -m web --version
-- Dockerfile --
FROM python:3.14-slim AS base
WORKDIR /srv
COPY requirements.txt .
RUN pip install -r requirements.txt
COPY . .{then}
FROM base AS web
USER 1000
CMD ["python", "-m", "web"]
"""
"""A build that pushes nothing, of a stage that the image stands on."""
_UPLOAD = "      - uses: actions/upload-artifact@v4\n        with: {{path: /tmp/web.tar}}\n"
_FIXED = "\n        with:\n          persist-credentials: false"

check = Check(
    id="checkout-persists-credentials",
    doc=__doc__,
    severity=Severity.NOTE,
    kinds=(Kind.WORKFLOW, Kind.DOCKERFILE, Kind.DOCKERIGNORE),
    fix=Applicability.SAFE,
    scope=Scope.REPOSITORY,
    attention=Attention.COMMENT_WITH_SUGGESTION,
    tags=("build", "secrets", "security"),
    security_severity=3.0,
    yields_to=("git-credentials-enter-build-context",),
    peers=("zizmor:artipacked",),
    examples=(
        Example(
            title="no command runs behind the copy, and the stage that is pushed takes other files of it",
            files="""\
-- .github/workflows/push.yml --
on: push
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'ghcr.io/acme/web:1'}
-- Dockerfile --
FROM node:24 AS all
WORKDIR /srv
COPY package*.json ./
RUN npm ci
COPY . .
FROM node:24
COPY --from=all /srv/src /srv/src
USER 1000
CMD ["node", "/srv/src/web.js"]
-- src/web.js --
-- package.json --
{}
""",
        ),
        Example(
            title="nor does one behind it in the image that a test builds and nothing pushes, whose cache has its layers too",
            files=_COPIED_LAST.format(inputs="", then="", cache=", cache-to: type=gha"),
        ),
        Example(
            title="a command of that stage behind the copy",
            files=_COPIED_LAST.format(inputs="", then="\nRUN python -m compileall web", cache=""),
            at="actions/checkout@v5",
            fixed=_COPIED_LAST.format(inputs=_FIXED, then="", cache="").partition("-- Dockerfile")[0],
        ),
        *(
            Example(
                title="no command, but a cache that others pull, or an archive of the image that they download",
                files=(
                    job := _COPIED_LAST.replace("load: true{cache}", inputs).replace("docker run", script)
                ).format(inputs="", then=""),
                at="actions/checkout@v5",
                fixed=job.format(inputs=_FIXED, then="").partition("-- Dockerfile")[0],
            )
            for inputs, script in (
                ("load: true, cache-to: 'type=registry,ref=acme/web:cache'", "docker run"),
                (
                    "outputs: 'type=docker,dest=/tmp/web.tar'",
                    f"ls -l /tmp/web.tar\n{_UPLOAD}      - run: date",
                ),
                ("load: true", f"docker save web:test -o /tmp/web.tar\n{_UPLOAD}      - run: docker run"),
            )
        ),
        Example(
            title="no command, but the cache of each stage",
            files=_COPIED_LAST.format(inputs="", then="", cache=", cache-to: 'type=gha,mode=max'"),
            at="actions/checkout@v5",
            fixed=_COPIED_LAST.format(
                inputs=_FIXED, then="", cache=", cache-to: 'type=gha,mode=max'"
            ).partition("-- Dockerfile")[0],
        ),
        Example(
            title="a builder stage that copies everything",
            files=_job("v5"),
            at="actions/checkout@v5",
            fixed=_job("v5", inputs=_FIXED).partition("-- Dockerfile")[0],
        ),
        Example(
            title="the stage that is pushed takes the folder on",
            files=_job("v5").replace(
                "COPY --from=build /web /web",
                "COPY --from=build /web /web\nCOPY --from=build /src/.git /.git",
            ),
            at="actions/checkout@v5",
            fixed=_job("v5", inputs=_FIXED).partition("-- Dockerfile")[0],
        ),
        Example(
            title="a second checkout by an alias of the first one's action",
            files=(
                aliased := _job("v5")
                .replace("uses: actions/", "uses: &checkout actions/")
                .replace(
                    "-- Dockerfile --",
                    """\
  again:
    runs-on: ubuntu-latest
    steps:
      - uses: *checkout
        with: {fetch-depth: 0}
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'acme/web:2'}
-- Dockerfile --""",
                )
            ),
            at=("actions/checkout@v5", "*checkout"),
            fixed=aliased.replace("checkout@v5", f"checkout@v5{_FIXED}").partition("-- Dockerfile")[0],
        ),
        Example(title="a version that keeps it elsewhere", files=_job("v6")),
        Example(title="`.git` is left out", files=_job("v5", ".git")),
        Example(title="told not to keep it", files=_job("v5", inputs=_FIXED)),
        Example(
            title="a later step pushes, by a command or by an action",
            files=_job("v5", more="      - run: git push origin HEAD:built\n")
            + _job("v5", more="      - uses: stefanzweifel/git-auto-commit-action@v7\n").replace(
                "build.yml", "commit.yml"
            ),
        ),
        Example(
            title="no stage copies it",
            files=_job("v5").replace("COPY . /src", "COPY go.mod main.go /src/"),
        ),
        Example(
            title="the stage that copies it is not built",
            files=_job("v5")
            .replace("context: .,", "context: ., target: web,")
            .replace("FROM golang:1.27 AS build", "FROM alpine:3.24 AS web\nFROM golang:1.27 AS build"),
        ),
        Example(
            title="a token that only reads what anybody can",
            files=_job("v5").replace("contents: read", "contents: read, id-token: write"),
            outside=Outside(visibility="public"),
        ),
        Example(
            title="a token that writes packages, and a secret one, of a public repository",
            files=_job("v5").replace("contents: read", "contents: read, packages: write")
            + _job("v5", inputs="\n        with: {token: '${{ secrets.ROBOT }}'}")
            .partition("-- Dockerfile")[0]
            .replace("build.yml", "robot.yml"),
            at=("actions/checkout@v5", "actions/checkout@v5"),
            fixed=_job("v5", inputs=_FIXED)
            .replace("contents: read", "contents: read, packages: write")
            .partition("-- Dockerfile")[0],
            outside=Outside(visibility="public"),
        ),
        Example(
            title="the cache of all stages is exported",
            files=_job("v5").replace("push: true,", "push: true, cache-to: 'type=gha,mode=max',"),
            at="actions/checkout@v5",
            fixed=_job("v5", inputs=_FIXED)
            .replace("push: true,", "push: true, cache-to: 'type=gha,mode=max',")
            .partition("-- Dockerfile")[0],
        ),
        Example(
            title="the token gets into the image: another check tells that",
            files=_job("v5").replace("COPY --from=build /web /web", "COPY . /srv"),
        ),
    ),
)

_RUNS_DEPENDENCIES = frozenset(
    (
        "bun", "bundle", "bundler", "cargo", "composer", "dotnet", "gem", "gradle", "gradlew", "mix", "mvn", "mvnw", "npm", "npx",
        "pdm", "pip", "pip3", "pipenv", "pnpm", "poetry", "python", "python3", "sbt", "uv", "yarn",
    )
)  # fmt: skip
"""Programs that run code of what they install or build with; `go build` runs none."""


def run(repo: Repository) -> Iterator[Finding]:
    contexts = {(one.dockerfile.path, one.folder): one for one in repo.build_contexts}
    told: set[int] = set()
    for build in repo.builds:
        context = contexts.get((build.dockerfile or "", "")) if build.context == "" else None
        checkout = checkout_that_stores(build) if context else None
        if context is None or checkout is None or checkout.job is None or id(checkout.node) in told:
            continue
        if opens_nothing(checkout, repo.outside.visibility):
            continue
        is_kept = any(cache.attribute("mode") == "max" for cache in exports(build))
        copy = _copy(context, build, is_kept=is_kept) if is_ignore_known(context, repo.snapshot) else None
        if copy is not None and not may_use_stored_token(checkout.job):
            told.add(id(checkout.node))
            readers = _readers(context, build, copy, is_kept=is_kept)
            uses = uses_of_token(checkout, repo.outside.visibility)
            users = users_of_token(
                checkout, repo.actions_by_folder, repo.builds_of.get(checkout.job, ()), repo.dockerfiles
            )
            question = f"Does {users} of this job {uses}?" if users and uses else ""
            yield _finding(context, checkout, copy, _taken_on(context, build), readers, question)


def _copy(context: BuildContext, build: Build, *, is_kept: bool) -> Copy | None:
    """The copy that puts the token into a stage that is built, where a command reads it or the image's layers are kept."""
    file = context.dockerfile
    target, stages = _built(file, build)
    is_left = is_kept or build.may_publish or bool(_fetchers(build))
    leaving = file.ancestry(target) if target is not None and is_left else ()
    return next(
        (
            copy
            for copy in copies_of(context, ".git/config", stages)
            if copy.stage in leaving or _is_read(file, copy, stages)
        ),
        None,
    )


def _fetchers(build: Build) -> str:
    """Who else gets the layers of an image that its build pushes nowhere; empty where nobody certainly does."""
    caches = (one for one in exports(build) if one.type == "registry" and not one.condition)
    places = (reference(ref) for one in caches if (ref := one.attributes.get("ref")) is not None)
    if not all(place.is_on_this_machine for place in places):
        return "Who can pull the cache"
    steps = build.step.job.steps if build.step and build.step.job else ()
    names = {tag.value.literal for tag in build.tags} - {None}
    saves = (
        command
        for step in steps
        for command in (step.run is not None and commands_in(step)) or ()
        if command.program == "docker" and "save" in (word.literal for word in command.arguments[:2])
    )
    is_file = any(build.archives()) or any(
        not names.isdisjoint(w.literal for w in one.words) for one in saves
    )
    is_uploaded = is_file and any(step.uses_action("actions/upload-artifact") for step in steps)
    return "Who can download the artifact" if is_uploaded else ""


def _built(dockerfile: Dockerfile, build: Build) -> tuple[Stage | None, tuple[Stage, ...]]:
    """The stage that a build ends with, and all that it makes; none where the name of it is not known."""
    target = dockerfile.target_stage(build.target)
    built = dockerfile.needed(target) if target is not None else frozenset()
    return target, tuple(stage for stage in dockerfile.stages if stage in built)


def _is_read(dockerfile: Dockerfile, copy: Copy, built: tuple[Stage, ...]) -> bool:
    """Whether a command of a stage that is built runs where the token lies."""
    return any(
        ran.stage in built
        and copy.stage in dockerfile.ancestry(ran.stage)
        and (ran.stage is not copy.stage or ran.instruction.span.start > copy.instruction.span.start)
        for ran in dockerfile.commands()
    )


def _taken_on(context: BuildContext, build: Build) -> Instruction | None:
    """The copy that takes the folder on from an earlier stage into the image, in a build that may push it."""
    file = context.dockerfile
    line = file.ancestry(file.shipped) if build.target == "" and build.may_publish else ()
    copies = (it for stage in line for it in stage.instructions if it.flag("from") is not None)
    return next(
        (it for it in copies if any(word.value.rstrip("/").endswith("/.git") for word in it.sources)), None
    )


def _readers(context: BuildContext, build: Build, copy: Copy, *, is_kept: bool) -> str:
    """Who can read the token, as a sentence."""
    file, cache = context.dockerfile, f"the cache with {code('mode=max')} keeps the file"
    taken_on = _taken_on(context, build) is not None
    is_run = _is_read(file, copy, _built(file, build)[1])
    if is_kept and not taken_on and not is_run:
        return f"{cache[0].upper()}{cache[1:]}: who can read that has the token while the job runs."
    if not taken_on and not is_kept and not is_run:
        return f"{_fetchers(build) or 'Who can pull the image'} has the token while the job runs."
    pulling = f"Who can pull the image{', and each command behind the copy,' if is_run else ''}"
    readers = pulling if taken_on else "Each command behind the copy"
    too = ", those of dependencies too" if _runs_dependencies(file, copy) else ""
    return f"{readers} can read it while the job runs{too}{f', and {cache}.' if is_kept else '.'}"


def _finding(
    context: BuildContext,
    checkout: Step,
    copy: Copy,
    taken_on: Instruction | None,
    consequence: str,
    question: str,
) -> Finding:
    """`question` is after what may use the token."""
    path, file = context.dockerfile.path, context.dockerfile
    return Finding(
        message=f"This checkout leaves its token in {code('.git/config')}, and {code(path)} copies that into {'the image' if taken_on else 'a stage'}.",
        consequence=consequence,
        location=Location(checkout.text, checkout.uses_span),
        related=(
            file.location(copy.instruction.span, "copies it"),
            *((file.location(taken_on.span, "takes it on"),) if taken_on else ()),
        ),
        severity=Severity.WARNING if taken_on else None,
        fixes=offer(
            "keep no token after the checkout",
            Applicability.UNSAFE if question else Applicability.SAFE,
            without_stored_token(checkout),
            caution=question,
        ),
    )


def _runs_dependencies(dockerfile: Dockerfile, copy: Copy) -> bool:
    """Whether a command behind a copy, in its stage or in one that builds on it, runs code of dependencies."""
    return any(
        ran.command.program in _RUNS_DEPENDENCIES
        and ran.instruction.span.start > copy.instruction.span.start
        and copy.stage in dockerfile.ancestry(ran.stage)
        for ran in dockerfile.commands()
    )
