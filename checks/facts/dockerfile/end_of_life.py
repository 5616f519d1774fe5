"""Until when the releases of base images are maintained; the table has its sources: `data/end_of_life.json`."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache

from msgspec.structs import replace

from checks.facts.dockerfile.base_images import image_name, tag_of
from checks.facts.numbers import numbers
from checks.facts.tables import checked_on, table
from checks.record import Record
from checks.regex import regex

_TABLE = "end_of_life"
_FRESH = datetime.timedelta(days=30)
"""Languages repair themselves about once a month: https://go.dev/doc/devel/release"""
_VERSION = regex(r"v?(\d+(?:\.\d+){0,3})(?P<rest>(?:-[\w.-]*)?)")

_DATE = regex(r"-20\d{6}(?=-|$)")
"""The day that an image of Debian or Ubuntu was made, in its tag."""
_OF_DISTRIBUTION = regex(r"(?<=-alpine)3\.\d+|-(?:stretch|buster|bullseye|bookworm|focal|jammy)(?=-|$)")
"""The release of a distribution in the tag of another product's image."""
_ON_ALPINE = regex(r"(?P<tag>.+)-alpine(?P<alpine>3\.\d+)")
_ENDS_BY_LINE: tuple[tuple[re.Pattern[str], Mapping[str, datetime.date]], ...] = (
    # A year after the next Debian: https://github.com/GoogleContainerTools/distroless/blob/main/SUPPORT_POLICY.md
    (
        regex(r".*?distroless/[\w-]+-debian(\d{1,3})(?!\d)"),
        {
            "10": datetime.date(2022, 8, 14),
            "11": datetime.date(2024, 6, 1),
            "12": datetime.date(2026, 8, 9),
        },
    ),
    # https://dotnet.microsoft.com/en-us/platform/support/policy/dotnet-core
    (
        regex(
            r"mcr\.microsoft\.com/dotnet/(?:nightly/)?(?:sdk|aspnet|runtime|runtime-deps):(\d{1,2}\.\d)(?!\d)"
        ),
        {
            "5.0": datetime.date(2022, 5, 10),
            "6.0": datetime.date(2024, 11, 12),
            "7.0": datetime.date(2024, 5, 14),
            "8.0": datetime.date(2026, 11, 10),
            "9.0": datetime.date(2026, 11, 10),
        },
    ),
    # Until the next one was there: https://www.java.com/releases/, https://adoptium.net/support/
    (
        regex(r"(?:docker\.io/)?(?:library/)?(?:amazoncorretto|eclipse-temurin):(\d{1,3})(?!\d)"),
        {
            "16": datetime.date(2021, 9, 14),
            "18": datetime.date(2022, 9, 20),
            "19": datetime.date(2023, 3, 21),
            "20": datetime.date(2023, 9, 19),
            "22": datetime.date(2024, 9, 17),
            "23": datetime.date(2025, 3, 18),
            "24": datetime.date(2025, 9, 16),
        },
    ),
    # https://github.com/astral-sh/uv/releases/tag/0.10.0
    (
        regex(
            r"(?:ghcr\.io/astral-sh|(?:docker\.io/)?astral)/uv:(?:[\w.]+-)*?(alpine3\.21|bookworm|python3\.8)(?![\d.])"
        ),
        dict.fromkeys(("alpine3.21", "bookworm", "python3.8"), datetime.date(2026, 2, 5)),
    ),
)
"""What is no image of a language or a distribution of the table: the lines that have ended, each with its last day."""
_ENDED_UP_TO: tuple[tuple[re.Pattern[str], int, datetime.date], ...] = (
    # https://docs.fedoraproject.org/en-US/releases/eol/
    (
        regex(r"(?:(?:docker\.io/)?(?:library/)?|registry\.fedoraproject\.org/)fedora:(\d{1,3})(?!\d)"),
        42,
        datetime.date(2026, 6, 1),
    ),
    # https://github.com/nginx/docker-nginx
    (
        regex(r"(?:docker\.io/)?(?:library/)?nginx:1\.(\d{1,3})(?!\d)"),
        28,
        datetime.date(2026, 4, 30),
    ),
    # Official images are made of the newest line alone: https://github.com/docker-library/official-images/tree/master/library
    *(
        (regex(rf"(?:docker\.io/)?(?:library/)?{line}\.(\d{{1,3}})(?!\d)"), last, left)
        for line, last, left in (
            (r"caddy:2", 10, datetime.date(2026, 2, 23)),
            (r"gradle:6", 8, datetime.date(2021, 5, 8)),
            (r"gradle:7", 5, datetime.date(2022, 11, 29)),
            (r"gradle:8", 13, datetime.date(2025, 4, 25)),
            (r"maven:3", 8, datetime.date(2023, 12, 22)),
            (r"rust:1", 97, datetime.date(2026, 8, 20)),
        )
    ),
)
"""Others that are numbered: the newest line that has ended, and a day after it had."""


class Release(Record):
    """A line of releases that an image's tag belongs to."""

    product: str
    """As people call it: `Node.js`."""
    version: str
    """The line: `20`, `3.9`."""
    end: datetime.date
    """The last day of maintenance."""
    successor: str | None
    """The tag of the line to move to, same variant and same precision, where it is known to exist."""
    code_name: str = ""
    """What the archives of Debian and Ubuntu call it: `bookworm`."""

    @property
    def newer(self) -> str:
        """The line of the successor; empty where none is known."""
        tag = self.successor or ""
        on_alpine = _ON_ALPINE.fullmatch(tag) if self.product == "Alpine" else None
        return on_alpine["alpine"] if on_alpine else tag.partition("-")[0]


def checked_at() -> datetime.date:
    """The day on which the table was checked."""
    return checked_on(_TABLE)


@cache
def _images() -> Mapping[str, Mapping[str, Mapping[str, object]]]:
    data = table(_TABLE)
    images: Mapping[str, Mapping[str, Mapping[str, object]]] = data["images"]
    return images


@lru_cache(maxsize=4096)
def release_of(reference: str) -> Release | None:
    """The release line of an image as `FROM` names it; None if the table does not have it."""
    entry = _images().get(image_name(reference))
    tag = tag_of(reference)
    if entry is None or not tag:
        return None
    version, rest = _parted(entry, tag)
    ends = entry["ends"]
    line = next((version_ for version_ in _prefixes(version) if version_ in ends), None)
    if line is None:
        return None
    end = datetime.date.fromisoformat(str(ends[line]))
    successor = next(_successors(entry, version, rest, named=tag[:1].isalpha()), None)
    code_name = next((name for name, number in entry.get("codenames", {}).items() if number == line), "")
    return Release(str(entry["name"]), line, end, successor, code_name)


@lru_cache(maxsize=4096)
def successors(reference: str) -> tuple[str, ...]:
    """The tags to move an image to, of same variant and precision: that of the line to prefer, then those of others, newest first."""
    entry = _images().get(image_name(reference))
    tag = tag_of(reference)
    if entry is None or not tag:
        return ()
    version, rest = _parted(entry, tag)
    return tuple(_successors(entry, version, rest, named=tag[:1].isalpha()))


def undated(reference: str) -> str | None:
    """The tag to move an image of one day to, but for the day: `trixie-slim` for `debian:stretch-20201209-slim`; None for other images."""
    tag, dates = _DATE.subn("", tag_of(reference))
    return next(iter(successors(f"{image_name(reference)}:{tag}")), None) if dates else None


def on_newer_distribution(reference: str) -> str | None:
    """The tag to move an image to, but for the distribution that its tag names: `24-slim` for `node:18-buster-slim`; None where none is known."""
    tag = _OF_DISTRIBUTION.sub("", tag_of(reference))
    is_other = tag != tag_of(reference) and distribution_of(reference) is not None
    return next(iter(successors(f"{image_name(reference)}:{tag}")), None) if is_other else None


def distribution_of(reference: str) -> Release | None:
    """The release of a distribution that an image's tag names, behind its own version: `node:22-buster-slim`, `-alpine3.17`."""
    words = tag_of(reference).split("-")
    found = [
        *(release_of(f"{name}:{word}") for name in ("debian", "ubuntu") for word in words if word.isalpha()),
        *(
            release_of(f"alpine:{word.removeprefix('alpine')}")
            for word in words
            if word.startswith("alpine3.")
        ),
    ]
    return next((release for release in found if release is not None), None)


def alpine_of(reference: str) -> Release | None:
    """The release of Alpine that the tag of another product's image names: `python:3.12-alpine3.19`.

    Its successor is the same version of the product on the newest Alpine, of a version that is not built any more the newest
    of its line, which need not be the newest line. None where the table does not have the product, or the release.
    """
    entry, named = _images().get(image_name(reference)), _ON_ALPINE.fullmatch(tag_of(reference))
    alpine = release_of(f"alpine:{named['alpine']}") if entry is not None and named else None
    if entry is None or named is None or alpine is None:
        return None
    version, rest = _parted(entry, named["tag"])
    offered, variant = entry["offered"], f"{rest}-alpine{alpine.successor}"
    variants = offered["variants"]
    found = next(filter(None, (_newest_of_line(line, version) for line in _lines(offered))), None)
    is_offered = found is not None and isinstance(variants, list) and variant in variants
    return replace(alpine, successor=f"{found}{variant}" if is_offered else None)


def line_that_goes_on(reference: str, today: datetime.date) -> str:
    """The line, `Go 1.27`, of which a tag that the table offers names one version, and of which others may be out since.

    Empty for the tag of a line itself, and while the table is new.
    """
    entry = _images().get(image_name(reference))
    if entry is None or today - checked_at() <= _FRESH:
        return ""
    version = _parted(entry, tag_of(reference))[0]
    lines = (line[0] for line in _lines(entry["offered"]) if version in line[1:])
    return next((f"{entry['name']} {line}" for line in lines), "")


def names_version(reference: str) -> bool:
    """Whether the tag of an image of the table names a version, as `lts-alpine3.20` and `alpine` don't."""
    entry = _images().get(image_name(reference))
    return entry is not None and bool(_parted(entry, tag_of(reference))[0])


def has_ended(reference: str, today: datetime.date) -> bool:
    """Whether nobody builds an image any more under its tag, or under its name, as far as is known."""
    known = (release_of(reference), distribution_of(reference))
    ends = [release.end for release in known if release is not None]
    for pattern, by_line in _ENDS_BY_LINE:
        named = pattern.match(reference)
        if named is not None and named[1] in by_line:
            ends.append(by_line[named[1]])
    for pattern, last, end in _ENDED_UP_TO:
        named = pattern.match(reference)
        if named is not None and int(named[1]) <= last:
            ends.append(end)
    return any(end < today for end in ends)


def later_of_line(reference: str) -> str | None:
    """A later version of the line that an image's tag names a version of, as precise; None if none is known."""
    entry = _images().get(image_name(reference))
    tag = tag_of(reference)
    versions = entry["offered"]["versions"] if entry is not None and tag else ()
    if entry is None or not isinstance(versions, list):
        return None
    version, _rest = _parted(entry, tag)
    found = _newest_of_line(versions, version)
    return found if found != version else None


def _lines(offered: Mapping[str, object]) -> list[list[str]]:
    """The lines that images are made of, each at every precision: the one to offer, then the others, newest first."""
    versions, others = offered["versions"], offered.get("other_lines", [])
    found = [versions, *(others if isinstance(others, list) else ())]
    return [[str(one) for one in line] for line in found if isinstance(line, list)]


def _newest_of_line(versions: object, version: str) -> str | None:
    """The newest version of a line that a version is of, as precise; None if it is of another, or newer than the table."""
    if not isinstance(versions, list) or not versions or versions[0] not in _prefixes(version):
        return None
    found = next((str(one) for one in versions if one.count(".") == version.count(".")), None)
    return found if found is not None and numbers(found) >= numbers(version) else None


def _parted(entry: Mapping[str, Mapping[str, object]], tag: str) -> tuple[str, str]:
    """Version and variant of a tag: `20` and `-alpine`; the version of Debian's and Ubuntu's code names."""
    names = entry.get("codenames", {})
    name, dash, variant = tag.partition("-")
    if name in names:
        return str(names[name]), dash + variant
    match = _VERSION.fullmatch(tag)
    return (match[1], match["rest"]) if match else ("", "")


def _prefixes(version: str) -> tuple[str, ...]:
    """`20.11.1`, `20.11`, `20`: the longest first."""
    parts = version.split(".") if version else []
    return tuple(".".join(parts[:length]) for length in range(len(parts), 0, -1))


def _successors(
    entry: Mapping[str, Mapping[str, object]], version: str, rest: str, *, named: bool
) -> Iterator[str]:
    offered = entry["offered"]
    lines, variants = _lines(offered), offered["variants"]
    if not version or not isinstance(variants, list) or rest not in variants:
        return
    as_precise = (one for line in lines for one in line if one.count(".") == version.count("."))
    newer = [one for one in as_precise if numbers(one) >= numbers(version)]
    if not named:
        yield from (f"{one}{rest}" for one in newer)
        return
    names = [name for name, number in entry.get("codenames", {}).items() if number == lines[0][0]]
    yield from (f"{name}{rest}" for name in names[:1] if newer)
