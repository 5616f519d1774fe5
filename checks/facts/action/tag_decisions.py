"""Where a repository writes down that actions are named by tags, and not by commits: in comments, and in its own guides.

A sentence counts that says how it is and that it was decided, or where it stands under a heading on policies. One that says
how it should be, or that names a weakness, does not. One that says so of trusted owners counts of those that it, or the list under
it, names as code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from checks.facts.workflow.uses import ActionUse
from checks.record import Record
from checks.regex import regex
from checks.source.kind import Kind, kind_by_path
from checks.source.text import CannotRead, Text
from checks.source.yaml import comments

_SENTENCE = regex(r"[.;!?](?:\s|$)")
_HEADING = regex(r"#{1,6}\s+(?P<title>.*)")
_ITEM = regex(r"(?:[-*+]|\d{1,3}[.)])\s+")
_MARKUP = regex(r"[*_]{2,3}|`")
_COMMIT = r"(?:commits?|digests?|hash(?:es)?|shas?)"
_TAG = r"(?:(?:a|an|the|their|its|moving|floating|mutable)\s+){0,2}(?:majors?\b|(?:major[ -])?(?:version[ -])?tags?\b)"
_VERB = r"(?:[ -](?:versions?|tags?)){0,2}\s+(?:are|can|could|fails?|has|have|is|may|might|must|needs?|will|would)\b"
"""What says something of those that are pinned so, and not that they are."""
_AT_TAG = regex(
    rf"\bpinned(?:-major\b|\s+(?:(?:only|on\s+purpose|deliberately|intentionally)\s+)?(?:at|by|on|to)\s+{_TAG}(?!{_VERB}))"
    rf"|\bwe\s+pin\s+(?:[\w-]{{1,20}}\s+){{1,3}}(?:at|by|on|to)\s+{_TAG}"
    rf"|\bmajors?(?:[ -]?(?:versions?|tags?))?\s+(?:are|is)\s+(?:\w{{1,15}}ly\s+)?pinned\b",
    re.IGNORECASE,
)
"""How it is."""
_OWNERS_AT_TAG = regex(
    r"\b(?:org(?:ani[sz]ation)?s?|owners|publishers|vendors)(?:\s+actions)?\s+(?:(?:are|may\s+be|must\s+be|stay)\s+)?pin(?:ned)?"
    rf"\s+(?:at|by|on|to)\s+{_TAG}(?!{_VERB})",
    re.IGNORECASE,
)
"""How it is with the actions of some owners."""
_EXCEPTED = regex(
    r"\b(?:but|except\w*|exclud\w+|forbid\w*|no|not|other\s+than|unlike|whereas|while|without)\b",
    re.IGNORECASE,
)
_CODE = regex(r"`(?P<owner>[\w-]{1,39})(?:/(?P<name>\*|[a-z][\w.-]{0,99}))?`", re.IGNORECASE)
_NO_COMMIT = regex(
    rf"\b{_COMMIT}[ -]pin(?:s|ning)?\b(?:\s+(?:of|for)\s+(?:[\w-]{{1,20}}\s+){{0,2}}actions?)?\s+(?:is|are)\s+"
    r"(?:(?:(?:deliberate|intentional)ly|on\s+purpose)\s+)?(?:deferred|declined|not\s+(?:applied|done|required|used|wanted))\b",
    re.IGNORECASE,
)
"""The same, said of the other way."""
_DECIDED = regex(
    r"\b(?:by\s+(?:convention|design|policy)|conventions?|deliberate(?:ly)?|documented|intentional(?:ly)?|must|on\s+purpose|policy)\b",
    re.IGNORECASE,
)
_OPEN = regex(
    r"\b(?:todo|fixme|xxx|yet|for\s+now|currently|still|remain(?:s|ing)?|should|shall|consider|recommend(?:s|ed)?|prefer(?:s|red)?|"
    r"risks?|weakness|findings?|gaps?|violat(?:es?|ions?)|avoid|never|no\s+longer|previously|used\s+to|was|were|until|if|unless|"
    r"images?|containers?|charts?|modules?|packages?|dockerfiles?)\b|n[’']t\b|\bnot\s+(?:be\s+)?pinned\b|\bdo\s+not\b|\bmust\s+not\b",
    re.IGNORECASE,
)
"""What says that it is to change, is told as a fault, or is about something else."""
_AGAINST = regex(
    r"^\W*(?:are|do|does|is|what|which|why)\b"
    r"|\b(?:no|not|none|neither|nor|nothing|whether"
    r"|(?:ban|block|catch|complain|convert|den(?:y|ied|ies)|detect|disallow|fail|find|flag|forbid|migrat|prohibit|reject|refus|replac|report|warn)\w{0,4})"
    r"(?:\s+[\w/*-]{1,50}){0,5}\s*$",
    re.IGNORECASE,
)
"""Ahead of that, what asks whether it is so, or right ahead, denies it, or says what is done against it."""
_INSTEAD = regex(
    rf"\b(?:instead\s+of|not|over|rather\s+than|without)\s+(?:[\w-]{{1,20}}\s+){{0,3}}{_COMMIT}\b",
    re.IGNORECASE,
)
_SPEAKS_OF_COMMIT = regex(rf"\b{_COMMIT}\b", re.IGNORECASE)
_NAMED = regex(
    r"(?<![\w./-])(?P<owner>[\w-]{1,39})/(?P<name>\*|[a-z][\w.-]{0,99}[\w-])(?![\w/])", re.IGNORECASE
)
_OF_ALL = regex(r"\b(?:all|github)\s+actions\b|\bmajors?\b[\w\s-]{0,20}\bpinned\b", re.IGNORECASE)
_OF_SOME = regex(
    r"\b(?:first|third)[ -]part(?:y|ies)\b|\b(?:both|following|official|other|own|some|these|those|two|three)\b",
    re.IGNORECASE,
)
_ACTIONS = regex(r"\bactions\b|\bmajors?\b[\w\s-]{0,20}\bpinned\b", re.IGNORECASE)


class TagDecision(Record):
    """One such sentence."""

    path: str
    """The file that says it."""
    actions: tuple[str, ...]
    """Of which actions, in lower case, `owner/*` for all of one owner's; empty for all that there are."""
    is_of_file: bool
    """Whether it is said of those in that file alone."""

    def is_about(self, use: ActionUse) -> bool:
        """Whether it is said of an action where that is used."""
        if self.is_of_file and use.scalar.text.path != self.path:
            return False
        return not self.actions or not {use.repository, f"{use.owner.lower()}/*"}.isdisjoint(self.actions)


class _Paragraph(Record):
    """A paragraph or an item of a guide."""

    heading: str
    """What stands over it."""
    title: str
    """The first heading of the file."""
    depth: int
    """How far its text is from the margin: what belongs to an item stands further in."""
    said: str


def tag_decisions(text: Text) -> tuple[TagDecision, ...]:
    """Those that the comments of a YAML file, or the sentences of a guide, write down."""
    if "pin" not in text.content.lower():
        return ()
    is_guide = text.path.lower().endswith((".md", ".mdc"))
    is_wide = is_guide or kind_by_path(text.path) is Kind.DEPENDABOT
    paragraphs = tuple(_paragraphs(text)) if is_guide else ()
    parts = paragraphs if is_guide else (_Paragraph("", "", 0, said) for said in _remarks(text))
    return tuple(
        TagDecision(text.path, named, not is_wide and _DECIDED.search(sentence) is None)
        for part in parts
        for sentence in _SENTENCE.split(_MARKUP.sub("", part.said) if is_guide else part.said)
        if (named := _decided_in(sentence, part.heading, is_comment=not is_guide)) is not None
    ) + tuple(TagDecision(text.path, named, is_of_file=False) for named in _trusted(paragraphs))


def _trusted(paragraphs: tuple[_Paragraph, ...]) -> Iterator[tuple[str, ...]]:
    """The actions of the owners that a policy names as those whose actions are at tags, together with the items below."""
    for at, part in enumerate(paragraphs):
        said = _MARKUP.sub("", part.said)
        found = _OWNERS_AT_TAG.search(said)
        is_decided = any(_DECIDED.search(one) for one in (said, part.heading, part.title))
        if found is None or not is_decided or _AGAINST.search(said[: found.start()]):
            continue
        lines = [part.said, *_below(part, paragraphs[at + 1 :])]
        if any(_OPEN.search(one) or _EXCEPTED.search(one) or _SPEAKS_OF_COMMIT.search(one) for one in lines):
            continue
        codes = (code for one in lines for code in _CODE.finditer(one))
        if named := tuple(f"{one['owner']}/{one['name'] or '*'}".lower() for one in codes):
            yield named


def _below(part: _Paragraph, later: Iterable[_Paragraph]) -> Iterator[str]:
    """What the items under a paragraph say."""
    for one in later:
        if one.depth <= part.depth or one.heading != part.heading:
            return
        yield one.said


def _decided_in(sentence: str, heading: str, *, is_comment: bool) -> tuple[str, ...] | None:
    """The actions of which a sentence says so, empty for all; None where it says nothing of that."""
    refused = _NO_COMMIT.search(sentence)
    said = refused or _AT_TAG.search(sentence)
    is_decided = is_comment or refused or _DECIDED.search(sentence) or _DECIDED.search(heading)
    if said is None or not is_decided or _OPEN.search(sentence):
        return None
    if not refused and (_is_by_commit(sentence) or _AGAINST.search(sentence[: said.start()])):
        return None
    named = tuple(
        f"{one['owner']}/{one['name']}".lower() for one in _NAMED.finditer(sentence, 0, said.start())
    )
    is_of_some = bool(named) and not _OF_ALL.search(sentence)
    if is_of_some or _OF_SOME.search(sentence):
        return named or None
    return () if _ACTIONS.search(sentence) else None


def _is_by_commit(sentence: str) -> bool:
    """Whether it speaks of commits otherwise than of what is not done."""
    return _SPEAKS_OF_COMMIT.search(_INSTEAD.sub("", sentence)) is not None


def _remarks(text: Text) -> Iterator[str]:
    """The comments of a file, those on lines that follow each other in one."""
    lines: list[str] = []
    last = 0
    try:
        found = comments(text)
    except CannotRead:
        return
    for comment in found:
        line, said = text.line_of(comment.span.start), text[comment.span].strip("# \t")
        if lines and (line != last + 1 or not said):
            yield " ".join(lines)
            lines = []
        lines += [said] if said else []
        last = line
    if lines:
        yield " ".join(lines)


def _paragraphs(text: Text) -> Iterator[_Paragraph]:
    """The paragraphs and items of a Markdown file; no examples of code."""
    heading, first, depth, lines, is_code = "", "", 0, list[str](), False
    for written in (*text.content.expandtabs(4).splitlines(), ""):
        line = written.strip()
        is_fence, title, item = line.startswith(("```", "~~~")), _HEADING.match(line), _ITEM.match(line)
        if lines and (is_fence or title or item or not line):
            yield _Paragraph(heading, first, depth, " ".join(lines))
            lines = []
        is_code ^= is_fence
        heading = title["title"] if title and not is_code else heading
        first = first or heading
        if line and not (is_fence or is_code or title):
            depth = depth if lines else written.index(line) + (item.end() if item else 0)
            lines.append(line[item.end() :] if item else line)
