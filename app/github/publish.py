"""Carries out a plan. Doing it again changes nothing: it looks before it writes, and converges.

In this order, so that a required check is never left hanging and never green too early: comments in one
review, code scanning, and the check run's conclusion at the end.
"""

from __future__ import annotations

import base64
import gzip
import time
from collections.abc import Sequence

from msgspec import Struct, field

from app.github.answer import Answer
from app.github.check_run import Run, conclude, read
from app.github.client import Client
from app.github.errors import Forbidden, NotFound, Superseded, Unavailable, Unprocessable
from app.github.pull import PullRequest, pull_request
from app.report.comment import marked
from app.report.markdown import counted
from app.report.outcome import superseded
from app.report.placement import Comment, Posted, review_body
from app.report.plan import Plan
from checks.record import Record

FRESH = 5.0
"""Seconds for which a reading of the head counts: a burst of writes reads it once."""
MAX_REVIEWS = 14
"""Calls to place comments after GitHub refused them together; what is left then stands in the check run."""
MAX_SARIF = 10_000_000
"""Bytes, compressed, that code scanning takes."""
NO_SCANNING = "Code scanning is not enabled for this repository, so there are no alerts in its security tab."
NO_PERMISSION = (
    "The installation does not grant `security_events: write`, so there are no code scanning alerts."
)
NO_COMMENTS = "GitHub does not let us comment on this pull request; the findings stand here only."


class Standing(Record):
    """The review comments of a pull request."""

    posted: tuple[Posted, ...]
    """Ours, by their markers."""
    seen: int
    """How many there are of anybody's."""


class Published(Record):
    """What was done."""

    run_id: int
    posted: tuple[str, ...] = ()
    """Identities of the comments that were written."""
    refused: tuple[str, ...] = ()
    """Identities of those that GitHub would not place; they stand in the check run."""
    notes: tuple[str, ...] = ()
    """What the check run says besides the plan."""


async def look(client: Client, pull: PullRequest, app_slug: str) -> Standing:
    """What stands on the pull request. Only a comment that our App wrote counts, whatever it says.

    https://docs.github.com/en/rest/pulls/comments#list-review-comments-on-a-pull-request
    """
    comments = await client.pages(f"/repos/{pull.slug}/pulls/{pull.number}/comments")
    answered = {comment["in_reply_to_id"].value for comment in comments}
    bot = f"{app_slug}[bot]".lower()
    ours = (it for it in comments if it["user"] and it["user"]["login"].text_or("").lower() == bot)
    found = (_posted(comment, answered) for comment in ours if not comment["in_reply_to_id"])
    return Standing(tuple(posted for posted in found if posted), len(comments))


def _posted(comment: Answer, answered: set[object]) -> Posted | None:
    body = comment["body"].text_or("")
    identity = marked(body)
    if identity is None:
        return None
    return Posted(
        id=comment["id"].number(),
        identity=identity,
        path=comment["path"].text(),
        line=comment["line"].number_or_none(),
        start_line=comment["start_line"].number_or_none(),
        body=body,
        replied=comment["id"].value in answered,
    )


class _Head:
    """Keeps us from writing about a head that is no longer the pull request's."""

    def __init__(self, client: Client, pull: PullRequest) -> None:
        self._client = client
        self._pull = pull
        self._read_at = 0.0

    async def read(self) -> PullRequest:
        """The pull request by now. `Superseded` if its head moved."""
        there = await pull_request(self._client, self._pull.slug, self._pull.number)
        if there.head_sha != self._pull.head_sha:
            raise Superseded(there.head_sha)
        self._read_at = time.monotonic()
        return there

    async def check(self) -> None:
        """To be awaited before each write."""
        if time.monotonic() - self._read_at > FRESH:
            await self.read()


async def publish(client: Client, pull: PullRequest, run: Run, plan: Plan, standing: Standing) -> Published:
    """Writes what the plan says to the pull request and ends the run.

    `standing` is what the plan was made from. Raises `Superseded`, with the run concluded as cancelled,
    where the head moved; other `GitHubError`s leave the run open for another attempt, or for `conclude`
    with what `app.report.outcome.failed` says.
    """
    try:
        return await _publish(client, pull, run, plan, standing)
    except Superseded as moved:
        await conclude(client, pull.slug, run, superseded(moved.head))
        raise


async def _publish(client: Client, pull: PullRequest, run: Run, plan: Plan, standing: Standing) -> Published:
    if run.completed:
        return Published(run.id)
    head = _Head(client, pull)
    there = await head.read()
    comments = plan.comments
    if not (run.created and there.review_comments == standing.seen):
        # Somebody, perhaps an earlier attempt of ours, may have written since: look at everything again.
        run = await read(client, pull.slug, run)
        if run.completed:
            return Published(run.id)
        comments = await _missing(client, pull, run, comments)
    await _tidy(client, pull, head, plan)
    posting = _Posting(client, pull, run, head)
    await posting.post(comments)
    notes = [*posting.notes()]
    if plan.sarif is not None:
        await head.check()
        notes += await upload_sarif(
            client, pull.slug, pull.head_sha, f"refs/pull/{pull.number}/head", plan.sarif
        )
    await head.check()
    await conclude(client, pull.slug, run, plan.check_run, notes)
    return Published(run.id, tuple(posting.placed), tuple(posting.refused), tuple(notes))


async def _missing(
    client: Client, pull: PullRequest, run: Run, comments: Sequence[Comment]
) -> tuple[Comment, ...]:
    if not comments:
        return ()
    there = {posted.identity for posted in (await look(client, pull, run.app_slug)).posted}
    return tuple(comment for comment in comments if comment.identity not in there)


async def _tidy(client: Client, pull: PullRequest, head: _Head, plan: Plan) -> None:
    """Rewrites and deletes comments of ours; one that is gone already is as good as done."""
    for rewritten in plan.rewritten:
        await head.check()
        try:
            await client.patch(f"/repos/{pull.slug}/pulls/comments/{rewritten.id}", {"body": rewritten.body})
        except (NotFound, Forbidden):
            continue
    for number in plan.deleted:
        await head.check()
        try:
            await client.delete(f"/repos/{pull.slug}/pulls/comments/{number}")
        except (NotFound, Forbidden):
            continue


class _Posting(Struct):
    """Gets comments onto the pull request: all in one review, or without the ones that GitHub refuses."""

    client: Client
    pull: PullRequest
    run: Run
    head: _Head
    placed: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    calls: int = 0
    forbidden: bool = False

    async def post(self, comments: Sequence[Comment]) -> None:
        """GitHub takes all comments of a review or none, and doesn't say which one it minds: then the
        halves are tried, and their halves."""
        if not comments:
            return
        if self.forbidden or self.calls >= MAX_REVIEWS:
            self.refused += [comment.identity for comment in comments]
            return
        try:
            await self._create(comments)
        except Forbidden:
            self.forbidden = True
            self.refused += [comment.identity for comment in comments]
        except Unprocessable:
            await self.head.read()
            if len(comments) == 1:
                self.refused.append(comments[0].identity)
                return
            middle = len(comments) // 2
            await self.post(comments[:middle])
            await self.post(comments[middle:])

    async def _create(self, comments: Sequence[Comment]) -> None:
        """https://docs.github.com/en/rest/pulls/reviews#create-a-review-for-a-pull-request"""
        await self.head.check()
        self.calls += 1
        path = f"/repos/{self.pull.slug}/pulls/{self.pull.number}/reviews"
        body = {"commit_id": self.pull.head_sha, "event": "COMMENT", "body": review_body(len(comments))}
        try:
            await self.client.post(path, {**body, "comments": [_told(comment) for comment in comments]})
        except Unavailable:
            left = await _missing(self.client, self.pull, self.run, comments)
            if left:
                await self.client.post(path, {**body, "comments": [_told(comment) for comment in left]})
        self.placed += [comment.identity for comment in comments]

    def notes(self) -> list[str]:
        if self.forbidden:
            return [NO_COMMENTS]
        if not self.refused:
            return []
        return [
            f"GitHub would not take {counted(len(self.refused), 'comment')}; the finding stands here only."
        ]


def _told(comment: Comment) -> dict[str, object]:
    start = (
        {"start_line": comment.start_line, "start_side": "RIGHT"} if comment.start_line is not None else {}
    )
    return {"path": comment.path, "line": comment.line, "side": "RIGHT", "body": comment.body, **start}


async def upload_sarif(client: Client, slug: str, sha: str, ref: str, document: bytes) -> list[str]:
    """Hands a SARIF document to code scanning; answers with sentences about what kept it from being taken.

    For a pull request `ref` is `refs/pull/N/head`: GitHub makes the merge commit anew behind our back.
    https://docs.github.com/en/rest/code-scanning/code-scanning#upload-an-analysis-as-sarif-data
    """
    if client.access is not None and client.granted and "security_events" not in client.granted:
        return [NO_PERMISSION]
    packed = gzip.compress(document, mtime=0)
    if len(packed) > MAX_SARIF:
        return ["There are too many results for code scanning, so it has none of them."]
    body = {"commit_sha": sha, "ref": ref, "sarif": base64.b64encode(packed).decode("ascii")}
    path = f"/repos/{slug}/code-scanning/sarifs"
    try:
        try:
            await client.post(path, body)
        except Unavailable:
            # Results of the same tool, category and commit replace each other: twice is as good as once.
            await client.post(path, body)
    except (Forbidden, NotFound):
        return [NO_SCANNING]
    except (Unprocessable, Unavailable):
        return ["Code scanning did not take the results of this review, so its alerts may be out of date."]
    return []
