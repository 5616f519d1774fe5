"""Which builder a job's builds run in: the daemon's own, or one in a container.

https://docs.docker.com/build/builders/drivers/
"""

from __future__ import annotations

from checks.facts.builds import BUILD_PUSH, Build
from checks.facts.runners import has_containerd_store
from checks.facts.workflows import Step

_KNOWN = (
    "actions/",
    "aws-actions/",
    "docker/login-action",
    "docker/metadata-action",
    "docker/setup-qemu-action",
    "docker/build-push-action",
    "aquasecurity/",
    "anchore/",
    "sigstore/",
    "github/codeql-action",
)
"""Actions that set up no builder."""


def has_only_the_daemons_builder(build: Build) -> bool:
    """Whether a build certainly runs in the Docker daemon of a runner with the classic store.

    That builder makes one platform and exports no cache. An unknown action, a script that names buildx, or a runner that we
    don't know may bring another one: then it is not certain.
    """
    step = build.step
    if step is None or step.job is None or not step.uses_action(BUILD_PUSH):
        return False
    if has_containerd_store(step.job) is not False or step.input_entry("builder") is not None:
        return False
    return not any(_may_set_up(earlier) for earlier in step.job.before(step))


def _may_set_up(step: Step) -> bool:
    if step.run is not None:
        return (
            "buildx" in step.run.value
            or "BUILDX" in step.run.value
            or step.run.value.lstrip().startswith("./")
        )
    return step.uses is not None and not step.uses.action.startswith(_KNOWN)


def others_use_the_daemon(build: Build) -> bool:
    """Whether another step of the job may use an image of the daemon, which a builder in a container does not fill."""
    job = build.step.job if build.step else None
    for other in job.steps if job else ():
        script = other.run.value if other.run else ""
        uses_image = other.input("image") is not None or other.input("image-ref") is not None
        if other is not build.step and ("docker " in script or "podman " in script or uses_image):
            return True
    return False
