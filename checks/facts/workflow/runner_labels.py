"""Labels of the machines that GitHub has, and of those that nobody has any more.

https://docs.github.com/en/actions/reference/runners/github-hosted-runners
"""

from __future__ import annotations

from checks.regex import regex

_HOSTED = regex(r"(?:ubuntu|windows|macos)-(?:latest|\d[\d.]*(?:-(?:arm|intel|large|xlarge))?|slim)")
_RETIRED = regex(r"ubuntu-(?:16|18|20)\.04|windows-201[69]|macos-1(?:0\.15|[1-4])(?:-(?:large|xlarge))?")
"""Images that were taken off until November 2026: https://github.com/actions/runner-images/issues?q=label%3AAnnouncement"""
_OF_BUILDJET = regex(r"buildjet-\d{1,2}vcpu-ubuntu-\d{4}(?:-arm)?")
"""Ended on 31 March 2026: https://buildjet.com/for-github-actions/blog/we-are-shutting-down"""


def is_hosted_label(label: str) -> bool:
    """Whether a label is one of GitHub's own machines, of today or of before."""
    return _HOSTED.fullmatch(label.lower()) is not None


def is_retired_label(label: str) -> bool:
    """Whether a job of this label waits for a machine that there is no more, and never starts."""
    return any(pattern.fullmatch(label.lower()) for pattern in (_RETIRED, _OF_BUILDJET))
