"""What is said of actions that are used by their former names."""

from __future__ import annotations

import pytest

from checks.facts.upgrade.former_names import moved_away
from tests.checks.workflow import job


@pytest.mark.parametrize(
    ("uses", "inputs", "expected"),
    [
        (
            "crazy-max/ghaction-docker-meta@v1",
            "{images: acme/web, tag-semver: '{{version}}'}",
            "name that first. Since version 2 `docker/metadata-action` takes no `tag-semver`: write `type=semver,pattern=…` in `tags`",
        ),
        (
            "crazy-max/ghaction-docker-meta@v1",
            "{images: acme/web}",
            "`docker/metadata-action`: name that first",
        ),
        ("crazy-max/ghaction-docker-meta@v2", "{images: acme/web, tags: type=sha}", "name that first"),
        (
            "google-github-actions/release-please-action@v3",
            "{command: manifest}",
            "name that first, at its newest release, which does not take `command`",
        ),
        ("docker/metadata-action@v1", "{tag-semver: '{{version}}'}", ""),
    ],
)
def test_what_becomes_of_the_inputs(uses: str, inputs: str, expected: str) -> None:
    (step,) = job(f"steps:\n  - uses: {uses}\n    with: {inputs}\n").steps
    assert step.uses
    said = moved_away([step.uses], [step])
    assert expected in said
    assert bool(said) is bool(expected)
