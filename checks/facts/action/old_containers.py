"""Containers of jobs in which no JavaScript action starts: their glibc is older than the one that the runner's Node is made for.

The runner runs such actions with a Node of its own, which it mounts into the container, and looks there for nothing but Alpine.
https://github.com/actions/runner/blob/main/src/Runner.Worker/Handlers/StepHost.cs
https://github.com/nodejs/node/blob/v24.x/BUILDING.md#platform-list
https://github.com/actions/checkout/issues/1590
"""

from __future__ import annotations

from checks.facts.action.releases import of_use
from checks.facts.dockerfile.base_images import image_name
from checks.facts.workflow.matrix import legs
from checks.facts.workflow.resolve import Scope
from checks.facts.workflow.runners import is_hosted
from checks.facts.workflow.workflows import Job, Step, Workflow
from checks.regex import regex
from checks.source.yaml import Mapping, Scalar

_OLD = regex(
    r"(?<![a-z])(?:centos|rhel|el|ubi|oraclelinux)[-_:/.]?[5-7](?!\d)"
    r"|(?<![a-z])ubuntu[-_:/.]?1[02468][._-]?04(?!\d)"
    r"|(?<![a-z])debian[-_:/.]?[6-9](?!\d)"
    r"|(?<![a-z])(?:precise|trusty|xenial|bionic|wheezy|jessie|stretch)(?![a-z])"
    r"|(?<![a-z])amazonlinux[-_:/.]?[12](?!\d)"
    r"|(?<![a-z])manylinux(?:1|2010|2014|_2_(?:5|12|17|24))(?!\d)"
)
"""Systems with a glibc before 2.28: Ubuntu 18.04 has 2.27, Amazon Linux 2 2.26, Debian 9 2.24, CentOS 7 2.17."""
_OFFICIAL = frozenset(("amazonlinux", "centos", "debian", "oraclelinux", "ubuntu"))
"""Images of which the tag certainly says the system."""
_OWN_NODE = regex(r"/__e(?![\w/]|/node(?!24)\d)|/__e/node24")
"""A folder of the container in which the runner mounts its Node, and for which a job may bring another one."""


def old_container(step: Step) -> str:
    """The image of the container that a step runs in, which by its name is that old, in one leg of its job; empty for none."""
    return next((image for image in _images(step) if image and _OLD.search(image.lower())), "")


def steps_without_node(workflow: Workflow) -> frozenset[Step]:
    """The first step of each job that certainly runs a JavaScript action in such a container, in each leg: the run ends there.

    Only on machines of GitHub's, whose runner is the newest, and in official images.
    """
    found = (_first(job) for job in workflow.jobs if job.node.get("container") is not None)
    return frozenset(step for step in found if step is not None)


def _first(job: Job) -> Step | None:
    return next((step for step in job.steps if _is_of_node(step) and _cannot_start(step)), None)


def _is_of_node(step: Step) -> bool:
    release = of_use(step.uses) if step.uses is not None else None
    return release is not None and release.runtime.startswith("node")


def _cannot_start(step: Step) -> bool:
    images = _images(step)
    is_old = bool(images) and all(
        image is not None and image_name(image) in _OFFICIAL and _OLD.search(image.lower())
        for image in images
    )
    return is_old and step.always_counts and is_hosted(step)


def _images(step: Step) -> tuple[str | None, ...]:
    """The image in each leg; None where it is not known. None at all where the job may bring a Node of its own for the runner's."""
    container = step.job.node.get("container") if step.job is not None else None
    image = container.get("image") if isinstance(container, Mapping) else container
    if step.job is None or not isinstance(image, Scalar) or _brings_node(step.job):
        return ()
    if "${{" not in image.value:
        return (image.value.strip(),)
    return tuple(Scope(step, leg, None).value(image.value).literal for leg in legs(step.job) or ())


def _brings_node(job: Job) -> bool:
    return _OWN_NODE.search(job.workflow.text[job.span]) is not None
