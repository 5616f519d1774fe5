"""Runs of one branch that may overtake each other, by the image's name that each of them pushes again.

The run of the older commit may end last, and the name is then the older image.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from checks.facts.image.pushes import Push
from checks.facts.image.references import is_moving
from checks.facts.value import Varies
from checks.facts.workflow.calls import Start, certainly_runs
from checks.facts.workflow.events import Event
from checks.facts.workflow.job_events import of_step
from checks.facts.workflow.workflows import Job, Step, Workflow
from checks.record import Record
from checks.regex import regex

MAIN = frozenset(("refs/heads/main", "refs/heads/master"))
"""The branch that others go by."""
_RELEASERS = (
    "actions/create-release",
    "goreleaser/goreleaser-action",
    "ncipollo/release-action",
    "softprops/action-gh-release",
)
_RELEASES = regex(r"\bgh release create\b|\bcreateRelease\b|\bgoreleaser release\b")
_OF_ONE_RELEASE = regex(r"(?:\d|\[0-9\][+*]?)+(?:\.(?:\*|(?:\d|\[0-9\][+*]?)+)){2}")
"""Three numbers in the name of a branch, or in a pattern for one: it is there for one version."""


class RacingPush(Record, eq=False):
    """A push that each run for a branch makes again, whatever keeps these runs apart."""

    push: Push
    job: Job
    events: tuple[Event, ...]
    """The pushes to branches that certainly start such runs."""

    @property
    def is_queued(self) -> bool:
        """Whether the job has a `concurrency` of its own."""
        return self.job.node.get("concurrency") is not None

    @property
    def may_be_alone(self) -> bool:
        """Whether its job may have one runner alone, which takes one at a time: no file tells how many there are.

        https://docs.github.com/en/actions/how-tos/manage-runners/self-hosted-runners/use-in-a-workflow
        """
        return "self-hosted" in map(str.lower, self.job.runs_on)


def racing_pushes(workflow: Workflow, pushes: Iterable[Push]) -> list[RacingPush]:
    """Those of a workflow's pushes that two runs for one branch may make in any order."""
    releases = [step for step in workflow.steps if _makes_release(step)]
    found = []
    for push in pushes:
        happening = _events(push, releases)
        if happening and push.step is not None and push.step.job is not None:
            found.append(RacingPush(push, push.step.job, happening))
    return found


def is_of_main(push: Push) -> bool:
    """Whether a name is pushed for the branch that others go by: where there is one, that is the one to speak of."""
    return any(event.ref in MAIN and push.is_certain_for(event) for event in push.events or ())


def certainly_pushes(push: Push, event: Event) -> bool:
    """Whether a run for an event certainly gets to a push, and makes it."""
    return (
        push.step is not None
        and event in (push.events or ())
        and push.is_certain_for(event)
        and certainly_runs(push.step, Start(event))
    )


def _makes_release(step: Step) -> bool:
    """Whether a step makes a release on GitHub, which is there once for each version: then one run publishes it."""
    texts = (one.value for one in (step.run, step.input("script")) if one is not None)
    return step.uses_action(*_RELEASERS) or any(map(_RELEASES.search, texts))


def _events(push: Push, releases: Sequence[Step]) -> tuple[Event, ...]:
    """The pushes to branches of which two certainly push the name twice, where no queue parts the runs."""
    if not moves_name(push):
        return ()
    return tuple(
        event
        for event in push.events or ()
        if event.is_push_to_branch
        and not event.is_on_passing_branch
        and not _OF_ONE_RELEASE.search(event.pattern or event.ref or "")
        and not any(event in (of_step(it) or ()) for it in releases)
        and certainly_pushes(push, event)
    )


def moves_name(push: Push) -> bool:
    """Whether each run of a branch that gets to a push certainly moves its tag; a number in the file is that of a release."""
    if push.moves_nothing:
        return False
    tag = push.reference.tag_or_default
    text = tag.literal
    if text is not None:
        return bool(text) and not any(character.isdigit() for character in text)
    return is_moving(tag) and all(hole.varies is Varies.BRANCH for hole in tag.holes)
