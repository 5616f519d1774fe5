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


def is_posix(shell: str) -> bool:
    """Whether it is a POSIX shell."""
    words = shell.split()
    return words[:1] != [] and (words[0] in _SHELLS or (words[0] in _FRONTS and bool(_SHELLS & set(words))))


def ends_where_one_fails(shell: str) -> bool:
    """Whether a POSIX shell ends where a command fails: unless it is a call of the author's own without `-e`.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#exit-codes-and-error-action-preference
    """
    words = shell.split()
    return len(words) < 2 or any(map(_ENDS.fullmatch, words[1:]))
