"""Everything that a review needs to see of a pull request, in few calls.

One comparison for the merge base and the diff, one recursive tree for each commit, one GraphQL call for
the files that were not seen before: every file of the kinds that we read, not just the changed ones.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from app.github.answer import Answer
from app.github.blobs import MAX_BYTES, TOO_LARGE, Source, Wanted, blobs, content
from app.github.client import Access, App, Client
from app.github.errors import Forbidden, NotFound, NoToken, Unavailable, Unprocessable
from app.github.pull import PullRequest, Revision
from app.github.store import Entry, Store, Tree
from app.report.hunks import Hunks, hunks
from checks.record import Record
from checks.source.kind import SPOKEN_OF, guides, is_reviewed, kind_by_path, wanted
from checks.source.snapshot import Snapshot
from checks.source.text import Text, Unreadable

CONFIG_PATH = ".github/tidewaiter.yml"
MAX_FILES = 3_000
"""Files that are read of one commit."""
MAX_CHANGED = 3_000
"""Changed files that GitHub lists of a pull request."""
_COMPARED = 300
"""Changed files that GitHub lists in a comparison; with so many there may be more. Where it and the pull
request disagree on their number, the pull request's own list counts: comments are checked against that."""

NamedPaths = Callable[[Sequence[Snapshot]], Awaitable[frozenset[str]]]
"""The paths that files of snapshots name and that no name tells to be of our kinds."""


class ConfigFile(Record):
    """A config as it stands in a repository."""

    slug: str
    ref: str
    """Branch, or `HEAD` for the default branch."""
    content: str
    path: str = CONFIG_PATH

    @property
    def place(self) -> str:
        """`acme/web@main:.github/tidewaiter.yml`, for messages."""
        return f"{self.slug}@{self.ref}:{self.path}"


class Fetched(Record):
    """A head, and what it starts from."""

    revision: Revision
    merge_base: str | None
    head: Snapshot
    base: Snapshot | None
    """At the merge base; None where that can't be read, which `problems` tells, or where there is none."""
    renames: Mapping[str, str]
    """Path at the head to path at the merge base."""
    hunks: Hunks
    config: ConfigFile | None
    """At the tip of the base branch."""
    organisation: ConfigFile | None
    """Of the owner's `.github` repository, as far as this client sees it."""
    problems: tuple[str, ...] = ()
    """What keeps the review from seeing all, in words."""

    @property
    def reviewed(self) -> int:
        """How many files of the kinds that we review there are at the head."""
        return sum(is_reviewed(path, text.content) for path, text in self.head.texts.items())


class _Compared(Record):
    merge_base: str | None
    files: Sequence[Answer]
    problems: tuple[str, ...] = ()

    @property
    def hunks(self) -> Hunks:
        return {file["filename"].text(): hunks(file["patch"].text()) for file in self.files if file["patch"]}

    @property
    def renames(self) -> Mapping[str, str]:
        return {
            file["filename"].text(): file["previous_filename"].text()
            for file in self.files
            if file["status"].value == "renamed" and file["previous_filename"]
        }

    @property
    def changed(self) -> frozenset[str]:
        """The paths of changed files, before and after."""
        return frozenset(
            file[name].text()
            for file in self.files
            for name in ("filename", "previous_filename")
            if file[name]
        )


async def fetch(client: Client, pull: Revision, store: Store, named: NamedPaths) -> Fetched:
    """Reads head and merge base. Raises `GitHubError`s where the head can't be read."""
    compared = await _compare(client, pull)
    head_tree = await _tree(client, pull, pull.head_sha, store)
    problems = [*compared.problems, *_tree_problems(head_tree)]
    base_tree = await _base_tree(client, pull, compared, store, problems)
    if base_tree:
        changed = compared.changed
        base_tree = _complemented(base_tree, head_tree, changed)
        head_tree = _complemented(head_tree, base_tree, changed)
    trees = [tree for tree in (head_tree, base_tree) if tree]
    diff, renames = compared.hunks, compared.renames
    config, organisation = _config_of(pull), _config_of_owner(pull)
    source = Source(pull.slug, pull.repository_id)
    entries = [entry for tree in trees for entry in _readable(_chosen(tree, diff, problems))]
    entries += [entry for tree in trees for entry in _readable(_guides(tree))]
    texts = await blobs(client, source, entries, store, (config, organisation))
    reader = _Reader(pull.repository_id, store)
    head = reader.snapshot(head_tree, frozenset())
    base = reader.snapshot(base_tree, frozenset()) if base_tree else None
    more = await named([head, base] if base else [head])
    further = [entry for tree in trees for entry in _readable(tree.entries) if entry.path in more]
    if further:
        await blobs(client, source, further, store)
        head = reader.snapshot(head_tree, more)
        base = reader.snapshot(base_tree, more) if base_tree else None
    return Fetched(
        revision=pull,
        merge_base=compared.merge_base,
        head=head,
        base=base,
        renames=renames,
        hunks=diff,
        config=_config_file(config, texts),
        organisation=_config_file(organisation, texts),
        problems=tuple(dict.fromkeys(problems)),
    )


async def files_of(
    client: Client, revision: Revision, store: Store, chosen: Callable[[str], bool]
) -> tuple[Snapshot, tuple[str, ...]]:
    """Those files of our kinds whose path is `chosen`, and what kept us from reading all; raises as `fetch`."""
    whole = await _tree(client, revision, revision.head_sha, store)
    tree = Tree(tuple(entry for entry in whole.entries if chosen(entry.path)), whole.truncated)
    problems = _tree_problems(whole)
    entries = _readable(_chosen(tree, {}, problems))
    await blobs(client, Source(revision.slug, revision.repository_id), entries, store)
    return _Reader(revision.repository_id, store).snapshot(tree, frozenset()), tuple(problems)


# The diff


async def _compare(client: Client, pull: Revision) -> _Compared:
    """https://docs.github.com/en/rest/commits/commits#compare-two-commits"""
    if not pull.base_sha:
        return _Compared(None, ())
    path = f"/repos/{pull.slug}/compare/{pull.base_sha}...{pull.head_sha}"
    try:
        answer = await client.get(path, {"per_page": 1, "page": 1})
        merge_base: str | None = answer["merge_base_commit"]["sha"].text()
        files = list(answer["files"]) if answer["files"] else []
        problems: tuple[str, ...] = ()
    except (NotFound, Unprocessable, Forbidden, Unavailable):
        merge_base, files = None, []
        problems = ("GitHub has no merge base of this head",)
    if not isinstance(pull, PullRequest):
        if len(files) >= _COMPARED:
            problems = (f"GitHub lists the first {_COMPARED} changed files",)
        return _Compared(merge_base, files, problems)
    if merge_base is None or len(files) >= _COMPARED or len(files) != pull.changed_files:
        files = await client.pages(f"/repos/{pull.slug}/pulls/{pull.number}/files", most=MAX_CHANGED)
    if pull.changed_files > MAX_CHANGED:
        told = f"GitHub lists the first {MAX_CHANGED:,} of {pull.changed_files:,} changed files"
        problems = (*problems, told)
    return _Compared(merge_base, files, problems)


# The trees


async def _base_tree(
    client: Client, pull: Revision, compared: _Compared, store: Store, problems: list[str]
) -> Tree | None:
    if compared.merge_base is None:
        return None
    try:
        tree = await _tree(client, pull, compared.merge_base, store)
    except (NotFound, Unprocessable, Forbidden, Unavailable):
        problems.append("GitHub does not give the files of the merge base")
        return None
    problems += _tree_problems(tree)
    return tree


async def _tree(client: Client, pull: Revision, commit: str, store: Store) -> Tree:
    """https://docs.github.com/en/rest/git/trees#get-a-tree"""
    known = store.tree(pull.repository_id, commit)
    if known:
        return known
    answer = await client.get(f"/repos/{pull.slug}/git/trees/{commit}", {"recursive": "1"})
    entries = tuple(_entry(item) for item in answer["tree"] if item["type"].value != "tree")
    tree = Tree(entries, answer["truncated"].flag_or(False))
    store.keep_tree(pull.repository_id, commit, tree)
    return tree


def _complemented(tree: Tree, other: Tree, changed: frozenset[str]) -> Tree:
    """A list that GitHub cut, with what the other one has and the diff does not: both commits have the same there."""
    if not tree.truncated:
        return tree
    left_out = changed.union(entry.path for entry in tree.entries)
    more = (entry for entry in other.entries if entry.path not in left_out)
    return Tree((*tree.entries, *more), truncated=True)


def _entry(item: Answer) -> Entry:
    size = item["size"].number_or_none() or 0
    return Entry(item["path"].text(), item["mode"].text(), item["sha"].text(), size)


def _tree_problems(tree: Tree) -> list[str]:
    if not tree.truncated:
        return []
    return [f"GitHub lists only {len(tree.entries):,} files of the repository, and it has more"]


def _wanted(entry: Entry) -> bool:
    return wanted(entry.path, entry.executable)


def _chosen(tree: Tree, hunks: Hunks, problems: list[str]) -> list[Entry]:
    """The entries that may be of our kinds, those that the pull request changes first, up to a limit."""
    every = sorted((e for e in tree.entries if _wanted(e)), key=lambda e: (e.path not in hunks, e.path))
    if len(every) > MAX_FILES:
        problems.append(f"{len(every):,} files may be of the kinds that are read; {MAX_FILES:,} of them were")
    return every[:MAX_FILES]


def _guides(tree: Tree) -> list[Entry]:
    """Those entries that are named later for their paths alone, where there are workflows or Dockerfiles: read along, they take no call of their own."""
    paths = [entry.path for entry in tree.entries]
    found = guides(paths) if any(kind_by_path(path) in SPOKEN_OF for path in paths) else ()
    return [entry for entry in tree.entries if entry.path in found]


def _readable(entries: Iterable[Entry]) -> list[Entry]:
    """Those whose content is worth a call."""
    return [e for e in entries if not (e.is_link or e.is_submodule or e.size > MAX_BYTES)]


class _Reader:
    """Makes snapshots of what is in the store. A file that two of them share is one `Text`."""

    def __init__(self, repository_id: int, store: Store) -> None:
        self._repository_id = repository_id
        self._store = store
        self._texts: dict[tuple[str, str], Text] = {}

    def snapshot(self, tree: Tree, named: frozenset[str]) -> Snapshot:
        """The files of our kinds and those that are `named`."""
        texts: dict[str, Text] = {}
        unreadable: list[Unreadable] = []
        too_many = sum(map(_wanted, tree.entries)) > MAX_FILES
        unread = "it was not read: there are too many files" if too_many else "GitHub does not give it"
        for entry in tree.entries:
            if entry.is_submodule:
                unreadable.append(Unreadable(entry.path, 1, "it is a submodule; its files are not read"))
            elif _wanted(entry) or entry.path in named:
                reason = self._read(entry, texts) or ("" if entry.path in texts else unread)
                if reason:
                    unreadable.append(Unreadable(entry.path, 1, reason))
        paths = frozenset(entry.path for entry in tree.entries)
        return Snapshot.read(texts, paths, tuple(unreadable), complete=not tree.truncated)

    def _read(self, entry: Entry, texts: dict[str, Text]) -> str:
        """Puts a file's text among `texts`, or answers why there is none, if that is known."""
        if entry.is_link:
            return "it is a symbolic link, which is not followed"
        if entry.size > MAX_BYTES:
            return TOO_LARGE
        key = (entry.path, entry.sha)
        if key not in self._texts:
            blob = self._store.blob(self._repository_id, entry.sha)
            if blob is None:
                return ""
            if blob.text is None:
                return blob.reason
            self._texts[key] = Text(entry.path, blob.text)
        texts[entry.path] = self._texts[key]
        return ""


# The config


def _config_of(pull: Revision) -> Wanted:
    return Wanted(pull.slug, f"refs/heads/{pull.base_ref}:{CONFIG_PATH}")


def _config_of_owner(pull: Revision) -> Wanted:
    return Wanted(f"{pull.owner}/.github", f"HEAD:{CONFIG_PATH}")


def _config_file(wanted: Wanted, texts: Mapping[Wanted, str | None]) -> ConfigFile | None:
    text = texts.get(wanted)
    if text is None:
        return None
    return ConfigFile(wanted.slug, wanted.expression.partition(":")[0].removeprefix("refs/heads/"), text)


async def config_file(client: Client, slug: str, ref: str = "HEAD") -> ConfigFile | None:
    """The config of a branch (`HEAD`: the default one); None where there is none that the client sees."""
    wanted = Wanted(slug, f"{ref}:{CONFIG_PATH}")
    return _config_file(wanted, {wanted: await content(client, wanted)})


async def shared_config(app: App, installation_id: int, slug: str) -> ConfigFile | None:
    """The config of another repository of an installation, by a token for that repository alone.

    None where the App is not installed there, or there is no such file. Two calls at most; to be kept
    for a while by the caller.
    """
    name = slug.partition("/")[2]
    access = Access(installation_id, repositories=(name,), permissions={"contents": "read"})
    try:
        async with app.client(access) as client:
            return await config_file(client, slug)
    except NoToken:
        return None
