"""Which build a name means where it is used, and which names mean the same image."""

from __future__ import annotations

from collections.abc import Iterable

from checks.facts.build.builds import Build
from checks.facts.image.aliases import Alias
from checks.facts.image.references import reference
from checks.facts.scan.scans import Scan, Target
from checks.facts.value import Value
from checks.facts.workflow.job_order import comes_before, in_same_run
from checks.facts.workflow.resolve import Scope
from checks.source.text import Location


def in_same_leg(one: Scope | None, other: Scope | None) -> bool:
    """Whether two places may be of one leg of a matrix, and of one call; legs of different jobs are not compared."""
    if one is None or other is None:
        return True
    if one.step.text is other.step.text and one.handed != other.handed:
        return False
    return one.step.job is not other.step.job or one.leg == other.leg


def refers_to(build: Build, name: Value) -> bool:
    """Whether a name certainly is one that the build gives: a tag, its digest, its id."""
    if any(tag.value == name and name.parts and not tag.value.is_unknown for tag in build.tags):
        return True
    step_id = build.step.id.lower() if build.step else ""
    outputs = [f"steps.{step_id}.outputs.{output}" for output in ("digest", "imageid")] if step_id else []
    return any(hole.source.strip().lower() in outputs for hole in name.holes)


def is_copied_on(build: Build, aliases: Iterable[Alias]) -> bool:
    """Whether a command copies what a build pushes to a registry of its own machine to one that others reach.

    `aliases` are those of its job.
    """
    return any(
        alias.is_push and refers_to(build, alias.source) and not reference(alias.target).is_on_this_machine
        for alias in aliases
    )


def may_refer_to(build: Build, name: Value) -> bool:
    """Whether a name is one that the build gives, or can't be told from it."""
    is_unknown = name.is_unknown or any(tag.value.is_unknown for tag in build.tags)
    return is_unknown or refers_to(build, name)


def build_of_scan(scan: Scan, builds: Iterable[Build]) -> Build | None:
    """The build whose image a scan certainly reads: the last one before it on the same machine."""
    found: Build | None = None
    for build in builds:
        if build.text is not scan.location.text:
            continue
        before = comes_before(build.step, build.location, scan.step, scan.location)
        if not before or not in_same_run(build.step, build.location, scan.step, scan.location):
            continue
        if in_same_leg(build.scope, scan.scope) and _is_read(build, scan):
            found = build
    return found


def _is_read(build: Build, scan: Scan) -> bool:
    if scan.target is Target.ARCHIVE:
        return str(scan.subject) in build.archives()
    return scan.target is Target.IMAGE and refers_to(build, scan.subject)


def names_of_one_image(
    name: Value, at: Location, builds: Iterable[Build], aliases: Iterable[Alias]
) -> set[Value]:
    """All names in a file that builds and commands give to what a name means, itself included."""
    groups = [{tag.value for tag in build.tags} for build in builds if build.text is at.text]
    groups += [{alias.source, alias.target} for alias in aliases if alias.location.text is at.text]
    names, grown = {name}, True
    while grown:
        joined = [group for group in groups if names & group and not group <= names]
        grown = bool(joined)
        for group in joined:
            names |= group
    return names
