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
    Check,
    Example,
    Finding,
    Kind,
    Location,
    Repository,
    Scope,
    Severity,
    code,
)  # fmt: skip
from checks.facts.builds import Build
from checks.facts.dockerfiles import Dockerfile
from checks.facts.secret_names import is_secret

check = Check(
    id="secret-in-build-args",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW, Kind.ACTION, Kind.DOCKERFILE),
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
RUN npm ci
USER 1000
""",
            at="NPM_TOKEN=${{ secrets.NPM_TOKEN }}",
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


def run(repo: Repository) -> Iterator[Finding]:
    told: set[tuple[int, int]] = set()
    files = {one.path: one for one in repo.dockerfiles}
    for build in repo.builds:
        for argument in build.build_args or ():
            place = (id(argument.location.text), argument.location.span.start)
            name = _secret(build, argument.name, argument.written)
            if name and place not in told:
                told.add(place)
                yield Finding(
                    message=f"The secret {code(name)} goes into the build as the argument {code(argument.name)}.",
                    consequence=(
                        "It stands in the image's history, in its provenance and in the exported cache: "
                        "who can pull the image can read it."
                    ),
                    location=argument.location,
                    related=_declared(files.get(build.dockerfile or ""), argument.name),
                )


def _secret(build: Build, argument: str, written: str) -> str | None:
    """The credential among the secrets that a value has."""
    if build.invocation is not None and "${{" not in written:
        return None
    for match in _SECRET.finditer(written):
        if is_secret(match[1], argument):
            return match[1]
    return None


def _declared(dockerfile: Dockerfile | None, name: str) -> tuple[Location, ...]:
    """Where the Dockerfile takes the argument."""
    if dockerfile is None:
        return ()
    return tuple(
        dockerfile.location(pair.span, "takes it")
        for instruction in dockerfile.source.instructions
        if instruction.keyword == "ARG"
        for pair in instruction.pairs
        if pair.name.value == name
    )
