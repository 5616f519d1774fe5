"""The hash by which code scanning knows the line of a result again: `primaryLocationLineHash`.

GitHub's upload action computes it when a tool leaves it out; through the API nobody does, and alerts
would double. To agree with alerts that came either way, ours is the same number.
"""

from __future__ import annotations

from array import array
from collections import Counter

_WINDOW = 100
_FACTOR = 37
_MASK = (1 << 64) - 1
_END_OF_FILE = 0xFFFF


def line_hashes(content: str) -> list[str]:
    """The hash of each line of a file, lone carriage returns ending lines too.

    A polynomial over the 100 UTF-16 code units from the line's start, blanks and tabs left out, modulo
    2**64, as hexadecimal digits without leading zeros; then `:` and how many lines so far had it.
    """
    text = content.replace("\r\n", "\n").replace("\r", "\n").replace(" ", "").replace("\t", "")
    units = array("H", text.encode("utf-16-le", "surrogatepass"))
    units.append(_END_OF_FILE)
    starts = [0, *(at + 1 for at, unit in enumerate(units) if unit == 0x0A)]
    units.extend([0] * _WINDOW)
    sums = _prefix_sums(units)
    leaving = pow(_FACTOR, _WINDOW, 1 << 64)
    seen: Counter[int] = Counter()
    hashes: list[str] = []
    for start in starts:
        value = (sums[start + _WINDOW] - sums[start] * leaving) & _MASK
        seen[value] += 1
        hashes.append(f"{value:x}:{seen[value]}")
    return hashes


def _prefix_sums(units: array[int]) -> list[int]:
    """The polynomial over the first n units, for each n."""
    total = 0
    sums = [0]
    for unit in units:
        total = (total * _FACTOR + unit) & _MASK
        sums.append(total)
    return sums
