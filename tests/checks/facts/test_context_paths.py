"""Which names of contexts mean the same."""

from __future__ import annotations

import pytest

from checks.facts.workflow.context_paths import context_path, input_of, is_no_property
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


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("github", "repository_lower"), True),
        (("github", "repository", "name"), True),
        (("github", "repository"), False),
        (("github", "*"), False),
        (("github", "event", "repository", "lower"), False),
        (("github",), False),
        (("env", "repository_lower"), False),
    ],
)
def test_a_property_that_a_context_does_not_have(path: tuple[str, ...], *, expected: bool) -> None:
    assert is_no_property(path) is expected
