"""Which addresses the expressions of a Terraform module name, and which of them it declares.

https://developer.hashicorp.com/terraform/language/expressions/references
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from checks.facts.terraform.modules import Module
from checks.record import Record
from checks.source.hcl import Block, Body, Traversal, walk
from checks.source.text import Location, Span

OTHER_SYNTAXES = (".tf.json", ".tofu", ".tofu.json", ".tftpl", ".tf.tmpl", ".tf.j2", ".tf.erb", ".tf.tpl")
"""Files whose declarations we do not read."""


class Named(Record, eq=False):
    """One mention of an address."""

    address: str
    """`aws_kms_key.ecr`, `data.aws_region.current`."""
    block: Block
    """The outermost block that it stands in."""
    traversal: Traversal

    @property
    def location(self) -> Location:
        """The address without what is taken of it."""
        count = self.address.count(".") + 1
        parts = self.traversal.parts[:count]
        return Location(self.traversal.text, Span(self.traversal.span.start, parts[-1].span.end))


def declared_addresses(bodies: Iterable[Body]) -> frozenset[str]:
    """Every address of a resource or data source that the files of a module declare."""
    found: set[str] = set()
    for body in bodies:
        for block in body.blocks:
            names = block.names
            if block.type in ("resource", "ephemeral") and len(names) == 2:
                found.add(".".join(names))
            elif block.type == "data" and len(names) == 2:
                found.add(".".join(("data", *names)))
            elif block.type == "check":
                found |= {".".join(("data", *one.names)) for one in block.body.of_type("data")}
    return frozenset(found)


def named_addresses(bodies: Iterable[Body], prefix: str) -> Iterator[Named]:
    """The addresses of resources and data sources that expressions name, in file order, of types that begin with `prefix`.

    `moved`, `removed` and `import` blocks name what need not exist, and are left out.
    """
    for body in bodies:
        for block in body.blocks:
            if block.type in ("resource", "data", "locals", "output", "module"):
                yield from _named(block, prefix)


def _named(block: Block, prefix: str) -> Iterator[Named]:
    iterators = {inner.names[0] for inner in _every_block(block) if inner.type == "dynamic" and inner.names}
    for traversal in _traversals(block):
        address = _address(traversal.names, prefix)
        if address and traversal.names[0] not in iterators:
            yield Named(address, block, traversal)


def _address(names: tuple[str, ...], prefix: str) -> str:
    if len(names) >= 3 and names[0] == "data" and names[1].startswith(prefix):
        return ".".join(names[:3])
    if len(names) >= 2 and names[0].startswith(prefix):
        return ".".join(names[:2])
    return ""


def _every_block(block: Block) -> Iterator[Block]:
    waiting = [block]
    while waiting:
        current = waiting.pop()
        yield current
        waiting += current.body.blocks


def _traversals(block: Block) -> Iterator[Traversal]:
    for inner in _every_block(block):
        for attribute in inner.body.attributes:
            yield from (one for one in walk(attribute.value) if isinstance(one, Traversal))


def is_whole(module: Module, paths: Iterable[str]) -> bool:
    """Whether the files that were read are certainly all that declares something in the module, of its folder's `paths`.

    Not so where a file of the folder was not read, or has another syntax, where CDKTF or a template may write further
    ones, and for parts that a program carries in its sources or that are copied into other modules.
    """
    if "mixin" in module.folder:
        return False
    read = {body.text.path for body in module.bodies}
    for path in paths:
        if path.endswith((*OTHER_SYNTAXES, ".go")) or (path.endswith(".tf") and path not in read):
            return False
    return not any(_is_template(body) for body in module.bodies)


def _is_template(body: Body) -> bool:
    return "{{" in body.text.path or "{{" in body.text.content or "cdktf.out" in body.text.path
