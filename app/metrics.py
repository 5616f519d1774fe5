"""The counters of `/metrics`. Names are part of what others rely on: alerts are written against them."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from app.jobs import State


class Metrics:
    """One process's counters, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.deliveries = Counter(
            "tidewaiter_deliveries", "Deliveries received, by event and by what became of them.",
            ["event", "result"], registry=self.registry,
        )  # fmt: skip
        self.accepting = Histogram(
            "tidewaiter_delivery_seconds", "Time from the request to its answer, of deliveries stored.",
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10), registry=self.registry,
        )  # fmt: skip
        self.jobs = Counter(
            "tidewaiter_jobs", "Attempts of jobs that ended, by how; parked ones start again later.",
            ["outcome"], registry=self.registry,
        )  # fmt: skip
        self.performing = Histogram(
            "tidewaiter_job_seconds", "Time that an attempt of a job took.",
            buckets=(0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300), registry=self.registry,
        )  # fmt: skip
        self.retries = Counter(
            "tidewaiter_job_retries", "Exceptions that a job raised and that were retried or gave it up.",
            registry=self.registry,
        )  # fmt: skip
        self.recovered = Counter(
            "tidewaiter_jobs_recovered", "Attempts taken over from a process that died.",
            registry=self.registry,
        )  # fmt: skip
        self.waiting = Gauge(
            "tidewaiter_jobs_open", "Jobs in the database that are not over, by state.",
            ["state"], registry=self.registry,
        )  # fmt: skip
        self.upkeep_failures = Counter(
            "tidewaiter_upkeep_failures", "Heartbeats, takeovers, clean-ups, reconciliations that failed.",
            ["what"], registry=self.registry,
        )  # fmt: skip

    def show_states(self, states: dict[State, int]) -> None:
        """Set the gauge of jobs that are not over."""
        for state in (State.QUEUED, State.RUNNING):
            self.waiting.labels(state.value).set(states.get(state, 0))
