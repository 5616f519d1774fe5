"""Which scopes of its `GITHUB_TOKEN` a job writes with, as far as its steps tell.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from msgspec import field

from checks.facts.build.publishing import needs_token
from checks.facts.image.pushes import Push
from checks.facts.script.followed import followed
from checks.facts.token.action_scopes import reads_pull_requests, scopes_meant
from checks.facts.token.behind_logins import is_to_push, may_be_to_push
from checks.facts.token.draft_releases import reads_drafts
from checks.facts.token.github_cli import is_given, scopes_of
from checks.facts.token.github_script import scopes_of_script
from checks.facts.token.given_token import may_be_handed_the_token, names_the_token
from checks.facts.token.needs import may_sign, need_of_push, needs, reads_its_run
from checks.facts.token.own_tokens import has_own_token
from checks.facts.token.programs import may_run_unseen
from checks.facts.token.read_scripts import is_read_to_push_nothing
from checks.facts.token.registry_logins import (
    is_said_to_pull,
    logs_in_with_token,
    may_log_in_to_github,
    pushes_from_elsewhere,
)
from checks.facts.token.scope_hints import hints_at, scopes_named
from checks.facts.token.scopes_read import scopes_read
from checks.facts.token.script_scopes import only_reads, pushes_commits
from checks.facts.token.step_scopes import (
    does_what_is_known,
    is_given_away,
    is_known,
    may_be_told_to_write,
    may_read_more,
    may_write,
)
from checks.facts.token.unfolded_steps import UnfoldedSteps
from checks.facts.workflow.composite_actions import CompositeAction
from checks.facts.workflow.permission_blocks import Permissions
from checks.facts.workflow.workflows import Job, Step
from checks.record import Record
from checks.source.text import Text


class TokenUse(Record, eq=False, dict=True):
    """What a job does with its token."""

    job: Job
    steps: tuple[Step, ...]
    """Its steps, as far as that can be with those of the repository's own actions in place of what uses them."""
    pushes: tuple[Push, ...] = ()
    """What its steps push."""
    called: tuple[Permissions, ...] = ()
    """What the jobs of the workflow that it calls declare."""
    called_without: tuple[TokenUse, ...] = ()
    """What the other jobs of that workflow do, which declare nothing."""
    releases: Mapping[Step, frozenset[str]] = field(default_factory=dict)
    """The scopes of steps of which that can only be told by a configuration of the repository."""
    texts: Mapping[str, Text] = field(default_factory=dict)
    """The files of the repository by path, for what its scripts run."""
    actions: Mapping[str, CompositeAction] = field(default_factory=dict)
    """The repository's own composite actions by folder."""

    @property
    def is_followed(self) -> bool:
        """Whether all that the workflow that it calls asks for is known.

        It is by blocks that name scopes, or by the steps of its jobs. Not where the call hands the token on, which then
        has another name there.
        """
        call = self.job.node
        return (
            bool(self.called or self.called_without)
            and not is_given(call.text[call.span])
            and not any(one.everything for one in self.called)
            and all(one.job.uses is None or one.is_followed for one in self.called_without)
        )

    def writes(self, scope: str) -> bool | None:
        """Whether the job certainly writes with a scope; None where that can't be told."""
        if self.job.uses is not None:
            is_declared = self.called and not self.called_without
            return self._level_of_called(scope) == "write" if is_declared else None
        if scope in self._certain:
            return True
        return None if any(may_write(step, scope) for step in self.steps) else False

    @cached_property
    def unfolded(self) -> UnfoldedSteps:
        """All its steps."""
        return UnfoldedSteps(self.job, self.steps, self.actions)

    @cached_property
    def _certain(self) -> frozenset[str]:
        """The scopes that its steps certainly write with."""
        of_pushes = (need for push in self.pushes if (need := need_of_push(push)))
        of_steps = (need for step in self.unfolded.all_steps for need in needs(step))
        return frozenset(need.scope for need in (*of_steps, *of_pushes))

    def levels_kept(self, permissions: Permissions) -> dict[str, str]:
        """What the job keeps of a block: what it reads, and the scopes that it writes with or may.

        With some of these it may only read.
        """
        kept = {
            scope: self.level_needed(scope) if level == "write" else level
            for scope, level in permissions.scopes.items()
        }
        return {scope: level for scope, level in kept.items() if level != "none"}

    def _level_of_called(self, scope: str) -> str:
        levels = {one.access(scope) for one in self.called} | {
            one.level_needed(scope) for one in self.called_without
        }
        return next((level for level in ("write", "read") if level in levels), "none")

    def level_needed(self, scope: str) -> str:
        """The access to a scope that the job keeps when it loses what nothing hints at: `write`, `read` or `none`."""
        if self.called or self.called_without:
            return self._level_of_called(scope)
        if self.keeps(scope):
            return "write"
        all_steps = self.unfolded.all_steps
        of_run = ("actions",) if any(map(reads_its_run, all_steps)) else ()
        asked = ("pull-requests",) if any(map(reads_pull_requests, all_steps)) else ()
        of_steps = scopes_read(self.unfolded, self.texts)
        reads = {"contents", *of_run, *asked, *of_steps, *(scopes_of(self.steps) or ())}
        return "read" if scope in reads else "none"

    def keeps(self, scope: str) -> bool:
        """Whether the job writes with a scope, or something hints that a step does.

        Of such a step it can't be told that it does not.
        """
        if self.job.uses is not None:
            return not (self.called or self.called_without) or self._level_of_called(scope) == "write"
        return (
            bool(self.writes(scope))
            or any(may_be_told_to_write(step, scope) for step in self.unfolded.all_steps)
            or any(self.steps_hinting_at(scope))
        )

    def steps_hinting_at(self, scope: str) -> Iterator[Step]:
        """The steps that hint that they write with a scope, of which it can't be told that they don't."""
        return (step for step in self.steps if may_write(step, scope) and self._hints_at(step, scope))

    def _hints_at(self, step: Step, scope: str, within: tuple[CompositeAction, ...] = ()) -> bool:
        if scope == "packages" and logs_in_with_token(step):
            return may_be_to_push(step, self.unfolded, self.pushes) or is_given_away(step)
        if scope == "packages" and may_log_in_to_github(step):
            return True
        if scopes_of_script(step) is not None or (scope == "contents" and reads_drafts(step)):
            return True
        if scope == "packages" and is_said_to_pull(step, self.texts):
            return False
        action = self.unfolded.action_of(step)
        if action is None or action in within:
            return hints_at(step, scope, followed(step, self.texts))
        has_token = names_the_token(step) or _is_given_in_front(action)
        return (scope != "id-token" and has_token) or any(
            self._hints_at(inner, scope, (*within, action))
            for inner in action.steps
            if may_write(inner, scope)
        )

    def is_meant_to_write(self, scope: str) -> bool:
        """Whether the job has to keep a scope of its token when it loses the others.

        Either it certainly writes with it, or a step, whatever its condition, prepares or may ask for it: a login with
        the token to a registry, which only GitHub's accepts; a signature; an upload; a commit; a draft of a release that it
        reads; an action that is there for it.
        """
        all_steps = self.unfolded.all_steps
        steps = {
            "contents": lambda step: pushes_commits(step, self.unfolded.before(step)) or reads_drafts(step),
            "packages": lambda step: self._logs_in_to_push(step) or pushes_from_elsewhere(step),
            "id-token": lambda step: needs_token(step) or may_sign(step),
        }
        may_need = steps.get(scope)
        return (
            bool(self.writes(scope))
            or any(scope in (self.releases.get(step) or ()) for step in self.steps)
            or any(scope in (scopes_meant(step) or ()) for step in all_steps)
            or any(may_be_told_to_write(step, scope) for step in all_steps)
            or any((scopes_of_script(step) or {}).get(scope) == "write" for step in all_steps)
            or any(one.is_meant_to_write(scope) for one in self.called_without)
            or (scopes_of(self.steps) or {}).get(scope) == "write"
            or (may_need is not None and any(map(may_need, all_steps)))
        )

    def _logs_in_to_push(self, step: Step) -> bool:
        return is_to_push(step, self.unfolded, self.pushes, self.texts)

    def scopes_named_by(self, step: Step) -> frozenset[str]:
        """The scopes that a step most often writes with by the name of its action, where nothing else tells them."""
        is_open = not is_known(step) and step not in self.releases and not has_own_token(step)
        return scopes_named(step) if is_open else frozenset()

    @property
    def given_away_in(self) -> tuple[Step, ...]:
        """The steps that hand the token itself to an action or a program that may do more with it than is known."""
        given = (step for step in self.steps if is_given_away(step) and not self.unfolded.logins_by(step))
        return tuple(
            step
            for step in given
            if step not in self.releases and not is_read_to_push_nothing(step, self.texts)
        )

    @property
    def runs_unseen(self) -> bool:
        """Whether scripts run what the file does not show, or steps stand in a workflow that the job calls.

        What the callers of a workflow hand to a script, which can be the token, it does not show either.
        """
        scripts = [step for step in self.unfolded.all_steps if step.run is not None]
        is_open = any(may_run_unseen(step) or may_be_handed_the_token(step) for step in scripts)
        return self.job.uses is not None or is_open

    @property
    def acts_unseen(self) -> bool:
        """Whether an action may do with the token what nobody here knows.

        In a workflow that others call each may, to which a secret can be the token.
        """
        acting = [step for step in self.unfolded.all_steps if step.uses is not None]
        is_called = "workflow_call" in self.job.workflow.triggers
        return any(is_called or not does_what_is_known(step) or may_read_more(step) for step in acting)

    @property
    def only_reads_releases(self) -> bool:
        """Whether only reads by `gh`, of drafts for one, keep open whether the job needs to write `contents`."""
        steps = [step for step in self.steps if may_write(step, "contents")]
        return bool(steps) and all(step.run is not None and only_reads(step, "contents") for step in steps)


def _is_given_in_front(action: CompositeAction) -> bool:
    """Whether an action has the token outside its steps: by default, or to hand it on."""
    runs, content = action.node.entry("runs"), action.text.content
    return is_given(content if runs is None else content[: runs.span.start] + content[runs.span.end :])
