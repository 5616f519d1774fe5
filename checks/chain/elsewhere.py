"""What may make a link where the files that are read don't: called workflows, tools in scripts, other pipelines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from checks.check import Kind, Location, Repository, Span, code
from checks.facts.build.pipelines import other_pipelines
from checks.record import Record
from checks.regex import regex
from checks.source.text import Text

_KINDS = (Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT, Kind.MAKEFILE)

_OF_IMAGES = regex(
    r"image|docker|container|build|publish|release|push|sign|slsa|scan|attest|provenance|sbom|ship|deploy|pipeline"
    r"|supply|(?<![a-z])c[id](?![a-z])"
)
"""In the name of a called workflow: what says that it may have to do with images."""
_INSTALLS = regex(r"setup|install|/download-")
"""In the name of an action that only brings a tool."""
_TITLE = regex(r"#|(?:- )?(?:name|uses)\s*:")
"""Begins a line that only says what something is, or an action, which is looked at by itself."""


class Tool(Record):
    """What may make a kind of link."""

    does: str
    """What it does to an image, as a verb: "scans"."""
    command: re.Pattern[str]
    """Its name in a script."""
    action: re.Pattern[str]
    """A part of the name of an action or of a called workflow."""


class Maybe(Record):
    """What may make a link, in a sentence without a full stop."""

    why: str
    place: Location | None = None


class Elsewhere:
    """What in a repository may do more than the files tell."""

    def __init__(self, repo: Repository) -> None:
        self._repo = repo
        self._found: dict[Tool, Maybe | None] = {}

    def may(self, tool: Tool, known: Iterable[Location]) -> Maybe | None:
        """What may do what the tool does; None for nothing.

        Uses of it on the lines of places that are `known` are known to do something else. They are the same
        whenever the tool is asked for.
        """
        if tool not in self._found:
            self._found[tool] = self._look(tool, known)
        return self._found[tool]

    def _look(self, tool: Tool, known: Iterable[Location]) -> Maybe | None:
        place = self._mention(tool, _Lines(known))
        if place is not None:
            named = place.fragment.partition("@")[0].replace("/.github/workflows/", " ")
            return Maybe(f"what {code(named)} {tool.does} here is not known", place)
        if self._called is not None:
            called = self._called.fragment.partition("@")[0].replace("/.github/workflows/", " ")
            return Maybe(f"what {code(called)} does is not known", self._called)
        return Maybe(f"what {code(self._pipeline)} does is not known") if self._pipeline else None

    def _mention(self, tool: Tool, known: _Lines) -> Location | None:
        """The first use of the tool, as an action or in a script, of which it is not known what it does."""
        for use in self._repo.action_uses:
            place = use.location
            named = tool.action.search(use.action) and not _INSTALLS.search(use.action)
            if use.repository and named and place not in known:
                return place
        found = (
            place for text in self._texts for place in _mentions(text, tool.command) if place not in known
        )
        return next(found, None)

    @cached_property
    def _called(self) -> Location | None:
        """The first workflow of another repository that a job calls, and that may be about images by its name."""
        for workflow in self._repo.workflows:
            for job in workflow.jobs:
                if job.uses is not None and not job.uses.is_local and _OF_IMAGES.search(job.uses.action):
                    return job.uses.location
        return None

    @cached_property
    def _pipeline(self) -> str:
        """The first file of a pipeline of another product."""
        return next(iter(other_pipelines(self._repo.snapshot.paths)), "")

    @cached_property
    def _texts(self) -> tuple[Text, ...]:
        return tuple(text for kind in _KINDS for text in self._repo.texts(kind))


class _Lines:
    """Lines of files."""

    def __init__(self, places: Iterable[Location]) -> None:
        spans = dict.fromkeys((place.text, place.span) for place in places)
        self._lines = {(text, line) for text, span in spans for line in text.lines_of(span)}

    def __contains__(self, place: Location) -> bool:
        return (place.text, place.line) in self._lines


def _mentions(text: Text, command: re.Pattern[str]) -> Iterator[Location]:
    """Where a text names a command, but for comments and titles."""
    for match in command.finditer(text.content):
        place = Location(text, Span(*match.span()))
        if not _TITLE.match(text[text.line(place.line)].lstrip()):
            yield place
