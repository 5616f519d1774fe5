"""Facts of other repositories of the same owner, as `facts-from` of the config names them.

Each is read at the tip of its default branch, by a token that can read that repository and nothing else. It takes
part only where everybody who sees the review may see it too: what is found by its facts tells of them.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from msgspec.structs import replace

from app.github.client import Access, App, Client
from app.github.errors import Forbidden, NotFound, NoToken, Unprocessable
from app.github.fetch import files_of
from app.github.pull import Revision, place, tip
from app.github.store import Recent, Store
from app.github.unnamed import unnamed
from checks.check import code
from checks.record import Record
from checks.source.snapshot import path_elsewhere
from checks.source.text import Text

KEPT = datetime.timedelta(minutes=5)
"""How long the tip of another repository's default branch is taken for current."""
MOST = 10
"""Repositories whose facts take part in one review."""
MAX_CHARACTERS = 32_000_000
"""Of files of other repositories that are kept in memory."""
_DECLARING = (".tf", ".tfvars", ".yml", ".yaml", ".terraform.lock.hcl")
"""How the names of files end that declare something: Terraform and Kubernetes objects."""
_SEEN_BY = {"public": 2, "internal": 1, "private": 0}
"""How many people see a repository, in an order."""


class Other(Record):
    """A repository at the tip of its default branch."""

    revision: Revision
    texts: Mapping[str, Text]
    """By what `path_elsewhere` calls them."""
    problems: tuple[str, ...] = ()
    """Why not all of its files could be read, in words."""

    @property
    def files(self) -> str:
        """The address below which its files stand at that commit."""
        return f"{self.revision.page}/blob/{quote(self.revision.head_sha)}"


class Elsewhere(Record):
    """The other repositories that take part in a review."""

    others: tuple[Other, ...] = ()
    left_out: int = 0
    """Repositories that the config names and that don't."""

    @property
    def texts(self) -> dict[str, Text]:
        return {path: text for other in self.others for path, text in other.texts.items()}

    @property
    def addresses(self) -> dict[str, str]:
        """By `owner/name`, where its files stand."""
        return {other.revision.slug: other.files for other in self.others}

    @property
    def notes(self) -> list[str]:
        """Sentences for the check run. Of what takes no part not even the name is told: it may be a secret."""
        told = [
            f"Of {code(other.revision.slug)} not everything was read: {problem}."
            for other in self.others
            for problem in other.problems
        ]
        if self.left_out:
            one = self.left_out == 1
            told.append(
                f"{self.left_out} {'repository' if one else 'repositories'} of `facts-from` "
                f"{'takes' if one else 'take'} no part here: the App is not installed there, or fewer people may "
                "see it than this one."
            )
        return told


class Others:
    """Reads other repositories, and keeps what it read for a while. One for the process."""

    def __init__(self, app: App, store: Store) -> None:
        self._app = app
        self._store = store
        self._kept: Recent[tuple[int, str], tuple[datetime.datetime, Other | None]] = Recent(MAX_CHARACTERS)

    async def of(
        self, installation_id: int, revision: Revision, slugs: Sequence[str], now: datetime.datetime
    ) -> Elsewhere:
        """The repositories `owner/name` that may take part in the review of a revision. Raises `GitHubError`s."""
        wanted = dict.fromkeys(slug.lower() for slug in slugs if slug.lower() != revision.slug.lower())
        found = [await self._other(installation_id, slug, now) for slug in list(wanted)[:MOST]]
        fit = tuple(other for other in found if other and _may_be_shown(other.revision, revision))
        return Elsewhere(fit, len(wanted) - len(fit))

    async def _other(self, installation_id: int, slug: str, now: datetime.datetime) -> Other | None:
        kept = self._kept.get((installation_id, slug))
        if kept is None or now - kept[0] > KEPT:
            with unnamed("A repository of `facts-from`"):
                kept = (now, await self._read(installation_id, slug))
            weight = sum(len(text.content) for text in kept[1].texts.values()) if kept[1] else 0
            self._kept.put((installation_id, slug), kept, weight + 1)
        return kept[1]

    async def _read(self, installation_id: int, slug: str) -> Other | None:
        """None where the App may not read it, or there is none."""
        name = slug.partition("/")[2]
        access = Access(
            installation_id, repositories=(name,), permissions={"contents": "read", "metadata": "read"}
        )
        try:
            async with self._app.client(access) as client:
                revision = await _tip(client, slug)
                if not revision.head_sha:
                    return Other(revision, {}, ("it has no commit yet",))
                snapshot, problems = await files_of(client, revision, self._store, _may_declare)
        except (NoToken, NotFound, Forbidden, Unprocessable):
            return None
        texts = {
            path_elsewhere(revision.slug, path): Text(path_elsewhere(revision.slug, path), text.content)
            for path, text in snapshot.texts.items()
        }
        return Other(revision, texts, problems)


async def _tip(client: Client, slug: str) -> Revision:
    """https://docs.github.com/en/rest/repos/repos#get-a-repository"""
    about = await client.get(f"/repos/{slug}")
    branch = about["default_branch"].text()
    revision = Revision(**place(about), base_ref=branch, base_sha="", head_sha="")
    return replace(revision, head_sha=await tip(client, revision.slug, branch))


def _may_declare(path: str) -> bool:
    return path.endswith(_DECLARING) and not path.startswith(".github/")


def _may_be_shown(other: Revision, here: Revision) -> bool:
    """Whether at least as many people see the other repository, which has the same owner, as see this one."""
    same_owner = other.owner.lower() == here.owner.lower()
    return same_owner and _SEEN_BY.get(other.visibility, 0) >= _SEEN_BY.get(here.visibility, 2)
