"""Variables of a Dockerfile, and the stages that need each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.source.dockerfile import UNSET, Evaluation, Unset, evaluate, expand, parse
from checks.source.text import Text

VALUES = {"HOME": "/root", "EMPTY": "", "V": "v1.20.3", "PATTERN": "*.", "UNIX": "한/국"}


def lookup(name: str) -> str | Unset | None:
    return None if name == "UNKNOWN" else VALUES.get(name, UNSET)


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("plain", "plain"),
        ("a$HOME.b", "a/root.b"),
        ("a${HOME}b", "a/rootb"),
        ("$HOMEb", ""),
        ("$UNIX", "한/국"),
        ("$.$", "$.$"),
        ("$1x$@y$$", "xy"),
        ("$007x", "x"),
        (r"\$HOME", "$HOME"),
        (r"\\$HOME", "\\/root"),
        (r"a\tb", "atb"),
        (r'"a\tb\"\$\\"', 'a\\tb"$\\'),
        (r"'a\tb$HOME'", r"a\tb$HOME"),
        ("\"'$HOME'\"", "'/root'"),
        ("he'll'o", "hello"),
        ("a\\", "a"),
        ("a<<b<c", "a<<b<c"),
        ("${NONE-d}${EMPTY-d}${HOME-d}", "d/root"),
        ("${NONE:-d}${EMPTY:-d}${HOME:-d}", "dd/root"),
        ("${NONE+a}${EMPTY+a}${HOME+a}", "aa"),
        ("${NONE:+a}${EMPTY:+a}${HOME:+a}", "a"),
        ("${HOME?no}${EMPTY?no}", "/root"),
        ("${NONE:-${EMPTY:-x${HOME}}}", "x/root"),
        ("${NONE:-'a}b'}", "a}b"),
        (r"${NONE:-\}}", "}"),
        ("${1:-b}", "b"),
        ("${V#v}", "1.20.3"),
        ("${V#x}", "v1.20.3"),
        ("${V#*.}", "20.3"),
        ("${V##*.}", "3"),
        ("${V%.*}", "v1.20"),
        ("${V%%.*}", "v1"),
        ("${V%%?}", "v1.20."),
        ("${V#$PATTERN}", "20.3"),
        ("${V##*}${V%%*}", ""),
        (r"${V#\*}", "v1.20.3"),
        ("${V/./-}", "v1-20.3"),
        ("${V//./-}", "v1-20-3"),
        ("${V/.*/}", "v1"),
        ("${V/?./}", "v20.3"),
        (r"${HOME//\//-}", "-root"),
        ("${NONE/a/b}", ""),
    ],
)
def test_expansion(word: str, value: str) -> None:
    assert expand(word, lookup) == value


@pytest.mark.parametrize(
    "word",
    [
        "it's", '"a', '"a\\"', "${", "${}", "${{a}", "${:-a}", "${HOME", "${HOME:-a", "${HOME:=a}", "${HOME^^}", "${NONE?}",
        "${EMPTY:?}", "${HOME:#a}", "${V/a}", "${V/a/b", r"${V#\x}", "${.}", "${a:-" * 60 + "}" * 60,
    ],
)  # fmt: skip
def test_what_buildkit_refuses_is_unknown(word: str) -> None:
    assert expand(word, lookup) is None


@pytest.mark.parametrize(
    "word",
    [
        "$UNKNOWN",
        "a${UNKNOWN}",
        "${UNKNOWN:-a}",
        "${UNKNOWN+a}",
        "${NONE:-$UNKNOWN}",
        '"$UNKNOWN"',
        "${V#$UNKNOWN}",
        "${UNKNOWN/a/b}",
    ],
)
def test_unknown_stays_unknown(word: str) -> None:
    assert expand(word, lookup) is None


@pytest.mark.parametrize(
    "word", ["${HOME:-$UNKNOWN}", "${HOME-$UNKNOWN}", "${NONE:+$UNKNOWN}", "'$UNKNOWN'", r"\$UNKNOWN"]
)
def test_unknown_does_not_matter(word: str) -> None:
    assert expand(word, lookup) is not None


def test_backtick_escapes() -> None:
    assert expand(r"C:\a`$HOME", lookup, "`") == r"C:\a$HOME"


@given(st.text(st.sampled_from("ab."), max_size=8), st.text(st.sampled_from("ab?*"), min_size=1, max_size=5))
def test_patterns_trim_what_fits(value: str, pattern: str) -> None:
    def fits(text: str, rest: str) -> bool:
        if not rest:
            return not text
        if rest[0] == "*":
            return any(fits(text[at:], rest[1:]) for at in range(len(text) + 1))
        return bool(text) and rest[0] in ("?", text[0]) and fits(text[1:], rest[1:])

    starts = [at for at in range(len(value) + 1) if fits(value[:at], pattern)]
    ends = [at for at in range(len(value) + 1) if fits(value[at:], pattern)]
    trimmed = {
        f"${{X#{pattern}}}": value[min(starts, default=0) :],
        f"${{X%{pattern}}}": value[: max(ends, default=len(value))],
        f"${{X%%{pattern}}}": value[: min(ends, default=len(value))],
    }
    assert {word: expand(word, lambda _: value) for word in trimmed} == trimmed
    if not pattern.startswith("#"):
        assert expand(f"${{X##{pattern}}}", lambda _: value) == value[max(starts, default=0) :]


def evaluated(content: str, **build_args: str | None) -> Evaluation:
    return evaluate(parse(Text("Dockerfile", content)), build_args)


def settings(evaluation: Evaluation) -> dict[str, str | None]:
    """What each pair comes to, the last of a name."""
    return {
        pair.name.value: evaluation.value(pair)
        for instruction in evaluation.source.instructions
        for pair in instruction.pairs
    }


@pytest.mark.parametrize(
    ("content", "base"),
    [
        ("ARG V=1\nFROM a:$V", "a:1"),
        ("ARG V=1 W=${V}2\nFROM a:$W", "a:12"),
        ("ARG V=1\nARG V\nFROM a:$V", "a:1"),
        ("ARG V\nFROM a:$V", None),
        ("ARG V\nFROM a:${V:-1}", None),
        ("FROM a:${V:-1}", "a:1"),
        ("FROM a:$TARGETARCH", None),
        ('FROM "a"', "a"),
    ],
)
def test_base(content: str, base: str | None) -> None:
    (stage,) = evaluated(content).stages
    assert stage.base == base


def test_build_arguments_win_over_defaults() -> None:
    assert evaluated("ARG V=1\nFROM a:$V", V="2").stages[0].base == "a:2"
    assert evaluated("ARG V=1\nFROM a:$V", V=None).stages[0].base is None
    assert settings(evaluated("FROM scratch\nARG V=1\nENV V=3", V="2"))["V"] == "3"
    assert settings(evaluated("FROM scratch\nENV W=$V", V="2"))["W"] == ""


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("ARG V=1\nFROM scratch\nENV X=$V", ""),  # not declared in the stage
        ("ARG V=1\nFROM scratch\nARG V\nENV X=$V", "1"),
        ("ARG V=1\nFROM scratch\nARG V=2\nENV X=$V", "2"),
        ("FROM scratch\nARG V\nENV X=$V", None),
        ("FROM scratch\nARG TARGETARCH\nENV X=$TARGETARCH", None),
        ("FROM scratch\nARG A=1 B=$A\nENV X=$B", "1"),
        ("FROM scratch\nENV A=1\nENV A=2 X=$A", "1"),
        ("FROM scratch\nENV A=1\nARG A\nENV X=$A", "1"),
        ("FROM scratch\nENV A=1\nARG A=2\nENV X=$A", "2"),
        ("FROM scratch\nENV A=$NONE\nENV X=a$A", "a"),
        ("FROM scratch\nENV X=$PATH:/a", None),
        ("FROM alpine\nENV X=$NONE", None),
        ("FROM alpine\nENV A=1\nENV X=$A", "1"),
        ("FROM scratch AS a\nARG V=1\nENV W=2\nFROM a\nENV X=$V$W$NONE", "12"),
        ("FROM alpine AS a\nENV V=1\nFROM a\nENV V=2\nFROM a\nENV X=$V", "1"),
        ("FROM scratch AS A\nFROM A\nENV X=$NONE", None),  # `FROM` finds lower case only
    ],
)
def test_scopes(content: str, expected: str | None) -> None:
    assert settings(evaluated(content))["X"] == expected


def test_words_are_expanded_where_they_stand() -> None:
    evaluation = evaluated("FROM scratch\nENV A=1\nUSER $A\nENV A=2\nUSER $A\nONBUILD USER $A")
    users = [each for each in evaluation.source.instructions if each.keyword == "USER"]
    assert [evaluation.expand(user, user.arguments[0].value) for user in users] == ["1", "2"]
    trigger = evaluation.source.instructions[-1].trigger
    assert trigger
    assert evaluation.expand(trigger, "$A") is None


def test_graph() -> None:
    evaluation = evaluated(
        "ARG BASE=deps\n"
        "FROM alpine AS deps\nONBUILD COPY --from=tool a b\n"
        "FROM alpine AS tool\n"
        "FROM alpine AS unused\n"
        "FROM $BASE AS build\nRUN --mount=type=bind,from=3,target=/a --mount=from=Assets,target=/b true\n"
        "FROM scratch AS assets\n"
        "FROM deps:1 AS final\nCOPY --from=3 a b\nCOPY --from=nginx a b\n"
    )
    stages = evaluation.stages
    assert [each.parent and each.parent.name for each in stages] == [None, None, None, "deps", None, None]
    needed = evaluation.needed(stages[-1].stage)
    assert [stage.name for stage in needed] == ["deps", "tool", "build", "assets", "final"]


def test_stages_may_need_each_other_in_a_circle() -> None:
    evaluation = evaluated("FROM a AS b\nCOPY --from=c x y\nFROM a AS c\nCOPY --from=b x y\n")
    assert [stage.name for stage in evaluation.needed(evaluation.stages[0].stage)] == ["b", "c"]


@pytest.mark.parametrize(
    "content",
    [
        "ENV A=xxxx\n" + "ENV A=$A$A\n" * 60,
        "ENV A=" + "x" * 60_000 + "\nENV A=" + "$A" * 30_000,
    ],
)
def test_values_that_explode_are_unknown(content: str) -> None:
    assert settings(evaluated("FROM scratch\n" + content))["A"] is None


def test_long_inheritance_ends_in_the_unknown() -> None:
    chain = "".join(f"FROM s{number} AS s{number + 1}\n" for number in range(150))
    evaluation = evaluated(f"FROM scratch AS s0\nENV A=1\n{chain}ENV X=$A")
    assert settings(evaluation)["X"] is None


def test_hostile_patterns_end() -> None:
    tries = ("ENV X=${A#" + "*a?" * 1_300 + "b}\n") * 20 + ("ENV X=${A%" + "a" * 3_000 + "*b}\n") * 20
    assert settings(evaluated("FROM scratch\nENV A=" + "a" * 4_000 + "\n" + tries))["X"] == "a" * 4_000
