"""Patterns of identities and images: exact on known texts, three-valued on shapes."""

import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.facts.policy import go_regexp, policy_glob
from checks.facts.policy.automaton import of_wildcard
from checks.facts.policy.policies import covers
from checks.facts.value import Hole, Value, Varies, joined, literal

PREFIX = "https://github.com/acme/web/.github/workflows/build.yml@"
_ATOMS = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", r"\.", r"\w", "(a|b)", "(?:ab)", "[a-c-]", "^", "$"])
_PIECES = st.builds(
    str.__add__, _ATOMS, st.sampled_from(["", "", "*", "+", "?", "{2}", "{1,2}", "{0,}", "+?"])
)
_REGEXPS = st.lists(_PIECES, max_size=5).map("".join)


@given(_REGEXPS, st.text("abc.-\n", max_size=6))
def test_automaton_agrees_with_re2(pattern: str, text: str) -> None:
    automaton = go_regexp._automaton(pattern)
    known = go_regexp.matches(pattern, text)
    if automaton is not None and known is not None:
        assert automaton.accepts(literal(text)) == known


@given(st.text("ab*?", max_size=6), st.text("ab/", max_size=8))
def test_wildcard_agrees_with_fnmatch(pattern: str, text: str) -> None:
    assert of_wildcard(pattern).accepts(literal(text)) == fnmatch.fnmatchcase(text, pattern)


@given(st.text("ab*/@", min_size=1, max_size=6), st.text("ab/@", max_size=8))
def test_glob_agrees_with_its_port(glob: str, text: str) -> None:
    assert policy_glob.automaton(glob).accepts(literal(text)) == policy_glob.matches(glob, text)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("https://github.com/acme/.*", True),
        ("acme", True),
        (r"^https://github\.com/acme/web/", True),
        (r"refs/tags/.+$", True),
        (r"refs/tags/v.+$", None),
        (r"refs/heads/main$", False),
        (r"^https://github\.com/other/", False),
        (r"@refs/(heads/main|tags/v[0-9.]+)$", None),
        (r"(?i)ACME", None),
        ("(", None),
        (r"\C", None),
    ],
)
def test_shape_of_a_tag(pattern: str, expected: bool | None) -> None:
    value = joined((f"{PREFIX}refs/tags/", Hole(Varies.TAG)))
    assert go_regexp.accepts(pattern, value) is expected


@given(_REGEXPS, st.text("ab.-", min_size=1, max_size=4))
def test_shape_speaks_for_each_text(pattern: str, filled: str) -> None:
    """What is said of a shape holds for every text of it."""
    answer = go_regexp.accepts(pattern, joined(("a", Hole(Varies.BRANCH), "b")))
    if answer is not None:
        assert go_regexp.matches(pattern, f"a{filled}b") is answer


@pytest.mark.parametrize(
    "pattern",
    [
        *(
            "(",
            ")",
            "(a",
            "a)",
            "(a|b|",
            "[a-z",
            "[b-a]",
            "(?i)[b-A]",
            "*",
            "+a",
            "a**",
            "a+*",
            "a{1}{2}",
        ),
        *("a{1001}", "a{1,1001}", "a{3,2}", "a{123456789}", "a{1,123456789}", "((a{100}){11}){1}"),
        *(
            "(?P<n>a",
            "(?P<n",
            "(?P<a b>c)",
            "(?P<>a)",
            "(?=a)",
            "(?!a)",
            "(?<=a)",
            r"a\1",
            r"\Z",
            r"\C",
            "a\\",
        ),
        *(r"\p{Nobody}", r"\x{110000}", "(?z)a", r"\Q\E*"),
    ],
)
def test_what_go_does_not_compile(pattern: str) -> None:
    assert go_regexp.is_valid(pattern) is False
    assert go_regexp.matches(pattern, "a") is None


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("b", "abc", True),
        ("^b", "abc", False),
        ("c$", "abc", True),
        ("a.c", "a\nc", False),
        ("(?s)a.c", "a\nc", True),
        ("^b$", "a\nb", False),
        ("(?m)^b$", "a\nb", True),
        ("(?i)ABC", "abc", True),
        (r"\.", "a", False),
        (r"a\b", "a-b", True),
        (r"\d", "\u0663", False),
        (r"\w", "é", False),
        (r"\pL", "é", True),
        ("[[:digit:]]", "x1", True),
        ("a{,2}", "a{,2}", True),
        ("{a}", "{a}", True),
        (r"a\{123456789\}", "a{123456789}", True),
        (r"\Qa.c\E", "abc", False),
        ("(?P<name>a)(?:b)", "ab", True),
        ("", "", True),
        ("|x", "y", True),
    ],
)
def test_what_go_matches(pattern: str, text: str, expected: bool) -> None:
    assert go_regexp.matches(pattern, text) is expected


ECR = joined((Hole(Varies.ACCOUNT), ".dkr.ecr.us-east-1.amazonaws.com/team/web"))


@pytest.mark.parametrize(
    ("glob", "image", "expected"),
    [
        ("ghcr.io/acme/*", literal("ghcr.io/acme/web"), True),
        ("ghcr.io/*", literal("ghcr.io/acme/web"), False),
        ("ghcr.io/acme/web", literal("ghcr.io/acme/web"), False),
        ("ghcr.io/acme/web@*", literal("ghcr.io/acme/web"), True),
        ("index.docker.io/library/nginx@*", literal("nginx"), True),
        ("index.docker.io/acme/**", literal("acme/web"), True),
        ("index.docker.io/acme/**", literal("docker.io/acme/web"), True),
        ("*.dkr.ecr.*.amazonaws.com/**", ECR, True),
        ("111122223333.dkr.ecr.us-east-1.amazonaws.com/**", ECR, None),
        ("123456789.dkr.ecr.us-east-1.amazonaws.com/**", ECR, False),
        ("111122223333.dkr.ecr.us-east-1.amazonaws.com/*", ECR, False),
        ("111122223333.dkr.ecr.eu-west-1.amazonaws.com/**", ECR, False),
        ("${REGISTRY}/**", ECR, None),
    ],
)
def test_glob_covers(glob: str, image: Value, expected: bool | None) -> None:
    assert covers(glob, image) is expected
