"""Which names of contexts mean the same."""

from __future__ import annotations

import pytest

from checks.facts.workflow.context_paths import context_path, input_of
from checks.source.expression import parse


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("inputs.tag", "tag"),
        ("github.event.inputs.tag", "tag"),
        ("GitHub.event['inputs'].Tag", "tag"),
        ("inputs", None),
        ("github.event.inputs", None),
        ("github.inputs.tag", None),
        ("github.event.client_payload.inputs.tag", None),
        ("contains(inputs.tag, 'x')", None),
    ],
)
def test_an_input_has_two_names(source: str, name: str | None) -> None:
    path = context_path(parse(source))
    assert (input_of(path) if path else None) == name
