"""Words of a script that hint at no push, though they name git or a release: of commands that only ask, and of programs that check."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from checks.facts.script.scripts import Command, Script, Substitution, Word
from checks.regex import regex
from checks.source.text import Span

_PRINTS = frozenset(("echo", "printf"))
_ASKS = frozenset((
    "blame", "cat-file", "check-attr", "check-ignore", "count-objects", "describe", "diff", "diff-files", "diff-index", "diff-tree",
    "for-each-ref", "fsck", "grep", "hash-object", "help", "log", "ls-files", "ls-tree", "merge-base", "name-rev", "rev-list", "rev-parse",
    "shortlog", "show", "show-ref", "status", "var", "version", "whatchanged",
))  # fmt: skip
"""What of `git` neither changes branches or tags nor speaks to another repository: https://git-scm.com/docs/git#_interrogators"""
_TAKES_VALUE = frozenset(("-C", "--exec-path", "--git-dir", "--namespace", "--work-tree"))
"""Options of `git` itself whose value may be the next word."""
_OPTION = regex(r"-[Pp]|--(?:bare|help|no-optional-locks|no-pager|paginate|version)|--[\w-]+=.*")
_SETTING = regex(
    r"(?:safe\.directory|init\.defaultbranch|advice\.\w+|core\.(?:abbrev|autocrlf|eol|filemode|longpaths|quotepath|symlinks))",
    re.IGNORECASE,
)
"""Settings by which git pushes neither otherwise nor under another name."""
_ASKS_FOR_SETTING = frozenset(("--get", "--get-all", "--get-regexp", "--list", "-l", "get", "list"))
_CHECKS = regex(
    r"(?!.*[-.:](?:and|n|or|then)[-.:])"
    r"(?:(?:checks?|lint|validate|verify)(?![^-.:])|tests?(?![^-.:])(?!.*(?:deploy|publish|push|release)))[\w.:-]*",
    re.IGNORECASE,
)
"""A program, or a target of one, that says that it only checks: `check-release-sigs`, and not `check-and-release`."""
STARTERS = frozenset(
    ("bash", "bun", "just", "make", "node", "npm", "pnpm", "python", "python3", "ruby", "sh", "task", "yarn")
)
"""Programs that are given a script or a target to run."""
_INTERPRETERS = frozenset(("bash", "node", "python", "python3", "ruby", "sh"))
"""Those of them that run what they read where they are given none."""
_INSTALLERS = frozenset(
    (
        "add-apt-repository",
        "apk",
        "apt",
        "apt-get",
        "brew",
        "dnf",
        "microdnf",
        "pacman",
        "yum",
        "zypper",
    )
)
"""Programs to which a name is that of a package, or where packages are from: `git`, `ppa:git-core/ppa`."""
_COMPILES = frozenset(
    ("b", "bench", "build", "c", "check", "clippy", "deb", "doc", "fetch", "install", "rustc", "t", "test")
)
"""What of `cargo` makes a program, to which `--release` says how."""
_COMPILED = regex(r"(?:[\w.$/-]*/)?target/(?:[\w-]+/)?release(?:/[\w./*-]*)?")
"""Where cargo leaves what it has made so."""
_PUSHES = regex(r"deploy|git|publish|push|release", re.IGNORECASE)
"""What a program that has been made so, and is run, may say of itself."""

_DATA = regex(
    r"(?:.*[^*?])?\.(?:csv|html?|json|md|toml|txt|xml|ya?ml)|\$\{?GITHUB_STEP_SUMMARY\}?", re.IGNORECASE
)
"""Files that nothing runs, as a script may write them."""
_USING_TOKENS = frozenset((None, "docker", "git", "podman"))


def said_spans(script: Script) -> Iterator[Span]:
    """Where a script only says something to people."""
    return (command.span for command in script.commands if _is_for_people(command))


def idle_spans(script: Script) -> Iterator[Span]:
    """Where it does that, writes text to a file of data, asks git for what the checkout has, or names a program that checks, a package to install or what is compiled."""
    yield from said_spans(script)
    yield from (body for command in script.commands for body in _data_in(command, script))
    run = [one.pipeline for one in script.commands if one.pipeline is not None and _runs_what_it_reads(one)]
    for command in script.commands:
        if command.pipeline not in run:
            yield from (word.span for word in _idle_words(command) if not _runs_more(word))


def only_asks(words: tuple[Word, ...]) -> bool:
    """Whether `git` with these arguments certainly asks no other repository, and changes nothing by or for a push."""
    texts = [word.literal for word in words]
    at = 0
    while at < len(texts) and (text := texts[at]) is not None and text.startswith("-"):
        if text not in _TAKES_VALUE and not _OPTION.fullmatch(text):
            return False
        at += 2 if text in _TAKES_VALUE else 1
    asked = texts[at : at + 1]
    if asked == ["config"]:
        given = [one or "" for one in texts[at + 1 :]]
        return not _ASKS_FOR_SETTING.isdisjoint(given[:2]) or any(map(_SETTING.fullmatch, given))
    return asked == [] or asked[0] in _ASKS


def _data_in(command: Command, script: Script) -> Iterator[Span]:
    """The here-documents that `cat` writes to a file of data alone, with nothing in them that may run git."""
    targets = [one.target for one in command.redirections if one.operator in (">", ">>", ">|")]
    is_plain = command.program == "cat" and not (command.arguments or command.piped_to or command.uncertain)
    written = [script.source[one.span.start : one.span.end].strip("\"'") for one in targets]
    if is_plain and written and all(map(_DATA.fullmatch, written)):
        for body in (one.body for one in command.redirections if one.body is not None):
            if _USING_TOKENS.isdisjoint(one.program for one in script.within(body)):
                yield body


def _is_for_people(command: Command) -> bool:
    """Whether a command only prints words, and nothing else takes them."""
    is_taken = command.piped_to or command.redirections or command.in_substitution or command.in_string
    return command.program in _PRINTS and not (
        is_taken or any(map(_runs_more, command.words)) or command.uncertain
    )


def _idle_words(command: Command) -> Iterator[Word]:
    name = command.unwrapped.name
    if command.uncertain or name is None:
        return
    if command.program == "git" and only_asks(command.arguments):
        yield from (name, *command.arguments)
    if command.unwrapped.program in _INSTALLERS or (
        command.program == "cargo" and _compiles(command.arguments)
    ):
        yield from command.arguments
    yield from (
        word
        for word in command.words
        if _COMPILED.fullmatch(word.literal or "") and not (word is name and _is_named_for_pushes(word))
    )
    yield from (name,) if _is_check(name) else ()
    yield from filter(_is_check, command.arguments if command.program in STARTERS else ())


def _is_named_for_pushes(program: Word) -> bool:
    return _PUSHES.search(posixpath.basename(program.literal or "")) is not None


def _compiles(words: tuple[Word, ...]) -> bool:
    return bool(words) and words[0].literal in _COMPILES


def _runs_what_it_reads(command: Command) -> bool:
    """Whether a program takes its script from the command before it."""
    first = command.arguments[0].literal if command.arguments else "-"
    return command.piped_from is not None and command.program in _INTERPRETERS and first in ("-", "-s")


def _is_check(word: Word) -> bool:
    """Whether a word names what only checks, in whichever folder."""
    return word.literal is not None and _CHECKS.fullmatch(word.literal.rpartition("/")[2]) is not None


def _runs_more(word: Word) -> bool:
    return any(isinstance(one, Substitution) for one in word.pieces)
