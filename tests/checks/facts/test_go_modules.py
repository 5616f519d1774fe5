"""What a `go.mod` says of the Go that builds it."""

from __future__ import annotations

import pytest

from checks.facts.project.go_modules import parse_go_module
from checks.source.text import Text


@pytest.mark.parametrize(
    ("content", "go", "wanted"),
    [
        ("module x\n\ngo 1.23\n\ntoolchain go1.24.4\n", (1, 23), (1, 24, 4)),
        ("go 1.25.1\ntoolchain go1.24.4\n", (1, 25, 1), (1, 25, 1)),
        ("go 1.23\ntoolchain default\n", (1, 23), (1, 23)),
        ("module x\n", None, None),
    ],
)
def test_the_go_that_a_module_asks_for(
    content: str, go: tuple[int, ...] | None, wanted: tuple[int, ...] | None
) -> None:
    module = parse_go_module(Text("go.mod", content))
    assert (module.go, module.wanted) == (go, wanted)
