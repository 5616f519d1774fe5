"""The demo's pull requests show what they are there to show."""

from __future__ import annotations

import pytest

from checks.catalogue import catalogue
from checks.check import Applicability, Outside, Repository
from checks.engine import Review, review
from checks.source.snapshot import Snapshot
from tests.demo.render import changed, rendered
from tests.demo.states import CHANGE, NAME, OWNER, README, Proposal, base_files

SHOWN = {
    "action-on-branch",
    "cip-glob-never-matches",
    "copy-source-excluded-by-dockerignore",
    "docker-exporter-with-multiple-platforms",
    "dockerignore-inline-comment",
    "missing-permission-for-step",
    "moving-tag-pushed-to-immutable-repository",
    "sarif-severity-ignored",
    "shell-form-entrypoint",
}


def reviewed(proposal: Proposal) -> Review:
    outside = Outside(slug=f"{OWNER}/{NAME}")
    head, base = (Repository(Snapshot.of(dict(files)), outside) for files in (proposal.files(), base_files()))
    outcome = review(head, base, catalogue())
    assert not outcome.crashed
    assert not outcome.unreadable
    return outcome


@pytest.fixture(scope="module")
def change() -> Review:
    return reviewed(CHANGE)


def test_the_change_brings_what_each_check_finds(change: Review) -> None:
    assert {found.check.id for found in change.new} >= SHOWN


def test_what_stood_there_before_is_known_and_one_is_suppressed(change: Review) -> None:
    assert {"action-on-branch", "dockerignore-inline-comment"} <= {found.check.id for found in change.known}
    assert [(one.check, bool(one.reason)) for one in change.suppressed] == [("action-on-branch", True)]


def test_a_fix_is_withheld_because_of_what_it_would_bring_and_another_as_it_would_not_do(
    change: Review,
) -> None:
    found = (one.finding for one in change.new if one.finding.withheld)
    withheld = {one.location.fragment.split()[0]: one.withheld for one in found}
    assert set(withheld) == {"scripts/", "aquasecurity/trivy-action@master"}
    assert "copy-source-excluded-by-dockerignore" in withheld["scripts/"]
    assert "what the daemon has" in withheld["aquasecurity/trivy-action@master"]


def test_fixes_of_each_applicability_and_in_another_file(change: Review) -> None:
    fixes = [(found.finding.location.path, fix) for found in change.new for fix in found.finding.fixes]
    assert {fix.applicability for _, fix in fixes} == set(Applicability)
    assert any(edit.path != path for path, fix in fixes for edit in fix.edits)


def test_the_other_pull_request_brings_nothing() -> None:
    assert reviewed(README).new == ()


def test_markdown_becomes_lines_of_a_terminal() -> None:
    """Links, emphasis and markers go, a table has columns, what can be unfolded is unfolded."""
    markdown = """\
**Brings 1 finding.** [`a.yml` line 3](https://github.com/x) sets `IMMUTABLE`.

| | where |
|---|---|
| error | [`a.yml` 3](https://x) |

<details><summary>Or in <code>ecr.tf</code></summary>

```diff
-a
+b
```
</details>
<!-- tidewaiter:finding=1 -->"""
    assert list(rendered(markdown)) == [
        "Brings 1 finding. a.yml line 3 sets IMMUTABLE.",
        "",
        "       where",
        "error  a.yml 3",
        "",
        "▾ Or in ecr.tf",
        "",
        "  -a",
        "  +b",
    ]


def test_a_suggestion_is_shown_as_a_diff() -> None:
    assert list(changed("a\nb\nc\nd\n", "a\nB\nc\nd\n")) == ["@@ -1,3 +1,3 @@", " a", "-b", "+B", " c"]
