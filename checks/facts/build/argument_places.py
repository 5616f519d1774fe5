"""Where the value of a build argument stays, so that others can read it.

History: https://docs.docker.com/reference/dockerfile/#arg
Provenance: https://docs.docker.com/build/metadata/attestations/slsa-provenance/#mode
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from checks.facts.build.builds import BUILD_PUSH, Build
from checks.facts.build.provenance import is_in_full_unasked
from checks.facts.dockerfile.dockerfiles import Dockerfile, Instruction, Stage
from checks.facts.image.pushes import Push
from checks.facts.secret_names import goes_into_page
from checks.record import kept_with


def shipped_stages(dockerfile: Dockerfile, builds: Iterable[Build]) -> frozenset[Stage]:
    """The stages whose commands stand in the history of an image that builds make of a Dockerfile.

    Those that a target builds on, not those that it copies from. The last stage counts as a target, unless `builds`
    name others.
    """
    targets: list[Stage] = []
    for build in builds:
        if build.target is None:
            return frozenset(dockerfile.stages)
        stage = dockerfile.target_stage(build.target)
        targets += (stage,) if stage is not None else ()
    return frozenset(
        stage for target in targets or [dockerfile.final] for stage in dockerfile.ancestry(target)
    )


def reached_stages(dockerfile: Dockerfile, build: Build) -> frozenset[Stage]:
    """The stages that a build goes through: its target, and those that this builds on or copies from; all if it is not known."""
    stage = dockerfile.target_stage(build.target)
    needed = dockerfile.needed(stage) if stage is not None else frozenset[Stage]()
    is_known = bool(needed) and all(one.base.literal is not None for one in needed)
    return needed if is_known else frozenset(dockerfile.stages)


def is_in(instruction: Instruction, stages: Iterable[Stage]) -> bool:
    """Whether one of the stages has an instruction; none has what stands above the first `FROM`."""
    return any(instruction is one for stage in stages for one in stage.instructions)


def is_in_page(dockerfile: Dockerfile, argument: str, stages: Iterable[Stage]) -> bool:
    """Whether some stages of a Dockerfile hand an argument on to a page, which everybody who opens that can read."""
    return any(
        goes_into_page(argument, dockerfile.text[it.span])
        for stage in stages
        for it in stage.instructions
        if it.keyword in ("ARG", "ENV", "RUN")
    )


def is_in_page_with(dockerfile: Dockerfile, argument: str, instruction: Instruction) -> bool:
    """Whether a build that comes to an instruction may hand an argument on to a page; one above the first `FROM` each does."""
    pages = [stage for stage in dockerfile.stages if is_in_page(dockerfile, argument, (stage,))]
    own = [stage for stage in dockerfile.stages if is_in(instruction, (stage,))]
    ways = _ways(dockerfile) if pages else ()
    return any(not way.isdisjoint(pages) and not (own and way.isdisjoint(own)) for way in ways)


@kept_with
def _ways(dockerfile: Dockerfile) -> tuple[frozenset[Stage], ...]:
    """The stages that a build of each stage goes through."""
    return tuple(map(dockerfile.needed, dockerfile.stages))


def is_in_provenance(build: Build, visibility: str | None) -> bool:
    """Whether a build that pushes certainly attaches provenance that has each argument, whatever stage takes it.

    https://docs.docker.com/build/ci/github-actions/attestations/#default-provenance
    """
    if build.pushes is False or build.loads:
        return False
    if build.arguments is not None:
        words = (*build.arguments.all("provenance"), *build.arguments.all("attest"))
        return any("mode=max" in (word.literal or "") for word in words)
    if build.step is None or not build.step.uses_action(BUILD_PUSH):
        return False
    written = [build.step.input_entry(name) for name in ("provenance", "attests", "outputs")]
    if not any(written):
        return visibility == "public" and is_in_full_unasked(build.step)
    asked = [build.step.input(name) for name in ("provenance", "attests")]
    return any(one is not None and "mode=max" in one.value for one in asked)


def may_leave(build: Build, pushes: Iterable[Push]) -> bool:
    """Whether the image of a build may come to others: it pushes it itself, or its job, or a script that the job runs."""
    if build.may_publish:
        return True
    step = build.step
    if step is None or step.job is None:
        return any(push.location.text is build.text for push in pushes)
    commands = [one.run.value for one in step.job.steps if one.run is not None]
    is_handed_on = any(build.archives()) or any(" save " in command for command in commands)
    for push in pushes:
        is_anothers = push.build is not None and push.build.step is not step
        if is_anothers or push.reference.is_on_this_machine:
            continue
        if push.step is None:
            name = posixpath.basename(push.location.path)
            if any(name in command for command in commands):
                return True
        elif push.step.job is step.job or (is_handed_on and push.location.text is build.text):
            return True
    return False
