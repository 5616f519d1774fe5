"""Which images a policy's glob means, against a reference that translates it to a regular expression."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.facts.policy.policy_glob import can_match, is_valid, matches

DIGEST = "@sha256:" + "0123456789abcdef" * 4
WEB = "ghcr.io/acme/web" + DIGEST
BUSYBOX = "index.docker.io/library/busybox" + DIGEST


def reference(glob: str, image: str) -> bool:
    """`*` is any text without a slash, `**` any text, from the left; all else is itself."""
    glob = {"*": "index.docker.io/library/*", "*/*": "index.docker.io/*/*"}.get(glob, glob)
    parts = re.split(r"(\*\*|\*)", glob)
    pattern = "".join({"**": ".*", "*": "[^/]*"}.get(part, re.escape(part)) for part in parts)
    return re.fullmatch(pattern, image) is not None


@given(st.text("ab/*.:@", max_size=8), st.text("ab/.:@", max_size=8))
def test_matching_is_that_of_the_regular_expression(glob: str, image: str) -> None:
    assert matches(glob, image) == reference(glob, image)


@pytest.mark.parametrize(
    ("glob", "image", "expected"),
    [
        ("**", WEB, True),
        ("ghcr.io/acme/web" + DIGEST, WEB, True),
        ("ghcr.io/acme/web", WEB, False),
        ("ghcr.io/acme/web@*", WEB, True),
        ("ghcr.io/acme/web*", WEB, True),
        ("ghcr.io/acme/web:*", WEB, False),
        ("ghcr.io/acme/*", WEB, True),
        ("ghcr.io/*", WEB, False),
        ("ghcr.io/**", WEB, True),
        ("ghcr.io/**/web@**", WEB, True),
        ("ghcr.io/***", WEB, True),
        ("GHCR.io/acme/*", WEB, False),
        ("ghcrXio/acme/*", WEB, False),
        ("ghcr.io/acme/we.*", WEB, False),
        ("*", BUSYBOX, True),
        ("*/*", BUSYBOX, True),
        ("*", "index.docker.io/acme/web" + DIGEST, False),
        ("*/*", "index.docker.io/acme/web" + DIGEST, True),
        ("*/*", WEB, False),
        ("*/*/*", WEB, True),
    ],
)
def test_each_behaviour_of_a_glob(glob: str, image: str, expected: bool) -> None:
    assert matches(glob, image) is expected


@pytest.mark.parametrize("glob", ["", "a b", "a?", "[ab]", "a+", "${x}", "é", "a\n"])
def test_other_characters_make_a_glob_invalid_and_it_matches_nothing(glob: str) -> None:
    assert not is_valid(glob)
    assert not can_match(glob)


@pytest.mark.parametrize(
    ("glob", "expected"),
    [
        ("**", True),
        ("*", True),
        ("*/*", True),
        ("ghcr.io/acme/web*", True),
        ("ghcr.io/acme/web@*", True),
        ("ghcr.io/acme/web@sha256:*", True),
        ("ghcr.io/acme/*", True),
        ("ghcr.io/acme/**", True),
        ("ghcr.io/acme/web", False),
        ("ghcr.io/acme/web:*", False),
        ("ghcr.io/acme/web:v1", False),
        ("ghcr.io/acme/web:v*", False),
        ("ghcr.io/acme/web:**", False),
        ("ghcr.io/acme/web@sha512:*", False),
        ("ghcr.io/Acme/*", False),
        ("acme/web*", False),
        ("busybox*", False),
        ("docker.io/library/*", False),
        ("index.docker.io/library/busybox*", True),
        ("index.docker.io/busybox*", False),
        ("localhost:5000/web*", True),
        ("localhost/web*", True),
        ("registry:5000/web@**", True),
        ("https://ghcr.io/acme/*", False),
        ("111122223333.dkr.ecr.*.amazonaws.com/web*", True),
        ("ghcr.io/acme/web@sha256:" + "0" * 64, True),
        ("ghcr.io/acme/web@sha256:" + "0" * 63, False),
        ("ghcr.io/acme/web@sha256:" + "0" * 63 + "*", True),
        ("ghcr.io/acme/web@sha256:" + "G*", False),
    ],
)
def test_whether_any_resolved_name_matches(glob: str, expected: bool) -> None:
    assert can_match(glob) is expected


HOSTS = st.sampled_from(["ghcr.io", "index.docker.io/library", "r:5000", "a.b-c"])
NAMES = st.builds(
    lambda host, path, digit: f"{host}/{path}@sha256:{digit * 64}",
    HOSTS,
    st.from_regex(r"[a-z0-9]([a-z0-9_.-]?[a-z0-9])*(/[a-z0-9]+)?", fullmatch=True).filter(
        lambda it: len(it) < 20
    ),
    st.sampled_from("0af"),
)


@given(NAMES, st.data())
def test_a_glob_that_matches_a_resolved_name_can_match(name: str, data: st.DataObject) -> None:
    """The glob is the name, with parts of it replaced by stars."""
    start = data.draw(st.integers(0, len(name)))
    end = data.draw(st.integers(start, len(name)))
    glob = name[:start] + data.draw(st.sampled_from(["", "*", "**"])) + name[end:]
    if is_valid(glob) and matches(glob, name):
        assert can_match(glob)


@given(st.text("gh.io/*:@a", max_size=10), NAMES)
def test_a_glob_that_cannot_match_matches_no_name(glob: str, name: str) -> None:
    if not can_match(glob):
        assert not matches(glob, name)
