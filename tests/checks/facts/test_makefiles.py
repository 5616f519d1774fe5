"""Which recipes a script runs of a Makefile."""

from __future__ import annotations

import pytest

from checks.facts.script.makefiles import make_runs, recipe_commands, recipe_lines
from checks.source.text import Text
from tests.checks.workflow import job

MAKEFILE = """\
.PHONY: all test
BIN := bin
URL ?= https://example.com

all: test \\
  lint  # and more
\techo all
test: ${BIN}/tool | folder

\techo test
$(BIN)/tool:: ; echo not told
\techo tool
lint:
ifdef FAST
\techo fast
endif
\t$(call install,x)
\t$(MAKE) -s check-a
check-%:
\techo check
other:
\techo other
define install
echo install
endef
"""


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("make", "all test tool fast check install"),
        ("make test", "test tool"),
        ("make -j 2 lint A=1", "fast check install"),
        ("gmake check-b", "check"),
        ("make other test", "test tool other"),
        ("make -C . other", "other"),
        ("(cd web; make other)", ""),
        ("cd web/.. && make other", "other"),
        ('cd "$DIR" && make other', ""),
        ("make -f other.mk other", ""),
        ("make $TARGET", ""),
        ("make nothing", ""),
        ("echo make other", ""),
    ],
)
def test_recipes_that_a_script_runs(script: str, expected: str) -> None:
    (step,) = job(f"steps:\n  - run: |\n      {script}\n").steps
    lines = [
        line.fragment for run in make_runs(step) for line in recipe_lines(run, [Text("Makefile", MAKEFILE)])
    ]
    said = [line.strip().removeprefix("echo ") for line in lines if "echo " in line]
    assert " ".join(said) == expected


def test_the_makefile_of_a_folder() -> None:
    (step,) = job("steps:\n  - run: make\n    working-directory: web\n").steps
    (run,) = make_runs(step)
    files = [Text("Makefile", "a:\n\techo root\n"), Text("web/makefile", "a:\n\techo web\n")]
    assert [line.path for line in recipe_lines(run, files)] == ["web/makefile"]


WITH_VARIABLES = """\
LINT = golangci-lint  # the linter
GO ?= go
BIN := $(PWD)/bin
TOOL = old
ifdef NEW
\tTOOL = new
endif

check:
\t@$(LINT) run && \\
\t  ${GO} vet
\t-$(BIN)/$(TOOL)
\tcd web; \\
\tpwd
"""


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (
            "make check",
            ["golangci-lint run && \\\n\t  go vet", "$(BIN)/$(TOOL)", "cd web; \\\n\tpwd"],
        ),
        (
            "make GO=tinygo check",
            ["golangci-lint run && \\\n\t  ${GO} vet", "$(BIN)/$(TOOL)", "cd web; \\\n\tpwd"],
        ),
    ],
)
def test_what_the_shell_is_given_of_recipes(script: str, expected: list[str]) -> None:
    (step,) = job(f"steps:\n  - run: {script}\n").steps
    (run,) = make_runs(step)
    assert list(recipe_commands(run, [Text("Makefile", WITH_VARIABLES)])) == expected
