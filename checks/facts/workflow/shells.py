"""What `shell:` says of the script that it runs.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
"""

from __future__ import annotations

from checks.regex import regex

_SHELLS = frozenset(("bash", "sh"))
_FRONTS = frozenset(("devbox", "direnv", "env", "mise", "nix", "pixi", "sudo"))
"""Programs that run another in an environment: `nix shell nixpkgs#gh -c bash -e {0}`."""
_ENDS = regex(r"-[A-Za-z]*e[A-Za-z]*|errexit")
"""What tells a shell to end where a command fails."""
_OF_SCRIPT = regex(
    r"(?:(?:[-+][abd-zA-Z]*o [a-z]+|[-+][abd-zA-Z]+|--(?:login|noprofile|norc|posix|verbose)) )*[\"']?\{0\}[\"']?"
)
"""What stands behind a shell that runs the script itself."""


def is_posix(shell: str) -> bool:
    """Whether it is a POSIX shell."""
    words = shell.split()
    return words[:1] != [] and (words[0] in _SHELLS or (words[0] in _FRONTS and bool(_SHELLS & set(words))))


def is_in_environment(shell: str) -> bool:
    """Whether another program runs it, which may bring programs of its own."""
    return not _FRONTS.isdisjoint(shell.split()[:1])


def runs_script_alone(shell: str) -> bool:
    """Whether a POSIX shell runs nothing beside the script that it is given: no other file, and no text of the author's own."""
    words = shell.split()
    first = next((index for index, word in enumerate(words) if word in _SHELLS), len(words))
    rest = " ".join(words[first + 1 :])
    return not rest or _OF_SCRIPT.fullmatch(rest) is not None


def ends_where_one_fails(shell: str) -> bool:
    """Whether a POSIX shell ends where a command fails: unless it is a call of the author's own without `-e`.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#exit-codes-and-error-action-preference
    """
    words = shell.split()
    return len(words) < 2 or any(map(_ENDS.fullmatch, words[1:]))
