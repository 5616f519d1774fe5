"""Images that serve a project to those who change it, as far as scripts of the repository say so, or what they lack.

https://docs.npmjs.com/cli/commands/npm-run
https://docs.docker.com/engine/storage/bind-mounts/
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Iterator

from checks.facts.build.contexts import BuildContext
from checks.facts.dockerfile.base_images import brings_no_program
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
_PRODUCTION = regex(r"\|\||prod|--(?:omit|without)[= ]dev|--no-dev\b|--only[= ]main\b|\bBUNDLE_WITHOUT\b")
"""Where something else may be served in production."""
_FETCHES_PROJECT = regex(
    r"\bgit\s[^;&|]{0,200}\b(?:clone|fetch|pull)\b|\bdegit\b|\bpackage\.json\b|\b(?:npm|pnpm|yarn|bun)\s+(?:create|init|pkg)\b|\bnpx\s[^;&|]{0,80}(?:\bcreate|generator\b|\binit\b)|\bvue\s+create\b"
    r"|\w\s{1,9}(?:clone|new)\s|\bsvn\s+(?:checkout|co|export)\b|\b(?:bundle|composer|poetry)\s+(?:add|init|require)\b"
    r"|(?:\bwget\s[^;&|]{0,200}|(?:\s-\w{0,9}[oO]|>)\s{0,4}\S{0,200})\b(?:Gemfile|composer\.json|pyproject\.toml)\b"
    r"|\b(?:bsdtar|7z|tar|unzip)\s{1,10}-?\w|\b(?:scp|rsync|startproject|create-project)\b|\bs3\s+(?:cp|sync)\b"
    r"|--mount=(?!\S{0,200}\btype=(?:cache|secret|ssh|tmpfs)\b)"
)
"""What a command has that may bring a project from elsewhere, make one, or take one out of the context.

A mount is one of the context or of a stage unless it says otherwise: https://docs.docker.com/reference/dockerfile/#run---mount
"""
_INSTALLS_PROJECT = regex(
    r"(?:^|[\s;&(])(?:npm\s+(?:ci|clean-install|i|install)|(?:bun|pnpm)\s+(?:i|install)|yarn(?:\s+install)?|(?:bundle|composer|poetry)\s+install)"
    r"(?:\s+--?[\w][\w=./-]{0,60}){0,8}\s*(?:$|[;&)])"
)
"""A command that installs what the project of its folder asks for, and names no package itself."""
_BRING_FILES = frozenset(("ADD", "COPY", "ONBUILD"))
_INTERPRETER = regex(
    r"(?:/\S{1,60}/)?(?:bash|bun|deno|go|node|perl|php|python[\d.]{0,5}|ruby|sh|ts-node|tsx)"
)
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
    own = [
        one
        for one in projects
        if _is_in(dockerfile, one.path, {posixpath.normpath(posixpath.join(folder, "package.json"))})
    ]
    followed = [_last_command(one) for one in scripts if _is_in(dockerfile, one.path, named)]
    of_projects = (_in_project(command, project) for project in own for command in (started, *followed))
    return any(map(serves_changes, (*followed, *of_projects)))


def starts_what_is_mounted(
    dockerfile: Dockerfile, projects: Iterable[NodeProject], paths: Collection[str]
) -> bool:
    """Whether an image on a language or a distribution starts what lies here, and nothing may have put it there.

    What lies beside its Dockerfile, or from the root on as it does from the working folder on. Or it installs, when it is
    started, what a project asks for that it does not have. Whoever starts a container mounts the checkout. `projects` are
    those of the Dockerfile's folder, `paths` all files.
    """
    line = dockerfile.ancestry(dockerfile.shipped)
    base, its = dockerfile.expanded_base(line[-1]), [it for stage in line for it in stage.instructions]
    if base is None or not brings_no_program(base) or not _BRING_FILES.isdisjoint(it.keyword for it in its):
        return False
    started = " ".join(word for words in dockerfile.started for word in words)
    runs = [dockerfile.text[it.span] for it in its if it.keyword == "RUN"]
    if any(map(_FETCHES_PROJECT.search, runs)) or _is_for_production(dockerfile, started):
        return False
    if _INSTALLS_PROJECT.search(started):
        return _FETCHES_PROJECT.search(started) is None
    script, file = _RUNS_SCRIPT.search(started), _own_file(started)
    if script is not None:
        return any(script["name"] in dict(one.scripts) for one in projects)
    is_here = any(path in paths for path in _own_paths(dockerfile, file))
    return is_here and not any(posixpath.basename(file) in run for run in runs)


def _own_file(started: str) -> str:
    """The program that is started by a path, or that is given to an interpreter; empty for others."""
    words = started.split()
    if words and _INTERPRETER.fullmatch(words[0]) is None:
        return words[0] if words[0].startswith(("./", "/")) else ""
    files = (one for one in words[1:] if not one.startswith("-") and one != "run")
    return next(files, "")


def _own_paths(dockerfile: Dockerfile, file: str) -> Iterator[str]:
    """Where a file of an image lies here, if its working folder is that of the Dockerfile, or the root: there with its folder."""
    folder = dockerfile.folder_at(dockerfile.shipped, len(dockerfile.text.content))
    if file.startswith("/"):
        is_below = folder not in (None, "/") and file.startswith(f"{folder}/")
        file = posixpath.relpath(file, folder) if is_below else ""
    below = posixpath.normpath(file) if file else ""
    if below:
        yield posixpath.normpath(posixpath.join(posixpath.dirname(dockerfile.path), below))
    if "/" in below:
        yield below


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
