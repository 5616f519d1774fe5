"""Inputs of `aquasecurity/trivy-action` that hold for the later steps of a job, too, as releases of it put them into `GITHUB_ENV`.

https://github.com/aquasecurity/trivy-action/issues/422
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from checks.facts.action.releases import of_use
from checks.facts.tree import Entry, Scalar
from checks.facts.workflow.workflows import Step

ACTION = "aquasecurity/trivy-action"
_FIRST, _LAST = (0, 27, 0), (0, 30, 0)
_DEFAULTS = {
    "exit-code": "",
    "format": "table",
    "ignore-policy": "",
    "ignore-unfixed": "false",
    "input": "",
    "list-all-pkgs": "false",
    "output": "",
    "scanners": "",
    "severity": "UNKNOWN,LOW,MEDIUM,HIGH,CRITICAL",
    "skip-dirs": "",
    "skip-files": "",
    "template": "",
    "trivy-config": "",
    "vuln-type": "os,library",
}
"""Inputs that stay, with the defaults for which the action writes nothing: its `action.yaml` at v0.30.0."""
_MOST = 50
"""Steps that are looked back at, more than jobs have, each of which asks."""


def leaks(step: Step) -> bool:
    """Whether a step uses a release that leaves its inputs to the later steps."""
    release = of_use(step.uses) if step.uses and step.uses.action == ACTION else None
    return release is not None and _FIRST <= release.number <= _LAST


def inputs_kept(leaking: Sequence[Step], later: Step) -> Iterator[Entry]:
    """The inputs that also hold in a later step: each of the last step before it that gives it, which runs whenever that one does."""
    for name, default in _DEFAULTS.items():
        own = later.input(name)
        if own is not None and own.value not in ("", default):
            continue
        given = [one for one in leaking[-_MOST:] if _is_given(one, name, default)]
        entry = given[-1].input_entry(name) if given else None
        written = given[-1].input(name) if given else None
        changes = written is not None and (name, written.value) != ("exit-code", "0")
        if entry is not None and changes and _condition(given[-1]) in ("", _condition(later)):
            yield entry


def _is_given(step: Step, name: str, default: str) -> bool:
    """Whether a step puts an input into the environment: nothing takes it out again, another value goes over it."""
    entry = step.input_entry(name)
    return entry is not None and isinstance(entry.value, Scalar) and entry.value.value not in ("", default)


def leaked_exit_code(step: Step) -> Entry | None:
    """The `exit-code` of a step before, by which a step fails that gives none itself."""
    if step.job is None or not leaks(step):
        return None
    kept = inputs_kept([one for one in step.job.before(step)[-_MOST:] if leaks(one)], step)
    return next((one for one in kept if _is_named(one, "exit-code")), None)


def _is_named(entry: Entry, name: str) -> bool:
    """Whether an input has a name, as the runner compares them."""
    return isinstance(entry.key, Scalar) and entry.key.value.lower() == name


def _condition(step: Step) -> str:
    return step.condition.value if step.condition else ""
