"""Programs that push the branch of a site with the token that a checkout leaves for git.

https://www.mkdocs.org/user-guide/deploying-your-docs/#project-pages https://github.com/jimporter/mike#deploying-via-github-actions
https://github.com/c-w/ghp-import#usage
"""

from __future__ import annotations

from checks.facts.script.scripts import Command
from checks.regex import regex
from checks.source.wrappers import basename

_STARTERS = frozenset(("hatch", "pdm", "pipenv", "pipx", "pixi", "poetry", "rye", "uv"))
"""Those that `run` a program of an environment."""
_PYTHON = regex(r"python(?:\d{1,2}(?:\.\d{1,3})?)?")
_PAGES = frozenset(("ghp-import", "mike", "mkdocs"))
_OF_MIKE = frozenset(("alias", "delete", "deploy", "props", "retitle", "set-default"))
"""What `mike` writes to the branch with, which it pushes where it is told to."""
_PUSHES = regex(r"--push|-[a-oq-zA-Z]{0,8}p[a-zA-Z]{0,8}")
_ELSEWHERE = regex(r"--remote(?:-name)?(?:=.*)?|-r.*")
"""Names the remote, which may be another repository."""
_HELP = frozenset(("--help", "-h"))
_OF_PACKAGES = frozenset(("--extra", "--from", "--group", "--only-group", "--spec", "--with"))
"""Options whose value is a package, or a group of them."""


def pushes_pages(command: Command) -> bool:
    """Whether a command certainly pushes a site to a branch of the remote that a checkout has made."""
    if command.uncertain:
        return False
    name, words = _program(command)
    if name not in _PAGES or any(_ELSEWHERE.fullmatch(word) or word in _HELP for word in words):
        return False
    if name == "mkdocs":
        return "gh-deploy" in words
    is_pushed = any(map(_PUSHES.fullmatch, words))
    return is_pushed and (name == "ghp-import" or not _OF_MIKE.isdisjoint(words))


def _program(command: Command) -> tuple[str, list[str]]:
    """The program that runs in the end and its words: of `uv run --group docs mkdocs build` those from `mkdocs` on."""
    name, words = command.program or "", command.literals
    names = [basename(word) or "" for word in command.arguments]
    if _PYTHON.fullmatch(name) and words[:1] == ["-m"]:
        return names[1] if len(names) > 1 else "", words[2:]
    starts = name == "uvx" or (name in _STARTERS and "run" in words[:2])
    places = (
        at for at, one in enumerate(names) if one in _PAGES and (at == 0 or words[at - 1] not in _OF_PACKAGES)
    )
    at = next(places, None) if starts else None
    return (name, words) if at is None else (names[at], words[at + 1 :])
