from __future__ import annotations

import pytest

from checks.facts.python_projects import over, parse_python_project
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
        ('[tool.poetry.dependencies]\npython = {version = "3.11"}', True),
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
