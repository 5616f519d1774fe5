"""Users and groups that the commands of a stage make."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from checks.record import Record
from checks.source import shell
from checks.source.command_line import Syntax, read_arguments
from checks.source.dockerfile import Stage
from checks.source.text import Span

_USERADD = Syntax.of(
    "uid/u= gid/g= groups/G= home-dir/d= shell/s= comment/c= skel/k= password/p= base-dir/b= expiredate/e= inactive/f= "
    "key/K= root/R= prefix/P= selinux-user/Z= create-home/m no-create-home/M no-user-group/N user-group/U system/r "
    "no-log-init/l non-unique/o"
)
"""https://man7.org/linux/man-pages/man8/useradd.8.html"""
_ADDUSER = Syntax.of(
    "uid/u= ingroup/G= gid= home/h= shell/s= gecos/g= comment= skel/k= conf= firstuid= lastuid= add_extra_groups "
    "system/S disabled-password/D disabled-login no-create-home/H group quiet/q allow-bad-names allow-all-names "
    "empty-password force-badname"
)
"""BusyBox's and Debian's: https://manpages.debian.org/bookworm/adduser/adduser.8.en.html"""
_GROUPADD = Syntax.of("gid/g= force/f system/r non-unique/o key/K= password/p= root/R= prefix/P= users/U=")
_ADDGROUP = Syntax.of("gid/g= system/S quiet/q conf= firstgid= lastgid= allow-bad-names force-badname")


class User(Record):
    """A user that a `RUN` creates."""

    name: str
    uid: int | None
    group: str | None
    """The name of its group, where one is given."""
    span: Span
    """The command that creates it."""


def users_of(stage: Stage) -> Iterator[User]:
    """The users, in the order of the file."""
    variables = _variables(stage)
    for command, offset in _commands(stage):
        syntax = {"useradd": _USERADD, "adduser": _ADDUSER}.get(command.program or "")
        if syntax is None or command.uncertain:
            continue
        arguments = read_arguments(command.arguments, syntax)
        name = _value(arguments.operands[0], variables) if len(arguments.operands) == 1 else None
        if name is not None and arguments.certain:
            uid, group = arguments.last("uid"), arguments.last("ingroup") or arguments.last("gid")
            span = Span(offset + command.span.start, offset + command.span.end)
            number = _number(_value(uid, variables) if uid else None)
            yield User(name, number, _value(group, variables) if group else None, span)


def groups_of(stage: Stage) -> Iterator[tuple[str, int]]:
    """The groups whose numbers are given."""
    for command, _offset in _commands(stage):
        syntax = {"groupadd": _GROUPADD, "addgroup": _ADDGROUP}.get(command.program or "")
        if syntax is None or command.uncertain:
            continue
        arguments = read_arguments(command.arguments, syntax)
        gid = arguments.last("gid")
        number = _number(gid.literal if gid else None)
        if len(arguments.operands) == 1 and arguments.operands[0].literal and number is not None:
            yield arguments.operands[0].literal, number


def _variables(stage: Stage) -> Mapping[str, str]:
    """The variables that a stage sets once with `ENV`, and to what."""
    pairs = [pair for it in stage.instructions if it.keyword in ("ENV", "ARG") for pair in it.pairs]
    times = Counter(pair.name.value for pair in pairs)
    values = ((it.keyword, pair) for it in stage.instructions if it.keyword == "ENV" for pair in it.pairs)
    return {
        pair.name.value: pair.value.literal
        for _, pair in values
        if times[pair.name.value] == 1 and pair.value is not None and pair.value.literal is not None
    }


def _value(word: shell.Word, variables: Mapping[str, str]) -> str | None:
    """A word, or the variable that it is."""
    match word.pieces:
        case (shell.Variable(name=name, operator=""),) if name in variables:
            return variables[name]
    return word.literal


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 11 else None


def _commands(stage: Stage) -> Iterator[tuple[shell.Command, int]]:
    """The commands that a stage's `RUN`s run in any case, each with the offset of its script in the file."""
    for instruction in stage.instructions:
        if instruction.keyword == "RUN" and instruction.shell is not None and not instruction.shell.shebang:
            for command in shell.parse(instruction.shell.source).commands:
                yield command, instruction.shell.span.start
