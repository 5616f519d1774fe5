"""The Terraform modules of a repository, and which of them call which.

https://developer.hashicorp.com/terraform/language/modules/sources#local-paths
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence

from checks.facts.terraform.modules import MAX_REFERENCES, Module, is_tried_out
from checks.source.hcl import Block, Body, Literal
from checks.source.text import Text

_VARIABLES = ".tfvars"
_DEFAULTS = "terraform.tfvars"
_LOADED = ".auto.tfvars"


def modules_of(
    bodies: Iterable[Body], locks: Iterable[Body], documents: Iterable[Text]
) -> tuple[Module, ...]:
    """The modules that files form, by folder, each with the lock file beside it, what sets its variables and what it may take in."""
    folders: dict[str, list[Body]] = {}
    setting: list[Body] = []
    for body in bodies:
        if body.text.path.endswith(_VARIABLES):
            setting.append(body)
        else:
            folders.setdefault(posixpath.dirname(body.text.path), []).append(body)
    loaded, chosen = _set_by(folders, setting)
    beside: dict[str, list[Body]] = {}
    for lock in locks:
        beside.setdefault(posixpath.dirname(lock.text.path), []).append(lock)
    calls: dict[str, Sequence[tuple[Module, Block]]] = {}
    by_path = {text.path: text for text in documents}
    modules = tuple(
        Module(
            folder,
            tuple(group),
            tuple(beside.get(folder, ())),
            calls,
            by_path,
            tuple(loaded.get(folder, ())),
            tuple(chosen.get(folder, ())),
        )
        for folder, group in folders.items()
    )
    calls.update(_calls(modules))
    return modules


def _set_by(
    folders: Iterable[str], setting: Iterable[Body]
) -> tuple[dict[str, list[Body]], dict[str, list[Body]]]:
    """By folder of a module the files that Terraform loads of itself, in its order, and those that `-var-file` may name.

    A file elsewhere is of the nearest module above it; where there is none, it may be of any.

    https://developer.hashicorp.com/terraform/language/values/variables#variable-definitions-tfvars-files
    """
    known = set(folders)
    loaded: dict[str, list[Body]] = {}
    chosen: dict[str, list[Body]] = {}
    for body in sorted(setting, key=lambda one: (not one.text.path.endswith(_DEFAULTS), one.text.path)):
        folder, name = posixpath.split(body.text.path)
        if folder in known and (name == _DEFAULTS or name.endswith(_LOADED)):
            loaded.setdefault(folder, []).append(body)
            continue
        above = [folder, *_above(folder)]
        nearest = next(({one} for one in above if one in known), known)
        for one in nearest:
            chosen.setdefault(one, []).append(body)
    return loaded, chosen


def _above(folder: str) -> Iterator[str]:
    """The folders that a folder lies in, the nearest first, the repository's own last."""
    while folder:
        folder = posixpath.dirname(folder)
        yield folder


def _calls(modules: Iterable[Module]) -> dict[str, Sequence[tuple[Module, Block]]]:
    """The `module` blocks that name a folder of the repository, by that folder; none of a cycle, or nested too deeply."""
    by_caller: dict[str, list[tuple[str, Module, Block]]] = {}
    waiting: dict[str, int] = {}
    for module in modules:
        for body in module.bodies:
            for block in body.of_type("module"):
                folder = _source(module, block)
                if folder is not None and block.names and not _only_shows(module.folder, folder):
                    by_caller.setdefault(module.folder, []).append((folder, module, block))
                    waiting[folder] = waiting.get(folder, 0) + 1
    found: dict[str, Sequence[tuple[Module, Block]]] = {}
    level = [folder for folder in by_caller if folder not in waiting]
    for _ in range(MAX_REFERENCES):
        following: list[str] = []
        for folder, module, block in (one for caller in level for one in by_caller.get(caller, ())):
            found[folder] = (*found.get(folder, ()), (module, block))
            waiting[folder] -= 1
            following += [folder] if not waiting[folder] else []
        level = following
    return found


def folders_called(module: Module) -> Iterator[str]:
    """The folders of the repository that the `module` blocks of a folder name as their source, written out."""
    for body in module.bodies:
        for block in body.of_type("module"):
            folder = _source(module, block)
            if folder is not None:
                yield folder


def _only_shows(caller: str, called: str) -> bool:
    """Whether a test or an example calls a module that is none: what it gives is not what others do."""
    return is_tried_out(f"{caller}/") and not is_tried_out(f"{called}/")


def _source(module: Module, block: Block) -> str | None:
    """The folder that a `module` block names; None where that is none of the repository."""
    written = block.body.get("source")
    text = written.value if isinstance(written, Literal) else None
    if not isinstance(text, str) or not text.startswith(("./", "../")):
        return None
    folder = posixpath.normpath(posixpath.join(module.folder, text))
    return None if folder.startswith("..") else "" if folder == "." else folder
