"""Pull requests, and what is read of their repositories."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

from tests.conftest import BuildRepository
from tests.fake_github.shop import CHANGED, LINES, OTHER_SHA, REPO, Shop, with_token
from tests.github import content, repositories
from tests.github.fake import FakeGitHub
from tests.github.repositories import Entry, Link, Submodule


def test_a_pull_request_shows_its_head_and_base(shop: Shop) -> None:
    shown = shop.get("/pulls/1").json()
    assert (shown["head"]["sha"], shown["base"]["sha"]) == (shop.built.head, shop.built.base)
    assert (shown["changed_files"], shown["additions"], shown["deletions"]) == (1, 1, 2)
    assert (shown["state"], shown["draft"], shown["commits"]) == ("open", False, 1)


def test_pull_requests_are_listed_by_state_head_and_base(shop: Shop) -> None:
    assert [one["number"] for one in shop.get("/pulls", head="acme:change").json()] == [1]
    assert shop.get("/pulls", head="acme:other").json() == []
    assert shop.get("/pulls", base="other").json() == []
    shop.github.close_pull_request(shop.pull)
    assert shop.get("/pulls").json() == []
    assert [one["number"] for one in shop.get("/pulls", state="closed").json()] == [1]


def test_a_push_moves_the_head_and_an_edit_the_base(shop: Shop) -> None:
    sha = repositories.commit(shop.built.git_dir, "change", {"c.txt": "new\n"})
    repositories.commit(shop.built.git_dir, "next", {"d.txt": ""}, parent=shop.built.base)
    shop.github.push(shop.pull, sha)
    payload = shop.github.edit_base(shop.pull, "next")
    shown = shop.get("/pulls/1").json()
    assert (shown["head"]["sha"], shown["base"]["ref"]) == (sha, "next")
    assert payload["changes"]["base"]["ref"]["from"] == "main"


def test_files_come_with_patch_and_previous_name(
    github: FakeGitHub, build_repository: BuildRepository
) -> None:
    base: dict[str, Entry] = {"old.txt": LINES, "gone.txt": "x\n", "picture.png": b"\0\1"}
    head = {
        "old.txt": None,
        "new.txt": LINES,
        "gone.txt": None,
        "picture.png": b"\0\2",
        "añadido.txt": "hola",
    }
    repository = github.add_repository("acme", "shop", build_repository(base, head).git_dir)
    github.open_pull_request(repository, 1)
    with with_token(github) as client:
        files = {one["filename"]: one for one in client.get(f"{REPO}/pulls/1/files").json()}
    assert {name: one["status"] for name, one in files.items()} == {
        "new.txt": "renamed",
        "gone.txt": "removed",
        "picture.png": "modified",
        "añadido.txt": "added",
    }
    assert files["new.txt"]["previous_filename"] == "old.txt"
    assert files["añadido.txt"]["patch"] == "@@ -0,0 +1 @@\n+hola\n\\ No newline at end of file"
    assert "patch" not in files["picture.png"]


def test_the_patch_of_a_large_file_is_missing(github: FakeGitHub, build_repository: BuildRepository) -> None:
    built = build_repository({"a": ""}, {"big.txt": "x\n" * (content.MAX_PATCH_LINES + 1)})
    github.open_pull_request(github.add_repository("acme", "shop", built.git_dir), 1)
    with with_token(github) as client:
        (shown,) = client.get(f"{REPO}/pulls/1/files").json()
    assert "patch" not in shown
    assert shown["additions"] == content.MAX_PATCH_LINES + 1


def test_files_are_paged_thirty_unasked_and_three_thousand_in_all(
    github: FakeGitHub, build_repository: BuildRepository
) -> None:
    built = build_repository({"a": ""}, {f"{number:04}": "x" for number in range(3001)})
    github.open_pull_request(github.add_repository("acme", "shop", built.git_dir), 1)
    with with_token(github) as client:
        first = client.get(f"{REPO}/pulls/1/files")
        assert len(first.json()) == 30
        last = client.get(f"{REPO}/pulls/1/files", params={"per_page": 200, "page": 30})
        assert [last.json()[0]["filename"], last.json()[-1]["filename"]] == ["2900", "2999"]
        assert 'rel="next"' not in last.headers["Link"]
        following = client.get(first.links["next"]["url"]).json()
        assert following[0]["filename"] == "0030"
        compared = client.get(f"{REPO}/compare/main...change").json()
    assert len(compared["files"]) == 300


def test_compare_tells_the_merge_base(shop: Shop) -> None:
    later = repositories.commit(shop.built.git_dir, "main", {"later.txt": ""})
    shown = shop.get(f"/compare/{later}...change").json()
    assert shown["merge_base_commit"]["sha"] == shop.built.base
    assert (shown["status"], shown["ahead_by"], shown["behind_by"]) == ("diverged", 1, 1)
    assert [one["filename"] for one in shown["files"]] == ["a.txt"]
    assert shop.get(f"/compare/main...{OTHER_SHA}").status_code == 404


def test_trees_hold_links_and_submodules_and_can_be_truncated(
    github: FakeGitHub, build_repository: BuildRepository
) -> None:
    base: dict[str, Entry] = {"d/file": "x", "link": Link("d/file"), "module": Submodule(OTHER_SHA)}
    built = build_repository(base, {"e": ""})
    repository = github.add_repository("acme", "shop", built.git_dir)
    with with_token(github) as client:
        url = f"{REPO}/git/trees/{built.base}"
        whole = client.get(url, params={"recursive": "1"}).json()
        flat = client.get(url).json()
        repository.tree_limit = 2
        part = client.get(url, params={"recursive": "1"}).json()
    assert [(one["path"], one["mode"], one["type"]) for one in whole["tree"]] == [
        ("d", "040000", "tree"),
        ("d/file", "100644", "blob"),
        ("link", "120000", "blob"),
        ("module", "160000", "commit"),
    ]
    assert [one["path"] for one in flat["tree"]] == ["d", "link", "module"]
    assert (len(part["tree"]), part["truncated"], whole["truncated"]) == (2, True, False)


def test_a_blob_is_base64_or_raw(shop: Shop) -> None:
    tree = shop.get("/git/trees/main").json()["tree"]
    url = f"{REPO}/git/blobs/{tree[0]['sha']}"
    assert base64.b64decode(shop.client.get(url).json()["content"]).decode() == LINES
    assert shop.client.get(url, headers={"Accept": "application/vnd.github.raw+json"}).text == LINES
    assert shop.get(f"/git/blobs/{OTHER_SHA}").status_code == 404


def test_contents_follow_links_and_stop_at_one_megabyte(
    github: FakeGitHub, build_repository: BuildRepository
) -> None:
    base: dict[str, Entry] = {
        "d/f": "x\n",
        "l": Link("d/f"),
        "away": Link("/etc/passwd"),
        "big": "y" * (1024 * 1024 + 1),
    }
    github.add_repository("acme", "shop", build_repository(base, {}).git_dir)
    with with_token(github) as client:
        followed = client.get(f"{REPO}/contents/l").json()
        assert (followed["type"], base64.b64decode(followed["content"])) == ("file", b"x\n")
        outside = client.get(f"{REPO}/contents/away").json()
        assert (outside["type"], outside["target"]) == ("symlink", "/etc/passwd")
        assert [one["name"] for one in client.get(f"{REPO}/contents/d").json()] == ["f"]
        big = client.get(f"{REPO}/contents/big")
        assert (big.status_code, big.json()["errors"][0]["code"]) == (403, "too_large")
        raw = client.get(f"{REPO}/contents/big", headers={"Accept": "application/vnd.github.raw"})
        assert len(raw.content) == 1024 * 1024 + 1
        assert client.get(f"{REPO}/contents/d/f", params={"ref": "none"}).status_code == 404


def test_refs_and_commits_are_found_by_their_names(shop: Shop) -> None:
    assert shop.get("/git/ref/heads/change").json()["object"]["sha"] == shop.built.head
    assert shop.get("/git/ref/pull/1/head").json()["object"]["sha"] == shop.built.head
    assert shop.get("/git/ref/heads/none").status_code == 404
    assert shop.get("/commits/main").json()["sha"] == shop.built.base
    assert [one["number"] for one in shop.get(f"/commits/{shop.built.head}/pulls").json()] == [1]


def test_a_fork_is_not_found_by_its_head_and_may_be_deleted(
    github: FakeGitHub, build_repository: BuildRepository, tmp_path: Path
) -> None:
    base = build_repository({"a.txt": LINES}, {})
    subprocess.run(["git", "clone", "-q", "--bare", base.git_dir, tmp_path / "fork.git"], check=True)
    head = repositories.commit(tmp_path / "fork.git", "theirs", {"a.txt": CHANGED}, parent=base.base)
    repository = github.add_repository("acme", "shop", base.git_dir)
    fork = github.add_repository("rosa", "shop", tmp_path / "fork.git", installed=False, fork=True)
    pull = github.open_pull_request(repository, 1, "theirs", fork=fork, author="rosa")
    with with_token(github) as client:
        assert client.get(f"{REPO}/commits/{head}/pulls").json() == []
        run = client.post(f"{REPO}/check-runs", json={"name": "T", "head_sha": head}).json()
        assert run["pull_requests"] == []
        assert client.get(f"{REPO}/pulls/1").json()["head"]["repo"]["full_name"] == "rosa/shop"
        assert [one["filename"] for one in client.get(f"{REPO}/pulls/1/files").json()] == ["a.txt"]
    github.delete_fork(pull)
    with with_token(github) as client:
        assert client.get(f"{REPO}/pulls/1").json()["head"]["repo"] is None
    payload = github.payloads.pull_request(pull, "synchronize")
    assert payload["pull_request"]["head"]["repo"] is None
    suite = github.payloads.check_suite(repository, head)["check_suite"]
    assert (suite["head_branch"], suite["pull_requests"]) == (None, [])


def test_roles_read_as_the_older_permissions(shop: Shop) -> None:
    for role, old in (("maintain", "write"), ("triage", "read"), ("admin", "admin"), ("none", "none")):
        shop.github.set_permission(shop.repository, "rosa", role)
        shown = shop.get("/collaborators/rosa/permission").json()
        assert (shown["permission"], shown["role_name"]) == (old, role)
    assert shop.get("/collaborators/nobody/permission").status_code == 404
