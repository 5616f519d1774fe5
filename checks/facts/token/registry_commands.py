"""What the commands of a script do with registries: log in, take, read and name images, or push them."""

from __future__ import annotations

from collections.abc import Mapping

from checks.facts.script.scripts import Command, parse_script
from checks.facts.token.programs import INERT, PUSHLESS, commands_in, runs_nothing, runs_other_than
from checks.facts.workflow.workflows import Step

_MOVES: Mapping[tuple[str, ...], bool] = {
    **{(program, "push"): True for program in ("docker", "podman")},
    **{
        (program, *verb.split()): False
        for program in ("docker", "podman")
        for verb in (
            "buildx imagetools inspect", "image inspect", "image ls", "image pull", "images", "inspect", "login", "logout",
            "manifest inspect", "pull", "rmi", "tag",
        )
    },
    **{("crane", verb): False for verb in ("config", "digest", "export", "ls", "manifest", "pull", "validate")},
    ("crane", "copy"): True,
    ("skopeo", "copy"): True,
    ("skopeo", "inspect"): False,
    ("skopeo", "list-tags"): False,
}  # fmt: skip
"""What clients of registries do with images that there are, and whether that pushes one."""
_OF_DEPLOYMENTS = frozenset(("kubectl",))
"""Programs that have clusters pull images, and push none."""
_LOGINS: Mapping[str, tuple[str, ...]] = {
    "buildah": ("login",),
    "cosign": ("login",),
    "crane": ("auth", "login"),
    "docker": ("login",),
    "helm": ("registry", "login"),
    "oras": ("login",),
    "podman": ("login",),
    "regctl": ("registry", "login"),
    "skopeo": ("login",),
}
"""By client of registries, what it is told to log in."""


def logs_in(command: Command) -> bool:
    """Whether a command keeps what it is given for a registry, and does no more with it."""
    words = tuple(word.literal for word in command.arguments)
    told = _LOGINS.get(command.program or "")
    return told is not None and words[: len(told)] == told and not command.uncertain


def has_login(step: Step) -> bool:
    """Whether a script logs in to a registry, whatever it does besides."""
    return any(map(logs_in, commands_in(step) or ()))


def only_logs_in(step: Step) -> bool:
    """Whether a script does nothing with what it is given but log in to registries."""
    commands = commands_in(step) or ()
    return any(map(logs_in, commands)) and all(
        runs_nothing(one) or one.program in INERT or logs_in(one) for one in commands
    )


def image_pushes(step: Step) -> int | None:
    """How many commands of a script push an image; None where others may do so, too.

    Each is one of `docker push`, `podman push`, `crane copy` and `skopeo copy`.
    """
    found = commands_in(step)
    if found is None:
        return None
    commands = [command for command in found if not runs_nothing(command)]
    others = [command for command in commands if _copied_by(command) is None]
    if any(command.uncertain or command.program not in PUSHLESS | _OF_DEPLOYMENTS for command in others):
        return None
    return sum(bool(_copied_by(command)) for command in commands)


def without_pushes(step: Step) -> tuple[tuple[str, ...], int]:
    """The commands of a script that push no image, as they are written, and how many do; none where not all can be told."""
    found = commands_in(step)
    if found is None or step.run is None:
        return (), 0
    script = parse_script(step.run.value)
    others = tuple(script[one.span] for one in found if _copied_by(one) is not True)
    return others, len(found) - len(others)


def may_push_images(step: Step) -> bool:
    """Whether a script may put something into a registry: it runs more than plain programs and reads of registries."""
    commands = commands_in(step)
    return commands is None or any(
        _copied_by(command) is not False and runs_other_than(command, PUSHLESS) for command in commands
    )


def _copied_by(command: Command) -> bool | None:
    """Whether a client of registries pushes an image, or only takes, reads or names one; None for any other command."""
    words = (command.program or "", *command.literals[:3])
    known = (_MOVES[words[:length]] for length in (2, 3, 4) if words[:length] in _MOVES)
    return None if command.uncertain else next(known, None)
