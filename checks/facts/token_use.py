"""Which scopes of its `GITHUB_TOKEN` a job writes with, as far as its steps tell.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from checks.facts.needs import may_sign, may_upload_results, need_of_push, needs, registry_of_login
from checks.facts.publishing import needs_token
from checks.facts.pushes import Push
from checks.facts.scripts import Command, Expression, parse_script
from checks.facts.stakes import GITHUBS
from checks.facts.workflows import Job, Step, strings
from checks.source.expression import ExpressionError, is_truth, parse

_QUIET = frozenset(
    (
        "actions/cache",
        "actions/cache/restore",
        "actions/cache/save",
        "actions/checkout",
        "actions/download-artifact",
        "actions/setup-dotnet",
        "actions/setup-go",
        "actions/setup-java",
        "actions/setup-node",
        "actions/setup-python",
        "actions/upload-artifact",
        "anchore/scan-action",
        "aquasecurity/setup-trivy",
        "aquasecurity/trivy-action",
        "aws-actions/amazon-ecr-login",
        "aws-actions/configure-aws-credentials",
        "azure/docker-login",
        "docker/bake-action",
        "docker/build-push-action",
        "docker/login-action",
        "docker/metadata-action",
        "docker/setup-buildx-action",
        "docker/setup-compose-action",
        "docker/setup-docker-action",
        "docker/setup-qemu-action",
        "github/codeql-action/upload-sarif",
        "hadolint/hadolint-action",
        "hashicorp/setup-terraform",
        "pnpm/action-setup",
        "redhat-actions/buildah-build",
        "redhat-actions/podman-login",
        "redhat-actions/push-to-registry",
        "redhat-actions/s2i-build",
        "sigstore/cosign-installer",
    )
)
"""Actions that write with the job's token nothing but what `needs` tells; by their `action.yml` and documentation."""
_PUSH_NOTHING = frozenset(
    (
        "actions/cache",
        "actions/cache/restore",
        "actions/cache/save",
        "actions/checkout",
        "actions/download-artifact",
        "actions/upload-artifact",
        "anchore/scan-action",
        "aquasecurity/setup-trivy",
        "aquasecurity/trivy-action",
        "docker/login-action",
        "docker/metadata-action",
        "docker/setup-buildx-action",
        "docker/setup-qemu-action",
        "github/codeql-action/upload-sarif",
        "hadolint/hadolint-action",
    )
)
"""Those that put nothing into a registry."""
_LOGINS = (
    "azure/docker-login",
    "docker/login-action",
    "redhat-actions/podman-login",
    "redhat-actions/push-to-registry",
)
"""Those that log in to a registry, which may be with the token: what is pushed then needs `packages`."""
_ASKS = {"dorny/paths-filter": "pull-requests"}
"""Actions that use the token for one scope alone: https://github.com/dorny/paths-filter#notes"""
_COMMENTS = ("issues", "pull-requests")
"""The scopes of comments: https://docs.github.com/en/rest/issues/comments"""
_OF_COMMENTS = re.compile(r"\bgithub\.rest\.issues\.\w+")
_WRITING = re.compile(
    r"\bgithub\.(?:rest\.)?\w+\.(?:add|cancel|create|delete|disable|dispatch|enable|lock|merge|remove|replace|request|set|update|upload)\w*\("
)
_OF_MORE = re.compile(r"github|octokit|\b(?:require|import|exec|fetch|getIDToken)\b", re.IGNORECASE)
_GIVEN = re.compile(r"\bsecrets\.GITHUB_TOKEN\b|\bgithub\.token\b", re.IGNORECASE)
_TOKENS = ("token", "github-token", "github_token", "gh-token", "gh_token", "repo-token", "repo_token", "pat")
"""Inputs by which actions take the token that they call GitHub with."""
_OWN = re.compile(
    r"\$\{\{\s*(?:secrets\.(?!github_token\b)\w+|steps\.[\w-]+\.outputs\.[\w-]+)\s*\}\}", re.IGNORECASE
)
_PUBLISHES = re.compile(
    r"attest|build|changeset|chart|container|deliver|deploy|docker|gem|ghcr|goreleaser|gradle|helm|image|kaniko|\bko\b|maven|npm"
    r"|nuget|oci|oras|pack|podman|publish|push|registry|release|github-script|semantic|sign|upload",
    re.IGNORECASE,
)
"""In the name of an action that may put packages somewhere."""
_OF_PACKAGES = re.compile(
    r"container|docker|ghcr|image|\boci\b|package|publish|push|registry|token", re.IGNORECASE
)
"""In what such an action is given."""
_OF_GITHUB = re.compile(r"(?:^|\.)(?:ghcr\.io|pkg\.github\.com|ghe\.com)$")
_OIDC_REQUEST = "ACTIONS_ID_TOKEN_REQUEST"
"""The variables by which any program can ask for an OIDC token:
https://docs.github.com/en/actions/reference/security/oidc#methods-for-requesting-the-oidc-token"""
_KNOWN_PROGRAMS = frozenset((
    "[", "[[", ":", "aws", "awk", "basename", "cat", "cd", "chmod", "chown", "cp", "curl", "cut", "date", "df",
    "diff", "dirname", "docker", "echo", "env", "exit", "export", "false", "find", "git", "go", "grep", "grype",
    "hadolint", "head", "jq", "ls", "mkdir", "mktemp", "mv", "npm", "pip", "pip3", "pnpm", "printf", "pwd",
    "pytest", "read", "return", "rm", "ruff", "sed", "set", "shellcheck", "shift", "sleep", "sort", "syft",
    "tail", "tar", "tee", "test", "touch", "tr", "trap", "trivy", "true", "uname", "uniq", "unset", "wc",
    "wget", "which", "yarn",
))  # fmt: skip
"""Programs that neither push with the checkout's token nor ask for an OIDC token, but for what is said below."""
_TESTS = frozenset((":", "[", "[[", "echo", "exit", "printf", "test"))
"""Those that do nothing with what they are given, but say or compare it."""
_PUBLISH = frozenset(("publish", "push", "release"))
_PACKAGE_MANAGERS = frozenset(("npm", "pnpm", "yarn"))
_PLAIN_PROGRAMS = _KNOWN_PROGRAMS - _PACKAGE_MANAGERS - {"go", "pip", "pip3", "pytest"} | {
    "break",
    "continue",
    "declare",
    "local",
    "mapfile",
    "readarray",
}
"""Those that run nothing of a project or of its dependencies on the runner itself."""
_PUSHLESS = _PLAIN_PROGRAMS - {"aws", "curl", "docker", "env", "find", "wget"}
"""Those of them that reach no registry, and run no other program."""
_USUAL_SCRIPT = re.compile(
    r"(?:ci|i|install|add|t|test|lint|build|check|typecheck|type-check|format)(?:[:.-][\w:.-]*)?"
)
"""What package managers are mostly asked for; any other script may be a release."""


def writes(job: Job, scope: str, pushes: Iterable[Push]) -> bool | None:
    """Whether a job certainly writes with a scope of its token; None where that can't be told."""
    if job.uses is not None:
        return None
    mine = [push for push in pushes if push.step is not None and push.step.job is job]
    asked = [need.scope for step in job.steps for need in needs(step)]
    asked += [need.scope for push in mine if (need := need_of_push(push))]
    if scope in asked:
        return True
    return None if any(_may_write(step, scope) for step in job.steps) else False


def is_meant_to_write(job: Job, scope: str, pushes: Iterable[Push]) -> bool:
    """Whether a job has to keep a scope of its token when it loses the others.

    Either it certainly writes with it, or a step, whatever its condition, prepares or may ask for it: a login with the
    token to a registry, which only GitHub's accepts; a signature; an upload.
    """
    steps = {
        "packages": _may_push_after_login,
        "id-token": lambda step: needs_token(step) or may_sign(step),
        "security-events": may_upload_results,
    }
    may_need = steps.get(scope)
    return bool(writes(job, scope, pushes)) or (may_need is not None and any(map(may_need, job.steps)))


def scopes_read(job: Job) -> tuple[str, ...]:
    """The scopes that actions of a job read with, beside `contents`: pull requests, artifacts of other runs, packages."""
    is_of_pull_requests = any(name.startswith("pull_request") for name in job.workflow.triggers)
    asked = [_ASKS.get(step.uses.action) for step in job.steps if step.uses and is_of_pull_requests]
    asked += ["actions" for step in job.steps if _reads_another_run(step)]
    asked += ["packages" for step in job.steps if _logs_in_with_token(step) or _builds_with_token(step)]
    return tuple(dict.fromkeys(scope for scope in asked if scope is not None))


def _reads_another_run(step: Step) -> bool:
    """Whether a step asks for the artifacts of another run with the job's token.

    https://github.com/actions/download-artifact#download-artifacts-from-other-workflow-runs-or-repositories
    """
    token = step.input("github-token")
    is_asked = step.uses_action("actions/download-artifact") and step.input("run-id") is not None
    return is_asked and token is not None and bool(_GIVEN.search(token.value))


def is_given_the_token(step: Step) -> bool:
    """Whether a step hands the token itself to a program or to an action that we don't know."""
    return not (step.uses is not None and step.uses.action in _QUIET) and _names_the_token(step)


def _names_the_token(step: Step) -> bool:
    environments = [step.env, step.inputs, *((step.job.env, step.job.workflow.env) if step.job else ())]
    texts = [value for node in environments for value in strings(node).values()]
    texts += [step.run.value] if step.run else []
    return any(_GIVEN.search(text) for text in texts)


def _may_log_in_to_github(step: Step) -> bool:
    """Whether a step may log in to a registry of GitHub's, and not with a secret that is no token of the job."""
    if not step.uses_action(*_LOGINS):
        return False
    if _names_the_token(step):
        return True
    host = registry_of_login(step)
    is_elsewhere = host is not None and not _OF_GITHUB.search(host)
    password = step.input("password")
    is_called = step.job is not None and "workflow_call" in step.job.workflow.triggers
    return not is_elsewhere and (is_called or password is None or not _OWN.fullmatch(password.value.strip()))


def _builds_with_token(step: Step) -> bool:
    """Whether a build is given the token: most often for packages that it installs from GitHub's registries."""
    texts = (step.input(name) for name in ("secrets", "secret-envs", "build-args"))
    is_given = any(_GIVEN.search(text.value) for text in texts if text is not None)
    return step.uses_action("docker/build-push-action", "docker/bake-action") and is_given


def _logs_in_with_token(step: Step) -> bool:
    return step.uses_action(*_LOGINS) and _names_the_token(step)


def _may_push_after_login(step: Step) -> bool:
    """Whether a login with the token to a registry may be for a push: any later step of its job may be one."""
    job = step.job
    if not _logs_in_with_token(step) or job is None:
        return False
    return step.uses_action("redhat-actions/push-to-registry") or any(map(_may_push, job.after(step)))


def _may_push(step: Step) -> bool:
    """Whether a step may put something into a registry, its cache for one."""
    if step.uses is not None:
        if not step.uses_action("docker/build-push-action"):
            return step.uses.action not in _PUSH_NOTHING
        push, cache = step.input("push"), step.input("cache-to")
        is_kept = push is None or push.value == "false"
        return (
            not is_kept
            or step.input("outputs") is not None
            or (cache is not None and not _is_gha(cache.value))
        )
    if step.run is None or not step.is_shell_script:
        return True
    script = parse_script(step.run.value)
    return not script.complete or any(
        command.words and not _is_truth(command) and (command.uncertain or command.program not in _PUSHLESS)
        for command in script.commands
    )


def _is_gha(cache: str) -> bool:
    """Whether a cache is GitHub's own, and no other."""
    return cache.startswith("type=gha") and cache.count("type=") == 1


def has_own_token(step: Step) -> bool:
    """Whether a step gives its action another token for GitHub than the job's: a secret, or what another step has made.

    In a workflow that others call, a secret may be the caller's token of the job.
    """
    tokens = [found.value for name in _TOKENS if (found := step.input(name)) is not None]
    is_called = step.job is not None and "workflow_call" in step.job.workflow.triggers
    return bool(tokens) and not is_called and all(_OWN.fullmatch(token.strip()) for token in tokens)


def is_known(step: Step) -> bool:
    """Whether what a step does with the token can be told."""
    return (
        step.run is not None
        or any(needs(step))
        or (step.uses is not None and (step.uses.action in _QUIET or step.uses.action in _ASKS))
    )


def runs_foreign_code(job: Job) -> bool:
    """Whether code of somebody else may run on the runner: an action that is not GitHub's, or a project's own build."""
    return any(
        step.uses.owner.lower() not in GITHUBS if step.uses else _is_program(step) for step in job.steps
    )


def runs_moving_code(job: Job) -> bool:
    """Whether some of that may be other code on the next run: it is not pinned to a commit, or is installed or built."""
    return any(
        step.uses.owner.lower() not in GITHUBS and not step.uses.is_commit if step.uses else _is_program(step)
        for step in job.steps
    )


def _is_program(step: Step) -> bool:
    """Whether a script runs more than plain commands."""
    if step.run is None or not step.is_shell_script:
        return True
    script = parse_script(step.run.value)
    return not script.complete or any(
        command.words
        and not _is_truth(command)
        and (command.uncertain or command.program not in _PLAIN_PROGRAMS)
        for command in script.commands
    )


def _is_truth(command: Command) -> bool:
    """Whether a command is an expression that comes to `true` or `false`, which are programs."""
    pieces = command.words[0].pieces if len(command.words) == 1 else ()
    written = pieces[0] if len(pieces) == 1 else None
    try:
        return isinstance(written, Expression) and is_truth(parse(written.source))
    except ExpressionError:
        return False


def _may_write(step: Step, scope: str) -> bool:
    if step.uses is not None:
        is_login = scope == "packages" and _may_log_in_to_github(step)
        if scope == "packages" and not is_known(step) and not _may_publish(step):
            return False
        if step.uses.action in _ASKS:
            return scope == _ASKS[step.uses.action]
        if _only_comments(step):
            return scope in _COMMENTS
        return not is_known(step) or is_login
    if is_given_the_token(step) or step.run is None:
        return True
    if scope not in ("contents", "id-token"):
        return False
    if not step.is_shell_script or _OIDC_REQUEST in step.run.value:
        return True
    script = parse_script(step.run.value)
    return not script.complete or any(_may_do_anything(command) for command in script.commands)


def _may_publish(step: Step) -> bool:
    """Whether an action that we don't know may write packages: it has the token, or is of here, or says that it publishes."""
    if step.uses is None or step.uses.is_local or not step.uses.owner or is_given_the_token(step):
        return True
    return bool(_PUBLISHES.search(step.uses.action) or any(map(_OF_PACKAGES.search, _written(step))))


def _written(step: Step) -> Iterable[str]:
    """What is written as inputs and environment of a step."""
    nodes = (step.inputs, step.env)
    return (text for node in nodes for pair in strings(node).items() for text in pair)


def calls_to_write(step: Step) -> bool:
    """Whether a script of `actions/github-script` calls the API with the job's token for more than to read."""
    script = step.input("script")
    is_called = step.uses_action("actions/github-script") and step.input("github-token") is None
    return is_called and script is not None and bool(_WRITING.search(script.value))


def _only_comments(step: Step) -> bool:
    """Whether a script of `actions/github-script` calls nothing but the interface for issues and their comments."""
    script = step.input("script")
    if not step.uses_action("actions/github-script") or script is None:
        return False
    called = _OF_COMMENTS.sub("", script.value)
    return called != script.value and not _OF_MORE.search(called)


def _may_do_anything(command: Command) -> bool:
    """Whether a command may push with the checkout's token or ask for an OIDC token."""
    if not command.words or _is_truth(command) or command.program in _TESTS:
        return False
    if command.uncertain or command.program not in _KNOWN_PROGRAMS:
        return True
    words = [word.literal or "" for word in command.arguments if not word.prefix.startswith("-")]
    if command.program in _PACKAGE_MANAGERS:
        said = words[1:2] if words[:1] == ["run"] else words[:1]
        return not all(_USUAL_SCRIPT.fullmatch(word) for word in said)
    if command.program == "go":
        return bool({"run", "generate"} & set(words[:1]))
    return any(word in _PUBLISH for word in words) and command.program != "docker"
