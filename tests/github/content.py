"""Reads a git repository on disk with git itself. What a SHA names never changes, so answers are kept."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ParamSpec, TypeVar

from tests.github.diff import Hunk, parse_hunks

Given = ParamSpec("Given")
Answer = TypeVar("Answer")

ENVIRONMENT = {
    **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_OPTIONAL_LOCKS": "0",
    "LC_ALL": "C",
}

MAX_PATCH_LINES = 20_000
MAX_PATCH_BYTES = 500_000
"""Above either GitHub leaves `patch` out."""

STATUS = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "C": "copied", "T": "changed"}


@dataclass(frozen=True)
class TreeEntry:
    path: str
    mode: str
    kind: str
    """`blob`, `tree`, or `commit` for a submodule."""
    sha: str
    size: int | None


@dataclass(frozen=True)
class Commit:
    sha: str
    tree: str
    parents: tuple[str, ...]
    author: tuple[str, str, str]
    """Name, address and ISO date."""
    message: str


@dataclass(frozen=True)
class Change:
    """A changed file, as `GET pulls/{n}/files` tells it."""

    path: str
    previous: str | None
    status: str
    sha: str
    additions: int
    deletions: int
    patch: str | None
    """`None` for a binary or too large file, and where only mode or name changed."""

    @cached_property
    def hunks(self) -> tuple[Hunk, ...]:
        return parse_hunks(self.patch or "")


def kept(look: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """Remembers what was found; what was missing is looked for again, as it may have been pushed since."""
    known: dict[object, Answer] = {}

    def remembered(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
        key = (args, tuple(kwargs.items()))
        if key in known:
            return known[key]
        found = look(*args, **kwargs)
        if found is not None:
            known[key] = found
        return found

    return remembered


class GitStore:
    """The objects of one git directory and, for pull requests from forks, of its alternates.

    `commit` looks branches up anew each time; all else is by SHA.
    """

    def __init__(self, git_dir: Path) -> None:
        inner = git_dir / ".git"
        self.git_dir = inner if inner.is_dir() else git_dir
        self._alternates: list[str] = []
        self._batch: subprocess.Popen[bytes] | None = None
        self.object = kept(self._object)
        self.tree = kept(self._tree)
        self.changes = kept(self._changes)
        self.merge_base = kept(self._merge_base)
        self.history = kept(self._history)
        self.info = kept(self._info)

    def borrow(self, other: GitStore) -> None:
        """See the objects of another repository too, as the repositories of a network do on GitHub."""
        if other.git_dir != self.git_dir:
            self._alternates.append(str((other.git_dir / "objects").resolve()))
            self.close()

    def close(self) -> None:
        if self._batch is not None:
            self._batch.kill()
            self._batch.communicate()
            self._batch = None

    @property
    def _environment(self) -> dict[str, str]:
        return {**ENVIRONMENT, "GIT_ALTERNATE_OBJECT_DIRECTORIES": ":".join(self._alternates)}

    def git(
        self, *arguments: str, given: bytes = b"", environment: Mapping[str, str] | None = None
    ) -> bytes | None:
        """The output of a git command; `None` if it failed."""
        command = ["git", f"--git-dir={self.git_dir}", "-c", "core.quotePath=false", *arguments]
        env = self._environment | dict(environment or {})
        done = subprocess.run(command, env=env, input=given, capture_output=True, check=False)
        return done.stdout if done.returncode == 0 else None

    def commit(self, name: str) -> str | None:
        """The SHA of the commit that a revision names."""
        if name.startswith("-") or not name:
            return None
        out = self.git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        return out.decode().strip() if out else None

    def tag(self, name: str) -> str | None:
        """The SHA of what a tag points to: a commit, or the object of an annotated tag."""
        out = self.git("rev-parse", "--verify", "--quiet", f"refs/tags/{name}")
        return out.decode().strip() if out else None

    def _object(self, sha: str) -> tuple[str, bytes] | None:
        """Type and content of an object."""
        if not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", sha):
            return None
        if self._batch is None:
            self._batch = subprocess.Popen(
                ["git", f"--git-dir={self.git_dir}", "cat-file", "--batch"],
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        if self._batch.stdin is None or self._batch.stdout is None:
            raise RuntimeError("git cat-file has no pipes")
        self._batch.stdin.write(sha.encode() + b"\n")
        self._batch.stdin.flush()
        header = self._batch.stdout.readline().decode().split()
        if len(header) != 3:
            return None
        content = self._batch.stdout.read(int(header[2]))
        self._batch.stdout.read(1)
        return header[1], content

    def blob(self, sha: str) -> bytes | None:
        found = self.object(sha)
        return found[1] if found and found[0] == "blob" else None

    def _tree(self, sha: str, recursive: bool) -> tuple[TreeEntry, ...] | None:
        flags = ["-r", "-t"] if recursive else []
        out = self.git("ls-tree", *flags, "-l", "-z", "--full-tree", sha)
        if out is None:
            return None
        entries = []
        for record in out.decode("utf-8", "replace").split("\0")[:-1]:
            about, path = record.split("\t", 1)
            mode, kind, entry_sha, size = about.split()
            entries.append(TreeEntry(path, mode, kind, entry_sha, int(size) if size.isdigit() else None))
        return tuple(entries)

    def entry(self, commit: str, path: str) -> TreeEntry | None:
        """The entry at a path; the root is a tree without a name."""
        if not path:
            return TreeEntry("", "040000", "tree", self.info(commit).tree, None)
        return next((one for one in self.tree(commit, True) or () if one.path == path), None)

    def _info(self, sha: str) -> Commit:
        out = self.git("show", "-s", "--no-show-signature", "--format=%T%n%P%n%an%n%ae%n%aI%n%B", sha)
        if out is None:
            raise LookupError(f"no commit {sha} in {self.git_dir}")
        tree, parents, name, address, date, message = out.decode("utf-8", "replace").split("\n", 5)
        return Commit(sha, tree, tuple(parents.split()), (name, address, date), message.strip("\n"))

    def _merge_base(self, one: str, other: str) -> str | None:
        out = self.git("merge-base", one, other)
        return out.decode().strip() if out else None

    def _history(self, base: str, head: str) -> tuple[str, ...]:
        """Commits of `head` that `base` lacks, oldest first."""
        out = self.git("rev-list", "--reverse", f"{base}..{head}")
        return tuple((out or b"").decode().split())

    def _changes(self, base: str, head: str) -> tuple[Change, ...]:
        """What differs between two commits, by path."""
        options = ("-M", "--no-color", "--no-ext-diff", "--no-textconv", base, head)
        raw = self.git("diff", "--raw", "-z", "--no-abbrev", *options)
        patch = self.git("diff", "--patch", "-U3", *options)
        if raw is None or patch is None:
            raise LookupError(f"cannot compare {base} and {head} in {self.git_dir}")
        sections = iter(re.split(r"^diff --git ", patch.decode("utf-8", "replace"), flags=re.MULTILINE)[1:])
        fields = iter(raw.decode("utf-8", "replace").split("\0"))
        changes = []
        for about in fields:
            if not about:
                break
            _, _, _, sha, letter = about.split()
            first = next(fields)
            path = next(fields) if letter[0] in "RC" else first
            section = next(sections)
            if letter[0] == "T":
                section = next(sections)
            if letter[0] == "D":
                sha = about.split()[2]
            changes.append(_change(path, first if path != first else None, letter[0], sha, section))
        return tuple(changes)

    def moved(self, old: str, new: str, path: str, line: int) -> int | None:
        """Where a line of a file stands in another commit; `None` if it was touched there."""
        if old == new:
            return line
        out = self.git("diff", "-U0", "--no-color", "--no-ext-diff", old, new, "--", path)
        shift = 0
        for hunk in parse_hunks((out or b"").decode("utf-8", "replace").partition("\n@@")[2], headless=True):
            first = hunk.old_start + (hunk.old_count == 0)
            if line < first:
                break
            if line < first + hunk.old_count:
                return None
            shift += hunk.new_count - hunk.old_count
        return line + shift


def _change(path: str, previous: str | None, letter: str, sha: str, section: str) -> Change:
    start = re.search(r"^@@ ", section, flags=re.MULTILINE)
    patch = section[start.start() :].removesuffix("\n") if start else None
    lines = patch.split("\n") if patch else []
    added = sum(1 for line in lines if line.startswith("+"))
    removed = sum(1 for line in lines if line.startswith("-"))
    if patch is not None and (len(lines) > MAX_PATCH_LINES or len(patch.encode()) > MAX_PATCH_BYTES):
        patch = None
    return Change(path, previous, STATUS[letter], sha, added, removed, patch)
