"""Puts the links of each image together, and tells which images a change touches."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from checks.chain.admitting import Admission
from checks.chain.elsewhere import Elsewhere
from checks.chain.links import Image, Link
from checks.chain.making import Scans, builds, pushes
from checks.chain.names import short_names
from checks.chain.running import Deployments, Expiry
from checks.chain.subjects import Subject, Together, names_in, subjects_in
from checks.chain.vouching import Vouched
from checks.check import Repository


def images_in(repo: Repository) -> tuple[Image, ...]:
    """The images that a repository makes, declares or runs as its own, by name, each with its chain.

    A link is missing only where the files can know; what may stand elsewhere is unknown, with the reason.
    """
    together = Together(repo)
    names = names_in(repo, together)
    subjects = subjects_in(repo, names, together)
    elsewhere = Elsewhere(repo)
    vouched = Vouched(repo, names, elsewhere)
    links = _Links(repo, Scans(repo, names, subjects, elsewhere), vouched, Deployments(repo, names))
    short = short_names(subject.name for subject in subjects)
    return tuple(
        Image(
            subject.name.full,
            short[subject.name],
            tuple(dict.fromkeys(links.of(subject))),
            _sources(repo, subject),
        )
        for subject in subjects
    )


class _Links:
    """Every link of an image."""

    def __init__(self, repo: Repository, scans: Scans, vouched: Vouched, deployments: Deployments) -> None:
        self._scans, self._vouched, self._deployments = scans, vouched, deployments
        self._admission = Admission(repo, vouched)
        self._expiry = Expiry(repo)

    def of(self, subject: Subject) -> Iterator[Link]:
        signed = tuple(self._vouched.signing(subject))
        is_deployed = self._deployments.is_deployed(subject)
        yield from builds(subject)
        yield from self._scans.links(subject)
        yield from pushes(subject)
        yield from signed
        yield from self._vouched.attesting(subject)
        yield from self._admission.links(subject, signed, is_deployed=is_deployed)
        yield from self._deployments.links(subject)
        yield from self._expiry.links(subject)


def _sources(repo: Repository, subject: Subject) -> frozenset[str]:
    """The Dockerfiles that it is built from, and the ignore files that hold for them."""
    dockerfiles = {build.dockerfile for build in subject.builds if build.dockerfile}
    ignores = {
        one.ignore.text.path
        for one in repo.build_contexts
        if one.ignore is not None and one.dockerfile.path in dockerfiles
    }
    return frozenset(dockerfiles | ignores)


def touched(head: Repository, base: Repository) -> tuple[Image, ...]:
    """The images of the head whose chain, or what they are built from, a change touches; those that it brings too."""
    before = {image.name: _state(image, base) for image in images_in(base)}
    return tuple(image for image in images_in(head) if before.get(image.name) != _state(image, head))


def _state(image: Image, repo: Repository) -> Hashable:
    """All that is written of an image, wherever it stands."""
    links = frozenset((link.kind, link.state, link.detail, _says(link)) for link in image.links)
    texts = (repo.snapshot.texts.get(path) for path in sorted(image.sources))
    return links, tuple(text.content if text else "" for text in texts)


def _says(link: Link) -> str:
    place = link.extent or link.place
    return place.fragment if place else ""
