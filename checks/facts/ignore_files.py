"""Ignore files, for checks: what a build context leaves out, and by which pattern."""

from checks.source.dockerignore import Decision, Ignore, Pattern
from checks.source.dockerignore import parse as parse_ignore
from checks.source.text import CannotRead, Text

__all__ = ["CannotRead", "Decision", "Ignore", "Pattern", "Text", "parse_ignore"]
