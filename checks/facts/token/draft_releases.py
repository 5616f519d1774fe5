"""Releases that are drafts, which those alone see who may write.

https://docs.github.com/en/rest/releases/releases#list-releases
"""

from __future__ import annotations

import re

from checks.facts.token.github_cli import scopes_of_step
from checks.facts.token.script_scopes import only_reads
from checks.facts.workflow.workflows import Step
from checks.regex import regex

_READS = regex(r"\bgh[ \t]{1,9}release\b")
_ARE_DRAFTS = regex(
    r"\bdraft[ \t]{1,9}(?:github[ \t]{1,9})?releases?\b|\breleases?[ \t]{1,9}drafts?\b|\brelease-drafter/"
    r"|\bgh[ \t]{1,9}release[ \t]{1,9}(?:create|edit)\b(?:[^\n\\;&|]|\\[^\r]|\\\r\n){0,500}?[ \t]--draft\b"
    r"|\bgh[ \t]{1,9}release[ \t]{1,9}(?:list|view)\b[^\n]{0,200}?\bisDraft\b"
    r"|(?:^|[{,])[ \t]{0,40}draft:[ \t]{1,9}[\"']?(?:true\b|\$\{\{)",
    re.IGNORECASE | re.MULTILINE,
)
"""What a workflow has that makes drafts, publishes them, or speaks of them."""


def reads_drafts(step: Step) -> bool:
    """Whether a script only reads releases by `gh`, in a workflow which says that there are drafts."""
    said = step.job.workflow.text if step.job is not None else step.text
    return (
        step.run is not None
        and bool(_READS.search(step.run.value))
        and "contents" in (scopes_of_step(step) or ())
        and only_reads(step, "contents")
        and bool(_ARE_DRAFTS.search(said.content))
    )
