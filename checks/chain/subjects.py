"""Which images there are, and what makes each: its pushes, the builds of what is pushed, and copies of others."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator

from msgspec import Struct, field

from checks.chain.names import Name, Names
from checks.check import Location, Repository
from checks.facts.build.builds import Build
from checks.facts.deployment.deployments import DeployedImage
from checks.facts.ecr.repositories import EcrRepository
from checks.facts.image.aliases import Alias
from checks.facts.image.pushes import Push
from checks.facts.image.references import Reference, reference
from checks.facts.value import Hole, Value, Varies, joined, literal
from checks.record import Record
from checks.source.snapshot import elsewhere

_ECR = joined((Hole(Varies.ACCOUNT, "account"), ".dkr.ecr.", Hole(Varies.REGION, "region"), ".amazonaws.com"))
_PUBLIC = (
    "docker.io", "ghcr.io", "quay.io", "gcr.io", "k8s.gcr.io", "registry.k8s.io", "mcr.microsoft.com", "public.ecr.aws",
    "registry.access.redhat.com", "registry.redhat.io", "registry.gitlab.com", "docker.elastic.co", "nvcr.io", "cgr.dev",
    "lscr.io", "dhi.io", "ttl.sh", "mirror.gcr.io", "xpkg.upbound.io", "container-registry.oracle.com", "index.docker.io", "registry-1.docker.io",
)  # fmt: skip
"""Registries from which everybody runs the images of others."""


class Subject(Record, eq=False):
    """An image, and what makes it."""

    name: Name
    pushes: tuple[Push, ...] = ()
    builds: tuple[Build, ...] = ()
    """Of what is pushed; where nothing is pushed, those that give the name."""
    copied: tuple[Alias, ...] = ()
    """Commands that copy an image of another name to this one."""
    repository: EcrRepository | None = None
    """What Terraform declares it in, where that is one resource."""

    @property
    def is_local(self) -> bool:
        """Whether it certainly stays on the machine that builds it."""
        stay = (one.pushes is False and not one.may_be_saved for one in self.builds)
        return not self.pushes and bool(self.builds) and all(stay)

    @property
    def is_ecr(self) -> bool:
        return Reference(self.name.host, self.name.path, None).is_ecr


class _Made(Struct):
    pushes: list[Push] = field(default_factory=list)
    builds: list[Build] = field(default_factory=list)
    copied: list[Alias] = field(default_factory=list)


def deployed(repo: Repository) -> tuple[DeployedImage, ...]:
    """Every image that something in the repository runs, each place once."""
    found = (
        *repo.running_images,
        *(one.image for one in repo.function_images),
        *repo.deployed_images,
    )
    return tuple({(one.location.text, one.location.span): one for one in reversed(found)}.values())[::-1]


def names_in(repo: Repository, together: Together) -> Names:
    """The images that a repository makes, declares, or runs as its own."""
    return Names((*_places(repo), *_unpushed(repo, together)))


def _places(repo: Repository) -> Iterator[tuple[Reference, Location]]:
    for push in repo.pushes:
        if not push.reference.is_on_this_machine:
            yield push.reference, push.location
    for one in repo.ecr_repositories:
        if one.name and not one.resource.is_repeated and elsewhere(one.resource.text.path) is None:
            yield Reference(_ECR, literal(one.name), None), one.resource.location("name")
    for image in deployed(repo):
        ours = elsewhere(image.location.path) is None and _is_ours(repo, image.reference)
        if ours and not image.value.is_unknown and not image.is_aside:
            yield image.reference, image.location


def _unpushed(repo: Repository, together: Together) -> Iterator[tuple[Reference, Location]]:
    """Builds of steps that push nothing, of what no other build or command pushes."""
    pushed = {build for push in repo.pushes for build in together.builds(push)}
    images = {build.image for build in repo.builds_as_written if build in pushed or build.pushes is not False}
    for build in repo.builds_as_written:
        if build.step is not None and build.pushes is False and build.image not in images:
            yield from ((tag.reference, tag.location) for tag in build.tags[:1])


def _is_ours(repo: Repository, image: Reference) -> bool:
    """Whether an image that is run is most likely made by the same people as what runs it."""
    host, owner = image.host.literal, (repo.outside.slug or "").partition("/")[0].lower()
    if image.is_ecr or (host is not None and host in repo.outside.registries):
        return True
    if host == "ghcr.io" and owner:
        return (image.path.literal or "").lower().startswith(owner + "/")
    return bool(host) and host not in _PUBLIC and not image.is_on_this_machine


def subjects_in(repo: Repository, names: Names, together: Together) -> tuple[Subject, ...]:
    """What makes each image, by name."""
    made = {name: _Made() for name in names.all()}
    for push in repo.pushes:
        name = names.find(push.reference, push.location)
        if name is not None:
            made[name].pushes.append(push)
            made[name].builds += together.builds(push)
    _add_exported(repo, names, made)
    _add_copies(repo, names, made)
    return tuple(
        Subject(
            name,
            tuple(one.pushes),
            tuple(dict.fromkeys(one.builds)),
            tuple(one.copied),
            repo.declared(Reference(name.host, name.path, None)),
        )
        for name, one in made.items()
    )


def _add_exported(repo: Repository, names: Names, made: dict[Name, _Made]) -> None:
    """Builds that push by digest name the image in their exporter; of those that push nothing the tags are all."""
    for build in repo.builds_as_written:
        for output in build.outputs or ():
            written = output.attributes.get("name")
            name = names.find(reference(written), output.location) if written else None
            if name is not None and build.pushes is not False:
                made[name].builds.append(build)
    for build in repo.builds_as_written:
        for tag in build.tags if build.pushes is False else ():
            name = names.find(tag.reference, tag.location)
            if name is not None and not made[name].pushes:
                made[name].builds.append(build)


def _add_copies(repo: Repository, names: Names, made: dict[Name, _Made]) -> None:
    for alias in repo.aliases:
        target = names.find(reference(alias.target), alias.location) if alias.is_push else None
        source = names.find(reference(alias.source), alias.location)
        if target is not None and source is not target and not made[target].builds:
            made[target].copied.append(alias)


class Together:
    """Builds by the names that commands of their file give to the image that they make."""

    def __init__(self, repo: Repository) -> None:
        self._above: dict[Hashable, Hashable] = {}
        self._builds: dict[Hashable, list[Build]] = {}
        loaded = [build for build in repo.builds_as_written if build.pushes is not True]
        for build in loaded:
            self._join(build, *((build.text, tag.value) for tag in build.tags if _is_telling(tag.value)))
        for alias in repo.aliases:
            text = alias.location.text
            self._join((text, alias.source), (text, alias.target))
        for build in loaded:
            self._builds.setdefault(self._root(build), []).append(build)

    def builds(self, push: Push) -> list[Build]:
        """The builds that make what is pushed: the step's own, else those whose image commands give the name."""
        if push.build is not None:
            return [push.build]
        node = (push.location.text, push.value)
        return self._builds.get(self._root(node), []) if _is_telling(push.value) else []

    def _root(self, node: Hashable) -> Hashable:
        while node in self._above:
            node = self._above[node]
        return node

    def _join(self, *nodes: Hashable) -> None:
        roots: Iterable[Hashable] = dict.fromkeys(map(self._root, nodes))
        first, *others = roots
        for other in others:
            self._above[other] = first


def _is_telling(name: Value) -> bool:
    """Whether a name that is equal to another one means the same."""
    return bool(name.parts) and all(hole.source not in ("", "…") for hole in name.holes)
