"""Which scopes of the job's token scripts use through `gh`."""

from __future__ import annotations

import json

import pytest

from checks.facts.token.github_cli import scopes_of
from tests.checks.workflow import job


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("gh issue create --title a", {"issues": "write"}),
        ("gh issue list", {"issues": "read"}),
        ("gh issue create && gh issue list", {"issues": "write"}),
        ("gh issue list; gh issue create", {"issues": "write"}),
        ("gh pr comment 1 --body b", {"pull-requests": "write"}),
        ("gh pr merge 1", {"pull-requests": "write", "contents": "write"}),
        ("gh release download v1", {"contents": "read"}),
        ("gh release upload v1 a.txt", {"contents": "write"}),
        ("gh release create v1 --notes a", {"contents": "write"}),
        (
            "gh release create v1 --discussion-category=General",
            {"contents": "write", "discussions": "write"},
        ),
        ("gh run rerun 1", {"actions": "write"}),
        ("number=$(gh pr list --json number)", {"pull-requests": "read"}),
        ("gh auth status; gh --version", {}),
        ("# by gh pr edit, later\ngh issue list", {"issues": "read"}),
        ("echo high && ./gh-pages.sh", {}),
        ("gh api repos/a/b", {}),
        ("gh api repos/$REPO", {}),
        ("gh api repos/$OWNER/$REPO", None),
        ('gh api "repos/$REPO/releases/tags/$TAG" --jq .body', {"contents": "read"}),
        ("gh api repos/acme/web/commits/$SHA/status", {"statuses": "read"}),
        ("gh api repos/acme/web/commits/$SHA", {"contents": "read"}),
        ("gh api /users/acme/packages/container/web/versions?per_page=9", {"packages": "read"}),
        ("gh api -X GET repos/$REPO/pulls -f state=open", {"pull-requests": "read"}),
        ("gh api --method=GET repos/a/b/actions/runs", {"actions": "read"}),
        ("gh api repos/a/b/pulls -f state=open", None),
        ("gh api -X POST repos/a/b/releases", None),
        ("gh api -XDELETE repos/a/b/releases/1", None),
        ("gh api -X $METHOD repos/a/b/releases", None),
        ("gh api --input body.json repos/a/b/releases", None),
        ("gh api repos/a/b/hooks", None),
        ("gh api $WHAT", None),
        ("gh api user", None),
        ("gh api graphql -f query=$QUERY", None),
        ("gh pr edit 1 --add-label a", None),
        ("gh issue develop 1", None),
        ("gh extension install a/b", None),
        ("gh -R a/b issue list", None),
        ("gh $COMMAND list", None),
        ("gh", {}),
        ("cat a | xargs gh issue close", None),
    ],
)
def test_the_scopes_of_a_script(script: str, expected: dict[str, str] | None) -> None:
    found = job(f"steps: [{{run: {json.dumps(script)}}}]\n")
    assert scopes_of(found.steps) == expected


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ("{GH_TOKEN: '${{ github.token }}'}", {"issues": "write"}),
        ("{GITHUB_TOKEN: '${{ secrets.GITHUB_TOKEN }}'}", {"issues": "write"}),
        ("{GH_TOKEN: '${{ secrets.BOT }}', GITHUB_TOKEN: '${{ github.token }}'}", {}),
        ("{GITHUB_TOKEN: '${{ secrets.BOT }}'}", {}),
        ("{OTHER: a}", {"issues": "write"}),
    ],
)
def test_a_token_of_its_own_takes_none_of_the_jobs(env: str, expected: dict[str, str]) -> None:
    of_step = job(f"steps:\n  - run: gh issue create\n    env: {env}\n")
    of_job = job(f"env: {env}\nsteps: [{{run: gh issue create}}]\n")
    assert scopes_of(of_step.steps) == scopes_of(of_job.steps) == expected


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("gh issue list", {"issues": "read"}),
        (
            "Get-ChildItem | ForEach-Object {gh release upload $Tag $_}; gh run list",
            {"contents": "write", "actions": "read"},
        ),
        ("gh api user", None),
        ("gh $Command list", None),
    ],
)
def test_a_script_for_another_shell_is_read_by_its_words(script: str, found: dict[str, str] | None) -> None:
    assert scopes_of(job(f"steps: [{{run: '{script}', shell: pwsh}}]\n").steps) == found
