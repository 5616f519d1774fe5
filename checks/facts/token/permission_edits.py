"""Edits that say what a job, or each job of a workflow, may do with its `GITHUB_TOKEN`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from checks.facts.workflow.permission_blocks import Permissions
from checks.facts.workflow.workflows import Job
from checks.regex import regex
from checks.source.snapshot import Edit
from checks.source.text import Span, Text
from checks.source.yaml import Entry, Node, Scalar
from checks.source.yaml import Mapping as YamlMapping
from checks.source.yaml_edit import append_entry, delete_entry, insert_after, replace_value

_OF_READING = regex(r"\b(?:pull(?:s|ed|ing)?|read(?:s|ing)?)\b", re.ASCII | re.IGNORECASE)
"""In a comment: what a level is, or is for, that gives no more."""
_SPEAKS_OF: Mapping[str, re.Pattern[str]] = {
    scope: regex(words, re.IGNORECASE)
    for scope, words in (
        ("attestations", r"\battest"),
        ("id-token", r"\b(?:cosign|id[- ]tokens?|keyless|oidc|sigstore)\b"),
        ("issues", r"\bissues?\b"),
        ("packages", r"\b(?:containers?|ghcr|images?|packages?|registr(?:y|ies))\b"),
        ("pull-requests", r"\b(?:prs?|pull[- ]requests?)\b"),
        ("security-events", r"\b(?:code[- ]scanning|sarif)\b"),
    )
}
"""By scope what a comment says that is about it."""
_OF_BLOCK = regex(r"\b(?:inherit\w*|jobs?|levels?|narrow\w*|top|workflows?)\b", re.IGNORECASE)
"""What one says that is about where the scope stands, which it no longer does."""
_OF_MORE = regex(
    r"\b(?:check(?:s|ing)?[ -]?out|clon(?:e|es|ing)|contents?|default|jobs?|least|minim\w+|permissions?|read\w*|scopes?|top|workflows?)\b",
    re.IGNORECASE,
)
"""What one says at the head of a block that is about the block, or about reading."""


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


def declared(
    job: Job, levels: Mapping[str, str], comments: Mapping[str, Sequence[str]] | None = None
) -> Edit | None:
    """A block for this job, below what it runs on or calls, which takes the place of the workflow's.

    A level may have a comment behind it, and `comments` are the lines of those above scopes. None for a job that is
    written in braces.
    """
    above = comments or {}
    lines = (
        f"  {line}"
        for scope, level in levels.items()
        for line in (*above.get(scope, ()), f"{scope}: {level}")
    )
    first = job.node.entry("runs-on") or job.node.entry("uses")
    if first is None or job.node.flow:
        return None
    return insert_after(job.node, first, "\n".join(("permissions:", *lines)))


def lowered(block: YamlMapping, scopes: Collection[str], *, moves_contents: bool) -> Iterator[Edit | None]:
    """Takes scopes out of a workflow's block, with the comments that explain them alone; `contents` stays to be read.

    It does so without its comment where the write moves to a job. A None where an edit can't be made.
    """
    gone = [entry for entry in block.entries if entry.name in scopes and entry.name != "contents"]
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
    yield from (delete_entry(block, entry) for entry in gone)
    explained = dict.fromkeys(_explained(block, entry, gone) for entry in gone)
    yield from (Edit(block.text.path, span, "") for span in explained if span is not None)


def comment_above(block: YamlMapping, scope: str, scopes: Collection[str]) -> tuple[str, ...]:
    """The lines of comment that go with a scope which is taken out of a block, with others; none where there are none."""
    gone = [entry for entry in block.entries if entry.name in scopes and entry.name != "contents"]
    found = next((_explained(block, entry, gone) for entry in gone if entry.name == scope), None)
    said = block.text[found] if found else ""
    words = _OF_MORE if block.entries[0].name == scope else _OF_BLOCK
    return () if words.search(said) else tuple(line.strip() for line in said.splitlines())


def _explained(block: YamlMapping, entry: Entry, gone: Collection[Entry]) -> Span | None:
    """The lines of comment that speak of an entry that goes alone: right above it, or at the head of its block."""
    return (
        None if block.flow else _explained_alone(block, entry, gone) or _explained_at_head(block, entry, gone)
    )


def _explained_alone(block: YamlMapping, entry: Entry, gone: Collection[Entry]) -> Span | None:
    """The lines of comment right above an entry that goes, unless they may speak of the entry below that stays, too."""
    text, line = block.text, block.text.line_of(entry.span.start)
    behind = block.entries[block.entries.index(entry) + 1 :]
    follows = behind[0] if behind and behind[0] not in gone else None
    is_parted = follows is None or text.line_of(follows.span.start) > text.line_of(entry.span.end) + 1
    stands_alone = not text[Span(text.line(line).start, entry.span.start)].strip()
    return _comment_over(text, line) if is_parted and stands_alone else None


def _explained_at_head(block: YamlMapping, entry: Entry, gone: Collection[Entry]) -> Span | None:
    """Those above the first entry, which stays, where they speak of one that goes alone."""
    text, first = block.text, block.entries[0]
    over = _comment_over(text, text.line_of(first.span.start)) if first not in gone else None
    said = text[over] if over is not None else ""
    about = [scope for scope, words in _SPEAKS_OF.items() if words.search(said)]
    return over if about == [entry.name] and not _OF_MORE.search(said) else None


def _comment_over(text: Text, line: int) -> Span | None:
    """The lines of comment right above a line."""
    top = line
    while top > 1 and text[text.line(top - 1)].lstrip().startswith("#"):
        top -= 1
    return Span(text.full_line(top).start, text.full_line(line).start) if top < line else None


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
    shown = [f"{entry.name}: read" if entry.value is lowered else text[entry.span] for entry in kept]
    return Edit(text.path, block.span, "{" + ", ".join(shown) + "}")


def _emptied(block: YamlMapping) -> Edit | None:
    """`{}` behind the key for a block that nothing is left of."""
    text = block.text
    start = text.content.rfind(":", 0, block.span.start) + 1
    between = text.content[start : block.span.start]
    return Edit(text.path, Span(start, block.span.end), " {}") if not between.strip() else None
