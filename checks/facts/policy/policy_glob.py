"""How policy-controller matches an image with a policy's glob.

`*` matches within a path part, `**` across them, the whole name has to match, and the name is that of
the resolved image: `registry/repository@sha256:…`, Docker Hub's written out as `index.docker.io/library/…`.
https://github.com/sigstore/policy-controller/blob/main/pkg/apis/glob/glob.go
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache

from checks.facts.policy.automaton import ANY_BUT_NEWLINE, Automaton, Builder, Chars
from checks.regex import regex

_VALID = regex(r"[a-zA-Z0-9\-_:/*.@]+")
_SHORT = {"*": "index.docker.io/library/*", "*/*": "index.docker.io/*/*"}
_DIGEST = "@sha256:"
_HEX = frozenset("0123456789abcdef")
_HOST = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.:")
_REPOSITORY = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_-.")

_Token = tuple[str, str]
_State = tuple[str, int]
_END: _State = ("digest", len(_DIGEST) + 64)


def is_valid(glob: str) -> bool:
    """Whether policy-controller accepts the glob at all."""
    return bool(_VALID.fullmatch(glob))


def matches(glob: str, image: str) -> bool:
    """Whether a glob matches a full image name such as `ghcr.io/acme/web@sha256:…`."""
    positions = _closure(glob, {0})
    tokens = _tokens(glob)
    for character in image:
        positions = _closure(glob, {after for at in positions for after in _after(tokens, at, character)})
    return len(tokens) in positions


@lru_cache(maxsize=1024)
def automaton(glob: str) -> Automaton:
    """The glob as an automaton, for images of which only the shape is known."""
    builder = Builder()
    start = at = builder.state()
    for kind, character in _tokens(glob):
        if kind == "one":
            at = builder.text(at, character)
        else:
            at = builder.many(at, ANY_BUT_NEWLINE if kind == "many" else Chars(frozenset("/"), negated=True))
    return builder.build(start, at)


@lru_cache(maxsize=4096)
def can_match(glob: str) -> bool:
    """Whether any resolved image name at all matches; for an invalid glob, False."""
    if not is_valid(glob):
        return False
    if glob.startswith("localhost/"):
        glob = glob.replace("localhost/", "localhost:443/", 1)
    tokens = _tokens(glob)
    start: tuple[int, _State] = (0, ("host", 0))
    seen, frontier = {start}, [start]
    while frontier:
        at, state = frontier.pop()
        if at == len(tokens):
            if state == _END:
                return not _docker_hub_alone(glob)
            continue
        for reached in _following(tokens[at], at, state):
            if reached not in seen:
                seen.add(reached)
                frontier.append(reached)
    return False


def _following(token: _Token, at: int, state: _State) -> Iterator[tuple[int, _State]]:
    """Where a glob and a resolved name can be after a character of both, or after a star that ends."""
    kind, wanted = token
    names = _names(state)
    if kind == "one":
        if wanted in names:
            yield at + 1, names[wanted]
        return
    yield at + 1, state
    yield from ((at, after) for after in {names[one] for one in names if kind == "many" or one != "/"})


@lru_cache(maxsize=4096)
def _tokens(glob: str) -> tuple[_Token, ...]:
    glob = _SHORT.get(glob, glob)
    return tuple(
        ("many" if part == "**" else "some" if part == "*" else "one", part)
        for part in re.findall(r"\*\*|.", glob)
    )


def _closure(glob: str, positions: set[int]) -> frozenset[int]:
    """The positions, and those behind stars, which may match nothing."""
    tokens = _tokens(glob)
    reached = set(positions)
    for at in sorted(positions):
        while at < len(tokens) and tokens[at][0] != "one":
            at += 1  # noqa: PLW2901 - walks on from each position
            reached.add(at)
    return frozenset(reached)


def _after(tokens: tuple[_Token, ...], at: int, character: str) -> Iterator[int]:
    """The positions that a glob can be in after a character."""
    if at < len(tokens):
        kind, wanted = tokens[at]
        if kind == "many" or (kind == "some" and character != "/"):
            yield at
        elif kind == "one" and character == wanted:
            yield at + 1


@cache
def _names(state: _State) -> Mapping[str, _State]:
    """The characters that may follow in a resolved name, each with the state after it.

    A host has a dot or a port; `localhost`, which needs neither, is given one before. No part of a path is
    empty.
    """
    return dict(_characters(state))


def _characters(state: _State) -> Iterator[tuple[str, _State]]:
    part, number = state
    if part == "host":
        for character in _HOST:
            yield character, ("host", 1 if number == 1 or character in ".:" else 0)
        if number == 1:
            yield "/", ("repository", 0)
    elif part == "repository":
        yield from ((character, ("repository", 1)) for character in _REPOSITORY)
        if number == 1:
            yield "/", ("repository", 0)
            yield _DIGEST[0], ("digest", 1)
    elif number < len(_DIGEST):
        yield _DIGEST[number], ("digest", number + 1)
    elif number < len(_DIGEST) + 64:
        for character in _HEX:
            yield character, ("digest", number + 1)


def _docker_hub_alone(glob: str) -> bool:
    """Whether the glob's host, written out, is a short form of Docker Hub that no resolved name has."""
    host, slash, rest = _SHORT.get(glob, glob).partition("/")
    if host == "docker.io":
        return True
    return host == "index.docker.io" and bool(slash) and not re.search(r"/|\*\*", rest)
