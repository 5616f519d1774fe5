"""What is asked before uploads and downloads of artifacts move to newer releases, and what they wait for."""

from __future__ import annotations

import pytest

from checks.check import Repository
from checks.facts.upgrade.all_changes import questions, why_held
from checks.facts.upgrade.upgrades import Upgrade
from checks.source.snapshot import Snapshot
from tests.checks.upgrades import check_questions, move
from tests.checks.workflow import job


@pytest.mark.parametrize(
    ("uses", "inputs", "expected"),
    [
        ("actions/upload-artifact@v3", "path: dist", ["of the same name"]),
        ("actions/upload-artifact@v3", "path: ./.next", ["of the same name", "`include-hidden-files`"]),
        ("actions/upload-artifact@v3", "path: ./dist/../x", ["of the same name"]),
        ("actions/upload-artifact@v4.3.0", "{path: .next, include-hidden-files: true}", []),
        ("actions/download-artifact@v3", "name: dist", ["whatever uploads"]),
        (
            "actions/download-artifact@v4",
            "{pattern: last-run, path: ./out/}",
            ["in `out/last-run`: since version 5"],
        ),
        ("actions/download-artifact@v4", "pattern: last-run", ["in `last-run`: since version 5"]),
        ("actions/download-artifact@v4", "{pattern: 'run-*', path: out}", ["where `pattern` has one alone"]),
        (
            "actions/download-artifact@v4",
            "artifact-ids: '${{ needs.a.outputs.id }}'",
            ["where `artifact-ids` has one"],
        ),
        ("actions/download-artifact@v4", "artifact-ids: '1,2'", []),
        ("actions/download-artifact@v4", "{pattern: 'run-*', merge-multiple: true}", []),
        ("actions/download-artifact@v4", "{pattern: 'run-*', name: run-1}", []),
        ("actions/download-artifact@v4", "{name: last-run, path: out}", []),
        ("actions/download-artifact@v4", "path: out", []),
        ("actions/download-artifact@v5", "{pattern: last-run, path: out}", []),
        ("dawidd6/action-download-artifact@v3", "workflow: pr.yml", ["a run for a fork"]),
        ("dawidd6/action-download-artifact@v3", "{workflow: pr.yml, branch: main}", []),
        ("dawidd6/action-download-artifact@v3", "run_id: '${{ github.event.workflow_run.id }}'", []),
        ("dawidd6/action-download-artifact@v3", "allow_forks: true", []),
        ("dawidd6/action-download-artifact@v6", "workflow: pr.yml", []),
    ],
)
def test_what_a_step_with_artifacts_is_asked(uses: str, inputs: str, expected: list[str]) -> None:
    check_questions(move(uses, inputs), expected)


@pytest.mark.parametrize(
    ("upload", "pattern", "is_asked"),
    [
        ("with: {name: 'run-${{ matrix.os }}'}", "run-*", False),
        ("with: {name: 'run-${{ matrix.os }}'}", "run-a*", True),
        ("with: {name: 'run-${{ matrix.os }}'}, if: failure()", "run-*", True),
        ("with: {name: 'run-${{ inputs.os }}'}", "run-*", True),
        ("with: {name: run-all}", "run-*", True),
        ("with: {name: 'run-${{ matrix.os }}-${{ github.sha }}'}", "run-*-${{ github.sha }}", False),
        ("with: {name: 'run-${{ matrix.os }}-${{ github.sha }}'}", "run-*-${{ github.run_id }}", True),
    ],
)
def test_what_certainly_matches_several_artifacts(upload: str, pattern: str, is_asked: bool) -> None:
    steps = job(
        "strategy: {matrix: {os: [arm, riscv]}}\n"
        f"steps:\n  - {{uses: actions/upload-artifact@v7, {upload}}}\n"
        f"  - {{uses: actions/download-artifact@v4, with: {{pattern: '{pattern}'}}}}\n"
    ).steps
    assert steps[1].uses
    assert bool(list(questions(Upgrade(steps[1].uses, steps[1])))) is is_asked


CALLER = """\
on: push
jobs:
  parts: {{uses: ./.github/workflows/parts.yml{}}}
  join: {{uses: ./.github/workflows/join.yml, {}}}
"""
PARTS = """\
on: workflow_call
jobs:
  part:
    strategy: {{matrix: {{part: [{}]}}}}
    steps:
      - {{uses: actions/upload-artifact@v7, with: {{name: "part-${{{{ matrix.part }}}}", path: out}}}}
"""
JOIN = """\
on: {}
jobs:
  join: {{steps: [{{uses: actions/download-artifact@v4, with: {{pattern: part-*}}}}]}}
"""


@pytest.mark.parametrize(
    ("uploads", "calls", "parts", "on", "is_asked"),
    [
        ("", "needs: parts", "a, b", "workflow_call", False),
        ("", "needs: parts", "a", "workflow_call", True),
        ("", "needs: parts", "a, b", "[workflow_call, push]", True),
        ("", "with: {}", "a, b", "workflow_call", True),
        (", if: inputs.all", "needs: parts", "a, b", "workflow_call", True),
        ("", "needs: parts, if: always()", "a, b", "workflow_call", True),
    ],
)
def test_what_matches_several_artifacts_of_jobs_ahead_of_the_call(
    uploads: str, calls: str, parts: str, on: str, is_asked: bool
) -> None:
    files = {"all": CALLER.format(uploads, calls), "parts": PARTS.format(parts), "join": JOIN.format(on)}
    repo = Repository(Snapshot.of({f".github/workflows/{name}.yml": text for name, text in files.items()}))
    (step,) = (one for one in repo.steps if one.uses_action("actions/download-artifact"))
    assert step.uses
    asked = list(questions(repo.upgrade_of(step.uses, step)))
    assert any("has one alone" in one for one in asked) is is_asked


@pytest.mark.parametrize(
    ("inputs", "later", "is_held"),
    [
        ("{pattern: last-run, path: out}", "run: cat out/last-run/a.json", True),
        ("{pattern: last-run, path: out/}", "run: ls ./out/last-run", True),
        ("{pattern: last-run, path: out}", "run: cat out/last-run-1/a.json web/out/last-run", False),
        ("{pattern: last-run, path: out}", "{run: cat out/last-run/a.json, working-directory: web}", False),
        ("{pattern: 'last-*', path: out}", "run: cat out/last-run/a.json", False),
        ("{pattern: last-run, path: out, merge-multiple: true}", "run: cat out/last-run/a.json", False),
        ("{name: last-run, path: out}", "run: cat out/last-run/a.json", False),
        ("{pattern: last-run}", "run: cat last-run/a.json", False),
    ],
)
def test_what_reads_an_artifact_in_a_folder_of_its_name(inputs: str, later: str, is_held: bool) -> None:
    steps = job(f"steps:\n  - uses: actions/download-artifact@v4\n    with: {inputs}\n  - {later}\n").steps
    assert steps[0].uses
    why = why_held(Upgrade(steps[0].uses, steps[0]))
    assert ("names `out/last-run`" in why) is is_held


@pytest.mark.parametrize(
    ("strategy", "inputs", "is_asked"),
    [
        ("strategy: {matrix: {kind: [a, b]}}", "name: logs, path: logs", True),
        ("strategy: {matrix: {kind: [a, b]}}", "path: logs", True),
        ("strategy: {matrix: {kind: [a, b]}}", "name: 'logs-${{ matrix.kind }}', path: logs", False),
        ("strategy: {matrix: {kind: [a, b]}}", "name: \"logs-${{ matrix['kind'] }}\", path: logs", False),
        (
            "strategy: {matrix: {kind: [a, b], go: [1, 2]}}",
            "name: 'logs-${{ matrix.kind }}', path: logs",
            True,
        ),
        ("strategy: {matrix: {kind: [a, b], go: [1]}}", "name: 'logs-${{ matrix.kind }}', path: logs", False),
        ("strategy: {matrix: {kind: [a, b]}}", "name: 'logs-${{ github.sha }}', path: logs", True),
        ("strategy: {matrix: {kind: [a, b]}}", "name: 'logs-${{ strategy.job-index }}', path: logs", False),
        ("strategy: {matrix: {kind: [a, b]}}", "name: logs, overwrite: true, path: logs", False),
        ("timeout-minutes: 5", "name: logs, path: logs", False),
    ],
)
def test_one_name_for_what_each_leg_uploads(strategy: str, inputs: str, is_asked: bool) -> None:
    text = f"{strategy}\nsteps:\n  - uses: actions/upload-artifact@v3\n    with: {{{inputs}}}\n"
    (step,) = job(text).steps
    assert step.uses
    assert any("one leg of the matrix" in one for one in questions(Upgrade(step.uses, step))) is is_asked


@pytest.mark.parametrize(
    ("first", "asked", "is_held"),
    [
        ("matrix.kind == 'a'", "always() && steps.gather.outcome == 'success'", False),
        ("matrix.kind == 'a'", "steps['Gather'].outputs.any == 'yes'", False),
        ("matrix.kind == 'a'", "always()", True),
        ("matrix.kind == 'a'", "steps.meta.outputs.gather == 'yes'", True),
        ("github.ref_name == 'main'", "steps.gather.outcome == 'success'", True),
    ],
)
def test_an_upload_behind_a_step_of_one_leg(first: str, asked: str, is_held: bool) -> None:
    steps = job(
        "strategy: {matrix: {kind: [a, b]}}\nsteps:\n"
        f'  - {{id: gather, if: "{first}", run: make logs}}\n'
        f'  - {{uses: actions/upload-artifact@v3, if: "{asked}", with: {{name: logs, path: logs}}}}\n'
    ).steps
    assert steps[1].uses
    why = why_held(Upgrade(steps[1].uses, steps[1]))
    assert ("each leg of a matrix uploads" in why) is is_held
