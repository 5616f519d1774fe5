"""Shell scripts of steps and images, for checks."""

from checks.source.shell import Command, Script
from checks.source.shell import parse as parse_script

__all__ = ["Command", "Script", "parse_script"]
