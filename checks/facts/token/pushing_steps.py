"""Which steps behind a checkout may use git, and which bring it a token of their own or look where the checkout's was.

What is told of a step holds for its own script or action. For the steps of a local action ask
`checks.facts.workflow.inner_steps.may_do`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from checks.facts.script.scripts import Script, parse_script
from checks.facts.token.action_scopes import may_write_contents, pushes_as_checkout
from checks.facts.token.idle_words import idle_spans, said_spans
from checks.facts.workflow.uses import ActionUse
from checks.facts.workflow.workflows import Step
from checks.regex import regex
from checks.source.text import Span

AGENTS = frozenset(
    (
        "anthropics/claude-code-action",
        "anthropics/claude-code-base-action",
        "google-github-actions/run-gemini-cli",
        "openai/codex-action",
    )
)
"""Repositories of actions that let a model run commands in the workspace, git for one."""
_PUSHES = regex(
    r"auto|bot\b|bump|changelog|changeset|commit|deploy|digest|git(?!hub)|merge|pages|publish|pull-request|push|release|semantic|tag|version",
    re.IGNORECASE,
)
"""In the name of an action."""
_LOOKS = regex(
    r"^(?!.*(?:bump|commit(?!-?lint)|push)).*(?:approve|assign|install|label|reminder)|build-push|changelog-(?:builder|parser|reader)|checker|comment|commit-?lint|commit-status|conventional-pr|deployment-status|docker|download|enforcer|exists|ghcr|git-cliff"
    r"|lint-commit|pypi|release-asset|semantic-pull-request|test-re(?:port|sult)|upload-(?:to-)?(?:gh-|github-)?release|version-matrix"
    r"|(?:^|[-_])(?:calculate|detect|extract|find|get|read|validate)[-_]"
    r"|^(?:dotnet|go|java|node(?:js)?|php|python|ruby|rust)-versions?(?:-action)?$",
    re.IGNORECASE,
)
"""In the name of one that pushes no commit: it looks at commits, titles and versions, comments, or pushes packages.

The version of a language is one to set up, or to test with, and not the project's own:
https://github.com/arnested/go-version-action/blob/main/action.yml
"""
_SETTING_UP = frozenset(
    (
        "anchore",
        "aquasecurity",
        "astral-sh",
        "codecov",
        "golangci",
        "gradle",
        "hashicorp",
        "helm",
        "pnpm",
        "ruby",
    )
)
"""Owners of actions that install something, test or scan, and have nothing to do with git."""
_PUSHING_NO_COMMITS = frozenset(
    (
        "actions",
        "aws-actions",
        "docker",
        "github",
        "goreleaser",
        "redhat-actions",
        "sigstore",
    )
)
"""Owners whose actions bring git no token of theirs."""
_DEPLOYING = frozenset(("azure", "bervproject", "cloudflare", "denoland", "firebaseextended", "johnbeynon"))
"""Owners whose actions bring a service what it runs, and not by git."""
BY_API = frozenset(
    (
        "bobheadxi/deployments",
        "chrnorm/deployment-action",
        "chrnorm/deployment-status",
        "eregon/publish-release",
        "google-github-actions/release-please-action",
        "googleapis/release-please-action",
        "lucacome/draft-release",
        "marvinpinto/action-automatic-releases",
        "ncipollo/release-action",
        "peter-evans/enable-pull-request-automerge",
        "release-drafter/release-drafter",
        "softprops/action-gh-release",
        "strumwolf/delete-deployment-environment",
        "svenstaro/upload-release-action",
        "toolmantim/release-drafter",
    )
)
"""Actions with the name of one that pushes that call GitHub's API, and not git."""
_IN_OWN_CLONE = frozenset(("cpina/github-action-push-to-another-repository", "peaceiris/actions-gh-pages"))
"""Actions that push from a clone of their own outside the workspace, with the token or key that they are given.

https://github.com/peaceiris/actions-gh-pages/blob/main/src/git-utils.ts
https://github.com/cpina/github-action-push-to-another-repository/blob/main/entrypoint.sh
"""
_LEAVING_TOKEN = frozenset(
    (
        "helm/chart-releaser-action",
        "mathieudutour/github-tag-action",
        "mhausenblas/mkdocs-deploy-gh-pages",
        "repo-sync/pull-request",
        "rickstaa/action-create-tag",
    )
)
"""Actions that leave alone what the checkout left: they push to an address with a token in it, which goes beside that, or by the API.

https://github.com/helm/chart-releaser/blob/main/pkg/git/git.go
https://github.com/mathieudutour/github-tag-action/blob/v6.2/src/github.ts
https://github.com/mhausenblas/mkdocs-deploy-gh-pages/blob/master/action.sh
https://github.com/repo-sync/pull-request/blob/v2/entrypoint.sh
https://github.com/rickstaa/action-create-tag/blob/main/entrypoint.sh
"""
_ELSEWHERE = regex(r"(?i:extraheader)|\.git/config\b")
"""In a script that looks for the token where it was, or hands git another one beside it.

One in an address goes beside either.
"""
_IN_CONTAINER = regex(r"\b(?:docker|podman)\b[^\n]{0,300}\brun\b")
_MOUNTS = regex(
    r"\s(?:-v|--volume|--mount)\b(?![ =][\"']?(?:type=bind,(?:source|src)=)?/(?:dev|etc|proc|run|sys|var/run)/)"
    r"|\s--volumes-from\b"
)
"""Of something that may be the workspace, or a copy of it: neither is in these folders of the system."""
_SPEAKS_OF_PUSHES = regex(
    r"\bgit\b|\bgh-pages\b|(?<!docker )(?<!podman )\bpush|\bpublish|\brelease|\bdeploy", re.IGNORECASE
)
"""In a script that may push, as one does from a container that has the workspace and does not find the token."""


def may_use_git(step: Step) -> bool:
    """Whether a step may run git, or look for what a checkout leaves it."""
    if step.uses is not None:
        owner = step.uses.owner.lower()
        return owner not in _PUSHING_NO_COMMITS | _SETTING_UP and step.uses.repository not in BY_API
    return looks_for_token(step) or _speaks_of_pushes(step, but=said_spans)


def looks_for_token(step: Step) -> bool:
    """Whether a script reads the token where a checkout leaves it, or hands git another one beside it."""
    return _ELSEWHERE.search(_script(step)) is not None


def may_push(step: Step) -> bool:
    """Whether a step may bring git a token of its own, or run git where the checkout's is not found."""
    if step.uses is not None:
        return step.uses.repository in AGENTS or (_may_be_pushing(step.uses) and not _has_login(step))
    return looks_for_token(step) or (_runs_container(step) and _speaks_of_pushes(step))


def _runs_container(step: Step) -> bool:
    """Whether a script runs a container that may have the workspace."""
    script = _script(step)
    if _IN_CONTAINER.search(script) is None:
        return False
    told = _without(script, idle_spans) if step.is_shell_script else script
    return bool(_IN_CONTAINER.search(told) and _MOUNTS.search(told))


def may_push_in_container(step: Step) -> bool:
    """The same where the job has a container, in which git may not find the token either."""
    return may_push(step) or (
        pushes_as_checkout(step.uses.repository) if step.uses is not None else _speaks_of_pushes(step)
    )


def _may_be_pushing(use: ActionUse) -> bool:
    """Whether an action may push with a token of its own, by its name and what is known of it."""
    if use.owner.lower() in _PUSHING_NO_COMMITS | _DEPLOYING:
        return False
    if use.repository in BY_API | _LEAVING_TOKEN | _IN_OWN_CLONE or pushes_as_checkout(use.repository):
        return False
    if not _PUSHES.search(use.name) or _LOOKS.search(use.name):
        return False
    return may_write_contents(use.action) is not False


def _has_login(step: Step) -> bool:
    """Whether an action is given a registry and a password for it: what it pushes are images."""
    return all(step.input(name) is not None for name in ("registry", "password"))


def _script(step: Step) -> str:
    return step.run.value if step.run else ""


def _speaks_of_pushes(step: Step, but: Callable[[Script], Iterable[Span]] = idle_spans) -> bool:
    """Whether a script speaks of pushes, in other words than its comments and those that are told to hint at none."""
    script = _script(step)
    if _SPEAKS_OF_PUSHES.search(script) is None:
        return False
    return not step.is_shell_script or _SPEAKS_OF_PUSHES.search(_without(script, but)) is not None


def _without(source: str, idle: Callable[[Script], Iterable[Span]]) -> str:
    """A shell script without its comments and some of its words; all of it where it isn't certain."""
    script = parse_script(source)
    if not script.complete or script.errors:
        return source
    kept, at = list[str](), 0
    for span in sorted((*script.comments, *idle(script)), key=lambda one: one.start):
        kept.append(source[at : max(at, span.start)])
        at = max(at, span.end)
    return "".join((*kept, source[at:]))
