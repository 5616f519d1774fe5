"""What is asked before the actions of languages and their package managers move, and what they wait for."""

from __future__ import annotations

import pytest

from checks.check import Repository
from checks.facts.project.maven_projects import plugin_versions
from checks.facts.upgrade.all_changes import beside, questions, why_held
from checks.facts.upgrade.upgrades import Upgrade
from checks.source.snapshot import Snapshot
from checks.source.text import Text
from tests.checks.upgrades import check_questions, move
from tests.checks.workflow import job


@pytest.mark.parametrize(
    ("uses", "inputs", "expected"),
    [
        ("actions/setup-java@v1", "java-version: 17", []),
        ("actions/setup-java@v1", "", ["which `distribution`"]),
        ("actions/setup-java@v1", "{java-version: 11.0.2, jdkFile: jdk.tgz}", ["which `distribution`"]),
        ("actions/setup-java@v4", "distribution: '${{ matrix.jdk }}'", ["never `adopt`"]),
        ("actions/setup-java@v4", "{distribution: temurin, gpg-passphrase: PASS}", ["`maven-gpg-plugin`"]),
        ("gradle/actions/setup-gradle@v4", "gradle-version: 9.0", ["proprietary cache"]),
        ("gradle/actions/setup-gradle@v4", "cache-provider: basic", []),
        ("actions/setup-node@v4", "registry-url: https://registry.npmjs.org", ["`NODE_AUTH_TOKEN`"]),
        ("actions/setup-node@v4", "node-version: 24", []),
        ("actions/setup-java@v3", "java-version: 17", []),
        ("astral-sh/setup-uv@v5", "python-version: '3.13'", ["virtual environment"]),
        ("astral-sh/setup-uv@v5", "enable-cache: true", []),
        ("gradle/actions/setup-gradle@v3", "cache-disabled: true", []),
        ("actions/setup-node@v5", "{version: 24, always-auth: true}", ["`always-auth`, by which"]),
        ("pnpm/action-setup@v4", "version: 8", ["as old as version 8"]),
        ("pnpm/action-setup@v4", "version: 10.8.1", []),
        ("jdx/mise-action@v2", "install: true", ["the variables of mise's configuration"]),
        ("jdx/mise-action@v2", "env: false", []),
        ("jdx/mise-action@v3", "install: true", []),
        ("cachix/install-nix-action@v17", "nix_path: 'nixpkgs=channel:nixos-25.11'", ["newer Nix"]),
        (
            "cachix/install-nix-action@v17",
            "install_url: https://releases.nixos.org/nix/nix-2.3.7/install",
            [],
        ),
        ("shivammathur/setup-php@2.35.5", "tools: phpstan", ["PHP 8.5"]),
        ("shivammathur/setup-php@2.35.5", "php-version: 8.3", []),
        (
            "shivammathur/setup-php@v1",
            "{php-version: 8.3, extension-csv: intl, pecl: true}",
            ["without `pecl`"],
        ),
        ("shivammathur/setup-php@2.36.0", "tools: phpstan", []),
    ],
)
def test_what_a_step_of_a_language_is_asked(uses: str, inputs: str, expected: list[str]) -> None:
    check_questions(move(uses, inputs), expected)


@pytest.mark.parametrize(
    ("uses", "inputs", "why"),
    [
        ("gradle/actions/setup-gradle@v3", "{arguments: build}", "refuses `arguments`"),
        ("gradle/actions/setup-gradle@v3", "{gradle-version: wrapper}", ""),
    ],
)
def test_what_has_to_be_done_along_with_a_move_of_a_language(uses: str, inputs: str, why: str) -> None:
    held = why_held(move(uses, inputs))
    assert why in held if why else not held


@pytest.mark.parametrize(
    ("given", "path", "written"),
    [
        ("with: {version: latest}", "/tmp/.uv-cache", [", enable-cache: false"]),
        ("id: uv", "~/.cache/uv", [", with: {enable-cache: false}"]),
        ("with: {enable-cache: auto}", "~/.cache/uv", []),
        ("with: {version: latest}", "~/.cache/pip", []),
    ],
)
def test_two_caches_of_uv(given: str, path: str, written: list[str]) -> None:
    kept = f"{{uses: actions/cache@v5, with: {{path: {path}, key: uv}}}}"
    step = job(f"steps:\n  - {{uses: astral-sh/setup-uv@v4, {given}}}\n  - {kept}\n").steps[0]
    assert step.uses
    assert [edit.replacement for edit in beside(Upgrade(step.uses, step))] == written


@pytest.mark.parametrize(
    ("uses", "given", "written"),
    [
        ("actions/setup-python@v3", "id: python", [", with: {python-version: '3.x'}"]),
        ("actions/setup-python@v2", "with: {architecture: x64}", [", python-version: '3.x'"]),
        ("actions/setup-python@v3", "with: {python-version: '3.13'}", []),
        ("actions/setup-python@v1", "with: {version: '3.13'}", []),
        ("actions/setup-python@v4", "id: python", []),
    ],
)
def test_the_python_that_nobody_named(uses: str, given: str, written: list[str]) -> None:
    step = job(f"steps:\n  - {{uses: {uses}, {given}}}\n").steps[0]
    assert step.uses
    assert [edit.replacement for edit in beside(Upgrade(step.uses, step))] == written


@pytest.mark.parametrize(
    ("matrix", "given", "later", "named"),
    [
        ("python-version: ['3.12']", "id: python", "pytest", "`${{ matrix.python-version }}`"),
        (
            "{python: ['3.11', '3.12'], os: [a]}",
            "id: python",
            "echo ${{ matrix.os }}",
            "`${{ matrix.python }}`",
        ),
        ("python-version: ['3.12']", "id: python", "tox -e ${{ matrix.python-version }}", ""),
        ("python: ['3.12']", "id: python", "echo '${{ toJSON(matrix) }}'", ""),
        ("python-version: ['3.12']", "with: {python-version: '3.13'}", "pytest", ""),
        ("os: [a]", "id: python", "pytest", ""),
    ],
)
def test_a_python_of_the_matrix_that_no_step_reads(matrix: str, given: str, later: str, named: str) -> None:
    if not matrix.startswith("{"):
        matrix = f"{{{matrix}}}"
    lines = (
        f"strategy: {{matrix: {matrix}}}",
        f"steps:\n  - {{uses: actions/setup-python@v2, {given}}}\n  - run: {later}",
    )
    step = job("\n".join((*lines, ""))).steps[0]
    assert step.uses
    asked = [one for one in questions(Upgrade(step.uses, step)) if "which no step reads" in one]
    assert len(asked) == bool(named)
    assert all(named in one for one in asked)


@pytest.mark.parametrize(
    ("value", "may_run_yarn_1", "is_asked"),
    [("true", True, True), ("true", False, False), ("false", True, False)],
)
def test_a_login_for_each_download_goes(value: str, may_run_yarn_1: bool, is_asked: bool) -> None:
    (step,) = job(f"steps:\n  - uses: actions/setup-node@v4\n    with: {{always-auth: {value}}}\n").steps
    assert step.uses
    upgrade = Upgrade(step.uses, step, may_run_yarn_1=may_run_yarn_1)
    assert [edit.replacement for edit in beside(upgrade)] == [""]
    assert [bool("`always-auth`" in one) for one in questions(upgrade)] == [True] * is_asked


@pytest.mark.parametrize(
    ("inputs", "is_locked", "is_asked"),
    [
        ("{env: false}", True, True),
        ("{env: false}", False, False),
        ("{env: false, mise_toml: '[tools]'}", True, False),
    ],
)
def test_a_lock_of_what_mise_installs(inputs: str, is_locked: bool, is_asked: bool) -> None:
    (step,) = job(f"steps:\n  - {{uses: jdx/mise-action@v3, with: {inputs}}}\n").steps
    assert step.uses
    asked = questions(Upgrade(step.uses, step, has_mise_lock=is_locked))
    assert any("`mise.lock`" in one for one in asked) is is_asked


@pytest.mark.parametrize(
    ("inputs", "manager", "is_held", "is_asked"),
    [
        ("{version: 9}", "pnpm@9.1.0", True, False),
        ("{version: 9.1.0}", "pnpm@9.1.0", False, False),
        ("{version: 9.1.0}", "pnpm@9.1.0+sha512.0a", False, True),
        ("{version: '${{ matrix.pnpm }}'}", "pnpm@9.1.0", False, True),
        ("{version: 9}", "", False, False),
        ("{version: 9}", "yarn@4.9.1", False, False),
        ("{run_install: true}", "pnpm@9.1.0", False, False),
        ("{version: 9, package_json_file: ./web/package.json}", "pnpm@9.1.0", False, False),
    ],
)
def test_two_versions_of_pnpm(inputs: str, manager: str, is_held: bool, is_asked: bool) -> None:
    (step,) = job(f"steps:\n  - {{uses: pnpm/action-setup@v3, with: {inputs}}}\n").steps
    assert step.uses
    upgrade = Upgrade(step.uses, step, package_managers={"package.json": manager})
    assert ("let both name one version" in why_held(upgrade)) is is_held
    assert any("`packageManager`" in one for one in questions(upgrade)) is is_asked


@pytest.mark.parametrize(
    ("node", "version", "is_held"),
    [("18", "8", True), ("v16.x", "8.15.0", True), ("18", "9", False), ("20", "8", False)],
)
def test_an_old_node_ahead_of_an_old_pnpm(node: str, version: str, *, is_held: bool) -> None:
    ahead = f"{{uses: actions/setup-node@v6, with: {{node-version: '{node}'}}}}"
    setup = f"{{uses: pnpm/action-setup@v4, with: {{version: '{version}'}}}}"
    *_, step = job(f"steps:\n  - {ahead}\n  - {setup}\n").steps
    assert step.uses
    assert ("raise that first" in why_held(Upgrade(step.uses, step))) is is_held


@pytest.mark.parametrize(
    ("legs", "is_held"),
    [
        ("[{node: 18, pnpm: 8}, {node: 22, pnpm: 10}]", True),
        ("[{node: 22, pnpm: 8}, {node: 18, pnpm: 9}]", False),
        ("'${{ fromJSON(vars.LEGS) }}'", False),
    ],
)
def test_an_old_node_and_an_old_pnpm_in_one_leg(legs: str, *, is_held: bool) -> None:
    ahead = "{uses: actions/setup-node@v6, with: {node-version: '${{ matrix.node }}'}}"
    setup = "{uses: pnpm/action-setup@v4, with: {version: '${{ matrix.pnpm }}'}}"
    matrix = f"strategy: {{matrix: {{include: {legs}}}}}"
    *_, step = job(f"{matrix}\nsteps:\n  - {ahead}\n  - {setup}\n").steps
    assert step.uses
    assert ("raise that first" in why_held(Upgrade(step.uses, step))) is is_held


POM = "<project><build><plugins>{}</plugins></build>{}</project>"
PLUGIN = "<plugin><artifactId>maven-gpg-plugin</artifactId>{}<executions><execution><id>sign</id></execution></executions></plugin>"


def test_comments_of_a_project_without_end_are_passed_over_in_one_go() -> None:
    """One after the other they would take minutes."""
    assert plugin_versions(Text("pom.xml", "<!--" * 100_000), "maven-gpg-plugin") == ()


@pytest.mark.parametrize(
    ("pom", "is_held", "is_asked"),
    [
        (POM.format(PLUGIN.format("<version>3.1.0</version>"), ""), True, False),
        (POM.format(PLUGIN.format("<version>3.2.7</version>"), ""), False, False),
        (POM.format(PLUGIN.format(""), ""), False, True),
        (
            POM.format(PLUGIN.format("<version>${gpg}</version>"), "<properties><gpg>1.6</gpg></properties>"),
            True,
            False,
        ),
        (
            POM.format(PLUGIN.format("<version>${gpg}</version>"), "<gpg>1.6</gpg><gpg>3.2.0</gpg>"),
            False,
            True,
        ),
        (POM.format(PLUGIN.format("<version>${other}</version>"), ""), False, True),
        (POM.format(PLUGIN.format("<!-- 3.2.0 --><version>3.0.1</version>") * 2, ""), True, False),
        (POM.format(PLUGIN.format("<version>3.2.0</version>") + PLUGIN.format(""), ""), False, True),
        (POM.format(f"<!-- {PLUGIN.format('<version>3.1.0</version>')} -->", ""), False, True),
        (
            POM.format(
                PLUGIN.format("<dependencies><dependency><version>1.0</version></dependency></dependencies>"),
                "",
            ),
            False,
            True,
        ),
        (
            "<!DOCTYPE p [<!ENTITY v '3.1.0'>]>" + POM.format(PLUGIN.format("<version>&v;</version>"), ""),
            False,
            True,
        ),
        (f"<artifactId>maven-gpg-plugin</artifactId>{'<plugin>' * 9}", False, True),
        (
            POM.format("<plugin><version>1.0</version></plugin>", "")
            + "<artifactId>maven-gpg-plugin</artifactId>"
            + PLUGIN.format("<version>3.1.0</version>"),
            False,
            True,
        ),
        (POM.format(PLUGIN.format("<version>3.1.0</version>") * 11, ""), False, True),
        (POM.format(f"{PLUGIN.format('<version>3.1.0</version>')}<!--", ""), True, False),
        ("<project/>", False, True),
        (None, False, True),
    ],
)
def test_the_plugin_that_a_passphrase_is_for(pom: str | None, is_held: bool, is_asked: bool) -> None:
    lines = "on: push\njobs:\n  it:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/setup-java@v4\n        with: {distribution: temurin, gpg-passphrase: PASS}\n"
    files = {".github/workflows/it.yml": lines, **({"pom.xml": pom} if pom is not None else {})}
    repo = Repository(Snapshot.of(files))
    (step,) = repo.workflows[0].steps
    assert step.uses
    upgrade = repo.upgrade_of(step.uses, step)
    assert ("`pom.xml` names `maven-gpg-plugin`" in why_held(upgrade)) is is_held
    assert any("maven-gpg-plugin" in one for one in questions(upgrade)) is is_asked
