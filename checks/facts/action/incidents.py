"""Revisions of actions and versions of tools that incidents made dangerous.

The table is data, with its sources and the day on which it was checked: `data/incidents.json`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from checks.facts.tables import table
from checks.facts.workflow.uses import ActionUse
from checks.record import Record


class Incident(Record):
    """Revisions that ran something else than what their project wrote."""

    advisory: str
    what: str
    """What they run, as a part of a sentence."""
    fixed: str
    """A version that is safe; empty where the table of releases has it."""

    @property
    def url(self) -> str:
        return f"https://github.com/advisories/{self.advisory}"


@cache
def _incidents() -> tuple[Mapping[tuple[str, str], Incident], Mapping[tuple[str, str], Incident]]:
    data = table("incidents")
    commits = {
        (row["action"], commit): Incident(row["advisory"], row["what"], "")
        for row in data["commits"]
        for commit in row["commits"]
    }
    versions = {
        (row["tool"], version): Incident(row["advisory"], row["what"], row["fixed"])
        for row in data["versions"]
        for version in row["versions"]
    }
    return commits, versions


def incident_of(use: ActionUse) -> Incident | None:
    """The incident that made a pinned commit of an action dangerous."""
    return _incidents()[0].get((use.repository, use.ref)) if use.is_commit else None


def incident_of_tool(tool: str, version: str) -> Incident | None:
    """The same for a version of a tool, with or without `v`."""
    return _incidents()[1].get((tool, version.removeprefix("v")))
