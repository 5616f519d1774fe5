"""What in a step hints that it writes with a scope of its job's token, where what it runs is not known in full.

An action's name and inputs, what its step is called, the tools that a script and what it runs of the repository name, and the
names of what it runs besides. A step that hints at nothing most often only reads: tests, linters, builds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from checks.facts.script.followed import Followed
from checks.facts.token.action_scopes import scopes_of_action
from checks.facts.token.github_script import GITHUB_SCRIPT, code_of
from checks.facts.token.given_token import names_the_token
from checks.facts.token.own_tokens import has_own_token, has_own_token_in_environment
from checks.facts.token.script_scopes import only_reads
from checks.facts.token.unknown_actions import written
from checks.facts.workflow.workflows import Step
from checks.regex import regex
from checks.source.yaml import Scalar


def _words(*names: str) -> re.Pattern[str]:
    """Words at the start of which no other letter stands."""
    return regex(rf"(?<![a-z])(?:{'|'.join(names)})", re.IGNORECASE)


_OF_CLOUDS = r"(?:alibaba|amazon|aws|azure|cloudflare|google|hashicorp|oracle|pulumi)[\w-]{0,40}/"
_TOOLS: Mapping[str, re.Pattern[str]] = {
    "id-token": _words(
        r"ACTIONS_ID_TOKEN", r"id[-_]token\b", r"oidc\b", r"getIDToken", r"web[-_ ]?identity", r"assume-?role", r"workload[-_ ]identity",
        r"cosign\b", r"sigstore", r"gitsign\b", r"witness\b", r"slsa(?!-verifier)", r"(?<!-)attest", r"octo-?sts", r"goreleaser",
        r"gcloud\b", r"depot\s+(?:bake|build|pull|push)\b", r"az\s+login", r"(?<![-\w])vault\s+(?:login|write|read|kv)", r"aws\s+sts", r"jf\s", r"jfrog", r"twine\s+upload",
        r"(?:bun|cargo|changeset|flit|hatch|jsr|lerna|npm|pdm|pnpm|poetry|uv|vsce|yarn)\s+(?:[\w@./-]{1,60}\s+){0,2}publish",
        r"gem\s+push", r"semantic-release", r"pulumi\s+(?:up|preview|destroy)",
        r"(?:terraform|terragrunt|tofu)\s+(?:-[\w=./-]{1,100}\s+)?(?:init(?!\s+-backend=false)|plan|apply|destroy|import|refresh)",
    ),
    "contents": _words(
        r"git\s+(?:-[cC]\s*\S{1,100}\s+){0,3}push", r"git\s+(?:-[cC]\s*\S{1,100}\s+){0,3}tag\s+(?:-[asfm]\b|[\w$\"'{])",
        r"gh\s+(?:api|pr|release|repo|workflow)", r"hub\s+release", r"gh-pages", r"gh-deploy", r"mike\s+deploy", r"semantic-release",
        r"standard-version", r"release-(?:it|please|plz)", r"lerna\s+(?:version|publish)", r"changeset", r"goreleaser",
        r"jreleaser", r"cargo[- ]release", r"bump-?(?:2|my-?)?version", r"cz\s+bump", r"npm\s+version",
        r"cr\s+(?:index|upload)", r"release:(?:prepare|perform)", r"api\.github\.com",
    ),
}  # fmt: skip
"""By scope the tools that write with it, in scripts and in what they run; for the other scopes a script has to be given the token."""
_RUN: Mapping[str, re.Pattern[str]] = {
    "id-token": _words("attest", "deploy", "login", "oidc", "provenance", "publish", "release", r"sign(?!al|at|up)"),
    "contents": _words(
        "bump", "changelog", "commit", "deploy", r"docs?\b", "gh-pages", "promote", "publish", "push", "release",
        r"tag(?:s|ging)?\b", r"version\b",
    ),
}  # fmt: skip
"""By scope the names of targets and scripts that may write with it, where these are not read."""
_COMMENTS = _words(
    "assign", "comment", "coverage", "danger", "issue", "label", "merge", r"pr\b", "pull", "release", "report", "review",
    "stale", "triage",
)  # fmt: skip
_ATTESTS = _words(
    "attest", "goreleaser", "provenance", "publish", "release", r"sbom", r"sign(?!al|up)", "slsa"
)
_ACTIONS: Mapping[str, re.Pattern[str]] = {
    "actions": _words("artifact", "cache", "cancel", "dispatch", r"runs?\b", "trigger", "workflow"),
    "artifact-metadata": _ATTESTS,
    "attestations": _ATTESTS,
    "checks": _words("annotat", "check", "coverage", "junit", "lint", "report", "result", "test"),
    "contents": _words(
        "auto", "branch", "bump", "changelog", "changeset", "commit", "deploy", r"docs?\b", "merge", "pages", "publish", "pull-request",
        "push", r"\w{0,20}release", "semver", "sync", r"tag", "update", r"version(?:ing)?\b",
    ),
    "deployments": _words("deploy", "environment", "pages", "preview", "release"),
    "discussions": _words("discuss", "release"),
    "id-token": _words(
        _OF_CLOUDS, "attest", r"auth(?!or)", "credential", "deploy", "identit", "login", "oidc", "provenance", "publish",
        r"\w{0,20}release", r"roles?\b", r"sign(?!al|up)", "vault", "federat", r"sts(?![a-z])", r"tokens?[-_]exchange", r"exchange[-_]\w{0,20}token",
    ),
    "issues": _COMMENTS,
    "packages": _words(
        "chart", "ghcr", "deploy", "helm", "maven", "nuget", "oras", "package", "publish", "push", "registry", r"\w{0,20}release",
    ),
    "pages": _words("deploy", r"docs?\b", "pages", "publish"),
    "pull-requests": _COMMENTS,
    "security-events": regex(""),
    "statuses": _words("check", "commit", "coverage", "status"),
}  # fmt: skip
"""By scope what the name of an action says that may write with it; for code scanning that is asked before."""
_WRITERS: Mapping[str, re.Pattern[str]] = {
    "checks": _words("annotat", r"junit-report", r"test-re(?:port|sult)", r"unit-test-result"),
    "contents": _words(
        "bump", r"(?:create|push)-tag", r"(?:create|draft|gh|github|make|publish)-release", r"git-?(?:auto-?)?(?:commit|push|tag)", "auto-commit",
        "add-and-commit", "gh-pages", r"release-action", "semantic-release",
    ),
    "deployments": _words("deployments?-status", "create-deployment", "deployments"),
    "issues": _words("comment", "create-issue", "issues?-(?:bot|helper)", "label", "stale"),
    "pull-requests": _words(
        "auto-?merge", "comment", "create-(?:pr|pull)", "danger", "label", "(?:pr|pull-request)-(?:bot|review)", "reviewdog", "stale",
        "unit-test-result",
    ),
}  # fmt: skip
"""By scope the names of actions that most often are there to write with it."""
_LOOKING = _words(
    "calculate", "check", "current", "detect", "download", "extract", "fetch", "find", "get", "image", "install", "latest", "lint",
    "read", "setup", "verify", "wait",
)  # fmt: skip
"""In the name of one that looks at such things, or is for others."""
_GIVEN: Mapping[str, re.Pattern[str]] = {
    "attestations": _ATTESTS,
    "contents": _words("changelog", "commit", r"gh[-_]pages", "release", r"tag[-_]?name"),
    "id-token": _words(
        r"assume", "attest", r"audience", r"auth(?!or)", "credential", "deploy", "identit", "login", "oidc", "provenance", "publish",
        r"roles?\b", r"sign(?!al|up)", "getIDToken", r"require\b",
    ),
    "packages": _words(r"ghcr\b", r"pkg\.github", r"push", "publish", r"registry"),
}  # fmt: skip
"""By scope what an action is given that may write with it."""
_ON_PULL_REQUESTS = regex(
    r"\b(?:pr|prs|pull[ -]?requests?)\b[^.;]{0,40}\bcomment|\bcomment(?:s|ing)?\b[^.;]{0,40}\b(?:pr|prs|pull[ -]?requests?)\b",
    re.IGNORECASE,
)
"""What a step is called that comments on pull requests."""
_COMMENTING = ("issues", "pull-requests")
"""Either suffices for that: https://docs.github.com/en/rest/issues/comments#create-an-issue-comment"""
_OTHER_HOST = regex(r"\bregistry\.[\w.-]{1,100}")
"""The host of a registry that is not GitHub's: https://docs.github.com/en/packages/working-with-a-github-packages-registry"""
_BY_GIT = _words(r"git\s+(?:-[cC]\s*\S{1,100}\s+){0,3}push", "gh-pages", "gh-deploy", r"mike\s+deploy")
"""Tools that push with what a checkout has left."""
_EXPRESSION = regex(r"\$\{\{.*?\}\}")
_COMMENT_LINES = regex(r"^[ \t]*#.*$", re.MULTILINE)
"""In a script that an action is given."""
_SETS_UP = _words("cache", "download", "get", "install", "restore", "setup", "toolchain")
"""In the name of an action that is given a token to read with, most often releases of tools."""
_OF_PACKAGES = regex(
    r"packag|registry|docker|octokit|_token|\b(?:exec|require|import|fetch|request|child_process)\b",
    re.IGNORECASE,
)
"""In the code of calls to the API that may have to do with packages, or run what does."""


def scopes_named(step: Step) -> frozenset[str]:
    """The scopes that the action of a step most often writes with by its name, where what it does is not known in full."""
    action = step.uses.scalar.value.partition("@")[0] if step.uses else ""
    name, known = action.partition("/")[2], scopes_of_action(step)
    if not name or step.uses is None or step.uses.is_local or _LOOKING.search(name):
        return frozenset()
    named = (scope for scope, pattern in _WRITERS.items() if pattern.search(name))
    return frozenset(scope for scope in named if known is None or scope in known)


def hints_at(step: Step, scope: str, run: Followed) -> bool:
    """Whether something in a step hints that it writes with a scope; `run` is what its script runs."""
    if step.uses is not None:
        return _of_action(step, scope)
    if scope != "id-token" and names_the_token(step):
        return not only_reads(step, scope)
    if scope != "id-token" and has_own_token_in_environment(step):
        return scope == "contents" and any(map(_BY_GIT.search, run.texts))
    tools, names = _TOOLS.get(scope), _RUN.get(scope)
    return (tools is not None and any(map(tools.search, run.texts))) or (
        names is not None and any(map(names.search, run.names))
    )


def names_a_push(step: Step) -> bool:
    """Whether the name of an action, or what it is given, speaks of packages; not the host of another registry."""
    action = step.uses.action if step.uses else ""
    given = (_OTHER_HOST.sub("", _said(text)) for text in written(step))
    return bool(_ACTIONS["packages"].search(action)) or any(map(_GIVEN["packages"].search, given))


def _of_action(step: Step, scope: str) -> bool:
    if step.uses is None:
        return False
    action = step.uses.scalar.value if step.uses.is_local else step.uses.action
    if scopes_of_action(step) is not None:
        return True
    if action == GITHUB_SCRIPT and scope != "id-token":
        script = step.input("script")
        code = code_of(script.value) if script is not None else ""
        if code is None:
            return True
        return scope != "packages" or "github.rest." not in code or bool(_OF_PACKAGES.search(code))
    if scope != "id-token" and names_the_token(step) and not _SETS_UP.search(action):
        return True
    if scope != "id-token" and (has_own_token(step) or has_own_token_in_environment(step)):
        return False
    if scope in _COMMENTING and _ON_PULL_REQUESTS.search(_name(step)):
        return True
    name, given = _ACTIONS.get(scope), _GIVEN.get(scope)
    return (name is not None and bool(name.search(action))) or (
        given is not None and any(given.search(_said(text)) for text in written(step))
    )


def _name(step: Step) -> str:
    """What its author calls a step."""
    named = step.node.get("name")
    return named.value if isinstance(named, Scalar) else ""


def _said(text: str) -> str:
    """What an action is given, without what GitHub fills in and a script's lines of comments."""
    return _COMMENT_LINES.sub("", _EXPRESSION.sub("", text))
