"""Places in texts, edits of them, and what files are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.source.kind import Kind, kind_of, wanted
from checks.source.snapshot import Edit, EditConflict, Snapshot, apply
from checks.source.text import Location, Span, Text

CONTENTS = st.text(alphabet="ab\n\r\t é\U0001f600\ufeff", max_size=40)


@st.composite
def spans_in(draw: st.DrawFn, content: str) -> Span:
    start = draw(st.integers(0, len(content)))
    return Span(start, draw(st.integers(start, len(content))))


@given(CONTENTS, st.data())
def test_line_and_column_lead_back_to_the_offset(content: str, data: st.DataObject) -> None:
    text = Text("f", content)
    offset = data.draw(st.integers(0, len(content)))
    line, column = text.line_and_column(offset)
    assert text.offset(line, column) == offset
    assert line == content.count("\n", 0, offset) + 1
    assert text.line_of(offset) == line


@given(CONTENTS)
def test_full_lines_make_the_text_and_lines_lack_their_endings_only(content: str) -> None:
    text = Text("f", content)
    lines = range(1, content.count("\n") + 2)
    assert "".join(text[text.full_line(line)] for line in lines) == content
    for line in lines:
        ending = text[text.full_line(line)].removeprefix(text[text.line(line)])
        assert ending in ("", "\n", "\r\n")
        assert "\n" not in text[text.line(line)]
        assert not (ending == "\n" and text[text.line(line)].endswith("\r"))


def test_a_lone_carriage_return_ends_no_line() -> None:
    text = Text("f", "a\rb\r\nc\n")
    assert (text.line_count, text[text.line(1)], text[text.line(2)]) == (2, "a\rb", "c")


@pytest.mark.parametrize(
    ("content", "count"), [("", 1), ("a", 1), ("a\n", 1), ("a\nb", 2), ("\n", 1), ("a\n\n", 2)]
)
def test_a_final_line_ending_opens_no_line(content: str, count: int) -> None:
    assert Text("f", content).line_count == count


@pytest.mark.parametrize(("line", "column"), [(0, 1), (1, 0), (3, 1), (2, 4), (-1, 1)])
def test_a_place_outside_of_the_text_is_refused(line: int, column: int) -> None:
    with pytest.raises(ValueError, match="no "):
        Text("f", "ab\ncd").offset(line, column)


@pytest.mark.parametrize(
    ("span", "lines"),
    [
        ((0, 2), [1]),
        ((0, 3), [1]),
        ((0, 4), [1, 2]),
        ((3, 3), [2]),
        ((3, 6), [2]),
        ((1, 7), [1, 2, 3]),
        ((0, 0), [1]),
    ],
)
def test_a_span_touches_the_lines_of_its_characters(span: tuple[int, int], lines: list[int]) -> None:
    assert list(Text("f", "ab\ncd\nef\n").lines_of(Span(*span))) == lines


def test_spans_cover_and_overlap() -> None:
    assert Span(1, 5).covers(Span(1, 5))
    assert Span(1, 5).covers(Span(3, 3))
    assert not Span(1, 5).covers(Span(4, 6))
    assert Span(1, 5).overlaps(Span(4, 9))
    assert not Span(1, 5).overlaps(Span(5, 9))
    assert Span(1, 5).overlaps(Span(3, 3))
    assert not Span(1, 5).overlaps(Span(5, 5))
    assert Span(1, 2).to(Span(4, 6)) == Span(1, 6)
    for wrong in ((-1, 2), (3, 2)):
        with pytest.raises(ValueError, match="not a span"):
            Span(*wrong)


def test_indentation_and_line_ending_of_a_text() -> None:
    text = Text("f", "a\r\n \t b\r\nc\n")
    assert text.indent_of(2) == " \t "
    assert text.newline == "\r\n"
    assert Text("f", "a\nb\r\n").newline == "\n"
    assert Text("f", "").newline == "\n"


def test_a_location_tells_its_path_line_and_fragment() -> None:
    place = Location(Text("a/b", "x\nyz\n"), Span(2, 4))
    assert (place.path, place.line, place.fragment) == ("a/b", 2, "yz")


# -- edits


@given(CONTENTS, CONTENTS, st.data())
def test_an_edit_changes_nothing_outside_of_its_span(
    content: str, replacement: str, data: st.DataObject
) -> None:
    span = data.draw(spans_in(content))
    after = apply(content, [Edit("f", span, replacement)])
    assert after == content[: span.start] + replacement + content[span.end :]


@given(CONTENTS, st.data())
def test_edits_apart_from_each_other_are_as_one_after_the_other_from_the_end(
    content: str, data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(content)), min_size=4, max_size=4)))
    first, second = Edit("f", Span(cuts[0], cuts[1]), "X"), Edit("f", Span(cuts[2], cuts[3]), "Y")
    at_once = apply(content, [second, first])
    if first.span != second.span and cuts[1] <= cuts[2]:
        assert at_once == apply(apply(content, [second]), [first])


@given(CONTENTS, st.data())
def test_overlapping_edits_are_refused_whatever_their_order(content: str, data: st.DataObject) -> None:
    one, other = data.draw(spans_in(content)), data.draw(spans_in(content))
    edits = [Edit("f", one, "X"), Edit("f", other, "Y")]
    if one.overlaps(other) and one.end > one.start and other.end > other.start:
        for order in (edits, edits[::-1]):
            with pytest.raises(EditConflict):
                apply(content, order)


def test_equal_edits_count_once_and_insertions_keep_their_order() -> None:
    twice = Edit("f", Span(1, 2), "X")
    assert apply("abc", [twice, twice]) == "aXc"
    assert apply("ab", [Edit("f", Span(1, 1), "X"), Edit("f", Span(1, 1), "Y")]) == "aXYb"
    assert apply("ab", [Edit("f", Span(1, 1), "\nX"), Edit("f", Span(1, 1), " # Y")]) == "a # Y\nXb"
    assert (
        apply("abc", [Edit("f", Span(1, 2), "X"), Edit("f", Span(1, 1), "Y"), Edit("f", Span(2, 2), "Z")])
        == "aYXZc"
    )


def test_an_edit_past_the_end_is_refused_with_its_line() -> None:
    with pytest.raises(EditConflict, match="f:2: "):
        apply("ab\ncd", [Edit("f", Span(4, 9), "")])


def test_a_snapshot_shares_what_an_edit_does_not_touch() -> None:
    before = Snapshot.of({"a": "1", "b": "2"}, ["c"])
    after = before.edited([Edit("a", Span(0, 1), "9"), Edit("new/d", Span(0, 0), "4")])
    assert {path: text.content for path, text in after.texts.items()} == {"a": "9", "b": "2", "new/d": "4"}
    assert after.texts["b"] is before.texts["b"]
    assert after.paths == {"a", "b", "c", "new/d"}
    assert before.texts["a"].content == "1"


def test_a_file_of_unknown_content_is_not_edited() -> None:
    with pytest.raises(EditConflict, match="not known"):
        Snapshot.of({}, ["a"]).edited([Edit("a", Span(0, 0), "x")])
    with pytest.raises(EditConflict, match="not known"):
        Snapshot({}, complete=False).edited([Edit("a", Span(0, 0), "x")])
    with pytest.raises(EditConflict, match="leave the file"):
        Snapshot.of({}).edited([Edit("a", Span(0, 1), "x")])


def test_the_folders_of_a_snapshot_are_all_above_its_files() -> None:
    assert Snapshot.of({"a/b/c": "", "d": ""}, ["e/f"]).folders == {"", "a", "a/b", "e"}


# -- kinds


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("Dockerfile", Kind.DOCKERFILE),
        ("web/Dockerfile.prod", Kind.DOCKERFILE),
        ("web/app.Dockerfile", Kind.DOCKERFILE),
        ("app.dockerfile", Kind.DOCKERFILE),
        ("Containerfile", Kind.DOCKERFILE),
        ("MyDockerfile", None),
        ("Dockerfiles/readme", None),
        (".dockerignore", Kind.DOCKERIGNORE),
        ("web/app.Dockerfile.dockerignore", Kind.DOCKERIGNORE),
        (".github/workflows/a.yaml", Kind.WORKFLOW),
        (".github/workflows/deep/a.yml", None),
        ("web/.github/workflows/a.yml", None),
        (".github/workflows/actions.lock", Kind.ACTIONS_LOCK),
        (".github/dependabot.yml", Kind.DEPENDABOT),
        (".github/actions/build/action.yml", Kind.ACTION),
        ("action.yaml", Kind.ACTION),
        ("infra/main.tf", Kind.TERRAFORM),
        ("infra/main.tfvars", Kind.TERRAFORM),
        ("infra/main.tfvars.json", None),
        (".terraform.lock.hcl", Kind.TERRAFORM_LOCK),
        ("docker-compose.prod.yml", Kind.COMPOSE),
        ("compose.yaml", Kind.COMPOSE),
        ("chart/values.yaml", Kind.HELM_VALUES),
        ("docker-bake.hcl", Kind.BAKE),
        (".trivyignore", Kind.SCAN_IGNORE),
        ("ci/trivyignore.yaml", Kind.SCAN_IGNORE),
        (".grype.yaml", Kind.SCAN_IGNORE),
        (".grype/config.yaml", Kind.SCAN_IGNORE),
        ("readme.md", None),
    ],
)
def test_a_path_tells_the_kind(path: str, kind: Kind | None) -> None:
    assert kind_of(path, "") is kind
    assert wanted(path) or kind is None


@pytest.mark.parametrize(
    ("path", "content", "kind"),
    [
        ("k8s/policy.yml", "apiVersion: v1\n", Kind.KUBERNETES),
        ("k8s/policy.yaml", "# x\n---\n'apiVersion': v1\n", Kind.KUBERNETES),
        ("k8s/other.yml", "data:\n  apiVersion: v1\n", None),
        ("build.sh", "docker build .\n", Kind.SCRIPT),
        ("build.sh", "dockerise .\n", None),
        ("Makefile", "x:\n\tcosign sign y\n", Kind.MAKEFILE),
        ("Makefile", "x:\n\tcc y\n", None),
        ("bin/push", "#!/usr/bin/env bash\ndocker push x\n", Kind.SCRIPT),
        ("bin/push", "#!/bin/sh\necho\n", None),
        ("bin/push", "#!/usr/bin/python3\n# docker\n", None),
    ],
)
def test_where_the_path_is_not_enough_the_content_tells(path: str, content: str, kind: Kind | None) -> None:
    assert kind_of(path, content) is kind


def test_a_file_without_ending_is_read_only_if_it_can_be_run() -> None:
    assert wanted("bin/push", executable=True)
    assert not wanted("bin/push")
    assert wanted("hooks/push")
    assert not wanted("bin/push.py", executable=True)
