"""Releases that are drafts, which those alone see who may write.

https://docs.github.com/en/rest/releases/releases#list-releases
"""

from __future__ import annotations

import re
from functools import lru_cache

from checks.facts.token.github_cli import scopes_of_step
from checks.facts.token.script_scopes import only_reads
from checks.facts.workflow.workflows import Step, Workflow
from checks.regex import regex

_READS = regex(r"\bgh[ \t]{1,9}release\b")
_ARE_DRAFTS = regex(
    r"(?<!\bno )(?<!\bnot a )(?<!\bnever )\bdraft[ \t]{1,9}(?:github[ \t]{1,9})?releases?\b|\breleases?[ \t]{1,9}drafts?\b|\brelease-drafter/"
    r"|\bgh[ \t]{1,9}release[ \t]{1,9}(?:create|edit)\b(?:[^\n\\;&|]|\\[^\r]|\\\r\n){0,500}?[ \t]--draft\b(?!=false)"
    r"|\bgh[ \t]{1,9}release[ \t]{1,9}edit\b(?:[^\n\\;&|]|\\[^\r]|\\\r\n){0,500}?[ \t]--draft=false\b"
    r"|\bgh[ \t]{1,9}release[ \t]{1,9}(?:list|view)\b[^\n]{0,200}?\bisDraft\b"
    r"|(?:^|[{,])[ \t]{0,40}draft:[ \t]{1,9}[\"']?(?:true\b|\$\{\{)",
    re.IGNORECASE | re.MULTILINE,
)
"""What a workflow has that makes drafts, publishes them, or speaks of them."""


def reads_drafts(step: Step) -> bool:
    """Whether a script only reads releases by `gh`, in a workflow which says that there are drafts."""
    return (
        step.run is not None
        and bool(_READS.search(step.run.value))
        and "contents" in (scopes_of_step(step) or ())
        and only_reads(step, "contents")
        and (_has_drafts(step.job.workflow) if step.job is not None else _are_drafts(step.text.content))
    )


@lru_cache(maxsize=1)
def _has_drafts(workflow: Workflow) -> bool:
    """Whether a workflow says so but in steps that open pull requests; it is looked through once for all its steps."""
    text, said, start = workflow.text.content, list[str](), 0
    for step in (one for job in workflow.jobs for one in job.steps):
        if step.uses is not None and "pull-request" in step.uses.name:
            said.append(text[start : step.node.span.start])
            start = step.node.span.end
    return _are_drafts("\n".join((*said, text[start:])))


@lru_cache(maxsize=1)
def _are_drafts(text: str) -> bool:
    return bool(_ARE_DRAFTS.search(text))
