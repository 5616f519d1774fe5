"""Stages that stay on a release of a distribution which others leave, and what these take from them that goes with it."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Iterator

from msgspec.structs import replace

from checks.facts.dockerfile.base_images import image_name, tag_of
from checks.facts.dockerfile.dockerfiles import Dockerfile, Stage
from checks.facts.dockerfile.end_of_life import Release, distribution_of, release_of
from checks.facts.dockerfile.ended_bases import EndedBase, is_meant
from checks.facts.dockerfile.fetching_stages import only_fetches, runs_nothing
from checks.facts.dockerfile.stages import Ran
from checks.record import Record
from checks.regex import regex
from checks.source.dockerfile import Word

_PYTHONS = regex(r"python(?:3(?:\.\d{1,2})?)?")
_PACKAGE_MANAGERS = frozenset(("apk", "apt", "apt-get"))
_PYTHON_PACKAGE = regex(r"python3(?![a-z0-9])")
_MODULES = regex(r"/python3(?:\.\d{1,2})?/(?:dist|site)-packages(?:/|$)|^/usr/lib/python3(?:\.\d{1,2})?/?$")
_WITH_OPENSSL_1 = frozenset((("Debian", "10"), ("Debian", "11"), ("Ubuntu", "18.04"), ("Ubuntu", "20.04")))
_OPENSSL = regex(r"libssl(?:-dev|1\.1)|openssl")
_COMPILERS = frozenset(("cargo", "cc", "clang", "cmake", "g++", "gcc", "make", "ninja"))
_LIBRARIES = regex(r"/(?:usr/)?lib(?:64|/[a-z0-9_]+-linux-gnu\w*)?/?")
"""The folders of the system that hold its C library."""
_NEWEST = {
    "golang": ("Go", "{}"),
    "node": ("Node.js", "{}", "{}-slim"),
    "python": ("Python", "{}", "slim-{}"),
    "rust": ("Rust", "{}", "slim-{}"),
}
"""Images of languages, by the tags that name a release of Debian and no version: the newest of the language on that.

https://github.com/docker-library/official-images/tree/master/library
"""


class Taken(Record):
    """A copy of what goes with the release that it was made on."""

    word: Word
    """What is copied."""
    root: Stage
    """The stage with the image of that release, which the copied-from one is or stands on."""
    goes_with: str
    """What of the release it goes with: `Python`, `C library` or `OpenSSL 1.1`."""


def staying(dockerfile: Dockerfile, release: Release, moving: Collection[Stage]) -> list[Stage]:
    """The stages on the release by an image that does not move, whose work those that move, or stand on these, take."""
    takers = _on(dockerfile, moving)
    roots = {dockerfile.ancestry(one)[-1] for taker in takers for one in dockerfile.needed(taker)} - set(
        moving
    )
    under = {one: distribution_of(dockerfile.expanded_base(one) or "") for one in roots}
    found = [
        one
        for one, on in under.items()
        if on is not None
        and (on.product, on.version) == (release.product, release.version)
        and not only_fetches(dockerfile, one)
        and not runs_nothing(dockerfile, one)
    ]
    return sorted(found, key=lambda one: one.index)


def moving_along(dockerfile: Dockerfile, found: Collection[EndedBase]) -> list[EndedBase]:
    """The stages that would stay on a release of Debian, and can go with those that leave it, as their tags name that alone."""
    release = next(iter(found)).release
    newer = release_of(f"debian:{release.successor}") if release.product == "Debian" else None
    if newer is None:
        return []
    bases: list[EndedBase] = []
    for stage in staying(dockerfile, release, [one.stage for one in found]):
        image = stage.base.literal or ""
        is_fixed = "@" in image or is_meant(dockerfile, stage, release)
        if newest_language(image, release) and not is_fixed:
            moved = tag_of(image).replace(release.code_name, newer.code_name)
            bases.append(EndedBase(stage, image, replace(release, successor=moved)))
    return bases


def newest_language(image: str, release: Release) -> str:
    """The language of an image whose tag names a release of Debian and no version; empty for another."""
    language, *tags = _NEWEST.get(image_name(image), ("",))
    return language if tag_of(image) in [one.format(release.code_name) for one in tags] else ""


def taken_along(dockerfile: Dockerfile, roots: Iterable[Stage], moving: Collection[Stage]) -> Iterator[Taken]:
    """What those that move copy from stages that stay, and can't use on another release, in the file's order.

    A virtual environment leads to the Python that made it, of which each release of a distribution has another line.
    https://docs.python.org/3/library/venv.html#how-venvs-work
    """
    takers = set(_on(dockerfile, moving))
    by_stage = {one: root for root in roots for one in _on(dockerfile, [root])}
    environments = {root: _environments(dockerfile, root) for root in by_stage.values()}
    linked = {
        (taker, root) for root in environments for taker in takers if _are_linked(dockerfile, root, taker)
    }
    for copy in (one for one in dockerfile.copies_of_stages if one.stage in takers):
        root = next(
            (by_stage[one] for one in dockerfile.sources_of(copy.instruction) if one in by_stage), None
        )
        if root is None:
            continue
        for source in copy.sources:
            path = posixpath.join("/", source.path or "")
            is_python = _meets(path, environments[root]) or (
                _has_own_python(dockerfile, root) and _MODULES.search(path) is not None
            )
            is_linked = (copy.stage, root) in linked and not posixpath.splitext(path)[1]
            if is_python or is_linked or _LIBRARIES.fullmatch(path):
                goes_with = "Python" if is_python else "OpenSSL 1.1" if is_linked else "C library"
                yield Taken(source.word, root, goes_with)


def _environments(dockerfile: Dockerfile, root: Stage) -> frozenset[str]:
    """The folders of the virtual environments that the distribution's Python makes in a stage and those on it."""
    ran = [one for one in dockerfile.commands() if root in dockerfile.ancestry(one.stage)]
    if not _has_own_python(dockerfile, root) or not any(map(_installs_python, ran)):
        return frozenset()
    return frozenset(
        posixpath.normpath(posixpath.join("/", dockerfile.folder_at(one.stage, one.instruction.span.start) or "", word))
        for one in ran
        if _makes_environment(one)
        for word in one.command.literals
        if not word.startswith("-")
    )  # fmt: skip


def _are_linked(dockerfile: Dockerfile, root: Stage, taker: Stage) -> bool:
    """Whether what a stage and those on it compile is linked with OpenSSL 1.1: they install its headers, and who takes it its library.

    Newer releases have OpenSSL 3 alone. https://tracker.debian.org/pkg/openssl
    """
    under = distribution_of(dockerfile.expanded_base(root) or "")
    if under is None or (under.product, under.version) not in _WITH_OPENSSL_1:
        return False
    making = [one for one in dockerfile.commands() if root in dockerfile.ancestry(one.stage)]
    taking = [one for one in dockerfile.commands() if one.stage in dockerfile.ancestry(taker)]
    return (
        any(one.command.program in _COMPILERS for one in making)
        and any("libssl-dev" in _installed(one) for one in making)
        and any(map(_OPENSSL.fullmatch, (name for one in taking for name in _installed(one))))
    )


def _installed(ran: Ran) -> list[str]:
    """The packages that a command installs."""
    words = ran.command.literals if ran.command.program in _PACKAGE_MANAGERS else []
    return words if "install" in words else []


def _has_own_python(dockerfile: Dockerfile, root: Stage) -> bool:
    """Whether the Python of a stage is its distribution's, as far as its image tells."""
    language = release_of(dockerfile.expanded_base(root) or "")
    return language is None or language.product != "Python"


def _installs_python(ran: Ran) -> bool:
    return ran.command.program in _PACKAGE_MANAGERS and any(map(_PYTHON_PACKAGE.match, ran.command.literals))


def _makes_environment(ran: Ran) -> bool:
    program, words = ran.command.program or "", ran.command.literals
    return program == "virtualenv" or (
        _PYTHONS.fullmatch(program) is not None and words[:1] == ["-m"] and words[1:2] in (["venv"], ["virtualenv"])
    )  # fmt: skip


def _meets(path: str, folders: Iterable[str]) -> bool:
    """Whether a path is one of the folders, lies in one, or has one in it."""
    above = posixpath.join(posixpath.normpath(path), "")
    return any(f"{one}/".startswith(above) or path.startswith(f"{one}/") for one in folders)


def _on(dockerfile: Dockerfile, stages: Collection[Stage]) -> list[Stage]:
    """Some stages, and those that build on them."""
    return [one for one in dockerfile.stages if not set(stages).isdisjoint(dockerfile.ancestry(one))]
