"""Whether a site that a step uploads may have files whose names begin with a dot."""

from __future__ import annotations

import posixpath

from checks.facts.upgrade.upgrades import Upgrade
from checks.facts.workflow.workflows import Step
from checks.regex import regex

_CHECKOUT, _CONFIGURE = "actions/checkout", "actions/configure-pages"
_BRINGS_OTHERS = ("path", "ref", "repository", "submodules")
"""Inputs by which a checkout may leave other files than those of the commit."""
_PLAIN = regex(r"[\w.@-][\w./@ -]{0,200}")
_HIDDEN = regex(r"(?:^|/)\.")


def may_have_hidden_files(upgrade: Upgrade) -> bool:
    """Whether what lies at the step's `path` may have such: not a folder of the commit without them, to which no step ahead adds any."""
    written = upgrade.written("path")
    folder = posixpath.normpath(written)
    if not _PLAIN.fullmatch(written) or folder in (".", "..") or folder.startswith("../"):
        return True
    below = [path[len(folder) + 1 :] for path in upgrade.paths if path.startswith(f"{folder}/")]
    ahead = upgrade.earlier
    is_committed = bool(below) and any(map(_brings_commit, ahead)) and all(map(_adds_nothing, ahead))
    return not is_committed or any(map(_HIDDEN.search, below))


def _adds_nothing(step: Step) -> bool:
    """Whether a step brings the files of the commit, or leaves them alone."""
    return _brings_commit(step) or (
        step.uses_action(_CONFIGURE) and step.input_entry("static_site_generator") is None
    )


def _brings_commit(step: Step) -> bool:
    return step.uses_action(_CHECKOUT) and not any(map(step.input_entry, _BRINGS_OTHERS))
