"""What runs containers in Kubernetes here: workloads in manifests, and templates of charts, with their users.

A template is no YAML before it is rendered: its lines are read, with the values that the chart gives.
https://helm.sh/docs/chart_template_guide/values_files/,
https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from checks.facts.deployment.deployments import kustomize_images, plain
from checks.facts.deployment.kubernetes import Manifest, at, is_of_cloud_run, mappings
from checks.facts.deployment.production import HelmValues
from checks.facts.dockerfile.container_users import pods_have_user
from checks.facts.image.references import without_version
from checks.record import Record
from checks.regex import regex
from checks.source.text import Location, Span, Text
from checks.source.yaml import Mapping as Node
from checks.source.yaml import Scalar, walk

_TEMPLATE = regex(r"(?P<chart>(?:[^/]+/)*)templates/(?!(?:[^/]+/)*tests?/).*\.ya?ml")
_WORKLOAD = regex(
    r"^kind:[ ]*[\"']?(?:CronJob|DaemonSet|Deployment|Job|Pod|ReplicaSet|Rollout|StatefulSet)\b",
    re.MULTILINE,
)
_IMAGE = regex(r"^[ ]{0,200}(?:-[ ]{1,20})?image:[ ]{1,20}(?P<image>[^\s#][^\n#]*)", re.MULTILINE)
_VALUE = regex(r"\{\{-?\s*\.Values\.(?P<keys>[\w.]+)\s*(?:\|[^{}]*)?\}\}")
_ANY = regex(r"\{\{[^{}]*\}\}")
_NON_ROOT = regex(r"^[^#\n]*\brunAsNonRoot\b[\"']?:[ ]*(?P<value>[\"']?true\b[\"']?)", re.MULTILINE)
_USER = regex(r"^[^#\n]*\brunAsUser\b[\"']?:[ ]*(?:[\"']?[1-9]|\{)", re.MULTILINE)
_CONTEXT_OF_VALUES = regex(r"\.Values\.[\w.]*[sS]ecurityContext")
_CONTEXT_OF_OTHERS = regex(
    r"\binclude\s[^}\n]*(?:security|podspec|pod-spec|\.(?:deployment|pod|container)\b)", re.IGNORECASE
)
"""A part of a pod that another file writes."""
_HOLE = "\0"
_PLACEHOLDER = "controller"
"""What kubebuilder calls an image in its manifests, for Kustomize to replace."""


class Pod(Record, eq=False):
    """One container of a manifest, or one template of a chart with all its containers."""

    text: Text
    images: tuple[str | None, ...]
    """Each without its tag, as far as the last part of the name can be read; None for one that can't."""
    places: tuple[Location, ...]
    """Where it says each of them; where it says what it is, if it says none."""
    has_user: bool
    """Whether it says with which number it runs, other than root's, or may say so."""
    non_root: Location | None
    """Where it asks for a user that is not root."""
    on_cloud_run: bool = False
    """Whether it runs in Google's Cloud Run, which knows no `securityContext`."""

    @property
    def location(self) -> Location:
        """Where it says what it runs first."""
        return self.places[0]


def pods_of_charts(texts: Mapping[str, Text], values: Iterable[HelmValues]) -> tuple[Pod, ...]:
    """What runs containers in templates of charts; hooks that test a chart are left out.

    Without templates here, what charts of others are told to run by their values.
    """
    given = {one.text.path: one for one in values}
    templates: list[Pod] = []
    for path in sorted(texts):
        named = _TEMPLATE.fullmatch(path)
        content = texts[path].content if named else ""
        if named and "{{" in content and "containers:" in content and _WORKLOAD.search(content):
            beside = (given.get(f"{named['chart']}values.{ending}") for ending in ("yaml", "yml"))
            templates.append(_of_template(texts[path], next(filter(None, beside), None)))
    others = () if templates else (pod for one in given.values() for pod in _of_values(one))
    return (*templates, *others)


def pods_of_manifests(manifests: tuple[Manifest, ...]) -> tuple[Pod, ...]:
    """What runs containers in manifests; Kustomize gives images of one another's names."""
    return tuple(_of_manifests(manifests))


def _of_manifests(manifests: tuple[Manifest, ...]) -> Iterator[Pod]:
    replaced = {
        name.value: image.value.literal if image else None
        for manifest in manifests
        for name, image in kustomize_images(manifest)
    }
    for manifest in (one for one in manifests if one.kind != "List"):
        elsewhere = is_of_cloud_run(manifest)
        for node in walk(manifest.node):
            for key in ("containers", "initContainers") if isinstance(node, Node) else ():
                for container in mappings(node.get(key) if isinstance(node, Node) else None):
                    image = container.get("image")
                    if isinstance(image, Scalar) and image.value:
                        pod = _of_container(container, image, node, replaced)
                        yield replace(pod, on_cloud_run=True) if elsewhere else pod


def _of_container(container: Node, image: Scalar, pod: object, replaced: Mapping[str, str | None]) -> Pod:
    pods = pod.get("securityContext") if isinstance(pod, Node) else None
    contexts = [one for one in (container.get("securityContext"), pods) if isinstance(one, Node)]
    asked = [one.get("runAsNonRoot") for one in contexts]
    first = next((one for one in asked if isinstance(one, Scalar)), None)
    name = without_version(image.value)
    names = dict.fromkeys((name, without_version(replaced.get(name) or "") or name))
    return Pod(
        image.text,
        tuple(_readable(one) for one in names),
        (Location(image.text, image.span),) * len(names),
        any(one.get("runAsUser") is not None for one in contexts),
        Location(first.text, first.span) if first is not None and first.as_bool() else None,
    )


def _readable(name: str) -> str | None:
    known = plain(name.rpartition("/")[2]).literal
    return None if not known or known == _PLACEHOLDER or known.isupper() else name


def _of_template(text: Text, values: HelmValues | None) -> Pod:
    content = text.content
    written = [(one["image"], Span(one.start("image"), one.end("image"))) for one in _IMAGE.finditer(content)]
    workload = _WORKLOAD.search(content)
    spans = [span for _, span in written] or [Span(*workload.span()) if workload else Span(0, 0)]
    takes_values = values is not None and bool(_CONTEXT_OF_VALUES.search(content))
    asked = _asks(text) or (_asks(values.text) if values is not None and takes_values else None)
    return Pod(
        text,
        tuple(_rendered(image, values) for image, _ in written) or (None,),
        tuple(Location(text, span) for span in spans),
        bool(_USER.search(content))
        or bool(_CONTEXT_OF_OTHERS.search(content))
        or (values is not None and pods_have_user(values.text)),
        asked,
    )


def _of_values(values: HelmValues) -> Iterator[Pod]:
    """What the chart of somebody else is told to run."""
    for node in (one for root in values.roots for one in walk(root)):
        image = node.get("image") if isinstance(node, Node) else None
        name = image.get("repository") if isinstance(image, Node) else image
        if isinstance(name, Scalar) and name.value:
            place = Location(name.text, name.span)
            readable = _readable(without_version(name.value))
            yield Pod(values.text, (readable,), (place,), pods_have_user(values.text), _asks(values.text))


def _asks(text: Text) -> Location | None:
    found = _NON_ROOT.search(text.content)
    return Location(text, Span(found.start("value"), found.end("value"))) if found else None


def _rendered(image: str, values: HelmValues | None) -> str | None:
    """The name in a template with the values that the chart gives; None if its last part can't be read."""
    filled = _VALUE.sub(lambda one: _value(one["keys"].split("."), values) or _HOLE, image.strip("\"' \r"))
    name = without_version(_ANY.sub(_HOLE, filled))
    last = name.rpartition("/")[2]
    return name.replace(_HOLE, "") if last and _HOLE not in last and "{" not in last else None


def _value(keys: list[str], values: HelmValues | None) -> str:
    found = (at(root, *keys) for root in (values.roots if values is not None else ()))
    return next((one.value for one in found if isinstance(one, Scalar)), "")


def words_of_images(pod: Pod) -> frozenset[str]:
    """The words of the path of what runs containers, and of the lines that have to do with images."""
    lines = (line for line in pod.text.content.splitlines() if "image" in line.lower())
    return words_of(pod.text.path).union(*map(words_of, lines))


def words_of(text: str) -> frozenset[str]:
    """The words of a name or a path, in lower case."""
    return frozenset(re.findall(r"[a-z0-9]+", text.lower()))


_OF_NO_IMAGE = frozenset(
    (
        "app", "apps", "build", "cmd", "container", "containers", "deploy", "deployment", "docker", "dockerfile", "dockerfiles", "image",
        "images", "package", "packages", "services", "src",
    )
)  # fmt: skip
"""Folders of many projects, by which nobody tells one image from another."""


def special_words(dockerfile: str) -> frozenset[str]:
    """What tells a Dockerfile from others by its path: the words of its name, else of its folder; none where these are general."""
    folder, name = posixpath.split(dockerfile)
    for one in (name, *reversed(folder.split("/"))):
        words = words_of(one) - {"dockerfile", "containerfile"}
        if words - _OF_NO_IMAGE:
            return words
    return frozenset()
