"""A review as SARIF 2.1.0, within what code scanning takes.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html and
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import quote

import sarif_om as om
from jschema_to_python.to_json import to_json
from msgspec import field

from app.report.line_hash import line_hashes
from app.report.markdown import line_of
from app.report.plain import placed, plain
from app.report.region import Region, Texts, region
from checks.check import Applicability, Check, Finding, Fix, Location, Severity
from checks.engine import Crashed, Found, Review, State, Suppressed
from checks.record import Record
from checks.source.snapshot import elsewhere
from checks.source.text import Span, Text, Unreadable

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
CATEGORY = "tidewaiter"
MAX_RESULTS = 5_000
"""Code scanning keeps as many of a run, the most severe ones, and refuses a run with 25,000."""
MAX_RELATED = 99
"""Code scanning keeps 100 locations of a result, the primary one among them."""
MAX_TEXT = 1024
"""Characters of a description that code scanning takes."""
MAX_TAGS = 10
"""Tags of a rule that code scanning keeps."""
_ROOT = "%SRCROOT%"


class Source(Record):
    """Which tool speaks of which commit."""

    version: str
    """Of the tool, as `1.2.3`."""
    pages: str
    """Address of a check's page, with `{}` where its id stands: `https://…/checks/{}`."""
    home: str
    """Where the tool is documented."""
    repository: str = ""
    """Address of the repository that was reviewed; empty if unknown."""
    revision: str = ""
    """The commit that was reviewed; empty if unknown."""
    prefix: str = ""
    """From the repository's root to the folder that was reviewed: `services/web/`."""
    others: Mapping[str, str] = field(default_factory=dict)
    """By `owner/name` of other repositories that took part: the address below which their files stand."""


def sarif(
    review: Review,
    checks: Iterable[Check],
    texts: Texts,
    source: Source,
    *,
    compared: bool = False,
    known: bool = False,
    suppressed: bool = True,
) -> str:
    """The review as one run, with a rule for each of `checks`.

    `compared` says that states were told by a base and are worth writing down; `known` writes what
    stood there before too, as code scanning wants it, which compares by itself. `suppressed` writes
    suppressed findings as such; code scanning ignores the mark and opens an alert, so not for uploads.
    """
    rules = sorted(checks, key=lambda check: check.id)
    run = _Run(texts, {check.id: index for index, check in enumerate(rules)}, source, compared)
    shown = [found for found in review.findings if known or found.state is State.NEW]
    shown.sort(key=lambda found: list(Severity).index(found.severity))
    left_out = max(0, len(shown) - MAX_RESULTS)
    results = [run.found(found) for found in shown[:MAX_RESULTS]]
    if suppressed:
        severities = {check.id: check.severity for check in rules}
        asked = review.suppressed[: MAX_RESULTS - len(results)]
        results += [run.suppressed(item, severities[item.check]) for item in asked]
    log = om.SarifLog(
        version="2.1.0",
        schema_uri=SCHEMA,
        runs=[
            om.Run(
                tool=om.Tool(driver=_driver(rules, source)),
                automation_details=om.RunAutomationDetails(id=f"{CATEGORY}/"),
                column_kind="unicodeCodePoints",
                original_uri_base_ids={
                    _ROOT: om.ArtifactLocation(description=_message("The repository's root."))
                },
                version_control_provenance=_provenance(source),
                invocations=[run.invocation(review, left_out)],
                results=results,
            )
        ],
    )
    return _written(log)


def _written(log: om.SarifLog) -> str:
    """JSON on one line. The serialiser drops `warning` as the default, yet it is the rule that a missing
    level falls back to."""
    written = json.loads(to_json(log))
    for result in written["runs"][0]["results"]:
        result.setdefault("level", "warning")
    return json.dumps(written, ensure_ascii=False, separators=(",", ":"))


def _driver(checks: Sequence[Check], source: Source) -> om.ToolComponent:
    return om.ToolComponent(
        name="Tidewaiter",
        organization="Tidewaiter",
        version=source.version,
        semantic_version=source.version,
        information_uri=source.home,
        rules=[_rule(check, source) for check in checks],
    )


def _rule(check: Check, source: Source) -> om.ReportingDescriptor:
    title = _sentence(_plain(check.title))
    body = check.doc.strip().partition("\n")[2].strip()
    properties: dict[str, object] = {
        "tags": list(dict.fromkeys((*check.tags, *(["security"] if check.security_severity else []))))[
            :MAX_TAGS
        ],
        "precision": "high",
        "problem.severity": {Severity.NOTE: "recommendation"}.get(check.severity, check.severity.value),
    }
    if check.security_severity is not None:
        properties["security-severity"] = f"{check.security_severity:.1f}"
    return om.ReportingDescriptor(
        id=check.id,
        name="".join(word.capitalize() for word in check.id.split("-")),
        short_description=om.MultiformatMessageString(text=title),
        full_description=om.MultiformatMessageString(text=_cut(_plain(body.partition("\n\n")[0]) or title)),
        help=om.MultiformatMessageString(text=body or title, markdown=body or title),
        help_uri=source.pages.format(quote(check.id)),
        default_configuration=om.ReportingConfiguration(level=check.severity.value),
        deprecated_ids=list(check.aliases) or None,
        properties=properties,
    )


class _Run(Record):
    """What the results of one run share."""

    texts: Texts
    rules: dict[str, int]
    source: Source
    compared: bool
    hashes: dict[Text, list[str]] = field(default_factory=dict)
    """Of the lines of each file that has a result."""

    def found(self, found: Found) -> om.Result:
        finding = found.finding
        result = self._result(found.check.id, _told(finding, self.source), finding.location)
        result.level = found.severity.value
        result.related_locations = [
            self._location(place, number)
            for number, place in enumerate(finding.related[:MAX_RELATED], 1)
            if elsewhere(place.path) is None
        ] or None
        result.partial_fingerprints["tidewaiter/v1"] = found.fingerprint
        result.fixes = [
            self._fix(fix) for fix in finding.fixes if fix.applicability is not Applicability.DISPLAY
        ] or None
        if self.compared:
            result.baseline_state = "new" if found.state is State.NEW else "unchanged"
        return result

    def suppressed(self, item: Suppressed, severity: Severity) -> om.Result:
        text = f"{item.by[0].upper()}{item.by[1:]} leaves out what '{item.check}' finds here."
        result = self._result(item.check, text, item.location)
        result.level = severity.value
        result.suppressions = [
            om.Suppression(kind="inSource" if item.is_here else "external", justification=item.reason)
        ]
        return result

    def _result(self, check: str, text: str, place: Location) -> om.Result:
        return om.Result(
            rule_id=check,
            rule_index=self.rules[check],
            message=_message(text),
            locations=[self._location(place)],
            partial_fingerprints={"primaryLocationLineHash": self._hash(place)},
        )

    def _hash(self, place: Location) -> str:
        if place.text not in self.hashes:
            self.hashes[place.text] = line_hashes(place.text.content)
        return self.hashes[place.text][place.line - 1]

    def _location(self, place: Location, number: int | None = None) -> om.Location:
        physical = om.PhysicalLocation(
            artifact_location=self._artifact(place.path),
            region=_region(region(place.text, place.span), place.text),
        )
        if 0 < place.span.end - place.span.start <= MAX_TEXT:
            physical.region.snippet = om.ArtifactContent(text=place.fragment)
        if number is None:
            return om.Location(physical_location=physical)
        note = _sentence(_plain(place.note)) if place.note else "The other half stands here."
        return om.Location(id=number, physical_location=physical, message=_message(_unlinked(note)))

    def _artifact(self, path: str) -> om.ArtifactLocation:
        return om.ArtifactLocation(uri=quote(self.source.prefix + path), uri_base_id=_ROOT)

    def _fix(self, fix: Fix) -> om.Fix:
        paths = dict.fromkeys(edit.path for edit in fix.edits)
        changes = [
            om.ArtifactChange(
                artifact_location=self._artifact(path),
                replacements=[
                    self._replacement(self.texts.get(path), edit.span, edit.replacement)
                    for edit in fix.edits
                    if edit.path == path
                ],
            )
            for path in paths
        ]
        title = _sentence(_plain(f"{fix.title[:1].upper()}{fix.title[1:]}"))
        return om.Fix(
            artifact_changes=changes, description=_message(f"{title} {_plain(fix.caution)}".strip())
        )

    @staticmethod
    def _replacement(text: Text | None, span: Span, replacement: str) -> om.Replacement:
        inserted = om.ArtifactContent(text=replacement) if replacement else None
        return om.Replacement(deleted_region=_region(region(text, span), text), inserted_content=inserted)

    def invocation(self, review: Review, left_out: int) -> om.Invocation:
        notifications = [
            *(self._unreadable(item) for item in review.unreadable),
            *(self._crashed(item) for item in review.crashed),
            *(
                om.Notification(message=_message(_sentence(reason)), level="error")
                for reason in review.incomplete
            ),
        ]
        if left_out:
            notifications.append(
                om.Notification(message=_message(f"{left_out} less severe results are left out."))
            )
        complete = not review.crashed and not review.incomplete
        return om.Invocation(
            execution_successful=complete, tool_execution_notifications=notifications or None
        )

    def _unreadable(self, item: Unreadable) -> om.Notification:
        place = om.PhysicalLocation(
            artifact_location=self._artifact(item.path), region=om.Region(start_line=item.line)
        )
        other = elsewhere(item.path)
        path = f"{other[1]} of {other[0]}" if other else item.path
        message = _message(_sentence(f"'{path}' can't be read: {_plain(item.reason)}"))
        locations = None if other else [om.Location(physical_location=place)]
        return om.Notification(message=message, locations=locations)

    def _crashed(self, item: Crashed) -> om.Notification:
        where = f" on '{item.path}'" if item.path else ""
        message = _message(_sentence(f"The check '{item.check}' crashed{where}: {item.error}"))
        rule = om.ReportingDescriptorReference(id=item.check, index=self.rules.get(item.check, -1))
        return om.Notification(message=message, level="error", associated_rule=rule)


def _plain(markdown: str) -> str:
    """Text without Markdown, values in the quotes that SARIF's own rules ask for."""
    return plain(markdown, "'")


def _told(finding: Finding, source: Source) -> str:
    """What a finding says, with a link to each related place: code scanning shows no other trace of it."""
    return _unlinked(f"{_plain(finding.message)} {_plain(finding.consequence)}".strip()) + "".join(
        _links(finding, source)
    )


def _links(finding: Finding, source: Source) -> Iterator[str]:
    """A place in another repository is no location to code scanning: its address stands in the text."""
    for number, place in enumerate(finding.related[:MAX_RELATED], 1):
        note = f" {_unlinked(_plain(place.note))}" if place.note else ""
        other = elsewhere(place.path)
        if other is None:
            shown = re.sub(r"([\[\]\\])", r"\\\1", f"{source.prefix}{placed(place.path, place.line)}")
            yield f" [{shown}]({number})" + _sentence(note)
        else:
            address = line_of(source.others.get(other[0], ""), other[1], place.line)
            yield f" {_unlinked(placed(place.path, place.line))} ({address})" + _sentence(note)


def _unlinked(text: str) -> str:
    """`text` in which no value from a repository reads as a link."""
    return text.replace("](", "] (")


def _region(where: Region, text: Text | None) -> om.Region:
    """SARIF does not count a byte order mark as a character of the first line."""
    mark = text is not None and text.content.startswith("\ufeff")

    def column(line: int, value: int) -> int:
        return max(1, value - 1) if mark and line == 1 else value

    return om.Region(
        start_line=where.start_line,
        start_column=column(where.start_line, where.start_column),
        end_line=where.end_line,
        end_column=column(where.end_line, where.end_column),
    )


def _provenance(source: Source) -> list[om.VersionControlDetails] | None:
    if not source.repository:
        return None
    return [
        om.VersionControlDetails(
            repository_uri=source.repository,
            revision_id=source.revision or None,
            mapped_to=om.ArtifactLocation(uri_base_id=_ROOT),
        )
    ]


def _message(text: str) -> om.Message:
    return om.Message(text=text)


def _sentence(text: str) -> str:
    """`text` ended by a full stop, where it has no end of its own."""
    return text if text.endswith((".", "?", "!", "…")) else f"{text}."


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= MAX_TEXT else flat[: MAX_TEXT - 1] + "…"
