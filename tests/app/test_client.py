"""How a call to GitHub is made, repeated, and refused."""

from __future__ import annotations

import asyncio
import datetime
import time
from collections.abc import Callable, Iterator

import pytest

from app.github.answer import Answer, BadAnswer
from app.github.client import Access, App
from app.github.errors import (
    Forbidden,
    GitHubError,
    NotFound,
    NoToken,
    RateLimited,
    Unauthorized,
    Unavailable,
    Unprocessable,
)
from tests.app import github_job
from tests.app.github_job import PATH, WORKFLOW, Ground, Stage, no_pause
from tests.github import faults
from tests.github.call import Reply


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with github_job.ground(tmp_path_factory.mktemp("git")) as made:
        yield made


@pytest.fixture
def it(ground: Ground) -> Stage:
    return ground.stage({PATH: WORKFLOW}, {"x": "y"})


def _graphql_error(kind: str) -> Reply:
    return Reply({"errors": [{"type": kind, "message": "No"}]})


def _page() -> Reply:
    return Reply(raw=b"<html>a proxy</html>")


def _moved(address: str, status: int) -> Reply:
    return Reply({"message": "Moved"}, status, {"Location": address})


def repository(it: Stage) -> str:
    return f"/repos/{it.repository.full_name}"


async def once(it: Stage, path: str = "") -> Answer:
    async with it.client() as client:
        return await client.get(f"{repository(it)}{path}")


async def write(it: Stage) -> Answer:
    async with it.client() as client:
        body = {"name": "Tidewaiter", "head_sha": it.pull.head_sha, "status": "in_progress"}
        return await client.post(f"{repository(it)}/check-runs", body)


def test_calls_at_once_share_one_token(it: Stage) -> None:
    async def many() -> None:
        async with it.client() as client:
            await asyncio.gather(*(client.get(repository(it)) for _ in range(20)))

    asyncio.run(many())
    assert [path for _, path, _ in it.calls].count(
        f"/app/installations/{it.installation.id}/access_tokens"
    ) == 1
    assert len(it.calls) == 21


def test_a_token_is_for_its_repository_and_permissions_only(it: Stage, ground: Ground) -> None:
    other = ground.stage({PATH: WORKFLOW}, {"x": "y"}, visibility="private")
    asyncio.run(once(it))
    (token,) = (one for one in it.fake.hub.tokens.values() if one.installation is it.installation)
    assert token.repository_ids == frozenset({it.repository.id})
    assert token.permissions == {"metadata": "read", **github_job.PERMISSIONS, **github_job.OPTIONAL}

    async def elsewhere() -> Answer:
        async with it.client() as client:
            return await client.get(repository(other))

    with pytest.raises(NotFound):
        asyncio.run(elsewhere())


@pytest.mark.parametrize("fault", [faults.bad_gateway(), faults.connection_reset(), faults.status(503)])
def test_a_read_is_tried_three_times(it: Stage, fault: faults.Fault) -> None:
    it.fake.faults.on("GET", repository(it), kind=fault, times=2)
    assert asyncio.run(once(it))["name"].text() == "web"
    it.fake.faults.on("GET", repository(it), kind=fault, times=3)
    with pytest.raises(Unavailable):
        asyncio.run(once(it))


@pytest.mark.parametrize(
    "fault", [faults.bad_gateway(), faults.answer_lost(), faults.connection_reset(after=True)]
)
def test_a_write_is_made_once(it: Stage, fault: faults.Fault) -> None:
    it.fake.faults.on("POST", "*/check-runs", kind=fault)
    with pytest.raises(Unavailable):
        asyncio.run(write(it))
    assert [path for _, path, _ in it.calls].count(f"{repository(it)}/check-runs") == 1


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (faults.unauthorized(), Unauthorized),
        (faults.status(403, "Resource not accessible by integration"), Forbidden),
        (faults.missing(), NotFound),
        (faults.status(410, "Gone"), NotFound),
        (faults.unprocessable(), Unprocessable),
        (faults.status(409, "Conflict"), Unprocessable),
    ],
)
def test_a_refusal_is_an_error_of_its_kind_at_once(
    it: Stage, fault: faults.Fault, kind: type[GitHubError]
) -> None:
    it.fake.faults.on("GET", repository(it), kind=fault)
    with pytest.raises(kind) as raised:
        asyncio.run(once(it))
    assert type(raised.value) is kind
    assert str(raised.value).startswith(f"GET {repository(it)}: ")


def seconds_until(moment: datetime.datetime) -> float:
    return (moment - datetime.datetime.now(datetime.UTC)).total_seconds()


@pytest.mark.parametrize(
    ("fault", "least", "most", "told"),
    [
        (faults.secondary_limit, 55, 60, False),
        (lambda: faults.secondary_limit(90), 85, 90, True),
        (lambda: faults.primary_limit(int(time.time()) + 1800), 1790, 1801, True),
        (
            lambda: faults.status(403, "You have been temporarily blocked from content creation."),
            55,
            60,
            False,
        ),
        (lambda: faults.status(429, "Too many requests"), 55, 60, False),
    ],
)
def test_a_rate_limit_is_neither_waited_for_nor_tried_again(
    it: Stage, fault: Callable[[], faults.Fault], least: int, most: int, told: bool
) -> None:
    it.fake.faults.on("GET", repository(it), kind=fault())
    with pytest.raises(RateLimited) as raised:
        asyncio.run(once(it))
    assert least <= seconds_until(raised.value.not_before) <= most
    assert raised.value.told is told
    assert [path for _, path, _ in it.calls].count(repository(it)) == 1


def test_writes_of_one_installation_are_spaced_and_reads_are_not(it: Stage) -> None:
    waits: list[float] = []

    async def pause(seconds: float) -> None:
        waits.append(seconds)

    it.app = App(str(it.fake.app_id), it.fake.private_key, it.fake.url, pause=pause, write_interval=1_000)
    asyncio.run(once(it))
    asyncio.run(write(it))
    assert waits == []
    asyncio.run(write(it))
    assert len(waits) == 1
    assert waits[0] > 900


def test_no_credential_is_in_a_message_or_a_repr(it: Stage) -> None:
    it.fake.faults.on("GET", repository(it), kind=faults.status(403, "No"))
    with pytest.raises(Forbidden) as raised:
        asyncio.run(once(it))
    (token,) = (one.value for one in it.fake.hub.tokens.values() if one.installation is it.installation)
    shown = f"{raised.value!r} {raised.value} {it.app!r} {it.client()!r} {raised.value.__cause__!r}"
    assert token not in shown
    assert "PRIVATE KEY" not in shown


def test_the_app_speaks_for_itself_with_its_key(it: Stage) -> None:
    async def about() -> Answer:
        async with it.app.client() as client:
            return await client.get("/app")

    assert asyncio.run(about())["slug"].text() == "tidewaiter"
    wrong = App("1", it.fake.private_key, it.fake.url, pause=no_pause)
    it.app = wrong
    with pytest.raises(NotFound):
        asyncio.run(about())


def test_on_an_enterprise_server_both_apis_have_their_own_address() -> None:
    assert (
        App("1", "", "https://git.acme.example/api/v3/").graphql_url == "https://git.acme.example/api/graphql"
    )
    assert App("1", "").graphql_url == "https://api.github.com/graphql"


def test_an_older_enterprise_server_is_served_under_its_path_with_a_version_that_it_knows(it: Stage) -> None:
    it.app = App(str(it.fake.app_id), it.fake.private_key, f"{it.fake.url}/api/v3", pause=no_pause)
    it.fake.hub.enterprise = "3.17.0"
    try:
        assert asyncio.run(once(it))["name"].text() == "web"
    finally:
        it.fake.hub.enterprise = None


def test_graphql_tells_a_limit_and_a_query_that_gives_nothing(it: Stage) -> None:
    async def ask(query: str) -> Answer:
        async with it.client() as client:
            return await client.graphql(query, {})

    with pytest.raises(Unprocessable, match="no data"):
        asyncio.run(ask("query { nothing }"))
    it.fake.forgive()
    limited = faults.Fault(reply=_graphql_error("RATE_LIMITED"))
    it.fake.faults.on("POST", "/graphql", kind=limited)
    with pytest.raises(RateLimited):
        asyncio.run(ask("query { __typename }"))


def test_an_answer_that_is_no_json_is_an_outage(it: Stage) -> None:
    page = faults.Fault(reply=_page())
    it.fake.faults.on("GET", repository(it), kind=page, times=3)
    with pytest.raises(Unavailable):
        asyncio.run(once(it))


def test_a_renamed_repository_is_found_with_the_same_method(it: Stage) -> None:
    moved = faults.Fault(reply=_moved(f"{it.fake.url}{repository(it)}/check-runs", 307))
    it.fake.faults.on("POST", "*/old/check-runs", kind=moved)

    async def old() -> Answer:
        async with it.client() as client:
            body = {"name": "Tidewaiter", "head_sha": it.pull.head_sha, "status": "in_progress"}
            return await client.post(f"/repos/{it.owner}/old/check-runs", body)

    assert asyncio.run(old())["name"].text() == "Tidewaiter"


def test_a_redirect_to_another_host_is_not_followed(it: Stage) -> None:
    it.fake.faults.on("GET", repository(it), kind=faults.Fault(reply=_moved("https://evil.example/x", 301)))
    with pytest.raises(Unprocessable, match="another host"):
        asyncio.run(once(it))


def test_an_answer_is_read_narrowly() -> None:
    answer = Answer.parse('{"a": {"b": [1, "x", null]}, "flag": true, "n": 3}')
    assert [item.value for item in answer["a"]["b"]] == [1, "x", None]
    assert answer["flag"].flag() is True
    assert answer["gone"]["deeper"].text_or("none") == "none"
    for bad in (
        answer["flag"].number,
        answer["n"].text,
        answer["a"].flag,
        answer["gone"].text,
        lambda: list(answer["n"]),
    ):
        with pytest.raises(BadAnswer):
            bad()
    with pytest.raises(BadAnswer, match=r"\$\.a\.b\[1\] is not a whole number"):
        list(answer["a"]["b"])[1].number()
    with pytest.raises(BadAnswer):
        Answer.parse("[" * 100_000)


def test_permissions_that_are_not_granted_are_refused(it: Stage) -> None:
    access = Access(it.installation.id, permissions={"administration": "write"})

    async def ask() -> None:
        async with it.app.client(access) as client:
            await client.get(repository(it))

    with pytest.raises(NoToken, match="not granted"):
        asyncio.run(ask())


def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch, it: Stage) -> None:
    asked: list[bytes] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        writer.close()

    async def through() -> None:
        server = await asyncio.start_server(proxy, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        app = App("1", it.fake.private_key, "https://git.acme.example/api/v3", pause=no_pause)
        async with server, app.client() as client:
            await client.get("/app")

    with pytest.raises(Unavailable):
        asyncio.run(through())
    assert set(asked) == {b"CONNECT git.acme.example:443 HTTP/1.1\r\n"}


@pytest.mark.parametrize("fault", [faults.missing(), faults.status(403, "suspended"), faults.unprocessable()])
def test_without_a_token_there_is_nothing_to_try_again(it: Stage, fault: faults.Fault) -> None:
    it.fake.faults.on("POST", f"/app/installations/{it.installation.id}/access_tokens", 1, fault)

    async def ask() -> None:
        async with it.app.client(Access(it.installation.id)) as client:
            await client.get(repository(it))

    with pytest.raises(NoToken):
        asyncio.run(ask())


@pytest.fixture
def hour(it: Stage, request: pytest.FixtureRequest) -> Iterator[Stage]:
    """GitHub's clock is so many seconds ahead of ours."""
    it.fake.hub.clock.advance(request.param)
    yield it
    it.fake.hub.clock.advance(-request.param)


@pytest.mark.parametrize("hour", [3600, -3600], indirect=True)
def test_a_clock_that_is_an_hour_off_costs_one_call(hour: Stage) -> None:
    async def twice() -> None:
        async with hour.client() as client:
            await client.get(repository(hour))
            await client.get(repository(hour))

    asyncio.run(twice())
    minting = f"/app/installations/{hour.installation.id}/access_tokens"
    assert [(path, status) for _, path, status in hour.calls] == [
        (minting, 401),
        (minting, 201),
        (repository(hour), 200),
        (repository(hour), 200),
    ]
    hour.calls.clear()
    asyncio.run(once(hour))
    assert [status for _, _, status in hour.calls] == [201, 200]


@pytest.mark.parametrize("hour", [3600, -3600], indirect=True)
def test_the_end_of_a_limit_is_told_by_github_s_clock(hour: Stage) -> None:
    reset = int(hour.fake.hub.clock.now()) + 600
    hour.fake.faults.on("GET", "/repos/*", kind=faults.primary_limit(reset))
    with pytest.raises(RateLimited) as raised:
        asyncio.run(once(hour))
    left = raised.value.not_before - datetime.datetime.now(datetime.UTC)
    assert datetime.timedelta(seconds=540) < left <= datetime.timedelta(seconds=601)


def test_a_clock_that_is_right_again_is_believed(it: Stage) -> None:
    it.fake.hub.clock.advance(3600)
    asyncio.run(once(it))
    it.fake.hub.clock.advance(-3600)
    asyncio.run(once(it))
    assert not it.app.clock.ahead


def test_a_key_that_is_refused_is_tried_once(it: Stage) -> None:
    it.fake.faults.on("POST", "*/access_tokens", kind=faults.unauthorized(), times=None)
    with pytest.raises(Unauthorized):
        asyncio.run(once(it))
    assert len(it.calls) == 1
