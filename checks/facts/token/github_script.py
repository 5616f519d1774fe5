"""What a script of `actions/github-script` asks of GitHub's API with the token of its job.

https://github.com/actions/github-script#usage
Permissions: https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from checks.facts.script.javascript import FILLED_IN
from checks.facts.script.javascript import read as read_javascript
from checks.facts.token.own_tokens import has_own_token
from checks.facts.workflow.workflows import Step
from checks.regex import regex
from checks.source.yaml import Scalar

GITHUB_SCRIPT = "actions/github-script"
_COMMENTS = ("issues", "pull-requests")
_SCOPES: Mapping[str, tuple[str, ...]] = {
    "actions": ("actions",),
    "checks": ("checks",),
    "codeScanning": ("security-events",),
    "git": ("contents",),
    "issues": _COMMENTS,
    "packages": ("packages",),
    "pulls": ("pull-requests",),
    "reactions": _COMMENTS,
    "repos": ("contents",),
    "users": (),
}
"""By group of the API's methods the scopes that these use, each of several being enough."""
_OTHERWISE: Mapping[str, tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]] = {
    "pulls": ((regex(r"merge|updateBranch"), ("contents", "pull-requests")),),
    "reactions": ((regex(r"Release|CommitComment"), ("contents",)),),
    "repos": (
        (regex(r"create(?:Or\w+)?PagesDeployment"), ("id-token", "pages")),
        (regex(r"Pages"), ("pages",)),
        (regex(r"Deployment"), ("deployments",)),
        (regex(r"Status"), ("statuses",)),
        (regex(r"PullRequests"), ("contents", "pull-requests")),
    ),
}
"""The methods of such a group that use other scopes than the rest, by what their names have."""
_READS = regex(r"(?:get|list|check(?!s)|compare|download)(?![a-z])")
_CALL = regex(
    r"\bgithub\.(?:paginate(?:\.iterator)?\(\s{0,20}github\.)?(?:rest\.)?(\w{1,40})\.(\w{1,80})(?![\w.\[])"
)
_MORE = regex(
    r"\bgithub\b|octokit|require(?!d)|(?<![.\w])(?:eval|exec|fetch|import|new\s{1,5}Function)\b|getIDToken|_token",
    re.IGNORECASE,
)
"""In a script without its known calls: what may do more with the token."""
_OF_NODE = regex(
    r"\brequire\(\s{0,20}(['\"])(?:node:)?(?:assert|crypto|fs|fs/promises|os|path|url|util)\1\s{0,20}\)"
)
"""Modules of Node.js itself that reach neither the network nor a program: https://nodejs.org/api/modules.html#built-in-modules"""
_FILLED_IN_CODE = regex(rf"^[ \t]*{FILLED_IN}", re.MULTILINE)
"""An expression that is more than a value: it begins a line, outside of strings."""
_WRITING = regex(
    r"\bgithub\.(?:rest\.)?\w+\.(?:add|cancel|create|delete|disable|dispatch|enable|lock|merge|remove|replace|request|set|update|upload)\w*\("
)
"""A call that does more than to read."""


def code_in(step: Step) -> Scalar | None:
    """The text of a step that is run as code after its expressions are filled in.

    That is its `run:`, or what `actions/github-script` is given.
    """
    return step.run or (step.input("script") if step.uses_action(GITHUB_SCRIPT) else None)


def code_of(script: str) -> str | None:
    """A script without comments and without what its strings say; None where one of these can't be told from code."""
    found = read_javascript(_OF_NODE.sub("known", script))
    return found.code if found.whole else None


def scopes_of_script(step: Step) -> Mapping[str, str] | None:
    """The access, `read` or `write`, to each scope that the calls of a step's script use; None where it may do more.

    For comments, reactions and the like one of two scopes is enough. A script with another token uses none of the
    job's.
    """
    script = step.input("script")
    if not step.uses_action(GITHUB_SCRIPT) or script is None:
        return None
    code, found = code_of(script.value), dict[str, str]()
    if code is None:
        return None
    for group, method in _CALL.findall(code):
        scopes = _of_call(group, method)
        if scopes is None:
            return None
        level = "read" if _READS.match(method) else "write"
        found |= {scope: level for scope in scopes if found.get(scope) != "write"}
    if _MORE.search(_CALL.sub("", code)) or _FILLED_IN_CODE.search(code):
        return None
    return {} if has_own_token(step) else found


def _of_call(group: str, method: str) -> tuple[str, ...] | None:
    others = (scopes for pattern, scopes in _OTHERWISE.get(group, ()) if pattern.search(method))
    return next(others, _SCOPES.get(group))


def calls_to_write(step: Step) -> bool:
    """Whether a script of `actions/github-script` calls the API with the job's token for more than to read, and nobody can tell for what."""
    script = step.input("script")
    is_called = step.uses_action(GITHUB_SCRIPT) and not has_own_token(step)
    is_writing = is_called and script is not None and bool(_WRITING.search(script.value))
    return is_writing and scopes_of_script(step) is None
