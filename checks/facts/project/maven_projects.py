"""Which version of a plugin a Maven project names: https://maven.apache.org/pom.html#Plugins

Tags are looked for as text. No parser of XML is used, which would follow the entities of a file that anybody may write.
"""

from __future__ import annotations

import re

from checks.regex import regex
from checks.source.text import Text

_MOST = 10
"""Places that name a plugin: a file has one, and one for each profile."""
_COMMENT = regex(r"<!--(?:[^-]|-(?!->))*-->")
_VERSION = regex(r"<version>\s{0,20}([^<\s]{1,100})\s{0,20}</version>")
_PROPERTY = regex(r"\$\{([\w.-]{1,100})\}")
_PLAIN = regex(r"\d{1,9}(?:\.\d{1,9}){1,2}")
_WITH_OTHER_VERSIONS = ("dependencies", "executions", "configuration")


def plugin_versions(text: Text, plugin: str) -> tuple[str, ...]:
    """Those that a `pom.xml` names for a plugin, each once; empty where one of them is not known."""
    content, named = _COMMENT.sub("", text.content), f"<artifactId>{plugin}</artifactId>"
    found: dict[str | None, None] = {}
    at = content.find(named)
    while at != -1 and len(found) < _MOST:
        start, end = content.rfind("<plugin>", 0, at), content.find("</plugin>", at)
        found[_version(content, content[start:end]) if 0 <= start < end else None] = None
        at = content.find(named, at + 1)
    known = tuple(one for one in found if one is not None)
    return known if len(known) == len(found) else ()


def _version(content: str, block: str) -> str | None:
    for name in _WITH_OTHER_VERSIONS:
        before, _, rest = block.partition(f"<{name}>")
        block = before + rest.partition(f"</{name}>")[2]
    said = _VERSION.search(block)
    named = _PROPERTY.fullmatch(said[1]) if said else None
    value = _property(content, named[1]) if named else said[1] if said else ""
    return value if _PLAIN.fullmatch(value) else None


def _property(content: str, name: str) -> str:
    """The value of one that is set once; empty for others."""
    values = re.findall(
        rf"<{re.escape(name)}>\s{{0,20}}([^<\s]{{1,100}})\s{{0,20}}</{re.escape(name)}>", content
    )
    return values[0] if len(values) == 1 else ""
