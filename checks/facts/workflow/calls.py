"""Reusable workflows that jobs of the same repository call, and what that makes of events and permissions.

https://docs.github.com/en/actions/reference/workflows-and-actions/reusing-workflow-configurations
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice

from checks.facts.deployment.kubernetes import at
from checks.facts.workflow.conditions import Given, certainly_holds, empty_inputs, may_hold
from checks.facts.workflow.events import Event
from checks.facts.workflow.job_events import may_run, of_job
from checks.facts.workflow.workflows import Job, Step, Workflow
from checks.record import Record
from checks.source.evaluation import Value, known
from checks.source.yaml import Mapping, Scalar

MAX_LEVELS = 10
"""GitHub's own limit on workflows that call each other."""
_MAX_STARTS = 200
"""Ways in which one job is started; with more, the rest is left out."""
_BRANCHES = frozenset(("main", "master", "develop", "dev", "trunk"))
"""Refs of the own repository at which the file is taken for the one that we see."""


class Start(Record):
    """One way in which a job is started: the event, and the jobs that call its workflow, outermost first."""

    event: Event
    callers: tuple[Job, ...] = ()


class Calls(Record, eq=False, dict=True):
    """Who calls whom among the workflows of a repository."""

    workflows: tuple[Workflow, ...]
    slug: str | None

    @cached_property
    def _by_path(self) -> dict[str, Workflow]:
        return {workflow.path: workflow for workflow in self.workflows}

    @cached_property
    def _callers(self) -> dict[str, tuple[Job, ...]]:
        found: dict[str, tuple[Job, ...]] = {}
        for workflow in self.workflows:
            for job in workflow.jobs:
                called = self.called(job)
                if called is not None:
                    found[called.path] = (*found.get(called.path, ()), job)
        return found

    @cached_property
    def groups(self) -> tuple[tuple[Workflow, ...], ...]:
        """The workflows by who calls whom: each with all that it calls or that call it, over whatever ways, in their order."""
        group: dict[str, int] = {workflow.path: number for number, workflow in enumerate(self.workflows)}
        for called, callers in self._callers.items():
            joined = {group[called], *(group[job.workflow.path] for job in callers)}
            group = {path: min(joined) if number in joined else number for path, number in group.items()}
        found: dict[int, list[Workflow]] = {}
        for workflow in self.workflows:
            found.setdefault(group[workflow.path], []).append(workflow)
        return tuple(map(tuple, found.values()))

    def called(self, job: Job) -> Workflow | None:
        """The reusable workflow of this repository that a job calls; None where it calls none, or another's."""
        if job.uses is None:
            return None
        if job.uses.is_local:
            return self._by_path.get(job.uses.scalar.value.removeprefix("./"))
        if self.slug and job.uses.repository == self.slug.lower() and job.uses.ref in _BRANCHES:
            return self._by_path.get(job.uses.path)
        return None

    def callers(self, workflow: Workflow) -> tuple[Job, ...]:
        """The jobs of this repository that call a workflow."""
        return self._callers.get(workflow.path, ())

    def above(self, workflow: Workflow) -> frozenset[Workflow]:
        """A workflow and those of this repository that call it, over whatever ways."""
        found, reached = {workflow}, [workflow]
        while reached:
            callers = {job.workflow for job in self.callers(reached.pop())} - found
            found |= callers
            reached += callers
        return frozenset(found)

    def starts(self, job: Job) -> tuple[Start, ...]:
        """Each way in which a job may be started, as far as the files of this repository tell.

        Callers in other repositories are not seen: a reusable workflow that nobody here calls has none.
        """
        if job not in self._starts_of:
            found = tuple(islice(self._starts(job, ()), _MAX_STARTS + 1))
            self._starts_of[job] = tuple(dict.fromkeys(found[:_MAX_STARTS]))
            self._cut.update((job,) if len(found) > _MAX_STARTS else ())
        return self._starts_of[job]

    def has_more_starts(self, job: Job) -> bool:
        """Whether there are more of them than are told."""
        self.starts(job)
        return job in self._cut

    @cached_property
    def _starts_of(self) -> dict[Job, tuple[Start, ...]]:
        return {}

    @cached_property
    def _cut(self) -> set[Job]:
        return set()

    def _starts(self, job: Job, below: tuple[Job, ...]) -> Iterator[Start]:
        for event in of_job(job):
            start = Start(event, (job, *below)[:-1])
            chain = [Start(event, start.callers[:level]) for level in range(len(below) + 1)]
            pairs = zip((job, *below), chain, strict=True)
            if event.name != "workflow_call" and all(
                may_run(one, event, inputs(one, at)) for one, at in pairs
            ):
                yield start
        if "workflow_call" in job.workflow.triggers and len(below) < MAX_LEVELS:
            for caller in self.callers(job.workflow):
                if caller not in below and caller is not job:
                    yield from self._starts(caller, (job, *below))

    def starts_of_step(self, step: Step) -> tuple[Start, ...]:
        """The same for a step, whose `if:` counts too; none for one of a composite action."""
        if step.job is None:
            return ()
        condition = step.condition.value if step.condition else ""
        starts = self.starts(step.job)
        return tuple(one for one in starts if may_hold(condition, one.event, inputs(step.job, one)))


def inputs(job: Job, start: Start) -> Given:
    """The inputs of a called workflow that its caller writes out, or that have a default, for conditions.

    Of one that isn't called, the inputs that its event leaves empty.
    """
    if not start.callers:
        return empty_inputs(job.workflow, start.event)
    declared = at(job.workflow.node, "on", "workflow_call", "inputs")
    passed = start.callers[-1].node.get("with")
    found: dict[tuple[str, ...], Value] = {}
    for entry in declared.entries if isinstance(declared, Mapping) else ():
        given = passed.get(entry.name) if isinstance(passed, Mapping) else None
        value = given if given is not None else at(entry.value, "default")
        if isinstance(value, Scalar) and "${{" not in value.value:
            boolean = value.as_bool()
            found["inputs", entry.name.lower()] = known(value.value if boolean is None else boolean)
    return found


def certainly_runs(step: Step, start: Start) -> bool:
    """Whether a step certainly runs when its job is started in one way, and its failure is the job's."""
    jobs = [*start.callers, *((step.job,) if step.job else ())]
    conditions = [one.condition.value for one in (step, *jobs) if one.condition]
    lenient = step.is_lenient or any(job.is_lenient for job in start.callers)
    return not lenient and all(certainly_holds(condition, start.event) for condition in conditions)


def calls_among(workflows: Iterable[Workflow], slug: str | None) -> Calls:
    """The calls among workflows of one repository."""
    return Calls(tuple(workflows), slug)
