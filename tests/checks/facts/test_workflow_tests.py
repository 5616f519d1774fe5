"""Tests of a repository that name the actions of its workflows."""

from __future__ import annotations

import pytest

from checks.catalogue import catalogue
from checks.check import Applicability, Finding, Fix, Repository
from checks.engine import review
from checks.facts.action.workflow_tests import (
    MOST,
    actions_named,
    actions_rewritten,
)
from checks.facts.action.workflow_tests import (
    tests_of_workflows as chosen,
)
from checks.source.snapshot import Edit, Snapshot
from checks.source.text import Span, Text

WORKFLOW = ".github/workflows/a.yml"
TEST = "tests/test_workflows.py"


@pytest.mark.parametrize(
    "path",
    [
        TEST,
        "tests/guards/releases.test.ts",
        "test/release/ci.test.mjs",
        "src/Web.UnitTests/Architecture/WorkflowPolicyTests.cs",
        "internal/CIPinsTest.java",
        "spec/github_spec.rb",
        "src/__tests__/gha.ts",
        ".github/scripts/release.test.js",
        "tests/test_supply_chain.py",
        "tools/validate-publish-workflow.mjs",
        "scripts/workflow_contract.py",
        "scripts/verify-workflow-supply-chain.py",
        "tools/check_actions.py",
        "ci/auditSupplyChain.ts",
        "services/api/scripts/check_vulnerability_rules.py",
        "web/tests/test_sarif_upload.py",
    ],
)
def test_tests_of_workflows_by_their_names(path: str) -> None:
    assert chosen([path]) == (path,)


@pytest.mark.parametrize(
    "path",
    [
        "tests/test_web.py",
        "tests/workflows.md",
        "src/workflows.py",
        ".github/workflows/test.py",
        ".github/scripts/release.js",
        "vendor/lib/tests/test_workflows.py",
        "tests/fixtures/workflows/main.py",
        "tests/test_supply.py",
        "tools/validate-addresses.mjs",
        "tests/ci/cases/web.py",
        "scripts/check-ci-status.py",
        "workflows/check.py",
        "scripts/verify_supply.py",
        "tests/Citation.cs",
        "internal/vulnerability/store.go",
    ],
)
def test_other_files_are_not_read(path: str) -> None:
    assert chosen([path]) == ()


def test_those_named_after_scans_are_read_last() -> None:
    assert chosen(["test/sarif_test.go", "internal/tests/workflows_test.go"])[-1] == "test/sarif_test.go"


def test_of_many_the_shortest_are_read_where_there_are_workflows() -> None:
    paths = [TEST, *(f"internal/workflow/step_{number:03}_test.go" for number in range(300))]
    assert len(chosen(paths)) == MOST
    assert chosen(paths)[0] == TEST
    assert Repository(Snapshot.of({WORKFLOW: "on: push\njobs: {}\n"}, paths)).named_paths == set(
        chosen(paths)
    )
    assert Repository(Snapshot.of({"Dockerfile": "FROM scratch\n"}, paths)).named_paths == set()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('assert "actions/checkout@v4" in workflow', {"actions/checkout"}),
        (r"assert.match(workflow, /uses: actions\/setup-node@v4/u)", {"actions/setup-node"}),
        (r'Regex(@"uses:\s*Actions/upload-artifact@[0-9a-f]{40}\s*#\s*v4")', {"actions/upload-artifact"}),
        (r're.search(r"\bactions/cache\@v4", text)', {"actions/cache"}),
        (r'"\\bpypa\\/gh-action\\.x@"', {"pypa/gh-action.x"}),
        ("'github/codeql-action/init@v3'", {"github/codeql-action/init"}),
        ("actions/checkout", set()),
        ("https://example.com/actions/checkout@v4 someone@example.com", set()),
    ],
)
def test_actions_that_a_test_names(content: str, expected: set[str]) -> None:
    assert actions_named(Text(TEST, content)) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("@v4", "@v7", {"actions/checkout"}),
        ("# v4.0", "# v4.1", {"actions/checkout"}),
        ("Actions/checkout@v4", "acme/checkout@v1", {"actions/checkout"}),
        ("uses: b/c/d@v1", "run: x", {"b/c/d"}),
        ("# v4.0\n", "# v4.0\n        with:\n          persist-credentials: false\n", set()),
        ("echo", "true", set()),
    ],
)
def test_actions_whose_use_edits_rewrite(old: str, new: str, expected: set[str]) -> None:
    content = (
        "    steps:\n      - uses: Actions/checkout@v4 # v4.0\n      - run: echo\n      - uses: b/c/d@v1\n"
    )
    start = content.index(old)
    edit = Edit(WORKFLOW, Span(start, start + len(old)), new)
    assert actions_rewritten([edit], {WORKFLOW: Text(WORKFLOW, content)}) == expected


def told(tests: dict[str, str], use: str, check: str = "deprecated-action-runtime") -> Finding:
    """What is told of an action of a repository with tests."""
    workflow = (
        "on: push\npermissions: {contents: read}\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n"
        f"      - uses: {use}\n      - run: make\n"
    )
    texts = {path: Text(path, content) for path, content in {WORKFLOW: workflow, **tests}.items()}
    repo = Repository(Snapshot.read(texts, frozenset(texts), (), complete=True))
    found = review(repo, None, catalogue()).findings
    return next(one.finding for one in found if one.check.id == check)


def moved(tests: dict[str, str], use: str = "actions/checkout@v4") -> Fix:
    """The fix that moves the action to a newer release."""
    (fix,) = told(tests, use).fixes
    return fix


OLD = "34e114876b0b11c390a56381ad16ebd13914f8d5"


def test_no_fix_moves_an_action_away_from_a_commit_that_a_check_of_the_workflows_lists() -> None:
    use, guard = f"actions/checkout@{OLD} # v4.3.1", "scripts/verify-workflow-supply-chain.py"
    new = moved({}, use).edits[0].replacement
    assert len(new) == len(OLD)
    listed = f'ALLOWED = {{\n    "actions/checkout": {{\n        ("{OLD}", "v4.3.1"),\n'
    finding = told({guard: listed}, use)
    assert finding.fixes == ()
    assert f"`{guard}` line 3 names `{OLD}`, too, and may compare the two: move both" in finding.withheld
    assert moved({guard: f'{listed}        ("{new}", "v7.0.1"),\n'}, use) == moved({}, use)
    assert moved({guard: listed.replace(OLD, "0" * 40)}, use) == moved({}, use)


@pytest.mark.parametrize(
    ("test", "is_held"),
    [
        (r'Regex(@"actions/checkout@[0-9a-f]{40}\s*#\s*v4[\s\S]*?persist")', True),
        (r"assert.match(workflow, /actions\/checkout@\S+ # v4\.3/u)", True),
        (r"assert.match(workflow, /actions\/checkout@\S+ # v(?:4|7)/u)", False),
        (r"assert.match(workflow, /actions\/checkout@\S+ # v3/u)", False),
        (r"assert.match(workflow, /actions\/setup-node@\S+ # v4/u)", False),
        ("uses = 'actions/checkout@v4'", False),
        (
            r"old, new = r'actions/checkout@[0-9a-f]{40} # v4', r'actions/checkout@[0-9a-f]{40} # v7'",
            False,
        ),
    ],
)
def test_no_fix_moves_an_action_away_from_the_version_that_a_test_names(test: str, *, is_held: bool) -> None:
    finding = told({TEST: f"{test}\n"}, f"actions/checkout@{OLD} # v4.3.1")
    assert bool(finding.fixes) is not is_held
    assert ("too, and may look for it: change both" in finding.withheld) is is_held


@pytest.mark.parametrize(
    ("test", "is_held"),
    [
        ('LET_IN = {\n    "actions/checkout@v4",\n}\n', True),
        ("assert steps[0]['uses'] == 'actions/checkout@v4'\n", True),
        ('LET_IN = ["actions/checkout@v4", "actions/checkout@{new}"]\n', False),
        ('LET_IN = ["actions/checkout@v3"]\n', False),
        ("sample = '- uses: actions/checkout@v4'\n", False),
    ],
)
def test_no_fix_moves_a_use_that_a_test_has_in_quotes(test: str, *, is_held: bool) -> None:
    new = moved({}).edits[0].replacement.rpartition("@")[2].partition(" ")[0]
    finding = told({TEST: test.replace("{new}", new)}, "actions/checkout@v4")
    assert bool(finding.fixes) is not is_held
    held = f"`{TEST}` line {2 if test.startswith('LET_IN = {') else 1} names `actions/checkout@v4`, too, and may look for it: change both"
    assert (held in finding.withheld) is is_held


def test_a_version_of_many_digits_is_none() -> None:
    digits = "9" * 5000
    (fix,) = told(
        {TEST: f"actions/checkout@[0-9a-f]{{40}} # v{digits}\n"}, f"actions/checkout@{OLD} # v{digits}"
    ).fixes
    assert fix.edits
    assert told(
        {TEST: f"actions/checkout@[0-9a-f]{{40}} # v{digits}\n"}, f"actions/checkout@{OLD} # v4.3.1"
    ).fixes


def test_a_fix_asks_for_the_tests_that_name_its_action() -> None:
    assert moved({}).applicability is Applicability.SAFE
    fix = moved({TEST: "assert 'uses: actions/checkout@v4' in read()\n"})
    assert fix.applicability is Applicability.UNSAFE
    assert fix.caution == f"Does `{TEST}`, which names `actions/checkout`, still hold?"
    further = {f"tests/ci/test_{letter}.py": "actions/checkout@\n" for letter in "abc"}
    assert moved(further).caution == (
        "Do `tests/ci/test_a.py`, `tests/ci/test_b.py` and 1 more, which name `actions/checkout`, still hold?"
    )


@pytest.mark.parametrize(
    ("test", "is_asked"),
    [
        ("assert uses.startswith('actions/checkout@')\n", False),
        ("re.compile(r'actions/checkout@[0-9a-f]{40}\\s+#\\s*v(\\d+)')\n", True),
        ("'actions/checkout@' + COMMIT + ' # v4.3.1'\n", True),
    ],
)
def test_a_fix_of_a_comment_asks_for_tests_that_may_read_it(test: str, *, is_asked: bool) -> None:
    found = told({TEST: test}, f"actions/checkout@{OLD} # v4.1.0", "sha-comment-mismatch")
    (fix,) = found.fixes
    assert ("still hold" in fix.caution) is is_asked


def test_a_fix_asks_for_it_behind_its_own_question() -> None:
    own = moved({}, "actions/upload-artifact@v3").caution
    asked = moved({TEST: "actions/upload-artifact@v3\n"}, "actions/upload-artifact@v3").caution
    assert own
    assert asked == f"{own} Does `{TEST}`, which names `actions/upload-artifact`, still hold?"


@pytest.mark.parametrize(
    "tests",
    [
        {TEST: "actions/setup-node@v4\n"},
        {TEST: "open('.github/workflows/a.yml')\n"},
        {"tests/test_web.py": "actions/checkout@v4\n"},
        {"src/workflows.py": "actions/checkout@v4\n"},
    ],
)
def test_other_tests_change_nothing(tests: dict[str, str]) -> None:
    assert moved(tests) == moved({})


def test_what_tests_name_counts_for_nothing_else() -> None:
    files = {WORKFLOW: "on: push\njobs: {}\n", TEST: "#!/bin/sh\ndocker build .\n"}
    texts = {path: Text(path, content) for path, content in files.items()}
    snapshot = Snapshot.read(texts, frozenset(texts), (), complete=True)
    assert set(snapshot.texts) == {WORKFLOW}
    assert set(snapshot.tests) == set(snapshot.edited([]).tests) == {TEST}
    assert set(Repository(snapshot).kinds) == {WORKFLOW}
