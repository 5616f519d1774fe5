"""What npm is told by the `.npmrc` of a project.

https://docs.npmjs.com/cli/configuring-npm/npmrc
"""

from __future__ import annotations

from checks.record import Record
from checks.source.text import Text

_CHOOSE_NOTHING = frozenset((
    "access", "audit", "audit-level", "color", "engine-strict", "fetch-retries", "fetch-timeout",
    "fund", "git-tag-version", "ignore-scripts", "lockfile-version", "loglevel", "maxsockets",
    "message", "min-release-age", "node-options", "prefer-offline", "progress", "provenance",
    "save", "save-exact", "save-prefix", "script-shell", "strict-peer-deps", "tag-version-prefix",
    "update-notifier",
))  # fmt: skip
"""Settings with and without which npm takes a lock file that fits for what it would write itself.

https://docs.npmjs.com/cli/using-npm/config
"""
_OF_PNPM = frozenset((
    "auto-install-peers", "enable-pre-post-scripts", "hoist", "hoist-pattern",
    "inject-workspace-packages", "link-workspace-packages", "minimum-release-age", "node-linker",
    "only-built-dependencies", "prefer-frozen-lockfile", "public-hoist-pattern", "resolution-mode",
    "shamefully-hoist", "shared-workspace-lockfile", "strict-peer-dependencies",
))  # fmt: skip
"""Settings of another package manager, which npm passes over: https://pnpm.io/settings"""
_BY_DEFAULT = {
    "force": "false",
    "install-links": "false",
    "legacy-peer-deps": "false",
    "package-lock": "true",
    "registry": "https://registry.npmjs.org",
}
"""What others are by themselves."""
_SINCE_NPM_7 = frozenset(("install-links", "install-strategy", "legacy-peer-deps"))
"""Settings that an older npm passes over, which brings no peer packages by itself.

https://nodejs.org/en/blog/release/v15.0.0#npm-7
"""


class NpmConfig(Record):
    """One such file."""

    path: str
    choosing: frozenset[str]
    """The names of the settings that may have npm choose other packages than it would without them, or take them from elsewhere."""

    @property
    def may_choose(self) -> bool:
        """Whether it may do so."""
        return bool(self.choosing)

    @property
    def may_choose_for_npm_6(self) -> bool:
        """Whether it may do so with an npm before 7."""
        return not self.choosing <= _SINCE_NPM_7


def parse_npm_config(text: Text) -> NpmConfig:
    """What a file says; what is not known may choose."""
    lines = (line.strip() for line in text.content.removeprefix("\ufeff").splitlines())
    return NpmConfig(text.path, frozenset(filter(None, map(_choosing, lines))))


def _choosing(line: str) -> str:
    """The name of the setting of a line that may choose; empty if it does not."""
    if not line or line.startswith(("#", ";")):
        return ""
    name, equals, value = (part.strip().strip("\"'") for part in line.partition("="))
    name = name.removesuffix("[]") or line
    told = value.removesuffix("/") if equals else "true"
    may_choose = name not in _CHOOSE_NOTHING | _OF_PNPM and _BY_DEFAULT.get(name) != told
    return name if may_choose else ""
