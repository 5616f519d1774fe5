"""Which Dockerfiles nothing speaks of."""

from __future__ import annotations

import pytest

from checks.facts.mentions import left_unmentioned, words_in
from checks.source.text import Text

BELOW = ("docker/api.Dockerfile", "docker/Dockerfile.web", "old/Dockerfile")


def left(script: str, *dockerfiles: str) -> list[str]:
    words = words_in(Text("build.sh", script))
    return sorted(left_unmentioned(dockerfiles or BELOW, words))


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("docker build -f docker/api.Dockerfile .", ["docker/Dockerfile.web", "old/Dockerfile"]),
        ("for i in api web; do docker build -f docker/$i.Dockerfile .; done", []),
        ("docker build -f docker/api.Dockerfile . && docker build services/$*", []),
        ("docker build -f docker/api.Dockerfile . && docker build -f $(DOCKERFILE) .", []),
        ("docker build -f docker/api.Dockerfile . && for s in web/*; do (cd $s && docker build .); done", []),
        ("docker build -f docker/api.Dockerfile .; $(MAKE) -C services/$(NAME)", []),
        ("file: docker/api.Dockerfile\n---\nfile: images/${{ matrix.image }}.Dockerfile", []),
        ("docker build old", ["docker/Dockerfile.web", "docker/api.Dockerfile"]),
        ("docker build .", []),
        ("docker build -f docker/api.Dockerfile .; for d in *; do docker build -f $d/Dockerfile; done", []),
        ("docker build -f docker/api.Dockerfile .\nfind . -name Dockerfile -exec build {} ;", []),
        ("docker build -f docker/api.Dockerfile .; docker build -t web $folder", []),
        ("with: {file: '${{ matrix.file }}', tags: 'web'}", []),
        ("with: {context: docker, file: docker/api.Dockerfile}", ["docker/Dockerfile.web", "old/Dockerfile"]),
    ],
)
def test_what_is_left(script: str, expected: list[str]) -> None:
    assert left(script) == expected


def test_a_build_takes_the_one_at_the_root_unasked() -> None:
    assert left("docker build -f web/Dockerfile web", "Dockerfile", "web/Dockerfile", "api/Dockerfile") == [
        "api/Dockerfile"
    ]
    assert left("docker build .", "Dockerfile", "api/Dockerfile") == []


def test_all_that_is_special_in_a_name_has_to_be_there() -> None:
    names = ("docker/Dockerfile.ubuntu-prod", "docker/Dockerfile.ubuntu-dev", "web/Dockerfile")
    script = "files: docker/Dockerfile.ubuntu-prod\ncontext: web"
    assert left(script, *names) == ["docker/Dockerfile.ubuntu-dev"]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("docker build .", []),
        ("docker build services/web", ["old/Dockerfile", "services/old/api/Dockerfile"]),
        ("docker build services/web; docker build $folder", []),
        ("docker build services/web; cd services/api", ["old/Dockerfile"]),
        ("", []),
    ],
)
def test_where_all_builds_that_publish_are_known(script: str, expected: list[str]) -> None:
    below = ("services/web/Dockerfile", "services/old/api/Dockerfile", "old/Dockerfile")
    words = words_in(Text("build.sh", script))
    assert sorted(left_unmentioned(below, words)) == expected
    assert left_unmentioned(below[:1], words) == frozenset()
    others = (*below, *(f"images/{number}/Dockerfile" for number in range(9)))
    assert left_unmentioned(others, words) == frozenset()


def test_a_folder_that_begins_with_a_dot() -> None:
    assert left("docker build -f .docker/Dockerfile .", ".docker/Dockerfile", "old/Dockerfile") == [
        "old/Dockerfile"
    ]
