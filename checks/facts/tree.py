"""The nodes of parsed files, and edits of them, as checks use them."""

from checks.source.hcl import Attribute, Block, Body, Comment, Expression, ListExpr, Literal, Traversal
from checks.source.hcl_edit import (
    add_at_end,
    add_attribute,
    add_block,
    add_first_attribute,
    delete_attribute,
    delete_block,
)  # fmt: skip
from checks.source.hcl_edit import replace_value as replace_value_of
from checks.source.snapshot import Edit
from checks.source.text import Span
from checks.source.word import Word
from checks.source.yaml import Entry, Mapping, Node, Scalar, Sequence, walk
from checks.source.yaml_edit import (
    append_entry,
    append_item,
    delete_entries,
    delete_entry,
    delete_item,
    delete_line,
    insert_after,
    insert_before,
    insert_item_after,
    insert_line_after,
    replace_value,
)  # fmt: skip

__all__ = [
    "Attribute", "Block", "Body", "Comment", "Edit", "Entry", "Expression", "ListExpr", "Literal", "Mapping", "Node",
    "Scalar", "Sequence", "Span", "Traversal", "Word", "add_at_end", "add_attribute", "add_block", "add_first_attribute",
    "append_entry", "append_item", "delete_attribute", "delete_block", "delete_entries", "delete_entry", "delete_item", "delete_line",
    "insert_after", "insert_before", "insert_item_after", "insert_line_after", "replace_value", "replace_value_of", "walk",
]  # fmt: skip
