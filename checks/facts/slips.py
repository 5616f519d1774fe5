"""Names that are most likely meant to be one."""

from __future__ import annotations


def is_slip(one: str, other: str) -> bool:
    """Whether one letter is changed, missing or too many."""
    longer, shorter = sorted((one, other), key=len, reverse=True)
    if len(longer) == len(shorter):
        return sum(a != b for a, b in zip(longer, shorter, strict=True)) == 1
    return any(shorter == longer[:at] + longer[at + 1 :] for at in range(len(longer)))
