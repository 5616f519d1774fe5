"""Images that Helm values and Compose files name for production, by what the name of the file says.

A chart's own `values.yaml` gives defaults and deploys nothing; a file for an environment is what is installed there.
https://helm.sh/docs/chart_best_practices/values/
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from checks.facts.build.compose import Compose
from checks.facts.deployment.deployments import DeployedImage, deployed, images_in, plain
from checks.facts.deployment.kubernetes import at
from checks.facts.project.node_projects import NodeProject
from checks.facts.script.scripts import parse_script
from checks.record import Record
from checks.regex import regex
from checks.source.text import CannotRead, Location, Text
from checks.source.yaml import Mapping, Node, Scalar, walk
from checks.source.yaml import parse as parse_yaml

_PRODUCTION = regex(r"(?:^|[/._-])(?:prod|production|prd|live)(?:[/._-]|$)", re.IGNORECASE)


_DETACHED = regex(r"-[A-Za-z]*d[A-Za-z]*|--detach(?:=.*)?|--wait|--no-start")


def is_for_production(path: str) -> bool:
    """Whether a path says by a whole word, of a folder or of the name, that it is for the environment of production.

    Surer than what `checks.facts.build.mentions` asks of a Dockerfile that nothing builds, which a person or a platform
    may build for production: a platform's name, `server` or `release` says nothing of the environment.
    """
    return _PRODUCTION.search(path) is not None


class HelmValues(Record, eq=False):
    """A file of values for a chart."""

    text: Text
    roots: tuple[Node, ...]

    @property
    def images(self) -> Iterator[DeployedImage]:
        """What it gives under a key `image`: a name with its tag, or `repository` and `tag`, perhaps with `registry`."""
        for node in (one for root in self.roots for one in walk(root)):
            image = node.get("image") if isinstance(node, Mapping) else None
            if isinstance(image, Scalar) and ":" in image.value.rpartition("/")[2]:
                yield deployed(image)
            elif isinstance(image, Mapping):
                yield from _of_parts(image)


def _of_parts(image: Mapping) -> Iterator[DeployedImage]:
    registry, name, tag = (image.get(key) for key in ("registry", "repository", "tag"))
    if not isinstance(name, Scalar) or not isinstance(tag, Scalar) or not name.value or not tag.value:
        return
    digest = image.get("digest") or image.get("sha")
    if digest is not None and not (isinstance(digest, Scalar) and not digest.value):
        return
    host = f"{registry.value}/" if isinstance(registry, Scalar) and registry.value else ""
    yield DeployedImage(plain(f"{host}{name.value}:{tag.value}"), Location(tag.text, tag.span))


def parse_values(text: Text) -> HelmValues | None:
    """The values; None for a file that is not YAML, as a template of values is."""
    try:
        return HelmValues(text, tuple(parse_yaml(text)))
    except CannotRead:
        return None


def started_in_terminals(projects: Iterable[NodeProject], texts: Iterable[Text]) -> frozenset[str]:
    """The Compose files that scripts of a `package.json` start for as long as somebody looks on, and that no other text names.

    Without `--detach`, Compose stops the containers when the command ends.
    https://docs.docker.com/reference/cli/docker/compose/up/
    """
    attached, detached = set[str](), set[str]()
    projects = tuple(projects)
    for project in projects:
        for command in (one for _, script in project.scripts for one in parse_script(script).commands):
            words = command.literals
            if "up" in words and (command.program == "docker-compose" or words[:1] == ["compose"]):
                found = detached if any(map(_DETACHED.fullmatch, words)) else attached
                named = (after for option, after in pairwise(words) if option in ("-f", "--file"))
                folder = posixpath.dirname(project.path)
                found.update(posixpath.normpath(posixpath.join(folder, one)) for one in named)
    own = {project.path for project in projects}
    started = attached - detached
    others = [one.content for one in texts if one.path not in own] if started else []
    return frozenset(
        path for path in started if not any(posixpath.basename(path) in content for content in others)
    )


def production_images(values: Iterable[HelmValues], composes: Iterable[Compose]) -> tuple[DeployedImage, ...]:
    """The images of the files for production, in the order of the files."""
    named = (one for one in values if is_for_production(one.text.path))
    services = (one for one in composes if is_for_production(one.text.path) and at(one.node, "services"))
    return (*(image for one in named for image in one.images), *images_in((), services))
