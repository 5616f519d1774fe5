"""Folders and commits become snapshots, and fixes files, over real git in real folders."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from app import worktree
from app.local import named
from app.worktree import FolderError, GitError, read, read_base, slug
from app.writing import write
from checks.check import Edit, Repository, Span
from checks.source.snapshot import Snapshot


def git(folder: Path, *arguments: str) -> None:
    """Runs git with nothing of the machine's own config."""
    alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    who = {
        f"GIT_{role}_{what}": "t@example.org"
        for role in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    subprocess.run(
        ["git", *arguments], cwd=folder, env={**os.environ, **alone, **who}, check=True, capture_output=True
    )


def put(folder: Path, **files: str) -> None:
    for name, content in files.items():
        folder.joinpath(name).write_bytes(content.encode())


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "x")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A work tree with one commit: Dockerfile and web/main.tf."""
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    put(tmp_path, Dockerfile="FROM a\n")
    tmp_path.joinpath("web").mkdir()
    put(tmp_path / "web", **{"main.tf": "x = 1\n", "photo.png": "x"})
    commit(tmp_path)
    return tmp_path


def contents(snapshot: Snapshot) -> dict[str, str]:
    return {path: text.content for path, text in snapshot.texts.items()}


def reasons(snapshot: Snapshot) -> dict[str, tuple[int, str]]:
    return {one.path: (one.line, one.reason) for one in snapshot.unreadable}


def test_a_folder_outside_of_git_is_read_whole(tmp_path: Path) -> None:
    tmp_path.joinpath(".git").mkdir()
    tmp_path.joinpath("a").mkdir()
    put(tmp_path / ".git", **{"config.yml": "x"})
    put(tmp_path / "a", **{"Dockerfile": "FROM a\r\n", "notes.txt": "x", "b.yaml": "\ufeffa: 1"})
    tmp_path.joinpath(".git").rename(tmp_path / "a" / ".git")
    snapshot = read(tmp_path)
    assert contents(snapshot) == {"a/Dockerfile": "FROM a\r\n", "a/b.yaml": "\ufeffa: 1"}
    assert snapshot.paths == {"a/Dockerfile", "a/notes.txt", "a/b.yaml"}


def test_a_work_tree_gives_tracked_files_and_untracked_ones_that_are_not_ignored(work: Path) -> None:
    put(work, **{".gitignore": "*.log.yml\nweb/gen/\n", "new.tf": "y = 1\n", "a.log.yml": "x"})
    work.joinpath("web", "gen").mkdir()
    put(work / "web" / "gen", Dockerfile="FROM generated\n")
    work.joinpath("Dockerfile").unlink()
    snapshot = read(work)
    assert contents(snapshot) == {"new.tf": "y = 1\n", "web/main.tf": "x = 1\n"}
    assert snapshot.paths == {".gitignore", "new.tf", "web/main.tf", "web/photo.png"}
    assert contents(read(work / "web" / "gen")) == {"Dockerfile": "FROM generated\n"}


def test_paths_count_from_the_folder_that_was_asked_for(work: Path) -> None:
    assert contents(read(work / "web")) == {"main.tf": "x = 1\n"}
    assert worktree.prefix(work / "web") == "web/"
    assert worktree.prefix(work) == ""


def test_files_that_another_one_names_are_read_in_a_second_round(work: Path) -> None:
    put(work, **{"build.txt": "FROM named\n"})

    def named(snapshot: Snapshot) -> list[str]:
        assert "Dockerfile" in snapshot.texts
        return ["build.txt", "absent.txt", "Dockerfile", "../outside"]

    snapshot = read(work, named)
    assert contents(snapshot) == {
        "Dockerfile": "FROM a\n",
        "build.txt": "FROM named\n",
        "web/main.tf": "x = 1\n",
    }
    commit(work)
    assert contents(read_base(work, "HEAD", named).snapshot) == contents(snapshot)


def test_tests_of_workflows_are_read_apart_and_not_told_where_they_cannot_be(work: Path) -> None:
    workflow = "on: push\njobs: {a: {runs-on: ubuntu-24.04, steps: [{uses: actions/checkout@v4}]}}\n"
    ours = {".github/workflows/a.yml": workflow, "tests/test_workflows.py": "'actions/checkout@v4'\n"}
    for folder in (".github/workflows", "tests"):
        (work / folder).mkdir(parents=True)
    put(work, **ours, **{"tests/test_ci.py": "x" * (worktree.MAX_BYTES + 1), "tests/test_web.py": "x\n"})
    commit(work)
    for snapshot in (read(work, named), read_base(work, "HEAD", named).snapshot):
        assert set(snapshot.tests) == {"tests/test_workflows.py"}
        assert set(snapshot.texts) == {"Dockerfile", "web/main.tf", ".github/workflows/a.yml"}
        assert [one.path for one in snapshot.unreadable] == ["tests/test_ci.py"]
        assert Repository(snapshot).unreadable == ()


def test_a_workflow_that_is_parked_under_another_ending_is_read(work: Path) -> None:
    place = work / ".github/workflows"
    place.mkdir(parents=True, exist_ok=True)
    for name in ("deploy.yml.bck", "deploy.yaml~", "README.md"):
        (place / name).write_text("on: push\n")
    read_paths = read(work).texts.keys()
    assert {f".github/workflows/deploy.{ending}" for ending in ("yml.bck", "yaml~")} <= read_paths
    assert ".github/workflows/README.md" not in read_paths


def test_only_a_file_that_may_be_run_can_be_a_script_without_an_ending(work: Path) -> None:
    put(work, build="#!/bin/sh\n", prose="#!/bin/sh\n")
    work.joinpath("build").chmod(0o755)
    assert set(read(work).texts) == {"Dockerfile", "build", "web/main.tf"}
    commit(work)
    assert set(read_base(work, "HEAD").snapshot.texts) == {"Dockerfile", "build", "web/main.tf"}


def test_what_is_too_large_not_utf_8_or_a_link_is_said_at_head_and_base(work: Path) -> None:
    put(work, **{"large.tf": "#" * (worktree.MAX_BYTES + 1), "full.tf": "#" * worktree.MAX_BYTES})
    work.joinpath("latin.tf").write_bytes(b"a\nb\n\xe9\n")
    work.joinpath("out.tf").symlink_to("/etc/passwd")
    work.joinpath("in.tf").symlink_to("web/main.tf")
    work.joinpath("folder.tf").symlink_to("web")
    expected = {
        "large.tf": (1, "it is larger than 1,024 KiB"),
        "latin.tf": (3, "it is not UTF-8"),
        **dict.fromkeys(
            ("out.tf", "in.tf", "folder.tf"), (1, "it is a symbolic link, and links are not followed")
        ),
    }
    assert reasons(read(work)) == expected
    assert "full.tf" in read(work).texts
    commit(work)
    base = read_base(work, "HEAD").snapshot
    assert reasons(base) == expected
    assert "full.tf" in base.texts


def test_a_name_that_is_not_utf_8_is_said(work: Path) -> None:
    name = os.path.join(os.fsencode(work), b"caf\xe9.tf")  # noqa: PTH118  # a path of bytes
    with open(name, "wb") as file:  # noqa: PTH123  # likewise
        file.write(b"x = 1\n")
    snapshot = read(work)
    assert reasons(snapshot) == {"caf\\xe9.tf": (1, "its name is not UTF-8")}
    "".join(snapshot.paths).encode()


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    put(tmp_path, file="")
    with pytest.raises(FolderError, match="no such folder"):
        read(tmp_path / "absent")
    with pytest.raises(FolderError, match="not a folder"):
        read(tmp_path / "file")


def test_a_configured_program_is_not_run(work: Path) -> None:
    trap = work / "trap"
    put(work, **{"trap": "#!/bin/sh\ntouch sprung\n", ".gitattributes": "*.tf filter=x diff=x\n"})
    trap.chmod(0o755)
    for key in (
        "core.fsmonitor",
        "filter.x.clean",
        "diff.x.command",
        "diff.external",
        "diff.x.textconv",
        "core.pager",
    ):
        git(work, "config", key, str(trap))
    put(work / "web", **{"main.tf": "x = 2\n"})
    read(work)
    read_base(work, "HEAD")
    assert not work.joinpath("sprung").exists()


def test_the_base_is_the_merge_base_with_renames_below_the_folder(work: Path) -> None:
    git(work, "checkout", "--quiet", "-b", "topic")
    put(work / "web", **{"long.tf": "".join(f"x{number} = {number}\n" for number in range(20))})
    commit(work)
    git(work, "checkout", "--quiet", "main")
    put(work, Dockerfile="FROM later\n")
    commit(work)
    git(work, "checkout", "--quiet", "topic")
    git(work, "mv", "web/main.tf", "web/moved.tf")
    commit(work)
    git(work, "mv", "web/moved.tf", "web/again.tf")
    base = read_base(work / "web", "main")
    assert contents(base.snapshot) == {"main.tf": "x = 1\n"}
    assert base.snapshot.paths == {"main.tf", "photo.png"}
    assert base.renames == {"again.tf": "main.tf"}
    assert contents(read_base(work, "main").snapshot)["Dockerfile"] == "FROM a\n"


def test_a_folder_that_the_base_does_not_have_is_empty_there(work: Path) -> None:
    work.joinpath("new").mkdir()
    put(work / "new", Dockerfile="FROM a\n")
    assert read_base(work / "new", "main").snapshot.paths == set()


def test_each_way_of_having_no_base_says_what_to_do(
    work: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    with pytest.raises(GitError, match="is not in a git work tree, so there is nothing to compare it with"):
        read_base(outside, "main")
    with pytest.raises(GitError, match=r'"absent" is not a commit here$'):
        read_base(work, "absent")
    with pytest.raises(GitError, match=r'"--all" is not a commit here$'):
        read_base(work, "--all")
    git(work, "checkout", "--quiet", "--orphan", "alone")
    put(work, Dockerfile="FROM b\n")
    commit(work)
    with pytest.raises(GitError, match=r'"main" and HEAD have no common ancestor here; the two histories'):
        read_base(work, "main")


def test_a_shallow_clone_says_how_to_get_the_base(
    work: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    put(work, Dockerfile="FROM b\n")
    commit(work)
    clone = tmp_path_factory.mktemp("clone")
    git(clone, "clone", "--quiet", "--depth", "1", work.as_uri(), ".")
    with pytest.raises(
        GitError, match=r'"HEAD~1" is not a commit here; this clone is shallow: .*fetch-depth: 0'
    ):
        read_base(clone, "HEAD~1")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://github.com/acme/web.git", "acme/web"),
        ("https://user:token@github.example.com:8443/acme/web/", "acme/web"),
        ("git@github.com:acme/web.git", "acme/web"),
        ("ssh://git@github.com:22/acme/we.b", "acme/we.b"),
        ("git@github.com:/acme/web", "acme/web"),
        ("git://github.com/acme/web.git", "acme/web"),
        ("https://gitlab.com/group/sub/web.git", None),
        ("/srv/git/web.git", None),
        ("../web.git", None),
        ("file:///srv/web.git", None),
    ],
)
def test_the_slug_comes_from_the_remote(work: Path, address: str, expected: str | None) -> None:
    git(work, "remote", "add", "origin", address)
    assert slug(work / "web") == expected


def test_the_clone_of_a_fork_is_of_its_original(work: Path) -> None:
    git(work, "remote", "add", "origin", "https://github.com/jane/web.git")
    git(work, "remote", "add", "upstream", "https://github.com/acme/web.git")
    assert slug(work) == "acme/web"


def test_without_a_remote_or_git_the_slug_is_unknown(
    work: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert slug(work) is None
    assert slug(tmp_path_factory.mktemp("outside")) is None


def test_edits_change_their_bytes_and_nothing_else(work: Path) -> None:
    put(work, **{"run.sh": "\ufeffdocker 🚢\r\nx\ry"})
    work.joinpath("run.sh").chmod(0o751)
    before = read(work)
    edits = [
        Edit("run.sh", Span(8, 9), "ships"),
        Edit("web/main.tf", Span(4, 5), "2"),
        Edit("web/new/.dockerignore", Span(0, 0), ".git\n"),
    ]
    assert write(work, before, edits) == ("run.sh", "web/main.tf", "web/new/.dockerignore")
    assert work.joinpath("run.sh").read_bytes() == "\ufeffdocker ships\r\nx\ry".encode()
    assert work.joinpath("run.sh").stat().st_mode & 0o777 == 0o751
    assert contents(read(work)) == contents(before.edited(edits))
    assert not [path for path in work.rglob("*") if path.name.endswith(".tidewaiter")]


def test_a_file_that_changed_meanwhile_stops_all_edits(work: Path) -> None:
    before = read(work)
    put(work / "web", **{"main.tf": "x = 3\n"})
    edits = [Edit("Dockerfile", Span(5, 6), "b"), Edit("web/main.tf", Span(4, 5), "2")]
    with pytest.raises(FolderError, match=r"main\.tf: changed since it was read"):
        write(work, before, edits)
    assert work.joinpath("Dockerfile").read_text() == "FROM a\n"


@pytest.mark.parametrize(
    "impossible",
    [("new/a.tf", "new/a.tf/b.tf"), ("new/a.tf", "Dockerfile/b.tf")],
    ids=["while replacing", "while preparing"],
)
def test_a_file_that_can_not_be_written_leaves_all_as_they_were(
    work: Path, impossible: tuple[str, str]
) -> None:
    before = read(work)
    edits = [Edit("Dockerfile", Span(5, 6), "b"), *(Edit(path, Span(0, 0), "x") for path in impossible)]
    with pytest.raises(FolderError, match="nothing was changed"):
        write(work, before, edits)
    assert contents(read(work)) == contents(before)
    assert not work.joinpath("new").exists()
    assert not [path for path in work.rglob("*") if path.name.endswith(".tidewaiter")]


@pytest.mark.parametrize("path", ["../escaped.tf", "/tmp/escaped.tf", "link/escaped.tf"])
def test_nothing_is_written_outside_of_the_folder(
    work: Path, path: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    work.joinpath("link").symlink_to(outside)
    with pytest.raises(FolderError):
        write(work, Snapshot.of({}), [Edit(path, Span(0, 0), "x")])
    assert list(outside.iterdir()) == []
    assert not work.parent.joinpath("escaped.tf").exists()
