"""One fault at each call of a first and of a second review: shared by the sample of `make test` and by `make soak`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tests.app.calm import ACTIONS, Call, Calm, pushed
from tests.app.cargo import FIRST, README
from tests.app.serving import Proposal, World
from tests.github import faults
from tests.github.endstate import EndState
from tests.github.faults import Fault

ONCE: Mapping[str, Fault] = {
    "502": faults.bad_gateway(),
    "502 after the effect": faults.answer_lost(),
    "reset": faults.connection_reset(),
    "reset after the effect": faults.connection_reset(after=True),
    "403 with Retry-After": faults.secondary_limit(1),
    "401": faults.unauthorized(),
    "timeout": faults.hang(),
    "timeout after the effect": faults.hang(after=True),
    "secondary limit": faults.secondary_limit(),
}
"""What passes. At a 401 the token has expired: it is refused from then on."""
UNSTRUCK = "it did not strike"
"""The complaint where the call never came: the process remembers what an earlier review was told."""
SLOW = ("secondary limit", "timeout", "timeout after the effect")
"""What takes a minute, or twenty seconds."""
LASTING = ("422", "404")
"""That call is refused each time; the repository is gone."""
TOLD = (
    "GitHub would not take",
    "Code scanning did not take",
    "Incomplete",
    "Could not review",
    "GitHub refused",
)
"""How a check run says what is missing."""


@dataclass(frozen=True)
class Struck:
    """A call, and what goes wrong with it."""

    call: Call
    fault: str

    def __str__(self) -> str:
        return f"{self.fault} at {self.call}"


def sample(calls: Sequence[Call]) -> list[Struck]:
    """Each call once, each fault that is quick several times; and one time-out."""
    kinds = [kind for kind in (*ONCE, *LASTING) if kind not in SLOW]
    one = next(call for call in calls if call.writes)
    return [
        Struck(one, "timeout after the effect"),
        *(Struck(call, kinds[number % len(kinds)]) for number, call in enumerate(calls)),
    ]


def every(calls: Sequence[Call]) -> list[Struck]:
    """Call by call: of those at a time only some are slow."""
    return [Struck(call, kind) for call in calls for kind in (*ONCE, *LASTING)]


def complaint(world: World, calm: Calm, one: Struck) -> str:
    """What a review with that fault did not come to in the end; empty where all is well."""
    try:
        return _complaint(world, calm, one)
    except AssertionError as error:
        return str(error)


def _complaint(world: World, calm: Calm, one: Struck) -> str:
    it = world.proposal(README, FIRST)
    if one.call.push == 2:
        it.review()
        pushed(it)
    fault = _fault(it, one)
    times = None if one.fault == "422" else 1
    world.fake.faults.on(one.call.method, one.call.glob(it), one.call.nth, fault, times=times, owner=it.owner)
    state = it.review(ACTIONS[one.call.push])
    if not world.fake.faults.forget(it.owner):
        return UNSTRUCK
    expected = calm.seen[one.call.push - 1]
    return "; ".join(
        _after_gone(it, state, expected)
        if one.fault == "404"
        else _after_refused(it, state, expected)
        if one.fault == "422"
        else _differences(it, expected)
    )


def _fault(it: Proposal, one: Struck) -> Fault:
    if one.fault == "422":
        return faults.unprocessable()
    if one.fault == "404":
        return faults.call(lambda: _vanish(it))
    return replace(ONCE[one.fault], action=lambda: _expire(it)) if one.fault == "401" else ONCE[one.fault]


def _vanish(it: Proposal) -> None:
    with it.fake.hub.lock:
        it.fake.hub.repositories.pop(it.repository.full_name.lower())
        it.installation.repository_ids.discard(it.repository.id)


def _return(it: Proposal) -> None:
    with it.fake.hub.lock:
        it.fake.hub.repositories[it.repository.full_name.lower()] = it.repository
        it.installation.repository_ids.add(it.repository.id)


def _expire(it: Proposal) -> None:
    with it.fake.hub.lock:
        tokens = it.fake.hub.tokens
        for value in [value for value, token in tokens.items() if token.installation is it.installation]:
            del tokens[value]


def _after_gone(it: Proposal, state: str, expected: EndState) -> Iterator[str]:
    """The job has failed; once the repository is back, a redelivery comes to the end of a calm review."""
    if state != "failed":
        yield f"the job is {state}"
    _return(it)
    it.redeliver(it.deliveries[-1])
    it.ended(it.deliveries[-1])
    yield from _differences(it, expected)


def _after_refused(it: Proposal, state: str, expected: EndState) -> Iterator[str]:
    """What could not be done is told, and nothing stands there twice. A job that failed comes to the end of a calm
    review by a redelivery, once the call is no longer refused."""
    there = it.seen()
    told = " ".join(f"{run.title} {run.summary}" for run in it.runs(it.pull.head_sha))
    lacks = (there.review_comments, there.sarifs) != (expected.review_comments, expected.sarifs)
    if state == "done" and lacks and not any(words in told for words in TOLD):
        yield "what is missing is not told"
    if len(set(there.review_comments)) != len(there.review_comments):
        yield "a comment stands there twice"
    if state == "failed":
        it.redeliver(it.deliveries[-1])
        it.ended(it.deliveries[-1])
        yield from _differences(it, expected)


def _differences(it: Proposal, expected: EndState) -> Iterator[str]:
    """What is otherwise; runs that tell of a failure of before may stand beside the one that counts."""
    there = it.seen()
    runs = Counter(there.check_runs)
    runs.subtract(expected.check_runs)
    for (_, _, status, _, title, _), more in runs.items():
        if more < 0 or (more > 0 and (status != "completed" or not title.startswith("Could not review"))):
            yield f"{more:+} check run {title!r} ({status})"
    for what in ("review_comments", "comments", "sarifs"):
        if getattr(there, what) != getattr(expected, what):
            yield f"{what}: {getattr(there, what)}"
