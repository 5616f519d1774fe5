"""Which release a use stands for, and to which one it is to move: as GitHub answered, as the table has it, or as other steps pin it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from checks.facts.action.releases import Release, newest, of_commit, of_use
from checks.facts.action.upstream import Upstream
from checks.facts.action.version_comments import said_behind, version_comment
from checks.facts.action.versions import version_parts
from checks.facts.workflow.uses import ActionUse

_ONLY_BY_TAG = frozenset(("bazel-contrib/publish-to-bcr", "slsa-framework/slsa-github-generator"))
"""What refuses to run at a commit, or whose attestations are refused then.

https://github.com/slsa-framework/slsa-github-generator#referencing-slsa-builders-and-generators
https://github.com/aspect-build/rules_swc/pull/370
"""
_CALLED_BY_TAG = frozenset(("bazel-contrib/.github/.github/workflows/release_ruleset.yaml",))
"""Single workflows of which the same is true: https://github.com/aspect-build/rules_lint/pull/891"""


def is_only_by_tag(use: ActionUse) -> bool:
    """Whether what is used has to be named by a tag."""
    return use.repository in _ONLY_BY_TAG or use.action.lower() in _CALLED_BY_TAG


def current(use: ActionUse, actions: Mapping[str, Upstream]) -> Release | None:
    """The release that a version tag stands for: as GitHub answered, else as the table has it."""
    upstream = actions.get(use.repository)
    commit = upstream.commits.get(use.ref) if upstream else None
    if version_parts(use.ref) is None:
        return None
    if upstream is None or commit is None:
        return of_use(use)
    known = of_commit(use.repository, commit)
    is_newest = commit == upstream.newest_commit and version_parts(upstream.newest) is not None
    version = upstream.newest if is_newest else known.version if known else use.ref
    return Release(version, commit, "")


def latest(repository: str, actions: Mapping[str, Upstream]) -> Release | None:
    """The newest release with a version to pin a name to: as GitHub answered, else as the table has it."""
    upstream = actions.get(repository)
    if repository.lower() in _ONLY_BY_TAG:
        return None
    if upstream and upstream.newest_commit and version_parts(upstream.newest) is not None:
        return Release(upstream.newest, upstream.newest_commit, "")
    return newest(repository)


def pinned(uses: Iterable[ActionUse], use: ActionUse) -> Release | None:
    """The newest release of an action at whose commit other steps pin it, by the comments behind these.

    A commit at which another folder of its repository is pinned may lack this one.
    """
    found = [
        Release(said[1].fragment.lower(), one.ref, "")
        for one in uses
        if one.action == use.action
        and one.is_commit
        and (said := version_comment(one)) is not None
        and version_parts(said[1].fragment.lower()) is not None
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
        if one.repository == use.repository and one.is_commit and said_behind(one) == use.ref
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
    if version_parts(use.ref) is None:
        return None
    line = f"{use.ref.removeprefix('v')}."
    said = ((one, version_comment(one)) for one in uses if one.action == use.action and one.is_commit)
    return pinned_alone(
        (one for one, version in said if version and f"{version[0].removeprefix('v')}.".startswith(line)), use
    )
