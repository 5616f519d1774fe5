"""Folders whose files run nowhere: of tests, of samples, of pages, of other projects. The words are parts of patterns.

What a word means differs by the kind of file: Terraform in `website/` makes a site, a policy there is text on one.
"""

from __future__ import annotations

from checks.regex import regex

TESTS = r"tests?|testing|test[-_]?data|fixtures?|e2e|conformance|acceptance|chainsaw"
SAMPLES = r"examples?|samples?|demos?|tutorials?|workshops?|quickstarts?|playgrounds?"
PAGES = r"docs?|website"
FOREIGN = r"vendor|third_party|node_modules"
_VENDORED = regex(rf"(?:^|/)(?:{FOREIGN}|test[-_]?data|testfiles?(?:[-_][\w-]+)?|_?fixtures?|__\w+__)/")


def is_vendored(path: str) -> bool:
    """Whether a path lies among copies of other projects or data of tests."""
    return bool(_VENDORED.search(path))
