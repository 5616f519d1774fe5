"""Which Dockerfiles the files of a repository speak of, by words: a build need not be understood to name one."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from checks.regex import regex
from checks.source.kind import Kind
from checks.source.text import Text

_KINDS = frozenset(
    (
        Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT, Kind.MAKEFILE, Kind.BAKE, Kind.TERRAFORM,
    )
)  # fmt: skip
_PIPELINE = regex(
    r"(?:^|/)(?:\.circleci|\.buildkite|\.tekton|\.woodpecker|\.semaphore|\.harness|concourse|copilot)/.*\.ya?ml$"
    r"|(?:^|/)(?:[\w.-]*(?:azure|bitbucket)-?pipelines|build|\.?cirrus|[\w.-]*cloudbuild|config|\.?drone|\.gitlab-ci|\.?goreleaser|heroku"
    r"|render|[\w.-]*buildspec|samconfig|serverless|skaffold|[Tt]askfile|template|\.?travis|\.?woodpecker)[\w.-]*\.ya?ml$"
)
"""YAML of what builds images without being understood here."""
_OF_COMMANDS = frozenset((Kind.SCRIPT, Kind.MAKEFILE, Kind.TERRAFORM))
"""Those of them that do much else beside."""
_BUILDS = regex(
    r"(?:docker|podman|nerdctl|buildah|buildx|container|engine|\boci)(?:[^\n;&|]|\\\n){0,200}\b(?:build|bake|bud)|(?:docker|container)file"
    r"|(?:image|docker|container)s?[-_]build|build[-_ ]?(?:the[-_ ])?(?:image|docker|container)|docker_image|kaniko|buildpack|\bjib"
    r"|\bpack\s+build|\bko\s+(?:build|publish|apply|resolve)|acr\s+build|builds\s+submit|skaffold|earthly|werf|nixpacks",
    re.IGNORECASE,
)
"""What a command that builds an image looks like."""
_OF_IMAGES = regex(
    r"docker|podman|container|image|buildah|kaniko|uses:\s{0,4}[\"']?(?:\./|[^\s@]{1,200}/\.github/workflows/)",
    re.IGNORECASE,
)
"""What a pipeline says that builds images, or has something build them."""
_OF_TESTS = regex(r"(?:^|/)(?:tests?|testing|e2e|integration)/")
"""Folders whose files build images to try them."""
_WORD = regex(r"\.?\w[\w.-]*")
_FEW = 3
"""One of so many."""
_PARTING = regex(r"[-_.]")
_VARYING = regex(
    r"(?:\$\w+|[*?%})\]][\"']?|<[\w-]+>)/(?:Docker|Container)file\b|-i?name\s+\W?(?:Docker|Container)file|\bls-files\b"
    r"|\b(?:context|dockerfile|file|path|workdir|-directory):\s{1,4}[^\n]{0,200}\$\{\{(?!\s{0,4}(?:github\.workspace|runner\.))"
    r"|\bfor\s{1,4}\w+\s{1,4}in\b[^\n;]{0,200}[*$]",
    re.IGNORECASE,
)
"""Dockerfiles of folders that only the run knows."""
_VARYING_NAME = regex(
    r"(?:docker|container)file[\w.-]{0,60}[\"']?[$*?{<%]|[$*?}>)%][\w.-]{0,60}(?:docker|container)file"
    r"|\$[\w.-]{1,60}(?:docker|container)file|(?:(?:docker|container)[-_]?|(?<![\w-]))file[\w-]{0,20}[\"']?\s{0,4}[:=][^\n$]{0,200}\$",
    re.IGNORECASE,
)
"""Dockerfiles of a name that only the run knows."""
_BEHIND_NAME = regex(
    r"(?:docker|container)file[._-]?[\"']?(?:\$[\w{(\[]|[*?{<%])|(?:docker|container)file[._-]?[\"']\s?\+",
    re.IGNORECASE,
)
_BEFORE_ENDING = regex(r"(?:[*?}>)%]|\$\w{1,60})[._-]?[\"']?(?:docker|container)file", re.IGNORECASE)
"""Parts of a name around one that only the run knows."""
_SEVERAL = 3
"""As many named beside one as show that what builds them is known."""
_FOR_PRODUCTION = regex(
    r"(?:^|[-_.])(?:prod\w*|release\w*|deploy\w*|server|cloud\w*|aws|azure|gcp|fly|heroku|railway|render|k8s|hf|spaces?)(?:[-_.]|$)",
    re.IGNORECASE,
)
_ANY_FOLDER, _ANY_NAME = "*", "*."
"""For the words of files that name Dockerfiles of such folders, and such names."""
_GOES = regex(
    r"(?:\bcd|\bmake\)?\s(?:[^\n;&|]{0,80}\s)?-C)[\s=]{1,4}(?P<word>[^\s;&|]{1,200})", re.IGNORECASE
)
"""A command that goes into a folder."""
_BUILD_COMMAND = regex(
    r"(?:docker|podman|nerdctl|buildah|buildx|container|engine|\boci)(?P<between>[^\n;&|]{0,200}?)\b(?:build|bud)\b(?P<rest>[^\n;&|]{0,1000})",
    re.IGNORECASE,
)
_OF_ROOT = regex(
    r"\$[{(]{0,2}\s?(?:\w*(?:root|here|workspace|pwd|home|tmp|(?:base|cur|project|repo|script|top)_?dir)\b|_?dir\b"
    r"|cd\b|dirname\b|git\b|mktemp\b|realpath\b|github\.workspace)",
    re.IGNORECASE,
)
"""A variable that is one folder, whatever is built."""
_PLAIN_NAME = regex(r"/(?:Docker|Container)file\W{0,2}$")
_SWITCHES = frozenset(("--load", "--no-cache", "--pull", "--push", "--quiet", "--rm", "--squash", "-q"))
"""Options of a build that take no value."""
_PLAIN = frozenset(("dockerfile", "containerfile"))


def may_build(path: str, kind: Kind | None) -> bool:
    """Whether a file is one that builds something, or tells something to. Compose does, too, but to run it at once."""
    return kind in _KINDS or (kind is not Kind.DOCKERFILE and bool(_PIPELINE.search(path)))


class Words(NamedTuple):
    """The words of the files that may build."""

    all: frozenset[str] = frozenset()
    of_images: frozenset[str] = frozenset()
    """Those of the files that build images for others than their tests."""


def words_of_builders(builders: Iterable[tuple[Text, frozenset[str], bool]]) -> Words:
    """The words of files that may build, given with their words and whether they build images."""
    found, of_images = set[str](), set[str]()
    for text, words, is_of_images in builders:
        found |= words
        if is_of_images:
            of_images |= words | set(_WORD.findall(posixpath.dirname(text.path).lower()))
    return Words(frozenset(found), frozenset(of_images))


def builds_images(text: Text, kind: Kind | None) -> bool:
    """Whether a file that may build builds images for others than its tests."""
    pattern = _BUILDS if kind in _OF_COMMANDS else _OF_IMAGES
    return bool(pattern.search(text.content)) and not _OF_TESTS.search(text.path)


def words_in(text: Text) -> frozenset[str]:
    """The words of a file, in lower case; `*` where it names the Dockerfiles of folders that only the run knows, `*.` where such names."""
    folders = frozenset((_ANY_FOLDER,)) if _varies(text.content) else frozenset[str]()
    names = frozenset((_ANY_NAME,)) if _varies_names(text.content) else frozenset[str]()
    found = {word.rstrip(".-").lower() for word in _WORD.findall(text.content)}
    found |= {word.lstrip(".") for word in found}
    return folders | names | found | {part for word in found for part in _PARTING.split(word)}


def _varies(content: str) -> bool:
    """Whether commands or settings are about the Dockerfiles of folders that only the run knows."""
    if _VARYING.search(content):
        return True
    joined = content.replace("\\\n", " ")
    if any(_is_open(found["word"]) for found in _GOES.finditer(joined)):
        return True
    return any(map(_is_open, _all_built(content)))


def _varies_names(content: str) -> bool:
    """Whether they are about Dockerfiles of names that only the run knows."""
    return bool(_VARYING_NAME.search(content)) or any(map(_is_open, _all_built(content)))


def _all_built(content: str) -> Iterator[str]:
    for found in _BUILD_COMMAND.finditer(content.replace("\\\n", " ")):
        if "compose" not in found["between"]:
            yield _built(found["rest"].split())


def _built(words: Sequence[str]) -> str:
    """What a build command takes: its file without the name, or else its context."""
    context = ""
    for before, word in pairwise(("", *words)):
        if before in {"-f", "--file"} or word.startswith("--file="):
            return posixpath.dirname(word.removeprefix("--file=")) if _PLAIN_NAME.search(word) else word
        if not word.startswith("-") and (not before.startswith("-") or "=" in before or before in _SWITCHES):
            context = word
    return context


def _is_open(path: str) -> bool:
    """Whether the last part of a path is a variable or a pattern, and not one for the root."""
    part = path.strip("\"'`)/ ").rpartition("/")[2]
    return bool(re.search(r"[$*%]", part)) and not _OF_ROOT.search(part)


def left_unmentioned(dockerfiles: Collection[str], words: Words) -> frozenset[str]:
    """Those that nothing which builds images speaks of, never that which a build at the root takes unasked.

    None where a build may be of a file that only the run knows, none below the root where it may be of such a folder. None where
    no such file speaks of any, and where few are spoken of at all: what builds the others is not here.
    """
    below = [path for path in dockerfiles if path.lower() not in _PLAIN]
    spoken_of = [path for path in below if is_named(path, words.all)]
    unnamed = frozenset(path for path in below if not is_named(path, words.of_images))
    if len(unnamed) == len(below) or len(spoken_of) < len(below) / _FEW:
        return frozenset()
    if _ANY_FOLDER not in words.of_images:
        return unnamed
    return frozenset(path for path in unnamed if "/" not in path and _ANY_NAME not in words.of_images)


def left_over(dockerfiles: Collection[str], named: Collection[str], texts: Iterable[Text]) -> frozenset[str]:
    """Those of special names that nothing speaks of, in folders where builds name several others of such names, and not fewer.

    None whose name says that it is for production, which a platform may have in its settings, and none where names are put together.
    """
    special = [path for path in dockerfiles if not is_named_plainly(path)]
    built = Counter(posixpath.dirname(path) for path in special if path in named)
    rest = [
        path
        for path in special
        if path not in named
        and built[posixpath.dirname(path)] >= _SEVERAL
        and not _FOR_PRODUCTION.search(posixpath.basename(path))
    ]
    counts = Counter(map(posixpath.dirname, rest))
    rest = [path for path in rest if counts[posixpath.dirname(path)] < built[posixpath.dirname(path)]]
    contents = [text.content for text in texts] if rest else []
    return frozenset(
        path
        for path in rest
        if not any(
            posixpath.basename(path) in content or _is_put_together(path, content) for content in contents
        )
    )


def _is_put_together(path: str, content: str) -> bool:
    """Whether a file makes names of the form of a Dockerfile's from parts."""
    is_ending = posixpath.basename(path).lower().endswith(("dockerfile", "containerfile"))
    return bool((_BEFORE_ENDING if is_ending else _BEHIND_NAME).search(content))


def is_named_plainly(path: str) -> bool:
    """Whether the name of a Dockerfile has nothing special."""
    return posixpath.basename(path).lower() in _PLAIN


def is_named(path: str, words: Collection[str]) -> bool:
    """Whether words speak of a Dockerfile: its name or all that is special in that, or else its folder's."""
    *folders, name = path.lower().split("/")
    if name in _PLAIN:
        return folders[-1] in words
    head, _, ending = name.partition(".")
    special = ending if head in _PLAIN else name.rpartition(".")[0]
    return name in words or all(part in words for part in _PARTING.split(special) if part)


def unspoken_of(
    dockerfiles: Iterable[str], built: Collection[str | None], words: Words, texts: Collection[Text]
) -> frozenset[str]:
    """Those of special names that no file speaks of, beside a plain one that is built, or where several others are: nobody knows who builds them.

    A plain one beside counts as built if it is among those, or if what builds images speaks of its folder.

    None whose name says that it is for production, which a platform may have in its settings, and none where names are put together.
    """
    if _ANY_NAME in words.all:
        return frozenset()
    dockerfiles = tuple(dockerfiles)
    below = {path for path in dockerfiles if "/" in path and is_named(path, words.of_images)}
    plain = (path for path in {*built, *below} if path is not None and is_named_plainly(path))
    folders = set(map(posixpath.dirname, plain))
    are_several = len(set(dockerfiles) & set(built)) >= _SEVERAL
    special = [
        path
        for path in dockerfiles
        if (are_several or posixpath.dirname(path) in folders)
        and not is_named_plainly(path)
        and not _FOR_PRODUCTION.search(posixpath.basename(path))
    ]
    speaking = {
        name: {text.path for text in texts if name in text.content}
        for name in set(map(posixpath.basename, special))
    }
    return frozenset(path for path in special if speaking[posixpath.basename(path)] <= {path})
