"""What the programs of scripts may do with the token of a job."""

from __future__ import annotations

import pytest

from checks.facts.script.scripts import parse_script
from checks.facts.token.programs import is_harmless, may_run_project, runs_code_of_others
from tests.checks.workflow import last_step


@pytest.mark.parametrize(
    ("script", "is_so"),
    [
        ("terraform fmt -check -recursive", True),
        ("terraform version", True),
        ("terraform -v", True),
        ("node -v", True),
        ("tool -v", False),
        ("node -e 1 -v", False),
        ("tofu fmt", True),
        ("java -version", True),
        ("poetry --version", True),
        ("terraform -chdir=infra apply", False),
        ("terraform init", False),
        ("poetry publish --version", False),
        ("sudo terraform version", True),
        ("./gradlew --version", False),
        ("sudo ./gradlew --version", False),
        ("timeout 60 bin/terraform fmt", False),
        ("$TOOL --version", False),
        ("npm version patch", False),
    ],
)
def test_what_only_says_its_version_or_formats_does_nothing_with_it(script: str, *, is_so: bool) -> None:
    (command,) = parse_script(script).commands
    assert is_harmless(command) is is_so


@pytest.mark.parametrize(
    ("script", "of_others", "of_project"),
    [
        ("gcloud auth configure-docker && kubectl get pods", False, False),
        ("node --version && terraform fmt -check", False, False),
        ("sudo apt-get install -y jq", True, False),
        ("heroku local web", True, True),
        ("terraform init", True, True),
        ("npm ci", True, True),
        ("./deploy.sh", True, True),
        ("gcloud auth login && make push", True, True),
    ],
)
def test_clients_of_other_places_run_nothing_of_a_project(
    script: str, *, of_others: bool, of_project: bool
) -> None:
    step = last_step(f"on: push\njobs:\n  web:\n    runs-on: x\n    steps: [{{run: {script}}}]\n")
    assert (runs_code_of_others(step), may_run_project(step)) == (of_others, of_project)
