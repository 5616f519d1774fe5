"""What a pull request looks like in the end, in a form that two runs can be compared by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, fields
from typing import Any

from tests.github.state import Pull, State

Row = tuple[Any, ...]


@dataclass(frozen=True)
class EndState:
    """Compare with `==`. No ids, no times, no order; duplicates count."""

    check_runs: tuple[Row, ...]
    """Head, name, status, conclusion, title and sorted annotations of each run on any of the heads."""
    review_comments: tuple[Row, ...]
    """Author, path, start line, line, side and body."""
    comments: tuple[Row, ...]
    """Author and body."""
    sarifs: tuple[Row, ...]
    """Ref, commit, and the rule, path and line of each result; repeated uploads replace each other."""

    def of_owner(self, owner: str, other: str) -> EndState:
        """The same with another name in place of the owner's, wherever that stands."""
        return EndState(*(_renamed(getattr(self, one.name), owner, other) for one in fields(self)))


def end_state(state: State, pull: Pull) -> EndState:
    name = pull.repository.full_name
    runs = [one for one in state.check_runs.values() if one.repository == name and one.head_sha in pull.heads]
    notes = [
        one
        for one in list(state.review_comments.values())
        if (one.repository, one.pull) == (name, pull.number)
    ]
    talk = [
        one
        for one in list(state.issue_comments.values())
        if (one.repository, one.number) == (name, pull.number)
    ]
    uploads = {
        (one.ref, one.commit_sha): tuple(sorted(_results(one.document)))
        for one in state.sarifs.values()
        if one.repository == name and one.ref.startswith(f"refs/pull/{pull.number}/")
    }
    return EndState(
        check_runs=_sorted(
            (
                one.head_sha,
                one.name,
                one.status,
                one.conclusion,
                one.title,
                _sorted(astuple(note) for note in one.annotations),
            )
            for one in runs
        ),
        review_comments=_sorted(
            (one.author.login, one.path, one.start_line, one.line, one.side, one.body) for one in notes
        ),
        comments=_sorted((one.author.login, one.body) for one in talk),
        sarifs=_sorted((*key, rows) for key, rows in uploads.items()),
    )


def _renamed(value: Any, old: str, new: str) -> Any:
    if isinstance(value, tuple):
        return tuple(_renamed(each, old, new) for each in value)
    return value.replace(old, new) if isinstance(value, str) else value


def _sorted(rows: Any) -> tuple[Row, ...]:
    return tuple(sorted(rows, key=repr))


def _results(document: Mapping[str, Any]) -> Iterator[tuple[str, str, int]]:
    for run in document.get("runs", ()):
        for result in run.get("results", ()):
            place = result["locations"][0]["physicalLocation"]
            yield result["ruleId"], place["artifactLocation"]["uri"], place["region"]["startLine"]
