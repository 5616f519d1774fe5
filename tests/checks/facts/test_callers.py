"""What the callers in a repository hand to its reusable workflows and composite actions."""

from __future__ import annotations

import pytest

from checks.check import Outside, Repository
from checks.facts.value import Varies
from checks.facts.workflow.callers import handed_in
from checks.source.snapshot import Snapshot

INPUTS = """
      image: {type: string, required: true}
      Tag: {type: string, default: edge}
      push: {type: boolean, default: true}
      stable: {type: string}
      count: {type: number, default: 3}
"""
CALLED = """
on:%s
  workflow_call:
    inputs:%s
jobs:
  build:
    runs-on: x
    steps:
      - run: docker push "ghcr.io/acme/${{ inputs.image }}:${{ %s }}"
"""
CALLER = """
on: {push: {branches: [main]}}
jobs:
  call:
    uses: ./.github/workflows/b.yml
    with: {%s}
"""
FLAG = "inputs.push && 'pushed' || 'kept'"


def repository(*handed: str, text: str = "inputs.tag", more: str = "", **files: str) -> Repository:
    called = {".github/workflows/b.yml": CALLED % (more, INPUTS, text)}
    callers = {f".github/workflows/c{number}.yml": CALLER % one for number, one in enumerate(handed)}
    return Repository(Snapshot.of({**called, **callers, **files}), Outside(slug="acme/web"))


def pushed(repo: Repository) -> list[str]:
    return [str(push.value).removeprefix("ghcr.io/acme/") for push in repo.pushes]


@pytest.mark.parametrize(
    ("handed", "text", "expected"),
    [
        ("image: web, tag: latest", "inputs.tag", "web:latest"),
        ("image: web, TAG: latest", "inputs.Tag", "web:latest"),
        ("image: web", "inputs.tag", "web:edge"),
        ("image: web, tag: '${{ github.sha }}'", "inputs.tag", "web:${{ github.sha }}"),
        ("image: web, tag: 'v-${{ github.repository_owner }}'", "inputs.tag", "web:v-acme"),
        ("image: web, tag: '${{ vars.TAG }}'", "inputs.tag", "web:${{ inputs.tag }}"),
        ("image: web, tag: ''", "inputs.tag", "web:${{ inputs.tag }}"),
        ("image: web, tag: 24", "inputs.tag", "web:24"),
        ("image: web, tag: 1.5", "inputs.tag", "web:1.5"),
        ("image: web, tag: '1.10'", "inputs.tag", "web:1.10"),
        ("image: web, tag: 1.10", "inputs.tag", "web:${{ inputs.tag }}"),
        ("image: web, tag: 007", "inputs.tag", "web:${{ inputs.tag }}"),
        ("image: web, tag: 1e3", "inputs.tag", "web:${{ inputs.tag }}"),
        ("image: web, tag: .", "format('v{0}', inputs.tag)", "web:v."),
        ("image: web, tag: 1.2.3", "inputs.tag", "web:1.2.3"),
        ("image: web, tag: null", "inputs.tag", "web:${{ inputs.tag }}"),
        ("image: web", "inputs.stable", "web:${{ inputs.stable }}"),
        ("image: web", "inputs.stable || 'none'", "web:none"),
        ("image: web", "inputs.count", "web:${{ inputs.count }}"),
        ("image: web", "github.event.inputs.tag", "web:${{ github.event.inputs.tag }}"),
        ("image: web", FLAG, "web:pushed"),
        ("image: web, push: false", FLAG, "web:kept"),
        ("image: web, push: '${{ false }}'", FLAG, "web:kept"),
        ("tag: latest", "inputs.tag", "${{ inputs.image }}:latest"),
    ],
)
def test_a_caller_hands_over_values_and_leaves_defaults(handed: str, text: str, expected: str) -> None:
    assert pushed(repository(handed, text=text))[-1] == expected


def test_other_repositories_may_call_with_anything() -> None:
    assert pushed(repository("image: web, tag: latest")) == [
        "${{ inputs.image }}:${{ inputs.tag }}",
        "web:latest",
    ]


def test_what_callers_do_not_agree_on_is_unknown() -> None:
    repo = repository("image: web, tag: latest", "image: web, tag: stable")
    assert pushed(repo)[-1] == "web:${{ inputs.tag }}"


def test_a_caller_of_many_legs_agrees_with_itself_only_where_they_do() -> None:
    matrix = "image: '${{ matrix.image }}', tag: '${{ matrix.tag }}'}\n    strategy: {matrix: {image: [web], tag: [a, b]}"
    assert pushed(repository(matrix))[-1] == "web:${{ inputs.tag }}"


def test_another_trigger_leaves_inputs_open() -> None:
    assert pushed(repository("image: web", more="\n  workflow_dispatch: {}")) == [
        "${{ inputs.image }}:${{ inputs.tag }}"
    ]


@pytest.mark.parametrize(
    ("condition", "runs"),
    [
        ("inputs.push", True),
        ("!inputs.push", False),
        ("inputs.tag == 'edge'", True),
        ("inputs.tag != 'edge'", False),
        ("github.event_name == 'push'", True),
        ("github.event_name == 'pull_request'", False),
    ],
)
@pytest.mark.parametrize("place", ["runs-on: x", "- run"])
def test_only_what_runs_with_these_inputs_has_them(condition: str, runs: bool, place: str) -> None:
    called = repository("image: web").snapshot.texts[".github/workflows/b.yml"].content
    written = f'if: "{condition}"'
    instead = f"{written}\n    {place}" if place == "runs-on: x" else f"- {written}\n        run"
    repo = repository("image: web", **{".github/workflows/b.yml": called.replace(place, instead)})
    assert ("web:edge" in pushed(repo)) is runs


def test_a_guard_of_the_script_may_leave_a_push_out() -> None:
    called = repository("image: web").snapshot.texts[".github/workflows/b.yml"].content
    guarded = called.replace("run: docker", 'run: \'[ "$X" = 1 ] && docker').replace(' }}"\n', " }}\"'\n")
    repo = repository("image: web", **{".github/workflows/b.yml": guarded})
    assert pushed(repo) == ["${{ inputs.image }}:${{ inputs.tag }}"]


ACTION = """
inputs:
  image: {required: true}
  flag: {default: false}
runs:
  using: composite
  steps:
    - shell: bash
      run: docker push "ghcr.io/acme/${{ inputs.image }}:${{ inputs.flag && 'text' || 'boolean' }}"
"""
USER = """
on: push
jobs:
  build:
    runs-on: x
    steps:
      - uses: actions/checkout@v5%s
      - uses: ./%s
        with: {image: web}
"""


@pytest.mark.parametrize(
    ("folder", "checkout", "is_known"),
    [
        (".github/push", "", True),
        ("", "", False),
        (".github/push", "\n        with: {repository: acme/other}", False),
    ],
)
def test_inputs_of_composite_actions_are_texts(folder: str, checkout: str, is_known: bool) -> None:
    path = f"{folder}/action.yml" if folder else "action.yml"
    files = {path: ACTION, ".github/workflows/a.yml": USER % (checkout, folder)}
    repo = Repository(Snapshot.of(files), Outside(slug="acme/web"))
    assert [name for name in pushed(repo) if name.startswith("web")] == (["web:text"] if is_known else [])


def test_inputs_are_handed_on() -> None:
    through = """
on: {workflow_call: {inputs: {name: {type: string}}}}
jobs:
  call:
    uses: ./.github/workflows/b.yml
    with: {image: '${{ inputs.name }}', tag: v1}
"""
    outer = CALLER.replace("/b.yml", "/through.yml") % "name: web"
    files = {".github/workflows/through.yml": through, ".github/workflows/a.yml": outer}
    assert pushed(repository(**files))[-1] == "web:v1"


def test_a_workflow_that_calls_itself_is_handed_nothing_that_it_does_not_know() -> None:
    called = repository().snapshot.texts[".github/workflows/b.yml"].content
    itself = (
        called + "  again:\n    uses: ./.github/workflows/b.yml\n    with: {image: '${{ inputs.image }}'}\n"
    )
    repo = repository("image: web", **{".github/workflows/b.yml": itself})
    assert pushed(repo)[-1] == "${{ inputs.image }}:edge"


def test_with_too_many_callers_nothing_is_known() -> None:
    assert handed_in(repository(*["image: web"] * 100).calls, ())
    assert not handed_in(repository(*["image: web"] * 101).calls, ())


def test_an_edit_of_a_caller_changes_what_the_called_workflow_says() -> None:
    repo = repository("image: web, tag: latest")
    other = repository("image: web, tag: stable")
    again = Repository(other.snapshot.sharing(repo.snapshot), repo.outside, repo.memo)
    assert pushed(repo)[-1] == "web:latest"
    assert pushed(again)[-1] == "web:stable"


def test_what_runs_with_handed_inputs_runs_for_the_callers_events() -> None:
    repo = repository("image: web", text="github.ref_name")
    (pushed_by_others, pushed_here) = repo.pushes
    assert {event.name for event in pushed_by_others.events or ()} == {"workflow_call"}
    assert {(event.name, event.ref) for event in pushed_here.events or ()} == {("push", "refs/heads/main")}
    assert pushed_here.reference.tag
    assert {hole.varies for hole in pushed_here.reference.tag.holes} == {Varies.BRANCH}


def test_a_scan_reads_the_build_of_its_own_call() -> None:
    called = """
on: {workflow_call: {inputs: {image: {type: string}}}}
jobs:
  build:
    runs-on: x
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., load: true, tags: '${{ inputs.image }}:1'}
      - run: trivy image '%s:1'
"""
    for written in ("${{ inputs.image }}", "web"):
        repo = repository("image: web", **{".github/workflows/b.yml": called % written})
        assert len(repo.builds) == len(repo.scans) == 2
        ((scan, build),) = repo.scanned_builds.items()
        assert scan.scope
        assert build.scope
        assert scan.scope.handed == build.scope.handed is not None
