"""Where later scripts take over, as an output of a step or of its job, as a variable, or as an input, what a step has put into its own.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-output-parameter
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from checks.facts.token.github_script import code_in
from checks.facts.workflow.calls import Calls, Start
from checks.facts.workflow.events import RefKind
from checks.facts.workflow.metadata_outputs import METADATA, outputs_with
from checks.facts.workflow.values import strings
from checks.facts.workflow.workflows import Job, Step
from checks.record import Record
from checks.regex import regex
from checks.source.expression_places import Found, find
from checks.source.text import Location, Span

_ASSIGNED = regex(r"\b([A-Za-z_]\w{0,100})=([^\n]*)")
_TO_FILE = r"(?:>{1,2}|\|[ \t]*tee[ \t]{1,4}(?:-a|--append))[ \t]*[\"']?\$\{?GITHUB_"
_HANDED_ON = regex(rf"\b([A-Za-z_][\w-]{{0,100}})=([^\n]{{0,300}}?)[\"']?[ \t]*{_TO_FILE}(OUTPUT|ENV)\b")
_BLOCK_END = regex(rf"(?P<indent>[ \t]*)\}}[ \t]*{_TO_FILE}(?P<sink>OUTPUT|ENV)\b.*")
"""The end of a block of commands whose output all goes to one of the files."""
_HERE_DOCUMENT = regex(
    r"[ \t]*cat\b(?=[^\n]{0,200}?>[ \t]*[\"']?\$\{?GITHUB_(?P<sink>OUTPUT|ENV)\b)[^\n]{0,200}?<<-?[ \t]*(?P<end>\w{1,100})(?!\w).*"
)
"""The start of lines that go there as they are, but for variables, which the shell fills in."""
_OF_SEVERAL_LINES = regex(r"(?<![\w$])(?!cat<<)([A-Za-z_][\w-]{0,100})<<([\w${}()./-]{1,100})")
"""The start of a value of several lines, and what its end says."""
_BRACED = regex(r"\$\{(\w{1,100})\}")
_SINK = regex(rf"{_TO_FILE}(?:OUTPUT|ENV)\b")
_READ = regex(r"\$\{?(\w+)")
_ASKED = regex(r"\$\((?!\s*(?:echo|printf)\b)|`")
"""In what is assigned: a command that answers with something of its own."""
_OF_OTHER_JOBS = ("github.", "inputs.", "needs.")
"""How contexts begin that say the same in another job."""
_IF_TAG = regex(
    r"""^[ \t]*if[ ]\[\[?[ ]["']?\$
    (?: (?:\{?GITHUB_REF\b|\{\{[ ]?github\.ref[ ]?\}) [}"']{0,2} [ ] (?:==?|=~) [ ] \^? ["']?refs/tags/["'*.]{0,3}
    |   (?:\{?GITHUB_REF_TYPE\b|\{\{[ ]?github\.ref_type[ ]?\}) [}"']{0,2} [ ] ==? [ ] ["']?tag["']? )
    [ ]\]\]?[ ]*(?:;[ ]*|\n[ \t]*)then\b""",
    re.MULTILINE | re.VERBOSE,
)
"""A condition that holds in a script for each tag, and for nothing else."""
_FI = regex(r"^[ \t]*fi\b", re.MULTILINE)
_BRANCHING = regex(r"\b(?:if|case|for|while)\b")
_ELSE = regex(r"^[ \t]*(?:else|elif)\b", re.MULTILINE)


class HandedOn(Record):
    """One expression of a later script that is filled with what an earlier one was given."""

    step: Step
    span: Span
    """In the script."""
    variable: str
    """What a variable with it may be called."""
    path: str
    """The context, in lower case: `steps.version.outputs.number`."""
    location: Location


def handed_on(
    step: Step, script: str, texts: Iterable[str], starts: Collection[Start], calls: Calls
) -> tuple[HandedOn, ...]:
    """The places in scripts behind a step that read what holds one of these expressions of its script.

    Those of called workflows of the repository, too, whose inputs hold one. Only those that run when it is started in one of some ways, in which the script hands the text on. What those hand on
    themselves is followed, too.
    """
    found: dict[tuple[Step, Span], HandedOn] = {}
    pending = [(step, script, tuple(texts), frozenset(starts))]
    while pending:
        by_step: dict[Step, list[HandedOn]] = {}
        above, _, _, ways = pending[-1]
        for one in _taken_over(*pending.pop(), calls):
            if (one.step, one.span) not in found:
                found[one.step, one.span] = one
                by_step.setdefault(one.step, []).append(one)
        for later, places in by_step.items():
            code = code_in(later)
            written = code.value if code is not None else ""
            read = tuple(written[it.span.start : it.span.end] for it in places)
            is_called = later.text is not above.text
            pending.append((later, written, read, _below(later, ways, calls) if is_called else ways))
    return tuple(sorted(found.values(), key=lambda one: one.location.span.start))


def _below(called: Step, starts: Collection[Start], calls: Calls) -> frozenset[Start]:
    """The ways in which a step of a called workflow is started where one of the callers is started in one of these."""
    return frozenset(
        one
        for one in calls.starts_of_step(called)
        if one.callers and Start(one.event, one.callers[:-1]) in starts
    )


def _taken_over(
    step: Step, script: str, texts: tuple[str, ...], starts: Collection[Start], calls: Calls
) -> Iterator[HandedOn]:
    """The same of the outputs and variables that the step itself sets, and of what is passed on as it is."""
    job = step.job
    if job is None:
        return
    script = _each_for_itself(script)
    of_tags = {start for start in starts if start.event.ref_kind is RefKind.TAG}
    of_others = set(starts) - of_tags
    hands_on = "GITHUB_" in script
    outputs = _outputs(step, script, texts) if hands_on else {}
    of_a_tag = _outputs(step, *_on_tags(script, texts)) if hands_on else {}
    as_they_are = {_inner(one): "" for text in texts for one in find(text)}
    others = (one for other in job.workflow.jobs if other is not job for one in other.steps)
    behind = frozenset(step.later)
    names_images = any(one.uses_action(METADATA) for one in job.workflow.steps)
    for later in (*job.steps, *others) if outputs or names_images else ():
        runs_for = set(calls.starts_of_step(later))
        names = (outputs if of_others & runs_for else {}) | (of_a_tag if of_tags & runs_for else {})
        given = as_they_are if runs_for.intersection(starts) else {}
        of_images = outputs_with(job, {*names, *given}) if names_images else {}
        if later.job is job:
            held = (names if later in behind else {}) | of_images
        else:
            held = _of_job(job, names | of_images)
            held |= _of_images_elsewhere(later, {*held, *given}) if names_images else {}
        yield from _reading(later, held, "OUTPUT")
    for caller, later in _called(job, calls):
        ways = (one for one in calls.starts_of_step(later) if one.callers[-1:] == (caller,))
        runs_for = {Start(one.event, one.callers[:-1]) for one in ways}
        names = (outputs if of_others & runs_for else {}) | (of_a_tag if of_tags & runs_for else {})
        held = (as_they_are if runs_for.intersection(starts) else {}) | _of_job(job, names)
        yield from _reading(later, _inputs(caller, held), "INPUT")


def _of_images_elsewhere(step: Step, held: Collection[str]) -> Mapping[str, str]:
    """The outputs that hold one of these in another job than theirs, where contexts of their steps are not known."""
    known = [one for one in held if one.startswith(_OF_OTHER_JOBS)]
    return outputs_with(step.job, known) if step.job is not None else {}


def _called(job: Job, calls: Calls) -> Iterator[tuple[Job, Step]]:
    """The steps of the workflows that the jobs of the same workflow call, each with the job that does."""
    for caller in job.workflow.jobs:
        called = calls.called(caller)
        yield from ((caller, step) for step in (called.steps if called else ()))


def _inputs(caller: Job, held: Collection[str]) -> dict[str, str]:
    """The inputs that a job passes one of these expressions in, as the called workflow names them."""
    return {
        f"inputs.{name}".lower(): name
        for name, value in strings(caller.node.get("with")).items()
        if any(_inner(one) in held for one in find(value))
    }


def _inner(found: Found) -> str:
    """An expression without its braces, in lower case."""
    return found.source.strip().lower()


def _reading(step: Step, names: Mapping[str, str], prefix: str) -> Iterator[HandedOn]:
    """The expressions of a step's script that are one of these."""
    code = code_in(step) if names else None
    if code is None:
        return
    for one in find(code.value):
        path = _inner(one)
        if path in names:
            name = names[path]
            at = code.locate(one.span.start, one.span.end) or code.span
            place = Location(step.text, at, "takes it over")
            variable = f"{prefix}_" + re.sub(r"\W", "_", name).upper()
            yield HandedOn(step, one.span, variable, path, place)


def _outputs(
    step: Step, script: str, texts: tuple[str, ...], before: frozenset[str] = frozenset()
) -> dict[str, str]:
    """What a script hands on of these texts, as later expressions name it; `before` are variables that hold one already."""
    holders = _holders(script, texts, before)
    lines = "\n".join(line for line in script.split("\n") if "GITHUB_" in line)
    return {
        (f"env.{name}" if sink == "ENV" else f"steps.{step.id}.outputs.{name}").lower(): name
        for name, value, sink in _HANDED_ON.findall(lines)
        if any(text in value for text in texts) or not holders.isdisjoint(_READ.findall(value))
    }


def _each_for_itself(script: str) -> str:
    """A script each of whose lines says itself which output or variable it writes to, as those of a block, a here-document, or a
    value of several lines don't."""
    if "GITHUB_" not in script:
        return script
    return "\n".join(_named(_with_sinks(script.split("\n"))))


def _with_sinks(lines: list[str]) -> list[str]:
    """Lines of which those of blocks and here-documents say, too, where they go."""
    begun: dict[str, int] = {}
    sink, end = "", ""
    for at, line in enumerate(lines):
        document, block = _HERE_DOCUMENT.fullmatch(line), _BLOCK_END.fullmatch(line)
        if end and line.strip() != end:
            lines[at] = _with_sink(line, sink)
        elif end:
            end = ""
        elif document:
            sink, end = document["sink"], document["end"]
        elif line.lstrip() == "{":
            begun[line[:-1]] = at
        elif block and block["indent"] in begun:
            inner = slice(begun.pop(block["indent"]) + 1, at)
            lines[inner] = [_with_sink(one, block["sink"]) for one in lines[inner]]
    return lines


def _with_sink(line: str, sink: str) -> str:
    return line if _SINK.search(line) else f"{line} >> $GITHUB_{sink}"


def _named(lines: Iterable[str]) -> Iterator[str]:
    """Lines of which those of a value say, too, what it is called."""
    name, end = "", ""
    for line in lines:
        written = _SINK.search(line)
        text = line[: written.start()] if written else ""
        started = _OF_SEVERAL_LINES.search(text) if not end else None
        is_whole = started is not None and _end_of(started) in _without_braces(text[started.end() :])
        is_inner = bool(end and written) and not _without_braces(text.strip("\t \"'")).endswith(end)
        if is_whole and started is not None:
            yield f"{started[1]}={line}"
        else:
            yield f"{name}={line}" if is_inner else line
        if started and not is_whole:
            name, end = started[1], _end_of(started)
        elif written and not is_inner:
            end = ""


def _end_of(started: re.Match[str]) -> str:
    return _without_braces(started[2])


def _without_braces(text: str) -> str:
    """A text in which variables are written in one of the two ways."""
    return _BRACED.sub(r"$\1", text)


def _on_tags(script: str, texts: tuple[str, ...]) -> tuple[str, tuple[str, ...], frozenset[str]]:
    """A script as it is for a tag, where it sets variables anew for one: what stands behind that, and what still holds a text."""
    test = _IF_TAG.search(script)
    end = _FI.search(script, test.end()) if test else None
    if test is None or end is None or _BRANCHING.search(script, test.end(), end.start()):
        return script, texts, frozenset()
    before = _holders(script[: test.start()], texts)
    then = _ELSE.split(script[test.end() : end.start()])[0]
    is_read = not before.isdisjoint(_READ.findall(then)) or any(text in then for text in texts)
    if is_read or _HANDED_ON.search(script, 0, test.start()):
        return script, texts, frozenset()
    set_anew = {name for name, _ in _ASSIGNED.findall(then)}
    return script[end.end() :], texts, frozenset(before - set_anew)


def _holders(script: str, texts: tuple[str, ...], before: frozenset[str] = frozenset()) -> set[str]:
    """The variables of a script that hold one of these texts, by themselves or by another that does."""
    holders = set(before)
    for name, value in _ASSIGNED.findall(script):
        is_copied = not holders.isdisjoint(_READ.findall(value)) and not _ASKED.search(value)
        if is_copied or any(text in value for text in texts):
            holders.add(name)
    return holders


def _of_job(job: Job, outputs: Mapping[str, str]) -> dict[str, str]:
    """The outputs of a job that hold one of these, as other jobs name them."""
    found: dict[str, str] = {}
    for name, value in strings(job.node.get("outputs")).items():
        found_in = find(value)
        if len(found_in) == 1 and _inner(found_in[0]) in outputs:
            found[f"needs.{job.id}.outputs.{name}".lower()] = name
    return found
