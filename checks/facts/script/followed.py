"""What the script of a step runs of its repository, as far as that is read: recipes of Makefiles, and scripts."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from checks.facts.script.makefiles import MAKEFILES, make_runs, recipe_lines
from checks.facts.script.scripts import Command, Word, parse_script
from checks.facts.token.programs import commands_of, is_harmless
from checks.facts.workflow.workflows import Step
from checks.record import Record
from checks.regex import regex
from checks.source.text import Text

_RUNNERS = frozenset((
    "bash", "bazel", "bun", "bundle", "bunx", "cargo", "corepack", "dagger", "deno", "earthly", "env", "go", "gradle", "inv",
    "invoke", "just", "lerna", "mage", "make", "mise", "mvn", "node", "nox", "npm", "npx", "nx", "pdm", "pnpm", "poe", "poetry",
    "python", "python3", "rake", "ruby", "sh", "sudo", "task", "time", "timeout", "tox", "turbo", "uv", "uvx", "xargs", "yarn",
))  # fmt: skip
"""Programs that run what their arguments name; so does a script of the repository."""
_SCRIPT = regex(r"[\w./-]{1,200}\.(?:bat|cmd|js|mjs|ps1|py|rb|sh|ts)\b")
"""The file of a script, in a text that is not read as commands."""
_SAYS = frozenset(("cat", "echo", "printf", "tee"))
_VERSION = "version"
"""What programs are asked for that say which they are."""
_MOST = 20
"""Files that are followed from one script."""


class Followed(Record):
    """What a script runs."""

    texts: tuple[str, ...]
    """Itself, and the recipes and scripts of the repository that it runs."""
    names: tuple[str, ...]
    """The programs, targets and scripts that it runs and that are not read here, without their folders."""


def followed(step: Step, texts: Mapping[str, Text]) -> Followed:
    """What the script of a step runs; `texts` are the files of the repository that are read, by path."""
    if step.run is None:
        return Followed((), ())
    folder = step.working_directory.value if step.working_directory else ""
    made = _made(step, texts)
    found, names, seen = [step.run.value, *made.values()], list[str](), set[str]()
    for at, text in enumerate(found):  # which grows
        script = parse_script(text) if at or step.is_shell_script else None
        if script is None or not script.complete:
            names += map(posixpath.basename, _SCRIPT.findall(text))
        for command in commands_of(script) if script else ():
            files = tuple(_files(command, folder, texts))
            new = [path for path in files if path not in seen and len(seen) < _MOST]
            seen.update(new)
            found += (texts[path].content for path in new)
            is_read = bool(files) or (at == 0 and command in made)
            names += () if is_read or is_harmless(command) else _names(command)
    return Followed((_without_what_is_said(step), *found[1:]), tuple(names))


def _without_what_is_said(step: Step) -> str:
    """The script of a step without its comments, and without the texts that it prints or writes to a file."""
    text = step.run.value if step.run is not None else ""
    script = parse_script(text) if step.is_shell_script else None
    if script is None or script.errors or not script.complete:
        return text
    run = [one for one in script.commands if one.program not in _SAYS or one.piped_to is not None]
    bodies = dict.fromkeys(body for one in run for there in one.redirections if (body := there.body))
    return "\n".join(script[span] for span in (*(one.span for one in run), *bodies))


def _made(step: Step, texts: Mapping[str, Text]) -> dict[Command, str]:
    """The recipes of each command that runs `make`, without those of which a target has none here."""
    found: dict[Command, str] = {}
    for run in make_runs(step):
        paths = (posixpath.normpath(posixpath.join(run.folder, name)) for name in MAKEFILES)
        makefiles = [texts[path] for path in paths if path in texts]
        asked = [replace(run, targets=(target,)) for target in run.targets] or [run]
        recipes = [recipe_lines(one, makefiles) for one in asked]
        if all(recipes):
            lines = (line.fragment.lstrip("\t @+-") for recipe in recipes for line in recipe)
            found[run.command] = "\n".join(lines)
    return found


def _files(command: Command, folder: str, texts: Mapping[str, Text]) -> Iterator[str]:
    """The scripts of the repository among the words of a command."""
    for word in command.words:
        written = word.literal
        if written and _SCRIPT.fullmatch(written):
            paths = (posixpath.normpath(posixpath.join(start, written)) for start in (folder, ""))
            yield from (path for path in paths if path in texts)


def _names(command: Command) -> Iterator[str]:
    """The program of a command, and what it is told to run where it runs others."""
    written = [_written(word) for word in command.words]
    runs = command.program in _RUNNERS
    is_runner = runs or "/" in (written or [""])[0] or command.program is None
    if not runs and written[1:2] == [_VERSION]:
        written = written[:1]
    for word in written if is_runner else written[:1]:
        if word and not word.startswith("-") and "=" not in word:
            yield posixpath.basename(word)


def _written(word: Word) -> str:
    """The end of a word, as far as it is written out."""
    last = word.parts[-1] if word.parts else ""
    return last if isinstance(last, str) else ""
