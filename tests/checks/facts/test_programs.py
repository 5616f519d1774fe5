"""What the programs of scripts may do with the token of a job."""

from __future__ import annotations

import pytest

from checks.facts.script.scripts import parse_script
from checks.facts.token.programs import is_harmless


@pytest.mark.parametrize(
    ("script", "is_so"),
    [
        ("terraform fmt -check -recursive", True),
        ("terraform version", True),
        ("tofu fmt", True),
        ("java -version", True),
        ("poetry --version", True),
        ("terraform -chdir=infra apply", False),
        ("terraform init", False),
        ("poetry publish --version", False),
        ("./gradlew --version", False),
        ("$TOOL --version", False),
        ("npm version patch", False),
    ],
)
def test_what_only_says_its_version_or_formats_does_nothing_with_it(script: str, *, is_so: bool) -> None:
    (command,) = parse_script(script).commands
    assert is_harmless(command) is is_so
