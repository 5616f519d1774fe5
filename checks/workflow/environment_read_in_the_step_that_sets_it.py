"""Variable is read in the step that hands it to later ones

What a step appends to `$GITHUB_ENV` is a variable of the steps that follow. In the step itself `$NAME` and
`${{ env.NAME }}` are what they were before: empty, mostly. A digest that is set and signed in one step is
signed as nothing.

Assign a variable of the shell, use it, and append it then. Likewise `${{ steps.<id>.outputs.<name> }}` of the
step itself: it is put into the script before that starts.

The check is silent where the script assigns the name itself or runs another script in its own shell, where an
`env:`, an earlier step or GitHub's image of the runner gives it a value, where it is read before it is set, be
it for the value that is handed on, and where it is read for an output alone and the step has no `id`, so that
nothing gets that. Where it is shown in the log, in the summary of the run or in a message to a chat (Slack, Discord
and their like), and nowhere else, it is a note.

References:

- https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-environment-variable
- https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#steps-context
- https://github.com/actions/runner-images/blob/main/images/ubuntu/Ubuntu2404-Readme.md
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from itertools import pairwise

from checks.check import (
    Applicability,
    Check,
    Edit,
    Example,
    Finding,
    Fix,
    Kind,
    Location,
    Repository,
    Severity,
    Span,
    code,
    offer,
)  # fmt: skip
from checks.facts.script.invocations import Invocation
from checks.facts.script.scripts import Expression, Variable, Word
from checks.facts.workflow.runners import is_set_by_image
from checks.facts.workflow.values import strings
from checks.facts.workflow.workflows import Step
from checks.record import Record
from checks.regex import regex


def _files(script: str, more: str = "") -> str:
    return f"""\
-- .github/workflows/sign.yml --
on: push
jobs:
  sign:
    runs-on: ubuntu-latest
    steps:
      - run: |
{script}{more}"""


_SET = '          echo "DIGEST=$(crane digest acme/web)" >> "$GITHUB_ENV"\n'
_SIGN = '          cosign sign --yes "acme/web@$DIGEST"\n'

check = Check(
    id="environment-read-in-the-step-that-sets-it",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW, Kind.ACTION),
    fix=Applicability.UNSAFE,
    tags=("expressions", "cosign"),
    examples=(
        Example(
            title="a digest that is signed",
            files=_files(_SET + _SIGN),
            at='"acme/web@$DIGEST"',
            fixed=_files(
                '          DIGEST="$(crane digest acme/web)"\n          echo "DIGEST=$DIGEST" >> "$GITHUB_ENV"\n'
                + _SIGN
            ),
        ),
        Example(
            title="as an expression",
            files=_files(_SET + '          cosign sign --yes "acme/web@${{ env.DIGEST }}"\n'),
            at='"acme/web@${{ env.DIGEST }}"',
        ),
        Example(
            title="an output of its own, which is another step's elsewhere",
            files=_files(
                '          echo "digest=$(crane digest acme/web)" >> "$GITHUB_OUTPUT"\n'
                '          cosign sign --yes "acme/web@${{ steps.push.outputs.digest }}"\n'
                '          cosign sign --yes "acme/api@${{ steps.other.outputs.digest }}"\n'
                '          echo "${{ steps.push.outputs.other }}"\n',
                "        id: push\n",
            ),
            at='"acme/web@${{ steps.push.outputs.digest }}"',
        ),
        Example(
            title="assigned in the script",
            files=_files(
                '          DIGEST=$(crane digest acme/web)\n          echo "DIGEST=$DIGEST" >> $GITHUB_ENV\n'
                + _SIGN
            ),
        ),
        *(
            Example(title="for an output of a step that has no id", files=_files(_SET + line))
            for line in (
                '          echo "::set-output name=digest::${{ env.DIGEST }}"\n',
                '          echo "digest=$DIGEST" >> "$GITHUB_OUTPUT"\n',
                "          echo digest=$DIGEST | tee -a $GITHUB_OUTPUT\n",
                "          echo digest=$DIGEST | tee /dev/stderr >> $GITHUB_OUTPUT\n",
                "          echo digest=$DIGEST | tee -a $GITHUB_STEP_SUMMARY | tee -a $GITHUB_OUTPUT\n",
            )
        ),
        Example(
            title="for an output of a step that has one, and for a command behind an output that nothing gets",
            files=_files(
                _SET + '          echo "::set-output name=digest::${{ env.DIGEST }}"\n', "        id: push\n"
            )
            + _files(_SET + '          echo "digest=$DIGEST" >> "$GITHUB_OUTPUT"\n' + _SIGN).replace(
                "sign.yml", "twice.yml"
            ),
            at=('"::set-output name=digest::${{ env.DIGEST }}"', '"acme/web@$DIGEST"'),
        ),
        Example(
            title="for a file besides such an output, and for a program that does more than to write one",
            files=_files(_SET + "          echo digest=$DIGEST | tee -a build.env >> $GITHUB_OUTPUT\n")
            + _files(_SET + '          docker push "acme/web:$DIGEST" >> "$GITHUB_OUTPUT"\n').replace(
                "sign.yml", "push.yml"
            ),
            at=("digest=$DIGEST", '"acme/web:$DIGEST"'),
            fixed=_files(
                '          DIGEST="$(crane digest acme/web)"\n          echo "DIGEST=$DIGEST" >> "$GITHUB_ENV"\n'
                "          echo digest=$DIGEST | tee -a build.env >> $GITHUB_OUTPUT\n"
            ),
        ),
        Example(
            title="shown in the summary of the run first, and then signed",
            files=_files(
                _SET
                + '          echo "signs $DIGEST" | tee -a "$GITHUB_STEP_SUMMARY"\n          echo "::notice::$DIGEST"\n'
                + _SIGN
            ),
            at='"acme/web@$DIGEST"',
            fixed=_files(
                '          DIGEST="$(crane digest acme/web)"\n          echo "DIGEST=$DIGEST" >> "$GITHUB_ENV"\n'
                '          echo "signs $DIGEST" | tee -a "$GITHUB_STEP_SUMMARY"\n          echo "::notice::$DIGEST"\n'
                + _SIGN
            ),
        ),
        Example(title="read before", files=_files(_SIGN + _SET)),
        Example(
            title="handed on as it is",
            files=_files('          echo "PATH=$PATH:/opt/bin" >> "$GITHUB_ENV"\n          echo "$PATH"\n'),
        ),
        Example(
            title="by a script that runs in the same shell",
            files=_files("          source ./images.sh\n" + _SET + _SIGN),
        ),
        Example(
            title="a variable of the runner's image",
            files=_files(
                '          echo "ANDROID_NDK_HOME=$HOME/ndk" >> "$GITHUB_ENV"\n          ls "$ANDROID_NDK_HOME"\n'
                '          echo "JAVA_HOME=$JAVA_HOME_21_X64" >> "$GITHUB_ENV"\n          "$JAVA_HOME/bin/java" -version\n'
            ),
        ),
        Example(
            title="a variable with a name like those of the runner's image",
            files=_files(
                '          echo "NDK_HOME=$ANDROID_NDK_HOME" >> "$GITHUB_ENV"\n          ls "$NDK_HOME"\n'
            ),
            at='"$NDK_HOME"',
            fixed=_files(
                '          NDK_HOME="$ANDROID_NDK_HOME"\n          echo "NDK_HOME=$NDK_HOME" >> "$GITHUB_ENV"\n'
                '          ls "$NDK_HOME"\n'
            ),
        ),
        Example(title="a value from `env:`", files=_files(_SET + _SIGN, "        env: {DIGEST: x}\n")),
        Example(
            title="in a later step",
            files=_files(_SET, "      - run: |\n" + _SIGN),
        ),
        Example(
            title="words about it, in a literal text",
            files=_files(_SET + "          echo 'later steps see $DIGEST'\n"),
        ),
        Example(
            title="set in either branch",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: |
          if [ "$GITHUB_REF_NAME" = main ]; then
            echo "CHANNEL=stable" >> $GITHUB_ENV
          else
            echo "CHANNEL=next" >> $GITHUB_ENV
          fi
          docker build -t "acme/web:$CHANNEL" .
""",
            at='"acme/web:$CHANNEL"',
        ),
    ),
)
_NAME = regex(r"([A-Za-z_][\w-]*)=")
_ENV = regex(r"env\.(\w+)")
_OUTPUT = regex(r"steps\.([\w-]+)\.outputs\.([\w-]+)", re.IGNORECASE)
_TAKEN = regex(r"::(?:add-mask|add-path|save-state|set-env|set-output)\b")
"""Lines of the log of which the runner takes a value; the others it shows."""
_SHOWN = frozenset(("1", "2", "/dev/null", "/dev/stderr", "/dev/stdout", "GITHUB_STEP_SUMMARY"))
"""Where what a command writes is shown, or gone."""
_ADDRESS = regex(r"https?://", re.IGNORECASE)
_NOTIFIES = regex(
    r"(?:https?://[^/\s?#]{0,300}|\$(?:\{\{[^}/]{0,100}|\{?\w{0,100}))(?:discord|slack|mattermost|telegram|webhook\.office|teams_?webhook)",
    re.IGNORECASE,
)
"""The address of those whom a request tells what has happened, by its host or a variable: they show it to people."""
_SAYS = regex(r"-[a-zA-Z]*[dFHu]|--(?:data(?:-\w{1,20})?|form(?:-string)?|header|json|user)")
"""Options of curl's that take what a request says, and not where it goes."""
_OUTPUTS, _OLD_OUTPUT = "GITHUB_OUTPUT", "::set-output"
_WRITERS = ("echo", "printf")
"""Programs that do nothing but write what they get."""
_WRITTEN = regex(
    r'"(?P<name>[A-Za-z_]\w*)=(?P<quoted>[^"]+)"|(?P<bare_name>[A-Za-z_]\w*)=(?P<bare>[^\s"\']+)'
)
"""`NAME=value` as one word, in double quotes or without."""


class _Reader(Record, eq=False):
    """A command that reads a variable, and where."""

    command: Invocation
    place: Location
    only_shows: bool
    """Whether what it gets comes into the log or the summary of the run alone."""


def run(repo: Repository) -> Iterator[Finding]:
    by_step: dict[Step, list[Invocation]] = {}
    for one in repo.invocations:
        if one.step is not None:
            by_step.setdefault(one.step, []).append(one)
    for step, commands in by_step.items():
        yield from _of_step(step, commands)
        yield from _of_outputs(step, commands)


def _of_step(step: Step, commands: list[Invocation]) -> Iterator[Finding]:
    if any(one.program in ("source", ".", "eval") for one in commands):
        return
    handed: dict[str, Invocation] = {}
    readers: dict[str, list[_Reader]] = {}
    own = _has_value(step) | {one.name for it in commands for one in it.command.assignments}
    tees = {one.command.span.start: one for one in commands if one.program == "tee"}
    shown = _SHOWN | _notified(commands)
    for one in commands:
        for word in one.command.words:
            name = next((it for it in _read(word) if it in handed and it not in own), None)
            if name is not None and one.command is not handed[name].command:
                files = _files_of(one, tees)
                if step.id or not _is_lost(one, files):
                    reader = _Reader(one, one.place(word.span), _only_shows(one, files, shown))
                    readers.setdefault(name, []).append(reader)
        itself = {name for word in one.command.words for name in _read(word)}
        for name in _handed(one, "GITHUB_ENV"):
            if name not in itself and not is_set_by_image(name):
                handed.setdefault(name, one)
    for name, found in readers.items():
        setting = [it for it in commands if name in _handed(it, "GITHUB_ENV")]
        reader = next((it for it in found if not it.only_shows), found[0])
        yield _finding(name, reader, handed[name], is_alone=len(setting) == 1)


def _of_outputs(step: Step, commands: list[Invocation]) -> Iterator[Finding]:
    """A step's own outputs in its script, which are put in before it starts."""
    handed = {name.lower(): one for one in commands for name in _handed(one, "GITHUB_OUTPUT")}
    told: set[str] = set()
    for one in commands:
        for word in one.command.words:
            for name in _own_outputs(step, word):
                if name in handed and name not in told:
                    told.add(name)
                    yield _of_output(f"steps.{step.id}.outputs.{name}", one.place(word.span), handed[name])


def _own_outputs(step: Step, word: Word) -> Iterator[str]:
    for hole in word.holes:
        match = _OUTPUT.fullmatch(hole.source.strip()) if isinstance(hole, Expression) else None
        if match and step.id and match[1].lower() == step.id.lower():
            yield match[2].lower()


def _has_value(step: Step) -> set[str]:
    """Names that an `env:` gives a value, or that an earlier step may have handed on."""
    names = {key for env in step.environments for key in strings(env)}
    earlier = step.earlier
    for other in earlier:
        if other.run is not None and "GITHUB_ENV" in other.run.value:
            names |= set(_NAME.findall(other.run.value))
    script = step.run.value if step.run else ""
    return names | set(re.findall(r"\b(?:read|for|mapfile|readarray|printf -v)\s+(?:-\w+\s+)*(\w+)", script))


def _handed(one: Invocation, file: str) -> Iterator[str]:
    """The names that a command appends to a file of the runner's."""
    targets = (redirection.target for redirection in one.command.redirections if redirection.operator == ">>")
    to_file = any(isinstance(hole, Variable) and hole.name == file for word in targets for hole in word.holes)
    for word in one.command.arguments if to_file and one.program == "echo" else ():
        match = _NAME.match(word.prefix)
        if match and match[1] not in _read(word):
            yield match[1]


def _read(word: Word) -> Iterator[str]:
    """The variables of the environment that a word reads."""
    for hole in word.holes:
        if isinstance(hole, Variable) and hole.plain:
            yield hole.name
        elif isinstance(hole, Expression):
            match = _ENV.fullmatch(hole.source.strip())
            if match:
                yield match[1]


def _finding(name: str, reader: _Reader, setting: Invocation, *, is_alone: bool) -> Finding:
    """`is_alone` says that no other command of the step hands the name on."""
    one, place = reader.command, reader.place
    return Finding(
        message=f"{code(name)} is read in the step that hands it to later ones.",
        consequence=(
            f"`GITHUB_ENV` counts from the next step on: {code(one.program or 'the command')} gets what {code(name)} was "
            "before, and no step here sets it: nothing, unless the runner or an action does."
        ),
        location=place,
        related=(Location(setting.location.text, setting.location.span, "sets it for later steps"),),
        fixes=_fixes(name, place, setting) if is_alone else (),
        withheld="" if is_alone else f"{code(name)} is set in several places, each of which may come first",
        severity=Severity.NOTE if reader.only_shows else None,
    )


def _is_lost(one: Invocation, files: set[str]) -> bool:
    """Whether what a command writes is nothing but an output of its step, in the old form or in the new one, or shown."""
    is_output = _OLD_OUTPUT in one.place(one.command.span).fragment or _OUTPUTS in files
    return is_output and one.program in _WRITERS and files <= _SHOWN | {_OUTPUTS}


def _files_of(one: Invocation, tees: Mapping[int, Invocation]) -> set[str]:
    """Where a command writes to, but for its errors, by itself or by the `tee`s that it is piped to: the variables that name
    it, or its path.

    `|` stands for another command, and for a file whose name is not known.
    """
    writing = list(_piped(one, tees))
    words = [word for it in writing[1:] for word in it.command.arguments if word.prefix[:1] != "-"]
    words += (
        to.target
        for it in writing
        for to in it.command.redirections
        if ">" in to.operator and to.descriptor in ("", "1")
    )
    to_another = writing[-1].command.piped_to is not None
    return {_name_of(word) or "|" for word in words} | ({"|"} if to_another else set())


def _piped(one: Invocation, tees: Mapping[int, Invocation]) -> Iterator[Invocation]:
    """A command and the `tee`s behind it, each of which writes the same."""
    following: Invocation | None = one
    while following is not None:
        yield following
        following = tees.get(following.command.piped_to.start) if following.command.piped_to else None


def _name_of(file: Word) -> str:
    """The path of a file or the variable that holds it; empty where the word has more than one of these."""
    match file.parts:
        case (str(path),):
            return path
        case (Variable(name=name),):
            return name
    return ""


def _notified(commands: list[Invocation]) -> set[str]:
    """The files that the step writes for a notification: `curl` alone reads them, and sends them to where people chat."""
    named: dict[str, list[Invocation]] = {}
    for one in commands:
        for word in one.command.arguments:
            named.setdefault((word.literal or "").rpartition("@")[2], []).append(one)
    return {file for file, found in named.items() if file and all(map(_notifies, found))}


def _notifies(one: Invocation) -> bool:
    words = [one.place(word.span).fragment.strip("\"'") for word in one.command.arguments]
    texts = [word for before, word in pairwise(("", *words)) if not _SAYS.fullmatch(before)]
    told = [text for text in texts if _NOTIFIES.match(text)]
    return (
        one.program == "curl" and bool(told) and all(text in told for text in texts if _ADDRESS.match(text))
    )


def _only_shows(one: Invocation, files: set[str], shown: AbstractSet[str]) -> bool:
    """Whether a command writes what it gets to where it is shown, and nowhere else: the log, the summary, a notification."""
    command = one.command
    if one.program == "curl":
        return _notifies(one) and not files
    is_within = command.in_substitution is not None or command.in_string is not None
    words = command.literals
    is_spoken_to_the_runner = (
        any(word.startswith("-v") for word in words)
        or _TAKEN.search(one.place(command.span).fragment) is not None
    )
    is_shown = one.program in _WRITERS and files <= shown
    return is_shown and not is_within and not is_spoken_to_the_runner


def _of_output(expression: str, place: Location, setting: Invocation) -> Finding:
    return Finding(
        message=f"{code(expression)} is read in the step that sets it.",
        consequence="Expressions are put into a script before it starts: in its place stands nothing.",
        location=place,
        related=(Location(setting.location.text, setting.location.span, "sets it for later steps"),),
    )


def _fixes(name: str, place: Location, setting: Invocation) -> tuple[Fix, ...]:
    """A variable of the shell first, where the line that hands the name on does nothing else, and the reader
    is one, too."""
    text, command = setting.text, setting.command
    if len(command.arguments) != 1 or f"env.{name}" in place.fragment:
        return ()
    word = setting.place(command.arguments[0].span)
    match = _WRITTEN.fullmatch(word.fragment)
    line = text.line(text.line_of(word.span.start))
    indent = text.indent_of(text.line_of(word.span.start))
    if match is None or setting.location.span.start != line.start + len(indent):
        return ()
    value = f'"{match["quoted"]}"' if match["quoted"] else match["bare"]
    return offer(
        f"assign {code(name)} first",
        Applicability.UNSAFE,
        Edit(text.path, Span(line.start, line.start), f"{indent}{name}={value}{text.newline}"),
        Edit(text.path, word.span, f'"{name}=${name}"'),
        caution=f"Is the new {code(name)} the one that the rest of the script means?",
    )
