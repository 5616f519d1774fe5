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
    Repository,
    Severity,
    code,
)  # fmt: skip
from checks.facts.builds import Build

check = Check(
    id="secret-in-build-args",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW, Kind.ACTION),
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
_CREDENTIAL = re.compile(
    r"(?:^|_)(?:TOKEN|PASSWORD|PASSWD|PASS|SECRET|SECRETS|CREDENTIALS?|PAT|APIKEY|KEY|PRIVATE|AUTH|LICENSE)(?:_|$)"
)
_PUBLIC = re.compile(
    r"(?:^|_)(?:PUBLIC|PUB|VITE|REACT_APP|EXPO_PUBLIC|GATSBY|NUXT_PUBLIC|VUE_APP|PUBLISHABLE|ANON|CLIENT_ID|KEY_ID|DSN|URL|URI|HOST|NAME|FILE|PATH|VERSION"
    r"|RECAPTCHA|SITE_KEY|ANALYTICS|MEASUREMENT|POSTHOG|SENTRY|MAPS|FIREBASE|MAPBOX|ALGOLIA_SEARCH)(?:_|$)"
)


def run(repo: Repository) -> Iterator[Finding]:
    told: set[tuple[int, int]] = set()
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
                )


def _secret(build: Build, argument: str, written: str) -> str | None:
    """The credential among the secrets that a value has."""
    if build.invocation is not None and "${{" not in written:
        return None
    for match in _SECRET.finditer(written):
        name = match[1].upper()
        both = f"{argument.upper()}_{name}"
        if _CREDENTIAL.search(name) and not _PUBLIC.search(both):
            return match[1]
    return None
