"""Compose files: the builds of their services. https://docs.docker.com/reference/compose-file/build/"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from msgspec import field

from checks.facts.deployment.kubernetes import at
from checks.record import Record
from checks.regex import regex
from checks.source.text import Location, Text
from checks.source.yaml import Mapping, Node, Scalar, Sequence
from checks.source.yaml import parse as parse_yaml

_FOR_TESTS = regex(r"(?:^|[._-])(?:tests?|testing|e2e|snapshots?|integration|playwright|cypress)(?:[._-]|$)")

_DEFAULT = regex(r"\$\{\w{1,100}:?-([^${}]{1,500})\}")
_ENVIRONMENT = regex(r"(?:\w{1,40}_)?ENV(?:IRONMENT)?=(?:dev|devel|development|local)", re.IGNORECASE)
"""A variable that says of a service that it is for development: `RAILS_ENV=development`."""
_NAMES_ENVIRONMENT = regex(r"(?:\w{1,40}_)?ENV(?:IRONMENT)?", re.IGNORECASE)
_FOR_PRODUCTION = regex(r"(?:^|[^a-z\d])(?:prod|production|prd|live)(?:[^a-z\d]|$)", re.IGNORECASE)
_FOLDER_OF_TESTS = regex(r"(?:^|[/._-])(?:tests?|testing|test[._-]?env(?:ironment)?s?|e2e)(?:[._-][^/]*)?/")


class ComposeBuild(Record):
    """One service's `build`."""

    location: Location
    context: str | None
    """Folder from the root, empty for the root; None if it is not in the repository or not known."""
    dockerfile: str | None
    """Path from the root."""
    args: tuple[tuple[str, str | None], ...] = ()
    """The build arguments by name; None where the value comes from the environment."""
    defaults: dict[str, str] = field(default_factory=dict)
    """What arguments are where the environment has nothing for them: `${NAME:-…}`."""
    may_be_pushed: bool = False
    """Whether the service has an `image`, or may take one over: without that Compose pushes nothing.

    https://docs.docker.com/reference/cli/docker/compose/push/
    """
    replaces: frozenset[str] = frozenset()
    """The keywords of the Dockerfile whose instruction the service has another for: `CMD`, `ENTRYPOINT`.

    https://docs.docker.com/reference/compose-file/services/#entrypoint
    """
    worked_at: frozenset[str] = frozenset()
    """Where in its container a service has the context itself, if its environment says that it is for development, or people sit at
    it: a terminal is kept open to it, and nothing starts it again.

    https://docs.docker.com/reference/compose-file/services/#volumes
    https://docs.docker.com/reference/compose-file/services/#stdin_open
    https://docs.docker.com/reference/compose-file/services/#restart
    """
    image: str = ""
    """The name of its image, as it is written; empty where none is."""
    contexts: frozenset[str] = frozenset()
    """The names under which it is given something beside its context.

    https://docs.docker.com/reference/compose-file/build/#additional_contexts
    """


class Compose(Record, eq=False, dict=True):
    """A Compose file."""

    text: Text
    node: Mapping

    @cached_property
    def is_for_tests(self) -> bool:
        """Whether its name, or that of its project, says that it is there for tests, its folder does, or a file that it extends."""
        named = self.node.get("name")
        names = (posixpath.basename(self.text.path), named.value if isinstance(named, Scalar) else "")
        return any(map(_FOR_TESTS.search, names)) or any(
            _FOLDER_OF_TESTS.search(path) for path in (self.text.path, *self._extended)
        )

    @property
    def folders_below(self) -> frozenset[str]:
        """The folders below its own, if that is not the root, in which it builds."""
        own = posixpath.dirname(self.text.path)
        contexts = (one.context for one in self.builds if own and one.context)
        return frozenset(folder for folder in contexts if folder.startswith(f"{own}/"))

    @property
    def _extended(self) -> Iterator[str]:
        """The files whose services it takes over, as they are written."""
        services = self.node.get("services")
        entries = services.entries if isinstance(services, Mapping) else ()
        files = (at(one.value, "extends", "file") for one in entries)
        return (file.value for file in files if isinstance(file, Scalar))

    @cached_property
    def built_services(self) -> frozenset[str]:
        """The names of the services that have a `build`, as bake calls their targets."""
        services = self.node.get("services")
        entries = services.entries if isinstance(services, Mapping) else ()
        built = (one.key for one in entries if at(one.value, "build") is not None)
        return frozenset(key.value.replace(".", "_") for key in built if isinstance(key, Scalar))

    @cached_property
    def builds(self) -> tuple[ComposeBuild, ...]:
        services = self.node.get("services")
        if not isinstance(services, Mapping):
            return ()
        return tuple(build for entry in services.entries for build in self._build(entry.value))

    @cached_property
    def mounting(self) -> tuple[tuple[str, frozenset[str]], ...]:
        """The images of services that build none, each with the folders of the repository that the service mounts."""
        services = self.node.get("services")
        entries = services.entries if isinstance(services, Mapping) else ()
        return tuple(
            (image.value, frozenset(folder for folder in mounted if folder is not None))
            for entry in entries
            if isinstance(image := at(entry.value, "image"), Scalar) and at(entry.value, "build") is None
            if (mounted := [self._folder(source) for source, _ in _mounted(at(entry.value, "volumes"))])
        )

    def _build(self, service: Node) -> Iterator[ComposeBuild]:
        node = at(service, "build")
        if node is None or at(node, "dockerfile_inline") is not None:
            return
        written = node if isinstance(node, Scalar) else at(node, "context")
        context = self._folder(written.value if isinstance(written, Scalar) else ".")
        named = at(node, "dockerfile")
        name = named.value if isinstance(named, Scalar) else "Dockerfile"
        known = context is not None and "$" not in name
        path = posixpath.normpath(posixpath.join(context or "", name)) if known else None
        outside = path is None or path.startswith(("/", "../"))
        written_args = tuple(_arguments(at(node, "args")))
        args = tuple((name, None if not value or "$" in value else value) for name, value in written_args)
        defaults = {name: found[1] for name, value in written_args if (found := _DEFAULT.fullmatch(value))}
        may_be_pushed = any(at(service, key) is not None for key in ("image", "extends", "<<"))
        yield ComposeBuild(
            Location(self.text, node.span),
            context,
            None if outside else path,
            args,
            defaults,
            may_be_pushed,
            _replaced(service),
            self._worked_at(service, context),
            image.value if isinstance(image := at(service, "image"), Scalar) else "",
            frozenset(
                name
                for keys in (("additional_contexts",), ("<<", "additional_contexts"))
                for name, _ in _arguments(at(node, *keys))
            ),
        )

    def _worked_at(self, service: Node, context: str | None) -> frozenset[str]:
        """None of a stage that is named: the image of another one may be for something else."""
        set_to = _arguments(at(service, "environment"))
        said = {f"{name}={value}" for name, value in set_to if _NAMES_ENVIRONMENT.fullmatch(name)}
        is_sat_at = _is_sat_at(service) and not _FOR_PRODUCTION.search(self.text.path)
        is_for_work = any(map(_ENVIRONMENT.fullmatch, said)) if said else is_sat_at
        if context is None or not is_for_work or at(service, "build", "target") is not None:
            return frozenset()
        mounted = _mounted(at(service, "volumes"))
        return frozenset(place.rstrip("/") for source, place in mounted if self._folder(source) == context)

    def _folder(self, text: str) -> str | None:
        if "$" in text or "://" in text or text.startswith(("/", "git@", "~")):
            return None
        path = posixpath.normpath(posixpath.join(posixpath.dirname(self.text.path), text))
        return None if path.startswith("..") else "" if path == "." else path


def _mounted(node: Node | None) -> Iterator[tuple[str, str]]:
    """The folders of the machine that a service mounts, each with its place in the container."""
    for item in node.items if isinstance(node, Sequence) else ():
        if isinstance(item, Scalar):
            source, _, rest = item.value.partition(":")
            place = rest.partition(":")[0]
        else:
            ends = (at(item, "source"), at(item, "target"))
            source, place = (one.value if isinstance(one, Scalar) else "" for one in ends)
        if source.startswith(".") and place:
            yield source, place


def _replaced(service: Node) -> frozenset[str]:
    """What a service replaces of its image; an entrypoint of its own drops the image's command, too."""
    if _is_written(at(service, "entrypoint")):
        return frozenset(("CMD", "ENTRYPOINT"))
    return frozenset(("CMD",)) if _is_written(at(service, "command")) else frozenset()


def _is_sat_at(service: Node) -> bool:
    """Whether a service has a terminal whose input is kept open, as a debugger needs it, and is not one that starts again by itself.

    Nor one whose variables come from a file for production.
    """
    asked = [at(service, name) for name in ("stdin_open", "tty")]
    is_open = all(isinstance(one, Scalar) and one.as_bool() for one in asked)
    variables = at(service, "env_file")
    is_of_production = variables is not None and bool(_FOR_PRODUCTION.search(variables.text[variables.span]))
    return (
        is_open
        and not is_of_production
        and all(at(service, name) is None for name in ("restart", "deploy", "extends", "<<"))
    )


def _is_written(node: Node | None) -> bool:
    return isinstance(node, Sequence) or (isinstance(node, Scalar) and node.value not in ("", "~", "null"))


def _arguments(node: Node | None) -> Iterator[tuple[str, str]]:
    """The pairs of a mapping, or of a list of `NAME=value`; the value is empty where none is written."""
    if isinstance(node, Mapping):
        for one in node.entries:
            if isinstance(one.key, Scalar):
                yield one.key.value, one.value.value if isinstance(one.value, Scalar) else ""
    elif isinstance(node, Sequence):
        for item in node.items:
            if isinstance(item, Scalar):
                name, _, value = item.value.partition("=")
                yield name, value


def stays_with_compose(path: str, builds: Iterable[str | None], composed: Iterable[ComposeBuild]) -> bool:
    """Whether nothing but Compose builds a Dockerfile, for services whose images have no name to push them under.

    `builds` are the Dockerfiles of all other builds, None for one that is not known.
    """
    mine = [build for build in composed if build.dockerfile == path]
    return bool(mine) and not {path, None} & set(builds) and not any(build.may_be_pushed for build in mine)


def is_replaced_by_all(
    keyword: str, path: str, builds: Iterable[str | None], composed: Iterable[ComposeBuild]
) -> bool:
    """Whether nothing but Compose builds a Dockerfile, for services that all replace an instruction of it.

    `builds` are the Dockerfiles of all other builds, None for one that is not known.
    """
    mine = [build for build in composed if build.dockerfile == path]
    return bool(mine) and not {path, None} & set(builds) and all(keyword in build.replaces for build in mine)


def parse_compose(text: Text) -> Compose | None:
    """The Compose file, or None if the file is something else. `CannotRead` if it is not YAML."""
    documents = parse_yaml(text)
    root = documents[0] if documents else None
    return Compose(text, root) if isinstance(root, Mapping) else None
