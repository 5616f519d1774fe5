"""Dockerfiles, read exactly as BuildKit reads them, with the place of everything in the file."""

from checks.source.dockerfile.evaluation import Evaluation, StageValues, evaluate
from checks.source.dockerfile.reader import parse
from checks.source.dockerfile.substitution import UNSET, Lookup, Unset, expand
from checks.source.dockerfile.tree import (
    Comment,
    Directive,
    DockerfileSource,
    Field,
    Flag,
    Form,
    Heredoc,
    Instruction,
    Pair,
    ShellText,
    Stage,
    Word,
)

__all__ = [
    "UNSET", "Comment", "Directive", "DockerfileSource", "Evaluation", "Field", "Flag", "Form", "Heredoc",
    "Instruction", "Lookup", "Pair", "ShellText", "Stage", "StageValues", "Unset", "Word", "evaluate", "expand",
    "parse",
]  # fmt: skip
