from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.source.command import Command, Connector, GuardKind
from checks.source.shell import MAX_CHARACTERS, Script, parse
from checks.source.shell_statements import MAX_DEPTH
from checks.source.shell_words import mask
from checks.source.text import Span
from checks.source.word import Expression, Pattern, Substitution, Variable, Word


def only(source: str, program: str) -> tuple[Script, Command]:
    """The script, and its one command that runs `program`."""
    script = parse(source)
    (command,) = [command for command in script.commands if command.program == program]
    return script, command


def literals(command: Command) -> list[str | None]:
    return [word.literal for word in command.words]


def shown(script: Script, word: Word) -> list[str]:
    """The parts of a word, holes as they are written."""
    return [part if isinstance(part, str) else script[part.span] for part in word.parts]


def test_commands_stand_wherever_shell_lets_them() -> None:
    script = parse(
        "a | b && c || d; (e)\nif f; then g; elif h; then i; else j; fi\n"
        "for x in $(k); do l; done\nwhile m; do n; done\ncase $(o) in p) q;; esac\n"
        'fn() { r; }\ns "$(t `u`)" <(v)\n{ w; } > /tmp/f\n! y &\n'
    )
    assert [c.program for c in script.commands] == list("abcdefghijklmnoqrstuvwy")
    assert script.errors == ()


def test_a_word_is_its_literal_parts_and_its_holes() -> None:
    script, command = only('docker push "$IMAGE@${{ steps.build.outputs.digest }}"', "docker")
    word = command.words[2]
    assert shown(script, word) == ["$IMAGE", "@", "${{ steps.build.outputs.digest }}"]
    assert word.literal is None
    variable, _, expression = word.parts
    assert isinstance(variable, Variable)
    assert variable.name == "IMAGE"
    assert isinstance(expression, Expression)
    assert expression.source == " steps.build.outputs.digest "


@pytest.mark.parametrize("written", ["$A/web:$B-x", "${A}/web:$B-x", '"$A"/web:$B-x'])
def test_a_second_variable_of_a_word_is_one_whatever_follows_it(written: str) -> None:
    _, command = only(f"docker push {written}", "docker")
    holes = [part for part in command.words[2].parts if isinstance(part, Variable)]
    assert [hole.name for hole in holes] == ["A", "B"]
    assert command.words[2].parts[-1] == "-x"
    script = parse(f"A=a B=b\nIMAGE={written}\ndocker push $IMAGE \\$A/web:\\$B")
    push = script.commands[-1]
    assert script.resolve(push.words[2], push).literal == "a/web:b-x"
    assert push.words[3].literal == "$A/web:$B"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("plain", "plain"),
        ("'it'\\''s'", "it's"),
        ('"a \\"b\\" \\$c \\n"', 'a "b" $c \\n'),
        ("$'a\\tb\\x41\\u00e9\\'c'", "a\tbAé'c"),
        ("a\\ b", "a b"),
        ("--flag=\"x y\"'z'", "--flag=x yz"),
        ("''", ""),
        ("long\\\nword", "longword"),
        ("{}", "{}"),
        ("héllo—wörld", "héllo—wörld"),
    ],
)
def test_the_value_of_a_known_word_is_without_its_quotes(written: str, value: str) -> None:
    script, command = only(f"é=ü; x {written} end", "x")
    assert literals(command) == ["x", value, "end"]
    assert script[command.words[1].span] == written


def test_globs_braces_and_tilde_are_patterns_unless_quoted() -> None:
    _, command = only("x *.json 'a*' {a,b} [0-9]z ~/f \\*", "x")
    kinds = [[type(part) for part in word.parts] for word in command.words[1:]]
    assert kinds == [[Pattern, str], [str], [Pattern], [Pattern, str], [Pattern, str], [str]]
    assert command.words[1].spelled == "*.json"
    assert command.words[1].literal is None


def test_expansions_with_operators_keep_their_default() -> None:
    _, command = only('x "${A:-b c}" ${A%%/*} ${#A} "${A[@]}" ${A:?no} ${A:-$B}', "x")
    found = [word.pieces[0] for word in command.words[1:]]
    variables = [piece for piece in found if isinstance(piece, Variable)]
    assert [(v.name, v.operator, v.plain) for v in variables] == [
        ("A", ":-", False), ("A", "%%", False), ("A", "#", False), ("A", "[@]", False), ("A", ":?", True), ("A", ":-", False),
    ]  # fmt: skip
    assert variables[0].default is not None
    assert variables[0].default.literal == "b c"
    assert command.words[4].plural


@pytest.mark.parametrize(
    ("words", "are"),
    [
        ("$ARGS ${BUILD_ARGS} $LDFLAGS $flags $JAVA_OPTS ${{ inputs.extraArgs }} ${{ inputs.build-options }}", True),
        ("$argsOfHelm $OPTIONS $EXTRA_TAGS ${{ inputs.arguments }} ${{ matrix.param }} $DOCKER_PARAMETERS", True),
        ("$ARGV $arglist ${{ inputs.argstring }} $FLAGLIST $BUILD_OPTSTR ${{ inputs.paramsList }}", True),
        ("$TARGET $TARGETPLATFORM ${{ inputs.target }} ${{ inputs.target-env }} $Target ${{ secrets.CARGO_TOKEN }}", False),
        ("$ARGOCD_TOKEN ${{ vars.ARGO_APP }} $OPTIMIZED $LARGE ${{ inputs.margin }} $EXTRACTED ${{ matrix.optional }}", False),
    ],
)  # fmt: skip
def test_what_is_named_after_arguments_may_come_to_several_words(words: str, are: bool) -> None:
    _, command = only(f"x {words}", "x")
    assert {one.plural for one in command.words[1:]} == {are}


def test_an_expression_stays_inside_its_word_and_out_of_variables_names() -> None:
    script, command = only("x a${{ b }}c $IMAGE${{ 'é }} ' }}'s '${{ q }}' ${{ r }}=1 end", "x")
    assert [shown(script, word) for word in command.words[1:4]] == [
        ["a", "${{ b }}", "c"],
        ["$IMAGE", "${{ 'é }} ' }}", "s ${{ q }} ${{ r }}=1 end"],
    ][:1] + [shown(script, word) for word in command.words[2:4]]
    variable = next(piece for word in command.words for piece in word.pieces if isinstance(piece, Variable))
    assert variable.name == "IMAGE"


def test_an_expression_can_be_the_command() -> None:
    script = parse("${{ inputs.command }} --flag\n${{ a }}${{ b }}")
    assert [command.program for command in script.commands] == [None, None]
    assert [len(command.words) for command in script.commands] == [2, 1]
    assert script.errors == ()


def test_pipelines_tell_who_reads_whom() -> None:
    script = parse("curl url | tee log | sh -x; other")
    curl, tee, shell, other = script.commands
    assert [c.connector for c in script.commands] == [
        Connector.NONE, Connector.PIPE, Connector.PIPE, Connector.SEQUENCE,
    ]  # fmt: skip
    assert curl.piped_to == tee.span
    assert shell.piped_from == tee.span
    assert curl.pipeline is not None
    assert script[curl.pipeline] == "curl url | tee log | sh -x"
    assert (other.pipeline, other.piped_from) == (None, None)


def test_all_commands_of_a_group_write_to_the_next_stage() -> None:
    script = parse("{ a; b; } | c > log")
    a, b, c = script.commands
    assert a.piped_to is not None
    assert b.piped_to == a.piped_to
    assert script.within(a.piped_to) == (c,)
    assert c.piped_from is not None
    assert script[c.piped_from] == "{ a; b; }"
    assert [r.target.literal for r in c.redirections] == ["log"]
    assert a.redirections == ()


def test_guards_say_what_has_to_succeed_or_to_fail() -> None:
    script, install = only("command -v cosign >/dev/null || { go install cosign; }", "go")
    (guard,) = install.guards
    assert guard.kind is GuardKind.OR
    assert guard.holds is False
    (asked,) = script.within(guard.condition)
    assert literals(asked) == ["command", "-v", "cosign"]
    assert install.conditional
    assert not asked.conditional


def test_branches_are_guarded_by_their_conditions() -> None:
    script = parse("if a; then b; elif c; then d; else e; fi; while f; do g; done; case $x in y) h;; esac; i")
    guards = {
        c.program: [(g.kind.value, g.holds, script[g.condition]) for g in c.guards] for c in script.commands
    }
    assert guards == {
        "a": [],
        "b": [("if", True, "a")],
        "c": [("else", False, "a")],
        "d": [("else", False, "a"), ("if", True, "c")],
        "e": [("else", False, "a"), ("else", False, "c")],
        "f": [],
        "g": [("loop", None, "f")],
        "h": [("case", None, "$x")],
        "i": [],
    }
    assert [c.program for c in script.commands if c.in_condition] == ["a", "c", "f"]


def test_a_failure_is_caught_by_the_right_side_of_or() -> None:
    script, trivy = only("cd x && trivy image app || true", "trivy")
    assert [script[span] for span in trivy.fallbacks] == ["true"]
    script, plain = only("trivy image app\nother || true", "trivy")
    assert plain.fallbacks == ()


def test_a_substitution_is_caught_only_where_it_is_the_whole_assignment() -> None:
    script, trivy = only("RESULT=$(trivy image app) || true", "trivy")
    assert [script[span] for span in trivy.fallbacks] == ["true"]
    assert trivy.in_substitution is not None
    assert script[trivy.in_substitution] == "$(trivy image app)"
    _, other = only('echo "$(trivy image app)" || true', "trivy")
    assert other.fallbacks == ()


def test_background_negation_and_functions_are_told() -> None:
    script = parse("a & ! b\npush() { c; }\npush")
    found = {c.program: (c.background, c.negated, c.in_function, c.conditional) for c in script.commands}
    assert found == {
        "a": (True, False, None, False),
        "b": (False, True, None, False),
        "c": (False, False, "push", True),
        "push": (False, False, None, False),
    }
    assert script[script.functions["push"]] == "push() { c; }"


def test_assignments_before_a_command_are_its_environment() -> None:
    _, sign = only("COSIGN_EXPERIMENTAL=1 cosign sign x", "cosign")
    assert [(a.name, a.value and a.value.literal) for a in sign.environment] == [("COSIGN_EXPERIMENTAL", "1")]
    _, wrapped = only('sudo -E env A=b B="$C" timeout -k 5 30 /usr/bin/cosign sign x', "cosign")
    assert [(a.name, a.value and a.value.literal) for a in wrapped.environment] == [("A", "b"), ("B", None)]
    assert [word.literal for word in wrapped.arguments] == ["sign", "x"]
    assert wrapped.unwrapped.wrappers == ("sudo", "env", "timeout")


def test_assignments_of_the_shell_are_no_environment() -> None:
    script = parse('A=1 B=$(date)\nexport C=2 "D=$A"\nlocal e\nF+=x\nG=(1 2)')
    found = [
        (a.name, a.value and a.value.literal, a.append, a.exported)
        for c in script.commands
        for a in c.assignments
    ]
    assert found == [
        ("A", "1", False, False), ("B", None, False, False), ("C", "2", False, True), ("D", None, False, True),
        ("F", "x", True, False), ("G", None, False, False),
    ]  # fmt: skip
    assert all(command.environment == () for command in script.commands)


def test_a_wrapper_that_only_asks_is_the_program_itself() -> None:
    assert [c.program for c in parse("command -v cosign; command cosign version; exec docker push").commands] == [
        "command", "cosign", "docker",
    ]  # fmt: skip


def test_redirections_have_their_target() -> None:
    script, echo = only('echo "x=y" >> "$GITHUB_OUTPUT" 2>&1 more', "echo")
    first, second = echo.redirections
    assert (first.operator, shown(script, first.target)) == (">>", ["$GITHUB_OUTPUT"])
    assert (second.descriptor, second.operator, second.target.literal) == ("2", ">&", "1")
    assert literals(echo) == ["echo", "x=y", "more"]


def test_a_here_document_is_a_redirection_and_what_follows_it_stays_in_place() -> None:
    script = parse("cat <<'EOF' | kubectl apply -f - && docker push x\nkind: Pod\nEOF\nnext")
    cat, kubectl, push, following = script.commands
    (redirection,) = cat.redirections
    assert redirection.body is not None
    assert script[redirection.body] == "kind: Pod\n"
    assert cat.piped_to == kubectl.span
    assert push.piped_from is None
    assert [(g.kind, script[g.condition]) for g in push.guards] == [
        (GuardKind.AND, "cat <<'EOF' | kubectl apply -f -")
    ]
    assert following.connector is Connector.SEQUENCE


def test_commands_in_here_documents_run_unless_the_delimiter_is_quoted() -> None:
    assert [c.program for c in parse("cat <<EOF\n$(date)\nEOF\n").commands] == ["cat", "date"]
    assert [c.program for c in parse("cat <<'EOF'\n$(date)\nEOF\n").commands] == ["cat"]


@pytest.mark.parametrize(
    "source",
    [
        'bash -c "docker push é \\"$IMAGE\\" || exit 1"',
        "sudo sh -ec 'cd é; docker push é \"$IMAGE\" || exit 1'",
        "bash -euo pipefail -c 'docker push é \"$IMAGE\" || exit 1'",
        "bash <<'EOF'\ndocker push é \"$IMAGE\" || exit 1\nEOF\n",
        "eval 'docker push é \"$IMAGE\" || exit 1'",
        'sh -c \'bash -c "docker push é \\"\\$IMAGE\\" || exit 1"\'',
    ],
)
def test_scripts_in_strings_are_read_with_their_places(source: str) -> None:
    script, push = only(source, "docker")
    assert push.in_string is not None
    assert push.in_subshell
    assert script[push.words[2].span] == "é"
    (variable,) = [piece for piece in push.words[3].pieces if isinstance(piece, Variable)]
    assert script[variable.span].endswith("$IMAGE")
    assert [script[span] for span in push.fallbacks] == ["exit 1"]


def test_a_substitution_in_a_string_for_another_shell_is_read_once() -> None:
    assert [c.program for c in parse('bash -c "echo $(date)"').commands] == ["bash", "echo", "date"]


def test_comments_have_spans() -> None:
    script = parse("a # one\n# twö\nb '# no' #é\n")
    assert [script[span] for span in script.comments] == ["# one", "# twö", "#é"]


def test_a_comment_ends_a_continued_command() -> None:
    assert [literals(c) for c in parse("docker build \\\n # note\n .").commands] == [
        ["docker", "build"],
        ["."],
    ]


def test_line_endings_of_windows_are_blanks() -> None:
    script = parse("docker build \\\r\n  --push .\r\nnext\r\n")
    assert [literals(command) for command in script.commands] == [
        ["docker", "build", "--push", "."],
        ["next"],
    ]


def test_an_error_makes_the_commands_on_its_lines_uncertain() -> None:
    script = parse("docker push x\ndocker tag a b )\n")
    assert [(c.words[1].literal, c.uncertain) for c in script.commands] == [("push", False), ("tag", True)]
    assert script.errors


def test_a_script_that_is_too_long_has_no_commands_and_says_so() -> None:
    padding = "# padding\n" * (MAX_CHARACTERS // 10)
    assert len(parse(padding[10:] + "a").commands) == 1
    script = parse(padding + "a")
    assert script.commands == ()
    assert not script.complete


# Variables


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("IMAGE=repo/app\ndocker $IMAGE", "repo/app"),
        ('IMAGE=repo/app; export TAG="v1"\ndocker "${IMAGE}:$TAG"', "repo/app:v1"),
        ("A=a; B=$A-b; C=$B-c\ndocker $C", "a-b-c"),
        ("A=a; A=$A-b\ndocker $A", "a-b"),
        ("A=a; B=b; C=$A-$B-c\ndocker $C", "a-b-c"),
        ('A=a; B=b; docker $A:$B.c/${A}-$B-"x-$A-$B-y"', "a:b.c/a-b-x-a-b-y"),
        ("A=a; docker ${B:-$A-b}", None),
        ("A=a; docker $A-\\$A-'$A-$A-'", "a-$A-$A-$A-"),
        ("A=a && docker $A", "a"),
        ("if x; then A=a; docker $A; else A=b; fi", "a"),
        ("for x in 1 2; do A=a; docker $A; done", "a"),
        ("A=a\nf() { docker $A; }", "a"),
        ("docker ${A:-x}", None),
        ("A=a; docker ${A:-x}", "a"),
        ("if x; then A=a; fi\ndocker $A", None),
        ("x && A=a\ndocker $A", None),
        ("A=a || true\ndocker $A", None),
        ("(A=a)\ndocker $A", None),
        ("echo | A=a\ndocker $A", None),
        ("A=a docker $A", None),
        ("A=a; source env.sh; docker $A", None),
        ("A=a; read A; docker $A", None),
        ("A=a; for A in 1 2; do docker $A; done", None),
        ("A=a; for x in 1 2; do docker $A; A=b; done", None),
        ("A=a; f() { A=b; }; f; docker $A", None),
        ("A=a; A+=b; docker $A", None),
        ("docker $A; A=a", None),
        ("A=$(date); docker $A", None),
        ("A=${A}x; docker $A", None),
    ],
)
def test_a_variable_is_known_where_its_assignment_has_certainly_run(source: str, value: str | None) -> None:
    script, docker = only(source, "docker")
    assert script.resolve(docker.words[1], docker).literal == value


def test_a_resolved_value_stands_where_it_was_assigned() -> None:
    script, docker = only("IMAGE='repo/app'\ndocker push $IMAGE:latest", "docker")
    word = script.resolve(docker.words[2], docker)
    assert [script[piece.span] for piece in word.pieces] == ["repo/app", ":latest"]
    assert script.variables_at(docker).keys() == {"IMAGE"}


def test_values_that_double_themselves_stay_small() -> None:
    lines = [f"A{i}=$A{i - 1}$A{i - 1}" for i in range(1, 200)]
    script, docker = only("\n".join(["A0=x", *lines, "docker $A199"]), "docker")
    assert len(script.resolve(docker.words[1], docker).pieces) <= 200


# Words


def test_a_word_can_be_cut_and_its_characters_located() -> None:
    script, command = only('x --tag="repo/é:v1" $A', "x")
    value = command.words[1].drop(len("--tag="))
    assert value.literal == "repo/é:v1"
    assert script[value.locate(7, 9)] == "v1"
    assert script[value.locate(0, 4)] == "repo"
    with pytest.raises(ValueError, match="not known"):
        command.words[2].drop(1)


# Hostile and arbitrary text


HOSTILE = {
    "substitutions": "$(",
    "subshells": "(",
    "braces": "{ ",
    "strings": '"$(',
    "defaults": "${a:-",
    "conditions": "if a; then ",
    "or": "a || ",
    "here-documents": "cat <<A\n",
    "backticks": "`",
    "expressions": "${{ ",
    "strings for shells": 'bash -c "',
    "globs": "{,[",
    "pipes": "|`;",
    "escapes": "\\",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_nesting_is_read_or_refused(name: str) -> None:
    unit = HOSTILE[name]
    assert_consistent(parse(unit * (MAX_CHARACTERS // len(unit))))


def test_what_nests_too_deep_is_left_out_and_said() -> None:
    script = parse("$(a " * (MAX_DEPTH - 1) + ")" * (MAX_DEPTH - 1))
    assert (len(script.commands), script.complete) == (MAX_DEPTH, True)
    script = parse("$(a " * (MAX_DEPTH + 10) + ")" * (MAX_DEPTH + 10) + "; b")
    assert script.commands[-1].program == "b"
    assert not script.complete


def test_what_the_parser_is_slow_on_is_given_up() -> None:
    script = parse("a=(" * 9_000)
    assert (script.commands, script.complete) == ((), False)
    usual = "docker build --tag app:latest --file docker/Dockerfile .\ndocker push app:latest\n"
    assert parse(usual * 350).complete


def test_scripts_in_strings_share_what_the_parser_may_take() -> None:
    one = "bash -c '" + "a=(" * 500 + "'\n"
    assert parse(one).complete
    script = parse(one * 15)
    assert len([command for command in script.commands if command.program == "bash"]) == 15
    assert not script.complete


TOKENS = st.sampled_from(
    ["a", "docker push", " ", "\n", ";", "&&", "||", "|", "&", "(", ")", "{ ", "}", "$(", "`", '"', "'", "$A", "${A:-", "é",
     "😀", "${{ x }}", "${{", "}}", "<<E\n", "\nE\n", ">", "2>&1", "<(", "$((", "))", "[[", "]]", "if ", "then ", "fi", "else ",
     "for x in ", "do ", "done", "case ", "esac", "in ", ";;", "\\", "\\\n", "\r\n", "#", "A=", "+=", "export ", "*", "[", "~", "!",
     "$'", "f()", "bash -c ", "eval ", "env ", "sudo ", "\0", "\ufeff", "=", "-c"]
)  # fmt: skip
SCRIPTS = st.lists(TOKENS, max_size=30).map("".join) | st.text(max_size=60)


def assert_consistent(script: Script) -> None:
    """Spans lie in the text and in each other, and known text is what is written there."""
    whole = Span(0, len(script.source))
    for command in script.commands:
        assert whole.covers(command.span)
        for word in command.words:
            assert command.span.covers(word.span)
            for piece in word.pieces:
                assert word.span.covers(piece.span)
                if isinstance(piece, Expression):
                    assert script[piece.span] == "${{" + piece.source + "}}"
                elif isinstance(piece, Substitution):
                    assert script[piece.span][:1] in "$`<>"
    for span in (*script.errors, *script.comments):
        assert whole.covers(span)


@given(SCRIPTS)
@settings(max_examples=400, deadline=None)
def test_any_text_is_read_without_a_crash(source: str) -> None:
    script = parse(source)
    assert_consistent(script)
    for command in script.commands:
        script.variables_at(command)
    assert list(script.commands) == sorted(script.commands, key=lambda command: command.span.start)


@given(st.text(max_size=80) | SCRIPTS)
@settings(max_examples=200, deadline=None)
def test_masking_keeps_the_length_and_leaves_ascii(source: str) -> None:
    masked = mask(source)
    assert len(masked) == len(source)
    assert masked.isascii()


SAFE_TEXT = st.text(st.characters(exclude_characters="'\0\r", codec="utf-8"), max_size=20)


@given(st.lists(SAFE_TEXT.filter(lambda text: "${{" not in text), min_size=1, max_size=6))
@settings(max_examples=200, deadline=None)
def test_single_quoted_words_come_back_as_they_went_in(values: list[str]) -> None:
    source = "docker " + " ".join(f"'{value}'" for value in values)
    script, command = only(source, "docker")
    assert [word.literal for word in command.words[1:]] == values
    assert [script[word.span] for word in command.words[1:]] == [f"'{value}'" for value in values]


def test_what_loops_go_through() -> None:
    script = parse(
        'for it in a "$b"c ${{ d }}; do x; done; select it in $e; do y; done; for it; do z; done; bash -c "for it in f; do x; done"'
    )
    assert {script[word.span] for word in script.listed} == {"a", '"$b"c', "${{ d }}", "$e"}
