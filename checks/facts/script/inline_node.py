"""JavaScript that a shell script gives `node` itself, behind `-p` or `-e`, and that takes nothing of others.

https://nodejs.org/api/cli.html#-p---print-script
"""

from __future__ import annotations

import re

from checks.facts.script.scripts import Command
from checks.regex import regex

_INLINE = frozenset(("-e", "--eval", "-p", "--print", "-pe"))
_WORD = regex(r"\brequire\b")
_REQUIRED = regex(r"\brequire\s*\(\s*(?P<quote>['\"])(?P<name>[^'\"]+)(?P=quote)\s*\)")
_READS = regex(r"(?:node:)?(?:assert|fs|os|path|querystring|url|util)|\.{0,2}/.*\.json", re.DOTALL)
"""A file of data, or a module of Node's own that starts no program."""
_STARTS = regex(
    r"\b(?:binding|child_process|constructor|dlopen|eval|fetch|Function|getBuiltinModule|global|globalThis|import|mainModule|module|Reflect|__\w+__)\b"
    r"|\]\s*\("
)
"""What may start a program or run a text, or call what has no name."""


def is_plain_node(command: Command) -> bool:
    """Whether a command runs JavaScript that it is given, which reads files of data and starts no program."""
    words = [word.literal for word in command.arguments]
    code = words[1] if len(words) > 1 and words[0] in _INLINE else None
    if command.uncertain or command.program != "node" or code is None or "${{" in code:
        return False
    required = list(_REQUIRED.finditer(code))
    return (
        len(required) == len(_WORD.findall(code))
        and all(_READS.fullmatch(one["name"]) for one in required)
        and not _STARTS.search(code)
    )
