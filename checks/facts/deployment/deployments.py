"""Where images go: what Kubernetes workloads, Kustomize, Compose services, ECS tasks and Lambda functions name.

https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/,
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from msgspec.structs import replace

from checks.facts.asides import FOREIGN, PAGES, SAMPLES, TESTS
from checks.facts.build.compose import Compose
from checks.facts.deployment.kubernetes import Manifest, at, mappings
from checks.facts.ecr.lifecycle import repository_address
from checks.facts.ecr.repositories import EcrRepository
from checks.facts.image.references import Reference, reference, without_version
from checks.facts.terraform.documents import Fields, Items, Leaf, document
from checks.facts.terraform.modules import Module, Resource
from checks.facts.value import UNKNOWN, Hole, Value, Varies, joined, literal
from checks.record import Record
from checks.regex import regex
from checks.source.text import Location
from checks.source.yaml import Mapping, Scalar, walk


class DeployedImage(Record, dict=True):
    """One image that something runs."""

    value: Value
    """As it is written; unknown where a template or a variable fills a part."""
    location: Location
    is_variable: bool = False
    """Whether a variable fills a part, whose default may be set otherwise."""
    is_of_development: bool = False
    """Whether the container is told by its environment that it runs for those who develop."""
    is_alone: bool = False
    """Whether the file says that one pod runs it."""

    @cached_property
    def reference(self) -> Reference:
        return reference(self.value)

    @property
    def tag(self) -> Value | None:
        """The tag that is pulled: `latest` where none is written; None with a digest, or if it is not known."""
        if self.is_variable or self.value.is_unknown or self.value.partition("@")[1]:
            return None
        return self.reference.tag_or_default

    @property
    def is_aside(self) -> bool:
        """Whether its path says that it is for development, tests or examples, or that something fills it in."""
        return bool(_ASIDE.search(self.location.path))


_ASIDE = regex(
    rf"(?:^|[/._-])(?:\.[\w-]+|{TESTS}|{SAMPLES}|{PAGES}|{FOREIGN}|hack|tools?|develop"
    r"|dev|devel|development|local|previews?|sandbox|contrib|stag(?:e|ing)|qa|ci|kind|minikube|k3d|templates?"
    r"|bench(?:mark)?s?|charts?|bundle)(?:[/._-]|$)"
    r"|(?:^|/)\.",
    re.IGNORECASE,
)
_ENVIRONMENT = regex(r"(?:\w+_)?(?:ENV|ENVIRONMENT)", re.IGNORECASE)
_DEVELOPMENT = frozenset(("dev", "develop", "development", "local"))
_PASSWORD = regex(r"(?:\w+_)?(?:PASSWORD|PASSWD)", re.IGNORECASE)
_WORKLOADS = frozenset(
    (
        *(("", kind) for kind in ("Pod", "PodTemplate", "ReplicationController")),
        *(("apps", kind) for kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")),
        *(("batch", kind) for kind in ("Job", "CronJob")),
        ("argoproj.io", "Rollout"),
        ("serving.knative.dev", "Service"),
        ("serving.knative.dev", "Configuration"),
    )
)
"""Kinds whose controllers run containers, by their API groups."""


def workload_images(manifests: Iterable[Manifest]) -> tuple[DeployedImage, ...]:
    """The images of the containers of workloads that no Kustomization in the repository replaces.

    Then what those Kustomizations put in their place, where they name the tag.
    """
    manifests = tuple(manifests)
    settings = [one for manifest in manifests for one in kustomize_images(manifest)]
    replaced = {name.value for name, _ in settings}
    found = [
        replace(image, is_alone=_has_one_pod(manifest))
        for manifest in manifests
        if (manifest.group, manifest.kind) in _WORKLOADS
        for image in _of_containers(manifest.node)
        if without_version(image.value.literal or "") not in replaced
    ]
    return (*found, *(image for _, image in settings if image is not None))


def _has_one_pod(manifest: Manifest) -> bool:
    replicas = at(manifest.node, "spec", "replicas")
    return manifest.kind == "Pod" or (isinstance(replicas, Scalar) and replicas.value == "1")


def kustomize_images(manifest: Manifest) -> Iterator[tuple[Scalar, DeployedImage | None]]:
    """For each item of a Kustomization's `images:` its name, and the image that it sets; None without `newTag`."""
    for item in mappings(manifest.node.get("images")) if manifest.kind == "Kustomization" else ():
        name, tag = item.get("name"), item.get("newTag")
        new = item.get("newName") or name
        if not isinstance(name, Scalar):
            continue
        known = isinstance(tag, Scalar) and isinstance(new, Scalar) and item.get("digest") is None
        if isinstance(tag, Scalar) and isinstance(new, Scalar) and known:
            yield name, DeployedImage(plain(f"{new.value}:{tag.value}"), Location(tag.text, tag.span))
        else:
            yield name, None


def _of_containers(node: Mapping) -> Iterator[DeployedImage]:
    for inner in walk(node):
        for key in ("containers", "initContainers") if isinstance(inner, Mapping) else ():
            for container in mappings(inner.get(key) if isinstance(inner, Mapping) else None):
                image = container.get("image")
                if isinstance(image, Scalar) and image.value:
                    yield replace(deployed(image), is_of_development=_is_of_development(container))


def _is_of_development(container: Mapping) -> bool:
    """Whether a container's `env` names development as its environment, or has the word for a password."""
    for variable in mappings(container.get("env")):
        name, value = variable.get("name"), variable.get("value")
        if not isinstance(name, Scalar) or not isinstance(value, Scalar):
            continue
        if _ENVIRONMENT.fullmatch(name.value) and value.value.lower() in _DEVELOPMENT:
            return True
        if _PASSWORD.fullmatch(name.value) and value.value.lower() == "development":
            return True
    return False


def task_images(
    modules: Iterable[Module], repositories: Iterable[EcrRepository]
) -> tuple[DeployedImage, ...]:
    """The images of ECS task definitions whose containers are written in Terraform."""
    repositories = tuple(repositories)
    found: list[DeployedImage] = []
    for module in modules:
        for task in module.of_type("aws_ecs_task_definition"):
            written = task.block.body.get("container_definitions")
            containers = document(module, written) if written is not None else None
            for container in containers.items if isinstance(containers, Items) else ():
                image = container.get("image") if isinstance(container, Fields) else None
                if isinstance(image, Leaf):
                    place = Location(image.text, image.span)
                    found.append(_of_terraform(image.shape, place, module, repositories))
    return tuple(found)


class FunctionImage(Record, eq=False):
    """The image of a Lambda function in Terraform."""

    image: DeployedImage
    function: Resource


def function_images(
    modules: Iterable[Module], repositories: Iterable[EcrRepository]
) -> tuple[FunctionImage, ...]:
    """The images of the Lambda functions that Terraform declares."""
    repositories = tuple(repositories)
    found: list[FunctionImage] = []
    for module in modules:
        for function in module.of_type("aws_lambda_function"):
            value, place = function.value("image_uri"), function.location("image_uri")
            if value is not None:
                found.append(FunctionImage(_of_terraform(value, place, module, repositories), function))
    return tuple(found)


def looked_up_images(
    modules: Iterable[Module], repositories: Iterable[EcrRepository]
) -> tuple[DeployedImage, ...]:
    """The images in repositories of the same module that an `aws_ecr_image` looks up by a tag."""
    repositories = tuple(repositories)
    found: list[DeployedImage] = []
    for module in modules:
        own = [one for one in repositories if one.resource.module is module and one.name]
        for body in module.bodies:
            for block in body.of_type("data", "aws_ecr_image"):
                tag, named = block.body.attribute("image_tag"), block.body.get("repository_name")
                if tag is None or named is None:
                    continue
                addresses = (repository_address(named), module.value(named).literal)
                one = next((it for it in own if {it.resource.address, it.name} & {*addresses}), None)
                if one is not None:
                    url = _registry_path(one)
                    value = joined((*url, ":", *module.value(tag.value).parts))
                    place = Location(block.text, tag.span)
                    found.append(DeployedImage(value, place, _has_variable(place)))
    return tuple(found)


_URL = regex(r"aws_ecr_repository\.([\w-]+)\.repository_url")


def _of_terraform(
    value: Value, place: Location, module: Module, repositories: tuple[EcrRepository, ...]
) -> DeployedImage:
    """A name with `repository_url` as what it comes to."""
    named = joined(piece for part in value.parts for piece in _url(part, module, repositories))
    return DeployedImage(named, place, _has_variable(place))


def _has_variable(place: Location) -> bool:
    return "var." in place.fragment or "local." in place.fragment


def _url(part: str | Hole, module: Module, repositories: tuple[EcrRepository, ...]) -> tuple[str | Hole, ...]:
    named = _URL.fullmatch(part.source) if isinstance(part, Hole) else None
    if named is None:
        return (part,)
    for one in repositories:
        if one.resource.module is module and one.resource.name == named[1] and one.name:
            return _registry_path(one)
    return (part,)


def _registry_path(one: EcrRepository) -> tuple[str | Hole, ...]:
    return Hole(Varies.ACCOUNT), ".dkr.ecr.", Hole(Varies.REGION), f".amazonaws.com/{one.name}"


def images_in(manifests: Iterable[Manifest], composes: Iterable[Compose]) -> tuple[DeployedImage, ...]:
    """The images of Kubernetes objects, then those of Compose services that are not built from here."""
    found = [image for manifest in manifests for image in _images(manifest.node)]
    for compose in composes:
        services = compose.node.get("services")
        for entry in services.entries if isinstance(services, Mapping) else ():
            image = at(entry.value, "image")
            if isinstance(image, Scalar) and at(entry.value, "build") is None:
                found.append(deployed(image))
    return tuple(found)


def _images(node: Mapping) -> Iterator[DeployedImage]:
    for inner in walk(node):
        image = inner.get("image") if isinstance(inner, Mapping) else None
        if isinstance(image, Scalar) and image.value:
            yield deployed(image)


def deployed(image: Scalar) -> DeployedImage:
    """The image that a YAML file names in one scalar."""
    return DeployedImage(plain(image.value), Location(image.text, image.span))


def plain(text: str) -> Value:
    """A name as it is written; unknown where a template or a variable fills a part."""
    known = not any(sign in text for sign in ("{{", "${", "$(", "<", "$", "%", "[["))
    return literal(text) if known else UNKNOWN
