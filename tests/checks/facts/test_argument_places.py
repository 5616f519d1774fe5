"""Which build arguments others can read: by the provenance, by the history, and by where the image goes."""

from __future__ import annotations

import pytest

from checks.check import Repository
from checks.facts.build.argument_places import is_in_provenance, may_leave, reached_stages, shipped_stages
from checks.source.snapshot import Snapshot

JOB = "on: push\njobs:\n  j:\n    runs-on: x\n    steps:\n"
DOCKERFILE = """\
FROM a AS base
FROM b AS tool
FROM base AS web
COPY --from=tool /t /t
"""


def repository(*steps: str, more: str = "", **files: str) -> Repository:
    content = JOB + "".join(f"      - {step}\n" for step in steps) + more
    return Repository(Snapshot.of({".github/workflows/w.yml": content, "Dockerfile": DOCKERFILE, **files}))


def action(inputs: str) -> str:
    return f"uses: docker/build-push-action@v7\n        with: {{context: ., {inputs}}}"


@pytest.mark.parametrize(
    ("step", "visibility", "expected"),
    [
        (action("push: true"), "public", True),
        (action("push: true"), "private", False),
        (action("push: true"), "internal", False),
        (action("push: true"), None, False),
        (action("push: '${{ inputs.push }}'"), "public", True),
        (action("push: false"), "public", False),
        (action("load: true"), "public", False),
        (action("push: true, provenance: false"), "public", False),
        (action("push: true, provenance: mode=min"), "public", False),
        (action("push: true, provenance: mode=max"), "private", True),
        (action("push: true, attests: 'type=provenance,mode=max'"), "private", True),
        ("run: docker buildx build --push .", "public", False),
        ("run: docker buildx build --push --provenance=true .", "public", False),
        ("run: docker buildx build --push --provenance=mode=max .", "private", True),
        ("run: docker buildx build --push --attest type=provenance,mode=max .", "private", True),
        ("run: docker buildx build --provenance=mode=max .", "public", False),
    ],
)
def test_provenance_in_full_has_the_arguments(step: str, visibility: str | None, expected: bool) -> None:
    (build,) = repository(step).builds
    assert is_in_provenance(build, visibility) is expected


@pytest.mark.parametrize(
    ("inputs", "names"),
    [
        ("", {"base", "web"}),
        ("target: web", {"base", "web"}),
        ("target: TOOL", {"tool"}),
        ("target: gone", {"base", "web"}),
        ("target: '${{ inputs.target }}'", {"base", "tool", "web"}),
    ],
)
def test_the_history_has_the_stages_that_a_target_builds_on(inputs: str, names: set[str]) -> None:
    repo = repository(action(inputs))
    assert {stage.name for stage in shipped_stages(repo.dockerfiles[0], repo.builds)} == names


@pytest.mark.parametrize(
    ("inputs", "names"),
    [
        ("", {"base", "tool", "web"}),
        ("target: base", {"base"}),
        ("target: TOOL", {"tool"}),
        ("target: gone", {"base", "tool", "web"}),
        ("target: '${{ inputs.target }}'", {"base", "tool", "web"}),
    ],
)
def test_a_build_goes_through_the_stages_that_its_target_needs(inputs: str, names: set[str]) -> None:
    repo = repository(action(inputs))
    assert {stage.name for stage in reached_stages(repo.dockerfiles[0], repo.builds[0])} == names


def test_a_build_may_go_through_any_stage_where_an_argument_names_one() -> None:
    dockerfile = "ARG KIND=web\nFROM a AS web\nFROM a AS tool\nFROM ${KIND}\n"
    repo = repository(action(""), Dockerfile=dockerfile)
    (one,) = repo.dockerfiles
    assert reached_stages(one, repo.builds[0]) == frozenset(one.stages)


OTHER = "  k:\n    runs-on: x\n    steps:\n      - run: docker push a/b:1\n"


@pytest.mark.parametrize(
    ("steps", "more", "expected"),
    [
        (["run: docker build -t a/b:1 ."], "", False),
        (["run: docker build -t a/b:1 .", "run: docker push a/b:1"], "", True),
        (["run: docker build -t a/b:1 .", "run: docker tag a/b:1 c/d:1 && docker push c/d:1"], "", True),
        (["run: docker build -t a/b:1 .", action("context: web, push: true, tags: 'c/d:1'")], "", False),
        (["run: docker build -t a/b:1 ."], OTHER, False),
        (["run: docker build -t a/b:1 .", "run: docker save -o b.tar a/b:1"], OTHER, True),
        ([action("outputs: 'type=docker,dest=b.tar'")], OTHER, True),
        (["run: docker build -t a/b:1 .", "run: ci/push.sh a/b:1"], "", True),
        (["run: docker build -t a/b:1 .", "run: ci/test.sh a/b:1"], "", False),
        (["run: docker build -t localhost:5000/b:1 --push ."], "", False),
        (["run: docker buildx build --push -t a/b:1 ."], "", True),
    ],
)
def test_an_image_leaves_by_a_push_of_its_job(steps: list[str], more: str, expected: bool) -> None:
    repo = repository(*steps, more=more, **{"ci/push.sh": '#!/bin/sh\ndocker push "$1"\n'})
    build = next(one for one in repo.builds if one.step and one.step.index == 0)
    assert may_leave(build, repo.pushes) is expected
