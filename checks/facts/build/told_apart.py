"""What tells builds apart, for the names of their caches."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from checks.facts.build.builds import Build
from checks.facts.workflow.values import strings
from checks.regex import regex
from checks.source.yaml import Scalar

Image = tuple[str, str, str]
"""Folder, Dockerfile and target; the last stage is the empty one."""
_OF_MATRIX = regex(r"\bmatrix\.([\w.-]+)")
_OF_THE_IMAGE = ("build-args", "context", "file", "platforms", "tags", "target")
"""Inputs that say what is built, and under which name."""
_NAMES = regex(
    r"app|component|container|dockerfile|image|module|name|package|project|service|suffix|target|variant",
    re.IGNORECASE,
)
"""In the name of a key whose values say what is built."""
ANY_FOLDER = regex(
    r"(?:\.?docker|dockerfiles?|containers?|images?|builds?|deploy(?:ments?)?|apps?|code|main|projects?|source|src)",
    re.IGNORECASE,
)
"""A folder's name that says nothing of what is built there."""
_ANY_KIND = regex(
    r"ci|dev(?:el(?:op(?:ment)?)?)?|prod(?:uction)?|release|stag(?:e|ing)|tests?", re.IGNORECASE
)
"""What the name of a Dockerfile says of where its image runs, which images of any name may do."""
_COUNTED = regex(r"\d+|true|false|yes|no|on|off", re.IGNORECASE)
"""A number, a port, a switch: what tells builds apart, and says nothing of them."""


def image_of(build: Build) -> Image | None:
    """What a build makes; None where that is not known."""
    if build.folder is None or build.dockerfile is None or build.target is None:
        return None
    return build.folder, build.dockerfile, build.target


def made_by(build: Build) -> tuple[object, ...]:
    """What has to be alike in two builds for the one to use the other's layers: image, platforms and arguments."""
    passed = build.build_args
    arguments = None if passed is None else tuple((one.name, str(one.value)) for one in passed)
    return image_of(build), build.platforms, arguments


def names_of(image: Image, builds: Sequence[Build]) -> tuple[str, ...]:
    """What may tell an image from others in a word, the best first, by what its builds name."""
    folder, dockerfile, target = image
    kind = _kind(dockerfile)
    homes = (posixpath.basename(posixpath.dirname(dockerfile)), posixpath.basename(folder))
    telling = [home for home in homes if not ANY_FOLDER.fullmatch(home)]
    called = _called(builds)
    found = (
        pushed_as(builds),
        called if _ANY_KIND.fullmatch(kind) else "",
        kind,
        *telling,
        target,
        called,
        *(f"{home}-{kind}" for home in homes if home and kind),
        *(home for home in homes if home not in telling),
    )
    return tuple(name for name in found if is_name(name))


def is_name(text: str) -> bool:
    """Whether a text can stand in a scope."""
    return re.fullmatch(r"[\w.-]+", text) is not None


def places_of(builds: Iterable[Build]) -> Iterator[str]:
    """The names of the jobs and the workflows that have builds, and of both."""
    for build in builds:
        job = build.step.job.id if build.step and build.step.job else ""
        workflow = posixpath.splitext(posixpath.basename(build.text.path))[0]
        names = (job, workflow, f"{workflow}-{job}" if job else "")
        yield from filter(is_name, names)


def pushed_as(builds: Iterable[Build]) -> str:
    """The last part of an image's name, the same wherever it gets one; empty where it isn't known."""
    ends = {tag.reference.path.rpartition("/")[2].literal for build in builds for tag in build.tags}
    return (ends.pop() or "") if len(ends) == 1 else ""


def _called(builds: Iterable[Build]) -> str:
    """The last part of an image's names that the others begin with: `web` of `web` and `web-staging`; empty where there is none."""
    ends = {tag.reference.path.rpartition("/")[2].literal for build in builds for tag in build.tags}
    known = [one for one in ends if one]
    first = min(known, key=len, default="")
    return (
        first if len(known) == len(ends) and all(f"{one}-".startswith(f"{first}-") for one in known) else ""
    )


def shared_name(legs: Sequence[Build]) -> str:
    """What the names of the legs' Dockerfiles end in alike: `rootless` of `Dockerfile.alpine-rootless` and its like."""
    kinds = [_kind(image[1]) for leg in legs if (image := image_of(leg))]
    end = posixpath.commonprefix([kind[::-1] for kind in kinds])[::-1]
    return end.strip("-_.") if len(set(kinds)) > 1 and re.match(r"[-_.]", end) else ""


def scopes_of_legs(legs: Sequence[Build]) -> frozenset[str]:
    """The scopes that legs would have by their shared name and by what tells them apart."""
    keys, name = telling_keys(legs), shared_name(legs)
    return frozenset("-".join((name, *(_texts(leg)[key] for key in keys))) for leg in legs)


def _kind(dockerfile: str) -> str:
    """What the name of a Dockerfile says beside that it is one; empty for a plain one."""
    file = posixpath.basename(dockerfile)
    kind = file.removesuffix(".Dockerfile").removesuffix(".dockerfile").removeprefix("Dockerfile.")
    return kind if kind != file else ""


def telling_keys(legs: Sequence[Build]) -> tuple[str, ...]:
    """The key of the matrix, or the two keys, whose values differ wherever what the legs make does.

    Of several the one with plain values wins, which the step builds by or which is called like what says what is
    built, then the one with the shorter ones, then the one that is written first; a number or a switch that the step doesn't
    build by comes last. Empty where there is none.
    """
    known = [_texts(leg) for leg in legs]
    used = _used(legs)
    shared = (key for key in known[0] if all(key in one for one in known))
    keys = sorted(shared, key=lambda key: _weight(key, [one[key] for one in known], used))
    for found in (*((key,) for key in keys), *combinations(keys, 2)):
        by_values: dict[tuple[str, ...], set[object]] = {}
        for leg, texts in zip(legs, known, strict=True):
            made = made_by(leg)
            by_values.setdefault(tuple(texts[key] for key in found), set()).add(made)
        if all(len(made) == 1 for made in by_values.values()):
            return found
    return ()


def values_of(leg: Build, keys: Sequence[str]) -> tuple[str | None, ...]:
    """What a leg's matrix has for some keys; None for one that it does not have."""
    texts = _texts(leg)
    return tuple(texts.get(key) for key in keys)


def _weight(
    key: str, values: list[str], used: frozenset[str]
) -> tuple[bool, bool, bool, bool, int, list[str]]:
    is_used = key in used
    is_counted = all(map(_COUNTED.fullmatch, values))
    is_path = any("/" in value or "." in value for value in values)
    is_name = bool(_NAMES.search(key))
    return is_counted and not is_used, is_path, not is_used, not is_name, sum(map(len, values)), values


def _used(legs: Sequence[Build]) -> frozenset[str]:
    """The keys of the matrix that the step of the legs builds by, or the script with their command reads."""
    step = legs[0].step
    if step is None:
        return frozenset()
    inputs = (step.input(name) for name in _OF_THE_IMAGE)
    texts = (step.run,) if legs[0].invocation is not None else inputs
    return frozenset(key for one in texts if one is not None for key in _OF_MATRIX.findall(one.value))


def _texts(build: Build) -> dict[str, str]:
    """The values of a leg that can stand in a scope, by what stands behind `matrix.`."""
    texts: dict[str, str] = {}
    for key, node in (build.scope.leg if build.scope else {}).items():
        texts |= {f"{key}.{name}": value for name, value in strings(node).items()}
        if isinstance(node, Scalar):
            texts[key] = node.value
    return {key: text for key, text in texts.items() if re.fullmatch(r"[\w./-]+", text)}
