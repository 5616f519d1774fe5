"""What a check file imports: code spans, offers, fixes and severities."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.check import Applicability, Edit, Fix, Severity, Span, code, offer
from checks.facts.code_span import listed

EDIT = Edit("f", Span(0, 1), "x")


@given(st.text(alphabet=st.sampled_from("`ab \n\r\x00\u202e\u200b\ud800\U000e0041*_[<@"), max_size=150))
def test_nothing_gets_out_of_a_code_span(value: str) -> None:
    """CommonMark ends a span at the next run of backticks as long as the first, and nowhere else."""
    span = code(value)
    match = re.match("`+", span)
    assert match
    fence = match[0]
    assert span.endswith(fence)
    inner = span[len(fence) : -len(fence)]
    assert inner
    assert not inner.startswith("`")
    assert not inner.endswith("`")
    assert fence not in re.findall("`+", inner)
    assert span.encode().decode().isprintable()


def test_a_long_value_is_cut_and_a_plain_one_is_not_changed() -> None:
    assert code("node:24") == "`node:24`"
    assert code("a" * 100) == f"`{'a' * 100}`"
    assert code("a" * 101) == f"`{'a' * 99}…`"
    assert code("") == "` `"
    assert code("a`b") == "``a`b``"
    assert code("`") == "`` ` ``"


def test_many_things_in_a_row_are_counted() -> None:
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"], 3) == "a, b and c"
    assert listed(["a", "b", "c", "d", "e"], 3) == "a, b, c and 2 more"
    assert listed(["a", "b"], 1, "more file") == "a and 1 more file"


def test_an_offer_is_one_fix_or_none() -> None:
    assert offer("do it", Applicability.SAFE, EDIT) == (Fix("do it", (EDIT,), Applicability.SAFE),)
    assert offer("do it", Applicability.SAFE, EDIT, None) == ()
    assert offer("do it", Applicability.SAFE) == ()
    (unsafe,) = offer("do it", Applicability.UNSAFE, EDIT, caution="Is it?")
    assert unsafe.caution == "Is it?"


@pytest.mark.parametrize(
    ("applicability", "caution", "edits"),
    [
        (Applicability.UNSAFE, "", (EDIT,)),
        (Applicability.SAFE, "Is it?", (EDIT,)),
        (Applicability.DISPLAY, "Is it?", (EDIT,)),
        (Applicability.SAFE, "", ()),
    ],
)
def test_a_fix_has_edits_and_a_caution_exactly_if_it_is_unsafe(
    applicability: Applicability, caution: str, edits: tuple[Edit, ...]
) -> None:
    with pytest.raises(ValueError, match="do it"):
        Fix("do it", edits, applicability, caution)


def test_severities_reach_those_below() -> None:
    assert Severity.ERROR.reaches(Severity.NOTE)
    assert Severity.WARNING.reaches(Severity.WARNING)
    assert not Severity.NOTE.reaches(Severity.WARNING)
