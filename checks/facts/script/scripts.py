"""Shell scripts of steps and images, for checks."""

from checks.source.shell import (
    Command,
    Connector,
    Expression,
    GuardKind,
    Script,
    Substitution,
    Variable,
    Word,
)
from checks.source.shell import parse as parse_script

__all__ = [
    "Command",
    "Connector",
    "Expression",
    "GuardKind",
    "Script",
    "Substitution",
    "Variable",
    "Word",
    "parse_script",
]
