"""Where a value comes from that a step hands on: an input of the workflow, or a variable."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from checks.facts.workflow.handed_in import HandedIn
from checks.facts.workflow.workflows import Job, Step
from checks.regex import regex
from checks.source.expression_places import find
from checks.source.text import Location, Text
from checks.source.yaml import Entry, Mapping, Scalar

_OF_ENV = regex(r"\s*\$\{\{\s*env\.(?P<name>\w+)\s*\}\}\s*")
_OF_INPUT = regex(r"\s*\$\{\{\s*(?:github\.event\.)?inputs\.(?P<name>[\w-]+)\s*\}\}\s*")
_INPUTS = regex(r"\binputs\.([\w-]+)")


def handed_by(written: str, handed: HandedIn, callers: Iterable[Job]) -> dict[Location, Job]:
    """Where calls write the value of the one input that a text of the called workflow is made of; none where they compute it.

    Calls that write another value of any input are none that hand over what is asked about.
    """
    names = {
        name.lower()
        for found in find(written)
        for name in _INPUTS.findall(written, found.span.start, found.span.end)
    }
    name = names.pop() if len(names) == 1 else ""
    value = handed.value(name)
    said = value.literal if value is not None else None
    entries = ((job, one) for job in callers if _may_hand_over(job, handed) for one in _written_by(job))
    return {
        Location(one.value.text, one.value.span): job
        for job, one in entries
        if isinstance(one.key, Scalar)
        and one.key.value.lower() == name
        and isinstance(one.value, Scalar)
        and one.value.value == said
    }


def _written_by(job: Job) -> Sequence[Entry]:
    block = job.node.get("with")
    return block.entries if isinstance(block, Mapping) else ()


def _may_hand_over(job: Job, handed: HandedIn) -> bool:
    """Whether nothing that a call writes out is another value than what is handed over."""
    written = {
        one.key.value.lower(): one.value.value
        for one in _written_by(job)
        if isinstance(one.key, Scalar) and isinstance(one.value, Scalar) and "${{" not in one.value.value
    }
    return not any(
        name in written
        and value.literal not in (None, written[name].lower() if name in handed.booleans else written[name])
        for name, value in handed.values
    )


def asked_for_alone(written: str, text: Text, step: Step | None) -> str:
    """The input that a workflow takes for one value alone, by a variable too; empty where that comes from elsewhere.

    Where the value goes, whoever starts the workflow is left with an input that does nothing.
    """
    in_env = _OF_ENV.fullmatch(written)
    if in_env is not None:
        name = in_env["name"]
        written = declared_in_env(step, name)
        if len(re.findall(rf"(?:\benv\.|\$\{{?){name}\b", text.content)) > 1:
            return ""
    found = _OF_INPUT.fullmatch(written)
    if found is None:
        return ""
    name = re.escape(found["name"])
    uses = re.findall(rf"\binputs(?:\.{name}(?![\w-])|\s{{0,9}}\[|\s{{0,9}}\))", text.content, re.IGNORECASE)
    return found["name"] if len(uses) == 1 else ""


def unset_variable(written: str, text: Text) -> str:
    """The variable that a value is of where its file has no word on it beside what reads it; empty for others.

    What passes it on under its own name, `NAME=${{ env.NAME }}`, is no such word.
    """
    found = _OF_ENV.fullmatch(written)
    if found is None:
        return ""
    name = found["name"]
    others = re.sub(rf"\b{name}=\$\{{\{{\s*env\.{name}\b", "", text.content)
    return "" if re.search(rf"(?<!\benv\.)\b{name}\b", others) else name


def declared_in_env(step: Step | None, name: str) -> str:
    """What the nearest `env` of a step says of a variable; empty where none does."""
    written = step.variable(name) if step is not None else None
    return written.value if written is not None else ""
