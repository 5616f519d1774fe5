"""Which builder a job's builds run in: the daemon's own, or one in a container.

https://docs.docker.com/build/builders/drivers/
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.facts.build.bake import BakeTarget
from checks.facts.build.bake_runs import inputs_of
from checks.facts.build.builds import BUILD_PUSH, Build
from checks.facts.build.compose import ComposeBuild
from checks.facts.token.programs import may_run_project
from checks.facts.workflow.runners import has_containerd_store
from checks.facts.workflow.step_edits import insert_step_before, pinned
from checks.facts.workflow.workflows import Step
from checks.source.snapshot import Edit

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


_OF_BUILDKIT = frozenset(("depot", "docker", "docker-buildx", "nerdctl", "finch"))


def built_by_docker(
    builds: Iterable[Build], services: Iterable[ComposeBuild], targets: Iterable[BakeTarget]
) -> frozenset[str]:
    """The Dockerfiles, by path, that something here has BuildKit build, which `podman`, `buildah` and others do without.

    A build of which the file is not known takes that of the root, where no other builder may.
    """
    builds = tuple(builds)
    by_steps = {one.dockerfile for one in builds if _is_of_buildkit(one)}
    if None in by_steps and all(map(_is_of_buildkit, builds)):
        by_steps.add("Dockerfile")
    inputs = (inputs_of(one, ()) for one in targets)
    by_bake = (path for one in inputs if one is not None for path in one.dockerfiles_in(list(one.contexts)))
    by_compose = (one.dockerfile for one in services)
    return frozenset(path for path in (*by_steps, *by_compose, *by_bake) if path is not None)


def _is_of_buildkit(build: Build) -> bool:
    return build.invocation is None or build.invocation.program in _OF_BUILDKIT


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
    return not any(_may_set_up(earlier) for earlier in step.earlier)


def steps_without_exporter(builds: Iterable[Build]) -> frozenset[Step]:
    """The steps that stop in each leg, since they ask that builder for an archive, which it writes in containerd's store only.

    One behind a script that starts more than can be seen here, which may set another up, is none of them.
    https://docs.docker.com/build/exporters/oci-docker/
    """
    builds = tuple(builds)
    stopping = frozenset(
        one
        for one in builds
        if _asks_for_archive(one) and has_only_the_daemons_builder(one) and not _is_behind_unseen(one.step)
    )
    going = {one.step for one in builds if one not in stopping}
    steps = (one.step for one in stopping if one.step not in going)
    return frozenset(step for step in steps if step is not None and step.always_counts)


def _asks_for_archive(build: Build) -> bool:
    is_exported = build.step is None or build.step.input_entry("call") is None
    return is_exported and any(
        one.type == "oci" or (one.type == "docker" and "dest" in one.attributes)
        for one in build.outputs or ()
    )


def _is_behind_unseen(step: Step | None) -> bool:
    earlier = step.earlier if step is not None else ()
    return any(one.run is not None and may_run_project(one) for one in earlier)


def _may_set_up(step: Step) -> bool:
    if step.run is not None:
        return (
            "buildx" in step.run.value
            or "BUILDX" in step.run.value
            or step.run.value.lstrip().startswith("./")
        )
    return step.uses is not None and not step.uses.action.startswith(_KNOWN)


def with_own_builder(build: Build) -> Edit | None:
    """Sets up a builder in a container before a build; None where another step may need the image in the daemon."""
    setup = pinned("docker/setup-buildx-action")
    if build.step is None or setup is None or _others_use_the_daemon(build):
        return None
    return insert_step_before(build.step, f"uses: {setup}")


def _others_use_the_daemon(build: Build) -> bool:
    """Whether another step of the job may use an image of the daemon, which a builder in a container does not fill."""
    job = build.step.job if build.step else None
    for other in job.steps if job else ():
        script = other.run.value if other.run else ""
        uses_image = other.input("image") is not None or other.input("image-ref") is not None
        if other is not build.step and ("docker " in script or "podman " in script or uses_image):
            return True
    return False
