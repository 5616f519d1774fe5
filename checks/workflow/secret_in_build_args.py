"""Secret is passed as a build argument

Build arguments are no secrets. They stand in the history of the image (`docker history`), in the provenance that BuildKit
attaches by default (in full for public repositories), and in the cache that is exported. Whoever can pull the
image can read the token.

Pass it as a secret of the build: `secrets:` in the step, and `RUN --mount=type=secret` in the Dockerfile. Then
replace the token: it is in every image that has been pushed.

The check is silent for `vars`, for the inputs made for secrets, and for secrets whose names say that they are
public or no credential (a URL, a name, a region).

References:

- https://docs.docker.com/build/building/secrets/
- https://docs.docker.com/build/metadata/attestations/slsa-provenance/#mode
- https://docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/
"""

from __future__ import annotations

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
    Location,
    Repository,
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.builds import Assigned, Build
from checks.facts.dockerfiles import Dockerfile
from checks.facts.lists import Item, items, rewritten, without
from checks.facts.secret_mounts import declared, mounted_instead, secret_id
from checks.facts.secret_names import is_secret
from checks.facts.tree import insert_after, insert_line_after
from checks.facts.workflows import Step

check = Check(
    id="secret-in-build-args",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW, Kind.ACTION, Kind.DOCKERFILE),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("build", "secrets", "security"),
    security_severity=7.5,
    examples=(
        Example(
            title="a token for the package registry",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          push: true
          build-args: |
            VERSION=1.2
            NPM_TOKEN=${{ secrets.NPM_TOKEN }}
      - run: docker build --build-arg GH_PAT=${{ secrets.GH_PAT }} -t web .
""",
            at=("NPM_TOKEN=${{ secrets.NPM_TOKEN }}", "GH_PAT=${{ secrets.GH_PAT }}"),
        ),
        Example(
            title="with the Dockerfile that takes it",
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
          build-args: NPM_TOKEN=${{ secrets.NPM_TOKEN }}
-- Dockerfile --
FROM node:24
ARG NPM_TOKEN
RUN echo "//npm.acme.example/:_authToken=$NPM_TOKEN" > ~/.npmrc && npm ci && rm ~/.npmrc
USER 1000
""",
            at="NPM_TOKEN=${{ secrets.NPM_TOKEN }}",
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
          secrets: npm_token=${{ secrets.NPM_TOKEN }}
-- Dockerfile --
FROM node:24
RUN --mount=type=secret,id=npm_token,env=NPM_TOKEN,required=true echo "//npm.acme.example/:_authToken=$NPM_TOKEN" > ~/.npmrc && npm ci && rm ~/.npmrc
USER 1000
""",
        ),
        Example(
            title="beside other arguments and other secrets",
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
            VERSION=1.2
            GH_TOKEN=${{ secrets.GH_TOKEN }}
          secrets: |
            npm_token=${{ secrets.NPM_TOKEN }}
-- Dockerfile --
FROM node:24
ARG VERSION
ARG GH_TOKEN
RUN ./fetch.sh "$GH_TOKEN"
USER 1000
""",
            at="GH_TOKEN=${{ secrets.GH_TOKEN }}",
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
          build-args: |
            VERSION=1.2
          secrets: |
            npm_token=${{ secrets.NPM_TOKEN }}
            gh_token=${{ secrets.GH_TOKEN }}
-- Dockerfile --
FROM node:24
ARG VERSION
RUN --mount=type=secret,id=gh_token,env=GH_TOKEN,required=true ./fetch.sh "$GH_TOKEN"
USER 1000
""",
        ),
        Example(
            title="two commands use it, another build passes it, the syntax has no `env=`, nothing names it: no fix in one edit",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: two, build-args: 'NPM_TOKEN=${{ secrets.NPM_TOKEN }}'}
      - uses: docker/build-push-action@v7
        with: {context: old, build-args: 'NPM_TOKEN=${{ secrets.NPM_TOKEN }}'}
      - uses: docker/build-push-action@v7
        with: {context: both, build-args: 'NPM_TOKEN=${{ secrets.NPM_TOKEN }}'}
      - run: docker build both
-- two/Dockerfile --
FROM node:24
ARG NPM_TOKEN
RUN ./log-in.sh "$NPM_TOKEN"
RUN ./check.sh "$NPM_TOKEN"
USER 1000
-- old/Dockerfile --
# syntax=docker/dockerfile:1.9
FROM node:24
ARG NPM_TOKEN
RUN ./log-in.sh "$NPM_TOKEN"
USER 1000
-- both/Dockerfile --
FROM node:24
ARG NPM_TOKEN
RUN ./log-in.sh "$NPM_TOKEN"
USER 1000
""",
            at=("NPM_TOKEN=${{ secrets.NPM_TOKEN }}",) * 3,
        ),
        Example(
            title="passed as a secret; values that are none; keys that browsers get",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          build-args: |
            VERSION=${{ github.sha }}
            REGION=${{ vars.REGION }}
            API_URL=${{ secrets.API_URL }}
            ACCOUNT=${{ secrets.AWS_ACCOUNT_ID }}
            NEXT_PUBLIC_STRIPE_KEY=${{ secrets.STRIPE_KEY }}
            VITE_SENTRY_DSN=${{ secrets.SENTRY_DSN }}
          secrets: |
            npm_token=${{ secrets.NPM_TOKEN }}
""",
        ),
    ),
)

_SECRET = re.compile(r"\$\{\{[^}]*\bsecrets\.(\w+)[^}]*\}\}")
_WHOLE = re.compile(r"\$\{\{\s*secrets\.\w+\s*\}\}")


def run(repo: Repository) -> Iterator[Finding]:
    told: set[tuple[int, int]] = set()
    files = {one.path: one for one in repo.dockerfiles}
    for build in repo.builds:
        for argument in build.build_args or ():
            place = (id(argument.location.text), argument.location.span.start)
            name = _secret(build, argument.name, argument.written)
            if name and place not in told:
                told.add(place)
                yield _finding(repo, build, argument, name, files.get(build.dockerfile or ""))


def _secret(build: Build, argument: str, written: str) -> str | None:
    """The credential among the secrets that a value has."""
    if build.invocation is not None and "${{" not in written:
        return None
    for match in _SECRET.finditer(written):
        if is_secret(match[1], argument):
            return match[1]
    return None


def _finding(
    repo: Repository, build: Build, argument: Assigned, name: str, dockerfile: Dockerfile | None
) -> Finding:
    places = declared(dockerfile, argument.name) if dockerfile else ()
    return Finding(
        message=f"The secret {code(name)} goes into the build as the argument {code(argument.name)}.",
        consequence=(
            "It stands in the image's history, in its provenance and in the exported cache: "
            "who can pull the image can read it."
        ),
        location=argument.location,
        related=tuple(Location(dockerfile.text, pair.span, "takes it") for _, pair in places if dockerfile),
        fixes=_fixes(repo, build, argument, dockerfile) if dockerfile else (),
    )


def _fixes(repo: Repository, build: Build, argument: Assigned, dockerfile: Dockerfile) -> tuple[Fix, ...]:
    """The secret for the argument on both sides, where no other build uses the Dockerfile."""
    others = any(
        one.step is not build.step and one.dockerfile in (dockerfile.path, None) for one in repo.builds
    )
    mount = mounted_instead(dockerfile, argument.name)
    if (
        build.step is None
        or argument.item is None
        or others
        or not mount
        or not _WHOLE.fullmatch(argument.written)
    ):
        return ()
    return offer(
        f"pass {code(argument.name)} as a secret",
        Applicability.UNSAFE,
        *_passed(build.step, argument.item, f"{secret_id(argument.name)}={argument.written}"),
        *mount,
        caution=f"The command that gets the secret stops without it: does each builder pass {code(secret_id(argument.name))}?",
    )


def _passed(step: Step, item: Item, secret: str) -> tuple[Edit | None, ...]:
    """The argument out of the one list, the secret into the other."""
    arguments, secrets = step.input_entry("build-args"), step.input("secrets")
    if arguments is None or step.inputs is None:
        return (None,)
    if secrets is not None:
        known = items(secrets, commas=False)
        return (without(item), insert_line_after(secrets, known[-1].line, secret) if known else None)
    if len(items(item.scalar, commas=False)) > 1:
        return (without(item), insert_after(step.inputs, arguments, f"secrets: {secret}"))
    return (Edit(step.text.path, arguments.key.span, "secrets"), rewritten(item, secret))
