"""The files that Terraform takes in by `file(…)` and `templatefile(…)` where policies and definitions stand.

https://developer.hashicorp.com/terraform/language/functions/file
https://developer.hashicorp.com/terraform/language/functions/templatefile
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from checks.regex import regex
from checks.source.hcl import Block, Body, Call, Expression, Interpolation, Literal, Template, Traversal, walk

_BLOCKS = regex(r"aws_(?:ecr|iam|ecs)_\w+")
_FILES = regex(r".*\.json|.*\.(?:tpl|tftpl|template)")


def taken_in(body: Body) -> frozenset[str]:
    """The paths that a file's ECR, IAM and ECS resources, its locals and its module blocks name, whether they exist or not."""
    if "file(" not in body.text.content:
        return frozenset()
    folder = posixpath.dirname(body.text.path)
    calls = (part for one in _expressions(body) for part in walk(one) if isinstance(part, Call))
    paths = (path_taken_in(folder, call) for call in calls)
    return frozenset(path for path in paths if path and _FILES.fullmatch(path))


def path_taken_in(folder: str, call: Call) -> str | None:
    """The path in the repository of the file that a call in a module of this folder takes in; None if not known."""
    if call.name not in ("file", "templatefile") or not call.args:
        return None
    written = _relative(call.args[0])
    path = posixpath.normpath(posixpath.join(folder, written)) if written else ""
    return None if not path or path.startswith(("..", "/")) else path


def _relative(expression: Expression) -> str:
    """A path as written, from the module's folder on; empty if it is not known."""
    if isinstance(expression, Literal) and isinstance(expression.value, str):
        return expression.value
    parts = expression.parts if isinstance(expression, Template) else ()
    match parts:
        case (Interpolation(expression=Traversal(dotted="path.module")), Literal(value=str(rest))):
            return rest.lstrip("/")
    return ""


def _expressions(body: Body) -> Iterator[Expression]:
    for block in body.blocks:
        if block.type in ("locals", "module") or (block.names and _BLOCKS.fullmatch(block.names[0])):
            yield from _values(block)


def _values(block: Block) -> Iterator[Expression]:
    yield from (attribute.value for attribute in block.body.attributes)
    for inner in block.body.blocks:
        yield from _values(inner)
