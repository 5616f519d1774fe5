"""Words of a script that hint at no push."""

from __future__ import annotations

import pytest

from checks.facts.script.scripts import parse_script
from checks.facts.token.idle_words import idle_spans


@pytest.mark.parametrize(
    ("script", "is_idle"),
    [
        ("git show HEAD:notes.md", True),
        ("git show HEAD:notes.md | head -1", True),
        ("git show HEAD:notes.md | python3 parse.py", True),
        ("git show HEAD:notes.md | sh", False),
        ("git show HEAD:notes.md | tee all.sh | bash -s -- now", False),
        ("git show HEAD:notes.md; echo date | sh", True),
    ],
)
def test_what_only_asks_git(script: str, is_idle: bool) -> None:
    spans = list(idle_spans(parse_script(script)))
    assert ("git" in {script[one.start : one.end] for one in spans}) is is_idle
