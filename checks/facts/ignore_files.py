"""Ignore files, for checks: what a build context leaves out, and by which pattern."""

from checks.source.dockerignore import Decision, Ignore, Pattern, Refusal
from checks.source.dockerignore import parse as parse_ignore
from checks.source.text import CannotRead, Text

__all__ = ["CannotRead", "Decision", "Ignore", "Pattern", "Refusal", "Text", "parse_ignore"]
