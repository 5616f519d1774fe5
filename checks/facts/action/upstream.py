"""What GitHub answered of the repositories of actions, and what we know of them besides: which can't be moved any more."""

from __future__ import annotations

from collections.abc import Mapping

from checks.facts.action.versions import version_parts
from checks.facts.workflow.uses import ActionUse
from checks.record import Record

ARCHIVED = frozenset(
    (
        "8398a7/action-slack",
        "actions-rs/audit-check",
        "actions-rs/cargo",
        "actions-rs/clippy-check",
        "actions-rs/install",
        "actions-rs/tarpaulin",
        "actions-rs/toolchain",
        "actions/create-release",
        "actions/setup-ruby",
        "actions/upload-release-asset",
        "andymckay/labeler",
        "dawidd6/action-get-tag",
        "repo-sync/pull-request",
        "sonarsource/sonarcloud-github-action",
    )
)
"""Repositories that GitHub shows as archived: nobody can push to their branches, or move a tag."""
SUCCESSORS = {
    # https://github.com/bufbuild/buf-action/blob/main/MIGRATION.md
    "bufbuild/buf-setup-action": "`bufbuild/buf-action` with `setup_only: true`",
    # https://github.com/codecov/test-results-action#readme
    "codecov/test-results-action": "`codecov/codecov-action` with `report_type: test_results`",
    # https://github.com/tibdex/github-app-token#readme
    "tibdex/github-app-token": "`actions/create-github-app-token`",
}
"""What took the place of an action, as its authors say, and how that does the same."""
_IMMUTABLE_SINCE = {
    "aquasecurity/trivy-action": (0, 35),
    "astral-sh/setup-uv": (8,),
    "aws-actions/configure-aws-credentials": (5,),
    "docker/login-action": (4, 1),
    "docker/metadata-action": (6, 0),
    "docker/setup-buildx-action": (4, 1),
    "docker/setup-qemu-action": (4, 2),
    "peter-evans/create-pull-request": (8, 1, 1),
}
"""From which version on the tag of a release stays where it is, whoever would move it:
https://docs.github.com/en/code-security/concepts/supply-chain-security/immutable-releases"""


class Upstream(Record):
    """What the repository of an action has, as GitHub answered."""

    commits: Mapping[str, str]
    """By tag the commit that it points to, of the tags that were asked for."""
    absent: frozenset[str] = frozenset()
    """What was asked for and is neither a tag nor a branch."""
    newest: str = ""
    """The tag of its latest release; empty where it has none."""
    newest_commit: str = ""
    is_archived: bool = False
    """Nobody can push to it."""


def is_archived(use: ActionUse, actions: Mapping[str, Upstream]) -> bool:
    """Whether nobody can move what a name of the action's repository stands for: as GitHub answered, or as we know."""
    upstream = actions.get(use.repository)
    return use.repository in ARCHIVED or (upstream is not None and upstream.is_archived)


def is_immutable(use: ActionUse) -> bool:
    """Whether a name is certainly that of a release which GitHub lets nobody move."""
    since, parts = _IMMUTABLE_SINCE.get(use.repository), version_parts(use.ref)
    return since is not None and parts is not None and len(parts) == 3 and parts >= since
