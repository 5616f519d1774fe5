"""Finds the checks: every module in the folders beside this file, but for facts, sources and the chain."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence
from functools import cache
from typing import cast

import checks
from checks.check import CheckModule

_NOT_THE_CATALOGUE = {"chain", "facts", "source"}


@cache
def catalogue() -> tuple[CheckModule, ...]:
    """All checks, ordered by id. `ImportError` if a file of the catalogue does not import."""
    names = [
        f"checks.{folder.name}.{file.name}"
        for folder in pkgutil.iter_modules(checks.__path__)
        if folder.ispkg and folder.name not in _NOT_THE_CATALOGUE
        for file in pkgutil.iter_modules([f"{root}/{folder.name}" for root in checks.__path__])
    ]
    modules = [cast(CheckModule, importlib.import_module(name)) for name in names]
    return tuple(sorted(modules, key=lambda module: module.check.id))


def find(name: str, modules: Sequence[CheckModule]) -> CheckModule | None:
    """The check of that id or that had it before, or None."""
    for module in modules:
        if name == module.check.id or name in module.check.aliases:
            return module
    return None
