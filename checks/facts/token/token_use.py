"""Which scopes of its `GITHUB_TOKEN` a job writes with, as far as its steps tell.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import islice

from msgspec import field

from checks.facts.build.publishing import needs_token
from checks.facts.image.pushes import Push
from checks.facts.script.followed import followed
from checks.facts.token.action_scopes import reads_pull_requests, scopes_meant
from checks.facts.token.draft_releases import reads_drafts
from checks.facts.token.github_cli import is_given, scopes_of
from checks.facts.token.github_script import scopes_of_script
from checks.facts.token.given_token import names_the_token
from checks.facts.token.login_inputs import logins_given
from checks.facts.token.needs import may_sign, need_of_push, needs, reads_its_run
from checks.facts.token.own_tokens import has_own_token
from checks.facts.token.programs import runs_code_of_others
from checks.facts.token.push_hints import goes_elsewhere, hints_at_push, needs_images
from checks.facts.token.registry_commands import image_pushes, only_logs_in
from checks.facts.token.registry_logins import (
    LOGINS,
    PULLS,
    builds_with_token,
    is_pulled_with_token,
    is_said_to_pull,
    is_to_pull,
    logs_in_from_elsewhere,
    logs_in_with_token,
    may_log_in_to_github,
    may_push,
    pushes_from_elsewhere,
    pushes_itself,
)
from checks.facts.token.scope_hints import hints_at, scopes_named
from checks.facts.token.script_scopes import only_reads, pushes_commits
from checks.facts.token.step_scopes import is_given_away, is_known, may_be_told_to_write, may_write
from checks.facts.workflow.composite_actions import CompositeAction
from checks.facts.workflow.inner_steps import WITHIN
from checks.facts.workflow.permission_blocks import Permissions
from checks.facts.workflow.stakes import GITHUBS
from checks.facts.workflow.workflows import Job, Step
from checks.record import Record
from checks.source.text import Text

_WITH_CREDENTIALS = ("container", "services")
"""Of a job, what has images that are pulled ahead of its steps."""
_MOST_STEPS = 1_000
"""Of a job, with those of the actions that it uses."""


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
    def all_steps(self) -> tuple[Step, ...]:
        """Its steps in their order, with those of all of the repository's own actions in place of what uses them.

        Nothing says here what an action's inputs are.
        """
        return tuple(islice((inner for step in self.steps for inner in self._unfolded(step)), _MOST_STEPS))

    @cached_property
    def steps_with_logins_opened(self) -> tuple[Step, ...]:
        """Its steps; for one that gives an action of the repository the token to log in only, the steps of that action.

        For one that gives such an action no token they are those that don't log in, which they do with another one then.
        As `all_steps` it has an end: actions in actions multiply.
        """
        opened = (self._opened(step) for step in self.steps)
        return tuple(islice((inner for steps in opened for inner in steps), _MOST_STEPS))

    def _opened(self, step: Step) -> Iterator[Step]:
        is_without = self._is_without_token(step)
        is_open = is_without or self._logins_by(step)
        for inner in self._unfolded(step) if is_open else (step,):
            if not (is_without and inner.uses_action(*LOGINS)):
                yield inner

    def _is_without_token(self, step: Step) -> bool:
        """Whether the repository's own action that a step uses is surely not given the token, and uses no other one of these.

        In a workflow that others call a secret may be the token.
        """
        action = self._own_action(step)
        if action is None or "workflow_call" in self.job.workflow.triggers or names_the_token(step):
            return False
        is_flat = not any(one.uses is not None and one.uses.is_local for one in action.steps)
        return is_flat and not is_given(action.text.content)

    def _logins_by(self, step: Step) -> tuple[Step, ...]:
        """The logins of the repository's own action for which a step gives it the token, and for nothing else."""
        action = self._own_action(step)
        return logins_given(step, action) if action is not None else ()

    @cached_property
    def _logins(self) -> tuple[Step, ...]:
        return tuple(islice((login for step in self.steps for login in self._logins_by(step)), _MOST_STEPS))

    def _logs_in_with_token(self, step: Step) -> bool:
        """Whether a step logs in to a registry with the token, that of an action with the one that it is given."""
        return logs_in_with_token(step) or any(one.node is step.node for one in self._logins)

    def _unfolded(self, step: Step, within: tuple[CompositeAction, ...] = ()) -> Iterator[Step]:
        """The step itself; or those of the repository's own action that it uses, and of those in that."""
        action = self._own_action(step)
        if action is None or not action.steps or action in within or len(within) >= WITHIN:
            yield step
            return
        for inner in action.steps:
            bound = Step(inner.text, inner.node, step.index, step.job)
            yield from self._unfolded(bound, (*within, action))

    @cached_property
    def _certain(self) -> frozenset[str]:
        """The scopes that its steps certainly write with."""
        of_pushes = (need for push in self.pushes if (need := need_of_push(push)))
        of_steps = (need for step in self.all_steps for need in needs(step))
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
        of_run = ("actions",) if any(map(reads_its_run, self.all_steps)) else ()
        asked = ("pull-requests",) if any(map(reads_pull_requests, self.all_steps)) else ()
        reads = {"contents", *of_run, *asked, *self.scopes_read, *(scopes_of(self.steps) or ())}
        return "read" if scope in reads else "none"

    def keeps(self, scope: str) -> bool:
        """Whether the job writes with a scope, or something hints that a step does.

        Of such a step it can't be told that it does not.
        """
        if self.job.uses is not None:
            return not (self.called or self.called_without) or self._level_of_called(scope) == "write"
        return (
            bool(self.writes(scope))
            or any(may_be_told_to_write(step, scope) for step in self.all_steps)
            or any(self.steps_hinting_at(scope))
        )

    def steps_hinting_at(self, scope: str) -> Iterator[Step]:
        """The steps that hint that they write with a scope, of which it can't be told that they don't."""
        return (step for step in self.steps if may_write(step, scope) and self._hints_at(step, scope))

    def _hints_at(self, step: Step, scope: str, within: tuple[CompositeAction, ...] = ()) -> bool:
        if scope == "packages" and logs_in_with_token(step):
            return self._may_push_after_login(step) or is_given_away(step)
        if scope == "packages" and may_log_in_to_github(step):
            return True
        if scopes_of_script(step) is not None or (scope == "contents" and reads_drafts(step)):
            return True
        if scope == "packages" and is_said_to_pull(step, self.texts):
            return False
        action = self._own_action(step)
        if action is None or action in within:
            return hints_at(step, scope, followed(step, self.texts))
        has_token = names_the_token(step) or _is_given_in_front(action)
        return (scope != "id-token" and has_token) or any(
            self._hints_at(inner, scope, (*within, action))
            for inner in action.steps
            if may_write(inner, scope)
        )

    def _may_push_after_login(self, step: Step) -> bool:
        """Whether a login with the token to a registry may be for a push: anything behind it may be one."""
        if not self._logs_in_with_token(step):
            return False
        later = self._behind_login(step)
        only_pulls = is_to_pull(later) or self._copies_elsewhere(later)
        return (pushes_itself(step) and may_push(step)) or (any(map(may_push, later)) and not only_pulls)

    def _is_to_push_after_login(self, step: Step) -> bool:
        """Whether such a login is for a push: none is where what is behind it needs images, and nothing hints at one."""
        if not self._may_push_after_login(step):
            return False
        later = self._behind_login(step)
        only_pulls = (
            not pushes_itself(step)
            and any(map(needs_images, later))
            and not any(hints_at_push(one, followed(one, self.texts), self.pushes) for one in later)
        )
        return not only_pulls

    def _behind_login(self, step: Step) -> tuple[Step, ...]:
        """The steps behind a login, and ahead of them its own where that is a script which goes on."""
        own = () if step.run is None or only_logs_in(step) else (step,)
        return (*own, *self.all_steps[self._place(step) + 1 :])

    def _place(self, step: Step) -> int:
        """Where a step is among all, the first time; ahead of all if it lies too deep.

        An action's own step is there as one of the job.
        """
        return next((at for at, one in enumerate(self.all_steps) if one.node is step.node), -1)

    def _copies_elsewhere(self, steps: tuple[Step, ...]) -> bool:
        """Whether scripts behind a login pull an image, and all that these steps push certainly goes elsewhere."""
        pushing = [step for step in steps if may_push(step)]
        scripts = [step.run.value for step in pushing if step.run is not None]
        return (
            len(scripts) == len(pushing)
            and any(map(PULLS.search, scripts))
            and all(map(self._pushes_elsewhere, pushing))
        )

    def _pushes_elsewhere(self, step: Step) -> bool:
        """Whether a script pushes by commands alone whose targets are known, none of which is GitHub's registry."""
        counted = image_pushes(step)
        pushes = [push for push in self.pushes if push.step is step]
        places = {push.location.span for push in pushes}
        return counted == len(places) and all(map(goes_elsewhere, pushes))

    def _own_action(self, step: Step) -> CompositeAction | None:
        """The repository's own composite action that a step uses."""
        if step.uses is None or not step.uses.is_local:
            return None
        return self.actions.get(posixpath.normpath(step.uses.scalar.value))

    def is_meant_to_write(self, scope: str) -> bool:
        """Whether the job has to keep a scope of its token when it loses the others.

        Either it certainly writes with it, or a step, whatever its condition, prepares or may ask for it: a login with
        the token to a registry, which only GitHub's accepts; a signature; an upload; a commit; a draft of a release that it
        reads; an action that is there for it.
        """
        steps = {
            "contents": lambda step: self._pushes_commits(step) or reads_drafts(step),
            "packages": lambda step: self._is_to_push_after_login(step) or pushes_from_elsewhere(step),
            "id-token": lambda step: needs_token(step) or may_sign(step),
        }
        may_need = steps.get(scope)
        return (
            bool(self.writes(scope))
            or any(scope in (self.releases.get(step) or ()) for step in self.steps)
            or any(scope in (scopes_meant(step) or ()) for step in self.all_steps)
            or any(may_be_told_to_write(step, scope) for step in self.all_steps)
            or any((scopes_of_script(step) or {}).get(scope) == "write" for step in self.all_steps)
            or any(one.is_meant_to_write(scope) for one in self.called_without)
            or (scopes_of(self.steps) or {}).get(scope) == "write"
            or (may_need is not None and any(map(may_need, self.all_steps)))
        )

    def _pushes_commits(self, step: Step) -> bool:
        return pushes_commits(step, self.all_steps[: self._place(step)])

    def scopes_named_by(self, step: Step) -> frozenset[str]:
        """The scopes that a step most often writes with by the name of its action, where nothing else tells them."""
        is_open = not is_known(step) and step not in self.releases and not has_own_token(step)
        return scopes_named(step) if is_open else frozenset()

    @property
    def given_away_in(self) -> tuple[Step, ...]:
        """The steps that hand the token itself to an action or a program that may do more with it than is known."""
        given = (step for step in self.steps if is_given_away(step) and not self._logins_by(step))
        return tuple(step for step in given if step not in self.releases)

    @property
    def scopes_read(self) -> tuple[str, ...]:
        """The scopes that actions read with, beside `contents`: pull requests, artifacts of other runs, packages, pages.

        https://github.com/actions/configure-pages/issues/188
        """
        is_of_pull_requests = any(name.startswith("pull_request") for name in self.job.workflow.triggers)
        readers = filter(reads_pull_requests, self.all_steps) if is_of_pull_requests else ()
        asked = ["pull-requests" for _ in readers]
        asked += ["actions" for step in self.all_steps if _reads_another_run(step)]
        asked += ["pages" for step in self.all_steps if step.uses_action("actions/configure-pages")]
        asked += ["packages" for name in _WITH_CREDENTIALS if is_pulled_with_token(self.job.node.get(name))]
        asked += [scope for step in self.all_steps for scope in scopes_of_script(step) or ()]
        asked += [
            "packages"
            for step in self.all_steps
            if self._logs_in_with_token(step)
            or logs_in_from_elsewhere(step)
            or builds_with_token(step)
            or is_said_to_pull(step, self.texts)
        ]
        return tuple(dict.fromkeys(asked))

    @property
    def only_reads_releases(self) -> bool:
        """Whether only reads by `gh`, of drafts for one, keep open whether the job needs to write `contents`."""
        steps = [step for step in self.steps if may_write(step, "contents")]
        return bool(steps) and all(step.run is not None and only_reads(step, "contents") for step in steps)

    @property
    def runs_foreign_code(self) -> bool:
        """Whether code of others may run on the runner: an action that is not GitHub's, or a project's own build."""
        return any(self._foreign_steps)

    @property
    def runs_moving_code(self) -> bool:
        """Whether some of that may be other code on the next run: not pinned to a commit, or installed or built."""
        return any(step.uses is None or not step.uses.is_commit for step in self._foreign_steps)

    @property
    def _foreign_steps(self) -> Iterator[Step]:
        return (
            step
            for step in self.steps
            if (step.uses.owner.lower() not in GITHUBS if step.uses else runs_code_of_others(step))
        )


def _is_given_in_front(action: CompositeAction) -> bool:
    """Whether an action has the token outside its steps: by default, or to hand it on."""
    runs, content = action.node.entry("runs"), action.text.content
    return is_given(content if runs is None else content[: runs.span.start] + content[runs.span.end :])


def _reads_another_run(step: Step) -> bool:
    """Whether a step asks for the artifacts of another run with the job's token.

    https://github.com/actions/download-artifact#download-artifacts-from-other-workflow-runs-or-repositories
    """
    if step.uses_action("dawidd6/action-download-artifact"):
        return not has_own_token(step)
    token = step.input("github-token")
    is_asked = step.uses_action("actions/download-artifact") and step.input("run-id") is not None
    return is_asked and token is not None and is_given(token.value)
