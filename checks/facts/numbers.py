"""The numbers of versions, by which they are compared."""

from __future__ import annotations


def numbers(version: str) -> tuple[int, ...]:
    """The numbers of a version that is nothing but numbers with dots between them: `1.23.4` is `(1, 23, 4)`.

    Raises `ValueError` for any other.
    """
    return tuple(int(number) for number in version.split("."))
