"""A use of an action that is to move to a newer release, with what the repository tells of its step.

What newer releases change for the step says `checks.facts.upgrade.all_changes`.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property

from msgspec import field

from checks.facts.action.go_runs import Loaded
from checks.facts.action.releases import Release, at_or_before, newest
from checks.facts.action.updaters import Dependabot
from checks.facts.project.go_modules import GoModule
from checks.facts.workflow.composite_actions import CompositeAction
from checks.facts.workflow.handed_in import HandedIn
from checks.facts.workflow.inner_steps import may_do
from checks.facts.workflow.resolve import Scope
from checks.facts.workflow.runners import is_hosted
from checks.facts.workflow.scopes import scopes_of
from checks.facts.workflow.uses import ActionUse
from checks.facts.workflow.workflows import Job, Step
from checks.record import Record
from checks.source.text import Location, Text

_NOTHING_KNOWN = Loaded()


GPG_PLUGIN = "maven-gpg-plugin"
"""The plugin by which Maven signs."""
RELEASE_DRAFTER = "release-drafter/release-drafter"
"""https://github.com/release-drafter/release-drafter#configuration: it reads a file of `.github`."""


class Upgrade(Record, dict=True):
    """A use of an action that is to move to its newest release, and what the repository tells of its step."""

    action: ActionUse
    step: Step | None
    """The step that uses it, where it is known."""
    modules: Sequence[GoModule] = ()
    """Those that the step may build."""
    events: Collection[str] = ()
    """The names of those that it is known to run for."""
    actions: Mapping[str, CompositeAction] = field(default_factory=dict)
    """The repository's composite ones by their folders."""
    loaded: Loaded = _NOTHING_KNOWN
    """What is known of the modules that later steps load."""
    joins_images: bool = False
    """Whether its workflow runs `docker manifest create`."""
    secrets_to_record: Sequence[str] = ()
    """The secrets that the step builds an image of a public repository with, as arguments that a provenance in full holds."""
    installed: Mapping[str, Location] = field(default_factory=dict)
    """The programs that recipes of its job install at their newest with Go, each with the line that names it."""
    may_lack_token: bool = True
    """Whether a later step may run Yarn without its token."""
    may_run_yarn_1: bool = True
    """Whether a job with the step may run the first Yarn, or another client that is as old."""
    names_npm: bool = False
    """Whether the `package.json` at the root names npm as the package manager."""
    package_managers: Mapping[str, str] = field(default_factory=dict)
    """The package managers that the repository's `package.json` name, with their versions, by the paths of these."""
    paths: Collection[str] = ()
    """All of the repository; none where a list of them was cut short."""
    cypress: str = ""
    """The range of Cypress that the `package.json` asks for where the step runs it; empty where that is not known."""
    may_have_wrangler: bool = True
    """Whether a `package.json` of the repository may bring Wrangler."""
    keeps_artifacts: bool = False
    """Whether the artifacts of the step's run certainly come from the steps of its workflow alone, and go to no others."""
    ahead_of_calls: Sequence[Sequence[Step]] = ()
    """What has run before each job that calls the step's workflow, which is started in no other way."""
    gpg_plugins: Sequence[str] = ()
    """The versions of `GPG_PLUGIN` that the `pom.xml` at the root names; empty where they are not known."""
    has_mise_lock: bool = False
    """Whether the repository says in a `mise.lock` what mise installs."""
    drafts: Text | None = None
    """What Release Drafter is told of the notes that the step drafts; None where that is not known."""
    gone_in_goreleaser_2: str = ""
    """What the step gives GoReleaser and its version 2 refuses: a flag, or an option of the configuration with its path."""
    ways: Sequence[Step] = ()
    """The steps of jobs that come to the step, which is one of a composite action."""
    major: int | None = None
    """The version whose newest release it moves to, where that is not the newest one."""
    today: datetime.date | None = None
    slug: str | None = None
    """The repository's name, `owner/name`; None where it is not known."""
    dependabot: Dependabot | None = None
    """What Dependabot is told; None where the repository does not configure it."""
    handed: HandedIn | None = None
    """What the callers hand to the step's workflow or action; None where that is not known."""

    @cached_property
    def release(self) -> Release | None:
        """The release that is used, or comes before the commit that is."""
        return at_or_before(self.action)

    @cached_property
    def target(self) -> Release | None:
        """The release that the use moves to."""
        return newest(self.action.repository, self.major)

    @property
    def job(self) -> Job | None:
        """The job that the step is of; None where that is not known, and for one of a composite action."""
        return self.step.job if self.step else None

    @property
    def is_in_container(self) -> bool:
        """Whether the job runs in a container."""
        return self.job is not None and self.job.node.get("container") is not None

    @property
    def is_on_bare_hosted(self) -> bool:
        """Whether the step certainly runs on a machine of GitHub's, and in no container there."""
        return self.step is not None and not self.is_in_container and is_hosted(self.step)

    @property
    def steps_of_workflow(self) -> tuple[Step, ...]:
        """The steps of all jobs of the workflow; none where the job is not known."""
        return tuple(self.job.workflow.steps) if self.job else ()

    @property
    def steps_of_job(self) -> tuple[Step, ...]:
        """The steps of the job; none where it is not known."""
        return self.job.steps if self.job else ()

    @property
    def earlier(self) -> tuple[Step, ...]:
        """The steps of the job ahead of the step; none where it is not known."""
        return self.step.earlier if self.step else ()

    @property
    def later(self) -> tuple[Step, ...]:
        """The steps of the job behind the step; none where it is not known."""
        return self.step.later if self.step else ()

    def later_of(self, repository: str) -> tuple[Step, ...]:
        """The later steps of the job that use an action."""
        return tuple(one for one in self.later if one.uses is not None and one.uses.repository == repository)

    def may_do_later(self, does: Callable[[Step], bool]) -> bool:
        """Whether a later step of the job may do something, by what `does` tells of it, or the job is not known."""
        return self.job is None or any(may_do(one, self.actions, does) for one in self.later)

    def is_beside(self, repository: str) -> bool:
        """Whether the workflow uses another action too, at known releases, which move along where they have to."""
        uses = (one.uses for one in self.steps_of_workflow)
        found = [use for use in uses if use is not None and use.repository == repository]
        return bool(found) and all(map(at_or_before, found))

    def has(self, name: str) -> bool:
        """Whether the step gives an input, or may do."""
        return self.step is None or self.step.input(name) is not None

    def lacks(self, name: str) -> bool:
        """Whether the step leaves an input out, or may do."""
        return self.step is None or self.step.input(name) is None

    @cached_property
    def scopes(self) -> tuple[Scope, ...]:
        """One for each leg of the step's job, and for each with what callers hand in; none where the step is not known."""
        return tuple(scopes_of(self.step, None, self.handed)) if self.step else ()

    def values(self, name: str) -> tuple[str | None, ...]:
        """Each text that an input comes to, None among them where one is not known; none where there is no input."""
        if name not in self._values:
            found = self.step.input(name) if self.step else None
            texts = (scope.value(found.value).literal for scope in self.scopes) if found else ()
            self._values[name] = tuple(dict.fromkeys(texts))
        return self._values[name]

    @cached_property
    def _values(self) -> dict[str, tuple[str | None, ...]]:
        """What `values` has found: with a matrix of many legs each takes a while, and changes ask for it often."""
        return {}

    def written(self, name: str) -> str:
        """The text that an input comes to where that is known and always the same, else as it is written; empty where there is none."""
        found = self.step.input(name) if self.step else None
        known = self.values(name)
        return (known[0] if len(known) == 1 and known[0] is not None else found.value) if found else ""

    def may_write(self, scope: str) -> bool:
        """Whether the job's token may write with a scope: what is declared says so, or nothing is declared."""
        permissions = self.job.permissions if self.job else None
        return permissions is None or permissions.access(scope) == "write"

    def is_named_in_job(self, pattern: re.Pattern[str]) -> bool:
        """Whether something that a pattern describes stands in the job, or may do."""
        job = self.job
        return job is None or pattern.search(job.node.text[job.node.span]) is not None
