"""Labels of the machines that GitHub has, and of those that it has no more.

https://docs.github.com/en/actions/reference/runners/github-hosted-runners
"""

from __future__ import annotations

from checks.regex import regex

_HOSTED = regex(r"(?:ubuntu|windows|macos)-(?:latest|\d[\d.]*(?:-(?:arm|intel|large|xlarge))?|slim)")
_RETIRED = regex(r"ubuntu-(?:16|18|20)\.04|windows-201[69]|macos-1(?:0\.15|[1-4])(?:-(?:large|xlarge))?")
"""Images that were taken off until November 2026: https://github.com/actions/runner-images/issues?q=label%3AAnnouncement"""


def is_hosted_label(label: str) -> bool:
    """Whether a label is one of GitHub's own machines, of today or of before."""
    return _HOSTED.fullmatch(label.lower()) is not None


def is_retired_label(label: str) -> bool:
    """Whether a job of this label waits for a machine that GitHub has no more, and never starts."""
    return _RETIRED.fullmatch(label.lower()) is not None
