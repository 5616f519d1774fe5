"""Steps that set a language up by files: the one that names its version, and those by which a cache of its packages is kept. Without these they stop."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from checks.facts.action.releases import of_use
from checks.facts.build.build_inputs import may_exist
from checks.facts.build.submodules import SUBMODULES
from checks.facts.workflow.matrix import legs
from checks.facts.workflow.resolve import Scope
from checks.facts.workflow.workflows import Step
from checks.regex import regex
from checks.source.snapshot import Snapshot

_NODE = "actions/setup-node"
_PYTHON = "actions/setup-python"
_JAVA = "actions/setup-java"
_CACHING_SINCE = {_NODE: (2, 2), _PYTHON: (2, 3), _JAVA: (2, 3)}
"""The first releases that know the input `cache`; to those before it is one that they don't have."""
_VERSION_FILES: Mapping[str, tuple[str, str, tuple[int, ...]]] = {
    "actions/setup-go": ("go-version", "go-version-file", (4,)),
    _NODE: ("node-version", "node-version-file", (3,)),
    _PYTHON: ("python-version", "python-version-file", (5,)),
    _JAVA: ("java-version", "java-version-file", (4,)),
}
"""By action the inputs that give the version and name its file, of which the first counts, and a release that knows them.

https://github.com/actions/setup-go/blob/main/src/main.ts
https://github.com/actions/setup-node/blob/main/src/main.ts
https://github.com/actions/setup-python/blob/main/src/setup-python.ts
https://github.com/actions/setup-java/blob/main/src/setup-java.ts
"""
_TOLD = "cache-dependency-path"
_TOLD_SINCE = {_NODE: (2, 3), _PYTHON: (2, 3), _JAVA: (4,)}
"""The first releases that know that input; those before them look for their own."""
_IN_PLACE = {(_PYTHON, "pip"): ("**/pyproject.toml",)}
"""What is looked for where nothing is at the paths that are told: https://github.com/actions/setup-python/pull/604"""
_PATH = regex(r"(?P<any>\*\*/)?(?P<path>[\w@][\w.@-]*(?:/[\w@][\w.@-]*)*)")


def _in_root(names: str) -> re.Pattern[str]:
    return regex(rf"(?:{names})(?:/.*)?")


def _anywhere(names: str) -> re.Pattern[str]:
    return regex(rf"(?:.*/)?(?:{names})(?:/.*)?")


_KEPT_BY: Mapping[tuple[str, str], re.Pattern[str]] = {
    (_NODE, "npm"): _in_root(r"package-lock\.json|npm-shrinkwrap\.json|yarn\.lock"),
    (_NODE, "pnpm"): _in_root(r"pnpm-lock\.yaml"),
    (_NODE, "yarn"): _in_root(r"yarn\.lock"),
    (_PYTHON, "pip"): _anywhere(r"requirements\.txt|pyproject\.toml"),
    (_PYTHON, "pipenv"): _anywhere(r"Pipfile\.lock"),
    (_PYTHON, "poetry"): _anywhere(r"poetry\.lock"),
    (_JAVA, "maven"): _anywhere(r"pom\.xml|maven-wrapper\.properties|extensions\.xml"),
    (_JAVA, "gradle"): _anywhere(
        r"[^/]*\.gradle[^/]*|(?:gradle(?:-wrapper)?|versions)\.properties|(?:Versions|Dependencies)\.kt|[^/]*\.versions\.toml"
    ),
    (_JAVA, "sbt"): _anywhere(r"[^/]*\.(?:sbt|scala)|build\.properties"),
}
"""What is looked for, by action and `cache`: in the root for Node.js, anywhere for others. Of several releases it is what any asks for.

https://github.com/actions/setup-node/blob/main/src/cache-utils.ts
https://github.com/actions/setup-python/tree/main/src/cache-distributions
https://github.com/actions/setup-java/blob/main/src/cache.ts
"""


def may_need_files(step: Step) -> bool:
    """Whether a step asks for such a cache, or names such a file."""
    return (step.uses_action(*_CACHING_SINCE) and step.input("cache") is not None) or bool(version_file(step))


def version_file(step: Step) -> str:
    """The path of the file from which a step takes the version; empty where it may take it from elsewhere."""
    use = step.uses
    version, file, since = _VERSION_FILES.get(use.action, ("", "", ())) if use is not None else ("", "", ())
    release = of_use(use) if use is not None and file else None
    named = step.input(file) if release is not None and release.number >= since else None
    return named.value.strip() if named is not None and step.input_entry(version) is None else ""


def lacks_key(step: Step, made: frozenset[str], snapshot: Snapshot) -> bool:
    """Whether a step stops for want of a file, in a workspace with those of the commit and what steps made by some names."""
    found, told = _looked_for(step), _told(step)
    may_be_of_others = SUBMODULES in snapshot.paths and (bool(told) or not step.uses_action(_NODE))
    return not (
        found is None
        or may_be_of_others
        or any(map(found.fullmatch, made))
        or not made.isdisjoint(part for one in told for part in one.split("/"))
        or any(may_exist(one.removeprefix("**/"), snapshot) for one in told)
        or _is_among(found, snapshot.paths)
    )


@lru_cache(maxsize=16)
def _is_among(pattern: re.Pattern[str], paths: frozenset[str]) -> bool:
    return any(map(pattern.fullmatch, paths))


def _looked_for(step: Step) -> re.Pattern[str] | None:
    """The files that a step looks for; None where it is not known to look for any."""
    cache, use = step.input("cache"), step.uses
    release = of_use(use) if use is not None else None
    if cache is None or use is None or release is None:
        return None
    is_told_in_vain = release.number < _CACHING_SINCE.get(use.action, ())
    keeps_none = use.action == _PYTHON and not _is_given_version(step)
    kind = (use.action, cache.value.strip())
    own = _KEPT_BY.get(kind)
    if own is None or is_told_in_vain or keeps_none:
        return None
    if step.input_entry(_TOLD) is None or release.number < _TOLD_SINCE[use.action]:
        return own
    told = _told(step)
    return _any_of([*told, *_IN_PLACE.get(kind, ())]) if told else None


def _told(step: Step) -> list[str]:
    """The patterns that a step is told, one in a line."""
    told = step.input(_TOLD)
    lines = told.value.splitlines() if told is not None else []
    return [line.strip().removeprefix("./") for line in lines if line.strip()]


def _any_of(patterns: list[str]) -> re.Pattern[str] | None:
    """What the patterns stand for where each is a path, or a name in whichever folder; None where one is more than that."""
    found = [_PATH.fullmatch(one) for one in patterns]
    known = [one for one in found if one is not None]
    if len(known) < len(found):
        return None
    return regex(
        "|".join(rf"{'(?:.*/)?' if one['any'] else ''}{re.escape(one['path'])}(?:/.*)?" for one in known)
    )


def _is_given_version(step: Step) -> bool:
    """Whether `python-version` comes to something in each leg: without one the action keeps no cache."""
    version = step.input("python-version")
    given = legs(step.job) if step.job is not None else None
    return (
        version is not None
        and bool(given)
        and all(Scope(step, leg, None).value(version.value).literal for leg in given or ())
    )
