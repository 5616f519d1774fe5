"""From a delivery to the way of the image in the check run, and to the page that its details lead to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
import sqlalchemy as sa

from app import schema
from app.statedir import database_url
from tests.app.serving import Proposal, World, world
from tests.app.test_pages import Seen
from tests.github.shapes import SITE
from tests.github.state import CheckRun

PUBLIC = "https://tidewaiter.example/apps"
WORKFLOW = """\
on: {push: {branches: [main]}}
permissions: {contents: read}
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/build-push-action@c3c9e263c25d99ce0380d002d59b67737d91b0dc # v7.4.0
        with: {context: ., push: true, tags: 'ghcr.io/acme/web:${{ github.sha }}'}
"""
DOCKERFILE = "FROM debian:13-slim\nUSER 1001\nENTRYPOINT caddy run --resume\n"
BASE = {".github/workflows/build.yml": WORKFLOW, "Dockerfile": "FROM scratch\n", "README.md": "Hello\n"}


@dataclass
class Shown:
    """One review, and where its server answers."""

    it: Proposal
    address: str

    @property
    def run(self) -> CheckRun:
        return self.it.run()

    def page(self, link: str) -> httpx.Response:
        """What a browser gets, which a proxy leads to the server."""
        assert link.startswith(f"{PUBLIC}/reviews/")
        return httpx.get(self.address + link.removeprefix(PUBLIC))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("page")
    with world(folder, TIDEWAITER_PUBLIC_URL=PUBLIC) as made:
        yield made


@pytest.fixture(scope="module")
def touching(served: World) -> Shown:
    """A change of the Dockerfile, in a private repository."""
    it = served.proposal(BASE, {"Dockerfile": DOCKERFILE}, visibility="private")
    it.review()
    return Shown(it, (served.fake.webhook_url or "").removesuffix("/webhook"))


def test_the_check_run_tells_the_way_of_the_image_that_the_change_touches(touching: Shown) -> None:
    it = touching.it
    files = f"{SITE}/{it.repository.full_name}/blob/{it.pull.head_sha}"
    assert (
        f"**The way of `acme/web`:** built [`Dockerfile`]({files}/.github/workflows/build.yml#L7) → scanned ✗ (nothing"
        in (touching.run.summary or "")
    )


def test_a_change_beside_the_images_tells_no_way(served: World) -> None:
    it = served.proposal(BASE, {"README.md": "Bye\n"})
    it.review()
    assert "The way of" not in (it.run().summary or "")


def test_the_details_lead_to_the_review_whole(touching: Shown) -> None:
    answer = touching.page(touching.run.details_url or "")
    assert answer.status_code == 200
    seen = Seen(answer.text)
    assert seen.marked["h1"] == touching.run.title
    words = " ".join(seen.text.replace("\u200d", "").split())
    assert "ghcr.io/acme/web built ✓ Dockerfile" in words
    assert "ENTRYPOINT caddy run --resume" in words
    assert touching.it.pull.head_sha[:7] in words


def test_without_the_whole_link_nothing_is_shown(touching: Shown) -> None:
    link = touching.run.details_url or ""
    for spoiled in (link.partition("?")[0], link[:-1], link.replace("/reviews/", "/reviews/0")):
        answer = touching.page(spoiled)
        assert answer.status_code == 404
        assert "Dockerfile" not in answer.text


def test_another_review_has_another_link(touching: Shown, served: World) -> None:
    other = served.proposal(BASE, {"Dockerfile": DOCKERFILE + "EXPOSE 80\n"})
    other.review()
    mine, theirs = touching.run.details_url or "", other.run().details_url or ""
    assert mine.partition("?")[0] != theirs.partition("?")[0]
    crossed = theirs.partition("?")[0] + "?" + mine.partition("?")[2]
    assert touching.page(crossed).status_code == 404


def test_what_is_kept_is_told_to_nobody_who_lists_the_database(touching: Shown, served: World) -> None:
    """The rows know whose they are, so that they can go with an installation or a repository."""
    engine = sa.create_engine(database_url(served.folder / "state"))
    with engine.connect() as connection:
        rows = connection.execute(sa.select(schema.review)).all()
    engine.dispose()
    mine = [row for row in rows if row.repository_id == touching.it.repository.id]
    assert [row.installation_id for row in mine] == [touching.it.installation.id]
    assert (touching.run.details_url or "").partition("?")[0] == f"{PUBLIC}/reviews/{mine[0].id}"
