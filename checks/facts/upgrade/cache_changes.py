"""What newer releases of `actions/cache` change for steps whose `key` comes to nothing.

The key is required. Releases from 3.3.2 on end with success whatever went wrong, up to 4.0.2: from there on the step
fails without a key, and its job ends. https://github.com/actions/cache/pull/1327
"""

from __future__ import annotations

from checks.facts.code_span import code
from checks.facts.upgrade.change import Change, Hold
from checks.facts.upgrade.upgrades import Upgrade
from checks.regex import regex
from checks.source.evaluation import UNKNOWN, expand

_LENIENT = (3, 3, 2)
"""The first release that goes on: https://github.com/actions/cache/pull/1217"""
_FAILS = (4, 0, 2)
_RESTORING = ("", "restore")
"""The paths of the actions that need a key; `actions/cache/save` says that it has none, and goes on."""
_OF_INPUT = regex(r"\s*\$\{\{\s*inputs\.(?P<name>[\w-]+)\s*\}\}\s*")


def _without_key(upgrade: Upgrade) -> str:
    """Why a step can't move that all callers leave without a key; empty for any other."""
    step, handed, release = upgrade.step, upgrade.handed, upgrade.release
    key = step.input("key") if step else None
    if step is None or handed is None or release is None or key is None or step.is_lenient:
        return ""
    is_lenient = release.number >= _LENIENT and upgrade.action.path in _RESTORING
    if not is_lenient or not handed.may_reach(step):
        return ""
    given = handed.given
    if expand(key.value, lambda path: given.get(path, UNKNOWN)) != ((),):
        return ""
    found = _OF_INPUT.fullmatch(key.value)
    name = f"the input {code(found['name'])}, which is the `key`," if found else "what the `key` is made of,"
    return (
        f"no caller here gives {name} and since version 4.0.2 `actions/cache` fails where that is empty: give the step a key, "
        "or an `if:` that asks for one, along with the move"
    )


CHANGES = (Change("actions/cache", _FAILS, Hold(_without_key)),)
"""By action; of one action in the order in which they are told."""
