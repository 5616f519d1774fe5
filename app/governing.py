"""Which config holds for a pull request: the files of its base branch and of its owner, read and checked."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator

from app.config.combining import combine
from app.config.file import parse
from app.config.model import PATH, ConfigError, InvalidConfig, Layer, Role
from app.github.client import App
from app.github.fetch import ConfigFile, Fetched, shared_config
from app.github.store import Recent
from app.github.unnamed import unnamed
from app.memory import Memory
from checks.check import Check, code
from checks.record import Record
from checks.source.text import Text

KEPT = datetime.timedelta(minutes=5)
"""How long a config of another repository is taken for current."""
_REPOSITORIES = 1_000
"""Repositories whose config is kept."""
_ERRORS = 5
"""Errors of one file that a check run tells."""
_MISSPELLED = PATH.replace(".yml", ".yaml")
_HIDDEN = {Role.ORGANISATION: "The organisation's config", Role.SHARED: "The config that is extended"}


class Governing(Record):
    """What holds, and what to say about what does not."""

    layers: tuple[Layer, ...]
    """The organisation's first, each after the one that it extends."""
    notes: tuple[str, ...] = ()
    """Sentences for the check run, in Markdown."""
    broken: tuple[ConfigError, ...] = ()
    """What is wrong with the file as the pull request leaves it."""


class Configs:
    """Reads configs; those of other repositories are kept for a while. One for the process."""

    def __init__(self, app: App, checks: tuple[Check, ...]) -> None:
        self._app = app
        self._checks = checks
        self._kept: Recent[tuple[int, str], tuple[datetime.datetime, ConfigFile | None]] = Recent(
            _REPOSITORIES
        )

    async def of(
        self, installation_id: int, fetched: Fetched, now: datetime.datetime, memory: Memory
    ) -> Governing:
        """In place of a file that is not valid its last valid content counts, if that is known; which is told.

        It never stops a review.
        """
        revision = fetched.revision
        read = _Reading(self._checks, revision.owner, installation_id, memory)
        organisation = fetched.organisation or await self._shared(
            installation_id, f"{revision.owner}/.github", now
        )
        # What a token for this repository alone does not see, fewer people may see than this one.
        is_private = revision.visibility == "private"
        shown = is_private or fetched.organisation is not None
        is_organisation = revision.slug.lower() == f"{revision.owner}/.github".lower()
        for file, role in ((organisation, Role.ORGANISATION), (fetched.config, Role.REPOSITORY)):
            if is_organisation and role is Role.REPOSITORY:
                continue
            layer = await read.layer(file, role, shown=shown or role is Role.REPOSITORY)
            if layer is not None and layer.extends:
                other = await self._shared(installation_id, layer.extends, now)
                await read.extended(layer, other, shown=is_private)
            read.take(layer)
        broken = read.edited(fetched, Role.ORGANISATION if is_organisation else Role.REPOSITORY)
        return Governing(tuple(read.layers), tuple(read.notes), broken)

    async def enforced(
        self, installation_id: int, slug: str, now: datetime.datetime, memory: Memory
    ) -> frozenset[str]:
        """The ids of the checks that the organisation enforces in a repository."""
        owner, _, name = slug.partition("/")
        read = _Reading(self._checks, owner, installation_id, memory)
        organisation = await self._shared(installation_id, f"{owner}/.github", now)
        layer = await read.layer(organisation, Role.ORGANISATION)
        return combine([layer] if layer else [], self._checks, name).choices.enforced

    async def incomplete_fails(self, installation_id: int, slug: str, now: datetime.datetime) -> bool:
        """Whether the organisation wants a failure of a review in a repository that failed by a fault of ours."""
        owner, _, name = slug.partition("/")
        organisation = await self._shared(installation_id, f"{owner}/.github", now)
        try:
            text = Text(organisation.path, organisation.content) if organisation else None
            layers = [parse(text, Role.ORGANISATION, self._checks, owner)] if text else []
        except InvalidConfig:
            return False
        return combine(layers, self._checks, name).incomplete_fails

    async def _shared(self, installation_id: int, slug: str, now: datetime.datetime) -> ConfigFile | None:
        """The config of another repository of the installation, which may be a few minutes old."""
        kept = self._kept.get((installation_id, slug.lower()))
        if kept is None or now - kept[0] > KEPT:
            with unnamed("A config of the owner"):
                kept = (now, await shared_config(self._app, installation_id, slug))
            self._kept.put((installation_id, slug.lower()), kept, 1)
        return kept[1]


class _Reading:
    """Collects the layers of one pull request and what is wrong with its files."""

    def __init__(self, checks: tuple[Check, ...], owner: str, installation_id: int, memory: Memory) -> None:
        self._checks = checks
        self._owner = owner
        self._installation_id = installation_id
        self._memory = memory
        self.layers: list[Layer] = []
        self.notes: list[str] = []

    async def layer(self, file: ConfigFile | None, role: Role, *, shown: bool = True) -> Layer | None:
        """Unless it is `shown`, only that something is wrong with it is told."""
        if file is None:
            return None
        try:
            layer = parse(Text(file.path, file.content), role, self._checks, self._owner)
        except InvalidConfig as invalid:
            last = await self._last_valid(file, role)
            consequence = "The last valid one applies in its stead" if last else "It does not apply"
            if shown:
                self.notes += _told(invalid.errors, lambda error: f"{file.place}:{error.line}", consequence)
            else:
                self.notes.append(
                    f"{_HIDDEN[role]} is not valid; more people see this than may see why. {consequence}."
                )
            return last
        await self._memory.keep_config(self._installation_id, file.slug, file.ref, file.content)
        return layer

    async def _last_valid(self, file: ConfigFile, role: Role) -> Layer | None:
        """None also where this release no longer takes what an earlier one took."""
        content = await self._memory.valid_config(self._installation_id, file.slug, file.ref)
        if content is None:
            return None
        try:
            return parse(Text(file.path, content), role, self._checks, self._owner)
        except InvalidConfig:
            return None

    def take(self, layer: Layer | None) -> None:
        if layer is not None:
            self.layers.append(layer)

    async def extended(self, by: Layer, file: ConfigFile | None, *, shown: bool) -> None:
        """The file that another one extends goes before it; it extends nothing itself."""
        if file is None:
            named = shown or by.role is Role.REPOSITORY
            where = code(by.extends or "") if named else "a repository"
            self.notes.append(f"The config extends {where}, where we see no {code(PATH)}.")
        self.take(await self.layer(file, Role.SHARED, shown=shown))

    def edited(self, fetched: Fetched, role: Role) -> tuple[ConfigError, ...]:
        """What is wrong with the file as the pull request leaves it, before it is merged."""
        if _brings(fetched, _MISSPELLED):
            self.notes.append(f"{code(_MISSPELLED)} is not read: the config is called {code(PATH)}.")
        text = fetched.head.texts.get(PATH)
        at_base = fetched.base.texts.get(PATH) if fetched.base else None
        if text is None or (at_base is not None and at_base.content == text.content):
            return ()
        try:
            parse(text, role, self._checks, self._owner)
        except InvalidConfig as invalid:
            self.notes += _told(
                invalid.errors, lambda error: f"{PATH}:{error.line}", "Merged so, it would not apply"
            )
            return invalid.errors
        return ()


def _brings(fetched: Fetched, path: str) -> bool:
    return path in fetched.head.paths and not (fetched.base and path in fetched.base.paths)


def _told(
    errors: tuple[ConfigError, ...], place: Callable[[ConfigError], str], consequence: str
) -> Iterator[str]:
    for error in errors[:_ERRORS]:
        yield f"{code(place(error))}: {error.message}. {consequence}."
    if len(errors) > _ERRORS:
        yield f"The config has {len(errors) - _ERRORS} more errors."
