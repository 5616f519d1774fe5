"""Actions and container images for which GitHub fails a job before its first step, and what of a workflow never comes to run for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from checks.facts.action.releases import newest, of_use, releases
from checks.facts.action.runtimes import inside
from checks.facts.action.upstream import Upstream
from checks.facts.image.gone_images import is_gone as is_image_gone
from checks.facts.numbers import numbers
from checks.facts.workflow.never_run import waiting_behind
from checks.facts.workflow.runners import is_hosted
from checks.facts.workflow.uses import ActionUse
from checks.facts.workflow.workflows import Job, Workflow
from checks.record import Record
from checks.regex import regex
from checks.source.text import Span
from checks.source.yaml import Mapping as YamlMapping
from checks.source.yaml import Node, Scalar

_REFUSED = {
    "actions/cache": (((0,), (3, 4)), ((4,), (4, 2))),
    "actions/upload-artifact": (((0,), (4,)),),
    "actions/download-artifact": (((0,), (4,)),),
}
"""The releases that github.com refuses, by action: from one version up to, and without, another."""
_VERSION = regex(r"v?\d+\.\d+\.\d+")
_KEPT = frozenset(("0.35.0",))
"""Tags without `v` that trivy-action still has."""
_LOST_BRANCHES = frozenset((("homebrew/actions", "master"),))
"""Branches that their owners have deleted: https://github.com/Homebrew/actions/pull/934"""
_INSIDE = {
    "aquasecurity/trivy-action": {
        "v0.27.0": "aquasecurity/setup-trivy@v0.1.0",
        "v0.28.0": "aquasecurity/setup-trivy@v0.2.1",
        "v0.29.0": "aquasecurity/setup-trivy@v0.2.2",
        "v0.30.0": "aquasecurity/setup-trivy@v0.2.2",
    }
}
"""By action the releases that run another one by a tag which is gone, with that; from v0.31.0 on it is named by its commit.

https://github.com/aquasecurity/trivy-action/blob/v0.30.0/action.yaml
https://github.com/aquasecurity/setup-trivy/issues/31
"""
_NO_IMAGE = regex(r"[\s${}<>]")
"""What no name of an image has, and no shell fills in: the runner hands it to Docker as it is."""


class Stopped(Record):
    """A job that never comes to its first step, or waits for one; or a workflow that has none but such."""

    part: Span
    reasons: tuple[Span, ...]
    """The `uses:` and the images for which GitHub fails it; empty where these are told of another part."""


def is_refused(use: ActionUse) -> bool:
    """Whether github.com has switched a release off, or what it runs inside.

    https://github.blog/changelog/2024-12-05-notice-of-upcoming-releases-and-breaking-changes-for-github-actions/
    https://github.blog/changelog/2024-04-16-deprecation-notice-v3-of-the-artifact-actions/
    """
    release = of_use(use)
    if release is None:
        return False
    within = inside(use.repository, release)
    repository, number = (
        (within.repository, within.release.number) if within else (use.repository, release.number)
    )
    return any(first <= number < end for first, end in _REFUSED.get(repository, ()))


def is_gone(use: ActionUse, actions: Mapping[str, Upstream]) -> bool:
    """Whether an action has no such tag or branch: by what GitHub said of it, else of those that are known to have lost theirs."""
    upstream = actions.get(use.repository)
    return use.ref in upstream.absent if upstream else _has_lost_it(use)


def is_lost_branch(use: ActionUse) -> bool:
    """Whether what an action is named by is a branch that it is known to have lost."""
    return (use.repository, use.ref) in _LOST_BRANCHES


def gone_inside(use: ActionUse) -> str:
    """The action by the tag, which is gone, that a release runs inside: the runner fetches it as the job starts. Empty for any other."""
    release = of_use(use) if use.is_commit else None
    version = release.version if release is not None else use.ref
    return _INSIDE.get(use.action, {}).get(version, "")


def stopped_jobs(workflow: Workflow, actions: Mapping[str, Upstream]) -> tuple[Stopped, ...]:
    """The jobs of a workflow that GitHub fails for an action that a step names, or for what it is to run in or beside, and those that need one of them.

    Where that is all of them, the first is the workflow as a whole.
    """
    found = {
        job: (
            *(one.span for one in _images(job) if _is_no_image(one.value) or _is_gone_for(job, one.value)),
            *(
                use.scalar.span
                for use in (step.uses for step in job.steps)
                if use is not None and (is_refused(use) or is_gone(use, actions) or gone_inside(use))
            ),
        )
        for job in workflow.jobs
    }
    stuck = frozenset(job for job, reasons in found.items() if reasons)
    stopped = [
        *(Stopped(job.span, found[job]) for job in workflow.jobs if job in stuck),
        *(Stopped(job.span, ()) for job in waiting_behind(stuck, workflow.jobs)),
    ]
    is_all = bool(stopped) and len(stopped) == len(workflow.jobs)
    return (*((Stopped(workflow.node.span, ()),) if is_all else ()), *stopped)


def _images(job: Job) -> Iterator[Scalar]:
    """The images of the container that a job's steps run in, and of its services, which the runner starts before.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idcontainerimage
    """
    services = job.node.get("services")
    beside = [entry.value for entry in services.entries] if isinstance(services, YamlMapping) else []
    for node in (job.node.get("container"), *beside):
        image: Node | None = node.get("image") if isinstance(node, YamlMapping) else node
        if isinstance(image, Scalar):
            yield image


def _is_no_image(written: str) -> bool:
    """Whether a text without expressions is certainly no reference of an image: a placeholder, or a variable of a shell."""
    return "${{" not in written and _NO_IMAGE.search(written.strip()) is not None


def _is_gone_for(job: Job, image: str) -> bool:
    """Whether a machine of GitHub's, which has no cache of other images, can't pull an image."""
    return is_image_gone(image.strip()) and any(map(is_hosted, job.steps[:1]))


def _has_lost_it(use: ActionUse) -> bool:
    if is_lost_branch(use):
        return True
    if use.action == "sigstore/cosign-installer":
        return use.ref == "v4"
    last = newest(use.repository)
    if use.action not in ("aquasecurity/trivy-action", "aquasecurity/setup-trivy") or not _VERSION.fullmatch(
        use.ref
    ):
        return False
    number = numbers(use.ref.removeprefix("v"))
    if last is None or number > last.number:
        return False
    if not use.ref.startswith("v"):
        return use.ref not in _KEPT
    return all(one.version != use.ref for one in releases(use.repository))
