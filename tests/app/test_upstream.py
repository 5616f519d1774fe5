"""What GitHub is asked of the actions in use, and what a review makes of it."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.github.upstream import KEPT, MOST, MOST_REFS, Actions
from checks.facts.action.upstream import Upstream
from tests.app import github_job
from tests.app.cargo import README
from tests.app.github_job import PATH, WORKFLOW, Stage
from tests.app.serving import World, world
from tests.github import faults
from tests.github.repositories import build, commit, tag
from tests.github.state import Repository

NOW = datetime.datetime(2026, 5, 4, 12, tzinfo=datetime.UTC)
SIGNS = """\
on: {push: {branches: [main]}}
permissions: {id-token: write}
jobs:
  sign:
    runs-on: ubuntu-24.04
    steps:
      - uses: tools/notify@v1
"""


def with_tags(folder: Path) -> tuple[Path, str, str]:
    """An action with two releases: its directory, the older and the newer commit."""
    old = build(folder, {"action.yml": "name: a\n"}, {}).base
    new = commit(folder, "main", {"action.yml": "name: b\n"})
    tag(folder, "v1.0.0", old, annotated=True)
    tag(folder, "v1.1.0", new, annotated=True)
    tag(folder, "v1", new)
    return folder, old, new


@dataclass
class Asking:
    """A job of a repository, and an action elsewhere."""

    it: Stage
    action: Repository
    old: str
    new: str

    def __post_init__(self) -> None:
        self.actions = Actions()

    def of(self, *uses: tuple[str, str], now: datetime.datetime = NOW) -> dict[str, Upstream]:
        async def ask() -> dict[str, Upstream]:
            async with self.it.client() as client:
                return await self.actions.of(client, uses, now)

        return asyncio.run(ask())

    @property
    def queries(self) -> int:
        return [path for _, path, _ in self.it.calls].count("/graphql")


@pytest.fixture
def asking(tmp_path: Path) -> Iterator[Asking]:
    with github_job.ground(tmp_path) as ground:
        it = ground.stage({PATH: WORKFLOW}, {})
        folder, old, new = with_tags(tmp_path / "action")
        action = ground.fake.add_repository("tools", "notify", folder, "public", installed=False)
        action.latest_release = "v1.1.0"
        yield Asking(it, action, old, new)
        assert ground.fake.violations == []


def test_the_commits_of_tags_and_the_newest_release(asking: Asking) -> None:
    found = asking.of(*(("Tools/notify", ref) for ref in ("v1", "v1.0.0", "main", "v9")))
    assert found == {
        "tools/notify": Upstream(
            commits={"v1": asking.new, "v1.0.0": asking.old},
            absent=frozenset({"v9"}),
            newest="v1.1.0",
            newest_commit=asking.new,
        )
    }


def test_a_repository_without_a_release(asking: Asking) -> None:
    asking.action.latest_release = ""
    assert asking.of(("tools/notify", "v1"))["tools/notify"] == Upstream({"v1": asking.new})


def test_an_archived_repository(asking: Asking) -> None:
    assert not asking.of(("tools/notify", "v1"))["tools/notify"].is_archived
    asking.action.archived = True
    assert asking.of(("tools/notify", "v1"), now=NOW + 2 * KEPT)["tools/notify"].is_archived


def test_what_can_not_be_seen_is_unknown(asking: Asking) -> None:
    asking.action.visibility = "private"
    assert asking.of(("tools/notify", "v1"), ("nobody/nothing", "v1")) == {}


def test_one_query_for_all_and_none_while_the_answer_is_current(asking: Asking) -> None:
    asking.of(("tools/notify", "v1"), ("nobody/nothing", "v1"))
    asking.of(("tools/notify", "v1"), now=NOW + KEPT)
    assert asking.queries == 1
    asking.of(("tools/notify", "v2"), now=NOW + KEPT)
    assert asking.queries == 2
    asking.of(("tools/notify", "v1"), now=NOW + KEPT)
    asking.of(("tools/notify", "v1"), ("tools/notify", "v2"), now=NOW + 2 * KEPT)
    assert asking.queries == 2
    asking.of(("tools/notify", "v1"), ("tools/notify", "v2"), now=NOW + 4 * KEPT)
    assert asking.queries == 3


@pytest.mark.parametrize("fault", [faults.bad_gateway(), faults.unprocessable()])
def test_a_query_that_fails_leaves_all_unknown_and_is_asked_again(
    asking: Asking, fault: faults.Fault
) -> None:
    asking.it.fake.faults.on("POST", "/graphql", kind=fault, times=None)
    assert asking.of(("tools/notify", "v1")) == {}
    asking.it.fake.faults.clear()
    assert "tools/notify" in asking.of(("tools/notify", "v1"))
    asking.it.fake.forgive()


def test_only_names_are_asked_for_and_only_so_many(asking: Asking) -> None:
    odd = ("refs/tags/v1", "heads/main", "a" * 40, "abcdef1", 'v1"}', "a b", "${{ x }}")
    assert asking.of(*(("tools/notify", ref) for ref in odd), ("tools/notify/deep", "v1"), ("", "v1")) == {}
    assert asking.queries == 0
    found = asking.of(*(("tools/notify", f"v{n}") for n in range(MOST_REFS + 5)))
    assert len(found["tools/notify"].absent) + len(found["tools/notify"].commits) == MOST_REFS
    asking.of(*((f"a{n}/b", "v1") for n in range(MOST + 1)))
    assert asking.queries == 2


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("upstream")) as made:
        yield made


def test_a_review_pins_to_the_commit_that_github_names(served: World, tmp_path: Path) -> None:
    folder, _, new = with_tags(tmp_path / "action")
    action = served.fake.add_repository("tools", "notify", folder, "public", installed=False)
    action.latest_release = "v1.1.0"
    it = served.proposal(README, {PATH: SIGNS})
    assert it.review() == "done"
    (comment,) = (one for one in it.comments() if "action-not-pinned-to-sha" in one.body)
    assert f"      - uses: tools/notify@{new} # v1.1.0\n" in comment.body
