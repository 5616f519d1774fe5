"""Workflows, composite actions and scripts: what they run, for which events, and what of them never runs."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping

from checks.facts.action.stopping_actions import Stopped, stopped_jobs
from checks.facts.action.ways_to_actions import ways_to_actions
from checks.facts.answers import fact, facts
from checks.facts.asides import is_vendored
from checks.facts.repository.files import Files
from checks.facts.script.invocations import Invocation
from checks.facts.workflow.automated import Automated, by_script, by_steps
from checks.facts.workflow.callers import handed_by_legs, handed_in, parts_not_reached
from checks.facts.workflow.calls import Calls, Start, calls_among
from checks.facts.workflow.composite_actions import CompositeAction
from checks.facts.workflow.conditions import Given, may_hold
from checks.facts.workflow.handed_in import HandedIn
from checks.facts.workflow.job_order import by_file
from checks.facts.workflow.never_run import parts_for_callers, parts_that_never_run
from checks.facts.workflow.never_started import never_started, waits_in_vain
from checks.facts.workflow.refused import is_refused
from checks.facts.workflow.refused_calls import refused_by_calls
from checks.facts.workflow.runners import is_hosted
from checks.facts.workflow.shared_workflows import (
    called_by,
    calls_aside,
    is_for_others,
    kept_to_itself,
    offers,
)
from checks.facts.workflow.whose_runs import parts_for_others
from checks.facts.workflow.workflows import Job, Step, Workflow
from checks.facts.workflow.workspaces import left_unused, made_for_others
from checks.regex import regex
from checks.source.evaluation import known
from checks.source.kind import Kind, kind_by_path
from checks.source.text import Location, Span, Text

_READING_FOR_DEPENDABOT = frozenset(("pull_request", "pull_request_review", "push"))
"""The events that give a run of Dependabot's a token that reads, where nothing asks for more."""
_DEPENDABOT = "dependabot"
_OTHERS = ("someone", "someone[bot]")
"""Who else may have caused a run, beside those whom a condition names."""
_TEXT = regex(r"'([^'\n]{1,500})'")
_LOGIN = regex(r"[\w-]{1,39}(?:\[bot\])?")


class Automation(Files):
    @fact
    def workflows(self) -> tuple[Workflow, ...]:
        return self._all(Kind.WORKFLOW, Workflow)

    @fact
    def composite_actions(self) -> tuple[CompositeAction, ...]:
        """The actions of steps, without those that are another project's copies or data of a test."""
        found = self._all(Kind.ACTION, CompositeAction)
        return tuple(one for one in found if not is_vendored(one.text.path))

    @property
    def files_of_steps(self) -> tuple[Workflow | CompositeAction, ...]:
        """The workflows and these actions."""
        return (*self.workflows, *self.composite_actions)

    @fact
    def automation(self) -> tuple[Text, ...]:
        """The workflows, composite actions and scripts."""
        kinds = (Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT)
        return tuple(text for kind in kinds for text in self.texts(kind))

    @fact
    def _automated(self) -> tuple[Automated, ...]:
        """What each workflow, composite action and script says by itself."""
        slug, others = self.outside.slug, self.memo(made_for_others, self.composite_actions, self.calls)
        found = [
            self.memo(by_steps, owner, slug, owner.path in others, self.handed_in.get(owner.path))
            for owner in self.files_of_steps
        ]
        return (*found, *(self.memo(by_script, text, slug) for text in self.texts(Kind.SCRIPT)))

    @fact
    def invocations(self) -> tuple[Invocation, ...]:
        """The commands that steps run, then those of script files."""
        return tuple(one for file in self._automated for one in file.invocations)

    @facts
    def invocations_in(self) -> Mapping[Text, tuple[Invocation, ...]]:
        """The commands by the file that they stand in."""
        return by_file(self.invocations)

    def running(self, *programs: str) -> Iterator[Invocation]:
        """The commands that run one of these programs, as far as they are certain."""
        return (one for one in self.invocations if one.program in programs and not one.command.uncertain)

    @facts
    def handed_in(self) -> Mapping[str, HandedIn]:
        """What callers here hand to reusable workflows and composite actions, by the paths of these."""
        return self.memo(handed_in, self.calls, self.composite_actions)

    @facts
    def _handed_by_legs(self) -> Mapping[str, tuple[HandedIn, ...]]:
        """What each leg of each caller here hands to reusable workflows, by the paths of these."""
        return self.memo(handed_by_legs, self.calls, self.composite_actions)

    @property
    def steps(self) -> Iterator[Step]:
        """The steps of all workflows and composite actions."""
        for workflow in self.workflows:
            yield from workflow.steps
        for action in self.composite_actions:
            yield from action.steps

    @fact
    def calls(self) -> Calls:
        """Which jobs call which reusable workflows of the repository."""
        return self.memo(calls_among, self.workflows, self.outside.slug)

    def calls_around(self, job: Job) -> Calls:
        """The same, as far as the workflow of a job calls others or is called, over whatever ways."""
        return self._calls_by_workflow[job.workflow]

    def called_by(self, job: Job) -> Workflow | None:
        """The reusable workflow of the repository that a job calls; None where it calls none, or another's."""
        return self._called_by_jobs.get(job)

    @facts
    def _called_by_jobs(self) -> Mapping[Job, Workflow]:
        jobs = (job for workflow in self.workflows for job in workflow.jobs)
        return {job: called for job in jobs if (called := self.calls.called(job)) is not None}

    @facts
    def _calls_by_workflow(self) -> Mapping[Workflow, Calls]:
        return {
            workflow: self.memo(calls_among, group, self.outside.slug)
            for group in self.calls.groups
            for workflow in group
        }

    def all_starts(self, job: Job) -> tuple[Start, ...] | None:
        """The ways in which a job is started; None where others may start it, too, by calling a workflow, or there are more."""
        calls = self.calls_around(job)
        called = [one.path for one in calls.above(job.workflow) if "workflow_call" in one.triggers]
        is_seen = not called or self._workflows_kept.issuperset(called)
        return calls.starts(job) if is_seen and not calls.has_more_starts(job) else None

    def is_for_pull_requests_alone(self, job: Job) -> bool:
        """Whether pull requests and nothing else start a job: a fork's, and a bot's, have no secrets and a token that reads."""
        return {one.event.name for one in self.all_starts(job) or ()} == {"pull_request"}

    def is_for_dependabot_alone(self, job: Job) -> bool:
        """Whether a job asks that Dependabot has caused its run, whose token reads then, whatever the settings say.

        https://docs.github.com/en/code-security/reference/supply-chain-security/dependabot-on-actions
        """
        events = {one.event for one in self.all_starts(job) or ()}
        asked = job.condition.value if job.condition is not None else ""
        by_another = _caused_by_another(asked)
        return bool(events and asked) and all(
            one.name in _READING_FOR_DEPENDABOT and not may_hold(asked, one, by_another) for one in events
        )

    @fact
    def actions_by_folder(self) -> Mapping[str, CompositeAction]:
        """Its own composite actions by the folder that steps name them by."""
        return {posixpath.dirname(action.path): action for action in self.composite_actions}

    def ways_to(self, step: Step) -> tuple[Step, ...]:
        """The step itself where it is a job's; of a composite action the steps of jobs here that come to it."""
        return (step,) if step.job is not None else self._ways_to_actions.get(step.text.path, ())

    @facts
    def _ways_to_actions(self) -> Mapping[str, tuple[Step, ...]]:
        return self.memo(ways_to_actions, self.composite_actions, self.workflows, self.outside.slug)

    def events_of(self, step: Step) -> frozenset[str]:
        """The names of the events that a step may run for, by those of its callers, too, that are here."""
        return (
            self._events_of(self.ways_to(step))
            if step.job
            else self._events_of_actions.get(step.text.path, frozenset())
        )

    def _events_of(self, ways: Iterable[Step]) -> frozenset[str]:
        return frozenset(
            start.event.name
            for way in ways
            if way.job is not None
            for start in self.calls_around(way.job).starts_of_step(way)
        )

    @facts
    def _events_of_actions(self) -> Mapping[str, frozenset[str]]:
        return {path: self._events_of(ways) for path, ways in self._ways_to_actions.items()}

    def runs_on_hosted(self, step: Step) -> bool:
        """Whether a step certainly runs on machines of GitHub's, by whatever job of the repository comes to it."""
        return is_hosted(step) if step.job else step.text.path in self._hosted_actions

    @fact
    def _hosted_actions(self) -> frozenset[str]:
        found = self._ways_to_actions.items()
        return frozenset(path for path, ways in found if ways and all(map(is_hosted, ways)))

    def starts_nothing(self, workflow: Workflow, event: str) -> bool:
        """Whether an event of a workflow's `on:` waits for what is not there."""
        trigger = workflow.triggers.get(event)
        return trigger is not None and self.snapshot.complete and waits_in_vain(trigger, self.snapshot.paths)

    @fact
    def workflows_left_behind(self) -> frozenset[str]:
        """The paths of workflows that nothing starts, or that GitHub refuses to."""
        alone = frozenset(one.path for one in self.workflows if self.memo(is_refused, one))
        paths = self.snapshot.paths if self.snapshot.complete else None
        refused = alone | self.memo(refused_by_calls, self.calls, alone, paths)
        if not self.snapshot.complete:
            return refused
        aside = frozenset[str]().union(*(self.memo(calls_aside, one) for one in self.snapshot.texts.values()))
        offered, slug = self._workflows_offered, self.outside.slug
        unread = tuple(map(self.snapshot.texts.get, self._workflows_unread))
        paths = self.snapshot.paths
        return self.memo(never_started, self.workflows, refused, paths, aside, offered, slug, unread)

    @fact
    def _workflows_unread(self) -> tuple[str, ...]:
        """The paths of files that would be workflows and can't be read as such."""
        read = {one.path for one in self.workflows}
        found = (
            path for path in self.snapshot.below(".github/workflows") if kind_by_path(path) is Kind.WORKFLOW
        )
        return tuple(path for path in found if path not in read)

    @fact
    def _workflows_offered(self) -> frozenset[str]:
        """The paths of workflows that some text shows other repositories how to call."""
        return frozenset[str]().union(*(self.memo(offers, one) for one in self.snapshot.texts.values()))

    @fact
    def _workflows_kept(self) -> frozenset[str]:
        """The paths of reusable workflows that nothing says others call, where no file that can't be read may call them."""
        if not self.snapshot.complete or self._workflows_unread:
            return frozenset()
        return self.memo(kept_to_itself, self.workflows, self._workflows_offered, self.outside.slug)

    @fact
    def actions_left_unused(self) -> frozenset[str]:
        """The paths of actions that no job can come to."""
        return self.memo(left_unused, self.composite_actions, self.workflows, self.snapshot.paths)

    def never_runs(self, location: Location) -> bool:
        """Whether a place lies in a job or a step that is switched off, or in a job for other repositories alone."""
        kind = self.kinds.get(location.path)
        parsed = self._parsed(location.text, kind) if kind in {Kind.WORKFLOW, Kind.ACTION} else None
        if not isinstance(parsed, Workflow | CompositeAction):
            return False
        parts = self.memo(parts_that_never_run, parsed)
        if isinstance(parsed, Workflow):
            parts += self.memo(parts_for_others, parsed, self.outside.slug)
        return any(part.covers(location.span) for part in parts)

    def is_unreached(self, location: Location) -> bool:
        """Whether a place lies in a job or a step that runs for no caller of its workflow, all of which are here."""
        return any(part.covers(location.span) for part in self._unreached.get(location.path, ()))

    @facts
    def _unreached(self) -> Mapping[str, tuple[Span, ...]]:
        """The parts of workflows that no caller reaches, of those that no text shows others how to call."""
        slug, offered = self.outside.slug, self._workflows_offered
        if not self.snapshot.complete or is_for_others(slug):
            return {}
        own, called = self.memo(kept_to_itself, self.workflows, offered, slug), called_by(self.workflows)
        may_call = bool(self._workflows_unread)
        uncalled = [
            one
            for one in self.workflows
            if one.path in own and one.path not in called and len(one.triggers) > 1 and not may_call
        ]
        found = {
            **self.memo(parts_not_reached, self.calls),
            **{one.path: self.memo(parts_for_callers, one) for one in uncalled},
        }
        return {path: parts for path, parts in found.items() if path not in offered}

    @facts
    def stopped_jobs(self) -> Mapping[str, tuple[Stopped, ...]]:
        """The jobs that stop before their first step, by the path of their workflow."""
        return {one.path: stopped_jobs(one, self.outside.actions) for one in self.workflows}

    def is_stopped(self, location: Location) -> bool:
        """Whether a place lies in a job that GitHub fails before its first step, and is not the reason for that."""
        jobs = self.stopped_jobs.get(location.path, ())
        return any(one.part.covers(location.span) for one in jobs) and not any(
            reason.covers(location.span) for one in jobs for reason in one.reasons
        )


def _caused_by_another(condition: str) -> Given:
    """A run that another than Dependabot has caused: anybody, or one of those whom a condition may ask for by name."""
    written = (name for text in _TEXT.findall(condition) for name in _LOGIN.findall(text))
    named = (name for name in written if not name.lower().startswith(_DEPENDABOT))
    return {("github", "actor"): known(*dict.fromkeys((*_OTHERS, *named)))}
