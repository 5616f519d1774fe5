"""Shell scripts of steps and images, for checks."""

from checks.source.shell import Command, Expression, Script, Variable, Word
from checks.source.shell import parse as parse_script

__all__ = ["Command", "Expression", "Script", "Variable", "Word", "parse_script"]
