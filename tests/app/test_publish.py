"""Whatever goes wrong on the way, the pull request comes to the same end: no comment twice, none lost
without a word, exactly one concluded check run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest
from msgspec import structs

from app.github import check_run, publish
from app.github.errors import Forbidden, Superseded
from app.report import outcome
from app.report.comment import marked, marker
from tests.app import github_job
from tests.app.github_job import PATH, WORKFLOW, Ground, Prepared, loud, made, only_run
from tests.github import faults
from tests.github.endstate import EndState


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with github_job.ground(tmp_path_factory.mktemp("git")) as made:
        yield made


# The plain way


def test_a_review_is_one_review_one_check_run_and_one_upload(ground: Ground) -> None:
    it = made(ground)
    published = asyncio.run(it.job())
    run = only_run(it)
    assert (run.status, run.conclusion, run.title) == ("completed", "success", "2 new findings: 2 warnings")
    assert (run.name, run.details_url) == ("Tidewaiter", "https://tidewaiter.example/reviews/1")
    assert len(run.annotations) == 2
    assert [(one.path, one.line) for one in it.fake.review_comments(it.pull)] == [(PATH, 11), (PATH, 65)]
    (one_review,) = it.fake.reviews(it.pull)
    assert one_review.body == "2 new findings stand beside the lines; the check run lists them all."
    (upload,) = it.sarifs()
    assert (upload.ref, upload.commit_sha) == ("refs/pull/7/head", it.pull.head_sha)
    assert (published.posted, published.refused, published.notes) == (("job3", "job30"), (), ())


def test_a_first_review_takes_14_calls_and_a_later_one_12(ground: Ground) -> None:
    it = made(ground)
    asyncio.run(it.job())
    assert len(it.calls) <= 14, it.calls
    it.calls.clear()
    it.push({PATH: loud(3, 30, 45)})
    asyncio.run(it.job())
    assert len(it.calls) <= 12, it.calls
    assert len(it.fake.review_comments(it.pull)) == 3


def test_a_suggestion_commits_to_exactly_the_fixed_file(ground: Ground) -> None:
    it = made(ground)
    asyncio.run(it.job())
    first, second = it.fake.review_comments(it.pull)
    assert it.fake.suggestion_result(first) == loud(30)
    assert it.fake.suggestion_result(second) == loud(3)


def test_publishing_the_same_plan_twice_changes_nothing(ground: Ground) -> None:
    it = made(ground)

    async def twice() -> tuple[EndState, EndState]:
        async with it.client() as client:
            job = await it.prepared(client, "job")
            await publish.publish(client, job.pull, job.run, job.plan, job.standing)
            first = it.fake.state(it.pull)
            await publish.publish(client, job.pull, job.run, job.plan, job.standing)
            return first, it.fake.state(it.pull)

    first, second = asyncio.run(twice())
    assert first == second
    assert len(it.sarifs()) == 1


def test_the_same_job_again_changes_nothing(ground: Ground) -> None:
    it = made(ground)
    asyncio.run(it.job("job"))
    first = it.fake.state(it.pull)
    it.calls.clear()
    asyncio.run(it.job("job"))
    assert it.fake.state(it.pull) == first
    reads = {method for method, path, _ in it.calls if path != "/graphql" and "tokens" not in path}
    assert reads == {"GET"}


def test_a_rerun_is_a_new_check_run_and_no_new_comment(ground: Ground) -> None:
    it = made(ground)
    asyncio.run(it.job("one"))
    asyncio.run(it.job("two"))
    runs = it.check_runs()
    assert [(run.conclusion, len(run.annotations)) for run in runs] == [("success", 2), ("success", 2)]
    assert len(it.fake.review_comments(it.pull)) == 2


def test_120_findings_are_annotated_in_batches_of_50(ground: Ground) -> None:
    it = made(ground, *range(60))
    whole = WORKFLOW.replace("quiet", "LOUD") + "  more:\n    runs-on: LOUD\n" * 60
    it.push({PATH: whole})
    asyncio.run(it.job())
    assert len(only_run(it).annotations) == 120
    assert len(it.requests("PATCH", "check-runs/*")) == 3


# The next push


def test_what_is_fixed_goes_and_what_is_answered_stays(ground: Ground) -> None:
    it = made(ground, 3, 30, 45)
    asyncio.run(it.job())
    _, answered, still = it.fake.review_comments(it.pull)
    it.fake.reply(answered, "octocat", "On purpose.")
    it.push({PATH: loud(45)})
    asyncio.run(it.job())
    left = {one.id: one.body for one in it.fake.review_comments(it.pull) if one.in_reply_to is None}
    assert set(left) == {answered.id, still.id}
    assert left[answered.id].startswith(f"Fixed in `{it.pull.head_sha[:7]}`.")
    assert left[still.id] == still.body


def test_a_comment_of_somebody_else_with_our_marker_is_not_ours(ground: Ground) -> None:
    it = made(ground, 3)
    asyncio.run(it.job())
    (first,) = it.fake.review_comments(it.pull)
    forged = replace(first, id=1, author=it.fake.hub.user("mallory"), body=f"Fine.\n{marker('job45')}")
    it.fake.hub.review_comments[1] = forged
    it.push({PATH: loud(3, 45)})
    asyncio.run(it.job())
    ours = [one for one in it.fake.review_comments(it.pull) if one.author == it.fake.hub.bot]
    assert {marked(one.body) for one in ours} == {"job3", "job45"}
    assert it.requests("DELETE", "*") == []


def test_a_run_of_another_app_with_our_name_is_not_ours(ground: Ground) -> None:
    it = made(ground)
    asyncio.run(it.job("job"))
    ours = only_run(it)
    it.fake.hub.check_runs[ours.id] = replace(ours, app_id=it.fake.app_id + 1)
    asyncio.run(it.job("job"))
    assert [run.app_id for run in it.check_runs()] == [it.fake.app_id + 1, it.fake.app_id]
    assert len(it.fake.review_comments(it.pull)) == 2


def test_comments_stand_on_the_head_that_was_reviewed(ground: Ground) -> None:
    """Without its SHA GitHub would take the newest, whose lines may be others."""
    it = made(ground)
    reviewed = it.pull.head_sha
    it.fake.faults.on(
        "POST", "*/reviews", kind=faults.call(lambda: it.push({PATH: "# above\n" * 9 + loud(3)}))
    )
    asyncio.run(it.job())
    assert {one.commit_id for one in it.fake.review_comments(it.pull)} == {reviewed}


# The head moves


def test_a_head_that_moved_is_not_written_about(ground: Ground) -> None:
    it = made(ground)

    async def overtaken() -> None:
        async with it.client() as client:
            job = await it.prepared(client, "job")
            it.push({PATH: loud(4)})
            await publish.publish(client, job.pull, job.run, job.plan, job.standing)

    with pytest.raises(Superseded):
        asyncio.run(overtaken())
    assert (only_run(it).conclusion, only_run(it).title) == ("cancelled", "Superseded by a newer push")
    assert it.fake.review_comments(it.pull) == []
    assert it.sarifs() == []


def test_a_head_that_moves_while_comments_are_refused_stops_the_search(ground: Ground) -> None:
    it = made(ground)
    it.fake.faults.on("POST", "*/reviews", kind=faults.call(lambda: it.push({PATH: WORKFLOW + "# x\n"})))
    it.fake.faults.on("POST", "*/reviews", kind=faults.unprocessable())

    async def refused() -> None:
        async with it.client() as client:
            job = await it.prepared(client, "job")
            plan = structs.replace(
                job.plan, comments=(structs.replace(job.plan.comments[0], line=9_999), *job.plan.comments[1:])
            )
            await publish.publish(client, job.pull, job.run, plan, job.standing)

    with pytest.raises(Superseded):
        asyncio.run(refused())
    assert only_run(it).conclusion == "cancelled"


# What GitHub refuses


def test_one_bad_comment_does_not_cost_the_others(ground: Ground) -> None:
    it = made(ground, *range(0, 60, 5))

    async def with_bad() -> publish.Published:
        async with it.client() as client:
            job = await it.prepared(client, "job")
            comments = [
                structs.replace(one, line=9_999) if one.identity == "job25" else one
                for one in job.plan.comments
            ]
            return await publish.publish(
                client, job.pull, job.run, structs.replace(job.plan, comments=tuple(comments)), job.standing
            )

    published = asyncio.run(with_bad())
    assert published.refused == ("job25",)
    assert {marked(one.body) for one in it.fake.review_comments(it.pull)} == {
        f"job{n}" for n in range(0, 60, 5)
    } - {"job25"}
    run = only_run(it)
    assert run.conclusion == "success"
    assert "GitHub would not take 1 comment; the finding stands here only." in (run.summary or "")
    assert len(run.annotations) == 12
    assert len(it.requests("POST", "pulls/7/reviews")) <= publish.MAX_REVIEWS


def test_where_all_are_bad_the_calls_are_bounded(ground: Ground) -> None:
    it = made(ground, *range(60))

    async def all_bad() -> publish.Published:
        async with it.client() as client:
            job = await it.prepared(client, "job")
            comments = tuple(structs.replace(one, line=9_999) for one in job.plan.comments)
            return await publish.publish(
                client, job.pull, job.run, structs.replace(job.plan, comments=comments), job.standing
            )

    published = asyncio.run(all_bad())
    assert len(published.refused) == 60
    assert len(it.requests("POST", "pulls/7/reviews")) == publish.MAX_REVIEWS
    assert only_run(it).conclusion == "success"


def test_without_leave_to_comment_the_check_run_has_it_all(ground: Ground) -> None:
    it = made(ground)
    it.fake.faults.on(
        "POST", "*/reviews", kind=faults.status(403, "Resource not accessible by integration"), times=None
    )
    published = asyncio.run(it.job())
    assert published.refused == ("job3", "job30")
    assert publish.NO_COMMENTS in (only_run(it).summary or "")
    assert len(it.requests("POST", "pulls/7/reviews")) == 1


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (faults.status(403, "Advanced Security must be enabled"), "Code scanning is not enabled"),
        (faults.missing(), "Code scanning is not enabled"),
        (faults.status(413, "Too large"), "Code scanning did not take"),
        (faults.bad_gateway(), "Code scanning did not take"),
    ],
)
def test_code_scanning_that_takes_nothing_is_a_note(ground: Ground, fault: faults.Fault, says: str) -> None:
    it = made(ground)
    it.fake.faults.on("POST", "*/code-scanning/sarifs", kind=fault, times=2)
    asyncio.run(it.job())
    assert only_run(it).conclusion == "success"
    assert says in (only_run(it).summary or "")


def test_results_that_are_too_many_for_code_scanning_are_not_sent(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publish, "MAX_SARIF", 50)
    it = made(ground)
    asyncio.run(it.job())
    assert it.sarifs() == []
    assert "There are too many results for code scanning" in (only_run(it).summary or "")


def test_without_the_permission_nothing_is_uploaded_and_the_token_still_minted(ground: Ground) -> None:
    it = made(ground)
    del it.installation.permissions["security_events"]
    asyncio.run(it.job("one"))
    assert "does not grant `security_events: write`" in (only_run(it).summary or "")
    assert it.requests("POST", "code-scanning/sarifs") == []
    asyncio.run(it.job("two"))
    assert [
        entry.status
        for entry in it.fake.requests("POST", f"/app/installations/{it.installation.id}/access_tokens")
    ] == [422, 201, 201]


def test_annotations_that_github_refuses_do_not_leave_the_run_hanging(ground: Ground) -> None:
    it = made(ground)
    it.fake.faults.on("PATCH", "*/check-runs/*", kind=faults.unprocessable("annotations"))
    asyncio.run(it.job())
    assert only_run(it).conclusion == "success"
    assert only_run(it).annotations == ()
    assert "GitHub refused the marks" in (only_run(it).summary or "")


def test_a_review_that_failed_ends_its_run_as_our_fault(ground: Ground) -> None:
    it = made(ground)

    async def fails() -> None:
        async with it.client() as client:
            pull = await it.pull_request(client)
            run = await check_run.start(client, pull, "job")
            await check_run.conclude(
                client, pull.slug, run, outcome.failed("GitHub refused the base commit", "1b2c")
            )

    asyncio.run(fails())
    run = only_run(it)
    assert (run.conclusion, run.title) == ("neutral", "Could not review: GitHub refused the base commit")


def test_a_head_of_two_pull_requests_has_a_run_of_each_that_knows_of_the_other(ground: Ground) -> None:
    it = made(ground)
    asyncio.run(it.job("one"))
    it.pull = it.fake.open_pull_request(it.repository, 8, head_sha=it.pull.head_sha)

    async def other() -> Prepared:
        async with it.client() as client:
            return await it.prepared(client, "two")

    assert asyncio.run(other()).run.shared_with == (7,)


def test_a_comment_that_may_not_be_deleted_does_not_stop_the_rest(ground: Ground) -> None:
    it = made(ground)
    asyncio.run(it.job())
    it.push({PATH: loud(30, 31)})
    it.fake.faults.on("DELETE", "*/pulls/comments/*", kind=faults.status(403, "Must have admin rights"))
    asyncio.run(it.job())
    assert {marked(one.body) for one in it.fake.review_comments(it.pull)} == {"job3", "job30", "job31"}


def test_no_leave_to_write_check_runs_is_an_error_that_says_so(ground: Ground) -> None:
    it = made(ground)
    it.fake.faults.on(
        "POST", "*/check-runs", kind=faults.status(403, "Resource not accessible by integration")
    )
    with pytest.raises(Forbidden, match="check-runs: 403 Resource not accessible"):
        asyncio.run(it.job())
