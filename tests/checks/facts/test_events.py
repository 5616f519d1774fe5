"""For which events, and on which refs, something runs."""

from __future__ import annotations

import textwrap

import pytest

from checks.facts.workflow.composite_actions import CompositeAction, parse_action
from checks.facts.workflow.conditions import certainly_holds, empty_inputs, may_hold
from checks.facts.workflow.events import Event, RefKind, events
from checks.facts.workflow.job_events import of_job, of_step
from checks.facts.workflow.leg_values import given_by_legs, legs_of_step
from checks.facts.workflow.never_run import never_runs, parts_that_never_run
from checks.facts.workflow.workflows import Workflow
from checks.source.evaluation import known
from checks.source.text import Text
from tests.checks.workflow import job, workflow

BRANCH, TAG, PULL = RefKind.BRANCH, RefKind.TAG, RefKind.PULL


def started_by(on: str) -> set[tuple[str, str, str | None]]:
    return {(one.name, one.ref_kind.value, one.ref) for one in events(workflow(f"on: {on}\njobs: {{}}\n"))}


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("push", {("push", "branch", None), ("push", "tag", None)}),
        (
            "[push, pull_request]",
            {("push", "branch", None), ("push", "tag", None), ("pull_request", "pull", None)},
        ),
        ("{push: {paths: ['**.py']}}", {("push", "branch", None), ("push", "tag", None)}),
        ("{push: {branches: [main]}}", {("push", "branch", "refs/heads/main")}),
        ("{push: {branches: main}}", {("push", "branch", "refs/heads/main")}),
        (
            "{push: {branches: [main, 'releases/**', '!releases/old']}}",
            {("push", "branch", "refs/heads/main"), ("push", "branch", None)},
        ),
        ("{push: {tags: ['v*']}}", {("push", "tag", None)}),
        ("{push: {branches: [main], tags: ['Release v*']}}", {("push", "branch", "refs/heads/main")}),
        ("{push: {tags: [v1]}}", {("push", "tag", "refs/tags/v1")}),
        (
            "{push: {branches: [main], tags: ['v*']}}",
            {("push", "branch", "refs/heads/main"), ("push", "tag", None)},
        ),
        ("{push: {branches-ignore: [x]}}", {("push", "branch", None)}),
        ("{push: {tags-ignore: [x]}}", {("push", "tag", None)}),
        (
            "{push: {branches: [main], tags-ignore: [x]}}",
            {("push", "branch", "refs/heads/main"), ("push", "tag", None)},
        ),
        ("{push: {branches: [main], tags-ignore: ['**']}}", {("push", "branch", "refs/heads/main")}),
        ("{push: {branches-ignore: ['**'], tags: ['v*']}}", {("push", "tag", None)}),
        (
            "{push: {branches: [main], tags-ignore: ['**', '!v*']}}",
            {("push", "branch", "refs/heads/main"), ("push", "tag", None)},
        ),
        ("{push: {branches-ignore: ['**', x], tags-ignore: ['v*']}}", {("push", "tag", None)}),
        (
            "{push: {branches-ignore: ['docs/**'], tags: [v1]}}",
            {("push", "branch", None), ("push", "tag", "refs/tags/v1")},
        ),
        ("{push: {branches: [main], paths: ['./web/**', ../web, '!./docs/**']}}", set()),
        ("{push: {branches: [main], tags: ['v*'], paths: ['./web/**']}}", {("push", "tag", None)}),
        (
            "{push: {branches: [main], paths: ['./web/**', 'web/**']}}",
            {("push", "branch", "refs/heads/main")},
        ),
        ("{pull_request: {paths: ['./web/**']}, release: {}}", {("release", "tag", None)}),
        ("{pull_request: {paths-ignore: ['./web/**']}}", {("pull_request", "pull", None)}),
        ("pull_request_target", {("pull_request_target", "branch", None)}),
        ("{schedule: [{cron: '0 0 * * *'}]}", {("schedule", "branch", None)}),
        ("release", {("release", "tag", None)}),
        ("workflow_dispatch", {("workflow_dispatch", "branch", None), ("workflow_dispatch", "tag", None)}),
        ("create", {("create", "branch", None), ("create", "tag", None)}),
        ("merge_group", {("merge_group", "branch", None)}),
        (
            "workflow_call",
            {
                ("workflow_call", "branch", None),
                ("workflow_call", "tag", None),
                ("workflow_call", "pull", None),
            },
        ),
    ],
)
def test_events_and_their_refs(on: str, expected: set[tuple[str, str, str | None]]) -> None:
    assert started_by(on) == expected


MAIN = Event("push", BRANCH, "refs/heads/main")
ANY_BRANCH = Event("push", BRANCH, None)
ANY_TAG = Event("push", TAG, None)
PULL_REQUEST = Event("pull_request", PULL, None)
CALLED = Event("workflow_call", BRANCH, None)
BY_HAND = Event("workflow_dispatch", BRANCH, None)
AFTER_RUN = Event("workflow_run", BRANCH, None)


@pytest.mark.parametrize(
    ("condition", "event", "expected"),
    [
        ("github.ref == 'refs/heads/main'", MAIN, True),
        ("github.ref == 'refs/heads/dev'", MAIN, False),
        ("github.ref != 'refs/heads/main'", MAIN, False),
        ("github.ref == 'refs/heads/dev'", ANY_BRANCH, True),
        ("github.ref != 'refs/heads/dev'", ANY_BRANCH, True),
        ("github.ref == 'refs/heads/main'", ANY_TAG, False),
        ("github.ref == 'refs/heads/main'", PULL_REQUEST, False),
        ("github.ref_name == 'main'", MAIN, True),
        ("github.ref_name == 'dev'", MAIN, False),
        ("startsWith(github.ref, 'refs/tags/')", MAIN, False),
        ("startsWith(github.ref, 'refs/tags/')", ANY_TAG, True),
        ("startsWith(github.ref, 'refs/tags/v')", ANY_TAG, True),
        ("!startsWith(github.ref, 'refs/tags/')", ANY_TAG, False),
        ("startsWith(github.ref_name, 'v') && endsWith(github.ref_name, '-rc')", ANY_TAG, True),
        ("contains(github.ref, 'release')", ANY_BRANCH, True),
        ("contains(github.ref, 'release')", MAIN, False),
        ("github.ref == 'refs/heads/main'", Event("push", BRANCH, None, "release-*"), False),
        ("github.ref_name == 'release-1'", Event("push", BRANCH, None, "release-*"), True),
        ("github.ref_name == 'main'", Event("push", BRANCH, None, "**"), True),
        ("startsWith(github.ref_name, 'release-')", Event("push", BRANCH, None, "release-[0-9]+"), True),
        ("endsWith(github.ref_name, '-1')", Event("push", BRANCH, None, "release-*"), True),
        ("endsWith(github.ref, '/main')", ANY_BRANCH, True),
        ("github.ref_type == 'tag'", ANY_TAG, True),
        ("github.ref_type == 'tag'", ANY_BRANCH, False),
        ("github.ref_type == 'branch'", PULL_REQUEST, True),
        ("github.ref_type != 'branch'", PULL_REQUEST, False),
        ("startsWith(github.ref_type, 'tag') && !github.event.issue.pull_request", PULL_REQUEST, False),
        ("startsWith(github.ref_type, 'tag') && !github.event.issue.pull_request", ANY_TAG, True),
        ("github.ref_type == 'tag' || inputs.push", PULL_REQUEST, True),
        ("contains(github.event.pull_request.changed_files, 'Dockerfile')", PULL_REQUEST, False),
        ("github.event.pull_request.changed_files < 301", PULL_REQUEST, True),
        ("github.event.action == 'closed'", ANY_BRANCH, False),
        ("github.event.action != 'closed'", ANY_BRANCH, True),
        ("github.event.action == 'created'", Event("deployment", RefKind.BRANCH, None), True),
        ("github.event.pull_request.changed_files >= 5", PULL_REQUEST, True),
        ("contains(github.event.pull_request.title, 'Dockerfile')", PULL_REQUEST, True),
        ("github.event_name == 'push'", MAIN, True),
        ("github.event_name == 'push'", PULL_REQUEST, False),
        ("github.event_name != 'pull_request'", PULL_REQUEST, False),
        ("${{ github.event_name == 'pull_request' }}", PULL_REQUEST, True),
        ("${{ github.event_name == 'pull_request' }}", MAIN, False),
        ("github.event_name == 'push' && github.ref == 'refs/heads/main'", MAIN, True),
        ("github.event_name == 'push' && github.ref == 'refs/heads/main'", PULL_REQUEST, False),
        ("github.event.pull_request.head.repo.fork", MAIN, False),
        ("!github.event.pull_request.head.repo.fork", MAIN, True),
        ("github.event.pull_request.head.repo.fork", PULL_REQUEST, True),
        ("github.event.workflow_run.conclusion == 'success'", BY_HAND, False),
        ("github.event.workflow_run.conclusion != 'failure'", BY_HAND, True),
        ("github.event.workflow_run.conclusion == 'success' || inputs.force", BY_HAND, True),
        ("github.event.workflow_run.conclusion == 'success'", AFTER_RUN, True),
        ("github.event.workflow_run.conclusion == 'success'", CALLED, True),
        ("github.event.workflow_run.id", Event("deployment_status", BRANCH, None), True),
        ("github.event.workflow_run.pull_requests[0] != null", BY_HAND, False),
        ("!github.event.release.prerelease", MAIN, True),
        ("github.event.release.prerelease == true", ANY_TAG, False),
        ("github.event.release.prerelease == true", Event("release", TAG, None), True),
        ("contains(github.event.head_commit.message, 'image')", MAIN, True),
        ("contains(github.event.head_commit.message, 'image')", PULL_REQUEST, False),
        ("github.event.client_payload.image", BY_HAND, False),
        ("contains(github.event.comment.body, '/push')", Event("issue_comment", BRANCH, None), True),
        ("contains(github.event.issue.labels.*.name, 'push')", PULL_REQUEST, False),
        ("contains(github.event.label.name, 'push')", MAIN, True),
        ("github.head_ref == ''", MAIN, True),
        ("github.head_ref", MAIN, False),
        ("github.head_ref", PULL_REQUEST, True),
        ("github.head_ref", Event("pull_request_target", BRANCH, None), True),
        ("github.event_name == 'push'", CALLED, True),
        ("vars.DEPLOY == 'yes'", MAIN, True),
        ("false", MAIN, False),
        ("always()", MAIN, True),
        ("this is ( no expression", MAIN, True),
    ],
)
def test_whether_a_condition_may_hold(condition: str, event: Event, expected: bool) -> None:
    assert may_hold(condition, event) is expected


def test_the_conditions_of_job_and_step_both_count() -> None:
    found = job(
        "if: github.event_name != 'pull_request'\n"
        "steps:\n  - if: startsWith(github.ref, 'refs/tags/')\n    run: x\n  - run: y\n",
        on="[push, pull_request]",
    )
    assert {one.ref_kind for one in of_job(found)} == {BRANCH, TAG}
    first, second = (of_step(step) for step in found.steps)
    assert first == (Event("push", TAG, None),)
    assert second == of_job(found)


@pytest.mark.parametrize(
    ("condition", "never"),
    [
        ("failure()", False),
        ("${{ cancelled() && github.event_name == 'push' }}", False),
        ("!success()", False),
        ("always()", False),
        ("false", True),
        ("${{ failure() && github.event_name == 'pull_request' }}", True),
        ("failure() && false", True),
    ],
)
def test_what_waits_for_a_failure_runs(condition: str, never: bool) -> None:
    content = f"on: push\njobs:\n  a:\n    steps:\n      - run: y\n      - run: x\n        if: >-\n          {condition}\n"
    *_, step = workflow(content).steps
    assert never_runs(step) is never


@pytest.mark.parametrize(
    ("needs", "condition", "never"),
    [
        ("", "needs.gate.outputs.go == 'true'", True),
        ("", "${{ needs['Gate'].outputs.go }}", True),
        ("", "needs.gate.result == 'success' && github.event_name == 'push'", True),
        ("", "needs.gate.outputs.count > 0", True),
        ("needs: other\n", "needs.gate.outputs.go == 'true'", True),
        ("needs: [gate]\n", "needs.gate.outputs.go == 'true'", False),
        ("needs: Gate\n", "needs.gate.outputs.go == 'true'", False),
        ("", "needs.gate.outputs.skip != 'true'", False),
        ("", "!needs.gate.outputs.skip", False),
        ("", "needs.gate.outputs.go == 'true' || github.event_name == 'push'", False),
        ("needs: [other]\n", "contains(needs.*.result, 'success')", False),
        ("", "steps.needs.outputs.go == 'true'", False),
    ],
)
def test_nothing_is_known_of_a_job_that_is_not_needed(needs: str, condition: str, never: bool) -> None:
    found = job(f'{needs}if: "{condition}"\nsteps:\n  - run: x\n', on="push")
    assert never_runs(found) is never
    assert (of_job(found) == ()) is never
    within = job(f'{needs}steps:\n  - run: x\n    if: "{condition}"\n', on="push").steps[0]
    assert never_runs(within) is never


@pytest.mark.parametrize(
    ("head", "ahead", "condition", "never"),
    [
        ("", "", "failure()", True),
        ("needs: gate\n", "", "${{ failure() }}", True),
        ("needs: gate\n", "", "failure() && github.ref_name == 'main'", True),
        ("needs: gate\nif: success()\n", "", "failure()", True),
        ("", "  - run: ./lint\n    continue-on-error: true\n", "failure()", True),
        ("", "  - run: ./tell\n    if: failure()\n", "failure()", True),
        ("", "  - run: ./lint\n", "failure()", False),
        ("", "  - run: ./lint\n    if: inputs.lint\n", "failure()", False),
        ("", "  - run: ./lint\n    continue-on-error: ${{ inputs.lax }}\n", "failure()", False),
        ("", "", "failure() || github.event_name == 'push'", False),
        ("", "", "'!failure()'", False),
        ("", "", "always()", False),
        ("needs: gate\nif: always()\n", "", "failure()", False),
        ("needs: gate\nif: '!cancelled()'\n", "", "failure()", False),
        ("container: node:24\n", "", "failure()", False),
        ("services: {db: {image: 'postgres:18'}}\n", "", "failure()", False),
    ],
)
def test_what_asks_for_a_failure_that_there_can_not_be(
    head: str, ahead: str, condition: str, never: bool
) -> None:
    steps = job(f"{head}steps:\n{ahead}  - run: ./tell\n    if: {condition}\n", on="push").steps
    assert never_runs(steps[-1]) is never


LEGS = """\
strategy:
  matrix:
    include:
      - {platform: linux/amd64, push: true, go: 1.20, at: {os: ubuntu-24.04}}
      - {platform: linux/arm64, push: false, go: 1.20, at: {os: ubuntu-24.04-arm}, tags: [a]}
"""


def test_legs_that_are_alike_in_what_a_condition_asks_for_are_taken_once() -> None:
    found = job("strategy: {matrix: {os: [a, b], go: [1, 2, 3]}}\nsteps: [{run: ./tell}]\n")
    assert len(given_by_legs(found, "matrix.os == 'c'")) == 2
    assert len(given_by_legs(found, "matrix.os == 'c' && matrix.go == 4")) == 6


@pytest.mark.parametrize(
    ("condition", "left"),
    [
        ("matrix.os == 'a' && matrix.go != 2", 2),
        ("matrix.os == 'b' || github.ref == 'refs/heads/main'", 6),
        ("failure() && matrix.os == 'b'", 3),
        ("matrix.os == 'c'", 6),
    ],
)
def test_the_legs_that_a_step_runs_in(condition: str, left: int) -> None:
    steps = f'steps: [{{run: ./tell, if: "{condition}"}}]\n'
    found = job(f"strategy: {{matrix: {{os: [a, b], go: [1, 2, 3]}}}}\n{steps}")
    assert len(legs_of_step(found.steps[0])) == left


@pytest.mark.parametrize(
    ("head", "condition", "never"),
    [
        (LEGS, "matrix.platform != 'linux/amd64' && matrix.at.os != 'ubuntu-24.04-arm'", True),
        (LEGS, "matrix.platform == 'linux/riscv64'", True),
        (LEGS, "matrix.Missing", True),
        (LEGS, "matrix.push == 'true'", True),
        (LEGS, "matrix.platform != 'linux/amd64' && github.event_name == 'release'", True),
        ("", "matrix.platform", True),
        (LEGS, "matrix.platform != 'linux/amd64' && matrix.at.os != 'ubuntu-24.04'", False),
        (LEGS, "matrix.push", False),
        (LEGS, "!matrix.missing", False),
        (LEGS, "matrix.go == 1.2", False),
        (LEGS, "matrix.platform == 'LINUX/AMD64'", False),
        (LEGS, "matrix.tags[0] == 'b'", False),
        (LEGS, "contains(matrix.tags, 'b')", False),
        (LEGS, "contains(join(matrix.*), 'b')", False),
        (LEGS.replace("linux/amd64", "'${{ vars.PLATFORM }}'"), "matrix.platform == 'linux/386'", False),
        ("strategy: {matrix: '${{ fromJSON(vars.LEGS) }}'}\n", "matrix.os == 'x'", False),
        (
            "env: {OS: &os '${{ vars.OS }}'}\nstrategy: {matrix: {at: [{os: *os}]}}\n",
            "matrix.at.os == 'x'",
            False,
        ),
    ],
)
def test_a_step_for_a_leg_that_there_is_not(head: str, condition: str, never: bool) -> None:
    found = job(f"{head}steps:\n  - run: ./tell\n    if: ${{{{ {condition} }}}}\n", on="push")
    assert never_runs(found.steps[0]) is never


@pytest.mark.parametrize(
    ("head", "on", "never"),
    [
        ("if: failure()\n", "push", True),
        ("if: failure()\nneeds: gate\n", "push", False),
        ("if: failure()\n", "workflow_call", False),
        ("if: always()\n", "push", False),
    ],
)
def test_a_job_that_asks_for_a_failure_of_none(head: str, on: str, never: bool) -> None:
    assert never_runs(job(f"{head}steps:\n  - run: ./tell\n", on=on)) is never


@pytest.mark.parametrize(("given", "shown"), [(True, "true"), (1.0, "1"), ("1", "1"), (None, "")])
def test_what_is_given_is_told_apart_by_its_type(given: bool | float | str | None, shown: str) -> None:
    for text in ("true", "1", ""):
        condition = f"format('{{0}}', inputs.dry) == '{text}'"
        assert certainly_holds(condition, ANY_BRANCH, {("inputs", "dry"): known(given)}) is (text == shown)


def test_a_condition_of_many_texts_takes_no_long_time() -> None:
    condition = " || ".join(f"github.ref == 'refs/heads/{number}'" for number in range(3_000))
    assert may_hold(condition, ANY_BRANCH)


@pytest.mark.parametrize(
    ("filters", "paths"),
    [
        ("", ()),
        ("paths: [web/**, '!web/docs/**']", ("web/**", "!web/docs/**")),
        ("paths-ignore: [docs/**]", ("**", "!docs/**")),
    ],
)
def test_a_pull_request_has_the_filter_of_its_paths(filters: str, paths: tuple[str, ...]) -> None:
    (event,) = events(workflow(f"on: {{pull_request: {{{filters}}}}}\njobs: {{}}\n"))
    assert event.paths == paths


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("schedule", True),
        ("workflow_run", True),
        ("push", False),
        ("workflow_dispatch", False),
        ("merge_group", False),
    ],
)
def test_some_events_are_of_the_default_branch_alone(on: str, expected: bool) -> None:
    assert events(workflow(f"on: {on}\njobs: {{}}\n"))[0].is_on_default_branch is expected


CHAIN = """
on: {{push: {{branches: [main]}}, workflow_dispatch: {{inputs: {{image: {{type: boolean}}}}}}}}
jobs:
  tag:
    if: github.event_name == 'push'
    runs-on: x
    steps: [{{run: x}}]
  pack:
    needs: tag
    if: {between}
    runs-on: x
    steps: [{{run: x}}]
  build:
    needs: pack
    if: {condition}
    runs-on: x
    steps: [{{run: x}}]
"""


@pytest.mark.parametrize(
    ("between", "condition", "found"),
    [
        ("true", "true", {"push"}),
        ("always()", "true", {"push"}),
        ("true", "always()", {"push", "workflow_dispatch"}),
        ("true", "${{ !cancelled() }}", {"push", "workflow_dispatch"}),
        ("true", "${{ !failure() && success() }}", {"push"}),
        ("always()", "always() && needs.pack.result != 'failure'", {"push", "workflow_dispatch"}),
        (
            "github.event_name == 'push'",
            "always() && needs.pack.result == 'skipped'",
            {"push", "workflow_dispatch"},
        ),
        ("github.event_name == 'push'", "always() && needs.pack.result == 'success'", {"push"}),
        ("true", "github.event.inputs.image == 'true'", set()),
        ("true", "always() && github.event.inputs.image == 'true'", {"workflow_dispatch"}),
        ("true", "always() && inputs.image", {"workflow_dispatch"}),
        ("true", "always() && !inputs.image", {"push", "workflow_dispatch"}),
        ("inputs.image", "true", set()),
        ("vars.PACK", "true", {"push"}),
    ],
)
def test_what_a_skipped_job_skips(between: str, condition: str, found: set[str]) -> None:
    build = workflow(CHAIN.format(between=between, condition=condition)).jobs[-1]
    assert {event.name for event in of_job(build)} == found


def test_the_inputs_of_an_event_that_brings_none() -> None:
    started = workflow(CHAIN.format(between="true", condition="true"))
    assert empty_inputs(started, MAIN) == {("inputs", "image"): known(None)}
    assert not empty_inputs(started, Event("workflow_dispatch", BRANCH, None))
    called = workflow("on: [push, workflow_dispatch]\njobs: {}\n")
    assert not empty_inputs(called, MAIN)


@pytest.mark.parametrize(
    ("by_hand", "event", "is_empty"),
    [
        ("{}", "workflow_dispatch", True),
        ("{inputs: {tag: {type: string}}}", "workflow_dispatch", True),
        ("{inputs: {Image: {type: string}}}", "workflow_dispatch", False),
        ("{}", "workflow_call", False),
        ("{}", "push", True),
    ],
)
def test_the_inputs_of_a_call_are_not_those_of_a_start_by_hand(
    by_hand: str, event: str, is_empty: bool
) -> None:
    called = "{inputs: {image: {type: string}}}"
    started = workflow(f"on: {{push: , workflow_dispatch: {by_hand}, workflow_call: {called}}}\njobs: {{}}\n")
    assert (("inputs", "image") in empty_inputs(started, Event(event, BRANCH, None))) is is_empty


@pytest.mark.parametrize(
    ("condition", "never"),
    [
        ("steps.probe.outputs.found == 'false'", True),
        ("steps.probe.outputs.found == 'false' && always()", True),
        ("failure() && steps.probe.outcome == 'failure'", True),
        ("steps.Check.outputs.found == 'false'", False),
        ("steps.probe.outputs.found != 'true'", False),
        ("!steps.probe.outputs.found", False),
        ("steps.probe.outputs.found == 'false' || inputs.force", False),
        ("contains(steps.*.outcome, 'failure')", False),
    ],
)
def test_nothing_is_given_by_a_step_that_is_not_there(condition: str, never: bool) -> None:
    steps = f"steps:\n  - id: check\n    run: x\n  - run: y\n    if: {condition!r}\n"
    action = parse_action(Text("action.yml", f"runs:\n  using: composite\n{textwrap.indent(steps, '  ')}"))
    found = workflow(f"on: push\njobs:\n  a:\n{textwrap.indent(steps, '    ')}")
    assert action is not None
    holders: tuple[Workflow | CompositeAction, ...] = (action, found)
    for holder in holders:
        first, second = (one.node.span for one in holder.steps)
        assert (second in parts_that_never_run(holder)) is never
        assert first not in parts_that_never_run(holder)
