"""Which scopes of its `GITHUB_TOKEN` a job writes with, as far as its steps tell.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import islice

from msgspec import field

from checks.facts.build.publishing import needs_token
from checks.facts.image.pushes import Push
from checks.facts.script.followed import followed
from checks.facts.token.action_scopes import (
    ASKS,
    has_own_token,
    is_own_token,
    may_be_for,
    scopes_meant,
    scopes_of_action,
)
from checks.facts.token.github_cli import is_given, scopes_of
from checks.facts.token.github_script import scopes_of_script
from checks.facts.token.needs import (
    builds_with_login,
    may_ask_for_a_token,
    may_sign,
    may_upload_results,
    need_of_push,
    needs,
    registry_of_login,
)
from checks.facts.token.scope_hints import hints_at, scopes_named
from checks.facts.token.script_scopes import (
    PLAIN_PROGRAMS,
    asks_what_is_known,
    image_pushes,
    is_handed_the_token,
    may_push_images,
    names_the_token,
    only_logs_in,
    only_reads,
    pushes_commits,
    runs_more,
    script_may_write,
)
from checks.facts.workflow.inner_steps import WITHIN
from checks.facts.workflow.stakes import GITHUBS
from checks.facts.workflow.workflows import ActionUse, CompositeAction, Job, Permissions, Step
from checks.record import Record
from checks.regex import regex
from checks.source.text import Text
from checks.source.yaml import Node

_PUSH_NOTHING = frozenset(
    (
        "anchore/scan-action",
        "aquasecurity/trivy-action",
        "docker/login-action",
        "docker/metadata-action",
        "hadolint/hadolint-action",
    )
)
"""Actions that put nothing into a registry, beside those that set up a tool and GitHub's own."""
_SETS_UP = regex(r"(?:gh)?(?:action-)?setup-[\w-]{1,80}|action-setup")
_MAY_PUSH = regex(r"attest\b.*|github-script")
"""Those of GitHub's that may: by `push-to-registry`, by whatever a script runs."""
LOGINS = (
    "azure/docker-login",
    "docker/login-action",
    "redhat-actions/podman-login",
    "redhat-actions/push-to-registry",
)
"""Those that log in to a registry, which may be with the token: what is pushed then needs `packages`."""
_WRITING = regex(
    r"\bgithub\.(?:rest\.)?\w+\.(?:add|cancel|create|delete|disable|dispatch|enable|lock|merge|remove|replace|request|set|update|upload)\w*\("
)
_WITH_CREDENTIALS = ("container", "services")
"""Of a job, what has images that are pulled ahead of its steps."""
_PULLS = regex(
    r"\b(?:docker|podman)\s+(?:(?:compose\s+)?(?:image\s+)?pull|run|manifest\s+inspect|buildx\s+imagetools\s+inspect)\b"
)
_TO_PULL = regex(
    r"#.{0,300}?(?:\bread:packages\b|\bpackages:\s?read\b|\bpull[- ]only\b|\bonly\s(?:to\s)?pulls?\b|\bpull\scredentials?\b)",
    re.IGNORECASE,
)
"""A comment that says what a token is for."""
_SAYS_PUSH = regex(r"(?<!\w-)\b(?:push|publish)", re.IGNORECASE)
_ELSEWHERE = ("appleboy/ssh-action",)
"""Actions that run commands on another machine, with what they are given."""
_PUSHES_IMAGE = regex(
    r"\b(?:docker|podman|nerdctl|buildah|crane|helm|oras|skopeo)\b[^\n]{0,200}\b(?:push|copy)\b"
)
_SENDS = regex(
    r"push|publish|release|deploy|upload|imagetools\s+create|type=registry|\b(?:jib|ko)\b|\bcosign\s+(?:att|copy|load|sign)"
    r"|\b(?:crane|oras|regctl|skopeo)\s+(?:[\w-]{1,40}\s+)?(?:append|attach|copy|cp|mutate|rebase|tag)\b",
    re.IGNORECASE,
)
"""In a script that may put something somewhere, or run what does."""
_MOST_STEPS = 1_000
"""Of a job, with those of the actions that it uses."""
_OF_GITHUB = regex(r"(?:^|\.)(?:ghcr\.io|pkg\.github\.com|ghe\.com)$")


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
        """Whether all that the workflow that it calls asks for is known: by blocks that name scopes, or by the steps of its jobs.

        Not where the call hands the token on, which then has another name there.
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
            is_known = self.called and not self.called_without
            return self._level_of_called(scope) == "write" if is_known else None
        if scope in self._certain:
            return True
        return None if any(may_write(step, scope) for step in self.steps) else False

    @cached_property
    def all_steps(self) -> tuple[Step, ...]:
        """Its steps in their order, with those of all of the repository's own actions in place of what uses them.

        Nothing says here what an action's inputs are.
        """
        return tuple(islice((inner for step in self.steps for inner in self._unfolded(step)), _MOST_STEPS))

    def _unfolded(self, step: Step, within: tuple[CompositeAction, ...] = ()) -> Iterator[Step]:
        """The steps of the repository's own action that a step uses, and of those in it; the step itself where it uses none."""
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
        """What the job keeps of a block: what it reads, and the scopes that it writes with or may; it may only read with some."""
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
        # An upload to code scanning looks up its run.
        of_upload = ("actions",) if any(map(may_upload_results, self.all_steps)) else ()
        asked = (ASKS.get(step.uses.action) for step in self.all_steps if step.uses)
        reads = {"contents", *of_upload, *asked, *self.scopes_read, *(scopes_of(self.steps) or ())}
        return "read" if scope in reads else "none"

    def keeps(self, scope: str) -> bool:
        """Whether the job writes with a scope, or something hints that a step does, of which it can't be told that it does not."""
        if self.job.uses is not None:
            return not (self.called or self.called_without) or self._level_of_called(scope) == "write"
        return (
            bool(self.writes(scope))
            or any(_may_be_told_to_write(step, scope) for step in self.all_steps)
            or any(self.steps_hinting_at(scope))
        )

    def steps_hinting_at(self, scope: str) -> Iterator[Step]:
        """The steps that hint that they write with a scope, of which it can't be told that they don't."""
        return (step for step in self.steps if may_write(step, scope) and self._hints_at(step, scope))

    def _hints_at(self, step: Step, scope: str, within: tuple[CompositeAction, ...] = ()) -> bool:
        if step.uses and step.uses.action in ASKS:
            return False
        if scope == "packages" and _logs_in_with_token(step):
            return self._may_push_after_login(step)
        if scope == "packages" and _may_log_in_to_github(step):
            return True
        if scopes_of_script(step) is not None:
            return True
        if scope == "packages" and self._is_said_to_pull(step):
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
        """Whether a login with the token to a registry may be for a push: any later step of its job may be one."""
        if not _logs_in_with_token(step):
            return False
        later = self.all_steps[self._place(step) + 1 :]
        pushes_itself = step.uses_action("redhat-actions/push-to-registry") or builds_with_login(step)
        only_pulls = _is_to_pull(later) or self._copies_elsewhere(later)
        return (pushes_itself and _may_push(step)) or (any(map(_may_push, later)) and not only_pulls)

    def _place(self, step: Step) -> int:
        """Where a step is among all, the first time; an action's own step is there as one of the job. Ahead of all if it lies too deep."""
        return next((at for at, one in enumerate(self.all_steps) if one.node is step.node), -1)

    def _copies_elsewhere(self, steps: tuple[Step, ...]) -> bool:
        """Whether scripts behind a login pull an image, and all that these steps push certainly goes to registries of others."""
        pushing = [step for step in steps if _may_push(step)]
        scripts = [step.run.value for step in pushing if step.run is not None]
        return (
            len(scripts) == len(pushing)
            and any(map(_PULLS.search, scripts))
            and all(map(self._pushes_elsewhere, pushing))
        )

    def _pushes_elsewhere(self, step: Step) -> bool:
        """Whether a script runs nothing that may push to GitHub's registry: no command but those whose targets are known."""
        counted = image_pushes(step)
        pushes = [push for push in self.pushes if push.step is step]
        hosts = [push.reference.host.literal for push in pushes]
        places = {push.location.span for push in pushes}
        return counted == len(places) and all(
            host is not None and not _OF_GITHUB.search(host) for host in hosts
        )

    def _is_said_to_pull(self, step: Step) -> bool:
        """Whether a comment in a step says that the token is there to pull, and neither it nor a script that it names pushes."""
        text = step.text[step.node.span]
        run = (one.content for path, one in self.texts.items() if path.endswith(".sh") and path in text)
        return _is_to_read(step) and not _SAYS_PUSH.search(text) and not any(map(_PUSHES_IMAGE.search, run))

    def _own_action(self, step: Step) -> CompositeAction | None:
        """The repository's own composite action that a step uses."""
        is_local = step.uses is not None and step.uses.is_local
        return (
            self.actions.get(posixpath.normpath(step.uses.scalar.value)) if step.uses and is_local else None
        )

    def is_meant_to_write(self, scope: str) -> bool:
        """Whether the job has to keep a scope of its token when it loses the others.

        Either it certainly writes with it, or a step, whatever its condition, prepares or may ask for it: a login with the
        token to a registry, which only GitHub's accepts; a signature; an upload; a commit; an action that is there for it.
        """
        steps = {
            "contents": self._pushes_commits,
            "packages": self._may_push_after_login,
            "id-token": lambda step: needs_token(step) or may_sign(step),
        }
        may_need = steps.get(scope)
        return (
            bool(self.writes(scope))
            or any(scope in (self.releases.get(step) or ()) for step in self.steps)
            or any(scope in (scopes_meant(step) or ()) for step in self.all_steps)
            or any(_may_be_told_to_write(step, scope) for step in self.all_steps)
            or any((scopes_of_script(step) or {}).get(scope) == "write" for step in self.all_steps)
            or any(one.is_meant_to_write(scope) for one in self.called_without)
            or (scopes_of(self.steps) or {}).get(scope) == "write"
            or (may_need is not None and any(map(may_need, self.all_steps)))
        )

    def _pushes_commits(self, step: Step) -> bool:
        return pushes_commits(step, self.all_steps[: self._place(step)])

    def scopes_named_by(self, step: Step) -> frozenset[str]:
        """The scopes that a step most often writes with by the name of its action, where it can't be told what it writes with."""
        is_open = not is_known(step) and step not in self.releases and not has_own_token(step)
        return scopes_named(step) if is_open else frozenset()

    @property
    def given_away_in(self) -> tuple[Step, ...]:
        """The steps that hand the token itself to an action that we don't know, or to a program, but for logins to registries."""
        return tuple(step for step in self.steps if _is_given_the_token(step) and step not in self.releases)

    @property
    def scopes_read(self) -> tuple[str, ...]:
        """The scopes that actions read with, beside `contents`: pull requests, artifacts of other runs, packages."""
        is_of_pull_requests = any(name.startswith("pull_request") for name in self.job.workflow.triggers)
        asked = [ASKS.get(step.uses.action) for step in self.all_steps if step.uses and is_of_pull_requests]
        asked += ["actions" for step in self.all_steps if _reads_another_run(step)]
        asked += ["packages" for name in _WITH_CREDENTIALS if _is_pulled_with_token(self.job.node.get(name))]
        asked += [scope for step in self.all_steps for scope in scopes_of_script(step) or ()]
        asked += [
            "packages"
            for step in self.all_steps
            if _logs_in_with_token(step) or _builds_with_token(step) or self._is_said_to_pull(step)
        ]
        return tuple(dict.fromkeys(scope for scope in asked if scope is not None))

    @property
    def only_reads_releases(self) -> bool:
        """Whether nothing but reads by `gh` keeps open whether the job needs to write `contents`: of drafts, for one."""
        steps = [step for step in self.steps if may_write(step, "contents")]
        return bool(steps) and all(step.run is not None and only_reads(step, "contents") for step in steps)

    @property
    def runs_foreign_code(self) -> bool:
        """Whether code of somebody else may run on the runner: an action that is not GitHub's, or a project's own build."""
        return any(
            step.uses.owner.lower() not in GITHUBS if step.uses else runs_more(step, PLAIN_PROGRAMS)
            for step in self.steps
        )

    @property
    def runs_moving_code(self) -> bool:
        """Whether some of that may be other code on the next run: it is not pinned to a commit, or is installed or built."""
        return any(
            step.uses.owner.lower() not in GITHUBS and not step.uses.is_commit
            if step.uses
            else runs_more(step, PLAIN_PROGRAMS)
            for step in self.steps
        )


def _may_be_told_to_write(step: Step, scope: str) -> bool:
    """Whether an action of which we know all writes with a scope where what it is given says so, which it may."""
    if scope == "security-events":
        return may_upload_results(step)
    return scope == "id-token" and may_ask_for_a_token(step)


def _is_given_in_front(action: CompositeAction) -> bool:
    """Whether an action has the token outside its steps: by default, or to hand it on."""
    runs, content = action.node.entry("runs"), action.text.content
    return is_given(content if runs is None else content[: runs.span.start] + content[runs.span.end :])


def _hands_on(step: Step) -> bool:
    """Whether a step gives the token to commands on another machine, which may log in to a registry with it."""
    return step.uses_action(*_ELSEWHERE) and names_the_token(step)


def _is_to_read(step: Step) -> bool:
    """Whether a comment in a step that names the token says that it is there to read packages."""
    lines = step.text[step.node.span].splitlines()
    return names_the_token(step) and any(_TO_PULL.search(line) for line in lines)


def _reads_another_run(step: Step) -> bool:
    """Whether a step asks for the artifacts of another run with the job's token.

    https://github.com/actions/download-artifact#download-artifacts-from-other-workflow-runs-or-repositories
    """
    if step.uses_action("dawidd6/action-download-artifact"):
        return not has_own_token(step)
    token = step.input("github-token")
    is_asked = step.uses_action("actions/download-artifact") and step.input("run-id") is not None
    return is_asked and token is not None and is_given(token.value)


def _is_pulled_with_token(node: Node | None) -> bool:
    """Whether the image of a container or of a service beside the steps is pulled with the token."""
    text = node.text[node.span] if node is not None else ""
    return "credentials" in text and is_given(text)


def _is_given_the_token(step: Step) -> bool:
    can_be_told = scopes_meant(step) is not None or only_logs_in(step) or asks_what_is_known(step)
    return not can_be_told and names_the_token(step)


def _is_login(step: Step) -> bool:
    return step.uses_action(*LOGINS) or builds_with_login(step)


def _may_log_in_to_github(step: Step) -> bool:
    """Whether a step may log in to a registry of GitHub's, and not with a secret that is no token of the job."""
    if not _is_login(step):
        return False
    if is_handed_the_token(step):
        return True
    host = registry_of_login(step)
    is_elsewhere = (host is not None and not _OF_GITHUB.search(host)) or _logs_in_without_password(step)
    password = step.input("password")
    is_called = step.job is not None and "workflow_call" in step.job.workflow.triggers
    return not is_elsewhere and (is_called or password is None or not is_own_token(password.value))


def _logs_in_without_password(step: Step) -> bool:
    """Whether a login has no password of its own, by which it can only be to Amazon's registries.

    https://github.com/docker/login-action#aws-elastic-container-registry-ecr
    """
    given = (step.input(name) for name in ("username", "password", "registry-auth"))
    return step.uses_action("docker/login-action") and not any(given) and step.input("registry") is not None


def _builds_with_token(step: Step) -> bool:
    """Whether a build is given the token: most often for packages that it installs from GitHub's registries."""
    texts = (step.input(name) for name in ("secrets", "secret-envs", "build-args"))
    has_token = any(is_given(text.value) for text in texts if text is not None)
    return step.uses_action("docker/build-push-action", "docker/bake-action") and has_token


def _logs_in_with_token(step: Step) -> bool:
    return (_is_login(step) or only_logs_in(step)) and is_handed_the_token(step)


def _is_to_pull(steps: tuple[Step, ...]) -> bool:
    """Whether scripts behind a login pull an image, and none of these steps speaks of a push: the login is for that."""
    scripts = [step.run.value for step in steps if step.run is not None]
    actions = [step for step in steps if step.uses is not None and _may_push(step)]
    return not actions and any(map(_PULLS.search, scripts)) and not any(map(_SENDS.search, scripts))


def _may_push(step: Step) -> bool:
    """Whether a step may put something into a registry, its cache for one."""
    if step.uses is not None:
        if not step.uses_action("docker/build-push-action"):
            return not _pushes_nothing(step.uses)
        push, cache = step.input("push"), step.input("cache-to")
        is_kept = not builds_with_login(step) if push is None else push.value == "false"
        return (
            not is_kept
            or step.input("outputs") is not None
            or (cache is not None and not _is_gha(cache.value))
        )
    return may_push_images(step)


def _pushes_nothing(uses: ActionUse) -> bool:
    is_githubs = uses.owner.lower() in GITHUBS and _MAY_PUSH.fullmatch(uses.name) is None
    return is_githubs or uses.action in _PUSH_NOTHING or _SETS_UP.fullmatch(uses.name) is not None


def _is_gha(cache: str) -> bool:
    """Whether a cache is GitHub's own, and no other."""
    return cache.startswith("type=gha") and cache.count("type=") == 1


def is_known(step: Step) -> bool:
    """Whether what a step does with the token can be told."""
    return (
        step.run is not None
        or any(needs(step))
        or (step.uses is not None and step.uses.action in ASKS)
        or scopes_meant(step) is not None
        or scopes_of_script(step) is not None
    )


def may_write(step: Step, scope: str) -> bool:
    """Whether a step may write with a scope of its job's token, or prepare that."""
    if step.uses is None:
        return script_may_write(step, scope)
    if scope == "packages" and (_may_log_in_to_github(step) or _hands_on(step)):
        return True
    asked = scopes_of_script(step)
    if asked is not None:
        return asked.get(scope) == "write"
    scopes = scopes_of_action(step)
    if scopes is not None:
        return scope in scopes
    return may_be_for(step, scope) or (scope == "packages" and names_the_token(step))


def calls_to_write(step: Step) -> bool:
    """Whether a script of `actions/github-script` calls the API with the job's token for more than to read."""
    script = step.input("script")
    is_called = step.uses_action("actions/github-script") and step.input("github-token") is None
    return is_called and script is not None and bool(_WRITING.search(script.value))
