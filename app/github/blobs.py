"""Contents of files, many in one call.

GraphQL gives many at once but only as text, cut or changed where they are long or no UTF-8; so each is
checked against the SHA that git gave it, and what doesn't match is fetched alone by REST.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from app.github.answer import Answer, BadAnswer
from app.github.client import Client
from app.github.errors import Forbidden, NotFound, Unavailable, Unprocessable
from app.github.store import Blob, Entry, Store
from app.github.together import together
from checks.record import Record

MAX_BYTES = 1_000_000
"""Of one file; longer ones are not read."""
BATCH_FILES = 100
BATCH_BYTES = 2_000_000
"""Of one GraphQL call, which GitHub gives 10 seconds."""
TOO_LARGE = "it is larger than 1 MB"
_LFS = "version https://git-lfs.github.com/spec/"
_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_FIELDS = "... on Blob { text isTruncated isBinary }"


class Source(Record):
    """A repository to take blobs from."""

    slug: str
    repository_id: int


class Wanted(Record):
    """A file by the revision that has it: `refs/heads/main:.github/tidewaiter.yml`."""

    slug: str
    expression: str


async def blobs(
    client: Client, source: Source, entries: Iterable[Entry], store: Store, also: Sequence[Wanted] = ()
) -> dict[Wanted, str | None]:
    """Puts the contents of `entries` into the store, those it has already left out.

    `also` are files asked for in the first call on the way; their texts are the answer, None for what
    is absent or not visible to the client.
    """
    missing = {
        entry.sha: entry.size for entry in entries if store.blob(source.repository_id, entry.sha) is None
    }
    batches = list(_batches(missing)) or [()]
    asked = [also, *([()] * (len(batches) - 1))]
    if not missing and not also:
        return {}
    found = await together(
        _batch(client, source, batch, store, extra) for batch, extra in zip(batches, asked, strict=True)
    )
    return found[0]


def _batches(sizes: Mapping[str, int]) -> Iterator[Sequence[str]]:
    batch: list[str] = []
    total = 0
    for sha, size in sizes.items():
        if batch and (len(batch) == BATCH_FILES or total + size > BATCH_BYTES):
            yield batch
            batch, total = [], 0
        batch.append(sha)
        total += size
    if batch:
        yield batch


async def _batch(
    client: Client, source: Source, batch: Sequence[str], store: Store, also: Sequence[Wanted]
) -> dict[Wanted, str | None]:
    try:
        data = await client.graphql(*_query(source, batch, also))
    except (Unprocessable, Unavailable, Forbidden, NotFound):
        data = Answer(None)
    if data and not data["repository"]:
        raise NotFound(f"POST /graphql: there is no repository {source.slug} any more")
    left = [
        sha
        for index, sha in enumerate(batch)
        if not _kept(data["repository"][f"b{index}"], source, sha, store)
    ]
    await together(_alone(client, source, sha, store) for sha in left)
    if not data:
        return {wanted: await content(client, wanted) for wanted in also}
    return {wanted: _text(data[f"r{index}"]["object"]) for index, wanted in enumerate(also)}


def _query(source: Source, batch: Sequence[str], also: Sequence[Wanted]) -> tuple[str, dict[str, object]]:
    """A GraphQL query and its variables; what others wrote stands in the variables only."""
    owner, _, name = source.slug.partition("/")
    variables: dict[str, object] = {"owner": owner, "name": name}
    objects = " ".join(f'b{index}: object(oid: "{sha}") {{ {_FIELDS} }}' for index, sha in enumerate(batch))
    declared, parts = (
        "$owner: String!, $name: String!",
        f"repository(owner: $owner, name: $name) {{ id {objects} }}",
    )
    for index, wanted in enumerate(also):
        own, _, called = wanted.slug.partition("/")
        variables |= {f"o{index}": own, f"n{index}": called, f"e{index}": wanted.expression}
        declared += f", $o{index}: String!, $n{index}: String!, $e{index}: String!"
        parts += f" r{index}: repository(owner: $o{index}, name: $n{index}) {{ object(expression: $e{index}) {{ {_FIELDS} }} }}"
    return f"query({declared}) {{ {parts} }}", variables


def _kept(answer: Answer, source: Source, sha: str, store: Store) -> bool:
    """Whether GraphQL's answer for a blob settles it."""
    if answer["isBinary"].value is True:
        store.keep_blob(source.repository_id, sha, Blob(None, "it is binary"))
        return True
    text = _text(answer)
    if text is None or not _is(text.encode("utf-8", "surrogatepass"), sha):
        return False
    store.keep_blob(source.repository_id, sha, _judged(text))
    return True


def _text(answer: Answer) -> str | None:
    text = answer["text"].value
    return text if isinstance(text, str) and answer["isTruncated"].value is not True else None


def _is(content: bytes, sha: str) -> bool:
    """Whether git calls this content by that SHA."""
    algorithm = hashlib.sha256 if len(sha) == 64 else hashlib.sha1  # git's own name for it, no secret
    return algorithm(b"blob %d\0" % len(content) + content).hexdigest() == sha


def _judged(text: str) -> Blob:
    if "\0" in text:
        return Blob(None, "it is binary")
    return Blob(None, "it is a Git LFS pointer") if text.startswith(_LFS) else Blob(text)


async def _alone(client: Client, source: Source, sha: str, store: Store) -> None:
    """One blob by REST: https://docs.github.com/en/rest/git/blobs#get-a-blob"""
    if not _SHA.fullmatch(sha):
        raise BadAnswer(f"{sha!r} is not the SHA of a blob")
    try:
        answer = await client.get(f"/repos/{source.slug}/git/blobs/{sha}")
        raw = base64.b64decode(answer["content"].text())
    except NotFound:
        # Not kept: it may be the repository that is gone for a while.
        return
    except binascii.Error as error:
        raise BadAnswer(f"blob {sha}: {error}") from error
    if not _is(raw, sha):
        raise Unavailable(f"blob {sha}: the content is not the one that git named")
    store.keep_blob(source.repository_id, sha, _decoded(raw))


def _decoded(raw: bytes) -> Blob:
    try:
        return _judged(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return Blob(None, "it is binary" if b"\0" in raw else "it is not UTF-8")


async def content(client: Client, wanted: Wanted) -> str | None:
    """The text of one file by REST; None if it is absent, hidden, no file or no UTF-8."""
    ref, _, path = wanted.expression.partition(":")
    try:
        answer = await client.get(
            f"/repos/{wanted.slug}/contents/{path}", {} if ref == "HEAD" else {"ref": ref}
        )
        return base64.b64decode(answer["content"].text()).decode("utf-8")
    except (NotFound, Forbidden, BadAnswer, binascii.Error, UnicodeDecodeError):
        return None
