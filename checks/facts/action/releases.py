"""Releases of actions with their commits and runtimes, and the revisions that incidents made dangerous.

The tables are data, with their sources and the day on which they were checked: `data/action_releases.json`,
`data/tool_releases.json` and `data/incidents.json`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property

from msgspec.structs import replace

from checks.facts.numbers import numbers
from checks.facts.tables import table
from checks.facts.workflow.workflows import ActionUse
from checks.record import Record
from checks.regex import regex
from checks.source.snapshot import Edit
from checks.source.text import Location, Span

_VERSION = regex(r"v?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?")
_COMMENT = regex(
    r"[ \t]*#[# \t]*(?:(?:refs/)?tags/|[^\s@#]*@|(?:action|pin(?:ned)?(?: (?:at|to))?|release|tag|version)(?:[ \t]{0,9}[:=]|[ \t])[ \t]{0,9})?"
    r"(?P<version>v\d+(?:\.\d+){0,2}(?:-node\d{2})?(?![\w.-])|\d+(?:\.\d+){1,2}(?=[ \t]*$))",
    re.IGNORECASE,
)
_CONSTRAINT = regex(r"#[# \t]*ratchet:(?P<repository>[^\s@#]+)@$")
"""Ahead of what ratchet updates the commit to: https://github.com/sethvargo/ratchet#readme"""
_EXCLUDED = regex(r"[ \t]*#.{0,200}\bratchet:exclude\b")
"""Behind what ratchet is to leave at its tag or branch."""
_PAGE = regex(
    r"https://github\.com/(?P<repository>[\w.-]{1,100}/[\w.-]{1,100})/(?:releases/tag|tree|commits?)/(?P<name>v?\d+(?:\.\d+){0,2}|[0-9a-f]{40})(?![\w.-])"
)
"""Of a release or a commit."""
_NAMED = regex(r"(?<![\w.-])(?:v?\d+(?:\.\d+){0,2}|[0-9a-f]{40})(?![\w-]|\.\d)")
_DIRECTIVE = regex(r"[ \t]*(?:[a-z][\w-]*:[ \t]*\S|nosemgrep\b|noqa\b)")
_TO_PIN = regex(
    r"[ \t]*(?:TODO|FIXME|XXX)\b"
    r"(?!.*(?:n't|\b(?:after|also|and|before|not|once|then|until|when)\b))"
    r".{0,80}\b(?:digest|pin(?:ned|s)?|sha)\b.{0,40}",
    re.IGNORECASE,
)
"""A comment that asks for nothing but a commit at this place, which a pin brings."""
ARCHIVED = frozenset(
    (
        "8398a7/action-slack",
        "actions-rs/audit-check",
        "actions-rs/cargo",
        "actions-rs/clippy-check",
        "actions-rs/install",
        "actions-rs/tarpaulin",
        "actions-rs/toolchain",
        "actions/create-release",
        "actions/setup-ruby",
        "actions/upload-release-asset",
        "andymckay/labeler",
        "dawidd6/action-get-tag",
        "repo-sync/pull-request",
        "sonarsource/sonarcloud-github-action",
    )
)
"""Repositories that GitHub shows as archived: nobody can push to their branches, or move a tag."""
_IMMUTABLE_SINCE = {
    "aquasecurity/trivy-action": (0, 35),
    "astral-sh/setup-uv": (8,),
    "aws-actions/configure-aws-credentials": (5,),
    "docker/login-action": (4, 1),
    "docker/metadata-action": (6, 0),
    "docker/setup-buildx-action": (4, 1),
    "docker/setup-qemu-action": (4, 2),
    "peter-evans/create-pull-request": (8, 1, 1),
}
"""From which version on the tag of a release stays where it is, whoever would move it:
https://docs.github.com/en/code-security/concepts/supply-chain-security/immutable-releases"""
_GONE = frozenset(("node12", "node16", "node20"))
"""Runtimes that GitHub's runners don't have any more: they take Node 24."""
_FIT_FOR_NODE_24 = {"actions/download-artifact": (6,), "actions/upload-artifact": (5,)}
"""From which versions on releases run with Node 24, too, where they still name the one before it:
https://github.com/actions/upload-artifact/releases/tag/v6.0.0, https://github.com/actions/download-artifact/releases/tag/v7.0.0"""
_WITHOUT_LINES = frozenset(("aquasecurity/trivy-action", "astral-sh/setup-uv"))
"""Whose newer releases have no tag of their major or minor version: https://github.com/astral-sh/setup-uv/releases/tag/v8.0.0"""
_WITHOUT_V = frozenset(
    ("shivammathur/setup-php", "superfly/flyctl-actions", "svenstaro/upload-release-action")
)
"""Whose newer releases have tags without `v`: https://github.com/shivammathur/setup-php/tags"""
ONLY_BY_TAG = frozenset(("slsa-framework/slsa-github-generator",))
"""What refuses to run at a commit: https://github.com/slsa-framework/slsa-github-generator#referencing-slsa-builders-and-generators"""


def number_of(version: str) -> tuple[int, ...]:
    """The parts of a whole version, with or without its `v`."""
    return numbers(version.removeprefix("v"))


def is_version(name: str) -> bool:
    """Whether a name is that of one release: `v4.2.1`, or without its `v`."""
    match = _VERSION.fullmatch(name)
    return match is not None and match[3] is not None


class Release(Record, dict=True):
    """A released version of an action."""

    version: str
    """With its `v`: `v4.2.1`."""
    commit: str
    runtime: str
    """`runs.using`: `node20`, `composite`, `docker`; empty where it is not known."""

    @cached_property
    def number(self) -> tuple[int, ...]:
        return number_of(self.version)


class Inner(Record):
    """What a composite action runs."""

    repository: str
    release: Release
    """The newest of the major version that it runs."""


class Upstream(Record):
    """What the repository of an action has, as GitHub answered."""

    commits: Mapping[str, str]
    """By tag the commit that it points to, of the tags that were asked for."""
    absent: frozenset[str] = frozenset()
    """What was asked for and is neither a tag nor a branch."""
    newest: str = ""
    """The tag of its latest release; empty where it has none."""
    newest_commit: str = ""
    is_archived: bool = False
    """Nobody can push to it."""


class Incident(Record):
    """Revisions that ran something else than what their project wrote."""

    advisory: str
    what: str
    """What they run, as a part of a sentence."""
    fixed: str
    """A version that is safe; empty where the table of releases has it."""

    @property
    def url(self) -> str:
        return f"https://github.com/advisories/{self.advisory}"


def tag_of(repository: str, version: str) -> str:
    """The tag of a newer release of an action, by its version with `v`; `repository` is `owner/name` in lower case."""
    return version.removeprefix("v") if repository in _WITHOUT_V else version


def lacks_runtime(repository: str, release: Release) -> bool:
    """Whether runners don't have the Node any more that a release, or what it runs inside, is made for; `repository` is `owner/name` in lower case."""
    within = inside(repository, release)
    if within is not None:
        return lacks_runtime(within.repository, within.release)
    fit_since = _FIT_FOR_NODE_24.get(repository)
    return release.runtime in _GONE and (fit_since is None or release.number < fit_since)


def inside(repository: str, release: Release) -> Inner | None:
    """The action that each run of a composite one runs, too; None where the table has none."""
    since = [
        row for first, row in _inside().get(repository, {}).items() if number_of(first) <= release.number
    ]
    found = newest(*since[-1]) if since else None
    return Inner(since[-1][0], found) if found is not None else None


def runtime_of(repository: str, release: Release) -> str:
    """What a release runs on, or what it runs inside."""
    within = inside(repository, release)
    return within.release.runtime if within is not None else release.runtime


@cache
def _inside() -> Mapping[str, Mapping[str, tuple[str, int]]]:
    """What composite actions run and its major version, each by the first release with it, oldest first."""
    found: Mapping[str, Mapping[str, tuple[str, int]]] = table("action_releases")["inside"]
    return found


def is_archived(use: ActionUse, actions: Mapping[str, Upstream]) -> bool:
    """Whether nobody can move what a name of the action's repository stands for: as GitHub answered, or as we know."""
    upstream = actions.get(use.repository)
    return use.repository in ARCHIVED or (upstream is not None and upstream.is_archived)


def is_left_at_its_name(use: ActionUse) -> bool:
    """Whether the comment behind a use tells ratchet not to pin it: somebody has decided that.

    https://github.com/sethvargo/ratchet#excluding
    """
    text, end = use.scalar.text, use.scalar.span.end
    return _EXCLUDED.match(text.content, end, text.line(text.line_of(end)).end) is not None


def is_exact(use: ActionUse) -> bool:
    """Whether a name is that of one release, not of a line of them: `v4.2.1`."""
    return is_version(use.ref)


def is_immutable(use: ActionUse) -> bool:
    """Whether a name is certainly that of a release which GitHub lets nobody move."""
    since, match = _IMMUTABLE_SINCE.get(use.repository), _VERSION.fullmatch(use.ref)
    return (
        since is not None and match is not None and is_exact(use) and tuple(map(int, match.groups())) >= since
    )


@cache
def releases(repository: str) -> tuple[Release, ...]:
    """The known releases of an action, oldest first; `repository` is `owner/name` in lower case."""
    rows = _releases().get(repository, {})
    return tuple(Release(version, commit, runtime) for version, (commit, runtime) in rows.items())


@cache
def _releases() -> Mapping[str, Mapping[str, tuple[str, str]]]:
    """Commit and runtime of each release, by action and version."""
    actions: Mapping[str, Mapping[str, tuple[str, str]]] = table("action_releases")["actions"]
    return actions


@cache
def _lines() -> Mapping[str, Mapping[str, str]]:
    """The releases of floating tags that are not at the newest one, by action and tag."""
    lines: Mapping[str, Mapping[str, str]] = table("action_releases")["lines"]
    return lines


def of_commit(repository: str, commit: str) -> Release | None:
    """The newest release that a commit is; None where the table has none."""
    return next((one for one in reversed(releases(repository)) if one.commit == commit), None)


def current(use: ActionUse, actions: Mapping[str, Upstream]) -> Release | None:
    """The release that a version tag stands for: as GitHub answered, else as the table has it."""
    upstream = actions.get(use.repository)
    commit = upstream.commits.get(use.ref) if upstream else None
    if not _VERSION.fullmatch(use.ref):
        return None
    if upstream is None or commit is None:
        return of_use(use)
    known = of_commit(use.repository, commit)
    is_newest = commit == upstream.newest_commit and bool(_VERSION.fullmatch(upstream.newest))
    version = upstream.newest if is_newest else known.version if known else use.ref
    return Release(version, commit, "")


def latest(repository: str, actions: Mapping[str, Upstream]) -> Release | None:
    """The newest release with a version to pin a name to: as GitHub answered, else as the table has it."""
    upstream = actions.get(repository)
    if repository.lower() in ONLY_BY_TAG:
        return None
    if upstream and upstream.newest_commit and _VERSION.fullmatch(upstream.newest):
        return Release(upstream.newest, upstream.newest_commit, "")
    return newest(repository)


def pinned(uses: Iterable[ActionUse], repository: str) -> Release | None:
    """The newest release of an action at whose commit other steps pin it, by the comments behind these."""
    found = [
        Release(said[1].fragment.lower(), use.ref, "")
        for use in uses
        if use.repository == repository
        and use.is_commit
        and (said := version_comment(use)) is not None
        and _VERSION.fullmatch(said[1].fragment.lower())
    ]
    return max(found, key=lambda release: release.number, default=None)


def pinned_as(uses: Iterable[ActionUse], use: ActionUse) -> Release | None:
    """The commit at which other steps pin the action of a use for the very tag or branch that it names, by the comments behind
    these.

    None where none does, or where they differ.
    """
    commits = {
        one.ref
        for one in uses
        if one.repository == use.repository and one.is_commit and _said_behind(one) == use.ref
    }
    return Release(use.ref, commits.pop(), "") if len(commits) == 1 else None


def pinned_alone(uses: Iterable[ActionUse], use: ActionUse) -> ActionUse | None:
    """A step that pins the action of a use, where all that do have one commit, whatever they say of it."""
    found = [one for one in uses if one.action == use.action and one.is_commit]
    return found[0] if len({one.ref for one in found}) == 1 else None


def pinned_within(uses: Iterable[ActionUse], use: ActionUse) -> ActionUse | None:
    """A step that pins the action of a use to a version of the line that its tag names, by the comment behind it: `v1.4.2` for `v1`.

    None where none does, or where those that do differ.
    """
    if _VERSION.fullmatch(use.ref) is None:
        return None
    line = f"{use.ref.removeprefix('v')}."
    said = ((one, version_comment(one)) for one in uses if one.action == use.action and one.is_commit)
    return pinned_alone(
        (one for one, version in said if version and f"{version[0].removeprefix('v')}.".startswith(line)), use
    )


def newest(repository: str, major: int | None = None) -> Release | None:
    """The newest release, perhaps of one major version."""
    found = (one for one in reversed(releases(repository)) if major in (None, one.number[0]))
    return next(found, None)


@cache
def newest_tool(tool: str) -> str:
    """The newest known release of `cosign`, `syft`, `grype` or `trivy`, with its `v`."""
    return str(table("tool_releases")["tools"][tool])


def of_use(use: ActionUse) -> Release | None:
    """The release that a step uses, by its commit, its exact version, or the newest one of a floating tag, but for those
    that stayed behind.

    A floating tag may have moved since the table was made, within its version: what is said of the release's
    major version holds.
    """
    if use.is_commit:
        return _at_path(use, of_commit(use.repository, use.ref))
    behind = _lines().get(use.repository, {}).get(use.ref)
    if behind is not None:
        return _at_path(use, next((one for one in releases(use.repository) if one.version == behind), None))
    match = _VERSION.fullmatch(use.ref)
    if match is None:
        return None
    wanted = tuple(int(part) for part in match.groups() if part is not None)
    fitting = (one for one in reversed(releases(use.repository)) if one.number[: len(wanted)] == wanted)
    return _at_path(use, next(fitting, None))


def _at_path(use: ActionUse, release: Release | None) -> Release | None:
    """A release as the action at the path of a use has it, which may bring another runtime than that of the root."""
    runtimes = _paths().get(use.action)
    if release is None or runtimes is None:
        return release
    since = [runtime for version, runtime in runtimes.items() if number_of(version) <= release.number]
    return replace(release, runtime=since[-1]) if since else release


@cache
def _paths() -> Mapping[str, Mapping[str, str]]:
    """The runtimes of actions at paths, each by the first release with it, oldest first."""
    paths: Mapping[str, Mapping[str, str]] = table("action_releases")["paths"]
    return paths


def version_comment(use: ActionUse) -> tuple[str, Location] | None:
    """The version that the comment behind `uses:` names, with its `v`, and where it stands, with what follows: `v1-node16`."""
    text = use.scalar.text
    end = use.scalar.span.end
    match = _COMMENT.match(text.content, end, text.line(text.line_of(end)).end)
    if match is None:
        return None
    place = Location(text, Span(match.start("version"), match.end("version")))
    return f"v{match['version'].lower().removeprefix('v').partition('-')[0]}", place


def _said_behind(use: ActionUse) -> str:
    """The tag or the branch that the comment behind `uses:` names: its version, or all of it."""
    said, text, end = version_comment(use), use.scalar.text, use.scalar.span.end
    _, _, comment = text.content[end : text.line(text.line_of(end)).end].partition("#")
    return said[1].fragment if said is not None else comment.strip()


def restated(place: Location, version: str) -> str:
    """Another version as a comment says one, at the place that `version_comment` found: with its `v`, or without.

    What ratchet is to keep to stays as wide as it is, `v4` or `v4.2`: that is a tag, and moves.
    """
    text, said = place.text, place.fragment
    before = text.content[text.line(text.line_of(place.span.start)).start : place.span.start]
    constraint = _CONSTRAINT.search(before)
    if constraint is not None and constraint["repository"].lower() not in _WITHOUT_LINES:
        version = ".".join(version.split(".")[: said.count(".") + 1])
    return version if said.lower().startswith("v") else version.removeprefix("v")


def _said_above(use: ActionUse) -> Iterator[Location]:
    """Where a comment in the line above says which release or commit is used, by its page at GitHub; each mention in that line."""
    text, release = use.scalar.text, of_use(use)
    number = text.line_of(use.scalar.span.start) - 1
    line = text.line(number) if number > 0 else Span(0, 0)
    content = text[line]
    if not content.lstrip().startswith("#"):
        return
    used = {use.ref, *((release.version, release.version.removeprefix("v")) if release is not None else ())}
    names = (page["name"] for page in _PAGE.finditer(content) if page["repository"].lower() == use.repository)
    if used.isdisjoint(names):
        return
    for match in _NAMED.finditer(content):
        if match[0] in used:
            yield Location(text, Span(line.start + match.start(), line.start + match.end()))


def pin(use: ActionUse, version: str, commit: str) -> tuple[Edit, ...]:
    """The commit for the ref, and the version, where it is known, at the start of the line's comment where there is room for one."""
    return tuple(_pin(use, version, commit))


def _pin(use: ActionUse, version: str, commit: str) -> Iterator[Edit]:
    text = use.scalar.text
    if use.ref_span is None:
        return
    yield Edit(text.path, use.ref_span, commit)
    if not version:
        return
    commented = version_comment(use)
    above = tuple(_said_above(use))
    for place in above:
        is_commit = place.fragment == use.ref and use.is_commit
        yield Edit(text.path, place.span, commit if is_commit else restated(place, version))
    end = use.scalar.span.end
    rest = text.content[end : text.line(text.line_of(end)).end]
    before, hash_sign, comment = rest.partition("#")
    if commented is not None:
        yield Edit(text.path, commented[1].span, restated(commented[1], version))
    elif above:
        return
    elif not rest.strip():
        yield Edit(text.path, Span(end, end), f" # {tag_of(use.repository, version)}")
    elif hash_sign and not before.strip():
        at = end + len(before) + 1
        blanks = len(comment) - len(comment.lstrip())
        said = comment.strip() == use.ref or _TO_PIN.fullmatch(comment) is not None
        # What is said to a tool has to begin a comment.
        between = " # " if _DIRECTIVE.match(comment) else ", "
        tag = tag_of(use.repository, version)
        new = f" {tag}" if said or not comment.strip() else f" {tag}{between}"
        yield Edit(text.path, Span(at, at + (len(comment.rstrip()) if said else blanks)), new)


@cache
def _incidents() -> tuple[Mapping[tuple[str, str], Incident], Mapping[tuple[str, str], Incident]]:
    data = table("incidents")
    commits = {
        (row["action"], commit): Incident(row["advisory"], row["what"], "")
        for row in data["commits"]
        for commit in row["commits"]
    }
    versions = {
        (row["tool"], version): Incident(row["advisory"], row["what"], row["fixed"])
        for row in data["versions"]
        for version in row["versions"]
    }
    return commits, versions


def incident_of(use: ActionUse) -> Incident | None:
    """The incident that made a pinned commit of an action dangerous."""
    return _incidents()[0].get((use.repository, use.ref)) if use.is_commit else None


def incident_of_tool(tool: str, version: str) -> Incident | None:
    """The same for a version of a tool, with or without `v`."""
    return _incidents()[1].get((tool, version.removeprefix("v")))
