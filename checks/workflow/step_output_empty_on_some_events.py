"""Output is used for events for which its step is skipped

A step that is skipped has empty outputs. A later step that runs all the same puts nothing where the output
should stand: `/web:tag` for a registry, `web@` for a digest.

Keep the later step from these events, too.

The check is silent where the later step has the same or a stricter condition, where a condition can't be
decided, for `a || b`, where several steps' outputs stand together, where the output is no part of a reference
or a path, for names and messages, and for scripts that look whether it is empty.

References:

- https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#steps-context
- https://github.com/docker/build-push-action#outputs
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
    Example,
    Finding,
    Kind,
    Location,
    Repository,
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.tree import Scalar
from checks.facts.workflow.calls import Start
from checks.facts.workflow.conditions import certainly_holds, may_hold
from checks.facts.workflow.events import Event
from checks.facts.workflow.guards import only_if
from checks.facts.workflow.step_outputs import Binary, Call, Use, used_outputs, walk_expression
from checks.facts.workflow.workflows import Job, Step, Workflow
from checks.regex import regex


def _files(consumer: str, extra: str = "") -> str:
    return f"""\
-- .github/workflows/push.yml --
on: [push, pull_request]
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: aws-actions/amazon-ecr-login@v2
        id: login
        if: github.event_name != 'pull_request'
      - uses: docker/build-push-action@v7
{extra}        with:
          context: .
          tags: {consumer}
"""


_GUARD = "        if: github.event_name != 'pull_request'\n"
_TAG = "${{ steps.login.outputs.registry }}/web:1"

check = Check(
    id="step-output-empty-on-some-events",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW,),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("expressions",),
    examples=(
        Example(
            title="a registry",
            files=_files(_TAG),
            at="${{ steps.login.outputs.registry }}",
            fixed=_files(_TAG, _GUARD),
        ),
        Example(title="guarded alike", files=_files(_TAG, _GUARD)),
        Example(
            title="a stricter condition", files=_files(_TAG, "        if: github.ref == 'refs/heads/main'\n")
        ),
        Example(title="a condition that is not known", files=_files(_TAG, "        if: env.PUSH == 'yes'\n")),
        Example(title="a fallback", files=_files("${{ steps.login.outputs.registry || 'local' }}/web:1")),
        Example(title="the whole value", files=_files("${{ steps.login.outputs.registry }}")),
        Example(
            title="the script looks whether it is empty",
            files="""\
-- .github/workflows/build.yml --
on: [push, pull_request]
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: aws-actions/amazon-ecr-login@v2
        id: login
        if: github.event_name == 'push'
      - run: test -n "${{ steps.login.outputs.registry }}" && docker push "${{ steps.login.outputs.registry }}/web:1"
""",
        ),
        Example(
            title="in the name of a step, in a message, in a setting that may be empty",
            files="""\
-- .github/workflows/build.yml --
on: [push, pull_request]
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: aws-actions/amazon-ecr-login@v2
        id: login
        if: github.event_name == 'push'
      - name: Push to ${{ steps.login.outputs.registry }}/web
        run: make push
      - run: echo "pushed to ${{ steps.login.outputs.registry }}/web"
      - uses: docker/build-push-action@v7
        with:
          context: .
          build-args: REGISTRY=${{ steps.login.outputs.registry }}
""",
        ),
    ),
)
_JOINS = ("/", "@", ":")
"""What joins the parts of a reference."""
_SHOWS = regex(r"\b(?:echo|printf)\b")


def run(repo: Repository) -> Iterator[Finding]:
    yield from repo.each(repo.workflows, _in_workflow)


def _in_workflow(repo: Repository, workflow: Workflow) -> Iterator[Finding]:
    for job in workflow.jobs:
        starts = repo.calls_around(job).starts(job)
        for step in job.steps:
            yield from _of_step(job, step, starts)


def _of_step(job: Job, step: Step, starts: tuple[Start, ...]) -> Iterator[Finding]:
    condition = step.condition.value if step.condition else ""
    running = [one.event for one in starts if certainly_holds(condition, one.event)]
    told: set[str] = set()
    for use in used_outputs(step) if running else ():
        producer = job.step(use.of)
        narrow = producer.condition if producer and producer.index < step.index else None
        if narrow is None or use.of in told or not _matters(use):
            continue
        skipped = [event for event in running if not may_hold(narrow.value, event)]
        if skipped and producer is not None:
            told.add(use.of)
            yield _finding(step, use, producer, narrow, skipped[0])


def _matters(use: Use) -> bool:
    """Whether an empty output spoils what it stands in: a part of a reference or a path that something goes by."""
    if use.in_condition or any(isinstance(part, Binary | Call) for part in walk_expression(use.expr)):
        return False
    others = {one.of for one in used_outputs(use.step) if one.scalar is use.scalar}
    script = use.step.run.value if use.step.run else ""
    looks = any(word in script for word in (" -n ", " -z ", ":-", " == ", " != "))
    return len(others) == 1 and not looks and _is_part(use)


def _is_part(use: Use) -> bool:
    """Whether it is joined to what stands beside it, in neither a name for people nor a message."""
    text, span = use.location.text, use.location.span
    line = text.line(text.line_of(span.start))
    before, after = text.content[line.start : span.start], text.content[span.end : line.end]
    is_shown = use.scalar is use.step.node.get("name") or _SHOWS.search(before) is not None
    return not is_shown and (before[-1:] in _JOINS or after[:1] in _JOINS)


def _finding(step: Step, use: Use, producer: Step, narrow: Scalar, event: Event) -> Finding:
    named = code(f"steps.{producer.id}.outputs.{use.name}")
    return Finding(
        message=f"{named} is empty for {code(event.name)}, and this step runs for it.",
        consequence=f"The step {code(producer.id)} is skipped there, so that nothing stands in the output's place.",
        location=use.location,
        related=(Location(narrow.text, narrow.span, f"skips {code(producer.id)}"),),
        fixes=offer(
            f"run only with {code(producer.id)}",
            Applicability.UNSAFE,
            only_if(step, narrow.value) if "||" not in narrow.value else None,
            caution="Does a step behind this one need what it does for the other events?",
        ),
    )
