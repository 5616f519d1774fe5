"""Where a repository names the version of a language or a distribution, beside the base image of one Dockerfile."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache

from checks.facts.asides import is_vendored
from checks.facts.dockerfile.dockerfiles import Dockerfile, Stage
from checks.facts.dockerfile.end_of_life import distribution_of, release_of
from checks.facts.numbers import numbers
from checks.facts.project.go_modules import GoModule
from checks.facts.value import UNKNOWN, Value
from checks.facts.workflow.scopes import scopes_of
from checks.facts.workflow.workflows import Step
from checks.regex import regex
from checks.source.text import Span, Text
from checks.source.yaml import Scalar

_VERSION_FILES = {
    "Go": (".go-version",),
    "Node.js": (".node-version", ".nvmrc"),
    "Python": (".python-version",),
    "Ruby": (".ruby-version",),
}
"""Files that tell a version manager which release of a product to take."""
_GEMFILE = "Gemfile"
_HELD_BY_BUNDLER = regex(r"^[ \t]*ruby[ \t(]", re.MULTILINE)
"""Which Ruby Bundler accepts: https://bundler.io/man/gemfile.5.html#RUBY"""
_OF_SEVERAL = (".mise.toml", ".tool-versions", "mise.toml")
"""Those that do so for several: https://asdf-vm.com/manage/configuration.html#tool-versions https://mise.jdx.dev/configuration.html"""
OF_TOOLS = (*_OF_SEVERAL, _GEMFILE, *(name for names in _VERSION_FILES.values() for name in names))
"""The names of all these files."""
_ALONE = regex(r"(?:v|go|node-|python-|ruby-)?(\d{1,4}(?:\.\d{1,4}){0,3})(?:\.x)?")
"""A version that is written out, in a file of one language."""
_AMONG_OTHERS = regex(r"(?<![\w.-])v?(\d{1,4}(?:\.\d{1,4}){0,3})(?![\w.-])")
"""One in the line of a language, of a file of several."""
_LEFT_OPEN = regex(r"[<>~!]=?[ \t]*[\"']?\d|lts|latest|prefix:|ref:|path:|system|\{\{|\$|file:|,[ \t]*$")
"""In such a line what stands for a version that is not known."""
_SAYS_WHICH = regex(r"\d|\b(?:lts|latest)\b")
"""What a text has that says which versions are meant, not only where that stands."""
_PARTS_OF_LINE = {"Node.js": 1}
"""How many numbers name a line of a language's releases, if not two."""
_NAMES = {"Go": "go(?:lang)?", "Node.js": "node(?:js)?", "PHP": "php", "Python": "python", "Ruby": "ruby"}
"""What settings and images call a language: `GO_VERSION`, `node-version`, `nodejs20-debian12`."""
_SET_UP_BY = {
    "Node.js": ("actions/setup-node", "node-version"),
    "Python": ("actions/setup-python", "python-version"),
}
"""Not Go: `actions/setup-go` gives way to the newer one that a module asks for, the Go of an image does not."""
_VERSION = regex(r"v?(\d{1,3}(?:\.\d{1,3}){0,2})(?:\.[xX*])?")
VARIABLES = ".env"
"""What Compose, and many a workflow and Makefile, takes variables from.

https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/#env-file
"""
_READ = regex(
    r"\.env|(?:.*/)?(?:[^/]+\.ya?ml|[^/]*Dockerfile|GNUmakefile|[Mm]akefile|[^/]+\.mk|\.?[Jj]ustfile)"
)
_NEVER_RUN = regex(r".+/\.github/.+")
"""GitHub runs workflows at the root alone."""
_PIPELINE = regex(
    r"\.github/workflows/[^/]+|(?:.*/)?\.gitlab-ci\.ya?ml|\.(?:buildkite|circleci|gitlab|gitlab-ci|woodpecker)/.+"
    r"|\.(?:drone|travis|woodpecker)\.ya?ml|(?:azure|bitbucket)-pipelines\.ya?ml|(?:.*/)?cloudbuild\.ya?ml"
)


_COPIES_IMAGES = regex(r"(?<![a-z])mirror", re.IGNORECASE)
"""In the name of a pipeline that puts images of others into a registry of its own, whichever of them something asks for."""


def version_files(
    path: str,
    product: str,
    version: str,
    paths: frozenset[str],
    texts: Mapping[str, Text],
    *,
    exact: bool,
) -> tuple[str, ...]:
    """The files over a Dockerfile that say which release of a product to take, or which to accept: those that may name one of a
    version's line; that very version, where it is `exact`."""
    own = _VERSION_FILES.get(product)
    if own is None:
        return ()
    by_text = {name: _told_to_managers(_NAMES[product]) for name in _OF_SEVERAL}
    if product == "Ruby":
        by_text[_GEMFILE] = _HELD_BY_BUNDLER
    steps = path.split("/")[:-1]
    found: set[str] = set()
    for folder in ("/".join(steps[:length]) for length in range(len(steps) + 1)):
        alone = (posixpath.join(folder, name) for name in own)
        found.update(
            one for one in alone if not _names_another(texts.get(one), product, version, exact=exact)
        )
        for name, pattern in by_text.items():
            text = texts.get(posixpath.join(folder, name))
            line = pattern.search(text.content) if text is not None else None
            if (
                text is not None
                and line
                and not _is_for_another(text.content, line, product, version, exact=exact)
            ):
                found.add(text.path)
    return tuple(sorted(paths & found))


def _names_another(text: Text | None, product: str, version: str, *, exact: bool) -> bool:
    """Whether a file of one language names versions of it, each of another line than one, or goes on to hold."""
    lines = [line.partition("#")[0].strip() for line in text.content.splitlines()] if text else []
    if exact and _holds_on("\n".join(lines), version):
        return True
    found = [_ALONE.fullmatch(line) for line in lines if line]
    known = [match[1] for match in found if match is not None]
    return bool(known) and len(known) == len(found) and not _has_line(known, product, version)


def _is_for_another(content: str, named: re.Match[str], product: str, version: str, *, exact: bool) -> bool:
    """Whether the line of a language, or the table that it begins, does so."""
    begin = content.rfind("\n", 0, named.end()) + 1
    ends = "\n[" if content[begin : named.end()].lstrip().startswith("[") else "\n"
    end = content.find(ends, named.end())
    written = content[begin : end if end >= 0 else len(content)]
    if exact and _holds_on(written, version):
        return True
    known = _AMONG_OTHERS.findall(written)
    return bool(known) and _LEFT_OPEN.search(written) is None and not _has_line(known, product, version)


def _holds_on(written: str, version: str) -> bool:
    """Whether what is written goes on to hold where a version moves within its line: `22`, `lts/jod`, `>=22.11`."""
    named = re.compile(rf"(?P<open>(?:>=|\^)[ \t]*[\"']?v?)?(?<![\d.]){re.escape(version)}(?!\d)")
    is_named = any(one["open"] is None for one in named.finditer(written))
    return not is_named and _SAYS_WHICH.search(written) is not None


def _has_line(versions: Iterable[str], product: str, version: str) -> bool:
    """Whether one of some versions may be of the line of releases that another one is of."""
    length = _PARTS_OF_LINE.get(product, 2)
    line = numbers(version)[:length]
    return any(own == line[: len(own)] for own in (numbers(one)[:length] for one in versions))


@cache
def _told_to_managers(name: str) -> re.Pattern[str]:
    """A language with its version, as `.tool-versions` and mise have it: `golang 1.25`, `go = "1.25"`, `[tools.go]`."""
    return re.compile(
        rf"^[ \t]*(?:\[tools\.)?[\"']?(?:core:)?{name}[\"']?(?:[ \t]*=|\]|[ \t]+(?:v?\d|lts|latest))",
        re.MULTILINE,
    )


def settings(
    product: str,
    version: str,
    texts: Mapping[str, Text],
    steps: Iterable[Step],
    slug: str | None,
    memo: Callable[..., bool],
) -> tuple[str, ...]:
    """The files of this project that name a line of a language: in a setting, `GO_VERSION: "1.25"`, in what a step is given, or as a
    pipeline's image.

    What a file says is asked through `memo`, which takes a function with what it is given.
    """
    name = _NAMES.get(product)
    if name is None:
        return ()
    number = rf"v?{re.escape(version)}(?!\d)"
    found = {
        path for path, text in texts.items() if _READ.fullmatch(path) and memo(_names, text, name, number)
    }
    found.update(step.text.path for step in steps if _is_given(step, name, number, slug))
    return tuple(sorted(found))


def _names(text: Text, name: str, number: str) -> bool:
    """Whether a setting or an image of a file names a line of a language."""
    if _is_of_nobody(text.path):
        return False
    if _setting(name, number).search(text.content):
        return True
    image = rf"(?<![\w-]){name}:{number}"
    if _COPIES_IMAGES.search(posixpath.basename(text.path)):
        return False
    return bool(_PIPELINE.fullmatch(text.path) and re.search(image, text.content))


@cache
def _setting(name: str, number: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?<![a-z]){name}[-_]?version[\"']?[ \t]*[:?]?[:=][ \t]*\[?[\"']?{number}", re.IGNORECASE
    )


def _is_of_nobody(path: str) -> bool:
    """Whether a file is another project's copy, data of a test, or a workflow that GitHub doesn't run."""
    return is_vendored(path) or bool(_NEVER_RUN.fullmatch(path))


def _is_given(step: Step, name: str, number: str, slug: str | None) -> bool:
    """Whether an input `node-version` of a step may be a version, by an expression: of the matrix, of a variable."""
    asked = re.compile(rf"{name}[-_]?version", re.IGNORECASE)
    given = [
        entry.value.value
        for entry in (step.inputs.entries if step.inputs else ())
        if isinstance(entry.key, Scalar) and asked.fullmatch(entry.key.value)
        if isinstance(entry.value, Scalar) and "${{" in entry.value.value
    ]
    values = (
        value.literal or ""
        for text in given
        for scope in scopes_of(step, slug)
        for value in scope.values(text)
    )
    return any(re.match(number, value) for value in values)


def set_up(product: str, steps: Iterable[Step], slug: str | None) -> frozenset[str]:
    """The versions of a language that steps set up, `22.14`, `3.13`; empty where one of them is not known."""
    action, name = _SET_UP_BY.get(product, ("", ""))
    values = {value for step in steps if step.uses_action(action) for value in _values(step, name, slug)}
    found = [_VERSION.fullmatch(value.literal or "") for value in values]
    return frozenset(one[1] for one in found if one is not None) if all(found) else frozenset()


def modules_set_up(modules: Iterable[GoModule], steps: Iterable[Step]) -> tuple[GoModule, ...]:
    """Those of some modules whose Go steps set up, by the path of the file that names it."""
    given = [
        file.value
        for step in steps
        if step.uses_action("actions/setup-go") and step.input("go-version") is None
        if (file := step.input("go-version-file")) is not None
    ]
    named = set(map(posixpath.normpath, given))
    return tuple(one for one in modules if one.path in named)


def _values(step: Step, name: str, slug: str | None) -> Iterator[Value]:
    given = step.input(name)
    if given is None:
        yield UNKNOWN
        return
    for scope in scopes_of(step, slug):
        yield from scope.values(given.value)


def other_stages(
    dockerfile: Dockerfile, stages: Iterable[Stage], product: str, version: str
) -> tuple[Stage, ...]:
    """The stages beside some that stand on another image named for a line of a language: `distroless/nodejs20-debian12`."""
    name = _NAMES.get(product)
    if name is None:
        return ()
    named = re.compile(rf"(?<![a-z]){name}[-:]?v?{re.escape(version)}(?!\d)", re.IGNORECASE)
    known = set(stages)
    return tuple(
        one for one in dockerfile.stages if one not in known and named.search(one.base.literal or "")
    )


def lines_that_install(dockerfile: Dockerfile, product: str, version: str) -> tuple[int, ...]:
    """The lines of commands that set up the packages of a line of Node.js by NodeSource.

    https://github.com/nodesource/distributions#installation-instructions
    """
    if product != "Node.js":
        return ()
    named = re.compile(rf"\bnodesource\.com/(?:setup_|node_){re.escape(version)}\.x\b")
    return tuple(
        dockerfile.location(Span(it.span.start + one.start(), it.span.start + one.end())).line
        for stage in dockerfile.stages
        for it in stage.instructions
        if it.keyword == "RUN"
        for one in named.finditer(dockerfile.text[it.span])
    )


def left_behind(
    dockerfile: Dockerfile, others: Iterable[Dockerfile], line: tuple[str, str]
) -> tuple[str, ...]:
    """The Dockerfiles of its folder whose image others hardly run, and which stand on the same line of a product."""
    folder = posixpath.dirname(dockerfile.path)
    return tuple(
        one.path
        for one in others
        if posixpath.dirname(one.path) == folder and not one.may_ship and line in _lines_under(one)
    )


def _lines_under(dockerfile: Dockerfile) -> set[tuple[str, str]]:
    """The product and the line of each image that its stages name, and of the distribution in its tag."""
    bases = [dockerfile.expanded_base(stage) or "" for stage in dockerfile.stages]
    found = [release for base in bases for release in (release_of(base), distribution_of(base))]
    return {(one.product, one.version) for one in found if one is not None}


def rules_beside(image: str, version: str, name: str, guides: Iterable[Text]) -> tuple[str, ...]:
    """The guides of which a line names an image at a line of its releases, and a file of a project by its name."""
    named = re.compile(rf"(?<![\w/-]){re.escape(image)}:v?{re.escape(version)}(?!\d|\.\d)")
    of_file = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-]|\.\w)")
    return tuple(
        text.path
        for text in guides
        if any(named.search(line) and of_file.search(line) for line in text.content.splitlines())
    )


def scripts_by_from(path: str, image: str, scripts: Iterable[Text]) -> tuple[str, ...]:
    """The scripts of this project that look for `FROM image:` by a pattern, and name a Dockerfile by its path from the root."""
    named = re.compile(rf"(?<![\w/.$}}-])(?:\./|\$\{{?\w{{1,40}}\}}?/)?{re.escape(path)}(?![\w./-])")
    sought = re.compile(rf"[/#|^'\"\\]FROM[ \\*+s]{{1,6}}{re.escape(image)}:")
    ours = (text for text in scripts if not is_vendored(text.path))
    return tuple(text.path for text in ours if sought.search(text.content) and named.search(text.content))
