"""Stages whose Rust is chosen by a file of the project, whatever their image brings.

https://rust-lang.github.io/rustup/overrides.html
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection

from checks.facts.build.contexts import BuildContext
from checks.facts.dockerfile.copied_files import folder_of, placed
from checks.facts.dockerfile.dockerfiles import Dockerfile, Stage
from checks.facts.dockerfile.stages import Ran
from checks.regex import regex

TOOLCHAIN_FILES = ("rust-toolchain", "rust-toolchain.toml")
_CHOOSES = regex(r"\b(?:channel|path)[\"']?\s*=")
_COMPILES = frozenset(("cargo", "maturin", "rustc", "trunk", "wasm-pack"))
_BEFORE_THE_FILE = "RUSTUP_TOOLCHAIN"
"""The variable that goes before it."""


def says_which_rust(content: str) -> bool:
    """Whether a toolchain file chooses a Rust. One may name targets or components alone, for the Rust that is there."""
    lines = [line.partition("#")[0] for line in content.splitlines()]
    return any(map(_CHOOSES.search, lines)) or not any("toolchain" in line for line in lines)


def takes_rust_of_project(
    dockerfile: Dockerfile, stage: Stage, contexts: Collection[BuildContext], files: Collection[str]
) -> bool:
    """Whether all that compiles Rust on a stage runs where one of the toolchain files lies, in whichever context."""
    runs = [
        ran
        for ran in dockerfile.commands()
        if ran.command.program in _COMPILES and stage in dockerfile.ancestry(ran.stage)
    ]
    if not runs or not contexts or _BEFORE_THE_FILE in dockerfile.text.content or _is_removed(dockerfile):
        return False
    return all(_finds_one(dockerfile, ran, context, files) for ran in runs for context in contexts)


def _is_removed(dockerfile: Dockerfile) -> bool:
    """Whether a command takes a toolchain file away, so that the Rust of the image is taken."""
    return any(
        posixpath.basename(word.literal or "").rstrip("*") in TOOLCHAIN_FILES
        for ran in dockerfile.commands()
        if ran.command.program in ("mv", "rm")
        for word in ran.command.arguments
    )


def _finds_one(dockerfile: Dockerfile, ran: Ran, context: BuildContext, files: Collection[str]) -> bool:
    folder = folder_of(dockerfile, ran)
    if folder is None or any((word.literal or "").startswith("+") for word in ran.command.arguments[:1]):
        return False
    own = (context.own_path(path) for path in files)
    over = {
        posixpath.dirname(one.at).rstrip("/")
        for path in own
        if path is not None
        for one in placed(context, path, ran.stage, ran.instruction.span.start)
    }
    return any(f"{folder}/".startswith(f"{one}/") for one in over)
