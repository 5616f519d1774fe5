"""The programs that recipes of a Makefile install with Go."""

from __future__ import annotations

import pytest

from checks.facts.script.go_programs import newest_of_recipes, newest_programs
from checks.facts.script.makefiles import MakeRun, recipe_lines
from checks.facts.script.scripts import parse_script
from checks.source.text import Text


@pytest.mark.parametrize(
    ("recipes", "expected"),
    [
        (["\tgo install acme.dev/tool@latest"], ("tool@latest",)),
        (["\t$(call take,$(BIN),acme.dev/tool@latest)", "GOBIN=$(BIN) go install $(2)"], ("tool@latest",)),
        (["\t$(call take,acme.dev/tool@latest)", "npm install $(1)"], ()),
        (["\t$(call take,acme.dev/tool@v1.2.3)", "go install $(1)"], ()),
    ],
)
def test_programs_that_recipes_take_at_their_newest(recipes: list[str], expected: tuple[str, ...]) -> None:
    assert newest_programs(recipes) == expected


@pytest.mark.parametrize(
    ("version", "is_found"), [("latest", True), ("v1.2.3", False), ("$(shell cat latest)", False)]
)
def test_programs_whose_version_is_a_variable_of_the_makefile(version: str, is_found: bool) -> None:
    makefile = Text(
        "Makefile",
        f"TOOL_VERSION ?= {version}\ntool:\n\t$(call take,$(BIN),acme.dev/tool,$(TOOL_VERSION))\n"
        "other:\n\tgo install acme.dev/other@$(TOOL_VERSION)\n"
        "define take\npackage=$(2)@$(3) ;\\\ngo install $${package}\nendef\n",
    )
    run = MakeRun(parse_script("make").commands[0], ".", ("tool", "other"))
    found = newest_of_recipes(recipe_lines(run, (makefile,)))
    lines = {name: place.line for name, place in found.items()}
    assert lines == ({"tool@latest": 3, "other@latest": 5} if is_found else {})
