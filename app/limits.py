"""Sizes and times of the queue."""

from __future__ import annotations

import datetime

from checks.record import Record


class Limits(Record):
    """What `serve` runs with; tests are in more of a hurry."""

    workers: int = 4
    """Jobs at a time in this process."""
    most_open: int = 20_000
    """Jobs that may wait; beyond, GitHub is told 503 and the delivery is asked for again later."""
    poll: float = 0.25
    """Seconds between looks for work."""
    longest: float = 600.0
    """Seconds that one try of a job may take; then it is cancelled, which counts as raising."""
    tries: int = 4
    """How often a job that raises is tried before it has failed."""
    first_wait: float = 2.0
    """Seconds before the second try; each further wait is three times as long."""
    beat: float = 10.0
    """Seconds between heartbeats."""
    dead_after: float = 30.0
    """Seconds without a heartbeat after which a process counts as dead."""
    reconcile_every: float = 900.0
    clean_every: float = 3600.0
    kept: datetime.timedelta = datetime.timedelta(days=14)
    """How long jobs that are over are remembered. GitHub redelivers for 3 days, GHES for 7."""
    grace: int = 20
    """Whole seconds that running jobs get at shutdown. Kubernetes kills after 30."""
