"""From a build argument to a mounted secret, for the one command of a Dockerfile that uses it.

https://docs.docker.com/reference/dockerfile/#run---mounttypesecret; `env=` is read from version 1.10 of the syntax on.
"""

from __future__ import annotations

import re
from itertools import chain

from checks.facts.dockerfile.dockerfiles import Dockerfile, Form, Instruction, Pair
from checks.facts.dockerfile.whole_instructions import without_instruction
from checks.regex import regex
from checks.source.snapshot import Edit
from checks.source.text import Span

_OLD_SYNTAX = regex(r"docker/dockerfile:1\.[0-9](?![0-9])")
_OWN_SYNTAX = regex(r"(?:docker\.io/)?docker/dockerfile(?::1(?:\.\d+)*)?$")


def secret_id(argument: str) -> str:
    """What the secret is called that takes the place of an argument."""
    return argument.lower()


def declared(dockerfile: Dockerfile, argument: str) -> tuple[tuple[Instruction, Pair], ...]:
    """Where a Dockerfile takes an argument."""
    return tuple(
        (instruction, pair)
        for instruction in dockerfile.source.instructions
        if instruction.keyword == "ARG"
        for pair in instruction.pairs
        if pair.name.value == argument
    )


def mounted_instead(dockerfile: Dockerfile, argument: str) -> tuple[Edit, ...]:
    """Takes the `ARG` out and mounts the secret of the name; nothing where more than one `RUN` in shell form uses it."""
    syntax = dockerfile.source.directive("syntax")
    if syntax and (_OLD_SYNTAX.search(syntax.value) or not _OWN_SYNTAX.match(syntax.value)):
        return ()
    places = declared(dockerfile, argument)
    if len(places) != 1:
        return ()
    (instruction, pair) = places[0]
    users = [
        it for it in chain.from_iterable(s.instructions for s in dockerfile.stages) if it is not instruction
    ]
    users = [it for it in users if _names(dockerfile, it, argument)]
    lines = dockerfile.text.lines_of(instruction.span)
    if len(users) != 1 or len(instruction.pairs) != 1 or pair.value is not None or len(lines) != 1:
        return ()
    user = users[0]
    if user.keyword != "RUN" or user.form is not Form.SHELL or user.heredocs or user.flags:
        return ()
    at = user.keyword_span.end
    mount = f" --mount=type=secret,id={secret_id(argument)},env={argument},required=true"
    return (
        without_instruction(dockerfile.text, instruction.span),
        Edit(dockerfile.path, Span(at, at), mount),
    )


def _names(dockerfile: Dockerfile, instruction: Instruction, argument: str) -> bool:
    text = dockerfile.text[instruction.span]
    return argument in text and bool(re.search(rf"\b{re.escape(argument)}\b", text))
