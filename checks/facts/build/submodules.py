"""The folders of other repositories that git brings only where it is asked to."""

from __future__ import annotations

import re

from checks.facts.build.builds import Build
from checks.facts.workflow.workflows import Step
from checks.regex import regex
from checks.source.snapshot import Snapshot

SUBMODULES = ".gitmodules"
"""The file that names the folders of other repositories: https://git-scm.com/docs/gitmodules"""
_PATH = regex(r"^[ \t]{0,20}path[ \t]{0,20}=(?P<path>[^\n#;]*)", re.MULTILINE)
_CHECKOUT = "actions/checkout"
_BRINGS_MORE = ("submodules", "repository", "path")
"""Inputs by which a checkout may put something in the folder of a submodule."""


def may_be_of_submodule(build: Build, snapshot: Snapshot) -> bool:
    """Whether the context or the Dockerfile may lie in another repository; so may each where it is not known what does."""
    if SUBMODULES not in snapshot.paths:
        return False
    folders = _folders(snapshot)
    named = [one for one in (build.folder, build.dockerfile) if one]
    return not folders or any(_is_in(path, folder) for path in named for folder in folders)


def may_hold_submodule(path: str, snapshot: Snapshot) -> bool:
    """Whether a path may lie in a submodule, be one, or have one below it; so may each where it is not known what does."""
    if SUBMODULES not in snapshot.paths:
        return False
    folders = _folders(snapshot)
    return not folders or any(_is_in(path, one) or _is_in(one, path) for one in folders)


def lacks_submodule(build: Build, snapshot: Snapshot) -> bool:
    """Whether the Dockerfile of a build lies in a submodule, and the checkouts ahead leave that empty.

    `actions/checkout` brings no submodule unless it is asked to.
    https://github.com/actions/checkout#usage
    """
    path, step = build.dockerfile, build.step
    if path is None or step is None or step.job is None or build.is_of_git:
        return False
    around = [folder for folder in _folders(snapshot) if _is_in(path, folder)]
    checkouts = [one for one in step.earlier if one.uses_action(_CHECKOUT)]
    return (
        bool(around and checkouts)
        and all(map(_is_plain, checkouts))
        and not any(
            _is_in(other, folder) and other != folder for other in snapshot.paths for folder in around
        )
    )


def _is_plain(checkout: Step) -> bool:
    return not any(checkout.input_entry(name) for name in _BRINGS_MORE)


def _folders(snapshot: Snapshot) -> list[str]:
    """None where the file that names them is not read."""
    text = snapshot.texts.get(SUBMODULES)
    found = _PATH.finditer(text.content) if text else ()
    return [one["path"].strip().strip('"').rstrip("/") for one in found]


def _is_in(path: str, folder: str) -> bool:
    return f"{path}/".startswith(f"{folder}/")
