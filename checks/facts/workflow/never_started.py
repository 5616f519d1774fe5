"""Workflows that nothing starts: they are refused or switched off, wait for what is gone or never runs, or are called by none that starts.

One that only somebody could start by hand is among them where its author says that it is off.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from checks.facts.workflow.events import leaves_none
from checks.facts.workflow.filter_patterns import start_of
from checks.facts.workflow.former_default import for_former_default
from checks.facts.workflow.shared_workflows import called_by, is_for_others, kept_to_itself, works_here
from checks.facts.workflow.triggers import Trigger
from checks.facts.workflow.values import strings
from checks.facts.workflow.workflows import Workflow
from checks.regex import regex
from checks.source.text import Text
from checks.source.yaml import Comment, Mapping, Node, Scalar, Sequence, comments

_WAITING = frozenset(("push", "pull_request", "pull_request_target"))
"""Events that `paths` and `branches` can keep from a workflow."""
_OFF = frozenset(("", "~", "null", "false", "no", "off", "never", "none", "disabled"))
"""What is written in the place of an event where there is to be none."""
_NO_BRANCH = regex(
    r"(?:temporarily[-_])?disabled?(?:[-_](?:for[-_]now|temporarily))?|never|none|null|nothing|no[-_]?(?:such[-_]?)?branch|non[-_]?existent(?:[-_]branch)?|dummy(?:[-_]branch)?"
    r"|do[-_]?not[-_]?(?:run|trigger|use)|test123\d*",
    re.IGNORECASE,
)
"""What is written in the place of a branch where there is to be none."""
_SWITCHED_OFF = (
    r"(?:disabled|(?:turned|switched)\s+off|d[ée]sactiv[ée]e?s?|deaktiviert|desactivad[ao]s?|desativad[ao]s?"
    r"|disattivat[aeio]|отключ[её]н[аоы]?)"
)
"""In English, French, German, Spanish, Portuguese, Italian and Russian."""
_DISABLED = rf"(?:{_SWITCHED_OFF}|obsolete|retired|unused|do\s+not\s+use)"
_OFF_WORDS = rf"(?:deprecated|{_DISABLED})"
_OFF_BY_NAME = regex(
    rf"[(\[]{_OFF_WORDS}[)\]]|^\W*{_OFF_WORDS}\s*[:|–—-]|[:|–—-]\s*{_OFF_WORDS}\W*$", re.IGNORECASE
)
"""The mark of a workflow that is off, in its name."""
_OFF_BY_COMMENT = regex(
    r"\b(?:this|the|ce|le|dieser|der|este|o|questo|il)\s+(?:(?:old|legacy)\s+)?(?:(?:ci|github)\s+)?(?:workflow|pipeline)\s+"
    r"(?:is|was|has\s+been|est|ist|está|è)\s+"
    r"(?:(?:now|currently|intentionally|permanently|deliberately)\s+)?"
    r"(?:superseded\b|replaced\s+(?:by|with)\b|no\s+longer\s+(?:used|in\s+use|needed|maintained)\b"
    rf"|(?:{_SWITCHED_OFF}|deprecated|obsolete|retired)\s*(?:[.,;:!(–—-]|$|in\s+favou?r\s+of\b|and\b|as\b|because\b|since\b))"
    r"|\b(?:keep|kept|retained|left|preserved)\s+(?:(?:it|this|here|around|only|purely|just)\s+){0,3}(?:for|as)\s+(?:(?:a|historical|future)\s+){0,2}reference\b"
    rf"|^\W*{_DISABLED}\W*(?:$|[:–—-])",
    re.IGNORECASE,
)
"""How the comment at the head of a workflow says that it is off."""
_STILL_RUN = regex(r"\b(?:manual\w*|manuel\w*|вручную|by\s+hand|on\s+demand|actions\s+tab)\b", re.IGNORECASE)
"""How it says that somebody starts it all the same."""
_ONLY_TO_READ = regex(
    r"\b(?:manual\w*|by\s+hand|on\s+demand)\b[^.;:]{0,40}\bfor\s+(?:(?:historical|future)\s+)?reference\b",
    re.IGNORECASE,
)
"""How it says that this can be done, and is not what it is kept for."""
_COMES_BACK = regex(r"\b(?:until|tempor\w*|vorübergehend|временно|for\s+now|yet)\b", re.IGNORECASE)
"""How it says that it is to be on again."""
_OFF_TODAY = regex(
    rf"^#\W*(?:temporarily\s+)?{_SWITCHED_OFF}"
    r"(?=\W*$|\s*[,:(–—]|\s+-|\s+(?:for\s+(?:now|the\s+moment|the\s+time\s+being)|until|till|temporarily|because|since|while)\b"
    r"|\s+(?:[\w-]+\s+){0,3}(?:action|ci|pipeline|workflow)\b(?!\s+\w))"
    rf"|\b(?:action|ci|pipeline|workflow)(?:\s+(?!not\b)\w+){{0,3}}\s+{_SWITCHED_OFF}\b"
    r"|^#\W*deprecated\W*$",
    re.IGNORECASE,
)
"""How a sentence of a comment says that it is off, for a while perhaps, and nothing else."""
_OF_TRIGGERS = regex(r"\b(?:auto\w*|cron|events?|nightly|push(?:es)?|schedules?|triggers?)\b", re.IGNORECASE)
"""How the line says that only its own start is off."""
_PUT_OUT = regex(
    r"^#[#\s]*(?:on|push|pull_request(?:_target)?|merge_group|release|schedule|workflow_(?:call|run))\s*:(?:\s|$)"
)
"""A trigger in a comment."""
_PUT_BACK = regex(
    r"\b(?:restor(?:e|ing)|(?:put|bring|add)(?:ing)?\s+back|re-?(?:add|enabl)(?:e|ing)?)\b(?:\s+[\w-]+){0,5}\s+triggers?\b",
    re.IGNORECASE,
)
"""How a comment says that a trigger was taken out, and what to do about it later."""
_SAMPLE = regex(
    r"/(?:(?:[\w.-]{0,80}[._-])?(?:sample|example)|(?:sample|example)[._-][\w.-]{0,80})\.ya?ml$",
    re.IGNORECASE,
)
"""The path of a workflow that is there to be copied: its name begins or ends with the word."""
_TO_FILL_IN = regex(
    r"<your[- _][\w -]{1,60}>|YOUR_[A-Z0-9_]{2,60}(?:_HERE)?|(?:<|\[)YOUR[_ -][A-Z0-9_ -]{1,60}(?:>|\])"
)
"""A value that whoever takes a workflow has yet to write."""
_SENTENCE = regex(r"(?<=[.;!])\s+")


def never_started(
    workflows: Collection[Workflow],
    refused: frozenset[str],
    paths: frozenset[str],
    called_aside: frozenset[str],
    offered: frozenset[str],
    slug: str | None,
    unread: Collection[Text | None],
) -> frozenset[str]:
    """The paths of workflows that nothing starts.

    They are `refused`; or somebody may start them by hand alone, and they say that they are off; or they have no `on:`, or one that names no event but says so; or each trigger names paths where nothing lies, or branches by a name that is
    none or no longer one, or runs of workflows here that have none by themselves; or they are reusable, for this repository alone, and none that may start calls them. These are known
    as `called_aside`, by files that are put away, and by what speaks of callers elsewhere: for those with a name that begins with `_`,
    or that take files from a checkout of their caller's which lie here, only a text does that shows how to call them (`offered`).
    One whose text can't be read as a workflow (`unread`) may call those whose name is in it, or be meant by others; None is one of which there is no text.
    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#onpushpull_requestpull_request_targetpathspaths-ignore
    """
    forgotten = for_former_default([one for one in workflows if one.path not in refused])
    left = refused | frozenset(
        one.path
        for one in workflows
        if one.path in forgotten
        or one.node.entry("on") is None
        or _is_empty(one.node.get("on"))
        or _says_off(one)
        or (one.triggers and all(waits_in_vain(trigger, paths) for trigger in one.triggers.values()))
    )
    if None in unread:
        return left
    if not unread:
        left = _with_followers(workflows, left, refused, paths)
    own = frozenset[str]() if is_for_others(slug) else works_here(workflows, paths) - offered
    alone = called_aside | own | kept_to_itself(workflows, offered, slug)
    named = [one.content for one in unread if one is not None]
    called = {
        one.path
        for one in workflows
        if set(one.triggers) == {"workflow_call"}
        and one.path in alone
        and not any(posixpath.basename(one.path) in content for content in named)
    }
    return left | (called - _reached(workflows, {one.path for one in workflows} - left - called))


def _with_followers(
    workflows: Collection[Workflow], left: frozenset[str], refused: frozenset[str], paths: frozenset[str]
) -> frozenset[str]:
    """Those left, and those that wait for them, or for what others only call: a run has the name of what calls.

    A refused one has runs, which fail.
    https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#workflow_run
    """
    waiting = [
        (one, followed)
        for one in workflows
        if one.path not in left and (followed := _followed(one, paths)) is not None
    ]
    starting = Counter(
        one.name
        for one in workflows
        if one.path in refused or (one.path not in left and set(one.triggers) != {"workflow_call"})
    )
    idle = {one.name for one in workflows if not starting[one.name]}
    while behind := [one for one, followed in waiting if followed <= idle]:
        left |= {one.path for one in behind}
        starting -= Counter(one.name for one in behind)
        idle |= {one.name for one in behind if not starting[one.name]}
        waiting = [(one, followed) for one, followed in waiting if one.path not in left]
    return left


def _followed(workflow: Workflow, paths: frozenset[str]) -> frozenset[str] | None:
    """The names of those whose runs a workflow waits for; None where it may start without any."""
    names: set[str] = set()
    for trigger in workflow.triggers.values():
        if waits_in_vain(trigger, paths):
            continue
        own = trigger.filter("workflows") if trigger.name == "workflow_run" else None
        if not own:
            return None
        names.update(own)
    return frozenset(names) if workflow.triggers else None


def _reached(workflows: Iterable[Workflow], starting: Collection[str]) -> frozenset[str]:
    """The paths that those which may start call in this repository, and they themselves."""
    by_path = {one.path: one for one in workflows}
    reached, pending = set(starting), list(starting)
    while pending:
        found = (called_by([by_path[pending.pop()]]) & by_path.keys()) - reached
        reached |= found
        pending += found
    return frozenset(reached)


def _is_empty(on: Node | None) -> bool:
    """Whether no event is left of a list or of a block."""
    return (isinstance(on, Sequence) and not on.items) or (isinstance(on, Mapping) and not on.entries)


def _says_off(workflow: Workflow) -> bool:
    """Whether a workflow that somebody starts by hand says that it is out of use, in its name, at its head or at its triggers, or is a sample whose values are to be filled in.

    One that is to be on again is off as long as its triggers are commented out, or are to be put back, and nothing speaks of starts by hand.
    """
    if set(workflow.triggers) != {"workflow_dispatch"}:
        return False
    if _OFF_BY_NAME.search(workflow.name) or _is_sample(workflow):
        return True
    lines = [workflow.text[one.span] for one in _comments_of_start(workflow)]
    comment = " ".join(" ".join(lines).replace("#", " ").split())
    if _STILL_RUN.search(_ONLY_TO_READ.sub("", comment)):
        return False
    if _OFF_BY_COMMENT.search(comment) and not _COMES_BACK.search(comment):
        return True
    by_hand = workflow.triggers["workflow_dispatch"].node
    is_asked = isinstance(by_hand, Mapping) and by_hand.get("inputs") is not None
    sentences = [one for line in lines for one in _SENTENCE.split(line)]
    is_off = any(_OFF_TODAY.search(one) and not _OF_TRIGGERS.search(one) for one in sentences)
    is_out = any(map(_PUT_OUT.match, lines)) or _PUT_BACK.search(comment) is not None
    return is_off and not is_asked and is_out


def _is_sample(workflow: Workflow) -> bool:
    """Whether a workflow is called so, or a variable or an input of it is a placeholder still."""
    if _SAMPLE.search(workflow.path):
        return True
    given = (
        workflow.env,
        *(job.env for job in workflow.jobs),
        *(one for step in workflow.steps for one in (step.env, step.inputs)),
    )
    return any(_TO_FILL_IN.fullmatch(value) for node in given for value in strings(node).values())


def _comments_of_start(workflow: Workflow) -> Iterator[Comment]:
    """The comments above all but the name, and those above and within `on:`."""
    entries = [one for one in workflow.node.entries if not _is_name(one.key)]
    at = next((at for at, one in enumerate(entries) if one.value is workflow.node.get("on")), 0)
    head = next((one.key.span.start for one in entries), 0)
    above = entries[at - 1].value.span.end if at else 0
    below = entries[at + 1].key.span.start if at + 1 < len(entries) else len(workflow.text.content)
    for comment in comments(workflow.text):
        start = comment.span.start
        if start < head or (
            above <= start < below and (comment.own_line or start > entries[at].key.span.end)
        ):
            yield comment


def _is_name(key: Node) -> bool:
    return isinstance(key, Scalar) and key.value == "name"


def waits_in_vain(trigger: Trigger, paths: frozenset[str]) -> bool:
    """Whether an event starts nothing: it is none, or it names paths where nothing lies, or branches by a name that is none, or it leaves out all.

    That the workflow's own file is named beside such paths only has it tried when it is written. A pull request from
    outside may touch the file as well, and `pull_request_target` has the one of the base run for it.
    """
    if trigger.name.lower() in _OFF:
        return True
    if trigger.name not in _WAITING or trigger.filter("tags") is not None:
        return False  # neither `paths` nor `branches` counts for tags
    branches, ignored = trigger.filter("branches"), trigger.filter("branches-ignore")
    if branches and all(map(_NO_BRANCH.fullmatch, branches)):
        return True
    if leaves_none(ignored or ()) and trigger.filter("tags-ignore") is None:
        return True
    patterns = trigger.filter("paths")
    wanted = [pattern for pattern in patterns or () if not pattern.startswith("!")]
    own = "" if trigger.name == "pull_request_target" else trigger.key.text.path
    others = [pattern for pattern in wanted if pattern != own]
    if others and len(others) < len(wanted) and any(_is_meant(pattern, paths) for pattern in others):
        return False
    return bool(wanted) and not any(_lies_somewhere(pattern, paths) for pattern in others or wanted)


def _is_meant(pattern: str, paths: frozenset[str]) -> bool:
    """Whether something lies where a pattern is meant to begin, though GitHub finds nothing: for it `./` and braces are
    characters, a folder's name stands for no file in it, and the case counts."""
    plain, brace, _ = pattern.lower().removeprefix("./").partition("{")
    start = plain if brace else f"{start_of(plain.rstrip('/'))}/"
    return start in ("", "/") or any(f"{path.lower()}/".startswith(start) for path in paths)


def _lies_somewhere(pattern: str, paths: frozenset[str]) -> bool:
    """Whether something lies where a pattern begins, up to the folder before its first wildcard."""
    start = start_of(pattern)
    return (
        start in paths
        if start == pattern
        else not start or any(path.startswith(f"{start}/") for path in paths)
    )
