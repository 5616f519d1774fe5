"""Folders of a stage that nothing but copies filled."""

from __future__ import annotations

import posixpath

from checks.facts.copied_files import folder_at, folder_of, target_of
from checks.facts.dockerfiles import Dockerfile, Instruction, Ran
from checks.source.command_line import Syntax, read_arguments

_CHOWN = Syntax.of("recursive/R verbose/v changes/c silent/f no-dereference/h H L P from= preserve-root")
_MAKES_NO_FILES = frozenset(
    [
        "adduser",
        "addgroup",
        "useradd",
        "groupadd",
        "usermod",
        "groupmod",
        "passwd",
        "apk",
        "apt",
        "apt-get",
        "yum",
        "dnf",
        "microdnf",
        "chmod",
        "chown",
        "rm",
        "set",
        "true",
        "id",
    ]
)
"""Programs that make no files in a folder of the program; those that install do so elsewhere."""


def chown_of(ran: Ran) -> tuple[str, tuple[str, ...]] | None:
    """The owner, as it is written, and the paths of a recursive `chown`; None if it is something else or not known."""
    if ran.command.program != "chown":
        return None
    read = read_arguments(ran.command.arguments, _CHOWN)
    words = [word.literal for word in read.operands]
    known = [word for word in words if word is not None]
    if not read.certain or not read.has("recursive") or len(known) != len(words) or len(known) < 2:
        return None
    return known[0], tuple(known[1:])


def copies_into(dockerfile: Dockerfile, ran: Ran, path: str) -> list[Instruction]:
    """The copies above a command that alone filled a folder, all without an owner.

    None if a command may have filled it too, or runs there later as another user, and may need to write.
    """
    folder = folder_of(dockerfile, ran)
    whole = posixpath.normpath(posixpath.join(folder, path)) if folder is not None else ""
    if whole in ("", "/", ".") or _may_be_filled_by_command(dockerfile, ran, whole):
        return []
    if _is_written_later(dockerfile, ran, whole):
        return []
    found: list[Instruction] = []
    for it in ran.stage.instructions:
        if it.keyword not in ("COPY", "ADD") or it.span.start >= ran.instruction.span.start:
            continue
        target = target_of(dockerfile, ran.stage, it)
        if target is None:
            return []
        if _is_within(target.rstrip("/") or "/", whole):
            found.append(it)
    return found if all(it.flag("chown") is None for it in found) else []


def _may_be_filled_by_command(dockerfile: Dockerfile, ran: Ran, path: str) -> bool:
    for other in dockerfile.commands():
        at = other.instruction.span.start
        is_before = at < ran.instruction.span.start or (
            other.instruction is ran.instruction and other.command.span.start < ran.command.span.start
        )
        if other.stage not in dockerfile.ancestry(ran.stage) or not is_before:
            continue
        folder = folder_at(dockerfile, other.stage, at)
        near = folder is None or _is_within(folder, path) or path in other.script.source
        if near and other.command.words and other.command.program not in _MAKES_NO_FILES:
            return True
    return any(
        it.keyword == "RUN" and it.shell is None and it.span.start < ran.instruction.span.start
        for it in ran.stage.instructions
    )


def _is_written_later(dockerfile: Dockerfile, ran: Ran, path: str) -> bool:
    """Whether a later command runs in the folder as another user, and may need to write there."""
    users = [it.span.start for it in ran.stage.instructions if it.keyword == "USER"]
    later = min((at for at in users if at > ran.instruction.span.start), default=None)
    runs = [
        it
        for it in ran.stage.instructions
        if it.keyword == "RUN" and later is not None and it.span.start > later
    ]
    folders = ((it, folder_at(dockerfile, ran.stage, it.span.start)) for it in runs)
    return any(
        folder is None or _is_within(folder, path) or path in dockerfile.text[it.span]
        for it, folder in folders
    )


def _is_within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")
