"""`facts-from`: another repository takes part, is never written to, and is never shown to more people."""

from __future__ import annotations

import asyncio
import datetime
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from app.config.file import parse
from app.config.model import InvalidConfig, Role
from app.github.client import Access, App
from app.github.errors import RateLimited, Unavailable
from app.github.fetch import fetch
from app.github.others import KEPT, MOST, Elsewhere, Others
from app.github.pull import Revision
from app.github.store import Store
from checks.source.text import Text
from tests.app import serving
from tests.app.cargo import CONFIG
from tests.app.github_job import no_pause
from tests.app.serving import Played, Proposal, World
from tests.checks.test_elsewhere import MOVING, OWN, REPOSITORY
from tests.github import faults
from tests.github.fake import FakeGitHub
from tests.github.repositories import build, commit, create
from tests.github.state import Installation, Repository

NOW = datetime.datetime(2026, 5, 4, 12, tzinfo=datetime.UTC)
INFRA = {"terraform/ecr.tf": REPOSITORY, "README.md": "Ours\n", "policies/web.yaml": "a: 1\n"}
VISIBILITIES = ("public", "internal", "private")


@dataclass
class Ground:
    """An owner with two repositories, `web` and `infra`, and our App beside it."""

    fake: FakeGitHub
    folder: Path
    web: Repository
    infra: Repository

    def __post_init__(self) -> None:
        self.app = App(
            str(self.fake.app_id), self.fake.private_key, self.fake.url, pause=no_pause, write_interval=0
        )
        self.others = Others(self.app, Store())

    @property
    def installation(self) -> Installation:
        assert self.web.installation
        return self.web.installation

    def revision(self) -> Revision:
        """What is reviewed."""
        page = f"https://github.com/{self.web.full_name}"
        return Revision(
            slug=self.web.full_name,
            repository_id=self.web.id,
            page=page,
            visibility=self.web.visibility,
            made=None,
            ids=None,
            base_ref="main",
            base_sha="",
            head_sha="a" * 40,
        )

    def elsewhere(self, *slugs: str, now: datetime.datetime = NOW) -> Elsewhere:
        wanted = slugs or (self.infra.full_name,)
        return asyncio.run(self.others.of(self.installation.id, self.revision(), wanted, now))


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    with FakeGitHub() as fake:
        web = fake.add_repository("acme", "web", build(tmp_path / "web", OWN, {}).git_dir)
        infra = fake.add_repository("acme", "infra", build(tmp_path / "infra", INFRA, {}).git_dir)
        yield Ground(fake, tmp_path, web, infra)


# Who sees what


@pytest.mark.parametrize("there", VISIBILITIES)
@pytest.mark.parametrize("here", VISIBILITIES)
def test_only_what_as_many_people_see_takes_part(ground: Ground, here: str, there: str) -> None:
    ground.web.visibility, ground.infra.visibility = here, there
    found = ground.elsewhere()
    takes_part = VISIBILITIES.index(there) <= VISIBILITIES.index(here)
    assert set(found.addresses) == ({"acme/infra"} if takes_part else set())
    assert found.left_out == (0 if takes_part else 1)
    assert "infra" not in "".join(found.notes)


def test_a_visibility_that_we_do_not_know_is_private(ground: Ground) -> None:
    ground.web.visibility = "secret"
    assert ground.elsewhere().left_out == 1


def test_one_that_the_app_is_not_installed_on_looks_like_one_that_is_too_private(ground: Ground) -> None:
    ground.web.visibility = "public"
    too_private = ground.elsewhere().notes
    ground.web.visibility = "private"
    missing = ground.elsewhere("acme/nothing")
    assert missing.notes == too_private
    assert "`facts-from` takes no part here" in missing.notes[0]


def test_one_that_was_left_out_of_the_installation(ground: Ground) -> None:
    ground.installation.repository_ids.discard(ground.infra.id)
    assert ground.elsewhere().left_out == 1


def test_one_of_another_owner(ground: Ground) -> None:
    """Were it in the installation, the owner would still be another: it moved there since."""
    ground.infra.owner = ground.fake.hub.user("zulu", "Organization")
    ground.fake.hub.repositories["acme/infra"] = ground.infra
    assert ground.elsewhere("acme/infra").left_out == 1


def test_a_config_names_repositories_of_its_owner_only() -> None:
    text = Text(CONFIG, "version: 1\nfacts-from: [zulu/infra]\n")
    for role in Role:
        with pytest.raises(InvalidConfig, match=r'only a repository of "acme" can take part'):
            parse(text, role, (), "acme")


def test_an_empty_one(ground: Ground) -> None:
    create(ground.folder / "new")
    ground.fake.add_repository("acme", "new", ground.folder / "new")
    assert ground.elsewhere("acme/new").notes == [
        "Of `acme/new` not everything was read: it has no commit yet."
    ]


def test_what_it_takes_facts_from_itself_takes_no_part(ground: Ground) -> None:
    """One step, so that two repositories which name each other come to an end."""
    says = "version: 1\nfacts-from: [acme/web, acme/third]\n"
    commit(ground.infra.store.git_dir, "main", {CONFIG: says})
    third = build(ground.folder / "third", {"ecr.tf": REPOSITORY}, {})
    ground.fake.add_repository("acme", "third", third.git_dir)
    assert set(ground.elsewhere().addresses) == {"acme/infra"}
    assert ground.fake.requests(path="/repos/acme/third*") == []


def test_itself_is_no_other(ground: Ground) -> None:
    found = ground.elsewhere("acme/web", "ACME/Web")
    assert (found.others, found.left_out) == ((), 0)


# What is read, and how


def test_the_tip_of_the_default_branch(ground: Ground) -> None:
    ground.infra.default_branch = "trunk"
    sha = commit(ground.infra.store.git_dir, "trunk", {"ecr.tf": REPOSITORY})
    found = ground.elsewhere()
    assert set(found.texts) == {"/acme/infra/ecr.tf"}
    assert found.addresses == {"acme/infra": f"https://github.com/acme/infra/blob/{sha}"}


def test_only_files_that_declare_something(ground: Ground) -> None:
    more = {
        ".github/workflows/build.yml": "on: push\n",
        "Dockerfile": "FROM scratch\n",
        "k8s/web.yaml": "apiVersion: apps/v1\nkind: Deployment\n",
    }
    commit(ground.infra.store.git_dir, "main", more)
    assert set(ground.elsewhere().texts) == {
        "/acme/infra/terraform/ecr.tf",
        "/acme/infra/policies/web.yaml",
        "/acme/infra/k8s/web.yaml",
    }


def test_the_token_reads_that_repository_and_nothing_else(ground: Ground) -> None:
    ground.elsewhere()
    (token,) = ground.fake.hub.tokens.values()
    assert token.repository_ids == frozenset({ground.infra.id})
    assert token.permissions == {"metadata": "read", "contents": "read"}


def test_it_is_kept_for_a_while(ground: Ground) -> None:
    ground.elsewhere()
    asked = len(ground.fake.log)
    assert ground.elsewhere(now=NOW + KEPT).addresses
    assert len(ground.fake.log) == asked
    ground.elsewhere(now=NOW + KEPT + datetime.timedelta(seconds=1))
    again = [one.path for one in ground.fake.log[asked:]]
    assert again == [
        f"/app/installations/{ground.installation.id}/access_tokens",
        "/repos/acme/infra",
        "/repos/acme/infra/commits/main",
    ], "where its tip is the same, its files are known"


def test_what_is_kept_for_one_visibility_is_not_shown_to_another(ground: Ground) -> None:
    assert ground.elsewhere().addresses
    ground.web.visibility = "public"
    assert not ground.elsewhere().addresses


def test_no_more_than_some(ground: Ground) -> None:
    found = ground.elsewhere(*(f"acme/no{number}" for number in range(MOST + 3)))
    assert found.left_out == MOST + 3
    assert len(ground.fake.requests("POST", "*/access_tokens")) == MOST


def test_a_tree_that_github_cuts_short_is_told(ground: Ground) -> None:
    ground.infra.tree_limit = 1
    (note,) = ground.elsewhere().notes
    assert note.startswith("Of `acme/infra` not everything was read: GitHub lists only")


def test_where_github_fails_the_review_is_tried_again(ground: Ground) -> None:
    """Without the facts their findings would look fixed."""
    ground.fake.faults.on("GET", "/repos/acme/infra", 1, faults.bad_gateway(), times=None)
    with pytest.raises(Unavailable, match=r"^A repository of `facts-from` can't be read now$"):
        ground.elsewhere()


def test_a_rate_limit_is_waited_for_without_a_name(ground: Ground) -> None:
    ground.fake.faults.on("GET", "/repos/acme/infra", 1, faults.secondary_limit(90), times=None)
    with pytest.raises(RateLimited) as limited:
        ground.elsewhere()
    assert "infra" not in str(limited.value)
    assert limited.value.not_before > datetime.datetime.now(datetime.UTC)


def test_it_is_no_part_of_what_is_fetched_of_the_repository_itself(ground: Ground) -> None:
    async def fetched() -> set[str]:
        async def nothing_named(_of: object) -> frozenset[str]:
            return frozenset()

        access = Access(ground.installation.id, permissions={"contents": "read"})
        async with ground.app.client(access) as client:
            head = replace(ground.revision(), head_sha=ground.web.branch("main") or "")
            return set((await fetch(client, head, Store(), nothing_named)).head.paths)

    assert asyncio.run(fetched()) == set(OWN)


# The whole way, by the real server


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    with serving.played(tmp_path_factory.mktemp("facts-from"), (told, kept_back)) as made:
        yield made


def proposed(world: World, *, here: str, there: str) -> Proposal:
    """A pull request that pushes a moving tag to what `infra` declares as immutable."""
    it = world.proposal({"README.md": "Hello\n"}, OWN, visibility=here)
    it.add("infra", INFRA, visibility=there)
    it.repository.code_scanning = True
    says = f"version: 1\nfacts-from: [{it.owner}/infra]\n"
    it.add(".github", {CONFIG: says}, visibility="private")
    it.review("opened")
    return it


def told(world: World) -> Proposal:
    return proposed(world, here="private", there="private")


def test_a_finding_over_two_repositories_is_told_with_a_permalink(played: Played) -> None:
    it = played(told)
    infra = it.fake.hub.repository(it.owner, "infra")
    assert infra
    (comment,) = (one for one in it.comments() if MOVING in one.body)
    assert comment.path == ".github/workflows/build.yml"
    address = f"https://github.com/{it.owner}/infra/blob/{infra.branch('main')}/terraform/ecr.tf#L3"
    assert f"[`terraform/ecr.tf` line 3 in `{it.owner}/infra`]({address})" in comment.body
    run = it.run()
    assert run.conclusion == "failure"
    (annotation,) = (one for one in run.annotations if "IMMUTABLE" in one.message)
    assert f"terraform/ecr.tf line 3 in {it.owner}/infra" in annotation.message
    assert {one.path for one in run.annotations} == set(OWN)
    (result,) = (one for one in results(it) if one["ruleId"] == MOVING)
    assert f"terraform/ecr.tf line 3 in {it.owner}/infra ({address})" in result["message"]["text"]
    assert "relatedLocations" not in result


def results(it: Proposal) -> list[Any]:
    return [result for one in it.sarifs() for run in one.document["runs"] for result in run["results"]]


def test_the_other_repository_is_only_read(played: Played) -> None:
    it = played(told)
    infra = it.fake.requests(path=f"/repos/{it.owner}/infra*")
    assert infra
    assert {one.method for one in infra} == {"GET"}


def kept_back(world: World) -> Proposal:
    return proposed(world, here="public", there="private")


def test_nothing_of_a_private_repository_is_shown_in_a_public_one(played: Played) -> None:
    it = played(kept_back)
    run = it.run()
    assert run.status == "completed"
    shown = repr(it.seen()) + repr(run) + json.dumps(results(it))
    for secret in ("infra", "ecr.tf", "IMMUTABLE", MOVING):
        assert secret not in shown, secret
    assert "1 repository of `facts-from` takes no part here" in (run.summary or "")
