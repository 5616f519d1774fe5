"""What goes with an instruction that is taken out of a Dockerfile."""

from __future__ import annotations

import re

import pytest

from checks.facts.dockerfile.whole_instructions import without_instruction
from checks.source.dockerfile import parse
from checks.source.text import Text

GONE = "ARG TOKEN"


@pytest.mark.parametrize(
    ("content", "left"),
    [
        pytest.param(
            "FROM a\n# of it\n# alone\nARG TOKEN\n\nUSER 1\n", "FROM a\n\nUSER 1\n", id="a blank line"
        ),
        pytest.param(
            "FROM a\n# of it\nARG TOKEN\n# next\nUSER 1\n", "FROM a\n# next\nUSER 1\n", id="a comment"
        ),
        pytest.param("FROM a\n# of it\nARG TOKEN\n", "FROM a\n", id="the end"),
        pytest.param(
            "FROM a\n# of both\nARG TOKEN\nUSER 1\n", "FROM a\n# of both\nUSER 1\n", id="another at once"
        ),
        pytest.param("FROM a\n# of it\n\nARG TOKEN\n", "FROM a\n# of it\n\n", id="not right above"),
        pytest.param("FROM a\n# === web ===\nARG TOKEN\n", "FROM a\n# === web ===\n", id="a heading"),
        pytest.param("FROM a\n# ARG OLD\nARG TOKEN\n", "FROM a\n# ARG OLD\n", id="an instruction kept"),
        pytest.param("# syntax=a/b\nARG TOKEN\n\nFROM a\n", "# syntax=a/b\n\nFROM a\n", id="a directive"),
        pytest.param(
            "FROM a\n# The browser\nARG TOKEN\n\n# none\nRUN add \\\n  browser\n",
            "FROM a\n# The browser\n\n# none\nRUN add \\\n  browser\n",
            id="a word of the next",
        ),
        pytest.param(
            "FROM a\n# Token for the registry\nARG TOKEN\n\nRUN --mount=id=token add\nRUN registry\n",
            "FROM a\n\nRUN --mount=id=token add\nRUN registry\n",
            id="a word of both, and one of a later one",
        ),
        pytest.param("FROM a\n# its owner\nARG TOKEN\nUSER 1\n", "FROM a\nUSER 1\n", id="what it is about"),
    ],
)
def test_the_comments_that_go_along(content: str, left: str) -> None:
    text = Text("Dockerfile", content)
    span = next(it.span for it in parse(text).instructions if text[it.span] == GONE)
    edit = without_instruction(text, span, re.compile("owner"))
    assert content[: edit.span.start] + edit.replacement + content[edit.span.end :] == left
