"""Comment names another version than the pinned commit

The comment behind a pinned commit is what people and Dependabot read. Where it names a version whose tag is another
commit, reviews and updates start from a version that does not run.

Name the version that the commit is.

The check is silent where the shipped table knows neither, and for comments without a version.

References:

- https://docs.github.com/en/actions/reference/security/secure-use#using-third-party-actions
- https://docs.github.com/en/code-security/dependabot/working-with-dependabot/keeping-your-actions-up-to-date-with-dependabot
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Applicability,
    Attention,
    Check,
    Edit,
    Example,
    Finding,
    Kind,
    Location,
    Repository,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.releases import Release, of_commit, releases, version_comment

check = Check(
    id="sha-comment-mismatch",
    doc=__doc__,
    severity=Severity.NOTE,
    kinds=(Kind.WORKFLOW, Kind.ACTION),
    fix=Applicability.SAFE,
    attention=Attention.COMMENT_WITH_SUGGESTION,
    tags=("pinning",),
    yields_to=("known-compromised-action",),
    examples=(
        Example(
            title="the commit of v7.3.0",
            files="""\
-- .github/workflows/push.yml --
on: push
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # v6.1.0, the builder
""",
            at="v6.1.0",
            fixed="""\
-- .github/workflows/push.yml --
on: push
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # v7.3.0, the builder
""",
        ),
        Example(
            title="the right one, its major version, an unknown commit, an unknown action, no version",
            files="""\
-- .github/workflows/push.yml --
on: push
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # v7.3.0
      - uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # v7
      - uses: docker/build-push-action@0000000000000000000000000000000000000001 # v6.1.0
      - uses: acme/build@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # v1.0.0
      - uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # latest
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for use in repo.action_uses:
        said, release = version_comment(use), of_commit(use.repository, use.ref) if use.is_commit else None
        if said is None or release is None:
            continue
        same = any(
            one.commit == use.ref and (one.version == said[0] or one.version.startswith(f"{said[0]}."))
            for one in releases(use.repository)
        )
        if not same:
            yield _finding(release, *said)


def _finding(release: Release, said: str, place: Location) -> Finding:
    return Finding(
        message=f"The comment says {code(said)}, and the commit is {code(release.version)}.",
        consequence="Who reads the comment, a reviewer or an updater, starts from a version that does not run.",
        location=place,
        fixes=offer(
            f"say {release.version}", Applicability.SAFE, Edit(place.path, place.span, release.version)
        ),
    )
