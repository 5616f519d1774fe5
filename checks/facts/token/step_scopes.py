"""What a single step may write with by the token of its job, and whether that can be told."""

from __future__ import annotations

from checks.facts.token.action_scopes import is_reader, scopes_meant, scopes_of_action
from checks.facts.token.github_cli import is_given
from checks.facts.token.github_script import scopes_of_script
from checks.facts.token.given_token import is_named, names_the_token
from checks.facts.token.needs import may_ask_for_a_token, may_upload_results, needs
from checks.facts.token.registry_commands import only_logs_in
from checks.facts.token.registry_logins import LOGINS, hands_on, may_log_in_to_github
from checks.facts.token.script_scopes import asks_what_is_known, has_stored_token, script_may_write
from checks.facts.token.unknown_actions import may_be_for, may_push_by_git
from checks.facts.workflow.values import strings
from checks.facts.workflow.workflows import Step


def may_write(step: Step, scope: str) -> bool:
    """Whether a step may write with a scope of its job's token, or prepare that."""
    if step.uses is None:
        return script_may_write(step, scope)
    if scope == "packages" and (may_log_in_to_github(step) or hands_on(step)):
        return True
    asked = scopes_of_script(step)
    if asked is not None:
        return asked.get(scope) == "write"
    scopes = scopes_of_action(step)
    if scopes is not None:
        return scope in scopes
    if step.uses.is_image and scope != "id-token":
        return _gets_token(step) or (scope == "contents" and has_stored_token(step) and may_push_by_git(step))
    return may_be_for(step, scope) or (scope == "packages" and names_the_token(step))


def _gets_token(step: Step) -> bool:
    """Whether an image may find the token in what it is given, which GitHub adds to no image itself."""
    before = step.earlier
    handing = (one for one in before if one.run is not None and "GITHUB_ENV" in one.run.value)
    return step.job is None or names_the_token(step) or any(map(names_the_token, handing))


def may_be_told_to_write(step: Step, scope: str) -> bool:
    """Whether an action of which we know all writes with a scope where what it is given says so, which it may."""
    if scope == "security-events":
        return may_upload_results(step)
    return scope == "id-token" and may_ask_for_a_token(step)


def is_known(step: Step) -> bool:
    """Whether what a step does with the token can be told."""
    return (
        step.run is not None
        or any(needs(step))
        or scopes_meant(step) is not None
        or scopes_of_script(step) is not None
    )


def _only_calls(step: Step) -> bool:
    """Whether a script for the API, of which all is known, does not read the token itself, which it could leave anywhere."""
    script = step.input("script")
    return scopes_of_script(step) is not None and script is not None and not is_named(step, script.value)


def is_given_away(step: Step) -> bool:
    """Whether a step hands the token itself to an action that isn't known, or to a program, and not to log in."""
    is_of_action = scopes_meant(step) is not None or _only_calls(step)
    can_be_told = is_of_action or only_logs_in(step) or asks_what_is_known(step)
    return not can_be_told and names_the_token(step)


def does_what_is_known(step: Step) -> bool:
    """Whether all that an action may write with is known, and that it leaves the token to nothing else."""
    return scopes_of_action(step) is not None or _only_calls(step)


def may_read_more(step: Step) -> bool:
    """Whether an action that writes nothing is given the token, and it is no checkout, no login and no known reader."""
    given = (value for node in (step.inputs, step.env) for value in strings(node).values())
    return (
        any(map(is_given, given))
        and not step.uses_action("actions/checkout", *LOGINS)
        and not is_reader(step)
        and scopes_meant(step) == frozenset()
    )
