"""Makes small git repositories for tests and the demo, with one `git fast-import` for each commit."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.github.content import ENVIRONMENT

SECTION = re.compile(r"^-- (.+) --\n", flags=re.MULTILINE)
NO_COMMIT = "0" * 40


@dataclass(frozen=True)
class Link:
    """A symbolic link."""

    target: str


@dataclass(frozen=True)
class Submodule:
    sha: str


@dataclass(frozen=True)
class Executable:
    content: str


Entry = str | bytes | Link | Submodule | Executable | None
Files = str | Mapping[str, Entry]
"""Path to content; `None` deletes. Or one string: each file under a line `-- path --`."""


@dataclass(frozen=True)
class Built:
    """A bare repository with a base and a head on top of it."""

    git_dir: Path
    base: str
    head: str
    base_branch: str = "main"
    head_branch: str = "change"


def parse(files: Files) -> Mapping[str, Entry]:
    if not isinstance(files, str):
        return files
    parts = SECTION.split(files)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def build(
    folder: Path, base: Files, head: Files, *, base_branch: str = "main", head_branch: str = "change"
) -> Built:
    """A bare repository in `folder`: `base` on its branch, and `head`, which lists what it changes."""
    create(folder, base_branch)
    base_sha = commit(folder, base_branch, base, message="Base")
    head_sha = commit(folder, head_branch, head, parent=base_sha, message="Change")
    return Built(folder, base_sha, head_sha, base_branch, head_branch)


def create(folder: Path, branch: str = "main") -> None:
    """An empty bare repository."""
    for name in ("objects", "refs/heads"):
        (folder / name).mkdir(parents=True)
    (folder / "HEAD").write_text(f"ref: refs/heads/{branch}\n")
    (folder / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = true\n")


def commit(
    git_dir: Path,
    branch: str,
    files: Files,
    *,
    parent: str | tuple[str, ...] | None = None,
    message: str = "Change",
    replace: bool = False,
) -> str:
    """Commits on a branch, upon its tip or upon `parent` (several: a merge). The SHA is the same each time.

    `files` lists what changes; with `replace` it is the whole tree. A parent that is not the tip is a
    forced push.
    """
    parents = (parent,) if isinstance(parent, str) else parent
    if parents is None:
        tip = _git(git_dir, "for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}").strip()
        parents = (tip,) if tip else ()
    who = "Rosa Quay <rosa@tidewaiter.example> 1767600000 +0000"
    data = message.encode()
    head = [
        f"reset refs/heads/{branch}\nfrom {parents[0] if parents else NO_COMMIT}\n\n".encode(),
        f"commit refs/heads/{branch}\nmark :1\nauthor {who}\ncommitter {who}\n".encode(),
        f"data {len(data)}\n".encode() + data + b"\n",
    ]
    for number, one in enumerate(parents):
        head.append(f"{'merge' if number else 'from'} {one}\n".encode())
    if replace:
        head.append(b"deleteall\n")
    body = [_command(path, entry) for path, entry in parse(files).items()]
    _git(git_dir, "fast-import", "--quiet", "--force", given=b"".join([*head, *body, b"done\n"]))
    return _git(git_dir, "rev-parse", f"refs/heads/{branch}").strip()


def _command(path: str, entry: Entry) -> bytes:
    quoted = '"' + path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if entry is None:
        return f"D {quoted}\n".encode()
    if isinstance(entry, Submodule):
        return f"M 160000 {entry.sha} {quoted}\n".encode()
    mode, content = "100644", b""
    if isinstance(entry, Link):
        mode, content = "120000", entry.target.encode()
    elif isinstance(entry, Executable):
        mode, content = "100755", entry.content.encode()
    else:
        content = entry if isinstance(entry, bytes) else entry.encode()
    return f"M {mode} inline {quoted}\ndata {len(content)}\n".encode() + content + b"\n"


def _git(git_dir: Path, *arguments: str, given: bytes = b"") -> str:
    command = ["git", f"--git-dir={git_dir}", *arguments]
    return subprocess.run(
        command, input=given, env=ENVIRONMENT, capture_output=True, check=True
    ).stdout.decode()


def tag(git_dir: Path, name: str, target: str, *, annotated: bool = False) -> None:
    """A tag on a commit; an annotated one is an object of its own."""
    if annotated:
        who = "Rosa Quay <rosa@tidewaiter.example> 1767600000 +0000"
        content = f"object {target}\ntype commit\ntag {name}\ntagger {who}\n\n{name}\n"
        target = _git(git_dir, "hash-object", "-t", "tag", "-w", "--stdin", given=content.encode()).strip()
    _git(git_dir, "update-ref", f"refs/tags/{name}", target)
