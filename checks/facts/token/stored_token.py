"""The token that `actions/checkout` leaves in the workspace: in `.git/config`, up to version 5.

https://github.com/actions/checkout/releases/tag/v6.0.0
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import partial

from checks.facts.action.version_comments import version_comment
from checks.facts.build.builds import Build, has_other_files
from checks.facts.dockerfile.base_images import lacks_git
from checks.facts.dockerfile.dockerfiles import Dockerfile, Stage
from checks.facts.script.scripts import Command
from checks.facts.token.idle_words import STARTERS, only_asks
from checks.facts.token.programs import commands_in, is_harmless, may_run_unseen
from checks.facts.token.pushing_steps import AGENTS, BY_API, looks_for_token, may_use_git
from checks.facts.workflow.composite_actions import CompositeAction
from checks.facts.workflow.inner_steps import may_do
from checks.facts.workflow.step_edits import with_input
from checks.facts.workflow.workflows import Job, Step
from checks.regex import regex
from checks.source.snapshot import Edit

_OLD = regex(r"v[2-5](?:\.\d+)*$")
_REMOVED = regex(
    r"rm\s[^\n;&|]*\.git\b|(?i:extraheader)|git config|\.git/config|git init|persist-credentials"
)
_SPEAKS_TO_REMOTE = regex(
    r"\bgit\b[^\n]*\b(?:push|fetch|pull|submodule|ls-remote|remote update)\b|lfs"
    r"|semantic-release|lerna|changeset|goreleaser|mkdocs gh-deploy|gh-pages"
)
_OWN_TOKEN = regex(r"\$\{\{\s*(?:secrets\.GITHUB_TOKEN|github\.token)\s*\}\}", re.IGNORECASE)
_OPEN_TO_ALL = frozenset((("contents", "read"), ("id-token", "write")))
"""What a job may do with its permissions, and either anybody may or not by that token."""
_PUSHING_ACTION = regex(
    r"commit|git-push|github-push|gh-pages|pages-deploy|create-pull-request|release|changesets|semantic|tag|version|bump|mirror|sync"
)
"""In the name of an action: it may push to the repository, or fetch from it."""

_RUNNING = ("arguments", "bundler-cache", "run_install", "script")
"""Inputs by which an action runs code of the project or of its workflow, whoever has made it."""
_SHOWING_CHANGES = frozenset(("github/super-linter",))
"""Actions that may fetch what they compare with."""
_BUILDING = frozenset(
    (
        "actions/go-dependency-submission",
        "github/codeql-action/autobuild",
        "gradle/actions/dependency-submission",
    )
)
"""Actions that build the project without being told how."""
_PARTIAL = ("filter", "sparse-checkout")
"""Inputs with which a checkout leaves objects out, which git fetches when it is asked for them.

https://github.com/actions/checkout#usage, https://git-scm.com/docs/partial-clone
"""
_INLINE = regex(r"-\w*c")
"""An option behind which a shell or an interpreter is given its script."""
_SCRIPT = regex(r"(?:[^/].*/.+|.+\.(?:ba)?sh)", re.DOTALL)
"""A program that is a file of the project: in a folder that the path begins with, or a script anywhere."""
_ALONE = frozenset(("bun", "node", "npm", "pnpm", "python", "python3", "ruby", "yarn"))
"""Starters of scripts that install no package of the distribution: without git in the image their scripts run none."""
_BRINGS_GIT = regex(r"\bgit\b|alpine-sdk|devscripts", re.IGNORECASE)
"""What a Dockerfile says that may install git."""
_OF_REMOTE = frozenset(("fetch", "lfs", "ls-remote", "pull", "push", "remote", "submodule"))
_OF_GIT_BY_GH = frozenset((None, "co", "issue", "pr", "repo"))
"""What of `gh` may run git: https://cli.github.com/manual/gh_pr_checkout"""


def checkout_that_stores(build: Build) -> Step | None:
    """The one checkout ahead of a build that leaves its token in the workspace; None where that isn't certain."""
    step = build.step
    if step is None or step.job is None or has_other_files(step):
        return None
    before = step.earlier
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
    return user_of_stored_token(job) is not None


def user_of_stored_token(job: Job) -> Step | None:
    """The first step that may do so."""
    return next(filter(_may_speak_to_remote, job.steps), None)


def _may_speak_to_remote(step: Step) -> bool:
    if step.run is not None:
        return _SPEAKS_TO_REMOTE.search(step.run.value) is not None
    if step.uses is None or step.uses.repository in BY_API:
        return False
    return step.uses.repository in AGENTS or _PUSHING_ACTION.search(step.uses.name.lower()) is not None


def users_of_token(
    checkout: Step,
    actions: Mapping[str, CompositeAction],
    builds: Iterable[Build],
    dockerfiles: Iterable[Dockerfile],
) -> str:
    """What of a job may use the token that a checkout leaves, as far as that isn't known; empty for nothing.

    `actions` are the repository's composite ones by their folders, `builds` those of the job.
    """
    later = checkout.later
    known = {one.path: one for one in dockerfiles}
    built = {one.dockerfile for one in builds}
    is_partial = any(checkout.input_entry(name) is not None for name in _PARTIAL)
    may_run = partial(_may_run_git, is_partial=is_partial)
    may_use = {
        "a script": any(step.uses is None and may_run(step) for step in later),
        "an action": any(step.uses is not None and may_do(step, actions, may_run) for step in later),
        "a build": any(
            path not in known or _may_ask_in_build(known[path], is_partial=is_partial) for path in built
        ),
    }
    return " or ".join(user for user, may in may_use.items() if may)


def _may_run_git(step: Step, *, is_partial: bool) -> bool:
    """Whether a step may run git as far as the remote repository, read the token itself, or run more than is seen here."""
    if step.uses is not None:
        is_running = any(step.input_entry(name) is not None for name in _RUNNING)
        is_known_to = step.uses.repository in _SHOWING_CHANGES or step.uses.action in _BUILDING
        return is_running or is_known_to or may_use_git(step)
    commands = commands_in(step) or ()
    may_ask = any(_may_ask_remote(one, is_partial=is_partial) for one in commands)
    return may_ask or looks_for_token(step) or may_run_unseen(step)


def _may_ask_remote(command: Command, *, is_partial: bool) -> bool:
    """Whether a command has git speak to the remote repository, or may: as Compose does in Dockerfiles of its services."""
    if command.program == "docker":
        return [word.literal for word in command.arguments[:1]] == ["compose"]
    if command.program == "gh":
        return command.arguments[:1] == () or command.arguments[0].literal in _OF_GIT_BY_GH
    return command.program == "git" and (is_partial or not only_asks(command.arguments))


def _may_ask_in_build(dockerfile: Dockerfile, *, is_partial: bool) -> bool:
    """Whether a command of a build has git speak to the repository that the workspace is of, or may: as a script that isn't seen."""
    return any(
        (_runs_script(command) and not (command.program in _ALONE and _has_no_git(dockerfile, ran.stage)))
        or (command.program == "git" and (is_partial or not _OF_REMOTE.isdisjoint(command.literals)))
        for ran, command in ((ran, ran.command) for ran in dockerfile.commands())
    )


def _has_no_git(dockerfile: Dockerfile, stage: Stage) -> bool:
    """Whether a stage stands on an image without git, and nothing in its file speaks of one or brings it along."""
    base = dockerfile.ancestry(stage)[-1].base.literal
    return lacks_git(base or "") and not _BRINGS_GIT.search(dockerfile.text.content)


def _runs_script(command: Command) -> bool:
    """Whether a command runs a script of the project, or what it calls a target, other than a usual one of a package manager."""
    if is_harmless(command):
        return False
    if command.program in STARTERS:
        return not any(_INLINE.fullmatch(word.literal or "") for word in command.arguments)
    name = command.unwrapped.name
    return name is not None and _SCRIPT.fullmatch(name.literal or "") is not None


def is_own_token(checkout: Step) -> bool:
    """Whether the token that a checkout leaves is the job's own."""
    token = checkout.input("token")
    return token is None or _OWN_TOKEN.fullmatch(token.value.strip()) is not None


def uses_of_token(checkout: Step, visibility: str | None) -> str:
    """What the token that a checkout leaves may be needed for; empty where it is for nothing.

    Without `contents: write` the job's own token pushes nothing, and a public repository is fetched from without any.
    """
    job = checkout.job
    permissions = job.permissions if job else None
    is_sought = any(map(looks_for_token, checkout.later)) if job else True
    may_push = permissions is None or permissions.access("contents") == "write"
    if may_push or is_sought or not is_own_token(checkout) or checkout.input("ssh-key") is not None:
        return "push to the repository or fetch from it"
    return "" if visibility == "public" else "fetch from the repository"


def opens_nothing(checkout: Step, visibility: str | None) -> bool:
    """Whether the token that a checkout leaves is the job's own, and only reads the code of a public repository.

    It asks for no OIDC token: that takes another one, of the runner's environment.
    https://docs.github.com/en/actions/reference/security/oidc#methods-for-requesting-the-oidc-token
    """
    permissions = checkout.job.permissions if checkout.job else None
    if visibility != "public" or permissions is None or permissions.everything:
        return False
    if not is_own_token(checkout) or checkout.input("ssh-key") is not None:
        return False
    return all(one[1] == "none" or one in _OPEN_TO_ALL for one in permissions.scopes.items())


def without_stored_token(checkout: Step) -> Edit | None:
    """Tells a checkout to leave no token."""
    return with_input(checkout, "persist-credentials: false")
