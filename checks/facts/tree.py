"""The nodes of parsed files, and edits of them, as checks use them."""

from checks.source.hcl_edit import add_attribute, add_block, delete_attribute, delete_block
from checks.source.hcl_edit import replace_value as replace_value_of
from checks.source.snapshot import Edit
from checks.source.text import Span
from checks.source.yaml import Entry, Mapping, Node, Scalar, Sequence
from checks.source.yaml_edit import (
    append_entry,
    append_item,
    delete_entry,
    delete_item,
    delete_line,
    insert_after,
    insert_before,
    insert_line_after,
    replace_value,
)  # fmt: skip

__all__ = [
    "Edit", "Entry", "Mapping", "Node", "Scalar", "Sequence", "Span", "add_attribute", "add_block",
    "append_entry", "append_item", "delete_attribute", "delete_block", "delete_entry", "delete_item",
    "delete_line", "insert_after", "insert_before", "insert_line_after", "replace_value", "replace_value_of",
]  # fmt: skip
