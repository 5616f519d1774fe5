"""What `GITHUB_TOKEN` may do in a job, after the job's own `permissions:`, the workflow's, and its callers'.

A job's block replaces the workflow's, and a scope that a block leaves out is off. A called workflow can only
lower what its caller has: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from checks.facts.workflow.calls import Calls, Start
from checks.facts.workflow.permission_blocks import Permissions
from checks.facts.workflow.workflows import Job, Workflow
from checks.record import Record
from checks.source.text import Location
from checks.source.yaml import Entry

_LEVELS = {"none": 0, "read": 1, "write": 2}
NEVER_BY_DEFAULT = frozenset(("id-token",))
"""Scopes that no setting of a repository gives to a job without `permissions:`."""


def declared(permissions: Permissions | None, scope: str) -> str | None:
    """The access that a block gives; None where there is no block, and the repository's setting decides."""
    if permissions is None:
        return "none" if scope in NEVER_BY_DEFAULT else None
    return permissions.access(scope)


def access(job: Job, scope: str, start: Start | None = None) -> str | None:
    """`read`, `write` or `none` for a job that is started in one way; None where a setting decides."""
    levels = [one.permissions for one in (*(start.callers if start else ()), job)]
    written = [one for one in levels if one is not None]
    if not written:
        return declared(None, scope)
    found = [declared(one, scope) for one in written]
    if start and any(one.permissions is None for one in start.callers):
        found.append(None)
    if "none" in found:
        return "none"
    return None if None in found else min((one for one in found if one), key=_LEVELS.__getitem__)


def highest(asked: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The highest level of each scope, of scopes with levels that may name one several times."""
    found: dict[str, str] = {}
    for scope, level in asked:
        if _LEVELS.get(level, 0) >= _LEVELS.get(found.get(scope, "none"), 0):
            found[scope] = level
    return found


def has_id_token(job: Job, start: Start | None = None) -> bool:
    """Whether a job gets an OIDC token; in a pull request of a fork none does.

    https://docs.github.com/en/actions/reference/security/oidc#workflow-permissions-for-the-requesting-the-oidc-token
    """
    return access(job, "id-token", start) == "write"


def id_token_entry(job: Job) -> Entry | None:
    """The line that grants a job its OIDC token, or the whole key for `write-all`; None without a block."""
    if job.permissions is None:
        return None
    return job.permissions.entry_of("id-token") or job.permissions.entry


class Request(Record):
    """A scope that a called job asks for, and its caller does not hand on."""

    caller: Job
    called: Workflow
    job: Job
    scope: str
    level: str
    has: str
    """What the caller has of the scope."""
    place: Location
    """Where the called job, or its workflow, asks."""


def refused(caller: Job, calls: Calls) -> Iterator[Request]:
    """What the workflow that a job calls asks for beyond what the caller has: GitHub starts no such run.

    A caller without any block can hand on what the repository's setting allows; where that is to write, an
    OIDC token too.
    """
    called = calls.called(caller) if caller.permissions is not None else None
    for job in called.jobs if called else ():
        asked = job.permissions
        if asked is None or called is None or asked.everything or job.uses is not None:
            continue
        for scope, level in asked.scopes.items():
            has = declared(caller.permissions, scope)
            if level in _LEVELS and has in _LEVELS and _LEVELS[level] > _LEVELS[has]:
                place = Location(called.text, asked.entry.key.span, f"asks for `{scope}: {level}`")
                yield Request(caller, called, job, scope, level, has, place)
