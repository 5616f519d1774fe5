"""Bake files: the targets that `docker buildx bake` builds, each with what it inherits.

A value is known where it is written out: a variable is whatever the environment says, and its default only without it.
Where files are merged, a later one may say otherwise: a target that another file may add to is left out.
https://docs.docker.com/build/bake/reference/
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from checks.facts.asides import is_vendored
from checks.facts.build.builds import Output, platforms_of
from checks.facts.build.compose import Compose
from checks.facts.value import UNKNOWN, Hole, Value, joined, literal
from checks.record import Record
from checks.source.hcl import (
    Attribute,
    Block,
    Body,
    Expression,
    Heredoc,
    ListExpr,
    Literal,
    ObjectExpr,
    Template,
    Traversal,
)  # fmt: skip
from checks.source.text import Location, Span, Text

MAX_PARENTS = 50
"""Targets that one may inherit from, by way of others, too; what more would say is not known."""
_DEFAULT = "default"
"""What is built where the command names nothing."""
_LINK = "target:"
"""What a named context begins with that is another target."""


class BakeTarget(Record, eq=False):
    """A `target` block."""

    block: Block
    blocks: tuple[Block, ...]
    """Itself and the blocks that it inherits from; of an attribute that several write, the first counts."""
    is_whole: bool
    """Whether these are all; else what none of them writes is not known."""
    is_named: bool
    """Whether a group names it, or it is what is built where nothing is named, and no template."""
    is_used: bool
    """Whether another target may inherit from it or take it for a context."""

    @property
    def name(self) -> str:
        """Its label; with a matrix the name of the group that the targets of its legs make."""
        return self.block.names[0]

    @property
    def text(self) -> Text:
        return self.block.text

    @property
    def is_built(self) -> bool:
        """Whether it is there to be built by itself, and not only for others."""
        return self.is_named or not (self.is_used or self.name.startswith("_"))

    def attribute(self, name: str) -> Attribute | None:
        """The attribute that counts, its own or an inherited one; null writes nothing."""
        found = (block.body.attribute(name) for block in self.blocks)
        return next((one for one in found if one is not None and not _is_null(one.value)), None)

    def is_own(self, attribute: Attribute) -> bool:
        """Whether an attribute stands in its own block."""
        return any(attribute is one for one in self.block.body.attributes)

    def place(self, *names: str) -> Location:
        """Where the first of these attributes that is written has its value, or else where the target begins."""
        found = next(filter(None, map(self.attribute, names)), None)
        return _place(found.value) if found else Location(self.text, self.block.header)

    def value(self, name: str) -> Value | None:
        """What an attribute comes to; None where it is not written."""
        found = self.attribute(name)
        if found is None:
            return None if self.is_whole else UNKNOWN
        return _value(found.value)

    def _items(self, name: str) -> tuple[Expression, ...] | None:
        """The items of a list; None if they can't be told."""
        found = self.attribute(name)
        if found is None:
            return () if self.is_whole else None
        return found.value.items if isinstance(found.value, ListExpr) else None

    @property
    def platforms(self) -> tuple[str, ...] | None:
        """None if unknown, as the builder's own is; empty for that alone."""
        items = self._items("platforms")
        found = None if items is None else platforms_of(map(_value, items))
        return None if found and "local" in found else found

    @property
    def outputs(self) -> tuple[Output, ...] | None:
        """None if unknown; one exporter that is not known has no attributes."""
        items = self._items("output")
        return None if items is None else tuple(_output(item) for item in items)


def targets_in(
    bodies: tuple[Body, ...], composes: tuple[Compose, ...], paths: frozenset[str]
) -> tuple[BakeTarget, ...]:
    """The targets of bake files, in file order, of which the repository certainly says all that there is to say.

    Files are read together if the command names them, or if they lie in one folder and have the names that it looks
    for, Compose files among them. Those of one folder and of the folders above and below it count as such; what
    bake files in JSON, under other names, and those that can't be read say is not known.
    """
    own = [body for body in bodies if not is_vendored(body.text.path)]
    unread = {path for path in paths if _may_be_bake(path)} - {body.text.path for body in own}
    folders: dict[str, list[Body]] = {}
    for body in own:
        folders.setdefault(posixpath.dirname(body.text.path), []).append(body)
    return tuple(
        target
        for folder, here in folders.items()
        if not any(_are_near(folder, posixpath.dirname(path)) for path in unread)
        for target in _of_folder(folder, here, own, composes)
    )


def _of_folder(
    folder: str, here: Iterable[Body], bodies: Iterable[Body], composes: Iterable[Compose]
) -> Iterator[BakeTarget]:
    near = [body for body in bodies if _are_near(folder, posixpath.dirname(body.text.path))]
    services = (one.built_services for one in composes if _are_near(folder, posixpath.dirname(one.text.path)))
    files = _Files(near, frozenset[str]().union(*services))
    for body in here:
        yield from files.targets(body)


class _Files:
    """Bake files that may be read together."""

    def __init__(self, bodies: Iterable[Body], services: frozenset[str]) -> None:
        blocks = [block for body in bodies for block in body.blocks]
        groups = {block.names[0] for block in blocks if block.type == "group" and block.labels}
        self._targets: dict[str, list[Block]] = {}
        self._used: set[str | None] = set()
        self._named: set[str | None] = set()
        self._services = services
        for block in blocks:
            if block.type == "target" and block.labels:
                self._targets.setdefault(block.names[0], []).append(block)
                self._used.update(names_in(block, "inherits"), _linked(block))
            elif block.type == "group":
                self._named.update(names_in(block, "targets"))
        self._named = self._named - groups | ({_DEFAULT} - groups - self._used)

    def targets(self, body: Body) -> Iterator[BakeTarget]:
        for block in body.of_type("target"):
            if not block.labels or self._only(block.names[0]) is not block:
                continue
            line = tuple(self._line(block, (), set()))
            blocks = tuple(one for one in line if one is not None)
            is_used = block.names[0] in self._used or None in self._used
            is_named = block.names[0] in self._named
            yield BakeTarget(block, blocks, len(blocks) == len(line), is_named, is_used)

    def _only(self, name: str | None) -> Block | None:
        """The block of a target that nothing adds to."""
        found = self._targets.get(name, []) if name is not None else []
        return found[0] if len(found) == 1 and name not in self._services else None

    def _line(self, block: Block, above: tuple[Block, ...], seen: set[Block]) -> Iterator[Block | None]:
        """A block and those that it inherits from, the strongest first; None at the end for what can't be seen.

        `above` are those on the way to it, `seen` all that have been.
        """
        seen.add(block)
        yield block
        for name in reversed(names_in(block, "inherits")):
            parent = self._only(name)
            if (
                parent is None
                or parent in (block, *above)
                or parent.body.get("name")
                or len(seen) > MAX_PARENTS
            ):
                yield None
                return
            for one in self._line(parent, (*above, block), seen) if parent not in seen else ():
                yield one
                if one is None:
                    return


def names_in(block: Block, attribute: str) -> list[str | None]:
    """The names in a list; None for one, or for all, that can't be told."""
    written = block.body.get(attribute)
    if written is None or _is_null(written):
        return []
    if not isinstance(written, ListExpr):
        return [None]
    return [_value(item).literal for item in written.items]


def arguments_read(target: BakeTarget) -> Iterator[tuple[str, str, Location]]:
    """The arguments of a target that are what a variable holds, each with the name of that and its place; of several the first."""
    told: set[str] = set()
    for block in target.blocks:
        written = block.body.attribute("args")
        items = written.value.items if written is not None and isinstance(written.value, ObjectExpr) else ()
        for item in items:
            if item.name is None or item.name in told:
                continue
            told.add(item.name)
            value = item.value.wrapped if isinstance(item.value, Template) else item.value
            if isinstance(value, Traversal) and len(value.parts) == 1:
                yield item.name, value.names[0], _place(item.value)


def names_baked(targets: Iterable[BakeTarget]) -> frozenset[str]:
    """The names of the arguments that some targets pass, whatever their values."""
    written = (block.body.get("args") for target in targets for block in target.blocks)
    return frozenset(
        item.name
        for one in written
        if isinstance(one, ObjectExpr)
        for item in one.items
        if item.name is not None
    )


def _linked(block: Block) -> Iterator[str]:
    """The targets whose outcome a target takes for a named context."""
    written = block.body.get("contexts")
    for item in written.items if isinstance(written, ObjectExpr) else ():
        name = _value(item.value).literal
        if name is not None and name.startswith(_LINK):
            yield name.removeprefix(_LINK)


def _is_null(expression: Expression) -> bool:
    return isinstance(expression, Literal) and expression.value is None


def _value(expression: Expression) -> Value:
    """What an expression comes to: text that is written out, with holes where something is put in."""
    if isinstance(expression, Literal) and isinstance(expression.value, str):
        return literal(expression.value)
    if isinstance(expression, Heredoc) and expression.is_literal:
        return literal(expression.value)
    if isinstance(expression, Template):
        parts = expression.parts
        return joined(str(part.value) if isinstance(part, Literal) else Hole() for part in parts)
    return UNKNOWN


def _place(expression: Expression) -> Location:
    """Where an expression stands; a string without its quotes."""
    span = expression.span
    is_text = isinstance(expression, Template) or (isinstance(expression, Literal) and expression.quoted)
    return Location(expression.text, Span(span.start + 1, span.end - 1) if is_text else span)


def _output(item: Expression) -> Output:
    """An exporter, written as `type=docker,dest=web.tar` or as an object."""
    place = _place(item)
    if isinstance(item, ObjectExpr):
        fields = {one.name: _value(one.value) for one in item.items if one.name is not None}
        return Output(place.fragment, place, fields if len(fields) == len(item.items) else {})
    return Output(place.fragment, place, _fields(_value(item)))


def _fields(value: Value) -> dict[str, Value]:
    found: dict[str, Value] = {}
    more = True
    while more:
        field, more, value = value.partition(",")
        name, is_field, content = field.partition("=")
        if not is_field or name.literal is None:
            return {}
        found[name.literal.strip()] = content
    return found


def _may_be_bake(path: str) -> bool:
    name = posixpath.basename(path)
    is_named = name.startswith("docker-bake") and name.endswith(".json")
    return (is_named or ("bake" in name and name.endswith(".hcl"))) and not is_vendored(path)


def _are_near(folder: str, other: str) -> bool:
    """Whether one of two folders is the other, or lies below it."""
    one, two = (f"{it}/".lstrip("/") for it in (folder, other))
    return one.startswith(two) or two.startswith(one)
