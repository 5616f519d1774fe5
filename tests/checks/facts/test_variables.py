"""What the lines of a Dockerfile have to do with a variable."""

from __future__ import annotations

from checks.check import Repository
from checks.facts.dockerfile.variables import Variables, variables_of
from checks.source.snapshot import Snapshot

_FILE = """\
# ARG PUT_AWAY
ARG BASE=alpine:3.24
FROM $BASE AS make
ARG GIT_SHA VITE_HOST
ONBUILD ARG LATER
ENV MODE=fast PATH=$PATH:/opt GIT_SHA=${GIT_SHA}
RUN --mount=type=secret,id=Npm_Token ./make "$MODE" ${CHANNEL:-beta}$REGION $REGIONAL ${ODD%.*}
RUN read ANSWER && WORD=1 ./make
FROM scratch
LABEL region="$REGION"
"""


def _variables() -> Variables:
    (dockerfile,) = Repository(Snapshot.of({"Dockerfile": _FILE})).dockerfiles
    return variables_of(dockerfile)


def _lines(name: str) -> list[int]:
    found = _variables()
    return [found.dockerfile.location(it.span).line for it in found.readers(name)]


def test_the_lines_that_read_a_variable() -> None:
    assert _lines("REGION") == [7, 10]
    assert _lines("CHANNEL") == _lines("REGIONAL") == _lines("MODE") == [7]
    assert _lines("BASE") == [3]
    assert _lines("REG") == _lines("ODD") == _lines("ANSWER") == []


def test_what_declares_and_sets_it() -> None:
    found = _variables()
    assert list(found.declared) == ["BASE", "GIT_SHA", "VITE_HOST", "LATER"]
    assert found.commented_out == {"PUT_AWAY"}
    assert [bool(found.set_by(name)) for name in ("MODE", "PATH", "GIT_SHA", "BASE")] == [True, False, False, False]  # fmt: skip
    assert {"ANSWER", "WORD", "MODE"} <= found.assigned
    assert found.mounted == {"npm_token"}


def test_names_that_say_the_same() -> None:
    found = _variables()
    assert found.alike("COMMIT") == ["GIT_SHA"]
    assert found.alike("HOST") == ["VITE_HOST"]
    assert found.alike("COMMIT_HOST") == []
    assert found.spelled("git-sha") == "GIT_SHA"
    assert found.spelled("VERSION") == ""
