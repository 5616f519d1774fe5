"""To which versions a Dockerfile holds the Python packages that it installs: by files of requirements, by a project's own list, on
the command, by a lock file.

https://pip.pypa.io/en/stable/reference/requirements-file-format/
https://docs.astral.sh/uv/concepts/projects/sync/, https://python-poetry.org/docs/cli/#install,
https://pipenv.pypa.io/en/latest/commands.html, https://pdm-project.org/latest/reference/cli/
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from checks.facts.build.contexts import BuildContext
from checks.facts.dockerfile.copied_files import folder_of, placed
from checks.facts.dockerfile.dockerfiles import Dockerfile, Stage
from checks.facts.dockerfile.stages import Ran
from checks.facts.project.python_projects import PythonProject, name_of_package
from checks.record import Record
from checks.regex import regex
from checks.source.command import Command
from checks.source.text import Text

_PIN = regex(
    r"[ \t]{0,20}(?P<pin>(?P<name>[A-Za-z0-9][\w.-]{0,100})(?:\[[\w., -]{0,200}\])?[ \t]{0,20}===?[ \t]{0,20}(?P<version>[\w.!+-]{1,60}))(?![\w.!+*-])"
)
_FOR_A_PYTHON = regex(r";[^\n#]*\bpython_(?:full_)?version\b")
"""A pin that only some lines of Python are held to."""
_INCLUDES = regex(r"^[ \t]{0,20}(?:-r|-c|--requirement|--constraint)\b", re.MULTILINE)
_PIP = regex(r"pip(?:3(?:\.\d{1,3})?)?")
_PYTHON = regex(r"python(?:3(?:\.\d{1,3})?)?")
_FILE_OPTION = regex(r"(?:-[rc]|--(?:requirement|requirements|constraint|constraints)(?:=|$))(?P<path>.*)")
_FOLDER = regex(
    r"(?P<path>\.{0,2}(?:/[\w.-]{1,100}){0,20}/?|\w[\w.-]{0,100}(?:/[\w.-]{1,100}){0,20}/)(?:\[[\w., -]{0,200}\])?"
)
"""What pip installs a project from; with its extras."""
_PACKAGE = regex(r"(?P<name>[A-Za-z0-9][\w.-]{0,100})(?:\[[\w., -]{0,200}\])?(?:[<>=~!].*)?")
_BEFORE_FOLDERS = frozenset(
    (
        "-f",
        "-t",
        "--cache-dir",
        "--find-links",
        "--log",
        "--prefix",
        "--python",
        "--root",
        "--src",
        "--target",
    )
)
"""Options whose value is a folder that pip installs no project from: https://pip.pypa.io/en/stable/cli/pip_install/#options"""
_PROJECT = "pyproject.toml"
_REQUIREMENTS = regex(r"(?:^|/)(?:requirements/[\w.-]{1,100}|requirements[\w.-]{0,100})\.(?:in|req|txt)$")
"""How files of requirements are called."""
_INSTALLERS = frozenset(("conda", "mamba", "micromamba", "pdm", "pip", "pip3", "pipenv", "poetry", "uv"))
_TOOLS = frozenset(
    ("build", "hatch", "pdm", "pip", "pip-tools", "pipenv", "poetry", "uv", "virtualenv", "wheel")
)
"""Packages that install others, which most lines of Python run."""
_COMPILED = frozenset((
    "aiohttp", "asyncpg", "blis", "catboost", "cchardet", "cffi", "confluent-kafka", "contourpy", "cx-oracle", "cymem", "duckdb",
    "faiss-cpu", "fastavro", "gevent", "greenlet", "grpcio", "grpcio-tools", "h5py", "hiredis", "httptools", "jaxlib",
    "jiter", "kiwisolver", "levenshtein", "llvmlite", "lxml", "lz4", "matplotlib", "mmh3", "murmurhash", "mysqlclient",
    "netifaces", "numba", "numpy", "onnxruntime", "oracledb", "orjson", "pandas", "pillow", "preshed", "psycopg2",
    "psycopg2-binary", "pyarrow", "pydantic-core", "pymssql", "pyodbc", "pyproj", "pyyaml", "pyzmq",
    "rapidfuzz", "rasterio", "regex", "rpds-py", "ruamel-yaml-clib", "scikit-image", "scikit-learn", "scipy", "shapely", "spacy",
    "srsly", "statsmodels", "tensorflow", "thinc", "tiktoken", "torch", "torchaudio", "torchvision", "typed-ast", "ujson", "uvloop",
    "zstandard",
))  # fmt: skip
"""Packages with code that is compiled for each line of Python: what a version was not made for has to be built, if it can be."""
_SETUPTOOLS = 67
"""The major version from which setuptools runs on Pythons since 3.12: https://github.com/pypa/setuptools/issues/4817"""
_ON_CORE = 2
"""The major version from which pydantic needs one version of pydantic-core: https://docs.pydantic.dev/latest/version-policy/"""
_LOCKS = {
    ("uv", "sync"): "uv.lock",
    ("uv", "export"): "uv.lock",
    ("poetry", "install"): "poetry.lock",
    ("poetry", "sync"): "poetry.lock",
    ("poetry", "export"): "poetry.lock",
    ("pipenv", "sync"): "Pipfile.lock",
    ("pipenv", "requirements"): "Pipfile.lock",
    ("pdm", "sync"): "pdm.lock",
    ("pdm", "install"): "pdm.lock",
    ("pdm", "export"): "pdm.lock",
}
_OF_PIPENV = frozenset(("--deploy", "--ignore-pipfile"))
_DEPTH = 4
"""Of the path of a file in the image, how many names may be those that it has in the context."""


class Requirements(Record):
    """One file of requirements, or of constraints."""

    path: str
    pins: tuple[str, ...]
    """Those held to one version, whatever the Python: `pandas==2.0.3`."""
    takes_others: bool
    """Whether it takes in other such files."""
    package: str = ""
    """Of a project's own list: what the project is called where it is published."""


class Held(NamedTuple):
    """What holds packages to versions."""

    path: str
    """The file: of requirements, of a project, a lock file, or the Dockerfile itself."""
    pins: tuple[str, ...]
    """Empty of a lock file."""


class Pins(NamedTuple):
    """What is known of the versions that the stages on some images are held to."""

    held: Held | None
    """The first that holds some."""
    not_read: tuple[str, ...]
    """The files, as commands name them, of which it is not known."""


def parse_requirements(text: Text) -> Requirements:
    """What a file of requirements holds to exact versions."""
    lines = [line for line in text.content.split("\n") if not _FOR_A_PYTHON.search(line)]
    return Requirements(text.path, _pins_in(lines), _INCLUDES.search(text.content) is not None)


def requirements_of(projects: Iterable[PythonProject]) -> tuple[Requirements, ...]:
    """What the projects that may be installed hold to exact versions themselves."""
    return tuple(
        Requirements(
            one.path,
            _pins_in(asked for asked in one.asked if not _FOR_A_PYTHON.search(asked)),
            False,
            one.name,
        )
        for one in projects
    )


def _pins_in(written: Iterable[str]) -> tuple[str, ...]:
    found = filter(None, map(_PIN.match, written))
    return tuple(
        "".join(one["pin"].split()) for one in found if not _is_tool(one["name"].lower(), one["version"])
    )


def _is_tool(name: str, version: str) -> bool:
    """Whether a package installs or builds others, and runs on newer lines of Python than it was made for."""
    major = version.partition(".")[0]
    return name in _TOOLS or (name == "setuptools" and major.isdecimal() and int(major) >= _SETUPTOOLS)


def is_compiled(pin: str) -> bool:
    """Whether a package that is held to a version is known to need one for each line of Python."""
    found = _PIN.match(pin)
    name = name_of_package(found["name"]) if found is not None else ""
    major = found["version"].partition(".")[0] if found is not None else ""
    is_on_core = name == "pydantic" and major.isdecimal() and int(major) >= _ON_CORE
    return name in _COMPILED or is_on_core


def named_requirements(dockerfile: Dockerfile) -> frozenset[str]:
    """Paths from a folder over a Dockerfile where files may lie that it has pip install from."""
    return frozenset(
        path
        for ran in dockerfile.commands()
        for written in _files(_pip_arguments(ran.command))
        if posixpath.basename(written) != _PROJECT
        for path in _places(dockerfile, ran, written)
    )


def pins_of(
    dockerfile: Dockerfile,
    stages: Iterable[Stage],
    contexts: Sequence[BuildContext],
    requirements: Iterable[Requirements],
    paths: frozenset[str],
) -> Pins:
    """To what the commands of stages are held, and of those on them; `paths` are all files of the repository.

    `requirements` are of projects, too.
    """
    own = frozenset(stages)
    by_path = {one.path: one for one in requirements}
    by_package = {one.package: one for one in by_path.values() if one.package and one.pins}
    not_read: list[str] = []
    for ran in dockerfile.commands():
        if own.isdisjoint(dockerfile.ancestry(ran.stage)):
            continue
        arguments = _pip_arguments(ran.command)
        files = tuple(_files(arguments))
        for written in (*files, *_projects(arguments)):
            known = _known(dockerfile, ran, written, contexts, by_path)
            if known is not None and known.pins:
                return Pins(Held(known.path, known.pins), ())
            if written in files and (known is None or known.takes_others):
                not_read.append(posixpath.normpath(written) if known is None else known.path)
        for name in _packages(arguments) & by_package.keys():
            return Pins(Held(by_package[name].path, by_package[name].pins), ())
        pins = _pins_in(arguments)
        lock = _lock_of(dockerfile, ran, contexts, paths)
        if pins or lock:
            return Pins(Held(lock or dockerfile.path, () if lock else pins), ())
    installs = any(map(_installs, dockerfile.commands()))
    not_read += (
        path
        for ran in dockerfile.commands()
        if not own.isdisjoint(dockerfile.ancestry(ran.stage))
        for path in _read_by_others(dockerfile, ran, contexts, paths, installs=installs)
    )
    return Pins(None, tuple(dict.fromkeys(not_read)))


def _read_by_others(
    dockerfile: Dockerfile,
    ran: Ran,
    contexts: Sequence[BuildContext],
    paths: frozenset[str],
    *,
    installs: bool,
) -> Iterator[str]:
    """The files of requirements in the image that what a command runs may read by itself: a `setup.py`, a script, a Makefile.

    Scripts are those of files that have nothing else installed, which `installs` tells.
    """
    folder = folder_of(dockerfile, ran)
    if folder is None:
        return
    projects = [posixpath.dirname(one) for one in _projects(_pip_arguments(ran.command))]
    beside = {posixpath.normpath(posixpath.join(folder, one, "requirements.txt")) for one in projects}
    sources = frozenset() if contexts else frozenset(_sources(dockerfile, ran))
    copied = {over + one for one in sources for over in _overs(dockerfile, contexts)} if beside else ()
    is_script = _runs_script(ran.command) and not installs
    for path in sorted(filter(_REQUIREMENTS.search, paths)) if beside or is_script else ():
        there = {
            one.at
            for context in contexts
            if (inner := context.own_path(path)) is not None
            for one in placed(context, inner, ran.stage, ran.instruction.span.start)
        }
        has_setup = posixpath.join(posixpath.dirname(path), "setup.py") in paths
        is_beside = has_setup and (path in copied or not beside.isdisjoint(there))
        if is_beside or (is_script and there):
            yield path


def _runs_script(command: Command) -> bool:
    """Whether it runs a script of Python, or what a Makefile says."""
    first = next((word.spelled or "" for word in command.arguments), "")
    program = command.program or ""
    return program == "make" or (_PYTHON.fullmatch(program) is not None and first.endswith(".py"))


def _installs(ran: Ran) -> bool:
    """Whether a command is one of those that install packages of Python."""
    return ran.command.program in _INSTALLERS or bool(_pip_arguments(ran.command))


def _pip_arguments(command: Command) -> tuple[str, ...]:
    """The words behind pip's `install` that are written out, also by `python -m pip` and `uv pip`; none of other commands."""
    words = tuple(word.spelled or "" for word in command.arguments)
    program = command.program or ""
    if _PYTHON.fullmatch(program) and words[:2] == ("-m", "pip"):
        words = words[2:]
    elif program == "uv" and words[:1] == ("pip",):
        words = words[1:]
    elif not _PIP.fullmatch(program):
        return ()
    return words[words.index("install") + 1 :] if "install" in words else ()


def _files(arguments: Sequence[str]) -> Iterator[str]:
    """The files of requirements and constraints that pip is told to read."""
    for word, following in zip(arguments, (*arguments[1:], ""), strict=False):
        option = _FILE_OPTION.fullmatch(word)
        path = (option["path"] or following) if option else ""
        if path and "://" not in path:
            yield path


def _projects(arguments: Sequence[str]) -> Iterator[str]:
    """The files of the projects that pip is told to install from their folders, with what they ask for."""
    for before, word in pairwise(("", *arguments)) if "--no-deps" not in arguments else ():
        folder = _FOLDER.fullmatch(word.removeprefix("--editable="))
        if folder is not None and folder["path"] and before not in _BEFORE_FOLDERS:
            yield posixpath.join(folder["path"], _PROJECT)


def _packages(arguments: Sequence[str]) -> frozenset[str]:
    """The packages that pip is told to install by their names, in whichever version, with what they ask for."""
    found = map(_PACKAGE.fullmatch, arguments if "--no-deps" not in arguments else ())
    return frozenset(name_of_package(one["name"]) for one in found if one is not None)


def _places(dockerfile: Dockerfile, ran: Ran, written: str) -> Iterator[str]:
    """Where, below the context, a file may lie that a command reads."""
    folder = folder_of(dockerfile, ran)
    parts = posixpath.normpath(posixpath.join(folder or "", written)).strip("/").split("/")
    ends = ["/".join(parts[at:]) for at in range(max(0, len(parts) - _DEPTH), len(parts))]
    yield from ends
    for source in _sources(dockerfile, ran):
        yield from (posixpath.normpath(f"{source}/{end}") for end in ends)
        if posixpath.basename(source) == parts[-1]:
            yield source


def _sources(dockerfile: Dockerfile, ran: Ran) -> Iterator[str]:
    """What is copied from the context, and what the `RUN` of a command mounts from it."""
    yield from (one.path for copy in dockerfile.copies for one in copy.sources if one.path)
    for flag in ran.instruction.flags:
        source = flag.field("source") if flag.name == "mount" else None
        if source is not None and source.value and flag.field("from") is None:
            yield posixpath.normpath(source.value)


def _known(
    dockerfile: Dockerfile,
    ran: Ran,
    written: str,
    contexts: Sequence[BuildContext],
    by_path: dict[str, Requirements],
) -> Requirements | None:
    """The file that a command reads: as copies put it there, else the only one that is copied or mounted by its name."""
    folder = folder_of(dockerfile, ran)
    if folder is None:
        return None
    at = posixpath.normpath(posixpath.join(folder, written))
    put = {
        path
        for context in contexts
        for path in by_path
        if (inner := context.own_path(path)) is not None
        for one in placed(context, inner, ran.stage, ran.instruction.span.start)
        if one.at == at
    }
    if not put:
        named = [
            one for one in _sources(dockerfile, ran) if posixpath.basename(one) == posixpath.basename(at)
        ]
        put = {over + one for one in named for over in _overs(dockerfile, contexts) if over + one in by_path}
    return by_path[put.pop()] if len(put) == 1 else None


def _overs(dockerfile: Dockerfile, contexts: Sequence[BuildContext]) -> tuple[str, ...]:
    """The folders, with the `/` behind them, of the contexts, or else those over the file, nearest first."""
    parts = dockerfile.path.split("/")[:-1]
    over = ["/".join(parts[:length]) for length in range(len(parts), -1, -1)]
    return tuple(f"{one}/" if one else "" for one in ([one.folder for one in contexts] or over))


def _lock_of(
    dockerfile: Dockerfile, ran: Ran, contexts: Sequence[BuildContext], paths: frozenset[str]
) -> str:
    """The lock file by which a command installs, where the file speaks of it, or copies what it lies in; else empty."""
    words = tuple(ran.command.literals)
    program = ran.command.program or ""
    name = next((_LOCKS[program, word] for word in words if (program, word) in _LOCKS), "")
    if program == "pipenv" and "install" in words and not _OF_PIPENV.isdisjoint(words):
        name = "Pipfile.lock"
    if not name:
        return ""
    found = next((over + name for over in _overs(dockerfile, contexts) if over + name in paths), "")
    is_there = name in dockerfile.text.content or any(
        any(placed(context, inner, ran.stage, ran.instruction.span.start))
        for context in contexts
        if found and (inner := context.own_path(found)) is not None
    )
    return found if is_there else ""
