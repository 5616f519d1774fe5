"""Edits that say what a job, or each job of a workflow, may do with its `GITHUB_TOKEN`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from checks.facts.workflow.permission_blocks import Permissions
from checks.facts.workflow.workflows import Job
from checks.regex import regex
from checks.source.snapshot import Edit
from checks.source.text import Span
from checks.source.yaml import Entry, Node, Scalar
from checks.source.yaml import Mapping as YamlMapping
from checks.source.yaml_edit import append_entry, delete_entry, insert_after, replace_value

_OF_READING = regex(r"\b(?:pull(?:s|ed|ing)?|read(?:s|ing)?)\b", re.ASCII | re.IGNORECASE)
"""In a comment: what a level is, or is for, that gives no more."""


def outdated(job: Job, scopes: Collection[str]) -> Iterator[str]:
    """The scopes of the job's own block behind whose levels a comment says why they are no more than they are."""
    block = job.own_permissions.entry.value if job.own_permissions else None
    text = job.workflow.text
    for scope in scopes:
        level = block.get(scope) if isinstance(block, YamlMapping) else None
        if level is None:
            continue
        _, mark, comment = text.content[
            level.span.end : text.line(text.line_of(level.span.start)).end
        ].partition("#")
        if mark and _OF_READING.search(comment):
            yield scope


def granted(
    job: Job,
    permissions: Permissions,
    levels: Mapping[str, str],
    inherited: Mapping[str, str] | None = None,
) -> Iterator[Edit | None]:
    """Gives this job alone the access to scopes that `levels` names, over the block that holds for it.

    A block that the job gets has what it has `inherited`, all that the workflow's gives where that is None. Nothing for
    a block that names no scopes (`read-all`); a None where an edit can't be made.
    """
    block = permissions.entry.value
    if not isinstance(block, YamlMapping):
        return
    if job.own_permissions is None:
        yield declared(job, {**(permissions.scopes if inherited is None else inherited), **levels})
    else:
        yield from _added(block, levels)


def _added(block: YamlMapping, levels: Mapping[str, str]) -> Iterator[Edit | None]:
    """Raises what the job's block names, and adds the others at its end."""
    for scope, level in levels.items():
        named = block.get(scope)
        if named is not None:
            yield replace_value(named, level) if isinstance(named, Scalar) else None
    unnamed = [f"{scope}: {level}" for scope, level in levels.items() if block.get(scope) is None]
    if unnamed:
        yield append_entry(block, (", " if block.flow else "\n").join(unnamed))


def declared(job: Job, levels: Mapping[str, str]) -> Edit | None:
    """A block for this job, below what it runs on or calls, which takes the place of the workflow's.

    A level may have a comment behind it. None for a job that is written in braces.
    """
    lines = (f"  {scope}: {level}" for scope, level in levels.items())
    first = job.node.entry("runs-on") or job.node.entry("uses")
    if first is None or job.node.flow:
        return None
    return insert_after(job.node, first, "\n".join(("permissions:", *lines)))


def lowered(block: YamlMapping, scopes: Collection[str], *, moves_contents: bool) -> Iterator[Edit | None]:
    """Takes scopes out of a workflow's block, with the comments that explain them alone; `contents` stays to be read.

    It does so without its comment where the write moves to a job. A None where an edit can't be made.
    """
    gone = [entry for entry in block.entries if _key(entry) in scopes and _key(entry) != "contents"]
    contents = block.entry("contents") if "contents" in scopes else None
    value = contents.value if contents is not None else None
    if block.flow:
        yield _in_flow(block, [entry for entry in block.entries if entry not in gone], value)
        return
    if contents is not None:
        yield replace_value(value, "read") if isinstance(value, Scalar) else None
        if moves_contents and comment_behind(contents):
            yield Edit(block.text.path, _rest(contents), "")
    if len(gone) == len(block.entries):
        yield _emptied(block)
        return
    for entry in gone:
        yield delete_entry(block, entry)
        explained = _explained_alone(block, entry, gone)
        if explained is not None:
            yield Edit(block.text.path, explained, "")


def _explained_alone(block: YamlMapping, entry: Entry, gone: Collection[Entry]) -> Span | None:
    """The lines of comment right above an entry that goes, unless they may speak of the entry below that stays, too."""
    text, line = block.text, block.text.line_of(entry.span.start)
    top = line
    while top > 1 and text[text.line(top - 1)].lstrip().startswith("#"):
        top -= 1
    behind = block.entries[block.entries.index(entry) + 1 :]
    follows = behind[0] if behind and behind[0] not in gone else None
    is_parted = follows is None or text.line_of(follows.span.start) > text.line_of(entry.span.end) + 1
    stands_alone = not text[Span(text.line(line).start, entry.span.start)].strip()
    if top == line or not is_parted or not stands_alone:
        return None
    return Span(text.full_line(top).start, text.full_line(line).start)


def comment_behind(entry: Entry) -> str:
    """The comment behind an entry in its line, with the blanks before it; empty where there is none."""
    behind = entry.value.text[_rest(entry)].rstrip()
    return behind if behind.lstrip().startswith("#") else ""


def _rest(entry: Entry) -> Span:
    """What stands behind an entry in its line."""
    text = entry.value.text
    return Span(entry.span.end, text.line(text.line_of(entry.span.end)).end)


def _in_flow(block: YamlMapping, kept: Collection[Entry], lowered: Node | None) -> Edit | None:
    """The block with the entries that stay; None where it has several lines, which may have comments."""
    text = block.text
    if "\n" in text[block.span]:
        return None
    shown = [f"{_key(entry)}: read" if entry.value is lowered else text[entry.span] for entry in kept]
    return Edit(text.path, block.span, "{" + ", ".join(shown) + "}")


def _emptied(block: YamlMapping) -> Edit | None:
    """`{}` behind the key for a block that nothing is left of."""
    text = block.text
    start = text.content.rfind(":", 0, block.span.start) + 1
    between = text.content[start : block.span.start]
    return Edit(text.path, Span(start, block.span.end), " {}") if not between.strip() else None


def _key(entry: Entry) -> str:
    return entry.key.value if isinstance(entry.key, Scalar) else ""
