"""What a job may do with GitHub's cache: `cache-mode`, of the job or else of the workflow.

https://github.blog/changelog/2026-09-10-control-github-actions-cache-access-with-cache-mode
"""

from __future__ import annotations

from checks.facts.workflow.workflows import Job
from checks.record import Record
from checks.source.yaml import Entry, Mapping, Scalar

WRITES = ("write", "write-only")


class CacheMode(Record):
    """A `cache-mode:` as it is written."""

    mapping: Mapping
    """The job or the workflow that it stands in."""
    entry: Entry
    mode: str
    """`read`, `write`, `write-only` or `none`; something else where it is an expression."""


def cache_mode(job: Job) -> CacheMode | None:
    """The one that holds for a job; None where GitHub's default does."""
    return _written(job.node) or _written(job.workflow.node)


def workflow_cache_mode(job: Job) -> CacheMode | None:
    """The one that holds for the jobs of its workflow that have none."""
    return _written(job.workflow.node)


def _written(node: Mapping) -> CacheMode | None:
    entry = node.entry("cache-mode")
    if entry is None or not isinstance(entry.value, Scalar):
        return None
    return CacheMode(node, entry, entry.value.value)
