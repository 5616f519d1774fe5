"""What the repositories of actions have at the moment: the commits of the tags in use, and their newest release.

All in one GraphQL call, by a token that sees what is public, and kept for a while.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence

from app.github.answer import Answer
from app.github.client import Client
from app.github.errors import Forbidden, NotFound, Unavailable, Unprocessable
from app.github.store import Recent
from checks.facts.action.upstream import Upstream
from checks.record import Record

KEPT = datetime.timedelta(hours=1)
"""How long an answer is taken for current."""
MOST = 40
"""Repositories that one review asks for; GitHub gives a query 10 seconds."""
MOST_REFS = 10
"""Of one repository."""
MAX_REPOSITORIES = 10_000
"""That are kept in memory."""
_SLUG = re.compile(r"[\w.-]+/[\w.-]+")
_REF = re.compile(r"(?!refs/|heads/|tags/|[0-9a-f]{7,40}$)[\w./+-]+")
"""A branch or tag; no commit, and nothing that git reads in several ways."""
_TARGET = "target { __typename oid ... on Tag { target { __typename oid } } }"


class _Kept(Record):
    moment: datetime.datetime
    asked: frozenset[str]
    upstream: Upstream | None


class Actions:
    """Asks for the repositories of actions. One for the process."""

    def __init__(self) -> None:
        self._kept: Recent[str, _Kept] = Recent(MAX_REPOSITORIES)

    async def of(
        self, client: Client, uses: Iterable[tuple[str, str]], now: datetime.datetime
    ) -> dict[str, Upstream]:
        """By `owner/name` in lower case what is known of it; `uses` are such names with refs.

        What GitHub does not answer is unknown. Raises `RateLimited` only.
        """
        wanted: dict[str, set[str]] = {}
        for slug, ref in sorted(uses):
            if _SLUG.fullmatch(slug) and _REF.fullmatch(ref):
                wanted.setdefault(slug.lower(), set()).add(ref)
        asked = {slug: sorted(refs)[:MOST_REFS] for slug, refs in list(wanted.items())[:MOST]}
        missing = {
            slug: list(dict.fromkeys((*refs, *sorted(self._asked(slug, now)))))[:MOST_REFS]
            for slug, refs in asked.items()
            if not self._asked(slug, now).issuperset(refs)
        }
        if missing:
            for slug, found in (await _ask(client, missing)).items():
                self._kept.put(slug, _Kept(now, frozenset(missing[slug]), found), 1)
        kept = {slug: self._kept.get(slug) for slug in asked}
        return {slug: one.upstream for slug, one in kept.items() if one and one.upstream}

    def _asked(self, slug: str, now: datetime.datetime) -> frozenset[str]:
        """The refs whose answer is current."""
        kept = self._kept.get(slug)
        return kept.asked if kept is not None and now - kept.moment <= KEPT else frozenset()


async def _ask(client: Client, asked: Mapping[str, Sequence[str]]) -> dict[str, Upstream | None]:
    try:
        data = await client.graphql(*_query(asked))
    except (Unprocessable, Unavailable, Forbidden, NotFound):
        return {}
    return {slug: _upstream(data[f"a{index}"], refs) for index, (slug, refs) in enumerate(asked.items())}


def _query(asked: Mapping[str, Sequence[str]]) -> tuple[str, dict[str, object]]:
    """A GraphQL query and its variables; what others wrote stands in the variables only."""
    variables: dict[str, object] = {}
    declared: list[str] = []
    parts: list[str] = []
    for index, (slug, refs) in enumerate(asked.items()):
        owner, _, name = slug.partition("/")
        fields = "isArchived latestRelease { tagName tagCommit { oid } }"
        variables |= {f"o{index}": owner, f"n{index}": name}
        declared += [f"$o{index}: String!", f"$n{index}: String!"]
        for number, ref in enumerate(refs):
            tag, head = f"t{index}_{number}", f"h{index}_{number}"
            variables |= {tag: f"refs/tags/{ref}", head: f"refs/heads/{ref}"}
            declared += [f"${tag}: String!", f"${head}: String!"]
            fields += f" t{number}: ref(qualifiedName: ${tag}) {{ {_TARGET} }}"
            fields += f" h{number}: ref(qualifiedName: ${head}) {{ name }}"
        parts.append(f"a{index}: repository(owner: $o{index}, name: $n{index}) {{ {fields} }}")
    return f"query({', '.join(declared)}) {{ {' '.join(parts)} }}", variables


def _upstream(answer: Answer, refs: Sequence[str]) -> Upstream | None:
    """None where the client does not see the repository."""
    if not answer:
        return None
    tags = {ref: _commit(answer[f"t{number}"]["target"]) for number, ref in enumerate(refs)}
    newest = answer["latestRelease"]
    return Upstream(
        commits={ref: commit for ref, commit in tags.items() if commit},
        absent=frozenset(
            ref for number, ref in enumerate(refs) if not answer[f"t{number}"] and not answer[f"h{number}"]
        ),
        newest=newest["tagName"].text_or(""),
        newest_commit=newest["tagCommit"]["oid"].text_or(""),
        is_archived=answer["isArchived"].value is True,
    )


def _commit(target: Answer) -> str:
    """The commit of a tag, annotated or not; empty where there is none."""
    here = target["target"] if target["__typename"].value == "Tag" else target
    return here["oid"].text() if here["__typename"].value == "Commit" else ""
