"""Texts of others that an earlier step compares with a pattern, and stops where they differ from it."""

from __future__ import annotations

import re

from checks.facts.events import never_runs
from checks.facts.job_order import needed_jobs
from checks.facts.workflows import Step, strings
from checks.regex import regex

_EXPRESSION = regex(r"\$\{\{([^{}]+)\}\}")
_TEST = regex(
    r"^(?P<if>if\s+)?\[\[\s+!\s+\"?\$\{?(?P<name>\w+)\}?\"?\s+=~\s+(?P<pattern>\^\S+\$)\s+\]\]"
    r"(?(if)\s*[;\n]\s*then\b|\s*&&)",
    re.MULTILINE,
)
"""A comparison that stands for itself: at the start of a line, with nothing beside it."""
_HARMLESS = regex(
    r"(?:[\w:/@%+,=~-]|\\[.+/-]|\[(?:a-z|A-Z|0-9|a-f|A-F|[1-9]-9|[\w.,:/@%+=~])+-?\]|[+*?()]|\{\d{1,3}(?:,\d{0,3})?\})*"
)
"""A pattern that lets no blank, quote or other character through that a shell reads as more than text."""
_ENDS_BEFORE = regex(r"\bexit\b|\breturn\b|\bexec\b|<<|\bfunction\b|\(\)")
"""What may end a script before a comparison, or make that a text or a function."""
_EXIT = regex(r"\s*exit\s+[1-9]")
_BRANCH_EXITS = regex(
    r"(?:(?!\b(?:if|else|elif|fi|for|while|case)\b)[^\n])*(?:\n(?!\S)(?:(?!\b(?:if|else|elif|for|while|case)\b)[^\n])*)*?\bexit\s+[1-9]"
)


def is_validated(path: str, step: Step) -> bool:
    """Whether a step that certainly goes before lets a text pass only where a shell takes it for nothing but text.

    `path` is the context that has it, `inputs.tag`. A condition of the step or of a job in between that lets it run
    after a failure makes it uncertain.
    """
    job = step.job
    if job is None or _goes_on(job.node) or _goes_on(step.node):
        return False
    needed = [one for one in needed_jobs(job) if not _goes_on(one.node)]
    earlier = (*job.before(step), *(one for other in needed for one in other.steps))
    return any(_stops(path, one) for one in earlier)


def _goes_on(node: object) -> bool:
    """Whether a job or a step has a condition or a leniency of its own."""
    get = getattr(node, "get", None)
    return get is None or any(get(name) is not None for name in ("if", "continue-on-error"))


def _stops(path: str, step: Step) -> bool:
    if step.run is None or never_runs(step) or _goes_on(step.node):
        return False
    given = {name for name, value in strings(step.env).items() if _is(path, value)}
    script = step.run.value
    return any(
        test["name"] in given
        and not _ENDS_BEFORE.search(script, 0, test.start())
        and _HARMLESS.fullmatch(test["pattern"][1:-1])
        and (_BRANCH_EXITS if test["if"] else _EXIT).match(script, test.end())
        for test in _TEST.finditer(script)
    )


def _is(path: str, value: str) -> bool:
    found = _EXPRESSION.fullmatch(value.strip())
    return found is not None and found[1].strip().lower() == path.lower()
