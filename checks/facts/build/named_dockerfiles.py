"""Files that builds name as their Dockerfile, whatever they are called."""

from __future__ import annotations

from collections.abc import Iterable

from checks.facts.build.builds import Build
from checks.facts.build.command_builds import builds_of_commands
from checks.facts.build.compose import Compose, ComposeBuild
from checks.facts.script.invocations import of_steps
from checks.facts.workflow.workflows import Step, Workflow


def named_dockerfiles(parsed: object, by_action: tuple[Build, ...]) -> frozenset[str]:
    """The paths that the builds of a workflow or a Compose file name; `by_action` are a workflow's by actions."""
    builds: Iterable[Build | ComposeBuild] = ()
    if isinstance(parsed, Workflow):
        builds = (*by_action, *builds_of_commands(of_steps(_that_may_name_one(parsed.steps), None)))
    elif isinstance(parsed, Compose):
        builds = parsed.builds
    return frozenset(build.dockerfile for build in builds if build.dockerfile)


def _that_may_name_one(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The steps whose script names a Dockerfile, most likely: the others need not be parsed."""
    return tuple(
        step
        for step in steps
        if step.run and " build" in step.run.value and ("-f" in step.run.value or "--file" in step.run.value)
    )
