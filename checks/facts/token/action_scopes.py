"""Which scopes of the job's `GITHUB_TOKEN` the action of a step writes with, by what is known of it and what it is given."""

from __future__ import annotations

from checks.facts.image.sboms import SBOM_ACTION
from checks.facts.token.attached_sboms import may_attach
from checks.facts.token.given_token import finds_own_token
from checks.facts.token.known_actions import KnownAction, known_action
from checks.facts.token.own_tokens import has_own_token, has_own_token_in_environment
from checks.facts.workflow.workflows import Step

_NONE: frozenset[str] = frozenset()
_CONTENTS = frozenset(("contents",))
_PULL_REQUESTS = frozenset(("pull-requests",))
_NOT_ASKED = frozenset(("", "false", "never"))
_ELSEWHERE = "config-file"
"""The input that names a file, in which another one may stand."""
_DISCUSSES = "discussion_category_name"
"""The input by which creators of releases start a discussion, too:
https://github.com/softprops/action-gh-release#permissions"""


def is_reader(step: Step) -> bool:
    """Whether an action reads pull requests and code with the token at most."""
    return _known(step).is_reader


def reads_pull_requests(step: Step) -> bool:
    """Whether an action reads the pull request that it runs for: what that changes."""
    known = _known(step)
    given = step.input(known.reads_where)
    is_asked = not known.reads_where or (given is not None and given.value not in ("", "false"))
    return known.is_reader and is_asked


def scopes_of_action(step: Step) -> frozenset[str] | None:
    """The scopes that the action of a step may write with, but for the pushes behind a login; None where we don't know it."""
    meant = scopes_meant(step)
    return meant if meant is not None else _scopes_possible(step)


def _scopes_possible(step: Step) -> frozenset[str] | None:
    """Those that what an action is told does not leave out."""
    known = _known(step)
    left_out = {
        scope
        for name, scopes in known.only_where_asked.items()
        for scope in scopes
        if not _is_asked(step, name, scope)
    }
    return None if known.may_write is None else known.may_write - left_out


def scopes_meant(step: Step) -> frozenset[str] | None:
    """The scopes that the action of a step is there to write with, none for many; None where we can't tell."""
    known = _known(step)
    if known.where_asked and step.input(_ELSEWHERE) is None:
        asked = known.where_asked.items()
        return frozenset(scope for name, scope in asked if _is_asked(step, name, scope))
    if known.unless_given:
        return frozenset(scope for name, scope in known.unless_given.items() if not _is_given(step, name))
    if step.uses_action(SBOM_ACTION) and not may_attach(step):
        return _NONE
    if known.writes and _has_another_token(step, known):
        return _NONE
    graph = step.input("dependency-graph") if known.submits_dependencies else None
    if graph is not None and "submit" in graph.value:
        return _NONE if has_own_token(step) else _scopes_of_submission(step)
    if graph is not None and known.writes and "${{" not in graph.value:
        return _NONE
    if known.writes and step.input(_DISCUSSES) is not None:
        return known.writes | {"discussions"}
    return known.writes


def _known(step: Step) -> KnownAction:
    return known_action(step.uses.action if step.uses else "")


def _is_given(step: Step, name: str) -> bool:
    given = step.input(name)
    return given is not None and given.value != ""


def _is_asked(step: Step, name: str, scope: str) -> bool:
    """Whether an input asks for a scope of the job's token."""
    given = step.input(name)
    is_for_another = scope == "pull-requests" and has_own_token(step)
    return given is not None and given.value not in _NOT_ASKED and not is_for_another


def _has_another_token(step: Step, known: KnownAction) -> bool:
    """Whether an action that writes does it with another token than the job's."""
    if known.found_in == "checkout":
        return finds_own_token(step)
    return has_own_token(step) or (known.found_in == "environment" and has_own_token_in_environment(step))


def _scopes_of_submission(step: Step) -> frozenset[str]:
    """What writes a snapshot of dependencies, and perhaps a comment of it."""
    comments = step.input("add-job-summary-as-pr-comment") is not None
    return _CONTENTS | (_PULL_REQUESTS if comments else _NONE)


def may_write_contents(action: str) -> bool | None:
    """Whether an action may write to a repository, with whatever token; None where we don't know it."""
    known = known_action(action)
    scopes = known.may_write if known.writes is None else known.writes
    return None if scopes is None else "contents" in scopes


def pushes_as_checkout(action: str) -> bool:
    """Whether an action runs git with the token that the checkout left."""
    return known_action(action).found_in == "checkout"
