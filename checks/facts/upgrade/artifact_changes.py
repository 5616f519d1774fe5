"""What newer releases of actions change for steps that upload and download artifacts."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

from checks.facts.action.releases import of_use
from checks.facts.code_span import code
from checks.facts.upgrade.change import Ask, Change, Hold
from checks.facts.upgrade.upgrades import Upgrade
from checks.facts.value import Value
from checks.facts.workflow.artifacts import DOWNLOAD, UPLOAD, uploads_apart
from checks.facts.workflow.conditions import asked_of
from checks.facts.workflow.matrix import legs
from checks.facts.workflow.scopes import scopes_of
from checks.facts.workflow.workflows import Step
from checks.regex import regex
from checks.source.text import Location
from checks.source.yaml import Mapping

_HIDDEN = regex(r"(?:^|/)\.(?!\.?(?:/|$))", re.MULTILINE)
_SAME_IN_RUN = {
    f"github.{name}": f"\ufffc{name}"
    for name in ("event.number", "head_ref", "ref_name", "run_attempt", "run_id", "run_number", "sha")
}
"""What stands for contexts whose value all jobs of a run share."""
_ONE_NAME = regex(r"[\w. -]{1,200}")
"""A pattern that describes the artifact of that name alone."""

_OF_LEG = regex(r"\$\{\{[^}]{0,300}\b(?:env|job|matrix|runner|steps|strategy)\b")
"""In a name that may not be the same in each leg of a matrix."""


def _match_read_in_its_folder(upgrade: Upgrade) -> str:
    """Why the only match of a pattern can't lie in the path itself."""
    folder, name = _folder(upgrade), _only_match(upgrade)
    place = _named_later(upgrade, f"{folder}/{name}") if folder and name else None
    return (
        f"line {place.line} names {code(f'{folder}/{name}')}, and since version 5 `actions/download-artifact` unpacks the only match of "
        f"its `pattern` into {code(folder)} itself: write `name: {name}` for the pattern, and name it there, along with the move"
        if place
        else ""
    )


def _one_match(upgrade: Upgrade) -> str:
    """The question after artifacts that come to lie in the path itself, where they are the only one that is found."""
    if not _takes_by_pattern(upgrade) or _certainly_matches_several(upgrade):
        return ""
    folder, name = _folder(upgrade), _only_match(upgrade)
    own = posixpath.join(folder, name)
    to = f"{code(folder)} itself" if folder else "the workspace itself"
    if name:
        return (
            f"does no later step look for the artifact in {code(own)}: since version 5 `actions/download-artifact` unpacks the only "
            f"match of `pattern` into {to}"
        )
    by = "artifact-ids" if upgrade.has("artifact-ids") else "pattern"
    return (
        f"do later steps find the artifact where `{by}` has one alone: since version 5 `actions/download-artifact` unpacks that into "
        f"{to}, and not into a folder of its name"
    )


def _folder(upgrade: Upgrade) -> str:
    """Where a step downloads to, as it is written, without what means nothing; empty for the workspace."""
    path = upgrade.written("path")
    return "" if not path or posixpath.normpath(path) == "." else posixpath.normpath(path)


def _takes_by_pattern(upgrade: Upgrade) -> bool:
    """Whether the step downloads the artifacts that a pattern or ids describe.

    Each goes into a folder of its own if there are several.
    """
    ids = upgrade.written("artifact-ids")
    is_one = "," not in ids if ids else bool(upgrade.written("pattern"))
    return is_one and upgrade.lacks("name") and upgrade.written("merge-multiple") != "true"


def _only_match(upgrade: Upgrade) -> str:
    """The name of the one artifact that a step may download by its pattern, which has no wildcards; else empty."""
    pattern = upgrade.written("pattern")
    is_name = _takes_by_pattern(upgrade) and upgrade.lacks("artifact-ids") and _ONE_NAME.fullmatch(pattern)
    return pattern if is_name else ""


def _certainly_matches_several(upgrade: Upgrade) -> bool:
    """Whether the steps of the workflow, or of the jobs ahead of each that calls it, upload several artifacts that the step's
    pattern describes, on each run."""
    written = upgrade.step.input("pattern") if upgrade.step else None
    patterns = {_in_run(scope.value(written.value)) for scope in upgrade.scopes} if written else ()
    return bool(patterns) and all(
        _uploads_several(upgrade.steps_of_workflow, one)
        or (upgrade.ahead_of_calls and all(_uploads_several(steps, one) for steps in upgrade.ahead_of_calls))
        for one in patterns
    )


def _uploads_several(steps: Iterable[Step], pattern: str | None) -> bool:
    names = {
        _in_run(scope.value(name.value))
        for one in steps
        if one.uses_action(UPLOAD) and one.condition is None and (name := one.input("name")) is not None
        for scope in scopes_of(one, None)
    }
    return pattern is not None and len([one for one in names if one and fnmatchcase(one, pattern)]) > 1


def _in_run(text: Value) -> str | None:
    """A text with what is the same for all jobs of a run under the name of that; None where another part is not known."""
    parts = [one if isinstance(one, str) else _SAME_IN_RUN.get(one.source.lower()) for one in text.parts]
    known = [one for one in parts if one is not None]
    return "".join(known) if len(known) == len(parts) else None


def _named_later(upgrade: Upgrade, path: str) -> Location | None:
    """Where a script of a later step, which runs in the workspace, names a path of it."""
    sought = re.compile(rf"(?<![\w./-])(?:\./)?{re.escape(path)}(?![\w.-])")
    for step in upgrade.later:
        run = step.run if step.node.get("working-directory") is None else None
        match = sought.search(run.value) if run else None
        if run is not None and match is not None:
            return Location(step.text, run.locate(*match.span()) or step.node.span)
    return None


def _moves_with_all(upgrade: Upgrade) -> bool:
    """Whether each artifact of the run has a name of its own, and all that uploads and downloads them moves along where it has to."""
    job = upgrade.job
    uses = (one.uses for one in upgrade.steps_of_workflow)
    known = (of_use(one) for one in uses if one is not None and one.repository in (UPLOAD, DOWNLOAD))
    return upgrade.keeps_artifacts and job is not None and uploads_apart(job.workflow) and all(known)


def _uploaded_by_each_leg(upgrade: Upgrade) -> str:
    """Why the uploads of the workflow, and the downloads with them, can't move where one would fail."""
    uploads = (Upgrade(one.uses, one) for one in upgrade.steps_of_workflow if one.uses)
    names = (
        one.written("name") or "artifact"
        for one in uploads
        if one.action.repository == UPLOAD and _certainly_uploads_in_each_leg(one)
    )
    name = next(names, "")
    return name and (
        f"each leg of a matrix uploads {code(name)}, and since version 4 of `actions/upload-artifact` the second "
        "upload of a name fails: give each a name of its own, and downloads a `pattern`, along with the move"
    )


def _uploads_in_each_leg(upgrade: Upgrade) -> bool:
    """Whether the legs of a matrix may upload an artifact of one name; no single one, that is known to be.

    So is a name with values of the matrix for legs that differ in others alone.
    """
    strategy = upgrade.job.node.get("strategy") if upgrade.job else None
    is_matrix = isinstance(strategy, Mapping) and strategy.get("matrix") is not None
    is_single = upgrade.job is not None and len(legs(upgrade.job) or ()) == 1
    is_shared = not _OF_LEG.search(upgrade.written("name")) or _is_of_several_legs(upgrade)
    return is_matrix and not is_single and is_shared and upgrade.lacks("overwrite")


def _is_of_several_legs(upgrade: Upgrade) -> bool:
    scopes = scopes_of(upgrade.step, None) if upgrade.step is not None else ()
    names = [scope.value(upgrade.written("name")).literal for scope in scopes]
    return None not in names and len(set(names)) < len(names)


def _certainly_uploads_in_each_leg(upgrade: Upgrade) -> bool:
    """Whether the legs of a matrix, of which there are several, upload an artifact of one name."""
    step = upgrade.step
    if step is None or _is_of_some_legs(step):
        return False
    is_one = "${{" not in upgrade.written("name")
    return is_one and _uploads_in_each_leg(upgrade) and len(list(scopes_of(step, None))) > 1


def _is_of_some_legs(step: Step) -> bool:
    """Whether a step's condition asks for values of the matrix, or for what became of a step whose own one does."""
    condition = step.condition.value if step.condition is not None else ""
    asked = {path[1] for path in asked_of("steps", condition) if len(path) > 1}
    others = (one.condition.value for one in step.earlier if one.condition and one.id.lower() in asked)
    return any("matrix" in one for one in (condition, *others))


CHANGES = (
    # https://github.com/actions/upload-artifact/blob/main/docs/MIGRATION.md
    Change("actions/upload-artifact", (4,), Hold(_uploaded_by_each_leg)),
    Change(
        "actions/upload-artifact",
        (4,),
        Ask(
            "does no other job upload an artifact of the same name, and does whatever downloads it use version 4 or newer, too"
        ),
        lambda use: not _moves_with_all(use),
    ),
    Change(
        "actions/upload-artifact",
        (4,),
        Ask(
            "does one leg of the matrix alone upload the artifact: since version 4 the second upload of a name fails"
        ),
        _uploads_in_each_leg,
    ),
    Change(
        "actions/upload-artifact",
        (4, 4),
        Ask(
            "is `include-hidden-files` needed: since version 4.4 `actions/upload-artifact` leaves hidden files out"
        ),
        lambda use: use.lacks("include-hidden-files") and bool(_HIDDEN.search(use.written("path"))),
    ),
    Change("actions/download-artifact", (4,), Hold(_uploaded_by_each_leg)),
    Change(
        "actions/download-artifact",
        (4,),
        Ask("does whatever uploads the artifact use version 4 or newer of `actions/upload-artifact`, too"),
        lambda use: not _moves_with_all(use) or not use.is_beside(UPLOAD),
    ),
    # https://github.com/actions/download-artifact/pull/416
    Change("actions/download-artifact", (5,), Hold(_match_read_in_its_folder)),
    Change("actions/download-artifact", (5,), Ask(_one_match)),
    # https://github.com/dawidd6/action-download-artifact/pull/290
    Change(
        "dawidd6/action-download-artifact",
        (4,),
        Ask(
            "does the artifact never come from a run for a fork: since version 4 `dawidd6/action-download-artifact` leaves these out unless told `allow_forks: true`"
        ),
        lambda use: all(map(use.lacks, ("allow_forks", "run_id", "branch"))),
    ),
)
"""By action; of one action in the order in which they are told."""
