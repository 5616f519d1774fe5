"""The Dockerfile reader: what stands where, and what BuildKit refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.source.dockerfile import DockerfileSource, Flag, Form, Instruction, parse
from checks.source.text import CannotRead, Span, Text


def read(content: str) -> DockerfileSource:
    return parse(Text("Dockerfile", content))


def one(content: str) -> tuple[DockerfileSource, Instruction]:
    """A file with `FROM scratch` and one more instruction, which is returned too."""
    source = read(f"FROM scratch\n{content}")
    _, instruction = source.instructions
    return source, instruction


def arguments(source: DockerfileSource, instruction: Instruction) -> list[tuple[str, str, str | None]]:
    return [(word.value, source.text[word.span], word.literal) for word in instruction.arguments]


def test_directives() -> None:
    source = read(
        "\ufeff# syntax = docker/dockerfile:1 \n#Escape=`\n# check=skip=all\n# tidy=1\n# check=x\nFROM a\n"
    )
    assert [(each.name, each.value, source.text[each.value_span]) for each in source.directives] == [
        ("syntax", "docker/dockerfile:1", "docker/dockerfile:1"),
        ("escape", "`", "`"),
        ("check", "skip=all", "skip=all"),
    ]
    assert source.escape == "`"
    assert [source.text[each.span] for each in source.comments] == ["# tidy=1", "# check=x"]


@pytest.mark.parametrize("before", ["\n", "# a comment\n", "ARG A\n"])
def test_a_directive_stands_before_everything(before: str) -> None:
    assert read(before + "# escape=`\nFROM a\n").escape == "\\"


def test_continuation_with_comments_and_blank_lines() -> None:
    source, run = one(
        "RUN one \\ \t\n  # a comment\n\n   two \\\n#last\n  three  \nUSER a".removesuffix("\nUSER a")
    )
    assert source.text[run.span] == "RUN one \\ \t\n  # a comment\n\n   two \\\n#last\n  three  "
    assert [word.value for word in run.arguments] == ["one    two   three"]
    assert [(each.text, source.text[each.span]) for each in source.comments] == [
        ("a comment", "# a comment"),
        ("last", "#last"),
    ]


@pytest.mark.parametrize(
    ("content", "value"),
    [
        ("USER a\\\\\nUSER b", "a\\\\"),  # an escaped escape continues nothing
        ("USER a\\\\\\\nUSER b", "a\\\\\\"),
        ("US\\\nER a\nUSER b", "a"),
        ("\\\nUSER a\nUSER b", "a"),
        ("USER a\\\n\n\nUSER b", "aUSER b"),
    ],
)
def test_what_continues_a_line(content: str, value: str) -> None:
    user = read(f"FROM scratch\n{content}").instructions[1]
    assert (user.keyword, user.arguments[0].value) == ("USER", value)


def test_a_continuation_may_end_the_file() -> None:
    source, run = one("RUN a \\\n# b\n\n")
    assert (source.text[run.span], run.arguments[0].value) == ("RUN a \\", "a")


def test_backtick_escape() -> None:
    source = read("# escape=`\nFROM a\nCOPY x `\n  C:\\\\\nRUN dir C:\\ `\n && b")
    copy, run = source.instructions[1:]
    assert [word.value for word in copy.arguments] == ["x", "C:\\\\"]
    assert run.arguments[0].value == "dir C:\\  && b"
    assert run.shell
    assert run.shell.source == "dir C:\\    && b"


@pytest.mark.parametrize(
    ("content", "values"),
    [
        ('CMD ["a", "b c"]', [("a", '"a"', "a"), ("b c", '"b c"', "b c")]),
        ('CMD [ "\\u00e9\\n" , \\\n "$x"]', [("é\n", '"\\u00e9\\n"', "é\n"), ("$x", '"$x"', "$x")]),
        ("CMD []", []),
        ('CMD ["\\ud800"]', [("\ufffd", '"\\ud800"', "\ufffd")]),
        ('COPY ["a b", "$c"]', [("a b", '"a b"', "a b"), ("$c", '"$c"', None)]),
        ('SHELL ["bash", "-c"]', [("bash", '"bash"', "bash"), ("-c", '"-c"', "-c")]),
    ],
)
def test_exec_form(content: str, values: list[tuple[str, str, str | None]]) -> None:
    source, instruction = one(content)
    assert (instruction.form, instruction.shell) == (Form.EXEC, None)
    assert arguments(source, instruction) == values


@pytest.mark.parametrize(
    "line",
    [
        "['a']",
        '["a",]',
        '["a"',
        '["a" "b"]',
        '["a"] b',
        '["a\tb"]',
        "[ -f a ] && b",
        "[1, NaN]",
        '[{"a"}]',
        "[{1:2}]",
        "[01]",
    ],
)
def test_what_is_no_json_is_shell_form(line: str) -> None:
    _, instruction = one(f"CMD {line}")
    assert (instruction.form, [word.value for word in instruction.arguments]) == (Form.SHELL, [line])


@pytest.mark.parametrize(
    "line", ["[1]", '["a", null]', "[[]]", '[{"a": {"b": [true, -1.5e3]}}, "c"]', "[" * 99 + "]" * 99]
)
def test_json_of_anything_but_strings_is_refused(line: str) -> None:
    with pytest.raises(CannotRead, match="holds something else than strings"):
        one(f"CMD {line}")


def test_flags() -> None:
    source, copy = one("COPY --from=a --chown='1:1' --chmod=\\\n755 --link --exclude=\"a b\" -- --x y")
    assert [(flag.name, flag.value, source.text[flag.span]) for flag in copy.flags] == [
        ("from", "a", "--from=a"),
        ("chown", "1:1", "--chown='1:1'"),
        ("chmod", "755", "--chmod=\\\n755"),
        ("link", None, "--link"),
        ("exclude", "a b", '--exclude="a b"'),
    ]
    assert [copy.flags[2].value_span and source.text[copy.flags[2].value_span]] == ["755"]
    assert [word.value for word in copy.arguments] == ["--x", "y"]


def test_fields_of_a_mount() -> None:
    source, run = one(
        'RUN --mount=type=secret,"id=a,b",required \\\n    --mount=Type=cache,target=/x,target=/y true'
    )
    secret, cache = run.flags

    def fields(flag: Flag) -> list[tuple[str, str | None, str, str]]:
        return [
            (each.key, each.value, source.text[each.span], source.text[each.value_span or Span(0, 0)])
            for each in flag.fields
        ]

    assert fields(secret) == [
        ("type", "secret", "type=secret", "secret"),
        ("id", "a", "id=a", "a"),
        ("b", None, "b", ""),
        ("required", None, "required", ""),
    ]  # quotes are gone before commas are looked for
    assert fields(cache)[0] == ("type", "cache", "Type=cache", "cache")
    target = cache.field("dst", "target")
    assert target
    assert target.value == "/y"


def test_environment() -> None:
    source, env = one("ENV A=1 B=\"x y\" C=x\\ y \\\n    D='a'b E=")
    assert [
        (
            pair.name.value,
            pair.value and pair.value.value,
            pair.value and pair.value.literal,
            source.text[pair.span],
        )
        for pair in env.pairs
    ] == [
        ("A", "1", "1", "A=1"),
        ("B", '"x y"', "x y", 'B="x y"'),
        ("C", "x\\ y", "x y", "C=x\\ y"),
        ("D", "'a'b", "ab", "D='a'b"),
        ("E", "", "", "E="),
    ]


@pytest.mark.parametrize("keyword", ["ENV", "LABEL"])
def test_old_form(keyword: str) -> None:
    source, instruction = one(f"{keyword} name  some 'value' = x")
    (pair,) = instruction.pairs
    assert (pair.name.value, pair.separator) == ("name", " ")
    assert pair.value
    assert (pair.value.literal, source.text[pair.value.span]) == ("some value = x", "some 'value' = x")


def test_arg() -> None:
    source, arg = one('ARG A B="x" C=')
    assert [(pair.name.value, pair.value and pair.value.literal) for pair in arg.pairs] == [
        ("A", None),
        ("B", "x"),
        ("C", ""),
    ]
    assert [source.text[pair.span] for pair in arg.pairs] == ["A", 'B="x"', "C="]


def test_stages() -> None:
    source = read(
        "arg V=1\nfrom --platform=linux/amd64 a:$V aS Build\nrun x\nFROM scratch\nCOPY --from=BUILD a b\n"
    )
    first, second = source.stages
    assert [source.text[arg.span] for arg in source.global_args] == ["arg V=1"]
    assert (first.name, first.base.value, first.instruction.flags[0].value) == (
        "build",
        "a:$V",
        "linux/amd64",
    )
    assert [each.keyword for each in first.instructions] == ["RUN"]
    assert (second.name, second.index, [each.keyword for each in second.instructions]) == (None, 1, ["COPY"])
    assert source.copied_stage("BUILD") is first
    assert source.copied_stage("+1") is second
    assert (
        source.copied_stage("2") is source.copied_stage("alpine") is source.copied_stage("9" * 9_999) is None
    )
    assert source.stage_named("Build") is first
    assert source.stage_named("0") is None


def chain(length: int) -> str:
    return "FROM a AS s0\n" + "".join(f"FROM s{n - 1} AS s{n}\n" for n in range(1, length))


def test_stages_side_by_side_are_read() -> None:
    assert len(read("FROM a\n" * 1_000).stages) == 1_000


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        ("FROM a\n" * 1_001, 1_001, "it has more than 1,000 stages"),
        (chain(202), 202, "too many of its stages build on each other"),
        ("ARG A=s\n" + "FROM ${A}\n" * 202, 203, "too many of its stages build on each other"),
    ],
)
def test_more_stages_than_can_be_related_are_refused(content: str, line: int, message: str) -> None:
    with pytest.raises(CannotRead) as caught:
        read(content)
    assert (caught.value.unreadable.line, message in str(caught.value)) == (line, True)


def test_two_hundred_stages_in_a_row_are_read() -> None:
    assert len(read(chain(200)).stages) == 200


def test_healthcheck() -> None:
    source, check = one("HEALTHCHECK --interval=1.5h30m --retries=3 CMD curl -f \\\n localhost")
    assert [word.value for word in check.arguments] == ["CMD", "curl -f  localhost"]
    assert check.shell
    assert source.text[check.shell.span] == "curl -f \\\n localhost"
    assert one("HEALTHCHECK NONE")[1].form is None
    assert one('HEALTHCHECK CMD ["a"]')[1].form is Form.EXEC


def test_onbuild() -> None:
    source, onbuild = one("ONBUILD  copy --from=a <<X /b\nx\nX")
    trigger = onbuild.trigger
    assert trigger
    assert (trigger.keyword, source.text[trigger.keyword_span]) == ("COPY", "copy")
    assert source.text[trigger.span] == "copy --from=a <<X /b\nx\nX"
    assert [source.text[each.content] for each in onbuild.heredocs] == ["x\n"]
    assert one("ONBUILD NOSUCH thing")[1].trigger  # BuildKit looks at it only when it runs


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("RUN cat <<EOF", [("EOF", True, False)]),
        ("RUN cat << EOF", [("EOF", True, False)]),
        ("RUN cat 3<<-'a b'", [("a b", False, True)]),
        ('RUN cat <<"EOF" <<-X', [("EOF", False, False), ("X", True, True)]),
        ('COPY <<E"O"F x /', [("EOF", False, False)]),
        ("RUN echo $((1 <<2 ))", [("2", True, False)]),
        ("ADD <<A /", [("A", True, False)]),
    ],
)
def test_heredocs(line: str, found: list[tuple[str, bool, bool]]) -> None:
    body = "".join("\tx\n" + "\t" * chomp + name + "\n" for name, _, chomp in found)
    source, instruction = one(f"{line}\n{body}")
    assert [(each.name, each.expand, each.chomp) for each in instruction.heredocs] == found
    assert all(source.text[each.content] == "\tx\n" for each in instruction.heredocs)
    assert all(source.text[each.terminator].strip("\t") == each.name for each in instruction.heredocs)
    assert instruction.span.end == len(source.text.content) - 1


@pytest.mark.parametrize(
    "line",
    [
        "RUN cat <<<EOF", "RUN a<<EOF", "RUN '<<EOF'", "RUN $((1<<2))", 'RUN ["cat", "<<EOF"]', "CMD cat <<EOF",
        "RUN echo ${x^^} <<EOF", "RUN it's <<EOF", "RUN cat \\<<EOF",
    ],
)  # fmt: skip
def test_no_heredoc(line: str) -> None:
    source = read(f"FROM scratch\n{line}\nUSER EOF")
    assert [each.keyword for each in source.instructions] == ["FROM", line.split(maxsplit=1)[0], "USER"]
    assert source.instructions[1].heredocs == ()


def test_copied_heredocs_are_no_paths() -> None:
    _, copy = one("COPY <<A b <<C /d/\nA\nC")
    assert [word.value for word in copy.sources] == ["b"]
    assert copy.destination.value == "/d/"


@pytest.mark.parametrize(
    ("content", "source"),
    [
        ("RUN a \\\n  b", "a     b"),
        ("RUN a # x \\\n  b", "a # x     b"),
        ("RUN a \\\n# it's\n\n  b", "a" + " " * 13 + "b"),
        ("RUN a\\\nb", "a\\\nb"),
        ("RUN a\\\r\nb", "a \\\nb"),
        ("RUN a\\ \t\r\n\r\n b", "a" + " " * 8 + "b"),
        ("RUN cat <<E > x \\\n && y\r\n$z\r\nE\r\n", "cat <<E > x    && y \n$z \nE"),
        ("RUN a <<E <<F  \nx\nE\r\ny\nF", "a <<E <<F  \nx\nE\n\ny\nF"),
        ("RUN <<E\nset -e\r\nb\nE", "set -e \nb\n"),
        ("RUN --network=none <<-'E'\n\ta\n\tE", "\ta\n"),
        ("CMD a && \\\n b", "a &&    b"),
    ],
)
def test_shell_source(content: str, source: str) -> None:
    file, instruction = one(content)
    assert instruction.shell
    assert (instruction.shell.source, instruction.shell.shebang) == (source, None)
    assert len(source) == len(file.text[instruction.shell.span])


def test_heredoc_with_shebang_is_a_script_of_its_own() -> None:
    _, run = one("RUN <<EOF\n#!/usr/bin/env python3\nprint(1)\nEOF")
    assert run.shell
    assert run.shell.shebang == "#!/usr/bin/env python3"


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        ("", 1, "it has no instruction"),
        ("# nothing\n\n", 1, "it has no instruction"),
        ("ARG a\n", 1, "it has no `FROM`"),
        ("ARG a\nRUN b\nFROM c", 2, "`RUN` stands before the first `FROM`"),
        ("FROM a\nFORM {{ b }}", 2, "unknown instruction `FORM`"),
        ("FROM a\n{{ if }}", 2, "unknown instruction `{{`"),
        ("FROM a\nRUN\u00a0b", 2, "unknown instruction `RUN\u00a0b`"),
        ("# escape=`\n# escape=`\nFROM a", 2, "directive `escape` stands there twice"),
        ("# escape=^\nFROM a", 1, "`escape` is `^`, neither a backslash nor a backtick"),
        ("FROM", 1, "`FROM` takes an image, or an image, `AS` and a name"),
        ("FROM a b", 1, "`FROM` takes an image, or an image, `AS` and a name"),
        ("FROM a AS 1b", 1, "`1b` can't be the name of a stage"),
        ("FROM --os=x a", 1, "`FROM` has no flag `--os`"),
        ("FROM a\nCOPY b", 2, "`COPY` needs a source and a destination"),
        ("FROM a\nCOPY --user=b c d", 2, "`COPY` has no flag `--user`"),
        ("FROM a\nCOPY --from=b \\\n --from=c d e", 3, "flag `--from` stands there twice"),
        ("FROM a\nCOPY --from b c d", 2, "flag `--from` has no value"),
        ("FROM a\nCOPY --link=on b c", 2, "flag `--link` is `on`, neither true nor false"),
        ("FROM a\nCOPY --link= b c", 2, "flag `--link` is ``, neither true nor false"),
        ("FROM a\nCOPY b <<C\nC", 2, "`COPY` copies to a heredoc"),
        ("FROM a\nRUN <<E\nb", 2, "heredoc `E` is never closed"),
        ("FROM a\nENV b", 2, "`ENV` needs a name and a value"),
        ("FROM a\nENV b=c d", 2, "`d` of `ENV` has no `=`"),
        ("FROM a\nLABEL =c", 2, "`LABEL` sets a variable that has no name"),
        ("FROM a\nARG", 2, "`ARG` needs an argument"),
        ("FROM a\nRUN --network=b c", 2, "there is no network `b`"),
        ("FROM a\nRUN --security=b c", 2, "there is no security mode `b`"),
        ('FROM a\nRUN --mount=a\\"b c', 2, "flag `--mount` is not a list with commas"),
        ("FROM a\nRUN --mount=from=$b c", 2, "`from` of a mount expands no variable: `$b`"),
        ("FROM a\nCMD --b", 2, "`CMD` has no flag `--b`"),
        ("FROM a\nSHELL bash -c", 2, "`SHELL` is not a JSON array"),
        ("FROM a\nSHELL []", 2, "`SHELL` needs an argument"),
        ('FROM a\nVOLUME ["/b", " "]', 2, "`VOLUME` has an empty path"),
        ("FROM a\nHEALTHCHECK NONE b", 2, "`HEALTHCHECK NONE` takes no argument"),
        ("FROM a\nHEALTHCHECK b", 2, "`HEALTHCHECK` has no type `b`"),
        ("FROM a\nHEALTHCHECK CMD", 2, "`HEALTHCHECK CMD` has no command"),
        ("FROM a\nHEALTHCHECK --interval=5 CMD b", 2, "`5` is no duration"),
        ("FROM a\nHEALTHCHECK --timeout=9us CMD b", 2, "`--timeout` is `9us`, less than a millisecond"),
        ("FROM a\nHEALTHCHECK --retries=-1 CMD b", 2, "`--retries` is `-1`, no number that it can be"),
        ("FROM a\nONBUILD", 2, "`ONBUILD` needs an instruction"),
        ("FROM a\nONBUILD ONBUILD RUN b", 2, "`ONBUILD` triggers another `ONBUILD`"),
        ("FROM a\nONBUILD FROM b", 2, "`ONBUILD` can't trigger `FROM`"),
        ("FROM a\nRUN " + "b" * 65_532, 2, "a line is longer than 65,535 bytes"),
        ("FROM a\nRUN <<B " + "${c:-" * 60, 2, "more than 50 substitutions are nested"),
    ],
)  # fmt: skip
def test_refused(content: str, line: int, reason: str) -> None:
    with pytest.raises(CannotRead) as refusal:
        read(content)
    assert (refusal.value.unreadable.line, refusal.value.unreadable.reason) == (line, reason)


@pytest.mark.parametrize(
    "line", ["ARG --b=c d", "STOPSIGNAL --b 9", "HEALTHCHECK --b NONE", "RUN", "CMD", "ENTRYPOINT []"]
)
def test_odd_but_not_refused(line: str) -> None:
    assert one(line)[1].keyword == line.split(maxsplit=1)[0]


@pytest.mark.parametrize(
    "content",
    [
        "RUN a \\\n" + "  b \\\n" * 20_000,
        "RUN a \\\n" + "# it's\n" * 20_000,
        "RUN " + "b\\\n" * 20_000 + "c",
        "LABEL " + "a=b \\\n" * 20_000,
        "RUN --mount=a,b \\\n " * 1_000 + "c",
        'ENV A="' + '\\"\\\n' * 20_000,
        "RUN " + "<" * 60_000,
        "CMD [" + "[{},\\\n" * 20_000,
        "RUN "
        + "".join(f"<<A{number} \\\n" for number in range(2_000))
        + "x\n"
        + "".join(f"A{number}\n" for number in range(2_000)),
    ],
    ids=range(9),
)
def test_hostile_input_ends(content: str) -> None:
    assert len(one(content)[0].instructions) == len(("FROM", "other"))


LINES = st.lists(
    st.sampled_from(
        [
            "FROM a AS b", "FROM b", "# escape=`", "# note", "", "  ", "\t# it's 🚢", "RUN a \\", "  --x y \\  ", "`",
            "RUN --mount=type=cache,target=/🚢 \\", "RUN <<EOF cat", "RUN <<-'EOF'", "EOF", "\tEOF", "COPY --from=b a `",
            "COPY <<EOF x /", 'CMD ["a", "é\\n"]', "ENV A=1 B='x y' \\", "ENV k  v", "ARG A=${B:-c}", "USER \\", "1000",
            "HEALTHCHECK CMD a \\", "ONBUILD RUN b \\", "WORKDIR /a b", "EXPOSE 80 \\", "C=d",
        ]
    ),
    max_size=12,
)  # fmt: skip


def readable(content: str) -> DockerfileSource | None:
    try:
        return read(content)
    except CannotRead:
        return None


def everything(instruction: Instruction) -> Iterator[Span]:
    yield instruction.keyword_span
    yield instruction.arguments_span
    for flag in instruction.flags:
        yield flag.span
        yield from (field.span for field in flag.fields)
    yield from (word.span for word in instruction.arguments)
    yield from (pair.span for pair in instruction.pairs)
    yield from (heredoc.content for heredoc in instruction.heredocs)
    if instruction.trigger:
        yield from everything(instruction.trigger)


def joined(source: DockerfileSource, span: Span) -> str:
    """What stands in the file, without what joins lines."""
    comments_gone = re.sub(r"(?m)^[ \t]*#.*\r?\n|^[ \t]*\r?\n", "", source.text[span])
    return re.sub(re.escape(source.escape) + r"[ \t]*\r?\n", "", comments_gone)


@given(LINES, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_spans_are_what_they_claim(lines: list[str], newline: str, last: bool) -> None:
    source = readable(newline.join(["FROM 🚢", *lines]) + newline * last)
    for instruction in source.instructions if source else ():
        assert source
        assert all(instruction.span.covers(span) for span in everything(instruction))
        assert joined(source, instruction.keyword_span).upper() == instruction.keyword
        for word in instruction.arguments if instruction.form is not Form.EXEC else ():
            assert joined(source, word.span) == word.value
        if shell := instruction.shell:
            assert len(shell.source) == shell.span.end - shell.span.start
            kept = zip(shell.source, source.text[shell.span], strict=True)
            assert all(shown == real or shown in " \\\n" for shown, real in kept)


@given(LINES, st.sampled_from(["\n", "\r\n"]))
def test_everything_is_somewhere(lines: list[str], newline: str) -> None:
    source = readable(newline.join(["FROM a", *lines]))
    if source:
        rest = list(source.text.content)
        spans = [each.span for each in source.instructions]
        spans += (each.span for each in source.comments)
        spans += (each.span for each in source.directives)
        for span in spans:
            rest[span.start : span.end] = " " * (span.end - span.start)
        assert not "".join(rest).strip()


def values(source: DockerfileSource | None) -> list[object] | None:
    def of(instruction: Instruction) -> object:
        words = [(word.value, word.literal, word.is_heredoc) for word in instruction.arguments]
        pairs = [(pair.name.value, pair.value and pair.value.value) for pair in instruction.pairs]
        flags = [
            (flag.name, flag.value, [(each.key, each.value) for each in flag.fields])
            for flag in instruction.flags
        ]
        trigger = instruction.trigger and of(instruction.trigger)
        return instruction.keyword, words, pairs, flags, instruction.form, trigger

    return [of(instruction) for instruction in source.instructions] if source else None


@given(LINES)
def test_line_endings_and_byte_order_mark_change_no_value(lines: list[str]) -> None:
    unix = values(readable("\n".join(["FROM a", *lines])))
    assert values(readable("\ufeff" + "\r\n".join(["FROM a", *lines]) + "\r\n")) == unix


@given(LINES, st.sampled_from(["# more\n", "\n"]))
def test_an_edit_above_moves_the_rest(lines: list[str], above: str) -> None:
    source = readable("\n".join(["FROM a", *lines]))
    moved = readable(above + "\n".join(["FROM a", *lines]))
    assert values(source) == values(moved)
    if source and moved:
        ends = zip(source.instructions, moved.instructions, strict=True)
        assert all(new.span.start == old.span.start + len(above) for old, new in ends)
