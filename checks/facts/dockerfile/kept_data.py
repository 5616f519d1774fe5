"""What says that a program keeps data in a folder of an image, though no script of the repository writes there."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Mapping

from checks.facts.code_span import code
from checks.facts.dockerfile.base_images import image_name
from checks.facts.dockerfile.copied_files import target_of
from checks.facts.dockerfile.dockerfiles import Dockerfile, Instruction
from checks.regex import regex

_KEEPING = frozenset(
    [
        "cache",
        "caches",
        "data",
        "database",
        "databases",
        "db",
        "index",
        "indexes",
        "indices",
        "log",
        "logs",
        "media",
        "sessions",
        "state",
        "storage",
        "temp",
        "tmp",
        "upload",
        "uploads",
        "var",
    ]
)
"""Words in names of what programs write."""
_OF_PROGRAMS = regex(r"(?:^|/)__init__\.py$|\.(?:[cm]?[jt]sx?|cs|exs?|go|java|kt|rs|scala|swift)$")
"""What a folder of code has: in Python a package's first file, for a script alone may well write beside itself.

Not Ruby nor PHP: Rails and Laravel have a database lie in `db` or `database`, beside what makes it.
"""
_OF_CODE = regex(r"\.(?:pyi?|sql|html|s?css)$")
"""What else may lie there."""
_WORDS = regex(r"[A-Za-z][a-z]+|[A-Z]+|[a-z]+")
_APART = regex(r"[\s:=,;]+")
"""Between the paths in a value."""
_OF_OTHERS = frozenset(
    [
        "clickhouse-server",
        "couchdb",
        "elasticsearch",
        "etcd",
        "influxd",
        "influxdb",
        "java",
        "mariadbd",
        "mariadb",
        "meilisearch",
        "minio",
        "mongo",
        "mongod",
        "mysql",
        "mysqld",
        "neo4j",
        "opensearch",
        "postgres",
        "prometheus",
        "qdrant",
        "rabbitmq-server",
        "redis",
        "redis-server",
        "solr",
        "typesense-server",
        "valkey",
        "valkey-server",
    ]
)
"""Programs that keep data, and `java`: what it runs is an archive, of which nobody sees what it writes."""


def variables_at_start(dockerfile: Dockerfile) -> Mapping[str, str]:
    """The variables that a container of the image starts with, as far as they are known."""
    pairs = [
        pair
        for stage in reversed(dockerfile.ancestry(dockerfile.shipped))
        for it in stage.instructions
        if it.keyword == "ENV"
        for pair in it.pairs
    ]
    values = {pair.name.value: dockerfile.evaluation.value(pair) for pair in pairs}
    return {name: value for name, value in values.items() if value is not None}


def kept_below(
    dockerfile: Dockerfile,
    folder: str,
    copies: Iterable[Instruction],
    folders: Iterable[str],
    programs: Collection[str],
) -> str:
    """What may write below a folder, or which name says that something is written there; empty where nothing does.

    `copies` fill the folder, some of them with `folders`, neither of them with code alone; `programs` are what scripts run when a container starts.
    """
    program = next((one for one in sorted(_started(dockerfile) | set(programs)) if one in _OF_OTHERS), None)
    if program is not None:
        which = "what `java` runs" if program == "java" else code(program)
        return f"{which} may write there"
    for it in (it for stage in dockerfile.ancestry(dockerfile.shipped) for it in stage.instructions):
        words = it.arguments if it.keyword == "VOLUME" else ()
        if any(f"{word.value.rstrip('/')}/".startswith(f"{folder}/") for word in words):
            return f"{code(dockerfile.text[it.span])} is for what is written there"
    for name, value in variables_at_start(dockerfile).items():
        below = [one[len(folder) + 1 :] for one in _paths_in(value) if one.startswith(f"{folder}/")]
        if below and (speaks_of_data(name) or any(map(speaks_of_data, below))):
            return f"{code(name)} names what may be written there"
    targets = ((target_of(dockerfile, dockerfile.shipped, it) or "").rstrip("/") for it in copies)
    below_it = [one[len(folder) + 1 :] for one in targets if one.startswith(f"{folder}/")]
    named = (posixpath.basename(folder), *below_it, *folders)
    kept = next((one for one in named if speaks_of_data(one)), None)
    return f"going by its name, {code(kept)} is written to" if kept is not None else ""


def _paths_in(value: str) -> list[str]:
    """The paths in the value of a variable, each with a `/` behind it: behind an option (`-d/srv`), or a scheme."""
    return [f"/{one.partition('/')[2].strip('/')}/" for one in _APART.split(value) if "/" in one]


def _started(dockerfile: Dockerfile) -> set[str]:
    """The names of what the image starts: those in its command line, and the base image's where it has none."""
    words = [word for one in dockerfile.started for text in one for word in text.split()]
    base = dockerfile.base_image(dockerfile.shipped) or ""
    return {posixpath.basename(word) for word in words or [image_name(base)]}


def is_code_alone(files: Collection[str]) -> bool:
    """Whether files of the repository, all of a folder, are code: that has its name for what it does, and keeps nothing."""
    programs = [one for one in files if _OF_PROGRAMS.search(one)]
    return bool(programs) and all(_OF_CODE.search(one) for one in files if one not in programs)


def speaks_of_data(path: str) -> bool:
    """Whether a name in a path, but for those of files, has a word for what programs write."""
    names = (name for name in path.split("/") if "." not in name.lstrip("."))
    return any(word.lower() in _KEEPING for name in names for word in _WORDS.findall(name))
