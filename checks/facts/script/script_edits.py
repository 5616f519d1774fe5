"""Edits that take expressions out of a step's script, of a shell or of JavaScript, into variables of its environment."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import count

from checks.facts.script.javascript import read_from_environment
from checks.facts.token.github_script import code_in
from checks.facts.workflow.values import strings
from checks.facts.workflow.workflows import Step
from checks.regex import regex
from checks.source.shell import Command, Script
from checks.source.shell import parse as parse_script
from checks.source.snapshot import Edit
from checks.source.text import Span
from checks.source.word import Expression, Literal, Piece, Word
from checks.source.yaml import Scalar
from checks.source.yaml_edit import append_entry, insert_after, insert_before

_MEANS_THE_SAME = regex(r"[\w./:@=+,%-]*")
"""Text that means the same inside of double quotes as outside of quotes."""
_MEANS_MORE = regex(r"[$`\"\\!']")
"""Text that means more inside of double quotes than inside of single ones."""
_PLAIN_VALUE = regex(r"(?!.*(?:: | #))[^\n]+")
"""What YAML reads as it is written, without quotes."""
_INTERPRETERS = frozenset(
    (
        "eval",
        "bash",
        "sh",
        "ssh",
        "python",
        "python3",
        "node",
        "perl",
        "ruby",
        "php",
        "awk",
        "sed",
        "jq",
        "yq",
    )
)
"""Programs that read an argument as code: a variable in it is no safer than the text."""
_RUNNING_FILES = frozenset(("bash", "sh", "python", "python3", "node", "perl", "ruby", "php"))
"""Those of them whose first argument is a file with the code: what follows are the program's own arguments."""
_CODE_OPTIONS = frozenset(("-c", "-e", "-lc", "-ec", "--eval", "--command"))
_SWITCHES = {
    "node": regex(
        r"--(?:trace|no|enable|expose|abort-on|preserve|throw)-[\w-]+"
        r"|--(?:max|stack|unhandled|disable|env|experimental|heap|icu|input|title)[\w-]*=\S+"
    ),
    "python": regex(r"-[bBdEIOsSuv]+"),
    "python3": regex(r"-[bBdEIOsSuv]+"),
    "bash": regex(r"-[eux]+"),
    "sh": regex(r"-[eux]+"),
}
"""Options of such programs that hold no code and take no word behind them for a value: https://nodejs.org/api/cli.html#options"""
_GIVEN_AS_TEXT = {"jq": ("--arg", "--argjson")}
"""Options of such programs behind whose value, a name, an argument is never code: https://jqlang.org/manual/#invoking-jq"""
_OF_CONTAINERS = frozenset(("docker", "podman", "nerdctl"))
"""Programs whose `-e` is for a variable."""
_QUOTES = frozenset("'\"\\")
"""In the delimiter of a here-document: the shell fills nothing in."""
_WORD = regex(r"\w+")
_VARIABLE = regex(r"\$\{\{\s*env\.(\w+)\s*\}\}")
_SEVERAL = regex(r"(?:^|\.)inputs\.[\w-]*(?<!s)(?<!tu)s$", re.IGNORECASE)
"""An input that may hold several words: without quotes a script gets them one by one. No `address` or `status`."""


def moved_to_environment(step: Step, names: Mapping[Span, str]) -> tuple[Edit, ...] | None:
    """Puts expressions of a step's script for a shell or for `actions/github-script` into variables, and reads those in their place, between double quotes.

    Each expression is given by its span in the script, with a name. An expression that is a variable already, or
    that `env:` of the step holds, is read from there. None where what reads the text is code of another program,
    or where the script is not one of a POSIX shell; of JavaScript where it stands outside of strings. A name that is in use gets a number: `TAG_2`.
    """
    code = code_in(step)
    if code is None or not (step.run is None or step.is_shell_script):
        return None
    script = Script(code.value) if step.run is None else parse_script(code.value)
    variables = _variables(step, script, names)
    if variables is None or (step.run is not None and (not script.complete or script.errors)):
        return None
    edits = {}
    read = read_from_environment(script.source, variables) if step.run is None else {}
    for span in names:
        if step.run is not None:
            edit = _edit(code, script, span, variables)
        else:
            edit = _replaced(code, *read.get(span, (span, None)))
        if edit is None:
            return None
        edits[edit.span] = edit
    own = _environment(step)
    new: dict[str, str] = {}
    for span, name in variables.items():
        if name not in own and not _VARIABLE.fullmatch(script[span]):
            new.setdefault(name, script[span])
    declared = _declared(step, new)
    return None if declared is None else (*declared, *edits.values())


def _variables(step: Step, script: Script, names: Mapping[Span, str]) -> dict[Span, str] | None:
    """The variable that each expression is read from; None where a new one can't be written into YAML."""
    own = _environment(step)
    by_value = {_said(value): name for name, value in own.items()}
    found: dict[Span, str] = {}
    taken = {*own, *_WORD.findall(script.source)}
    for span, name in names.items():
        written = script[span]
        is_variable = _VARIABLE.fullmatch(written)
        known = is_variable[1] if is_variable else by_value.get(_said(written))
        if known is None and not _PLAIN_VALUE.fullmatch(written):
            return None
        found[span] = known or _free(name, taken)
        taken.add(found[span])
        by_value.setdefault(_said(written), found[span])
    return found


def _free(name: str, taken: Collection[str]) -> str:
    """A name, with a number behind it where it is taken."""
    numbered = (f"{name}_{number}" for number in count(2))
    return name if name not in taken else next(one for one in numbered if one not in taken)


def is_in_single_quotes(step: Step, span: Span) -> bool:
    """Whether an expression of a step's script, given by its span there, certainly stands between single quotes."""
    script = parse_script(step.run.value) if step.run is not None and step.is_shell_script else Script("")
    words = (word for command in script.commands for word in _words(command) if word.span.covers(span))
    word = next((one for one in words if any(piece.span == span for piece in one.pieces)), None)
    return word is not None and _quotes_around(script, word, span) == "'"


def may_be_several(step: Step, span: Span) -> bool:
    """Whether an expression of a step's script, given by its span there, is a word that may be meant to come to several."""
    script = parse_script(step.run.value) if step.run is not None and step.is_shell_script else Script("")
    return any(_holds(word, span) and _is_bare_alone(word) for word in script.listed) or any(
        _holds(word, span) and _is_split(command, script, word)
        for command in script.commands
        for word in _words(command)
        if command.in_string is None and not _is_code(command, word)
    )


def _said(written: str) -> str:
    """An expression without the blanks inside of its braces; any other text as it is."""
    inner = written.removeprefix("${{").removesuffix("}}")
    return written if inner == written else f"${{{{{inner.strip()}}}}}"


def _environment(step: Step) -> dict[str, str]:
    """The variables of the step, of its job and of the workflow, by name."""
    nearest_last = map(strings, reversed(step.environments))
    return {name: value for one in nearest_last for name, value in one.items()}


def _declared(step: Step, new: Mapping[str, str]) -> tuple[Edit, ...] | None:
    """Adds variables with their values to the step."""
    if not new:
        return ()
    lines = "\n".join(f"{name}: {value}" for name, value in new.items())
    run = step.node.entry("run") or step.node.entry("with")
    if step.env is not None and step.env.flow:
        quoted = (f"{name}: '{value.replace(chr(39), 2 * chr(39))}'" for name, value in new.items())
        edit = append_entry(step.env, ", ".join(quoted))
    elif step.env is not None:
        edit = append_entry(step.env, lines)
    elif run is None or step.node.flow:
        return None
    else:
        block = "env:\n" + "\n".join(f"  {line}" for line in lines.split("\n"))
        put = insert_after if run is step.node.entries[0] else insert_before
        edit = put(step.node, run, block)
    return (edit,) if edit else None


def _edit(run: Scalar, script: Script, span: Span, variables: Mapping[Span, str]) -> Edit | None:
    """The edit of what holds an expression: a word, or a here-document."""
    commands = [one for one in script.commands if _reads(one, span)]
    if any(one.in_string and one.in_string.covers(span) for one in script.commands):
        return None
    compared = next((one for one in script.subjects if _holds(one, span)), None)
    if compared is not None:
        if "$'" in script[compared.span]:
            return None
        if _is_edited_by_pieces(script, compared, variables):
            return _replaced(run, span, _quoted(script, compared, span, variables[span]))
        return _replaced(run, compared.span, _rewritten(script, compared, variables))
    found = (_in_command(run, script, one, span, variables) for one in commands if _has(script, one, span))
    return next(found, None)


def _in_command(
    run: Scalar, script: Script, command: Command, span: Span, variables: Mapping[Span, str]
) -> Edit | None:
    """The edit of the word or the here-document of a command that holds an expression."""
    word = next((one for one in _words(command) if _holds(one, span)), None)
    if word is None:
        text = None if _is_code(command, None) else _variable(script, span, variables[span])
        return _replaced(run, span, text)
    if _is_code(command, word) or "$'" in script[word.span]:
        return None
    if _is_edited_by_pieces(script, word, variables):
        return _replaced(run, span, _quoted(script, word, span, variables[span]))
    if _is_split(command, script, word):
        return None
    return _replaced(run, word.span, _rewritten(script, word, variables))


def _has(script: Script, command: Command, span: Span) -> bool:
    """Whether an expression stands in a word of a command, or in a here-document that the shell fills in."""
    bodies = (
        one.body for one in command.redirections if one.body and not _QUOTES & set(script[one.target.span])
    )
    return any(_holds(word, span) for word in _words(command)) or any(one.covers(span) for one in bodies)


def _is_edited_by_pieces(script: Script, word: Word, variables: Mapping[Span, str]) -> bool:
    """Whether a word has several lines, or other expressions in substitutions, whose edits are theirs."""
    deeper = (span for span in variables if word.span.covers(span) and not _holds(word, span))
    return "\n" in script[word.span] or any(deeper)


def _holds(word: Word, span: Span) -> bool:
    return word.span.covers(span) and any(piece.span == span for piece in word.pieces)


def _reads(command: Command, span: Span) -> bool:
    bodies = [one.body for one in command.redirections if one.body]
    return not command.uncertain and any(part.covers(span) for part in (command.span, *bodies))


def _words(command: Command) -> Iterator[Word]:
    yield from command.words
    yield from (one.value for one in command.assignments if one.value)
    yield from _elements(command)
    yield from (one.target for one in command.redirections)


def _elements(command: Command) -> Iterator[Word]:
    """What arrays are made of that a command assigns."""
    yield from (word for one in command.assignments for word in one.elements)


def _is_code(command: Command, word: Word | None) -> bool:
    """Whether a program reads a word, or its input, as code; of an array whether it stands behind one that does."""
    array = next((one.elements for one in command.assignments if word in one.elements), ())
    if word in array:
        inside = [one.literal for one in array[: array.index(word)]]
        return not _INTERPRETERS.isdisjoint(inside) and not _runs_a_file(inside)
    before = command.words[: command.words.index(word)] if word in command.words else ()
    named = [one.literal for one in before]
    if len(named) > 1 and named[-2] in _GIVEN_AS_TEXT.get(command.program or "", ()):
        return False
    literals = set(named) - ({"-e"} if command.program in _OF_CONTAINERS else set())
    if literals & _CODE_OPTIONS:
        return True
    return not _runs_a_file(named) and (command.program in _INTERPRETERS or bool(literals & _INTERPRETERS))


def _runs_a_file(words: list[str | None]) -> bool:
    """Whether the first interpreter of a command is given a file, perhaps behind switches, not code or another option."""
    at = next((index for index, word in enumerate(words) if word in _INTERPRETERS), None)
    program = words[at] if at is not None else None
    if at is None or program not in _RUNNING_FILES:
        return False
    switches = _SWITCHES.get(program)
    given = (word for word in words[at + 1 :] if not (word and switches and switches.fullmatch(word)))
    file = next(given, None)
    return file is not None and not file.startswith("-")


def _replaced(run: Scalar, span: Span, text: str | None) -> Edit | None:
    """The edit in the file; None where YAML would read the new text in another way."""
    place = run.locate(span.start, span.end)
    if text is None or place is None:
        return None
    fits = {
        "plain": span.start > 0 and not run.flow,
        "single": "'" not in text,
        "literal": True,
        "folded": True,
    }.get(run.style, False)
    return Edit(run.text.path, place, text) if fits else None


def _is_split(command: Command, script: Script, word: Word) -> bool:
    """Whether an argument may be meant to come to several words, as what an array is made of most often is.

    Of what is assigned, or redirected to, the shell makes no more than one.
    """
    if not _is_bare_alone(word):
        return word.plural
    is_of_array = word in _elements(command)
    names_several = word.plural or bool(_SEVERAL.search(script[word.span].strip("${} ")))
    return is_of_array or (word in command.words and names_several)


def _is_bare_alone(word: Word) -> bool:
    return len(word.pieces) == 1 and not word.pieces[0].quoted


def _rewritten(script: Script, word: Word, variables: Mapping[Span, str]) -> str:
    """A word with its expressions read from variables."""
    raw = script[word.span]
    if all(_is_bare(script, piece) for piece in word.pieces):
        return f'"{_filled(script, word, variables)}"'
    is_single = raw[:1] == raw[-1:] == "'" and all(piece.quoted for piece in word.pieces)
    if is_single and all(isinstance(p, Expression) or _is_tame(p) for p in word.pieces):
        return f'"{_filled(script, word, variables)[1:-1]}"'
    return _filled(script, word, variables, in_place=True)


def _is_bare(script: Script, piece: Piece) -> bool:
    if piece.quoted or not isinstance(piece, Literal | Expression):
        return False
    return isinstance(piece, Expression) or bool(_MEANS_THE_SAME.fullmatch(script[piece.span]))


def _is_tame(piece: Piece) -> bool:
    return isinstance(piece, Literal) and not _MEANS_MORE.search(piece.value)


def _filled(script: Script, word: Word, variables: Mapping[Span, str], in_place: bool = False) -> str:
    """The word as it is written, with the variables; `in_place` with the quotes that each needs where it stands."""
    parts: list[str] = []
    at = word.span.start
    for piece in word.pieces:
        before, shown, end = script.source[at : piece.span.start], script[piece.span], piece.span.end
        if piece.span in variables:
            name = variables[piece.span]
            shown = (
                _quoted(script, word, piece.span, name) if in_place else _variable(script, piece.span, name)
            )
            if shown.startswith("'"):
                before, shown, end = _without_empty_quotes(script, before, shown, end)
        parts += (before, shown)
        at = end
    return "".join((*parts, script.source[at : word.span.end]))


def _without_empty_quotes(script: Script, before: str, shown: str, end: int) -> tuple[str, str, int]:
    """What stands before a variable, the variable between quotes that close and open again, and where the rest begins."""
    if before.endswith("'"):
        before, shown = before[:-1], shown[1:]
    if script.source[end : end + 1] == "'":
        shown, end = shown[:-1], end + 1
    return before, shown, end


def _quoted(script: Script, word: Word, span: Span, name: str) -> str:
    """A variable with the quotes that it needs in the place of a piece of a word."""
    around = {"": '"{}"', '"': "{}", "'": "'\"{}\"'"}[_quotes_around(script, word, span)]
    return around.replace("{}", _variable(script, span, name))


def _quotes_around(script: Script, word: Word, span: Span) -> str:
    """The quotes that are open where a piece of a word stands; empty for none."""
    quote, at = "", word.span.start
    for piece in word.pieces:
        quote = _quote_after(quote, script.source[at : piece.span.start])
        at = piece.span.end
        if piece.span == span:
            break
    return quote


def _quote_after(quote: str, between: str) -> str:
    """The quotes that are open behind what stands between two pieces of a word: nothing but quotes."""
    for character in between:
        if character in ("'", '"'):
            quote = "" if quote == character else quote or character
    return quote


def _variable(script: Script, span: Span, name: str) -> str:
    """`$NAME`, with braces where a character follows that could be part of the name."""
    follows = script.source[span.end : span.end + 1]
    is_filled_in = script.source.startswith("${{", span.end)
    return f"${{{name}}}" if is_filled_in or re.match(r"\w|\[", follows) else f"${name}"
