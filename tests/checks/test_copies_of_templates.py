"""Dockerfiles that are copies of a template: what is found in them is told at the template."""

from __future__ import annotations

import pytest

from checks.check import Repository
from checks.engine import Choices, review
from checks.source.snapshot import Snapshot
from tests.checks.words import finds

TEMPLATE = "FROM php:%VERSION%\nRUN bad\nRUN two\nCOPY web /web\nCOPY root /\nUSER 1000\nCMD web\n"
COPY = TEMPLATE.replace("%VERSION%", "8.5")


@pytest.mark.parametrize(
    ("files", "told"),
    [
        pytest.param(
            {"Dockerfile.template": TEMPLATE, "8.5/Dockerfile": COPY, "8.4/alpine/Dockerfile": COPY},
            ["Dockerfile.template"],
            id="copies below it",
        ),
        pytest.param(
            {"Dockerfile.template": TEMPLATE, "Dockerfile": COPY},
            ["Dockerfile.template"],
            id="a copy beside it",
        ),
        pytest.param(
            {"Dockerfile-ubi.template": TEMPLATE, "8.5-ubi/Dockerfile": COPY.replace("RUN two", "RUN three")},
            ["Dockerfile-ubi.template"],
            id="a template with a name of its own, and a copy that the script changes more",
        ),
        pytest.param(
            {"a/Dockerfile.template": TEMPLATE, "b/Dockerfile": COPY},
            ["a/Dockerfile.template", "b/Dockerfile"],
            id="a template elsewhere",
        ),
        pytest.param(
            {
                "Dockerfile.template": TEMPLATE,
                "web/Dockerfile": "FROM php:8.5\nRUN bad\nRUN other\nCMD other\n",
            },
            ["Dockerfile.template", "web/Dockerfile"],
            id="another file",
        ),
        pytest.param(
            {"Dockerfile.template": "FROM a\nRUN bad\n", "web/Dockerfile": "FROM a\nRUN bad\n"},
            ["Dockerfile.template", "web/Dockerfile"],
            id="too few lines to tell",
        ),
    ],
)
def test_what_is_made_of_a_template_is_told_there(files: dict[str, str], told: list[str]) -> None:
    outcome = review(Repository(Snapshot.of(files)), None, [finds("bad")])
    assert sorted(one.finding.location.path for one in outcome.findings) == told
    reasons = {f"it is made of {path}" for path in files if path.endswith(".template")}
    assert {one.reason for one in outcome.suppressed} <= reasons
    enforced = review(
        Repository(Snapshot.of(files)), None, [finds("bad")], Choices(enforced=frozenset({"bad"}))
    )
    assert len(enforced.findings) == len(files)
