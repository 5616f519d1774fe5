"""Questions to the git command, asked so that a repository can't make it run anything."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from checks.record import Record

SECONDS = 60
"""After which a git command counts as hung."""
_SAFE = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.quotePath=false")
"""A repository's own config may name programs; none of ours may start them."""


class GitError(Exception):
    """Git refused; the text says what a person can do."""


class Blob(Record):
    """A file of a commit."""

    mode: str
    """`100644`, `100755`, `120000` for a symlink, `160000` for a submodule."""
    sha: str
    path: str


class Git(Record):
    """Git in one folder."""

    folder: Path

    def ask(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """What a command writes. `GitError` with its complaint if it fails."""
        try:
            done = subprocess.run(
                ["git", "--no-optional-locks", "--no-replace-objects", *_SAFE, *arguments],
                cwd=self.folder,
                input=stdin,
                capture_output=True,
                check=True,
                timeout=SECONDS,
            )
        except FileNotFoundError:
            raise GitError("git is not installed") from None
        except subprocess.TimeoutExpired:
            raise GitError(f"git {arguments[0]} took longer than {SECONDS} s") from None
        except subprocess.CalledProcessError as error:
            complaint = error.stderr.decode("utf-8", "replace").strip()
            raise GitError(complaint.removeprefix("fatal: ") or f"git {arguments[0]} failed") from None
        return done.stdout

    def line(self, *arguments: str) -> str:
        """The one line that a command writes."""
        return self.ask(*arguments).decode("utf-8", "replace").strip()

    def is_work_tree(self) -> bool:
        """Whether the folder belongs to a work tree. `GitError` where there is one and git refuses it."""
        folder = self.folder.resolve()
        if not any((above / ".git").exists() for above in (folder, *folder.parents)):
            return False
        return self.line("rev-parse", "--is-inside-work-tree") == "true"

    def is_ignored(self) -> bool:
        """Whether the work tree ignores the folder as a whole."""
        try:
            self.ask("check-ignore", "--quiet", ".")
        except GitError:
            return False
        return True

    def prefix(self) -> str:
        """From the work tree's root to the folder, ending in `/`, or empty."""
        return self.ask("rev-parse", "--show-prefix").decode("utf-8", "surrogateescape").rstrip("\n")

    def files(self) -> list[str]:
        """Tracked files below the folder, and untracked ones that are not ignored, from the folder on."""
        listed = self.ask("ls-files", "-z", "--cached", "--others", "--exclude-standard")
        return sorted(set(_names(listed)))

    def commit(self, revision: str) -> str:
        """The commit that a revision names."""
        try:
            return self.line("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        except GitError:
            raise GitError(f'"{revision}" is not a commit here{self._shallow("")}') from None

    def merge_base(self, revision: str) -> str:
        """The best common ancestor of a revision and HEAD."""
        base = self.commit(revision)
        self.commit("HEAD")
        try:
            return self.line("merge-base", base, "HEAD")
        except GitError:
            hint = self._shallow("; the two histories have nothing in common")
            raise GitError(f'"{revision}" and HEAD have no common ancestor here{hint}') from None

    def _shallow(self, otherwise: str) -> str:
        if self.line("rev-parse", "--is-shallow-repository") == "true":
            return "; this clone is shallow: fetch more of its history (actions/checkout: fetch-depth: 0)"
        return otherwise

    def tree(self, commit: str) -> list[Blob]:
        """The files of a commit below the folder, from the folder on."""
        entries = _names(self.ask("ls-tree", "-r", "-z", commit, "."))
        blobs = []
        for entry in entries:
            about, _, path = entry.partition("\t")
            mode, _, sha = about.split(" ")
            blobs.append(Blob(mode, sha, path))
        return blobs

    def sizes(self, shas: Sequence[str]) -> dict[str, int]:
        """Bytes of each object."""
        answer = self.ask(
            "cat-file", "--batch-check=%(objectname) %(objectsize)", stdin=_lines(shas)
        ).decode()
        return {
            sha: int(size)
            for sha, _, size in (line.partition(" ") for line in answer.splitlines())
            if size.isdigit()
        }

    def contents(self, shas: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """The bytes of each object that there is."""
        answer = self.ask("cat-file", "--batch", stdin=_lines(shas))
        at = 0
        while at < len(answer):
            end = answer.index(b"\n", at)
            sha, _, rest = answer[at:end].decode().partition(" ")
            at = end + 1
            size = rest.rpartition(" ")[2]
            if size.isdigit():
                yield sha, answer[at : at + int(size)]
                at += int(size) + 1

    def renames(self, base: str) -> dict[str, str]:
        """From each path below the folder to the path that it had at `base`, where git sees a rename.

        Of what is committed or added to the index: files of the work tree pass through filters, which are
        programs.
        """
        options = (
            "--cached",
            "--no-ext-diff",
            "--no-textconv",
            "-M",
            "--diff-filter=R",
            "--name-status",
            "-z",
        )
        names = _names(self.ask("diff", *options, "--relative", base, "--", "."))
        return {new: old for _, old, new in zip(names[::3], names[1::3], names[2::3], strict=True)}

    def remote(self) -> str:
        """The address of the remote `upstream`, which a fork's clone has for the original; else of `origin`, or nothing.

        https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/working-with-forks/configuring-a-remote-repository-for-a-fork
        """
        for name in ("upstream", "origin"):
            try:
                return self.line("config", "--get", f"remote.{name}.url")
            except GitError:
                continue
        return ""


def _names(listed: bytes) -> list[str]:
    """The parts of an answer to `-z`; names that are not UTF-8 keep their bytes as surrogates."""
    return [name.decode("utf-8", "surrogateescape") for name in listed.split(b"\0") if name]


def _lines(shas: Sequence[str]) -> bytes:
    return "".join(f"{sha}\n" for sha in shas).encode()
