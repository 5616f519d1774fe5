"""Commands by which a package manager of Node.js starts a script of `package.json`, and what that is.

They start it with `sh -c` and pass SIGTERM on to that shell: https://docs.npmjs.com/cli/v11/using-npm/config#script-shell
The advice of the image's authors is to go around them: https://github.com/nodejs/docker-node/blob/main/docs/BestPractices.md#cmd
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.facts.project.node_projects import NodeProject
from checks.facts.script.scripts import Command, parse_script

_MANAGERS = frozenset(("npm", "pnpm", "yarn"))
_RUN = frozenset(("run", "run-script"))
_ITSELF = "node"
"""What needs nothing of the path that a package manager sets."""


def script_started(command: Command) -> str:
    """The name of the script that a command starts: `start` for `npm start`; empty if none, or if it is not known."""
    words = command.literals
    if command.program not in _MANAGERS or not words:
        return ""
    if words[0] in _RUN:
        return words[1] if len(words) == 2 and not words[1].startswith("-") else ""
    is_alone = len(words) == 1 and (words == ["start"] or command.program == "yarn")
    return words[0] if is_alone and not words[0].startswith("-") else ""


def program_started(name: str, projects: Iterable[NodeProject]) -> tuple[str, ...]:
    """The words of the one command, of `node` itself, that a script of a project is; empty if it is more, or not known."""
    known = [dict(project.scripts) for project in projects]
    written = known[0] if len(known) == 1 else {}
    if name not in written or {f"pre{name}", f"post{name}"} & written.keys():
        return ()
    script = parse_script(written[name])
    command = script.commands[0] if len(script.commands) == 1 and not script.errors else None
    if command is None or script.functions or command.negated:
        return ()
    if command.assignments or command.redirections or command.background:
        return ()
    words = tuple(word.literal or "" for word in command.words)
    return words if words[:1] == (_ITSELF,) and "" not in words and len(words) > 1 else ()
