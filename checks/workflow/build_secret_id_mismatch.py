"""Dockerfile mounts a secret that the build does not supply

`RUN --mount=type=secret,id=x` without `required=true` is silent when the build has no secret `x`: the file is
not there, the variable is not set, and the command runs without its token. What comes is an answer 401 of a
package registry in the middle of the build, or an image that was built with less than it needs.

Pass a secret of the same id.

The check speaks where the mount is required, and where the build supplies a secret whose id differs in case
or dashes alone: any other secret may be one that the command does without. It is silent where the Dockerfile
is not known, where the ids of the build are computed, for mounts of stages that the build does not need, and
where the command looks whether the secret is there.

References:

- https://docs.docker.com/build/building/secrets/
- https://docs.docker.com/reference/dockerfile/#run---mounttypesecret
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
    Edit,
    Example,
    Finding,
    Fix,
    Kind,
    Repository,
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.build.builds import Assigned, Build
from checks.facts.dockerfile.dockerfiles import Dockerfile, Instruction
from checks.facts.tree import append_entry, insert_line_after
from checks.facts.workflow.lists import items, rewritten
from checks.facts.workflow.workflows import Step

check = Check(
    id="build-secret-id-mismatch",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW, Kind.ACTION, Kind.DOCKERFILE),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("build", "dockerfile", "secrets"),
    examples=(
        Example(
            title="two names for one token",
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
          secrets: |
            NPM_TOKEN=${{ secrets.NPM_TOKEN }}
-- Dockerfile --
FROM node:24
RUN --mount=type=secret,id=npm_token,env=NPM_TOKEN npm ci
USER 1000
""",
            at="docker/build-push-action@v7",
            fixed="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          secrets: |
            npm_token=${{ secrets.NPM_TOKEN }}
""",
        ),
        Example(
            title="another secret, and none at all",
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
          secrets: |
            gh-token=${{ secrets.GH_TOKEN }}
          push: false
      - uses: docker/build-push-action@v7
        with: {context: .}
-- Dockerfile --
FROM node:24
RUN --mount=type=secret,id=npm-token,env=NPM_TOKEN,required=true --mount=type=secret,id=gh-token npm ci
USER 1000
""",
            at=("docker/build-push-action@v7", "docker/build-push-action@v7"),
            fixed="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          secrets: |
            gh-token=${{ secrets.GH_TOKEN }}
            npm-token=${{ secrets.NPM_TOKEN }}
          push: false
      - uses: docker/build-push-action@v7
        with: {context: .}
""",
        ),
        Example(
            title="a command without the secret, which the Dockerfile requires",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker build -t web:ci .
-- Dockerfile --
FROM node:24
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc,required=true npm ci
USER 1000
""",
            at="docker build -t web:ci .",
        ),
        Example(
            title="supplied in any way, not needed, asked for first, one that the command may do without, computed",
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
          secrets: a=${{ secrets.A }}
          secret-envs: b=TOKEN
          secret-files: npmrc=./.npmrc
      - run: docker build --secret id=a,env=A --secret id=b --secret id=npmrc,src=.npmrc .
      - uses: docker/build-push-action@v7
        with: {context: ., target: plain}
      - uses: docker/build-push-action@v7
        with: {context: ., secrets: '${{ inputs.secrets }}'}
      - run: docker build $BUILD_ARGS .
-- Dockerfile --
FROM node:24 AS plain
RUN --mount=type=secret,id=maybe if [ -f /run/secrets/maybe ]; then ./use.sh; fi
FROM node:24
RUN --mount=type=secret,id=a --mount=type=secret,id=b,env=B npm ci
RUN --mount=type=secret,target=/root/npmrc npm ci
RUN --mount=type=secret,id=composer-auth COMPOSER_AUTH=$(cat /run/secrets/composer-auth) composer install
USER 1000
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    files = {one.path: one for one in repo.dockerfiles}
    for build in repo.builds:
        dockerfile = files.get(build.dockerfile or "")
        if dockerfile is None or build.secrets is None:
            continue
        if build.invocation is not None and (build.arguments is None or not build.arguments.certain):
            continue
        supplied = {one.name for one in build.secrets}
        for instruction, name, required in _mounted(dockerfile, build):
            if name in supplied:
                continue
            mounted = {one for _, one, _ in _mounted(dockerfile, build)}
            if required or (_meant(build, name, mounted) and not _looks_first(instruction)):
                yield _finding(build, dockerfile, instruction, name, required, _fixes(build, name, mounted))
                break


def _mounted(dockerfile: Dockerfile, build: Build) -> Iterator[tuple[Instruction, str, bool]]:
    """The mounts of secrets in the stages that the build needs: instruction, id, whether it is required."""
    named = dockerfile.target_stage(build.target)
    for stage in dockerfile.evaluation.needed(named) if named else ():
        for instruction in stage.instructions:
            for flag in instruction.flags:
                kind = flag.field("type")
                if flag.name != "mount" or kind is None or kind.value != "secret":
                    continue
                name, target, required = (
                    flag.field("id"),
                    flag.field("target", "dst", "destination"),
                    flag.field("required"),
                )
                found = name.value if name else posixpath.basename(target.value or "") if target else None
                if found and "$" not in found:
                    yield instruction, found, required is not None and required.value in (None, "true", "1")


def _looks_first(instruction: Instruction) -> bool:
    """Whether the command copes with a secret that is not there."""
    source = instruction.shell.source if instruction.shell else ""
    signs = ("if ", "[ -", "test -", "|| true", "${", "2>/dev/null")
    return any(sign in source for sign in signs)


def _finding(
    build: Build,
    dockerfile: Dockerfile,
    instruction: Instruction,
    name: str,
    required: bool,
    fixes: tuple[Fix, ...],
) -> Finding:
    others = [code(one.name) for one in build.secrets or ()][:3]
    supplied = f", which supplies {', '.join(others)}" if others else ""
    return Finding(
        message=f"{code(dockerfile.path)} mounts the secret {code(name)} and gets none from this build{supplied}.",
        consequence=(
            "The build stops on every run: the mount is required."
            if required
            else "The command runs without it and without a word: its file does not exist, its variable is not set."
        ),
        location=build.location,
        related=(dockerfile.location(instruction.keyword_span.to(instruction.flags[-1].span), "mounts it"),),
        fixes=fixes,
    )


def _fixes(build: Build, name: str, mounted: set[str]) -> tuple[Fix, ...]:
    """The id that is meant, where one differs in case or its dashes alone; else a secret of that name."""
    step = build.step
    if step is None or build.invocation is not None:
        return ()
    meant = _meant(build, name, mounted)
    if len(meant) == 1 and meant[0].item is not None:
        return offer(
            f"call it {code(name)}",
            Applicability.UNSAFE,
            rewritten(meant[0].item, f"{name}={meant[0].written}"),
            caution=f"Does another Dockerfile of the step mount {code(meant[0].name)}?",
        )
    secret = _plain(name).upper()
    return offer(
        f"pass the repository's secret {code(secret)}",
        Applicability.UNSAFE,
        _added(step, f"{name}=${{{{ secrets.{secret} }}}}"),
        caution=f"Has the repository a secret {code(secret)}, and is that what the command needs?",
    )


def _meant(build: Build, name: str, mounted: set[str]) -> list[Assigned]:
    """The supplied secrets that nothing mounts and whose ids differ in case or dashes alone."""
    return [
        one for one in build.secrets or () if _plain(one.name) == _plain(name) and one.name not in mounted
    ]


def _plain(name: str) -> str:
    return re.sub(r"\W", "_", name).lower()


def _added(step: Step, secret: str) -> Edit | None:
    written = step.input("secrets")
    if written is not None:
        known = items(written, commas=False)
        return insert_line_after(written, known[-1].line, secret) if known else None
    if step.inputs is None:
        return append_entry(
            step.node, f"with: {{secrets: '{secret}'}}" if step.node.flow else f"with:\n  secrets: {secret}"
        )
    return append_entry(step.inputs, f"secrets: {secret}") if not step.inputs.flow else None
