"""Patterns of identities and images: exact on known texts, three-valued on shapes."""

import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.facts import go_regexp, policy_glob
from checks.facts.automaton import of_wildcard
from checks.facts.policies import covers
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
