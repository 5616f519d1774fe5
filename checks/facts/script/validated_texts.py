"""Texts of others that an earlier step compares with a pattern, or takes for a tag or a repository, and stops where they are
something else.

Which characters a tag may have: https://github.com/distribution/reference/blob/main/reference.go
How a checkout asks for a repository: https://github.com/actions/checkout/blob/main/src/url-helper.ts
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from checks.facts.workflow.conditions import may_follow_failure
from checks.facts.workflow.context_paths import input_of
from checks.facts.workflow.job_order import needed_jobs
from checks.facts.workflow.never_run import never_runs
from checks.facts.workflow.put_in import has_text
from checks.facts.workflow.scopes import scopes_of
from checks.facts.workflow.values import strings
from checks.facts.workflow.workflows import Job, Step
from checks.regex import regex

_EXPRESSION = regex(r"\$\{\{([^{}]+)\}\}")
_TEST = regex(
    r"^(?P<if>if\s+)?(?P<not>!\s+)?\[\[\s+(?P<differs>!\s+)?\"?\$\{?(?P<name>\w+)\}?\"?\s+=~"
    r"\s+(?P<pattern>\^\S+\$)\s+\]\]"
    r"(?P<then>(?(if)(?:[ \t]*|\s*\|\|[^\n;&]*)[;\n]\s*then\b|\s*(?:&&|\|\|)))",
    re.MULTILINE,
)
"""A comparison that stands for itself at the start of a line: what else a condition asks only widens the branch."""
_HARMLESS = regex(
    r"(?:[\w:/@%+,=~-]|\\[.+/-]|\[(?:a-z|A-Z|0-9|a-f|A-F|[1-9]-9|[\w.,:/@%+=~])+-?\]|[+*?()]|\{\d{1,3}(?:,\d{0,3})?\})*"
)
"""A pattern that lets no blank, quote or other character through that a shell reads as more than text."""
_ENDS_BEFORE = regex(r"\bexit\b(?!\s+[1-9])|\breturn\b|\bexec\b|<<|\bfunction\b|\(\)")
"""What may end a script well before a comparison, or make that a text or a function."""
_EXIT = regex(r"\s*(?:\{\s+(?:(?:echo|printf)\s[^\n;]*[;\n]\s*)?)?exit\s+[1-9]")
_BRANCH_EXITS = regex(
    r"(?:(?!\b(?:if|else|elif|fi|for|while|case)\b)[^\n])*(?:\n(?!\S)(?:(?!\b(?:if|else|elif|for|while|case)\b)[^\n])*)*?\bexit\s+[1-9]"
)


def is_validated(path: str, step: Step) -> bool:
    """Whether a step that certainly goes before lets a text pass only where a shell takes it for nothing but text.

    `path` is the context that has it, `inputs.tag`. A condition of the step, or of its job where an earlier one compares,
    that lets it run after a failure makes it uncertain.
    """
    job = step.job
    if job is None or _follows_failure(step):
        return False
    needed = () if _follows_failure(job) else needed_jobs(job)
    others = (one for other in needed if not _goes_on(other.node) for one in other.steps)
    # One leg that fails ends the job that waits; of its own job a step knows its own leg.
    return any(_stops(path, one, all) for one in step.earlier) or any(
        _stops(path, one, any) for one in others
    )


def _follows_failure(part: Job | Step) -> bool:
    return part.condition is not None and may_follow_failure(part.condition.value)


def _goes_on(node: object) -> bool:
    """Whether a job or a step has a condition or a leniency of its own."""
    get = getattr(node, "get", None)
    return get is None or any(get(name) is not None for name in ("if", "continue-on-error"))


def _stops(path: str, step: Step, of_legs: Callable[[Iterable[bool]], bool]) -> bool:
    """Whether a step stops some or all legs of its job where the text is something else."""
    if never_runs(step) or _goes_on(step.node):
        return False
    if step.run is None:
        return _is_repository(path, step) or _is_tag(path, step, of_legs)
    given = {name for name, value in strings(step.env).items() if _is(path, value)}
    script = step.run.value
    return any(
        test["name"] in given
        and not _ENDS_BEFORE.search(script, 0, test.start())
        and _HARMLESS.fullmatch(test["pattern"][1:-1])
        and _ends_where_it_differs(script, test)
        for test in _TEST.finditer(script)
    )


def _is_repository(path: str, step: Step) -> bool:
    """Whether the step checks out the repository of that name, which fails for a text that is none's.

    Another server than GitHub's, that is named, too, may answer for any text.
    """
    if step.input("github-server-url") is not None:
        return False
    named = step.input("repository") if step.uses_action("actions/checkout") else None
    return named is not None and _is(path, named.value)


def _is_tag(path: str, step: Step, of_legs: Callable[[Iterable[bool]], bool]) -> bool:
    """Whether the step tags an image with the text, for which no builder takes what a shell takes for more than text.

    That of an input has no line break, behind which would stand another tag.
    """
    is_line = input_of(path.split(".")) is not None
    tags = step.input("tags") if is_line and step.uses_action("docker/build-push-action") else None
    if tags is None or path.rpartition(".")[2].lower() not in tags.value.lower():
        return False
    return of_legs(has_text(tags.value, path, scope) for scope in scopes_of(step, None))


def _ends_where_it_differs(script: str, test: re.Match[str]) -> bool:
    asks_for_difference = bool(test["not"]) is not bool(test["differs"])
    if test["if"]:
        return asks_for_difference and _BRANCH_EXITS.match(script, test.end()) is not None
    return test["then"].endswith("&&" if asks_for_difference else "||") and bool(
        _EXIT.match(script, test.end())
    )


def _is(path: str, value: str) -> bool:
    found = _EXPRESSION.fullmatch(value.strip())
    return found is not None and found[1].strip().lower() == path.lower()
