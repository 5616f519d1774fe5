"""Which version of a plugin a Maven project names: https://maven.apache.org/pom.html#Plugins

Tags are looked for as text. No parser of XML is used, which would follow the entities of a file that anybody may write.
"""

from __future__ import annotations

import re
from itertools import pairwise

from checks.regex import regex
from checks.source.text import Text

_MOST = 10
"""Places that name a plugin: a file has one, and one for each profile."""
_VERSION = regex(r"<version>\s{0,20}([^<\s]{1,100})\s{0,20}</version>")
_PROPERTY = regex(r"\$\{([\w.-]{1,100})\}")
_PLAIN = regex(r"\d{1,9}(?:\.\d{1,9}){1,2}")
_WITH_OTHER_VERSIONS = ("dependencies", "executions", "configuration")


def plugin_versions(text: Text, plugin: str) -> tuple[str, ...]:
    """Those that a `pom.xml` names for a plugin, each once; empty where one of them is not known."""
    content = _without_comments(text.content)
    parts = content.split(f"<artifactId>{plugin}</artifactId>", _MOST + 1)
    if len(parts) > _MOST + 1:
        return ()
    found = dict.fromkeys(_version(content, _block(*around)) for around in pairwise(parts))
    known = tuple(one for one in found if one is not None)
    return known if len(known) == len(found) else ()


def _without_comments(content: str) -> str:
    """What is outside of them, in one pass: a pattern would look for the end of each that has none."""
    first, *others = content.split("<!--")
    return first + "".join(one.partition("-->")[2] for one in others)


def _block(before: str, behind: str) -> str:
    """What the element of a plugin holds beside its name; empty where the name is not that of a plugin."""
    _, start, head = before.rpartition("<plugin>")
    rest, end, _ = behind.partition("</plugin>")
    return head + rest if start and end and "</plugin>" not in head else ""


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
