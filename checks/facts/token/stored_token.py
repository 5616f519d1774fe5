"""The token that `actions/checkout` leaves in the workspace: in `.git/config`, up to version 5.

https://github.com/actions/checkout/releases/tag/v6.0.0
"""

from __future__ import annotations

from checks.facts.action.version_comments import version_comment
from checks.facts.build.builds import Build, has_other_files
from checks.facts.token.pushing_steps import AGENTS
from checks.facts.workflow.step_edits import with_input
from checks.facts.workflow.workflows import Job, Step
from checks.regex import regex
from checks.source.snapshot import Edit

_OLD = regex(r"v[2-5](?:\.\d+)*$")
_REMOVED = regex(r"rm\s[^\n;&|]*\.git\b|extraheader|git config|\.git/config|git init|persist-credentials")
_SPEAKS_TO_REMOTE = regex(
    r"\bgit\b[^\n]*\b(?:push|fetch|pull|submodule|ls-remote|remote update)\b|lfs"
    r"|semantic-release|lerna|changeset|goreleaser|mkdocs gh-deploy|gh-pages"
)
_OPEN_TO_ALL = frozenset((("contents", "read"), ("id-token", "write")))
"""What a job may do with its permissions, and either anybody may or not by that token."""
_PUSHING_ACTION = regex(
    r"commit|git-push|github-push|gh-pages|pages-deploy|create-pull-request|release|changesets|semantic|tag|version|bump|mirror|sync"
)
"""In the name of an action: it may push to the repository, or fetch from it."""


def checkout_that_stores(build: Build) -> Step | None:
    """The one checkout ahead of a build that leaves its token in the workspace; None where that isn't certain."""
    step = build.step
    if step is None or step.job is None or has_other_files(step):
        return None
    before = step.job.before(step)
    checkouts = [one for one in before if one.uses_action("actions/checkout")]
    if len(checkouts) != 1 or any(one.run and _REMOVED.search(one.run.value) for one in before):
        return None
    checkout = checkouts[0]
    persisted = checkout.input("persist-credentials")
    return checkout if persisted is None and checkout.condition is None and _is_old(checkout) else None


def _is_old(checkout: Step) -> bool:
    use = checkout.uses
    if use is None:
        return False
    comment = version_comment(use) if use.is_commit else None
    return bool(_OLD.match(comment[0] if comment else use.ref))


def may_use_stored_token(job: Job) -> bool:
    """Whether a step may push to the repository or fetch from it with the token that checkout has left."""
    return any(
        (step.run is not None and _SPEAKS_TO_REMOTE.search(step.run.value))
        or (
            step.uses is not None
            and (step.uses.repository in AGENTS or _PUSHING_ACTION.search(step.uses.name.lower()))
        )
        for step in job.steps
    )


def opens_nothing(checkout: Step, visibility: str | None) -> bool:
    """Whether the token that a checkout leaves is the job's own, and only reads the code of a public repository.

    It asks for no OIDC token: that takes another one, of the runner's environment.
    https://docs.github.com/en/actions/reference/security/oidc#methods-for-requesting-the-oidc-token
    """
    permissions = checkout.job.permissions if checkout.job else None
    is_own = checkout.input("token") is None and checkout.input("ssh-key") is None
    if visibility != "public" or permissions is None or permissions.everything or not is_own:
        return False
    return all(one[1] == "none" or one in _OPEN_TO_ALL for one in permissions.scopes.items())


def without_stored_token(checkout: Step) -> Edit | None:
    """Tells a checkout to leave no token."""
    return with_input(checkout, "persist-credentials: false")
