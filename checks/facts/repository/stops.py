"""What stops on every run, and what no run and no build comes to for that: steps, jobs and stages."""

from __future__ import annotations

from collections.abc import Mapping

from checks.facts.action.old_containers import steps_without_node
from checks.facts.answers import fact, facts
from checks.facts.build.absent_paths import steps_without_path
from checks.facts.build.build_inputs import (
    cannot_be_built,
    finds_checkout,
    parts_in_vain,
    steps_behind,
    steps_failing,
    steps_lacking_input,
    steps_that_stop,
)
from checks.facts.build.builders import steps_without_exporter
from checks.facts.build.go_stops import steps_refused_by_go
from checks.facts.build.missing_sources import (
    manifest_ends,
    stages_missing_manifests,
    stages_missing_projects,
    stages_missing_sources,
)
from checks.facts.build.pnpm_stops import steps_of_old_installers, steps_of_two_pnpms, steps_without_pnpm
from checks.facts.build.program_stops import steps_without_program
from checks.facts.build.python_stops import steps_without_python
from checks.facts.build.submodules import SUBMODULES
from checks.facts.build.unreached import Unreached, unreached, waiting_in_vain
from checks.facts.dockerfile.copied_files import contexts_for
from checks.facts.dockerfile.dockerfiles import Dockerfile, Stage
from checks.facts.dockerfile.idle_stages import (
    ANY,
    idle_stages,
    may_ask_unread,
    missing_manifests,
    stopped_stages,
    targets_named_in,
)
from checks.facts.dockerfile.missing_stages import stages_missing_stages
from checks.facts.dockerfile.pnpm_builds import outdated_projects, puts_lock, stopped_by_pnpm
from checks.facts.image.closed_registries import steps_at_closed_registries
from checks.facts.repository.dockerfiles import Dockerfiles
from checks.facts.workflow.disabled_commands import steps_with_disabled_commands
from checks.facts.workflow.refused_lines import steps_with_refused_lines
from checks.facts.workflow.unprivileged_installs import steps_without_root
from checks.facts.workflow.uses import ActionUse
from checks.facts.workflow.whose_runs import parts_for_others
from checks.facts.workflow.workflows import Step
from checks.source.text import Location, Span


class Stops(Dockerfiles):
    @fact
    def steps_that_stop(self) -> frozenset[Step]:
        """The steps whose builds stop on every run, since they copy what the repository does not have."""
        return steps_that_stop(self.builds, self.dockerfiles, self.snapshot)

    @fact
    def steps_behind_stops(self) -> frozenset[Step]:
        """The later steps of their jobs that no run comes to."""
        return steps_behind(self.steps_that_stop)

    @fact
    def steps_in_vain(self) -> frozenset[Step]:
        """Both: what they would push or leave in a cache is never there."""
        return self.steps_that_stop | self.steps_behind_stops

    def is_in_vain(self, location: Location) -> bool:
        """Whether a place is handed to a build that stops in each leg, or stands behind one in its job.

        What makes the build stop is not in vain.
        """
        failing = [one for one in self.failing_builds if one.text is location.text]
        if any(reason.covers(location.span) for one in failing for reason in one.reasons):
            return False
        parts = (*(one.part for one in failing), *self._stopped_parts.get(location.path, ()))
        return any(part.covers(location.span) for part in parts)

    @fact
    def _stopped_parts(self) -> Mapping[str, tuple[Span, ...]]:
        return parts_in_vain(self.steps_that_stop, self.steps_behind_stops)

    def comes_to(self, use: ActionUse) -> bool:
        """Whether a run may come to the step or the job that uses an action or a workflow.

        It is not switched off, and no step ahead stops on every run, be it for want of a folder or a file alone: nothing but what is
        said of the use is settled by that.
        """
        place = use.location
        behind = self._unreached_parts.get(place.path, ())
        return not (self.never_runs(place) or any(part.covers(place.span) for part in behind))

    @fact
    def steps_without_effect(self) -> frozenset[Step]:
        """The steps that push and sign nothing.

        They are for another repository, fail on every run, are behind one that does, or in a job that GitHub fails before it starts.
        """
        unstarted = frozenset(
            step
            for one in self.workflows
            if self.stopped_jobs[one.path]
            for step in one.steps
            if self.is_stopped(Location(step.text, step.node.span))
        )
        for_others = frozenset(
            step
            for one in self.workflows
            if (parts := self.memo(parts_for_others, one, self.outside.slug))
            for step in one.steps
            if any(part.covers(step.node.span) for part in parts)
        )
        refused = self._steps_refused_by_go
        return (
            self._steps_stopped_by_builds
            | self._behind_all_stops.steps
            | unstarted
            | for_others
            | refused
            | steps_behind(refused)
            | self._steps_failing
            | waiting_in_vain(self._steps_failing)
        )

    @fact
    def _steps_failing(self) -> frozenset[Step]:
        """Those whose builds fail whenever they run: where the run goes on all the same, they have pushed nothing."""
        return steps_failing(self.builds, self.snapshot) if self.snapshot.complete else frozenset()

    @fact
    def _steps_refused_by_go(self) -> frozenset[Step]:
        if not self.snapshot.complete:
            return frozenset()
        return steps_refused_by_go(self.builds, self.build_contexts, self.go_modules, self.snapshot.texts)

    @facts
    def _unreached_parts(self) -> Mapping[str, tuple[Span, ...]]:
        return self._behind_all_stops.spans

    @fact
    def _behind_all_stops(self) -> Unreached:
        return unreached(
            self._steps_stopped_by_builds | self._steps_without_path | self._steps_stopped_outside
        )

    @fact
    def _steps_stopped_by_builds(self) -> frozenset[Step]:
        if not self.snapshot.complete:
            return frozenset()
        return (
            self.steps_that_stop
            | steps_lacking_input(self.builds, self.snapshot)
            | steps_without_exporter(self.builds)
        )

    @fact
    def _steps_without_path(self) -> frozenset[Step]:
        if not self.snapshot.complete:
            return frozenset()
        paths, modules = self.snapshot.paths, self.snapshot.texts.get(SUBMODULES)
        return frozenset[Step]().union(
            *(self.memo(steps_without_path, one, paths, modules) for one in self.workflows)
        )

    @fact
    def _steps_stopped_outside(self) -> frozenset[Step]:
        """Those that stop for what is outside of the repository: a program, a library or a Python that the machine lacks, a registry that is closed, a command or a line of outputs that the runner refuses, rights that its user lacks."""
        managers = {one.path: one.package_manager for one in self.node_projects}
        found = (
            self.memo(steps_without_pnpm, one)
            | self.memo(steps_of_old_installers, one)
            | self.memo(steps_without_program, one)
            | self.memo(steps_at_closed_registries, one)
            | self.memo(steps_with_disabled_commands, one)
            | self.memo(steps_with_refused_lines, one)
            | self.memo(steps_without_node, one)
            | self.memo(steps_without_root, one)
            | self.memo(steps_without_python, one)
            | steps_of_two_pnpms(one, managers)
            for one in self.workflows
        )
        return frozenset[Step]().union(*found)

    @fact
    def idle_stages(self) -> Mapping[str, tuple[Dockerfile, frozenset[Stage]]]:
        """The stages that no build comes to, by the path of their Dockerfile, with that.

        None where not all builds can be known.
        """
        if not self.snapshot.complete:
            return {}
        unread = frozenset((ANY,)) if may_ask_unread(self.snapshot.paths) else frozenset[str]()
        asked = unread.union(*(self.memo(targets_named_in, one) for one in self._builders))
        missing = missing_manifests(self.snapshot.paths)
        found = (
            (one, self.memo(idle_stages, one, asked, missing, self._stopped_stages(one)))
            for one in self.dockerfiles
        )
        return {one.path: (one, stages) for one, stages in found if stages}

    def is_idle(self, location: Location) -> bool:
        """Whether no build comes to a place in a Dockerfile: none needs its stage, or none can succeed."""
        idle = self.idle_stages.get(location.path)
        if not idle:
            return False
        dockerfile, stages = idle
        at = next(
            (one for one in reversed(dockerfile.stages) if one.instruction.span.start <= location.span.start),
            None,
        )
        return at in stages if at else len(stages) == len(dockerfile.stages)

    def _stopped_stages(self, dockerfile: Dockerfile) -> frozenset[Stage]:
        if not self._may_be_built_by_hand and cannot_be_built(
            dockerfile, self.builds, self.compose_builds, self.snapshot
        ):
            return frozenset(dockerfile.stages)
        missing = stages_missing_sources(
            dockerfile, self.compose_builds, self.builds, self._scripts, self.snapshot
        )
        missing |= stages_missing_manifests(
            dockerfile,
            self.compose_builds,
            self.builds,
            self._scripts,
            self.memo(manifest_ends, self.snapshot.paths),
            self.snapshot,
        )
        missing |= stages_missing_projects(
            dockerfile, self.compose_builds, self.builds, self._scripts, self.snapshot
        )
        contexts = tuple(contexts_for(dockerfile, self.build_contexts, self.ignore_files, self.snapshot))
        missing |= stages_missing_stages(dockerfile, self._scripts)
        if self._outdated_by_pnpm and self._finds_what_is_here(dockerfile):
            missing |= stopped_by_pnpm(dockerfile, contexts, self._outdated_by_pnpm, self.snapshot.paths)
        return missing | stopped_stages(
            dockerfile,
            contexts,
            self.go_modules,
            self.node_projects,
            self.builds,
            self.compose_builds,
            self.snapshot,
        )

    @fact
    def _outdated_by_pnpm(self) -> frozenset[str]:
        """Folders with a lock file that pnpm refuses; none where a script may put another one into its place."""
        found = outdated_projects(self.node_projects, self.pnpm_locks, self.snapshot.paths)
        is_put = any(puts_lock(one) for one in (self._scripts if found else ()))
        return frozenset() if is_put else found

    def _finds_what_is_here(self, dockerfile: Dockerfile) -> bool:
        """Whether each step that may build a Dockerfile certainly does so with the files of the commit, in a folder that is known."""
        builds = (one for one in self.builds if one.dockerfile in (dockerfile.path, None))
        return all(one.dockerfile and one.folder is not None and finds_checkout(one) for one in builds)
