"""Comment names another version than the pinned commit

The comment behind a pinned commit is what people and Dependabot read. Where it names a version whose tag is
another commit, reviews and updates start from a version that does not run.

Name the version that the commit is. Where the comment names a newer major version and the runtime is gone that the
commit is made for, the commit is what was left behind: move that.

The comments of a file are told together. The check is silent where neither the shipped table nor GitHub,
where that was asked, knows a version of the commit, and for comments without a version, or with the right one
beside another one. It is silent, too, where only the table was asked, and that has no release of the comment's
line, or none so new: it may be a copy of one of a newer line.

References:

- https://docs.github.com/en/actions/reference/security/secure-use#using-third-party-actions
- https://docs.github.com/en/code-security/dependabot/working-with-dependabot/keeping-your-actions-up-to-date-with-dependabot
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from msgspec.structs import replace

from checks.check import (
    Applicability,
    Attention,
    Check,
    Edit,
    Example,
    Finding,
    Kind,
    Location,
    Outside,
    Repository,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.action.releases import Release, newest, of_commit, releases
from checks.facts.action.runtimes import lacks_runtime, runtime_of
from checks.facts.action.upstream import Upstream
from checks.facts.action.version_comments import restated, version_comment
from checks.facts.action.versions import number_of
from checks.facts.workflow.uses import ActionUse
from checks.regex import regex

check = Check(
    id="sha-comment-mismatch",
    doc=__doc__,
    severity=Severity.NOTE,
    kinds=(Kind.WORKFLOW, Kind.ACTION),
    fix=Applicability.SAFE,
    attention=Attention.COMMENT_WITH_SUGGESTION,
    tags=("pinning",),
    yields_to=("known-compromised-action",),
    peers=("zizmor:ref-version-mismatch",),
    follows=("build-input-does-not-exist",),
    examples=(
        Example(
            title="the commit of v7.3.0",
            files="""\
-- .github/workflows/push.yml --
on: push
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # v6.1.0, the builder
""",
            at="v6.1.0",
            fixed="""\
-- .github/workflows/push.yml --
on: push
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # v7.3.0, the builder
""",
        ),
        Example(
            title="the version of a day, which is another one now",
            files="""\
-- .github/workflows/push.yml --
on: push
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # v6.1.0 as of 2026-05-12
""",
            at="v6.1.0",
        ),
        Example(
            title="GitHub said what the newest release is, and what a tag",
            files=f"""\
-- .github/workflows/ci.yml --
on: push
jobs:
  ci:
    runs-on: ubuntu-latest
    steps:
      - uses: someone/notify@{"a" * 40} # v1.2.0
      - uses: someone/notify@{"a" * 40} # v1.4
      - uses: someone/notify@{"a" * 40} # v1.4.0-like
      - uses: someone/renamed@{"a" * 40} # v1.2.0
      - uses: someone/notify@{"a" * 40} # tag=v1.4.0
      - uses: someone/notify@{"a" * 40} # 1.4.0
""",
            at="v1.2.0",
            fixed=f"""\
-- .github/workflows/ci.yml --
on: push
jobs:
  ci:
    runs-on: ubuntu-latest
    steps:
      - uses: someone/notify@{"a" * 40} # v1.4.0
      - uses: someone/notify@{"a" * 40} # v1.4
      - uses: someone/notify@{"a" * 40} # v1.4.0-like
      - uses: someone/renamed@{"a" * 40} # v1.2.0
      - uses: someone/notify@{"a" * 40} # tag=v1.4.0
      - uses: someone/notify@{"a" * 40} # 1.4.0
""",
            outside=Outside(
                actions={
                    "someone/notify": Upstream({}, newest="v1.4.0", newest_commit="a" * 40),
                    "someone/renamed": Upstream(
                        {"v1.2.0": "a" * 40}, newest="v1.4.0", newest_commit="a" * 40
                    ),
                }
            ),
        ),
        Example(
            title="several of one file",
            files="""\
-- .github/workflows/push.yml --
on: push
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # v6.1.0
      - uses: docker/build-push-action@ca052bb54ab0790a636c9b5f226502c73d547a25 # v4
""",
            at="v6.1.0",
            fixed="""\
-- .github/workflows/push.yml --
on: push
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # v7.3.0
      - uses: docker/build-push-action@ca052bb54ab0790a636c9b5f226502c73d547a25 # v5.4.0
""",
        ),
        Example(
            title="a newer line, which the commit was not moved to, and whose runtime is there",
            files="""\
-- .github/workflows/push.yml --
on: push
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@ca052bb54ab0790a636c9b5f226502c73d547a25 # v7
""",
            at="v7",
        ),
        Example(
            title="a tag of Node",
            files="""\
-- .github/workflows/push.yml --
on: push
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # pin@v1-node16
      - uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # pin@v1-next
""",
            at="v1-node16",
            fixed="""\
-- .github/workflows/push.yml --
on: push
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # pin@v7.3.0
      - uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # pin@v1-next
""",
        ),
        Example(
            title="each as it is written",
            files="""\
-- .github/workflows/push.yml --
on: push
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # 6.1.0
      - uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # tag=v6.1.0
      - uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # 7.3.0
      - uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # ratchet:docker/build-push-action@v6
      - uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # ratchet:docker/build-push-action@v7
""",
            at="6.1.0",
            fixed="""\
-- .github/workflows/push.yml --
on: push
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # 7.3.0
      - uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # tag=v7.3.0
      - uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # 7.3.0
      - uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # ratchet:docker/build-push-action@v7
      - uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # ratchet:docker/build-push-action@v7
""",
        ),
        Example(
            title="the right one, beside another one, its major version, an unknown commit, an unknown action, no version",
            files="""\
-- .github/workflows/push.yml --
on: push
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # v7.3.0
      - uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # v7
      - uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # v7.3.0@v6
      - uses: docker/build-push-action@0000000000000000000000000000000000000001 # v6.1.0
      - uses: acme/build@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # v1.0.0
      - uses: docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # latest
""",
        ),
        Example(
            title="a release that is a copy of one of the next line, one of that line which is not known yet, one without its zero",
            files="""\
-- .github/workflows/test.yml --
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: codecov/codecov-action@fb8b3582c8e4def4969c97caa2f19720cb33a72f # v6.0.2
      - uses: codecov/codecov-action@fb8b3582c8e4def4969c97caa2f19720cb33a72f # v6
      - uses: codecov/codecov-action@fb8b3582c8e4def4969c97caa2f19720cb33a72f # v6.0.3
      - uses: softprops/action-gh-release@3d0d9888cb7fd7b750713d6e236d1fcb99157228 # v1.2.0
      - uses: superfly/flyctl-actions@fc53c09e1bc3be6f54706524e3b82c4f462f77be # v1.5.0
""",
        ),
        Example(
            title="an older release of the line before, one of the same line that is not known",
            files="""\
-- .github/workflows/test.yml --
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: codecov/codecov-action@fb8b3582c8e4def4969c97caa2f19720cb33a72f # v6.0.1
  again:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.3.0
""",
            at="v6.0.1",
            fixed="""\
-- .github/workflows/test.yml --
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: codecov/codecov-action@fb8b3582c8e4def4969c97caa2f19720cb33a72f # v7.0.0
  again:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2
""",
        ),
    ),
)


_DATED = regex(r"[^\n]{0,40}?\b\d{4}-\d\d-\d\d\b")
"""A day behind the version in its comment, `as of 2026-05-12`."""


class _Wrong(NamedTuple):
    use: ActionUse
    release: Release
    """What the commit is."""
    said: str
    """The version that the comment names, with its `v`."""
    place: Location

    @property
    def is_left_behind(self) -> bool:
        """Whether the commit is to move, rather than the comment, which names a newer major version."""
        is_newer = number_of(self.said)[0] > self.release.number[0]
        return is_newer and lacks_runtime(self.use.repository, self.release)


def run(repo: Repository) -> Iterator[Finding]:
    found: dict[str, list[_Wrong]] = {}
    for one in _wrong(repo):
        found.setdefault(one.place.path, []).append(one)
    yield from map(_finding, found.values())


def _wrong(repo: Repository) -> Iterator[_Wrong]:
    """The versions in comments whose commits are those of other releases."""
    for use in repo.action_uses:
        said, upstream = version_comment(use), repo.outside.actions.get(use.repository)
        release = _release(use, upstream) if use.is_commit else None
        if said is None or release is None or (upstream and upstream.commits.get(said[0]) == use.ref):
            continue
        if not repo.comes_to(use):
            continue
        if _may_be_at_it(use, said[0], release, upstream):
            continue
        same = any(
            one.commit == use.ref and _is_called(one, said[0]) for one in (release, *releases(use.repository))
        )
        if not same and not _names(use, release.version):
            yield _Wrong(use, release, *said)


def _may_be_at_it(use: ActionUse, said: str, release: Release, upstream: Upstream | None) -> bool:
    """Whether the tag that a comment names may be at the commit as well, as none is known of its line, or none so new.

    A release may be a copy of one of a newer line: https://github.com/codecov/codecov-action/releases/tag/v6.0.2
    """
    number = number_of(said)
    last = newest(use.repository, number[0])
    if upstream is not None and "." in said:
        return False
    return last is None or (number > last.number and number[0] < release.number[0])


def _is_called(release: Release, said: str) -> bool:
    """Whether a comment names a release: by its version, a line that it is of, or with a zero more or less, `v1.1.0` for `v1.1`."""
    return release.version.startswith(f"{said}.") or _short(release.number) == _short(number_of(said))


def _short(number: tuple[int, ...]) -> tuple[int, ...]:
    """A version without the zeros that it ends with."""
    return _short(number[:-1]) if number[-1:] == (0,) else number


def _names(use: ActionUse, version: str) -> bool:
    """Whether the comment behind `uses:` names a version anywhere, beside another one: `v5.0.1@v5`."""
    text, end = use.scalar.text, use.scalar.span.end
    line = text.content[end : text.line(text.line_of(end)).end]
    return re.search(rf"(?<![\w.-])v?{re.escape(version.removeprefix('v'))}(?![\w-]|\.\w)", line) is not None


def _release(use: ActionUse, upstream: Upstream | None) -> Release | None:
    """What the commit is: the newest release, as GitHub answered, or one of the table."""
    if upstream and upstream.newest_commit == use.ref and re.fullmatch(r"v\d+\.\d+\.\d+", upstream.newest):
        return Release(upstream.newest, use.ref, "")
    return of_commit(use.repository, use.ref)


def _finding(wrong: list[_Wrong]) -> Finding:
    first, *others = wrong
    more = (
        f" {len(others)} more of the file are wrong too."
        if len(others) > 1
        else " Another is wrong too."
        if others
        else ""
    )
    why_not = _why_not(wrong)
    edits = [Edit(one.place.path, one.place.span, restated(one.place, one.release.version)) for one in wrong]
    said = {edit.replacement for edit in edits}
    return Finding(
        message=f"The comment says {code(first.place.fragment)}, and the commit is {code(first.release.version)}.{more}",
        consequence="Who reads the comment, a reviewer or an updater, starts from a version that does not run.",
        location=first.place,
        related=tuple(replace(one.place, note=f"is the commit of {one.release.version}") for one in others),
        fixes=offer(
            f"say {said.pop()}" if len(said) == 1 else "say what the commits are",
            Applicability.SAFE,
            *(() if why_not else edits),
        ),
        withheld=why_not,
    )


def _why_not(wrong: list[_Wrong]) -> str:
    """Why the comments are not to be written anew as they stand."""
    left = next((one for one in wrong if one.is_left_behind), None)
    if left is not None:
        runtime = runtime_of(left.use.repository, left.release)
        return f"{code(left.release.version)} is made for {code(runtime)}, which is gone: move to a newer release first"
    is_dated = any(_DATED.match(one.place.text.content, one.place.span.end) for one in wrong)
    return "the day beside the version is that of another one: write both anew" if is_dated else ""
