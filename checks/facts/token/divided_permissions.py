"""What a workflow's `permissions:` gives to all jobs, divided: which of them use it, and what each gets instead.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property

from checks.facts.token.action_scopes import scopes_of_action
from checks.facts.token.foreign_code import runs_foreign_code
from checks.facts.token.permission_edits import comment_above, comment_behind, declared, lowered
from checks.facts.token.token_use import TokenUse
from checks.facts.workflow.permission_blocks import Permissions
from checks.facts.workflow.step_comments import lines_beside
from checks.facts.workflow.workflows import Job
from checks.record import Record
from checks.regex import regex
from checks.source.snapshot import Edit
from checks.source.text import Location, Text
from checks.source.yaml import Entry
from checks.source.yaml import Mapping as YamlMapping

_WRITTEN = ("contents", "packages", "id-token", "attestations", "security-events", "deployments", "pages")
"""Scopes that a job with `write-all` is asked about."""
_AT_THE_TOP = regex(r"\b(?:top|workflow)[- ]level\b|\bat the top\b", re.IGNORECASE)
_ON_PURPOSE = regex(
    r"\bdeclared\b|\bon purpose\b|\bintentional(?:ly)?\b|\binherit(?:s|ed)?\b|\bso (?:that )?(?:all|both|each|every)\b",
    re.IGNORECASE,
)
_TO_CHANGE = regex(
    r"\b(?:todo|fixme|xxx|instead|should|too (?:broad|wide)|not (?:declared|intentional(?:ly)?|on purpose)"
    r"|(?<!not )(?<!n['’]t )(?<!never )(?:moved?|narrow|restrict|split|tighten"
    r"|reduce(?! (?:the )?(?:boilerplate|clutter|duplicat|nois|redundan|repeti))))\b",
    re.IGNORECASE,
)
"""What has a comment call for something else: not `do not move it`, nor `to reduce repetition`."""
_HAS_TO = regex(r"\b(?:must|always|requires?|required|needs? to|has to|have to)\b", re.IGNORECASE)
_MUST_NOT = regex(
    r"\bnot\b(?! (?:(?:just|merely|only) )?(?:(?:at|in|on) )?(?:(?:a|each|the) )?job)"
    r"|n['’]t\b|\b(?:avoid|cannot|forbid\w*|instead|never|no|nor|rather|read-only|themselves|unless|without)\b",
    re.IGNORECASE,
)
"""By which a sentence keeps something out of the block at the top, or speaks of jobs."""
_HASHES = regex(r"(?:^|(?<=\s))#+\s?")
_ENDS = regex(r"[.;] ")
_ALWAYS = {"contents": "read"}
"""What each job reads."""


class Unused(Record):
    """A scope that the workflow gives to jobs that don't write with it."""

    scope: str
    jobs: tuple[Job, ...]
    """Those that don't; where others do, the ones of them that run code of somebody else."""
    writers: tuple[Job, ...]
    """Those that do, or may."""


def unused_scopes(permissions: Permissions, uses: Mapping[Job, TokenUse]) -> Iterator[Unused]:
    """The scopes that a block gives with `write` to jobs of which some certainly don't write with them.

    The jobs are those that have no block of their own. A call whose jobs all have one is given no more than these name,
    and is neither.
    """
    everything = permissions.everything == "write-all"
    for scope in _WRITTEN if everything else _written(permissions):
        writers = tuple(job for job, use in uses.items() if use.writes(scope) is not False)
        idle = tuple(job for job in uses if job not in writers and job.uses is None)
        told = tuple(job for job in idle if runs_foreign_code(uses[job].steps)) if writers else idle
        if told:
            yield Unused(scope, told, writers)


def _written(permissions: Permissions) -> list[str]:
    return [scope for scope, level in permissions.scopes.items() if level == "write"]


class Division(Record, eq=False, dict=True):
    """A workflow's block, divided over the jobs that have none of their own."""

    permissions: Permissions
    uses: Mapping[Job, TokenUse]
    levels: Mapping[Job, Mapping[str, str]]
    """What each job keeps, by scope."""
    is_for_each: bool = False
    """Whether each job gets a block, since more stays at the top than all read."""

    @cached_property
    def moved(self) -> list[str]:
        """The scopes that some job loses: none of them can stay at the top.

        Where each job has a block for these, nobody is left to use what stays there, and the others move along.
        """
        written = _written(self.permissions)
        lost = [scope for scope in written if not self._have_all(scope)]
        are_holders = (any(self._has_more(job, scope) for scope in lost) for job in self.levels)
        return written if lost and not self.is_for_each and all(are_holders) else lost

    def _have_all(self, scope: str) -> bool:
        return all(kept.get(scope) == "write" for kept in self.levels.values())

    def is_kept(self, scope: str) -> bool:
        """Whether a job goes on to write with a scope."""
        return any(kept.get(scope) == "write" for kept in self.levels.values())

    def with_explained(self, told: Collection[str]) -> Division:
        """The same, but each job keeps what is not told and a comment explains: that stays with its author."""
        staying = [scope for scope in self.moved if scope not in told and self._is_explained(scope)]
        levels = {job: {**kept, **dict.fromkeys(staying, "write")} for job, kept in self.levels.items()}
        return Division(self.permissions, self.uses, levels, is_for_each=bool(staying))

    def _is_explained(self, scope: str) -> bool:
        """Whether a comment of its own says what a scope is for.

        One behind the scope goes along with it to the jobs that keep it.
        """
        entry, block = self.permissions.entry_of(scope), self.permissions.entry.value
        if entry is None or not isinstance(block, YamlMapping) or block.flow:
            return False
        is_first = entry is block.entries[0]
        return (not is_first and _is_below_comment(entry)) or (
            bool(comment_behind(entry)) and not self.is_kept(scope)
        )

    @cached_property
    def holders(self) -> list[Job]:
        """The jobs that get a block of their own: those that use more than stays at the top.

        All do where more stays there than all read, unless that is all that any job needs.
        """
        scopes = self.permissions.scopes.items()
        top = _ALWAYS | {scope: level for scope, level in scopes if scope not in self.moved}
        if all(kept == top for kept in self.levels.values()):
            return []
        return [
            job
            for job in self.levels
            if self.is_for_each or any(self._has_more(job, scope) for scope in self.moved)
        ]

    def _has_more(self, job: Job, scope: str) -> bool:
        """Whether a job keeps more of a scope than each has."""
        kept = self.levels[job]
        return scope in kept and kept[scope] != _ALWAYS.get(scope)

    @cached_property
    def purposes(self) -> Mapping[str, str]:
        """By scope that goes and that no job keeps what a comment of its own says that it is for."""
        block = self.permissions.entry.value
        entries = {one: self.permissions.entry_of(one) for one in self.moved if not self.is_kept(one)}
        said = {
            one: comment_behind(entry) or " ".join(comment_above(block, one, self.moved))
            for one, entry in entries.items()
            if entry is not None and isinstance(block, YamlMapping)
        }
        return {one: _HASHES.sub("", words).strip() for one, words in said.items() if words}

    def loses(self, job: Job) -> bool:
        """Whether a job has less with its block than with the one at the top, of which a call has what its jobs name."""
        return any(
            self.levels[job].get(scope) != "write"
            and (job.uses is None or self.uses[job].writes(scope) is not False)
            for scope in self.moved
        )

    def lost(self, job: Job) -> list[str]:
        """The scopes that a job loses though it can't be told that it does not write with them."""
        return [
            scope
            for scope in self.moved
            if self.uses[job].writes(scope) is None and not self._has_more(job, scope)
        ]

    def doubtful(self, job: Job) -> list[str]:
        """The scopes that a job keeps with `write` only since something hints at them that nobody here knows."""
        use = self.uses[job]
        return [
            scope
            for scope, level in self.levels[job].items()
            if level == "write" and use.keeps(scope) and not _is_known_to_write(use, scope)
        ]

    def edits(self) -> Iterator[Edit | None]:
        """What all read stays at the top; each holder gets a block of its own, with all that it uses.

        A comment on a scope goes along to the jobs that are known to use it, or to all where none is. A None where an edit can't be made, nothing for `write-all`.
        """
        block = self.permissions.entry.value
        if not isinstance(block, YamlMapping):
            return
        yield from lowered(block, self.moved, moves_contents=self.is_kept("contents"))
        for job in self.holders:
            kept = sorted(self.levels[job].items())
            doubtful = [scope for scope in self.doubtful(job) if self._is_known_elsewhere(scope)]
            told = [(scope, level) for scope, level in kept if scope not in doubtful]
            comments = {scope: self._comment(scope, level) for scope, level in told}
            above = {
                scope: comment_above(block, scope, self.moved) for scope, level in told if level == "write"
            }
            yield declared(job, {scope: level + comments.get(scope, "") for scope, level in kept}, above)

    def _is_known_elsewhere(self, scope: str) -> bool:
        return any(
            self.levels[job].get(scope) == "write" and scope not in self.doubtful(job) for job in self.holders
        )

    def _comment(self, scope: str, level: str) -> str:
        """The comment behind a scope that goes to a job: of one that may not use it, it may tell what is not so."""
        entry = self.permissions.entry_of(scope)
        is_moved = level == "write" and scope in self.moved
        return comment_behind(entry) if is_moved and entry is not None else ""


def is_kept_at_the_top(guide: Text, scope: str) -> bool:
    """Whether a sentence of a guide says on one line that a scope has to stand in the block of a workflow."""
    lines = (line for line in guide.content.splitlines() if f"{scope}: write" in line)
    said = (part for line in lines for part in _ENDS.split(line) if f"{scope}: write" in part)
    return any(
        _AT_THE_TOP.search(part) and _HAS_TO.search(part) and not _MUST_NOT.search(part) for part in said
    )


def is_said_to_be_for_all(entry: Entry) -> bool:
    """Whether a comment beside a scope, or right above it, says that it stands at the workflow's level on purpose."""
    text = entry.key.text
    said = lines_beside(Location(text, entry.key.span))
    words = (" ".join(text[one.span] for one in lines) for lines in said)
    return any(
        _AT_THE_TOP.search(one) and _ON_PURPOSE.search(one) and not _TO_CHANGE.search(one) for one in words
    )


def divided(permissions: Permissions, uses: Mapping[Job, TokenUse]) -> Division:
    """Each job keeps what it uses, and what something in it hints at."""
    return Division(permissions, uses, {job: use.levels_kept(permissions) for job, use in uses.items()})


def _is_below_comment(entry: Entry) -> bool:
    text = entry.value.text
    above = text[text.line(text.line_of(entry.span.start) - 1)]
    return above.lstrip().startswith("#")


def _is_known_to_write(use: TokenUse, scope: str) -> bool:
    """Whether steps of a job tell that it writes with a scope, or one that hints at it is of an action that we know."""
    return use.is_meant_to_write(scope) or any(
        scope in (scopes_of_action(step) or ()) for step in use.steps_hinting_at(scope)
    )
