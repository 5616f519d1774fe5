"""Reusable workflows and composite actions whose callers are elsewhere build files that are not here."""

import pytest

from checks.check import Outside, Repository
from checks.facts.build.builds import Build
from checks.source.snapshot import Snapshot

_STEPS = """\
      - uses: docker/build-push-action@v7
        with: {context: ., file: Dockerfile}
      - run: docker build -t web .
"""
_REUSABLE = f"on: workflow_call\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n{_STEPS}"
_ACTION = f"runs:\n  using: composite\n  steps:\n{_STEPS}"


def builds(path: str, content: str, caller: str = "") -> tuple[Build, ...]:
    """The builds of a file, in a repository with a job of one caller beside it."""
    files = {path: content}
    if caller:
        files[".github/workflows/main.yml"] = f"on: push\njobs:\n  main:\n    {caller}\n"
    repo = Repository(Snapshot.of(files), Outside(slug="acme/web"))
    return tuple(one for one in repo.builds if one.text.path == path)


@pytest.mark.parametrize(
    ("path", "content", "caller"),
    [
        (".github/workflows/build.yml", _REUSABLE, "uses: ./.github/workflows/build.yml"),
        (".github/workflows/build.yml", _REUSABLE, "uses: acme/web/.github/workflows/build.yml@main"),
        ("build/action.yml", _ACTION, "steps: [{uses: ./build}]"),
        ("build/action.yaml", _ACTION, "steps: [{uses: acme/web/build@v1}]"),
        ("action.yml", _ACTION, "steps: [{uses: ./}]"),
    ],
)
def test_what_is_used_here_builds_files_of_this_repository(path: str, content: str, caller: str) -> None:
    assert [(one.context, one.dockerfile) for one in builds(path, content, caller)] == [
        ("", "Dockerfile")
    ] * 2
    other = caller.replace("build", "other").replace("uses: ./}", "uses: ./other}")
    for elsewhere in ("", other):
        found = builds(path, content, elsewhere)
        assert [(one.context, one.dockerfile) for one in found] == [(None, None)] * 2


def test_a_workflow_with_another_trigger_runs_here() -> None:
    own = builds(".github/workflows/build.yml", _REUSABLE.replace("workflow_call", "[push, workflow_call]"))
    assert {one.context for one in own} == {""}


def test_what_only_strangers_lead_to_is_for_others() -> None:
    files = {
        ".github/workflows/build.yml": "on: workflow_call\njobs:\n  build:\n    steps: [{uses: ./build}]\n",
        "build/action.yml": _ACTION,
    }
    repo = Repository(Snapshot.of(files))
    assert {one.context for one in repo.builds} == {None}
