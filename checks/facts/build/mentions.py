"""Which Dockerfiles the files of a repository speak of, by words: a build need not be understood to name one."""

from __future__ import annotations

import posixpath
import re
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
    r"(?:docker|podman|nerdctl|buildah|buildx|\bdepot|container|engine|\boci)(?:[^\n;&|]|\\\n){0,200}\b(?:build|bake|bud)|(?:docker|container)file"
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
_CALLS = regex(r"uses:\s{0,4}[\"']?[^\s@]{1,200}/\.github/workflows/[^\s@]{1,200}@")
"""A workflow of another repository that is called."""
_HAS_BUILT = regex(
    r"\bcontainer:push\b|\b(?:fly|flyctl|railway|gcloud|az)[ \t][^\n;&|]{0,200}\b(?:deploy|up)\b"
    r"|uses:\s{0,4}[\"']?[^\s@]{0,200}(?:docker|bake|image|kaniko|build-(?:and-)?push|cloudrun|container-apps)[^\s@]{0,200}@",
    re.IGNORECASE,
)
"""A command that has a platform build what it is to run, or the use of an action that builds by its name."""
_OF_TESTS = regex(r"(?:^|/)(?:tests?|testing|e2e|integration)/")
"""Folders whose files build images to try them."""
_WORD = regex(r"\.?\w[\w.-]*")
_WHOLE = regex(r"(?<![\w.-])\.?\w[\w.-]*")
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
    r"|\+\s{0,3}[\"'][\w.-]{0,60}(?:docker|container)file|\$[\w.-]{1,60}(?:docker|container)file|(?:(?:docker|container)[-_]?|(?<![\w-]))file[\w-]{0,20}[\"']?\s{0,4}[:=][^\n$]{0,200}\$",
    re.IGNORECASE,
)
"""Dockerfiles of a name that only the run knows."""
_MAY_BE_FOR_PRODUCTION = regex(
    r"(?:^|[-_.])(?:prod\w*|release\w*|deploy\w*|server|cloud\w*|aws|azure|gcp|fly|heroku|railway|render|k8s|hf|spaces?)(?:[-_.]|$)",
    re.IGNORECASE,
)
"""In the name of a Dockerfile, not of its folder: how its image reaches those who run it, or where they do.

That keeps one that nothing builds among those that may ship. `is_for_production` of `checks.facts.deployment.production`
is sure of the environment instead: of these it takes `prod` and `production` alone, and it has `prd` and `live`.
"""
_ANY_FOLDER, ANY_NAME = "*", "*."
"""For the words of files that name Dockerfiles of such folders, and such names."""
_GOES = regex(
    r"(?:\bcd|\bmake\)?\s(?:[^\n;&|]{0,80}\s)?-C)[\s=]{1,4}(?P<word>[^\s;&|]{1,200})", re.IGNORECASE
)
"""A command that goes into a folder."""
_BUILD_COMMAND = regex(
    r"(?:docker|podman|nerdctl|buildah|buildx|\bdepot|container|engine|\boci)(?P<between>[^\n;&|]{0,200}?)\b(?:build|bud)\b(?P<rest>[^\n;&|]{0,1000})",
    re.IGNORECASE,
)
_ONLY_SAYS = regex(r"^[ \t]*(?:echo|printf)\b(?:[^\n|>;&`$]|\$(?!\())*$", re.MULTILINE)
"""A line that says something and does nothing: `echo "docker build failed: $TAG"`."""
_OPEN = frozenset("$*%")
"""What a variable or a pattern has."""
_OF_ROOT = regex(
    r"\$[{(]{0,2}\s?(?:\w*(?:root|here|workspace|pwd|home|tmp|(?:base|cur|project|repo|script|top)_?dir)\b|_?dir\b"
    r"|cd\b|dirname\b|git\b|mktemp\b|realpath\b|github\.workspace)",
    re.IGNORECASE,
)
"""A variable that is one folder, whatever is built."""
_ASSIGNED = regex(
    r"^[ \t]*(?:(?:export|readonly|local|override)[ \t]+)?(?P<name>[A-Za-z_]\w{0,60})[ \t]*(?P<how>::?|\+)?=[ \t]*(?P<value>[^\n]{0,300})$",
    re.MULTILINE,
)
"""A variable that a line of a script or a Makefile sets."""
_USED = regex(r"\$(?:\{([A-Za-z_]\w{0,60})\}|\(([A-Za-z_]\w{0,60})\)|([A-Za-z_]\w{0,60})(?!\w))")
_SET_OTHERWISE = regex(
    r"(?:\b(?:for|getopts|mapfile|read|select|if|ifn?def|ifn?eq|test)\b|\[ |\[\[ )[^\n;]{1,200}"
)
"""What gives a variable a value that the run knows, or asks whether it has one."""
_CONSTANT = regex(r"[\w.,/-]+")
_NO_FOLDER = regex(
    r"--target(?:=|\s{1,4})[\"']?[\w.-]{1,200}|(?<![\w./-])[A-Za-z_]\w{0,60}=[\w-]{1,200}(?![\w./-])"
)
"""A stage that is asked for, and a value without a path: the word of neither is that of a folder."""
_PLAIN_NAME = regex(r"/(?:Docker|Container)file\W{0,2}$")
_SWITCHES = frozenset(("--load", "--no-cache", "--pull", "--push", "--quiet", "--rm", "--squash", "-q"))
"""Options of a build that take no value."""
_PLAIN = frozenset(("dockerfile", "containerfile"))
_ENDING = ".dockerfile"


def may_build(path: str, kind: Kind | None) -> bool:
    """Whether a file is one that builds something, or tells something to. Compose does, too, but to run it at once."""
    return kind in _KINDS or (kind is not Kind.DOCKERFILE and bool(_PIPELINE.search(path)))


class Words(NamedTuple):
    """The words of the files that may build."""

    all: frozenset[str]
    of_images: frozenset[str]
    """Those of the files that build images for others than their tests."""
    whole: frozenset[str] = frozenset()
    """Those of them that stand there whole, as they are spelled, and may be a folder's."""


def words_of_builders(builders: Iterable[tuple[Text, frozenset[str], bool]]) -> Words:
    """The words of files that may build, given with their words and whether they build images."""
    found, of_images, whole = set[str](), set[str](), set[str]()
    for text, words, is_of_images in builders:
        found |= words
        if is_of_images:
            around = set(_WORD.findall(posixpath.dirname(text.path).lower()))
            of_images |= words | around
            whole |= {word.rstrip(".") for word in _WHOLE.findall(_NO_FOLDER.sub(" ", text.content))}
    return Words(frozenset(found), frozenset(of_images), frozenset(whole))


def builds_images(text: Text, kind: Kind | None) -> bool:
    """Whether a file that may build builds images for others than its tests."""
    pattern = _BUILDS if kind in _OF_COMMANDS else _OF_IMAGES
    return bool(pattern.search(text.content)) and not _OF_TESTS.search(text.path)


def may_build_others(text: Text, kind: Kind | None) -> bool:
    """Whether a file looks as if it built an image, for tests too, or had one built by what is not read here.

    The containers that a workflow's jobs run in are none that it builds.
    """
    is_of_pipeline = kind in (Kind.BAKE, Kind.COMPOSE) or (kind not in _KINDS and may_build(text.path, kind))
    patterns = (_OF_IMAGES,) if is_of_pipeline else (_BUILDS, _CALLS, _HAS_BUILT)
    return any(pattern.search(text.content) for pattern in patterns)


def words_in(text: Text) -> frozenset[str]:
    """The words of a file, in lower case.

    `*` stands among them where it names the Dockerfiles of folders that only the run knows, `*.` where such names.
    """
    content = filled_in(text.content)
    joined = content.replace("\\\n", " ")
    is_open = any(map(_is_open, _all_built(joined)))
    goes_anywhere = any(_is_open(one["word"]) for one in _GOES.finditer(joined))
    found = set(_whole(text.content) | _whole(content))
    found |= {word.lstrip(".") for word in found}
    found |= {part for word in found for part in _PARTING.split(word)}
    if is_open or goes_anywhere or _VARYING.search(content):
        found.add(_ANY_FOLDER)
    if is_open or _VARYING_NAME.search(content):
        found.add(ANY_NAME)
    return frozenset(found)


def _whole(content: str) -> frozenset[str]:
    return frozenset(word.rstrip(".-").lower() for word in _WORD.findall(content))


def filled_in(content: str) -> str:
    """A text with the variables put in that one line of it sets, to what is written out or to one folder whatever is built."""
    values: dict[str, list[str]] = {}
    otherwise = set(_WORD.findall(" ".join(_SET_OTHERWISE.findall(content))))
    for found in _ASSIGNED.finditer(content):
        values.setdefault(found["name"], []).append(found["value"].strip().strip("\"'"))
        otherwise |= {found["name"]} if found["how"] == "+" else set()
    known = {
        name: "." if is_root else value
        for name, (value, *others) in values.items()
        if not others and name not in otherwise
        if (is_root := _OF_ROOT.match(value) is not None) or _CONSTANT.fullmatch(value)
    }
    return (
        _USED.sub(lambda used: known.get(used[used.lastindex or 0], used[0]), content) if known else content
    )


def _all_built(commands: str) -> Iterator[str]:
    """What the build commands of a text take, whose continued lines are joined."""
    for found in _BUILD_COMMAND.finditer(_ONLY_SAYS.sub("", commands)):
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
    return not _OPEN.isdisjoint(part) and not _OF_ROOT.search(part)


def without_builder(
    dockerfiles: Collection[str],
    built: Collection[str | None],
    composed: Collection[str | None],
    words: Words,
    texts: Collection[Text],
    *,
    is_all_read: bool,
) -> frozenset[str]:
    """Those that no build takes while others are built, and that nothing speaks of: nobody knows who would build them.

    `built` are those that builds are seen to take, None for one that isn't known, `composed` those that Compose does,
    `texts` the files that are read. A person or a platform may build one that a file names, or has in its name that it is for
    production where Compose alone builds others. They may build the one at the root, which a build takes unasked, where
    Compose alone builds others, a build isn't known or not all is read (`is_all_read`). A build that isn't known may be of any
    where what builds images puts folders or names together.
    """
    rest = [
        path
        for path in dockerfiles
        if path not in built
        and path not in composed
        and not (_is_said(path, words) and not _are_named_whole(dockerfiles, path, words))
    ]
    taken = frozenset(dockerfiles).difference(rest)
    is_known, is_composed = None not in built, taken.isdisjoint(built)
    found = set[str]()
    for path in rest if taken else ():
        if not is_named_plainly(path):
            is_open = (
                (not is_known and ANY_NAME in words.of_images)
                or (is_composed and may_be_named_for_production(path))
                or is_named_in(texts, path)
            )
        elif "/" in path:
            is_open = not is_known and _ANY_FOLDER in words.of_images
        else:
            is_open = not is_all_read or not is_known or is_composed
        if not is_open:
            found.add(path)
    return frozenset(found)


def may_be_named_for_production(path: str) -> bool:
    """Whether the name of a Dockerfile says how its image reaches those who run it, or where they do: a person may build it."""
    return _MAY_BE_FOR_PRODUCTION.search(posixpath.basename(path)) is not None


def is_named_in(texts: Iterable[Text], path: str) -> bool:
    """Whether another file has the name of a Dockerfile, which says something where that is special.

    Not an ignore file: what that leaves out of the context is no word on who builds it.
    """
    name = posixpath.basename(path)
    others = (text for text in texts if text.path != path and not text.path.endswith(".dockerignore"))
    return any(name in text.content for text in others)


def _is_said(path: str, words: Words) -> bool:
    """Whether what builds images speaks of a Dockerfile; of a plain one at the root no word does."""
    return path.lower() not in _PLAIN and is_named(path, words.of_images)


def _are_named_whole(dockerfiles: Iterable[str], path: str, words: Words) -> bool:
    """Whether what builds images has no more of the name of `web.Dockerfile` than its word, but all of those of others beside it.

    Or of `images/web/Dockerfile` no more than a part of longer words, but the whole folder of another one in `images`.
    The word is that of something else then, such as a program of the same name.
    """
    folder, _, name = path.lower().rpartition("/")
    if name in _PLAIN:
        return _is_part_of_words(dockerfiles, posixpath.dirname(path), words)
    if not name.endswith(_ENDING) or name in words.of_images or ANY_NAME in words.of_images:
        return False
    beside = [one.lower().rpartition("/") for one in dockerfiles]
    return any(
        where == folder and other.endswith(_ENDING) and other in words.of_images for where, _, other in beside
    )


def _is_part_of_words(dockerfiles: Iterable[str], folder: str, words: Words) -> bool:
    above, _, last = folder.rpartition("/")
    if not above or last in words.whole or _ANY_FOLDER in words.of_images:
        return False
    beside = {posixpath.dirname(one) for one in dockerfiles if is_named_plainly(one)} - {folder}
    return any(posixpath.dirname(one) == above and posixpath.basename(one) in words.whole for one in beside)


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
