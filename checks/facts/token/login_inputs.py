"""Actions of the repository that are given the token of a job for nothing but a login to GitHub's registry.

https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax#inputs
"""

from __future__ import annotations

from checks.facts.token.github_cli import is_given
from checks.facts.token.given_token import variables_with_token
from checks.facts.token.needs import registry_of_login
from checks.facts.token.registry_logins import OF_GITHUB
from checks.facts.workflow.composite_actions import CompositeAction
from checks.facts.workflow.values import strings
from checks.facts.workflow.workflows import Step
from checks.regex import regex

_INPUT = regex(r"\binputs\s?(?:\.|\[\s?['\"])(?P<name>[\w-]+)|\binputs\s?\)")
"""Where an expression names an input, or hands on all."""
_WHOLE = regex(r"\s*\$\{\{\s*inputs\.(?P<name>[\w-]+)\s*\}\}\s*")


def logins_given(step: Step, action: CompositeAction) -> tuple[Step, ...]:
    """The logins for which the action that a step uses is given the token; none where it is there for anything else.

    The step gives it by inputs, each of which the action names as the password of such a login only.
    """
    names = {name.lower() for name, value in strings(step.inputs).items() if is_given(value)}
    if not names or any(variables_with_token(step)) or is_given(action.text.content):
        return ()
    named = [found["name"] for found in _INPUT.finditer(action.text.content)]
    mentions = [name for name in named if name is None or name.lower() in names]
    logins = tuple(one for one in action.steps if _password_of(one) in names)
    return logins if len(mentions) == len(logins) else ()


def _password_of(step: Step) -> str:
    """The input that a login to a registry of GitHub's has as its password, in lower case; empty where it is none."""
    password = step.input("password")
    whole = _WHOLE.fullmatch(password.value) if password and step.uses_action("docker/login-action") else None
    host = registry_of_login(step) or ""
    return whole["name"].lower() if whole and OF_GITHUB.search(host) else ""
