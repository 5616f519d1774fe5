"""Our check run on a head: found or created before the analysis, concluded whatever happens after.

https://docs.github.com/en/rest/checks/runs
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from app.github.answer import Answer
from app.github.client import Client
from app.github.errors import Unavailable, Unprocessable
from app.github.pull import PullRequest, Revision
from app.report import markdown
from app.report.outcome import Annotation, CheckRun, superseded
from checks.record import Record

NAME = "Tidewaiter"
BATCH = 50
"""Annotations that GitHub takes in one request; further requests append."""
ATTEMPTS = 3
"""Of one PATCH whose answer was lost."""


class Run(Record):
    """A check run of ours as GitHub has it."""

    id: int
    head_sha: str
    external_id: str
    completed: bool
    annotations: int
    """How many it has; they can't be taken back."""
    app_slug: str
    """The App's name in addresses; `<slug>[bot]` is who writes our comments."""
    created: bool = False
    """Whether this process made it just now, so that nobody can have written to it."""
    shared_with: tuple[int, ...] = ()
    """Other pull requests that we reviewed at this head."""


def external_id(revision: Revision, job: str) -> str:
    """What a run says of itself: which pull request, or what its merge group is based on; which of our jobs."""
    return f"{revision.key}:{job}"


def _failed_id(revision: Revision, job: str) -> str:
    """What a run says that tells of a failure: its job has reviewed nothing, and may yet."""
    return f"{external_id(revision, job)}:failed"


def pull_number(external_id: str) -> int | None:
    """The pull request that a run's external id names; None for an id that is not ours, or a merge group's."""
    number, colon, _ = external_id.partition(":")
    return int(number) if colon and number.isdecimal() and len(number) < 10 else None


def group_base(external_id: str) -> str | None:
    """The commit that a run's external id says its merge group is based on; None for another run's."""
    base, colon, _ = external_id.partition(":")
    return base if colon and re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", base) else None


def _read(answer: Answer) -> Run:
    return Run(
        id=answer["id"].number(),
        head_sha=answer["head_sha"].text(),
        external_id=answer["external_id"].text_or(""),
        completed=answer["status"].value == "completed",
        annotations=answer["output"]["annotations_count"].number_or_none() or 0,
        app_slug=answer["app"]["slug"].text_or(""),
    )


async def start(client: Client, revision: Revision, job: str, details_url: str = "") -> Run:
    """The run of `job` on the head: the one that an earlier attempt of the job made, else a new one.

    A run about the same that never got to say anything is taken up too, so that none is left
    hanging. What has annotations is left alone: they can't be removed, so a new review is a new run.
    """
    runs = await runs_on(client, revision.slug, revision.head_sha)
    return await _start(client, revision, job, details_url, runs)


async def _start(client: Client, revision: Revision, job: str, details_url: str, runs: list[Run]) -> Run:
    wanted = external_id(revision, job)
    body: dict[str, object] = {
        "name": NAME,
        "head_sha": revision.head_sha,
        "external_id": wanted,
        "status": "in_progress",
        **({"details_url": details_url} if details_url else {}),
    }
    for attempt in range(1, ATTEMPTS + 1):
        found = _mine(runs, revision, wanted)
        if found:
            return _with_others(replace(found, external_id=wanted), runs, revision)
        try:
            made = _read(await client.post(f"/repos/{revision.slug}/check-runs", body))
        except Unavailable:
            if attempt == ATTEMPTS:
                raise
            runs = await runs_on(client, revision.slug, revision.head_sha)
        else:
            return _with_others(replace(made, created=True), runs, revision)
    raise AssertionError("the last attempt returns or raises")


async def foreseen(client: Client, revision: Revision, app_slug: str) -> Run:
    """The run that `start` would make, without making it."""
    made = Run(0, revision.head_sha, "", completed=False, annotations=0, app_slug=app_slug, created=True)
    return _with_others(made, await runs_on(client, revision.slug, revision.head_sha), revision)


def _mine(runs: Sequence[Run], revision: Revision, wanted: str) -> Run | None:
    idle = (run for run in runs if _is_open(run, revision) and not run.annotations)
    return next((run for run in runs if run.external_id == wanted), None) or next(idle, None)


def _with_others(run: Run, runs: Sequence[Run], revision: Revision) -> Run:
    numbers = {pull_number(each.external_id) for each in runs if not _is_about(each, revision)}
    return replace(run, shared_with=tuple(sorted(other for other in numbers if other is not None)))


async def runs_on(client: Client, slug: str, sha: str) -> list[Run]:
    """Our runs on a commit, newest first."""
    query = {"check_name": NAME, "filter": "all", "app_id": client.app.app_id}
    path = f"/repos/{slug}/commits/{sha}/check-runs"
    return [_read(item) for item in await client.pages(path, query, key="check_runs", most=200)]


async def read(client: Client, slug: str, run: Run) -> Run:
    """The run as it is by now."""
    there = _read(await client.get(f"/repos/{slug}/check-runs/{run.id}"))
    return replace(there, external_id=run.external_id, shared_with=run.shared_with)


async def give_up(client: Client, revision: Revision, job: str, outcome: CheckRun) -> None:
    """Concludes the run of a job that failed. Doing it again changes nothing; a later attempt of the job
    begins a run of its own."""
    runs = await runs_on(client, revision.slug, revision.head_sha)
    failed = _failed_id(revision, job)
    if any(run.external_id == failed for run in runs) and not any(_is_open(run, revision) for run in runs):
        return
    run = await _start(client, revision, job, "", runs)
    if not run.completed:
        await conclude(client, revision.slug, replace(run, external_id=failed), outcome)


async def leave(client: Client, pull: PullRequest, sha: str) -> None:
    """Concludes what was begun on a head that is no longer the pull request's."""
    for run in await runs_on(client, pull.slug, sha):
        if _is_open(run, pull):
            await conclude(client, pull.slug, run, superseded(pull.head_sha))


async def decline(client: Client, pull: PullRequest, sha: str, job: str) -> None:
    """Answers whoever asked to run again what is no longer the pull request's head: by a run that says so."""
    run = await start(client, replace(pull, head_sha=sha), job)
    if not run.completed:
        await conclude(client, pull.slug, run, superseded(pull.head_sha))


def _is_about(run: Run, revision: Revision) -> bool:
    return run.external_id.startswith(external_id(revision, ""))


def _is_open(run: Run, revision: Revision) -> bool:
    return _is_about(run, revision) and not run.completed


async def conclude(client: Client, slug: str, run: Run, outcome: CheckRun, notes: Sequence[str] = ()) -> None:
    """Ends the run as `outcome` says, with further sentences of ours.

    Annotations go in batches, counted from what the run has already. Where GitHub refuses them the run
    is concluded without: it must never be left hanging.
    """
    try:
        await _conclude(client, slug, run, outcome, notes)
    except Unprocessable:
        if not outcome.annotations:
            raise
        told = "GitHub refused the marks beside the lines; the table has every finding."
        await _conclude(client, slug, run, replace(outcome, annotations=()), (*notes, told))


async def _conclude(client: Client, slug: str, run: Run, outcome: CheckRun, notes: Sequence[str]) -> None:
    output = _output(outcome, notes)
    left = outcome.annotations[run.annotations :]
    while len(left) > BATCH:
        run = await _patch(client, slug, run, {"output": output}, left[:BATCH])
        left = outcome.annotations[run.annotations :]
    await _patch(client, slug, run, {"output": output, **_ending(outcome, run)}, left)


async def _patch(
    client: Client, slug: str, run: Run, body: Mapping[str, object], added: Sequence[Annotation]
) -> Run:
    """One PATCH with annotations that takes effect once: after a lost answer, look before the next."""
    expected = run.annotations + len(added)
    output = body["output"]
    full = {
        **body,
        "output": {
            **(output if isinstance(output, dict) else {}),
            "annotations": [_marked(it) for it in added],
        },
    }
    for attempt in range(1, ATTEMPTS + 1):
        try:
            await client.patch(f"/repos/{slug}/check-runs/{run.id}", full)
        except Unavailable:
            there = await read(client, slug, run)
            if not (there.completed if "conclusion" in body else there.annotations >= expected):
                if attempt == ATTEMPTS:
                    raise
                continue
        return replace(run, annotations=expected)
    raise AssertionError("the last attempt returns or raises")


def summary_of(outcome: CheckRun, notes: Sequence[str]) -> str:
    """The summary with what publishing had to add to it."""
    return markdown.sections([outcome.summary, *(markdown.prose(note) for note in notes)])


def _output(outcome: CheckRun, notes: Sequence[str]) -> dict[str, object]:
    text = {"text": outcome.text} if outcome.text else {}
    return {"title": outcome.title, "summary": summary_of(outcome, notes), **text}


def _ending(outcome: CheckRun, run: Run) -> dict[str, object]:
    actions = [
        {"label": it.label, "description": it.description, "identifier": it.identifier}
        for it in outcome.actions
    ]
    return {
        "status": "completed",
        "conclusion": outcome.conclusion.value,
        # The run may have been another job's that came to nothing.
        "external_id": run.external_id,
        **({"actions": actions} if actions else {}),
        **({"details_url": outcome.details_url} if outcome.details_url else {}),
    }


def _marked(it: Annotation) -> dict[str, object]:
    fields: dict[str, object] = {
        "path": it.path,
        "start_line": it.start_line,
        "end_line": it.end_line,
        "annotation_level": it.level.value,
        "title": it.title,
        "message": it.message,
    }
    optional = {
        "raw_details": it.details or None,
        "start_column": it.start_column,
        "end_column": it.end_column,
    }
    return fields | {name: value for name, value in optional.items() if value is not None}
