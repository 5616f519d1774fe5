"""Images that serve a project to those who change it, as far as scripts of the repository say so.

https://docs.npmjs.com/cli/commands/npm-run
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from checks.facts.build.contexts import BuildContext
from checks.facts.dockerfile.copied_files import placed
from checks.facts.dockerfile.dockerfiles import Dockerfile
from checks.facts.dockerfile.purposes import serves_changes
from checks.facts.project.node_projects import NodeProject
from checks.regex import regex
from checks.source.shell import parse
from checks.source.text import Text

_RUNS_SCRIPT = regex(
    r"(?:^|[\s;&|(/])(?:npm|pnpm|yarn|bun)\s{1,4}(?:(?:run|run-script)\s{1,4})?(?P<name>[\w:.-]{1,100})\s{0,4}$"
)
"""A script of a `package.json`, by its name alone, as the last that is run."""
_PRODUCTION = regex(r"\|\||prod")
"""Where something else may be served in production."""
_MOVES = frozenset(("cd", "pushd"))
_ENDS = frozenset(("exec", "exit"))
_OF_SHELL = regex(r"#!\S{1,100}(?:\s\S{1,100})?sh\b")


def starts_development_server(
    dockerfile: Dockerfile, projects: Iterable[NodeProject], scripts: Iterable[Text]
) -> bool:
    """Whether a container certainly starts a development server by a script, and nothing speaks of production.

    A script of the `package.json` in the Dockerfile's folder, or one of `scripts`, those of the names that the image starts,
    and what that runs last.
    """
    started = " ".join(word for words in dockerfile.started for word in words)
    last = dockerfile.shipped
    folder = dockerfile.folder_at(last, len(dockerfile.text.content))
    if not started or folder is None or _is_for_production(dockerfile, started):
        return False
    named = {posixpath.normpath(posixpath.join(folder, word)) for word in started.split()}
    own = [one for one in projects if _is_in(dockerfile, one.path, {posixpath.join(folder, "package.json")})]
    followed = [_last_command(one) for one in scripts if _is_in(dockerfile, one.path, named)]
    of_projects = (_in_project(command, project) for project in own for command in (started, *followed))
    return any(map(serves_changes, (*followed, *of_projects)))


def _is_for_production(dockerfile: Dockerfile, started: str) -> bool:
    lines = (it for stage in dockerfile.ancestry(dockerfile.shipped) for it in stage.instructions)
    settings = (dockerfile.text[it.span] for it in lines if it.keyword == "ENV")
    return any(map(_PRODUCTION.search, (started, *settings)))


def _is_in(dockerfile: Dockerfile, path: str, places: set[str]) -> bool:
    """Whether a file of the Dockerfile's folder, or below it, is certainly copied to one of some places of the image."""
    context = BuildContext(dockerfile, posixpath.dirname(dockerfile.path), None, None)
    own = context.own_path(path)
    end = len(dockerfile.text.content) + 1
    return own is not None and any(one.at in places for one in placed(context, own, dockerfile.shipped, end))


def _last_command(script: Text) -> str:
    """What a script of the shell certainly comes to in the folder that it starts in; empty where something else may be run."""
    commands = parse(script.content).commands
    is_of_shell = script.path.endswith(".sh") or _OF_SHELL.match(script.content)
    last = commands[-1] if commands and is_of_shell and not _PRODUCTION.search(script.content) else None
    if last is None or last.conditional or last.background or last.uncertain or last.in_subshell:
        return ""
    before = {word.literal for one in commands[:-1] for word in one.words[:1]}
    return "" if before & (_MOVES | _ENDS) else script[last.span]


def _in_project(command: str, project: NodeProject) -> str:
    """What a command runs by a script of a project; empty where it runs none, or not always that."""
    found = _RUNS_SCRIPT.search(command)
    written = dict(project.scripts).get(found["name"], "") if found else ""
    return "" if _PRODUCTION.search(written) else written
