from __future__ import annotations

import pytest

from checks.facts.python_projects import over, parse_python_project
from checks.facts.renovate import parse_renovate
from checks.facts.yarn_configs import parse_yarn_config
from checks.source.text import Text


@pytest.mark.parametrize(
    ("content", "allows"),
    [
        ('[project]\nrequires-python = ">=3.9,<3.13"', False),
        ('[project]\nrequires-python = ">=3.9, !=3.14.*"', False),
        ('[project]\nrequires-python = "==3.11.*"', False),
        ('[project]\nrequires-python = ">=3.9"', True),
        ('[project]\nrequires-python = "<3.14.5"', True),
        ('[project]\nrequires-python = ">=3.14.2"', True),
        ('[tool.poetry.dependencies]\npython = "^3.9"', True),
        ('[tool.poetry.dependencies]\npython = "^2.7"', False),
        ('[tool.poetry.dependencies]\npython = "~3.12"', False),
        ('[tool.poetry.dependencies]\npython = "3.11"', False),
        ('[tool.poetry.dependencies]\npython = "3.11.*"', False),
        ('[tool.poetry.dependencies]\npython = "*"', True),
        ('[tool.poetry.dependencies]\npython = {version = "3.11"}', False),
        ('[ tool.poetry.dependencies ]\npython = ">=3.8 <3.12"', False),
        ('[tool.poetry.dependencies]\npython = "^3.9 || ^2.7"', True),
        ('[project]\nrequires-python = "==3.14.2"', True),
        ('[project]\nrequires-python = "!=3.14.0,!=3.14.99"', True),
        ('[other]\nrequires-python = "<3"', True),
        (f'[project]\nrequires-python = ">={"9" * 6000}"', True),
        ("a" + ".a" * 100_000, True),
        ("a = " + "[" * 100_000, True),
        ('[project]\nrequires-python = "three"', True),
        ("[project\n", True),
    ],
)
def test_whether_a_project_allows_the_newest_python(content: str, allows: bool) -> None:
    assert parse_python_project(Text("pyproject.toml", content)).allows("3.14") is allows


def test_the_projects_over_a_file() -> None:
    projects = [
        parse_python_project(Text(f"{folder}pyproject.toml", "")) for folder in ("", "api/", "api-client/")
    ]
    assert [one.path for one in over("api/Dockerfile", projects)] == ["pyproject.toml", "api/pyproject.toml"]


@pytest.mark.parametrize(
    ("content", "keeps"),
    [
        ('{"pinDigests": false}', True),
        ('{"pinDigests": true}', False),
        ('{"pinDigests": false, "github-actions": {"pinDigests": true}}', False),
        ('{"extends": ["config:best-practices"], "pinDigests": false}', False),
        ('{"extends": ["config:recommended"], "github-actions": {"pinDigests": false}}', True),
        ('{"packageRules": [{"matchManagers": ["github-actions"], "pinDigests": false}]}', True),
        ('{"packageRules": [{"matchManagers": ["dockerfile"], "pinDigests": false}]}', False),
        (
            '{"packageRules": [{"matchDepTypes": ["action"], "pinDigests": false}, {"matchDepTypes": ["action"], "pinDigests": true}]}',
            False,
        ),
        (
            '{"packageRules": [{"matchDepTypes": ["action"], "matchPackageNames": ["a/b"], "pinDigests": false}]}',
            False,
        ),
        ("[" * 100_000, False),
        ('["x"]', False),
        ("// a comment", False),
    ],
)
def test_what_renovate_is_told(content: str, keeps: bool) -> None:
    assert parse_renovate(Text("renovate.json", content)).keeps_tags_of_actions is keeps


@pytest.mark.parametrize(
    ("content", "is_immutable"),
    [
        ("nodeLinker: node-modules\nenableImmutableInstalls: true\n", True),
        ("enableImmutableInstalls: false\n", False),
        ("# enableImmutableInstalls: true\n", False),
        ("npmScopes: {acme: {enableImmutableInstalls: true}}\n", False),
        ("- enableImmutableInstalls: true\n", False),
        ("enableImmutableInstalls: [\n", False),
        ("", False),
    ],
)
def test_whether_yarn_is_told_to_leave_the_lock_file_as_it_is(content: str, is_immutable: bool) -> None:
    assert parse_yarn_config(Text(".yarnrc.yml", content)).is_immutable is is_immutable
