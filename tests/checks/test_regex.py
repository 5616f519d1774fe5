"""Patterns are compiled at their first use, and all of them can be."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from checks.regex import regex


def test_is_compiled_at_its_first_use_only(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    original = re.compile

    def counted(pattern: str, flags: int = 0) -> re.Pattern[str]:
        compiled.append(pattern)
        return original(pattern, flags)

    monkeypatch.setattr(re, "compile", counted)
    number = regex(r"(\d+)[a-z]", re.IGNORECASE)
    assert compiled == []
    assert [match[1] for match in number.finditer("1A 22b 3")] == ["1", "22"]
    assert number.sub(r"\1", "7X") == "7"
    assert number.fullmatch("7") is None
    assert compiled == [r"(\d+)[a-z]"]
    assert number.pattern == r"(\d+)[a-z]"


ALL = """
import gc, pkgutil, re
from importlib import import_module
import checks
from checks.regex import _AtFirstUse
for module in pkgutil.walk_packages(checks.__path__, "checks."):
    import_module(module.name)
patterns = [one for one in gc.get_objects() if isinstance(one, _AtFirstUse)]
for one in patterns:
    re.compile(one.pattern, one.flags)
print(len(patterns))
"""
"""In a process of its own: what the collector was told to leave alone it does not name."""


def test_every_pattern_of_the_checks_can_be_compiled() -> None:
    told = subprocess.run([sys.executable, "-c", ALL], check=True, capture_output=True, text=True)
    assert int(told.stdout) > 500
