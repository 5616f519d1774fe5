"""What jobs use and what they are trusted with: actions and those who keep them up to date, the token, roles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from checks.facts.action.listed_uses import lists_of_uses
from checks.facts.action.lockfile import ActionsLock
from checks.facts.action.named_commits import pin_named
from checks.facts.action.pin_guards import guard_of_pins
from checks.facts.action.renovate import Renovate
from checks.facts.action.tag_decisions import TagDecision, tag_decisions
from checks.facts.action.updaters import Dependabot
from checks.facts.action.workflow_tests import actions_named
from checks.facts.action.yamllint import asks_for_short_lines, asks_for_two, configuration, outgrows, with_two
from checks.facts.answers import fact, facts
from checks.facts.identity.assumptions import Assumption, Roles, assumptions_in
from checks.facts.image.image_jobs import by_workflow, image_steps_of, jobs_of, jobs_with_signed_files
from checks.facts.repository.images import Images
from checks.facts.token.goreleaser import scopes_of_release
from checks.facts.token.token_use import TokenUse
from checks.facts.workflow.inner_steps import opened
from checks.facts.workflow.uses import ActionUse
from checks.facts.workflow.workflows import Job, Step, Workflow
from checks.source.kind import Kind
from checks.source.snapshot import Edit
from checks.source.text import Location


class Jobs(Images):
    @property
    def action_uses(self) -> Iterator[ActionUse]:
        """Everything that a step or a job uses, in file order."""
        for file in self.files_of_steps:
            yield from file.action_uses

    def pins_beside(self, use: ActionUse) -> tuple[ActionUse, ...]:
        """The uses that name a commit of the repository that a use is of, in file order."""
        return self._pins.get(use.repository, ())

    @facts
    def _pins(self) -> Mapping[str, tuple[ActionUse, ...]]:
        """The uses that name a commit, by the repository of their action."""
        found: dict[str, list[ActionUse]] = {}
        for use in self.action_uses:
            if use.is_commit:
                found.setdefault(use.repository, []).append(use)
        return {name: tuple(uses) for name, uses in found.items()}

    @fact
    def actions_lock(self) -> ActionsLock | None:
        """The lockfile of the workflows' actions."""
        return next(iter(self._all(Kind.ACTIONS_LOCK, ActionsLock)), None)

    @fact
    def dependabot(self) -> Dependabot | None:
        """What Dependabot keeps up to date."""
        return next(iter(self._all(Kind.DEPENDABOT, Dependabot)), None)

    @fact
    def renovate(self) -> tuple[Renovate, ...]:
        """What Renovate is told."""
        return self._all(Kind.RENOVATE, Renovate)

    @fact
    def tag_decisions(self) -> tuple[TagDecision, ...]:
        """What is written down here of actions that are named by tags on purpose."""
        kinds = (Kind.WORKFLOW, Kind.ACTION, Kind.DEPENDABOT)
        here = (text for kind in kinds for text in self.texts(kind))
        return tuple(one for text in (*here, *self.guide_texts) for one in self.memo(tag_decisions, text))

    @fact
    def pin_guard(self) -> str | None:
        """The path of what here says which commits of actions are allowed, or checks that."""
        return guard_of_pins(self.snapshot.paths, self.snapshot.texts.values())

    @fact
    def pin_named_elsewhere(self) -> tuple[str, Location] | None:
        """An action that a workflow uses at a commit, with the place in a script or a test of the workflows that names it, too."""
        uses = (one for one in self.action_uses if one.is_commit)
        pins = [
            (one.repository, one.ref) for one in uses if self.kinds.get(one.scalar.text.path) is Kind.WORKFLOW
        ]
        scripts = (text for kind in (Kind.SCRIPT, Kind.MAKEFILE) for text in self.texts(kind))
        return pin_named(pins, (*scripts, *self.snapshot.tests.values()))

    @fact
    def _has_two_blanks(self) -> bool:
        """Whether yamllint asks for two in the workflows, and they have no comment behind one."""
        configured = configuration(self.snapshot.texts)
        return asks_for_two(tuple(self.texts(Kind.WORKFLOW)), self.snapshot.paths, configured)

    @fact
    def _has_short_lines(self) -> bool:
        commands = (one.command for one in self.invocations if one.step is not None)
        return asks_for_short_lines(
            tuple(self.texts(Kind.WORKFLOW)),
            self.snapshot.paths,
            commands,
            configuration(self.snapshot.texts),
        )

    def as_linted(self, edits: Iterable[Edit]) -> tuple[Edit, ...]:
        """The edits, with the blanks for which yamllint asks in workflows where it reads them."""
        return tuple(
            with_two(edit) if self._has_two_blanks and self._is_of_workflow(edit) else edit for edit in edits
        )

    def outgrows_lines(self, edits: Iterable[Edit]) -> bool:
        """Whether edits would make a line of a workflow longer than yamllint takes it, where it reads them."""
        linted = self.as_linted(filter(self._is_of_workflow, edits)) if self._has_short_lines else ()
        return outgrows(linted, self.snapshot.texts)

    def _is_of_workflow(self, edit: Edit) -> bool:
        return self.kinds.get(edit.path) is Kind.WORKFLOW

    @facts
    def lists_of_uses(self) -> Mapping[str, frozenset[str]]:
        """By path what lists by which names workflows are to use actions, with these names."""
        return lists_of_uses(self.snapshot.texts.values(), {one.scalar.value for one in self.action_uses})

    @fact
    def actions_of_tests(self) -> Mapping[str, frozenset[str]]:
        """The actions that tests of the workflows name, in lower case, by the path of the test."""
        named = {test.path: self.memo(actions_named, test) for test in self.test_texts}
        return {path: actions for path, actions in named.items() if actions}

    def handles_image(self, job: Job) -> bool:
        """Whether a step of a job builds, pushes, scans, signs or attests an image, or one of an action of the repository does."""
        return job in self._image_jobs_by_workflow.get(job.workflow, ())

    @facts
    def _image_jobs_by_workflow(self) -> Mapping[Workflow, frozenset[Job]]:
        return by_workflow(jobs_of(way for step in self._image_steps for way in self.ways_to(step)))

    @fact
    def _image_steps(self) -> frozenset[Step]:
        return image_steps_of(
            self.builds_as_written, self.pushes, self.scans, self.cosign_calls, self.attested_files
        )

    @fact
    def vouching_jobs(self) -> frozenset[Job]:
        """The jobs whose own steps handle images, and those in which cosign signs or verifies a file."""
        return jobs_of(self._image_steps) | jobs_with_signed_files(self.cosign_calls)

    def vouches(self, job: Job) -> bool:
        """Whether a job is one of these."""
        return job in self._vouching_by_workflow.get(job.workflow, ())

    @facts
    def _vouching_by_workflow(self) -> Mapping[Workflow, frozenset[Job]]:
        return by_workflow(self.vouching_jobs)

    @fact
    def assumptions(self) -> tuple[Assumption, ...]:
        """The steps that become an IAM role by OIDC."""
        roles, slug = self.memo(Roles, self.roles), self.outside.slug
        calls = self._calls_by_workflow
        return tuple(
            one
            for workflow in self.workflows
            for one in self.memo(assumptions_in, workflow, roles, calls[workflow], slug)
        )

    def token_use(self, job: Job, callers: tuple[Job, ...] = ()) -> TokenUse:
        """What a job does with its token, by the steps, too, of the actions and workflows here that it uses.

        `callers` are those over it, where it is a job of a workflow that is called.
        """
        pushes = self.pushes_of.get(job, ())
        called = self.called_by(job) if job not in callers else None
        jobs = called.jobs if called else ()
        steps = opened(job, self.actions_by_folder)
        releases = ((step, scopes_of_release(step, self.snapshot)) for step in steps)
        return TokenUse(
            job,
            steps,
            pushes,
            called=tuple(one.permissions for one in jobs if one.permissions is not None),
            called_without=tuple(
                self.token_use(one, (*callers, job)) for one in jobs if one.permissions is None
            ),
            releases={step: scopes for step, scopes in releases if scopes is not None},
            texts=self.snapshot.texts,
            actions=self.actions_by_folder,
        )
