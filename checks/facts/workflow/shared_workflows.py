"""Which reusable workflows a repository has for others to call, and which for itself.

Any repository may call those of one that lets it, so that only what is written here speaks for callers elsewhere.
https://docs.github.com/en/actions/how-tos/reuse-automations/reuse-workflows#calling-a-reusable-workflow
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from checks.facts.workflow.scopes import scopes_of
from checks.facts.workflow.workflows import Job, Step, Workflow
from checks.regex import regex
from checks.source.kind import kind_by_path
from checks.source.text import Text
from checks.source.yaml import Entry, Scalar

_FOLDER = ".github/workflows/"
_OFFER = regex(r"/(\.github/workflows/[\w.-]+)@")
"""A call, or an example of one, that names the repository in front and the version behind."""
_CALL = regex(r"^[ \t-]*uses:[ \t]*[\"']?\./(\.github/workflows/[\w.-]+)", re.MULTILINE)
_ASIDE = regex(
    r"\.github/.+|(?![^/]*(?:templates?|examples?|samples?|starters?|tests?))[^/]*workflows?[^/]*/[^/]+\.ya?ml",
    re.IGNORECASE,
)
"""Where workflows are put away: beside theirs, or in a folder at the root that is called after them."""
_FOR_OTHERS = regex(r"/(?:[\w.-]*[-_.])?(?:github|workflows?|actions?)(?:[-_.][\w.-]*)?$", re.IGNORECASE)
"""The name of a repository whose workflows others call."""
_MAY_BE_FOR_OTHERS = regex(
    r"/(?:platform|(?:[\w.-]*[-_.])?(?:automation|ci|cd|cicd|common|devops|gitops|infra(?:structure)?|pipelines?|reusables?|shared"
    r"|templates?|(?:build|dev)?tool(?:box|chain|ing|kit|s)?)(?:[-_.][\w.-]*)?)$",
    re.IGNORECASE,
)
"""The name of one whose workflows others may call."""
_SAYS_SHARED = regex(
    r"\b(?:call(?:er(?:'s)?|ing)|consum(?:er(?:'s)?|ing)|other|another|across|multiple|several|all|any|every|downstream)"
    r"[\s#]{1,9}(?:[\w-]{1,40}[\s#]{1,9})?repo(?:s|sitory|sitories)?\b"
    r"|\b(?:called|consumed|invoked|reused|shared|used)[\s#]{1,9}(?:across|by|from|in|with)[\s#]{1,9}(?:[\w'-]{1,40}[\s#]{1,9}){0,4}"
    r"(?:apps|applications|orgs?|organi[sz]ations?|projects|services|teams)\b|\brepository[\s#]{1,9}of[\s#]{1,9}the[\s#]{1,9}caller\b"
    r"|\b(?:shared|common|centrali[sz]ed|central)[\s#-]{1,9}(?:[\w-]{1,40}[\s#-]{1,9})?workflows?\b|\borgani[sz]ation-wide\b",
    re.IGNORECASE,
)
"""How a workflow says that others call it."""

_PATH = regex(r"(?<![\w./$@{}:-])(?:\./)?[\w.-]{1,100}(?:/[\w.-]{1,100}){1,20}(?![\w.$*{/-])")
"""A path of at least two parts, all of them written out."""


def offers(text: Text) -> frozenset[str]:
    """The paths of workflows that a text calls by the name of their repository, or shows how to; those that a template calls, too."""
    if _FOLDER not in text.content:
        return frozenset()
    is_template = kind_by_path(text.path) is None and not _ASIDE.fullmatch(text.path)
    return frozenset((*_OFFER.findall(text.content), *(_CALL.findall(text.content) if is_template else ())))


def calls_aside(text: Text) -> frozenset[str]:
    """The paths of the repository's workflows that a file calls which is put away in a folder of such."""
    is_aside = kind_by_path(text.path) is None and _ASIDE.fullmatch(text.path) is not None
    return frozenset(_CALL.findall(text.content)) if is_aside else frozenset()


def is_for_others(slug: str | None) -> bool:
    """Whether the name of a repository says that others call its workflows."""
    return _FOR_OTHERS.search(slug or "") is not None


def called_by(workflows: Iterable[Workflow]) -> frozenset[str]:
    """The paths of the repository's workflows that jobs call, by whatever name of it and version."""
    used = (job.uses.scalar.value.partition("@")[0] for one in workflows for job in one.jobs if job.uses)
    return frozenset(path[path.rindex(_FOLDER) :] for path in used if _FOLDER in path)


def kept_to_itself(
    workflows: Collection[Workflow], offered: frozenset[str], slug: str | None
) -> frozenset[str]:
    """The paths of reusable workflows that nothing says others call: neither the repository's name nor they themselves, and no text shows how to (`offered`).

    There are none in a repository that is not known by its name, or half of whose workflows are reusable and called by none here: that is a
    collection.
    """
    if not slug or is_for_others(slug) or _MAY_BE_FOR_OTHERS.search(slug):
        return frozenset()
    reusable = [one for one in workflows if "workflow_call" in one.triggers]
    called = called_by(workflows) if reusable else frozenset()
    collected = [one for one in reusable if len(one.triggers) == 1 and one.path not in called]
    if 2 * len(collected) >= len(workflows):
        return frozenset()
    return frozenset(
        one.path for one in reusable if one.path not in offered and not _is_for_callers(one, slug.lower())
    )


def _is_for_callers(workflow: Workflow, slug: str) -> bool:
    """Whether a workflow says that other repositories call it, or names its own where it need not in one of its runs.

    That is for an action, or for each checkout.
    """
    said, owner = workflow.text.content.lower(), slug.partition("/")[0]
    if _SAYS_SHARED.search(said) or f"by {owner}/" in said or f"from {owner}/" in said:
        return True
    used = (step.uses for step in workflow.steps if step.uses is not None and not step.uses.is_local)
    checkouts = list(_checked_out(workflow))
    return any(one.repository == slug for one in used) or (bool(checkouts) and all(checkouts))


def _checked_out(workflow: Workflow) -> Iterator[bool]:
    """For each checkout whether it is of a repository by name."""
    for step in workflow.steps:
        if step.uses_action("actions/checkout"):
            entry = step.input_entry("repository")
            written = entry.value if entry is not None else None
            yield isinstance(written, Scalar) and bool(written.value) and "${{" not in written.value


def works_here(workflows: Iterable[Workflow], paths: frozenset[str]) -> frozenset[str]:
    """The paths with a name that begins with `_`, and of those that work on files of this repository."""
    return frozenset(
        one.path for one in workflows if "/_" in one.path or any(_takes_files(job, paths) for job in one.jobs)
    )


def _takes_files(job: Job, paths: frozenset[str]) -> bool:
    """Whether the steps of a job take what lies here in a folder below another, or below one at the root, from a checkout of the caller's repository."""
    checkouts = [one for one in job.steps if one.uses_action("actions/checkout")]
    if not checkouts or any(one.input_entry("repository") for one in checkouts):
        return False
    return any(_lies_here(path, paths) for step in job.steps for path in _named_in(step))


def _named_in(step: Step) -> Iterator[str]:
    """What may be paths in the folder, the script, the action and the inputs of a step, in each leg of its job."""
    written = [step.run, step.node.get("working-directory"), *(one.value for one in _entries(step))]
    for scalar in (one for one in written if isinstance(one, Scalar)):
        values = (scope.value(scalar.value).literal for scope in scopes_of(step, None))
        for value in dict.fromkeys((scalar.value, *values)):
            yield from _PATH.findall(value or "")
    if step.uses is not None and step.uses.is_local:
        yield step.uses.scalar.value


def _entries(step: Step) -> tuple[Entry, ...]:
    return step.inputs.entries if step.inputs is not None else ()


def _lies_here(path: str, paths: frozenset[str]) -> bool:
    """Whether a path of two parts or more is one of the repository's files, or of its folders."""
    path = path.removeprefix("./").rstrip("/.")
    is_below = "/" in path and not path.startswith((".github/workflows", "/"))
    return is_below and (path in paths or any(one.startswith(f"{path}/") for one in paths))
