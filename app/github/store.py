"""What was fetched before and can't change: trees by commit, file contents by blob.

In memory, bounded, for the whole process. Entries belong to a repository: that a blob is known from one
repository gives nobody its content in another.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

from checks.record import Record

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

MAX_BLOB_CHARACTERS = 64_000_000
MAX_TREE_ENTRIES = 500_000
_LEAST = 100
"""Weight of an empty file: its entry takes room too."""


class Recent(Generic[K, V]):
    """A mapping that forgets what was not used for longest once its weights exceed a limit."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._weight = 0
        self._entries: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: K) -> V | None:
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            self._entries.move_to_end(key)
            return entry[0]

    def put(self, key: K, value: V, weight: int) -> None:
        with self._lock:
            before = self._entries.pop(key, None)
            self._weight += weight - (before[1] if before else 0)
            self._entries[key] = (value, weight)
            while self._weight > self._limit and self._entries:
                _, (_, freed) = self._entries.popitem(last=False)
                self._weight -= freed


class Blob(Record):
    """The content of a file."""

    text: str | None
    """None where it is not to be read as text."""
    reason: str = ""
    """Why there is no text, as the end of a sentence."""


class Entry(Record):
    """A file, a symbolic link or a submodule in a tree."""

    path: str
    mode: str
    sha: str
    size: int

    @property
    def is_link(self) -> bool:
        return self.mode == "120000"

    @property
    def is_submodule(self) -> bool:
        return self.mode == "160000"

    @property
    def executable(self) -> bool:
        return self.mode == "100755"


class Tree(Record):
    """All that a commit has, folders left out."""

    entries: tuple[Entry, ...]
    truncated: bool = False
    """Whether GitHub left some out."""


class Store:
    """What the jobs of a process share."""

    def __init__(
        self, blob_characters: int = MAX_BLOB_CHARACTERS, tree_entries: int = MAX_TREE_ENTRIES
    ) -> None:
        self._blobs: Recent[tuple[int, str], Blob] = Recent(blob_characters)
        self._trees: Recent[tuple[int, str], Tree] = Recent(tree_entries)

    def blob(self, repository_id: int, sha: str) -> Blob | None:
        return self._blobs.get((repository_id, sha))

    def keep_blob(self, repository_id: int, sha: str, blob: Blob) -> None:
        self._blobs.put((repository_id, sha), blob, len(blob.text or "") + _LEAST)

    def tree(self, repository_id: int, commit: str) -> Tree | None:
        return self._trees.get((repository_id, commit))

    def keep_tree(self, repository_id: int, commit: str, tree: Tree) -> None:
        self._trees.put((repository_id, commit), tree, len(tree.entries) + 1)
