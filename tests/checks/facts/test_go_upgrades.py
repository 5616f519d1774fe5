"""The Go that a step sets up, and the modules that need a newer one."""

from __future__ import annotations

import textwrap

import pytest

from checks.check import Repository
from checks.facts.action.go_runs import Loaded, loaded_behind
from checks.facts.project.go_modules import GoModule, parse_go_module
from checks.facts.upgrade.all_changes import questions, why_held
from checks.facts.upgrade.go_upgrades import module_of_newer_go
from checks.facts.upgrade.upgrades import Upgrade
from checks.source.snapshot import Snapshot
from checks.source.text import Text
from tests.checks.workflow import job


@pytest.mark.parametrize(
    ("version", "modules", "is_asked", "held_by"),
    [
        ("1.24", [(1, 26, 1)], True, "a/go.mod"),
        ("1.24", [(1, 24, 9)], False, None),
        ("1.24.x", [(1, 24, 9)], False, None),
        ("1.24.2", [(1, 24, 9)], True, "a/go.mod"),
        ("1.24", [(1, 24), (1, 26)], True, "b/go.mod"),
        ("1.24", [None], False, None),
        (">=1.24", [(1, 26)], True, None),
        ("~1.24", [(1, 26)], True, "a/go.mod"),
        ("~1.24.1", [(1, 24, 9)], False, None),
        ("^1.24", [(1, 26)], False, None),
        ("stable", [(1, 26)], False, None),
    ],
)
def test_the_go_that_modules_need(
    version: str, modules: list[tuple[int, ...] | None], is_asked: bool, held_by: str | None
) -> None:
    found = [GoModule(f"{'ab'[at]}/go.mod", go) for at, go in enumerate(modules)]
    tests = [f"  - {{run: go test ./..., working-directory: {'ab'[at]}}}" for at in range(len(found))]
    setup = f"  - uses: actions/setup-go@v5\n    with: {{go-version: '{version}'}}"
    step, *_ = job("\n".join(["steps:", setup, *tests, ""])).steps
    assert step.uses
    assert bool(list(questions(Upgrade(step.uses, step, found)))) is is_asked
    held = module_of_newer_go(Upgrade(step.uses, step, loaded=loaded_behind(step, found, {}, ())))
    assert (held[1].path if held else None) == held_by


@pytest.mark.parametrize(
    ("path", "env", "held_by"),
    [
        ("go.work", "", "go.work"),
        ("tool/go.work", "", "tool/go.work"),
        ("tools/go.work", "", None),
        ("go.work", "    env: {GOWORK: 'off'}\n", None),
    ],
)
def test_the_go_that_a_workspace_over_the_module_needs(path: str, env: str, held_by: str | None) -> None:
    steps = (
        "  - uses: actions/setup-go@v5\n    with: {go-version-file: tool/go.mod}\n"
        "  - run: go build\n    working-directory: tool\n"
    )
    files = {
        ".github/workflows/ci.yml": f"on: push\njobs:\n  a:\n    runs-on: x\n{env}    steps:\n"
        + textwrap.indent(steps, "    "),
        "tool/go.mod": "module example.com/tool\n\ngo 1.25.0\n",
        path: "go 1.25.6\n\nuse ./tool\n",
    }
    repo = Repository(Snapshot.of(files))
    (workflow,) = repo.workflows
    step = workflow.jobs[0].steps[0]
    assert step.uses
    held = module_of_newer_go(repo.upgrade_of(step.uses, step))
    assert (held[1].path if held else None) == held_by


@pytest.mark.parametrize(
    ("legs", "is_asked", "held_at"),
    [
        ("[1.22.8]", True, "1.22.8"),
        ("['1.24', '1.22']", True, "1.22"),
        ("['1.24', stable]", False, None),
        ("['${{ vars.GO }}']", True, None),
    ],
)
def test_the_go_of_each_leg(legs: str, is_asked: bool, held_at: str | None) -> None:
    matrix = f"strategy: {{matrix: {{go: {legs}}}}}\n"
    content = matrix + "steps:\n  - uses: actions/setup-go@v5\n    with: {go-version: '${{ matrix.go }}'}\n"
    (step,) = job(content).steps
    assert step.uses
    modules = [GoModule("go.mod", (1, 23))]
    assert bool(list(questions(Upgrade(step.uses, step, modules)))) is is_asked
    held = module_of_newer_go(Upgrade(step.uses, step, loaded=Loaded(tuple(modules))))
    assert (held[0] if held else None) == held_at


@pytest.mark.parametrize(
    ("inputs", "module", "held", "is_asked"),
    [
        ("go-version: '1.22'", "go 1.23\ntoolchain go1.24.4\n", "`go.mod` needs `1.23`", True),
        ("go-version: '1.23'", "go 1.23\ntoolchain go1.24.4\n", "", True),
        ("go-version: '1.24'", "go 1.23\ntoolchain go1.24.4\n", "", False),
        ("go-version-file: go.mod", "go 1.23\ntoolchain go1.24.4\n", "", False),
        ("go-version-file: go.mod", "go 1.25.1\ntoolchain go1.24.4\n", "of `go-version-file`, 1.24.4", False),
    ],
)
def test_a_suggested_go_keeps_no_other_from_building(
    inputs: str, module: str, held: str, is_asked: bool
) -> None:
    step, _ = job(f"steps:\n  - uses: actions/setup-go@v5\n    with: {{{inputs}}}\n  - run: go test\n").steps
    assert step.uses
    modules = [parse_go_module(Text("go.mod", module))]
    upgrade = Upgrade(step.uses, step, modules, loaded=loaded_behind(step, modules, {}, ()))
    why = why_held(upgrade)
    assert held in why
    assert bool(held) is bool(why)
    assert any("as new as `go.mod`" in one for one in questions(upgrade)) is is_asked
