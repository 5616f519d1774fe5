"""The body of a review comment: one finding, told where its author reads.

What is, what happens because of it, where the other half stands, then the fix.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping

from msgspec import field

from app.report import markdown
from app.report.region import Texts
from app.report.suggestion import Suggestion, changes
from checks.check import Applicability, Edit, Fix, Location, code
from checks.engine import Found
from checks.record import Record
from checks.source.snapshot import elsewhere

MAX_RELATED = 6
"""Related places in one comment."""
MAX_SUGGESTION = 16_000
"""Characters of a suggestion; more than that is read in a diff."""
_PLAIN_IDENTITY = re.compile(r"[0-9A-Za-z]+(?:[.:/+_-][0-9A-Za-z]+)*")
_MARKER = re.compile(r"\n<!-- tidewaiter:finding=(\S{1,200}) -->\s*\Z")
_CLOSED = re.compile(r"(?:Fixed in|Ignored since) `[0-9a-f]{7,64}`\.\n")
_ADDRESS = re.compile(r"line [\d,]+\]\([^\s)]*\)")


class Links(Record):
    """Where the things stand that a report speaks of."""

    repository: str = ""
    """Address of the repository: `https://github.com/acme/web`. Empty: places are not linked."""
    sha: str = ""
    """The head that was reviewed."""
    checks: str = ""
    """Address under which each check has its page: `https://…/checks`. Empty: ids are not linked."""
    others: Mapping[str, str] = field(default_factory=dict)
    """By `owner/name` of other repositories that took part: the address below which their files stand."""

    def place(self, path: str, line: int) -> str:
        """A place in words, linked to the line at the commit that was read."""
        return markdown.link(markdown.place(path, line), self.address(path, line))

    def address(self, path: str, line: int) -> str:
        """The address of a line at the commit that was read; empty if unknown."""
        other = elsewhere(path)
        if other is None:
            return markdown.permalink(self.repository, self.sha, path, line)
        return markdown.line_of(self.others.get(other[0], ""), other[1], line)

    def check(self, identity: str) -> str:
        """The id of a check, linked to its page."""
        return markdown.link(identity, f"{self.checks}/{identity}" if self.checks else "")


class Spot(Record):
    """The lines of the diff that a comment stands on."""

    path: str
    first: int
    last: int

    def shows(self, location: Location) -> bool:
        """Whether the first line of `location` is among them."""
        return location.path == self.path and self.first <= location.line <= self.last


def body(found: Found, spot: Spot | None, offered: Suggestion | None, texts: Texts, links: Links) -> str:
    """The whole comment, marker included, within GitHub's limit.

    `offered` is the suggestion that has the effect of the finding's first fix and replaces the lines of
    `spot`; without one the fix is shown as a diff. Without a spot the text stands in the check run.
    """
    end = f"{_tail(found, links)}\n{marker(found.fingerprint)}"
    parts = list(told(found, spot, offered, texts, links))
    return f"{markdown.sections(parts, markdown.MAX_BODY - len(end) - 2)}\n\n{end}"


def told(
    found: Found, spot: Spot | None, offered: Suggestion | None, texts: Texts, links: Links
) -> Iterator[str]:
    """The parts of a finding's story, without the small last line."""
    finding = found.finding
    elsewhere = spot is not None and not spot.shows(finding.location)
    about = (
        f" This is about {links.place(finding.location.path, finding.location.line)}." if elsewhere else ""
    )
    yield markdown.prose(finding.message) + about
    yield " ".join(part for part in (markdown.prose(finding.consequence), *_related(found, links)) if part)
    near = spot.path if spot else finding.location.path
    for index, fix in enumerate(finding.fixes):
        yield _fix(fix, index, offered if index == 0 else None, texts, near)
    if finding.withheld:
        yield f"A fix is withheld: {markdown.prose(finding.withheld)}"


def _related(found: Found, links: Links) -> Iterator[str]:
    related = found.finding.related
    for location in related[:MAX_RELATED]:
        note = markdown.prose(location.note).rstrip(".") or "is the other half"
        yield f"{links.place(location.path, location.line)} {note}."
    if len(related) > MAX_RELATED:
        yield f"{markdown.counted(len(related) - MAX_RELATED, 'more place')} like it."


def _fix(fix: Fix, index: int, offered: Suggestion | None, texts: Texts, near: str) -> str:
    shown = markdown.suggested(offered.lines) if offered else _in_details(fix, index, texts, near)
    if fix.applicability is not Applicability.UNSAFE:
        return shown
    gap = "\n" if offered else "\n\n"  # right after `</details>` GitHub takes a line for HTML
    return f"{shown}{gap}Before committing: {lowered(markdown.prose(fix.caution))}"


def _in_details(fix: Fix, index: int, texts: Texts, near: str) -> str:
    title = fix.title if index else fix.title[:1].upper() + fix.title[1:]
    paths = tuple(dict.fromkeys(edit.path for edit in fix.edits))
    where = " and ".join(code(path) for path in paths)
    summary = f"{'Or ' if index else ''}{title}{'' if paths == (near,) else f', in {where}'}"
    blocks = [_diff(path, [e for e in fix.edits if e.path == path], texts, len(paths) > 1) for path in paths]
    return markdown.details(markdown.inline_html(summary), "\n\n".join(blocks))


def _diff(path: str, edits: list[Edit], texts: Texts, named: bool) -> str:
    block = markdown.diff(changes(texts.get(path), edits))
    return f"{code(path)}:\n\n{block}" if named else block


def lowered(sentence: str) -> str:
    """A sentence after a colon: a small letter, unless it begins with a name."""
    return (
        sentence[:1].lower() + sentence[1:] if sentence[1:2].islower() or sentence[1:2] == " " else sentence
    )


def _tail(found: Found, links: Links) -> str:
    identity = found.check.id
    return f"<sub>{links.check(identity)} · to ignore: `# tidewaiter: ignore[{identity}] reason`</sub>"


def marker(fingerprint: str) -> str:
    """The hidden last line of a comment, by which we find it again."""
    return f"<!-- tidewaiter:finding={identity(fingerprint)} -->"


def identity(fingerprint: str) -> str:
    """A fingerprint as it stands in a marker: as it is, or hashed where HTML could not hold it."""
    if len(fingerprint) <= 200 and _PLAIN_IDENTITY.fullmatch(fingerprint):
        return fingerprint
    return hashlib.sha256(fingerprint.encode("utf-8", "surrogatepass")).hexdigest()


def marked(body: str) -> str | None:
    """The identity in the marker of a comment of ours; only its last line counts, which is never a
    repository's text."""
    found = _MARKER.search(body)
    return found[1] if found else None


def same(one: str, other: str) -> bool:
    """Whether two bodies say the same. That a link leads to another commit is no difference: each
    permalink stays true of its own commit."""
    return _settled(one) == _settled(other)


def _settled(body: str) -> str:
    return _ADDRESS.sub("", body.replace("\r\n", "\n").strip())


def closed(body: str, word: str, sha: str) -> str:
    """The body of a replied comment whose finding is gone: `word` is "Fixed in" or "Ignored since".

    A body that says so already stays as it is. The suggestion can't be committed any longer.
    """
    if _CLOSED.match(body):
        return body
    text = body.replace("\r\n", "\n")
    end = _MARKER.search(text)
    story = text[: end.start()] if end else text
    story = re.sub(r"^(`{3,})suggestion$", r"\1", story, flags=re.MULTILINE)
    head, tail = f"{word} `{sha[:7]}`.\n\n", f"\n{end[0].strip()}" if end else ""
    kept = markdown.details("What stood here", story)
    return head + (kept if len(kept) + len(head) + len(tail) <= markdown.MAX_BODY else "") + tail
