"""Which program a container starts with, and what stands between it and the signals."""

from __future__ import annotations

import posixpath
from itertools import dropwhile

from checks.facts.dockerfile.base_images import Shell, image_name, shell_of, tag_of
from checks.facts.dockerfile.dockerfiles import Dockerfile, Form
from checks.regex import regex
from checks.source.shell import Command, Connector, GuardKind, Script, parse
from checks.source.word import Word

_INITS = frozenset(("tini", "tini-static", "docker-init", "catatonit"))
"""They pass a signal on to their child alone: https://github.com/krallin/tini#process-group-killing"""
_GROUP_INITS = frozenset(("dumb-init", "init", "my_init", "s6-svscan", "supervisord"))
"""They pass it on to all that they started: https://github.com/Yelp/dumb-init#session-behavior"""
SHELLS = frozenset(("ash", "bash", "dash", "fish", "ksh", "sh", "zsh"))
_DEAF = frozenset(("run-parts", "sleep", "tail", "xvfb-run"))
"""Programs that set up nothing for SIGTERM.

One of them does not even start as process 1: the server that it waits for tells a parent of another number alone that it is there.
https://gitlab.freedesktop.org/xorg/xserver/-/blob/master/os/connection.c
"""
_MAY_HANDLE = frozenset((".", "eval", "exec", "source", "trap"))
"""Commands of a script by which it may set up something, or which bring another program in its place."""
_READS = frozenset((".", "source"))
_ENVIRONMENTS = regex(
    r"(?:.*/)?(?:activate|conda\.sh|envvars|environment|nvm\.sh|setup\.bash|\.?(?:bashrc|profile)|[\w.-]*\.env|env)"
)
"""Files that set variables and functions, and nothing for signals."""
ERREXIT = regex(r"-[a-z]*e[a-z]*|errexit")
"""The option of `set` by which a script ends at the first command that fails."""
_ENDS = " \t\r\n;\\"
"""What may follow the last command of a line that is run."""
_SHELL_FOLDERS = frozenset(("", "/", "/bin", "/usr", "/usr/bin", "/busybox"))
_SHELL_BESIDE = {
    "apk": Shell.BUSYBOX,
    "apt-get": Shell.DASH,
    "apt": Shell.DASH,
    "dnf": Shell.BASH,
    "microdnf": Shell.BASH,
    "yum": Shell.BASH,
}
"""What `/bin/sh` is in the distributions of each package manager."""


def shell_in(dockerfile: Dockerfile) -> Shell | None:
    """What `/bin/sh` is in the image: by its base, or by the one package manager that its `RUN`s call; None if not known."""
    base = dockerfile.base_image(dockerfile.shipped)
    line = dockerfile.ancestry(dockerfile.shipped)
    called = {ran.command.program or "" for ran in dockerfile.commands() if ran.stage in line}
    found = {_SHELL_BESIDE[name] for name in called & _SHELL_BESIDE.keys()}
    return shell_of(base or "") or (found.pop() if len(found) == 1 else None)


def last_command(script: Script) -> Command | None:
    """The simple command with which a script ends, if it gets there whenever the ones before succeed."""
    last = script.commands[-1] if script.commands else None
    if last is None or script.errors or not last.words or last.uncertain:
        return None
    in_something = (
        last.in_subshell
        or last.in_condition
        or last.in_function is not None
        or last.in_substitution is not None
        or last.in_string is not None
        or last.pipeline is not None
        or last.connector in (Connector.OR, Connector.PIPE)
        or any(guard.kind is not GuardKind.AND for guard in last.guards)
    )
    at_the_end = not script.source[last.span.end :].strip(_ENDS)
    return last if at_the_end and not (in_something or last.background or last.negated) else None


def ends_at_failure(script: Script) -> bool:
    """Whether a script certainly ends at the first command that fails: it says so first of all, and never otherwise."""
    first = script.commands[0]
    words = first.literals
    is_first = first.program == "set" and not (first.guards or first.in_subshell or first.in_condition)
    sets = [one for one in script.commands if one.program == "set"]
    return is_first and len(sets) == 1 and any(map(ERREXIT.fullmatch, words)) and "+" not in "".join(words)


_SWITCHES = regex(r"-[aefluvx]+")
"""Options of a shell that take no argument, and behind which it reads a script."""


def script_of(command: Command) -> str:
    """The name of the file that a command runs if it runs a script: the shell's first argument that is no switch, or the program itself.

    Its folder need not be known; empty where the name is not.
    """
    words = command.arguments if command.program in SHELLS else ()
    first = next((word for word in words if not _SWITCHES.fullmatch(word.literal or "")), None)
    read = _last_part(first) if first and not first.prefix.startswith("-") else ""
    if read:
        return read
    return command.program or (_last_part(command.words[0]) if command.words else "")


def _last_part(path: Word) -> str:
    """The part of a path behind its last slash; empty where that is not known."""
    end = path.parts[-1] if path.parts else ""
    return posixpath.basename(end) if isinstance(end, str) and (path.known or "/" in end) else ""


def is_deaf(command: Command) -> bool:
    """Whether a program passes over SIGTERM as process 1, since it sets up nothing for it.

    https://man7.org/linux/man-pages/man7/pid_namespaces.7.html
    """
    return command.program in _DEAF


def is_deaf_script(content: str) -> bool:
    """Whether the shell that runs a script does so, and never makes way for another program."""
    first = content.partition("\n")[0]
    named = {posixpath.basename(word) for word in first.removeprefix("#!").split()}
    if first.startswith("#!") and named.isdisjoint(SHELLS):
        return False
    script = parse(content)
    begin = {command.words[0].literal for command in script.commands if not _starts_nothing(command)}
    return not script.errors and begin.isdisjoint(_MAY_HANDLE)


def _starts_nothing(command: Command) -> bool:
    """Whether it only redirects, or reads a file that sets up an environment."""
    match command.words:
        case (first, file) if first.literal in _READS:
            return _ENVIRONMENTS.fullmatch(_end_of(file)) is not None
    return _only_redirects(command)


def _end_of(word: Word) -> str:
    """What is known of the end of a word: of `"$HOME/.nvm/nvm.sh"` what stands behind the variable."""
    last = word.parts[-1] if word.parts else ""
    return last if isinstance(last, str) else ""


def _only_redirects(command: Command) -> bool:
    """Whether it starts nothing: `exec >log` brings no other program."""
    return not command.words or (len(command.words) == 1 and command.words[0].literal == "exec")


def init_of(dockerfile: Dockerfile) -> str | None:
    """The init that `ENTRYPOINT` puts in front of the command, by its name; None if it names none that we know."""
    words = _entry(dockerfile)
    name = posixpath.basename(words[0]) if words else ""
    return name if name in _INITS | _GROUP_INITS else None


def handed_command(dockerfile: Dockerfile) -> list[str]:
    """What is to start the command of an image for it: the words of its entry point without an init in front."""
    words = _entry(dockerfile)
    if init_of(dockerfile) is None:
        return words
    at = words.index("--") + 1 if "--" in words else 1
    return list(dropwhile(lambda word: word.startswith("-"), words[at:]))


def signals_reach_group(dockerfile: Dockerfile) -> bool:
    """Whether that init passes signals on to the children of its child too."""
    words = _entry(dockerfile)
    return bool(words) and (posixpath.basename(words[0]) in _GROUP_INITS or "-g" in words)


def _entry(dockerfile: Dockerfile) -> list[str]:
    """The words of the `ENTRYPOINT` in exec form that the file sets for its image."""
    for stage in dockerfile.ancestry(dockerfile.shipped):
        found = [it for it in stage.instructions if it.keyword == "ENTRYPOINT"]
        if found:
            return [word.value for word in found[-1].arguments] if found[-1].form is Form.EXEC else []
    return []


def lacks_shell(dockerfile: Dockerfile) -> bool:
    """Whether the image certainly has no `/bin/sh`: distroless without its debug variant, and none copied in.

    https://github.com/GoogleContainerTools/distroless#entrypoints
    """
    base = dockerfile.base_image(dockerfile.shipped) or ""
    if not image_name(base).startswith("gcr.io/distroless/") or "debug" in tag_of(base):
        return False
    copies = [it for stage in dockerfile.ancestry(dockerfile.shipped) for it in stage.instructions]
    places = [it.destination.value for it in copies if it.keyword in ("COPY", "ADD")]
    return not any(
        place.rstrip("/") in _SHELL_FOLDERS or posixpath.basename(place) in ("sh", "busybox") or "$" in place
        for place in places
    )
