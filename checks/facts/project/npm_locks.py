"""For which `package.json` a lock file of npm was written.

https://docs.npmjs.com/cli/configuring-npm/package-lock-json#packages
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from checks.record import Record
from checks.regex import regex
from checks.source.text import Text

_FOR_NPM_7 = 3
"""https://docs.npmjs.com/cli/configuring-npm/package-lock-json#lockfileversion"""
_FROM_REGISTRY = regex(r"https?://(?P<host>[^/?#@]{1,200})/.*/-/")
_REPLACED = frozenset(("registry.npmjs.org", "registry.yarnpkg.com"))
"""Hosts in whose place npm takes the registry that is set, and one that is the same for all."""
_GROUPS = ("peerDependencies", "dependencies", "devDependencies", "optionalDependencies")


class NpmLock(Record):
    """One `package-lock.json`."""

    path: str
    written_for: tuple[tuple[str, str], ...] | None
    """What the `package.json` asked for when the file was written; None where it can't be known, as in version 1."""
    of_others: bool = False
    """Whether it holds packages of other folders too, by workspaces or `file:`, which have a `package.json` of their own."""
    is_for_npm_7: bool = False
    """Whether it lacks what older ones read: from version 3 on, it has `packages` alone."""
    outside: str = ""
    """The first folder of another install, above the file's own, that it links a package to; empty for none.

    npm writes such links where `node_modules` held them, as pnpm makes them in a workspace, and what the packages
    need is left out of the file.
    """
    registry: str = ""
    """The first host of a registry that it has packages come from, whatever `.npmrc` says; empty where it leaves that open.

    https://docs.npmjs.com/cli/using-npm/config#replace-registry-host
    """

    def first_difference(
        self, asked: tuple[tuple[str, str], ...]
    ) -> tuple[str, str | None, str | None] | None:
        """The first package, by name, of which a `package.json` asks for another range: the name, the range of then, that of now.

        The range is None where the package is not asked for; the whole where nothing differs, or nothing is known.
        """
        then, now = dict(self.written_for or ()), dict(asked)
        names = sorted(then.keys() | now.keys()) if self.written_for is not None else ()
        differing = (name for name in names if then.get(name) != now.get(name))
        return next(((name, then.get(name), now.get(name)) for name in differing), None)


def parse_npm_lock(text: Text) -> NpmLock:
    """What a lock file was written for; of one that can't be read nothing is known."""
    content = object_in(text)
    packages = content.get("packages") if content is not None else None
    root = packages.get("") if isinstance(packages, dict) else None
    if not isinstance(packages, dict) or not isinstance(root, dict):
        return NpmLock(text.path, None)
    version = content.get("lockfileVersion") if content is not None else None
    of_others = any(path and not path.startswith("node_modules/") for path in packages)
    is_for_npm_7 = isinstance(version, int) and version >= _FOR_NPM_7
    outside, registry = _outside(packages.values()), _registry(packages.values())
    return NpmLock(text.path, asked_in(root), of_others, is_for_npm_7, outside, registry)


def _outside(packages: Iterable[object]) -> str:
    """Not what a package of `file:` has in its own `node_modules`, which `npm ci` fetches: no link leads there."""
    links = (one.get("resolved") for one in packages if isinstance(one, dict) and one.get("link") is True)
    paths = (one for one in links if isinstance(one, str) and one.startswith("../"))
    return next((path for path in paths if "node_modules/" in path), "")


def _registry(packages: Iterable[object]) -> str:
    addresses = (one.get("resolved") for one in packages if isinstance(one, dict))
    found = (_FROM_REGISTRY.match(one) for one in addresses if isinstance(one, str))
    return next((one["host"] for one in found if one and one["host"] not in _REPLACED), "")


def object_in(text: Text) -> Mapping[str, object] | None:
    """The object that a JSON file holds; None where it holds none, or can't be read."""
    try:
        content = json.loads(text.content.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def asked_in(package: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """The packages that a `package.json` asks for, or an entry of a lock file does, with their ranges, by name."""
    found: dict[str, str] = {}
    for group in _GROUPS:
        ranges = package.get(group)
        for name, written in ranges.items() if isinstance(ranges, dict) else ():
            found[name] = written.strip() if isinstance(written, str) else ""
    return tuple(sorted(found.items()))
