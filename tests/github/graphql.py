"""`POST /graphql`: queries are validated with GitHub's own schema, cut to the types that we resolve."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from graphql import (
    DefinitionNode,
    DocumentNode,
    FieldDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    InterfaceTypeDefinitionNode,
    ListTypeNode,
    NamedTypeNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    TypeNode,
    build_ast_schema,
    execute_sync,
    parse,
    validate,
)

from tests.github import shapes
from tests.github.call import JsonObject
from tests.github.content import TreeEntry
from tests.github.openapi import NODE_MODULES
from tests.github.state import Pull, Repository, State, Token

SCHEMA = NODE_MODULES / "@octokit/graphql-schema/schema.graphql"
MAX_TEXT_BYTES = 512_000
"""Of a larger blob only the beginning is given, and `isTruncated` is true."""
BINARY_PROBE = 8000

TYPES = (
    "Query", "Repository", "Ref", "Release", "Tag", "PullRequest", "Commit", "Tree", "TreeEntry", "Blob", "RateLimit",
)  # fmt: skip
INTERFACES = ("GitObject", "Node")
ENUMS = ("PullRequestState", "RepositoryVisibility")


@dataclass(frozen=True)
class Answer:
    body: JsonObject
    violations: list[str]


@cache
def schema() -> GraphQLSchema:
    """GitHub's schema without the fields that lead to types other than ours."""
    text = SCHEMA.read_text(encoding="utf-8")
    scalars = re.findall(r"^scalar \w+", text, flags=re.MULTILINE)
    blocks = [_block(text, kind, name) for kind, names in _WANTED for name in names]
    document = parse("\n".join([*scalars, *blocks]), no_location=True)
    kept = {*TYPES, *INTERFACES, *ENUMS, *(one.split()[1] for one in scalars)}
    kept |= {"String", "Int", "Float", "Boolean", "ID"}
    return build_ast_schema(
        DocumentNode(definitions=tuple(_cut(node, kept) for node in document.definitions)),
        assume_valid_sdl=True,
    )


def _cut(node: DefinitionNode, kept: set[str]) -> DefinitionNode:
    """A type without the fields and interfaces that lead to types outside of `kept`."""
    if not isinstance(node, (ObjectTypeDefinitionNode, InterfaceTypeDefinitionNode)):
        return node
    return type(node)(
        name=node.name,
        fields=tuple(one for one in node.fields or () if _fits(one, kept)),
        interfaces=tuple(one for one in node.interfaces or () if one.name.value in kept),
    )


_WANTED = (("type", TYPES), ("interface", INTERFACES), ("enum", ENUMS))


def _block(text: str, kind: str, name: str) -> str:
    found = re.search(rf"^{kind} {name}\b[^{{]*\{{.*?^\}}", text, flags=re.MULTILINE | re.DOTALL)
    if found is None:
        raise LookupError(f"GitHub's schema has no {kind} {name}")
    return found.group()


def _fits(field: FieldDefinitionNode, kept: set[str]) -> bool:
    types = [field.type, *(one.type for one in field.arguments or ())]
    return all(_named(one) in kept for one in types)


def _named(node: TypeNode) -> str:
    while isinstance(node, (ListTypeNode, NonNullTypeNode)):
        node = node.type
    if not isinstance(node, NamedTypeNode):
        raise TypeError(f"not a type: {node}")
    return node.name.value


def answer(state: State, token: Token, body: JsonObject) -> Answer:
    """What GitHub answers to a query, and what in it breaks GitHub's schema."""
    try:
        document = parse(str(body.get("query", "")))
    except GraphQLError as error:
        return _invalid([error.message])
    errors = [error.message for error in validate(schema(), document)]
    if errors:
        return _invalid(errors)
    result = execute_sync(
        schema(),
        document,
        root_value=_query(state, token),
        variable_values=body.get("variables") or {},
        operation_name=body.get("operationName"),
    )
    shown: JsonObject = {"data": result.data}
    if result.errors:
        shown["errors"] = [_show_error(error) for error in result.errors]
    return Answer(shown, [])


def _invalid(messages: list[str]) -> Answer:
    return Answer({"errors": [{"message": one} for one in messages]}, messages)


def _show_error(error: GraphQLError) -> JsonObject:
    return {
        "type": (error.extensions or {}).get("type", "INTERNAL"),
        "path": list(error.path or ()),
        "message": error.message,
    }


def _refusal(kind: str, message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"type": kind})


def _query(state: State, token: Token) -> Mapping[str, Any]:
    def repository(_: Any, owner: str, name: str, **__: Any) -> Mapping[str, Any]:
        found = state.repository(owner, name)
        if found is None or not (token.sees(found) or not found.private):
            raise _refusal("NOT_FOUND", f"Could not resolve to a Repository with the name '{owner}/{name}'.")
        return _repository(state, token, found)

    return {"repository": repository}


def _repository(state: State, token: Token, repo: Repository) -> Mapping[str, Any]:
    def readable(permission: str) -> None:
        if not token.allows(permission, "read"):
            raise _refusal("FORBIDDEN", "Resource not accessible by integration")

    def git_object(_: Any, oid: str | None = None, expression: str | None = None) -> Any:
        readable("contents")
        return _object(state, repo, oid or _resolve(state, repo, expression or ""))

    def pull_request(_: Any, number: int) -> Any:
        readable("pull_requests")
        pull = state.pull(repo, number)
        if pull is None:
            message = f"Could not resolve to a PullRequest with the number of {number}."
            raise _refusal("NOT_FOUND", message)
        return _pull(state, pull)

    def ref(_: Any, **arguments: str) -> Any:
        readable("contents")
        return _ref(state, repo, arguments["qualifiedName"])

    return {
        "__typename": "Repository",
        "id": shapes.node_id("R", repo.id),
        "databaseId": repo.id,
        "name": repo.name,
        "nameWithOwner": repo.full_name,
        "isPrivate": repo.private,
        "isFork": repo.fork,
        "isArchived": repo.archived,
        "isEmpty": False,
        "visibility": repo.visibility.upper(),
        "url": f"{shapes.SITE}/{repo.full_name}",
        "object": git_object,
        "pullRequest": pull_request,
        "ref": ref,
        "defaultBranchRef": lambda _: _ref(state, repo, f"refs/heads/{repo.default_branch}"),
        "latestRelease": lambda _: _release(state, repo),
    }


def _ref(state: State, repo: Repository, name: str) -> Mapping[str, Any] | None:
    """A branch or tag by its full name."""
    prefix = "refs/tags/" if name.startswith("refs/tags/") else "refs/heads/"
    short = name.removeprefix(prefix)
    sha = repo.store.tag(short) if prefix == "refs/tags/" else repo.branch(short)
    if sha is None:
        return None
    return {
        "id": shapes.node_id("REF", name),
        "name": short,
        "prefix": prefix,
        "target": lambda _: _object(state, repo, sha),
    }


def _release(state: State, repo: Repository) -> Mapping[str, Any] | None:
    tag = repo.latest_release
    if not tag:
        return None
    commit = repo.store.commit(f"refs/tags/{tag}") or ""
    return {"tagName": tag, "isLatest": True, "tagCommit": lambda _: _object(state, repo, commit)}


def _resolve(state: State, repo: Repository, expression: str) -> str:
    """`REV` or `REV:PATH`, as `git rev-parse` reads it; empty if there is no such object."""
    revision, colon, path = expression.partition(":")
    sha = state.resolve(repo, revision)
    if sha is None or not colon:
        return sha or ""
    entry = repo.store.entry(sha, path.strip("/"))
    return entry.sha if entry else ""


def _object(state: State, repo: Repository, oid: str) -> Mapping[str, Any] | None:
    found = repo.store.object(oid)
    if found is None:
        return None
    kind, content = found
    shown: dict[str, Any] = {
        "__typename": kind.capitalize(),
        "id": shapes.node_id(kind.capitalize(), oid),
        "oid": oid,
        "abbreviatedOid": oid[:7],
        "commitUrl": f"{shapes.SITE}/{repo.full_name}/tree/{oid}",
        "commitResourcePath": f"/{repo.full_name}/tree/{oid}",
        "repository": lambda _: {"nameWithOwner": repo.full_name, "name": repo.name},
    }
    if kind == "blob":
        return shown | _blob(content)
    if kind == "tree":
        entries = repo.store.tree(oid, False) or ()
        return shown | {"entries": [_entry(state, repo, one) for one in entries]}
    if kind == "tag":
        return shown | {"target": lambda _: _object(state, repo, content.split()[1].decode())}
    info = repo.store.info(oid)
    return shown | {
        "message": info.message,
        "messageHeadline": info.message.partition("\n")[0],
        "committedDate": info.author[2],
        "authoredDate": info.author[2],
        "tree": lambda _: _object(state, repo, info.tree),
    }


def _blob(content: bytes) -> JsonObject:
    """`text` is null for a binary file, and the beginning of one that is too long."""
    binary = b"\0" in content[:BINARY_PROBE]
    return {
        "byteSize": len(content),
        "isBinary": binary,
        "isTruncated": len(content) > MAX_TEXT_BYTES,
        "text": None if binary else content[:MAX_TEXT_BYTES].decode("utf-8", "replace"),
    }


def _entry(state: State, repo: Repository, entry: TreeEntry) -> Mapping[str, Any]:
    return {
        "name": entry.path.rpartition("/")[2],
        "path": entry.path,
        "type": entry.kind,
        "mode": int(entry.mode, 8),
        "oid": entry.sha,
        "size": entry.size or 0,
        "object": lambda _: _object(state, repo, entry.sha),
    }


def _pull(state: State, pull: Pull) -> Mapping[str, Any]:
    repo, head = pull.repository, pull.head_repository
    return {
        "__typename": "PullRequest",
        "id": shapes.node_id("PR", pull.id),
        "databaseId": pull.id,
        "number": pull.number,
        "title": pull.title,
        "body": pull.body,
        "state": "MERGED" if pull.merged else pull.state.upper(),
        "closed": pull.state == "closed",
        "merged": pull.merged,
        "isDraft": pull.draft,
        "locked": pull.locked,
        "isCrossRepository": pull.from_fork,
        "headRefName": pull.head_ref,
        "headRefOid": pull.head_sha,
        "baseRefName": pull.base_ref,
        "baseRefOid": pull.base_sha,
        "changedFiles": lambda _: len(
            repo.store.changes(
                repo.store.merge_base(pull.base_sha, pull.head_sha) or pull.base_sha, pull.head_sha
            )
        ),
        "headRepository": {"nameWithOwner": head.full_name, "name": head.name} if head else None,
        "baseRepository": {"nameWithOwner": repo.full_name, "name": repo.name},
        "url": shapes.pull_links(state, pull)["html_url"],
        "createdAt": pull.created_at,
    }
