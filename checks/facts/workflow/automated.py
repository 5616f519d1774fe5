"""What one workflow, composite action or script says by itself.

Nothing here looks at another file: what one says stands for as long as it is not edited, and its callers hand it
the same.
"""

from __future__ import annotations

from functools import cached_property

from msgspec.structs import replace

from checks.facts.build.build_push import builds_of
from checks.facts.build.builds import Build
from checks.facts.build.command_builds import builds_of_commands
from checks.facts.deployment.rollouts import Rollout, rollouts_of
from checks.facts.image.aliases import Alias, aliases_of
from checks.facts.image.github_attestations import GitHubAttestation, github_attestations_of
from checks.facts.image.pushes import Push, pushes_of
from checks.facts.image.sboms import Attested, Sbom, attested_of, sboms_of
from checks.facts.image.signing import CosignCall, calls_of
from checks.facts.scan.sarif import Upload, uploads_of
from checks.facts.scan.scan_commands import scans_of
from checks.facts.scan.scans import Scan
from checks.facts.script.invocations import Invocation, of_script, of_steps
from checks.facts.workflow.composite_actions import CompositeAction
from checks.facts.workflow.handed_in import HandedIn
from checks.facts.workflow.job_order import comes_before, in_same_run
from checks.facts.workflow.workflows import Step, Workflow
from checks.facts.workflow.written_paths import Written, overwritten_paths
from checks.record import Record
from checks.source.text import Text


class Automated(Record, eq=False, dict=True):
    """The steps and commands of a file, and what they do with images. Each subject is read when it is first asked for."""

    steps: tuple[Step, ...]
    """None in a script."""
    slug: str | None
    """`owner/name` of the repository."""
    script: Text | None = None
    """The file, if it is a script."""
    for_others: bool = False
    """Whether what it builds belongs to another repository, of which nothing is known."""
    handed: HandedIn | None = None
    """What its callers here agree on."""

    @cached_property
    def invocations(self) -> tuple[Invocation, ...]:
        """The commands, in the order of the file."""
        return of_steps(self.steps, self.slug, self.handed) if self.script is None else of_script(self.script)

    @cached_property
    def builds_by_action(self) -> tuple[Build, ...]:
        return builds_of(self.steps, self.slug, self.handed, for_others=self.for_others)

    @cached_property
    def builds(self) -> tuple[Build, ...]:
        """Those by actions, then those by commands; of files that the same job or action writes anew before, nothing is known."""
        found = self.builds_by_action + builds_of_commands(self.invocations, for_others=self.for_others)
        return tuple(replace(one, dockerfile=None) if self._is_of_written(one) else one for one in found)

    def _is_of_written(self, build: Build) -> bool:
        step = build.step
        if step is None or build.is_of_git:
            return False
        return any(
            one.path == build.dockerfile
            and in_same_run(one.step, one.location, step, build.location)
            and comes_before(one.step, one.location, step, build.location)
            for one in self._overwritten
        )

    @cached_property
    def _overwritten(self) -> tuple[Written, ...]:
        return tuple(overwritten_paths(self.invocations))

    @cached_property
    def aliases(self) -> tuple[Alias, ...]:
        return aliases_of(self.invocations)

    @cached_property
    def pushes(self) -> tuple[Push, ...]:
        return pushes_of(self.builds, self.invocations, self.aliases)

    @cached_property
    def scans(self) -> tuple[Scan, ...]:
        return scans_of(self.steps, self.invocations, self.slug, self.handed)

    @cached_property
    def sarif_uploads(self) -> tuple[Upload, ...]:
        return uploads_of(self.steps, self.scans)

    @cached_property
    def sboms(self) -> tuple[Sbom, ...]:
        return sboms_of(self.steps, self.invocations, self.slug, self.handed)

    @cached_property
    def attested_files(self) -> tuple[Attested, ...]:
        return attested_of(self.steps, self.invocations, self.slug, self.handed)

    @cached_property
    def cosign_calls(self) -> tuple[CosignCall, ...]:
        return calls_of(self.invocations)

    @cached_property
    def rollouts(self) -> tuple[Rollout, ...]:
        return rollouts_of(self.invocations)

    @cached_property
    def github_attestations(self) -> tuple[GitHubAttestation, ...]:
        return github_attestations_of(self.steps, self.slug, self.handed)


def by_steps(
    owner: Workflow | CompositeAction, slug: str | None, for_others: bool, handed: HandedIn | None
) -> Automated:
    """What a workflow or a composite action says."""
    return Automated(tuple(owner.steps), slug, for_others=for_others, handed=handed)


def by_script(text: Text, slug: str | None) -> Automated:
    """What a script says."""
    return Automated((), slug, text)
