"""In which folder a Dockerfile is built, and which ignore file holds there."""

from __future__ import annotations

import pytest

from checks.check import Repository, files_of
from checks.facts.build.contexts import exists
from checks.source.snapshot import Snapshot

BUILD = """\
-- .github/workflows/w.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v6
      - uses: docker/build-push-action@v6
        with:
{}
"""


def contexts(files: str, *paths: str, complete: bool = True) -> list[tuple[str, str, str | None]]:
    """Dockerfile, folder and ignore file of each."""
    snapshot = Snapshot.of(files_of(files), paths)
    repo = Repository(Snapshot(snapshot.texts, snapshot.paths, (), complete))
    return [
        (one.dockerfile.path, one.folder, one.ignore.text.path if one.ignore else None)
        for one in repo.build_contexts
    ]


def built_with(*inputs: str) -> str:
    return BUILD.format("\n".join(f"          {line}" for line in inputs))


WEB = "-- web/Dockerfile --\nFROM a\nCOPY x y\n-- web/.dockerignore --\nz\n"


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        (("context: web",), [("web/Dockerfile", "web", "web/.dockerignore")]),
        (("context: ./web/",), [("web/Dockerfile", "web", "web/.dockerignore")]),
        (("context: .", "file: web/Dockerfile"), [("web/Dockerfile", "", None)]),
        (("context: ${{ inputs.where }}", "file: web/Dockerfile"), []),
        (("context: https://github.com/acme/web.git", "file: web/Dockerfile"), []),
        (("file: web/Dockerfile",), []),
    ],
)
def test_a_build_says_where(inputs: tuple[str, ...], expected: list[object]) -> None:
    assert contexts(WEB + built_with(*inputs)) == expected


def test_an_ignore_file_that_no_build_takes_decides_nothing() -> None:
    files = WEB.replace("z\n", "z\n[\n") + built_with("context: web")
    assert contexts(files) == [("web/Dockerfile", "web", None)]


def test_the_ignore_file_of_the_dockerfile_goes_before_that_of_the_context() -> None:
    own = "-- web/Dockerfile.dockerignore --\nq\n"
    assert contexts(WEB + own + built_with("context: web")) == [
        ("web/Dockerfile", "web", "web/Dockerfile.dockerignore")
    ]


def test_an_own_ignore_file_of_unknown_content_leaves_none() -> None:
    found = contexts(WEB + built_with("context: web"), "web/Dockerfile.dockerignore")
    assert found == [("web/Dockerfile", "web", None)]


COMPOSE = "-- compose.yml --\nservices:\n  web:\n    build: {}\n"


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        ("./web", [("web/Dockerfile", "web", "web/.dockerignore")]),
        ("{context: web}", [("web/Dockerfile", "web", "web/.dockerignore")]),
        ("{context: ., dockerfile: web/Dockerfile}", [("web/Dockerfile", "", None)]),
        ("{dockerfile: web/Dockerfile}", [("web/Dockerfile", "", None)]),
        ("{context: web, dockerfile: ../web/Dockerfile}", [("web/Dockerfile", "web", "web/.dockerignore")]),
        ("{context: '${WHERE}'}", []),
        ("{context: web, dockerfile_inline: FROM a}", []),
        ("https://github.com/acme/web.git", []),
        ("../outside", []),
    ],
)
def test_a_compose_file_says_where(build: str, expected: list[object]) -> None:
    assert contexts(WEB + COMPOSE.format(build)) == expected


def test_a_compose_file_in_a_folder_counts_from_there() -> None:
    files = WEB + "-- deploy/compose.yml --\nservices: {web: {build: ../web}}\n"
    assert contexts(files) == [("web/Dockerfile", "web", "web/.dockerignore")]


def test_without_a_build_the_folder_with_an_ignore_file_is_likely_if_all_copies_are_there() -> None:
    assert contexts(WEB) == []
    assert contexts(WEB, "web/x") == [("web/Dockerfile", "web", "web/.dockerignore")]
    assert contexts(WEB, "web/x", complete=False) == []
    ignored = WEB.replace("COPY x y", "COPY x z ./")
    assert contexts(ignored, "web/x") == [("web/Dockerfile", "web", "web/.dockerignore")]
    assert contexts(WEB.replace("COPY x y", "COPY x other ./"), "web/x") == []
    assert contexts("-- web/Dockerfile --\nFROM a\nCOPY x y\n", "web/x") == []


def test_two_builds_are_two_contexts() -> None:
    files = WEB + built_with("context: web") + COMPOSE.format("{dockerfile: web/Dockerfile}")
    assert [folder for _, folder, _ in contexts(files)] == ["", "web"]


def test_a_path_exists_as_file_or_folder_and_wildcards_count_as_there() -> None:
    snapshot = Snapshot.of({}, ["a/b/c"])
    assert [exists(path, snapshot) for path in ("a/b/c", "a/b", "a", "", "x*", "b", "a/b/c/d")] == [
        True,
        True,
        True,
        True,
        True,
        False,
        False,
    ]
